//! What the control grid gives at a pixel.

use crate::scene::Direction;

/// No light is taken to stand higher: the tangent of 89.9 degrees.
const GREATEST_SLOPE: f32 = 572.957;

/// What the control grid gives at a pixel. Lengths along and across are in nodes of the turned lattice.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spot {
    /// Position along and across.
    pub position: (f32, f32),
    /// Tangent of the light's elevation.
    pub slope: f32,
    /// Nodes along and across by metre toward the light; the first is negative.
    pub toward: (f32, f32),
    /// Products of the gradients of along and across over the ground, by square metre: their squares, and the mixed one.
    pub metric: [f32; 3],
}

/// Gradients of (along, across) by metre east, and by metre north.
pub type Gradients = [(f64, f64); 2];

impl Spot {
    /// At a position, with the gradients of (along, across) by metre east and north.
    pub fn new(position: (f64, f64), [east, north]: Gradients, light: Option<Direction>) -> Self {
        let unknown = (f64::NAN, (f64::NAN, f64::NAN));
        let (slope, toward) = light.map_or(unknown, |light| {
            let (sin, cos) = light.azimuth.sin_cos();
            let along = sin * east.0 + cos * north.0;
            let across = sin * east.1 + cos * north.1;
            (1.0 / light.zenith.tan(), (along, across))
        });
        Self {
            position: (position.0 as f32, position.1 as f32),
            slope: slope as f32,
            toward: (toward.0 as f32, toward.1 as f32),
            metric: [
                (east.0.powi(2) + north.0.powi(2)) as f32,
                (east.1.powi(2) + north.1.powi(2)) as f32,
                (east.0 * east.1 + north.0 * north.1) as f32,
            ],
        }
    }

    fn combine(&self, other: &Self, f: impl Fn(f32, f32) -> f32) -> Self {
        let pair = |a: (f32, f32), b: (f32, f32)| (f(a.0, b.0), f(a.1, b.1));
        Self {
            position: pair(self.position, other.position),
            slope: f(self.slope, other.slope),
            toward: pair(self.toward, other.toward),
            metric: std::array::from_fn(|i| f(self.metric[i], other.metric[i])),
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

    /// The spot in light that is higher by an angle of this tangent.
    pub fn lifted(&self, lift: f32) -> Self {
        // The sum of two tangents; beyond the zenith there is none.
        let rest = (1.0 - self.slope * lift).max(f32::MIN_POSITIVE);
        Self {
            slope: ((self.slope + lift) / rest).min(GREATEST_SLOPE),
            ..*self
        }
    }
}
