//! Relief shadow in the flags of a simulated alpine coast.
#![cfg(unix)]
// Outside of `#[test]` functions the lint also sees the helpers.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod support;

use clearshore::flags::Flags;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;
use support::{code, json, names, program, simulated, stderr, text};
use tempfile::TempDir;

/// A scene under a low sun, and its mask over its own elevation model.
struct Scene {
    folder: TempDir,
    product: String,
    dem: String,
    truth: Vec<u8>,
    flags: Vec<Flags>,
}

static SCENE: LazyLock<Scene> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let options = ["--preset=alpine-coast", "--size=549", "--sun=22,40"];
    let scene = simulated(folder.path(), &options);
    let path = |key: &str| scene[key].as_str().unwrap().to_owned();
    let truth = Path::new(&path("truth")).join("relief_shadow.tif");
    let (product, dem) = (path("product"), path("dem"));
    let (flags, report, _) = mask(&product, &["--dem-folder", &dem], &[]);
    assert_eq!(report["dem"], dem.as_str());
    Scene {
        folder,
        truth: read(&truth),
        product,
        dem,
        flags,
    }
});

fn read<T: gdal::raster::GdalType + Copy>(path: &Path) -> Vec<T> {
    let dataset = gdal::Dataset::open(path).unwrap();
    let band = dataset.rasterband(1).unwrap();
    band.read_band_as::<T>().unwrap().data().to_vec()
}

/// The flags of a product at 10 m, the report, and what was said on stderr.
fn mask(
    product: &str,
    options: &[&str],
    environment: &[(&str, &Path)],
) -> (Vec<Flags>, serde_json::Value, String) {
    let folder = tempfile::tempdir().unwrap();
    let output = program()
        .args(["mask", product, "-o", text(folder.path())])
        .args(["--json", "--resolution=10"])
        .args(options)
        .envs(environment.iter().copied())
        .output()
        .unwrap();
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let name = names(folder.path());
    let name = name
        .iter()
        .find(|name| name.ends_with("_clearshore_flags.tif"));
    let flags = read::<i32>(&folder.path().join(name.unwrap()));
    let flags = flags.into_iter().map(Flags::from_bits_retain).collect();
    (flags, json(&output)["products"][0].clone(), stderr(&output))
}

/// Intersection over union of two sets of pixels.
fn overlap(pixels: impl Iterator<Item = (bool, bool)>) -> f64 {
    let (mut both, mut either) = (0, 0);
    for (one, other) in pixels {
        both += usize::from(one && other);
        either += usize::from(one || other);
    }
    both as f64 / either as f64
}

#[test]
fn relief_shadow_is_the_simulated_one() {
    let Scene { truth, flags, .. } = &*SCENE;
    let pairs = || truth.iter().zip(flags);
    let unknown = flags
        .iter()
        .filter(|flags| flags.contains(Flags::TERRAIN_UNKNOWN));
    assert_eq!(unknown.count(), 0);
    let shadow =
        overlap(pairs().map(|(truth, flags)| (*truth > 0, flags.contains(Flags::MOUNTAIN_SHADOW))));
    println!("overlap {shadow:.6}");
    assert!(shadow >= 0.999, "{shadow}");
    // The simulator has one number for a pixel: 1 where something else stands before the sun, 2 on other slopes that
    // face away, whose own crests may be in the line of sight.
    for (number, flag) in [(1, Flags::CAST_SHADOW), (2, Flags::SELF_SHADOW)] {
        let all = truth.iter().filter(|truth| **truth == number).count();
        let found = pairs().filter(|(truth, flags)| **truth == number && flags.contains(flag));
        let found = found.count();
        println!("{number}: {found} of {all}");
        assert!(
            all > 1_000 && found as f64 >= 0.999 * all as f64,
            "{found} of {all}"
        );
    }
    for flags in flags {
        let parts = Flags::CAST_SHADOW | Flags::SELF_SHADOW;
        assert_eq!(
            flags.intersects(parts),
            flags.contains(Flags::MOUNTAIN_SHADOW)
        );
        let clear = Flags::CLEAR_LAND | Flags::CLEAR_WATER;
        assert!(!(flags.contains(Flags::MOUNTAIN_SHADOW) && flags.intersects(clear)));
    }
}

#[test]
fn without_an_elevation_model_only_relief_is_unknown() {
    let Scene { product, .. } = &*SCENE;
    let (without, report, said) = mask(product, &[], &[]);
    assert!(said.contains("there is no elevation model"), "{said}");
    assert!(
        report["warnings"][0]
            .as_str()
            .unwrap()
            .contains("CS_TERRAIN_UNKNOWN")
    );
    assert!(report["dem"].is_null());
    assert_eq!(report["statistics"]["CS_TERRAIN_UNKNOWN"]["percent"], 100.0);
    for without in &without {
        assert_eq!(*without & RELIEF, Flags::TERRAIN_UNKNOWN);
    }
    let (switched_off, report, said) = mask(product, &["--compute-mountain-shadow=false"], &[]);
    assert!(switched_off == without && report["dem"].is_null());
    assert_eq!(said, "");
}

#[test]
fn the_model_is_found_by_file_by_folder_and_where_snap_keeps_it() {
    let Scene {
        folder,
        product,
        dem,
        flags,
        ..
    } = &*SCENE;
    let cell = Path::new(dem).join("S45E167.hgt");
    let (by_file, report, said) = mask(product, &["--external-dem-file", text(&cell)], &[]);
    assert_eq!(report["dem"], text(&cell));
    // Beyond it there is land on Earth, as high as may be; where that does not matter nothing changes.
    assert!(said.contains("lacks S45E168"), "{said}");
    let known = by_file
        .iter()
        .zip(flags)
        .filter(|(flags, _)| !flags.contains(Flags::TERRAIN_UNKNOWN));
    assert!(known.clone().count() > 10_000);
    assert!(known.clone().count() < flags.len());
    // What makes a slope dark, itself or its crest, may be told otherwise at a knife edge.
    let parts = Flags::CAST_SHADOW | Flags::SELF_SHADOW;
    let known: Vec<(Flags, Flags)> = known.map(|(found, whole)| (*found, *whole)).collect();
    for (found, whole) in &known {
        assert_eq!((*found - parts) & RELIEF, (*whole - parts) & RELIEF);
    }
    check_the_rest(known.into_iter());

    let home = folder.path().join("home");
    let cache = home.join(".snap/auxdata/dem/SRTM 1Sec HGT");
    fs::create_dir_all(cache.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink(dem, &cache).unwrap();
    let (by_name, report, _) = mask(product, &[], &[("HOME", &home)]);
    assert!(by_name == *flags);
    assert_eq!(report["dem"], text(&cache));

    let (_, report, said) = mask(product, &["--dem-name=SRTM 3Sec"], &[("HOME", &home)]);
    assert!(
        report["dem"].is_null() && said.contains("no elevation model"),
        "{said}"
    );
}

/// What the elevation model tells.
const RELIEF: Flags = Flags::MOUNTAIN_SHADOW
    .union(Flags::CAST_SHADOW)
    .union(Flags::SELF_SHADOW)
    .union(Flags::TERRAIN_UNKNOWN);

/// Away from relief an elevation model changes little: the shadows of clouds fall on it, and what is land in relief shadow
/// is no coast.
fn check_the_rest(pairs: impl Iterator<Item = (Flags, Flags)>) {
    let differ = pairs.map(|(a, b)| u64::from(a - RELIEF != b - RELIEF));
    let (count, differ) = differ.fold((0, 0), |(count, sum), one| (count + 1, sum + one));
    println!("{differ} of {count}");
    assert!(50 * differ < count, "{differ} of {count}");
}

/// Voids make unknown what they might shade, and change nothing else.
#[test]
fn voids_are_unknown_and_all_else_stays() {
    const SIDE: usize = 3_601;
    let Scene {
        folder,
        product,
        dem,
        flags,
        ..
    } = &*SCENE;
    let name = "S45E167.hgt";
    let mut bytes = fs::read(Path::new(dem).join(name)).unwrap();
    // A square of voids, side 20", in the middle of the scene.
    let (south, west) = (-45.0, 167.0);
    let (latitude, longitude) = (-44.6, 167.9);
    let middle = |degrees: f64| (degrees * 3_600.0).round() as usize;
    let (row, column) = (middle(south + 1.0 - latitude), middle(longitude - west));
    for row in row - 10..row + 10 {
        for column in column - 10..column + 10 {
            let place = 2 * (row * SIDE + column);
            bytes[place..place + 2].copy_from_slice(&i16::MIN.to_be_bytes());
        }
    }
    let voids = folder.path().join("voids");
    fs::create_dir_all(&voids).unwrap();
    fs::write(voids.join(name), bytes).unwrap();
    fs::copy(
        Path::new(dem).join("S45E168.hgt"),
        voids.join("S45E168.hgt"),
    )
    .unwrap();
    let (found, report, _) = mask(product, &["--dem-folder", text(&voids)], &[]);
    let is_unknown = |flags: &&Flags| flags.contains(Flags::TERRAIN_UNKNOWN);
    let unknown = found.iter().filter(is_unknown).count();
    println!("{unknown} unknown");
    // 20" are 620 m by 440 m: 27 000 m2 of 100 m2.
    assert!((2_000..100_000).contains(&unknown), "{unknown}");
    assert_eq!(
        report["statistics"]["CS_TERRAIN_UNKNOWN"]["pixels"],
        unknown
    );
    let known: Vec<(Flags, Flags)> = found.iter().copied().zip(flags.iter().copied()).collect();
    let known = || {
        known
            .iter()
            .copied()
            .filter(|(found, _)| !is_unknown(&found))
    };
    for (found, whole) in known() {
        assert_eq!(found & RELIEF, whole & RELIEF);
    }
    check_the_rest(known());
    let filled = ["--dem-folder", text(&voids), "--dem-void-policy=fill"];
    let (found, _, _) = mask(product, &filled, &[]);
    assert_eq!(found.iter().filter(is_unknown).count(), 0);
}

#[test]
fn features_tell_how_the_sun_falls() {
    let Scene {
        product,
        dem,
        flags,
        ..
    } = &*SCENE;
    let folder = tempfile::tempdir().unwrap();
    let output = program()
        .args([
            "mask",
            product,
            "-o",
            text(folder.path()),
            "--dem-folder",
            dem,
        ])
        .args(["--copy-features", "--resolution=10"])
        .output()
        .unwrap();
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let feature = |end: &str| {
        let name = names(folder.path())
            .into_iter()
            .find(|name| name.ends_with(end));
        read::<f32>(&folder.path().join(name.unwrap()))
    };
    let visibility = feature("_sun_visibility.tif");
    let incidence = feature("_cos_incidence.tif");
    let mut odd = 0;
    for ((flags, visibility), incidence) in flags.iter().zip(visibility).zip(incidence) {
        assert!((0.0..=1.0).contains(&visibility));
        assert_eq!(flags.contains(Flags::SELF_SHADOW), incidence < 0.0);
        // Where the sun's centre is hidden, half of the disc is seen at most, but through a notch.
        let is_dark = flags.contains(Flags::CAST_SHADOW);
        odd += usize::from(is_dark != (visibility < 0.5) && (visibility - 0.5).abs() > 0.01);
    }
    println!("{odd} odd");
    assert!(odd <= flags.len() / 10_000, "{odd}");
}

#[test]
fn an_output_over_another_model_is_told() {
    let Scene {
        product,
        dem,
        folder,
        ..
    } = &*SCENE;
    let home = folder.path().join("other home");
    let cache = home.join(".snap/auxdata/dem/SRTM 1Sec HGT");
    let target = tempfile::tempdir().unwrap();
    let mask = || {
        let mut command = program();
        command.args([
            "mask",
            product,
            "-o",
            text(target.path()),
            "--resolution=60",
        ]);
        let output = command.env("HOME", &home).output().unwrap();
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        stderr(&output)
    };
    assert!(mask().contains("no elevation model"));
    assert_eq!(mask(), "");
    fs::create_dir_all(cache.parent().unwrap()).unwrap();
    std::os::unix::fs::symlink(dem, &cache).unwrap();
    let said = mask();
    assert!(
        said.contains("over another elevation model") && said.contains("--overwrite"),
        "{said}"
    );
}
