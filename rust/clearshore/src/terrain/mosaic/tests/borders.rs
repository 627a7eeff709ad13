//! Where pieces of a DEM meet.

use super::*;

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
fn a_void_at_a_border_to_another_lattice_stays_unknown_as_far_as_it_reaches() {
    // Tenths of a degree in the east, thirtieths in the west; a void on the border and in the east of it.
    let void = |x: f64, y: f64| (8.0 - 1e-6..8.25).contains(&x) && (43.35..43.65).contains(&y);
    let height = |_: (i32, i32), x: f64, y: f64| {
        if void(x, y) {
            f64::NAN
        } else {
            plane((0, 0), x, y)
        }
    };
    let source = Cells {
        cell: |_, west| match west {
            7 => Cell::Shared(30, 30),
            _ => Cell::Shared(10, 10),
        },
        height,
    };
    let patch = patch_over(&source, [7.5, 43.0, 8.5, 44.0]).unwrap();
    let (mut known, mut unknown) = (0, 0);
    for (x, y, height) in nodes(&patch) {
        // In the west nodes stand for themselves; in the east a corner of the coarse cell may be in the void.
        let tenth = |position: f64, up: bool| {
            let tenths = position * 10.0;
            let tenths = if up {
                (tenths - 1e-6).ceil()
            } else {
                (tenths + 1e-6).floor()
            };
            tenths / 10.0
        };
        let expected = if x < 8.0 + 1e-6 {
            void(x, y)
        } else {
            [false, true].iter().any(|right| {
                [false, true]
                    .iter()
                    .any(|up| void(tenth(x, *right), tenth(y, *up)))
            })
        };
        assert_eq!(height.is_nan(), expected, "at {x} {y}");
        if expected {
            unknown += 1;
        } else {
            known += 1;
            assert!((height - plane((0, 0), x, y)).abs() < 1e-3);
        }
    }
    assert!(known > 300 && unknown > 50, "{known} {unknown}");
    assert!(patch.missing.is_empty());
}
