//! Where a cell that is not there is open sea.

use super::copernicus::copernicus;
use super::*;

/// What is said of a place.
fn at(folder: &TempDir, longitude: f64, latitude: f64) -> Content {
    let place = Geodetic::from_degrees(longitude, latitude);
    opened(folder.path()).cover(place).unwrap().content
}

fn is_sea(folder: &TempDir, longitude: f64, latitude: f64) -> bool {
    match at(folder, longitude, latitude) {
        Content::Sea => true,
        Content::Missing(_) => false,
        Content::Heights(_) => panic!("heights"),
    }
}

/// South, west, and heights by longitude and latitude.
type Cell<'a> = (i32, i32, &'a dyn Fn(f64, f64) -> i16);

/// A folder with cells of SRTM at 3".
fn folder_with(cells: &[Cell<'_>]) -> TempDir {
    let folder = tempdir().unwrap();
    for (south, west, height) in cells {
        write(&folder, *south, *west, height);
    }
    folder
}

fn write(folder: &TempDir, south: i32, west: i32, height: impl Fn(f64, f64) -> i16) {
    let name = format!("{}.hgt", names::cell_name((south, west)));
    fs::write(folder.path().join(name), hgt(south, west, height)).unwrap();
}

#[test]
fn it_is_sea_where_a_whole_border_is_sea() {
    // The coast of the Riviera, south of which is sea, east of which is land.
    let coast = |_: f64, y: f64| match y {
        y if y > 43.5 => 300,
        y if y > 43.2 => 0,
        _ => -3,
    };
    let folder = folder_with(&[(43, 7, &coast)]);
    assert!(is_sea(&folder, 7.5, 42.5));
    for (longitude, latitude, name) in [
        (8.5, 43.5, "N43E008.hgt"),
        (6.5, 43.5, "N43E006.hgt"),
        (7.5, 44.5, "N44E007.hgt"),
        // Corners say nothing, nor does the sea that has no file.
        (8.5, 42.5, "N42E008.hgt"),
        (6.5, 42.5, "N42E006.hgt"),
        (7.5, 41.5, "N41E007.hgt"),
        // Nothing is known here.
        (-140.5, 30.5, "N30W141.hgt"),
    ] {
        let content = at(&folder, longitude, latitude);
        assert!(
            matches!(&content, Content::Missing(wanted) if wanted == name),
            "{content:?}"
        );
    }
    let patch = over(folder.path(), [7.3, 42.7, 7.6, 43.3]);
    assert_eq!(height_at(&patch, 7.5, 42.8), 0.0);
    assert!((height_at(&patch, 7.5, 43.0) + 3.0).abs() < 1e-6);
    let patch = over(folder.path(), [7.8, 43.3, 8.2, 43.6]);
    assert_eq!(patch.missing.iter().collect::<Vec<_>>(), ["N43E008.hgt"]);
    assert!(height_at(&patch, 8.1, 43.4).is_nan() && height_at(&patch, 7.9, 43.4) == 0.0);
}

#[test]
fn one_node_of_land_or_one_void_on_a_border_or_corner_is_enough_against_it() {
    let folder = folder_with(&[(43, 7, &|_, _| 0)]);
    let beside = [(7.5, 42.5), (7.5, 44.5), (6.5, 43.5), (8.5, 43.5)];
    assert!(beside.iter().all(|(x, y)| is_sea(&folder, *x, *y)));
    for height in [1, VOID] {
        for (x, y, seas) in [
            (7.5, 43.0, [false, true, true, true]),
            (7.5, 44.0, [true, false, true, true]),
            (7.0, 43.5, [true, true, false, true]),
            (8.0, 43.5, [true, true, true, false]),
            (8.0, 44.0, [true, false, true, false]),
            (7.5, 43.5, [true; 4]),
        ] {
            let own = |longitude: f64, latitude: f64| {
                let here = (longitude - x).abs() < 1e-6 && (latitude - y).abs() < 1e-6;
                if here { height } else { 0 }
            };
            write(&folder, 43, 7, own);
            assert_eq!(
                beside.map(|(x, y)| is_sea(&folder, x, y)),
                seas,
                "{height} at {x} {y}"
            );
        }
    }
    // A corner that stands out of the sea.
    let corner = |x: f64, y: f64| if x > 6.999 && y > 41.999 { 80 } else { 0 };
    let folder = folder_with(&[(43, 7, &|_, _| 0), (41, 6, &corner)]);
    assert!(!is_sea(&folder, 7.5, 42.5) && is_sea(&folder, 7.5, 44.5));
    // Opposite borders that do not agree.
    let folder = folder_with(&[(43, 7, &|_, _| 0), (41, 7, &|_, _| 5)]);
    assert!(!is_sea(&folder, 7.5, 42.5));
}

#[test]
fn it_is_sea_across_the_antimeridian_and_never_across_a_pole() {
    let folder = folder_with(&[(-17, 179, &|_, _| 0), (10, -180, &|_, _| 0)]);
    assert!(is_sea(&folder, -179.5, -16.5) && is_sea(&folder, 179.5, 10.5));
    assert!(!is_sea(&folder, -179.5, -15.5) && !is_sea(&folder, 178.5, 10.5 + 1.0));
    let hill = |x: f64, _: f64| if x > 179.9999 { 40 } else { 0 };
    let folder = folder_with(&[(-17, 179, &hill)]);
    assert!(!is_sea(&folder, -179.5, -16.5) && is_sea(&folder, 178.5, -16.5));
    let folder = folder_with(&[(89, 10, &|_, _| 0), (-90, 10, &|_, _| 0)]);
    assert!(
        is_sea(&folder, 11.5, 89.5) && is_sea(&folder, 10.5, 88.5) && is_sea(&folder, 9.5, -89.5)
    );
    assert!(!is_sea(&folder, -169.5, 89.5) && !is_sea(&folder, 10.5, -88.5 + 1.0));
}

#[test]
fn the_copernicus_dem_tells_it_too_though_it_lacks_the_last_nodes() {
    let folder = tempdir().unwrap();
    let write = |height: fn(f64, f64) -> f64| {
        let name = "Copernicus_DSM_COG_10_N43_00_E007_00_DEM.tif";
        let bytes = copernicus(43, 7, (360, 240), height);
        fs::write(folder.path().join(name), bytes).unwrap();
    };
    let beside = [(7.5, 42.5), (7.5, 44.5), (6.5, 43.5), (8.5, 43.5)];
    let seas = || beside.map(|(x, y)| is_sea(&folder, x, y));
    write(|_, _| 0.0);
    assert_eq!(seas(), [true; 4]);
    // In the last row, a step within the border, and in the last column.
    write(|x, y| {
        if y < 43.003 && x > 7.5 && x < 7.51 {
            0.4
        } else {
            0.0
        }
    });
    assert_eq!(seas(), [false, true, true, true]);
    write(|x, y| {
        if x > 7.995 && y > 43.5 && y < 43.51 {
            f64::NAN
        } else {
            0.0
        }
    });
    assert_eq!(seas(), [true, true, true, false]);
}

#[test]
fn voids_that_are_filled_are_no_shore() {
    let void = |_: f64, y: f64| if y < 43.01 { VOID } else { 0 };
    let folder = folder_with(&[(43, 7, &void)]);
    let options = DemOptions {
        fill_voids: true,
        ..DemOptions::default()
    };
    let source = open(&DemLocation::Path(folder.path().to_owned()), options).unwrap();
    let content = |longitude, latitude| {
        let place = Geodetic::from_degrees(longitude, latitude);
        source.cover(place).unwrap().content
    };
    assert!(
        matches!(content(7.5, 43.1), Content::Heights(patch) if patch.heights.iter().all(|height| *height == 0.0))
    );
    assert!(matches!(content(7.5, 42.5), Content::Missing(name) if name == "N42E007.hgt"));
}
