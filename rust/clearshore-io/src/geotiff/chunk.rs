//! The strips or tiles of a GeoTIFF.

use super::directory::{ByteOrder, Directory, bytes};
use super::{Refusal, damaged};
use crate::bytes::ByteSource;
use clearshore::Result;
use std::io::Cursor;
use tiff::decoder::{Decoder, DecodingResult};

// Tags: TIFF 6.0, section 8 and supplement 3.
const IMAGE_WIDTH: u16 = 256;
const IMAGE_LENGTH: u16 = 257;
const BITS_PER_SAMPLE: u16 = 258;
const COMPRESSION: u16 = 259;
const PHOTOMETRIC_INTERPRETATION: u16 = 262;
const FILL_ORDER: u16 = 266;
const STRIP_OFFSETS: u16 = 273;
const SAMPLES_PER_PIXEL: u16 = 277;
const ROWS_PER_STRIP: u16 = 278;
const STRIP_BYTE_COUNTS: u16 = 279;
const PLANAR_CONFIGURATION: u16 = 284;
const PREDICTOR: u16 = 317;
const TILE_WIDTH: u16 = 322;
const TILE_LENGTH: u16 = 323;
const TILE_OFFSETS: u16 = 324;
const TILE_BYTE_COUNTS: u16 = 325;
const SAMPLE_FORMAT: u16 = 339;

const UNSIGNED: u64 = 1;
const SIGNED: u64 = 2;
const FLOAT: u64 = 3;
const UNDEFINED: u64 = 4;
const SEPARATE_PLANES: u64 = 2;
const BLACK_IS_ZERO: u64 = 1;
/// None, LZW, DEFLATE by its two codes, PackBits.
const COMPRESSIONS: [u64; 5] = [1, 5, 8, 32_946, 32_773];
/// None, horizontal, floating point.
const PREDICTORS: std::ops::RangeInclusive<u64> = 1..=3;
/// Most bytes of a decoded chunk; the `tiff` crate's limits begin there.
const MOST_CHUNK_BYTES: u64 = 128 << 20;
/// More than LZW (1362) or DEFLATE (1032) can compress.
const MOST_COMPRESSION: u64 = 2048;
/// TIFF's code of a 32-bit unsigned number.
const LONG: u16 = 4;

/// Type of a raster's samples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say all")]
pub enum SampleType {
    U8,
    I8,
    U16,
    I16,
    U32,
    I32,
    F32,
    F64,
}

/// How the pixels lie in the file.
pub(super) struct Layout {
    order: ByteOrder,
    pub(super) width: usize,
    pub(super) height: usize,
    pub(super) chunk_width: usize,
    pub(super) chunk_height: usize,
    /// Interleaved samples of a pixel.
    pub(super) samples: usize,
    pub(super) sample_type: SampleType,
    bits: u64,
    format: u64,
    compression: u64,
    predictor: u64,
    tiled: bool,
    offsets: Vec<u64>,
    lengths: Vec<u64>,
}

impl Layout {
    pub(super) fn read(directory: &Directory) -> std::result::Result<Self, Refusal> {
        let number = |tag, default| {
            directory
                .number(tag)
                .map(|number| number.unwrap_or(default))
        };
        let size = |tag| -> Result<usize> {
            match directory.number(tag)? {
                Some(size @ 1..=0xFFFF_FFFF) => Ok(size as usize),
                size => Err(damaged(format!("the size {size:?} in tag {tag}"))),
            }
        };
        let (width, height) = (size(IMAGE_WIDTH)?, size(IMAGE_LENGTH)?);
        let tiled = directory.number(TILE_OFFSETS)?.is_some();
        let (chunk_width, chunk_height, offsets, lengths) = if tiled {
            let (width, height) = (size(TILE_WIDTH)?, size(TILE_LENGTH)?);
            (width, height, TILE_OFFSETS, TILE_BYTE_COUNTS)
        } else {
            let rows = number(ROWS_PER_STRIP, u64::MAX)?.clamp(1, height as u64) as usize;
            (width, rows, STRIP_OFFSETS, STRIP_BYTE_COUNTS)
        };
        let samples = match number(PLANAR_CONFIGURATION, 1)? {
            SEPARATE_PLANES => 1,
            _ => number(SAMPLES_PER_PIXEL, 1)?,
        };
        let (bits, format) = (number(BITS_PER_SAMPLE, 1)?, number(SAMPLE_FORMAT, 1)?);
        let (compression, predictor) = (number(COMPRESSION, 1)?, number(PREDICTOR, 1)?);
        let sample_type = sample_type(format, bits).ok_or_else(|| {
            Refusal::not_supported(format!("samples of format {format} with {bits} bits"))
        })?;
        let bit_order = number(FILL_ORDER, 1)?;
        if !COMPRESSIONS.contains(&compression)
            || !PREDICTORS.contains(&predictor)
            || bit_order != 1
        {
            return Err(Refusal::not_supported(format!(
                "compression {compression}, predictor {predictor}, bit order {bit_order}"
            )));
        }
        let chunk_bytes = [chunk_width as u64, chunk_height as u64, samples, bits / 8]
            .into_iter()
            .fold(1, u64::saturating_mul);
        if !(1..=MOST_CHUNK_BYTES).contains(&chunk_bytes) {
            let what = format!("strips or tiles of {chunk_width} x {chunk_height} pixels");
            return Err(Refusal::not_supported(what));
        }
        let layout = Self {
            order: directory.order,
            width,
            height,
            chunk_width,
            chunk_height,
            samples: samples as usize,
            sample_type,
            bits,
            format: if format == UNDEFINED {
                UNSIGNED
            } else {
                format
            },
            compression,
            predictor,
            tiled,
            offsets: directory.numbers(offsets)?.unwrap_or_default(),
            lengths: directory.numbers(lengths)?.unwrap_or_default(),
        };
        let chunks = layout.across().checked_mul(height.div_ceil(chunk_height));
        let known = layout.offsets.len().min(layout.lengths.len());
        if chunks.is_none_or(|chunks| chunks > known) {
            return Err(damaged(format!(
                "{known} strips or tiles for {width} x {height} pixels"
            ))
            .into());
        }
        Ok(layout)
    }

    /// Chunks in a row of chunks.
    pub(super) fn across(&self) -> usize {
        self.width.div_ceil(self.chunk_width)
    }

    /// Samples of a chunk of the first plane; `None` where a sparse file leaves it out.
    ///
    /// The `tiff` crate decodes whole files only, and none with a palette, so it is given a file that
    /// consists of this chunk as one strip.
    pub(super) fn decode(
        &self,
        source: &dyn ByteSource,
        index: usize,
    ) -> Result<Option<DecodingResult>> {
        let first_row = index / self.across() * self.chunk_height;
        let rows = if self.tiled {
            self.chunk_height
        } else {
            self.chunk_height.min(self.height - first_row)
        };
        let size = (self.chunk_width * rows * self.samples) as u64 * self.bits / 8;
        // What can't be compressed becomes longer, but never twice as long; 1024 bytes are enough for headers.
        let (offset, length) = (
            self.offsets[index],
            self.lengths[index].min(2 * size + 1024),
        );
        if length == 0 {
            return Ok(None);
        }
        if size / MOST_COMPRESSION > length {
            return Err(damaged(format!(
                "{length} bytes for a strip or tile of {size}"
            )));
        }
        let mut file = self.header(rows as u64, length);
        file.append(&mut bytes(source, offset, length)?);
        let decoded = Decoder::new(Cursor::new(file)).and_then(|mut decoder| decoder.read_chunk(0));
        decoded.map(Some).map_err(|error| {
            damaged(format!("an undecodable strip or tile at byte {offset}")).caused_by(error)
        })
    }

    /// All of a classic TIFF with one strip that comes before the strip.
    fn header(&self, rows: u64, length: u64) -> Vec<u8> {
        const HEADER: usize = 8;
        const ENTRY: usize = 12;
        let entries = |offset| {
            [
                (IMAGE_WIDTH, self.chunk_width as u64),
                (IMAGE_LENGTH, rows),
                (BITS_PER_SAMPLE, self.bits),
                (COMPRESSION, self.compression),
                (PHOTOMETRIC_INTERPRETATION, BLACK_IS_ZERO),
                (STRIP_OFFSETS, offset),
                (SAMPLES_PER_PIXEL, self.samples as u64),
                (ROWS_PER_STRIP, rows),
                (STRIP_BYTE_COUNTS, length),
                (PREDICTOR, self.predictor),
                (SAMPLE_FORMAT, self.format),
            ]
        };
        let end = HEADER + 2 + entries(0).len() * ENTRY + 4;
        let mut header = Vec::with_capacity(end + length as usize);
        let short = |number: u16| match self.order {
            ByteOrder::Little => number.to_le_bytes(),
            ByteOrder::Big => number.to_be_bytes(),
        };
        let long = |number: u64| match self.order {
            ByteOrder::Little => (number as u32).to_le_bytes(),
            ByteOrder::Big => (number as u32).to_be_bytes(),
        };
        header.extend(match self.order {
            ByteOrder::Little => b"II",
            ByteOrder::Big => b"MM",
        });
        header.extend(short(42));
        header.extend(long(HEADER as u64));
        header.extend(short(entries(0).len() as u16));
        for (tag, value) in entries(end as u64) {
            header.extend([short(tag), short(LONG)].as_flattened());
            header.extend([long(1), long(value)].as_flattened());
        }
        header.extend(long(0));
        header
    }
}

fn sample_type(format: u64, bits: u64) -> Option<SampleType> {
    Some(match (format, bits) {
        (UNSIGNED | UNDEFINED, 8) => SampleType::U8,
        (SIGNED, 8) => SampleType::I8,
        (UNSIGNED | UNDEFINED, 16) => SampleType::U16,
        (SIGNED, 16) => SampleType::I16,
        (UNSIGNED | UNDEFINED, 32) => SampleType::U32,
        (SIGNED, 32) => SampleType::I32,
        (FLOAT, 32) => SampleType::F32,
        (FLOAT, 64) => SampleType::F64,
        _ => return None,
    })
}
