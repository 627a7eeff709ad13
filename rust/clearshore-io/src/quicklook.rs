//! A picture for people: true colour on the left, the classes in their fixed colours on the right, a
//! legend with shares below. The same scene gives the same bytes.

mod canvas;
mod classes;
mod true_colour;

use canvas::{Canvas, TEXT_HEIGHT};
use clearshore::scene::Scene;
use clearshore::{Detection, Error, Result};
use ndarray::Array2;

pub use classes::class_map;

/// Width of a panel of a full tile, pixels, about.
const PANEL_WIDTH: usize = 1000;
/// Space around and between the panels, pixels.
const GAP: usize = 16;
/// Height of the title's line, pixels.
const TITLE_HEIGHT: usize = TEXT_HEIGHT + 2 * GAP;
/// Side of a colour patch in the legend, pixels.
const SWATCH: usize = 24;
/// Width of an entry of the legend, pixels.
const ENTRY_WIDTH: usize = 330;
/// Height of a row of the legend, pixels.
const ENTRY_HEIGHT: usize = SWATCH + GAP / 2;

/// How many pixels of the scene make one of the picture, or the other way round.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Scale {
    shrink: usize,
    enlarge: usize,
}

impl Scale {
    /// Whole numbers that bring a width nearest to [`PANEL_WIDTH`].
    fn of(width: usize) -> Self {
        let width = width.max(1);
        Self {
            shrink: ((width + PANEL_WIDTH / 2) / PANEL_WIDTH).max(1),
            enlarge: (PANEL_WIDTH / width).max(1),
        }
    }

    /// Pixels of the picture along `size` pixels of the scene.
    fn apply(self, size: usize) -> usize {
        size.div_ceil(self.shrink) * self.enlarge
    }
}

/// Draws the quicklook and packs it as PNG. `classes` is [`class_map`] of the flags.
pub fn png(
    scene: &Scene,
    detection: &Detection,
    classes: &Array2<u8>,
    title: &str,
) -> Result<Vec<u8>> {
    draw(scene, detection, classes, title)
        .encode()
        .map_err(|error| Error::internal("the quicklook can't be packed").caused_by(error))
}

fn draw(scene: &Scene, detection: &Detection, classes: &Array2<u8>, title: &str) -> Canvas {
    let (rows, columns) = scene.grid().shape();
    let scale = Scale::of(columns);
    let panel = (scale.apply(columns), scale.apply(rows));
    let width = (3 * GAP + 2 * panel.0).max(2 * GAP + ENTRY_WIDTH);
    let legend = classes::legend(detection, classes);
    let entries_a_row = ((width - 2 * GAP) / ENTRY_WIDTH).max(1);
    let legend_height = legend.len().div_ceil(entries_a_row) * ENTRY_HEIGHT;
    let mut canvas = Canvas::new(width, TITLE_HEIGHT + panel.1 + 2 * GAP + legend_height);
    canvas.text((GAP, GAP), title);
    canvas.picture(
        (GAP, TITLE_HEIGHT),
        &true_colour::render(scene, scale.shrink),
        scale.enlarge,
    );
    let map = classes::render(&detection.flags, classes, scale.shrink);
    canvas.picture((2 * GAP + panel.0, TITLE_HEIGHT), &map, scale.enlarge);
    for (index, entry) in legend.iter().enumerate() {
        let left = GAP + index % entries_a_row * ENTRY_WIDTH;
        let top = TITLE_HEIGHT + panel.1 + GAP + index / entries_a_row * ENTRY_HEIGHT;
        canvas.rectangle((left, top), (SWATCH, SWATCH), entry.colour);
        let label = (left + SWATCH + GAP / 2, top + (SWATCH - TEXT_HEIGHT) / 2);
        canvas.text(label, &format!("{} {:.1} %", entry.label, entry.percent));
    }
    canvas
}
