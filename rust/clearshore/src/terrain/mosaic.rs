//! Pieces of a DEM put together on one lattice.

mod surface;

use super::patch::{DemFrame, DemPatch, SAME_NODE};
use super::source::{Content, DemSource};
use crate::scene::Geodetic;
use crate::{Error, Result};
use ndarray::{Array2, Axis, s};
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use surface::surface;

/// Most nodes of a patch: a gibibyte of heights.
const MOST_NODES: f64 = (1_u32 << 28) as f64;
/// Step of the lattice where there is nothing but sea or nothing at all, degrees: SRTM's three arcseconds.
const SEA_STEP: f64 = 1.0 / 1_200.0;
/// Parts of a step to which a lattice's place is rounded.
const STEP_PARTS: f64 = 1e6;
/// A lattice is finer than another from this ratio of its cells' areas on.
const FINER: f64 = 0.99;
/// A degree of latitude, metres (WGS84, mean).
const DEGREE: f64 = 111_132.0;
/// Distance from a corner at which the piece behind it is asked for, degrees.
const INWARD: f64 = 1e-9;

/// One patch over an area: west, south, east, north in degrees; east may be beyond 180.
///
/// Its lattice is that of the finest piece. Where pieces of different lattices meet, nodes of the others are sampled
/// on their bilinear surface. Sea is 0 m, what is missing is NaN and named. A node that several pieces have takes the
/// first known height from north to south, then from east to west, so that it does not depend on the area.
/// Pieces are asked for one after the other; none is held.
///
/// # Errors
/// As [`DemSource::cover`]; Parameter for no area on the Earth; Auxiliary when the patch would be too large.
pub fn patch_over(source: &dyn DemSource, area: [f64; 4]) -> Result<DemPatch> {
    check(area)?;
    let mut lattice = DemPatch {
        frame: DemFrame::Geographic,
        west: area[0].floor(),
        north: area[3].ceil(),
        column_step: SEA_STEP,
        row_step: SEA_STEP,
        heights: Array2::default((0, 0)),
        missing: BTreeSet::new(),
    };
    let mut any = false;
    loop {
        match Mosaic::over(&lattice, area).fill(source, any)? {
            Outcome::Done(patch) => return Ok(patch),
            Outcome::Finer(finer) => (lattice, any) = (finer, true),
        }
    }
}

fn check([west, south, east, north]: [f64; 4]) -> Result<()> {
    let on_earth = west < east && east - west < 360.0 && (-180.0..=180.0).contains(&west);
    if on_earth && -90.0 <= south && south < north && north <= 90.0 {
        return Ok(());
    }
    Err(Error::parameter("heights are asked for over no area on the Earth")
        .got(format!("west {west}, south {south}, east {east}, north {north} degrees"))
        .expected("west from -180 to 180 and below east, less than 360 degrees apart; south below north, from -90 to 90"))
}

enum Outcome {
    Done(DemPatch),
    /// There is a piece with this finer lattice.
    Finer(DemPatch),
}

/// The patch in the making.
struct Mosaic {
    patch: DemPatch,
    /// Rows and columns that the patch will have.
    shape: (f64, f64),
    /// What must be asked for so that all nodes are covered, degrees.
    reach: [f64; 4],
}

impl Mosaic {
    /// On a lattice, over an area; no heights yet.
    fn over(lattice: &DemPatch, area: [f64; 4]) -> Self {
        let turn = lattice.turns(area[0]);
        let [left, top, right, bottom] =
            lattice.bounds([area[0] + turn, area[1], area[2] + turn, area[3]]);
        let margin = match lattice.frame {
            DemFrame::Geographic => 0.0,
            DemFrame::Utm(_) => 1.0,
        };
        let (left, top) = (whole(left).floor() - margin, whole(top).floor() - margin);
        let (right, bottom) = (whole(right).ceil() + margin, whole(bottom).ceil() + margin);
        let (rows, columns) = (bottom - top + 1.0, right - left + 1.0);
        let patch = DemPatch {
            frame: lattice.frame,
            west: anchored((lattice.west - turn) / lattice.column_step + left)
                * lattice.column_step,
            north: anchored(lattice.north / lattice.row_step - top) * lattice.row_step,
            column_step: lattice.column_step,
            row_step: lattice.row_step,
            heights: Array2::default((0, 0)),
            missing: BTreeSet::new(),
        };
        let [west, south, east, north] = match lattice.frame {
            DemFrame::Geographic => {
                let (width, height) = (SAME_NODE * patch.column_step, SAME_NODE * patch.row_step);
                [
                    patch.west - width,
                    patch.north - (rows - 1.0) * patch.row_step - height,
                    patch.west + (columns - 1.0) * patch.column_step + width,
                    patch.north + height,
                ]
            }
            DemFrame::Utm(_) => {
                let height = 2.0 * patch.row_step / DEGREE;
                let parallel = area[1].abs().max(area[3].abs()).to_radians().cos();
                let width = 2.0 * patch.column_step / DEGREE / parallel.max(0.01);
                [
                    area[0] - width,
                    area[1] - height,
                    area[2] + width,
                    area[3] + height,
                ]
            }
        };
        Self {
            patch,
            shape: (rows, columns),
            reach: [west, south.max(-90.0), east, north.min(90.0)],
        }
    }

    /// Takes memory for the heights, all unknown.
    fn prepare(&mut self) -> Result<()> {
        let (rows, columns) = self.shape;
        if !(0.0..=MOST_NODES).contains(&(rows * columns)) {
            return Err(Error::auxiliary("the DEM is too fine for so large an area")
                .got(format!("{rows} x {columns} nodes"))
                .expected(format!("at most {MOST_NODES}"))
                .advice("give a coarser DEM (gdalwarp -tr), or a smaller grid"));
        }
        self.patch.heights = Array2::from_elem((rows as usize, columns as usize), f32::NAN);
        Ok(())
    }

    /// Takes all heights. `any`: the lattice is a piece's.
    fn fill(mut self, source: &dyn DemSource, any: bool) -> Result<Outcome> {
        let mut others = Vec::new();
        let (mut sea, mut missing) = (Vec::new(), Vec::new());
        if any {
            self.prepare()?;
        }
        let mut open = vec![self.reach];
        while let Some([west, south, east, north]) = open.pop() {
            if west >= east || south >= north {
                continue;
            }
            let longitude = east - INWARD.min((east - west) / 2.0);
            let latitude = north - INWARD.min((north - south) / 2.0);
            let cover = source.cover(Geodetic::from_degrees(longitude, latitude))?;
            let extent = turned(cover.extent, longitude);
            if !contains(extent, longitude, latitude) {
                return Err(
                    Error::internal("a piece of the DEM does not cover the place")
                        .got(format!("{:?}", cover.extent))
                        .expected(format!("longitude {longitude}, latitude {latitude}")),
                );
            }
            // The west of the same rows comes first, then all that lies to the south.
            open.push([west, south, east, extent[1]]);
            open.push([west, south.max(extent[1]), extent[0], north]);
            match cover.content {
                Content::Sea => sea.push(extent),
                Content::Missing(name) => missing.push((extent, name)),
                Content::Heights(piece) => {
                    missing.extend(piece.missing.iter().map(|name| (extent, name.clone())));
                    if let Some(offset) = any
                        .then(|| self.patch.offset(&piece, 0.5 * (extent[0] + extent[2])))
                        .flatten()
                    {
                        self.patch.take(&piece, offset);
                    } else if !any || cell_area(&piece) < FINER * cell_area(&self.patch) {
                        return Ok(Outcome::Finer(lattice_of(&piece)));
                    } else {
                        others.push((
                            cell_area(&piece),
                            extent,
                            Geodetic::from_degrees(longitude, latitude),
                        ));
                    }
                }
            }
        }
        if !any {
            self.prepare()?;
        }
        others.sort_by(|a, b| a.0.total_cmp(&b.0));
        for (_, extent, place) in others {
            if let Content::Heights(piece) = source.cover(place)?.content {
                self.fill_unknown(extent, |place| surface(source, &piece, place))?;
            }
        }
        for extent in sea {
            self.fill_unknown(extent, |_| Ok(0.0))?;
        }
        for (extent, name) in missing {
            let needed = AtomicBool::new(false);
            self.fill_unknown(extent, |_| {
                needed.store(true, Ordering::Relaxed);
                Ok(f64::NAN)
            })?;
            if needed.into_inner() {
                self.patch.missing.insert(name);
            }
        }
        Ok(Outcome::Done(self.patch))
    }

    /// Asks for the height at each node in an extent, its borders included, that is not known yet.
    fn fill_unknown(
        &mut self,
        extent: [f64; 4],
        height_at: impl Fn(Geodetic) -> Result<f64> + Sync,
    ) -> Result<()> {
        let reach = self.reach;
        let part = [
            extent[0].max(reach[0]),
            extent[1].max(reach[1]),
            extent[2].min(reach[2]),
            extent[3].min(reach[3]),
        ];
        let [left, top, right, bottom] = self.patch.bounds(part);
        let mut heights = std::mem::take(&mut self.patch.heights);
        let range = |from: f64, to: f64, count: usize| {
            let start = (from - SAME_NODE).ceil().clamp(0.0, count as f64);
            let end = ((to + SAME_NODE).floor() + 1.0).clamp(start, count as f64);
            start as usize..end as usize
        };
        let (rows, columns) = heights.dim();
        let (rows, columns) = (range(top, bottom, rows), range(left, right, columns));
        let (first_row, first_column) = (rows.start, columns.start);
        let patch = &self.patch;
        let filled = heights
            .slice_mut(s![rows, columns])
            .axis_iter_mut(Axis(0))
            .into_par_iter()
            .enumerate()
            .try_for_each(|(row, mut heights)| -> Result<()> {
                for (column, height) in heights.indexed_iter_mut() {
                    if !height.is_nan() {
                        continue;
                    }
                    let place =
                        patch.place((first_row + row) as f64, (first_column + column) as f64);
                    if patch.frame == DemFrame::Geographic || lies_in(part, place) {
                        *height = height_at(place)? as f32;
                    }
                }
                Ok(())
            });
        self.patch.heights = heights;
        filled
    }
}

/// An extent moved by full turns to where a longitude lies.
fn turned([west, south, east, north]: [f64; 4], longitude: f64) -> [f64; 4] {
    let turn = 360.0 * ((longitude - 0.5 * (west + east)) / 360.0).round();
    [west + turn, south, east + turn, north]
}

fn lies_in(extent: [f64; 4], place: Geodetic) -> bool {
    let (longitude, latitude) = (place.longitude.to_degrees(), place.latitude.to_degrees());
    contains(turned(extent, longitude), longitude, latitude)
}

fn contains([west, south, east, north]: [f64; 4], longitude: f64, latitude: f64) -> bool {
    west <= longitude && longitude <= east && south <= latitude && latitude <= north
}

/// A position in nodes, exactly on the node when it is the same place.
fn whole(position: f64) -> f64 {
    let near = position.round();
    if (position - near).abs() < SAME_NODE {
        near
    } else {
        position
    }
}

/// A coordinate in steps that does not tell from which piece of the lattice it was counted.
fn anchored(steps: f64) -> f64 {
    (steps * STEP_PARTS).round() / STEP_PARTS
}

/// Area of a lattice's cell, square degrees.
fn cell_area(patch: &DemPatch) -> f64 {
    let unit = match patch.frame {
        DemFrame::Geographic => 1.0,
        DemFrame::Utm(_) => DEGREE,
    };
    patch.column_step * patch.row_step / (unit * unit)
}

fn lattice_of(piece: &DemPatch) -> DemPatch {
    DemPatch {
        heights: Array2::default((0, 0)),
        missing: BTreeSet::new(),
        ..*piece
    }
}

#[cfg(test)]
mod tests;
