//! Surf and foam: bright, grey and red-edged water near the shore that no SWIR band sees as cloud, also below thin cirrus and in
//! glint.
//!
//! Own rule, measured on one clear scene of shallow water over sand, where 0.03 % of the pixels pass.

use super::CoastBits;
use crate::cloud::{LowSunAir, SpectralBands, Spectrum, Surface, SurfacePlane, is_veil, unveiled};
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

/// Whether a spectrum is that of foam on water; `cirrus` is B10 above its base.
fn is_foam(spectrum: &Spectrum, cirrus: f32) -> bool {
    let spectrum = unveiled(spectrum, cirrus);
    (spectrum.swir1 < SWIR1_MAX)
        & (spectrum.swir1 < SWIR1_TO_RED_MAX * spectrum.red)
        & (spectrum.visible_mean() > VISIBLE_MEAN_MIN)
        & (spectrum.near_infrared > NIR_MIN)
        & (spectrum.near_infrared > NIR_TO_GREEN_MIN * spectrum.green)
        & (spectrum.near_infrared < spectrum.red)
        & (spectrum.green < GREEN_TO_BLUE_MAX * spectrum.blue)
        & (spectrum.red < RED_TO_BLUE_MAX * spectrum.blue)
        & is_veil(cirrus)
}

/// Marks foam in the surf zone.
///
/// # Errors
/// Cancelled.
pub(crate) fn mark_whitecaps(
    coast: &mut Array2<u8>,
    surface: &SurfacePlane,
    bands: &SpectralBands<'_>,
    air: &LowSunAir,
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
            let spectrum = bands.spectrum(pixel).less(bands.glint(pixel));
            let spectrum = air.removed_from(&spectrum);
            let snow = surface.contains(Surface::SNOW)
                && spectrum.swir1 < SNOW_SWIR1_TO_RED_MAX * spectrum.red;
            if !snow && is_foam(&spectrum, cirrus(pixel)) {
                *bits |= CoastBits::WHITECAP.bits();
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NoProgress;
    use crate::scene::made::builder;

    /// Passes every test; the numbers of each are below.
    const FOAM: Spectrum = Spectrum {
        blue: 0.30,
        green: 0.29,
        red: 0.28,
        near_infrared: 0.24,
        swir1: 0.08,
        swir2: 0.05,
    };

    /// Sets a reflectance, and others with it.
    type Change = fn(&mut Spectrum, f32);

    #[test]
    fn foam_has_to_pass_every_threshold() {
        assert!(is_foam(&FOAM, 0.0));
        // (what changes, passes, fails), on either side of each threshold.
        let cases: [(Change, f32, f32); 8] = [
            // SWIR1 below 0.45 red = 0.126.
            (|s, value| s.swir1 = value, 0.125, 0.127),
            // NIR above 0.7 green = 0.203,
            (|s, value| s.near_infrared = value, 0.204, 0.202),
            // and below red = 0.28.
            (|s, value| s.near_infrared = value, 0.279, 0.281),
            // Green below 1.1 blue = 0.33.
            (|s, value| s.green = value, 0.329, 0.331),
            // Red below 1.1 blue = 0.33.
            (|s, value| s.red = value, 0.329, 0.331),
            // SWIR1 below 0.16, where red is 0.4 and 0.45 of it 0.18.
            (
                |s, value| (s.blue, s.red, s.swir1) = (0.4, 0.4, value),
                0.159,
                0.161,
            ),
            // Visible mean above 0.15, in grey of which NIR is 0.8 and SWIR1 0.1.
            (
                |s, value| {
                    (s.blue, s.green, s.red) = (value, value, value);
                    (s.near_infrared, s.swir1) = (0.8 * value, 0.1 * value);
                },
                0.151,
                0.149,
            ),
            // NIR above 0.10, where 0.7 green is 0.091.
            (
                |s, value| (s.green, s.near_infrared) = (0.13, value),
                0.101,
                0.099,
            ),
        ];
        for (case, (set, passes, fails)) in cases.into_iter().enumerate() {
            for (value, expected) in [(passes, true), (fails, false)] {
                let mut spectrum = FOAM;
                set(&mut spectrum, value);
                assert_eq!(is_foam(&spectrum, 0.0), expected, "{case}: {value}");
            }
        }
    }

    #[test]
    fn the_air_below_a_low_sun_hides_no_foam() {
        // Under 72 degrees the air adds 0.0408 in the blue, 0.0241 in the green and 0.0119 in the red (cloud/air.rs).
        let foam = Spectrum {
            blue: 0.2408,
            green: 0.2341,
            red: 0.1919,
            near_infrared: 0.16,
            ..FOAM
        };
        let angles = crate::scene::Angles {
            mean_sun: Some(crate::scene::Direction::from_degrees(72.0, 150.0)),
            ..Default::default()
        };
        // NIR by green: 0.16 / 0.2341 is 0.68, 0.16 / 0.21 is 0.76.
        assert!(!is_foam(&foam, 0.0));
        assert!(is_foam(&LowSunAir::of(&angles).removed_from(&foam), 0.0));
    }

    #[test]
    fn foam_is_seen_below_a_veil_of_cirrus_only() {
        // What cirrus adds to every band, so that below it is the same foam.
        let below = |cirrus: f32| Spectrum {
            blue: FOAM.blue + cirrus,
            green: FOAM.green + cirrus,
            red: FOAM.red + cirrus,
            near_infrared: FOAM.near_infrared + cirrus,
            swir1: FOAM.swir1 + cirrus,
            swir2: FOAM.swir2 + cirrus,
        };
        // SWIR1 is 0.155, more than 0.45 red, 0.1395; without the cirrus it is 0.126, less than 0.1265.
        let wet = Spectrum {
            red: 0.281,
            swir1: 0.126,
            ..FOAM
        };
        let veiled = Spectrum {
            red: wet.red + 0.029,
            swir1: wet.swir1 + 0.029,
            ..below(0.029)
        };
        assert!(!is_foam(&veiled, 0.0));
        assert!(is_foam(&veiled, 0.029));
        assert!(is_foam(&below(0.049), 0.049));
        assert!(!is_foam(&below(0.051), 0.051));
    }

    #[test]
    fn foam_is_marked_in_the_surf_zone_where_it_is_no_snow() {
        let surf = CoastBits::SURF.bits();
        let water = (Surface::VALID | Surface::WATER).bits();
        let snow = (Surface::VALID | Surface::SNOW).bits();
        // SWIR1 of snow is below 0.2 of its red, 0.056.
        let icy = Spectrum {
            swir1: 0.055,
            ..FOAM
        };
        let wet = Spectrum {
            swir1: 0.057,
            ..FOAM
        };
        let pixels = [
            (FOAM, water, surf, true),
            (FOAM, water, CoastBits::STRIP.bits(), false),
            (FOAM, Surface::WATER.bits(), surf, false),
            (icy, water, surf, true),
            (icy, snow, surf, false),
            (wet, snow, surf, true),
        ];
        let shape = (1, pixels.len());
        let scene = builder(shape, 20.0, |_, column| pixels[column].0)
            .build()
            .unwrap();
        let bands = SpectralBands::of(&scene).unwrap();
        let surface = Array2::from_shape_fn(shape, |(_, column)| pixels[column].1);
        let mut coast = Array2::from_shape_fn(shape, |(_, column)| pixels[column].2);
        let air = LowSunAir::of(scene.angles());
        mark_whitecaps(&mut coast, &surface, &bands, &air, |_| 0.0, &NoProgress).unwrap();
        for (column, (_, _, before, foam)) in pixels.into_iter().enumerate() {
            let expected = before | if foam { CoastBits::WHITECAP.bits() } else { 0 };
            assert_eq!(coast[[0, column]], expected, "{column}");
        }
    }

    /// SWIR1 of foam is 0.08; the glint of 0.07 makes it 0.15 of a red of 0.35: more than 0.42 of it, and with the waves' glint
    /// beyond the limit.
    #[test]
    fn glint_hides_no_foam() {
        use crate::glint::Prediction;
        use crate::scene::made::{under_glint, with_glint};
        let foam = Spectrum {
            red: 0.26,
            near_infrared: 0.22,
            ..FOAM
        };
        let scene = under_glint(builder((1, 1), 20.0, |_, _| with_glint(foam, 1.1)))
            .build()
            .unwrap();
        let (prediction, _) = Prediction::of(&scene, &crate::Params::default(), false).unwrap();
        let surface = Array2::from_elem((1, 1), (Surface::VALID | Surface::WATER).bits());
        let is_foam = |glint: Option<&Prediction<'_>>| {
            let bands = SpectralBands::of(&scene).unwrap().with_glint(glint);
            let mut coast = Array2::from_elem((1, 1), CoastBits::SURF.bits());
            let air = LowSunAir::of(scene.angles());
            mark_whitecaps(&mut coast, &surface, &bands, &air, |_| 0.0, &NoProgress).unwrap();
            CoastBits::from_bits_retain(coast[[0, 0]]).contains(CoastBits::WHITECAP)
        };
        assert!(!is_foam(None));
        assert!(is_foam(prediction.as_ref()));
    }
}
