//! Ships on the open sea.

use super::super::noise::{Row, hash, unit};
use super::super::setting::Setting;
use super::super::shore::Shore;
use super::place::{Length, Place, scaled};
use super::{Parts, Surface};

/// Sea is divided into squares of this side; each may hold a ship.
const SQUARE: Length = (5_000.0, 0.125);
/// Share of the squares with a ship.
const DENSITY: f64 = 0.3;
/// Least distance from the shore.
const OFF_SHORE: Length = (2_000.0, 0.08);
/// Lengths, metres: from small to large, small ones being more frequent.
const LENGTHS: [f64; 2] = [30.0, 300.0];
/// Length over width.
const SLENDER: f64 = 6.5;
/// Points of a pixel's side that are looked at.
const SAMPLES: i32 = 4;

/// A ship: a rectangle at sea.
#[derive(Clone, Copy, Debug)]
struct Ship {
    x: f64,
    y: f64,
    half_length: f64,
    half_width: f64,
    heading: [f64; 2],
}

/// All ships of a scene.
pub(super) struct Ships(Vec<Ship>);

impl Ships {
    pub fn new(setting: &Setting, shore: &Shore, seed: u64) -> Self {
        let square = scaled(setting, SQUARE);
        let off_shore = scaled(setting, OFF_SHORE);
        let squares = (setting.extent() / square).ceil() as i64;
        let mut ships = Vec::new();
        for (i, j) in (0..squares).flat_map(|i| (0..squares).map(move |j| (i, j))) {
            let bits = hash(seed, i, j);
            let draw = |k: i64| unit(hash(bits, k, 0));
            if draw(0) >= DENSITY {
                continue;
            }
            let (x, y) = ((j as f64 + draw(1)) * square, (i as f64 + draw(2)) * square);
            let mut from_sea = [0.0];
            let row = Row {
                first: x,
                step: 1.0,
                y,
            };
            shore.inland(row, &mut from_sea);
            if from_sea[0] > -off_shore {
                continue;
            }
            let [least, most] = LENGTHS;
            let length = least * (most / least).powf(draw(3));
            let (sin, cos) = (draw(4) * std::f64::consts::TAU).sin_cos();
            ships.push(Ship {
                x,
                y,
                half_length: length / 2.0,
                half_width: length / SLENDER / 2.0,
                heading: [sin, -cos],
            });
        }
        Self(ships)
    }

    /// Puts the ships of a row of pixels on the sea.
    pub fn board(&self, place: &Place, sea: &mut [Parts]) {
        let size = place.row.step;
        let near = |ship: &&Ship| (ship.y - place.row.y).abs() < ship.half_length + size;
        for ship in self.0.iter().filter(near) {
            let pixel_of = |x: f64| ((x - place.row.first) / size).round().max(0.0) as usize;
            let first = pixel_of(ship.x - ship.half_length - size);
            let last = pixel_of(ship.x + ship.half_length + size).min(place.len());
            for (k, parts) in sea.iter_mut().enumerate().take(last).skip(first) {
                *parts = parts.under(Surface::Ship, ship.share(place.x(k), place.row.y, size));
            }
        }
    }
}

impl Ship {
    /// Share of a pixel that the ship hides.
    fn share(&self, x: f64, y: f64, size: f64) -> f64 {
        let offset = |at: i32| ((f64::from(at) + 0.5) / f64::from(SAMPLES) - 0.5) * size;
        let hidden = (0..SAMPLES * SAMPLES).filter(|at| {
            let east = x + offset(at % SAMPLES) - self.x;
            let south = y + offset(at / SAMPLES) - self.y;
            let [ahead_x, ahead_y] = self.heading;
            (east * ahead_x + south * ahead_y).abs() < self.half_length
                && (south * ahead_x - east * ahead_y).abs() < self.half_width
        });
        hidden.count() as f64 / f64::from(SAMPLES * SAMPLES)
    }
}
