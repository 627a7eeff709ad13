//! Files that appear complete or not at all: they grow in a hidden folder beside their places and are
//! renamed when all of them are whole.

use clearshore::{Error, Result};
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// How the names of the hidden folders begin.
pub const STAGING_PREFIX: &str = ".clearshore-";

/// A hidden folder in the target folder. Dropping it removes it with all that is in it.
#[derive(Debug)]
pub struct Staging {
    folder: TempDir,
    target: PathBuf,
}

impl Staging {
    /// Makes the target folder where it is missing, and a hidden folder in it. Errors: Io.
    pub fn new(target: &Path) -> Result<Self> {
        let failed = |what: &str, error: std::io::Error| {
            Error::io(what)
                .at(target.display())
                .advice("choose an output folder that can be written to")
                .caused_by(error)
        };
        fs::create_dir_all(target)
            .map_err(|error| failed("the output folder can't be made", error))?;
        let folder = tempfile::Builder::new()
            .prefix(STAGING_PREFIX)
            .tempdir_in(target)
            .map_err(|error| failed("the output folder can't be written to", error))?;
        Ok(Self {
            folder,
            target: target.to_owned(),
        })
    }

    /// The hidden folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Where a file grows.
    pub fn path(&self, file: &str) -> PathBuf {
        self.folder().join(file)
    }

    /// Writes a whole file, down to the disk. Errors: Io.
    pub fn write(&self, file: &str, contents: &[u8]) -> Result<()> {
        fs::File::create(self.path(file))
            .and_then(|mut out| out.write_all(contents).and_then(|()| out.sync_all()))
            .map_err(|error| {
                Error::io("the file can't be written")
                    .at(self.target.join(file).display())
                    .advice("check the free space of the output folder")
                    .caused_by(error)
            })
    }

    /// Moves files and folders to their places. The last one marks the set as complete: an older one of its
    /// name is removed first. An older folder goes with all that is in it. Errors: Io.
    pub fn publish(self, files: &[String]) -> Result<()> {
        let failed = |file: &str, error: std::io::Error| {
            Error::io("the file can't be put in its place")
                .at(self.target.join(file).display())
                .caused_by(error)
        };
        if let Some(last) = files.last() {
            match fs::remove_file(self.target.join(last)) {
                Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                    return Err(failed(last, error));
                }
                _ => {}
            }
        }
        for file in files {
            let place = self.target.join(file);
            if place.is_dir() {
                // It goes when the hidden folder goes.
                fs::rename(&place, self.path(&format!("{file}.replaced")))
                    .map_err(|error| failed(file, error))?;
            }
            fs::rename(self.path(file), place).map_err(|error| failed(file, error))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<String> = fs::read_dir(folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned())
            .collect();
        names.sort();
        names
    }

    #[test]
    fn files_appear_together_or_not_at_all() {
        let parent = tempfile::tempdir().unwrap();
        let target = parent.path().join("made/by us");
        let staging = Staging::new(&target).unwrap();
        staging.write("a", b"1").unwrap();
        staging.write("b", b"2").unwrap();
        assert!(
            names(&target)
                .iter()
                .all(|name| name.starts_with(STAGING_PREFIX))
        );
        drop(staging);
        assert!(names(&target).is_empty());

        for content in [b"1", b"2"] {
            let staging = Staging::new(&target).unwrap();
            staging.write("a", content).unwrap();
            staging.write("b", content).unwrap();
            staging.publish(&["a".into(), "b".into()]).unwrap();
            assert_eq!(names(&target), ["a", "b"]);
            assert_eq!(fs::read(target.join("b")).unwrap(), content);
        }
    }

    #[test]
    fn an_older_folder_is_replaced_whole() {
        let target = tempfile::tempdir().unwrap();
        for file in ["old", "new"] {
            let staging = Staging::new(target.path()).unwrap();
            fs::create_dir(staging.path("set")).unwrap();
            staging.write(&format!("set/{file}"), b"").unwrap();
            staging.write("last", b"").unwrap();
            staging.publish(&["set".into(), "last".into()]).unwrap();
            assert_eq!(names(target.path()), ["last", "set"]);
            assert_eq!(names(&target.path().join("set")), [file]);
        }
    }

    #[test]
    fn a_missing_file_leaves_the_set_without_its_last() {
        let target = tempfile::tempdir().unwrap();
        fs::write(target.path().join("last"), b"old").unwrap();
        let staging = Staging::new(target.path()).unwrap();
        staging.write("last", b"new").unwrap();
        let error = staging
            .publish(&["first".into(), "last".into()])
            .unwrap_err();
        assert_eq!(error.kind(), clearshore::ErrorKind::Io);
        assert!(names(target.path()).is_empty());
    }

    #[test]
    fn a_file_in_place_of_the_folder_is_an_io_error() {
        let parent = tempfile::tempdir().unwrap();
        let target = parent.path().join("file");
        fs::write(&target, b"").unwrap();
        let error = Staging::new(&target).unwrap_err();
        assert_eq!(error.kind(), clearshore::ErrorKind::Io);
    }
}
