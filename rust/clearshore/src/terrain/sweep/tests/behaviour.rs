//! What is unknown, and what must not matter.

use super::*;

#[test]
fn what_unknown_heights_decide_is_unknown() {
    // Going north: ground without heights, a wall, a plain. The sun is in the south.
    let (wall, elevation) = (500.0_f64, 45.0_f64);
    let form = move |_: f64, north: f64| {
        if (-3_000.0..-2_800.0).contains(&north) {
            f32::NAN
        } else if (-1_500.0..-1_300.0).contains(&north) {
            wall as f32
        } else {
            0.0
        }
    };
    let hills = Hills::new(9.0, 45.0, &form);
    let grid = Grid {
        height: 1_300,
        width: 20,
        ..hills.grid(10.0, 20)
    };
    let grid = Grid {
        northing: grid.northing + 9_000.0,
        ..grid
    };
    let shadow = run(&hills, &grid, uniform(elevation, 180.0), all());
    let visibility = shadow.sun_visibility.unwrap();
    let incidence = shadow.cos_incidence.unwrap();
    for ((row, column), bits) in shadow.bits.indexed_iter() {
        let (easting, northing) = grid.pixel_centre(row, column);
        let place = grid.zone.geodetic(easting, northing);
        let (_, north) = hills.metres(9.0, place.latitude.to_degrees());
        let within = |from: f64, to: f64| north > from + 200.0 && north < to - 200.0;
        let bits = Relief::from_bits_retain(*bits);
        // The highest ground on Earth could stand in the gap, and would reach to -2800 + 8849 less the Earth's curve.
        if within(-1_300.0, -1_400.0 + wall) {
            assert_eq!(bits, Relief::CAST, "{north}");
            assert_eq!(visibility[[row, column]], 0.0);
        } else if within(-1_300.0 + wall, 6_030.0) || within(-3_000.0, -2_800.0) {
            assert_eq!(bits, Relief::UNKNOWN, "{north}");
            assert!(visibility[[row, column]].is_nan());
        } else if north > 6_200.0 || within(-4_200.0, -3_050.0) {
            assert_eq!(bits, Relief::empty(), "{north}");
            assert_eq!(visibility[[row, column]], 1.0);
            assert!(incidence[[row, column]] > 0.0);
        }
    }
    assert!(shadow.missing.is_empty());
}

#[test]
fn missing_pieces_are_named_where_pixels_depend_on_them() {
    let height = |_: f64, _: f64| 10.0;
    let mut hills = Hills::new(9.125, 45.05, &height);
    // The origin's piece is 36 180; the pieces in the south and north of it are missing.
    hills.is_missing = &|_, row| row == 179 || row == 181;
    let grid = hills.grid(20.0, 100);
    let shadow = run(
        &hills,
        &grid,
        uniform(45.0, 180.0),
        ReliefOptions::default(),
    );
    assert!(
        shadow
            .bits
            .iter()
            .all(|bits| *bits == Relief::UNKNOWN.bits())
    );
    assert_eq!(shadow.missing, ["piece 36 179"]);
    let shadow = run(&hills, &grid, uniform(45.0, 90.0), ReliefOptions::default());
    assert!(shadow.bits.iter().all(|bits| *bits == 0));
    assert!(shadow.missing.is_empty());
}

#[test]
fn a_far_mountain_reaches_a_plain() {
    // Nothing near the grid tells of it: 2500 m, 13 km to the west, its shadow at 10 degrees is 14 km long.
    let form =
        |east: f64, north: f64| (2_500.0 - 2.0 * (east + 13_000.0).hypot(north)).max(0.0) as f32;
    let hills = Hills::new(9.0, 45.0, &form);
    let grid = hills.grid(20.0, 31);
    let shadow = run(
        &hills,
        &grid,
        uniform(10.0, 270.0),
        ReliefOptions::default(),
    );
    assert!(has(shadow.bits[[15, 15]], Relief::CAST));
    let shadow = run(
        &hills,
        &grid,
        uniform(12.0, 270.0),
        ReliefOptions::default(),
    );
    assert!(!has(shadow.bits[[15, 15]], Relief::CAST));
}

#[test]
fn angles_on_a_grid_are_those_of_the_pixels() {
    let hills = Hills::new(11.8, 45.0, &rough);
    let grid = hills.grid(20.0, 200);
    let angles = |zenith: f64| AngleGrid {
        zenith: Array2::from_elem((3, 3), zenith.to_radians()),
        azimuth: Array2::from_elem((3, 3), 170.0_f64.to_radians()),
        nodes: Nodes::from_corner(5_000.0, 5_000.0),
    };
    let same = run(&hills, &grid, Light::Grid(&angles(65.0)), all());
    let uniform_light = run(&hills, &grid, uniform(25.0, 170.0), all());
    let pairs = same.bits.iter().zip(&uniform_light.bits);
    assert!(pairs.filter(|(a, b)| a != b).count() < 4);
    let nowhere = run(&hills, &grid, Light::Grid(&angles(f64::NAN)), all());
    assert!(
        nowhere
            .bits
            .iter()
            .all(|bits| *bits == Relief::UNKNOWN.bits())
    );
    let below = run(&hills, &grid, uniform(-3.0, 170.0), all());
    assert!(
        below
            .bits
            .iter()
            .all(|bits| *bits == Relief::UNKNOWN.bits())
    );
}

#[test]
fn threads_change_no_byte() {
    let hills = Hills::new(9.0, 45.0, &rough);
    let grid = hills.grid(50.0, 500);
    let threads = |count: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(count)
            .build()
            .unwrap();
        pool.install(|| run(&hills, &grid, uniform(20.0, 130.0), all()))
    };
    let (one, three) = (threads(1), threads(3));
    assert_eq!(one.bits, three.bits);
    let same = |a: Option<Array2<f32>>, b: Option<Array2<f32>>| {
        let (a, b) = (a.unwrap(), b.unwrap());
        a.iter().zip(&b).all(|(a, b)| a.to_bits() == b.to_bits())
    };
    assert!(same(one.sun_visibility, three.sun_visibility));
    assert!(same(one.cos_incidence, three.cos_incidence));
}

#[test]
fn what_else_is_asked_for_changes_no_bit() {
    let hills = Hills::new(9.0, 45.0, &rough);
    let grid = hills.grid(20.0, 300);
    let plain = run(
        &hills,
        &grid,
        uniform(20.0, 130.0),
        ReliefOptions::default(),
    );
    let whole = run(&hills, &grid, uniform(20.0, 130.0), all());
    assert_eq!(plain.bits, whole.bits);
    let visibility = whole.sun_visibility.unwrap();
    for (bits, part) in whole.bits.iter().zip(&visibility) {
        assert!((0.0..=1.0).contains(part));
        // Half of the disc and its middle go together, but for knife edges.
        assert!((*part < 0.6) || !has(*bits, Relief::CAST));
    }
}

#[test]
fn control_nodes_place_pixels_within_a_hundredth_of_a_node() {
    let hills = Hills::new(5.7, 71.5, &|_, _| 0.0);
    let grid = Grid {
        zone: UtmZone::from_epsg(32_631).unwrap(),
        ..hills.grid(10.0, 1_000)
    };
    let (easting, northing) = grid.zone.project(hills.origin);
    let grid = Grid {
        easting,
        northing,
        ..grid
    };
    let block = Block {
        rows: 0..1_000,
        columns: 0..1_000,
    };
    for azimuth in [10.0, 100.0, 190.0, 280.0] {
        let control = Control::new(&grid, uniform(20.0, azimuth), &block).unwrap();
        let patch = patch_over(&hills, control.area(0.0, 1_000.0)).unwrap();
        let ground = Ground::new(&control, &patch, 0.0, false);
        for row in (0..1_000).step_by(37) {
            for segment in ground.segments(row) {
                for (pixel, column) in segment.columns.clone().enumerate().step_by(13) {
                    let (easting, northing) = grid.pixel_centre(row, column);
                    let (row, column) = patch.node_position(grid.zone.geodetic(easting, northing));
                    let exact = ground.orientation.turn(row, column);
                    let (along, across) = segment.at(pixel).position;
                    let error = (f64::from(along) + ground.window.along as f64 - exact.0)
                        .hypot(f64::from(across) + ground.window.across as f64 - exact.1);
                    assert!(error < 0.01, "{row} {column}: {error}");
                }
            }
        }
    }
}

#[test]
fn a_cancelled_sweep_stops() {
    struct Impatient;
    impl Progress for Impatient {
        fn is_cancelled(&self) -> bool {
            true
        }
    }
    let hills = Hills::new(9.0, 45.0, &rough);
    let error = relief_shadow(
        &hills.grid(20.0, 50),
        uniform(20.0, 130.0),
        &hills,
        ReliefOptions::default(),
        &Impatient,
    );
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Cancelled);
}
