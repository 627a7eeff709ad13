//! Cells of one degree with known heights, put together.

mod borders;

use super::super::Cover;
use super::*;
use crate::ErrorKind;
use crate::scene::UtmZone;
use proptest::prelude::*;
use std::sync::Arc;

/// What a cell of one degree is made of.
#[derive(Clone, Copy)]
enum Cell {
    /// Nodes per degree east and north, nodes on the southern and eastern borders too.
    Shared(usize, usize),
    /// As Copernicus: the first node on the western and northern border, none on the others.
    Copernicus(usize, usize),
    /// Nodes half a step within the borders.
    Centred(usize),
    Sea,
    Missing,
}

struct Cells<F, H> {
    cell: F,
    /// Height from south and west of the cell, longitude and latitude of the node.
    height: H,
}

impl<F: Fn(i32, i32) -> Cell + Sync, H: Fn((i32, i32), f64, f64) -> f64 + Sync> DemSource
    for Cells<F, H>
{
    fn cover(&self, place: Geodetic) -> Result<Cover> {
        let cell = |angle: f64| (angle.to_degrees() + 1e-12).floor();
        let (south, west) = (cell(place.latitude), cell(place.longitude));
        let index = (south as i32, west as i32);
        let patch = |columns: usize, rows: usize, shift: f64, extra: usize| {
            let (across, down) = (1.0 / columns as f64, 1.0 / rows as f64);
            let (left, top) = (west + shift * across, south + 1.0 - shift * down);
            let shape = (rows + extra, columns + extra);
            Content::Heights(Arc::new(DemPatch {
                frame: DemFrame::Geographic,
                west: left,
                north: top,
                column_step: across,
                row_step: down,
                heights: Array2::from_shape_fn(shape, |(row, column)| {
                    let (x, y) = (left + column as f64 * across, top - row as f64 * down);
                    (self.height)(index, x, y) as f32
                }),
                missing: BTreeSet::new(),
            }))
        };
        let content = match (self.cell)(index.0, index.1) {
            Cell::Shared(columns, rows) => patch(columns, rows, 0.0, 1),
            Cell::Copernicus(columns, rows) => patch(columns, rows, 0.0, 0),
            Cell::Centred(nodes) => patch(nodes, nodes, 0.5, 0),
            Cell::Sea => Content::Sea,
            Cell::Missing => Content::Missing(format!("{south}/{west}")),
        };
        Ok(Cover {
            extent: [west, south, west + 1.0, south + 1.0],
            content,
        })
    }
}

/// A plane is its own bilinear surface on every lattice.
fn plane(_: (i32, i32), longitude: f64, latitude: f64) -> f64 {
    200.0 + 40.0 * longitude - 30.0 * latitude
}

/// Longitude, latitude and height of all nodes.
fn nodes(patch: &DemPatch) -> impl Iterator<Item = (f64, f64, f64)> + '_ {
    patch.heights.indexed_iter().map(|((row, column), height)| {
        let x = patch.west + column as f64 * patch.column_step;
        let y = patch.north - row as f64 * patch.row_step;
        (x, y, f64::from(*height))
    })
}

fn assert_plane(patch: &DemPatch) {
    assert!(patch.missing.is_empty(), "{:?}", patch.missing);
    for (x, y, height) in nodes(patch) {
        let expected = plane((0, 0), x, y);
        assert!(
            (height - expected).abs() < 1e-3,
            "{height} at {x} {y}, not {expected}"
        );
    }
}

/// The lattice reaches around the area by less than a step.
fn assert_covers(patch: &DemPatch, [west, south, east, north]: [f64; 4]) {
    let (rows, columns) = patch.heights.dim();
    let right = patch.west + (columns - 1) as f64 * patch.column_step;
    let bottom = patch.north - (rows - 1) as f64 * patch.row_step;
    let beyond = [
        (west - patch.west) / patch.column_step,
        (right - east) / patch.column_step,
        (patch.north - north) / patch.row_step,
        (south - bottom) / patch.row_step,
    ];
    for steps in beyond {
        assert!((-1e-3..1.0).contains(&steps), "{beyond:?}");
    }
}

fn whole_plane(cell: impl Fn(i32, i32) -> Cell + Sync, area: [f64; 4]) -> DemPatch {
    let patch = patch_over(
        &Cells {
            cell,
            height: plane,
        },
        area,
    )
    .unwrap();
    assert_covers(&patch, area);
    assert_plane(&patch);
    patch
}

#[test]
fn cells_of_one_lattice_join_node_by_node() {
    // Over equator and meridian of Greenwich: north, south, west and east.
    let area = [-1.33, -0.71, 1.27, 1.05];
    let patch = whole_plane(|_, _| Cell::Shared(20, 20), area);
    assert_eq!(patch.heights.dim(), (37, 54));
    assert!((patch.west + 1.35).abs() < 1e-9 && (patch.north - 1.05).abs() < 1e-9);
    whole_plane(|_, _| Cell::Copernicus(20, 20), area);
    let patch = whole_plane(|_, _| Cell::Centred(20), area);
    assert!((patch.west + 1.375).abs() < 1e-9, "{}", patch.west);
}

#[test]
fn areas_that_end_on_borders_have_all_nodes() {
    let area = [7.0, 43.0, 8.0, 45.0];
    assert_eq!(
        whole_plane(|_, _| Cell::Shared(10, 10), area).heights.dim(),
        (21, 11)
    );
    assert_eq!(
        whole_plane(|_, _| Cell::Copernicus(10, 10), area)
            .heights
            .dim(),
        (21, 11)
    );
}

#[test]
fn sea_is_zero_and_what_is_missing_is_unknown_and_named() {
    let cell = |south, west| match (south, west) {
        (43, 7) => Cell::Shared(10, 10),
        (43, 8) => Cell::Sea,
        _ => Cell::Missing,
    };
    let source = Cells {
        cell,
        height: plane,
    };
    let patch = patch_over(&source, [7.2, 42.7, 8.4, 43.6]).unwrap();
    assert_eq!(patch.missing.iter().collect::<Vec<_>>(), ["42/7", "42/8"]);
    for (x, y, height) in nodes(&patch) {
        match () {
            () if y < 43.0 - 1e-6 => assert!(height.is_nan()),
            () if x < 8.0 + 1e-6 => assert!((height - plane((0, 0), x, y)).abs() < 1e-3),
            () => assert_eq!(height, 0.0),
        }
    }
    // Neighbours whose nodes are all known are not missed.
    let patch = patch_over(&source, [7.0, 43.0, 8.0, 44.0]).unwrap();
    assert!(patch.missing.is_empty() && patch.heights.iter().all(|height| !height.is_nan()));
    // Copernicus has the nodes of its southern border in the neighbour.
    let source = Cells {
        cell: |_, west| {
            if west == 7 {
                Cell::Copernicus(10, 10)
            } else {
                Cell::Missing
            }
        },
        height: plane,
    };
    let patch = patch_over(&source, [7.0, 43.0, 8.0, 44.0]).unwrap();
    assert_eq!(
        patch.missing.iter().collect::<Vec<_>>(),
        ["42/8", "43/8", "44/8"]
            .map(String::from)
            .iter()
            .collect::<Vec<_>>()
    );
    assert!(nodes(&patch).all(|(x, _, height)| height.is_nan() == (x > 7.95)));
}

#[test]
fn where_there_are_no_heights_at_all_there_is_still_a_patch() {
    let area = [7.2, 42.7, 7.4, 42.9];
    let sea = patch_over(
        &Cells {
            cell: |_, _| Cell::Sea,
            height: plane,
        },
        area,
    )
    .unwrap();
    assert_covers(&sea, area);
    assert!(sea.heights.iter().all(|height| *height == 0.0));
    let missing = patch_over(
        &Cells {
            cell: |_, _| Cell::Missing,
            height: plane,
        },
        area,
    )
    .unwrap();
    assert!(missing.heights.iter().all(|height| height.is_nan()));
    assert_eq!(missing.missing.iter().collect::<Vec<_>>(), ["42/7"]);
}

#[test]
fn beyond_the_outermost_nodes_of_all_pieces_nothing_is_known() {
    let source = Cells {
        cell: |south, west| {
            if (south, west) == (43, 7) {
                Cell::Centred(5)
            } else {
                Cell::Missing
            }
        },
        height: plane,
    };
    let patch = patch_over(&source, [6.99, 43.5, 7.01, 43.6]).unwrap();
    let (row, column) = patch.node_position(Geodetic::from_degrees(7.05, 43.55));
    assert!(patch.height(row, column).is_nan());
}

#[test]
fn a_source_in_utm_stays_in_utm() {
    struct Raster;
    const ZONE: u32 = 32_632;
    fn height(x: f64, y: f64) -> f64 {
        0.01 * (x - 400_000.0) + 0.02 * (y - 4_800_000.0)
    }
    impl DemSource for Raster {
        fn cover(&self, place: Geodetic) -> Result<Cover> {
            // Quarters of a degree, each cut out of one lattice of 500 m.
            let zone = UtmZone::from_epsg(ZONE)?;
            let cell = |angle: f64| (4.0 * angle.to_degrees()).floor() / 4.0;
            let (south, west) = (cell(place.latitude), cell(place.longitude));
            let (left, bottom) = zone.project(Geodetic::from_degrees(west, south));
            let left = ((left - 3_000.0) / 500.0).floor() * 500.0;
            let top = ((bottom + 32_000.0) / 500.0).floor() * 500.0;
            let shape = (70, 60);
            Ok(Cover {
                extent: [west, south, west + 0.25, south + 0.25],
                content: Content::Heights(Arc::new(DemPatch {
                    frame: DemFrame::Utm(zone),
                    west: left,
                    north: top,
                    column_step: 500.0,
                    row_step: 500.0,
                    heights: Array2::from_shape_fn(shape, |(row, column)| {
                        height(left + 500.0 * column as f64, top - 500.0 * row as f64) as f32
                    }),
                    missing: BTreeSet::new(),
                })),
            })
        }
    }
    let area = [7.33, 43.41, 8.12, 43.88];
    let patch = patch_over(&Raster, area).unwrap();
    let zone = UtmZone::from_epsg(ZONE).unwrap();
    assert_eq!(patch.frame, DemFrame::Utm(zone));
    for (longitude, latitude) in [
        (7.33, 43.41),
        (8.12, 43.41),
        (7.33, 43.88),
        (8.12, 43.88),
        (7.75, 43.66),
    ] {
        let place = Geodetic::from_degrees(longitude, latitude);
        let (row, column) = patch.node_position(place);
        let (x, y) = zone.project(place);
        assert!((patch.height(row, column) - height(x, y)).abs() < 1e-3);
        let back = patch.place(row, column);
        assert!((back.longitude - place.longitude).abs() < 1e-12);
        assert!((back.latitude - place.latitude).abs() < 1e-12);
    }
}

#[test]
fn absurd_areas_are_refused() {
    let source = Cells {
        cell: |_, _| Cell::Shared(10, 10),
        height: plane,
    };
    let kind = |area| patch_over(&source, area).unwrap_err().kind();
    for area in [
        [8.0, 43.0, 7.0, 44.0],
        [7.0, 44.0, 8.0, 43.0],
        [7.0, 43.0, f64::NAN, 44.0],
        [7.0, -91.0, 8.0, 44.0],
        [7.0, 43.0, 8.0, 90.5],
        [-180.0, 0.0, 180.0, 1.0],
        [400.0, 0.0, 401.0, 1.0],
    ] {
        assert_eq!(kind(area), ErrorKind::Parameter, "{area:?}");
    }
    let sea = Cells {
        cell: |_, _| Cell::Sea,
        height: plane,
    };
    let error = patch_over(&sea, [-170.0, -80.0, 170.0, 80.0]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Auxiliary);
    patch_over(&source, [7.0, 89.0, 8.0, 90.0]).unwrap();
}
