//! Files of models that a user has, put where models are looked for.

use super::{KnownModel, folders, sha256_of, unreadable};
use crate::s2cloudmask::import_s2cloudmask;
use crate::staging::Staging;
use clearshore::{Error, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// A file that was brought in.
#[derive(Clone, Debug, PartialEq)]
pub struct Imported {
    /// Id of its model; `None` where it is part of none (s2cloudmask's shadow tree, which a series asks).
    pub model: Option<String>,
    /// Where it is now.
    pub path: PathBuf,
}

/// Copies the file of a model into the folder of models, under the name that its manifest gives it, and says where it is. Which
/// model it is its SHA-256 tells; where that is no model's, `model` or its name. Of a folder, a copy of s2cloudmask, the trees
/// are brought into our form.
///
/// # Errors
/// Auxiliary: the file can't be read, or is that of no model; as [`import_s2cloudmask`]. Parameter: there is no such model. Io.
pub fn import(path: &Path, model: Option<&str>) -> Result<Vec<Imported>> {
    if path.is_dir() {
        let known = KnownModel::built_in()?;
        let trees = import_s2cloudmask(path)?.into_iter().map(|(name, json)| {
            let is_its = |known: &&KnownModel| known.manifest.file == name;
            let model = known
                .iter()
                .find(is_its)
                .map(|known| known.manifest.id.clone());
            let path = store(&name, json.as_bytes())?;
            Ok(Imported { model, path })
        });
        return trees.collect();
    }
    let found = model_of(path, model)?;
    let contents = fs::read(path).map_err(|error| unreadable(path, error))?;
    let path = store(&found.manifest.file, &contents)?;
    let model = Some(found.manifest.id);
    Ok(vec![Imported { model, path }])
}

/// Which model's a file is.
fn model_of(file: &Path, model: Option<&str>) -> Result<KnownModel> {
    let hash = sha256_of(file)?;
    let known = KnownModel::built_in()?;
    let by_hash = known
        .iter()
        .find(|known| known.manifest.sha256.as_ref() == Some(&hash));
    let by_name = || {
        let is_its = |known: &&KnownModel| {
            let manifest = &known.manifest;
            manifest.sha256.is_none()
                && file
                    .file_name()
                    .is_some_and(|name| name == manifest.file.as_str())
        };
        known.iter().find(is_its)
    };
    let found = match (by_hash, model) {
        (_, Some(model)) => KnownModel::named(model)?,
        (Some(found), None) => found.clone(),
        (None, None) => by_name().cloned().ok_or_else(|| {
            Error::auxiliary("the file is that of no known model")
                .at(file.display())
                .got(format!("SHA-256 {hash}"))
                .advice("'clearshore models list' says which are known; --model NAME says which this one is")
        })?,
    };
    if let Some(expected) = found
        .manifest
        .sha256
        .as_ref()
        .filter(|expected| **expected != hash)
    {
        return Err(Error::auxiliary(format!(
            "the file is not that of the model {}",
            found.manifest.id
        ))
        .at(file.display())
        .got(format!("SHA-256 {hash}"))
        .expected(expected));
    }
    Ok(found)
}

/// Writes a file into the folder of models, whole or not at all.
fn store(name: &str, contents: &[u8]) -> Result<PathBuf> {
    let folder = folders().into_iter().next().ok_or_else(|| {
        Error::io("there is no folder for models")
            .got("neither the environment variable CLEARSHORE_MODELS nor a home of the user")
    })?;
    let staging = Staging::new(&folder)?;
    staging.write(name, contents)?;
    staging.publish(&[name.to_owned()])?;
    Ok(folder.join(name))
}
