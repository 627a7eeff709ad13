//! A quick look at B08: the samples that the 5-3 wavelet keeps at half the resolution.

use super::{BLUR_RADIUS, FINE, Filter, blur, touch, touch_within};
use crate::jp2::Jp2;
use crate::window::Window;
use clearshore::scene::{BandPlane, NO_DATA_DN, QuickLook, Radiometry, Rectangle};
use clearshore::{Progress, Result};
use ndarray::{Array2, s};

/// Weights of the samples of the 5-3 low-pass along a line that make of it what blur and mean make of the pixels, from
/// the sample before the pixel's own one on: a quarter-sample shift, for sample n lies on native pixel 2n (own calculation:
/// least squares over all frequencies for a spectrum that falls as 1/f², `tests/reference/low_pass_weights.py`).
const LOW_PASS_WEIGHTS: [f64; 4] = [0.0273, 0.6767, 0.3128, -0.0168];
const LOW_PASS_BEFORE: usize = 1;
/// A sample of the low-pass holds something of pixels without data when one so near is 0.
const LOW_PASS_REACH: usize = 2;
/// Pixels of 10 m to either side of a place that samples lie on which count in it or tell of no data.
const LOW_PASS_MARGIN: usize = 8;
/// Samples of the low-pass around a place that pixels of 10 m in and around it are made of.
const SHARPENED_MARGIN: usize = BLUR_RADIUS.div_ceil(FINE) + 1;

impl Filter<'static> {
    fn of_low_pass() -> Self {
        Self {
            step: 1,
            before: LOW_PASS_BEFORE,
            weights: &LOW_PASS_WEIGHTS,
            no_data_reach: LOW_PASS_REACH,
        }
    }
}

/// B08 by its low-pass.
pub(super) struct QuickB08<'f> {
    file: &'f Jp2,
    /// (rows, columns) of the file at half the resolution, read around the places.
    low_pass: Array2<u16>,
    plane: BandPlane,
}

impl<'f> QuickB08<'f> {
    /// Looks at places of the planes of a `shape`.
    pub fn read(
        file: &'f Jp2,
        radiometry: Radiometry,
        shape: (usize, usize),
        places: &[Rectangle],
        progress: &dyn Progress,
    ) -> Result<Self> {
        let wanted = |tile: &Window| touch_within(LOW_PASS_MARGIN, places, FINE, tile);
        let low_pass = file.read_where(1, wanted, progress)?;
        let mut dn = Array2::zeros(shape);
        let sample = |row: usize, column: usize| low_pass[[row, column]];
        Filter::of_low_pass().apply(low_pass.dim(), sample, places, &mut dn);
        Ok(Self {
            file,
            low_pass,
            plane: BandPlane { dn, radiometry },
        })
    }

    /// Whether samples in a place or beside it may have been cut to the range that the file has: no data, or saturated.
    fn is_cut(&self, place: &Rectangle) -> bool {
        let around = |(first, end): (usize, usize), count: usize| {
            let first = first.saturating_sub(SHARPENED_MARGIN).min(count);
            first..(end + SHARPENED_MARGIN).clamp(first, count)
        };
        let rows = around(place.rows, self.low_pass.nrows());
        let columns = around(place.columns, self.low_pass.ncols());
        let mut samples = self.low_pass.slice(s![rows, columns]).into_iter();
        samples.any(|&sample| sample == NO_DATA_DN || sample >= self.file.largest())
    }

    /// A native pixel: what its low-pass alone would be, and its details. The wavelet rounds each of the two sums along
    /// odd rows and columns, here the parts are rounded: at most 2 DN less.
    fn sharpened(&self, details: &Array2<u16>, row: usize, column: usize) -> u16 {
        // An odd pixel lies between two samples; at the end of a tile the last goes on.
        let samples = |at: usize, count: usize, tile: usize| {
            let is_between = at % 2 == 1 && !(at + 1).is_multiple_of(tile) && at + 1 < count;
            [at / 2, at / 2 + usize::from(is_between)]
        };
        let (tile_rows, tile_columns) = self.file.tile_size();
        let rows = samples(row, self.file.rows(), tile_rows);
        let columns = samples(column, self.file.columns(), tile_columns);
        let mean = |values: [i32; 2]| (values[0] + values[1]) >> 1;
        let smooth = mean(
            rows.map(|row| mean(columns.map(|column| i32::from(self.low_pass[[row, column]])))),
        );
        let detail = i32::from(details[[row, column]]) - i32::from(self.file.middle());
        (smooth + detail).clamp(0, i32::from(self.file.largest())) as u16
    }
}

impl QuickLook for QuickB08<'_> {
    fn plane(&self) -> &BandPlane {
        &self.plane
    }

    fn sharpen(&self, places: &[Rectangle], progress: &dyn Progress) -> Result<BandPlane> {
        let (mut cut, whole): (Vec<_>, Vec<_>) =
            places.iter().partition(|place| self.is_cut(place));
        let blur = blur();
        let filter = Filter::of_pixels(&blur);
        let native = (self.file.rows(), self.file.columns());
        let mut dn = Array2::zeros(self.plane.dn.dim());
        let wanted = |tile: &Window| touch(&whole, FINE, tile);
        match self.file.read_details_where(wanted, progress)? {
            Some(details) => {
                let sample = |row: usize, column: usize| self.sharpened(&details, row, column);
                filter.apply(native, sample, &whole, &mut dn);
            }
            None => cut.extend(whole),
        }
        if !cut.is_empty() {
            let pixels = self
                .file
                .read_where(0, |tile| touch(&cut, FINE, tile), progress)?;
            let sample = |row: usize, column: usize| pixels[[row, column]];
            filter.apply(native, sample, &cut, &mut dn);
        }
        let radiometry = self.plane.radiometry;
        Ok(BandPlane { dn, radiometry })
    }
}
