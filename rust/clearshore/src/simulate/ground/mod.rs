//! What the ground is made of.
//!
//! Land and water are decided by the shore's distances alone; what they are made of by noises whose
//! thresholds a coarse survey of the scene sets, so that small scenes hold all things that large ones
//! repeat. Pixels on a border hold the shares of both sides.

mod land;
mod parcels;
mod parts;
mod place;
mod recipe;
mod sea;
mod ships;
mod surface;
mod survey;
#[cfg(test)]
mod tests;
mod town;

pub use surface::Surface;

use super::noise::{Row, hash, scramble};
use super::setting::Setting;
use super::shore::Shore;
use land::Land;
use ndarray::{Array2, ArrayView1, ArrayView2};
use parts::Parts;
use place::{Field, Length, Place};
use rayon::prelude::*;
use recipe::Recipe;
use sea::Sea;
use ships::Ships;
use std::ops::Range;
use survey::Survey;

/// Pixels nearer to a shore than this may lie on both sides of it, metres.
const BORDER: f64 = 30.0;
/// Points of a pixel's side at which its share of water is looked at.
const SAMPLES: usize = 4;
/// Wave lengths of the brightness of surfaces, metres.
const SHADING: (Length, f64) = ((1_500.0, 0.1), 90.0);
/// How much brightness varies with that noise (whose deviation is 0.26).
const SHADING_CONTRAST: f32 = 0.33;
/// Greatest deviation of single pixels' brightness on land and on water (the waves add theirs): the
/// deviations of a uniform number are 0.58 of it.
const GRAIN: [f32; 2] = [0.07, 0.02];
/// Mean of a random byte.
const MEAN_BYTE: f32 = 127.5;
/// Steps of [`Mixture::brightness`] in 1, and the step that is 1.
const BRIGHTNESS: [f32; 2] = [640.0, 128.0];
/// Steps of [`Mixture::share`] in 1, and the largest.
const SHARE: [f32; 2] = [255.0, 127.0];

/// What a 10 m pixel is made of: two surfaces side by side.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Mixture {
    /// The larger part.
    pub first: Surface,
    /// The smaller part.
    pub second: Surface,
    /// Share of the second, in 255ths: at most 127.
    pub share: u8,
    /// Brightness relative to the end members: 128 is 1, one step 1/640 (0.8 to 1.2). Its deviation is
    /// about 0.1.
    pub brightness: u8,
}

impl Mixture {
    /// Share of the second surface, 0 to 0.5.
    #[inline]
    pub fn second_share(self) -> f32 {
        f32::from(self.share) * (1.0 / SHARE[0])
    }

    /// Brightness relative to the end members, about 1.
    #[inline]
    pub fn relative_brightness(self) -> f32 {
        1.0 + (f32::from(self.brightness) - BRIGHTNESS[1]) * (1.0 / BRIGHTNESS[0])
    }
}

/// What the ground of a scene is made of.
pub(super) struct Ground {
    shore: Shore,
    survey: Survey,
    sea: Sea,
    land: Land,
    ships: Ships,
    shading: Field,
    grain: u64,
    pixel_size: f64,
    lakes_freeze: bool,
    snow_line: f64,
}

impl Ground {
    pub fn new(setting: &Setting, shore: &Shore) -> Self {
        let recipe = Recipe::of(setting.preset);
        let survey = Survey::new(setting, shore);
        let seed = |number: i64| hash(setting.seed, 0x6a0d, number);
        Self {
            shore: *shore,
            sea: Sea::new(setting, shore, &survey, &recipe),
            land: Land::new(setting, shore, &survey, &recipe),
            survey,
            ships: Ships::new(setting, shore, seed(0)),
            shading: Field::new(setting, seed(1), SHADING.0, SHADING.1),
            grain: seed(2),
            pixel_size: setting.grid.pixel_size,
            lakes_freeze: recipe.ice,
            snow_line: setting.snow_line,
        }
    }

    /// Mixtures of some rows of the 10 m grid, given the heights of their ground.
    pub fn rows(&self, rows: Range<usize>, heights: ArrayView2<'_, f32>) -> Array2<Mixture> {
        let mut mixtures = Array2::default((rows.len(), heights.ncols()));
        mixtures
            .outer_iter_mut()
            .into_par_iter()
            .zip(heights.outer_iter().into_par_iter())
            .zip(rows.into_par_iter())
            .for_each(|((mut out, heights), index)| {
                let place = Place::new(&self.shore, self.centres(index), heights.len());
                let parts = self.row(&place, heights);
                let mixed = self.shaded(index, &place, &parts);
                for (out, mixture) in out.iter_mut().zip(mixed) {
                    *out = mixture;
                }
            });
        mixtures
    }

    /// The centres of a row of pixels.
    fn centres(&self, index: usize) -> Row {
        Row {
            first: self.pixel_size / 2.0,
            step: self.pixel_size,
            y: (index as f64 + 0.5) * self.pixel_size,
        }
    }

    fn row(&self, place: &Place, heights: ArrayView1<'_, f32>) -> Vec<Parts> {
        let clouding = self.sea.clouding(place, self.land.mud_reach());
        let mut sea = vec![Parts::default(); place.len()];
        let mut ground = sea.clone();
        self.sea.fill(place, &self.survey, &clouding, &mut sea);
        self.ships.board(place, &mut sea);
        self.land.fill(place, heights, &clouding, &mut ground);
        self.add_lakes(place, heights, &mut ground);
        for k in (0..place.len()).filter(|&k| place.from_sea[k] <= -BORDER) {
            ground[k] = sea[k];
        }
        let on_shore = |k: usize| place.from_sea[k].abs() < BORDER;
        let shares = self.water_shares(place, on_shore, |_, from_sea, depths| {
            for (depth, from_sea) in depths.iter_mut().zip(from_sea) {
                *depth = -from_sea;
            }
        });
        for (k, water) in shares {
            ground[k] = ground[k].beside(sea[k], water);
        }
        ground
    }

    /// Lakes, with the shares of both sides at their shores.
    fn add_lakes(&self, place: &Place, heights: ArrayView1<'_, f32>, ground: &mut [Parts]) {
        let into_lake = place.lake_distances(&self.shore);
        let lake_at = |k: usize| {
            let frozen = self.lakes_freeze || f64::from(heights[k]) >= self.snow_line;
            Parts::pure(if frozen {
                Surface::SeaIce
            } else {
                Surface::Lake
            })
        };
        for k in (0..place.len()).filter(|&k| into_lake[k] >= BORDER) {
            ground[k] = lake_at(k);
        }
        let on_shore = |k: usize| into_lake[k].abs() < BORDER;
        let shares = self.water_shares(place, on_shore, |row, from_sea, depths| {
            self.shore.distance_into_lake(row, from_sea, depths);
        });
        for (k, water) in shares {
            ground[k] = ground[k].beside(lake_at(k), water);
        }
    }

    /// Shares of water of the pixels on a shore, from points within them at which the depth (a signed
    /// distance, positive on water) is worked out given the distances from the sea.
    fn water_shares(
        &self,
        place: &Place,
        on_shore: impl Fn(usize) -> bool,
        depth: impl Fn(Row, &[f64], &mut [f64]),
    ) -> Vec<(usize, f32)> {
        let mut shares = Vec::new();
        let between = self.pixel_size / SAMPLES as f64;
        let first = (between - self.pixel_size) / 2.0;
        for run in place.runs(&on_shore) {
            let mut from_sea = vec![0.0; run.len() * SAMPLES];
            let mut depths = from_sea.clone();
            let mut wet = vec![0_usize; run.len()];
            for line in 0..SAMPLES {
                let row = Row {
                    first: place.x(run.start) + first,
                    step: between,
                    y: place.row.y + first + line as f64 * between,
                };
                self.shore.distance_from_sea(row, &mut from_sea);
                depth(row, &from_sea, &mut depths);
                for (wet, depths) in wet.iter_mut().zip(depths.chunks_exact(SAMPLES)) {
                    *wet += depths.iter().filter(|depth| **depth > 0.0).count();
                }
            }
            let share = |wet: usize| wet as f32 / (SAMPLES * SAMPLES) as f32;
            let on_run = run.zip(wet).filter(|(k, _)| on_shore(*k));
            shares.extend(on_run.map(|(k, wet)| (k, share(wet))));
        }
        shares
    }

    /// A row of mixtures with their brightness.
    fn shaded<'a>(
        &self,
        index: usize,
        place: &Place,
        parts: &'a [Parts],
    ) -> impl Iterator<Item = Mixture> + use<'a> {
        let shading = place.field_where(&self.shading, |_| true);
        let seed = hash(self.grain, index as i64, 0);
        let mut grains = [0; 8];
        (0..)
            .zip(parts.iter().zip(shading))
            .map(move |(k, (parts, shading))| {
                if k % grains.len() == 0 {
                    grains = scramble(seed ^ k as u64).to_le_bytes();
                }
                let [on_land, on_water] = GRAIN;
                let most = if parts.first.is_water() {
                    on_water
                } else {
                    on_land
                };
                let grain = most * (f32::from(grains[k % grains.len()]) / MEAN_BYTE - 1.0);
                let bright = parts.tone + SHADING_CONTRAST * shading as f32 + grain;
                Mixture {
                    first: parts.first,
                    second: parts.second,
                    share: (parts.share * SHARE[0] + 0.5).min(SHARE[1]) as u8,
                    // Casts saturate at 0 and 255.
                    brightness: (BRIGHTNESS[1] + BRIGHTNESS[0] * bright + 0.5) as u8,
                }
            })
    }
}
