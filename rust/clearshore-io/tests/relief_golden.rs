//! Relief shadows against the masks of an independent line-of-sight program on real and synthetic ground.
#![cfg(feature = "gdal")]
#![allow(clippy::unwrap_used, clippy::print_stderr, clippy::print_stdout)]

use clearshore::scene::{Direction, Grid, UtmZone};
use clearshore::simulate::{DemCell, Relief, ReliefShadow};
use ndarray::Array2;
use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

const UNKNOWN: u8 = 255;
/// Ground that a ray leaves within 2 m does not count in the references, decimetres: there they call the
/// last metres of a slope that faces away, below its crest, lit.
const TOLERANCE: std::ops::Range<i16> = 1..20;
/// Acceptance for exact rays: share of pixels that differ, and least overlap.
const LARGEST_DISAGREEMENT: f64 = 0.000_6;
const LEAST_OVERLAP: f64 = 0.997;

fn golden() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/golden/relief");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: no reference masks at {}", folder.display());
    None
}

/// The cell of a zipped `.hgt` file called like `N43E007`.
fn read_cell(folder: &Path, name: &str) -> DemCell {
    let file = std::fs::File::open(folder.join("dem").join(format!("{name}.hgt.zip"))).unwrap();
    let mut archive = zip::ZipArchive::new(file).unwrap();
    let mut bytes = Vec::new();
    archive
        .by_index(0)
        .unwrap()
        .read_to_end(&mut bytes)
        .unwrap();
    let side = (bytes.len() / 2).isqrt();
    let heights = bytes
        .chunks_exact(2)
        .map(|pair| i16::from_be_bytes([pair[0], pair[1]]))
        .collect();
    DemCell {
        south: name[1..3].parse().unwrap(),
        west: name[4..].parse().unwrap(),
        heights: Array2::from_shape_vec((side, side), heights).unwrap(),
    }
}

fn read<T: gdal::raster::GdalType + Copy>(path: &Path) -> Vec<T> {
    let dataset = gdal::Dataset::open(path).unwrap();
    let band = dataset.rasterband(1).unwrap();
    band.read_band_as::<T>().unwrap().data().to_vec()
}

#[test]
fn relief_shadows_equal_the_strict_references() {
    let Some(folder) = golden() else { return };
    let manifest = std::fs::read_to_string(folder.join("manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    let mut reliefs: BTreeMap<String, Relief> = BTreeMap::new();
    let (mut judged, mut differing, mut both, mut either) = (0, 0, 0, 0);
    let (mut cases, mut crests) = (0, 0);
    for case in manifest.as_array().unwrap() {
        let text = |key: &str| case[key].as_str().unwrap();
        let number = |key: &str| case[key].as_f64().unwrap();
        let window = text("window");
        let relief = reliefs.entry(window.to_owned()).or_insert_with(|| {
            let grid = Grid {
                zone: UtmZone::from_epsg(number("epsg") as u32).unwrap(),
                easting: number("ulx"),
                northing: number("uly"),
                pixel_size: number("step"),
                height: number("n") as usize,
                width: number("n") as usize,
            };
            Relief::from_cells(vec![read_cell(&folder, text("tile"))], grid).unwrap()
        });
        let rows = 0..number("n") as usize;
        let heights = relief.heights(rows.clone());
        let expected = read::<i16>(&folder.join(format!("{window}.height_dm.tif")));
        for (height, expected) in heights.iter().zip(expected) {
            assert!(
                (10.0 * height - f32::from(expected)).abs() < 0.6,
                "{window}"
            );
        }
        let sun = Direction::from_degrees(90.0 - number("el_deg"), number("az_deg"));
        let light = relief.sunlight_from(&|_, _| sun, rows);
        let reference = read::<u8>(&folder.join(format!("{}.ref.tif", text("case"))));
        let distances = read::<i16>(&folder.join(format!("{}.dist_dm.tif", text("case"))));
        let before = (judged, differing);
        for ((sun, expected), distance) in light.iter().zip(reference).zip(distances) {
            if expected == UNKNOWN {
                continue;
            }
            let (is_dark, expected) = (sun.shadow != ReliefShadow::Lit, expected == 1);
            if sun.shadow == ReliefShadow::Own && !expected && TOLERANCE.contains(&distance) {
                crests += 1;
                continue;
            }
            judged += 1;
            differing += usize::from(is_dark != expected);
            both += usize::from(is_dark && expected);
            either += usize::from(is_dark || expected);
        }
        println!(
            "{}: {} of {} pixels differ",
            text("case"),
            differing - before.1,
            judged - before.0
        );
        cases += 1;
    }
    let disagreement = differing as f64 / judged as f64;
    let overlap = both as f64 / either as f64;
    println!("all: {differing} of {judged} differ, overlap {overlap:.6}; crests {crests}");
    assert!(crests < judged / 1_000);
    assert!(cases >= 11 && judged > 1_000_000);
    assert!(disagreement <= LARGEST_DISAGREEMENT, "{disagreement}");
    assert!(overlap >= LEAST_OVERLAP, "{overlap}");
}
