//! The elevation model as files of a degree each, sampled from the land's continuous field.

use super::super::noise::Row;
use super::DemCell;
use super::landform::{Landform, Scratch};
use super::lattice::{Bounds, CIRCLE_DEGREES};
use crate::scene::{Geodetic, Grid};
use crate::{Progress, Result};
use ndarray::parallel::prelude::*;
use ndarray::{Array2, Axis};

/// Steps between the nodes of a degree (SRTM 1 arc second).
pub(super) const STEPS_PER_DEGREE: i64 = 3_600;
/// Nodes along a side of a cell: a degree with both rims.
const NODES: usize = STEPS_PER_DEGREE as usize + 1;
/// Distance between the samples of the continuous field, metres: about that of the nodes.
const SAMPLE_DISTANCE: f64 = 30.0;
/// Nodes between those that are projected exactly: linear between them, nodes are right to 0.1 m.
const ANCHOR_NODES: usize = 60;

/// All degrees within some bounds that hold land.
pub(super) fn cells(
    landform: &Landform,
    grid: &Grid,
    bounds: Bounds,
    progress: &dyn Progress,
) -> Result<Vec<DemCell>> {
    let mut cells = Vec::new();
    for (south, west) in degrees(&bounds) {
        cells.extend(cell(landform, grid, south, west, progress)?);
    }
    Ok(cells)
}

/// South-western corners of the degrees within some bounds.
pub(super) fn degrees(bounds: &Bounds) -> impl Iterator<Item = (i32, i32)> + use<> {
    let degrees =
        |from: i64, to: i64| from.div_euclid(STEPS_PER_DEGREE)..=to.div_euclid(STEPS_PER_DEGREE);
    let columns = degrees(bounds.west, bounds.east);
    degrees(bounds.south, bounds.north).flat_map(move |south| {
        columns.clone().map(move |west| {
            let half = CIRCLE_DEGREES / 2;
            let west = (west + half).rem_euclid(CIRCLE_DEGREES) - half;
            (south as i32, west as i32)
        })
    })
}

/// The cell with a given south-western corner; none when it is nothing but sea.
fn cell(
    landform: &Landform,
    grid: &Grid,
    south: i32,
    west: i32,
    progress: &dyn Progress,
) -> Result<Option<DemCell>> {
    let anchors = anchors(grid, south, west);
    let samples = Samples::around(landform, &anchors, progress)?;
    if samples.heights.iter().all(|height| *height == 0.0) {
        return Ok(None);
    }
    let mut heights = Array2::zeros((NODES, NODES));
    heights
        .axis_iter_mut(Axis(0))
        .into_par_iter()
        .enumerate()
        .for_each(|(row, mut nodes)| {
            let down = (row % ANCHOR_NODES) as f64 / ANCHOR_NODES as f64;
            let line = row / ANCHOR_NODES;
            let at = |column: usize| {
                let (a, b) = (anchors[[line, column]], anchors[[line + 1, column]]);
                [0, 1].map(|axis| a[axis] + down * (b[axis] - a[axis]))
            };
            for (column, node) in nodes.iter_mut().enumerate() {
                let (from, to) = (at(column / ANCHOR_NODES), at(column / ANCHOR_NODES + 1));
                let right = (column % ANCHOR_NODES) as f64 / ANCHOR_NODES as f64;
                let [x, y] = [0, 1].map(|axis| from[axis] + right * (to[axis] - from[axis]));
                *node = samples.at(x, y).round() as i16;
            }
        });
    let has_land = heights.iter().any(|height| *height != 0);
    Ok(has_land.then_some(DemCell {
        south,
        west,
        heights,
    }))
}

/// Metres east and south of the grid's corner of every so many nodes of a cell, and one beyond.
fn anchors(grid: &Grid, south: i32, west: i32) -> Array2<[f64; 2]> {
    let count = NODES.div_ceil(ANCHOR_NODES) + 1;
    Array2::from_shape_fn((count, count), |(row, column)| {
        let degrees = |nodes: usize| (nodes * ANCHOR_NODES) as f64 / STEPS_PER_DEGREE as f64;
        let (easting, northing) = grid.zone.project(Geodetic {
            longitude: (f64::from(west) + degrees(column)).to_radians(),
            latitude: (f64::from(south) + 1.0 - degrees(row)).to_radians(),
        });
        [easting - grid.easting, grid.northing - northing]
    })
}

/// The continuous field on a regular raster of the map.
struct Samples {
    /// Column and row of the first sample, counted from the grid's corner.
    first: [f64; 2],
    heights: Array2<f32>,
}

impl Samples {
    fn around(
        landform: &Landform,
        anchors: &Array2<[f64; 2]>,
        progress: &dyn Progress,
    ) -> Result<Self> {
        let rim = |axis: usize, most: fn(f64, f64) -> f64| {
            let positions = anchors.iter().map(|anchor| anchor[axis] / SAMPLE_DISTANCE);
            positions.reduce(most).unwrap_or_default()
        };
        let first = [0, 1].map(|axis| rim(axis, f64::min).floor() - 1.0);
        let [columns, rows] =
            [0, 1].map(|axis| (rim(axis, f64::max).ceil() - first[axis]) as usize + 2);
        let mut heights = Array2::zeros((rows, columns));
        heights
            .axis_iter_mut(Axis(0))
            .into_par_iter()
            .enumerate()
            .try_for_each_init(
                || (Scratch::default(), vec![0.0; columns]),
                |(scratch, line), (row, mut samples)| {
                    progress.check()?;
                    let row = Row {
                        first: first[0] * SAMPLE_DISTANCE,
                        step: SAMPLE_DISTANCE,
                        y: (first[1] + row as f64) * SAMPLE_DISTANCE,
                    };
                    landform.fill(row, scratch, line);
                    for (sample, height) in samples.iter_mut().zip(line) {
                        *sample = *height as f32;
                    }
                    Ok(())
                },
            )?;
        Ok(Self { first, heights })
    }

    /// Bilinear height at a point, metres.
    fn at(&self, east: f64, south: f64) -> f32 {
        let (x, y) = (
            east / SAMPLE_DISTANCE - self.first[0],
            south / SAMPLE_DISTANCE - self.first[1],
        );
        let (column, row) = (x as usize, y as usize);
        let (right, down) = ((x - column as f64) as f32, (y - row as f64) as f32);
        let at = |row: usize| {
            let left = self.heights[[row, column]];
            left + right * (self.heights[[row, column + 1]] - left)
        };
        let (upper, lower) = (at(row), at(row + 1));
        upper + down * (lower - upper)
    }
}
