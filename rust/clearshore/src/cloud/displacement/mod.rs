//! ATBD step 7: what stands apart from the ground is cloud.
//!
//! B08 looks at the ground from another place than B07 and B8A, which look from nearly the same one. A cloud is displaced
//! in B08: its ratio to B8A varies from pixel to pixel, that of B07 does not. Bright ground does not move. Source: Frantz
//! et al. 2018, eq. 4 (the cloud displacement index); what follows from it for objects is our own measurement.

mod ratios;

use crate::raster::any_around;
use crate::scene::{Band, BandPlane, DisplacementSource, Grid, Rectangle};
use crate::{Progress, Result};
use ndarray::Array2;
use ratios::Ratios;
use rayon::prelude::*;
use std::borrow::Cow;

/// Half a side of the square in which ratios vary, pixels (Frantz et al. 2018: 7 x 7).
const WINDOW_RADIUS: usize = 3;
/// Pixels below this index stand apart from the ground, unitless (Frantz et al. 2018, seeds).
const DISPLACED_MAX: f64 = -0.5;
/// Pixels below this one may: low cloud, and the fine texture of towns (Frantz et al. 2018, growth).
const UNCERTAIN_MAX: f64 = -0.25;
/// From a quick look: pixels below this index stand apart in truth, unitless (own measurement on a simulated coast: four of
/// five pixels of cloud are below, and 99.9 % of those below are displaced).
const SURELY_DISPLACED_MAX: f64 = -0.85;
/// Side of the squares in which the index is asked for, pixels of the bands.
const SQUARE: usize = 64;

/// Whether a pixel stands apart from the ground.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Motion {
    /// Nobody looked, or nothing varies.
    Unknown,
    Still,
    Uncertain,
    Displaced,
}

/// Marks the [`Motion`] of a pixel that a quick look does not tell for sure.
const IN_DOUBT: u8 = 1 << 7;

/// The [`Motion`] of the pixels around those that were asked for.
pub(super) struct Displacement {
    motion: Array2<u8>,
    /// Where the rows and the columns of the scene's grid lie in it.
    rows: Vec<Option<usize>>,
    columns: Vec<Option<usize>>,
}

impl Displacement {
    /// Looks where a pixel (row, column) of `grid` is `wanted`, and around. `base` is B8A on the grid of the source, where
    /// it is at hand. Where the source allows a quick look, that is the first; `in_doubt` then tells by it which pixels
    /// are worth a second.
    ///
    /// # Errors
    /// As [`DisplacementSource::plane`].
    pub fn of(
        grid: &Grid,
        source: &dyn DisplacementSource,
        base: Option<&BandPlane>,
        wanted: impl Fn(usize, usize) -> bool + Sync,
        in_doubt: impl FnOnce(&Self) -> Vec<[usize; 2]>,
        progress: &dyn Progress,
    ) -> Result<Self> {
        let own = source.grid();
        let (rows, columns) = own_pixels(grid, &own);
        let wanted = wanted_rectangles((&rows, &columns), &own, wanted);
        let mut found = Self {
            motion: Array2::from_elem(own.shape(), Motion::Unknown as u8),
            rows,
            columns,
        };
        if wanted.is_empty() {
            return Ok(found);
        }
        let around = |wanted: &[Rectangle]| -> Vec<Rectangle> {
            wanted.iter().map(|at| place(at, &own)).collect()
        };
        let places = around(&wanted);
        let quick = source.quick_look(&places, progress)?;
        let read = |band: Band| source.plane(band, &places, progress);
        let mut ratios = Ratios {
            near: read(Band::B07)?,
            apart: match &quick {
                Some(quick) => Cow::Borrowed(quick.plane()),
                None => Cow::Owned(read(Band::B08)?),
            },
            base: match base {
                Some(plane) => Cow::Borrowed(plane),
                None => Cow::Owned(read(Band::B8A)?),
            },
        };
        found.look_at(
            &wanted,
            |index| {
                let doubt =
                    quick.is_some() && (SURELY_DISPLACED_MAX..UNCERTAIN_MAX).contains(&index);
                motion_of(index) as u8 | if doubt { IN_DOUBT } else { 0 }
            },
            &ratios,
            progress,
        )?;
        if let Some(quick) = &quick {
            let mut doubts = Extents::new(&own);
            for [row, column] in in_doubt(&found) {
                if let Some(at) = found.own_pixel(row, column) {
                    doubts.add(at);
                }
            }
            let doubts = doubts.rectangles(&own);
            let places = around(&doubts);
            if !places.is_empty() {
                ratios.apart = Cow::Owned(quick.sharpen(&places, progress)?);
                found.look_at(&doubts, |index| motion_of(index) as u8, &ratios, progress)?;
            }
        }
        Ok(found)
    }

    /// Sets what the pixels of rectangles are by their index.
    fn look_at(
        &mut self,
        rectangles: &[Rectangle],
        motion: impl Fn(f64) -> u8 + Sync,
        ratios: &Ratios<'_>,
        progress: &dyn Progress,
    ) -> Result<()> {
        let found: Vec<Array2<u8>> = rectangles
            .par_iter()
            .map(|&rectangle| {
                progress.check()?;
                Ok(ratios.indices(rectangle).mapv(&motion))
            })
            .collect::<Result<_>>()?;
        for (Rectangle { rows, columns }, found) in rectangles.iter().zip(found) {
            let part = ndarray::s![rows.0..rows.1, columns.0..columns.1];
            self.motion.slice_mut(part).assign(&found);
        }
        Ok(())
    }

    /// Whether a quick look does not tell for sure what a pixel (row, column) is.
    pub fn is_in_doubt(&self, row: usize, column: usize) -> bool {
        let at = self.own_pixel(row, column);
        at.is_some_and(|at| self.motion[at] & IN_DOUBT != 0)
    }

    /// Of a pixel (row, column).
    pub fn at(&self, row: usize, column: usize) -> Motion {
        match self
            .own_pixel(row, column)
            .map(|at| self.motion[at] & !IN_DOUBT)
        {
            Some(found) if found == Motion::Still as u8 => Motion::Still,
            Some(found) if found == Motion::Uncertain as u8 => Motion::Uncertain,
            Some(found) if found == Motion::Displaced as u8 => Motion::Displaced,
            _ => Motion::Unknown,
        }
    }

    fn own_pixel(&self, row: usize, column: usize) -> Option<(usize, usize)> {
        Some(((*self.rows.get(row)?)?, (*self.columns.get(column)?)?))
    }

    /// Whether nothing at a pixel (row, column) and its neighbours stands apart for sure.
    pub fn rests_around(&self, row: usize, column: usize) -> bool {
        let Some((row, column)) = self.own_pixel(row, column) else {
            return false;
        };
        let (rows, columns) = self.motion.dim();
        let motion = |row: usize, column: usize| self.motion[[row, column]] & !IN_DOUBT;
        let displaced = |row: usize, column: usize| motion(row, column) == Motion::Displaced as u8;
        let motion = motion(row, column);
        motion != Motion::Unknown as u8
            && motion != Motion::Displaced as u8
            && !any_around((rows, columns), (row, column), displaced)
    }
}

/// What an index says.
fn motion_of(index: f64) -> Motion {
    match index.is_nan() {
        true => Motion::Unknown,
        false if index < DISPLACED_MAX => Motion::Displaced,
        false if index < UNCERTAIN_MAX => Motion::Uncertain,
        false => Motion::Still,
    }
}

/// The rows and the columns of another grid of the same zone below the centres of a grid's rows and columns.
fn own_pixels(grid: &Grid, own: &Grid) -> (Vec<Option<usize>>, Vec<Option<usize>>) {
    let index = |distance: f64, count: usize| {
        let index = (distance / own.pixel_size).floor();
        (index >= 0.0 && index < count as f64).then_some(index as usize)
    };
    let row = |row| index(own.northing - grid.pixel_centre(row, 0).1, own.height);
    let column = |column| index(grid.pixel_centre(0, column).0 - own.easting, own.width);
    (
        (0..grid.height).map(row).collect(),
        (0..grid.width).map(column).collect(),
    )
}

/// Pixels of the bands' grid, as the rectangle that they span in each of its squares.
struct Extents(Array2<Option<Rectangle>>);

impl Extents {
    fn new(own: &Grid) -> Self {
        let shape = (own.height.div_ceil(SQUARE), own.width.div_ceil(SQUARE));
        Self(Array2::from_elem(shape, None))
    }

    fn add(&mut self, (row, column): (usize, usize)) {
        let pixel = Rectangle {
            rows: (row, row + 1),
            columns: (column, column + 1),
        };
        let extent = &mut self.0[[row / SQUARE, column / SQUARE]];
        *extent = union(*extent, Some(pixel));
    }

    fn and(mut self, other: &Self) -> Self {
        self.0.zip_mut_with(&other.0, |a, b| *a = union(*a, *b));
        self
    }

    /// The rectangles with the pixels' neighbours in the square, from top left.
    fn rectangles(&self, own: &Grid) -> Vec<Rectangle> {
        let extents = self.0.indexed_iter();
        let around = |square: usize, (first, end): (usize, usize), count: usize| {
            let (start, stop) = (square * SQUARE, ((square + 1) * SQUARE).min(count));
            (first.saturating_sub(1).max(start), (end + 1).min(stop))
        };
        extents
            .filter_map(|((row, column), extent)| {
                extent.map(|extent| Rectangle {
                    rows: around(row, extent.rows, own.height),
                    columns: around(column, extent.columns, own.width),
                })
            })
            .collect()
    }
}

/// The rectangle around two.
fn union(a: Option<Rectangle>, b: Option<Rectangle>) -> Option<Rectangle> {
    let along = |a: (usize, usize), b: (usize, usize)| (a.0.min(b.0), a.1.max(b.1));
    match (a, b) {
        (Some(a), Some(b)) => Some(Rectangle {
            rows: along(a.rows, b.rows),
            columns: along(a.columns, b.columns),
        }),
        (a, b) => a.or(b),
    }
}

/// Where the bands' grid has wanted pixels. `rows` and `columns` lead to that grid.
fn wanted_rectangles(
    (rows, columns): (&[Option<usize>], &[Option<usize>]),
    own: &Grid,
    wanted: impl Fn(usize, usize) -> bool + Sync,
) -> Vec<Rectangle> {
    let found = rows
        .par_iter()
        .enumerate()
        .filter_map(|(row, own_row)| Some((row, (*own_row)?)))
        .fold(
            || Extents::new(own),
            |mut found, (row, own_row)| {
                for (column, own_column) in columns.iter().enumerate() {
                    if let Some(own_column) = own_column
                        && wanted(row, column)
                    {
                        found.add((own_row, *own_column));
                    }
                }
                found
            },
        )
        .reduce(|| Extents::new(own), |a, b| a.and(&b));
    found.rectangles(own)
}

/// What the index of a rectangle looks at.
fn place(at: &Rectangle, own: &Grid) -> Rectangle {
    let around = |(first, end): (usize, usize), count: usize| {
        (
            first.saturating_sub(WINDOW_RADIUS),
            (end + WINDOW_RADIUS).min(count),
        )
    };
    Rectangle {
        rows: around(at.rows, own.height),
        columns: around(at.columns, own.width),
    }
}

#[cfg(test)]
mod tests;
