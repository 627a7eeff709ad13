//! Highest nodes of square blocks of facets, in levels of doubling size.
//!
//! Source: A. Tevs, I. Ihrke, H.-P. Seidel, *Maximum mipmaps for fast, accurate, and scalable dynamic height field
//! rendering*, I3D 2008; the tree of B. Duvenhage, *Using an implicit min/max KD-tree for doing efficient terrain line
//! of sight calculations*, Afrigraph 2009, serves the same end.

use ndarray::parallel::prelude::*;
use ndarray::{Array2, Axis, s};

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
            levels.push(halve(heights, 1));
            while let Some(finer) = levels.last().filter(|level: &&Array2<f32>| level.len() > 1) {
                let coarser = halve(finer, 0);
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
        let [top, bottom] = rows.map(floor);
        let [left, right] = columns.map(floor);
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

/// The whole number at or below; much faster than `f64::floor` where the processor's own instruction may not be used.
pub(super) fn floor(position: f64) -> i64 {
    let whole = position as i64;
    whole - i64::from(position < whole as f64)
}

/// Maxima of blocks of 2 x 2, each with so many rows and columns of its neighbours.
fn halve(finer: &Array2<f32>, overlap: usize) -> Array2<f32> {
    let count = |size: usize| (size - overlap).div_ceil(2);
    let shape = (count(finer.nrows()), count(finer.ncols()));
    let mut coarser = Array2::from_elem(shape, f32::NEG_INFINITY);
    let rows = coarser.axis_iter_mut(Axis(0)).into_par_iter().enumerate();
    rows.for_each(|(row, mut blocks)| {
        let end = (2 * row + 2 + overlap).min(finer.nrows());
        for line in finer.slice(s![2 * row..end, ..]).rows() {
            for (column, &height) in line.iter().enumerate() {
                let height = if height.is_finite() {
                    height
                } else {
                    f32::INFINITY
                };
                // A node on the border of two blocks belongs to both.
                for block in [column / 2, column.saturating_sub(overlap) / 2] {
                    if let Some(highest) = blocks.get_mut(block) {
                        *highest = highest.max(height);
                    }
                }
            }
        }
    });
    coarser
}
