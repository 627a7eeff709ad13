//! Elevation models in files.
//!
//! Nodes stand on whole arcseconds in SRTM's format and at the centres of pixels in rasters. Heights are taken as they
//! are: 52 m more or less, as a geoid may have, move no shadow by more than a pixel in a hundred thousand.

mod folder;
#[cfg(feature = "gdal")]
mod gdal;
mod hgt;
mod metres;
mod names;
mod raster;
mod snap;
#[cfg(test)]
mod tests;
mod tile;
mod zipped;

pub use hgt::{hgt_bytes, hgt_name};
pub use snap::{SnapCell, dem_folder, lacking};

use crate::geotiff::{GeoTiff, Refusal};
use clearshore::terrain::{CachedCells, DemCells, DemSource, FilledCells};
use clearshore::{DemVoidPolicy, Error, Params, Result};
use folder::FolderCells;
use raster::RasterCells;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Heights on the Earth, metres, with a margin (shore of the Dead Sea -430, Everest 8849). All others mean that a
/// height is not known, SRTM's -32768 among them.
const HEIGHTS: RangeInclusive<f64> = -500.0..=9_500.0;
/// Most nodes of a cell; SRTM has 13 million at 1".
const MOST_CELL_NODES: usize = 1 << 26;
/// Bytes that are kept by default: 61 pieces of a quarter of a degree at 1", of which a tile of 110 km over four degrees
/// takes 48; or 29 pieces and four unpacked cells, from which pieces are made again at little cost. With two threads
/// such a tile takes 275 MB beside input and output (measured).
const KEPT_BYTES: usize = 61 * (901 * 901 + 100) * size_of::<f32>();

/// Where a DEM is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DemLocation {
    /// A folder of cells (also in folders within it), one such cell, or a raster.
    Path(PathBuf),
    /// One of [`clearshore::DEM_NAMES`] as SNAP has downloaded it.
    Snap {
        /// SNAP's name of the DEM.
        name: String,
        /// SNAP's user folder, such as `~/.snap`.
        user_folder: PathBuf,
    },
}

/// How a DEM is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DemOptions {
    /// Most bytes that are kept, of heights and of cells that are unpacked; what comes out does not depend on it.
    pub most_bytes: usize,
    /// Whether voids are filled, by guess, instead of being unknown.
    pub fill_voids: bool,
}

impl Default for DemOptions {
    fn default() -> Self {
        Self {
            most_bytes: KEPT_BYTES,
            fill_voids: false,
        }
    }
}

/// The DEM that the parameters name, at [`path_of_params`]; `None` where there is none.
///
/// # Errors
/// As [`open`].
pub fn of_params(params: &Params) -> Result<Option<Arc<dyn DemSource + Send>>> {
    let options = DemOptions {
        fill_voids: params.dem_void_policy == DemVoidPolicy::Fill,
        ..DemOptions::default()
    };
    let source = path_of_params(params).map(|path| open(&DemLocation::Path(path), options));
    Ok(source.transpose()?.map(Arc::from))
}

/// File or folder of the DEM that the parameters name, as [`of_params`] opens it.
pub fn path_of_params(params: &Params) -> Option<PathBuf> {
    let external = || params.external_dem_file.clone();
    external().or_else(|| snap::folder_of_params(params))
}

/// Opens a DEM. Folders may hold cells of several kinds; of the same cell, the first of `.hgt`, `.hgt.zip`, Copernicus
/// 30 m, Copernicus 90 m, `srtm_XX_YY.tif`, `srtm_XX_YY.zip` is taken.
///
/// A cell of one degree that is not there is open sea, 0 m, when a cell beside it has nothing but sea level or less along
/// the whole border and no cell around it has higher or unknown nodes there; otherwise it is missing. In CGIAR's tiles,
/// which have no data in the sea, sea is what has a low rim.
///
/// # Errors
/// Parameter: another name. Auxiliary: nothing there that is read.
pub fn open(location: &DemLocation, options: DemOptions) -> Result<Box<dyn DemSource + Send>> {
    let path = match location {
        DemLocation::Path(path) => path.clone(),
        DemLocation::Snap { name, user_folder } => dem_folder(name, user_folder)?,
    };
    if path.is_dir() {
        return Ok(of_folder(FolderCells::open(&path)?, options));
    }
    if let Some(cell) = FolderCells::of_files(vec![path.clone()]).filter(|_| path.is_file()) {
        return Ok(of_folder(cell, options));
    }
    match GeoTiff::open(&path) {
        Ok(tiff) => Ok(source(RasterCells::new(tiff)?, options)),
        #[cfg(feature = "gdal")]
        Err(Refusal::NotSupported(_)) => Ok(source(gdal::GdalCells::open(&path)?, options)),
        #[cfg(not(feature = "gdal"))]
        Err(Refusal::NotSupported(error)) => Err(error),
        Err(Refusal::Broken(error)) => Err(error),
    }
}

fn of_folder(cells: FolderCells, mut options: DemOptions) -> Box<dyn DemSource + Send> {
    options.most_bytes = options.most_bytes.saturating_sub(cells.unpacked_bytes());
    source(cells, options)
}

fn source(cells: impl DemCells + 'static, options: DemOptions) -> Box<dyn DemSource + Send> {
    if options.fill_voids {
        Box::new(CachedCells::new(FilledCells(cells), options.most_bytes))
    } else {
        Box::new(CachedCells::new(cells, options.most_bytes))
    }
}

/// Height of a node from a sample, metres; NaN where it is not known.
fn height(sample: Option<f64>) -> f32 {
    let known = sample.filter(|height| HEIGHTS.contains(height));
    known.map_or(f32::NAN, |height| height as f32)
}

/// Refuses cells that memory should not be taken for: only a damaged or odd raster has them.
fn check_nodes(path: &Path, rows: usize, columns: usize) -> Result<()> {
    if rows.saturating_mul(columns) <= MOST_CELL_NODES {
        return Ok(());
    }
    Err(
        Error::auxiliary("the DEM's nodes are too close to each other")
            .at(path.display())
            .got(format!("{rows} x {columns} nodes for a small cell"))
            .advice("warp it to a coarser grid with gdalwarp -tr"),
    )
}

/// What is said to be missing beyond a raster.
fn outside(path: &Path) -> String {
    let name = path.file_name().unwrap_or(path.as_os_str());
    format!("beyond the edge of {}", name.to_string_lossy())
}
