use super::*;
use crate::geotiff::tests::{Place, encode_bytes};
use clearshore::ErrorKind;
use clearshore::scene::UtmZone;
use std::fs;

fn grid() -> Grid {
    shark_bay(60, 70)
}

/// Rows and columns of 20 m in Shark Bay.
pub fn shark_bay(height: usize, width: usize) -> Grid {
    Grid {
        zone: UtmZone::from_epsg(32_749).unwrap(),
        easting: 699_960.0,
        northing: 7_200_020.0,
        pixel_size: 20.0,
        height,
        width,
    }
}

fn read(place: &Place, value: u8) -> Result<Array2<u8>> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("water.tif");
    fs::write(&path, encode_bytes(place, (50, 50), &[value; 2500])).unwrap();
    read_water_occurrence(&path, &grid())
}

#[test]
fn ocean_is_water_unless_the_raster_calls_it_no_data() {
    let percent = |no_data, value| {
        let place = Place {
            no_data,
            ..Place::geographic(112.9, -25.2, 0.01)
        };
        read(&place, value).map(|plane| plane[(30, 30)])
    };
    assert_eq!(percent(None, 0).unwrap(), 0);
    assert_eq!(percent(None, 42).unwrap(), 42);
    assert_eq!(percent(None, 255).unwrap(), 100);
    assert_eq!(percent(Some("0"), 255).unwrap(), 100);
    assert_eq!(percent(Some("255"), 255).unwrap(), UNKNOWN_PERCENT);
    assert_eq!(percent(Some("0"), 0).unwrap(), UNKNOWN_PERCENT);
    let error = percent(None, 101).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Auxiliary);
    assert!(
        error.to_string().contains("101") && error.to_string().contains("water.tif"),
        "{error}"
    );
}

#[test]
fn outside_the_raster_nothing_is_known() {
    let plane = read(&Place::geographic(12.9, -25.2, 0.01), 42).unwrap();
    assert!(plane.iter().all(|percent| *percent == UNKNOWN_PERCENT));
    let part = read(&Place::geographic(112.9, -25.2, 0.00215), 42).unwrap();
    let known = part.iter().filter(|percent| **percent == 42).count();
    assert!((1..part.len()).contains(&known), "{known}");
}

#[test]
fn fractions_are_rounded() {
    assert_eq!(WATER.percent(Some(41.6)).unwrap(), 42);
    assert_eq!(WATER.percent(Some(-0.4)).unwrap(), 0);
    assert_eq!(WATER.percent(Some(100.4)).unwrap(), 100);
    assert!(WATER.percent(Some(100.6)).is_err());
    assert!(WATER.percent(Some(f64::INFINITY)).is_err());
    assert_eq!(WATER.percent(None).unwrap(), UNKNOWN_PERCENT);
}

#[test]
fn what_is_no_raster_is_an_auxiliary_error() {
    let folder = tempfile::tempdir().unwrap();
    let text = folder.path().join("text.tif");
    fs::write(&text, "not a raster").unwrap();
    for path in [Path::new("/nonexistent.tif"), &text, folder.path()] {
        let error = read_water_occurrence(path, &grid()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Auxiliary, "{error}");
    }
}
