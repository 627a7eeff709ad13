//! Where patches lie on a raster.

use super::contract::{Blending, Edges, NetworkContract};
use ndarray::{Array2, s};
use std::collections::HashSet;
use std::ops::Range;

/// A patch, and what of the raster it answers for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Patch {
    /// Row and column of its first pixel; negative where it begins before the raster.
    pub(super) corner: (isize, isize),
    /// Rows and columns of the raster for which it counts.
    pub(super) rows: Range<usize>,
    pub(super) columns: Range<usize>,
}

/// Patches that together see every pixel with data, row by row; none without data.
pub(super) fn plan(contract: &NetworkContract, known: &Array2<bool>) -> Vec<Patch> {
    let (height, width) = known.dim();
    let columns = starts(contract, width);
    let mut seen = HashSet::new();
    let mut patches = Vec::new();
    for (index, row) in segments(contract, starts(contract, height), height).enumerate() {
        let columns = if contract.staggered && index % 2 == 1 {
            earlier(contract, width)
        } else {
            columns.clone()
        };
        for column in segments(contract, columns, width) {
            let patch = Patch {
                corner: (row.start, column.start),
                rows: row.counts.clone(),
                columns: column.counts,
            };
            let Some(patch) = placed(contract, patch, known) else {
                continue;
            };
            if seen.insert(patch.corner) {
                patches.push(patch);
            }
        }
    }
    patches
}

/// A patch along one axis.
struct Segment {
    start: isize,
    counts: Range<usize>,
}

fn segments(
    contract: &NetworkContract,
    starts: Vec<isize>,
    count: usize,
) -> impl Iterator<Item = Segment> {
    let (patch, cropped) = (contract.patch as isize, contract.blending == Blending::Crop);
    let on_raster = move |at: isize| at.clamp(0, count as isize) as usize;
    // The middle of what two patches share.
    let middle = move |first: isize, second: isize| second + (first + patch - second) / 2;
    (0..starts.len()).map(move |index| {
        let start = starts[index];
        let before = index.checked_sub(1).map(|before| starts[before]);
        let after = starts.get(index + 1);
        let (mut from, mut to) = (start, start + patch);
        if cropped {
            from = before.map_or(from, |before| middle(before, start));
            to = after.map_or(to, |after| middle(start, *after));
        }
        Segment {
            start,
            counts: on_raster(from)..on_raster(to),
        }
    })
}

/// First pixels of the patches along an axis, ascending.
fn starts(contract: &NetworkContract, count: usize) -> Vec<isize> {
    let positions = (0..).map(|index| (index * contract.step()) as isize);
    match contract.edges {
        Edges::Mirror { lead } => positions
            .map(|position| position - lead as isize)
            .take_while(|start| *start < count as isize)
            .collect(),
        Edges::Slide => {
            let last = last_start(contract, count);
            let mut starts: Vec<_> = positions.take_while(|start| *start < last).collect();
            starts.push(last);
            starts
        }
    }
}

/// [`starts`] of every second row: half a step earlier, the first one at the edge.
fn earlier(contract: &NetworkContract, count: usize) -> Vec<isize> {
    let (step, last) = (contract.step() as isize, last_start(contract, count));
    let mut starts: Vec<_> = (0..)
        .map(|index| (index * step - step / 2).max(0))
        .take_while(|start| *start < last)
        .collect();
    starts.push(last);
    starts
}

fn last_start(contract: &NetworkContract, count: usize) -> isize {
    count.saturating_sub(contract.patch) as isize
}

/// A patch with data in it, moved off what has none where the contract says so; `None` without data.
fn placed(contract: &NetworkContract, mut patch: Patch, known: &Array2<bool>) -> Option<Patch> {
    let (height, width) = known.dim();
    let on_raster = |start: isize, count: usize| {
        start.clamp(0, count as isize) as usize
            ..(start + contract.patch as isize).clamp(0, count as isize) as usize
    };
    let data_in = |rows: Range<usize>, columns: Range<usize>| {
        known.slice(s![rows, columns]).iter().any(|known| *known)
    };
    let (rows, columns) = (
        on_raster(patch.corner.0, height),
        on_raster(patch.corner.1, width),
    );
    if !data_in(rows.clone(), columns.clone()) {
        return None;
    }
    if contract.avoid_no_data {
        let rows = moved(rows, height, |row| data_in(row..row + 1, columns.clone()));
        let columns = moved(columns, width, |column| {
            data_in(rows.clone(), column..column + 1)
        });
        patch = Patch {
            corner: (rows.start as isize, columns.start as isize),
            rows,
            columns,
        };
    }
    Some(patch)
}

/// A range moved until its first element has data, or else until its last has, as far as the axis goes.
fn moved(mut range: Range<usize>, count: usize, has_data: impl Fn(usize) -> bool) -> Range<usize> {
    if range.end < count && !has_data(range.start) {
        while range.end < count && !has_data(range.start) {
            range = range.start + 1..range.end + 1;
        }
    } else {
        while range.start > 0 && !has_data(range.end - 1) {
            range = range.start - 1..range.end - 1;
        }
    }
    range
}

/// Which pixel of the raster each pixel of a patch shows, along one axis; `None` outside.
pub(super) fn shown(contract: &NetworkContract, start: isize, count: usize) -> Vec<Option<usize>> {
    let count = count as isize;
    let positions = start..start + contract.patch as isize;
    positions
        .map(|position| match contract.edges {
            Edges::Slide => (0..count).contains(&position).then_some(position as usize),
            Edges::Mirror { .. } => {
                let in_period = position.rem_euclid(2 * count);
                Some(in_period.min(2 * count - 1 - in_period) as usize)
            }
        })
        .collect()
}

#[cfg(test)]
mod tests;
