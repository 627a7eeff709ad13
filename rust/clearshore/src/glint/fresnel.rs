//! How much light a facet of water reflects, and the refractive index of sea water per band.
//!
//! Sources: G. M. Hale and M. R. Querry, *Optical constants of water in the 200-nm to 200-µm wavelength
//! region*, Appl. Opt. 12 (1973) 555-563, table I, for pure water; D. Friedman, *Infrared characteristics of
//! ocean water*, Appl. Opt. 8 (1969) 2073-2078, for the salt.

use crate::scene::Band;
use std::ops::RangeInclusive;

/// Refractive indices that [`fresnel_reflectance`] is for, unitless: from no water to more than any water.
pub const INDICES: RangeInclusive<f64> = 1.0..=2.0;
/// Refractive index of sea water in visible light, unitless (Hale and Querry 1973, and salt): for glint of no
/// particular band.
pub const USUAL_INDEX: f64 = 1.34;
/// What 34.3 g/kg of salt add to the refractive index, unitless (Friedman 1969, as the 6S code has it: the
/// same at all wavelengths).
const SALT_INDEX: f64 = 0.006;

/// Refractive index of pure water per band, unitless: Hale and Querry (1973), linear in the wavelength
/// between the two rows of their table around the centre of the band, in nanometres and index behind each.
const PURE_WATER_INDEX: [f64; Band::COUNT] = [
    1.3373, // B01, 442.7: 425 1.338, 450 1.337
    1.3353, // B02, 492.7: 475 1.336, 500 1.335
    1.3330, // B03, 559.8: 550 1.333, 575 1.333
    1.3310, // B04, 664.6: 650 1.331, 675 1.331
    1.3308, // B05, 704.1: 700 1.331, 725 1.330
    1.3300, // B06, 740.5: 725 1.330, 750 1.330
    1.3297, // B07, 782.8: 775 1.330, 800 1.329
    1.3290, // B08, 832.8: 825 1.329, 850 1.329
    1.3284, // B8A, 864.7: 850 1.329, 875 1.328
    1.3272, // B09, 945.1: 925 1.328, 950 1.327
    1.3214, // B10, 1373.5: 1200 1.324, 1400 1.321
    1.3167, // B11, 1613.7: 1600 1.317, 1800 1.312
    1.2958, // B12, 2202.4: 2200 1.296, 2400 1.279
];

/// Real refractive index of sea water in a band, unitless.
///
/// The imaginary part, 0.0003 in B12 and less elsewhere, changes no digit of the reflectance that counts.
pub const fn sea_water_index(band: Band) -> f64 {
    PURE_WATER_INDEX[band.index()] + SALT_INDEX
}

/// Reflectance of a plane surface of water for unpolarised light (Fresnel), unitless.
///
/// `cos_incidence` is the cosine of the angle between the ray and the surface's normal, 0 to 1;
/// `refractive_index` that of the water against air, in [`INDICES`].
#[inline]
pub fn fresnel_reflectance(cos_incidence: f64, refractive_index: f64) -> f64 {
    let sin2_refracted =
        (1.0 - cos_incidence * cos_incidence) / (refractive_index * refractive_index);
    let cos_refracted = (1.0 - sin2_refracted).sqrt();
    let (dense_in, dense_out) = (
        refractive_index * cos_incidence,
        refractive_index * cos_refracted,
    );
    let across = (cos_incidence - dense_out) / (cos_incidence + dense_out);
    let along = (dense_in - cos_refracted) / (dense_in + cos_refracted);
    f64::midpoint(across * across, along * along)
}

#[cfg(test)]
mod tests {
    use super::super::BAND_CENTRES;
    use super::*;
    use approx::assert_abs_diff_eq;
    use proptest::prelude::*;

    #[test]
    fn normal_incidence_reflects_the_square_of_the_step() {
        // ((n - 1) / (n + 1))²; the first three are those of the specification.
        for (index, expected) in [
            (1.34, 0.021_112),
            (1.317, 0.018_718),
            (1.29, 0.016_037),
            (1.0, 0.0),
            (2.0, 0.111_111),
        ] {
            assert_abs_diff_eq!(fresnel_reflectance(1.0, index), expected, epsilon = 5.1e-7);
        }
    }

    /// By hand: at Brewster's angle, tan ω = n, the rays inside and outside are at right angles and only
    /// light across the plane is reflected, ((n² - 1) / (n² + 1))² of it, half of that of all light.
    #[test]
    fn brewsters_angle_reflects_light_across_the_plane_alone() {
        for index in [1.29_f64, 1.34, 1.5] {
            let square = index * index;
            let expected = ((square - 1.0) / (square + 1.0)).powi(2) / 2.0;
            let reflectance = fresnel_reflectance(index.atan().cos(), index);
            assert_abs_diff_eq!(reflectance, expected, epsilon = 1e-15);
        }
    }

    /// By hand: at grazing incidence c both parts are 1 - 4 c times √(n² - 1) / (n² - 1) and n² of that, so
    /// that the mean falls by 2 (n² + 1) / √(n² - 1) of c.
    #[test]
    fn grazing_light_is_reflected_whole() {
        assert_eq!(fresnel_reflectance(0.0, 1.34), 1.0);
        let (index, cosine) = (1.34_f64, 1e-6);
        let square = index * index;
        let fall = 2.0 * (square + 1.0) / (square - 1.0).sqrt();
        let reflectance = fresnel_reflectance(cosine, index);
        assert_abs_diff_eq!(reflectance, 1.0 - fall * cosine, epsilon = 1e-10);
    }

    #[test]
    fn the_table_of_bands_is_that_of_hale_and_querry() {
        // Rows around the centres of all bands: nanometres, index.
        let table = [
            (425.0, 1.338),
            (450.0, 1.337),
            (475.0, 1.336),
            (500.0, 1.335),
            (550.0, 1.333),
            (575.0, 1.333),
            (650.0, 1.331),
            (675.0, 1.331),
            (700.0, 1.331),
            (725.0, 1.330),
            (750.0, 1.330),
            (775.0, 1.330),
            (800.0, 1.329),
            (825.0, 1.329),
            (850.0, 1.329),
            (875.0, 1.328),
            (925.0, 1.328),
            (950.0, 1.327),
            (1_200.0, 1.324),
            (1_400.0, 1.321),
            (1_600.0, 1.317),
            (1_800.0, 1.312),
            (2_200.0, 1.296),
            (2_400.0, 1.279),
        ];
        for band in Band::ALL {
            let centre = BAND_CENTRES[band.index()];
            let rows = table.windows(2).find(|rows| centre < rows[1].0).unwrap();
            let part = (centre - rows[0].0) / (rows[1].0 - rows[0].0);
            let pure = rows[0].1 + part * (rows[1].1 - rows[0].1);
            // Four decimals, and salt.
            assert_abs_diff_eq!(sea_water_index(band), pure + 0.006, epsilon = 5.1e-5);
        }
    }

    proptest! {
        #[test]
        fn reflectance_is_a_share_that_only_grows_from_the_least_on(
            incidence in 0.0..89.0_f64,
            index in 1.2..1.6_f64,
        ) {
            let at = |degrees: f64| fresnel_reflectance(degrees.to_radians().cos(), index);
            prop_assert!((0.0..=1.0).contains(&at(incidence)));
            // Unpolarised light on water: no dip at Brewster's angle.
            prop_assert!(at(incidence + 1.0) > at(incidence));
        }
    }
}
