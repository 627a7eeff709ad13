//! Where a block's pixels lie in the turned lattice of the DEM, and what the light does there: exact at the nodes of
//! a control grid, bilinear between them.

use super::super::{DemPatch, Light};
use super::bounds::{Footprint, SPREAD};
use super::degrees_near;
use super::ellipsoid::{along_track, nearby, radius_toward};
use super::surface::{Orientation, Window};
use crate::scene::{Direction, Geodetic, Grid};
use ndarray::{Array2, Axis};
use std::ops::Range;

/// Greatest distance between control nodes, metres. The second derivative of the map from UTM to degrees is
/// tan(latitude) / R: at 70 degrees it leaves 2 cm at half this distance.
const CONTROL_STEP: f64 = 640.0;
/// Ground around what geometry needs, metres: more than [`PADDING`] nodes of any DEM that is worth it.
const AREA_MARGIN: f64 = 1_000.0;
/// Half the baseline of differences on the ground, metres.
const BASELINE: f64 = 50.0;
/// Lights below this elevation are not followed, radians (half a degree: there refraction decides).
const LEAST_ELEVATION: f64 = 0.5 * std::f64::consts::PI / 180.0;
/// Lights above this elevation are taken to stand there, radians: its tangent is finite.
const GREATEST_ELEVATION: f64 = 89.9 * std::f64::consts::PI / 180.0;
/// Nodes beyond what geometry needs: for rounding, and for the cell below and right of a position.
const PADDING: f64 = 6.0;
/// Bending of rays by the standard atmosphere, part of the Earth's curvature (Gauss; ITU-R P.453 gives 1/7 to 1/4
/// for radio waves).
const REFRACTION: f64 = 0.13;

/// Rows and columns of a grid with one more pixel on each side: those of its neighbours.
#[derive(Clone, Debug)]
pub struct Block {
    /// Rows of the grid.
    pub rows: Range<usize>,
    /// Columns of the grid.
    pub columns: Range<usize>,
}

impl Block {
    /// Rows and columns with the seam.
    pub fn dim(&self) -> (usize, usize) {
        (self.rows.len() + 2, self.columns.len() + 2)
    }
}

/// Places and directions at the control nodes of a block.
#[derive(Debug)]
pub struct Control {
    places: Array2<Geodetic>,
    lights: Array2<Option<Direction>>,
    /// Pixels between nodes, rows and columns.
    spacing: (f32, f32),
    /// Pixels, rows and columns.
    dim: (usize, usize),
    /// Middle of the block.
    pub middle: Geodetic,
    /// Mean direction to the light.
    pub light: Direction,
    /// Least elevation of the light, radians.
    pub least_elevation: f64,
    /// Half the block's diagonal, metres.
    pub radius: f64,
}

impl Control {
    /// Of a block; `None` when there is no light over it that can be followed. All elevations are lowered.
    pub fn new(grid: &Grid, light: Light<'_>, block: &Block, lowered: f64) -> Option<Self> {
        let (rows, columns) = block.dim();
        let cells = |pixels: usize| {
            ((pixels - 1) as f64 * grid.pixel_size / CONTROL_STEP)
                .ceil()
                .max(1.0) as usize
        };
        let nodes = (cells(rows), cells(columns));
        let spacing = (
            (rows - 1) as f64 / nodes.0 as f64,
            (columns - 1) as f64 / nodes.1 as f64,
        );
        // Metres right of and below the grid's corner; the first pixel is the seam's.
        let offset = |row: f64, column: f64| {
            (
                (block.columns.start as f64 - 0.5 + column) * grid.pixel_size,
                (block.rows.start as f64 - 0.5 + row) * grid.pixel_size,
            )
        };
        let place = |row: f64, column: f64| {
            let (east, south) = offset(row, column);
            grid.zone
                .geodetic(grid.easting + east, grid.northing - south)
        };
        let direction = |row: f64, column: f64| {
            let (east, south) = offset(row, column);
            let direction = match light {
                Light::Grid(angles) => angles.at(east, south)?,
                Light::Uniform(direction) => direction,
            };
            let elevation = std::f64::consts::FRAC_PI_2 - direction.zenith;
            (elevation >= LEAST_ELEVATION && direction.azimuth.is_finite()).then(|| Direction {
                zenith: std::f64::consts::FRAC_PI_2
                    - (elevation.min(GREATEST_ELEVATION) - lowered).max(0.5 * LEAST_ELEVATION),
                azimuth: direction.azimuth,
            })
        };
        let at = |(i, j): (usize, usize)| (i as f64 * spacing.0, j as f64 * spacing.1);
        let shape = (nodes.0 + 1, nodes.1 + 1);
        let places = Array2::from_shape_fn(shape, |node| place(at(node).0, at(node).1));
        let lights = Array2::from_shape_fn(shape, |node| direction(at(node).0, at(node).1));
        let mut sum = [0.0_f64; 3];
        let mut least_elevation = f64::INFINITY;
        for light in lights.iter().flatten() {
            sum[0] += light.zenith.sin() * light.azimuth.sin();
            sum[1] += light.zenith.sin() * light.azimuth.cos();
            sum[2] += light.zenith.cos();
            least_elevation = least_elevation.min(std::f64::consts::FRAC_PI_2 - light.zenith);
        }
        least_elevation.is_finite().then(|| Self {
            places,
            lights,
            spacing: (spacing.0 as f32, spacing.1 as f32),
            dim: (rows, columns),
            middle: place(0.5 * (rows - 1) as f64, 0.5 * (columns - 1) as f64),
            light: Direction {
                zenith: sum[0].hypot(sum[1]).atan2(sum[2]),
                azimuth: sum[0].atan2(sum[1]),
            },
            least_elevation,
            radius: 0.5 * grid.pixel_size * (rows as f64).hypot(columns as f64),
        })
    }

    /// The block as the bounds of heights see it; the light may be lowered.
    pub fn footprint(&self, lowered: f64, refraction: bool) -> Footprint {
        Footprint {
            middle: self.middle,
            radius: self.radius,
            azimuth: self.light.azimuth,
            slope: (self.least_elevation - lowered).max(0.0).tan(),
            curvature: self.curvature(refraction),
        }
    }

    /// West, south, east, north in degrees of the block and of what lies within reach of it toward the light.
    pub fn area(&self, reach: f64) -> [f64; 4] {
        let middle = self.middle.longitude.to_degrees();
        let steps = (reach / CONTROL_STEP).ceil().max(1.0);
        let track = (0..=steps as usize)
            .map(|step| along_track(self.middle, self.light.azimuth, reach * step as f64 / steps));
        let spread = self.radius + SPREAD * reach + AREA_MARGIN;
        let mut area = [
            f64::INFINITY,
            f64::INFINITY,
            f64::NEG_INFINITY,
            f64::NEG_INFINITY,
        ];
        for place in track {
            for (east, north) in [(-spread, -spread), (spread, spread)] {
                let (longitude, latitude) = degrees_near(nearby(place, east, north), middle);
                area = [
                    area[0].min(longitude),
                    area[1].min(latitude),
                    area[2].max(longitude),
                    area[3].max(latitude),
                ];
            }
        }
        area
    }

    /// Fall of a ray's height by the square of the distance, 1/m: half the Earth's curvature.
    pub fn curvature(&self, refraction: bool) -> f64 {
        let bending = if refraction { REFRACTION } else { 0.0 };
        0.5 * (1.0 - bending) / self.earth_radius()
    }

    /// The Earth's radius of curvature toward the light, metres.
    pub fn earth_radius(&self) -> f64 {
        radius_toward(self.middle.latitude, self.light.azimuth)
    }
}

/// What the control grid gives at a pixel. Lengths along and across are in nodes of the turned lattice.
#[derive(Clone, Copy, Debug, Default)]
pub struct Spot {
    /// Position along and across.
    pub position: (f32, f32),
    /// Tangent of the light's elevation.
    pub slope: f32,
    /// Metres that a ray falls by node along.
    pub fall: f32,
    /// Nodes along and across by metre toward the light; the first is negative.
    pub toward: (f32, f32),
}

/// Products of the gradients of along and across over the ground, by square metre: their squares, and the mixed one.
pub type Metric = [f32; 3];

/// What the control grid gives along a track within a control cell.
#[derive(Clone, Copy, Debug)]
pub struct Segment {
    /// Values where the cell begins.
    pub start: Spot,
    /// Their change by step.
    pub change: Spot,
    /// Where the cell begins, steps.
    pub first: f32,
    /// The first step of the next cell.
    pub end: usize,
}

impl Spot {
    /// At a position, with the gradients of (along, across) by metre east and north.
    fn new(position: (f64, f64), by: [(f64, f64); 2], light: Option<Direction>) -> Self {
        let [by_east, by_north] = by;
        let unknown = (f64::NAN, (f64::NAN, f64::NAN));
        let (slope, toward) = light.map_or(unknown, |light| {
            let (sin, cos) = light.azimuth.sin_cos();
            let along = sin * by_east.0 + cos * by_north.0;
            let across = sin * by_east.1 + cos * by_north.1;
            (1.0 / light.zenith.tan(), (along, across))
        });
        Self {
            position: (position.0 as f32, position.1 as f32),
            slope: slope as f32,
            fall: (-slope / toward.0) as f32,
            toward: (toward.0 as f32, toward.1 as f32),
        }
    }

    fn combine(&self, other: &Self, f: impl Fn(f32, f32) -> f32) -> Self {
        let pair = |a: (f32, f32), b: (f32, f32)| (f(a.0, b.0), f(a.1, b.1));
        Self {
            position: pair(self.position, other.position),
            slope: f(self.slope, other.slope),
            fall: f(self.fall, other.fall),
            toward: pair(self.toward, other.toward),
        }
    }

    /// The part `weight` of the way from here to there.
    pub fn between(&self, other: &Self, weight: f32) -> Self {
        self.combine(other, |a, b| a + weight * (b - a))
    }

    /// The difference by one step of `1 / by`.
    pub fn difference(&self, other: &Self, by: f32) -> Self {
        self.combine(other, |a, b| by * (b - a))
    }

    /// So many differences on.
    pub fn plus(&self, difference: &Self, times: f32) -> Self {
        self.combine(difference, |a, b| a + times * b)
    }
}

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
            metrics: places.map(|place| metric(gradients(patch, *place), orientation)),
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
                let by = gradients(patch, *place);
                let by = [by.0, by.1].map(|(row, column)| orientation.turn(row, column));
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

fn metric(by: ((f64, f64), (f64, f64)), orientation: Orientation) -> Metric {
    let east = orientation.turn(by.0.0, by.0.1);
    let north = orientation.turn(by.1.0, by.1.1);
    [
        (east.0.powi(2) + north.0.powi(2)) as f32,
        (east.1.powi(2) + north.1.powi(2)) as f32,
        (east.0 * east.1 + north.0 * north.1) as f32,
    ]
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
