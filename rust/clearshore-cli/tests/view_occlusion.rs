//! Ground that relief hides from the sensor, through the program.

// Outside of `#[test]` functions the lint also sees the helpers.
#![allow(clippy::unwrap_used)]

mod support;

use clearshore::flags::EvidenceBits;
use std::fs;
use std::path::Path;
use support::{coastal_product, code, json, names, run, stderr};

fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// A cell of 3 arcseconds in which every other stripe of 10 columns is a plateau of 2000 m: cliffs of 88 degrees.
fn write_cliffs(path: &Path) {
    const NODES: usize = 1_201;
    let height = |node: usize| 2_000 * (node % NODES / 10 % 2) as i16;
    let bytes: Vec<u8> = (0..NODES * NODES)
        .flat_map(|node| height(node).to_be_bytes())
        .collect();
    fs::write(path, bytes).unwrap();
}

/// Pixels with the evidence, of all.
fn hidden(folder: &Path) -> (usize, usize) {
    let name = names(folder)
        .into_iter()
        .find(|name| name.ends_with("_evidence.tif"))
        .unwrap();
    let dataset = gdal::Dataset::open(folder.join(name)).unwrap();
    let band = dataset.rasterband(1).unwrap();
    let evidence = band.read_band_as::<i32>().unwrap();
    let is_hidden = |bits: &&i32| **bits & EvidenceBits::VIEW_OCCLUDED.bits() != 0;
    let hidden = evidence.data().iter().filter(is_hidden).count();
    (hidden, evidence.data().len())
}

#[test]
fn cliffs_hide_ground_from_the_detectors_and_the_evidence_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let scenes = folder.path().join("scenes");
    let output = run(&[
        "simulate",
        "-o",
        text(&scenes),
        "--size",
        "549",
        "--place=44.5,0.5",
        "--no-data-edge",
        "west",
        "--json",
    ]);
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let scene = &json(&output)["scenes"][0];
    let product = scene["product"].as_str().unwrap();
    let cliffs = folder.path().join("N44E000.hgt");
    write_cliffs(&cliffs);
    let mask = |target: &Path, product: &str, dem: &str, more: &[&str]| {
        let mut arguments = vec!["mask", product, "-o", text(target), "--copy-evidence"];
        arguments.extend(["--external-dem-file", dem]);
        arguments.extend(more);
        let output = run(&arguments);
        assert_eq!(code(&output), 0, "{}", stderr(&output));
        stderr(&output)
    };
    let occluded = ["--view-occlusion"];

    let target = folder.path().join("cliffs");
    let said = mask(&target, product, text(&cliffs), &occluded);
    assert!(!said.contains("view occlusion"), "{said}");
    let (count, pixels) = hidden(&target);
    // At the edge of the swath the sensor is 11.4 degrees from the vertical, at 110 degrees: of the 1325 m from cliff to
    // cliff, 2000 tan 11.4 sin 110 = 379 m are hidden; 9 % of the scene have no data.
    let part = count as f64 / (0.91 * pixels as f64);
    assert!((0.24..0.33).contains(&part), "{count} of {pixels}");

    let target = folder.path().join("own");
    let said = mask(&target, product, scene["dem"].as_str().unwrap(), &occluded);
    assert!(!said.contains("view occlusion"), "{said}");
    assert_eq!(hidden(&target).0, 0);

    let target = folder.path().join("not-asked");
    mask(&target, product, text(&cliffs), &[]);
    assert_eq!(hidden(&target).0, 0);

    let target = folder.path().join("mean");
    let product = coastal_product(folder.path(), 552, &[]);
    let said = mask(&target, text(&product), text(&cliffs), &occluded);
    assert!(said.contains("mean viewing direction"), "{said}");
    assert!(hidden(&target).0 > 0);
}
