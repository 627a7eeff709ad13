//! Class codes of other programs, from a simulated scene to the judge.
#![cfg(unix)]
// Outside of `#[test]` functions the lint also sees the helpers.
#![allow(clippy::unwrap_used)]

mod support;

use gdal::Metadata;
use gdal::raster::GdalType;
use serde_json::Value;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;
use support::{code, json, names, run, simulated, stderr, text};
use tempfile::TempDir;

/// By hand from the programs' documentation: the names, and the numbers of each class of `clearshore_class` from 0 to 9;
/// -1 is relief shadow where the program knows none.
const CODES: [(&str, [i32; 10]); 5] = [
    ("fmask", [0, 1, 5, 4, 2, 2, 3, -1, 5, 5]),
    ("fmask4", [255, 0, 1, 3, 4, 4, 2, -1, 1, 1]),
    ("scl", [0, 5, 6, 11, 9, 10, 3, 2, 6, 6]),
    ("cloudsen12", [255, 0, 0, 0, 1, 2, 3, 0, 0, 0]),
    ("cmix", [0, 1, 5, 6, 3, 2, 4, 7, 5, 5]),
];
const SNOW: usize = 3;
const WATER: usize = 2;
const LAND: usize = 1;
const RELIEF_SHADOW: u8 = 7;

/// A snowy coast under cumulus, cirrus and a low sun at the edge of the swath, and its outputs with all codes.
struct Scene {
    folder: TempDir,
    product: String,
    dem: String,
    truth: String,
    report: Value,
}

static SCENE: LazyLock<Scene> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let scene = simulated(
        folder.path(),
        &[
            "--preset=alpine-coast",
            "--size=549",
            "--sun=28,150",
            "--clouds=cumulus=0.2,cirrus=0.2",
            "--snow-line=600",
            "--no-data-edge=west",
        ],
    );
    let path = |key: &str| scene[key].as_str().unwrap().to_owned();
    let (product, dem) = (path("product"), path("dem"));
    let codes = ["--codes", "fmask,scl,cmix", "--codes=cloudsen12,fmask4,scl"];
    let report = mask(&product, &dem, &folder.path().join("out"), &codes);
    Scene {
        truth: path("truth"),
        folder,
        product,
        dem,
        report,
    }
});

fn mask(product: &str, dem: &str, folder: &Path, more: &[&str]) -> Value {
    let usual = [
        "mask",
        product,
        "-o",
        text(folder),
        "--json",
        "--dem-folder",
        dem,
    ];
    let output = run(&[&usual, more].concat());
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    json(&output)["products"][0].clone()
}

impl Scene {
    fn file(&self, layer: &str) -> PathBuf {
        let name = self.report["name"].as_str().unwrap();
        self.folder
            .path()
            .join(format!("out/{name}_clearshore_{layer}.tif"))
    }

    fn read<T: GdalType + Copy>(&self, layer: &str) -> Vec<T> {
        let raster = gdal::Dataset::open(self.file(layer)).unwrap();
        let band = raster.rasterband(1).unwrap();
        band.read_band_as::<T>().unwrap().data().to_vec()
    }
}

#[test]
fn the_numbers_are_those_of_the_programs() {
    let (flags, classes) = (SCENE.read::<i32>("flags"), SCENE.read::<u8>("class"));
    for (name, table) in CODES {
        let raster = gdal::Dataset::open(SCENE.file(name)).unwrap();
        let item = |key: &str, domain| raster.metadata_item(key, domain).unwrap_or_default();
        assert_eq!(item("LAYOUT", "IMAGE_STRUCTURE"), "COG");
        assert!(item("CLASS_2", "").contains(": "), "{name}");
        let band = raster.rasterband(1).unwrap();
        assert_eq!(band.no_data_value(), Some(f64::from(table[0])));
        assert_eq!(band.band_type().bits(), 8);
        assert!(band.color_table().is_some());
        let mut seen = [0; 10];
        for ((number, class), flags) in SCENE.read::<u8>(name).iter().zip(&classes).zip(&flags) {
            seen[usize::from(*class)] += 1;
            let expected = match table[usize::from(*class)] {
                -1 if flags >> 6 & 1 == 1 => table[SNOW],
                -1 if flags >> 15 & 1 == 1 => table[WATER],
                -1 => table[LAND],
                number => number,
            };
            assert_eq!(i32::from(*number), expected, "{name} {flags:b}");
        }
        assert!(seen[..8].iter().all(|pixels| *pixels > 0), "{seen:?}");
    }
}

#[test]
fn the_judge_says_the_same_of_codes_and_flags() {
    let judge = |layer: &str, codes: &str| {
        let file = SCENE.file(layer);
        let output = run(&[
            "evaluate",
            "--truth",
            &SCENE.truth,
            "--mask",
            text(&file),
            "--codes",
            codes,
            "--json",
        ]);
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        json(&output)["report"].clone()
    };
    let plain = |report: &Value, name: &str| report["scores"]["plain"]["experiments"][name].clone();
    let of_flags = judge("flags", "clearshore");
    for (name, table) in CODES {
        let of_codes = judge(name, name);
        assert_eq!(
            of_codes["pixels"]["undecided"],
            of_flags["pixels"]["undecided"]
        );
        assert!(of_codes["pixels"]["undecided"].as_u64() > Some(0));
        for experiment in ["cloud", "thick_cloud", "thin_cloud", "shadow", "invalid"] {
            assert_eq!(
                plain(&of_codes, experiment),
                plain(&of_flags, experiment),
                "{name} {experiment}"
            );
        }
        let knows_relief = table[usize::from(RELIEF_SHADOW)] > 0;
        if knows_relief {
            assert_eq!(plain(&of_codes, "snow"), plain(&of_flags, "snow"), "{name}");
        }
        // On clear water nothing of it is lost either: only relief shadow has no surface in some codes.
        if name != "cloudsen12" && !knows_relief {
            for figure in ["tp", "fp", "fn"] {
                assert_eq!(
                    plain(&of_codes, "water")[figure],
                    plain(&of_flags, "water")[figure],
                    "{name}"
                );
            }
        }
        let four = ["scl", "cloudsen12", "cmix"].contains(&name);
        assert_eq!(of_codes["mean_iou"].is_null(), !four, "{name}");
    }
}

#[test]
fn report_and_item_name_them() {
    let files = SCENE.report["files"].as_array().unwrap();
    let codes = SCENE.report["codes"].as_object().unwrap();
    assert_eq!(codes.len(), CODES.len());
    let item = SCENE.file("").with_file_name(format!(
        "{}_clearshore.json",
        SCENE.report["name"].as_str().unwrap()
    ));
    let item: Value = serde_json::from_slice(&fs::read(item).unwrap()).unwrap();
    for (name, table) in CODES {
        assert_eq!(codes[name], text(&SCENE.file(name)));
        assert!(files.contains(&codes[name]));
        let asset = &item["assets"][format!("clearshore_{name}")];
        assert_eq!(
            (&asset["data_type"], &asset["nodata"]),
            (&"uint8".into(), &table[0].into())
        );
        let rows = asset["classification:classes"].as_array().unwrap();
        let mut numbers: Vec<_> = table.into_iter().filter(|number| *number >= 0).collect();
        numbers.sort_unstable();
        numbers.dedup();
        let described: Vec<_> = rows
            .iter()
            .map(|row| row["value"].as_i64().unwrap() as i32)
            .collect();
        assert_eq!(described, numbers, "{name}");
        for row in rows {
            assert_eq!(row["nodata"] == true, row["value"] == table[0], "{row}");
        }
    }
}

#[test]
fn an_output_is_complete_when_it_has_the_codes_that_are_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let status = |more: &[&str]| {
        let usual = [&["--resolution=60"], more].concat();
        let report = mask(&SCENE.product, &SCENE.dem, folder.path(), &usual);
        let codes = report["codes"].as_object().unwrap();
        let codes: Vec<String> = codes.keys().cloned().collect();
        (
            report["status"].as_str().unwrap().to_owned(),
            codes.join(" "),
        )
    };
    let answer = |status: &str, codes: &str| (status.to_owned(), codes.to_owned());
    assert_eq!(status(&[]), answer("written", ""));
    let both = ["--codes", "cmix,fmask", "--threads=1"];
    assert_eq!(status(&both), answer("written", "fmask cmix"));
    assert_eq!(
        status(&["--codes", "fmask"]),
        answer("skipped", "fmask cmix")
    );
    let file = names(folder.path())
        .into_iter()
        .find(|name| name.ends_with("_cmix.tif"))
        .unwrap();
    let bytes = fs::read(folder.path().join(&file)).unwrap();
    fs::remove_file(folder.path().join(&file)).unwrap();
    let again = ["--codes=cmix", "--threads=3"];
    assert_eq!(status(&again), answer("written", "cmix"));
    assert_eq!(fs::read(folder.path().join(&file)).unwrap(), bytes);
}

#[test]
fn unknown_codes_are_answered_with_those_that_there_are() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("out");
    for wrong in ["fmsk", "fmask,idepix", "s2cloudless", ""] {
        let output = run(&[
            "mask",
            "/nonexistent",
            "-o",
            text(&target),
            "--codes",
            wrong,
        ]);
        assert_eq!(code(&output), 2, "{wrong}");
        let said = stderr(&output);
        assert!(
            said.contains("fmask, fmask4, scl, cloudsen12, cmix"),
            "{said}"
        );
    }
    assert!(!target.exists());
}

/// What expressions over IdePix' flags take for granted.
#[test]
fn the_lower_bits_are_related_as_those_of_idepix() {
    let mut seen = 0;
    for flags in SCENE.read::<i32>("flags") {
        let bit = |bit: u32| flags >> bit & 1 == 1;
        seen |= flags;
        if bit(0) {
            assert_eq!(flags, 1);
            continue;
        }
        // CLOUD is CLOUD_AMBIGUOUS or CLOUD_SURE; a buffer lies around it.
        assert_eq!(bit(1), bit(2) || bit(3));
        assert!(!(bit(1) && bit(4)));
        // What is surely cirrus is also ambiguously so; cloud is one of the two.
        assert!(!bit(11) || bit(12));
        assert!(!(bit(2) && bit(3)));
        // LAND or WATER, and clear only what it is.
        assert!(bit(10) != bit(15));
        assert!((!bit(13) || bit(10)) && (!bit(14) || bit(15)));
        let unclear = [1, 2, 3, 5, 6, 11, 12, 18].into_iter().any(bit);
        assert!(!(unclear && (bit(13) || bit(14))));
        // IdePix' BRIGHT, WHITE, BRIGHTWHITE, VEG_RISK, POTENTIAL_SHADOW and CLUSTERED_CLOUD_SHADOW have no flag here.
        assert!(
            [7, 8, 16, 17, 19, 20, 31]
                .into_iter()
                .all(|free| !bit(free))
        );
    }
    let expected = [0, 1, 3, 4, 5, 6, 9, 10, 11, 12, 13, 14, 15, 18];
    assert!(
        expected.into_iter().all(|bit| seen >> bit & 1 == 1),
        "{seen:b}"
    );
}
