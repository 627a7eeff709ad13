//! The working grid: a rectangle of square pixels in a UTM zone.

use super::utm::{Geodetic, UtmZone};
use serde_json::{Value, json};

/// A north-up grid of square pixels.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Grid {
    /// UTM zone.
    pub zone: UtmZone,
    /// Easting of the outer upper-left corner, metres.
    pub easting: f64,
    /// Northing of the outer upper-left corner, metres.
    pub northing: f64,
    /// Side of a pixel, metres.
    pub pixel_size: f64,
    /// Rows.
    pub height: usize,
    /// Columns.
    pub width: usize,
}

impl Grid {
    /// Easting and northing of a pixel's centre, metres.
    pub fn pixel_centre(&self, row: usize, column: usize) -> (f64, f64) {
        (
            self.easting + (column as f64 + 0.5) * self.pixel_size,
            self.northing - (row as f64 + 0.5) * self.pixel_size,
        )
    }

    /// Easting and northing of the middle of the grid, metres.
    pub fn centre(&self) -> (f64, f64) {
        (
            self.easting + 0.5 * self.width as f64 * self.pixel_size,
            self.northing - 0.5 * self.height as f64 * self.pixel_size,
        )
    }

    /// Outer corners as geodetic positions: upper left, upper right, lower right, lower left.
    pub fn corners(&self) -> [Geodetic; 4] {
        let (left, top) = (self.easting, self.northing);
        let right = left + self.width as f64 * self.pixel_size;
        let bottom = top - self.height as f64 * self.pixel_size;
        [(left, top), (right, top), (right, bottom), (left, bottom)]
            .map(|(easting, northing)| self.zone.geodetic(easting, northing))
    }

    /// As JSON: `epsg`, `easting`, `northing`, `pixelSize`, `width`, `height`.
    pub fn to_json(&self) -> Value {
        json!({
            "epsg": self.zone.epsg(),
            "easting": self.easting,
            "northing": self.northing,
            "pixelSize": self.pixel_size,
            "width": self.width,
            "height": self.height,
        })
    }

    /// Rows and columns, as ndarray shapes are written.
    pub fn shape(&self) -> (usize, usize) {
        (self.height, self.width)
    }

    /// Area of a pixel in square kilometres.
    pub fn pixel_area_km2(&self) -> f64 {
        self.pixel_size * self.pixel_size * 1e-6
    }
}
