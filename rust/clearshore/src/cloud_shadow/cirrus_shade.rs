//! How high dense cirrus is, and its shadow on land.
//!
//! The shadow of cirrus is wide and soft: no rim surrounds it, so that it is no hollow of the image. All cirrus of a scene is
//! moved along its shadows as one; it is where the land below the shadow is darkest beside all other land. Our own rule.

use super::geometry::Geometry;
use super::{Clouds, ShadowBits, ShadowPlane};
use crate::cloud::{Samples, SpectralBands};
use crate::raster::{Objects, fill_strips};
use crate::{Progress, Result};
use ndarray::Array2;
use rayon::prelude::*;

/// Side of the cells in which land is added up, metres, and of the blocks of cells that are moved as one, cells: angles change
/// little in 5 km.
const CELL: f64 = 100.0;
const BLOCK: usize = 50;
/// Heights that are tried, metres above the ground, and the step between them.
const LOWEST_CIRRUS: f64 = 5_000.0;
const HEIGHT_STEP: f64 = 100.0;
/// Land in the shadow has less than this share of the reflectance of the other land in NIR and in SWIR1, unitless, and less by
/// this than at the middling height; and at least so many cells tell (own measurement on simulated cirrus).
const SHADED_SHARE_MAX: f64 = 0.85;
const DISTINCT: f64 = 0.03;
const CELLS_MIN: u64 = 200;

/// Land of a cell, or of many: pixels and raw numbers in NIR and SWIR1, whole, so that their order does not show.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Land {
    pixels: u64,
    sums: [u64; 2],
}

impl Land {
    fn add(&mut self, other: &Self) {
        self.pixels += other.pixels;
        self.sums[0] += other.sums[0];
        self.sums[1] += other.sums[1];
    }

    fn without(&self, other: &Self) -> Self {
        Self {
            pixels: self.pixels - other.pixels,
            sums: [self.sums[0] - other.sums[0], self.sums[1] - other.sums[1]],
        }
    }

    /// Share of the reflectance of other land, the larger of both bands'.
    fn share_of(&self, other: &Self, bands: &[&Samples<'_>; 2]) -> f64 {
        let mean = |land: &Self, band: usize| {
            bands[band].reflectance_of(land.sums[band] as f64 / land.pixels as f64)
        };
        (0..bands.len())
            .map(|band| mean(self, band) / mean(other, band))
            .fold(0.0, f64::max)
    }
}

/// The height of the cirrus of a scene, metres above the ground; `None` where no land tells.
///
/// # Errors
/// Cancelled.
pub fn height(
    bands: &SpectralBands<'_>,
    is_cirrus: &(dyn Fn(usize, usize) -> bool + Sync),
    found: &Clouds<'_>,
    geometry: &Geometry,
    shadows: &ShadowPlane,
    progress: &dyn Progress,
) -> Result<Option<f64>> {
    let (rows, columns) = geometry.shape();
    let side = (CELL / geometry.pixel_size()).max(1.0) as usize;
    let bands = [&bands.near_infrared, &bands.swir1];
    let shape = (rows.div_ceil(side), columns.div_ceil(side));
    let mut cells = Array2::from_elem(shape, (Land::default(), false));
    fill_strips(&mut cells, progress, |first, cells| {
        for (cell, out) in (first..).zip(cells) {
            let (top, left) = (cell / shape.1 * side, cell % shape.1 * side);
            let mut cirrus = 0;
            for row in top..(top + side).min(rows) {
                for column in left..(left + side).min(columns) {
                    cirrus += usize::from(is_cirrus(row, column));
                    if shadows[[row, column]] == 0 && found.is_witness(row, column) {
                        let pixel = row * columns + column;
                        let sums = bands.map(|band| u64::from(band.dn(pixel)));
                        out.0.add(&Land { pixels: 1, sums });
                    }
                }
            }
            out.1 = 2 * cirrus > side * side;
        }
    })?;
    let mut all = Land::default();
    cells.iter().for_each(|(land, _)| all.add(land));
    let least = CELLS_MIN * (side * side) as u64;
    let heights = ((geometry.highest_cirrus - LOWEST_CIRRUS) / HEIGHT_STEP).max(0.0) as usize + 1;
    let shares: Vec<Option<(f64, f64)>> = (0..heights)
        .into_par_iter()
        .map(|step| {
            progress.check()?;
            let height = LOWEST_CIRRUS + HEIGHT_STEP * step as f64;
            let shaded = shaded_land(&cells, side, height, geometry);
            let lit = all.without(&shaded);
            let enough = shaded.pixels >= least && lit.pixels >= least;
            Ok(enough.then(|| (height, shaded.share_of(&lit, &bands))))
        })
        .collect::<Result<_>>()?;
    let mut known: Vec<(f64, f64)> = shares.into_iter().flatten().collect();
    known.sort_by(|a, b| a.1.total_cmp(&b.1));
    let (Some(&(height, share)), Some(&(_, middling))) =
        (known.first(), known.get(known.len() / 2))
    else {
        return Ok(None);
    };
    // The lowest height may be on the way to a lower one.
    let is_inside = height > LOWEST_CIRRUS;
    let is_shade = share < SHADED_SHARE_MAX && share < middling - DISTINCT;
    Ok((is_inside && is_shade).then_some(height))
}

/// The land on which the shadow of the cirrus falls at a height.
fn shaded_land(
    cells: &Array2<(Land, bool)>,
    side: usize,
    height: f64,
    geometry: &Geometry,
) -> Land {
    let (rows, columns) = cells.dim();
    let mut shaded = Land::default();
    let half = 0.5 * BLOCK as f64;
    for top in (0..rows).step_by(BLOCK) {
        for left in (0..columns).step_by(BLOCK) {
            let middle = [top, left].map(|first| (first as f64 + half) * side as f64);
            let shift = geometry.shift(middle, height);
            let [right, down] = shift.map(|pixels| (pixels / side as f64).round() as isize);
            for row in top..(top + BLOCK).min(rows) {
                for column in left..(left + BLOCK).min(columns) {
                    let to = (
                        row.checked_add_signed(down),
                        column.checked_add_signed(right),
                    );
                    let (true, (Some(row), Some(column))) = (cells[[row, column]].1, to) else {
                        continue;
                    };
                    if let Some((land, _)) = cells.get([row, column]) {
                        shaded.add(land);
                    }
                }
            }
        }
    }
    shaded
}

/// Marks the land on which the shadow of cirrus at a height falls.
pub fn mark(
    objects: &Objects,
    height: f64,
    found: &Clouds<'_>,
    geometry: &Geometry,
    shadows: &mut ShadowPlane,
) {
    let pieces = super::matching::Pieces::of(objects, geometry);
    for object in 0..objects.len() {
        pieces.shadow(object, height, geometry, &mut |run| {
            let row = run.row as usize;
            for column in run.first as usize..run.end as usize {
                if found.is_witness(row, column) {
                    shadows[[row, column]] |= ShadowBits::SHADOW.bits();
                }
            }
        });
    }
}
