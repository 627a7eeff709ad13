//! ATBD step 8: thin cirrus through which sand and foam are seen.
//!
//! Own rule.

use super::{CloudBits, CloudEvidence, LowSunAir, SpectralBands, Spectrum};
use crate::coast::CoastBits;
use crate::raster::fill_strips;
use crate::{Progress, Result};
use ndarray::Array2;

/// Cirrus is a veil below this, B10 above its base, TOA reflectance: it takes a fifth of the direct light of a sun in the zenith, as half is
/// taken at 0.17 (`cloud_shadow`), and the ground keeps its colours (own measurement on simulated cirrus).
const VEIL_MAX: f32 = 0.05;

/// Whether cirrus is so thin that the ground below keeps its colours; `cirrus` is B10 above its base.
pub(crate) fn is_veil(cirrus: f32) -> bool {
    cirrus < VEIL_MAX
}

/// A spectrum without the light of the cirrus above it, which is grey.
pub(crate) fn unveiled(spectrum: &Spectrum, cirrus: f32) -> Spectrum {
    spectrum.less(cirrus)
}

/// What a pixel is once its cirrus is known to be no more than a veil, if it is one.
fn doubted(cloud: CloudBits, cirrus: f32, is_seen: impl FnOnce() -> bool) -> CloudBits {
    if cloud.contains(CloudBits::CIRRUS_SURE) && is_veil(cirrus) && is_seen() {
        cloud.with_cirrus_doubted()
    } else {
        cloud
    }
}

impl CloudEvidence {
    /// Sure cirrus is not sure where it is a veil over sand or foam: it hides neither.
    ///
    /// # Errors
    /// Cancelled.
    pub(crate) fn doubt_veils(
        &mut self,
        coast: &Array2<u8>,
        bands: &SpectralBands<'_>,
        air: &LowSunAir,
        progress: &dyn Progress,
    ) -> Result<()> {
        let sky = &self.sky;
        let coast = coast.as_slice().unwrap_or_default();
        fill_strips(&mut self.clouds, progress, |first, clouds| {
            for (pixel, cloud) in (first..).zip(clouds) {
                let is_foam =
                    CoastBits::from_bits_retain(coast[pixel]).contains(CoastBits::WHITECAP);
                let is_sand = || air.removed_from(&bands.spectrum(pixel)).is_sand();
                let bits = CloudBits::from_bits_retain(*cloud);
                let cirrus = sky.cirrus(bands, pixel);
                *cloud = doubted(bits, cirrus, || is_foam || is_sand()).bits();
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SURE: CloudBits = CloudBits::SURE.union(CloudBits::CIRRUS_SURE);

    #[test]
    fn sure_cirrus_over_what_is_seen_is_doubted_where_it_is_thin() {
        let doubt = CloudBits::SURE | CloudBits::CIRRUS_AMBIGUOUS;
        assert_eq!(doubted(SURE, 0.049, || true), doubt);
        assert_eq!(doubted(SURE, 0.051, || true), SURE);
        assert_eq!(doubted(SURE, 0.049, || false), SURE);
        // No cirrus is made of none.
        assert_eq!(doubted(CloudBits::SURE, 0.0, || true), CloudBits::SURE);
    }

    #[test]
    fn a_veil_adds_the_same_light_to_every_band() {
        let veiled = Spectrum {
            blue: 0.25,
            green: 0.30,
            red: 0.35,
            near_infrared: 0.40,
            swir1: 0.45,
            swir2: 0.42,
        };
        let ground = unveiled(&veiled, 0.02);
        for (seen, expected) in [
            (ground.blue, 0.23),
            (ground.green, 0.28),
            (ground.red, 0.33),
            (ground.near_infrared, 0.38),
            (ground.swir1, 0.43),
            (ground.swir2, 0.40),
        ] {
            approx::assert_abs_diff_eq!(seen, expected, epsilon = 1e-6);
        }
    }
}
