//! Where a mesh has anything at all.

/// Cells along the side of a block: a block is either empty or looked into.
pub(super) const BLOCK: usize = 16;

/// Blocks with cloud, counted from the upper-left corner on, so that a rectangle takes four look-ups.
pub(super) struct Blocks {
    width: usize,
    height: usize,
    sums: Vec<u32>,
}

impl Blocks {
    /// Lines of blocks from above, each as wide as the first.
    pub fn new<'a>(lines: impl Iterator<Item = &'a [bool]>) -> Self {
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
    pub fn any(&self, from: [f32; 2], to: [f32; 2]) -> bool {
        let block = |place: f32, count: usize| (place.max(0.0) as usize / BLOCK).min(count - 1);
        let [left, right] = [from[0], to[0] + 1.0].map(|place| block(place, self.width));
        let [upper, lower] = [from[1], to[1] + 1.0].map(|place| block(place, self.height));
        let sum = |row: usize, column: usize| self.sums[row * (self.width + 1) + column];
        sum(lower + 1, right + 1) + sum(upper, left) > sum(upper, right + 1) + sum(lower + 1, left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_counted_in_rectangles() {
        let lines = [[false, true, false], [false, false, true]];
        let blocks = Blocks::new(lines.iter().map(|line| line.as_slice()));
        for top in 0..2 {
            for left in 0..3 {
                for (bottom, right) in (top..2).flat_map(|b| (left..3).map(move |r| (b, r))) {
                    let expected = (top..=bottom).any(|row| (left..=right).any(|c| lines[row][c]));
                    let place = |block: usize| (block * BLOCK) as f32 + 2.0;
                    let found =
                        blocks.any([place(left), place(top)], [place(right), place(bottom)]);
                    assert_eq!(found, expected, "{top} {left} {bottom} {right}");
                }
            }
        }
    }
}
