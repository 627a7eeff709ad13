//! A DEM in one GeoTIFF, in longitude and latitude or in a UTM zone.

use super::metres::Metres;
use super::{check_nodes, outside};
use crate::geotiff::{CoordinateSystem, GeoTiff, Quantity};
use crate::window::Window;
use clearshore::Result;
use clearshore::terrain::{Content, DemCellIndex, DemCells, DemFrame, DemPatch};
use ndarray::Array2;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

/// A degree of latitude, metres (WGS84, mean).
const DEGREE: f64 = 111_132.0;
/// Nodes along a cell, about.
const CELL_NODES: f64 = 1_024.0;
/// Cells of the finest rasters are not smaller than this part of a degree.
const MOST_CELLS_PER_DEGREE: i32 = 4_096;
/// Names tell the places of nodes of shipped DEMs; files may be off by this part of a step.
const OFF_PLACE: f64 = 0.01;
/// More than a position is rounded, steps.
const ROUNDING: f64 = 1e-3;

/// The heights of one file.
pub trait Heights: Send + Sync {
    /// The file.
    fn path(&self) -> &Path;

    /// Rows and columns.
    fn shape(&self) -> (usize, usize);

    /// Heights of a window, metres; NaN where they are not known. It uses no pool of threads.
    fn read(&self, window: &Window) -> Result<Array2<f32>>;
}

/// A GeoTIFF of heights.
pub struct Raster {
    pub tiff: GeoTiff,
    pub metres: Metres,
}

impl Raster {
    /// # Errors
    /// Auxiliary: heights in a unit that is not known.
    pub fn new(tiff: GeoTiff) -> Result<Self> {
        let Quantity {
            scale,
            offset,
            unit,
        } = tiff.quantity();
        let metres = Metres::of(*scale, *offset, unit, tiff.path())?;
        Ok(Self { tiff, metres })
    }

    /// The places of its nodes, which stand at the centres of pixels; without heights.
    pub fn lattice(&self) -> DemPatch {
        let place = self.tiff.georeference();
        DemPatch {
            frame: match place.system {
                CoordinateSystem::Geographic => DemFrame::Geographic,
                CoordinateSystem::Utm(zone) => DemFrame::Utm(zone),
            },
            west: place.left + 0.5 * place.pixel_width,
            north: place.top - 0.5 * place.pixel_height,
            column_step: place.pixel_width,
            row_step: place.pixel_height,
            heights: Array2::default((0, 0)),
            missing: BTreeSet::new(),
        }
    }
}

impl Heights for Raster {
    fn path(&self) -> &Path {
        self.tiff.path()
    }

    fn shape(&self) -> (usize, usize) {
        self.tiff.shape()
    }

    fn read(&self, window: &Window) -> Result<Array2<f32>> {
        let heights = |sample| Ok(self.metres.height(sample));
        self.tiff.read_window_alone(window, heights)
    }
}

/// The nodes of a file.
pub struct Nodes {
    source: Box<dyn Heights>,
    /// Without heights.
    lattice: DemPatch,
    /// West, south, east, north of the outer nodes and a step more in degrees, longitudes near each other.
    extent: [f64; 4],
}

impl Nodes {
    /// Of a file whose first node is the lattice's.
    pub fn new(lattice: DemPatch, source: impl Heights + 'static) -> Self {
        Self {
            extent: extent_of(&lattice, source.shape()),
            lattice,
            source: Box::new(source),
        }
    }

    /// The same for a cell or tile of a world-wide DEM, whose nodes lie on whole or half steps from whole degrees, with
    /// a whole number of steps in a degree.
    pub fn on_whole_degrees(mut lattice: DemPatch, source: impl Heights + 'static) -> Self {
        if lattice.frame == DemFrame::Geographic {
            for (first, step) in [
                (&mut lattice.west, &mut lattice.column_step),
                (&mut lattice.north, &mut lattice.row_step),
            ] {
                let per_degree = (1.0 / *step).round();
                let halves = 2.0 * *first * per_degree;
                if (halves - halves.round()).abs() < 2.0 * OFF_PLACE {
                    *first = halves.round() / (2.0 * per_degree);
                    *step = 1.0 / per_degree;
                }
            }
        }
        Self::new(lattice, source)
    }

    /// The file.
    pub fn path(&self) -> &Path {
        self.source.path()
    }

    /// Whether they are nodes in longitude and latitude within an extent or a step around it.
    pub fn meet(&self, extent: [f64; 4]) -> bool {
        self.lattice.frame == DemFrame::Geographic
            && turned(extent, self.extent).is_some_and(|extent| self.part(extent).is_some())
    }

    /// Whether they reach to less than a step from an extent's borders.
    pub fn cover(&self, extent: [f64; 4]) -> bool {
        let (rows, columns) = self.source.shape();
        let reach = |[left, top, right, bottom]: [f64; 4]| {
            let (right, bottom) = (columns as f64 - 1.0 - right, rows as f64 - 1.0 - bottom);
            let beyond = [left, top, right, bottom];
            beyond.iter().all(|inside| *inside > -1.0 - ROUNDING)
        };
        turned(extent, self.extent).is_some_and(|extent| reach(self.lattice.bounds(extent)))
    }

    /// Heights within a step around an extent in degrees.
    pub fn near(&self, [west, south, east, north]: [f64; 4]) -> Result<Array2<f32>> {
        let (across, down) = (self.lattice.column_step, self.lattice.row_step);
        let patch = self.window([west - across, south - down, east + across, north + down])?;
        Ok(patch.map(|patch| patch.heights).unwrap_or_default())
    }

    /// Heights of an extent (west, south, east, north in degrees), with the nodes just outside it where the raster
    /// has them; `None` where it has none.
    pub fn window(&self, extent: [f64; 4]) -> Result<Option<DemPatch>> {
        let Some(extent) = turned(extent, self.extent) else {
            return Ok(None);
        };
        let Some(window) = self.part(extent) else {
            return Ok(None);
        };
        check_nodes(self.path(), window.rows, window.columns)?;
        let beyond = (!self.cover(extent)).then(|| outside(self.path()));
        Ok(Some(DemPatch {
            west: self.lattice.west + window.column as f64 * self.lattice.column_step,
            north: self.lattice.north - window.row as f64 * self.lattice.row_step,
            heights: self.source.read(&window)?,
            missing: beyond.into_iter().collect(),
            ..self.lattice
        }))
    }

    /// Nodes in an extent and just outside it.
    fn part(&self, extent: [f64; 4]) -> Option<Window> {
        let [left, top, right, bottom] = self.lattice.bounds(extent);
        let range = |from: f64, to: f64, count: usize| {
            let start = (from + ROUNDING).floor().max(0.0);
            let end = ((to - ROUNDING).ceil() + 1.0).min(count as f64);
            (start < end).then_some((start as usize, (end - start) as usize))
        };
        let (all_rows, all_columns) = self.source.shape();
        let (row, rows) = range(top, bottom, all_rows)?;
        let (column, columns) = range(left, right, all_columns)?;
        Some(Window {
            row,
            column,
            rows,
            columns,
        })
    }
}

/// Longitudes and latitudes that nodes lie between, and a step more.
fn extent_of(lattice: &DemPatch, (rows, columns): (usize, usize)) -> [f64; 4] {
    let (right, bottom) = (columns as f64 - 1.0, rows as f64 - 1.0);
    if lattice.frame == DemFrame::Geographic {
        let (across, down) = (lattice.column_step, lattice.row_step);
        return [
            lattice.west - across,
            lattice.north - (bottom + 1.0) * down,
            lattice.west + (right + 1.0) * across,
            lattice.north + down,
        ];
    }
    const SIDE_POINTS: usize = 32;
    extent_around((0..=SIDE_POINTS).flat_map(|point| {
        let part = point as f64 / SIDE_POINTS as f64;
        let (row, column) = (part * bottom, part * right);
        [
            (row, -1.0),
            (row, right + 1.0),
            (-1.0, column),
            (bottom + 1.0, column),
        ]
        .map(|(row, column)| {
            let place = lattice.place(row, column);
            (place.longitude.to_degrees(), place.latitude.to_degrees())
        })
    }))
}

/// West, south, east, north of places in degrees, less than half a turn apart.
pub fn extent_around(places: impl Iterator<Item = (f64, f64)>) -> [f64; 4] {
    let (low, high) = (f64::INFINITY, f64::NEG_INFINITY);
    let mut first = None;
    places.fold(
        [low, low, high, high],
        |[west, south, east, north], (x, y)| {
            let start = *first.get_or_insert(x);
            let x = x - 360.0 * ((x - start) / 360.0).round();
            [west.min(x), south.min(y), east.max(x), north.max(y)]
        },
    )
}

/// An extent moved by full turns to where another one counts longitudes; `None` when they don't meet.
pub fn turned([west, south, east, north]: [f64; 4], other: [f64; 4]) -> Option<[f64; 4]> {
    if south > other[3] || north < other[1] {
        return None;
    }
    let common = |turn: f64| (east + turn).min(other[2]) - (west + turn).max(other[0]);
    let turns = [-360.0, 0.0, 360.0];
    let turn = turns
        .into_iter()
        .max_by(|a, b| common(*a).total_cmp(&common(*b)))?;
    (common(turn) >= 0.0).then_some([west + turn, south, east + turn, north])
}

/// Cells along a degree for a step, degrees.
pub fn cells_per_degree(step: f64) -> i32 {
    let cells = 1.0 / (step * CELL_NODES);
    let mut per_degree = 1;
    while f64::from(per_degree) < cells && per_degree < MOST_CELLS_PER_DEGREE {
        per_degree *= 2;
    }
    per_degree
}

/// West, south, east, north of a cell, degrees.
pub fn cell_extent(cell: DemCellIndex, per_degree: i32) -> [f64; 4] {
    let edge = |index: i32| f64::from(index) / f64::from(per_degree);
    [
        edge(cell.west),
        edge(cell.south),
        edge(cell.west + 1),
        edge(cell.south + 1),
    ]
}

/// A raster that is the whole DEM.
pub struct RasterCells {
    nodes: Nodes,
    per_degree: i32,
}

impl RasterCells {
    /// All nodes of a raster.
    ///
    /// # Errors
    /// As [`Raster::new`].
    pub fn new(tiff: GeoTiff) -> Result<Self> {
        let raster = Raster::new(tiff)?;
        let nodes = Nodes::new(raster.lattice(), raster);
        let unit = match nodes.lattice.frame {
            DemFrame::Geographic => 1.0,
            DemFrame::Utm(_) => DEGREE,
        };
        let step = nodes.lattice.column_step.min(nodes.lattice.row_step);
        Ok(Self {
            per_degree: cells_per_degree(step / unit),
            nodes,
        })
    }
}

impl DemCells for RasterCells {
    fn cells_per_degree(&self) -> i32 {
        self.per_degree
    }

    fn load(&self, cell: DemCellIndex) -> Result<Content> {
        let patch = self.nodes.window(cell_extent(cell, self.per_degree))?;
        Ok(match patch {
            Some(patch) => Content::Heights(Arc::new(patch)),
            None => Content::Missing(outside(self.nodes.path())),
        })
    }
}
