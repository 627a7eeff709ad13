//! Scenes through the program.

// Outside of `#[test]` functions the lint also sees the helpers.
#![allow(clippy::unwrap_used)]

mod support;

use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use support::{code, is_stopped_cleanly, json, names, program, run, stderr, stdout, text};

/// The smallest scene.
const SMALL: [&str; 2] = ["--size", "549"];

fn simulate(folder: &Path, more: &[&str]) -> Value {
    let mut arguments = vec!["simulate", "-o", text(folder), "--json"];
    arguments.extend(SMALL);
    arguments.extend(more);
    let output = run(&arguments);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    json(&output)["scenes"].clone()
}

/// All files of a folder by their path from it.
fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(root).unwrap().display().to_string();
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    found
}

#[test]
fn the_same_options_give_the_same_bytes_for_any_number_of_threads() {
    let options = [
        "--preset",
        "alpine-coast",
        "--wind",
        "6,200",
        "--haze",
        "0.05",
    ];
    let [one, three] = ["1", "3"].map(|threads| {
        let folder = tempfile::tempdir().unwrap();
        let mut options = options.to_vec();
        options.extend(["--threads", threads]);
        simulate(folder.path(), &options);
        files(folder.path())
    });
    assert!(one.len() >= 60, "{}", one.len());
    assert!(one.keys().eq(three.keys()));
    for (name, bytes) in &one {
        assert!(three[name] == *bytes, "{name}");
    }
}

#[test]
fn a_scene_is_masked_and_not_made_twice() {
    let folder = tempfile::tempdir().unwrap();
    let scenes = simulate(
        folder.path(),
        &["--place=-33.9,18.3", "--orbit", "ascending"],
    );
    let scene = &scenes[0];
    assert_eq!(scene["status"], "written");
    for part in ["product", "dem", "truth", "quicklook"] {
        assert!(Path::new(scene[part].as_str().unwrap()).exists(), "{part}");
    }
    let name = scene["name"].as_str().unwrap();
    let expected = ["SAFE", "_dem", "_quicklook.png", "_truth"].map(|end| match end {
        "SAFE" => format!("{name}.SAFE"),
        end => format!("{name}{end}"),
    });
    assert_eq!(names(folder.path()), expected);

    let target = folder.path().join("flags");
    let output = run(&[
        "mask",
        scene["product"].as_str().unwrap(),
        "-o",
        text(&target),
    ]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));

    let again = [
        "simulate",
        "-o",
        text(folder.path()),
        "--size=549",
        "--place=-33.9,18.3",
        "--orbit=ascending",
    ];
    let output = run(&again);
    assert_eq!(code(&output), 2);
    assert!(
        stderr(&output).contains("--overwrite"),
        "{}",
        stderr(&output)
    );
    let stale = folder.path().join(format!("{name}_truth/stale.tif"));
    fs::write(&stale, "").unwrap();
    let mut again = again.to_vec();
    again.push("--overwrite");
    let output = run(&again);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    assert!(stdout(&output).contains("written") && !stale.exists());
}

#[test]
fn the_suite_names_its_scenes_and_leaves_complete_ones() {
    let list = json(&run(&["simulate", "--suite", "--list", "--json"]));
    let all = list["scenes"].as_array().unwrap();
    let mut folders: Vec<&str> = all
        .iter()
        .map(|scene| scene["folder"].as_str().unwrap())
        .collect();
    assert_eq!(folders.len(), 7 * 5 * 3);
    folders.sort_unstable();
    folders.dedup();
    assert_eq!(folders.len(), 7 * 5 * 3);
    assert!(folders.contains(&"lagoon-seed2-sun38"));
    for scene in all {
        let elevation = scene["scene"]["sunElevation"].as_f64().unwrap();
        assert!(
            scene["folder"]
                .as_str()
                .unwrap()
                .ends_with(&format!("sun{elevation:.0}"))
        );
        assert_eq!(scene["scene"]["size"], 2196);
    }
    let other = run(&["simulate", "--suite", "--list", "--seed", "7"]);
    assert_eq!(other.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&other.stderr).contains("[1, 2, 3, 4, 5]"));

    let folder = tempfile::tempdir().unwrap();
    let suite = |more: &[&str]| {
        let mut options = vec!["--suite", "--preset", "open-sea", "--seed", "2"];
        options.extend(more);
        let scenes = simulate(folder.path(), &options);
        let status = |scene: &Value| scene["status"].as_str().unwrap().to_owned();
        scenes
            .as_array()
            .unwrap()
            .iter()
            .map(status)
            .collect::<Vec<_>>()
    };
    assert_eq!(suite(&[]), ["written"; 3]);
    let scenes = ["sun18", "sun38", "sun62"].map(|sun| format!("open-sea-seed2-{sun}"));
    assert_eq!(names(folder.path()), scenes);
    let scene = folder.path().join(&scenes[1]);
    let picture = names(&scene)
        .into_iter()
        .find(|name| name.ends_with(".png"))
        .unwrap();
    fs::remove_file(scene.join(picture)).unwrap();
    let mut status = suite(&["--overwrite"]);
    status.sort();
    assert_eq!(status, ["written"; 3]);
    assert_eq!(suite(&[]), ["skipped"; 3]);
}

#[test]
fn wrong_options_end_with_2_and_say_what_is_allowed() {
    let folder = tempfile::tempdir().unwrap();
    let target = folder.path().join("out");
    for (option, expected) in [
        ("--size=548", "549..=10980"),
        ("--preset=cost", "coast"),
        ("--baseline=05.12", "05.11"),
        ("--place=85,0", "[-80, 84]"),
        ("--haze=2", "[0, 0.2]"),
        ("--clouds=fog", "KIND=COVER"),
        ("--date=2025-12-21", "--sun"),
    ] {
        let mut arguments = vec!["simulate", "-o", text(&target), option];
        if option.starts_with("--date") {
            arguments.push("--place=70,20");
        }
        let output = run(&arguments);
        assert_eq!(code(&output), 2, "{option}");
        assert!(
            stderr(&output).contains(expected),
            "{option}: {}",
            stderr(&output)
        );
    }
    assert!(!target.exists());
}

#[cfg(unix)]
#[test]
fn ctrl_c_leaves_nothing() {
    for delay in [0, 300, 1000, 2000] {
        let folder = tempfile::tempdir().unwrap();
        let mut command = program();
        command.args([
            "simulate",
            "-o",
            text(folder.path()),
            "--size",
            "1098",
            "--threads",
            "1",
        ]);
        if !is_stopped_cleanly(&mut command, folder.path(), "-INT", delay) {
            break; // A fast machine.
        }
    }
}
