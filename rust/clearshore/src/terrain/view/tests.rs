//! Cliffs, whose hidden strips a formula gives, and the slow twin: a ray for every pixel.

use super::*;
use crate::scene::{Geodetic, Nodes, UtmZone};
use crate::terrain::{Content, Cover, DemFrame};
use crate::{ErrorKind, NoProgress};
use std::sync::Arc;

/// On the central meridian of zone 31: grid north is true north.
const EASTING: f64 = 500_000.0;
const NORTHING: f64 = 4_800_000.0;
const CLIFF: f64 = 100.0;
/// Width of the strip behind the cliff at 12 degrees from the vertical: 21.3 m.
const STRIP: f64 = CLIFF * 0.212_556_561_670;

/// One piece with heights, and what lies around it.
struct Ground {
    patch: Arc<DemPatch>,
    extent: [f64; 4],
    around: Content,
}

impl DemSource for Ground {
    fn cover(&self, place: Geodetic) -> Result<Cover> {
        let [west, south, east, north] = self.extent;
        let (x, y) = (place.longitude.to_degrees(), place.latitude.to_degrees());
        let part = |value: f64, low: f64, high: f64, least: f64, greatest: f64| match value {
            value if value < low => (least, low),
            value if value < high => (low, high),
            _ => (high, greatest),
        };
        let (left, right) = part(x, west, east, -180.0, 180.0);
        let (bottom, top) = part(y, south, north, -90.0, 90.0);
        let extent = [left, bottom, right, top];
        let content = if extent == self.extent {
            Content::Heights(self.patch.clone())
        } else {
            self.around.clone()
        };
        Ok(Cover { extent, content })
    }
}

/// Nodes so many metres apart, 6 km a side, with heights by metres east and north of the middle.
fn utm_ground(step: f64, around: Content, height: impl Fn(f64, f64) -> f64) -> Ground {
    let zone = UtmZone::from_epsg(32_631).unwrap();
    let half = 3_000.0;
    let side = (2.0 * half / step) as usize + 1;
    let metres = |node: usize| node as f64 * step - half;
    let heights = Array2::from_shape_fn((side, side), |(row, column)| {
        height(metres(column), -metres(row)) as f32
    });
    let corner = |east: f64, north: f64| {
        let place = zone.geodetic(EASTING + east, NORTHING + north);
        [place.longitude.to_degrees(), place.latitude.to_degrees()]
    };
    let inner = half - 100.0;
    let ([west, south], [east, north]) = (corner(-inner, -inner), corner(inner, inner));
    Ground {
        patch: Arc::new(DemPatch {
            frame: DemFrame::Utm(zone),
            west: EASTING - half,
            north: NORTHING + half,
            column_step: step,
            row_step: step,
            heights,
            missing: BTreeSet::new(),
        }),
        extent: [west, south, east, north],
        around,
    }
}

/// A table mountain from 0 to 200 m east of the middle; its flanks are one step wide, outside of it.
fn table(east: f64, _: f64) -> f64 {
    if (0.0..=200.0).contains(&east) {
        CLIFF
    } else {
        0.0
    }
}

/// So many rows of 1 m around the middle, from so many metres west of it.
fn grid(west: f64, height: usize, width: usize) -> Grid {
    Grid {
        zone: UtmZone::from_epsg(32_631).unwrap(),
        easting: EASTING - west,
        northing: NORTHING + 0.5 * height as f64,
        pixel_size: 1.0,
        height,
        width,
    }
}

fn from_west() -> Direction {
    Direction::from_degrees(12.0, 270.0)
}

fn from_east() -> Direction {
    Direction::from_degrees(12.0, 90.0)
}

fn mean(direction: Direction) -> View<'static> {
    View {
        mean: Some(direction),
        ..View::default()
    }
}

fn angles(at: impl Fn(usize, usize) -> Direction) -> AngleGrid {
    let shape = (4, 4);
    AngleGrid {
        zenith: Array2::from_shape_fn(shape, |(row, column)| at(row, column).zenith),
        azimuth: Array2::from_shape_fn(shape, |(row, column)| at(row, column).azimuth),
        nodes: Nodes::from_corner(200.0, 200.0),
    }
}

fn nowhere() -> Direction {
    Direction {
        zenith: f64::NAN,
        azimuth: f64::NAN,
    }
}

fn look(grid: &Grid, view: &View<'_>, source: &dyn DemSource) -> ViewOcclusion {
    view_occlusion(grid, view, source, &NoProgress).unwrap()
}

/// Metres east of the middle.
fn east(grid: &Grid, column: usize) -> f64 {
    grid.pixel_centre(0, column).0 - EASTING
}

fn is_behind_west(east: f64) -> bool {
    -STRIP < east && east < 0.0
}

fn is_behind_east(east: f64) -> bool {
    200.0 < east && east < 200.0 + STRIP
}

#[test]
fn a_cliff_hides_the_strip_behind_it() {
    let ground = utm_ground(10.0, Content::Sea, table);
    let grid = grid(100.0, 40, 400);
    for (direction, expected) in [
        (from_east(), is_behind_west as fn(f64) -> bool),
        (from_west(), is_behind_east),
        (Direction::from_degrees(0.0, 90.0), |_| false),
        // Along the cliffs, and not steep enough.
        (Direction::from_degrees(12.0, 0.0), |_| false),
        (Direction::from_degrees(5.0, 90.0), |_| false),
    ] {
        let occlusion = look(&grid, &mean(direction), &ground);
        for ((row, column), is_hidden) in occlusion.hidden.indexed_iter() {
            let east = east(&grid, column);
            assert_eq!(*is_hidden, expected(east), "{direction:?} {row} {east}");
        }
        assert!(occlusion.missing.is_empty());
    }
}

#[test]
fn a_high_cliff_hides_ground_far_from_anything_steep() {
    let ground = utm_ground(10.0, Content::Sea, |east, _| {
        if east >= 0.0 { 50.0 * CLIFF } else { 0.0 }
    });
    let grid = Grid {
        pixel_size: 10.0,
        ..grid(1_300.0, 40, 150)
    };
    let occlusion = look(&grid, &mean(from_east()), &ground);
    for ((_, column), is_hidden) in occlusion.hidden.indexed_iter() {
        let east = east(&grid, column);
        assert_eq!(*is_hidden, -50.0 * STRIP < east && east < 0.0, "{east}");
    }
}

#[test]
fn each_detector_looks_its_own_way() {
    let ground = utm_ground(10.0, Content::Sea, table);
    let grid = grid(100.0, 60, 400);
    let detectors = Array2::from_shape_fn(grid.shape(), |(row, _)| [3, 4, 0, 5, 6, 7][row / 10]);
    let (three, four) = (angles(|_, _| from_east()), angles(|_, _| from_west()));
    let (five, six) = (
        angles(|_, _| nowhere()),
        angles(|_, _| Direction::from_degrees(75.0, 90.0)),
    );
    let view = View {
        detectors: Some(&detectors),
        grids: [(3, &three), (4, &four), (5, &five), (6, &six)].into(),
        mean: Some(from_west()),
    };
    let occlusion = look(&grid, &view, &ground);
    for ((row, column), is_hidden) in occlusion.hidden.indexed_iter() {
        let east = east(&grid, column);
        let expected = match row / 10 {
            0 => is_behind_west(east),
            // Too far from the vertical.
            4 => false,
            // Without a detector, or without its directions, the mean is taken.
            _ => is_behind_east(east),
        };
        assert_eq!(*is_hidden, expected, "{row} {east}");
    }
}

#[test]
fn unknown_ground_hides_nothing_and_missing_cells_are_named() {
    let missing = || Content::Missing("N43E003".to_owned());
    let wide = |height: fn(f64, f64) -> f64| utm_ground(10.0, missing(), height);
    // 10 m beyond the middle of the grid begins what is not known; the cliff is in the known part.
    let edge = 2_900.0;
    let grid = grid(-2_600.0, 4, 310);
    let ground = wide(|east, _| if east > 2_700.0 { CLIFF } else { 0.0 });
    let occlusion = look(&grid, &mean(from_east()), &ground);
    assert_eq!(occlusion.missing, ["N43E003"]);
    for ((_, column), is_hidden) in occlusion.hidden.indexed_iter() {
        let east = east(&grid, column);
        // The crest is the first high node.
        let is_behind = (2_710.0 - STRIP..2_710.0).contains(&east);
        assert_eq!(*is_hidden, is_behind && east < edge, "{east}");
    }
    // Toward known ground, or too far for the highest mountain.
    let near = Grid { width: 200, ..grid };
    assert!(look(&near, &mean(from_west()), &ground).missing.is_empty());
    let far = Grid {
        easting: EASTING,
        ..near
    };
    assert!(look(&far, &mean(from_east()), &ground).missing.is_empty());
    // A void is nobody's cell.
    let void = wide(|east, _| match east {
        50.0..60.0 => f64::NAN,
        100.0..300.0 => CLIFF,
        _ => 0.0,
    });
    let occlusion = look(&far, &mean(from_east()), &void);
    assert!(occlusion.missing.is_empty());
    for ((_, column), is_hidden) in occlusion.hidden.indexed_iter() {
        let east = east(&far, column);
        let is_behind = (100.0 - STRIP..100.0).contains(&east);
        assert_eq!(*is_hidden, is_behind, "{east}");
    }
    // Nothing is known, and nobody looks.
    let nothing = wide(|_, _| f64::NAN);
    assert!(
        !look(&far, &mean(from_east()), &nothing)
            .hidden
            .iter()
            .any(|hidden| *hidden)
    );
    let blind = look(&far, &View::default(), &ground);
    assert!(blind.missing.is_empty() && !blind.hidden.iter().any(|hidden| *hidden));
}

/// Hills of some hundred metres, as mountains have them.
fn gentle(east: f64, north: f64) -> f64 {
    600.0 + 400.0 * (east / 300.0).sin() * (north / 410.0).cos() + 50.0 * (0.02 * east).sin()
}

/// Towers and pits of a few nodes in gentle ground.
fn towers(east: f64, north: f64) -> f64 {
    let hash =
        ((east / 40.0).floor() * 12.989_8 + (north / 60.0).floor() * 78.233).sin() * 43_758.5;
    let noise = hash - hash.floor();
    0.1 * gentle(east, north) + if noise > 0.97 { 260.0 * noise } else { 0.0 }
}

#[test]
fn mountains_hide_nothing_from_msi() {
    let ground = utm_ground(30.0, Content::Sea, gentle);
    let grid = Grid {
        pixel_size: 10.0,
        ..grid(900.0, 180, 180)
    };
    for azimuth in [10.0, 100.0, 200.0, 290.0] {
        let view = mean(Direction::from_degrees(12.0, azimuth));
        assert!(
            !look(&grid, &view, &ground)
                .hidden
                .iter()
                .any(|hidden| *hidden)
        );
        let steep = SteepGround::of(&ground.patch, 12_f64.to_radians());
        assert!(steep.is_empty());
    }
}

/// The same by rays alone, over the whole patch.
fn by_rays(grid: &Grid, view: &View<'_>, patch: &DemPatch) -> Array2<bool> {
    let tracer = RayTracer::new(patch).with_free_edge();
    Array2::from_shape_fn(grid.shape(), |(row, column)| {
        let (easting, northing) = grid.pixel_centre(row, column);
        let place = grid.zone.geodetic(easting, northing);
        view.at(grid, row, column).is_some_and(|direction| {
            matches!(tracer.line_of_sight(place, direction), Sight::Blocked(_))
                || tracer.incidence(place, direction) < 0.0
        })
    })
}

/// Detectors in oblique stripes whose directions turn by tens of degrees, as they do near the vertical.
fn swirl() -> (Array2<u8>, [AngleGrid; 2]) {
    let detectors = Array2::from_shape_fn((150, 170), |(row, column)| {
        1 + ((row / 3 + column) / 40 % 2) as u8
    });
    let first = angles(|row, column| {
        let (row, column) = (row as f64, column as f64);
        Direction::from_degrees(1.0 + 3.0 * column, 40.0 * row + 20.0 * column)
    });
    let second = angles(|row, column| {
        let (row, column) = (row as f64, column as f64);
        Direction::from_degrees(12.0 - row, 200.0 - 15.0 * row + 30.0 * column)
    });
    (detectors, [first, second])
}

fn swirl_grid() -> Grid {
    Grid {
        pixel_size: 4.0,
        ..grid(340.0, 150, 170)
    }
}

#[test]
fn rays_for_all_pixels_say_the_same() {
    let (detectors, [first, second]) = swirl();
    let view = View {
        detectors: Some(&detectors),
        grids: [(1, &first), (2, &second)].into(),
        mean: None,
    };
    let grid = swirl_grid();
    for step in [8.0, 20.0] {
        let ground = utm_ground(step, Content::Sea, towers);
        let hidden = look(&grid, &view, &ground).hidden;
        assert_eq!(hidden, by_rays(&grid, &view, &ground.patch));
        let count = hidden.iter().filter(|hidden| **hidden).count();
        assert!((50..hidden.len() / 5).contains(&count), "{count}");
    }
    // A DEM in degrees, far north, where its columns are near each other.
    let zone = UtmZone::from_epsg(32_631).unwrap();
    let north = Grid {
        northing: 7_800_000.0,
        easting: EASTING + 90_000.0,
        ..grid
    };
    let corner = zone.geodetic(north.easting, north.northing);
    let (step, side) = (1.0 / 7_200.0, 1_000);
    let ground = Ground {
        patch: Arc::new(DemPatch {
            frame: DemFrame::Geographic,
            west: corner.longitude.to_degrees() - 0.06,
            north: corner.latitude.to_degrees() + 0.06,
            column_step: step,
            row_step: step,
            heights: Array2::from_shape_fn((side, side), |(row, column)| {
                towers(4.0 * column as f64, 15.0 * row as f64) as f32
            }),
            missing: BTreeSet::new(),
        }),
        extent: [
            corner.longitude.to_degrees() - 0.06,
            corner.latitude.to_degrees() - 0.07,
            corner.longitude.to_degrees() + 0.07,
            corner.latitude.to_degrees() + 0.06,
        ],
        around: Content::Sea,
    };
    let hidden = look(&north, &view, &ground).hidden;
    assert_eq!(hidden, by_rays(&north, &view, &ground.patch));
    assert!(hidden.iter().filter(|hidden| **hidden).count() > 50);
}

#[test]
fn ground_across_the_antimeridian_is_looked_at() {
    let zone = UtmZone::from_epsg(32_701).unwrap();
    let (easting, northing) = zone.project(Geodetic::from_degrees(-179.999, -17.0));
    let grid = Grid {
        zone,
        easting: easting - 500.0,
        northing,
        pixel_size: 10.0,
        height: 20,
        width: 100,
    };
    let [west, south, east, north] = area(&grid, (0, 0), grid.shape(), 2_000.0);
    assert!((-180.0..180.0).contains(&west) && west < east && east - west < 0.1);
    assert!(west > 179.9 && east > 180.0, "{west} {east}");
    assert!(south < -17.018 && north > -16.982, "{south} {north}");
    let patch = patch_over(&Sea, [west, south, east, north]).unwrap();
    for (row, column) in [(0, 0), (0, 99), (19, 0), (19, 99)] {
        let (easting, northing) = grid.pixel_centre(row, column);
        let (row, column) = patch.node_position(zone.geodetic(easting, northing));
        assert_eq!(patch.height(row, column), 0.0);
    }
    assert!(
        !look(&grid, &mean(from_east()), &Sea)
            .hidden
            .iter()
            .any(|hidden| *hidden)
    );
}

struct Sea;

impl DemSource for Sea {
    fn cover(&self, place: Geodetic) -> Result<Cover> {
        let (x, y) = (
            place.longitude.to_degrees().floor(),
            place.latitude.to_degrees().floor(),
        );
        Ok(Cover {
            extent: [x, y, x + 1.0, y + 1.0],
            content: Content::Sea,
        })
    }
}

#[test]
fn threads_change_nothing() {
    let (detectors, [first, second]) = swirl();
    let view = View {
        detectors: Some(&detectors),
        grids: [(1, &first), (2, &second)].into(),
        mean: None,
    };
    let ground = utm_ground(20.0, Content::Sea, towers);
    let threads = |count: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(count).build();
        let pool = pool.unwrap();
        pool.install(|| look(&swirl_grid(), &view, &ground).hidden)
    };
    assert_eq!(threads(1), threads(3));
}

#[test]
fn a_cancelled_look_stops() {
    struct Impatient;
    impl Progress for Impatient {
        fn is_cancelled(&self) -> bool {
            true
        }
    }
    let ground = utm_ground(20.0, Content::Sea, towers);
    let error = view_occlusion(&swirl_grid(), &mean(from_east()), &ground, &Impatient);
    assert_eq!(error.unwrap_err().kind(), ErrorKind::Cancelled);
}
