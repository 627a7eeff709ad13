//! The fast trees out of a user's copy of s2cloudmask, as our JSON.
//!
//! The project keeps them as pickles, which are programs: unpickling runs whatever is in them. Here their bytes are only read
//! (`pickle`), and what looks like a tree (`tree`) is checked as such.

mod pickle;
mod tree;

use clearshore::learned::s2cloudmask::{SHADOW_FEATURES, SPECTRAL_FEATURES};
use clearshore::{Error, Result};
use lzma_rust2::XzReader;
use std::fs;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};

/// Where the models lie in a copy: in the folder itself, in the package, in the whole project.
const FOLDERS: [&str; 3] = ["", "models", "s2cloudmask/models"];
/// Ends of their names.
const ENDS: [&str; 2] = ["pkl.xz", "pkl"];
/// First bytes of xz files.
const XZ_MAGIC: &[u8] = b"\xfd7zXZ\0";
/// Most bytes of a file, and of what is packed in it: the two files hold 5 and 100 kB.
const BYTES_MAX: u64 = 4 << 20;
/// Most memory for the decoder of xz, KiB: level 9 needs 64 MiB.
const XZ_MEMORY: u32 = 80 << 10;

/// A model that can be imported.
struct Source {
    /// Name of its file in the copy, without its end.
    stem: &'static str,
    /// What it is asked.
    features: &'static [&'static str],
    /// Name of our file.
    file: &'static str,
}

const SOURCES: [Source; 2] = [
    Source {
        stem: "fast-spectral-model",
        features: &SPECTRAL_FEATURES,
        file: "s2cloudmask-fast-spectral.json",
    },
    Source {
        stem: "fast-shadow-model",
        features: &SHADOW_FEATURES,
        file: "s2cloudmask-fast-shadow.json",
    },
];

/// Reads the fast trees in a copy of s2cloudmask: names of our files and what belongs into them. Runs nothing of the copy.
///
/// # Errors
/// Auxiliary: there is neither, or one is damaged or another model. Io: a file can't be read.
pub fn import_s2cloudmask(folder: &Path) -> Result<Vec<(String, String)>> {
    let mut trees = Vec::new();
    for source in &SOURCES {
        if let Some((path, bytes)) = source.read(folder)? {
            let tree = tree::of_pickle(&bytes, source.stem, source.features);
            let json = tree.and_then(|tree| {
                serde_json::to_string(tree.file()).map_err(|error| {
                    Error::internal("the tree can't be written as JSON").caused_by(error)
                })
            });
            let json = json.map_err(|error| error.at(path.display()))?;
            trees.push((source.file.to_owned(), json + "\n"));
        }
    }
    if trees.is_empty() {
        let names = SOURCES.map(|source| format!("{}.{}", source.stem, ENDS[0]));
        return Err(
            Error::auxiliary("the folder holds no fast tree of s2cloudmask")
                .at(folder.display())
                .expected(format!(
                    "{} in it or in s2cloudmask/models",
                    names.join(" or ")
                ))
                .advice(
                    "get a copy of the project s2cloudmask of Dale Roberts and name its folder",
                ),
        );
    }
    Ok(trees)
}

impl Source {
    /// The pickle, unpacked, and where it is; `None` where it is not.
    fn read(&self, folder: &Path) -> Result<Option<(PathBuf, Vec<u8>)>> {
        let places = FOLDERS.iter().flat_map(|below| {
            ENDS.map(|end| folder.join(below).join(format!("{}.{end}", self.stem)))
        });
        for path in places {
            match fs::File::open(&path) {
                Ok(file) => {
                    let bytes = limited(file, "the file of a model can't be read", false)
                        .and_then(unpacked)
                        .map_err(|error| error.at(path.display()))?;
                    return Ok(Some((path, bytes)));
                }
                Err(error)
                    if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) => {}
                Err(error) => {
                    return Err(Error::io("the file of a model can't be read")
                        .at(path.display())
                        .caused_by(error));
                }
            }
        }
        Ok(None)
    }
}

/// What is packed, unpacked; anything else as it is.
fn unpacked(bytes: Vec<u8>) -> Result<Vec<u8>> {
    if !bytes.starts_with(XZ_MAGIC) {
        return Ok(bytes);
    }
    let reader = XzReader::new_mem_limit(bytes.as_slice(), false, XZ_MEMORY);
    limited(reader, "the packed model is damaged", true)
}

/// All bytes, if they are not too many.
fn limited(reader: impl Read, failure: &str, is_packed: bool) -> Result<Vec<u8>> {
    let mut bytes = Vec::new();
    reader
        .take(BYTES_MAX + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| {
            let failed = match is_packed {
                true => Error::auxiliary(failure),
                false => Error::io(failure),
            };
            failed.caused_by(error)
        })?;
    if bytes.len() as u64 > BYTES_MAX {
        return Err(
            Error::auxiliary("the file of a model is too large for one of the fast trees")
                .expected(format!("{BYTES_MAX} bytes at most")),
        );
    }
    Ok(bytes)
}

#[cfg(test)]
mod tests;
