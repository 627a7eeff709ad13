//! Grey opening: small bright spots vanish, the rest stays as it is.

use ndarray::{Array2, Axis};
use rayon::prelude::*;

/// Opening by squares of 3 x 3: the smallest value around, then the largest of those. What is NaN or beyond the edge does not
/// count among the neighbours and stays NaN.
pub fn grey_opening(values: &Array2<f32>) -> Array2<f32> {
    let smallest = around(values, f32::min);
    around(&smallest, f32::max)
}

/// Combines each value with its eight neighbours. `f32::min` and `f32::max` leave NaN out.
fn around(values: &Array2<f32>, choose: fn(f32, f32) -> f32) -> Array2<f32> {
    let (rows, columns) = values.dim();
    let mut out = Array2::from_elem((rows, columns), f32::NAN);
    out.axis_iter_mut(Axis(0))
        .into_par_iter()
        .enumerate()
        .for_each_init(
            || vec![f32::NAN; columns],
            |upright, (row, mut line)| {
                upright.fill(f32::NAN);
                for near in row.saturating_sub(1)..(row + 2).min(rows) {
                    for (chosen, value) in upright.iter_mut().zip(values.row(near)) {
                        *chosen = choose(*chosen, *value);
                    }
                }
                for (column, out) in line.iter_mut().enumerate() {
                    if !values[[row, column]].is_nan() {
                        let near = &upright[column.saturating_sub(1)..(column + 2).min(columns)];
                        *out = near.iter().copied().fold(f32::NAN, choose);
                    }
                }
            },
        );
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The slow, obvious way.
    fn slow(values: &Array2<f32>, choose: fn(f32, f32) -> f32) -> Array2<f32> {
        let (rows, columns) = values.dim();
        Array2::from_shape_fn(values.dim(), |(row, column)| {
            let mut chosen = values[[row, column]];
            if chosen.is_nan() {
                return chosen;
            }
            for r in 0..rows {
                for c in 0..columns {
                    if r.abs_diff(row) <= 1 && c.abs_diff(column) <= 1 && !values[[r, c]].is_nan() {
                        chosen = choose(chosen, values[[r, c]]);
                    }
                }
            }
            chosen
        })
    }

    proptest! {
        #[test]
        fn the_opening_is_the_largest_of_the_smallest(
            rows in 1..7_usize,
            columns in 1..7_usize,
            values in prop::collection::vec(prop_oneof![4 => (0..9_u8).prop_map(f32::from), 1 => Just(f32::NAN)], 49),
        ) {
            let plane = Array2::from_shape_fn((rows, columns), |(row, column)| values[row * 7 + column]);
            let opened = grey_opening(&plane);
            let expected = slow(&slow(&plane, f32::min), f32::max);
            for (opened, expected) in opened.iter().zip(&expected) {
                prop_assert!(opened == expected || (opened.is_nan() && expected.is_nan()));
            }
        }
    }
}
