//! Heights at the nodes of one regular lattice, cut out of a DEM for a piece of ground.

use crate::scene::{Geodetic, UtmZone};
use ndarray::Array2;
use std::collections::BTreeSet;

/// The coordinates in which a DEM's nodes are regular.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum DemFrame {
    /// x is longitude, y is latitude, degrees. Longitudes may run past 180: a patch is never cut there.
    Geographic,
    /// x is easting, y is northing, metres.
    Utm(UtmZone),
}

/// Heights at nodes, north up. Between nodes the surface is bilinear.
#[derive(Clone, Debug)]
pub struct DemPatch {
    /// Coordinates of the nodes.
    pub frame: DemFrame,
    /// x of column 0.
    pub west: f64,
    /// y of row 0.
    pub north: f64,
    /// Distance between columns, in the frame's unit, above 0.
    pub column_step: f64,
    /// Distance between rows, in the frame's unit, above 0; rows run south.
    pub row_step: f64,
    /// Heights in metres, (rows, columns); NaN is unknown.
    pub heights: Array2<f32>,
    /// Names of the DEM cells that were missing.
    pub missing: BTreeSet<String>,
}

impl DemPatch {
    /// Row and column, counted in nodes from node (0, 0), of a place; they may lie outside the patch.
    pub fn node_position(&self, place: Geodetic) -> (f64, f64) {
        let (x, y) = match self.frame {
            DemFrame::Geographic => {
                let middle =
                    self.west + 0.5 * self.column_step * (self.heights.ncols() as f64 - 1.0);
                let longitude = place.longitude.to_degrees();
                let turns = ((middle - longitude) / 360.0).round();
                (longitude + 360.0 * turns, place.latitude.to_degrees())
            }
            DemFrame::Utm(zone) => zone.project(place),
        };
        (
            (self.north - y) / self.row_step,
            (x - self.west) / self.column_step,
        )
    }

    /// The place at a position in nodes, the inverse of [`Self::node_position`].
    pub fn place(&self, row: f64, column: f64) -> Geodetic {
        let x = self.west + column * self.column_step;
        let y = self.north - row * self.row_step;
        match self.frame {
            DemFrame::Geographic => Geodetic {
                longitude: ((x + 180.0).rem_euclid(360.0) - 180.0).to_radians(),
                latitude: y.to_radians(),
            },
            DemFrame::Utm(zone) => zone.geodetic(x, y),
        }
    }

    /// Height of the bilinear surface at a position in nodes, metres; NaN where a node with weight is unknown,
    /// and outside the patch.
    pub fn height(&self, row: f64, column: f64) -> f64 {
        let (rows, columns) = self.heights.dim();
        let inside =
            |position: f64, count: usize| position >= 0.0 && position <= count as f64 - 1.0;
        if !inside(row, rows) || !inside(column, columns) {
            return f64::NAN;
        }
        let (top, left) = (row.floor(), column.floor());
        let (down, right) = (row - top, column - left);
        let mut height = 0.0;
        for (r, row_weight) in [(top, 1.0 - down), (top + 1.0, down)] {
            for (c, column_weight) in [(left, 1.0 - right), (left + 1.0, right)] {
                let weight = row_weight * column_weight;
                if weight > 0.0 {
                    height += weight * f64::from(self.heights[[r as usize, c as usize]]);
                }
            }
        }
        height
    }
}
