//! Golden heights.

use super::*;
use crate::geotiff::CoordinateSystem;

pub fn shared(name: &str) -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared")
        .join(name);
    if !path.exists() {
        eprintln!("skipped: {} is not there", path.display());
        return None;
    }
    Some(path)
}

#[test]
fn golden_heights_are_the_bilinear_surface() {
    let Some(golden) = shared("golden/relief") else {
        return;
    };
    for window in ["B_riviera", "D_synthetic"] {
        let raster = GeoTiff::open(&golden.join(format!("{window}.height_dm.tif"))).unwrap();
        let place = *raster.georeference();
        let CoordinateSystem::Utm(zone) = place.system else {
            panic!("no UTM");
        };
        let (rows, columns) = raster.shape();
        let whole = crate::window::Window {
            row: 0,
            column: 0,
            rows,
            columns,
        };
        let truth = raster
            .read_window(&whole, |value| Ok(value.unwrap() / 10.0))
            .unwrap();
        let centre = |row: usize, column: usize| {
            let x = place.left + (column as f64 + 0.5) * place.pixel_width;
            zone.geodetic(x, place.top - (row as f64 + 0.5) * place.pixel_height)
        };
        let corners = [
            (0, 0),
            (0, columns - 1),
            (rows - 1, 0),
            (rows - 1, columns - 1),
        ];
        let places = corners.map(|(row, column)| centre(row, column));
        let [west, south, east, north] = raster::extent_around(
            places
                .iter()
                .map(|place| (place.longitude.to_degrees(), place.latitude.to_degrees())),
        );
        let patch = over(
            &golden.join("dem"),
            [west - 0.01, south - 0.01, east + 0.01, north + 0.01],
        );
        let mut worst = 0.0_f64;
        for ((row, column), truth) in truth.indexed_iter() {
            let (r, c) = patch.node_position(centre(row, column));
            worst = worst.max((patch.height(r, c) - truth).abs());
        }
        // Rounded to decimetres.
        assert!(worst <= 0.0501, "{window}: {worst} m");
    }
}
