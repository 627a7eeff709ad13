//! One block of the sweep: the march, own rays at the edges of shadows, and the answer's pixels.

use super::bounds::{HIGHEST_GROUND, HeightBounds, LOWEST_GROUND};
use super::ground::{Block, Control, Ground};
use super::incidence::cos_incidence;
use super::lines::{CAST, DARK, SELF, SURE, march};
use super::penumbra::{SUN_RADIUS, visible_part};
use super::ray::Ray;
use super::surface::Surface;
use super::{
    super::{DemPatch, DemSource, Light, Relief, ReliefOptions},
    PatchOver,
};
use crate::scene::Grid;
use crate::{Progress, Result};
use ndarray::ArrayViewMut2;
use std::collections::BTreeSet;

/// What all blocks share.
pub struct Setting<'a> {
    pub grid: &'a Grid,
    pub light: Light<'a>,
    pub source: &'a dyn DemSource,
    pub patch_over: &'a PatchOver,
    pub options: ReliefOptions,
    pub bounds: &'a HeightBounds,
}

/// A block and its part of the planes.
pub struct BlockTask<'a> {
    pub block: Block,
    pub bits: ArrayViewMut2<'a, u8>,
    pub visibility: Option<ArrayViewMut2<'a, f32>>,
    pub incidence: Option<ArrayViewMut2<'a, f32>>,
}

/// The block over one surface: its ground, and its pixels' classes (steps, tracks).
struct Shade {
    surface: Surface,
    classes: Vec<u8>,
}

impl Shade {
    /// Over a patch whose unknown heights are taken to be `unknown`.
    fn new(
        ground: &Ground,
        patch: &DemPatch,
        unknown: f32,
        pixel_size: f64,
        progress: &dyn Progress,
    ) -> Result<Self> {
        let surface = Surface::cut(patch, ground.orientation, ground.window, unknown);
        let mut classes = march(ground, &surface, pixel_size, progress)?;
        refine(ground, &surface, &mut classes, progress)?;
        Ok(Self { surface, classes })
    }

    fn is_cast(&self, pixel: usize) -> bool {
        self.classes[pixel] & CAST != 0
    }
}

impl BlockTask<'_> {
    /// Fills the block; names of missing cells if its pixels depend on unknown heights.
    pub fn run(
        mut self,
        setting: &Setting<'_>,
        control: Option<Control>,
        progress: &dyn Progress,
    ) -> Result<BTreeSet<String>> {
        let Some(control) = control else {
            self.bits.fill(Relief::UNKNOWN.bits());
            return Ok(BTreeSet::new());
        };
        let options = setting.options;
        let lowered = if options.visibility { SUN_RADIUS } else { 0.0 };
        let footprint = control.footprint(lowered, options.refraction);
        let reach = setting.bounds.reach(&footprint);
        let patch = (setting.patch_over)(setting.source, control.area(reach))?;
        let ground = Ground::new(&control, &patch, reach, options.refraction);
        let pixel_size = setting.grid.pixel_size;
        let shade = |ground: &Ground, unknown: f32| {
            Shade::new(ground, &patch, unknown, pixel_size, progress)
        };
        let least = shade(&ground, LOWEST_GROUND)?;
        let most = if least.surface.has_unknown {
            Some(shade(&ground, HIGHEST_GROUND)?)
        } else {
            None
        };
        let (steps, tracks) = ground.dim;
        let is_unknown = |pixel: usize, step: usize, track: usize| {
            least.classes[pixel] & DARK != 0
                || most.as_ref().is_some_and(|most| {
                    let (along, across) = ground.at(step, track).position;
                    (most.is_cast(pixel) && !least.is_cast(pixel))
                        || most.surface.cell(along, across).height()
                            != least.surface.cell(along, across).height()
                })
        };
        let mut depends = false;
        // The seam belongs to the neighbours.
        for step in 1..steps - 1 {
            for track in 1..tracks - 1 {
                let pixel = step * tracks + track;
                let class = least.classes[pixel];
                let is_unknown = is_unknown(pixel, step, track);
                depends |= is_unknown;
                let mut bits = Relief::empty();
                bits.set(Relief::CAST, class & CAST != 0);
                bits.set(Relief::SELF, class & SELF != 0);
                if is_unknown {
                    bits = Relief::UNKNOWN;
                }
                self.bits[ground.pixel(step, track)] = bits.bits();
            }
        }
        if let Some(incidence) = &mut self.incidence {
            for step in 1..steps - 1 {
                for track in 1..tracks - 1 {
                    let spot = ground.at(step, track);
                    let (along, across) = spot.position;
                    let cell = least.surface.cell(along, across);
                    let is_known = most.as_ref().is_none_or(|most| {
                        most.surface.cell(along, across).corners == cell.corners
                    });
                    if is_known {
                        incidence[ground.pixel(step, track)] =
                            cos_incidence(&spot, ground.metric(step, track), &cell);
                    }
                }
            }
        }
        if let Some(visibility) = &mut self.visibility {
            let lower_limb = Control::new(setting.grid, setting.light, &self.block, SUN_RADIUS);
            if let Some(lower_limb) = lower_limb {
                let low = Ground::new(&lower_limb, &patch, reach, options.refraction);
                let shade_of_limb = Shade::new(&low, &patch, LOWEST_GROUND, pixel_size, progress)?;
                for step in 1..steps - 1 {
                    progress.check()?;
                    for track in 1..tracks - 1 {
                        let pixel = step * tracks + track;
                        let place = ground.pixel(step, track);
                        if self.bits[place] & Relief::UNKNOWN.bits() != 0 {
                            continue;
                        }
                        visibility[place] = if shade_of_limb.is_cast(pixel) {
                            let spot = low.at(step, track);
                            let middle = f64::from(ground.at(step, track).slope).atan();
                            let upper_limb = (middle + SUN_RADIUS).tan() as f32;
                            let horizon =
                                Ray::new(&low, &shade_of_limb.surface, spot).horizon(upper_limb);
                            visible_part(f64::from(horizon).atan() - middle) as f32
                        } else {
                            1.0
                        };
                    }
                }
            }
        }
        Ok(if depends {
            patch.missing
        } else {
            BTreeSet::new()
        })
    }
}

/// Sends an own ray from every pixel whose neighbours are not all of its kind.
fn refine(
    ground: &Ground,
    surface: &Surface,
    classes: &mut [u8],
    progress: &dyn Progress,
) -> Result<()> {
    let (steps, tracks) = ground.dim;
    let marched = classes.to_vec();
    let (mut any, mut all) = (vec![0_u8; tracks], vec![0_u8; tracks]);
    for step in 1..steps - 1 {
        progress.check()?;
        let row = |step: usize| &marched[step * tracks..][..tracks];
        let (before, own, after) = (row(step - 1), row(step), row(step + 1));
        for track in 0..tracks {
            any[track] = before[track] | own[track] | after[track];
            all[track] = before[track] & own[track] & after[track];
        }
        for track in 1..tracks - 1 {
            let differ = (any[track - 1] | any[track] | any[track + 1])
                & !(all[track - 1] & all[track] & all[track + 1]);
            if differ & CAST != 0 && own[track] & (SURE | DARK) == 0 {
                let ray = Ray::new(ground, surface, ground.at(step, track));
                let cast = if ray.is_blocked() { CAST } else { 0 };
                classes[step * tracks + track] = own[track] & !CAST | cast;
            }
        }
    }
    Ok(())
}
