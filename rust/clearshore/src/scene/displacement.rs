//! Bands in which clouds stand apart from the ground, at their own resolution.

use super::{Band, BandPlane, Grid};
use crate::{Progress, Result};

/// Rows and columns of a rectangle, from the first to before the end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rectangle {
    /// First row, and the row after the last.
    pub rows: (usize, usize),
    /// First column, and the column after the last.
    pub columns: (usize, usize),
}

/// Gives B07, B08 and B8A on the grid of 20 m, where they are wanted.
///
/// The three look at the ground from slightly different places: what is above it lies beside itself. That is only seen in
/// pixels that nobody has resampled, so that a source that has no such pixels gives none at all. Most scenes need them in
/// few places.
pub trait DisplacementSource: Send + Sync {
    /// The grid of the planes.
    fn grid(&self) -> Grid;

    /// A band on [`Self::grid`], right in the rectangles; elsewhere it may hold anything. B08 is the
    /// mean of its pixels of 10 m after a Gaussian blur of 0.6 of them.
    ///
    /// # Errors
    /// Product: the band is damaged. Cancelled.
    fn plane(&self, band: Band, places: &[Rectangle], progress: &dyn Progress)
    -> Result<BandPlane>;

    /// A quick look at B08. Nothing where it would cost as much as [`Self::plane`].
    ///
    /// # Errors
    /// As [`Self::plane`].
    fn quick_look(
        &self,
        _places: &[Rectangle],
        _: &dyn Progress,
    ) -> Result<Option<Box<dyn QuickLook + '_>>> {
        Ok(None)
    }

    /// Whether the scene to which this source belongs has the same pixels of a band on the same grid, so that nobody
    /// needs to ask for them here.
    fn is_in_scene(&self, _band: Band) -> bool {
        false
    }
}

/// B08 from fewer numbers than its pixels.
pub trait QuickLook: Send + Sync {
    /// As [`DisplacementSource::plane`] but for edges that are too sharp: where little stands apart in it, little does, and
    /// where much does, something does.
    fn plane(&self) -> &BandPlane;

    /// Takes the numbers that the quick look went without, in rectangles that lie in those it looked at: as
    /// [`DisplacementSource::plane`], within 2 DN.
    ///
    /// # Errors
    /// As [`DisplacementSource::plane`].
    fn sharpen(&self, places: &[Rectangle], progress: &dyn Progress) -> Result<BandPlane>;
}
