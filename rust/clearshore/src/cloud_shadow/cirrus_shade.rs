//! The shade of cirrus on land.
//!
//! The shadow of cirrus is wide and soft: no rim surrounds it, so that it is no hollow of the image. B10 tells how much of the
//! sunlight cirrus takes, and land how much of its light it has left ([`LandLight`]); cirrus is at the height at which the two
//! agree best over the scene. From there and from what the land shows follows the shade; where it comes from cirrus outside the
//! scene the land alone tells. Our own rule.

use super::geometry::Geometry;
use super::illumination::SKY_SHARE;
use super::light::LandLight;
use super::{Clouds, ShadowBits, ShadowPlane};
use crate::raster::{Objects, fill_strips, places_from};
use crate::{Progress, Result};
use ndarray::Array2;
use rayon::prelude::*;

/// Blocks of cells that are moved as one, cells: angles change little in 5 km.
const BLOCK: usize = 50;
/// Heights that are tried, metres above the ground, and the step between them.
const LOWEST_CIRRUS: f64 = 4_000.0;
const HEIGHT_STEP: f64 = 100.0;
/// Cells of land that are compared at each height, at most: every so many of them in a larger scene.
const CELLS_COMPARED: usize = 50_000;
/// And at least, so that chance does not decide.
const CELLS_MIN: u64 = 300;
/// Least correlation of shade and darkness that is believed, unitless (own measurement on simulated cirrus, where it is 0.6 to 0.85, and
/// below 0.2 where the height is out of sight).
const CORRELATION_MIN: f64 = 0.4;
/// Light of land, unitless, beyond which it is not compared: full shadow, and the brightest of a kind.
const LIGHT_RANGE: std::ops::RangeInclusive<f32> = 0.15..=1.2;
/// B10 above its base that is no cirrus, TOA reflectance (spec: ambiguous cirrus begins there).
const CIRRUS_MIN: f32 = 0.003;

/// Tried beside the usual reflectance of cirrus that takes half of the sunlight, unitless.
const HALVES: [f32; 12] = [0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.4, 1.7, 2.2, 3.0, 4.5];

/// Land is in shade where cirrus takes this part of the sunlight and it has lost as much of its own, or where cirrus takes
/// some and it has lost much; unitless (own measurement on simulated cirrus).
const SHADE_MIN: f32 = 0.38;
const LIGHT_MAX: f32 = 1.0;
const SOME_SHADE_MIN: f32 = 0.30;
const LITTLE_LIGHT_MAX: f32 = 0.65;
/// Land that looks like another kind in the light of the sky alone, unitless (own measurement on the same).
const DEEP_LIGHT_MAX: f32 = 0.5;
/// The land alone tells of cirrus that is not in sight where the scene has such cirrus over this share of it, unitless (own
/// choice).
const CIRRUS_SHARE_MIN: f64 = 0.01;
/// And where this much of it is together in shade, square metres (own choice: smaller dark ground is a wood or a field).
const UNSEEN_AREA_MIN: f64 = 250_000.0;

/// Cirrus on the cells of [`LandLight`].
pub struct Cirrus {
    side: usize,
    /// B10 above its base, TOA reflectance; 0 where that is no cirrus.
    reflectance: Array2<f32>,
    /// The reflectance of cirrus that takes half of the direct sunlight.
    half: f32,
}

/// What fits the scene best.
#[derive(Clone, Copy, Debug)]
pub struct Fitting {
    /// Metres above the ground.
    pub height: f64,
    /// B10 above its base at which half of the direct sunlight is taken, TOA reflectance.
    half: f32,
}

impl Cirrus {
    /// `half` is the B10 above its base at which half of the direct sunlight is usually taken, TOA reflectance.
    ///
    /// # Errors
    /// Cancelled.
    pub fn of(
        found: &Clouds<'_>,
        light: &LandLight,
        half: f32,
        progress: &dyn Progress,
    ) -> Result<Self> {
        let (rows, columns) = found.surface.dim();
        let (side, shape) = (light.side, light.cells.dim());
        let mut reflectance = Array2::zeros(shape);
        fill_strips(&mut reflectance, progress, |first, cells| {
            for (cell, out) in (first..).zip(cells) {
                let (top, left) = (cell / shape.1 * side, cell % shape.1 * side);
                let (mut sum, mut pixels) = (0.0_f32, 0_u32);
                for row in top..(top + side).min(rows) {
                    for column in left..(left + side).min(columns) {
                        if found.surface[[row, column]] != 0 {
                            sum += (found.cirrus)(row * columns + column);
                            pixels += 1;
                        }
                    }
                }
                let mean = sum / pixels.max(1) as f32;
                if mean > CIRRUS_MIN {
                    *out = mean;
                }
            }
        })?;
        Ok(Self {
            side,
            reflectance,
            half,
        })
    }

    /// Whether so much of it throws shade that more may be outside the scene.
    fn is_widespread(&self, half: f32) -> bool {
        let shading = self
            .reflectance
            .iter()
            .filter(|here| taken(**here, half) >= SHADE_MIN);
        shading.count() as f64 >= CIRRUS_SHARE_MIN * self.reflectance.len() as f64
    }

    /// Calls `each` with a cell of the ground and the cirrus of a height between it and the sun, `None` where that would be outside
    /// the scene.
    fn above(
        &self,
        height: f64,
        geometry: &Geometry,
        stride: usize,
        mut each: impl FnMut([usize; 2], Option<f32>),
    ) {
        let (rows, columns) = self.reflectance.dim();
        let side = self.side as f64;
        for top in (0..rows).step_by(BLOCK) {
            for left in (0..columns).step_by(BLOCK) {
                let ground = [top, left].map(|first| (first as f64 + 0.5 * BLOCK as f64) * side);
                let [right, down] = geometry
                    .shift_onto(ground, height)
                    .map(|pixels| (pixels / side).round() as isize);
                for row in (top..(top + BLOCK).min(rows)).step_by(stride) {
                    for column in (left..(left + BLOCK).min(columns)).step_by(stride) {
                        let from = row
                            .checked_add_signed(-down)
                            .zip(column.checked_add_signed(-right));
                        each(
                            [row, column],
                            from.and_then(|from| self.reflectance.get(from)).copied(),
                        );
                    }
                }
            }
        }
    }

    /// `None` where the land does not tell.
    ///
    /// # Errors
    /// Cancelled.
    pub fn fit(
        &self,
        light: &LandLight,
        geometry: &Geometry,
        progress: &dyn Progress,
    ) -> Result<Option<Fitting>> {
        let known = light.cells.iter().filter(|light| !light.is_nan()).count();
        let stride = (known as f64 / CELLS_COMPARED as f64)
            .sqrt()
            .ceil()
            .max(1.0) as usize;
        let steps = ((geometry.highest_cirrus - LOWEST_CIRRUS) / HEIGHT_STEP).max(0.0) as usize;
        let agreements: Vec<Option<(f64, f64)>> = (0..=steps)
            .into_par_iter()
            .map(|step| {
                progress.check()?;
                let height = LOWEST_CIRRUS + HEIGHT_STEP * step as f64;
                let mut agreement = Agreement::default();
                self.pairs(height, light, geometry, stride, |cirrus, light| {
                    agreement.add(f64::from(taken(cirrus, self.half)), -f64::from(light.ln()));
                });
                Ok(agreement.correlation().map(|found| (height, found)))
            })
            .collect::<Result<_>>()?;
        let known: Vec<(f64, f64)> = agreements.into_iter().flatten().collect();
        let best = known.iter().max_by(|a, b| a.1.total_cmp(&b.1));
        log::debug!("cirrus and dark land agree best at {best:?}");
        // The first and the last that can be seen may be on the way to better ones.
        let is_inside = |height: f64| {
            known.first().is_some_and(|first| height > first.0)
                && known.last().is_some_and(|last| height < last.0)
        };
        let best = best.filter(|best| best.1 >= CORRELATION_MIN && is_inside(best.0));
        Ok(best.map(|&(height, _)| Fitting {
            height,
            half: self.half_at(height, light, geometry, stride),
        }))
    }

    /// Calls `each` with cirrus and the light of the land below it, in the sun's direction.
    fn pairs(
        &self,
        height: f64,
        light: &LandLight,
        geometry: &Geometry,
        stride: usize,
        mut each: impl FnMut(f32, f32),
    ) {
        self.above(height, geometry, stride, |at, cirrus| {
            let light = light.cells[at];
            if let (Some(cirrus), false) = (cirrus, light.is_nan()) {
                each(
                    cirrus,
                    light.clamp(*LIGHT_RANGE.start(), *LIGHT_RANGE.end()),
                );
            }
        });
    }

    /// The reflectance at which cirrus of a height takes half of the sunlight, by least squares: land has the light of the sky and
    /// what cirrus leaves of that of the sun.
    fn half_at(&self, height: f64, light: &LandLight, geometry: &Geometry, stride: usize) -> f32 {
        let mut pairs = Vec::new();
        self.pairs(height, light, geometry, stride, |cirrus, light| {
            pairs.push((cirrus, light));
        });
        let (mut sum, mut count) = (0.0_f64, 0.0_f64);
        for &(_, light) in pairs.iter().filter(|pair| pair.0 == 0.0) {
            sum += f64::from(light);
            count += 1.0;
        }
        if count == 0.0 {
            return self.half;
        }
        let lit = (sum / count) as f32;
        let error = |half: f32| -> f64 {
            let errors = pairs.iter().map(|&(cirrus, light)| {
                let expected = 1.0 - (1.0 - SKY_SHARE) * taken(cirrus, half);
                f64::from(light / lit - expected).powi(2)
            });
            errors.sum()
        };
        HALVES
            .map(|factor| self.half * factor)
            .into_iter()
            .map(|half| (half, error(half)))
            .min_by(|a, b| a.1.total_cmp(&b.1))
            .map_or(self.half, |(half, _)| half)
    }

    /// Marks the land in the shade of cirrus, whose height may not be known.
    ///
    /// # Errors
    /// Cancelled.
    pub fn mark(
        &self,
        fitting: Option<Fitting>,
        light: &LandLight,
        found: &Clouds<'_>,
        geometry: &Geometry,
        shadows: &mut ShadowPlane,
        progress: &dyn Progress,
    ) -> Result<()> {
        let mut shaded = Array2::from_elem(light.cells.dim(), false);
        let mut unseen = shaded.clone();
        let is_widespread = self.is_widespread(fitting.map_or(self.half, |fitting| fitting.half));
        let height = fitting.map_or(geometry.highest_cirrus, |fitting| fitting.height);
        self.above(height, geometry, 1, |at, cirrus| {
            let is_deep = light.deep[at] < DEEP_LIGHT_MAX;
            let light = light.cells[at];
            match (cirrus, fitting) {
                (Some(cirrus), Some(Fitting { half, .. })) => {
                    let taken = taken(cirrus, half);
                    shaded[at] = taken >= SHADE_MIN && (light.is_nan() || light < LIGHT_MAX)
                        || taken >= SOME_SHADE_MIN && light < LITTLE_LIGHT_MAX;
                }
                (Some(_), None) => {}
                (None, _) => {
                    // Where cirrus in sight tells nothing, nothing may be sunlit of some kinds of land.
                    let is_dark = light < LITTLE_LIGHT_MAX || fitting.is_none() && is_deep;
                    unseen[at] = is_widespread && is_dark;
                }
            }
        });
        progress.check()?;
        let cell = self.side as f64 * geometry.pixel_size();
        let least = UNSEEN_AREA_MIN / (cell * cell);
        let objects = Objects::of(unseen.dim(), 1, |row, column| unseen[[row, column]]);
        for object in 0..objects.len() {
            if objects.pixels(object) as f64 >= least {
                objects.pixels_of(object).for_each(|at| shaded[at] = true);
            }
        }
        let columns = shadows.ncols();
        fill_strips(shadows, progress, |first, shadows| {
            for ((row, column), bits) in places_from(first, columns).zip(shadows) {
                if shaded[[row / self.side, column / self.side]] && found.is_land(row, column) {
                    *bits |= ShadowBits::SHADOW.bits();
                }
            }
        })
    }
}

/// Part of the direct sunlight that cirrus takes, by B10 and what it is where half is taken: that light falls exponentially with what B10
/// sees.
fn taken(cirrus: f32, half: f32) -> f32 {
    1.0 - (-cirrus / half).exp2()
}

/// Sums for the correlation of two quantities.
#[derive(Default)]
struct Agreement {
    count: u64,
    sums: [f64; 2],
    squares: [f64; 2],
    products: f64,
}

impl Agreement {
    fn add(&mut self, a: f64, b: f64) {
        self.count += 1;
        self.sums[0] += a;
        self.sums[1] += b;
        self.squares[0] += a * a;
        self.squares[1] += b * b;
        self.products += a * b;
    }

    /// `None` for few pairs, or where one quantity is always the same.
    fn correlation(&self) -> Option<f64> {
        let count = self.count as f64;
        let spread = [0, 1].map(|of| self.squares[of] - self.sums[of] * self.sums[of] / count);
        let both = self.products - self.sums[0] * self.sums[1] / count;
        (self.count >= CELLS_MIN && spread.iter().all(|spread| *spread > 0.0))
            .then(|| both / (spread[0] * spread[1]).sqrt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NoProgress;
    use crate::scene::made::{MEADOW, builder};
    use crate::scene::{Angles, Band, Direction};

    /// Pixels as large as cells: 24 km from north to south, 16 km from west to east.
    const SHAPE: (usize, usize) = (240, 160);
    const PIXEL_SIZE: f64 = 100.0;

    fn geometry() -> Geometry {
        let angles = Angles {
            mean_sun: Some(Direction::from_degrees(45.0, 150.0)),
            mean_views: [(Band::B8A, Direction::from_degrees(8.0, 105.0))].into(),
            ..Angles::default()
        };
        let scene = builder(SHAPE, PIXEL_SIZE, |_, _| MEADOW).angles(angles);
        Geometry::of(&scene.build().unwrap(), &NoProgress)
            .unwrap()
            .unwrap()
    }

    /// Streaks and gaps.
    fn cirrus(half: f32) -> Cirrus {
        let reflectance = Array2::from_shape_fn(SHAPE, |(row, column)| {
            let wave = (row as f32 / 17.0).sin() * (column as f32 / 23.0).cos();
            (0.2 * wave).max(0.0)
        });
        Cirrus {
            side: 1,
            reflectance,
            half,
        }
    }

    fn land(cells: Array2<f32>) -> LandLight {
        let deep = cells.clone();
        LandLight {
            side: 1,
            cells,
            deep,
        }
    }

    /// By hand: land under the cirrus whose shadow the shift of its own place puts there; full sunlight where that is outside.
    fn land_below(cirrus: &Cirrus, height: f64, half: f32) -> LandLight {
        let geometry = geometry();
        let cells = Array2::from_shape_fn(SHAPE, |(row, column)| {
            let place = [row as f64, column as f64];
            let shift = geometry.shift(place, height);
            let from = [row as f64 - shift[1], column as f64 - shift[0]];
            let shift = geometry.shift(from, height);
            let from = [place[0] - shift[1], place[1] - shift[0]].map(|index| index.round());
            let inside = from[0] >= 0.0 && from[1] >= 0.0;
            let above = if inside {
                cirrus.reflectance.get([from[0] as usize, from[1] as usize])
            } else {
                None
            };
            let taken = 1.0 - 0.5_f32.powf(above.copied().unwrap_or(0.0) / half);
            0.2 + 0.8 * (1.0 - taken)
        });
        land(cells)
    }

    #[test]
    fn height_and_density_are_those_of_the_shade() {
        for (height, half) in [(6_000.0, 0.10), (9_300.0, 0.14), (10_800.0, 0.07)] {
            let cirrus = cirrus(0.10);
            let light = land_below(&cirrus, height, half);
            let found = cirrus
                .fit(&light, &geometry(), &NoProgress)
                .unwrap()
                .unwrap();
            // A cell is 100 m, which is as much height.
            assert!((found.height - height).abs() <= 100.0, "{found:?}");
            approx::assert_abs_diff_eq!(found.half, half, epsilon = 1e-3);
        }
    }

    #[test]
    fn blocks_move_as_their_cells_do() {
        let (cirrus, geometry) = (cirrus(0.10), geometry());
        let mut seen = Array2::from_elem(SHAPE, false);
        cirrus.above(9_000.0, &geometry, 1, |[row, column], above| {
            assert!(!std::mem::replace(&mut seen[[row, column]], true));
            let shift = geometry.shift_onto([row as f64, column as f64], 9_000.0);
            let from =
                [row as f64 - shift[1], column as f64 - shift[0]].map(|at| at.round() as isize);
            let near = |down: isize, right: isize| {
                let at = [from[0] + down, from[1] + right];
                let inside = at[0] >= 0 && at[1] >= 0;
                let at = at.map(|at| at.max(0) as usize);
                cirrus.reflectance.get(at).filter(|_| inside).copied()
            };
            let around = (-1..=1).flat_map(|down| (-1..=1).map(move |right| (down, right)));
            assert!(
                around
                    .into_iter()
                    .any(|(down, right)| near(down, right) == above)
            );
        });
        assert!(seen.iter().all(|seen| *seen));
    }

    #[test]
    fn land_that_does_not_agree_tells_nothing() {
        let cirrus = cirrus(0.10);
        let fit = |light: LandLight| cirrus.fit(&light, &geometry(), &NoProgress).unwrap();
        let fields = Array2::from_shape_fn(SHAPE, |(row, column)| {
            if (row / 5 + column / 7) % 2 == 0 {
                1.0
            } else {
                0.6
            }
        });
        for cells in [
            Array2::from_elem(SHAPE, 1.0),
            Array2::from_elem(SHAPE, f32::NAN),
            fields,
        ] {
            assert!(fit(land(cells)).is_none());
        }
    }

    #[test]
    fn correlation_is_that_of_the_textbook() {
        // Deviations (-1, 0, 1) and (-1, 1, 0) a hundred times: products 1, squares 2 and 2.
        let mut agreement = Agreement::default();
        for _ in 0..100 {
            for (a, b) in [(1.0, 4.0), (2.0, 6.0), (3.0, 5.0)] {
                agreement.add(a, b);
            }
        }
        approx::assert_relative_eq!(agreement.correlation().unwrap(), 0.5, max_relative = 1e-12);
        assert_eq!(Agreement::default().correlation(), None);
    }
}
