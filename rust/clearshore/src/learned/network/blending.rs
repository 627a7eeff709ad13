//! Patches joined to a raster.

use super::contract::{Blended, Blending, NetworkContract, Output};
use super::tiling::Patch;
use ndarray::{Array2, Array3, ArrayView3, ArrayViewMut2, Axis, Zip, s};
use rayon::prelude::*;
use std::f64::consts::PI;

/// Weight of each pixel of a patch along one axis; the weight of a pixel is that of its row times that of its column.
pub(super) fn profile(contract: &NetworkContract) -> Vec<f32> {
    let (patch, overlap) = (contract.patch, contract.overlap);
    let from_edge = |at: usize| at.min(patch - 1 - at);
    let weight = |at: usize| match contract.blending {
        Blending::LinearRamp if from_edge(at) < overlap => {
            (from_edge(at) + 1) as f64 / overlap as f64
        }
        Blending::Crop | Blending::LinearRamp => 1.0,
        Blending::Tukey { taper } => tukey(from_edge(at), patch, taper),
    };
    (0..patch).map(|at| weight(at) as f32).collect()
}

/// Tukey's window of `count` points, so many points from its edge (Harris 1978; scipy.signal.windows.tukey).
fn tukey(from_edge: usize, count: usize, taper: f64) -> f64 {
    let tapered = taper * (count - 1) as f64 / 2.0;
    if from_edge as f64 >= tapered {
        1.0
    } else {
        0.5 * (1.0 - (PI * from_edge as f64 / tapered).cos())
    }
}

/// What the patches of a raster gave so far.
pub(super) struct Mosaic<'a> {
    contract: &'a NetworkContract,
    profile: Vec<f32>,
    /// Sum of what is blended times its weight: (classes, rows, columns).
    sums: Array3<f32>,
    weights: Array2<f32>,
}

impl<'a> Mosaic<'a> {
    /// Nothing yet, for so many classes.
    pub(super) fn new(
        contract: &'a NetworkContract,
        classes: usize,
        (height, width): (usize, usize),
    ) -> Self {
        Self {
            contract,
            profile: profile(contract),
            sums: Array3::zeros((classes, height, width)),
            weights: Array2::zeros((height, width)),
        }
    }

    /// Adds what the network gave for a patch, (classes, rows, columns). The order of patches decides on the last bit of the sums.
    pub(super) fn add(&mut self, patch: &Patch, output: ArrayView3<'_, f32>) {
        let within = |range: &std::ops::Range<usize>, corner: isize| {
            let at = |position: usize| (position as isize - corner) as usize;
            at(range.start)..at(range.end)
        };
        let rows = within(&patch.rows, patch.corner.0);
        let columns = within(&patch.columns, patch.corner.1);
        let output = output.slice(s![.., rows.clone(), columns.clone()]);
        let mut blended = output.to_owned();
        if self.contract.blended == Blended::Probabilities {
            let to_probabilities = match self.contract.output {
                Output::Logits => softmax,
                Output::Scores => shares,
                Output::Probabilities => |_: ArrayViewMut2<'_, f32>| (),
            };
            blended.axis_iter_mut(Axis(1)).for_each(to_probabilities);
        }
        let (of_rows, of_columns) = (&self.profile[rows], &self.profile[columns]);
        let place = s![patch.rows.clone(), patch.columns.clone()];
        for (mut sums, values) in self.sums.outer_iter_mut().zip(blended.outer_iter()) {
            let mut lines = sums.slice_mut(place);
            for ((sums, values), of_row) in
                lines.outer_iter_mut().zip(values.outer_iter()).zip(of_rows)
            {
                Zip::from(sums)
                    .and(values)
                    .and(of_columns)
                    .for_each(|sum, value, of_column| *sum += of_row * of_column * value);
            }
        }
        for (mut weights, of_row) in self.weights.slice_mut(place).outer_iter_mut().zip(of_rows) {
            for (weight, of_column) in weights.iter_mut().zip(of_columns) {
                *weight += of_row * of_column;
            }
        }
    }

    /// Probabilities of the classes, (classes, rows, columns); NaN where there is no data.
    pub(super) fn finish(self, known: &Array2<bool>) -> Array3<f32> {
        let Self {
            contract,
            mut sums,
            weights,
            ..
        } = self;
        let rows = sums.axis_iter_mut(Axis(1)).into_par_iter();
        let rows = rows.zip(weights.outer_iter().into_par_iter());
        rows.zip(known.outer_iter().into_par_iter())
            .for_each(|((mut row, weights), known)| {
                for mut of_class in row.outer_iter_mut() {
                    Zip::from(&mut of_class).and(&weights).and(&known).for_each(
                        |sum, weight, known| *sum = if *known { *sum / weight } else { f32::NAN },
                    );
                }
                if contract.blended == Blended::Logits {
                    softmax(row);
                }
            });
        sums
    }
}

/// Logits (classes, pixels) to probabilities.
fn softmax(mut logits: ArrayViewMut2<'_, f32>) {
    for mut pixel in logits.columns_mut() {
        let largest = pixel.fold(f32::NEG_INFINITY, |largest, value| largest.max(*value));
        pixel.mapv_inplace(|value| (value - largest).exp());
    }
    shares(logits);
}

/// Scores (classes, pixels) to probabilities; NaN where all are 0.
fn shares(mut scores: ArrayViewMut2<'_, f32>) {
    for mut pixel in scores.columns_mut() {
        let sum = pixel.sum();
        pixel.mapv_inplace(|value| value / sum);
    }
}

#[cfg(test)]
mod tests;
