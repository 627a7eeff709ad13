//! Planes of the dates on the disk, row by row, until the series is done.

use clearshore::scene::Radiometry;
use clearshore::temporal::{BANDS, DateRows};
use clearshore::{Error, Result};
use ndarray::{Array2, ArrayView2};
use std::fs::File;
use std::io::{BufWriter, Read, Seek, SeekFrom, Write};
use std::ops::Range;
use std::path::{Path, PathBuf};

/// Bytes of a raw number and of flags.
const DN_BYTES: usize = size_of::<u16>();
const FLAG_BYTES: usize = size_of::<i32>();

/// One date on the disk.
#[derive(Debug)]
pub struct Spool {
    dn: PathBuf,
    flags: PathBuf,
    verdicts: PathBuf,
    picture: PathBuf,
    picture_shape: (usize, usize),
    radiometry: [Radiometry; BANDS.len()],
    columns: usize,
    rows: usize,
}

impl Spool {
    /// Writes the raw numbers of all bands, the flags, and the picture beside which a quicklook shows them. Errors: Io.
    pub fn write(
        folder: &Path,
        date: usize,
        bands: &[&Array2<u16>],
        radiometry: [Radiometry; BANDS.len()],
        flags: &Array2<i32>,
        picture: &Array2<[u8; 3]>,
    ) -> Result<Self> {
        let (rows, columns) = flags.dim();
        let spool = Self {
            dn: folder.join(format!("{date}.dn")),
            flags: folder.join(format!("{date}.flags")),
            verdicts: folder.join(format!("{date}.verdicts")),
            picture: folder.join(format!("{date}.picture")),
            picture_shape: picture.dim(),
            radiometry,
            columns,
            rows,
        };
        let write = || -> std::io::Result<()> {
            let mut out = BufWriter::new(File::create(&spool.dn)?);
            let mut line = Vec::with_capacity(columns * DN_BYTES);
            for row in 0..rows {
                for band in bands {
                    line.clear();
                    line.extend(band.row(row).iter().flat_map(|dn| dn.to_le_bytes()));
                    out.write_all(&line)?;
                }
            }
            out.flush()?;
            File::create(&spool.verdicts)?;
            std::fs::write(
                &spool.picture,
                picture.iter().copied().flatten().collect::<Vec<u8>>(),
            )?;
            write_flags(&spool.flags, flags)
        };
        write().map_err(|error| failed(&spool.dn, error))?;
        Ok(spool)
    }

    /// Some rows. Errors: Io.
    pub fn read(&self, rows: &Range<usize>) -> Result<DateRows> {
        let line = self.columns * BANDS.len();
        let dn = read_part(
            &self.dn,
            rows.start * line * DN_BYTES,
            rows.len() * line * DN_BYTES,
        )?;
        let dn = dn
            .chunks_exact(DN_BYTES)
            .map(|bytes| u16::from_le_bytes([bytes[0], bytes[1]]));
        Ok(DateRows {
            dn: dn.collect(),
            radiometry: self.radiometry,
            flags: self.read_flags(rows)?,
        })
    }

    fn read_flags(&self, rows: &Range<usize>) -> Result<Vec<i32>> {
        let line = self.columns * FLAG_BYTES;
        let bytes = read_part(&self.flags, rows.start * line, rows.len() * line)?;
        let flags = bytes.chunks_exact(FLAG_BYTES);
        Ok(flags
            .map(|bytes| i32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]))
            .collect())
    }

    /// All flags. Errors: Io.
    pub fn all_flags(&self) -> Result<Array2<i32>> {
        let flags = self.read_flags(&(0..self.rows))?;
        Array2::from_shape_vec((self.rows, self.columns), flags).map_err(misshapen)
    }

    /// The picture. Errors: Io.
    pub fn picture(&self) -> Result<Array2<[u8; 3]>> {
        let bytes = std::fs::read(&self.picture).map_err(|error| failed(&self.picture, error))?;
        Array2::from_shape_vec(self.picture_shape, bytes.as_chunks().0.to_vec()).map_err(misshapen)
    }

    /// Puts other flags in the place of the old. Errors: Io.
    pub fn replace_flags(&self, flags: &Array2<i32>) -> Result<()> {
        write_flags(&self.flags, flags).map_err(|error| failed(&self.flags, error))
    }

    /// Adds the verdicts of the next rows. Errors: Io.
    pub fn add_verdicts(&self, rows: ArrayView2<'_, u8>) -> Result<()> {
        let write = || -> std::io::Result<()> {
            let mut out = BufWriter::new(File::options().append(true).open(&self.verdicts)?);
            for row in rows.outer_iter() {
                out.write_all(&row.to_vec())?;
            }
            out.flush()
        };
        write().map_err(|error| failed(&self.verdicts, error))
    }

    /// All verdicts. Errors: Io.
    pub fn all_verdicts(&self) -> Result<Array2<u8>> {
        let bytes = read_part(&self.verdicts, 0, self.rows * self.columns)?;
        Array2::from_shape_vec((self.rows, self.columns), bytes).map_err(misshapen)
    }
}

fn write_flags(path: &Path, flags: &Array2<i32>) -> std::io::Result<()> {
    let mut out = BufWriter::new(File::create(path)?);
    let mut line = Vec::with_capacity(flags.ncols() * FLAG_BYTES);
    for row in flags.outer_iter() {
        line.clear();
        line.extend(row.iter().flat_map(|flags| flags.to_le_bytes()));
        out.write_all(&line)?;
    }
    out.flush()
}

fn read_part(path: &Path, first: usize, length: usize) -> Result<Vec<u8>> {
    let read = || -> std::io::Result<Vec<u8>> {
        let mut file = File::open(path)?;
        file.seek(SeekFrom::Start(first as u64))?;
        let mut bytes = vec![0; length];
        file.read_exact(&mut bytes)?;
        Ok(bytes)
    };
    read().map_err(|error| failed(path, error))
}

fn failed(path: &Path, error: std::io::Error) -> Error {
    Error::io("a temporary file of the series failed")
        .at(path.display())
        .advice("check the free space of the output folder: a date of a whole tile takes 0.8 GB at 20 m, 3 GB at 10 m")
        .caused_by(error)
}

fn misshapen(error: ndarray::ShapeError) -> Error {
    Error::internal("a temporary file of the series has another size").caused_by(error)
}
