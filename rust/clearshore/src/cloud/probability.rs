//! ATBD step 5: cloud probability above the clear sky of the scene.
//!
//! Over land the probability is variability times brightness, over water it is brightness in SWIR1, and
//! cirrus adds to both. From each is subtracted what clear pixels of its domain reach. Source: Qiu, Zhu &
//! He 2019 (Fmask 4), sections 3.1.1 and 3.1.2; the shrinkage towards fixed values is our own.

use super::growth::CLOUD_PROBABILITY;
use super::indices::WATER_BRIGHTNESS_SWIR1;
use super::over_glint::{WATER_CLOUD_RISE, rise_over_water, swir1_without_glint, water_brightness};
use super::potential::{ClearSky, hot_histogram, hot_of};
use super::surface::{SpectralBands, Surface, SurfacePlane};
use super::{CloudBits, CloudPlane, DARK_SEA_SWIR1};
use crate::raster::{ValueHistogram, fill_strips, fold_strips};
use crate::{Progress, Result};
use ndarray::Array2;

/// Percentiles of clear pixels between which they count as ordinary, percent (Zhu & Woodcock 2012).
const LOW_PERCENTILE: f64 = 17.5;
const HIGH_PERCENTILE: f64 = 82.5;
/// How far beyond those percentiles brightness goes from 0 to 1, TOA reflectance (Qiu, Zhu & He 2019).
const BRIGHTNESS_MARGIN: f32 = 0.04;
/// The sea's own median, percent, and by how much it may lift the base of the water probability, unitless (own measurement on
/// simulated glint).
const HALF: f64 = 50.0;
const SEA_RISE_MAX: f32 = 0.15;
/// Weight of the cirrus probability, unitless (Qiu, Zhu & He 2019, for Sentinel-2).
const CIRRUS_WEIGHT: f32 = 0.5;
/// B10 above its base at which the cirrus probability is 1, TOA reflectance (Zhu, Wang & Woodcock 2015).
const CIRRUS_FULL: f32 = 0.04;

/// Few clear pixels say little: their percentiles count with weight n / (n + this), pixels (own
/// measurement: 1000 to 4000 can't be told apart).
const SHRINKAGE_PIXELS: f32 = 4000.0;
/// What the percentiles shrink to: darkest and brightest haze-optimised transform, TOA reflectance, and land
/// probability of clear land, unitless (own measurement on labelled pixels).
const USUAL_HOT_LOW: f32 = -0.06;
const USUAL_HOT_HIGH: f32 = 0.02;
const USUAL_LAND_BASE: f32 = 0.27;
/// And the water probability of clear water, unitless: the fixed threshold of Zhu & Woodcock 2012 (0.5) less
/// the margin that is added to the base.
const USUAL_WATER_BASE: f32 = 0.3;

/// Steps of probability per unit in the plane and in histograms.
const STEPS_PER_UNIT: f32 = 16_384.0;
/// Interval of probabilities before the base is subtracted, unitless.
const PROBABILITY_RANGE: (f32, f32) = (-2.0, 4.0);

/// Probability above the clear sky, in steps of [`step_of`]; 0 at invalid pixels.
pub(crate) type ProbabilityPlane = Array2<u16>;

/// Probability, unitless, as whole steps.
pub(crate) fn step_of(probability: f32) -> u16 {
    (probability * STEPS_PER_UNIT + 0.5) as u16
}

/// What cirrus adds to the probability, unitless, from B10 above its base.
pub(crate) fn cirrus_probability(cirrus: f32) -> f32 {
    CIRRUS_WEIGHT * cirrus / CIRRUS_FULL
}

/// Whole steps as probability, unitless.
pub(crate) fn probability_of(step: u16) -> f32 {
    f32::from(step) / STEPS_PER_UNIT
}

/// What clear land of one kind reaches in this scene.
#[derive(Clone, Copy, Debug, PartialEq)]
struct LandBase {
    hot_low: f32,
    hot_high: f32,
    probability: f32,
}

impl LandBase {
    const USUAL: Self = Self {
        hot_low: USUAL_HOT_LOW,
        hot_high: USUAL_HOT_HIGH,
        probability: USUAL_LAND_BASE,
    };

    /// Brightness from the histogram of the haze-optimised transform; few pixels count little beside `usual`.
    fn of_hot(hot: &ValueHistogram, usual: &Self) -> Self {
        let margin = |percentile: f64, margin: f32| hot.percentile(percentile).map(|p| p + margin);
        let low = margin(LOW_PERCENTILE, -BRIGHTNESS_MARGIN);
        let high = margin(HIGH_PERCENTILE, BRIGHTNESS_MARGIN);
        Self {
            hot_low: shrink(low, hot.total(), usual.hot_low),
            hot_high: shrink(high, hot.total(), usual.hot_high),
            ..*usual
        }
    }

    fn brightness(&self, hot: f32) -> f32 {
        ((hot - self.hot_low) / (self.hot_high - self.hot_low)).clamp(0.0, 1.0)
    }
}

/// What clear pixels reach in this scene. Snow is land of its own: beside it all other land is dark, and so would cloud be.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ClearBase {
    bare: LandBase,
    snow: LandBase,
    water: f32,
    /// Clear water below cirrus, TOA reflectance in SWIR1. Where all is under cirrus it must not be taken for the sea.
    below_cirrus: f32,
    /// Clear pixels of the scene.
    pub(crate) clear_pixels: u64,
}

/// Probabilities of a pixel before the base is subtracted, unitless.
struct Raw {
    land: f32,
    /// Whether the land is judged as snow.
    snowy: bool,
    /// Only where clear water is, and without cirrus.
    water: Option<f32>,
    cirrus: f32,
}

fn shrink(clear: Option<f32>, count: u64, usual: f32) -> f32 {
    let weight = count as f32 / (count as f32 + SHRINKAGE_PIXELS);
    clear.map_or(usual, |clear| weight * clear + (1.0 - weight) * usual)
}

impl ClearBase {
    /// Statistics of the pixels that are valid and not potential cloud.
    pub(crate) fn of_scene(
        sky: &ClearSky,
        surface: &SurfacePlane,
        clouds: &CloudPlane,
        bands: &SpectralBands<'_>,
        progress: &dyn Progress,
    ) -> Result<Self> {
        let surfaces = surface.as_slice().unwrap_or_default();
        let clouds = clouds.as_slice().unwrap_or_default();
        let clear = |pixel: usize| {
            let surface = Surface::from_bits_retain(surfaces[pixel]);
            let potential =
                CloudBits::from_bits_retain(clouds[pixel]).contains(CloudBits::POTENTIAL);
            (surface.contains(Surface::VALID) && !potential).then_some(surface)
        };
        let (bare, snow) = fold_strips(
            surfaces.len(),
            progress,
            || (hot_histogram(), hot_histogram()),
            |(bare, snow), pixels| {
                for pixel in pixels {
                    if clear(pixel).is_some_and(|surface| !surface.contains(Surface::WATER)) {
                        let snowy = bands.spectrum(pixel).is_snowy();
                        let hot = if snowy { &mut *snow } else { &mut *bare };
                        hot.add(hot_of(bands, pixel));
                    }
                }
            },
            |a, b| (a.0.merge(&b.0), a.1.merge(&b.1)),
        )?;
        let bare = LandBase::of_hot(&bare, &LandBase::USUAL);
        let mut base = Self {
            bare,
            snow: LandBase::of_hot(&snow, &bare),
            water: 0.0,
            below_cirrus: DARK_SEA_SWIR1,
            clear_pixels: 0,
        };
        let histogram = || ValueHistogram::new(1.0 / STEPS_PER_UNIT, PROBABILITY_RANGE);
        let empty = || ([(); 4].map(|()| histogram()), 0_u64);
        let ([bare, snow, water, sea], count) = fold_strips(
            surfaces.len(),
            progress,
            empty,
            |([bare, snow, water, sea], count), pixels| {
                for pixel in pixels {
                    if Surface::from_bits_retain(surfaces[pixel]).contains(Surface::CLEAR_WATER) {
                        sea.add(water_brightness(bands, pixel));
                    }
                    let Some(surface) = clear(pixel) else {
                        continue;
                    };
                    *count += 1;
                    let raw = base.raw(sky, surface, bands, pixel);
                    if let Some(probability) = raw.water {
                        water.add(probability);
                    } else if !surface.contains(Surface::WATER) {
                        let land = if raw.snowy { &mut *snow } else { &mut *bare };
                        land.add(raw.land);
                    }
                }
            },
            |a, b| {
                let (mut sums, count) = (a.0, a.1 + b.1);
                for (sum, more) in sums.iter_mut().zip(&b.0) {
                    *sum = std::mem::replace(sum, histogram()).merge(more);
                }
                (sums, count)
            },
        )?;
        let high = |values: &ValueHistogram, usual: f32| {
            shrink(values.percentile(HIGH_PERCENTILE), values.total(), usual)
        };
        base.bare.probability = high(&bare, USUAL_LAND_BASE);
        base.snow.probability = high(&snow, base.bare.probability);
        base.water = high(&water, USUAL_WATER_BASE);
        let dark = DARK_SEA_SWIR1 / WATER_BRIGHTNESS_SWIR1;
        base.below_cirrus = high(&water, dark) * WATER_BRIGHTNESS_SWIR1;
        // All of a hazy or glinting sea may be potential cloud: then it is compared with most of itself.
        let most = sea.percentile(HALF).unwrap_or(base.water);
        base.water = base.water.max(most.min(base.water + SEA_RISE_MAX));
        base.clear_pixels = count;
        Ok(base)
    }

    #[inline(always)]
    fn raw(
        &self,
        sky: &ClearSky,
        surface: Surface,
        bands: &SpectralBands<'_>,
        pixel: usize,
    ) -> Raw {
        let spectrum = bands.spectrum(pixel);
        let snowy = spectrum.is_snowy();
        let brightness = self.land(snowy).brightness(hot_of(bands, pixel));
        let cirrus = cirrus_probability(sky.cirrus(bands, pixel));
        Raw {
            land: spectrum.variability(bands.saturation(pixel)) * brightness + cirrus,
            snowy,
            water: surface
                .contains(Surface::CLEAR_WATER)
                .then(|| water_brightness(bands, pixel)),
            cirrus,
        }
    }

    /// Cirrus over water that only B10 sees is not sure: it hides nothing.
    pub(crate) fn doubt_unseen_cirrus(
        &self,
        clouds: &mut CloudPlane,
        surface: &SurfacePlane,
        bands: &SpectralBands<'_>,
        progress: &dyn Progress,
    ) -> Result<()> {
        let surfaces = surface.as_slice().unwrap_or_default();
        fill_strips(clouds, progress, |first, clouds| {
            for (pixel, cloud) in (first..).zip(clouds) {
                let bits = CloudBits::from_bits_retain(*cloud);
                if bits.contains(CloudBits::CIRRUS_SURE)
                    && Surface::from_bits_retain(surfaces[pixel]).contains(Surface::WATER)
                    && swir1_without_glint(bands, pixel) - self.below_cirrus < WATER_CLOUD_RISE
                {
                    *cloud = bits.with_cirrus_doubted().bits();
                }
            }
        })
    }

    fn land(&self, snowy: bool) -> &LandBase {
        if snowy { &self.snow } else { &self.bare }
    }

    /// Probability of every valid pixel that is `wanted` by its clouds above what clear pixels reach; at clear water the larger of
    /// both domains'. 0 elsewhere.
    pub(crate) fn probability(
        &self,
        sky: &ClearSky,
        (surface, clouds): (&SurfacePlane, &CloudPlane),
        wanted: impl Fn(CloudBits) -> bool + Sync,
        bands: &SpectralBands<'_>,
        progress: &dyn Progress,
    ) -> Result<ProbabilityPlane> {
        let surfaces = surface.as_slice().unwrap_or_default();
        let clouds = clouds.as_slice().unwrap_or_default();
        let mut plane = ProbabilityPlane::zeros(surface.dim());
        fill_strips(&mut plane, progress, |first, probabilities| {
            for (pixel, probability) in (first..).zip(probabilities) {
                let surface = Surface::from_bits_retain(surfaces[pixel]);
                let wanted = wanted(CloudBits::from_bits_retain(clouds[pixel]));
                if wanted && surface.contains(Surface::VALID) {
                    let raw = self.raw(sky, surface, bands, pixel);
                    let water = raw.water.map(|water| water + raw.cirrus - self.water);
                    let land = raw.land - self.land(raw.snowy).probability;
                    let mut likely = water.map_or(land, |water| land.max(water));
                    // Haze, glint, foam and sediment are bright, but rise little in SWIR1.
                    if surface.contains(Surface::WATER) {
                        let clear = self.water * WATER_BRIGHTNESS_SWIR1;
                        let rise = rise_over_water(bands, pixel, clear);
                        if rise < 1.0 {
                            likely = likely.min(CLOUD_PROBABILITY * rise);
                        }
                    }
                    *probability = step_of(likely.max(0.0));
                }
            }
        })?;
        Ok(plane)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_clear_pixels_count_little() {
        assert_eq!(shrink(None, 0, 0.27), 0.27);
        assert_eq!(shrink(Some(0.5), 4000, 0.3), 0.4);
        approx::assert_abs_diff_eq!(shrink(Some(0.5), 36_000, 0.3), 0.48, epsilon = 1e-6);
    }

    #[test]
    fn steps_keep_a_probability() {
        for probability in [0.0, 0.1, 0.2, 0.731, 1.0, 3.5] {
            let kept = probability_of(step_of(probability));
            approx::assert_abs_diff_eq!(kept, probability, epsilon = 0.5 / STEPS_PER_UNIT);
        }
    }

    use crate::NoProgress;
    use crate::cloud::Spectrum;
    use crate::cloud::surface::classify;
    use crate::scene::made::{MEADOW, builder};

    /// Too dark in SWIR for cloud: NDSI is 0.84.
    const SNOW: Spectrum = Spectrum {
        blue: 0.92,
        green: 0.90,
        red: 0.90,
        near_infrared: 0.84,
        swir1: 0.08,
        swir2: 0.06,
    };
    /// Thin grey cloud of water: HOT is 0.36 - 0.165 - 0.08 = 0.115, far above that of land and far below that of snow.
    const STRATUS: Spectrum = Spectrum {
        blue: 0.36,
        green: 0.34,
        red: 0.33,
        near_infrared: 0.32,
        swir1: 0.26,
        swir2: 0.18,
    };

    fn base_and_probability(
        shape: (usize, usize),
        at: impl Fn(usize, usize) -> Spectrum,
    ) -> (ClearBase, ProbabilityPlane) {
        let scene = builder(shape, 20.0, at).build().unwrap();
        let bands = SpectralBands::of(&scene).unwrap();
        let surface = classify(&scene, &bands, &NoProgress).unwrap();
        let sky = ClearSky::of_scene(&scene, &surface, &bands, &NoProgress).unwrap();
        let clouds = sky
            .potential_cloud(&surface, &bands, None, &NoProgress)
            .unwrap();
        let base = ClearBase::of_scene(&sky, &surface, &clouds, &bands, &NoProgress).unwrap();
        let plane = base
            .probability(&sky, (&surface, &clouds), |_| true, &bands, &NoProgress)
            .unwrap();
        (base, plane)
    }

    #[test]
    fn snow_beside_land_does_not_hide_grey_cloud() {
        let (_, probability) =
            base_and_probability((200, 200), |row, column| match (row, column) {
                (100, 150) => STRATUS,
                (_, 0..100) => SNOW,
                _ => MEADOW,
            });
        // More than the threshold of 0.2.
        assert!(probability_of(probability[[100, 150]]) > 0.2);
        assert!(probability_of(probability[[100, 50]]) < 0.1);
        assert!(probability_of(probability[[50, 150]]) < 0.1);
    }

    #[test]
    fn a_sea_that_is_all_potential_cloud_is_compared_with_most_of_itself() {
        // HOT is 0.02; brightness is SWIR1 by 0.11, beside the 0.3 of Zhu & Woodcock 2012, at most 0.15 more.
        for (swir1, expected) in [(0.02, 0.3), (0.04, 0.04 / 0.11), (0.06, 0.45), (0.09, 0.45)] {
            let (base, _) = base_and_probability((40, 50), |_, _| Spectrum {
                blue: 0.16,
                green: 0.13,
                red: 0.12,
                near_infrared: 0.10,
                swir1,
                swir2: 0.035,
            });
            assert_eq!(base.clear_pixels, 0);
            approx::assert_abs_diff_eq!(base.water, expected, epsilon = 1e-4);
        }
    }

    #[test]
    fn cloud_over_water_rises_in_swir() {
        // Of 60 x 60 pixels of sea 3595 are clear: their brightness of 0.010 / 0.11 counts with 3595 / 7595 beside 0.3, together
        // 0.2012, in SWIR1 0.0221.
        let thin = |swir1: f32| Spectrum {
            blue: 0.16,
            green: 0.13,
            red: 0.11,
            near_infrared: 0.10,
            swir1,
            swir2: 0.04,
        };
        // Too bright in NIR for clear water; NDSI of 0.45 and 0.35 leaves a variability of 0.55 and 0.65 to land.
        let thick = |swir1: f32| Spectrum {
            blue: 0.18,
            green: 0.16,
            red: 0.155,
            near_infrared: 0.16,
            swir1,
            swir2: 0.05,
        };
        let (base, probability) =
            base_and_probability((60, 60), |row, column| match (row, column) {
                (10, 10) => thin(0.0611),
                (10, 20) => thin(0.0631),
                (10, 30) => thin(0.0421),
                (20, 10) => thick(0.0611),
                (20, 20) => thick(0.0771),
                _ => crate::scene::made::SEA,
            });
        approx::assert_abs_diff_eq!(base.water * 0.11, 0.0221, epsilon = 2e-4);
        let at = |row, column| probability_of(probability[[row, column]]);
        assert!((0.18..0.2).contains(&at(10, 10)), "{}", at(10, 10));
        assert!(at(10, 20) > 0.2);
        assert!((0.09..0.11).contains(&at(10, 30)), "{}", at(10, 30));
        assert!(at(20, 10) < 0.2);
        assert!(at(20, 20) > 0.2, "{}", at(20, 20));
    }

    #[test]
    fn cirrus_over_water_is_sure_where_swir_sees_it() {
        let sure = CloudBits::CIRRUS_SURE.bits();
        let doubtful = CloudBits::CIRRUS_AMBIGUOUS.bits();
        // (clear sea, SWIR1, result): clear sea has 0.010, and where none is so has the usual one.
        for (clear, swir1, expected) in [
            (true, 0.049, doubtful),
            (true, 0.051, sure),
            (false, 0.049, doubtful),
            (false, 0.051, sure),
        ] {
            let thin = Spectrum {
                blue: 0.16,
                green: 0.13,
                red: 0.12,
                near_infrared: 0.10,
                swir1,
                swir2: 0.035,
            };
            let scene = builder((60, 60), 20.0, |row, _| {
                if clear && row > 0 {
                    crate::scene::made::SEA
                } else {
                    thin
                }
            })
            .build()
            .unwrap();
            let bands = SpectralBands::of(&scene).unwrap();
            let surface = classify(&scene, &bands, &NoProgress).unwrap();
            let sky = ClearSky::of_scene(&scene, &surface, &bands, &NoProgress).unwrap();
            let mut clouds = sky
                .potential_cloud(&surface, &bands, None, &NoProgress)
                .unwrap();
            let base = ClearBase::of_scene(&sky, &surface, &clouds, &bands, &NoProgress).unwrap();
            clouds[[0, 0]] = sure;
            base.doubt_unseen_cirrus(&mut clouds, &surface, &bands, &NoProgress)
                .unwrap();
            assert_eq!(clouds[[0, 0]], expected, "{clear} {swir1}");
        }
    }
}
