//! From a product to a scene: the bands that the detectors look at, on one grid.

use crate::jp2::Jp2;
use crate::safe::Product;
use clearshore::scene::{Band, BandPlane, Grid, Scene, SceneBuilder};
use clearshore::{Error, Params, Progress, Resampling, Result};
use ndarray::Array2;
use rayon::prelude::*;

/// Bands that the tests use, beside a near-infrared one.
const BANDS: [Band; 6] = [
    Band::B02,
    Band::B03,
    Band::B04,
    Band::B10,
    Band::B11,
    Band::B12,
];

/// Bands that are decoded: those that are used and there. B08 stands in for B8A where that is absent.
fn bands_of(product: &Product) -> Result<Vec<Band>> {
    let present = |band: Band| product.band_file(band).is_some();
    let missing: Vec<&str> = SceneBuilder::missing(present).collect();
    if !missing.is_empty() {
        return Err(SceneBuilder::missing_bands(&missing).at(product.location()));
    }
    let near_infrared = if present(Band::B8A) {
        Band::B8A
    } else {
        Band::B08
    };
    let mut bands = BANDS.to_vec();
    bands.push(near_infrared);
    bands.retain(|band| present(*band));
    Ok(bands)
}

/// Reads a scene on the grid that the parameters ask for, and what the user should know about it.
///
/// `water_occurrence` is percent on that grid. Only the bands that are used are decoded, all of them in
/// parallel. Errors: Product, with the names of required bands that are missing before anything is
/// decoded, or with band and file of one that is damaged; Cancelled.
pub fn read_scene(
    product: &Product,
    params: &Params,
    water_occurrence: Option<Array2<u8>>,
    progress: &dyn Progress,
) -> Result<(Scene, Vec<String>)> {
    let bands = bands_of(product)?;
    let grid = product.grid(params.resolution)?;
    let files: Vec<(Band, Jp2)> = bands
        .iter()
        .map(|&band| Ok((band, open(product, band)?)))
        .collect::<Result<_>>()?;
    let work = files.iter().map(|(_, file)| file.work_units(0)).sum();
    progress.stage("decoding", work);
    let planes: Vec<(Band, Array2<u16>)> = files
        .par_iter()
        .map(|(band, file)| {
            Ok((
                *band,
                on_grid(file, *band, product, &grid, params.resampling, progress)?,
            ))
        })
        .collect::<Result<_>>()?;
    let mut builder = SceneBuilder::new(grid)
        .angles(product.angles().clone())
        .saturated_dn(product.metadata().saturated_dn);
    for (band, dn) in planes {
        let radiometry = product.radiometry(band);
        builder = builder.band(band, BandPlane { dn, radiometry });
    }
    if let Some(defective) = product.defective(&grid, &bands, progress)? {
        builder = builder.defective(defective);
    }
    if let Some(occurrence) = water_occurrence {
        builder = builder.water_occurrence(occurrence);
    }
    Ok((builder.build()?, product.warnings().to_vec()))
}

fn open(product: &Product, band: Band) -> Result<Jp2> {
    let place = product.band_file(band).map(|file| product.place(file));
    let label = format!("{band}, {}", place.unwrap_or_default());
    Jp2::open(product.open_band(band)?, label)
}

fn on_grid(
    file: &Jp2,
    band: Band,
    _p: &Product,
    grid: &Grid,
    _r: Resampling,
    progress: &dyn Progress,
) -> Result<Array2<u16>> {
    let full = file.read_plane(0, progress)?;
    let native = band.native_pixel_size() as usize;
    let size = grid.pixel_size as usize;
    if full.dim().0 * native != grid.height * size {
        return Err(Error::product("size").at(file.label()));
    }
    Ok(Array2::from_shape_fn(grid.shape(), |(r, c)| {
        full[(r * size / native, c * size / native)]
    }))
}
