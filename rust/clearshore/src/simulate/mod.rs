//! Simulated scenes: pictures whose truth is known, to judge masks and to test readers with.
//!
//! Nothing here is made of the detectors' formulas: the two share the map projection, the grids and the
//! file formats, nothing else. A scene is a set of continuous fields over the ground: the same seed
//! gives the same numbers on any machine and for any thread count.
//!
//! Places are metres east and south of the upper-left corner of the scene's grid.

mod clouds;
mod glint;
mod ground;
mod haze;
mod light;
mod noise;
mod place;
mod relief;
mod render;
mod scene;
mod sensor;
mod setting;
mod shore;
mod spectra;
mod sun;
#[cfg(test)]
mod tests;
mod truth;
mod view;
mod waves;

pub use glint::glint_reflectance;
pub use ground::Surface;
pub use place::Place;
pub use relief::{DemCell, Relief, ReliefShadow, Sunlight};
pub use scene::Simulation;
pub use setting::{
    CloudCover, CloudKind, HAZES, OrbitDirection, Preset, SUN_ELEVATIONS, Setting, SwathEdge,
    WIND_SPEEDS, Wind,
};
pub use sun::{julian_date, sun_direction, usual_overpass};
pub use truth::{TruthLayer, TruthRaster};
pub use view::{Footprint, ViewGeometry};
