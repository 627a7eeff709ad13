//! Writes the numbers that a mask of a product is made of, as raw planes, for tests of other surfaces:
//!
//!     cargo run --release -p clearshore-io --example planes -- PRODUCT OUT RESOLUTION RESAMPLING
//!
//! `OUT/working/BAND.u16` is on the working grid, `OUT/native/BAND.u16` has the band's own pixels, both
//! little-endian, row by row; `OUT/native/BAND.u8` are the detectors that saw them. `OUT/planes.json` says what they are.

use clearshore::scene::{Band, Direction};
use clearshore::{Error, NoProgress, Params, Resampling, Result};
use clearshore_io::auxiliary::Auxiliary;
use clearshore_io::bands::read_band;
use clearshore_io::jp2::Jp2;
use clearshore_io::safe::{Edges, Product};
use clearshore_io::scene::{read_scene, wanted_bands};
use ndarray::Array2;
use serde_json::{Value, json};
use std::path::Path;
use std::process::ExitCode;
use std::{env, fs};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let written = match arguments.as_slice() {
        [product, out, resolution, resampling] => {
            let parameters = json!({ "resolution": resolution, "resampling": resampling });
            Params::from_json(&parameters)
                .and_then(|params| write(Path::new(product), Path::new(out), &params))
        }
        _ => Err(Error::parameter("wrong arguments").expected("PRODUCT OUT RESOLUTION RESAMPLING")),
    };
    match written {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            let _ =
                std::io::Write::write_all(&mut std::io::stderr(), format!("{error}\n").as_bytes());
            ExitCode::from(error.kind().exit_code())
        }
    }
}

fn write(path: &Path, out: &Path, params: &Params) -> Result<()> {
    let product = Product::open(path, None)?;
    let (scene, _) = read_scene(&product, params, Auxiliary::default(), &NoProgress)?;
    for folder in ["working", "native"] {
        fs::create_dir_all(out.join(folder)).map_err(|error| unwritable(out, error))?;
    }
    let mut bands = Vec::new();
    // Beside the bands of the scene those in which clouds stand apart from the ground.
    let mut wanted = wanted_bands(|band| product.band_file(band).is_some(), &[])?;
    wanted.extend([Band::B07, Band::B08]);
    for band in wanted {
        let size = band.native_pixel_size();
        let file = Jp2::open(product.open_band(band)?, band.name())?;
        let native = read_band(&file, size, size, Resampling::Mean, &NoProgress)?;
        write_plane(&out.join(format!("native/{band}.u16")), &native)?;
        let grid = product.grid(size)?;
        if let Some(detectors) =
            product.detector_footprint(band, &grid, Edges::Exact, &NoProgress)?
        {
            let file = out.join(format!("native/{band}.u8"));
            let numbers: Vec<u8> = detectors.iter().copied().collect();
            fs::write(&file, numbers).map_err(|error| unwritable(&file, error))?;
        }
        let working = out.join(format!("working/{band}.u16"));
        match scene.band(band) {
            Some(plane) => write_plane(&working, &plane.dn)?,
            None => {
                let (resolution, resampling) = (params.resolution, params.resampling);
                write_plane(
                    &working,
                    &read_band(&file, size, resolution, resampling, &NoProgress)?,
                )?;
            }
        }
        let radiometry = product.radiometry(band);
        bands.push(json!({
            "name": band.name(),
            "nativeWidth": native.ncols(),
            "nativeHeight": native.nrows(),
            "offset": radiometry.offset,
            "quantification": radiometry.quantification,
        }));
    }
    let text = describe(&product, &scene, &bands).to_string();
    let file = out.join("planes.json");
    fs::write(&file, text).map_err(|error| unwritable(&file, error))
}

fn describe(product: &Product, scene: &clearshore::scene::Scene, bands: &[Value]) -> Value {
    let mut grid = scene.grid().to_json();
    let corners = scene.grid().corners();
    grid["corners"] =
        json!(corners.map(|corner| [corner.longitude.to_degrees(), corner.latitude.to_degrees()]));
    let degrees = |plane: &Array2<f64>| {
        plane
            .iter()
            .map(|angle| angle.to_degrees())
            .collect::<Vec<_>>()
    };
    let sun = product.angles().sun.as_ref().map(|sun| {
        json!({
            "rows": sun.zenith.nrows(),
            "columns": sun.zenith.ncols(),
            "rowStep": sun.nodes.row_step,
            "columnStep": sun.nodes.column_step,
            "zenith": degrees(&sun.zenith),
            "azimuth": degrees(&sun.azimuth),
        })
    });
    let views: Vec<Value> = product
        .angles()
        .views
        .iter()
        .filter(|((band, _), _)| scene.band(*band).is_some())
        .map(|((band, detector), view)| {
            json!({
                "band": band.name(),
                "detector": detector,
                "rows": view.zenith.nrows(),
                "columns": view.zenith.ncols(),
                "firstRow": 0.0,
                "firstColumn": 0.0,
                "rowStep": view.nodes.row_step,
                "columnStep": view.nodes.column_step,
                "zenith": degrees(&view.zenith),
                "azimuth": degrees(&view.azimuth),
            })
        })
        .collect();
    let mean = |sun: Direction| json!([sun.zenith.to_degrees(), sun.azimuth.to_degrees()]);
    json!({
        "name": product.name(),
        "tile": product.tile().tile_id,
        "processingBaseline": product.metadata().baseline.to_string(),
        "saturatedDn": product.metadata().saturated_dn,
        "grid": grid,
        "sun": sun,
        "meanSun": product.angles().mean_sun.map(mean),
        "views": views,
        "bands": bands,
    })
}

fn write_plane(path: &Path, plane: &Array2<u16>) -> Result<()> {
    let bytes: Vec<u8> = plane.iter().flat_map(|dn| dn.to_le_bytes()).collect();
    fs::write(path, bytes).map_err(|error| unwritable(path, error))
}

fn unwritable(path: &Path, error: std::io::Error) -> Error {
    Error::io("the plane can't be written")
        .at(path.display())
        .caused_by(error)
}
