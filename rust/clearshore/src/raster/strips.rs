//! Passes over all pixels, in parallel and stoppable. How pixels fall into strips never shows in a result:
//! strips only fill their own pixels or count whole numbers.

use crate::{Progress, Result};
use ndarray::Array2;
use rayon::prelude::*;
use std::ops::Range;

/// Pixels of a strip: small enough to stop within milliseconds, large enough to cost nothing.
const STRIP_PIXELS: usize = 1 << 17;

/// How many strips a pass over so many pixels has: the units of work that it reports.
pub fn strip_count(pixels: usize) -> u64 {
    pixels.div_ceil(STRIP_PIXELS) as u64
}

/// Calls `each` with the index of the first pixel and the pixels of every strip of a plane.
pub fn fill_strips<T: Send>(
    plane: &mut Array2<T>,
    progress: &dyn Progress,
    each: impl Fn(usize, &mut [T]) + Sync,
) -> Result<()> {
    plane
        .as_slice_mut()
        .unwrap_or_default()
        .par_chunks_mut(STRIP_PIXELS)
        .enumerate()
        .try_for_each(|(strip, pixels)| {
            progress.check()?;
            each(strip * STRIP_PIXELS, pixels);
            progress.advance(1);
            Ok(())
        })
}

/// Rows and columns of the pixels from `first` on, row by row: nothing is divided but the first.
pub fn places_from(first: usize, columns: usize) -> impl Iterator<Item = (usize, usize)> {
    let start = (first / columns.max(1), first % columns.max(1));
    std::iter::successors(Some(start), move |&(row, column)| {
        Some(if column + 1 < columns {
            (row, column + 1)
        } else {
            (row + 1, 0)
        })
    })
}

/// Folds the pixel indices `0..pixels`, strip by strip, into one accumulator.
pub fn fold_strips<S: Send>(
    pixels: usize,
    progress: &dyn Progress,
    empty: impl Fn() -> S + Sync + Send,
    each: impl Fn(&mut S, Range<usize>) + Sync + Send,
    merge: impl Fn(S, S) -> S + Sync + Send,
) -> Result<S> {
    (0..pixels.div_ceil(STRIP_PIXELS))
        .into_par_iter()
        .try_fold(&empty, |mut sum, strip| {
            progress.check()?;
            let first = strip * STRIP_PIXELS;
            each(&mut sum, first..(first + STRIP_PIXELS).min(pixels));
            progress.advance(1);
            Ok(sum)
        })
        .try_reduce(&empty, |a, b| Ok(merge(a, b)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_quotients_and_remainders() {
        for columns in [1, 2, 7] {
            for first in [0, 1, 6, 7, 20] {
                for (pixel, place) in (first..first + 30).zip(places_from(first, columns)) {
                    assert_eq!(place, (pixel / columns, pixel % columns));
                }
            }
        }
    }
}
