use super::*;
use crate::NoProgress;
use crate::learned::{ModelKind, TreeFile};
use crate::scene::{BandPlane, Radiometry, SceneBuilder};
use approx::assert_abs_diff_eq;

fn manifest() -> Manifest {
    Manifest {
        id: "s2cloudmask-fast".into(),
        title: "s2cloudmask, fast spectral tree".into(),
        version: "0.1".into(),
        kind: ModelKind::DecisionTree,
        file: "s2cloudmask-fast-spectral.json".into(),
        sha256: None,
        licence: "Apache-2.0".into(),
        source: "a copy of s2cloudmask".into(),
        citation: "Roberts, s2cloudmask".into(),
        bands: BANDS.to_vec(),
        resolution: 20,
        threshold: Some(0.5),
        classes: vec![Class::Clear, Class::Cloud],
        trees: None,
        package: None,
        network: None,
    }
}

/// Asks one feature: cloud above the threshold.
fn one_question(features: &[&str], feature: i64, threshold: f64) -> DecisionTree {
    DecisionTree::new(TreeFile {
        source: "by hand".into(),
        features: features.iter().map(|name| (*name).to_owned()).collect(),
        bands: BANDS.to_vec(),
        classes: vec![0, 1],
        left: vec![1, -1, -1],
        right: vec![2, -1, -1],
        feature: vec![feature, -2, -2],
        threshold: vec![threshold, -2.0, -2.0],
        prob1: vec![0.5, 0.1, 0.9],
    })
    .unwrap()
}

const OBSERVED: Pixel = [0.12, 0.11, 0.10, 0.13, 0.2, 0.25, 0.3, 0.31, 0.2, 0.1];
const USUAL: Pixel = [0.10, 0.10, 0.12, 0.15, 0.25, 0.3, 0.35, 0.36, 0.3, 0.2];

// Values by numpy 2.4: s2cloudmask's own expressions on these two spectra.
#[test]
fn features_are_those_of_s2cloudmask() {
    let ln = |value: f64| value.ln();
    let expected = [
        0.11 * ln(0.1),
        0.10 * ln(0.1),
        0.13 * ln(0.2),
        0.13 * ln(0.1),
        -0.07 / 0.33,
        0.11 * ln(0.2),
        -0.1 / 0.3,
        -0.09 / 0.31,
        0.12 * ln(0.1),
        0.10 * ln(0.2),
        0.12 * ln(0.2),
    ];
    for (got, expected) in spectral_features(&OBSERVED).iter().zip(expected) {
        assert_abs_diff_eq!(f64::from(*got), expected, epsilon = 1e-6);
    }
    let shadow = shadow_features(&OBSERVED, &USUAL);
    let nldr = |a: f64, b: f64| (2.0 * (a * a + b * b) + 1.5 * b + 0.5 * a) / (a + b + 0.5);
    let expected = [
        (0, 0.10 * ln(0.1)),
        (1, -0.1 / 0.3),
        (2, 0.13 * ln(0.1)),
        (4, 0.13 * ln(0.2)),
        (9, 0.47 / 4.05),
        (10, nldr(0.12, 0.10) - nldr(0.10, 0.12)),
        (11, nldr(0.12, 0.1) - nldr(0.10, 0.2)),
        (14, nldr(0.11, 0.1) - nldr(0.10, 0.2)),
        (16, nldr(0.11, 0.13) - nldr(0.10, 0.15)),
    ];
    for (feature, expected) in expected {
        assert_abs_diff_eq!(f64::from(shadow[feature]), expected, epsilon = 1e-6);
    }
    assert_abs_diff_eq!(euclidean(&OBSERVED, &USUAL), 0.176_918_1, epsilon = 1e-6);
    assert_abs_diff_eq!(
        cosine(&OBSERVED, &OBSERVED.map(|value| 3.0 * value)),
        0.0,
        epsilon = 1e-6
    );
    assert!(cosine(&OBSERVED, &USUAL) > 0.01);
}

#[test]
fn reflectance_that_is_not_positive_has_a_logarithm() {
    let mut dark = OBSERVED;
    dark[8] = -0.0003;
    dark[9] = 0.0;
    assert!(
        spectral_features(&dark)
            .iter()
            .all(|value| value.is_finite())
    );
    assert!(
        shadow_features(&dark, &USUAL)
            .iter()
            .all(|value| value.is_finite())
    );
    dark[3] = f32::NAN;
    assert!(shadow_features(&dark, &USUAL)[9].is_nan());
}

#[test]
fn other_trees_are_refused() {
    let foreign = one_question(&["B02"], 0, 0.0);
    let error = SpectralTree::new(manifest(), foreign.clone()).unwrap_err();
    assert_eq!(error.kind(), crate::ErrorKind::Auxiliary);
    assert!(ShadowTree::new(foreign).is_err());
    let spectral = one_question(&SPECTRAL_FEATURES, 3, -0.3);
    let more = Manifest {
        classes: vec![Class::Cloud],
        ..manifest()
    };
    assert!(SpectralTree::new(more, spectral).is_err());
}

/// A cloud of a block survives the opening, a single bright pixel does not, a gap stays one.
#[test]
fn a_scene_is_classified_with_the_opening() {
    let grid = crate::scene::Grid {
        zone: crate::scene::UtmZone::from_epsg(32_631).unwrap(),
        easting: 600_000.0,
        northing: 4_800_000.0,
        pixel_size: 20.0,
        height: 130,
        width: 12,
    };
    let radiometry = Radiometry {
        offset: -1000,
        quantification: 10_000.0,
    };
    let is_bright = |row: usize, column: usize| {
        (60..70).contains(&row) && (3..8).contains(&column) || (row, column) == (20, 5)
    };
    let plane = |band: Band| {
        let dn = Array2::from_shape_fn((130, 12), |(row, column)| match (row, column) {
            (100, 4) if band == Band::B06 => 0,
            (row, column) if is_bright(row, column) => 6000,
            _ => 1200,
        });
        BandPlane { dn, radiometry }
    };
    let builder = BANDS.iter().fold(SceneBuilder::new(grid), |builder, band| {
        builder.band(*band, plane(*band))
    });
    let scene = builder.build().unwrap();
    let view = ModelView::of(&scene, &BANDS, 20).unwrap();
    // Of bright pixels B04 * ln(B12) is -0.35, of dark ones -0.08.
    let tree = one_question(&SPECTRAL_FEATURES, 1, -0.2);
    let model = SpectralTree::new(manifest(), tree).unwrap();
    let classes = model.classify(&view, &NoProgress).unwrap();
    let clear_of_dark = classes[[1, 0, 0]];
    assert_eq!(clear_of_dark, 0.9);
    let again = model.cloud(view.reflectance(0..130, 0..12).view());
    for ((row, column), cloud) in again.indexed_iter() {
        let seen = classes[[1, row, column]];
        assert!(seen == *cloud || (seen.is_nan() && cloud.is_nan()));
        assert_eq!(cloud.is_nan(), (row, column) == (100, 4));
        let sum = classes[[0, row, column]] + seen;
        assert!(sum.is_nan() || (sum - 1.0).abs() < 1e-6);
    }
    // The tree calls dark ground cloud; the opening takes away what is small of that, not small dark gaps in it.
    assert_eq!(classes[[1, 20, 5]], 0.1);
    assert_eq!(classes[[1, 65, 5]], 0.1);
}
