//! Texture of the sea at wave scale, moving while one band after the other looks.

use super::noise::Row;
use super::setting::Setting;
use crate::scene::Band;

pub(super) struct Waves;

impl Waves {
    pub fn new(_setting: &Setting) -> Self {
        Self
    }

    /// Glint relative to its mean along a row, as a band of a detector sees it: about 1.
    pub fn along(&self, _row: Row, _band: Band, _detector: u8, out: &mut [f32]) {
        out.fill(1.0);
    }
}
