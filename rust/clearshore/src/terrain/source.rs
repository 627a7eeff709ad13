//! Where heights come from: the caller gives pieces of a DEM, the science asks for what it needs.

use super::patch::{DemFrame, DemPatch};
use crate::scene::Geodetic;
use crate::{Error, Result};
use ndarray::Array2;
use std::sync::Arc;

/// A place's piece of the DEM.
#[derive(Clone, Debug)]
pub struct Cover {
    /// West, south, east, north of the piece, degrees; the place lies in it.
    pub extent: [f64; 4],
    /// What is there.
    pub content: Content,
}

/// What a piece of the DEM is.
#[derive(Clone, Debug)]
pub enum Content {
    /// Heights; the lattice covers the extent and shares its edge nodes with its neighbours' where they have them.
    Heights(Arc<DemPatch>),
    /// Open sea: 0 m.
    Sea,
    /// Not there; the name that the user would look for.
    Missing(String),
}

/// A DEM in pieces, in the spirit of Rugged's `TileUpdater`.
///
/// Called from several threads, for neighbouring places again and again: an implementation keeps a few pieces.
pub trait DemSource: Sync {
    /// The piece that covers a place.
    ///
    /// # Errors
    /// Auxiliary, Io: a piece that is there can't be read. A piece that is not there is no error.
    fn cover(&self, place: Geodetic) -> Result<Cover>;
}

/// One patch over an area: west, south, east, north in degrees; east may be beyond 180.
///
/// Its lattice is that of the finest piece. Where pieces of different lattices meet, nodes of the others are sampled
/// on their bilinear surface. Sea is 0 m, what is missing is NaN and named.
///
/// # Errors
/// As [`DemSource::cover`].
pub fn patch_over(source: &dyn DemSource, area: [f64; 4]) -> Result<DemPatch> {
    let _ = (
        source,
        area,
        DemFrame::Geographic,
        Array2::<f32>::zeros((0, 0)),
    );
    Err(Error::internal("not written yet"))
}
