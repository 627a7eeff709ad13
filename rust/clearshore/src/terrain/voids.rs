//! Voids of a DEM filled: from the nearest known nodes, then smoothed until the surface spans the void as a membrane.
//!
//! What is filled is a guess: relief is then called lit or shadowed where nothing was measured.

use super::cells::{DemCellIndex, DemCells};
use super::source::Content;
use crate::Result;
use ndarray::Array2;
use std::sync::Arc;

/// Heights that change less than this in a round are final, metres.
const FINAL_CHANGE: f32 = 0.01;
/// Most rounds: enough for voids some hundred nodes wide.
const MOST_ROUNDS: usize = 300;
/// Over-relaxation, unitless, 1 to 2 (Young 1954): the optimum 2 / (1 + sin(pi / n)) for voids n = 60 nodes wide.
const OVER_RELAXATION: f32 = 1.9;

/// Cells whose voids are filled. A cell without any height stays as it is.
pub struct FilledCells<C>(pub C);

impl<C: DemCells> DemCells for FilledCells<C> {
    fn cells_per_degree(&self) -> i32 {
        self.0.cells_per_degree()
    }

    fn load(
        &self,
        cell: DemCellIndex,
        heights_of: &dyn Fn(DemCellIndex) -> Result<Content>,
    ) -> Result<Content> {
        let mut content = self.0.load(cell, heights_of)?;
        if let Content::Heights(patch) = &mut content
            && patch.heights.iter().any(|height| height.is_nan())
        {
            fill_voids(&mut Arc::make_mut(patch).heights);
        }
        Ok(content)
    }
}

/// Fills the voids (NaN) of a surface by the solution of Laplace's equation, heights in metres.
pub fn fill_voids(heights: &mut Array2<f32>) {
    let (rows, columns) = heights.dim();
    let voids: Vec<(usize, usize)> = heights
        .indexed_iter()
        .filter_map(|(node, height)| height.is_nan().then_some(node))
        .collect();
    if voids.len() == heights.len() {
        return;
    }
    let neighbours = |(row, column): (usize, usize)| {
        [
            (row > 0).then(|| (row - 1, column)),
            (column > 0).then(|| (row, column - 1)),
            (row + 1 < rows).then_some((row + 1, column)),
            (column + 1 < columns).then_some((row, column + 1)),
        ]
        .into_iter()
        .flatten()
    };
    // Rings of voids take the mean of the ring before, so that each starts from what is nearest.
    let mut ring: Vec<_> = voids
        .iter()
        .copied()
        .filter(|node| neighbours(*node).any(|beside| !heights[beside].is_nan()))
        .collect();
    while !ring.is_empty() {
        let known: Vec<_> = ring
            .iter()
            .map(|node| mean(neighbours(*node).map(|beside| heights[beside])))
            .collect();
        for (node, height) in ring.iter().zip(known) {
            heights[*node] = height;
        }
        let beyond = ring.iter().flat_map(|node| neighbours(*node));
        let mut next: Vec<_> = beyond.filter(|node| heights[*node].is_nan()).collect();
        next.sort_unstable();
        next.dedup();
        ring = next;
    }
    for _ in 0..MOST_ROUNDS {
        let mut change = 0.0_f32;
        for node in &voids {
            let level = mean(neighbours(*node).map(|beside| heights[beside]));
            let step = OVER_RELAXATION * (level - heights[*node]);
            heights[*node] += step;
            change = change.max(step.abs());
        }
        if change < FINAL_CHANGE {
            break;
        }
    }
}

/// Mean of the known heights.
fn mean(heights: impl Iterator<Item = f32>) -> f32 {
    let known = heights.filter(|height| !height.is_nan());
    let (sum, count) = known.fold((0.0, 0.0), |(sum, count), height| {
        (sum + height, count + 1.0)
    });
    sum / count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_void_in_a_harmonic_surface_is_that_surface() {
        // x² - y² and a plane solve Laplace's equation, also in its discrete form.
        let truth = Array2::from_shape_fn((90, 80), |(row, column)| {
            let (y, x) = (row as f32 - 45.0, column as f32 - 40.0);
            0.1 * (x * x - y * y) + 3.0 * x - 2.0 * y + 500.0
        });
        let mut heights = truth.clone();
        heights
            .slice_mut(ndarray::s![20..70, 15..60])
            .fill(f32::NAN);
        heights[[3, 3]] = f32::NAN;
        fill_voids(&mut heights);
        for (filled, truth) in heights.iter().zip(&truth) {
            assert!((filled - truth).abs() < 0.5, "{filled} {truth}");
        }
    }

    #[test]
    fn known_heights_stay_and_an_empty_cell_stays_empty() {
        let mut heights = Array2::from_elem((30, 30), f32::NAN);
        fill_voids(&mut heights);
        assert!(heights.iter().all(|height| height.is_nan()));
        heights[[29, 0]] = 12.5;
        fill_voids(&mut heights);
        assert!(heights.iter().all(|height| (height - 12.5).abs() < 1e-3));
        heights[[0, 7]] = -3.0;
        let known = heights.clone();
        heights[[5, 5]] = f32::NAN;
        fill_voids(&mut heights);
        assert_eq!((heights[[0, 7]], heights[[29, 0]]), (-3.0, known[[29, 0]]));
        assert!(heights.iter().all(|height| (-3.0..=12.51).contains(height)));
    }
}
