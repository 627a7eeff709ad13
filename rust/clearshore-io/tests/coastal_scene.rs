//! The whole way on a simulated coast: written, read, masked, and compared with what was simulated.
#![cfg(feature = "gdal")]
#![allow(clippy::unwrap_used, clippy::print_stderr)]

use clearshore::flags::{Class, Flags};
use clearshore::scene::{Band, Direction, Grid, Scene, UtmZone};
use clearshore::simulate::{Preset, Setting, Simulation, SwathEdge, TruthLayer, TruthRaster};
use clearshore::{NoProgress, Params, Progress, Resampling, Result, detect};
use clearshore_io::auxiliary::Auxiliary;
use clearshore_io::bands::read_band;
use clearshore_io::feed::{Feed, FeedDescription, Host, Request};
use clearshore_io::jp2::Jp2;
use clearshore_io::safe::Product;
use clearshore_io::safe_writer::{Description, Spacecraft, UtcTime, write};
use clearshore_io::scene::read_scene;
use clearshore_io::simulation::{Acquisition, describe};
use clearshore_io::window::Window;
use ndarray::{Array2, s};
use serde_json::{Value, json};
use std::path::Path;
use std::sync::{Arc, LazyLock};

const SIZE: usize = 1098;

/// A coast in the southern zone 56 that all tests share.
static COAST: LazyLock<Simulation> = LazyLock::new(|| {
    let grid = Grid {
        zone: UtmZone::from_epsg(32_756).unwrap(),
        easting: 399_960.0,
        northing: 7_000_000.0,
        pixel_size: 10.0,
        height: SIZE,
        width: SIZE,
    };
    let sun = Direction::from_degrees(38.0, 51.0);
    let setting = Setting {
        swath_edge: Some(SwathEdge::West),
        ..Setting::of_preset(Preset::Coast, 3, grid, sun)
    };
    Simulation::new(setting, &NoProgress).unwrap()
});

fn truth(layer: TruthLayer) -> Array2<u8> {
    match COAST.truth(layer, &NoProgress).unwrap() {
        TruthRaster::Bytes(values) => values,
        TruthRaster::Words(_) => panic!("{} has words", layer.name()),
    }
}

/// Within 100 m of cloud or its shadow, on the 20 m grid: there thin rims of cloud are clear in the truth.
fn near_cloud(classes: &Array2<u8>) -> Array2<bool> {
    let mut near = Array2::from_elem((classes.nrows() / 2, classes.ncols() / 2), false);
    let (rows, columns) = near.dim();
    let cloudy = [Class::Cloud, Class::ThinCloud, Class::CloudShadow].map(|class| class as u8);
    for ((row, column), class) in classes.indexed_iter() {
        if cloudy.contains(class) {
            let around = |at: usize, end: usize| (at / 2).saturating_sub(5)..(at / 2 + 6).min(end);
            near.slice_mut(ndarray::s![around(row, rows), around(column, columns)])
                .fill(true);
        }
    }
    near
}

/// Writes the coast in a baseline into a folder.
fn product(folder: &Path, baseline: &str) -> Product {
    let acquisition = Acquisition {
        spacecraft: Spacecraft::S2A,
        baseline: baseline.into(),
        sensing: UtcTime::parse("2023-01-14T00:02:41.024Z").unwrap(),
        tile: "56JMM".into(),
    };
    let description = Description {
        true_colour: false,
        ..describe(COAST.setting(), &acquisition)
    };
    let radiometry = description.radiometry();
    let used = [
        Band::B02,
        Band::B03,
        Band::B04,
        Band::B07,
        Band::B08,
        Band::B8A,
        Band::B10,
        Band::B11,
        Band::B12,
    ];
    let mut bands = |band: Band| {
        let wanted = used.contains(&band);
        wanted
            .then(|| COAST.band(band, radiometry, &NoProgress))
            .transpose()
    };
    let path = write(folder, &description, &mut bands, &NoProgress).unwrap();
    Product::open(&path, None).unwrap()
}

/// Writes the coast in a baseline and masks it.
fn flags(baseline: &str, resampling: Resampling) -> Array2<i32> {
    let folder = tempfile::tempdir().unwrap();
    let product = product(folder.path(), baseline);
    let params = Params {
        resampling,
        ..Params::default()
    };
    let (scene, _) = read_scene(&product, &params, Auxiliary::default(), &NoProgress).unwrap();
    detect(&scene, &params, &NoProgress).unwrap().flags
}

#[test]
fn the_mask_is_the_simulated_truth() {
    // Truth at 10 m, in blocks of the 20 m pixels.
    let classes = truth(TruthLayer::Class);
    let near_cloud = near_cloud(&classes);
    for resampling in [Resampling::Fast, Resampling::Mean] {
        let flags = flags("05.11", resampling);
        let has = |flag: Flags, at: (usize, usize)| flags[at] & flag.bits() != 0;
        // Share of the 20 m pixels wholly of a class that have a flag; of surfaces only those away from cloud.
        let share = |class: Class, flag: Flags| {
            let (mut all, mut found) = (0, 0);
            for (row, column) in ndarray::indices(flags.dim()) {
                let block = [(0, 0), (0, 1), (1, 0), (1, 1)]
                    .map(|(r, c)| classes[[2 * row + r, 2 * column + c]]);
                let sky = matches!(class, Class::Cloud | Class::ThinCloud | Class::Invalid);
                let whole = block.iter().all(|&other| other == class as u8);
                if whole && (sky || !near_cloud[[row, column]]) {
                    all += 1;
                    found += usize::from(has(flag, (row, column)));
                }
            }
            assert!(all > 100, "{class:?} is in the scene");
            found as f64 / all as f64
        };
        let any_cloud = Flags::CLOUD | Flags::CIRRUS_SURE | Flags::CIRRUS_AMBIGUOUS;
        for (class, flag, range) in [
            (Class::Invalid, Flags::INVALID, 1.0..=1.0),
            (Class::Cloud, any_cloud, 0.95..=1.0),
            (Class::ThinCloud, any_cloud, 0.90..=1.0),
            (Class::ClearWater, Flags::WATER, 0.95..=1.0),
            (Class::ClearLand, Flags::LAND, 0.93..=1.0),
            // Turbid water, reef, roofs and sand, until something looks at whether they move between bands.
            (Class::ClearWater, Flags::CLOUD, 0.0..=0.03),
            (Class::ClearLand, Flags::CLOUD, 0.0..=0.08),
            (Class::ClearLand, Flags::SNOW_ICE, 0.0..=0.01),
        ] {
            let share = share(class, flag);
            eprintln!("{resampling:?}: {flag:?} on {share:.4} of {class:?}");
            assert!(
                range.contains(&share),
                "{resampling:?}: {flag:?} on {share:.4} of {class:?}"
            );
        }
    }
}

#[test]
fn the_baseline_does_not_change_the_mask() {
    let [before, after] = ["02.06", "05.11"].map(|baseline| flags(baseline, Resampling::Mean));
    // The same reflectances but where the older baseline cuts negative ones: that is in B10, and moves the
    // base of cirrus by a DN or two.
    let differ = |flags: Flags| {
        let pairs = before.iter().zip(&after);
        pairs
            .filter(|(a, b)| (**a ^ **b) & flags.bits() != 0)
            .count() as f64
            / before.len() as f64
    };
    let cirrus = Flags::CIRRUS_SURE | Flags::CIRRUS_AMBIGUOUS;
    let clear = Flags::CLEAR_WATER | Flags::CLEAR_LAND;
    let (others, of_cirrus) = (differ(!(cirrus | clear)), differ(cirrus));
    eprintln!("baseline: cirrus differs on {of_cirrus:.5}, other flags on {others:.5}");
    assert!(others < 0.003 && of_cirrus < 0.01, "{others}, {of_cirrus}");
}

#[test]
fn the_same_numbers_given_rectangle_by_rectangle_are_the_same_scene() {
    let folder = tempfile::tempdir().unwrap();
    let product = product(folder.path(), "04.00");
    for resolution in [10, 20, 60] {
        let params = Params {
            resolution,
            resampling: Resampling::Mean,
            copy_evidence: true,
            ..Params::default()
        };
        let (expected, _) =
            read_scene(&product, &params, Auxiliary::default(), &NoProgress).unwrap();
        let given = given(&product, &params);
        assert_eq!(given.grid(), expected.grid());
        for band in Band::ALL {
            let dn = |scene: &Scene| scene.band(band).map(|plane| plane.dn.clone());
            assert!(dn(&given) == dn(&expected), "{band} at {resolution} m");
        }
        let expected = detect(&expected, &params, &NoProgress).unwrap();
        let given = detect(&given, &params, &NoProgress).unwrap();
        assert!(given.flags == expected.flags, "{resolution} m");
        assert!(given.evidence == expected.evidence, "{resolution} m");
    }
}

/// Gives a product's numbers in rectangles of 300 x 180 pixels.
fn given(product: &Product, params: &Params) -> Scene {
    const SIZE: (usize, usize) = (180, 300);
    let grid = product.grid(params.resolution).unwrap();
    let planes: Vec<(Band, Array2<u16>)> = Band::ALL
        .into_iter()
        .filter(|band| product.band_file(*band).is_some())
        .map(|band| {
            let file = Jp2::open(product.open_band(band).unwrap(), "").unwrap();
            let size = band.native_pixel_size();
            (
                band,
                read_band(&file, size, size, Resampling::Mean, &NoProgress).unwrap(),
            )
        })
        .collect();
    let bands: Vec<Value> = planes
        .iter()
        .map(|(band, plane)| {
            let radiometry = product.radiometry(*band);
            json!({
                "name": band.name(),
                "width": plane.ncols(),
                "height": plane.nrows(),
                "kind": "dn",
                "offset": radiometry.offset,
                "quantification": radiometry.quantification,
            })
        })
        .collect();
    let sun = product.angles().sun.as_ref().unwrap();
    let degrees = |plane: &Array2<f64>| {
        plane
            .iter()
            .map(|angle| angle.to_degrees())
            .collect::<Vec<_>>()
    };
    let views: Vec<Value> = product
        .angles()
        .views
        .iter()
        .filter(|((band, _), _)| *band == Band::B8A)
        .map(|((band, detector), grid)| {
            json!({
                "band": band.name(),
                "detector": detector,
                "rows": grid.zenith.nrows(),
                "columns": grid.zenith.ncols(),
                "firstRow": 0.0,
                "firstColumn": 0.0,
                "rowStep": grid.nodes.row_step,
                "columnStep": grid.nodes.column_step,
                "zenith": degrees(&grid.zenith),
                "azimuth": degrees(&grid.azimuth),
            })
        })
        .collect();
    // They stand in where no detector looked, beyond the edge of the swath.
    let mean_views: Value = product
        .angles()
        .mean_views
        .iter()
        .map(|(band, view)| {
            let degrees = json!([view.zenith.to_degrees(), view.azimuth.to_degrees()]);
            (band.name().to_owned(), degrees)
        })
        .collect();
    let description: FeedDescription = serde_json::from_value(json!({
        "name": product.name(),
        "easting": grid.easting,
        "northing": grid.northing,
        "pixelSize": grid.pixel_size,
        "width": grid.width,
        "height": grid.height,
        "corners": grid.corners().map(|at| [at.longitude.to_degrees(), at.latitude.to_degrees()]),
        "sun": {
            "rows": sun.zenith.nrows(),
            "columns": sun.zenith.ncols(),
            "firstRow": 0.0,
            "firstColumn": 0.0,
            "rowStep": sun.nodes.row_step,
            "columnStep": sun.nodes.column_step,
            "zenith": degrees(&sun.zenith),
            "azimuth": degrees(&sun.azimuth),
        },
        "bands": bands,
        "views": views,
        "meanViews": mean_views,
        "givesOnRequest": true,
    }))
    .unwrap();
    let mut feed = Feed::new(description, &[]).unwrap();
    let wanted: Vec<Band> = feed.wanted().collect();
    for (band, plane) in planes.iter().filter(|(band, _)| wanted.contains(band)) {
        for y in (0..plane.nrows()).step_by(SIZE.0) {
            for x in (0..plane.ncols()).step_by(SIZE.1) {
                let (height, width) =
                    (SIZE.0.min(plane.nrows() - y), SIZE.1.min(plane.ncols() - x));
                let dn: Vec<u16> = plane
                    .slice(s![y..y + height, x..x + width])
                    .iter()
                    .copied()
                    .collect();
                feed.put_dn(
                    band.name(),
                    Window {
                        row: y,
                        column: x,
                        rows: height,
                        columns: width,
                    },
                    &dn,
                )
                .unwrap();
            }
        }
    }
    let host = Arc::new(Planes(planes));
    let (scene, warnings) = feed.scene(Auxiliary::default(), Some(host)).unwrap();
    assert!(warnings.is_empty(), "{warnings:?}");
    scene
}

/// Answers requests from whole planes, the last rectangle first.
struct Planes(Vec<(Band, Array2<u16>)>);

impl Host for Planes {
    fn answer(&self, mut request: Request, _: &dyn Progress) -> Result<Request> {
        let band = request.band();
        let (_, plane) = self.0.iter().find(|(of, _)| *of == band).unwrap();
        for window in request.lacking().to_vec().into_iter().rev() {
            let part = plane.slice(s![
                window.row..window.row + window.rows,
                window.column..window.column + window.columns
            ]);
            let dn: Vec<u16> = part.iter().copied().collect();
            request.put_dn(band.name(), window, &dn)?;
        }
        Ok(request)
    }
}
