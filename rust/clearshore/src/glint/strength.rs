//! How strong glint is beside its prediction, stripe by stripe.
//!
//! The wind is a forecast or a guess. What the tests for cloud take away is what the image shows: the prediction times one
//! number for each detector's stripe, a low percentile over its water, which neither waves nor clouds move much. Own rule.

use super::Prediction;
use super::stripes::{DETECTORS, over_rows};
use crate::cloud::{DARK_SEA_SWIR1, Samples, Surface, SurfacePlane};
use crate::raster::ValueHistogram;
use crate::scene::Band;
use crate::{Progress, Result};

/// Glint that tells its strength, TOA reflectance in B11.
const TELLING_GLINT: f32 = 0.01;
/// Percentile of the strength over the water of a stripe, percent: a third of it may be hidden by cloud (own choice).
const LOW_HALF: f64 = 35.0;
/// Strengths that a wrong wind explains, unitless (own choice: between 3 and 12 m/s glint off its centre changes by more, but
/// then the image tells little of it).
const STRENGTHS: (f32, f32) = (0.5, 2.0);
/// Pixels that tell it, at least (own choice).
const LEAST_PIXELS: u64 = 250;
/// Step and interval of the histograms, unitless.
const STEP: f32 = 0.01;
const RANGE: (f32, f32) = (-1.0, 4.0);

/// Strength of the glint by detector; number 0 is all detectors.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Strengths([f32; DETECTORS]);

impl Strengths {
    /// As predicted.
    pub const PREDICTED: Self = Self([1.0; DETECTORS]);

    /// Of the water of a scene.
    ///
    /// # Errors
    /// Cancelled.
    pub fn of_scene(
        prediction: &Prediction<'_>,
        surface: &SurfacePlane,
        swir1: &Samples<'_>,
        progress: &dyn Progress,
    ) -> Result<Self> {
        let columns = surface.ncols();
        let empty = || vec![ValueHistogram::new(STEP, RANGE); DETECTORS];
        let stripes = over_rows(
            surface.dim(),
            progress,
            empty,
            |stripes, row, glint| {
                prediction.reflectance_along(Band::B11, row, glint);
                for (detector, seen) in prediction.stripes_along(Band::B11, row) {
                    let Some(stripe) = stripes.get_mut(usize::from(detector)) else {
                        continue;
                    };
                    for column in seen.filter(|&column| glint[column] >= TELLING_GLINT) {
                        let surface = Surface::from_bits_retain(surface[[row, column]]);
                        if surface.contains(Surface::VALID | Surface::WATER) {
                            let excess = swir1.reflectance(row * columns + column) - DARK_SEA_SWIR1;
                            stripe.add(excess / glint[column]);
                        }
                    }
                }
            },
            |a, b| a.into_iter().zip(&b).map(|(a, b)| a.merge(b)).collect(),
        )?;
        Ok(Self(std::array::from_fn(|detector| {
            let stripe = &stripes[detector];
            let strength = stripe
                .percentile(LOW_HALF)
                .filter(|_| stripe.total() >= LEAST_PIXELS);
            strength.map_or(1.0, |strength| strength.clamp(STRENGTHS.0, STRENGTHS.1))
        })))
    }

    /// That of a detector.
    #[inline]
    pub fn of(&self, detector: u8) -> f32 {
        self.0.get(usize::from(detector)).copied().unwrap_or(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::SpectralBands;
    use crate::scene::made::{SEA, builder, under_glint, with_glint};
    use crate::{NoProgress, Params};
    use approx::assert_abs_diff_eq;
    use ndarray::Array2;

    /// Strength found over a sea whose glint is so many times the predicted; every third pixel is cloud, and of waves the
    /// glint of a row is a tenth more or less.
    fn strength(times: f32, rows: usize, surface: Surface) -> f32 {
        let cloud = crate::cloud::Spectrum { swir1: 0.45, ..SEA };
        let at = |row: usize, column: usize| match column % 3 {
            0 => cloud,
            _ => with_glint(SEA, times * [0.9, 1.0, 1.1][row % 3]),
        };
        let scene = under_glint(builder((rows, 60), 20.0, at)).build().unwrap();
        let (prediction, _) = Prediction::of(&scene, &Params::default(), false).unwrap();
        let bands = SpectralBands::of(&scene).unwrap();
        let surface = Array2::from_elem((rows, 60), surface.bits());
        Strengths::of_scene(&prediction.unwrap(), &surface, &bands.swir1, &NoProgress)
            .unwrap()
            .of(0)
    }

    const WATER: Surface = Surface::VALID.union(Surface::WATER);

    #[test]
    fn strength_is_that_of_most_water_within_limits() {
        for (times, expected) in [(1.0, 1.0), (1.5, 1.5), (0.6, 0.6), (0.1, 0.5), (3.0, 2.0)] {
            // Up to the wave of the 35th percentile.
            assert_abs_diff_eq!(strength(times, 60, WATER), expected, epsilon = 0.02);
        }
    }

    #[test]
    fn few_pixels_and_land_tell_nothing() {
        // Of every fourth row 60 pixels: 240.
        assert_eq!(strength(1.5, 16, WATER), 1.0);
        assert_eq!(strength(1.5, 60, Surface::VALID), 1.0);
        assert_eq!(Strengths::PREDICTED.of(7), 1.0);
        assert_eq!(Strengths::PREDICTED.of(200), 1.0);
    }
}
