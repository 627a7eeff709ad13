//! A folder of cells of a world-wide DEM: SRTM in its own format, CGIAR's tiles, the Copernicus DEM, also mixed.

use super::hgt::{Hgt, MOST_HGT_BYTES};
use super::names::{Corner, Kind, TILE_DEGREES, parse, wanted};
use super::outside;
use super::raster::{Nodes, Raster, cell_extent};
use super::tile::Tile;
use super::zipped::only_file;
use crate::bytes::FilePart;
use crate::geotiff::GeoTiff;
use clearshore::terrain::{Content, DemCellIndex, DemCells};
use clearshore::{Error, Result};
use std::collections::{BTreeMap, VecDeque};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Pieces along a degree: of 900 x 900 intervals at 1", so that a tile of 110 km takes little more than its own ground.
const PIECES_PER_DEGREE: i32 = 4;
/// Most files and folders that are looked at.
const MOST_ENTRIES: usize = 200_000;
/// Folders within folders: the Copernicus DEM is shipped with one for each cell.
const MOST_DEPTH: usize = 2;
/// Most bytes of an unpacked tile: 6001 x 6001 samples of 16 bits, and as much again.
const MOST_TILE_BYTES: u64 = 150_000_000;
/// Files that stay open.
const OPEN_FILES: usize = 16;
/// Most bytes of unpacked files that stay while another is unpacked, but one stays in any case: four cells of SRTM at
/// 1" with that one, as many as stand beside each other under a tile, or two of CGIAR's tiles.
const UNPACKED_BYTES: u64 = 3 * MOST_HGT_BYTES;

/// Cells by the names of their files.
pub struct FolderCells {
    cells: BTreeMap<Corner, (Kind, PathBuf)>,
    tiles: BTreeMap<Corner, (Kind, PathBuf)>,
    /// What cells that are missing would be.
    kind: Kind,
    /// The last used first.
    open: Mutex<VecDeque<Opened>>,
    /// Cells of one degree without a file: whether they are sea.
    seas: Mutex<BTreeMap<Corner, bool>>,
}

struct Opened {
    path: PathBuf,
    nodes: Arc<Nodes>,
    /// Bytes that it keeps in memory.
    bytes: u64,
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
            open: Mutex::default(),
            seas: Mutex::default(),
        })
    }

    /// Bytes that unpacked files may take.
    pub fn unpacked_bytes(&self) -> usize {
        let mut files = self.cells.values().chain(self.tiles.values());
        if files.any(|(kind, _)| matches!(kind, Kind::HgtZip | Kind::TileZip)) {
            (UNPACKED_BYTES + MOST_HGT_BYTES) as usize
        } else {
            0
        }
    }

    /// South-western corner of the tile that has a cell.
    fn tile((south, west): Corner) -> Corner {
        let edge = |degrees: i32| degrees.div_euclid(TILE_DEGREES) * TILE_DEGREES;
        (edge(south), edge(west))
    }

    /// Whether a cell of one degree has neither a file nor nothing but sea.
    ///
    /// # Errors
    /// Auxiliary: a cell beside it can't be read.
    pub fn lacks(&self, corner: Corner) -> Result<bool> {
        let has = self.cells.contains_key(&corner) || self.tiles.contains_key(&Self::tile(corner));
        Ok(!has && !self.is_sea(corner)?)
    }

    /// Nodes of the file that has a cell of one degree; `None` where there is none.
    fn nodes(&self, corner: Corner) -> Result<Option<Arc<Nodes>>> {
        if let Some((kind, path)) = self.cells.get(&corner) {
            return self.opened(*kind, path, corner, 1).map(Some);
        }
        let corner = Self::tile(corner);
        let tile = self.tiles.get(&corner);
        tile.map(|(kind, path)| self.opened(*kind, path, corner, TILE_DEGREES))
            .transpose()
    }

    /// Nodes of a file that should have so many degrees from a corner on.
    fn opened(&self, kind: Kind, path: &Path, corner: Corner, degrees: i32) -> Result<Arc<Nodes>> {
        let mut open = lock(&self.open);
        let known = open.iter().position(|opened| opened.path == path);
        if let Some(opened) = known.and_then(|known| open.remove(known)) {
            let nodes = opened.nodes.clone();
            open.push_front(opened);
            return Ok(nodes);
        }
        let mut unpacked = 0;
        let kept = open.iter().take(OPEN_FILES - 1).take_while(|opened| {
            unpacked += opened.bytes;
            unpacked <= UNPACKED_BYTES
        });
        let kept = kept.count().max(1);
        open.truncate(kept);
        let (nodes, bytes) = read(kind, path, corner)?;
        if !nodes.meet(extent(corner, degrees)) {
            return Err(
                Error::auxiliary("a cell of the DEM lies elsewhere than its name says")
                    .at(path.display())
                    .advice("give it its right name, or get it again"),
            );
        }
        let nodes = Arc::new(nodes);
        let path = path.to_owned();
        open.push_front(Opened {
            path,
            nodes: nodes.clone(),
            bytes,
        });
        Ok(nodes)
    }

    /// Whether a cell of one degree that has no file is open sea, which no DEM ships: a cell beside it has nothing but
    /// sea level or less along the whole border, and no cell around it has higher or unknown nodes there. Cells that
    /// are sea for this reason are none for others.
    fn is_sea(&self, (south, west): Corner) -> Result<bool> {
        let mut has_shore = false;
        for (up, right) in (-1..=1).flat_map(|up| (-1..=1).map(move |right| (up, right))) {
            let corner = (south + up, (west + right + 180).rem_euclid(360) - 180);
            if (up, right) == (0, 0) {
                continue;
            }
            let Some(nodes) = self.nodes(corner)? else {
                continue;
            };
            let whole = extent(corner, 1);
            let border = |side: i32, low: f64, high: f64| match side {
                1 => [low, low],
                0 => [low, high],
                _ => [high, high],
            };
            let [west, south, east, north] = whole;
            let ([west, east], [south, north]) =
                (border(right, west, east), border(up, south, north));
            let heights = nodes.near([west, south, east, north])?;
            if !nodes.cover(whole) || !heights.iter().all(|height| *height <= 0.0) {
                return Ok(false);
            }
            has_shore |= up == 0 || right == 0;
        }
        Ok(has_shore)
    }
}

impl DemCells for FolderCells {
    fn cells_per_degree(&self) -> i32 {
        PIECES_PER_DEGREE
    }

    fn load(&self, cell: DemCellIndex) -> Result<Content> {
        let degree = |index: i32| index.div_euclid(PIECES_PER_DEGREE);
        let corner = (degree(cell.south), degree(cell.west));
        let Some(nodes) = self.nodes(corner)? else {
            let mut seas = lock(&self.seas);
            let is_sea = match seas.get(&corner).copied() {
                Some(known) => known,
                None => self.is_sea(corner)?,
            };
            seas.insert(corner, is_sea);
            return Ok(if is_sea {
                Content::Sea
            } else {
                Content::Missing(wanted(self.kind, corner))
            });
        };
        let patch = nodes.window(cell_extent(cell, PIECES_PER_DEGREE))?;
        Ok(match patch {
            Some(patch) => Content::Heights(Arc::new(patch)),
            None => Content::Missing(outside(nodes.path())),
        })
    }
}

/// What a panic elsewhere leaves behind is whole: each change is one call.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// West, south, east, north of so many degrees from a corner on.
fn extent((south, west): Corner, degrees: i32) -> [f64; 4] {
    [west, south, west + degrees, south + degrees].map(f64::from)
}

/// Opens a file: its nodes, and the bytes that they keep in memory.
fn read(kind: Kind, path: &Path, corner: Corner) -> Result<(Nodes, u64)> {
    Ok(match kind {
        Kind::Hgt => {
            let file = FilePart::open(path).map_err(|error| {
                Error::auxiliary("a cell of the DEM can't be read")
                    .at(path.display())
                    .caused_by(error)
                    .advice("check its permissions, or get it again")
            })?;
            (Hgt::new(Box::new(file), path)?.nodes(corner), 0)
        }
        Kind::HgtZip => {
            let bytes = only_file(path, ".hgt", MOST_HGT_BYTES)?;
            let length = bytes.len() as u64;
            (Hgt::new(Box::new(bytes), path)?.nodes(corner), length)
        }
        Kind::Copernicus30 | Kind::Copernicus90 => {
            let raster = Raster::new(GeoTiff::open(path)?)?;
            (Nodes::on_whole_degrees(raster.lattice(), raster), 0)
        }
        Kind::Tile => (Tile::nodes(GeoTiff::open(path)?)?, 0),
        Kind::TileZip => {
            let bytes = only_file(path, ".tif", MOST_TILE_BYTES)?;
            let length = bytes.len() as u64;
            let tiff = GeoTiff::of_bytes(Box::new(bytes), path)?;
            (Tile::nodes(tiff)?, length)
        }
    })
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
