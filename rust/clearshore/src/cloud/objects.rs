//! ATBD step 8: what can't be cloud as a whole.
//!
//! A pixel of sand, foam or a roof looks like cloud; all the pixels of a beach together do not. Sources: IdePix for
//! Sentinel-2 (the ratios of sand), Qiu, Zhu & He 2019 (small objects); whole objects instead of pixels by our own
//! measurement: a tenth of real cloud looks like sand pixel by pixel.

use super::displacement::{Displacement, Motion};
use super::{CloudBits, CloudPlane, SpectralBands, Spectrum, Surface, SurfacePlane};
use crate::coast::CoastBits;
use crate::raster::{Objects, any_around};
use crate::scene::Scene;
use crate::{Progress, Result};
use ndarray::Array2;
use rayon::prelude::*;

/// Objects of fewer pixels are noise (Qiu, Zhu & He 2019).
const LEAST_PIXELS: u64 = 3;
/// Objects over water that are smaller than this are ships, platforms and planes, square metres: 3 x 3 pixels of 20 m.
const BRIGHT_TARGET_AREA: f64 = 3_600.0;
/// Larger objects are not called ground, square metres (Qiu, Zhu & He 2019: 4 km²).
const GROUND_AREA_MAX: f64 = 4e6;
/// Ground has less than this share of pixels that stand apart, unitless (own measurement on two clear scenes).
const DISPLACED_SHARE_MIN: f64 = 0.05;
/// Ground that touches cloud borders on clear ground over at least this share of its rim, unitless; inside cloud nothing
/// does (own measurement).
const OPEN_RIM_MIN: f64 = 0.5;
/// Ground is not called so when it is as grey as low, smooth cloud, which no displacement tells from it: red by blue at most,
/// NIR by red within, unitless, and visible mean at least, TOA reflectance (own measurement on simulated stratus).
const GREY_RED_TO_BLUE_MAX: f32 = 0.95;
const GREY_NIR_TO_RED: std::ops::RangeInclusive<f32> = 0.85..=1.12;
const GREY_VISIBLE_MEAN_MIN: f32 = 0.20;
/// Ground that is bright in this percentage of clear views is bright by itself, percent.
const BRIGHT_GROUND_MIN: u8 = 50;
/// Share of an object's pixels that decides what it is, unitless.
const MAJORITY: f64 = 0.5;

/// What the pixels of an object are.
#[derive(Clone, Copy, Debug, Default)]
struct Facts {
    pixels: u64,
    clear_water: u64,
    water: u64,
    bright: u64,
    displaced: u64,
    still: u64,
    /// Pixels beside what is no cloud but looks like it.
    rim: u64,
    grey: u64,
    cirrus: bool,
}

/// Whether a spectrum is that of thick cloud of water, and of few surfaces.
fn is_grey(spectrum: &Spectrum) -> bool {
    (spectrum.visible_mean() > GREY_VISIBLE_MEAN_MIN)
        & (spectrum.red < GREY_RED_TO_BLUE_MAX * spectrum.blue)
        & GREY_NIR_TO_RED.contains(&(spectrum.near_infrared / spectrum.red))
        & !spectrum.is_like_snow()
}

impl Facts {
    fn mostly(&self, count: u64) -> bool {
        count as f64 > MAJORITY * self.pixels as f64
    }

    fn on_land(&self) -> bool {
        !self.mostly(self.clear_water) && !self.cirrus
    }

    fn lies_on_the_ground(&self) -> bool {
        let known = self.displaced + self.still;
        known > 0 && (self.displaced as f64) < DISPLACED_SHARE_MIN * known as f64
    }
}

/// Takes from the clouds what is none: first sand and foam, then the objects that are left.
///
/// # Errors
/// As [`crate::scene::DisplacementSource::plane`].
pub(crate) fn clean(
    scene: &Scene,
    bands: &SpectralBands<'_>,
    surface: &SurfacePlane,
    coast: &mut Array2<u8>,
    clouds: &mut CloudPlane,
    progress: &dyn Progress,
) -> Result<()> {
    let displacement = match scene.displacement() {
        Some(source) => {
            // Never over water and in the surf, where waves move, nor below cirrus.
            let wanted = |row: usize, column: usize| {
                let at = [row, column];
                let cloud = CloudBits::from_bits_retain(clouds[at]);
                let surface = Surface::from_bits_retain(surface[at]);
                cloud.intersects(CloudBits::CLOUD)
                    && !cloud.contains(CloudBits::CIRRUS_SURE)
                    && !surface.contains(Surface::CLEAR_WATER)
            };
            let found = Displacement::of(scene.grid(), source, wanted, progress)?;
            Some(found)
        }
        None => None,
    };
    let displacement = displacement.as_ref();
    clear_sand(scene, bands, displacement, coast, clouds, progress)?;
    clear_foam(coast, clouds);
    if let Some(displacement) = displacement {
        clear_still_parts(scene, bands, surface, displacement, clouds, progress)?;
    }
    clear_objects(scene, bands, surface, displacement, coast, clouds, progress)
}

fn is_cloud(clouds: &CloudPlane, at: [usize; 2]) -> bool {
    CloudBits::from_bits_retain(clouds[at]).intersects(CloudBits::CLOUD)
}

/// Sand is where it looks like it and nothing around stands apart from the ground; where no band tells that, objects in
/// the coastal strip.
fn clear_sand(
    scene: &Scene,
    bands: &SpectralBands<'_>,
    displacement: Option<&Displacement>,
    coast: &mut Array2<u8>,
    clouds: &mut CloudPlane,
    progress: &dyn Progress,
) -> Result<()> {
    let columns = scene.grid().width;
    let sand = Objects::of(scene.grid().shape(), 1, |row, column| {
        let cloud = CloudBits::from_bits_retain(clouds[[row, column]]);
        cloud.intersects(CloudBits::CLOUD)
            && !cloud.contains(CloudBits::CIRRUS_SURE)
            && bands.spectrum(row * columns + column).is_sand()
    });
    progress.check()?;
    for object in 0..sand.len() {
        let strip = || {
            let pixels = sand.pixels_of(object);
            let inside = pixels.filter(|&at| {
                CoastBits::from_bits_retain(coast[at]).contains(CoastBits::STRIP)
            });
            inside.count() as f64 > MAJORITY * sand.pixels(object) as f64
        };
        let whole = displacement.is_none() && strip();
        for at in sand.pixels_of(object) {
            let still = displacement.is_some_and(|found| found.is_still_around(at[0], at[1]));
            if whole || still {
                let mut cloud = CloudBits::from_bits_retain(clouds[at]) - CloudBits::CLOUD;
                cloud.set(CloudBits::DISPLACEMENT_CLEARED, still);
                clouds[at] = cloud.bits();
                coast[at] |= CoastBits::SAND_CLEARED.bits();
            }
        }
    }
    Ok(())
}

/// Foam is no cloud: what looks like it is darker in SWIR than any cloud that B10 does not see.
fn clear_foam(coast: &mut Array2<u8>, clouds: &mut CloudPlane) {
    ndarray::Zip::from(coast).and(clouds).par_for_each(|coast, cloud| {
        let foam = CoastBits::from_bits_retain(*coast).contains(CoastBits::WHITECAP);
        let bits = CloudBits::from_bits_retain(*cloud);
        if foam && bits.intersects(CloudBits::CLOUD) && !bits.contains(CloudBits::CIRRUS_SURE) {
            *cloud = (bits - CloudBits::CLOUD).bits();
            *coast |= CoastBits::SURF_CLEARED.bits();
        }
    });
}

/// Bright ground that touches cloud: a part of it in which nothing stands apart, open to clear ground.
fn clear_still_parts(
    scene: &Scene,
    bands: &SpectralBands<'_>,
    surface: &SurfacePlane,
    displacement: &Displacement,
    clouds: &mut CloudPlane,
    progress: &dyn Progress,
) -> Result<()> {
    let shape = scene.grid().shape();
    let area = scene.grid().pixel_size * scene.grid().pixel_size;
    let is_still = |row: usize, column: usize| {
        let cloud = CloudBits::from_bits_retain(clouds[[row, column]]);
        let surface = Surface::from_bits_retain(surface[[row, column]]);
        cloud.intersects(CloudBits::CLOUD)
            && !cloud.contains(CloudBits::CIRRUS_SURE)
            && !surface.contains(Surface::CLEAR_WATER)
            && displacement.at(row, column) == Motion::Still
    };
    let parts = Objects::of(shape, 1, is_still);
    progress.check()?;
    let is_clear = |row: usize, column: usize| {
        Surface::from_bits_retain(surface[[row, column]]).contains(Surface::VALID)
            && !is_cloud(clouds, [row, column])
    };
    let is_ground: Vec<bool> = (0..parts.len())
        .into_par_iter()
        .map(|part| {
            let (mut rim, mut open, mut grey) = (0_u64, 0_u64, 0_u64);
            for at in parts.pixels_of(part) {
                let at = (at[0], at[1]);
                let is_open = any_around(shape, at, is_clear);
                rim += u64::from(is_open || any_around(shape, at, |r, c| !is_still(r, c)));
                open += u64::from(is_open);
                grey += u64::from(is_grey(&bands.spectrum(at.0 * shape.1 + at.1)));
            }
            let pixels = parts.pixels(part) as f64;
            pixels * area < GROUND_AREA_MAX
                && grey as f64 <= MAJORITY * pixels
                && open as f64 >= OPEN_RIM_MIN * rim as f64
        })
        .collect();
    for part in (0..parts.len()).filter(|&part| is_ground[part]) {
        for at in parts.pixels_of(part) {
            let cloud = CloudBits::from_bits_retain(clouds[at]) - CloudBits::CLOUD;
            clouds[at] = (cloud | CloudBits::DISPLACEMENT_CLEARED).bits();
        }
    }
    Ok(())
}

/// What is left, object by object: noise, ships, bright ground, and the rims of what was cleared.
fn clear_objects(
    scene: &Scene,
    bands: &SpectralBands<'_>,
    surface: &SurfacePlane,
    displacement: Option<&Displacement>,
    coast: &mut Array2<u8>,
    clouds: &mut CloudPlane,
    progress: &dyn Progress,
) -> Result<()> {
    let shape = scene.grid().shape();
    let area = scene.grid().pixel_size * scene.grid().pixel_size;
    let objects = Objects::of(shape, 1, |row, column| is_cloud(clouds, [row, column]));
    progress.check()?;
    let cleared = CoastBits::SAND_CLEARED | CoastBits::SURF_CLEARED;
    let is_cleared =
        |row: usize, column: usize| CoastBits::from_bits_retain(coast[[row, column]]).intersects(cleared);
    let facts: Vec<Facts> = (0..objects.len())
        .into_par_iter()
        .map(|object| {
            let mut facts = Facts::default();
            for at in objects.pixels_of(object) {
                let surface = Surface::from_bits_retain(surface[at]);
                let cloud = CloudBits::from_bits_retain(clouds[at]);
                let motion = displacement.map(|found| found.at(at[0], at[1]));
                facts.pixels += 1;
                facts.clear_water += u64::from(surface.contains(Surface::CLEAR_WATER));
                facts.water += u64::from(surface.contains(Surface::WATER));
                let bright = scene.bright().is_some_and(|bright| bright[at] >= BRIGHT_GROUND_MIN);
                facts.bright += u64::from(bright);
                facts.displaced += u64::from(motion == Some(Motion::Displaced));
                facts.still += u64::from(motion == Some(Motion::Still));
                facts.rim += u64::from(any_around(shape, (at[0], at[1]), is_cleared));
                facts.grey += u64::from(is_grey(&bands.spectrum(at[0] * shape.1 + at[1])));
                facts.cirrus |= cloud.contains(CloudBits::CIRRUS_SURE);
            }
            facts
        })
        .collect();
    for (object, facts) in facts.iter().enumerate() {
        let size = facts.pixels as f64 * area;
        let small = facts.pixels < LEAST_PIXELS;
        let target = facts.mostly(facts.water) && size < BRIGHT_TARGET_AREA;
        let rim = facts.rim == facts.pixels;
        let ground = facts.on_land() && !facts.mostly(facts.grey) && size < GROUND_AREA_MAX && facts.lies_on_the_ground();
        let bright = facts.mostly(facts.bright) && !facts.cirrus && !facts.mostly(facts.displaced);
        if !(small || target || rim || ground || bright) {
            continue;
        }
        for at in objects.pixels_of(object) {
            let mut cloud = CloudBits::from_bits_retain(clouds[at]) - CloudBits::CLOUD;
            cloud.set(CloudBits::DISPLACEMENT_CLEARED, ground);
            clouds[at] = cloud.bits();
            let mut reason = CoastBits::from_bits_retain(coast[at]);
            reason.set(CoastBits::BRIGHT_TARGET, target && !rim);
            if bright {
                reason |= CoastBits::SAND_CLEARED;
            }
            coast[at] = reason.bits();
        }
    }
    Ok(())
}
