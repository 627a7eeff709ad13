//! The sweep against closed forms and against a slow march in Earth-centred coordinates.

use super::control::{Block, Control};
use super::ellipsoid::radii;
use super::ground::Ground;
use super::penumbra::{SUN_RADIUS, visible_part};
use super::*;
use crate::scene::{AngleGrid, Direction, UtmZone, WGS84_EQUATORIAL_RADIUS, WGS84_FLATTENING};
use crate::terrain::{Content, Cover, DemFrame, Relief};
use crate::{ErrorKind, NoProgress};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// Pieces of the test sources: degrees, and nodes along a side (3 arcseconds).
const PIECE: f64 = 0.25;
const NODES: usize = 301;

type Height = dyn Fn(f64, f64) -> f32 + Sync;

/// Heights by metres east and north of an origin, at the nodes of pieces.
struct Hills<'a> {
    origin: Geodetic,
    height: &'a Height,
    /// By the piece's lower left corner, in pieces.
    is_missing: &'a (dyn Fn(i64, i64) -> bool + Sync),
    pieces: Mutex<HashMap<(i64, i64), Arc<DemPatch>>>,
}

impl<'a> Hills<'a> {
    fn new(longitude: f64, latitude: f64, height: &'a Height) -> Self {
        Self {
            origin: Geodetic {
                longitude: longitude.to_radians(),
                latitude: latitude.to_radians(),
            },
            height,
            is_missing: &|_, _| false,
            pieces: Mutex::default(),
        }
    }

    fn metres(&self, longitude: f64, latitude: f64) -> (f64, f64) {
        let (meridian, prime_vertical) = radii(self.origin.latitude);
        let longitude = longitude - self.origin.longitude.to_degrees();
        let longitude = (longitude + 180.0).rem_euclid(360.0) - 180.0;
        (
            longitude.to_radians() * prime_vertical * self.origin.latitude.cos(),
            (latitude - self.origin.latitude.to_degrees()).to_radians() * meridian,
        )
    }

    fn node(&self, column: i64, row: i64) -> f64 {
        let step = PIECE / (NODES - 1) as f64;
        let (east, north) = self.metres(column as f64 * step, row as f64 * step);
        f64::from((self.height)(east, north))
    }

    /// Height of the bilinear surface: independent of patches.
    fn surface(&self, place: Geodetic) -> f64 {
        let step = PIECE / (NODES - 1) as f64;
        let (x, y) = (
            place.longitude.to_degrees() / step,
            place.latitude.to_degrees() / step,
        );
        let (u, v) = (x - x.floor(), y - y.floor());
        let (column, row) = (x.floor() as i64, y.floor() as i64);
        let lower = self.node(column, row) * (1.0 - u) + self.node(column + 1, row) * u;
        let upper = self.node(column, row + 1) * (1.0 - u) + self.node(column + 1, row + 1) * u;
        lower * (1.0 - v) + upper * v
    }

    fn grid(&self, pixel_size: f64, side: usize) -> Grid {
        let zone = UtmZone::from_longitude_latitude(self.origin).unwrap();
        let (easting, northing) = zone.project(self.origin);
        let half = 0.5 * pixel_size * side as f64;
        Grid {
            zone,
            easting: easting - half,
            northing: northing + half,
            pixel_size,
            height: side,
            width: side,
        }
    }
}

impl DemSource for Hills<'_> {
    fn cover(&self, place: Geodetic) -> Result<Cover> {
        let index = |angle: f64| (angle.to_degrees() / PIECE + 1e-9).floor() as i64;
        let (column, row) = (index(place.longitude), index(place.latitude));
        let (west, south) = (column as f64 * PIECE, row as f64 * PIECE);
        let content = if (self.is_missing)(column, row) {
            Content::Missing(format!("piece {column} {row}"))
        } else {
            let mut pieces = self.pieces.lock().unwrap();
            let patch = pieces.entry((column, row)).or_insert_with(|| {
                let count = NODES as i64 - 1;
                let heights = Array2::from_shape_fn((NODES, NODES), |(i, j)| {
                    let node = (column * count + j as i64, (row + 1) * count - i as i64);
                    self.node(node.0, node.1) as f32
                });
                let step = PIECE / (NODES - 1) as f64;
                Arc::new(DemPatch {
                    frame: DemFrame::Geographic,
                    west,
                    north: south + PIECE,
                    column_step: step,
                    row_step: step,
                    heights,
                    missing: BTreeSet::new(),
                })
            });
            Content::Heights(patch.clone())
        };
        Ok(Cover {
            extent: [west, south, west + PIECE, south + PIECE],
            content,
        })
    }
}

fn uniform(elevation: f64, azimuth: f64) -> Light<'static> {
    Light::Uniform(Direction::from_degrees(90.0 - elevation, azimuth))
}

fn all() -> ReliefOptions {
    ReliefOptions {
        visibility: true,
        incidence: true,
        refraction: false,
    }
}

fn run(hills: &Hills<'_>, grid: &Grid, light: Light<'_>, options: ReliefOptions) -> ReliefShadow {
    relief_shadow(grid, light, hills, options, &NoProgress).unwrap()
}

fn has(bits: u8, bit: Relief) -> bool {
    bits & bit.bits() != 0
}

/// Ridges and hollows of some hundred metres, with kinks.
fn rough(east: f64, north: f64) -> f32 {
    let wave = |length: f64, azimuth: f64, phase: f64| {
        let along = east * azimuth.sin() + north * azimuth.cos();
        (along / length * std::f64::consts::TAU + phase).sin()
    };
    let ridge = 1.0 - wave(2_900.0, 0.4, 0.3).abs();
    let spurs = 1.0 - wave(1_300.0, 1.9, 1.1).abs();
    (700.0 * ridge * (0.4 + 0.6 * spurs)
        + 60.0 * wave(610.0, 2.7, 0.0)
        + 25.0 * wave(330.0, 0.9, 2.0)
        + 200.0) as f32
}

/// Earth-centred coordinates, metres.
fn earth_centred(place: Geodetic, height: f64) -> [f64; 3] {
    let e2 = WGS84_FLATTENING * (2.0 - WGS84_FLATTENING);
    let n = WGS84_EQUATORIAL_RADIUS / (1.0 - e2 * place.latitude.sin().powi(2)).sqrt();
    [
        (n + height) * place.latitude.cos() * place.longitude.cos(),
        (n + height) * place.latitude.cos() * place.longitude.sin(),
        (n * (1.0 - e2) + height) * place.latitude.sin(),
    ]
}

/// Place and height of Earth-centred coordinates (Bowring 1976).
fn geodetic([x, y, z]: [f64; 3]) -> (Geodetic, f64) {
    let (a, e2) = (
        WGS84_EQUATORIAL_RADIUS,
        WGS84_FLATTENING * (2.0 - WGS84_FLATTENING),
    );
    let b = a * (1.0 - WGS84_FLATTENING);
    let p = x.hypot(y);
    let theta = (z * a).atan2(p * b);
    let second = e2 / (1.0 - e2);
    let latitude = (z + second * b * theta.sin().powi(3)).atan2(p - e2 * a * theta.cos().powi(3));
    let n = a / (1.0 - e2 * latitude.sin().powi(2)).sqrt();
    let place = Geodetic {
        longitude: y.atan2(x),
        latitude,
    };
    (place, p / latitude.cos() - n)
}

/// How far the surface rises above the ray from a place toward the light, metres: the slow twin.
fn march_depth(hills: &Hills<'_>, place: Geodetic, elevation: f64, azimuth: f64, top: f64) -> f64 {
    const STEP: f64 = 4.0;
    let (azimuth, elevation) = (azimuth.to_radians(), elevation.to_radians());
    let start = earth_centred(place, hills.surface(place));
    let (sin_lat, cos_lat) = place.latitude.sin_cos();
    let (sin_lon, cos_lon) = place.longitude.sin_cos();
    let (east, north, up) = (
        azimuth.sin() * elevation.cos(),
        azimuth.cos() * elevation.cos(),
        elevation.sin(),
    );
    let ray = [
        -sin_lon * east - sin_lat * cos_lon * north + cos_lat * cos_lon * up,
        cos_lon * east - sin_lat * sin_lon * north + cos_lat * sin_lon * up,
        cos_lat * north + sin_lat * up,
    ];
    let mut depth = f64::NEG_INFINITY;
    let mut distance = 2.0;
    loop {
        let (place, height) = geodetic(std::array::from_fn(|i| start[i] + distance * ray[i]));
        if height > top {
            return depth;
        }
        depth = depth.max(hills.surface(place) - height);
        distance += STEP;
    }
}

/// Fewer than one pixel in a thousand differs from the slow march, knife edges of half a metre aside.
#[test]
fn rough_ground_is_shadowed_as_by_a_slow_march() {
    // Middle and edges of zones, both hemispheres, across the equator and the antimeridian, far north.
    let places = [
        (9.0, 45.0, 20.0, 160.0),
        (11.95, 61.3, 15.0, 95.0),
        (-71.9, -33.1, 15.0, 285.0),
        (20.7, 0.01, 25.0, 20.0),
        (179.99, -16.5, 20.0, 75.0),
        (-18.1, 69.9, 12.0, 215.0),
    ];
    for (longitude, latitude, elevation, azimuth) in places {
        let hills = Hills::new(longitude, latitude, &rough);
        let grid = hills.grid(20.0, 61);
        let shadow = run(
            &hills,
            &grid,
            uniform(elevation, azimuth),
            ReliefOptions::default(),
        );
        let (mut judged, mut differing, mut dark) = (0, 0, 0);
        for ((row, column), bits) in shadow.bits.indexed_iter() {
            let (easting, northing) = grid.pixel_centre(row, column);
            let place = grid.zone.geodetic(easting, northing);
            let depth = march_depth(&hills, place, elevation, azimuth, 1_000.0);
            assert!(!has(*bits, Relief::UNKNOWN));
            if depth.abs() < 0.5 {
                continue;
            }
            judged += 1;
            dark += usize::from(depth > 0.0);
            differing += usize::from(has(*bits, Relief::CAST) != (depth > 0.0));
        }
        assert!(judged > 3_000 && dark > 300, "{longitude}: {judged} {dark}");
        assert!(
            differing * 1_000 <= judged,
            "{longitude} {latitude}: {differing} of {judged}"
        );
    }
}

/// Columns of nodes west of the origin's stand high, the others low: the crest is at the last high column.
fn cliff_source(height: f32) -> impl Fn(f64, f64) -> f32 {
    move |east, _| if east < -1.0 { height } else { 0.0 }
}

/// Longitude of the crest of [`cliff_source`] in degrees, for an origin on a node.
fn crest(hills: &Hills<'_>) -> f64 {
    hills.origin.longitude.to_degrees() - PIECE / (NODES - 1) as f64
}

/// Metres over the ellipsoid from the crest eastward to a pixel, along the parallel.
fn from_crest(hills: &Hills<'_>, grid: &Grid, row: usize, column: usize) -> f64 {
    let (easting, northing) = grid.pixel_centre(row, column);
    let place = grid.zone.geodetic(easting, northing);
    let (_, prime_vertical) = radii(place.latitude);
    (place.longitude - crest(hills).to_radians()) * prime_vertical * place.latitude.cos()
}

/// Where the shadow of a height ends: (1 + h/R)(d tan e + d^2 (1 - k)/2R) = h.
fn throw(height: f64, elevation: f64, radius: f64, bending: f64) -> f64 {
    let drop = height / (1.0 + height / radius);
    let (slope, square) = (
        elevation.to_radians().tan(),
        (1.0 - bending) / (2.0 * radius),
    );
    (-slope + (slope * slope + 4.0 * square * drop).sqrt()) / (2.0 * square)
}

#[test]
fn a_cliffs_shadow_ends_where_the_round_earth_says() {
    // On the equator the parallel is a great circle; its radius is the equatorial one.
    for (height, elevation) in [(300.0, 15.0), (3_000.0, 10.0)] {
        let form = cliff_source(height);
        let hills = Hills::new(9.0, 0.0, &form);
        let grid = Grid {
            width: 1_900,
            height: 3,
            ..hills.grid(10.0, 3)
        };
        for (refraction, bending) in [(false, 0.0), (true, 0.13)] {
            let options = ReliefOptions {
                refraction,
                ..ReliefOptions::default()
            };
            let shadow = run(&hills, &grid, uniform(elevation, 270.0), options);
            let expected = throw(
                f64::from(height),
                elevation,
                WGS84_EQUATORIAL_RADIUS,
                bending,
            );
            for (column, bits) in shadow.bits.row(1).indexed_iter() {
                let distance = from_crest(&hills, &grid, 1, column);
                if distance > 2.0 && (distance - expected).abs() > 1.0 {
                    let is_dark = distance < expected;
                    assert_eq!(has(*bits, Relief::CAST), is_dark, "{distance} {expected}");
                }
            }
        }
    }
}

#[test]
fn the_penumbra_is_as_wide_as_the_sun() {
    let (height, elevation) = (577.35_f64, 30.0_f64);
    let form = cliff_source(height as f32);
    let hills = Hills::new(9.0, 0.0, &form);
    let grid = Grid {
        width: 700,
        height: 3,
        ..hills.grid(2.0, 3)
    };
    let shadow = run(&hills, &grid, uniform(elevation, 270.0), all());
    let visibility = shadow.sun_visibility.unwrap();
    let mut width = 0.0;
    for (column, part) in visibility.row(1).indexed_iter() {
        let distance = from_crest(&hills, &grid, 1, column);
        if distance < 150.0 {
            continue;
        }
        // The end of its shadow, solved for the elevation.
        let round = distance * distance / (2.0 * WGS84_EQUATORIAL_RADIUS);
        let drop = height / (1.0 + height / WGS84_EQUATORIAL_RADIUS);
        let horizon = ((drop - round) / distance).atan();
        let expected = visible_part(horizon - elevation.to_radians());
        assert!(
            (f64::from(*part) - expected).abs() < 0.002,
            "{distance}: {part} {expected}"
        );
        if *part > 0.0 && *part < 1.0 {
            width += grid.pixel_size;
        }
    }
    // 2 r h / sin^2 e
    let expected = 2.0 * SUN_RADIUS * height / elevation.to_radians().sin().powi(2);
    assert!((expected - 21.5).abs() < 0.1);
    assert!((width - expected).abs() <= 2.0 * grid.pixel_size, "{width}");
}

#[test]
fn flat_ground_is_lit() {
    for (longitude, latitude) in [(9.0, 45.0), (2.9, -60.0)] {
        let hills = Hills::new(longitude, latitude, &|_, _| 250.0);
        let shadow = run(&hills, &hills.grid(60.0, 300), uniform(8.0, 40.0), all());
        assert!(shadow.bits.iter().all(|bits| *bits == 0));
        assert!(
            shadow
                .sun_visibility
                .unwrap()
                .iter()
                .all(|part| *part == 1.0)
        );
        let expected = 8.0_f64.to_radians().sin() as f32;
        let incidence = shadow.cos_incidence.unwrap();
        assert!(
            incidence
                .iter()
                .all(|cosine| (cosine - expected).abs() < 1e-5)
        );
        assert!(shadow.missing.is_empty());
    }
}

#[test]
fn a_cones_shadow_is_its_tangent_wedge() {
    // A cone steeper than the light throws a shadow between the tangents from its tip's shadow to its foot.
    let (height, foot, elevation) = (800.0_f64, 1_000.0_f64, 20.0_f64);
    let form =
        move |east: f64, north: f64| (height * (1.0 - east.hypot(north) / foot)).max(0.0) as f32;
    let hills = Hills::new(9.0, 45.0, &form);
    let grid = hills.grid(20.0, 301);
    let shadow = run(
        &hills,
        &grid,
        uniform(elevation, 180.0),
        ReliefOptions::default(),
    );
    let tip = height / elevation.to_radians().tan();
    let (mut judged, mut differing) = (0, 0);
    for ((row, column), bits) in shadow.bits.indexed_iter() {
        let (easting, northing) = grid.pixel_centre(row, column);
        let place = grid.zone.geodetic(easting, northing);
        let (east, north) = hills.metres(place.longitude.to_degrees(), place.latitude.to_degrees());
        if east.hypot(north) < foot + 150.0 {
            continue;
        }
        // Tangents from (0, tip) touch the foot's circle at north = foot^2 / tip.
        let slope = foot / (tip * tip - foot * foot).sqrt();
        let edge = (tip - north) * slope;
        if (east.abs() - edge).abs() < 45.0 || (north - tip).abs() < 90.0 {
            continue;
        }
        judged += 1;
        let is_dark = north > foot * foot / tip && north < tip && east.abs() < edge;
        differing += usize::from(has(*bits, Relief::CAST) != is_dark);
    }
    assert!(judged > 50_000);
    assert!(differing * 2_000 < judged, "{differing} of {judged}");
}

#[test]
fn mirrored_ground_under_a_mirrored_sun_has_mirrored_shadows() {
    let mirrored = |east: f64, north: f64| rough(-east, north);
    let (hills, other) = (
        Hills::new(9.0, 45.0, &rough),
        Hills::new(9.0, 45.0, &mirrored),
    );
    let grid = hills.grid(20.0, 300);
    for azimuth in [20.0, 75.0, 110.0, 165.0] {
        let options = ReliefOptions::default();
        let shadow = run(&hills, &grid, uniform(20.0, azimuth), options);
        let mirror = run(&other, &grid, uniform(20.0, -azimuth), options);
        let mut flipped = mirror.bits;
        flipped.invert_axis(Axis(1));
        let pairs = shadow.bits.iter().zip(&flipped);
        let differing = pairs.filter(|(a, b)| a != b).count();
        assert!(
            differing * 10_000 < shadow.bits.len() * 5,
            "{azimuth}: {differing}"
        );
        assert!(
            shadow
                .bits
                .iter()
                .filter(|bits| has(**bits, Relief::CAST))
                .count()
                > 1_000
        );
    }
}

#[test]
fn slopes_have_the_incidence_of_planes() {
    let (by_east, by_north) = (0.35, -0.6);
    let plane = move |east: f64, north: f64| (2_000.0 + by_east * east + by_north * north) as f32;
    for (longitude, latitude) in [(11.9, 62.0), (-72.0, -33.0), (9.0, 0.1)] {
        let hills = Hills::new(longitude, latitude, &plane);
        let grid = hills.grid(20.0, 20);
        for (elevation, azimuth) in [(30.0_f64, 150.0_f64), (20.0, 330.0), (60.0, 80.0)] {
            let shadow = run(&hills, &grid, uniform(elevation, azimuth), all());
            let (elevation, azimuth) = (elevation.to_radians(), azimuth.to_radians());
            let climb = by_east * azimuth.sin() + by_north * azimuth.cos();
            let norm = (1.0_f64 + by_east * by_east + by_north * by_north).sqrt();
            let expected = (elevation.sin() - elevation.cos() * climb) / norm;
            for (cosine, bits) in shadow.cos_incidence.unwrap().iter().zip(&shadow.bits) {
                assert!(
                    (f64::from(*cosine) - expected).abs() < 1e-3,
                    "{cosine} {expected}"
                );
                assert_eq!(has(*bits, Relief::SELF), expected < 0.0);
            }
        }
    }
}

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
        first_row: 0.0,
        first_column: 0.0,
        row_step: 5_000.0,
        column_step: 5_000.0,
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
        let control = Control::new(&grid, uniform(20.0, azimuth), &block, 0.0).unwrap();
        let patch = patch_over(&hills, control.area(0.0, 1_000.0)).unwrap();
        let ground = Ground::new(&control, &patch, 0.0, false);
        let (steps, tracks) = ground.dim;
        for step in (1..steps - 1).step_by(37) {
            for track in (1..tracks - 1).step_by(41) {
                let [row, column] = ground.pixel(step, track);
                let (easting, northing) = grid.pixel_centre(row, column);
                let (row, column) = patch.node_position(grid.zone.geodetic(easting, northing));
                let exact = ground.orientation.turn(row, column);
                let (along, across) = ground.at(step, track).position;
                let error = (f64::from(along) + ground.window.along as f64 - exact.0)
                    .hypot(f64::from(across) + ground.window.across as f64 - exact.1);
                assert!(error < 0.01, "{step} {track}: {error}");
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
