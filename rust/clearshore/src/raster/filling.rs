//! Hollows filled up to the rim over which they would run out: morphological reconstruction by erosion.
//!
//! Sources: L. Vincent, *Morphological grayscale reconstruction in image analysis*, IEEE Trans. Image Process. 2 (1993)
//! 176-201, for what it is; R. Barnes, C. Lehman, D. Mulla, *Priority-flood*, Computers & Geosciences 62 (2014) 117-127, for
//! how: the flood comes in from the border, the lowest pixel first, and never falls.

use ndarray::{Array2, s};

/// Heights are whole numbers below this.
pub const LEVELS: usize = 1 << 16;

/// Fills the hollows of a raster: each pixel is raised to the least height over which a path of neighbouring pixels (of
/// eight) leads out of the raster. Outside, and at pixels of [`u16::MAX`], which stand for what is not known, the flood
/// stands at `outside`. Pixels that are not known stay so.
pub fn fill_hollows(heights: &Array2<u16>, outside: u16) -> Array2<u16> {
    let (rows, columns) = heights.dim();
    // A frame of what is not known: every pixel of the raster has eight neighbours.
    let mut framed = Array2::from_elem((rows + 2, columns + 2), u16::MAX);
    let inside = s![1..=rows, 1..=columns];
    framed.slice_mut(inside).assign(heights);
    if let Some(levels) = framed.as_slice_mut() {
        flood(levels, columns + 2, outside);
    }
    framed.slice(inside).to_owned()
}

/// Fills a framed raster with so many pixels a line.
fn flood(levels: &mut [u16], width: usize, outside: u16) {
    let heights = levels.to_vec();
    let is_known = |pixel: usize| heights[pixel] != u16::MAX;
    let mut waiting = Flood::new();
    let mut come = vec![true; heights.len()];
    for pixel in (0..heights.len()).filter(|&pixel| is_known(pixel)) {
        if neighbours(pixel, width).all(is_known) {
            come[pixel] = false;
        } else {
            levels[pixel] = heights[pixel].max(outside);
            waiting.push(pixel, levels[pixel]);
        }
    }
    while let Some((pixel, level)) = waiting.pop() {
        for other in neighbours(pixel, width) {
            if !come[other] {
                come[other] = true;
                levels[other] = heights[other].max(level);
                waiting.push(other, levels[other]);
            }
        }
    }
}

/// The eight neighbours of a pixel within the frame.
fn neighbours(pixel: usize, width: usize) -> impl Iterator<Item = usize> {
    let (above, below) = (pixel - width, pixel + width);
    [
        above - 1,
        above,
        above + 1,
        pixel - 1,
        pixel + 1,
        below - 1,
        below,
        below + 1,
    ]
    .into_iter()
}

/// Pixels to flood from, the lowest first.
struct Flood {
    /// Pixels by level.
    waiting: Vec<Vec<u32>>,
    level: usize,
}

impl Flood {
    fn new() -> Self {
        Self {
            waiting: vec![Vec::new(); LEVELS],
            level: 0,
        }
    }

    fn push(&mut self, pixel: usize, level: u16) {
        self.waiting[usize::from(level)].push(pixel as u32);
        self.level = self.level.min(usize::from(level));
    }

    fn pop(&mut self) -> Option<(usize, u16)> {
        while self.level < LEVELS {
            if let Some(pixel) = self.waiting[self.level].pop() {
                return Some((pixel as usize, self.level as u16));
            }
            // The flood never falls back: the room is free.
            self.waiting[self.level] = Vec::new();
            self.level += 1;
        }
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;
    use proptest::prelude::*;

    /// The obvious twin: lower everything until nothing changes.
    fn by_repetition(heights: &Array2<u16>, outside: u16) -> Array2<u16> {
        let (rows, columns) = heights.dim();
        let mut filled = Array2::from_elem(heights.dim(), u16::MAX - 1);
        loop {
            let before = filled.clone();
            for ((row, column), level) in filled.indexed_iter_mut() {
                if heights[[row, column]] == u16::MAX {
                    *level = u16::MAX;
                    continue;
                }
                let mut lowest = u16::MAX;
                for down in -1..=1_isize {
                    for right in -1..=1_isize {
                        let at = (
                            row.wrapping_add_signed(down),
                            column.wrapping_add_signed(right),
                        );
                        let inside = at.0 < rows && at.1 < columns;
                        let known = inside && heights[at] != u16::MAX;
                        lowest = lowest.min(if known { before[at] } else { outside });
                    }
                }
                *level = lowest.max(heights[[row, column]]);
            }
            if filled == before {
                return filled;
            }
        }
    }

    #[test]
    fn a_hollow_fills_to_its_lowest_rim() {
        let heights = array![
            [9, 9, 9, 9, 9],
            [9, 2, 3, 5, 9],
            [9, 2, 9, 1, 4],
            [9, 9, 9, 9, 9]
        ];
        let filled = fill_hollows(&heights, 0);
        assert_eq!(filled.row(1).to_vec(), [9, 4, 4, 5, 9]);
        assert_eq!(filled.row(2).to_vec(), [9, 4, 9, 4, 4]);
        // From outside the flood stands higher.
        assert_eq!(fill_hollows(&heights, 6)[[1, 1]], 6);
        assert_eq!(fill_hollows(&heights, 6)[[2, 4]], 6);
    }

    #[test]
    fn what_is_not_known_is_outside() {
        let mut heights = Array2::from_elem((5, 5), 8);
        heights[[2, 2]] = 1;
        assert_eq!(fill_hollows(&heights, 3)[[2, 2]], 8);
        heights[[1, 1]] = u16::MAX;
        let filled = fill_hollows(&heights, 3);
        assert_eq!((filled[[2, 2]], filled[[1, 1]]), (3, u16::MAX));
    }

    proptest! {
        #[test]
        fn it_is_what_repetition_gives(
            rows in 1..12_usize,
            columns in 1..12_usize,
            outside in 0..8_u16,
            values in prop::collection::vec(prop_oneof![6 => 0..9_u16, 1 => Just(u16::MAX)], 144),
        ) {
            let heights = Array2::from_shape_fn((rows, columns), |(r, c)| values[r * 12 + c]);
            prop_assert_eq!(fill_hollows(&heights, outside), by_repetition(&heights, outside));
        }
    }
}
