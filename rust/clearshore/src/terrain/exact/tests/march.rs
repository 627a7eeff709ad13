//! The slow twin: small steps in Earth-centred coordinates, each looked up in the DEM.

use super::{degrees, patch, place_at};
use crate::scene::{Direction, Geodetic};
use crate::terrain::DemPatch;
use crate::terrain::exact::{LEAST_DISTANCE, RayTracer, Sight};
use proptest::prelude::*;

const EQUATORIAL: f64 = 6_378_137.0;
const POLAR: f64 = 6_356_752.314_245_179;
/// Steps of the twin in metres, coarse and, where a hit is, fine.
const COARSE: f64 = 0.5;
const FINE: f64 = 0.002;
/// A ray that passes the surface as closely as this is on the knife's edge, metres: no closer than a hit is known.
const KNIFE_EDGE: f64 = HIT_ERROR;
/// Largest error of a hit, metres.
const HIT_ERROR: f64 = 0.01;

fn to_space(place: Geodetic, height: f64) -> [f64; 3] {
    let (sin, cos) = place.latitude.sin_cos();
    let normal = EQUATORIAL * EQUATORIAL / (EQUATORIAL * cos).hypot(POLAR * sin);
    [
        (normal + height) * cos * place.longitude.cos(),
        (normal + height) * cos * place.longitude.sin(),
        (normal * (POLAR / EQUATORIAL).powi(2) + height) * sin,
    ]
}

/// By plain fixed-point iteration on the latitude.
fn from_space([x, y, z]: [f64; 3]) -> (Geodetic, f64) {
    let from_axis = x.hypot(y);
    let squared = 1.0 - (POLAR / EQUATORIAL).powi(2);
    let mut latitude = z.atan2(from_axis * (1.0 - squared));
    let mut height = 0.0;
    for _ in 0..8 {
        let normal = EQUATORIAL / (1.0 - squared * latitude.sin().powi(2)).sqrt();
        latitude = (z + squared * normal * latitude.sin()).atan2(from_axis);
        height = from_axis * latitude.cos() + z * latitude.sin()
            - EQUATORIAL * (1.0 - squared * latitude.sin().powi(2)).sqrt();
    }
    let longitude = y.atan2(x);
    (
        Geodetic {
            longitude,
            latitude,
        },
        height,
    )
}

/// What the march saw.
struct March {
    /// Height above the surface at the lowest point, metres.
    clearance: f64,
    /// Distance of the first point below the surface.
    first: Option<f64>,
    /// Whether the ray crossed heights that are not known, below all that are known.
    unknown: bool,
    /// Whether such heights were within a coarse step.
    almost_unknown: bool,
    /// Whether it left the patch, below all heights.
    left: bool,
    /// Whether it did so within the step in which it rose above all heights.
    almost_left: bool,
}

fn march(patch: &DemPatch, step: f64, place: Geodetic, direction: Direction) -> March {
    let reach = COARSE / step;
    let (row, column) = patch.node_position(place);
    let start = to_space(place, patch.height(row, column));
    let (sin_zenith, up) = direction.zenith.sin_cos();
    let (east, north) = (
        sin_zenith * direction.azimuth.sin(),
        sin_zenith * direction.azimuth.cos(),
    );
    let ((sin, cos), (sin_east, cos_east)) = (place.latitude.sin_cos(), place.longitude.sin_cos());
    let outward = up * cos - north * sin;
    let along = [
        outward * cos_east - east * sin_east,
        outward * sin_east + east * cos_east,
        up * sin + north * cos,
    ];
    let highest = patch.heights.iter().copied().fold(f32::MIN, f32::max);
    let look = |distance: f64| {
        let (place, height) =
            from_space([0, 1, 2].map(|axis| start[axis] + distance * along[axis]));
        let (row, column) = patch.node_position(place);
        let (rows, columns) = patch.heights.dim();
        let is_inside = (0.0..=rows as f64 - 1.0).contains(&row)
            && (0.0..=columns as f64 - 1.0).contains(&column);
        let near_void = [-reach, reach].iter().any(|down| {
            [-reach, reach].iter().any(|right| {
                let (row, column) = (row + down, column + right);
                (0.0..=rows as f64 - 1.0).contains(&row)
                    && (0.0..=columns as f64 - 1.0).contains(&column)
                    && patch.height(row, column).is_nan()
            })
        });
        let surface = match is_inside {
            true => patch.height(row, column),
            false => f64::NAN,
        };
        (height, height - surface, is_inside, near_void)
    };
    let mut seen = March {
        clearance: f64::INFINITY,
        first: None,
        unknown: false,
        almost_unknown: false,
        left: false,
        almost_left: false,
    };
    let steepest = steepest(patch, step);
    let mut distance = LEAST_DISTANCE;
    let mut before = None;
    loop {
        let (height, clearance, is_inside, near_void) = look(distance);
        let here = (distance, clearance);
        if let Some(before) = before.replace(here) {
            let between = |distance: f64| look(distance).1;
            lower(&mut seen.clearance, [before, here], steepest, &between);
        }
        if height > f64::from(highest) {
            seen.almost_left = !is_inside;
            break;
        }
        if !is_inside {
            seen.left = true;
            break;
        }
        seen.unknown |= clearance.is_nan();
        seen.almost_unknown |= near_void;
        seen.clearance = seen.clearance.min(clearance);
        if clearance <= 0.0 && seen.first.is_none() {
            seen.first = Some(distance);
        }
        distance += COARSE;
    }
    if let Some(end) = seen.first {
        let mut fine = (end - COARSE).max(LEAST_DISTANCE);
        while look(fine).1 > 0.0 || look(fine).1.is_nan() {
            fine += FINE;
        }
        seen.first = Some(fine);
    }
    seen
}

/// Most that the clearance of a ray can change in a metre of its way: it climbs by no more than that, and the surface by what
/// neighbouring nodes differ, down and across.
fn steepest(patch: &DemPatch, step: f64) -> f64 {
    let mut most = 0.0_f32;
    for neighbours in patch.heights.windows([2, 2]) {
        let known = neighbours.iter().filter(|height| !height.is_nan());
        let (low, high) = known.fold((f32::MAX, f32::MIN), |(low, high), height| {
            (low.min(*height), high.max(*height))
        });
        most = most.max(high - low);
    }
    /// A hundredth for what the map changes distances.
    const MAP: f64 = 1.01;
    1.0 + MAP * 2.0_f64.sqrt() * f64::from(most) / step
}

/// Lowers `lowest` to what the clearance is between two points (distance, clearance), if it is near the knife's edge there.
fn lower(
    lowest: &mut f64,
    [a, b]: [(f64, f64); 2],
    steepest: f64,
    clearance: &impl Fn(f64) -> f64,
) {
    let change = steepest * (b.0 - a.0);
    let bound = 0.5 * (a.1 + b.1 - change);
    if a.1.is_nan() && b.1.is_nan() || change < KNIFE_EDGE || bound > lowest.min(KNIFE_EDGE) {
        return;
    }
    let distance = 0.5 * (a.0 + b.0);
    let middle = (distance, clearance(distance));
    *lowest = lowest.min(middle.1);
    lower(lowest, [a, middle], steepest, clearance);
    lower(lowest, [middle, b], steepest, clearance);
}

#[derive(Clone, Copy, Debug)]
enum Shape {
    Random,
    Cone,
    Cliff,
    Checkerboard,
    Needles,
    Voids,
}

/// A number from 0 to 1 for a node.
fn noise(seed: u64, row: usize, column: usize) -> f64 {
    let mut state = seed ^ ((row as u64) << 32) ^ column as u64;
    for _ in 0..3 {
        state = (state ^ (state >> 31)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }
    (state >> 11) as f64 / (1u64 << 53) as f64
}

const SIDE: usize = 21;

fn height(shape: Shape, seed: u64, relief: f64, row: usize, column: usize) -> f64 {
    let noise = noise(seed, row, column);
    let middle = (SIDE / 2) as f64;
    match shape {
        Shape::Random => relief * noise,
        Shape::Cone => {
            relief * (1.0 - (row as f64 - middle).hypot(column as f64 - middle) / middle)
        }
        Shape::Cliff => {
            if column > SIDE / 2 {
                relief
            } else {
                0.0
            }
        }
        Shape::Checkerboard => relief * ((row + column) % 2) as f64,
        Shape::Needles => {
            if noise > 0.97 {
                relief
            } else {
                0.0
            }
        }
        Shape::Voids => {
            if noise > 0.97 {
                f64::NAN
            } else {
                relief * noise
            }
        }
    }
}

fn shapes() -> impl Strategy<Value = Shape> {
    prop_oneof![
        Just(Shape::Random),
        Just(Shape::Cone),
        Just(Shape::Cliff),
        Just(Shape::Checkerboard),
        Just(Shape::Needles),
        Just(Shape::Voids),
    ]
}

/// Both hemispheres, the equator, the antimeridian, near a pole.
fn places() -> impl Strategy<Value = (f64, f64)> {
    prop_oneof![
        (-180.0..180.0, -75.0..75.0),
        Just((180.0, -17.0)),
        Just((-179.999, 51.0)),
        Just((30.0, 0.0)),
        Just((15.0, 82.0)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(160))]
    #[test]
    fn rays_see_what_a_march_in_small_steps_sees(
        (longitude, latitude) in places(),
        utm: bool,
        shape in shapes(),
        seed: u64,
        step in 10.0..90.0,
        relief in 1.0..300.0,
        targets in prop::collection::vec(((0.01..19.99, 0.01..19.99), (0.0..360.0, 1.0..80.0)), 6),
    ) {
        let patch = patch(degrees(longitude, latitude), utm, step, SIDE, |row, column| {
            height(shape, seed, relief, row, column)
        });
        let tracer = RayTracer::new(&patch);
        for ((row, column), (azimuth, elevation)) in targets {
            let place = place_at(&patch, row, column);
            let direction = Direction::from_degrees(90.0 - elevation, azimuth);
            let sight = tracer.line_of_sight(place, direction);
            if patch.height(row, column).is_nan() {
                prop_assert_eq!(sight, Sight::Unknown);
                continue;
            }
            let seen = march(&patch, step, place, direction);
            if seen.clearance.abs() < KNIFE_EDGE {
                continue;
            }
            match sight {
                Sight::Blocked(hit) => {
                    prop_assert!(seen.clearance < 0.0, "{hit:?} {}", seen.clearance);
                    let first = seen.first.unwrap_or(f64::INFINITY);
                    // A march may step over a graze before.
                    prop_assert!(hit.distance < first + HIT_ERROR, "{hit:?} {first}");
                    let on_ray = {
                        let (row, column) = patch.node_position(hit.place);
                        (patch.height(row, column) - hit.height).abs()
                    };
                    prop_assert!(on_ray < HIT_ERROR || seen.almost_unknown && on_ray.is_nan(), "{hit:?} {on_ray}");
                    // At 2 m, and where it comes out of a void, a ray may be below the surface.
                    let may_be_below = hit.distance == LEAST_DISTANCE || seen.almost_unknown;
                    let apart = distance(&patch, place, direction, hit);
                    prop_assert!(may_be_below || apart < HIT_ERROR, "{hit:?} {apart}");
                }
                Sight::Free => prop_assert!(seen.clearance > 0.0 && !seen.unknown && !seen.left),
                Sight::Unknown => prop_assert!(seen.clearance > 0.0 && (seen.almost_unknown || seen.left || seen.almost_left)),
            }
            if seen.left {
                let free = RayTracer::new(&patch).with_free_edge().line_of_sight(place, direction);
                match sight {
                    // It may pass the void that the march saw beside it.
                    Sight::Unknown if !seen.unknown => {
                        let allowed = free == Sight::Free || free == Sight::Unknown && seen.almost_unknown;
                        prop_assert!(allowed, "{free:?}");
                    }
                    other => prop_assert_eq!(free, other),
                }
            }
        }
    }
}

/// Between a hit and the point of the ray at the hit's distance, metres.
fn distance(
    patch: &DemPatch,
    place: Geodetic,
    direction: Direction,
    hit: crate::terrain::exact::Hit,
) -> f64 {
    let (row, column) = patch.node_position(place);
    let start = to_space(place, patch.height(row, column));
    let end = to_space(hit.place, hit.height);
    let apart = [0, 1, 2].map(|axis| end[axis] - start[axis]);
    let (sin_zenith, up) = direction.zenith.sin_cos();
    let (sin, cos) = place.latitude.sin_cos();
    let (sin_east, cos_east) = place.longitude.sin_cos();
    let local = [
        -sin_east * apart[0] + cos_east * apart[1],
        -sin * (cos_east * apart[0] + sin_east * apart[1]) + cos * apart[2],
        cos * (cos_east * apart[0] + sin_east * apart[1]) + sin * apart[2],
    ];
    let along = [
        sin_zenith * direction.azimuth.sin(),
        sin_zenith * direction.azimuth.cos(),
        up,
    ];
    (0..3)
        .map(|axis| (local[axis] - hit.distance * along[axis]).powi(2))
        .sum::<f64>()
        .sqrt()
}
