//! ATBD step 10: where land and water meet, and what is special there.

mod domains;
mod haze;
mod whitecap;

pub(crate) use domains::find_domains;
pub(crate) use haze::mark_haze;
pub(crate) use whitecap::mark_whitecaps;

use bitflags::bitflags;

bitflags! {
    /// What the coast makes of a pixel.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct CoastBits: u8 {
        /// Within the coastal strip, on either side of the shore.
        const STRIP = 1;
        /// Water near enough to the shore for surf.
        const SURF = 1 << 1;
        /// Between the tides: water at times.
        const INTERTIDAL = 1 << 2;
        /// Surf, foam, breaking waves.
        const WHITECAP = 1 << 3;
        /// Haze, smoke or thick aerosol over water.
        const HAZE = 1 << 4;
        /// Sand, or ground known to be bright, that looked like cloud.
        const SAND_CLEARED = 1 << 5;
        /// Surf that looked like cloud.
        const SURF_CLEARED = 1 << 6;
        /// A ship, a platform or a plane that looked like cloud.
        const BRIGHT_TARGET = 1 << 7;
    }
}
