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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::UtmZone;

    fn place(latitude: f64, longitude: f64) -> Geodetic {
        Geodetic {
            longitude: longitude.to_radians(),
            latitude: latitude.to_radians(),
        }
    }

    /// Angle between two directions, degrees.
    fn apart(a: Direction, b: Direction) -> f64 {
        let cos = a.zenith.cos() * b.zenith.cos()
            + a.zenith.sin() * b.zenith.sin() * (a.azimuth - b.azimuth).cos();
        cos.min(1.0).acos().to_degrees()
    }

    #[test]
    fn julian_dates_are_those_of_the_book() {
        // Meeus, chapter 7, in the Gregorian calendar.
        let noon = SECONDS_PER_DAY / 2.0;
        for ((year, month, day, seconds), expected) in [
            ((2000, 1, 1, noon), 2_451_545.0),
            ((1999, 1, 1, 0.0), 2_451_179.5),
            ((1987, 6, 19, noon), 2_446_966.0),
            ((1988, 1, 27, 0.0), 2_447_187.5),
            ((1600, 12, 31, 0.0), 2_305_812.5),
            ((1957, 10, 4, 0.81 * SECONDS_PER_DAY), 2_436_116.31),
        ] {
            let date = julian_date(year, month, day, seconds);
            assert!((date - expected).abs() < 1e-6, "{date} {expected}");
        }
    }

    #[test]
    fn the_sun_stands_where_the_solar_position_algorithm_has_it() {
        // Reda and Andreas, NREL/TP-560-34302 (2008), the worked example: 17 October 2003, 12:30:30 at
        // UTC - 7 h; topocentric zenith 50.11162, of which refraction takes 0.0162, azimuth 194.34024.
        let date = julian_date(2003, 10, 17, 19.5 * SECONDS_PER_HOUR + 30.0);
        let sun = sun_direction(date, place(39.742_476, -105.178_6));
        let published = Direction::from_degrees(50.111_62 + 0.016_2, 194.340_24);
        assert!(apart(sun, published) < 0.015, "{}", apart(sun, published));
    }

    #[test]
    fn the_sun_stands_where_products_have_it() {
        // Tile's upper-left corner, sensing time, mean sun angles of all products at hand whose
        // time is the tile's own (up to baseline 02.06 it is the data strip's).
        for (epsg, easting, northing, (year, month, day, hour, minute, second), sun) in [
            (
                32631,
                300_000.0,
                4_900_020.0,
                (2024, 1, 20, 10, 58, 50.5),
                (65.7554, 162.6892),
            ),
            (
                32718,
                199_980.0,
                8_700_040.0,
                (2022, 1, 25, 15, 26, 35.5),
                (28.3757, 107.1090),
            ),
            (
                32644,
                300_000.0,
                1_000_020.0,
                (2021, 11, 21, 5, 16, 25.9),
                (33.3921, 148.7832),
            ),
            (
                32701,
                99_960.0,
                8_300_020.0,
                (2020, 7, 17, 22, 20, 29.7),
                (45.1831, 36.1960),
            ),
            (
                32756,
                399_960.0,
                7_000_000.0,
                (2021, 4, 25, 23, 54, 23.4),
                (49.4618, 37.3808),
            ),
            (
                32610,
                499_980.0,
                4_300_020.0,
                (2020, 9, 29, 19, 13, 54.1),
                (42.5008, 163.0069),
            ),
            (
                32753,
                699_960.0,
                6_900_040.0,
                (2020, 10, 31, 0, 55, 11.0),
                (26.8398, 62.9425),
            ),
            (
                32634,
                300_000.0,
                6_100_020.0,
                (2023, 8, 23, 10, 5, 35.3),
                (43.8766, 165.0305),
            ),
        ] {
            let zone = UtmZone::from_epsg(epsg).unwrap();
            let centre = zone.geodetic(easting + 54_900.0, northing - 54_900.0);
            let seconds = f64::from(hour * 3_600 + minute * 60) + second;
            let ours = sun_direction(julian_date(year, month, day, seconds), centre);
            let theirs = Direction::from_degrees(sun.0, sun.1);
            assert!(
                apart(ours, theirs) < 0.05,
                "{epsg}: {}",
                apart(ours, theirs)
            );
        }
    }

    #[test]
    fn overpasses_are_when_products_were_sensed() {
        // Middle of the tile, sensing time in hours; the swath is 290 km wide, up to 10 minutes.
        for (latitude, longitude, hour, minute) in [
            (43.74, 1.18, 10, 58),
            (-12.25, -77.24, 15, 27),
            (8.54, 79.68, 5, 16),
            (-15.86, -179.24, 22, 20),
            (-27.62, 152.54, 23, 54),
            (54.54, 18.78, 10, 5),
            (38.35, -122.37, 19, 14),
        ] {
            let usual = usual_overpass(place(latitude, longitude));
            let real = f64::from(hour * 3_600 + minute * 60);
            let half = SECONDS_PER_DAY / 2.0;
            let late = (real - usual + half).rem_euclid(SECONDS_PER_DAY) - half;
            assert!(late.abs() < 15.0 * 60.0, "{latitude}: {usual} {real}");
        }
        // On the equator, at the node, mean local time is 10:30 by definition.
        assert!((usual_overpass(place(0.0, 15.0)) - 9.5 * SECONDS_PER_HOUR).abs() < 1e-6);
    }
}
