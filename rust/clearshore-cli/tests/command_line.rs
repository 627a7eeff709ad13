//! What the program says and how it ends, without a product.

mod support;

use clearshore::ParameterSpec;
use clearshore::codes::Codes;
use clearshore::flags::{CLASSES, EVIDENCE, FLAGS};
use serde_json::json;
use std::fs;
use support::{code, json, run, stderr, stdout};

#[test]
fn flags_prints_the_tables() {
    let printed = json(&run(&["flags", "--json"]));
    let rows = |key: &str| printed[key].as_array().unwrap().clone();
    let flags = rows("flags");
    assert_eq!(flags.len(), FLAGS.len());
    for (printed, row) in flags.iter().zip(&FLAGS) {
        assert_eq!(printed["bit"], row.bit());
        assert_eq!(printed["value"], 1 << row.bit());
        assert_eq!(printed["name"], row.name);
        assert_eq!(printed["meaning"], row.meaning);
        assert_eq!(printed["colour"], json!(row.colour));
    }
    for (printed, row) in rows("evidence").iter().zip(&EVIDENCE) {
        assert_eq!(
            (&printed["name"], &printed["meaning"]),
            (&json!(row.name), &json!(row.meaning))
        );
    }
    for (printed, row) in rows("classes").iter().zip(&CLASSES) {
        assert_eq!(
            (&printed["name"], &printed["value"]),
            (&json!(row.name), &json!(row.class as u8))
        );
    }
    let table = stdout(&run(&["flags"]));
    let names = FLAGS
        .iter()
        .map(|row| row.name)
        .chain(EVIDENCE.iter().map(|row| row.name));
    for name in names.chain(CLASSES.iter().map(|row| row.name)) {
        assert!(table.contains(name), "{name}");
    }
}

#[test]
fn help_names_every_parameter_and_its_range() {
    let output = run(&["mask", "--help"]);
    assert_eq!(code(&output), 0);
    let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let help = words(&stdout(&output));
    for row in ParameterSpec::of_params() {
        assert!(
            help.contains(&format!("--{}", row.option())),
            "{}",
            row.name
        );
        assert!(help.contains(&words(&row.range())), "{}", row.name);
    }
    for codes in Codes::written() {
        let row = format!("{} {}", codes.name, codes.meaning);
        assert!(help.contains(&words(&row)), "{row}");
    }
    assert!(stdout(&run(&["--help"])).contains("Examples:"));
    assert!(stdout(&run(&["--version"])).starts_with("clearshore "));
}

#[test]
fn a_wrong_option_is_answered_with_a_similar_one() {
    let output = run(&["mask", "x", "-o", "y", "--cloud-bufer", "60"]);
    assert_eq!(code(&output), 2);
    assert!(stderr(&output).contains("--cloud-buffer"));
}

#[test]
fn wrong_values_end_with_2_before_anything_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("out");
    let target = target.to_str().unwrap();
    for (option, value, advice) in [
        ("--cloud-buffer", "-5", "nearest valid value is 0"),
        ("--cloud-buffer", "NaN", "[0, 2000] m"),
        ("--resolution", "15", "one of 10, 20, 60 m"),
        ("--resampling", "fats", "nearest valid value is fast"),
        ("--threads", "0", "nearest valid value is 1"),
    ] {
        let output = run(&["mask", "x", "-o", target, option, value]);
        assert_eq!(code(&output), 2, "{option} {value}");
        assert!(stderr(&output).contains(advice), "{}", stderr(&output));
    }
    assert!(support::names(folder.path()).is_empty());
}

#[test]
fn parameter_files_are_checked_by_the_same_table_and_overridden_by_options() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("parameters.toml");
    let file_name = file.to_str().unwrap();
    let mask = |text: &str, more: &[&str]| {
        fs::write(&file, text).unwrap();
        let mut arguments = vec![
            "mask",
            "/nonexistent.SAFE",
            "-o",
            "/nonexistent",
            "--params",
            file_name,
        ];
        arguments.extend(more);
        let output = run(&arguments);
        (code(&output), stderr(&output))
    };
    let (code, text) = mask("cloudBufer = 3", &[]);
    assert_eq!(code, 2);
    assert!(text.contains("did you mean 'cloudBuffer'?"), "{text}");
    assert_eq!(mask("cloudBuffer = 9999", &[]).0, 2);
    assert_eq!(mask("cloudBuffer = ", &[]).0, 2);
    // Good parameters: the product is what fails.
    assert_eq!(mask("cloudBuffer = 9999", &["--cloud-buffer", "90"]).0, 3);
    assert_eq!(
        mask(
            "copyEvidence = true\nresolution = 60",
            &["--copy-evidence=false"]
        )
        .0,
        3
    );
    fs::remove_file(&file).unwrap();
    let output = run(&["mask", "x", "-o", "y", "--params", file_name]);
    assert_eq!(support::code(&output), 2);
}

#[test]
fn what_is_no_product_ends_with_3() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("text.SAFE");
    fs::write(&text, "not a product").unwrap();
    for path in [
        text.to_str().unwrap(),
        folder.path().to_str().unwrap(),
        "/nonexistent",
    ] {
        for output in [run(&["info", path]), run(&["mask", path, "-o", path])] {
            assert_eq!(code(&output), 3, "{path}: {}", stderr(&output));
        }
    }
}

#[test]
fn json_log_lines_are_json_objects() {
    let output = run(&["--log", "json", "info", "/nonexistent"]);
    assert_eq!(code(&output), 3);
    for line in stderr(&output).lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(line["level"], "error");
        assert!(
            line["message"]
                .as_str()
                .unwrap()
                .starts_with("Product error")
        );
        assert!(line["time"].as_str().unwrap().contains('T'));
    }
}

#[test]
fn completions_know_the_options_of_parameters() {
    for shell in ["bash", "zsh", "fish"] {
        let output = run(&["completions", shell]);
        assert_eq!(code(&output), 0);
        assert!(stdout(&output).contains("cloud-buffer"), "{shell}");
    }
    assert_eq!(code(&run(&["completions", "nosuch"])), 2);
}
