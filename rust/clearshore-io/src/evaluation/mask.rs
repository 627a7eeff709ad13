//! A mask brought onto the grid of the truth.

use super::plane::Plane;
use clearshore::evaluate::{Codes, Label, Tells};
use clearshore::scene::Grid;
use clearshore::{Error, Progress, Result};
use ndarray::Array2;
use std::path::Path;

/// A mask on the truth's grid.
#[derive(Debug)]
pub struct Mask {
    /// (rows, columns) as the truth.
    pub labels: Array2<Label>,
    /// What it tells.
    pub tells: Tells,
    /// Side of its own pixels, metres.
    pub pixel_size: f64,
}

/// Reads a mask: each pixel of the `grid` takes the mask's pixel under its centre; where there is none, it has no
/// data. Errors: Product (file, projection, place), Parameter (codes), cancellation.
pub fn read_mask(
    path: &Path,
    codes: &'static Codes,
    grid: &Grid,
    progress: &dyn Progress,
) -> Result<Mask> {
    let plane = Plane::open(path, "mask")?;
    let own = plane.grid;
    if own.zone != grid.zone {
        return Err(
            Error::product("mask and truth are not in the same projection")
                .at(path.display())
                .got(format!("EPSG:{}", own.zone.epsg()))
                .expected(format!("EPSG:{}, as the truth", grid.zone.epsg()))
                .advice("warp the mask with gdalwarp -r near"),
        );
    }
    let columns = Axis::new(own.easting, own.pixel_size, own.width);
    let columns: Vec<Option<usize>> = (0..grid.width)
        .map(|column| columns.pixel(grid.pixel_centre(0, column).0))
        .collect();
    // Northings fall with the rows.
    let rows = Axis::new(-own.northing, own.pixel_size, own.height);
    let rows: Vec<Option<usize>> = (0..grid.height)
        .map(|row| rows.pixel(-grid.pixel_centre(row, 0).1))
        .collect();
    if !(rows.iter().any(Option::is_some) && columns.iter().any(Option::is_some)) {
        return Err(Error::product("mask and truth do not overlap")
            .at(path.display())
            .got(place(&own))
            .expected(format!("a part of {}", place(grid)))
            .advice("give the mask and the truth of the same scene"));
    }
    let (labels, tells) = plane.labels(codes, progress)?;
    let labels = if own == *grid {
        labels
    } else {
        Array2::from_shape_fn(grid.shape(), |(row, column)| {
            let under = rows[row].zip(columns[column]);
            under.map_or_else(Label::default, |under| labels[under])
        })
    };
    Ok(Mask {
        labels,
        tells,
        pixel_size: own.pixel_size,
    })
}

/// Pixels along a direction.
struct Axis {
    first: f64,
    step: f64,
    pixels: usize,
}

impl Axis {
    fn new(first: f64, step: f64, pixels: usize) -> Self {
        Self {
            first,
            step,
            pixels,
        }
    }

    /// Pixel at a coordinate.
    fn pixel(&self, coordinate: f64) -> Option<usize> {
        let position = ((coordinate - self.first) / self.step).floor();
        (0.0..self.pixels as f64)
            .contains(&position)
            .then_some(position as usize)
    }
}

fn place(grid: &Grid) -> String {
    format!(
        "easting {} to {}, northing {} to {}",
        grid.easting,
        grid.easting + grid.width as f64 * grid.pixel_size,
        grid.northing - grid.height as f64 * grid.pixel_size,
        grid.northing,
    )
}
