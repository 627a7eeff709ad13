//! Cells of one degree with known heights, put together.

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
fn a_patch_is_not_cut_at_the_antimeridian() {
    let height = |(_, west): (i32, i32), x: f64, y: f64| {
        let x = if west < 0 { x + 360.0 } else { x };
        plane((0, 0), x, y)
    };
    for cell in [
        Cell::Shared(10, 10),
        Cell::Copernicus(10, 10),
        Cell::Centred(10),
    ] {
        let source = Cells {
            cell: |_, _| cell,
            height,
        };
        let area = [178.63, -17.42, 181.37, -15.91];
        let patch = patch_over(&source, area).unwrap();
        assert_covers(&patch, area);
        assert_plane(&patch);
        let west = [-180.0, -17.42, -179.5, -15.91];
        let beside = patch_over(&source, west).unwrap();
        assert_covers(&beside, west);
        let (row, column) = beside.node_position(Geodetic::from_degrees(180.3, -16.5));
        assert!((beside.height(row, column) - plane((0, 0), 180.3, -16.5)).abs() < 1e-3);
    }
}

#[test]
fn lattices_that_differ_join_without_a_seam() {
    // Steps as of SRTM 1" and 3", as of Copernicus across 50 degrees, and with half a step between.
    let area = [9.35, 49.21, 11.6, 50.83];
    let pairs = [
        (Cell::Shared(30, 30), Cell::Shared(10, 10)),
        (Cell::Copernicus(30, 30), Cell::Copernicus(20, 30)),
        (Cell::Copernicus(30, 30), Cell::Centred(10)),
        (Cell::Centred(30), Cell::Centred(10)),
        (Cell::Centred(10), Cell::Shared(10, 10)),
        (Cell::Shared(30, 30), Cell::Copernicus(10, 10)),
    ];
    for (one, other) in pairs {
        for (a, b) in [(one, other), (other, one)] {
            whole_plane(|south, _| if south < 50 { a } else { b }, area);
            whole_plane(|_, west| if west < 10 { a } else { b }, area);
            whole_plane(
                |south, west| if (south + west) % 2 == 0 { a } else { b },
                area,
            );
        }
    }
}

#[test]
fn coarse_cells_are_sampled_on_their_own_bilinear_surface() {
    let rough = |_: (i32, i32), x: f64, y: f64| (x * 700.0).sin() * 90.0 + (y * 900.0).cos() * 80.0;
    let cell = |_, west| {
        Cell::Shared(
            if west < 8 { 30 } else { 10 },
            if west < 8 { 30 } else { 10 },
        )
    };
    let source = Cells {
        cell,
        height: rough,
    };
    let patch = patch_over(&source, [7.5, 43.2, 8.5, 43.8]).unwrap();
    assert!((patch.column_step - 1.0 / 30.0).abs() < 1e-12);
    for (x, y, height) in nodes(&patch) {
        let expected = if x < 8.0 + 1e-9 {
            rough((0, 0), x, y)
        } else {
            let (left, bottom) = (
                (x * 10.0 + 1e-9).floor() / 10.0,
                (y * 10.0 + 1e-9).floor() / 10.0,
            );
            let (right, up) = ((x - left) * 10.0, (y - bottom) * 10.0);
            let at = |x, y| rough((0, 0), x, y);
            (at(left, bottom) * (1.0 - right) + at(left + 0.1, bottom) * right) * (1.0 - up)
                + (at(left, bottom + 0.1) * (1.0 - right) + at(left + 0.1, bottom + 0.1) * right)
                    * up
        };
        assert!(
            (height - expected).abs() < 1e-3,
            "{height} at {x} {y}, not {expected}"
        );
    }
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

/// Heights that differ from cell to cell on the borders, with voids.
fn disagreeing(cell: (i32, i32), x: f64, y: f64) -> f64 {
    let hash = (x * 8.0).round() as i64 * 31
        + (y * 8.0).round() as i64 * 17
        + i64::from(cell.0) * 5
        + i64::from(cell.1) * 3;
    if hash % 7 == 0 { f64::NAN } else { hash as f64 }
}

/// Sea, missing cells and heights beside each other.
fn mixed(south: i32, west: i32) -> Cell {
    match (south + 2 * west).rem_euclid(5) {
        0 => Cell::Sea,
        1 => Cell::Missing,
        _ => Cell::Shared(8, 8),
    }
}

#[test]
fn a_shared_node_takes_the_first_known_height_from_north_and_east() {
    let source = Cells {
        cell: mixed,
        height: disagreeing,
    };
    let patch = patch_over(&source, [-2.0, -2.0, 3.0, 3.0]).unwrap();
    let (mut shared, mut voids) = (0, 0);
    for (x, y, height) in nodes(&patch) {
        // The cell or, on a border, the cells that have the node, the northern and the eastern first.
        let cells = |position: f64| {
            let cell = (position + 1e-9).floor() as i32;
            let on_border = (position - position.round()).abs() < 1e-9;
            std::iter::once(cell).chain(on_border.then_some(cell - 1))
        };
        let around: Vec<_> = cells(y)
            .flat_map(|south| cells(x).map(move |west| (south, west)))
            .collect();
        let known = around
            .iter()
            .filter(|(south, west)| matches!(mixed(*south, *west), Cell::Shared(..)))
            .map(|cell| disagreeing(*cell, x, y))
            .find(|height| !height.is_nan());
        let sea = around
            .iter()
            .any(|(south, west)| matches!(mixed(*south, *west), Cell::Sea));
        let expected = known.or(sea.then_some(0.0)).unwrap_or(f64::NAN);
        assert!(
            height == expected || (height.is_nan() && expected.is_nan()),
            "{height} at {x} {y}, not {expected}"
        );
        shared += usize::from(around.len() > 1);
        voids += usize::from(height.is_nan());
    }
    assert!(shared > 300 && voids > 300, "{shared} {voids}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn a_node_has_the_same_height_in_every_area(
        west in 0..20_i32, south in 0..20_i32, width in 1..20_i32, height in 1..20_i32,
    ) {
        let source = Cells { cell: mixed, height: disagreeing };
        let world = patch_over(&source, [-2.0, -2.0, 6.0, 6.0]).unwrap();
        let at = |eighths: i32| f64::from(eighths) / 8.0;
        let patch = patch_over(&source, [at(west), at(south), at(west + width), at(south + height)]).unwrap();
        prop_assume!((patch.column_step - world.column_step).abs() < 1e-9);
        for (x, y, height) in nodes(&patch) {
            let (row, column) = world.node_position(Geodetic::from_degrees(x, y));
            let other = f64::from(world.heights[[row.round() as usize, column.round() as usize]]);
            prop_assert!(height == other || (height.is_nan() && other.is_nan()), "{height} {other} at {x} {y}");
        }
    }
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
