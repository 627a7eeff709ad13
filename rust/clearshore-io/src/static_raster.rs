//! Static rasters of percentages, brought onto the working grid.

use crate::geotiff::{GeoTiff, nearest};
use clearshore::scene::Grid;
use clearshore::{Error, Result};
use ndarray::Array2;
use std::path::Path;

/// Full cover, percent.
const FULL_PERCENT: u8 = 100;

/// What a static raster of percentages holds.
pub(crate) struct StaticRaster {
    /// What it is called in messages.
    pub(crate) name: &'static str,
    /// What its percentages are of.
    pub(crate) quantity: &'static str,
    /// Stands where it has no data or does not reach.
    pub(crate) outside: u8,
    /// A value beyond 100 that means full cover.
    pub(crate) full: Option<f64>,
}

impl StaticRaster {
    /// The pixel of the raster under each pixel's centre.
    ///
    /// The first band of a GeoTIFF that [`GeoTiff`] reads, or, with the feature `gdal`, of any raster that GDAL reads,
    /// in any projection, but not rotated. Fractions are rounded.
    ///
    /// # Errors
    /// Auxiliary: an unreadable, damaged or (without GDAL) unsupported raster, or other values.
    pub(crate) fn read(&self, path: &Path, grid: &Grid) -> Result<Array2<u8>> {
        let percentages = match GeoTiff::open(path) {
            Ok(raster) => nearest(&raster, grid, self.outside, |value| self.percent(value))?,
            #[cfg(feature = "gdal")]
            Err(crate::geotiff::Refusal::NotSupported(_)) => {
                crate::raster::warp_static_raster(self, path, grid)?
            }
            Err(refusal) => return Err(refusal.into()),
        };
        if percentages.iter().all(|percent| *percent == self.outside) {
            log::warn!(
                "the {} {} knows nothing about the tile",
                self.name,
                path.display()
            );
        }
        Ok(percentages)
    }

    /// Percentage from a raster's value, `None` where it has no data.
    pub(crate) fn percent(&self, value: Option<f64>) -> Result<u8> {
        match value.map(f64::round) {
            None => Ok(self.outside),
            full if self.full.is_some() && full == self.full => Ok(FULL_PERCENT),
            Some(percent @ 0.0..=100.0) => Ok(percent as u8),
            Some(other) => {
                let besides = self
                    .full
                    .map_or_else(String::new, |full| format!(", or {full}"));
                let what = format!(
                    "the {} holds something else than {}",
                    self.name, self.quantity
                );
                Err(Error::auxiliary(what)
                    .got(other)
                    .expected(format!("0 to 100 percent{besides}")))
            }
        }
    }
}
