//! Whether a product opens with the metadata that `tests/reference/product_metadata.py` reads from it.
#![allow(dead_code, clippy::unwrap_used)]

use clearshore::ErrorKind;
use clearshore::scene::{AngleGrid, Band, Direction};
use clearshore_io::safe::{MaskFormat, MaskKind, Product};
use serde_json::Value;
use std::f64::consts::TAU;

pub fn numbers(value: &Value) -> Vec<f64> {
    let list = value.as_array().unwrap();
    list.iter().map(|v| v.as_f64().unwrap()).collect()
}

pub fn close(got: f64, expected: f64, tolerance: f64, what: &str) {
    let difference = (got - expected).abs();
    assert!(difference <= tolerance, "{what}: {got} is not {expected}");
}

fn check_direction(got: Direction, expected: &Value, what: &str) {
    let expected = numbers(expected);
    close(got.zenith.to_degrees(), expected[0], 1e-9, what);
    close(
        got.azimuth.to_degrees(),
        expected[1].rem_euclid(360.0),
        1e-9,
        what,
    );
    assert!((0.0..TAU).contains(&got.azimuth));
}

fn check_grid(got: &AngleGrid, expected: &Value, what: &str) {
    let shape = numbers(&expected["shape"]);
    assert_eq!(
        got.zenith.dim(),
        (shape[0] as usize, shape[1] as usize),
        "{what}"
    );
    assert_eq!(got.azimuth.dim(), got.zenith.dim());
    assert_eq!(
        (got.nodes.row_step, got.nodes.column_step),
        (5000.0, 5000.0)
    );
    let known = || {
        got.zenith
            .iter()
            .zip(&got.azimuth)
            .filter(|(z, a)| !z.is_nan() && !a.is_nan())
    };
    assert_eq!(
        known().count(),
        expected["known"].as_u64().unwrap() as usize,
        "{what}"
    );
    let zenith_sum: f64 = known().map(|(z, _)| z.to_degrees()).sum();
    close(
        zenith_sum,
        expected["zenithSum"].as_f64().unwrap(),
        1e-7,
        what,
    );
    let sine_sum: f64 = known().map(|(_, a)| a.sin()).sum();
    close(
        sine_sum,
        expected["azimuthSineSum"].as_f64().unwrap(),
        1e-8,
        what,
    );
    for name in ["first", "last"] {
        if !expected[name].is_null() {
            let node = numbers(&expected[name]);
            let index = [node[0] as usize, node[1] as usize];
            close(got.zenith[index].to_degrees(), node[2], 1e-9, what);
            close(
                got.azimuth[index].to_degrees(),
                node[3].rem_euclid(360.0),
                1e-9,
                what,
            );
        }
    }
}

pub fn check_tile(product: &Product, expected: &Value, what: &str) {
    let tile = product.tile();
    assert_eq!(tile.granule_id, expected["granule"], "{what}");
    assert_eq!(
        tile.sensing_time.as_deref(),
        expected["sensingTime"].as_str()
    );
    assert_eq!(tile.cloudy_percentage, expected["cloudy"].as_f64());
    assert_eq!(tile.degraded_percentage, expected["degraded"].as_f64());
    for size in [10, 20, 60] {
        let grid = product.grid(size).unwrap();
        let (sizes, origin) = (
            numbers(&expected["sizes"][size.to_string()]),
            numbers(&expected["origins"][size.to_string()]),
        );
        assert_eq!(
            (grid.height as f64, grid.width as f64),
            (sizes[0], sizes[1])
        );
        assert_eq!((grid.easting, grid.northing), (origin[0], origin[1]));
        assert_eq!(
            u64::from(grid.zone.epsg()),
            expected["epsg"].as_u64().unwrap()
        );
        assert_eq!(grid.pixel_size, f64::from(size));
    }
    let angles = product.angles();
    match (&angles.mean_sun, &expected["meanSun"]) {
        (None, Value::Null) => {}
        (got, expected) => check_direction(got.unwrap(), expected, what),
    }
    match (&angles.sun, &expected["sun"]) {
        (None, Value::Null) => {}
        (got, expected) => check_grid(got.as_ref().unwrap(), expected, what),
    }
    let views = expected["views"].as_object().unwrap();
    assert_eq!(angles.views.len(), views.len(), "{what}: view grids");
    for ((band, detector), grid) in &angles.views {
        check_grid(grid, &views[&format!("{band}-{detector}")], what);
    }
    let means = expected["meanViews"].as_object().unwrap();
    assert_eq!(angles.mean_views.len(), means.len());
    for (band, mean) in &angles.mean_views {
        check_direction(*mean, &means[band.name()], what);
    }
}

pub fn check_product(product: &Product, expected: &Value, what: &str) {
    let metadata = product.metadata();
    assert_eq!(
        metadata.name.as_deref(),
        expected["name"].as_str(),
        "{what}"
    );
    assert_eq!(metadata.spacecraft, expected["spacecraft"]);
    assert_eq!(metadata.level, "Level-1C");
    assert_eq!(metadata.product_type, expected["productType"]);
    assert_eq!(metadata.baseline.to_string(), expected["baseline"]);
    assert_eq!(
        metadata.start_time.as_deref(),
        expected["startTime"].as_str()
    );
    assert_eq!(
        metadata.datatake_id.as_deref(),
        expected["datatake"].as_str()
    );
    assert_eq!(
        metadata.orbit_number.map(u64::from),
        expected["orbit"].as_u64()
    );
    assert_eq!(
        metadata.orbit_direction.as_deref(),
        expected["direction"].as_str()
    );
    assert_eq!(
        u64::from(metadata.no_data_dn),
        expected["special"]["NODATA"]
    );
    assert_eq!(
        u64::from(metadata.saturated_dn),
        expected["special"]["SATURATED"]
    );
    assert_eq!(metadata.reflectance_conversion, expected["u"].as_f64());
    assert_eq!(
        metadata.solar_irradiance.len(),
        expected["irradiance"].as_object().unwrap().len()
    );
    for (band, irradiance) in &metadata.solar_irradiance {
        assert_eq!(
            Some(*irradiance),
            expected["irradiance"][band.name()].as_f64()
        );
    }
    let offsets = numbers(&expected["offsets"]);
    for band in Band::ALL {
        let radiometry = product.radiometry(band);
        assert_eq!(
            f64::from(radiometry.offset),
            offsets[band.index()],
            "{what} {band}"
        );
        assert_eq!(
            Some(radiometry.quantification),
            expected["quantification"].as_f64()
        );
    }
}

pub fn check_files(product: &Product, expected: &Value, what: &str) {
    let missing: Vec<&str> = product.missing_bands().iter().map(|b| b.name()).collect();
    let expected_missing = expected["missing"].as_array().unwrap();
    assert_eq!(
        missing,
        expected_missing
            .iter()
            .map(|v| v.as_str().unwrap())
            .collect::<Vec<_>>(),
        "{what}"
    );
    let footprints = product
        .masks()
        .iter()
        .filter(|((kind, _), _)| *kind == MaskKind::Detfoo);
    assert_eq!(
        footprints.clone().count() as u64,
        expected["footprints"].as_u64().unwrap(),
        "{what}"
    );
    for ((_, band), mask) in footprints {
        assert!(band.is_some());
        let format = if mask.format == MaskFormat::Raster {
            "jp2"
        } else {
            "gml"
        };
        assert_eq!(format, expected["footprintFormat"]);
    }
    assert_eq!(
        product.ecmwf().is_some(),
        expected["ecmwf"].as_bool().unwrap(),
        "{what}"
    );
    for band in Band::ALL {
        if let Some(file) = product.band_file(band) {
            assert_eq!(product.open_band(band).unwrap().len(), file.size);
        } else {
            assert_eq!(
                product.open_band(band).err().unwrap().kind(),
                ErrorKind::Product
            );
        }
    }
}
