//! Variances of the ratios of bands, in rectangles.

use super::WINDOW_RADIUS;
use crate::scene::{BandPlane, NO_DATA_DN, Rectangle};
use ndarray::{Array2, s};
use std::borrow::Cow;

const WINDOW: usize = 2 * WINDOW_RADIUS + 1;
/// Ratios vary around this, unitless: sums of squares lose no digits.
const USUAL_RATIO: f64 = 1.0;

/// The bands whose ratios are compared.
pub(super) struct Ratios<'a> {
    pub near: BandPlane,
    pub apart: Cow<'a, BandPlane>,
    pub base: Cow<'a, BandPlane>,
}

/// Number, sum and sum of squares of ratios less the usual one, a plane each.
type Sums = [Vec<f64>; 3];

impl Ratios<'_> {
    /// The index of the pixels of a rectangle, unitless; NaN where nothing is known or nothing varies.
    pub fn indices(&self, Rectangle { rows, columns }: Rectangle) -> Array2<f64> {
        let (top, left) = (rows.0, columns.0);
        let shape = (rows.1 - top, columns.1 - left);
        let base = reflectances(&self.base, (top, left), shape);
        let [near, apart] = [&self.near, &*self.apart].map(|band| {
            let band = reflectances(band, (top, left), shape);
            variances(&sums_of_ratios(&band, &base), shape)
        });
        let mut indices = Array2::from_elem(shape, f64::NAN);
        for (index, (near, apart)) in indices.iter_mut().zip(near.iter().zip(&apart)) {
            *index = (near - apart) / (near + apart);
        }
        indices
    }
}

/// TOA reflectances of a rectangle and of what windows see around it, row by row; 0 where there is no data, and beyond the
/// bands' edges.
fn reflectances(
    plane: &BandPlane,
    (top, left): (usize, usize),
    (rows, columns): (usize, usize),
) -> Vec<f64> {
    let (wide_rows, wide) = (rows + 2 * WINDOW_RADIUS, columns + 2 * WINDOW_RADIUS);
    let mut values = vec![0.0; wide_rows * wide];
    // Windows reach beyond the rectangle, and end where the bands do.
    let from = |first: usize| first.saturating_sub(WINDOW_RADIUS);
    let (first_row, first_column) = (from(top), from(left));
    let end_row = (top + rows + WINDOW_RADIUS).min(plane.dn.nrows());
    let end_column = (left + columns + WINDOW_RADIUS).min(plane.dn.ncols());
    let skipped = (first_column + WINDOW_RADIUS).saturating_sub(left);
    let skipped_rows = (first_row + WINDOW_RADIUS).saturating_sub(top);
    let known = plane
        .dn
        .slice(s![first_row..end_row, first_column..end_column]);
    let lines = values.chunks_exact_mut(wide).skip(skipped_rows);
    for (line, known) in lines.zip(known.rows()) {
        for (value, &dn) in line[skipped..].iter_mut().zip(known) {
            let reflectance = plane.radiometry.toa_reflectance(dn);
            *value = if dn == NO_DATA_DN { 0.0 } else { reflectance };
        }
    }
    values
}

/// Of each pixel by itself; nothing where either reflectance is not above zero.
fn sums_of_ratios(band: &[f64], base: &[f64]) -> Sums {
    let mut sums: Sums = std::array::from_fn(|_| vec![0.0; band.len()]);
    let [counts, first, second] = &mut sums;
    let sums_of_pixels = counts.iter_mut().zip(first).zip(second);
    for (((count, first), second), (band, base)) in sums_of_pixels.zip(band.iter().zip(base)) {
        let known = *band > 0.0 && *base > 0.0;
        let ratio = band / base - USUAL_RATIO;
        *count = if known { 1.0 } else { 0.0 };
        *first = if known { ratio } else { 0.0 };
        *second = if known { ratio * ratio } else { 0.0 };
    }
    sums
}

/// Variance in the window around each pixel of the rectangle; NaN where nothing is known.
fn variances(pixels: &Sums, (rows, columns): (usize, usize)) -> Vec<f64> {
    let wide = columns + 2 * WINDOW_RADIUS;
    let mut of_columns: Sums = std::array::from_fn(|_| vec![0.0; wide]);
    let mut of_windows: Sums = std::array::from_fn(|_| vec![0.0; columns]);
    let mut variances = Vec::with_capacity(rows * columns);
    for row in 0..rows {
        // Each window is added up by itself: no sum depends on where the rectangle begins.
        for ((pixels, of_columns), of_windows) in
            pixels.iter().zip(&mut of_columns).zip(&mut of_windows)
        {
            of_columns.fill(0.0);
            for line in pixels.chunks_exact(wide).skip(row).take(WINDOW) {
                add(of_columns, line);
            }
            of_windows.fill(0.0);
            for shift in 0..WINDOW {
                add(of_windows, &of_columns[shift..]);
            }
        }
        let [counts, first, second] = &of_windows;
        variances.extend(
            counts
                .iter()
                .zip(first)
                .zip(second)
                .map(|((count, sum), squares)| {
                    let mean = sum / count;
                    squares / count - mean * mean
                }),
        );
    }
    variances
}

fn add(sums: &mut [f64], values: &[f64]) {
    for (sum, value) in sums.iter_mut().zip(values) {
        *sum += value;
    }
}
