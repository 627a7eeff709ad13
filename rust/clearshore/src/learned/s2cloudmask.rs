//! The fast trees of s2cloudmask (D. Roberts, Digital Earth Australia): what they are asked, and the spectral one as a detector.
//!
//! Formulas, their order and the opening: s2cloudmask's `features`, `FastCloudClassifier` and `FastShadowClassifier`.

use super::{Class, CloudModel, DecisionTree, Manifest, ModelView, grey_opening};
use crate::scene::Band;
use crate::{Error, Progress, Result};
use ndarray::{Array2, Array3, ArrayView3, Axis, s};
use rayon::prelude::*;

/// Bands of both trees, in their order.
pub const BANDS: [Band; 10] = [
    Band::B02,
    Band::B03,
    Band::B04,
    Band::B05,
    Band::B06,
    Band::B07,
    Band::B08,
    Band::B8A,
    Band::B11,
    Band::B12,
];
/// Formulas of the fast spectral tree, as its file names them.
pub const SPECTRAL_FEATURES: [&str; 11] = [
    "B03*log(B12)",
    "B04*log(B12)",
    "B05*log(B11)",
    "B05*log(B12)",
    "(B05-B11)/(B05+B11)",
    "B03*log(B11)",
    "(B04-B11)/(B04+B11)",
    "(B03-B11)/(B03+B11)",
    "B02*log(B12)",
    "B04*log(B11)",
    "B02*log(B11)",
];
/// Formulas of the fast shadow tree, as its file names them.
pub const SHADOW_FEATURES: [&str; 17] = [
    "B04*log(B12)",
    "(B04-B11)/(B04+B11)",
    "B05*log(B12)",
    "(B05-B11)/(B05+B11)",
    "B05*log(B11)",
    "B04*log(B11)",
    "B03*log(B12)",
    "B03*log(B11)",
    "B02*log(B12)",
    "braycurtis(obs, ref)",
    "nldr(obs, ref, B02, B04)",
    "nldr(obs, ref, B02, B12)",
    "nldr(obs, ref, B02, B03)",
    "nldr(obs, ref, B03, B04)",
    "nldr(obs, ref, B03, B12)",
    "nldr(obs, ref, B04, B05)",
    "nldr(obs, ref, B03, B05)",
];
/// Probability above which s2cloudmask calls a pixel cloud, or shadow.
pub const THRESHOLD: f32 = 0.5;
/// Stands for reflectance that is not positive before its logarithm is taken: one raw number (own choice).
const LEAST_REFLECTANCE: f32 = 1e-4;
/// Rows of a unit of work.
const ROWS: usize = 64;
/// Passes over the rows: probability, and the two halves of the opening together.
const PASSES: u64 = 2;

/// Reflectances of a pixel in the order of [`BANDS`].
pub type Pixel = [f32; BANDS.len()];

/// What the fast spectral tree is asked about a pixel.
pub fn spectral_features(pixel: &Pixel) -> [f32; SPECTRAL_FEATURES.len()] {
    let [b02, b03, b04, b05, _, _, _, _, b11, b12] = pixel.map(positive);
    let (ln11, ln12) = (b11.ln(), b12.ln());
    [
        b03 * ln12,
        b04 * ln12,
        b05 * ln11,
        b05 * ln12,
        difference(b05, b11),
        b03 * ln11,
        difference(b04, b11),
        difference(b03, b11),
        b02 * ln12,
        b04 * ln11,
        b02 * ln11,
    ]
}

/// What the fast shadow tree is asked about a pixel and what is usual there.
pub fn shadow_features(pixel: &Pixel, usual: &Pixel) -> [f32; SHADOW_FEATURES.len()] {
    let pixel = pixel.map(positive);
    let usual = usual.map(positive);
    let [b02, b03, b04, b05, _, _, _, _, b11, b12] = pixel;
    let (ln11, ln12) = (b11.ln(), b12.ln());
    let [u02, u03, u04, u05, _, _, _, _, _, u12] = usual;
    let change =
        |a: f32, b: f32, usual_a: f32, usual_b: f32| balance(a, b) - balance(usual_a, usual_b);
    [
        b04 * ln12,
        difference(b04, b11),
        b05 * ln12,
        difference(b05, b11),
        b05 * ln11,
        b04 * ln11,
        b03 * ln12,
        b03 * ln11,
        b02 * ln12,
        bray_curtis(&pixel, &usual),
        change(b02, b04, u02, u04),
        change(b02, b12, u02, u12),
        change(b02, b03, u02, u03),
        change(b03, b04, u03, u04),
        change(b03, b12, u03, u12),
        change(b04, b05, u04, u05),
        change(b03, b05, u03, u05),
    ]
}

/// What has a logarithm; NaN stays.
fn positive(reflectance: f32) -> f32 {
    if reflectance <= 0.0 {
        LEAST_REFLECTANCE
    } else {
        reflectance
    }
}

/// Normalised difference.
fn difference(a: f32, b: f32) -> f32 {
    (a - b) / (a + b)
}

/// s2cloudmask's `nldr` of one spectrum: a vegetation index that hardly saturates, with its weights.
fn balance(a: f32, b: f32) -> f32 {
    (2.0 * (a * a + b * b) + 1.5 * b + 0.5 * a) / (a + b + 0.5)
}

/// Distance by shares: sum of the differences over the sum of both; 0 the same, 1 nothing in common.
pub fn bray_curtis(a: &Pixel, b: &Pixel) -> f32 {
    let differences: f32 = a.iter().zip(b).map(|(a, b)| (a - b).abs()).sum();
    let sums: f32 = a.iter().zip(b).map(|(a, b)| (a + b).abs()).sum();
    differences / sums
}

/// Distance of directions: 1 less the cosine of the angle between two spectra.
pub fn cosine(a: &Pixel, b: &Pixel) -> f32 {
    let product = |a: &Pixel, b: &Pixel| a.iter().zip(b).map(|(a, b)| a * b).sum::<f32>();
    1.0 - product(a, b) / (product(a, a) * product(b, b)).sqrt()
}

/// Distance of points.
pub fn euclidean(a: &Pixel, b: &Pixel) -> f32 {
    let squares = a.iter().zip(b).map(|(a, b)| (a - b) * (a - b));
    squares.sum::<f32>().sqrt()
}

/// Checks that a tree is asked what we know to answer.
fn check(tree: &DecisionTree, features: &[&str], name: &str) -> Result<()> {
    let file = tree.file();
    if file.features == features && file.bands == BANDS {
        return Ok(());
    }
    Err(
        Error::auxiliary(format!("this is not the {name} tree of s2cloudmask"))
            .got(format!(
                "{} features: {}",
                file.features.len(),
                file.features.join(", ")
            ))
            .expected(features.join(", "))
            .advice("import it from a copy of s2cloudmask with 'clearshore models import'"),
    )
}

/// The fast shadow tree: shadow of cloud, where it is known what a pixel looks like usually.
#[derive(Clone, Debug)]
pub struct ShadowTree(DecisionTree);

impl ShadowTree {
    /// Checks a tree.
    ///
    /// # Errors
    /// Auxiliary: it is another tree.
    pub fn new(tree: DecisionTree) -> Result<Self> {
        check(&tree, &SHADOW_FEATURES, "fast shadow")?;
        Ok(Self(tree))
    }

    /// Probability of shadow at a pixel, given what is usual there; NaN where either is.
    pub fn probability(&self, pixel: &Pixel, usual: &Pixel) -> f32 {
        self.0.probability(&shadow_features(pixel, usual))
    }
}

/// The fast spectral tree: cloud by a pixel's own spectrum.
#[derive(Clone, Debug)]
pub struct SpectralTree {
    manifest: Manifest,
    tree: DecisionTree,
}

impl SpectralTree {
    /// Checks a tree and what is said about it: two classes, not cloud and cloud.
    ///
    /// # Errors
    /// Auxiliary: it is another tree, or something else is said about it.
    pub fn new(manifest: Manifest, tree: DecisionTree) -> Result<Self> {
        check(&tree, &SPECTRAL_FEATURES, "fast spectral")?;
        if manifest.bands != BANDS || manifest.classes != [Class::Clear, Class::Cloud] {
            return Err(Error::auxiliary(
                "the manifest does not fit the fast spectral tree of s2cloudmask",
            )
            .at(&manifest.id)
            .got(format!(
                "bands {:?}, classes {:?}",
                manifest.bands, manifest.classes
            ))
            .expected(format!("bands {BANDS:?}, classes [Clear, Cloud]")));
        }
        Ok(Self { manifest, tree })
    }

    /// Probability of cloud of spectra (bands, rows, columns), before the opening.
    fn raw(&self, spectra: ArrayView3<'_, f32>, mut out: impl FnMut((usize, usize), f32)) {
        let (_, rows, columns) = spectra.dim();
        for row in 0..rows {
            for column in 0..columns {
                let mut pixel = [f32::NAN; BANDS.len()];
                for (value, band) in pixel.iter_mut().zip(spectra.outer_iter()) {
                    *value = band[[row, column]];
                }
                // Bands that no formula asks count too: s2cloudmask leaves out every pixel with a gap.
                let whole = pixel.iter().all(|value| !value.is_nan());
                let probability = match whole {
                    true => self.tree.probability(&spectral_features(&pixel)),
                    false => f32::NAN,
                };
                out((row, column), probability);
            }
        }
    }

    /// Probability of cloud of spectra (bands, rows, columns), each pixel by itself; NaN where a band is.
    pub fn probability(&self, spectra: ArrayView3<'_, f32>) -> Array2<f32> {
        let (_, rows, columns) = spectra.dim();
        let mut plane = Array2::zeros((rows, columns));
        self.raw(spectra, |at, probability| plane[at] = probability);
        plane
    }

    /// Probability of cloud as s2cloudmask gives it: after the opening.
    pub fn cloud(&self, spectra: ArrayView3<'_, f32>) -> Array2<f32> {
        grey_opening(&self.probability(spectra))
    }
}

impl CloudModel for SpectralTree {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn classify(&self, view: &ModelView<'_>, progress: &dyn Progress) -> Result<Array3<f32>> {
        let (rows, columns) = view.shape();
        let mut cloud = Array2::zeros((rows, columns));
        cloud
            .axis_chunks_iter_mut(Axis(0), ROWS)
            .into_par_iter()
            .enumerate()
            .try_for_each(|(strip, mut plane)| {
                progress.check()?;
                let first = strip * ROWS;
                let spectra = view.reflectance(first..first + plane.nrows(), 0..columns);
                self.raw(spectra.view(), |at, probability| plane[at] = probability);
                progress.advance(1);
                Ok(())
            })?;
        let cloud = grey_opening(&cloud);
        progress.advance(self.work(view) / PASSES);
        let mut classes = Array3::zeros((2, rows, columns));
        classes
            .index_axis_mut(Axis(0), 0)
            .assign(&cloud.mapv(|cloud| 1.0 - cloud));
        classes.slice_mut(s![1, .., ..]).assign(&cloud);
        Ok(classes)
    }

    fn work(&self, view: &ModelView<'_>) -> u64 {
        PASSES * view.shape().0.div_ceil(ROWS) as u64
    }
}

#[cfg(test)]
mod tests;
