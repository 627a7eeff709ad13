//! Sea and lagoon: colour of the water, reefs, ice, surf.

use super::super::noise::{Fractal, hash};
use super::super::setting::{Preset, Setting};
use super::super::shore::Shore;
use super::parts::cover;
use super::place::{Field, Length, Place, scaled};
use super::recipe::Recipe;
use super::survey::Survey;
use super::{BORDER, Parts, Surface};

/// The waters of the sea, from clear to turbid: a pixel is a mixture of two neighbours.
const WATERS: [Surface; 4] = [
    Surface::DeepSea,
    Surface::Shelf,
    Surface::Plume,
    Surface::Estuary,
];
/// Width of the shelf, and wave lengths of its border (the finest is a length of the water's texture).
const SHELF: Length = (6_000.0, 0.16);
const SHELF_BORDER: (Length, f64) = ((8_000.0, 0.25), 500.0);
/// How far the shelf's border wanders, in its widths times the noise.
const SHELF_WANDERING: f64 = 1.2;
/// Share of shelf water in the deep sea: mean and times the noise.
const TEXTURE: [f64; 2] = [0.08, 0.3];
/// Wave lengths of the field of rivers, and how fast the water becomes turbid with that field,
/// how turbid it becomes (1 is an estuary's), how far out it clears.
const RIVERS: (Length, f64) = ((14_000.0, 0.4), 200.0);
const CLOUDING: f64 = 8.0;
const MOST_CLOUDED: f64 = 1.3;
const RIVER_REACH: Length = (3_500.0, 0.12);
/// Least distances of reefs from the shore, and the greatest.
const REEF_NEAR: f64 = 100.0;
const REEF_FAR: Length = (3_000.0, 0.1);
/// Wave lengths of reefs, and width of their rims.
const REEFS: (Length, f64) = ((1_600.0, 0.07), 25.0);
const REEF_RIM: f64 = 60.0;
/// Wave lengths of ice floes and leads, width of their rims, how far the ice reaches.
const FLOES: (Length, f64) = ((1_400.0, 0.06), 20.0);
const FLOE_RIM: f64 = 15.0;
const ICE_REACH: Length = (9_000.0, 0.3);
/// Value of the noise of floes that is ice at the shore.
const FAST_ICE: f64 = -0.4;
/// Least and greatest width of the surf, metres, and wave lengths along which it changes.
const SURF: [f64; 2] = [30.0, 150.0];
const SURF_CHANGES: (Length, f64) = ((2_000.0, 0.1), 250.0);
/// Where between these the mean width on the most exposed shore lies.
const MEAN_SURF: f64 = 0.5;
/// Least exposure of a shore with surf, and that of the widest surf.
const EXPOSED: [f64; 2] = [0.35, 0.9];
/// Wave lengths of breakers, contrast of their noise, how far foam fills the surf at its inner rim and
/// at its outer, in the noise.
const BREAKERS: (f64, f64) = (160.0, 10.0);
const FOAMING: f64 = 3.0;
const FOAM: [f64; 2] = [0.25, -0.2];
/// Distance between the crests that break, metres, and how much more foam there is on them.
const CREST_SPACING: f64 = 50.0;
const CREST: f64 = 0.25;
/// Typical slope of value noise of several octaves: change over a coarsest wave length.
const SLOPE: f64 = 2.5;

/// Sea and lagoon.
pub(super) struct Sea {
    shore: Shore,
    shelf: Field,
    shelf_width: f64,
    rivers: Field,
    river_threshold: f64,
    river_reach: f64,
    river_side: RiverSide,
    reefs: Field,
    reef_threshold: f64,
    reef_contrast: f64,
    reef_far: f64,
    floes: Option<Field>,
    floe_contrast: f64,
    ice_reach: f64,
    surf: Fractal,
    breakers: Fractal,
}

/// Which shores rivers come to.
#[derive(Clone, Copy, PartialEq)]
enum RiverSide {
    Any,
    Lagoon,
}

impl Sea {
    pub fn new(setting: &Setting, shore: &Shore, survey: &Survey, recipe: &Recipe) -> Self {
        let field = |number: i64, (coarsest, finest): (Length, f64)| {
            Field::new(setting, hash(setting.seed, 0x5ea, number), coarsest, finest)
        };
        let river_side = match setting.preset {
            Preset::Lagoon => RiverSide::Lagoon,
            _ => RiverSide::Any,
        };
        let rivers = field(1, RIVERS);
        let reefs = field(2, REEFS);
        let river_reach = scaled(setting, RIVER_REACH);
        let reef_far = scaled(setting, REEF_FAR);
        let by_a_river = |inland: f64| {
            shore.folded(inland).abs() < river_reach / 4.0
                && (river_side == RiverSide::Any || !shore.is_outside(inland))
        };
        let shallow = |inland: f64| (-reef_far..-REEF_NEAR).contains(&shore.folded(inland));
        Self {
            shore: *shore,
            shelf: field(0, SHELF_BORDER),
            shelf_width: scaled(setting, SHELF),
            rivers,
            river_threshold: survey.threshold(&rivers.noise, recipe.rivers, by_a_river),
            river_reach,
            river_side,
            reefs,
            reef_threshold: survey.threshold(&reefs.noise, recipe.reefs, shallow),
            reef_contrast: scaled(setting, REEFS.0) / (SLOPE * REEF_RIM),
            reef_far,
            floes: recipe.ice.then(|| field(3, FLOES)),
            floe_contrast: scaled(setting, FLOES.0) / (SLOPE * FLOE_RIM),
            ice_reach: scaled(setting, ICE_REACH),
            surf: field(4, SURF_CHANGES).noise,
            breakers: Fractal::new(hash(setting.seed, 0x5ea, 5), BREAKERS.0, BREAKERS.1),
        }
    }

    /// How rivers cloud the water at the shore, along a row: 0 or less is clear, 1 or more an estuary.
    /// Only near the shore and at sea.
    pub fn clouding(&self, place: &Place, landward: f64) -> Vec<f64> {
        let clear = f64::NEG_INFINITY;
        if self.river_threshold.is_infinite() {
            return vec![clear; place.len()];
        }
        let reached = |k: usize| {
            (-MOST_CLOUDED * self.river_reach..landward).contains(&place.from_sea[k])
                && (self.river_side == RiverSide::Any || !self.shore.is_outside(place.inland[k]))
        };
        let mut clouding = place.field_where(&self.rivers, reached);
        for (k, value) in clouding.iter_mut().enumerate() {
            *value = if reached(k) {
                (CLOUDING * (*value - self.river_threshold)).min(MOST_CLOUDED)
            } else {
                clear
            };
        }
        clouding
    }

    /// What the sea of a row is made of, some pixels up the shore included.
    pub fn fill(&self, place: &Place, survey: &Survey, clouding: &[f64], out: &mut [Parts]) {
        let sea = |k: usize| place.from_sea[k] < BORDER;
        let shelf = place.field_where(&self.shelf, sea);
        for k in (0..place.len()).filter(|&k| sea(k)) {
            let off_shore = -place.from_sea[k].min(0.0);
            out[k] = self.water(place.inland[k], off_shore, shelf[k], clouding[k]);
        }
        self.add_reefs(place, clouding, out);
        self.add_surf(place, survey, out);
        self.add_ice(place, out);
    }

    /// Open water.
    fn water(&self, inland: f64, off_shore: f64, noise: f64, clouding: f64) -> Parts {
        let shelf = if self.shore.is_outside(inland) {
            let [mean, contrast] = TEXTURE;
            (1.0 - off_shore / self.shelf_width + SHELF_WANDERING * noise)
                .max(mean + contrast * noise)
                .clamp(0.0, 1.0)
        } else {
            1.0
        };
        let turbid = (clouding - off_shore / self.river_reach).clamp(0.0, 1.0);
        let most = (WATERS.len() - 1) as f64;
        let colour = shelf + (most - shelf) * turbid;
        let clearer = (colour as usize).min(WATERS.len() - 2);
        let share = colour - clearer as f64;
        Parts::of(WATERS[clearer], WATERS[clearer + 1], share as f32)
    }

    fn add_reefs(&self, place: &Place, clouding: &[f64], out: &mut [Parts]) {
        if self.reef_threshold.is_infinite() {
            return;
        }
        let shallow = |k: usize| (-self.reef_far..-REEF_NEAR).contains(&place.from_sea[k]);
        let reefs = place.field_where(&self.reefs, shallow);
        for k in (0..place.len()).filter(|&k| shallow(k)) {
            let off_shore = -place.from_sea[k];
            let reef = cover(reefs[k] - self.reef_threshold, 1.0 / self.reef_contrast);
            let window = (off_shore - REEF_NEAR).min(self.reef_far - off_shore) / REEF_RIM;
            // Corals need clear water.
            let clear = -clouding[k] / CLOUDING * self.reef_contrast;
            out[k] = out[k].under(Surface::Reef, reef.min(window).min(clear));
        }
    }

    fn add_surf(&self, place: &Place, survey: &Survey, out: &mut [Parts]) {
        let strip = |k: usize| {
            (-SURF[1]..BORDER).contains(&place.from_sea[k])
                && self.shore.is_outside(place.inland[k])
        };
        for run in place.runs(strip) {
            let row = place.row_from(run.start);
            let (mut widths, mut breakers) = (vec![0.0; run.len()], vec![0.0; run.len()]);
            self.surf.fill(row, &mut widths);
            self.breakers.fill(row, &mut breakers);
            for (k, (width, breaker)) in run.zip(widths.into_iter().zip(breakers)) {
                if !strip(k) {
                    continue;
                }
                let [least, most] = EXPOSED;
                let exposed = (survey.exposure(place.x(k), place.row.y) - least) / (most - least);
                if exposed <= 0.0 {
                    continue;
                }
                let [narrow, wide] = SURF;
                let width = narrow
                    + (wide - narrow) * (MEAN_SURF * exposed.min(1.0) + width).clamp(0.0, 1.0);
                let outward = -place.from_sea[k].min(0.0) / width;
                if outward < 1.0 {
                    let [inner, outer] = FOAM;
                    let from_crest = (outward * width / CREST_SPACING).fract() - 0.5;
                    let crest = CREST * (0.5 - 2.0 * from_crest.abs());
                    let foam = FOAMING * (breaker + crest + inner + (outer - inner) * outward);
                    out[k] = out[k].under(Surface::Surf, foam.clamp(0.0, 1.0));
                }
            }
        }
    }

    fn add_ice(&self, place: &Place, out: &mut [Parts]) {
        let Some(floes) = &self.floes else {
            return;
        };
        let near = |k: usize| (-self.ice_reach..BORDER).contains(&place.from_sea[k]);
        let floes = place.field_where(floes, near);
        for k in (0..place.len()).filter(|&k| near(k)) {
            let off_shore = -place.from_sea[k].min(0.0) / self.ice_reach;
            let least = FAST_ICE + (1.0 - FAST_ICE) * off_shore;
            let ice = cover(floes[k] - least, 1.0 / self.floe_contrast);
            out[k] = out[k].under(Surface::SeaIce, ice);
        }
    }
}
