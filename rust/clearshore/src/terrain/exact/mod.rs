//! The exact line of sight: straight rays in space against all bilinear facets of a DEM, on the WGS84 ellipsoid.
//!
//! A ray is cut into pieces, on which its row, column and height are cubics. Along a piece it goes in strides: where the
//! highest node around a stride is below it, the next stride is twice as long, else half as long, down to the size of a
//! facet, where it is intersected with the facets themselves. Hits are refined on the ellipsoid.

mod facets;
mod maxima;
mod ray;
mod shadow;
#[cfg(test)]
mod tests;

pub use shadow::exact_shadow;

use super::DemPatch;
use crate::scene::{Direction, Geodetic};
use facets::{Chord, Meeting};
use maxima::Maxima;
use ray::{Piece, Ray, unit_vector};

/// What a ray meets within so many metres of its start is the ground it starts from. It is the distance at which the
/// masks count that were made with Orekit Rugged: the ends of their rays are not more exact.
pub const LEAST_DISTANCE: f64 = 2.0;
/// Longest stride that is intersected with facets, metres: the line's bend there is below a millimetre.
const LONGEST_CHORD: f64 = 100.0;
/// Margin around a stride for rounding, nodes.
const ROUNDING: f64 = 1e-7;
/// Half the base over which a place's rows and columns are differentiated, metres.
const HALF_BASE: f64 = 10.0;
/// Newton's method for hits: base of the derivative and step that is the last (metres), farthest step, number of steps.
const NEWTON_BASE: f64 = 1e-3;
const LONGEST_NEWTON_STEP: f64 = 0.1;
const NEWTON_STEPS: usize = 2;

/// Where a ray meets the surface.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Hit {
    /// Where.
    pub place: Geodetic,
    /// Height of the surface there, metres.
    pub height: f64,
    /// Distance from the ray's start along the ray, metres.
    pub distance: f64,
}

/// Answer of one ray.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Sight {
    /// Nothing stands in the way.
    Free,
    /// Known surface does: the first point beyond [`LEAST_DISTANCE`] at which the ray is not above it.
    Blocked(Hit),
    /// Heights that are not known might.
    Unknown,
}

/// Rays over one patch of a DEM; built once, for many rays.
pub struct RayTracer<'a> {
    patch: &'a DemPatch,
    maxima: Maxima,
    ceiling: f64,
    edge_is_free: bool,
}

impl<'a> RayTracer<'a> {
    /// Rays end where they are higher than the highest known node. Below that, what lies beyond the patch is unknown.
    pub fn new(patch: &'a DemPatch) -> Self {
        let maxima = Maxima::new(&patch.heights);
        Self {
            patch,
            ceiling: maxima.highest,
            maxima,
            edge_is_free: false,
        }
    }

    /// Unknown ground, in the patch and beyond, may be as high as this, metres, although no known node is.
    #[must_use]
    pub fn with_ceiling(mut self, height: f64) -> Self {
        self.ceiling = self.ceiling.max(height);
        self
    }

    /// Nothing beyond the patch stands in the way of a ray.
    #[must_use]
    pub fn with_free_edge(mut self) -> Self {
        self.edge_is_free = true;
        self
    }

    /// The line of sight from a place on the surface toward a direction (azimuth from true north, zenith from the
    /// ellipsoid's normal, both at the place). Nothing bends the ray.
    ///
    /// Known surface anywhere along the ray blocks it, whatever unknown ground lies before.
    pub fn line_of_sight(&self, place: Geodetic, direction: Direction) -> Sight {
        let (row, column) = self.patch.node_position(place);
        let height = self.patch.height(row, column);
        let along = unit_vector(direction);
        if !height.is_finite() || along.iter().any(|part| part.is_nan()) {
            return Sight::Unknown;
        }
        let ray = Ray::new(self.patch, place, column, height, along);
        let mut unknown = false;
        let (mut from, mut climb) = (LEAST_DISTANCE, along[2]);
        let sight = loop {
            let piece = ray.piece(from, climb, self.ceiling);
            match self.follow(&piece, &mut unknown) {
                Follow::Whole => {
                    from += piece.length;
                    climb = piece.climb(1.0) / piece.length;
                }
                Follow::Above => break Sight::Free,
                Follow::Edge if self.edge_is_free => break Sight::Free,
                Follow::Edge => break Sight::Unknown,
                Follow::Meets(distance, height) => {
                    break Sight::Blocked(self.hit(&ray, distance, height));
                }
            }
        };
        match sight {
            Sight::Free if unknown => Sight::Unknown,
            sight => sight,
        }
    }

    /// Cosine of the angle between the normal of the surface at a place and a direction; below 0 the slope faces away.
    /// NaN where the surface is not known.
    pub fn incidence(&self, place: Geodetic, direction: Direction) -> f64 {
        let (row, column) = self.patch.node_position(place);
        let height = self.patch.height(row, column);
        let slope = self.slope(row, column);
        // Change of row and column per metre to the east and to the north.
        let [east, north] = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]].map(|axis| {
            let line = Ray::new(self.patch, place, column, height, axis);
            let (ahead, behind) = (line.position(HALF_BASE), line.position(-HALF_BASE));
            let change = |axis: usize| (ahead[axis] - behind[axis]) / (2.0 * HALF_BASE);
            slope[0] * change(0) + slope[1] * change(1)
        });
        let light = unit_vector(direction);
        (light[2] - east * light[0] - north * light[1]) / (1.0 + east * east + north * north).sqrt()
    }

    /// Change of the surface's height per row and per column, metres.
    fn slope(&self, row: f64, column: f64) -> [f64; 2] {
        let (rows, columns) = self.patch.heights.dim();
        // The last row and column belong to the facets before them.
        let first = |position: f64, count: usize| position.floor().min(count as f64 - 2.0).max(0.0);
        let (top, left) = (first(row, rows), first(column, columns));
        let height = |row: f64, column: f64| self.patch.height(row, column);
        [
            height(top + 1.0, column) - height(top, column),
            height(row, left + 1.0) - height(row, left),
        ]
    }

    /// Follows a piece of a ray to its end or to what ends the ray.
    fn follow(&self, piece: &Piece, unknown: &mut bool) -> Follow {
        let chord = (LONGEST_CHORD / piece.length).min(piece.facet());
        let (mut part, mut from) = (0.0, piece.at(0.0));
        let mut stride = chord;
        while part < 1.0 {
            let climb = piece.climb(part);
            if from[2] > self.ceiling && climb >= 0.0 {
                return Follow::Above;
            }
            let end = (part + stride).min(1.0);
            let to = piece.at(end);
            let bend = piece.bend(end - part);
            let between = |axis: usize| {
                let margin = bend[axis] + ROUNDING;
                [
                    from[axis].min(to[axis]) - margin,
                    from[axis].max(to[axis]) + margin,
                ]
            };
            // A straight line's height is convex.
            let lowest = from[2] + (climb * (end - part)).min(0.0);
            if lowest <= self.maxima.over(between(0), between(1)) {
                if stride > chord {
                    stride *= 0.5;
                    continue;
                }
                let chord_here = Chord {
                    from,
                    to,
                    sag: bend[2],
                };
                match chord_here.meet(&self.patch.heights, self.ceiling, unknown) {
                    Meeting::None => {}
                    Meeting::Edge => return Follow::Edge,
                    Meeting::Surface { after, height } => {
                        let met = part + after * (end - part);
                        return Follow::Meets(piece.from + met * piece.length, height);
                    }
                }
            } else {
                stride *= 2.0;
            }
            (part, from) = (end, to);
        }
        Follow::Whole
    }

    /// The hit near a distance along a ray, by Newton's method on the ellipsoid where the ray enters the ground there.
    fn hit(&self, ray: &Ray<'_>, mut distance: f64, height: f64) -> Hit {
        let above = |distance: f64| {
            let [row, column, height] = ray.position(distance);
            height - self.patch.height(row, column)
        };
        for _ in 0..NEWTON_STEPS {
            let here = above(distance);
            let change = (above(distance + NEWTON_BASE) - here) / NEWTON_BASE;
            let step = -here / change;
            if !(change < 0.0 && step.abs() < LONGEST_NEWTON_STEP) {
                break;
            }
            distance = (distance + step).max(LEAST_DISTANCE);
            if step.abs() < NEWTON_BASE {
                break;
            }
        }
        let [row, column, _] = ray.position(distance);
        let exact = self.patch.height(row, column);
        Hit {
            place: ray.place(distance),
            // At the border of a void, rounding may have pushed the position into it.
            height: if exact.is_nan() { height } else { exact },
            distance,
        }
    }
}

/// How a piece of a ray ends.
enum Follow {
    /// The ray goes on.
    Whole,
    /// Above all ground, climbing.
    Above,
    /// At the edge of the patch.
    Edge,
    /// At the surface: distance along the ray and height, metres.
    Meets(f64, f64),
}
