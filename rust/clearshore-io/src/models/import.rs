//! Files of models that a user has, put where models are looked for.

use super::{KnownModel, folders, sha256_of, unreadable};
use crate::staging::Staging;
use clearshore::{Error, Result};
use std::fs;
use std::path::{Path, PathBuf};

/// Copies the file of a model into the folder of models, under the name that its manifest gives it, and says where it is. Which
/// model it is its SHA-256 tells; where that is no model's, `model` or its name.
///
/// # Errors
/// Auxiliary: the file can't be read, or is that of no model. Parameter: there is no such model. Io.
pub fn import(file: &Path, model: Option<&str>) -> Result<(KnownModel, PathBuf)> {
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
    let contents = fs::read(file).map_err(|error| unreadable(file, error))?;
    let place = store(&found.manifest.file, &contents)?;
    Ok((found, place))
}

/// Writes a file into the folder of models, whole or not at all.
pub(super) fn store(name: &str, contents: &[u8]) -> Result<PathBuf> {
    let folder = folders().into_iter().next().ok_or_else(|| {
        Error::io("there is no folder for models")
            .got("neither the environment variable CLEARSHORE_MODELS nor a home of the user")
    })?;
    let staging = Staging::new(&folder)?;
    staging.write(name, contents)?;
    staging.publish(&[name.to_owned()])?;
    Ok(folder.join(name))
}
