//! One block of the sweep: the march, own rays at the edges of shadows, and the answer's pixels.

use super::super::{DemPatch, DemSource, Relief, ReliefOptions};
use super::PatchOver;
use super::bounds::{HIGHEST_GROUND, HeightBounds, LOWEST_GROUND};
use super::clearance::Clearance;
use super::control::{Block, Control};
use super::ground::{Ground, PADDING, Segment};
use super::incidence::{cos_incidence, faces_away};
use super::lattice::{CAST, DOUBT, HIDDEN, Lattice, MIXED, SELF, VISIBLE};
use super::lines::march;
use super::penumbra::{SUN_RADIUS, SUN_RADIUS_TANGENT, visible_part};
use super::ray::Ray;
use super::spot::Spot;
use super::surface::Surface;
use crate::{Progress, Result};
use ndarray::{ArrayViewMut1, ArrayViewMut2, s};
use std::collections::BTreeSet;

/// What all blocks share.
pub struct Setting<'a> {
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

/// Bytes of lattices that are done with: their memory serves the next.
pub type Scratch = Vec<Vec<u8>>;

/// A block over a surface.
struct Shade<'a> {
    ground: &'a Ground,
    surface: Surface,
    clearance: Clearance,
    lattice: &'a Lattice,
    /// Bytes by cell of the lattice.
    cells: Vec<u8>,
    /// Those of the pixels at hand.
    codes: Vec<u8>,
}

/// The block as if all unknown heights were as low, and as high, as any on Earth. Where both agree, it is known.
struct Shades<'a> {
    least: Shade<'a>,
    most: Option<Shade<'a>>,
}

impl BlockTask<'_> {
    /// Fills the block; names of missing cells if its pixels depend on unknown heights.
    pub fn run(
        mut self,
        setting: &Setting<'_>,
        control: Option<Control>,
        scratch: &mut Scratch,
    ) -> Result<BTreeSet<String>> {
        let Some(control) = control else {
            self.bits.fill(Relief::UNKNOWN.bits());
            for plane in [&mut self.visibility, &mut self.incidence]
                .into_iter()
                .flatten()
            {
                plane.fill(f32::NAN);
            }
            return Ok(BTreeSet::new());
        };
        let options = setting.options;
        let lowered = if options.visibility { SUN_RADIUS } else { 0.0 };
        let reach = setting
            .bounds
            .reach(&control.footprint(lowered, options.refraction));
        let area = control.area(reach, margin(setting.bounds));
        let patch = (setting.patch_over)(setting.source, area)?;
        let ground = Ground::new(&control, &patch, reach, options.refraction);
        let lattice = Lattice::new(&ground);
        let mut shade = |unknown| Shade::new(setting, &ground, &lattice, &patch, unknown, scratch);
        let least = shade(LOWEST_GROUND)?;
        let most = least
            .surface
            .has_unknown
            .then(|| shade(HIGHEST_GROUND))
            .transpose()?;
        let mut shades = Shades { least, most };
        let depends = self.fill(&mut shades, setting.progress)?;
        scratch.extend(shades.all().map(|shade| std::mem::take(&mut shade.cells)));
        Ok(if depends {
            patch.missing
        } else {
            BTreeSet::new()
        })
    }

    /// Fills the planes; whether a pixel is unknown.
    fn fill(&mut self, shades: &mut Shades<'_>, progress: &dyn Progress) -> Result<bool> {
        let ground = shades.least.ground;
        let mut depends = false;
        for row in 0..ground.dim.0 {
            progress.check()?;
            for segment in ground.segments(row) {
                let pixels = s![row, segment.columns.clone()];
                let mut bits = self.bits.slice_mut(pixels);
                let mut visibility = self.visibility.as_mut().map(|part| part.slice_mut(pixels));
                let mut incidence = self.incidence.as_mut().map(|part| part.slice_mut(pixels));
                if segment.start.slope.is_nan() {
                    bits.fill(Relief::UNKNOWN.bits());
                    for plane in [&mut visibility, &mut incidence].into_iter().flatten() {
                        plane.fill(f32::NAN);
                    }
                    depends = true;
                    continue;
                }
                depends |= shades.fill_bits(&segment, &mut bits);
                if let Some(incidence) = &mut incidence {
                    shades.fill_incidence(&segment, incidence);
                }
                if let Some(visibility) = &mut visibility {
                    shades.fill_visibility(&segment, &bits, visibility);
                }
            }
        }
        Ok(depends)
    }
}

impl<'a> Shades<'a> {
    fn all(&mut self) -> impl Iterator<Item = &mut Shade<'a>> {
        [Some(&mut self.least), self.most.as_mut()]
            .into_iter()
            .flatten()
    }

    /// Fills the pixels of a segment; whether one is unknown.
    fn fill_bits(&mut self, segment: &Segment, bits: &mut ArrayViewMut1<'_, u8>) -> bool {
        for shade in self.all() {
            let lattice = shade.lattice;
            lattice.read(&shade.cells, shade.ground, segment, &mut shade.codes);
        }
        let least = &self.least;
        let mut any = 0;
        for (bits, code) in bits.iter_mut().zip(&least.codes) {
            *bits = code & (CAST | SELF);
            any |= code;
        }
        if any & (DOUBT | MIXED) != 0 {
            for (i, (bits, code)) in bits.iter_mut().zip(&least.codes).enumerate() {
                if code & (DOUBT | MIXED) != 0 {
                    *bits = least.relief(*code, &segment.at(i));
                }
            }
        }
        let mut depends = false;
        if let Some(most) = &self.most {
            for (i, (bits, code)) in bits.iter_mut().zip(&most.codes).enumerate() {
                let spot = segment.at(i);
                if *bits != most.relief(*code, &spot) || !self.is_facet_known(&spot) {
                    *bits = Relief::UNKNOWN.bits();
                    depends = true;
                }
            }
        }
        depends
    }

    /// Whether all corners of a pixel's facet are known.
    fn is_facet_known(&self, spot: &Spot) -> bool {
        let corners = |shade: &Shade<'_>| shade.surface.at(spot.position).corners;
        let most = self.most.as_ref();
        most.is_none_or(|most| corners(most) == corners(&self.least))
    }

    fn fill_incidence(&self, segment: &Segment, incidence: &mut ArrayViewMut1<'_, f32>) {
        for (i, cosine) in incidence.iter_mut().enumerate() {
            let spot = segment.at(i);
            *cosine = if self.is_facet_known(&spot) {
                cos_incidence(&spot, &self.least.surface.at(spot.position))
            } else {
                f32::NAN
            };
        }
    }

    /// After [`Shades::fill_bits`] of the same segment.
    fn fill_visibility(
        &self,
        segment: &Segment,
        bits: &ArrayViewMut1<'_, u8>,
        visibility: &mut ArrayViewMut1<'_, f32>,
    ) {
        for (i, (part, bits)) in visibility.iter_mut().zip(bits).enumerate() {
            let visible = |shade: &Shade<'_>| {
                shade.visible((shade.codes[i] & !CAST) | bits, || segment.at(i))
            };
            let is_known = *bits != Relief::UNKNOWN.bits();
            let least = if is_known {
                visible(&self.least)
            } else {
                f32::NAN
            };
            let most = self.most.as_ref().filter(|_| is_known);
            *part = match most.map(visible) {
                Some(most) if most != least => f32::NAN,
                _ => least,
            };
        }
    }
}

impl<'a> Shade<'a> {
    fn new(
        setting: &Setting<'_>,
        ground: &'a Ground,
        lattice: &'a Lattice,
        patch: &DemPatch,
        unknown: f32,
        scratch: &mut Scratch,
    ) -> Result<Self> {
        let surface = Surface::cut(patch, ground.orientation, ground.window, unknown);
        let lowered = if setting.options.visibility {
            SUN_RADIUS_TANGENT
        } else {
            0.0
        };
        let clearance = Clearance::new(ground, &surface, -lowered);
        let mut settle = |lift: f32| {
            let mut cells = scratch.pop().unwrap_or_default();
            let progress = setting.progress;
            march(ground, &surface, lattice, lift, &mut cells, progress).map(|()| cells)
        };
        let mut cells = settle(0.0)?;
        lattice.add_facets(&mut cells, ground, &surface);
        if setting.options.visibility {
            let (lower, upper) = (settle(-SUN_RADIUS_TANGENT)?, settle(SUN_RADIUS_TANGENT)?);
            Lattice::add_limbs(&mut cells, &lower, &upper);
            scratch.extend([lower, upper]);
        }
        Ok(Self {
            ground,
            surface,
            clearance,
            lattice,
            cells,
            codes: Vec::new(),
        })
    }

    fn ray(&self, spot: Spot) -> Ray<'_> {
        Ray::new(self.ground, &self.surface, &self.clearance, spot)
    }

    /// [`CAST`] and [`SELF`] of a pixel.
    fn relief(&self, code: u8, spot: &Spot) -> u8 {
        let mut bits = code & (CAST | SELF);
        if code & MIXED != 0 && faces_away(spot, &self.surface.at(spot.position)) {
            bits |= SELF;
        }
        if code & DOUBT != 0 || bits == SELF {
            bits &= !CAST;
            if self.ray(*spot).is_blocked() {
                bits |= CAST;
            }
        }
        bits
    }

    /// The part of the sun's disc that is visible: where relief reaches into it, an own ray measures how far.
    fn visible(&self, code: u8, spot: impl Fn() -> Spot) -> f32 {
        // Both sweeps must agree with the bits.
        match code & (VISIBLE | HIDDEN | CAST) {
            VISIBLE => return 1.0,
            code if code == HIDDEN | CAST => return 0.0,
            _ => {}
        }
        let spot = spot();
        let upper_limb = spot.lifted(SUN_RADIUS_TANGENT).slope;
        let ray = self.ray(spot.lifted(-SUN_RADIUS_TANGENT));
        let (horizon, middle) = (f64::from(ray.horizon(upper_limb)), f64::from(spot.slope));
        visible_part(((horizon - middle) / (1.0 + horizon * middle)).atan()) as f32
    }
}

/// Ground around a block that its lattice takes beside what is in reach, metres.
pub fn margin(bounds: &HeightBounds) -> f64 {
    2.0 * PADDING * bounds.node_distance
}
