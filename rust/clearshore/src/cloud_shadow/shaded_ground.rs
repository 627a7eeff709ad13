//! Bright ground in the shadow of a cloud, which looks like thin cloud itself.
//!
//! Sand in shadow is as bright as thin cloud over dark ground, and only the blue sky lights it. It is shadow where the shadow of
//! another cloud falls. Our own rule.

use super::{Clouds, ShadowBits, ShadowPlane};
use crate::cloud::{CloudBits, SpectralBands};
use crate::raster::{Objects, any_around, fill_strips, places_from};
use crate::{Progress, Result};
use ndarray::Array2;

/// Ground in shadow is duller than this in the visible mean, TOA reflectance (own measurement on simulated sand).
const VISIBLE_MEAN_MAX: f32 = 0.25;
/// And blue: NIR by blue at most, unitless; thin cloud over land has as much NIR as blue (own measurement on the same).
const NIR_TO_BLUE_MAX: f32 = 0.75;
/// Share of it on which the shadow of a cloud falls, unitless (own measurement on the same).
const SHADED_SHARE_MIN: f64 = 0.8;

/// The rim of a cloud touches it with more than this share of its pixels, unitless, and smaller ground is not told from one, pixels (own
/// choices).
const TOUCHING_SHARE_MAX: f64 = 0.3;
const APART_PIXELS_MIN: f64 = 25.0;

/// Cloud that may be bright ground in shadow.
pub struct MaybeGround(Array2<bool>);

impl MaybeGround {
    /// # Errors
    /// Cancelled.
    pub fn of(
        bands: &SpectralBands<'_>,
        found: &Clouds<'_>,
        progress: &dyn Progress,
    ) -> Result<Self> {
        let columns = found.clouds.ncols();
        let mut plane = Array2::from_elem(found.clouds.dim(), false);
        fill_strips(&mut plane, progress, |first, plane| {
            let pixels = (first..).zip(places_from(first, columns));
            for ((pixel, (row, column)), out) in pixels.zip(plane) {
                let at = [row, column];
                let cloud = CloudBits::from_bits_retain(found.clouds[at]);
                if cloud.is_cloud_without_cirrus() {
                    let spectrum = bands.spectrum(pixel);
                    *out = spectrum.visible_mean() < VISIBLE_MEAN_MAX
                        && spectrum.near_infrared < NIR_TO_BLUE_MAX * spectrum.blue;
                }
            }
        })?;
        Ok(Self(plane))
    }

    /// Whether a pixel may be.
    pub fn at(&self, row: usize, column: usize) -> bool {
        self.0[[row, column]]
    }

    /// Marks it as shadow where the shadows of clouds fall, or where they can (`swept`) and it is not the rim of a cloud; gives its
    /// pixels, which are no cloud.
    ///
    /// # Errors
    /// Cancelled.
    pub fn mark(
        &self,
        is_cloud: &(dyn Fn(usize, usize) -> bool + Sync),
        swept: &Array2<bool>,
        shadows: &mut ShadowPlane,
        progress: &dyn Progress,
    ) -> Result<Vec<[usize; 2]>> {
        let objects = Objects::of(shadows.dim(), 1, |row, column| self.at(row, column));
        progress.check()?;
        let mut ground = Vec::new();
        for object in 0..objects.len() {
            let falls = |at: &[usize; 2]| {
                let falls = ShadowBits::MATCHED | ShadowBits::PROJECTED;
                ShadowBits::from_bits_retain(shadows[*at]).intersects(falls)
            };
            let pixels = objects.pixels(object) as f64;
            let share = |is: &dyn Fn(&[usize; 2]) -> bool| {
                objects.pixels_of(object).filter(|at| is(at)).count() as f64 / pixels
            };
            let touches = |at: &[usize; 2]| any_around(swept.dim(), (at[0], at[1]), is_cloud);
            let is_apart = || pixels >= APART_PIXELS_MIN && share(&touches) <= TOUCHING_SHARE_MAX;
            if share(&falls) >= SHADED_SHARE_MIN
                || share(&|at| swept[*at]) >= SHADED_SHARE_MIN && is_apart()
            {
                ground.extend(objects.pixels_of(object));
            }
        }
        for at in &ground {
            shadows[*at] |= ShadowBits::SHADOW.bits();
        }
        Ok(ground)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NoProgress;
    use crate::cloud::{Spectrum, Surface};
    use crate::scene::made::{MEADOW, builder};

    /// Simulated sand in shadow: its visible mean is 0.148, NIR by blue 0.69.
    const SHADED_SAND: Spectrum = Spectrum {
        blue: 0.166,
        green: 0.149,
        red: 0.129,
        near_infrared: 0.114,
        swir1: 0.082,
        swir2: 0.068,
    };

    /// Whether four pixels in a square are ground in shadow.
    fn is_ground(spectrum: Spectrum, cloud: CloudBits, shaded: usize) -> bool {
        let shape = (8, 8);
        let square =
            |row: usize, column: usize| ((2..7).contains(&row) && column == 3).then(|| row - 2);
        let scene = builder(shape, 20.0, |row, column| {
            square(row, column).map_or(MEADOW, |_| spectrum)
        });
        let scene = scene.build().unwrap();
        let bands = SpectralBands::of(&scene).unwrap();
        let surface = Array2::from_elem(shape, Surface::VALID.bits());
        let clouds = Array2::from_shape_fn(shape, |(row, column)| {
            square(row, column).map_or(0, |_| cloud.bits())
        });
        let mut shadows = Array2::from_shape_fn(shape, |(row, column)| {
            let is = square(row, column).is_some_and(|index| index < shaded);
            if is { ShadowBits::MATCHED.bits() } else { 0 }
        });
        let found = Clouds::of(&surface, &clouds, None, &|_| 0.0);
        let maybe = MaybeGround::of(&bands, &found, &NoProgress).unwrap();
        let nowhere = Array2::from_elem(shape, false);
        let mark = maybe.mark(&|_, _| false, &nowhere, &mut shadows, &NoProgress);
        let ground = mark.unwrap();
        let marked = shadows
            .iter()
            .filter(|bits| **bits & ShadowBits::SHADOW.bits() != 0)
            .count();
        assert_eq!(marked, ground.len());
        assert!(ground.is_empty() || ground.len() == 5);
        !ground.is_empty()
    }

    #[test]
    fn what_looks_like_cloud_in_a_shadow_is_shaded_ground() {
        let sure = CloudBits::SURE;
        // Four fifths of it must lie in shadow.
        for (shaded, expected) in [(5, true), (4, true), (3, false), (0, false)] {
            assert_eq!(is_ground(SHADED_SAND, sure, shaded), expected, "{shaded}");
        }
        assert!(!is_ground(SHADED_SAND, sure | CloudBits::CIRRUS_SURE, 5));
        assert!(!is_ground(SHADED_SAND, CloudBits::POTENTIAL, 5));
        // Three quarters of blue are 0.1245.
        for (near_infrared, expected) in [(0.124, true), (0.125, false)] {
            let sand = Spectrum {
                near_infrared,
                ..SHADED_SAND
            };
            assert_eq!(is_ground(sand, sure, 5), expected, "{near_infrared}");
        }
        // The visible mean is (blue + 0.278) / 3.
        for (blue, expected) in [(0.471, true), (0.473, false)] {
            let sand = Spectrum {
                blue,
                ..SHADED_SAND
            };
            assert_eq!(is_ground(sand, sure, 5), expected, "{blue}");
        }
    }
}
