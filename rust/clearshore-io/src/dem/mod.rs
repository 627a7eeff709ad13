//! Elevation models in files.

mod hgt;

pub use hgt::{hgt_bytes, hgt_name};
