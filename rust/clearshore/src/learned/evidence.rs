//! ATBD step 14: what a learned model says of every pixel of a scene.

use super::{Class, ModelView};
use crate::scene::Scene;
use crate::{Error, Params, Progress, Result};
use bitflags::bitflags;
use ndarray::{Array2, Array3, Axis};
use rayon::prelude::*;
use serde::Serialize;

/// Probability of cloud from which a model does not speak against what the physics calls cloud, unitless (cloud.md, section 8).
const MAYBE_CLOUD: f32 = 0.3;
/// And from which it is believed against the physics over water, unitless (own measurement with ukis-csmask on 42 simulated scenes, seeds
/// 2 and 5: below it waves, glint and reefs are as often called cloud as cloud is found).
const LIKELY_CLOUD: f32 = 0.9;
/// And from which it is believed although the cloud did not seem to stand apart from the ground, unitless (same scenes: below it sand is
/// called cloud more often).
const CERTAIN_CLOUD: f32 = 0.98;

bitflags! {
    /// What the model says at a pixel, and what the physics said before.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct LearnedBits: u8 {
        /// It has an answer.
        const KNOWN = 1;
        /// Cloud, thick or thin.
        const CLOUD = 1 << 1;
        /// Rather thin than thick.
        const THIN = 1 << 2;
        /// Shadow of cloud.
        const SHADOW = 1 << 3;
        /// Cloud is not unlikely.
        const MAYBE = 1 << 4;
        /// Cloud is all but certain.
        const LIKELY = 1 << 5;
        /// The physics called it cloud.
        const PHYSICS = 1 << 6;
        /// Cloud is certain, as far as the model goes.
        const CERTAIN = 1 << 7;
    }
}

impl LearnedBits {
    /// Whether model and physics say different things about cloud.
    pub(crate) fn is_disputed(self) -> bool {
        self.contains(Self::CLOUD) != self.contains(Self::PHYSICS)
    }
}

/// [`LearnedBits`] of every pixel, (rows, columns).
pub(crate) type LearnedPlane = Array2<u8>;

/// Which learned model looked at a scene.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ModelReport {
    /// Its id.
    pub id: String,
    /// Version of its weights.
    pub version: String,
    /// Probability above which cloud is cloud; `None` where the most probable class counts.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// Pixel size on which it looked, metres.
    pub pixel_size: f64,
}

/// What a model found.
pub(crate) struct Learned {
    pub plane: LearnedPlane,
    /// Probability of cloud, thick or thin, when features are wanted.
    pub cloud: Option<Array2<f32>>,
    /// And of cloud shadow, when the model tells it.
    pub shadow: Option<Array2<f32>>,
    pub report: ModelReport,
}

/// Lets the scene's model look at it.
///
/// # Errors
/// Auxiliary: there is no model. Product: bands that it needs are missing. Cancelled.
pub(crate) fn find(scene: &Scene, params: &Params, progress: &dyn Progress) -> Result<Learned> {
    let model = scene.model().ok_or_else(|| {
        Error::auxiliary("the learned detector has no model").got("a scene without one")
    })?;
    let manifest = model.manifest();
    let view = ModelView::of(scene, &manifest.bands, manifest.resolution)?;
    progress.stage("learned model", model.work(&view));
    let probabilities = model.classify(&view, progress)?;
    let (rows, columns) = view.shape();
    let expected = (manifest.classes.len(), rows, columns);
    if probabilities.dim() != expected {
        return Err(Error::internal("a model answers for another grid")
            .at(&manifest.id)
            .got(format!("{:?}", probabilities.dim()))
            .expected(format!("{expected:?}")));
    }
    let threshold = params.cloud_probability_threshold.or(manifest.threshold);
    let judge = Judge {
        view: &view,
        classes: &manifest.classes,
        probabilities: &probabilities,
        threshold: threshold.map(|threshold| threshold as f32),
    };
    let shape = scene.grid().shape();
    let with_cloud = params.copy_features;
    let with_shadow = with_cloud && manifest.classes.contains(&Class::Shadow);
    let (plane, [cloud, shadow]) = judge.planes(shape, [with_cloud, with_shadow], progress)?;
    Ok(Learned {
        plane,
        cloud: with_cloud.then_some(cloud),
        shadow: with_shadow.then_some(shadow),
        report: ModelReport {
            id: manifest.id.clone(),
            version: manifest.version.clone(),
            threshold,
            pixel_size: view.pixel_size(),
        },
    })
}

/// Brings probabilities to the pixels of the scene.
struct Judge<'a> {
    view: &'a ModelView<'a>,
    classes: &'a [Class],
    probabilities: &'a Array3<f32>,
    threshold: Option<f32>,
}

/// Probabilities of the meanings of a row.
struct Lines {
    one_class: Vec<f32>,
    /// The highest of one class, and which; of equals the first.
    highest: Vec<(f32, Class)>,
    clear: Vec<f32>,
    thick: Vec<f32>,
    thin: Vec<f32>,
    shadow: Vec<f32>,
    unknown: Vec<f32>,
}

impl Lines {
    fn of(columns: usize) -> Self {
        let line = || vec![0.0; columns];
        Self {
            one_class: line(),
            highest: vec![(0.0, Class::Unknown); columns],
            clear: line(),
            thick: line(),
            thin: line(),
            shadow: line(),
            unknown: line(),
        }
    }

    fn of_class(&mut self, class: Class) -> &mut Vec<f32> {
        match class {
            Class::Clear => &mut self.clear,
            Class::Cloud => &mut self.thick,
            Class::ThinCloud => &mut self.thin,
            Class::Shadow => &mut self.shadow,
            Class::Unknown => &mut self.unknown,
        }
    }
}

impl Judge<'_> {
    /// Bits, and the probabilities of cloud and shadow that are wanted; others have no columns.
    fn planes(
        &self,
        shape: (usize, usize),
        wanted: [bool; 2],
        progress: &dyn Progress,
    ) -> Result<(LearnedPlane, [Array2<f32>; 2])> {
        let mut plane = LearnedPlane::zeros(shape);
        let [mut cloud, mut shadow] = wanted
            .map(|wanted| Array2::from_elem((shape.0, if wanted { shape.1 } else { 0 }), f32::NAN));
        let rows = plane.outer_iter_mut().into_par_iter();
        let rows = rows.zip(cloud.outer_iter_mut().into_par_iter());
        rows.zip(shadow.outer_iter_mut().into_par_iter())
            .enumerate()
            .try_for_each_init(
                || Lines::of(shape.1),
                |lines, (row, ((mut bits, mut cloud), mut shadow))| {
                    progress.check()?;
                    self.row(row, lines, bits.as_slice_mut().unwrap_or_default());
                    for ((out, thick), thin) in cloud.iter_mut().zip(&lines.thick).zip(&lines.thin)
                    {
                        *out = thick + thin;
                    }
                    for (out, probability) in shadow.iter_mut().zip(&lines.shadow) {
                        *out = *probability;
                    }
                    Ok(())
                },
            )?;
        Ok((plane, [cloud, shadow]))
    }

    fn row(&self, row: usize, lines: &mut Lines, bits: &mut [u8]) {
        for class in self.classes {
            lines.of_class(*class).fill(0.0);
        }
        lines.highest.fill((f32::NEG_INFINITY, Class::Unknown));
        for (class, plane) in self
            .classes
            .iter()
            .zip(self.probabilities.axis_iter(Axis(0)))
        {
            let mut one_class = std::mem::take(&mut lines.one_class);
            self.view.along_scene(plane, row, &mut one_class);
            let sums = lines.of_class(*class).iter_mut();
            sums.zip(&one_class).for_each(|(sum, value)| *sum += value);
            for (highest, value) in lines.highest.iter_mut().zip(&one_class) {
                if *value > highest.0 {
                    *highest = (*value, *class);
                }
            }
            lines.one_class = one_class;
        }
        for (column, bits) in bits.iter_mut().enumerate() {
            let [clear, thick, thin, shadow, unknown] = [
                &lines.clear,
                &lines.thick,
                &lines.thin,
                &lines.shadow,
                &lines.unknown,
            ]
            .map(|line| line[column]);
            let cloud = thick + thin;
            let known = clear + cloud + shadow;
            let said = match self.threshold {
                _ if known.is_nan() => Class::Unknown,
                None => lines.highest[column].1,
                Some(_) if unknown > known => Class::Unknown,
                Some(threshold) if cloud > threshold && thin > thick => Class::ThinCloud,
                Some(threshold) if cloud > threshold => Class::Cloud,
                Some(_) if shadow > clear => Class::Shadow,
                Some(_) => Class::Clear,
            };
            *bits = bits_of(said, cloud).bits();
        }
    }
}

/// `cloud`: its probability, thick or thin.
fn bits_of(said: Class, cloud: f32) -> LearnedBits {
    if said == Class::Unknown {
        return LearnedBits::empty();
    }
    let is_cloud = matches!(said, Class::Cloud | Class::ThinCloud);
    let mut bits = LearnedBits::KNOWN;
    bits.set(LearnedBits::CLOUD, is_cloud);
    bits.set(LearnedBits::THIN, said == Class::ThinCloud);
    bits.set(LearnedBits::SHADOW, said == Class::Shadow);
    bits.set(LearnedBits::MAYBE, is_cloud || cloud >= MAYBE_CLOUD);
    bits.set(LearnedBits::LIKELY, is_cloud && cloud >= LIKELY_CLOUD);
    bits.set(LearnedBits::CERTAIN, is_cloud && cloud >= CERTAIN_CLOUD);
    bits
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::made::{SEA, builder};

    fn bits(classes: &[Class], probabilities: &[f32], threshold: Option<f32>) -> LearnedBits {
        let scene = builder((1, 1), 20.0, |_, _| SEA).build().unwrap();
        let view = ModelView::of(&scene, &[], 20).unwrap();
        let probabilities =
            Array3::from_shape_vec((classes.len(), 1, 1), probabilities.to_vec()).unwrap();
        let judge = Judge {
            view: &view,
            classes,
            probabilities: &probabilities,
            threshold,
        };
        let (plane, _) = judge
            .planes((1, 1), [false; 2], &crate::NoProgress)
            .unwrap();
        LearnedBits::from_bits_retain(plane[[0, 0]])
    }

    use Class::{Clear, Cloud, Shadow, ThinCloud, Unknown};

    #[test]
    fn a_threshold_or_the_most_probable_class_decides() {
        let known = LearnedBits::KNOWN;
        let cloud = known | LearnedBits::CLOUD | LearnedBits::MAYBE;
        let two = [Clear, Cloud];
        assert_eq!(
            bits(&two, &[0.6, 0.4], Some(0.4)),
            known | LearnedBits::MAYBE
        );
        assert_eq!(bits(&two, &[0.59, 0.41], Some(0.4)), cloud);
        assert_eq!(bits(&two, &[0.59, 0.41], None), known | LearnedBits::MAYBE);
        assert_eq!(bits(&two, &[0.8, 0.2], None), known);
        let likely = cloud | LearnedBits::LIKELY;
        assert_eq!(bits(&two, &[0.05, 0.95], Some(0.4)), likely);
        let certain = likely | LearnedBits::CERTAIN;
        assert_eq!(bits(&two, &[0.01, 0.99], Some(0.4)), certain);
        let four = [Clear, Cloud, ThinCloud, Shadow];
        // Thick and thin together are more than clear, but none of them.
        let mixed = [0.4, 0.25, 0.3, 0.05];
        assert_eq!(bits(&four, &mixed, None), known | LearnedBits::MAYBE);
        assert_eq!(bits(&four, &mixed, Some(0.5)), cloud | LearnedBits::THIN);
        assert_eq!(
            bits(&four, &[0.3, 0.25, 0.4, 0.05], None),
            cloud | LearnedBits::THIN
        );
        assert_eq!(
            bits(&four, &[0.3, 0.1, 0.1, 0.5], None),
            known | LearnedBits::SHADOW
        );
    }

    #[test]
    fn thick_and_thin_together_and_shadow_are_features() {
        let scene = builder((1, 2), 20.0, |_, _| SEA).build().unwrap();
        let view = ModelView::of(&scene, &[], 20).unwrap();
        let classes = [Clear, Cloud, ThinCloud, Shadow];
        let values = [0.25, 0.0, 0.5, 0.125, 0.125, 0.25, 0.125, 0.625];
        let probabilities = Array3::from_shape_vec((4, 1, 2), values.to_vec()).unwrap();
        let judge = Judge {
            view: &view,
            classes: &classes,
            probabilities: &probabilities,
            threshold: None,
        };
        let planes = |wanted| judge.planes((1, 2), wanted, &crate::NoProgress).unwrap();
        let (bits, [cloud, shadow]) = planes([true, true]);
        assert_eq!(cloud, ndarray::array![[0.625, 0.375]]);
        assert_eq!(shadow, ndarray::array![[0.125, 0.625]]);
        let (same, [cloud, shadow]) = planes([false, false]);
        assert_eq!((bits, cloud.len(), shadow.len()), (same, 0, 0));
    }

    #[test]
    fn a_model_may_have_no_answer() {
        assert_eq!(
            bits(&[Unknown, Clear, Cloud], &[0.6, 0.1, 0.3], None),
            LearnedBits::empty()
        );
        assert_eq!(
            bits(&[Clear, Cloud], &[f32::NAN; 2], None),
            LearnedBits::empty()
        );
        // Two outputs may mean the same: together they count for a threshold, one by one for the most probable class.
        let twice = |threshold| {
            bits(
                &[Unknown, Clear, Clear, Cloud],
                &[0.4, 0.3, 0.2, 0.1],
                threshold,
            )
        };
        assert_eq!(twice(Some(0.5)), LearnedBits::KNOWN);
        assert_eq!(twice(None), LearnedBits::empty());
    }
}
