//! Sun glint by Cox and Munk, and whitecaps.
//!
//! Sources: C. Cox and W. Munk, *Measurement of the roughness of the sea surface from photographs of the
//! sun's glitter*, J. Opt. Soc. Am. 44 (1954) 838-850; G. M. Hale and M. R. Querry, *Optical constants
//! of water in the 200-nm to 200-µm wavelength region*, Appl. Opt. 12 (1973) 555-563.

use super::light::WAVELENGTH;
use super::noise::Row;
use super::setting::Wind;
use super::view::ViewGeometry;
use crate::scene::{Band, Direction};
use ndarray::Array2;
use std::f64::consts::PI;
use std::ops::Range;

/// Refractive index of pure water per band, unitless: Hale and Querry (1973), linear in wavelength
/// between the rows of their table.
const PURE_WATER_INDEX: [f64; Band::COUNT] = [
    1.3371, 1.3353, 1.3330, 1.3310, 1.3308, 1.3300, 1.3297, 1.3290, 1.3284, 1.3272, 1.3214, 1.3167,
    1.2958,
];
/// What 34.3 g/kg of salt add to it (D. Friedman, Appl. Opt. 8 (1969) 2073-2078, as in the 6S code).
const SALT_INDEX: f64 = 0.006;
/// Share of the light that water vapour leaves on its way down and up, unitless (B09 and B10 of bright
/// sand and snow beside their neighbours in the table of end members; the other bands avoid it).
const VAPOUR_B09: f64 = 0.5;
const VAPOUR_B10: f64 = 0.002;
/// Wind below which the sea is rough alike in all directions, m/s: the least that Cox and Munk saw,
/// rounded.
const LEAST_DIRECTED_WIND: f64 = 1.0;
/// Whitecaps: cover per power of the wind (E. C. Monahan and I. G. O'Muircheartaigh, J. Phys. Oceanogr.
/// 10 (1980) 2094-2099) and their effective reflectance (P. Koepke, Appl. Opt. 23 (1984) 1816-1824).
const WHITECAP_COVER: (f64, f64) = (2.95e-6, 3.52);
const WHITECAP_REFLECTANCE: f64 = 0.22;
/// Distance between the nodes of a field, metres (free choice: relative error below 1e-3).
const NODE_STEP: f64 = 640.0;
/// Nodes before the scene's left and upper edge: blur looks a little beyond it.
const NODE_MARGIN: f64 = 1.0;

/// Reflectance of sun glint at the top of the atmosphere, unitless: above the sea at standard pressure,
/// without whitecaps.
pub fn glint_reflectance(sun: Direction, view: Direction, wind: Wind, band: Band) -> f64 {
    let index = PURE_WATER_INDEX[band.index()] + SALT_INDEX;
    transmission(sun, view, band) * surface_glint(sun, view, wind, index)
}

/// Share of the light that molecules and water vapour leave from the sun to the sea to the sensor.
fn transmission(sun: Direction, view: Direction, band: Band) -> f64 {
    let vapour = match band {
        Band::B09 => VAPOUR_B09,
        Band::B10 => VAPOUR_B10,
        _ => 1.0,
    };
    let path = 1.0 / sun.zenith.cos() + 1.0 / view.zenith.cos();
    vapour * (-rayleigh_depth(WAVELENGTH[band.index()]) * path).exp()
}

/// Optical depth of molecules at 1013.25 hPa and a wavelength in nanometres (J. E. Hansen and L. D.
/// Travis, Space Sci. Rev. 16 (1974) 527-610, equation 2.30).
fn rayleigh_depth(wavelength: f64) -> f64 {
    let per_square = (1_000.0 / wavelength).powi(2);
    0.008_569 * per_square * per_square * (1.0 + per_square * (0.011_3 + 0.000_13 * per_square))
}

/// Reflectance of sun glint at the surface, unitless, for a refractive index: π L / (E cos(sun zenith)).
pub(super) fn surface_glint(sun: Direction, view: Direction, wind: Wind, index: f64) -> f64 {
    let vector = |direction: Direction| {
        let (sin, cos) = direction.azimuth.sin_cos();
        let level = direction.zenith.sin();
        [level * sin, level * cos, direction.zenith.cos()]
    };
    let (to_sun, to_view) = (vector(sun), vector(view));
    if to_sun[2] <= 0.0 || to_view[2] <= 0.0 {
        return 0.0;
    }
    // The facet that mirrors: its normal halves the angle between the two.
    let normal = [0, 1, 2].map(|k| to_sun[k] + to_view[k]);
    let length = normal[0].hypot(normal[1]).hypot(normal[2]);
    let cos_tilt = normal[2] / length;
    let slopes = [-normal[0] / normal[2], -normal[1] / normal[2]];
    let cos_incidence = (0..3).map(|k| to_sun[k] * normal[k]).sum::<f64>() / length;
    let density = match wind.direction {
        Some(from) if wind.speed >= LEAST_DIRECTED_WIND => {
            let (sin, cos) = from.sin_cos();
            directed_density(
                slopes[0] * sin + slopes[1] * cos,
                slopes[0] * cos - slopes[1] * sin,
                wind.speed,
            )
        }
        _ => isotropic_density(slopes[0].hypot(slopes[1]), wind.speed),
    };
    let coefficient =
        fresnel(cos_incidence, index) * density / (4.0 * to_view[2] * cos_tilt.powi(4));
    PI * coefficient / to_sun[2]
}

/// Reflectance of unpolarised light on a water surface (Fresnel).
fn fresnel(cos_incidence: f64, index: f64) -> f64 {
    let cos_refracted = (1.0 - (1.0 - cos_incidence * cos_incidence) / (index * index)).sqrt();
    let across = (cos_incidence - index * cos_refracted) / (cos_incidence + index * cos_refracted);
    let along = (index * cos_incidence - cos_refracted) / (index * cos_incidence + cos_refracted);
    f64::midpoint(across * across, along * along)
}

/// Density of slopes at a wind that has no direction (Cox and Munk 1954).
fn isotropic_density(slope: f64, speed: f64) -> f64 {
    let variance = 0.003 + 0.005_12 * speed;
    (-slope * slope / variance).exp() / (PI * variance)
}

/// Density of slopes along the wind (positive: the surface rises against it) and across, with the
/// Gram-Charlier terms of Cox and Munk (1954), at a wind above 0; not below 0.
fn directed_density(upwind: f64, crosswind: f64, speed: f64) -> f64 {
    let (deviation_up, deviation_cross) =
        ((0.003_16 * speed).sqrt(), (0.003 + 0.001_92 * speed).sqrt());
    let (eta, xi) = (upwind / deviation_up, crosswind / deviation_cross);
    let (eta2, xi2) = (eta * eta, xi * xi);
    let c21 = 0.01 - 0.008_6 * speed;
    let c03 = 0.04 - 0.033 * speed;
    let (c40, c22, c04) = (0.40, 0.12, 0.23);
    let series = 1.0 - c21 / 2.0 * (xi2 - 1.0) * eta - c03 / 6.0 * (eta2 - 3.0) * eta
        + c40 / 24.0 * (xi2 * xi2 - 6.0 * xi2 + 3.0)
        + c22 / 4.0 * (xi2 - 1.0) * (eta2 - 1.0)
        + c04 / 24.0 * (eta2 * eta2 - 6.0 * eta2 + 3.0);
    let gaussian = (-(xi2 + eta2) / 2.0).exp() / (2.0 * PI * deviation_up * deviation_cross);
    gaussian * series.max(0.0)
}

/// Reflectance of whitecaps, averaged over the sea, unitless.
pub(super) fn whitecap_reflectance(wind: Wind) -> f64 {
    let (factor, power) = WHITECAP_COVER;
    WHITECAP_REFLECTANCE * factor * wind.speed.powf(power)
}

/// Sun glint over a scene in one band: evaluated at nodes, detector by detector, and interpolated.
pub(super) struct GlintField {
    /// Per detector, glint at the nodes around its stripe, NaN elsewhere, (rows, columns).
    nodes: Vec<(u8, Array2<f32>)>,
}

impl GlintField {
    pub fn new(geometry: &ViewGeometry, wind: Wind, band: Band) -> Self {
        let count = (geometry.extent() / NODE_STEP).ceil() as usize + 1 + 2 * NODE_MARGIN as usize;
        let diagonal = NODE_STEP * std::f64::consts::SQRT_2;
        let place = |index: usize| (index as f64 - NODE_MARGIN) * NODE_STEP;
        let footprints = geometry.footprints(band);
        let nodes = footprints.iter().map(|footprint| {
            let detector = footprint.detector;
            let at = |(row, column)| {
                let (east, south) = (place(column), place(row));
                if !geometry.is_near(detector, east, south, diagonal) {
                    return f32::NAN;
                }
                let sun = geometry.sun_at(east, south);
                let view = geometry.view_at(band, detector, east, south);
                glint_reflectance(sun, view, wind, band) as f32
            };
            (detector, Array2::from_shape_fn((count, count), at))
        });
        Self {
            nodes: nodes.collect(),
        }
    }

    /// Reflectance of glint at the top of the atmosphere at those pixels of a row that one detector
    /// sees; `out` has a value for each. The pixels lie in the scene or less than 640 m beside it.
    pub fn along(&self, detector: u8, row: Row, pixels: &Range<usize>, out: &mut [f32]) {
        let Some((_, nodes)) = self.nodes.iter().find(|(number, _)| *number == detector) else {
            out.fill(0.0);
            return;
        };
        let last = nodes.nrows() - 2;
        let down = row.y / NODE_STEP + NODE_MARGIN;
        let line = (down.max(0.0) as usize).min(last);
        let down = (down - line as f64) as f32;
        let node = |column: usize| {
            let above = nodes[[line, column]];
            above + (nodes[[line + 1, column]] - above) * down
        };
        let position =
            |pixel: usize| (row.first + pixel as f64 * row.step) / NODE_STEP + NODE_MARGIN;
        let mut start = pixels.start;
        while start < pixels.end {
            let from = position(start);
            let column = (from.max(0.0) as usize).min(last);
            let to_border = ((column + 1) as f64 - from) * NODE_STEP / row.step;
            let length = (to_border.ceil().max(1.0) as usize).min(pixels.end - start);
            let (left, right) = (node(column), node(column + 1));
            let change = (right - left) * (row.step / NODE_STEP) as f32;
            let first = left + (right - left) * (from - column as f64) as f32;
            let piece = start - pixels.start..start - pixels.start + length;
            for (k, value) in (0_u16..).zip(&mut out[piece]) {
                *value = first + f32::from(k) * change;
            }
            start += length;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::place::Place;
    use super::super::setting::{OrbitDirection, Preset, Setting};
    use super::*;
    use approx::assert_relative_eq;
    use std::path::Path;

    fn still(speed: f64) -> Wind {
        Wind {
            speed,
            direction: None,
        }
    }

    /// Glint for zenith angles, relative azimuth and the wind's azimuth from the sun in degrees, with the
    /// index 1.34. The sun's azimuth turns everything.
    fn golden(
        sun: f64,
        view: f64,
        relative: f64,
        speed: f64,
        upwind: Option<f64>,
        turn: f64,
    ) -> f64 {
        let wind = Wind {
            speed,
            direction: upwind.map(|upwind| (upwind + turn).to_radians()),
        };
        surface_glint(
            Direction::from_degrees(sun, turn),
            Direction::from_degrees(view, turn + relative),
            wind,
            1.34,
        )
    }

    #[test]
    fn glint_is_that_of_an_independent_program() {
        // The sample rows of the specification.
        for (sun, view, relative, speed, expected) in [
            (30.0, 10.0, 180.0, 5.0, 0.078_254),
            (30.0, 0.0, 0.0, 5.0, 0.019_939),
            (40.0, 10.0, 180.0, 7.0, 0.033_332),
            (20.0, 10.0, 180.0, 1.0, 0.278_590),
            (60.0, 10.0, 180.0, 5.0, 0.000_306),
        ] {
            let ours = golden(sun, view, relative, speed, None, 350.0);
            assert!((ours - expected).abs() < 5.1e-7, "{ours} {expected}");
        }
        // Three of the rows with a wind direction: upwind, downwind, across.
        for (view, relative, upwind, expected) in [
            (5.0, 180.0, 0.0, 4.832_070e-2),
            (10.0, 0.0, 180.0, 5.638_336e-3),
            (10.0, 90.0, 270.0, 1.062_487e-2),
        ] {
            let ours = golden(30.0, view, relative, 5.0, Some(upwind), 120.0);
            assert_relative_eq!(ours, expected, max_relative = 1e-6);
        }
    }

    #[test]
    fn glint_is_that_of_an_independent_program_in_all_rows() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/golden/glint");
        if !folder.is_dir() {
            eprintln!("skipped: no golden rows at hand");
            return;
        }
        let mut rows = 0;
        for (name, directed) in [("iso", false), ("aniso", true)] {
            let file = folder.join(format!("glint_fixtures_{name}.csv"));
            for row in csv::Reader::from_path(file).unwrap().deserialize() {
                let row: Vec<f64> = row.unwrap();
                let (upwind, expected) = if directed {
                    (Some(row[4]), row[6])
                } else {
                    (None, row[9])
                };
                for turn in [0.0, 123.0] {
                    let ours = golden(row[0], row[1], row[2], row[3], upwind, turn);
                    assert_relative_eq!(ours, expected, max_relative = 1e-6);
                }
                rows += 1;
            }
        }
        assert_eq!(rows, 240);
    }

    #[test]
    fn glint_is_symmetric_and_has_no_seam_in_the_north() {
        for relative in [30.0, 100.0, 180.0] {
            for upwind in [None, Some(0.0), Some(180.0)] {
                let at = |relative, turn| golden(35.0, 9.0, relative, 6.0, upwind, turn);
                // Mirrored about the plane of the sun and the wind.
                assert_relative_eq!(at(relative, 0.0), at(-relative, 0.0), max_relative = 1e-12);
                for turn in [0.0, 359.999, 360.0, 720.0 - 1e-9] {
                    let turned = at(relative, turn);
                    assert_relative_eq!(turned, at(relative, 77.0), max_relative = 1e-9);
                }
            }
            let left = golden(35.0, 9.0, relative, 6.0, Some(50.0), 0.0);
            let right = golden(35.0, 9.0, -relative, 6.0, Some(-50.0), 0.0);
            assert_relative_eq!(left, right, max_relative = 1e-12);
        }
        let below = surface_glint(
            Direction::from_degrees(91.0, 0.0),
            Direction::from_degrees(5.0, 0.0),
            still(5.0),
            1.34,
        );
        assert_eq!(below, 0.0);
    }

    #[test]
    fn slopes_are_distributed_with_sum_1() {
        const STEP: f64 = 0.01;
        let sum = |density: &dyn Fn(f64, f64) -> f64| -> f64 {
            let at = |k: i32| f64::from(k) * STEP;
            let line = |i| (-200..=200).map(|j| density(at(i), at(j))).sum::<f64>();
            (-200..=200).map(line).sum::<f64>() * STEP * STEP
        };
        for speed in [1.0, 5.0, 10.0, 15.0] {
            let isotropic = sum(&|x, y| isotropic_density(x.hypot(y), speed));
            assert_relative_eq!(isotropic, 1.0, epsilon = 1e-6);
            // Cutting off what is below 0 leaves a little more than 1.
            let directed = sum(&|x, y| directed_density(x, y, speed));
            assert!((0.999_999..1.01).contains(&directed), "{speed}: {directed}");
        }
    }

    #[test]
    fn a_smooth_sea_reflects_as_a_mirror() {
        // The narrower the waves, the nearer the reflected share of the light is to Fresnel's. Index 1.34
        // at normal incidence: (0.34 / 2.34)² = 0.02111.
        assert_relative_eq!(fresnel(1.0, 1.34), 0.021_112, epsilon = 1e-6);
        let sun = Direction::from_degrees(30.0, 0.0);
        let step = 0.5_f64.to_radians();
        let mut share = 0.0;
        for zenith in (0..180).map(|k| (f64::from(k) + 0.5) * step) {
            for azimuth in (0..720).map(|k| f64::from(k) * step) {
                let view = Direction { zenith, azimuth };
                let radiance = surface_glint(sun, view, still(0.0), 1.34) / PI;
                share += radiance * zenith.cos() * zenith.sin() * step * step;
            }
        }
        // At 30 degrees: refracted at asin(0.5 / 1.34).
        let refracted = (0.5_f64 / 1.34).asin();
        let sum = 30_f64.to_radians() + refracted;
        let difference = 30_f64.to_radians() - refracted;
        let expected =
            0.5 * ((difference.sin() / sum.sin()).powi(2) + (difference.tan() / sum.tan()).powi(2));
        assert_relative_eq!(
            fresnel(30_f64.to_radians().cos(), 1.34),
            expected,
            max_relative = 1e-12
        );
        assert_relative_eq!(share, expected, max_relative = 0.02);
    }

    #[test]
    fn molecules_and_vapour_take_their_share() {
        // Bodhaine and others, J. Atmos. Oceanic Technol. 16 (1999) 1854-1861, equation 30.
        for band in Band::ALL {
            let micrometres = WAVELENGTH[band.index()] / 1_000.0;
            let square = micrometres * micrometres;
            let expected = 0.002_152_0
                * (1.045_599_6 - 341.290_61 / square - 0.902_308_50 * square)
                / (1.0 + 0.002_705_988_9 / square - 85.968_563 * square);
            let depth = rayleigh_depth(WAVELENGTH[band.index()]);
            assert!(
                (depth - expected).abs() < 0.004 * expected + 2e-5,
                "{band} {depth} {expected}"
            );
        }
        let (sun, view) = (
            Direction::from_degrees(30.0, 0.0),
            Direction::from_degrees(10.0, 180.0),
        );
        let top = |band| glint_reflectance(sun, view, still(5.0), band);
        // Fresnel at normal incidence, nearly that of 20 degrees: (n - 1)² / (n + 1)²; n = 1.339 and 1.323.
        assert!(top(Band::B11) > top(Band::B03) && top(Band::B03) > top(Band::B02));
        let at_surface = surface_glint(sun, view, still(5.0), 1.339);
        // B03: depth 0.0904, path 1.1547 + 1.0154.
        assert_relative_eq!(top(Band::B03), at_surface * 0.8219, max_relative = 1e-3);
        assert!(top(Band::B10) < 3e-4);
    }

    #[test]
    fn whitecaps_grow_with_the_wind() {
        for (speed, expected) in [(7.0, 6.12e-4), (10.0, 2.149e-3), (15.0, 8.955e-3)] {
            assert_relative_eq!(
                whitecap_reflectance(still(speed)),
                expected,
                max_relative = 1e-3
            );
        }
        assert_eq!(whitecap_reflectance(still(0.0)), 0.0);
    }

    #[test]
    fn fields_equal_glint_at_every_pixel() {
        for (latitude, size, orbit, sun, wind) in [
            (
                -16.0,
                10_980,
                OrbitDirection::Descending,
                (25.0, 70.0),
                still(1.0),
            ),
            (
                43.6,
                10_980,
                OrbitDirection::Ascending,
                (22.0, 150.0),
                Wind {
                    speed: 6.0,
                    direction: Some(1.0),
                },
            ),
            (
                43.6,
                549,
                OrbitDirection::Descending,
                (50.0, 150.0),
                still(7.0),
            ),
        ] {
            let grid = Place::new(latitude, 1.4, size).unwrap().grid;
            let sun = Direction::from_degrees(sun.0, sun.1);
            let mut setting = Setting::of_preset(Preset::OpenSea, 1, grid, sun);
            (setting.wind, setting.orbit) = (wind, orbit);
            let geometry = ViewGeometry::new(&setting);
            let field = GlintField::new(&geometry, wind, Band::B11);
            for share in [-0.0005, 0.0, 0.31, 0.77, 0.9999] {
                let row = Row {
                    first: -25.0,
                    step: 10.0,
                    y: share * setting.extent(),
                };
                let count = grid.width + 5;
                for (pixels, detector) in geometry.detectors_along(row, count) {
                    let mut out = vec![f32::NAN; pixels.len()];
                    field.along(detector, row, &pixels, &mut out);
                    for (k, value) in pixels.zip(out).step_by(7) {
                        let east = row.first + k as f64 * row.step;
                        let view = geometry.view_at(Band::B11, detector, east, row.y);
                        let sun = geometry.sun_at(east, row.y);
                        let exact = glint_reflectance(sun, view, wind, Band::B11);
                        assert_relative_eq!(f64::from(value), exact, max_relative = 1e-3);
                    }
                }
            }
        }
    }
}
