//! Sun glint that geometry and wind predict: how bright the sea mirrors the sun.
//!
//! A facet of the sea mirrors the sun toward the sensor when its normal halves the angle between the two
//! ([`Facet`]). How often the waves turn a facet that way is [`SeaSurface::slope_density`], how much of the
//! light it reflects is [`fresnel_reflectance`]; both together are [`SeaSurface::glint_coefficient`]. What
//! the air takes on the way is [`Rayleigh`]. Whitecaps are diffuse and add their own reflectance.
//!
//! All of it is arithmetic on numbers: no allocation and no trigonometry from a [`Facet`] on, so that it
//! can run per pixel. What depends on the wind alone is worked out once, by [`SeaSurface::new`].
//!
//! Angles are radians, azimuths are clockwise from true north and point away from the pixel, to the sun, to
//! the sensor and to where the wind comes from.
//!
//! What a scene makes of it: directions between the nodes of the metadata (`directions`), which detector looked where no
//! footprint tells (`detectors`), the wind (`wind`), the glint of every pixel per band and detector (`lattice`, `prediction`),
//! how strong it is (`strength`, `light`), dark water (`dark_water`), and what it all means (`classes`).
//!
//! Sources: C. Cox and W. Munk, *Measurement of the roughness of the sea surface from photographs of the
//! sun's glitter*, J. Opt. Soc. Am. 44 (1954) 838-850, for slopes and geometry; the other files name theirs.

mod atmosphere;
mod classes;
mod dark_water;
mod detectors;
mod directions;
mod fresnel;
mod geometry;
mod lattice;
mod light;
mod prediction;
mod slopes;
mod strength;
mod stripes;
#[cfg(test)]
mod tests;
mod whitecaps;
mod wind;

pub use atmosphere::{
    BAND_CENTRES, Rayleigh, STANDARD_PRESSURE, SURFACE_PRESSURES, rayleigh_optical_depth,
};
pub use classes::GlintBits;
pub(crate) use classes::{GlintFound, Seen, find};
pub use detectors::nearest_detectors;
pub use fresnel::{INDICES, USUAL_INDEX, fresnel_reflectance, sea_water_index};
pub use geometry::Facet;
pub(crate) use light::GlintLight;
pub(crate) use prediction::Prediction;
pub use prediction::{Circumstances, ViewSource, glinting_bands};
pub use slopes::{LEAST_DIRECTED_WIND, SeaSurface, Wind};
pub(crate) use strength::Strengths;
pub use whitecaps::{whitecap_cover, whitecap_reflectance};
pub use wind::{USUAL_WIND, WindSource};

use std::f64::consts::PI;

/// Solid angle that mirrored rays sweep while the facet's normal sweeps one, beside the cosine of the incidence,
/// unitless: rays turn twice as far as the normal, in two directions (Cox and Munk 1954).
const MIRROR_SPREAD: f64 = 4.0;

impl SeaSurface {
    /// Radiance of glint for a solar irradiance of 1 across the beam, without the air: L_GN, 1/sr. SeaDAS
    /// calls it the glint coefficient.
    ///
    /// `refractive_index` is that of the water, unitless, in [`INDICES`].
    #[inline]
    pub fn glint_coefficient(&self, facet: &Facet, refractive_index: f64) -> f64 {
        let (east, north) = facet.slopes();
        let cos2_tilt = facet.cos_tilt() * facet.cos_tilt();
        fresnel_reflectance(facet.cos_incidence(), refractive_index)
            * self.slope_density(east, north)
            / (MIRROR_SPREAD * facet.cos_view() * cos2_tilt * cos2_tilt)
    }

    /// Reflectance of glint at the surface, π L_GN / cos(sun zenith), unitless, without the air.
    ///
    /// `refractive_index` is that of the water, unitless, in [`INDICES`].
    #[inline]
    pub fn glint_reflectance(&self, facet: &Facet, refractive_index: f64) -> f64 {
        PI * self.glint_coefficient(facet, refractive_index) / facet.cos_sun()
    }
}
