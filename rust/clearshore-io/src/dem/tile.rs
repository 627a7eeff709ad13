//! CGIAR's tiles of SRTM, which have no data in the sea: there it is told from voids.
//!
//! The tiles' voids on land are filled by their makers; what is left of them is small or, as in coarser copies that
//! users make, stands in the mountains. So a region without data is sea when the ground along its rim is low, or when
//! it is as large as no void.

use super::check_nodes;
use super::raster::{Heights, Nodes, Raster};
use crate::geotiff::GeoTiff;
use crate::window::Window;
use clearshore::Result;
use ndarray::{Array2, ArrayView1};
use std::ops::Range;
use std::path::Path;

/// Ground at the sea is no higher than this, metres: 96 % of the nodes beside the sea at the Riviera, a steep coast
/// (SRTM 3", N43E007), and the rim of 1 void in 152 (there, N49E011, N41E001). Where a low void is taken for sea, its
/// heights are wrong by hardly more than this.
const SHORE_HEIGHT: f32 = 10.0;
/// A void is smaller than this, square degrees.
const MOST_VOID_AREA: f64 = 1.0;

/// What a node says about the sea.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
enum Ground {
    #[default]
    NoData,
    Low,
    High,
}

/// A tile whose sea is 0 m.
pub struct Tile {
    raster: Raster,
    /// Columns of the sea in each row, from west to east.
    sea: Vec<Vec<Range<usize>>>,
}

impl Tile {
    /// Nodes of a tile.
    ///
    /// # Errors
    /// Auxiliary: a damaged file, or one with too many nodes.
    pub fn nodes(tiff: GeoTiff) -> Result<Nodes> {
        let raster = Raster::new(tiff)?;
        let (rows, columns) = raster.shape();
        check_nodes(raster.path(), rows, columns)?;
        let whole = Window {
            row: 0,
            column: 0,
            rows,
            columns,
        };
        let ground = raster.tiff.read_window_alone(&whole, |sample| {
            Ok(match raster.metres.height(sample) {
                height if height.is_nan() => Ground::NoData,
                height if height <= SHORE_HEIGHT => Ground::Low,
                _ => Ground::High,
            })
        })?;
        let lattice = raster.lattice();
        let most_nodes = MOST_VOID_AREA / (lattice.column_step * lattice.row_step);
        let sea = sea(&ground, most_nodes as usize);
        Ok(Nodes::on_whole_degrees(lattice, Self { raster, sea }))
    }
}

impl Heights for Tile {
    fn path(&self) -> &Path {
        self.raster.path()
    }

    fn shape(&self) -> (usize, usize) {
        self.raster.shape()
    }

    fn read(&self, window: &Window) -> Result<Array2<f32>> {
        let mut heights = self.raster.read(window)?;
        let rows = self.sea.iter().skip(window.row);
        for (mut heights, sea) in heights.outer_iter_mut().zip(rows) {
            for run in sea {
                let column = |end: usize| end.clamp(window.column, window.column + window.columns);
                let (start, end) = (column(run.start), column(run.end));
                heights
                    .slice_mut(ndarray::s![start - window.column..end - window.column])
                    .fill(0.0);
            }
        }
        Ok(heights)
    }
}

/// Nodes in a row without data, and what they are part of.
struct Run {
    row: usize,
    columns: Range<usize>,
    /// Another run of the same region, or itself.
    parent: usize,
}

/// What is known of a region.
#[derive(Clone, Copy, Default)]
struct Region {
    nodes: usize,
    /// Pairs of neighbours, across a side, one of which is in the region and the other low or high.
    low: usize,
    high: usize,
}

/// Columns of the sea in each row: of all regions without data, neighbours across sides and corners being of one,
/// those whose rim is rather low than high and those of more nodes.
fn sea(ground: &Array2<Ground>, most_void_nodes: usize) -> Vec<Vec<Range<usize>>> {
    let mut runs: Vec<Run> = Vec::new();
    let mut above = 0..0;
    for (row, line) in ground.outer_iter().enumerate() {
        let first = runs.len();
        for columns in gaps(line) {
            let own = runs.len();
            runs.push(Run {
                row,
                columns,
                parent: own,
            });
            while above.start < above.end && runs[above.start].columns.end < runs[own].columns.start
            {
                above.start += 1;
            }
            for other in above.clone() {
                if runs[other].columns.start > runs[own].columns.end {
                    break;
                }
                let (a, b) = (root(&mut runs, other), root(&mut runs, own));
                runs[a.max(b)].parent = a.min(b);
            }
        }
        above = first..runs.len();
    }
    let mut regions = vec![Region::default(); runs.len()];
    for index in 0..runs.len() {
        let region = root(&mut runs, index);
        let region = &mut regions[region];
        let Run { row, columns, .. } = &runs[index];
        region.nodes += columns.len();
        let beside = |row: usize, columns: Range<usize>| {
            let line = ground.row(row);
            line.slice_move(ndarray::s![columns])
        };
        let ends = [columns.start.checked_sub(1), Some(columns.end)];
        let ends = ends
            .into_iter()
            .flatten()
            .filter_map(|column| ground.get((*row, column)));
        let above = row.checked_sub(1).map(|row| beside(row, columns.clone()));
        let below = (row + 1 < ground.nrows()).then(|| beside(row + 1, columns.clone()));
        for ground in ends
            .chain(above.iter().flatten())
            .chain(below.iter().flatten())
        {
            region.low += usize::from(*ground == Ground::Low);
            region.high += usize::from(*ground == Ground::High);
        }
    }
    let mut sea = vec![Vec::new(); ground.nrows()];
    for index in 0..runs.len() {
        let region = regions[root(&mut runs, index)];
        if region.nodes >= most_void_nodes || (region.low > 0 && region.low >= region.high) {
            sea[runs[index].row].push(runs[index].columns.clone());
        }
    }
    sea
}

/// Runs without data in a row.
fn gaps(line: ArrayView1<'_, Ground>) -> Vec<Range<usize>> {
    let mut gaps: Vec<Range<usize>> = Vec::new();
    for (column, _) in line
        .iter()
        .enumerate()
        .filter(|(_, ground)| **ground == Ground::NoData)
    {
        match gaps.last_mut() {
            Some(gap) if gap.end == column => gap.end += 1,
            _ => gaps.push(column..column + 1),
        }
    }
    gaps
}

/// The run that stands for a run's region; the way to it becomes shorter.
fn root(runs: &mut [Run], mut run: usize) -> usize {
    while runs[run].parent != run {
        runs[run].parent = runs[runs[run].parent].parent;
        run = runs[run].parent;
    }
    run
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use std::collections::BTreeSet;

    /// The same, node by node.
    fn sea_by_nodes(ground: &Array2<Ground>, most_void_nodes: usize) -> BTreeSet<(usize, usize)> {
        let near = |(row, column): (usize, usize), reach: fn(isize, isize) -> bool| {
            let around = (-1..=1).flat_map(|down| (-1..=1).map(move |right| (down, right)));
            let around = around.filter(move |(down, right)| reach(*down, *right));
            around.filter_map(move |(down, right)| {
                let node = (
                    row.checked_add_signed(down)?,
                    column.checked_add_signed(right)?,
                );
                Some((node, *ground.get(node)?))
            })
        };
        let mut sea = BTreeSet::new();
        let mut seen = BTreeSet::new();
        for (start, _) in ground
            .indexed_iter()
            .filter(|(_, ground)| **ground == Ground::NoData)
        {
            let (mut region, mut open) = (BTreeSet::new(), vec![start]);
            while let Some(node) = open.pop() {
                if seen.insert(node) {
                    region.insert(node);
                    let beside = near(node, |_, _| true);
                    open.extend(
                        beside
                            .filter(|(_, ground)| *ground == Ground::NoData)
                            .map(|(node, _)| node),
                    );
                }
            }
            let rim: Vec<_> = region
                .iter()
                .flat_map(|node| near(*node, |down, right| (down == 0) != (right == 0)))
                .map(|(_, ground)| ground)
                .collect();
            let count = |wanted: Ground| rim.iter().filter(|ground| **ground == wanted).count();
            let (low, high) = (count(Ground::Low), count(Ground::High));
            if region.len() >= most_void_nodes || (low > 0 && low >= high) {
                sea.append(&mut region);
            }
        }
        sea
    }

    fn nodes_of(sea: &[Vec<Range<usize>>]) -> BTreeSet<(usize, usize)> {
        let rows = sea.iter().enumerate();
        rows.flat_map(|(row, runs)| {
            runs.iter()
                .flat_map(move |run| run.clone().map(move |column| (row, column)))
        })
        .collect()
    }

    proptest! {
        #[test]
        fn runs_are_what_nodes_are(
            shape in (1..9_usize, 1..12_usize),
            nodes in proptest::collection::vec(0..6_u8, 9 * 12),
            most_void_nodes in 1..40_usize,
        ) {
            let ground = Array2::from_shape_fn(shape, |(row, column)| match nodes[row * 12 + column] {
                0 => Ground::Low,
                1 | 2 => Ground::High,
                _ => Ground::NoData,
            });
            let sea = sea(&ground, most_void_nodes);
            prop_assert_eq!(nodes_of(&sea), sea_by_nodes(&ground, most_void_nodes));
        }
    }

    #[test]
    fn a_spiral_is_one_region() {
        // Arms of a spiral that meet late, a rim of mountains, one shore at its inner end.
        let picture = [
            "#########",
            "#.......#",
            "#.#####.#",
            "#.#...#.#",
            "#.#.###.#",
            "#.#.....#",
            "#.#######",
            "#........",
            "#########",
        ];
        let ground = |low: char| {
            Array2::from_shape_fn((9, 9), |(row, column)| {
                match picture[row].as_bytes()[column] {
                    b'.' => Ground::NoData,
                    _ if low == '#' => Ground::Low,
                    _ => Ground::High,
                }
            })
        };
        let gaps = picture.concat().matches('.').count();
        assert_eq!(nodes_of(&sea(&ground('#'), 1_000)).len(), gaps);
        assert_eq!(nodes_of(&sea(&ground('.'), 1_000)).len(), 0);
        assert_eq!(nodes_of(&sea(&ground('.'), gaps)).len(), gaps);
        assert_eq!(nodes_of(&sea(&ground('.'), gaps + 1)).len(), 0);
    }
}
