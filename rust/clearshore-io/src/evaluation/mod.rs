//! Truth and masks from files, on one grid, for [`clearshore::evaluate`].

mod mask;
mod plane;
mod truth;

pub use mask::{Mask, read_mask};
pub use truth::{SCENE_FILE, Truth, read_truth};

#[cfg(test)]
mod tests;
