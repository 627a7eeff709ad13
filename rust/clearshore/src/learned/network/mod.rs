//! Neural networks as learned detectors: patches of the scene in, probabilities of classes out.
//!
//! A scene is cut into overlapping patches (`tiling`), each becomes what the network was trained on (`transform`), and answers
//! are joined (`blending`) as the makers of the network do: whether logits or probabilities are blended is part of the contract.
//! Patches are read from the scene one by one, so that beside the result only a few of them are in memory. They are added in the
//! order of the plan, so that the number of threads changes no byte.

mod blending;
mod contract;
#[cfg(test)]
mod made;
mod tiling;
mod transform;

pub use contract::{Blended, Blending, Edges, Input, NetworkContract, Output, Scaling, Unit};

use super::{CloudModel, Inference, Manifest, ModelView};
use crate::{Error, Progress, Result};
use blending::Mosaic;
use ndarray::{Array3, Array4, Axis};
use rayon::prelude::*;
use std::ops::Range;
use tiling::{Patch, plan, shown};

/// A neural network with its manifest.
#[derive(Debug)]
pub struct NetworkModel {
    manifest: Manifest,
    contract: NetworkContract,
    network: Box<dyn Inference>,
}

impl NetworkModel {
    /// A network that keeps the contract of a manifest.
    ///
    /// # Errors
    /// Auxiliary: the manifest has no contract, or one that contradicts itself.
    pub fn new(manifest: Manifest, network: Box<dyn Inference>) -> Result<Self> {
        let contract = manifest.network.clone().ok_or_else(|| {
            Error::auxiliary("the manifest of a network has no table [network]")
                .at(&manifest.id)
                .advice("take the manifest that comes with Clearshore")
        })?;
        contract.check(manifest.bands.len())?;
        Ok(Self {
            manifest,
            contract,
            network,
        })
    }

    /// What the network gives for some patches.
    fn output(&self, view: &ModelView<'_>, patches: &[Patch]) -> Result<Array4<f32>> {
        let side = self.contract.patch;
        let mut input = Array4::zeros((patches.len(), view.band_count(), side, side));
        for (patch, mut input) in patches.iter().zip(input.outer_iter_mut()) {
            input.assign(&self.input(view, patch));
        }
        let output = self.network.infer(input)?;
        let expected = [patches.len(), self.manifest.classes.len(), side, side];
        if output.shape() != expected {
            return Err(self
                .broken("a network gives an output of another shape than its manifest says")
                .got(format!("{:?}", output.shape()))
                .expected(format!("{expected:?} (patches, classes, rows, columns)")));
        }
        if output.iter().any(|value| !value.is_finite()) {
            return Err(self
                .broken("a network gives numbers that are not finite")
                .expected("finite numbers"));
        }
        Ok(output)
    }

    fn broken(&self, what: &str) -> Error {
        Error::auxiliary(what)
            .at(&self.manifest.id)
            .advice("export the network again as its card in models/ says")
    }

    /// Input of the network for a patch: (bands, rows, columns).
    fn input(&self, view: &ModelView<'_>, patch: &Patch) -> Array3<f32> {
        let rows = shown(&self.contract, patch.corner.0, view.shape().0);
        let columns = shown(&self.contract, patch.corner.1, view.shape().1);
        let (row_range, column_range) = (range_of(&rows), range_of(&columns));
        let read = view.reflectance(row_range.clone(), column_range.clone());
        let mut input = Array3::from_elem((view.band_count(), rows.len(), columns.len()), f32::NAN);
        for (read, mut input) in read.outer_iter().zip(input.outer_iter_mut()) {
            for (mut line, row) in input.outer_iter_mut().zip(&rows) {
                let Some(row) = row else { continue };
                let read = read.index_axis(Axis(0), row - row_range.start);
                for (value, column) in line.iter_mut().zip(&columns) {
                    if let Some(column) = column {
                        *value = read[column - column_range.start];
                    }
                }
            }
        }
        self.contract.input.transform(&mut input);
        input
    }
}

/// Smallest range with all positions that are on the raster.
fn range_of(positions: &[Option<usize>]) -> Range<usize> {
    let on_raster = || positions.iter().flatten();
    let first = on_raster().min().copied().unwrap_or(0);
    first..on_raster().max().map_or(first, |last| last + 1)
}

impl CloudModel for NetworkModel {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn classify(&self, view: &ModelView<'_>, progress: &dyn Progress) -> Result<Array3<f32>> {
        let known = view.has_data();
        let patches = plan(&self.contract, &known);
        let mut mosaic = Mosaic::new(&self.contract, self.manifest.classes.len(), known.dim());
        let batch = self.contract.batch;
        // As many runs as there are threads, then their answers in order: no more of them are in memory.
        for patches in patches.chunks(batch * rayon::current_num_threads()) {
            let runs = patches.par_chunks(batch).map(|patches| {
                progress.check()?;
                let output = self.output(view, patches)?;
                progress.advance(patches.len() as u64);
                Ok(output)
            });
            let outputs = runs.collect::<Result<Vec<_>>>()?;
            for (patches, outputs) in patches.chunks(batch).zip(&outputs) {
                for (patch, output) in patches.iter().zip(outputs.outer_iter()) {
                    mosaic.add(patch, output);
                }
            }
        }
        Ok(mosaic.finish(&known))
    }

    fn work(&self, view: &ModelView<'_>) -> u64 {
        plan(&self.contract, &view.has_data()).len() as u64
    }
}

#[cfg(test)]
mod tests;
