//! ATBD step 5: how far cloud stands above water and its glint.

use super::Spectrum;
use super::surface::SpectralBands;

/// Cloud over water rises by at least this above clear water in SWIR1, TOA reflectance (MAJA's threshold over water where the sun
/// is not mirrored).
pub(crate) const WATER_CLOUD_RISE: f32 = 0.04;
/// Waves change glint by this share of it, unitless (own measurement on simulated glint): cloud over glint rises by so much more,
/// and at most by this, TOA reflectance (MAJA's threshold where glint is likely).
pub(crate) const GLINT_WAVES: f32 = 0.25;
const GLINT_CLOUD_RISE_MAX: f32 = 0.16;
/// Over strong glint cloud is hardly brighter in SWIR1, but it is darker in SWIR2 than in NIR, where glint is alike and waves
/// change both: from such glint on, and by at least this, TOA reflectance (own measurement on simulated glint: 99 % of clear
/// pixels differ by less, thick cloud by 0.13 or more).
const STRONG_GLINT: f32 = 0.05;
const NIR_ABOVE_SWIR2: f32 = 0.07;

/// SWIR1 of water without its glint, TOA reflectance.
pub(super) fn swir1_without_glint(bands: &SpectralBands<'_>, pixel: usize) -> f32 {
    bands.swir1.reflectance(pixel) - bands.glint(pixel)
}

/// Brightness probability of water without its glint, 0 to 1.
pub(super) fn water_brightness(bands: &SpectralBands<'_>, pixel: usize) -> f32 {
    let spectrum = bands.spectrum(pixel);
    let swir1 = spectrum.swir1 - bands.glint(pixel);
    Spectrum { swir1, ..spectrum }.water_brightness()
}

/// How far a pixel of water rises above glint and above `clear` water, TOA reflectance in SWIR1, in units of what cloud rises at
/// least.
pub(super) fn rise_over_water(bands: &SpectralBands<'_>, pixel: usize, clear: f32) -> f32 {
    let glint = bands.glint(pixel);
    let least = (WATER_CLOUD_RISE + GLINT_WAVES * glint).min(GLINT_CLOUD_RISE_MAX);
    let rise = (bands.swir1.reflectance(pixel) - glint - clear) / least;
    if rise < 1.0 {
        rise.max(colour_over_glint(bands, pixel, glint))
    } else {
        rise
    }
}

/// Whether the colour of a pixel of water tells cloud over strong glint.
pub(super) fn is_cloud_over_glint(bands: &SpectralBands<'_>, pixel: usize) -> bool {
    colour_over_glint(bands, pixel, bands.glint(pixel)) >= 1.0
}

/// How far NIR is above SWIR2, both without glint, in units of what it is in cloud at least; 0 where there is no strong glint, and
/// without SWIR2.
fn colour_over_glint(bands: &SpectralBands<'_>, pixel: usize, glint: f32) -> f32 {
    let Some(swir2) = bands.true_swir2().filter(|_| glint >= STRONG_GLINT) else {
        return 0.0;
    };
    let difference = bands.near_infrared.reflectance(pixel) - swir2.reflectance(pixel);
    // Glint adds to it: clear water is mostly told without it.
    if difference < NIR_ABOVE_SWIR2 {
        return 0.0;
    }
    let [in_near_infrared, in_swir2] = bands.glint_in_near_infrared_and_swir2(pixel);
    (difference - (in_near_infrared - in_swir2)) / NIR_ABOVE_SWIR2
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Params;
    use crate::glint::Prediction;
    use crate::scene::made::{SEA, builder, under_glint, with_glint};

    /// Cloud over the sea: 0.3 of its light is that of thick cloud.
    const THIN_CLOUD: Spectrum = Spectrum {
        blue: 0.22,
        green: 0.20,
        red: 0.18,
        near_infrared: 0.19,
        swir1: 0.13,
        swir2: 0.09,
    };

    /// Rise above clear water of 0.01 of each spectrum, and whether its colour tells cloud.
    fn of<const N: usize>(spectra: [Spectrum; N]) -> [(f32, bool); N] {
        let scene = under_glint(builder((1, N), 20.0, |_, column| spectra[column]));
        let scene = scene.build().unwrap();
        let params = Params::default();
        let (prediction, _) = Prediction::of(&scene, &params, false).unwrap();
        let bands = SpectralBands::of(&scene)
            .unwrap()
            .with_glint(prediction.as_ref());
        std::array::from_fn(|pixel| {
            let rise = rise_over_water(&bands, pixel, 0.01);
            (rise, is_cloud_over_glint(&bands, pixel))
        })
    }

    #[test]
    fn glint_and_its_waves_are_no_cloud() {
        for (rise, is_cloud) in
            of([0.0, 0.5, 0.8, 1.0, 1.2, 1.4].map(|times| with_glint(SEA, times)))
        {
            assert!(rise < 1.0 && !is_cloud, "{rise} {is_cloud}");
        }
    }

    #[test]
    fn cloud_rises_above_glint_in_swir1_or_by_its_colour() {
        // 0.13 + 0.0715 - 0.0715 - 0.01 is twice 0.04 + 0.25 * 0.0715.
        let [(bright, _), (hidden, colour), (sea, _)] = of([
            with_glint(THIN_CLOUD, 1.0),
            // As dark in SWIR1 as the glint that it hides; NIR 0.12 above SWIR2.
            Spectrum {
                near_infrared: 0.19,
                swir1: 0.08,
                swir2: 0.07,
                ..THIN_CLOUD
            },
            SEA,
        ]);
        approx::assert_abs_diff_eq!(bright, 0.12 / (0.04 + 0.25 * 0.0715), epsilon = 0.02);
        assert!(hidden >= 1.0 && colour, "{hidden}");
        assert!(sea < 0.2);
    }

    #[test]
    fn without_glint_water_is_judged_as_ever() {
        let scene = builder((1, 1), 20.0, |_, _| THIN_CLOUD).build().unwrap();
        let bands = SpectralBands::of(&scene).unwrap();
        // 0.12 above clear water, in units of 0.04.
        approx::assert_abs_diff_eq!(rise_over_water(&bands, 0, 0.01), 3.0, epsilon = 1e-4);
        assert!(!is_cloud_over_glint(&bands, 0));
        approx::assert_abs_diff_eq!(swir1_without_glint(&bands, 0), 0.13, epsilon = 1e-6);
        assert_eq!(
            water_brightness(&bands, 0),
            bands.spectrum(0).water_brightness()
        );
    }
}
