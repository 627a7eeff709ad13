//! How far toward the light relief may reach: bounds of the heights around a grid, from the DEM's own pieces.

use super::super::{Content, DemFrame, DemPatch, DemSource};
use super::ellipsoid::{radii, radius_toward};
use crate::scene::{Geodetic, WGS84_EQUATORIAL_RADIUS};
use crate::{Error, Progress, Result};
use ndarray::{Array2, s};

/// No ground is higher, metres (Mount Everest, 8 848.86 m; joint survey of China and Nepal, 2020).
pub const HIGHEST_GROUND: f32 = 8_849.0;
/// No ground in the open is lower, metres (shore of the Dead Sea, -430 m, with a margin for mines).
pub const LOWEST_GROUND: f32 = -500.0;
/// Side of a cell of the map of bounds, degrees.
const CELL_DEGREES: f64 = 0.02;
/// Nodes along a side of the pieces of a lattice that are bounded at once.
const CHUNK: usize = 32;
/// How little a place is moved to leave a piece by its border, degrees.
const NUDGE_DEGREES: f64 = 1e-9;
/// Directions toward the light may differ so much within a block, radians: with the distance it widens the ground
/// on which occluders are looked for.
pub const SPREAD: f64 = 0.02;

/// Least and greatest heights on a coarse map; unknown heights may be anything on Earth.
#[derive(Debug)]
pub struct HeightBounds {
    west: f64,
    south: f64,
    cells: Array2<[f32; 2]>,
    /// Greatest distance between nodes, metres.
    pub node_distance: f64,
}

/// A block of ground and where its light comes from.
#[derive(Clone, Copy, Debug)]
pub struct Footprint {
    /// Its middle.
    pub middle: Geodetic,
    /// Half its diagonal, metres.
    pub radius: f64,
    /// Azimuth of the light from true north, radians.
    pub azimuth: f64,
    /// Tangent of the least elevation of the light.
    pub slope: f64,
    /// Fall of a ray's height by the square of the distance, 1/m.
    pub curvature: f64,
}

impl Footprint {
    /// How far relief so much higher than the ground may throw its shadow, metres.
    pub fn throw(&self, height: f64) -> f64 {
        let height = height.max(0.0);
        2.0 * height / (self.slope + (self.slope.powi(2) + 4.0 * self.curvature * height).sqrt())
    }
}

impl HeightBounds {
    /// Reads every piece over an area: west, south, east, north in degrees; east may be beyond 180.
    pub fn over(source: &dyn DemSource, area: [f64; 4], progress: &dyn Progress) -> Result<Self> {
        let [west, south, east, north] = area;
        let count = |from: f64, to: f64| ((to - from) / CELL_DEGREES).ceil().max(1.0) as usize;
        let mut bounds = Self {
            west,
            south,
            cells: Array2::from_elem(
                (count(south, north), count(west, east)),
                [f32::INFINITY, f32::NEG_INFINITY],
            ),
            node_distance: 0.0,
        };
        let mut latitude = south;
        while latitude < north {
            let mut next_latitude = north;
            let mut longitude = west;
            while longitude < east {
                progress.check()?;
                let wrapped = (longitude + 180.0).rem_euclid(360.0) - 180.0;
                let cover = source.cover(Geodetic {
                    longitude: wrapped.to_radians(),
                    latitude: latitude.to_radians(),
                })?;
                let turns = 360.0 * ((longitude - wrapped) / 360.0).round();
                let extent = [
                    cover.extent[0] + turns,
                    cover.extent[1],
                    cover.extent[2] + turns,
                    cover.extent[3],
                ];
                if !(extent[2] > longitude && extent[3] > latitude) {
                    return Err(
                        Error::internal("a piece of the DEM does not hold its place")
                            .at(format!("{longitude} {latitude}"))
                            .got(format!("{extent:?}")),
                    );
                }
                match &cover.content {
                    Content::Heights(patch) => bounds.raise_patch(patch, extent),
                    Content::Sea => bounds.raise(extent, [0.0, 0.0]),
                    Content::Missing(_) => bounds.raise(extent, [LOWEST_GROUND, HIGHEST_GROUND]),
                }
                longitude = extent[2] + NUDGE_DEGREES;
                next_latitude = next_latitude.min(extent[3] + NUDGE_DEGREES);
            }
            latitude = next_latitude;
        }
        Ok(bounds)
    }

    fn raise_patch(&mut self, patch: &DemPatch, extent: [f64; 4]) {
        let step = patch.row_step.max(patch.column_step);
        let step = match patch.frame {
            DemFrame::Geographic => step.to_radians() * WGS84_EQUATORIAL_RADIUS,
            DemFrame::Utm(_) => step,
        };
        self.node_distance = self.node_distance.max(step);
        let (rows, columns) = patch.heights.dim();
        for top in (0..rows).step_by(CHUNK) {
            for left in (0..columns).step_by(CHUNK) {
                let (bottom, right) =
                    ((top + CHUNK).min(rows - 1), (left + CHUNK).min(columns - 1));
                let chunk = chunk_extent(patch, [top, left, bottom, right], extent);
                if !self.meets(chunk) {
                    continue;
                }
                let mut range = [f32::INFINITY, f32::NEG_INFINITY];
                let mut has_unknown = false;
                for row in patch.heights.slice(s![top..=bottom, left..=right]).rows() {
                    for height in row {
                        range[0] = if *height < range[0] {
                            *height
                        } else {
                            range[0]
                        };
                        range[1] = if *height > range[1] {
                            *height
                        } else {
                            range[1]
                        };
                        has_unknown |= height.is_nan();
                    }
                }
                if has_unknown {
                    range = [LOWEST_GROUND, HIGHEST_GROUND];
                }
                self.raise(chunk, range);
            }
        }
    }

    /// Whether an extent reaches into the map.
    fn meets(&self, extent: [f64; 4]) -> bool {
        let (rows, columns) = self.cells.dim();
        let east = self.west + columns as f64 * CELL_DEGREES;
        let north = self.south + rows as f64 * CELL_DEGREES;
        extent[0] <= east && extent[2] >= self.west && extent[1] <= north && extent[3] >= self.south
    }

    fn raise(&mut self, extent: [f64; 4], range: [f32; 2]) {
        let (rows, columns) = self.cells.dim();
        let cell = |position: f64, first: f64, count: usize| {
            ((position - first) / CELL_DEGREES)
                .floor()
                .clamp(-1.0, count as f64) as i64
        };
        let (top, bottom) = (
            cell(extent[1], self.south, rows),
            cell(extent[3], self.south, rows),
        );
        let (left, right) = (
            cell(extent[0], self.west, columns),
            cell(extent[2], self.west, columns),
        );
        for row in top.max(0)..=bottom.min(rows as i64 - 1) {
            for column in left.max(0)..=right.min(columns as i64 - 1) {
                let old = &mut self.cells[[row as usize, column as usize]];
                *old = [old[0].min(range[0]), old[1].max(range[1])];
            }
        }
    }

    /// How far from a block's pixels relief may stand that reaches one of them, metres.
    pub fn reach(&self, block: &Footprint) -> f64 {
        let lowest = self
            .around(block)
            .filter(|near| near.along.hypot(near.across) <= block.radius + near.radius)
            .fold(f32::INFINITY, |lowest, near| lowest.min(near.range[0]));
        let mut reach = 0.0_f64;
        for near in self.around(block) {
            let slack = near.radius + block.radius + SPREAD * near.along.abs();
            if near.across.abs() > slack || near.along < -slack {
                continue;
            }
            let throw = block.throw(f64::from(near.range[1] - lowest));
            if throw >= near.along - slack {
                reach = reach.max(throw.min(near.along + slack));
            }
        }
        reach
    }

    fn around(&self, block: &Footprint) -> impl Iterator<Item = Near> {
        let (meridian, prime_vertical) = radii(block.middle.latitude);
        let radius = radius_toward(block.middle.latitude, block.azimuth);
        let (sin_latitude, cos_latitude) = block.middle.latitude.sin_cos();
        let (sin_azimuth, cos_azimuth) = block.azimuth.sin_cos();
        let cell = CELL_DEGREES.to_radians();
        let half_diagonal = 0.5 * cell * meridian.hypot(prime_vertical);
        let middle = (
            block.middle.longitude.to_degrees(),
            block.middle.latitude.to_degrees(),
        );
        self.cells
            .indexed_iter()
            .map(move |((row, column), range)| {
                let longitude = self.west + (column as f64 + 0.5) * CELL_DEGREES - middle.0;
                let longitude = (longitude + 180.0).rem_euclid(360.0) - 180.0;
                let latitude = self.south + (row as f64 + 0.5) * CELL_DEGREES - middle.1;
                let east = longitude.to_radians() * prime_vertical * cos_latitude;
                let north = latitude.to_radians() * meridian;
                // Meridians converge and great circles bend away from the plane of these metres.
                let bend = (east * east + north * north) / radius
                    * (1.0 + (sin_latitude / cos_latitude).abs());
                Near {
                    along: sin_azimuth * east + cos_azimuth * north,
                    across: cos_azimuth * east - sin_azimuth * north,
                    radius: half_diagonal + bend,
                    range: *range,
                }
            })
    }
}

/// A cell of the map as a block sees it, metres.
struct Near {
    along: f64,
    across: f64,
    radius: f64,
    range: [f32; 2],
}

/// West, south, east, north of nodes of a patch, as far as their surface runs within the piece.
fn chunk_extent(patch: &DemPatch, chunk: [usize; 4], piece: [f64; 4]) -> [f64; 4] {
    let [top, left, bottom, right] = chunk.map(|node| node as f64);
    let (rows, columns) = patch.heights.dim();
    // Beyond the outermost nodes the surface runs on to the neighbour's.
    let left = if left == 0.0 { -1.0 } else { left };
    let top = if top == 0.0 { -1.0 } else { top };
    let right = if right as usize + 1 == columns {
        right + 1.0
    } else {
        right
    };
    let bottom = if bottom as usize + 1 == rows {
        bottom + 1.0
    } else {
        bottom
    };
    let x = [left, right].map(|column| patch.west + column * patch.column_step);
    let y = [top, bottom].map(|row| patch.north - row * patch.row_step);
    match patch.frame {
        DemFrame::Geographic => {
            let turns =
                360.0 * ((0.5 * (piece[0] + piece[2]) - 0.5 * (x[0] + x[1])) / 360.0).round();
            [x[0] + turns, y[1], x[1] + turns, y[0]]
        }
        DemFrame::Utm(zone) => {
            let middle = 0.5 * (piece[0] + piece[2]);
            let mut extent = [
                f64::INFINITY,
                f64::INFINITY,
                f64::NEG_INFINITY,
                f64::NEG_INFINITY,
            ];
            for (x, y) in [(x[0], y[0]), (x[0], y[1]), (x[1], y[0]), (x[1], y[1])] {
                let place = zone.geodetic(x, y);
                let longitude = place.longitude.to_degrees();
                let longitude = longitude + 360.0 * ((middle - longitude) / 360.0).round();
                let latitude = place.latitude.to_degrees();
                extent = [
                    extent[0].min(longitude),
                    extent[1].min(latitude),
                    extent[2].max(longitude),
                    extent[3].max(latitude),
                ];
            }
            // Edges bend between the corners of a chunk by far less than this.
            [
                extent[0] - 1e-4,
                extent[1] - 1e-4,
                extent[2] + 1e-4,
                extent[3] + 1e-4,
            ]
        }
    }
}
