//! Relief shadow of a grid by one exact ray for each pixel: slow, the measure of the sweep.

use super::super::sweep::{HIGHEST_GROUND, areas_in_reach, block_side, pieces};
use super::super::{DemPatch, DemSource, Light, Relief, ReliefOptions, ReliefShadow, patch_over};
use super::{RayTracer, Sight};
use crate::scene::{Direction, Grid};
use crate::{Error, Progress, Result};
use ndarray::{Array2, ArrayViewMut2};
use rayon::prelude::*;
use std::collections::BTreeSet;

/// What relief does to the light on a grid, by [`RayTracer`]. Gives the bits alone; rays are straight.
///
/// # Errors
/// Parameter: refraction is asked for. As [`DemSource::cover`]; Cancelled.
pub fn exact_shadow(
    grid: &Grid,
    light: Light<'_>,
    source: &dyn DemSource,
    options: ReliefOptions,
    progress: &dyn Progress,
) -> Result<ReliefShadow> {
    if options.refraction {
        return Err(Error::parameter("exact rays are straight")
            .got("refraction")
            .advice("leave out the refraction, or the exact rays"));
    }
    let mut bits = Array2::from_elem(grid.shape(), Relief::UNKNOWN.bits());
    let areas = areas_in_reach(grid, light, source, progress)?;
    let blocks: Vec<_> = pieces(&mut bits, block_side(grid))
        .into_iter()
        .zip(areas)
        .collect();
    let rows: usize = blocks.iter().map(|((_, block), _)| block.nrows()).sum();
    progress.stage("exact rays", rows as u64);
    let missing = blocks
        .into_par_iter()
        .map(|((first, block), area)| {
            let Some(area) = area else {
                return Ok(BTreeSet::new());
            };
            let patch = patch_over(source, area)?;
            trace(grid, light, patch, first, block, progress)
        })
        .try_reduce(BTreeSet::new, |mut all, missing| {
            all.extend(missing);
            Ok(all)
        })?;
    Ok(ReliefShadow {
        bits,
        sun_visibility: None,
        cos_incidence: None,
        missing: missing.into_iter().collect(),
    })
}

fn trace(
    grid: &Grid,
    light: Light<'_>,
    patch: DemPatch,
    first: (usize, usize),
    mut block: ArrayViewMut2<'_, u8>,
    progress: &dyn Progress,
) -> Result<BTreeSet<String>> {
    let target = |row: usize, column: usize| {
        let (easting, northing) = grid.pixel_centre(first.0 + row, first.1 + column);
        let place = grid.zone.geodetic(easting, northing);
        Some((place, direction(grid, light, easting, northing)?))
    };
    // The patch is all from which relief may reach the block.
    let mut tracer = RayTracer::new(&patch).with_free_edge();
    if patch.heights.iter().any(|height| height.is_nan()) {
        tracer = tracer.with_ceiling(f64::from(HIGHEST_GROUND));
    }
    let mut depends = false;
    for (row, mut line) in block.outer_iter_mut().enumerate() {
        progress.check()?;
        for (column, bits) in line.iter_mut().enumerate() {
            let Some((place, direction)) = target(row, column) else {
                continue;
            };
            let incidence = tracer.incidence(place, direction);
            let mut found = Relief::empty();
            match tracer.line_of_sight(place, direction) {
                Sight::Free => {}
                Sight::Blocked(_) => found |= Relief::CAST,
                Sight::Unknown => found |= Relief::UNKNOWN,
            }
            found.set(Relief::SELF, incidence < 0.0);
            if incidence.is_nan() || found.contains(Relief::UNKNOWN) {
                found = Relief::UNKNOWN;
                depends = true;
            }
            *bits = found.bits();
        }
        progress.advance(1);
    }
    Ok(if depends {
        patch.missing
    } else {
        BTreeSet::new()
    })
}

/// The direction to the light at a point of the grid, from true north and the local horizon.
fn direction(grid: &Grid, light: Light<'_>, easting: f64, northing: f64) -> Option<Direction> {
    match light {
        Light::Uniform(direction) => Some(direction),
        Light::Grid(angles) => angles.at(easting - grid.easting, grid.northing - northing),
    }
}
