//! Which detector of the instrument saw a pixel.

use super::files::{MaskFile, MaskFormat, MaskKind};
use super::raster::Strips;
use super::tile::MAX_DETECTOR;
use super::{Product, gml};
use clearshore::scene::{Band, Grid};
use clearshore::{Error, Progress, Result};
use ndarray::{Array2, s};
use std::collections::BTreeMap;

/// How exactly the edges of a footprint are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Edges {
    /// The native pixel under a pixel's centre.
    Exact,
    /// To within a pixel of the grid, or two at borders of JPEG 2000 tiles and beside ground that nobody saw. Decodes
    /// a fourth to a sixteenth of the numbers.
    ToAPixel,
}

/// Runs of at most so many samples beside ground that nobody saw may be ringing of the wavelet.
const RINGING: usize = 2;

impl Product {
    /// Detector numbers of a band, 1 to 12, on a grid: (rows, columns); 0 is outside every footprint.
    /// `None` when the product has no footprint of the band.
    ///
    /// From a raster (baseline 04.00 and later) the native pixel under a pixel's centre is taken, or one near it, from
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
        edges: Edges,
        progress: &dyn Progress,
    ) -> Result<Option<Array2<u8>>> {
        let Some(mask) = self.masks().get(&(MaskKind::Detfoo, Some(band))) else {
            return Ok(None);
        };
        let detectors = match mask.format {
            MaskFormat::Raster => self.raster_footprint(band, mask, grid, edges, progress)?,
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
        edges: Edges,
        progress: &dyn Progress,
    ) -> Result<Array2<u8>> {
        let native = self.grid(band.native_pixel_size())?;
        let strips = Strips::open(self, &mask.file, &native)?;
        let reduction = match edges {
            Edges::Exact => 0,
            Edges::ToAPixel => {
                let samples = |reduction: u8| native.pixel_size * f64::from(1_u32 << reduction);
                let is_fine = |reduction: &u8| samples(*reduction) <= 2.0 * grid.pixel_size;
                (0..=strips.reductions()).filter(is_fine).max().unwrap_or(0)
            }
        };
        // The nearest sample: sample i of a reduced image lies on native pixel 2^reduction i.
        let nearest = |offset: f64, count: usize, native_count: usize| -> Vec<Option<usize>> {
            let samples = native_count.div_ceil(1 << reduction);
            let sample = |index: usize| {
                let position =
                    (offset + (index as f64 + 0.5) * grid.pixel_size) / native.pixel_size;
                let sample = (position - 0.5) / f64::from(1_u32 << reduction);
                let is_inside = position >= 0.0 && position < native_count as f64;
                is_inside.then_some((sample.round() as usize).min(samples.saturating_sub(1)))
            };
            (0..count).map(sample).collect()
        };
        let rows = nearest(native.northing - grid.northing, grid.height, native.height);
        let columns = nearest(grid.easting - native.easting, grid.width, native.width);
        let mut detectors = Array2::zeros(grid.shape());
        strips.read(&[0], reduction, progress, |first, planes| {
            let Some(plane) = planes.first() else {
                return Ok(());
            };
            for (row, sample_row) in rows.iter().enumerate() {
                let Some(source) = sample_row
                    .and_then(|sample_row| sample_row.checked_sub(first))
                    .filter(|row| *row < plane.nrows())
                else {
                    continue;
                };
                let mut source = plane.row(source).to_vec();
                if reduction > 0 {
                    mend_edges(&mut source);
                }
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

/// Takes from a row of a reduced footprint what the wavelet made of the step to 0 at the edge of the swath.
///
/// The low-pass of a step between neighbours, whose numbers differ by one, is exact. A greater step rings: the numbers
/// within a sample or two of it are some others.
fn mend_edges(row: &mut [u16]) {
    // Where a row begins or ends within the swath there is no step.
    let is_cut = |number: Option<&u16>| number.is_some_and(|number| *number != 0);
    let (starts_inside, ends_inside) = (is_cut(row.first()), is_cut(row.last()));
    let last = row.split(|number| *number == 0).count() - 1;
    for (index, segment) in row.split_mut(|number| *number == 0).enumerate() {
        if index > 0 || !starts_inside {
            mend_start(segment);
        }
        if index < last || !ends_inside {
            segment.reverse();
            mend_start(segment);
            segment.reverse();
        }
        for number in segment {
            if *number > u16::from(MAX_DETECTOR) {
                *number = 0;
            }
        }
    }
}

/// Gives short runs at the start of a segment the number of the first long one.
fn mend_start(segment: &mut [u16]) {
    let mut start = 0;
    for run in segment.chunk_by(|a, b| a == b) {
        if run.len() > RINGING {
            break;
        }
        start += run.len();
    }
    if let Some(&number) = segment.get(start) {
        segment[..start].fill(number);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ringing_beside_the_edge_of_the_swath_is_mended() {
        for (before, after) in [
            // Two detectors; ringing outside and inside of both edges.
            (
                vec![0, 0, 2, 4, 5, 5, 5, 5, 6, 6, 6, 7, 2, 0],
                vec![0, 0, 5, 5, 5, 5, 5, 5, 6, 6, 6, 6, 6, 0],
            ),
            // More than any detector has.
            (vec![12, 12, 12, 14, 2, 0], vec![12, 12, 12, 12, 12, 0]),
            // Nothing but ringing.
            (vec![0, 14, 2, 0, 1, 0], vec![0, 0, 2, 0, 1, 0]),
            (vec![0; 4], vec![0; 4]),
            // The tile ends, not the swath.
            (vec![3, 4, 4, 4, 5, 5], vec![3, 4, 4, 4, 5, 5]),
            (vec![3, 4, 4, 4, 5, 0], vec![3, 4, 4, 4, 4, 0]),
        ] {
            let mut row = before;
            mend_edges(&mut row);
            assert_eq!(row, after);
        }
    }
}
