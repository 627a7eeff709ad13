//! Texture of the sea at wave scale, moving while one band after the other looks.
//!
//! A square of random waves, repeated without a seam, travels as a whole with the phase speed of the
//! dominant waves.

use super::noise::{Row, gaussian, hash, unit};
use super::setting::Setting;
use super::view::seen_after;
use crate::scene::Band;
use std::f64::consts::TAU;

/// Cells along the side of the square: a power of two.
const CELLS: usize = 512;
/// Side of a cell, metres: an eighth of a 40 m wave.
const CELL: f64 = 5.0;
/// Side of the square, metres.
const SIDE: f64 = CELLS as f64 * CELL;
/// Waves in the square (free choice).
const WAVES: i64 = 96;
/// Shortest and longest wave, metres.
const LENGTHS: (f64, f64) = (20.0, 150.0);
/// Phase speed of the dominant waves of a grown wind sea relative to the wind (W. J. Pierson and L.
/// Moskowitz, J. Geophys. Res. 69 (1964) 5181-5190: 1.14), and its bounds, m/s.
const SPEED_PER_WIND: f64 = 1.14;
const SPEEDS: (f64, f64) = (5.0, 10.0);
/// Acceleration of gravity, m/s².
const GRAVITY: f64 = 9.81;
/// Deviation of the logarithm of the wave length about the dominant one, and of the direction about the
/// wind, radians (free choices).
const LENGTH_SPREAD: f64 = 0.5;
const DIRECTION_SPREAD: f64 = 0.45;
/// Relative deviation of glint by waves, at pixels of 10 m and below (free choice).
const DEVIATION: f64 = 0.25;
/// Least glint relative to its mean.
const LEAST: f32 = 0.05;
/// Key of the waves' random numbers.
const KEY: u64 = 0x3a7e;

/// The waves of a scene.
pub(super) struct Waves {
    /// Glint relative to its mean in the square, averaged over pixels of 10, 20 and 60 m; row by row.
    squares: [(f64, Vec<f32>); 3],
    /// Metres a second to the east and south.
    velocity: [f64; 2],
}

impl Waves {
    pub fn new(setting: &Setting) -> Self {
        let seed = hash(setting.seed, KEY as i64, 0);
        let (easting, northing) = setting.grid.centre();
        // Waves run with the wind; without a direction, anywhere.
        let azimuth = match setting.wind.direction {
            Some(from) => setting.grid.zone.grid_azimuth(from, easting, northing) + TAU / 2.0,
            None => TAU * unit(hash(seed, 0, 1)),
        };
        let speed = (SPEED_PER_WIND * setting.wind.speed).clamp(SPEEDS.0, SPEEDS.1);
        let square = square(seed, azimuth, TAU * speed * speed / GRAVITY);
        Self {
            squares: [10.0, 20.0, 60.0].map(|pixel| (pixel, averaged(&square, pixel))),
            velocity: [speed * azimuth.sin(), -speed * azimuth.cos()],
        }
    }

    /// Glint relative to its mean along a row, as a band of a detector sees it: about 1. Pixels are as
    /// large as the row's step, or the next smaller of 10, 20, 60 m.
    pub fn along(&self, row: Row, band: Band, detector: u8, out: &mut [f32]) {
        let time = seen_after(band, detector);
        let [_, (_, square), _] = &self.squares;
        let square = self
            .squares
            .iter()
            .rev()
            .find(|(pixel, _)| *pixel <= row.step)
            .map_or(square, |(_, square)| square);
        // Place in the square in cells, counted from the middle of cell (0, 0).
        let cells = |place: f64, axis: usize| {
            ((place - time * self.velocity[axis]) / CELL - 0.5).rem_euclid(CELLS as f64)
        };
        let down = cells(row.y, 1);
        let line = |index: usize| &square[index % CELLS * CELLS..][..CELLS];
        let (above, below) = (line(down as usize), line(down as usize + 1));
        let share = down.fract() as f32;
        let mut blended = [0.0_f32; CELLS];
        for ((value, above), below) in blended.iter_mut().zip(above).zip(below) {
            *value = above + (below - above) * share;
        }
        // Where whole pixels make a square, the row repeats itself.
        let pixels = SIDE / row.step;
        let period = if pixels.fract() == 0.0 {
            (pixels as usize).min(out.len())
        } else {
            out.len()
        };
        let (unique, repeated) = out.split_at_mut(period);
        let (first, step) = (cells(row.first, 0), row.step / CELL);
        for (k, value) in (0_i32..).zip(&mut *unique) {
            let across = first + f64::from(k) * step;
            let column = across as usize;
            let share = (across - column as f64) as f32;
            let left = blended[column % CELLS];
            *value = left + (blended[(column + 1) % CELLS] - left) * share;
        }
        for piece in repeated.chunks_mut(period.max(1)) {
            piece.copy_from_slice(&unique[..piece.len()]);
        }
    }
}

/// Random waves about a direction and a length, of mean 1.
fn square(seed: u64, azimuth: f64, dominant: f64) -> Vec<f32> {
    let mut sum = vec![0.0_f64; CELLS * CELLS];
    for wave in 1..=WAVES {
        let draw = |which| hash(seed, wave, which);
        let length =
            (dominant * (LENGTH_SPREAD * gaussian(draw(1))).exp()).clamp(LENGTHS.0, LENGTHS.1);
        let (sin, cos) = (azimuth + DIRECTION_SPREAD * gaussian(draw(2))).sin_cos();
        // Whole waves in the square, so that it has no seam.
        let phase_step = |part: f64| (SIDE / length * part).round() * TAU / CELLS as f64;
        let (east, south) = (phase_step(sin), phase_step(-cos));
        let phase = TAU * unit(draw(3));
        let (turn_sin, turn_cos) = east.sin_cos();
        for (row, line) in sum.chunks_exact_mut(CELLS).enumerate() {
            let (mut sin, mut cos) = (phase + row as f64 * south).sin_cos();
            for value in line {
                *value += sin;
                (sin, cos) = (
                    sin * turn_cos + cos * turn_sin,
                    cos * turn_cos - sin * turn_sin,
                );
            }
        }
    }
    // Each wave has the variance 1/2.
    let scale = DEVIATION / (WAVES as f64 / 2.0).sqrt();
    sum.iter()
        .map(|value| ((1.0 + scale * value) as f32).max(LEAST))
        .collect()
}

/// The square averaged over square pixels centred on its cells.
fn averaged(square: &[f32], pixel: f64) -> Vec<f32> {
    let reach = (pixel / CELL / 2.0) as usize;
    let mean = |line: &[f32]| -> Vec<f32> {
        // An even number of cells: those at the ends count half.
        (0..CELLS)
            .map(|k| {
                let at = |offset: usize| line[(k + CELLS + offset - reach) % CELLS];
                let inner: f32 = (1..2 * reach).map(at).sum();
                (inner + (at(0) + at(2 * reach)) / 2.0) / (2 * reach) as f32
            })
            .collect()
    };
    let transposed = |square: &[f32]| -> Vec<f32> {
        (0..CELLS * CELLS)
            .map(|k| square[k % CELLS * CELLS + k / CELLS])
            .collect()
    };
    let rows: Vec<f32> = square.chunks_exact(CELLS).flat_map(mean).collect();
    let columns: Vec<f32> = transposed(&rows)
        .chunks_exact(CELLS)
        .flat_map(mean)
        .collect();
    transposed(&columns)
}

#[cfg(test)]
mod tests {
    use super::super::place::Place;
    use super::super::setting::{Preset, Wind};
    use super::super::view::delay;
    use super::*;
    use crate::scene::Direction;

    fn waves(speed: f64, direction: Option<f64>) -> (Waves, f64) {
        let grid = Place::new(43.6, 1.4, 10_980).unwrap().grid;
        let sun = Direction::from_degrees(35.0, 150.0);
        let mut setting = Setting::of_preset(Preset::OpenSea, 5, grid, sun);
        setting.wind = Wind { speed, direction };
        let (easting, northing) = grid.centre();
        (
            Waves::new(&setting),
            grid.zone.convergence(easting, northing),
        )
    }

    fn picture(
        waves: &Waves,
        band: Band,
        detector: u8,
        first: [f64; 2],
        step: f64,
    ) -> Vec<Vec<f32>> {
        let line = |k: usize| {
            let mut out = vec![f32::NAN; 300];
            let row = Row {
                first: first[0],
                step,
                y: first[1] + k as f64 * step,
            };
            waves.along(row, band, detector, &mut out);
            out
        };
        (0..300).map(line).collect()
    }

    fn deviation(picture: &[Vec<f32>]) -> (f64, f64) {
        let values = || picture.iter().flatten().map(|value| f64::from(*value));
        let count = values().count() as f64;
        let mean = values().sum::<f64>() / count;
        (
            mean,
            (values().map(|value| (value - mean).powi(2)).sum::<f64>() / count).sqrt(),
        )
    }

    #[test]
    fn the_texture_is_about_1_and_fades_in_large_pixels() {
        for speed in [0.0, 4.0, 7.0, 15.0] {
            let (waves, _) = waves(speed, Some(1.0));
            let of = |step| deviation(&picture(&waves, Band::B03, 5, [5.0, 5.0], step));
            let (mean, fine) = of(10.0);
            assert!((mean - 1.0).abs() < 0.02, "{mean}");
            let coarse = of(60.0).1;
            assert!(
                (0.1..0.3).contains(&fine) && coarse < 0.5 * fine,
                "{speed} {fine} {coarse}"
            );
            if speed >= 7.0 {
                assert!(fine > 0.15, "{speed} {fine}");
            }
        }
    }

    #[test]
    fn the_square_repeats_without_a_seam_and_is_the_same_wherever_a_row_begins() {
        let (waves, _) = waves(7.0, None);
        let at = |east, south| picture(&waves, Band::B04, 3, [east, south], 10.0);
        let here = at(5.0, 5.0);
        for (there, first) in [(at(5.0 + SIDE, 5.0 - SIDE), 0), (at(105.0, 5.0), 10)] {
            for (line, other) in here.iter().zip(&there) {
                for (value, other) in line[first..].iter().zip(other) {
                    assert!((value - other).abs() < 1e-5);
                }
            }
        }
        // The texture is continuous: the waves are longer than two pixels of 5 m.
        let line = &picture(&waves, Band::B04, 3, [SIDE - 300.0, SIDE - 300.0], 2.0);
        for pair in line.windows(2) {
            for (k, value) in pair[0].iter().enumerate().skip(1) {
                assert!((value - pair[1][k]).abs() < 0.25);
                assert!((value - pair[0][k - 1]).abs() < 0.25);
            }
        }
    }

    #[test]
    fn the_texture_moves_between_bands_by_phase_speed_times_delay() {
        // A wind of 7 m/s raises waves of 7.98 m/s; from the south-west (225 degrees) they run to the
        // north-east on the true compass.
        for (from, detector) in [(225.0_f64, 5), (225.0, 4), (30.0, 7)] {
            let (waves, convergence) = waves(7.0, Some(from.to_radians()));
            const STEP: f64 = 1.0;
            const REACH: i32 = 24;
            let first = picture(&waves, Band::B02, detector, [5.0, 5.0], STEP);
            let later = picture(&waves, Band::B09, detector, [5.0, 5.0], STEP);
            let product = |east: i32, south: i32| {
                let mut sum = 0.0;
                for row in REACH..300 - REACH {
                    for column in REACH..300 - REACH {
                        let there = &later[(row + south) as usize][(column + east) as usize];
                        let here = first[row as usize][column as usize];
                        sum += f64::from(here - there).powi(2);
                    }
                }
                sum
            };
            let candidates =
                (-REACH..=REACH).flat_map(|south| (-REACH..=REACH).map(move |east| (east, south)));
            let (_, east, south) = candidates
                .map(|(east, south)| (product(east, south), east, south))
                .min_by(|a, b| a.0.total_cmp(&b.0))
                .unwrap();
            // Even detectors see B09 first.
            let sign = if detector % 2 == 1 { 1.0 } else { -1.0 };
            let distance = sign * 7.98 * delay(Band::B09);
            let to = from.to_radians() + std::f64::consts::PI - convergence;
            let expected = (distance * to.sin(), -distance * to.cos());
            let off =
                (f64::from(east) * STEP - expected.0).hypot(f64::from(south) * STEP - expected.1);
            assert!(off < 1.0, "{from} {detector}: {east} {south} {expected:?}");
        }
    }

    #[test]
    fn rows_equal_points() {
        // The slow twin: bilinear by the definition, with the square's own numbers.
        let (waves, _) = waves(7.0, Some(2.0));
        let (_, square) = &waves.squares[0];
        let time = seen_after(Band::B8A, 8);
        let row = Row {
            first: -25.0,
            step: 10.0,
            y: 54_321.0,
        };
        let mut out = vec![f32::NAN; 500];
        waves.along(row, Band::B8A, 8, &mut out);
        for (k, value) in out.into_iter().enumerate() {
            let east = (row.first + 10.0 * k as f64 - time * waves.velocity[0]) / CELL - 0.5;
            let south = (row.y - time * waves.velocity[1]) / CELL - 0.5;
            let mut expected = 0.0;
            for (i, wx) in [(0, 1.0 - (east - east.floor())), (1, east - east.floor())] {
                for (j, wy) in [
                    (0, 1.0 - (south - south.floor())),
                    (1, south - south.floor()),
                ] {
                    let column = (east.floor() as i64 + i).rem_euclid(CELLS as i64) as usize;
                    let line = (south.floor() as i64 + j).rem_euclid(CELLS as i64) as usize;
                    expected += wx * wy * f64::from(square[line * CELLS + column]);
                }
            }
            assert!((f64::from(value) - expected).abs() < 1e-5, "{k}");
        }
    }
}
