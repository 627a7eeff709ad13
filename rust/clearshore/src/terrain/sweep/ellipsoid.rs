//! Radii and short ways on the WGS84 ellipsoid.

use crate::scene::{Geodetic, WGS84_EQUATORIAL_RADIUS, WGS84_FLATTENING};

/// First eccentricity squared.
const ECCENTRICITY_SQUARED: f64 = WGS84_FLATTENING * (2.0 - WGS84_FLATTENING);
/// Fixed-point steps from Earth-centred to geodetic latitude: each gains more than two digits.
const LATITUDE_STEPS: usize = 5;

/// Radii of curvature of the meridian and of the prime vertical, metres.
pub fn radii(latitude: f64) -> (f64, f64) {
    let root = (1.0 - ECCENTRICITY_SQUARED * latitude.sin().powi(2)).sqrt();
    let prime_vertical = WGS84_EQUATORIAL_RADIUS / root;
    let meridian = prime_vertical * (1.0 - ECCENTRICITY_SQUARED) / (root * root);
    (meridian, prime_vertical)
}

/// Radius of curvature in an azimuth, metres (Euler's formula).
pub fn radius_toward(latitude: f64, azimuth: f64) -> f64 {
    let (meridian, prime_vertical) = radii(latitude);
    1.0 / (azimuth.cos().powi(2) / meridian + azimuth.sin().powi(2) / prime_vertical)
}

/// The place at a distance in metres along the vertical plane of an azimuth: the ground track of a ray.
pub fn along_track(start: Geodetic, azimuth: f64, distance: f64) -> Geodetic {
    let (sin_latitude, cos_latitude) = start.latitude.sin_cos();
    let (sin_longitude, cos_longitude) = start.longitude.sin_cos();
    let (_, prime_vertical) = radii(start.latitude);
    let up = [
        cos_latitude * cos_longitude,
        cos_latitude * sin_longitude,
        sin_latitude,
    ];
    let east = [-sin_longitude, cos_longitude, 0.0];
    let north = [
        -sin_latitude * cos_longitude,
        -sin_latitude * sin_longitude,
        cos_latitude,
    ];
    let radius = radius_toward(start.latitude, azimuth);
    let (sin_angle, cos_angle) = (distance / radius).sin_cos();
    let (sin_azimuth, cos_azimuth) = azimuth.sin_cos();
    let axis = |i: usize| {
        let foot = if i == 2 {
            prime_vertical * (1.0 - ECCENTRICITY_SQUARED) * up[i]
        } else {
            prime_vertical * up[i]
        };
        foot + radius * sin_angle * (sin_azimuth * east[i] + cos_azimuth * north[i])
            + radius * (cos_angle - 1.0) * up[i]
    };
    let (x, y, z) = (axis(0), axis(1), axis(2));
    let from_axis = x.hypot(y);
    let mut latitude = z.atan2(from_axis * (1.0 - ECCENTRICITY_SQUARED));
    for _ in 0..LATITUDE_STEPS {
        let (_, prime_vertical) = radii(latitude);
        latitude = (z + ECCENTRICITY_SQUARED * prime_vertical * latitude.sin()).atan2(from_axis);
    }
    Geodetic {
        longitude: y.atan2(x),
        latitude,
    }
}

/// Place a few metres east and north of another.
pub fn nearby(place: Geodetic, east: f64, north: f64) -> Geodetic {
    let (meridian, prime_vertical) = radii(place.latitude);
    Geodetic {
        longitude: place.longitude + east / (prime_vertical * place.latitude.cos()),
        latitude: place.latitude + north / meridian,
    }
}
