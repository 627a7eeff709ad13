//! Foam of breaking waves on the open sea, which is white and diffuse.
//!
//! Sources: E. C. Monahan and I. G. O'Muircheartaigh, *Optimal power-law description of oceanic whitecap
//! coverage dependence on wind speed*, J. Phys. Oceanogr. 10 (1980) 2094-2099; P. Koepke, *Effective
//! reflectance of oceanic whitecaps*, Appl. Opt. 23 (1984) 1816-1824.

/// Share of the sea that whitecaps cover at a wind of 1 m/s, unitless, and the power of the wind by which it
/// grows (Monahan and O'Muircheartaigh 1980).
const COVER_AT_1: f64 = 2.95e-6;
const COVER_POWER: f64 = 3.52;
/// Effective reflectance of a whitecap in visible light, unitless: fresh foam and what is left of it, aged
/// (Koepke 1984). In the near infrared and beyond foam is darker.
const EFFECTIVE_REFLECTANCE: f64 = 0.22;

/// Share of the sea that whitecaps cover, 0 to 1, for a wind in m/s at 10 m above it, in
/// [`Wind::SPEEDS`](super::Wind::SPEEDS).
pub fn whitecap_cover(wind_speed: f64) -> f64 {
    COVER_AT_1 * wind_speed.powf(COVER_POWER)
}

/// Reflectance that whitecaps add to that of the sea in visible light, averaged over it, unitless, for a wind
/// in m/s as [`whitecap_cover`] takes it.
pub fn whitecap_reflectance(wind_speed: f64) -> f64 {
    EFFECTIVE_REFLECTANCE * whitecap_cover(wind_speed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::{assert_abs_diff_eq, assert_relative_eq};

    #[test]
    fn whitecaps_add_what_the_specification_says() {
        // Half of the last digit that is given.
        for (wind, expected) in [(7.0, 6.12e-4), (10.0, 2.149e-3), (15.0, 8.955e-3)] {
            assert_abs_diff_eq!(whitecap_reflectance(wind), expected, epsilon = 5e-7);
        }
        assert_eq!(whitecap_cover(0.0), 0.0);
        // By hand: 10^3.52 = 3311.311.
        assert_relative_eq!(whitecap_cover(10.0), 9.768_368e-3, max_relative = 1e-6);
        assert!(whitecap_cover(20.0) < 1.0);
    }
}
