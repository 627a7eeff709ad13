//! What a raster's samples are in metres.

use super::height;
use clearshore::{Error, Result};
use std::path::Path;

/// The international foot, metres (exact; NIST SP 811).
const FOOT: f64 = 0.3048;
/// The United States survey foot, metres (exact; NIST SP 811).
const SURVEY_FOOT: f64 = 1_200.0 / 3_937.0;

/// A raster's declaration of its heights.
#[derive(Clone, Copy, Debug)]
pub struct Metres {
    scale: f64,
    offset: f64,
}

impl Metres {
    /// Of the declared scale, offset and unit; no unit is taken for metres.
    ///
    /// # Errors
    /// Auxiliary: another unit, or no numbers.
    pub fn of(scale: f64, offset: f64, unit: &str, path: &Path) -> Result<Self> {
        let factor = match unit.trim().to_ascii_lowercase().as_str() {
            "" | "m" | "metre" | "metres" | "meter" | "meters" => 1.0,
            "ft" | "foot" | "feet" => FOOT,
            "us-ft" | "ftus" | "foot_us" | "us survey foot" => SURVEY_FOOT,
            _ => return Err(refusal(path, format!("the unit '{unit}'"))),
        };
        if !scale.is_finite() || !offset.is_finite() || scale == 0.0 {
            return Err(refusal(path, format!("scale {scale}, offset {offset}")));
        }
        Ok(Self {
            scale: factor * scale,
            offset: factor * offset,
        })
    }

    /// Height from a sample, metres; NaN where it is not known.
    pub fn height(&self, sample: Option<f64>) -> f32 {
        height(sample.map(|sample| self.scale * sample + self.offset))
    }
}

fn refusal(path: &Path, got: String) -> Error {
    Error::auxiliary("the DEM's heights are in a unit that is not known")
        .at(path.display())
        .got(got)
        .expected("metres or feet")
        .advice("convert them to metres with gdal_calc.py; if they are metres, declare it: gdal_edit.py -units m")
}
