//! What a run gives: flags, and on request evidence and features.

use crate::flags::{FLAGS, FlagSpec, Flags};
use crate::glint::{ViewSource, WindSource};
use crate::learned::ModelReport;
use ndarray::Array2;
use rayon::prelude::*;
use serde::Serialize;

/// A feature band that can be written beside the flags.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Feature {
    /// Cloud probability of the physics or of the learned model, unitless, 0 to 1.
    CloudProbability,
    /// Probability of cloud shadow of a learned model that tells it, unitless, 0 to 1.
    CloudShadowProbability,
    /// B10 above its base, TOA reflectance, unitless.
    CirrusReflectance,
    /// Haze-optimised transform, TOA reflectance, unitless.
    Hot,
    /// Cosine of the angle between the slope's normal and the sun, unitless.
    CosIncidence,
    /// Part of the sun's disc that relief leaves visible, unitless, 0 to 1.
    SunVisibility,
    /// Glint that geometry and wind predict for water in B11, TOA reflectance, unitless.
    GlintReflectance,
    /// B11 of water above the scene's dark water, TOA reflectance, unitless.
    GlintExcess,
    /// Angle between the sensor and the sun's mirror image in a level sea, in B11, degrees.
    GlintAngle,
}

impl Feature {
    /// All features, in the order of their bands.
    pub const ALL: [Self; 9] = [
        Self::CloudProbability,
        Self::CloudShadowProbability,
        Self::CirrusReflectance,
        Self::Hot,
        Self::CosIncidence,
        Self::SunVisibility,
        Self::GlintReflectance,
        Self::GlintExcess,
        Self::GlintAngle,
    ];

    /// Band name in products.
    pub const fn name(self) -> &'static str {
        match self {
            Self::CloudProbability => "cloud_probability",
            Self::CloudShadowProbability => "cloud_shadow_probability",
            Self::CirrusReflectance => "cirrus_reflectance",
            Self::Hot => "hot",
            Self::CosIncidence => "cos_incidence",
            Self::SunVisibility => "sun_visibility",
            Self::GlintReflectance => "glint_reflectance",
            Self::GlintExcess => "glint_excess",
            Self::GlintAngle => "glint_angle",
        }
    }

    /// What it is, for band descriptions.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::CloudProbability => {
                "cloud probability, of the physics above the clear-sky base or of the learned model, 0 to 1"
            }
            Self::CloudShadowProbability => {
                "probability of cloud shadow, of a learned model that tells it, 0 to 1"
            }
            Self::CirrusReflectance => "B10 TOA reflectance above the scene's base",
            Self::Hot => "haze-optimised transform: B02 - 0.5 B04 - 0.08, TOA reflectance",
            Self::CosIncidence => "cosine of the angle between the normal of the slope and the sun",
            Self::SunVisibility => "part of the sun's disc that relief leaves visible, 0 to 1",
            Self::GlintReflectance => {
                "sun glint that geometry and wind predict for water in B11, TOA reflectance"
            }
            Self::GlintExcess => "B11 of water above the scene's dark water, TOA reflectance",
            Self::GlintAngle => {
                "angle between the sensor and the sun's mirror image in B11, degrees"
            }
        }
    }
}

/// One feature on the grid; NaN where the pixel is invalid or the feature is unknown.
#[derive(Clone, Debug)]
pub struct FeatureBand {
    /// Which.
    pub feature: Feature,
    /// Values, (rows, columns).
    pub values: Array2<f32>,
}

/// The result of a run on a scene.
#[derive(Debug)]
pub struct Detection {
    /// `clearshore_flags`, (rows, columns) of the scene's grid.
    pub flags: Array2<i32>,
    /// `clearshore_evidence`, on request.
    pub evidence: Option<Array2<i32>>,
    /// Feature bands, on request.
    pub features: Vec<FeatureBand>,
    /// Names of cells of the elevation model that are missing and on which relief shadow depends, sorted.
    pub dem_missing: Vec<String>,
    /// What sun glint was predicted with; `None` where it was not looked for, or none is predicted.
    pub glint: Option<GlintReport>,
    /// Which learned model looked at the scene; `None` where the physics decided alone.
    pub model: Option<ModelReport>,
    /// What the user should know: missing bands, degraded flags.
    pub warnings: Vec<String>,
}

/// What sun glint was predicted with.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct GlintReport {
    /// Wind speed in the middle of the scene, m/s.
    pub wind_speed: f64,
    /// Azimuth that the wind comes from there, degrees from true north; `None` where the waves are taken for alike in all
    /// directions.
    pub wind_direction: Option<f64>,
    /// Who says so.
    pub wind_source: WindSource,
    /// How the directions to the sensor were found.
    pub viewing_angles: ViewSource,
}

/// How many pixels have a flag.
#[derive(Clone, Copy, Debug)]
pub struct FlagShare {
    /// The flag.
    pub flag: &'static FlagSpec,
    /// Pixels that have it.
    pub pixels: u64,
    /// Share of the valid pixels (of all pixels for CS_INVALID), 0 to 1; 0 when there are none.
    pub share: f64,
}

impl Detection {
    /// Pixels of each flag of the table, in its order.
    pub fn shares(&self) -> Vec<FlagShare> {
        let total = self.flags.len() as u64;
        let counts = self
            .flags
            .as_slice()
            .unwrap_or_default()
            .par_chunks(1 << 16)
            .map(|chunk| {
                let mut counts = [0_u64; FLAGS.len()];
                for &pixel in chunk {
                    for (count, row) in counts.iter_mut().zip(&FLAGS) {
                        *count += u64::from(pixel & row.flag.bits() != 0);
                    }
                }
                counts
            })
            .reduce(
                || [0; FLAGS.len()],
                |mut sum, counts| {
                    sum.iter_mut()
                        .zip(counts)
                        .for_each(|(sum, count)| *sum += count);
                    sum
                },
            );
        let invalid: u64 = FLAGS
            .iter()
            .zip(counts)
            .filter(|(row, _)| row.flag == Flags::INVALID)
            .map(|(_, n)| n)
            .sum();
        FLAGS
            .iter()
            .zip(counts)
            .map(|(flag, pixels)| {
                let base = if flag.flag == Flags::INVALID {
                    total
                } else {
                    total - invalid
                };
                let share = if base == 0 {
                    0.0
                } else {
                    pixels as f64 / base as f64
                };
                FlagShare {
                    flag,
                    pixels,
                    share,
                }
            })
            .collect()
    }
}
