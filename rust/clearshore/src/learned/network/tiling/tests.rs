use super::super::contract::{Blending, NetworkContract};
use super::super::made::{contract, mirrored};
use super::*;
use proptest::prelude::*;

/// Contracts of every kind with small patches.
fn contracts() -> impl Strategy<Value = NetworkContract> {
    let sizes = (2_usize..12).prop_flat_map(|patch| (Just(patch), 0..=patch / 2, 1..patch));
    (sizes, 0_u8..3, any::<[bool; 2]>(), 0.1_f64..0.9).prop_map(
        |((patch, overlap, lead), kind, [staggered, avoid_no_data], taper)| match kind {
            0 => contract(patch, overlap, Blending::Crop),
            1 => NetworkContract {
                staggered,
                avoid_no_data,
                ..contract(patch, overlap, Blending::LinearRamp)
            },
            _ => mirrored(
                patch.max(4),
                overlap.clamp(2, patch.max(4) / 2),
                lead,
                taper,
            ),
        },
    )
}

fn rasters() -> impl Strategy<Value = Array2<bool>> {
    (1_usize..30, 1_usize..30, 0_i64..40, -3_i64..4).prop_map(|(height, width, edge, slope)| {
        Array2::from_shape_fn((height, width), |(row, column)| {
            column as i64 * 2 + row as i64 * slope < edge
        })
    })
}

proptest! {
    #[test]
    fn every_pixel_with_data_has_weight_and_a_cropped_one_has_one_patch(
        contract in contracts(), known in rasters()
    ) {
        contract.check(2).unwrap();
        let profile = super::super::blending::profile(&contract);
        let mut weights = Array2::<f32>::zeros(known.dim());
        let patches = plan(&contract, &known);
        for patch in &patches {
            for row in patch.rows.clone() {
                for column in patch.columns.clone() {
                    let of_row = profile[(row as isize - patch.corner.0) as usize];
                    weights[[row, column]] += of_row * profile[(column as isize - patch.corner.1) as usize];
                }
            }
        }
        for (weight, known) in weights.iter().zip(&known) {
            prop_assert!(!known || *weight > 0.0);
            prop_assert!(contract.blending != Blending::Crop || *weight <= 1.0);
        }
        let side = contract.patch as isize;
        for patch in &patches {
            let data = |(row, column): (usize, usize)| {
                let inside = |at: usize, start: isize| (start..start + side).contains(&(at as isize));
                inside(row, patch.corner.0) && inside(column, patch.corner.1)
            };
            prop_assert!(known.indexed_iter().any(|(at, known)| *known && data(at)), "a patch without data");
        }
    }

    /// numpy's `symmetric`: there and back again.
    #[test]
    fn a_mirrored_raster_is_read_there_and_back(count in 1_usize..9, start in -20_isize..20) {
        let contract = mirrored(8, 2, 1, 0.4);
        let there_and_back: Vec<usize> = (0..count).chain((0..count).rev()).collect();
        let shown = shown(&contract, start, count);
        for (index, pixel) in shown.iter().enumerate() {
            let at = there_and_back.len() as isize * 20 + start + index as isize;
            prop_assert_eq!(*pixel, there_and_back.iter().cycle().nth(at as usize).copied());
        }
    }
}

fn corners(contract: &NetworkContract, known: &Array2<bool>) -> Vec<(isize, isize)> {
    plan(contract, known)
        .iter()
        .map(|patch| patch.corner)
        .collect()
}

/// By hand.
#[test]
fn the_last_patch_slides_inward() {
    let known = Array2::from_elem((4, 11), true);
    let sliding = contract(4, 1, Blending::LinearRamp);
    assert_eq!(corners(&sliding, &known), [(0, 0), (0, 3), (0, 6), (0, 7)]);
    let cropped = contract(4, 2, Blending::Crop);
    let columns: Vec<_> = plan(&cropped, &known)
        .iter()
        .map(|patch| patch.columns.clone())
        .collect();
    // The last two share columns 7 to 9: the first of them keeps one.
    assert_eq!(columns, [0..3, 3..5, 5..7, 7..8, 8..11]);
    let small = Array2::from_elem((2, 3), true);
    assert_eq!(corners(&cropped, &small), [(0, 0)]);
    assert_eq!(shown(&cropped, 0, 3), [Some(0), Some(1), Some(2), None]);
}

/// By hand: only the swath is computed, and a patch moves until its outer column has data.
#[test]
fn patches_move_off_what_has_no_data() {
    let mut known = Array2::from_elem((4, 16), false);
    known.slice_mut(s![.., 5..10]).fill(true);
    let staying = contract(4, 0, Blending::LinearRamp);
    assert_eq!(corners(&staying, &known), [(0, 4), (0, 8)]);
    let moving = NetworkContract {
        avoid_no_data: true,
        ..staying.clone()
    };
    assert_eq!(corners(&moving, &known), [(0, 5), (0, 6)]);
    assert!(plan(&moving, &Array2::from_elem((9, 9), false)).is_empty());
}

#[test]
fn every_second_row_begins_half_a_step_earlier() {
    let known = Array2::from_elem((8, 10), true);
    let staggered = NetworkContract {
        staggered: true,
        ..contract(4, 0, Blending::LinearRamp)
    };
    let second_row: Vec<_> = corners(&staggered, &known)
        .into_iter()
        .filter(|corner| corner.0 == 4)
        .collect();
    assert_eq!(second_row, [(4, 0), (4, 2), (4, 6)]);
}
