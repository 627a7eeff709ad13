//! What the control grid gives at a pixel.

use crate::scene::Direction;

/// What the control grid gives at a pixel. Lengths along and across are in nodes of the turned lattice.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spot {
    /// Position along and across.
    pub position: (f32, f32),
    /// Tangent of the light's elevation.
    pub slope: f32,
    /// Metres that a ray falls by node along.
    pub fall: f32,
    /// Nodes along and across by metre toward the light; the first is negative.
    pub toward: (f32, f32),
}

/// Gradients of (along, across) by metre east, and by metre north.
pub type Gradients = [(f64, f64); 2];

/// Products of the gradients of along and across over the ground, by square metre: their squares, and the mixed one.
pub type Metric = [f32; 3];

/// What the control grid gives along a track within a control cell.
#[derive(Clone, Copy, Debug)]
pub struct Segment {
    /// Values where the cell begins.
    pub start: Spot,
    /// Their change by step.
    pub change: Spot,
    /// Where the cell begins, steps.
    pub first: f32,
    /// The first step of the next cell.
    pub end: usize,
}

impl Spot {
    /// At a position, with the gradients of (along, across) by metre east and north.
    pub fn new(position: (f64, f64), by: Gradients, light: Option<Direction>) -> Self {
        let [by_east, by_north] = by;
        let unknown = (f64::NAN, (f64::NAN, f64::NAN));
        let (slope, toward) = light.map_or(unknown, |light| {
            let (sin, cos) = light.azimuth.sin_cos();
            let along = sin * by_east.0 + cos * by_north.0;
            let across = sin * by_east.1 + cos * by_north.1;
            (1.0 / light.zenith.tan(), (along, across))
        });
        Self {
            position: (position.0 as f32, position.1 as f32),
            slope: slope as f32,
            fall: (-slope / toward.0) as f32,
            toward: (toward.0 as f32, toward.1 as f32),
        }
    }

    fn combine(&self, other: &Self, f: impl Fn(f32, f32) -> f32) -> Self {
        let pair = |a: (f32, f32), b: (f32, f32)| (f(a.0, b.0), f(a.1, b.1));
        Self {
            position: pair(self.position, other.position),
            slope: f(self.slope, other.slope),
            fall: f(self.fall, other.fall),
            toward: pair(self.toward, other.toward),
        }
    }

    /// The part `weight` of the way from here to there.
    pub fn between(&self, other: &Self, weight: f32) -> Self {
        self.combine(other, |a, b| a + weight * (b - a))
    }

    /// The difference by one step of `1 / by`.
    pub fn difference(&self, other: &Self, by: f32) -> Self {
        self.combine(other, |a, b| by * (b - a))
    }

    /// So many differences on.
    pub fn plus(&self, difference: &Self, times: f32) -> Self {
        self.combine(difference, |a, b| a + times * b)
    }
}

/// The metric of gradients.
pub fn metric([east, north]: Gradients) -> Metric {
    [
        (east.0.powi(2) + north.0.powi(2)) as f32,
        (east.1.powi(2) + north.1.powi(2)) as f32,
        (east.0 * east.1 + north.0 * north.1) as f32,
    ]
}
