//! A DEM in any raster that GDAL reads, in any coordinate system, also rotated: nodes in longitude and latitude with
//! the heights of the raster's own bilinear surface.

use super::metres::Metres;
use super::raster::{cell_extent, cells_per_degree, extent_around, turned};
use super::{check_nodes, outside};
use clearshore::terrain::{Content, DemCellIndex, DemCells, DemFrame, DemPatch};
use clearshore::{Error, Result};
use gdal::errors::GdalError;
use gdal::spatial_ref::{AxisMappingStrategy, CoordTransform, SpatialRef};
use gdal::{Dataset, GeoTransformEx};
use ndarray::Array2;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// EPSG code of longitude and latitude on WGS84.
const WGS84: u32 = 4326;
/// A degree of latitude, metres (WGS84, mean).
const DEGREE: f64 = 111_132.0;
/// Points along each side of the raster whose places bound it.
const SIDE_POINTS: usize = 32;
/// More than a position is rounded, steps.
const ROUNDING: f64 = 1e-6;
/// Least cosine of the latitude for the step in longitude: that of 84 degrees.
const LEAST_COSINE: f64 = 0.1;

/// A raster that is the whole DEM.
pub struct GdalCells {
    path: PathBuf,
    /// Of the nodes that are made; without heights.
    lattice: DemPatch,
    per_degree: i32,
    /// West, south, east, north, degrees.
    extent: [f64; 4],
}

/// An open raster and the way to it. A data set serves one thread, so each cell opens its own.
struct Raster {
    dataset: Dataset,
    to_raster: CoordTransform,
    from_raster: CoordTransform,
    pixel_to_map: [f64; 6],
    map_to_pixel: [f64; 6],
    is_geographic: bool,
}

impl Raster {
    fn open(path: &Path) -> std::result::Result<Self, GdalError> {
        let dataset = Dataset::open(path)?;
        let pixel_to_map = dataset.geo_transform()?;
        let mut own = dataset.spatial_ref()?;
        let mut degrees = SpatialRef::from_epsg(WGS84)?;
        for reference in [&mut own, &mut degrees] {
            reference.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
        }
        Ok(Self {
            to_raster: CoordTransform::new(&degrees, &own)?,
            from_raster: CoordTransform::new(&own, &degrees)?,
            map_to_pixel: pixel_to_map.invert()?,
            is_geographic: own.is_geographic(),
            dataset,
            pixel_to_map,
        })
    }

    /// Longitudes and latitudes of positions, (column, row) in pixels from the outer corner; infinite where there are
    /// none.
    fn places(&self, positions: &[(f64, f64)]) -> Vec<(f64, f64)> {
        let map = positions
            .iter()
            .map(|(x, y)| self.pixel_to_map.apply(*x, *y));
        let (mut x, mut y): (Vec<_>, Vec<_>) = map.unzip();
        // What can't be transformed comes back infinite.
        let _ = self.from_raster.transform_coords(&mut x, &mut y, &mut []);
        x.into_iter().zip(y).collect()
    }

    /// Positions of places, (row, column) in nodes: whole numbers at the centres of pixels.
    fn positions(&self, mut x: Vec<f64>, mut y: Vec<f64>) -> Vec<(f64, f64)> {
        let _ = self.to_raster.transform_coords(&mut x, &mut y, &mut []);
        let whole = |position: f64| {
            let near = position.round();
            if (position - near).abs() < ROUNDING {
                near
            } else {
                position
            }
        };
        x.into_iter()
            .zip(y)
            .map(|(x, y)| {
                let (column, row) = self.map_to_pixel.apply(x, y);
                (whole(row - 0.5), whole(column - 0.5))
            })
            .collect()
    }
}

impl GdalCells {
    /// Reads where the raster lies.
    ///
    /// # Errors
    /// Auxiliary: GDAL can't open it, or it has no place on the Earth.
    pub fn open(path: &Path) -> Result<Self> {
        let raster = Raster::open(path).map_err(|error| unreadable(path, error))?;
        let (columns, rows) = raster.dataset.raster_size();
        let (right, bottom) = (columns as f64, rows as f64);
        let outline: Vec<_> = (0..=SIDE_POINTS)
            .flat_map(|point| {
                let part = point as f64 / SIDE_POINTS as f64;
                let (x, y) = (part * right, part * bottom);
                [(x, 0.0), (x, bottom), (0.0, y), (right, y)]
            })
            .collect();
        let extent = extent_around(raster.places(&outline).into_iter());
        let [_, south, _, north] = extent;
        let in_place =
            extent.iter().all(|edge| edge.is_finite()) && south >= -90.0 && north <= 90.0;
        if !in_place {
            return Err(Error::auxiliary("the DEM's place on the Earth is not known")
                .at(path.display())
                .got(format!("west, south, east, north {extent:?}"))
                .advice("give it its coordinate system with gdal_edit, or warp it with gdalwarp -t_srs EPSG:4326"));
        }
        let [left, across, turn_x, top, turn_y, down] = raster.pixel_to_map;
        let mut lattice = DemPatch {
            frame: DemFrame::Geographic,
            west: -180.0,
            north: 90.0,
            column_step: across,
            row_step: -down,
            heights: Array2::default((0, 0)),
            missing: BTreeSet::new(),
        };
        if raster.is_geographic && turn_x == 0.0 && turn_y == 0.0 && across > 0.0 && down < 0.0 {
            (lattice.west, lattice.north) = (left + 0.5 * across, top + 0.5 * down);
        } else {
            // Whole numbers of steps in a degree, about as many as the raster has pixels.
            let corner = (0.5 * right, 0.5 * bottom);
            let places = raster.places(&[
                corner,
                (corner.0 + 1.0, corner.1),
                (corner.0, corner.1 + 1.0),
            ]);
            let cosine = places[0].1.to_radians().cos().max(LEAST_COSINE);
            let side =
                |place: (f64, f64)| ((place.0 - places[0].0) * cosine).hypot(place.1 - places[0].1);
            let pixel = (side(places[1]) * side(places[2])).sqrt();
            let per_degree = |step: f64| (1.0 / step).ceil().clamp(1.0, 100.0 * DEGREE);
            (lattice.column_step, lattice.row_step) =
                (1.0 / per_degree(pixel / cosine), 1.0 / per_degree(pixel));
        }
        Ok(Self {
            path: path.to_owned(),
            per_degree: cells_per_degree(lattice.column_step.min(lattice.row_step)),
            lattice,
            extent,
        })
    }

    /// Nodes of a cell and those just outside it.
    fn patch(&self, extent: [f64; 4]) -> Result<Option<DemPatch>> {
        let [left, top, right, bottom] = self.lattice.bounds(extent).map(|edge| {
            let near = edge.round();
            if (edge - near).abs() < ROUNDING {
                near
            } else {
                edge
            }
        });
        let (left, top) = (left.floor(), top.floor());
        let (rows, columns) = (
            (bottom.ceil() - top) as usize + 1,
            (right.ceil() - left) as usize + 1,
        );
        check_nodes(&self.path, rows, columns)?;
        let mut patch = DemPatch {
            west: self.lattice.west + left * self.lattice.column_step,
            north: self.lattice.north - top * self.lattice.row_step,
            heights: Array2::from_elem((rows, columns), f32::NAN),
            missing: BTreeSet::new(),
            ..self.lattice
        };
        let raster = Raster::open(&self.path).map_err(|error| unreadable(&self.path, error))?;
        let (x, y) = (0..rows * columns)
            .map(|node| {
                let (row, column) = ((node / columns) as f64, (node % columns) as f64);
                (
                    patch.west + column * patch.column_step,
                    patch.north - row * patch.row_step,
                )
            })
            .unzip();
        let positions = raster.positions(x, y);
        let Some(surface) = Surface::around(&raster.dataset, &positions, &self.path)? else {
            return Ok(None);
        };
        for (height, position) in patch.heights.iter_mut().zip(positions) {
            *height = surface.height(position);
        }
        if !surface.holds_all {
            patch.missing.insert(outside(&self.path));
        }
        Ok(Some(patch))
    }
}

impl DemCells for GdalCells {
    fn cells_per_degree(&self) -> i32 {
        self.per_degree
    }

    fn load(&self, cell: DemCellIndex) -> Result<Content> {
        let extent = turned(cell_extent(cell, self.per_degree), self.extent);
        let patch = match extent {
            Some(extent) => self.patch(extent)?,
            None => None,
        };
        Ok(match patch {
            Some(patch) => Content::Heights(Arc::new(patch)),
            None => Content::Missing(outside(&self.path)),
        })
    }
}

fn unreadable(path: &Path, error: GdalError) -> Error {
    Error::auxiliary("the DEM can't be read")
        .at(path.display())
        .advice("give a raster with a coordinate system that GDAL opens, or a folder of DEM cells")
        .caused_by(error)
}

/// Pixels of a raster.
struct Surface {
    first: (usize, usize),
    heights: Array2<f32>,
    /// Whether all positions lie between the centres of the raster's pixels.
    holds_all: bool,
}

impl Surface {
    /// What positions need; `None` if all lie outside.
    fn around(dataset: &Dataset, positions: &[(f64, f64)], path: &Path) -> Result<Option<Self>> {
        let (columns, rows) = dataset.raster_size();
        let inside = |&&(row, column): &&(f64, f64)| {
            (0.0..=rows as f64 - 1.0).contains(&row)
                && (0.0..=columns as f64 - 1.0).contains(&column)
        };
        let (low, high) = ((f64::INFINITY, f64::INFINITY), (0.0_f64, 0.0_f64));
        let (count, low, high) = positions.iter().filter(inside).fold(
            (0, low, high),
            |(count, low, high), &(row, column)| {
                let low = (low.0.min(row), low.1.min(column));
                (count + 1, low, (high.0.max(row), high.1.max(column)))
            },
        );
        if count == 0 {
            return Ok(None);
        }
        let first = (low.0 as usize, low.1 as usize);
        let size = (
            high.1.ceil() as usize - first.1 + 1,
            high.0.ceil() as usize - first.0 + 1,
        );
        check_nodes(path, size.1, size.0)?;
        let failed = |error| unreadable(path, error);
        let band = dataset.rasterband(1).map_err(failed)?;
        let samples = band
            .read_as::<f64>((first.1 as isize, first.0 as isize), size, size, None)
            .map_err(failed)?;
        let no_data = band.no_data_value();
        let (scale, offset) = (band.scale().unwrap_or(1.0), band.offset().unwrap_or(0.0));
        let metres = Metres::of(scale, offset, &band.unit(), path)?;
        let heights = samples.data().iter().map(|sample| {
            let known = Some(*sample) != no_data;
            metres.height(known.then_some(*sample))
        });
        let shape = (size.1, size.0);
        let heights = Array2::from_shape_vec(shape, heights.collect())
            .map_err(|error| Error::internal("the samples of a window").caused_by(error))?;
        Ok(Some(Self {
            first,
            heights,
            holds_all: count == positions.len(),
        }))
    }

    fn height(&self, (row, column): (f64, f64)) -> f32 {
        let (row, column) = (row - self.first.0 as f64, column - self.first.1 as f64);
        let (rows, columns) = self.heights.dim();
        if !(0.0..=rows as f64 - 1.0).contains(&row)
            || !(0.0..=columns as f64 - 1.0).contains(&column)
        {
            return f32::NAN;
        }
        let (top, left) = (row.floor(), column.floor());
        let mut sum = 0.0;
        for (r, down) in [(top, 1.0 - (row - top)), (top + 1.0, row - top)] {
            for (c, right) in [(left, 1.0 - (column - left)), (left + 1.0, column - left)] {
                if down * right > 0.0 {
                    sum += down * right * f64::from(self.heights[[r as usize, c as usize]]);
                }
            }
        }
        sum as f32
    }
}
