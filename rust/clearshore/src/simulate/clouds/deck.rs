//! A layer of cloud on a square mesh, and what lines of sight meet in it.

use super::super::noise::Row;
use super::{Columns, Slant};
use crate::Result;
use rayon::prelude::*;
use std::ops::Range;

/// Cells along the side of a block: a block is either empty or looked into.
pub(super) const BLOCK: usize = 32;
/// Pixels that are looked up together: all of them are skipped where no block near has cloud.
const RUN: usize = 64;
/// How often the height of the cloud that a line meets is corrected by the top found there.
const CORRECTIONS: usize = 2;

/// A cloud column over a cell, in the whole numbers of [`Codes`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Cell {
    depth: u16,
    top: u8,
    brightness: u8,
}

/// A quantity stored as whole numbers: `low + step * code`.
#[derive(Clone, Copy, Debug)]
struct Code {
    low: f32,
    step: f32,
}

impl Code {
    fn new(range: [f64; 2], codes: f64) -> Self {
        Self {
            low: range[0] as f32,
            step: ((range[1] - range[0]) / codes) as f32,
        }
    }

    /// The nearest code, before it is cut to whole numbers of its width.
    fn encode(&self, value: f32) -> f32 {
        const NEAREST: f32 = 0.5;
        (value - self.low) / self.step + NEAREST
    }
}

/// How the quantities of a layer are stored.
#[derive(Clone, Copy, Debug)]
pub(super) struct Codes {
    depth: Code,
    top: Code,
    brightness: Code,
}

impl Codes {
    /// Codes for optical depths up to `depth`, tops (metres) and brightnesses within ranges.
    pub fn new(depth: f64, top: [f64; 2], brightness: [f64; 2]) -> Self {
        Self {
            depth: Code::new([0.0, depth], f64::from(u16::MAX)),
            top: Code::new(top, f64::from(u8::MAX)),
            brightness: Code::new(brightness, f64::from(u8::MAX)),
        }
    }

    /// A cell with the nearest codes; values beyond the ranges become the nearest end.
    pub fn cell(&self, depth: f32, top: f32, brightness: f32) -> Cell {
        Cell {
            depth: self.depth.encode(depth) as u16,
            top: self.top.encode(top) as u8,
            brightness: self.brightness.encode(brightness) as u8,
        }
    }
}

/// The mesh: where its cells lie.
#[derive(Clone, Copy, Debug)]
pub(super) struct Mesh {
    /// Upper-left corner, metres east and south.
    pub corner: [f64; 2],
    /// Side of a cell, metres.
    pub cell: f64,
    /// Columns and rows, at least two each.
    pub size: [usize; 2],
}

impl Mesh {
    /// Covers a square tile and `margins` (west, east, north, south) around it, metres.
    pub fn around(extent: f64, margins: [f64; 4], cell: f64) -> Self {
        let cells = margins.map(|margin| (margin / cell).ceil() + 1.0);
        let tile = (extent / cell).ceil();
        Self {
            corner: [-cells[0] * cell, -cells[2] * cell],
            cell,
            size: [cells[0] + tile + cells[1], cells[2] + tile + cells[3]]
                .map(|count| count as usize),
        }
    }

    /// Centres of the cells of a row; rows beyond the mesh continue it.
    pub fn row(&self, row: i32) -> Row {
        const CENTRE: f64 = 0.5;
        Row {
            first: self.corner[0] + CENTRE * self.cell,
            step: self.cell,
            y: self.corner[1] + (f64::from(row) + CENTRE) * self.cell,
        }
    }
}

/// A layer of cloud.
pub(super) struct Deck {
    mesh: Mesh,
    codes: Codes,
    /// Height below which a column has no cloud, metres.
    base: f32,
    /// Mean height of the tops, metres.
    middle: f32,
    cells: Vec<Cell>,
    blocks: Blocks,
}

impl Deck {
    /// Fills a mesh, a strip of [`BLOCK`] rows at a time.
    ///
    /// # Errors
    /// Those of `fill`.
    pub fn new(
        mesh: Mesh,
        codes: Codes,
        base: f64,
        fill: impl Fn(Range<usize>, &mut [Cell]) -> Result<()> + Sync,
    ) -> Result<Self> {
        let [columns, rows] = mesh.size;
        let mut cells = vec![Cell::default(); columns * rows];
        let strips: Vec<(Vec<bool>, u64, u64)> = cells
            .par_chunks_mut(columns * BLOCK)
            .enumerate()
            .map(|(strip, cells)| {
                let first = strip * BLOCK;
                fill(first..(first + BLOCK).min(rows), cells)?;
                let mut occupied = vec![false; columns.div_ceil(BLOCK)];
                let (mut tops, mut count) = (0, 0);
                for row in cells.chunks(columns) {
                    for (occupied, block) in occupied.iter_mut().zip(row.chunks(BLOCK)) {
                        for cell in block.iter().filter(|cell| cell.depth > 0) {
                            *occupied = true;
                            tops += u64::from(cell.top);
                            count += 1;
                        }
                    }
                }
                Ok((occupied, tops, count))
            })
            .collect::<Result<_>>()?;
        let tops: u64 = strips.iter().map(|(_, tops, _)| tops).sum();
        let count: u64 = strips.iter().map(|(_, _, count)| count).sum();
        let middle = tops as f32 / count.max(1) as f32;
        Ok(Self {
            mesh,
            codes,
            base: base as f32,
            middle: codes.top.low + codes.top.step * middle,
            cells,
            blocks: Blocks::new(strips.iter().map(|(occupied, ..)| occupied.as_slice())),
        })
    }

    /// See [`Layer::along`](super::Layer::along).
    pub fn along(&self, row: Row, slant: Slant, heights: &[f32], columns: &mut Columns) -> bool {
        let mut found = false;
        for (index, heights) in heights.chunks(RUN).enumerate() {
            let start = index * RUN;
            let sight = self.sight(row, slant, start);
            if !self.may_meet(&sight, heights) {
                continue;
            }
            if !found {
                columns.reset();
                found = true;
            }
            columns.pad(start);
            self.look(&sight, heights, columns);
        }
        if found {
            columns.pad(heights.len());
        }
        found
    }

    /// Lines of sight from pixel `start` of a row on, in cells.
    fn sight(&self, row: Row, slant: Slant, start: usize) -> Sight {
        const CENTRE: f64 = 0.5;
        let per_metre = 1.0 / self.mesh.cell;
        let k = start as f64;
        let ground = [row.first + k * row.step, row.y];
        Sight {
            ground: [0, 1]
                .map(|axis| ((ground[axis] - self.mesh.corner[axis]) * per_metre - CENTRE) as f32),
            step: (row.step * per_metre) as f32,
            shift: [0, 1]
                .map(|axis| ((slant.shift[axis] + k * slant.change[axis]) * per_metre) as f32),
            change: slant.change.map(|change| (change * per_metre) as f32),
        }
    }

    /// Whether there is cloud anywhere between the ends of some lines of sight.
    fn may_meet(&self, sight: &Sight, heights: &[f32]) -> bool {
        let (mut low, mut high) = (f32::INFINITY, f32::NEG_INFINITY);
        for &height in heights {
            low = if height < low { height } else { low };
            high = if height > high { height } else { high };
        }
        let top = self.codes.top;
        let highest = top.low + top.step * f32::from(u8::MAX);
        if !(low < highest) {
            return false;
        }
        let last = (heights.len() - 1) as f32;
        let rises = [(top.low - high).max(0.0), highest - low];
        let (mut from, mut to) = ([f32::INFINITY; 2], [f32::NEG_INFINITY; 2]);
        for (k, rise) in [0.0, last]
            .into_iter()
            .flat_map(|k| rises.map(|rise| (k, rise)))
        {
            let place = sight.place(k, rise);
            for axis in [0, 1] {
                from[axis] = from[axis].min(place[axis]);
                to[axis] = to[axis].max(place[axis]);
            }
        }
        self.blocks.any(from, to)
    }

    /// Appends what the lines of sight from some pixels meet.
    fn look(&self, sight: &Sight, heights: &[f32], columns: &mut Columns) {
        let [width, height] = self.mesh.size;
        let limits = [(width - 2) as f32, (height - 2) as f32];
        let Codes {
            depth: depth_code,
            top: top_code,
            brightness: brightness_code,
        } = self.codes;
        for (k, &ground) in (0_i16..).zip(heights) {
            let k = f32::from(k);
            let place = |top: f32| {
                let rise = if top > ground { top - ground } else { 0.0 };
                let [x, y] = sight.place(k, rise);
                [x.clamp(0.0, limits[0]), y.clamp(0.0, limits[1])]
            };
            let mut met = self.middle;
            for _ in 0..CORRECTIONS {
                const NEAREST: f32 = 0.5;
                let [x, y] = place(met).map(|place| (place + NEAREST) as usize);
                met = top_code.low + top_code.step * f32::from(self.cells[y * width + x].top);
            }
            let [x, y] = place(met);
            let (column, row) = (x as usize, y as usize);
            let (right, down) = (x - column as f32, y - row as f32);
            let first = row * width + column;
            let (upper, lower) = (&self.cells[first..], &self.cells[first + width..]);
            let corners = [upper[0], upper[1], lower[0], lower[1]];
            let weights = [
                (1.0 - right) * (1.0 - down),
                right * (1.0 - down),
                (1.0 - right) * down,
                right * down,
            ];
            let mean = |code: fn(Cell) -> f32| {
                weights[0] * code(corners[0])
                    + weights[1] * code(corners[1])
                    + weights[2] * code(corners[2])
                    + weights[3] * code(corners[3])
            };
            let top = top_code.low + top_code.step * mean(|cell| f32::from(cell.top));
            let brightness = mean(|cell| f32::from(cell.brightness));
            // What would be below the ground does not count.
            let above = (top - ground) / (top - self.base).max(1.0);
            let depth =
                depth_code.step * mean(|cell| f32::from(cell.depth)) * above.clamp(0.0, 1.0);
            columns.optical_depth.push(depth);
            columns
                .brightness
                .push(brightness_code.low + brightness_code.step * brightness);
            columns.top.push(if depth > 0.0 { top } else { 0.0 });
        }
    }
}

/// Lines of sight from the pixels of a run, in cells from the centre of the mesh's first cell.
struct Sight {
    ground: [f32; 2],
    step: f32,
    /// Shift per metre of height.
    shift: [f32; 2],
    change: [f32; 2],
}

impl Sight {
    /// Where the line of pixel `k` is at a height above its ground, metres.
    #[inline]
    fn place(&self, k: f32, rise: f32) -> [f32; 2] {
        [
            self.ground[0] + k * self.step + rise * (self.shift[0] + k * self.change[0]),
            self.ground[1] + rise * (self.shift[1] + k * self.change[1]),
        ]
    }
}

/// Blocks with cloud, counted from the upper-left corner on, so that a rectangle takes four look-ups.
struct Blocks {
    width: usize,
    height: usize,
    sums: Vec<u32>,
}

impl Blocks {
    fn new<'a>(lines: impl Iterator<Item = &'a [bool]>) -> Self {
        let mut blocks = Self {
            width: 0,
            height: 0,
            sums: Vec::new(),
        };
        for line in lines {
            blocks.width = line.len();
            blocks.height += 1;
            if blocks.sums.is_empty() {
                blocks.sums.resize(line.len() + 1, 0);
            }
            let above = blocks.sums.len() - line.len() - 1;
            blocks.sums.push(0);
            let mut sum = 0;
            for (column, &occupied) in line.iter().enumerate() {
                sum += u32::from(occupied);
                blocks.sums.push(blocks.sums[above + column + 1] + sum);
            }
        }
        blocks
    }

    /// Whether a rectangle of places, in cells, touches a block with cloud.
    fn any(&self, from: [f32; 2], to: [f32; 2]) -> bool {
        let block = |place: f32, count: usize| (place.max(0.0) as usize / BLOCK).min(count - 1);
        let [left, right] = [from[0], to[0] + 1.0].map(|place| block(place, self.width));
        let [upper, lower] = [from[1], to[1] + 1.0].map(|place| block(place, self.height));
        let sum = |row: usize, column: usize| self.sums[row * (self.width + 1) + column];
        sum(lower + 1, right + 1) + sum(upper, left) > sum(upper, right + 1) + sum(lower + 1, left)
    }
}

#[cfg(test)]
impl Deck {
    pub fn bytes(&self) -> usize {
        self.cells.len() * size_of::<Cell>()
    }
}
