//! Flags, evidence and features of relief in whole runs.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod hills;
#[allow(dead_code)]
mod scenes;

use clearshore::flags::{EvidenceBits, Flags};
use clearshore::scene::{AngleGrid, Angles, Band, Direction, Geodetic, Nodes, Scene, SceneBuilder};
use clearshore::terrain::view::VIEW_BAND;
use clearshore::terrain::{Content, Cover, DemSource, Light, Relief, ReliefOptions, relief_shadow};
use clearshore::{Detection, Feature, NoProgress, Params, detect};
use hills::Hills;
use ndarray::Array2;
use scenes::{DEEP_SEA, NO_DATA, VEGETATION, builder, grid};
use std::sync::Arc;

const SHAPE: (usize, usize) = (120, 160);
const PIXEL_SIZE: f64 = 20.0;

/// A ridge of 500 m from west to east through the middle of the scene, as steep in the south as in the north.
fn ridge(_: f64, north: f64) -> f32 {
    (500.0 - 0.8 * north.abs()).max(0.0) as f32
}

/// Ground whose origin is the scene's middle.
fn hills(height: fn(f64, f64) -> f32) -> Hills {
    let grid = grid(SHAPE, PIXEL_SIZE);
    let (easting, northing) = grid.centre();
    let middle = grid.zone.geodetic(easting, northing);
    Hills::new(
        middle.longitude.to_degrees(),
        middle.latitude.to_degrees(),
        height,
    )
}

fn sun() -> Direction {
    Direction::from_degrees(68.0, 180.0)
}

/// Land, with water in the east and a swath that begins at column 10.
fn bands() -> SceneBuilder {
    builder(SHAPE, PIXEL_SIZE, |_, column| match column {
        ..10 => NO_DATA,
        10..90 => VEGETATION,
        _ => DEEP_SEA,
    })
}

fn scene(dem: impl DemSource + Send + 'static) -> Scene {
    let angles = Angles {
        mean_sun: Some(sun()),
        mean_views: [(VIEW_BAND, Direction::from_degrees(8.0, 100.0))].into(),
        ..Angles::default()
    };
    bands().angles(angles).dem(Arc::new(dem)).build().unwrap()
}

fn params() -> Params {
    Params {
        copy_evidence: true,
        copy_features: true,
        ..Params::default()
    }
}

fn run(scene: &Scene, params: &Params) -> Detection {
    detect(scene, params, &NoProgress).unwrap()
}

fn flags(detection: &Detection) -> Array2<Flags> {
    detection.flags.mapv(|bits| Flags::from_bits(bits).unwrap())
}

fn feature(detection: &Detection, feature: Feature) -> &Array2<f32> {
    let mut bands = detection.features.iter();
    &bands.find(|band| band.feature == feature).unwrap().values
}

fn warned(detection: &Detection, part: &str) -> bool {
    detection
        .warnings
        .iter()
        .any(|warning| warning.contains(part))
}

fn hidden(detection: &Detection) -> Array2<bool> {
    let evidence = detection.evidence.as_ref().unwrap();
    evidence.mapv(|bits| bits & EvidenceBits::VIEW_OCCLUDED.bits() != 0)
}

fn count(plane: &Array2<bool>) -> usize {
    plane.iter().filter(|is_set| **is_set).count()
}

#[test]
fn flags_say_what_relief_does() {
    let scene = scene(hills(ridge));
    let detection = run(&scene, &params());
    let options = ReliefOptions::default();
    let light = Light::Uniform(sun());
    let relief = relief_shadow(
        scene.grid(),
        light,
        scene.dem().unwrap(),
        options,
        &NoProgress,
    );
    let relief = relief.unwrap().bits;
    let flags = flags(&detection);
    let (mut cast, mut own, mut lit) = (0, 0, 0);
    for ((row, column), flags) in flags.indexed_iter() {
        if column < 10 {
            assert_eq!(*flags, Flags::INVALID);
            continue;
        }
        let relief = Relief::from_bits(relief[[row, column]]).unwrap();
        let has = |flag| flags.contains(flag);
        assert_eq!(has(Flags::CAST_SHADOW), relief.contains(Relief::CAST));
        assert_eq!(has(Flags::SELF_SHADOW), relief.contains(Relief::SELF));
        let dark = has(Flags::CAST_SHADOW) || has(Flags::SELF_SHADOW);
        assert_eq!(has(Flags::MOUNTAIN_SHADOW), dark);
        assert!(!has(Flags::TERRAIN_UNKNOWN));
        assert_eq!(has(Flags::CLEAR_LAND), has(Flags::LAND) && !dark);
        assert_eq!(has(Flags::CLEAR_WATER), has(Flags::WATER) && !dark);
        // By hand: the slope of 0.8 faces away from a sun of tangent 0.4; its foot is 625 m from the crest, and 1237 m
        // from it ends the shadow. A DEM node is 93 m from the next.
        let (_, northing) = scene.grid().pixel_centre(row, column);
        let north = northing - scene.grid().centre().1;
        let within = |from: f64, to: f64| north > from + 130.0 && north < to - 130.0;
        if within(0.0, 625.0) {
            assert!(has(Flags::SELF_SHADOW), "{north}");
            own += 1;
        } else if within(625.0, 1_237.0) {
            assert!(
                has(Flags::CAST_SHADOW) && !has(Flags::SELF_SHADOW),
                "{north}"
            );
            cast += 1;
        } else if within(-1_200.0, 0.0) {
            assert!(!dark, "{north}");
            lit += 1;
        }
    }
    assert!(own > 1_000 && cast > 1_000 && lit > 1_000);
    assert!(!warned(&detection, "CS_TERRAIN_UNKNOWN"));
}

#[test]
fn features_of_relief_are_unknown_only_where_they_must_be() {
    let detection = run(&scene(hills(ridge)), &params());
    let flags = flags(&detection);
    let incidence = feature(&detection, Feature::CosIncidence);
    let visibility = feature(&detection, Feature::SunVisibility);
    for (pixel, flags) in flags.indexed_iter() {
        let is_invalid = flags.contains(Flags::INVALID);
        assert_eq!(incidence[pixel].is_nan(), is_invalid);
        assert_eq!(visibility[pixel].is_nan(), is_invalid);
        if !is_invalid {
            assert_eq!(incidence[pixel] < 0.0, flags.contains(Flags::SELF_SHADOW));
            assert!((0.0..=1.0).contains(&visibility[pixel]));
        }
    }
    let without = Params {
        copy_features: false,
        ..params()
    };
    let detection = run(&scene(hills(ridge)), &without);
    assert!(detection.features.is_empty());
}

/// What a run says of relief that it doesn't know.
fn assert_unknown(detection: &Detection) {
    for flags in flags(detection) {
        if flags.contains(Flags::INVALID) {
            assert_eq!(flags, Flags::INVALID);
        } else {
            let shadow = Flags::MOUNTAIN_SHADOW | Flags::CAST_SHADOW | Flags::SELF_SHADOW;
            assert!(flags.contains(Flags::TERRAIN_UNKNOWN) && !flags.intersects(shadow));
            assert!(flags.intersects(Flags::CLEAR_LAND | Flags::CLEAR_WATER));
        }
    }
    for band in [Feature::CosIncidence, Feature::SunVisibility] {
        assert!(feature(detection, band).iter().all(|value| value.is_nan()));
    }
}

#[test]
fn where_nobody_looked_terrain_is_unknown() {
    let off = Params {
        compute_mountain_shadow: false,
        ..params()
    };
    let detection = run(&scene(hills(ridge)), &off);
    assert_unknown(&detection);
    assert!(!warned(&detection, "relief"), "{:?}", detection.warnings);

    let angles = || Angles {
        mean_sun: Some(sun()),
        ..Angles::default()
    };
    let detection = run(&bands().angles(angles()).build().unwrap(), &params());
    assert_unknown(&detection);
    assert!(warned(
        &detection,
        "there is no elevation model: relief shadow is not known"
    ));

    let without_sun = bands().dem(Arc::new(hills(ridge))).build().unwrap();
    let detection = run(&without_sun, &params());
    assert_unknown(&detection);
    assert!(warned(
        &detection,
        "there are no sun angles: relief shadow is not known"
    ));
}

/// A DEM of nothing, in small cells.
struct Elsewhere;

impl DemSource for Elsewhere {
    fn cover(&self, place: Geodetic) -> clearshore::Result<Cover> {
        const PARTS: f64 = 400.0;
        let [x, y] =
            [place.longitude, place.latitude].map(|angle| (angle.to_degrees() * PARTS).floor());
        Ok(Cover {
            extent: [x / PARTS, y / PARTS, (x + 1.0) / PARTS, (y + 1.0) / PARTS],
            content: Content::Missing(format!("cell {x} {y}")),
        })
    }
}

#[test]
fn a_dem_of_another_place_is_told_in_one_line() {
    let detection = run(&scene(Elsewhere), &params());
    assert_unknown(&detection);
    let lacks = |warning: &&String| warning.contains("the elevation model lacks cell");
    let warning = detection.warnings.iter().find(lacks).unwrap();
    assert_eq!(warning.matches("cell").count(), 10, "{warning}");
    let (_, more) = warning.split_once(" and ").unwrap();
    let count: usize = more.split(' ').next().unwrap().parse().unwrap();
    assert!(
        count > 100 && more.contains("more: relief shadow is not known"),
        "{warning}"
    );
}

/// A cliff of 400 m within a node's distance of 93 m, facing west, near column 40.
fn cliff(east: f64, _: f64) -> f32 {
    if east > -800.0 { 400.0 } else { 0.0 }
}

fn view_params() -> Params {
    Params {
        compute_glint: false,
        view_occlusion: true,
        compute_mountain_shadow: false,
        ..params()
    }
}

/// Two detectors that look from the east in the north and from the west in the south.
fn angles_of_two() -> Angles {
    let looking = |azimuth: f64| AngleGrid {
        zenith: Array2::from_elem((23, 23), 15_f64.to_radians()),
        azimuth: Array2::from_elem((23, 23), azimuth.to_radians()),
        nodes: Nodes::from_corner(5_000.0, 5_000.0),
    };
    let other_band = if VIEW_BAND == Band::B02 {
        Band::B03
    } else {
        Band::B02
    };
    Angles {
        mean_sun: Some(sun()),
        views: [
            ((VIEW_BAND, 7), looking(90.0)),
            ((VIEW_BAND, 8), looking(270.0)),
            ((other_band, 7), looking(270.0)),
        ]
        .into(),
        mean_views: [(VIEW_BAND, Direction::from_degrees(15.0, 90.0))].into(),
        ..Angles::default()
    }
}

fn two_detectors() -> Array2<u8> {
    Array2::from_shape_fn(SHAPE, |(row, _)| if row < 60 { 7 } else { 8 })
}

#[test]
fn each_detectors_hidden_ground_is_in_the_evidence() {
    let build = |builder: SceneBuilder| {
        let builder = builder.angles(angles_of_two()).dem(Arc::new(hills(cliff)));
        builder.build().unwrap()
    };
    let scene = build(bands().detectors(VIEW_BAND, two_detectors()));
    let detection = run(&scene, &view_params());
    let by_detector = hidden(&detection);
    assert!(detection.warnings.is_empty(), "{:?}", detection.warnings);
    let middle = scene.grid().centre().0;
    for ((row, column), is_hidden) in by_detector.indexed_iter() {
        // 400 tan 15 = 107 m before the crest, which is a node at most 93 m east of the cliff's formula.
        let east = scene.grid().pixel_centre(row, column).0 - middle + 800.0;
        if row >= 60 || !(-120.0..=110.0).contains(&east) {
            assert!(!is_hidden, "{row} {column}");
        }
    }
    for row in 0..60 {
        let strip = by_detector
            .row(row)
            .iter()
            .filter(|hidden| **hidden)
            .count() as f64;
        assert!(
            (strip * PIXEL_SIZE - 107.2).abs() <= PIXEL_SIZE,
            "{row}: {strip}"
        );
    }
    // Without the footprint all look as their mean does.
    let detection = run(&build(bands()), &view_params());
    assert!(warned(&detection, "mean viewing direction"));
    let mean = hidden(&detection);
    assert_eq!(
        mean.slice(ndarray::s![..60, ..]),
        by_detector.slice(ndarray::s![..60, ..])
    );
    // The cliff runs along a meridian, which is not the grid's north.
    let south = (count(&mean) - count(&by_detector)) as f64 / 60.0;
    assert!(
        (south * PIXEL_SIZE - 107.2).abs() <= 0.5 * PIXEL_SIZE,
        "{south}"
    );
    // It changes nothing else.
    let without = Params {
        view_occlusion: false,
        ..view_params()
    };
    let plain = run(&build(bands()), &without);
    assert_eq!(plain.flags, detection.flags);
    assert_eq!(count(&hidden(&plain)), 0);
}

#[test]
fn invalid_pixels_have_no_evidence() {
    let swath = builder(SHAPE, PIXEL_SIZE, |_, column| {
        if column < 80 { NO_DATA } else { VEGETATION }
    });
    let scene = swath.angles(angles_of_two()).dem(Arc::new(hills(cliff)));
    let detection = run(&scene.build().unwrap(), &view_params());
    assert_eq!(count(&hidden(&detection)), 0);
}

#[test]
fn view_occlusion_says_why_it_is_not_known() {
    let dem = || Arc::new(hills(cliff));
    let blind = bands().dem(dem()).build().unwrap();
    assert!(warned(
        &run(&blind, &view_params()),
        "there are no viewing angles"
    ));
    let flat = bands().angles(angles_of_two()).build().unwrap();
    let detection = run(&flat, &view_params());
    assert!(warned(
        &detection,
        "no elevation model: view occlusion is not known"
    ));
    assert_eq!(count(&hidden(&detection)), 0);
    let elsewhere = bands().angles(angles_of_two()).dem(Arc::new(Elsewhere));
    let detection = run(&elsewhere.build().unwrap(), &view_params());
    assert!(warned(
        &detection,
        "more: view occlusion is not known where it depends on them"
    ));
    assert_eq!(count(&hidden(&detection)), 0);
    let silent = Params {
        copy_evidence: false,
        ..view_params()
    };
    let detection = run(
        &bands().angles(angles_of_two()).dem(dem()).build().unwrap(),
        &silent,
    );
    assert!(detection.evidence.is_none());
    assert!(warned(&detection, "it needs copyEvidence"));
}

#[test]
fn a_footprint_of_another_size_is_refused() {
    let small = Array2::zeros((3, 4));
    let error = bands().detectors(VIEW_BAND, small).build().unwrap_err();
    assert!(
        error.to_string().contains("detector footprint of B04"),
        "{error}"
    );
}
