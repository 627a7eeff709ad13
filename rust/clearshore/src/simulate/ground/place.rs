//! The pixels of a row and where they lie.

use super::super::noise::{Fractal, Row};
use super::super::setting::Setting;
use super::super::shore::{LAKE_INLAND, Shore};
use super::BORDER;
use std::ops::Range;

/// Shorter gaps than this are worked out along with the runs beside them, pixels.
const GAP: usize = 16;
/// Pixels from support to support of the distances from the shore.
const SHORE_STRIDE: usize = 16;
/// Signed distances from the shore, linear between supports, within which the exact ones may be anything
/// that matters: up to a beach, and to lakes' least distance, metres.
const EXACT: Range<f64> = -450.0..1_050.0;
/// The same for distances into lakes.
const EXACT_LAKE: f64 = 200.0;
/// Supports of a field per length of its finest waves.
const SAMPLES_PER_WAVE: f64 = 4.0;

/// A length that follows the tile's side where that is small: metres, and share of the side.
pub(super) type Length = (f64, f64);

/// The length in a scene, metres.
pub(super) fn scaled(setting: &Setting, (metres, share): Length) -> f64 {
    metres.min(share * setting.extent())
}

/// A noise that is worked out every few pixels, as its finest waves allow, and linear between.
#[derive(Clone, Copy, Debug)]
pub(super) struct Field {
    /// The noise itself.
    pub noise: Fractal,
    stride: usize,
}

impl Field {
    /// Waves from `coarsest` to `finest` metres.
    pub fn new(setting: &Setting, seed: u64, coarsest: Length, finest: f64) -> Self {
        let pixels = finest / setting.grid.pixel_size;
        Self {
            noise: Fractal::new(seed, scaled(setting, coarsest), finest),
            stride: (pixels / SAMPLES_PER_WAVE) as usize,
        }
    }
}

/// The pixels of a row and their distances from the shore.
pub(super) struct Place {
    /// The pixels' centres.
    pub row: Row,
    /// Signed distances from the outer shore, metres, positive on land.
    pub inland: Vec<f64>,
    /// Signed distances from the nearest sea, metres, positive on land.
    pub from_sea: Vec<f64>,
}

impl Place {
    /// The distances are exact near the shores of the sea and of lakes that end there, linear between
    /// every few pixels elsewhere.
    pub fn new(shore: &Shore, row: Row, count: usize) -> Self {
        let inland = strided(row, count, SHORE_STRIDE, |row, out| shore.inland(row, out));
        let mut place = Self {
            row,
            from_sea: inland.iter().map(|&inland| shore.folded(inland)).collect(),
            inland,
        };
        for run in place.runs(|k| EXACT.contains(&place.from_sea[k])) {
            let row = place.row_from(run.start);
            shore.inland(row, &mut place.inland[run.clone()]);
            for k in run {
                place.from_sea[k] = shore.folded(place.inland[k]);
            }
        }
        place
    }

    /// Signed distances into lakes, metres: exact near their shores, of the right sign elsewhere.
    pub fn lake_distances(&self, shore: &Shore) -> Vec<f64> {
        let inner = |k: usize| self.from_sea[k] > LAKE_INLAND - BORDER;
        let mut into_lake = vec![f64::NEG_INFINITY; self.len()];
        for run in self.runs(inner) {
            let values = strided(
                self.row_from(run.start),
                run.len(),
                SHORE_STRIDE,
                |row, out| {
                    let far_from_sea = vec![f64::INFINITY; out.len()];
                    shore.distance_into_lake(row, &far_from_sea, out);
                },
            );
            for (k, value) in run.zip(values) {
                into_lake[k] = value.min(self.from_sea[k] - LAKE_INLAND);
            }
        }
        for run in self.runs(|k| into_lake[k].abs() < EXACT_LAKE) {
            let row = self.row_from(run.start);
            shore.distance_into_lake(row, &self.from_sea[run.clone()], &mut into_lake[run]);
        }
        into_lake
    }

    pub fn len(&self) -> usize {
        self.inland.len()
    }

    /// x of a pixel's centre.
    pub fn x(&self, pixel: usize) -> f64 {
        self.row.first + pixel as f64 * self.row.step
    }

    /// The row from one of its pixels on.
    pub fn row_from(&self, pixel: usize) -> Row {
        Row {
            first: self.x(pixel),
            ..self.row
        }
    }

    /// A field where it is needed (and in short gaps between), 0 elsewhere.
    pub fn field_where(&self, field: &Field, needed: impl Fn(usize) -> bool) -> Vec<f64> {
        let mut out = vec![0.0; self.len()];
        for run in self.runs(needed) {
            if field.stride <= 1 {
                field.noise.fill(self.row_from(run.start), &mut out[run]);
                continue;
            }
            // The same supports in every row.
            let run = run.start - run.start % field.stride..run.end;
            let row = self.row_from(run.start);
            let fill = |row: Row, out: &mut [f64]| field.noise.fill(row, out);
            let values = strided(row, run.len(), field.stride, fill);
            out[run].copy_from_slice(&values);
        }
        out
    }

    /// Runs of pixels of which the first, the last and all but short gaps satisfy a condition.
    pub fn runs(&self, needed: impl Fn(usize) -> bool) -> Vec<Range<usize>> {
        let mut runs: Vec<Range<usize>> = Vec::new();
        for pixel in (0..self.len()).filter(|&pixel| needed(pixel)) {
            match runs.last_mut() {
                Some(run) if pixel < run.end + GAP => run.end = pixel + 1,
                _ => runs.push(pixel..pixel + 1),
            }
        }
        runs
    }
}

/// Values along a row, linear between every `stride`-th pixel.
fn strided(row: Row, count: usize, stride: usize, fill: impl Fn(Row, &mut [f64])) -> Vec<f64> {
    let mut supports = vec![0.0; count / stride + 2];
    let sparse = Row {
        step: row.step * stride as f64,
        ..row
    };
    fill(sparse, &mut supports);
    let mut out = vec![0.0; count];
    for (out, ends) in out.chunks_mut(stride).zip(supports.windows(2)) {
        let step = (ends[1] - ends[0]) / stride as f64;
        for (k, out) in (0_i32..).zip(out) {
            *out = ends[0] + f64::from(k) * step;
        }
    }
    out
}
