//! Where the twelve detectors look, and from which direction.
//!
//! The satellite flies over a straight track beside the tile; each detector sees a slanted stripe,
//! odd ones looking back and even ones looking ahead.

use super::setting::{Setting, SwathEdge};
use crate::scene::{AngleGrid, Angles, Band, Direction, WGS84_EQUATORIAL_RADIUS};
use ndarray::Array2;

/// Height of the orbit, metres (Sentinel-2 mission: 786 km).
const ORBIT_HEIGHT: f64 = 786_000.0;
/// Width of a detector's stripe on the ground, metres (MSK_DETFOO of the real tile T18LTM: 25.1 and
/// 25.3 km within the swath, 27 km at its rim).
const STRIPE_WIDTH: f64 = 25_200.0;
/// Sideways shift of a stripe per metre southwards, unitless (the same mask: 0.22, a descending pass
/// at 12 degrees south).
const STRIPE_SLANT: f64 = 0.22;
/// Detector right of the tile's centre.
const CENTRE_DETECTOR: i32 = 4;
/// Detectors of the instrument.
const DETECTORS: i32 = 12;
/// Distance of the ground track east of the tile's centre, metres: the border of detectors 6 and 7.
const TRACK_DISTANCE: f64 = 3.0 * STRIPE_WIDTH;
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
/// Share of the tile's width that lies west of the swath edge, at the middle row.
const EDGE_SHARE: f64 = 0.08;

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
    /// Side of the tile, metres.
    pub extent: f64,
    /// Direction to the sun at the tile's centre.
    pub sun: Direction,
    /// Whether the western rim of the swath crosses the tile: pixels beyond it have no data.
    pub swath_edge: bool,
}

impl ViewGeometry {
    /// The geometry of a setting.
    pub fn new(setting: &Setting) -> Self {
        Self {
            extent: setting.extent(),
            sun: setting.sun,
            swath_edge: setting.swath_edge == Some(SwathEdge::West),
        }
    }

    /// Distance across the track from the tile's centre, metres, positive eastwards.
    fn across(&self, east: f64, south: f64) -> f64 {
        east - self.extent / 2.0 + STRIPE_SLANT * (south - self.extent / 2.0)
    }

    /// Detector that sees a point (metres east and south of the tile's upper-left corner); `None`
    /// beyond the swath's edge.
    pub fn detector(&self, east: f64, south: f64) -> Option<u8> {
        if !self.is_seen(east, south) {
            return None;
        }
        let across = self.across(east, south);
        let number = CENTRE_DETECTOR + (across / STRIPE_WIDTH).floor() as i32;
        u8::try_from(number.clamp(1, DETECTORS)).ok()
    }

    /// Whether a point lies within the swath.
    pub(super) fn is_seen(&self, east: f64, south: f64) -> bool {
        self.across(east, south) >= self.western_rim()
    }

    /// Where the swath begins, as distance across the track.
    fn western_rim(&self) -> f64 {
        if self.swath_edge {
            (EDGE_SHARE - 0.5) * self.extent
        } else {
            f64::NEG_INFINITY
        }
    }

    /// Stripes of the detectors that see a part of the tile, the same for all bands.
    pub fn footprints(&self, band: Band) -> Vec<Footprint> {
        let tile = vec![
            [0.0, 0.0],
            [self.extent, 0.0],
            [self.extent, self.extent],
            [0.0, self.extent],
        ];
        let border = |detector: i32| f64::from(detector - CENTRE_DETECTOR) * STRIPE_WIDTH;
        (1..=DETECTORS)
            .filter_map(|detector| {
                let west = if detector == 1 {
                    f64::NEG_INFINITY
                } else {
                    border(detector)
                };
                let west = west.max(self.western_rim());
                let inside = self.clip(&tile, |across| across - west);
                let polygon = self.clip(&inside, |across| border(detector + 1) - across);
                (polygon.len() >= 3).then_some(Footprint {
                    band,
                    detector: detector as u8,
                    polygon,
                })
            })
            .collect()
    }

    /// The part of a convex polygon where `depth` of the distance across the track is not negative
    /// (Sutherland and Hodgman 1974).
    fn clip(&self, polygon: &[[f64; 2]], depth: impl Fn(f64) -> f64) -> Vec<[f64; 2]> {
        let depth_at = |point: [f64; 2]| depth(self.across(point[0], point[1]));
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

    /// Direction to the sun at a point: it changes by the curvature of the Earth.
    fn sun_at(&self, east: f64, south: f64) -> Direction {
        let (sin, cos) = self.sun.azimuth.sin_cos();
        let (right, up) = (east - self.extent / 2.0, self.extent / 2.0 - south);
        let (towards, beside) = (right * sin + up * cos, right * cos - up * sin);
        Direction {
            zenith: self.sun.zenith - towards / WGS84_EQUATORIAL_RADIUS,
            azimuth: (self.sun.azimuth
                + beside / (WGS84_EQUATORIAL_RADIUS * self.sun.zenith.tan()))
            .rem_euclid(std::f64::consts::TAU),
        }
    }

    /// Direction from a point to the satellite at the moment when a detector's band sees it.
    fn view_at(&self, band: Band, detector: u8, east: f64, south: f64) -> Direction {
        // The track leans like the stripes: southwards it drifts to the west.
        let length = STRIPE_SLANT.hypot(1.0);
        let (across_east, across_south) = (1.0 / length, STRIPE_SLANT / length);
        let (along_east, along_south) = (-STRIPE_SLANT / length, 1.0 / length);
        let sideways = (TRACK_DISTANCE - self.across(east, south)) / length;
        let tilt = TILT_B02 + TILT_PER_SECOND * DELAY_AFTER_B02[band.index()];
        let ahead = if detector % 2 == 1 { tilt } else { -tilt } * ORBIT_HEIGHT;
        let to_east = sideways * across_east + ahead * along_east;
        let to_south = sideways * across_south + ahead * along_south;
        Direction {
            zenith: (to_east.hypot(to_south) / ORBIT_HEIGHT).atan(),
            azimuth: to_east.atan2(-to_south).rem_euclid(std::f64::consts::TAU),
        }
    }

    /// The angle grids of the metadata: the sun everywhere, each detector's views within its stripe.
    pub fn angles(&self) -> Angles {
        let nodes = (self.extent / NODE_STEP).ceil() as usize + 1;
        let sun = grid(nodes, |east, south| Some(self.sun_at(east, south)));
        let mut angles = Angles {
            sun: Some(sun),
            mean_sun: Some(self.sun),
            ..Angles::default()
        };
        for band in Band::ALL {
            let centre = self.extent / 2.0;
            let mean = self.view_at(band, CENTRE_DETECTOR as u8, centre, centre);
            angles.mean_views.insert(band, mean);
            for footprint in self.footprints(band) {
                let detector = footprint.detector;
                let view = grid(nodes, |east, south| {
                    let seen = self.detector(east, south) == Some(detector);
                    seen.then(|| self.view_at(band, detector, east, south))
                });
                angles.views.insert((band, detector), view);
            }
        }
        angles
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
        row_step: NODE_STEP,
        column_step: NODE_STEP,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TILE: ViewGeometry = ViewGeometry {
        extent: 109_800.0,
        sun: Direction {
            zenith: 0.6,
            azimuth: 2.5,
        },
        swath_edge: true,
    };

    #[test]
    fn the_footprints_are_where_the_detectors_are() {
        let inside = |polygon: &[[f64; 2]], point: [f64; 2]| {
            (0..polygon.len()).all(|index| {
                let (a, b) = (polygon[index], polygon[(index + 1) % polygon.len()]);
                (b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0]) >= 0.0
            })
        };
        let footprints = TILE.footprints(Band::B03);
        assert!(footprints.len() >= 4);
        for step in 0..2_500 {
            let point = [f64::from(step % 50), f64::from(step / 50)].map(|k| 7.0 + 2_190.3 * k);
            let within: Vec<u8> = footprints
                .iter()
                .filter(|footprint| inside(&footprint.polygon, point))
                .map(|footprint| footprint.detector)
                .collect();
            let expected: Vec<u8> = TILE.detector(point[0], point[1]).into_iter().collect();
            assert_eq!(within, expected, "{point:?}");
        }
    }

    #[test]
    fn views_alternate_between_detectors_and_spread_over_the_bands() {
        // View grids of the real tile T18LTM: the satellite is in the east, near azimuth 100 degrees;
        // odd detectors see it further south than even ones, in B09 more than in B02.
        let at = |band, detector| {
            TILE.view_at(band, detector, 54_900.0, 54_900.0)
                .azimuth
                .to_degrees()
        };
        for band in Band::ALL {
            let (odd, even) = (at(band, 5), at(band, 4));
            assert!(odd > even && (odd + even) / 2.0 > 95.0 && (odd + even) / 2.0 < 110.0);
        }
        assert!(at(Band::B09, 5) - at(Band::B09, 4) > 2.0 * (at(Band::B02, 5) - at(Band::B02, 4)));
    }

    #[test]
    fn the_grids_cover_the_tile_and_leave_the_rest_unknown() {
        let angles = TILE.angles();
        let sun = angles.sun.as_ref().unwrap();
        assert_eq!(sun.zenith.dim(), (23, 23));
        let middle = sun.at(54_900.0, 54_900.0).unwrap();
        assert!((middle.zenith - TILE.sun.zenith).abs() < 1e-5);
        assert!((middle.azimuth - TILE.sun.azimuth).abs() < 1e-5);
        for node in 0..23 * 23 {
            let (row, column) = (node / 23, node % 23);
            let seen = (1..=12).filter(|detector| {
                let grid = angles.views.get(&(Band::B8A, *detector));
                grid.is_some_and(|grid| !grid.zenith[[row, column]].is_nan())
            });
            let expected = TILE.detector(5_000.0 * column as f64, 5_000.0 * row as f64);
            assert_eq!(
                seen.collect::<Vec<_>>(),
                expected.into_iter().collect::<Vec<_>>()
            );
        }
    }
}
