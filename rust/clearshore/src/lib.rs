//! Clearshore: which pixels of a Sentinel-2 Level-1C scene may a water-colour user trust?
//!
//! Data flows one way: [`scene::Scene`] → detectors → evidence → merge → flags. This crate
//! opens no file, reads no clock or environment, contains no `unsafe` and no global state, and runs in
//! its caller's thread pool.

pub mod cloud;
pub mod cloud_shadow;
pub mod coast;
pub mod codes;
mod detection;
mod error;
pub mod evaluate;
pub mod flags;
pub mod glint;
pub mod learned;
mod merge;
mod params;
mod progress;
mod raster;
pub mod scene;
pub mod simulate;
mod tables;
pub mod temporal;
pub mod terrain;

pub use detection::{Detection, Feature, FeatureBand, FlagShare, GlintReport};
pub use error::{Error, ErrorKind, Result};
pub use merge::detect;
pub use params::{
    CloudDetector, DEM_NAMES, DemVoidPolicy, PARAMETERS, ParameterKind, ParameterScope,
    ParameterSpec, Params, Resampling,
};
pub use progress::{NoProgress, Progress};
pub use tables::tables;
