//! End-member spectra: TOA reflectance of surfaces and clouds in the thirteen bands.
//!
//! Sources: the end members of the project's table of golden pixels, number for number, where it has one
//! (invented there, but plausible). The others are free choices in the shape of published spectra: each
//! says how it was made. They hold the same air as the table's: 0.10 to 0.12 of path reflectance in B01,
//! 0.06 to 0.07 in B02, next to nothing beyond 1 µm; little comes through in B09 and B10.

use crate::scene::Band;

/// TOA reflectance per band, unitless, in the order of [`Band::ALL`].
pub(super) type Spectrum = [f64; Band::COUNT];

/// Nothing seen.
pub(super) const NO_DATA: Spectrum = [0.0; Band::COUNT];
/// Clear deep sea.
pub(super) const DEEP_SEA: Spectrum = [
    0.13, 0.098, 0.065, 0.038, 0.032, 0.027, 0.024, 0.022, 0.02, 0.008, 0.0012, 0.01, 0.007,
];
/// Sea over the shelf: three parts of deep sea, one of turbid plume, greener for its algae.
pub(super) const SHELF: Spectrum = [
    0.132, 0.105, 0.088, 0.062, 0.055, 0.042, 0.04, 0.034, 0.03, 0.011, 0.0012, 0.0105, 0.0073,
];
/// Turbid river plume.
pub(super) const PLUME: Spectrum = [
    0.15, 0.135, 0.145, 0.15, 0.135, 0.095, 0.09, 0.075, 0.06, 0.02, 0.0012, 0.012, 0.008,
];
/// Very turbid estuary.
pub(super) const ESTUARY: Spectrum = [
    0.16, 0.15, 0.17, 0.19, 0.19, 0.16, 0.165, 0.15, 0.125, 0.03, 0.0012, 0.018, 0.01,
];
/// Clear shallow water over a reef.
pub(super) const REEF: Spectrum = [
    0.19, 0.18, 0.17, 0.09, 0.06, 0.04, 0.035, 0.032, 0.03, 0.012, 0.0012, 0.012, 0.008,
];
/// Lake: darker than the sea in the blue for its dissolved organic matter, a weak peak of algae in the
/// green and at 705 nm.
pub(super) const LAKE: Spectrum = [
    0.118, 0.087, 0.07, 0.045, 0.044, 0.03, 0.028, 0.026, 0.023, 0.009, 0.0012, 0.0105, 0.007,
];
/// Surf: foam of breaking waves.
pub(super) const SURF: Spectrum = [
    0.34, 0.33, 0.32, 0.31, 0.3, 0.28, 0.27, 0.26, 0.24, 0.1, 0.0013, 0.06, 0.03,
];
/// Sea ice.
pub(super) const SEA_ICE: Spectrum = [
    0.6, 0.6, 0.58, 0.56, 0.54, 0.5, 0.48, 0.47, 0.44, 0.2, 0.0015, 0.05, 0.03,
];
/// A ship's deck, grey and flat.
pub(super) const SHIP_DECK: Spectrum = [
    0.22, 0.22, 0.22, 0.23, 0.23, 0.23, 0.23, 0.23, 0.23, 0.12, 0.0013, 0.2, 0.18,
];
/// Dense green vegetation.
pub(super) const VEGETATION: Spectrum = [
    0.13, 0.1, 0.09, 0.06, 0.11, 0.27, 0.33, 0.34, 0.36, 0.15, 0.0013, 0.17, 0.08,
];
/// Conifers: half as bright as green fields in the near infrared, as stands with shade between them are.
pub(super) const FOREST: Spectrum = [
    0.118, 0.086, 0.068, 0.048, 0.072, 0.15, 0.18, 0.19, 0.2, 0.085, 0.0012, 0.085, 0.04,
];
/// Bare brown soil and weathered rock: rises steadily from the blue to the SWIR, drops at the clays'
/// 2.2 µm band.
pub(super) const SOIL: Spectrum = [
    0.135, 0.12, 0.13, 0.155, 0.175, 0.195, 0.21, 0.22, 0.235, 0.11, 0.0013, 0.31, 0.25,
];
/// Dry quartz sand.
pub(super) const QUARTZ_SAND: Spectrum = [
    0.25, 0.27, 0.32, 0.37, 0.39, 0.41, 0.42, 0.43, 0.44, 0.22, 0.0016, 0.5, 0.45,
];
/// Bright coral sand.
pub(super) const CORAL_SAND: Spectrum = [
    0.34, 0.36, 0.41, 0.44, 0.45, 0.46, 0.46, 0.47, 0.47, 0.24, 0.0016, 0.43, 0.36,
];
/// Wet tidal mud.
pub(super) const MUD: Spectrum = [
    0.15, 0.13, 0.13, 0.14, 0.145, 0.15, 0.15, 0.15, 0.15, 0.06, 0.0012, 0.1, 0.06,
];
/// White roof.
pub(super) const WHITE_ROOF: Spectrum = [
    0.4, 0.42, 0.44, 0.46, 0.47, 0.47, 0.47, 0.47, 0.47, 0.25, 0.0016, 0.44, 0.4,
];
/// Grey roof, of slate, gravel or fibre cement: dull, rising a little, not as flat as a ship's deck.
pub(super) const GREY_ROOF: Spectrum = [
    0.175, 0.165, 0.165, 0.17, 0.178, 0.185, 0.19, 0.195, 0.2, 0.1, 0.0013, 0.215, 0.19,
];
/// Asphalt: dark, rising slowly to the SWIR.
pub(super) const STREET: Spectrum = [
    0.14, 0.122, 0.118, 0.122, 0.128, 0.135, 0.14, 0.145, 0.152, 0.075, 0.0013, 0.185, 0.17,
];
/// Salt pan: white halite, damp, so that it falls in the SWIR.
pub(super) const SALT_PAN: Spectrum = [
    0.38, 0.41, 0.45, 0.48, 0.49, 0.5, 0.5, 0.5, 0.5, 0.25, 0.0017, 0.38, 0.29,
];
/// Fresh snow.
pub(super) const SNOW: Spectrum = [
    0.9, 0.92, 0.9, 0.9, 0.89, 0.87, 0.86, 0.86, 0.84, 0.4, 0.004, 0.12, 0.09,
];
/// Opaque cloud.
pub(super) const CLOUD: Spectrum = [
    0.52, 0.5, 0.49, 0.51, 0.53, 0.55, 0.56, 0.57, 0.58, 0.3, 0.02, 0.42, 0.3,
];
/// Clear deep sea in the shadow of a cloud.
pub(super) const CLOUD_SHADOW_SEA: Spectrum = [
    0.105, 0.075, 0.046, 0.024, 0.02, 0.017, 0.015, 0.014, 0.012, 0.005, 0.0012, 0.006, 0.004,
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn end_members_are_those_of_the_golden_table() {
        let path = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../../shared/golden/cloud/golden_pixels.csv");
        if !path.exists() {
            eprintln!("skipped: {} is not here", path.display());
            return;
        }
        let golden: [(&str, Spectrum); 15] = [
            ("clear_deep_sea", DEEP_SEA),
            ("turbid_plume", PLUME),
            ("very_turbid_estuary", ESTUARY),
            ("shallow_reef", REEF),
            ("surf_foam", SURF),
            ("sea_ice", SEA_ICE),
            ("ship_deck", SHIP_DECK),
            ("vegetation", VEGETATION),
            ("white_sand_dry", QUARTZ_SAND),
            ("coral_sand_bright", CORAL_SAND),
            ("tidal_mud_wet", MUD),
            ("white_roof", WHITE_ROOF),
            ("snow_fresh", SNOW),
            ("thick_cloud", CLOUD),
            ("cloud_shadow_sea", CLOUD_SHADOW_SEA),
        ];
        let mut table = csv::Reader::from_path(path).unwrap();
        let columns = table.headers().unwrap().clone();
        let rows: Vec<csv::StringRecord> = table.records().map(Result::unwrap).collect();
        for (name, spectrum) in golden {
            let row = rows.iter().find(|row| &row[0] == name).unwrap();
            for (band, value) in Band::ALL.into_iter().zip(spectrum) {
                let column = columns.iter().position(|c| c == format!("{band:?}"));
                assert_eq!(row[column.unwrap()].parse(), Ok(value), "{name} {band:?}");
            }
        }
    }

    #[test]
    fn asphalt_rises_to_the_swir_and_a_deck_does_not() {
        let ratio =
            |spectrum: Spectrum| spectrum[Band::B11 as usize] / spectrum[Band::B04 as usize];
        assert!(ratio(STREET) > 1.4 && ratio(SHIP_DECK) < 1.0);
    }
}
