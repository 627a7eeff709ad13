//! A band that is being given, on its way to the working grid.

use super::description::{FedBand, FedKind};
use crate::bands::{block_means, finer_plane};
use crate::window::Window;
use clearshore::scene::{BandPlane, Grid, NO_DATA_DN, Radiometry, SATURATED_DN};
use clearshore::{Error, Result};
use ndarray::{Array2, ArrayView2, s};

/// DN per unit of reflectance in which given reflectance is kept, as Level-1C products do.
const REFLECTANCE_QUANTIFICATION: f64 = 10_000.0;
/// RADIO_ADD_OFFSET in which given reflectance is kept, DN: negative values survive.
const REFLECTANCE_OFFSET: i32 = -1000;
/// A band that is being given.
#[derive(Debug)]
pub(super) struct Plane {
    /// Rows and columns of the band's own raster.
    shape: (usize, usize),
    change: Change,
    pub(super) kind: FedKind,
    radiometry: Radiometry,
    /// On the working grid; on the band's own raster where that is coarser.
    dn: Array2<u16>,
    /// Pixels of the band's own raster that were given.
    given: usize,
}

/// How a raster's pixels relate to the working grid's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    /// Pixels of the raster per working pixel, along one side.
    Coarser(usize),
    /// Working pixels per pixel of the raster, along one side.
    Finer(usize),
}

impl Plane {
    pub(super) fn new(offered: &FedBand, grid: &Grid) -> Result<Self> {
        let (rows, columns) = (offered.height, offered.width);
        let change = Change::between((rows, columns), grid.shape())?;
        let kept = match change {
            Change::Coarser(_) => grid.shape(),
            Change::Finer(_) => (rows, columns),
        };
        Ok(Self {
            shape: (rows, columns),
            change,
            kind: offered.kind,
            radiometry: radiometry(offered)?,
            dn: Array2::zeros(kept),
            given: 0,
        })
    }

    pub(super) fn put(&mut self, window: Window, dn: &[u16]) -> Result<()> {
        window.check(self.shape, dn.len())?;
        let samples = ArrayView2::from_shape((window.rows, window.columns), dn)
            .map_err(|error| Error::internal("a rectangle without its shape").caused_by(error))?;
        let factor = match self.change {
            Change::Coarser(factor) => factor,
            Change::Finer(_) => 1,
        };
        let Window {
            row,
            column,
            rows,
            columns,
        } = window;
        if [row, column, rows, columns]
            .iter()
            .any(|edge| !edge.is_multiple_of(factor))
        {
            return Err(
                Error::parameter("the rectangle cuts a pixel of the working grid")
                    .got(format!(
                        "{columns} x {rows} pixels from column {column}, row {row}"
                    ))
                    .expected(format!("multiples of {factor}")),
            );
        }
        let target = s![
            row / factor..(row + rows) / factor,
            column / factor..(column + columns) / factor
        ];
        block_means(samples, factor, self.dn.slice_mut(target));
        self.given += dn.len();
        Ok(())
    }

    pub(super) fn finish(self) -> Result<BandPlane> {
        let (rows, columns) = self.shape;
        if self.given < rows * columns {
            return Err(Error::parameter("the band was not given wholly")
                .got(format!("{} pixels", self.given))
                .expected(format!("{columns} x {rows} pixels")));
        }
        let dn = match self.change {
            Change::Coarser(_) => self.dn,
            Change::Finer(factor) => finer_plane(&self.dn, factor),
        };
        Ok(BandPlane {
            dn,
            radiometry: self.radiometry,
        })
    }
}

impl Change {
    fn between(raster: (usize, usize), grid: (usize, usize)) -> Result<Self> {
        let factor = |more: (usize, usize), less: (usize, usize)| {
            let factor = more.0.checked_div(less.0)?;
            (factor > 0 && (less.0 * factor, less.1 * factor) == more).then_some(factor)
        };
        factor(raster, grid)
            .map(Self::Coarser)
            .or_else(|| factor(grid, raster).map(Self::Finer))
            .ok_or_else(|| {
                Error::product("the band's raster does not fit the working grid")
                    .got(format!("{} x {}", raster.1, raster.0))
                    .expected(format!("{} x {}, or a whole factor of it", grid.1, grid.0))
                    .advice(
                        "resample the product to one pixel size, for instance with S2Resampling",
                    )
            })
    }
}

/// How the numbers of a band, as they are kept, become reflectance.
pub(super) fn radiometry(offered: &FedBand) -> Result<Radiometry> {
    Ok(match offered.kind {
        FedKind::Dn => Radiometry {
            offset: offered.offset.unwrap_or(0),
            quantification: offered.quantification.ok_or_else(|| {
                Error::product("raw numbers came without their quantification value")
                    .advice("give a product with its Level-1C metadata, or reflectance")
            })?,
        },
        FedKind::Reflectance => Radiometry {
            offset: REFLECTANCE_OFFSET,
            quantification: REFLECTANCE_QUANTIFICATION,
        },
    })
}

/// Raw number of a reflectance; NaN is no data, and what is beyond the range is held at its end.
pub(super) fn dn_of_reflectance(reflectance: f32) -> u16 {
    if reflectance.is_nan() {
        return NO_DATA_DN;
    }
    let dn = f64::from(reflectance) * REFLECTANCE_QUANTIFICATION - f64::from(REFLECTANCE_OFFSET);
    let least = f64::from(NO_DATA_DN) + 1.0;
    dn.round().clamp(least, f64::from(SATURATED_DN)) as u16
}
