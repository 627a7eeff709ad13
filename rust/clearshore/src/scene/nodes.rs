//! Where the nodes of a coarse grid lie.

/// Nodes at equal distances, given from the upper-left corner of the scene's grid, which is that of the tile.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Nodes {
    /// How far row 0 lies below the corner, metres: 0 in a product's metadata.
    pub first_row: f64,
    /// How far column 0 lies right of the corner, metres: 0 in a product's metadata.
    pub first_column: f64,
    /// Distance between rows, metres.
    pub row_step: f64,
    /// Distance between columns, metres.
    pub column_step: f64,
}

/// A node (row, column) and its weight, 0 to 1.
pub type WeightedNode = ((usize, usize), f64);

impl Nodes {
    /// With its first node on the corner, and steps in metres.
    pub const fn from_corner(row_step: f64, column_step: f64) -> Self {
        Self {
            first_row: 0.0,
            first_column: 0.0,
            row_step,
            column_step,
        }
    }

    /// How far right of and below the corner a node lies, metres.
    pub fn place(&self, row: usize, column: usize) -> (f64, f64) {
        (
            self.first_column + column as f64 * self.column_step,
            self.first_row + row as f64 * self.row_step,
        )
    }

    /// The nodes around a point, of (rows, columns), and the weights of bilinear interpolation; nodes without
    /// weight are left out. Points outside take the nearest edge.
    pub fn around(
        &self,
        (rows, columns): (usize, usize),
        (east, south): (f64, f64),
    ) -> impl Iterator<Item = WeightedNode> {
        let split = |position: f64, count: usize| {
            let clamped = position.clamp(0.0, count.saturating_sub(1) as f64);
            let first = (clamped.floor() as usize).min(count.saturating_sub(2));
            (first, clamped - first as f64)
        };
        let (row, down) = split((south - self.first_row) / self.row_step, rows);
        let (column, right) = split((east - self.first_column) / self.column_step, columns);
        [
            ((row, column), (1.0 - down) * (1.0 - right)),
            ((row, column + 1), (1.0 - down) * right),
            ((row + 1, column), down * (1.0 - right)),
            ((row + 1, column + 1), down * right),
        ]
        .into_iter()
        .filter(move |((r, c), weight)| *weight != 0.0 && *r < rows && *c < columns)
    }
}
