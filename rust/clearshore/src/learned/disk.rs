//! What surrounds a pixel within a disk: means and greatest values of probabilities.
//!
//! As OpenCV's filter2D and dilate do it with the disk of scikit-image, which s2cloudless uses.

use ndarray::Array2;
use rayon::prelude::*;

/// Mean over a disk of so many pixels. Rasters go on beyond their edge as if mirrored there; what is NaN does not count and stays.
pub(super) fn averaged(values: Array2<f32>, radius: usize) -> Array2<f32> {
    if radius == 0 {
        return values;
    }
    around(
        &values,
        radius,
        (0.0_f64, 0_u32),
        |(sum, count), value| {
            if value.is_nan() {
                (sum, count)
            } else {
                (sum + f64::from(value), count + 1)
            }
        },
        |(sum, count)| (sum / f64::from(count)) as f32,
        mirrored,
    )
}

/// Greatest value within a disk of so many pixels. What is NaN does not count and stays.
pub(super) fn widest(values: Array2<f32>, radius: usize) -> Array2<f32> {
    if radius == 0 {
        return values;
    }
    // Beyond the edge nothing is greater than what the edge has itself.
    around(&values, radius, f32::NAN, f32::max, |most| most, nearest)
}

/// Folds the disk around every pixel, row by row.
fn around<S: Copy + Send + Sync>(
    values: &Array2<f32>,
    radius: usize,
    empty: S,
    add: impl Fn(S, f32) -> S + Sync,
    value: impl Fn(S) -> f32 + Sync,
    within: impl Fn(isize, usize) -> usize + Sync,
) -> Array2<f32> {
    let (rows, columns) = values.dim();
    let reach = radius as isize;
    let mut out = Array2::from_elem((rows, columns), f32::NAN);
    let lines = out
        .as_slice_mut()
        .unwrap_or_default()
        .par_chunks_mut(columns.max(1));
    lines.enumerate().for_each(|(row, line)| {
        let mut sums = vec![empty; columns];
        for down in -reach..=reach {
            let source = values.row(within(row as isize + down, rows));
            let half = (reach * reach - down * down).isqrt();
            for right in -half..=half {
                for (column, sum) in sums.iter_mut().enumerate() {
                    *sum = add(*sum, source[within(column as isize + right, columns)]);
                }
            }
        }
        for ((out, sum), here) in line.iter_mut().zip(sums).zip(values.row(row)) {
            if !here.is_nan() {
                *out = value(sum);
            }
        }
    });
    out
}

/// The pixel that stands at a place beyond the edge: the last one is next to itself, then the last but one.
fn mirrored(at: isize, count: usize) -> usize {
    let period = 2 * count as isize;
    let at = at.rem_euclid(period);
    at.min(period - 1 - at) as usize
}

fn nearest(at: isize, count: usize) -> usize {
    at.clamp(0, count as isize - 1) as usize
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;

    #[test]
    fn the_raster_is_mirrored_at_its_edges() {
        let at: Vec<usize> = (-5..9).map(|at| mirrored(at, 4)).collect();
        assert_eq!(at, [3, 3, 2, 1, 0, 0, 1, 2, 3, 3, 2, 1, 0, 0]);
    }

    /// By hand: a cross of five, whose arm over the edge falls on the pixel itself.
    #[test]
    fn means_and_greatest_values_of_a_small_disk() {
        let values = Array2::from_shape_fn((3, 4), |(row, column)| (row * 4 + column) as f32);
        let mean = averaged(values.clone(), 1);
        assert_abs_diff_eq!(mean[[1, 1]], 5.0);
        assert_abs_diff_eq!(mean[[0, 0]], (0.0 + 0.0 + 0.0 + 1.0 + 4.0) / 5.0);
        assert_abs_diff_eq!(mean[[2, 3]], (11.0 + 11.0 + 11.0 + 10.0 + 7.0) / 5.0);
        let most = widest(values.clone(), 1);
        assert_eq!((most[[0, 0]], most[[1, 1]], most[[2, 3]]), (4.0, 9.0, 11.0));
        assert_eq!(averaged(values.clone(), 0), values);
        assert_eq!(widest(values.clone(), 0), values);
    }

    #[test]
    fn what_is_not_known_does_not_count_and_stays() {
        let mut values = Array2::from_elem((3, 3), 0.5_f32);
        values[[1, 1]] = f32::NAN;
        for done in [averaged(values.clone(), 2), widest(values.clone(), 2)] {
            assert!(done[[1, 1]].is_nan());
            assert!(done.iter().filter(|value| **value == 0.5).count() == 8);
        }
    }
}
