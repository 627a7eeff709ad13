//! The angle between the slope and the light.

use super::ground::Ground;
use super::spot::Spot;
use super::surface::Cell;

/// All of a facet faces away from the light.
pub const AWAY: u8 = 1;
/// All of it faces the light.
pub const TOWARD: u8 = 1 << 1;

/// Whether the slope faces away from the light.
pub fn faces_away(spot: &Spot, cell: &Cell) -> bool {
    let (along, across) = cell.gradient();
    along * spot.toward.0 + across * spot.toward.1 > spot.slope
}

/// Cosine of the angle between the facet's normal and the light.
///
/// With gradient g of the surface over the metric ground and light of elevation e, its azimuth's unit vector t:
/// (sin e - cos e g.t) / sqrt(1 + |g|^2).
pub fn cos_incidence(spot: &Spot, cell: &Cell) -> f32 {
    let (along, across) = cell.gradient();
    let climb = along * spot.toward.0 + across * spot.toward.1;
    let [along_squared, across_squared, mixed] = spot.metric;
    let steepness = along * along * along_squared
        + across * across * across_squared
        + 2.0 * along * across * mixed;
    // sin e = tan e cos e
    (spot.slope - climb) / ((1.0 + spot.slope * spot.slope) * (1.0 + steepness)).sqrt()
}

/// The light over a block, as its facets meet it: middles and half widths of the ranges.
pub struct Facing {
    slope: (f32, f32),
    along: (f32, f32),
    across: (f32, f32),
}

impl Facing {
    /// Over a block.
    pub fn new(ground: &Ground) -> Self {
        let range = |f: fn(&Spot) -> f32| {
            let (least, greatest) = ground.spots().map(f).filter(|value| !value.is_nan()).fold(
                (f32::INFINITY, f32::NEG_INFINITY),
                |(least, greatest), value| (least.min(value), greatest.max(value)),
            );
            (0.5 * (least + greatest), 0.5 * (greatest - least))
        };
        Self {
            slope: range(|spot| spot.slope),
            along: range(|spot| spot.toward.0),
            across: range(|spot| spot.toward.1),
        }
    }

    /// [`AWAY`], [`TOWARD`], or both for the facets between two rows of nodes.
    pub fn tell(&self, upper: &[f32], lower: &[f32], facets: &mut [u8]) {
        let count = facets.len().min(upper.len()).saturating_sub(1);
        let (upper_right, lower_right) = (&upper[1..][..count], &lower[1..][..count]);
        let (upper, lower, facets) = (&upper[..count], &lower[..count], &mut facets[..count]);
        for i in 0..count {
            // The climb toward the light changes evenly over a facet: it is least and greatest at corners.
            let along = [lower[i] - upper[i], lower_right[i] - upper_right[i]];
            let across = [upper_right[i] - upper[i], lower_right[i] - lower[i]];
            let [a, b] = along.map(|along| along * self.along.0);
            let [c, d] = across.map(|across| across * self.across.0);
            let margin = self.slope.1
                + along[0].abs().max(along[1].abs()) * self.along.1
                + across[0].abs().max(across[1].abs()) * self.across.1;
            let least = a.min(b) + c.min(d) - margin;
            let greatest = a.max(b) + c.max(d) + margin;
            let can_face = u32::from(least <= self.slope.0).wrapping_neg();
            let can_turn = u32::from(greatest > self.slope.0).wrapping_neg();
            let facet = (can_face & u32::from(TOWARD)) | (can_turn & u32::from(AWAY));
            facets[i] = facet as u8;
        }
    }
}
