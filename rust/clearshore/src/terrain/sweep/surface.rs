//! The heights below one block and up-light of it, turned so that rows run away from the light.

use super::super::DemPatch;

/// How the axes of a DEM's lattice become "along" (growing away from the light) and "across".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Orientation {
    /// Whether "along" is the lattice's column axis.
    pub transposed: bool,
    /// Whether "along" runs against the axis.
    pub reversed: bool,
}

impl Orientation {
    /// (along, across) of a row and a column.
    pub fn turn(self, row: f64, column: f64) -> (f64, f64) {
        let (along, across) = if self.transposed {
            (column, row)
        } else {
            (row, column)
        };
        (if self.reversed { -along } else { along }, across)
    }
}

/// What of a turned lattice is cut out, in whole nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// First node along.
    pub along: i64,
    /// First node across.
    pub across: i64,
    /// Nodes along.
    pub rows: usize,
    /// Nodes across.
    pub columns: usize,
}

/// Heights in a window, metres, all of them numbers.
#[derive(Debug)]
pub struct Surface {
    heights: Vec<f32>,
    columns: usize,
    rows: usize,
    /// Whether nodes were unknown.
    pub has_unknown: bool,
}

/// Place in a cell.
#[derive(Clone, Copy, Debug)]
pub struct Cell {
    /// Heights at (0, 0), (0, 1), (1, 0), (1, 1) of (along, across), metres.
    pub corners: [f32; 4],
    /// Fraction along.
    pub down: f32,
    /// Fraction across.
    pub right: f32,
}

impl Cell {
    /// Height of the bilinear surface, metres.
    pub fn height(&self) -> f32 {
        let [a, b, c, d] = self.corners;
        let (top, bottom) = (a + self.right * (b - a), c + self.right * (d - c));
        top + self.down * (bottom - top)
    }

    /// Its derivatives by nodes along and across, metres.
    pub fn gradient(&self) -> (f32, f32) {
        let [a, b, c, d] = self.corners;
        let (top, bottom) = (b - a, d - c);
        (
            c - a + self.right * (bottom - top),
            top + self.down * (bottom - top),
        )
    }
}

impl Surface {
    /// Cuts the window out of a patch; unknown nodes, and nodes outside the patch, get `unknown`.
    pub fn cut(patch: &DemPatch, orientation: Orientation, window: Window, unknown: f32) -> Self {
        let (patch_rows, patch_columns) = patch.heights.dim();
        let mut heights = Vec::with_capacity(window.rows * window.columns);
        let mut has_unknown = false;
        for i in 0..window.rows {
            let along = window.along + i as i64;
            let along = if orientation.reversed { -along } else { along };
            for j in 0..window.columns {
                let across = window.across + j as i64;
                let (row, column) = if orientation.transposed {
                    (across, along)
                } else {
                    (along, across)
                };
                let known = match (usize::try_from(row), usize::try_from(column)) {
                    (Ok(row), Ok(column)) if row < patch_rows && column < patch_columns => {
                        patch.heights[[row, column]]
                    }
                    _ => f32::NAN,
                };
                let height = if known.is_nan() { unknown } else { known };
                has_unknown |= known.is_nan();
                heights.push(height);
            }
        }
        Self {
            heights,
            columns: window.columns,
            rows: window.rows,
            has_unknown,
        }
    }

    /// Heights of a row.
    pub fn row(&self, row: usize) -> &[f32] {
        &self.heights[row * self.columns..][..self.columns]
    }

    /// Nodes along and across.
    pub fn dim(&self) -> (usize, usize) {
        (self.rows, self.columns)
    }

    /// Heights at the corners of the cell below and right of a node inside.
    #[inline]
    pub fn corners(&self, row: usize, column: usize) -> [f32; 4] {
        let first = row.wrapping_mul(self.columns).wrapping_add(column);
        let second = first.wrapping_add(self.columns);
        match (self.heights.get(first..), self.heights.get(second..)) {
            (Some(&[a, b, ..]), Some(&[c, d, ..])) => [a, b, c, d],
            _ => [f32::NEG_INFINITY; 4],
        }
    }

    /// The cell of a position in nodes from the window's first.
    #[inline]
    pub fn at(&self, (along, across): (f32, f32)) -> Cell {
        // Conversions by i32 are the cheap ones.
        let (row, column) = (along as i32, across as i32);
        Cell {
            corners: self.corners(row as usize, column as usize),
            down: along - row as f32,
            right: across - column as f32,
        }
    }
}
