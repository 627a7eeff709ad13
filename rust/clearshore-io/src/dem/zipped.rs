//! One file out of a zip archive.

use clearshore::{Error, Result};
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;
use zip::ZipArchive;

/// Most entries that are looked at; archives of DEMs have one to four.
const MOST_ENTRIES: usize = 1_000;

/// The first file with a suffix (lower case), of at most `most_bytes`.
pub fn only_file(path: &Path, suffix: &str, most_bytes: u64) -> Result<Vec<u8>> {
    let damaged = || {
        Error::auxiliary("the DEM's zip archive is damaged")
            .at(path.display())
            .advice("delete it and get it again")
    };
    let file = File::open(path).map_err(|error| {
        Error::auxiliary("the DEM's zip archive can't be read")
            .at(path.display())
            .caused_by(error)
            .advice("check its permissions")
    })?;
    let mut archive =
        ZipArchive::new(BufReader::new(file)).map_err(|error| damaged().caused_by(error))?;
    for index in 0..archive.len().min(MOST_ENTRIES) {
        let entry = archive
            .by_index(index)
            .map_err(|error| damaged().caused_by(error))?;
        let name = entry.name().map_err(|error| damaged().caused_by(error))?;
        if !name.to_ascii_lowercase().ends_with(suffix) {
            continue;
        }
        // The size is a claim: memory grows with what comes.
        let mut bytes = Vec::new();
        entry
            .take(most_bytes + 1)
            .read_to_end(&mut bytes)
            .map_err(|error| damaged().caused_by(error))?;
        if bytes.len() as u64 > most_bytes {
            return Err(damaged()
                .got(format!("more than {most_bytes} bytes"))
                .expected("the heights of one tile"));
        }
        bytes.shrink_to_fit();
        return Ok(bytes);
    }
    Err(damaged().got(format!("no file '*{suffix}' in it")))
}
