//! A zipped product, read in place: stored entries are windows of the archive, deflated ones are
//! inflated into memory when they are opened.

use super::store::{self, Entry, Store};
use crate::bytes::{ByteSource, FilePart};
use clearshore::{Error, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use zip::{CompressionMethod, ZipArchive};

/// Largest entry that is inflated into memory, 2 GiB: a 10 m band has about 130 MB.
const MAX_INFLATED_BYTES: u64 = 2 << 30;
/// Most entries of an archive: a product has about 150, a multi-granule one some thousands.
const MAX_ENTRIES: usize = 200_000;

/// A file read at a position of its own, so that many readers share one handle.
#[derive(Clone)]
struct Reader {
    file: Arc<FilePart>,
    position: u64,
}

impl Read for Reader {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.file.len().saturating_sub(self.position);
        let count = buffer
            .len()
            .min(usize::try_from(left).unwrap_or(usize::MAX));
        self.file
            .read_exact_at(&mut buffer[..count], self.position)?;
        self.position += count as u64;
        Ok(count)
    }
}

impl Seek for Reader {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        let position = match to {
            SeekFrom::Start(position) => Some(position),
            SeekFrom::End(offset) => self.file.len().checked_add_signed(offset),
            SeekFrom::Current(offset) => self.position.checked_add_signed(offset),
        };
        self.position = position.ok_or(io::ErrorKind::InvalidInput)?;
        Ok(self.position)
    }
}

/// A zip archive, or one folder of it.
pub struct Archive {
    path: PathBuf,
    file: Arc<File>,
    /// Size of the archive.
    bytes: u64,
    archive: ZipArchive<Reader>,
    /// Index in the archive and size of every file, by its name.
    files: BTreeMap<String, (usize, u64)>,
    /// The folder of the archive that is the product's, with a `/` at its end; empty at the top.
    prefix: String,
}

impl Archive {
    /// Opens an archive. Refuses one that holds a name which leads outside it.
    pub fn open(path: &Path) -> Result<Self> {
        let place = path.display().to_string();
        let file = File::open(path).map_err(|error| store::unreadable(&place, error))?;
        let file = Arc::new(file);
        let bytes = file
            .metadata()
            .map_err(|error| store::unreadable(&place, error))?
            .len();
        let reader = Reader {
            file: Arc::new(FilePart::new(file.clone(), 0, bytes)),
            position: 0,
        };
        let broken = |error: zip::result::ZipError| {
            Error::product("the zip archive is damaged")
                .at(&place)
                .caused_by(error)
                .advice("download the product again")
        };
        let mut archive = ZipArchive::new(reader).map_err(broken)?;
        if archive.len() > MAX_ENTRIES {
            return Err(Error::product("the zip archive has too many entries")
                .at(&place)
                .got(archive.len())
                .expected(format!("at most {MAX_ENTRIES}")));
        }
        let mut files = BTreeMap::new();
        for index in 0..archive.len() {
            let entry = archive.by_index_raw(index).map_err(broken)?;
            let name = entry.name().map_err(broken)?.into_owned();
            let inside = store::inside(name.strip_suffix('/').unwrap_or(&name))
                .map_err(|error| error.at(&place))?;
            if entry.is_symlink() {
                return Err(Error::product("an entry of the zip archive is a link")
                    .at(format!("{place}/{name}"))
                    .expected("files and folders")
                    .advice("zip the product without links"));
            }
            if !entry.is_dir() {
                files.insert(inside, (index, entry.size()));
            }
        }
        Ok(Self {
            path: path.to_owned(),
            file,
            bytes,
            archive,
            files,
            prefix: String::new(),
        })
    }

    fn find(&self, name: &str) -> Result<Option<(usize, u64)>> {
        let name = store::inside(name).map_err(|error| error.at(self.label()))?;
        Ok(self.files.get(&format!("{}{name}", self.prefix)).copied())
    }

    fn inflate(&self, index: usize, size: u64, place: &str) -> Result<Vec<u8>> {
        let bad = |what: &str| {
            Error::product(what)
                .at(place)
                .advice("download the product again")
        };
        if size > MAX_INFLATED_BYTES {
            return Err(bad("an entry of the zip archive is too large")
                .got(format!("{size} bytes"))
                .expected(format!("at most {MAX_INFLATED_BYTES} bytes")));
        }
        let damaged = "an entry of the zip archive is damaged";
        let mut archive = self.archive.clone();
        let entry = archive
            .by_index(index)
            .map_err(|error| bad(damaged).caused_by(error))?;
        // The size is a claim: memory grows with what comes, and one byte too many is enough to know.
        let mut bytes = Vec::new();
        entry
            .take(size + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| bad(damaged).caused_by(error))?;
        if bytes.len() as u64 != size {
            return Err(
                bad("an entry of the zip archive has another size than it claims")
                    .got(format!("{} bytes or more", bytes.len()))
                    .expected(format!("{size} bytes")),
            );
        }
        Ok(bytes)
    }
}

impl Store for Archive {
    fn label(&self) -> String {
        let path = self.path.display();
        format!("{path}/{}", self.prefix)
            .trim_end_matches('/')
            .into()
    }

    fn list(&self, folder: &str) -> Result<Vec<Entry>> {
        let prefix = if folder.is_empty() {
            self.prefix.clone()
        } else {
            format!("{}{}/", self.prefix, store::inside(folder)?)
        };
        let entries: BTreeSet<Entry> = self
            .files
            .range(prefix.clone()..)
            .map_while(|(name, _)| name.strip_prefix(&prefix))
            .map(|rest| match rest.split_once('/') {
                Some((name, _)) => Entry {
                    name: name.into(),
                    is_folder: true,
                },
                None => Entry {
                    name: rest.into(),
                    is_folder: false,
                },
            })
            .collect();
        Ok(entries.into_iter().collect())
    }

    fn size(&self, name: &str) -> Result<Option<u64>> {
        Ok(self.find(name)?.map(|(_, size)| size))
    }

    fn open(&self, name: &str) -> Result<Arc<dyn ByteSource>> {
        let place = self.place(name);
        let (index, size) = self.find(name)?.ok_or_else(|| store::missing(&place))?;
        let mut archive = self.archive.clone();
        let entry = archive.by_index_raw(index).map_err(|error| {
            Error::product("an entry of the zip archive is damaged")
                .at(&place)
                .caused_by(error)
        })?;
        if entry.encrypted() {
            return Err(Error::product("an entry of the zip archive is encrypted")
                .at(&place)
                .advice("unpack the product with its password"));
        }
        match (entry.compression(), entry.data_start()) {
            (CompressionMethod::Stored, Some(start)) => {
                let end = start.checked_add(size);
                let archive_size = self.bytes;
                if entry.compressed_size() != size || end.is_none_or(|end| end > archive_size) {
                    return Err(Error::product("an entry of the zip archive is damaged")
                        .at(&place)
                        .got(format!("{size} bytes from {start}"))
                        .expected(format!("an end within the archive's {archive_size} bytes"))
                        .advice("download the product again"));
                }
                Ok(Arc::new(FilePart::new(self.file.clone(), start, size)))
            }
            _ => Ok(Arc::new(self.inflate(index, size, &place)?)),
        }
    }

    fn below(mut self: Box<Self>, folder: &str) -> Result<Box<dyn Store>> {
        self.prefix = format!("{}{}/", self.prefix, store::inside(folder)?);
        Ok(self)
    }
}
