//! Where glint is worked out: points a kilometre apart, anchored to the nodes of the viewing angles.
//!
//! Between the nodes of the angles directions change evenly, and glint by so little that between points a kilometre
//! apart a straight line is right to a ten-thousandth. At the nodes the change of the directions bends: each is a point.

use crate::scene::{Angles, Grid, Nodes};

/// Greatest distance of the points, metres.
const STEP_MAX: f64 = 1_000.0;

/// The points, and where the pixels of a grid lie between them.
#[derive(Clone, Debug)]
pub(super) struct Lattice {
    pub nodes: Nodes,
    /// Rows and columns of points.
    pub shape: (usize, usize),
    rows: Places,
    columns: Places,
}

/// Where pixels lie between points, along one axis.
#[derive(Clone, Debug)]
struct Places {
    /// The point before each pixel.
    before: Vec<usize>,
    /// How far it is to the next point, 0 to 1.
    parts: Vec<f32>,
    /// For each point the first pixel beyond the next one.
    ends: Vec<usize>,
}

impl Places {
    fn of(pixels: usize, pixel_size: f64, first: f64, step: f64) -> Self {
        let position = |pixel: usize| ((pixel as f64 + 0.5) * pixel_size - first) / step;
        let before: Vec<usize> = (0..pixels).map(|pixel| position(pixel) as usize).collect();
        let parts = (0..pixels).map(|pixel| position(pixel).fract() as f32);
        let last = before.last().map_or(0, |last| last + 1);
        let end = |point: usize| before.partition_point(|before| *before <= point);
        Self {
            parts: parts.collect(),
            ends: (0..last).map(end).collect(),
            before,
        }
    }

    fn points(&self) -> usize {
        if self.ends.is_empty() {
            0
        } else {
            self.ends.len() + 1
        }
    }
}

impl Lattice {
    /// Over a grid, anchored to the grids of viewing angles where there are any.
    pub fn over(grid: &Grid, angles: &Angles) -> Self {
        let anchors = angles.views.values().chain(&angles.sun);
        let anchor = anchors.map(|view| view.nodes).next();
        let anchor = anchor.unwrap_or(Nodes::from_corner(STEP_MAX, STEP_MAX));
        let step = |node_step: f64| node_step / (node_step / STEP_MAX).ceil();
        let (row_step, column_step) = (step(anchor.row_step), step(anchor.column_step));
        // The last point on or before the corner.
        let start = |first: f64, step: f64| first + (-first / step).floor() * step;
        let nodes = Nodes {
            first_row: start(anchor.first_row, row_step),
            first_column: start(anchor.first_column, column_step),
            row_step,
            column_step,
        };
        let rows = Places::of(grid.height, grid.pixel_size, nodes.first_row, row_step);
        let columns = Places::of(grid.width, grid.pixel_size, nodes.first_column, column_step);
        Self {
            nodes,
            shape: (rows.points(), columns.points()),
            rows,
            columns,
        }
    }

    /// A number between the points around a pixel.
    pub fn at(&self, points: &[f32], row: usize, column: usize) -> f32 {
        let [left, right] = self.sides(points, row, self.columns.before[column]);
        between(left, right, self.columns.parts[column])
    }

    /// Numbers at some pixels of a row, given by their first column.
    pub fn along(&self, points: &[f32], row: usize, first: usize, out: &mut [f32]) {
        let Places {
            before,
            parts,
            ends,
        } = &self.columns;
        let (mut column, end) = (first, first + out.len());
        while column < end {
            let cell_end = ends[before[column]].min(end);
            let [left, right] = self.sides(points, row, before[column]);
            let cell = &mut out[column - first..cell_end - first];
            for (value, part) in cell.iter_mut().zip(&parts[column..cell_end]) {
                *value = between(left, right, *part);
            }
            column = cell_end;
        }
    }

    /// The numbers left and right of a cell, in a row of pixels.
    #[inline]
    fn sides(&self, points: &[f32], row: usize, before: usize) -> [f32; 2] {
        let first = self.rows.before[row] * self.shape.1 + before;
        let part = self.rows.parts[row];
        let side = |first: usize| between(points[first], points[first + self.shape.1], part);
        [side(first), side(first + 1)]
    }
}

#[inline]
fn between(a: f32, b: f32, part: f32) -> f32 {
    a + (b - a) * part
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::{AngleGrid, UtmZone};
    use ndarray::Array2;
    use proptest::prelude::*;

    fn grid(pixel_size: f64, height: usize, width: usize) -> Grid {
        Grid {
            zone: UtmZone::from_epsg(32631).unwrap(),
            easting: 600_000.0,
            northing: 4_800_000.0,
            pixel_size,
            height,
            width,
        }
    }

    fn anchored(first_row: f64, first_column: f64) -> Angles {
        Angles {
            sun: Some(AngleGrid {
                zenith: Array2::zeros((23, 23)),
                azimuth: Array2::zeros((23, 23)),
                nodes: Nodes {
                    first_row,
                    first_column,
                    row_step: 5_000.0,
                    column_step: 5_000.0,
                },
            }),
            ..Angles::default()
        }
    }

    #[test]
    fn points_lie_on_the_nodes_of_the_angles() {
        let lattice = Lattice::over(&grid(20.0, 5_490, 5_490), &anchored(0.0, 0.0));
        assert_eq!(
            (lattice.nodes.first_row, lattice.nodes.row_step),
            (0.0, 1_000.0)
        );
        assert_eq!(lattice.shape, (111, 111));
        let part = Lattice::over(&grid(20.0, 100, 100), &anchored(-12_340.0, 260.0));
        // -12340 + 12 km; 260 m less 1 km.
        assert_eq!(
            (part.nodes.first_row, part.nodes.first_column),
            (-340.0, -740.0)
        );
        assert_eq!(part.shape, (4, 4));
        let free = Lattice::over(&grid(60.0, 10, 10), &Angles::default());
        assert_eq!((free.nodes.first_row, free.shape), (0.0, (2, 2)));
    }

    proptest! {
        /// What changes evenly is exact; a row is what its pixels are.
        #[test]
        fn between_points_numbers_change_evenly(
            first_row in -9_000.0..9_000.0_f64,
            first_column in -9_000.0..9_000.0_f64,
            from in 0_usize..200,
        ) {
            let grid = grid(20.0, 150, 300);
            let lattice = Lattice::over(&grid, &anchored(first_row, first_column));
            let plane = |east: f64, south: f64| 3.0 + 1e-4 * east - 2e-4 * south;
            let points = Array2::from_shape_fn(lattice.shape, |(row, column)| {
                let (east, south) = lattice.nodes.place(row, column);
                plane(east, south) as f32
            });
            let points = points.as_slice().unwrap();
            for row in [0, 77, 149] {
                let mut line = vec![0.0; 300 - from];
                lattice.along(points, row, from, &mut line);
                for (column, value) in (from..).zip(line) {
                    let expected = plane((column as f64 + 0.5) * 20.0, (row as f64 + 0.5) * 20.0);
                    prop_assert!((f64::from(value) - expected).abs() < 1e-5);
                    prop_assert_eq!(value, lattice.at(points, row, column));
                }
            }
        }
    }
}
