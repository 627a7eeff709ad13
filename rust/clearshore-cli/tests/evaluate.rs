//! Masks against the truth, through the program.

// Outside of `#[test]` functions the lint also sees the helpers.
#![allow(clippy::unwrap_used)]

mod support;

use gdal::DriverManager;
use gdal::raster::Buffer;
use gdal::spatial_ref::SpatialRef;
use std::fs;
use std::path::{Path, PathBuf};
use support::{code, json, run, stderr, stdout};

/// Columns and rows.
const SHAPE: (usize, usize) = (50, 60);

/// Writes bytes on a 10 m grid.
fn raster(path: PathBuf, epsg: u32, pixel: impl Fn(usize, usize) -> u8) -> String {
    let (width, height) = SHAPE;
    let driver = DriverManager::get_driver_by_name("GTiff").unwrap();
    let mut raster = driver
        .create_with_band_type::<u8, _>(&path, width, height, 1)
        .unwrap();
    raster
        .set_spatial_ref(&SpatialRef::from_epsg(epsg).unwrap())
        .unwrap();
    raster
        .set_geo_transform(&[300_000.0, 10.0, 0.0, 4_900_020.0, 0.0, -10.0])
        .unwrap();
    let values = (0..width * height)
        .map(|index| pixel(index / width, index % width))
        .collect();
    raster
        .rasterband(1)
        .unwrap()
        .write((0, 0), SHAPE, &mut Buffer::new(SHAPE, values))
        .unwrap();
    raster.close().unwrap();
    path.to_str().unwrap().to_owned()
}

/// A truth with cloud in the upper rows and a mask that finds half of it, both in CloudSEN12's numbers.
fn scene(folder: &Path) -> (String, String) {
    let truth = raster(folder.join("truth.tif"), 32_631, |row, _| {
        u8::from(row < 20)
    });
    let mask = raster(folder.join("mask.tif"), 32_631, |row, _| u8::from(row < 10));
    (truth, mask)
}

fn evaluate<'a>(truth: &'a str, mask: &'a str, more: &[&'a str]) -> Vec<&'a str> {
    let mut arguments = vec!["evaluate", "--truth", truth, "--mask", mask];
    arguments.extend(["--truth-codes", "cloudsen12", "--codes", "cloudsen12"]);
    arguments.extend(more);
    arguments
}

#[test]
fn tables_json_and_picture_say_how_good_a_mask_is() {
    let folder = tempfile::tempdir().unwrap();
    let (truth, mask) = scene(folder.path());
    let picture = folder.path().join("new/errors.png");
    let output = run(&evaluate(
        &truth,
        &mask,
        &["--picture", picture.to_str().unwrap()],
    ));
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let text = stdout(&output);
    for words in [
        "3000 pixels",
        "mean IoU",
        "without 2 px rim",
        "both grown by 60 m",
        "not known to the truth: land",
    ] {
        assert!(text.contains(words), "{words}: {text}");
    }
    // A third is cloud: PA 1/2, UA 1, BOA 3/4, F2 5/9, IoU 1/2, OA 5/6.
    let cloud: Vec<&str> = text
        .lines()
        .find(|line| line.starts_with("cloud "))
        .unwrap()
        .split_whitespace()
        .collect();
    assert_eq!(
        cloud,
        [
            "cloud", "33.33", "%", "0.500", "1.000", "0.750", "0.250", "0.667", "0.556", "0.500",
            "0.833"
        ]
    );
    assert!(fs::read(&picture).unwrap().starts_with(b"\x89PNG"));
    assert_eq!(support::names(picture.parent().unwrap()), ["errors.png"]);

    let document = json(&run(&evaluate(
        &truth,
        &mask,
        &["--json", "--tolerance", "3", "--buffer", "0"],
    )));
    let scores = &document["report"]["scores"];
    let plain = &scores["plain"]["experiments"]["cloud"];
    assert_eq!((&plain["tp"], &plain["fn"]), (&500.into(), &500.into()));
    // Rows 17 to 22 are the rim.
    let rim = &scores["tolerance_3"]["experiments"]["cloud"];
    assert_eq!(
        (&rim["tp"], &rim["fn"], &rim["tn"]),
        (&500.into(), &350.into(), &1850.into())
    );
    assert_eq!(scores.as_object().unwrap().len(), 2);
    assert_eq!(document["codes"], "cloudsen12");
    assert_eq!(document["scenes"][0]["mask"], mask);
}

#[test]
fn several_scenes_are_counted_together() {
    let folder = tempfile::tempdir().unwrap();
    let (truth, mask) = scene(folder.path());
    let again = ["--truth", &truth, "--mask", &truth, "--json"];
    let document = json(&run(&evaluate(&truth, &mask, &again)));
    let cloud = &document["report"]["scores"]["plain"]["experiments"]["cloud"];
    assert_eq!((&cloud["tp"], &cloud["fn"]), (&1500.into(), &500.into()));
    let scenes = document["scenes"].as_array().unwrap();
    let pa =
        |index: usize| &scenes[index]["report"]["scores"]["plain"]["experiments"]["cloud"]["pa"];
    assert_eq!((scenes.len(), pa(0), pa(1)), (2, &0.5.into(), &1.0.into()));
}

#[test]
fn wrong_calls_end_with_2_and_unusable_files_with_3() {
    let folder = tempfile::tempdir().unwrap();
    let (truth, mask) = scene(folder.path());
    let empty = folder.path().join("empty");
    fs::create_dir(&empty).unwrap();
    let empty = empty.to_str().unwrap();
    let other_zone = raster(folder.path().join("zone.tif"), 32_632, |_, _| 0);
    let wrong_codes = raster(folder.path().join("codes.tif"), 32_631, |_, _| 9);
    for (arguments, status, words) in [
        (
            evaluate(&truth, &mask, &["--mask", &mask]),
            2,
            "--truth 1 times, --mask 2 times",
        ),
        (
            evaluate(
                &truth,
                &mask,
                &["--truth", &truth, "--mask", &mask, "--picture", "x.png"],
            ),
            2,
            "--picture 1 times",
        ),
        (
            evaluate(&truth, &mask, &["--tolerance", "-1"]),
            2,
            "--tolerance",
        ),
        (
            evaluate(&truth, &mask, &["--buffer", "2001"]),
            2,
            "[0, 2000]",
        ),
        (
            evaluate(&truth, &mask, &["--buffer", "NaN"]),
            2,
            "[0, 2000]",
        ),
        (
            vec![
                "evaluate", "--truth", &truth, "--mask", &mask, "--codes", "fmask5",
            ],
            2,
            "fmask",
        ),
        (vec!["evaluate", "--truth", &truth], 2, "--mask"),
        (
            evaluate(&truth, &wrong_codes, &[]),
            2,
            "'cloudsen12': 0, 1, 2, 3",
        ),
        (
            evaluate("/nonexistent", &mask, &[]),
            3,
            "the truth does not exist",
        ),
        (
            evaluate(&truth, "/nonexistent.tif", &[]),
            3,
            "the mask does not exist",
        ),
        (evaluate(empty, &mask, &[]), 3, "no class.tif"),
        (evaluate(&truth, &other_zone, &[]), 3, "EPSG:32632"),
    ] {
        let output = run(&arguments);
        assert_eq!(code(&output), status, "{arguments:?}: {}", stderr(&output));
        assert!(
            stderr(&output).contains(words),
            "{words}: {}",
            stderr(&output)
        );
        assert!(output.stdout.is_empty());
    }
}

#[test]
fn help_names_every_code() {
    let help = stdout(&run(&["evaluate", "--help"]));
    for codes in &clearshore::evaluate::CODES {
        assert!(
            help.contains(&format!("\n  {} ", codes.name)),
            "{}",
            codes.name
        );
    }
    assert!(help.contains("Examples:"));
}

#[test]
fn the_interface_document_holds_the_tables() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/icd.md");
    let document = fs::read_to_string(path).unwrap();
    for codes in &clearshore::evaluate::CODES {
        let row = format!("| `{}` | {} |", codes.name, codes.meaning);
        assert!(document.contains(&row), "{row}");
    }
    for stratum in clearshore::evaluate::Stratum::ALL {
        assert!(document.contains(&format!("`{}`", stratum.name())));
    }
    for experiment in clearshore::evaluate::Experiment::ALL {
        assert!(document.contains(&format!("`{}`", experiment.name())));
    }
}
