//! Tags of the first directory of a TIFF file, classic or BigTIFF.
//!
//! Sources: Adobe, *TIFF Revision 6.0* (1992), section 2; libtiff, *BigTIFF Design*. The `tiff` crate
//! gives up on tags above a megabyte, which the mosaics of the world have, and believes counts.

use super::{Refusal, damaged};
use crate::bytes::ByteSource;
use clearshore::Result;
use std::collections::BTreeMap;

/// Signatures of classic TIFF and BigTIFF.
const CLASSIC: u64 = 42;
const BIG: u64 = 43;
/// Most entries that a directory may have; a GeoTIFF has some twenty.
const MOST_ENTRIES: u64 = 4096;

/// Order of the bytes of a number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum ByteOrder {
    Little,
    Big,
}

impl ByteOrder {
    /// An unsigned number of up to eight bytes.
    fn number(self, bytes: &[u8]) -> u64 {
        let join = |number, byte: &u8| number << 8 | u64::from(*byte);
        match self {
            Self::Little => bytes.iter().rev().fold(0, join),
            Self::Big => bytes.iter().fold(0, join),
        }
    }
}

/// The first directory of a file.
pub(super) struct Directory<'a> {
    source: &'a dyn ByteSource,
    pub(super) order: ByteOrder,
    entries: BTreeMap<u16, Entry>,
}

/// Type and bytes of a tag's values, or where these stand.
struct Entry {
    kind: Kind,
    count: u64,
    field: Vec<u8>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Unsigned(u64),
    Text,
    Double,
    Other,
}

impl Kind {
    fn of(code: u64) -> Self {
        match code {
            1 => Self::Unsigned(1),
            3 => Self::Unsigned(2),
            4 => Self::Unsigned(4),
            16 => Self::Unsigned(8),
            2 => Self::Text,
            12 => Self::Double,
            _ => Self::Other,
        }
    }

    fn size(self) -> u64 {
        match self {
            Self::Unsigned(size) => size,
            Self::Text | Self::Other => 1,
            Self::Double => 8,
        }
    }
}

impl<'a> Directory<'a> {
    pub(super) fn read(source: &'a dyn ByteSource) -> std::result::Result<Self, Refusal> {
        let no_tiff = || Refusal::not_supported("a file that is no TIFF");
        let header = bytes(source, 0, 8).map_err(|_| no_tiff())?;
        let order = match &header[..2] {
            b"II" => ByteOrder::Little,
            b"MM" => ByteOrder::Big,
            _ => return Err(no_tiff()),
        };
        // Sizes of an offset, of the number of entries and of an entry.
        let (start, offset_size, number_size, entry_size) = match order.number(&header[2..4]) {
            CLASSIC => (order.number(&header[4..8]), 4, 2, 12),
            BIG => (order.number(&bytes(source, 8, 8)?), 8, 8, 20),
            _ => return Err(no_tiff()),
        };
        let number = order.number(&bytes(source, start, number_size)?);
        if number > MOST_ENTRIES {
            return Err(damaged(format!("a directory of {number} entries")).into());
        }
        let table = bytes(source, start + number_size, number * entry_size)?;
        let entries = table
            .chunks_exact(entry_size as usize)
            .map(|entry| {
                let (count, field) = entry[4..].split_at(offset_size);
                let tag = order.number(&entry[..2]) as u16;
                let entry = Entry {
                    kind: Kind::of(order.number(&entry[2..4])),
                    count: order.number(count),
                    field: field.to_vec(),
                };
                (tag, entry)
            })
            .collect();
        Ok(Self {
            source,
            order,
            entries,
        })
    }

    /// Values of a tag of whole numbers.
    pub(super) fn numbers(&self, tag: u16) -> Result<Option<Vec<u64>>> {
        let unsigned = |kind| matches!(kind, Kind::Unsigned(_));
        Ok(self.values(tag, unsigned)?.map(|(size, bytes)| {
            let numbers = bytes.chunks_exact(size);
            numbers.map(|bytes| self.order.number(bytes)).collect()
        }))
    }

    /// First value of a tag of whole numbers.
    pub(super) fn number(&self, tag: u16) -> Result<Option<u64>> {
        Ok(self
            .numbers(tag)?
            .and_then(|numbers| numbers.first().copied()))
    }

    /// Values of a tag of floating-point numbers.
    pub(super) fn doubles(&self, tag: u16) -> Result<Option<Vec<f64>>> {
        let values = self.values(tag, |kind| kind == Kind::Double)?;
        Ok(values.map(|(size, bytes)| {
            let numbers = bytes.chunks_exact(size);
            numbers
                .map(|bytes| f64::from_bits(self.order.number(bytes)))
                .collect()
        }))
    }

    /// A tag's text without the closing zero.
    pub(super) fn text(&self, tag: u16) -> Result<Option<String>> {
        let values = self.values(tag, |kind| kind == Kind::Text)?;
        Ok(values.map(|(_, bytes)| {
            let text = String::from_utf8_lossy(&bytes);
            text.trim_end_matches('\0').trim().to_owned()
        }))
    }

    /// Size of a value and the bytes of all of them.
    fn values(&self, tag: u16, right: impl Fn(Kind) -> bool) -> Result<Option<(usize, Vec<u8>)>> {
        let Some(entry) = self.entries.get(&tag) else {
            return Ok(None);
        };
        if !right(entry.kind) {
            return Err(damaged(format!("tag {tag} of a wrong type")));
        }
        let size = entry.kind.size();
        let length = entry.count.saturating_mul(size);
        let values = match entry
            .field
            .get(..usize::try_from(length).unwrap_or(usize::MAX))
        {
            Some(values) => values.to_vec(),
            None => bytes(self.source, self.order.number(&entry.field), length)?,
        };
        Ok(Some((size as usize, values)))
    }
}

/// A part of the file; memory is taken only for what the file has.
pub(super) fn bytes(source: &dyn ByteSource, offset: u64, length: u64) -> Result<Vec<u8>> {
    let end = offset.saturating_add(length);
    if end > source.len() {
        return Err(damaged(format!(
            "{} bytes, where a part ends at byte {end}",
            source.len()
        )));
    }
    let mut bytes = vec![0; length as usize];
    let read = source.read_exact_at(&mut bytes, offset);
    read.map_err(|error| damaged("an unreadable part").caused_by(error))?;
    Ok(bytes)
}
