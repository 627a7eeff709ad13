//! The nodes of the elevation model around a scene, as one lattice of longitude and latitude; where the
//! pixels lie in it.

use super::DemCell;
use crate::scene::{Geodetic, Grid, WGS84_EQUATORIAL_RADIUS, WGS84_FLATTENING};
use ndarray::Array2;
use std::f64::consts::TAU;
use std::ops::Range;

/// Distance between the places that are projected exactly, metres: linear between them, pixels are right
/// to 2 mm.
const ANCHOR_DISTANCE: f64 = 320.0;
/// Degrees around the Earth.
pub(super) const CIRCLE_DEGREES: i64 = 360;

/// Heights of nodes; x counts nodes eastwards, y southwards, from the north-western one.
#[derive(Clone, Debug)]
pub(super) struct Lattice {
    /// Steps in a degree.
    per_degree: i64,
    /// Longitude of the western column and latitude of the northern row, steps.
    pub west: i64,
    pub north: i64,
    pub rows: usize,
    pub columns: usize,
    heights: Vec<i16>,
}

/// The four nodes around a point: upper left, upper right, lower left, lower right, metres.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Facet(pub [f64; 4]);

impl Facet {
    /// Bilinear height at a point within, and its change per step to the east and to the south.
    pub fn at(&self, x: f64, y: f64) -> (f64, f64, f64) {
        let [upper, right, lower, diagonal] = self.0;
        let (along, down) = (right - upper, lower - upper);
        let twist = diagonal - lower - along;
        (
            upper + along * x + (down + twist * x) * y,
            along + twist * y,
            down + twist * x,
        )
    }

    /// Height only.
    pub fn height(&self, x: f64, y: f64) -> f64 {
        self.at(x, y).0
    }

    /// How the slope to the east changes per step to the south.
    pub fn twist(&self) -> f64 {
        let [upper, right, lower, diagonal] = self.0;
        diagonal - right - lower + upper
    }
}

impl Lattice {
    /// The nodes within `margin` metres of a grid, so many to a degree as the cells have; 0 where no cell
    /// is given.
    pub fn around(grid: &Grid, margin: f64, per_degree: i64, cells: &[DemCell]) -> Self {
        let bounds = Bounds::of(grid, per_degree, margin);
        let (rows, columns) = (
            (bounds.north - bounds.south + 1) as usize,
            (bounds.east - bounds.west + 1) as usize,
        );
        let mut lattice = Self {
            per_degree,
            west: bounds.west,
            north: bounds.north,
            rows,
            columns,
            heights: vec![0; rows * columns],
        };
        for cell in cells {
            lattice.take(cell);
        }
        lattice
    }

    /// Copies the part of a cell that lies in the lattice.
    fn take(&mut self, cell: &DemCell) {
        let circle = CIRCLE_DEGREES * self.per_degree;
        let west = nearest(i64::from(cell.west) * self.per_degree, self.west, circle);
        let top = self.north - i64::from(cell.south + 1) * self.per_degree;
        let left = west - self.west;
        let (height, width) = cell.heights.dim();
        let columns = left.max(0)..(left + width as i64).min(self.columns as i64);
        if columns.is_empty() {
            return;
        }
        for row in top.max(0)..(top + height as i64).min(self.rows as i64) {
            let from = cell.heights.row((row - top) as usize);
            let start = row as usize * self.columns;
            for column in columns.clone() {
                self.heights[start + column as usize] = from[(column - left) as usize];
            }
        }
    }

    /// The facet that holds a point and the point's place in it; points outside take the nearest edge's.
    pub fn facet(&self, x: f64, y: f64) -> (Facet, f64, f64) {
        let column = (x.max(0.0) as usize).min(self.columns - 2);
        let row = (y.max(0.0) as usize).min(self.rows - 2);
        (
            self.facet_at(column, row),
            x - column as f64,
            y - row as f64,
        )
    }

    /// The facet with a given upper left node.
    pub fn facet_at(&self, column: usize, row: usize) -> Facet {
        let start = row * self.columns + column;
        let upper = &self.heights[start..start + 2];
        let lower = &self.heights[start + self.columns..start + self.columns + 2];
        Facet([upper[0], upper[1], lower[0], lower[1]].map(f64::from))
    }

    /// Heights of a row of nodes.
    pub fn row(&self, row: usize) -> &[i16] {
        &self.heights[row * self.columns..(row + 1) * self.columns]
    }

    /// Steps in a radian.
    pub fn per_radian(&self) -> f64 {
        (self.per_degree as f64).to_degrees()
    }

    /// A place in steps.
    fn position(&self, place: Geodetic) -> [f64; 2] {
        let per_radian = self.per_radian();
        let west = self.west as f64 / per_radian;
        // Places up to a half circle west of the lattice are west of it.
        let eastwards = (place.longitude - west + TAU / 2.0).rem_euclid(TAU) - TAU / 2.0;
        [
            eastwards * per_radian,
            self.north as f64 - place.latitude * per_radian,
        ]
    }

    /// Latitude of a line of the lattice, radians.
    pub fn latitude(&self, y: f64) -> f64 {
        (self.north as f64 - y) / self.per_radian()
    }
}

/// The repetition of a longitude after each circle that is closest to another, all in steps.
fn nearest(longitude: i64, to: i64, circle: i64) -> i64 {
    to + (longitude - to + circle / 2).rem_euclid(circle) - circle / 2
}

/// A rectangle of longitudes and latitudes in steps, whole nodes; longitudes go on beyond 180 degrees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Bounds {
    pub west: i64,
    pub east: i64,
    pub south: i64,
    pub north: i64,
}

impl Bounds {
    /// Around a grid and `margin` metres more on all sides.
    pub fn of(grid: &Grid, per_degree: i64, margin: f64) -> Self {
        let side = |pixels: usize| pixels as f64 * grid.pixel_size + margin;
        Self::of_rectangle(
            grid,
            per_degree,
            [-margin, side(grid.width)],
            [-margin, side(grid.height)],
        )
    }

    /// Around a rectangle given in metres east and south of the grid's corner.
    pub fn of_rectangle(grid: &Grid, per_degree: i64, east: [f64; 2], south: [f64; 2]) -> Self {
        /// Points along a side: between them the edge bends by centimetres.
        const POINTS: i32 = 64;
        let (easting, northing) = grid.centre();
        let per_radian = (per_degree as f64).to_degrees();
        let half = 0.5 * (CIRCLE_DEGREES * per_degree) as f64;
        let centre = grid.zone.geodetic(easting, northing).longitude * per_radian;
        let mut bounds = Self {
            west: i64::MAX,
            east: i64::MIN,
            south: i64::MAX,
            north: i64::MIN,
        };
        for step in 0..=POINTS {
            let share = f64::from(step) / f64::from(POINTS);
            let between = |range: [f64; 2]| range[0] + share * (range[1] - range[0]);
            let (x, y) = (between(east), between(south));
            for (x, y) in [(x, south[0]), (x, south[1]), (east[0], y), (east[1], y)] {
                let place = grid.zone.geodetic(grid.easting + x, grid.northing - y);
                let longitude = place.longitude * per_radian;
                let longitude = centre + (longitude - centre + half).rem_euclid(2.0 * half) - half;
                let latitude = place.latitude * per_radian;
                bounds.west = bounds.west.min(longitude.floor() as i64 - 1);
                bounds.east = bounds.east.max(longitude.ceil() as i64 + 1);
                bounds.south = bounds.south.min(latitude.floor() as i64 - 1);
                bounds.north = bounds.north.max(latitude.ceil() as i64 + 1);
            }
        }
        bounds
    }
}

/// Where the pixels of a grid lie in the lattice: exact at anchors, linear between them.
#[derive(Clone, Debug)]
pub(super) struct Places {
    /// Pixels between anchors.
    pub step: usize,
    /// x and y of the centre of pixel (row * step, column * step).
    anchors: Array2<[f64; 2]>,
}

/// Pixels of a row between two anchors: position = first + k * change.
#[derive(Clone, Debug)]
pub(super) struct Stretch {
    pub columns: Range<usize>,
    pub first: [f64; 2],
    pub change: [f64; 2],
}

impl Places {
    pub fn new(grid: &Grid, lattice: &Lattice) -> Self {
        let step = ((ANCHOR_DISTANCE / grid.pixel_size) as usize).max(1);
        let count = |pixels: usize| pixels.div_ceil(step) + 1;
        let anchors =
            Array2::from_shape_fn((count(grid.height), count(grid.width)), |(row, column)| {
                let (easting, northing) = grid.pixel_centre(row * step, column * step);
                lattice.position(grid.zone.geodetic(easting, northing))
            });
        Self { step, anchors }
    }

    /// The anchor row at or above a row, and how far below it the row lies, in anchor distances.
    pub fn between(&self, row: usize) -> (usize, f64) {
        let above = row / self.step;
        (above, (row % self.step) as f64 / self.step as f64)
    }

    /// The rectangle around the pixels between an anchor and the next ones, x and y, with a slack.
    pub fn area(&self, row: usize, column: usize) -> [Range<f64>; 2] {
        /// Steps; more than what rays from different places drift apart on their way.
        const SLACK: f64 = 0.5;
        let corners =
            [[0, 0], [0, 1], [1, 0], [1, 1]].map(|[i, j]| self.anchors[[row + i, column + j]]);
        [0, 1].map(|axis| {
            let positions = corners.map(|corner| corner[axis]);
            let first = positions.into_iter().fold(f64::INFINITY, f64::min);
            let last = positions.into_iter().fold(f64::NEG_INFINITY, f64::max);
            first - SLACK..last + SLACK
        })
    }

    /// A row of `width` pixels, piece by piece.
    pub fn stretches(&self, row: usize, width: usize) -> impl Iterator<Item = Stretch> {
        let (above, down) = self.between(row);
        let per_pixel = 1.0 / self.step as f64;
        (0..width.div_ceil(self.step)).map(move |index| {
            let at = |column: usize| {
                let (a, b) = (
                    self.anchors[[above, column]],
                    self.anchors[[above + 1, column]],
                );
                [0, 1].map(|axis| a[axis] + down * (b[axis] - a[axis]))
            };
            let (first, last) = (at(index), at(index + 1));
            Stretch {
                columns: index * self.step..((index + 1) * self.step).min(width),
                first,
                change: [0, 1].map(|axis| (last[axis] - first[axis]) * per_pixel),
            }
        })
    }
}

/// Radii of curvature of the ellipsoid at a latitude, metres: along the meridian and across it, and how
/// the first changes with the latitude, metres per radian.
pub(super) fn radii(latitude: f64) -> (f64, f64, f64) {
    const E2: f64 = WGS84_FLATTENING * (2.0 - WGS84_FLATTENING);
    let (sin, cos) = latitude.sin_cos();
    let w2 = 1.0 - E2 * sin * sin;
    let across = WGS84_EQUATORIAL_RADIUS / w2.sqrt();
    let along = across * (1.0 - E2) / w2;
    (along, across, 3.0 * along * E2 * sin * cos / w2)
}
