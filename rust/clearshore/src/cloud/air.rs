//! The air that a low sun shines through: what Rayleigh scattering adds to a spectrum beyond that of a usual sun.
//!
//! Source: Hansen & Travis 1974 (Space Sci. Rev. 16, 527-610, eq. 2.7 and 2.15) for the scattering, Bodhaine et al. 1999 (J. Atmos.
//! Oceanic Technol. 16, 1854-1861, eq. 30) for the optical thickness.

use super::Spectrum;
use super::indices::HOT_RED_SHARE;
use crate::scene::Angles;

/// Optical thickness of the air by Rayleigh scattering in B02, B03 and B04 at sea level, unitless (Bodhaine et al. 1999, at 492, 560
/// and 665 nm).
const RAYLEIGH_BLUE: f64 = 0.153;
const RAYLEIGH_GREEN: f64 = 0.0903;
const RAYLEIGH_RED: f64 = 0.0447;
/// Factor of the Rayleigh phase function, unitless.
const PHASE_FACTOR: f64 = 0.75;
/// The sun is not taken to be lower than this, cosine of its zenith, unitless: one scattering says too much then.
const LOWEST_SUN: f64 = 0.2;
/// Cosine of the sun zenith for which the thresholds of spectra are, unitless: 45 degrees.
const USUAL_SUN: f64 = std::f64::consts::FRAC_1_SQRT_2;

/// What the longer way of the light through the air adds when the sun is low, TOA reflectance in the visible bands.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct LowSunAir {
    blue: f64,
    green: f64,
    red: f64,
}

impl LowSunAir {
    /// Of the scene's usual sun. Light that is scattered once, toward a sensor in the zenith, over black ground: the reflectance is
    /// tau (3 / 4) (1 + cos² zenith) / (4 cos zenith).
    pub fn of(angles: &Angles) -> Self {
        let path = |cos_zenith: f64| {
            let phase = PHASE_FACTOR * (1.0 + cos_zenith * cos_zenith);
            phase / (4.0 * cos_zenith)
        };
        let cos_zenith = match angles.usual_sun_zenith() {
            Some(zenith) => zenith.cos().max(LOWEST_SUN),
            None => USUAL_SUN,
        };
        let more = (path(cos_zenith) - path(USUAL_SUN)).max(0.0);
        Self {
            blue: RAYLEIGH_BLUE * more,
            green: RAYLEIGH_GREEN * more,
            red: RAYLEIGH_RED * more,
        }
    }

    /// What it adds to the haze-optimised transform, TOA reflectance: without it all land of a winter scene is hazy.
    pub fn haze(&self) -> f64 {
        self.blue - f64::from(HOT_RED_SHARE) * self.red
    }

    /// A spectrum as a usual sun would show it; the near infrared and beyond hardly scatter.
    pub fn removed_from(&self, spectrum: &Spectrum) -> Spectrum {
        Spectrum {
            blue: spectrum.blue - self.blue as f32,
            green: spectrum.green - self.green as f32,
            red: spectrum.red - self.red as f32,
            ..*spectrum
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::Direction;

    fn air(zenith: f64) -> LowSunAir {
        LowSunAir::of(&Angles {
            mean_sun: Some(Direction::from_degrees(zenith, 150.0)),
            ..Angles::default()
        })
    }

    #[test]
    fn a_low_sun_adds_the_haze_of_one_scattering() {
        // (0.153 - 0.5 * 0.0447) * 0.75 (1 + c^2) / (4 c), less 0.051966 for c = cos 45 degrees.
        for (zenith, expected) in [
            (30.0, 0.0),
            (45.0, 0.0),
            (60.0, 0.009_276),
            (75.0, 0.049_023),
            // From here c is 0.2.
            (80.0, 0.075_418),
            (88.0, 0.075_418),
        ] {
            approx::assert_abs_diff_eq!(air(zenith).haze(), expected, epsilon = 2e-6);
        }
        assert_eq!(LowSunAir::of(&Angles::default()).haze(), 0.0);
    }

    #[test]
    fn coral_sand_is_sand_under_a_low_sun_too() {
        // Under 72 degrees, c = 0.309017: 0.75 (1 + c^2) / (4 c) = 0.664697, less 0.397748: 0.266949 more of each thickness,
        // 0.0408 in the blue, 0.0241 in the green, 0.0119 in the red. Coral sand has red by blue 0.44 / 0.36 = 1.22, green by
        // blue 0.41 / 0.36 = 1.14; with that air 1.128 and 1.083 are left of the first two, and with some haze less.
        let seen = Spectrum {
            blue: 0.36 + 0.0408 + 0.01,
            green: 0.41 + 0.0241 + 0.009,
            red: 0.44 + 0.0119 + 0.008,
            near_infrared: 0.47,
            swir1: 0.43,
            swir2: 0.36,
        };
        assert!(!seen.is_sand());
        let cleared = air(72.0).removed_from(&seen);
        approx::assert_abs_diff_eq!(cleared.blue, 0.37, epsilon = 1e-4);
        approx::assert_abs_diff_eq!(cleared.green, 0.419, epsilon = 1e-4);
        approx::assert_abs_diff_eq!(cleared.red, 0.448, epsilon = 1e-4);
        assert!(cleared.is_sand());
        assert_eq!(air(40.0).removed_from(&seen), seen);
    }
}
