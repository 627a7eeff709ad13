//! Where the twelve detectors look, and from which direction; where the sun stands.
//!
//! The satellite flies over a great circle that is a straight line on the grid; each detector sees a
//! stripe along it, odd ones looking back and even ones looking ahead. Detector 1 is on the right of the
//! flight. Directions are from true north, shifts are on the grid.

use super::clouds::Slant;
use super::noise::Row;
use super::setting::{OrbitDirection, Setting, SwathEdge};
use super::sun::INCLINATION_DEGREES;
use crate::scene::{
    AngleGrid, Angles, Band, Direction, Geodetic, Grid, Nodes, WGS84_EQUATORIAL_RADIUS,
};
use ndarray::Array2;
use std::collections::BTreeMap;
use std::f64::consts::TAU;
use std::ops::Range;

/// Height of the orbit, metres (Sentinel-2 mission: 786 km).
const ORBIT_HEIGHT: f64 = 786_000.0;
/// Orbits in a day (Sentinel-2 mission: 143 in 10 days).
const ORBITS_PER_DAY: f64 = 14.3;
/// Width of a detector's stripe across the flight, metres (MSK_DETFOO of the real tile T18LTM: 24.5 km;
/// the swath of 290 km has twelve; view zenith at its rim 11.8 degrees, as in T18LTM and T16SGJ).
const STRIPE_WIDTH: f64 = 24_300.0;
/// Detectors of the instrument.
const DETECTORS: u8 = 12;
/// Detectors on either side of the ground track.
const DETECTORS_A_SIDE: f64 = 6.0;
/// Distance of the swath's rim from the ground track, metres.
const RIM: f64 = DETECTORS_A_SIDE * STRIPE_WIDTH;
/// Distance of the swath's rim from the tile's centre along the middle row, in tile sides: 8 % of the
/// row lie beyond.
const RIM_FROM_CENTRE: f64 = 0.42;
/// Least share of that across the flight: near the poles the rim runs more along the rows than across.
const LEAST_RIM: f64 = 0.7;
/// How far the satellite has passed a point when an odd detector sees it in B02, radians; an even
/// detector sees it as much before (view grids of a real tile: 11.2 and -8.4 mrad).
const TILT_B02: f64 = 9.8e-3;
/// Growth of that angle with a band's delay, radians per second (the same grids: 34.5 mrad in B09).
const TILT_PER_SECOND: f64 = 9.55e-3;
/// Delay of each band after B02, seconds, in the order of [`Band::ALL`] (nominal focal plane).
const DELAY_AFTER_B02: [f64; Band::COUNT] = [
    2.314, 0.0, 0.527, 1.005, 1.269, 1.525, 1.790, 0.264, 2.055, 2.586, 0.851, 1.468, 2.085,
];
/// Distance between the nodes of the metadata's angle grids, metres.
const NODE_STEP: f64 = 5_000.0;
/// Latitude up to which the track is followed, degrees: beyond there is none (free choice, a little less
/// than the track's northernmost point).
const LAST_LATITUDE_DEGREES: f64 = 81.0;
/// Least cosine of the sun's zenith angle in shifts: a sun one degree high (free choice).
const LEAST_SUN: f64 = 0.0175;
/// Height up to which slanted lines are followed, metres, and the largest error at that height that
/// comes from taking them as linear along a row, metres (free choices).
const SLANT_HEIGHT_AND_ERROR: (f64, f64) = (11_000.0, 0.5);

/// The ground that one detector sees in one band.
#[derive(Clone, Debug, PartialEq)]
pub struct Footprint {
    /// Band.
    pub band: Band,
    /// Detector number, 1 to 12.
    pub detector: u8,
    /// Corners of a convex polygon within the tile: metres east and south of its upper-left corner.
    pub polygon: Vec<[f64; 2]>,
}

/// Sun, stripes and directions of a tile.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ViewGeometry {
    grid: Grid,
    /// Side of the tile, metres.
    pub(super) extent: f64,
    /// Direction to the sun at the tile's centre.
    pub(super) sun: Direction,
    /// Unit vector to the sun: through longitude 0 and 90 degrees on the equator, and the north pole.
    sun_vector: [f64; 3],
    /// Unit vectors on the grid (east, south): along the flight and to its left.
    flight: [f64; 2],
    left: [f64; 2],
    /// How far left of the ground track the tile's centre lies, metres.
    centre_from_track: f64,
}

/// Seconds after B02 in which a band of an odd detector sees the same ground.
pub(super) fn delay(band: Band) -> f64 {
    DELAY_AFTER_B02[band.index()]
}

/// Seconds after the satellite passed over a point in which a band of a detector sees it: positive for
/// odd detectors, which look back, negative for even ones, which see their bands in reverse order.
pub(super) fn seen_after(band: Band, detector: u8) -> f64 {
    tilt(band, detector) / TILT_PER_SECOND
}

/// How far the satellite has passed a point when a band of a detector sees it, radians seen from the
/// ground.
fn tilt(band: Band, detector: u8) -> f64 {
    let tilt = TILT_B02 + TILT_PER_SECOND * delay(band);
    if detector % 2 == 1 { tilt } else { -tilt }
}

/// Azimuth of the flight over a latitude, radians from true north.
///
/// Spherical trigonometry with the Earth turning below the orbit: the ground velocity eastwards and
/// northwards is cos i - cos²(latitude) / orbits and √(cos²(latitude) - cos² i), up to a factor.
fn flight_azimuth(latitude: f64, orbit: OrbitDirection) -> f64 {
    let last = LAST_LATITUDE_DEGREES.to_radians();
    let cos_latitude = latitude.clamp(-last, last).cos();
    let cos_inclination = INCLINATION_DEGREES.to_radians().cos();
    let east = cos_inclination - cos_latitude * cos_latitude / ORBITS_PER_DAY;
    let north = (cos_latitude * cos_latitude - cos_inclination * cos_inclination).sqrt();
    match orbit {
        OrbitDirection::Ascending => east.atan2(north),
        OrbitDirection::Descending => east.atan2(-north),
    }
}

/// East, north and up at a place as unit vectors.
fn local_axes(place: Geodetic) -> [[f64; 3]; 3] {
    let (sin_longitude, cos_longitude) = place.longitude.sin_cos();
    let (sin_latitude, cos_latitude) = place.latitude.sin_cos();
    [
        [-sin_longitude, cos_longitude, 0.0],
        [
            -sin_latitude * cos_longitude,
            -sin_latitude * sin_longitude,
            cos_latitude,
        ],
        [
            cos_latitude * cos_longitude,
            cos_latitude * sin_longitude,
            sin_latitude,
        ],
    ]
}

fn dot<const N: usize>(a: [f64; N], b: [f64; N]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

impl ViewGeometry {
    /// The geometry of a setting: the tile in the middle of the swath, or at the rim that it shows.
    pub fn new(setting: &Setting) -> Self {
        let grid = setting.grid;
        let extent = setting.extent();
        let (easting, northing) = grid.centre();
        let centre = grid.zone.geodetic(easting, northing);
        let azimuth = grid.zone.grid_azimuth(
            flight_azimuth(centre.latitude, setting.orbit),
            easting,
            northing,
        );
        let (sin, cos) = azimuth.sin_cos();
        let left = [-cos, -sin];
        let left_is_east = left[0] > 0.0;
        let to_rim = RIM - RIM_FROM_CENTRE * extent * left[0].abs().max(LEAST_RIM);
        let centre_from_track = match setting.swath_edge {
            None => 0.0,
            Some(SwathEdge::East) if left_is_east => to_rim,
            Some(SwathEdge::West) if !left_is_east => to_rim,
            Some(_) => -to_rim,
        };
        let (sin_zenith, cos_zenith) = setting.sun.zenith.sin_cos();
        let (sin_azimuth, cos_azimuth) = setting.sun.azimuth.sin_cos();
        let parts = [
            sin_zenith * sin_azimuth,
            sin_zenith * cos_azimuth,
            cos_zenith,
        ];
        let axes = local_axes(centre);
        Self {
            grid,
            extent,
            sun: setting.sun,
            sun_vector: [0, 1, 2].map(|k| dot(parts, axes.map(|axis| axis[k]))),
            flight: [sin, -cos],
            left,
            centre_from_track,
        }
    }

    /// Side of the tile, metres.
    pub(super) fn extent(&self) -> f64 {
        self.extent
    }

    /// Easting and northing of a point.
    fn position(&self, east: f64, south: f64) -> (f64, f64) {
        (self.grid.easting + east, self.grid.northing - south)
    }

    /// How far left of the ground track a point lies, metres.
    fn track_distance(&self, east: f64, south: f64) -> f64 {
        let half = self.extent / 2.0;
        self.centre_from_track + self.left[0] * (east - half) + self.left[1] * (south - half)
    }

    /// Detector that sees a point (metres east and south of the tile's upper-left corner); `None`
    /// beyond the swath's rim.
    pub fn detector(&self, east: f64, south: f64) -> Option<u8> {
        let stripe = self.track_distance(east, south) / STRIPE_WIDTH + DETECTORS_A_SIDE;
        (0.0..f64::from(DETECTORS))
            .contains(&stripe)
            .then_some(stripe as u8 + 1)
    }

    /// Whether a point lies in a detector's stripe or at most `margin` metres beside it.
    pub(super) fn is_near(&self, detector: u8, east: f64, south: f64, margin: f64) -> bool {
        let middle = (f64::from(detector) - DETECTORS_A_SIDE - 0.5) * STRIPE_WIDTH;
        (self.track_distance(east, south) - middle).abs() <= STRIPE_WIDTH / 2.0 + margin
    }

    /// The detectors along a row of `count` pixels: runs of pixels whose centres one detector sees.
    /// Pixels in no run have no data.
    pub(super) fn detectors_along(&self, row: Row, count: usize) -> Vec<(Range<usize>, u8)> {
        // Along a row the stripes follow each other, so that each run ends where bisection finds it.
        let at = |k: usize| self.detector(row.first + k as f64 * row.step, row.y);
        let mut runs = Vec::new();
        let mut start = 0;
        while start < count {
            let detector = at(start);
            let (mut inside, mut outside) = (start, count);
            while outside - inside > 1 {
                let middle = inside.midpoint(outside);
                if at(middle) == detector {
                    inside = middle;
                } else {
                    outside = middle;
                }
            }
            runs.extend(detector.map(|detector| (start..outside, detector)));
            start = outside;
        }
        runs
    }

    /// Stripes of the detectors that see a part of the tile, the same for all bands.
    pub fn footprints(&self, band: Band) -> Vec<Footprint> {
        let tile = vec![
            [0.0, 0.0],
            [self.extent, 0.0],
            [self.extent, self.extent],
            [0.0, self.extent],
        ];
        (1..=DETECTORS)
            .filter_map(|detector| {
                let right = (f64::from(detector - 1) - DETECTORS_A_SIDE) * STRIPE_WIDTH;
                let inside = self.clip(&tile, |left| left - right);
                let polygon = self.clip(&inside, |left| right + STRIPE_WIDTH - left);
                (polygon.len() >= 3).then_some(Footprint {
                    band,
                    detector,
                    polygon,
                })
            })
            .collect()
    }

    /// The part of a convex polygon where `depth` of the distance from the track is not negative
    /// (Sutherland and Hodgman 1974).
    fn clip(&self, polygon: &[[f64; 2]], depth: impl Fn(f64) -> f64) -> Vec<[f64; 2]> {
        let depth_at = |point: [f64; 2]| depth(self.track_distance(point[0], point[1]));
        let mut clipped = Vec::new();
        for (index, &to) in polygon.iter().enumerate() {
            let from = polygon[(index + polygon.len() - 1) % polygon.len()];
            let (before, after) = (depth_at(from), depth_at(to));
            if (before >= 0.0) != (after >= 0.0) {
                let share = before / (before - after);
                clipped.push([0, 1].map(|axis| from[axis] + share * (to[axis] - from[axis])));
            }
            if after >= 0.0 {
                clipped.push(to);
            }
        }
        clipped
    }

    /// Unit vector to the sun: true east, true north, up.
    fn sun_vector(&self, east: f64, south: f64) -> [f64; 3] {
        let (easting, northing) = self.position(east, south);
        local_axes(self.grid.zone.geodetic(easting, northing))
            .map(|axis| dot(axis, self.sun_vector))
    }

    /// Direction to the sun at a point: it is the same over the tile, the vertical turns.
    pub fn sun_at(&self, east: f64, south: f64) -> Direction {
        direction(self.sun_vector(east, south), 0.0)
    }

    /// Where a line to the sun goes: metres east and south on the grid per metre of height.
    pub(super) fn sun_shift(&self, east: f64, south: f64) -> [f64; 2] {
        let [to_east, to_north, up] = self.sun_vector(east, south);
        let (easting, northing) = self.position(east, south);
        let (sin, cos) = self.grid.zone.convergence(easting, northing).sin_cos();
        let up = up.max(LEAST_SUN);
        [
            (to_east * cos - to_north * sin) / up,
            -(to_east * sin + to_north * cos) / up,
        ]
    }

    /// Direction from a point to the satellite at the moment when a detector's band sees it.
    pub fn view_at(&self, band: Band, detector: u8, east: f64, south: f64) -> Direction {
        let [to_east, to_south] = self.view_shift(band, detector, east, south);
        let (easting, northing) = self.position(east, south);
        let convergence = self.grid.zone.convergence(easting, northing);
        direction([to_east, -to_south, 1.0], convergence)
    }

    /// Where a line to the sensor goes: metres east and south on the grid per metre of height.
    pub(super) fn view_shift(&self, band: Band, detector: u8, east: f64, south: f64) -> [f64; 2] {
        // On a sphere whose equator is the ground track.
        let orbit = WGS84_EQUATORIAL_RADIUS + ORBIT_HEIGHT;
        let ahead = tilt(band, detector) * ORBIT_HEIGHT;
        let (sin_aside, cos_aside) =
            (self.track_distance(east, south) / WGS84_EQUATORIAL_RADIUS).sin_cos();
        let along = (ahead / orbit).cos();
        let up = orbit * cos_aside * along - WGS84_EQUATORIAL_RADIUS;
        let leftwards = -orbit * sin_aside * along;
        [0, 1].map(|k| (ahead * self.flight[k] + leftwards * self.left[k]) / up)
    }

    /// Lines to the sun along a row of `count` pixels, in pieces along which they are nearly linear.
    /// Pixels of a slant count from the piece's start.
    pub(super) fn sun_slants(&self, row: Row, count: usize) -> Vec<(Range<usize>, Slant)> {
        let (height, error) = SLANT_HEIGHT_AND_ERROR;
        let at = |k: usize| self.sun_shift(row.first + k as f64 * row.step, row.y);
        let mut slants = Vec::new();
        let mut pending: Vec<Range<usize>> = std::iter::once(0..count).collect();
        while let Some(piece) = pending.pop() {
            let slant = slant(&piece, at);
            let middle = piece.start.midpoint(piece.end);
            let exact = at(middle);
            let linear = (middle - piece.start) as f64;
            let is_linear = (0..2).all(|k| {
                let off = slant.shift[k] + linear * slant.change[k] - exact[k];
                off.abs() * height <= error
            });
            if is_linear {
                slants.push((piece, slant));
            } else {
                pending.push(middle..piece.end);
                pending.push(piece.start..middle);
            }
        }
        slants
    }

    /// Lines to the sensor along pixels of a row that one detector sees. Pixels of the slant count from
    /// the range's start.
    pub(super) fn view_slant(
        &self,
        band: Band,
        detector: u8,
        row: Row,
        pixels: &Range<usize>,
    ) -> Slant {
        slant(pixels, |k| {
            self.view_shift(band, detector, row.first + k as f64 * row.step, row.y)
        })
    }

    /// The angle grids of the metadata: the sun everywhere, each detector's views within its stripe.
    pub fn angles(&self) -> Angles {
        let nodes = (self.extent / NODE_STEP).ceil() as usize + 1;
        let sun = grid(nodes, |east, south| Some(self.sun_at(east, south)));
        let mut views = BTreeMap::new();
        let mut mean_views = BTreeMap::new();
        for band in Band::ALL {
            let mut sum = [0.0; 3];
            for footprint in self.footprints(band) {
                let detector = footprint.detector;
                let view = grid(nodes, |east, south| {
                    let seen = self.detector(east, south) == Some(detector);
                    seen.then(|| self.view_at(band, detector, east, south))
                });
                for (zenith, azimuth) in view.zenith.iter().zip(&view.azimuth) {
                    if !zenith.is_nan() {
                        sum[0] += zenith.sin() * azimuth.sin();
                        sum[1] += zenith.sin() * azimuth.cos();
                        sum[2] += zenith.cos();
                    }
                }
                views.insert((band, detector), view);
            }
            if sum[2] > 0.0 {
                mean_views.insert(band, direction(sum, 0.0));
            }
        }
        Angles {
            sun: Some(sun),
            mean_sun: Some(self.sun),
            views,
            mean_views,
        }
    }
}

/// Direction of a vector (east, north, up) whose axes are turned clockwise from true north.
fn direction([east, north, up]: [f64; 3], turned: f64) -> Direction {
    Direction {
        zenith: east.hypot(north).atan2(up),
        azimuth: (east.atan2(north) + turned).rem_euclid(TAU) % TAU,
    }
}

/// The line through a shift at the first pixel of a range and the one after the last.
fn slant(pixels: &Range<usize>, shift: impl Fn(usize) -> [f64; 2]) -> Slant {
    let (first, last) = (shift(pixels.start), shift(pixels.end));
    let count = pixels.len().max(1) as f64;
    Slant {
        shift: first,
        change: [0, 1].map(|k| (last[k] - first[k]) / count),
    }
}

/// A grid of directions; NaN where there is none.
fn grid(nodes: usize, direction: impl Fn(f64, f64) -> Option<Direction>) -> AngleGrid {
    let at = |(row, column): (usize, usize)| {
        direction(column as f64 * NODE_STEP, row as f64 * NODE_STEP)
    };
    AngleGrid {
        zenith: Array2::from_shape_fn((nodes, nodes), |node| {
            at(node).map_or(f64::NAN, |d| d.zenith)
        }),
        azimuth: Array2::from_shape_fn((nodes, nodes), |node| {
            at(node).map_or(f64::NAN, |d| d.azimuth)
        }),
        nodes: Nodes::from_corner(NODE_STEP, NODE_STEP),
    }
}

#[cfg(test)]
mod tests;
