//! Pixels that the product's quality masks call lost, defective or without data.

use super::files::{MaskFile, MaskFormat, MaskKind};
use super::raster::Strips;
use super::{Product, gml};
use clearshore::scene::{Band, Grid};
use clearshore::{Progress, Result};
use ndarray::{Array2, s};
use std::ops::Range;

/// Planes of MSK_QUALIT that make a pixel unusable: lost image packets, defective, no data. The order
/// is ANC_LOST, ANC_DEG, MSI_LOST, MSI_DEG, defective, no data, partially corrected crosstalk,
/// saturated (S2-PDGS-TAS-DI-PSD 15.0, table 107).
const QUALIT_PLANES: [usize; 3] = [2, 4, 5];
/// The same of the masks in GML, by `maskType`. MSK_NODATA also holds QT_PARTIALLY_CORRECTED_PIXELS,
/// which are usable.
const GML_TYPES: [&str; 3] = ["MSI_LOST", "QT_DEFECTIVE_PIXELS", "QT_NODATA_PIXELS"];
/// Masks in GML that hold them.
const GML_MASKS: [MaskKind; 3] = [MaskKind::Tecqua, MaskKind::Defect, MaskKind::Nodata];

impl Product {
    /// Pixels that are lost, defective or without data in any of `bands`, (rows, columns) of the grid;
    /// `None` when there are none.
    ///
    /// A pixel of the grid is marked when any native pixel that it touches is. Masks in GML are always
    /// read: they cost nothing, and the percentage of degraded data counts packets, not defective columns.
    /// Rasters are not read when that percentage is 0, for no data itself is DN 0 in the band; they are
    /// read at full resolution, since halving loses columns of one pixel. Advances `progress` by one per
    /// JPEG 2000 tile.
    ///
    /// # Errors
    /// `Product` when a mask is damaged or has another size than its band.
    pub fn defective(
        &self,
        grid: &Grid,
        bands: &[Band],
        progress: &dyn Progress,
    ) -> Result<Option<Array2<bool>>> {
        let degraded = self.tile().degraded_percentage != Some(0.0);
        let mut marks = None;
        for &band in bands {
            let native = self.grid(band.native_pixel_size())?;
            let mut marks = Marks::new(&mut marks, grid, &native);
            let mask = |kind| self.masks().get(&(kind, Some(band)));
            if let Some(mask) = mask(MaskKind::Qualit).filter(|_| degraded) {
                self.mark_raster(mask, &native, &mut marks, progress)?;
            }
            for kind in GML_MASKS {
                if let Some(mask) = mask(kind).filter(|mask| mask.format == MaskFormat::Gml) {
                    self.mark_gml(mask, &native, &mut marks, progress)?;
                }
            }
        }
        Ok(marks)
    }

    fn mark_raster(
        &self,
        mask: &MaskFile,
        native: &Grid,
        marks: &mut Marks,
        progress: &dyn Progress,
    ) -> Result<()> {
        let strips = Strips::open(self, &mask.file, native)?;
        let mut planes = QUALIT_PLANES.to_vec();
        planes.retain(|plane| *plane < strips.planes());
        strips.read(&planes, 0, progress, |first, planes| {
            for plane in planes {
                for (row, values) in plane.outer_iter().enumerate() {
                    if values.iter().all(|value| *value == 0) {
                        continue;
                    }
                    for (column, value) in values.iter().enumerate() {
                        if *value != 0 {
                            marks.mark(first + row, column..column + 1);
                        }
                    }
                }
            }
            Ok(())
        })
    }

    fn mark_gml(
        &self,
        mask: &MaskFile,
        native: &Grid,
        marks: &mut Marks,
        progress: &dyn Progress,
    ) -> Result<()> {
        let text = self.read_text(&mask.file)?;
        for feature in gml::read(&text, &self.place(&mask.file), native)? {
            if GML_TYPES.contains(&feature.kind.as_str()) {
                gml::burn(&feature.rings, native, progress, |row, columns| {
                    marks.mark(row, columns);
                })?;
            }
        }
        Ok(())
    }
}

/// Marks pixels of a grid by native pixels; the mask is made with the first mark.
pub(crate) struct Marks<'a> {
    mask: &'a mut Option<Array2<bool>>,
    grid: &'a Grid,
    native: &'a Grid,
}

impl<'a> Marks<'a> {
    pub(crate) fn new(
        mask: &'a mut Option<Array2<bool>>,
        grid: &'a Grid,
        native: &'a Grid,
    ) -> Self {
        Self { mask, grid, native }
    }

    /// Marks every pixel that shares area with native pixels of a row.
    pub(crate) fn mark(&mut self, native_row: usize, native_columns: Range<usize>) {
        let (grid, native) = (self.grid, self.native);
        let touched = |offset: f64, pixels: Range<usize>, count: usize| {
            let edge = |index: usize| (offset + index as f64 * native.pixel_size) / grid.pixel_size;
            let clamp = |position: f64| position.clamp(0.0, count as f64) as usize;
            clamp(edge(pixels.start).floor())..clamp(edge(pixels.end).ceil())
        };
        let rows = touched(
            grid.northing - native.northing,
            native_row..native_row + 1,
            grid.height,
        );
        let columns = touched(native.easting - grid.easting, native_columns, grid.width);
        if !rows.is_empty() && !columns.is_empty() {
            let shape = grid.shape();
            let mask = self
                .mask
                .get_or_insert_with(|| Array2::from_elem(shape, false));
            mask.slice_mut(s![rows, columns]).fill(true);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clearshore::scene::UtmZone;
    use proptest::prelude::*;

    proptest! {
        /// Slow twin: every pixel of the grid against the native pixel, as rectangles.
        #[test]
        fn a_pixel_is_marked_when_it_shares_area_with_a_marked_native_pixel(
            sizes in prop::sample::select(vec![(10.0, 20.0), (20.0, 10.0), (60.0, 20.0), (20.0, 60.0), (10.0, 10.0)]),
            shift in (-3..12_i32, -3..12_i32),
            row in 0..12_usize,
            column in 0..12_usize,
        ) {
            let (native_size, size) = sizes;
            let native = Grid {
                zone: UtmZone::from_epsg(32756).unwrap(),
                easting: 399_960.0,
                northing: 7_000_000.0,
                pixel_size: native_size,
                height: 12,
                width: 12,
            };
            let grid = Grid {
                easting: native.easting + f64::from(shift.0) * 10.0,
                northing: native.northing - f64::from(shift.1) * 10.0,
                pixel_size: size,
                height: 9,
                width: 7,
                ..native
            };
            let mut mask = None;
            Marks::new(&mut mask, &grid, &native).mark(row, column..column + 1);
            let mask = mask.unwrap_or_else(|| Array2::from_elem(grid.shape(), false));
            let centre = |grid: &Grid, row, column| grid.pixel_centre(row, column);
            let (x, y) = centre(&native, row, column);
            let reach = (native_size + size) / 2.0;
            for ((r, c), marked) in mask.indexed_iter() {
                let (gx, gy) = centre(&grid, r, c);
                prop_assert_eq!(*marked, (gx - x).abs() < reach && (gy - y).abs() < reach);
            }
        }
    }
}
