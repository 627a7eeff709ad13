//! Deterministic noise by integer hashing: the same numbers on every machine, for any thread count and
//! for any pixel size.

/// Scrambles a seed and two integers into 64 evenly distributed bits.
///
/// Source: the finaliser of SplitMix64 (Steele, Lea, Flood: *Fast splittable pseudorandom number
/// generators*, OOPSLA 2014), applied once per input.
pub(super) fn hash(seed: u64, a: i64, b: i64) -> u64 {
    scramble(scramble(seed ^ a as u64) ^ b as u64)
}

/// Scrambles 64 bits.
pub(super) fn scramble(value: u64) -> u64 {
    let z = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

/// Uniform in [0, 1) from hashed bits.
pub(super) fn unit(bits: u64) -> f64 {
    const STEP: f64 = 1.0 / (1u64 << 53) as f64;
    (bits >> 11) as f64 * STEP
}

/// Nearly Gaussian with mean 0 and deviation 1 from hashed bits: the sum of four uniform numbers, cut
/// off at 3.46.
pub(super) fn gaussian(bits: u64) -> f64 {
    const MEAN: f64 = 4.0 * 65_535.0 / 2.0;
    // The variance of a uniform number on n integers is (n² - 1) / 12.
    const VARIANCE: f64 = 4.0 * (65_536.0 * 65_536.0 - 1.0) / 12.0;
    let sum: u32 = [0, 16, 32, 48]
        .map(|shift| u32::from((bits >> shift) as u16))
        .iter()
        .sum();
    (f64::from(sum) - MEAN) * (1.0 / VARIANCE.sqrt())
}

/// Sample points along a row: `x = first + k * step`, metres.
#[derive(Clone, Copy, Debug)]
pub(super) struct Row {
    /// x of the first sample, metres.
    pub first: f64,
    /// Distance between samples, metres.
    pub step: f64,
    /// y of all samples, metres.
    pub y: f64,
}

/// Fractal value noise: a sum of octaves of smoothly interpolated lattice values.
#[derive(Clone, Copy, Debug)]
pub(super) struct Fractal {
    seed: u64,
    coarsest: f64,
    octaves: i32,
}

impl Fractal {
    /// Octaves with cells from `coarsest` down to `finest` metres, each half as large and half as
    /// strong as the one before.
    pub fn new(seed: u64, coarsest: f64, finest: f64) -> Self {
        let octaves = (coarsest / finest).log2().floor().max(0.0) as i32 + 1;
        Self {
            seed,
            coarsest,
            octaves,
        }
    }

    /// The noise along a row, within [-1, 1], into `out`.
    pub fn fill(&self, row: Row, out: &mut [f64]) {
        out.fill(0.0);
        let total: f64 = (0..self.octaves).map(|octave| 0.5_f64.powi(octave)).sum();
        for octave in 0..self.octaves {
            let scale = 0.5_f64.powi(octave);
            add_octave(
                hash(self.seed, i64::from(octave), 0),
                self.coarsest * scale,
                scale / total,
                row,
                out,
            );
        }
    }
}

/// Adds one octave cell by cell, so that the inner loop is plain arithmetic.
fn add_octave(seed: u64, cell: f64, amplitude: f64, row: Row, out: &mut [f64]) {
    let per_metre = 1.0 / cell;
    let line = (row.y * per_metre).floor();
    let down = smooth(row.y * per_metre - line);
    let lattice = |column: f64| {
        let value =
            |line: f64| amplitude * (2.0 * unit(hash(seed, column as i64, line as i64)) - 1.0);
        let (above, below) = (value(line), value(line + 1.0));
        above + (below - above) * down
    };
    let mut column = (row.first * per_metre).floor();
    let (mut left, mut right) = (lattice(column), lattice(column + 1.0));
    let mut start = 0;
    loop {
        let border = ((column + 1.0) * cell - row.first) / row.step;
        let end = (border.ceil().max(0.0) as usize).clamp(start, out.len());
        // Indices as i32: they become f64 several at a time.
        for (k, value) in (start as i32..).zip(&mut out[start..end]) {
            let x = row.first + f64::from(k) * row.step;
            *value += left + (right - left) * smooth(x * per_metre - column);
        }
        if end == out.len() {
            return;
        }
        start = end;
        column += 1.0;
        left = right;
        right = lattice(column + 1.0);
    }
}

/// Goes from 0 to 1 with flat ends.
fn smooth(t: f64) -> f64 {
    t * t * (3.0 - 2.0 * t)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The slow twin: one point, straight from the definition.
    fn at(fractal: &Fractal, x: f64, y: f64) -> f64 {
        let (mut sum, mut total) = (0.0, 0.0);
        for octave in 0..fractal.octaves {
            let scale = 0.5_f64.powi(octave);
            let (u, v) = (
                x / (fractal.coarsest * scale),
                y / (fractal.coarsest * scale),
            );
            let seed = hash(fractal.seed, i64::from(octave), 0);
            for (i, wx) in [(0.0, 1.0 - smooth(u.fract())), (1.0, smooth(u.fract()))] {
                for (j, wy) in [(0.0, 1.0 - smooth(v.fract())), (1.0, smooth(v.fract()))] {
                    let bits = hash(seed, (u.floor() + i) as i64, (v.floor() + j) as i64);
                    sum += scale * wx * wy * (2.0 * unit(bits) - 1.0);
                }
            }
            total += scale;
        }
        sum / total
    }

    #[test]
    fn rows_equal_points_at_every_pixel_size() {
        let fractal = Fractal::new(7, 900.0, 25.0);
        for step in [10.0, 20.0, 60.0] {
            let row = Row {
                first: step / 2.0,
                step,
                y: 431.0,
            };
            let mut out = vec![f64::NAN; 300];
            fractal.fill(row, &mut out);
            for (k, value) in out.iter().enumerate() {
                let x = row.first + k as f64 * step;
                assert!((value - at(&fractal, x, row.y)).abs() < 1e-12, "{step} {k}");
                assert!(value.abs() <= 1.0);
            }
        }
    }

    #[test]
    fn the_gaussian_has_mean_0_and_deviation_1() {
        const COUNT: i64 = 100_000;
        let draws: Vec<f64> = (0..COUNT).map(|k| gaussian(hash(3, k, 5))).collect();
        let mean = draws.iter().sum::<f64>() / COUNT as f64;
        let variance = draws.iter().map(|d| d * d).sum::<f64>() / COUNT as f64;
        // Four standard errors.
        assert!(mean.abs() < 4.0 / (COUNT as f64).sqrt(), "{mean}");
        assert!(
            (variance - 1.0).abs() < 4.0 * (2.0 / COUNT as f64).sqrt(),
            "{variance}"
        );
    }
}
