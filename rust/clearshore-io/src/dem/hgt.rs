//! SRTM's own format: the nodes of one degree as big-endian 16-bit integers, rows from north to south,
//! without a header; the name tells the south-western node.
//!
//! Source: NASA/JPL, *SRTM Topography* (SRTM_Topo.pdf, version 2.1, sections 2.1.1 and 2.1.2).

use super::names::{Corner, cell_name};
use super::raster::{Heights, Nodes};
use crate::bytes::ByteSource;
use crate::window::Window;
use clearshore::simulate::DemCell;
use clearshore::terrain::{DemFrame, DemPatch};
use clearshore::{Error, Result};
use ndarray::Array2;
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Nodes along a side, at 1" and at 3".
const SIDES: [usize; 2] = [3_601, 1_201];
/// Bytes of a height.
const HEIGHT_BYTES: usize = size_of::<i16>();
/// Bytes of a cell at 1".
pub const MOST_HGT_BYTES: u64 = (SIDES[0] * SIDES[0] * HEIGHT_BYTES) as u64;

/// Name of a cell's file, such as `N43E007.hgt` or `S05W071.hgt`.
pub fn hgt_name(cell: &DemCell) -> String {
    format!("{}.hgt", cell_name((cell.south, cell.west)))
}

/// Content of a cell's file.
pub fn hgt_bytes(cell: &DemCell) -> Vec<u8> {
    cell.heights
        .iter()
        .flat_map(|height| height.to_be_bytes())
        .collect()
}

/// A cell's file. Nodes stand on whole arcseconds, also on all borders.
pub struct Hgt {
    source: Box<dyn ByteSource>,
    path: PathBuf,
    /// Nodes along a side.
    side: usize,
}

impl Hgt {
    /// Of a file's content.
    ///
    /// # Errors
    /// Auxiliary: another number of bytes.
    pub fn new(source: Box<dyn ByteSource>, path: &Path) -> Result<Self> {
        let size = |side: &usize| (side * side * HEIGHT_BYTES) as u64;
        let Some(side) = SIDES.into_iter().find(|side| size(side) == source.len()) else {
            return Err(Error::auxiliary("a cell of the DEM is damaged")
                .at(path.display())
                .got(format!("{} bytes", source.len()))
                .expected(
                    SIDES
                        .map(|side| format!("{} ({side} x {side})", size(&side)))
                        .join(" or "),
                )
                .advice("delete it and get it again"));
        };
        Ok(Self {
            source,
            path: path.to_owned(),
            side,
        })
    }

    /// Its nodes, by the corner that its name tells.
    pub fn nodes(self, (south, west): Corner) -> Nodes {
        let step = 1.0 / (self.side - 1) as f64;
        let lattice = DemPatch {
            frame: DemFrame::Geographic,
            west: f64::from(west),
            north: f64::from(south + 1),
            column_step: step,
            row_step: step,
            heights: Array2::default((0, 0)),
            missing: BTreeSet::new(),
        };
        Nodes::new(lattice, self)
    }
}

impl Heights for Hgt {
    fn path(&self) -> &Path {
        &self.path
    }

    fn shape(&self) -> (usize, usize) {
        (self.side, self.side)
    }

    fn read(&self, window: &Window) -> Result<Array2<f32>> {
        let mut heights = Array2::default((window.rows, window.columns));
        let mut bytes = vec![0; window.columns * HEIGHT_BYTES];
        for (row, mut heights) in heights.outer_iter_mut().enumerate() {
            let first = (window.row + row) * self.side + window.column;
            self.source
                .read_exact_at(&mut bytes, (first * HEIGHT_BYTES) as u64)
                .map_err(|error| {
                    Error::auxiliary("a cell of the DEM can't be read")
                        .at(self.path.display())
                        .caused_by(error)
                        .advice("check its permissions, or get it again")
                })?;
            for (height, bytes) in heights.iter_mut().zip(bytes.as_chunks().0) {
                *height = super::height(Some(f64::from(i16::from_be_bytes(*bytes))));
            }
        }
        Ok(heights)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(feature = "gdal")]
    fn cell(south: i32, west: i32) -> DemCell {
        DemCell {
            south,
            west,
            heights: Array2::from_shape_fn((3_601, 3_601), |(row, column)| {
                (row as i16 - 1_800) * 3 + (column % 251) as i16
            }),
        }
    }

    #[test]
    fn names_tell_the_south_western_corner() {
        let name = |south, west| {
            hgt_name(&DemCell {
                south,
                west,
                heights: Array2::zeros((1, 1)),
            })
        };
        assert_eq!(name(43, 7), "N43E007.hgt");
        assert_eq!(name(-5, -71), "S05W071.hgt");
        assert_eq!(name(0, 0), "N00E000.hgt");
        assert_eq!(name(-1, -180), "S01W180.hgt");
    }

    #[test]
    fn bytes_are_big_endian_from_the_north_western_node() {
        let cell = DemCell {
            south: 1,
            west: 1,
            heights: ndarray::array![[1, -2], [258, 0]],
        };
        assert_eq!(hgt_bytes(&cell), [0, 1, 0xff, 0xfe, 1, 2, 0, 0]);
    }

    #[cfg(feature = "gdal")]
    #[test]
    fn gdal_reads_the_same_heights_at_the_same_places() {
        let folder = tempfile::tempdir().unwrap();
        for (south, west) in [(43, 7), (-5, -71)] {
            let cell = cell(south, west);
            let path = folder.path().join(hgt_name(&cell));
            std::fs::write(&path, hgt_bytes(&cell)).unwrap();
            let dataset = gdal::Dataset::open(&path).unwrap();
            assert_eq!(dataset.driver().short_name(), "SRTMHGT");
            let [x, x_step, _, y, _, y_step] = dataset.geo_transform().unwrap();
            // Pixels are areas around nodes there.
            assert!((x + 0.5 * x_step - f64::from(west)).abs() < 1e-9);
            assert!((y + 0.5 * y_step - f64::from(south + 1)).abs() < 1e-9);
            assert!((x_step - 1.0 / 3_600.0).abs() < 1e-12);
            assert!((y_step + 1.0 / 3_600.0).abs() < 1e-12);
            let band = dataset.rasterband(1).unwrap();
            let read = band.read_band_as::<i16>().unwrap();
            assert_eq!(read.shape(), (3_601, 3_601));
            assert!(read.data().iter().eq(cell.heights.iter()));
        }
    }
}
