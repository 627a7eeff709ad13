//! Which pixels lie within a distance of a mask: exact Euclidean distance between pixel centres.
//!
//! Source: T. Saito, J. Toriwaki, *New algorithms for Euclidean distance transformation*, Pattern
//! Recognition 27 (1994) 1551-1565: distance along columns first, then the least sum of squares along
//! each row. As only distances up to a radius matter, the second step looks no further than that.

use ndarray::Array2;
use rayon::prelude::*;

/// Rows that are worked on together; the result does not depend on it.
const STRIP_ROWS: usize = 256;

/// True where the centre of a masked pixel is at most `radius` pixels away, the mask itself included.
///
/// `mask` says whether a pixel (row, column) of the `shape` (rows, columns) is masked.
pub fn within_distance(
    shape: (usize, usize),
    radius: f64,
    mask: impl Fn(usize, usize) -> bool + Sync,
) -> Array2<bool> {
    let (rows, columns) = shape;
    let mut within = Array2::from_elem(shape, false);
    // A hair more than the radius, so that 60 m over 20 m pixels is three pixels in spite of rounding.
    let limit = (radius * radius * (1.0 + f64::EPSILON * 4.0))
        .floor()
        .min(u32::MAX.into()) as u32;
    let reach = f64::from(limit).sqrt().floor() as usize;
    within
        .as_slice_mut()
        .unwrap_or_default()
        .par_chunks_mut(STRIP_ROWS * columns.max(1))
        .enumerate()
        .for_each(|(strip, within)| {
            let first = strip * STRIP_ROWS;
            let last = first + within.len() / columns.max(1);
            let top = first.saturating_sub(reach);
            let bottom = (last + reach).min(rows);
            let vertical = vertical_distance((top..bottom).len(), columns, reach, |row, column| {
                mask(top + row, column)
            });
            // Half the width of what a masked pixel so many rows away covers.
            let half_widths: Vec<usize> = (0..=reach as u32)
                .map(|distance| (limit - distance * distance).isqrt() as usize)
                .collect();
            let mut change = vec![0; columns + 1];
            for (row, within) in within.chunks_exact_mut(columns).enumerate() {
                let vertical = vertical.row(first + row - top);
                let vertical = vertical.as_slice().unwrap_or_default();
                mark_row(vertical, &half_widths, &mut change, within);
            }
        });
    within
}

/// Distance along the column to the nearest masked pixel, at most `reach` + 1.
fn vertical_distance(
    rows: usize,
    columns: usize,
    reach: usize,
    mask: impl Fn(usize, usize) -> bool,
) -> Array2<u16> {
    let far = (reach + 1).min(usize::from(u16::MAX) - 1) as u16;
    let mut distance = vec![far; rows * columns];
    for row in 0..rows {
        let (above, here) = distance.split_at_mut(row * columns);
        let here = &mut here[..columns];
        for (column, here) in here.iter_mut().enumerate() {
            *here = if mask(row, column) { 0 } else { far };
        }
        if row > 0 {
            nearer(here, &above[(row - 1) * columns..]);
        }
    }
    for row in (1..rows).rev() {
        let (above, here) = distance.split_at_mut(row * columns);
        nearer(&mut above[(row - 1) * columns..], &here[..columns]);
    }
    Array2::from_shape_vec((rows, columns), distance).unwrap_or_default()
}

/// Takes the way over the next row where that is shorter.
fn nearer(row: &mut [u16], next: &[u16]) {
    for (here, next) in row.iter_mut().zip(next) {
        *here = (next + 1).min(*here);
    }
}

/// Marks the pixels of a row that have a masked pixel near: each column whose distance to one is in the table covers a run
/// of the row, and the runs are added up by where they begin and end. `change` is all 0 before and after.
fn mark_row(vertical: &[u16], half_widths: &[usize], change: &mut [i32], within: &mut [bool]) {
    let least = vertical
        .iter()
        .fold(u16::MAX, |least, &next| least.min(next));
    if usize::from(least) >= half_widths.len() {
        within.fill(false);
        return;
    }
    for (column, &distance) in vertical.iter().enumerate() {
        if let Some(half_width) = half_widths.get(usize::from(distance)) {
            change[column.saturating_sub(*half_width)] += 1;
            change[(column + half_width + 1).min(within.len())] -= 1;
        }
    }
    let mut covering = 0;
    for (within, change) in within.iter_mut().zip(change.iter()) {
        covering += change;
        *within = covering > 0;
    }
    change.fill(0);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The obvious twin: every pixel against every masked pixel.
    fn by_all_pairs(mask: &Array2<bool>, radius: f64) -> Array2<bool> {
        Array2::from_shape_fn(mask.dim(), |(row, column)| {
            mask.indexed_iter().any(|((r, c), &masked)| {
                let (down, right) = (r as f64 - row as f64, c as f64 - column as f64);
                masked && down * down + right * right <= radius * radius + 1e-9
            })
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(48))]
        #[test]
        fn it_is_the_distance_to_every_masked_pixel(
            rows in 1..40_usize,
            columns in 1..40_usize,
            radius in prop_oneof![(0..12_u8).prop_map(f64::from), 0.0..12.0_f64],
            points in prop::collection::vec((0..40_usize, 0..40_usize), 0..6),
        ) {
            let mask = Array2::from_shape_fn((rows, columns), |at| points.contains(&at));
            let fast = within_distance(mask.dim(), radius, |row, column| mask[[row, column]]);
            prop_assert_eq!(fast, by_all_pairs(&mask, radius));
        }
    }

    #[test]
    fn strips_do_not_show() {
        let rows = 3 * STRIP_ROWS + 17;
        let points = [
            (0, 5),
            (STRIP_ROWS - 1, 3),
            (STRIP_ROWS, 30),
            (2 * STRIP_ROWS + 3, 8),
            (rows - 1, 39),
        ];
        let mask = Array2::from_shape_fn((rows, 40), |at| points.contains(&at));
        let fast = within_distance(mask.dim(), 9.5, |row, column| mask[[row, column]]);
        assert_eq!(fast, by_all_pairs(&mask, 9.5));
    }

    #[test]
    fn sixty_metres_are_three_pixels_of_twenty() {
        let within = within_distance((1, 9), 60.0 / 20.0, |_, column| column == 4);
        assert_eq!(within.iter().filter(|&&near| near).count(), 7);
    }
}
