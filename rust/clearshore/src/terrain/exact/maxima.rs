//! Highest nodes of square blocks of facets, in levels of doubling size.
//!
//! Source: A. Tevs, I. Ihrke, H.-P. Seidel, *Maximum mipmaps for fast, accurate, and scalable dynamic height field
//! rendering*, I3D 2008; the tree of B. Duvenhage, *Using an implicit min/max KD-tree for doing efficient terrain line
//! of sight calculations*, Afrigraph 2009, serves the same end.

use ndarray::{Array2, ArrayView2, s};
use rayon::prelude::*;

/// Blocks of 2, 4, 8… facets a side. A block with an unknown node is infinitely high.
pub(super) struct Maxima {
    /// Number of facets in each direction.
    rows: i64,
    columns: i64,
    levels: Vec<Array2<f32>>,
    /// Height of the highest known node, metres; minus infinity where none is known.
    pub(super) highest: f64,
}

impl Maxima {
    pub(super) fn new(heights: &Array2<f32>) -> Self {
        let facets = heights
            .dim()
            .0
            .saturating_sub(1)
            .min(heights.dim().1.saturating_sub(1));
        let mut levels = Vec::new();
        if facets > 0 {
            // Neighbouring blocks share their edge nodes.
            levels.push(halve(heights.view(), 1));
            while let Some(finer) = levels.last().filter(|level: &&Array2<f32>| level.len() > 1) {
                let coarser = halve(finer.view(), 0);
                levels.push(coarser);
            }
        }
        let highest = heights
            .iter()
            .filter(|height| height.is_finite())
            .fold(f32::NEG_INFINITY, |highest, &height| highest.max(height));
        Self {
            rows: heights.nrows() as i64 - 1,
            columns: heights.ncols() as i64 - 1,
            levels,
            highest: f64::from(highest),
        }
    }

    /// No lower than the highest node of the facets between two positions; infinite beyond the patch and where a node
    /// is unknown.
    pub(super) fn over(&self, rows: [f64; 2], columns: [f64; 2]) -> f64 {
        let [top, bottom] = rows.map(|row| row.floor() as i64);
        let [left, right] = columns.map(|column| column.floor() as i64);
        if top < 0 || left < 0 || bottom >= self.rows || right >= self.columns {
            return f64::INFINITY;
        }
        // Two blocks cover it in each direction.
        let extent = (bottom - top).max(right - left).max(2) as u64;
        let shift = (u64::BITS - (extent - 1).leading_zeros()).min(self.levels.len() as u32);
        let level = &self.levels[shift as usize - 1];
        let [top, bottom, left, right] =
            [top, bottom, left, right].map(|facet| (facet >> shift) as usize);
        let highest = level[[top, left]]
            .max(level[[top, right]])
            .max(level[[bottom, left]])
            .max(level[[bottom, right]]);
        f64::from(highest)
    }
}

/// Maxima of blocks of 2 x 2, each with so many rows and columns of its neighbours.
fn halve(finer: ArrayView2<'_, f32>, overlap: usize) -> Array2<f32> {
    let count = |size: usize| (size - overlap).div_ceil(2);
    let (rows, columns) = (count(finer.nrows()), count(finer.ncols()));
    let reach = 2 + overlap;
    let values: Vec<f32> = (0..rows)
        .into_par_iter()
        .flat_map_iter(|row| {
            let band = finer.slice(s![2 * row..(2 * row + reach).min(finer.nrows()), ..]);
            (0..columns).map(move |column| {
                let block = band.slice(s![.., 2 * column..(2 * column + reach).min(band.ncols())]);
                block.iter().fold(f32::NEG_INFINITY, |highest, &height| {
                    if height.is_finite() {
                        highest.max(height)
                    } else {
                        f32::INFINITY
                    }
                })
            })
        })
        .collect();
    Array2::from_shape_vec((rows, columns), values)
        .unwrap_or_else(|_| Array2::from_elem((rows, columns), f32::INFINITY))
}
