//! Simulated scenes: pictures whose truth is known, to test readers and detectors with.
//!
//! Nothing here is made of the detectors' formulas. A scene is a set of continuous fields over the
//! ground, sampled at each band's own pixel size: the same seed gives the same numbers on any machine
//! and for any thread count.

mod coast;
mod layout;
mod noise;
mod spectra;
mod view;

pub use coast::{Coast, SurfaceClass};
pub use view::{Footprint, ViewGeometry};
