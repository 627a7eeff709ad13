//! s2cloudless beside its own program, which tests/reference/model_masks.py runs. Skipped, with a message, without that.
#![cfg(feature = "gdal")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

#[allow(dead_code)]
mod onnx_file;
// Of what it offers the pixels are enough here.
#[allow(dead_code)]
mod real_scenes;

use clearshore::NoProgress;
use clearshore::learned::{BoostedTrees, CloudModel, Manifest, ModelView};
use ndarray::{Array1, Array3, Axis};
use onnx_file::python_package;
use std::fs;
use std::path::Path;

#[test]
fn s2cloudless_says_what_its_own_program_says() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    let (masks, package) = (
        root.join("target/model-masks"),
        python_package("s2cloudless"),
    );
    let (true, Some(package)) = (masks.is_dir(), package) else {
        eprintln!("skipped: run tests/reference/model_masks.py");
        return;
    };
    let text = fs::read_to_string(package.join("models/pixel_s2_cloud_detector_lightGBM_v0.1.txt"));
    let manifest = fs::read_to_string(root.join("models/s2cloudless.toml")).unwrap();
    let manifest: Manifest = toml::from_str(&manifest).unwrap();
    let thresholds: Array1<f32> =
        ndarray_npy::read_npy(masks.join("s2cloudless-thresholds.npy")).unwrap();
    let trees = BoostedTrees::of_text(manifest, &text.unwrap()).unwrap();
    for name in ["slovenia_cloudy", "slovenia_clear_1", "slovenia_clear_2"] {
        let real = real_scenes::load(name).unwrap();
        let scene = real.scene();
        let resolution = real.grid.pixel_size as u32;
        let view = ModelView::of(&scene, &trees.manifest().bands, resolution).unwrap();
        let seen = trees.classify(&view, &NoProgress).unwrap();
        let cloud = seen.index_axis(Axis(0), 1);
        let peer: Array3<u8> =
            ndarray_npy::read_npy(masks.join(format!("s2cloudless-{name}.npy"))).unwrap();
        for (threshold, peer) in thresholds.iter().zip(peer.outer_iter()) {
            let other = cloud
                .iter()
                .zip(peer)
                .filter(|(cloud, peer)| (*cloud > threshold) != (**peer == 1))
                .count();
            assert_eq!(other, 0, "{name}, {threshold}: so many pixels differ");
        }
    }
}
