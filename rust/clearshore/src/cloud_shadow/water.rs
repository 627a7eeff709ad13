//! Cloud shadow over water: a little darker than the water around.
//!
//! Little of what a sensor sees over water is direct sunlight, so that dark water alone says nothing: it is shadow where
//! the shadow of a cloud should fall and most of that is darker than the clear water around, in blue and in green. Our own
//! rule.

use super::geometry::Geometry;
use super::matching::{Match, Pieces};
use super::{Clouds, ShadowBits, ShadowPlane};
use crate::cloud::{Samples, SpectralBands};
use crate::raster::{Run, fill_strips};
use crate::{Progress, Result};
use ndarray::Array2;
use rayon::prelude::*;

/// Shaded water is darker than this share of the clear water around, in blue and in green, unitless (own measurement).
const DARKER: f64 = 0.95;
/// Side of the squares whose clear water is added up, metres, and how many of them either side are around.
const SQUARE: f64 = 300.0;
const SQUARES_AROUND: usize = 5;
/// Least clear water around, pixels.
const PIXELS_MIN: u64 = 100;
/// Most of a shadow's water must be darker.
const MAJORITY: f64 = 0.5;

/// Marks clear water that is darker than the water around as potential shadow.
///
/// # Errors
/// Cancelled.
pub fn find_dark(
    bands: &SpectralBands<'_>,
    found: &Clouds<'_>,
    pixel_size: f64,
    shadows: &mut ShadowPlane,
    progress: &dyn Progress,
) -> Result<()> {
    let columns = shadows.ncols();
    let means = [&bands.blue, &bands.green].map(|band| LocalMeans::of(band, found, pixel_size));
    progress.check()?;
    fill_strips(shadows, progress, |first, shadows| {
        for (pixel, bits) in (first..).zip(shadows) {
            let at = (pixel / columns, pixel % columns);
            if found.is_water(at.0, at.1) && means.iter().all(|band| band.is_darker(at, pixel)) {
                *bits |= ShadowBits::POTENTIAL.bits();
            }
        }
    })
}

/// Marks the shadows over water that the image confirms.
///
/// # Errors
/// Cancelled.
pub fn confirm(
    found: &Clouds<'_>,
    pieces: &Pieces,
    matches: &[Match],
    geometry: &Geometry,
    shadows: &mut ShadowPlane,
    progress: &dyn Progress,
) -> Result<()> {
    let confirmed: Vec<Vec<Run>> = matches
        .par_iter()
        .enumerate()
        .map(|(cloud, matched)| {
            let (Match::Found(height) | Match::Usual(height)) = *matched else {
                return Ok(Vec::new());
            };
            progress.check()?;
            let (mut water, mut darker) = (0_u64, 0_u64);
            let mut runs = Vec::new();
            pieces.shadow(cloud, height, geometry, &mut |run| {
                let row = run.row as usize;
                let before = water;
                for column in run.first as usize..run.end as usize {
                    if found.is_water(row, column) {
                        water += 1;
                        let bits = ShadowBits::from_bits_retain(shadows[[row, column]]);
                        darker += u64::from(bits.contains(ShadowBits::POTENTIAL));
                    }
                }
                if water > before {
                    runs.push(run);
                }
            });
            let is_shadow = water > 0 && darker as f64 > MAJORITY * water as f64;
            Ok(if is_shadow { runs } else { Vec::new() })
        })
        .collect::<Result<_>>()?;
    for run in confirmed.into_iter().flatten() {
        let row = run.row as usize;
        for column in run.first as usize..run.end as usize {
            if found.is_water(row, column) {
                shadows[[row, column]] |= ShadowBits::SHADOW.bits();
            }
        }
    }
    Ok(())
}

/// Mean of a band over the clear water around each square.
struct LocalMeans<'a> {
    band: Samples<'a>,
    side: usize,
    means: Array2<Option<f64>>,
}

impl<'a> LocalMeans<'a> {
    /// Means of what is not darker than the mean of all: shadows are left out.
    fn of(band: &Samples<'a>, found: &Clouds<'_>, pixel_size: f64) -> Self {
        let side = (SQUARE / pixel_size).max(1.0) as usize;
        let all = Self::over(band, found, side, &|_, _, _| true);
        Self::over(band, found, side, &|row, column, pixel| {
            !all.is_darker((row, column), pixel)
        })
    }

    fn over(
        band: &Samples<'a>,
        found: &Clouds<'_>,
        side: usize,
        counts: &(dyn Fn(usize, usize, usize) -> bool + Sync),
    ) -> Self {
        let (rows, columns) = found.surface.dim();
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
                        if found.is_water(row, column) && counts(row, column, pixel) {
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
            side,
            means,
        }
    }

    fn is_darker(&self, (row, column): (usize, usize), pixel: usize) -> bool {
        let mean = self.means[[row / self.side, column / self.side]];
        mean.is_some_and(|mean| f64::from(self.band.reflectance(pixel)) < DARKER * mean)
    }
}
