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
    /// For each row and each column of pixels the point before it, and how far it is to the next, 0 to 1.
    rows: Vec<Place>,
    columns: Vec<Place>,
}

/// A place between two points.
#[derive(Clone, Copy, Debug)]
struct Place {
    before: u32,
    part: f32,
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
        let places = |count: usize, first: f64, step: f64| -> Vec<Place> {
            let place = |pixel: usize| {
                let position = ((pixel as f64 + 0.5) * grid.pixel_size - first) / step;
                Place {
                    before: position as u32,
                    part: position.fract() as f32,
                }
            };
            (0..count).map(place).collect()
        };
        let rows = places(grid.height, nodes.first_row, row_step);
        let columns = places(grid.width, nodes.first_column, column_step);
        let points = |places: &[Place]| places.last().map_or(0, |last| last.before as usize + 2);
        Self {
            nodes,
            shape: (points(&rows), points(&columns)),
            rows,
            columns,
        }
    }

    /// A number between the points around a pixel.
    pub fn at(&self, points: &[f32], row: usize, column: usize) -> f32 {
        let [left, right] = self.sides(points, row, self.columns[column].before);
        between(left, right, self.columns[column].part)
    }

    /// Numbers at some pixels of a row, given by their first column.
    pub fn along(&self, points: &[f32], row: usize, first: usize, out: &mut [f32]) {
        let mut rest = out;
        let mut column = first;
        while !rest.is_empty() {
            let before = self.columns[column].before;
            let end = column + rest.len();
            let same = |place: &Place| place.before == before;
            let count = self.columns[column..end]
                .iter()
                .take_while(|place| same(place))
                .count();
            let [left, right] = self.sides(points, row, before);
            let (here, others) = rest.split_at_mut(count);
            for (value, place) in here.iter_mut().zip(&self.columns[column..]) {
                *value = between(left, right, place.part);
            }
            (rest, column) = (others, column + count);
        }
    }

    /// The numbers left and right of a cell, in a row of pixels.
    #[inline]
    fn sides(&self, points: &[f32], row: usize, before: u32) -> [f32; 2] {
        let Place {
            before: above,
            part,
        } = self.rows[row];
        let first = above as usize * self.shape.1 + before as usize;
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
