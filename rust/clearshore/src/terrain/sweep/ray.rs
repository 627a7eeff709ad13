//! A pixel's own ray, facet by facet: near the edges of shadows it decides.

use super::ground::Ground;
use super::spot::Spot;
use super::surface::{Cell, SMALL_TILE, Surface, TILE};
use std::ops::ControlFlow;

/// Ground that a ray leaves within this distance along the ray does not block it, metres: the references' tolerance.
const LEAST_DISTANCE: f32 = 2.0;

/// The ray from the surface at a pixel toward the light.
#[derive(Clone, Copy)]
pub struct Ray<'a> {
    ground: &'a Ground,
    surface: &'a Surface,
    spot: Spot,
    /// Height of the ground at the pixel, metres.
    foot: f32,
}

impl<'a> Ray<'a> {
    /// From a pixel.
    pub fn new(ground: &'a Ground, surface: &'a Surface, spot: Spot) -> Self {
        let foot = surface.at(spot.position).height();
        Self {
            ground,
            surface,
            spot,
            foot,
        }
    }

    /// Whether the surface meets the ray farther than the tolerance.
    pub fn is_blocked(&self) -> bool {
        let mut is_blocked = false;
        self.walk(|_, excess| {
            is_blocked = excess > 0.0;
            if is_blocked {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        is_blocked
    }

    /// Tangent of the elevation of the horizon, at least the ray's own; none above `enough` is told apart.
    pub fn horizon(&self, enough: f32) -> f32 {
        let mut horizon = self.spot.slope;
        self.walk(|distance, excess| {
            horizon = horizon.max(self.spot.slope + excess / distance);
            if horizon > enough {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        horizon
    }

    /// Position at a distance in metres.
    fn position(&self, distance: f32) -> (f32, f32) {
        let (spot, bend) = (&self.spot, self.ground.bend);
        (
            spot.position.0 + distance * (spot.toward.0 + distance * bend.0),
            spot.position.1 + distance * (spot.toward.1 + distance * bend.1),
        )
    }

    /// Height at a distance, metres: where a surface casts its shadow on the foot.
    fn height(&self, distance: f32) -> f32 {
        let fall = distance * (self.spot.slope + distance * self.ground.curvature);
        (self.foot + fall) / (1.0 - fall * self.ground.earth_curvature)
    }

    /// Tells distances and how far the surface stands above the ray there, at all crossings of facets' edges and at
    /// summits within facets, where that may be above zero.
    fn walk(&self, mut tell: impl FnMut(f32, f32) -> ControlFlow<()>) {
        let (rows, columns) = self.surface.dim();
        let is_inside = |position: (f32, f32)| {
            position.0 >= 0.0
                && position.1 >= 0.0
                && position.0 < (rows - 1) as f32
                && position.1 < (columns - 1) as f32
        };
        let toward = self.spot.toward;
        let length = TILE as f32 / toward.0.abs().max(toward.1.abs());
        let mut start = LEAST_DISTANCE * self.ground.cos_elevation;
        let mut from = (self.position(start), self.height(start));
        while from.1 <= self.surface.highest && is_inside(from.0) {
            let end = start + length;
            let to = (self.position(end), self.height(end));
            if self.surface.tiles.highest_between(from.0, to.0) >= from.1 {
                // How far the ray hangs below the chord, by the product of the parts before and behind.
                let sag = length.powi(2)
                    * (self.ground.curvature
                        + self.spot.slope.powi(2) * self.ground.earth_curvature);
                let chord = Chord {
                    from: from.0,
                    way: (to.0.0 - from.0.0, to.0.1 - from.0.1),
                    low: from.1,
                    climb: to.1 - from.1,
                    sag,
                };
                let tell = |part: f32, excess: f32| tell(start + part * length, excess);
                if chord.walk(self.surface, tell).is_break() {
                    return;
                }
            }
            (start, from) = (end, to);
        }
    }
}

/// A piece of a ray that is short enough to be straight, and low enough that the surface may meet it.
struct Chord {
    from: (f32, f32),
    way: (f32, f32),
    /// Height at its start, metres.
    low: f32,
    climb: f32,
    /// How far the ray hangs below the chord, by the product of the parts before and behind, metres.
    sag: f32,
}

impl Chord {
    fn position(&self, part: f32) -> (f32, f32) {
        (
            self.from.0 + part * self.way.0,
            self.from.1 + part * self.way.1,
        )
    }

    fn height(&self, part: f32) -> f32 {
        self.low + part * (self.climb - self.sag * (1.0 - part))
    }

    /// Walks the pieces of it that small tiles do not rule out.
    fn walk(
        &self,
        surface: &Surface,
        mut tell: impl FnMut(f32, f32) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        const PIECES: usize = TILE / SMALL_TILE;
        let mut from = (0.0, self.from);
        for piece in 1..=PIECES {
            let end = piece as f32 / PIECES as f32;
            let to = (end, self.position(end));
            if surface.small_tiles.highest_between(from.1, to.1) >= self.height(from.0) {
                self.walk_cells(surface, from, end, &mut tell)?;
            }
            from = to;
        }
        ControlFlow::Continue(())
    }

    fn walk_cells(
        &self,
        surface: &Surface,
        (start, from): (f32, (f32, f32)),
        end: f32,
        tell: &mut impl FnMut(f32, f32) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let way = self.way;
        let last_column = surface.dim().1 as i32 - 1;
        // "Along" falls toward the light.
        let (mut row, mut column) = (from.0 as i32, from.1 as i32);
        let sideways = if way.1 < 0.0 { -1 } else { 1 };
        let (by_row, by_column) = (-1.0 / way.0, 1.0 / way.1.abs());
        let mut next_row = start + (from.0 - row as f32) * by_row;
        let ahead = if sideways > 0 {
            (column + 1) as f32 - from.1
        } else {
            from.1 - column as f32
        };
        let mut next_column = if by_column.is_finite() {
            start + ahead * by_column
        } else {
            f32::INFINITY
        };
        let mut before = start;
        let mut entry = None;
        while row >= 0 && (0..last_column).contains(&column) {
            let corners = surface.corners(row as usize, column as usize);
            let [a, b, c, d] = corners;
            let origin = (self.from.0 - row as f32, self.from.1 - column as f32);
            let above = |part: f32| {
                let cell = Cell {
                    corners,
                    down: (origin.0 + part * way.0).clamp(0.0, 1.0),
                    right: (origin.1 + part * way.1).clamp(0.0, 1.0),
                };
                cell.height() - self.height(part)
            };
            let first = match entry {
                Some(excess) => excess,
                None => {
                    let excess = above(start);
                    tell(start, excess)?;
                    excess
                }
            };
            let after = next_row.min(next_column).min(end);
            let exit = above(after);
            tell(after, exit)?;
            let length = after - before;
            let twist = (a + d - b - c) * way.0 * way.1 * length * length;
            let rise = exit - first - twist;
            if twist < 0.0 && rise > 0.0 && rise < -2.0 * twist {
                let summit = first - rise * rise / (4.0 * twist);
                tell(before - length * rise / (2.0 * twist), summit)?;
            }
            if after >= end {
                return ControlFlow::Continue(());
            }
            if next_row <= next_column {
                next_row += by_row;
                row -= 1;
            } else {
                next_column += by_column;
                column += sideways;
            }
            (before, entry) = (after, Some(exit));
        }
        ControlFlow::Continue(())
    }
}
