//! The bands in which clouds stand apart from the ground, decoded where they are wanted.

mod quick;

use crate::bands::low_pass_usable;
use crate::jp2::Jp2;
use crate::window::Window;
use clearshore::scene::{
    Band, BandPlane, DisplacementSource, Grid, NO_DATA_DN, QuickLook, Radiometry, Rectangle,
};
use clearshore::{Error, Progress, Resampling, Result};
use ndarray::{Array2, s};
use quick::QuickB08;
use rayon::prelude::*;
use std::ops::Range;

/// Pixels of 10 m along a pixel of the planes.
const FINE: usize = 2;
/// Standard deviation of the blur that makes B08 as sharp as B8A, pixels of 10 m, and how far it is followed (own
/// measurement on two clear scenes: 0.5 to 0.7 are alike).
const BLUR: f64 = 0.6;
const BLUR_RADIUS: usize = 2;

/// The band files of a product.
pub struct ProductDisplacement {
    /// The grid of 20 m.
    pub grid: Grid,
    /// B07, B08 and B8A.
    pub files: [(Band, Jp2, Radiometry); 3],
    /// With `Fast` a quick look takes half-resolution samples of B08.
    pub resampling: Resampling,
    /// Whether the scene's own grid is that of 20 m, so that its B8A is the file's.
    pub base_in_scene: bool,
}

impl ProductDisplacement {
    fn file(&self, band: Band) -> Option<(&Jp2, &Radiometry)> {
        let mut files = self.files.iter();
        files.find_map(|(of, file, radiometry)| (*of == band).then_some((file, radiometry)))
    }
}

impl DisplacementSource for ProductDisplacement {
    fn grid(&self) -> Grid {
        self.grid
    }

    fn plane(
        &self,
        band: Band,
        places: &[Rectangle],
        progress: &dyn Progress,
    ) -> Result<BandPlane> {
        let Some((file, radiometry)) = self.file(band) else {
            return Err(Error::internal("a band in which nothing is displaced").got(band));
        };
        let fine = if file.rows() > self.grid.height {
            FINE
        } else {
            1
        };
        let native = file.read_where(0, |tile| touch(places, fine, tile), progress)?;
        Ok(BandPlane {
            dn: on_grid(native, fine, places, self.grid.shape()),
            radiometry: *radiometry,
        })
    }

    fn quick_look(
        &self,
        places: &[Rectangle],
        progress: &dyn Progress,
    ) -> Result<Option<Box<dyn QuickLook + '_>>> {
        let Some((file, radiometry)) = self.file(Band::B08) else {
            return Ok(None);
        };
        let is_fine = file.rows() > self.grid.height;
        if self.resampling != Resampling::Fast || !is_fine || low_pass_usable(file, 1) == 0 {
            return Ok(None);
        }
        let shape = self.grid.shape();
        let look = QuickB08::read(file, *radiometry, shape, places, progress)?;
        Ok(Some(Box::new(look)))
    }

    fn is_in_scene(&self, band: Band) -> bool {
        band == Band::B8A && self.base_in_scene
    }
}

/// A native band, of `fine` x `fine` pixels to one of 20 m, on the grid of 20 m.
pub(crate) fn on_grid(
    native: Array2<u16>,
    fine: usize,
    places: &[Rectangle],
    shape: (usize, usize),
) -> Array2<u16> {
    if fine > 1 {
        let mut pixels = Array2::zeros(shape);
        let native_at = |row: usize, column: usize| native[[row, column]];
        Filter::of_pixels(&blur()).apply(native.dim(), native_at, places, &mut pixels);
        pixels
    } else {
        native
    }
}

/// Whether a tile of a native band is needed for any of the places, in pixels `fine` times as large.
pub(crate) fn touch(places: &[Rectangle], fine: usize, tile: &Window) -> bool {
    let margin = if fine > 1 { BLUR_RADIUS } else { 0 };
    touch_within(margin, places, fine, tile)
}

fn touch_within(margin: usize, places: &[Rectangle], fine: usize, tile: &Window) -> bool {
    let overlap = |(first, end): (usize, usize), start: usize, length: usize| {
        (first * fine).saturating_sub(margin) < start + length && end * fine + margin > start
    };
    places.iter().any(|place| {
        overlap(place.rows, tile.row, tile.rows)
            && overlap(place.columns, tile.column, tile.columns)
    })
}

/// Weights of the native pixels along a line through a large pixel: blur and mean in one.
fn blur() -> [f64; FINE + 2 * BLUR_RADIUS] {
    let mut kernel = [0.0; 2 * BLUR_RADIUS + 1];
    for (index, weight) in kernel.iter_mut().enumerate() {
        let distance = index as f64 - BLUR_RADIUS as f64;
        *weight = (-0.5 * (distance / BLUR) * (distance / BLUR)).exp();
    }
    let sum: f64 = kernel.iter().sum();
    let mut weights = [0.0; FINE + 2 * BLUR_RADIUS];
    for pixel in 0..FINE {
        for (index, weight) in kernel.iter().enumerate() {
            weights[pixel + index] += weight / sum / FINE as f64;
        }
    }
    weights
}

/// What makes a pixel of 20 m of the samples around it, the same along rows and columns.
struct Filter<'w> {
    /// Samples along a pixel.
    step: usize,
    /// Samples that count before the first one of the pixel.
    before: usize,
    weights: &'w [f64],
    /// A pixel has no data where a sample that counts, or one so near to such a sample, has none.
    no_data_reach: usize,
}

impl<'w> Filter<'w> {
    fn of_pixels(blur: &'w [f64]) -> Self {
        Self {
            step: FINE,
            before: BLUR_RADIUS,
            weights: blur,
            no_data_reach: 0,
        }
    }

    /// Sets the pixels in the places from `count` samples (rows, columns).
    fn apply(
        &self,
        count: (usize, usize),
        sample: impl Fn(usize, usize) -> u16 + Sync,
        places: &[Rectangle],
        pixels: &mut Array2<u16>,
    ) {
        let shape = pixels.dim();
        let parts: Vec<(Rectangle, Array2<u16>)> = places
            .par_iter()
            .map(|place| (*place, self.part(count, &sample, place, shape)))
            .collect();
        for (place, part) in parts {
            let (row, column) = (place.rows.0, place.columns.0);
            let (rows, columns) = part.dim();
            pixels
                .slice_mut(s![row..row + rows, column..column + columns])
                .assign(&part);
        }
    }

    fn part(
        &self,
        count: (usize, usize),
        sample: impl Fn(usize, usize) -> u16,
        place: &Rectangle,
        shape: (usize, usize),
    ) -> Array2<u16> {
        let rows = place.rows.0..place.rows.1.min(shape.0);
        let columns = place.columns.0..place.columns.1.min(shape.1);
        let (down, across) = (self.near(&rows, count.0), self.near(&columns, count.1));
        let mut part = Array2::zeros((rows.len(), columns.len()));
        if down.is_empty() || across.is_empty() {
            return part;
        }
        // Samples around the place, and the sums along their lines.
        let around = Array2::from_shape_fn((down.len(), across.len()), |(row, column)| {
            sample(down[row], across[column])
        });
        let reach = self.no_data_reach;
        let mut lines: Array2<f64> = Array2::zeros((around.nrows() - 2 * reach, columns.len()));
        for (mut sums, line) in lines
            .rows_mut()
            .into_iter()
            .zip(around.rows().into_iter().skip(reach))
        {
            for (tap, weight) in self.weights.iter().enumerate() {
                let taken = line.iter().skip(reach + tap).step_by(self.step);
                for (sum, &dn) in sums.iter_mut().zip(taken) {
                    *sum += weight * f64::from(dn);
                }
            }
        }
        let is_whole = around.iter().all(|&dn| dn != NO_DATA_DN);
        let mut sums = vec![0.0_f64; columns.len()];
        for (row, mut pixels) in part.rows_mut().into_iter().enumerate() {
            sums.fill(0.0);
            for (tap, weight) in self.weights.iter().enumerate() {
                for (sum, line) in sums.iter_mut().zip(lines.row(row * self.step + tap)) {
                    *sum += weight * line;
                }
            }
            for (column, (pixel, sum)) in pixels.iter_mut().zip(&sums).enumerate() {
                if is_whole || self.is_known(&around, row, column) {
                    *pixel = sum.round() as u16;
                }
            }
        }
        part
    }

    /// Which samples of a line count for pixels, or tell that they have no data. At the border the outermost goes on.
    fn near(&self, pixels: &Range<usize>, count: usize) -> Vec<usize> {
        let before = self.before + self.no_data_reach;
        let first = pixels.start * self.step;
        let end = first + self.length(pixels.len());
        let last = count.saturating_sub(1);
        (first..end)
            .map(|at| at.saturating_sub(before).min(last))
            .collect()
    }

    /// Number of samples along so many pixels that [`Self::near`] gives.
    fn length(&self, pixels: usize) -> usize {
        match pixels {
            0 => 0,
            pixels => (pixels - 1) * self.step + self.weights.len() + 2 * self.no_data_reach,
        }
    }

    fn is_known(&self, around: &Array2<u16>, row: usize, column: usize) -> bool {
        let side = self.length(1);
        let (row, column) = (row * self.step, column * self.step);
        let near = around.slice(s![row..row + side, column..column + side]);
        near.iter().all(|&dn| dn != NO_DATA_DN)
    }
}

#[cfg(test)]
#[cfg(feature = "gdal")]
mod tests;
