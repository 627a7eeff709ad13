//! ATBD step 2: validity, water and snow of each pixel.

use super::glinting_water;
use super::indices::{SMALLEST_REFLECTANCE, Saturation, Spectrum};
use crate::glint::{GlintLight, Prediction};
use crate::raster::{Histogram, fill_strips, fold_strips, within_distance};
use crate::scene::{Band, NO_DATA_DN, Scene};
use crate::terrain::ReliefShadow;
use crate::{Error, Progress, Result};
use bitflags::bitflags;
use ndarray::{Array2, Zip};

bitflags! {
    /// What a pixel's surface is, by its own spectrum and the static layers.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Surface: u8 {
        /// All bands that are there have data, and no quality mask objects.
        const VALID = 1;
        /// Water.
        const WATER = 1 << 1;
        /// Water by the two-branch test or the static raster: its brightness in SWIR says cloud or not.
        /// The other water pixels, turbid or bottom-bright, are judged as land is.
        const CLEAR_WATER = 1 << 2;
        /// Snow or ice.
        const SNOW = 1 << 3;
        /// Passes all potential-cloud tests but the haze-optimised transform.
        const MAY_BE_CLOUD = 1 << 4;
        /// A visible band is saturated.
        const SATURATED = 1 << 5;
        /// Bright enough for cloud: clear water always, other pixels by SWIR1.
        const BRIGHT_AS_CLOUD = 1 << 6;
        /// Water by its spectrum alone, but not as blue or as dark as water: land in shadow looks so.
        const MAYBE_LAND = 1 << 7;
    }
}

/// Surface of every pixel, (rows, columns).
pub(crate) type SurfacePlane = Array2<u8>;

/// Static occurrence, percent, that stands for ocean.
const FULL_OCCURRENCE: u8 = 100;
/// Static occurrence that is not known.
const UNKNOWN_OCCURRENCE: u8 = 255;
/// Percentile of the static occurrence over spectral water from which the threshold follows, and how far
/// below it the threshold lies, percent (Qiu, Zhu & He 2019, section 3.1).
const OCCURRENCE_PERCENTILE: f64 = 17.5;
const OCCURRENCE_MARGIN: i32 = 5;
/// Ice on static water is believed only from this latitude polewards, degrees (own choice: poleward of
/// the southernmost regular sea ice of the northern hemisphere, Bohai Sea, 38-40° N).
const ICE_LATITUDE_MIN: f64 = 40.0;
/// The coastal strip reaches this far from water, metres (own choice, as IdePix's coastal re-test).
const STRIP_WIDTH: f64 = 1000.0;

/// One band's raw numbers and how they become reflectance, ready for the pixel loops.
#[derive(Clone, Copy)]
pub(crate) struct Samples<'a> {
    dn: &'a [u16],
    offset: f32,
    quantification: f32,
}

impl<'a> Samples<'a> {
    pub(crate) fn of(scene: &'a Scene, band: Band) -> Option<Self> {
        let plane = scene.band(band)?;
        Some(Self {
            dn: plane.dn.as_slice()?,
            offset: plane.radiometry.offset as f32,
            quantification: plane.radiometry.quantification as f32,
        })
    }

    /// TOA reflectance of a pixel, unitless, with its sign.
    #[inline(always)]
    pub(crate) fn reflectance(&self, pixel: usize) -> f32 {
        (f32::from(self.dn[pixel]) + self.offset) / self.quantification
    }

    /// Whether a pixel has a value. With a negative offset 0 is no data; without one it is also what dark
    /// pixels were cut to.
    pub(crate) fn is_known(&self, pixel: usize) -> bool {
        self.dn[pixel] != NO_DATA_DN || self.offset >= 0.0
    }

    /// Raw number of a pixel.
    pub(crate) fn dn(&self, pixel: usize) -> u16 {
        self.dn[pixel]
    }

    /// TOA reflectance of a mean of raw numbers, unitless.
    pub(crate) fn reflectance_of(&self, dn: f64) -> f64 {
        (dn + f64::from(self.offset)) / f64::from(self.quantification)
    }

    /// TOA reflectance of a difference of raw numbers, unitless.
    pub(crate) fn difference(&self, dn: f64) -> f64 {
        dn / f64::from(self.quantification)
    }

    #[inline(always)]
    fn ratio_reflectance(&self, pixel: usize) -> f32 {
        self.reflectance(pixel).max(SMALLEST_REFLECTANCE)
    }
}

/// The bands that the physics reads, looked up once.
pub(crate) struct SpectralBands<'a> {
    pub(crate) blue: Samples<'a>,
    pub(crate) green: Samples<'a>,
    pub(crate) red: Samples<'a>,
    pub(crate) near_infrared: Samples<'a>,
    pub(crate) swir1: Samples<'a>,
    pub(crate) swir2: Samples<'a>,
    pub(crate) cirrus: Option<Samples<'a>>,
    glint: Option<GlintLight<'a>>,
    near_infrared_band: Band,
    /// B11 where it stands in for B12.
    swir2_band: Band,
    needed_for_validity: Vec<Samples<'a>>,
    saturated_dn: u16,
}

impl<'a> SpectralBands<'a> {
    /// Bands whose raw number must not be "no data". B10 is not among them: dark B10 is often cut to 0 in
    /// old baselines, and so are spurious nulls of the 60 m bands.
    const VALIDITY: [Band; 7] = [
        Band::B02,
        Band::B03,
        Band::B04,
        Band::B08,
        Band::B8A,
        Band::B11,
        Band::B12,
    ];

    pub(crate) fn of(scene: &'a Scene) -> Result<Self> {
        let required = |band: Band| {
            Samples::of(scene, band)
                .ok_or_else(|| Error::internal(format!("the scene has no band {band}")))
        };
        let swir1 = required(Band::B11)?;
        Ok(Self {
            blue: required(Band::B02)?,
            green: required(Band::B03)?,
            red: required(Band::B04)?,
            near_infrared: required(scene.near_infrared())?,
            swir1,
            swir2: Samples::of(scene, Band::B12).unwrap_or(swir1),
            cirrus: Samples::of(scene, Band::B10),
            glint: None,
            near_infrared_band: scene.near_infrared(),
            swir2_band: match scene.band(Band::B12) {
                Some(_) => Band::B12,
                None => Band::B11,
            },
            needed_for_validity: Self::VALIDITY
                .into_iter()
                .filter_map(|band| Samples::of(scene, band))
                .collect(),
            saturated_dn: scene.saturated_dn(),
        })
    }

    /// With the glint that is predicted for them.
    pub(crate) fn with_glint(self, glint: Option<&'a Prediction<'a>>) -> Self {
        let glint = glint.map(GlintLight::predicted);
        Self { glint, ..self }
    }

    /// Finds how strong the glint is over the water of the scene.
    ///
    /// # Errors
    /// Cancelled.
    pub(crate) fn fit_glint(
        &mut self,
        surface: &SurfacePlane,
        progress: &dyn Progress,
    ) -> Result<()> {
        match &mut self.glint {
            Some(glint) => glint.fit(surface, &self.swir1, progress),
            None => Ok(()),
        }
    }

    /// Glint over water in B11 at a pixel, TOA reflectance; 0 where there is none. Of other bands it differs by little.
    #[inline]
    pub(crate) fn glint(&self, pixel: usize) -> f32 {
        self.glint
            .as_ref()
            .map_or(0.0, |glint| glint.in_swir1(pixel))
    }

    /// Glint over water in the near infrared and in SWIR2 at a pixel, as [`Self::glint`].
    pub(crate) fn glint_in_near_infrared_and_swir2(&self, pixel: usize) -> [f32; 2] {
        let bands = [self.near_infrared_band, self.swir2_band];
        bands.map(|band| {
            self.glint
                .as_ref()
                .map_or(0.0, |glint| glint.in_band(band, pixel))
        })
    }

    /// Glint over water in all bands at a pixel, as [`Self::glint`].
    pub(crate) fn glint_spectrum(&self, pixel: usize) -> Spectrum {
        let [near_infrared, swir2] = self.glint_in_near_infrared_and_swir2(pixel);
        let visible = [Band::B02, Band::B03, Band::B04].map(|band| {
            self.glint
                .as_ref()
                .map_or(0.0, |glint| glint.in_band(band, pixel))
        });
        let [blue, green, red] = visible;
        Spectrum {
            blue,
            green,
            red,
            near_infrared,
            swir1: self.glint(pixel),
            swir2,
        }
    }

    /// Greatest glint in B11 that is predicted anywhere, TOA reflectance.
    pub(crate) fn greatest_glint(&self) -> f32 {
        self.glint.as_ref().map_or(0.0, GlintLight::greatest)
    }

    /// B12, where nothing stands in for it.
    pub(crate) fn true_swir2(&self) -> Option<&Samples<'a>> {
        (self.swir2_band == Band::B12).then_some(&self.swir2)
    }

    // Most callers need few of the bands: what they don't is then left out.
    #[inline(always)]
    pub(crate) fn spectrum(&self, pixel: usize) -> Spectrum {
        Spectrum {
            blue: self.blue.ratio_reflectance(pixel),
            green: self.green.ratio_reflectance(pixel),
            red: self.red.ratio_reflectance(pixel),
            near_infrared: self.near_infrared.ratio_reflectance(pixel),
            swir1: self.swir1.ratio_reflectance(pixel),
            swir2: self.swir2.ratio_reflectance(pixel),
        }
    }

    #[inline(always)]
    pub(crate) fn saturation(&self, pixel: usize) -> Saturation {
        let saturated = |samples: &Samples<'_>| samples.dn[pixel] == self.saturated_dn;
        Saturation {
            blue: saturated(&self.blue),
            green: saturated(&self.green),
            red: saturated(&self.red),
        }
    }

    fn has_data(&self, pixel: usize) -> bool {
        self.needed_for_validity
            .iter()
            .all(|samples| samples.dn[pixel] != NO_DATA_DN)
    }
}

/// Surface of every pixel, by its spectrum, the quality masks and the static water raster.
pub(crate) fn classify(
    scene: &Scene,
    bands: &SpectralBands<'_>,
    progress: &dyn Progress,
) -> Result<SurfacePlane> {
    let defective = scene.defective().and_then(|mask| mask.as_slice());
    let mut plane = SurfacePlane::zeros(scene.grid().shape());
    fill_strips(&mut plane, progress, |first, surfaces| {
        for (pixel, surface) in (first..).zip(surfaces) {
            if bands.has_data(pixel) && !defective.is_some_and(|mask| mask[pixel]) {
                *surface = of_spectrum(&bands.spectrum(pixel), bands.saturation(pixel)).bits();
            }
        }
    })?;
    if let Some(occurrence) = scene
        .water_occurrence()
        .and_then(|raster| raster.as_slice())
    {
        let threshold = occurrence_threshold(&plane, occurrence, progress)?;
        add_static_water(
            &mut plane,
            bands,
            occurrence,
            threshold,
            latitude_degrees(scene),
            progress,
        )?;
    }
    glinting_water::add(&mut plane, bands, scene.grid().pixel_size, progress)?;
    add_water_of_the_strip(&mut plane, bands, scene.grid().pixel_size, progress)?;
    Ok(plane)
}

/// Makes land of what looks like water in relief shadow, and is no bluer than shaded land.
pub(crate) fn keep_shaded_land(plane: &mut SurfacePlane, relief: &ReliefShadow) {
    Zip::indexed(plane).par_for_each(|(row, column), bits| {
        let surface = Surface::from_bits_retain(*bits);
        if surface.contains(Surface::MAYBE_LAND) && relief.is_dark(row, column) {
            let water = Surface::WATER | Surface::CLEAR_WATER | Surface::MAYBE_LAND;
            *bits = (surface - water).bits();
        }
    });
}

fn latitude_degrees(scene: &Scene) -> f64 {
    let (easting, northing) = scene.grid().centre();
    scene
        .grid()
        .zone
        .geodetic(easting, northing)
        .latitude
        .to_degrees()
}

/// Surface of one valid pixel by its spectrum alone.
fn of_spectrum(spectrum: &Spectrum, saturation: Saturation) -> Surface {
    let snow = spectrum.is_snow();
    let clear_water = spectrum.is_clear_water();
    let water = clear_water | (spectrum.is_turbid_water() & !snow);
    let mut surface = Surface::VALID;
    surface.set(Surface::CLEAR_WATER, clear_water);
    surface.set(Surface::WATER, water);
    surface.set(Surface::SNOW, snow);
    surface.set(
        Surface::MAYBE_LAND,
        !snow
            & if clear_water {
                spectrum.may_be_dark_soil()
            } else {
                spectrum.may_be_dark_land()
            },
    );
    surface.set(Surface::MAY_BE_CLOUD, spectrum.may_be_cloud(saturation));
    surface.set(Surface::SATURATED, saturation.any());
    surface.set(
        Surface::BRIGHT_AS_CLOUD,
        clear_water | spectrum.is_bright_as_cloud(),
    );
    surface
}

/// Static occurrence above which a pixel is water in this scene, percent; `None` when the raster can't say.
fn occurrence_threshold(
    plane: &SurfacePlane,
    occurrence: &[u8],
    progress: &dyn Progress,
) -> Result<Option<i32>> {
    let surfaces = plane.as_slice().unwrap_or_default();
    let over_water = fold_strips(
        surfaces.len(),
        progress,
        || Histogram::new(0, FULL_OCCURRENCE.into()),
        |histogram, pixels| {
            for pixel in pixels {
                let water =
                    Surface::from_bits_retain(surfaces[pixel]).contains(Surface::CLEAR_WATER);
                if water && occurrence[pixel] != UNKNOWN_OCCURRENCE {
                    histogram.add(occurrence[pixel].into());
                }
            }
        },
        |a, b| a.merge(&b),
    )?;
    let threshold = over_water
        .percentile(OCCURRENCE_PERCENTILE)
        .map(|p| p - OCCURRENCE_MARGIN);
    Ok(threshold.filter(|&threshold| threshold > 0))
}

/// Makes water of what the static raster calls water, and takes back ice on it that can't be.
fn add_static_water(
    plane: &mut SurfacePlane,
    bands: &SpectralBands<'_>,
    occurrence: &[u8],
    threshold: Option<i32>,
    latitude: f64,
    progress: &dyn Progress,
) -> Result<()> {
    let Some(threshold) = threshold else {
        return Ok(());
    };
    let may_freeze = latitude.abs() >= ICE_LATITUDE_MIN;
    fill_strips(plane, progress, |first, surfaces| {
        for (pixel, bits) in (first..).zip(surfaces) {
            let mut surface = Surface::from_bits_retain(*bits);
            let known = occurrence[pixel] != UNKNOWN_OCCURRENCE;
            if !surface.contains(Surface::VALID)
                || !known
                || i32::from(occurrence[pixel]) <= threshold
            {
                continue;
            }
            if surface.contains(Surface::SNOW) && !(may_freeze && bands.spectrum(pixel).is_bright())
            {
                surface.remove(Surface::SNOW);
            }
            if !surface.contains(Surface::SNOW) {
                surface.insert(Surface::WATER | Surface::CLEAR_WATER | Surface::BRIGHT_AS_CLOUD);
                surface.remove(Surface::MAYBE_LAND);
            }
            *bits = surface.bits();
        }
    })
}

/// Near water the limits of the water test are wider.
fn add_water_of_the_strip(
    plane: &mut SurfacePlane,
    bands: &SpectralBands<'_>,
    pixel_size: f64,
    progress: &dyn Progress,
) -> Result<()> {
    let near_water = within_distance(plane.dim(), STRIP_WIDTH / pixel_size, |row, column| {
        Surface::from_bits_retain(plane[[row, column]]).contains(Surface::WATER)
    });
    let near_water = near_water.as_slice().unwrap_or_default();
    fill_strips(plane, progress, |first, surfaces| {
        for (pixel, bits) in (first..).zip(surfaces) {
            let surface = Surface::from_bits_retain(*bits);
            let dry_land = surface.contains(Surface::VALID)
                && !surface.intersects(Surface::WATER | Surface::SNOW);
            if near_water[pixel] && dry_land && bands.spectrum(pixel).is_turbid_water_of_the_strip()
            {
                *bits = (surface | Surface::WATER).bits();
            }
        }
    })
}
