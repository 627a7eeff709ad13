//! A layer of cloud on a square mesh, and what lines of sight meet in it.

use super::super::noise::Row;
use super::blocks::{BLOCK, Blocks};
use super::{Columns, Slant};
use crate::Result;
use rayon::prelude::*;
use std::ops::Range;

/// Pixels that are looked up together: all of them are skipped where no block near has cloud.
const RUN: usize = 32;
/// For lines less slanted than this, in metres aside per metre of height, a guess of the height where
/// they meet the cloud improves when it is replaced by the top found there: tops are flatter than its
/// inverse. Two such steps, the second between cells, are as good as the cells are fine.
const STEEP: f32 = 0.3;
/// How often the range of heights is halved for lines more slanted.
const HALVINGS: usize = 6;

/// A cloud column over a cell, in the whole numbers of [`Codes`]: optical depth (high byte, low byte),
/// top, brightness. All four are interpolated alike, hence at once.
pub(super) type Cell = [u8; 4];
/// From the nearest whole number below to the nearest: the middle of a range.
const HALF: f32 = 0.5;
/// Weight of the high byte.
const HIGH: f32 = 256.0;

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

    fn decode(&self, code: f32) -> f32 {
        self.low + self.step * code
    }

    /// Largest value of one byte.
    fn highest(&self) -> f32 {
        self.decode(f32::from(u8::MAX))
    }

    /// The nearest code, before it is cut to whole numbers of its width.
    fn encode(&self, value: f32) -> f32 {
        (value - self.low) / self.step + HALF
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
        let [high, low] = (self.depth.encode(depth) as u16).to_be_bytes();
        let byte = |code: Code, value| code.encode(value) as u8;
        [
            high,
            low,
            byte(self.top, top),
            byte(self.brightness, brightness),
        ]
    }
}

/// Whether a column has cloud.
fn is_cloud(cell: Cell) -> bool {
    cell[0] > 0 || cell[1] > 0
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
                        for cell in block.iter().filter(|cell| is_cloud(**cell)) {
                            *occupied = true;
                            tops += u64::from(cell[2]);
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
            middle: codes.top.decode(middle),
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
            columns.pad(start + heights.len());
            self.look(&sight, heights, columns, start);
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
            low = smallest(height, low);
            high = largest(height, high);
        }
        let top = self.codes.top;
        let highest = top.highest();
        if low >= highest {
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

    /// What the lines of sight from at most [`RUN`] pixels meet, into `columns` from `start` on.
    ///
    /// One step for all pixels after the other: no step waits for the memory that a pixel needs.
    fn look(&self, sight: &Sight, heights: &[f32], columns: &mut Columns, start: usize) {
        let count = heights.len();
        let mut ground = [0.0; RUN];
        ground[..count].copy_from_slice(heights);
        let top = self.codes.top;
        let mut met = [self.middle; RUN];
        if sight.shift[0].hypot(sight.shift[1]) * self.mesh.cell as f32 > STEEP {
            let (mut low, mut high) = ([top.low; RUN], [top.highest(); RUN]);
            for _ in 0..HALVINGS {
                let tops = self.tops(&sight.places(&ground, &met));
                for k in 0..RUN {
                    let is_above = tops[k] > met[k];
                    low[k] = if is_above { met[k] } else { low[k] };
                    high[k] = if is_above { high[k] } else { met[k] };
                    met[k] = HALF * (low[k] + high[k]);
                }
            }
            // Between cells the tops at both ends are nearly on a straight line.
            let ends = [&low, &high].map(|end| self.bilinear(&sight.places(&ground, end)));
            for k in 0..RUN {
                let over = top.decode(ends[0][k][2]) - low[k];
                let under = high[k] - top.decode(ends[1][k][2]);
                let share = over / largest(over + under, 1.0);
                met[k] = low[k] + smallest(largest(share, 0.0), 1.0) * (high[k] - low[k]);
            }
        } else {
            met = self.tops(&sight.places(&ground, &met));
            let codes = self.bilinear(&sight.places(&ground, &met));
            for (met, codes) in met.iter_mut().zip(codes) {
                *met = top.decode(codes[2]);
            }
        }
        let codes = self.bilinear(&sight.places(&ground, &met));
        let Codes {
            depth, brightness, ..
        } = self.codes;
        let places = start..start + count;
        let depths = columns.optical_depth[places.clone()].iter_mut();
        let out = depths
            .zip(&mut columns.brightness[places.clone()])
            .zip(&mut columns.top[places]);
        for (((out_depth, out_brightness), out_top), (codes, ground)) in
            out.zip(codes.iter().zip(ground))
        {
            let height = top.decode(codes[2]);
            // What would be below the ground does not count.
            let above = (height - ground) / largest(height - self.base, 1.0);
            let above = smallest(largest(above, 0.0), 1.0);
            *out_depth = depth.step * (HIGH * codes[0] + codes[1]) * above;
            *out_brightness = brightness.decode(codes[3]);
            *out_top = if *out_depth > 0.0 { height } else { 0.0 };
        }
    }

    /// Tops of the columns nearest to some places, metres.
    #[inline]
    fn tops(&self, [x, y]: &[[f32; RUN]; 2]) -> [f32; RUN] {
        let [width, height] = self.mesh.size;
        let columns = nearest_of(x, 0.0, width - 1);
        let rows = nearest_of(y, 0.0, height - 1);
        let mut tops = [0.0; RUN];
        for (top, (column, row)) in tops.iter_mut().zip(columns.iter().zip(&rows)) {
            let cell = self.cells[*row as usize * width + *column as usize];
            *top = self.codes.top.decode(f32::from(cell[2]));
        }
        tops
    }

    /// Codes at some places, bilinear between the centres of four cells.
    #[inline]
    fn bilinear(&self, [x, y]: &[[f32; RUN]; 2]) -> [[f32; 4]; RUN] {
        let [width, height] = self.mesh.size;
        let columns = nearest_of(x, HALF, width - 2);
        let rows = nearest_of(y, HALF, height - 2);
        let mut codes = [[0.0; 4]; RUN];
        for (k, codes) in codes.iter_mut().enumerate() {
            let (right, down) = (x[k] - columns[k] as f32, y[k] - rows[k] as f32);
            let first = rows[k] as usize * width + columns[k] as usize;
            let (upper, lower) = (
                &self.cells[first..first + 2],
                &self.cells[first + width..first + width + 2],
            );
            for (part, code) in codes.iter_mut().enumerate() {
                let part = |cells: &[Cell], side: usize| f32::from(cells[side][part]);
                let above = part(upper, 0) + right * (part(upper, 1) - part(upper, 0));
                let below = part(lower, 0) + right * (part(lower, 1) - part(lower, 0));
                *code = above + down * (below - above);
            }
        }
        codes
    }
}

/// The smaller of two numbers; unlike `f32::min` a single instruction.
#[inline]
fn smallest(a: f32, b: f32) -> f32 {
    if a < b { a } else { b }
}

/// The larger of two numbers.
#[inline]
fn largest(a: f32, b: f32) -> f32 {
    if a > b { a } else { b }
}

/// The whole numbers from 0 to `last` nearest to values less `offset`.
#[inline]
fn nearest_of(values: &[f32; RUN], offset: f32, last: usize) -> [i32; RUN] {
    // Next to 2^23 floats are whole, and their lowest bits count them: several at a time, unlike casts.
    const WHOLE: f32 = 8_388_608.0;
    let mut nearest = [0; RUN];
    for (nearest, value) in nearest.iter_mut().zip(values) {
        let value = smallest(largest(*value - offset, 0.0), last as f32);
        *nearest = (value + WHOLE).to_bits() as i32 - WHOLE.to_bits() as i32;
    }
    nearest
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

    /// Where the lines of all pixels are at heights above the sea, metres, or at the ground above.
    #[inline]
    fn places(&self, ground: &[f32; RUN], heights: &[f32; RUN]) -> [[f32; RUN]; 2] {
        let mut places = [[0.0; RUN]; 2];
        for k in 0..RUN {
            let rise = largest(heights[k] - ground[k], 0.0);
            [places[0][k], places[1][k]] = self.place(k as i32 as f32, rise);
        }
        places
    }
}

#[cfg(test)]
mod tests;
