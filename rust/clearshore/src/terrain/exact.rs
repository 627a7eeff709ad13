//! The exact line of sight: one ray, all facets.

use super::DemPatch;
use crate::scene::{Direction, Geodetic};

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
    /// The surface does.
    Blocked(Hit),
    /// Heights that are not known might.
    Unknown,
}

/// The line of sight from a place on the surface toward a direction (azimuth from true north, zenith above the local
/// horizon).
pub fn line_of_sight(_patch: &DemPatch, _place: Geodetic, _direction: Direction) -> Sight {
    Sight::Unknown
}
