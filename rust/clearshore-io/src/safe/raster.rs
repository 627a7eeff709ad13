//! Masks written as JPEG 2000, read in strips.

use super::{Product, ProductFile};
use crate::jp2::Jp2;
use crate::window::Window;
use clearshore::scene::Grid;
use clearshore::{Error, Progress, Result};
use ndarray::Array2;

/// A mask file that is read strip by strip.
pub struct Strips {
    image: Jp2,
}

impl Strips {
    /// Opens a mask that must have the size of its band.
    pub fn open(product: &Product, file: &ProductFile, native: &Grid) -> Result<Self> {
        let place = product.place(file);
        let image = Jp2::open(product.open_file(file)?, &place)?;
        let size = (image.rows(), image.columns());
        if size != native.shape() {
            return Err(Error::product("a mask has another size than its band")
                .at(place)
                .got(format!("{} x {}", size.0, size.1))
                .expected(format!("{} x {}", native.height, native.width))
                .advice("download the product again"));
        }
        Ok(Self { image })
    }

    /// Number of planes.
    pub fn planes(&self) -> usize {
        self.image.components()
    }

    /// How many times the image can be halved.
    pub fn reductions(&self) -> u8 {
        self.image.reductions()
    }

    /// Units of progress that [`Self::read`] advances.
    pub fn work_units(&self) -> u64 {
        self.image.work_units(0)
    }

    /// Reads planes, halved so many times, and hands them over strip by strip, each with its first row.
    pub fn read(
        &self,
        planes: &[usize],
        reduction: u8,
        progress: &dyn Progress,
        mut each: impl FnMut(usize, &[Array2<u16>]) -> Result<()>,
    ) -> Result<()> {
        if planes.is_empty() {
            return Ok(());
        }
        let (height, columns) = self.image.shape(reduction);
        // One row of tiles: each tile is decoded once.
        let (tile_rows, _) = self.image.tile_size();
        let tile_rows = tile_rows.div_ceil(1 << reduction);
        for row in (0..height).step_by(tile_rows.max(1)) {
            progress.check()?;
            let window = Window {
                row,
                column: 0,
                rows: tile_rows.min(height - row),
                columns,
            };
            each(
                row,
                &self.image.read(planes, reduction, Some(window), progress)?,
            )?;
        }
        Ok(())
    }
}
