//! ATBD step 12: what glint means for a pixel of water: a risk by geometry, glint where the image agrees.

use super::dark_water::DarkWater;
use super::prediction::Prediction;
use crate::cloud::{CloudBits, CloudPlane, SpectralBands, Surface, SurfacePlane};
use crate::coast::CoastBits;
use crate::raster::strip_count;
use crate::scene::Band;
use crate::{Params, Progress, Result};
use bitflags::bitflags;
use ndarray::Array2;
use rayon::prelude::*;

/// Glint coefficient that is too strong for any correction, 1/sr (SeaDAS' extreme).
const SEVERE_COEFFICIENT: f32 = 0.03;
/// Glint from which it is looked for in the image, TOA reflectance in B11 (own choice: half of the risk's usual
/// threshold).
const MODERATE_REFLECTANCE: f32 = 0.01;
/// The image agrees when it shows this share of the prediction, unitless, or this much above dark water, TOA reflectance
/// (own choices: waves change glint by a quarter; slicks take most of it).
const AGREEMENT_SHARE: f32 = 0.5;
const AGREEMENT_EXCESS: f32 = 0.02;
/// A pixel that B11 would call cloud over dark water, TOA reflectance above it (MAJA's threshold over water).
const CLOUD_LIKE_EXCESS: f32 = 0.04;

bitflags! {
    /// What is found about glint at a pixel.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct GlintBits: u8 {
        /// Geometry and wind predict glint.
        const RISK = 1;
        /// And the image shows it.
        const GLINT = 1 << 1;
        /// Too strong for any correction.
        const SEVERE = 1 << 2;
        /// Looked like cloud.
        const CLEARED = 1 << 3;
    }
}

/// The planes that the decision looks at.
#[derive(Clone, Copy)]
pub(crate) struct Seen<'a> {
    pub surface: &'a SurfacePlane,
    pub clouds: &'a CloudPlane,
    pub coast: &'a Array2<u8>,
    pub bands: &'a SpectralBands<'a>,
}

impl Seen<'_> {
    /// Whether a pixel is water that nothing hides: no land, cloud, ice or foam.
    pub(super) fn is_open_water(&self, at: [usize; 2]) -> bool {
        let surface = Surface::from_bits_retain(self.surface[at]);
        let cloud = CloudBits::from_bits_retain(self.clouds[at]);
        let coast = CoastBits::from_bits_retain(self.coast[at]);
        surface.contains(Surface::VALID | Surface::WATER)
            && !surface.contains(Surface::SNOW)
            && !cloud.intersects(CloudBits::CLOUD)
            && !coast.contains(CoastBits::WHITECAP)
    }
}

/// What was found, and how much brighter than dark water B11 is, TOA reflectance, where that was wanted: NaN where nothing
/// was looked for.
pub(crate) struct GlintFound {
    pub bits: Array2<u8>,
    pub excess: Option<Array2<f32>>,
}

/// Passes over the scene.
pub(crate) const PASSES: u64 = 2;

/// Decides for every pixel.
///
/// # Errors
/// Cancelled.
pub(crate) fn find(
    prediction: &Prediction<'_>,
    seen: Seen<'_>,
    params: &Params,
    progress: &dyn Progress,
) -> Result<GlintFound> {
    let shape = seen.surface.dim();
    progress.stage("glint", PASSES * strip_count(shape.0 * shape.1));
    let dark = DarkWater::of_scene(prediction, seen, progress)?;
    let mut bits = Array2::zeros(shape);
    let mut excess = params
        .copy_features
        .then(|| Array2::from_elem(shape, f32::NAN));
    let mut lines: Vec<Option<&mut [f32]>> = match &mut excess {
        Some(plane) => plane
            .as_slice_mut()
            .unwrap_or_default()
            .chunks_mut(shape.1)
            .map(Some)
            .collect(),
        None => (0..shape.0).map(|_| None).collect(),
    };
    let decision = Decision {
        prediction,
        seen,
        dark: &dark,
        params,
    };
    let rows = bits.as_slice_mut().unwrap_or_default();
    rows.par_chunks_mut(shape.1.max(1))
        .zip(&mut lines)
        .enumerate()
        .try_for_each_init(
            || Space::of(shape.1),
            |space, (row, (bits, excess))| {
                progress.check()?;
                decision.of_row(row, space, bits, excess.as_deref_mut());
                Ok(())
            },
        )?;
    drop(lines);
    progress.advance(strip_count(shape.0 * shape.1));
    Ok(GlintFound { bits, excess })
}

/// Room for what is predicted along a row.
struct Space {
    coefficient: Vec<f32>,
    one_band: Vec<f32>,
    swir: [Vec<f32>; 2],
}

impl Space {
    fn of(columns: usize) -> Self {
        let line = || vec![f32::NAN; columns];
        Self {
            coefficient: line(),
            one_band: line(),
            swir: [line(), line()],
        }
    }
}

struct Decision<'a> {
    prediction: &'a Prediction<'a>,
    seen: Seen<'a>,
    dark: &'a DarkWater,
    params: &'a Params,
}

impl Decision<'_> {
    fn of_row(
        &self,
        row: usize,
        space: &mut Space,
        bits: &mut [u8],
        mut excess: Option<&mut [f32]>,
    ) {
        let columns = bits.len();
        let is_water = |column: usize| self.seen.is_open_water([row, column]);
        if !(0..columns).any(is_water) {
            return;
        }
        let Space {
            coefficient,
            one_band,
            swir,
        } = space;
        self.prediction
            .coefficient_along(row, one_band, coefficient);
        self.prediction
            .reflectance_along(Band::B11, row, &mut swir[0]);
        self.prediction
            .reflectance_along(Band::B12, row, &mut swir[1]);
        let bands = [Some(&self.seen.bands.swir1), self.seen.bands.true_swir2()];
        let detectors =
            [Band::B11, Band::B12].map(|band| self.prediction.detectors_along(band, row));
        let threshold = self.params.glint_threshold as f32;
        for column in (0..columns).filter(|&column| is_water(column)) {
            let pixel = row * columns + column;
            let above = [0, 1].map(|band| {
                let samples = bands[band]?;
                let detector = detectors[band].map_or(0, |line| line[column]);
                Some(samples.reflectance(pixel) - self.dark.level(band, detector))
            });
            let predicted = [swir[0][column], swir[1][column]];
            let agrees = |band: usize| {
                let share = AGREEMENT_SHARE * predicted[band];
                above[band].is_none_or(|above| above >= share.min(AGREEMENT_EXCESS))
            };
            // At the edge of a stripe one band may have seen what the other has not.
            let agree = agrees(0) && (predicted[1].is_nan() || agrees(1));
            let mut found = GlintBits::empty();
            let risk = coefficient[column] >= threshold;
            let shown = (risk || predicted[0] >= MODERATE_REFLECTANCE) && agree;
            let potential = CloudBits::from_bits_retain(self.seen.clouds[[row, column]])
                .contains(CloudBits::POTENTIAL);
            let b11 = above[0].unwrap_or(f32::NAN);
            found.set(GlintBits::RISK, risk);
            found.set(GlintBits::GLINT, shown);
            found.set(
                GlintBits::SEVERE,
                shown && coefficient[column] >= SEVERE_COEFFICIENT,
            );
            found.set(
                GlintBits::CLEARED,
                shown && potential && b11 >= CLOUD_LIKE_EXCESS,
            );
            bits[column] = found.bits();
            if let Some(excess) = &mut excess {
                excess[column] = b11;
            }
        }
    }
}
