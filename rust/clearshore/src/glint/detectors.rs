//! Which detector saw a pixel, where the product has no footprints.
//!
//! Each detector's grid of viewing angles is known where that detector looked: a pixel belongs to the detector within
//! whose known nodes it lies deepest. Borders guessed so are right to about a step of the grid.

use super::directions::VectorGrid;
use crate::scene::{AngleGrid, Grid};
use ndarray::{Array2, Zip};
use rayon::prelude::*;

/// Depths beyond this are all alike, steps of the grid: half of a stripe.
const GREATEST_DEPTH: usize = 3;

/// Depth of the nodes within the known ones of one detector.
struct Depths {
    detector: u8,
    nodes: Array2<f64>,
}

/// The nearest detector at every pixel of a grid, by the grids of viewing angles of one band; 0 where there are none.
pub fn nearest_detectors<'a>(
    grid: &Grid,
    views: impl Iterator<Item = (u8, &'a AngleGrid)>,
) -> Array2<u8> {
    let mut detectors = Array2::zeros(grid.shape());
    let views: Vec<(u8, &AngleGrid)> = views.collect();
    let Some(&(_, first)) = views.first() else {
        return detectors;
    };
    let nodes = first.nodes;
    let depths: Vec<Depths> = views
        .iter()
        .filter(|(_, view)| view.nodes == nodes && view.zenith.dim() == first.zenith.dim())
        .map(|(detector, view)| {
            let vectors = VectorGrid::of(view);
            let depth = |node| vectors.depth(node, GREATEST_DEPTH);
            Depths {
                detector: *detector,
                nodes: Array2::from_shape_fn(view.zenith.dim(), depth),
            }
        })
        .collect();
    let metres = |pixel: usize| (pixel as f64 + 0.5) * grid.pixel_size;
    Zip::indexed(detectors.rows_mut())
        .into_par_iter()
        .for_each(|(row, mut line)| {
            for (column, detector) in line.iter_mut().enumerate() {
                let place = (metres(column), metres(row));
                let weights: Vec<_> = nodes.around(first.zenith.dim(), place).collect();
                let depth = |depths: &Depths| -> f64 {
                    let parts = weights.iter();
                    parts
                        .map(|&(node, weight)| weight * depths.nodes[node])
                        .sum()
                };
                // Of equals the first, which has the lowest number.
                let mut deepest = f64::NEG_INFINITY;
                for candidate in &depths {
                    let depth = depth(candidate);
                    if depth > deepest {
                        (deepest, *detector) = (depth, candidate.detector);
                    }
                }
            }
        });
    detectors
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::{Nodes, UtmZone};

    #[test]
    fn pixels_belong_to_the_detector_in_whose_nodes_they_lie_deepest() {
        // Two slanted stripes that share a column of nodes: it is their border.
        let border = |row: usize| 10.0 - 0.25 * row as f64;
        let view = |is_known: &dyn Fn(f64, f64) -> bool| {
            let angle = |(row, column): (usize, usize)| {
                let known = is_known(column as f64, border(row));
                if known { 0.1 } else { f64::NAN }
            };
            AngleGrid {
                zenith: Array2::from_shape_fn((23, 23), angle),
                azimuth: Array2::from_shape_fn((23, 23), angle),
                nodes: Nodes::from_corner(5_000.0, 5_000.0),
            }
        };
        let left = view(&|column, border| column <= border + 0.5);
        let right = view(&|column, border| column >= border - 0.5);
        let grid = Grid {
            zone: UtmZone::from_epsg(32631).unwrap(),
            easting: 600_000.0,
            northing: 4_800_000.0,
            pixel_size: 100.0,
            height: 1_098,
            width: 1_098,
        };
        let views = [(4, &left), (5, &right)];
        let found = nearest_detectors(&grid, views.into_iter());
        for ((row, column), detector) in found.indexed_iter() {
            let (x, y) = ((column as f64 + 0.5) / 50.0, (row as f64 + 0.5) / 50.0);
            let from_border = x - (10.0 - 0.25 * y);
            if from_border.abs() > 1.0 {
                let expected = if from_border < 0.0 { 4 } else { 5 };
                assert_eq!(*detector, expected, "{row} {column}");
            }
        }
        let none = nearest_detectors(&grid, std::iter::empty());
        assert!(none.iter().all(|detector| *detector == 0));
    }
}
