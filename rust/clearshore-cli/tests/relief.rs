//! Relief shadow through the program.

// Outside of `#[test]` functions the lint also sees the helpers.
#![allow(clippy::unwrap_used, clippy::print_stderr, clippy::print_stdout)]

mod support;

use clearshore::simulate::DemCell;
use clearshore_io::dem::{hgt_bytes, hgt_name};
use gdal::DriverManager;
use gdal::raster::{Buffer, GdalType};
use gdal::spatial_ref::SpatialRef;
use ndarray::Array2;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Output;
use support::{
    code, is_stopped_cleanly, json, names, program, run, simulated, stderr, stdout, text,
};
use tempfile::TempDir;

const LIT: u8 = 0;
const CAST: u8 = 1;
const SELF: u8 = 2;
const UNKNOWN: u8 = 255;
/// Nodes along a side of a cell at 3".
const NODES: usize = 1_201;

/// Writes a cell of SRTM's format at 3"; heights by row and column of the nodes, from the north-west.
fn write_cell(
    folder: &Path,
    south: i32,
    west: i32,
    height: impl Fn(usize, usize) -> i16,
) -> PathBuf {
    let cell = DemCell {
        south,
        west,
        heights: Array2::from_shape_fn((NODES, NODES), |(row, column)| height(row, column)),
    };
    let path = folder.join(hgt_name(&cell));
    fs::write(&path, hgt_bytes(&cell)).unwrap();
    path
}

fn read<T: GdalType + Copy>(path: &Path) -> Array2<T> {
    let dataset = gdal::Dataset::open(path).unwrap();
    let band = dataset.rasterband(1).unwrap();
    let (width, height) = band.size();
    let values = band.read_band_as::<T>().unwrap().data().to_vec();
    Array2::from_shape_vec((height, width), values).unwrap()
}

/// Runs the subcommand and reads what it wrote.
fn shadow(folder: &Path, arguments: &[&str]) -> (Array2<u8>, Output) {
    let path = folder.join("shadow.tif");
    let mut all = vec!["relief", "-o", text(&path)];
    all.extend(arguments);
    let output = run(&all);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    (read(&path), output)
}

fn count(values: &Array2<u8>, wanted: u8) -> usize {
    values.iter().filter(|value| **value == wanted).count()
}

/// In the middle of the cell N45E005, in zone 31: 500 x 400 pixels of 20 m.
const MIDDLE: [&str; 4] = [
    "--epsg=32631",
    "--origin=690000,5044000",
    "--pixel=20",
    "--size=500x400",
];

/// A folder with the cell N45E005, flat but for what is given.
fn cell(height: impl Fn(usize, usize) -> i16) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    write_cell(folder.path(), 45, 5, height);
    folder
}

#[test]
fn flat_ground_is_lit_and_the_file_says_where_and_how() {
    let dem = cell(|_, _| 100);
    let target = tempfile::tempdir().unwrap();
    let folder = target.path().join("made/by us");
    let mut arguments = MIDDLE.to_vec();
    arguments.extend(["--dem", text(dem.path()), "--sun=160,30"]);
    let (values, output) = shadow(&folder, &arguments);
    assert_eq!(count(&values, LIT), 200_000);
    assert_eq!(stderr(&output), "");
    assert!(
        stdout(&output).starts_with("lit               100.000 %\n"),
        "{}",
        stdout(&output)
    );
    assert!(stdout(&output).ends_with("made/by us/shadow.tif\n"));
    assert_eq!(names(&folder), ["shadow.tif"]);

    let file = gdal::Dataset::open(folder.join("shadow.tif")).unwrap();
    assert_eq!(file.raster_size(), (500, 400));
    assert_eq!(
        file.geo_transform().unwrap(),
        [690_000.0, 20.0, 0.0, 5_044_000.0, 0.0, -20.0]
    );
    assert_eq!(file.spatial_ref().unwrap().auth_code().unwrap(), 32_631);
    let band = file.rasterband(1).unwrap();
    assert_eq!(band.no_data_value(), Some(255.0));
    assert_eq!(band.band_type().name(), "Byte");
    let layout = gdal::Metadata::metadata_item(&file, "LAYOUT", "IMAGE_STRUCTURE");
    assert_eq!(layout.as_deref(), Some("COG"));
    let made = gdal::Metadata::metadata_item(&file, "PARAMETERS", "").unwrap();
    let made: serde_json::Value = serde_json::from_str(&made).unwrap();
    assert_eq!(made["dem"], text(dem.path()));
    assert!(
        (made["sun"][0].as_f64().unwrap() - 160.0).abs() < 1e-9,
        "{made}"
    );

    let (_, output) = shadow(&folder, &[&arguments[..], &["--json", "--exact"]].concat());
    let report = json(&output);
    for (key, value) in [
        ("pixels", 200_000.into()),
        ("lit", 200_000.into()),
        ("unknown", 0.into()),
        ("dem", text(dem.path()).into()),
        ("missing", serde_json::json!([])),
        ("files", serde_json::json!([folder.join("shadow.tif")])),
    ] {
        assert_eq!(report[key], value, "{key}");
    }
}

/// A wall of 1000 m along a line of grid north, in a plain at sea level; it ends in the north.
///
/// By hand: a sun at elevation 20 makes a shadow of 1000 m / tan(20) = 2747.5 m; over such a distance the Earth curves by
/// 2747.5² / 2R = 0.6 m, which takes 1.6 m from it. The sun is in true east; there the meridians converge by atan(tan(Δλ) sin φ), so that the
/// shadow of the wall's end runs that much south of grid west. Scale of the projection: 0.9996 (1 + x² / 2R²).
#[test]
fn a_wall_throws_its_shadow_as_long_and_where_it_must() {
    const STEP: f64 = 10.0;
    const WALL: usize = 600;
    const END: usize = 650;
    const WEST: f64 = 688_000.0;
    const NORTH: f64 = 5_048_000.0;
    let folder = tempfile::tempdir().unwrap();
    let dem = folder.path().join("wall.tif");
    // To the east as far as a ray may be below the highest ground of the Earth.
    let (width, height) = (3_700, 1_400);
    let driver = DriverManager::get_driver_by_name("GTiff").unwrap();
    let mut raster = driver
        .create_with_band_type::<i16, _>(&dem, width, height, 1)
        .unwrap();
    raster
        .set_spatial_ref(&SpatialRef::from_epsg(32_631).unwrap())
        .unwrap();
    // Nodes at the centres of pixels.
    raster
        .set_geo_transform(&[WEST - 5.0, STEP, 0.0, NORTH + 5.0, 0.0, -STEP])
        .unwrap();
    let heights = (0..width * height).map(|node| {
        let (row, column) = (node / width, node % width);
        if column == WALL && row >= END {
            1_000
        } else {
            0
        }
    });
    let mut heights = Buffer::new((width, height), heights.collect());
    raster
        .rasterband(1)
        .unwrap()
        .write((0, 0), (width, height), &mut heights)
        .unwrap();
    raster.close().unwrap();

    const PIXEL: f64 = 5.0;
    const LEFT: f64 = 690_000.0;
    const TOP: f64 = 5_042_500.0;
    let grid = [
        "--epsg=32631",
        "--origin=690000,5042500",
        "--pixel=5",
        "--size=820x400",
    ];
    let easting = WEST + WALL as f64 * STEP;
    let (place_east, place_north) = (easting - 500_000.0, NORTH - END as f64 * STEP);
    let (longitude, latitude) = place_by_proj(easting, place_north);
    let convergence = ((longitude - 3.0).to_radians().tan() * latitude.to_radians().sin()).atan();
    let scale = 0.9996 * (1.0 + place_east.powi(2) / (2.0 * 6_378_000_f64.powi(2)));
    let length = scale * (1_000.0 / 20_f64.to_radians().tan() - 1.6);
    for mode in [
        &["--sun=90,20"][..],
        &["--sun=90,20", "--exact"],
        &["--view=90,20"],
    ] {
        let mut arguments = grid.to_vec();
        arguments.extend(["--dem", text(&dem)]);
        arguments.extend(mode);
        let (values, output) = shadow(folder.path(), &arguments);
        assert_eq!(count(&values, UNKNOWN), 0, "{}", stderr(&output));
        // In the last row the wall's end is far away.
        let last = values.row(399);
        let tip = last.iter().position(|value| *value == CAST).unwrap() as f64 * PIXEL;
        let measured = easting - LEFT - tip;
        let expected = length * convergence.cos();
        assert!(
            (measured - expected).abs() <= PIXEL,
            "{measured} {expected}"
        );
        assert!(
            last.iter()
                .skip((tip / PIXEL) as usize)
                .take(540)
                .all(|value| *value == CAST)
        );
        // The border in the north, 2500 m and 500 m west of the wall.
        for distance in [2_500.0, 500.0] {
            let column = ((easting - distance - LEFT) / PIXEL) as usize;
            let top = values
                .column(column)
                .iter()
                .position(|value| *value == CAST)
                .unwrap();
            let measured = place_north - (TOP - top as f64 * PIXEL);
            // Where the wall's end, which rises over 10 m, is as high as the ray.
            let ramp = STEP * (1.0 - distance * 20_f64.to_radians().tan() / 1_000.0);
            let expected = distance * convergence.tan() - ramp;
            assert!(
                (measured - expected).abs() <= PIXEL,
                "{measured} {expected}"
            );
        }
        // East of it nothing is dark but the wall's own foot.
        assert!(
            values
                .slice(ndarray::s![.., 804..])
                .iter()
                .all(|value| *value == LIT)
        );
    }
}

/// Longitude and latitude, degrees, by PROJ.
fn place_by_proj(easting: f64, northing: f64) -> (f64, f64) {
    use gdal::spatial_ref::{AxisMappingStrategy, CoordTransform};
    let mut geodetic = SpatialRef::from_epsg(4326).unwrap();
    geodetic.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    let utm = SpatialRef::from_epsg(32_631).unwrap();
    let (mut x, mut y) = ([easting], [northing]);
    CoordTransform::new(&utm, &geodetic)
        .unwrap()
        .transform_coords(&mut x, &mut y, &mut [])
        .unwrap();
    (x[0], y[0])
}

/// A slope of 60 m in 3" to the north: some 33 degrees, steeper than the sun in the south is high.
#[test]
fn a_slope_that_faces_away_and_the_ground_below_it_are_dark() {
    // The ridge's nodes are a line of latitude; beyond the slope's foot the plain is in cast shadow.
    let ridge = 620;
    let dem = cell(|row, _| match row {
        _ if row > ridge => 1_200,
        _ if row > ridge - 20 => 1_200 - 60 * (ridge - row) as i16,
        _ => 0,
    });
    let target = tempfile::tempdir().unwrap();
    let mut arguments = MIDDLE.to_vec();
    arguments.extend(["--dem", text(dem.path()), "--sun=180,25"]);
    let (values, _) = shadow(target.path(), &arguments);
    // The upper rows are the north. A column through the slope, from the plateau in the south on.
    let column: Vec<u8> = values.column(250).iter().rev().copied().collect();
    let crest = column.iter().position(|value| *value != LIT).unwrap();
    assert!(
        column[crest..]
            .iter()
            .skip_while(|value| **value != LIT)
            .all(|value| *value == LIT)
    );
    let dark = column
        .iter()
        .filter(|value| **value == CAST || **value == SELF)
        .count();
    // 1200 m / tan(25 degrees) = 2573 m from the crest.
    let length = 20.0 * dark as f64;
    assert!((length - 2_573.0).abs() < 40.0, "{length}");
    let (values, output) = shadow(
        target.path(),
        &[&arguments[..], &["--features", "--json"]].concat(),
    );
    let files = [
        "shadow.tif",
        "shadow_cos_incidence.tif",
        "shadow_sun_visibility.tif",
    ];
    assert_eq!(names(target.path()), files);
    assert_eq!(json(&output)["files"].as_array().unwrap().len(), 3);
    let incidence = read::<f32>(&target.path().join(files[1]));
    let visibility = read::<f32>(&target.path().join(files[2]));
    // A plain sees the sun under sin(25 degrees).
    assert!((incidence[[399, 250]] - 25_f32.to_radians().sin()).abs() < 1e-3);
    // A kilometre below the crest: 60 m in 3" of a meridian, 92.62 m, are 32.94 degrees.
    let slope = incidence[[399 - crest - 50, 250]];
    assert!(
        (slope - (25_f32 - 32.94).to_radians().sin()).abs() < 1e-3,
        "{slope}"
    );
    for ((value, incidence), visibility) in values.iter().zip(&incidence).zip(&visibility) {
        assert!((0.0..=1.0).contains(visibility));
        assert!(*value != SELF || *incidence < 0.0);
        // The sun's centre is hidden: at most half of the disc is seen.
        assert!(*value != CAST || *visibility <= 0.51, "{visibility}");
        assert!(*value != LIT || *visibility >= 0.49, "{visibility}");
    }
}

#[test]
fn what_depends_on_missing_cells_and_voids_is_unknown() {
    let dem = cell(|row, column| match (row, column) {
        (600, 560..600) => -32_768,
        _ => 100,
    });
    let target = tempfile::tempdir().unwrap();
    // The cell ends in the east, where N45E006 is land.
    let east = [
        "--epsg=32631",
        "--origin=722000,5044000",
        "--pixel=20",
        "--size=500x400",
    ];
    let named = ["--dem", text(dem.path())];
    let (values, output) = shadow(
        target.path(),
        &[&east[..], &named, &["--sun=90,30"]].concat(),
    );
    assert!(
        stderr(&output).contains("lacks N45E006"),
        "{}",
        stderr(&output)
    );
    assert_eq!(count(&values, UNKNOWN), 200_000);
    // The same pixels under a sun in the west see nothing of it.
    let (values, output) = shadow(
        target.path(),
        &[&east[..], &named, &["--sun=-90,30"]].concat(),
    );
    assert_eq!((count(&values, UNKNOWN), stderr(&output).as_str()), (0, ""));

    // A void in the middle of the other grid: unknown to the north of it, under a sun in the south.
    let arguments = [&MIDDLE[..], &named, &["--sun=180,60"]].concat();
    let (values, _) = shadow(target.path(), &arguments);
    let unknown = count(&values, UNKNOWN);
    assert!(
        unknown > 1_000 && count(&values, LIT) == 200_000 - unknown,
        "{unknown}"
    );
    let (values, _) = shadow(
        target.path(),
        &[&arguments[..], &["--dem-void-policy=fill"]].concat(),
    );
    assert_eq!(count(&values, LIT), 200_000);
}

/// Cells of sea around N43E007, as the references have it: a folder with all of them.
fn golden() -> Option<(PathBuf, TempDir)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/golden/relief");
    if !folder.is_dir() {
        eprintln!("skipped: no reference masks at {}", folder.display());
        return None;
    }
    let dem = tempfile::tempdir().unwrap();
    fs::copy(
        folder.join("dem/N43E007.hgt.zip"),
        dem.path().join("N43E007.hgt.zip"),
    )
    .unwrap();
    for (south, west) in [
        (42, 7),
        (42, 8),
        (43, 6),
        (43, 8),
        (44, 6),
        (44, 7),
        (44, 8),
    ] {
        write_cell(dem.path(), south, west, |_, _| 0);
    }
    Some((folder, dem))
}

/// Of the strict references: pixels that differ, pixels that both call dark, that either does, and all.
#[derive(Default)]
struct Tally([usize; 4]);

impl Tally {
    fn compare(&mut self, found: &Array2<u8>, expected: ndarray::ArrayView2<'_, u8>) {
        assert_eq!(count(found, UNKNOWN), 0);
        for (found, expected) in found.iter().zip(expected) {
            if *expected != UNKNOWN {
                let (dark, expected) = (*found == CAST, *expected == 1);
                let counts = [dark != expected, dark && expected, dark || expected, true];
                for (sum, counts) in self.0.iter_mut().zip(counts) {
                    *sum += usize::from(counts);
                }
            }
        }
    }
}

#[test]
fn cast_shadows_are_those_of_an_independent_line_of_sight_program() {
    let Some((references, dem)) = golden() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let (mut fast, mut exact) = (Tally::default(), Tally::default());
    for (case, sun) in [
        ("B_riviera_sun_az110_el10", "--sun=110,10"),
        ("B_riviera_sun_az160_el35", "--sun=160,35"),
        ("B_riviera_sun_az245_el15", "--sun=245,15"),
    ] {
        let reference = read::<u8>(&references.join(format!("{case}.ref.tif")));
        let usual = ["--dem", text(dem.path()), "--epsg=32632", "--pixel=20", sun];
        let whole = ["--origin=371380,4858160", "--size=400x400"];
        let (found, _) = shadow(folder.path(), &[&usual[..], &whole].concat());
        fast.compare(&found, reference.view());
        // A small window of it.
        let window = ["--origin=373380,4856160", "--size=120x120", "--exact"];
        let (found, _) = shadow(folder.path(), &[&usual[..], &window].concat());
        exact.compare(&found, reference.slice(ndarray::s![100..220, 100..220]));
    }
    for (way, Tally([differing, both, either, all])) in [("fast", fast), ("exact", exact)] {
        let (overlap, share) = (both as f64 / either as f64, differing as f64 / all as f64);
        println!("{way}: {differing} of {all} differ, overlap {overlap:.5}");
        assert!(
            overlap >= 0.998 && share <= 0.000_5,
            "{way}: {overlap} {share}"
        );
    }
}

#[test]
fn ground_hidden_from_a_sensor_is_that_of_the_reference() {
    let Some((references, _)) = golden() else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let dem = references.join("dem/N10E020.hgt.zip");
    let manifest = fs::read_to_string(references.join("manifest.json")).unwrap();
    let manifest: serde_json::Value = serde_json::from_str(&manifest).unwrap();
    let cases = manifest.as_array().unwrap();
    let case = cases.iter().find(|case| case["kind"] == "view").unwrap();
    let arguments = [
        format!("--dem={}", dem.display()),
        format!("--epsg={}", case["epsg"]),
        format!("--origin={},{}", case["ulx"], case["uly"]),
        format!("--pixel={}", case["step"]),
        format!("--size={0}x{0}", case["n"]),
        format!("--view={},{}", case["az_deg"], case["el_deg"]),
    ];
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let (found, output) = shadow(folder.path(), &arguments);
    let name = case["case"].as_str().unwrap();
    let mut tally = Tally::default();
    tally.compare(
        &found,
        read::<u8>(&references.join(format!("{name}.ref.tif"))).view(),
    );
    println!("{:?}", tally.0);
    assert!(
        tally.0[0] as f64 <= 0.000_5 * tally.0[3] as f64,
        "{:?}",
        tally.0
    );
    assert!(
        stdout(&output).starts_with("in view "),
        "{}",
        stdout(&output)
    );
}

/// The shadow of a simulated product is the simulator's own, which has its own rays, but at its edges.
#[test]
fn a_product_has_its_own_sun_and_its_scene_the_true_shadow() {
    let folder = tempfile::tempdir().unwrap();
    let options = [
        "--preset=alpine-coast",
        "--size=549",
        "--sun=22,40",
        "--clouds=none",
    ];
    let scene = simulated(folder.path(), &options);
    let path = |key: &str| scene[key].as_str().unwrap().to_owned();
    let (product, dem) = (path("product"), path("dem"));
    let target = tempfile::tempdir().unwrap();
    let usual = [product.as_str(), "--dem", &dem, "--resolution=10"];
    let (found, output) = shadow(target.path(), &usual);
    assert_eq!(stderr(&output), "");
    let truth = read::<u8>(&Path::new(&path("truth")).join("relief_shadow.tif"));
    assert_eq!(truth.dim(), found.dim());
    let [mut differing, mut away_from_edges, mut dark] = [0; 3];
    for ((place, expected), found) in truth.indexed_iter().zip(&found) {
        dark += usize::from(*expected != LIT);
        if (*expected == LIT) == (*found == LIT) {
            continue;
        }
        differing += 1;
        let around = |at: usize| at.saturating_sub(1)..(at + 2).min(549);
        let near = truth.slice(ndarray::s![around(place.0), around(place.1)]);
        away_from_edges +=
            usize::from(near.iter().all(|near| (*near == LIT) == (*expected == LIT)));
    }
    println!(
        "{differing} of {} differ, {away_from_edges} away from edges; {dark} dark",
        truth.len()
    );
    assert!(dark > 10_000);
    assert!(differing < truth.len() / 10_000 && away_from_edges == 0);

    // The metadata's sun stands where it was told to.
    let (same, _) = shadow(target.path(), &[&usual[..], &["--sun=40,22"]].concat());
    let differing = same
        .iter()
        .zip(&found)
        .filter(|(one, other)| one != other)
        .count();
    assert!(differing < truth.len() / 1_000, "{differing}");
    // Another sun, coarser pixels, another number of threads.
    let (other, _) = shadow(target.path(), &[&usual[..], &["--sun=220,60"]].concat());
    assert!(count(&other, LIT) > count(&found, LIT));
    let (coarse, _) = shadow(target.path(), &[&product, "--dem", &dem, "--resolution=60"]);
    assert_eq!(coarse.dim(), (92, 92));
    let bytes = |threads: &str| {
        shadow(
            target.path(),
            &[&usual[..], &["--features", threads]].concat(),
        );
        names(target.path())
            .iter()
            .map(|name| fs::read(target.path().join(name)).unwrap())
            .collect::<Vec<_>>()
    };
    let one = bytes("--threads=1");
    assert!(one.len() == 3 && one == bytes("--threads=3"));
}

/// Bent rays follow the Earth's curvature for a part: what stands far away seems less low.
#[test]
fn refraction_lengthens_long_shadows() {
    let dem = cell(|row, _| if row == 900 { 3_000 } else { 0 });
    write_cell(dem.path(), 44, 5, |_, _| 0);
    let target = tempfile::tempdir().unwrap();
    let grid = [
        "--epsg=32631",
        "--origin=690000,5040000",
        "--pixel=5",
        "--size=5x2400",
    ];
    let named = ["--dem", text(dem.path()), "--sun=180,8"];
    let usual = [&grid[..], &named].concat();
    let (straight, _) = shadow(target.path(), &usual);
    let (bent, _) = shadow(target.path(), &[&usual[..], &["--refraction"]].concat());
    // The wall's top, lowered by (1 - k) d² / 2R, stands d tan(8 degrees) high: k is 0 or 0.13.
    let slope = 8_f64.to_radians().tan();
    let length = |k: f64| {
        let bend = (1.0 - k) / (2.0 * 6_367_000.0);
        ((slope * slope + 4.0 * bend * 3_000.0).sqrt() - slope) / (2.0 * bend)
    };
    // Five columns of pixels of 5 m.
    let longer = count(&bent, CAST) as f64 - count(&straight, CAST) as f64;
    let expected = length(0.13) - length(0.0);
    assert!((longer - expected).abs() <= 5.0, "{longer} {expected}");
    let output = run(&[
        &["relief", "-o", "x.tif", "--exact", "--refraction"],
        &usual[..],
    ]
    .concat());
    assert_eq!(code(&output), 2, "{}", stderr(&output));
}

#[test]
fn wrong_requests_are_named_and_leave_nothing() {
    let dem = cell(|_, _| 0);
    let dem = text(dem.path());
    let folder = tempfile::tempdir().unwrap();
    let damaged = folder.path().join("N45E005.hgt");
    fs::write(&damaged, [0; 1_000]).unwrap();
    let target = folder.path().join("out");
    fs::create_dir(&target).unwrap();
    let path = target.join("shadow.tif");
    let sun = "--sun=160,30";
    let usual = ["--dem", dem, MIDDLE[0], MIDDLE[1], MIDDLE[2]];
    let size = MIDDLE[3];
    for (arguments, exit, expected) in [
        // Of the program's own: options in other tests.
        (vec![size], 2, "--sun AZIMUTH,ELEVATION"),
        (vec!["--size=100000x100000", sun], 2, "250 million"),
        (vec![size, "--sun=160,-5"], 2, "above the horizon"),
        (vec![size, sun, "--view=100,80"], 2, "cannot be used with"),
        (
            vec![size, sun, "--exact", "--features"],
            2,
            "cannot be used with",
        ),
        (vec![size, sun, "--resolution=10"], 2, "cannot be used with"),
        (
            vec![size, sun, "--dem-name=SRTM 3Sec"],
            2,
            "cannot be used with",
        ),
        (vec![sun], 2, "--size"),
        (vec![size, sun, "--threads=0"], 2, "threads"),
        (
            vec![size, sun, "--granule=T31TFL"],
            2,
            "cannot be used with",
        ),
    ] {
        let all = [&["relief", "-o", text(&path)], &usual[..], &arguments].concat();
        let output = run(&all);
        assert_eq!(code(&output), exit, "{arguments:?} {}", stderr(&output));
        assert!(stderr(&output).contains(expected), "{}", stderr(&output));
        assert!(names(&target).is_empty());
    }
    for (dem, exit, expected) in [
        (Some("/nonexistent"), 4, "/nonexistent"),
        (Some(text(&damaged)), 4, "25934402"),
        (Some(text(&target)), 4, "there is no DEM in the folder"),
        (None, 4, "SRTM 1Sec HGT"),
    ] {
        let mut all = vec!["relief", "-o", text(&path), sun];
        all.extend(MIDDLE);
        all.extend(dem.iter().flat_map(|dem| ["--dem", dem]));
        let output = run(&all);
        assert_eq!(code(&output), exit, "{dem:?} {}", stderr(&output));
        assert!(stderr(&output).contains(expected), "{}", stderr(&output));
        assert!(names(&target).is_empty());
    }
    let usual = [&usual[..], &[size, sun]].concat();
    for (output, exit) in [
        (text(&target), 2),
        ("/proc/nothing/shadow.tif", 5),
        ("..", 2),
    ] {
        let output = run(&[&["relief", "-o", output], &usual[..]].concat());
        assert_eq!(code(&output), exit, "{}", stderr(&output));
    }
    let output = run(&["relief", "-o", text(&path), "/nonexistent"]);
    assert_eq!(code(&output), 3, "{}", stderr(&output));
    let output = run(&["relief", "-o", text(&path), "--dem", dem, sun]);
    assert_eq!(code(&output), 2, "{}", stderr(&output));
    assert!(names(&target).is_empty());
}

/// What SNAP has downloaded is found by name.
#[test]
fn the_cells_of_snap_are_taken_where_no_others_are_named() {
    let home = tempfile::tempdir().unwrap();
    let cells = home.path().join(".snap/auxdata/dem/SRTM 3Sec");
    fs::create_dir_all(&cells).unwrap();
    write_cell(&cells, 45, 5, |_, _| 100);
    let target = tempfile::tempdir().unwrap();
    let path = target.path().join("shadow.tif");
    let mut command = program();
    command
        .env("HOME", home.path())
        .args([
            "relief",
            "--json",
            "--dem-name=SRTM 3Sec",
            "--sun=160,30",
            "-o",
            text(&path),
        ])
        .args(MIDDLE);
    let output = command.output().unwrap();
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let report = json(&output);
    assert_eq!(
        (&report["dem"], &report["lit"]),
        (&text(&cells).into(), &200_000.into())
    );
}

#[cfg(unix)]
#[test]
fn ctrl_c_stops_within_half_a_second_and_leaves_nothing() {
    let dem = cell(|row, column| (row * 7 % 900 + column * 13 % 700) as i16);
    for (mode, delay) in [
        ("--features", 0),
        ("--features", 400),
        ("--exact", 200),
        ("--exact", 1_000),
    ] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("shadow.tif");
        let mut command = program();
        command
            .args(["relief", "--dem", text(dem.path()), "-o", text(&path), mode])
            .args([
                MIDDLE[0],
                MIDDLE[1],
                "--pixel=5",
                "--size=3000x3000",
                "--sun=170,12",
            ]);
        if !is_stopped_cleanly(&mut command, folder.path(), "-INT", delay) {
            break; // A fast machine.
        }
    }
}
