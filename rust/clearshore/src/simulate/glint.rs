//! Sun glint by Cox and Munk.

use super::setting::Wind;
use super::view::ViewGeometry;
use crate::scene::{Band, Direction};
use std::ops::Range;

/// Reflectance of sun glint at the top of the atmosphere, unitless.
pub fn glint_reflectance(_sun: Direction, _view: Direction, _wind: Wind, _band: Band) -> f64 {
    0.0
}

/// Reflectance of whitecaps averaged over the sea, unitless.
pub(super) fn whitecap_reflectance(_wind: Wind) -> f64 {
    0.0
}

/// Sun glint over a scene in one band, from nodes.
pub(super) struct GlintField;

impl GlintField {
    pub fn new(_geometry: &ViewGeometry, _wind: Wind, _band: Band) -> Self {
        Self
    }

    /// Reflectance of glint at the top of the atmosphere at pixels of a row that one detector sees;
    /// `out` has the length of `pixels`.
    pub fn along(
        &self,
        _detector: u8,
        _row: super::noise::Row,
        _pixels: &Range<usize>,
        out: &mut [f32],
    ) {
        out.fill(0.0);
    }
}
