//! What a scene takes beside the product's own pixels.

use crate::bright::read_bright_ground;
#[cfg(feature = "gdal")]
use crate::safe::Product;
use crate::water::read_water_occurrence;
use crate::{dem, models, wind};
use clearshore::learned::CloudModel;
use clearshore::scene::{Band, Grid, SceneBuilder, WindGrid};
use clearshore::terrain::DemSource;
use clearshore::{Params, Result};
use ndarray::Array2;
use std::fmt;
use std::sync::Arc;

/// Rasters that the parameters name, for a working grid, and the wind. Every part may be missing.
#[derive(Default)]
pub struct Auxiliary {
    /// Static water occurrence, percent, on the working grid; 255 where unknown.
    pub water_occurrence: Option<Array2<u8>>,
    /// Ground that is always bright, percent of clear views, on the working grid.
    pub bright: Option<Array2<u8>>,
    /// Elevation model.
    pub dem: Option<Arc<dyn DemSource + Send>>,
    /// Wind 10 m above the ground.
    pub wind: Option<WindGrid>,
    /// Learned detector.
    pub model: Option<Arc<dyn CloudModel>>,
    /// What the user should know about them, one sentence each.
    pub warnings: Vec<String>,
}

impl Auxiliary {
    /// Reads what the parameters name.
    ///
    /// # Errors
    /// Auxiliary: a file that is named is missing or can't be read; a learned model is not there or not the right one. Parameter:
    /// there is no such model.
    pub fn of_params(params: &Params, grid: &Grid) -> Result<Self> {
        let water = params.water_raster.as_ref();
        let water_occurrence = water.map(|raster| read_water_occurrence(raster, grid));
        let bright = params.bright_raster.as_ref();
        let bright = bright.map(|raster| read_bright_ground(raster, grid));
        let dem = if params.wants_dem() {
            dem::of_params(params)?
        } else {
            None
        };
        Ok(Self {
            water_occurrence: water_occurrence.transpose()?,
            bright: bright.transpose()?,
            dem,
            model: models::of_params(params)?,
            ..Self::default()
        })
    }

    /// With the wind of the product's forecast, where the parameters want it.
    #[cfg(feature = "gdal")]
    pub fn with_forecast(self, product: &Product, params: &Params, grid: &Grid) -> Self {
        if params.wants_forecast() {
            self.with_wind(wind::of_product(product, grid))
        } else {
            self
        }
    }

    /// With wind that was found.
    pub fn with_wind(mut self, (wind, mut warnings): wind::Found) -> Self {
        self.wind = wind;
        self.warnings.append(&mut warnings);
        self
    }

    /// Bands that the learned detector needs.
    pub(crate) fn bands(&self) -> &[Band] {
        let model = self.model.as_ref();
        model.map_or(&[], |model| &model.manifest().bands)
    }

    /// Adds it to a scene, and what the user should know about it to the others' warnings.
    pub(crate) fn add_to(
        mut self,
        mut builder: SceneBuilder,
        warnings: &mut Vec<String>,
    ) -> SceneBuilder {
        warnings.append(&mut self.warnings);
        if let Some(occurrence) = self.water_occurrence {
            builder = builder.water_occurrence(occurrence);
        }
        if let Some(bright) = self.bright {
            builder = builder.bright(bright);
        }
        if let Some(dem) = self.dem {
            builder = builder.dem(dem);
        }
        if let Some(wind) = self.wind {
            builder = builder.wind(wind);
        }
        if let Some(model) = self.model {
            builder = builder.model(model);
        }
        builder
    }
}

impl fmt::Debug for Auxiliary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Auxiliary")
            .field("water_occurrence", &self.water_occurrence.is_some())
            .field("bright", &self.bright.is_some())
            .field("dem", &self.dem.is_some())
            .field("wind", &self.wind.is_some())
            .field("model", &self.model)
            .field("warnings", &self.warnings)
            .finish()
    }
}
