//! Tiny networks as ONNX files, written field by field (onnx.proto of ONNX 1.17), and where ONNX Runtime is.

use std::path::{Path, PathBuf};

/// Version of the format.
const IR_VERSION: u64 = 8;
/// Version of the operators.
const OPERATORS: u64 = 17;
/// FLOAT among the types of elements.
const FLOAT: u64 = 1;
/// Wire types of protocol buffers.
const VARINT: u64 = 0;
const BYTES: u64 = 2;

fn varint(mut value: u64) -> Vec<u8> {
    let mut bytes = Vec::new();
    while value >= 0x80 {
        bytes.push(value as u8 | 0x80);
        value >>= 7;
    }
    bytes.push(value as u8);
    bytes
}

fn number(field: u64, value: u64) -> Vec<u8> {
    [varint(field << 3 | VARINT), varint(value)].concat()
}

fn bytes(field: u64, value: &[u8]) -> Vec<u8> {
    [
        varint(field << 3 | BYTES),
        varint(value.len() as u64),
        value.to_vec(),
    ]
    .concat()
}

/// A tensor of the network's border; `None` stands for any size.
fn border(name: &str, shape: &[Option<usize>]) -> Vec<u8> {
    let size = |size: &Option<usize>| match size {
        Some(size) => bytes(1, &number(1, *size as u64)),
        None => bytes(1, &bytes(2, b"any")),
    };
    let shape: Vec<u8> = shape.iter().flat_map(size).collect();
    let tensor = [number(1, FLOAT), bytes(2, &shape)].concat();
    [bytes(1, name.as_bytes()), bytes(2, &bytes(1, &tensor))].concat()
}

fn constant(name: &str, shape: &[usize], values: &[f32]) -> Vec<u8> {
    let raw: Vec<u8> = values
        .iter()
        .flat_map(|value| value.to_le_bytes())
        .collect();
    let sizes = shape.iter().flat_map(|size| number(1, *size as u64));
    [
        sizes.collect(),
        number(2, FLOAT),
        bytes(8, name.as_bytes()),
        bytes(9, &raw),
    ]
    .concat()
}

/// A network of one convolution: weights (classes, bands, side, side) in this order, with as many zeros around the patch as keep
/// its size, and one bias for each class.
pub fn convolution(
    bands: usize,
    patch: usize,
    side: usize,
    weights: &[f32],
    bias: &[f32],
) -> Vec<u8> {
    let classes = bias.len();
    assert_eq!(weights.len(), classes * bands * side * side);
    let padding: Vec<u8> = (0..4).flat_map(|_| number(8, (side / 2) as u64)).collect();
    let padding = [bytes(1, b"pads"), padding, number(20, 7)].concat();
    let node = [
        bytes(1, b"input"),
        bytes(1, b"weights"),
        bytes(1, b"bias"),
        bytes(2, b"output"),
        bytes(4, b"Conv"),
        bytes(5, &padding),
    ]
    .concat();
    let shape = |channels| [None, Some(channels), Some(patch), Some(patch)];
    let graph = [
        bytes(1, &node),
        bytes(2, b"tiny"),
        bytes(
            5,
            &constant("weights", &[classes, bands, side, side], weights),
        ),
        bytes(5, &constant("bias", &[classes], bias)),
        bytes(11, &border("input", &shape(bands))),
        bytes(12, &border("output", &shape(classes))),
    ]
    .concat();
    [
        number(1, IR_VERSION),
        bytes(7, &graph),
        bytes(8, &number(2, OPERATORS)),
    ]
    .concat()
}

/// Folder of the Python package `name` in the repository's virtual environment; `None`, with a message, where it is absent.
pub fn python_package(name: &str) -> Option<PathBuf> {
    let environment = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../.venv/lib");
    let found = std::fs::read_dir(&environment).ok().and_then(|pythons| {
        let folders =
            pythons.filter_map(|python| Some(python.ok()?.path().join("site-packages").join(name)));
        folders.into_iter().find(|folder| folder.is_dir())
    });
    if found.is_none() {
        eprintln!(
            "skipped: no Python package {name} in {}",
            environment.display()
        );
    }
    found
}
