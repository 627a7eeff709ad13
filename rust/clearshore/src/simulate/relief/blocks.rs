//! What rays need to know of blocks of ground, to skip them.

use super::cast::Ray;
use super::lattice::Lattice;

/// By how much a ray may become faster over the map on its way, as a factor.
const SPEED_MARGIN: f64 = 1.03;

/// What rays need to know of the blocks of one size.
#[derive(Clone, Debug)]
pub(super) struct Blocks {
    pub power: u32,
    pub columns: usize,
    pub rows: usize,
    pub blocks: Vec<Block>,
}

/// The highest and the lowest node of a block, metres, and the extremes of its slopes to the east and to
/// the south, metres per step.
#[derive(Clone, Copy, Debug)]
pub(super) struct Block {
    pub highest: i16,
    pub lowest: i16,
    pub east: [i16; 2],
    pub south: [i16; 2],
}

impl Block {
    pub const EMPTY: Self = Self {
        highest: i16::MIN,
        lowest: i16::MAX,
        east: [i16::MAX, i16::MIN],
        south: [i16::MAX, i16::MIN],
    };

    fn with(self, other: Self) -> Self {
        let range = |a: [i16; 2], b: [i16; 2]| [a[0].min(b[0]), a[1].max(b[1])];
        Self {
            highest: self.highest.max(other.highest),
            lowest: self.lowest.min(other.lowest),
            east: range(self.east, other.east),
            south: range(self.south, other.south),
        }
    }

    /// Whether the ground rises nowhere faster than a ray: one that comes in above it goes out above it.
    pub fn is_gentle(&self, ray: &Ray) -> bool {
        let rise = |range: [i16; 2], speed: f64| {
            let [least, most] = range.map(|slope| f64::from(slope) * speed);
            least.max(most)
        };
        let rise = rise(self.east, ray.first[0]) + rise(self.south, ray.first[1]);
        rise * SPEED_MARGIN <= ray.first[2]
    }
}

impl Blocks {
    pub fn new(lattice: &Lattice, power: u32) -> Self {
        let side = 1 << power;
        let columns = lattice.columns.div_ceil(side);
        let rows = lattice.rows.div_ceil(side);
        let mut blocks = vec![Block::EMPTY; columns * rows];
        for row in 0..lattice.rows {
            let below = lattice.row((row + 1).min(lattice.rows - 1));
            let nodes = lattice.row(row);
            let line = row / side * columns;
            for (column, block) in blocks[line..line + columns].iter_mut().enumerate() {
                let start = column * side;
                // A block's facets end on the first nodes of the next one.
                let end = (start + side + 1).min(lattice.columns);
                for (nodes, below) in [(nodes, below), (below, below)] {
                    let (nodes, below) = (&nodes[start..end], &below[start..end]);
                    for (node, below) in nodes.iter().zip(below) {
                        block.highest = block.highest.max(*node);
                        block.lowest = block.lowest.min(*node);
                        let south = below.saturating_sub(*node);
                        block.south = [block.south[0].min(south), block.south[1].max(south)];
                    }
                    for pair in nodes.windows(2) {
                        let east = pair[1].saturating_sub(pair[0]);
                        block.east = [block.east[0].min(east), block.east[1].max(east)];
                    }
                }
            }
        }
        Self {
            power,
            columns,
            rows,
            blocks,
        }
    }

    pub fn at(&self, column: usize, row: usize) -> &Block {
        &self.blocks[(row >> self.power) * self.columns + (column >> self.power)]
    }

    /// Whether a rectangle of block positions meets the lattice.
    pub fn touches(&self, columns: [f64; 2], rows: [f64; 2]) -> bool {
        columns[1] >= 0.0
            && rows[1] >= 0.0
            && columns[0] <= self.columns as f64
            && rows[0] <= self.rows as f64
    }

    /// The blocks in a rectangle of block positions as one.
    pub fn together(&self, columns: [f64; 2], rows: [f64; 2]) -> Block {
        let clip = |range: [f64; 2], count: usize| {
            let [first, last] = range.map(|position| (position.max(0.0) as usize).min(count - 1));
            first..=last
        };
        let columns = clip(columns, self.columns);
        clip(rows, self.rows)
            .flat_map(|row| &self.blocks[row * self.columns..][columns.clone()])
            .fold(Block::EMPTY, |all, block| all.with(*block))
    }
}
