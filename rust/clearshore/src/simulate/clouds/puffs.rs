//! Rounded heads with creases between them: the cauliflower of heaped cloud.

use super::super::noise::{Row, hash, unit};

/// Largest handicap of a head against its neighbours, in squared cells: heads of different size.
const HANDICAP: f64 = 0.35;

/// One scattered point per square cell, each the middle of a head: a parabola that falls from at most
/// 1 to 0 one cell away, the highest of all heads.
///
/// Source: cellular noise (Worley: *A cellular texture basis function*, SIGGRAPH 1996).
#[derive(Clone, Copy, Debug)]
pub(super) struct Puffs {
    seed: u64,
    cell: f64,
}

/// Middle of a head across, and its squared distance down plus handicap, in cells.
type Head = (f64, f64);

impl Puffs {
    /// Heads about `cell` metres apart.
    pub fn new(seed: u64, cell: f64) -> Self {
        Self { seed, cell }
    }

    /// Adds `amplitude` times the heads along a row.
    pub fn add(&self, amplitude: f64, row: Row, out: &mut [f64]) {
        let per_metre = 1.0 / self.cell;
        let mut column = (row.first * per_metre).floor();
        let mut heads = [-1.0, 0.0, 1.0].map(|offset| self.heads(column + offset, row.y));
        let mut start = 0;
        loop {
            let border = ((column + 1.0) * self.cell - row.first) / row.step;
            let end = (border.ceil().max(0.0) as usize).clamp(start, out.len());
            for (k, value) in (start as i32..).zip(&mut out[start..end]) {
                let x = (row.first + f64::from(k) * row.step) * per_metre;
                // Heads beyond the nine cells around are at least one cell away.
                let nearest = heads.as_flattened().iter().fold(1.0, |nearest, head| {
                    let distance = (x - head.0) * (x - head.0) + head.1;
                    if distance < nearest {
                        distance
                    } else {
                        nearest
                    }
                });
                *value += amplitude * (1.0 - nearest);
            }
            if end == out.len() {
                return;
            }
            start = end;
            column += 1.0;
            heads = [heads[1], heads[2], self.heads(column + 1.0, row.y)];
        }
    }

    /// Heads in a column of cells: of the line of cells that holds `y` and of the two beside it.
    fn heads(&self, column: f64, y: f64) -> [Head; 3] {
        let y = y / self.cell;
        [-1.0, 0.0, 1.0].map(|offset| {
            let line = y.floor() + offset;
            let bits = hash(self.seed, column as i64, line as i64);
            let [across, down, handicap] = [0, 1, 2].map(|part| unit(hash(bits, part, 0)));
            let distance = y - line - down;
            (column + across, distance * distance + HANDICAP * handicap)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The slow twin: the best of all heads within three cells.
    fn at(puffs: &Puffs, x: f64, y: f64) -> f64 {
        let (u, v) = (x / puffs.cell, y / puffs.cell);
        let mut best: f64 = 0.0;
        for i in -3..=3 {
            for j in -3..=3 {
                let (column, line) = (u.floor() as i64 + i, v.floor() as i64 + j);
                let bits = hash(puffs.seed, column, line);
                let east = column as f64 + unit(hash(bits, 0, 0)) - u;
                let south = line as f64 + unit(hash(bits, 1, 0)) - v;
                let handicap = HANDICAP * unit(hash(bits, 2, 0));
                best = best.max(1.0 - east * east - south * south - handicap);
            }
        }
        best
    }

    #[test]
    fn rows_equal_points() {
        let puffs = Puffs::new(11, 170.0);
        for y in [-431.0, 0.5, 977.0] {
            let row = Row {
                first: -1_200.0,
                step: 20.0,
                y,
            };
            let mut out = vec![0.25; 150];
            puffs.add(2.0, row, &mut out);
            for (k, value) in out.iter().enumerate() {
                let expected = 0.25 + 2.0 * at(&puffs, row.first + k as f64 * row.step, y);
                assert!((value - expected).abs() < 1e-9, "{y} {k}");
            }
        }
    }
}
