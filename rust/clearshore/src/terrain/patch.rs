//! Heights at the nodes of one regular lattice, cut out of a DEM for a piece of ground.

use crate::scene::{Geodetic, UtmZone};
use ndarray::{Array2, Zip, s};
use std::collections::BTreeSet;
use std::ops::Range;

/// More than a place's position on a lattice is rounded, steps.
pub(super) const ROUNDING: f64 = 1e-6;

/// Nodes that are nearer to each other than this, in steps, are the same.
pub(super) const SAME_NODE: f64 = 1e-3;

/// Points along each side of an area whose bounds in another frame are sought.
const SIDE_POINTS: usize = 32;

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
    /// Names of the DEM cells that were missing: of a piece, of what would fill its unknown nodes.
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
            DemFrame::Geographic => Geodetic::from_degrees(x, y),
            DemFrame::Utm(zone) => zone.geodetic(x, y),
        }
    }

    /// Left, top, right and bottom, in nodes, of an area: west, south, east, north in degrees, longitudes counted as
    /// the patch counts them.
    pub fn bounds(&self, [west, south, east, north]: [f64; 4]) -> [f64; 4] {
        let position = |(x, y): (f64, f64)| {
            let column = (x - self.west) / self.column_step;
            [column, (self.north - y) / self.row_step]
        };
        match self.frame {
            DemFrame::Geographic => {
                let [left, top] = position((west, north));
                let [right, bottom] = position((east, south));
                [left, top, right, bottom]
            }
            DemFrame::Utm(zone) => {
                let outline = (0..=SIDE_POINTS).flat_map(|point| {
                    let part = point as f64 / SIDE_POINTS as f64;
                    let (x, y) = (west + part * (east - west), south + part * (north - south));
                    [(x, south), (x, north), (west, y), (east, y)]
                });
                let (low, high) = (f64::INFINITY, f64::NEG_INFINITY);
                outline.fold(
                    [low, low, high, high],
                    |[left, top, right, bottom], (x, y)| {
                        let [column, row] = position(zone.project(Geodetic::from_degrees(x, y)));
                        [
                            left.min(column),
                            top.min(row),
                            right.max(column),
                            bottom.max(row),
                        ]
                    },
                )
            }
        }
    }

    /// Height of the bilinear surface at a position in nodes, metres; NaN where a node with weight is unknown,
    /// and outside the patch.
    pub fn height(&self, row: f64, column: f64) -> f64 {
        let (rows, columns) = self.heights.dim();
        // NaN outside.
        let inside = |position: f64, count: usize| {
            let last = count as f64 - 1.0;
            if position >= -ROUNDING && position <= last + ROUNDING {
                position.clamp(0.0, last)
            } else {
                f64::NAN
            }
        };
        let (row, column) = (inside(row, rows), inside(column, columns));
        if row.is_nan() || column.is_nan() {
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

    /// x of the middle.
    pub(super) fn middle(&self) -> f64 {
        self.west + 0.5 * self.column_step * self.heights.ncols() as f64
    }

    /// Full turns, in degrees, from a longitude to where the patch counts it.
    pub(super) fn turns(&self, longitude: f64) -> f64 {
        if self.frame != DemFrame::Geographic {
            return 0.0;
        }
        360.0 * ((self.middle() - longitude) / 360.0).round()
    }

    /// Row and column here of a piece's first node, when all its nodes are nodes here. The piece lies around a
    /// longitude, degrees as they are counted here.
    pub(super) fn offset(&self, piece: &Self, longitude: f64) -> Option<(isize, isize)> {
        if piece.frame != self.frame || piece.heights.is_empty() {
            return None;
        }
        let (rows, columns) = piece.heights.dim();
        let same = |first: f64, step: f64, count: usize| {
            let last = first + (step - 1.0) * (count as f64 - 1.0);
            let near = |position: f64| (position - first.round()).abs() < SAME_NODE;
            (near(first) && near(last)).then_some(first.round() as isize)
        };
        let row = (self.north - piece.north) / self.row_step;
        let column = (piece.west - piece.turns(longitude) - self.west) / self.column_step;
        Some((
            same(row, piece.row_step / self.row_step, rows)?,
            same(column, piece.column_step / self.column_step, columns)?,
        ))
    }

    /// Takes the heights of a piece at an [offset](Self::offset) where none are known.
    pub(super) fn take(&mut self, piece: &Self, (row, column): (isize, isize)) {
        let (here, there) = (self.heights.dim(), piece.heights.dim());
        let (rows, piece_rows) = overlap(row, here.0, there.0);
        let (columns, piece_columns) = overlap(column, here.1, there.1);
        let from = piece.heights.slice(s![piece_rows, piece_columns]);
        Zip::from(self.heights.slice_mut(s![rows, columns]))
            .and(from)
            .for_each(|height, new| {
                if height.is_nan() {
                    *height = *new;
                }
            });
    }
}

/// Indices here and there of what two lines have in common, the other of which starts at `offset` here.
fn overlap(offset: isize, here: usize, there: usize) -> (Range<usize>, Range<usize>) {
    let start = offset.clamp(0, here as isize);
    let end = (offset + there as isize).clamp(start, here as isize);
    let range = |shift: isize| (start - shift) as usize..(end - shift) as usize;
    if start == end {
        (0..0, 0..0)
    } else {
        (range(0), range(offset))
    }
}
