//! Ground that is always bright, on the working grid.

use crate::static_raster::StaticRaster;
use clearshore::Result;
use clearshore::scene::Grid;
use ndarray::Array2;
use std::path::Path;

const BRIGHT: StaticRaster = StaticRaster {
    name: "bright raster",
    quantity: "percentages of bright views",
    outside: 0,
    full: None,
};

/// In what percentage of its clear views the ground under each pixel's centre was bright, 0-100; 0 where the raster has no
/// data and outside it.
///
/// The first band of a GeoTIFF that [`crate::geotiff::GeoTiff`] reads, or, with the feature `gdal`, of any raster that
/// GDAL reads, in any projection, but not rotated. Fractions are rounded.
///
/// # Errors
/// Auxiliary: an unreadable, damaged or (without GDAL) unsupported raster, or other values.
pub fn read_bright_ground(path: &Path, grid: &Grid) -> Result<Array2<u8>> {
    BRIGHT.read(path, grid)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::geotiff::tests::{Place, encode_bytes};
    use crate::water::tests::shark_bay;
    use clearshore::ErrorKind;
    use std::fs;

    fn read(place: &Place, value: u8) -> Result<Array2<u8>> {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("bright.tif");
        fs::write(&path, encode_bytes(place, (50, 50), &[value; 2500])).unwrap();
        read_bright_ground(&path, &shark_bay(60, 70))
    }

    #[test]
    fn no_data_and_what_is_outside_are_not_bright() {
        let at = |no_data, value| {
            let place = Place {
                no_data,
                ..Place::geographic(112.9, -25.2, 0.01)
            };
            read(&place, value).map(|plane| plane[(30, 30)])
        };
        assert_eq!(at(None, 0).unwrap(), 0);
        assert_eq!(at(None, 73).unwrap(), 73);
        assert_eq!(at(Some("73"), 73).unwrap(), 0);
        assert_eq!(at(Some("255"), 255).unwrap(), 0);
        let part = read(&Place::geographic(112.9, -25.2, 0.00215), 42).unwrap();
        let bright = part.iter().filter(|percent| **percent == 42).count();
        let not = part.iter().filter(|percent| **percent == 0).count();
        assert!(bright > 0 && not > 0 && bright + not == part.len());
    }

    #[test]
    fn other_values_than_percentages_are_refused() {
        // The ocean of water rasters means nothing here.
        for value in [101, 255] {
            let error = read(&Place::geographic(112.9, -25.2, 0.01), value).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Auxiliary);
            let text = error.to_string();
            assert!(
                text.contains("bright raster") && text.contains(&value.to_string()),
                "{text}"
            );
        }
        let missing = read_bright_ground(Path::new("/nonexistent.tif"), &shark_bay(2, 2));
        assert_eq!(missing.unwrap_err().kind(), ErrorKind::Auxiliary);
    }
}
