//! The part of the sun's disc that is visible above a horizon.

/// Half the angle that the sun's disc fills, radians (0.533 degrees across at the mean distance; Allen's Astrophysical
/// Quantities, 4th edition, section 14.1).
pub const SUN_RADIUS: f64 = 0.5 * 0.533 * std::f64::consts::PI / 180.0;

/// Tangent of [`SUN_RADIUS`], but for its fifth power.
pub const SUN_RADIUS_TANGENT: f32 =
    (SUN_RADIUS + SUN_RADIUS * SUN_RADIUS * SUN_RADIUS / 3.0) as f32;

/// Part of the disc above a horizon so many radians above the disc's middle: the area of a circular segment.
pub fn visible_part(horizon_above_middle: f64) -> f64 {
    let height = (horizon_above_middle / SUN_RADIUS).clamp(-1.0, 1.0);
    (height.acos() - height * (1.0 - height * height).sqrt()) / std::f64::consts::PI
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;

    #[test]
    fn the_visible_part_is_a_circular_segment() {
        assert_abs_diff_eq!(visible_part(0.0), 0.5);
        assert_abs_diff_eq!(visible_part(-SUN_RADIUS), 1.0);
        assert_abs_diff_eq!(visible_part(SUN_RADIUS), 0.0);
        assert_abs_diff_eq!(visible_part(-1.0), 1.0);
        // Half a radius above the middle: a segment of 120 degrees, (120 - 0.5 * 180/pi * sqrt(3)) / 360 of the disc.
        let segment = 1.0 / 3.0 - 3.0_f64.sqrt() / (4.0 * std::f64::consts::PI);
        assert_abs_diff_eq!(visible_part(0.5 * SUN_RADIUS), segment, epsilon = 1e-12);
        // Both parts of a disc make the whole.
        for height in [0.1, 0.3, 0.9] {
            let both = visible_part(height * SUN_RADIUS) + visible_part(-height * SUN_RADIUS);
            assert_abs_diff_eq!(both, 1.0, epsilon = 1e-12);
        }
    }
}
