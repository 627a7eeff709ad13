//! Parts of a scene where masks are known to fail.

use bitflags::bitflags;

bitflags! {
    /// The strata that a pixel lies in.
    #[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
    pub struct Strata: u16 {
        /// Land below the clouds.
        const LAND = 1;
        /// Water below the clouds.
        const WATER = 1 << 1;
        /// Dry sand.
        const SAND = 1 << 2;
        /// Surf.
        const SURF = 1 << 3;
        /// Shallow reef.
        const REEF = 1 << 4;
        /// Turbid water.
        const TURBID = 1 << 5;
        /// Sun glint on water.
        const GLINT = 1 << 6;
        /// Snow or ice below the clouds.
        const SNOW = 1 << 7;
        /// Relief shadow.
        const RELIEF = 1 << 8;
    }
}

impl Strata {
    /// How many bits are in use.
    pub(super) const BITS: usize = 9;
}

/// A part of a scene that is judged by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stratum {
    /// Everything.
    Whole,
    /// Pixels by what they are below the clouds.
    Pixels(Strata),
    /// Patches with 5 to 95 % water.
    Coast,
    /// Scenes with the sun less than 20 degrees high.
    LowSun,
}

impl Stratum {
    /// All strata.
    pub const ALL: [Self; 12] = [
        Self::Whole,
        Self::Pixels(Strata::LAND),
        Self::Pixels(Strata::WATER),
        Self::Coast,
        Self::Pixels(Strata::SAND),
        Self::Pixels(Strata::SURF),
        Self::Pixels(Strata::REEF),
        Self::Pixels(Strata::TURBID),
        Self::Pixels(Strata::GLINT),
        Self::Pixels(Strata::SNOW),
        Self::Pixels(Strata::RELIEF),
        Self::LowSun,
    ];

    /// Name in tables and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Whole => "whole",
            Self::Coast => "coast",
            Self::LowSun => "low_sun",
            Self::Pixels(Strata::LAND) => "land",
            Self::Pixels(Strata::WATER) => "water",
            Self::Pixels(Strata::SAND) => "sand",
            Self::Pixels(Strata::SURF) => "surf",
            Self::Pixels(Strata::REEF) => "reef",
            Self::Pixels(Strata::TURBID) => "turbid",
            Self::Pixels(Strata::GLINT) => "glint",
            Self::Pixels(Strata::SNOW) => "snow",
            Self::Pixels(_) => "relief",
        }
    }
}
