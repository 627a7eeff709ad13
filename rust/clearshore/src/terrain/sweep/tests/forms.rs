//! The sweep against closed forms.

use super::*;

/// Columns of nodes west of the origin's stand high, the others low: the crest is at the last high column.
fn cliff_source(height: f32) -> impl Fn(f64, f64) -> f32 {
    move |east, _| if east < -1.0 { height } else { 0.0 }
}

/// Longitude of the crest of [`cliff_source`] in degrees, for an origin on a node.
fn crest(hills: &Hills<'_>) -> f64 {
    hills.origin.longitude.to_degrees() - PIECE / (NODES - 1) as f64
}

/// Metres over the ellipsoid from the crest eastward to a pixel, along the parallel.
fn from_crest(hills: &Hills<'_>, grid: &Grid, row: usize, column: usize) -> f64 {
    let (easting, northing) = grid.pixel_centre(row, column);
    let place = grid.zone.geodetic(easting, northing);
    let (_, prime_vertical) = radii(place.latitude);
    (place.longitude - crest(hills).to_radians()) * prime_vertical * place.latitude.cos()
}

/// Where the shadow of a height ends: (1 + h/R)(d tan e + d^2 (1 - k)/2R) = h.
fn throw(height: f64, elevation: f64, radius: f64, bending: f64) -> f64 {
    let drop = height / (1.0 + height / radius);
    let (slope, square) = (
        elevation.to_radians().tan(),
        (1.0 - bending) / (2.0 * radius),
    );
    (-slope + (slope * slope + 4.0 * square * drop).sqrt()) / (2.0 * square)
}

#[test]
fn a_cliffs_shadow_ends_where_the_round_earth_says() {
    // On the equator the parallel is a great circle; its radius is the equatorial one.
    for (height, elevation) in [(300.0, 15.0), (3_000.0, 10.0), (1_000.0, 78.0)] {
        let form = cliff_source(height);
        let hills = Hills::new(9.0, 0.0, &form);
        let grid = Grid {
            width: 1_900,
            height: 3,
            ..hills.grid(10.0, 3)
        };
        for (refraction, bending) in [(false, 0.0), (true, 0.13)] {
            let options = ReliefOptions {
                refraction,
                ..ReliefOptions::default()
            };
            let shadow = run(&hills, &grid, uniform(elevation, 270.0), options);
            let expected = throw(
                f64::from(height),
                elevation,
                WGS84_EQUATORIAL_RADIUS,
                bending,
            );
            for (column, bits) in shadow.bits.row(1).indexed_iter() {
                let distance = from_crest(&hills, &grid, 1, column);
                if distance > 2.0 && (distance - expected).abs() > 1.0 {
                    let is_dark = distance < expected;
                    assert_eq!(has(*bits, Relief::CAST), is_dark, "{distance} {expected}");
                }
            }
        }
    }
}

#[test]
fn the_penumbra_is_as_wide_as_the_sun() {
    let (height, elevation) = (577.35_f64, 30.0_f64);
    let form = cliff_source(height as f32);
    let hills = Hills::new(9.0, 0.0, &form);
    let grid = Grid {
        width: 700,
        height: 3,
        ..hills.grid(2.0, 3)
    };
    let shadow = run(&hills, &grid, uniform(elevation, 270.0), all());
    let visibility = shadow.sun_visibility.unwrap();
    let mut width = 0.0;
    for (column, part) in visibility.row(1).indexed_iter() {
        let distance = from_crest(&hills, &grid, 1, column);
        if distance < 150.0 {
            continue;
        }
        // The end of its shadow, solved for the elevation.
        let round = distance * distance / (2.0 * WGS84_EQUATORIAL_RADIUS);
        let drop = height / (1.0 + height / WGS84_EQUATORIAL_RADIUS);
        let horizon = ((drop - round) / distance).atan();
        let expected = visible_part(horizon - elevation.to_radians());
        assert!(
            (f64::from(*part) - expected).abs() < 0.002,
            "{distance}: {part} {expected}"
        );
        if *part > 0.0 && *part < 1.0 {
            width += grid.pixel_size;
        }
    }
    // 2 r h / sin^2 e
    let expected = 2.0 * SUN_RADIUS * height / elevation.to_radians().sin().powi(2);
    assert!((expected - 21.5).abs() < 0.1);
    assert!((width - expected).abs() <= 2.0 * grid.pixel_size, "{width}");
}

#[test]
fn flat_ground_is_lit() {
    for (longitude, latitude) in [(9.0, 45.0), (2.9, -60.0)] {
        let hills = Hills::new(longitude, latitude, &|_, _| 250.0);
        let shadow = run(&hills, &hills.grid(60.0, 300), uniform(8.0, 40.0), all());
        assert!(shadow.bits.iter().all(|bits| *bits == 0));
        assert!(
            shadow
                .sun_visibility
                .unwrap()
                .iter()
                .all(|part| *part == 1.0)
        );
        let expected = 8.0_f64.to_radians().sin() as f32;
        let incidence = shadow.cos_incidence.unwrap();
        assert!(
            incidence
                .iter()
                .all(|cosine| (cosine - expected).abs() < 1e-5)
        );
        assert!(shadow.missing.is_empty());
    }
}

/// A cone steeper than the light.
fn cone(east: f64, north: f64) -> f32 {
    (CONE_HEIGHT * (1.0 - east.hypot(north) / CONE_FOOT)).max(0.0) as f32
}

const CONE_HEIGHT: f64 = 800.0;
const CONE_FOOT: f64 = 1_000.0;

/// In light from the south, a cone's shadow lies between the tangents from its tip's shadow to its foot.
fn assert_wedge(hills: &Hills<'_>, source: &dyn DemSource) {
    const ELEVATION: f64 = 20.0;
    let grid = hills.grid(20.0, 301);
    let light = uniform(ELEVATION, 180.0);
    let options = ReliefOptions::default();
    let shadow = relief_shadow(&grid, light, source, options, &NoProgress).unwrap();
    let tip = CONE_HEIGHT / ELEVATION.to_radians().tan();
    let slope = CONE_FOOT / (tip * tip - CONE_FOOT * CONE_FOOT).sqrt();
    let (mut judged, mut differing) = (0, 0);
    for ((row, column), bits) in shadow.bits.indexed_iter() {
        let (easting, northing) = grid.pixel_centre(row, column);
        let place = grid.zone.geodetic(easting, northing);
        let (east, north) = hills.metres(place.longitude.to_degrees(), place.latitude.to_degrees());
        // Tangents from (0, tip) touch the foot's circle at north = foot^2 / tip.
        let edge = (tip - north) * slope;
        let is_at_edge = (east.abs() - edge).abs() < 45.0 || (north - tip).abs() < 90.0;
        if east.hypot(north) < CONE_FOOT + 150.0 || is_at_edge {
            continue;
        }
        judged += 1;
        let is_dark = north > CONE_FOOT * CONE_FOOT / tip && north < tip && east.abs() < edge;
        differing += usize::from(has(*bits, Relief::CAST) != is_dark);
    }
    assert!(judged > 50_000);
    assert!(differing * 2_000 < judged, "{differing} of {judged}");
}

#[test]
fn a_cones_shadow_is_its_tangent_wedge() {
    let hills = Hills::new(9.0, 45.0, &cone);
    assert_wedge(&hills, &hills);
}

/// A DEM in one UTM zone, and the sea.
struct Projected {
    patch: Arc<DemPatch>,
    extent: [f64; 4],
}

impl DemSource for Projected {
    fn cover(&self, place: Geodetic) -> Result<Cover> {
        let [west, south, east, north] = self.extent;
        let (x, y) = (place.longitude.to_degrees(), place.latitude.to_degrees());
        let band = |value: f64, low: f64, high: f64, least: f64, greatest: f64| match value {
            value if value < low => (least, low),
            value if value < high => (low, high),
            _ => (high, greatest),
        };
        let (left, right) = band(x, west, east, -180.0, 180.0);
        let (bottom, top) = band(y, south, north, -90.0, 90.0);
        let extent = [left, bottom, right, top];
        let content = if extent == self.extent {
            Content::Heights(self.patch.clone())
        } else {
            Content::Sea
        };
        Ok(Cover { extent, content })
    }
}

#[test]
fn a_dem_in_another_utm_zone_casts_the_same_shadow() {
    let hills = Hills::new(11.9, 45.0, &cone);
    let zone = UtmZone::from_epsg(32_633).unwrap();
    let (easting, northing) = zone.project(hills.origin);
    let (step, side) = (30.0, 801);
    let half = 0.5 * step * (side - 1) as f64;
    let (west, north) = (easting - half, northing + half);
    let heights = Array2::from_shape_fn((side, side), |(row, column)| {
        let place = zone.geodetic(west + column as f64 * step, north - row as f64 * step);
        let (east, north) = hills.metres(place.longitude.to_degrees(), place.latitude.to_degrees());
        cone(east, north)
    });
    let patch = Arc::new(DemPatch {
        frame: DemFrame::Utm(zone),
        west,
        north,
        column_step: step,
        row_step: step,
        heights,
        missing: BTreeSet::new(),
    });
    let extent = [11.8, 44.93, 12.0, 45.07];
    assert_wedge(&hills, &Projected { patch, extent });
}

#[test]
fn mirrored_ground_under_a_mirrored_sun_has_mirrored_shadows() {
    let mirrored = |east: f64, north: f64| rough(-east, north);
    let (hills, other) = (
        Hills::new(9.0, 45.0, &rough),
        Hills::new(9.0, 45.0, &mirrored),
    );
    let grid = hills.grid(20.0, 300);
    for azimuth in [20.0, 75.0, 110.0, 165.0] {
        let options = ReliefOptions::default();
        let shadow = run(&hills, &grid, uniform(20.0, azimuth), options);
        let mirror = run(&other, &grid, uniform(20.0, -azimuth), options);
        let mut flipped = mirror.bits;
        flipped.invert_axis(Axis(1));
        let pairs = shadow.bits.iter().zip(&flipped);
        let differing = pairs.filter(|(a, b)| a != b).count();
        assert!(
            differing * 10_000 < shadow.bits.len() * 5,
            "{azimuth}: {differing}"
        );
        assert!(
            shadow
                .bits
                .iter()
                .filter(|bits| has(**bits, Relief::CAST))
                .count()
                > 1_000
        );
    }
}

#[test]
fn slopes_have_the_incidence_of_planes() {
    let (by_east, by_north) = (0.35, -0.6);
    let plane = move |east: f64, north: f64| (2_000.0 + by_east * east + by_north * north) as f32;
    for (longitude, latitude) in [(11.9, 62.0), (-72.0, -33.0), (9.0, 0.1)] {
        let hills = Hills::new(longitude, latitude, &plane);
        let grid = hills.grid(20.0, 20);
        for (elevation, azimuth) in [(30.0_f64, 150.0_f64), (20.0, 330.0), (60.0, 80.0)] {
            let shadow = run(&hills, &grid, uniform(elevation, azimuth), all());
            let (elevation, azimuth) = (elevation.to_radians(), azimuth.to_radians());
            let climb = by_east * azimuth.sin() + by_north * azimuth.cos();
            let norm = (1.0_f64 + by_east * by_east + by_north * by_north).sqrt();
            let expected = (elevation.sin() - elevation.cos() * climb) / norm;
            for (cosine, bits) in shadow.cos_incidence.unwrap().iter().zip(&shadow.bits) {
                assert!(
                    (f64::from(*cosine) - expected).abs() < 1e-3,
                    "{cosine} {expected}"
                );
                assert_eq!(has(*bits, Relief::SELF), expected < 0.0);
            }
        }
    }
}
