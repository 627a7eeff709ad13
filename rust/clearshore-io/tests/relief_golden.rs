//! Relief shadows against the masks of an independent line-of-sight program on real and synthetic ground.
#![cfg(feature = "gdal")]
#![allow(clippy::unwrap_used, clippy::print_stderr, clippy::print_stdout)]

mod relief_references;

use clearshore::simulate::{DemCell, Relief, ReliefShadow};
use relief_references::{UNDEFINED, cases, folder, read, read_cell};
use std::collections::BTreeMap;

/// Ground that a ray leaves within 2 m does not count in the references, decimetres: there they call the
/// last metres of a slope that faces away, below its crest, lit.
const TOLERANCE: std::ops::Range<i16> = 1..20;
/// Acceptance for exact rays: share of pixels that differ, and least overlap.
const LARGEST_DISAGREEMENT: f64 = 0.000_6;
const LEAST_OVERLAP: f64 = 0.997;

#[test]
fn relief_shadows_equal_the_strict_references() {
    let Some(folder) = folder() else { return };
    let mut reliefs: BTreeMap<String, Relief> = BTreeMap::new();
    let (mut judged, mut differing, mut both, mut either) = (0, 0, 0, 0);
    let (mut count, mut crests) = (0, 0);
    for case in cases(&folder) {
        let text = |key: &str| case.text(key);
        let window = text("window");
        let relief = reliefs.entry(window.to_owned()).or_insert_with(|| {
            let cell = read_cell(&folder, text("tile"));
            let cell = DemCell {
                south: cell.south,
                west: cell.west,
                heights: cell.heights,
            };
            Relief::from_cells(vec![cell], case.grid()).unwrap()
        });
        let rows = 0..case.grid().height;
        let heights = relief.heights(rows.clone());
        let expected = read::<i16>(&folder.join(format!("{window}.height_dm.tif")));
        for (height, expected) in heights.iter().zip(expected) {
            assert!(
                (10.0 * height - f32::from(expected)).abs() < 0.6,
                "{window}"
            );
        }
        let sun = case.direction();
        let light = relief.sunlight_from(&|_, _| sun, rows);
        let reference = read::<u8>(&folder.join(format!("{}.ref.tif", text("case"))));
        let distances = read::<i16>(&folder.join(format!("{}.dist_dm.tif", text("case"))));
        let before = (judged, differing);
        for ((sun, expected), distance) in light.iter().zip(reference).zip(distances) {
            if expected == UNDEFINED {
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
        count += 1;
    }
    let disagreement = differing as f64 / judged as f64;
    let overlap = both as f64 / either as f64;
    println!("all: {differing} of {judged} differ, overlap {overlap:.6}; crests {crests}");
    assert!(crests < judged / 1_000);
    assert!(count >= 11 && judged > 1_000_000);
    assert!(disagreement <= LARGEST_DISAGREEMENT, "{disagreement}");
    assert!(overlap >= LEAST_OVERLAP, "{overlap}");
}
