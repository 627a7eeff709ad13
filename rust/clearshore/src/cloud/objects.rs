//! ATBD step 8: what can't be cloud as a whole.
//!
//! A pixel of sand, foam or a roof looks like cloud; all the pixels of a beach together do not. Sources: IdePix for
//! Sentinel-2 (the ratios of sand), Qiu, Zhu & He 2019 (small objects); whole objects instead of pixels by our own
//! measurement: a tenth of real cloud looks like sand pixel by pixel.

use super::displacement::{Displacement, Motion};
use super::motion::look_for_motion;
use super::sand;
use super::{CloudBits, CloudPlane, SpectralBands, Spectrum, Surface, SurfacePlane};
use crate::coast::CoastBits;
use crate::raster::{Objects, any_around};
use crate::scene::Scene;
use crate::{Progress, Result};
use ndarray::{Array2, Zip};
use rayon::prelude::*;

/// Objects of fewer pixels are noise (Qiu, Zhu & He 2019).
const LEAST_PIXELS: u64 = 3;
/// Objects over water that are smaller than this are ships, platforms and planes, square metres: 3 x 3 pixels of 20 m.
const BRIGHT_TARGET_AREA: f64 = 3_600.0;
/// Larger objects are not called ground, square metres (Qiu, Zhu & He 2019: 4 km²).
const GROUND_AREA_MAX: f64 = 4e6;
/// Ground has less than this share of pixels that stand apart, unitless (own measurement on two clear scenes).
pub(super) const DISPLACED_SHARE_MIN: f64 = 0.05;
/// Ground that touches cloud borders on clear ground over at least this share of its rim, unitless; inside cloud nothing
/// does (own measurement).
const OPEN_RIM_MIN: f64 = 0.5;
/// Ground is not called so when it is as grey as low, smooth cloud, which no displacement tells from it: red by blue at most,
/// NIR by red within, unitless, and visible mean at least, TOA reflectance (own measurement on simulated stratus).
const GREY_RED_TO_BLUE_MAX: f32 = 0.95;
const GREY_NIR_TO_RED: std::ops::RangeInclusive<f32> = 0.85..=1.12;
const GREY_VISIBLE_MEAN_MIN: f32 = 0.20;
/// Land other than sand and snow is duller than this in the visible mean, TOA reflectance, and thick cloud brighter (own
/// measurement on simulated towns and low cumulus).
const DULL_VISIBLE_MEAN_MAX: f32 = 0.30;
/// Ground that is bright in this percentage of clear views is bright by itself, percent.
const BRIGHT_GROUND_MIN: u8 = 50;
/// Specks in sand and foam that are smaller than this are a part of it, square metres: 7 x 7 pixels of 20 m, the window of the
/// displacement index, in which one pixel shows.
const SPECK_AREA_MAX: f64 = 20_000.0;
/// Share of an object's pixels that decides what it is, unitless.
pub(super) const MAJORITY: f64 = 0.5;

/// Whether a spectrum is that of thick cloud of water, and of few surfaces.
fn is_grey(spectrum: &Spectrum) -> bool {
    (spectrum.visible_mean() > GREY_VISIBLE_MEAN_MIN)
        & (spectrum.red < GREY_RED_TO_BLUE_MAX * spectrum.blue)
        & GREY_NIR_TO_RED.contains(&(spectrum.near_infrared / spectrum.red))
        & !spectrum.is_like_snow()
}

/// How the pixels of an object look, and whether they stand apart from the ground.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Look {
    pub pixels: u64,
    grey: u64,
    dull: u64,
    warm: u64,
    pub displaced: u64,
    uncertain: u64,
    known: u64,
}

impl Look {
    pub fn add(&mut self, spectrum: &Spectrum, motion: Motion) {
        self.pixels += 1;
        self.grey += u64::from(is_grey(spectrum));
        self.dull += u64::from(spectrum.visible_mean() < DULL_VISIBLE_MEAN_MAX);
        self.warm += u64::from(spectrum.red > spectrum.blue);
        self.displaced += u64::from(motion == Motion::Displaced);
        self.uncertain += u64::from(motion == Motion::Uncertain);
        self.known += u64::from(motion != Motion::Unknown);
    }

    fn mostly(&self, count: u64) -> bool {
        count as f64 > MAJORITY * self.pixels as f64
    }

    /// Whether ground may look so: neither grey nor large. Sand may be large.
    pub fn may_be_ground(&self, pixel_area: f64) -> bool {
        let size = self.pixels as f64 * pixel_area;
        !self.mostly(self.grey) && (size < GROUND_AREA_MAX || self.mostly(self.warm))
    }

    /// Whether it lies on the ground: ground may look so, and hardly a pixel stands apart, for sure where it is as dull as
    /// land is.
    fn is_ground(&self, pixel_area: f64) -> bool {
        let apart = if self.mostly(self.dull) {
            self.displaced
        } else {
            self.displaced + self.uncertain
        };
        let rests = self.known > 0 && (apart as f64) < DISPLACED_SHARE_MIN * self.known as f64;
        rests && self.may_be_ground(pixel_area)
    }
}

/// What the pixels of an object are.
#[derive(Clone, Copy, Debug, Default)]
struct Facts {
    look: Look,
    clear_water: u64,
    water: u64,
    bright: u64,
    /// Pixels at the edge, and those of them beside what is no cloud but looks like it.
    edge: u64,
    rim: u64,
    cirrus: bool,
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
    let displacement = look_for_motion(scene, bands, surface, clouds, progress)?;
    let displacement = displacement.as_ref();
    clear_foam(coast, clouds);
    sand::clear(scene, bands, surface, displacement, coast, clouds, progress)?;
    if let Some(displacement) = displacement {
        clear_resting_parts(scene, bands, surface, displacement, clouds, progress)?;
    }
    clear_objects(scene, bands, surface, displacement, coast, clouds, progress)
}

pub(super) fn is_cloud(clouds: &CloudPlane, at: [usize; 2]) -> bool {
    CloudBits::from_bits_retain(clouds[at]).intersects(CloudBits::CLOUD)
}

/// Cloud that displacement may tell from ground: never over water and in the surf, where waves move, nor below cirrus.
pub(super) fn may_be_ground(clouds: &CloudPlane, surface: &SurfacePlane, at: [usize; 2]) -> bool {
    CloudBits::from_bits_retain(clouds[at]).is_cloud_without_cirrus()
        && !Surface::from_bits_retain(surface[at]).contains(Surface::CLEAR_WATER)
}

/// Foam is no cloud: what looks like it is darker in SWIR than any cloud that B10 does not see.
fn clear_foam(coast: &mut Array2<u8>, clouds: &mut CloudPlane) {
    Zip::from(coast).and(clouds).par_for_each(|coast, cloud| {
        let foam = CoastBits::from_bits_retain(*coast).contains(CoastBits::WHITECAP);
        let bits = CloudBits::from_bits_retain(*cloud);
        if foam && bits.is_cloud_without_cirrus() {
            *cloud = (bits - CloudBits::CLOUD).bits();
            *coast |= CoastBits::SURF_CLEARED.bits();
        }
    });
}

/// Bright ground that touches cloud: a part of it in which nothing stands apart, open to clear ground.
fn clear_resting_parts(
    scene: &Scene,
    bands: &SpectralBands<'_>,
    surface: &SurfacePlane,
    displacement: &Displacement,
    clouds: &mut CloudPlane,
    progress: &dyn Progress,
) -> Result<()> {
    let shape = scene.grid().shape();
    let area = scene.grid().pixel_size * scene.grid().pixel_size;
    let rests = |row: usize, column: usize| {
        may_be_ground(clouds, surface, [row, column])
            && matches!(
                displacement.at(row, column),
                Motion::Still | Motion::Uncertain
            )
    };
    let parts = Objects::of(shape, 1, rests);
    progress.check()?;
    let is_clear = |row: usize, column: usize| {
        Surface::from_bits_retain(surface[[row, column]]).contains(Surface::VALID)
            && !is_cloud(clouds, [row, column])
    };
    let is_ground: Vec<bool> = (0..parts.len())
        .into_par_iter()
        .map(|part| {
            let (mut rim, mut open) = (0_u64, 0_u64);
            let mut look = Look::default();
            for at in parts.pixels_of(part) {
                let at = (at[0], at[1]);
                let is_open = any_around(shape, at, is_clear);
                rim += u64::from(is_open || any_around(shape, at, |r, c| !rests(r, c)));
                open += u64::from(is_open);
                look.add(
                    &bands.spectrum(at.0 * shape.1 + at.1),
                    displacement.at(at.0, at.1),
                );
            }
            open as f64 >= OPEN_RIM_MIN * rim as f64 && look.is_ground(area)
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

/// Whether most of the valid pixels around an object are water.
fn lies_in_water(objects: &Objects, object: usize, surface: &SurfacePlane) -> bool {
    let inside: Vec<[usize; 2]> = objects.pixels_of(object).collect();
    let (rows, columns) = surface.dim();
    let (mut water, mut valid) = (0_u64, 0_u64);
    for &[row, column] in &inside {
        for r in row.saturating_sub(1)..(row + 2).min(rows) {
            for c in column.saturating_sub(1)..(column + 2).min(columns) {
                let surface = Surface::from_bits_retain(surface[[r, c]]);
                if surface.contains(Surface::VALID) && !inside.contains(&[r, c]) {
                    valid += 1;
                    water += u64::from(surface.contains(Surface::WATER));
                }
            }
        }
    }
    water as f64 > MAJORITY * valid as f64
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
    let is_cleared = |row: usize, column: usize| {
        CoastBits::from_bits_retain(coast[[row, column]]).intersects(cleared)
    };
    let facts: Vec<Facts> = (0..objects.len())
        .into_par_iter()
        .map(|object| {
            let mut facts = Facts::default();
            for at in objects.pixels_of(object) {
                let surface = Surface::from_bits_retain(surface[at]);
                let cloud = CloudBits::from_bits_retain(clouds[at]);
                let motion = displacement.map_or(Motion::Unknown, |found| found.at(at[0], at[1]));
                let bright = scene
                    .bright()
                    .is_some_and(|bright| bright[at] >= BRIGHT_GROUND_MIN);
                facts
                    .look
                    .add(&bands.spectrum(at[0] * shape.1 + at[1]), motion);
                facts.clear_water += u64::from(surface.contains(Surface::CLEAR_WATER));
                facts.water += u64::from(surface.contains(Surface::WATER));
                facts.bright += u64::from(bright);
                let at = (at[0], at[1]);
                facts.edge += u64::from(any_around(shape, at, |r, c| !is_cloud(clouds, [r, c])));
                facts.rim += u64::from(any_around(shape, at, is_cleared));
                facts.cirrus |= cloud.contains(CloudBits::CIRRUS_SURE);
            }
            facts
        })
        .collect();
    for (object, facts) in facts.iter().enumerate() {
        let look = &facts.look;
        let size = look.pixels as f64 * area;
        let small = look.pixels < LEAST_PIXELS;
        // What is bright is hardly water by its own spectrum.
        let target = size < BRIGHT_TARGET_AREA
            && (look.mostly(facts.water) || lies_in_water(&objects, object, surface));
        let rim = size < SPECK_AREA_MAX && facts.rim as f64 > MAJORITY * facts.edge as f64;
        let on_land = !look.mostly(facts.clear_water) && !facts.cirrus;
        let ground = on_land && look.is_ground(area);
        let bright = look.mostly(facts.bright) && !facts.cirrus && !look.mostly(look.displaced);
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
