//! Relief shadow: the line of sight from each ground point to the sun, over a digital elevation model.
//!
//! Everything here works on the bilinear surface between a DEM's nodes, on the WGS84 ellipsoid. A pixel is
//! only called lit or shadowed when all heights that its answer depends on are known.

pub mod exact;
mod mosaic;
mod patch;
mod source;
mod sweep;

pub use mosaic::patch_over;
pub use patch::{DemFrame, DemPatch};
pub use source::{Content, Cover, DemSource};
pub use sweep::relief_shadow;

use crate::scene::{AngleGrid, Direction};
use bitflags::bitflags;
use ndarray::Array2;

bitflags! {
    /// What relief does to the direct sunlight of a pixel. None of them: lit.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Relief: u8 {
        /// Relief blocks the line of sight to the sun's centre.
        const CAST = 1;
        /// The slope faces away from the sun.
        const SELF = 1 << 1;
        /// The answer depends on heights that are not known.
        const UNKNOWN = 1 << 2;
    }
}

/// Directions to the light (the sun, or the sensor) over a grid; azimuths from TRUE north, radians.
#[derive(Clone, Copy, Debug)]
pub enum Light<'a> {
    /// At the nodes of a product's metadata.
    Grid(&'a AngleGrid),
    /// The same angles above the local horizon at every pixel.
    Uniform(Direction),
}

/// What is to be found beside the shadow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReliefOptions {
    /// Also `sun_visibility`.
    pub visibility: bool,
    /// Also `cos_incidence`.
    pub incidence: bool,
    /// Whether rays are bent by the standard atmosphere.
    pub refraction: bool,
}

/// What relief does to the light on a grid, (rows, columns).
#[derive(Debug)]
pub struct ReliefShadow {
    /// [`Relief`] bits.
    pub bits: Array2<u8>,
    /// Part of the sun's disc that relief leaves visible, 0 to 1; NaN where unknown.
    pub sun_visibility: Option<Array2<f32>>,
    /// Cosine of the angle between the slope's normal and the sun; NaN where unknown.
    pub cos_incidence: Option<Array2<f32>>,
    /// Names of DEM cells that are missing and on which pixels depend, sorted.
    pub missing: Vec<String>,
}
