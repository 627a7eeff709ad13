//! The spectral tests against spectra whose values were worked out by an independent program.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

use clearshore::cloud::indices::{Saturation, Spectrum};
use std::collections::BTreeMap;
use std::path::Path;

/// FORCE's additional floor of the visible mean for potential cloud, which we don't use.
const FORCE_VISIBLE_MEAN_MIN: f32 = 0.15;
/// Fmask's snow threshold of NDSI, which we don't use.
const FMASK_SNOW_NDSI_MIN: f32 = 0.15;

type Row = BTreeMap<String, String>;

fn rows() -> Option<Vec<Row>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/golden/cloud/golden_pixels.csv");
    let Ok(mut reader) = csv::Reader::from_path(&path) else {
        eprintln!("skipped: {} is absent", path.display());
        return None;
    };
    Some(
        reader
            .deserialize()
            .collect::<Result<_, _>>()
            .expect("the golden table is a CSV file"),
    )
}

#[test]
fn every_index_and_test_has_the_golden_value() {
    const CLEAR: Saturation = Saturation {
        blue: false,
        green: false,
        red: false,
    };
    let Some(rows) = rows() else { return };
    assert_eq!(rows.len(), 19);
    for row in &rows {
        let number = |column: &str| row[column].parse::<f32>().expect("a number");
        let spectrum = Spectrum {
            blue: number("B02"),
            green: number("B03"),
            red: number("B04"),
            near_infrared: number("B8A"),
            swir1: number("B11"),
            swir2: number("B12"),
        };
        for (column, value) in [
            ("ndvi", spectrum.ndvi()),
            ("ndsi", spectrum.ndsi()),
            ("ndbi", spectrum.ndbi()),
            ("meanvis", spectrum.visible_mean()),
            ("white", spectrum.whiteness(CLEAR)),
            ("hot", spectrum.hot()),
            ("V_land", spectrum.variability(CLEAR)),
            ("wbright", spectrum.water_brightness()),
        ] {
            // The table has five decimals.
            let close = (value - number(column)).abs() < 1e-5;
            assert!(
                close,
                "{}: {column} is {value}, not {}",
                row["name"], row[column]
            );
        }
        let potential = spectrum.may_be_cloud(CLEAR) && spectrum.hot() > 0.0;
        let force_bright = spectrum.visible_mean() > FORCE_VISIBLE_MEAN_MIN;
        let fmask_snow = spectrum.ndsi() > FMASK_SNOW_NDSI_MIN
            && spectrum.near_infrared > 0.11
            && spectrum.green > 0.10;
        for (column, value) in [
            ("pcp_nocirrus", potential),
            ("pcp_force", potential && force_bright),
            ("snow_fmask", fmask_snow),
            ("snow_force", spectrum.passes_snow_thresholds()),
            ("water_fmask5", spectrum.is_clear_water()),
            ("mndwi_pos", spectrum.ndsi() > 0.0),
        ] {
            assert_eq!(value, number(column) != 0.0, "{}: {column}", row["name"]);
        }
    }
}
