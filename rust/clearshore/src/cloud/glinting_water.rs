//! ATBD step 2: water that strong glint makes as bright as land.
//!
//! The tests for water ask for a dark near infrared. Glint adds the same light to all bands, a little less where air takes
//! some of it and where water mirrors less: so much of the predicted glint as B11 shows is taken away, and what is left must
//! be water. A grey roof may look the same: only wide water counts. Own rule.

use super::surface::{SpectralBands, Surface, SurfacePlane};
use super::{DARK_SEA_SWIR1, Spectrum};
use crate::raster::{Objects, fill_strips};
use crate::scene::Band;
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
                && bands.glint(Band::B11, pixel) >= HIDING_GLINT
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
