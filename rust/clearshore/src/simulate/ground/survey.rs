//! A coarse look over the whole scene: which shores face the open sea, and how high a noise must be to
//! cover a given share of a zone.

use super::super::noise::{Fractal, Row};
use super::super::setting::{Preset, Setting};
use super::super::shore::{INLAND, Shore};
use super::place::{Length, scaled};
use ndarray::Array2;
use rayon::prelude::*;

/// Cells along the tile's side.
const SIDE: usize = 800;
/// Every how many cells a noise is sampled to find its threshold.
const SAMPLING: usize = 2;
/// Width of open water that lets waves grow.
const FETCH: Length = (4_000.0, 0.12);
/// Part of the fetch, next to the shore, where land is no obstacle.
const NEAR: f64 = 0.08;
/// Exposure is worked out up to this far from the water line.
const STRIP: Length = (600.0, 0.1);
/// Directions of waves: rays each side of the direction of the open sea, and the angle between them.
const RAYS: (i32, f64) = (4, 20.0);

/// The coarse look.
pub(super) struct Survey {
    /// Side of a cell, metres.
    step: f64,
    /// Cells beyond the tile on each side.
    margin: usize,
    /// Signed distances from the outer shore at the cells' centres, metres.
    inland: Array2<f64>,
    /// Share of the wave directions that are open, 0 to 1, cells within the tile and one around.
    exposure: Array2<f32>,
    /// Nothing but sea.
    open_sea: bool,
}

impl Survey {
    pub fn new(setting: &Setting, shore: &Shore) -> Self {
        let step = setting.extent() / SIDE as f64;
        let margin = (scaled(setting, FETCH) / step).ceil() as usize + 2;
        let side = SIDE + 2 * margin;
        let mut survey = Self {
            step,
            margin,
            inland: Array2::zeros((side, side)),
            exposure: Array2::zeros((SIDE + 2, SIDE + 2)),
            open_sea: setting.preset == Preset::OpenSea,
        };
        if survey.open_sea {
            return survey;
        }
        let rows: Vec<Row> = (0..side).map(|line| survey.row(line)).collect();
        survey
            .inland
            .outer_iter_mut()
            .into_par_iter()
            .zip(rows)
            .for_each(|(mut out, row)| {
                let mut inland = vec![0.0; side];
                shore.inland(row, &mut inland);
                out.assign(&ndarray::aview1(&inland));
            });
        survey.exposure = survey.exposures(shore, scaled(setting, FETCH), scaled(setting, STRIP));
        survey
    }

    /// A line of cells, those beyond the tile included.
    fn row(&self, line: usize) -> Row {
        let centre = |cell: usize| (cell as f64 - self.margin as f64 + 0.5) * self.step;
        Row {
            first: centre(0),
            step: self.step,
            y: centre(line),
        }
    }

    fn exposures(&self, shore: &Shore, fetch: f64, strip: f64) -> Array2<f32> {
        let rays: Vec<Vec<[isize; 2]>> = (-RAYS.0..=RAYS.0)
            .map(|k| {
                let (sin, cos) = (f64::from(k) * RAYS.1).to_radians().sin_cos();
                let [east, south] = INLAND.map(|part| -part);
                let direction = [east * sin + south * cos, east * cos - south * sin];
                let cells = fetch / self.step;
                ((cells * NEAR) as i32 + 1..cells as i32)
                    .map(|at| direction.map(|part| (f64::from(at) * part).round() as isize))
                    .collect()
            })
            .collect();
        let land = self.inland.mapv(|inland| shore.folded(inland) > 0.0);
        let mut exposure = Array2::zeros((SIDE + 2, SIDE + 2));
        exposure
            .outer_iter_mut()
            .into_par_iter()
            .enumerate()
            .for_each(|(i, mut out)| {
                for (j, out) in out.iter_mut().enumerate() {
                    let (line, cell) = (i + self.margin - 1, j + self.margin - 1);
                    let inland = self.inland[[line, cell]];
                    if shore.folded(inland).abs() > strip || !shore.is_outside(inland) {
                        continue;
                    }
                    let is_land = |step: &[isize; 2]| {
                        let at = [
                            line.saturating_add_signed(step[0]),
                            cell.saturating_add_signed(step[1]),
                        ];
                        land.get(at).is_some_and(|land| *land)
                    };
                    let open = rays.iter().filter(|ray| !ray.iter().any(is_land)).count();
                    *out = open as f32 / rays.len() as f32;
                }
            });
        exposure
    }

    /// Share of the wave directions that are open, 0 to 1, at a place within 600 m of the outer shore.
    pub fn exposure(&self, x: f64, y: f64) -> f64 {
        // The first cell's centre lies half a cell before the tile.
        let along = |metres: f64| {
            let cells = (metres / self.step + 0.5).clamp(0.0, SIDE as f64);
            (cells as usize, cells.fract() as f32)
        };
        let ((i, down), (j, right)) = (along(y), along(x));
        let mean = |line: usize| {
            self.exposure[[line, j]] * (1.0 - right) + self.exposure[[line, j + 1]] * right
        };
        f64::from(mean(i) * (1.0 - down) + mean(i + 1) * down)
    }

    /// The value that a noise exceeds on a share of the zone, given by the distances from the outer
    /// shore; infinite for share or zone of nothing.
    pub fn threshold(&self, noise: &Fractal, share: f64, zone: impl Fn(f64) -> bool) -> f64 {
        if share <= 0.0 || self.open_sea {
            return f64::INFINITY;
        }
        let mut values = Vec::new();
        let mut line_of_noise = vec![0.0; SIDE / SAMPLING];
        for line in (self.margin..self.margin + SIDE).step_by(SAMPLING) {
            let row = self.row(line);
            let sampled = Row {
                first: row.first + self.margin as f64 * self.step,
                step: row.step * SAMPLING as f64,
                y: row.y,
            };
            noise.fill(sampled, &mut line_of_noise);
            for (k, value) in line_of_noise.iter().enumerate() {
                if zone(self.inland[[line, self.margin + k * SAMPLING]]) {
                    values.push(*value);
                }
            }
        }
        if values.is_empty() {
            return f64::INFINITY;
        }
        let rank = ((1.0 - share) * (values.len() - 1) as f64) as usize;
        *values.select_nth_unstable_by(rank, f64::total_cmp).1
    }
}
