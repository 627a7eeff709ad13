//! The exact line of sight against the masks of an independent program on real and synthetic ground.
#![cfg(feature = "gdal")]
#![allow(clippy::unwrap_used, clippy::print_stderr, clippy::print_stdout)]

use clearshore::scene::{Direction, UtmZone};
use clearshore::terrain::exact::{RayTracer, Sight};
use clearshore::terrain::{DemFrame, DemPatch};
use ndarray::Array2;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const UNDEFINED: u8 = 255;
/// Acceptance: share of pixels that differ.
const LARGEST_DISAGREEMENT: f64 = 0.000_2;
/// Most that a hit may be farther than the reference's, metres: the reference's heights are rounded.
const DISTANCE_ERROR: f64 = 1.0;

fn golden() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/golden/relief");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: no reference masks at {}", folder.display());
    None
}

/// The cell of a zipped `.hgt` file called like `N43E007`.
fn read_cell(folder: &Path, name: &str) -> DemPatch {
    let file = std::fs::File::open(folder.join("dem").join(format!("{name}.hgt.zip"))).unwrap();
    let mut archive = zip::ZipArchive::new(file).unwrap();
    let mut bytes = Vec::new();
    let mut entry = archive.by_index(0).unwrap();
    entry.read_to_end(&mut bytes).unwrap();
    let side = (bytes.len() / 2).isqrt();
    let heights = bytes
        .chunks_exact(2)
        .map(|pair| f32::from(i16::from_be_bytes([pair[0], pair[1]])))
        .collect();
    let step = 1.0 / (side as f64 - 1.0);
    DemPatch {
        frame: DemFrame::Geographic,
        west: name[4..].parse().unwrap(),
        north: name[1..3].parse::<f64>().unwrap() + 1.0,
        column_step: step,
        row_step: step,
        heights: Array2::from_shape_vec((side, side), heights).unwrap(),
        missing: BTreeSet::new(),
    }
}

fn read<T: gdal::raster::GdalType + Copy>(path: &Path) -> Vec<T> {
    let dataset = gdal::Dataset::open(path).unwrap();
    let band = dataset.rasterband(1).unwrap();
    band.read_band_as::<T>().unwrap().data().to_vec()
}

#[test]
fn rays_see_what_the_strict_references_say() {
    let Some(folder) = golden() else { return };
    let manifest = std::fs::read_to_string(folder.join("manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    let mut cells: BTreeMap<String, DemPatch> = BTreeMap::new();
    let (mut judged, mut differing, mut cases) = (0, 0, 0);
    let (mut dark, mut farther) = (0, 0);
    let mut spent = Duration::ZERO;
    let mut rays = 0;
    for case in manifest.as_array().unwrap() {
        let text = |key: &str| case[key].as_str().unwrap();
        let number = |key: &str| case[key].as_f64().unwrap();
        let tile = text("tile");
        let patch = cells
            .entry(tile.to_owned())
            .or_insert_with(|| read_cell(&folder, tile));
        let tracer = RayTracer::new(patch).with_free_edge();
        let zone = UtmZone::from_epsg(number("epsg") as u32).unwrap();
        let side = number("n") as usize;
        let direction = Direction::from_degrees(90.0 - number("el_deg"), number("az_deg"));
        let reference = read::<u8>(&folder.join(format!("{}.ref.tif", text("case"))));
        let distances = read::<i16>(&folder.join(format!("{}.dist_dm.tif", text("case"))));
        let heights = read::<i16>(&folder.join(format!("{}.height_dm.tif", text("window"))));
        let places: Vec<_> = (0..side * side)
            .map(|pixel| {
                let (row, column) = ((pixel / side) as f64, (pixel % side) as f64);
                zone.geodetic(
                    number("ulx") + (column + 0.5) * number("step"),
                    number("uly") - (row + 0.5) * number("step"),
                )
            })
            .collect();
        let start = Instant::now();
        let sights: Vec<_> = places
            .iter()
            .map(|&place| tracer.line_of_sight(place, direction))
            .collect();
        spent += start.elapsed();
        rays += sights.len();
        let before = (judged, differing);
        for (pixel, sight) in sights.into_iter().enumerate() {
            let (row, column) = patch.node_position(places[pixel]);
            let height = patch.height(row, column);
            assert!((10.0 * height - f64::from(heights[pixel])).abs() < 0.6);
            let expected = reference[pixel];
            if expected == UNDEFINED {
                continue;
            }
            assert_ne!(sight, Sight::Unknown);
            judged += 1;
            if let (Sight::Blocked(hit), 1) = (sight, expected) {
                // The reference has the hit that is farthest from the pixel, ours is the nearest.
                let farthest = 0.1 * f64::from(distances[pixel]) + DISTANCE_ERROR;
                dark += 1;
                farther += usize::from(hit.distance > farthest && distances[pixel] < i16::MAX);
            }
            differing += usize::from((sight != Sight::Free) != (expected == 1));
        }
        println!(
            "{}: {} of {} pixels differ",
            text("case"),
            differing - before.1,
            judged - before.0
        );
        cases += 1;
    }
    println!(
        "all: {differing} of {judged} differ; of {dark} hits {farther} are farther; {:.0} rays/s",
        rays as f64 / spent.as_secs_f64()
    );
    assert!(cases >= 11 && judged > 1_000_000);
    assert!(differing as f64 <= LARGEST_DISAGREEMENT * judged as f64);
    assert!(farther as f64 <= LARGEST_DISAGREEMENT * dark as f64);
}
