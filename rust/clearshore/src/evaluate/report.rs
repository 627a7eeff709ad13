//! The figures as they are reported.

use super::experiment::Experiment;
use super::figures::{Confusion, Figures, Spread, ratio};
use super::strata::Stratum;
use super::tally::{Counts, Matrix, PATCH_LEAST_PIXELS, PATCH_SIDE, Tally, Variant, VariantTally};
use crate::codes::{Category, Tells};
use serde::{Serialize, Serializer};

/// Everything that was found.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Report {
    /// How many pixels were compared.
    pub pixels: PixelReport,
    /// The experiments, by the way of comparing; the plain one first.
    #[serde(serialize_with = "by_name")]
    pub scores: Vec<Scores>,
    /// Mean intersection over union of clear, thick cloud, thin cloud and shadow, where both sides tell these.
    pub mean_iou: Option<MeanIou>,
    /// Pixels by category of truth and mask.
    pub confusion: ConfusionMatrix,
    /// Parts of the scene.
    #[serde(serialize_with = "by_name")]
    pub strata: Vec<StratumReport>,
    /// Strata that the truth does not tell.
    pub strata_left_out: Vec<&'static str>,
}

/// How many pixels were compared.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct PixelReport {
    /// Of the truth's grid.
    pub all: u64,
    /// That the truth knows: only these count.
    pub valid: u64,
    /// Valid ones where the mask has no data.
    pub undecided: u64,
    /// Share of the valid ones.
    pub undecided_share: Option<f64>,
    /// Side of a patch.
    pub patch_side: usize,
    /// Valid pixels that a patch needs for figures of its own.
    pub patch_least: u64,
    /// Patches that have them.
    pub patches: usize,
}

/// The experiments in one way of comparing.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Scores {
    /// Name of the way.
    #[serde(skip)]
    pub name: String,
    /// Width of the rims that were left out, pixels of the truth.
    pub tolerance: u32,
    /// Metres by which truth and mask were grown.
    pub common_buffer: f64,
    /// Whether the mask's own buffers count.
    pub own_buffer: bool,
    /// The experiments that the codes of both sides allow.
    #[serde(serialize_with = "by_name")]
    pub experiments: Vec<ExperimentReport>,
}

/// One experiment.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ExperimentReport {
    /// The question.
    #[serde(skip)]
    pub experiment: Experiment,
    /// Over all pixels.
    #[serde(flatten)]
    pub figures: Figures,
    /// Over patches.
    pub patches: PatchReport,
}

/// Figures patch by patch, each over the patches where it exists.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct PatchReport {
    /// Where the class occurs in the truth.
    pub pa: Spread,
    /// Where the class occurs in the mask.
    pub ua: Spread,
    /// Where the class and its contrary occur in the truth.
    pub boa: Spread,
}

/// Mean intersection over union.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct MeanIou {
    /// Mean over the classes that occur in truth or mask.
    pub mean: Option<f64>,
    /// Clear.
    pub clear: Option<f64>,
    /// Thick cloud.
    pub cloud: Option<f64>,
    /// Thin cloud.
    pub thin: Option<f64>,
    /// Cloud shadow.
    pub shadow: Option<f64>,
}

/// Pixels by category of the truth (row) and of the mask (column).
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ConfusionMatrix {
    /// Categories of rows and columns, in order.
    pub categories: [Category; Category::ALL.len()],
    /// Pixels.
    pub pixels: Matrix,
}

/// A part of the scene.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct StratumReport {
    /// Which.
    #[serde(skip)]
    pub stratum: Stratum,
    /// Valid pixels in it.
    pub pixels: u64,
    /// Share of all valid pixels.
    pub share: Option<f64>,
    /// Pixels free of cloud and of cloud shadow in the truth.
    pub clear_pixels: u64,
    /// Share of these that the mask calls cloud.
    pub false_cloud: Option<f64>,
    /// Share of these that the mask calls cloud shadow, where it can.
    pub false_shadow: Option<f64>,
    /// Cloud, thick or thin.
    pub cloud: Figures,
    /// Cloud shadow, where both sides tell it.
    pub shadow: Option<Figures>,
}

trait Named {
    fn name(&self) -> &str;
}

impl Named for Scores {
    fn name(&self) -> &str {
        &self.name
    }
}

impl Named for ExperimentReport {
    fn name(&self) -> &str {
        self.experiment.name()
    }
}

impl Named for StratumReport {
    fn name(&self) -> &str {
        self.stratum.name()
    }
}

fn by_name<T: Named + Serialize, S: Serializer>(
    items: &[T],
    serializer: S,
) -> Result<S::Ok, S::Error> {
    serializer.collect_map(items.iter().map(|item| (item.name(), item)))
}

impl Tally {
    /// The figures.
    pub fn report(&self) -> Report {
        let whole = self.strata[0].unwrap_or_default();
        let known = whole.iter().skip(1);
        let valid = known.clone().flatten().sum();
        let undecided = known.map(|row| row[Category::Undecided as usize]).sum();
        let plain = self.variants.first();
        let strata = Stratum::ALL.into_iter().zip(&self.strata);
        Report {
            pixels: PixelReport {
                all: self.pixels,
                valid,
                undecided,
                undecided_share: ratio(undecided, valid),
                patch_side: PATCH_SIDE,
                patch_least: PATCH_LEAST_PIXELS,
                patches: plain.map_or(0, |plain| plain.patches.len()),
            },
            scores: self
                .variants
                .iter()
                .map(|variant| self.scores(variant))
                .collect(),
            mean_iou: self
                .tells_both(Tells::THIN | Tells::SHADOW)
                .then(|| mean_iou(&whole)),
            confusion: ConfusionMatrix {
                categories: Category::ALL,
                pixels: whole,
            },
            strata: strata
                .clone()
                .filter_map(|(stratum, matrix)| {
                    Some(self.stratum(stratum, matrix.as_ref()?, valid))
                })
                .collect(),
            strata_left_out: strata
                .filter(|(_, matrix)| matrix.is_none())
                .map(|(stratum, _)| stratum.name())
                .collect(),
        }
    }

    fn tells_both(&self, tells: Tells) -> bool {
        (self.truth_tells & self.mask_tells).contains(tells)
    }

    fn allows(&self, experiment: Experiment) -> bool {
        let (truth, mask) = experiment.needs();
        self.truth_tells.contains(truth) && self.mask_tells.contains(mask)
    }

    fn scores(&self, tally: &VariantTally) -> Scores {
        let variant = tally.variant;
        let experiments = Experiment::ALL.into_iter().enumerate();
        Scores {
            name: variant.name(),
            tolerance: match variant {
                Variant::Tolerance(pixels) => pixels,
                _ => 0,
            },
            common_buffer: match variant {
                Variant::CommonBuffer(metres) => metres,
                _ => 0.0,
            },
            own_buffer: variant == Variant::OwnBuffer,
            experiments: experiments
                .filter(|(_, experiment)| self.allows(*experiment) && variant.has(*experiment))
                .map(|(index, experiment)| ExperimentReport {
                    experiment,
                    figures: tally.pooled[index].figures(),
                    patches: patch_report(&tally.patches, index),
                })
                .collect(),
        }
    }

    fn stratum(&self, stratum: Stratum, matrix: &Matrix, all_valid: u64) -> StratumReport {
        let of = |experiment| figures(matrix, experiment);
        let clear = Category::ALL.into_iter().filter(|truth| truth.is_clear());
        let clear_called = |is: fn(Category) -> bool| -> u64 {
            let masks = Category::ALL.into_iter().filter(|mask| is(*mask));
            let rows = clear.clone().map(|truth| matrix[truth as usize]);
            rows.map(|row| masks.clone().map(|mask| row[mask as usize]).sum::<u64>())
                .sum()
        };
        let clear_pixels = clear_called(|_| true);
        let pixels = matrix.iter().skip(1).flatten().sum();
        let shadow = clear_called(|mask| mask == Category::Shadow);
        StratumReport {
            stratum,
            pixels,
            share: ratio(pixels, all_valid),
            clear_pixels,
            false_cloud: ratio(clear_called(Category::is_cloud), clear_pixels),
            false_shadow: ratio(shadow, clear_pixels)
                .filter(|_| self.mask_tells.contains(Tells::SHADOW)),
            cloud: of(Experiment::Cloud),
            shadow: self
                .allows(Experiment::Shadow)
                .then(|| of(Experiment::Shadow)),
        }
    }
}

fn patch_report(patches: &[Counts], experiment: usize) -> PatchReport {
    let spread = |figure: fn(&Confusion) -> Option<f64>| {
        Spread::of(
            patches
                .iter()
                .filter_map(|patch| figure(&patch[experiment])),
        )
    };
    PatchReport {
        pa: spread(Confusion::pa),
        ua: spread(Confusion::ua),
        boa: spread(Confusion::boa),
    }
}

/// Figures of an experiment from pixels by category.
fn figures(matrix: &Matrix, experiment: Experiment) -> Figures {
    let mut confusion = Confusion::default();
    for (truth, row) in Category::ALL.into_iter().zip(matrix) {
        for (mask, &pixels) in Category::ALL.into_iter().zip(row) {
            if let Some(cell) = experiment.cell(truth, mask) {
                confusion.add(cell, pixels);
            }
        }
    }
    confusion.figures()
}

fn mean_iou(matrix: &Matrix) -> MeanIou {
    let iou = |is: fn(Category) -> bool| {
        let (mut both, mut either) = (0, 0);
        for (truth, row) in Category::ALL.into_iter().zip(matrix).skip(1) {
            for (mask, &pixels) in Category::ALL.into_iter().zip(row) {
                both += pixels * u64::from(is(truth) && is(mask));
                either += pixels * u64::from(is(truth) || is(mask));
            }
        }
        ratio(both, either)
    };
    let clear = iou(Category::is_clear);
    let cloud = iou(|category| category == Category::Cloud);
    let thin = iou(|category| category == Category::Thin);
    let shadow = iou(|category| category == Category::Shadow);
    let classes = || [clear, cloud, thin, shadow].into_iter().flatten();
    let occurring = classes().count();
    MeanIou {
        mean: (occurring > 0).then(|| classes().sum::<f64>() / occurring as f64),
        clear,
        cloud,
        thin,
        shadow,
    }
}
