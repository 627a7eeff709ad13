//! Many dates of one place: what is usual at a pixel, how far dates are from that, and which masks that corrects.
//!
//! `geomedian` finds the usual spectrum, `mads` how much the dates differ from it, `judge` what each date's mask got wrong, and
//! `improve` puts that into flags. `stack` goes over the rows of blocks that the caller reads.

mod geomedian;
mod improve;
mod judge;
mod mads;
mod stack;

pub use geomedian::{Search, geomedian};
pub use improve::{Changes, improve};
pub use judge::{Judge, Verdict};
pub use mads::{MADS, mads};
pub use stack::{Composite, DateRows, compose, judge_rows};

pub use crate::learned::s2cloudmask::BANDS;

/// TOA reflectances in the order of [`BANDS`].
pub type Spectrum = crate::learned::s2cloudmask::Pixel;
/// A spectrum in double precision.
pub type Wide = [f64; BANDS.len()];
