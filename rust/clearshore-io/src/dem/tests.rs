//! DEMs written here, read back; damaged ones; real ones against GDAL and against golden heights.

#[cfg(feature = "gdal")]
mod against_gdal;
mod damaged;
mod golden;

use super::*;
use crate::geotiff::tests::{Place, encode};
use clearshore::ErrorKind;
use clearshore::scene::{Geodetic, UtmZone};
use clearshore::terrain::{Content, DemFrame, DemPatch, patch_over};
use std::fs;
use std::io::Write;
use tempfile::{TempDir, tempdir};
use tiff::encoder::colortype::{Gray32Float, GrayI16};
use tiff::encoder::{Compression, Predictor};

const VOID: i16 = -32_768;

/// Content of a cell at 3": heights by longitude and latitude.
fn hgt(south: i32, west: i32, height: impl Fn(f64, f64) -> i16) -> Vec<u8> {
    (0..1_201 * 1_201)
        .flat_map(|node| {
            let (row, column) = (f64::from(node / 1_201), f64::from(node % 1_201));
            height(
                f64::from(west) + column / 1_200.0,
                f64::from(south + 1) - row / 1_200.0,
            )
            .to_be_bytes()
        })
        .collect()
}

fn zipped(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut zip = zip::ZipWriter::new(std::io::Cursor::new(Vec::new()));
    for (name, bytes) in files {
        let options = zip::write::SimpleFileOptions::default();
        zip.start_file(*name, options).unwrap();
        zip.write_all(bytes).unwrap();
    }
    zip.finish().unwrap().into_inner()
}

/// Whole metres at 3", so that integers hold it exactly.
fn plane(longitude: f64, latitude: f64) -> i16 {
    exact_plane(longitude, latitude).round() as i16
}

/// The same at any place.
fn exact_plane(longitude: f64, latitude: f64) -> f64 {
    3_000.0 + 1_200.0 * (longitude - 7.0) - 1_200.0 * (latitude - 45.0)
}

fn opened(path: &Path) -> Box<dyn DemSource + Send> {
    open(&DemLocation::Path(path.to_owned()), DemOptions::default()).unwrap()
}

fn over(path: &Path, area: [f64; 4]) -> DemPatch {
    patch_over(&*opened(path), area).unwrap()
}

fn height_at(patch: &DemPatch, longitude: f64, latitude: f64) -> f64 {
    let (row, column) = patch.node_position(Geodetic::from_degrees(longitude, latitude));
    patch.height(row, column)
}

fn assert_is_plane(patch: &DemPatch) {
    for ((row, column), height) in patch.heights.indexed_iter() {
        let place = patch.place(row as f64, column as f64);
        let expected = exact_plane(place.longitude.to_degrees(), place.latitude.to_degrees());
        assert!(
            (f64::from(*height) - expected).abs() < 0.01,
            "{height} at {row} {column}, not {expected}"
        );
    }
}

/// Three neighbours, in three ways to ship them.
fn srtm_folder() -> TempDir {
    let folder = tempdir().unwrap();
    let write = |name: &str, bytes: &[u8]| fs::write(folder.path().join(name), bytes).unwrap();
    write("N43E007.hgt", &hgt(43, 7, plane));
    let north = hgt(44, 7, |x, y| {
        if x > 7.6 && y > 44.6 {
            VOID
        } else {
            plane(x, y)
        }
    });
    write(
        "n44e007.hgt.zip",
        &zipped(&[("readme.txt", b"!"), ("n44e007.HGT", &north)]),
    );
    let east = hgt(43, 8, |x, y| if x > 8.5 { 0 } else { plane(x, y) });
    write(
        "N43E008.SRTMGL1.hgt.zip",
        &zipped(&[("N43E008.hgt", &east)]),
    );
    write("notes.txt", b"none of them");
    folder
}

#[test]
fn srtm_cells_join_and_voids_are_unknown_but_zero_is_sea_level() {
    let folder = srtm_folder();
    let patch = over(folder.path(), [7.4, 43.8, 7.55, 44.1]);
    assert!((patch.column_step - 1.0 / 1_200.0).abs() < 1e-12);
    assert_is_plane(&patch);
    assert_is_plane(&over(folder.path(), [7.9, 43.2, 8.1, 43.3]));
    let patch = over(folder.path(), [7.5, 44.5, 7.7, 44.7]);
    assert!(height_at(&patch, 7.65, 44.65).is_nan() && patch.missing.is_empty());
    assert!((height_at(&patch, 7.55, 44.65) - exact_plane(7.55, 44.65)).abs() < 0.01);
    assert_eq!(
        height_at(&over(folder.path(), [8.6, 43.5, 8.7, 43.6]), 8.65, 43.55),
        0.0
    );
}

#[test]
fn voids_are_filled_on_request() {
    let folder = srtm_folder();
    let options = DemOptions {
        fill_voids: true,
        ..DemOptions::default()
    };
    let source = open(&DemLocation::Path(folder.path().to_owned()), options).unwrap();
    let patch = patch_over(&*source, [7.5, 44.5, 7.7, 44.7]).unwrap();
    let height = height_at(&patch, 7.61, 44.61);
    assert!((height - exact_plane(7.61, 44.61)).abs() < 20.0, "{height}");
}

#[test]
fn one_cell_alone_is_a_dem() {
    let folder = srtm_folder();
    assert_is_plane(&over(
        &folder.path().join("N43E007.hgt"),
        [7.2, 43.2, 7.3, 43.3],
    ));
}

#[test]
fn a_cell_is_sea_only_where_no_land_is_and_no_shore_speaks_against_it() {
    let folder = tempdir().unwrap();
    let cell = |name: &str, bytes: Vec<u8>| fs::write(folder.path().join(name), bytes).unwrap();
    let at = |longitude, latitude| {
        let source = opened(folder.path());
        source
            .cover(Geodetic::from_degrees(longitude, latitude))
            .unwrap()
            .content
    };
    // The coast of the Riviera, south of which is sea, east of which is land.
    let coast = |_: f64, y: f64| {
        if y > 43.5 {
            300
        } else if y > 43.2 {
            0
        } else {
            -3
        }
    };
    cell("N43E007.hgt", hgt(43, 7, coast));
    assert!(matches!(at(7.5, 42.5), Content::Sea));
    assert!(matches!(at(8.5, 43.5), Content::Missing(name) if name == "N43E008.hgt"));
    assert!(matches!(at(8.5, 42.5), Content::Missing(name) if name == "N42E008.hgt"));
    assert!(matches!(at(-140.5, 30.5), Content::Sea));
    let patch = over(folder.path(), [7.3, 42.7, 7.6, 43.3]);
    assert_eq!(height_at(&patch, 7.5, 42.8), 0.0);
    assert!((height_at(&patch, 7.5, 43.0) + 3.0).abs() < 1e-6);
    let patch = over(folder.path(), [7.8, 43.3, 8.2, 43.6]);
    assert_eq!(patch.missing.iter().collect::<Vec<_>>(), ["N43E008.hgt"]);
    assert!(height_at(&patch, 8.1, 43.4).is_nan() && height_at(&patch, 7.9, 43.4) == 0.0);
    // One node of land on the border, or one void, and the cell is not sea any more.
    for height in [1, VOID] {
        cell(
            "N43E007.hgt",
            hgt(43, 7, |x, y| if x == 7.5 && y == 43.0 { height } else { 0 }),
        );
        assert!(matches!(at(7.5, 42.5), Content::Missing(name) if name == "N42E007.hgt"));
    }
    // Neither is it when a corner stands out of the sea.
    cell("N43E007.hgt", hgt(43, 7, |_, _| 0));
    assert!(matches!(at(7.5, 42.5), Content::Sea));
    cell(
        "N41E006.hgt",
        hgt(41, 6, |x, y| if x == 7.0 && y == 42.0 { 80 } else { 0 }),
    );
    assert!(matches!(at(7.5, 42.5), Content::Missing(_)));
    assert!(
        matches!(at(10.5, 61.5), Content::Missing(name) if name.contains("Copernicus_DSM_COG_10_N61_00_E010_00_DEM.tif"))
    );
}

#[test]
fn cells_join_at_the_antimeridian_and_the_equator() {
    let folder = tempdir().unwrap();
    let height =
        |x: f64, y: f64| (1_200.0 * (x.rem_euclid(360.0) - 180.0) + 600.0 * y).round() as i16;
    for (name, south, west) in [
        ("N00E179.hgt", 0, 179),
        ("N00W180.hgt", 0, -180),
        ("S01E179.hgt", -1, 179),
        ("S01W180.hgt", -1, -180),
    ] {
        fs::write(folder.path().join(name), hgt(south, west, height)).unwrap();
    }
    for area in [[179.9, -0.2, 180.1, 0.2], [-180.0, -0.2, -179.9, 0.2]] {
        let patch = over(folder.path(), area);
        assert!(patch.missing.is_empty());
        for ((row, column), height) in patch.heights.indexed_iter() {
            let place = patch.place(row as f64, column as f64);
            let (x, y) = (
                place.longitude.to_degrees().rem_euclid(360.0),
                place.latitude.to_degrees(),
            );
            let expected = 1_200.0 * (x - 180.0) + 600.0 * y;
            assert!(
                (f64::from(*height) - expected).abs() < 0.51,
                "{height} {expected}"
            );
        }
    }
}

/// A cell of the Copernicus DEM: the first node in the north-west, none on the other borders.
fn copernicus(south: i32, west: i32, (rows, columns): (usize, usize)) -> Vec<u8> {
    let (across, down) = (1.0 / columns as f64, 1.0 / rows as f64);
    let (left, top) = (f64::from(west), f64::from(south + 1));
    let mut place = Place::geographic(left - 0.5 * across, top + 0.5 * down, across);
    place.scale = [across, down, 0.0];
    let samples: Vec<f32> = (0..rows * columns)
        .map(|node| {
            let (row, column) = ((node / columns) as f64, (node % columns) as f64);
            exact_plane(left + column * across, top - row * down) as f32
        })
        .collect();
    encode::<Gray32Float>(
        &place,
        (rows, columns),
        Compression::Deflate(Default::default()),
        Predictor::None,
        &samples,
    )
}

#[test]
fn copernicus_cells_join_across_the_gap_and_the_change_of_step() {
    let folder = tempdir().unwrap();
    for south in [49, 50] {
        for west in [11, 12] {
            let name = format!("Copernicus_DSM_COG_10_N{south}_00_E0{west}_00_DEM");
            let inner = folder.path().join(&name);
            fs::create_dir(&inner).unwrap();
            let columns = if south < 50 { 360 } else { 240 };
            fs::write(
                inner.join(format!("{name}.tif")),
                copernicus(south, west, (360, columns)),
            )
            .unwrap();
        }
    }
    let patch = over(folder.path(), [11.4, 49.6, 12.6, 50.4]);
    assert!((patch.column_step - 1.0 / 360.0).abs() < 1e-12);
    assert!(patch.missing.is_empty());
    assert_is_plane(&patch);
    // East of it nothing is there: the gap is unknown.
    let patch = over(folder.path(), [12.9, 49.4, 13.0, 49.6]);
    assert_eq!(
        patch.missing.iter().collect::<Vec<_>>(),
        ["Copernicus_DSM_COG_10_N49_00_E013_00_DEM.tif"]
    );
    assert!(height_at(&patch, 12.999, 49.5).is_nan() && height_at(&patch, 12.997, 49.5) > 0.0);
}

#[test]
fn cells_of_different_kinds_join_in_one_folder() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("N43E007.hgt"), hgt(43, 7, plane)).unwrap();
    let name = "Copernicus_DSM_COG_30_N43_00_E008_00_DEM.tif";
    fs::write(folder.path().join(name), copernicus(43, 8, (600, 600))).unwrap();
    fs::write(
        folder.path().join("srtm_38_04.zip"),
        zipped(&[("srtm_38_04.tif", &tile(0.0))]),
    )
    .unwrap();
    let patch = over(folder.path(), [6.7, 43.3, 8.3, 43.7]);
    assert!((patch.column_step - 1.0 / 1_200.0).abs() < 1e-12);
    assert_is_plane(&patch);
}

/// CGIAR's tile of 40 to 45 degrees north, 5 to 10 east, at 36", half a node off and `shift` steps more; no data south
/// of 43 north and west of 8 east, where the sea is, and in a void; 0 m around the sea.
fn tile(shift: f64) -> Vec<u8> {
    let (count, step) = (500, 0.01);
    let mut place = Place::geographic(5.0 + shift * step, 45.0 + shift * step, step);
    place.no_data = Some("-32768");
    let samples: Vec<i16> = (0..count * count)
        .map(|node| {
            let (row, column) = (f64::from(node / count), f64::from(node % count));
            let (x, y) = (5.0 + (column + 0.5) * step, 45.0 - (row + 0.5) * step);
            let void = x > 9.5 && y > 44.5;
            if void || (y < 43.0 && x < 8.0) {
                VOID
            } else if y < 43.1 && x < 8.1 {
                0
            } else {
                plane(x, y)
            }
        })
        .collect();
    let shape = (count as usize, count as usize);
    encode::<GrayI16>(
        &place,
        shape,
        Compression::Uncompressed,
        Predictor::None,
        &samples,
    )
}

#[test]
fn tiles_of_five_degrees_are_read_by_cells() {
    for shift in [0.0, 0.0005] {
        let folder = tempdir().unwrap();
        let bytes = zipped(&[("readme.txt", b"!"), ("srtm_38_04.tif", &tile(shift))]);
        fs::write(folder.path().join("srtm_38_04.zip"), bytes).unwrap();
        let patch = over(folder.path(), [6.7, 43.3, 7.3, 44.2]);
        assert!((patch.west / 0.01).fract().abs() - 0.5 < 1e-6);
        assert_is_plane(&patch);
        assert!(height_at(&over(folder.path(), [9.6, 44.6, 9.7, 44.7]), 9.65, 44.65).is_nan());
        // Where a whole cell has no data and no DEM has land, there is sea.
        assert_eq!(
            height_at(&over(folder.path(), [7.2, 42.2, 7.4, 42.4]), 7.3, 42.3),
            0.0
        );
        let patch = over(folder.path(), [10.1, 43.2, 10.2, 43.3]);
        assert_eq!(patch.missing.iter().collect::<Vec<_>>(), ["srtm_39_04.zip"]);
    }
}

#[test]
fn a_raster_in_degrees_ends_where_it_ends() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("dem.tif");
    let place = Place::geographic(7.1, 43.9, 0.001);
    let samples: Vec<f32> = (0..400 * 500)
        .map(|node| {
            let (row, column) = (f64::from(node / 500), f64::from(node % 500));
            exact_plane(7.1005 + 0.001 * column, 43.8995 - 0.001 * row) as f32
        })
        .collect();
    let bytes = encode::<Gray32Float>(
        &place,
        (400, 500),
        Compression::Lzw,
        Predictor::None,
        &samples,
    );
    fs::write(&path, bytes).unwrap();
    let patch = over(&path, [7.2, 43.6, 7.5, 43.8]);
    assert!(patch.missing.is_empty());
    assert_is_plane(&patch);
    let patch = over(&path, [7.05, 43.6, 7.2, 43.8]);
    assert_eq!(
        patch.missing.iter().collect::<Vec<_>>(),
        ["beyond the edge of dem.tif"]
    );
    assert!(height_at(&patch, 7.08, 43.7).is_nan());
    assert!((height_at(&patch, 7.15, 43.7) - exact_plane(7.15, 43.7)).abs() < 0.01);
    assert!(
        over(&path, [20.0, 10.0, 20.1, 10.1])
            .heights
            .iter()
            .all(|height| height.is_nan())
    );
}

#[test]
fn a_raster_in_utm_stays_on_its_own_nodes() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("dem.tif");
    let place = Place::utm(32_632, 350_000.0, 4_860_000.0, 30.0);
    let height = |x: f64, y: f64| 0.02 * (x - 350_000.0) + 0.01 * (4_860_000.0 - y);
    let samples: Vec<f32> = (0..1_000 * 1_200)
        .map(|node| {
            let (row, column) = (f64::from(node / 1_200), f64::from(node % 1_200));
            height(350_015.0 + 30.0 * column, 4_859_985.0 - 30.0 * row) as f32
        })
        .collect();
    let bytes = encode::<Gray32Float>(
        &place,
        (1_000, 1_200),
        Compression::Lzw,
        Predictor::None,
        &samples,
    );
    fs::write(&path, bytes).unwrap();
    let zone = UtmZone::from_epsg(32_632).unwrap();
    let patch = over(&path, [7.2, 43.7, 7.5, 43.85]);
    assert_eq!(patch.frame, DemFrame::Utm(zone));
    let columns = (patch.west - 350_015.0) / 30.0;
    assert!(patch.column_step == 30.0 && (columns - columns.round()).abs() < 1e-5);
    assert!(patch.missing.is_empty());
    for (longitude, latitude) in [
        (7.2, 43.7),
        (7.5, 43.7),
        (7.2, 43.85),
        (7.5, 43.85),
        (7.3, 43.8),
    ] {
        let (x, y) = zone.project(Geodetic::from_degrees(longitude, latitude));
        let got = height_at(&patch, longitude, latitude);
        assert!(
            (got - height(x, y)).abs() < 0.01,
            "{got} at {longitude} {latitude}"
        );
    }
    let patch = over(&path, [7.0, 43.7, 7.2, 43.8]);
    assert_eq!(
        patch.missing.iter().collect::<Vec<_>>(),
        ["beyond the edge of dem.tif"]
    );
}

#[test]
fn the_most_that_is_kept_changes_nothing() {
    let folder = srtm_folder();
    let area = [7.6, 43.6, 8.3, 44.3];
    let patches = [0, 7_000_000, usize::MAX].map(|most_bytes| {
        let options = DemOptions {
            most_bytes,
            fill_voids: false,
        };
        let source = open(&DemLocation::Path(folder.path().to_owned()), options).unwrap();
        patch_over(&*source, area).unwrap()
    });
    let bits = |patch: &DemPatch| patch.heights.mapv(f32::to_bits);
    assert_eq!(bits(&patches[0]), bits(&patches[1]));
    assert_eq!(bits(&patches[0]), bits(&patches[2]));
    assert_eq!(patches[0].missing, patches[2].missing);
}

#[test]
fn snaps_folders_are_found_by_name() {
    let user = tempdir().unwrap();
    let folder = user.path().join("auxdata/dem/SRTM 1Sec HGT");
    fs::create_dir_all(&folder).unwrap();
    let bytes = zipped(&[("N43E007.hgt", &hgt(43, 7, plane))]);
    fs::write(folder.join("N43E007.SRTMGL1.hgt.zip"), bytes).unwrap();
    let location = |name: &str| DemLocation::Snap {
        name: name.into(),
        user_folder: user.path().to_owned(),
    };
    let source = open(&location("SRTM 1Sec HGT"), DemOptions::default()).unwrap();
    assert_is_plane(&patch_over(&*source, [7.2, 43.2, 7.3, 43.3]).unwrap());
    let kind = |name| {
        open(&location(name), DemOptions::default())
            .err()
            .unwrap()
            .kind()
    };
    assert_eq!(kind("SRTM 3Sec"), ErrorKind::Auxiliary);
    assert_eq!(kind("no such"), ErrorKind::Parameter);
}
