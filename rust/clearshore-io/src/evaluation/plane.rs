//! A raster file of whole numbers on a UTM grid.

use clearshore::evaluate::{Codes, Label, Tells};
use clearshore::scene::{Grid, UtmZone};
use clearshore::{Error, Progress, Result};
use gdal::errors::GdalError;
use gdal::raster::GdalDataType;
use gdal::{Dataset, GeoTransform};
use ndarray::{Array2, Axis};
use rayon::prelude::*;
use std::path::{Path, PathBuf};

/// Rows that are read at once.
const STRIP_HEIGHT: usize = 512;
/// Largest difference between a pixel's width and height, share of it: rounding in the file.
const SQUARE: f64 = 1e-6;

/// The first band of a raster file, not yet read.
#[derive(Debug)]
pub struct Plane {
    path: PathBuf,
    pub grid: Grid,
    data_type: GdalDataType,
    no_data: Option<f64>,
}

impl Plane {
    /// Opens a raster of whole numbers, north up, with square pixels, in a UTM zone on WGS84. `what` it is
    /// stands in messages. Errors: Product.
    pub fn open(path: &Path, what: &str) -> Result<Self> {
        let failed = |text: &str| Error::product(format!("the {what} {text}")).at(path.display());
        if !path.exists() {
            return Err(failed("does not exist").advice("check the path"));
        }
        let unreadable = |error: GdalError| {
            failed("can't be read")
                .advice("give a raster file that GDAL opens, with its place on the ground")
                .caused_by(error)
        };
        let raster = Dataset::open(path).map_err(unreadable)?;
        let transform = raster.geo_transform().map_err(unreadable)?;
        let epsg = epsg(&raster).map_err(unreadable)?;
        let zone = UtmZone::from_epsg(epsg)
            .map_err(|error| error.at(path.display()).advice("warp it with gdalwarp"))?;
        let (width, height) = raster.raster_size();
        let band = raster.rasterband(1).map_err(unreadable)?;
        let data_type = band.band_type();
        if !data_type.is_integer() {
            return Err(failed("does not hold whole numbers")
                .got(data_type.name())
                .expected("an integer type such as Byte")
                .advice("give classes or flags, not probabilities"));
        }
        Ok(Self {
            path: path.to_owned(),
            grid: grid(zone, transform, (height, width)).ok_or_else(|| {
                failed("is rotated or has oblong pixels")
                    .got(format!("{transform:?}"))
                    .expected("rows from west to east, square pixels")
                    .advice("warp it with gdalwarp")
            })?,
            data_type,
            no_data: band.no_data_value(),
        })
    }

    /// Hands the number of every pixel over to where it belongs in a plane of the raster's shape. `each`
    /// answers none to a number that must not occur. Errors: Product; cancellation; what `refused` makes of
    /// such a number.
    pub fn visit<T: Send + Sync>(
        &self,
        plane: &mut Array2<T>,
        progress: &dyn Progress,
        each: impl Fn(&mut T, i32) -> Option<()> + Sync,
        refused: impl Fn(Error) -> Error + Sync,
    ) -> Result<()> {
        let width = self.grid.width;
        plane
            .axis_chunks_iter_mut(Axis(0), STRIP_HEIGHT)
            .into_par_iter()
            .enumerate()
            .try_for_each(|(strip, mut rows)| {
                progress.check()?;
                let first = strip * STRIP_HEIGHT;
                let values = self.read(first, rows.nrows()).map_err(|error| {
                    Error::product("the raster can't be read to its end")
                        .at(self.path.display())
                        .advice("make or download it again")
                        .caused_by(error)
                })?;
                for (index, (pixel, value)) in rows.iter_mut().zip(values).enumerate() {
                    each(pixel, value).ok_or_else(|| {
                        let (row, column) = (first + index / width, index % width);
                        let place = format!("{}, row {row}, column {column}", self.path.display());
                        refused(
                            Error::parameter("the raster holds a number that it should not")
                                .at(place)
                                .got(value),
                        )
                    })?;
                }
                Ok(())
            })
    }

    /// A data set serves one thread, so each strip opens its own.
    fn read(&self, first_row: usize, rows: usize) -> std::result::Result<Vec<i32>, GdalError> {
        let raster = Dataset::open(&self.path)?;
        let shape = (self.grid.width, rows);
        let band = raster.rasterband(1)?;
        let buffer = band.read_as::<i32>((0, first_row as isize), shape, shape, None)?;
        Ok(buffer.into_shape_and_vec().1)
    }

    /// The labels, and what they tell. 32-bit numbers of the codes `clearshore` are flags. A number that is not
    /// of the codes but the raster's no-data value is no data. Errors: Parameter where the numbers are not of
    /// these codes; Product; cancellation.
    pub fn labels(
        &self,
        codes: &'static Codes,
        progress: &dyn Progress,
    ) -> Result<(Array2<Label>, Tells)> {
        let mut labels = Array2::default(self.grid.shape());
        if codes.has_flags && self.data_type.bits() >= 32 {
            self.visit(
                &mut labels,
                progress,
                |label, bits| {
                    *label = Label::of_flags(bits);
                    Some(())
                },
                |error| error,
            )?;
            return Ok((labels, codes.tells | Tells::BUFFERS));
        }
        let mut table = [None; 1 + u8::MAX as usize];
        for (value, label) in (0..).zip(&mut table) {
            let is_no_data = self.no_data == Some(f64::from(value));
            *label = codes
                .label(value)
                .or_else(|| is_no_data.then(Label::default));
        }
        let is_no_data = |value: i32| self.no_data == Some(value.into());
        self.visit(
            &mut labels,
            progress,
            |label, value| {
                let of_table = usize::try_from(value).ok().and_then(|value| table.get(value));
                *label = match of_table {
                    Some(label) => (*label)?,
                    None if is_no_data(value) => Label::default(),
                    None => return None,
                };
                Some(())
            },
            |error| {
                let values = codes.values.iter().map(|row| row.0.to_string());
                let values = values.collect::<Vec<_>>().join(", ");
                error
                    .expected(format!("the codes '{}': {values}", codes.name))
                    .advice("choose the codes of the program that made it, with --codes or --truth-codes")
            },
        )?;
        Ok((labels, codes.tells))
    }
}

/// EPSG code of the raster's projection; 0 where it has none of its own.
fn epsg(raster: &Dataset) -> std::result::Result<u32, GdalError> {
    let mut reference = raster.spatial_ref()?;
    if reference.auth_code().is_err() {
        // It fails where nothing fits: then the code stays unknown.
        let _ = reference.auto_identify_epsg();
    }
    let code = reference.auth_code().unwrap_or_default();
    Ok(u32::try_from(code).unwrap_or_default())
}

fn grid(zone: UtmZone, transform: GeoTransform, (height, width): (usize, usize)) -> Option<Grid> {
    let [easting, pixel_size, across, northing, down, step] = transform;
    let is_plain = across == 0.0
        && down == 0.0
        && pixel_size > 0.0
        && (pixel_size + step).abs() <= SQUARE * pixel_size;
    is_plain.then_some(Grid {
        zone,
        easting,
        northing,
        pixel_size,
        height,
        width,
    })
}
