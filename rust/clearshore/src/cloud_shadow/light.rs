//! How much of its light land has left, beside sunlit land of the same kind.
//!
//! Shadow takes about the same part of NIR and of both SWIR bands, so that their ratios tell what land it is in light and in
//! shade alike. Of each kind of land most is sunlit in most scenes: what the bright ones of a kind reflect is its own light.
//! Our own rule; ratios of bands take out illumination as in Crane 1971 (Proc. 7th Int. Symp. Remote Sens. Environ., 1307-1326).

use super::Clouds;
use super::illumination::Illumination;
use crate::cloud::SpectralBands;
use crate::cloud::indices::SMALLEST_REFLECTANCE;
use crate::raster::fill_strips;
use crate::{Progress, Result};
use ndarray::Array2;
use std::collections::BTreeMap;

/// Side of the cells, metres: shadows of cirrus are kilometres wide, and means hide fields and roads.
pub const CELL: f64 = 100.0;
/// Cells with less land than this share of their pixels tell nothing, unitless.
const LAND_SHARE_MIN: f64 = 0.4;
/// Width of a kind in the logarithm of either ratio, unitless: kinds of land differ by more, shades of one kind by less (own
/// measurement on simulated land: 0.1 to 0.2 can't be told apart).
const KIND_WIDTH: f32 = 0.2;
/// Percentile of the brightness of a kind that is sunlit, percent: up to three quarters of it may be in shade (own choice).
const SUNLIT_PERCENTILE: f64 = 80.0;
/// Cells that a kind has at least.
const KIND_CELLS_MIN: usize = 20;

/// Light of the cells of a scene.
pub struct LandLight {
    /// Side of a cell, pixels.
    pub side: usize,
    /// Part of its sunlit brightness that the land of a cell has, (rows, columns) of cells; NaN where nothing is known.
    pub cells: Array2<f32>,
    /// The same beside the next kind that has less NIR, where that is brighter: the blue sky alone makes land look like another
    /// kind, of which nothing in the scene may be sunlit.
    pub deep: Array2<f32>,
}

impl LandLight {
    /// # Errors
    /// Cancelled.
    pub fn of(
        bands: &SpectralBands<'_>,
        found: &Clouds<'_>,
        relief: &Illumination<'_>,
        pixel_size: f64,
        progress: &dyn Progress,
    ) -> Result<Self> {
        let (rows, columns) = found.surface.dim();
        let side = (CELL / pixel_size).max(1.0) as usize;
        let shape = (rows.div_ceil(side), columns.div_ceil(side));
        let least = LAND_SHARE_MIN * (side * side) as f64;
        let bands = [&bands.near_infrared, &bands.swir1, &bands.swir2];
        let mut cells: Array2<Option<Land>> = Array2::default(shape);
        fill_strips(&mut cells, progress, |first, cells| {
            for (cell, out) in (first..).zip(cells) {
                let (top, left) = (cell / shape.1 * side, cell % shape.1 * side);
                let (mut sums, mut pixels) = ([0.0_f32; 3], 0_usize);
                for row in top..(top + side).min(rows) {
                    for column in left..(left + side).min(columns) {
                        if !found.is_witness(row, column) {
                            continue;
                        }
                        let pixel = row * columns + column;
                        let to_level = relief.to_level(pixel);
                        for (sum, band) in sums.iter_mut().zip(bands) {
                            *sum += to_level * band.reflectance(pixel);
                        }
                        pixels += 1;
                    }
                }
                if pixels as f64 >= least {
                    *out = Some(Land::of(sums.map(|sum| sum / pixels as f32)));
                }
            }
        })?;
        let sunlit = sunlit(cells.iter().flatten());
        let light = |brightest: &dyn Fn([i32; 2]) -> Option<f32>| {
            cells.map(|cell| {
                let known = cell.and_then(|land| Some((land, brightest(land.kind)?)));
                known.map_or(f32::NAN, |(land, brightest)| {
                    (land.brightness - brightest).exp()
                })
            })
        };
        let own = |kind: [i32; 2]| sunlit.get(&kind).copied();
        let own_or_next = |[near_infrared, swir]: [i32; 2]| {
            let both = [own([near_infrared, swir]), own([near_infrared - 1, swir])];
            both.into_iter().flatten().reduce(f32::max)
        };
        Ok(Self {
            side,
            cells: light(&own),
            deep: light(&own_or_next),
        })
    }
}

/// Land of a cell.
#[derive(Clone, Copy)]
struct Land {
    /// Its ratios, in steps.
    kind: [i32; 2],
    /// Logarithm of the geometric mean of NIR and SWIR1.
    brightness: f32,
}

impl Land {
    fn of(reflectances: [f32; 3]) -> Self {
        let [near_infrared, swir1, swir2] =
            reflectances.map(|value| value.max(SMALLEST_REFLECTANCE).ln());
        let step = |ratio: f32| (ratio / KIND_WIDTH).floor() as i32;
        Self {
            kind: [step(near_infrared - swir1), step(swir1 - swir2)],
            brightness: 0.5 * (near_infrared + swir1),
        }
    }
}

/// Brightness of each kind of land in the sun.
fn sunlit<'a>(cells: impl Iterator<Item = &'a Land>) -> BTreeMap<[i32; 2], f32> {
    let mut kinds: BTreeMap<[i32; 2], Vec<f32>> = BTreeMap::new();
    for land in cells {
        kinds.entry(land.kind).or_default().push(land.brightness);
    }
    kinds
        .into_iter()
        .filter(|(_, cells)| cells.len() >= KIND_CELLS_MIN)
        .map(|(kind, mut cells)| {
            let rank = (SUNLIT_PERCENTILE / 100.0 * cells.len() as f64) as usize;
            let rank = rank.min(cells.len() - 1);
            (kind, *cells.select_nth_unstable_by(rank, f32::total_cmp).1)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NoProgress;
    use crate::cloud::{Spectrum, Surface};
    use crate::scene::made::{MEADOW, builder};

    const SOIL: Spectrum = Spectrum {
        blue: 0.12,
        green: 0.13,
        red: 0.16,
        near_infrared: 0.24,
        swir1: 0.30,
        swir2: 0.24,
    };
    /// Pixels as large as cells.
    const PIXEL_SIZE: f64 = 100.0;

    fn dimmed(land: Spectrum, light: f32) -> Spectrum {
        Spectrum {
            near_infrared: light * land.near_infrared,
            swir1: light * land.swir1,
            swir2: light * land.swir2,
            ..land
        }
    }

    fn light(
        shape: (usize, usize),
        pixel_size: f64,
        at: impl Fn(usize, usize) -> Spectrum,
        surface: impl Fn(usize, usize) -> Surface,
    ) -> LandLight {
        let scene = builder(shape, pixel_size, at).build().unwrap();
        let bands = SpectralBands::of(&scene).unwrap();
        let surface = Array2::from_shape_fn(shape, |(row, column)| surface(row, column).bits());
        let clouds = Array2::zeros(shape);
        let found = Clouds::of(&surface, &clouds, None, &|_| 0.0);
        let relief = Illumination::of(&scene, None);
        let light = LandLight::of(&bands, &found, &relief, pixel_size, &NoProgress);
        light.unwrap()
    }

    #[test]
    fn each_kind_of_land_is_compared_with_its_own() {
        // Soil in the sun is darker in NIR than meadow in light shade.
        let share = |row: usize| [1.0, 1.0, 1.0, 0.7, 0.4][row % 5];
        let at =
            |row: usize, column: usize| dimmed(if column < 10 { MEADOW } else { SOIL }, share(row));
        let found = light((20, 20), PIXEL_SIZE, at, |_, _| Surface::VALID).cells;
        for ((row, _), light) in found.indexed_iter() {
            // Reflectances are whole ten-thousandths.
            approx::assert_relative_eq!(*light, share(row), max_relative = 5e-3);
        }
    }

    #[test]
    fn rare_kinds_and_cells_with_little_land_tell_nothing() {
        let at = |row: usize, column: usize| match (row, column) {
            (0, 0..19) => SOIL,
            _ => MEADOW,
        };
        let found = light((20, 20), PIXEL_SIZE, at, |_, _| Surface::VALID).cells;
        assert!(
            found
                .indexed_iter()
                .all(|((row, column), light)| { light.is_nan() == (row == 0 && column < 19) })
        );
        // Cells of 5 x 5 pixels, ten of which are land, then nine.
        let surface = |row: usize, column: usize| {
            let land = if column < 50 { 10 } else { 9 };
            if row % 5 * 5 + column % 5 < land {
                Surface::VALID
            } else {
                Surface::VALID | Surface::WATER
            }
        };
        let found = light((50, 100), 20.0, |_, _| MEADOW, surface).cells;
        assert_eq!(found.dim(), (10, 20));
        assert!(
            found
                .indexed_iter()
                .all(|((_, column), light)| light.is_nan() == (column >= 10))
        );
    }

    #[test]
    fn land_that_the_sky_alone_lights_is_told_by_the_next_kind() {
        // A fifth more NIR by SWIR1 is 0.18 in its logarithm, which makes another kind of meadow: 0.75, then 0.93.
        let at = |row: usize, _: usize| match row {
            0..5 => Spectrum {
                near_infrared: 1.2 * 0.2 * MEADOW.near_infrared,
                ..dimmed(MEADOW, 0.2)
            },
            _ => MEADOW,
        };
        let found = light((20, 20), PIXEL_SIZE, at, |_, _| Surface::VALID);
        let step = |ratio: f32| (ratio.ln() / KIND_WIDTH).floor() as i32;
        assert_eq!(step(0.36 / 0.17) + 1, step(1.2 * 0.36 / 0.17));
        approx::assert_relative_eq!(found.cells[[2, 2]], 1.0, max_relative = 1e-3);
        // 0.2 times the square root of 1.2.
        approx::assert_relative_eq!(found.deep[[2, 2]], 0.2191, max_relative = 1e-2);
        approx::assert_relative_eq!(found.deep[[10, 2]], 1.0, max_relative = 1e-3);
    }
}
