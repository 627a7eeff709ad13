//! A pixel's own ray, facet by facet: near the edges of shadows it decides.

use super::clearance::{Clearance, SIDE};
use super::ground::Ground;
use super::spot::Spot;
use super::surface::{Cell, Surface};
use std::ops::ControlFlow;

/// Ground that a ray leaves within this distance along the ray does not block it, metres: the references' tolerance.
const LEAST_DISTANCE: f32 = 2.0;

/// The ray from the surface at a pixel toward the light.
#[derive(Clone, Copy)]
pub struct Ray<'a> {
    ground: &'a Ground,
    surface: &'a Surface,
    clearance: &'a Clearance,
    spot: Spot,
    /// Height of the ground at the pixel, metres.
    foot: f32,
}

/// A point of a ray.
#[derive(Clone, Copy)]
struct Point {
    /// Distance from the foot over the ground, metres.
    distance: f32,
    along: f32,
    across: f32,
    /// Height where a surface would cast its shadow on the foot, metres.
    height: f32,
}

impl<'a> Ray<'a> {
    /// From a pixel.
    pub fn new(
        ground: &'a Ground,
        surface: &'a Surface,
        clearance: &'a Clearance,
        spot: Spot,
    ) -> Self {
        Self {
            ground,
            surface,
            clearance,
            spot,
            foot: surface.at(spot.position).height(),
        }
    }

    /// Whether the surface meets the ray farther than the tolerance.
    pub fn is_blocked(&self) -> bool {
        let is_free = self.walk(|_, excess| {
            if excess > 0.0 {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        is_free.is_break()
    }

    /// Tangent of the elevation of the horizon, at least the ray's own; none above `enough` is told apart.
    pub fn horizon(&self, enough: f32) -> f32 {
        let mut horizon = self.spot.slope;
        // How the walk ended says no more.
        let _ = self.walk(|distance, excess| {
            horizon = horizon.max(self.spot.slope + excess / distance);
            if horizon > enough {
                ControlFlow::Break(())
            } else {
                ControlFlow::Continue(())
            }
        });
        horizon
    }

    fn point(&self, distance: f32) -> Point {
        let (spot, bend) = (&self.spot, self.ground.bend);
        let fall = distance * (spot.slope + distance * self.ground.curvature);
        Point {
            distance,
            along: spot.position.0 + distance * (spot.toward.0 + distance * bend.0),
            across: spot.position.1 + distance * (spot.toward.1 + distance * bend.1),
            height: (self.foot + fall) / (1.0 - fall * self.ground.earth_curvature),
        }
    }

    /// Tells distances and how far the surface stands above the ray there, at all crossings of facets' edges and at
    /// summits within facets, where that may be above zero.
    fn walk(&self, mut tell: impl FnMut(f32, f32) -> ControlFlow<()>) -> ControlFlow<()> {
        let mut from = self.point(LEAST_DISTANCE * self.ground.cos_elevation);
        // "Along" falls toward the light: bands are passed from the last to the first.
        for band in (0..=from.along.max(0.0) as usize / SIDE).rev() {
            let line = from.across - self.ground.shift(f64::from(from.along)) as f32;
            let piece = self.clearance.piece(band, line);
            if piece.is_some_and(|piece| from.height >= piece.free) {
                break;
            }
            let speed = self.spot.toward.0 + from.distance * self.ground.bend.0;
            let to = self.point(((band * SIDE) as f32 - self.spot.position.0) / speed);
            if piece.is_none_or(|piece| from.height < piece.highest) {
                self.walk_cells(from, to, &mut tell)?;
            }
            from = to;
        }
        ControlFlow::Continue(())
    }

    /// Walks a piece of the ray that is short enough to be straight.
    fn walk_cells(
        &self,
        from: Point,
        to: Point,
        tell: &mut impl FnMut(f32, f32) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let way = (to.along - from.along, to.across - from.across);
        let climb = to.height - from.height;
        let last_column = self.surface.dim().1 as i32 - 1;
        let (mut row, mut column) = (from.along as i32, from.across as i32);
        let sideways = if way.1 < 0.0 { -1 } else { 1 };
        // Parts of the way between crossings, and to the next.
        let by_row = -1.0 / way.0;
        let by_column = 1.0 / way.1.abs().max(f32::MIN_POSITIVE);
        let mut next_row = (from.along - row as f32) * by_row;
        let ahead = if sideways > 0 {
            (column + 1) as f32 - from.across
        } else {
            from.across - column as f32
        };
        let mut next_column = ahead * by_column;
        let mut tell = |part: f32, excess: f32| {
            tell(from.distance + part * (to.distance - from.distance), excess)
        };
        let (mut before, mut first) = (0.0, f32::NAN);
        while row >= 0 && (0..last_column).contains(&column) {
            let corners = self.surface.corners(row as usize, column as usize);
            let origin = (from.along - row as f32, from.across - column as f32);
            let above = |part: f32| {
                let cell = Cell {
                    corners,
                    down: (origin.0 + part * way.0).clamp(0.0, 1.0),
                    right: (origin.1 + part * way.1).clamp(0.0, 1.0),
                };
                cell.height() - (from.height + part * climb)
            };
            if first.is_nan() {
                first = above(0.0);
                tell(0.0, first)?;
            }
            let after = next_row.min(next_column).min(1.0);
            let exit = above(after);
            tell(after, exit)?;
            let part = after - before;
            let [a, b, c, d] = corners;
            let twist = (a + d - b - c) * way.0 * way.1 * part * part;
            let rise = exit - first - twist;
            if (twist < 0.0) & (rise > 0.0) & (rise < -2.0 * twist) {
                let summit = first - rise * rise / (4.0 * twist);
                tell(before - part * rise / (2.0 * twist), summit)?;
            }
            if after >= 1.0 {
                break;
            }
            // Without branches: no machine guesses them.
            let is_row = next_row <= next_column;
            row -= i32::from(is_row);
            column += if is_row { 0 } else { sideways };
            next_row += if is_row { by_row } else { 0.0 };
            next_column += if is_row { 0.0 } else { by_column };
            (before, first) = (after, exit);
        }
        ControlFlow::Continue(())
    }
}
