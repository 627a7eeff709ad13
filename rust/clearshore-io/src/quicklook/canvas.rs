//! A picture in memory: rectangles, pictures, text.

use font8x8::{BASIC_FONTS, UnicodeFonts};
use ndarray::Array2;

/// Side of a letter in the font, pixels.
const LETTER: usize = 8;
/// Pixels of the picture per pixel of the font.
const LETTER_SCALE: usize = 2;
/// Height of a line of text, pixels.
pub const TEXT_HEIGHT: usize = LETTER * LETTER_SCALE;
const BACKGROUND: [u8; 3] = [24, 24, 24];
const INK: [u8; 3] = [235, 235, 235];

/// Width of a line of text, pixels.
pub fn text_width(text: &str) -> usize {
    text.chars().count() * LETTER * LETTER_SCALE
}

/// Red, green and blue, (row, column).
pub struct Canvas {
    pixels: Array2<[u8; 3]>,
}

impl Canvas {
    pub fn new(width: usize, height: usize) -> Self {
        Self {
            pixels: Array2::from_elem((height, width), BACKGROUND),
        }
    }

    /// Fills a rectangle; what lies outside is left out. Positions are (left, top).
    pub fn rectangle(
        &mut self,
        (left, top): (usize, usize),
        (width, height): (usize, usize),
        colour: [u8; 3],
    ) {
        for row in top..top + height {
            for column in left..left + width {
                if let Some(pixel) = self.pixels.get_mut((row, column)) {
                    *pixel = colour;
                }
            }
        }
    }

    /// Draws a picture, each pixel as a square of `enlarge` pixels.
    pub fn picture(
        &mut self,
        (left, top): (usize, usize),
        picture: &Array2<[u8; 3]>,
        enlarge: usize,
    ) {
        for ((row, column), colour) in picture.indexed_iter() {
            let position = (left + column * enlarge, top + row * enlarge);
            self.rectangle(position, (enlarge, enlarge), *colour);
        }
    }

    /// Writes a line of text.
    pub fn text(&mut self, (left, top): (usize, usize), text: &str) {
        for (index, letter) in text.chars().enumerate() {
            let rows = BASIC_FONTS.get(letter).unwrap_or_default();
            for (row, bits) in rows.into_iter().enumerate() {
                for column in (0..LETTER).filter(|column| bits >> column & 1 == 1) {
                    let position = (
                        left + (index * LETTER + column) * LETTER_SCALE,
                        top + row * LETTER_SCALE,
                    );
                    self.rectangle(position, (LETTER_SCALE, LETTER_SCALE), INK);
                }
            }
        }
    }

    /// As a PNG file.
    pub fn encode(&self) -> Result<Vec<u8>, png::EncodingError> {
        let (height, width) = self.pixels.dim();
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, width as u32, height as u32);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        let bytes: Vec<u8> = self.pixels.iter().flatten().copied().collect();
        let mut writer = encoder.write_header()?;
        writer.write_image_data(&bytes)?;
        writer.finish()?;
        Ok(file)
    }
}
