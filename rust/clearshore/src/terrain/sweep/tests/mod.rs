//! Ground for the tests of the sweep.

mod behaviour;
mod doubt;
mod forms;
mod march;

use super::clearance::Clearance;
use super::control::{Block, Control};
use super::ellipsoid::radii;
use super::ground::Ground;
use super::lattice::{CAST, DOUBT, Lattice};
use super::lines::march;
use super::penumbra::{SUN_RADIUS, SUN_RADIUS_TANGENT, visible_part};
use super::ray::Ray;
use super::surface::Surface;
use super::*;
use crate::scene::{
    AngleGrid, Direction, Nodes, UtmZone, WGS84_EQUATORIAL_RADIUS, WGS84_FLATTENING,
};
use crate::terrain::{Content, Cover, DemFrame, Relief};
use crate::{ErrorKind, NoProgress};
use std::collections::HashMap;
use std::sync::{Arc, Mutex};

/// Pieces of the test sources: degrees, and nodes along a side (3 arcseconds).
const PIECE: f64 = 0.25;
const NODES: usize = 301;

type Height = dyn Fn(f64, f64) -> f32 + Sync;

/// Heights by metres east and north of an origin, at the nodes of pieces.
struct Hills<'a> {
    origin: Geodetic,
    height: &'a Height,
    /// By the piece's lower left corner, in pieces.
    is_missing: &'a (dyn Fn(i64, i64) -> bool + Sync),
    pieces: Mutex<HashMap<(i64, i64), Arc<DemPatch>>>,
}

impl<'a> Hills<'a> {
    fn new(longitude: f64, latitude: f64, height: &'a Height) -> Self {
        Self {
            origin: Geodetic {
                longitude: longitude.to_radians(),
                latitude: latitude.to_radians(),
            },
            height,
            is_missing: &|_, _| false,
            pieces: Mutex::default(),
        }
    }

    fn metres(&self, longitude: f64, latitude: f64) -> (f64, f64) {
        let (meridian, prime_vertical) = radii(self.origin.latitude);
        let longitude = longitude - self.origin.longitude.to_degrees();
        let longitude = (longitude + 180.0).rem_euclid(360.0) - 180.0;
        (
            longitude.to_radians() * prime_vertical * self.origin.latitude.cos(),
            (latitude - self.origin.latitude.to_degrees()).to_radians() * meridian,
        )
    }

    fn node(&self, column: i64, row: i64) -> f64 {
        let step = PIECE / (NODES - 1) as f64;
        let (east, north) = self.metres(column as f64 * step, row as f64 * step);
        f64::from((self.height)(east, north))
    }

    /// Height of the bilinear surface: independent of patches.
    fn surface(&self, place: Geodetic) -> f64 {
        let step = PIECE / (NODES - 1) as f64;
        let (x, y) = (
            place.longitude.to_degrees() / step,
            place.latitude.to_degrees() / step,
        );
        let (u, v) = (x - x.floor(), y - y.floor());
        let (column, row) = (x.floor() as i64, y.floor() as i64);
        let lower = self.node(column, row) * (1.0 - u) + self.node(column + 1, row) * u;
        let upper = self.node(column, row + 1) * (1.0 - u) + self.node(column + 1, row + 1) * u;
        lower * (1.0 - v) + upper * v
    }

    fn grid(&self, pixel_size: f64, side: usize) -> Grid {
        let zone = UtmZone::from_longitude_latitude(self.origin).unwrap();
        let (easting, northing) = zone.project(self.origin);
        let half = 0.5 * pixel_size * side as f64;
        Grid {
            zone,
            easting: easting - half,
            northing: northing + half,
            pixel_size,
            height: side,
            width: side,
        }
    }
}

impl DemSource for Hills<'_> {
    fn cover(&self, place: Geodetic) -> Result<Cover> {
        let index = |angle: f64| (angle.to_degrees() / PIECE + 1e-9).floor() as i64;
        let (column, row) = (index(place.longitude), index(place.latitude));
        let (west, south) = (column as f64 * PIECE, row as f64 * PIECE);
        let content = if (self.is_missing)(column, row) {
            Content::Missing(format!("piece {column} {row}"))
        } else {
            let mut pieces = self.pieces.lock().unwrap();
            let patch = pieces.entry((column, row)).or_insert_with(|| {
                let count = NODES as i64 - 1;
                let heights = Array2::from_shape_fn((NODES, NODES), |(i, j)| {
                    let node = (column * count + j as i64, (row + 1) * count - i as i64);
                    self.node(node.0, node.1) as f32
                });
                let step = PIECE / (NODES - 1) as f64;
                Arc::new(DemPatch {
                    frame: DemFrame::Geographic,
                    west,
                    north: south + PIECE,
                    column_step: step,
                    row_step: step,
                    heights,
                    missing: BTreeSet::new(),
                })
            });
            Content::Heights(patch.clone())
        };
        Ok(Cover {
            extent: [west, south, west + PIECE, south + PIECE],
            content,
        })
    }
}

fn uniform(elevation: f64, azimuth: f64) -> Light<'static> {
    Light::Uniform(Direction::from_degrees(90.0 - elevation, azimuth))
}

fn all() -> ReliefOptions {
    ReliefOptions {
        visibility: true,
        incidence: true,
        refraction: false,
    }
}

fn run(hills: &Hills<'_>, grid: &Grid, light: Light<'_>, options: ReliefOptions) -> ReliefShadow {
    relief_shadow(grid, light, hills, options, &NoProgress).unwrap()
}

/// Angles that differ from pixel to pixel as the sun's do over a tile.
fn turning(elevation: f64, azimuth: f64) -> AngleGrid {
    let angle = |base: f64, by_row: f64, by_column: f64| {
        Array2::from_shape_fn((5, 5), |(row, column)| {
            (base + by_row * row as f64 + by_column * column as f64).to_radians()
        })
    };
    AngleGrid {
        zenith: angle(90.0 - elevation, -0.045, 0.01),
        azimuth: angle(azimuth, 0.02, 0.07),
        nodes: Nodes::from_corner(5_000.0, 5_000.0),
    }
}

fn has(bits: u8, bit: Relief) -> bool {
    bits & bit.bits() != 0
}

/// Ridges and hollows of some hundred metres, with kinks.
fn rough(east: f64, north: f64) -> f32 {
    let wave = |length: f64, azimuth: f64, phase: f64| {
        let along = east * azimuth.sin() + north * azimuth.cos();
        (along / length * std::f64::consts::TAU + phase).sin()
    };
    let ridge = 1.0 - wave(2_900.0, 0.4, 0.3).abs();
    let spurs = 1.0 - wave(1_300.0, 1.9, 1.1).abs();
    (700.0 * ridge * (0.4 + 0.6 * spurs)
        + 60.0 * wave(610.0, 2.7, 0.0)
        + 25.0 * wave(330.0, 0.9, 2.0)
        + 200.0) as f32
}
