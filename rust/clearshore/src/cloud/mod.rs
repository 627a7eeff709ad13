//! Cloud, cirrus, snow and water by physics: the adapted Fmask, a file a step.

mod absolute_snow;
mod air;
mod displacement;
mod glinting_water;
mod growth;
pub mod indices;
mod motion;
mod objects;
mod over_glint;
mod potential;
mod probability;
mod sand;
mod surface;
mod veil;

pub(crate) use air::LowSunAir;
pub use indices::Spectrum;
pub(crate) use objects::clean;
pub(crate) use over_glint::{GLINT_WAVES, WATER_CLOUD_RISE};
pub use surface::Surface;
pub(crate) use veil::{is_veil, unveiled};

use crate::cloud_shadow::Clouds;
use crate::detection::{Feature, FeatureBand};
use crate::raster::{fill_strips, strip_count};
use crate::scene::{Band, Scene};
use crate::terrain::ReliefShadow;
use crate::{Progress, Result};
use bitflags::bitflags;
use ndarray::Array2;
use potential::{ClearSky, hot_of};
use probability::{ClearBase, ProbabilityPlane, cirrus_probability, probability_of};
pub(crate) use surface::{Samples, SpectralBands, SurfacePlane};

/// What clear sea without glint has in SWIR1, TOA reflectance (the project's table of golden pixels: clear deep sea).
pub(crate) const DARK_SEA_SWIR1: f32 = 0.01;
/// With fewer clear pixels than this there is no clear sky to compare with, pixels: all potential cloud
/// that is not snow is cloud.
const CLEAR_PIXELS_MIN: u64 = 100;
/// Passes over the scene that report progress strip by strip: always, for a static water raster, and for
/// feature bands.
const PASSES: u64 = 8;
const PASSES_OF_WATER_RASTER: u64 = 2;
const PASSES_OF_FEATURES: u64 = 3;

bitflags! {
    /// What the physics finds at a pixel.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct CloudBits: u8 {
        /// Passes the tests for potential cloud.
        const POTENTIAL = 1;
        /// Cloud above the threshold.
        const SURE = 1 << 1;
        /// Cloud that grew into the rim.
        const AMBIGUOUS = 1 << 2;
        /// Cirrus by B10.
        const CIRRUS_SURE = 1 << 3;
        /// Thin cirrus by B10.
        const CIRRUS_AMBIGUOUS = 1 << 4;
        /// Was taken for cloud, but lies on the ground.
        const DISPLACEMENT_CLEARED = 1 << 5;
        /// Cloud by the light of B10 alone.
        const CIRRUS_ALONE = 1 << 6;
        /// In the midst of cloud, where nothing tells what stands apart from the ground.
        const CORE = 1 << 7;
        /// Cloud of either kind.
        const CLOUD = Self::SURE.bits() | Self::AMBIGUOUS.bits();
    }
}

impl CloudBits {
    /// Whether it is cloud on which B10 has no say.
    pub(crate) fn is_cloud_without_cirrus(self) -> bool {
        self.intersects(Self::CLOUD) && !self.contains(Self::CIRRUS_SURE)
    }

    /// Sure cirrus as ambiguous cirrus.
    fn with_cirrus_doubted(self) -> Self {
        (self - Self::CIRRUS_SURE) | Self::CIRRUS_AMBIGUOUS
    }
}

/// [`CloudBits`] of every pixel, (rows, columns).
pub(crate) type CloudPlane = Array2<u8>;

/// What the physics found.
#[derive(Debug)]
pub struct CloudEvidence {
    /// [`Surface`] bits of every pixel, (rows, columns).
    pub surface: Array2<u8>,
    /// [`CloudBits`] of every pixel, (rows, columns).
    pub clouds: Array2<u8>,
    /// Feature bands, when asked for.
    pub features: Vec<FeatureBand>,
    /// What the user should know.
    pub warnings: Vec<String>,
    sky: ClearSky,
}

impl CloudEvidence {
    /// B10 of a pixel above the scene's base, TOA reflectance.
    pub(crate) fn cirrus(&self, bands: &SpectralBands<'_>, pixel: usize) -> f32 {
        self.sky.cirrus(bands, pixel)
    }

    /// As the search for shadows sees it.
    pub(crate) fn seen<'a>(
        &'a self,
        relief: Option<&'a ReliefShadow>,
        cirrus: &'a (dyn Fn(usize) -> f32 + Sync),
    ) -> Clouds<'a> {
        Clouds::of(&self.surface, &self.clouds, relief, cirrus)
    }
}

/// Runs all steps on a scene.
pub(crate) fn detect(
    scene: &Scene,
    bands: &mut SpectralBands<'_>,
    relief: Option<&ReliefShadow>,
    with_features: bool,
    progress: &dyn Progress,
) -> Result<CloudEvidence> {
    let (rows, columns) = scene.grid().shape();
    let passes = PASSES
        + if scene.water_occurrence().is_some() {
            PASSES_OF_WATER_RASTER
        } else {
            0
        }
        + if with_features { PASSES_OF_FEATURES } else { 0 };
    progress.stage("detecting", passes * strip_count(rows * columns));
    let mut surface = surface::classify(scene, bands, progress)?;
    if let Some(relief) = relief {
        surface::keep_shaded_land(&mut surface, relief);
    }
    bands.fit_glint(&surface, progress)?;
    let bands = &*bands;
    let absolute_snow = absolute_snow::find(scene.grid(), &surface, bands, progress)?;
    let sky = ClearSky::of_scene(scene, &surface, bands, progress)?;
    let mut clouds = sky.potential_cloud(&surface, bands, absolute_snow.as_ref(), progress)?;
    drop(absolute_snow);
    let base = ClearBase::of_scene(&sky, &surface, &clouds, bands, progress)?;
    // Growth asks no other pixels.
    let wanted = |cloud: CloudBits| with_features || cloud.contains(CloudBits::POTENTIAL);
    let planes = (&surface, &clouds);
    let probability = base.probability(&sky, planes, wanted, bands, progress)?;
    let no_clear_sky = base.clear_pixels < CLEAR_PIXELS_MIN;
    growth::mark(
        &mut clouds,
        &surface,
        &probability,
        scene.grid().pixel_size,
        no_clear_sky,
        scene.displacement().is_none(),
        progress,
    )?;
    let cirrus = |pixel: usize| cirrus_probability(sky.cirrus(bands, pixel));
    growth::mark_cirrus_alone(&mut clouds, &probability, cirrus, progress)?;
    base.doubt_unseen_cirrus(&mut clouds, &surface, bands, progress)?;
    log::debug!("{sky:?}, {base:?}");
    let features = if with_features {
        features(&sky, &surface, &probability, bands, progress)?
    } else {
        Vec::new()
    };
    let warnings = warnings(scene, &surface, no_clear_sky);
    Ok(CloudEvidence {
        surface,
        clouds,
        features,
        warnings,
        sky,
    })
}

fn warnings(scene: &Scene, surface: &Array2<u8>, no_clear_sky: bool) -> Vec<String> {
    let mut warnings = Vec::new();
    if !surface
        .iter()
        .any(|&bits| Surface::from_bits_retain(bits).contains(Surface::VALID))
    {
        warnings.push("the scene holds no valid pixel: every pixel is CS_INVALID".to_owned());
        return warnings;
    }
    if no_clear_sky {
        warnings.push(format!(
            "fewer than {CLEAR_PIXELS_MIN} clear pixels to compare with: all potential cloud that is not snow is called cloud"
        ));
    }
    let degraded = [
        (Band::B10, "cirrus is not seen"),
        (
            Band::B12,
            "B11 stands in for it in the tests for cloud and snow",
        ),
        (Band::B8A, "B08 stands in for it"),
    ];
    for (band, consequence) in degraded {
        if scene.band(band).is_none() {
            warnings.push(format!("band {band} is missing: {consequence}"));
        }
    }
    warnings
}

fn features(
    sky: &ClearSky,
    surface: &Array2<u8>,
    probability: &ProbabilityPlane,
    bands: &SpectralBands<'_>,
    progress: &dyn Progress,
) -> Result<Vec<FeatureBand>> {
    let surfaces = surface.as_slice().unwrap_or_default();
    let probabilities = probability.as_slice().unwrap_or_default();
    let feature = |feature: Feature, value: &(dyn Fn(usize) -> f32 + Sync)| {
        let mut values = Array2::from_elem(surface.dim(), f32::NAN);
        fill_strips(&mut values, progress, |first, values| {
            for (pixel, out) in (first..).zip(values) {
                if Surface::from_bits_retain(surfaces[pixel]).contains(Surface::VALID) {
                    *out = value(pixel);
                }
            }
        })?;
        Ok(FeatureBand { feature, values })
    };
    let mut features = vec![
        feature(Feature::CloudProbability, &|pixel| {
            probability_of(probabilities[pixel]).min(1.0)
        })?,
        feature(Feature::Hot, &|pixel| hot_of(bands, pixel))?,
    ];
    if bands.cirrus.is_some() {
        features.push(feature(Feature::CirrusReflectance, &|pixel| {
            sky.cirrus(bands, pixel)
        })?);
    }
    Ok(features)
}
