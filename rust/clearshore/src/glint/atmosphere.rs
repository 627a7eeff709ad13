//! What the molecules of the air take from light on its way down to the sea and up to the sensor.
//!
//! Sources: B. A. Bodhaine, N. B. Wood, E. G. Dutton and J. R. Slusser, *On Rayleigh optical depth
//! calculations*, J. Atmos. Oceanic Technol. 16 (1999) 1854-1861, equation 30; J. E. Hansen and L. D. Travis,
//! *Light scattering in planetary atmospheres*, Space Sci. Rev. 16 (1974) 527-610, equation 2.30.

use crate::scene::Band;
use crate::{Error, Result};
use std::ops::RangeInclusive;

/// Central wavelengths of Sentinel-2A's bands, nanometres (product metadata). Those of 2B and 2C are up to
/// 17 nm away, in B12, where the air takes 0.1 % of the light; 4 nm in the others.
pub const BAND_CENTRES: [f64; Band::COUNT] = [
    442.7, 492.7, 559.8, 664.6, 704.1, 740.5, 782.8, 832.8, 864.7, 945.1, 1_373.5, 1_613.7, 2_202.4,
];
/// Pressure that optical depths are given for, hPa: the standard atmosphere's at sea level.
pub const STANDARD_PRESSURE: f64 = 1_013.25;
/// Surface pressures that water can lie under, hPa: above the highest lakes to below the strongest
/// anticyclone, rounded.
pub const SURFACE_PRESSURES: RangeInclusive<f64> = 400.0..=1_100.0;

/// Nanometres in a micrometre.
const NANOMETRES: f64 = 1_000.0;
/// Longest wavelength that Bodhaine et al. fitted equation 30 for with an error below 0.05 %, micrometres.
/// At 2.2 it is 5 % too high.
const LONGEST_BODHAINE: f64 = 1.0;
/// Equation 30 of Bodhaine et al. (1999), λ in micrometres, 1013.25 hPa, 45 degrees of latitude, 360 ppm of
/// CO2: factor (a + b/λ² + c λ²) / (1 + d/λ² + e λ²).
const BODHAINE_FACTOR: f64 = 0.002_152_0;
const BODHAINE_A: f64 = 1.045_599_6;
const BODHAINE_B: f64 = -341.290_61;
const BODHAINE_C: f64 = -0.902_308_50;
const BODHAINE_D: f64 = 0.002_705_988_9;
const BODHAINE_E: f64 = -85.968_563;
/// Equation 2.30 of Hansen and Travis (1974), λ in micrometres, 1013 hPa: factor/λ⁴ (1 + a/λ² + b/λ⁴).
const HANSEN_FACTOR: f64 = 0.008_569;
const HANSEN_A: f64 = 0.011_3;
const HANSEN_B: f64 = 0.000_13;

/// Optical depth of the air by Rayleigh scattering, unitless, for a wavelength in nanometres, from 250, at
/// [`STANDARD_PRESSURE`]: Bodhaine et al. up to 1 µm, Hansen and Travis beyond.
pub fn rayleigh_optical_depth(wavelength: f64) -> f64 {
    let micrometres = wavelength / NANOMETRES;
    let square = micrometres * micrometres;
    if micrometres <= LONGEST_BODHAINE {
        BODHAINE_FACTOR * (BODHAINE_A + BODHAINE_B / square + BODHAINE_C * square)
            / (1.0 + BODHAINE_D / square + BODHAINE_E * square)
    } else {
        let per_square = 1.0 / square;
        HANSEN_FACTOR
            * per_square
            * per_square
            * (1.0 + per_square * (HANSEN_A + HANSEN_B * per_square))
    }
}

/// The air above a water in one band, as far as its molecules scatter. What gases absorb is not in here:
/// ozone in the visible bands, water vapour above all in B09 and nearly all of B10.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rayleigh {
    /// Optical depth, unitless.
    depth: f64,
}

impl Rayleigh {
    /// For a pressure at the surface in hPa; the optical depth is in proportion to it.
    ///
    /// # Errors
    /// Parameter: a pressure outside [`SURFACE_PRESSURES`].
    pub fn new(band: Band, surface_pressure: f64) -> Result<Self> {
        if !SURFACE_PRESSURES.contains(&surface_pressure) {
            let (least, most) = SURFACE_PRESSURES.into_inner();
            return Err(Error::parameter("the surface pressure is out of range")
                .got(format!("{surface_pressure} hPa"))
                .expected(format!("a number in [{least}, {most}] hPa")));
        }
        let standard = rayleigh_optical_depth(BAND_CENTRES[band.index()]);
        Ok(Self {
            depth: standard * surface_pressure / STANDARD_PRESSURE,
        })
    }

    /// Optical depth, unitless.
    pub fn optical_depth(&self) -> f64 {
        self.depth
    }

    /// Share of the direct light that is left on its way from the sun to the sea and on to the sensor, 0 to
    /// 1, for the cosines of both zenith angles, above 0.
    #[inline]
    pub fn transmission(&self, cos_sun: f64, cos_view: f64) -> f64 {
        (-self.depth * (1.0 / cos_sun + 1.0 / cos_view)).exp()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;
    use std::f64::consts::PI;

    /// The way that Bodhaine et al. recommend: refractive index of air (Peck and Reeder 1972, their equations
    /// 4 and 5 for 300 ppm and more of CO2), King factor of air (Bates 1984, equations 22 and 23), cross
    /// section of a molecule (equation 2), molecules above a square centimetre at 45 degrees and sea level
    /// (equations 8, 11 and 12). Wavelength in micrometres.
    fn by_first_principles(wavelength: f64) -> f64 {
        let per_square = wavelength.powi(-2);
        let (co2, co2_percent) = (360e-6, 0.036);
        let refractivity = 1e-8
            * (8_060.51
                + 2_480_990.0 / (132.274 - per_square)
                + 17_455.7 / (39.329_57 - per_square))
            * (1.0 + 0.54 * (co2 - 300e-6));
        let nitrogen = 1.034 + 3.17e-4 * per_square;
        let oxygen = 1.096 + 1.385e-3 * per_square + 1.448e-4 * per_square * per_square;
        let king = (78.084 * nitrogen + 20.946 * oxygen + 0.934 + co2_percent * 1.15)
            / (78.084 + 20.946 + 0.934 + co2_percent);
        let square = (1.0 + refractivity).powi(2);
        let centimetres = wavelength * 1e-4;
        let molecules_a_volume = 2.546_899e19;
        let cross_section = 24.0 * PI.powi(3) / centimetres.powi(4)
            * ((square - 1.0) / (square + 2.0) / molecules_a_volume).powi(2)
            * king;
        let height: f64 = 5_517.56;
        let gravity = 980.616 - 3.085_462e-4 * height + 7.254e-11 * height.powi(2)
            - 1.517e-17 * height.powi(3);
        let mass = 15.055_6 * co2 + 28.959_5;
        cross_section * 1_013_250.0 * 6.022_136_7e23 / (mass * gravity)
    }

    #[test]
    fn optical_depth_is_that_of_the_molecules() {
        for (wavelength, tolerance) in [
            // Bodhaine et al.: 0.01 % to 850 nm, 0.05 % to 1000.
            (300.0, 1e-4),
            (400.0, 1e-4),
            (442.7, 1e-4),
            (492.7, 1e-4),
            (559.8, 1e-4),
            (664.6, 1e-4),
            (782.8, 1e-4),
            (864.7, 1e-4),
            (945.1, 5e-4),
            (1_000.0, 5e-4),
            // Hansen and Travis, with older constants.
            (1_373.5, 5e-3),
            (1_613.7, 5e-3),
            (2_202.4, 5e-3),
        ] {
            assert_relative_eq!(
                rayleigh_optical_depth(wavelength),
                by_first_principles(wavelength / 1e3),
                max_relative = tolerance
            );
        }
    }

    /// Nicolet 1984 (Planet. Space Sci. 32, 1467-1468): cross section 4.02e-28 cm² / λ^(4 + x), x = 0.389 λ +
    /// 0.09426 / λ - 0.3228 to 0.55 µm and 0.04 to 1 µm, to 0.5 %; 2.1519e25 molecules above 1 cm² (101325
    /// Pa, 28.964 g/mol, 9.79 m/s²).
    #[test]
    fn optical_depth_is_that_of_another_published_formula() {
        for wavelength in [
            443.0, 490.0, 560.0, 665.0, 705.0, 740.0, 783.0, 842.0, 865.0,
        ] {
            let micrometres: f64 = wavelength / 1e3;
            let more = match micrometres < 0.55 {
                true => 0.389 * micrometres + 0.094_26 / micrometres - 0.322_8,
                false => 0.04,
            };
            let published = 4.02e-28 / micrometres.powf(4.0 + more) * 2.151_9e25;
            assert_relative_eq!(
                rayleigh_optical_depth(wavelength),
                published,
                max_relative = 6e-3
            );
        }
    }

    #[test]
    fn the_two_formulas_meet_where_one_follows_the_other() {
        assert_relative_eq!(
            rayleigh_optical_depth(1_000.0),
            rayleigh_optical_depth(1_000.1),
            max_relative = 5e-3
        );
    }

    #[test]
    fn light_is_weakened_by_pressure_and_path() {
        let blue = Rayleigh::new(Band::B02, STANDARD_PRESSURE).unwrap();
        assert_relative_eq!(blue.optical_depth(), 0.152_27, max_relative = 1e-4);
        // By hand: exp(-0.15227 (1 / cos 60 + 1)).
        assert_relative_eq!(blue.transmission(0.5, 1.0), 0.633_30, max_relative = 1e-4);
        let half = Rayleigh::new(Band::B02, STANDARD_PRESSURE / 2.0).unwrap();
        assert_relative_eq!(
            half.transmission(0.7, 0.9).powi(2),
            blue.transmission(0.7, 0.9),
            max_relative = 1e-14
        );
        // What the short-wave infrared loses is next to nothing.
        let infrared = Rayleigh::new(Band::B11, STANDARD_PRESSURE).unwrap();
        assert!(infrared.transmission(0.5, 1.0) > 0.996);
    }

    #[test]
    fn a_pressure_that_no_water_is_under_is_an_error() {
        for pressure in [0.0, 399.9, 1_100.1, -1.0, f64::NAN, f64::INFINITY] {
            let error = Rayleigh::new(Band::B02, pressure).unwrap_err();
            assert!(error.to_string().contains("[400, 1100] hPa"), "{error}");
        }
    }
}
