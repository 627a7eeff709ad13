//! Ground by formula, as a DEM in pieces, and the line of sight over it in small steps.
#![allow(dead_code)]

use clearshore::scene::{
    Direction, Geodetic, Grid, UtmZone, WGS84_EQUATORIAL_RADIUS, WGS84_FLATTENING,
};
use clearshore::terrain::{Content, Cover, DemFrame, DemPatch, DemSource};
use ndarray::Array2;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

/// Side of a piece, degrees.
pub const PIECE: f64 = 0.25;
/// Facets along a side of a piece: 3 arcseconds.
pub const FACETS: i64 = 300;
const ECCENTRICITY_SQUARED: f64 = WGS84_FLATTENING * (2.0 - WGS84_FLATTENING);

/// Heights by metres east and north of an origin.
pub struct Hills {
    pub origin: Geodetic,
    pub height: fn(f64, f64) -> f32,
    /// What a piece is, by its lower left corner in pieces: facets along a side, 0 for missing.
    pub facets: fn(i64, i64) -> i64,
    pieces: Mutex<HashMap<(i64, i64), Arc<DemPatch>>>,
}

impl Hills {
    pub fn new(longitude: f64, latitude: f64, height: fn(f64, f64) -> f32) -> Self {
        Self {
            origin: Geodetic::from_degrees(longitude, latitude),
            height,
            facets: |_, _| FACETS,
            pieces: Mutex::default(),
        }
    }

    /// Metres east and north of the origin.
    pub fn metres(&self, longitude: f64, latitude: f64) -> (f64, f64) {
        let (sin, cos) = self.origin.latitude.sin_cos();
        let root = (1.0 - ECCENTRICITY_SQUARED * sin * sin).sqrt();
        let prime_vertical = WGS84_EQUATORIAL_RADIUS / root;
        let meridian = prime_vertical * (1.0 - ECCENTRICITY_SQUARED) / (root * root);
        let east = longitude - self.origin.longitude.to_degrees();
        let east = (east + 180.0).rem_euclid(360.0) - 180.0;
        let north = latitude - self.origin.latitude.to_degrees();
        (
            east.to_radians() * prime_vertical * cos,
            north.to_radians() * meridian,
        )
    }

    fn piece(&self, column: i64, row: i64, facets: i64) -> Arc<DemPatch> {
        let mut pieces = self.pieces.lock().unwrap();
        let piece = pieces.entry((column, row)).or_insert_with(|| {
            let step = PIECE / facets as f64;
            let nodes = facets as usize + 1;
            let heights = Array2::from_shape_fn((nodes, nodes), |(i, j)| {
                let longitude = (column * facets + j as i64) as f64 * step;
                let latitude = ((row + 1) * facets - i as i64) as f64 * step;
                let (east, north) = self.metres(longitude, latitude);
                (self.height)(east, north)
            });
            Arc::new(DemPatch {
                frame: DemFrame::Geographic,
                west: column as f64 * PIECE,
                north: (row + 1) as f64 * PIECE,
                column_step: step,
                row_step: step,
                heights,
                missing: BTreeSet::new(),
            })
        });
        piece.clone()
    }

    /// Pixels around the origin.
    pub fn grid(&self, pixel_size: f64, side: usize) -> Grid {
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

impl DemSource for Hills {
    fn cover(&self, place: Geodetic) -> clearshore::Result<Cover> {
        let index = |angle: f64| (angle.to_degrees() / PIECE + 1e-9).floor() as i64;
        let (column, row) = (index(place.longitude), index(place.latitude));
        let (west, south) = (column as f64 * PIECE, row as f64 * PIECE);
        let content = match (self.facets)(column, row) {
            0 => Content::Missing(format!("piece {column} {row}")),
            facets => Content::Heights(self.piece(column, row, facets)),
        };
        Ok(Cover {
            extent: [west, south, west + PIECE, south + PIECE],
            content,
        })
    }
}

/// Ridges and hollows of some hundred metres, with kinks.
pub fn rough(east: f64, north: f64) -> f32 {
    let wave = |length: f64, azimuth: f64, phase: f64| {
        let along = east * azimuth.sin() + north * azimuth.cos();
        (along / length * std::f64::consts::TAU + phase).sin()
    };
    let ridge = 1.0 - wave(3_100.0, 0.5, 0.2).abs();
    let spurs = 1.0 - wave(1_400.0, 2.0, 0.9).abs();
    (650.0 * ridge * (0.4 + 0.6 * spurs) + 50.0 * wave(590.0, 2.6, 0.0) + 200.0) as f32
}

/// How far the surface of a patch rises above the straight line from a place toward the light, metres; steps of 4 m in
/// Earth-centred coordinates, until the line is above `top`.
pub fn march(patch: &DemPatch, place: Geodetic, light: Direction, top: f64) -> f64 {
    const STEP: f64 = 4.0;
    let surface = |place: Geodetic| {
        let (row, column) = patch.node_position(place);
        patch.height(row, column)
    };
    let start = earth_centred(place, surface(place));
    let (sin_lat, cos_lat) = place.latitude.sin_cos();
    let (sin_lon, cos_lon) = place.longitude.sin_cos();
    let (sin_zenith, up) = light.zenith.sin_cos();
    let (east, north) = (
        sin_zenith * light.azimuth.sin(),
        sin_zenith * light.azimuth.cos(),
    );
    let along = [
        -sin_lon * east - sin_lat * cos_lon * north + cos_lat * cos_lon * up,
        cos_lon * east - sin_lat * sin_lon * north + cos_lat * sin_lon * up,
        cos_lat * north + sin_lat * up,
    ];
    let mut depth = f64::NEG_INFINITY;
    let mut distance = 2.0;
    loop {
        let (place, height) = geodetic([0, 1, 2].map(|axis| start[axis] + distance * along[axis]));
        if height > top {
            return depth;
        }
        depth = depth.max(surface(place) - height);
        distance += STEP;
    }
}

fn earth_centred(place: Geodetic, height: f64) -> [f64; 3] {
    let (sin, cos) = place.latitude.sin_cos();
    let normal = WGS84_EQUATORIAL_RADIUS / (1.0 - ECCENTRICITY_SQUARED * sin * sin).sqrt();
    [
        (normal + height) * cos * place.longitude.cos(),
        (normal + height) * cos * place.longitude.sin(),
        (normal * (1.0 - ECCENTRICITY_SQUARED) + height) * sin,
    ]
}

/// By fixed-point iteration.
fn geodetic([x, y, z]: [f64; 3]) -> (Geodetic, f64) {
    let from_axis = x.hypot(y);
    let mut latitude = z.atan2(from_axis * (1.0 - ECCENTRICITY_SQUARED));
    let mut height = 0.0;
    for _ in 0..4 {
        let (sin, cos) = latitude.sin_cos();
        let root = (1.0 - ECCENTRICITY_SQUARED * sin * sin).sqrt();
        let normal = WGS84_EQUATORIAL_RADIUS / root;
        latitude = (z + ECCENTRICITY_SQUARED * normal * sin).atan2(from_axis);
        height = from_axis * cos + z * sin - WGS84_EQUATORIAL_RADIUS * root;
    }
    let place = Geodetic {
        longitude: y.atan2(x),
        latitude,
    };
    (place, height)
}
