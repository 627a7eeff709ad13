//! The wind of a weather forecast in GRIB, edition 1 or 2, through GDAL's driver.

use super::no_wind;
use clearshore::scene::{Geodetic, Nodes, WindGrid};
use gdal::raster::RasterBand;
use gdal::vsi::create_mem_file_from_ref;
use gdal::{Dataset, DatasetOptions, DriverManager, Metadata};
use ndarray::Array2;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

/// GDAL's driver; a build of GDAL may lack it.
const DRIVER: &str = "GRIB";
/// Most nodes that are read: the forecasts of products have 81.
const MAX_NODES: usize = 10_000;
/// Level of the wind in GDAL's words, where its name does not hold it: 10 m above the ground.
const TEN_METRES: &str = "10-HTGL";
/// Metres a second in GDAL's words.
const METRES_A_SECOND: &str = "[m/s]";
/// Bytes before the sections of a message, in edition 2, and those after them (WMO, FM 92 GRIB).
const HEADER: usize = 16;
const END: &[u8] = b"7777";

/// Numbers of the files in GDAL's memory.
static FILES: AtomicU64 = AtomicU64::new(0);

/// How GDAL's tables call a component of the wind.
struct Component {
    /// Parameter 165 or 166 of ECMWF's table 128.
    ecmwf: &'static str,
    /// By the tables of WMO, at any level.
    general: &'static str,
    /// How its description begins, in small letters.
    description: &'static str,
}

/// Toward the east, and toward the north.
const COMPONENTS: [Component; 2] = [
    Component {
        ecmwf: "10U",
        general: "UGRD",
        description: "10 metre u wind component",
    },
    Component {
        ecmwf: "10V",
        general: "VGRD",
        description: "10 metre v wind component",
    },
];

impl Component {
    fn is(&self, band: &RasterBand<'_>) -> bool {
        let item = |key| band.metadata_item(key, "").unwrap_or_default();
        let element = item("GRIB_ELEMENT");
        element == self.ecmwf
            || element == self.general && item("GRIB_SHORT_NAME") == TEN_METRES
            || item("GRIB_COMMENT")
                .to_lowercase()
                .starts_with(self.description)
    }
}

/// Wind at nodes in longitude and latitude.
#[derive(Debug)]
pub(super) struct Forecast {
    /// Its lattice counts nodes, not metres.
    wind: WindGrid,
    place: Place,
}

/// Where its nodes lie.
#[derive(Clone, Copy, Debug)]
struct Place {
    /// Longitude and latitude of the first node, degrees.
    first: (f64, f64),
    /// Degrees from node to node, toward the east and the south.
    step: (f64, f64),
}

impl Forecast {
    /// Reads a forecast; none where it holds no wind. What is wrong with it is a part of a sentence.
    pub fn read(mut bytes: Vec<u8>) -> Result<Option<Self>, String> {
        check_messages(&bytes)?;
        if DriverManager::get_driver_by_name(DRIVER).is_err() {
            return Err("this GDAL was built without its driver for GRIB".into());
        }
        let number = FILES.fetch_add(1, Ordering::Relaxed);
        let name = format!("/vsimem/clearshore-forecast-{number}.grib");
        let unreadable = |error: gdal::errors::GdalError| format!("GDAL can't read it, {error}");
        // Goes when it is dropped, after the data set.
        let _file = create_mem_file_from_ref(&name, &mut bytes).map_err(unreadable)?;
        let options = DatasetOptions {
            allowed_drivers: Some(&[DRIVER]),
            ..DatasetOptions::default()
        };
        let dataset = Dataset::open_ex(&name, options).map_err(unreadable)?;
        let [eastward, northward] = COMPONENTS.map(|component| find(&dataset, &component));
        let (Some(eastward), Some(northward)) = (eastward, northward) else {
            return Ok(None);
        };
        let place = place(&dataset)?;
        let wind = WindGrid {
            eastward: speeds(&eastward)?,
            northward: speeds(&northward)?,
            nodes: Nodes::from_corner(1.0, 1.0),
        };
        match no_wind(&wind) {
            Some(reason) => Err(reason),
            None => Ok(Some(Self { wind, place })),
        }
    }

    /// Whether a place lies between its nodes, or no farther outside than the nodes are apart.
    pub fn covers(&self, place: Geodetic) -> bool {
        let (column, row) = self.position(place);
        let (rows, columns) = self.wind.eastward.dim();
        (-1.0..=columns as f64).contains(&column) && (-1.0..=rows as f64).contains(&row)
    }

    /// Speeds toward east and north, m/s; places outside take the nearest edge.
    pub fn at(&self, place: Geodetic) -> [f64; 2] {
        let (column, row) = self.position(place);
        self.wind.at(column, row).unwrap_or([f64::NAN; 2])
    }

    /// Column and row, counted in nodes. Longitudes are counted from the middle of the forecast, so that neither the
    /// antimeridian nor their beginning at 0 or -180 comes between.
    fn position(&self, place: Geodetic) -> (f64, f64) {
        let Place { first, step } = self.place;
        let middle = 0.5 * (self.wind.eastward.ncols() as f64 - 1.0);
        let centre = first.0 + middle * step.0;
        let from_centre = (place.longitude.to_degrees() - centre + 180.0).rem_euclid(360.0) - 180.0;
        (
            middle + from_centre / step.0,
            (first.1 - place.latitude.to_degrees()) / step.1,
        )
    }
}

/// Where it lies, for the user.
impl fmt::Display for Forecast {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (rows, columns) = self.wind.eastward.dim();
        let Place { first, step } = self.place;
        let (west, north) = first;
        let east = west + (columns as f64 - 1.0) * step.0;
        let south = north - (rows as f64 - 1.0) * step.1;
        write!(f, "{west:.2} to {east:.2} E, {south:.2} to {north:.2} N")
    }
}

/// Checks that the file is a row of whole messages. GDAL's driver prints on the standard output what it thinks of others.
fn check_messages(bytes: &[u8]) -> Result<(), String> {
    let mut rest = bytes;
    while !rest.is_empty() {
        // Octets 5 to 7 of edition 1, or 9 to 16 of edition 2, after four letters; octet 8 is the edition.
        let length = match rest {
            [b'G', b'R', b'I', b'B', a, b, c, 1, ..] => u32::from_be_bytes([0, *a, *b, *c]).into(),
            [b'G', b'R', b'I', b'B', _, _, _, 2, length @ ..] => length
                .first_chunk()
                .map_or(0, |octets| u64::from_be_bytes(*octets)),
            _ => 0,
        };
        let message = usize::try_from(length)
            .ok()
            .and_then(|it| rest.split_at_checked(it));
        match message {
            Some((message, others)) if message.len() > HEADER && message.ends_with(END) => {
                rest = others;
            }
            _ => {
                let place = bytes.len() - rest.len();
                return Err(format!(
                    "it is damaged, no whole message is at byte {place}"
                ));
            }
        }
    }
    if bytes.is_empty() {
        return Err("the file is empty".into());
    }
    Ok(())
}

fn find<'a>(dataset: &'a Dataset, component: &Component) -> Option<RasterBand<'a>> {
    (1..=dataset.raster_count())
        .filter_map(|index| dataset.rasterband(index).ok())
        .find(|band| component.is(band))
}

fn place(dataset: &Dataset) -> Result<Place, String> {
    let reference = dataset.spatial_ref().map_err(|error| error.to_string())?;
    let [left, across, turn_x, top, turn_y, down] =
        dataset.geo_transform().map_err(|error| error.to_string())?;
    let is_regular = reference.is_geographic()
        && !reference.is_derived_geographic()
        && (turn_x, turn_y) == (0.0, 0.0)
        && across > 0.0
        && down < 0.0
        && [left, across, top, down].iter().all(|it| it.is_finite());
    if !is_regular {
        return Err("its nodes are not regular in longitude and latitude".into());
    }
    let (columns, rows) = dataset.raster_size();
    if columns.saturating_mul(rows) > MAX_NODES {
        return Err(format!(
            "it has {columns} x {rows} nodes, at most {MAX_NODES} are read"
        ));
    }
    Ok(Place {
        first: (left + 0.5 * across, top + 0.5 * down),
        step: (across, -down),
    })
}

/// Speeds of one component, m/s, rows from the north; all of them are there.
fn speeds(band: &RasterBand<'_>) -> Result<Array2<f64>, String> {
    let unit = band.metadata_item("GRIB_UNIT", "").unwrap_or_default();
    if unit != METRES_A_SECOND {
        return Err(format!("its unit is '{unit}', and not '{METRES_A_SECOND}'"));
    }
    let buffer = band
        .read_band_as::<f64>()
        .map_err(|error| format!("GDAL can't read it, {error}"))?;
    let missing = band.no_data_value();
    let is_known = |speed: &f64| speed.is_finite() && Some(*speed) != missing;
    let unknown = buffer
        .data()
        .iter()
        .filter(|speed| !is_known(speed))
        .count();
    if unknown > 0 {
        return Err(format!(
            "it is missing at {unknown} of {} nodes",
            buffer.len()
        ));
    }
    let ((columns, rows), speeds) = buffer.into_shape_and_vec();
    Array2::from_shape_vec((rows, columns), speeds).map_err(|error| error.to_string())
}
