//! ATBD step 2: water that strong glint makes as bright as land.
//!
//! The tests for water ask for a dark near infrared. Glint adds the same light to all bands, a little less where air takes
//! some of it and where water mirrors less: so much of the predicted glint as B11 shows is taken away, and what is left must
//! be water. A grey roof may look the same: only wide water counts. Own rule.

use super::surface::{SpectralBands, Surface, SurfacePlane};
use super::{DARK_SEA_SWIR1, Spectrum};
use crate::raster::{Objects, fill_strips};
use crate::{Progress, Result};
use ndarray::Array2;

/// Glint below this does not hide water from the usual tests, TOA reflectance in B11 (their limit in NIR is 0.11).
const HIDING_GLINT: f32 = 0.04;
/// The image shows this share of the prediction, unitless: beyond it the brightness is something else, or the wind is wrong
/// (own choice).
const SHARES: std::ops::RangeInclusive<f32> = 0.25..=2.5;
/// What is left may differ from water by this share of the glint that was taken away, unitless, and this reflectance (own
/// measurement on simulated glint, whose waves move between bands).
const TOLERANCE_OF_GLINT: f32 = 0.15;
const TOLERANCE: f32 = 0.02;
/// Water has at least so much in blue and at most so much in NIR, TOA reflectance: the air above it, and the limit of the usual
/// tests.
const BLUE_MIN: f32 = 0.04;
const NIR_MAX: f32 = 0.11;
/// Smaller waters, with the water that others tests find, do not count, square metres (as ponds make no shore).
const AREA_MIN: f64 = 250_000.0;

/// Whether a spectrum is that of water below a share of the `glint` that is predicted for it.
fn is_glinting_water(spectrum: &Spectrum, glint: &Spectrum) -> bool {
    let share = (spectrum.swir1 - DARK_SEA_SWIR1) / glint.swir1;
    let left = |band: fn(&Spectrum) -> f32| band(spectrum) - share * band(glint);
    let tolerance = TOLERANCE + TOLERANCE_OF_GLINT * share * glint.swir1;
    let near_infrared = left(|bands| bands.near_infrared);
    let blue = left(|bands| bands.blue);
    SHARES.contains(&share)
        & (left(|bands| bands.swir2).abs() < tolerance)
        & (near_infrared > -tolerance)
        & (near_infrared < NIR_MAX.min(TOLERANCE + tolerance))
        & (blue > BLUE_MIN)
        & (blue > left(|bands| bands.red))
}

/// Makes water of what strong glint hides from the usual tests.
///
/// # Errors
/// Cancelled.
pub(super) fn add(
    plane: &mut SurfacePlane,
    bands: &SpectralBands<'_>,
    pixel_size: f64,
    progress: &dyn Progress,
) -> Result<()> {
    if bands.greatest_glint() < HIDING_GLINT {
        return Ok(());
    }
    let surfaces = plane.as_slice().unwrap_or_default();
    let mut hidden = Array2::from_elem(plane.dim(), false);
    fill_strips(&mut hidden, progress, |first, hidden| {
        for (pixel, hidden) in (first..).zip(hidden) {
            let surface = Surface::from_bits_retain(surfaces[pixel]);
            *hidden = surface.contains(Surface::VALID)
                && !surface.contains(Surface::CLEAR_WATER)
                && bands.glint(pixel) >= HIDING_GLINT
                && is_glinting_water(&bands.spectrum(pixel), &bands.glint_spectrum(pixel));
        }
    })?;
    let is_water = |row: usize, column: usize| {
        let surface = Surface::from_bits_retain(plane[[row, column]]);
        hidden[[row, column]] || surface.contains(Surface::WATER)
    };
    let waters = Objects::of(plane.dim(), 1, is_water);
    progress.check()?;
    let least = AREA_MIN / (pixel_size * pixel_size);
    for water in (0..waters.len()).filter(|&water| waters.pixels(water) as f64 >= least) {
        for at in waters.pixels_of(water).filter(|&at| hidden[at]) {
            let surface =
                Surface::from_bits_retain(plane[at]) - Surface::SNOW - Surface::MAYBE_LAND;
            plane[at] = (surface | Surface::WATER | Surface::CLEAR_WATER).bits();
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::surface::classify;
    use crate::glint::Prediction;
    use crate::scene::made::{MEADOW, SEA, builder, under_glint, with_glint};
    use crate::{NoProgress, Params};

    /// Sets a reflectance, and others with it.
    type Change = fn(&mut Spectrum, f32);

    /// Glint alone, 0.2 in all bands but for what air takes in the blue.
    const GLINT: Spectrum = Spectrum {
        blue: 0.15,
        green: 0.17,
        red: 0.19,
        near_infrared: 0.20,
        swir1: 0.20,
        swir2: 0.17,
    };

    fn sum(a: &Spectrum, b: &Spectrum, times: f32) -> Spectrum {
        Spectrum {
            blue: a.blue + times * b.blue,
            green: a.green + times * b.green,
            red: a.red + times * b.red,
            near_infrared: a.near_infrared + times * b.near_infrared,
            swir1: a.swir1 + times * b.swir1,
            swir2: a.swir2 + times * b.swir2,
        }
    }

    #[test]
    fn water_is_what_is_water_below_some_of_the_glint() {
        for (times, expected) in [
            (0.24, false),
            (0.26, true),
            (1.0, true),
            (2.49, true),
            (2.51, false),
        ] {
            let found = is_glinting_water(&sum(&SEA, &GLINT, times), &GLINT);
            assert_eq!(found, expected, "{times}");
        }
        // What is left of the sea: blue 0.098, NIR 0.020, SWIR2 0.007; the tolerance is 0.02 + 0.15 * 0.2 = 0.05.
        let cases: [(Change, f32, f32); 5] = [
            (|s, value| s.swir2 = value, 0.049, 0.051),
            (|s, value| s.swir2 = value, -0.049, -0.051),
            (|s, value| s.near_infrared = value, 0.069, 0.071),
            (|s, value| s.near_infrared = value, -0.049, -0.051),
            (|s, value| (s.red, s.blue) = (0.0, value), 0.041, 0.039),
        ];
        for (case, (set, passes, fails)) in cases.into_iter().enumerate() {
            for (value, expected) in [(passes, true), (fails, false)] {
                let mut left = SEA;
                set(&mut left, value);
                let found = is_glinting_water(&sum(&left, &GLINT, 1.0), &GLINT);
                assert_eq!(found, expected, "{case}: {value}");
            }
        }
        assert!(!is_glinting_water(&MEADOW, &GLINT));
        // Blue below red: dry ground.
        let ground = Spectrum {
            blue: 0.05,
            red: 0.06,
            ..SEA
        };
        assert!(!is_glinting_water(&sum(&ground, &GLINT, 1.0), &GLINT));
    }

    #[test]
    fn wide_water_below_strong_glint_is_water_and_roofs_are_not() {
        // Twice the glint of 0.07: NIR is 0.16. A sea of 30 rows, a meadow with a roof of 4 x 4 pixels that looks like it.
        let at = |row: usize, column: usize| {
            let roof = (45..49).contains(&row) && (20..24).contains(&column);
            if row < 30 || roof {
                with_glint(SEA, 2.0)
            } else {
                MEADOW
            }
        };
        let scene = under_glint(builder((60, 60), 20.0, at)).build().unwrap();
        let (prediction, _) = Prediction::of(&scene, &Params::default(), false).unwrap();
        let is_water = |bands: &SpectralBands<'_>| {
            classify(&scene, bands, &NoProgress)
                .unwrap()
                .mapv(|bits| Surface::from_bits_retain(bits).contains(Surface::CLEAR_WATER))
        };
        let blind = is_water(&SpectralBands::of(&scene).unwrap());
        assert!(blind.iter().all(|water| !water));
        let seen = is_water(
            &SpectralBands::of(&scene)
                .unwrap()
                .with_glint(prediction.as_ref()),
        );
        for ((row, _), water) in seen.indexed_iter() {
            assert_eq!(*water, row < 30);
        }
    }
}
