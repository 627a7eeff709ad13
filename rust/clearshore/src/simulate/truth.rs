//! The truth about a simulated scene, raster by raster.

use ndarray::Array2;

/// A raster of the truth, on the 10 m grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TruthLayer {
    /// One class a pixel, values of [`Class`](crate::flags::Class).
    Class,
    /// The main surface below the clouds, values of [`Surface`](super::Surface).
    Surface,
    /// Optical depth of all clouds along the line of sight of B04, hundredths.
    CloudOpticalDepth,
    /// Height of the highest cloud top seen in B04, metres; 0 without cloud.
    CloudTopHeight,
    /// Share of the direct sunlight that clouds take from the ground, percent.
    CloudShadowFraction,
    /// Values of [`ReliefShadow`](super::ReliefShadow).
    ReliefShadow,
    /// Sun glint at the top of the atmosphere in B03 without clouds, ten-thousandths.
    GlintB03,
    /// The same in B11.
    GlintB11,
    /// 1 on water, 0 elsewhere.
    Water,
    /// 1 on surf, 0 elsewhere.
    Surf,
}

impl TruthLayer {
    /// All layers.
    pub const ALL: [Self; 10] = [
        Self::Class,
        Self::Surface,
        Self::CloudOpticalDepth,
        Self::CloudTopHeight,
        Self::CloudShadowFraction,
        Self::ReliefShadow,
        Self::GlintB03,
        Self::GlintB11,
        Self::Water,
        Self::Surf,
    ];

    /// Name, also of its file: `cloud_optical_depth`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Class => "class",
            Self::Surface => "surface",
            Self::CloudOpticalDepth => "cloud_optical_depth",
            Self::CloudTopHeight => "cloud_top_height",
            Self::CloudShadowFraction => "cloud_shadow_fraction",
            Self::ReliefShadow => "relief_shadow",
            Self::GlintB03 => "glint_reflectance_B03",
            Self::GlintB11 => "glint_reflectance_B11",
            Self::Water => "water",
            Self::Surf => "surf",
        }
    }

    /// What its numbers are, for the file's description.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Class => "one class a pixel",
            Self::Surface => "main surface below the clouds",
            Self::CloudOpticalDepth => "optical depth of the clouds seen in B04",
            Self::CloudTopHeight => "height of the highest cloud top seen in B04, metres",
            Self::CloudShadowFraction => "share of direct sunlight taken by clouds, percent",
            Self::ReliefShadow => "0 lit, 1 cast shadow, 2 slope facing away from the sun",
            Self::GlintB03 => "TOA reflectance of sun glint in B03 without clouds",
            Self::GlintB11 => "TOA reflectance of sun glint in B11 without clouds",
            Self::Water => "1 water, 0 other",
            Self::Surf => "1 surf, 0 other",
        }
    }

    /// Factor from the stored whole number to the quantity.
    pub const fn scale(self) -> f64 {
        match self {
            Self::CloudOpticalDepth | Self::CloudShadowFraction => 0.01,
            Self::GlintB03 | Self::GlintB11 => 1e-4,
            _ => 1.0,
        }
    }

    /// Number of a pixel beyond the swath.
    pub const fn no_data(self) -> u16 {
        match self {
            Self::Class | Self::Surface => 0,
            Self::CloudShadowFraction | Self::ReliefShadow | Self::Water | Self::Surf => 255,
            _ => u16::MAX,
        }
    }
}

/// The numbers of a layer.
#[derive(Clone, Debug, PartialEq)]
pub enum TruthRaster {
    /// Classes, shares, yes and no.
    Bytes(Array2<u8>),
    /// Quantities.
    Words(Array2<u16>),
}
