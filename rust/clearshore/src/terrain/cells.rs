//! A DEM in cells of equal size in longitude and latitude, a few of which are kept.

use super::source::{Content, Cover, DemSource};
use crate::Result;
use crate::scene::Geodetic;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// Bytes that a cell takes even without heights.
const CELL_BYTES: usize = 256;

/// A cell of a regular grid in longitude and latitude that has a corner in 0, 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct DemCellIndex {
    /// Southern edge, counted in cells from the equator.
    pub south: i32,
    /// Western edge, counted in cells from Greenwich; the first is at -180 degrees.
    pub west: i32,
}

/// What knows the cells of a DEM.
pub trait DemCells: Send + Sync {
    /// Cells along a degree, 1 or more.
    fn cells_per_degree(&self) -> i32;

    /// Reads a cell.
    ///
    /// It must not wait for work of a rayon pool: other threads of the pool may wait for this cell.
    ///
    /// # Errors
    /// As [`DemSource::cover`].
    fn load(&self, cell: DemCellIndex) -> Result<Content>;
}

/// Cells, the last used of which are kept up to a number of bytes.
///
/// A cell is loaded once, even when several threads ask for it at the same time, until it is dropped. What comes out
/// does not depend on what is kept.
pub struct CachedCells<C> {
    cells: C,
    most_bytes: usize,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    slots: HashMap<DemCellIndex, Slot>,
    bytes: usize,
    /// Counts the uses.
    clock: u64,
}

#[derive(Default)]
struct Slot {
    content: Arc<Mutex<Option<Content>>>,
    /// 0 until it is loaded.
    bytes: usize,
    last_use: u64,
}

impl<C: DemCells> CachedCells<C> {
    /// Nothing is loaded yet. A single cell of more than `most_bytes` is given out, but not kept.
    pub fn new(cells: C, most_bytes: usize) -> Self {
        Self {
            cells,
            most_bytes,
            kept: Mutex::default(),
        }
    }

    /// The cells.
    pub fn cells(&self) -> &C {
        &self.cells
    }

    /// Bytes of the cells that are kept.
    pub fn kept_bytes(&self) -> usize {
        lock(&self.kept).bytes
    }

    fn content(&self, cell: DemCellIndex) -> Result<Content> {
        let slot = {
            let kept = &mut *lock(&self.kept);
            kept.clock += 1;
            let slot = kept.slots.entry(cell).or_default();
            slot.last_use = kept.clock;
            slot.content.clone()
        };
        let mut content = lock(&slot);
        if let Some(content) = &*content {
            return Ok(content.clone());
        }
        let loaded = self.cells.load(cell)?;
        *content = Some(loaded.clone());
        drop(content);
        let bytes = match &loaded {
            Content::Heights(patch) => CELL_BYTES + patch.heights.len() * size_of::<f32>(),
            Content::Sea | Content::Missing(_) => CELL_BYTES,
        };
        lock(&self.kept).keep(cell, bytes, self.most_bytes);
        Ok(loaded)
    }
}

impl Kept {
    /// Counts a cell and drops those that have not been used for longest.
    fn keep(&mut self, cell: DemCellIndex, bytes: usize, most_bytes: usize) {
        if let Some(slot) = self.slots.get_mut(&cell) {
            self.bytes += bytes - slot.bytes;
            slot.bytes = bytes;
        }
        while self.bytes > most_bytes {
            let loaded = self.slots.iter().filter(|(_, slot)| slot.bytes > 0);
            let Some((&oldest, _)) = loaded.min_by_key(|(_, slot)| slot.last_use) else {
                break;
            };
            if let Some(slot) = self.slots.remove(&oldest) {
                self.bytes -= slot.bytes;
            }
        }
    }
}

/// What a panic elsewhere leaves behind is whole: contents are set at once.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl<C: DemCells> DemSource for CachedCells<C> {
    fn cover(&self, place: Geodetic) -> Result<Cover> {
        let cells = self.cells.cells_per_degree().max(1);
        let size = 1.0 / f64::from(cells);
        let index = |angle: f64| (angle.to_degrees() * f64::from(cells)).floor() as i32;
        let cell = DemCellIndex {
            south: index(place.latitude).clamp(-90 * cells, 90 * cells - 1),
            west: (index(place.longitude) + 180 * cells).rem_euclid(360 * cells) - 180 * cells,
        };
        let (south, west) = (f64::from(cell.south) * size, f64::from(cell.west) * size);
        Ok(Cover {
            extent: [
                west,
                south,
                f64::from(cell.west + 1) * size,
                f64::from(cell.south + 1) * size,
            ],
            content: self.content(cell)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Error;
    use crate::terrain::{DemFrame, DemPatch, patch_over};
    use ndarray::Array2;
    use rayon::prelude::*;
    use std::collections::BTreeSet;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// Cells of 10 x 10 intervals that count how often they are loaded.
    #[derive(Default)]
    struct Counted {
        loads: AtomicUsize,
        fails: AtomicUsize,
    }

    const BYTES: usize = CELL_BYTES + 4 * 11 * 11;

    impl DemCells for Counted {
        fn cells_per_degree(&self) -> i32 {
            2
        }

        fn load(&self, cell: DemCellIndex) -> Result<Content> {
            self.loads.fetch_add(1, Ordering::Relaxed);
            if self.fails.load(Ordering::Relaxed) > 0 {
                self.fails.fetch_sub(1, Ordering::Relaxed);
                return Err(Error::auxiliary("damaged"));
            }
            // Long enough for another thread to want the same cell.
            (0..100_000).for_each(|_| std::hint::spin_loop());
            let (west, south) = (0.5 * f64::from(cell.west), 0.5 * f64::from(cell.south));
            let heights = Array2::from_shape_fn((11, 11), |(row, column)| {
                (south * 20.0 - row as f64 * 7.0 + west * 30.0 + column as f64) as f32
            });
            Ok(Content::Heights(Arc::new(DemPatch {
                frame: DemFrame::Geographic,
                west,
                north: south + 0.5,
                column_step: 0.05,
                row_step: 0.05,
                heights,
                missing: BTreeSet::new(),
            })))
        }
    }

    fn place(longitude: f64, latitude: f64) -> Geodetic {
        Geodetic {
            longitude: longitude.to_radians(),
            latitude: latitude.to_radians(),
        }
    }

    #[test]
    fn a_place_lies_in_its_cell() {
        let source = CachedCells::new(Counted::default(), usize::MAX);
        for (longitude, latitude) in [
            (7.3, 43.7),
            (-0.1, -0.1),
            (-179.99, 89.9),
            (179.99, -89.9),
            (0.0, 90.0),
            (0.25, -90.0),
        ] {
            let [west, south, east, north] =
                source.cover(place(longitude, latitude)).unwrap().extent;
            assert!(
                west <= longitude && longitude < east,
                "{west} {longitude} {east}"
            );
            assert!(
                south <= latitude && latitude <= north,
                "{south} {latitude} {north}"
            );
            assert_eq!((east - west, north - south), (0.5, 0.5));
        }
    }

    #[test]
    fn a_cell_is_loaded_once_however_many_ask() {
        let source = CachedCells::new(Counted::default(), usize::MAX);
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(8)
            .build()
            .unwrap();
        pool.install(|| {
            (0..400).into_par_iter().for_each(|index| {
                let longitude = 0.1 + 0.5 * f64::from(index % 4);
                source.cover(place(longitude, 0.1)).unwrap();
            });
        });
        assert_eq!(source.cells().loads.load(Ordering::Relaxed), 4);
        assert_eq!(source.kept_bytes(), 4 * BYTES);
    }

    #[test]
    fn the_least_used_go_and_the_maximum_holds() {
        let source = CachedCells::new(Counted::default(), 2 * BYTES);
        let loads = |longitude| {
            let before = source.cells().loads.load(Ordering::Relaxed);
            source.cover(place(longitude, 0.1)).unwrap();
            assert!(source.kept_bytes() <= 2 * BYTES);
            source.cells().loads.load(Ordering::Relaxed) - before
        };
        let longitudes = [0.1, 0.6, 0.1, 1.1, 0.1, 0.6, 1.1];
        // The third cell drives out the second, which is then loaded again.
        assert_eq!(longitudes.map(loads), [1, 1, 0, 1, 0, 1, 1]);
        let none = CachedCells::new(Counted::default(), 0);
        assert!(matches!(
            none.cover(place(0.1, 0.1)).unwrap().content,
            Content::Heights(_)
        ));
        assert_eq!(none.kept_bytes(), 0);
    }

    #[test]
    fn a_failure_is_told_and_not_kept() {
        let source = CachedCells::new(Counted::default(), usize::MAX);
        source.cells().fails.store(1, Ordering::Relaxed);
        assert!(source.cover(place(0.1, 0.1)).is_err());
        assert!(source.cover(place(0.1, 0.1)).is_ok());
    }

    #[test]
    fn heights_do_not_depend_on_what_is_kept() {
        let area = [-0.77, -0.81, 1.92, 1.33];
        let patches = [0, BYTES, 3 * BYTES, usize::MAX]
            .map(|bytes| patch_over(&CachedCells::new(Counted::default(), bytes), area).unwrap());
        assert_eq!(patches[0].heights.dim(), (45, 56));
        for patch in &patches[1..] {
            assert_eq!(patch.heights, patches[0].heights);
        }
    }

    /// Loads of pieces, and pieces, for relief over a tile of 110 km across four degrees with so many pieces along a
    /// degree and memory for the heights of so many square degrees.
    fn loads_of_a_tile(per_degree: i32, square_degrees: f64, threads: usize) -> (usize, usize) {
        use crate::NoProgress;
        use crate::scene::{Direction, Grid, UtmZone};
        use crate::terrain::{Light, ReliefOptions, relief_shadow};

        /// Mountains at 20", whose pieces are counted.
        struct Mountains {
            per_degree: i32,
            loads: Mutex<Vec<DemCellIndex>>,
        }

        impl DemCells for Mountains {
            fn cells_per_degree(&self) -> i32 {
                self.per_degree
            }

            fn load(&self, cell: DemCellIndex) -> Result<Content> {
                lock(&self.loads).push(cell);
                let size = 1.0 / f64::from(self.per_degree);
                let (west, north) = (
                    size * f64::from(cell.west),
                    size * f64::from(cell.south + 1),
                );
                let nodes = (NODES / self.per_degree) as usize + 1;
                let step = 1.0 / f64::from(NODES);
                Ok(Content::Heights(Arc::new(DemPatch {
                    frame: DemFrame::Geographic,
                    west,
                    north,
                    column_step: step,
                    row_step: step,
                    heights: Array2::from_shape_fn((nodes, nodes), |(row, column)| {
                        let (x, y) = (west + column as f64 * step, north - row as f64 * step);
                        (1_500.0 + 700.0 * (30.0 * x).sin() + 700.0 * (40.0 * y).cos()) as f32
                    }),
                    missing: BTreeSet::new(),
                })))
            }
        }

        const NODES: i32 = 180;
        let cells = Mountains {
            per_degree,
            loads: Mutex::default(),
        };
        let bytes = square_degrees * f64::from(NODES * NODES) * size_of::<f32>() as f64;
        let source = CachedCells::new(cells, bytes as usize);
        let grid = Grid {
            zone: UtmZone::from_epsg(32_632).unwrap(),
            easting: 345_000.0,
            northing: 5_040_000.0,
            pixel_size: 200.0,
            height: 549,
            width: 549,
        };
        let pool = rayon::ThreadPoolBuilder::new();
        let pool = pool.num_threads(threads).build().unwrap();
        let light = Light::Uniform(Direction::from_degrees(60.0, 155.0));
        let options = ReliefOptions::default();
        pool.install(|| relief_shadow(&grid, light, &source, options, &NoProgress))
            .unwrap();
        let mut loads = std::mem::take(&mut *lock(&source.cells().loads));
        let all = loads.len();
        loads.sort_unstable();
        loads.dedup();
        (all, loads.len())
    }

    #[test]
    fn a_tile_over_four_degrees_loads_its_pieces_once() {
        for threads in [1, 2, 4] {
            // As much as the readers keep of cells at 1": 61 pieces.
            let (loads, pieces) = loads_of_a_tile(4, 61.5 / 16.0, threads);
            assert_eq!(loads, pieces);
            assert!(pieces > 40);
        }
    }
}
