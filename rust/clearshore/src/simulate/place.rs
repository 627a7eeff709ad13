//! Where a simulated scene lies: from a place to the grid and the tile's name.
//!
//! Sources: NGA.SIG.0012 and NGA.STND.0037 (Military Grid Reference System); the corner of a tile as in
//! Sentinel-2 products, which align it with multiples of 60 m outwards of its 100 km square.

use crate::scene::{Geodetic, Grid, UtmZone};
use crate::{Error, Result};

/// Pixel size of the grid, metres.
const PIXEL_SIZE: f64 = 10.0;
/// Rows and columns of a whole tile.
const FULL_SIZE: usize = 10_980;
/// Least number of rows that a user can ask for (free choice).
const LEAST_SIZE: usize = 549;
/// Rows are a multiple of this, so that pixels of 60 m fill the grid.
const SIZE_STEP: usize = 6;
/// Corners are multiples of this, metres east of 0 and north of the equator.
const CORNER_STEP: f64 = 60.0;
/// Side of a square of the Military Grid Reference System, metres.
const SQUARE: f64 = 100_000.0;
/// Latitude bands of 8 degrees from 80 degrees south; the last one has 12.
const LATITUDE_BANDS: &[u8] = b"CDEFGHJKLMNPQRSTUVWX";
/// Height and southern end of the latitude bands, degrees.
const BAND_HEIGHT_AND_START: (f64, f64) = (8.0, -80.0);
/// Letters of the columns of squares in zones 1, 4, 7..., in 2, 5, 8... and in 3, 6, 9...
const COLUMN_LETTERS: [&[u8]; 3] = [b"ABCDEFGH", b"JKLMNPQR", b"STUVWXYZ"];
/// Letters of the rows of squares, from the equator in odd zones.
const ROW_LETTERS: &[u8] = b"ABCDEFGHJKLMNPQRSTUV";
/// Even zones start with the sixth letter.
const EVEN_ZONE_OFFSET: i64 = 5;

/// The place of a scene.
#[derive(Clone, Debug, PartialEq)]
pub struct Place {
    /// The 10 m grid.
    pub grid: Grid,
    /// The tile's name in the Military Grid Reference System: `31TCJ`.
    pub tile: String,
}

impl Place {
    /// The scene around a place in degrees north and east. `size`: rows and columns of the 10 m grid,
    /// 549 to 10980, rounded up to a multiple of 6. A whole tile (10980) is the Sentinel-2 tile of the
    /// 100 km square in which the place lies; smaller scenes have the place in their middle.
    ///
    /// # Errors
    /// A parameter error for a size or a place that can't be.
    pub fn new(latitude: f64, longitude: f64, size: usize) -> Result<Self> {
        if !(LEAST_SIZE..=FULL_SIZE).contains(&size) {
            return Err(Error::parameter("the scene can't have this size")
                .got(format!("{size} pixels"))
                .expected(format!("{LEAST_SIZE} to {FULL_SIZE} pixels of 10 m")));
        }
        if !(-180.0..=180.0).contains(&longitude) {
            return Err(Error::parameter("the longitude is out of range")
                .got(longitude)
                .expected("-180 to 180 degrees"));
        }
        let place = Geodetic {
            longitude: longitude.to_radians(),
            latitude: latitude.to_radians(),
        };
        let zone = UtmZone::from_longitude_latitude(place)?;
        let (easting, northing) = zone.project(place);
        let size = size.next_multiple_of(SIZE_STEP);
        let equator = zone.false_northing();
        let (left, top) = if size == FULL_SIZE {
            let left = (easting / SQUARE).floor() * SQUARE;
            let top = ((northing - equator) / SQUARE).floor() * SQUARE + SQUARE;
            (
                (left / CORNER_STEP).floor() * CORNER_STEP,
                (top / CORNER_STEP).ceil() * CORNER_STEP,
            )
        } else {
            let half = size as f64 * PIXEL_SIZE / 2.0;
            let snap = |corner: f64| (corner / CORNER_STEP).round() * CORNER_STEP;
            (snap(easting - half), snap(northing - equator + half))
        };
        let grid = Grid {
            zone,
            easting: left,
            northing: top + equator,
            pixel_size: PIXEL_SIZE,
            height: size,
            width: size,
        };
        let tile = tile_name(&grid).ok_or_else(|| {
            Error::internal("the scene lies in no square of the Military Grid Reference System")
                .got(format!("{grid:?}"))
        })?;
        Ok(Self { grid, tile })
    }

    /// Middle of the grid.
    pub fn centre(&self) -> Geodetic {
        let (easting, northing) = self.grid.centre();
        self.grid.zone.geodetic(easting, northing)
    }
}

/// Zone, latitude band and 100 km square of a grid's middle.
fn tile_name(grid: &Grid) -> Option<String> {
    let (easting, northing) = grid.centre();
    let latitude = grid.zone.geodetic(easting, northing).latitude.to_degrees();
    let (height, start) = BAND_HEIGHT_AND_START;
    let band =
        (((latitude - start) / height).floor().max(0.0) as usize).min(LATITUDE_BANDS.len() - 1);
    let zone = grid.zone.number();
    let letters = COLUMN_LETTERS[usize::from(zone - 1) % COLUMN_LETTERS.len()];
    let column = letters.get(((easting / SQUARE).floor() as usize).checked_sub(1)?)?;
    let offset = if zone.is_multiple_of(2) {
        EVEN_ZONE_OFFSET
    } else {
        0
    };
    let row = ((northing / SQUARE).floor() as i64 + offset).rem_euclid(ROW_LETTERS.len() as i64);
    let letter = |byte: u8| char::from(byte);
    Some(format!(
        "{zone:02}{}{}{}",
        letter(LATITUDE_BANDS[band]),
        letter(*column),
        letter(ROW_LETTERS[row as usize]),
    ))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn whole_tiles_are_those_of_sentinel_2() {
        // Tile, corner and zone as products have them; any place within the square.
        for (tile, epsg, easting, northing) in [
            ("31TCJ", 32631, 300_000.0, 4_900_020.0),
            ("34UCF", 32634, 300_000.0, 6_100_020.0),
            ("32TNM", 32632, 499_980.0, 4_700_040.0),
            ("17RLM", 32617, 300_000.0, 3_200_040.0),
            ("16SGJ", 32616, 699_960.0, 4_400_040.0),
            ("44PLQ", 32644, 300_000.0, 1_000_020.0),
            ("10SEH", 32610, 499_980.0, 4_300_020.0),
            ("32TQT", 32632, 699_960.0, 5_300_040.0),
            ("29TME", 32629, 399_960.0, 4_500_000.0),
            ("01LAC", 32701, 99_960.0, 8_300_020.0),
            ("18LTM", 32718, 199_980.0, 8_700_040.0),
            ("56JMQ", 32756, 399_960.0, 7_000_000.0),
            ("56JMM", 32756, 399_960.0, 6_700_000.0),
            ("56JKT", 32756, 199_980.0, 7_300_000.0),
            ("53JQJ", 32753, 699_960.0, 6_900_040.0),
        ] {
            let zone = UtmZone::from_epsg(epsg).unwrap();
            // In the square, on the side of the central meridian: squares reach beyond their zone.
            let inside = if easting < 500_000.0 {
                95_000.0
            } else {
                5_000.0
            };
            let middle = zone.geodetic(easting + inside, northing - 50_000.0);
            let (latitude, longitude) = (middle.latitude, middle.longitude);
            let place =
                Place::new(latitude.to_degrees(), longitude.to_degrees(), FULL_SIZE).unwrap();
            assert_eq!(place.tile, tile);
            let expected = Grid {
                zone,
                easting,
                northing,
                pixel_size: 10.0,
                height: 10_980,
                width: 10_980,
            };
            assert_eq!(place.grid, expected, "{tile}");
        }
    }

    #[test]
    fn sizes_fill_pixels_of_60_m() {
        for (size, rows) in [(549, 552), (552, 552), (2_000, 2_004), (10_979, 10_980)] {
            let place = Place::new(43.6, 1.4, size).unwrap();
            assert_eq!((place.grid.height, place.grid.width), (rows, rows));
        }
    }

    #[test]
    fn what_can_not_be_is_refused() {
        for (latitude, longitude, size) in [
            (84.1, 0.0, 600),
            (-80.1, 0.0, 600),
            (f64::NAN, 0.0, 600),
            (0.0, f64::NAN, 600),
            (0.0, 180.1, 600),
            (0.0, 0.0, 548),
            (0.0, 0.0, 10_981),
        ] {
            let error = Place::new(latitude, longitude, size).unwrap_err();
            assert_eq!(error.kind(), crate::ErrorKind::Parameter, "{error}");
        }
    }

    proptest! {
        #[test]
        fn scenes_lie_around_their_place(
            latitude in -80.0..84.0_f64,
            longitude in -180.0..=180.0_f64,
            size in 549_usize..=10_980,
        ) {
            let scene = Place::new(latitude, longitude, size).unwrap();
            let grid = scene.grid;
            prop_assert!(grid.height.is_multiple_of(6) && grid.height >= size && grid.height < size + 6);
            let place = Geodetic {
                longitude: longitude.to_radians(),
                latitude: latitude.to_radians(),
            };
            let (easting, northing) = grid.zone.project(place);
            let (east, south) = (easting - grid.easting, grid.northing - northing);
            let side = grid.width as f64 * 10.0;
            prop_assert!((0.0..side).contains(&east) && (0.0..side).contains(&south));
            if grid.height < FULL_SIZE {
                prop_assert!((east - side / 2.0).abs() <= 30.0);
                prop_assert!((south - side / 2.0).abs() <= 30.0);
            }
            prop_assert_eq!(grid.easting.rem_euclid(60.0), 0.0);
            prop_assert_eq!((grid.northing - grid.zone.false_northing()).rem_euclid(60.0), 0.0);
            prop_assert_eq!(scene.tile.len(), 5);
            prop_assert_eq!(&scene.tile[..2], format!("{:02}", grid.zone.number()));
        }
    }
}
