//! Haze: aerosol between the ground and the sensor.

use super::noise::Row;
use super::setting::Setting;
use crate::scene::Band;

pub(super) struct Haze;

impl Haze {
    pub fn new(_setting: &Setting) -> Self {
        Self
    }

    /// Path reflectance of the haze in B02 along a row.
    pub fn along(&self, _row: Row, out: &mut [f32]) {
        out.fill(0.0);
    }

    /// Path reflectance of a band relative to B02's.
    pub fn relative(_band: Band) -> f32 {
        1.0
    }
}
