//! The relief: a digital elevation model, the light on its slopes, the shadows it casts.
//!
//! The surface is the bilinear one through the nodes of the model, on the WGS84 ellipsoid; where no cell
//! is given there is sea, 0 m. Light and shadow are those of this surface, exactly.

mod blocks;
mod cast;
mod cells;
mod landform;
mod lattice;

use super::setting::Setting;
use super::shore::Shore;
use super::view::ViewGeometry;
use crate::scene::{Direction, Grid};
use crate::{Error, Progress, Result};
use cast::{Local, Skyline};
use landform::Landform;
use lattice::{Bounds, Lattice, Places, Stretch};
use ndarray::parallel::prelude::*;
use ndarray::{Array2, Axis};
use std::f64::consts::FRAC_PI_2;
use std::ops::Range;

/// How far beyond the tile ground may cast a shadow into it, metres (free choice: 3000 m at a sun of 9
/// degrees).
const LONGEST_SHADOW: f64 = 20_000.0;
/// From the lowest ground on Earth to the highest, metres (Dead Sea -430, Mount Everest 8849), rounded up.
const HIGHEST_ON_EARTH: f64 = 9_500.0;
/// The sun is taken this much lower when the reach of shadows is worked out: it changes over a tile,
/// radians.
const SUN_CHANGE: f64 = 0.01;
/// Added on all sides of the ground that matters, metres.
const MARGIN: f64 = 500.0;

/// One degree of the elevation model, as an SRTM file holds it.
#[derive(Clone, Debug, PartialEq)]
pub struct DemCell {
    /// Latitude of the southern edge, degrees.
    pub south: i32,
    /// Longitude of the western edge, degrees, -180 to 179.
    pub west: i32,
    /// Heights in metres, northern row first, 3601 x 3601 nodes, the rims shared with the neighbours.
    pub heights: Array2<i16>,
}

/// Whether relief takes the sun from a pixel.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
#[repr(u8)]
pub enum ReliefShadow {
    /// In the sun.
    #[default]
    Lit = 0,
    /// Other ground stands before the sun. On a slope that faces away: ground beyond the place where the
    /// line to the sun leaves the slope.
    Cast = 1,
    /// The slope faces away from the sun, nothing else stands before it.
    Own = 2,
}

/// The sun on a pixel of the ground.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Sunlight {
    /// Direct light relative to flat ground: cos(incidence) / cos(sun zenith); 0 in relief shadow.
    pub direct: f32,
    /// Shadow.
    pub shadow: ReliefShadow,
}

/// The ground of a scene.
pub struct Relief {
    grid: Grid,
    cells: Vec<DemCell>,
    lattice: Lattice,
    places: Places,
    skyline: Skyline,
}

impl Relief {
    /// Makes the land of a setting: all degrees that the tile touches, or ground that may cast a shadow
    /// into it.
    ///
    /// # Errors
    /// Only when the caller cancels.
    pub(super) fn new(setting: &Setting, shore: &Shore, progress: &dyn Progress) -> Result<Self> {
        let landform = Landform::new(setting, shore);
        let reach = throw(setting, landform.highest()).min(LONGEST_SHADOW);
        let bounds = reaching(setting, reach);
        let cells = cells::cells(&landform, &setting.grid, bounds, progress)?;
        Self::from_cells(cells, setting.grid)
    }

    /// The ground of given cells under a grid of any size and pixel size; cells may also be coarser or
    /// finer than one arc second, all alike. Heights count from the
    /// ellipsoid. No cell may be given twice.
    ///
    /// # Errors
    /// A parameter error when a cell is not square or has another size than the others.
    pub fn from_cells(cells: Vec<DemCell>, grid: Grid) -> Result<Self> {
        let mut per_degree = cells::STEPS_PER_DEGREE;
        for (index, cell) in cells.iter().enumerate() {
            let (rows, columns) = cell.heights.dim();
            let steps = rows as i64 - 1;
            if rows != columns || steps < 1 || index > 0 && steps != per_degree {
                return Err(Error::parameter(
                    "the cells of the elevation model are not square and of one size",
                )
                .at(format!("south {}, west {}", cell.south, cell.west))
                .got(format!("{rows} x {columns} nodes"))
                .expected("3601 x 3601 nodes (one arc second), or another size for all cells")
                .advice("resample the cells to one arc second"));
            }
            per_degree = steps;
        }
        let lattice = Lattice::around(&grid, LONGEST_SHADOW + MARGIN, per_degree, &cells);
        Ok(Self {
            places: Places::new(&grid, &lattice),
            skyline: Skyline::new(&lattice),
            lattice,
            cells,
            grid,
        })
    }

    /// The elevation model; empty where there is no land (as SRTM has no files of the open sea).
    pub fn cells(&self) -> &[DemCell] {
        &self.cells
    }

    /// South-western corners of the degrees of sea around the land that somebody wants to know of who must think
    /// of the highest ground on Earth there: latitudes and longitudes in degrees.
    pub(super) fn sea_around(&self, setting: &Setting) -> Vec<(i32, i32)> {
        if self.cells.is_empty() {
            return Vec::new();
        }
        let bounds = reaching(setting, throw(setting, HIGHEST_ON_EARTH));
        let is_land = |corner: (i32, i32)| {
            let mut corners = self.cells.iter().map(|cell| (cell.south, cell.west));
            corners.any(|land| land == corner)
        };
        cells::degrees(&bounds)
            .filter(|corner| !is_land(*corner))
            .collect()
    }

    /// Heights at the centres of some rows of pixels, bilinear between the nodes, metres: (rows,
    /// columns).
    pub fn heights(&self, rows: Range<usize>) -> Array2<f32> {
        let mut heights = Array2::zeros((rows.len(), self.grid.width));
        heights
            .axis_iter_mut(Axis(0))
            .into_par_iter()
            .zip(rows)
            .for_each(|(mut line, row)| {
                let pixels = line.as_slice_mut().unwrap_or_default();
                for stretch in self.places.stretches(row, self.grid.width) {
                    let Stretch {
                        columns,
                        first,
                        change,
                    } = stretch;
                    for (k, height) in (0_i32..).zip(&mut pixels[columns]) {
                        let [x, y] = [0, 1].map(|axis| first[axis] + f64::from(k) * change[axis]);
                        let (facet, x, y) = self.lattice.facet(x, y);
                        *height = facet.height(x, y) as f32;
                    }
                }
            });
        heights
    }

    /// The sun of a scene on some rows of pixels: (rows, columns).
    pub fn sunlight(&self, geometry: &ViewGeometry, rows: Range<usize>) -> Array2<Sunlight> {
        self.sunlight_from(&|east, south| geometry.sun_at(east, south), rows)
    }

    /// The same for any sun: its direction as a function of the metres east and south of the grid's
    /// upper-left corner, taken every 320 m and linear between. A sun below the horizon shines nowhere.
    pub fn sunlight_from(
        &self,
        sun: &(dyn Fn(f64, f64) -> Direction + Sync),
        rows: Range<usize>,
    ) -> Array2<Sunlight> {
        let mut sunlight = Array2::default((rows.len(), self.grid.width));
        let suns = self.suns(sun, &rows);
        let first_anchor = self.places.between(rows.start).0;
        let reaches = self.reaches(&suns, first_anchor);
        sunlight
            .axis_iter_mut(Axis(0))
            .into_par_iter()
            .zip(rows)
            .for_each(|(mut line, row)| {
                let pixels = line.as_slice_mut().unwrap_or_default();
                let (above, down) = self.places.between(row);
                let above = above - first_anchor;
                for (index, stretch) in self.places.stretches(row, self.grid.width).enumerate() {
                    let at = |column: usize| {
                        let (a, b) = (suns[[above, column]], suns[[above + 1, column]]);
                        [0, 1, 2].map(|k| a[k] + down * (b[k] - a[k]))
                    };
                    let columns = stretch.columns.clone();
                    let sun = [at(index), at(index + 1)];
                    self.light(&stretch, sun, reaches[[above, index]], &mut pixels[columns]);
                }
            });
        sunlight
    }

    /// How far away ground may take the sun, metres, for each square between anchors.
    fn reaches(&self, suns: &Array2<[f64; 3]>, first_anchor: usize) -> Array2<f64> {
        let (rows, columns) = suns.dim();
        let mut reaches = Array2::zeros((rows - 1, columns - 1));
        ndarray::Zip::indexed(&mut reaches).par_for_each(|(row, column), reach| {
            let area = self.places.area(first_anchor + row, column);
            let corners =
                [[0, 0], [0, 1], [1, 0], [1, 1]].map(|[i, j]| suns[[row + i, column + j]]);
            let [east, north, up] = [0, 1, 2]
                .map(|k| corners.iter().map(|sun| sun[k]).sum::<f64>() / corners.len() as f64);
            let lowest_up = corners.iter().fold(up, |least, sun| least.min(sun[2]));
            let local = Local::at(&self.lattice, area[1].start);
            let sun = [east, north, lowest_up];
            *reach = self
                .skyline
                .reach(area, &local.ray([0.0; 3], sun, local.bend(sun)));
        });
        reaches
    }

    /// Unit vectors to the sun (east, north, up) at the anchors around some rows.
    fn suns(
        &self,
        sun: &(dyn Fn(f64, f64) -> Direction + Sync),
        rows: &Range<usize>,
    ) -> Array2<[f64; 3]> {
        let first = self.places.between(rows.start).0;
        let last = self.places.between(rows.end.max(rows.start + 1) - 1).0 + 1;
        let columns = self.grid.width.div_ceil(self.places.step) + 1;
        Array2::from_shape_fn((last + 1 - first, columns), |(row, column)| {
            let centre =
                |anchor: usize| ((anchor * self.places.step) as f64 + 0.5) * self.grid.pixel_size;
            let direction = sun(centre(column), centre(first + row));
            let (sin_zenith, cos_zenith) = direction.zenith.sin_cos();
            let (sin_azimuth, cos_azimuth) = direction.azimuth.sin_cos();
            [
                sin_zenith * sin_azimuth,
                sin_zenith * cos_azimuth,
                cos_zenith,
            ]
        })
    }

    /// The sun on the pixels of a stretch, given the directions at its ends and how far away ground may
    /// take it.
    fn light(&self, stretch: &Stretch, suns: [[f64; 3]; 2], reach: f64, pixels: &mut [Sunlight]) {
        let middle = 0.5 * (self.places.step as f64);
        let local = Local::at(&self.lattice, stretch.first[1] + middle * stretch.change[1]);
        let [per_east, per_north] = local.steps_per_metre();
        let [from, to] = suns;
        let bend = local.bend([0, 1, 2].map(|k| 0.5 * (from[k] + to[k])));
        let change = [0, 1, 2].map(|k| (to[k] - from[k]) / self.places.step as f64);
        for (index, sunlight) in pixels.iter_mut().enumerate() {
            let k = index as f64;
            let [x, y] = [0, 1].map(|axis| stretch.first[axis] + k * stretch.change[axis]);
            let sun = [0, 1, 2].map(|axis| from[axis] + k * change[axis]);
            let [east, north, up] = sun;
            if up <= 0.0 {
                *sunlight = Sunlight {
                    direct: 0.0,
                    shadow: ReliefShadow::Own,
                };
                continue;
            }
            let (facet, right, below) = self.lattice.facet(x, y);
            let (height, along, down) = facet.at(right, below);
            let (to_east, to_north) = (along * per_east, -down * per_north);
            let facing = up - east * to_east - north * to_north;
            let faces_away = facing < 0.0;
            let shadow = match (reach > 0.0, faces_away) {
                (true, _) => {
                    let ray = local.ray([x, y, height], sun, bend);
                    self.skyline.shadow(&self.lattice, &ray, faces_away, reach)
                }
                (false, true) => ReliefShadow::Own,
                (false, false) => ReliefShadow::Lit,
            };
            let direct = if shadow == ReliefShadow::Lit {
                facing / ((1.0 + to_east * to_east + to_north * to_north).sqrt() * up)
            } else {
                0.0
            };
            *sunlight = Sunlight {
                direct: direct as f32,
                shadow,
            };
        }
    }
}

/// How far the sun throws the shadow of ground of a height, metres.
fn throw(setting: &Setting, height: f64) -> f64 {
    let elevation = (FRAC_PI_2 - setting.sun.zenith - SUN_CHANGE).max(SUN_CHANGE);
    height / elevation.tan()
}

/// The ground that can be seen or cast a shadow: the tile, and the tile moved so many metres towards the sun.
fn reaching(setting: &Setting, reach: f64) -> Bounds {
    let grid = &setting.grid;
    let (easting, northing) = grid.centre();
    let azimuth = grid
        .zone
        .grid_azimuth(setting.sun.azimuth, easting, northing);
    let extended = |pixels: usize, shift: f64| {
        let side = pixels as f64 * grid.pixel_size;
        [shift.min(0.0) - MARGIN, side + shift.max(0.0) + MARGIN]
    };
    Bounds::of_rectangle(
        grid,
        cells::STEPS_PER_DEGREE,
        extended(grid.width, reach * azimuth.sin()),
        extended(grid.height, -reach * azimuth.cos()),
    )
}

#[cfg(test)]
mod tests;
