//! Bright ground in the shadow of a cloud, which looks like thin cloud itself.
//!
//! Sand in shadow is as bright as thin cloud over dark ground, and only the blue sky lights it. It is shadow where the shadow of
//! another cloud falls. Our own rule.

use super::{Clouds, ShadowBits, ShadowPlane};
use crate::cloud::{CloudBits, SpectralBands};
use crate::raster::Objects;
use crate::{Progress, Result};

/// Ground in shadow is duller than this in the visible mean, TOA reflectance (own measurement on simulated sand).
const VISIBLE_MEAN_MAX: f32 = 0.25;
/// And blue: NIR by blue at most, unitless; thin cloud over land has as much NIR as blue (own measurement on the same).
const NIR_TO_BLUE_MAX: f32 = 0.75;
/// Share of it on which the shadow of a cloud falls whose height is known, unitless (own measurement on the same).
const SHADED_SHARE_MIN: f64 = 0.8;

/// Marks it as shadow; gives its pixels, which are no cloud.
///
/// # Errors
/// Cancelled.
pub fn mark(
    bands: &SpectralBands<'_>,
    found: &Clouds<'_>,
    shadows: &mut ShadowPlane,
    progress: &dyn Progress,
) -> Result<Vec<[usize; 2]>> {
    let columns = shadows.ncols();
    let may_be_ground = |row: usize, column: usize| {
        let cloud = CloudBits::from_bits_retain(found.clouds[[row, column]]);
        if !cloud.intersects(CloudBits::CLOUD) || cloud.contains(CloudBits::CIRRUS_SURE) {
            return false;
        }
        let spectrum = bands.spectrum(row * columns + column);
        spectrum.visible_mean() < VISIBLE_MEAN_MAX
            && spectrum.near_infrared < NIR_TO_BLUE_MAX * spectrum.blue
    };
    let objects = Objects::of(shadows.dim(), 1, may_be_ground);
    progress.check()?;
    let mut ground = Vec::new();
    for object in 0..objects.len() {
        let falls = |at: &[usize; 2]| {
            ShadowBits::from_bits_retain(shadows[*at]).contains(ShadowBits::MATCHED)
        };
        let shaded = objects.pixels_of(object).filter(falls).count();
        if shaded as f64 >= SHADED_SHARE_MIN * objects.pixels(object) as f64 {
            ground.extend(objects.pixels_of(object));
        }
    }
    for at in &ground {
        shadows[*at] |= ShadowBits::SHADOW.bits();
    }
    Ok(ground)
}
