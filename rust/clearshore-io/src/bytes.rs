//! Random access to the bytes of a file, a part of a file or a buffer.
//!
//! Positional reads, not memory maps: a mapped file that is truncated while it is read kills the whole
//! process (SIGBUS), and inside SNAP that process is the user's.

use std::fs::File;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// Bytes that can be read at any position from any thread.
pub trait ByteSource: Send + Sync {
    /// Number of bytes.
    fn len(&self) -> u64;

    /// Fills `buffer` from `offset`; an error when the source ends before.
    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()>;

    /// Whether there are no bytes.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// A part of a file: the whole of it, or a stored entry of an archive.
#[derive(Clone, Debug)]
pub struct FilePart {
    file: Arc<File>,
    start: u64,
    len: u64,
}

impl FilePart {
    /// A whole file.
    pub fn open(path: &Path) -> io::Result<Self> {
        let file = File::open(path)?;
        let len = file.metadata()?.len();
        Ok(Self {
            file: Arc::new(file),
            start: 0,
            len,
        })
    }

    /// `len` bytes of `file` from `start`.
    pub fn new(file: Arc<File>, start: u64, len: u64) -> Self {
        Self { file, start, len }
    }
}

impl ByteSource for FilePart {
    fn len(&self) -> u64 {
        self.len
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let end = offset.checked_add(buffer.len() as u64);
        if end.is_none_or(|end| end > self.len) {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        read_exact_at(&self.file, buffer, self.start + offset)
    }
}

#[cfg(unix)]
fn read_exact_at(file: &File, buffer: &mut [u8], offset: u64) -> io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, buffer, offset)
}

#[cfg(windows)]
fn read_exact_at(file: &File, mut buffer: &mut [u8], mut offset: u64) -> io::Result<()> {
    while !buffer.is_empty() {
        match std::os::windows::fs::FileExt::seek_read(file, buffer, offset)? {
            0 => return Err(io::ErrorKind::UnexpectedEof.into()),
            read => {
                buffer = &mut buffer[read..];
                offset += read as u64;
            }
        }
    }
    Ok(())
}

impl ByteSource for Vec<u8> {
    fn len(&self) -> u64 {
        self.as_slice().len() as u64
    }

    fn read_exact_at(&self, buffer: &mut [u8], offset: u64) -> io::Result<()> {
        let start = usize::try_from(offset).map_err(|_| io::ErrorKind::UnexpectedEof)?;
        let part = start
            .checked_add(buffer.len())
            .and_then(|end| self.get(start..end))
            .ok_or(io::ErrorKind::UnexpectedEof)?;
        buffer.copy_from_slice(part);
        Ok(())
    }
}
