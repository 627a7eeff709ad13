//! Which way shadows fall where nobody says where the sun stands: the shift at which cloud covers dark land best.
//!
//! The correlation of two masks over clear land: what is cloud when the image is moved, and what is potential shadow. It
//! is found on means of coarse cells, then again on finer ones around the best. Source: normalised cross-correlation, as
//! J. P. Lewis, *Fast template matching*, Vision Interface (1995) 120-123, over the cells that are land; our own choice of
//! masks.

use super::geometry::Shift;
use super::{Clouds, ShadowBits, ShadowPlane};
use crate::{Progress, Result};
use ndarray::Array2;
use rayon::prelude::*;

/// Sides of the cells, metres, the coarse ones first: what all shifts cost is bounded by these and the reach.
const CELLS: [f64; 2] = [200.0, 40.0];
/// Longest shift that is looked for, metres: cloud at 2.5 km below a sun 22 degrees high.
const REACH: f64 = 6_000.0;
/// Least correlation that is believed, unitless (own measurement on labelled pixels, where it is 0.7).
const CORRELATION_MIN: f64 = 0.25;
/// Least cloud, square metres: a few bright roofs and a few dark fields correlate by chance.
const CLOUD_AREA_MIN: f64 = 2e5;
/// Share of the land that must still be seen when the image is moved, unitless.
const OVERLAP_MIN: f64 = 0.25;

/// From clouds to their shadows in most of the scene, pixels; `None` where nothing correlates.
///
/// # Errors
/// Cancelled.
pub fn find(
    is_cloud: &(dyn Fn(usize, usize) -> bool + Sync),
    found: &Clouds<'_>,
    shadows: &ShadowPlane,
    pixel_size: f64,
    progress: &dyn Progress,
) -> Result<Option<Shift>> {
    let mut best: Option<Candidate> = None;
    // Half a cell of the level before lies around what it found; nothing came before the first.
    let mut around = REACH;
    for metres in CELLS {
        let side = ((metres / pixel_size) as usize).max(1);
        progress.check()?;
        let cells = Cells::of(is_cloud, found, shadows, side);
        if cells.cloud_pixels() * pixel_size * pixel_size < CLOUD_AREA_MIN {
            return Ok(None);
        }
        let cell = side as f64 * pixel_size;
        let reach = (around / cell).ceil() as i64;
        let middle = best.map_or([0, 0], |best| {
            best.pixels
                .map(|pixels| (pixels / side as f64).round() as i64)
        });
        let width = 2 * reach + 1;
        let candidates: Vec<Option<Candidate>> = (0..width * width)
            .into_par_iter()
            .map(|index| {
                progress.check()?;
                let moved = [
                    middle[0] + index % width - reach,
                    middle[1] + index / width - reach,
                ];
                Ok(cells.correlation(moved).map(|correlation| Candidate {
                    correlation,
                    pixels: moved.map(|cells| (cells * side as i64) as f64),
                }))
            })
            .collect::<Result<_>>()?;
        best = candidates
            .into_iter()
            .flatten()
            .reduce(|a, b| if b.correlation > a.correlation { b } else { a });
        around = cell;
    }
    log::debug!("cloud and dark land correlate best at {best:?}");
    Ok(best
        .filter(|best| best.correlation >= CORRELATION_MIN)
        .map(|best| best.pixels))
}

#[derive(Clone, Copy, Debug)]
struct Candidate {
    correlation: f64,
    /// Columns right and rows down.
    pixels: Shift,
}

/// Pixels of each kind in square cells.
struct Cells {
    cloud: Array2<f32>,
    land: Array2<f32>,
    /// Potential shadow on that land.
    dark: Array2<f32>,
}

impl Cells {
    fn of(
        is_cloud: &(dyn Fn(usize, usize) -> bool + Sync),
        found: &Clouds<'_>,
        shadows: &ShadowPlane,
        side: usize,
    ) -> Self {
        let (rows, columns) = shadows.dim();
        let shape = (rows.div_ceil(side), columns.div_ceil(side));
        let counts: Vec<[f32; 3]> = (0..shape.0 * shape.1)
            .into_par_iter()
            .map(|cell| {
                let (top, left) = (cell / shape.1 * side, cell % shape.1 * side);
                let mut counts = [0_u32; 3];
                for row in top..(top + side).min(rows) {
                    for column in left..(left + side).min(columns) {
                        counts[0] += u32::from(is_cloud(row, column));
                        if found.is_witness(row, column) {
                            let dark = shadows[[row, column]] & ShadowBits::POTENTIAL.bits() != 0;
                            counts[1] += 1;
                            counts[2] += u32::from(dark);
                        }
                    }
                }
                counts.map(|count| count as f32)
            })
            .collect();
        let plane = |kind: usize| {
            Array2::from_shape_fn(shape, |(row, column)| counts[row * shape.1 + column][kind])
        };
        Self {
            cloud: plane(0),
            land: plane(1),
            dark: plane(2),
        }
    }

    fn cloud_pixels(&self) -> f64 {
        self.cloud.iter().map(|count| f64::from(*count)).sum()
    }

    /// Correlation over land of dark land and of cloud that was moved right and down by so many cells. Sums run in one
    /// order. `None` where too little land is left, or all of it is the same.
    fn correlation(&self, [right, down]: [i64; 2]) -> Option<f64> {
        let (rows, columns) = self.land.dim();
        let range = |moved: i64, count: usize| {
            let first = moved.clamp(0, count as i64) as usize;
            let end = (count as i64 + moved).clamp(0, count as i64) as usize;
            first..end.max(first)
        };
        let (under, across) = (range(down, rows), range(right, columns));
        let (mut land, mut cloud, mut dark) = (0.0_f64, 0.0_f64, 0.0_f64);
        let (mut both, mut cloud_square, mut dark_square) = (0.0_f64, 0.0_f64, 0.0_f64);
        for row in under {
            let from = (row as i64 - down) as usize;
            for column in across.clone() {
                let weight = self.land[[row, column]];
                if weight == 0.0 {
                    continue;
                }
                let here = self.cloud[[from, (column as i64 - right) as usize]];
                let there = self.dark[[row, column]];
                land += f64::from(weight);
                cloud += f64::from(weight * here);
                dark += f64::from(there);
                both += f64::from(here * there);
                cloud_square += f64::from(weight * here * here);
                dark_square += f64::from(there * there / weight);
            }
        }
        let all: f64 = self.land.iter().map(|count| f64::from(*count)).sum();
        if land == 0.0 || land < OVERLAP_MIN * all {
            return None;
        }
        let spread = (cloud_square - cloud * cloud / land) * (dark_square - dark * dark / land);
        (spread > 0.0).then(|| (both - cloud * dark / land) / spread.sqrt())
    }
}
