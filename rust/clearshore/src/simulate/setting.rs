//! What a simulated scene shows: every choice that a user has.

use crate::scene::{Direction, Grid};
use crate::{Error, Result};
use serde::Serialize;
use std::ops::RangeInclusive;

/// Rows of a scene, 10 m pixels: one patch of the usual judges to one whole tile, in steps.
const SIZES: (u32, u32) = (549, 10_980);
const SIZE_STEP: usize = 6;
/// Elevations of the sun, degrees.
pub const SUN_ELEVATIONS: RangeInclusive<f64> = 5.0..=90.0;
/// Wind speeds, m/s: Cox and Munk measured up to 14.
pub const WIND_SPEEDS: RangeInclusive<f64> = 0.0..=20.0;
/// Path reflectances of haze in B02.
pub const HAZES: RangeInclusive<f64> = 0.0..=0.2;

/// Kinds of landscape and weather, by name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Preset {
    /// Low coast: beaches, fields, a town, an estuary, a reef, cumulus, a veil of cirrus.
    Coast,
    /// Nothing but sea, ships and weather.
    OpenSea,
    /// Mountains that fall to the sea: cast shadow, snow above a line, cumulus.
    AlpineCoast,
    /// Hidden by cloud, all of it but a few holes.
    AllCloud,
    /// Snow down to the shore, clear sky.
    AllSnow,
    /// Lagoon behind a barrier of coral sand; salt pans, tidal mud, shallow reef.
    Lagoon,
    /// Low sun, snow, sea ice along the shore, fog and stratus.
    Winter,
}

impl Preset {
    /// All presets.
    pub const ALL: [Self; 7] = [
        Self::Coast,
        Self::OpenSea,
        Self::AlpineCoast,
        Self::AllCloud,
        Self::AllSnow,
        Self::Lagoon,
        Self::Winter,
    ];

    /// Name as on the command line: `alpine-coast`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Coast => "coast",
            Self::OpenSea => "open-sea",
            Self::AlpineCoast => "alpine-coast",
            Self::AllCloud => "all-cloud",
            Self::AllSnow => "all-snow",
            Self::Lagoon => "lagoon",
            Self::Winter => "winter",
        }
    }

    /// One line for the user.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Coast => "beaches, fields, a town, an estuary, a reef; cumulus, a veil of cirrus",
            Self::OpenSea => "sea and ships; cumulus, stratus",
            Self::AlpineCoast => "mountains that fall to the sea, snow on the heights; cumulus",
            Self::AllCloud => "a coast hidden by cloud but for a few holes",
            Self::AllSnow => "snow down to the shore, clear sky",
            Self::Lagoon => "lagoon behind coral sand, salt pans, tidal mud, reef; cumulus",
            Self::Winter => "low sun, snow, sea ice along the shore; fog, stratus",
        }
    }
}

/// Kinds of cloud.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum CloudKind {
    /// Heaps with base and tops between 800 and 2500 m.
    Cumulus,
    /// A sheet over the sea between 300 and 800 m.
    Stratus,
    /// A thin veil at 8 to 11 km, seen in B10.
    Cirrus,
    /// On the ground, below 200 m.
    Fog,
    /// Fair-weather cumulus: very many small heaps between 700 and 1400 m.
    Humilis,
}

impl CloudKind {
    /// All kinds.
    pub const ALL: [Self; 5] = [
        Self::Cumulus,
        Self::Stratus,
        Self::Cirrus,
        Self::Fog,
        Self::Humilis,
    ];

    /// Name as on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Cumulus => "cumulus",
            Self::Stratus => "stratus",
            Self::Cirrus => "cirrus",
            Self::Fog => "fog",
            Self::Humilis => "humilis",
        }
    }
}

/// How much of the scene a kind of cloud covers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct CloudCover {
    /// Kind.
    pub kind: CloudKind,
    /// Share of the area (of the sea, for stratus) under optical depth above 0.3, 0 to 1.
    pub cover: f64,
}

/// The wind 10 m above the sea.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Wind {
    /// Speed, m/s.
    pub speed: f64,
    /// Where it comes from, radians clockwise from true north; none: the sea is rough alike in all
    /// directions.
    pub direction: Option<f64>,
}

/// Whether the satellite flies to the north or to the south.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum OrbitDirection {
    Ascending,
    Descending,
}

/// Which rim of the swath crosses the tile: pixels beyond it have no data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[allow(missing_docs)]
pub enum SwathEdge {
    West,
    East,
}

/// A scene to simulate.
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    /// Landscape.
    pub preset: Preset,
    /// The same seed gives the same scene, bit for bit.
    pub seed: u64,
    /// Other clouds, haze and noise over the same ground; `None` for those of the seed.
    pub weather: Option<u64>,
    /// The 10 m grid: square, rows a multiple of 6.
    pub grid: Grid,
    /// Direction to the sun at the grid's centre.
    pub sun: Direction,
    /// Flight direction.
    pub orbit: OrbitDirection,
    /// Rim of the swath inside the tile.
    pub swath_edge: Option<SwathEdge>,
    /// Wind over the sea.
    pub wind: Wind,
    /// Clouds; a kind at most once.
    pub clouds: Vec<CloudCover>,
    /// Path reflectance of haze in B02 where it is thickest, unitless (0: none; 0.02 to 0.08 is hazy).
    pub haze: f64,
    /// Height above which snow lies, metres; infinite for none, 0 for everywhere on land.
    pub snow_line: f64,
}

impl Setting {
    /// Seed of what changes from day to day.
    pub(super) fn weather_seed(&self) -> u64 {
        self.weather.unwrap_or(self.seed)
    }

    /// The preset's own choice of everything that is not a place or a time.
    pub fn of_preset(preset: Preset, seed: u64, grid: Grid, sun: Direction) -> Self {
        use CloudKind::{Cirrus, Cumulus, Fog, Stratus};
        let clouds: &[(CloudKind, f64)] = match preset {
            Preset::Coast => &[(Cumulus, 0.15), (Cirrus, 0.12)],
            Preset::OpenSea => &[(Cumulus, 0.12), (Stratus, 0.15)],
            Preset::AlpineCoast => &[(Cumulus, 0.15)],
            Preset::AllCloud => &[(Cumulus, 0.95), (Cirrus, 0.4)],
            Preset::AllSnow => &[],
            Preset::Lagoon => &[(Cumulus, 0.12)],
            Preset::Winter => &[(Stratus, 0.25), (Fog, 0.06), (Cirrus, 0.1)],
        };
        let (wind, haze, snow_line) = match preset {
            Preset::Coast => (5.0, 0.03, f64::INFINITY),
            Preset::OpenSea => (7.0, 0.02, f64::INFINITY),
            Preset::AlpineCoast => (4.0, 0.02, 1_700.0),
            Preset::AllCloud => (6.0, 0.0, f64::INFINITY),
            Preset::AllSnow => (4.0, 0.0, 0.0),
            Preset::Lagoon => (3.0, 0.03, f64::INFINITY),
            Preset::Winter => (8.0, 0.02, 150.0),
        };
        Self {
            preset,
            seed,
            weather: None,
            grid,
            sun,
            orbit: OrbitDirection::Descending,
            swath_edge: None,
            wind: Wind {
                speed: wind,
                direction: None,
            },
            clouds: clouds
                .iter()
                .map(|&(kind, cover)| CloudCover { kind, cover })
                .collect(),
            haze,
            snow_line,
        }
    }

    /// Checks the numbers.
    ///
    /// # Errors
    /// A parameter error that names the number, and what it may be.
    pub fn check(&self) -> Result<()> {
        let (rows, columns) = self.grid.shape();
        let sizes = f64::from(SIZES.0)..=f64::from(SIZES.1);
        let elevation = 90.0 - self.sun.zenith.to_degrees();
        let whole =
            rows == columns && rows.is_multiple_of(SIZE_STEP) && self.grid.pixel_size == 10.0;
        if !whole {
            return Err(
                Error::parameter("the grid of a scene is square, of 10 m pixels")
                    .got(format!(
                        "{rows} x {columns} pixels of {} m",
                        self.grid.pixel_size
                    ))
                    .expected(format!("rows and columns alike, multiples of {SIZE_STEP}")),
            );
        }
        within(
            "the size of the scene",
            rows as f64,
            sizes,
            "pixels of 10 m",
        )?;
        within(
            "the elevation of the sun",
            elevation,
            SUN_ELEVATIONS,
            "degrees",
        )?;
        within("the wind speed", self.wind.speed, WIND_SPEEDS, "m/s")?;
        within("the haze", self.haze, HAZES, "reflectance in B02")?;
        if self.snow_line.is_nan() || self.snow_line < 0.0 {
            return Err(Error::parameter("the snow line can't be")
                .got(self.snow_line)
                .expected("a height of 0 m or more"));
        }
        for (index, cloud) in self.clouds.iter().enumerate() {
            within(
                cloud.kind.name(),
                cloud.cover,
                0.0..=1.0,
                "share of the area",
            )?;
            if self.clouds[..index]
                .iter()
                .any(|other| other.kind == cloud.kind)
            {
                return Err(
                    Error::parameter("a kind of cloud is given twice").got(cloud.kind.name())
                );
            }
        }
        Ok(())
    }

    /// Side of the tile, metres.
    pub fn extent(&self) -> f64 {
        self.grid.width as f64 * self.grid.pixel_size
    }

    /// Cover of a kind of cloud, 0 where it is not asked for.
    pub fn cover(&self, kind: CloudKind) -> f64 {
        let of_kind = self.clouds.iter().find(|cloud| cloud.kind == kind);
        of_kind.map_or(0.0, |cloud| cloud.cover)
    }
}

fn within(what: &str, value: f64, allowed: RangeInclusive<f64>, unit: &str) -> Result<()> {
    if allowed.contains(&value) {
        return Ok(());
    }
    Err(Error::parameter(format!("{what} is out of range"))
        .got(value)
        .expected(format!("{} to {} {unit}", allowed.start(), allowed.end())))
}
