//! Clouds as height fields above the scene.

mod blocks;
mod deck;
mod field;
mod habit;
mod light;
mod puffs;

use super::noise::Row;
use super::setting::{CloudKind, Setting};
use super::shore::Shore;
use super::view::ViewGeometry;
use crate::scene::Band;
use crate::{Progress, Result};
use deck::Deck;
use light::Whiteness;

pub(super) use light::{direct_transmission, transmission};

/// Where slanted lines of sight through the pixels of a row go: at height `z` above the ground of
/// pixel k the line has moved `z * (shift + k * change)` metres to the east and south.
#[derive(Clone, Copy, Debug)]
pub(super) struct Slant {
    /// Metres east and south per metre of height, at the first pixel.
    pub shift: [f64; 2],
    /// Change of that from pixel to pixel.
    pub change: [f64; 2],
}

/// What the lines of sight of a row meet in one layer of cloud.
#[derive(Clone, Debug, Default)]
pub(super) struct Columns {
    /// Vertical optical depth, unitless.
    pub optical_depth: Vec<f32>,
    /// Reflectance relative to the kind's end member, about 1; 0 where no cloud is near.
    pub brightness: Vec<f32>,
    /// Height of the top, metres above the sea; 0 where there is no cloud.
    pub top: Vec<f32>,
}

impl Columns {
    /// Empties them.
    fn reset(&mut self) {
        for values in [&mut self.optical_depth, &mut self.brightness, &mut self.top] {
            values.clear();
        }
    }

    /// Appends clear sky up to `length` pixels.
    fn pad(&mut self, length: usize) {
        for values in [&mut self.optical_depth, &mut self.brightness, &mut self.top] {
            values.resize(length, 0.0);
        }
    }
}

/// One kind of cloud over the scene and around it.
pub(super) struct Layer {
    deck: Deck,
    whiteness: Whiteness,
}

impl Layer {
    /// Reflectance of the layer where it is opaque, unitless, for a top of this height in metres.
    pub fn reflectance(&self, band: Band, top: f32) -> f32 {
        self.whiteness.reflectance(band, top)
    }

    /// What the lines of sight through the ground points of a row meet; `heights` are those of the
    /// ground. False, and `columns` untouched, where there is no cloud at all.
    pub fn along(&self, row: Row, slant: Slant, heights: &[f32], columns: &mut Columns) -> bool {
        self.deck.along(row, slant, heights, columns)
    }
}

#[cfg(test)]
impl Layer {
    /// A flat disc of cloud for tests: end member of a kind, middle (metres east and south), radius and
    /// height of the top in metres, optical depth; for slants that move lines at most `reach` metres.
    pub fn disc(
        kind: CloudKind,
        middle: [f64; 2],
        radius: f64,
        top: f64,
        optical_depth: f64,
        reach: f64,
    ) -> Self {
        const CELL: f64 = 20.0;
        let margin = radius + reach;
        let mut mesh = deck::Mesh::around(0.0, [margin; 4], CELL);
        mesh.corner = [0, 1].map(|axis| middle[axis] + mesh.corner[axis]);
        let codes = deck::Codes::new(optical_depth, [top, top + 1.0], [0.0, 1.0]);
        let deck = Deck::new(mesh, codes, top, |rows, cells| {
            for (index, cell) in cells.iter_mut().enumerate() {
                let row = mesh.row((rows.start + index / mesh.size[0]) as i32);
                let east = row.first + (index % mesh.size[0]) as f64 * CELL - middle[0];
                let inside = east.hypot(row.y - middle[1]) <= radius;
                let depth = if inside { optical_depth } else { 0.0 };
                *cell = codes.cell(depth as f32, top as f32, 1.0);
            }
            Ok(())
        });
        Self {
            deck: deck.unwrap(),
            whiteness: Whiteness::new(kind),
        }
    }
}

/// All clouds, the lowest layer first.
pub(super) struct Clouds {
    pub layers: Vec<Layer>,
}

impl Clouds {
    /// Grows the clouds of a setting over its tile and as far around it as they can be seen or cast
    /// shadow from.
    ///
    /// # Errors
    /// Only when the caller cancels.
    pub fn new(
        setting: &Setting,
        shore: &Shore,
        geometry: &ViewGeometry,
        progress: &dyn Progress,
    ) -> Result<Self> {
        const FROM_BELOW: [CloudKind; 5] = [
            CloudKind::Fog,
            CloudKind::Stratus,
            CloudKind::Humilis,
            CloudKind::Cumulus,
            CloudKind::Cirrus,
        ];
        let mut layers = Vec::new();
        for kind in FROM_BELOW {
            if let Some(deck) = habit::grow(kind, setting, shore, geometry, progress)? {
                layers.push(Layer {
                    deck,
                    whiteness: Whiteness::new(kind),
                });
            }
        }
        Ok(Self { layers })
    }
}

#[cfg(test)]
mod tests;
