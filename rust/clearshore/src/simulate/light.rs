//! How much light of the ground reaches the sensor: the path of the light through clear air, the direct
//! sun on a slope or behind a cloud, the skylight that is left in a shadow.
//!
//! The end members are reflectances at the top of the atmosphere of flat, sunlit ground. They are taken
//! apart into light scattered on the way (the path) and light from the ground; shadow and slope change
//! the second, and a cloud's shadow also darkens the path.

use super::spectra::{CLOUD_SHADOW_SEA, DEEP_SEA, Spectrum};
use crate::scene::Band;

/// Share of the reflectance above clear deep sea that is scattered in the air, unitless (free choice:
/// the sea itself and the reflected sky make the rest).
const PATH_SHARE: f64 = 0.8;
/// Share of the light on the ground that is skylight, unitless, at the ends of the spectrum: 15 to 25 %
/// of a shadow's light is left, more in the blue.
const SKYLIGHT: [f64; 2] = [0.25, 0.15];
/// Wavelengths where those are reached, nanometres; constant beyond, linear in 1 / wavelength between.
const SKYLIGHT_WAVELENGTHS: [f64; 2] = [443.0, 1_610.0];
/// Sun zenith at which the end members hold, degrees (free choice), seen from above.
const STANDARD_SUN_ZENITH: f64 = 40.0;
/// Longest path through the air, relative to the standard: the curvature of the Earth bounds it.
const LONGEST_PATH: f64 = 2.6;

/// Central wavelengths of Sentinel-2A's bands, nanometres (product metadata).
pub(super) const WAVELENGTH: [f64; Band::COUNT] = [
    442.7, 492.7, 559.8, 664.6, 704.1, 740.5, 782.8, 832.8, 864.7, 945.1, 1373.5, 1613.7, 2202.4,
];

/// Light of one band.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Light {
    /// Reflectance of the path at the standard sun, unitless: what end members have in them.
    standard_path: f32,
    /// Reflectance of the path at the scene's sun.
    path: f32,
    /// The same below the shadow of an opaque cloud.
    shadowed_path: f32,
    /// Share of skylight.
    skylight: f32,
}

impl Light {
    pub fn new(band: Band, sun_zenith: f64) -> Self {
        let value = |spectrum: &Spectrum| spectrum[band.index()];
        let standard_path = PATH_SHARE * value(&DEEP_SEA);
        let skylight = skylight(WAVELENGTH[band.index()]);
        let sea = value(&DEEP_SEA) - standard_path;
        // What the end member of shadowed sea has beyond the skylight on the sea.
        let shadowed = value(&CLOUD_SHADOW_SEA) - skylight * sea;
        let standard = 1.0 / STANDARD_SUN_ZENITH.to_radians().cos() + 1.0;
        let longer = ((1.0 / sun_zenith.cos() + 1.0) / standard).min(LONGEST_PATH);
        Self {
            standard_path: standard_path as f32,
            path: (standard_path * longer) as f32,
            shadowed_path: (shadowed * longer) as f32,
            skylight: skylight as f32,
        }
    }

    /// Reflectance at the top of the atmosphere of ground whose end member is `reflectance`.
    ///
    /// `brightness` is relative to the end member, `direct` is the direct sun on the ground relative to
    /// flat ground without relief or cloud (above 1 on slopes that face the sun), `clouds` the share of
    /// it that passes the clouds.
    #[inline]
    pub fn reflectance(&self, reflectance: f32, brightness: f32, direct: f32, clouds: f32) -> f32 {
        let ground = (reflectance - self.standard_path) * brightness;
        let lit = self.skylight + (1.0 - self.skylight) * direct * clouds;
        let path = self.shadowed_path + (self.path - self.shadowed_path) * clouds;
        path + ground * lit
    }
}

/// Share of skylight at a wavelength in nanometres.
fn skylight(wavelength: f64) -> f64 {
    let [blue, red] = SKYLIGHT_WAVELENGTHS.map(f64::recip);
    let along = ((blue - wavelength.recip()) / (blue - red)).clamp(0.0, 1.0);
    SKYLIGHT[0] + along * (SKYLIGHT[1] - SKYLIGHT[0])
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    const STANDARD: f64 = 40.0 * std::f64::consts::PI / 180.0;

    #[test]
    fn flat_sunlit_ground_has_its_end_member_and_shadowed_sea_that_of_the_shadow() {
        for band in Band::ALL {
            let light = Light::new(band, STANDARD);
            for reflectance in [0.02, 0.3, 0.9] {
                let seen = light.reflectance(reflectance, 1.0, 1.0, 1.0);
                assert_relative_eq!(seen, reflectance, epsilon = 1e-6);
            }
            let sea = DEEP_SEA[band.index()] as f32;
            let shadow = CLOUD_SHADOW_SEA[band.index()] as f32;
            assert_relative_eq!(
                light.reflectance(sea, 1.0, 1.0, 0.0),
                shadow,
                epsilon = 1e-6
            );
        }
    }

    #[test]
    fn a_shadow_on_bright_ground_keeps_a_sixth_to_a_quarter_of_its_light_more_in_the_blue() {
        let left = |band| {
            let light = Light::new(band, STANDARD);
            let path = light.reflectance(light.standard_path, 1.0, 0.0, 1.0);
            (light.reflectance(0.4, 1.0, 0.0, 1.0) - path) / (0.4 - light.standard_path)
        };
        let shares = [Band::B01, Band::B02, Band::B04, Band::B08, Band::B11].map(left);
        assert!(shares.windows(2).all(|pair| pair[0] > pair[1]));
        assert!(shares.iter().all(|share| (0.149..=0.251).contains(share)));
    }

    #[test]
    fn a_low_sun_lengthens_the_path() {
        // 1 / cos(70 deg) + 1 = 3.9238; 1 / cos(40 deg) + 1 = 2.3054.
        let low = Light::new(Band::B02, 70_f64.to_radians());
        assert_relative_eq!(low.path, 0.8 * 0.098 * 1.702, epsilon = 1e-4);
    }
}
