//! Boosted trees that judge every pixel by itself: s2cloudless.
//!
//! Source: Zupanc 2017, Skakun et al. 2022 (Remote Sens. Environ. 274, 112990: s2cloudless in CMIX); averaging and dilation as the
//! program of that name does them.

mod boxes;
mod forest;
mod lightgbm;

use super::disk::{averaged, widest};
use super::{Class, CloudModel, Manifest, ModelView, TreeRule};
use crate::{Error, Progress, Result};
use forest::Forest;
use lightgbm::Booster;
use ndarray::{Array2, Array3, Axis};
use rayon::prelude::*;

/// Rows of the model's grid that are judged together.
const ROWS: usize = 16;

/// A model of boosted trees with its rule for neighbours.
#[derive(Debug)]
pub struct BoostedTrees {
    manifest: Manifest,
    rule: TreeRule,
    /// Which of the classes is cloud; the other one is clear.
    cloud: usize,
    forest: Forest,
}

impl BoostedTrees {
    /// From the text that LightGBM writes.
    ///
    /// # Errors
    /// Auxiliary: it is no such text, is of a kind that is not evaluated here, or does not do what the manifest says.
    pub fn of_text(manifest: Manifest, text: &str) -> Result<Self> {
        let forest = Forest::of(&Booster::of_text(text)?)?;
        if forest.features() != manifest.bands.len() {
            return Err(Error::auxiliary(
                "the model asks for another number of bands than its manifest says",
            )
            .got(forest.features())
            .expected(manifest.bands.len()));
        }
        let cloud = match manifest.classes[..] {
            [Class::Clear, Class::Cloud] => 1,
            [Class::Cloud, Class::Clear] => 0,
            _ => {
                return Err(Error::auxiliary("boosted trees tell cloud from clear sky")
                    .got(format!("classes {:?}", manifest.classes))
                    .expected("clear and cloud"));
            }
        };
        Ok(Self {
            rule: manifest.trees.unwrap_or_default(),
            manifest,
            cloud,
            forest,
        })
    }

    /// Probability of cloud of pixels whose features stand one after another.
    pub fn probabilities(&self, values: &[f32]) -> Vec<f64> {
        let mut sums = vec![0.0; values.len() / self.forest.features()];
        self.forest.sums(values, &mut sums);
        for sum in &mut sums {
            *sum = 1.0 / (1.0 + (-*sum).exp());
        }
        sums
    }

    /// Probabilities of some rows, one after another; NaN where there is no data.
    fn rows(&self, view: &ModelView<'_>, first: usize, out: &mut [f32]) {
        let columns = view.shape().1;
        let seen = view.reflectance(first..first + out.len() / columns, 0..columns);
        let Ok(seen) = seen.into_shape_with_order((view.band_count(), out.len())) else {
            return;
        };
        // All bands have data at the same pixels, but for B10: where that was cut it counts as 0.
        let known: Vec<usize> = (0..out.len())
            .filter(|&pixel| !seen[[0, pixel]].is_nan())
            .collect();
        let mut values = Vec::with_capacity(known.len() * view.band_count());
        for pixel in &known {
            values.extend(seen.index_axis(Axis(1), *pixel));
        }
        for (pixel, probability) in known.iter().zip(self.probabilities(&values)) {
            out[*pixel] = probability as f32;
        }
    }
}

impl CloudModel for BoostedTrees {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn classify(&self, view: &ModelView<'_>, progress: &dyn Progress) -> Result<Array3<f32>> {
        let (rows, columns) = view.shape();
        let mut cloud = Array2::from_elem((rows, columns), f32::NAN);
        let pixels = cloud.as_slice_mut().unwrap_or_default();
        let chunks = pixels.par_chunks_mut(ROWS * columns.max(1)).enumerate();
        chunks.try_for_each(|(chunk, out)| {
            progress.check()?;
            self.rows(view, chunk * ROWS, out);
            progress.advance(1);
            Ok(())
        })?;
        let cloud = averaged(cloud, self.rule.average_radius);
        let cloud = widest(cloud, self.rule.dilation_radius);
        let mut classes = Array3::zeros((self.manifest.classes.len(), rows, columns));
        for (class, mut plane) in classes.axis_iter_mut(Axis(0)).enumerate() {
            plane.zip_mut_with(&cloud, |value, cloud| {
                *value = if class == self.cloud {
                    *cloud
                } else {
                    1.0 - cloud
                };
            });
        }
        Ok(classes)
    }

    fn work(&self, view: &ModelView<'_>) -> u64 {
        view.shape().0.div_ceil(ROWS) as u64
    }
}
