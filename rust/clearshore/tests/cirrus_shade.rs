//! The shadow of dense cirrus in a scene whose right answer is known by hand.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[allow(dead_code)]
mod scenes;

use clearshore::flags::Flags;
use clearshore::scene::{Angles, Direction};
use clearshore::{NoProgress, Params, detect};
use ndarray::Array2;
use scenes::{VEGETATION, builder, varied};

/// 20 km from west to east, 26 km from north to south.
const SHAPE: (usize, usize) = (430, 330);
const PIXEL_SIZE: f64 = 60.0;
/// Dense cirrus: (row, column) of its middle, and its radius, metres.
const CIRRUS: (f64, f64) = (340.0, 165.0);
const RADIUS: f64 = 3_000.0;
/// Rows from the cirrus to its shadow: 9,000 m times the tangent of the sun's zenith of 50 degrees is 10,726 m to the north.
const SHIFT: f64 = 10_726.0 / PIXEL_SIZE;
/// Convergence of the meridians there, degrees, by which true north lies beside that of the grid.
const CONVERGENCE: f64 = 0.87;

/// Metres from the middle of the shadow.
fn from_shadow(row: usize, column: usize) -> f64 {
    (row as f64 - CIRRUS.0 + SHIFT).hypot(column as f64 - CIRRUS.1) * PIXEL_SIZE
}

/// What is cloud shadow where the land in the shadow keeps this share of its light in NIR and SWIR1.
fn shadow(share: f64) -> Array2<bool> {
    let scene = builder(SHAPE, PIXEL_SIZE, |row, column| {
        let mut spectrum = varied(VEGETATION, row, column);
        let from_cirrus = (row as f64 - CIRRUS.0).hypot(column as f64 - CIRRUS.1);
        if from_cirrus * PIXEL_SIZE <= RADIUS {
            spectrum[4] = 0.15;
        }
        // The sky lights the shadow: it is less dark in the visible, so that it is no hollow of the image.
        if from_shadow(row, column) <= RADIUS {
            for band in [0, 1, 2] {
                spectrum[band] *= 0.5 + 0.5 * share;
            }
            for band in [3, 5, 6] {
                spectrum[band] *= share;
            }
        }
        spectrum
    })
    .angles(Angles {
        mean_sun: Some(Direction::from_degrees(50.0, 180.0 + CONVERGENCE)),
        ..Angles::default()
    });
    let detection = detect(&scene.build().unwrap(), &Params::default(), &NoProgress).unwrap();
    detection
        .flags
        .mapv(|bits| Flags::from_bits_retain(bits).contains(Flags::CLOUD_SHADOW))
}

#[test]
fn the_shadow_of_dense_cirrus_lies_where_its_height_puts_it() {
    let found = shadow(0.5);
    for ((row, column), is) in found.indexed_iter() {
        let distance = from_shadow(row, column);
        if (distance - RADIUS).abs() > 200.0 {
            assert_eq!(*is, distance < RADIUS, "{row} {column}");
        }
    }
}

/// Wide dark land in the south, whose cirrus would stand outside the scene; with dense cirrus in the scene or without.
fn shadow_from_outside(with_cirrus: bool) -> f64 {
    const DARK: (f64, f64) = (385.0, 60.0);
    let from_dark = |row: usize, column: usize| {
        (row as f64 - DARK.0).hypot(column as f64 - DARK.1) * PIXEL_SIZE
    };
    let scene = builder(SHAPE, PIXEL_SIZE, |row, column| {
        let mut spectrum = varied(VEGETATION, row, column);
        let from_cirrus = (row as f64 - 200.0).hypot(column as f64 - CIRRUS.1) * PIXEL_SIZE;
        if with_cirrus && from_cirrus <= RADIUS {
            spectrum[4] = 0.15;
        }
        if from_dark(row, column) <= 1_500.0 {
            for band in [3, 5, 6] {
                spectrum[band] *= 0.5;
            }
        }
        spectrum
    })
    .angles(Angles {
        mean_sun: Some(Direction::from_degrees(50.0, 180.0 + CONVERGENCE)),
        ..Angles::default()
    });
    let detection = detect(&scene.build().unwrap(), &Params::default(), &NoProgress).unwrap();
    let inside = detection
        .flags
        .indexed_iter()
        .filter(|((row, column), _)| from_dark(*row, *column) <= 1_400.0);
    let found = inside
        .clone()
        .filter(|(_, bits)| Flags::from_bits_retain(**bits).contains(Flags::CLOUD_SHADOW));
    found.count() as f64 / inside.count() as f64
}

#[test]
fn shade_comes_from_outside_the_scene_only_where_cirrus_is_about() {
    assert!(shadow_from_outside(true) > 0.95);
    assert_eq!(shadow_from_outside(false), 0.0);
}

#[test]
fn where_land_is_hardly_darker_cirrus_has_no_shadow() {
    for share in [1.0, 0.9] {
        assert!(shadow(share).iter().all(|is| !is), "{share}");
    }
}
