//! Everything of Clearshore that touches a file or a foreign library.

pub mod bytes;
#[cfg(feature = "gdal")]
pub mod cog;
#[cfg(feature = "gdal")]
pub mod raster;
pub mod safe;
pub mod staging;
