//! A block's control grid: exact places and directions to the light, from which pixels are interpolated.

use super::super::Light;
use super::bounds::{Footprint, SPREAD};
use super::degrees_near;
use super::ellipsoid::{along_track, nearby, radius_toward};
use crate::scene::{Direction, Geodetic, Grid};
use ndarray::Array2;
use std::ops::Range;

/// Greatest distance between control nodes, metres. The second derivative of the map from UTM to degrees is
/// tan(latitude) / R: at 70 degrees it leaves 2 cm at half this distance.
const CONTROL_STEP: f64 = 640.0;
/// Lights below this elevation are not followed, radians (half a degree: there refraction decides).
const LEAST_ELEVATION: f64 = 0.5 * std::f64::consts::PI / 180.0;
/// Lights above this elevation are taken to stand there, radians: its tangent is finite.
const GREATEST_ELEVATION: f64 = 89.9 * std::f64::consts::PI / 180.0;
/// Bending of rays by the standard atmosphere, part of the Earth's curvature (Gauss's coefficient).
const REFRACTION: f64 = 0.13;

/// Rows and columns of a grid.
#[derive(Clone, Debug)]
pub struct Block {
    /// Rows of the grid.
    pub rows: Range<usize>,
    /// Columns of the grid.
    pub columns: Range<usize>,
}

impl Block {
    /// Numbers of rows and columns.
    pub fn dim(&self) -> (usize, usize) {
        (self.rows.len(), self.columns.len())
    }
}

/// Places and directions at the control nodes of a block: the first and the last lie on its edges.
#[derive(Debug)]
pub struct Control {
    /// Places of the nodes.
    pub places: Array2<Geodetic>,
    /// Directions to the light; none where it is unknown or too low.
    pub lights: Array2<Option<Direction>>,
    /// Pixels between nodes, rows and columns.
    pub spacing: (f32, f32),
    /// Pixels, rows and columns.
    pub dim: (usize, usize),
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
    /// Of a block; `None` when there is no light over it that can be followed.
    pub fn new(grid: &Grid, light: Light<'_>, block: &Block) -> Option<Self> {
        let (rows, columns) = block.dim();
        let cells = |pixels: usize| {
            (pixels as f64 * grid.pixel_size / CONTROL_STEP)
                .ceil()
                .max(1.0) as usize
        };
        let nodes = (cells(rows), cells(columns));
        let spacing = (
            rows as f64 / nodes.0 as f64,
            columns as f64 / nodes.1 as f64,
        );
        // Metres right of and below the grid's corner.
        let offset = |row: f64, column: f64| {
            (
                (block.columns.start as f64 + column) * grid.pixel_size,
                (block.rows.start as f64 + row) * grid.pixel_size,
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
                zenith: std::f64::consts::FRAC_PI_2 - elevation.min(GREATEST_ELEVATION),
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
            middle: place(0.5 * rows as f64, 0.5 * columns as f64),
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
    /// With so many metres around; west from -180, east may be beyond 180.
    pub fn area(&self, reach: f64, around: f64) -> [f64; 4] {
        let middle = self.middle.longitude.to_degrees();
        let steps = (reach / CONTROL_STEP).ceil().max(1.0);
        let track = (0..=steps as usize)
            .map(|step| along_track(self.middle, self.light.azimuth, reach * step as f64 / steps));
        let spread = self.radius + SPREAD * reach + around;
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
        let turn = 360.0 * ((area[0] + 180.0) / 360.0).floor();
        [area[0] - turn, area[1], area[2] - turn, area[3]]
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
