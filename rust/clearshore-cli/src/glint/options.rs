//! The command line of `clearshore glint`.

use super::case::{AZIMUTHS, RELATIVE_AZIMUTHS, Source};
use crate::args;
use crate::numbers::range;
use clap::{Arg, ArgMatches, Command, ValueHint, value_parser};
use clearshore::glint::{INDICES, STANDARD_PRESSURE, SURFACE_PRESSURES, USUAL_INDEX, Wind};
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  clearshore glint --sza 30 --vza 10 --raa 180 --wind 5
      Sun 30 degrees from the zenith, sensor 10 degrees, on the side of the sun's mirror image.
  clearshore glint --sza 30 --vza 10 --raa 150 --wind 7 --sun-azimuth 140 --wind-direction 300
      With a wind from 300 degrees; --json prints one JSON document.
  clearshore glint --sza 30 --vza 10 --raa 180 --wind 5 --band B11 --pressure 990
      Sea water in B11, also at the top of the atmosphere.
  clearshore glint --table angles.csv --wind 5 -o glint.csv
      A row a case; the wind is the same in all.

Printed: l_gn, radiance for an irradiance of 1 across the beam (1/sr), SeaDAS' glint coefficient;
rho_glint, reflectance at the surface without the air; glint_angle, between the sensor and the
sun's mirror image in a level sea; omega and beta, incidence on and tilt of the facets that mirror.
With a band also transmission, what the air's molecules leave on the way down and up, and
rho_glint_toa, the reflectance with it.

Tables: CSV with a line of names, columns named as the options are (case, '-', '_' and spaces do
not matter). An empty cell is an option that is not given. Other columns are kept, the figures
above are added. What all rows share may be an option instead of a column. docs/icd.md has the
format, docs/atbd.md the formulas. Masks do not use glint yet.";

/// A quantity that a case is made of: an option, or a column of a table.
struct Quantity {
    name: &'static str,
    value: &'static str,
    meaning: &'static str,
    /// Whether a case must have it.
    is_required: bool,
    range: fn() -> String,
}

/// All of them.
const QUANTITIES: [Quantity; 9] = [
    Quantity {
        name: "sza",
        value: "DEGREES",
        meaning: "Zenith angle of the sun",
        is_required: true,
        range: || "[0, 90)".into(),
    },
    Quantity {
        name: "vza",
        value: "DEGREES",
        meaning: "Zenith angle of the sensor",
        is_required: true,
        range: || "[0, 90)".into(),
    },
    Quantity {
        name: "raa",
        value: "DEGREES",
        meaning: "Azimuth of the sensor less that of the sun, both away from the pixel, as the product's metadata have them: \
                  180 is the side of the mirror image; the sign counts with a wind direction only",
        is_required: true,
        range: || range(&RELATIVE_AZIMUTHS),
    },
    Quantity {
        name: "wind",
        value: "M/S",
        meaning: "Wind speed 10 m above the sea",
        is_required: true,
        range: || range(&Wind::SPEEDS),
    },
    Quantity {
        name: "wind-direction",
        value: "DEGREES",
        meaning: "Azimuth that the wind comes from, clockwise from true north; needs --sun-azimuth; \
                  without it the sea is rough alike in all directions",
        is_required: false,
        range: || range(&AZIMUTHS),
    },
    Quantity {
        name: "sun-azimuth",
        value: "DEGREES",
        meaning: "Azimuth of the sun, clockwise from true north",
        is_required: false,
        range: || range(&AZIMUTHS),
    },
    Quantity {
        name: "band",
        value: "BAND",
        meaning: "Band of Sentinel-2: refractive index of sea water in it, and the air",
        is_required: false,
        range: || "B01 to B12, B8A".into(),
    },
    Quantity {
        name: "refractive-index",
        value: "NUMBER",
        meaning: "Refractive index of the water, where no band is given",
        is_required: false,
        range: || format!("{}; default {USUAL_INDEX}", range(&INDICES)),
    },
    Quantity {
        name: "pressure",
        value: "HPA",
        meaning: "Pressure at the surface, with a band",
        is_required: false,
        range: || format!("{}; default {STANDARD_PRESSURE}", range(&SURFACE_PRESSURES)),
    },
];

/// Names of all quantities, and whether a case must have them.
pub fn quantities() -> impl Iterator<Item = (&'static str, bool)> {
    QUANTITIES
        .iter()
        .map(|quantity| (quantity.name, quantity.is_required))
}

/// The subcommand.
pub fn command() -> Command {
    let option = |quantity: &'static Quantity| {
        let option = Arg::new(quantity.name)
            .long(quantity.name)
            .value_name(quantity.value)
            .allow_hyphen_values(true)
            .help(format!("{} ({})", quantity.meaning, (quantity.range)()));
        match quantity.is_required {
            true => option.required_unless_present("table"),
            false => option,
        }
    };
    let file = |name: &'static str, value, help| {
        Arg::new(name)
            .long(name)
            .value_name(value)
            .value_parser(value_parser!(PathBuf))
            .value_hint(ValueHint::FilePath)
            .help_heading("Tables")
            .help(help)
    };
    Command::new("glint")
        .about("Predicts sun glint from geometry and wind")
        .after_help(EXAMPLES)
        .args(QUANTITIES.iter().map(option))
        .arg(args::json("Print one JSON document").conflicts_with("table"))
        .arg(file(
            "table",
            "FILE.csv",
            "Cases to read, one a row; '-' for standard input",
        ))
        .arg(
            file(
                "output",
                "FILE.csv",
                "Where the table goes, complete or not at all; default standard output",
            )
            .short('o')
            .requires("table"),
        )
}

/// What the options say.
pub struct Options<'a>(pub &'a ArgMatches);

impl Source for Options<'_> {
    fn text(&self, name: &str) -> Option<&str> {
        self.0.get_one::<String>(name).map(String::as_str)
    }

    fn place(&self, name: &str) -> String {
        format!("--{name}")
    }
}
