//! The scene: what every detector sees. Immutable, one grid, raw numbers.

mod angles;
mod band;
mod displacement;
mod grid;
#[cfg(test)]
pub(crate) mod made;
mod nodes;
mod utm;
mod wind;

pub use angles::{ALL_DETECTORS, AngleGrid, Angles, Direction};
pub use band::Band;
pub use displacement::{DisplacementSource, QuickLook, Rectangle};
pub use grid::Grid;
pub use nodes::{Nodes, WeightedNode};
pub use utm::{Geodetic, UtmZone, WGS84_EQUATORIAL_RADIUS, WGS84_FLATTENING};
pub use wind::WindGrid;

use crate::learned::CloudModel;
use crate::terrain::DemSource;
use crate::{Error, Result};
use ndarray::Array2;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// Raw DN that means "no data", tested before the radiometric offset (product SPECIAL_VALUE NODATA).
pub const NO_DATA_DN: u16 = 0;
/// Raw DN that means "saturated" unless the product says otherwise (product SPECIAL_VALUE SATURATED).
pub const SATURATED_DN: u16 = 65_535;

/// How raw numbers of a band become TOA reflectance: `(DN + offset) / quantification`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Radiometry {
    /// RADIO_ADD_OFFSET of the band, DN; 0 before baseline 04.00, -1000 after.
    pub offset: i32,
    /// QUANTIFICATION_VALUE of the product, DN per unit of reflectance.
    pub quantification: f64,
}

impl Radiometry {
    /// TOA reflectance, unitless, of a raw number. Keeps its sign.
    pub fn toa_reflectance(&self, dn: u16) -> f64 {
        (f64::from(dn) + f64::from(self.offset)) / self.quantification
    }
}

/// One band on the working grid.
#[derive(Clone, Debug)]
pub struct BandPlane {
    /// Raw numbers, (rows, columns) of the grid; 0 is no data.
    pub dn: Array2<u16>,
    /// How they become reflectance.
    pub radiometry: Radiometry,
}

/// An immutable scene on one grid. Made by [`SceneBuilder`] only.
#[derive(Debug)]
pub struct Scene {
    grid: Grid,
    bands: [Option<BandPlane>; Band::COUNT],
    angles: Angles,
    defective: Option<Array2<bool>>,
    detectors: BTreeMap<Band, Array2<u8>>,
    water_occurrence: Option<Array2<u8>>,
    bright: Option<Array2<u8>>,
    dem: Option<Dem>,
    displacement: Option<Displacement>,
    wind: Option<WindGrid>,
    model: Option<Arc<dyn CloudModel>>,
    saturated_dn: u16,
}

/// A source of bands at their own resolution that a scene holds.
struct Displacement(Arc<dyn DisplacementSource>);

impl fmt::Debug for Displacement {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Displacement")
    }
}

/// An elevation model that a scene holds.
#[derive(Clone)]
struct Dem(Arc<dyn DemSource + Send>);

impl fmt::Debug for Dem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Dem")
    }
}

impl Scene {
    /// The working grid.
    pub fn grid(&self) -> &Grid {
        &self.grid
    }

    /// A band, if the scene has it.
    pub fn band(&self, band: Band) -> Option<&BandPlane> {
        self.bands[band.index()].as_ref()
    }

    /// Directions to the sun and the sensor.
    pub fn angles(&self) -> &Angles {
        &self.angles
    }

    /// Pixels that the product's quality masks call lost, defective or without data.
    pub fn defective(&self) -> Option<&Array2<bool>> {
        self.defective.as_ref()
    }

    /// Which detector saw each pixel in a band, 1 to 12; 0 is outside every footprint.
    pub fn detectors(&self, band: Band) -> Option<&Array2<u8>> {
        self.detectors.get(&band)
    }

    /// Static water occurrence in percent, 0-100; 255 is unknown.
    pub fn water_occurrence(&self) -> Option<&Array2<u8>> {
        self.water_occurrence.as_ref()
    }

    /// Ground that is always bright: in what percentage of clear views it was, 0-100.
    pub fn bright(&self) -> Option<&Array2<u8>> {
        self.bright.as_ref()
    }

    /// The elevation model.
    pub fn dem(&self) -> Option<&dyn DemSource> {
        self.dem.as_ref().map(|dem| &*dem.0 as &dyn DemSource)
    }

    /// The bands in which clouds stand apart from the ground.
    pub fn displacement(&self) -> Option<&dyn DisplacementSource> {
        self.displacement.as_ref().map(|source| &*source.0)
    }

    /// Wind of the forecast that came with the product.
    pub fn wind(&self) -> Option<&WindGrid> {
        self.wind.as_ref()
    }

    /// The learned detector.
    pub fn model(&self) -> Option<&dyn CloudModel> {
        self.model.as_deref()
    }

    /// Raw DN that means "saturated".
    pub fn saturated_dn(&self) -> u16 {
        self.saturated_dn
    }

    /// The near-infrared band: B8A, or B08 where B8A is missing.
    pub fn near_infrared(&self) -> Band {
        if self.band(Band::B8A).is_some() {
            Band::B8A
        } else {
            Band::B08
        }
    }
}

/// The only way to a [`Scene`].
#[derive(Debug)]
pub struct SceneBuilder {
    scene: Scene,
}

impl SceneBuilder {
    /// Bands without which nothing can be said; beside them one of B8A and B08.
    pub const REQUIRED: [Band; 4] = [Band::B02, Band::B03, Band::B04, Band::B11];

    /// Starts an empty scene on a grid.
    pub fn new(grid: Grid) -> Self {
        Self {
            scene: Scene {
                grid,
                bands: [const { None }; Band::COUNT],
                angles: Angles::default(),
                defective: None,
                detectors: BTreeMap::new(),
                water_occurrence: None,
                bright: None,
                dem: None,
                displacement: None,
                wind: None,
                model: None,
                saturated_dn: SATURATED_DN,
            },
        }
    }

    /// Adds a band.
    pub fn band(mut self, band: Band, plane: BandPlane) -> Self {
        self.scene.bands[band.index()] = Some(plane);
        self
    }

    /// Adds the directions.
    pub fn angles(mut self, angles: Angles) -> Self {
        self.scene.angles = angles;
        self
    }

    /// Adds the pixels that the quality masks call lost, defective or without data.
    pub fn defective(mut self, defective: Array2<bool>) -> Self {
        self.scene.defective = Some(defective);
        self
    }

    /// Adds the numbers of the detectors that saw the pixels in a band, 1 to 12; 0 is outside every footprint.
    pub fn detectors(mut self, band: Band, detectors: Array2<u8>) -> Self {
        self.scene.detectors.insert(band, detectors);
        self
    }

    /// Adds static water occurrence in percent; 255 is unknown.
    pub fn water_occurrence(mut self, occurrence: Array2<u8>) -> Self {
        self.scene.water_occurrence = Some(occurrence);
        self
    }

    /// Adds ground that is always bright: in what percentage of clear views it was, 0-100.
    pub fn bright(mut self, bright: Array2<u8>) -> Self {
        self.scene.bright = Some(bright);
        self
    }

    /// Adds an elevation model.
    pub fn dem(mut self, dem: Arc<dyn DemSource + Send>) -> Self {
        self.scene.dem = Some(Dem(dem));
        self
    }

    /// Adds the bands in which clouds stand apart from the ground.
    pub fn displacement(mut self, source: Arc<dyn DisplacementSource>) -> Self {
        self.scene.displacement = Some(Displacement(source));
        self
    }

    /// Adds the wind of the forecast that came with the product.
    pub fn wind(mut self, wind: WindGrid) -> Self {
        self.scene.wind = Some(wind);
        self
    }

    /// Adds the learned detector that parameters may ask for.
    pub fn model(mut self, model: Arc<dyn CloudModel>) -> Self {
        self.scene.model = Some(model);
        self
    }

    /// Sets the raw DN that means "saturated".
    pub fn saturated_dn(mut self, dn: u16) -> Self {
        self.scene.saturated_dn = dn;
        self
    }

    /// Checks and gives the scene.
    pub fn build(self) -> Result<Scene> {
        let scene = self.scene;
        let missing: Vec<&str> = Self::missing(|band| scene.band(band).is_some()).collect();
        if !missing.is_empty() {
            return Err(Self::missing_bands(&missing));
        }
        let shape = scene.grid.shape();
        let misshapen = |what: String, got: (usize, usize)| {
            Error::internal(format!("{what} is not on the working grid"))
                .got(format!("{} x {}", got.0, got.1))
                .expected(format!("{} x {}", shape.0, shape.1))
        };
        for band in Band::ALL {
            if let Some(plane) = scene.band(band) {
                if plane.dn.dim() != shape {
                    return Err(misshapen(format!("band {band}"), plane.dn.dim()));
                }
                if plane.radiometry.quantification.is_nan()
                    || plane.radiometry.quantification <= 0.0
                {
                    return Err(Error::product("the quantification value is not positive")
                        .at(band)
                        .got(plane.radiometry.quantification));
                }
            }
        }
        if let Some(mask) = &scene.defective
            && mask.dim() != shape
        {
            return Err(misshapen("the quality mask".into(), mask.dim()));
        }
        for (band, detectors) in &scene.detectors {
            if detectors.dim() != shape {
                let what = format!("the detector footprint of {band}");
                return Err(misshapen(what, detectors.dim()));
            }
        }
        for (what, raster) in [
            ("the water raster", &scene.water_occurrence),
            ("the bright raster", &scene.bright),
        ] {
            if let Some(raster) = raster
                && raster.dim() != shape
            {
                return Err(misshapen(what.into(), raster.dim()));
            }
        }
        Ok(scene)
    }

    /// Names of the required bands that are not there: `present` says which are.
    pub fn missing(present: impl Fn(Band) -> bool) -> impl Iterator<Item = &'static str> {
        let near_infrared = present(Band::B8A) || present(Band::B08);
        let others = Self::REQUIRED.map(|band| (!present(band)).then_some(band.name()));
        others
            .into_iter()
            .flatten()
            .chain((!near_infrared).then_some("B8A or B08"))
    }

    /// The error for required bands that are not there.
    pub fn missing_bands(missing: &[&str]) -> Error {
        Error::product("required bands are missing")
            .got(format!("no {}", missing.join(", no ")))
            .expected("B02, B03, B04, B11 and one of B8A, B08")
            .advice("use a complete Level-1C product")
    }
}
