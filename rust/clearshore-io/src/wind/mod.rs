//! Wind over a tile: from the weather forecast that came with the product, or given by a host.
//!
//! Wind that is missing is a normal case, and wind that can't be used is no reason to stop: what is wrong with it is said
//! in a sentence for the user.

#[cfg(feature = "gdal")]
mod forecast;
mod given;
#[cfg(all(test, feature = "gdal"))]
#[allow(clippy::unwrap_used)]
mod tests;

pub use given::of_json;

#[cfg(feature = "gdal")]
use crate::safe::{Product, ProductFile};
use clearshore::scene::WindGrid;
#[cfg(feature = "gdal")]
use clearshore::scene::{Grid, Nodes};
#[cfg(feature = "gdal")]
use forecast::Forecast;
#[cfg(feature = "gdal")]
use ndarray::Array2;

/// Distance between the nodes over a tile, metres: that of the grids of angles in the metadata. A forecast's nodes are
/// 9 to 20 km apart.
#[cfg(feature = "gdal")]
const STEP: f64 = 5_000.0;
/// Largest forecast that is read, bytes: those of products have under 2000.
#[cfg(feature = "gdal")]
const MAX_BYTES: u64 = 1 << 20;
/// Wind that no forecast has, m/s: of ten minutes none above 85 was ever measured (World Meteorological Organization,
/// tropical cyclones), so these are no speeds.
const NO_SPEED: f64 = 100.0;

/// Wind over a scene, and what the user should know about it, one sentence each.
pub type Found = (Option<WindGrid>, Vec<String>);

/// Wind over the tile of a product, on a grid of it, from the forecast in its auxiliary data. A forecast without wind, as in products before baseline 04.00, is nothing to tell.
#[cfg(feature = "gdal")]
pub fn of_product(product: &Product, grid: &Grid) -> Found {
    let Some(file) = product.ecmwf() else {
        return (None, Vec::new());
    };
    let wind = bytes(product, file)
        .and_then(Forecast::read)
        .and_then(|forecast| forecast.map(|it| over_tile(&it, grid)).transpose());
    match wind {
        Ok(wind) => (wind, Vec::new()),
        Err(reason) => (None, vec![unused(&product.place(file), &reason)]),
    }
}

/// The sentence for wind that is not used.
fn unused(place: &str, reason: &str) -> String {
    format!("the wind of {place} is not used: {reason}")
}

#[cfg(feature = "gdal")]
fn bytes(product: &Product, file: &ProductFile) -> Result<Vec<u8>, String> {
    if file.size > MAX_BYTES {
        return Err(format!(
            "{} bytes are too many for a forecast, {MAX_BYTES} are read",
            file.size
        ));
    }
    let source = product
        .open_file(file)
        .map_err(|error| error.what().to_owned())?;
    let mut bytes = vec![0; source.len().min(MAX_BYTES) as usize];
    source
        .read_exact_at(&mut bytes, 0)
        .map_err(|error| format!("the file can't be read, {error}"))?;
    Ok(bytes)
}

/// The forecast at nodes from the tile's upper-left corner to its far edges, or just beyond them.
#[cfg(feature = "gdal")]
fn over_tile(forecast: &Forecast, grid: &Grid) -> Result<WindGrid, String> {
    let (easting, northing) = grid.centre();
    let middle = grid.zone.geodetic(easting, northing);
    if !forecast.covers(middle) {
        return Err(format!(
            "it lies elsewhere, {forecast}, and the tile at {:.2} E, {:.2} N",
            middle.longitude.to_degrees(),
            middle.latitude.to_degrees()
        ));
    }
    let nodes = Nodes::from_corner(STEP, STEP);
    let count = |pixels: usize| (pixels as f64 * grid.pixel_size / STEP).ceil() as usize + 1;
    let shape = (count(grid.height), count(grid.width));
    let speeds = Array2::from_shape_fn(shape, |(row, column)| {
        let (east, south) = nodes.place(row, column);
        let place = grid
            .zone
            .geodetic(grid.easting + east, grid.northing - south);
        forecast.at(place)
    });
    Ok(WindGrid {
        eastward: speeds.map(|[eastward, _]| *eastward),
        northward: speeds.map(|[_, northward]| *northward),
        nodes,
    })
}

/// What is wrong with the first of some speeds that are no wind's; speeds that are not known are passed over.
fn no_wind(wind: &WindGrid) -> Option<String> {
    let pairs = wind.eastward.iter().zip(&wind.northward);
    let mut speeds = pairs.map(|(eastward, northward)| eastward.hypot(*northward));
    let speed = speeds.find(|speed| *speed > NO_SPEED)?;
    Some(format!(
        "it holds {speed:.1} m/s, and no wind has more than {NO_SPEED} m/s"
    ))
}
