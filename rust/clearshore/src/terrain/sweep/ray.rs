//! A pixel's own ray, facet by facet: near the edges of shadows it decides.

use super::ground::Ground;
use super::spot::Spot;
use super::surface::{Surface, TILE};
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
        let foot = surface.cell(spot.position.0, spot.position.1).height();
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
            if self.surface.highest_between(from.0, to.0) >= from.1
                && self.chord((start, from), (end, to), &mut tell).is_break()
            {
                return;
            }
            (start, from) = (end, to);
        }
    }

    /// A piece of the ray that is short enough to be straight.
    fn chord(
        &self,
        (start, (from, low)): (f32, ((f32, f32), f32)),
        (end, (to, high)): (f32, ((f32, f32), f32)),
        tell: &mut impl FnMut(f32, f32) -> ControlFlow<()>,
    ) -> ControlFlow<()> {
        let (rows, columns) = self.surface.dim();
        let way = (to.0 - from.0, to.1 - from.1);
        // Four times how far the ray hangs below the chord's middle.
        let sag = (end - start).powi(2)
            * (self.ground.curvature + self.spot.slope.powi(2) * self.ground.earth_curvature);
        // "Along" falls toward the light.
        let (mut row, mut column) = (from.0 as i32 as usize, from.1 as i32 as usize);
        let sideways = if way.1 < 0.0 { -1_isize } else { 1 };
        let by_row = -1.0 / way.0;
        let by_column = if way.1 == 0.0 {
            f32::INFINITY
        } else {
            1.0 / way.1.abs()
        };
        let mut next_row = (from.0 - row as i32 as f32) * by_row;
        let mut next_column = if way.1 == 0.0 {
            f32::INFINITY
        } else if sideways > 0 {
            (column as i32 as f32 + 1.0 - from.1) * by_column
        } else {
            (from.1 - column as i32 as f32) * by_column
        };
        let mut before = 0.0_f32;
        let mut excess = None;
        loop {
            let corners = self.surface.corners(row, column);
            let origin = (from.0 - row as i32 as f32, from.1 - column as i32 as f32);
            let above = |part: f32| {
                let down = (origin.0 + part * way.0).clamp(0.0, 1.0);
                let right = (origin.1 + part * way.1).clamp(0.0, 1.0);
                let [a, b, c, d] = corners;
                let (top, bottom) = (a + right * (b - a), c + right * (d - c));
                let ray = low + part * (high - low) - sag * part * (1.0 - part);
                top + down * (bottom - top) - ray
            };
            let entry = match excess {
                Some(excess) => excess,
                None => {
                    let entry = above(0.0);
                    tell(start, entry)?;
                    entry
                }
            };
            let after = next_row.min(next_column).min(1.0);
            let exit = above(after);
            let distance = |part: f32| start + part * (end - start);
            tell(distance(after), exit)?;
            let [a, b, c, d] = corners;
            let part = after - before;
            let twist = (a + d - b - c) * way.0 * way.1 * part * part;
            let rise = exit - entry - twist;
            if twist < 0.0 && rise > 0.0 && rise < -2.0 * twist {
                let summit = entry - rise * rise / (4.0 * twist);
                tell(distance(before - part * rise / (2.0 * twist)), summit)?;
            }
            if after >= 1.0 {
                return ControlFlow::Continue(());
            }
            if next_row <= next_column {
                next_row += by_row;
                let Some(up) = row.checked_sub(1) else {
                    return ControlFlow::Continue(());
                };
                row = up;
            } else {
                next_column += by_column;
                match column.checked_add_signed(sideways) {
                    Some(aside) if aside + 1 < columns => column = aside,
                    _ => return ControlFlow::Continue(()),
                }
            }
            debug_assert!(row + 1 < rows);
            (before, excess) = (after, Some(exit));
        }
    }
}
