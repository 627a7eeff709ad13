//! View occlusion on real and synthetic ground: mountains hide nothing from MSI.
#![allow(clippy::unwrap_used, clippy::print_stderr, clippy::print_stdout)]

mod relief_references;

use clearshore::NoProgress;
use clearshore::scene::{Direction, Grid, UtmZone};
use clearshore::terrain::view::{View, view_occlusion};
use clearshore_io::dem::{DemLocation, DemOptions, open};
use relief_references::{cases, folder};
use std::path::Path;
use std::time::Instant;

/// Number of hidden pixels over the golden DEM, toward one azimuth and elevation.
fn hidden(folder: &Path, grid: &Grid, azimuth: f64, elevation: f64) -> usize {
    let dem = open(
        &DemLocation::Path(folder.join("dem")),
        DemOptions::default(),
    );
    let view = View {
        mean: Some(Direction::from_degrees(90.0 - elevation, azimuth)),
        ..View::default()
    };
    let start = Instant::now();
    let occlusion = view_occlusion(grid, &view, &*dem.unwrap(), &NoProgress).unwrap();
    println!("{:?} for {:?}", start.elapsed(), grid.shape());
    occlusion.hidden.iter().filter(|hidden| **hidden).count()
}

/// The reference program has no hidden pixel in its view case; no window has slopes of 78 degrees.
#[test]
fn golden_windows_are_seen_at_78_degrees() {
    let Some(folder) = folder() else { return };
    let mut views = 0;
    for case in cases(&folder) {
        let (grid, azimuth) = (case.grid(), case.number("az_deg"));
        if case.text("kind") == "view" {
            assert_eq!(case.number("ref_shadow"), 0.0);
            views += 1;
        }
        assert_eq!(hidden(&folder, &grid, azimuth, 78.0), 0);
        // As low as no sensor looks, they hide something: the same code sees it.
        if case.text("case") == "D_synthetic_view_az100_el78" {
            assert!(hidden(&folder, &grid, azimuth, 40.0) > 0);
        }
    }
    assert!(views > 0);
}

/// 100 km of 20 m over a DEM of one arcsecond: with and without missing cells in reach.
#[test]
#[ignore = "a measurement"]
fn most_of_a_tile_is_looked_at_in_seconds() {
    let Some(folder) = folder() else { return };
    for easting in [395_500.0, 391_000.0] {
        let grid = Grid {
            zone: UtmZone::from_epsg(32_634).unwrap(),
            easting,
            northing: 1_211_000.0,
            pixel_size: 20.0,
            height: 5_000,
            width: 5_000,
        };
        println!("{easting}: {} hidden", hidden(&folder, &grid, 100.0, 78.0));
    }
}
