//! Glint against an independent program, the formulas' own laws, and integrals.

use super::*;
use crate::scene::{Band, Direction};
use approx::{assert_abs_diff_eq, assert_relative_eq};
use proptest::prelude::*;
use std::collections::HashMap;
use std::path::Path;

/// What a golden row may differ by, relative: it has seven digits.
const GOLDEN: f64 = 1e-6;

fn sea(speed: f64, from: Option<f64>) -> SeaSurface {
    SeaSurface::new(Wind {
        speed,
        from: from.map(f64::to_radians),
    })
    .unwrap()
}

/// Facet for zenith angles and the view's azimuth from the sun's, degrees.
fn facet(sun: f64, view: f64, relative: f64, sun_azimuth: f64) -> Facet {
    Facet::mirroring(
        Direction::from_degrees(sun, sun_azimuth),
        Direction::from_degrees(view, sun_azimuth + relative),
    )
    .unwrap()
}

/// The rows of a golden table, or none where it is absent.
fn golden(name: &str) -> Vec<HashMap<String, f64>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/golden/glint")
        .join(name);
    let Ok(mut reader) = csv::Reader::from_path(&path) else {
        eprintln!("skipped: {} is absent", path.display());
        return Vec::new();
    };
    reader.deserialize().map(Result::unwrap).collect()
}

/// The sample rows of the specification, and three with a wind direction: head wind, tail wind, cross wind.
#[test]
fn glint_is_that_of_an_independent_program() {
    for (sun, view, relative, speed, expected) in [
        (30.0, 10.0, 180.0, 5.0, 0.078_254),
        (30.0, 0.0, 0.0, 5.0, 0.019_939),
        (40.0, 10.0, 180.0, 7.0, 0.033_332),
        (20.0, 10.0, 180.0, 1.0, 0.278_590),
        (60.0, 10.0, 180.0, 5.0, 0.000_306),
    ] {
        let glint =
            sea(speed, None).glint_reflectance(&facet(sun, view, relative, 123.0), USUAL_INDEX);
        assert_abs_diff_eq!(glint, expected, epsilon = 5.1e-7);
    }
    for (view, relative, upwind, expected) in [
        (5.0, 180.0, 0.0, 4.832_070e-2),
        (10.0, 0.0, 180.0, 5.638_336e-3),
        (10.0, 90.0, 270.0, 1.062_487e-2),
    ] {
        let glint = sea(5.0, Some(120.0 + upwind))
            .glint_reflectance(&facet(30.0, view, relative, 120.0), USUAL_INDEX);
        assert_relative_eq!(glint, expected, max_relative = GOLDEN);
    }
}

#[test]
fn every_golden_row_without_a_wind_direction() {
    let rows = golden("glint_fixtures_iso.csv");
    for row in &rows {
        let facet = facet(row["sza"], row["vza"], row["raa"], 20.0);
        let sea = sea(row["wind_ms"], None);
        for (column, value) in [
            ("omega_deg", facet.incidence().to_degrees()),
            ("beta_deg", facet.tilt().to_degrees()),
            ("glint_angle_deg", facet.glint_angle().to_degrees()),
        ] {
            // Six decimals are given, of angles down to 0.
            assert_relative_eq!(value, row[column], max_relative = GOLDEN, epsilon = 5.1e-7);
        }
        let index = row["n"];
        for (column, value) in [
            ("LGN_sr-1", sea.glint_coefficient(&facet, index)),
            ("rho_glint", sea.glint_reflectance(&facet, index)),
        ] {
            assert_relative_eq!(value, row[column], max_relative = GOLDEN);
        }
    }
    assert!(rows.is_empty() || rows.len() == 210, "{}", rows.len());
}

#[test]
fn every_golden_row_with_a_wind_direction() {
    let rows = golden("glint_fixtures_aniso.csv");
    for row in &rows {
        // Wherever the sun stands.
        for sun_azimuth in [0.0, 151.0, 305.0] {
            let facet = facet(row["sza"], row["vza"], row["raa"], sun_azimuth);
            let upwind = sun_azimuth + row["chi_upwind_from_sun_deg"];
            let sea = sea(row["wind_ms"], Some(upwind));
            let glint = sea.glint_reflectance(&facet, USUAL_INDEX);
            assert_relative_eq!(glint, row["rho_gramcharlier"], max_relative = GOLDEN);
            let (east, north) = facet.slopes();
            let gaussian = glint / sea.series(east, north);
            assert_relative_eq!(gaussian, row["rho_gauss"], max_relative = GOLDEN);
        }
    }
    assert!(rows.is_empty() || rows.len() == 30, "{}", rows.len());
}

/// Sums over a square lattice of slopes, `reach` to either side, `count` a side: probability, and variance
/// toward the east and the north.
fn sums(density: impl Fn(f64, f64) -> f64, reach: f64) -> [f64; 3] {
    const COUNT: u32 = 800;
    let step = 2.0 * reach / f64::from(COUNT);
    let place = |index: u32| (f64::from(index) + 0.5) * step - reach;
    let mut sums = [0.0; 3];
    for east in (0..COUNT).map(place) {
        for north in (0..COUNT).map(place) {
            let share = density(east, north) * step * step;
            sums[0] += share;
            sums[1] += share * east * east;
            sums[2] += share * north * north;
        }
    }
    sums
}

/// Reach of slopes that matter: ten deviations of the roughest direction.
fn reach(speed: f64) -> f64 {
    10.0 * (0.003 + 0.005_12 * speed).sqrt()
}

#[test]
fn probabilities_of_slopes_add_up_to_one_without_a_wind_direction() {
    for speed in [0.0, 1.0, 7.0, 20.0] {
        let sea = sea(speed, None);
        let [all, east, north] = sums(|east, north| sea.slope_density(east, north), reach(speed));
        assert_relative_eq!(all, 1.0, max_relative = 1e-9);
        // Cox and Munk's variance is that of both directions together.
        assert_relative_eq!(east + north, 0.003 + 0.005_12 * speed, max_relative = 1e-9);
        assert_relative_eq!(east, north, max_relative = 1e-9);
    }
}

/// Hermite polynomials are orthogonal to 1, x and x² but for their own order: the series changes neither the sum
/// nor the variances. Cut off at 0 it leaves a little more than 1.
#[test]
fn probabilities_of_slopes_add_up_to_one_with_a_wind_direction() {
    for speed in [1.0, 5.0, 10.0, 20.0] {
        // Wind from the east.
        let sea = sea(speed, Some(90.0));
        let uncut = |east, north| sea.gaussian(east, north) * sea.series(east, north);
        let [all, along, across] = sums(uncut, reach(speed));
        assert_relative_eq!(all, 1.0, max_relative = 1e-9);
        assert_relative_eq!(along, 0.003_16 * speed, max_relative = 1e-9);
        assert_relative_eq!(across, 0.003 + 0.001_92 * speed, max_relative = 1e-9);
        let [cut, ..] = sums(|east, north| sea.slope_density(east, north), reach(speed));
        assert!((1.0 - 1e-9..1.02).contains(&cut), "{speed} m/s: {cut}");
    }
}

/// The long gentle backs of waves face the wind, so they fall toward where it comes from; their short steep
/// fronts face away from it and rise toward it.
#[test]
fn waves_lean_with_the_wind() {
    // Wind from the north.
    let density = |speed: f64, upwind: f64| sea(speed, Some(0.0)).slope_density(0.0, upwind);
    for speed in [5.0, 10.0] {
        let deviation = (0.003_16_f64 * speed).sqrt();
        assert!(density(speed, -0.3 * deviation) > density(speed, 0.3 * deviation));
        assert!(density(speed, -2.5 * deviation) < density(speed, 2.5 * deviation));
    }
}

/// A calm sea is the mirror with the narrowest spread: nearly all glint lies within some degrees of the mirror
/// direction, and its sum over the hemisphere of the sensor is the reflectance of a plane sea. With L the radiance
/// for an irradiance of 1 across the beam, ∫ L cos v dΩ = R cos s for a narrow spread.
#[test]
fn a_calm_sea_reflects_what_a_mirror_does() {
    let surface = sea(0.0, None);
    let sun: f64 = 30.0;
    let mut sum = 0.0;
    let step: f64 = 0.25;
    let mut view = step / 2.0;
    while view < 75.0 {
        let mut relative = step / 2.0;
        while relative < 360.0 {
            let facet = facet(sun, view, relative, 0.0);
            let solid_angle = view.to_radians().sin() * step.to_radians().powi(2);
            sum += surface.glint_coefficient(&facet, USUAL_INDEX)
                * view.to_radians().cos()
                * solid_angle;
            relative += step;
        }
        view += step;
    }
    let mirror = fresnel_reflectance(sun.to_radians().cos(), USUAL_INDEX) * sun.to_radians().cos();
    // The variance of slopes, 0.003, is the order of what is left.
    assert_relative_eq!(sum, mirror, max_relative = 0.01);
    let far = surface.glint_coefficient(&facet(sun, sun, 0.0, 0.0), USUAL_INDEX);
    assert!(far < 1e-40, "{far}");
}

#[test]
fn below_the_least_directed_wind_the_direction_does_not_count() {
    for speed in [0.0, 0.5, 0.99] {
        assert_eq!(sea(speed, Some(40.0)), sea(speed, None));
    }
    assert_ne!(sea(LEAST_DIRECTED_WIND, Some(40.0)), sea(1.0, None));
}

#[test]
fn winds_out_of_range_are_errors() {
    for speed in [-0.1, 20.1, f64::NAN, f64::INFINITY] {
        let error = SeaSurface::new(Wind { speed, from: None }).unwrap_err();
        assert!(error.to_string().contains("[0, 20] m/s"), "{error}");
    }
    for speed in [0.5, 5.0] {
        for from in [f64::NAN, f64::INFINITY] {
            let from = Some(from);
            assert!(SeaSurface::new(Wind { speed, from }).is_err());
        }
    }
}

#[test]
fn the_sea_reflects_less_in_the_short_wave_infrared() {
    let facet = facet(30.0, 8.0, 120.0, 150.0);
    let sea = sea(6.0, None);
    let glint = |band| sea.glint_reflectance(&facet, sea_water_index(band));
    assert!(glint(Band::B02) > glint(Band::B8A));
    assert!(glint(Band::B8A) > glint(Band::B11));
    assert!(glint(Band::B11) > glint(Band::B12));
    // By hand, at normal incidence: (0.3227 / 2.3227)² by (0.3413 / 2.3413)².
    assert_relative_eq!(
        glint(Band::B11) / glint(Band::B02),
        0.908_4,
        max_relative = 1e-3
    );
}

proptest! {
    /// The sea does not know left from right of the sun unless the wind says it, and then not with the wind
    /// mirrored too; a full turn is none.
    #[test]
    fn glint_is_symmetric_about_the_sun(
        sun in 0.0..80.0,
        view in 0.0..60.0,
        relative in -360.0..360.0,
        sun_azimuth in 0.0..360.0,
        speed in 1.0..20.0,
        upwind in 0.0..360.0,
    ) {
        let glint = |relative: f64, sun_azimuth: f64, upwind: Option<f64>| {
            sea(speed, upwind.map(|upwind| sun_azimuth + upwind))
                .glint_reflectance(&facet(sun, view, relative, sun_azimuth), USUAL_INDEX)
        };
        let close = |a: f64, b: f64| (a - b).abs() <= 1e-9 * a.abs() + 1e-12;
        prop_assert!(close(glint(relative, 0.0, None), glint(-relative, 0.0, None)));
        for wind in [None, Some(upwind)] {
            let plain = glint(relative, sun_azimuth, wind);
            prop_assert!(plain.is_finite() && plain >= 0.0);
            prop_assert!(close(plain, glint(-relative, sun_azimuth, wind.map(|wind| -wind))));
            prop_assert!(close(plain, glint(relative + 360.0, sun_azimuth, wind)));
            prop_assert!(close(plain, glint(relative, sun_azimuth - 360.0, wind)));
            prop_assert!(close(plain, glint(relative, 0.0, wind)));
            prop_assert!(close(plain, glint(relative, sun_azimuth, wind.map(|wind| wind + 360.0))));
        }
    }

    /// Light may go the other way: sun and sensor change places, and cos v L is the same.
    #[test]
    fn sun_and_sensor_may_change_places(
        sun in 0.0..80.0,
        view in 0.0..80.0,
        relative in 0.0..360.0,
        speed in 0.0..20.0,
        upwind in 0.0..360.0,
    ) {
        let to = Direction::from_degrees(sun, 0.0);
        let from = Direction::from_degrees(view, relative);
        let sea = sea(speed, Some(upwind));
        let there = Facet::mirroring(to, from).unwrap();
        let back = Facet::mirroring(from, to).unwrap();
        let brightness = |facet: &Facet| sea.glint_coefficient(facet, USUAL_INDEX) * facet.cos_view();
        let (there, back) = (brightness(&there), brightness(&back));
        prop_assert!((there - back).abs() <= 1e-12 * there.abs());
    }
}
