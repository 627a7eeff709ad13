//! Which detector of the instrument saw a pixel.

use super::files::{MaskFile, MaskFormat, MaskKind};
use super::raster::Strips;
use super::tile::MAX_DETECTOR;
use super::{Product, gml};
use clearshore::scene::{Band, Grid};
use clearshore::{Error, Progress, Result};
use ndarray::{Array2, s};
use std::collections::BTreeMap;

impl Product {
    /// Detector numbers of a band, 1 to 12, on a grid: (rows, columns); 0 is outside every footprint.
    /// `None` when the product has no footprint of the band.
    ///
    /// From a raster (baseline 04.00 and later) the native pixel under a pixel's centre is taken, from
    /// polygons (before) those that hold the centre. Where two overlap, the lower number stands.
    /// Advances `progress` by one per JPEG 2000 tile.
    ///
    /// # Errors
    /// `Product` when the file is damaged, has another size than the band, or names a detector that
    /// doesn't exist.
    pub fn detector_footprint(
        &self,
        band: Band,
        grid: &Grid,
        progress: &dyn Progress,
    ) -> Result<Option<Array2<u8>>> {
        let Some(mask) = self.masks().get(&(MaskKind::Detfoo, Some(band))) else {
            return Ok(None);
        };
        let detectors = match mask.format {
            MaskFormat::Raster => self.raster_footprint(band, mask, grid, progress)?,
            MaskFormat::Gml => self.gml_footprint(mask, grid, progress)?,
        };
        Ok(Some(detectors))
    }

    /// Units of progress that [`Self::detector_footprint`] advances.
    ///
    /// # Errors
    /// `Product` when the file is damaged or has another size than the band.
    pub fn footprint_work_units(&self, band: Band) -> Result<u64> {
        match self.masks().get(&(MaskKind::Detfoo, Some(band))) {
            Some(mask) if mask.format == MaskFormat::Raster => {
                let native = self.grid(band.native_pixel_size())?;
                Ok(Strips::open(self, &mask.file, &native)?.work_units())
            }
            _ => Ok(0),
        }
    }

    fn raster_footprint(
        &self,
        band: Band,
        mask: &MaskFile,
        grid: &Grid,
        progress: &dyn Progress,
    ) -> Result<Array2<u8>> {
        let native = self.grid(band.native_pixel_size())?;
        let nearest = |offset: f64, count: usize, native_count: usize| -> Vec<Option<usize>> {
            let native_index = |index: usize| {
                let position =
                    (offset + (index as f64 + 0.5) * grid.pixel_size) / native.pixel_size;
                (position >= 0.0 && position < native_count as f64).then_some(position as usize)
            };
            (0..count).map(native_index).collect()
        };
        let rows = nearest(native.northing - grid.northing, grid.height, native.height);
        let columns = nearest(grid.easting - native.easting, grid.width, native.width);
        let mut detectors = Array2::zeros(grid.shape());
        let strips = Strips::open(self, &mask.file, &native)?;
        strips.read(&[0], progress, |first, planes| {
            let Some(plane) = planes.first() else {
                return Ok(());
            };
            for (row, native_row) in rows.iter().enumerate() {
                let Some(source) = native_row
                    .and_then(|native_row| native_row.checked_sub(first))
                    .filter(|row| *row < plane.nrows())
                else {
                    continue;
                };
                let source = plane.row(source);
                for (target, column) in detectors.row_mut(row).iter_mut().zip(&columns) {
                    let number = column.map_or(0, |column| source[column]);
                    if number > u16::from(MAX_DETECTOR) {
                        return Err(Error::product("a detector footprint names no detector")
                            .at(self.place(&mask.file))
                            .got(number)
                            .expected(format!("0 to {MAX_DETECTOR}")));
                    }
                    *target = number as u8;
                }
            }
            Ok(())
        })?;
        Ok(detectors)
    }

    fn gml_footprint(
        &self,
        mask: &MaskFile,
        grid: &Grid,
        progress: &dyn Progress,
    ) -> Result<Array2<u8>> {
        let place = self.place(&mask.file);
        let text = self.read_text(&mask.file)?;
        let mut footprints: BTreeMap<u8, Vec<_>> = BTreeMap::new();
        for feature in gml::read(&text, &place, grid)? {
            let detector = gml::detector(&feature, &place)?;
            footprints.entry(detector).or_default().push(feature.rings);
        }
        let mut detectors = Array2::zeros(grid.shape());
        // From the highest to the lowest number, so that the lowest stands.
        for (detector, features) in footprints.iter().rev() {
            for rings in features {
                gml::burn(rings, grid, progress, |row, columns| {
                    detectors.slice_mut(s![row, columns]).fill(*detector);
                })?;
            }
        }
        Ok(detectors)
    }
}
