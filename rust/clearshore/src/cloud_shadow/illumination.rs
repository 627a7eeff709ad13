//! What relief does to the light of the ground, taken out: slopes away from the sun are dark without any shadow.
//!
//! Source: the cosine correction of Teillet, Guindon & Goodenough 1982 (Can. J. Remote Sens. 8, 84-106) for the direct sunlight alone;
//! the sky lights all slopes alike.

use crate::scene::Scene;
use crate::terrain::ReliefShadow;

/// Part of the light of level ground in NIR and SWIR that comes from the sky, unitless (own choice: clear air under a middling
/// sun).
pub const SKY_SHARE: f32 = 0.2;
/// Slopes whose cosine of incidence is as near to that of level ground count as level, unitless (Fmask 5).
const LEVEL: f32 = 0.05;

/// Light on slopes beside that on level ground.
pub struct Illumination<'a> {
    cos_incidence: Option<&'a [f32]>,
    level: f32,
}

impl<'a> Illumination<'a> {
    /// Without elevation model or sun all ground counts as level.
    pub fn of(scene: &Scene, relief: Option<&'a ReliefShadow>) -> Self {
        let level = scene.angles().usual_sun_zenith().map(f64::cos);
        let plane = relief.and_then(|relief| relief.cos_incidence.as_ref()?.as_slice());
        Self {
            cos_incidence: plane.filter(|_| level.is_some()),
            level: level.unwrap_or(1.0) as f32,
        }
    }

    /// What the reflectance of a pixel in NIR or SWIR would be on level ground, beside what it is, unitless.
    pub fn to_level(&self, pixel: usize) -> f32 {
        let Some(plane) = self.cos_incidence else {
            return 1.0;
        };
        let cosine = plane[pixel];
        // NaN, where the ground is not known, is not greater.
        if (cosine - self.level).abs() > LEVEL {
            1.0 / (SKY_SHARE + (1.0 - SKY_SHARE) * cosine.max(0.0) / self.level)
        } else {
            1.0
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slopes_are_as_bright_as_level_ground() {
        // Level 0.5: twice the sunlight is 0.2 + 0.8 * 2 = 1.8 of the light, none is the sky's fifth.
        let plane = [0.5, 0.54, 1.0, 0.0, -0.3, f32::NAN];
        let light = Illumination {
            cos_incidence: Some(&plane),
            level: 0.5,
        };
        let expected = [1.0, 1.0, 1.0 / 1.8, 5.0, 5.0, 1.0];
        for (pixel, expected) in expected.into_iter().enumerate() {
            approx::assert_relative_eq!(light.to_level(pixel), expected, max_relative = 1e-6);
        }
    }
}
