//! Haze over water: brighter in blue and in SWIR than the scene's clear water, and no cloud.
//!
//! Source: the haze-optimised transform of Zhang, Guindon & Cihlar 2002 (Remote Sens. Environ. 82, 173-187) with the
//! coefficients of Zhu & Woodcock 2012; the rise above clear water is our own rule.

use super::CoastBits;
use crate::cloud::{
    CloudBits, CloudPlane, GLINT_WAVES, SpectralBands, Spectrum, Surface, SurfacePlane,
};
use crate::raster::{ValueHistogram, fill_strips, fold_strips};
use crate::{Progress, Result};
use ndarray::Array2;

/// Percentile of clear water from which haze is counted, percent (as in the cloud probability).
const CLEAR_PERCENTILE: f64 = 17.5;
/// Haze is above it by more than this in the haze-optimised transform and in SWIR1, TOA reflectance: without the rise in
/// SWIR1 clear shallow water is haze, 14 % of one scene (own measurement).
const HOT_RISE: f32 = 0.03;
const SWIR1_RISE: f32 = 0.01;
/// Haze is blue: blue by green at least, unitless; water over a bright bottom and turbid water are not (own measurement: 2.7 % of
/// a clear turbid coast without it).
const BLUE_TO_GREEN_MIN: f32 = 1.1;
/// No cirrus above it: B10 above its base, TOA reflectance.
const CIRRUS_MAX: f32 = 0.003;
/// Step and interval of the histograms, TOA reflectance.
const STEP: f32 = 1.0 / 20_000.0;
const RANGE: (f32, f32) = (-1.0, 1.0);

/// A spectrum of water without its glint, which is grey.
fn without_glint(bands: &SpectralBands<'_>, pixel: usize) -> Spectrum {
    bands.spectrum(pixel).less(bands.glint(pixel))
}

/// Marks haze over water that is no cloud.
///
/// # Errors
/// Cancelled.
pub(crate) fn mark_haze(
    coast: &mut Array2<u8>,
    surface: &SurfacePlane,
    clouds: &CloudPlane,
    bands: &SpectralBands<'_>,
    cirrus: impl Fn(usize) -> f32 + Sync,
    progress: &dyn Progress,
) -> Result<()> {
    let surfaces = surface.as_slice().unwrap_or_default();
    let clouds = clouds.as_slice().unwrap_or_default();
    let is_water = |pixel: usize| {
        let surface = Surface::from_bits_retain(surfaces[pixel]);
        let cloud = CloudBits::from_bits_retain(clouds[pixel]);
        surface.contains(Surface::VALID | Surface::WATER) && !cloud.intersects(CloudBits::CLOUD)
    };
    let (hot, swir1) = fold_strips(
        surfaces.len(),
        progress,
        || {
            (
                ValueHistogram::new(STEP, RANGE),
                ValueHistogram::new(STEP, RANGE),
            )
        },
        |(hot, swir1), pixels| {
            for pixel in pixels.filter(|&pixel| is_water(pixel)) {
                let spectrum = without_glint(bands, pixel);
                hot.add(spectrum.hot());
                swir1.add(spectrum.swir1);
            }
        },
        |a, b| (a.0.merge(&b.0), a.1.merge(&b.1)),
    )?;
    let clear = hot
        .percentile(CLEAR_PERCENTILE)
        .zip(swir1.percentile(CLEAR_PERCENTILE));
    let Some((clear_hot, clear_swir1)) = clear else {
        return Ok(());
    };
    fill_strips(coast, progress, |first, coast| {
        for (pixel, bits) in (first..).zip(coast) {
            if !is_water(pixel) {
                continue;
            }
            let spectrum = without_glint(bands, pixel);
            let waves = GLINT_WAVES * bands.glint(pixel);
            if spectrum.hot() - clear_hot > HOT_RISE + waves
                && spectrum.swir1 - clear_swir1 > SWIR1_RISE + waves
                && spectrum.blue > BLUE_TO_GREEN_MIN * spectrum.green
                && cirrus(pixel) < CIRRUS_MAX
            {
                *bits |= CoastBits::HAZE.bits();
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NoProgress;
    use crate::scene::made::{SEA, builder};

    const WATER: Surface = Surface::VALID.union(Surface::WATER);

    /// Whether each of the kinds of pixel is haze, in a sea of which nine tenths are clear: HOT 0.098 - 0.5 * 0.038 - 0.08 =
    /// -0.001 and SWIR1 0.010.
    fn haze<const N: usize>(kinds: [(Spectrum, Surface, CloudBits, f32); N]) -> [bool; N] {
        let shape = (20, N);
        let at = |row: usize, column: usize| if row < 2 { kinds[column].0 } else { SEA };
        let scene = builder(shape, 20.0, at).build().unwrap();
        let of = |row: usize, kind: u8, usual: u8| if row < 2 { kind } else { usual };
        let surface = Array2::from_shape_fn(shape, |(r, c)| {
            of(r, kinds[c].1.bits(), (WATER | Surface::CLEAR_WATER).bits())
        });
        let clouds = Array2::from_shape_fn(shape, |(r, c)| of(r, kinds[c].2.bits(), 0));
        let mut coast = Array2::zeros(shape);
        let bands = SpectralBands::of(&scene).unwrap();
        let cirrus = |pixel: usize| kinds[pixel % N].3;
        mark_haze(&mut coast, &surface, &clouds, &bands, cirrus, &NoProgress).unwrap();
        assert!(
            coast
                .slice(ndarray::s![2.., ..])
                .iter()
                .all(|bits| *bits == 0)
        );
        std::array::from_fn(|kind| coast[[0, kind]] == CoastBits::HAZE.bits())
    }

    /// The sea, brighter by so much in HOT and SWIR1.
    fn brighter(hot: f32, swir1: f32) -> Spectrum {
        Spectrum {
            blue: SEA.blue + hot,
            swir1: SEA.swir1 + swir1,
            ..SEA
        }
    }

    #[test]
    fn haze_is_brighter_than_clear_water_in_blue_and_in_swir() {
        let pixel = |hot: f32, swir1: f32| (brighter(hot, swir1), WATER, CloudBits::empty(), 0.0);
        let found = haze([
            pixel(0.031, 0.011),
            pixel(0.029, 0.011),
            pixel(0.031, 0.009),
            pixel(0.0, 0.0),
        ]);
        assert_eq!(found, [true, false, false, false]);
    }

    #[test]
    fn only_water_without_cloud_and_cirrus_is_hazy() {
        let pixel = |surface: Surface, cloud: CloudBits, cirrus: f32| {
            (brighter(0.05, 0.05), surface, cloud, cirrus)
        };
        let none = CloudBits::empty();
        let found = haze([
            pixel(WATER, none, 0.0029),
            pixel(WATER, none, 0.0031),
            pixel(WATER, CloudBits::SURE, 0.0),
            pixel(WATER, CloudBits::AMBIGUOUS, 0.0),
            pixel(WATER, CloudBits::POTENTIAL, 0.0),
            pixel(Surface::VALID, none, 0.0),
            pixel(Surface::WATER, none, 0.0),
        ]);
        assert_eq!(found, [true, false, false, false, true, false, false]);
    }

    /// Glint raises HOT by half of it and SWIR1 by all of it: three times the 0.07 that is predicted would be haze.
    #[test]
    fn glint_is_no_haze() {
        use crate::glint::Prediction;
        use crate::scene::made::{under_glint, with_glint};
        let at = |row: usize, column: usize| match (row, column) {
            (0, 0) => with_glint(SEA, 1.4),
            (0, _) => with_glint(brighter(0.06, 0.04), 1.0),
            (_, 0) => with_glint(SEA, 1.0),
            _ => with_glint(SEA, 0.9),
        };
        let scene = under_glint(builder((20, 2), 20.0, at)).build().unwrap();
        let (prediction, _) = Prediction::of(&scene, &crate::Params::default(), false).unwrap();
        let surface = Array2::from_elem((20, 2), (WATER | Surface::CLEAR_WATER).bits());
        let clouds = Array2::zeros((20, 2));
        let found = |glint: Option<&Prediction<'_>>| {
            let bands = SpectralBands::of(&scene).unwrap().with_glint(glint);
            let mut coast = Array2::zeros((20, 2));
            mark_haze(&mut coast, &surface, &clouds, &bands, |_| 0.0, &NoProgress).unwrap();
            [coast[[0, 0]], coast[[0, 1]]].map(|bits| bits == CoastBits::HAZE.bits())
        };
        assert_eq!(found(prediction.as_ref()), [false, true]);
    }
}
