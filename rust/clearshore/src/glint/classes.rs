//! ATBD step 12: what glint means for a pixel of water: a risk by geometry, glint where the image agrees.

use super::dark_water::DarkWater;
use super::prediction::Prediction;
use crate::cloud::{CloudBits, CloudPlane, SpectralBands, Surface, SurfacePlane, WATER_CLOUD_RISE};
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
    /// Whether the pixels of a row are water that nothing hides: no land, cloud, ice or foam.
    pub(super) fn open_water_along(&self, row: usize) -> impl Iterator<Item = bool> {
        let rows = [self.surface, self.clouds, self.coast].map(|plane| plane.row(row));
        let [surface, clouds, coast] = rows;
        let pixels = surface.into_iter().zip(clouds).zip(coast);
        pixels.map(|((surface, cloud), coast)| {
            let surface = Surface::from_bits_retain(*surface);
            surface.contains(Surface::VALID | Surface::WATER)
                & !surface.contains(Surface::SNOW)
                & !CloudBits::from_bits_retain(*cloud).intersects(CloudBits::CLOUD)
                & !CoastBits::from_bits_retain(*coast).contains(CoastBits::WHITECAP)
        })
    }
}

/// What was found, and how much brighter than dark water B11 is, TOA reflectance, where that was wanted: NaN where nothing
/// was looked for.
pub(crate) struct GlintFound {
    pub bits: Array2<u8>,
    pub excess: Option<Array2<f32>>,
}

/// Passes over the scene.
const PASSES: u64 = 2;

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

/// Room for what is predicted along a row, and for dark water.
struct Space {
    coefficient: Vec<f32>,
    one_band: Vec<f32>,
    swir: [Vec<f32>; 2],
    dark: [Vec<f32>; 2],
}

impl Space {
    fn of(columns: usize) -> Self {
        let line = || vec![f32::NAN; columns];
        Self {
            coefficient: line(),
            one_band: line(),
            swir: [line(), line()],
            dark: [line(), line()],
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
        let is_water: Vec<bool> = self.seen.open_water_along(row).collect();
        if !is_water.contains(&true) {
            return;
        }
        let Space {
            coefficient,
            one_band,
            swir,
            dark,
        } = space;
        self.prediction
            .coefficient_along(row, one_band, coefficient);
        for (index, band) in [Band::B11, Band::B12].into_iter().enumerate() {
            self.prediction
                .reflectance_along(band, row, &mut swir[index]);
            for (detector, seen) in self.prediction.stripes_along(band, row) {
                dark[index][seen].fill(self.dark.level(index, detector));
            }
        }
        let bands = [Some(&self.seen.bands.swir1), self.seen.bands.true_swir2()];
        let threshold = self.params.glint_threshold as f32;
        for column in (0..columns).filter(|&column| is_water[column]) {
            let pixel = row * columns + column;
            let above = [0, 1].map(|band| {
                let samples = bands[band]?;
                Some(samples.reflectance(pixel) - dark[band][column])
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
                shown && potential && b11 >= WATER_CLOUD_RISE,
            );
            bits[column] = found.bits();
            if let Some(excess) = &mut excess {
                excess[column] = b11;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NoProgress;
    use crate::cloud::Spectrum;
    use crate::scene::made::{SEA, builder, under_glint, with_glint};

    const WATER: Surface = Surface::VALID.union(Surface::WATER);

    /// What is found at each kind of pixel, in a sea with the glint of `under_glint`: 0.0715 in B11, L_GN 0.0215 in B02.
    fn found<const N: usize>(
        kinds: [(Spectrum, Surface, CloudBits, CoastBits); N],
        threshold: f64,
    ) -> [GlintBits; N] {
        let shape = (50, N);
        let of = |row: usize, column: usize| match row {
            0 => kinds[column],
            _ => (
                with_glint(SEA, 1.0),
                WATER,
                CloudBits::empty(),
                CoastBits::empty(),
            ),
        };
        let scene = under_glint(builder(shape, 20.0, |row, column| of(row, column).0));
        let scene = scene.build().unwrap();
        let params = Params {
            glint_threshold: threshold,
            ..Params::default()
        };
        let (prediction, _) = Prediction::of(&scene, &params, false).unwrap();
        let plane = |bits: &dyn Fn(usize, usize) -> u8| {
            Array2::from_shape_fn(shape, |(row, column)| bits(row, column))
        };
        let seen = Seen {
            surface: &plane(&|row, column| of(row, column).1.bits()),
            clouds: &plane(&|row, column| of(row, column).2.bits()),
            coast: &plane(&|row, column| of(row, column).3.bits()),
            bands: &SpectralBands::of(&scene).unwrap(),
        };
        let found = find(&prediction.unwrap(), seen, &params, &NoProgress).unwrap();
        assert!(found.excess.is_none());
        std::array::from_fn(|kind| GlintBits::from_bits_retain(found.bits[[0, kind]]))
    }

    const NO_CLOUD: CloudBits = CloudBits::empty();
    const OPEN: CoastBits = CoastBits::empty();

    fn shown(spectrum: Spectrum) -> (Spectrum, Surface, CloudBits, CoastBits) {
        (spectrum, WATER, NO_CLOUD, OPEN)
    }

    /// Half of the prediction is 0.036, more than 0.02: B11 and B12 have to be 0.02 above dark water, 0.010 and 0.007.
    #[test]
    fn glint_is_what_b11_and_b12_show() {
        let with = |swir1: f32, swir2: f32| {
            shown(Spectrum {
                swir1,
                swir2,
                ..SEA
            })
        };
        let kinds = [with_glint(SEA, 1.0), SEA].map(shown);
        let both = GlintBits::RISK | GlintBits::GLINT;
        assert_eq!(found(kinds, 0.005), [both, GlintBits::RISK]);
        let edges = [
            with(0.0305, 0.0275),
            with(0.0295, 0.0275),
            with(0.0305, 0.0265),
        ];
        assert_eq!(
            found(edges, 0.005),
            [both, GlintBits::RISK, GlintBits::RISK]
        );
    }

    /// Geometry alone tells the risk; what the image shows of moderate glint counts below the threshold too.
    #[test]
    fn the_threshold_moves_the_risk_and_not_what_the_image_shows() {
        let kinds = [with_glint(SEA, 1.0), SEA].map(shown);
        assert_eq!(found(kinds, 0.025), [GlintBits::GLINT, GlintBits::empty()]);
    }

    #[test]
    fn only_open_water_glints() {
        let sea = with_glint(SEA, 1.0);
        let kinds = [
            (sea, Surface::VALID, NO_CLOUD, OPEN),
            (sea, Surface::WATER, NO_CLOUD, OPEN),
            (sea, WATER | Surface::SNOW, NO_CLOUD, OPEN),
            (sea, WATER, CloudBits::SURE, OPEN),
            (sea, WATER, CloudBits::AMBIGUOUS, OPEN),
            (sea, WATER, NO_CLOUD, CoastBits::WHITECAP),
        ];
        assert!(found(kinds, 0.005).iter().all(|bits| bits.is_empty()));
        // Potential cloud that turned out to be glint.
        let kinds = [(sea, WATER, CloudBits::POTENTIAL, OPEN)];
        let cleared = GlintBits::RISK | GlintBits::GLINT | GlintBits::CLEARED;
        assert_eq!(found(kinds, 0.005), [cleared]);
    }
}
