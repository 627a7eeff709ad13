//! ATBD step 5: how far cloud stands above water and its glint.

use super::Spectrum;
use super::surface::SpectralBands;
use crate::scene::Band;

/// Cloud over water rises by at least this above clear water in SWIR1, TOA reflectance (MAJA's threshold over water where the sun
/// is not mirrored).
pub(super) const WATER_CLOUD_RISE: f32 = 0.04;
/// Over glint by this share of it more, unitless: waves change glint by a quarter (own measurement on simulated glint); at most
/// by this, TOA reflectance (MAJA's threshold where glint is likely).
const GLINT_WAVES: f32 = 0.25;
const GLINT_CLOUD_RISE_MAX: f32 = 0.16;
/// Over strong glint cloud is hardly brighter in SWIR1, but it is darker in SWIR2 than in NIR, where glint is alike and waves
/// change both: from such glint on, and by at least this, TOA reflectance (own measurement on simulated glint: 99 % of clear
/// pixels differ by less, thick cloud by 0.13 or more).
const STRONG_GLINT: f32 = 0.05;
const NIR_ABOVE_SWIR2: f32 = 0.07;

/// SWIR1 of water without its glint, TOA reflectance.
pub(super) fn swir1_without_glint(bands: &SpectralBands<'_>, pixel: usize) -> f32 {
    bands.swir1.reflectance(pixel) - bands.glint(Band::B11, pixel)
}

/// Brightness probability of water without its glint, 0 to 1.
pub(super) fn water_brightness(bands: &SpectralBands<'_>, pixel: usize) -> f32 {
    let spectrum = bands.spectrum(pixel);
    let swir1 = spectrum.swir1 - bands.glint(Band::B11, pixel);
    Spectrum { swir1, ..spectrum }.water_brightness()
}

/// How far a pixel of water rises above glint and above `clear` water, TOA reflectance in SWIR1, in units of what cloud rises at
/// least.
pub(super) fn rise_over_water(bands: &SpectralBands<'_>, pixel: usize, clear: f32) -> f32 {
    let glint = bands.glint(Band::B11, pixel);
    let least = (WATER_CLOUD_RISE + GLINT_WAVES * glint).min(GLINT_CLOUD_RISE_MAX);
    let rise = (bands.swir1.reflectance(pixel) - glint - clear) / least;
    rise.max(colour_over_glint(bands, pixel, glint))
}

/// Whether the colour of a pixel of water tells cloud over strong glint.
pub(super) fn is_cloud_over_glint(bands: &SpectralBands<'_>, pixel: usize) -> bool {
    colour_over_glint(bands, pixel, bands.glint(Band::B11, pixel)) >= 1.0
}

/// How far NIR is above SWIR2, both without glint, in units of what it is in cloud at least; 0 where there is no strong glint, and
/// without SWIR2.
fn colour_over_glint(bands: &SpectralBands<'_>, pixel: usize, glint: f32) -> f32 {
    let Some(swir2) = bands.true_swir2().filter(|_| glint >= STRONG_GLINT) else {
        return 0.0;
    };
    let near_infrared =
        bands.near_infrared.reflectance(pixel) - bands.glint(bands.near_infrared_band, pixel);
    let swir2 = swir2.reflectance(pixel) - bands.glint(Band::B12, pixel);
    (near_infrared - swir2) / NIR_ABOVE_SWIR2
}
