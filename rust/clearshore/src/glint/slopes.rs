//! How often the wind turns a facet of the sea into a slope: the statistics of Cox and Munk.
//!
//! Source: C. Cox and W. Munk, *Measurement of the roughness of the sea surface from photographs of the
//! sun's glitter*, J. Opt. Soc. Am. 44 (1954) 838-850: variances of a clean sea, coefficients of the
//! Gram-Charlier series. They measured winds of 0.7 to 14 m/s at 12.5 m above the sea; here, as usual, the
//! wind is that at 10 m.

use crate::{Error, Result};
use std::f64::consts::PI;
use std::ops::RangeInclusive;

/// Variance of the slopes of a calm sea, unitless, and what each m/s of wind adds: both directions together.
const CALM_VARIANCE: f64 = 0.003;
const VARIANCE_PER_WIND: f64 = 0.005_12;
/// The same along the wind, where a calm sea has none.
const UPWIND_VARIANCE_PER_WIND: f64 = 0.003_16;
/// The same across the wind, beside [`CALM_VARIANCE`].
const CROSSWIND_VARIANCE_PER_WIND: f64 = 0.001_92;
/// Skewness, unitless: its value without wind, and what each m/s takes from it. The first is that of the
/// product of both slopes, the second that of the slope along the wind.
const C21: (f64, f64) = (0.01, 0.008_6);
const C03: (f64, f64) = (0.04, 0.033);
/// Peakedness across the wind, of both slopes together, and along the wind, unitless.
const C40: f64 = 0.40;
const C22: f64 = 0.12;
const C04: f64 = 0.23;
/// Numbers of the Hermite polynomials: He3(x) = x³ - 3 x, He4(x) = x⁴ - 6 x² + 3.
const HERMITE_3: f64 = 3.0;
const HERMITE_4: (f64, f64) = (6.0, 3.0);
/// Factorials below the terms of the series: 3!, 2! 2!, 4!.
const FACTORIAL_3: f64 = 6.0;
const FACTORIALS_2_2: f64 = 4.0;
const FACTORIAL_4: f64 = 24.0;

/// Wind below which the sea is rough alike in all directions, whatever the direction, m/s: the least that
/// Cox and Munk saw, 0.7, rounded. In a calm their variance along the wind is 0.
pub const LEAST_DIRECTED_WIND: f64 = 1.0;

/// Wind at 10 m above the sea.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Wind {
    /// Speed, m/s, in [`Wind::SPEEDS`].
    pub speed: f64,
    /// Azimuth that it comes from, radians clockwise from true north; `None` where it is not known.
    pub from: Option<f64>,
}

impl Wind {
    /// Speeds that are answered for, m/s. Cox and Munk saw up to 14.
    pub const SPEEDS: RangeInclusive<f64> = 0.0..=20.0;
}

/// The roughness of the sea under one wind: what depends on nothing else, worked out once.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SeaSurface(Slopes);

#[derive(Clone, Copy, Debug, PartialEq)]
enum Slopes {
    /// Rough alike in all directions.
    Isotropic {
        /// 1 / variance, unitless.
        inverse_variance: f64,
    },
    /// Rougher along the wind.
    Directed {
        /// Unit vector to where the wind comes from: east, north.
        upwind: [f64; 2],
        /// 1 / deviation along and across the wind, unitless.
        inverse_deviations: [f64; 2],
        /// Skewness, unitless.
        c21: f64,
        c03: f64,
    },
}

impl SeaSurface {
    /// The sea under a wind. Without a direction, or below [`LEAST_DIRECTED_WIND`], it is rough alike in all
    /// directions.
    ///
    /// # Errors
    /// Parameter: a speed outside [`Wind::SPEEDS`], a direction that is no number.
    pub fn new(wind: Wind) -> Result<Self> {
        if !Wind::SPEEDS.contains(&wind.speed) {
            let (least, most) = Wind::SPEEDS.into_inner();
            return Err(Error::parameter("the wind speed is out of range")
                .got(format!("{} m/s", wind.speed))
                .expected(format!("a number in [{least}, {most}] m/s")));
        }
        let Some(from) = wind
            .from
            .filter(|from| !from.is_finite() || wind.speed >= LEAST_DIRECTED_WIND)
        else {
            return Ok(Self(Slopes::Isotropic {
                inverse_variance: 1.0 / (CALM_VARIANCE + VARIANCE_PER_WIND * wind.speed),
            }));
        };
        if !from.is_finite() {
            return Err(Error::parameter("the wind direction is no number")
                .got(from)
                .expected("an azimuth in radians, or none"));
        }
        let (sin, cos) = from.sin_cos();
        let variances = [
            UPWIND_VARIANCE_PER_WIND * wind.speed,
            CALM_VARIANCE + CROSSWIND_VARIANCE_PER_WIND * wind.speed,
        ];
        Ok(Self(Slopes::Directed {
            upwind: [sin, cos],
            inverse_deviations: variances.map(|variance| 1.0 / variance.sqrt()),
            c21: C21.0 - C21.1 * wind.speed,
            c03: C03.0 - C03.1 * wind.speed,
        }))
    }

    /// Probability density of a facet's slopes, how much it rises toward the east and toward the north, per
    /// unit of slope in both.
    ///
    /// Of a sea whose wind has a direction it is a Gaussian times a series, which is negative for some rare
    /// slopes: there it is 0.
    #[inline]
    pub fn slope_density(&self, east: f64, north: f64) -> f64 {
        self.gaussian(east, north) * self.series(east, north).max(0.0)
    }

    /// The Gaussian alone.
    #[inline]
    pub(super) fn gaussian(&self, east: f64, north: f64) -> f64 {
        match self.0 {
            Slopes::Isotropic { inverse_variance } => {
                let square = east * east + north * north;
                (-square * inverse_variance).exp() * inverse_variance / PI
            }
            Slopes::Directed {
                inverse_deviations: [along, across],
                ..
            } => {
                let [eta, xi] = self.standardised(east, north);
                (-(xi * xi + eta * eta) / 2.0).exp() * along * across / (2.0 * PI)
            }
        }
    }

    /// The Gram-Charlier series that the Gaussian is multiplied by, unitless.
    #[inline]
    pub(super) fn series(&self, east: f64, north: f64) -> f64 {
        let Slopes::Directed { c21, c03, .. } = self.0 else {
            return 1.0;
        };
        let [eta, xi] = self.standardised(east, north);
        let (eta2, xi2) = (eta * eta, xi * xi);
        let fourth = |square: f64| square * square - HERMITE_4.0 * square + HERMITE_4.1;
        1.0 - c21 / 2.0 * (xi2 - 1.0) * eta - c03 / FACTORIAL_3 * (eta2 - HERMITE_3) * eta
            + C40 / FACTORIAL_4 * fourth(xi2)
            + C22 / FACTORIALS_2_2 * (xi2 - 1.0) * (eta2 - 1.0)
            + C04 / FACTORIAL_4 * fourth(eta2)
    }

    /// Slopes along the wind (positive: the facet rises toward where it comes from) and across it, in
    /// deviations; (0, 0) where the wind has no direction.
    #[inline]
    fn standardised(&self, east: f64, north: f64) -> [f64; 2] {
        let Slopes::Directed {
            upwind: [sin, cos],
            inverse_deviations: [along, across],
            ..
        } = self.0
        else {
            return [0.0, 0.0];
        };
        [
            (east * sin + north * cos) * along,
            (east * cos - north * sin) * across,
        ]
    }
}
