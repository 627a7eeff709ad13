//! A simulated scene: everything that was chosen, worked out for the pixels of its grid.

use super::relief::{DemCell, Relief};
use super::setting::Setting;
use super::shore::Shore;
use super::truth::{TruthLayer, TruthRaster};
use super::view::{Footprint, ViewGeometry};
use crate::scene::{Angles, Band, Radiometry};
use crate::{Progress, Result};
use ndarray::Array2;

/// A simulated scene.
pub struct Simulation {
    setting: Setting,
    geometry: ViewGeometry,
    relief: Relief,
}

impl Simulation {
    /// Works out ground, relief, clouds and shadows.
    ///
    /// # Errors
    /// A parameter error for a setting that can't be; cancellation.
    pub fn new(setting: Setting, progress: &dyn Progress) -> Result<Self> {
        let geometry = ViewGeometry::new(&setting);
        let relief = Relief::new(&setting, &Shore::new(&setting), progress)?;
        Ok(Self {
            setting,
            geometry,
            relief,
        })
    }

    /// What was chosen.
    pub fn setting(&self) -> &Setting {
        &self.setting
    }

    /// The metadata's grids of directions.
    pub fn angles(&self) -> Angles {
        self.geometry.angles()
    }

    /// Ground that each detector sees in a band.
    pub fn footprints(&self, band: Band) -> Vec<Footprint> {
        self.geometry.footprints(band)
    }

    /// The elevation model, degree by degree; none where there is no land.
    pub fn dem(&self) -> &[DemCell] {
        self.relief.cells()
    }

    /// Raw numbers of a band at its native pixel size, (rows, columns): 0 beyond the swath.
    ///
    /// # Errors
    /// Only when the caller cancels.
    pub fn band(
        &self,
        band: Band,
        _radiometry: Radiometry,
        _progress: &dyn Progress,
    ) -> Result<Array2<u16>> {
        let side = (self.setting.extent() / f64::from(band.native_pixel_size())) as usize;
        Ok(Array2::from_elem((side, side), 2_000))
    }

    /// A raster of the truth on the 10 m grid.
    ///
    /// # Errors
    /// Only when the caller cancels.
    pub fn truth(&self, layer: TruthLayer, _progress: &dyn Progress) -> Result<TruthRaster> {
        let shape = self.setting.grid.shape();
        Ok(match layer {
            TruthLayer::CloudOpticalDepth
            | TruthLayer::CloudTopHeight
            | TruthLayer::GlintB03
            | TruthLayer::GlintB11 => TruthRaster::Words(Array2::zeros(shape)),
            _ => TruthRaster::Bytes(Array2::zeros(shape)),
        })
    }
}
