//! Cutting a tile out of a codestream, as a small codestream that decodes on its own.
//!
//! The tile keeps its place on the reference grid: SIZ is rewritten so that image and tile begin at the
//! tile's corner. So the parity of the wavelet and the partition into precincts and code-blocks stay
//! what they were, for any tile size.

use super::codestream::{EOC, Frame, PLT, SOC, SOD, SOT_LENGTH, TilePart, u16_at};
use crate::bytes::ByteSource;
use crate::window::Window;
use std::io;
use std::ops::Range;

/// Bytes of a tile-part that are looked through for packet lengths before the rest is read.
const PROBE: usize = 4096;

/// Packets come with the resolution as the outer loop (RLCP, RPCL; LRCP when there is one layer).
const LRCP: u8 = 0;
const RPCL: u8 = 2;
/// A packet that holds nothing: one bit says so.
const EMPTY_PACKET: u8 = 0;

/// Whether a rectangle of the image at full resolution is wanted.
pub(crate) type Wanted<'a> = &'a (dyn Fn(&Window) -> bool + Sync);

/// What of an image is decoded.
#[derive(Clone, Copy, Default)]
pub(crate) struct Selection<'a> {
    /// How often the resolution is halved.
    pub reduction: u8,
    /// Samples may be wrong outside wanted rectangles.
    pub wanted: Option<Wanted<'a>>,
    /// Only what the last step of the wavelet adds to the image at half the resolution: the rest counts as 0. For tiles that
    /// tell the lengths of their packets.
    pub details: bool,
}

impl Frame {
    /// Rows and columns of a tile on the full-resolution grid.
    pub fn tile_extent(&self, tile: usize) -> (Range<u32>, Range<u32>) {
        let size = &self.size;
        let across = size.tiles_across();
        let (down, right) = (tile as u32 / across, tile as u32 % across);
        let along = |index: u32, step: u32, end: u32| {
            let start = index * step;
            start..end.min(start.saturating_add(step))
        };
        (
            along(down, size.tile_rows, size.rows),
            along(right, size.tile_columns, size.columns),
        )
    }

    /// The codestream of one tile, with all that decoding a selection needs, and no more where the file allows it.
    pub fn cut(
        &self,
        source: &dyn ByteSource,
        tile: usize,
        selection: &Selection<'_>,
    ) -> io::Result<Vec<u8>> {
        let (rows, columns) = self.tile_extent(tile);
        let mut siz = self.siz.clone();
        let fields = [
            columns.end,
            rows.end,
            columns.start,
            rows.start,
            self.size.tile_columns,
            self.size.tile_rows,
            columns.start,
            rows.start,
        ];
        for (slot, field) in siz[6..38].as_chunks_mut::<4>().0.iter_mut().zip(fields) {
            *slot = field.to_be_bytes();
        }
        let mut stream = SOC.to_be_bytes().to_vec();
        stream.extend_from_slice(&siz);
        stream.extend_from_slice(&self.header);
        let needed = self.packets_of_tile(&rows, &columns, selection);
        let mut packets = needed.as_deref();
        for part in &self.tiles[tile] {
            if packets.is_some_and(<[bool]>::is_empty) {
                break;
            }
            let start = stream.len();
            append_part(source, part, &mut packets, &mut stream)?;
            let length = (stream.len() - start) as u32;
            stream[start + 4..start + 6].copy_from_slice(&[0, 0]);
            stream[start + 6..start + 10].copy_from_slice(&length.to_be_bytes());
        }
        stream.extend_from_slice(&EOC.to_be_bytes());
        Ok(stream)
    }

    /// The whole codestream as it is.
    pub fn whole(&self, source: &dyn ByteSource) -> io::Result<Vec<u8>> {
        let mut stream = vec![0; (self.codestream.end - self.codestream.start) as usize];
        source.read_exact_at(&mut stream, self.codestream.start)?;
        Ok(stream)
    }

    /// Whether the packets of a resolution come after those of the coarser ones.
    fn comes_by_resolution(&self) -> bool {
        let coding = &self.coding;
        let by_resolution =
            coding.progression <= RPCL && (coding.progression != LRCP || coding.layers == 1);
        by_resolution && self.plain && !self.packed_headers
    }

    /// Whether they do, and each is that of one precinct.
    fn has_a_packet_a_precinct(&self) -> bool {
        let coding = &self.coding;
        let one_each = coding.layers == 1 && self.size.components == 1 && !coding.packet_markers;
        one_each && self.comes_by_resolution()
    }

    /// Whether a tile can be cut with its details only.
    pub fn tells_details(&self, source: &dyn ByteSource, tile: usize) -> io::Result<bool> {
        let coding = &self.coding;
        if !coding.reversible || coding.levels == 0 || !self.has_a_packet_a_precinct() {
            return Ok(false);
        }
        for part in &self.tiles[tile] {
            let mut start = vec![0; PROBE.min(usize::try_from(part.length).unwrap_or(PROBE))];
            source.read_exact_at(&mut start, part.offset)?;
            if packet_lengths(&start).is_none() {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// Which packets from the start of a tile are needed, and none after them; `None` is all of them.
    fn packets_of_tile(
        &self,
        rows: &Range<u32>,
        columns: &Range<u32>,
        selection: &Selection<'_>,
    ) -> Option<Vec<bool>> {
        let (coding, reduction) = (&self.coding, selection.reduction);
        if !self.comes_by_resolution() {
            return None;
        }
        let resolutions = 0..=coding.levels.saturating_sub(reduction);
        if let Some(wanted) = selection.wanted.filter(|_| self.has_a_packet_a_precinct()) {
            let needed = |at: u8| {
                let is_needed = !selection.details || at == coding.levels;
                let reach = coding.precinct_reach(at, rows, columns).into_iter();
                reach.map(move |window| is_needed && wanted(&window))
            };
            return Some(resolutions.flat_map(needed).collect());
        }
        if reduction == 0 {
            return None;
        }
        let precincts: u64 = resolutions
            .map(|resolution| coding.precincts_at(resolution, rows, columns))
            .sum();
        let packets = precincts * u64::from(coding.layers) * u64::from(self.size.components);
        Some(vec![true; usize::try_from(packets).ok()?])
    }
}

/// Appends a tile-part to `stream`: all of it, or as many bytes as the packets that are needed take where the tile-part tells
/// the lengths of its packets (PLT). Those between that are not are left empty.
fn append_part(
    source: &dyn ByteSource,
    part: &TilePart,
    packets: &mut Option<&[bool]>,
    stream: &mut Vec<u8>,
) -> io::Result<()> {
    let length = usize::try_from(part.length).map_err(io::Error::other)?;
    let start = stream.len();
    let read_to = |stream: &mut Vec<u8>, end: usize| {
        let from = stream.len();
        stream.resize(start + end, 0);
        source.read_exact_at(&mut stream[from..], part.offset + (from - start) as u64)
    };
    if let Some(needed) = *packets {
        read_to(stream, PROBE.min(length))?;
        match packet_lengths(&stream[start..]) {
            Some((header, lengths)) => {
                let taken = lengths.len().min(needed.len());
                let (here, later) = needed.split_at(taken);
                *packets = Some(later);
                let body: u64 = lengths[..taken].iter().sum();
                let end = (header as u64 + body).min(part.length) as usize;
                stream.truncate(start + end);
                read_to(stream, end)?;
                if here.contains(&false) {
                    empty_packets(stream, start + header, &lengths[..taken], here);
                }
                return Ok(());
            }
            None => *packets = None,
        }
    }
    read_to(stream, length)
}

/// Leaves the packets from `first` on to the end of the stream empty where they are not needed.
fn empty_packets(stream: &mut Vec<u8>, first: usize, lengths: &[u64], needed: &[bool]) {
    let packets = stream.split_off(first.min(stream.len()));
    let mut rest = packets.as_slice();
    for (&length, needed) in lengths.iter().zip(needed) {
        let length = usize::try_from(length)
            .unwrap_or(usize::MAX)
            .min(rest.len());
        let (packet, after) = rest.split_at(length);
        if *needed || packet.is_empty() {
            stream.extend_from_slice(packet);
        } else {
            stream.push(EMPTY_PACKET);
        }
        rest = after;
    }
}

/// The length of a tile-part's header and of each of its packets, when PLT gives them and the header
/// ends within `part`.
fn packet_lengths(part: &[u8]) -> Option<(usize, Vec<u64>)> {
    let mut at = SOT_LENGTH;
    let mut lengths = Vec::new();
    let mut found = false;
    loop {
        match u16_at(part, at) {
            SOD => return found.then_some((at + 2, lengths)),
            0 => return None,
            marker => {
                let end = at + 2 + usize::from(u16_at(part, at + 2));
                let body = part.get(at + 4..end)?;
                if marker == PLT {
                    found = true;
                    let mut length = 0_u64;
                    for byte in body.get(1..)? {
                        length = length << 7 & u64::from(u32::MAX) | u64::from(byte & 0x7F);
                        if byte & 0x80 == 0 {
                            lengths.push(length);
                            length = 0;
                        }
                    }
                }
                at = end;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packets_that_nobody_needs_are_one_byte() {
        let mut stream = b"headAAAbbCd".to_vec();
        empty_packets(&mut stream, 4, &[3, 2, 1, 9], &[true, false, true, false]);
        assert_eq!(stream, b"headAAA\0C\0");
    }

    #[test]
    fn packet_lengths_are_numbers_of_seven_bits_a_byte() {
        let mut part = vec![0xFF, 0x90, 0, 10, 0, 0, 0, 0, 0, 0, 0, 1];
        part.extend([0xFF, 0x58, 0, 7, 0, 0x05, 0x81, 0x00, 0x7F, 0xFF, 0x93]);
        assert_eq!(packet_lengths(&part), Some((23, vec![5, 128, 127])));
        assert_eq!(packet_lengths(&part[..20]), None);
        let without = [&part[..SOT_LENGTH], &[0xFF, 0x93]].concat();
        assert_eq!(packet_lengths(&without), None);
    }
}
