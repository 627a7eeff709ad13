//! ATBD step 4: potential cloud and cirrus, from the clear sky of the scene.
//!
//! The haze-optimised transform must exceed a floor; over land the floor follows the scene's own clear
//! land. B10 counts above the scene's own base.

use super::air::LowSunAir;
use super::indices::{HOT_RED_SHARE, haze_optimised_transform};
use super::over_glint::is_cloud_over_glint;
use super::surface::{SpectralBands, Surface, SurfacePlane};
use super::{CloudBits, CloudPlane};
use crate::raster::{ValueHistogram, fill_strips, fold_strips};
use crate::scene::Scene;
use crate::{Progress, Result};
use ndarray::Array2;

/// Floor of the haze-optimised transform over water and, at most, over land, TOA reflectance (Zhu &
/// Woodcock 2012, eq. 3).
const HOT_FLOOR: f32 = 0.0;
/// The floor over land is not put below this, TOA reflectance (own measurement on labelled pixels).
const HOT_FLOOR_MIN: f32 = -0.02;
/// The floor over land lies this far above this percentile of clear land, TOA reflectance and percent (own
/// measurement on labelled pixels).
const HOT_FLOOR_MARGIN: f32 = 0.01;
const HOT_FLOOR_PERCENTILE: f64 = 97.5;

/// Percentile of B10 over clear pixels that is its base, percent (Qiu, Zhu & He 2019, section 3.1.1).
const CIRRUS_BASE_PERCENTILE: f64 = 2.0;
/// The base is at most this, TOA reflectance: a scene under cirrus would otherwise subtract its own signal
/// (own measurement: B10 of clear pixels is about 0.001).
const CIRRUS_BASE_MAX: f32 = 0.0015;
/// Cirrus from this above the base, TOA reflectance (Qiu, Zhu & He 2019: 0.01).
const CIRRUS_SURE: f32 = 0.010;
/// Thin cirrus from this above the base, TOA reflectance (own measurement: 98 % of clear pixels lie below).
const CIRRUS_AMBIGUOUS: f32 = 0.003;

/// Step of the histogram of the haze-optimised transform, TOA reflectance. Exact for a quantification of
/// 10,000, of which the transform is a multiple of half a DN.
const HOT_STEP: f32 = 1.0 / 20_000.0;
/// Interval of that histogram, TOA reflectance.
const HOT_RANGE: (f32, f32) = (-1.0, 1.0);
/// Step and interval of the histogram of B10, TOA reflectance; negative after the offset is possible.
const CIRRUS_STEP: f32 = 1.0 / 10_000.0;
const CIRRUS_RANGE: (f32, f32) = (-0.2, 1.0);

/// An empty histogram of the haze-optimised transform.
pub(super) fn hot_histogram() -> ValueHistogram {
    ValueHistogram::new(HOT_STEP, HOT_RANGE)
}

/// What the clear sky of the scene says about potential cloud.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct ClearSky {
    /// Floor of the haze-optimised transform over water, TOA reflectance.
    pub(crate) hot_floor_water: f32,
    /// Floor of the haze-optimised transform over land, TOA reflectance.
    pub(crate) hot_floor_land: f32,
    /// Base of B10, TOA reflectance; `None` without B10.
    pub(crate) cirrus_base: Option<f32>,
}

impl ClearSky {
    /// First look at the scene: what passes the tests with a floor of zero is not clear.
    pub(crate) fn of_scene(
        scene: &Scene,
        surface: &SurfacePlane,
        bands: &SpectralBands<'_>,
        progress: &dyn Progress,
    ) -> Result<Self> {
        let surfaces = surface.as_slice().unwrap_or_default();
        let usual_floor = HOT_FLOOR + LowSunAir::of(scene.angles()).haze() as f32;
        let (hot, cirrus) = fold_strips(
            surfaces.len(),
            progress,
            || {
                let cirrus = ValueHistogram::new(CIRRUS_STEP, CIRRUS_RANGE);
                (hot_histogram(), cirrus)
            },
            |(hot, cirrus), pixels| {
                for pixel in pixels {
                    let surface = Surface::from_bits_retain(surfaces[pixel]);
                    if !surface.contains(Surface::VALID)
                        || passes_hot(surface, hot_over(surface, bands, pixel), usual_floor)
                    {
                        continue;
                    }
                    if !surface.contains(Surface::WATER) {
                        hot.add(hot_of(bands, pixel));
                    }
                    if let Some(band) = bands.cirrus.filter(|band| band.is_known(pixel)) {
                        cirrus.add(band.reflectance(pixel));
                    }
                }
            },
            |a, b| (a.0.merge(&b.0), a.1.merge(&b.1)),
        )?;
        let floor = hot.percentile(HOT_FLOOR_PERCENTILE).unwrap_or(usual_floor) + HOT_FLOOR_MARGIN;
        let base = cirrus
            .percentile(CIRRUS_BASE_PERCENTILE)
            .unwrap_or(CIRRUS_BASE_MAX);
        Ok(Self {
            hot_floor_water: usual_floor,
            hot_floor_land: floor.clamp(HOT_FLOOR_MIN, usual_floor),
            cirrus_base: bands.cirrus.map(|_| base.min(CIRRUS_BASE_MAX)),
        })
    }

    /// B10 above its base, TOA reflectance, at least 0; 0 without B10.
    pub(crate) fn cirrus(&self, bands: &SpectralBands<'_>, pixel: usize) -> f32 {
        match (bands.cirrus, self.cirrus_base) {
            (Some(band), Some(base)) => (band.reflectance(pixel) - base).max(0.0),
            _ => 0.0,
        }
    }

    /// Potential cloud and cirrus of every pixel.
    pub(crate) fn potential_cloud(
        &self,
        surface: &SurfacePlane,
        bands: &SpectralBands<'_>,
        absolute_snow: Option<&Array2<bool>>,
        progress: &dyn Progress,
    ) -> Result<CloudPlane> {
        let surfaces = surface.as_slice().unwrap_or_default();
        let absolute_snow = absolute_snow.and_then(|plane| plane.as_slice());
        let mut plane = CloudPlane::zeros(surface.dim());
        fill_strips(&mut plane, progress, |first, clouds| {
            for (pixel, cloud) in (first..).zip(clouds) {
                let surface = Surface::from_bits_retain(surfaces[pixel]);
                if surface.contains(Surface::VALID) {
                    let snow = absolute_snow.is_some_and(|plane| plane[pixel]);
                    *cloud = self.of_pixel(surface, bands, pixel, snow).bits();
                }
            }
        })?;
        Ok(plane)
    }

    fn of_pixel(
        &self,
        surface: Surface,
        bands: &SpectralBands<'_>,
        pixel: usize,
        absolute_snow: bool,
    ) -> CloudBits {
        let cirrus = self.cirrus(bands, pixel);
        let clear_water = surface.contains(Surface::CLEAR_WATER);
        let floor = if clear_water {
            self.hot_floor_water
        } else {
            self.hot_floor_land
        };
        let water = surface.contains(Surface::WATER);
        let opaque = passes_hot(surface, hot_over(surface, bands, pixel), floor)
            || water
                && surface.contains(Surface::MAY_BE_CLOUD)
                && is_cloud_over_glint(bands, pixel);
        let over_snow = surface.contains(Surface::SNOW)
            || (cirrus > CIRRUS_AMBIGUOUS && bands.spectrum(pixel).is_like_snow());
        let mut cloud = CloudBits::empty();
        cloud.set(
            CloudBits::POTENTIAL,
            (opaque | (cirrus > CIRRUS_SURE)) & !absolute_snow,
        );
        cloud.set(
            CloudBits::CIRRUS_SURE,
            (cirrus > CIRRUS_SURE) & !surface.contains(Surface::SNOW),
        );
        cloud.set(
            CloudBits::CIRRUS_AMBIGUOUS,
            (cirrus > CIRRUS_AMBIGUOUS) & (cirrus <= CIRRUS_SURE) & !over_snow,
        );
        cloud
    }
}

/// Haze-optimised transform of a pixel, TOA reflectance.
pub(crate) fn hot_of(bands: &SpectralBands<'_>, pixel: usize) -> f32 {
    haze_optimised_transform(bands.blue.reflectance(pixel), bands.red.reflectance(pixel))
}

/// All tests for potential cloud; where a visible band is saturated the transform is not known and passes.
/// The same of water without its glint, which is grey.
fn hot_over(surface: Surface, bands: &SpectralBands<'_>, pixel: usize) -> f32 {
    let hot = hot_of(bands, pixel);
    if surface.contains(Surface::WATER) {
        hot - (1.0 - HOT_RED_SHARE) * bands.glint(pixel)
    } else {
        hot
    }
}

fn passes_hot(surface: Surface, hot: f32, floor: f32) -> bool {
    surface.contains(Surface::MAY_BE_CLOUD) & ((hot > floor) | surface.contains(Surface::SATURATED))
}
