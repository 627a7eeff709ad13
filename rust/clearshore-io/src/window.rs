//! A rectangle of a raster.

use clearshore::{Error, Result};

/// A rectangle of a raster, in pixels of the resolution it is read at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// First row.
    pub row: usize,
    /// First column.
    pub column: usize,
    /// Number of rows.
    pub rows: usize,
    /// Number of columns.
    pub columns: usize,
}

impl Window {
    /// How many rows two windows share.
    pub(crate) fn shared_rows(&self, other: &Self) -> usize {
        let end = (self.row + self.rows).min(other.row + other.rows);
        end.saturating_sub(self.row.max(other.row))
    }

    /// How many columns two windows share.
    pub(crate) fn shared_columns(&self, other: &Self) -> usize {
        let end = (self.column + self.columns).min(other.column + other.columns);
        end.saturating_sub(self.column.max(other.column))
    }

    /// Checks that it lies on a raster of (rows, columns), and that `samples` are as many as its pixels.
    ///
    /// # Errors
    /// Parameter.
    pub fn check(&self, (rows, columns): (usize, usize), samples: usize) -> Result<()> {
        let within = |first: usize, count: usize, all: usize| {
            first.checked_add(count).is_some_and(|end| end <= all)
        };
        if !within(self.column, self.columns, columns) || !within(self.row, self.rows, rows) {
            return Err(Error::parameter("the rectangle leaves the raster")
                .got(format!(
                    "{} x {} pixels from column {}, row {}",
                    self.columns, self.rows, self.column, self.row
                ))
                .expected(format!("within {columns} x {rows}")));
        }
        if self.rows.checked_mul(self.columns) != Some(samples) {
            return Err(
                Error::parameter("the array has another size than the rectangle")
                    .got(samples)
                    .expected(format!("{} x {}", self.columns, self.rows)),
            );
        }
        Ok(())
    }
}
