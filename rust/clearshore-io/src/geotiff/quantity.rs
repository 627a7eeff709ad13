//! What the samples of a GeoTIFF's first band count.
//!
//! Sources: GDAL, *GTiff driver*, metadata item GDAL_METADATA; OGC 19-008r4, *GeoTIFF Standard 1.1*, VerticalUnitsGeoKey.

use super::damaged;
use super::directory::Directory;
use super::georeference::Keys;
use clearshore::Result;

/// GDAL's tag of metadata, as XML.
const GDAL_METADATA_TAG: u16 = 42_112;
const VERTICAL_UNITS_KEY: u64 = 4099;
/// EPSG's codes of units of length.
const UNITS: [(u64, &str); 3] = [(9001, "metre"), (9002, "foot"), (9003, "US survey foot")];

/// A quantity is `scale` times the sample plus `offset`.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantity {
    /// 1 where none is declared.
    pub scale: f64,
    /// 0 where none is declared.
    pub offset: f64,
    /// Name of the unit, empty where none is declared.
    pub unit: String,
}

impl Quantity {
    pub(super) fn read(directory: &Directory) -> Result<Self> {
        let mut quantity = Self {
            scale: 1.0,
            offset: 0.0,
            unit: String::new(),
        };
        if let Some(code) = Keys::read(directory)?.get(VERTICAL_UNITS_KEY) {
            let name = UNITS.iter().find(|unit| unit.0 == code);
            quantity.unit = name.map_or_else(|| format!("EPSG:{code}"), |unit| unit.1.to_owned());
        }
        let Some(text) = directory.text(GDAL_METADATA_TAG)? else {
            return Ok(quantity);
        };
        let document = roxmltree::Document::parse(&text)
            .map_err(|error| damaged("GDAL's metadata in tag 42112").caused_by(error))?;
        for item in document
            .descendants()
            .filter(|node| node.has_tag_name("Item"))
        {
            if item.attribute("sample") != Some("0") {
                continue;
            }
            let value = item.text().unwrap_or_default().trim();
            let number = || {
                let number = value.parse::<f64>();
                number.map_err(|_| damaged(format!("'{value}' for a scale or offset")))
            };
            match item.attribute("role") {
                Some("scale") => quantity.scale = number()?,
                Some("offset") => quantity.offset = number()?,
                Some("unittype") => quantity.unit = value.to_owned(),
                _ => {}
            }
        }
        Ok(quantity)
    }
}
