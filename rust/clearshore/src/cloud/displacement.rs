//! ATBD step 7: what stands apart from the ground is cloud.
//!
//! B08 looks at the ground from another place than B07 and B8A, which look from nearly the same one. A cloud is displaced
//! in B08: its ratio to B8A varies from pixel to pixel, that of B07 does not. Bright ground does not move. Source: Frantz
//! et al. 2018, eq. 4 (the cloud displacement index); the rule for objects is our own measurement.

use crate::raster::{Objects, Run};
use crate::scene::{Band, BandPlane, DisplacementSource, Grid, NO_DATA_DN, Rectangle};
use crate::{Progress, Result};
use rayon::prelude::*;

/// Half a side of the square in which ratios vary, pixels (Frantz et al. 2018: 7 x 7).
const WINDOW_RADIUS: usize = 3;
/// Pixels below this index stand apart from the ground, unitless (Frantz et al. 2018, growth).
const DISPLACED_MAX: f64 = -0.25;
/// Ground has less than this share of such pixels, unitless (own measurement on two clear scenes).
const DISPLACED_SHARE_MIN: f64 = 0.05;

/// For each of some objects, whether it lies on the ground: too few of its pixels are displaced.
///
/// # Errors
/// As [`DisplacementSource::plane`].
pub(super) fn lie_on_the_ground(
    grid: &Grid,
    source: &dyn DisplacementSource,
    objects: &Objects,
    candidates: &[usize],
    progress: &dyn Progress,
) -> Result<Vec<bool>> {
    let own = source.grid();
    let places: Vec<Rectangle> = candidates
        .par_iter()
        .filter_map(|&object| frame(objects.runs(object), grid, &own))
        .collect();
    if places.is_empty() {
        return Ok(vec![false; candidates.len()]);
    }
    let read = |band: Band| source.plane(band, &places, progress);
    let ratios = Ratios {
        near: read(Band::B07)?,
        apart: read(Band::B08)?,
        base: read(Band::B8A)?,
    };
    candidates
        .par_iter()
        .map(|&object| {
            progress.check()?;
            let (mut pixels, mut displaced) = (0_u64, 0_u64);
            for run in objects.runs(object) {
                for column in run.first..run.end {
                    let Some(at) = own_pixel(run.row, column, grid, &own) else {
                        continue;
                    };
                    if let Some(index) = ratios.index(at) {
                        pixels += 1;
                        displaced += u64::from(index < DISPLACED_MAX);
                    }
                }
            }
            Ok(pixels > 0 && (displaced as f64) < DISPLACED_SHARE_MIN * pixels as f64)
        })
        .collect()
}

/// The pixel of another grid of the same zone below the centre of a pixel.
fn own_pixel(row: u32, column: u32, grid: &Grid, own: &Grid) -> Option<(usize, usize)> {
    let (easting, northing) = grid.pixel_centre(row as usize, column as usize);
    let index = |distance: f64, count: usize| {
        let index = (distance / own.pixel_size).floor();
        (index >= 0.0 && index < count as f64).then_some(index as usize)
    };
    Some((
        index(own.northing - northing, own.height)?,
        index(easting - own.easting, own.width)?,
    ))
}

/// What is needed around an object.
fn frame(runs: &[Run], grid: &Grid, own: &Grid) -> Option<Rectangle> {
    let first_row = runs.first()?.row;
    let last_row = runs.last()?.row;
    let left = runs.iter().map(|run| run.first).min()?;
    let right = runs.iter().map(|run| run.end).max()? - 1;
    let (top, left) = own_pixel(first_row, left, grid, own)?;
    let (bottom, right) = own_pixel(last_row, right, grid, own)?;
    let end = |last: usize, count: usize| (last + 1 + WINDOW_RADIUS).min(count);
    Some(Rectangle {
        rows: (top.saturating_sub(WINDOW_RADIUS), end(bottom, own.height)),
        columns: (left.saturating_sub(WINDOW_RADIUS), end(right, own.width)),
    })
}

/// TOA reflectance above zero.
fn reflectance(plane: &BandPlane, at: (usize, usize)) -> Option<f64> {
    let dn = plane.dn[at];
    let value = plane.radiometry.toa_reflectance(dn);
    (dn != NO_DATA_DN && value > 0.0).then_some(value)
}

/// The bands whose ratios are compared.
struct Ratios {
    near: BandPlane,
    apart: BandPlane,
    base: BandPlane,
}

impl Ratios {
    /// The cloud displacement index of a pixel, -1 to 1; `None` where nothing varies or nothing is known.
    fn index(&self, at: (usize, usize)) -> Option<f64> {
        let near = self.variance(at, &self.near)?;
        let apart = self.variance(at, &self.apart)?;
        let sum = near + apart;
        (sum > 0.0).then(|| (near - apart) / sum)
    }

    /// Variance of a band's ratio to the base in the square around a pixel, in two passes.
    fn variance(&self, (row, column): (usize, usize), band: &BandPlane) -> Option<f64> {
        let (rows, columns) = self.base.dn.dim();
        let rows = row.saturating_sub(WINDOW_RADIUS)..(row + WINDOW_RADIUS + 1).min(rows);
        let columns =
            column.saturating_sub(WINDOW_RADIUS)..(column + WINDOW_RADIUS + 1).min(columns);
        let ratios = || {
            rows.clone().flat_map(|r| {
                let columns = columns.clone();
                columns.filter_map(move |c| {
                    Some(reflectance(band, (r, c))? / reflectance(&self.base, (r, c))?)
                })
            })
        };
        let (sum, count) =
            ratios().fold((0.0, 0.0), |(sum, count), ratio| (sum + ratio, count + 1.0));
        let mean = sum / count;
        (count > 1.0).then(|| {
            ratios()
                .map(|ratio| (ratio - mean) * (ratio - mean))
                .sum::<f64>()
                / count
        })
    }
}
