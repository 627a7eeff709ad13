//! Statistics of the detectors' stripes: rows are looked at together, in parallel and stoppable.

use crate::{Progress, Result};
use rayon::prelude::*;

/// Detector numbers, 1 to 12, and 0, which stands for all of them.
pub(super) const DETECTORS: usize = 13;
/// Rows of a piece of work; a multiple of [`ROW_STEP`].
const ROWS: usize = 64;

/// Every so many rows are looked at: percentiles need no more (own choice).
const ROW_STEP: usize = 4;

/// Folds every fourth row of a (rows, columns) plane into one sum. `each` gets room for one number a column.
///
/// # Errors
/// Cancelled.
pub(super) fn over_rows<S: Send>(
    (rows, columns): (usize, usize),
    progress: &dyn Progress,
    empty: impl Fn() -> S + Sync + Send,
    each: impl Fn(&mut S, usize, &mut [f32]) + Sync,
    merge: impl Fn(S, S) -> S + Sync + Send,
) -> Result<S> {
    let firsts: Vec<usize> = (0..rows).step_by(ROWS).collect();
    firsts
        .into_par_iter()
        .try_fold(&empty, |mut sum, first| {
            progress.check()?;
            let mut space = vec![f32::NAN; columns];
            for row in (first..rows.min(first + ROWS)).step_by(ROW_STEP) {
                each(&mut sum, row, &mut space);
            }
            Ok(sum)
        })
        .try_reduce(&empty, |a, b| Ok(merge(a, b)))
}
