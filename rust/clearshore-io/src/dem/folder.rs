//! A folder of cells of a world-wide DEM: SRTM in its own format, CGIAR's tiles, the Copernicus DEM, also mixed.

use super::hgt::{MOST_HGT_BYTES, hgt_patch};
use super::land::Land;
use super::names::{Corner, Kind, TILE_DEGREES, parse, wanted};
use super::raster::{Nodes, cell_extent};
use super::zipped::only_file;
use crate::geotiff::GeoTiff;
use clearshore::terrain::{Content, DemCellIndex, DemCells};
use clearshore::{Error, Result};
use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

/// Most files and folders that are looked at.
const MOST_ENTRIES: usize = 200_000;
/// Folders within folders: the Copernicus DEM is shipped with one for each cell.
const MOST_DEPTH: usize = 2;
/// Most bytes of an unpacked tile: 6001 x 6001 samples of 16 bits, and as much again.
const MOST_TILE_BYTES: u64 = 150_000_000;
/// Tiles that stay open; a zipped one takes its 72 MB.
const OPEN_TILES: usize = 2;

/// Cells by the names of their files.
pub struct FolderCells {
    cells: BTreeMap<Corner, (Kind, PathBuf)>,
    tiles: BTreeMap<Corner, (Kind, PathBuf)>,
    /// What cells that are missing would be.
    kind: Kind,
    land: Land,
    open: Mutex<VecDeque<(Corner, Arc<Nodes>)>>,
}

impl FolderCells {
    /// What lies in a folder; nothing is read yet.
    ///
    /// # Errors
    /// Auxiliary: no folder, or no file of a DEM in it.
    pub fn open(folder: &Path) -> Result<Self> {
        Self::find(folder)?.ok_or_else(|| {
            Error::auxiliary("there is no DEM in the folder")
                .at(folder.display())
                .expected(
                    "files such as N43E007.hgt, N43E007.hgt.zip, N43E007.SRTMGL1.hgt.zip, srtm_38_04.zip or \
                     Copernicus_DSM_COG_10_N43_00_E007_00_DEM.tif",
                )
                .advice("give the folder that holds them, or one raster file")
        })
    }

    /// What lies in a folder; `None` where no file of a DEM does.
    ///
    /// # Errors
    /// Auxiliary: no folder.
    pub fn find(folder: &Path) -> Result<Option<Self>> {
        let mut files = Vec::new();
        let mut entries = 0;
        list(folder, MOST_DEPTH, &mut entries, &mut files).map_err(|error| {
            Error::auxiliary("the folder of the DEM can't be read")
                .at(folder.display())
                .caused_by(error)
                .advice("check the path and its permissions")
        })?;
        Ok(Self::of_files(files))
    }

    /// The cells that files hold; `None` if none does.
    pub fn of_files(files: Vec<PathBuf>) -> Option<Self> {
        let (mut cells, mut tiles) = (BTreeMap::new(), BTreeMap::new());
        let mut found: Vec<_> = files
            .into_iter()
            .filter_map(|path| {
                let (kind, corner) = parse(path.file_name()?.to_str()?)?;
                Some((kind, corner, path))
            })
            .collect();
        found.sort();
        let kind = found.first()?.0;
        for (kind, corner, path) in found {
            let place = if kind < Kind::Tile {
                &mut cells
            } else {
                &mut tiles
            };
            place.entry(corner).or_insert((kind, path));
        }
        Some(Self {
            cells,
            tiles,
            kind,
            land: Land::of_the_world(),
            open: Mutex::default(),
        })
    }

    /// South-western corner of the tile that has a cell.
    fn tile((south, west): Corner) -> Corner {
        let edge = |degrees: i32| degrees.div_euclid(TILE_DEGREES) * TILE_DEGREES;
        (edge(south), edge(west))
    }

    /// Whether a file holds a cell of one degree.
    pub fn has(&self, corner: Corner) -> bool {
        self.cells.contains_key(&corner) || self.tiles.contains_key(&Self::tile(corner))
    }

    fn of_cell(&self, kind: Kind, path: &Path, corner: Corner) -> Result<Content> {
        let patch = match kind {
            Kind::Hgt => {
                let read = fs::metadata(path).and_then(|file| {
                    // A wrong size is told by what reads the bytes.
                    let most = file.len().min(MOST_HGT_BYTES + 1);
                    let mut bytes = Vec::with_capacity(most as usize);
                    let file = fs::File::open(path)?;
                    std::io::Read::read_to_end(&mut std::io::Read::take(file, most), &mut bytes)?;
                    Ok(bytes)
                });
                let bytes = read.map_err(|error| {
                    Error::auxiliary("a cell of the DEM can't be read")
                        .at(path.display())
                        .caused_by(error)
                        .advice("check its permissions, or get it again")
                })?;
                hgt_patch(&bytes, corner, path)?
            }
            Kind::HgtZip => hgt_patch(&only_file(path, ".hgt", MOST_HGT_BYTES)?, corner, path)?,
            _ => {
                let nodes = Nodes::of_tile(GeoTiff::open(path)?);
                let (south, west) = corner;
                let extent = cell_extent(DemCellIndex { south, west }, 1);
                return nodes
                    .window(extent)?
                    .map(|patch| Content::Heights(Arc::new(patch)))
                    .ok_or_else(|| {
                        Error::auxiliary("a cell of the DEM lies elsewhere than its name says")
                            .at(path.display())
                            .advice("give it its right name, or get it again")
                    });
            }
        };
        Ok(Content::Heights(Arc::new(patch)))
    }

    fn of_tile(&self, kind: Kind, path: &Path, corner: Corner) -> Result<Content> {
        let nodes = self.opened(kind, path, Self::tile(corner))?;
        let (south, west) = corner;
        let patch = nodes.window(cell_extent(DemCellIndex { south, west }, 1))?;
        // Tiles have no data in the sea.
        let known = patch.filter(|patch| {
            self.land.contains(corner) || patch.heights.iter().any(|height| *height > 0.0)
        });
        Ok(known.map_or(Content::Sea, |patch| Content::Heights(Arc::new(patch))))
    }

    fn opened(&self, kind: Kind, path: &Path, corner: Corner) -> Result<Arc<Nodes>> {
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, nodes)) = open.iter().find(|(tile, _)| *tile == corner) {
            return Ok(nodes.clone());
        }
        let tiff = if kind == Kind::TileZip {
            let bytes = only_file(path, ".tif", MOST_TILE_BYTES)?;
            GeoTiff::of_bytes(Box::new(bytes), path)?
        } else {
            GeoTiff::open(path)?
        };
        let nodes = Arc::new(Nodes::of_tile(tiff));
        open.truncate(OPEN_TILES - 1);
        open.push_front((corner, nodes.clone()));
        Ok(nodes)
    }

    /// A cell without a file is sea when no global DEM has land there and no node that the cells around it share
    /// with it, or nearly, is above sea level or unknown.
    fn is_sea(
        &self,
        (south, west): Corner,
        heights_of: &dyn Fn(DemCellIndex) -> Result<Content>,
    ) -> Result<bool> {
        if self.land.contains((south, west)) {
            return Ok(false);
        }
        for (up, right) in [
            (0, 1),
            (1, 0),
            (0, -1),
            (-1, 0),
            (1, 1),
            (1, -1),
            (-1, -1),
            (-1, 1),
        ] {
            let corner = (south + up, (west + right + 180).rem_euclid(360) - 180);
            if !self.has(corner) {
                continue;
            }
            let index = DemCellIndex {
                south: corner.0,
                west: corner.1,
            };
            if let Content::Heights(patch) = heights_of(index)? {
                let (rows, columns) = patch.heights.dim();
                let line = |side: i32, last: usize| match side {
                    1 => 0..=0,
                    0 => 0..=last,
                    _ => last..=last,
                };
                let (rows, columns) = (line(-up, rows - 1), line(right, columns - 1));
                let shared = patch.heights.slice(ndarray::s![rows, columns]);
                if !shared.iter().all(|height| *height <= 0.0) {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }
}

impl DemCells for FolderCells {
    fn cells_per_degree(&self) -> i32 {
        1
    }

    fn load(
        &self,
        cell: DemCellIndex,
        heights_of: &dyn Fn(DemCellIndex) -> Result<Content>,
    ) -> Result<Content> {
        let corner = (cell.south, cell.west);
        if let Some((kind, path)) = self.cells.get(&corner) {
            return self.of_cell(*kind, path, corner);
        }
        if let Some((kind, path)) = self.tiles.get(&Self::tile(corner)) {
            return self.of_tile(*kind, path, corner);
        }
        Ok(if self.is_sea(corner, heights_of)? {
            Content::Sea
        } else {
            Content::Missing(wanted(self.kind, corner))
        })
    }
}

/// Files in a folder and in the folders in it.
fn list(
    folder: &Path,
    depth: usize,
    entries: &mut usize,
    files: &mut Vec<PathBuf>,
) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        *entries += 1;
        if *entries > MOST_ENTRIES {
            return Err(std::io::Error::other("too many files"));
        }
        let path = entry?.path();
        if path.is_file() {
            files.push(path);
        } else if depth > 0 && path.is_dir() {
            list(&path, depth - 1, entries, files)?;
        }
    }
    Ok(())
}
