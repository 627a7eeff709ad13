//! Sun glint by Cox and Munk.

use super::setting::Wind;
use crate::scene::{Band, Direction};

/// Reflectance of sun glint at the top of the atmosphere, unitless.
pub fn glint_reflectance(_sun: Direction, _view: Direction, _wind: Wind, _band: Band) -> f64 {
    0.0
}
