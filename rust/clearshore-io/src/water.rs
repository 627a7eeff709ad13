//! Static water occurrence on the working grid.

use crate::static_raster::StaticRaster;
use clearshore::Result;
use clearshore::scene::Grid;
use ndarray::Array2;
use std::path::Path;

/// Value of a plane of percentages where nothing is known.
pub const UNKNOWN_PERCENT: u8 = 255;
/// Value that the Global Surface Water mosaics use for the ocean, without declaring it as no data.
const OCEAN: f64 = 255.0;

pub(crate) const WATER: StaticRaster = StaticRaster {
    name: "water raster",
    quantity: "water occurrence",
    outside: UNKNOWN_PERCENT,
    full: Some(OCEAN),
};

/// Static water occurrence on the working grid, percent 0-100: the pixel of the raster under each pixel's centre.
///
/// The first band of a GeoTIFF that [`crate::geotiff::GeoTiff`] reads, or, with the feature `gdal`, of any raster that
/// GDAL reads, in any projection, but not rotated. [`UNKNOWN_PERCENT`] stands outside the raster and where it has its own
/// no-data value; 255 that is not its no-data value is ocean and counts as 100. Fractions are rounded.
///
/// # Errors
/// Auxiliary: an unreadable, damaged or (without GDAL) unsupported raster, or other values.
pub fn read_water_occurrence(path: &Path, grid: &Grid) -> Result<Array2<u8>> {
    WATER.read(path, grid)
}

#[cfg(test)]
pub(crate) mod tests;
