//! ATBD step 1: spectral indices and the tests of a single pixel.
//!
//! All of it works on TOA reflectance, unitless, in f32: the tests of a tile then cost a fraction of a
//! second. Sources: Zhu & Woodcock 2012 (Remote Sens. Environ. 118, 83-94; equation numbers below), Zhu,
//! Wang & Woodcock 2015 (RSE 159, 269-277), Qiu, Zhu & He 2019 (RSE 231, 111205: Fmask 4), Frantz et al.
//! 2018 (RSE 215, 471-481), Xu 2006 (Int. J. Remote Sens. 27, 3025-3033: MNDWI).

/// Smallest reflectance that enters a ratio, unitless: after the radiometric offset dark pixels may be
/// zero or negative.
pub const SMALLEST_REFLECTANCE: f32 = 1e-5;

/// Potential cloud needs more SWIR2 reflectance than this, unitless (Zhu & Woodcock 2012, eq. 1).
const CLOUD_SWIR2_MIN: f32 = 0.03;
/// Potential cloud has less NDSI and NDVI than this, unitless (Zhu & Woodcock 2012, eq. 1).
const CLOUD_NORMALISED_DIFFERENCE_MAX: f32 = 0.8;
/// Potential cloud is whiter than this, unitless (Zhu & Woodcock 2012, eq. 2).
const CLOUD_WHITENESS_MAX: f32 = 0.7;
/// Potential cloud has more NIR/SWIR1 than this, unitless (Zhu & Woodcock 2012, eq. 4).
const CLOUD_NIR_TO_SWIR1_MIN: f32 = 0.75;
/// Share of red that the haze-optimised transform takes from blue, unitless (Zhu & Woodcock 2012, eq. 3).
pub(super) const HOT_RED_SHARE: f32 = 0.5;
/// Offset of the haze-optimised transform, TOA reflectance (Zhu & Woodcock 2012, eq. 3).
const HOT_OFFSET: f32 = 0.08;

/// Clear water: NDVI and NIR of the first branch, unitless (Zhu & Woodcock 2012, eq. 5).
const WATER_DARK_NDVI_MAX: f32 = 0.01;
const WATER_DARK_NIR_MAX: f32 = 0.11;
/// Clear water: NDVI and NIR of the second branch, unitless (Zhu & Woodcock 2012, eq. 5).
const WATER_GREENISH_NDVI_MAX: f32 = 0.1;
const WATER_GREENISH_NIR_MAX: f32 = 0.05;
/// Turbid and bottom-bright water that both branches lose, unitless: MNDWI > 0 with these limits (own
/// measurement on a turbid and a shallow-water coast; Xu 2006 for the index).
const TURBID_SWIR1_MAX: f32 = 0.12;
const TURBID_NIR_MAX: f32 = 0.40;
const TURBID_NDVI_MAX: f32 = 0.2;
/// The same within the coastal strip, where wet and vegetated margins count, unitless.
const STRIP_SWIR1_MAX: f32 = 0.15;
const STRIP_NDVI_MAX: f32 = 0.3;

/// Land in shadow has more NDVI than water, unitless (own measurement on simulated scenes: 95 % of shaded land, 3 % of
/// turbid and shallow water).
const DARK_LAND_NDVI_MIN: f32 = -0.1;
/// Bare land in shadow passes the two-branch test for water, but water is darker in SWIR1, TOA reflectance (own
/// measurement on simulated scenes: shaded soil 0.05, any water without glint 0.02).
const DARK_LAND_SWIR1_MIN: f32 = 0.04;

/// Snow and ice: NDSI, SWIR2, NIR and green, unitless (Frantz et al. 2018, without a thermal band).
const SNOW_NDSI_MIN: f32 = 0.4;
const SNOW_SWIR2_MAX: f32 = 0.11;
const SNOW_NIR_MIN: f32 = 0.11;
const SNOW_GREEN_MIN: f32 = 0.10;
/// Land that is partly snow has at least this NDSI, unitless; cloud of water has less (own measurement on simulated scenes).
const SNOWY_NDSI_MIN: f32 = 0.2;
/// Snow is not yellow: blue is more than this share of green, unitless (own measurement on a tropical
/// shallow-water scene, where NDSI alone calls 14-16 % of the pixels snow).
const SNOW_BLUE_TO_GREEN_MIN: f32 = 0.8;
/// Snow is bright, or else at least as blue as green and darker in NIR than in red, as shadowed or melting
/// snow is: visible mean, TOA reflectance (own measurement, as above; without the NIR condition wet tidal
/// flats are snow, 12 % of a turbid tropical coast).
const SNOW_VISIBLE_MEAN_MIN: f32 = 0.35;

/// Cloud outside clear water is brighter in SWIR1 than this, TOA reflectance, or else not redder towards NIR
/// than this NDVI, unitless, as thin cloud over water is (own measurement: roofs of a town and tidal flats
/// fail both; labelled cloud loses less than half a point of balanced accuracy).
const CLOUD_SWIR1_MIN: f32 = 0.22;
const CLOUD_OVER_WATER_NDVI_MAX: f32 = 0.02;

/// Sand: blue by SWIR1, at most, unitless; or blue and NIR by SWIR1 (IdePix for Sentinel-2, its coastal re-test).
const SAND_BLUE_TO_SWIR1_MAX: f32 = 0.6;
const DULL_SAND_BLUE_TO_SWIR1_MAX: f32 = 0.7;
const DULL_SAND_NIR_TO_SWIR1_MAX: f32 = 0.9;
/// Coral sand, dark in SWIR1 as cloud is: red and green by blue, at least, unitless (own choice; cloud is near 1).
const CORAL_SAND_RED_TO_BLUE_MIN: f32 = 1.12;
const CORAL_SAND_GREEN_TO_BLUE_MIN: f32 = 1.06;
/// Half of that: coral sand in haze, and mixed with what is grey, unitless.
const TINTED_RED_TO_BLUE_MIN: f32 = 1.06;
const TINTED_GREEN_TO_BLUE_MIN: f32 = 1.03;

/// SWIR1 reflectance at which water is as bright as cloud, unitless (Zhu & Woodcock 2012, eq. 10).
pub(super) const WATER_BRIGHTNESS_SWIR1: f32 = 0.11;

/// What an undefined normalised difference is taken for, unitless (Fmask and FORCE use the same).
const UNDEFINED_NORMALISED_DIFFERENCE: f32 = 0.01;

/// TOA reflectances of a pixel, unitless.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Spectrum {
    /// B02.
    pub blue: f32,
    /// B03.
    pub green: f32,
    /// B04.
    pub red: f32,
    /// B8A, or B08 where B8A is missing.
    pub near_infrared: f32,
    /// B11.
    pub swir1: f32,
    /// B12, or B11 where B12 is missing.
    pub swir2: f32,
}

/// Which visible bands are saturated.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Saturation {
    /// B02.
    pub blue: bool,
    /// B03.
    pub green: bool,
    /// B04.
    pub red: bool,
}

impl Saturation {
    /// Whether any visible band is saturated.
    pub fn any(self) -> bool {
        self.blue | self.green | self.red
    }
}

fn normalised_difference(a: f32, b: f32) -> f32 {
    let sum = a + b;
    if sum == 0.0 {
        UNDEFINED_NORMALISED_DIFFERENCE
    } else {
        (a - b) / sum
    }
}

/// Haze-optimised transform, TOA reflectance: blue - 0.5 red - 0.08 (Zhu & Woodcock 2012, eq. 3).
pub fn haze_optimised_transform(blue: f32, red: f32) -> f32 {
    blue - HOT_RED_SHARE * red - HOT_OFFSET
}

impl Spectrum {
    /// Normalised difference vegetation index, unitless.
    pub fn ndvi(&self) -> f32 {
        normalised_difference(self.near_infrared, self.red)
    }

    /// Normalised difference snow index, unitless; with the same bands it is MNDWI (Xu 2006).
    pub fn ndsi(&self) -> f32 {
        normalised_difference(self.green, self.swir1)
    }

    /// Normalised difference built-up index, unitless.
    pub fn ndbi(&self) -> f32 {
        normalised_difference(self.swir1, self.near_infrared)
    }

    /// Mean of blue, green and red, TOA reflectance.
    pub fn visible_mean(&self) -> f32 {
        (self.blue + self.green + self.red) / 3.0
    }

    /// Whiteness, unitless: 0 is white (Zhu & Woodcock 2012, eq. 2). Unknown, and so 0, where a visible
    /// band is saturated.
    pub fn whiteness(&self, saturation: Saturation) -> f32 {
        let mean = self.visible_mean();
        let spread = (self.blue - mean).abs() + (self.green - mean).abs() + (self.red - mean).abs();
        if saturation.any() { 0.0 } else { spread / mean }
    }

    /// Haze-optimised transform, TOA reflectance (Zhu & Woodcock 2012, eq. 3).
    pub fn hot(&self) -> f32 {
        haze_optimised_transform(self.blue, self.red)
    }

    /// All tests for potential cloud but the haze-optimised transform (Zhu & Woodcock 2012, eq. 1, 2, 4,
    /// without the thermal band).
    pub fn may_be_cloud(&self, saturation: Saturation) -> bool {
        (self.swir2 > CLOUD_SWIR2_MIN)
            & (self.ndsi() < CLOUD_NORMALISED_DIFFERENCE_MAX)
            & (self.ndvi() < CLOUD_NORMALISED_DIFFERENCE_MAX)
            & (self.whiteness(saturation) < CLOUD_WHITENESS_MAX)
            & (self.near_infrared > CLOUD_NIR_TO_SWIR1_MIN * self.swir1)
    }

    /// Clear water by the two-branch test (Zhu & Woodcock 2012, eq. 5). Fmask 4 also asks for NDVI > 0 in the
    /// second branch, which changes nothing: the first takes all that is below.
    pub fn is_clear_water(&self) -> bool {
        let ndvi = self.ndvi();
        ((ndvi < WATER_DARK_NDVI_MAX) & (self.near_infrared < WATER_DARK_NIR_MAX))
            | ((ndvi < WATER_GREENISH_NDVI_MAX) & (self.near_infrared < WATER_GREENISH_NIR_MAX))
    }

    /// Turbid, glinting or bottom-bright water that the two-branch test loses. Not to be asked of snow.
    pub fn is_turbid_water(&self) -> bool {
        self.is_wet(TURBID_SWIR1_MAX, TURBID_NDVI_MAX)
    }

    /// The same with the wider limits of the coastal strip. Not to be asked of snow.
    pub fn is_turbid_water_of_the_strip(&self) -> bool {
        self.is_wet(STRIP_SWIR1_MAX, STRIP_NDVI_MAX)
    }

    /// Whether what the wider water tests take for water may be land in shadow.
    pub fn may_be_dark_land(&self) -> bool {
        self.ndvi() > DARK_LAND_NDVI_MIN
    }

    /// Whether what the two-branch test takes for water may be bare land in shadow.
    pub fn may_be_dark_soil(&self) -> bool {
        self.may_be_dark_land() & (self.swir1 > DARK_LAND_SWIR1_MIN)
    }

    fn is_wet(&self, swir1_max: f32, ndvi_max: f32) -> bool {
        (self.ndsi() > 0.0)
            & (self.swir1 < swir1_max)
            & (self.near_infrared < TURBID_NIR_MAX)
            & (self.ndvi() < ndvi_max)
    }

    /// Whether land is to be compared with the snow of the scene.
    pub fn is_snowy(&self) -> bool {
        (self.ndsi() > SNOWY_NDSI_MIN) & (self.near_infrared > SNOW_NIR_MIN)
    }

    /// Whether a pixel has the colours of snow, however bright it is in SWIR.
    pub fn is_like_snow(&self) -> bool {
        (self.ndsi() > SNOW_NDSI_MIN)
            & (self.near_infrared > SNOW_NIR_MIN)
            & (self.green > SNOW_GREEN_MIN)
    }

    /// Whether a pixel outside clear water is bright as cloud is, or grey as thin cloud over water is.
    pub fn is_bright_as_cloud(&self) -> bool {
        (self.swir1 > CLOUD_SWIR1_MIN) | (self.ndvi() < CLOUD_OVER_WATER_NDVI_MAX)
    }

    /// Sand, bright in SWIR or yellow. A tenth of real cloud passes pixel by pixel: to be asked of whole objects.
    pub fn is_sand(&self) -> bool {
        let quartz = self.blue <= SAND_BLUE_TO_SWIR1_MAX * self.swir1;
        let dull = (self.blue <= DULL_SAND_BLUE_TO_SWIR1_MAX * self.swir1)
            & (self.near_infrared <= DULL_SAND_NIR_TO_SWIR1_MAX * self.swir1);
        let coral = (self.red >= CORAL_SAND_RED_TO_BLUE_MIN * self.blue)
            & (self.green >= CORAL_SAND_GREEN_TO_BLUE_MIN * self.blue);
        quartz | dull | coral
    }

    /// Yellowish as sand in haze is, and thin cloud over bright ground: says nothing by itself.
    pub fn is_tinted(&self) -> bool {
        (self.red >= TINTED_RED_TO_BLUE_MIN * self.blue)
            & (self.green >= TINTED_GREEN_TO_BLUE_MIN * self.blue)
    }

    /// Snow by the thresholds of Frantz et al. 2018.
    pub fn passes_snow_thresholds(&self) -> bool {
        (self.ndsi() > SNOW_NDSI_MIN)
            & (self.swir2 < SNOW_SWIR2_MAX)
            & (self.near_infrared > SNOW_NIR_MIN)
            & (self.green > SNOW_GREEN_MIN)
    }

    /// Snow or ice: the thresholds, and neither yellow nor dark as turbid and shallow water is.
    pub fn is_snow(&self) -> bool {
        self.passes_snow_thresholds()
            & (self.blue > SNOW_BLUE_TO_GREEN_MIN * self.green)
            & (self.is_bright() | ((self.blue >= self.green) & (self.near_infrared < self.red)))
    }

    /// Whether the visible mean is that of snow.
    pub fn is_bright(&self) -> bool {
        self.visible_mean() > SNOW_VISIBLE_MEAN_MIN
    }

    /// Spectral variability probability over land, unitless, at most 1 (Zhu & Woodcock 2012, eq. 15; NDBI:
    /// Fmask 4). A saturated band makes its index too small or too large: that index is taken as 0.
    pub fn variability(&self, saturation: Saturation) -> f32 {
        let ndvi = self.ndvi();
        let ndvi = if saturation.red & (ndvi > 0.0) {
            0.0
        } else {
            ndvi
        };
        let ndsi = self.ndsi();
        let ndsi = if saturation.green & (ndsi < 0.0) {
            0.0
        } else {
            ndsi
        };
        let largest = ndvi.abs().max(ndsi.abs()).max(self.ndbi().abs());
        1.0 - largest.max(self.whiteness(saturation))
    }

    /// Without a grey light, TOA reflectance, that lies over all bands.
    pub fn less(&self, grey: f32) -> Self {
        Self {
            blue: self.blue - grey,
            green: self.green - grey,
            red: self.red - grey,
            near_infrared: self.near_infrared - grey,
            swir1: self.swir1 - grey,
            swir2: self.swir2 - grey,
        }
    }

    /// Brightness probability over water, unitless, 0 to 1 (Zhu & Woodcock 2012, eq. 10).
    pub fn water_brightness(&self) -> f32 {
        (self.swir1 / WATER_BRIGHTNESS_SWIR1).min(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const CLEAR: Saturation = Saturation {
        blue: false,
        green: false,
        red: false,
    };

    #[test]
    fn saturation_repairs_the_index_that_it_spoils() {
        let cloud = Spectrum {
            blue: 1.2,
            green: 0.6,
            red: 0.6,
            near_infrared: 1.3,
            swir1: 1.1,
            swir2: 0.9,
        };
        assert!(cloud.whiteness(CLEAR) > 0.4);
        assert_eq!(
            cloud.whiteness(Saturation {
                blue: true,
                ..CLEAR
            }),
            0.0
        );
        let all = Saturation {
            blue: true,
            green: true,
            red: true,
        };
        // Only NDBI = (1.1 - 1.3) / 2.4 is left.
        approx::assert_abs_diff_eq!(cloud.variability(all), 1.0 - 0.2 / 2.4, epsilon = 1e-6);
    }

    #[test]
    fn nothing_reflected_has_defined_indices() {
        let dark = Spectrum {
            blue: 0.0,
            green: 0.0,
            red: 0.0,
            near_infrared: 0.0,
            swir1: 0.0,
            swir2: 0.0,
        };
        assert_eq!(dark.ndvi(), UNDEFINED_NORMALISED_DIFFERENCE);
        assert!(!dark.may_be_cloud(CLEAR) && !dark.is_snow());
    }
}
