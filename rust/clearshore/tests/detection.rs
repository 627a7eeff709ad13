//! The main job on scenes whose right answer is known, and its invariants.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod scenes;

use clearshore::flags::{EvidenceBits, Flags};
use clearshore::scene::{Band, BandPlane, Radiometry, Scene};
use clearshore::{Detection, ErrorKind, Feature, NoProgress, Params, Progress, detect};
use ndarray::Array2;
use scenes::*;
use std::sync::atomic::{AtomicU64, Ordering};

fn run(scene: &Scene) -> Detection {
    let params = Params {
        copy_evidence: true,
        copy_features: true,
        ..Params::default()
    };
    let detection = detect(scene, &params, &NoProgress).unwrap();
    check_invariants(&detection);
    detection
}

/// What holds for every pixel of every scene.
fn check_invariants(detection: &Detection) {
    let evidence = detection.evidence.as_ref().unwrap();
    for (&flags, &evidence) in detection.flags.iter().zip(evidence) {
        assert!(flags > 0);
        let flags = Flags::from_bits(flags).expect("only bits of the table");
        let evidence = EvidenceBits::from_bits(evidence).expect("only bits of the table");
        if flags.contains(Flags::INVALID) {
            assert_eq!((flags, evidence), (Flags::INVALID, EvidenceBits::empty()));
            continue;
        }
        let has = |flag| flags.contains(flag);
        assert_ne!(has(Flags::LAND), has(Flags::WATER));
        assert!(!(has(Flags::CLOUD_SURE) && has(Flags::CLOUD_AMBIGUOUS)));
        let cloud = has(Flags::CLOUD);
        assert_eq!(
            cloud,
            flags.intersects(Flags::CLOUD_SURE | Flags::CLOUD_AMBIGUOUS)
        );
        assert_eq!(cloud, evidence.contains(EvidenceBits::CLOUD_BY_PHYSICS));
        assert!(!(cloud && has(Flags::CLOUD_BUFFER)));
        let cirrus = flags.intersects(Flags::CIRRUS_SURE | Flags::CIRRUS_AMBIGUOUS);
        assert_eq!(cirrus, evidence.contains(EvidenceBits::CIRRUS_BAND));
        let shadow = Flags::CLOUD_SHADOW | Flags::SHADOW_BUFFER | Flags::MOUNTAIN_SHADOW;
        let objections = Flags::CLOUD | Flags::CLOUD_BUFFER | Flags::SNOW_ICE | Flags::WHITECAP;
        let clear = !cirrus && !flags.intersects(objections | shadow);
        assert_eq!(has(Flags::CLEAR_WATER), clear && has(Flags::WATER));
        assert_eq!(has(Flags::CLEAR_LAND), clear && has(Flags::LAND));
    }
}

fn share(detection: &Detection, flag: Flags) -> f64 {
    detection
        .shares()
        .iter()
        .find(|row| row.flag.flag == flag)
        .unwrap()
        .share
}

fn flags_at(detection: &Detection, row: usize, column: usize) -> Flags {
    Flags::from_bits(detection.flags[[row, column]]).unwrap()
}

#[test]
fn scenes_of_one_kind_have_defined_answers() {
    let one = |spectrum: Spectrum| run(&scene((120, 90), 20.0, |r, c| varied(spectrum, r, c)));
    assert_eq!(share(&one(VEGETATION), Flags::CLEAR_LAND), 1.0);
    assert_eq!(share(&one(SOIL), Flags::CLEAR_LAND), 1.0);
    assert_eq!(share(&one(DEEP_SEA), Flags::CLEAR_WATER), 1.0);
    assert_eq!(share(&one(TURBID_ESTUARY), Flags::CLEAR_WATER), 1.0);
    assert_eq!(share(&one(TIDAL_FLAT), Flags::CLEAR_WATER), 1.0);

    let cloud = one(THICK_CLOUD);
    assert_eq!(share(&cloud, Flags::CLOUD_SURE), 1.0);
    assert!(
        cloud
            .warnings
            .iter()
            .any(|warning| warning.contains("fewer than 100 clear pixels"))
    );

    let snow = one(SNOW);
    assert_eq!(
        (share(&snow, Flags::SNOW_ICE), share(&snow, Flags::CLOUD)),
        (1.0, 0.0)
    );

    let old_snow = one(OLD_SNOW);
    assert_eq!(share(&old_snow, Flags::SNOW_ICE), 1.0);
    assert_eq!(share(&old_snow, Flags::WATER), 0.0);

    // A scene under cirrus does not subtract its own signal.
    assert_eq!(
        share(&one(THIN_CIRRUS_OVER_LAND), Flags::CIRRUS_AMBIGUOUS),
        1.0
    );
    assert_eq!(share(&one(CIRRUS_OVER_SEA), Flags::CIRRUS_SURE), 1.0);

    let nothing = one(NO_DATA);
    assert_eq!(share(&nothing, Flags::INVALID), 1.0);
    assert!(
        nothing
            .warnings
            .iter()
            .any(|warning| warning.contains("no valid pixel"))
    );
}

#[test]
fn wide_snow_is_absolute_and_never_cloud() {
    // 12 km of snow, half of it so smooth that it is absolute; clear forest beside it.
    let wide = run(&scene((200, 260), 60.0, |_, c| {
        if c < 200 { SNOW } else { VEGETATION }
    }));
    for row in [0, 100, 199] {
        for column in [0, 60, 110] {
            let flags = flags_at(&wide, row, column);
            assert!(
                flags.contains(Flags::SNOW_ICE) && !flags.contains(Flags::CLOUD),
                "{row} {column}"
            );
        }
    }
}

#[test]
fn one_percent_of_valid_pixels_is_enough() {
    let few = run(&scene((100, 100), 20.0, |r, c| match (r, c) {
        (0, 0..50) => DEEP_SEA,
        (0, 50..) => VEGETATION,
        _ => NO_DATA,
    }));
    assert_eq!(share(&few, Flags::INVALID), 0.99);
    assert_eq!(share(&few, Flags::CLEAR_WATER), 0.5);
    assert_eq!(share(&few, Flags::CLEAR_LAND), 0.5);
}

/// Sea left, land right, a cloud of 30 pixels' radius over each, thin cirrus in a corner, an empty edge.
fn coast(row: usize, column: usize) -> Spectrum {
    let near = |r: isize, c: isize| (row as isize - r).pow(2) + (column as isize - c).pow(2) < 900;
    let spectrum = if row + column < 60 {
        return NO_DATA;
    } else if near(100, 80) || near(120, 240) {
        THICK_CLOUD
    } else if row > 220 && column > 240 {
        THIN_CIRRUS_OVER_LAND
    } else if row > 220 && column < 60 {
        CIRRUS_OVER_SEA
    } else if column < 160 {
        DEEP_SEA
    } else if row % 40 < 15 {
        SOIL
    } else {
        VEGETATION
    };
    varied(spectrum, row, column)
}

#[test]
fn a_coast_is_seen_as_it_is() {
    let detection = run(&scene((260, 300), 20.0, coast));
    let at = |row, column| flags_at(&detection, row, column);
    assert_eq!(at(5, 5), Flags::INVALID);
    for (row, column) in [(100, 80), (120, 240)] {
        assert!(at(row, column).contains(Flags::CLOUD | Flags::CLOUD_SURE));
    }
    // 60 m are three pixels beyond the last cloud pixel, 29 from the centre.
    for column in [110, 111, 112] {
        assert!(at(100, column).contains(Flags::CLOUD_BUFFER), "{column}");
    }
    assert!(at(100, 113).contains(Flags::CLEAR_WATER));
    assert!(at(50, 159).contains(Flags::COASTLINE | Flags::WATER));
    assert!(at(50, 160).contains(Flags::COASTLINE | Flags::LAND));
    assert!(!at(50, 158).contains(Flags::COASTLINE) && !at(50, 161).contains(Flags::COASTLINE));
    // The edge of the swath is no coast.
    assert!(at(30, 30).contains(Flags::CLEAR_WATER) && !at(30, 30).contains(Flags::COASTLINE));
    assert!(at(250, 280).contains(Flags::CIRRUS_AMBIGUOUS));
    assert!(at(250, 30).contains(Flags::CIRRUS_SURE));
    assert!(at(200, 200).contains(Flags::CLEAR_LAND | Flags::TERRAIN_UNKNOWN));

    // HOT by hand at one pixel: B02 - 0.5 B04 - 0.08.
    let hot = detection
        .features
        .iter()
        .find(|band| band.feature == Feature::Hot)
        .unwrap();
    let reflectance =
        |band: usize| (f64::from(dn(coast(200, 200)[band])) + f64::from(OFFSET)) / QUANTIFICATION;
    let expected = reflectance(0) - 0.5 * reflectance(2) - 0.08;
    approx::assert_abs_diff_eq!(f64::from(hot.values[[200, 200]]), expected, epsilon = 1e-6);
    assert!(hot.values[[5, 5]].is_nan());
}

#[test]
fn the_result_is_the_same_for_any_number_of_threads() {
    let scene = scene((300, 700), 20.0, coast);
    let params = Params {
        copy_evidence: true,
        copy_features: true,
        ..Params::default()
    };
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        let detection = pool
            .install(|| detect(&scene, &params, &NoProgress))
            .unwrap();
        let features: Vec<Vec<u32>> = detection
            .features
            .iter()
            .map(|band| band.values.iter().map(|value| value.to_bits()).collect())
            .collect();
        (detection.flags, detection.evidence, features)
    };
    let one = with(1);
    assert!(one == with(2) && one == with(7));
}

#[test]
fn bands_that_may_be_missing_are_said_to_be() {
    let whole = builder((80, 300), 20.0, |r, c| coast(r + 60, c))
        .build()
        .unwrap();
    let mut without = clearshore::scene::SceneBuilder::new(*whole.grid());
    for band in [Band::B02, Band::B03, Band::B04, Band::B11] {
        without = without.band(band, whole.band(band).unwrap().clone());
    }
    without = without.band(Band::B08, whole.band(Band::B8A).unwrap().clone());
    let detection = run(&without.build().unwrap());
    for band in ["B8A", "B10", "B12"] {
        assert!(
            detection
                .warnings
                .iter()
                .any(|warning| warning.contains(band)),
            "{band}"
        );
    }
    let flags = flags_at(&detection, 40, 80);
    assert!(flags.contains(Flags::CLOUD_SURE | Flags::LOW_CONFIDENCE));
    let evidence = detection.evidence.unwrap()[[40, 80]];
    assert!(EvidenceBits::from_bits_retain(evidence).contains(EvidenceBits::BAND_MISSING));
    assert!(!flags_at(&run(&whole), 40, 80).contains(Flags::LOW_CONFIDENCE));
}

#[test]
fn without_required_bands_there_is_no_scene() {
    let radiometry = Radiometry {
        offset: 0,
        quantification: QUANTIFICATION,
    };
    let plane = || BandPlane {
        dn: Array2::ones((4, 4)),
        radiometry,
    };
    let error = clearshore::scene::SceneBuilder::new(grid((4, 4), 20.0))
        .band(Band::B02, plane())
        .band(Band::B04, plane())
        .build()
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Product);
    assert!(
        error.to_string().contains("no B03, no B11, no B8A or B08"),
        "{error}"
    );
}

#[test]
fn quality_masks_and_dark_cirrus_decide_on_validity() {
    let mut defective = Array2::from_elem((60, 60), false);
    defective[[10, 10]] = true;
    let made = builder((60, 60), 20.0, |_, _| VEGETATION).defective(defective);
    // B10 without data is no reason to distrust a pixel.
    let cirrus = BandPlane {
        dn: Array2::zeros((60, 60)),
        radiometry: Radiometry {
            offset: OFFSET,
            quantification: QUANTIFICATION,
        },
    };
    let detection = run(&made.band(Band::B10, cirrus).build().unwrap());
    assert_eq!(flags_at(&detection, 10, 10), Flags::INVALID);
    assert!(flags_at(&detection, 10, 11).contains(Flags::CLEAR_LAND));
}

#[test]
fn a_static_raster_finds_water_under_cloud_and_takes_ice_off_warm_water() {
    let at = |_: usize, column: usize| match column {
        0..40 => DEEP_SEA,
        40..60 => THICK_CLOUD,
        60..80 => SNOW,
        _ => VEGETATION,
    };
    let occurrence = Array2::from_shape_fn((60, 120), |(_, c)| if c < 80 { 100 } else { 0 });
    let warm = clearshore::scene::SceneBuilder::new(clearshore::scene::Grid {
        northing: 1_000_000.0,
        ..grid((60, 120), 20.0)
    });
    let source = scene((60, 120), 20.0, at);
    let with_bands = |builder: clearshore::scene::SceneBuilder| {
        BANDS.iter().fold(builder, |builder, &band| {
            builder.band(band, source.band(band).unwrap().clone())
        })
    };
    let cold = clearshore::scene::SceneBuilder::new(*source.grid());
    for (builder, ice) in [(warm, false), (cold, true)] {
        let scene = with_bands(builder)
            .water_occurrence(occurrence.clone())
            .build()
            .unwrap();
        let detection = run(&scene);
        assert!(flags_at(&detection, 30, 50).contains(Flags::WATER | Flags::CLOUD_SURE));
        assert_eq!(flags_at(&detection, 30, 70).contains(Flags::SNOW_ICE), ice);
        assert!(flags_at(&detection, 30, 100).contains(Flags::CLEAR_LAND));
    }
}

/// Cancels after a number of questions.
struct Impatient(AtomicU64);

impl Progress for Impatient {
    fn is_cancelled(&self) -> bool {
        self.0.fetch_sub(1, Ordering::Relaxed) == 0 || self.0.load(Ordering::Relaxed) > u64::MAX / 2
    }
}

#[test]
fn a_run_can_be_cancelled_at_any_time() {
    let scene = scene((300, 300), 20.0, coast);
    for patience in [0, 1, 5, 40] {
        let error = detect(&scene, &Params::default(), &Impatient(patience.into())).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Cancelled);
    }
}

#[test]
fn what_lies_mostly_on_ground_known_as_bright_is_no_cloud() {
    // 30 x 30 bright pixels on a meadow, wide enough to be cloud without a shadow; `percent` of bright views below some of
    // their columns.
    let patch = |percent: u8, columns: usize, cirrus: f64| {
        let inside = |r: usize, c: usize| (40..70).contains(&r) && (30..60).contains(&c);
        let at = |r: usize, c: usize| {
            if inside(r, c) {
                let mut cloud = varied(THICK_CLOUD, r, c);
                cloud[4] = cirrus;
                cloud
            } else {
                varied(VEGETATION, r, c)
            }
        };
        let bright = Array2::from_shape_fn((100, 100), |(r, c)| {
            if inside(r, c) && c < 30 + 3 * columns {
                percent
            } else {
                0
            }
        });
        let scene = builder((100, 100), 20.0, at).bright(bright).build();
        let detection = run(&scene.unwrap());
        let evidence = detection.evidence.as_ref().unwrap()[[45, 35]];
        (
            flags_at(&detection, 45, 35).contains(Flags::CLOUD),
            EvidenceBits::from_bits_retain(evidence).contains(EvidenceBits::SAND_CLEARED),
        )
    };
    let (cloud, ground) = ((true, false), (false, true));
    assert_eq!(patch(100, 0, 0.0015), cloud, "nothing is known");
    assert_eq!(patch(50, 10, 0.0015), ground);
    assert_eq!(patch(49, 10, 0.0015), cloud);
    assert_eq!(patch(100, 8, 0.0015), ground, "most of it");
    assert_eq!(patch(100, 4, 0.0015), cloud, "less than half of it");
    assert_eq!(patch(100, 10, 0.03), cloud, "no ground is seen in B10");
}

#[test]
fn a_bright_raster_of_another_shape_is_refused() {
    let other = builder((9, 9), 20.0, |_, _| VEGETATION).bright(Array2::zeros((9, 8)));
    let error = other.build().unwrap_err();
    assert!(error.to_string().contains("bright raster"), "{error}");
}
