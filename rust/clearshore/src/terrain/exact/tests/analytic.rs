//! Hits and angles that a formula gives.

use super::{degrees, patch, place_at};
use crate::scene::{Direction, Geodetic};
use crate::terrain::DemPatch;
use crate::terrain::exact::{LEAST_DISTANCE, RayTracer, Sight};
use approx::assert_abs_diff_eq;

const EQUATORIAL: f64 = 6_378_137.0;
const FLATTENING: f64 = 1.0 / 298.257_223_563;

/// Radius of curvature in the prime vertical, metres.
fn prime_vertical(latitude: f64) -> f64 {
    EQUATORIAL
        / (1.0 - FLATTENING * (2.0 - FLATTENING) * latitude.to_radians().sin().powi(2)).sqrt()
}

fn sight(patch: &DemPatch, row: f64, column: f64, azimuth: f64, elevation: f64) -> Sight {
    RayTracer::new(patch).line_of_sight(
        place_at(patch, row, column),
        Direction::from_degrees(90.0 - elevation, azimuth),
    )
}

#[test]
fn flat_ground_hides_nothing() {
    for utm in [false, true] {
        let patch = patch(degrees(7.0, 44.0), utm, 30.0, 101, |_, _| 250.0);
        for azimuth in 0..36 {
            for elevation in [0.05, 1.0, 30.0, 90.0] {
                let sight = sight(&patch, 50.3, 49.8, f64::from(azimuth) * 10.0, elevation);
                assert_eq!(sight, Sight::Free);
            }
        }
        // Below the horizon there is the ground.
        let below = sight(&patch, 50.3, 49.8, 90.0, -0.5);
        assert!(matches!(below, Sight::Blocked(_)), "{below:?}");
    }
}

#[test]
fn a_wall_in_the_east_is_met_where_the_line_says() {
    // On the equator a ray to the east stays on it: plane geometry around a circle.
    const STEP: f64 = 0.001;
    const WALL: f64 = 60.0;
    let mut patch = patch(degrees(20.0, 0.0), false, 100.0, 201, |_, column| {
        if column > 150 { WALL } else { 0.0 }
    });
    patch.column_step = STEP;
    patch.west = 20.0 - 100.0 * STEP;
    for elevation in [0.2f64, 0.5, 1.0, 3.0, 20.0] {
        let (sin, cos) = elevation.to_radians().sin_cos();
        for from in [100.0, 130.5, 149.25, 150.0] {
            // Angle at the Earth's centre and height at a distance along the ray.
            let angle = |t: f64| (t * cos).atan2(EQUATORIAL + t * sin);
            let height = |t: f64| (t * cos).hypot(EQUATORIAL + t * sin) - EQUATORIAL;
            let wall =
                |t: f64| WALL * (angle(t).to_degrees() / STEP - (150.0 - from)).clamp(0.0, 1.0);
            let (mut low, mut high) = (LEAST_DISTANCE, 1.2e4);
            let begins_free = height(low) > wall(low);
            // The foot of the wall is the first point that can block; its top is the best one.
            let top_angle = ((151.0 - from) * STEP).to_radians();
            let top = EQUATORIAL * top_angle.sin() / (elevation.to_radians() + top_angle).cos();
            let sight = sight(&patch, 100.4, from, 90.0, elevation);
            if height(top) > WALL && begins_free {
                assert_eq!(sight, Sight::Free, "{elevation} {from}");
                continue;
            }
            high = top.min(high);
            for _ in 0..80 {
                let middle = 0.5 * (low + high);
                if height(middle) > wall(middle) {
                    low = middle
                } else {
                    high = middle
                }
            }
            let Sight::Blocked(hit) = sight else {
                panic!("{elevation} {from}: {sight:?}");
            };
            let expected = if begins_free { high } else { LEAST_DISTANCE };
            assert_abs_diff_eq!(hit.distance, expected, epsilon = 1e-3);
            assert_abs_diff_eq!(hit.height, wall(expected), epsilon = 1e-3);
            let east = hit.place.longitude - place_at(&patch, 100.4, from).longitude;
            assert_abs_diff_eq!(
                east * EQUATORIAL,
                angle(expected) * EQUATORIAL,
                epsilon = 1e-3
            );
        }
    }
}

#[test]
fn a_mountain_far_away_sinks_below_the_horizon() {
    // 150 km away the ground lies d^2 / 2 R = 1.76 km below the horizontal plane.
    let distance: f64 = 150_000.0;
    for (utm, latitude, azimuth) in [
        (false, 44.0f64, 0.0),
        (false, -44.0, 180.0),
        (true, 10.0, 0.0),
    ] {
        let away = if azimuth == 0.0 { distance } else { -distance };
        let meridian = 111_132.95 - 559.85 * (2.0 * latitude).to_radians().cos();
        let mut patch = patch(degrees(9.0, latitude), utm, 300.0, 1_101, |_, _| 0.0);
        let scale = if utm { 0.9996 } else { 1.0 / meridian };
        let start = place_at(&patch, 550.0, 550.0);
        let row = 550.0 - away * scale / patch.row_step;
        let peak = row.round();
        // A ridge across.
        for column in 0..1_101 {
            patch.heights[[peak as usize, column]] = 3_000.0;
        }
        let ground = distance * (peak - 550.0).abs() / (row - 550.0).abs();
        let sin = latitude.to_radians().sin();
        let eccentricity = FLATTENING * (2.0 - FLATTENING);
        let radius = EQUATORIAL * (1.0 - eccentricity) / (1.0 - eccentricity * sin * sin).powf(1.5);
        // Elevation of the ridge on a sphere; the radius changes by 0.1 % on the way.
        let angle = ground / radius;
        let ridge = ((angle.cos() * (radius + 3_000.0) - radius)
            / (angle.sin() * (radius + 3_000.0)))
            .atan()
            .to_degrees();
        assert!((0.4..0.6).contains(&ridge), "{ridge}");
        for (elevation, is_free) in [(ridge - 0.002, false), (ridge + 0.002, true)] {
            let sight = RayTracer::new(&patch)
                .line_of_sight(start, Direction::from_degrees(90.0 - elevation, azimuth));
            assert_eq!(
                sight == Sight::Free,
                is_free,
                "{utm} {latitude} {elevation} {sight:?}"
            );
            assert_eq!(matches!(sight, Sight::Blocked(_)), !is_free);
        }
    }
}

#[test]
fn the_shadow_of_a_cone_has_the_length_of_its_height_over_the_tangent() {
    const STEP: f64 = 10.0;
    const PEAK: f64 = 400.0;
    const RADIUS: f64 = 600.0;
    for (utm, latitude) in [(false, 0.0), (true, 45.0), (true, -33.0)] {
        let patch = patch(degrees(9.0, latitude), utm, STEP, 501, |row, column| {
            let away = (row as f64 - 250.0).hypot(column as f64 - 250.0) * STEP;
            (PEAK * (1.0 - away / RADIUS)).max(0.0)
        });
        let scale = if utm {
            0.9996
        } else {
            DEGREE_RADIUS / EQUATORIAL
        };
        let elevation: f64 = 15.0;
        // The tip is where the ray through the peak meets the ground: PEAK = t sin e + (t cos e)^2 / 2 R.
        let curve = 0.5 * elevation.to_radians().cos().powi(2) / prime_vertical(latitude);
        let sin = elevation.to_radians().sin();
        let mut slant = PEAK / sin;
        for _ in 0..9 {
            slant = (PEAK - curve * slant * slant) / sin;
        }
        let tip = slant * elevation.to_radians().cos() * scale / STEP;
        // The ridge lines to the four sides are lines of nodes: exactly the cone's.
        let blocked = |column: f64| sight(&patch, 250.0, column, 90.0, elevation) != Sight::Free;
        assert!(blocked(250.0 - tip + 0.1), "{utm} {latitude}");
        assert!(!blocked(250.0 - tip - 0.1), "{utm} {latitude}");
        let Sight::Blocked(hit) = sight(&patch, 250.0, 250.0 - tip + 5.0, 90.0, elevation) else {
            panic!("not blocked");
        };
        assert!(hit.height < PEAK && hit.height > PEAK - 25.0, "{hit:?}");
    }
}

/// Radius of the sphere whose degrees the patches' steps are counted in, metres.
const DEGREE_RADIUS: f64 = super::DEGREE * 180.0 / std::f64::consts::PI;

#[test]
fn the_cosine_of_incidence_is_that_of_the_slope() {
    // Slopes in metres per metre of ground to the east and to the north, at the patch's middle.
    for (east, north) in [(0.0f64, 0.0f64), (0.3, 0.0), (0.0, -0.5), (0.7, 0.4)] {
        let plane = |row: usize, column: usize, x: f64, y: f64| {
            east * x * (column as f64 - 10.0) - north * y * (row as f64 - 10.0)
        };
        // One node is so many metres of ground on the equator; on UTM's central meridian, grid over 0.9996.
        let eccentricity = FLATTENING * (2.0 - FLATTENING);
        let (x, y) = (
            30.0 * EQUATORIAL / DEGREE_RADIUS,
            30.0 * EQUATORIAL * (1.0 - eccentricity) / DEGREE_RADIUS,
        );
        let grid = 30.0 / 0.9996;
        let geographic = patch(degrees(-70.0, 0.0), false, 30.0, 21, |r, c| {
            plane(r, c, x, y)
        });
        let utm = patch(degrees(9.0, 50.0), true, 30.0, 21, |r, c| {
            plane(r, c, grid, grid)
        });
        for (azimuth, elevation) in [(10.0f64, 20.0f64), (135.0, 45.0), (250.0, 5.0), (0.0, 90.0)] {
            let (sin, cos) = elevation.to_radians().sin_cos();
            let (to_east, to_north) = azimuth.to_radians().sin_cos();
            let expected = (sin - cos * (east * to_east + north * to_north))
                / (1.0 + east * east + north * north).sqrt();
            for patch in [&geographic, &utm] {
                let cosine = RayTracer::new(patch).incidence(
                    place_at(patch, 10.0, 10.0),
                    Direction::from_degrees(90.0 - elevation, azimuth),
                );
                assert_abs_diff_eq!(cosine, expected, epsilon = 1e-5);
            }
        }
    }
}

#[test]
fn the_convergence_of_the_meridians_turns_the_slope() {
    // Three degrees east of the central meridian at 60 north, grid north is 2.6 degrees east of true north.
    let patch = patch(degrees(11.9, 60.0), true, 30.0, 21, |row, _| {
        -10.0 * row as f64
    });
    let (mut steepest, mut least) = (0.0, f64::INFINITY);
    for azimuth in -500..500 {
        let azimuth = 0.01 * f64::from(azimuth);
        let cosine = RayTracer::new(&patch).incidence(
            place_at(&patch, 10.0, 10.0),
            Direction::from_degrees(80.0, azimuth),
        );
        if cosine < least {
            (least, steepest) = (cosine, azimuth);
        }
    }
    let expected = (2.9f64.to_radians().tan() * 60f64.to_radians().sin())
        .atan()
        .to_degrees();
    assert_abs_diff_eq!(steepest, expected, epsilon = 0.02);
}

#[test]
fn what_is_not_known_is_unknown() {
    let unknown = |heights: &dyn Fn(usize, usize) -> f64, column: f64, elevation: f64| {
        let patch = patch(degrees(7.0, 44.0), true, 30.0, 41, heights);
        sight(&patch, 20.0, column, 90.0, elevation)
    };
    let high = |column: usize| if column == 35 { 400.0 } else { 0.0 };
    let void = |_: usize, column: usize| if column == 20 { f64::NAN } else { high(column) };
    // The void lies before the wall: below the wall's top the answer depends on it where the wall does not block.
    assert!(matches!(unknown(&void, 10.0, 20.0), Sight::Blocked(_)));
    assert_eq!(unknown(&void, 10.0, 40.0), Sight::Unknown);
    assert_eq!(unknown(&void, 10.0, 70.0), Sight::Free);
    assert_eq!(unknown(&void, 20.5, 40.0), Sight::Unknown);
    assert!(matches!(unknown(&void, 22.0, 40.0), Sight::Blocked(_)));
    // Behind the wall the patch ends.
    assert_eq!(
        unknown(&|_, column| high(column), 36.0, 40.0),
        Sight::Unknown
    );
    assert_eq!(unknown(&|_, _| f64::NAN, 10.0, 40.0), Sight::Unknown);
}

#[test]
fn a_ceiling_says_how_high_unknown_ground_may_be() {
    let patch = patch(degrees(7.0, 44.0), true, 30.0, 41, |_, column| {
        if column == 30 { f64::NAN } else { 0.0 }
    });
    let place = place_at(&patch, 20.0, 20.0);
    let direction = Direction::from_degrees(70.0, 90.0);
    let sight = |ceiling: f64| {
        RayTracer::new(&patch)
            .with_ceiling(ceiling)
            .with_free_edge()
            .line_of_sight(place, direction)
    };
    // Nine to eleven nodes away the ray is at 98 to 120 m.
    assert_eq!(sight(0.0), Sight::Free);
    assert_eq!(sight(90.0), Sight::Free);
    assert_eq!(sight(110.0), Sight::Unknown);
    assert_eq!(sight(5_000.0), Sight::Unknown);
}

#[test]
fn bad_input_is_unknown() {
    let good = patch(degrees(7.0, 44.0), true, 30.0, 5, |_, _| 0.0);
    let tracer = RayTracer::new(&good);
    let up = Direction::from_degrees(45.0, 90.0);
    assert_eq!(tracer.line_of_sight(degrees(8.0, 44.0), up), Sight::Unknown);
    let nowhere = Geodetic {
        longitude: f64::NAN,
        latitude: 0.5,
    };
    assert_eq!(tracer.line_of_sight(nowhere, up), Sight::Unknown);
    let nothing = Direction {
        zenith: f64::NAN,
        azimuth: 0.0,
    };
    assert_eq!(
        tracer.line_of_sight(degrees(7.0, 44.0), nothing),
        Sight::Unknown
    );
    assert!(tracer.incidence(degrees(8.0, 44.0), up).is_nan());
    for side in 0..3 {
        let small = patch(degrees(7.0, 44.0), false, 30.0, side.max(1), |_, _| 0.0);
        let mut small = small;
        if side == 0 {
            small.heights = ndarray::Array2::zeros((0, 0));
        }
        RayTracer::new(&small).line_of_sight(degrees(7.0, 44.0), up);
    }
    let mut infinite = good.clone();
    infinite.heights[[2, 3]] = f32::INFINITY;
    infinite.heights[[1, 3]] = f32::NEG_INFINITY;
    infinite.heights[[0, 0]] = 100.0;
    let sight = RayTracer::new(&infinite).line_of_sight(place_at(&infinite, 2.0, 1.5), up);
    assert_eq!(sight, Sight::Unknown);
}
