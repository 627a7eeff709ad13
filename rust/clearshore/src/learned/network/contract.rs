//! What a network expects and gives: the table `[network]` of its manifest.

use crate::{Error, Result};
use serde::{Deserialize, Serialize};
use std::fmt;

/// Digital numbers per unit of reflectance in the products that the networks were trained on (quantification of Level-1C).
const DIGITAL_NUMBERS_PER_REFLECTANCE: f64 = 10_000.0;

/// What a network expects and gives.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct NetworkContract {
    /// Side of its square input, pixels.
    pub patch: usize,
    /// Pixels that a patch shares with the next one in its row or column.
    pub overlap: usize,
    /// Patches that it sees in one run.
    #[serde(default = "one")]
    pub batch: usize,
    /// Memory that one run takes, MiB, measured; it limits how many run at once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub memory: Option<u64>,
    /// Whether every second row of patches begins half a step earlier.
    #[serde(default)]
    pub staggered: bool,
    /// Whether a patch moves until its outer rows and columns hold data.
    #[serde(default)]
    pub avoid_no_data: bool,
    /// What it gives.
    pub output: Output,
    /// What is blended where patches overlap.
    pub blended: Blended,
    /// How pixels become its input.
    pub input: Input,
    /// How patches lie at the edges of the raster.
    pub edges: Edges,
    /// How patches are joined where they overlap.
    pub blending: Blending,
}

const fn one() -> usize {
    1
}

/// How pixels become the input of a network: reflectance to its unit, not below a bound, then scaled.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Input {
    /// The quantity that is scaled.
    pub unit: Unit,
    /// What the quantity is divided by first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub divisor: Option<f64>,
    /// Smaller values become this, in the unit after division.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub minimum: Option<f64>,
    /// What a value that is not known becomes, in the unit after division; with statistics of the patch it is set after scaling.
    pub no_data: f64,
    /// How it is scaled.
    pub scaling: Scaling,
}

/// A quantity that networks are trained on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// TOA reflectance.
    Reflectance,
    /// TOA reflectance times 10000: a product's digital number without its offset.
    DigitalNumber,
}

/// How the input is scaled, band by band.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Scaling {
    /// Not at all.
    None,
    /// The mean of the training data is subtracted, then divided by their standard deviation.
    MeanDeviation {
        /// Mean of each band.
        mean: Vec<f64>,
        /// Standard deviation of each band.
        deviation: Vec<f64>,
    },
    /// Divided by the maximum of the training data; their minimum is 0.
    Maximum {
        /// Maximum of each band, in the unit after division.
        maximum: Vec<f64>,
        /// What a program to be matched adds to the maxima, digital numbers: KappaMask's adds the product's offset each time
        /// that it builds a batch, once or twice.
        #[serde(
            default,
            skip_serializing_if = "Option::is_none",
            rename = "added-to-maximum"
        )]
        added_to_maximum: Option<f64>,
    },
    /// The mean of what is known in the patch is subtracted, then divided by its standard deviation; a band without spread is only
    /// centred.
    PatchStatistics,
}

/// What a network gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Output {
    /// Numbers whose softmax is the probability of the classes.
    Logits,
    /// Probabilities.
    Probabilities,
    /// Numbers between 0 and 1, each of one class for itself: divided by their sum they are the probabilities.
    Scores,
}

/// What is blended where patches overlap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Blended {
    /// What the network gives, before its softmax.
    Logits,
    /// Probabilities.
    Probabilities,
}

/// How patches lie at the edges of the raster.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Edges {
    /// The first patch begins with the raster, the last slides inward until it ends with it; a raster that is smaller than a patch
    /// is filled up with no data, below and to the right.
    Slide,
    /// The raster is continued by its mirror image, the pixel at the edge twice (numpy's `symmetric`).
    Mirror {
        /// Pixels before the raster at which the first patch begins.
        lead: usize,
    },
}

/// How patches are joined where they overlap.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Blending {
    /// Each keeps its half; nothing is mixed.
    Crop,
    /// Weights that grow from 1/overlap at the outermost pixel by 1/overlap a pixel; rows times columns.
    LinearRamp,
    /// Tukey's window, rows times columns.
    Tukey {
        /// Part of the patch in which the window is not 1, 0 to 1.
        taper: f64,
    },
}

impl Input {
    /// What reflectance is multiplied by to be in the unit after division.
    pub(super) fn factor(&self) -> f64 {
        let unit = match self.unit {
            Unit::Reflectance => 1.0,
            Unit::DigitalNumber => DIGITAL_NUMBERS_PER_REFLECTANCE,
        };
        unit / self.divisor.unwrap_or(1.0)
    }

    /// What is subtracted from each band and what it is then divided by; `None` where the patch decides.
    pub(super) fn fixed_scaling(&self, bands: usize) -> Option<Vec<(f64, f64)>> {
        match &self.scaling {
            Scaling::None => Some(vec![(0.0, 1.0); bands]),
            Scaling::MeanDeviation { mean, deviation } => Some(
                mean.iter()
                    .copied()
                    .zip(deviation.iter().copied())
                    .collect(),
            ),
            Scaling::Maximum {
                maximum,
                added_to_maximum,
            } => {
                let added = added_to_maximum.unwrap_or(0.0) / self.divisor.unwrap_or(1.0);
                Some(
                    maximum
                        .iter()
                        .map(|maximum| (0.0, maximum + added))
                        .collect(),
                )
            }
            Scaling::PatchStatistics => None,
        }
    }
}

impl NetworkContract {
    /// Pixels from one patch to the next.
    pub fn step(&self) -> usize {
        self.patch - self.overlap
    }

    /// Whether the contract holds together, for a network of so many bands.
    ///
    /// # Errors
    /// Auxiliary: a number that can't be, or parts that don't go together.
    pub fn check(&self, bands: usize) -> Result<()> {
        self.check_patches()?;
        let finite = |value: &Option<f64>| value.is_none_or(f64::is_finite);
        let input = &self.input;
        let divisor = input.divisor.unwrap_or(1.0);
        if !(divisor.is_finite() && divisor > 0.0) {
            return Err(wrong("input.divisor", divisor, "a positive number"));
        }
        if !finite(&input.minimum) || !input.no_data.is_finite() {
            return Err(wrong(
                "input.minimum or input.no-data",
                "an infinite number",
                "a finite one",
            ));
        }
        let scaling = input
            .fixed_scaling(bands)
            .unwrap_or_else(|| vec![(0.0, 1.0); bands]);
        let uneven = match &input.scaling {
            Scaling::MeanDeviation { mean, deviation } => mean.len() != deviation.len(),
            _ => false,
        };
        if scaling.len() != bands || uneven {
            return Err(wrong(
                "input.scaling",
                format!("{} values", scaling.len()),
                format!("{bands}, one for each of the manifest's bands"),
            ));
        }
        let usable = |(shift, divisor): &(f64, f64)| {
            shift.is_finite() && divisor.is_finite() && *divisor > 0.0
        };
        match scaling.iter().position(|of_band| !usable(of_band)) {
            Some(band) => Err(wrong(
                &format!("input.scaling, value {}", band + 1),
                format!("{:?}", scaling[band]),
                "a finite number to subtract and a positive one to divide by",
            )),
            None => Ok(()),
        }
    }

    fn check_patches(&self) -> Result<()> {
        if self.patch == 0 || self.batch == 0 {
            return Err(wrong("patch and batch", "0", "at least 1"));
        }
        if self.overlap > self.patch / 2 {
            return Err(wrong(
                "overlap",
                self.overlap,
                format!("at most half of the patch, {}", self.patch / 2),
            ));
        }
        let moves = self.staggered || self.avoid_no_data;
        match (&self.blending, &self.edges) {
            (Blending::Crop, _) if moves => Err(wrong(
                "blending",
                "crop with staggered or moving patches",
                "crop only where all patches of a row or column share their edges",
            )),
            (_, Edges::Mirror { .. }) if moves => Err(wrong(
                "edges",
                "mirror with staggered or moving patches",
                "edges of kind slide",
            )),
            (_, Edges::Mirror { lead }) if *lead >= self.patch => {
                Err(wrong("edges.lead", lead, "less than the patch"))
            }
            // The window is 0 at its outermost pixel: that pixel needs another patch.
            (Blending::Tukey { .. }, Edges::Slide) => Err(wrong(
                "edges",
                "slide with Tukey's window",
                "edges of kind mirror, or the edge of the raster has no weight",
            )),
            (Blending::Tukey { .. }, Edges::Mirror { lead }) if *lead == 0 || self.overlap < 2 => {
                Err(wrong(
                    "edges.lead and overlap",
                    format!("{lead} and {}", self.overlap),
                    "at least 1 and 2 with Tukey's window",
                ))
            }
            (Blending::Tukey { taper }, _) if !(0.0..=1.0).contains(taper) => {
                Err(wrong("blending.taper", taper, "0 to 1"))
            }
            _ => self.check_blended(),
        }
    }

    fn check_blended(&self) -> Result<()> {
        if self.output != Output::Logits && self.blended == Blended::Logits {
            return Err(wrong(
                "blended",
                "logits, from a network that gives none",
                "probabilities",
            ));
        }
        Ok(())
    }
}

fn wrong(what: &str, got: impl fmt::Display, expected: impl fmt::Display) -> Error {
    Error::auxiliary("the manifest of a learned detector contradicts itself")
        .at(format!("[network] {what}"))
        .got(got)
        .expected(expected)
        .advice("correct the manifest, or take the one that comes with Clearshore")
}
