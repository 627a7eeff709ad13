//! The fast sweep: lines toward the light over blocks of ground, then own rays where shadows end.

mod block;
mod bounds;
mod clearance;
mod control;
mod ellipsoid;
mod ground;
mod incidence;
mod lattice;
mod lines;
mod penumbra;
mod ray;
mod spot;
mod surface;
#[cfg(test)]
mod tests;

use super::{DemPatch, DemSource, Light, ReliefOptions, ReliefShadow, patch_over};
use crate::scene::{Geodetic, Grid};
use crate::{Progress, Result};
use block::BlockTask;
use bounds::HeightBounds;
pub(super) use bounds::{HIGHEST_GROUND, LOWEST_GROUND};
use control::{Block, Control};
use ndarray::{Array2, ArrayViewMut2, Axis};
use rayon::prelude::*;
use std::collections::BTreeSet;

/// Side of a block, metres: within it all lines run in one azimuth, that of its middle.
const BLOCK_SIDE: f64 = 10_000.0;

/// Ground around blocks that is looked at for the steps of its lattices, metres.
const CELL_MARGIN: f64 = 1_000.0;

/// What relief does to the light on a grid.
///
/// Light less than half a degree above the horizon is not followed: there, and where the light is not known, the
/// answer is unknown.
///
/// # Errors
/// As [`super::DemSource::cover`]; Cancelled.
pub fn relief_shadow(
    grid: &Grid,
    light: Light<'_>,
    source: &dyn DemSource,
    options: ReliefOptions,
    progress: &dyn Progress,
) -> Result<ReliefShadow> {
    sweep(grid, light, source, &patch_over, options, progress)
}

/// Makes one patch of a source over an area.
type PatchOver = dyn Fn(&dyn DemSource, [f64; 4]) -> Result<DemPatch> + Sync;

fn sweep(
    grid: &Grid,
    light: Light<'_>,
    source: &dyn DemSource,
    patch_over: &PatchOver,
    options: ReliefOptions,
    progress: &dyn Progress,
) -> Result<ReliefShadow> {
    let side = block_side(grid);
    let plane = |wanted: bool| wanted.then(|| Array2::zeros(grid.shape()));
    let mut shadow = ReliefShadow {
        bits: Array2::zeros(grid.shape()),
        sun_visibility: plane(options.visibility),
        cos_incidence: plane(options.incidence),
        missing: Vec::new(),
    };
    let mut tasks = Vec::new();
    {
        let bits = pieces(&mut shadow.bits, side);
        let count = bits.len();
        let visibility = pieces_of(shadow.sun_visibility.as_mut(), side, count);
        let incidence = pieces_of(shadow.cos_incidence.as_mut(), side, count);
        for (((first, bits), visibility), incidence) in
            bits.into_iter().zip(visibility).zip(incidence)
        {
            let block = Block {
                rows: first.0..first.0 + bits.nrows(),
                columns: first.1..first.1 + bits.ncols(),
            };
            tasks.push(BlockTask {
                block,
                bits,
                visibility,
                incidence,
            });
        }
    }
    progress.stage("relief shadow", tasks.len() as u64);
    let controls: Vec<Option<Control>> = tasks
        .par_iter()
        .map(|task| Control::new(grid, light, &task.block))
        .collect();
    let bounds = match area_in_reach(&controls, lowered(options), options.refraction) {
        Some(area) => HeightBounds::over(source, area, progress)?,
        None => {
            shadow.bits.fill(super::Relief::UNKNOWN.bits());
            let planes = [&mut shadow.sun_visibility, &mut shadow.cos_incidence];
            for plane in planes.into_iter().flatten() {
                plane.fill(f32::NAN);
            }
            return Ok(shadow);
        }
    };
    let setting = block::Setting {
        source,
        patch_over,
        options,
        bounds: &bounds,
        progress,
    };
    let missing = tasks
        .into_par_iter()
        .zip(controls)
        .map_init(block::Scratch::new, |scratch, (task, control)| {
            progress.check()?;
            let missing = task.run(&setting, control, scratch)?;
            progress.advance(1);
            Ok(missing)
        })
        .try_reduce(BTreeSet::new, |mut all, missing| {
            all.extend(missing);
            Ok(all)
        })?;
    shadow.missing = missing.into_iter().collect();
    Ok(shadow)
}

/// West, south, east, north in degrees of all ground whose relief may reach a grid, whatever its heights; east may be
/// beyond 180. `None` where the light is not followed.
pub fn ground_in_reach(grid: &Grid, light: Light<'_>, options: ReliefOptions) -> Option<[f64; 4]> {
    area_in_reach(&controls(grid, light), lowered(options), options.refraction)
}

/// By how much the light is lowered for what is looked for, radians.
fn lowered(options: ReliefOptions) -> f64 {
    if options.visibility {
        penumbra::SUN_RADIUS
    } else {
        0.0
    }
}

/// The blocks of a grid in the order of [`pieces`], each with the ground on which relief may stand that reaches it: west,
/// south, east, north in degrees; `None` where the light is not followed.
pub(super) fn areas_in_reach(
    grid: &Grid,
    light: Light<'_>,
    source: &dyn DemSource,
    progress: &dyn Progress,
) -> Result<Vec<Option<[f64; 4]>>> {
    let controls = controls(grid, light);
    let Some(area) = area_in_reach(&controls, 0.0, false) else {
        return Ok(vec![None; controls.len()]);
    };
    let bounds = HeightBounds::over(source, area, progress)?;
    let areas = controls.iter().map(|control| {
        let control = control.as_ref()?;
        let reach = bounds.reach(&control.footprint(0.0, false));
        Some(control.area(reach, block::margin(&bounds)))
    });
    Ok(areas.collect())
}

/// The blocks of a grid in the order of [`pieces`].
fn controls(grid: &Grid, light: Light<'_>) -> Vec<Option<Control>> {
    let side = block_side(grid);
    let mut controls = Vec::new();
    for row in (0..grid.height).step_by(side) {
        for column in (0..grid.width).step_by(side) {
            let block = Block {
                rows: row..(row + side).min(grid.height),
                columns: column..(column + side).min(grid.width),
            };
            controls.push(Control::new(grid, light, &block));
        }
    }
    controls
}

/// Side of a block, pixels.
pub(super) fn block_side(grid: &Grid) -> usize {
    ((BLOCK_SIDE / grid.pixel_size) as usize).max(1)
}

/// Cuts a plane into blocks from its upper-left corner: row and column of their first pixels, and their pixels.
pub(super) fn pieces<T>(
    plane: &mut Array2<T>,
    side: usize,
) -> Vec<((usize, usize), ArrayViewMut2<'_, T>)> {
    let mut pieces = Vec::new();
    for (row, band) in plane.axis_chunks_iter_mut(Axis(0), side).enumerate() {
        for (column, piece) in split_columns(band, side).into_iter().enumerate() {
            pieces.push(((row * side, column * side), piece));
        }
    }
    pieces
}

fn split_columns<T>(band: ArrayViewMut2<'_, T>, side: usize) -> Vec<ArrayViewMut2<'_, T>> {
    let mut pieces = Vec::new();
    let mut rest = band;
    while rest.ncols() > side {
        let (piece, right) = rest.split_at(Axis(1), side);
        pieces.push(piece);
        rest = right;
    }
    pieces.push(rest);
    pieces
}

fn pieces_of(
    plane: Option<&mut Array2<f32>>,
    side: usize,
    count: usize,
) -> Vec<Option<ArrayViewMut2<'_, f32>>> {
    match plane {
        Some(plane) => pieces(plane, side)
            .into_iter()
            .map(|(_, piece)| Some(piece))
            .collect(),
        None => (0..count).map(|_| None).collect(),
    }
}

/// West, south, east, north in degrees of all ground whose relief may reach a block; east may be beyond 180.
fn area_in_reach(controls: &[Option<Control>], lowered: f64, refraction: bool) -> Option<[f64; 4]> {
    let mut area = None;
    for control in controls.iter().flatten() {
        let footprint = control.footprint(lowered, refraction);
        let reach = footprint.throw(f64::from(HIGHEST_GROUND - LOWEST_GROUND));
        area = Some(join(area, control.area(reach, CELL_MARGIN)));
    }
    area
}

/// Both areas; the second is turned to the longitudes of the first.
fn join(area: Option<[f64; 4]>, other: [f64; 4]) -> [f64; 4] {
    let Some(area) = area else { return other };
    let turns = 360.0 * ((0.5 * (area[0] + area[2] - other[0] - other[2])) / 360.0).round();
    [
        area[0].min(other[0] + turns),
        area[1].min(other[1]),
        area[2].max(other[2] + turns),
        area[3].max(other[3]),
    ]
}

/// Longitude in degrees, turned to be near another.
fn degrees_near(place: Geodetic, longitude: f64) -> (f64, f64) {
    let own = place.longitude.to_degrees();
    (
        own + 360.0 * ((longitude - own) / 360.0).round(),
        place.latitude.to_degrees(),
    )
}
