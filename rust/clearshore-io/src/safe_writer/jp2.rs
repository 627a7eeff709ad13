//! JPEG 2000 files in the structures of real products, through GDAL and OpenJPEG.

use clearshore::scene::Grid;
use clearshore::{Error, Result};
use gdal::raster::{Buffer, GdalType, RasterCreationOptions};
use gdal::spatial_ref::SpatialRef;
use gdal::{Dataset, DriverManager, config};
use ndarray::Array2;
use std::path::Path;

/// How a JPEG 2000 codestream is cut: sides in pixels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Structure {
    /// Tile; never larger than the image.
    pub tile: usize,
    /// Code-block.
    pub code_block: usize,
    /// Precinct, at every resolution level.
    pub precinct: usize,
    /// Bits of a number.
    pub bits: u32,
    /// Decomposition levels.
    pub levels: usize,
    /// PLT markers.
    pub packet_lengths: bool,
    /// TLM marker.
    pub tile_lengths: bool,
}

/// Bits of a band's numbers in real products.
pub(super) const BAND_BITS: u32 = 15;
/// Decomposition levels of real band files.
const LEVELS: usize = 4;

impl Structure {
    /// Structure of real band files of 10, 20 and 60 m (read in the codestreams of real products).
    pub fn of_band(pixel_size: u32) -> Self {
        let (tile, code_block, precinct) = match pixel_size {
            10 => (1024, 64, 256),
            20 => (640, 8, 128),
            _ => (192, 4, 64),
        };
        Self {
            tile,
            code_block,
            precinct,
            bits: BAND_BITS,
            levels: LEVELS,
            packet_lengths: true,
            tile_lengths: false,
        }
    }

    /// Structure of real raster masks of 10, 20 and 60 m (MSK_QUALIT of a product of baseline 05.10).
    pub fn of_mask(pixel_size: u32) -> Self {
        let (tile, code_block, precinct, levels) = match pixel_size {
            10 => (1024, 64, 256, LEVELS),
            20 => (2048, 64, 256, LEVELS + 1),
            _ => (256, 16, 128, LEVELS),
        };
        Self {
            tile,
            code_block,
            precinct,
            bits: u8::BITS,
            levels,
            ..Self::of_band(pixel_size)
        }
    }

    fn options(&self) -> RasterCreationOptions {
        let resolutions = self.levels + 1;
        let precinct = format!("{{{0},{0}}}", self.precinct);
        let yes_no = |on: bool| if on { "YES" } else { "NO" };
        let mut options = vec![
            "CODEC=JP2".to_owned(),
            "PROGRESSION=LRCP".to_owned(),
            "REVERSIBLE=YES".to_owned(),
            "QUALITY=100".to_owned(),
            format!("RESOLUTIONS={resolutions}"),
            format!("BLOCKXSIZE={}", self.tile),
            format!("BLOCKYSIZE={}", self.tile),
            format!("CODEBLOCK_WIDTH={}", self.code_block),
            format!("CODEBLOCK_HEIGHT={}", self.code_block),
            format!("PRECINCTS={}", vec![precinct; resolutions].join(",")),
            format!("PLT={}", yes_no(self.packet_lengths)),
            format!("TLM={}", yes_no(self.tile_lengths)),
            // Real files have the GMLJP2 box alone.
            "GeoJP2=NO".to_owned(),
            "GMLJP2=YES".to_owned(),
            "JPX=NO".to_owned(),
        ];
        if !self.bits.is_multiple_of(u8::BITS) {
            options.push(format!("NBITS={}", self.bits));
        }
        options.into_iter().collect()
    }
}

/// Planes of one size that are to become one file; kept by GDAL in memory.
pub(super) struct Planes {
    dataset: Dataset,
}

impl Planes {
    /// Empty planes on a grid: all zero.
    pub fn new<T: GdalType>(grid: &Grid, count: usize) -> Result<Self> {
        Self::create::<T>("MEM", Path::new(""), grid, count, &[])
    }

    /// Empty planes in a temporary file that takes no space where they stay zero.
    pub fn sparse<T: GdalType>(path: &Path, grid: &Grid, count: usize) -> Result<Self> {
        let options = ["SPARSE_OK=TRUE", "TILED=YES", "INTERLEAVE=BAND"];
        Self::create::<T>("GTiff", path, grid, count, &options)
    }

    fn create<T: GdalType>(
        driver: &str,
        path: &Path,
        grid: &Grid,
        count: usize,
        options: &[&str],
    ) -> Result<Self> {
        let place = || path.display().to_string();
        let create = || -> gdal::errors::Result<Dataset> {
            let options = options.iter().copied().collect::<RasterCreationOptions>();
            let mut dataset = DriverManager::get_driver_by_name(driver)?
                .create_with_band_type_with_options::<T, _>(
                    path,
                    grid.width,
                    grid.height,
                    count,
                    &options,
                )?;
            let (pixel, left, top) = (grid.pixel_size, grid.easting, grid.northing);
            dataset.set_geo_transform(&[left, pixel, 0.0, top, 0.0, -pixel])?;
            dataset.set_spatial_ref(&SpatialRef::from_epsg(grid.zone.epsg())?)?;
            Ok(dataset)
        };
        let dataset =
            create().map_err(|error| gdal_error("can't hold a raster", place(), error))?;
        Ok(Self { dataset })
    }

    /// Fills plane `index`, counted from 0.
    pub fn fill<T: GdalType + Copy>(&mut self, index: usize, values: Array2<T>) -> Result<()> {
        let (rows, columns) = values.dim();
        let data = match values.is_standard_layout() {
            true => values.into_raw_vec_and_offset().0,
            false => values.iter().copied().collect(),
        };
        let mut buffer = Buffer::new((columns, rows), data);
        self.dataset
            .rasterband(index + 1)
            .and_then(|mut band| band.write((0, 0), (columns, rows), &mut buffer))
            .map_err(|error| gdal_error("can't fill a raster", format!("plane {index}"), error))
    }

    /// Writes the planes as a lossless JPEG 2000 file; a tiny image has fewer decomposition levels.
    pub fn write(&self, path: &Path, mut structure: Structure) -> Result<()> {
        let (columns, rows) = self.dataset.raster_size();
        // GDAL wants more than one pixel at the coarsest level.
        let most = columns.min(rows).max(1).ilog2().saturating_sub(1) as usize;
        structure.levels = structure.levels.min(most);
        let options = structure.options();
        // Several images are written at a time; no .aux.xml files beside them.
        let settings = [("GDAL_NUM_THREADS", "1"), ("GDAL_PAM_ENABLED", "NO")];
        let write = || -> gdal::errors::Result<()> {
            for (key, value) in settings {
                config::set_thread_local_config_option(key, value)?;
            }
            let driver = DriverManager::get_driver_by_name("JP2OpenJPEG")?;
            let written = self.dataset.create_copy(&driver, path, &options);
            let closed = written.and_then(Dataset::close);
            for (key, _) in settings {
                config::clear_thread_local_config_option(key)?;
            }
            closed
        };
        write().map_err(|error| gdal_error("can't write a JPEG 2000 file", path.display(), error))
    }
}

/// An I/O error with GDAL's text.
fn gdal_error(what: &str, place: impl std::fmt::Display, error: gdal::errors::GdalError) -> Error {
    Error::io(what).at(place).caused_by(error).advice(
        "check that the folder can be written, has space, and that GDAL has its JP2OpenJPEG driver",
    )
}
