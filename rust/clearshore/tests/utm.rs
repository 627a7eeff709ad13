//! UTM against PROJ: tests/reference/utm_positions.py writes the table.

#![allow(clippy::unwrap_used, clippy::expect_used)]

use approx::assert_abs_diff_eq;
use clearshore::scene::{Geodetic, UtmZone};

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
        // The table has ten decimals of a degree: 11 micrometres each way.
        let projected = zone.project(Geodetic {
            longitude: longitude.to_radians(),
            latitude: latitude.to_radians(),
        });
        assert_abs_diff_eq!(projected.0, easting, epsilon = 3e-5);
        assert_abs_diff_eq!(projected.1, northing, epsilon = 3e-5);
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

#[test]
fn places_have_the_zones_of_the_military_grid() {
    let zone = |longitude: f64, latitude: f64| {
        UtmZone::from_longitude_latitude(Geodetic {
            longitude: longitude.to_radians(),
            latitude: latitude.to_radians(),
        })
    };
    for (longitude, latitude, epsg) in [
        (1.4, 43.6, 32631),    // Toulouse
        (-77.0, -12.0, 32718), // Lima
        (-179.9, -15.0, 32701),
        (179.9, -15.0, 32760),
        (180.0, 15.0, 32601),
        (190.0, 15.0, 32602),
        (5.3, 60.4, 32632), // Bergen: widened zone 32
        (2.9, 60.4, 32631),
        (5.3, 55.9, 32631),
        (8.9, 78.0, 32631),
        (15.6, 78.2, 32633), // Longyearbyen
        (21.1, 78.2, 32635),
        (41.9, 78.2, 32637),
        (42.1, 78.2, 32638),
        (0.1, 0.0, 32631),
        (0.1, -0.001, 32731),
    ] {
        assert_eq!(
            zone(longitude, latitude).unwrap().epsg(),
            epsg,
            "{longitude} {latitude}"
        );
    }
    for (longitude, latitude) in [(0.0, 84.1), (0.0, -80.1), (0.0, f64::NAN), (f64::NAN, 0.0)] {
        assert!(zone(longitude, latitude).is_err(), "{longitude} {latitude}");
    }
}
