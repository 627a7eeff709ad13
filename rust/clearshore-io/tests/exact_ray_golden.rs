//! The exact line of sight against the masks of an independent program on real and synthetic ground.
#![cfg(feature = "gdal")]
#![allow(clippy::unwrap_used, clippy::print_stderr, clippy::print_stdout)]

mod relief_references;

use clearshore::terrain::DemPatch;
use clearshore::terrain::exact::{RayTracer, Sight};
use relief_references::{UNDEFINED, cases, folder, read, read_cell};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Acceptance: share of pixels that differ.
const LARGEST_DISAGREEMENT: f64 = 0.000_2;
/// Most that a hit may be farther than the reference's, metres: the reference's heights are rounded.
const DISTANCE_ERROR: f64 = 1.0;

#[test]
fn rays_see_what_the_strict_references_say() {
    let Some(folder) = folder() else { return };
    let mut cells: BTreeMap<String, DemPatch> = BTreeMap::new();
    let (mut judged, mut differing, mut count) = (0, 0, 0);
    let (mut dark, mut farther) = (0, 0);
    let mut spent = Duration::ZERO;
    let mut rays = 0;
    for case in cases(&folder) {
        let text = |key: &str| case.text(key);
        let tile = text("tile");
        let patch = cells
            .entry(tile.to_owned())
            .or_insert_with(|| read_cell(&folder, tile).patch());
        let tracer = RayTracer::new(patch).with_free_edge();
        let (grid, direction) = (case.grid(), case.direction());
        let reference = read::<u8>(&folder.join(format!("{}.ref.tif", text("case"))));
        let distances = read::<i16>(&folder.join(format!("{}.dist_dm.tif", text("case"))));
        let heights = read::<i16>(&folder.join(format!("{}.height_dm.tif", text("window"))));
        let places: Vec<_> = (0..grid.height * grid.width)
            .map(|pixel| {
                let (easting, northing) = grid.pixel_centre(pixel / grid.width, pixel % grid.width);
                grid.zone.geodetic(easting, northing)
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
        count += 1;
    }
    println!(
        "all: {differing} of {judged} differ; of {dark} hits {farther} are farther; {:.0} rays/s",
        rays as f64 / spent.as_secs_f64()
    );
    assert!(count >= 11 && judged > 1_000_000);
    assert!(differing as f64 <= LARGEST_DISAGREEMENT * judged as f64);
    assert!(farther as f64 <= LARGEST_DISAGREEMENT * dark as f64);
}
