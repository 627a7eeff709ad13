//! How bright a surface is around a place, where it is not in shadow.

use crate::cloud::Samples;
use ndarray::Array2;
use rayon::prelude::*;

/// Side of the squares whose pixels are added up, metres, and how many of them either side are around.
const SQUARE: f64 = 300.0;
const SQUARES_AROUND: usize = 5;
/// Least pixels around.
const PIXELS_MIN: u64 = 100;

/// Mean of a band over a surface around each square.
pub struct LocalMeans<'a> {
    band: Samples<'a>,
    darker: f64,
    side: usize,
    means: Array2<Option<f64>>,
}

impl<'a> LocalMeans<'a> {
    /// Means over the pixels (row, column) of a `shape` that are of the surface and not `darker`, as a share, than the
    /// mean of all that are: shadows are left out.
    pub fn of(
        band: &Samples<'a>,
        shape: (usize, usize),
        pixel_size: f64,
        darker: f64,
        is_surface: impl Fn(usize, usize) -> bool + Sync,
    ) -> Self {
        let side = (SQUARE / pixel_size).max(1.0) as usize;
        let all = Self::over(band, shape, side, darker, |row, column, _| {
            is_surface(row, column)
        });
        Self::over(band, shape, side, darker, |row, column, pixel| {
            is_surface(row, column) && !all.is_darker((row, column), pixel)
        })
    }

    fn over(
        band: &Samples<'a>,
        (rows, columns): (usize, usize),
        side: usize,
        darker: f64,
        counts: impl Fn(usize, usize, usize) -> bool + Sync,
    ) -> Self {
        let shape = (rows.div_ceil(side), columns.div_ceil(side));
        // Whole numbers: the order in which they are added does not show.
        let squares: Vec<(u64, u64)> = (0..shape.0 * shape.1)
            .into_par_iter()
            .map(|square| {
                let (top, left) = (square / shape.1 * side, square % shape.1 * side);
                let mut sum = (0, 0);
                for row in top..(top + side).min(rows) {
                    for column in left..(left + side).min(columns) {
                        let pixel = row * columns + column;
                        if counts(row, column, pixel) {
                            sum.0 += u64::from(band.dn(pixel));
                            sum.1 += 1;
                        }
                    }
                }
                sum
            })
            .collect();
        let around = |position: usize, count: usize| {
            position.saturating_sub(SQUARES_AROUND)..(position + SQUARES_AROUND + 1).min(count)
        };
        let means = Array2::from_shape_fn(shape, |(row, column)| {
            let (mut sum, mut count) = (0, 0);
            for r in around(row, shape.0) {
                for c in around(column, shape.1) {
                    let (more, pixels) = squares[r * shape.1 + c];
                    sum += more;
                    count += pixels;
                }
            }
            (count >= PIXELS_MIN).then(|| band.reflectance_of(sum as f64 / count as f64))
        });
        Self {
            band: *band,
            darker,
            side,
            means,
        }
    }

    /// Whether a pixel, at (row, column), is darker than its surroundings.
    pub fn is_darker(&self, at: (usize, usize), pixel: usize) -> bool {
        self.is_darker_by(1.0, at, pixel)
    }

    /// The same of its reflectance times a factor.
    pub fn is_darker_by(&self, factor: f32, (row, column): (usize, usize), pixel: usize) -> bool {
        let mean = self.means[[row / self.side, column / self.side]];
        let here = f64::from(factor * self.band.reflectance(pixel));
        mean.is_some_and(|mean| here < self.darker * mean)
    }
}
