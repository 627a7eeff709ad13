//! ATBD step 8: thin cirrus through which sand and foam are seen.
//!
//! Source: Gao et al. 2002 (IEEE Trans. Geosci. Remote Sens. 40, 1659-1668: B10 tells what thin cirrus adds in the other bands);
//! how thin is our own choice.

use super::{CloudBits, CloudEvidence, LowSunAir, SpectralBands, Spectrum};
use crate::coast::CoastBits;
use crate::raster::fill_strips;
use crate::{Progress, Result};

/// Cirrus is a veil below this, B10 above its base, TOA reflectance: what it throws back once, and twice on the way down and up, is
/// less than a tenth of the light, and the ground keeps its colours (own choice: half of what B10 shows of cirrus of optical
/// thickness 0.3).
const VEIL_MAX: f32 = 0.03;

/// Whether cirrus is so thin that the ground below keeps its colours; `cirrus` is B10 above its base.
pub(crate) fn is_veil(cirrus: f32) -> bool {
    cirrus < VEIL_MAX
}

/// A spectrum without the light of the cirrus above, which is grey.
pub(crate) fn unveiled(spectrum: &Spectrum, cirrus: f32) -> Spectrum {
    Spectrum {
        blue: spectrum.blue - cirrus,
        green: spectrum.green - cirrus,
        red: spectrum.red - cirrus,
        near_infrared: spectrum.near_infrared - cirrus,
        swir1: spectrum.swir1 - cirrus,
        swir2: spectrum.swir2 - cirrus,
    }
}

impl CloudEvidence {
    /// Cirrus is not sure where it is a veil over sand or foam: it hides neither.
    ///
    /// # Errors
    /// Cancelled.
    pub(crate) fn doubt_veils(
        &mut self,
        coast: &ndarray::Array2<u8>,
        bands: &SpectralBands<'_>,
        air: &LowSunAir,
        progress: &dyn Progress,
    ) -> Result<()> {
        let sky = &self.sky;
        let coast = coast.as_slice().unwrap_or_default();
        fill_strips(&mut self.clouds, progress, |first, clouds| {
            for (pixel, cloud) in (first..).zip(clouds) {
                let bits = CloudBits::from_bits_retain(*cloud);
                let cirrus = sky.cirrus(bands, pixel);
                if bits.contains(CloudBits::CIRRUS_SURE) && is_veil(cirrus) {
                    let foam =
                        CoastBits::from_bits_retain(coast[pixel]).contains(CoastBits::WHITECAP);
                    let sand = || air.removed_from(&bands.spectrum(pixel)).is_sand();
                    if foam || sand() {
                        *cloud =
                            ((bits - CloudBits::CIRRUS_SURE) | CloudBits::CIRRUS_AMBIGUOUS).bits();
                    }
                }
            }
        })
    }
}
