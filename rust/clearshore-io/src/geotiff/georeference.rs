//! Where a GeoTIFF lies on the Earth.
//!
//! Source: OGC 19-008r4, *GeoTIFF Standard 1.1*; key and code numbers from its annexes and from EPSG.

use super::directory::Directory;
use super::{Refusal, damaged};
use clearshore::Result;
use clearshore::scene::UtmZone;

const MODEL_PIXEL_SCALE_TAG: u16 = 33_550;
const MODEL_TIEPOINT_TAG: u16 = 33_922;
const MODEL_TRANSFORMATION_TAG: u16 = 34_264;
const GEO_KEY_DIRECTORY_TAG: u16 = 34_735;

const MODEL_TYPE_KEY: u64 = 1024;
const RASTER_TYPE_KEY: u64 = 1025;
const GEODETIC_CRS_KEY: u64 = 2048;
const GEODETIC_DATUM_KEY: u64 = 2050;
const PRIME_MERIDIAN_KEY: u64 = 2051;
const ANGULAR_UNITS_KEY: u64 = 2054;
const PROJECTED_CRS_KEY: u64 = 3072;
const LINEAR_UNITS_KEY: u64 = 3076;

const PROJECTED: u64 = 1;
const GEOGRAPHIC: u64 = 2;
const PIXEL_IS_POINT: u64 = 2;
const USER_DEFINED: u64 = 32_767;
/// EPSG: WGS 84, longitude and latitude; its datum; Greenwich; degree; metre.
const WGS84: u64 = 4326;
const WGS84_DATUM: u64 = 6326;
const GREENWICH: u64 = 8901;
const DEGREE: u64 = 9102;
const METRE: u64 = 9001;
/// Longitudes in which a raster may lie, degrees: those from -180 and from 0, and a margin.
const LONGITUDES: std::ops::RangeInclusive<f64> = -361.0..=541.0;

/// Coordinate system of a raster.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CoordinateSystem {
    /// Longitude and latitude on WGS84, degrees.
    Geographic,
    /// A UTM zone on WGS84, metres.
    Utm(UtmZone),
}

/// Place and size of a raster's pixels, in degrees or metres. Rows run from west to east, the first in
/// the north.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Georeference {
    /// Coordinate system.
    pub system: CoordinateSystem,
    /// Western edge of the first column.
    pub left: f64,
    /// Northern edge of the first row.
    pub top: f64,
    /// Width of a pixel.
    pub pixel_width: f64,
    /// Height of a pixel.
    pub pixel_height: f64,
}

impl Georeference {
    /// Column and row of a place: whole numbers on the western and northern edges of the pixels.
    pub fn pixel(&self, (x, y): (f64, f64)) -> [f64; 2] {
        [
            (x - self.left) / self.pixel_width,
            (self.top - y) / self.pixel_height,
        ]
    }

    pub(super) fn read(directory: &Directory, width: usize) -> std::result::Result<Self, Refusal> {
        let keys = Keys::read(directory)?;
        let system = coordinate_system(&keys)?;
        let [left, pixel_width, top, pixel_height] = transform(directory)?;
        // A point's place is its pixel's centre.
        let shift = if keys.get(RASTER_TYPE_KEY) == Some(PIXEL_IS_POINT) {
            0.5
        } else {
            0.0
        };
        let georeference = Self {
            system,
            left: left - shift * pixel_width,
            top: top + shift * pixel_height,
            pixel_width,
            pixel_height,
        };
        let right = georeference.left + width as f64 * pixel_width;
        if system == CoordinateSystem::Geographic
            && !(LONGITUDES.contains(&georeference.left) && LONGITUDES.contains(&right))
        {
            let got = format!("longitudes from {} to {right} degrees", georeference.left);
            return Err(damaged(got).into());
        }
        Ok(georeference)
    }
}

fn coordinate_system(keys: &Keys) -> std::result::Result<CoordinateSystem, Refusal> {
    let is = |key, value| keys.get(key).is_none_or(|got| got == value);
    let other = |what: String| Err(Refusal::not_supported(what));
    match keys.get(MODEL_TYPE_KEY) {
        Some(GEOGRAPHIC) => {
            let wgs84 = match keys.get(GEODETIC_CRS_KEY) {
                Some(WGS84) => true,
                Some(USER_DEFINED) => keys.get(GEODETIC_DATUM_KEY) == Some(WGS84_DATUM),
                _ => false,
            };
            if wgs84 && is(PRIME_MERIDIAN_KEY, GREENWICH) && is(ANGULAR_UNITS_KEY, DEGREE) {
                return Ok(CoordinateSystem::Geographic);
            }
            other(format!(
                "a geographic system with code {:?}",
                keys.get(GEODETIC_CRS_KEY)
            ))
        }
        Some(PROJECTED) => {
            let code = keys.get(PROJECTED_CRS_KEY);
            let zone = code
                .and_then(|code| u32::try_from(code).ok())
                .and_then(|code| UtmZone::from_epsg(code).ok());
            match zone {
                Some(zone) if is(LINEAR_UNITS_KEY, METRE) => Ok(CoordinateSystem::Utm(zone)),
                _ => other(format!("a projected system with code {code:?}")),
            }
        }
        model => other(format!("a coordinate system of the type {model:?}")),
    }
}

/// Western edge, width of a pixel, northern edge, height of a pixel, before a point's shift.
fn transform(directory: &Directory) -> std::result::Result<[f64; 4], Refusal> {
    let scale = directory.doubles(MODEL_PIXEL_SCALE_TAG)?;
    let tie = directory.doubles(MODEL_TIEPOINT_TAG)?;
    let transform = match (scale.as_deref(), tie.as_deref()) {
        (Some(&[width, height, ..]), Some(&[column, row, _, x, y, _])) => {
            [x - column * width, width, y + row * height, height]
        }
        _ => match directory.doubles(MODEL_TRANSFORMATION_TAG)?.as_deref() {
            Some(&[width, turn_x, _, left, turn_y, down, _, top, ..]) => {
                if turn_x != 0.0 || turn_y != 0.0 {
                    return Err(Refusal::not_supported("a rotated raster"));
                }
                [left, width, top, -down]
            }
            _ => return Err(Refusal::not_supported("a TIFF without a georeference")),
        },
    };
    let [_, width, _, height] = transform;
    if width < 0.0 || height < 0.0 {
        return Err(Refusal::not_supported("a mirrored raster"));
    }
    if !transform.iter().all(|number| number.is_finite()) || width == 0.0 || height == 0.0 {
        return Err(damaged(format!("pixels of {width} by {height}")).into());
    }
    Ok(transform)
}

/// The geo keys that hold one number.
pub(super) struct Keys(Vec<[u64; 4]>);

impl Keys {
    pub(super) fn read(directory: &Directory) -> Result<Self> {
        let numbers = directory
            .numbers(GEO_KEY_DIRECTORY_TAG)?
            .unwrap_or_default();
        let entries = numbers.as_chunks().0.iter().skip(1);
        Ok(Self(entries.copied().collect()))
    }

    pub(super) fn get(&self, key: u64) -> Option<u64> {
        let entry = self
            .0
            .iter()
            .find(|[id, location, ..]| *id == key && *location == 0);
        entry.map(|entry| entry[3])
    }
}
