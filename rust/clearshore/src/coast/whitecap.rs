//! Surf and foam: bright, grey and red-edged water near the shore that no SWIR band sees as cloud.
//!
//! Own rule, measured on one clear scene of shallow water over sand, where 0.03 % of the pixels pass.

use super::CoastBits;
use crate::cloud::{SpectralBands, Spectrum, Surface, SurfacePlane};
use crate::raster::fill_strips;
use crate::{Progress, Result};
use ndarray::Array2;

/// Foam is dark in SWIR1, TOA reflectance, and much darker than in red, unitless: cloud is not (Frouin, Schwindling &
/// Deschamps 1996, J. Geophys. Res. 101, 14361-14371: foam loses 40 % to 0.85 µm and 85 % to 1.65 µm).
const SWIR1_MAX: f32 = 0.16;
const SWIR1_TO_RED_MAX: f32 = 0.45;
/// What passes the test for snow is foam only from this, unitless: snow is darker still.
const SNOW_SWIR1_TO_RED_MAX: f32 = 0.2;
/// And bright in the visible and in NIR, TOA reflectance.
const VISIBLE_MEAN_MIN: f32 = 0.15;
const NIR_MIN: f32 = 0.10;
/// NIR by green, at least, unitless: sand below shallow water is dark in NIR.
const NIR_TO_GREEN_MIN: f32 = 0.7;
/// Green and red by blue, at most, unitless: foam is not yellow.
const GREEN_TO_BLUE_MAX: f32 = 1.1;
const RED_TO_BLUE_MAX: f32 = 1.1;
/// No cirrus above it: B10 above its base, TOA reflectance.
const CIRRUS_MAX: f32 = 0.003;

/// Whether a spectrum is that of foam on water; `cirrus` is B10 above its base.
fn is_foam(spectrum: &Spectrum, cirrus: f32) -> bool {
    (spectrum.swir1 < SWIR1_MAX)
        & (spectrum.swir1 < SWIR1_TO_RED_MAX * spectrum.red)
        & (spectrum.visible_mean() > VISIBLE_MEAN_MIN)
        & (spectrum.near_infrared > NIR_MIN)
        & (spectrum.near_infrared > NIR_TO_GREEN_MIN * spectrum.green)
        & (spectrum.near_infrared < spectrum.red)
        & (spectrum.green < GREEN_TO_BLUE_MAX * spectrum.blue)
        & (spectrum.red < RED_TO_BLUE_MAX * spectrum.blue)
        & (cirrus < CIRRUS_MAX)
}

/// Marks foam in the surf zone.
///
/// # Errors
/// Cancelled.
pub(crate) fn mark_whitecaps(
    coast: &mut Array2<u8>,
    surface: &SurfacePlane,
    bands: &SpectralBands<'_>,
    cirrus: impl Fn(usize) -> f32 + Sync,
    progress: &dyn Progress,
) -> Result<()> {
    let surfaces = surface.as_slice().unwrap_or_default();
    fill_strips(coast, progress, |first, coast| {
        for (pixel, bits) in (first..).zip(coast) {
            let zone = CoastBits::from_bits_retain(*bits).contains(CoastBits::SURF);
            let surface = Surface::from_bits_retain(surfaces[pixel]);
            if !zone || !surface.contains(Surface::VALID) {
                continue;
            }
            let spectrum = bands.spectrum(pixel);
            let snow = surface.contains(Surface::SNOW)
                && spectrum.swir1 < SNOW_SWIR1_TO_RED_MAX * spectrum.red;
            if !snow && is_foam(&spectrum, cirrus(pixel)) {
                *bits |= CoastBits::WHITECAP.bits();
            }
        }
    })
}
