//! ATBD step 8: what can't be cloud as a whole.
//!
//! A pixel of sand, foam or a roof looks like cloud; all the pixels of a beach together do not. Sources: IdePix for
//! Sentinel-2 (the ratios of sand), Qiu, Zhu & He 2019 (small objects); whole objects instead of pixels by our own
//! measurement: a tenth of real cloud looks like sand pixel by pixel.

use super::displacement::lie_on_the_ground;
use super::{CloudBits, CloudPlane, SpectralBands, Surface, SurfacePlane};
use crate::cloud_shadow::Search;
use crate::coast::CoastBits;
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
    sand: u64,
    foam: u64,
    strip: u64,
    bright: u64,
    cirrus: bool,
}

impl Facts {
    fn mostly(&self, count: u64) -> bool {
        count as f64 > MAJORITY * self.pixels as f64
    }
}

/// Takes from the clouds what is none. Says which of the objects of the `search` stay.
///
/// # Errors
/// As [`crate::scene::DisplacementSource::plane`].
pub(crate) fn clean(
    scene: &Scene,
    bands: &SpectralBands<'_>,
    surface: &SurfacePlane,
    coast: &mut Array2<u8>,
    search: &Search,
    clouds: &mut CloudPlane,
    progress: &dyn Progress,
) -> Result<Vec<bool>> {
    let objects = search.objects();
    let columns = scene.grid().width;
    let area = scene.grid().pixel_size * scene.grid().pixel_size;
    let facts: Vec<Facts> = (0..objects.len())
        .into_par_iter()
        .map(|object| {
            let mut facts = Facts::default();
            for run in objects.runs(object) {
                for column in run.first as usize..run.end as usize {
                    let at = [run.row as usize, column];
                    let surface = Surface::from_bits_retain(surface[at]);
                    let cloud = CloudBits::from_bits_retain(clouds[at]);
                    let coast = CoastBits::from_bits_retain(coast[at]);
                    let spectrum = bands.spectrum(at[0] * columns + column);
                    facts.pixels += 1;
                    facts.clear_water += u64::from(surface.contains(Surface::CLEAR_WATER));
                    facts.water += u64::from(surface.contains(Surface::WATER));
                    facts.sand += u64::from(spectrum.is_sand());
                    facts.foam += u64::from(coast.contains(CoastBits::WHITECAP));
                    facts.strip += u64::from(coast.contains(CoastBits::STRIP));
                    let bright = scene.bright().is_some_and(|p| p[at] >= BRIGHT_GROUND_MIN);
                    facts.bright += u64::from(bright);
                    facts.cirrus |= cloud.intersects(CloudBits::CIRRUS_SURE);
                }
            }
            facts
        })
        .collect();
    let size = |facts: &Facts| facts.pixels as f64 * area;
    let unmatched = |object: usize| !search.is_matched(object);
    let on_land = |facts: &Facts| !facts.mostly(facts.clear_water) && !facts.cirrus;
    let candidates: Vec<usize> = (0..objects.len())
        .filter(|&object| {
            let facts = &facts[object];
            let may_be_ground = size(facts) < GROUND_AREA_MAX || facts.mostly(facts.sand);
            on_land(facts) && may_be_ground && unmatched(object)
        })
        .collect();
    let grounded = match scene.displacement() {
        Some(source) => lie_on_the_ground(scene.grid(), source, objects, &candidates, progress)?,
        None => vec![false; candidates.len()],
    };
    let mut grounded_of = vec![false; objects.len()];
    for (object, grounded) in candidates.into_iter().zip(grounded) {
        grounded_of[object] = grounded;
    }
    let mut kept = vec![true; objects.len()];
    for (object, facts) in facts.iter().enumerate() {
        let small = facts.pixels < LEAST_PIXELS;
        let target = facts.mostly(facts.water) && size(facts) < BRIGHT_TARGET_AREA;
        let grounded = grounded_of[object];
        let sand = on_land(facts)
            && unmatched(object)
            && facts.mostly(facts.strip)
            && facts.mostly(facts.sand);
        let surf = facts.mostly(facts.foam) && !facts.cirrus;
        let bright = facts.mostly(facts.bright) && !facts.cirrus && unmatched(object);
        if !(small || target || grounded || sand || surf || bright) {
            continue;
        }
        kept[object] = false;
        let mut reason = CoastBits::empty();
        reason.set(CoastBits::SAND_CLEARED, sand || bright);
        reason.set(CoastBits::SURF_CLEARED, surf);
        reason.set(CoastBits::BRIGHT_TARGET, target);
        for run in objects.runs(object) {
            for column in run.first as usize..run.end as usize {
                let at = [run.row as usize, column];
                let mut cloud = CloudBits::from_bits_retain(clouds[at]) - CloudBits::CLOUD;
                cloud.set(CloudBits::DISPLACEMENT_CLEARED, grounded);
                clouds[at] = cloud.bits();
                coast[at] |= reason.bits();
            }
        }
    }
    Ok(kept)
}
