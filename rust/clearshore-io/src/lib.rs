//! Everything of Clearshore that touches a file or a foreign library.

pub mod bands;
pub mod bytes;
pub mod jp2;
pub mod safe;
#[cfg(feature = "gdal")]
pub mod safe_writer;
