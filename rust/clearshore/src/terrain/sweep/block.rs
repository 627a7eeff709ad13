//! One block of the sweep: the march, own rays at the edges of shadows, and the answer's pixels.

use super::super::{DemPatch, DemSource, Light, Relief, ReliefOptions};
use super::PatchOver;
use super::bounds::{HIGHEST_GROUND, HeightBounds, LOWEST_GROUND};
use super::control::{Block, Control};
use super::ground::{Ground, PADDING};
use super::incidence::cos_incidence;
use super::lines::{CAST, DARK, SELF, SURE, march};
use super::penumbra::{SUN_RADIUS, visible_part};
use super::ray::Ray;
use super::surface::Surface;
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
    pub progress: &'a dyn Progress,
}

/// A block and its part of the planes.
pub struct BlockTask<'a> {
    pub block: Block,
    pub bits: ArrayViewMut2<'a, u8>,
    pub visibility: Option<ArrayViewMut2<'a, f32>>,
    pub incidence: Option<ArrayViewMut2<'a, f32>>,
}

/// The block's pixels over a surface, (steps, tracks).
struct Shade {
    surface: Surface,
    classes: Vec<u8>,
}

/// The block as it is if all unknown heights are as low, and as high, as any on Earth. Where both agree, it is known.
struct Shades {
    ground: Ground,
    least: Shade,
    most: Option<Shade>,
}

impl BlockTask<'_> {
    /// Fills the block; names of missing cells if its pixels depend on unknown heights.
    pub fn run(
        mut self,
        setting: &Setting<'_>,
        control: Option<Control>,
    ) -> Result<BTreeSet<String>> {
        let Some(control) = control else {
            self.bits.fill(Relief::UNKNOWN.bits());
            return Ok(BTreeSet::new());
        };
        let options = setting.options;
        let lowered = if options.visibility { SUN_RADIUS } else { 0.0 };
        let reach = setting
            .bounds
            .reach(&control.footprint(lowered, options.refraction));
        let area = control.area(reach, margin(setting.bounds));
        let patch = (setting.patch_over)(setting.source, area)?;
        let shades = Shades::new(setting, &control, &patch, reach)?;
        let depends = shades.fill_bits(&mut self.bits);
        if let Some(incidence) = &mut self.incidence {
            shades.fill_incidence(incidence);
        }
        if let Some(visibility) = &mut self.visibility
            && let Some(limb) = Control::new(setting.grid, setting.light, &self.block, SUN_RADIUS)
        {
            let limb = Shades::new(setting, &limb, &patch, reach)?;
            shades.fill_visibility(&limb, &self.bits, visibility, setting.progress)?;
        }
        Ok(if depends {
            patch.missing
        } else {
            BTreeSet::new()
        })
    }
}

impl Shades {
    fn new(setting: &Setting<'_>, control: &Control, patch: &DemPatch, reach: f64) -> Result<Self> {
        let ground = Ground::new(control, patch, reach, setting.options.refraction);
        let shade = |unknown: f32| -> Result<Shade> {
            let surface = Surface::cut(patch, ground.orientation, ground.window, unknown);
            let mut classes = march(&ground, &surface, setting.grid.pixel_size, setting.progress)?;
            refine(&ground, &surface, &mut classes, setting.progress)?;
            Ok(Shade { surface, classes })
        };
        let least = shade(LOWEST_GROUND)?;
        let most = least
            .surface
            .has_unknown
            .then(|| shade(HIGHEST_GROUND))
            .transpose()?;
        Ok(Self {
            ground,
            least,
            most,
        })
    }

    /// Steps and tracks of the pixels; the seam belongs to the neighbours.
    fn pixels(&self) -> impl Iterator<Item = (usize, usize)> + use<> {
        let (steps, tracks) = self.ground.dim;
        (1..steps - 1).flat_map(move |step| (1..tracks - 1).map(move |track| (step, track)))
    }

    /// Whether all corners of the pixel's facet are known.
    fn is_facet_known(&self, step: usize, track: usize) -> bool {
        self.most.as_ref().is_none_or(|most| {
            let (along, across) = self.ground.at(step, track).position;
            most.surface.cell(along, across).corners
                == self.least.surface.cell(along, across).corners
        })
    }

    fn is_known(&self, step: usize, track: usize) -> bool {
        let pixel = step * self.ground.dim.1 + track;
        let class = self.least.classes[pixel];
        class & DARK == 0
            && self.most.as_ref().is_none_or(|most| {
                (class ^ most.classes[pixel]) & CAST == 0 && self.is_facet_known(step, track)
            })
    }

    /// Whether a pixel is unknown.
    fn fill_bits(&self, bits: &mut ArrayViewMut2<'_, u8>) -> bool {
        let mut depends = false;
        for (step, track) in self.pixels() {
            let class = self.least.classes[step * self.ground.dim.1 + track];
            let mut relief = Relief::empty();
            relief.set(Relief::CAST, class & CAST != 0);
            relief.set(Relief::SELF, class & SELF != 0);
            if !self.is_known(step, track) {
                relief = Relief::UNKNOWN;
                depends = true;
            }
            bits[self.ground.pixel(step, track)] = relief.bits();
        }
        depends
    }

    fn fill_incidence(&self, incidence: &mut ArrayViewMut2<'_, f32>) {
        for (step, track) in self.pixels() {
            if self.is_facet_known(step, track) {
                let spot = self.ground.at(step, track);
                let cell = self.least.surface.cell(spot.position.0, spot.position.1);
                let metric = self.ground.metric(step, track);
                incidence[self.ground.pixel(step, track)] = cos_incidence(&spot, metric, &cell);
            }
        }
    }

    /// Where relief reaches into the sun's disc, which the sweep for its lower limb tells, own rays measure how far.
    fn fill_visibility(
        &self,
        limb: &Self,
        bits: &ArrayViewMut2<'_, u8>,
        visibility: &mut ArrayViewMut2<'_, f32>,
        progress: &dyn Progress,
    ) -> Result<()> {
        let tracks = self.ground.dim.1;
        let visible = |shade: &Shade, step: usize, track: usize| {
            if shade.classes[step * tracks + track] & CAST == 0 {
                return 1.0;
            }
            let middle = f64::from(self.ground.at(step, track).slope).atan();
            let upper_limb = (middle + SUN_RADIUS).tan() as f32;
            let ray = Ray::new(&limb.ground, &shade.surface, limb.ground.at(step, track));
            visible_part(f64::from(ray.horizon(upper_limb)).atan() - middle) as f32
        };
        for (step, track) in self.pixels() {
            if track == 1 {
                progress.check()?;
            }
            let place = self.ground.pixel(step, track);
            if bits[place] & Relief::UNKNOWN.bits() != 0 {
                continue;
            }
            let part = visible(&limb.least, step, track);
            let is_known = limb
                .most
                .as_ref()
                .is_none_or(|most| visible(most, step, track) == part);
            if is_known {
                visibility[place] = part;
            }
        }
        Ok(())
    }
}

/// Sends an own ray from every pixel whose neighbours are not all of its kind, unless its march is sure.
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

/// Ground around a block that its lattice takes beside what is in reach, metres.
pub fn margin(bounds: &HeightBounds) -> f64 {
    2.0 * PADDING * bounds.node_distance
}
