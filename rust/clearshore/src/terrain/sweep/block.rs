//! One block of the sweep: the march, own rays at the edges of shadows, and the answer's pixels.

use super::super::{DemPatch, DemSource, Light, Relief, ReliefOptions};
use super::PatchOver;
use super::bounds::{HIGHEST_GROUND, HeightBounds, LOWEST_GROUND};
use super::control::{Block, Control};
use super::ground::{Ground, PADDING};
use super::incidence::{cos_incidence, faces_away};
use super::lattice::{CAST, DOUBT, HIDDEN, Lattice, MIXED, SELF, VISIBLE};
use super::lines::march;
use super::penumbra::{SUN_RADIUS, visible_part};
use super::ray::Ray;
use super::spot::Spot;
use super::surface::{Cell, Surface};
use crate::scene::Grid;
use crate::{Progress, Result};
use ndarray::ArrayViewMut2;
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

/// A block over a surface.
struct Shade<'a> {
    ground: &'a Ground,
    surface: Surface,
    lattice: &'a Lattice,
    /// Bytes by cell of the lattice.
    cells: Vec<u8>,
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
        let ground = Ground::new(&control, &patch, reach, options.refraction);
        let lattice = Lattice::new(&ground);
        let shade = |unknown| Shade::new(setting, &ground, &lattice, &patch, unknown);
        // As if all unknown heights were as low, and as high, as any on Earth. Where both agree, the block is known.
        let least = shade(LOWEST_GROUND)?;
        let most = least
            .surface
            .has_unknown
            .then(|| shade(HIGHEST_GROUND))
            .transpose()?;
        let depends = self.fill(&least, most.as_ref(), setting.progress)?;
        Ok(if depends {
            patch.missing
        } else {
            BTreeSet::new()
        })
    }

    /// Fills the planes; whether a pixel is unknown.
    fn fill(
        &mut self,
        least: &Shade<'_>,
        most: Option<&Shade<'_>>,
        progress: &dyn Progress,
    ) -> Result<bool> {
        let ground = least.ground;
        let mut depends = false;
        let mut places = Vec::new();
        for row in 0..ground.dim.0 {
            progress.check()?;
            for segment in ground.segments(row) {
                least.lattice.places(ground, &segment, &mut places);
                for (i, place) in places.iter().enumerate() {
                    let pixel = [row, segment.columns.start + i];
                    let code = least.code(*place);
                    let has_planes = self.visibility.is_some() || self.incidence.is_some();
                    if code & (DOUBT | MIXED) == 0
                        && code & (CAST | SELF) != SELF
                        && most.is_none()
                        && !has_planes
                        && !segment.start.slope.is_nan()
                    {
                        self.bits[pixel] = code & (CAST | SELF);
                        continue;
                    }
                    let spot = segment.at(i);
                    if spot.slope.is_nan() {
                        self.bits[pixel] = Relief::UNKNOWN.bits();
                        depends = true;
                        continue;
                    }
                    let cell = least.surface.cell(spot.position.0, spot.position.1);
                    let bits = least.relief(code, &spot, &cell);
                    let (mut is_known, mut is_facet_known) = (true, true);
                    if let Some(most) = most {
                        let other = most.surface.cell(spot.position.0, spot.position.1);
                        is_facet_known = cell.corners == other.corners;
                        let other = most.relief(most.code(*place), &spot, &other);
                        is_known = is_facet_known && bits == other;
                    }
                    self.bits[pixel] = if is_known {
                        bits
                    } else {
                        Relief::UNKNOWN.bits()
                    };
                    depends |= !is_known;
                    if let Some(incidence) = &mut self.incidence
                        && is_facet_known
                    {
                        incidence[pixel] = cos_incidence(&spot, &cell);
                    }
                    if let Some(visibility) = &mut self.visibility
                        && is_known
                    {
                        let part = least.visible(code, &spot);
                        if most.is_none_or(|most| most.visible(most.code(*place), &spot) == part) {
                            visibility[pixel] = part;
                        }
                    }
                }
            }
        }
        Ok(depends)
    }
}

impl<'a> Shade<'a> {
    fn new(
        setting: &Setting<'_>,
        ground: &'a Ground,
        lattice: &'a Lattice,
        patch: &DemPatch,
        unknown: f32,
    ) -> Result<Self> {
        let surface = Surface::cut(patch, ground.orientation, ground.window, unknown);
        let settle = |lift: f64| {
            let samples = march(ground, &surface, lattice, lift, setting.progress)?;
            lattice.settle(&samples, setting.progress)
        };
        let mut cells = settle(0.0)?;
        lattice.add_facets(&mut cells, ground, &surface);
        if setting.options.visibility {
            Lattice::add_limbs(&mut cells, &settle(-SUN_RADIUS)?, &settle(SUN_RADIUS)?);
        }
        Ok(Self {
            ground,
            surface,
            lattice,
            cells,
        })
    }

    fn code(&self, place: u32) -> u8 {
        let code = self.cells.get(place as usize);
        code.copied().unwrap_or(DOUBT | MIXED)
    }

    /// [`CAST`] and [`SELF`] of a pixel.
    fn relief(&self, code: u8, spot: &Spot, cell: &Cell) -> u8 {
        let mut bits = code & (CAST | SELF);
        if code & MIXED != 0 {
            bits &= !SELF;
            if faces_away(spot, cell) {
                bits |= SELF;
            }
        }
        // Where the slope faces away, its own crest blocks the light, unless that is nearer than the tolerance.
        if code & DOUBT != 0 || bits == SELF {
            bits &= !CAST;
            if Ray::new(self.ground, &self.surface, *spot).is_blocked() {
                bits |= CAST;
            }
        }
        bits
    }

    /// The part of the sun's disc that is visible: where relief reaches into it, an own ray measures how far.
    fn visible(&self, code: u8, spot: &Spot) -> f32 {
        if code & VISIBLE != 0 {
            return 1.0;
        }
        if code & HIDDEN != 0 {
            return 0.0;
        }
        let middle = f64::from(spot.slope).atan();
        let upper_limb = spot.lifted(SUN_RADIUS).slope;
        let ray = Ray::new(self.ground, &self.surface, spot.lifted(-SUN_RADIUS));
        visible_part(f64::from(ray.horizon(upper_limb)).atan() - middle) as f32
    }
}

/// Ground around a block that its lattice takes beside what is in reach, metres.
pub fn margin(bounds: &HeightBounds) -> f64 {
    2.0 * PADDING * bounds.node_distance
}
