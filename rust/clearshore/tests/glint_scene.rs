//! Sun glint on seas whose wind and whose detectors are known. What is expected is the simulation's own glint, a program that
//! shares nothing with the detector's.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod glint_geometry;
#[allow(dead_code)]
mod scenes;

use clearshore::flags::{EvidenceBits, Flags};
use clearshore::glint::{ViewSource, WindSource};
use clearshore::scene::{Angles, Band, Direction, Nodes, Scene, SceneBuilder, UtmZone, WindGrid};
use clearshore::simulate::{Wind, glint_reflectance};
use clearshore::{Detection, Feature, NoProgress, Params, detect};
use glint_geometry::{BANDS, Instrument};
use ndarray::Array2;
use scenes::{DEEP_SEA, SNOW, Spectrum, THICK_CLOUD, VEGETATION};
use std::f64::consts::PI;

const PIXEL_SIZE: f64 = 60.0;
const SIDE: usize = 600;
const INSTRUMENT: Instrument = Instrument {
    sun: Direction {
        zenith: 0.44,
        azimuth: 2.2,
    },
    track: -20_000.0,
    stripe: 9_000.0,
    slant: 0.2,
    side: SIDE as f64 * PIXEL_SIZE,
    flight: 1.0,
    last_stripe: 12,
};
const WIND: Wind = Wind {
    speed: 6.0,
    direction: Some(4.0),
};

fn metres(pixel: usize) -> f64 {
    (pixel as f64 + 0.5) * PIXEL_SIZE
}

/// Glint of the sea at a pixel in a band, by the simulation's formulas and the exact directions.
fn truth(instrument: &Instrument, band: Band, row: usize, column: usize) -> f64 {
    let (east, south) = (metres(column), metres(row));
    match instrument.detector(band, east, south) {
        0 => 0.0,
        detector => {
            let view = instrument.view(band, detector, east, south);
            glint_reflectance(instrument.sun, view, WIND, band)
        }
    }
}

/// Glint coefficient of a TOA reflectance of glint, 1/sr: without the air, whose optical depth is that of the specification's
/// source at the band's centre.
fn coefficient(instrument: &Instrument, band: Band, row: usize, column: usize) -> f64 {
    let depth = match band {
        Band::B02 => 0.152_3,
        Band::B03 => 0.089_8,
        Band::B04 => 0.044_8,
        _ => 0.015_5,
    };
    let (east, south) = (metres(column), metres(row));
    let detector = instrument.detector(band, east, south);
    let view = instrument.view(band, detector, east, south);
    let path = 1.0 / instrument.sun.zenith.cos() + 1.0 / view.zenith.cos();
    truth(instrument, band, row, column) * (depth * path).exp() * instrument.sun.zenith.cos() / PI
}

/// A scene of spectra under that glint, which only the sea shows, without a word of sun and sensor.
fn bare(instrument: &Instrument, at: impl Fn(usize, usize) -> Spectrum) -> SceneBuilder {
    let is_sea = |spectrum: Spectrum| spectrum == DEEP_SEA;
    let mut bands = Vec::new();
    for (index, band) in scenes::BANDS.into_iter().enumerate() {
        bands.push(Array2::from_shape_fn((SIDE, SIDE), |(row, column)| {
            let spectrum = at(row, column);
            let glint = match is_sea(spectrum) && band != Band::B10 {
                true => truth(instrument, band, row, column),
                false => 0.0,
            };
            spectrum[index] + glint
        }));
    }
    let spectrum = |row: usize, column: usize| std::array::from_fn(|i| bands[i][[row, column]]);
    scenes::builder((SIDE, SIDE), PIXEL_SIZE, spectrum)
}

/// The same, of which all is known.
fn builder(instrument: &Instrument, at: impl Fn(usize, usize) -> Spectrum) -> SceneBuilder {
    let builder = bare(instrument, at).angles(instrument.angles());
    BANDS.into_iter().fold(builder, |builder, band| {
        let detectors = Array2::from_shape_fn((SIDE, SIDE), |(row, column)| {
            instrument.detector(band, metres(column), metres(row))
        });
        builder.detectors(band, detectors)
    })
}

fn wind_parameters() -> Params {
    Params {
        wind_speed: Some(WIND.speed),
        wind_direction: WIND.direction.map(f64::to_degrees),
        copy_evidence: true,
        ..Params::default()
    }
}

fn run(scene: &Scene, params: &Params) -> Detection {
    detect(scene, params, &NoProgress).unwrap()
}

fn feature(detection: &Detection, wanted: Feature) -> &Array2<f32> {
    let mut features = detection.features.iter();
    &features.find(|band| band.feature == wanted).unwrap().values
}

fn has(detection: &Detection, row: usize, column: usize, flag: Flags) -> bool {
    Flags::from_bits_retain(detection.flags[[row, column]]).contains(flag)
}

/// Whether another detector sees a neighbour in any band.
fn is_edge(instrument: &Instrument, row: usize, column: usize) -> bool {
    BANDS.iter().any(|band| {
        let number = |beside: f64| instrument.detector(*band, metres(column) + beside, metres(row));
        number(-PIXEL_SIZE) != number(PIXEL_SIZE)
    })
}

/// Descending and ascending, north and south, either side of the antimeridian.
#[test]
fn predicted_glint_and_its_stripes_are_those_of_the_sea() {
    for (flight, sun_azimuth, zone) in [(1.0, 2.2, 32_631), (-1.0, 0.9, 32_701), (1.0, 2.0, 32_660)]
    {
        let instrument = Instrument {
            flight,
            sun: Direction {
                azimuth: sun_azimuth,
                ..INSTRUMENT.sun
            },
            ..INSTRUMENT
        };
        let scene = builder(&instrument, |_, _| DEEP_SEA).build().unwrap();
        let grid = clearshore::scene::Grid {
            zone: UtmZone::from_epsg(zone).unwrap(),
            ..*scene.grid()
        };
        let mut moved = SceneBuilder::new(grid).angles(scene.angles().clone());
        for band in scenes::BANDS {
            moved = moved.band(band, scene.band(band).unwrap().clone());
            if let Some(detectors) = scene.detectors(band) {
                moved = moved.detectors(band, detectors.clone());
            }
        }
        let params = Params {
            copy_features: true,
            ..wind_parameters()
        };
        let detection = run(&moved.build().unwrap(), &params);
        let predicted = feature(&detection, Feature::GlintReflectance);
        let excess = feature(&detection, Feature::GlintExcess);
        let angle = feature(&detection, Feature::GlintAngle);
        let (mut edges, mut risks, mut severe) = (0, 0, 0);
        for ((row, column), predicted) in predicted.indexed_iter() {
            let expected = truth(&instrument, Band::B11, row, column);
            let error = f64::from(*predicted) / expected - 1.0;
            assert!(error.abs() < 2e-3, "{row} {column}: {predicted} {expected}");
            // Dark water is the sea's own: what is left is glint and half a DN.
            let excess = f64::from(excess[[row, column]]);
            assert!(
                (excess - expected).abs() < 2e-4,
                "{row} {column}: {excess} {expected}"
            );
            let (east, south) = (metres(column), metres(row));
            let detector = instrument.detector(Band::B11, east, south);
            let view = instrument.view(Band::B11, detector, east, south);
            let mirror = Direction {
                azimuth: instrument.sun.azimuth + PI,
                ..instrument.sun
            };
            let (a, b) = (view.unit_vector(), mirror.unit_vector());
            let cosine: f64 = (0..3).map(|axis| a[axis] * b[axis]).sum();
            let error = f64::from(angle[[row, column]]) - cosine.acos().to_degrees();
            assert!(error.abs() < 0.01, "{row} {column}: {error} degrees");
            if is_edge(&instrument, row, column) {
                edges += 1;
                continue;
            }
            let bands = [Band::B02, Band::B03, Band::B04, Band::B8A];
            let most = bands.map(|band| coefficient(&instrument, band, row, column));
            let most = most.into_iter().fold(0.0, f64::max);
            for (flag, threshold) in [(Flags::GLINT_RISK, 0.005), (Flags::GLINT_SEVERE, 0.03)] {
                if (most / threshold - 1.0).abs() > 0.01 {
                    let expected = most > threshold;
                    assert_eq!(
                        has(&detection, row, column, flag),
                        expected,
                        "{row} {column}: {most}"
                    );
                }
            }
            let shows = most > 0.005 * 1.01;
            assert!(!shows || has(&detection, row, column, Flags::GLINT));
            risks += usize::from(most > 0.005);
            severe += usize::from(most > 0.03);
            let clear = has(&detection, row, column, Flags::CLEAR_WATER);
            assert_eq!(clear, !has(&detection, row, column, Flags::GLINT));
            assert!(!has(&detection, row, column, Flags::CLOUD));
        }
        // Stripes with and without, and of each only the edge itself is left out.
        let pixels = SIDE * SIDE;
        assert!(risks > pixels / 10, "{risks}");
        assert!(edges < pixels / 10);
        let report = detection.glint.unwrap();
        assert_eq!(report.viewing_angles, ViewSource::Detectors);
        assert_eq!(report.wind_source, WindSource::Parameters);
        assert!(severe < pixels);
    }
}

/// Land, cloud, snow and no data in a sea of glint.
#[test]
fn glint_is_on_open_water_only() {
    let at = |row: usize, column: usize| match (row / 150, column / 150) {
        (1, 1) => VEGETATION,
        (1, 2) => THICK_CLOUD,
        (2, 1) => SNOW,
        (2, 2) => scenes::NO_DATA,
        _ => DEEP_SEA,
    };
    let scene = builder(&INSTRUMENT, at).build().unwrap();
    let detection = run(&scene, &wind_parameters());
    let glint = Flags::GLINT_RISK | Flags::GLINT | Flags::GLINT_SEVERE;
    let mut seen = [0; 2];
    for ((row, column), bits) in detection.flags.indexed_iter() {
        let flags = Flags::from_bits_retain(*bits);
        let inside = |middle: usize| (5..145).contains(&(middle % 150));
        if at(row, column) == DEEP_SEA {
            seen[0] += usize::from(flags.intersects(glint));
        } else if inside(row) && inside(column) {
            assert!(!flags.intersects(glint), "{row} {column}: {flags:?}");
            seen[1] += 1;
        }
    }
    assert!(seen[0] > 20_000 && seen[1] > 50_000, "{seen:?}");
}

#[test]
fn a_swath_that_ends_with_one_detector_has_glint_up_to_its_edge() {
    let instrument = Instrument {
        last_stripe: 4,
        ..INSTRUMENT
    };
    let is_seen = |row: usize, column: usize| {
        instrument.detector(Band::B11, metres(column), metres(row)) == 4
            && instrument.detector(Band::B02, metres(column), metres(row)) == 4
    };
    let at = |row: usize, column: usize| match is_seen(row, column) {
        true => DEEP_SEA,
        false => scenes::NO_DATA,
    };
    let detection = run(
        &builder(&instrument, at).build().unwrap(),
        &wind_parameters(),
    );
    let (mut glinting, mut seen) = (0, 0);
    for ((row, column), bits) in detection.flags.indexed_iter() {
        let flags = Flags::from_bits_retain(*bits);
        assert_eq!(!flags.contains(Flags::INVALID), is_seen(row, column));
        seen += usize::from(is_seen(row, column));
        let risk = coefficient(&instrument, Band::B8A, row, column);
        if is_seen(row, column) && risk > 0.005 * 1.01 {
            assert!(flags.contains(Flags::GLINT), "{row} {column}: {risk}");
            glinting += 1;
        }
    }
    assert!(seen > 20_000 && glinting > 1_000, "{seen} {glinting}");
}

#[test]
fn the_forecast_of_the_product_is_used_and_said() {
    let (speed, from) = (WIND.speed, WIND.direction.unwrap());
    let wind = WindGrid {
        eastward: Array2::from_elem((3, 3), -speed * from.sin()),
        northward: Array2::from_elem((3, 3), -speed * from.cos()),
        nodes: Nodes::from_corner(20_000.0, 20_000.0),
    };
    let given = builder(&INSTRUMENT, |_, _| DEEP_SEA).build().unwrap();
    let forecast = builder(&INSTRUMENT, |_, _| DEEP_SEA)
        .wind(wind)
        .build()
        .unwrap();
    let by_parameters = run(&given, &wind_parameters());
    let by_forecast = run(&forecast, &Params::default());
    assert_eq!(by_parameters.flags, by_forecast.flags);
    let report = by_forecast.glint.unwrap();
    assert_eq!(report.wind_source, WindSource::Product);
    assert!((report.wind_speed - speed).abs() < 1e-9);
    assert!((report.wind_direction.unwrap() - from.to_degrees()).abs() < 1e-6);
    assert!(
        by_forecast
            .warnings
            .iter()
            .all(|warning| !warning.contains("wind"))
    );
    // Nobody knows: 5 m/s, said, and not sure.
    let assumed = run(&given, &Params::default());
    let warned = assumed
        .warnings
        .iter()
        .any(|warning| warning.contains("5 m/s"));
    assert!(warned, "{:?}", assumed.warnings);
    assert_eq!(assumed.glint.unwrap().wind_source, WindSource::Assumed);
    for bits in &assumed.flags {
        let flags = Flags::from_bits_retain(*bits);
        let guessed = flags.intersects(Flags::GLINT_RISK | Flags::GLINT);
        assert_eq!(flags.contains(Flags::LOW_CONFIDENCE), guessed);
    }
}

#[test]
fn what_is_known_of_the_detectors_is_said() {
    let known = builder(&INSTRUMENT, |_, _| DEEP_SEA).build().unwrap();
    let with_angles = |angles: Angles| {
        let scene = bare(&INSTRUMENT, |_, _| DEEP_SEA);
        scene.angles(angles).build().unwrap()
    };
    // Grids of angles without footprints: the nearest detector, right but for some kilometres around edges.
    let scene = with_angles(known.angles().clone());
    let guessed = run(&scene, &wind_parameters());
    let right = run(&known, &wind_parameters());
    assert_eq!(
        guessed.glint.unwrap().viewing_angles,
        ViewSource::NearestDetectors
    );
    let evidence = guessed.evidence.as_ref().unwrap();
    let says = |bits: &i32, bit: EvidenceBits| EvidenceBits::from_bits_retain(*bits).contains(bit);
    assert!(
        evidence
            .iter()
            .all(|bits| says(bits, EvidenceBits::DETECTOR_GUESSED))
    );
    let differs = guessed.flags.iter().zip(&right.flags).filter(|(a, b)| {
        let risk = |bits: &i32| Flags::from_bits_retain(*bits).contains(Flags::GLINT_RISK);
        risk(a) != risk(b)
    });
    let share = differs.count() as f64 / (SIDE * SIDE) as f64;
    assert!(share < 0.15, "{share}");
    assert!(
        guessed
            .warnings
            .iter()
            .any(|warning| warning.contains("footprints"))
    );

    // Only mean directions.
    let mut angles = known.angles().clone();
    angles.views.clear();
    let mean = run(&with_angles(angles), &wind_parameters());
    assert_eq!(mean.glint.unwrap().viewing_angles, ViewSource::Mean);
    let evidence = mean.evidence.as_ref().unwrap();
    assert!(
        evidence
            .iter()
            .all(|bits| says(bits, EvidenceBits::MEAN_ANGLES_USED))
    );

    // Nothing: no glint, and a warning.
    let unknown = run(&with_angles(Angles::default()), &wind_parameters());
    assert!(unknown.glint.is_none());
    let glint = Flags::GLINT_RISK | Flags::GLINT;
    assert!(
        unknown
            .flags
            .iter()
            .all(|bits| !Flags::from_bits_retain(*bits).intersects(glint))
    );
    assert!(
        unknown
            .warnings
            .iter()
            .any(|warning| warning.contains("sun glint is not known"))
    );
}

#[test]
fn nobody_looks_for_glint_who_is_not_asked() {
    let scene = builder(&INSTRUMENT, |_, _| DEEP_SEA).build().unwrap();
    let params = Params {
        compute_glint: false,
        copy_features: true,
        ..Params::default()
    };
    let detection = run(&scene, &params);
    assert!(detection.glint.is_none());
    let glint = Flags::GLINT_RISK | Flags::GLINT | Flags::GLINT_SEVERE;
    assert!(
        detection
            .flags
            .iter()
            .all(|bits| !Flags::from_bits_retain(*bits).intersects(glint))
    );
    for wanted in [
        Feature::GlintReflectance,
        Feature::GlintExcess,
        Feature::GlintAngle,
    ] {
        assert!(
            feature(&detection, wanted)
                .iter()
                .all(|value| value.is_nan())
        );
    }
}

/// A low sun: its mirror image is far from where the sensor looks.
#[test]
fn where_no_glint_can_be_nothing_is_predicted() {
    let instrument = Instrument {
        sun: Direction::from_degrees(65.0, 160.0),
        ..INSTRUMENT
    };
    let scene = builder(&instrument, |_, _| DEEP_SEA).build().unwrap();
    let detection = run(&scene, &Params::default());
    assert!(detection.glint.is_none());
    // Nobody needs to know that the wind is not known.
    assert!(
        detection
            .warnings
            .iter()
            .all(|warning| !warning.contains("wind"))
    );
    assert!(
        detection
            .flags
            .iter()
            .all(|bits| Flags::from_bits_retain(*bits).contains(Flags::CLEAR_WATER))
    );
}

/// Glint that matters nowhere can be asked for, and then decides nothing.
#[test]
fn features_change_neither_flags_nor_evidence() {
    let instrument = Instrument {
        sun: Direction::from_degrees(50.0, 160.0),
        ..INSTRUMENT
    };
    let at = |row: usize, column: usize| match (row / 40 + column / 40) % 5 {
        0 => THICK_CLOUD,
        1 => VEGETATION,
        _ => DEEP_SEA,
    };
    // Nobody knows the detectors.
    let scene = bare(&instrument, at).angles(instrument.angles());
    let scene = scene.build().unwrap();
    let with = |copy_features: bool| {
        run(
            &scene,
            &Params {
                copy_features,
                ..wind_parameters()
            },
        )
    };
    let (alone, featured) = (with(false), with(true));
    let strongest = feature(&featured, Feature::GlintReflectance)
        .iter()
        .copied()
        .fold(0.0, f32::max);
    assert!((1e-6..0.002).contains(&strongest), "{strongest}");
    assert_eq!(alone.flags, featured.flags);
    assert_eq!(alone.evidence, featured.evidence);
}

#[test]
fn the_result_does_not_depend_on_threads() {
    let at = |row: usize, column: usize| match (row / 40 + column / 40) % 5 {
        0 => THICK_CLOUD,
        _ => DEEP_SEA,
    };
    let scene = builder(&INSTRUMENT, at).build().unwrap();
    let params = Params {
        copy_features: true,
        ..wind_parameters()
    };
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| run(&scene, &params))
    };
    let (one, three) = (with(1), with(3));
    assert_eq!(one.flags, three.flags);
    assert_eq!(one.evidence, three.evidence);
    for wanted in [Feature::GlintReflectance, Feature::GlintExcess] {
        let bits = |detection| feature(detection, wanted).mapv(f32::to_bits);
        assert_eq!(bits(&one), bits(&three));
    }
}
