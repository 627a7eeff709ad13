//! The bands in which clouds stand apart from the ground, decoded where they are wanted.

use crate::jp2::Jp2;
use crate::window::Window;
use clearshore::scene::{
    Band, BandPlane, DisplacementSource, Grid, NO_DATA_DN, Radiometry, Rectangle,
};
use clearshore::{Error, Progress, Result};
use ndarray::{Array2, s};
use rayon::prelude::*;

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
        let found = self.files.iter().find(|(of, ..)| *of == band);
        let Some((_, file, radiometry)) = found else {
            return Err(Error::internal("a band in which nothing is displaced").got(band));
        };
        let fine = if file.rows() > self.grid.height {
            FINE
        } else {
            1
        };
        let wanted = |tile: &Window| places.iter().any(|place| touches(place, fine, tile));
        let native = file.read_where(wanted, progress)?;
        Ok(BandPlane {
            dn: on_grid(native, fine, places, self.grid.shape()),
            radiometry: *radiometry,
        })
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
        blurred_means(&native, places, shape)
    } else {
        native
    }
}

/// Whether a tile of a native band is needed for a place in pixels `fine` times as large.
pub(crate) fn touches(place: &Rectangle, fine: usize, tile: &Window) -> bool {
    let margin = if fine > 1 { BLUR_RADIUS } else { 0 };
    let overlap = |(first, end): (usize, usize), start: usize, length: usize| {
        (first * fine).saturating_sub(margin) < start + length && end * fine + margin > start
    };
    overlap(place.rows, tile.row, tile.rows) && overlap(place.columns, tile.column, tile.columns)
}

/// Means of `FINE` x `FINE` blurred pixels, in the places; 0 elsewhere, and where any pixel around has no data.
fn blurred_means(native: &Array2<u16>, places: &[Rectangle], shape: (usize, usize)) -> Array2<u16> {
    let weights = line_weights();
    let parts: Vec<(Rectangle, Array2<u16>)> = places
        .par_iter()
        .map(|place| {
            let rows = place.rows.0..place.rows.1.min(shape.0);
            let columns = place.columns.0..place.columns.1.min(shape.1);
            let part = Array2::from_shape_fn((rows.len(), columns.len()), |(row, column)| {
                mean_of(native, rows.start + row, columns.start + column, &weights)
            });
            (*place, part)
        })
        .collect();
    let mut means = Array2::zeros(shape);
    for (place, part) in parts {
        let (row, column) = (place.rows.0, place.columns.0);
        let (rows, columns) = part.dim();
        means
            .slice_mut(s![row..row + rows, column..column + columns])
            .assign(&part);
    }
    means
}

/// Weights of the pixels along a line through a large pixel: blur and mean in one.
fn line_weights() -> [f64; FINE + 2 * BLUR_RADIUS] {
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

fn mean_of(native: &Array2<u16>, row: usize, column: usize, weights: &[f64]) -> u16 {
    let (rows, columns) = native.dim();
    // At the border the outermost pixel goes on.
    let at = |index: usize, offset: usize, count: usize| {
        (index * FINE + offset)
            .saturating_sub(BLUR_RADIUS)
            .min(count.saturating_sub(1))
    };
    let mut sum = 0.0;
    for (down, row_weight) in weights.iter().enumerate() {
        let line = native.row(at(row, down, rows));
        for (right, column_weight) in weights.iter().enumerate() {
            let dn = line[at(column, right, columns)];
            if dn == NO_DATA_DN {
                return NO_DATA_DN;
            }
            sum += row_weight * column_weight * f64::from(dn);
        }
    }
    sum.round() as u16
}
