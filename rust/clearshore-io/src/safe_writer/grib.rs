//! The weather forecast of a product, `AUX_ECMWFT`: wind in GRIB edition 1, as in products since baseline 04.00.
//!
//! Source: WMO, *A Guide to the Code Form FM 92-IX Ext. GRIB, Edition 1* (Technical Report No. 17, 1994). Octets have its
//! order and, in the comments, its numbers.

use super::format::UtcTime;
use clearshore::scene::Grid;
use ndarray::Array2;

/// Nodes along a side, as in real products.
const NODES: usize = 9;
/// Originating centre: ECMWF (table 0).
const CENTRE: u8 = 98;
/// ECMWF's own table of parameters.
const TABLE: u8 = 128;
/// Wind 10 m above the ground toward the east and the north, m/s (ECMWF's table 128).
const WIND: [u8; 2] = [165, 166];
/// The grid is described in the message, and there is no bit map (table 1).
const WITH_GRID: u8 = 0x80;
/// The surface (table 3), as ECMWF has it for wind at 10 m.
const SURFACE: u8 = 1;
/// Hours (table 4).
const HOURS: u8 = 1;
/// No list of vertical coordinates or of points follows the grid.
const NO_LIST: u8 = 255;
/// The distances between nodes are given (table 7).
const WITH_INCREMENTS: u8 = 0x80;
/// Bits of a packed number: as ECMWF has them.
const BITS: u8 = 16;
/// Bits of the fraction and its digits to the base 16 in a number as IBM wrote it; the exponent of 0.
const FRACTION_BITS: i32 = 24;
const FRACTION_DIGITS: i32 = 6;
const ZERO_EXPONENT: i32 = 64;
/// Lengths of the sections, octets.
const INDICATOR: usize = 8;
const PRODUCT: usize = 28;
const GRID: usize = 32;
const DATA_HEADER: usize = 11;
const END: &[u8] = b"7777";

/// Nodes over a tile: whole thousandths of a degree.
struct Lattice {
    west: i32,
    north: i32,
    column_step: i32,
    row_step: i32,
}

impl Lattice {
    /// Around the corners of a tile.
    fn around(grid: &Grid) -> Self {
        let corners = grid.corners();
        let (easting, northing) = grid.centre();
        let middle = grid.zone.geodetic(easting, northing).longitude.to_degrees();
        // From the middle, so that the antimeridian does not come between.
        let longitudes = corners.map(|corner| {
            let from_middle = corner.longitude.to_degrees() - middle;
            middle + (from_middle + 180.0).rem_euclid(360.0) - 180.0
        });
        let latitudes = corners.map(|corner| corner.latitude.to_degrees());
        let least = |degrees: [f64; 4]| degrees.into_iter().fold(f64::INFINITY, f64::min);
        let most = |degrees: [f64; 4]| degrees.into_iter().fold(f64::NEG_INFINITY, f64::max);
        let step = |extent: f64| (extent / (NODES - 1) as f64).ceil().max(1.0) as i32;
        let west = (least(longitudes) * 1e3).floor();
        let north = (most(latitudes) * 1e3).ceil();
        Self {
            west: west as i32,
            north: north as i32,
            column_step: step(most(longitudes) * 1e3 - west),
            row_step: step(north - least(latitudes) * 1e3),
        }
    }
}

/// A forecast for a time of a wind that is alike over the tile, m/s toward the east and the north.
pub(super) fn forecast(grid: &Grid, time: UtcTime, wind: [f64; 2]) -> Vec<u8> {
    let lattice = Lattice::around(grid);
    let fields = WIND.into_iter().zip(wind);
    fields
        .flat_map(|(parameter, speed)| {
            let field = Array2::from_elem((NODES, NODES), speed);
            message(parameter, &field, &lattice, time)
        })
        .collect()
}

/// A message: one field, rows from the north.
fn message(parameter: u8, field: &Array2<f64>, lattice: &Lattice, time: UtcTime) -> Vec<u8> {
    let sections = [
        product(parameter, time),
        description(field.dim(), lattice),
        data(field),
    ];
    let length = INDICATOR + sections.iter().map(Vec::len).sum::<usize>() + END.len();
    let mut message = b"GRIB".to_vec();
    message.extend(three(length));
    message.push(1);
    message.extend(sections.concat());
    message.extend(END);
    message
}

/// Section 1: what it is, and when.
fn product(parameter: u8, time: UtcTime) -> Vec<u8> {
    let (year, month, day) = time.date();
    let minutes = (time.seconds_of_day() / 60.0) as u32;
    let centuries = (year - 1) / 100;
    let mut section = three(PRODUCT).to_vec();
    // Octets 4 to 10; process and catalogued grid are unknown.
    section.extend([TABLE, CENTRE, 255, 255, WITH_GRID, parameter, SURFACE]);
    // 11, 12: height of the level.
    section.extend([0; 2]);
    let (hour, minute) = ((minutes / 60) as u8, (minutes % 60) as u8);
    // 13 to 18.
    section.extend([
        (year - centuries * 100) as u8,
        month,
        day,
        hour,
        minute,
        HOURS,
    ]);
    // 19 to 24: for that very time; no means.
    section.extend([0; 6]);
    section.push(centuries as u8 + 1);
    // 26: no sub-centre. 27, 28: no decimal scale.
    section.extend([0; 3]);
    section
}

/// Section 2: the nodes, regular in longitude and latitude, from the north-west, row by row.
fn description((rows, columns): (usize, usize), lattice: &Lattice) -> Vec<u8> {
    let Lattice {
        west,
        north,
        column_step,
        row_step,
    } = *lattice;
    let east = west + column_step * (columns as i32 - 1);
    let south = north - row_step * (rows as i32 - 1);
    let mut section = three(GRID).to_vec();
    // Octets 4 to 6; the last is the type of grid.
    section.extend([0, NO_LIST, 0]);
    section.extend(two(columns as i32));
    section.extend(two(rows as i32));
    section.extend(signed_three(north));
    section.extend(signed_three(around_globe(west)));
    section.push(WITH_INCREMENTS);
    section.extend(signed_three(south));
    section.extend(signed_three(around_globe(east)));
    section.extend(two(column_step));
    section.extend(two(row_step));
    // 28: toward the east and the south, rows first. 29 to 32: reserved.
    section.extend([0; 5]);
    section
}

/// Section 4: the numbers, packed as whole multiples of a power of 2 above the least.
fn data(field: &Array2<f64>) -> Vec<u8> {
    let least = field.iter().copied().fold(f64::INFINITY, f64::min);
    let most = field.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let (reference, octets) = not_above(least);
    let range = most - reference;
    let largest = f64::from(u16::MAX);
    let exponent = if range > 0.0 {
        (range / largest).log2().ceil() as i32
    } else {
        0
    };
    let step = f64::from(exponent).exp2();
    let numbers: Vec<u8> = field
        .iter()
        .map(|value| ((value - reference) / step).round().clamp(0.0, largest) as u16)
        .flat_map(u16::to_be_bytes)
        .collect();
    let mut section = three(DATA_HEADER + numbers.len()).to_vec();
    // Octet 4: simple packing, no unused bits.
    section.push(0);
    section.extend(signed_two(exponent));
    section.extend(octets);
    section.push(BITS);
    section.extend(numbers);
    section
}

/// The largest number of IBM's single precision that is not above a value, and its octets.
fn not_above(value: f64) -> (f64, [u8; 4]) {
    if value == 0.0 {
        return (0.0, [0; 4]);
    }
    let mut digits = 0;
    while value.abs() >= 16_f64.powi(digits) {
        digits += 1;
    }
    while value.abs() < 16_f64.powi(digits - 1) {
        digits -= 1;
    }
    let unit = 16_f64.powi(digits - FRACTION_DIGITS);
    let mut fraction = (value / unit).floor().abs();
    let mut exponent = ZERO_EXPONENT + digits;
    if fraction >= f64::from(FRACTION_BITS).exp2() {
        // Rounded away from 0 to the next power of 16.
        (fraction, exponent) = (fraction / 16.0, exponent + 1);
    }
    let rounded = fraction * 16_f64.powi(exponent - ZERO_EXPONENT - FRACTION_DIGITS);
    let sign = if value < 0.0 { 0x80 } else { 0 };
    let [_, high, middle, low] = (fraction as u32).to_be_bytes();
    let octets = [sign | exponent.clamp(0, 0x7F) as u8, high, middle, low];
    (rounded.copysign(value), octets)
}

/// A longitude within -180 to 180 degrees, in thousandths.
fn around_globe(longitude: i32) -> i32 {
    (longitude + 180_000).rem_euclid(360_000) - 180_000
}

fn two(number: i32) -> [u8; 2] {
    (number as u16).to_be_bytes()
}

/// A sign and 15 bits.
fn signed_two(number: i32) -> [u8; 2] {
    let sign = if number < 0 { 0x8000 } else { 0 };
    (sign | number.unsigned_abs() as u16).to_be_bytes()
}

fn three(number: usize) -> [u8; 3] {
    let [_, high, middle, low] = (number as u32).to_be_bytes();
    [high, middle, low]
}

/// A sign and 23 bits.
fn signed_three(number: i32) -> [u8; 3] {
    let sign = if number < 0 { 0x0080_0000 } else { 0 };
    three(sign | number.unsigned_abs() as usize)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A forecast with a wind of its own at each node, for tests of the reader.
    pub(crate) fn varied(
        grid: &Grid,
        time: UtcTime,
        wind: impl Fn(usize, usize) -> [f64; 2],
    ) -> Vec<u8> {
        let lattice = Lattice::around(grid);
        let fields = WIND.into_iter().enumerate();
        fields
            .flat_map(|(component, parameter)| {
                let speed = |(row, column)| wind(row, column)[component];
                let field = Array2::from_shape_fn((NODES, NODES), speed);
                message(parameter, &field, &lattice, time)
            })
            .collect()
    }

    #[test]
    fn reference_values_are_the_next_of_ibms_numbers_below() {
        // -118.625 is the usual example of the format: C276A000.
        assert_eq!(not_above(-118.625), (-118.625, [0xC2, 0x76, 0xA0, 0x00]));
        assert_eq!(not_above(1.0), (1.0, [0x41, 0x10, 0, 0]));
        assert_eq!(not_above(16.0), (16.0, [0x42, 0x10, 0, 0]));
        assert_eq!(not_above(0.0), (0.0, [0; 4]));
        // Just above -16: rounded away from 0, over a power of 16.
        assert_eq!(not_above(-16.0 + 1e-9), (-16.0, [0xC2, 0x10, 0, 0]));
        for value in [
            -20.0, -3.217, -1e-3, 2e-4, 0.06251, 0.9999, 7.123_456, 14.999_999,
        ] {
            let (below, _) = not_above(value);
            assert!(below <= value && value - below < 1e-5, "{value} {below}");
        }
    }

    #[test]
    fn every_length_that_is_written_is_that_of_its_section() {
        assert_eq!(product(165, UtcTime::midnight(2000, 12, 31)).len(), PRODUCT);
        let lattice = Lattice {
            west: -1_000,
            north: 45_000,
            column_step: 170,
            row_step: 120,
        };
        assert_eq!(description((9, 9), &lattice).len(), GRID);
        let field = Array2::from_elem((9, 9), -3.0);
        assert_eq!(data(&field).len(), DATA_HEADER + 2 * 81);
        let message = message(165, &field, &lattice, UtcTime::midnight(2000, 12, 31));
        assert_eq!(message.len(), 8 + 28 + 32 + 11 + 162 + 4);
        assert_eq!(message[4..8], [0, 0, 245, 1]);
        // The last year of the 20th century.
        assert_eq!((message[20], message[32]), (100, 20));
    }
}
