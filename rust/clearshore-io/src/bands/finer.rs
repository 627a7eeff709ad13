//! Bilinear interpolation onto a finer grid, in whole numbers.

use clearshore::scene::{NO_DATA_DN, SATURATED_DN};
use ndarray::parallel::prelude::*;
use ndarray::{Array2, Axis};

/// The two native pixels between whose centres a fine pixel's centre lies, and their weights.
#[derive(Clone, Copy)]
struct Between {
    nearest: usize,
    first: usize,
    second: usize,
    first_weight: u32,
    second_weight: u32,
}

/// For each fine pixel of a side of `count` native pixels. The weights of a pair add up to 2 `factor`.
fn positions(count: usize, factor: usize) -> Vec<Between> {
    (0..count * factor)
        .map(|fine| {
            // The centre lies (2 fine + 1 - factor) / (2 factor) native pixels after the first centre;
            // a whole native pixel is added to keep it positive.
            let position = 2 * fine + 1 + factor;
            let (after, part) = (position / (2 * factor), (position % (2 * factor)) as u32);
            Between {
                nearest: fine / factor,
                first: after.saturating_sub(1),
                second: after.min(count - 1),
                first_weight: 2 * factor as u32 - part,
                second_weight: part,
            }
        })
        .collect()
}

/// `native` on a grid `factor` times finer. See [`super::read_band`].
pub(crate) fn bilinear(native: &Array2<u16>, factor: usize) -> Array2<u16> {
    let (rows, columns) = native.dim();
    let down = positions(rows, factor);
    let across = positions(columns, factor);
    let mut fine = Array2::zeros((rows * factor, columns * factor));
    fine.axis_iter_mut(Axis(0))
        .into_par_iter()
        .zip(&down)
        .for_each(|(mut out, row)| {
            let above = native.row(row.first);
            let below = native.row(row.second);
            let nearest = native.row(row.nearest);
            for (out, column) in out.iter_mut().zip(&across) {
                *out = match nearest[column.nearest] {
                    label @ (NO_DATA_DN | SATURATED_DN) => label,
                    _ => {
                        let mut sum = 0;
                        let mut weights = 0;
                        for (dn, weight) in [
                            (above[column.first], row.first_weight * column.first_weight),
                            (
                                above[column.second],
                                row.first_weight * column.second_weight,
                            ),
                            (below[column.first], row.second_weight * column.first_weight),
                            (
                                below[column.second],
                                row.second_weight * column.second_weight,
                            ),
                        ] {
                            let weight = if matches!(dn, NO_DATA_DN | SATURATED_DN) {
                                0
                            } else {
                                weight
                            };
                            sum += weight * u32::from(dn);
                            weights += weight;
                        }
                        // The nearest pixel always has weight.
                        ((sum + weights / 2) / weights.max(1)) as u16
                    }
                };
            }
        });
    fine
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;
    use proptest::prelude::*;

    #[test]
    fn a_plane_stays_a_plane_inside() {
        // f(row, column) = 1000 + 36 row + 60 column at native centres.
        let native = Array2::from_shape_fn((5, 7), |(r, c)| (1000 + 36 * r + 60 * c) as u16);
        for factor in [2, 3, 6] {
            let fine = bilinear(&native, factor);
            assert_eq!(fine.dim(), (5 * factor, 7 * factor));
            for r in factor..4 * factor {
                for c in factor..6 * factor {
                    let centre = |i: usize| (i as f64 + 0.5) / factor as f64 - 0.5;
                    let expected = 1000.0 + 36.0 * centre(r) + 60.0 * centre(c);
                    assert_eq!(f64::from(fine[[r, c]]), (expected + 0.5).floor());
                }
            }
        }
    }

    #[test]
    fn labels_come_from_the_nearest_pixel_and_weigh_nothing() {
        let fine = bilinear(&array![[0, 500, 65_535]], 2);
        let row = vec![0, 0, 500, 500, 65_535, 65_535];
        assert_eq!(fine.row(0).to_vec(), row);
        assert_eq!(fine.row(1).to_vec(), row);
    }

    proptest! {
        #[test]
        fn whole_numbers_agree_with_floating_point(
            cells in proptest::collection::vec(prop_oneof![Just(0_u16), 1..65_535_u16], 12),
            factor in prop_oneof![Just(2_usize), Just(3), Just(6)],
        ) {
            let native = Array2::from_shape_vec((3, 4), cells).unwrap();
            let fine = bilinear(&native, factor);
            for ((r, c), &got) in fine.indexed_iter() {
                let mut sum = 0.0;
                let mut weights = 0.0;
                for ((nr, nc), &dn) in native.indexed_iter() {
                    let along = |fine: usize, native: usize, count: usize| {
                        let centre = (fine as f64 + 0.5) / factor as f64 - 0.5;
                        let centre = centre.clamp(0.0, (count - 1) as f64);
                        (1.0 - (centre - native as f64).abs()).max(0.0)
                    };
                    let weight = along(r, nr, 3) * along(c, nc, 4);
                    if dn != 0 {
                        sum += weight * f64::from(dn);
                        weights += weight;
                    }
                }
                if native[[r / factor, c / factor]] == 0 {
                    prop_assert_eq!(got, 0);
                } else {
                    prop_assert!((f64::from(got) - sum / weights).abs() <= 0.5 + 1e-6);
                }
            }
        }
    }
}
