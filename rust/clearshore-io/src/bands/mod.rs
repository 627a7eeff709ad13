//! A band file onto the working grid: same pixels, coarser or finer.
//!
//! DN 0 is no data and DN 65535 is saturated; both are labels, not numbers, and are kept apart from
//! averages and interpolation.

mod coarser;
mod finer;

pub(crate) use coarser::{block_means, usable as low_pass_usable};
pub(crate) use finer::bilinear as finer_plane;

use crate::jp2::Jp2;
use clearshore::{Error, Progress, Resampling, Result};
use ndarray::Array2;

/// What becomes of a native pixel size on a working grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    Same,
    /// Native pixels per working pixel, along one side.
    Coarser(usize),
    /// Working pixels per native pixel, along one side.
    Finer(usize),
}

impl Change {
    fn between(native_pixel_size: u32, working_pixel_size: u32) -> Result<Self> {
        let (native, working) = (native_pixel_size as usize, working_pixel_size as usize);
        match (native, working) {
            (0, _) | (_, 0) => None,
            _ if native == working => Some(Self::Same),
            _ if working % native == 0 => Some(Self::Coarser(working / native)),
            _ if native % working == 0 => Some(Self::Finer(native / working)),
            _ => None,
        }
        .ok_or_else(|| {
            Error::parameter("the working grid doesn't fit the band's pixels")
                .got(format!("{working} m for pixels of {native} m"))
                .expected("10, 20 or 60 m")
                .advice("set resolution to 10, 20 or 60")
        })
    }

    /// The reduction of the wavelet that serves a factor: the largest that is not coarser.
    fn reduction(self, resampling: Resampling) -> u8 {
        match (self, resampling) {
            (Self::Coarser(factor), Resampling::Fast) => factor.ilog2() as u8,
            _ => 0,
        }
    }
}

/// Units of progress that [`read_band`] advances: one per J2K tile.
///
/// # Errors
/// As [`read_band`].
pub fn work_units(
    jp2: &Jp2,
    native_pixel_size: u32,
    working_pixel_size: u32,
    resampling: Resampling,
) -> Result<u64> {
    let change = Change::between(native_pixel_size, working_pixel_size)?;
    Ok(jp2.work_units(coarser::usable(jp2, change.reduction(resampling))))
}

/// Reads the first component of a band file onto the working grid: DN, (rows, columns) of the grid,
/// which are the native ones times `native_pixel_size / working_pixel_size`, rounded down. Pixel sizes
/// are in metres.
///
/// **Coarser.** A pixel is 0 (no data) where any of its native pixels is 0, and 65535 where none is 0 and
/// any is 65535; otherwise the mean, rounded half up. `Fast` takes the low-pass of the 5-3 wavelet, whose
/// sample n lies on native pixel 2n (4n at quarter resolution), averaged by area over the coarse pixel.
/// J2K tiles with no data in or beside them are decoded in full and averaged, so that the edge of the
/// swath is exact; isolated native zeros and slivers of no data thinner than three low-pass samples can
/// be missed, and a saturated pixel shows only where the low-pass reaches 65535.
///
/// **Finer.** Bilinear between the native pixel centres, rounded half up. 0 and 65535 are taken from the
/// nearest native pixel and have no weight elsewhere.
///
/// Works one J2K tile at a time, in parallel in the caller's pool, and holds no native plane when the grid
/// is coarser. Advances `progress` by [`work_units`].
///
/// # Errors
/// Parameter: pixel sizes of which neither divides the other. Product: damaged file. Io: unreadable file.
pub fn read_band(
    jp2: &Jp2,
    native_pixel_size: u32,
    working_pixel_size: u32,
    resampling: Resampling,
    progress: &dyn Progress,
) -> Result<Array2<u16>> {
    let change = Change::between(native_pixel_size, working_pixel_size)?;
    match change {
        Change::Same => jp2.read_plane(0, progress),
        Change::Coarser(factor) => {
            coarser::read(jp2, factor, change.reduction(resampling), progress)
        }
        Change::Finer(factor) => Ok(finer::bilinear(&jp2.read_plane(0, progress)?, factor)),
    }
}

#[cfg(test)]
#[cfg(feature = "gdal")]
mod tests;
