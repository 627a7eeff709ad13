//! What the march and the facets say of the ground between the lines' samples: one byte for many pixels.

use super::ground::{Ground, Segment};
use super::incidence::{AWAY, Facing};
use super::spot::Spot;
use super::surface::Surface;

/// The line of sight is blocked, as [`super::super::Relief::CAST`].
pub const CAST: u8 = 1;
/// The slope faces away, as [`super::super::Relief::SELF`].
pub const SELF: u8 = 1 << 1;
/// Whether the line of sight is blocked is for the pixel's own ray to say.
pub const DOUBT: u8 = 1 << 2;
/// Whether the slope faces away is for the pixel's own facet to say.
pub const MIXED: u8 = 1 << 3;
/// The whole of the sun's disc is visible.
pub const VISIBLE: u8 = 1 << 4;
/// None of it is.
pub const HIDDEN: u8 = 1 << 5;

/// At a sample the line of sight is blocked.
pub const DARK: u8 = 1;
/// It is not.
pub const LIT: u8 = 1 << 1;
/// The shadow ends so near to the ground that an error of the march may matter.
pub const UNSURE: u8 = 1 << 2;

/// Samples by node, where nodes are farther apart: own rays near the ends of shadows make up for what fewer would miss.
const SAMPLES: f64 = 4.0;
/// Samples need not be nearer to each other than this, metres, nor than nodes: memory grows by their number.
const LEAST_DISTANCE: f64 = 5.0;
/// Fractions of a place in the lattice by whole.
const FRACTIONS: f64 = (1_u64 << 32) as f64;
/// Columns at the ends of a line of samples that have no neighbours.
const EDGE: usize = 3;

/// Where the march looks: at sub-rows between the rows of nodes, and along lines between their columns, by their phase
/// between two columns; those of a phase lie side by side.
#[derive(Clone, Debug)]
pub struct Lattice {
    /// The first row.
    pub first_row: usize,
    /// Sub-rows in all.
    pub sub_rows: usize,
    /// Sub-rows by row.
    pub by_row: usize,
    /// Lines by column.
    pub phases: usize,
    /// Lines of a phase.
    pub stride: usize,
    /// Name of the first line.
    pub first_line: f64,
    /// Metres between samples.
    pub distance: f64,
}

impl Lattice {
    /// Over a block.
    pub fn new(ground: &Ground) -> Self {
        let (along, across) = ground.node_distance;
        let node = along.max(across);
        let distance = (node / SAMPLES).max(LEAST_DISTANCE.min(node));
        let count = |nodes: f64| (nodes / distance).round().max(1.0) as usize;
        let (by_row, phases) = (count(along), count(across));
        let rows = ground.rows();
        let (first_line, last_line) = ground.lines();
        Self {
            first_row: rows.start,
            sub_rows: rows.len() * by_row,
            by_row,
            phases,
            stride: (last_line - first_line) as usize + 1 + EDGE,
            first_line,
            distance,
        }
    }

    /// Samples of a sub-row.
    pub fn width(&self) -> usize {
        self.phases * self.stride
    }

    /// The samples of a sub-row that lie so many lines beside those of a phase, from the second of the phase's.
    fn beside<'a>(&self, samples: &'a [u8], phase: usize, lines: isize) -> &'a [u8] {
        let line = phase as isize + lines;
        let phases = self.phases as isize;
        let first = 1 + line.div_euclid(phases);
        let start = line.rem_euclid(phases) as usize * self.stride;
        &samples[start..][..self.stride][first as usize..][..self.stride - EDGE]
    }

    /// [`CAST`] or [`DOUBT`] for the cells between the second and the third of four sub-rows of samples.
    pub fn settle(&self, samples: &[Vec<u8>; 4], cells: &mut [u8]) {
        let [before, first, second, after] = samples;
        let two: Vec<u8> = first.iter().zip(second).map(|(a, b)| a | b).collect();
        let beyond = before.iter().zip(after).map(|(a, b)| a | b);
        let four: Vec<u8> = beyond.zip(&two).map(|(a, b)| a | b).collect();
        for (phase, cells) in cells.chunks_exact_mut(self.stride).enumerate() {
            let [left, right] = [0, 1].map(|line| self.beside(&two, phase, line));
            let [a, b, c, d] = [-1, 0, 1, 2].map(|line| self.beside(&four, phase, line));
            let cells = &mut cells[1..][..left.len()];
            for i in 0..cells.len() {
                cells[i] = settled(left[i] | right[i], a[i] | b[i] | c[i] | d[i]);
            }
        }
    }

    /// Adds what the facets say to the cells: [`SELF`], [`MIXED`], or [`DOUBT`].
    pub fn add_facets(&self, cells: &mut [u8], ground: &Ground, surface: &Surface) {
        let facing = Facing::new(ground);
        let mut facets = vec![0; surface.dim().1];
        for (sub_row, cells) in cells.chunks_exact_mut(self.width()).enumerate() {
            let row = self.first_row + sub_row / self.by_row;
            if sub_row % self.by_row == 0 {
                facing.tell(surface.row(row), surface.row(row + 1), &mut facets);
            }
            let along = |sub_row| self.along(sub_row);
            let (first, last) = (
                ground.shift(along(sub_row)),
                ground.shift(along(sub_row + 1)),
            );
            for (phase, cells) in cells.chunks_exact_mut(self.stride).enumerate() {
                let line = self.first_line + phase as f64 / self.phases as f64;
                let left = (line + first.min(last)).floor() as isize;
                let right = (line + 1.0 / self.phases as f64 + first.max(last)).floor() as isize;
                let inside =
                    (-left).max(0) as usize..(facets.len() as isize - right).max(0) as usize;
                let inside = inside.start..inside.end.min(cells.len()).max(inside.start);
                let count = inside.len();
                let first = (left + inside.start as isize) as usize;
                let mut found = vec![0; count];
                for column in 0..=(right - left) as usize {
                    let facets = &facets[first + column..][..count];
                    for (found, facet) in found.iter_mut().zip(facets) {
                        *found |= facet;
                    }
                }
                for (cell, found) in cells[inside].iter_mut().zip(found) {
                    *cell |= (u8::from(found == AWAY) * SELF) | (both(found) * MIXED);
                    // Where the slope faces away, its own crest blocks the light, unless that is nearer than the
                    // tolerance.
                    *cell |= u8::from(*cell & (CAST | SELF) == SELF) * DOUBT;
                }
            }
        }
    }

    /// Adds what the settled cells for the sun's lower and upper limb say: [`VISIBLE`] and [`HIDDEN`].
    pub fn add_limbs(cells: &mut [u8], lower: &[u8], upper: &[u8]) {
        for ((cell, lower), upper) in cells.iter_mut().zip(lower).zip(upper) {
            let is_visible = u8::from(lower & (CAST | DOUBT) == 0);
            let is_hidden = u8::from(upper & (CAST | DOUBT) == CAST);
            *cell |= (is_visible * VISIBLE) | (is_hidden * HIDDEN);
        }
    }

    /// Row of a sub-row.
    pub fn along(&self, sub_row: usize) -> f64 {
        self.first_row as f64 + sub_row as f64 / self.by_row as f64
    }

    /// The bytes of the cells that the pixels of a segment lie in.
    pub fn read(&self, cells: &[u8], ground: &Ground, segment: &Segment, codes: &mut Vec<u8>) {
        // Positions change evenly within a segment: whole numbers of 2^-32 sub-rows and lines.
        let place = |spot: &Spot| {
            let (along, across) = (f64::from(spot.position.0), f64::from(spot.position.1));
            let line = across - ground.shift(along) - self.first_line;
            let sub_row = self.by_row as f64 * (along - self.first_row as f64);
            [sub_row, line].map(|place| (place * FRACTIONS) as i64 as u64)
        };
        let count = segment.columns.len();
        let first = place(&segment.start);
        let last = place(&segment.at(count));
        let change = |i: usize| last[i].wrapping_sub(first[i]) as i64 / count.max(1) as i64;
        let (by_sub_row, by_line) = (change(0) as u64, change(1) as u64);
        let [mut sub_row, mut line] = first;
        let (width, stride, phases) = (self.width(), self.stride, self.phases as u64);
        codes.clear();
        codes.extend((0..count).map(|_| {
            let phase = (u64::from(line as u32) * phases) >> 32;
            let cell =
                (sub_row >> 32) as usize * width + phase as usize * stride + (line >> 32) as usize;
            sub_row = sub_row.wrapping_add(by_sub_row);
            line = line.wrapping_add(by_line);
            cells.get(cell).copied().unwrap_or(DOUBT | MIXED)
        }));
    }
}

/// 1 where the two lowest bits are set.
#[inline]
fn both(bits: u8) -> u8 {
    bits & (bits >> 1) & 1
}

/// A cell by what its corners, and all samples beside them, have.
#[inline]
fn settled(corners: u8, around: u8) -> u8 {
    let is_unknown = !(corners | (corners >> 1)) & 1;
    let is_unsure = both(around) & (corners >> 2);
    (corners & DARK) | ((both(corners) | is_unsure | is_unknown) << 2)
}
