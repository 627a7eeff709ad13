//! One place under one sun, sensor and wind: what is read of it, and what is predicted.

use crate::numbers::{number, number_where};
use clearshore::glint::{
    Facet, INDICES, Rayleigh, STANDARD_PRESSURE, SURFACE_PRESSURES, SeaSurface, USUAL_INDEX, Wind,
    sea_water_index,
};
use clearshore::scene::{Band, Direction};
use clearshore::{Error, Result};
use std::ops::RangeInclusive;

/// Zenith angle at which sun and sensor are no longer above the sea, degrees.
const HORIZON: f64 = 90.0;
/// Azimuths from true north, degrees.
pub const AZIMUTHS: RangeInclusive<f64> = 0.0..=360.0;
/// Azimuths from another, degrees.
pub const RELATIVE_AZIMUTHS: RangeInclusive<f64> = -360.0..=360.0;

/// Where the texts of a case come from: options, or a row of a table.
pub trait Source {
    /// The text of a quantity, by the name of its option; none where it is not given or empty.
    fn text(&self, name: &str) -> Option<&str>;

    /// Where that text is, or where it is missing.
    fn place(&self, name: &str) -> String;
}

/// What is needed to predict.
pub struct Case {
    facet: Facet,
    sea: SeaSurface,
    index: f64,
    air: Option<Rayleigh>,
}

/// A figure that is predicted: a member of the JSON document, a column of the table, a line for the reader.
pub struct Figure {
    pub name: &'static str,
    pub meaning: &'static str,
    pub unit: &'static str,
}

/// Figures of every case, then those of cases with a band.
pub const FIGURES: [Figure; 5] = [
    Figure {
        name: "l_gn",
        meaning: "glint coefficient L_GN",
        unit: "1/sr",
    },
    Figure {
        name: "rho_glint",
        meaning: "reflectance rho_glint at the surface",
        unit: "",
    },
    Figure {
        name: "glint_angle",
        meaning: "sensor from the sun's mirror image",
        unit: "degrees",
    },
    Figure {
        name: "omega",
        meaning: "incidence on the facet, omega",
        unit: "degrees",
    },
    Figure {
        name: "beta",
        meaning: "tilt of the facet, beta",
        unit: "degrees",
    },
];
pub const BAND_FIGURES: [Figure; 2] = [
    Figure {
        name: "transmission",
        meaning: "transmission of the air, both ways",
        unit: "",
    },
    Figure {
        name: "rho_glint_toa",
        meaning: "reflectance at the top of the atmosphere",
        unit: "",
    },
];

/// What is predicted.
pub struct Prediction {
    figures: [f64; FIGURES.len()],
    band_figures: Option<[f64; BAND_FIGURES.len()]>,
}

impl Case {
    /// Reads a case.
    pub fn read(source: &impl Source) -> Result<Self> {
        let relative = required(source, "raa", &RELATIVE_AZIMUTHS, "degrees")?;
        let sun_azimuth = optional(source, "sun-azimuth", &AZIMUTHS, "degrees")?;
        let wind_from = optional(source, "wind-direction", &AZIMUTHS, "degrees")?;
        if wind_from.is_some() && sun_azimuth.is_none() {
            return Err(Error::parameter(
                "a wind direction says nothing without the sun's azimuth",
            )
            .at(source.place("sun-azimuth"))
            .expected("both, or neither")
            .advice("give sun-azimuth too, or leave wind-direction out"));
        }
        // Without a wind direction only the difference of the azimuths counts.
        let sun_azimuth = sun_azimuth.unwrap_or(0.0);
        let sun = Direction::from_degrees(zenith(source, "sza")?, sun_azimuth);
        let view = Direction::from_degrees(zenith(source, "vza")?, sun_azimuth + relative);
        let wind = Wind {
            speed: required(source, "wind", &Wind::SPEEDS, "m/s")?,
            from: wind_from.map(f64::to_radians),
        };
        let facet = Facet::mirroring(sun, view)
            .ok_or_else(|| Error::internal("no facet mirrors a sun above the horizon"))?;
        let (index, air) = water_and_air(source)?;
        Ok(Self {
            facet,
            sea: SeaSurface::new(wind)?,
            index,
            air,
        })
    }

    /// Predicts.
    pub fn predict(&self) -> Prediction {
        let Self {
            facet, sea, index, ..
        } = self;
        let reflectance = sea.glint_reflectance(facet, *index);
        let in_band = |air: Rayleigh| {
            let transmission = air.transmission(facet.cos_sun(), facet.cos_view());
            [transmission, transmission * reflectance]
        };
        Prediction {
            figures: [
                sea.glint_coefficient(facet, *index),
                reflectance,
                facet.glint_angle().to_degrees(),
                facet.incidence().to_degrees(),
                facet.tilt().to_degrees(),
            ],
            band_figures: self.air.map(in_band),
        }
    }
}

impl Prediction {
    /// All figures there are, in order.
    pub fn results(&self) -> impl Iterator<Item = (&'static Figure, f64)> {
        let in_band = self.band_figures.into_iter().flatten();
        let all = FIGURES.iter().zip(self.figures);
        all.chain(BAND_FIGURES.iter().zip(in_band))
    }
}

/// Refractive index of the water, and the air where a band is given.
fn water_and_air(source: &impl Source) -> Result<(f64, Option<Rayleigh>)> {
    let index = optional(source, "refractive-index", &INDICES, "")?;
    let pressure = optional(source, "pressure", &SURFACE_PRESSURES, "hPa")?;
    let Some(name) = source.text("band") else {
        if pressure.is_some() {
            return Err(Error::parameter("a pressure says nothing without a band")
                .at(source.place("band"))
                .expected("both, or no pressure"));
        }
        return Ok((index.unwrap_or(USUAL_INDEX), None));
    };
    let band = Band::from_name(name.trim()).ok_or_else(|| {
        Error::parameter("there is no such band")
            .at(source.place("band"))
            .got(name)
            .expected("B01 to B12 or B8A")
    })?;
    if index.is_some() {
        return Err(
            Error::parameter("a band has its own refractive index of sea water")
                .at(source.place("refractive-index"))
                .expected("a band or a refractive index, not both"),
        );
    }
    let air = Rayleigh::new(band, pressure.unwrap_or(STANDARD_PRESSURE))?;
    Ok((sea_water_index(band), Some(air)))
}

fn optional(
    source: &impl Source,
    name: &str,
    allowed: &RangeInclusive<f64>,
    unit: &str,
) -> Result<Option<f64>> {
    let read = |text| {
        let value = number(name, text, allowed, unit);
        value.map_err(|error| error.at(source.place(name)))
    };
    source.text(name).map(read).transpose()
}

fn required(
    source: &impl Source,
    name: &str,
    allowed: &RangeInclusive<f64>,
    unit: &str,
) -> Result<f64> {
    optional(source, name, allowed, unit)?.ok_or_else(|| missing(source, name))
}

fn zenith(source: &impl Source, name: &str) -> Result<f64> {
    let text = source.text(name).ok_or_else(|| missing(source, name))?;
    let is_above = |value: &f64| (0.0..HORIZON).contains(value);
    let expected = format!("a number in [0, {HORIZON}) degrees");
    number_where(name, text, is_above, &expected).map_err(|error| error.at(source.place(name)))
}

fn missing(source: &impl Source, name: &str) -> Error {
    Error::parameter(format!("there is no value of {name}"))
        .at(source.place(name))
        .got("nothing")
        .expected("a number")
}
