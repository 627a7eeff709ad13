//! Above which height a ray toward the light is free: own rays end there.

use super::ground::Ground;
use super::spot::Spot;
use super::surface::Surface;

/// Rows of cells in a band, and lines in a piece of it.
pub const SIDE: usize = 4;
/// Rays may stray from the lines by so many nodes more than the control grid tells.
const SLACK: f64 = 0.25;
/// Rays may fall by so much less between rows than the control grid tells, part.
const FALL_SLACK: f64 = 1e-3;

/// Bands of rows, cut along the lines into pieces.
#[derive(Debug)]
pub struct Clearance {
    pieces: Vec<Piece>,
    /// Pieces of a band.
    count: usize,
    first_line: f64,
}

/// Heights in metres that matter to rays in a piece of a band.
#[derive(Clone, Copy, Debug)]
pub struct Piece {
    /// Highest node that a ray in the piece may meet before it leaves the band.
    pub highest: f32,
    /// A ray at this height meets nothing any more.
    pub free: f32,
}

impl Clearance {
    /// Over a block, for rays in light that is higher by an angle of this tangent, or more.
    pub fn new(ground: &Ground, surface: &Surface, lift: f32) -> Self {
        let (first_line, last_line) = ground.lines();
        let count = ((last_line - first_line) as usize).div_ceil(SIDE);
        let (rows, columns) = surface.dim();
        let rays = ground.spots().filter(|spot| !spot.slope.is_nan());
        let (fall, stray) = rays.fold((f64::INFINITY, 0.0), |(fall, stray), spot| {
            let (own_fall, own_stray) = limits(ground, &spot.lifted(lift));
            (own_fall.min(fall), own_stray.max(stray))
        });
        let fall = (SIDE as f64 * fall * (1.0 - FALL_SLACK)) as f32;
        let stray = stray + SLACK;
        let mut carried = vec![f32::NEG_INFINITY; count];
        let mut pieces = Vec::with_capacity(rows.div_ceil(SIDE) * count);
        for top in (0..rows).step_by(SIDE) {
            let mut highest = vec![f32::NEG_INFINITY; count];
            for row in top..(top + SIDE).min(rows - 1) {
                let (upper, lower) = (surface.row(row), surface.row(row + 1));
                let shifts = [row, row + 1].map(|row| ground.shift(row as f64));
                let left = first_line - stray + shifts[0].min(shifts[1]);
                let right = first_line + stray + shifts[0].max(shifts[1]) + SIDE as f64;
                for (piece, highest) in highest.iter_mut().enumerate() {
                    let node = |column: f64| (column as isize).clamp(0, columns as isize) as usize;
                    let line = (piece * SIDE) as f64;
                    let nodes = node(left + line)..node(right + line + 2.0);
                    for row in [upper, lower] {
                        for height in &row[nodes.clone()] {
                            *highest = greater(*highest, *height);
                        }
                    }
                }
            }
            for (highest, carried) in highest.into_iter().zip(&mut carried) {
                pieces.push(Piece {
                    highest,
                    free: greater(highest, *carried),
                });
                *carried = greater(highest, *carried - fall);
            }
        }
        Self {
            pieces,
            count,
            first_line,
        }
    }

    /// That knows of no piece: rays are walked to the end.
    #[cfg(test)]
    pub fn unknown() -> Self {
        Self {
            pieces: Vec::new(),
            count: 0,
            first_line: 0.0,
        }
    }

    /// The piece of a band at a line; `None` beside the lines.
    #[inline]
    pub fn piece(&self, band: usize, line: f32) -> Option<Piece> {
        let piece = (line - self.first_line as f32) as i32 as usize / SIDE;
        if piece >= self.count {
            return None;
        }
        self.pieces.get(band * self.count + piece).copied()
    }
}

/// Least fall of a spot's ray by row, metres, and how far it may stray from the lines, nodes across.
fn limits(ground: &Ground, spot: &Spot) -> (f64, f64) {
    let (along, across) = (f64::from(spot.toward.0), f64::from(spot.toward.1));
    let (bend_along, bend_across) = (f64::from(ground.bend.0), f64::from(ground.bend.1));
    let reach = ground.reach / along.abs();
    let fastest = along.abs().max((along + 2.0 * reach * bend_along).abs());
    let start = f64::from(spot.position.0);
    let end = start + reach * (along + reach * bend_along);
    let line = ground.shift(end) - ground.shift(start);
    let ray = reach * (across + reach * bend_across);
    (f64::from(spot.slope) / fastest, (ray - line).abs())
}

/// The greater of two heights, which are numbers.
#[inline]
fn greater(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}
