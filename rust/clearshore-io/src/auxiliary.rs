//! What a scene takes beside the product's own pixels.

use crate::bright::read_bright_ground;
use crate::dem;
use crate::water::read_water_occurrence;
use clearshore::scene::{Grid, SceneBuilder, WindGrid};
use clearshore::terrain::DemSource;
use clearshore::{Params, Result};
use ndarray::Array2;
use std::fmt;
use std::sync::Arc;

/// Rasters that the parameters name, for a working grid. Every part may be missing.
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
}

impl Auxiliary {
    /// Reads what the parameters name.
    ///
    /// # Errors
    /// Auxiliary: a file that is named is missing or can't be read.
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
            ..Self::default()
        })
    }

    /// Adds it to a scene.
    pub(crate) fn add_to(self, mut builder: SceneBuilder) -> SceneBuilder {
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
        builder
    }
}

impl fmt::Debug for Auxiliary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Auxiliary")
            .field("water_occurrence", &self.water_occurrence.is_some())
            .field("bright", &self.bright.is_some())
            .field("dem", &self.dem.is_some())
            .finish()
    }
}
