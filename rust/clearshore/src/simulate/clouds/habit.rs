//! What the kinds of cloud look like, and where they are.
//!
//! A continuous field says how strongly the air tends to make cloud. Where it exceeds a threshold,
//! chosen so that the wanted share of the tile is covered, optical depth and top rise with the excess.

use super::super::noise::{Fractal, hash, unit};
use super::super::setting::{CloudKind, Setting};
use super::super::shore::Shore;
use super::super::view::ViewGeometry;
use super::blocks::BLOCK;
use super::deck::{Cell, Codes, Deck, Mesh};
use super::field::Field;
use super::puffs::Puffs;
use crate::scene::WGS84_EQUATORIAL_RADIUS;
use crate::{Progress, Result};
use std::ops::Range;

/// Optical depth above which a pixel counts as cloud: that of [`CloudCover`](super::super::CloudCover).
const CLOUD_DEPTH: f64 = 0.3;
/// Largest zenith angle of a view, radians: 12 degrees (Sentinel-2's swath is 20.6 degrees wide).
const LARGEST_VIEW: f64 = 12.0 * std::f64::consts::PI / 180.0;
/// Largest zenith angle of the sun for which clouds around the tile still cast all their shadows into
/// it, radians: 78 degrees.
const LARGEST_SUN: f64 = 78.0 * std::f64::consts::PI / 180.0;
/// The coarsest features are at most this share of the tile's side.
const COARSEST_SHARE: f64 = 0.3;

/// Rises from 0 as `most * excess / (excess + half)`.
#[derive(Clone, Copy, Debug)]
struct Growth {
    most: f64,
    half: f64,
}

impl Growth {
    fn at(&self, excess: f64) -> f64 {
        let excess = excess.max(0.0);
        self.most * excess / (excess + self.half)
    }

    /// The excess that gives a value below `most`.
    fn inverse(&self, value: f64) -> f64 {
        value * self.half / (self.most - value)
    }
}

/// The numbers of a kind. All are free choices within what the kinds are known for.
struct Habit {
    /// Side of the cells, metres.
    cell: f64,
    /// Optical depth by excess of the field.
    depth: Growth,
    /// Lowest height of a column with cloud, and the range of the tops, metres.
    base: f64,
    tops: [f64; 2],
    /// Excess of the field for half of the range of the tops.
    half_top: f64,
    /// How much slopes of the top lighten or darken it, at most.
    shading: f64,
    /// Optical depth from which on the layer is brighter than its end member; infinite for never.
    plain_depth: f64,
    field: Field,
}

/// Optical depth of the stratus that the end member shows: thicker ones are brighter.
const PLAIN_STRATUS: f64 = 3.0;
/// Growth of brightness beyond it: reflectance about 0.40 in B02 at an optical depth of 10.
const BRIGHTENING: f64 = 1.0 / 3.0;
/// Brightness that can be stored.
const BRIGHTNESS: [f64; 2] = [0.5, 1.8];

impl Habit {
    fn new(kind: CloudKind, setting: &Setting, shore: &Shore) -> Self {
        let seed = hash(setting.weather_seed(), 0xc10d, kind as i64);
        let chance = unit(hash(seed, 0, 0));
        let coarsest = |metres: f64| metres.min(COARSEST_SHARE * setting.extent());
        let fractal =
            |part, coarse: f64, fine| Fractal::new(hash(seed, 1, part), coarsest(coarse), fine);
        let heaps = |sizes: [(f64, f64); 4]| {
            sizes.map(|(amplitude, cell)| {
                let seed = hash(seed, 2, cell as i64);
                (amplitude, Puffs::new(seed, coarsest(cell)))
            })
        };
        match kind {
            CloudKind::Cumulus => {
                let base = 850.0 + 300.0 * chance;
                Self {
                    cell: 20.0,
                    depth: Growth {
                        most: 36.0,
                        half: 0.3,
                    },
                    base,
                    tops: [base, 2_500.0],
                    half_top: 0.45,
                    shading: 0.3,
                    plain_depth: f64::INFINITY,
                    field: Field::Heaps {
                        groups: fractal(0, 8_000.0, 1_000.0),
                        puffs: heaps([
                            (0.45, 2_600.0),
                            (0.35, 900.0),
                            (0.18, 340.0),
                            (0.06, 130.0),
                        ]),
                    },
                }
            }
            CloudKind::Humilis => {
                let base = 700.0 + 200.0 * chance;
                Self {
                    cell: 20.0,
                    depth: Growth {
                        most: 24.0,
                        half: 0.3,
                    },
                    base,
                    tops: [base, 1_400.0],
                    half_top: 0.45,
                    shading: 0.3,
                    plain_depth: f64::INFINITY,
                    field: Field::Heaps {
                        groups: fractal(0, 3_000.0, 600.0),
                        puffs: heaps([(0.45, 700.0), (0.35, 330.0), (0.18, 160.0), (0.06, 80.0)]),
                    },
                }
            }
            CloudKind::Stratus => Self {
                cell: 40.0,
                depth: Growth {
                    most: 18.0,
                    half: 0.12,
                },
                base: 300.0,
                tops: [400.0, 800.0],
                half_top: 0.4,
                shading: 0.1,
                plain_depth: PLAIN_STRATUS,
                field: Field::OverSea {
                    sheet: fractal(0, 9_000.0, 250.0),
                    rolls: Puffs::new(hash(seed, 2, 0), coarsest(2_500.0)),
                    shore: *shore,
                },
            },
            CloudKind::Cirrus => {
                let lowest = 8_000.0 + 2_000.0 * chance;
                Self {
                    cell: 60.0,
                    depth: Growth {
                        most: 2.0,
                        half: 0.6,
                    },
                    base: lowest,
                    tops: [lowest, lowest + 1_000.0],
                    half_top: 0.5,
                    shading: 0.0,
                    plain_depth: f64::INFINITY,
                    field: Field::Streaks {
                        patches: fractal(0, 24_000.0, 4_000.0),
                        streaks: fractal(1, 2_400.0, 150.0),
                        bends: fractal(2, 30_000.0, 8_000.0),
                        lean: 2.0 * unit(hash(seed, 3, 0)) - 1.0,
                    },
                }
            }
            CloudKind::Fog => Self {
                cell: 40.0,
                depth: Growth {
                    most: 9.0,
                    half: 0.12,
                },
                base: 0.0,
                tops: [60.0, 200.0],
                half_top: 0.2,
                shading: 0.0,
                plain_depth: PLAIN_STRATUS,
                field: Field::NearShore {
                    banks: fractal(0, 6_000.0, 250.0),
                    rolls: Puffs::new(hash(seed, 2, 0), coarsest(1_500.0)),
                    shore: *shore,
                },
            },
        }
    }

    /// Brightness of a column by its optical depth.
    fn by_depth(&self, depth: f64) -> f64 {
        (depth / self.plain_depth).max(1.0).powf(BRIGHTENING)
    }
}

/// Room around the tile (west, east, north, south), metres, for clouds below a height.
fn margins(highest: f64, geometry: &ViewGeometry) -> [f64; 4] {
    // Over the tile the sun's direction changes by the curvature of the Earth.
    let bend = geometry.extent / WGS84_EQUATORIAL_RADIUS;
    let zenith = geometry.sun.zenith;
    let reach = (zenith + bend).min(LARGEST_SUN).tan();
    let aside = bend * reach / zenith.tan().max(bend);
    let (east, north) = geometry.sun.azimuth.sin_cos();
    [-east, east, north, -north]
        .map(|towards| highest * LARGEST_VIEW.tan().max(reach * towards + aside))
}

/// Grows the layer of a kind; `None` where the setting has none.
///
/// # Errors
/// Only when the caller cancels.
pub(super) fn grow(
    kind: CloudKind,
    setting: &Setting,
    shore: &Shore,
    geometry: &ViewGeometry,
    progress: &dyn Progress,
) -> Result<Option<Deck>> {
    let cover = setting.cover(kind);
    if cover.is_nan() || cover <= 0.0 {
        return Ok(None);
    }
    let habit = Habit::new(kind, setting, shore);
    let Some(quantile) = habit.field.quantile(cover, geometry.extent) else {
        return Ok(None);
    };
    let grower = Grower {
        threshold: quantile - habit.depth.inverse(CLOUD_DEPTH),
        mesh: Mesh::around(
            geometry.extent,
            margins(habit.tops[1], geometry),
            habit.cell,
        ),
        codes: Codes::new(habit.depth.most, habit.tops, BRIGHTNESS),
        sun: {
            let (east, north) = geometry.sun.azimuth.sin_cos();
            // The steepness of slopes in sight of a low sun is cut off.
            let steep = geometry.sun.zenith.sin();
            [steep * east, -steep * north]
        },
        habit,
    };
    let deck = Deck::new(
        grower.mesh,
        grower.codes,
        grower.habit.base,
        |rows, cells| {
            progress.check()?;
            grower.fill(rows, cells);
            Ok(())
        },
    )?;
    Ok(Some(deck))
}

/// Turns a field into columns of cloud.
struct Grower {
    habit: Habit,
    threshold: f64,
    mesh: Mesh,
    codes: Codes,
    /// Towards the sun, east and south.
    sun: [f64; 2],
}

impl Grower {
    /// Columns of some rows of the mesh.
    fn fill(&self, rows: Range<usize>, cells: &mut [Cell]) {
        let width = self.mesh.size[0];
        let mut work = vec![0.0; width];
        // The rows above and below are needed for the slopes.
        let mut excess = vec![0.0; width * (BLOCK + 2)];
        let first = rows.start as i32 - 1;
        for (row, excess) in (first..).zip(excess.chunks_mut(width)).take(rows.len() + 2) {
            self.habit.field.fill(self.mesh.row(row), excess, &mut work);
            for value in excess {
                *value -= self.threshold;
            }
        }
        let [lowest, highest] = self.habit.tops;
        let rise = Growth {
            most: highest - lowest,
            half: self.habit.half_top,
        };
        let clear = self.codes.cell(0.0, lowest as f32, 1.0);
        for (index, row) in cells.chunks_mut(width).enumerate() {
            let at = |row: usize, column: usize| excess[(index + row) * width + column];
            for (column, cell) in row.iter_mut().enumerate() {
                let here = at(1, column);
                if here <= 0.0 {
                    *cell = clear;
                    continue;
                }
                let sides = [column.saturating_sub(1), (column + 1).min(width - 1)];
                let [west, east] = sides.map(|column| rise.at(at(1, column)));
                let [north, south] = [0, 2].map(|row| rise.at(at(row, column)));
                let slope = [east - west, south - north].map(|step| step / (2.0 * self.mesh.cell));
                let facing = -(slope[0] * self.sun[0] + slope[1] * self.sun[1]);
                let shade = 1.0 + self.habit.shading * facing / (1.0 + facing.abs());
                let depth = self.habit.depth.at(here);
                let brightness = shade * self.habit.by_depth(depth);
                let top = lowest + rise.at(here);
                *cell = self.codes.cell(depth as f32, top as f32, brightness as f32);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::setting::Preset;
    use super::*;
    use crate::scene::{Direction, Grid, UtmZone};

    #[test]
    fn the_mesh_reaches_as_far_as_clouds_are_seen_or_cast_shadow() {
        let extent = 109_800.0;
        for (elevation, azimuth) in [(15.0, 150.0), (15.0, 20.0), (40.0, 270.0), (75.0, 91.0)] {
            // On the central meridian: grid north is true north.
            let grid = Grid {
                zone: UtmZone::from_epsg(32_631).unwrap(),
                easting: 500_000.0 - extent / 2.0,
                northing: 5_000_040.0,
                pixel_size: 10.0,
                height: 10_980,
                width: 10_980,
            };
            let sun = Direction::from_degrees(90.0 - elevation, azimuth);
            let setting = Setting::of_preset(Preset::Coast, 1, grid, sun);
            let geometry = ViewGeometry::new(&setting);
            let highest = 11_000.0;
            let mesh = Mesh::around(extent, margins(highest, &geometry), 60.0);
            let end = [0, 1].map(|axis| mesh.corner[axis] + mesh.size[axis] as f64 * mesh.cell);
            let (sun, view) = (geometry.sun.zenith.tan(), 12_f64.to_radians().tan());
            let (sin, cos) = azimuth.to_radians().sin_cos();
            let around = (0..8).map(|k| f64::from(k) * std::f64::consts::FRAC_PI_4);
            let views = around.map(|angle| [view * angle.cos(), view * angle.sin()]);
            for shift in views.chain([[sun * sin, -sun * cos]]) {
                for axis in [0, 1] {
                    let moved = highest * shift[axis];
                    assert!(mesh.corner[axis] < moved.min(0.0), "{elevation} {azimuth}");
                    assert!(end[axis] > extent + moved.max(0.0), "{elevation} {azimuth}");
                }
            }
        }
    }
}
