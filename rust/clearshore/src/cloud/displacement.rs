//! ATBD step 7: what stands apart from the ground is cloud.
//!
//! B08 looks at the ground from another place than B07 and B8A, which look from nearly the same one. A cloud is displaced
//! in B08: its ratio to B8A varies from pixel to pixel, that of B07 does not. Bright ground does not move. Source: Frantz
//! et al. 2018, eq. 4 (the cloud displacement index); what follows from it for objects is our own measurement.

use crate::raster::any_around;
use crate::scene::{Band, BandPlane, DisplacementSource, Grid, NO_DATA_DN, Rectangle};
use crate::{Progress, Result};
use ndarray::Array2;
use rayon::prelude::*;

/// Half a side of the square in which ratios vary, pixels (Frantz et al. 2018: 7 x 7).
const WINDOW_RADIUS: usize = 3;
const WINDOW: usize = 2 * WINDOW_RADIUS + 1;
/// Pixels below this index stand apart from the ground, unitless (Frantz et al. 2018, seeds).
const DISPLACED_MAX: f64 = -0.5;
/// Pixels below this one may: low cloud, and the fine texture of towns (Frantz et al. 2018, growth).
const UNCERTAIN_MAX: f64 = -0.25;
/// Side of the squares in which the index is asked for, pixels of the bands.
const SQUARE: usize = 64;
/// Ratios vary around this, unitless: sums of squares lose no digits.
const USUAL_RATIO: f64 = 1.0;

/// Whether a pixel stands apart from the ground.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Motion {
    /// Nobody looked, or nothing varies.
    Unknown,
    Still,
    Uncertain,
    Displaced,
}

/// The [`Motion`] of the pixels around those that were asked for.
pub(super) struct Displacement {
    grid: Grid,
    own: Grid,
    motion: Array2<u8>,
}

impl Displacement {
    /// Looks where a pixel (row, column) of `grid` is `wanted`, and around.
    ///
    /// # Errors
    /// As [`DisplacementSource::plane`].
    pub fn of(
        grid: &Grid,
        source: &dyn DisplacementSource,
        wanted: impl Fn(usize, usize) -> bool + Sync,
        progress: &dyn Progress,
    ) -> Result<Self> {
        let own = source.grid();
        let squares = squares(grid, &own, wanted);
        let mut motion = Array2::from_elem(own.shape(), Motion::Unknown as u8);
        if !squares.is_empty() {
            let places: Vec<Rectangle> = squares.iter().map(|at| place(*at, &own)).collect();
            let read = |band: Band| source.plane(band, &places, progress);
            let ratios = Ratios {
                near: read(Band::B07)?,
                apart: read(Band::B08)?,
                base: read(Band::B8A)?,
            };
            let found: Vec<Array2<u8>> = squares
                .par_iter()
                .map(|&square| {
                    progress.check()?;
                    Ok(ratios.motion(square))
                })
                .collect::<Result<_>>()?;
            for ((row, column), found) in squares.into_iter().zip(found) {
                let (top, left) = (row * SQUARE, column * SQUARE);
                let (rows, columns) = found.dim();
                let part = ndarray::s![top..top + rows, left..left + columns];
                motion.slice_mut(part).assign(&found);
            }
        }
        Ok(Self {
            grid: *grid,
            own,
            motion,
        })
    }

    /// Of a pixel (row, column).
    pub fn at(&self, row: usize, column: usize) -> Motion {
        let at = own_pixel(row, column, &self.grid, &self.own);
        match at.map(|at| self.motion[at]) {
            Some(found) if found == Motion::Still as u8 => Motion::Still,
            Some(found) if found == Motion::Uncertain as u8 => Motion::Uncertain,
            Some(found) if found == Motion::Displaced as u8 => Motion::Displaced,
            _ => Motion::Unknown,
        }
    }

    /// Whether nothing at a pixel (row, column) and its neighbours stands apart for sure.
    pub fn rests_around(&self, row: usize, column: usize) -> bool {
        let Some((row, column)) = own_pixel(row, column, &self.grid, &self.own) else {
            return false;
        };
        let (rows, columns) = self.motion.dim();
        let displaced =
            |row: usize, column: usize| self.motion[[row, column]] == Motion::Displaced as u8;
        let motion = self.motion[[row, column]];
        motion != Motion::Unknown as u8
            && motion != Motion::Displaced as u8
            && !any_around((rows, columns), (row, column), displaced)
    }
}

/// The pixel of another grid of the same zone below the centre of a pixel.
fn own_pixel(row: usize, column: usize, grid: &Grid, own: &Grid) -> Option<(usize, usize)> {
    let (easting, northing) = grid.pixel_centre(row, column);
    let index = |distance: f64, count: usize| {
        let index = (distance / own.pixel_size).floor();
        (index >= 0.0 && index < count as f64).then_some(index as usize)
    };
    Some((
        index(own.northing - northing, own.height)?,
        index(easting - own.easting, own.width)?,
    ))
}

/// Squares of the bands' grid that have a wanted pixel, from top left.
fn squares(
    grid: &Grid,
    own: &Grid,
    wanted: impl Fn(usize, usize) -> bool + Sync,
) -> Vec<(usize, usize)> {
    let shape = (own.height.div_ceil(SQUARE), own.width.div_ceil(SQUARE));
    let none = || Array2::from_elem(shape, false);
    let found = (0..grid.height)
        .into_par_iter()
        .fold(none, |mut found, row| {
            for column in (0..grid.width).filter(|&column| wanted(row, column)) {
                if let Some((row, column)) = own_pixel(row, column, grid, own) {
                    found[[row / SQUARE, column / SQUARE]] = true;
                }
            }
            found
        })
        .reduce(none, |a, b| a | b);
    let found = found.indexed_iter().filter(|(_, wanted)| **wanted);
    found.map(|(at, _)| at).collect()
}

/// What the index of a square looks at.
fn place((row, column): (usize, usize), own: &Grid) -> Rectangle {
    let around = |square: usize, count: usize| {
        let end = ((square + 1) * SQUARE + WINDOW_RADIUS).min(count);
        ((square * SQUARE).saturating_sub(WINDOW_RADIUS), end)
    };
    Rectangle {
        rows: around(row, own.height),
        columns: around(column, own.width),
    }
}

/// The bands whose ratios are compared.
struct Ratios {
    near: BandPlane,
    apart: BandPlane,
    base: BandPlane,
}

/// Number, sum and sum of squares of ratios, less the usual one.
type Sums = [f64; 3];

impl Ratios {
    /// [`Motion`] of the pixels of a square.
    fn motion(&self, (row, column): (usize, usize)) -> Array2<u8> {
        let (rows, columns) = self.base.dn.dim();
        let (top, left) = (row * SQUARE, column * SQUARE);
        let shape = (SQUARE.min(rows - top), SQUARE.min(columns - left));
        let near = self.variances(&self.near, (top, left), shape);
        let apart = self.variances(&self.apart, (top, left), shape);
        ndarray::Zip::from(&near)
            .and(&apart)
            .map_collect(|&near, &apart| {
                let index = (near - apart) / (near + apart);
                let motion = match index.is_nan() {
                    true => Motion::Unknown,
                    false if index < DISPLACED_MAX => Motion::Displaced,
                    false if index < UNCERTAIN_MAX => Motion::Uncertain,
                    false => Motion::Still,
                };
                motion as u8
            })
    }

    /// Variance of a band's ratio to the base in the window around each pixel; NaN where nothing is known.
    fn variances(
        &self,
        band: &BandPlane,
        (top, left): (usize, usize),
        (rows, columns): (usize, usize),
    ) -> Array2<f64> {
        let margin = WINDOW_RADIUS;
        let sums_of_pixel = |row: usize, column: usize| -> Sums {
            // Windows reach beyond the square, and end where the bands do.
            let at = (top + row)
                .checked_sub(margin)
                .zip((left + column).checked_sub(margin));
            match at.and_then(|at| self.ratio(band, at)) {
                Some(ratio) => [1.0, ratio - USUAL_RATIO, (ratio - USUAL_RATIO).powi(2)],
                None => [0.0; 3],
            }
        };
        let wide = (rows + 2 * margin, columns + 2 * margin);
        let pixels = Array2::from_shape_fn(wide, |(row, column)| sums_of_pixel(row, column));
        // Each window is added up by itself: no sum depends on where the square begins.
        let of_columns = Array2::from_shape_fn((rows, wide.1), |(row, column)| {
            add((row..row + WINDOW).map(|row| pixels[[row, column]]))
        });
        Array2::from_shape_fn((rows, columns), |(row, column)| {
            let [count, sum, squares] =
                add((column..column + WINDOW).map(|column| of_columns[[row, column]]));
            let mean = sum / count;
            squares / count - mean * mean
        })
    }

    fn ratio(&self, band: &BandPlane, at: (usize, usize)) -> Option<f64> {
        Some(reflectance(band, at)? / reflectance(&self.base, at)?)
    }
}

fn add(sums: impl Iterator<Item = Sums>) -> Sums {
    sums.fold([0.0; 3], |a, b| [a[0] + b[0], a[1] + b[1], a[2] + b[2]])
}

/// TOA reflectance above zero.
fn reflectance(plane: &BandPlane, at: (usize, usize)) -> Option<f64> {
    let dn = *plane.dn.get(at)?;
    let value = plane.radiometry.toa_reflectance(dn);
    (dn != NO_DATA_DN && value > 0.0).then_some(value)
}
