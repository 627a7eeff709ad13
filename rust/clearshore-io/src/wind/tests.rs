use super::forecast::Forecast;
use super::over_tile;
use crate::safe_writer::UtcTime;
use crate::safe_writer::grib::tests::varied;
use clearshore::scene::{Geodetic, Grid, UtmZone};
use gdal::raster::RasterCreationOptions;
use gdal::spatial_ref::{AxisMappingStrategy, CoordTransform, SpatialRef};
use gdal::vsi::{create_mem_file, get_vsi_mem_file_bytes_owned, unlink_mem_file};
use gdal::{Dataset, DriverManager};

/// Nodes along a side of the forecasts that the writer makes.
const NODES: usize = 9;

fn tile(epsg: u32, easting: f64, northing: f64) -> Grid {
    Grid {
        zone: UtmZone::from_epsg(epsg).unwrap(),
        easting,
        northing,
        pixel_size: 20.0,
        height: 5_490,
        width: 5_490,
    }
}

/// North and south, in the middle of a zone and at its edge, on both sides of the antimeridian.
fn tiles() -> [Grid; 4] {
    [
        tile(32_631, 300_000.0, 4_900_020.0),
        tile(32_718, 199_980.0, 8_700_040.0),
        tile(32_701, 99_960.0, 8_200_000.0),
        tile(32_660, 799_980.0, 1_700_040.0),
    ]
}

fn time() -> UtcTime {
    UtcTime::parse("2024-01-20T10:53:41.024Z").unwrap()
}

/// A wind that grows evenly over the nodes.
fn wind(row: usize, column: usize) -> [f64; 2] {
    let (row, column) = (row as f64, column as f64);
    [
        -6.0 + 0.5 * column - 0.25 * row,
        3.0 + 0.25 * row + 0.125 * column,
    ]
}

fn message(grid: &Grid) -> Vec<u8> {
    varied(grid, time(), wind)
}

fn read(bytes: &[u8]) -> Result<Option<Forecast>, String> {
    Forecast::read(bytes.to_vec())
}

fn refused(bytes: &[u8]) -> String {
    read(bytes).unwrap_err()
}

/// Opens bytes with GDAL under a name of their own.
fn with_dataset<T>(name: &str, bytes: &[u8], look: impl FnOnce(&Dataset) -> T) -> T {
    let name = format!("/vsimem/clearshore-tests-{name}.grib");
    create_mem_file(&name, bytes.to_vec()).unwrap();
    let seen = look(&Dataset::open(&name).unwrap());
    unlink_mem_file(&name).unwrap();
    seen
}

#[test]
fn wind_over_the_tile_is_that_of_the_forecast_at_the_same_place() {
    for (number, grid) in tiles().into_iter().enumerate() {
        let bytes = message(&grid);
        let winds = over_tile(&read(&bytes).unwrap().unwrap(), &grid).unwrap();
        assert_eq!(winds.eastward.dim(), (23, 23));
        // Where GDAL sees the nodes, and where PROJ puts ours.
        let transform = with_dataset(&format!("place-{number}"), &bytes, |dataset| {
            assert_eq!(dataset.raster_size(), (NODES, NODES));
            dataset.geo_transform().unwrap()
        });
        let utm = SpatialRef::from_epsg(grid.zone.epsg()).unwrap();
        let mut degrees = SpatialRef::from_epsg(4_326).unwrap();
        degrees.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
        let to_degrees = CoordTransform::new(&utm, &degrees).unwrap();
        for ((row, column), eastward) in winds.eastward.indexed_iter() {
            let (east, south) = winds.nodes.place(row, column);
            assert_eq!((east, south), (column as f64 * 5e3, row as f64 * 5e3));
            let mut x = [grid.easting + east];
            let mut y = [grid.northing - south];
            to_degrees
                .transform_coords(&mut x, &mut y, &mut [])
                .unwrap();
            let [left, across, _, top, _, down] = transform;
            let mut i = (x[0] - left) / across - 0.5;
            if i < -10.0 {
                i += 360.0 / across;
            }
            if i > 100.0 {
                i -= 360.0 / across;
            }
            let i = i.clamp(0.0, 8.0);
            let j = ((y[0] - top) / down - 0.5).clamp(0.0, 8.0);
            let expected = [-6.0 + 0.5 * i - 0.25 * j, 3.0 + 0.25 * j + 0.125 * i];
            let ours = [*eastward, winds.northward[[row, column]]];
            for (ours, expected) in ours.into_iter().zip(expected) {
                assert!(
                    (ours - expected).abs() < 1e-3,
                    "{number}: {ours} {expected}"
                );
            }
        }
    }
}

#[test]
fn what_was_written_is_what_gdal_reads() {
    for (number, grid) in tiles().into_iter().enumerate() {
        with_dataset(&format!("written-{number}"), &message(&grid), |dataset| {
            use gdal::Metadata;
            for (index, (element, comment)) in [
                ("10U", "10 metre u wind component [m/s]"),
                ("10V", "10 metre v wind component [m/s]"),
            ]
            .into_iter()
            .enumerate()
            {
                let band = dataset.rasterband(index + 1).unwrap();
                let item = |key| band.metadata_item(key, "").unwrap();
                assert_eq!(item("GRIB_ELEMENT"), element);
                assert_eq!(item("GRIB_COMMENT"), comment);
                assert_eq!(item("GRIB_UNIT"), "[m/s]");
                // 2024-01-20T10:53Z.
                assert_eq!(item("GRIB_VALID_TIME"), "1705747980");
                let read = band.read_band_as::<f64>().unwrap();
                for (node, speed) in read.data().iter().enumerate() {
                    let expected = wind(node / NODES, node % NODES)[index];
                    assert!((speed - expected).abs() < 1e-3, "{speed} {expected}");
                }
            }
            // The nodes reach over the tile, and little farther.
            let [left, across, _, top, _, down] = dataset.geo_transform().unwrap();
            let corners = grid.corners();
            let (west, east) = (left + 0.5 * across, left + 8.5 * across);
            for Geodetic {
                longitude,
                latitude,
            } in corners
            {
                let mut longitude = longitude.to_degrees();
                if longitude < west - 10.0 {
                    longitude += 360.0;
                }
                if longitude > east + 10.0 {
                    longitude -= 360.0;
                }
                let (north, south) = (top + 0.5 * down, top + 8.5 * down);
                assert!(
                    west - 1e-6 <= longitude && longitude <= east + 1e-6,
                    "{west} {longitude} {east}"
                );
                let latitude = latitude.to_degrees();
                assert!(south - 1e-6 <= latitude && latitude <= north + 1e-6);
            }
            assert!((0.05..0.3).contains(&across) && (0.05..0.2).contains(&-down));
        });
    }
}

/// The same forecast in edition 2, by GDAL; perhaps without its first number.
fn edition_2(grid: &Grid, is_whole: bool) -> Vec<u8> {
    let name = format!("/vsimem/clearshore-tests-edition-2-{is_whole}.grib");
    with_dataset(
        &format!("edition-1-{is_whole}"),
        &message(grid),
        |dataset| {
            let memory = DriverManager::get_driver_by_name("MEM").unwrap();
            let mut copy = memory
                .create_with_band_type::<f64, _>("", NODES, NODES, 2)
                .unwrap();
            copy.set_geo_transform(&dataset.geo_transform().unwrap())
                .unwrap();
            copy.set_spatial_ref(&SpatialRef::from_epsg(4_326).unwrap())
                .unwrap();
            // Momentum, component u or v, 10 m above the ground.
            let mut options = RasterCreationOptions::new();
            for index in [1, 2] {
                let mut numbers = dataset
                    .rasterband(index)
                    .unwrap()
                    .read_band_as::<f64>()
                    .unwrap();
                let mut band = copy.rasterband(index).unwrap();
                if !is_whole {
                    band.set_no_data_value(Some(-999.0)).unwrap();
                    numbers.data_mut()[0] = -999.0;
                }
                band.write((0, 0), (NODES, NODES), &mut numbers).unwrap();
                for (key, value) in [
                    ("DISCIPLINE", "0".to_owned()),
                    ("PDS_PDTN", "0".to_owned()),
                    (
                        "PDS_TEMPLATE_ASSEMBLED_VALUES",
                        format!(
                            "2 {} 2 0 84 0 0 1 0 103 0 10 255 -127 -2147483647",
                            index + 1
                        ),
                    ),
                ] {
                    options
                        .set_name_value(&format!("BAND_{index}_{key}"), &value)
                        .unwrap();
                }
            }
            let driver = DriverManager::get_driver_by_name("GRIB").unwrap();
            copy.create_copy(&driver, &name, &options).unwrap();
        },
    );
    get_vsi_mem_file_bytes_owned(name).unwrap()
}

#[test]
fn edition_2_is_read_as_well() {
    let grid = tiles()[0];
    let bytes = edition_2(&grid, true);
    assert_eq!(bytes[7], 2);
    let [one, two] = [message(&grid), bytes].map(|bytes| read(&bytes).unwrap().unwrap());
    for corner in grid.corners() {
        for (one, two) in one.at(corner).into_iter().zip(two.at(corner)) {
            assert!((one - two).abs() < 1e-3, "{one} {two}");
        }
    }
}

#[test]
fn a_forecast_without_wind_or_with_one_component_has_none() {
    let mut bytes = message(&tiles()[0]);
    let length = bytes.len() / 2;
    assert!(read(&bytes[..length]).unwrap().is_none());
    // Octet 9 of the second message's section 1: the parameter, now pressure at sea level.
    bytes[length + 8 + 8] = 151;
    assert!(read(&bytes).unwrap().is_none());
}

#[test]
fn wind_that_no_forecast_has_is_refused() {
    let grid = tiles()[0];
    let stormy = varied(&grid, time(), |row, column| match (row, column) {
        (3, 4) => [90.0, -60.0],
        _ => [5.0, 5.0],
    });
    let reason = refused(&stormy);
    assert!(
        reason.contains("108.2 m/s") && reason.contains("100"),
        "{reason}"
    );
    let strong = varied(&grid, time(), |_, _| [60.0, -60.0]);
    assert!(read(&strong).unwrap().is_some());
    let elsewhere = over_tile(&read(&message(&grid)).unwrap().unwrap(), &tiles()[1]).unwrap_err();
    assert!(
        elsewhere.contains("lies elsewhere, 0.49 to 1.9"),
        "{elsewhere}"
    );
}

#[test]
fn missing_numbers_are_refused() {
    let bytes = edition_2(&tiles()[0], false);
    assert_eq!(refused(&bytes), "it is missing at 1 of 81 nodes");
}

#[test]
fn damaged_files_are_refused_and_leave_nothing() {
    let bytes = message(&tiles()[0]);
    assert_eq!(refused(&[]), "the file is empty");
    for other in [
        &b"GRIB"[..],
        &[0; 100],
        b"a forecast in words, not in numbers",
    ] {
        assert_eq!(
            refused(other),
            "it is damaged, no whole message is at byte 0"
        );
    }
    let length = bytes.len();
    for cut in 1..length {
        match read(&bytes[..cut]) {
            // One of the two messages.
            Ok(forecast) => assert!(forecast.is_none() && cut == length / 2),
            Err(reason) => assert!(reason.starts_with("it is damaged"), "{cut}: {reason}"),
        }
    }
    assert!(refused(&[&bytes[..], b"\n"].concat()).ends_with(&format!("at byte {length}")));
    // What says where and how much may be damaged: nothing panics, and what is read is a wind. (GDAL prints what it thinks
    // of other damage.) First what it is, then corners and steps, then the scale, the reference and numbers.
    let damaged = (16..17)
        .chain(46..52)
        .chain(53..63)
        .chain(72..78)
        .chain(79..90);
    for place in damaged.flat_map(|place| [place, length / 2 + place]) {
        for value in [0, 1, 0x7F, 0x80, 0xFF] {
            let mut damaged = bytes.clone();
            damaged[place] = value;
            if let Ok(Some(forecast)) = read(&damaged) {
                let middle = Geodetic::from_degrees(1.2, 43.8);
                let [eastward, northward] = forecast.at(middle);
                assert!(eastward.hypot(northward) <= 100.0, "{place} {value}");
            }
        }
    }
    let left = gdal::vsi::read_dir("/vsimem/", false).unwrap_or_default();
    let ours = |path: &&std::path::PathBuf| path.to_string_lossy().contains("clearshore-forecast");
    // Other tests may be reading at this moment.
    assert!(left.iter().filter(ours).count() < 16, "{left:?}");
}
