//! Directions between the nodes of a coarse grid, as unit vectors, and a little beyond the nodes that are known.
//!
//! A detector's grid is known where the detector looked, and its stripe reaches beyond the last node by up to a step.
//! There directions go on as the detector's own nodes tell: one detector is never blended with another, which looks
//! ahead where this one looks back.

use crate::scene::{AngleGrid, Nodes};
use ndarray::Array2;

/// Unknown nodes at most so many steps from a known one get a direction. A stripe ends within one; two are for
/// footprints and grids that disagree (own choice).
const REACH: usize = 2;
/// Known nodes at most so many steps away say how directions go on: a stripe is five or six steps wide (own choice).
const FIT_REACH: usize = 3;
/// Weight of a slope of zero beside that of the nodes, square steps: decides only what the nodes leave open, where they
/// stand in one line.
const FLATNESS: f64 = 1e-9;

/// Unit vectors (east, north, up) at the nodes of a grid; NaN where unknown.
#[derive(Clone, Debug)]
pub(super) struct VectorGrid {
    vectors: Array2<[f64; 3]>,
    nodes: Nodes,
}

const UNKNOWN: [f64; 3] = [f64::NAN; 3];

impl VectorGrid {
    /// The known nodes of a grid.
    pub fn of(grid: &AngleGrid) -> Self {
        let at = |node| {
            grid.node(node)
                .map_or(UNKNOWN, |direction| direction.unit_vector())
        };
        Self {
            vectors: Array2::from_shape_fn(grid.zenith.dim(), at),
            nodes: grid.nodes,
        }
    }

    /// With directions at the unknown nodes near known ones: those of a plane through the known nodes around, component
    /// by component.
    pub fn extended(&self) -> Self {
        let beyond = |node: (usize, usize)| {
            let vector = self.vectors[node];
            let is_near = || self.known_around(node, REACH).next().is_some();
            if is_known(vector) || !is_near() {
                vector
            } else {
                self.plane_through(node)
            }
        };
        Self {
            vectors: Array2::from_shape_fn(self.vectors.dim(), beyond),
            nodes: self.nodes,
        }
    }

    /// Unit vector at a point so many metres right of and below the upper-left corner of the scene; `None` where a node
    /// around it is unknown.
    pub fn at(&self, east: f64, south: f64) -> Option<[f64; 3]> {
        let mut sum = [0.0; 3];
        for (node, weight) in self.nodes.around(self.vectors.dim(), (east, south)) {
            let vector = self.vectors[node];
            sum = std::array::from_fn(|axis| sum[axis] + weight * vector[axis]);
        }
        unit(sum)
    }

    /// Steps from a known node to the nearest unknown one, at most so many; from an unknown node to the nearest known
    /// one, negative.
    pub fn depth(&self, node: (usize, usize), most: usize) -> f64 {
        let known = is_known(self.vectors[node]);
        let is_other = |other: (usize, usize)| is_known(self.vectors[other]) != known;
        let steps = (1..most).find(|&steps| self.around(node, steps).any(is_other));
        let steps = steps.unwrap_or(most) as f64;
        if known { steps } else { -steps }
    }

    fn known_around(
        &self,
        node: (usize, usize),
        steps: usize,
    ) -> impl Iterator<Item = (usize, usize)> {
        self.around(node, steps)
            .filter(|other| is_known(self.vectors[*other]))
    }

    /// Nodes of the square around a node.
    fn around(
        &self,
        (row, column): (usize, usize),
        steps: usize,
    ) -> impl Iterator<Item = (usize, usize)> + use<> {
        let (rows, columns) = self.vectors.dim();
        let span = |middle: usize, count: usize| {
            middle.saturating_sub(steps)..(middle + steps + 1).min(count)
        };
        let across = span(column, columns);
        span(row, rows).flat_map(move |row| across.clone().map(move |column| (row, column)))
    }

    /// Least squares: value, slope down and slope right at a node, of the known nodes around it.
    fn plane_through(&self, node: (usize, usize)) -> [f64; 3] {
        let offset = |other: (usize, usize)| {
            [
                other.0 as f64 - node.0 as f64,
                other.1 as f64 - node.1 as f64,
            ]
        };
        let known: Vec<_> = self.known_around(node, FIT_REACH).collect();
        let count = known.len() as f64;
        let mean = |part: &dyn Fn((usize, usize)) -> f64| {
            known.iter().map(|&other| part(other)).sum::<f64>() / count
        };
        let middle = [0, 1].map(|axis| mean(&|other| offset(other)[axis]));
        let from_middle = |other, axis: usize| offset(other)[axis] - middle[axis];
        let moment = |a: usize, b: usize| mean(&|o| from_middle(o, a) * from_middle(o, b));
        let (down, right) = (moment(0, 0) + FLATNESS, moment(1, 1) + FLATNESS);
        let both = moment(0, 1);
        let determinant = down * right - both * both;
        let goes_on = |axis: usize| {
            let value = mean(&|other| self.vectors[other][axis]);
            let with = |a: usize| mean(&|o| from_middle(o, a) * (self.vectors[o][axis] - value));
            let (by_row, by_column) = (with(0), with(1));
            let slope_down = (right * by_row - both * by_column) / determinant;
            let slope_right = (down * by_column - both * by_row) / determinant;
            value - slope_down * middle[0] - slope_right * middle[1]
        };
        unit([0, 1, 2].map(goes_on)).unwrap_or(UNKNOWN)
    }
}

fn is_known(vector: [f64; 3]) -> bool {
    !vector[2].is_nan()
}

/// The vector with length 1; `None` where it has none.
fn unit(vector: [f64; 3]) -> Option<[f64; 3]> {
    let [x, y, z] = vector;
    let length = (x * x + y * y + z * z).sqrt();
    (length > 0.0).then(|| vector.map(|part| part / length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::Direction;
    use approx::assert_abs_diff_eq;

    const STEP: f64 = 5_000.0;

    /// A grid whose nodes look at a sensor 786 km above a point so many metres right of and below the corner.
    fn grid(point: (f64, f64), is_known: impl Fn(usize, usize) -> bool) -> AngleGrid {
        let at = |(row, column): (usize, usize)| {
            is_known(row, column).then(|| toward(point, column as f64 * STEP, row as f64 * STEP))
        };
        let part = |part: fn(Direction) -> f64| {
            Array2::from_shape_fn((23, 23), |node| at(node).map_or(f64::NAN, part))
        };
        AngleGrid {
            zenith: part(|direction| direction.zenith),
            azimuth: part(|direction| direction.azimuth),
            nodes: Nodes::from_corner(STEP, STEP),
        }
    }

    fn toward(point: (f64, f64), east: f64, south: f64) -> Direction {
        let (x, y) = (point.0 - east, south - point.1);
        Direction {
            zenith: x.hypot(y).atan2(786_000.0),
            azimuth: x.atan2(y).rem_euclid(std::f64::consts::TAU),
        }
    }

    /// Degrees between two directions.
    fn apart(a: [f64; 3], b: [f64; 3]) -> f64 {
        let difference: f64 = (0..3).map(|axis| (a[axis] - b[axis]).powi(2)).sum();
        difference.sqrt().to_degrees()
    }

    /// A stripe as detectors have it, slanted: five or six nodes wide.
    fn in_stripe(row: usize, column: usize) -> bool {
        let left = 8.3 - 0.2 * row as f64;
        (left..left + 5.4).contains(&(column as f64))
    }

    #[test]
    fn nodes_are_as_the_metadata_has_them() {
        let grid = grid((40_000.0, -300_000.0), in_stripe);
        let vectors = VectorGrid::of(&grid).extended();
        for row in 0..23 {
            for column in (0..23).filter(|column| in_stripe(row, *column)) {
                let at = vectors.at(column as f64 * STEP, row as f64 * STEP).unwrap();
                let expected = grid.node((row, column)).unwrap().unit_vector();
                for axis in 0..3 {
                    assert_abs_diff_eq!(at[axis], expected[axis], epsilon = 1e-15);
                }
            }
        }
    }

    /// Azimuths turn around the point below the sensor; vectors do not.
    #[test]
    fn between_nodes_and_beyond_them_directions_are_right_to_a_hundredth_of_a_degree() {
        for point in [
            (40_000.0, -300_000.0),
            (47_300.0, 51_200.0),
            (-150_000.0, 60_000.0),
        ] {
            let vectors = VectorGrid::of(&grid(point, in_stripe)).extended();
            let mut seen = 0;
            for south in (0..1_098).map(|k| f64::from(k) * 100.0) {
                let left = STEP * (8.3 - 0.2 * south / STEP);
                // The stripe, and 4 km to either side of it.
                for east in (-40..310).map(|k| left + f64::from(k) * 100.0) {
                    if (0.0..109_800.0).contains(&east) {
                        let at = vectors.at(east, south).unwrap();
                        let error = apart(at, toward(point, east, south).unit_vector());
                        assert!(error < 0.01, "{point:?}, {east} {south}: {error}");
                        seen += 1;
                    }
                }
            }
            assert!(seen > 300_000);
        }
    }

    #[test]
    fn a_line_or_a_single_node_goes_on_as_it_can() {
        let point = (40_000.0, -300_000.0);
        for (is_known, tolerance) in [
            // One column, one row, one diagonal: along it exact, across it the slope is not known.
            (
                &(|_: usize, column: usize| column == 5) as &dyn Fn(usize, usize) -> bool,
                0.4,
            ),
            (&|row, _| row == 5, 0.4),
            (&|row, column| row == column, 0.4),
            (&|row, column| (row, column) == (5, 5), 0.6),
        ] {
            let vectors = VectorGrid::of(&grid(point, is_known)).extended();
            let (east, south) = (5.5 * STEP, 6.0 * STEP);
            let at = vectors.at(east, south).unwrap();
            assert!(apart(at, toward(point, east, south).unit_vector()) < tolerance);
        }
    }

    #[test]
    fn far_from_known_nodes_nothing_is_known() {
        let vectors = VectorGrid::of(&grid((0.0, 0.0), |_, column| column < 3));
        assert!(vectors.at(2.5 * STEP, 0.0).is_none());
        let extended = vectors.extended();
        assert!(extended.at(2.5 * STEP, 0.0).is_some());
        assert!(extended.at(4.0 * STEP, 0.0).is_some());
        assert!(extended.at(4.1 * STEP, 0.0).is_none());
        let nothing = VectorGrid::of(&grid((0.0, 0.0), |_, _| false)).extended();
        assert!(nothing.at(0.0, 0.0).is_none());
    }

    #[test]
    fn depth_counts_steps_to_the_border_of_what_is_known() {
        let vectors = VectorGrid::of(&grid((0.0, 0.0), |_, column| (5..10).contains(&column)));
        let depths: Vec<f64> = (2..13)
            .map(|column| vectors.depth((11, column), 3))
            .collect();
        let expected = [-3.0, -2.0, -1.0, 1.0, 2.0, 3.0, 2.0, 1.0, -1.0, -2.0, -3.0];
        assert_eq!(depths, expected);
        assert_eq!(vectors.depth((11, 0), 3), -3.0);
    }
}
