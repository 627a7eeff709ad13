//! Static water occurrence on the working grid.

use crate::geotiff::{GeoTiff, nearest};
use clearshore::scene::Grid;
use clearshore::{Error, Result};
use ndarray::Array2;
use std::path::Path;

/// Value of a plane of percentages where nothing is known.
pub const UNKNOWN_PERCENT: u8 = 255;
/// Value that the Global Surface Water mosaics use for the ocean, without declaring it as no data.
const OCEAN: f64 = 255.0;
/// Full cover, percent.
const FULL_PERCENT: u8 = 100;

/// Static water occurrence on the working grid, percent 0-100: the pixel of the raster under each pixel's centre.
///
/// The first band of a GeoTIFF that [`GeoTiff`] reads, or, with the feature `gdal`, of any raster that GDAL reads,
/// in any projection, but not rotated. [`UNKNOWN_PERCENT`] stands outside the raster and where it has its own
/// no-data value; 255 that is not its no-data value is ocean and counts as 100. Fractions are rounded.
///
/// # Errors
/// Auxiliary: an unreadable, damaged or (without GDAL) unsupported raster, or other values.
pub fn read_water_occurrence(path: &Path, grid: &Grid) -> Result<Array2<u8>> {
    let occurrence = match GeoTiff::open(path) {
        Ok(raster) => nearest(&raster, grid, UNKNOWN_PERCENT, percent)?,
        #[cfg(feature = "gdal")]
        Err(crate::geotiff::Refusal::NotSupported(_)) => {
            crate::raster::warp_water_occurrence(path, grid)?
        }
        Err(refusal) => return Err(refusal.into()),
    };
    if occurrence.iter().all(|percent| *percent == UNKNOWN_PERCENT) {
        log::warn!(
            "the water raster {} knows nothing about the tile",
            path.display()
        );
    }
    Ok(occurrence)
}

/// Percentage from a raster's value, `None` where it has no data.
pub(crate) fn percent(value: Option<f64>) -> Result<u8> {
    match value.map(f64::round) {
        None => Ok(UNKNOWN_PERCENT),
        Some(OCEAN) => Ok(FULL_PERCENT),
        Some(percent @ 0.0..=100.0) => Ok(percent as u8),
        Some(other) => Err(Error::auxiliary(
            "the water raster holds something else than water occurrence",
        )
        .got(other)
        .expected("0 to 100 percent, or 255")),
    }
}

#[cfg(test)]
pub(crate) mod tests;
