//! End-member spectra: TOA reflectance of surfaces and clouds in the thirteen bands.
//!
//! Source: the end-member spectra of the project's table of golden pixels, the few that the scene needs.

use crate::scene::Band;

/// TOA reflectance per band, unitless, in the order of [`Band::ALL`].
pub(super) type Spectrum = [f64; Band::COUNT];

/// Clear deep sea.
pub(super) const DEEP_SEA: Spectrum = [
    0.13, 0.098, 0.065, 0.038, 0.032, 0.027, 0.024, 0.022, 0.02, 0.008, 0.0012, 0.01, 0.007,
];
/// Clear shallow sea over a bright floor.
pub(super) const SHALLOW: Spectrum = [
    0.19, 0.18, 0.17, 0.09, 0.06, 0.04, 0.035, 0.032, 0.03, 0.012, 0.0012, 0.012, 0.008,
];
/// Turbid river plume.
pub(super) const PLUME: Spectrum = [
    0.15, 0.135, 0.145, 0.15, 0.135, 0.095, 0.09, 0.075, 0.06, 0.02, 0.0012, 0.012, 0.008,
];
/// Dry quartz sand.
pub(super) const SAND: Spectrum = [
    0.25, 0.27, 0.32, 0.37, 0.39, 0.41, 0.42, 0.43, 0.44, 0.22, 0.0016, 0.5, 0.45,
];
/// Dense vegetation.
pub(super) const VEGETATION: Spectrum = [
    0.13, 0.1, 0.09, 0.06, 0.11, 0.27, 0.33, 0.34, 0.36, 0.15, 0.0013, 0.17, 0.08,
];
/// White roof.
pub(super) const ROOF: Spectrum = [
    0.4, 0.42, 0.44, 0.46, 0.47, 0.47, 0.47, 0.47, 0.47, 0.25, 0.0016, 0.44, 0.4,
];
/// Grey: asphalt, concrete, a ship's deck.
pub(super) const GREY: Spectrum = [
    0.22, 0.22, 0.22, 0.23, 0.23, 0.23, 0.23, 0.23, 0.23, 0.12, 0.0013, 0.2, 0.18,
];
/// Fresh snow.
pub(super) const SNOW: Spectrum = [
    0.9, 0.92, 0.9, 0.9, 0.89, 0.87, 0.86, 0.86, 0.84, 0.4, 0.004, 0.12, 0.09,
];
/// Opaque cloud.
pub(super) const CLOUD: Spectrum = [
    0.52, 0.5, 0.49, 0.51, 0.53, 0.55, 0.56, 0.57, 0.58, 0.3, 0.02, 0.42, 0.3,
];
/// Thin cirrus over clear deep sea.
pub(super) const CIRRUS_OVER_SEA: Spectrum = [
    0.17, 0.14, 0.11, 0.085, 0.08, 0.078, 0.077, 0.076, 0.075, 0.05, 0.018, 0.055, 0.04,
];
/// Clear deep sea in the shadow of a cloud.
pub(super) const CLOUD_SHADOW_SEA: Spectrum = [
    0.105, 0.075, 0.046, 0.024, 0.02, 0.017, 0.015, 0.014, 0.012, 0.005, 0.0012, 0.006, 0.004,
];
