//! Where a block's pixels and the lines toward the light lie in the turned lattice of the DEM: exact at the nodes of
//! the control grid, bilinear between them.

use super::super::DemPatch;
use super::control::Control;
use super::ellipsoid::{along_track, nearby};
use super::spot::{Gradients, Metric, Segment, Spot, metric};
use super::surface::{Orientation, Window};
use crate::scene::Geodetic;
use ndarray::{Array2, Axis};

/// Half the baseline of differences on the ground, metres.
const BASELINE: f64 = 50.0;
/// Nodes beyond what geometry needs: for rounding, and for the cell below and right of a position.
pub const PADDING: f64 = 6.0;

/// A block in the turned lattice: tracks of pixels run away from the light, step by step.
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
    metrics: Array2<Metric>,
    /// Pixels between control nodes along and across.
    spacing: (f32, f32),
    /// Pixels along a track, and tracks.
    pub dim: (usize, usize),
    /// Position of the block's middle.
    middle: (f64, f64),
    /// Nodes along and across by metre toward the light at the middle.
    toward: (f64, f64),
    /// The same by square metre: tracks of rays are great circles, lines of the lattice are not.
    pub bend: (f32, f32),
    /// First and last positions of pixels, along and across.
    extent: [(f64, f64); 2],
    /// Nodes along that relief may reach.
    reach: f64,
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

        let mut positions = control.places.map(|place| turned(*place));
        let mut lights = control.lights.clone();
        let mut places = control.places.clone();
        let mut spacing = control.spacing;
        let mut dim = control.dim;
        if transposed {
            positions = positions.reversed_axes();
            lights = lights.reversed_axes();
            places = places.reversed_axes();
            spacing = (spacing.1, spacing.0);
            dim = (dim.1, dim.0);
        }
        if orientation.reversed {
            positions.invert_axis(Axis(0));
            lights.invert_axis(Axis(0));
            places.invert_axis(Axis(0));
        }
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
            metrics: places.map(|place| metric(turned_gradients(patch, *place, orientation))),
            spacing,
            dim,
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
        ground.spots = ndarray::Zip::from(&places)
            .and(&lights)
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

    /// The last row that a pixel lies on or before.
    pub fn last_row(&self) -> f64 {
        self.extent[0].1
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

    /// Column of the block's middle.
    pub fn middle_column(&self) -> f64 {
        self.middle.1
    }

    /// Row and column within the block of a pixel; the seam is not of the block.
    pub fn pixel(&self, step: usize, track: usize) -> [usize; 2] {
        let along = if self.orientation.reversed {
            self.dim.0 - 1 - step
        } else {
            step
        };
        if self.orientation.transposed {
            [track - 1, along - 1]
        } else {
            [along - 1, track - 1]
        }
    }

    /// Row of the block's middle.
    pub fn middle_row(&self) -> f64 {
        self.middle.0
    }

    /// Lines that pixels at this row or below it lie on, and that relief at this row may matter to: first and last.
    pub fn active(&self, along: f64) -> Option<(f64, f64)> {
        let (first, last) = self.extent[0];
        let from = along.max(first);
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

    /// Fall of a ray by the square of nodes along, metres: the Earth's curvature, and how nodes grow with the distance.
    pub fn fall_by_square(&self) -> f32 {
        let metres = -1.0 / self.toward.0;
        let stretch = f64::from(self.bend.0) * metres.powi(3);
        let slope = f64::from(self.middle_spot().slope);
        (slope * stretch + f64::from(self.curvature) * metres * metres) as f32
    }

    /// Metres that a ray falls by node along at the middle, and how that grows along and across.
    pub fn mean_fall(&self) -> (f64, f64, f64) {
        let (rows, columns) = self.spots.dim();
        let (mut sum, mut count) = (0.0, 0.0);
        let mut slopes = [(0.0, 0.0); 2];
        for ((row, column), spot) in self.spots.indexed_iter() {
            let fall = f64::from(spot.fall);
            if !fall.is_finite() {
                continue;
            }
            sum += fall;
            count += 1.0;
            let mut add = |axis: usize, other: [usize; 2]| {
                if let Some(next) = self.spots.get(other)
                    && next.fall.is_finite()
                {
                    let step = if axis == 0 {
                        next.position.0 - spot.position.0
                    } else {
                        next.position.1 - spot.position.1
                    };
                    slopes[axis].0 += (f64::from(next.fall) - fall) / f64::from(step);
                    slopes[axis].1 += 1.0;
                }
            };
            add(0, [row + 1, column]);
            add(1, [row, column + 1]);
        }
        let mean = |(sum, count): (f64, f64)| if count > 0.0 { sum / count } else { 0.0 };
        debug_assert!(rows > 1 && columns > 1);
        (mean((sum, count)), mean(slopes[0]), mean(slopes[1]))
    }

    fn middle_spot(&self) -> Spot {
        let (steps, tracks) = self.dim;
        let middle = self.at(steps / 2, tracks / 2);
        if middle.slope.is_nan() {
            let known = self.spots.iter().find(|spot| !spot.slope.is_nan());
            return known.copied().unwrap_or(middle);
        }
        middle
    }

    /// Control cell of a pixel and its fraction of the way through it.
    fn cell(pixel: usize, spacing: f32, nodes: usize) -> (usize, f32) {
        let position = pixel as f32 / spacing;
        let cell = (position as usize).min(nodes - 2);
        (cell, position - cell as f32)
    }

    /// What the control grid gives at a pixel.
    pub fn at(&self, step: usize, track: usize) -> Spot {
        let segment = self.segment(step, track);
        segment
            .start
            .plus(&segment.change, step as f32 - segment.first)
    }

    /// The segment of a track that a step lies in.
    pub fn segment(&self, step: usize, track: usize) -> Segment {
        let (rows, columns) = self.spots.dim();
        let (row, _) = Self::cell(step, self.spacing.0, rows);
        let (column, right) = Self::cell(track, self.spacing.1, columns);
        let side = |row| self.spots[[row, column]].between(&self.spots[[row, column + 1]], right);
        let (start, stop) = (side(row), side(row + 1));
        let is_last = row + 2 == rows;
        Segment {
            start,
            change: start.difference(&stop, 1.0 / self.spacing.0),
            first: row as f32 * self.spacing.0,
            end: if is_last {
                usize::MAX
            } else {
                ((row + 1) as f32 * self.spacing.0).ceil() as usize
            },
        }
    }

    /// The metric of the ground at a pixel.
    pub fn metric(&self, step: usize, track: usize) -> Metric {
        let (rows, columns) = self.metrics.dim();
        let (row, down) = Self::cell(step, self.spacing.0, rows);
        let (column, right) = Self::cell(track, self.spacing.1, columns);
        std::array::from_fn(|i| {
            let side = |row: usize| {
                let (left, next) = (
                    self.metrics[[row, column]][i],
                    self.metrics[[row, column + 1]][i],
                );
                left + right * (next - left)
            };
            side(row) + down * (side(row + 1) - side(row))
        })
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
