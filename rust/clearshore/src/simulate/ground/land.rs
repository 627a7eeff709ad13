//! Land: fields, woods, towns, beaches, mud, salt pans, snow.

use super::super::noise::{hash, unit};
use super::super::setting::Setting;
use super::super::shore::Shore;
use super::parcels::{Axes, Memory, Parcels};
use super::parts::cover;
use super::place::{Field, Length, Place, scaled};
use super::recipe::Recipe;
use super::survey::Survey;
use super::town::Town;
use super::{BORDER, Parts, Surface};
use ndarray::ArrayView1;

/// Wave lengths of woods, and the width of their rims.
const WOODS: (Length, f64) = ((2_500.0, 0.1), 40.0);
const RIM: f64 = 20.0;
/// Mean length and width of fields, metres; the range of their brightness.
const FIELD: [f64; 2] = [260.0, 170.0];
const FIELD_TONE: f64 = 0.2;
/// Greatest share of weeds in a bare field, of soil in a green one.
const OTHER_IN_FIELD: f64 = 0.5;
/// Wave lengths of towns, their least distance from the shore, and how the share of built blocks rises from
/// the rim: at the rim, and per unit of the noise.
const TOWNS: (Length, f64) = ((9_000.0, 0.3), 400.0);
const TOWN_FROM: f64 = 120.0;
const BUILT: [f64; 2] = [0.35, 6.0];
/// Wave lengths of salt pans, their distance from the lagoon, length and width of a pan, width of the
/// dams between them; share of pans that are brine and mud, not salt.
const PANS: (Length, f64) = ((4_000.0, 0.15), 300.0);
const PANS_FROM: f64 = 60.0;
const PANS_TO: Length = (2_500.0, 0.1);
const PAN: [f64; 2] = [180.0, 110.0];
const DAM: f64 = 12.0;
const BRINE: f64 = 0.3;
/// Wave lengths along which beaches change.
const BEACHES: (Length, f64) = ((3_000.0, 0.14), 150.0);
/// Typical slope of the signed distance from the shore.
const SHORE_SLOPE: f64 = 1.7;
/// The barrier's plants keep off the water, metres.
const BARRIER_RIM: f64 = 90.0;
/// Width of the mud by an estuary, metres; clouding of the water where it begins.
const MUD: f64 = 350.0;
const MUDDY: f64 = 0.3;
/// Tree line; how far it wanders, times the noise; over how much height plants thin out. Metres.
const TREE_LINE: f64 = 1_200.0;
const TREE_LINE_WANDERING: f64 = 400.0;
const TREE_LINE_RIM: f64 = 60.0;
/// How far the snow line wanders, times the noise, and rises on slopes, times their gradient; over how
/// much height snow becomes whole; a gradient of snowy slopes that is not too steep. Metres.
const SNOW_WANDERING: f64 = 250.0;
const SNOW_ON_SLOPES: f64 = 300.0;
const SNOW_RIM: f64 = 30.0;
const SNOW_WAVES: (Length, f64) = ((1_000.0, 0.1), 30.0);
/// Share of a wood that is snow between the trees, and of a street that is.
const SNOW_IN_WOODS: f64 = 0.1;
const SNOW_IN_STREETS: f64 = 0.4;

/// Land.
pub(super) struct Land {
    shore: Shore,
    recipe: Recipe,
    snow_line: f64,
    woods: Field,
    woods_threshold: f64,
    woods_contrast: f64,
    fields: Parcels,
    towns: Field,
    town_threshold: f64,
    town_to: f64,
    town: Town,
    pans: Field,
    pan_threshold: f64,
    pans_to: f64,
    pan: Parcels,
    beaches: Field,
    snow: Field,
}

/// The noises of a row.
struct Noises {
    woods: Vec<f64>,
    towns: Vec<f64>,
    pans: Vec<f64>,
    beaches: Vec<f64>,
    snow: Vec<f64>,
}

impl Land {
    pub fn new(setting: &Setting, shore: &Shore, survey: &Survey, recipe: &Recipe) -> Self {
        /// Change of such noises over a coarsest wave length.
        const SLOPE: f64 = 2.5;
        let seed = |number: i64| hash(setting.seed, 0x1a4d, number);
        let field = |number: i64, (coarsest, finest): (Length, f64)| {
            Field::new(setting, seed(number), coarsest, finest)
        };
        let (woods, towns, pans) = (field(0, WOODS), field(1, TOWNS), field(2, PANS));
        let (town_to, pans_to) = (scaled(setting, recipe.towns.1), scaled(setting, PANS_TO));
        let in_town = |inland: f64| {
            (TOWN_FROM..town_to).contains(&shore.folded(inland)) && !shore.is_barrier(inland)
        };
        let in_pans = |inland: f64| {
            (PANS_FROM..pans_to).contains(&shore.folded(inland)) && !shore.is_barrier(inland)
        };
        let parcels = |number: i64, [length, width]: [f64; 2]| Parcels {
            seed: seed(number),
            axes: Axes::random(seed(number + 1)),
            length,
            width,
        };
        Self {
            shore: *shore,
            recipe: *recipe,
            snow_line: setting.snow_line,
            woods,
            woods_threshold: survey.threshold(&woods.noise, recipe.woods, |inland| inland > 0.0),
            woods_contrast: scaled(setting, WOODS.0) / (SLOPE * RIM),
            fields: parcels(10, FIELD),
            towns,
            town_threshold: survey.threshold(&towns.noise, recipe.towns.0, in_town),
            town_to,
            town: Town {
                seed: seed(20),
                axes: Axes::random(seed(21)),
            },
            pans,
            pan_threshold: survey.threshold(&pans.noise, recipe.salt_pans, in_pans),
            pans_to,
            pan: parcels(30, PAN),
            beaches: field(3, BEACHES),
            snow: field(4, SNOW_WAVES),
        }
    }

    /// How far from the shore there may be mud, metres.
    pub fn mud_reach(&self) -> f64 {
        MUD + BORDER
    }

    /// What the land of a row is made of, some pixels beyond the shore included.
    pub fn fill(
        &self,
        place: &Place,
        heights: ArrayView1<'_, f32>,
        clouding: &[f64],
        out: &mut [Parts],
    ) {
        let noises = self.noises(place, heights);
        let mut memory = [Memory::default(), Memory::default()];
        for k in (0..place.len()).filter(|&k| place.from_sea[k] > -BORDER) {
            let height = f64::from(heights[k]);
            let from_sea = place.from_sea[k];
            let ground = if self.shore.is_barrier(place.inland[k]) {
                let plants = self
                    .trees(noises.woods[k])
                    .min((from_sea - BARRIER_RIM) / RIM);
                Parts::pure(self.recipe.sand).under(Surface::Vegetation, plants)
            } else {
                let inner = self.inner(place, k, height, &noises, &mut memory);
                let [mean, wandering] = self.recipe.beach;
                if from_sea < mean + wandering + BORDER || from_sea < MUD + BORDER {
                    let sand = mean + wandering * noises.beaches[k] - from_sea;
                    let mud = MUD * ((clouding[k] - MUDDY) / (1.0 - MUDDY)).min(1.0) - from_sea;
                    let width = place.row.step * SHORE_SLOPE;
                    inner
                        .under(self.recipe.sand, cover(sand, width))
                        .under(Surface::TidalMud, cover(mud, width))
                } else {
                    inner
                }
            };
            out[k] = if self.snow_line.is_finite() {
                let snow = self.snow_share(heights, k, noises.snow[k], place.row.step);
                self.snowed(ground, snow)
            } else {
                ground
            };
        }
    }

    fn noises(&self, place: &Place, heights: ArrayView1<'_, f32>) -> Noises {
        let land = |k: usize| place.from_sea[k] > -BORDER;
        let none = || vec![f64::NEG_INFINITY; place.len()];
        let between =
            |least: f64, most: f64| move |k: usize| (least..most).contains(&place.from_sea[k]);
        let [mean, wandering] = self.recipe.beach;
        // Well below the line there is no snow, well above nothing else.
        let range = SNOW_WANDERING + SNOW_RIM;
        let near_line = |k: usize| land(k) && f64::from(heights[k]) > self.snow_line - range;
        Noises {
            woods: place.field_where(&self.woods, land),
            towns: if self.town_threshold.is_infinite() {
                none()
            } else {
                place.field_where(&self.towns, between(TOWN_FROM, self.town_to))
            },
            pans: if self.pan_threshold.is_infinite() {
                none()
            } else {
                place.field_where(&self.pans, between(PANS_FROM, self.pans_to))
            },
            beaches: place.field_where(&self.beaches, between(-BORDER, mean + wandering + BORDER)),
            snow: if self.snow_line > 0.0 {
                place.field_where(&self.snow, near_line)
            } else {
                none()
            },
        }
    }

    /// Share of trees.
    fn trees(&self, woods: f64) -> f64 {
        cover(woods - self.woods_threshold, 1.0 / self.woods_contrast)
    }

    /// Land away from the shore: rock, woods, towns, salt pans, fields.
    fn inner(
        &self,
        place: &Place,
        k: usize,
        height: f64,
        noises: &Noises,
        memory: &mut [Memory; 2],
    ) -> Parts {
        let (x, y, size) = (place.x(k), place.row.y, place.row.step);
        let from_sea = place.from_sea[k];
        let rock = height - TREE_LINE + TREE_LINE_WANDERING * noises.woods[k];
        let rock = cover(rock, TREE_LINE_RIM);
        if rock >= 1.0 {
            return Parts::pure(Surface::Soil);
        }
        let [fields_memory, pans_memory] = memory;
        let town = noises.towns[k] - self.town_threshold;
        if town > 0.0 && (TOWN_FROM..self.town_to).contains(&from_sea) {
            let [rim, rise] = BUILT;
            return self.town.pixel(x, y, size, (rim + rise * town).min(1.0));
        }
        if noises.pans[k] > self.pan_threshold && (PANS_FROM..self.pans_to).contains(&from_sea) {
            return self.salt_pan(x, y, size, pans_memory);
        }
        let trees = self.trees(noises.woods[k]);
        if trees >= 1.0 {
            return Parts::pure(Surface::Forest).under(Surface::Soil, rock);
        }
        let open = if height < self.recipe.fields_below {
            self.field(x, y, size, fields_memory)
        } else {
            Parts::pure(Surface::Vegetation)
        };
        open.under(Surface::Forest, trees)
            .under(Surface::Soil, rock)
    }

    /// A pixel of the fields, two of them at their borders.
    fn field(&self, x: f64, y: f64, size: f64, memory: &mut Memory) -> Parts {
        let crop = |bits: u64| {
            let other = (OTHER_IN_FIELD * unit(bits << 16).powi(2)) as f32;
            let tone = (FIELD_TONE * (unit(bits << 32) - 0.5)) as f32;
            if unit(bits) < self.recipe.bare_fields {
                Parts::of(Surface::Soil, Surface::Vegetation, other).toned(tone)
            } else {
                Parts::of(Surface::Vegetation, Surface::Soil, other).toned(tone)
            }
        };
        let at = self.fields.axes.turned(x, y);
        let here = self.fields.at(at, memory);
        let beyond = 1.0 - cover(here.inside, size);
        if beyond <= 0.0 {
            return crop(here.bits);
        }
        let neighbour = crop(self.fields.beyond(at, &here).bits);
        crop(here.bits).beside(neighbour, beyond as f32)
    }

    /// A pixel of salt pans and the dams between them.
    fn salt_pan(&self, x: f64, y: f64, size: f64, memory: &mut Memory) -> Parts {
        let here = self.pan.at(self.pan.axes.turned(x, y), memory);
        let surface = if unit(here.bits) < BRINE {
            Surface::TidalMud
        } else {
            Surface::SaltPan
        };
        let dam = cover(DAM / 2.0 - here.inside, size);
        Parts::pure(surface).under(Surface::Soil, dam)
    }

    /// Share of snow: none well below the line, all well above, less on steep slopes.
    fn snow_share(&self, heights: ArrayView1<'_, f32>, k: usize, noise: f64, size: f64) -> f64 {
        if self.snow_line <= 0.0 {
            return 1.0;
        }
        let (left, right) = (k.saturating_sub(1), (k + 1).min(heights.len() - 1));
        let rise = f64::from(heights[right] - heights[left]).abs();
        let gradient = rise / ((right - left).max(1) as f64 * size);
        let line = self.snow_line - SNOW_WANDERING * noise + SNOW_ON_SLOPES * gradient;
        cover(f64::from(heights[k]) - line, SNOW_RIM)
    }

    /// Ground under a share of snow: trees and streets show.
    fn snowed(&self, ground: Parts, snow: f64) -> Parts {
        let showing = |inside: f64| ground.under(Surface::Snow, snow * inside);
        match ground.first {
            Surface::Forest if self.recipe.dark_woods => showing(SNOW_IN_WOODS),
            Surface::Street if self.recipe.dark_woods => showing(SNOW_IN_STREETS),
            _ => showing(1.0),
        }
    }
}
