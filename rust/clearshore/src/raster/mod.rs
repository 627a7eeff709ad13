//! The few pixel tools that several detectors share.

mod distance;
mod filling;
mod histogram;
mod objects;
mod strips;

pub use distance::within_distance;
pub use filling::fill_hollows;
pub use histogram::{Histogram, ValueHistogram};
pub use objects::{Objects, Run};
pub use strips::{fill_strips, fold_strips, places_from, strip_count};

/// Whether `is` holds for a pixel (row, column) or any of its eight neighbours within the `shape`.
pub fn any_around(
    (rows, columns): (usize, usize),
    (row, column): (usize, usize),
    is: impl Fn(usize, usize) -> bool,
) -> bool {
    (row.saturating_sub(1)..(row + 2).min(rows)).any(|row| {
        (column.saturating_sub(1)..(column + 2).min(columns)).any(|column| is(row, column))
    })
}
