//! The questions that a mask is asked.

use crate::codes::{Category, Tells};
use Category::{Land, Snow, Thin, Undecided, Water};

/// A question with two answers, asked of truth and mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Experiment {
    /// Cloud, thick or thin.
    Cloud,
    /// Thick cloud against all that is no cloud: does the mask call it cloud of any kind?
    ThickCloud,
    /// Thin cloud against all that is no cloud: does the mask call it cloud of any kind?
    ThinCloud,
    /// Shadow of a cloud.
    Shadow,
    /// Cloud or cloud shadow: what a user of the surface must not take.
    Invalid,
    /// Snow or ice, free of cloud.
    Snow,
    /// Water, where both sides see the surface and say which.
    Water,
}

/// What an experiment makes of a pixel's truth and mask.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    TruePositive,
    FalsePositive,
    FalseNegative,
    TrueNegative,
}

impl Cell {
    pub const fn of(truth: bool, called: bool) -> Self {
        match (truth, called) {
            (true, true) => Self::TruePositive,
            (false, true) => Self::FalsePositive,
            (true, false) => Self::FalseNegative,
            (false, false) => Self::TrueNegative,
        }
    }
}

impl Experiment {
    /// All experiments.
    pub const ALL: [Self; 7] = [
        Self::Cloud,
        Self::ThickCloud,
        Self::ThinCloud,
        Self::Shadow,
        Self::Invalid,
        Self::Snow,
        Self::Water,
    ];

    /// Name in tables and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cloud => "cloud",
            Self::ThickCloud => "thick_cloud",
            Self::ThinCloud => "thin_cloud",
            Self::Shadow => "shadow",
            Self::Invalid => "invalid",
            Self::Snow => "snow",
            Self::Water => "water",
        }
    }

    /// What the codes of truth and mask must tell.
    pub(super) const fn needs(self) -> (Tells, Tells) {
        match self {
            Self::Cloud => (Tells::empty(), Tells::empty()),
            Self::ThickCloud | Self::ThinCloud => (Tells::THIN, Tells::empty()),
            Self::Shadow | Self::Invalid => (Tells::SHADOW, Tells::SHADOW),
            Self::Snow => (Tells::SNOW, Tells::SNOW),
            Self::Water => (Tells::SURFACE, Tells::SURFACE),
        }
    }

    /// Whether the truth says yes; none where the pixel is not asked about.
    pub(super) const fn truth(self, truth: Category) -> Option<bool> {
        match (self, truth) {
            (_, Undecided) => None,
            (Self::ThickCloud, Thin) | (Self::ThinCloud, Category::Cloud) => None,
            (Self::Water, Land | Water) => Some(matches!(truth, Water)),
            (Self::Water, _) => None,
            (Self::Cloud | Self::ThickCloud | Self::ThinCloud, _) => Some(truth.is_cloud()),
            (Self::Shadow, _) => Some(matches!(truth, Category::Shadow)),
            (Self::Invalid, _) => Some(!truth.is_clear()),
            (Self::Snow, _) => Some(matches!(truth, Snow)),
        }
    }

    /// Whether the mask says yes; none where the pixel is not asked about. What a mask does not decide it does
    /// not call.
    pub(super) const fn called(self, mask: Category) -> Option<bool> {
        match (self, mask) {
            (Self::Water, Land | Water) => Some(matches!(mask, Water)),
            (Self::Water, _) => None,
            (Self::Cloud | Self::ThickCloud | Self::ThinCloud, _) => Some(mask.is_cloud()),
            (Self::Shadow, _) => Some(matches!(mask, Category::Shadow)),
            (Self::Invalid, Undecided) => Some(false),
            (Self::Invalid, _) => Some(!mask.is_clear()),
            (Self::Snow, _) => Some(matches!(mask, Snow)),
        }
    }

    /// Truth against mask.
    pub(super) const fn cell(self, truth: Category, mask: Category) -> Option<Cell> {
        match (self.truth(truth), self.called(mask)) {
            (Some(truth), Some(called)) => Some(Cell::of(truth, called)),
            _ => None,
        }
    }

    /// The experiment whose boundary between yes and no is this one's: that of cloud for thick and thin.
    pub(super) const fn boundary(self) -> Self {
        match self {
            Self::ThickCloud | Self::ThinCloud => Self::Cloud,
            other => other,
        }
    }
}
