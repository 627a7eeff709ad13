//! Sun and viewing directions on the coarse grids of the product's metadata.

use super::band::Band;
use super::nodes::Nodes;
use ndarray::Array2;
use std::collections::BTreeMap;

/// A direction as the metadata gives it, radians. The azimuth is from TRUE north, clockwise.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Direction {
    /// Angle from the vertical, radians.
    pub zenith: f64,
    /// Clockwise from true north, radians, [0, 2π).
    pub azimuth: f64,
}

impl Direction {
    /// From degrees.
    pub fn from_degrees(zenith: f64, azimuth: f64) -> Self {
        Self {
            zenith: zenith.to_radians(),
            azimuth: azimuth.rem_euclid(360.0).to_radians(),
        }
    }

    /// Unit vector: east, north, up.
    pub fn unit_vector(self) -> [f64; 3] {
        let (sin_zenith, cos_zenith) = self.zenith.sin_cos();
        let (sin_azimuth, cos_azimuth) = self.azimuth.sin_cos();
        [
            sin_zenith * sin_azimuth,
            sin_zenith * cos_azimuth,
            cos_zenith,
        ]
    }
}

/// Directions at the nodes of a grid.
///
/// Unknown nodes are NaN in both planes: a detector's grid is filled only where that detector looked.
#[derive(Clone, Debug, PartialEq)]
pub struct AngleGrid {
    /// Zenith angles, radians, (rows, columns).
    pub zenith: Array2<f64>,
    /// Azimuths from true north, radians, (rows, columns).
    pub azimuth: Array2<f64>,
    /// Where the nodes lie.
    pub nodes: Nodes,
}

impl AngleGrid {
    /// Direction at a node (row, column), where it is known.
    pub fn node(&self, node: (usize, usize)) -> Option<Direction> {
        let (zenith, azimuth) = (self.zenith[node], self.azimuth[node]);
        let is_known = zenith.is_finite() && azimuth.is_finite();
        is_known.then_some(Direction { zenith, azimuth })
    }

    /// Direction at a point `east` metres right of and `south` metres below the tile's upper-left
    /// corner, interpolated bilinearly as unit vectors between the nodes that are known. `None` where
    /// no node of the cell is known. Points outside the grid take the nearest edge.
    pub fn at(&self, east: f64, south: f64) -> Option<Direction> {
        let mut sum = [0.0_f64; 3];
        let mut weights = 0.0;
        for (node, weight) in self.nodes.around(self.zenith.dim(), (east, south)) {
            if let Some(direction) = self.node(node) {
                let vector = direction.unit_vector();
                sum = std::array::from_fn(|axis| sum[axis] + weight * vector[axis]);
                weights += weight;
            }
        }
        (weights > 0.0).then(|| Direction {
            zenith: sum[0].hypot(sum[1]).atan2(sum[2]),
            azimuth: sum[0].atan2(sum[1]).rem_euclid(std::f64::consts::TAU),
        })
    }
}

/// Number of a detector that stands for all of them together.
pub const ALL_DETECTORS: u8 = 0;

/// All directions of a scene. Every part may be missing.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Angles {
    /// Direction to the sun.
    pub sun: Option<AngleGrid>,
    /// Mean direction to the sun over the tile.
    pub mean_sun: Option<Direction>,
    /// Direction to the sensor per band and detector number, 1 to 12, or [`ALL_DETECTORS`].
    pub views: BTreeMap<(Band, u8), AngleGrid>,
    /// Mean direction to the sensor per band.
    pub mean_views: BTreeMap<Band, Direction>,
}

impl Angles {
    /// Zenith of the sun over the whole tile, radians: as the metadata says, or the mean of its nodes.
    pub fn usual_sun_zenith(&self) -> Option<f64> {
        let of_nodes = || {
            let nodes = self
                .sun
                .as_ref()?
                .zenith
                .iter()
                .filter(|zenith| !zenith.is_nan());
            let (sum, count) = nodes.fold((0.0, 0.0), |(sum, count), zenith| {
                (sum + zenith, count + 1.0)
            });
            (count > 0.0).then(|| sum / count)
        };
        self.mean_sun.map(|sun| sun.zenith).or_else(of_nodes)
    }
}
