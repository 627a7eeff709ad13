//! What a caller says of the scene that it will give, and what follows from it: grid, zone, directions.

use clearshore::scene::{AngleGrid, Band, Direction, Geodetic, Grid, Nodes, UtmZone};
use clearshore::{Error, Result};
use ndarray::{Array2, Zip};
use serde::Deserialize;
use std::collections::BTreeMap;

/// Largest distance between a corner as the caller has it and as its zone gives it, metres: a tenth of
/// the smallest pixel.
const CORNER_TOLERANCE: f64 = 1.0;
/// Pixel sizes for which the detectors' distances and windows make sense, metres.
const PIXEL_SIZES: std::ops::RangeInclusive<f64> = 10.0..=120.0;
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
    /// Directions to the sensor: sun glint takes those of every band that it looks at, cloud shadows those of B8A, or of
    /// B08 where that is missing.
    #[serde(default)]
    pub views: Vec<FedView>,
    /// Mean zenith and azimuth of the direction to the sensor by the bands' names, degrees.
    #[serde(default)]
    pub mean_views: BTreeMap<String, [f64; 2]>,
    /// Whether the caller gives rectangles of B07, B08 and B8A at their own resolution when the run asks for them.
    #[serde(default)]
    pub gives_on_request: bool,
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
    /// Zenith angles, degrees. The text of a host's 32-bit number is the decimal in the product's metadata, and has to
    /// become the number that reading the product gives.
    pub zenith: Vec<Option<f64>>,
    /// Azimuths from true north, degrees.
    pub azimuth: Vec<Option<f64>>,
}

/// Directions to the sensor in one band, where one detector looked or, where nobody knows which, any.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FedView {
    /// `B2`, `B02` or `B8A`.
    pub band: String,
    /// Number of the detector, 1 to 12; 0, the only one of its band then, stands for all together.
    pub detector: u8,
    /// The directions.
    #[serde(flatten)]
    pub angles: FedAngles,
}

/// The band of a name.
pub(super) fn band_of(name: &str) -> Result<Band> {
    Band::from_name(name)
        .ok_or_else(|| Error::product("there is no such band in Sentinel-2's MSI").got(name))
}

/// The working grid.
pub(super) fn grid_of(description: &FeedDescription) -> Result<Grid> {
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
    announced
        .into_iter()
        .filter_map(Result::ok)
        .chain(UtmZone::all())
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

/// Directions in radians.
pub(super) fn angle_grid(angles: FedAngles) -> Result<AngleGrid> {
    let plane = |values: Vec<Option<f64>>| {
        let degrees = values
            .into_iter()
            .map(|value| value.unwrap_or(f64::NAN))
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
        nodes: Nodes {
            first_row: angles.first_row,
            first_column: angles.first_column,
            row_step: angles.row_step,
            column_step: angles.column_step,
        },
    })
}
