//! Clouds as height fields above the scene.

use super::noise::Row;
use super::setting::{CloudKind, Setting};
use super::shore::Shore;
use super::view::ViewGeometry;
use crate::scene::Band;
use crate::{Progress, Result};

/// Where slanted lines of sight through the pixels of a row go: at height `z` above the ground of
/// pixel k the line has moved `z * (shift + k * change)` metres to the east and south.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slant {
    /// Metres east and south per metre of height, at the first pixel.
    pub shift: [f64; 2],
    /// Change of that from pixel to pixel.
    pub change: [f64; 2],
}

/// What the lines of sight of a row meet in one layer of cloud.
#[derive(Clone, Debug, Default)]
pub(super) struct Columns {
    /// Vertical optical depth, unitless.
    pub optical_depth: Vec<f32>,
    /// Reflectance relative to the kind's end member, about 1.
    pub brightness: Vec<f32>,
    /// Height of the top, metres above the sea; 0 where there is no cloud.
    pub top: Vec<f32>,
}

/// One kind of cloud over the scene and around it.
pub(super) struct Layer;

impl Layer {
    /// Kind.
    pub fn kind(&self) -> CloudKind {
        CloudKind::Cumulus
    }

    /// Reflectance of the layer where it is opaque, unitless, for a top of this height.
    pub fn reflectance(&self, _band: Band, _top: f32) -> f32 {
        0.0
    }

    /// What the lines of sight through the ground points of a row meet; `heights` are those of the
    /// ground. False, and `columns` untouched, where there is no cloud at all.
    pub fn along(
        &self,
        _row: Row,
        _slant: Slant,
        _heights: &[f32],
        _columns: &mut Columns,
    ) -> bool {
        false
    }
}

/// All clouds, the lowest layer first.
pub(super) struct Clouds {
    pub layers: Vec<Layer>,
}

impl Clouds {
    pub fn new(
        _setting: &Setting,
        _shore: &Shore,
        _geometry: &ViewGeometry,
        _progress: &dyn Progress,
    ) -> Result<Self> {
        Ok(Self { layers: Vec::new() })
    }
}
