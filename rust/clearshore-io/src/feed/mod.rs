//! A scene whose pixels the caller gives, rectangle by rectangle: what a host such as SNAP has in memory
//! instead of files.
//!
//! A band comes with the working grid's pixels or with its own, finer or coarser by a whole factor; it is
//! brought to the working grid as [`crate::bands`] does by the mean, so that the same numbers give the same
//! scene.

use crate::auxiliary::Auxiliary;
use crate::bands::{block_means, finer_plane};
use crate::safe::Marks;
use crate::scene::wanted_bands;
use clearshore::scene::{
    AngleGrid, Angles, Band, BandPlane, Direction, Geodetic, Grid, NO_DATA_DN, Radiometry,
    SATURATED_DN, Scene, SceneBuilder, UtmZone,
};
use clearshore::{Error, Result};
use ndarray::{Array2, ArrayView2, Zip, s};
use serde::Deserialize;
use std::collections::BTreeMap;

/// DN per unit of reflectance in which given reflectance is kept, as Level-1C products do.
const REFLECTANCE_QUANTIFICATION: f64 = 10_000.0;
/// RADIO_ADD_OFFSET in which given reflectance is kept, DN: negative values survive.
const REFLECTANCE_OFFSET: i32 = -1000;
/// Largest distance between a corner as the caller has it and as its zone gives it, metres: a tenth of
/// the smallest pixel.
const CORNER_TOLERANCE: f64 = 1.0;
/// Pixel sizes for which the detectors' distances and windows make sense, metres.
const PIXEL_SIZES: std::ops::RangeInclusive<f64> = 10.0..=120.0;
/// EPSG codes before the first northern and the first southern zone.
const EPSG_NORTH: u32 = 32_600;
const EPSG_SOUTH: u32 = 32_700;
/// Largest side of a working grid, pixels: twice a tile at 10 m.
const MAX_SIDE: usize = 21_960;

/// What the caller says of the scene.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FeedDescription {
    /// Name of the product, for messages.
    pub name: String,
    /// EPSG code of the UTM zone, where the caller knows it.
    pub epsg: Option<u32>,
    /// Easting of the outer upper-left corner, metres.
    pub easting: f64,
    /// Northing of the outer upper-left corner, metres.
    pub northing: f64,
    /// Side of a pixel of the working grid, metres.
    pub pixel_size: f64,
    /// Columns of the working grid.
    pub width: usize,
    /// Rows of the working grid.
    pub height: usize,
    /// Longitude and latitude, degrees, of the outer corners: upper left, upper right, lower right, lower left.
    pub corners: Option<[[f64; 2]; 4]>,
    /// DN that means "saturated"; 65535 when it is not given.
    pub saturated_dn: Option<u16>,
    /// The bands that can be given.
    pub bands: Vec<FedBand>,
    /// Directions to the sun.
    pub sun: Option<FedAngles>,
    /// Mean sun zenith and azimuth, degrees.
    pub mean_sun: Option<[f64; 2]>,
}

/// A band that the caller can give.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FedBand {
    /// `B2`, `B02` or `B8A`.
    pub name: String,
    /// Columns of the band's own raster.
    pub width: usize,
    /// Rows of the band's own raster.
    pub height: usize,
    /// What its numbers are.
    pub kind: FedKind,
    /// QUANTIFICATION_VALUE of raw numbers.
    pub quantification: Option<f64>,
    /// RADIO_ADD_OFFSET of raw numbers, DN.
    pub offset: Option<i32>,
}

/// What the numbers of a band are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum FedKind {
    /// Raw numbers.
    Dn,
    /// TOA reflectance, unitless.
    Reflectance,
}

/// Directions at the points of a lattice, row by row, degrees; NaN (in JSON: null) where unknown.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FedAngles {
    /// Rows of points.
    pub rows: usize,
    /// Columns of points.
    pub columns: usize,
    /// How far the first point lies below the upper-left corner, metres.
    pub first_row: f64,
    /// How far the first point lies right of the upper-left corner, metres.
    pub first_column: f64,
    /// Distance between rows, metres.
    pub row_step: f64,
    /// Distance between columns, metres.
    pub column_step: f64,
    /// Zenith angles, degrees.
    pub zenith: Vec<Option<f32>>,
    /// Azimuths from true north, degrees.
    pub azimuth: Vec<Option<f32>>,
}

/// A rectangle of a raster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Window {
    /// First column.
    pub x: usize,
    /// First row.
    pub y: usize,
    /// Columns.
    pub width: usize,
    /// Rows.
    pub height: usize,
}

impl Window {
    /// Pixels of the rectangle, checked: it lies on a raster of (rows, columns), and `samples` are as many.
    ///
    /// # Errors
    /// Parameter.
    pub fn check(&self, (rows, columns): (usize, usize), samples: usize) -> Result<()> {
        let within = |first: usize, count: usize, all: usize| {
            first.checked_add(count).is_some_and(|end| end <= all)
        };
        if !within(self.x, self.width, columns) || !within(self.y, self.height, rows) {
            return Err(Error::parameter("the rectangle leaves the raster")
                .got(format!(
                    "{} x {} pixels from column {}, row {}",
                    self.width, self.height, self.x, self.y
                ))
                .expected(format!("within {columns} x {rows}")));
        }
        if self.width.checked_mul(self.height) != Some(samples) {
            return Err(
                Error::parameter("the array has another size than the rectangle")
                    .got(samples)
                    .expected(format!("{} x {}", self.width, self.height)),
            );
        }
        Ok(())
    }
}

/// A scene that is being given.
#[derive(Debug)]
pub struct Feed {
    name: String,
    grid: Grid,
    angles: Angles,
    saturated_dn: u16,
    bands: BTreeMap<Band, Plane>,
    defective: Option<Array2<bool>>,
}

impl Feed {
    /// Begins a scene.
    ///
    /// # Errors
    /// Product: required bands are missing, a grid that is in no UTM zone, rasters that do not fit the grid.
    pub fn new(description: FeedDescription) -> Result<Self> {
        let grid = grid_of(&description).map_err(|error| error.at(&description.name))?;
        let mut offered = BTreeMap::new();
        for band in &description.bands {
            let known = Band::from_name(&band.name).ok_or_else(|| {
                Error::product("there is no such band in Sentinel-2's MSI").got(&band.name)
            })?;
            offered.insert(known, band);
        }
        let wanted = wanted_bands(|band| offered.contains_key(&band))
            .map_err(|error| error.at(&description.name))?;
        let mut bands = BTreeMap::new();
        for (band, offered) in offered {
            if wanted.contains(&band) {
                let place = format!("{}, band {band}", description.name);
                bands.insert(band, Plane::new(offered, &grid).map_err(|e| e.at(place))?);
            }
        }
        let angles = Angles {
            sun: description.sun.map(angle_grid).transpose()?,
            mean_sun: description
                .mean_sun
                .map(|[zenith, azimuth]| Direction::from_degrees(zenith, azimuth)),
            ..Angles::default()
        };
        Ok(Self {
            name: description.name,
            grid,
            angles,
            saturated_dn: description.saturated_dn.unwrap_or(SATURATED_DN),
            bands,
            defective: None,
        })
    }

    /// Name of the product.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The working grid.
    pub fn grid(&self) -> &Grid {
        &self.grid
    }

    /// The bands that must be given, wholly, before [`Feed::scene`].
    pub fn wanted(&self) -> impl Iterator<Item = Band> {
        self.bands.keys().copied()
    }

    /// Takes raw numbers of a rectangle of a band's own raster; 0 is no data.
    ///
    /// # Errors
    /// Parameter: a band that is not wanted, a rectangle that leaves the raster, that has another size than
    /// the numbers, or that cuts a pixel of the working grid; reflectance was announced.
    pub fn put_dn(&mut self, band: &str, window: Window, dn: &[u16]) -> Result<()> {
        self.plane(band, FedKind::Dn)?.put(window, dn)
    }

    /// Takes reflectance of a rectangle of a band's own raster; NaN is no data.
    ///
    /// # Errors
    /// As [`Feed::put_dn`].
    pub fn put_reflectance(&mut self, band: &str, window: Window, values: &[f32]) -> Result<()> {
        let dn: Vec<u16> = values.iter().copied().map(dn_of_reflectance).collect();
        self.plane(band, FedKind::Reflectance)?.put(window, &dn)
    }

    /// Takes a rectangle of a quality mask on a raster of (rows, columns) over the same ground; other than 0
    /// is lost, defective or without data. A pixel of the grid is marked when it shares area with such a one.
    ///
    /// # Errors
    /// Parameter: as [`Feed::put_dn`], or an empty raster.
    pub fn put_defective(
        &mut self,
        (rows, columns): (usize, usize),
        window: Window,
        mask: &[u8],
    ) -> Result<()> {
        window.check((rows, columns), mask.len())?;
        if mask.is_empty() {
            return Ok(());
        }
        let native = Grid {
            pixel_size: self.grid.width as f64 * self.grid.pixel_size / columns as f64,
            height: rows,
            width: columns,
            ..self.grid
        };
        let mut marks = Marks::new(&mut self.defective, &self.grid, &native);
        for (row, line) in (window.y..).zip(mask.chunks_exact(window.width)) {
            for (column, _) in (window.x..).zip(line).filter(|(_, value)| **value != 0) {
                marks.mark(row, column..column + 1);
            }
        }
        Ok(())
    }

    /// The scene, and what the user should know about it.
    ///
    /// # Errors
    /// Parameter: a band was not given wholly.
    pub fn scene(self, auxiliary: Auxiliary) -> Result<(Scene, Vec<String>)> {
        let mut warnings = Vec::new();
        if self.angles.sun.is_none() {
            warnings.push("the source has no sun angles".to_owned());
        }
        let mut builder = SceneBuilder::new(self.grid)
            .angles(self.angles)
            .saturated_dn(self.saturated_dn);
        for (band, plane) in self.bands {
            builder = builder.band(band, plane.finish().map_err(|e| e.at(band))?);
        }
        if let Some(defective) = self.defective {
            builder = builder.defective(defective);
        }
        Ok((auxiliary.add_to(builder).build()?, warnings))
    }

    fn plane(&mut self, name: &str, kind: FedKind) -> Result<&mut Plane> {
        let wanted = || {
            let names: Vec<&str> = self.bands.keys().map(|band| band.name()).collect();
            Error::parameter("the scene does not want this band")
                .got(name)
                .expected(names.join(", "))
        };
        let band = Band::from_name(name)
            .filter(|band| self.bands.contains_key(band))
            .ok_or_else(wanted)?;
        let plane = self
            .bands
            .get_mut(&band)
            .ok_or_else(|| Error::internal("a band went missing"))?;
        if plane.kind != kind {
            return Err(
                Error::parameter("the band was announced with other numbers")
                    .at(band)
                    .got(format!("{kind:?}"))
                    .expected(format!("{:?}", plane.kind)),
            );
        }
        Ok(plane)
    }
}

/// A band that is being given.
#[derive(Debug)]
struct Plane {
    /// Rows and columns of the band's own raster.
    shape: (usize, usize),
    change: Change,
    kind: FedKind,
    radiometry: Radiometry,
    /// On the working grid; on the band's own raster where that is coarser.
    dn: Array2<u16>,
    /// Pixels of the band's own raster that were given.
    given: usize,
}

/// How a raster's pixels relate to the working grid's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Change {
    /// Pixels of the raster per working pixel, along one side.
    Coarser(usize),
    /// Working pixels per pixel of the raster, along one side.
    Finer(usize),
}

impl Plane {
    fn new(offered: &FedBand, grid: &Grid) -> Result<Self> {
        let (rows, columns) = (offered.height, offered.width);
        let change = Change::between((rows, columns), grid.shape())?;
        let radiometry = match offered.kind {
            FedKind::Dn => Radiometry {
                offset: offered.offset.unwrap_or(0),
                quantification: offered.quantification.ok_or_else(|| {
                    Error::product("raw numbers came without their quantification value")
                        .advice("give a product with its Level-1C metadata, or reflectance")
                })?,
            },
            FedKind::Reflectance => Radiometry {
                offset: REFLECTANCE_OFFSET,
                quantification: REFLECTANCE_QUANTIFICATION,
            },
        };
        let kept = match change {
            Change::Coarser(_) => grid.shape(),
            Change::Finer(_) => (rows, columns),
        };
        Ok(Self {
            shape: (rows, columns),
            change,
            kind: offered.kind,
            radiometry,
            dn: Array2::zeros(kept),
            given: 0,
        })
    }

    fn put(&mut self, window: Window, dn: &[u16]) -> Result<()> {
        window.check(self.shape, dn.len())?;
        let samples = ArrayView2::from_shape((window.height, window.width), dn)
            .map_err(|error| Error::internal("a rectangle without its shape").caused_by(error))?;
        let factor = match self.change {
            Change::Coarser(factor) => factor,
            Change::Finer(_) => 1,
        };
        let Window {
            x,
            y,
            width,
            height,
        } = window;
        if [x, y, width, height]
            .iter()
            .any(|edge| !edge.is_multiple_of(factor))
        {
            return Err(
                Error::parameter("the rectangle cuts a pixel of the working grid")
                    .got(format!(
                        "{width} x {height} pixels from column {x}, row {y}"
                    ))
                    .expected(format!("multiples of {factor}")),
            );
        }
        let target = s![
            y / factor..(y + height) / factor,
            x / factor..(x + width) / factor
        ];
        block_means(samples, factor, self.dn.slice_mut(target));
        self.given += dn.len();
        Ok(())
    }

    fn finish(self) -> Result<BandPlane> {
        let (rows, columns) = self.shape;
        if self.given < rows * columns {
            return Err(Error::parameter("the band was not given wholly")
                .got(format!("{} pixels", self.given))
                .expected(format!("{columns} x {rows} pixels")));
        }
        let dn = match self.change {
            Change::Coarser(_) => self.dn,
            Change::Finer(factor) => finer_plane(&self.dn, factor),
        };
        Ok(BandPlane {
            dn,
            radiometry: self.radiometry,
        })
    }
}

impl Change {
    fn between(raster: (usize, usize), grid: (usize, usize)) -> Result<Self> {
        let factor = |more: (usize, usize), less: (usize, usize)| {
            let factor = more.0.checked_div(less.0)?;
            (factor > 0 && (less.0 * factor, less.1 * factor) == more).then_some(factor)
        };
        factor(raster, grid)
            .map(Self::Coarser)
            .or_else(|| factor(grid, raster).map(Self::Finer))
            .ok_or_else(|| {
                Error::product("the band's raster does not fit the working grid")
                    .got(format!("{} x {}", raster.1, raster.0))
                    .expected(format!("{} x {}, or a whole factor of it", grid.1, grid.0))
                    .advice(
                        "resample the product to one pixel size, for instance with S2Resampling",
                    )
            })
    }
}

/// Raw number of a reflectance; NaN is no data, and what is beyond the range is held at its end.
fn dn_of_reflectance(reflectance: f32) -> u16 {
    if reflectance.is_nan() {
        return NO_DATA_DN;
    }
    let dn = f64::from(reflectance) * REFLECTANCE_QUANTIFICATION - f64::from(REFLECTANCE_OFFSET);
    let least = f64::from(NO_DATA_DN) + 1.0;
    dn.round().clamp(least, f64::from(SATURATED_DN)) as u16
}

fn grid_of(description: &FeedDescription) -> Result<Grid> {
    let FeedDescription {
        pixel_size,
        width,
        height,
        ..
    } = *description;
    let sides = 1..=MAX_SIDE;
    if !PIXEL_SIZES.contains(&pixel_size) || !sides.contains(&width) || !sides.contains(&height) {
        return Err(
            Error::product("the working grid is not one of a Sentinel-2 tile")
                .got(format!("{width} x {height} pixels of {pixel_size} m"))
                .expected(format!(
                    "1 to {MAX_SIDE} pixels a side, of {} to {} m",
                    PIXEL_SIZES.start(),
                    PIXEL_SIZES.end()
                )),
        );
    }
    Ok(Grid {
        zone: zone_of(description)?,
        easting: description.easting,
        northing: description.northing,
        pixel_size,
        height,
        width,
    })
}

/// The zone in which the corners lie where the caller says; the caller's own where it gives no corners.
fn zone_of(description: &FeedDescription) -> Result<UtmZone> {
    let (left, top) = (description.easting, description.northing);
    let right = left + description.width as f64 * description.pixel_size;
    let bottom = top - description.height as f64 * description.pixel_size;
    let announced = description.epsg.map(UtmZone::from_epsg);
    let Some(corners) = description.corners else {
        return announced.unwrap_or_else(|| {
            Err(Error::product(
                "it is not known in which UTM zone the grid lies",
            ))
        });
    };
    let fits = |zone: &UtmZone| {
        let grid = [(left, top), (right, top), (right, bottom), (left, bottom)];
        grid.iter()
            .zip(corners)
            .all(|((easting, northing), [longitude, latitude])| {
                let place = Geodetic {
                    longitude: longitude.to_radians(),
                    latitude: latitude.to_radians(),
                };
                let (x, y) = zone.project(place);
                (x - easting).hypot(y - northing) <= CORNER_TOLERANCE
            })
    };
    let all = (1..=60).flat_map(|zone| [EPSG_NORTH + zone, EPSG_SOUTH + zone]);
    announced
        .into_iter()
        .chain(all.map(UtmZone::from_epsg))
        .filter_map(Result::ok)
        .find(fits)
        .ok_or_else(|| {
            Error::product("the source is not on a north-up UTM grid on WGS84")
                .got(format!(
                    "upper left {left}, {top} at {:?} degrees",
                    corners[0]
                ))
                .advice("put Clearshore before Reproject")
        })
}

fn angle_grid(angles: FedAngles) -> Result<AngleGrid> {
    let plane = |values: Vec<Option<f32>>| {
        let degrees = values
            .into_iter()
            .map(|value| value.map_or(f64::NAN, f64::from))
            .collect();
        Array2::from_shape_vec((angles.rows, angles.columns), degrees).map_err(|error| {
            Error::parameter("the lattice of angles has another size than it says").caused_by(error)
        })
    };
    let steps = [angles.row_step, angles.column_step];
    if !steps.iter().all(|step| step.is_finite() && *step > 0.0) {
        return Err(Error::parameter("the lattice of angles has no step").got(format!("{steps:?}")));
    }
    let mut zenith = plane(angles.zenith)?;
    let mut azimuth = plane(angles.azimuth)?;
    Zip::from(&mut zenith)
        .and(&mut azimuth)
        .for_each(|zenith, azimuth| {
            let direction = Direction::from_degrees(*zenith, *azimuth);
            (*zenith, *azimuth) = (direction.zenith, direction.azimuth);
        });
    Ok(AngleGrid {
        zenith,
        azimuth,
        first_row: angles.first_row,
        first_column: angles.first_column,
        row_step: angles.row_step,
        column_step: angles.column_step,
    })
}

#[cfg(test)]
mod tests;
