//! The few pixel tools that several detectors share.

mod distance;
mod histogram;
mod strips;

pub use distance::within_distance;
pub use histogram::{Histogram, ValueHistogram};
pub use strips::{fill_strips, fold_strips, strip_count};
