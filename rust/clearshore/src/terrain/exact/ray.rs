//! A straight line in space, seen from a DEM: rows, columns and heights along it.

use crate::scene::{Direction, Geodetic, WGS84_EQUATORIAL_RADIUS, WGS84_FLATTENING};
use crate::terrain::{DemFrame, DemPatch};

/// Square of the first eccentricity of WGS84, unitless.
const ECCENTRICITY_2: f64 = WGS84_FLATTENING * (2.0 - WGS84_FLATTENING);
/// Square of the second eccentricity of WGS84, unitless.
const SECOND_ECCENTRICITY_2: f64 = ECCENTRICITY_2 / (1.0 - ECCENTRICITY_2);
/// Polar radius of WGS84, metres.
const POLAR_RADIUS: f64 = WGS84_EQUATORIAL_RADIUS * (1.0 - WGS84_FLATTENING);
/// Length of a piece in distances from the Earth's axis. A cubic through four points of a piece of length L strays
/// by at most |f''''| L^4 / 1944, where f''''/24 is about 1/p^3 for a line at distance p from the axis: 0.2 mm.
const PIECE_LENGTH: f64 = 1.0 / 150.0;
/// Shortest piece, metres: so a ray gets past a pole.
const SHORTEST_PIECE: f64 = 100.0;
/// Largest tangent for which the series of the arc tangent is used, unitless.
const SMALL_TANGENT: f64 = 0.025;

/// Row, column (in nodes) and height (metres) of a point.
pub(super) type Position = [f64; 3];

/// A straight line in Earth-centred, Earth-fixed coordinates, turned so that it starts on the meridian y = 0.
pub(super) struct Ray<'a> {
    patch: &'a DemPatch,
    start: Geodetic,
    start_column: f64,
    /// Sine and cosine of the start's latitude.
    start_normal: (f64, f64),
    origin: [f64; 3],
    along: [f64; 3],
}

impl<'a> Ray<'a> {
    /// From a place and height, along a unit vector (east, north, up).
    pub(super) fn new(
        patch: &'a DemPatch,
        start: Geodetic,
        start_column: f64,
        height: f64,
        [east, north, up]: [f64; 3],
    ) -> Self {
        let (sin, cos) = start.latitude.sin_cos();
        let normal = WGS84_EQUATORIAL_RADIUS / (1.0 - ECCENTRICITY_2 * sin * sin).sqrt();
        Self {
            patch,
            start,
            start_column,
            start_normal: (sin, cos),
            origin: [
                (normal + height) * cos,
                0.0,
                (normal * (1.0 - ECCENTRICITY_2) + height) * sin,
            ],
            along: [up * cos - north * sin, east, up * sin + north * cos],
        }
    }

    /// The place at a distance along the ray, metres.
    pub(super) fn place(&self, distance: f64) -> Geodetic {
        let (east, latitude, _) = self.geodetic(distance);
        let longitude = self.start.longitude + east;
        let turns = (longitude / std::f64::consts::TAU + 0.5).floor();
        Geodetic {
            longitude: longitude - turns * std::f64::consts::TAU,
            latitude,
        }
    }

    /// Where in the patch's nodes the ray is at a distance along it, metres.
    pub(super) fn position(&self, distance: f64) -> Position {
        let patch = self.patch;
        let (east, latitude, height) = self.geodetic(distance);
        match patch.frame {
            DemFrame::Geographic => [
                (patch.north - latitude.to_degrees()) / patch.row_step,
                self.start_column + east.to_degrees() / patch.column_step,
                height,
            ],
            DemFrame::Utm(zone) => {
                let (x, y) = zone.project(Geodetic {
                    longitude: self.start.longitude + east,
                    latitude,
                });
                [
                    (patch.north - y) / patch.row_step,
                    (x - patch.west) / patch.column_step,
                    height,
                ]
            }
        }
    }

    /// Longitude from the start, latitude (radians) and height (metres).
    ///
    /// Source: B. R. Bowring, *Transformation from spatial to geographical coordinates*, Survey Review 23 (1976)
    /// 323-327; below a micrometre at heights of terrain.
    fn geodetic(&self, distance: f64) -> (f64, f64, f64) {
        let [x, y, z] = [0, 1, 2].map(|axis| self.origin[axis] + distance * self.along[axis]);
        let from_axis = (x * x + y * y).sqrt();
        // Sine and cosine of the parametric latitude, then of the geodetic one.
        let (sin, cos) = unit(z * WGS84_EQUATORIAL_RADIUS, from_axis * POLAR_RADIUS);
        let (sin, cos) = unit(
            z + SECOND_ECCENTRICITY_2 * POLAR_RADIUS * sin * sin * sin,
            from_axis - ECCENTRICITY_2 * WGS84_EQUATORIAL_RADIUS * cos * cos * cos,
        );
        let ellipsoid = WGS84_EQUATORIAL_RADIUS * (1.0 - ECCENTRICITY_2 * sin * sin).sqrt();
        let (start_sin, start_cos) = self.start_normal;
        let north = angle(
            sin * start_cos - cos * start_sin,
            cos * start_cos + sin * start_sin,
        );
        (
            angle(y, x),
            self.start.latitude + north,
            from_axis * cos + z * sin - ellipsoid,
        )
    }

    /// The piece that begins at a distance, climbing so many metres a metre there, and ends where the ray has climbed to a
    /// ceiling or before.
    pub(super) fn piece(&self, from: f64, climb: f64, ceiling: f64) -> Piece {
        let first = self.position(from);
        let [x, y] = [0, 1].map(|axis| self.origin[axis] + from * self.along[axis]);
        let longest = (PIECE_LENGTH * (x * x + y * y).sqrt()).max(SHORTEST_PIECE);
        // The Earth falls away below a straight line: it climbs at least as fast as at the beginning.
        let to_ceiling = (ceiling - first[2]) / climb.max(f64::MIN_POSITIVE);
        let length = to_ceiling.clamp(SHORTEST_PIECE, longest);
        let [second, third, last] =
            [1.0, 2.0, 3.0].map(|third| self.position(from + third / 3.0 * length));
        let weigh = |weights: [f64; 4]| {
            [0, 1, 2].map(|axis| {
                0.5 * (weights[0] * first[axis]
                    + weights[1] * second[axis]
                    + weights[2] * third[axis]
                    + weights[3] * last[axis])
            })
        };
        Piece {
            from,
            length,
            coefficients: [
                first,
                weigh([-11.0, 18.0, -9.0, 2.0]),
                weigh([18.0, -45.0, 36.0, -9.0]),
                weigh([-9.0, 27.0, -27.0, 9.0]),
            ],
        }
    }
}

/// The angle whose tangent is `y / x`, as `atan2`, fast where it is small.
fn angle(y: f64, x: f64) -> f64 {
    // The first term left out, tangent^11 / 11, is below the precision of f64.
    if y.abs() < SMALL_TANGENT * x {
        let tangent = y / x;
        let t2 = tangent * tangent;
        tangent * (1.0 - t2 * (1.0 / 3.0 - t2 * (1.0 / 5.0 - t2 * (1.0 / 7.0 - t2 / 9.0))))
    } else {
        y.atan2(x)
    }
}

/// Sine and cosine of the angle whose tangent is `y / x`.
fn unit(y: f64, x: f64) -> (f64, f64) {
    let scale = 1.0 / (x * x + y * y).sqrt();
    (y * scale, x * scale)
}

/// Unit vector (east, north, up) of a direction.
pub(super) fn unit_vector(direction: Direction) -> [f64; 3] {
    let (sin, cos) = direction.zenith.sin_cos();
    let (east, north) = direction.azimuth.sin_cos();
    [sin * east, sin * north, cos]
}

/// Part of a ray as a cubic in the part of its length that is behind, 0 to 1.
pub(super) struct Piece {
    /// Distance along the ray at which the piece begins, metres.
    pub(super) from: f64,
    /// Metres.
    pub(super) length: f64,
    coefficients: [Position; 4],
}

impl Piece {
    pub(super) fn at(&self, part: f64) -> Position {
        let [c0, c1, c2, c3] = &self.coefficients;
        [0, 1, 2].map(|axis| c0[axis] + part * (c1[axis] + part * (c2[axis] + part * c3[axis])))
    }

    /// Climb at a point, metres for the whole length.
    pub(super) fn climb(&self, part: f64) -> f64 {
        let [_, c1, c2, c3] = &self.coefficients;
        c1[2] + part * (2.0 * c2[2] + 3.0 * part * c3[2])
    }

    /// The part of the length that crosses no more than a facet in each direction.
    pub(super) fn facet(&self) -> f64 {
        let [_, c1, c2, c3] = &self.coefficients;
        let fastest = |axis: usize| c1[axis].abs() + 2.0 * c2[axis].abs() + 3.0 * c3[axis].abs();
        1.0 / fastest(0).max(fastest(1))
    }

    /// How far row, column and height may stray from the chord over the given part of the length.
    pub(super) fn bend(&self, part: f64) -> Position {
        let [_, _, c2, c3] = &self.coefficients;
        [0, 1, 2].map(|axis| part * part * (0.25 * c2[axis].abs() + 0.75 * c3[axis].abs()))
    }
}
