//! The shape of the land: heights as a continuous field over the grid.
//!
//! A ridged multifractal (F. K. Musgrave in Ebert et al., *Texturing and Modeling*, 3rd edition 2003,
//! chapter 16) of gradient noise (K. Perlin, *Improving noise*, SIGGRAPH 2002) that rises from the shore.

use super::super::noise::{Row, hash};
use super::super::setting::{Preset, Setting};
use super::super::shore::Shore;

/// Wave length of the finest octave, metres: about three nodes of the elevation model (free choice).
const FINEST_WAVE: f64 = 90.0;
/// Longest wave as a share of the tile's side (free choice).
const LONGEST_SHARE: f64 = 0.4;
/// Strength of an octave relative to the one twice as long (free choice: slopes nearly alike at all scales).
const FALL: f64 = 0.47;
/// How sharp ridges are relative to those twice as long (free choice).
const BLUNTING: f64 = 0.75;
/// How strongly an octave bends the crests of the one before (free choice).
const JAGGEDNESS: f64 = 0.35;
/// Gradient noise rarely exceeds this; it is scaled to 1.
const NOISE_HEIGHT: f64 = 0.62;
/// Sum of all octaves, in parts of the largest possible, on the highest ridges.
const REACHED: f64 = 0.95;
/// By how much the axes of an octave are turned from those of the one before, radians: the golden angle,
/// so that no two lattices are parallel.
const TURN: f64 = 2.399_963_229_728_653;
/// Distance from the shore over which a cliff rises, metres (free choice).
const CLIFF_WIDTH: f64 = 45.0;
/// Height of the land at the water line, metres: beaches slope (free choice).
const SHORE_SLOPE: f64 = 0.03;

/// What distinguishes the landscapes.
#[derive(Clone, Copy, Debug)]
struct Form {
    /// Height of the highest ridges, metres.
    height: f64,
    /// Distance between the largest ridges, metres; in small tiles less, and the heights with it.
    wave: f64,
    /// 0: rounded hills, 1: sharp ridges.
    sharpness: f64,
    /// Distance from the shore over which the land rises to 63 % of its height, metres.
    rise: f64,
    /// Height of cliffs along a part of the shore, metres.
    cliff: f64,
    /// Height of the lakes, metres.
    lake: f64,
    /// Distance from a lake over which the land rises to 63 % of its height, metres.
    basin: f64,
}

impl Form {
    fn of(preset: Preset) -> Self {
        let hills = Self {
            height: 320.0,
            wave: 6_000.0,
            sharpness: 0.25,
            rise: 5_000.0,
            cliff: 0.0,
            lake: 6.0,
            basin: 700.0,
        };
        match preset {
            Preset::AlpineCoast => Self {
                height: 3_300.0,
                wave: 11_000.0,
                sharpness: 1.0,
                rise: 3_600.0,
                cliff: 90.0,
                lake: 60.0,
                basin: 900.0,
            },
            Preset::AllSnow | Preset::Winter => Self {
                height: 850.0,
                wave: 7_000.0,
                sharpness: 0.6,
                rise: 3_500.0,
                cliff: 25.0,
                lake: 20.0,
                ..hills
            },
            Preset::Lagoon => Self {
                height: 24.0,
                wave: 4_000.0,
                rise: 3_000.0,
                lake: 2.0,
                ..hills
            },
            Preset::Coast | Preset::AllCloud | Preset::OpenSea => hills,
        }
    }

    /// The same land in a tile that is too small for it.
    fn fitted(self, extent: f64) -> Self {
        let scale = (LONGEST_SHARE * extent / self.wave).min(1.0);
        Self {
            height: self.height * scale,
            wave: self.wave * scale,
            rise: self.rise * scale,
            cliff: self.cliff * scale,
            basin: self.basin * scale,
            lake: (self.lake * scale).ceil(),
            ..self
        }
    }
}

/// The land of a scene.
#[derive(Clone, Debug)]
pub(super) struct Landform {
    shore: Shore,
    form: Form,
    octaves: Vec<Octave>,
}

/// Rows that a worker needs beside its result.
#[derive(Clone, Debug, Default)]
pub(super) struct Scratch {
    from_sea: Vec<f64>,
    into_lake: Vec<f64>,
    noise: Vec<f64>,
    weight: Vec<f64>,
}

impl Landform {
    pub fn new(setting: &Setting, shore: &Shore) -> Self {
        let form = Form::of(setting.preset).fitted(setting.extent());
        let count = (form.wave / FINEST_WAVE).log2().ceil().max(1.0) as i32;
        let octaves = (0..count)
            .map(|octave| {
                let seed = hash(setting.seed, 0x4e11, i64::from(octave));
                Octave::new(
                    seed,
                    form.wave * 0.5_f64.powi(octave),
                    TURN * f64::from(octave),
                )
            })
            .collect();
        Self {
            shore: *shore,
            form,
            octaves,
        }
    }

    /// No land is higher, metres.
    pub fn highest(&self) -> f64 {
        self.form.height / REACHED + self.form.cliff + self.form.lake
    }

    /// Heights along a row, metres; 0 at sea, constant on lakes.
    pub fn fill(&self, row: Row, scratch: &mut Scratch, out: &mut [f64]) {
        let Scratch {
            from_sea,
            into_lake,
            noise,
            weight,
        } = scratch;
        for line in [&mut *from_sea, into_lake, weight] {
            line.resize(out.len(), 0.0);
        }
        out.fill(0.0);
        self.shore.distance_from_sea(row, from_sea);
        if from_sea.iter().all(|distance| *distance <= 0.0) {
            return;
        }
        self.shore.distance_into_lake(row, from_sea, into_lake);
        self.ridges(row, noise, weight, out);
        let form = self.form;
        for (k, height) in out.iter_mut().enumerate() {
            let inland = from_sea[k];
            if inland <= 0.0 {
                *height = 0.0;
                continue;
            }
            let rise = 1.0 - (-inland / form.rise).exp();
            let cliff = 1.0 - (-inland / CLIFF_WIDTH).exp();
            // Where the fractal is high, the shore is rock.
            let rock = (3.0 * *height - 1.0).clamp(0.0, 1.0);
            let free = form.height * *height * rise
                + form.cliff * rock * cliff
                + SHORE_SLOPE * inland.min(CLIFF_WIDTH);
            let from_lake = -into_lake[k];
            *height = if from_lake <= 0.0 {
                form.lake
            } else {
                form.lake + (free - form.lake) * (1.0 - (-(from_lake / form.basin).powi(2)).exp())
            };
        }
    }

    /// The fractal, 0 to about 1.
    fn ridges(&self, row: Row, noise: &mut Vec<f64>, weight: &mut [f64], out: &mut [f64]) {
        let width = out.len();
        noise.resize(self.octaves.len() * width, 0.0);
        for (octave, line) in self.octaves.iter().zip(noise.chunks_exact_mut(width)) {
            octave.fill(row, line);
        }
        // Each octave is bent by the finer ones: crests are jagged.
        for start in (0..(self.octaves.len() - 1) * width).rev() {
            noise[start] += JAGGEDNESS * noise[start + width];
        }
        let mut sharpness = self.form.sharpness;
        weight.fill(1.0);
        let (mut strength, mut total) = (1.0, 0.0);
        for line in noise.chunks_exact(width) {
            for ((sum, weight), noise) in out.iter_mut().zip(&mut *weight).zip(line) {
                let noise = noise.clamp(-1.0, 1.0);
                let ridge = 1.0 - noise.abs();
                let hill = 0.5 + 0.5 * noise;
                let signal = hill + sharpness * (ridge * ridge - hill);
                *sum += strength * *weight * signal;
                // Rough ridges over smooth valleys.
                *weight = 0.5 * (*weight + signal);
            }
            total += strength;
            strength *= FALL;
            sharpness *= BLUNTING;
        }
        for height in out {
            *height *= 1.0 / (REACHED * total);
        }
    }
}

/// One octave of gradient noise on a lattice that lies aslant, so that its axes don't show.
#[derive(Clone, Copy, Debug)]
struct Octave {
    seed: u64,
    /// Turns metres into cells, along and across.
    turn: [f64; 2],
}

impl Octave {
    fn new(seed: u64, cell: f64, angle: f64) -> Self {
        Self {
            seed,
            turn: [angle.cos() / cell, angle.sin() / cell],
        }
    }

    /// The noise along a row, mostly within [-1, 1], into `out`, cell by cell.
    fn fill(&self, row: Row, out: &mut [f64]) {
        let [cos, sin] = self.turn;
        let position = |k: usize| {
            let x = row.first + k as f64 * row.step;
            (x * cos - row.y * sin, x * sin + row.y * cos)
        };
        let (along, across) = (row.step * cos, row.step * sin);
        let mut start = 0;
        while start < out.len() {
            let (u, v) = position(start);
            let (column, line) = (u.floor(), v.floor());
            let (u, v) = (u - column, v - line);
            let run = steps_within(u, along).min(steps_within(v, across));
            let end = start + (run.floor() as usize + 1).min(out.len() - start);
            let corner = |i: i64, j: i64| {
                let bits = hash(self.seed, column as i64 + i, line as i64 + j);
                gradient(bits)
            };
            let corners = [corner(0, 0), corner(1, 0), corner(0, 1), corner(1, 1)];
            for (k, value) in (0_i32..).zip(&mut out[start..end]) {
                let (u, v) = (u + f64::from(k) * along, v + f64::from(k) * across);
                let [a, b, c, d] = corners;
                let left = a[0] * u + a[1] * v;
                let right = b[0] * (u - 1.0) + b[1] * v;
                let lower_left = c[0] * u + c[1] * (v - 1.0);
                let lower_right = d[0] * (u - 1.0) + d[1] * (v - 1.0);
                let (s, t) = (ease(u), ease(v));
                let upper = left + (right - left) * s;
                let lower = lower_left + (lower_right - lower_left) * s;
                *value = (upper + (lower - upper) * t) * (1.0 / NOISE_HEIGHT);
            }
            start = end;
        }
    }
}

/// How many steps lead to the rim of a cell from a point inside it.
fn steps_within(inside: f64, step: f64) -> f64 {
    if step > 0.0 {
        (1.0 - inside) / step
    } else if step < 0.0 {
        inside / -step
    } else {
        f64::INFINITY
    }
}

/// A slope, each part within [-1, 1], from hashed bits.
fn gradient(bits: u64) -> [f64; 2] {
    const HALF: f64 = 1.0 / (1_u64 << 31) as f64;
    [bits as u32, (bits >> 32) as u32].map(|part| f64::from(part) * HALF - 1.0)
}

/// Goes from 0 to 1 with flat and straight ends (Perlin 2002).
fn ease(t: f64) -> f64 {
    t * t * t * (t * (t * 6.0 - 15.0) + 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The slow twin: gradient noise at a point, straight from its definition.
    fn at(octave: &Octave, x: f64, y: f64) -> f64 {
        let [cos, sin] = octave.turn;
        let (u, v) = (x * cos - y * sin, x * sin + y * cos);
        let mut sum = 0.0;
        for i in [u.floor(), u.floor() + 1.0] {
            for j in [v.floor(), v.floor() + 1.0] {
                let slope = gradient(hash(octave.seed, i as i64, j as i64));
                let weight = |distance: f64| {
                    let t = 1.0 - distance.abs();
                    6.0 * t.powi(5) - 15.0 * t.powi(4) + 10.0 * t.powi(3)
                };
                sum += weight(u - i) * weight(v - j) * (slope[0] * (u - i) + slope[1] * (v - j));
            }
        }
        sum / NOISE_HEIGHT
    }

    #[test]
    fn rows_of_noise_equal_points() {
        for angle in [0.0, 0.5, std::f64::consts::FRAC_PI_2, 2.4, -2.0, 3.0] {
            let octave = Octave::new(11, 130.0, angle);
            let row = Row {
                first: -700.0,
                step: 30.0,
                y: 431.0,
            };
            let mut out = vec![f64::NAN; 400];
            octave.fill(row, &mut out);
            for (k, value) in out.iter().enumerate() {
                let expected = at(&octave, row.first + k as f64 * row.step, row.y);
                assert!((value - expected).abs() < 1e-9, "{angle} {k}");
            }
            let most = out
                .iter()
                .fold(0.0_f64, |most, value| most.max(value.abs()));
            assert!((0.5..1.7).contains(&most), "{most}");
        }
    }
}
