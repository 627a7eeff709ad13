//! The fast sweep against the masks of an independent line-of-sight program on real and synthetic ground.
#![cfg(feature = "gdal")]
#![allow(clippy::unwrap_used, clippy::print_stderr, clippy::print_stdout)]

use clearshore::NoProgress;
use clearshore::scene::{Direction, Geodetic, Grid, UtmZone};
use clearshore::terrain::{
    Content, Cover, DemFrame, DemPatch, DemSource, Light, Relief, ReliefOptions, relief_shadow,
};
use ndarray::Array2;
use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const UNDEFINED: u8 = 255;
/// Acceptance: least overlap and greatest share of differing pixels on the strict references, least overlap on the
/// masks with all their knife edges.
const LEAST_OVERLAP: f64 = 0.998;
const LARGEST_DISAGREEMENT: f64 = 0.000_5;
const LEAST_OVERLAP_WITH_EDGES: f64 = 0.985;
/// The aim: at the cost of the plain sweep.
const AIMED_OVERLAP: f64 = 0.999_5;
const AIMED_DISAGREEMENT: f64 = 0.000_15;

fn golden() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/golden/relief");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: no reference masks at {}", folder.display());
    None
}

/// The folder's cells; elsewhere is the sea.
struct Cells(BTreeMap<(i32, i32), Arc<DemPatch>>);

impl DemSource for Cells {
    fn cover(&self, place: Geodetic) -> clearshore::Result<Cover> {
        let south = place.latitude.to_degrees().floor();
        let west = place.longitude.to_degrees().floor();
        let content = match self.0.get(&(south as i32, west as i32)) {
            Some(patch) => Content::Heights(patch.clone()),
            None => Content::Sea,
        };
        Ok(Cover {
            extent: [west, south, west + 1.0, south + 1.0],
            content,
        })
    }
}

/// The cell of a zipped `.hgt` file called like `N43E007`.
fn read_cell(folder: &Path, name: &str) -> ((i32, i32), Arc<DemPatch>) {
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
    let (south, west): (i32, i32) = (name[1..3].parse().unwrap(), name[4..].parse().unwrap());
    let step = 1.0 / (side - 1) as f64;
    let patch = DemPatch {
        frame: DemFrame::Geographic,
        west: f64::from(west),
        north: f64::from(south) + 1.0,
        column_step: step,
        row_step: step,
        heights: Array2::from_shape_vec((side, side), heights).unwrap(),
        missing: BTreeSet::new(),
    };
    ((south, west), Arc::new(patch))
}

fn read(path: &Path) -> Vec<u8> {
    let dataset = gdal::Dataset::open(path).unwrap();
    let band = dataset.rasterband(1).unwrap();
    band.read_band_as::<u8>().unwrap().data().to_vec()
}

#[derive(Default)]
struct Tally {
    judged: u64,
    differing: u64,
    both: u64,
    either: u64,
}

impl Tally {
    fn count(&mut self, is_dark: bool, expected: u8) {
        if expected == UNDEFINED {
            return;
        }
        let expected = expected == 1;
        self.judged += 1;
        self.differing += u64::from(is_dark != expected);
        self.both += u64::from(is_dark && expected);
        self.either += u64::from(is_dark || expected);
    }

    fn overlap(&self) -> f64 {
        self.both as f64 / self.either as f64
    }

    fn disagreement(&self) -> f64 {
        self.differing as f64 / self.judged as f64
    }
}

#[test]
fn cast_shadows_equal_the_references() {
    let Some(folder) = golden() else { return };
    let manifest = std::fs::read_to_string(folder.join("manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    let source = Cells(
        ["N43E007", "N10E020"]
            .map(|name| read_cell(&folder, name))
            .into(),
    );
    let (mut strict, mut whole) = (Tally::default(), Tally::default());
    for case in manifest.as_array().unwrap() {
        let text = |key: &str| case[key].as_str().unwrap();
        let number = |key: &str| case[key].as_f64().unwrap();
        let grid = Grid {
            zone: UtmZone::from_epsg(number("epsg") as u32).unwrap(),
            easting: number("ulx"),
            northing: number("uly"),
            pixel_size: number("step"),
            height: number("n") as usize,
            width: number("n") as usize,
        };
        let light = Direction::from_degrees(90.0 - number("el_deg"), number("az_deg"));
        let options = ReliefOptions::default();
        let shadow =
            relief_shadow(&grid, Light::Uniform(light), &source, options, &NoProgress).unwrap();
        let name = text("case");
        let (before, whole_before) = (strict.differing, whole.differing);
        for (kind, tally) in [("ref", &mut strict), ("mask", &mut whole)] {
            let expected = read(&folder.join(format!("{name}.{kind}.tif")));
            for (bits, expected) in shadow.bits.iter().zip(expected) {
                let bits = Relief::from_bits_retain(*bits);
                assert!(!bits.contains(Relief::UNKNOWN), "{name}");
                tally.count(bits.contains(Relief::CAST), expected);
            }
        }
        println!(
            "{name}: {} differ on the strict reference, {} on the mask",
            strict.differing - before,
            whole.differing - whole_before
        );
        if text("kind") == "view" {
            assert!(shadow.bits.iter().all(|bits| *bits == 0), "{name}");
        }
    }
    for (name, tally) in [("strict", &strict), ("mask", &whole)] {
        println!(
            "{name}: {} of {} differ ({:.4} %), overlap {:.6}",
            tally.differing,
            tally.judged,
            100.0 * tally.disagreement(),
            tally.overlap()
        );
    }
    assert!(strict.judged > 1_000_000);
    assert!(strict.overlap() >= LEAST_OVERLAP);
    assert!(strict.disagreement() <= LARGEST_DISAGREEMENT);
    assert!(whole.overlap() >= LEAST_OVERLAP_WITH_EDGES);
    assert!(strict.overlap() >= AIMED_OVERLAP);
    assert!(strict.disagreement() <= AIMED_DISAGREEMENT);
}
