//! Where a block's pixels and the lines toward the light lie in the turned lattice of the DEM: exact at the nodes of
//! the control grid, bilinear between them.

use super::super::DemPatch;
use super::control::Control;
use super::ellipsoid::{along_track, nearby};
use super::spot::{Gradients, Spot};
use super::surface::{Orientation, Window};
use crate::scene::Geodetic;
use ndarray::Array2;
use std::ops::Range;

/// Half the baseline of differences on the ground, metres.
const BASELINE: f64 = 50.0;
/// Points whose scatter has a smaller determinant, by the product of its variances, lie on a line.
const LEAST_DETERMINANT: f64 = 1e-6;
/// Nodes beyond what geometry needs: for rounding, and for the cell below and right of a position.
pub const PADDING: f64 = 6.0;

/// A block in the turned lattice, whose rows run away from the light.
///
/// Positions are in nodes from the window's first node. Lines toward the light are those through the block's middle,
/// moved across; a line's name is where it crosses the row of the middle.
#[derive(Debug)]
pub struct Ground {
    /// How the lattice is turned.
    pub orientation: Orientation,
    /// What of it matters to the block.
    pub window: Window,
    spots: Array2<Spot>,
    /// Pixels between control nodes, rows and columns.
    spacing: (f32, f32),
    /// Pixels, rows and columns.
    pub dim: (usize, usize),
    /// Position of the block's middle.
    pub middle: (f64, f64),
    /// Nodes along and across by metre toward the light at the middle.
    toward: (f64, f64),
    /// The same by square metre: tracks of rays are great circles, lines of the lattice are not.
    pub bend: (f32, f32),
    /// First and last positions of pixels, along and across.
    extent: [(f64, f64); 2],
    /// Nodes along that relief may reach.
    pub reach: f64,
    /// Fall of a ray's height by the square of the distance, 1/m.
    pub curvature: f32,
    /// One by the Earth's radius toward the light, 1/m.
    pub earth_curvature: f32,
    /// Metres between nodes along and across.
    pub node_distance: (f64, f64),
    /// Cosine of the light's mean elevation.
    pub cos_elevation: f32,
}

impl Ground {
    /// Brings a control grid into a patch's lattice. Relief may reach so many metres.
    pub fn new(control: &Control, patch: &DemPatch, reach: f64, refraction: bool) -> Self {
        // Rows and columns by metre toward the light, against what a metre is worth along each axis.
        let (by_east, by_north) = gradients(patch, control.middle);
        let toward = |azimuth: f64| {
            let (sin, cos) = azimuth.sin_cos();
            (
                sin * by_east.0 + cos * by_north.0,
                sin * by_east.1 + cos * by_north.1,
            )
        };
        let toward = toward(control.light.azimuth);
        let row_rate = by_east.0.hypot(by_north.0);
        let column_rate = by_east.1.hypot(by_north.1);
        let transposed = toward.1.abs() * row_rate > toward.0.abs() * column_rate;
        let orientation = Orientation {
            transposed,
            reversed: if transposed { toward.1 } else { toward.0 } > 0.0,
        };
        let turned = |place: Geodetic| {
            let (row, column) = patch.node_position(place);
            orientation.turn(row, column)
        };
        let distance = reach.max(control.radius);
        let track =
            |distance: f64| turned(along_track(control.middle, control.light.azimuth, distance));
        let (middle, ahead, behind) = (track(0.0), track(distance), track(-distance));
        let first = |ahead: f64, behind: f64| (ahead - behind) / (2.0 * distance);
        let second = |ahead: f64, middle: f64, behind: f64| {
            (ahead + behind - 2.0 * middle) / (2.0 * distance * distance)
        };
        let bend = (
            second(ahead.0, middle.0, behind.0),
            second(ahead.1, middle.1, behind.1),
        );
        let toward = (first(ahead.0, behind.0), first(ahead.1, behind.1));

        let positions = control.places.map(|place| turned(*place));
        let range = |values: &mut dyn Iterator<Item = f64>| {
            values.fold(
                (f64::INFINITY, f64::NEG_INFINITY),
                |(least, greatest), value| (least.min(value), greatest.max(value)),
            )
        };
        let mut ground = Self {
            orientation,
            window: Window {
                along: 0,
                across: 0,
                rows: 0,
                columns: 0,
            },
            spots: Array2::default((0, 0)),
            spacing: control.spacing,
            dim: control.dim,
            middle,
            toward,
            bend: (bend.0 as f32, bend.1 as f32),
            extent: [
                range(&mut positions.iter().map(|position| position.0)),
                range(&mut positions.iter().map(|position| position.1)),
            ],
            reach: reach * toward.0.abs() + reach * reach * bend.0.abs() + PADDING,
            curvature: control.curvature(refraction) as f32,
            earth_curvature: (1.0 / control.earth_radius()) as f32,
            node_distance: if transposed {
                (1.0 / column_rate, 1.0 / row_rate)
            } else {
                (1.0 / row_rate, 1.0 / column_rate)
            },
            cos_elevation: control.light.zenith.sin() as f32,
        };
        let window = ground.window();
        let origin = (window.along as f64, window.across as f64);
        ground.spots = ndarray::Zip::from(&control.places)
            .and(&control.lights)
            .and(&positions)
            .map_collect(|place, light, position| {
                let by = turned_gradients(patch, *place, orientation);
                let position = (position.0 - origin.0, position.1 - origin.1);
                Spot::new(position, by, *light)
            });
        ground.middle = (middle.0 - origin.0, middle.1 - origin.1);
        for (extent, origin) in ground.extent.iter_mut().zip([origin.0, origin.1]) {
            *extent = (extent.0 - origin, extent.1 - origin);
        }
        ground.window = window;
        ground
    }

    /// The nodes that lines and pixels touch.
    fn window(&self) -> Window {
        let (first, last) = (self.first_row(), self.extent[0].1.floor() + PADDING);
        let (mut left, mut right) = (self.extent[1].0, self.extent[1].1);
        let mut row = first;
        while row <= last {
            if let Some((least, greatest)) = self.active(row) {
                let shift = self.shift(row);
                left = left.min(least + shift);
                right = right.max(greatest + shift);
            }
            row += 1.0;
        }
        let (left, right) = ((left - PADDING).floor(), (right + PADDING).ceil());
        Window {
            along: first as i64,
            across: left as i64,
            rows: (last - first) as usize + 1,
            columns: (right - left) as usize + 1,
        }
    }

    /// The row that lines start from.
    pub fn first_row(&self) -> f64 {
        (self.extent[0].0 - self.reach).floor()
    }

    /// The rows that pixels lie on, and one more on each side.
    pub fn rows(&self) -> Range<usize> {
        let (first, last) = self.extent[0];
        (first.floor() - 1.0) as usize..last.ceil() as usize + 2
    }

    /// How far a line has moved across on its way from the row of the block's middle.
    pub fn shift(&self, along: f64) -> f64 {
        let rows = along - self.middle.0;
        let (linear, square) = self.shift_terms();
        rows * (linear + rows * square)
    }

    /// Factors of rows and squared rows from the middle in [`Ground::shift`].
    pub fn shift_terms(&self) -> (f64, f64) {
        let (toward, bend) = (
            self.toward,
            (f64::from(self.bend.0), f64::from(self.bend.1)),
        );
        (
            toward.1 / toward.0,
            bend.1 / toward.0.powi(2) - toward.1 * bend.0 / toward.0.powi(3),
        )
    }

    /// First and last line, whole numbers.
    pub fn lines(&self) -> (f64, f64) {
        let (mut least, mut greatest) = (f64::INFINITY, f64::NEG_INFINITY);
        let mut row = self.first_row();
        while row <= self.extent[0].1 + 1.0 {
            if let Some((first, last)) = self.active(row) {
                least = least.min(first);
                greatest = greatest.max(last);
            }
            row += 1.0;
        }
        (least.floor() - 1.0, greatest.ceil() + 2.0)
    }

    /// Lines that pixels near this row or below it lie on, and that relief at this row may matter to: first and last.
    pub fn active(&self, along: f64) -> Option<(f64, f64)> {
        let (first, last) = self.extent[0];
        let from = (along - 1.0).max(first);
        let to = (along + self.reach).min(last);
        if from > to + 1.0 {
            return None;
        }
        let ends = [from, 0.5 * (from + to), to].map(|along| self.shift(along));
        let least = ends.into_iter().fold(f64::INFINITY, f64::min);
        let greatest = ends.into_iter().fold(f64::NEG_INFINITY, f64::max);
        Some((
            self.extent[1].0 - greatest - 1.0,
            self.extent[1].1 - least + 1.0,
        ))
    }

    /// How rays fall in light that is higher by an angle of this tangent.
    pub fn fall(&self, lift: f32) -> Fall {
        let known: Vec<(f64, f64, f64)> = self
            .spots
            .iter()
            .filter(|spot| !spot.slope.is_nan())
            .map(|spot| {
                (
                    f64::from(spot.position.0) - self.middle.0,
                    f64::from(spot.position.1) - self.middle.1,
                    -f64::from(spot.lifted(lift).slope / spot.toward.0),
                )
            })
            .collect();
        let plane = Plane::through(&known);
        // Metres by node along, and its growth.
        let metres = -1.0 / self.toward.0;
        let slope = -plane.middle * self.toward.0;
        let stretch = f64::from(self.bend.0) * metres.powi(3);
        Fall {
            plane,
            by_square: slope * stretch + f64::from(self.curvature) * metres * metres,
        }
    }

    /// What the control grid gives at the pixels of a row, cell by cell.
    pub fn segments(&self, row: usize) -> impl Iterator<Item = Segment> {
        let (rows, columns) = self.spots.dim();
        let position = (row as f32 + 0.5) / self.spacing.0;
        let upper = (position as usize).min(rows - 2);
        let down = position - upper as f32;
        let side = move |column: usize| {
            self.spots[[upper, column]].between(&self.spots[[upper + 1, column]], down)
        };
        let first_of =
            |cell: usize| ((cell as f32 * self.spacing.1 - 0.5).ceil() as usize).min(self.dim.1);
        let mut next = side(0);
        (0..columns - 1).map(move |cell| {
            let (left, right) = (next, side(cell + 1));
            next = right;
            let end = if cell + 2 == columns {
                self.dim.1
            } else {
                first_of(cell + 1)
            };
            let pixels = first_of(cell)..end;
            let change = left.difference(&right, 1.0 / self.spacing.1);
            let offset = pixels.start as f32 + 0.5 - cell as f32 * self.spacing.1;
            Segment {
                start: left.plus(&change, offset),
                change,
                columns: pixels,
            }
        })
    }

    /// What the control grid gives, at its nodes.
    pub fn spots(&self) -> impl Iterator<Item = &Spot> {
        self.spots.iter()
    }
}

/// How rays fall over a block, metres by node along.
#[derive(Clone, Copy, Debug)]
pub struct Fall {
    /// At the foot of a ray.
    pub plane: Plane,
    /// By the square of nodes along: the Earth's curvature, and how nodes grow with the distance.
    pub by_square: f64,
}

/// A value that changes evenly over a block.
#[derive(Clone, Copy, Debug)]
pub struct Plane {
    /// At the block's middle.
    pub middle: f64,
    /// Change by node along.
    pub by_along: f64,
    /// Change by node across.
    pub by_across: f64,
}

impl Plane {
    /// The plane nearest to values at positions from the middle (least squares).
    fn through(points: &[(f64, f64, f64)]) -> Self {
        let count = points.len() as f64;
        let mean = |f: &dyn Fn(&(f64, f64, f64)) -> f64| points.iter().map(f).sum::<f64>() / count;
        let (x, y, z) = (mean(&|p| p.0), mean(&|p| p.1), mean(&|p| p.2));
        let xx = mean(&|p| (p.0 - x) * (p.0 - x));
        let xy = mean(&|p| (p.0 - x) * (p.1 - y));
        let yy = mean(&|p| (p.1 - y) * (p.1 - y));
        let xz = mean(&|p| (p.0 - x) * (p.2 - z));
        let yz = mean(&|p| (p.1 - y) * (p.2 - z));
        let determinant = xx * yy - xy * xy;
        let (by_along, by_across) = if determinant > LEAST_DETERMINANT * xx * yy {
            (
                (xz * yy - yz * xy) / determinant,
                (yz * xx - xz * xy) / determinant,
            )
        } else {
            (0.0, 0.0)
        };
        Self {
            middle: z - by_along * x - by_across * y,
            by_along,
            by_across,
        }
    }
}

/// Pixels of a row within a control cell.
#[derive(Clone, Debug)]
pub struct Segment {
    /// Values at the first pixel.
    pub start: Spot,
    /// Their change by pixel.
    pub change: Spot,
    /// Columns of the block.
    pub columns: Range<usize>,
}

impl Segment {
    /// At a pixel, counted from the first.
    pub fn at(&self, pixel: usize) -> Spot {
        self.start.plus(&self.change, pixel as f32)
    }
}

/// Rows and columns of a patch by metre east, and by metre north.
fn gradients(patch: &DemPatch, place: Geodetic) -> ((f64, f64), (f64, f64)) {
    let difference = |east: f64, north: f64| {
        let (row, column) = patch.node_position(nearby(place, east, north));
        let (other_row, other_column) = patch.node_position(nearby(place, -east, -north));
        (
            (row - other_row) / (2.0 * BASELINE),
            (column - other_column) / (2.0 * BASELINE),
        )
    };
    (difference(BASELINE, 0.0), difference(0.0, BASELINE))
}

/// Gradients of (along, across) by metre east, and by metre north.
fn turned_gradients(patch: &DemPatch, place: Geodetic, orientation: Orientation) -> Gradients {
    let (by_east, by_north) = gradients(patch, place);
    [by_east, by_north].map(|(row, column)| orientation.turn(row, column))
}
