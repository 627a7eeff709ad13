//! Universal Transverse Mercator on WGS84: from grid to geodetic coordinates and back, and the
//! convergence of the meridians.
//!
//! Source: C. F. F. Karney, *Transverse Mercator with an accuracy of a few nanometers*, J. Geodesy 85
//! (2011) 475-485, equations 7-11, 21-28, 35 (Krüger's series to order n⁴: below a millimetre within a zone).

use crate::{Error, Result};

/// WGS84 equatorial radius in metres (NIMA TR8350.2).
pub const WGS84_EQUATORIAL_RADIUS: f64 = 6_378_137.0;
/// WGS84 flattening, unitless (NIMA TR8350.2).
pub const WGS84_FLATTENING: f64 = 1.0 / 298.257_223_563;
/// Scale on the central meridian of a UTM zone, unitless (NGA.SIG.0012, section 2).
const UTM_SCALE: f64 = 0.9996;
/// Easting of the central meridian, metres (NGA.SIG.0012).
const FALSE_EASTING: f64 = 500_000.0;
/// Northing of the equator in southern zones, metres (NGA.SIG.0012).
const FALSE_NORTHING_SOUTH: f64 = 10_000_000.0;
/// EPSG code before the first northern zone (WGS84 / UTM zone 1N is 32601).
const EPSG_NORTH: u32 = 32_600;
/// EPSG code before the first southern zone (WGS84 / UTM zone 1S is 32701).
const EPSG_SOUTH: u32 = 32_700;
/// Width of a zone in degrees.
const ZONE_WIDTH_DEGREES: f64 = 6.0;
/// Number of zones.
const ZONES: u8 = 60;
/// Latitudes that UTM covers, degrees (NGA.SIG.0012, section 2-7).
const LATITUDES_DEGREES: std::ops::RangeInclusive<f64> = -80.0..=84.0;

/// A UTM zone on WGS84.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct UtmZone {
    zone: u8,
    north: bool,
}

/// Geodetic position on WGS84, radians.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Geodetic {
    /// Longitude in radians, [-π, π).
    pub longitude: f64,
    /// Latitude in radians.
    pub latitude: f64,
}

impl Geodetic {
    /// From degrees; longitudes may be beyond 180.
    pub fn from_degrees(longitude: f64, latitude: f64) -> Self {
        Self {
            longitude: ((longitude + 180.0).rem_euclid(360.0) - 180.0).to_radians(),
            latitude: latitude.to_radians(),
        }
    }
}

impl UtmZone {
    /// Zone of an EPSG code 32601-32660 or 32701-32760.
    pub fn from_epsg(epsg: u32) -> Result<Self> {
        let (base, north) = if epsg > EPSG_SOUTH {
            (EPSG_SOUTH, false)
        } else {
            (EPSG_NORTH, true)
        };
        match epsg.checked_sub(base) {
            Some(zone @ 1..=60) => Ok(Self {
                zone: zone as u8,
                north,
            }),
            _ => Err(Error::product("the grid is not in a UTM zone on WGS84")
                .got(format!("EPSG:{epsg}"))
                .expected("EPSG:32601 to 32660 (north) or 32701 to 32760 (south)")),
        }
    }

    /// All zones, northern and southern.
    pub fn all() -> impl Iterator<Item = Self> {
        let zone = |zone| [true, false].map(|north| Self { zone, north });
        (1..=ZONES).flat_map(zone)
    }

    /// The zone that a place belongs to. Southern Norway and Svalbard have zones of other widths, as in
    /// the Military Grid Reference System (NGA.SIG.0012, section 2-8) and Sentinel-2's tiling.
    ///
    /// # Errors
    /// A parameter error beyond 84 degrees north or 80 degrees south.
    pub fn from_longitude_latitude(place: Geodetic) -> Result<Self> {
        let latitude = place.latitude.to_degrees();
        if !LATITUDES_DEGREES.contains(&latitude) || !place.longitude.is_finite() {
            return Err(Error::parameter("the place lies in no UTM zone")
                .got(format!("latitude {latitude:.3} degrees"))
                .expected("-80 to 84 degrees")
                .advice("choose a place farther from the pole"));
        }
        let longitude = (place.longitude.to_degrees() + 180.0).rem_euclid(360.0) - 180.0;
        let regular = ((longitude + 180.0) / ZONE_WIDTH_DEGREES).floor() as u8 + 1;
        let zone = match regular {
            31 if (56.0..64.0).contains(&latitude) && longitude >= 3.0 => 32,
            31..=37 if latitude >= 72.0 => match longitude {
                ..9.0 => 31,
                ..21.0 => 33,
                ..33.0 => 35,
                _ => 37,
            },
            other => other.min(ZONES),
        };
        Ok(Self {
            zone,
            north: latitude >= 0.0,
        })
    }

    /// EPSG code.
    pub fn epsg(self) -> u32 {
        u32::from(self.zone) + if self.north { EPSG_NORTH } else { EPSG_SOUTH }
    }

    /// Zone number, 1 to 60.
    pub fn number(self) -> u8 {
        self.zone
    }

    /// Whether northings count from the equator (northern hemisphere).
    pub fn is_north(self) -> bool {
        self.north
    }

    /// Longitude of the central meridian, radians.
    fn central_meridian(self) -> f64 {
        (f64::from(self.zone) * ZONE_WIDTH_DEGREES - 183.0).to_radians()
    }

    /// Geodetic position of a grid point in metres.
    pub fn geodetic(self, easting: f64, northing: f64) -> Geodetic {
        self.inverse(easting, northing).0
    }

    /// Convergence of the meridians at a grid point, radians: the azimuth of grid north from true north,
    /// positive clockwise (east of the central meridian in the north).
    pub fn convergence(self, easting: f64, northing: f64) -> f64 {
        self.inverse(easting, northing).1
    }

    /// Azimuth from grid north of a direction given from true north, radians.
    pub fn grid_azimuth(self, true_azimuth: f64, easting: f64, northing: f64) -> f64 {
        true_azimuth - self.convergence(easting, northing)
    }

    /// Easting and northing of a place, metres; meant for places within a few degrees of the zone.
    pub fn project(self, place: Geodetic) -> (f64, f64) {
        let n = third_flattening();
        let (n2, n3, n4) = (n * n, n * n * n, n * n * n * n);
        // Karney (2011) equation 35.
        let alpha = [
            n / 2.0 - 2.0 / 3.0 * n2 + 5.0 / 16.0 * n3 + 41.0 / 180.0 * n4,
            13.0 / 48.0 * n2 - 3.0 / 5.0 * n3 + 557.0 / 1440.0 * n4,
            61.0 / 240.0 * n3 - 103.0 / 140.0 * n4,
            49_561.0 / 161_280.0 * n4,
        ];
        // Karney (2011) equations 7-11.
        let from_meridian = place.longitude - self.central_meridian();
        let tau_prime = conformal_tangent(place.latitude.tan(), WGS84_FLATTENING);
        let (sin, cos) = from_meridian.sin_cos();
        let xi_prime = tau_prime.atan2(cos);
        let eta_prime = (sin / tau_prime.hypot(cos)).asinh();
        let (mut xi, mut eta) = (xi_prime, eta_prime);
        for (alpha, order) in alpha.into_iter().zip([2.0, 4.0, 6.0, 8.0]) {
            xi += alpha * (order * xi_prime).sin() * (order * eta_prime).cosh();
            eta += alpha * (order * xi_prime).cos() * (order * eta_prime).sinh();
        }
        let scale = UTM_SCALE * rectifying_radius();
        (
            FALSE_EASTING + scale * eta,
            self.false_northing() + scale * xi,
        )
    }

    /// Northing of the equator, metres.
    pub(crate) fn false_northing(self) -> f64 {
        if self.north {
            0.0
        } else {
            FALSE_NORTHING_SOUTH
        }
    }

    fn inverse(self, easting: f64, northing: f64) -> (Geodetic, f64) {
        let n = third_flattening();
        let (n2, n3, n4) = (n * n, n * n * n, n * n * n * n);
        let scale = UTM_SCALE * rectifying_radius();
        // Karney (2011) equation 36.
        let beta = [
            n / 2.0 - 2.0 / 3.0 * n2 + 37.0 / 96.0 * n3 - n4 / 360.0,
            n2 / 48.0 + n3 / 15.0 - 437.0 / 1440.0 * n4,
            17.0 / 480.0 * n3 - 37.0 / 840.0 * n4,
            4397.0 / 161_280.0 * n4,
        ];
        let xi = (northing - self.false_northing()) / scale;
        let eta = (easting - FALSE_EASTING) / scale;
        let (mut xi_prime, mut eta_prime, mut p, mut q) = (xi, eta, 1.0, 0.0);
        for (beta, order) in beta.into_iter().zip([2.0, 4.0, 6.0, 8.0]) {
            let (sin, cos) = (order * xi).sin_cos();
            let (sinh, cosh) = ((order * eta).sinh(), (order * eta).cosh());
            xi_prime -= beta * sin * cosh;
            eta_prime -= beta * cos * sinh;
            p -= order * beta * cos * cosh;
            q += order * beta * sin * sinh;
        }
        let conformal = eta_prime.sinh().hypot(xi_prime.cos());
        let tau_prime = xi_prime.sin() / conformal;
        let longitude = eta_prime.sinh().atan2(xi_prime.cos());
        let tau = tangent_of_latitude(tau_prime, WGS84_FLATTENING);
        // Karney (2011) equations 26-28.
        let convergence = (xi_prime.tan() * eta_prime.tanh()).atan() + q.atan2(p);
        let wrapped = (longitude + self.central_meridian() + std::f64::consts::PI)
            .rem_euclid(std::f64::consts::TAU)
            - std::f64::consts::PI;
        (
            Geodetic {
                longitude: wrapped,
                latitude: tau.atan(),
            },
            convergence,
        )
    }
}

/// Third flattening, unitless.
fn third_flattening() -> f64 {
    WGS84_FLATTENING / (2.0 - WGS84_FLATTENING)
}

/// Rectifying radius in metres, Karney (2011) equation 14.
fn rectifying_radius() -> f64 {
    let n2 = third_flattening() * third_flattening();
    WGS84_EQUATORIAL_RADIUS / (1.0 + third_flattening()) * (1.0 + n2 / 4.0 + n2 * n2 / 64.0)
}

/// Tangent of the conformal latitude from that of the geodetic latitude, Karney (2011) equations 7-9.
fn conformal_tangent(tau: f64, flattening: f64) -> f64 {
    let e = (flattening * (2.0 - flattening)).sqrt();
    let root = tau.hypot(1.0);
    let sigma = (e * (e * tau / root).atanh()).sinh();
    tau * sigma.hypot(1.0) - sigma * root
}

/// Tangent of the geodetic latitude from that of the conformal latitude, by Newton's method: Karney
/// (2011) equations 19-21. Two steps reach the precision of f64; five are taken.
fn tangent_of_latitude(tau_prime: f64, flattening: f64) -> f64 {
    const STEPS: usize = 5;
    let e2 = flattening * (2.0 - flattening);
    let mut tau = tau_prime;
    for _ in 0..STEPS {
        let root = tau.hypot(1.0);
        let estimate = conformal_tangent(tau, flattening);
        tau += (tau_prime - estimate) / estimate.hypot(1.0) * (1.0 + (1.0 - e2) * tau * tau)
            / ((1.0 - e2) * root);
    }
    tau
}
