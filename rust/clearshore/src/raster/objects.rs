//! Connected groups of pixels, kept as runs of their rows.
//!
//! Source: A. Rosenfeld, J. L. Pfaltz, *Sequential operations in digital picture processing*, J. ACM 13 (1966) 471-494,
//! on runs instead of pixels: what a scene of tens of thousands of objects costs follows from its edges, not its area.

use rayon::prelude::*;

/// Neighbouring pixels of a row, from column `first` to before `end`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Run {
    /// Row.
    pub row: u32,
    /// First column.
    pub first: u32,
    /// Column after the last.
    pub end: u32,
}

impl Run {
    /// Number of pixels.
    pub fn pixels(&self) -> u64 {
        u64::from(self.end - self.first)
    }
}

/// Groups of pixels, in the order of their first pixels in the raster; the runs of each from top left.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Objects {
    runs: Vec<Run>,
    /// Where each object's runs begin, and where the last one's end.
    starts: Vec<usize>,
}

impl Objects {
    /// The groups of the pixels (row, column) of a `shape` (rows, columns) for which `is` holds. Pixels belong together
    /// when their rows and their columns differ by at most `reach`: 1 connects the eight neighbours.
    pub fn of(
        (rows, columns): (usize, usize),
        reach: usize,
        is: impl Fn(usize, usize) -> bool + Sync,
    ) -> Self {
        let of_rows: Vec<Vec<Run>> = (0..rows)
            .into_par_iter()
            .map(|row| runs_of_row(row, columns, &is))
            .collect();
        let mut first_of_row = vec![0];
        for runs in &of_rows {
            first_of_row.push(first_of_row.last().unwrap_or(&0) + runs.len());
        }
        let runs: Vec<Run> = of_rows.into_iter().flatten().collect();
        let mut roots = Roots::new(runs.len());
        for row in 0..rows {
            let here = first_of_row[row]..first_of_row[row + 1];
            for above in row.saturating_sub(reach)..=row {
                // The same row: runs further apart than neighbours.
                let others = first_of_row[above]..first_of_row[above + 1];
                roots.join_near(&runs, here.clone(), others, reach as u32);
            }
        }
        roots.gather(runs)
    }

    /// Number of objects.
    pub fn len(&self) -> usize {
        self.starts.len().saturating_sub(1)
    }

    /// Runs of an object.
    pub fn runs(&self, object: usize) -> &[Run] {
        match (self.starts.get(object), self.starts.get(object + 1)) {
            (Some(&first), Some(&end)) => self.runs.get(first..end).unwrap_or_default(),
            _ => &[],
        }
    }

    /// Row and column of each pixel of an object.
    pub fn pixels_of(&self, object: usize) -> impl Iterator<Item = [usize; 2]> + '_ {
        let runs = self.runs(object).iter();
        runs.flat_map(|run| {
            let columns = run.first as usize..run.end as usize;
            columns.map(|column| [run.row as usize, column])
        })
    }

    /// Number of pixels of an object.
    pub fn pixels(&self, object: usize) -> u64 {
        self.runs(object).iter().map(Run::pixels).sum()
    }
}

fn runs_of_row(row: usize, columns: usize, is: &impl Fn(usize, usize) -> bool) -> Vec<Run> {
    let mut runs: Vec<Run> = Vec::new();
    let row_number = row as u32;
    for column in 0..columns {
        if !is(row, column) {
            continue;
        }
        let column = column as u32;
        match runs.last_mut() {
            Some(run) if run.end == column => run.end += 1,
            _ => runs.push(Run {
                row: row_number,
                first: column,
                end: column + 1,
            }),
        }
    }
    runs
}

/// Which runs belong together: each points to an earlier one of its group, the first to itself.
struct Roots(Vec<u32>);

impl Roots {
    fn new(count: usize) -> Self {
        Self((0..count as u32).collect())
    }

    fn root(&mut self, run: usize) -> usize {
        let mut run = run;
        while self.0[run] as usize != run {
            self.0[run] = self.0[self.0[run] as usize];
            run = self.0[run] as usize;
        }
        run
    }

    fn join(&mut self, a: usize, b: usize) {
        let (a, b) = (self.root(a), self.root(b));
        self.0[a.max(b)] = a.min(b) as u32;
    }

    /// Joins the runs of two rows between which at most `reach` - 1 pixels lie.
    fn join_near(
        &mut self,
        runs: &[Run],
        here: std::ops::Range<usize>,
        others: std::ops::Range<usize>,
        reach: u32,
    ) {
        let mut first = others.start;
        for run in here {
            let (left, right) = (runs[run].first, runs[run].end);
            while first < others.end && runs[first].end + reach <= left {
                first += 1;
            }
            let near = (first..others.end).take_while(|&other| runs[other].first < right + reach);
            for other in near {
                self.join(run, other);
            }
        }
    }

    /// Sorts the runs by their groups; within one they stay in the order of the raster.
    fn gather(mut self, runs: Vec<Run>) -> Objects {
        let mut number_of_root = vec![u32::MAX; runs.len()];
        let mut numbers = Vec::with_capacity(runs.len());
        let mut starts = vec![0_usize];
        for run in 0..runs.len() {
            let root = self.root(run);
            if number_of_root[root] == u32::MAX {
                number_of_root[root] = (starts.len() - 1) as u32;
                starts.push(0);
            }
            let number = number_of_root[root] as usize;
            numbers.push(number);
            starts[number + 1] += 1;
        }
        for object in 1..starts.len() {
            starts[object] += starts[object - 1];
        }
        let mut next = starts.clone();
        let mut gathered = runs.clone();
        for (run, number) in runs.into_iter().zip(numbers) {
            gathered[next[number]] = run;
            next[number] += 1;
        }
        Objects {
            runs: gathered,
            starts,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{Array2, array};
    use proptest::prelude::*;

    /// The obvious twin: a flood from every pixel that has no number yet.
    fn by_flood(mask: &Array2<bool>, reach: usize) -> Array2<u32> {
        let mut numbers = Array2::zeros(mask.dim());
        let mut count = 0;
        for (start, _) in mask.indexed_iter().filter(|(_, is)| **is) {
            if numbers[start] != 0 {
                continue;
            }
            count += 1;
            let mut open = vec![start];
            while let Some((row, column)) = open.pop() {
                if numbers[[row, column]] != 0 {
                    continue;
                }
                numbers[[row, column]] = count;
                for ((r, c), is) in mask.indexed_iter() {
                    if *is && r.abs_diff(row) <= reach && c.abs_diff(column) <= reach {
                        open.push((r, c));
                    }
                }
            }
        }
        numbers
    }

    fn drawn(objects: &Objects, shape: (usize, usize)) -> Array2<u32> {
        let mut numbers = Array2::zeros(shape);
        for object in 0..objects.len() {
            for run in objects.runs(object) {
                for column in run.first..run.end {
                    numbers[[run.row as usize, column as usize]] = object as u32 + 1;
                }
            }
        }
        numbers
    }

    #[test]
    fn neighbours_at_corners_belong_together() {
        let mask = array![
            [1, 0, 0, 1, 1],
            [0, 1, 0, 0, 0],
            [0, 0, 0, 0, 1],
            [1, 1, 0, 0, 1]
        ];
        let objects = Objects::of(mask.dim(), 1, |r, c| mask[[r, c]] == 1);
        let sizes: Vec<u64> = (0..objects.len()).map(|o| objects.pixels(o)).collect();
        assert_eq!(sizes, [2, 2, 2, 2]);
        let wider = Objects::of(mask.dim(), 2, |r, c| mask[[r, c]] == 1);
        assert_eq!((wider.len(), wider.pixels(0)), (1, 8));
        assert_eq!(wider.runs(1), []);
    }

    #[test]
    fn nothing_has_no_objects() {
        for shape in [(0, 0), (0, 3), (3, 0), (4, 4)] {
            let objects = Objects::of(shape, 1, |_, _| false);
            assert!(objects.len() == 0);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(96))]
        #[test]
        fn they_are_what_a_flood_finds(
            rows in 1..14_usize,
            columns in 1..14_usize,
            reach in 1..4_usize,
            share in 1..10_u8,
            values in prop::collection::vec(0..10_u8, 196),
        ) {
            let mask = Array2::from_shape_fn((rows, columns), |(r, c)| values[r * 14 + c] < share);
            let objects = Objects::of(mask.dim(), reach, |r, c| mask[[r, c]]);
            prop_assert_eq!(drawn(&objects, mask.dim()), by_flood(&mask, reach));
        }
    }
}
