//! How much of what a preset's ground holds. All numbers are free choices.

use super::super::setting::Preset;
use super::Surface;
use super::place::Length;

/// A preset's ground. Shares are parts of the zone in which a thing can be.
#[derive(Clone, Copy, Debug)]
pub(super) struct Recipe {
    /// Share of the shore along which rivers cloud the sea.
    pub rivers: f64,
    /// Share of the shallow sea with reefs below.
    pub reefs: f64,
    /// Share of the land near the shore that towns cover, and how near that is.
    pub towns: (f64, Length),
    /// Share of the flats behind a lagoon that are salt pans.
    pub salt_pans: f64,
    /// Share of woods on land.
    pub woods: f64,
    /// Share of the fields that are bare.
    pub bare_fields: f64,
    /// Ground above is meadow, not field, metres.
    pub fields_below: f64,
    /// What beaches are made of.
    pub sand: Surface,
    /// Mean width of beaches and how much wider and narrower they become, metres.
    pub beach: [f64; 2],
    /// Ice on the sea along the shore and on all lakes.
    pub ice: bool,
    /// Woods stay dark in the snow.
    pub dark_woods: bool,
}

impl Recipe {
    pub const fn of(preset: Preset) -> Self {
        let coast = Self {
            rivers: 0.22,
            reefs: 0.07,
            towns: (0.1, (6_000.0, 0.2)),
            salt_pans: 0.0,
            woods: 0.2,
            bare_fields: 0.3,
            fields_below: 500.0,
            sand: Surface::QuartzSand,
            beach: [70.0, 220.0],
            ice: false,
            dark_woods: true,
        };
        match preset {
            Preset::Coast | Preset::AllCloud | Preset::OpenSea => coast,
            Preset::AlpineCoast => Self {
                rivers: 0.1,
                reefs: 0.0,
                towns: (0.1, (1_500.0, 0.07)),
                woods: 0.55,
                fields_below: 150.0,
                beach: [10.0, 90.0],
                ..coast
            },
            Preset::Lagoon => Self {
                rivers: 0.3,
                reefs: 0.14,
                towns: (0.07, (5_000.0, 0.2)),
                salt_pans: 0.16,
                sand: Surface::CoralSand,
                ..coast
            },
            Preset::AllSnow | Preset::Winter => Self {
                rivers: 0.0,
                reefs: 0.0,
                towns: (0.07, (5_000.0, 0.2)),
                woods: 0.35,
                bare_fields: 0.6,
                beach: [40.0, 150.0],
                ice: matches!(preset, Preset::Winter),
                dark_woods: matches!(preset, Preset::Winter),
                ..coast
            },
        }
    }
}
