//! The judge: how well does a mask agree with the truth?
//!
//! Pure numbers: two planes of labels in, figures out. The protocol is that of CloudSEN12 (C. Aybar et
//! al., Scientific Data 9 (2022) 782) with the buffers and label rims of CMIX (S. Skakun et al., Remote
//! Sensing of Environment 274 (2022) 112990).
//!
//! A pixel counts when the truth knows it. Where the mask has no data it decided nothing: that counts as
//! "not called", so that a mask cannot gain by staying silent, and its share is reported.

mod experiment;
mod figures;
mod report;
mod strata;
mod tally;

pub use crate::codes::{CODES, Category, Codes, Label, Tells};
pub use experiment::Experiment;
pub use figures::{Confusion, Figures, Spread};
pub use report::{
    ConfusionMatrix, ExperimentReport, MeanIou, PatchReport, PixelReport, Report, Scores,
    StratumReport,
};
pub use strata::{Strata, Stratum};
pub use tally::{PATCH_LEAST_PIXELS, PATCH_SIDE, Pair, Settings, Tally, Variant};

#[cfg(test)]
mod tests;
