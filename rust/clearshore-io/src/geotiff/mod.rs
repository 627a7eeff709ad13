//! GeoTIFF without GDAL: what the SNAP plugin reads auxiliary rasters with.
//!
//! The first band of the first image, in strips or tiles, uncompressed or with LZW, DEFLATE or PackBits, on
//! WGS84 in longitude and latitude or in a UTM zone. Everything else is [`Refusal::NotSupported`].

mod chunk;
mod directory;
mod georeference;
mod positions;
mod quantity;
#[cfg(test)]
pub(crate) mod tests;

pub use chunk::SampleType;
pub use georeference::{CoordinateSystem, Georeference};
pub use positions::nearest;
pub use quantity::Quantity;

use crate::bytes::{ByteSource, FilePart};
use crate::window::Window;
use chunk::Layout;
use clearshore::{Error, Result};
use directory::Directory;
use ndarray::{Array2, s};
use rayon::prelude::*;
use std::path::{Path, PathBuf};
use tiff::decoder::DecodingResult;

/// GDAL's tag of the value that means "no data", as text.
const GDAL_NO_DATA_TAG: u16 = 42_113;

/// A GeoTIFF whose pixels can be read.
pub struct GeoTiff {
    path: PathBuf,
    source: Box<dyn ByteSource>,
    layout: Layout,
    georeference: Georeference,
    no_data: Option<f64>,
    quantity: Quantity,
}

/// Why a file isn't read. Either way an auxiliary error.
#[derive(Debug)]
pub enum Refusal {
    /// Nothing is wrong with it, but its format or coordinate system needs GDAL.
    NotSupported(Error),
    /// It is unreadable or damaged.
    Broken(Error),
}

impl Refusal {
    fn not_supported(got: impl Into<String>) -> Self {
        let error = Error::auxiliary("the raster's format or coordinate system is not supported here")
            .got(got.into())
            .expected(
                "a GeoTIFF without rotation in EPSG:4326 or in a UTM zone on WGS84, uncompressed or with LZW, DEFLATE \
                 or PackBits, of 8, 16 or 32 bits a sample",
            )
            .advice("convert it: gdalwarp -t_srs EPSG:4326 -r near -co TILED=YES -co COMPRESS=LZW RASTER NEW.tif");
        Self::NotSupported(error)
    }

    fn at(self, path: &Path) -> Self {
        match self {
            Self::NotSupported(error) => Self::NotSupported(error.at(path.display())),
            Self::Broken(error) => Self::Broken(error.at(path.display())),
        }
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        Self::Broken(error)
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::NotSupported(error) | Refusal::Broken(error) => error,
        }
    }
}

fn damaged(got: impl Into<String>) -> Error {
    Error::auxiliary("the GeoTIFF is damaged")
        .got(got.into())
        .advice("get the file again, or convert it anew")
}

impl GeoTiff {
    /// Reads what stands before the pixels.
    pub fn open(path: &Path) -> std::result::Result<Self, Refusal> {
        Self::read(path).map_err(|refusal| refusal.at(path))
    }

    /// As [`Self::open`], of bytes that are part of something else; `path` is what errors name.
    pub fn of_bytes(
        source: Box<dyn ByteSource>,
        path: &Path,
    ) -> std::result::Result<Self, Refusal> {
        Self::of_source(source, path).map_err(|refusal| refusal.at(path))
    }

    fn read(path: &Path) -> std::result::Result<Self, Refusal> {
        // What is no file may be one of GDAL's names for something that is none.
        if !path.is_file() {
            let error = Error::auxiliary("the raster can't be read")
                .got("no file")
                .advice("give the path of a GeoTIFF file");
            return Err(Refusal::NotSupported(error));
        }
        let source = FilePart::open(path)
            .map_err(|error| Error::auxiliary("the raster can't be read").caused_by(error))?;
        Self::of_source(Box::new(source), path)
    }

    fn of_source(source: Box<dyn ByteSource>, path: &Path) -> std::result::Result<Self, Refusal> {
        let directory = Directory::read(&*source)?;
        let layout = Layout::read(&directory)?;
        let georeference = Georeference::read(&directory, layout.width)?;
        let no_data = match directory.text(GDAL_NO_DATA_TAG)? {
            None => None,
            Some(text) => match text.parse::<f64>() {
                // As GDAL, which writes more digits than the samples have.
                Ok(number) if layout.sample_type == SampleType::F32 => {
                    Some(f64::from(number as f32))
                }
                Ok(number) => Some(number),
                Err(_) => return Err(damaged(format!("the no-data value '{text}'")).into()),
            },
        };
        Ok(Self {
            path: path.to_owned(),
            layout,
            georeference,
            no_data,
            quantity: Quantity::read(&directory)?,
            source,
        })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Rows and columns.
    pub fn shape(&self) -> (usize, usize) {
        (self.layout.height, self.layout.width)
    }

    /// Type of the samples.
    pub fn sample_type(&self) -> SampleType {
        self.layout.sample_type
    }

    /// Where the pixels lie.
    pub fn georeference(&self) -> &Georeference {
        &self.georeference
    }

    /// The declared value of pixels without data.
    pub fn no_data(&self) -> Option<f64> {
        self.no_data
    }

    /// What the samples count. Samples are read as they are in the file.
    pub fn quantity(&self) -> &Quantity {
        &self.quantity
    }

    /// The first band of a window within the raster, each sample converted; `None` is no data or not a number.
    ///
    /// # Errors
    /// Auxiliary for a damaged file, and what `convert` gives.
    pub fn read_window<T: Clone + Default + Send + Sync>(
        &self,
        window: &Window,
        convert: impl Fn(Option<f64>) -> Result<T> + Sync,
    ) -> Result<Array2<T>> {
        let parts = self.chunks(window)?.into_par_iter();
        let parts = parts.map(|chunk| self.part_of_window(chunk, window, &convert));
        self.assemble(window, parts.collect::<Vec<_>>().into_iter())
    }

    /// As [`Self::read_window`], without a thread pool.
    ///
    /// # Errors
    /// As there.
    pub fn read_window_alone<T: Clone + Default>(
        &self,
        window: &Window,
        convert: impl Fn(Option<f64>) -> Result<T>,
    ) -> Result<Array2<T>> {
        let parts = self.chunks(window)?.into_iter();
        self.assemble(
            window,
            parts.map(|chunk| self.part_of_window(chunk, window, &convert)),
        )
    }

    /// Numbers of the chunks of which a window has a part.
    fn chunks(&self, window: &Window) -> Result<Vec<usize>> {
        let layout = &self.layout;
        if window.rows == 0 || window.columns == 0 {
            return Ok(Vec::new());
        }
        let (end_row, end_column) = (window.row + window.rows, window.column + window.columns);
        if end_row > layout.height || end_column > layout.width {
            return Err(Error::internal("a window beyond the raster").got(format!("{window:?}")));
        }
        let across = layout.across();
        let last_row = end_row.div_ceil(layout.chunk_height);
        let last_column = end_column.div_ceil(layout.chunk_width);
        Ok((window.row / layout.chunk_height..last_row)
            .flat_map(|row| {
                (window.column / layout.chunk_width..last_column)
                    .map(move |column| row * across + column)
            })
            .collect())
    }

    /// Row and column in a window of the part that a chunk has, and the part.
    fn part_of_window<T: Clone>(
        &self,
        chunk: usize,
        window: &Window,
        convert: impl Fn(Option<f64>) -> Result<T>,
    ) -> Result<(usize, usize, Array2<T>)> {
        let layout = &self.layout;
        let top = chunk / layout.across() * layout.chunk_height;
        let left = chunk % layout.across() * layout.chunk_width;
        let first_row = top.max(window.row);
        let first_column = left.max(window.column);
        let height = (top + layout.chunk_height).min(window.row + window.rows) - first_row;
        let width = (left + layout.chunk_width).min(window.column + window.columns) - first_column;
        let place = [first_row - top, first_column - left, height, width];
        let part = self.part(chunk, place, convert)?;
        Ok((first_row - window.row, first_column - window.column, part))
    }

    fn assemble<T: Clone + Default>(
        &self,
        window: &Window,
        parts: impl Iterator<Item = Result<(usize, usize, Array2<T>)>>,
    ) -> Result<Array2<T>> {
        let mut values = Array2::default((window.rows, window.columns));
        for part in parts {
            let (row, column, part) = part.map_err(|error| error.at(self.path.display()))?;
            let (height, width) = part.dim();
            values
                .slice_mut(s![row..row + height, column..column + width])
                .assign(&part);
        }
        Ok(values)
    }

    /// Rows and columns of one chunk, converted.
    fn part<T: Clone>(
        &self,
        chunk: usize,
        [row, column, height, width]: [usize; 4],
        convert: impl Fn(Option<f64>) -> Result<T>,
    ) -> Result<Array2<T>> {
        let Some(decoded) = self.layout.decode(&*self.source, chunk)? else {
            let value = convert(self.no_data.is_none().then_some(0.0))?;
            return Ok(Array2::from_elem((height, width), value));
        };
        let rectangle = [row, column, height, width];
        match decoded {
            DecodingResult::U8(samples) => self.crop(&samples, rectangle, convert),
            DecodingResult::I8(samples) => self.crop(&samples, rectangle, convert),
            DecodingResult::U16(samples) => self.crop(&samples, rectangle, convert),
            DecodingResult::I16(samples) => self.crop(&samples, rectangle, convert),
            DecodingResult::U32(samples) => self.crop(&samples, rectangle, convert),
            DecodingResult::I32(samples) => self.crop(&samples, rectangle, convert),
            DecodingResult::F32(samples) => self.crop(&samples, rectangle, convert),
            DecodingResult::F64(samples) => self.crop(&samples, rectangle, convert),
            _ => Err(damaged("samples of another type than the file says")),
        }
    }

    /// Rows and columns of a chunk's samples, converted.
    fn crop<S: Copy + Into<f64>, T>(
        &self,
        samples: &[S],
        [row, column, height, width]: [usize; 4],
        convert: impl Fn(Option<f64>) -> Result<T>,
    ) -> Result<Array2<T>> {
        let line = self.layout.chunk_width * self.layout.samples;
        let lines = samples.chunks_exact(line).skip(row).take(height);
        let mut values = Vec::with_capacity(height * width);
        for line in lines {
            let pixels = line.iter().step_by(self.layout.samples);
            for sample in pixels.skip(column).take(width) {
                let value: f64 = (*sample).into();
                let known = Some(value) != self.no_data && !value.is_nan();
                values.push(convert(known.then_some(value))?);
            }
        }
        Array2::from_shape_vec((height, width), values)
            .map_err(|error| damaged("a strip or tile of another size").caused_by(error))
    }
}
