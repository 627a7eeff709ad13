//! The angle between the slope and the light.

use super::spot::{Metric, Spot};
use super::surface::Cell;

/// Cosine of the angle between the facet's normal and the light.
///
/// With gradient g of the surface over the metric ground and light of elevation e, its azimuth's unit vector t:
/// (sin e - cos e g.t) / sqrt(1 + |g|^2).
pub fn cos_incidence(spot: &Spot, metric: Metric, cell: &Cell) -> f32 {
    let (along, across) = cell.gradient();
    let climb = along * spot.toward.0 + across * spot.toward.1;
    let [along_squared, across_squared, mixed] = metric;
    let steepness = along * along * along_squared
        + across * across * across_squared
        + 2.0 * along * across * mixed;
    // sin e = tan e cos e
    let cos_elevation = 1.0 / (1.0 + spot.slope * spot.slope).sqrt();
    cos_elevation * (spot.slope - climb) / (1.0 + steepness).sqrt()
}
