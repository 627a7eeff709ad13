//! How clouds let light through and send it back.

use super::super::setting::CloudKind;
use super::super::spectra::{CLOUD, Spectrum};
use crate::scene::Band;

/// Asymmetry of scattering by cloud droplets in sunlight, unitless (Slingo 1989: 0.85 to 0.87).
const ASYMMETRY: f32 = 0.85;
/// Length of the mean diffuse path relative to the vertical, unitless (hemispheric mean of the
/// two-stream equations: 2).
const DIFFUSE_PATH: f32 = 2.0;
/// Share of the optical depth that takes light out of the sun's beam: free choice between 1 (all that
/// is scattered) and 0.5 (all but the diffraction peak of large droplets, half of what is scattered).
const OUT_OF_BEAM: f32 = 0.75;
/// Low stratus: TOA reflectance of the project's table of golden pixels.
const STRATUS: Spectrum = [
    0.3, 0.27, 0.25, 0.245, 0.245, 0.245, 0.245, 0.245, 0.245, 0.12, 0.0015, 0.2, 0.14,
];
/// Reflectance of ice cloud in B11 and B12 relative to water cloud: ice absorbs more (free choice).
const ICE: [(Band, f64); 2] = [(Band::B11, 0.7), (Band::B12, 0.65)];

/// Height over which water vapour falls to 1/e, metres (standard atmosphere: about 2 km).
const VAPOUR_SCALE: f64 = 2_000.0;
/// Reflectance in B10 of what lies below all vapour: every dark row of the golden pixels.
const B10_BELOW: f64 = 0.0012;
/// Reflectance in B10 of an opaque cloud above all vapour (free choice).
const B10_ABOVE: f64 = 0.40;
/// Optical depth in B10 of all vapour, there and back: gives the golden thick cloud's 0.020 at 2500 m.
const B10_VAPOUR: f64 = 10.67;
/// Reflectance in B09 relative to B8A by height of the reflecting surface, metres: clear sea,
/// low stratus, thick cloud and (less 0.9 of the sea below it) thin cirrus of the golden pixels.
const B09_TO_B8A: [(f64, f64); 4] = [
    (0.0, 0.40),
    (600.0, 0.490),
    (2_500.0, 0.517),
    (10_000.0, 0.75),
];
/// Height between the nodes of the tables below, metres.
const TABLE_STEP: f64 = 50.0;
/// Nodes of the tables: up to 12 km.
const TABLE_NODES: usize = 241;

/// Share of light that a cloud lets through on one way: `T = exp(-2 (1 - g) tau)`, g = 0.85.
///
/// A pixel below it has reflectance `rho T^2 + (1 - T^2) rho_cloud`: the cloud's part is 0.16 at an
/// optical depth of 0.3 and 0.83 at 3.
pub(in super::super) fn transmission(optical_depth: f32) -> f32 {
    (-DIFFUSE_PATH * (1.0 - ASYMMETRY) * optical_depth).exp()
}

/// Share of the sun's direct light behind a cloud: `exp(-0.75 tau / cos s)`.
pub(in super::super) fn direct_transmission(optical_depth: f32, cos_sun_zenith: f32) -> f32 {
    (-OUT_OF_BEAM * optical_depth / cos_sun_zenith).exp()
}

/// Reflectance of an opaque cloud by band and height.
#[derive(Clone, Debug)]
pub(super) struct Whiteness {
    bands: [f32; Band::COUNT],
    b09: Vec<f32>,
    b10: Vec<f32>,
}

impl Whiteness {
    pub fn new(kind: CloudKind) -> Self {
        let mut spectrum = match kind {
            CloudKind::Cumulus | CloudKind::Humilis | CloudKind::Cirrus => CLOUD,
            CloudKind::Stratus | CloudKind::Fog => STRATUS,
        };
        if kind == CloudKind::Cirrus {
            for (band, factor) in ICE {
                spectrum[band.index()] *= factor;
            }
        }
        let table = |value: &dyn Fn(f64) -> f64| {
            let height = |node: usize| node as f64 * TABLE_STEP;
            (0..TABLE_NODES)
                .map(|node| value(height(node)) as f32)
                .collect()
        };
        let b8a = spectrum[Band::B8A.index()];
        Self {
            bands: spectrum.map(|value| value as f32),
            b09: table(&|top| b8a * b09_to_b8a(top)),
            b10: table(&b10),
        }
    }

    /// Reflectance, unitless, with the top at this height in metres.
    pub fn reflectance(&self, band: Band, top: f32) -> f32 {
        match band {
            Band::B09 => look_up(&self.b09, top),
            Band::B10 => look_up(&self.b10, top),
            _ => self.bands[band.index()],
        }
    }
}

/// Linear between the nodes of a table over height.
fn look_up(table: &[f32], top: f32) -> f32 {
    let place = top * (1.0 / TABLE_STEP as f32);
    let node = (place as usize).min(TABLE_NODES - 2);
    table[node] + (place - node as f32) * (table[node + 1] - table[node])
}

/// Reflectance in B10: the vapour above the top dims it exponentially.
fn b10(top: f64) -> f64 {
    let vapour = B10_VAPOUR * (-top / VAPOUR_SCALE).exp();
    B10_BELOW + B10_ABOVE * (-vapour).exp()
}

/// Reflectance in B09 relative to B8A.
fn b09_to_b8a(top: f64) -> f64 {
    let above = B09_TO_B8A.iter().position(|(height, _)| *height > top);
    let upper = above.unwrap_or(B09_TO_B8A.len() - 1).max(1);
    let [(z0, r0), (z1, r1)] = [B09_TO_B8A[upper - 1], B09_TO_B8A[upper]];
    r0 + (top - z0) / (z1 - z0) * (r1 - r0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn near(value: f32, expected: f64, tolerance: f64) -> bool {
        (f64::from(value) - expected).abs() <= tolerance
    }

    #[test]
    fn vapour_bands_rise_with_height_through_the_golden_pixels() {
        // Thick cloud at 2500 m: B09 0.3, B10 0.020; stratus at 600 m: 0.12, 0.0015.
        let cumulus = Whiteness::new(CloudKind::Cumulus);
        assert!(near(cumulus.reflectance(Band::B10, 2_500.0), 0.020, 1e-4));
        assert!(near(cumulus.reflectance(Band::B09, 2_500.0), 0.3, 1e-3));
        let stratus = Whiteness::new(CloudKind::Stratus);
        assert!(near(stratus.reflectance(Band::B10, 600.0), 0.0015, 2e-4));
        assert!(near(stratus.reflectance(Band::B09, 600.0), 0.12, 1e-3));
        let cirrus = Whiteness::new(CloudKind::Cirrus);
        assert!(near(cirrus.reflectance(Band::B10, 10_000.0), 0.36, 0.02));
        for band in [Band::B09, Band::B10] {
            let heights = (0..=1_300).map(|k| k as f32 * 10.0);
            let values: Vec<f32> = heights.map(|z| cirrus.reflectance(band, z)).collect();
            assert!(values.windows(2).all(|pair| pair[1] >= pair[0]), "{band:?}");
        }
    }

    #[test]
    fn the_table_equals_the_formula() {
        let cumulus = Whiteness::new(CloudKind::Cumulus);
        for k in 0..1_200 {
            let top = f64::from(k) * 10.0;
            let vapour = 10.67 * (-top / 2_000.0).exp();
            let expected = 0.0012 + 0.4 * (-vapour).exp();
            let found = cumulus.reflectance(Band::B10, top as f32);
            assert!(near(found, expected, 1e-4), "{top}: {found} {expected}");
        }
    }

    #[test]
    fn end_members_are_the_golden_pixels() {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/../../../shared/golden/cloud/golden_pixels.csv"
        );
        let Ok(mut table) = csv::Reader::from_path(path) else {
            eprintln!("skipped: no table of golden pixels");
            return;
        };
        for record in table.records().map(Result::unwrap) {
            let kind = match &record[0] {
                "thick_cloud" => CloudKind::Cumulus,
                "low_stratus_sea" => CloudKind::Stratus,
                _ => continue,
            };
            let top = match kind {
                CloudKind::Cumulus => 2_500.0,
                _ => 600.0,
            };
            for band in Band::ALL {
                let expected: f64 = record[band.index() + 1].parse().unwrap();
                let found = Whiteness::new(kind).reflectance(band, top);
                assert!(near(found, expected, 5e-4), "{kind:?} {band:?} {found}");
            }
        }
    }

    #[test]
    fn thin_clouds_show_the_ground_and_thick_ones_hide_it() {
        let cloud = |depth| 1.0 - transmission(depth).powi(2);
        assert!((0.15..0.3).contains(&cloud(0.3)));
        assert!(cloud(3.0) >= 0.8 && cloud(20.0) > 0.999);
        assert_eq!(
            (transmission(0.0), direct_transmission(0.0, 0.5)),
            (1.0, 1.0)
        );
        // exp(-0.75 * 3 / 0.5) = exp(-4.5)
        assert!(near(direct_transmission(3.0, 0.5), 0.011_109, 1e-5));
        assert!(direct_transmission(3.0, 1.0) < 0.11);
    }
}
