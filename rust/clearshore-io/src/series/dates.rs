//! The products of a series: of one tile, the earliest first.

use crate::output;
use crate::safe::Product;
use clearshore::scene::{Band, Grid};
use clearshore::temporal::BANDS;
use clearshore::{Error, Result};
use std::path::PathBuf;

/// A date of the series.
pub struct Date {
    pub(super) path: PathBuf,
    pub(super) product: Product,
    pub(super) name: String,
    pub(super) time: String,
}

/// Opens products of one tile, the earliest first; also gives their grid.
///
/// # Errors
/// Product: one can't be opened, lacks a band or has no sensing time. Parameter: they are not of one tile, one is there twice.
pub fn open_dates(
    paths: &[PathBuf],
    granule: Option<&str>,
    resolution: u32,
) -> Result<(Vec<Date>, Grid)> {
    let mut dates = Vec::new();
    for path in paths {
        let product = Product::open(path, granule)?;
        let missing: Vec<&str> = BANDS
            .iter()
            .filter(|band| product.band_file(**band).is_none())
            .map(|band| band.name())
            .collect();
        if !missing.is_empty() {
            return Err(Error::product("a series needs ten bands of every product")
                .at(path.display())
                .got(format!("no {}", missing.join(", no ")))
                .expected(BANDS.map(Band::name).join(", ")));
        }
        let time = product.tile().sensing_time.clone();
        let time = time
            .or_else(|| product.metadata().start_time.clone())
            .ok_or_else(|| {
                Error::product("the product does not say when it was sensed").at(path.display())
            })?;
        dates.push(Date {
            path: path.clone(),
            name: output::stem(&product),
            product,
            time,
        });
    }
    dates.sort_by(|a, b| (&a.time, &a.name).cmp(&(&b.time, &b.name)));
    let Some(first) = dates.first() else {
        return Err(Error::parameter("a series needs products").expected("two at least"));
    };
    let grid = first.product.grid(resolution)?;
    for pair in dates.windows(2) {
        if pair[0].name == pair[1].name {
            return Err(Error::parameter("a product is there twice")
                .got(format!(
                    "{} and {}",
                    pair[0].path.display(),
                    pair[1].path.display()
                ))
                .expected(format!("'{}' once", pair[0].name)));
        }
        let tiles = [&pair[0], &pair[1]].map(|date| date.product.tile().tile_id.as_str());
        if tiles[0] != tiles[1] || pair[1].product.grid(resolution)? != grid {
            return Err(
                Error::parameter("the products of a series are not of one tile")
                    .got(format!(
                        "{}: {}, {}: {}",
                        pair[0].name, tiles[0], pair[1].name, tiles[1]
                    ))
                    .expected("the same tile and the same grid")
                    .advice("make a series of each tile"),
            );
        }
    }
    Ok((dates, grid))
}

/// Name of the tile for files: T31TCJ.
pub(super) fn tile_of(dates: &[Date]) -> String {
    let tile = dates
        .first()
        .map_or("", |date| date.product.tile().tile_id.as_str());
    let tile: String = tile.chars().filter(char::is_ascii_alphanumeric).collect();
    match tile.starts_with(|first: char| first.is_ascii_digit()) {
        true => format!("T{tile}"),
        false => tile,
    }
}
