//! The light that glint adds to the water of a scene, as the tests for cloud, haze and foam take it away: the prediction, so strong
//! as the image shows it.

use super::{Prediction, Strengths};
use crate::cloud::{Samples, SurfacePlane};
use crate::scene::Band;
use crate::{Progress, Result};
use ndarray::Array2;
use rayon::prelude::*;

/// Steps per unit of TOA reflectance in which glint in B11 is kept: a fifth of a DN.
const STEPS_PER_UNIT: f32 = 50_000.0;

/// The light of the glint of a scene.
pub(crate) struct GlintLight<'a> {
    prediction: &'a Prediction<'a>,
    strengths: Strengths,
    /// B11, asked by every test at every pixel: whole steps of [`STEPS_PER_UNIT`], 0 where it is not known.
    swir1: Array2<u16>,
}

impl<'a> GlintLight<'a> {
    /// As predicted.
    pub fn predicted(prediction: &'a Prediction<'a>) -> Self {
        let strengths = Strengths::PREDICTED;
        Self {
            prediction,
            strengths,
            swir1: in_steps(prediction, &strengths),
        }
    }

    /// As strong as it is over the water of the scene.
    ///
    /// # Errors
    /// Cancelled.
    pub fn fit(
        &mut self,
        surface: &SurfacePlane,
        swir1: &Samples<'_>,
        progress: &dyn Progress,
    ) -> Result<()> {
        self.strengths = Strengths::of_scene(self.prediction, surface, swir1, progress)?;
        self.swir1 = in_steps(self.prediction, &self.strengths);
        Ok(())
    }

    /// In B11 at a pixel, TOA reflectance.
    #[inline]
    pub fn in_swir1(&self, pixel: usize) -> f32 {
        let steps = self.swir1.as_slice().unwrap_or_default();
        f32::from(steps[pixel]) / STEPS_PER_UNIT
    }

    /// In a band at a pixel, TOA reflectance.
    pub fn in_band(&self, band: Band, pixel: usize) -> f32 {
        let (glint, detector) = self.prediction.reflectance(band, pixel);
        glint * self.strengths.of(detector)
    }

    /// Greatest glint in B11 that is predicted anywhere, TOA reflectance.
    pub fn greatest(&self) -> f32 {
        self.prediction.greatest()
    }
}

fn in_steps(prediction: &Prediction<'_>, strengths: &Strengths) -> Array2<u16> {
    let shape = prediction.shape();
    let mut plane = Array2::zeros(shape);
    let rows = plane
        .as_slice_mut()
        .unwrap_or_default()
        .par_chunks_mut(shape.1.max(1));
    rows.enumerate().for_each_init(
        || vec![0.0; shape.1],
        |glint, (row, steps)| {
            prediction.reflectance_along(Band::B11, row, glint);
            for (detector, columns) in prediction.stripes_along(Band::B11, row) {
                let scale = strengths.of(detector) * STEPS_PER_UNIT;
                let pixels = steps[columns.clone()].iter_mut().zip(&glint[columns]);
                // Half a step up and cut; NaN becomes 0.
                pixels.for_each(|(step, glint)| *step = (scale * glint + 0.5) as u16);
            }
        },
    );
    plane
}
