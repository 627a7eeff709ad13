//! Learned detectors: what a model is (`manifest`), what it sees of a scene (`view`), and what it says.
//!
//! Models come from outside: this crate evaluates what it is given and opens nothing.

mod decision_tree;
mod disk;
mod evidence;
mod fusion;
mod inference;
mod manifest;
pub mod network;
mod opening;
pub mod s2cloudmask;
mod trees;
mod view;

pub use decision_tree::{DecisionTree, TreeFile};
pub use evidence::ModelReport;
pub(crate) use evidence::{Learned, LearnedBits, LearnedPlane, find};
pub(crate) use fusion::{add_shadows, decide, stays_cloud};
pub use inference::Inference;
pub use manifest::{Class, Manifest, ModelKind, Package, TreeRule};
pub use network::NetworkModel;
pub use opening::grey_opening;
pub use trees::BoostedTrees;
pub use view::ModelView;

use crate::{Progress, Result};
use ndarray::Array3;
use std::fmt::Debug;

/// A learned detector, ready to look at scenes.
pub trait CloudModel: Send + Sync + Debug {
    /// What it is.
    fn manifest(&self) -> &Manifest;

    /// Probability of each of the manifest's classes at every pixel of the view, (classes, rows, columns), 0 to 1; NaN where
    /// nothing can be said. Does not depend on the number of threads. Reports [`CloudModel::work`] units of the present stage.
    ///
    /// # Errors
    /// Auxiliary: the model does not do what its manifest says. Cancelled.
    fn classify(&self, view: &ModelView<'_>, progress: &dyn Progress) -> Result<Array3<f32>>;

    /// Units of work that [`CloudModel::classify`] reports.
    fn work(&self, view: &ModelView<'_>) -> u64;
}
