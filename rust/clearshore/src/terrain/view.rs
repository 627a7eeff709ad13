//! View occlusion: the line of sight from each ground point to the sensor.
//!
//! The sensor stands almost overhead. A ray that climbs faster than the ground anywhere within its reach can't meet it
//! again: only near slopes as steep as the ray itself are exact rays sent. Where there are none, which is almost
//! everywhere, a look at each facet of the DEM is all.

mod steep;
#[cfg(test)]
mod tests;

use super::exact::{RayTracer, Sight};
use super::sweep::{HIGHEST_GROUND, LOWEST_GROUND, block_side, pieces};
use super::{DemPatch, DemSource, and_more, patch_over};
use crate::scene::{AngleGrid, Band, Direction, Grid, Scene};
use crate::{Params, Progress, Result};
use ndarray::{Array2, ArrayViewMut2};
use rayon::prelude::*;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use steep::SteepGround;

/// The band whose detectors and directions stand for all: between bands the directions differ by about a degree.
pub const VIEW_BAND: Band = Band::B04;

/// Views farther from the vertical are not followed, radians: five times as far as MSI looks (290 km of swath from
/// 786 km, Sentinel-2 User Handbook).
const GREATEST_ZENITH: f64 = 60.0 * std::f64::consts::PI / 180.0;
/// Side of the squares of pixels that are looked at together, pixels.
const SQUARE: usize = 32;
/// Ground around a block that its map bends by, metres: less than 10 m over 20 km at the latitudes of UTM.
const MAP_BEND: f64 = 50.0;
/// UTM's metres are at most so much longer than those of the ground, unitless.
const MAP_SCALE: f64 = 1.01;

/// Where the sensor looks from at the pixels of a grid.
#[derive(Clone, Debug, Default)]
pub struct View<'a> {
    /// Detector numbers, (rows, columns); 0 where none is known. Without them all pixels have the mean direction.
    pub detectors: Option<&'a Array2<u8>>,
    /// Directions to the sensor by detector number.
    pub grids: BTreeMap<u8, &'a AngleGrid>,
    /// Mean direction to the sensor, for pixels without a detector and where a detector's grid knows none.
    pub mean: Option<Direction>,
}

/// What relief hides from the sensor, (rows, columns).
#[derive(Debug)]
pub struct ViewOcclusion {
    /// Pixels whose line of sight to the sensor known ground blocks, or whose slope faces away from it.
    pub hidden: Array2<bool>,
    /// Names of DEM cells that are missing and that might hide pixels, sorted.
    pub missing: Vec<String>,
}

impl<'a> View<'a> {
    /// The view of a scene, in [`VIEW_BAND`].
    fn of_scene(scene: &'a Scene) -> Self {
        let angles = scene.angles();
        let views = angles.views.iter();
        Self {
            detectors: scene.detectors(VIEW_BAND),
            grids: views
                .filter(|((band, _), _)| *band == VIEW_BAND)
                .map(|((_, detector), grid)| (*detector, grid))
                .collect(),
            mean: angles.mean_views.get(&VIEW_BAND).copied(),
        }
    }

    /// Whether each detector's own directions are known.
    fn is_by_detector(&self) -> bool {
        let seen = |detectors: &Array2<u8>| detectors.iter().any(|detector| *detector != 0);
        !self.grids.is_empty() && self.detectors.is_some_and(seen)
    }

    /// Greatest zenith angle that is followed, radians; none where there is no direction at all. Directions between
    /// nodes are nearer to the vertical than the farthest node.
    fn greatest_zenith(&self) -> Option<f64> {
        let grids = self.grids.values().filter(|_| self.detectors.is_some());
        grids
            .flat_map(|grid| grid.zenith.iter().copied())
            .chain(self.mean.map(|mean| mean.zenith))
            .filter(|zenith| (0.0..=GREATEST_ZENITH).contains(zenith))
            .reduce(f64::max)
    }

    fn at(&self, grid: &Grid, row: usize, column: usize) -> Option<Direction> {
        let own = |detector: u8| {
            let metres = |pixel: usize| (pixel as f64 + 0.5) * grid.pixel_size;
            self.grids.get(&detector)?.at(metres(column), metres(row))
        };
        let detector = self.detectors.map(|detectors| detectors[[row, column]]);
        detector.and_then(own).or(self.mean).filter(|direction| {
            (0.0..=GREATEST_ZENITH).contains(&direction.zenith) && direction.azimuth.is_finite()
        })
    }
}

/// What relief hides from the sensor. Pixels whose answer depends on unknown heights are not called hidden.
///
/// Views more than 60 degrees from the vertical are not followed.
///
/// # Errors
/// As [`DemSource::cover`]; Cancelled.
pub fn view_occlusion(
    grid: &Grid,
    view: &View<'_>,
    source: &dyn DemSource,
    progress: &dyn Progress,
) -> Result<ViewOcclusion> {
    let mut hidden = Array2::from_elem(grid.shape(), false);
    let blocks = pieces(&mut hidden, block_side(grid));
    progress.stage("view occlusion", blocks.len() as u64);
    let Some(zenith) = view.greatest_zenith() else {
        return Ok(ViewOcclusion {
            hidden,
            missing: Vec::new(),
        });
    };
    let missing = blocks
        .into_par_iter()
        .map(|(first, hidden)| {
            progress.check()?;
            let reach = f64::from(HIGHEST_GROUND - LOWEST_GROUND) * zenith.tan();
            let area = area(grid, first, hidden.dim(), reach);
            let patch = patch_over(source, area)?;
            let block = Block { grid, view, first };
            let missing = block.look(&patch, zenith, hidden, progress)?;
            progress.advance(1);
            Ok(missing)
        })
        .try_reduce(BTreeSet::new, |mut all, missing| {
            all.extend(missing);
            Ok(all)
        })?;
    Ok(ViewOcclusion {
        hidden,
        missing: missing.into_iter().collect(),
    })
}

/// What relief hides from the sensor in a scene, where it is wanted and can be known, and what the user should know.
///
/// # Errors
/// As [`view_occlusion`].
pub(crate) fn find(
    scene: &Scene,
    params: &Params,
    progress: &dyn Progress,
) -> Result<(Option<Array2<bool>>, Vec<String>)> {
    if !params.view_occlusion {
        return Ok((None, Vec::new()));
    }
    let nothing = |why: &str| Ok((None, vec![why.to_owned()]));
    if !params.wants_view_occlusion() {
        return nothing("viewOcclusion shows in the evidence alone: it needs copyEvidence");
    }
    let Some(dem) = scene.dem() else {
        return nothing("there is no elevation model: view occlusion is not known");
    };
    let view = View::of_scene(scene);
    if view.greatest_zenith().is_none() {
        return nothing("there are no viewing angles: view occlusion is not known");
    }
    let mut warnings = Vec::new();
    if !view.is_by_detector() {
        warnings.push(format!(
            "the detectors of {VIEW_BAND} or their viewing angles are not known: view occlusion is found with the mean \
             viewing direction"
        ));
    }
    let occlusion = view_occlusion(scene.grid(), &view, dem, progress)?;
    if !occlusion.missing.is_empty() {
        warnings.push(format!(
            "the elevation model lacks {}: view occlusion is not known where it depends on them",
            and_more(&occlusion.missing)
        ));
    }
    Ok((Some(occlusion.hidden), warnings))
}

/// West, south, east, north in degrees of pixels and so many metres around; east may be beyond 180.
fn area(
    grid: &Grid,
    (row, column): (usize, usize),
    (rows, columns): (usize, usize),
    around: f64,
) -> [f64; 4] {
    let around = MAP_SCALE * around + MAP_BEND;
    let left = grid.easting + column as f64 * grid.pixel_size - around;
    let top = grid.northing - row as f64 * grid.pixel_size + around;
    let width = columns as f64 * grid.pixel_size + 2.0 * around;
    let height = rows as f64 * grid.pixel_size + 2.0 * around;
    let middle = grid.zone.geodetic(left + 0.5 * width, top - 0.5 * height);
    let middle = middle.longitude.to_degrees();
    // Longitudes from the middle's.
    let (low, high) = (f64::INFINITY, f64::NEG_INFINITY);
    let mut area = [low, low, high, high];
    for right in [0.0, 0.5, 1.0] {
        for down in [0.0, 0.5, 1.0] {
            let place = grid
                .zone
                .geodetic(left + right * width, top - down * height);
            let from_middle = place.longitude.to_degrees() - middle;
            let longitude = (from_middle + 180.0).rem_euclid(360.0) - 180.0;
            let latitude = place.latitude.to_degrees();
            area[0] = area[0].min(longitude);
            area[1] = area[1].min(latitude);
            area[2] = area[2].max(longitude);
            area[3] = area[3].max(latitude);
        }
    }
    let west = (middle + area[0] + 180.0).rem_euclid(360.0) - 180.0;
    [west, area[1], west + area[2] - area[0], area[3]]
}

/// A block of pixels.
struct Block<'a> {
    grid: &'a Grid,
    view: &'a View<'a>,
    /// Row and column of its first pixel.
    first: (usize, usize),
}

impl Block<'_> {
    /// Marks the hidden pixels; names of missing cells if pixels depend on unknown heights.
    fn look(
        &self,
        patch: &DemPatch,
        zenith: f64,
        mut hidden: ArrayViewMut2<'_, bool>,
        progress: &dyn Progress,
    ) -> Result<BTreeSet<String>> {
        let steep = SteepGround::of(patch, zenith);
        if steep.is_empty() {
            return Ok(BTreeSet::new());
        }
        let tracer = RayTracer::new(patch).with_ceiling(steep.ceiling);
        let mut depends = false;
        let (rows, columns) = hidden.dim();
        for top in (0..rows).step_by(SQUARE) {
            progress.check()?;
            for left in (0..columns).step_by(SQUARE) {
                let square = (
                    top..(top + SQUARE).min(rows),
                    left..(left + SQUARE).min(columns),
                );
                let corners = self.corners(patch, &square);
                if steep.is_unknown(&corners) {
                    depends = true;
                } else if steep.is_near(&corners) {
                    depends |= self.trace(&tracer, square, &mut hidden);
                }
            }
        }
        Ok(if depends {
            patch.missing.clone()
        } else {
            BTreeSet::new()
        })
    }

    /// The corners of a square of pixels in the patch's nodes.
    fn corners(
        &self,
        patch: &DemPatch,
        (rows, columns): &(Range<usize>, Range<usize>),
    ) -> [(f64, f64); 4] {
        let position = |row: usize, column: usize| {
            let metres = |pixel: usize| pixel as f64 * self.grid.pixel_size;
            let (row, column) = (self.first.0 + row, self.first.1 + column);
            let place = self.grid.zone.geodetic(
                self.grid.easting + metres(column),
                self.grid.northing - metres(row),
            );
            patch.node_position(place)
        };
        [
            position(rows.start, columns.start),
            position(rows.start, columns.end),
            position(rows.end, columns.start),
            position(rows.end, columns.end),
        ]
    }

    /// Sends a ray from each pixel of a square. Whether one depends on unknown heights.
    fn trace(
        &self,
        tracer: &RayTracer<'_>,
        (rows, columns): (Range<usize>, Range<usize>),
        hidden: &mut ArrayViewMut2<'_, bool>,
    ) -> bool {
        let mut depends = false;
        for row in rows {
            for column in columns.clone() {
                let place = (self.first.0 + row, self.first.1 + column);
                let Some(direction) = self.view.at(self.grid, place.0, place.1) else {
                    continue;
                };
                let (easting, northing) = self.grid.pixel_centre(place.0, place.1);
                let ground = self.grid.zone.geodetic(easting, northing);
                let sight = tracer.line_of_sight(ground, direction);
                let is_hidden =
                    matches!(sight, Sight::Blocked(_)) || tracer.incidence(ground, direction) < 0.0;
                hidden[[row, column]] = is_hidden;
                depends |= sight == Sight::Unknown && !is_hidden;
            }
        }
        depends
    }
}
