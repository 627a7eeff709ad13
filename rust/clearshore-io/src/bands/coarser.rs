//! Averages by area onto a coarser grid, J2K tile by J2K tile.
//!
//! Samples are seen as cells: sample n of a low-pass with `spacing` native pixels covers the native
//! length `spacing` around the centre of native pixel `spacing` n, where the symmetric 5-3 low-pass has
//! its centre of weight. Its rounding adds a quarter DN on average in each direction of each step, which
//! is taken off again. A coarse pixel is the average of the cells that it overlaps, weighted by the
//! overlap; with spacing 1 that is the plain mean. Lengths are counted in half native pixels, so that all
//! weights are whole numbers.

use crate::jp2::{Jp2, split_grid};
use crate::window::Window;
use clearshore::scene::{NO_DATA_DN, SATURATED_DN};
use clearshore::{Error, Progress, Result};
use ndarray::{Array2, ArrayView1, ArrayView2, ArrayViewMut2, Axis, s};
use rayon::prelude::*;
use std::collections::BTreeMap;
use std::ops::Range;

/// No data in the low-pass is a square of zeros of this side: single zeros are what the wavelet makes
/// beside saturated pixels.
const NO_DATA_SIDE: usize = 3;
/// Low-pass samples around a tile that are searched for such a square. No data that touches the tile, or
/// comes so near that two wavelet steps (1.5 samples) reach into it, has a square within that distance.
const NO_DATA_MARGIN: usize = 3;

/// The reduction if the low-pass can stand in for the native pixels, else 0: all tiles must begin on a
/// low-pass sample and be cut alike at both resolutions.
pub(crate) fn usable(jp2: &Jp2, reduction: u8) -> u8 {
    let (tile_rows, tile_columns) = jp2.tile_size();
    let aligned =
        |length: usize, tile: usize| length <= tile || tile.is_multiple_of(1 << reduction);
    let fits = reduction <= jp2.reductions()
        && aligned(jp2.rows(), tile_rows)
        && aligned(jp2.columns(), tile_columns)
        && jp2.pieces(reduction).cut == jp2.pieces(0).cut;
    if fits { reduction } else { 0 }
}

/// The band on a grid `factor` times coarser, from the low-pass at `reduction` where that is usable.
pub(super) fn read(
    jp2: &Jp2,
    factor: usize,
    reduction: u8,
    progress: &dyn Progress,
) -> Result<Array2<u16>> {
    let mut coarse = Array2::zeros((jp2.rows() / factor, jp2.columns() / factor));
    let tiles = Tiles::new(jp2, factor);
    let targets: Vec<_> = tiles.split(&mut coarse).into_iter().enumerate().collect();
    let reduction = usable(jp2, reduction);
    let partials = if reduction == 0 {
        tiles.average_native(targets, progress, 1)?
    } else {
        let low_pass = jp2.read_plane(reduction, progress)?;
        let near_no_data = tiles.near_no_data(&low_pass, reduction);
        let (exact, fast): (Vec<_>, Vec<_>) = targets
            .into_iter()
            .partition(|(tile, _)| near_no_data[*tile]);
        let mut partials = tiles.average_native(exact, progress, 0)?;
        let fast: Vec<_> = fast
            .into_par_iter()
            .map(|(tile, target)| {
                progress.check()?;
                let samples = tiles.with_next(&low_pass, reduction, tile, &near_no_data);
                Ok(tiles.average(tile, samples.view(), 1 << reduction, target))
            })
            .collect::<Result<_>>()?;
        partials.extend(fast.into_iter().flatten());
        partials
    };
    let mut whole: BTreeMap<(usize, usize), Sum> = BTreeMap::new();
    for (pixel, part) in partials {
        whole
            .entry(pixel)
            .and_modify(|sum| *sum = sum.plus(&part))
            .or_insert(part);
    }
    for (pixel, sum) in whole {
        let target = coarse
            .get_mut(pixel)
            .ok_or_else(|| Error::internal("a coarse pixel outside its grid").at(jp2.label()))?;
        *target = sum.value(tiles.weight());
    }
    Ok(coarse)
}

/// Weighted sum of samples of one coarse pixel.
#[derive(Clone, Copy, Debug)]
struct Sum {
    sum: u32,
    least: u16,
    most: u16,
}

impl Sum {
    const NOTHING: Self = Self {
        sum: 0,
        least: u16::MAX,
        most: 0,
    };

    fn plus(&self, other: &Self) -> Self {
        Self {
            sum: self.sum + other.sum,
            least: self.least.min(other.least),
            most: self.most.max(other.most),
        }
    }

    fn value(&self, weight: u32) -> u16 {
        if self.least == NO_DATA_DN {
            NO_DATA_DN
        } else if self.most == SATURATED_DN {
            SATURATED_DN
        } else {
            ((self.sum + weight / 2) / weight).max(1) as u16
        }
    }
}

/// The means of whole blocks of `factor` x `factor` samples: what [`read`] gives without the low-pass.
pub(crate) fn block_means(
    samples: ArrayView2<'_, u16>,
    factor: usize,
    mut target: ArrayViewMut2<'_, u16>,
) {
    if factor == 1 {
        target.assign(&samples);
        return;
    }
    let mut sums = Sums::new(samples.ncols());
    let rows = samples.axis_chunks_iter(Axis(0), factor);
    for (mut line, rows) in target.outer_iter_mut().zip(rows) {
        sums.clear();
        for row in rows.outer_iter() {
            sums.add(row, 1);
        }
        let weights = vec![1; factor];
        for (column, pixel) in line.iter_mut().enumerate() {
            let sum = sums.weighted(column * factor, &weights);
            *pixel = sum.value((factor * factor) as u32);
        }
    }
}

/// Weighted sums down the columns of some rows of samples, kept apart so that a row is added at once.
struct Sums {
    sum: Vec<u32>,
    least: Vec<u16>,
    most: Vec<u16>,
}

impl Sums {
    fn new(columns: usize) -> Self {
        Self {
            sum: vec![0; columns],
            least: vec![0; columns],
            most: vec![0; columns],
        }
    }

    fn clear(&mut self) {
        self.sum.fill(Sum::NOTHING.sum);
        self.least.fill(Sum::NOTHING.least);
        self.most.fill(Sum::NOTHING.most);
    }

    fn add(&mut self, line: ArrayView1<'_, u16>, weight: u32) {
        let accumulated = self.sum.iter_mut().zip(&mut self.least).zip(&mut self.most);
        for (((sum, least), most), &dn) in accumulated.zip(line) {
            *sum += weight * u32::from(dn);
            *least = dn.min(*least);
            *most = dn.max(*most);
        }
    }

    /// The sum along columns from `first` on.
    fn weighted(&self, first: usize, weights: &[u32]) -> Sum {
        let mut total = Sum::NOTHING;
        let taken = self.sum[first..]
            .iter()
            .zip(&self.least[first..])
            .zip(&self.most[first..]);
        for (((sum, least), most), weight) in taken.zip(weights) {
            total.sum += weight * sum;
            total.least = total.least.min(*least);
            total.most = total.most.max(*most);
        }
        total
    }
}

/// The samples of a tile that a coarse row or column overlaps.
struct Taps {
    coarse: usize,
    first: usize,
    weights: Vec<u32>,
}

/// The taps of all coarse rows or columns that touch the native pixels `native` of a tile.
fn taps(native: &Range<usize>, spacing: usize, factor: usize, coarse_count: usize) -> Vec<Taps> {
    let touched = native.start / factor..native.end.div_ceil(factor).min(coarse_count);
    let cells = native.len().div_ceil(spacing) + 1;
    touched
        .map(|coarse| {
            // In half native pixels from the outer edge of the tile's first native pixel.
            let start = (2 * factor * coarse).saturating_sub(2 * native.start);
            let end = (2 * factor * (coarse + 1)).min(2 * native.end) - 2 * native.start;
            let overlap = |cell: usize| {
                let cell_end = 2 * spacing * cell + spacing + 1;
                let cell_start = cell_end.saturating_sub(2 * spacing);
                end.min(cell_end).saturating_sub(start.max(cell_start)) as u32
            };
            let first = (0..cells).find(|&cell| overlap(cell) > 0).unwrap_or(0);
            let weights = (first..cells).map(overlap).take_while(|&w| w > 0).collect();
            Taps {
                coarse,
                first,
                weights,
            }
        })
        .collect()
}

/// Coarse columns in a row that are made of two samples each, all with the same weights: most of a tile at half resolution.
struct Pairs {
    /// Which of the taps they are.
    columns: Range<usize>,
    /// The first sample of the first of them.
    first: usize,
    /// Their sum is a power of two.
    weights: [u32; 2],
}

impl Pairs {
    /// The longest row of such columns from the first one on that is in the tile's own.
    fn of(taps: &[Taps], own_first: usize, own_count: usize) -> Option<Self> {
        let is_own = |tap: &Taps| (own_first..own_first + own_count).contains(&tap.coarse);
        let start = taps.iter().position(is_own)?;
        let weights = <[u32; 2]>::try_from(taps[start].weights.as_slice())
            .ok()
            .filter(|weights| (weights[0] + weights[1]).is_power_of_two())?;
        let first = taps[start].first;
        let alike = taps[start..].iter().zip(first..);
        let count = alike
            .take_while(|(tap, sample)| {
                is_own(tap) && tap.first == *sample && tap.weights == weights
            })
            .count();
        Some(Self {
            columns: start..start + count,
            first,
            weights,
        })
    }

    /// Weight of a column.
    fn weight(&self) -> u32 {
        self.weights[0] + self.weights[1]
    }

    /// The pixels of the columns, as [`Tiles::average`] makes them one by one.
    fn fill<'t>(
        &self,
        sums: &Sums,
        row_weight: u32,
        spacing: usize,
        targets: impl Iterator<Item = &'t mut u16>,
    ) {
        let weight = row_weight * self.weight();
        let (half, shift) = (weight / 2, weight.trailing_zeros());
        let taken = half * spacing.ilog2();
        let of_pairs = self.first..self.first + self.columns.len() + 1;
        let sum = sums.sum[of_pairs.clone()].windows(2);
        let least = sums.least[of_pairs.clone()].windows(2);
        let most = sums.most[of_pairs].windows(2);
        for (((target, sum), least), most) in targets.zip(sum).zip(least).zip(most) {
            let total = self.weights[0] * sum[0] + self.weights[1] * sum[1];
            let mean = ((total.saturating_sub(taken) + half) >> shift).max(1) as u16;
            let is_saturated = most[0].max(most[1]) == SATURATED_DN;
            let known = if is_saturated { SATURATED_DN } else { mean };
            let is_unknown = least[0].min(least[1]) == NO_DATA_DN;
            *target = if is_unknown { NO_DATA_DN } else { known };
        }
    }
}

/// Whether there is a square of zeros.
fn has_no_data(low_pass: ArrayView2<'_, u16>) -> bool {
    let beyond = NO_DATA_SIDE - 1;
    (0..low_pass.nrows().saturating_sub(beyond)).any(|row| {
        let line = low_pass.row(row);
        let zero = |column: usize| line[column] == NO_DATA_DN;
        (0..low_pass.ncols().saturating_sub(beyond)).any(|column| {
            zero(column)
                && low_pass
                    .slice(s![row..=row + beyond, column..=column + beyond])
                    .iter()
                    .all(|&dn| dn == NO_DATA_DN)
        })
    })
}

/// A coarse pixel that lies on several tiles, and what one of them knows of it.
type Partial = ((usize, usize), Sum);

/// The J2K tiles of a file and a coarse grid over them.
struct Tiles<'a> {
    jp2: &'a Jp2,
    factor: usize,
    down: usize,
    across: usize,
}

impl<'a> Tiles<'a> {
    fn new(jp2: &'a Jp2, factor: usize) -> Self {
        let pieces = jp2.pieces(0);
        Self {
            jp2,
            factor,
            down: pieces.down,
            across: pieces.across,
        }
    }

    /// Weight of a whole coarse pixel.
    fn weight(&self) -> u32 {
        (4 * self.factor * self.factor) as u32
    }

    /// First coarse row and column that begins in a tile, and the end of them.
    fn own(&self, tile: usize) -> Window {
        let native = self.jp2.pieces(0).window(tile);
        let along = |start: usize, length: usize, count: usize| {
            let first = start.div_ceil(self.factor).min(count);
            (
                first,
                (start + length).div_ceil(self.factor).min(count) - first,
            )
        };
        let (row, rows) = along(native.row, native.rows, self.jp2.rows() / self.factor);
        let (column, columns) = along(
            native.column,
            native.columns,
            self.jp2.columns() / self.factor,
        );
        Window {
            row,
            column,
            rows,
            columns,
        }
    }

    /// The coarse plane in parts: to each tile the pixels that begin in it.
    fn split<'p>(&self, coarse: &'p mut Array2<u16>) -> Vec<ArrayViewMut2<'p, u16>> {
        let heights: Vec<usize> = (0..self.down)
            .map(|d| self.own(d * self.across).rows)
            .collect();
        let widths: Vec<usize> = (0..self.across).map(|a| self.own(a).columns).collect();
        split_grid(coarse.view_mut(), &heights, &widths)
    }

    /// Averages tiles decoded at full resolution.
    fn average_native(
        &self,
        targets: Vec<(usize, ArrayViewMut2<'_, u16>)>,
        progress: &dyn Progress,
        units: u64,
    ) -> Result<Vec<Partial>> {
        let average = |tile, target, planes: Vec<Array2<u16>>| {
            progress.advance(units);
            let samples = planes
                .first()
                .ok_or_else(|| Error::internal("no plane").at(self.jp2.label()))?;
            Ok(self.average(tile, samples.view(), 1, target))
        };
        let partials = self
            .jp2
            .decode_pieces(targets, &[0], 0, progress, average)?;
        Ok(partials.into_iter().flatten().collect())
    }

    /// Averages the samples of a tile: whole coarse pixels into `target`, the others are returned.
    fn average(
        &self,
        tile: usize,
        samples: ArrayView2<'_, u16>,
        spacing: usize,
        mut target: ArrayViewMut2<'_, u16>,
    ) -> Vec<Partial> {
        let own = self.own(tile);
        let native = self.jp2.pieces(0).window(tile);
        let along = |start: usize, length: usize, count: usize| {
            taps(
                &(start..start + length),
                spacing,
                self.factor,
                count / self.factor,
            )
        };
        let row_taps = along(native.row, native.rows, self.jp2.rows());
        let column_taps = along(native.column, native.columns, self.jp2.columns());
        let column_weights: Vec<u32> = column_taps.iter().map(|c| c.weights.iter().sum()).collect();
        let pairs = Pairs::of(&column_taps, own.column, own.columns);
        let mut partials = Vec::new();
        let mut sums = Sums::new(samples.ncols());
        for row in &row_taps {
            sums.clear();
            for (line, &weight) in samples.rows().into_iter().skip(row.first).zip(&row.weights) {
                sums.add(line, weight);
            }
            let row_weight: u32 = row.weights.iter().sum();
            let mut targets = row
                .coarse
                .checked_sub(own.row)
                .filter(|row| *row < own.rows)
                .map(|row| target.row_mut(row));
            let mut done = 0..0;
            if let (Some(targets), Some(pairs)) = (targets.as_mut(), &pairs)
                && row_weight * pairs.weight() == self.weight()
                && self.weight().is_power_of_two()
            {
                let first = column_taps[pairs.columns.start].coarse - own.column;
                let targets = targets.iter_mut().skip(first).take(pairs.columns.len());
                pairs.fill(&sums, row_weight, spacing, targets);
                done = pairs.columns.clone();
            }
            let rest = (0..done.start).chain(done.end..column_taps.len());
            for (column, column_weight) in rest.map(|at| (&column_taps[at], &column_weights[at])) {
                let mut total = sums.weighted(column.first, &column.weights);
                let weight = row_weight * column_weight;
                // Half a DN for each wavelet step; the weight of a native pixel is 4.
                total.sum = total.sum.saturating_sub(weight / 2 * spacing.ilog2());
                let place = column.coarse.wrapping_sub(own.column);
                match targets.as_mut().and_then(|targets| targets.get_mut(place)) {
                    Some(target) if weight == self.weight() => *target = total.value(weight),
                    _ => partials.push(((row.coarse, column.coarse), total)),
                }
            }
        }
        partials
    }

    /// Tiles with no data in them or beside them.
    fn near_no_data(&self, low_pass: &Array2<u16>, reduction: u8) -> Vec<bool> {
        let pieces = self.jp2.pieces(reduction);
        (0..self.down * self.across)
            .into_par_iter()
            .map(|tile| {
                let window = pieces.window(tile);
                let wider = |start: usize, length: usize, count: usize| {
                    let end = (start + length + NO_DATA_MARGIN).min(count);
                    start.saturating_sub(NO_DATA_MARGIN)..end
                };
                let rows = wider(window.row, window.rows, low_pass.nrows());
                let columns = wider(window.column, window.columns, low_pass.ncols());
                has_no_data(low_pass.slice(s![rows, columns]))
            })
            .collect()
    }

    /// The low-pass of a tile with one more row and column: those of the next tiles, or, where there is
    /// no tile or one near no data, the straight continuation of its own.
    fn with_next(
        &self,
        low_pass: &Array2<u16>,
        reduction: u8,
        tile: usize,
        near_no_data: &[bool],
    ) -> Array2<u16> {
        let Window {
            row,
            column,
            rows,
            columns,
        } = self.jp2.pieces(reduction).window(tile);
        let (down, right) = (tile / self.across, tile % self.across);
        let usable = |down: usize, right: usize| {
            down < self.down && right < self.across && !near_no_data[down * self.across + right]
        };
        let beyond = |last: u16, before: u16| {
            let continued = 2 * i32::from(last) - i32::from(before);
            continued.clamp(1, i32::from(SATURATED_DN) - 1) as u16
        };
        let mut samples = Array2::zeros((rows + 1, columns + 1));
        let own = low_pass.slice(s![row..row + rows, column..column + columns]);
        samples.slice_mut(s![..rows, ..columns]).assign(&own);
        for r in 0..rows {
            samples[[r, columns]] = if usable(down, right + 1) {
                low_pass[[row + r, column + columns]]
            } else {
                beyond(own[[r, columns - 1]], own[[r, columns.saturating_sub(2)]])
            };
        }
        for c in 0..=columns {
            let (known, at) = if c < columns {
                (usable(down + 1, right), column + c)
            } else {
                (usable(down + 1, right + 1), column + columns)
            };
            samples[[rows, c]] = if known {
                low_pass[[row + rows, at]]
            } else {
                beyond(samples[[rows - 1, c]], samples[[rows.saturating_sub(2), c]])
            };
        }
        samples
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn pairs_are_what_their_columns_are_one_by_one(
            start in 0..4_usize,
            lines in prop::collection::vec(
                prop::collection::vec(prop_oneof![8 => 1..5000_u16, 1 => Just(0), 1 => Just(65_535)], 33),
                2,
            ),
        ) {
            let native = 64 * start..64 * start + 64;
            let taps = taps(&native, 2, 2, 1000);
            let pairs = Pairs::of(&taps, 32 * start, 32).unwrap();
            prop_assert_eq!(pairs.columns.clone(), 0..32);
            let mut sums = Sums::new(33);
            sums.clear();
            for (line, weight) in lines.iter().zip([3, 1]) {
                sums.add(ArrayView1::from(line), weight);
            }
            let mut fast = [0; 32];
            pairs.fill(&sums, 4, 2, fast.iter_mut());
            for (tap, fast) in taps.iter().zip(fast) {
                let mut sum = sums.weighted(tap.first, &tap.weights);
                sum.sum = sum.sum.saturating_sub(8);
                prop_assert_eq!(fast, sum.value(16));
            }
        }
    }
}
