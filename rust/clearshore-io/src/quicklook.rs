//! A picture for people: true colour on the left, the classes in their fixed colours on the right, a
//! legend with shares below. The same scene gives the same bytes.

mod agreement;
mod canvas;
mod classes;
mod true_colour;

use canvas::{Canvas, TEXT_HEIGHT, text_width};
use classes::Categories;
use clearshore::scene::{Radiometry, Scene};
use clearshore::{Detection, Error, Result};
use ndarray::Array2;

pub use agreement::agreement_png;
pub use classes::class_map;
pub use true_colour::BANDS as COLOUR_BANDS;

/// Width of a panel of a full tile, pixels, about.
const PANEL_WIDTH: usize = 1000;
/// Space around and between the panels, pixels.
const GAP: usize = 16;
/// Height of the title's line, pixels.
const TITLE_HEIGHT: usize = TEXT_HEIGHT + 2 * GAP;
/// Side of a colour patch in the legend, pixels.
const SWATCH: usize = 24;
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
}

/// Draws the quicklook and packs it as PNG. `classes` is [`class_map`] of the flags.
pub fn png(
    scene: &Scene,
    detection: &Detection,
    classes: &Array2<u8>,
    title: &str,
) -> Result<Vec<u8>> {
    png_beside(&picture(scene), &detection.flags, classes, title)
}

/// The left panel of a scene's quicklook, for [`png_beside`].
pub fn picture(scene: &Scene) -> Array2<[u8; 3]> {
    true_colour::of_scene(scene, Scale::of(scene.grid().width).shrink)
}

/// As [`png()`], of a [`picture`] that was made before.
pub fn png_beside(
    picture: &Array2<[u8; 3]>,
    flags: &Array2<i32>,
    classes: &Array2<u8>,
    title: &str,
) -> Result<Vec<u8>> {
    draw(picture, &(flags, classes), title)
}

/// The quicklook of a simulated scene: true colour beside the true classes. `colours` are red, green and
/// blue from [`shrunken`].
pub fn truth_png(colours: &[Array2<f32>; 3], classes: &Array2<u8>, title: &str) -> Result<Vec<u8>> {
    draw(&true_colour::render(colours), &classes, title)
}

/// True colour alone. `colours` are as in [`truth_png`].
pub fn picture_png(colours: &[Array2<f32>; 3], columns: usize, title: &str) -> Result<Vec<u8>> {
    let picture = true_colour::render(colours);
    arrange(title, &[&picture], Scale::of(columns).enlarge, &[])
}

/// Mean TOA reflectance of a band in the pixels of a quicklook's panel; NaN without data.
pub fn shrunken(dn: &Array2<u16>, radiometry: Radiometry) -> Array2<f32> {
    true_colour::reflectance(dn, radiometry, Scale::of(dn.ncols()).shrink)
}

fn draw(picture: &Array2<[u8; 3]>, map: &impl Categories, title: &str) -> Result<Vec<u8>> {
    let scale = Scale::of(map.shape().1);
    let legend: Vec<([u8; 3], String)> = classes::legend(map)
        .into_iter()
        .map(|entry| {
            (
                entry.colour,
                format!("{} {:.1} %", entry.label, entry.percent),
            )
        })
        .collect();
    let right = classes::render(map, scale.shrink);
    arrange(title, &[picture, &right], scale.enlarge, &legend)
}

/// Panels of one size side by side, below a title and above a legend.
fn arrange(
    title: &str,
    panels: &[&Array2<[u8; 3]>],
    enlarge: usize,
    legend: &[([u8; 3], String)],
) -> Result<Vec<u8>> {
    let (rows, columns) = panels.first().map_or((0, 0), |panel| panel.dim());
    let panel = (columns * enlarge, rows * enlarge);
    let widest = legend
        .iter()
        .map(|(_, text)| text_width(text))
        .max()
        .unwrap_or(0);
    let entry_width = SWATCH + 2 * GAP + widest;
    let width = (GAP + panels.len() * (GAP + panel.0)).max(GAP + entry_width);
    let entries_a_row = (width - GAP) / entry_width;
    let legend_height = legend.len().div_ceil(entries_a_row) * ENTRY_HEIGHT;
    let mut canvas = Canvas::new(width, TITLE_HEIGHT + panel.1 + 2 * GAP + legend_height);
    canvas.text((GAP, GAP), title);
    for (index, picture) in panels.iter().enumerate() {
        let left = GAP + index * (GAP + panel.0);
        canvas.picture((left, TITLE_HEIGHT), picture, enlarge);
    }
    for (index, (colour, text)) in legend.iter().enumerate() {
        let left = GAP + index % entries_a_row * entry_width;
        let top = TITLE_HEIGHT + panel.1 + GAP + index / entries_a_row * ENTRY_HEIGHT;
        canvas.rectangle((left, top), (SWATCH, SWATCH), *colour);
        canvas.text(
            (left + SWATCH + GAP / 2, top + (SWATCH - TEXT_HEIGHT) / 2),
            text,
        );
    }
    canvas
        .encode()
        .map_err(|error| Error::internal("the picture can't be packed").caused_by(error))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clearshore::flags::Flags;
    use clearshore::scene::{Band, BandPlane, Grid, Radiometry, SceneBuilder, UtmZone};

    /// Left half water, right half land; a line of coast between; the first rows without data.
    fn scene(height: usize, width: usize) -> (Scene, Detection) {
        let grid = Grid {
            zone: UtmZone::from_epsg(32_631).unwrap(),
            easting: 300_000.0,
            northing: 4_900_020.0,
            pixel_size: 20.0,
            height,
            width,
        };
        let radiometry = Radiometry {
            offset: -1000,
            quantification: 10_000.0,
        };
        let mut builder = SceneBuilder::new(grid);
        // Water is blue, land is red.
        for (band, water, land) in [
            (Band::B02, 2200, 1800),
            (Band::B03, 1600, 2200),
            (Band::B04, 1200, 2800),
            (Band::B8A, 1100, 4000),
            (Band::B11, 1050, 3500),
        ] {
            let dn = Array2::from_shape_fn(grid.shape(), |(row, column)| match (row, column) {
                (0..10, _) => 0,
                (_, column) if column < width / 2 => water,
                _ => land,
            });
            builder = builder.band(band, BandPlane { dn, radiometry });
        }
        let flags = Array2::from_shape_fn(grid.shape(), |(row, column)| {
            let flags = match (row, column) {
                (0..10, _) => Flags::INVALID,
                (_, column) if column + 1 == width / 2 => Flags::WATER | Flags::COASTLINE,
                (_, column) if column < width / 2 => Flags::WATER | Flags::CLEAR_WATER,
                _ => Flags::LAND | Flags::CLEAR_LAND,
            };
            flags.bits()
        });
        let detection = Detection {
            flags,
            evidence: None,
            features: Vec::new(),
            dem_missing: Vec::new(),
            glint: None,
            model: None,
            warnings: Vec::new(),
        };
        (builder.build().unwrap(), detection)
    }

    #[test]
    fn a_panel_is_about_a_thousand_pixels_wide() {
        for (width, panel) in [
            (10_980, 999),
            (5490, 1098),
            (1830, 915),
            (1098, 1098),
            (549, 549),
            (183, 915),
        ] {
            let scale = Scale::of(width);
            assert_eq!(
                width.div_ceil(scale.shrink) * scale.enlarge,
                panel,
                "{width}"
            );
        }
        assert_eq!(Scale::of(0), Scale::of(1));
    }

    #[test]
    fn the_picture_shows_true_colour_classes_and_legend() {
        let (scene, detection) = scene(400, 500);
        let classes = class_map(&detection.flags);
        let file = png(&scene, &detection, &classes, "S2B_TEST").unwrap();
        assert_eq!(file, png(&scene, &detection, &classes, "S2B_TEST").unwrap());
        let mut reader = png::Decoder::new(std::io::Cursor::new(file))
            .read_info()
            .unwrap();
        let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
        let size = reader.next_frame(&mut bytes).unwrap();
        let width = 3 * GAP + 2 * 1000;
        assert_eq!(size.width as usize, width);
        let pixel = |column: usize, row: usize| {
            let start = 3 * (row * width + column);
            [bytes[start], bytes[start + 1], bytes[start + 2]]
        };
        // A pixel of the scene is 2 x 2 of the picture.
        let (left, right) = (GAP, 2 * GAP + 1000);
        let [water, land] = [100, 400].map(|column| pixel(left + 2 * column, TITLE_HEIGHT + 400));
        assert!(
            water[2] > water[0] && land[0] > land[2],
            "{water:?} {land:?}"
        );
        assert_eq!(pixel(left + 200, TITLE_HEIGHT + 10), [0; 3]);
        for (column, row, colour) in [
            (100, 5, [64, 64, 64]),
            (100, 200, [0, 90, 200]),
            (249, 200, [0, 128, 0]),
            (400, 200, [120, 180, 60]),
        ] {
            assert_eq!(pixel(right + 2 * column, TITLE_HEIGHT + 2 * row), colour);
        }
        let legend = TITLE_HEIGHT + 2 * 400 + GAP;
        assert_eq!(pixel(GAP + 1, legend + 1), [64, 64, 64]);
    }

    /// A stripe of glint, and beside it one that geometry alone predicts, which stays clear water.
    #[test]
    fn stripes_of_glint_have_their_colour() {
        let (scene, mut detection) = scene(400, 500);
        for ((_, column), bits) in detection.flags.indexed_iter_mut() {
            let flags = match column {
                50..100 => Flags::WATER | Flags::GLINT_RISK | Flags::GLINT,
                100..150 => Flags::WATER | Flags::GLINT_RISK | Flags::CLEAR_WATER,
                150..200 => Flags::WATER | Flags::GLINT_RISK | Flags::GLINT | Flags::GLINT_SEVERE,
                _ => continue,
            };
            *bits = flags.bits();
        }
        let classes = class_map(&detection.flags);
        let drawn = classes::render(&(&detection.flags, &classes), 1);
        let (glint, clear_water) = ([255, 20, 147], [0, 90, 200]);
        for (column, colour) in [
            (49, clear_water),
            (50, glint),
            (99, glint),
            (100, clear_water),
            (149, clear_water),
            (150, glint),
            (199, glint),
            (200, clear_water),
        ] {
            assert_eq!(drawn[(200, column)], colour, "{column}");
        }
        let legend = classes::legend(&(&detection.flags, &classes));
        assert!(legend.iter().any(|entry| entry.colour == glint));
        assert!(png(&scene, &detection, &classes, "S2B_TEST").is_ok());
    }

    #[test]
    fn a_scene_without_data_or_a_pixel_wide_is_drawn_too() {
        for (height, width) in [(5, 40), (30, 1), (1, 1)] {
            let (scene, detection) = scene(height, width);
            let classes = class_map(&detection.flags);
            assert!(
                !png(&scene, &detection, &classes, "é\u{0}")
                    .unwrap()
                    .is_empty()
            );
        }
    }
}
