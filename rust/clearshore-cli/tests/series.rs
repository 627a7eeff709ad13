//! From the dates of a tile to their series, through the program.
#![allow(clippy::unwrap_used)]

mod support;

use clearshore::flags::Class;
use gdal::Metadata;
use ndarray::Array2;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use support::{
    code, is_stopped_cleanly, json, names, program, run, simulated, stderr, stdout, text,
};
use tempfile::TempDir;

/// Dates over one coast, each with a weather of its own.
const DATES: usize = 6;

/// Dates that all tests share: paths of products and of their truth.
static SERIES: LazyLock<(TempDir, Vec<(PathBuf, PathBuf)>)> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let date = |date: usize| {
        let scene = simulated(
            folder.path(),
            &[
                "--size=549",
                "--preset=coast",
                "--seed=3",
                &format!("--weather={}", 100 + date),
                &format!("--date=2025-0{}-14", 4 + date / 2 + date % 2),
                &format!(
                    "--satellite=S2{}",
                    if date.is_multiple_of(2) { "A" } else { "B" }
                ),
            ],
        );
        let path = |key: &str| PathBuf::from(scene[key].as_str().unwrap());
        (path("product"), path("truth"))
    };
    let dates = (0..DATES).map(date).collect();
    (folder, dates)
});

/// The program on some of the dates, in this order.
fn series(dates: &[usize], folder: &Path, more: &[&str]) -> std::process::Output {
    let products: Vec<&str> = dates.iter().map(|date| text(&SERIES.1[*date].0)).collect();
    run(&[&["series"], &products[..], &["-o", text(folder)], more].concat())
}

fn band<T: gdal::raster::GdalType + Copy>(path: &Path, number: usize) -> Array2<T> {
    let file = gdal::Dataset::open(path).unwrap();
    let (columns, rows) = file.raster_size();
    let values = file
        .rasterband(number)
        .unwrap()
        .read_band_as::<T>()
        .unwrap();
    Array2::from_shape_vec((rows, columns), values.data().to_vec()).unwrap()
}

#[test]
fn a_series_becomes_a_composite_and_masks() {
    let folder = tempfile::tempdir().unwrap();
    let all: Vec<usize> = (0..DATES).rev().collect();
    let output = series(&all, folder.path(), &["--json"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let document = json(&output);
    let tile = document["tile"].as_str().unwrap();
    let dates = document["dates"].as_array().unwrap();
    let times: Vec<&str> = dates
        .iter()
        .map(|date| date["datetime"].as_str().unwrap())
        .collect();
    assert!(times.is_sorted() && times.len() == DATES, "{times:?}");
    let mut expected: Vec<String> = dates
        .iter()
        .flat_map(|date| {
            let name = date["name"].as_str().unwrap();
            [
                "clearshore.json",
                "clearshore_class.tif",
                "clearshore_flags.tif",
                "clearshore_quicklook.png",
            ]
            .map(|end| format!("{name}_{end}"))
        })
        .chain(
            [
                "count.tif",
                "geomedian.png",
                "geomedian.tif",
                "mads.tif",
                "series.json",
            ]
            .map(|end| format!("{tile}_{end}")),
        )
        .collect();
    expected.sort();
    assert_eq!(names(folder.path()), expected);
    let path = |end: &str| folder.path().join(format!("{tile}_{end}"));
    let written: Value = serde_json::from_slice(&fs::read(path("series.json")).unwrap()).unwrap();
    let mut printed = document.clone();
    let status = printed.as_object_mut().unwrap().remove("status");
    assert_eq!((written, status), (printed, Some("written".into())));

    // The count is what the flags say, and where nothing is clear there is no median.
    let count = band::<u16>(&path("count.tif"), 1);
    let mut clear = Array2::<u16>::zeros(count.dim());
    for date in dates {
        let name = date["name"].as_str().unwrap();
        let flags = band::<i32>(
            &folder.path().join(format!("{name}_clearshore_flags.tif")),
            1,
        );
        // CS_INVALID, CS_CLOUD, CS_CLOUD_SHADOW.
        clear.zip_mut_with(&flags, |clear, flags| {
            *clear += u16::from(flags & 0b10_0011 == 0)
        });
    }
    let different = count
        .iter()
        .zip(&clear)
        .filter(|(count, clear)| count != clear)
        .count();
    assert_eq!(different, 0);
    for number in 1..=10 {
        let median = band::<u16>(&path("geomedian.tif"), number);
        assert!(
            median
                .iter()
                .zip(&count)
                .all(|(median, count)| (*median == 0) == (*count == 0))
        );
    }
    for number in 1..=3 {
        let distances = band::<f32>(&path("mads.tif"), number);
        assert!(
            distances
                .iter()
                .zip(&count)
                .all(|(mad, count)| mad.is_nan() == (*count == 0))
        );
    }
    let file = gdal::Dataset::open(path("geomedian.tif")).unwrap();
    assert_eq!(file.rasterband(9).unwrap().description().unwrap(), "B11");
}

#[test]
fn a_complete_series_is_left_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let made = |dates: &[usize], more: &[&str]| {
        let output = series(dates, folder.path(), &[&["--json"], more].concat());
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        let document = json(&output);
        let flags = document["dates"][0]["name"].as_str().unwrap();
        let flags = folder.path().join(format!("{flags}_clearshore_flags.tif"));
        let time = fs::metadata(&flags).unwrap().modified().unwrap();
        (document, flags, time, stderr(&output))
    };
    let (document, flags, first, _) = made(&[0, 1], &[]);
    let (again, _, second, told) = made(&[1, 0], &["--threads=1"]);
    assert_eq!((&again["dates"], second), (&document["dates"], first));
    assert_eq!(
        (&document["status"], &again["status"]),
        (&"written".into(), &"skipped".into())
    );
    assert!(told.is_empty(), "{told}");
    let (_, _, other_way, told) = made(&[0, 1], &["--cloud-buffer=120"]);
    assert!(other_way == first && told.contains("another way"), "{told}");
    let (more, _, third, _) = made(&[0, 1, 2], &[]);
    assert!(third > first && more != document);
    fs::remove_file(&flags).unwrap();
    let (_, _, fourth, _) = made(&[0, 1, 2], &[]);
    assert!(fourth > third);
    assert!(made(&[0, 1, 2], &["--overwrite"]).2 > fourth);
}

/// Wrong pixels of cloud or shadow beside the truth, whose pixels are half as large.
fn wrong(flags: &Array2<i32>, truth: &Array2<u8>) -> usize {
    let is_cloud = |class: u8| class == Class::Cloud as u8 || class == Class::CloudShadow as u8;
    let at = |row: usize, column: usize| is_cloud(truth[[2 * row, 2 * column]]);
    let differs = |((row, column), flags): ((usize, usize), &i32)| {
        flags & 1 == 0 && (flags & 0b10_0010 != 0) != at(row, column)
    };
    flags.indexed_iter().filter(|pixel| differs(*pixel)).count()
}

#[test]
fn masks_get_better_and_none_gets_much_worse() {
    let (single, folder) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let all: Vec<usize> = (0..DATES).collect();
    let output = series(&all, folder.path(), &["--json"]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let products: Vec<&str> = SERIES.1.iter().map(|(product, _)| text(product)).collect();
    let masked = run(&[&["mask"], &products[..], &["-o", text(single.path())]].concat());
    assert_eq!(code(&masked), 0, "{}", stderr(&masked));
    let (mut before, mut after) = (0, 0);
    for (product, truth) in &SERIES.1 {
        let name = product.file_stem().unwrap().to_str().unwrap();
        let truth = band::<u8>(&truth.join("class.tif"), 1);
        let wrong_in = |folder: &Path| {
            let flags = folder.join(format!("{name}_clearshore_flags.tif"));
            wrong(&band::<i32>(&flags, 1), &truth)
        };
        let (alone, together) = (wrong_in(single.path()), wrong_in(folder.path()));
        assert!(
            together <= alone + alone / 50 + 40,
            "{name}: {alone} became {together}"
        );
        before += alone;
        after += together;
    }
    assert!(after <= before, "{before} became {after}");
}

#[test]
fn the_outputs_depend_neither_on_threads_nor_memory_nor_order() {
    let bytes = |dates: &[usize], more: &[&str]| {
        let folder = tempfile::tempdir().unwrap();
        let output = series(dates, folder.path(), more);
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        let rasters = names(folder.path())
            .into_iter()
            .filter(|name| name.ends_with(".tif"));
        rasters
            .map(|name| fs::read(folder.path().join(name)).unwrap())
            .collect::<Vec<_>>()
    };
    let usual = bytes(&[0, 1, 2, 3], &["--threads=1"]);
    assert!(usual == bytes(&[3, 1, 0, 2], &["--threads=3", "--memory-limit=9M"]));
}

#[test]
fn what_is_no_series_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("out");
    let other = simulated(
        folder.path(),
        &["--size=549", "--preset=lagoon", "--clouds=none"],
    );
    let other = other["product"].as_str().unwrap();
    let first = text(&SERIES.1[0].0);
    let tree = folder.path().join("tree.json");
    fs::write(&tree, "{}").unwrap();
    let usual = [first, text(&SERIES.1[1].0)];
    for (products, options, exit, expected) in [
        (vec![first], vec![], 2, "one product is no series"),
        (vec![first, other], vec![], 2, "not of one tile"),
        (vec![first, first], vec![], 2, "there twice"),
        (vec![first, "/nonexistent"], vec![], 3, "nonexistent"),
        (usual.to_vec(), vec!["--memory-limit=1M"], 2, "MiB at least"),
        (usual.to_vec(), vec!["--memory-limit=much"], 2, "4G"),
        (
            usual.to_vec(),
            vec!["--shadow-tree", text(&tree)],
            4,
            "tree.json",
        ),
        (
            usual.to_vec(),
            vec!["--shadow-tree=/nonexistent"],
            4,
            "nonexistent",
        ),
    ] {
        let output = run(&[
            &["series"],
            &products[..],
            &["-o", text(&target)],
            &options[..],
        ]
        .concat());
        let told = stderr(&output);
        assert_eq!(code(&output), exit, "{told}");
        assert!(told.contains(expected), "{told} without '{expected}'");
        assert!(names(&target).is_empty());
    }
    let help = stdout(&run(&["series", "--help"]));
    assert!(
        help.contains("Examples:") && help.contains("--memory-limit"),
        "{help}"
    );
}

#[cfg(unix)]
#[test]
fn ctrl_c_leaves_nothing() {
    for delay in [0, 300, 1500, 4000] {
        let folder = tempfile::tempdir().unwrap();
        let mut command = program();
        command
            .arg("series")
            .args(SERIES.1.iter().map(|(product, _)| product));
        command.args(["-o", text(folder.path()), "--threads=1"]);
        if !is_stopped_cleanly(&mut command, folder.path(), "-INT", delay) {
            break;
        }
    }
}
