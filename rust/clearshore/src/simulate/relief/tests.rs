use super::super::noise::Row;
use super::super::setting::Preset;
use super::*;
use crate::NoProgress;
use crate::scene::{Geodetic, UtmZone, WGS84_EQUATORIAL_RADIUS, WGS84_FLATTENING};

const E2: f64 = WGS84_FLATTENING * (2.0 - WGS84_FLATTENING);
const NODES: i32 = 3_601;

/// A cell from heights at (row, column).
fn cell(south: i32, west: i32, height: impl Fn(i32, i32) -> f64) -> DemCell {
    let node = |(row, column): (usize, usize)| height(row as i32, column as i32).round() as i16;
    DemCell {
        south,
        west,
        heights: Array2::from_shape_fn((NODES as usize, NODES as usize), node),
    }
}

/// A square grid around a place in degrees, its corner on a multiple of 10 m.
fn grid_around(epsg: u32, longitude: f64, latitude: f64, size: usize) -> Grid {
    let zone = UtmZone::from_epsg(epsg).unwrap();
    let (easting, northing) = zone.project(Geodetic {
        longitude: longitude.to_radians(),
        latitude: latitude.to_radians(),
    });
    let half = size as f64 * 5.0;
    Grid {
        zone,
        easting: ((easting - half) / 10.0).round() * 10.0,
        northing: ((northing + half) / 10.0).round() * 10.0,
        pixel_size: 10.0,
        height: size,
        width: size,
    }
}

/// Row and column of the pixel that holds a place in degrees.
fn pixel_of(grid: &Grid, longitude: f64, latitude: f64) -> [usize; 2] {
    let (easting, northing) = grid.zone.project(Geodetic {
        longitude: longitude.to_radians(),
        latitude: latitude.to_radians(),
    });
    [
        ((grid.northing - northing) / 10.0) as usize,
        ((easting - grid.easting) / 10.0) as usize,
    ]
}

/// Metres per degree of longitude and of latitude.
fn metres_per_degree(latitude: f64) -> [f64; 2] {
    let (sin, cos) = latitude.to_radians().sin_cos();
    let across = WGS84_EQUATORIAL_RADIUS / (1.0 - E2 * sin * sin).sqrt();
    let along = across * (1.0 - E2) / (1.0 - E2 * sin * sin);
    [across * cos, along].map(f64::to_radians)
}

/// 2.5 degrees east of the central meridian: grid north is 1.8 degrees off.
const PLACE: [f64; 2] = [11.5, 45.5];

fn under_constant_sun(relief: &Relief, zenith: f64, azimuth: f64) -> Array2<Sunlight> {
    let sun = Direction::from_degrees(zenith, azimuth);
    relief.sunlight_from(&|_, _| sun, 0..relief.grid.height)
}

#[test]
fn a_cone_throws_a_shadow_as_long_as_height_over_tangent_away_from_the_sun() {
    const HEIGHT: f64 = 1_000.0;
    let grid = grid_around(32_632, PLACE[0], PLACE[1], 450);
    let per_degree = metres_per_degree(PLACE[1]);
    let cone = cell(45, 11, |row, column| {
        let east = f64::from(column - 1_800) / 3_600.0 * per_degree[0];
        let north = f64::from(1_800 - row) / 3_600.0 * per_degree[1];
        (HEIGHT - east.hypot(north)).max(0.0)
    });
    let relief = Relief::from_cells(vec![cone], grid).unwrap();
    let [row, column] = pixel_of(&grid, PLACE[0], PLACE[1]);
    let apex = relief.heights(row..row + 1)[[0, column]];
    assert!((f64::from(apex) - HEIGHT).abs() < 8.0, "{apex}");
    for azimuth in [0.0, 65.0, 140.0, 250.0, 290.0] {
        let light = under_constant_sun(&relief, 60.0, azimuth);
        let length = HEIGHT * 60_f64.to_radians().tan();
        let (sin, cos) = f64::to_radians(azimuth + 180.0).sin_cos();
        let shadow_at = |distance: f64| {
            let pixel = pixel_of(
                &grid,
                PLACE[0] + distance * sin / per_degree[0],
                PLACE[1] + distance * cos / per_degree[1],
            );
            light[pixel].shadow
        };
        assert_eq!(shadow_at(length - 20.0), ReliefShadow::Cast, "{azimuth}");
        assert_eq!(shadow_at(length + 10.0), ReliefShadow::Lit, "{azimuth}");
        // The cone is steeper than the sun is high: its far side faces away.
        assert_eq!(shadow_at(HEIGHT / 2.0), ReliefShadow::Own, "{azimuth}");
        // The near side gets cos(45 - 30 degrees) / cos(60 degrees).
        let pixel = pixel_of(
            &grid,
            PLACE[0] - 500.0 * sin / per_degree[0],
            PLACE[1] - 500.0 * cos / per_degree[1],
        );
        let expected = 15_f64.to_radians().cos() / 0.5;
        // Heights are whole metres: slopes over 30 m are right to a few percent.
        assert!((f64::from(light[pixel].direct) - expected).abs() < 0.06);
        assert_eq!(light[pixel].shadow, ReliefShadow::Lit);
    }
}

#[test]
fn a_cliff_throws_a_shadow_as_long_as_height_over_tangent() {
    const HEIGHT: f64 = 300.0;
    let grid = grid_around(32_632, PLACE[0], PLACE[1], 200);
    for (azimuth, is_north) in [(0.0, true), (270.0, false)] {
        let cliff = cell(45, 11, |row, column| {
            let beyond = if is_north { row } else { column };
            if beyond <= 1_800 { HEIGHT } else { 0.0 }
        });
        let relief = Relief::from_cells(vec![cliff], grid).unwrap();
        let light = under_constant_sun(&relief, 65.0, azimuth);
        // A line away from the cliff through the middle of the grid; the cliff's brink is at PLACE.
        let brink = pixel_of(&grid, PLACE[0], PLACE[1]);
        let dark = if is_north {
            let column = light.column(brink[1]);
            column
                .iter()
                .filter(|sun| sun.shadow != ReliefShadow::Lit)
                .count()
        } else {
            let row = light.row(brink[0]);
            row.iter()
                .filter(|sun| sun.shadow != ReliefShadow::Lit)
                .count()
        };
        let expected = HEIGHT * 65_f64.to_radians().tan() / 10.0;
        assert!(
            (dark as f64 - expected).abs() <= 1.0,
            "{azimuth}: {dark} {expected}"
        );
        // The foot of the cliff faces away from the sun, the plain beyond does not.
        let own = light.iter().filter(|sun| sun.shadow == ReliefShadow::Own);
        let share = own.count() as f64 / light.len() as f64;
        let [east, north] = metres_per_degree(PLACE[1]).map(|metres| metres / 3_600.0);
        let foot = if is_north { north } else { east } / 2_000.0;
        assert!((share - foot).abs() < 0.002, "{share} {foot}");
    }
}

#[test]
fn a_plain_and_the_sea_lie_in_the_sun() {
    let grid = grid_around(32_632, PLACE[0], PLACE[1], 100);
    let plain = cell(45, 11, |_, _| 250.0);
    for cells in [vec![], vec![plain]] {
        let relief = Relief::from_cells(cells, grid).unwrap();
        for zenith in [0.0, 30.0, 75.0, 88.0] {
            let light = under_constant_sun(&relief, zenith, 123.0);
            for sun in &light {
                assert_eq!(sun.shadow, ReliefShadow::Lit);
                assert!((sun.direct - 1.0).abs() < 1e-6);
            }
        }
        let night = under_constant_sun(&relief, 91.0, 123.0);
        assert!(
            night
                .iter()
                .all(|sun| sun.direct == 0.0 && sun.shadow == ReliefShadow::Own)
        );
    }
}

fn alpine(size: usize, seed: u64, zenith: f64, azimuth: f64) -> (Setting, Relief) {
    // Off the rims of degrees: one cell.
    let grid = grid_around(32_632, PLACE[0], PLACE[1], size);
    let sun = Direction::from_degrees(zenith, azimuth);
    let setting = Setting::of_preset(Preset::AlpineCoast, seed, grid, sun);
    let relief = Relief::new(&setting, &Shore::new(&setting), &NoProgress).unwrap();
    (setting, relief)
}

fn to_earth([longitude, latitude, height]: [f64; 3]) -> [f64; 3] {
    let (sin, cos) = latitude.sin_cos();
    let across = WGS84_EQUATORIAL_RADIUS / (1.0 - E2 * sin * sin).sqrt();
    [
        (across + height) * cos * longitude.cos(),
        (across + height) * cos * longitude.sin(),
        (across * (1.0 - E2) + height) * sin,
    ]
}

/// By fixed-point iteration from the definition.
fn from_earth([x, y, z]: [f64; 3]) -> [f64; 3] {
    let axis = x.hypot(y);
    let mut latitude = (z / (axis * (1.0 - E2))).atan();
    for _ in 0..4 {
        let sin = latitude.sin();
        let across = WGS84_EQUATORIAL_RADIUS / (1.0 - E2 * sin * sin).sqrt();
        latitude = ((z + E2 * across * sin) / axis).atan();
    }
    let sin = latitude.sin();
    let root = (1.0 - E2 * sin * sin).sqrt();
    let height = axis * latitude.cos() + z * sin - WGS84_EQUATORIAL_RADIUS * root;
    [y.atan2(x), latitude, height]
}

/// Bilinear height from the definition, within a single cell.
fn height_at(cell: &DemCell, longitude: f64, latitude: f64) -> f64 {
    let x = (longitude.to_degrees() - f64::from(cell.west)) * 3_600.0;
    let y = (f64::from(cell.south + 1) - latitude.to_degrees()) * 3_600.0;
    let mut sum = 0.0;
    for row in [y.floor(), y.floor() + 1.0] {
        for column in [x.floor(), x.floor() + 1.0] {
            let weight = (1.0 - (x - column).abs()) * (1.0 - (y - row).abs());
            let node = cell.heights.get((row as usize, column as usize));
            sum += weight * node.map_or(0.0, |height| f64::from(*height));
        }
    }
    sum
}

/// A unit vector given by its parts to the east, to the north and up at a place, in space.
fn in_space(longitude: f64, latitude: f64, [to_east, to_north, to_up]: [f64; 3]) -> [f64; 3] {
    let (sin_lon, cos_lon) = longitude.sin_cos();
    let (sin_lat, cos_lat) = latitude.sin_cos();
    let east = [-sin_lon, cos_lon, 0.0];
    let north = [-sin_lat * cos_lon, -sin_lat * sin_lon, cos_lat];
    let up = [cos_lat * cos_lon, cos_lat * sin_lon, sin_lat];
    [0, 1, 2].map(|k| to_east * east[k] + to_north * north[k] + to_up * up[k])
}

fn unit_vector(zenith: f64, azimuth: f64) -> [f64; 3] {
    let (sin, cos) = f64::to_radians(zenith).sin_cos();
    let (east, north) = f64::to_radians(azimuth).sin_cos();
    [sin * east, sin * north, cos]
}

#[test]
fn rays_are_straight_lines_in_space() {
    for (latitude, epsg) in [(45.5, 32_632), (-62.3, 32_732), (0.2, 32_632)] {
        let grid = grid_around(epsg, PLACE[0], latitude, 60);
        let lattice = Lattice::around(&grid, LONGEST_SHADOW, 3_600, &[]);
        let start = [
            PLACE[0] * 3_600.0 - lattice.west as f64,
            lattice.north as f64 - latitude * 3_600.0,
            850.0,
        ];
        let local = Local::at(&lattice, start[1]);
        let [per_east, per_north] = metres_per_degree(latitude).map(|metres| metres / 3_600.0);
        for azimuth in [0.0, 47.0, 133.0, 200.0, 301.0] {
            for (zenith, way) in [(80.0, 18_000.0), (60.0, 5_000.0)] {
                let sun = unit_vector(zenith, azimuth);
                let (longitude, latitude) = (PLACE[0].to_radians(), latitude.to_radians());
                let from = to_earth([longitude, latitude, start[2]]);
                let to_sun = in_space(longitude, latitude, sun);
                let [longitude, latitude, height] =
                    from_earth([0, 1, 2].map(|k| from[k] + way * to_sun[k]));
                let [x, y, z] = local.ray(start, sun, local.bend(sun)).at(way);
                let expected_x = longitude.to_degrees() * 3_600.0 - lattice.west as f64;
                let expected_y = lattice.north as f64 - latitude.to_degrees() * 3_600.0;
                let off = [(x - expected_x) * per_east, (y - expected_y) * per_north];
                assert!(
                    off[0].hypot(off[1]) < 0.5,
                    "{latitude} {azimuth} {zenith}: {off:?}"
                );
                assert!(
                    (z - height).abs() < 0.05,
                    "{latitude} {azimuth} {zenith}: {z} {height}"
                );
            }
        }
    }
}

#[test]
fn shadows_equal_a_slow_march_through_space() {
    const STEP: f64 = 3.0;
    /// Metres: what a ray must miss or hit the ground by to be judged.
    const KNIFE_EDGE: f64 = 0.3;
    let (mut judged, mut seen) = (0, [0; 3]);
    for (zenith, azimuth) in [(60.0, 150.0), (75.0, 60.0), (40.0, 275.0), (70.0, 0.0)] {
        let (setting, relief) = alpine(552, 3, zenith, azimuth);
        let [dem] = relief.cells() else {
            panic!("one cell expected");
        };
        let light = under_constant_sun(&relief, zenith, azimuth);
        let highest = dem.heights.iter().max().copied().map_or(0.0, f64::from);
        for sample in 0..700 {
            let (row, column) = (sample * 7919 % 552, sample * 104_729 % 552);
            let (easting, northing) = setting.grid.pixel_centre(row, column);
            let place = setting.grid.zone.geodetic(easting, northing);
            let (longitude, latitude) = (place.longitude, place.latitude);
            let height = height_at(dem, longitude, latitude);
            let from = to_earth([longitude, latitude, height]);
            let to_sun = in_space(longitude, latitude, unit_vector(zenith, azimuth));
            let excess = |way: f64| {
                let [longitude, latitude, height] =
                    from_earth([0, 1, 2].map(|k| from[k] + way * to_sun[k]));
                (height_at(dem, longitude, latitude) - height, height)
            };
            let at_once = excess(0.1).0;
            let mut inside = at_once > 0.0;
            let faces_away = inside;
            let (mut depth, mut shallowest) = (f64::NEG_INFINITY, f64::INFINITY);
            let mut way = STEP;
            loop {
                let (above, ray) = excess(way);
                if ray > highest {
                    break;
                }
                if inside {
                    shallowest = shallowest.min(above);
                    inside = above > 0.0;
                } else if way > 30.0 || above > 0.0 {
                    depth = depth.max(above);
                }
                way += STEP;
            }
            let is_sharp = at_once.abs() < 1e-3
                || depth.abs() < KNIFE_EDGE
                || faces_away && shallowest.abs() < KNIFE_EDGE && depth > 0.0;
            if is_sharp {
                continue;
            }
            let expected = match (depth > 0.0, faces_away) {
                (true, _) => ReliefShadow::Cast,
                (false, true) => ReliefShadow::Own,
                (false, false) => ReliefShadow::Lit,
            };
            let sun = light[[row, column]];
            assert_eq!(
                sun.shadow, expected,
                "sun {zenith} {azimuth}, pixel {row} {column}: {depth} {at_once} {shallowest}"
            );
            assert_eq!(sun.direct > 0.0, expected == ReliefShadow::Lit);
            seen[expected as usize] += 1;
            judged += 1;
        }
    }
    assert!(
        judged > 2_500 && seen.iter().all(|count| *count > 60),
        "{judged} {seen:?}"
    );
}

#[test]
fn pixels_lie_on_the_bilinear_surface() {
    let (setting, relief) = alpine(552, 4, 50.0, 150.0);
    let heights = relief.heights(0..552);
    let [dem] = relief.cells() else {
        panic!("one cell expected");
    };
    for sample in 0..5_000 {
        let (row, column) = (sample * 7919 % 552, sample * 104_729 % 552);
        let (easting, northing) = setting.grid.pixel_centre(row, column);
        let place = setting.grid.zone.geodetic(easting, northing);
        let expected = height_at(dem, place.longitude, place.latitude);
        assert!((f64::from(heights[[row, column]]) - expected).abs() < 0.02);
    }
}

#[test]
fn strips_and_threads_do_not_matter() {
    let (setting, relief) = alpine(552, 5, 65.0, 120.0);
    let geometry = ViewGeometry::new(&setting);
    let (heights, light) = (relief.heights(0..552), relief.sunlight(&geometry, 0..552));
    let shadows = light.iter().filter(|sun| sun.shadow == ReliefShadow::Cast);
    assert!(shadows.count() > 1_000);
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    pool.install(|| {
        for start in (0..552).step_by(47) {
            let rows = start..(start + 47).min(552);
            let strip = ndarray::s![rows.clone(), ..];
            assert_eq!(relief.heights(rows.clone()), heights.slice(strip));
            assert_eq!(relief.sunlight(&geometry, rows), light.slice(strip));
        }
        let again = Relief::new(&setting, &Shore::new(&setting), &NoProgress).unwrap();
        assert_eq!(again.cells(), relief.cells());
    });
}

#[test]
fn every_landscape_has_its_heights() {
    const SIZE: usize = 2_196;
    for (preset, highest) in [
        (Preset::Coast, 100..400),
        (Preset::AllCloud, 100..400),
        (Preset::AlpineCoast, 1_500..3_500),
        (Preset::AllSnow, 400..900),
        (Preset::Winter, 400..900),
        (Preset::Lagoon, 2..30),
    ] {
        let grid = grid_around(32_632, PLACE[0], PLACE[1], SIZE);
        let setting = Setting::of_preset(preset, 1, grid, Direction::from_degrees(40.0, 150.0));
        let shore = Shore::new(&setting);
        let landform = Landform::new(&setting, &shore);
        let mut scratch = landform::Scratch::default();
        let (mut most, mut lakes) = (0.0_f64, 0);
        let [mut heights, mut from_sea, mut into_lake] = [0, 1, 2].map(|_| vec![0.0; SIZE / 3]);
        let mut lake_level = None;
        for line in 0..SIZE / 3 {
            let row = Row {
                first: 15.0,
                step: 30.0,
                y: 15.0 + 30.0 * line as f64,
            };
            landform.fill(row, &mut scratch, &mut heights);
            shore.distance_from_sea(row, &mut from_sea);
            shore.distance_into_lake(row, &from_sea, &mut into_lake);
            for ((height, sea), lake) in heights.iter().zip(&from_sea).zip(&into_lake) {
                most = most.max(*height);
                assert!(*height <= landform.highest());
                assert_eq!(*height > 0.0, *sea > 0.0);
                if *lake > 0.0 {
                    lakes += 1;
                    assert_eq!(*lake_level.get_or_insert(*height), *height);
                }
            }
        }
        assert!(highest.contains(&(most as i32)), "{preset:?}: {most}");
        assert!(lakes > 0, "{preset:?}");
    }
}

#[test]
fn cells_share_their_rims_and_sea_has_none() {
    // The corner of four degrees.
    let grid = grid_around(32_632, 11.0, 45.0, 552);
    let sun = Direction::from_degrees(50.0, 150.0);
    let setting = Setting::of_preset(Preset::AlpineCoast, 1, grid, sun);
    let relief = Relief::new(&setting, &Shore::new(&setting), &NoProgress).unwrap();
    let at = |south: i32, west: i32| {
        let mut cells = relief.cells().iter();
        cells.find(|cell| (cell.south, cell.west) == (south, west))
    };
    let (north, south) = (at(45, 11).unwrap(), at(44, 11).unwrap());
    assert_eq!(north.heights.row(3_600), south.heights.row(0));
    assert!(south.heights.row(0).iter().any(|height| *height > 100));
    if let Some(west) = at(45, 10) {
        assert_eq!(north.heights.column(0), west.heights.column(3_600));
    }
    // A western cell may be all sea, but none is given that is.
    let is_sea = |cell: &DemCell| cell.heights.iter().all(|height| *height == 0);
    assert!(!relief.cells().iter().any(is_sea));
    let setting = Setting::of_preset(Preset::OpenSea, 1, grid, sun);
    let sea = Relief::new(&setting, &Shore::new(&setting), &NoProgress).unwrap();
    assert!(sea.cells().is_empty());
}

#[test]
fn grids_may_cross_the_antimeridian_and_the_equator() {
    let grid = grid_around(32_601, -179.99, 0.0, 600);
    let cells = vec![
        cell(0, 179, |_, column| f64::from(column - 3_000)),
        cell(0, -180, |_, column| f64::from(column + 600)),
        cell(-1, 179, |_, column| f64::from(column - 3_000)),
        cell(-1, -180, |_, column| f64::from(column + 600)),
    ];
    let heights = Relief::from_cells(cells, grid).unwrap().heights(0..600);
    for row in [0, 299, 300, 599] {
        for column in 0..600 {
            let (easting, northing) = grid.pixel_centre(row, column);
            let longitude = grid.zone.geodetic(easting, northing).longitude.to_degrees();
            let from_meridian = (longitude + 360.0).rem_euclid(360.0) - 180.0;
            let expected = 600.0 + 3_600.0 * from_meridian;
            let height = f64::from(heights[[row, column]]);
            assert!(
                (height - expected).abs() < 0.01,
                "{row} {column}: {height} {expected}"
            );
        }
    }
}

#[test]
fn cells_of_unlike_sizes_are_refused() {
    let cell = |south, nodes| DemCell {
        south,
        west: 11,
        heights: Array2::zeros(nodes),
    };
    let grid = grid_around(32_632, 11.5, 45.5, 60);
    let refused = |cells| {
        Relief::from_cells(cells, grid)
            .err()
            .map(|error| error.to_string())
    };
    let coarse = (1_201, 1_201);
    assert_eq!(refused(vec![cell(45, coarse), cell(46, coarse)]), None);
    let error = refused(vec![cell(45, coarse), cell(46, (601, 601))]).unwrap();
    assert!(error.contains("601 x 601"), "{error}");
    assert!(refused(vec![cell(45, (3_601, 3_600))]).is_some());
    assert!(refused(vec![cell(45, (0, 0))]).is_some());
}
