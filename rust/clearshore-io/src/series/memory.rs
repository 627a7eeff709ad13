//! How much of a stack fits into memory.

use clearshore::scene::Grid;
use clearshore::temporal::{BANDS, MADS};
use clearshore::{Error, Result};

/// Bytes of a pixel of one date in a block: raw numbers twice while they are read, flags twice, a verdict.
const DATE_BYTES: u64 = (2 * 2 * BANDS.len() + 2 * 4 + 1) as u64;
/// Bytes of a pixel of a block's composite: medians and distances as float32, a count.
const COMPOSITE_BYTES: u64 = (4 * (BANDS.len() + MADS.len()) + 2) as u64;
/// Bytes of a pixel that are there for the whole tile, for masking one date and later for the composite beside its file: measured,
/// 2666 MiB at the peak for 5490 x 5490 pixels and a block of 0.5 GB.
const TILE_BYTES: u64 = 96;
/// Most rows of a block: more are no faster.
const ROWS_MAX: u64 = 512;
/// Units of memory.
const UNITS: [(char, u64); 3] = [('K', 1 << 10), ('M', 1 << 20), ('G', 1 << 30)];

/// Rows of a block, so that the stack fits into so many bytes beside what the whole tile takes.
///
/// # Errors
/// Parameter: not even one row fits.
pub fn rows_per_block(grid: &Grid, dates: usize, memory: u64) -> Result<usize> {
    let width = grid.width as u64;
    let row = width * (DATE_BYTES * dates as u64 + COMPOSITE_BYTES);
    let tile = width * grid.height as u64 * TILE_BYTES;
    let rows = memory.saturating_sub(tile) / row.max(1);
    if rows == 0 {
        return Err(
            Error::parameter("the memory limit is too low for this series")
                .at("--memory-limit")
                .got(format!("{} MiB", memory >> 20))
                .expected(format!("{} MiB at least", ((tile + row) >> 20) + 1))
                .advice("raise the limit, or take a coarser --resolution"),
        );
    }
    Ok(rows.min(ROWS_MAX).min(grid.height.max(1) as u64) as usize)
}

/// Bytes of a text such as 4G, 512M or 1.5G; without a letter they are bytes.
///
/// # Errors
/// Parameter: it is none.
pub fn memory_limit(text: &str) -> Result<u64> {
    let trimmed = text
        .trim()
        .trim_end_matches(['B', 'b'])
        .trim_end_matches('i');
    let last = trimmed
        .chars()
        .last()
        .map(|letter| letter.to_ascii_uppercase());
    let unit = UNITS.iter().find(|(letter, _)| Some(*letter) == last);
    let (number, factor) = match unit {
        Some((_, factor)) => (&trimmed[..trimmed.len() - 1], *factor),
        None => (trimmed, 1),
    };
    let number: Option<f64> = number.trim().parse().ok();
    let bytes = number.map(|number| number * factor as f64);
    match bytes.filter(|bytes| (1.0..1e18).contains(bytes)) {
        Some(bytes) => Ok(bytes as u64),
        None => Err(Error::parameter("this is no amount of memory")
            .at("--memory-limit")
            .got(text)
            .expected("a number with K, M or G: 4G")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clearshore::scene::UtmZone;

    #[test]
    fn amounts_are_read() {
        for (text, bytes) in [
            ("4G", 4 << 30),
            ("1.5g", 3 << 29),
            ("512MiB", 512 << 20),
            ("2 MB", 2 << 20),
            ("1000", 1000),
        ] {
            assert_eq!(memory_limit(text).unwrap(), bytes, "{text}");
        }
        for text in ["", "G", "-1G", "four", "1T", "NaN", "infG", "1e30"] {
            let error = memory_limit(text).unwrap_err();
            assert!(error.to_string().contains("4G"), "{text}");
        }
    }

    #[test]
    fn thirty_dates_of_a_whole_tile_fit_into_four_gigabytes() {
        let grid = Grid {
            zone: UtmZone::from_epsg(32_631).unwrap(),
            easting: 300_000.0,
            northing: 4_900_020.0,
            pixel_size: 20.0,
            height: 5490,
            width: 5490,
        };
        assert!(rows_per_block(&grid, 30, 4 << 30).unwrap() >= 64);
        let error = rows_per_block(&grid, 30, 1 << 30).unwrap_err();
        assert!(error.to_string().contains("MiB at least"), "{error}");
    }
}
