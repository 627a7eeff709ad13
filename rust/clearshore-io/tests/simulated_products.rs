//! Simulated scenes as written: GDAL opens every part, and the product has the metadata that an independent
//! script reads from it, as real products have.
#![cfg(feature = "gdal")]
#![allow(clippy::unwrap_used, clippy::print_stderr)] // Also in the helpers of the tests.

mod metadata;

use clearshore::NoProgress;
use clearshore::flags::CLASSES;
use clearshore::scene::{Band, Direction, Grid};
use clearshore::simulate::{
    OrbitDirection, Place, Preset, Setting, Simulation, SwathEdge, TruthLayer, TruthRaster,
};
use clearshore_io::safe::Product;
use clearshore_io::safe_writer::{Spacecraft, UtcTime};
use clearshore_io::simulation::{Acquisition, Order};
use clearshore_io::staging::Staging;
use gdal::{Dataset, Metadata};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::LazyLock;
use tempfile::TempDir;

const SIZE: usize = 552;

struct Case {
    order: Order,
    epsg: u32,
    baseline: &'static str,
}

/// Both hemispheres, both sides of the antimeridian, both flight directions, baselines of three kinds.
fn cases() -> [Case; 3] {
    let case = |preset, place: (f64, f64), epsg, baseline: &'static str, orbit, edge| {
        let place = Place::new(place.0, place.1, SIZE).unwrap();
        let sun = Direction::from_degrees(48.0, 40.0);
        let setting = Setting {
            orbit,
            swath_edge: edge,
            ..Setting::of_preset(preset, 7, place.grid, sun)
        };
        let acquisition = Acquisition {
            spacecraft: Spacecraft::S2A,
            baseline: baseline.into(),
            sensing: UtcTime::parse("2023-12-31T23:10:41.024Z").unwrap(),
            tile: place.tile,
        };
        Case {
            order: Order::new(setting, acquisition).unwrap(),
            epsg,
            baseline,
        }
    };
    use OrbitDirection::{Ascending, Descending};
    [
        case(
            Preset::AlpineCoast,
            (-17.4, -179.7),
            32_701,
            "05.11",
            Ascending,
            None,
        ),
        case(
            Preset::Lagoon,
            (1.2, 179.2),
            32_660,
            "04.00",
            Descending,
            Some(SwathEdge::West),
        ),
        case(
            Preset::Winter,
            (64.9, 1.3),
            32_631,
            "02.06",
            Descending,
            Some(SwathEdge::East),
        ),
    ]
}

/// The scenes that all tests share.
static SCENES: LazyLock<(TempDir, [Case; 3])> = LazyLock::new(|| {
    let (folder, cases) = (tempfile::tempdir().unwrap(), cases());
    for case in &cases {
        let staging = Staging::new(folder.path()).unwrap();
        case.order.write(&staging, &NoProgress).unwrap();
        staging.publish(&case.order.entries()).unwrap();
        assert!(case.order.is_complete(folder.path()));
    }
    (folder, cases)
});

fn scenes() -> impl Iterator<Item = (&'static Case, [PathBuf; 4])> {
    let (folder, cases) = &*SCENES;
    cases.iter().map(|case| {
        let entries = case.order.entries();
        (case, entries.map(|entry| folder.path().join(entry)))
    })
}

fn check_place(raster: &Dataset, grid: &Grid, epsg: u32, pixel: f64, what: &str) {
    let expected = [grid.easting, pixel, 0.0, grid.northing, 0.0, -pixel];
    assert_eq!(raster.geo_transform().unwrap(), expected, "{what}");
    let code = raster.spatial_ref().unwrap().auth_code().unwrap();
    assert_eq!(code, epsg as i32, "{what}");
    let size = (SIZE as f64 * 10.0 / pixel) as usize;
    assert_eq!(raster.raster_size(), (size, size), "{what}");
}

#[test]
fn gdal_opens_every_subdataset_in_its_place() {
    for (case, [product, ..]) in scenes() {
        let grid = &case.order.setting().grid;
        let metadata = product.join("MTD_MSIL1C.xml");
        let dataset = Dataset::open(&metadata).unwrap();
        assert_eq!(dataset.driver().short_name(), "SENTINEL2");
        let item = |key| dataset.metadata_item(key, "").unwrap_or_default();
        assert_eq!(item("PROCESSING_BASELINE"), case.baseline);
        let direction = match case.order.setting().orbit {
            OrbitDirection::Ascending => "ASCENDING",
            OrbitDirection::Descending => "DESCENDING",
        };
        assert_eq!(item("DATATAKE_1_SENSING_ORBIT_DIRECTION"), direction);
        for (part, pixel, bands) in [
            ("10m", 10.0, 4),
            ("20m", 20.0, 6),
            ("60m", 60.0, 3),
            ("TCI", 10.0, 3),
        ] {
            let name = format!(
                "SENTINEL2_L1C:{}:{part}:EPSG_{}",
                metadata.display(),
                case.epsg
            );
            let subset = Dataset::open(&name).unwrap();
            assert_eq!(subset.raster_count(), bands, "{name}");
            check_place(&subset, grid, case.epsg, pixel, &name);
            for band in 1..=bands {
                let values = subset
                    .rasterband(band)
                    .unwrap()
                    .read_band_as::<u16>()
                    .unwrap();
                assert!(
                    values.data().iter().any(|value| *value > 0),
                    "{name} {band}"
                );
            }
        }
    }
}

/// The table of the script about the products, or none without Python.
fn table() -> Option<Value> {
    let script =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/reference/product_metadata.py");
    let output = Command::new("python3")
        .arg(script)
        .arg(SCENES.0.path())
        .output();
    let Ok(output) = output else {
        eprintln!("skipped: there is no python3");
        return None;
    };
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

#[test]
fn products_pass_the_reading_tests_of_real_ones() {
    let Some(table) = table() else { return };
    for (case, [path, ..]) in scenes() {
        let name = path.file_name().unwrap().to_str().unwrap();
        let expected = &table[name];
        let product = Product::open(&path, None).unwrap();
        metadata::check_tile(&product, &expected["tile"], name);
        metadata::check_product(&product, &expected["product"], name);
        metadata::check_files(&product, expected, name);
        // And it is what was asked for.
        let tile = &expected["tile"];
        assert_eq!(tile["epsg"], case.epsg);
        let sun = metadata::numbers(&tile["meanSun"]);
        metadata::close(sun[0], 48.0, 1e-9, name);
        metadata::close(sun[1], 40.0, 1e-9, name);
        assert_eq!(expected["product"]["baseline"], case.baseline);
        let offset = if case.baseline < "04.00" {
            0.0
        } else {
            -1000.0
        };
        assert_eq!(
            metadata::numbers(&expected["product"]["offsets"]),
            [offset; 13]
        );
        assert_eq!(expected["footprints"], 13);
        assert!(!tile["views"].as_object().unwrap().is_empty());
        assert_eq!(product.missing_bands(), Vec::<Band>::new());
    }
}

#[test]
fn truth_rasters_are_what_was_simulated() {
    for (case, [_, _, truth, _]) in scenes() {
        let setting = case.order.setting();
        let simulation = Simulation::new(setting.clone(), &NoProgress).unwrap();
        for layer in TruthLayer::ALL {
            let raster = Dataset::open(truth.join(format!("{}.tif", layer.name()))).unwrap();
            check_place(&raster, &setting.grid, case.epsg, 10.0, layer.name());
            let band = raster.rasterband(1).unwrap();
            assert_eq!(band.no_data_value(), Some(f64::from(layer.no_data())));
            assert_eq!(
                band.scale().unwrap_or(1.0),
                layer.scale(),
                "{}",
                layer.name()
            );
            assert_eq!(band.description().unwrap(), layer.name());
            let item = raster.metadata_item("TIFFTAG_IMAGEDESCRIPTION", "");
            assert_eq!(item.as_deref(), Some(layer.meaning()));
            let read = band.read_band_as::<u16>().unwrap();
            let same = match simulation.truth(layer, &NoProgress).unwrap() {
                TruthRaster::Bytes(values) => values
                    .iter()
                    .map(|v| u16::from(*v))
                    .eq(read.data().iter().copied()),
                TruthRaster::Words(values) => values.iter().eq(read.data()),
            };
            assert!(same, "{}", layer.name());
            if layer == TruthLayer::Class {
                let colours = band.color_table().unwrap();
                assert_eq!(colours.entry_count(), 256);
                let entry = colours.entry_as_rgb(CLASSES.len() - 1).unwrap();
                assert_eq!([entry.r, entry.g, entry.b], [240; 3]);
            }
        }
        let scene: Value =
            serde_json::from_slice(&std::fs::read(truth.join("scene.json")).unwrap()).unwrap();
        assert_eq!(scene["preset"], setting.preset.name());
        assert_eq!(scene["sunElevation"], 42.0);
        assert_eq!(scene["place"]["epsg"], case.epsg);
        assert_eq!(scene["size"], SIZE);
    }
}

/// Name of a cell by its south-western corner, as SRTM's.
fn cells_name(south: i32, west: i32) -> String {
    let side = |degrees: i32, sides: [char; 2]| sides[usize::from(degrees < 0)];
    let (latitude, longitude) = (south.unsigned_abs(), west.unsigned_abs());
    let (north_south, east_west) = (side(south, ['N', 'S']), side(west, ['E', 'W']));
    format!("{north_south}{latitude:02}{east_west}{longitude:03}.hgt")
}

#[test]
fn gdal_reads_the_elevation_model() {
    for (case, [_, folder, ..]) in scenes() {
        let simulation = Simulation::new(case.order.setting().clone(), &NoProgress).unwrap();
        let cells = simulation.dem();
        let sea = simulation.sea_around();
        let files = std::fs::read_dir(&folder).unwrap().count();
        assert_eq!(files, cells.len() + sea.len());
        for (south, west) in sea {
            let name = cells_name(south, west);
            let raster = Dataset::open(folder.join(&name)).unwrap();
            let read = raster.rasterband(1).unwrap().read_band_as::<i16>().unwrap();
            assert!(read.data().iter().all(|height| *height == 0), "{name}");
        }
        for cell in cells {
            let (south, west) = (f64::from(cell.south), f64::from(cell.west));
            let name = clearshore_io::dem::hgt_name(cell);
            let raster = Dataset::open(folder.join(&name)).unwrap();
            assert_eq!(raster.driver().short_name(), "SRTMHGT", "{name}");
            let [left, step, _, top, _, down] = raster.geo_transform().unwrap();
            let (half, second) = (0.5 / 3600.0, 1.0 / 3600.0);
            for (value, expected) in [
                (left, west - half),
                (top, south + 1.0 + half),
                (step, second),
                (down, -second),
            ] {
                assert!(
                    (value - expected).abs() < 1e-9,
                    "{name}: {value} {expected}"
                );
            }
            let read = raster.rasterband(1).unwrap().read_band_as::<i16>().unwrap();
            assert!(read.data().iter().eq(&cell.heights), "{name}");
        }
    }
}
