//! Where the sun stands, and when Sentinel-2 passes.
//!
//! Source: J. Meeus, *Astronomical Algorithms*, 2nd edition (1998), chapters 7, 12, 13, 22 and 25 (low
//! accuracy: 0.01 degree). Refraction, the sun's parallax (0.002 degree) and the difference between
//! universal and terrestrial time (0.001 degree) are left out.

use crate::scene::{Direction, Geodetic};
use std::f64::consts::{PI, TAU};

/// Julian date of 1 January 2000, 12 h (Meeus, chapter 7).
const JULIAN_2000: f64 = 2_451_545.0;
/// Days in a Julian century.
const DAYS_PER_CENTURY: f64 = 36_525.0;
/// Seconds in a day, and in an hour.
const SECONDS_PER_DAY: f64 = 86_400.0;
const SECONDS_PER_HOUR: f64 = 3_600.0;
/// Mean local solar time when Sentinel-2 crosses the equator southwards, seconds (Sentinel-2 mission:
/// 10:30).
const DESCENDING_NODE: f64 = 10.5 * SECONDS_PER_HOUR;
/// Inclination of Sentinel-2's orbit, degrees (Sentinel-2 mission).
pub(super) const INCLINATION_DEGREES: f64 = 98.62;

/// Julian date of a moment in UTC, Gregorian calendar (Meeus, equation 7.1). `seconds`: since midnight.
pub fn julian_date(year: i32, month: u8, day: u8, seconds: f64) -> f64 {
    // January and February count as months 13 and 14 of the year before.
    let (year, month) = if month <= 2 {
        (year - 1, f64::from(month) + 12.0)
    } else {
        (year, f64::from(month))
    };
    let year = f64::from(year);
    let century = (year / 100.0).floor();
    let gregorian = 2.0 - century + (century / 4.0).floor();
    (365.25 * (year + 4716.0)).floor()
        + (30.6001 * (month + 1.0)).floor()
        + f64::from(day)
        + gregorian
        - 1524.5
        + seconds / SECONDS_PER_DAY
}

/// Direction to the sun from a place: zenith angle without refraction, azimuth from true north.
pub fn sun_direction(julian_date: f64, place: Geodetic) -> Direction {
    let days = julian_date - JULIAN_2000;
    let t = days / DAYS_PER_CENTURY;
    // Meeus, chapter 25: mean longitude, mean anomaly, equation of the centre, in degrees.
    let mean_longitude = 280.466_46 + t * (36_000.769_83 + t * 0.000_303_2);
    let anomaly = (357.529_11 + t * (35_999.050_29 - t * 0.000_153_7)).to_radians();
    let centre = (1.914_602 - t * (0.004_817 + t * 0.000_014)) * anomaly.sin()
        + (0.019_993 - t * 0.000_101) * (2.0 * anomaly).sin()
        + 0.000_289 * (3.0 * anomaly).sin();
    // Nutation and aberration, by the longitude of the Moon's ascending node.
    let node = (125.04 - 1934.136 * t).to_radians();
    let longitude = (mean_longitude + centre - 0.005_69 - 0.004_78 * node.sin()).to_radians();
    // Meeus, equation 22.2, with the correction of chapter 25.
    let obliquity = (23.439_291_1 - t * 0.013_004_2 + 0.002_56 * node.cos()).to_radians();
    let right_ascension = (obliquity.cos() * longitude.sin()).atan2(longitude.cos());
    let declination = (obliquity.sin() * longitude.sin()).asin();
    // Meeus, equation 12.4: mean sidereal time; the nutation in it is below 0.005 degrees.
    let sidereal = (280.460_618_37 + 360.985_647_366_29 * days + t * t * 0.000_387_933)
        .rem_euclid(360.0)
        .to_radians();
    let hour_angle = sidereal + place.longitude - right_ascension;
    // The direction in parts: east, north, up.
    let (sin_latitude, cos_latitude) = place.latitude.sin_cos();
    let (sin_declination, cos_declination) = declination.sin_cos();
    let east = -cos_declination * hour_angle.sin();
    let north = sin_declination * cos_latitude - cos_declination * sin_latitude * hour_angle.cos();
    let up = sin_declination * sin_latitude + cos_declination * cos_latitude * hour_angle.cos();
    Direction {
        zenith: east.hypot(north).atan2(up),
        azimuth: east.atan2(north).rem_euclid(TAU),
    }
}

/// When Sentinel-2 usually passes over a place by day, southwards: seconds of the day in UTC.
///
/// The orbit's plane keeps its angle to the mean sun, so that latitudes north of the equator are
/// crossed farther east of the node and later in local time.
pub fn usual_overpass(place: Geodetic) -> f64 {
    let from_node = (place.latitude.tan() / -INCLINATION_DEGREES.to_radians().tan())
        .clamp(-1.0, 1.0)
        .asin();
    let per_radian = SECONDS_PER_DAY / (2.0 * PI);
    (DESCENDING_NODE + (from_node - place.longitude) * per_radian).rem_euclid(SECONDS_PER_DAY)
}
