//! DEMs written here, read back; damaged ones; real ones against GDAL and against golden heights.

#[cfg(feature = "gdal")]
mod against_gdal;
mod borders;
mod copernicus;
mod damaged;
mod golden;
mod rasters;
mod sea;
mod tiles;

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

#[test]
fn the_path_of_a_dem_is_what_is_opened() {
    let folder = srtm_folder();
    let other = tempdir().unwrap();
    let params = Params {
        dem_folder: Some(other.path().to_owned()),
        ..Params::default()
    };
    assert_eq!(path_of_params(&params).unwrap(), other.path());
    let properties = format!("dem.installDir={}", folder.path().display());
    fs::write(other.path().join("dem.properties"), properties).unwrap();
    assert_eq!(path_of_params(&params).unwrap(), folder.path());
    let source = of_params(&params).unwrap().unwrap();
    assert_is_plane(&patch_over(&*source, [7.2, 43.2, 7.3, 43.3]).unwrap());
    let file = folder.path().join("N43E007.hgt");
    let params = Params {
        external_dem_file: Some(file.clone()),
        ..params
    };
    assert_eq!(path_of_params(&params).unwrap(), file);
}
