//! Sun glint in whole products: simulated seas whose wind lies in the product's forecast, and real metadata.
#![cfg(feature = "gdal")]
#![allow(clippy::unwrap_used, clippy::print_stderr)] // Also in the helpers of the tests.

use clearshore::flags::Flags;
use clearshore::glint::{Circumstances, ViewSource, WindSource};
use clearshore::scene::{Band, Direction};
use clearshore::simulate::{
    CloudCover, CloudKind, OrbitDirection, Place, Preset, Setting, SwathEdge, Wind,
};
use clearshore::{Detection, Feature, NoProgress, Params, detect};
use clearshore_io::auxiliary::Auxiliary;
use clearshore_io::safe::{Edges, Product};
use clearshore_io::safe_writer::{Spacecraft, UtcTime};
use clearshore_io::scene::read_scene;
use clearshore_io::simulation::{Acquisition, Order};
use clearshore_io::staging::Staging;
use gdal::Dataset;
use ndarray::{Array2, s};
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// Side of the scenes, pixels of 10 m: two stripes of detectors at least.
const SIZE: usize = 2_196;

/// A sea, written as a product with its truth.
fn written(setting: Setting, tile: String) -> (TempDir, [PathBuf; 4]) {
    let acquisition = Acquisition {
        spacecraft: Spacecraft::S2A,
        baseline: "05.11".into(),
        sensing: UtcTime::parse("2023-12-31T23:10:41.024Z").unwrap(),
        tile,
    };
    let order = Order::new(setting, acquisition).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let staging = Staging::new(folder.path()).unwrap();
    order.write(&staging, &NoProgress).unwrap();
    staging.publish(&order.entries()).unwrap();
    let entries = order.entries().map(|entry| folder.path().join(entry));
    (folder, entries)
}

/// What the program makes of a product.
fn masked(product: &Path, params: &Params) -> Detection {
    let product = Product::open(product, None).unwrap();
    let grid = product.grid(params.resolution).unwrap();
    let auxiliary = Auxiliary::of_params(params, &grid)
        .unwrap()
        .with_forecast(&product, params, &grid);
    let (scene, _) = read_scene(&product, params, auxiliary, &NoProgress).unwrap();
    detect(&scene, params, &NoProgress).unwrap()
}

/// A layer of the truth on 20 m: the mean of the 10 m pixels, and their least.
fn truth(folder: &Path, layer: &str) -> (Array2<f64>, Array2<f64>) {
    let file = Dataset::open(folder.join(format!("{layer}.tif"))).unwrap();
    let band = file.rasterband(1).unwrap();
    let scale = band.scale().unwrap_or(1.0);
    let (columns, rows) = file.raster_size();
    let pixels = band
        .read_as::<f64>((0, 0), (columns, rows), (columns, rows), None)
        .unwrap();
    let pixels = Array2::from_shape_vec((rows, columns), pixels.data().to_vec()).unwrap();
    let pixels = pixels.mapv(|pixel| pixel * scale);
    let of_four = |each: &dyn Fn(&mut dyn Iterator<Item = f64>) -> f64| {
        Array2::from_shape_fn((rows / 2, columns / 2), |(row, column)| {
            let four = pixels.slice(s![2 * row..2 * row + 2, 2 * column..2 * column + 2]);
            each(&mut four.iter().copied())
        })
    };
    let mean = of_four(&|four| four.sum::<f64>() / 4.0);
    (mean, of_four(&|four| four.fold(f64::INFINITY, f64::min)))
}

/// Descending and ascending, north and south, both sides of the antimeridian, a swath that ends within the scene.
#[test]
fn glint_of_simulated_seas_is_predicted_and_found() {
    use OrbitDirection::{Ascending, Descending};
    for (place, orbit, sun, wind, edge) in [
        ((14.5, -154.0), Descending, (24.0, 120.0), (5.0, 90.0), None),
        ((-33.9, 17.9), Ascending, (28.0, 60.0), (8.0, 200.0), None),
        (
            (-17.4, -179.7),
            Descending,
            (14.0, 110.0),
            (4.0, 310.0),
            Some(SwathEdge::East),
        ),
        ((1.2, 179.4), Ascending, (20.0, 100.0), (11.0, 20.0), None),
    ] {
        let of = Place::new(place.0, place.1, SIZE).unwrap();
        let sun = Direction::from_degrees(sun.0, sun.1);
        let setting = Setting {
            orbit,
            swath_edge: edge,
            wind: Wind {
                speed: wind.0,
                direction: Some(f64::to_radians(wind.1)),
            },
            clouds: vec![CloudCover {
                kind: CloudKind::Cumulus,
                cover: 0.15,
            }],
            ..Setting::of_preset(Preset::OpenSea, 3, of.grid, sun)
        };
        let (_folder, [product, _, truths, _]) = written(setting, of.tile);
        let params = Params {
            copy_features: true,
            compute_mountain_shadow: false,
            ..Params::default()
        };
        let detection = masked(&product, &params);
        let report = detection.glint.unwrap();
        assert_eq!(report.wind_source, WindSource::Product, "{place:?}");
        assert_eq!(report.viewing_angles, ViewSource::Detectors);
        assert!((report.wind_speed - wind.0).abs() < 0.02, "{report:?}");
        assert!(
            (report.wind_direction.unwrap() - wind.1).abs() < 0.2,
            "{report:?}"
        );

        let features = &mut detection.features.iter();
        let wanted = |band: &&clearshore::FeatureBand| band.feature == Feature::GlintReflectance;
        let predicted = &features.find(wanted).unwrap().values;
        let (swir1, least) = truth(&truths, "glint_reflectance_B11");
        let (green, _) = truth(&truths, "glint_reflectance_B03");
        let (mean_depth, depth) = truth(&truths, "cloud_optical_depth");
        let mut counts = [[0_u64; 2]; 4];
        let mut count = |of: usize, right: bool| {
            counts[of][0] += 1;
            counts[of][1] += u64::from(right);
        };
        for (at, bits) in detection.flags.indexed_iter() {
            let flags = Flags::from_bits_retain(*bits);
            if least[at] <= 0.0 || flags.contains(Flags::INVALID) {
                continue;
            }
            // The truth is kept in steps of 1e-4.
            let error = f64::from(predicted[at]) - swir1[at];
            count(0, error.abs() <= 0.01 * swir1[at] + 5e-5);
            let glints = green[at] > 0.0215;
            let cloudy = flags.contains(Flags::CLOUD);
            if mean_depth[at] == 0.0 && glints {
                count(1, cloudy);
                let near = flags.intersects(Flags::CLOUD_SHADOW | Flags::CLOUD);
                if !near {
                    count(2, flags.contains(Flags::GLINT | Flags::GLINT_RISK));
                }
            }
            if depth[at] > 3.0 && glints {
                count(3, cloudy);
            }
        }
        let share = |of: usize| counts[of][1] as f64 / counts[of][0].max(1) as f64;
        eprintln!(
            "{place:?}, {} m/s: predicted within 1 % {:.3} %, false cloud {:.3} %, CS_GLINT {:.2} %, thick cloud {:.2} %",
            wind.0,
            100.0 * share(0),
            100.0 * share(1),
            100.0 * share(2),
            100.0 * share(3)
        );
        assert!(counts[0][0] > 300_000, "{place:?}: {counts:?}");
        assert!(share(0) >= 0.999, "{place:?}: predicted {}", share(0));
        assert!(share(1) <= 0.01, "{place:?}: false cloud {}", share(1));
        assert!(
            counts[2][0] < 1_000 || share(2) >= 0.95,
            "{place:?}: found {}",
            share(2)
        );
        assert!(
            counts[3][0] < 1_000 || share(3) >= 0.95,
            "{place:?}: cloud {}",
            share(3)
        );
    }
}

fn shared(folder: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data/l1c_safe")
        .join(folder);
    if path.is_dir() {
        return Some(path);
    }
    eprintln!("skipped: {folder} of the shared data is not at hand");
    None
}

/// Real stripes: where the footprints are kept from it, the nearest detector by the grids is the right one but along edges.
#[test]
fn the_nearest_detector_of_a_real_product_is_mostly_that_of_its_footprint() {
    let Some(folder) = shared("newer") else {
        return;
    };
    let name = "S2A_MSIL1C_20220125T151701_N0400_R125_T18LTM_20220125T190036.SAFE";
    let product = Product::open(&folder.join(name), None).unwrap();
    let grid = product.grid(60).unwrap();
    let band = Band::B11;
    let footprint = product.detector_footprint(band, &grid, Edges::Exact, &NoProgress);
    let footprint = footprint.unwrap().unwrap();
    let nearest = clearshore::glint::nearest_detectors(
        &grid,
        product
            .angles()
            .views
            .iter()
            .filter(|((of, _), _)| *of == band)
            .map(|((_, number), view)| (*number, view)),
    );
    let seen: Vec<bool> = footprint
        .iter()
        .zip(&nearest)
        .filter(|(number, _)| **number > 0)
        .map(|(a, b)| a == b)
        .collect();
    let right = seen.iter().filter(|right| **right).count() as f64 / seen.len() as f64;
    eprintln!("right: {right}");
    assert!(right > 0.9, "{right}");
    // A scene off Lima in January: the sun is high, and glint may be.
    let known = Circumstances {
        grid: &grid,
        angles: product.angles(),
        wind: None,
    };
    assert!(known.may_glint(&Params::default()).unwrap());
}
