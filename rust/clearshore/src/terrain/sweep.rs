//! The fast sweep.

use super::{DemSource, Light, ReliefOptions, ReliefShadow};
use crate::scene::Grid;
use crate::{Error, Progress, Result};

/// What relief does to the light on a grid.
///
/// # Errors
/// As [`super::DemSource::cover`]; Cancelled.
pub fn relief_shadow(
    _grid: &Grid,
    _light: Light<'_>,
    _source: &dyn DemSource,
    _options: ReliefOptions,
    _progress: &dyn Progress,
) -> Result<ReliefShadow> {
    Err(Error::internal("not written yet"))
}
