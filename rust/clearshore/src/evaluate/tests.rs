//! The fast counts against a slow, obvious twin, and cases by hand.

use super::*;
use crate::NoProgress;
use Category::{Clear, Cloud, Land, Shadow, Snow, Thin, Undecided, Water};
use ndarray::{Array2, arr2};
use proptest::prelude::*;

const ALL_TOLD: Tells = Tells::all();

fn labels(categories: &Array2<Category>) -> Array2<Label> {
    categories.map(|category| (*category).into())
}

fn pair<'a>(truth: &'a Array2<Label>, mask: &'a Array2<Label>) -> Pair<'a> {
    Pair {
        truth: truth.view(),
        mask: mask.view(),
        truth_tells: ALL_TOLD,
        mask_tells: ALL_TOLD,
        strata: None,
        low_sun: None,
        pixel_size: 10.0,
    }
}

fn report(pair: &Pair<'_>, tolerances: &[u32], buffer: f64) -> Report {
    let settings = Settings {
        tolerances: tolerances.to_vec(),
        buffer,
    };
    Tally::of(pair, &settings, &NoProgress).unwrap().report()
}

fn counts(report: &Report, variant: &str, experiment: Experiment) -> Option<Confusion> {
    let scores = report.scores.iter().find(|scores| scores.name == variant)?;
    let mut rows = scores.experiments.iter();
    let row = rows.find(|row| row.experiment == experiment)?;
    Some(row.figures.counts)
}

fn confusion(tp: u64, fp: u64, fn_: u64, tn: u64) -> Confusion {
    Confusion { tp, fp, fn_, tn }
}

#[test]
fn a_small_scene_by_hand() {
    let truth = labels(&arr2(&[
        [Cloud, Cloud, Thin, Shadow, Land],
        [Water, Water, Snow, Land, Undecided],
    ]));
    let mask = labels(&arr2(&[
        [Cloud, Undecided, Land, Cloud, Land],
        [Thin, Water, Snow, Water, Cloud],
    ]));
    let report = report(&pair(&truth, &mask), &[], 0.0);
    for (experiment, expected) in [
        (Experiment::Cloud, confusion(1, 2, 2, 4)),
        (Experiment::ThickCloud, confusion(1, 2, 1, 4)),
        (Experiment::ThinCloud, confusion(0, 2, 1, 4)),
        (Experiment::Shadow, confusion(0, 0, 1, 8)),
        (Experiment::Invalid, confusion(2, 1, 2, 4)),
        (Experiment::Snow, confusion(1, 0, 0, 8)),
        (Experiment::Water, confusion(1, 1, 0, 1)),
    ] {
        assert_eq!(
            counts(&report, "plain", experiment),
            Some(expected),
            "{experiment:?}"
        );
    }
    assert_eq!((report.pixels.all, report.pixels.valid), (10, 9));
    assert_eq!(report.pixels.undecided, 1);
    // Clear: 3 of 5 + 4 - 3; thick cloud: 1 of 2 + 2 - 1; thin: 0 of 2; shadow: 0 of 1.
    let iou = report.mean_iou.unwrap();
    assert_eq!((iou.clear, iou.cloud), (Some(4.0 / 6.0), Some(1.0 / 3.0)));
    assert_eq!((iou.thin, iou.shadow), (Some(0.0), Some(0.0)));
    assert_eq!(iou.mean, Some((4.0 / 6.0 + 1.0 / 3.0) / 4.0));
    let whole = &report.strata[0];
    assert_eq!((whole.clear_pixels, whole.false_cloud), (5, Some(0.2)));
    assert_eq!(report.strata.len(), 1);
    assert_eq!(report.strata_left_out.len(), Stratum::ALL.len() - 1);
}

#[test]
fn a_rim_of_one_pixel_by_hand() {
    // The truth changes between the third and the fourth pixel: both are left out.
    let truth = labels(&arr2(&[[Cloud, Cloud, Cloud, Land, Land, Undecided]]));
    let mask = labels(&arr2(&[[Cloud, Land, Land, Cloud, Cloud, Cloud]]));
    let report = report(&pair(&truth, &mask), &[1], 0.0);
    let cloud = |variant| counts(&report, variant, Experiment::Cloud);
    assert_eq!(cloud("plain"), Some(confusion(1, 2, 2, 0)));
    assert_eq!(cloud("tolerance_1"), Some(confusion(1, 1, 1, 0)));
}

#[test]
fn own_buffers_count_as_what_they_surround() {
    let flags =
        |bits: &[u32]| Label::of_flags(bits.iter().fold(1 << 10, |sum, bit| sum | 1 << bit));
    let truth = labels(&arr2(&[[Cloud, Cloud, Land, Shadow, Shadow]]));
    let mask = arr2(&[[
        flags(&[1, 3]),
        flags(&[4]),
        flags(&[4]),
        flags(&[5, 4]),
        flags(&[27]),
    ]]);
    let report = report(&pair(&truth, &mask), &[], 0.0);
    let of = |variant, experiment| counts(&report, variant, experiment);
    assert_eq!(of("plain", Experiment::Cloud), Some(confusion(1, 0, 1, 3)));
    assert_eq!(
        of("own_buffer", Experiment::Cloud),
        Some(confusion(2, 2, 0, 1))
    );
    assert_eq!(of("plain", Experiment::Shadow), Some(confusion(1, 0, 1, 3)));
    assert_eq!(
        of("own_buffer", Experiment::Shadow),
        Some(confusion(2, 0, 0, 3))
    );
    assert_eq!(
        of("own_buffer", Experiment::Invalid),
        Some(confusion(4, 1, 0, 0))
    );
    assert_eq!(of("own_buffer", Experiment::Water), None);
}

#[test]
fn what_codes_cannot_tell_is_not_asked() {
    let plane = labels(&arr2(&[[Cloud, Clear]]));
    let mut pair = pair(&plane, &plane);
    pair.mask_tells = Tells::empty();
    let names = |report: &Report| -> Vec<&str> {
        let experiments = report.scores[0].experiments.iter();
        experiments.map(|row| row.experiment.name()).collect()
    };
    let scored = report(&pair, &[], 0.0);
    assert_eq!(names(&scored), ["cloud", "thick_cloud", "thin_cloud"]);
    assert_eq!((scored.mean_iou, scored.scores.len()), (None, 1));
    pair.truth_tells = Tells::SHADOW;
    pair.mask_tells = Tells::SHADOW | Tells::THIN;
    assert_eq!(
        names(&report(&pair, &[], 0.0)),
        ["cloud", "shadow", "invalid"]
    );
}

#[test]
fn patches_need_half_of_their_pixels() {
    // Columns 0-508, 509-1017 and a rim of 100: the second patch is valid in its first `valid` pixels.
    let shape = (PATCH_SIDE, 2 * PATCH_SIDE + 100);
    for (valid, patches) in [
        (PATCH_LEAST_PIXELS as usize, 2),
        (PATCH_LEAST_PIXELS as usize - 1, 1),
    ] {
        let truth = Array2::from_shape_fn(shape, |(row, column)| {
            let in_second = column
                .checked_sub(PATCH_SIDE)
                .filter(|column| *column < PATCH_SIDE);
            let is_valid = in_second.is_none_or(|column| row * PATCH_SIDE + column < valid);
            Label::from(if is_valid { Land } else { Undecided })
        });
        let report = report(&pair(&truth, &truth), &[], 0.0);
        assert_eq!(report.pixels.patches, patches);
        // The rim counts in the pooled figures.
        let pixels = counts(&report, "plain", Experiment::Cloud).unwrap().tn as usize;
        assert_eq!(pixels, PATCH_SIDE * (PATCH_SIDE + 100) + valid);
    }
}

#[test]
fn the_coast_is_where_patches_have_land_and_water() {
    let shape = (PATCH_SIDE, 3 * PATCH_SIDE);
    let truth = Array2::from_elem(shape, Label::from(Clear));
    // 4, 50 and 96 % of the columns of three patches are water.
    let water = [20, 254, 489];
    let strata = Array2::from_shape_fn(shape, |(_, column)| {
        let is_water = column % PATCH_SIDE < water[column / PATCH_SIDE];
        if is_water {
            Strata::WATER
        } else {
            Strata::LAND
        }
    });
    let mut pair = pair(&truth, &truth);
    pair.strata = Some((strata.view(), Strata::LAND | Strata::WATER));
    pair.low_sun = Some(true);
    let report = report(&pair, &[], 0.0);
    let pixels = |name: &str| {
        let mut strata = report.strata.iter();
        strata
            .find(|row| row.stratum.name() == name)
            .map(|row| row.pixels)
    };
    assert_eq!(pixels("coast"), Some((PATCH_SIDE * PATCH_SIDE) as u64));
    assert_eq!(
        pixels("water"),
        Some((PATCH_SIDE * (20 + 254 + 489)) as u64)
    );
    assert_eq!(pixels("low_sun"), pixels("whole"));
    assert_eq!(pixels("sand"), None);
    assert!(report.strata_left_out.contains(&"sand"));
}

#[test]
fn scenes_add_up_and_keep_what_all_of_them_tell() {
    let truth = labels(&arr2(&[[Cloud, Land, Shadow]]));
    let mask = labels(&arr2(&[[Land, Land, Shadow]]));
    let settings = Settings {
        tolerances: vec![2],
        buffer: 20.0,
    };
    let with_buffers = pair(&truth, &mask);
    let mut without = pair(&truth, &mask);
    without.mask_tells = Tells::SHADOW;
    let mut sum = Tally::of(&with_buffers, &settings, &NoProgress).unwrap();
    sum.add(&Tally::of(&without, &settings, &NoProgress).unwrap());
    let report = sum.report();
    let names: Vec<&str> = report
        .scores
        .iter()
        .map(|scores| scores.name.as_str())
        .collect();
    assert_eq!(names, ["plain", "tolerance_2", "common_buffer_20"]);
    assert_eq!(
        counts(&report, "plain", Experiment::Cloud),
        Some(confusion(0, 0, 2, 4))
    );
    assert_eq!(counts(&report, "plain", Experiment::Snow), None);
    assert_eq!(report.pixels.valid, 6);
}

#[test]
fn planes_of_different_shape_are_refused() {
    let (truth, mask) = (Array2::default((3, 4)), Array2::default((4, 3)));
    let settings = Settings {
        tolerances: vec![],
        buffer: 0.0,
    };
    let error = Tally::of(&pair(&truth, &mask), &settings, &NoProgress).unwrap_err();
    assert_eq!(error.kind(), crate::ErrorKind::Internal);
}

/// The answer of truth or mask to an experiment, from the list of categories that it asks for.
fn answer(experiment: Experiment, category: Category, is_mask: bool) -> Option<bool> {
    let (asked, yes): (&[Category], &[Category]) = match experiment {
        Experiment::Cloud => (&Category::ALL, &[Cloud, Thin]),
        Experiment::ThickCloud if is_mask => (&Category::ALL, &[Cloud, Thin]),
        Experiment::ThinCloud if is_mask => (&Category::ALL, &[Cloud, Thin]),
        Experiment::ThickCloud => (&[Cloud, Clear, Land, Water, Snow, Shadow], &[Cloud]),
        Experiment::ThinCloud => (&[Thin, Clear, Land, Water, Snow, Shadow], &[Thin]),
        Experiment::Shadow => (&Category::ALL, &[Shadow]),
        Experiment::Invalid => (&Category::ALL, &[Cloud, Thin, Shadow]),
        Experiment::Snow => (&Category::ALL, &[Snow]),
        Experiment::Water => (&[Land, Water], &[Water]),
    };
    let known = is_mask || category != Undecided;
    (known && asked.contains(&category)).then(|| yes.contains(&category))
}

/// Whether a pixel within the distance `is`: by looking at all of them.
fn any_within(
    shape: (usize, usize),
    at: (usize, usize),
    distance: f64,
    is: impl Fn((usize, usize)) -> bool,
) -> bool {
    (0..shape.0).any(|row| {
        (0..shape.1).any(|column| {
            let (down, right) = (row as f64 - at.0 as f64, column as f64 - at.1 as f64);
            down * down + right * right <= distance * distance + 1e-9 && is((row, column))
        })
    })
}

fn by_all_pairs(
    truth: &Array2<Category>,
    mask: &Array2<Category>,
    experiment: Experiment,
    rim: u32,
    buffer: f64,
) -> Confusion {
    let mut sum = Confusion::default();
    let boundary = match experiment {
        Experiment::ThickCloud | Experiment::ThinCloud => Experiment::Cloud,
        other => other,
    };
    for (at, &category) in truth.indexed_iter() {
        let yes = |plane: &Array2<Category>, is_mask| {
            any_within(truth.dim(), at, buffer / 10.0, |at| {
                answer(experiment, plane[at], is_mask) == Some(true)
            })
        };
        let (mut expected, mut called) = (
            answer(experiment, category, false),
            answer(experiment, mask[at], true),
        );
        if buffer > 0.0 {
            expected = expected.map(|_| yes(truth, false));
            called = Some(yes(mask, true));
        }
        let own = answer(boundary, category, false);
        let in_rim = rim > 0
            && any_within(truth.dim(), at, rim.into(), |at| {
                let other = answer(boundary, truth[at], false);
                other.is_some() && own.is_some() && other != own
            });
        match (expected, called) {
            _ if in_rim => {}
            (Some(true), Some(true)) => sum.tp += 1,
            (Some(false), Some(true)) => sum.fp += 1,
            (Some(true), Some(false)) => sum.fn_ += 1,
            (Some(false), Some(false)) => sum.tn += 1,
            _ => {}
        }
    }
    sum
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn counts_are_those_of_all_pairs(
        (rows, columns) in (1..14_usize, 1..14_usize),
        numbers in prop::collection::vec((0..8_usize, 0..8_usize), 196),
        coarse in 1..4_usize,
        rim in 1..5_u32,
        buffer in prop_oneof![Just(30.0), 5.0..45.0_f64],
    ) {
        // Blocks, so that there is an inside.
        let plane = |pick: fn(&(usize, usize)) -> usize| Array2::from_shape_fn((rows, columns), |(row, column)| {
            Category::ALL[pick(&numbers[row / coarse * 14 + column / coarse])]
        });
        let (truth, mask) = (plane(|pair| pair.0), plane(|pair| pair.1));
        let (truth_labels, mask_labels) = (labels(&truth), labels(&mask));
        let found = report(&pair(&truth_labels, &mask_labels), &[rim], buffer);
        for experiment in Experiment::ALL {
            let slow = by_all_pairs(&truth, &mask, experiment, 0, 0.0);
            prop_assert_eq!(counts(&found, "plain", experiment), Some(slow));
            let slow = by_all_pairs(&truth, &mask, experiment, rim, 0.0);
            prop_assert_eq!(counts(&found, &format!("tolerance_{rim}"), experiment), Some(slow));
            if matches!(experiment, Experiment::Cloud | Experiment::Shadow | Experiment::Invalid) {
                let slow = by_all_pairs(&truth, &mask, experiment, 0, buffer);
                prop_assert_eq!(counts(&found, &format!("common_buffer_{buffer}"), experiment), Some(slow));
            }
        }
    }
}
