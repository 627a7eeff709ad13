//! UTM against PROJ: tests/reference/utm_positions.py writes the table.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use approx::assert_abs_diff_eq;
use clearshore::scene::UtmZone;

/// Degrees of latitude per metre, for tolerances.
const DEGREES_PER_METRE: f64 = 1.0 / 111_000.0;

#[test]
fn positions_and_convergence_are_those_of_proj() {
    let table = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/data/utm_positions.csv");
    let mut rows = 0;
    for row in csv::Reader::from_path(table).unwrap().deserialize() {
        let (epsg, easting, northing, longitude, latitude, convergence): (
            u32,
            f64,
            f64,
            f64,
            f64,
            f64,
        ) = row.unwrap();
        let zone = UtmZone::from_epsg(epsg).unwrap();
        let position = zone.geodetic(easting, northing);
        let millimetre = 1e-3 * DEGREES_PER_METRE;
        assert_abs_diff_eq!(
            position.latitude.to_degrees(),
            latitude,
            epsilon = millimetre
        );
        let east = (position.longitude.to_degrees() - longitude + 180.0).rem_euclid(360.0) - 180.0;
        assert_abs_diff_eq!(
            east * latitude.to_radians().cos(),
            0.0,
            epsilon = millimetre
        );
        let ours = zone.convergence(easting, northing).to_degrees();
        assert_abs_diff_eq!(ours, convergence, epsilon = 1e-6);
        rows += 1;
    }
    assert!(rows > 100);
}

#[test]
fn only_utm_zones_on_wgs84_are_taken() {
    for epsg in [32601, 32660, 32701, 32760] {
        assert_eq!(UtmZone::from_epsg(epsg).unwrap().epsg(), epsg);
    }
    for epsg in [0, 4326, 32600, 32661, 32700, 32761, u32::MAX] {
        assert!(UtmZone::from_epsg(epsg).is_err(), "{epsg}");
    }
}
