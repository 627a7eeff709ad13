//! Where the shadow of a cloud falls.
//!
//! A cloud of height `h` above its image stands `h tan(view_zenith)` toward the sensor from there; its shadow lies
//! `h tan(sun_zenith)` away from the sun. Azimuths are those of the grid: true ones less the convergence of the meridians.
//! Source: Zhu & Woodcock 2012, section 2.3; the terrain below cloud and shadow is our own addition.

use super::ground::GroundHeights;
use crate::scene::{Angles, Band, Direction, Grid, Scene};
use crate::{Progress, Result};
use ndarray::Array2;

/// Distance between the nodes at which angles are taken, metres: as in the metadata.
const NODE_STEP: f64 = 5_000.0;
/// A sun lower than this throws shadows that no image tells from night, degrees of zenith.
const SUN_ZENITH_MAX: f64 = 85.0;
/// Lowest cloud, metres above the ground (Zhu & Woodcock 2012).
pub const LOWEST_CLOUD: f64 = 200.0;
/// Highest cloud, metres above the ground (Zhu & Woodcock 2012).
const HIGHEST_CLOUD: f64 = 12_000.0;
/// Highest cloud of water by the angle from the pole, degrees; cirrus is found above it. Source: IdePix for Sentinel-2,
/// 0.5 (90 - |latitude|)^2 + 25 (90 - |latitude|) + 5000 m.
const POLAR_CLOUD: f64 = 5_000.0;
const CLOUD_SQUARE: f64 = 0.5;
const CLOUD_SLOPE: f64 = 25.0;
/// Height that stands for a shift which the image told, metres: any would do, as only shifts show, and the highest cloud by
/// it.
const NOMINAL_CLOUD: f64 = 2_000.0;
const HIGHEST_TO_NOMINAL: f64 = 1.6;
/// Times that the height of the ground below a shadow is looked up where the shadow falls.
const GROUND_STEPS: usize = 3;

/// Columns right and rows down, pixels.
pub type Shift = [f64; 2];

/// How images, clouds and shadows lie to each other in a scene.
pub struct Geometry {
    grid: Grid,
    /// Toward the sensor, pixels per metre of height, at nodes.
    toward_sensor: Array2<[f32; 2]>,
    /// Away from the sun, pixels per metre of height, at nodes.
    from_sun: Array2<[f32; 2]>,
    ground: Option<GroundHeights>,
    /// Highest cloud of water, metres above the ground.
    pub highest: f64,
    /// Highest cirrus, metres above the ground.
    pub highest_cirrus: f64,
    /// The usual height of clouds, metres, where it is known beforehand.
    pub usual: Option<f64>,
}

impl Geometry {
    /// `None` where the sun is not known, or too low.
    ///
    /// # Errors
    /// Cancelled; as [`crate::terrain::DemSource::cover`].
    pub fn of(scene: &Scene, progress: &dyn Progress) -> Result<Option<Self>> {
        let grid = *scene.grid();
        let angles = scene.angles();
        let band = scene.near_infrared();
        let nodes =
            |extent: usize| (extent as f64 * grid.pixel_size / NODE_STEP).ceil() as usize + 1;
        let shape = (nodes(grid.height), nodes(grid.width));
        let slopes = |direction: &dyn Fn(f64, f64) -> Option<Direction>, sign: f64| {
            Array2::from_shape_fn(shape, |(row, column)| {
                let (south, east) = (row as f64 * NODE_STEP, column as f64 * NODE_STEP);
                let (easting, northing) = (grid.easting + east, grid.northing - south);
                let direction = direction(east, south)?;
                let azimuth = direction.azimuth - grid.zone.convergence(easting, northing);
                let slope = sign * direction.zenith.tan() / grid.pixel_size;
                Some([
                    (slope * azimuth.sin()) as f32,
                    (-slope * azimuth.cos()) as f32,
                ])
            })
        };
        let sun = |east: f64, south: f64| {
            let sun = match &angles.sun {
                Some(sun) => sun.at(east, south),
                None => angles.mean_sun,
            };
            sun.filter(|sun| sun.zenith < SUN_ZENITH_MAX.to_radians())
        };
        let from_sun = slopes(&sun, -1.0);
        let Some(from_sun) = filled(from_sun) else {
            return Ok(None);
        };
        let toward_sensor = slopes(&|east, south| view(angles, band, east, south), 1.0);
        let toward_sensor = filled(toward_sensor).unwrap_or_else(|| Array2::default(shape));
        let (easting, northing) = grid.centre();
        let latitude = grid.zone.geodetic(easting, northing).latitude.to_degrees();
        let from_pole = 90.0 - latitude.abs();
        let tropopause =
            CLOUD_SQUARE * from_pole * from_pole + CLOUD_SLOPE * from_pole + POLAR_CLOUD;
        Ok(Some(Self {
            grid,
            toward_sensor,
            from_sun,
            ground: GroundHeights::of(scene, progress)?,
            highest: tropopause.min(HIGHEST_CLOUD),
            highest_cirrus: HIGHEST_CLOUD,
            usual: None,
        }))
    }

    /// Where the image alone tells by how much most shadows lie from their clouds: the other heights' lie along the line.
    pub fn of_shift(grid: &Grid, shift: Shift) -> Self {
        let node = shift.map(|pixels| (pixels / NOMINAL_CLOUD) as f32);
        Self {
            grid: *grid,
            toward_sensor: Array2::default((1, 1)),
            from_sun: Array2::from_elem((1, 1), node),
            ground: None,
            highest: HIGHEST_TO_NOMINAL * NOMINAL_CLOUD,
            highest_cirrus: HIGHEST_TO_NOMINAL * NOMINAL_CLOUD,
            usual: Some(NOMINAL_CLOUD),
        }
    }

    /// From the image of a cloud, at (row, column), to its shadow; `height` in metres above the ground in the image.
    pub fn shift(&self, place: [f64; 2], height: f64) -> Shift {
        let view = self.at_nodes(&self.toward_sensor, place);
        let sun = self.at_nodes(&self.from_sun, place);
        let cloud = [height * view[0], height * view[1]];
        let Some(ground) = &self.ground else {
            return [cloud[0] + height * sun[0], cloud[1] + height * sun[1]];
        };
        let altitude = ground.at(place) + height;
        let mut above = height;
        let mut shift = cloud;
        for _ in 0..GROUND_STEPS {
            shift = [cloud[0] + above * sun[0], cloud[1] + above * sun[1]];
            above = (altitude - ground.at([place[0] + shift[1], place[1] + shift[0]])).max(0.0);
        }
        shift
    }

    /// The same to the shadow that falls at (row, column).
    pub fn shift_onto(&self, ground: [f64; 2], height: f64) -> Shift {
        let mut shift = self.shift(ground, height);
        for _ in 0..GROUND_STEPS {
            shift = self.shift([ground[0] - shift[1], ground[1] - shift[0]], height);
        }
        shift
    }

    /// How far a shadow lies from below its cloud in the middle of the scene, pixels per metre of height.
    pub fn usual_from_sun(&self) -> Shift {
        let middle = [0.5 * self.grid.height as f64, 0.5 * self.grid.width as f64];
        self.at_nodes(&self.from_sun, middle)
    }

    /// Rows and columns of the scene.
    pub fn shape(&self) -> (usize, usize) {
        self.grid.shape()
    }

    /// Side of a pixel, metres.
    pub fn pixel_size(&self) -> f64 {
        self.grid.pixel_size
    }

    fn at_nodes(&self, nodes: &Array2<[f32; 2]>, [row, column]: [f64; 2]) -> Shift {
        let step = NODE_STEP / self.grid.pixel_size;
        let split = |position: f64, count: usize| {
            let node = (position / step).clamp(0.0, (count - 1) as f64);
            let first = (node as usize).min(count.saturating_sub(2));
            (first, node - first as f64)
        };
        let (rows, columns) = nodes.dim();
        let ((row, down), (column, right)) = (split(row, rows), split(column, columns));
        let mut sum = [0.0; 2];
        for (r, row_weight) in [(row, 1.0 - down), (row + 1, down)] {
            for (c, column_weight) in [(column, 1.0 - right), (column + 1, right)] {
                let weight = row_weight * column_weight;
                if let Some(node) = nodes.get([r, c]) {
                    sum[0] += weight * f64::from(node[0]);
                    sum[1] += weight * f64::from(node[1]);
                }
            }
        }
        sum
    }
}

/// Direction to the sensor in a band: of the detectors that look there, the mean; else the mean of the tile.
fn view(angles: &Angles, band: Band, east: f64, south: f64) -> Option<Direction> {
    let mut sum = [0.0_f64; 3];
    for (_, grid) in angles.views.iter().filter(|((of, _), _)| *of == band) {
        if let Some(direction) = grid.at(east, south) {
            let (sin, cos) = direction.azimuth.sin_cos();
            sum[0] += direction.zenith.sin() * sin;
            sum[1] += direction.zenith.sin() * cos;
            sum[2] += direction.zenith.cos();
        }
    }
    if sum[2] > 0.0 {
        return Some(Direction {
            zenith: sum[0].hypot(sum[1]).atan2(sum[2]),
            azimuth: sum[0].atan2(sum[1]),
        });
    }
    angles.mean_views.get(&band).copied()
}

/// Nodes without a value take the nearest's; `None` if no node has one.
fn filled(nodes: Array2<Option<[f32; 2]>>) -> Option<Array2<[f32; 2]>> {
    let known: Vec<((usize, usize), [f32; 2])> = nodes
        .indexed_iter()
        .filter_map(|(at, node)| Some((at, (*node)?)))
        .collect();
    known.first()?;
    Some(Array2::from_shape_fn(nodes.dim(), |(row, column)| {
        let distance = |(r, c): (usize, usize)| r.abs_diff(row).pow(2) + c.abs_diff(column).pow(2);
        let nearest = known.iter().min_by_key(|(at, _)| distance(*at));
        nodes[[row, column]]
            .or(nearest.map(|(_, node)| *node))
            .unwrap_or_default()
    }))
}
