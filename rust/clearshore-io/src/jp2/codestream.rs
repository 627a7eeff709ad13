//! The frame of a JPEG 2000 file: boxes, main header, tile-parts (ISO/IEC 15444-1, annexes A, B and I).
//!
//! Nothing is decoded here and only headers are read. Everything that a decoder would allocate for is
//! checked first, because a failed allocation can't be caught.

use crate::bytes::ByteSource;
use crate::window::Window;
use clearshore::{Error, Result};
use std::ops::Range;

pub(super) const SOC: u16 = 0xFF4F;
pub(super) const SIZ: u16 = 0xFF51;
const COD: u16 = 0xFF52;
const COC: u16 = 0xFF53;
const TLM: u16 = 0xFF55;
const PLM: u16 = 0xFF57;
pub(super) const PLT: u16 = 0xFF58;
const POC: u16 = 0xFF5F;
const PPM: u16 = 0xFF60;
const CRG: u16 = 0xFF63;
const COM: u16 = 0xFF64;
const SOT: u16 = 0xFF90;
pub(super) const SOD: u16 = 0xFF93;
pub(super) const EOC: u16 = 0xFFD9;

/// Bytes of a SOT marker segment with its marker.
pub(super) const SOT_LENGTH: usize = 12;

const JP2_SIGNATURE: &[u8] = b"\x00\x00\x00\x0CjP  \r\n\x87\n";
/// Bits of COD's coding style: packets have SOP or EPH markers.
const SCOD_SOP: u8 = 2;
const SCOD_EPH: u8 = 4;
const MAX_BOXES: usize = 1024;
const MAX_MAIN_HEADER: usize = 1 << 24;
/// Rows or columns; a Sentinel-2 plane has at most 10980.
const MAX_SIDE: u32 = 65_535;
/// Samples of one component; 10980 x 10980 needs 1.2e8.
const MAX_PIXELS: u64 = 1 << 28;
/// Samples of all components of one tile, which a decoder holds at once.
const MAX_TILE_SAMPLES: u64 = 1 << 27;
/// Precincts and code-blocks of all components of one tile.
const MAX_TILE_PARTS: u64 = 1 << 22;
const MAX_COMPONENTS: u16 = 64;
const MAX_LEVELS: u8 = 32;
/// Samples of a resolution that one of its coefficients reaches, less than: 3 in the inverse step of the 5-3 wavelet, 4 in that
/// of the 9-7, and in each finer step half of that more.
const REVERSIBLE_REACH: u64 = 6;
const WAVELET_REACH: u64 = 10;
/// COD's number of the 5-3 wavelet.
const REVERSIBLE: u8 = 1;

const ADVICE: &str = "download the product again; the file is damaged or not a Sentinel-2 image";

/// What is needed of SIZ.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Size {
    pub rows: u32,
    pub columns: u32,
    pub tile_rows: u32,
    pub tile_columns: u32,
    pub components: u16,
    pub bit_depth: u8,
}

impl Size {
    pub fn tiles_down(&self) -> u32 {
        self.rows.div_ceil(self.tile_rows)
    }

    pub fn tiles_across(&self) -> u32 {
        self.columns.div_ceil(self.tile_columns)
    }
}

/// What is needed of COD.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Coding {
    pub progression: u8,
    pub layers: u16,
    pub levels: u8,
    /// Exponents of the code-block sides.
    pub code_block: (u8, u8),
    /// Exponents (columns, rows) of the precinct sides, from the coarsest resolution.
    pub precincts: Vec<(u8, u8)>,
    /// Packets have markers before or after their headers (SOP, EPH).
    pub packet_markers: bool,
    /// The wavelet is the 5-3 one.
    pub reversible: bool,
}

impl Coding {
    /// Precincts of one component at `resolution` (0 is the coarsest) of a tile.
    pub fn precincts_at(&self, resolution: u8, rows: &Range<u32>, columns: &Range<u32>) -> u64 {
        let (down, across) = self.precinct_grid(resolution, rows, columns);
        u64::from(down.end - down.start) * u64::from(across.end - across.start)
    }

    /// Rows and columns of the precincts at `resolution` that a tile touches.
    fn precinct_grid(
        &self,
        resolution: u8,
        rows: &Range<u32>,
        columns: &Range<u32>,
    ) -> (Range<u32>, Range<u32>) {
        let reduction = self.levels - resolution;
        let (width, height) = self.precinct_sides(resolution);
        let along = |range: &Range<u32>, exponent: u8| {
            let start = ceil_shift(range.start, reduction);
            let end = ceil_shift(range.end, reduction);
            let first = start >> exponent;
            let last = if end == start {
                first
            } else {
                end.div_ceil(1 << exponent)
            };
            first..last
        };
        (along(rows, height), along(columns, width))
    }

    /// Exponents (columns, rows) of the sides of precincts at `resolution`.
    fn precinct_sides(&self, resolution: u8) -> (u8, u8) {
        let sides = self.precincts.get(usize::from(resolution));
        sides.copied().unwrap_or((15, 15))
    }

    /// What of the image each precinct at `resolution` of a tile has a part in, in the order of their packets: its own rectangle
    /// at full resolution and all that the inverse wavelet carries its numbers to.
    pub fn precinct_reach(
        &self,
        resolution: u8,
        rows: &Range<u32>,
        columns: &Range<u32>,
    ) -> Vec<Window> {
        let reduction = self.levels - resolution;
        let (width, height) = self.precinct_sides(resolution);
        let reach = if self.reversible {
            REVERSIBLE_REACH
        } else {
            WAVELET_REACH
        };
        let along = |index: u32, exponent: u8| {
            let side = 1_u64 << exponent;
            let start = (u64::from(index) * side).saturating_sub(reach) << reduction;
            let end = (u64::from(index) * side + side + reach) << reduction;
            (start as usize, (end - start) as usize)
        };
        let (down, across) = self.precinct_grid(resolution, rows, columns);
        down.flat_map(|row| across.clone().map(move |column| (row, column)))
            .map(|(row, column)| {
                let (row, rows) = along(row, height);
                let (column, columns) = along(column, width);
                Window {
                    row,
                    column,
                    rows,
                    columns,
                }
            })
            .collect()
    }
}

/// `value / 2^shift`, rounded up.
pub(super) fn ceil_shift(value: u32, shift: u8) -> u32 {
    u64::from(value).div_ceil(1_u64 << shift.min(63)) as u32
}

/// A tile-part: where its SOT marker is, and how long it is with it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TilePart {
    pub offset: u64,
    pub length: u64,
}

/// The frame of a codestream.
#[derive(Debug)]
pub(crate) struct Frame {
    pub size: Size,
    pub coding: Coding,
    /// Fewest decomposition levels of any component.
    pub levels: u8,
    /// Marker segments after SIZ up to the first SOT, without those that only index or comment.
    pub header: Vec<u8>,
    /// The marker segment SIZ with its marker.
    pub siz: Vec<u8>,
    /// All components are coded alike and packets come in the order of the main header.
    pub plain: bool,
    /// Packet headers are packed in the main header: a tile can't be cut out.
    pub packed_headers: bool,
    /// Bytes of the codestream in the source.
    pub codestream: Range<u64>,
    /// Tile-parts of each tile.
    pub tiles: Vec<Vec<TilePart>>,
}

/// Reads big-endian numbers of a source, turning every failure into a Product error.
struct Reader<'a> {
    source: &'a dyn ByteSource,
    label: &'a str,
}

impl Reader<'_> {
    fn bytes(&self, offset: u64, length: usize) -> Result<Vec<u8>> {
        let available = self.source.len().saturating_sub(offset);
        if available < length as u64 {
            return Err(self.truncated(offset, length as u64));
        }
        let mut buffer = vec![0; length];
        self.source
            .read_exact_at(&mut buffer, offset)
            .map_err(|error| {
                Error::io("band file can't be read")
                    .at(self.label)
                    .caused_by(error)
            })?;
        Ok(buffer)
    }

    fn u16(&self, offset: u64) -> Result<u16> {
        let bytes = self.bytes(offset, 2)?;
        Ok(u16_at(&bytes, 0))
    }

    fn truncated(&self, offset: u64, length: u64) -> Error {
        Error::product("JPEG 2000 file is truncated")
            .at(self.label)
            .got(format!("{} bytes", self.source.len()))
            .expected(format!(
                "at least {} bytes",
                offset.saturating_add(length).max(1)
            ))
            .advice(ADVICE)
    }

    fn damaged(&self, what: &str, got: impl std::fmt::Display, expected: &str) -> Error {
        Error::product(format!("JPEG 2000 file is damaged: {what}"))
            .at(self.label)
            .got(got)
            .expected(expected)
            .advice(ADVICE)
    }
}

pub(super) fn u16_at(bytes: &[u8], at: usize) -> u16 {
    bytes
        .get(at..at + 2)
        .map_or(0, |b| u16::from_be_bytes([b[0], b[1]]))
}

fn u32_at(bytes: &[u8], at: usize) -> u32 {
    bytes
        .get(at..at + 4)
        .map_or(0, |b| u32::from_be_bytes([b[0], b[1], b[2], b[3]]))
}

impl Frame {
    /// Reads the frame; `label` names the band and the file in errors.
    pub fn read(source: &dyn ByteSource, label: &str) -> Result<Self> {
        let reader = Reader { source, label };
        let codestream = find_codestream(&reader)?;
        let mut at = codestream.start + 2;
        let mut siz = Vec::new();
        let mut size = None;
        let mut coding = None;
        let mut levels = MAX_LEVELS;
        let mut header = Vec::new();
        let (mut plain, mut packed_headers) = (true, false);
        loop {
            let marker = reader.u16(at)?;
            if marker == SOT {
                break;
            }
            if !(0xFF40..=0xFF7F).contains(&marker) {
                return Err(reader.damaged(
                    "its main header has an unknown marker",
                    format!("0x{marker:04X} at byte {at}"),
                    "a marker of ISO/IEC 15444-1",
                ));
            }
            let length = usize::from(reader.u16(at + 2)?);
            let segment = reader.bytes(at, length + 2)?;
            if length < 2 || header.len() + length > MAX_MAIN_HEADER {
                return Err(reader.damaged(
                    "its main header has a wrong length",
                    length,
                    "2 to 65535",
                ));
            }
            match (marker, &size) {
                (SIZ, None) => {
                    size = Some(parse_size(&reader, &segment)?);
                    siz = segment;
                }
                (SIZ, Some(_)) | (_, None) => {
                    return Err(reader.damaged(
                        "SIZ is not its first marker",
                        format!("0x{marker:04X}"),
                        "one SIZ",
                    ));
                }
                (TLM | PLM | COM | CRG, _) => {}
                (_, Some(size)) => {
                    match marker {
                        COD => {
                            let parsed = parse_coding(&reader, &segment[4..], 5, size)?;
                            levels = levels.min(parsed.levels);
                            coding = Some(parsed);
                        }
                        COC => {
                            plain = false;
                            levels = levels.min(parse_component_coding(&reader, &segment, size)?);
                        }
                        POC => plain = false,
                        PPM => packed_headers = true,
                        _ => {}
                    }
                    header.extend_from_slice(&segment);
                }
            }
            at += length as u64 + 2;
        }
        let (Some(size), Some(coding)) = (size, coding) else {
            return Err(reader.damaged("its main header lacks SIZ or COD", "none", "both"));
        };
        let tiles = index_tile_parts(&reader, &size, at, codestream.end)?;
        Ok(Self {
            size,
            coding,
            levels,
            header,
            siz,
            plain,
            packed_headers,
            codestream,
            tiles,
        })
    }
}

/// Where the codestream lies: the box `jp2c`, or the whole of a raw codestream.
fn find_codestream(reader: &Reader<'_>) -> Result<Range<u64>> {
    let len = reader.source.len();
    let start = reader.bytes(0, (JP2_SIGNATURE.len() as u64).min(len) as usize)?;
    let is_codestream = |bytes: &[u8]| u16_at(bytes, 0) == SOC && u16_at(bytes, 2) == SIZ;
    if is_codestream(&start) {
        return Ok(0..len);
    }
    if start.is_empty() || JP2_SIGNATURE.starts_with(&start) && start != JP2_SIGNATURE {
        return Err(reader.truncated(0, JP2_SIGNATURE.len() as u64));
    }
    if start != JP2_SIGNATURE {
        let unit = if len == 1 { "byte" } else { "bytes" };
        return Err(Error::product("not a JPEG 2000 file")
            .at(reader.label)
            .got(format!("{len} {unit}, beginning with {:02X?}", &start))
            .expected("a JP2 file or a JPEG 2000 codestream")
            .advice(ADVICE));
    }
    let mut at = 0_u64;
    for _ in 0..MAX_BOXES {
        let head = reader.bytes(at, 8)?;
        let (header, length) = match u32_at(&head, 0) {
            0 => (8, len - at),
            1 => {
                let extended = reader.bytes(at + 8, 8)?;
                let high = u64::from(u32_at(&extended, 0));
                (16, high << 32 | u64::from(u32_at(&extended, 4)))
            }
            length => (8, u64::from(length)),
        };
        let end = at.checked_add(length).filter(|_| length >= header);
        let Some(end) = end else {
            return Err(reader.damaged("a box has a wrong length", length, "8 or more"));
        };
        if end > len {
            return Err(reader.truncated(at, length));
        }
        if head.get(4..8) == Some(b"jp2c") {
            let codestream = at + header;
            if !is_codestream(&reader.bytes(codestream, 4)?) {
                return Err(reader.damaged(
                    "its codestream has no SOC and SIZ",
                    "other bytes",
                    "FF4F FF51",
                ));
            }
            return Ok(codestream..end);
        }
        at = end;
    }
    Err(reader.damaged(
        "too many boxes before the codestream",
        MAX_BOXES,
        "a box jp2c",
    ))
}

fn parse_size(reader: &Reader<'_>, segment: &[u8]) -> Result<Size> {
    let refuse = |what: &str, got: String, expected: String| {
        Err(Error::product(format!("JPEG 2000 file has {what}"))
            .at(reader.label)
            .got(got)
            .expected(expected)
            .advice(ADVICE))
    };
    let field = |index: usize| u32_at(segment, 6 + 4 * index);
    let (columns, rows, tile_columns, tile_rows) = (field(0), field(1), field(4), field(5));
    if [2, 3, 6, 7].map(field) != [0; 4] {
        return refuse(
            "an image or tile offset",
            format!("{:?}", [2, 3, 6, 7].map(field)),
            "none".into(),
        );
    }
    let components = u16_at(segment, 38);
    let specs = segment.get(40..).unwrap_or_default();
    if components == 0 || components > MAX_COMPONENTS || specs.len() != 3 * usize::from(components)
    {
        return refuse(
            "a wrong number of components",
            components.to_string(),
            format!("1 to {MAX_COMPONENTS}"),
        );
    }
    let in_range = 1..=MAX_SIDE;
    if !in_range.contains(&rows)
        || !in_range.contains(&columns)
        || u64::from(rows) * u64::from(columns) > MAX_PIXELS
    {
        return refuse(
            "an impossible size",
            format!("{columns} x {rows} pixels"),
            format!("sides of 1 to {MAX_SIDE}, at most {MAX_PIXELS} pixels"),
        );
    }
    let tile = u64::from(tile_rows.min(rows)) * u64::from(tile_columns.min(columns));
    if tile == 0 || tile * u64::from(components) > MAX_TILE_SAMPLES {
        return refuse(
            "impossible tiles",
            format!("{tile_columns} x {tile_rows} pixels"),
            format!("at most {MAX_TILE_SAMPLES} samples a tile"),
        );
    }
    let size = Size {
        rows,
        columns,
        tile_rows: tile_rows.min(rows),
        tile_columns: tile_columns.min(columns),
        components,
        bit_depth: (specs[0] & 0x7F) + 1,
    };
    let first = [specs[0], 1, 1];
    if specs.as_chunks::<3>().0.iter().any(|spec| *spec != first)
        || specs[0] & 0x80 != 0
        || size.bit_depth > 16
    {
        return refuse(
            "an unsupported kind of samples",
            format!("{specs:02X?}"),
            "unsigned samples of at most 16 bits, the same for all components, none subsampled"
                .into(),
        );
    }
    if u64::from(size.tiles_down()) * u64::from(size.tiles_across()) > u64::from(MAX_SIDE) {
        return refuse(
            "too many tiles",
            format!("{} x {}", size.tiles_across(), size.tiles_down()),
            format!("at most {MAX_SIDE}"),
        );
    }
    Ok(size)
}

/// Parses the body of COD (`style_at` = 5: after the progression) or COC (`style_at` = 1).
fn parse_coding(reader: &Reader<'_>, body: &[u8], style_at: usize, size: &Size) -> Result<Coding> {
    let wrong =
        |got: String| reader.damaged("its coding style is wrong", got, "one of ISO/IEC 15444-1");
    let Some([levels, block_columns, block_rows, ..]) = body.get(style_at..) else {
        return Err(wrong(format!("{body:?}")));
    };
    let coding = Coding {
        progression: body[1.min(style_at)],
        layers: u16_at(body, 2),
        levels: *levels,
        code_block: (block_columns + 2, block_rows + 2),
        precincts: Vec::new(),
        packet_markers: body[0] & (SCOD_SOP | SCOD_EPH) != 0,
        reversible: body.get(style_at + 4) == Some(&REVERSIBLE),
    };
    let precincts = body.get(style_at + 5..).unwrap_or_default();
    let coding = Coding {
        precincts: if body[0] & 1 == 1 {
            precincts.iter().map(|p| (p & 15, p >> 4)).collect()
        } else {
            vec![(15, 15); usize::from(*levels) + 1]
        },
        ..coding
    };
    let (columns, rows) = coding.code_block;
    if coding.levels > MAX_LEVELS
        || columns > 10
        || rows > 10
        || columns + rows > 12
        || coding.precincts.len() != usize::from(coding.levels) + 1
        || coding
            .precincts
            .iter()
            .skip(1)
            .any(|p| p.0 == 0 || p.1 == 0)
    {
        return Err(wrong(format!("{body:?}")));
    }
    let (tile_rows, tile_columns) = (0..size.tile_rows, 0..size.tile_columns);
    let precincts: u64 = (0..=coding.levels)
        .map(|resolution| coding.precincts_at(resolution, &tile_rows, &tile_columns))
        .sum();
    let code_blocks = u64::from(size.tile_rows.div_ceil(1 << rows))
        * u64::from(size.tile_columns.div_ceil(1 << columns));
    let parts = (3 * precincts + code_blocks) * u64::from(size.components);
    if parts > MAX_TILE_PARTS {
        return Err(reader.damaged("too many precincts or code-blocks", parts, "fewer"));
    }
    Ok(coding)
}

/// Decomposition levels of a COC segment.
fn parse_component_coding(reader: &Reader<'_>, segment: &[u8], size: &Size) -> Result<u8> {
    let body = segment.get(5..).unwrap_or_default();
    if body.is_empty() {
        return Err(reader.damaged("its coding style is wrong", "nothing", "a coding style"));
    }
    Ok(parse_coding(reader, body, 1, size)?.levels)
}

/// Walks from SOT to SOT without reading what is between.
fn index_tile_parts(
    reader: &Reader<'_>,
    size: &Size,
    mut at: u64,
    end: u64,
) -> Result<Vec<Vec<TilePart>>> {
    let count = (size.tiles_down() * size.tiles_across()) as usize;
    let mut tiles: Vec<Vec<TilePart>> = vec![Vec::new(); count];
    let mut announced = vec![0_u8; count];
    while at + 2 <= end && reader.u16(at)? != EOC {
        if at + SOT_LENGTH as u64 > end {
            return Err(reader.truncated(at, SOT_LENGTH as u64));
        }
        let sot = reader.bytes(at, SOT_LENGTH)?;
        let tile = usize::from(u16_at(&sot, 4));
        let (Some(parts), true) = (
            tiles.get_mut(tile),
            u16_at(&sot, 0) == SOT && u16_at(&sot, 2) == 10,
        ) else {
            return Err(reader.damaged(
                "a tile-part does not begin where it should",
                format!("{sot:02X?} at byte {at}"),
                &format!("SOT of one of {count} tiles"),
            ));
        };
        let length = match u64::from(u32_at(&sot, 6)) {
            0 => {
                // The last tile-part may leave its length open: it goes on to EOC.
                if reader.u16(end.saturating_sub(2))? != EOC {
                    return Err(reader.truncated(at, end - at + 2));
                }
                end - 2 - at
            }
            length => length,
        };
        // A tile-part holds at least SOT and SOD.
        if length < SOT_LENGTH as u64 + 2 {
            return Err(reader.damaged("a tile-part has a wrong length", length, "14 or more"));
        }
        if at + length > end {
            return Err(reader.truncated(at, length));
        }
        if usize::from(sot[10]) != parts.len() {
            return Err(reader.damaged(
                &format!("tile-parts of tile {tile} are missing or out of order"),
                sot[10],
                &parts.len().to_string(),
            ));
        }
        announced[tile] = announced[tile].max(sot[11]);
        parts.push(TilePart { offset: at, length });
        at += length;
    }
    let complete = |(parts, announced): &(&Vec<TilePart>, &u8)| {
        !parts.is_empty() && (**announced == 0 || parts.len() == usize::from(**announced))
    };
    let whole = tiles.iter().zip(&announced).filter(complete).count();
    if whole != count {
        return Err(
            Error::product("JPEG 2000 file lacks tiles: it is truncated or damaged")
                .at(reader.label)
                .got(format!("{whole} tiles, {} bytes", reader.source.len()))
                .expected(format!("{count} tiles"))
                .advice(ADVICE),
        );
    }
    Ok(tiles)
}
