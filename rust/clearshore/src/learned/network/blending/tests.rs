use super::super::made::{contract, mirrored, numbers, references};
use super::super::tiling::plan;
use super::*;
use approx::assert_abs_diff_eq;
use proptest::prelude::*;

#[test]
fn weights_are_those_of_numpy_and_scipy() {
    for (name, contract) in [
        ("ukis-csmask-6b", mirrored(256, 52, 51, 0.4)),
        ("clouds2mask", contract(500, 128, Blending::LinearRamp)),
        ("omnicloudmask", contract(1000, 300, Blending::LinearRamp)),
    ] {
        let expected = numbers(&references()["profiles"][name]);
        let weights = profile(&contract);
        assert_eq!(weights.len(), expected.len());
        for (weight, expected) in weights.iter().zip(expected) {
            assert_abs_diff_eq!(f64::from(*weight), expected, epsilon = 1e-6);
        }
    }
    assert!(
        profile(&contract(8, 4, Blending::Crop))
            .iter()
            .all(|weight| *weight == 1.0)
    );
}

proptest! {
    /// What all patches agree on comes out as it went in, however they lie.
    #[test]
    fn what_patches_agree_on_is_kept(
        patch in 4_usize..12, overlap in 2_usize..6, shape in (1_usize..30, 1_usize..30), kind in 0_u8..3
    ) {
        let overlap = overlap.min(patch / 2);
        let mut contract = match kind {
            0 => contract(patch, overlap, Blending::Crop),
            1 => contract(patch, overlap, Blending::LinearRamp),
            _ => mirrored(patch, overlap, overlap, 0.4),
        };
        contract.output = Output::Probabilities;
        let truth = Array3::from_shape_fn((2, shape.0, shape.1), |(class, row, column)| {
            (1 + class * 5 + row * 7 + column * 3) as f32 / 300.0
        });
        let known = Array2::from_elem(shape, true);
        let mut mosaic = Mosaic::new(&contract, 2, shape);
        for placed in plan(&contract, &known) {
            let shown = [(placed.corner.0, shape.0), (placed.corner.1, shape.1)]
                .map(|(start, count)| super::super::tiling::shown(&contract, start, count));
            let output = Array3::from_shape_fn((2, patch, patch), |(class, row, column)| {
                match (shown[0][row], shown[1][column]) {
                    (Some(row), Some(column)) => truth[[class, row, column]],
                    _ => 9.0,
                }
            });
            mosaic.add(&placed, output.view());
        }
        for (value, truth) in mosaic.finish(&known).iter().zip(&truth) {
            // Nothing is mixed where patches are cropped.
            let allowed = if kind == 0 { 0.0 } else { 1e-6 };
            prop_assert!((value - truth).abs() <= allowed, "{value} is not {truth}");
        }
    }
}

/// By hand: exp(0) : exp(ln 3) is 1 : 3; large numbers don't overflow.
#[test]
fn softmax_gives_shares() {
    let mut logits = ndarray::array![[0.0, 500.0], [3.0_f32.ln(), 500.0]];
    softmax(logits.view_mut());
    for (value, expected) in logits.iter().zip([0.25, 0.5, 0.75, 0.5]) {
        assert_abs_diff_eq!(*value, expected, epsilon = 1e-6);
    }
}

/// By hand: of two classes 0.9 and 0.3 are three quarters and one; of none nothing is known.
#[test]
fn scores_are_divided_by_their_sum() {
    let mut scores = ndarray::array![[0.9, 0.0], [0.3, 0.0]];
    shares(scores.view_mut());
    assert_abs_diff_eq!(scores[[0, 0]], 0.75, epsilon = 1e-6);
    assert_abs_diff_eq!(scores[[1, 0]], 0.25, epsilon = 1e-6);
    assert!(scores.column(1).iter().all(|value| value.is_nan()));
}
