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
const LEAST_PIXELS: u64 = 1_000;
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
                let detectors = prediction.detectors_along(Band::B11, row);
                for (column, &glint) in glint.iter().enumerate() {
                    let surface = Surface::from_bits_retain(surface[[row, column]]);
                    let detector = detectors.map_or(0, |line| line[column]);
                    if glint >= TELLING_GLINT
                        && surface.contains(Surface::VALID | Surface::WATER)
                        && let Some(stripe) = stripes.get_mut(usize::from(detector))
                    {
                        stripe.add(
                            (swir1.reflectance(row * columns + column) - DARK_SEA_SWIR1) / glint,
                        );
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
