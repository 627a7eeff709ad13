//! Networks, contracts and references for unit tests.

use super::contract::{Blended, Blending, Edges, Input, NetworkContract, Output, Scaling, Unit};
use super::{Manifest, NetworkModel};
use crate::learned::{Class, Inference, ModelKind};
use crate::scene::Band;
use crate::scene::made::{SEA, builder};
use crate::scene::{BandPlane, NO_DATA_DN, Scene, SceneBuilder};
use crate::{NoProgress, Result};
use ndarray::{Array2, Array3, Array4, ArrayView3, Axis};
use serde_json::Value;
use std::fmt;

/// Bands of the networks of these tests.
pub(super) const BANDS: [Band; 2] = [Band::B02, Band::B04];

/// What numpy makes of the contracts: tests/reference/network_references.py.
pub(super) fn references() -> Value {
    serde_json::from_str(include_str!("references.json")).unwrap()
}

pub(super) fn numbers(values: &Value) -> Vec<f64> {
    let number = |value: &Value| value.as_f64().unwrap_or(f64::NAN);
    values.as_array().unwrap().iter().map(number).collect()
}

/// A network of reflectance that gives logits, in patches that slide; probabilities are blended.
pub(super) fn contract(patch: usize, overlap: usize, blending: Blending) -> NetworkContract {
    NetworkContract {
        patch,
        overlap,
        batch: 1,
        memory: None,
        staggered: false,
        avoid_no_data: false,
        output: Output::Logits,
        blended: Blended::Probabilities,
        input: Input {
            unit: Unit::Reflectance,
            divisor: None,
            minimum: None,
            no_data: 0.0,
            scaling: Scaling::None,
        },
        edges: Edges::Slide,
        blending,
    }
}

/// ukis-csmask's way of joining, with other sizes.
pub(super) fn mirrored(patch: usize, overlap: usize, lead: usize, taper: f64) -> NetworkContract {
    NetworkContract {
        edges: Edges::Mirror { lead },
        ..contract(patch, overlap, Blending::Tukey { taper })
    }
}

pub(super) fn manifest(contract: NetworkContract) -> Manifest {
    Manifest {
        id: "made".into(),
        title: "Made for a test".into(),
        version: "1".into(),
        kind: ModelKind::Network,
        file: "made.onnx".into(),
        sha256: None,
        licence: "CC0-1.0".into(),
        source: "this test".into(),
        citation: "none".into(),
        bands: BANDS.into(),
        resolution: 20,
        threshold: Some(0.5),
        classes: vec![Class::Clear, Class::Cloud, Class::Shadow],
        trees: None,
        package: None,
        network: Some(contract),
    }
}

/// A network that is a function of one patch.
pub(super) struct Function<F>(pub(super) F);

impl<F> fmt::Debug for Function<F> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Function")
    }
}

impl<F: Fn(ArrayView3<'_, f32>) -> Array3<f32> + Send + Sync> Inference for Function<F> {
    fn infer(&self, input: Array4<f32>) -> Result<Array4<f32>> {
        let outputs: Vec<_> = input.outer_iter().map(&self.0).collect();
        let views: Vec<_> = outputs.iter().map(|output| output.view()).collect();
        Ok(ndarray::stack(Axis(0), &views).unwrap())
    }
}

pub(super) fn model<F>(contract: NetworkContract, function: F) -> NetworkModel
where
    F: Fn(ArrayView3<'_, f32>) -> Array3<f32> + Send + Sync + 'static,
{
    NetworkModel::new(manifest(contract), Box::new(Function(function))).unwrap()
}

/// The stand-in of the references: its answer tells the place in the patch.
pub(super) fn stand_in(patch: ArrayView3<'_, f32>) -> Array3<f32> {
    let (_, rows, columns) = patch.dim();
    Array3::from_shape_fn((3, rows, columns), |(class, row, column)| {
        let (first, second) = (patch[[0, row, column]], patch[[1, row, column]]);
        let (row, column) = (row as f32, column as f32);
        match class {
            0 => first + 0.1 * row,
            1 => second - 0.05 * column,
            _ => first - second + 0.02 * row * column,
        }
    })
}

/// A scene at 20 m whose first bands have these digital numbers without offset; 0 is no data.
pub(super) fn scene(digital_numbers: &Array3<i32>) -> Scene {
    let (_, height, width) = digital_numbers.dim();
    let made = builder((height, width), 20.0, |_, _| SEA).build().unwrap();
    let plane = |band: usize, plane: &BandPlane| BandPlane {
        dn: Array2::from_shape_fn((height, width), |(row, column)| {
            match digital_numbers[[band, row, column]] {
                0 => NO_DATA_DN,
                number => (number - plane.radiometry.offset) as u16,
            }
        }),
        ..plane.clone()
    };
    Band::ALL
        .into_iter()
        .filter_map(|band| Some((band, made.band(band)?)))
        .fold(
            SceneBuilder::new(*made.grid()),
            |builder, (band, of_band)| match BANDS.iter().position(|wanted| *wanted == band) {
                Some(index) => builder.band(band, plane(index, of_band)),
                None => builder.band(band, of_band.clone()),
            },
        )
        .build()
        .unwrap()
}

/// Digital numbers that change from pixel to pixel, none of them 0.
pub(super) fn varied(height: usize, width: usize) -> Array3<i32> {
    Array3::from_shape_fn((2, height, width), |(band, row, column)| {
        (300 + (row * 731 + column * 397 + band * 1013) % 4000) as i32
    })
}

pub(super) fn classify(model: &NetworkModel, scene: &Scene) -> Array3<f32> {
    use crate::learned::{CloudModel, ModelView};
    let view = ModelView::of(scene, &BANDS, 20).unwrap();
    model.classify(&view, &NoProgress).unwrap()
}
