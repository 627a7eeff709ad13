//! Where a DEM is as steep as a line of sight, or not known.

use super::super::sweep::HIGHEST_GROUND;
use super::super::{DemFrame, DemPatch};
use crate::scene::{WGS84_EQUATORIAL_RADIUS, WGS84_FLATTENING};
use ndarray::Array2;

/// Facets along a side of the tiles that steep ground is kept by.
const TILE: usize = 16;
/// Ground is taken to be steep from this part of the ray's slope on, and to reach as much farther: for UTM's scale and
/// rounding.
const CAUTION: f64 = 0.95;
/// Least radius of curvature of the ellipsoid, metres: the meridian's at the equator, a (1 - f)^2.
const LEAST_RADIUS: f64 =
    WGS84_EQUATORIAL_RADIUS * (1.0 - WGS84_FLATTENING) * (1.0 - WGS84_FLATTENING);

/// A tile has a facet that is steep or not known.
const STEEP: u8 = 1;
/// A tile has a facet that is known.
const KNOWN: u8 = 2;

/// Steep and unknown ground of a patch, by tiles of facets.
pub(super) struct SteepGround {
    /// Their bits.
    tiles: Array2<u8>,
    /// Facets down and across within which ground may block a ray.
    reach: (f64, f64),
    /// The highest that any ground of the patch may be, metres.
    pub(super) ceiling: f64,
}

impl SteepGround {
    /// Ground as steep as lines of sight so far from the vertical (radians). A ray that starts on the surface and climbs
    /// faster than every facet below it never meets it again: straight lines only gain height on the round Earth.
    pub(super) fn of(patch: &DemPatch, zenith: f64) -> Self {
        let (rows, columns) = patch.heights.dim();
        let facets = (rows.saturating_sub(1), columns.saturating_sub(1));
        let (row_step, column_step) = node_distances(patch);
        let (by_row, by_column) = ((1.0 / row_step) as f32, (1.0 / column_step) as f32);
        let limit = (CAUTION / zenith.tan()).powi(2) as f32;
        let mut tiles = Array2::from_elem((facets.0.div_ceil(TILE), facets.1.div_ceil(TILE)), 0);
        let [mut lowest, mut highest] = [f32::INFINITY, f32::NEG_INFINITY];
        let mut has_unknown = false;
        for row in 0..facets.0 {
            let (Some(upper), Some(lower)) = (
                patch.heights.row(row).to_slice(),
                patch.heights.row(row + 1).to_slice(),
            ) else {
                continue;
            };
            let pairs = upper.windows(2).zip(lower.windows(2));
            for (column, (upper, lower)) in pairs.enumerate() {
                let (&[a, b], &[c, d]) = (upper, lower) else {
                    continue;
                };
                let right = by_column * (b - a).abs().max((d - c).abs());
                let down = by_row * (c - a).abs().max((d - b).abs());
                let is_known = (a + b + c + d).is_finite();
                let is_steep = !is_known || right * right + down * down >= limit;
                let tile = &mut tiles[[row / TILE, column / TILE]];
                *tile |= if is_steep { STEEP } else { 0 };
                *tile |= if is_known { KNOWN } else { 0 };
            }
        }
        for &height in &patch.heights {
            if height.is_finite() {
                lowest = lowest.min(height);
                highest = highest.max(height);
            } else {
                has_unknown = true;
            }
        }
        if has_unknown {
            highest = HIGHEST_GROUND;
        }
        let reach = f64::from(highest - lowest).max(0.0) * zenith.tan() / CAUTION;
        Self {
            tiles,
            reach: (reach / row_step, reach / column_step),
            ceiling: f64::from(highest),
        }
    }

    /// Whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        !self.tiles.iter().any(|tile| tile & STEEP != 0)
    }

    /// Whether there is some within reach of the quadrilateral with these corners, in nodes.
    pub(super) fn is_near(&self, corners: &[(f64, f64); 4]) -> bool {
        self.has(STEEP, corners, self.reach)
    }

    /// Whether nothing is known of the ground of the quadrilateral.
    pub(super) fn is_unknown(&self, corners: &[(f64, f64); 4]) -> bool {
        !self.has(KNOWN, corners, (0.0, 0.0))
    }

    /// Whether a tile so many facets around a quadrilateral has a bit.
    fn has(&self, bit: u8, corners: &[(f64, f64); 4], reach: (f64, f64)) -> bool {
        let range = |axis: fn(&(f64, f64)) -> f64, reach: f64, count: usize| {
            let tile = |position: f64| (position / TILE as f64).clamp(0.0, count as f64) as usize;
            let positions = || corners.iter().map(axis);
            // One facet more: edges bend.
            let first = positions().fold(f64::INFINITY, f64::min) - reach - 1.0;
            let last = positions().fold(f64::NEG_INFINITY, f64::max) + reach + 1.0;
            tile(first)..(tile(last) + 1).min(count)
        };
        let (rows, columns) = self.tiles.dim();
        let rows = range(|corner| corner.0, reach.0, rows);
        let columns = range(|corner| corner.1, reach.1, columns);
        self.tiles
            .slice(ndarray::s![rows, columns])
            .iter()
            .any(|tile| tile & bit != 0)
    }
}

/// Metres of ground, no more than there are, between rows and between columns.
fn node_distances(patch: &DemPatch) -> (f64, f64) {
    match patch.frame {
        DemFrame::Utm(_) => (patch.row_step, patch.column_step),
        DemFrame::Geographic => {
            let south = patch.north - (patch.heights.nrows() as f64 - 1.0) * patch.row_step;
            let parallel = patch.north.abs().max(south.abs()).to_radians().cos();
            let metres = |degrees: f64| degrees.to_radians() * LEAST_RADIUS;
            (
                metres(patch.row_step),
                metres(patch.column_step) * parallel.max(f64::EPSILON),
            )
        }
    }
}
