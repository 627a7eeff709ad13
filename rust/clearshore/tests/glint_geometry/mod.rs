//! A made-up instrument: detectors with slanted stripes of a few kilometres, one looking ahead, the next back, each band a
//! little later. Directions are those to a sensor 786 km above the ground, point by point.

use clearshore::scene::{AngleGrid, Angles, Band, Direction, Nodes};
use ndarray::Array2;
use std::collections::BTreeMap;

/// Height of the sensor, metres.
const HEIGHT: f64 = 786_000.0;
/// Distance between nodes of the angles, metres.
pub const NODE_STEP: f64 = 5_000.0;
/// Bands whose glint is predicted, in the scenes of the tests.
pub const BANDS: [Band; 6] = [
    Band::B02,
    Band::B03,
    Band::B04,
    Band::B8A,
    Band::B11,
    Band::B12,
];

/// The sun, the sensor and the stripes over a square of so many metres.
#[derive(Clone, Copy, Debug)]
pub struct Instrument {
    pub sun: Direction,
    /// How far right of the square's left edge the sensor passes, metres.
    pub track: f64,
    /// Width of a stripe, metres, and how far right it goes on its way down, unitless.
    pub stripe: f64,
    pub slant: f64,
    /// Side of the square, metres.
    pub side: f64,
    /// 1 for a descending orbit, -1 for an ascending one: where "ahead" is.
    pub flight: f64,
    /// Whether the last stripe is the last of the swath: nobody sees what is right of stripe number so much.
    pub last_stripe: u8,
}

impl Instrument {
    fn delay(band: Band) -> f64 {
        BANDS.iter().position(|known| *known == band).unwrap() as f64
    }

    /// Detector at a point so many metres right of and below the corner, 0 where nobody looks. Stripes of later bands lie 60 m
    /// farther left, band by band.
    pub fn detector(&self, band: Band, east: f64, south: f64) -> u8 {
        let across = east - self.slant * south + 60.0 * Self::delay(band) + 3.0 * self.stripe;
        let number = (across / self.stripe).floor() + 1.0;
        match number as u8 {
            number if (1..=self.last_stripe).contains(&number) => number,
            _ => 0,
        }
    }

    /// Direction to the sensor from a point, of a detector that looks ahead or back.
    pub fn view(&self, band: Band, detector: u8, east: f64, south: f64) -> Direction {
        let parity = if detector.is_multiple_of(2) {
            1.0
        } else {
            -1.0
        };
        let along = self.flight * (parity * 20_000.0 - 2_500.0 * Self::delay(band));
        let (x, y) = (self.track - east, along + 0.05 * (south - self.side / 2.0));
        Direction {
            zenith: x.hypot(y).atan2(HEIGHT),
            azimuth: x.atan2(y).rem_euclid(std::f64::consts::TAU),
        }
    }

    /// What the metadata says: nodes known within a detector's stripe and up to 3 km beside it.
    pub fn angles(&self) -> Angles {
        let nodes = (self.side / NODE_STEP).ceil() as usize + 1;
        let place =
            |(row, column): (usize, usize)| (column as f64 * NODE_STEP, row as f64 * NODE_STEP);
        let grid = |at: &dyn Fn(f64, f64) -> Option<Direction>| {
            let part = |part: fn(Direction) -> f64| {
                Array2::from_shape_fn((nodes, nodes), |node| {
                    let (east, south) = place(node);
                    at(east, south).map_or(f64::NAN, part)
                })
            };
            AngleGrid {
                zenith: part(|direction| direction.zenith),
                azimuth: part(|direction| direction.azimuth),
                nodes: Nodes::from_corner(NODE_STEP, NODE_STEP),
            }
        };
        let mut views = BTreeMap::new();
        for band in BANDS {
            for detector in 1..=self.last_stripe {
                let near = |east: f64, south: f64| {
                    [-3_000.0, 0.0, 3_000.0]
                        .iter()
                        .any(|beside| self.detector(band, east + beside, south) == detector)
                };
                let view = grid(&|east, south| {
                    near(east, south).then(|| self.view(band, detector, east, south))
                });
                if view.zenith.iter().any(|zenith| zenith.is_finite()) {
                    views.insert((band, detector), view);
                }
            }
        }
        Angles {
            sun: Some(grid(&|_, _| Some(self.sun))),
            mean_sun: Some(self.sun),
            views,
            mean_views: BANDS
                .map(|band| (band, self.view(band, 4, self.side / 2.0, self.side / 2.0)))
                .into_iter()
                .collect(),
        }
    }
}
