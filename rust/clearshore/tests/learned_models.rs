//! A learned model beside the physics, on scenes whose right answer is known. The model is a tree of two leaves: what is brighter in
//! B02 than 0.3 is cloud.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[allow(dead_code)]
mod scenes;

use clearshore::flags::{EvidenceBits, Flags};
use clearshore::learned::{BoostedTrees, Class, Manifest, ModelKind, TreeRule};
use clearshore::scene::{Band, Scene};
use clearshore::{CloudDetector, Detection, ErrorKind, Feature, NoProgress, Params, detect};
use scenes::{CIRRUS_OVER_SEA, DEEP_SEA, SNOW, Spectrum, THICK_CLOUD, VEGETATION, builder};
use std::sync::Arc;

const TREE: &str = "tree\nversion=v3\nnum_class=1\nnum_tree_per_iteration=1\nmax_feature_idx=1\nobjective=binary sigmoid:1\n\
                    tree_sizes=1\n\nTree=0\nnum_leaves=2\nnum_cat=0\nsplit_feature=1\nthreshold=0.3\ndecision_type=2\n\
                    left_child=-1\nright_child=-2\nleaf_value=-2 3\nis_linear=0\n\n\nend of trees\n";
/// 1 / (1 + exp(2)) and 1 / (1 + exp(-3)).
const DARK: f32 = 0.119_202_92;
const BRIGHT: f32 = 0.952_574_13;

fn manifest(bands: [Band; 2]) -> Manifest {
    Manifest {
        id: "two-leaves".into(),
        title: "Two leaves".into(),
        version: "7".into(),
        kind: ModelKind::BoostedTrees,
        file: "none".into(),
        sha256: None,
        licence: "MIT".into(),
        source: "this test".into(),
        citation: "none".into(),
        bands: bands.to_vec(),
        resolution: 20,
        threshold: Some(0.4),
        classes: vec![Class::Clear, Class::Cloud],
        trees: Some(TreeRule::default()),
        package: None,
        network: None,
    }
}

fn model() -> Arc<BoostedTrees> {
    Arc::new(BoostedTrees::of_text(manifest([Band::B11, Band::B02]), TREE).unwrap())
}

/// Squares of 30 pixels: thick cloud over the sea, cirrus over the sea, snow on land; the rest is sea in the west, meadow in
/// the east, and a column without data.
fn at(row: usize, column: usize) -> Spectrum {
    match (row, column) {
        (_, 199) => scenes::NO_DATA,
        (20..50, 20..50) => THICK_CLOUD,
        (90..120, 20..50) => CIRRUS_OVER_SEA,
        (20..50, 140..170) => SNOW,
        (_, 0..100) => DEEP_SEA,
        _ => VEGETATION,
    }
}

fn scene() -> Scene {
    builder((150, 200), 20.0, at)
        .model(model())
        .build()
        .unwrap()
}

fn run(cloud_detector: CloudDetector) -> Detection {
    let params = Params {
        cloud_detector,
        copy_evidence: true,
        copy_features: true,
        ..Params::default()
    };
    detect(&scene(), &params, &NoProgress).unwrap()
}

fn flags(detection: &Detection, at: [usize; 2]) -> Flags {
    Flags::from_bits_retain(detection.flags[at])
}

fn evidence(detection: &Detection, at: [usize; 2]) -> EvidenceBits {
    EvidenceBits::from_bits_retain(detection.evidence.as_ref().unwrap()[at])
}

const THICK: [usize; 2] = [35, 35];
const CIRRUS: [usize; 2] = [105, 35];
const ICE: [usize; 2] = [35, 155];
const SEA: [usize; 2] = [75, 60];
const MEADOW: [usize; 2] = [120, 150];

#[test]
fn a_model_alone_decides_on_cloud_and_says_who_it_is() {
    let physics = run(CloudDetector::Physics);
    assert!(physics.model.is_none());
    let alone = run(CloudDetector::S2cloudless);
    let report = alone.model.as_ref().unwrap();
    assert_eq!(
        (report.id.as_str(), report.version.as_str()),
        ("two-leaves", "7")
    );
    assert_eq!((report.threshold, report.pixel_size), (Some(0.4), 20.0));
    for (place, is_cloud) in [
        (THICK, true),
        (CIRRUS, false),
        (ICE, true),
        (SEA, false),
        (MEADOW, false),
    ] {
        let found = flags(&alone, place);
        assert_eq!(found.contains(Flags::CLOUD), is_cloud, "{place:?}");
        assert_eq!(
            evidence(&alone, place).contains(EvidenceBits::CLOUD_BY_MODEL),
            is_cloud
        );
        let by_physics = flags(&physics, place).contains(Flags::CLOUD);
        assert_eq!(
            evidence(&alone, place).contains(EvidenceBits::CLOUD_BY_PHYSICS),
            by_physics
        );
        // What B10 sees, land and water stay the physics'.
        let others = Flags::CIRRUS_SURE | Flags::CIRRUS_AMBIGUOUS | Flags::LAND | Flags::WATER;
        assert_eq!(found & others, flags(&physics, place) & others, "{place:?}");
        assert!(!found.contains(Flags::LOW_CONFIDENCE));
    }
    assert_eq!(flags(&alone, [3, 199]), Flags::INVALID);
    let probability = alone
        .features
        .iter()
        .find(|band| band.feature == Feature::CloudProbability);
    let values = &probability.unwrap().values;
    assert_eq!((values[THICK], values[SEA]), (BRIGHT, DARK));
    assert!(values[[3, 199]].is_nan());
    // This model tells no shadow.
    let features: Vec<Feature> = alone.features.iter().map(|band| band.feature).collect();
    assert_eq!(features, Feature::ALL);
    assert!(alone.features[1].values.iter().all(|value| value.is_nan()));
}

#[test]
fn together_snow_is_no_cloud_and_what_b10_sees_is() {
    let both = run(CloudDetector::Combined);
    assert!(flags(&both, THICK).contains(Flags::CLOUD_SURE));
    assert!(!flags(&both, THICK).contains(Flags::LOW_CONFIDENCE));
    assert!(!flags(&both, ICE).contains(Flags::CLOUD));
    assert!(flags(&both, ICE).contains(Flags::SNOW_ICE | Flags::LOW_CONFIDENCE));
    let physics = run(CloudDetector::Physics);
    let cirrus = Flags::CLOUD | Flags::CIRRUS_SURE | Flags::CIRRUS_AMBIGUOUS;
    assert_eq!(
        flags(&both, CIRRUS) & cirrus,
        flags(&physics, CIRRUS) & cirrus
    );
    assert!(flags(&both, SEA).contains(Flags::CLEAR_WATER));
    assert!(flags(&both, MEADOW).contains(Flags::CLEAR_LAND));
}

#[test]
fn a_threshold_of_the_user_counts_instead_of_the_models() {
    let params = Params {
        cloud_detector: CloudDetector::S2cloudless,
        cloud_probability_threshold: Some(0.1),
        ..Params::default()
    };
    let detection = detect(&scene(), &params, &NoProgress).unwrap();
    assert!(flags(&detection, SEA).contains(Flags::CLOUD));
    assert_eq!(detection.model.unwrap().threshold, Some(0.1));
}

#[test]
fn threads_change_nothing() {
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| run(CloudDetector::Combined))
    };
    let (one, three) = (with(1), with(3));
    assert_eq!(one.flags, three.flags);
    assert_eq!(one.evidence, three.evidence);
}

#[test]
fn a_scene_without_a_model_or_its_bands_is_an_error() {
    let params = Params {
        cloud_detector: CloudDetector::Combined,
        ..Params::default()
    };
    let bare = builder((20, 20), 20.0, at).build().unwrap();
    let error = detect(&bare, &params, &NoProgress).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Auxiliary);
    let other = BoostedTrees::of_text(manifest([Band::B11, Band::B09]), TREE).unwrap();
    let scene = builder((20, 20), 20.0, at)
        .model(Arc::new(other))
        .build()
        .unwrap();
    let error = detect(&scene, &params, &NoProgress).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Product);
    assert!(error.to_string().contains("B09"), "{error}");
}

#[test]
fn a_model_that_does_not_fit_its_manifest_is_refused() {
    let mut three = manifest([Band::B11, Band::B02]);
    three.bands.push(Band::B03);
    let error = BoostedTrees::of_text(three, TREE).unwrap_err();
    assert!(error.to_string().contains("number of bands"), "{error}");
    let mut shadow = manifest([Band::B11, Band::B02]);
    shadow.classes.push(Class::Shadow);
    let error = BoostedTrees::of_text(shadow, TREE).unwrap_err();
    assert!(error.to_string().contains("clear and cloud"), "{error}");
}
