//! Everything of Clearshore that touches a file or a foreign library.

pub mod auxiliary;
pub mod bands;
pub mod bright;
pub mod bytes;
#[cfg(feature = "gdal")]
pub mod cog;
pub mod dem;
pub mod displacement;
#[cfg(feature = "gdal")]
pub mod evaluation;
pub mod feed;
pub mod geotiff;
pub mod jp2;
pub mod models;
#[cfg(feature = "onnx")]
pub mod onnx;
pub mod output;
pub mod panics;
pub mod quicklook;
#[cfg(feature = "gdal")]
pub mod raster;
pub mod s2cloudmask;
pub mod safe;
#[cfg(feature = "gdal")]
pub mod safe_writer;
pub mod scene;
#[cfg(feature = "gdal")]
pub mod series;
#[cfg(feature = "gdal")]
pub mod simulation;
pub mod stac;
pub mod staging;
mod static_raster;
pub mod water;
pub mod wind;
pub mod window;
