//! Wind over the scene, as a weather forecast has it.

use super::nodes::Nodes;
use ndarray::Array2;

/// Wind 10 m above the ground at the nodes of a lattice, m/s; NaN where it is not known.
#[derive(Clone, Debug, PartialEq)]
pub struct WindGrid {
    /// Speed toward the east (`10u`), m/s, (rows, columns).
    pub eastward: Array2<f64>,
    /// Speed toward the north (`10v`), m/s, (rows, columns).
    pub northward: Array2<f64>,
    /// Where the nodes lie.
    pub nodes: Nodes,
}

impl WindGrid {
    /// Speeds toward east and north, m/s, at a point so many metres right of and below the upper-left corner,
    /// interpolated bilinearly between the nodes that are known. `None` where none is. Points outside the grid
    /// take the nearest edge.
    pub fn at(&self, east: f64, south: f64) -> Option<[f64; 2]> {
        let (mut sum, mut weights) = ([0.0; 2], 0.0);
        for (node, weight) in self.nodes.around(self.eastward.dim(), (east, south)) {
            let wind = [self.eastward[node], self.northward[node]];
            if wind.iter().all(|speed| speed.is_finite()) {
                sum = [sum[0] + weight * wind[0], sum[1] + weight * wind[1]];
                weights += weight;
            }
        }
        (weights > 0.0).then(|| sum.map(|speed| speed / weights))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn wind_between_nodes_is_that_of_the_nodes_around() {
        let grid = WindGrid {
            eastward: array![[0.0, 4.0], [f64::NAN, 8.0]],
            northward: array![[-2.0, -2.0], [1.0, 2.0]],
            nodes: Nodes::from_corner(1_000.0, 2_000.0),
        };
        assert_eq!(grid.at(0.0, 0.0), Some([0.0, -2.0]));
        assert_eq!(grid.at(500.0, 0.0), Some([1.0, -2.0]));
        assert_eq!(grid.at(2_000.0, 250.0), Some([5.0, -1.0]));
        // The unknown node counts for nothing, and alone it is no wind.
        assert_eq!(grid.at(1_000.0, 1_000.0), Some([8.0, 2.0]));
        assert_eq!(grid.at(0.0, 1_000.0), None);
        assert_eq!(grid.at(9_999.0, -1.0), Some([4.0, -2.0]));
    }
}
