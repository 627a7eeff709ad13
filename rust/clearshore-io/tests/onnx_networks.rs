//! Networks in ONNX Runtime itself: tiny ones whose answers are worked out by hand, and ukis-csmask beside its own program.
//! Skipped, with a message, without the Python packages that hold the library and the weights.
#![cfg(feature = "onnx")]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::print_stderr)]

mod onnx_file;
// Of what it offers the pixels are enough here.
#[allow(dead_code)]
mod real_scenes;

use clearshore::flags::Flags;
use clearshore::learned::{Class, CloudModel, Inference, Manifest, ModelView, NetworkModel};
use clearshore::scene::{Band, Scene};
use clearshore::{CloudDetector, ErrorKind, NoProgress, Params, detect};
use clearshore_io::onnx::{OnnxNetwork, Runtime};
use ndarray::{Array2, Array3, Array4, Axis};
use onnx_file::{convolution, python_package};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

const THREADS: usize = 2;

fn runtime() -> Option<Runtime> {
    let folder = python_package("onnxruntime")?.join("capi");
    Some(Runtime::open(Some(&folder), &[]).unwrap())
}

fn manifest(id: &str) -> Manifest {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../models")
        .join(format!("{id}.toml"));
    toml::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// ukis-csmask's contract for patches of this size.
fn small_manifest(patch: usize) -> Manifest {
    let mut manifest = manifest("ukis-csmask-4b");
    manifest.network.as_mut().unwrap().patch = patch;
    manifest.network.as_mut().unwrap().overlap = 4;
    manifest.network.as_mut().unwrap().edges =
        clearshore::learned::network::Edges::Mirror { lead: 3 };
    manifest
}

fn written(folder: &tempfile::TempDir, name: &str, network: &[u8]) -> PathBuf {
    let path = folder.path().join(name);
    fs::write(&path, network).unwrap();
    path
}

/// Weights of a convolution of 3 x 3 pixels, 4 bands, 3 classes: different everywhere.
fn weights() -> Vec<f32> {
    (0..3 * 4 * 9)
        .map(|index| ((index * 7) % 11) as f32 / 10.0 - 0.5)
        .collect()
}

/// The convolution, term by term.
fn by_hand(input: &Array4<f32>, weights: &[f32], bias: &[f32]) -> Array4<f32> {
    let (patches, bands, rows, columns) = input.dim();
    Array4::from_shape_fn(
        (patches, bias.len(), rows, columns),
        |(patch, class, row, column)| {
            let mut sum = f64::from(bias[class]);
            for band in 0..bands {
                for (index, (down, right)) in (0..9).map(|index| (index, (index / 3, index % 3))) {
                    let (Some(row), Some(column)) =
                        ((row + down).checked_sub(1), (column + right).checked_sub(1))
                    else {
                        continue;
                    };
                    let value = input
                        .get((patch, band, row, column))
                        .copied()
                        .unwrap_or(0.0);
                    sum +=
                        f64::from(value) * f64::from(weights[(class * bands + band) * 9 + index]);
                }
            }
            sum as f32
        },
    )
}

#[test]
fn a_network_is_evaluated() {
    let Some(runtime) = runtime() else { return };
    let folder = tempfile::tempdir().unwrap();
    let (weights, bias) = (weights(), [0.1, -0.2, 0.3]);
    let file = written(
        &folder,
        "tiny.onnx",
        &convolution(4, 16, 3, &weights, &bias),
    );
    let network = OnnxNetwork::open(&runtime, &file, &small_manifest(16), THREADS).unwrap();
    let input = Array4::from_shape_fn((2, 4, 16, 16), |(patch, band, row, column)| {
        ((patch * 5 + band * 3 + row * 7 + column * 11) % 13) as f32 / 13.0
    });
    let output = network.infer(input.clone()).unwrap();
    for (value, expected) in output.iter().zip(&by_hand(&input, &weights, &bias)) {
        assert!((value - expected).abs() < 1e-5, "{value} is not {expected}");
    }
}

#[test]
fn a_file_that_does_not_fit_its_manifest_is_named() {
    let Some(runtime) = runtime() else { return };
    let folder = tempfile::tempdir().unwrap();
    let open = |file: &Path, manifest: &Manifest| {
        let error = OnnxNetwork::open(&runtime, file, manifest, THREADS).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Auxiliary);
        error.to_string()
    };
    let file = written(
        &folder,
        "tiny.onnx",
        &convolution(4, 16, 3, &weights(), &[0.0; 3]),
    );
    let other_patch = open(&file, &small_manifest(20));
    assert!(
        other_patch.contains("20, 20]") && other_patch.contains("-1, 4, 16, 16]"),
        "{other_patch}"
    );
    let mut more_bands = small_manifest(16);
    more_bands.bands.push(Band::B11);
    assert!(open(&file, &more_bands).contains("[1, 5, 16, 16]"));
    let mut fewer_classes = small_manifest(16);
    fewer_classes.classes.pop();
    let text = open(&file, &fewer_classes);
    assert!(
        text.contains("output") && text.contains("[1, 2, 16, 16]"),
        "{text}"
    );
    let text = written(&folder, "text.onnx", b"not a network");
    assert!(open(&text, &small_manifest(16)).contains("text.onnx"));
    assert!(open(&folder.path().join("absent.onnx"), &small_manifest(16)).contains("absent.onnx"));
}

#[test]
fn another_library_in_the_same_process_is_refused() {
    let Some(runtime) = runtime() else { return };
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("libonnxruntime.so");
    fs::write(&copy, b"\x7fELF, or so").unwrap();
    let error = Runtime::open(Some(&copy), &[]).unwrap_err().to_string();
    assert!(
        error.contains("another ONNX Runtime") && error.contains("restart"),
        "{error}"
    );
    // Without a wish the one that is open does.
    assert_eq!(
        Runtime::open(None, &[]).unwrap().library(),
        runtime.library()
    );
}

fn classify(model: &NetworkModel, scene: &Scene, threads: usize) -> Array3<f32> {
    let view = ModelView::of(scene, &model.manifest().bands, model.manifest().resolution).unwrap();
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(threads)
        .build()
        .unwrap();
    pool.install(|| model.classify(&view, &NoProgress)).unwrap()
}

#[test]
fn threads_change_no_byte() {
    let (Some(runtime), Some(real)) = (runtime(), real_scenes::load("australia")) else {
        return;
    };
    let folder = tempfile::tempdir().unwrap();
    let file = written(
        &folder,
        "tiny.onnx",
        &convolution(4, 16, 3, &weights(), &[0.1, -0.2, 0.3]),
    );
    let scene = real.scene();
    let bits = |threads: usize| {
        let manifest = small_manifest(16);
        let network = OnnxNetwork::open(&runtime, &file, &manifest, threads).unwrap();
        let model = NetworkModel::new(manifest, Box::new(network)).unwrap();
        classify(&model, &scene, threads).mapv(f32::to_bits)
    };
    assert_eq!(bits(1), bits(3));
}

/// Cohen's kappa.
fn kappa(labels: &Array2<u8>, seen: &Array2<u8>) -> f64 {
    let mut table = Array2::<f64>::zeros((3, 3));
    for (label, seen) in labels.iter().zip(seen) {
        table[[usize::from(*label), usize::from(*seen)]] += 1.0;
    }
    table /= labels.len() as f64;
    let agreed: f64 = table.diag().sum();
    let by_chance = (&table.sum_axis(Axis(0)) * &table.sum_axis(Axis(1))).sum();
    (agreed - by_chance) / (1.0 - by_chance)
}

/// The class of the largest probability.
fn largest(probabilities: &Array3<f32>) -> Array2<u8> {
    probabilities.map_axis(Axis(0), |pixel| {
        let order = |a: &usize, b: &usize| pixel[*a].total_cmp(&pixel[*b]).then(b.cmp(a));
        (0..pixel.len()).max_by(order).unwrap() as u8
    })
}

/// On the labelled scene, in the same pixels: tests/reference/model_masks.py writes what that makes of it.
#[test]
fn ukis_csmask_says_what_its_own_program_says() {
    let (Some(runtime), Some(weights)) = (runtime(), python_package("ukis_csmask")) else {
        return;
    };
    let Some(real) = real_scenes::load("labelled_sentinel2") else {
        return;
    };
    let peers = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/model-masks");
    if !peers.is_dir() {
        eprintln!(
            "skipped: {} is absent; run tests/reference/model_masks.py",
            peers.display()
        );
        return;
    }
    let scene = real.scene();
    // Shadow 0, water 1, land 3, cloud 4 to the network's classes.
    let labels: Array2<u8> = ndarray_npy::read_npy(peers.join("labels.npy")).unwrap();
    for id in ["ukis-csmask-4b", "ukis-csmask-6b"] {
        let manifest = Manifest {
            resolution: real.grid.pixel_size as u32,
            ..manifest(id)
        };
        assert_eq!(
            manifest.classes,
            [Class::Clear, Class::Cloud, Class::Shadow]
        );
        let network =
            OnnxNetwork::open(&runtime, &weights.join(&manifest.file), &manifest, THREADS).unwrap();
        let model = NetworkModel::new(manifest, Box::new(network)).unwrap();
        let seen = largest(&classify(&model, &scene, THREADS));
        let peer: Array2<u8> = ndarray_npy::read_npy(peers.join(format!("{id}.npy"))).unwrap();
        let other = seen
            .iter()
            .zip(&peer)
            .filter(|(seen, peer)| seen != peer)
            .count();
        let (ours, theirs) = (kappa(&labels, &seen), kappa(&labels, &peer));
        eprintln!(
            "{id}: kappa {ours:.4}, its own program {theirs:.4}; {other} of {} pixels differ",
            seen.len()
        );
        assert!((ours - theirs).abs() <= 0.002);
        assert!(
            other as f64 <= 0.001 * seen.len() as f64,
            "{id}: {other} pixels differ"
        );
    }
}

/// Share of right pixels among cloud and among what is clear, for the physics, ukis-csmask and both together.
fn rights(
    runtime: &Runtime,
    weights: &Path,
    real: &real_scenes::RealScene,
    cloud: &dyn Fn((usize, usize)) -> bool,
) -> [[f64; 2]; 3] {
    let manifest = manifest("ukis-csmask-4b");
    let network = OnnxNetwork::open(runtime, &weights.join(&manifest.file), &manifest, THREADS);
    let model = Arc::new(NetworkModel::new(manifest, Box::new(network.unwrap())).unwrap());
    let scene = real.builder().model(model).build().unwrap();
    [
        CloudDetector::Physics,
        CloudDetector::UkisCsmask,
        CloudDetector::Combined,
    ]
    .map(|cloud_detector| {
        let params = Params {
            cloud_detector,
            ..Params::default()
        };
        let flags = detect(&scene, &params, &NoProgress).unwrap().flags;
        let mut counts = [[0_u32; 2]; 2];
        for (at, flags) in flags.indexed_iter() {
            let found = Flags::from_bits_retain(*flags).contains(Flags::CLOUD);
            counts[usize::from(!cloud(at))][usize::from(found == cloud(at))] += 1;
        }
        counts.map(|[wrong, right]| f64::from(right) / f64::from(wrong + right))
    })
}

#[test]
fn on_real_scenes_both_together_are_no_worse_than_the_physics() {
    let (Some(runtime), Some(weights)) = (runtime(), python_package("ukis_csmask")) else {
        return;
    };
    for name in [
        "shark_bay",
        "australia",
        "usa",
        "reykjavik",
        "slovenia_clear_1",
        "slovenia_clear_2",
    ] {
        let Some(real) = real_scenes::load(name) else {
            return;
        };
        let clear = rights(&runtime, &weights, &real, &|_| false).map(|[_, clear]| 1.0 - clear);
        eprintln!("{name}: false cloud of physics, model, both {clear:.5?}");
        let [physics, _, both] = clear;
        assert!(both <= physics + 0.0005, "{name}");
    }
    let real = real_scenes::load("labelled_sentinel2").unwrap();
    let cloud = real.labelled("cloud");
    let found = rights(&runtime, &weights, &real, &|at| cloud[at]);
    eprintln!("labelled_sentinel2: cloud and clear found by physics, model, both {found:.4?}");
    let [physics, _, both] = found.map(|[cloud, clear]| (cloud + clear) / 2.0);
    assert!(both >= physics);
}
