//! Where heights come from: the caller gives pieces of a DEM, the science asks for what it needs.

use super::patch::DemPatch;
use crate::Result;
use crate::scene::Geodetic;
use std::sync::Arc;

/// A place's piece of the DEM.
#[derive(Clone, Debug)]
pub struct Cover {
    /// West, south, east, north of the piece, degrees; the place lies in it. Pieces share borders and do not
    /// overlap otherwise.
    pub extent: [f64; 4],
    /// What is there.
    pub content: Content,
}

/// What a piece of the DEM is.
#[derive(Clone, Debug)]
pub enum Content {
    /// Heights. Between the outermost nodes and the borders of the extent is less than one step: there the surface
    /// runs on to the neighbour's nodes. Nodes on or beyond the borders agree with the neighbour's where it has them.
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
