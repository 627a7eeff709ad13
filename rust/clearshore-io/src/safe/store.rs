//! Where the files of a product lie: a folder, or a zip archive that is read in place.
//!
//! Names are relative to the product's folder, with `/` between the parts. A name that is absolute,
//! holds `..`, or passes a link that leaves the folder is refused: a product can't make the reader
//! open anything but its own files.

use crate::bytes::{ByteSource, FilePart};
use clearshore::{Error, Result};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Largest XML or GML file that is read: the largest that is needed, a tile's metadata, has under 1 MiB.
const MAX_TEXT_BYTES: u64 = 64 << 20;
/// Most entries that are listed of one folder.
const MAX_ENTRIES: usize = 100_000;

/// An entry of a folder of the product.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    /// Name without its folder.
    pub name: String,
    /// Whether it is a folder.
    pub is_folder: bool,
}

/// The files of a product.
pub trait Store: Send + Sync {
    /// What the store is, for messages: the path of the folder or archive.
    fn label(&self) -> String;

    /// Entries of a folder in the order of their names; `""` is the product's own folder. A folder
    /// that doesn't exist has none.
    fn list(&self, folder: &str) -> Result<Vec<Entry>>;

    /// Size of a file in bytes, `None` when there is no such file. An error when the name leads
    /// outside the product.
    fn size(&self, name: &str) -> Result<Option<u64>>;

    /// Opens a file for reading at any position.
    fn open(&self, name: &str) -> Result<Arc<dyn ByteSource>>;

    /// The same store with one of its folders as the product's folder.
    fn below(self: Box<Self>, folder: &str) -> Result<Box<dyn Store>>;

    /// A file's place, for messages.
    fn place(&self, name: &str) -> String {
        format!("{}/{name}", self.label())
    }

    /// The whole of a text file.
    fn read_text(&self, name: &str) -> Result<String> {
        // Before it is opened: that may inflate it into memory.
        if let Some(size) = self.size(name)?.filter(|size| *size > MAX_TEXT_BYTES) {
            return Err(Error::product("a text file of the product is too large")
                .at(self.place(name))
                .got(format!("{size} bytes"))
                .expected(format!("at most {MAX_TEXT_BYTES} bytes")));
        }
        let source = self.open(name)?;
        let mut bytes = vec![0; source.len() as usize];
        source
            .read_exact_at(&mut bytes, 0)
            .map_err(|error| unreadable(&self.place(name), error))?;
        String::from_utf8(bytes).map_err(|error| {
            Error::product("a text file of the product is not UTF-8")
                .at(self.place(name))
                .caused_by(error)
                .advice("download the product again")
        })
    }
}

/// The error for a file that the system can't read.
pub(super) fn unreadable(place: &str, error: std::io::Error) -> Error {
    Error::io("a file of the product can't be read")
        .at(place)
        .caused_by(error)
}

/// The error for a file that is not there.
pub(super) fn missing(place: &str) -> Error {
    Error::product("a file of the product is missing")
        .at(place)
        .advice("download the product again")
}

/// The name in its plain form, `a/b`, or an error when it leads, or may lead, outside the product.
pub fn inside(name: &str) -> Result<String> {
    let parts: Vec<&str> = name.split('/').filter(|part| *part != ".").collect();
    let bad = |part: &&str| part.is_empty() || *part == ".." || part.contains(['\\', ':', '\0']);
    if parts.is_empty() || parts.iter().any(bad) {
        return Err(Error::product("a file name leads outside the product")
            .got(format!("{name:?}"))
            .expected("a name relative to the product's folder, without '..'")
            .advice("don't trust this product; download it from its provider"));
    }
    Ok(parts.join("/"))
}

/// A product in a folder.
#[derive(Debug)]
pub struct Folder {
    /// As the user gave it.
    path: PathBuf,
    /// Without links, to see whether a file lies below it.
    real: PathBuf,
}

impl Folder {
    /// Opens a folder.
    pub fn open(path: &Path) -> Result<Self> {
        let real = path
            .canonicalize()
            .map_err(|error| unreadable(&path.display().to_string(), error))?;
        Ok(Self {
            path: path.to_owned(),
            real,
        })
    }

    /// The file's path without links; `None` when nothing is there.
    fn resolve(&self, name: &str) -> Result<Option<PathBuf>> {
        let name = inside(name).map_err(|error| error.at(self.label()))?;
        match self.real.join(&name).canonicalize() {
            Ok(path) if path.starts_with(&self.real) => Ok(Some(path)),
            Ok(path) => Err(Error::product("a link leads outside the product")
                .at(self.place(&name))
                .got(path.display())
                .expected(format!("a file below {}", self.real.display()))
                .advice("copy the file into the product's folder")),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(unreadable(&self.place(&name), error)),
        }
    }
}

impl Store for Folder {
    fn label(&self) -> String {
        self.path.display().to_string()
    }

    fn list(&self, folder: &str) -> Result<Vec<Entry>> {
        let path = if folder.is_empty() {
            self.real.clone()
        } else {
            match self.resolve(folder)? {
                Some(path) if path.is_dir() => path,
                _ => return Ok(Vec::new()),
            }
        };
        let failed = |error| unreadable(&path.display().to_string(), error);
        let mut entries = Vec::new();
        for entry in path.read_dir().map_err(failed)?.take(MAX_ENTRIES) {
            let entry = entry.map_err(failed)?;
            // A name that is not Unicode is not one of a Sentinel-2 product.
            if let Ok(name) = entry.file_name().into_string() {
                let is_folder = entry.path().is_dir();
                entries.push(Entry { name, is_folder });
            }
        }
        entries.sort();
        Ok(entries)
    }

    fn size(&self, name: &str) -> Result<Option<u64>> {
        let Some(path) = self.resolve(name)? else {
            return Ok(None);
        };
        let metadata = path
            .metadata()
            .map_err(|error| unreadable(&self.place(name), error))?;
        Ok(metadata.is_file().then_some(metadata.len()))
    }

    fn open(&self, name: &str) -> Result<Arc<dyn ByteSource>> {
        let path = self
            .resolve(name)?
            .filter(|path| path.is_file())
            .ok_or_else(|| missing(&self.place(name)))?;
        let file = FilePart::open(&path).map_err(|error| unreadable(&self.place(name), error))?;
        Ok(Arc::new(file))
    }

    fn below(self: Box<Self>, folder: &str) -> Result<Box<dyn Store>> {
        match self.resolve(folder)? {
            Some(_) => Ok(Box::new(Self::open(&self.path.join(folder))?)),
            None => Err(missing(&self.place(folder))),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clearshore::ErrorKind;

    #[test]
    fn names_that_lead_outside_are_refused() {
        for name in [
            "",
            "/etc/passwd",
            "../x",
            "a/../../x",
            "a//b",
            "a/..",
            "C:/x",
            "a\\..\\x",
            "a\0b",
            ".",
            "a/",
        ] {
            let error = inside(name).expect_err(name);
            assert_eq!(error.kind(), ErrorKind::Product, "{name}");
        }
        assert_eq!(inside("./a/b.jp2").unwrap(), "a/b.jp2");
    }

    #[cfg(unix)]
    #[test]
    fn a_link_may_stay_inside_but_not_lead_outside() {
        let outside = tempfile::tempdir().unwrap();
        std::fs::write(outside.path().join("secret"), "x").unwrap();
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("a"), "abc").unwrap();
        let link = |target: &Path, name: &str| {
            std::os::unix::fs::symlink(target, folder.path().join(name)).unwrap();
        };
        link(Path::new("a"), "good");
        link(&outside.path().join("secret"), "file");
        link(outside.path(), "folder");
        let store = Folder::open(folder.path()).unwrap();
        assert_eq!(store.read_text("good").unwrap(), "abc");
        for name in ["file", "folder/secret"] {
            assert!(
                store
                    .open(name)
                    .is_err_and(|e| e.kind() == ErrorKind::Product)
            );
            assert!(store.size(name).is_err());
        }
        assert!(store.list("folder").is_err());
        assert_eq!(store.size("absent").unwrap(), None);
        assert!(store.open("absent").is_err());
    }
}
