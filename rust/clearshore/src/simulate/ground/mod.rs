//! What the ground is made of.

mod surface;

pub use surface::Surface;

use super::setting::Setting;
use super::shore::Shore;
use ndarray::{Array2, ArrayView2};
use std::ops::Range;

/// What a 10 m pixel is made of: two surfaces side by side.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Mixture {
    /// The larger part.
    pub first: Surface,
    /// The smaller part.
    pub second: Surface,
    /// Share of the second, in 255ths: at most 127.
    pub share: u8,
    /// Brightness relative to the end members: 128 is 1, one step 1/640 (0.8 to 1.2).
    pub brightness: u8,
}

pub(super) struct Ground;

impl Ground {
    pub fn new(_setting: &Setting, _shore: &Shore) -> Self {
        Self
    }

    /// Mixtures of some rows of the 10 m grid, given the heights of their ground.
    pub fn rows(&self, rows: Range<usize>, heights: ArrayView2<'_, f32>) -> Array2<Mixture> {
        Array2::default((rows.len(), heights.ncols()))
    }
}
