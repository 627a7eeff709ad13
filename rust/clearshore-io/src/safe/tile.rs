//! The tile's metadata: `MTD_TL.xml`, `S2x_OPER_MTD_L1C_TL_*.xml` before the compact format, or
//! `metadata.xml` of the AWS layout: geocoding, angles and quality figures.
//!
//! Source: Sentinel-2 Products Specification Document, S2-PDGS-TAS-DI-PSD, versions 13 to 15.

use super::metadata::{band_of, per_band};
use super::xml::Element;
use clearshore::scene::{AngleGrid, Angles, Direction, Grid, Nodes, UtmZone};
use clearshore::{Error, Result};
use ndarray::{Array2, Zip};
use std::collections::BTreeMap;

/// Largest number of rows or columns of a band.
const MAX_SIZE: usize = 65_535;
/// Largest sensible absolute coordinate in a UTM zone, metres.
const MAX_COORDINATE: f64 = 2e7;
/// Most rows or columns of an angle grid; a tile has 23.
const MAX_NODES: usize = 4_096;
/// Largest detector number of the instrument.
pub(crate) const MAX_DETECTOR: u8 = 12;
/// Largest zenith angle, degrees.
const MAX_ZENITH: f64 = 180.0;
/// Largest absolute azimuth, degrees.
const MAX_AZIMUTH: f64 = 360.0;

/// What the tile's metadata says.
#[derive(Clone, Debug, PartialEq)]
pub struct TileMetadata {
    /// TILE_ID: `S2B_OPER_MSI_L1C_TL_VGS1_20200929T213343_A018629_T10SEH_N02.09`.
    pub granule_id: String,
    /// Name of the tile, `T10SEH`.
    pub tile_id: String,
    /// DATASTRIP_ID.
    pub datastrip_id: Option<String>,
    /// SENSING_TIME of the tile, ISO 8601.
    pub sensing_time: Option<String>,
    /// Grid of each native pixel size, by metres.
    pub grids: BTreeMap<u32, Grid>,
    /// All angles.
    pub angles: Angles,
    /// CLOUDY_PIXEL_PERCENTAGE.
    pub cloudy_percentage: Option<f64>,
    /// DEGRADED_MSI_DATA_PERCENTAGE: lost or degraded image packets.
    pub degraded_percentage: Option<f64>,
    /// NODATA_PIXEL_PERCENTAGE, which few baselines have.
    pub no_data_percentage: Option<f64>,
    /// SNOW_PIXEL_PERCENTAGE, from baseline 04.00 on.
    pub snow_percentage: Option<f64>,
}

impl TileMetadata {
    /// Reads the metadata of a Level-1C tile; any other level is refused by its name.
    pub fn read(root: Element) -> Result<Self> {
        super::refuse::wrong_root(root, "Level-1C_Tile_ID")?;
        let general = root.get(&["General_Info"])?;
        let id_element = general.get(&["TILE_ID"])?;
        let granule_id = id_element.filled()?;
        let tile_id = tile_of(granule_id).ok_or_else(|| {
            id_element
                .error("the granule's identifier names no tile")
                .got(granule_id)
                .expected("a part like _T10SEH_")
        })?;
        let geometric = root.get(&["Geometric_Info"])?;
        let text = |path: &[&'static str]| general.find(path).map(|e| e.text().to_owned());
        let percentage = |name: &'static str| {
            root.find(&["Quality_Indicators_Info", "Image_Content_QI", name])
                .map(|element| {
                    element.value("a percentage", |value: &f64| (0.0..=100.0).contains(value))
                })
                .transpose()
        };
        Ok(Self {
            granule_id: granule_id.into(),
            tile_id: tile_id.into(),
            datastrip_id: text(&["DATASTRIP_ID"]),
            sensing_time: text(&["SENSING_TIME"]),
            grids: read_grids(geometric.get(&["Tile_Geocoding"])?)?,
            angles: read_angles(geometric)?,
            cloudy_percentage: percentage("CLOUDY_PIXEL_PERCENTAGE")?,
            degraded_percentage: percentage("DEGRADED_MSI_DATA_PERCENTAGE")?,
            no_data_percentage: percentage("NODATA_PIXEL_PERCENTAGE")?,
            snow_percentage: percentage("SNOW_PIXEL_PERCENTAGE")?,
        })
    }
}

/// The name of the tile in a granule's identifier or folder: the part like `T10SEH`.
pub(super) fn tile_of(identifier: &str) -> Option<&str> {
    identifier.split('_').find(|part| {
        let kinds = [b'T', b'0', b'0', b'A', b'A', b'A'];
        part.len() == kinds.len()
            && part.bytes().zip(kinds).all(|(byte, kind)| match kind {
                b'0' => byte.is_ascii_digit(),
                b'A' => byte.is_ascii_uppercase(),
                letter => byte == letter,
            })
    })
}

fn read_grids(geocoding: Element) -> Result<BTreeMap<u32, Grid>> {
    let code = geocoding.get(&["HORIZONTAL_CS_CODE"])?;
    let zone = code
        .text()
        .strip_prefix("EPSG:")
        .and_then(|number| number.parse().ok())
        .ok_or_else(|| {
            code.error("the coordinate system is not understood")
                .got(format!("{:?}", code.text()))
                .expected("EPSG:326xx or EPSG:327xx")
        })
        .and_then(|epsg| UtmZone::from_epsg(epsg).map_err(|error| error.at(code.place())))?;
    let resolution = |element: Element| {
        element.attribute_value("resolution", "10, 20 or 60", |metres: &u32| {
            [10, 20, 60].contains(metres)
        })
    };

    let mut origins = BTreeMap::new();
    for position in geocoding.children("Geoposition") {
        let metres = resolution(position)?;
        let number = |name, expected: &str, accept: &dyn Fn(f64) -> bool| {
            position
                .get(&[name])?
                .value(expected, |value: &f64| accept(*value))
        };
        let coordinate = |value: f64| value.abs() <= MAX_COORDINATE;
        let size = f64::from(metres);
        let origin = (
            number("ULX", "a UTM coordinate", &coordinate)?,
            number("ULY", "a UTM coordinate", &coordinate)?,
        );
        number("XDIM", "the pixel size", &|value| value == size)?;
        number("YDIM", "the pixel size with a minus", &|value| {
            value == -size
        })?;
        origins.insert(metres, origin);
    }
    let mut grids = BTreeMap::new();
    for size in geocoding.children("Size") {
        let metres = resolution(size)?;
        let count = |name| {
            size.get(&[name])?
                .value("a number from 1 to 65535", |count: &usize| {
                    (1..=MAX_SIZE).contains(count)
                })
        };
        let (easting, northing) = *origins.get(&metres).ok_or_else(|| {
            geocoding
                .error(format!("the position of the {metres} m grid is missing"))
                .expected(format!("Geoposition with resolution {metres}"))
        })?;
        let grid = Grid {
            zone,
            easting,
            northing,
            pixel_size: f64::from(metres),
            height: count("NROWS")?,
            width: count("NCOLS")?,
        };
        grids.insert(metres, grid);
    }
    if grids.is_empty() {
        return Err(geocoding
            .error("the sizes of the grids are missing")
            .expected("Size with resolution 10, 20 and 60"));
    }
    Ok(grids)
}

/// Reads `Tile_Angles`; what is not there, or empty, is absent.
pub(super) fn read_angles(geometric: Element) -> Result<Angles> {
    let Some(angles) = geometric.find(&["Tile_Angles"]) else {
        return Ok(Angles::default());
    };
    let mut views = BTreeMap::new();
    for element in angles.children("Viewing_Incidence_Angles_Grids") {
        let band = band_of(element, "bandId")?;
        let detector =
            element.attribute_value("detectorId", "a detector, 1 to 12", |id: &u8| {
                (1..=MAX_DETECTOR).contains(id)
            })?;
        if let Some(grid) = read_grid(element)?
            && views.insert((band, detector), grid).is_some()
        {
            return Err(element.error(format!(
                "the angles of {band}, detector {detector}, stand twice"
            )));
        }
    }
    Ok(Angles {
        sun: angles
            .find(&["Sun_Angles_Grid"])
            .map(read_grid)
            .transpose()?
            .flatten(),
        mean_sun: angles
            .find(&["Mean_Sun_Angle"])
            .map(read_direction)
            .transpose()?,
        views,
        mean_views: per_band(
            angles.descendants("Mean_Viewing_Incidence_Angle"),
            "bandId",
            read_direction,
        )?,
    })
}

fn read_direction(element: Element) -> Result<Direction> {
    let angle = |name, expected: &str, max: f64| {
        element
            .get(&[name])?
            .value(expected, |value: &f64| value.abs() <= max)
    };
    Ok(Direction::from_degrees(
        angle("ZENITH_ANGLE", "a zenith angle in degrees", MAX_ZENITH)?,
        angle("AZIMUTH_ANGLE", "an azimuth in degrees", MAX_AZIMUTH)?,
    ))
}

/// Reads a grid of zenith angles and azimuths in degrees; `None` when it holds no node.
fn read_grid(element: Element) -> Result<Option<AngleGrid>> {
    let plane = |name, max: f64| -> Result<(Array2<f64>, [f64; 2])> {
        let plane = element.get(&[name])?;
        let step = |name| {
            plane
                .get(&[name])?
                .value("a distance in metres above 0", |step: &f64| {
                    *step > 0.0 && step.is_finite()
                })
        };
        let steps = [step("ROW_STEP")?, step("COL_STEP")?];
        Ok((read_nodes(plane.get(&["Values_List"])?, max)?, steps))
    };
    let (mut zenith, steps) = plane("Zenith", MAX_ZENITH)?;
    let (mut azimuth, azimuth_steps) = plane("Azimuth", MAX_AZIMUTH)?;
    if zenith.dim() != azimuth.dim() || steps != azimuth_steps {
        return Err(element
            .error("the grids of zenith angles and azimuths differ in shape or step")
            .got(format!("{:?} every {azimuth_steps:?} m", azimuth.dim()))
            .expected(format!("{:?} every {steps:?} m", zenith.dim())));
    }
    if zenith.is_empty() {
        return Ok(None);
    }
    Zip::from(&mut zenith)
        .and(&mut azimuth)
        .for_each(|zenith, azimuth| {
            let direction = Direction::from_degrees(*zenith, *azimuth);
            (*zenith, *azimuth) = (direction.zenith, direction.azimuth);
        });
    let [row_step, column_step] = steps;
    Ok(Some(AngleGrid {
        zenith,
        azimuth,
        nodes: Nodes::from_corner(row_step, column_step),
    }))
}

/// Numbers of `VALUES` rows, in degrees; NaN is an unknown node.
fn read_nodes(list: Element, max: f64) -> Result<Array2<f64>> {
    let mut numbers = Vec::new();
    let (mut rows, mut columns) = (0, 0);
    for row in list.children("VALUES") {
        let before = numbers.len();
        for text in row.text().split_ascii_whitespace() {
            let number = text.parse::<f64>().ok();
            let number = number
                .filter(|n| n.is_nan() || n.abs() <= max)
                .ok_or_else(|| {
                    row.error(format!(
                        "row {rows} of an angle grid holds something else than an angle"
                    ))
                    .got(format!("{text:?}"))
                    .expected(format!("degrees up to {max}, or NaN"))
                })?;
            numbers.push(number);
        }
        let count = numbers.len() - before;
        if count == 0 && rows == 0 {
            continue;
        }
        if rows == 0 {
            columns = count;
        }
        rows += 1;
        if count != columns || columns > MAX_NODES || rows > MAX_NODES {
            return Err(row
                .error("the rows of an angle grid differ in length, or are too many or too long")
                .got(format!("{count} values in row {}", rows - 1))
                .expected(format!("{columns}, at most {MAX_NODES} rows and columns")));
        }
    }
    Array2::from_shape_vec((rows, columns), numbers)
        .map_err(|error| Error::internal("an angle grid has a wrong shape").caused_by(error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tile_is_found_in_identifiers_and_folder_names() {
        for (identifier, tile) in [
            (
                "S2B_OPER_MSI_L1C_TL_VGS1_20200929T213343_A018629_T10SEH_N02.09",
                Some("T10SEH"),
            ),
            ("L1C_T01LAC_A026481_20200717T221944", Some("T01LAC")),
            ("S2A_OPER_MSI_L1C_T32TQR_N01.03", Some("T32TQR")),
            ("FOO", None),
            ("T1OSEH", None),
            ("T10seh", None),
        ] {
            assert_eq!(tile_of(identifier), tile);
        }
    }
}
