//! The fast sweep against the masks of an independent line-of-sight program on real and synthetic ground.
#![cfg(feature = "gdal")]
#![allow(clippy::unwrap_used, clippy::print_stderr, clippy::print_stdout)]

mod relief_references;

use clearshore::NoProgress;
use clearshore::scene::Geodetic;
use clearshore::terrain::{
    Content, Cover, DemPatch, DemSource, Light, Relief, ReliefOptions, relief_shadow,
};
use relief_references::{UNDEFINED, cases, folder, read, read_cell};
use std::collections::BTreeMap;
use std::sync::Arc;

/// Acceptance: least overlap and greatest share of differing pixels on the strict references, least overlap on the
/// masks with all their knife edges.
const LEAST_OVERLAP: f64 = 0.998;
const LARGEST_DISAGREEMENT: f64 = 0.000_5;
const LEAST_OVERLAP_WITH_EDGES: f64 = 0.985;
/// The aim: at the cost of the plain sweep.
const AIMED_OVERLAP: f64 = 0.999_5;
const AIMED_DISAGREEMENT: f64 = 0.000_15;

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
    let Some(folder) = folder() else { return };
    let source = Cells(
        ["N43E007", "N10E020"]
            .map(|name| read_cell(&folder, name))
            .map(|cell| ((cell.south, cell.west), Arc::new(cell.patch())))
            .into(),
    );
    let (mut strict, mut whole) = (Tally::default(), Tally::default());
    for case in cases(&folder) {
        let (grid, light) = (case.grid(), case.direction());
        let options = ReliefOptions::default();
        let shadow =
            relief_shadow(&grid, Light::Uniform(light), &source, options, &NoProgress).unwrap();
        let name = case.text("case");
        let (before, whole_before) = (strict.differing, whole.differing);
        for (kind, tally) in [("ref", &mut strict), ("mask", &mut whole)] {
            let expected = read::<u8>(&folder.join(format!("{name}.{kind}.tif")));
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
        if case.text("kind") == "view" {
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
