//! The source pixel under the centre of each pixel of a working grid.
//!
//! Positions are exact at the nodes of a lattice and follow a quadratic in both directions between three
//! nodes each way. A pixel so close to a border that the quadratic can't decide it gets its exact position.

use super::GeoTiff;
use super::georeference::{CoordinateSystem, Georeference};
use crate::window::Window;
use clearshore::scene::Grid;
use clearshore::{Error, Result};
use ndarray::{Array2, ArrayViewMut2, Axis, s};
use rayon::prelude::*;
use std::ops::Range;

/// Working pixels between two nodes.
const SPACING: usize = 32;
/// Working pixels along a side of a block, which has three nodes each way.
const BLOCK: usize = 2 * SPACING;
/// Quadratics err by at most this factor more between the places where they are checked.
const SAFETY: f64 = 4.0;
/// More than the rounding of positions, source pixels.
const ROUNDING: f64 = 1e-6;
/// Most source pixels that are in memory at once.
const MOST_PIXELS: usize = 1 << 24;
/// A full turn, degrees.
const TURN: f64 = 360.0;

/// The raster's value under the centre of each pixel of the grid, or `outside`.
///
/// The position is exact to the rounding of f64. Longitudes count modulo 360 degrees.
///
/// # Errors
/// Auxiliary for a damaged raster or one much finer than the grid, and what `convert` gives for the values in
/// and around the grid.
pub fn nearest<T: Copy + Default + Send + Sync>(
    raster: &GeoTiff,
    grid: &Grid,
    outside: T,
    convert: impl Fn(Option<f64>) -> Result<T> + Sync,
) -> Result<Array2<T>> {
    let lattice = Lattice::new(grid, raster.georeference());
    let mut values = Array2::from_elem(grid.shape(), outside);
    let (height, width) = raster.shape();
    for shift in lattice.turns(width) {
        let mut pieces = vec![lattice.whole()];
        while let Some(piece) = pieces.pop() {
            let window = lattice.window(&piece, shift, (height, width));
            if window.rows.saturating_mul(window.columns) > MOST_PIXELS {
                let halves = piece.halves().ok_or_else(|| {
                    Error::auxiliary("the raster is too much finer than the working grid")
                        .at(raster.path().display())
                        .got(format!("{:?}", raster.georeference()))
                        .advice("bring it to about the pixels of the grid with gdalwarp -tr")
                })?;
                pieces.extend(halves);
            } else if window.rows > 0 && window.columns > 0 {
                let pixels = raster.read_window(&window, &convert)?;
                lattice.look_up(&piece, shift, &window, &pixels, &mut values);
            }
        }
    }
    Ok(values)
}

/// Positions of a grid's pixel centres in a raster: columns and rows.
struct Lattice<'a> {
    grid: &'a Grid,
    georeference: &'a Georeference,
    /// Longitude of the grid's centre, degrees: others are within half a turn of it.
    centre_longitude: f64,
    nodes: Array2<[f64; 2]>,
}

/// Rows and columns of blocks.
#[derive(Clone)]
struct Piece {
    rows: Range<usize>,
    columns: Range<usize>,
}

impl Piece {
    /// Upper and lower half, or left and right of a single row; nothing for a single block.
    fn halves(&self) -> Option<[Self; 2]> {
        let split = |range: &Range<usize>| {
            let middle = range.start + range.len() / 2;
            (range.start..middle, middle..range.end)
        };
        let (mut first, mut second) = (self.clone(), self.clone());
        if self.rows.len() > 1 {
            (first.rows, second.rows) = split(&self.rows);
        } else if self.columns.len() > 1 {
            (first.columns, second.columns) = split(&self.columns);
        } else {
            return None;
        }
        Some([first, second])
    }
}

impl<'a> Lattice<'a> {
    fn new(grid: &'a Grid, georeference: &'a Georeference) -> Self {
        let (easting, northing) = grid.centre();
        let mut lattice = Self {
            grid,
            georeference,
            centre_longitude: grid.zone.geodetic(easting, northing).longitude.to_degrees(),
            nodes: Array2::default((0, 0)),
        };
        let along = |size: usize| 2 * size.div_ceil(BLOCK) + 1;
        let (rows, columns) = (along(grid.height), along(grid.width));
        let exact = |index| lattice.exact(index / columns * SPACING, index % columns * SPACING);
        let nodes: Vec<_> = (0..rows * columns).into_par_iter().map(exact).collect();
        lattice.nodes = Array2::from_shape_fn((rows, columns), |(row, column)| {
            nodes[row * columns + column]
        });
        lattice
    }

    /// Position of the centre of a pixel of the grid.
    fn exact(&self, row: usize, column: usize) -> [f64; 2] {
        let (easting, northing) = self.grid.pixel_centre(row, column);
        self.georeference.pixel(match self.georeference.system {
            CoordinateSystem::Utm(zone) if zone == self.grid.zone => (easting, northing),
            CoordinateSystem::Utm(zone) => zone.project(self.grid.zone.geodetic(easting, northing)),
            CoordinateSystem::Geographic => {
                let place = self.grid.zone.geodetic(easting, northing);
                let east = place.longitude.to_degrees() - self.centre_longitude;
                let east = (east + TURN / 2.0).rem_euclid(TURN) - TURN / 2.0;
                (self.centre_longitude + east, place.latitude.to_degrees())
            }
        })
    }

    fn whole(&self) -> Piece {
        Piece {
            rows: 0..self.nodes.nrows() / 2,
            columns: 0..self.nodes.ncols() / 2,
        }
    }

    /// Columns to add to the positions for each turn of longitude that brings the grid to the raster.
    fn turns(&self, width: usize) -> Vec<f64> {
        if self.georeference.system != CoordinateSystem::Geographic {
            return vec![0.0];
        }
        let turn = TURN / self.georeference.pixel_width;
        let [first, last] = self.span(&self.whole(), 0);
        let turns = (-last / turn).floor() as i32..=((width as f64 - first) / turn).ceil() as i32;
        turns.map(|number| f64::from(number) * turn).collect()
    }

    /// Least and greatest position of a piece along an axis (0 columns, 1 rows), with a margin for what bends
    /// between the nodes.
    fn span(&self, piece: &Piece, axis: usize) -> [f64; 2] {
        let nodes = self.nodes.slice(s![
            2 * piece.rows.start..=2 * piece.rows.end,
            2 * piece.columns.start..=2 * piece.columns.end
        ]);
        let (mut least, mut greatest) = (f64::INFINITY, f64::NEG_INFINITY);
        for position in nodes
            .iter()
            .map(|node| node[axis])
            .filter(|position| position.is_finite())
        {
            least = least.min(position);
            greatest = greatest.max(position);
        }
        let margin = 2.0 + (greatest - least) / 64.0;
        [least - margin, greatest + margin]
    }

    /// Pixels of the raster that a piece needs.
    fn window(&self, piece: &Piece, shift: f64, (height, width): (usize, usize)) -> Window {
        let clip = |[least, greatest]: [f64; 2], shift: f64, size: usize| {
            let start = (least + shift).clamp(0.0, size as f64) as usize;
            let end = (greatest + shift).clamp(0.0, size as f64).ceil() as usize;
            (start, end.saturating_sub(start))
        };
        let (column, columns) = clip(self.span(piece, 0), shift, width);
        let (row, rows) = clip(self.span(piece, 1), 0.0, height);
        Window {
            row,
            column,
            rows,
            columns,
        }
    }

    /// Fills those pixels of a piece that lie in the window.
    fn look_up<T: Copy + Send + Sync>(
        &self,
        piece: &Piece,
        shift: f64,
        window: &Window,
        pixels: &Array2<T>,
        values: &mut Array2<T>,
    ) {
        let (height, width) = self.grid.shape();
        let (first_row, first_column) = (piece.rows.start * BLOCK, piece.columns.start * BLOCK);
        let origin = [window.column as f64 - shift, window.row as f64];
        let mut part = values.slice_mut(s![
            first_row..height.min(piece.rows.end * BLOCK),
            first_column..width.min(piece.columns.end * BLOCK)
        ]);
        let rows = part.axis_chunks_iter_mut(Axis(0), BLOCK).into_par_iter();
        rows.enumerate().for_each(|(row, mut strip)| {
            let blocks = strip.axis_chunks_iter_mut(Axis(1), BLOCK);
            for (column, mut block) in blocks.enumerate() {
                let place = (piece.rows.start + row, piece.columns.start + column);
                self.look_up_block(place, origin, pixels, &mut block);
            }
        });
    }

    fn look_up_block<T: Copy>(
        &self,
        place: (usize, usize),
        origin: [f64; 2],
        pixels: &Array2<T>,
        values: &mut ArrayViewMut2<'_, T>,
    ) {
        let (first_row, first_column) = (place.0 * BLOCK, place.1 * BLOCK);
        let exact = |row, column| {
            let [x, y] = self.exact(first_row + row, first_column + column);
            [x - origin[0], y - origin[1]]
        };
        let surface = Surface::through(&self.nodes, place, origin);
        let sure = 0.5 - ROUNDING - SAFETY * surface.error(exact);
        let (height, width) = (pixels.nrows() as f64, pixels.ncols() as f64);
        for (row, mut line) in values.rows_mut().into_iter().enumerate() {
            let curve = surface.row(row);
            for (column, value) in line.iter_mut().enumerate() {
                let [mut x, mut y] = curve.at(column);
                if !(from_middle(x) < sure && from_middle(y) < sure) {
                    [x, y] = exact(row, column);
                }
                if x >= 0.0 && x < width && y >= 0.0 && y < height {
                    *value = pixels[(y as usize, x as usize)];
                }
            }
        }
    }
}

/// Distance of a position from the middle of its pixel.
fn from_middle(position: f64) -> f64 {
    ((position - position as i64 as f64).abs() - 0.5).abs()
}

/// Coefficients of columns and rows over a block: `[power of the row][power of the column]`.
struct Surface([[[f64; 2]; 3]; 3]);

/// Coefficients along a row of a block.
struct Curve([[f64; 2]; 3]);

impl Surface {
    /// The biquadratic through a block's nine nodes, from `origin` on; it runs from -1 to 1 in both directions.
    fn through(nodes: &Array2<[f64; 2]>, (row, column): (usize, usize), origin: [f64; 2]) -> Self {
        let node = |i, j| {
            let [x, y] = nodes[(2 * row + i, 2 * column + j)];
            [x - origin[0], y - origin[1]]
        };
        let rows = [0, 1, 2].map(|i| quadratic([node(i, 0), node(i, 1), node(i, 2)]));
        let columns = [0, 1, 2].map(|power| quadratic(rows.map(|row| row[power])));
        Self([0, 1, 2].map(|i| [0, 1, 2].map(|j| columns[j][i])))
    }

    /// How far it is off where it errs most, nearly: halfway between the nodes. Errors of the two directions that cancel
    /// in one place add up in the other.
    fn error(&self, exact: impl Fn(usize, usize) -> [f64; 2]) -> f64 {
        let row = SPACING / 2;
        let off = |column| {
            let (exact, ours) = (exact(row, column), self.row(row).at(column));
            (exact[0] - ours[0]).abs().max((exact[1] - ours[1]).abs())
        };
        off(SPACING / 2).max(off(BLOCK - SPACING / 2))
    }

    fn row(&self, row: usize) -> Curve {
        let t = parameter(row);
        let value = |[a, b, c]: [f64; 3]| a + t * (b + t * c);
        Curve([0, 1, 2].map(|j| [0, 1].map(|axis| value(self.0.map(|row| row[j][axis])))))
    }
}

impl Curve {
    fn at(&self, column: usize) -> [f64; 2] {
        let t = parameter(column);
        let [a, b, c] = self.0;
        [0, 1].map(|axis| a[axis] + t * (b[axis] + t * c[axis]))
    }
}

/// -1 to 1 over a block.
fn parameter(pixel: usize) -> f64 {
    (pixel as f64 - SPACING as f64) / SPACING as f64
}

/// Coefficients of the quadratic through values at -1, 0 and 1.
fn quadratic([before, at, after]: [[f64; 2]; 3]) -> [[f64; 2]; 3] {
    let with =
        |f: fn(f64, f64, f64) -> f64| [0, 1].map(|axis| f(before[axis], at[axis], after[axis]));
    [
        at,
        with(|before, _, after| (after - before) / 2.0),
        with(|before, at, after| (after + before) / 2.0 - at),
    ]
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// Greatest distance between the quadratics and the exact positions, by each 13th pixel of each 13th row.
    pub fn worst_error(grid: &Grid, georeference: &Georeference) -> f64 {
        let lattice = Lattice::new(grid, georeference);
        let rows: Vec<_> = (0..grid.height).step_by(13).collect();
        let error = |row: usize, column: usize| {
            let surface = Surface::through(&lattice.nodes, (row / BLOCK, column / BLOCK), [0.0; 2]);
            let ours = surface.row(row % BLOCK).at(column % BLOCK);
            let exact = lattice.exact(row, column);
            (ours[0] - exact[0]).abs().max((ours[1] - exact[1]).abs())
        };
        let worst = |row: &usize| {
            (0..grid.width)
                .step_by(13)
                .map(|column| error(*row, column))
                .fold(0.0, f64::max)
        };
        rows.par_iter().map(worst).reduce(|| 0.0, f64::max)
    }
}
