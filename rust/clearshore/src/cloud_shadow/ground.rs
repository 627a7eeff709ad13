//! Heights of the ground below clouds and their shadows, as coarse as that needs.

use crate::scene::Scene;
use crate::terrain::Content;
use crate::{Progress, Result};
use ndarray::Array2;
use rayon::prelude::*;

/// Distance between the heights, metres: shadows of clouds have softer edges than their heights change in it.
const STEP: f64 = 250.0;
/// Ground that is looked at around the scene, metres: shadows fall out of it and come in.
const MARGIN: f64 = 5_000.0;

/// Heights on a coarse grid around the scene, metres; where the elevation model has none, sea level.
pub struct GroundHeights {
    heights: Array2<f32>,
    pixel_size: f64,
}

impl GroundHeights {
    /// `None` without an elevation model.
    ///
    /// # Errors
    /// Cancelled; as [`crate::terrain::DemSource::cover`].
    pub fn of(scene: &Scene, progress: &dyn Progress) -> Result<Option<Self>> {
        let Some(dem) = scene.dem() else {
            return Ok(None);
        };
        let grid = scene.grid();
        let count = |pixels: usize| {
            ((pixels as f64 * grid.pixel_size + 2.0 * MARGIN) / STEP).ceil() as usize + 1
        };
        let (rows, columns) = (count(grid.height), count(grid.width));
        let height = |row: usize, column: usize| -> Result<f32> {
            let easting = grid.easting - MARGIN + column as f64 * STEP;
            let northing = grid.northing + MARGIN - row as f64 * STEP;
            let place = grid.zone.geodetic(easting, northing);
            let Content::Heights(patch) = dem.cover(place)?.content else {
                return Ok(0.0);
            };
            let (row, column) = patch.node_position(place);
            let nearest = |position: f64, count: usize| {
                (position.round().max(0.0) as usize).min(count.saturating_sub(1))
            };
            let (nodes, tracks) = patch.heights.dim();
            let node = [nearest(row, nodes), nearest(column, tracks)];
            let height = patch.heights.get(node).copied().unwrap_or(0.0);
            Ok(if height.is_nan() { 0.0 } else { height })
        };
        let lines: Vec<Vec<f32>> = (0..rows)
            .into_par_iter()
            .map(|row| {
                progress.check()?;
                (0..columns).map(|column| height(row, column)).collect()
            })
            .collect::<Result<_>>()?;
        let heights = Array2::from_shape_fn((rows, columns), |(row, column)| lines[row][column]);
        Ok(Some(Self {
            heights,
            pixel_size: grid.pixel_size,
        }))
    }

    /// Height at a (row, column) of the scene, which may lie outside, metres.
    pub fn at(&self, [row, column]: [f64; 2]) -> f64 {
        let (rows, columns) = self.heights.dim();
        let node = |position: f64, count: usize| {
            let node = (position * self.pixel_size + MARGIN) / STEP;
            node.round().clamp(0.0, (count - 1) as f64) as usize
        };
        f64::from(self.heights[[node(row, rows), node(column, columns)]])
    }
}
