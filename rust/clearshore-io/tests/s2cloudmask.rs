//! The fast trees of s2cloudmask on its own clear scene, and out of a user's copy of it.
#![allow(clippy::unwrap_used, clippy::print_stderr)]

use clearshore::learned::DecisionTree;
use clearshore::learned::s2cloudmask::{SpectralTree, THRESHOLD};
use clearshore_io::models::KnownModel;
use clearshore_io::s2cloudmask::import_s2cloudmask;
use ndarray::{Array2, Array3, s};
use ndarray_npy::ReadNpyExt;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use zip::ZipArchive;

/// Names a copy of the project s2cloudmask, for the test that reads its files.
const COPY: &str = "CLEARSHORE_S2CLOUDMASK";

fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data")
}

fn model(text: &str) -> SpectralTree {
    let manifest = KnownModel::named("s2cloudmask").unwrap().manifest;
    SpectralTree::new(manifest, DecisionTree::from_json(text).unwrap()).unwrap()
}

/// Its published tests ask for fewer than 1000 pixels of cloud there, and for none in the mask: the tree finds 699, all of them so
/// small that the opening takes them away.
#[test]
fn the_clear_scene_has_699_pixels_and_none_after_the_opening() {
    let text = fs::read_to_string(data().join("models/s2cloudmask/fast-spectral-model.json"));
    let file = File::open(data().join("l1c_pixels/s2cloudmask_dea/clear-wright-20160101.npz"));
    let (Ok(text), Ok(file)) = (text, file) else {
        eprintln!("skipped: s2cloudmask's data in ../shared are absent");
        return;
    };
    let mut archive = ZipArchive::new(file).unwrap();
    let spectra = Array3::<f32>::read_npy(archive.by_name("obs.npy").unwrap()).unwrap();
    let spectra = spectra.permuted_axes([2, 0, 1]);
    let model = model(&text);
    let count = |cloud: Array2<f32>| cloud.iter().filter(|cloud| **cloud > THRESHOLD).count();
    assert_eq!(count(model.probability(spectra.view())), 699);
    assert_eq!(count(model.cloud(spectra.view())), 0);
    // What upstream tests of gaps: no answer there, answers beside it.
    let mut with_gap = spectra;
    with_gap.slice_mut(s![.., 10, 10]).fill(f32::NAN);
    let cloud = model.cloud(with_gap.view());
    assert!(cloud[[10, 10]].is_nan() && !cloud[[10, 11]].is_nan());
}

/// The files as they were published give the trees that were taken out of them by another program.
#[test]
fn a_copy_of_the_project_gives_the_same_trees() {
    let Some(copy) = std::env::var_os(COPY) else {
        eprintln!("skipped: {COPY} names no copy of s2cloudmask");
        return;
    };
    let trees = import_s2cloudmask(Path::new(&copy)).unwrap();
    assert_eq!(trees.len(), 2);
    for ((name, json), published) in trees
        .iter()
        .zip(["fast-spectral-model", "fast-shadow-model"])
    {
        let ours = DecisionTree::from_json(json).unwrap();
        let file = data().join(format!("models/s2cloudmask/{published}.json"));
        let theirs = DecisionTree::from_json(&fs::read_to_string(file).unwrap()).unwrap();
        assert_eq!(ours, theirs, "{name}");
    }
}
