//! Voids of a DEM filled: from the nearest known nodes, then smoothed until the surface spans the void as a membrane.
//!
//! What is filled is a guess: relief is then called lit or shadowed where nothing was measured.

use super::cells::{DemCellIndex, DemCells};
use super::patch::DemPatch;
use super::source::Content;
use crate::Result;
use ndarray::{Array2, s};
use std::collections::BTreeSet;
use std::sync::Arc;

/// Heights that change less than this in a round are final, metres.
const FINAL_CHANGE: f32 = 0.01;
/// Most rounds: enough for voids some hundred nodes wide.
const MOST_ROUNDS: usize = 300;
/// Over-relaxation, unitless, 1 to 2 (Young 1954): the optimum 2 / (1 + sin(pi / n)) for voids n = 60 nodes wide.
const OVER_RELAXATION: f32 = 1.9;

/// Nodes around a cell that are known when its voids are filled: wider voids than this may differ at its borders.
const MARGIN: usize = 100;

/// Cells whose voids are filled, also by what is known in the cells around them, so that a void across a border is
/// filled alike on both sides. A cell without any height stays as it is.
pub struct FilledCells<C>(pub C);

impl<C: DemCells> FilledCells<C> {
    /// A cell's nodes, and as many known ones around it as are of its lattice.
    fn around(&self, cell: DemCellIndex, patch: &DemPatch) -> Result<DemPatch> {
        let (rows, columns) = patch.heights.dim();
        let margin = MARGIN as f64;
        let mut wide = DemPatch {
            west: patch.west - margin * patch.column_step,
            north: patch.north + margin * patch.row_step,
            heights: Array2::from_elem((rows + 2 * MARGIN, columns + 2 * MARGIN), f32::NAN),
            missing: BTreeSet::new(),
            ..*patch
        };
        wide.take(patch, (MARGIN as isize, MARGIN as isize));
        let per_degree = self.0.cells_per_degree().max(1);
        for (up, right) in (-1..=1).flat_map(|up| (-1..=1).map(move |right| (up, right))) {
            let (south, half_turn) = (cell.south + up, 180 * per_degree);
            let west = (cell.west + right + half_turn).rem_euclid(2 * half_turn) - half_turn;
            let beside = DemCellIndex { south, west };
            if beside == cell || !(-90 * per_degree..90 * per_degree).contains(&south) {
                continue;
            }
            if let Content::Heights(piece) = self.0.load(beside)?
                && let Some(offset) = wide.offset(&piece, wide.middle())
            {
                wide.take(&piece, offset);
            }
        }
        Ok(wide)
    }
}

impl<C: DemCells> DemCells for FilledCells<C> {
    fn cells_per_degree(&self) -> i32 {
        self.0.cells_per_degree()
    }

    fn load(&self, cell: DemCellIndex) -> Result<Content> {
        let mut content = self.0.load(cell)?;
        if let Content::Heights(patch) = &mut content
            // What lies beyond the DEM's edge is no void.
            && patch.missing.is_empty()
            && patch.heights.iter().any(|height| height.is_nan())
            && patch.heights.iter().any(|height| !height.is_nan())
        {
            let (rows, columns) = patch.heights.dim();
            let mut wide = self.around(cell, patch)?.heights;
            fill_voids(&mut wide);
            let inner = wide.slice(s![MARGIN..MARGIN + rows, MARGIN..MARGIN + columns]);
            Arc::make_mut(patch).heights.assign(&inner);
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
    use crate::terrain::{CachedCells, DemFrame, patch_over};

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

    /// Cells of a degree on x² - y², with a void around a corner where four of them meet, at the antimeridian.
    struct Corner;

    const STEPS: i32 = 120;

    fn saddle(longitude: f64, latitude: f64) -> f32 {
        let (x, y) = (longitude.rem_euclid(360.0) - 180.0, latitude - 10.0);
        (900.0 * (x * x - y * y) + 300.0 * x + 2_000.0) as f32
    }

    impl DemCells for Corner {
        fn cells_per_degree(&self) -> i32 {
            1
        }

        fn load(&self, cell: DemCellIndex) -> Result<Content> {
            let (west, north) = (f64::from(cell.west), f64::from(cell.south + 1));
            let step = 1.0 / f64::from(STEPS);
            let side = STEPS as usize + 1;
            let heights = Array2::from_shape_fn((side, side), |(row, column)| {
                let (x, y) = (west + step * column as f64, north - step * row as f64);
                let beside = (x.rem_euclid(360.0) - 180.0, y - 10.0);
                if beside.0.abs() < 0.2 && beside.1.abs() < 0.15 {
                    f32::NAN
                } else {
                    saddle(x, y)
                }
            });
            Ok(Content::Heights(Arc::new(DemPatch {
                frame: DemFrame::Geographic,
                west,
                north,
                column_step: step,
                row_step: step,
                heights,
                missing: BTreeSet::new(),
            })))
        }
    }

    #[test]
    fn a_void_across_borders_is_filled_without_a_step() {
        let source = CachedCells::new(FilledCells(Corner), usize::MAX);
        let patch = patch_over(&source, [179.7, 9.8, 180.3, 10.2]).unwrap();
        for ((row, column), height) in patch.heights.indexed_iter() {
            let (x, y) = (
                patch.west + patch.column_step * column as f64,
                patch.north - patch.row_step * row as f64,
            );
            assert!(
                (height - saddle(x, y)).abs() < 1.0,
                "{height} at {x} {y}, not {}",
                saddle(x, y)
            );
        }
    }

    #[test]
    fn what_lies_beyond_a_dem_is_not_filled() {
        struct Edge;
        impl DemCells for Edge {
            fn cells_per_degree(&self) -> i32 {
                1
            }
            fn load(&self, cell: DemCellIndex) -> Result<Content> {
                let mut content = Corner.load(cell)?;
                if let Content::Heights(patch) = &mut content {
                    Arc::make_mut(patch).missing.insert("beyond".into());
                }
                Ok(content)
            }
        }
        let content = FilledCells(Edge)
            .load(DemCellIndex {
                south: 10,
                west: 179,
            })
            .unwrap();
        assert!(
            matches!(content, Content::Heights(patch) if patch.heights.iter().any(|height| height.is_nan()))
        );
    }
}
