//! What a neural network is to the science: numbers in, numbers out. Who evaluates it, and with what library, stays outside.

use crate::Result;
use ndarray::Array4;
use std::fmt::Debug;

/// A neural network, ready to run. Several threads may call it at once.
pub trait Inference: Send + Sync + Debug {
    /// Its output (patches, classes, rows, columns) for an input (patches, bands, rows, columns). One patch's output depends on
    /// that patch only, and neither on the number of threads nor on what ran before.
    ///
    /// # Errors
    /// Auxiliary: it can't be evaluated.
    fn infer(&self, input: Array4<f32>) -> Result<Array4<f32>>;
}
