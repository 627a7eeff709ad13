//! How much the dates differ from the usual spectrum: medians of three distances (Roberts et al. 2018).

use super::{Spectrum, Wide};

/// Names of the distances, in their order: length of the difference, 1 less the cosine of the angle between both spectra, sum of
/// the differences over the sum of both spectra (Bray & Curtis).
pub const MADS: [&str; 3] = ["emad", "smad", "bcmad"];

/// Medians of the distances of observations to a spectrum; NaN without observations. `room` is working space.
pub fn mads(observations: &[Spectrum], usual: &Wide, room: &mut Vec<f64>) -> [f64; MADS.len()] {
    let length = usual.iter().map(|value| value * value).sum::<f64>().sqrt();
    let euclidean = |spectrum: &Spectrum| {
        let differences = pairs(spectrum, usual).map(|(a, b)| (a - b) * (a - b));
        differences.sum::<f64>().sqrt()
    };
    let cosine = |spectrum: &Spectrum| {
        let (mut product, mut square) = (0.0, 0.0);
        for (a, b) in pairs(spectrum, usual) {
            product += a * b;
            square += a * a;
        }
        1.0 - product / (square.sqrt() * length)
    };
    let bray_curtis = |spectrum: &Spectrum| {
        let (mut difference, mut sum) = (0.0, 0.0);
        for (a, b) in pairs(spectrum, usual) {
            difference += (a - b).abs();
            sum += (a + b).abs();
        }
        difference / sum
    };
    let mut median_of = |distance: &dyn Fn(&Spectrum) -> f64| {
        room.clear();
        room.extend(observations.iter().map(distance));
        median(room)
    };
    [
        median_of(&euclidean),
        median_of(&cosine),
        median_of(&bray_curtis),
    ]
}

fn pairs<'a>(spectrum: &'a Spectrum, usual: &'a Wide) -> impl Iterator<Item = (f64, f64)> + 'a {
    spectrum
        .iter()
        .map(|value| f64::from(*value))
        .zip(usual.iter().copied())
}

/// The one in the middle, or the mean of the two there.
fn median(values: &mut [f64]) -> f64 {
    let middle = values.len() / 2;
    if values.is_empty() {
        return f64::NAN;
    }
    let is_even = values.len().is_multiple_of(2);
    let (below, upper, _) = values.select_nth_unstable_by(middle, f64::total_cmp);
    match below.iter().copied().max_by(f64::total_cmp) {
        Some(lower) if is_even => 0.5 * (lower + *upper),
        _ => *upper,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn the_median_is_in_the_middle(mut values in prop::collection::vec(-9.0..9.0_f64, 1..12)) {
            let got = median(&mut values.clone());
            values.sort_by(f64::total_cmp);
            let count = values.len();
            let expected = (values[(count - 1) / 2] + values[count / 2]) / 2.0;
            prop_assert_eq!(got, expected);
        }
    }

    // By hand.
    #[test]
    fn distances_are_medians_over_the_dates() {
        let usual = [0.25; 10];
        let mut third = [0.25; 10];
        third[0] = 0.75;
        let got = mads(&[[0.25; 10], [0.5; 10], third], &usual, &mut Vec::new());
        assert!((got[0] - 0.5).abs() < 1e-12, "{got:?}");
        assert!(got[1].abs() < 1e-12);
        assert!((got[2] - 0.5 / 5.5).abs() < 1e-12);
        assert!(
            mads(&[], &usual, &mut Vec::new())
                .iter()
                .all(|mad| mad.is_nan())
        );
    }
}
