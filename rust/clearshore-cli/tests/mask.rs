//! From a product to its outputs, through the program.

// Outside of `#[test]` functions the lint also sees the helpers.
#![allow(clippy::unwrap_used)]

mod support;

use clearshore::scene::Band;
use serde_json::json;
use std::fs;
use std::path::Path;
use std::sync::LazyLock;
use support::{
    coastal_product, code, is_stopped_cleanly, json, names, program, run, stderr, stdout, text,
};
use tempfile::TempDir;

const NAME: &str = "S2B_MSIL1C_20250514T103619_N0511_R008_T31TCJ_20250514T122811";

/// A small product that all tests share.
static PRODUCT: LazyLock<(TempDir, String)> = LazyLock::new(|| {
    let folder = tempfile::tempdir().unwrap();
    let product = coastal_product(folder.path(), 552, &[]);
    let product = product.to_str().unwrap().to_owned();
    (folder, product)
});

fn product() -> &'static str {
    &PRODUCT.1
}

fn files(suffixes: &[&str]) -> Vec<String> {
    let mut files: Vec<String> = suffixes
        .iter()
        .map(|suffix| format!("{NAME}_{suffix}"))
        .collect();
    files.sort();
    files
}

const USUAL: [&str; 4] = [
    "clearshore_flags.tif",
    "clearshore_class.tif",
    "clearshore_quicklook.png",
    "clearshore.json",
];

#[test]
fn a_product_becomes_flags_classes_item_and_quicklook() {
    let target = tempfile::tempdir().unwrap();
    let folder = target.path().join("new/flags");
    let output = run(&["mask", product(), "-o", text(&folder)]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert_eq!(names(&folder), files(&USUAL));
    let table = stdout(&output);
    assert!(
        table.contains(&format!("{NAME}: written")) && table.contains("CS_WATER"),
        "{table}"
    );

    let item = fs::read(folder.join(format!("{NAME}_clearshore.json"))).unwrap();
    let item: serde_json::Value = serde_json::from_slice(&item).unwrap();
    let properties = &item["properties"];
    for (key, value) in [
        ("datetime", json!("2025-05-14T10:36:19.024Z")),
        ("platform", json!("sentinel-2b")),
        ("proj:code", json!("EPSG:32631")),
        ("proj:shape", json!([276, 276])),
        (
            "proj:transform",
            json!([20.0, 0.0, 300_000.0, 0.0, -20.0, 4_900_020.0, 0.0, 0.0, 1.0]),
        ),
        (
            "proj:bbox",
            json!([300_000.0, 4_894_500.0, 305_520.0, 4_900_020.0]),
        ),
        ("grid:code", json!("MGRS-31TCJ")),
        ("view:sun_elevation", json!(52.0)),
        ("view:sun_azimuth", json!(151.0)),
        ("sat:orbit_state", json!("descending")),
        ("sat:relative_orbit", json!(8)),
        ("s2:processing_baseline", json!("05.11")),
    ] {
        assert_eq!(properties[key], value, "{key}");
    }
    // Independent count of the flags in the file.
    let flags = gdal::Dataset::open(folder.join(format!("{NAME}_clearshore_flags.tif"))).unwrap();
    let flags = flags.rasterband(1).unwrap().read_band_as::<i32>().unwrap();
    let count = |bit: i32| {
        flags
            .data()
            .iter()
            .filter(|flags| *flags >> bit & 1 == 1)
            .count()
    };
    let valid = 276 * 276 - count(0);
    let percent = 100.0 * count(1) as f64 / valid as f64;
    assert!((properties["eo:cloud_cover"].as_f64().unwrap() - percent).abs() < 1e-4);
    let water = &properties["clearshore:statistics"]["CS_WATER"];
    assert_eq!(water["pixels"], count(15));
    assert!((water["area_km2"].as_f64().unwrap() - count(15) as f64 * 400e-6).abs() < 1e-9);
    assert!(valid > 0 && count(15) > 0 && count(10) > 0);
}

#[test]
fn everything_on_request_and_one_json_document() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(&[
        "mask",
        product(),
        "-o",
        text(folder.path()),
        "--copy-features",
        "--copy-evidence",
        "--json",
        "--resolution",
        "60",
        "--timings",
        "--threads",
        "1",
    ]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let mut suffixes = USUAL.to_vec();
    suffixes.extend([
        "clearshore_evidence.tif",
        "cloud_probability.tif",
        "cloud_shadow_probability.tif",
        "hot.tif",
        "cirrus_reflectance.tif",
        "cos_incidence.tif",
        "sun_visibility.tif",
        "glint_reflectance.tif",
        "glint_excess.tif",
        "glint_angle.tif",
    ]);
    assert_eq!(names(folder.path()), files(&suffixes));
    let report = json(&output);
    let product = &report["products"][0];
    assert_eq!(product["status"], "written");
    assert_eq!(product["parameters"]["resolution"], 60);
    assert_eq!(product["files"].as_array().unwrap().len(), 14);
    assert!(product["statistics"]["CS_CLOUD"]["percent"].is_number());
    let timings = product["timings"].as_array().unwrap();
    let stages: Vec<_> = timings
        .iter()
        .map(|row| row["stage"].as_str().unwrap())
        .collect();
    assert_eq!(stages[..2], ["opening", "decoding"]);
    assert_eq!(stages[stages.len() - 2..], ["merging", "writing"]);
    for row in timings {
        // One thread works; the watcher of the interrupt hardly does.
        let (cpu, wall) = (row["cpu"].as_f64().unwrap(), row["wall"].as_f64().unwrap());
        assert!(cpu >= 0.0 && cpu < wall + 0.05, "{row}");
    }
    assert!(timings[1]["cpu"].as_f64().unwrap() > 0.0);
}

#[test]
fn the_outputs_do_not_depend_on_the_threads() {
    let bytes = |threads: &str| {
        let folder = tempfile::tempdir().unwrap();
        let output = run(&[
            "mask",
            product(),
            "-o",
            text(folder.path()),
            "--threads",
            threads,
        ]);
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        USUAL.map(|suffix| fs::read(folder.path().join(format!("{NAME}_{suffix}"))).unwrap())
    };
    assert!(bytes("1") == bytes("3"));
}

#[test]
fn a_complete_output_is_skipped_an_incomplete_one_made_again() {
    let folder = tempfile::tempdir().unwrap();
    let mask = |more: &[&str]| {
        let mut arguments = vec!["mask", product(), "-o", text(folder.path()), "--json"];
        arguments.extend(more);
        let output = run(&arguments);
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        let status = json(&output)["products"][0]["status"]
            .as_str()
            .unwrap()
            .to_owned();
        (status, stderr(&output))
    };
    let quicklook = folder
        .path()
        .join(format!("{NAME}_clearshore_quicklook.png"));
    let item = folder.path().join(format!("{NAME}_clearshore.json"));
    assert_eq!(mask(&[]).0, "written");
    assert_eq!(mask(&["--threads", "2"]), ("skipped".into(), String::new()));
    let (status, warning) = mask(&["--cloud-buffer", "200"]);
    assert!(
        status == "skipped" && warning.contains("other parameters"),
        "{warning}"
    );
    assert_eq!(mask(&["--cloud-buffer", "200", "--overwrite"]).0, "written");
    fs::remove_file(&quicklook).unwrap();
    assert_eq!(mask(&["--cloud-buffer", "200"]).0, "written");
    fs::write(&item, "{").unwrap();
    assert_eq!(mask(&[]).0, "written");
    assert_eq!(mask(&["--copy-evidence"]).0, "written");
    assert_eq!(mask(&[]).0, "skipped");
}

#[test]
fn a_failed_product_does_not_stop_the_others() {
    let folder = tempfile::tempdir().unwrap();
    let output = run(&[
        "mask",
        "/nonexistent",
        product(),
        "-o",
        text(folder.path()),
        "--json",
    ]);
    assert_eq!(code(&output), 3);
    let report = json(&output);
    assert_eq!(report["products"][0]["status"], "failed");
    assert_eq!(report["products"][0]["error"]["exitCode"], 3);
    assert_eq!(report["products"][1]["status"], "written");
    assert!(stderr(&output).contains("1 of 2 products failed"));
    assert_eq!(names(folder.path()), files(&USUAL));
}

#[test]
fn one_name_twice_is_a_parameter_error() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("out");
    let output = run(&["mask", product(), product(), "-o", text(&target)]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("same name"));
    assert!(!target.exists());
}

#[test]
fn missing_bands_are_named_and_nothing_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let product = coastal_product(folder.path(), 552, &[Band::B03, Band::B11]);
    let target = folder.path().join("out");
    let output = run(&["mask", text(&product), "-o", text(&target)]);
    assert_eq!(code(&output), 3);
    assert!(
        stderr(&output).contains("no B03, no B11"),
        "{}",
        stderr(&output)
    );
    assert!(names(&target).is_empty());
    assert_eq!(code(&run(&["info", text(&product)])), 0);
}

/// A real product without its 10 and 20 m bands.
#[test]
#[allow(clippy::print_stderr)]
fn a_real_product_without_bands_is_refused_by_name_and_shown_whole() {
    let name = "S2B_MSIL1C_20200929T190109_N0209_R013_T10SEH_20200929T213343.SAFE";
    let product = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data/l1c_safe/T10SEH")
        .join(name);
    if !product.exists() {
        eprintln!("skipped: {} is absent", product.display());
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let output = run(&["mask", text(&product), "-o", text(folder.path())]);
    assert_eq!(code(&output), 3);
    let missing = "no B02, no B03, no B04, no B11, no B8A or B08";
    assert!(stderr(&output).contains(missing), "{}", stderr(&output));
    assert!(names(folder.path()).is_empty());

    let output = run(&["info", text(&product)]);
    assert_eq!(code(&output), 0);
    let shown = stdout(&output);
    for part in ["T10SEH", "02.09", "32610", "B01", "B10", "missing", "42.5"] {
        assert!(shown.contains(part), "{part} is not in\n{shown}");
    }
}

#[test]
fn a_damaged_band_is_a_product_error_with_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let product = coastal_product(folder.path(), 552, &[]);
    let granule = fs::read_dir(product.join("GRANULE"))
        .unwrap()
        .next()
        .unwrap()
        .unwrap()
        .path();
    let images = granule.join("IMG_DATA");
    let band = names(&images)
        .into_iter()
        .find(|name| name.ends_with("_B04.jp2"))
        .unwrap();
    let bytes = fs::read(images.join(&band)).unwrap();
    fs::write(images.join(&band), &bytes[..bytes.len() / 2]).unwrap();
    let target = folder.path().join("out");
    let output = run(&["mask", text(&product), "-o", text(&target)]);
    assert_eq!(code(&output), 3, "{}", stderr(&output));
    assert!(stderr(&output).contains("B04"), "{}", stderr(&output));
    assert!(names(&target).is_empty());
}

#[test]
fn a_missing_static_raster_ends_with_4() {
    for option in ["--water-raster", "--bright-raster"] {
        let folder = tempfile::tempdir().unwrap();
        let out = text(folder.path());
        let output = run(&["mask", product(), "-o", out, option, "/nonexistent.tif"]);
        assert_eq!(code(&output), 4, "{}", stderr(&output));
        assert!(names(folder.path()).is_empty());
    }
}

#[test]
fn a_folder_that_cannot_be_made_ends_with_5() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let output = run(&["mask", product(), "-o", text(&file.join("out"))]);
    assert_eq!(code(&output), 5, "{}", stderr(&output));
}

#[cfg(unix)]
#[test]
fn ctrl_c_and_sigterm_stop_within_half_a_second_and_leave_nothing() {
    let source = tempfile::tempdir().unwrap();
    let product = coastal_product(source.path(), 1098, &[]);
    for signal in ["-INT", "-TERM"] {
        // At any moment of decoding, detecting and writing.
        for delay in [0, 100, 300, 600, 1000] {
            let folder = tempfile::tempdir().unwrap();
            let mut command = program();
            command
                .args([
                    "mask",
                    text(&product),
                    "-o",
                    text(folder.path()),
                    "--resolution",
                    "10",
                ])
                .args(["--threads", "1", "--copy-features", "--copy-evidence"])
                .arg("--codes=fmask,fmask4,scl,cloudsen12,cmix");
            if !is_stopped_cleanly(&mut command, folder.path(), signal, delay) {
                break; // A fast machine.
            }
        }
    }
}

#[test]
fn the_wind_of_a_damaged_forecast_is_a_warning_and_no_failure() {
    let folder = tempfile::tempdir().unwrap();
    let options = ["--size", "549", "--preset", "open-sea", "--wind", "9,240"];
    let scene = support::simulated(folder.path(), &options);
    let product = Path::new(scene["product"].as_str().unwrap());
    let granule = fs::read_dir(product.join("GRANULE")).unwrap().next();
    let forecast = granule.unwrap().unwrap().path().join("AUX_DATA/AUX_ECMWFT");
    let warnings = |options: &[&str]| -> Vec<String> {
        let target = tempfile::tempdir().unwrap();
        let mask = ["mask", text(product), "-o", text(target.path()), "--json"];
        let output = run(&[&mask[..], options].concat());
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        let warnings = json(&output)["products"][0]["warnings"].clone();
        let warnings: Vec<String> = serde_json::from_value(warnings).unwrap();
        let of_wind = |warning: &String| warning.contains("AUX_ECMWFT");
        warnings.into_iter().filter(of_wind).collect()
    };
    assert_eq!(warnings(&[]), Vec::<String>::new());
    let whole = fs::read(&forecast).unwrap();
    fs::write(&forecast, &whole[1..]).unwrap();
    let told = warnings(&[]);
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("is not used: it is damaged"), "{told:?}");
    assert_eq!(warnings(&["--wind-speed", "5"]), Vec::<String>::new());
    assert_eq!(warnings(&["--compute-glint=false"]), Vec::<String>::new());
}
