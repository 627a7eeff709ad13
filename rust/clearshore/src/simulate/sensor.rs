//! The sensor: blur, sampling, noise, and the numbers of the file.

use super::noise::{gaussian, hash, scramble};
use crate::scene::{Band, NO_DATA_DN, Radiometry};

/// Deviation of the Gaussian blur in 10 m pixels of bands of 10 and 20 m pixels (measured on clear
/// scenes for the first; mission MTF of 0.15-0.3 at Nyquist).
const BLUR_10: f32 = 0.6;
const BLUR_20: f32 = 0.85;
/// Deviation for bands of 60 m pixels, in those pixels.
const BLUR_60: f32 = 0.5;
/// Deviations after which the blur is cut off.
const BLUR_REACH: f32 = 3.0;
/// Signal-to-noise ratio at the reference radiance, unitless (mission requirement for B02; taken for
/// all bands).
const SIGNAL_TO_NOISE: f32 = 170.0;
/// Reference radiance per band, W/m²/sr/µm, in the order of [`Band::ALL`] (Sentinel-2 mission
/// requirements, table of spectral bands).
const REFERENCE_RADIANCE: [f32; Band::COUNT] = [
    129.0, 128.0, 128.0, 108.0, 74.5, 68.0, 67.0, 103.0, 52.5, 9.0, 6.0, 4.0, 1.5,
];
/// Solar irradiance outside the atmosphere, W/m²/µm (product metadata of Sentinel-2A).
const IRRADIANCE: [f32; Band::COUNT] = [
    1884.69, 1959.66, 1823.24, 1512.06, 1424.64, 1287.61, 1162.08, 1041.63, 955.32, 812.92, 367.15,
    245.59, 85.25,
];
/// Share of the noise variance at the reference that does not depend on the signal, unitless (free
/// choice: read-out noise beside photon noise).
const DARK_SHARE: f32 = 0.1;
/// Highest raw number of a pixel that is not saturated: 15 bits, as in real band files.
const HIGHEST_DN: f32 = 32_767.0;

/// How a band is sampled.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Sampling {
    /// Distance of the samples from which a pixel is made, in 10 m pixels.
    pub step: usize,
    /// 10 m pixel of the first sample.
    pub first: usize,
    /// Samples along the side of a pixel.
    pub factor: usize,
    /// Weights of samples by distance from the pixel's middle, symmetric, of sum 1.
    kernel: Vec<f32>,
}

impl Sampling {
    /// Samples of 10 m for bands of 10 and 20 m pixels; of 30 m for those of 60 m.
    pub fn of(band: Band) -> Self {
        let (step, first, factor, deviation) = match band.native_pixel_size() {
            10 => (1, 0, 1, BLUR_10),
            20 => (1, 0, 2, BLUR_20),
            // Two samples a side, 30 m apart and evenly about the middle.
            _ => (3, 1, 2, BLUR_60 * 2.0),
        };
        // Middles of pixels lie on samples for factor 1, between them for factor 2.
        let offset = if factor == 1 { 0.0 } else { 0.5 };
        let reach = (BLUR_REACH * deviation - offset).round();
        let taps = 2 * reach as usize + if factor == 1 { 1 } else { 2 };
        let weight = |tap: usize| {
            let distance = tap as f32 - (taps as f32 - 1.0) / 2.0;
            (-0.5 * (distance / deviation).powi(2)).exp()
        };
        let weights: Vec<f32> = (0..taps).map(weight).collect();
        let sum: f32 = weights.iter().sum();
        Self {
            step,
            first,
            factor,
            kernel: weights.iter().map(|weight| weight / sum).collect(),
        }
    }

    /// Samples that the blur needs beyond a pixel's own, on either side.
    pub fn margin(&self) -> usize {
        (self.kernel.len() - self.factor) / 2
    }

    /// Blurs a row of samples that begins `margin` before the first pixel's own; one value a pixel.
    pub fn blur_row(&self, samples: &[f32], pixels: &mut [f32]) {
        for (k, pixel) in pixels.iter_mut().enumerate() {
            let own = &samples[k * self.factor..];
            *pixel = self.kernel.iter().zip(own).map(|(w, v)| w * v).sum();
        }
    }

    /// Blurs rows that begin `margin` above the pixels' own row: one row of pixels.
    pub fn blur_rows<'a>(&self, rows: impl Iterator<Item = &'a [f32]>, pixels: &mut [f32]) {
        pixels.fill(0.0);
        for (weight, row) in self.kernel.iter().zip(rows) {
            for (pixel, value) in pixels.iter_mut().zip(row) {
                *pixel += weight * value;
            }
        }
    }
}

/// Turns reflectance into the numbers of the file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Detector {
    seed: u64,
    /// Noise variance in the dark, and its growth per unit of reflectance.
    variance: [f32; 2],
    radiometry: Radiometry,
}

impl Detector {
    pub fn new(band: Band, seed: u64, sun_zenith: f64, radiometry: Radiometry) -> Self {
        let index = band.index();
        let reference = std::f32::consts::PI * REFERENCE_RADIANCE[index]
            / (IRRADIANCE[index] * sun_zenith.cos() as f32);
        let variance = (reference / SIGNAL_TO_NOISE).powi(2);
        Self {
            seed: hash(seed, 0x5e_5078, index as i64),
            variance: [
                DARK_SHARE * variance,
                (1.0 - DARK_SHARE) * variance / reference,
            ],
            radiometry,
        }
    }

    /// The number of a pixel that shows this reflectance: with noise, rounded; never 0, which means no
    /// data.
    #[inline]
    pub fn number(&self, reflectance: f32, row: usize, column: usize) -> u16 {
        let bits = scramble(self.seed ^ ((row as u64) << 32 | column as u64));
        let deviation = (self.variance[0] + self.variance[1] * reflectance.max(0.0)).sqrt();
        let noisy = reflectance + deviation * gaussian(bits) as f32;
        let dn = noisy * self.radiometry.quantification as f32 - self.radiometry.offset as f32;
        // Rounded by cutting off.
        (dn + 0.5).clamp(f32::from(NO_DATA_DN) + 1.0, HIGHEST_DN) as u16
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    const RADIOMETRY: Radiometry = Radiometry {
        offset: -1000,
        quantification: 10_000.0,
    };

    /// Blurs a function of the place in metres, band by band, along one axis.
    fn seen(band: Band, field: impl Fn(f32) -> f32, pixels: usize) -> Vec<f32> {
        let sampling = Sampling::of(band);
        let margin = sampling.margin() as f32;
        let place = |k: usize| {
            let pixel = (k as f32 - margin) * sampling.step as f32 + sampling.first as f32;
            field(10.0 * (pixel + 0.5))
        };
        let count = pixels * sampling.factor + 2 * sampling.margin();
        let samples: Vec<f32> = (0..count).map(place).collect();
        let mut out = vec![0.0; pixels];
        sampling.blur_row(&samples, &mut out);
        out
    }

    #[test]
    fn pixels_lie_where_they_should_and_blur_as_much_as_they_should() {
        for (band, deviation) in [(Band::B03, 6.0), (Band::B11, 8.5), (Band::B10, 30.0)] {
            let pixel = band.native_pixel_size() as f32;
            // A slope is not changed: value = place of the pixel's middle.
            for (k, value) in seen(band, |x| x, 20).iter().enumerate() {
                assert_relative_eq!(*value, (k as f32 + 0.5) * pixel, epsilon = 1e-3);
            }
            // A wave loses exp(-(2 pi deviation / length)^2 / 2) of its height.
            let length = 8.0 * pixel;
            let wave = std::f32::consts::TAU / length;
            let seen = seen(band, |x| (wave * x).sin(), 16);
            let left = (-0.5 * (wave * deviation).powi(2)).exp();
            for (k, value) in seen.iter().enumerate() {
                let expected = left * (wave * (k as f32 + 0.5) * pixel).sin();
                assert_relative_eq!(*value, expected, epsilon = 0.01);
            }
        }
    }

    #[test]
    fn rows_and_columns_are_blurred_alike() {
        let sampling = Sampling::of(Band::B11);
        let count = 2 + 2 * sampling.margin();
        let samples: Vec<f32> = (0..count).map(|k| (k * k % 7) as f32).collect();
        let mut along = [0.0];
        sampling.blur_row(&samples, &mut along);
        let mut down = [0.0];
        sampling.blur_rows(samples.chunks(1), &mut down);
        assert_relative_eq!(along[0], down[0], epsilon = 1e-6);
    }

    #[test]
    fn noise_at_the_reference_has_the_required_ratio() {
        let sun_zenith = 0.5_f64;
        let detector = Detector::new(Band::B02, 1, sun_zenith, RADIOMETRY);
        let reference = std::f32::consts::PI * 128.0 / (1959.66 * sun_zenith.cos() as f32);
        const COUNT: usize = 100_000;
        let numbers = (0..COUNT).map(|k| f64::from(detector.number(reference, k, 7)));
        let values: Vec<f64> = numbers.map(|dn| (dn - 1000.0) / 10_000.0).collect();
        let mean = values.iter().sum::<f64>() / COUNT as f64;
        let variance = values.iter().map(|v| (v - mean).powi(2)).sum::<f64>() / COUNT as f64;
        // Four standard errors; quantisation adds a step's twelfth.
        assert!((mean / f64::from(reference) - 1.0).abs() < 4.0 / 170.0 / (COUNT as f64).sqrt());
        let noise = (variance - 1e-8 / 12.0).sqrt();
        assert!((mean / noise / 170.0 - 1.0).abs() < 4.0 / (2.0 * COUNT as f64).sqrt());
    }

    #[test]
    fn a_pixel_is_never_no_data_and_never_saturated() {
        let detector = Detector::new(
            Band::B10,
            1,
            1.2,
            Radiometry {
                offset: 0,
                ..RADIOMETRY
            },
        );
        assert_eq!(detector.number(-1.0, 0, 0), 1);
        assert_eq!(detector.number(9.0, 0, 0), 32_767);
    }
}
