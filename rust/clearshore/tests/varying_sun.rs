//! Relief shadow under a sun whose direction varies over the grid: the sweep, exact rays for all pixels, and a slow march.

#![allow(clippy::unwrap_used)]

mod hills;

use clearshore::scene::{AngleGrid, Direction, Grid, Nodes};
use clearshore::terrain::{
    Light, Relief, ReliefOptions, ReliefShadow, exact_shadow, patch_over, relief_shadow,
};
use clearshore::{ErrorKind, NoProgress, Progress};
use hills::{FACETS, Hills, rough};
use ndarray::Array2;
use std::collections::BTreeMap;

/// Distance of the nodes of the sun's angles, metres, and their number: those of a product.
const NODE_STEP: f64 = 5_000.0;
const NODES: usize = 23;

/// Degrees, at metres right of and below the grid's corner: 3 degrees of zenith and 6 of azimuth over 110 km.
fn zenith(east: f64, south: f64) -> f64 {
    66.0 + 1.5e-5 * east + 1.2e-5 * south
}

fn azimuth(east: f64, south: f64) -> f64 {
    130.0 + 3.2e-5 * east - 2.3e-5 * south
}

fn angles() -> AngleGrid {
    let node = |index: usize| index as f64 * NODE_STEP;
    let plane = |at: fn(f64, f64) -> f64| {
        Array2::from_shape_fn((NODES, NODES), |(row, column)| {
            at(node(column), node(row)).to_radians()
        })
    };
    AngleGrid {
        zenith: plane(zenith),
        azimuth: plane(azimuth),
        nodes: Nodes::from_corner(NODE_STEP, NODE_STEP),
    }
}

fn exact(hills: &Hills, grid: &Grid, light: Light<'_>) -> ReliefShadow {
    exact_shadow(grid, light, hills, ReliefOptions::default(), &NoProgress).unwrap()
}

fn swept(hills: &Hills, grid: &Grid, light: Light<'_>) -> ReliefShadow {
    relief_shadow(grid, light, hills, ReliefOptions::default(), &NoProgress).unwrap()
}

fn count(plane: &Array2<u8>, bit: Relief) -> usize {
    plane.iter().filter(|bits| *bits & bit.bits() != 0).count()
}

fn differing(a: &Array2<u8>, b: &Array2<u8>) -> usize {
    a.iter().zip(b).filter(|(a, b)| a != b).count()
}

/// The sweep may differ from the rays in one pixel of a thousand: edges.
fn assert_alike(exact: &ReliefShadow, swept: &ReliefShadow) {
    let mut pairs = BTreeMap::new();
    for pair in exact.bits.iter().zip(&swept.bits) {
        *pairs.entry(pair).or_insert(0) += 1;
    }
    let differing = differing(&exact.bits, &swept.bits);
    assert!(
        differing * 1_000 <= exact.bits.len(),
        "{differing}: {pairs:?}"
    );
}

/// A quarter of a tile at 60 m.
fn scene() -> (Hills, Grid) {
    let hills = Hills::new(11.3, 46.1, rough);
    let grid = hills.grid(60.0, 900);
    (hills, grid)
}

#[test]
fn the_sweep_and_the_rays_are_those_of_a_slow_march() {
    let (hills, grid) = scene();
    let angles = angles();
    let light = Light::Grid(&angles);
    let (exact, swept) = (exact(&hills, &grid, light), swept(&hills, &grid, light));
    assert_alike(&exact, &swept);
    let patch = patch_over(&hills, [10.3, 45.3, 12.3, 46.9]).unwrap();
    let [mut judged, mut dark, mut by_exact, mut by_sweep] = [0; 4];
    for row in (0..grid.height).step_by(12) {
        for column in (0..grid.width).step_by(12) {
            let (easting, northing) = grid.pixel_centre(row, column);
            let (east, south) = (easting - grid.easting, grid.northing - northing);
            let sun = Direction::from_degrees(zenith(east, south), azimuth(east, south));
            let place = grid.zone.geodetic(easting, northing);
            let depth = hills::march(&patch, place, sun, 1_000.0);
            if depth.abs() < 0.5 {
                continue;
            }
            judged += 1;
            dark += usize::from(depth > 0.0);
            let differs = |bits: u8| (bits & Relief::CAST.bits() != 0) != (depth > 0.0);
            by_exact += usize::from(differs(exact.bits[[row, column]]));
            by_sweep += usize::from(differs(swept.bits[[row, column]]));
        }
    }
    assert!(judged > 4_000 && dark > 400, "{judged} {dark}");
    assert!(by_exact * 5_000 <= judged, "{by_exact} of {judged}");
    assert!(by_sweep * 1_000 <= judged, "{by_sweep} of {judged}");
    assert!(count(&exact.bits, Relief::SELF) > 1_000);
    assert_eq!(count(&exact.bits, Relief::UNKNOWN), 0);
    // One sun for all would be seen.
    let mean = Direction::from_degrees(zenith(27_000.0, 27_000.0), azimuth(27_000.0, 27_000.0));
    let flat = swept_uniform(&hills, &grid, mean);
    assert!(differing(&flat.bits, &exact.bits) * 300 > exact.bits.len());
}

fn swept_uniform(hills: &Hills, grid: &Grid, sun: Direction) -> ReliefShadow {
    swept(hills, grid, Light::Uniform(sun))
}

#[test]
fn without_angles_nothing_is_known() {
    let (hills, grid) = scene();
    let mut angles = angles();
    // All nodes of the cells in the first two rows and columns of nodes, and one that its neighbours stand in for.
    for row in 0..2 {
        for column in 0..2 {
            angles.zenith[[row, column]] = f64::NAN;
        }
    }
    angles.azimuth[[13, 13]] = f64::NAN;
    let light = Light::Grid(&angles);
    let (exact, swept) = (exact(&hills, &grid, light), swept(&hills, &grid, light));
    // The sweep interpolates between places less than 700 m apart.
    let rim = 700.0;
    for ((row, column), bits) in exact.bits.indexed_iter() {
        let metres = |pixel: usize| (pixel as f64 + 0.5) * grid.pixel_size;
        let farther = metres(row).max(metres(column));
        let is_unknown = *bits == Relief::UNKNOWN.bits();
        assert_eq!(is_unknown, farther < NODE_STEP, "{row} {column}");
        let swept = swept.bits[[row, column]] == Relief::UNKNOWN.bits();
        if (farther - NODE_STEP).abs() > rim {
            assert_eq!(swept, is_unknown, "{row} {column}");
        }
        assert!(swept || !is_unknown);
    }
    let nowhere = AngleGrid {
        zenith: Array2::from_elem((NODES, NODES), f64::NAN),
        ..angles
    };
    let dark = exact_shadow(
        &grid,
        Light::Grid(&nowhere),
        &hills,
        ReliefOptions::default(),
        &NoProgress,
    );
    assert_eq!(count(&dark.unwrap().bits, Relief::UNKNOWN), 900 * 900);
}

#[test]
fn what_depends_on_missing_cells_is_unknown_and_they_are_named() {
    // The origin's piece is 45 184. The sun stands in the south-east: the piece in the north doesn't matter.
    let mut hills = Hills::new(11.3, 46.1, rough);
    hills.facets = |_, row| if row == 183 || row == 185 { 0 } else { FACETS };
    let grid = Grid {
        northing: hills.grid(20.0, 301).northing - 8_000.0,
        ..hills.grid(20.0, 301)
    };
    let angles = angles();
    let light = Light::Grid(&angles);
    let (exact, swept) = (exact(&hills, &grid, light), swept(&hills, &grid, light));
    assert_alike(&exact, &swept);
    let unknown = count(&exact.bits, Relief::UNKNOWN);
    assert!((10_000..90_601 - 1_000).contains(&unknown), "{unknown}");
    // Where known ground blocks the line, what lies behind doesn't matter.
    assert!(count(&exact.bits, Relief::CAST) > 100);
    assert!(exact.missing.contains(&"piece 45 183".to_owned()));
    assert!(exact.missing.iter().all(|name| name.ends_with(" 183")));
    assert_eq!(swept.missing, exact.missing);
    for (exact, swept) in exact.bits.iter().zip(&swept.bits) {
        let is_unknown = exact & Relief::UNKNOWN.bits() != 0;
        assert!(!is_unknown || *exact == Relief::UNKNOWN.bits());
        assert!(*swept & Relief::UNKNOWN.bits() == 0 || *swept == Relief::UNKNOWN.bits());
    }
}

#[test]
fn what_depends_on_voids_is_unknown() {
    let hills = Hills::new(11.3, 46.1, |east, north| {
        if (east - 500.0).hypot(north + 700.0) < 400.0 {
            f32::NAN
        } else {
            rough(east, north)
        }
    });
    let grid = hills.grid(20.0, 301);
    let angles = angles();
    let light = Light::Grid(&angles);
    let (exact, swept) = (exact(&hills, &grid, light), swept(&hills, &grid, light));
    // For a ray, a facet with an unknown corner is unknown; the sweep knows how high it may be near the others.
    let mut known = exact.bits.clone();
    let mut more = 0;
    for (exact, swept) in known.iter_mut().zip(&swept.bits) {
        if *exact == Relief::UNKNOWN.bits() && swept != exact {
            *exact = *swept;
            more += 1;
        }
    }
    assert!(more * 100 < known.len(), "{more}");
    assert!(differing(&known, &swept.bits) * 1_000 <= known.len());
    // The void's own pixels, and those behind it: away from the sun.
    let at = |east: f64, north: f64| {
        let pixel = |metres: f64| ((metres + 3_010.0) / 20.0) as usize;
        exact.bits[[pixel(-north), pixel(east)]]
    };
    assert_eq!(at(500.0, -700.0), Relief::UNKNOWN.bits());
    assert_eq!(at(1_500.0, -1_500.0) & Relief::UNKNOWN.bits(), 0);
    let own = (400.0_f64 / 20.0).powi(2) * std::f64::consts::PI;
    let unknown = count(&exact.bits, Relief::UNKNOWN);
    assert!(unknown as f64 > 1.5 * own && unknown < 60_000, "{unknown}");
    assert!(exact.missing.is_empty() && swept.missing.is_empty());
}

#[test]
fn a_seam_between_resolutions_makes_no_difference() {
    // Meridian 11.25 runs through the grid: twice as fine in its west.
    let mut hills = Hills::new(11.25, 46.1, rough);
    hills.facets = |column, _| if column < 45 { FACETS } else { FACETS / 2 };
    let grid = hills.grid(20.0, 301);
    let angles = angles();
    let light = Light::Grid(&angles);
    let (exact, swept) = (exact(&hills, &grid, light), swept(&hills, &grid, light));
    assert_alike(&exact, &swept);
    assert_eq!(count(&exact.bits, Relief::UNKNOWN), 0);
    assert!(count(&exact.bits, Relief::CAST) > 1_000);
}

#[test]
fn both_sides_of_the_antimeridian_are_alike() {
    for longitude in [179.996, -179.996, -179.96] {
        let hills = Hills::new(longitude, -17.2, rough);
        let grid = hills.grid(60.0, 101);
        let angles = angles();
        let light = Light::Grid(&angles);
        let (exact, swept) = (exact(&hills, &grid, light), swept(&hills, &grid, light));
        assert_alike(&exact, &swept);
        assert_eq!(count(&exact.bits, Relief::UNKNOWN), 0);
        assert!(count(&exact.bits, Relief::CAST) > 300);
    }
}

#[test]
fn threads_change_no_ray() {
    let (hills, _) = scene();
    let grid = hills.grid(50.0, 301);
    let angles = angles();
    let threads = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
        pool.unwrap()
            .install(|| exact(&hills, &grid, Light::Grid(&angles)).bits)
    };
    assert_eq!(threads(1), threads(3));
}

#[test]
fn rays_are_straight_and_stop_when_asked() {
    struct Impatient;
    impl Progress for Impatient {
        fn is_cancelled(&self) -> bool {
            true
        }
    }
    let (hills, _) = scene();
    let grid = hills.grid(20.0, 50);
    let angles = angles();
    let refraction = ReliefOptions {
        refraction: true,
        ..ReliefOptions::default()
    };
    let run = |options: ReliefOptions, progress: &dyn Progress| {
        exact_shadow(&grid, Light::Grid(&angles), &hills, options, progress)
    };
    let error = run(refraction, &NoProgress).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Parameter);
    let error = run(ReliefOptions::default(), &Impatient).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
}
