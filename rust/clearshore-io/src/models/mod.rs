//! Learned models: which are known, where their files lie, and how they are opened.
//!
//! The manifests of `models/` are built in. Their files are not: they lie beside a manifest that is named by its path, in the
//! folder that the environment variable CLEARSHORE_MODELS names, or in `.clearshore/models` in the user's home.

mod import;

pub use import::{Imported, import};

#[cfg(feature = "onnx")]
use crate::onnx::{OnnxNetwork, Runtime};
#[cfg(feature = "onnx")]
use clearshore::learned::NetworkModel;
use clearshore::learned::s2cloudmask::SpectralTree;
use clearshore::learned::{BoostedTrees, CloudModel, DecisionTree, Manifest, ModelKind};
use clearshore::scene::Band;
use clearshore::{Error, Params, Result};
use sha2::{Digest, Sha256};
use std::env;
use std::fs::{self, File};
use std::io::{self, Read};
#[cfg(feature = "onnx")]
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// The manifests of `models/`.
const BUILT_IN: &[(&str, &str)] = &[
    (
        "clouds2mask",
        include_str!("../../../../models/clouds2mask.toml"),
    ),
    (
        "cloudsen12-unetmobv2",
        include_str!("../../../../models/cloudsen12-unetmobv2.toml"),
    ),
    (
        "kappamask-deeplabv3plus",
        include_str!("../../../../models/kappamask-deeplabv3plus.toml"),
    ),
    (
        "kappamask-unet",
        include_str!("../../../../models/kappamask-unet.toml"),
    ),
    (
        "omnicloudmask",
        include_str!("../../../../models/omnicloudmask.toml"),
    ),
    (
        "s2cloudless",
        include_str!("../../../../models/s2cloudless.toml"),
    ),
    (
        "s2cloudmask",
        include_str!("../../../../models/s2cloudmask.toml"),
    ),
    (
        "ukis-csmask-4b",
        include_str!("../../../../models/ukis-csmask-4b.toml"),
    ),
    (
        "ukis-csmask-6b",
        include_str!("../../../../models/ukis-csmask-6b.toml"),
    ),
];
/// Names the folder of models.
const FOLDER_VARIABLE: &str = "CLEARSHORE_MODELS";
/// Where it is in the user's home.
const FOLDER_IN_HOME: &str = ".clearshore/models";
/// Bytes that are read at once.
const CHUNK: usize = 1 << 20;

/// A model, and where its manifest came from.
#[derive(Clone, Debug)]
pub struct KnownModel {
    /// What it is.
    pub manifest: Manifest,
    /// Folder of the manifest, where the user named it by its path.
    folder: Option<PathBuf>,
}

impl KnownModel {
    /// All models that are built in, in the order of their names.
    ///
    /// # Errors
    /// Internal: a built-in manifest is broken.
    pub fn built_in() -> Result<Vec<Self>> {
        let known = |(id, text): &(&str, &str)| {
            let manifest = toml::from_str(text).map_err(|error| {
                Error::internal("a built-in manifest is broken")
                    .at(id)
                    .caused_by(error)
            })?;
            Ok(Self {
                manifest,
                folder: None,
            })
        };
        BUILT_IN.iter().map(known).collect()
    }

    /// The model of a name, or of a manifest file.
    ///
    /// # Errors
    /// Parameter: there is no such model. Auxiliary: the manifest can't be read.
    pub fn named(model: &str) -> Result<Self> {
        let known = Self::built_in()?;
        if let Some(found) = known.iter().find(|known| known.manifest.id == model) {
            return Ok(found.clone());
        }
        let path = Path::new(model);
        if path.extension().is_none_or(|extension| extension != "toml") {
            let ids: Vec<&str> = known
                .iter()
                .map(|known| known.manifest.id.as_str())
                .collect();
            return Err(
                Error::parameter(format!("there is no model '{model}'")).expected(format!(
                    "one of {}, or the path of a manifest (.toml)",
                    ids.join(", ")
                )),
            );
        }
        let unreadable =
            || Error::auxiliary("the manifest of the model can't be read").at(path.display());
        let text = fs::read_to_string(path).map_err(|error| unreadable().caused_by(error))?;
        let manifest = toml::from_str(&text).map_err(|error| unreadable().caused_by(error))?;
        Ok(Self {
            manifest,
            folder: path.parent().map(Path::to_owned),
        })
    }

    /// Folders in which its file is looked for, in this order.
    pub fn places(&self) -> Vec<PathBuf> {
        let of_manifest = self.folder.clone();
        of_manifest.into_iter().chain(folders()).collect()
    }

    /// Its file, which is as the manifest says.
    ///
    /// # Errors
    /// Auxiliary: it is not there, can't be read, or is another one.
    pub fn file(&self) -> Result<PathBuf> {
        let Manifest {
            id,
            file,
            sha256,
            package,
            ..
        } = &self.manifest;
        let places = self.places();
        let found = places
            .iter()
            .map(|folder| folder.join(file))
            .find(|path| path.exists());
        let Some(path) = found else {
            let shown: Vec<String> = places
                .iter()
                .map(|folder| folder.display().to_string())
                .collect();
            let advice = match package {
                Some(_) => format!(
                    "'models/fetch {id}' of Clearshore's sources brings it; then 'clearshore models import FILE'"
                ),
                None => format!(
                    "models/{id}.md of Clearshore's sources says where it is to be had; then 'clearshore models import FILE'"
                ),
            };
            return Err(
                Error::auxiliary(format!("the file of the model {id} is not there"))
                    .got(format!("no {file} in {}", shown.join(" or ")))
                    .advice(advice),
            );
        };
        if let Some(expected) = sha256 {
            let got = sha256_of(&path)?;
            if got != *expected {
                return Err(
                    Error::auxiliary(format!("the file of the model {id} is another one"))
                        .at(path.display())
                        .got(format!("SHA-256 {got}"))
                        .expected(expected)
                        .advice("bring the version that the manifest names"),
                );
            }
        }
        Ok(path)
    }

    /// Reads it.
    ///
    /// # Errors
    /// Auxiliary: as [`Self::file`], or it does not do what the manifest says.
    pub fn open(&self, params: &Params) -> Result<Arc<dyn CloudModel>> {
        let path = self.file()?;
        let manifest = self.manifest.clone();
        let text = || fs::read_to_string(&path).map_err(|error| unreadable(&path, error));
        let opened: Result<Arc<dyn CloudModel>> = match manifest.kind {
            ModelKind::BoostedTrees => {
                let trees = BoostedTrees::of_text(manifest, &text()?);
                trees.map(|trees| Arc::new(trees) as _)
            }
            ModelKind::DecisionTree => {
                let tree = DecisionTree::from_json(&text()?);
                let tree = tree.and_then(|tree| SpectralTree::new(manifest, tree));
                tree.map(|tree| Arc::new(tree) as _)
            }
            // What is wrong with a network names its file itself.
            ModelKind::Network => return network(manifest, &path, params),
        };
        opened.map_err(|error| error.within(path.display()))
    }
}

#[cfg(feature = "onnx")]
fn network(manifest: Manifest, path: &Path, params: &Params) -> Result<Arc<dyn CloudModel>> {
    let runtime = Runtime::open(params.onnx_runtime.as_deref(), &folders())?;
    let cores = || std::thread::available_parallelism().map_or(1, NonZero::get);
    let threads = params.threads.unwrap_or_else(cores);
    let network = OnnxNetwork::open(&runtime, path, &manifest, threads)?;
    Ok(Arc::new(NetworkModel::new(manifest, Box::new(network))?))
}

#[cfg(not(feature = "onnx"))]
fn network(manifest: Manifest, path: &Path, _params: &Params) -> Result<Arc<dyn CloudModel>> {
    Err(
        Error::auxiliary("this Clearshore is built without neural networks")
            .at(path.display())
            .got(format!("the network {}", manifest.id)),
    )
}

/// The learned model that the parameters want.
///
/// # Errors
/// As [`Params::wanted_model`], [`KnownModel::named`] and [`KnownModel::open`].
pub fn of_params(params: &Params) -> Result<Option<Arc<dyn CloudModel>>> {
    let Some(model) = params.wanted_model()? else {
        return Ok(None);
    };
    KnownModel::named(model)?.open(params).map(Some)
}

/// Bands that the learned model needs which the parameters want; its file need not be there.
///
/// # Errors
/// As [`Params::wanted_model`] and [`KnownModel::named`].
pub fn bands_of_params(params: &Params) -> Result<Vec<Band>> {
    let model = params.wanted_model()?.map(KnownModel::named).transpose()?;
    Ok(model.map_or_else(Vec::new, |model| model.manifest.bands))
}

/// Where models are looked for; the first one takes new ones.
pub fn folders() -> Vec<PathBuf> {
    let named = env::var_os(FOLDER_VARIABLE).filter(|folder| !folder.is_empty());
    let in_home = env::home_dir().map(|home| home.join(FOLDER_IN_HOME));
    named
        .map(PathBuf::from)
        .into_iter()
        .chain(in_home)
        .collect()
}

/// SHA-256 of a file in hexadecimal.
fn sha256_of(path: &Path) -> Result<String> {
    let mut file = File::open(path).map_err(|error| unreadable(path, error))?;
    let mut hash = Sha256::new();
    let mut chunk = vec![0; CHUNK];
    loop {
        let count = file
            .read(&mut chunk)
            .map_err(|error| unreadable(path, error))?;
        if count == 0 {
            let digest = hash.finalize();
            return Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect());
        }
        hash.update(&chunk[..count]);
    }
}

fn unreadable(path: &Path, error: io::Error) -> Error {
    Error::auxiliary("the file of the model can't be read")
        .at(path.display())
        .caused_by(error)
}

#[cfg(test)]
mod tests;
