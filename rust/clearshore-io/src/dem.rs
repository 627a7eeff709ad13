//! Elevation models in the format of SRTM: `.hgt`, a file a degree.

use clearshore::simulate::DemCell;

/// Name of the file of a degree, after its south-western corner: `N43E000.hgt`.
pub fn hgt_name(cell: &DemCell) -> String {
    let side = |degrees: i32, positive, negative| if degrees < 0 { negative } else { positive };
    format!(
        "{}{:02}{}{:03}.hgt",
        side(cell.south, 'N', 'S'),
        cell.south.abs(),
        side(cell.west, 'E', 'W'),
        cell.west.abs()
    )
}

/// Bytes of the file: heights in metres as 16-bit big-endian numbers, northern row first.
pub fn hgt_bytes(cell: &DemCell) -> Vec<u8> {
    cell.heights
        .iter()
        .flat_map(|height| height.to_be_bytes())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    #[test]
    fn names_and_bytes_are_those_of_srtm() {
        let cell = |south, west| DemCell {
            south,
            west,
            heights: array![[1, -2], [258, 0]],
        };
        for (south, west, name) in [
            (43, 0, "N43E000.hgt"),
            (0, -1, "N00W001.hgt"),
            (-45, 167, "S45E167.hgt"),
            (-1, -180, "S01W180.hgt"),
        ] {
            assert_eq!(hgt_name(&cell(south, west)), name);
        }
        assert_eq!(hgt_bytes(&cell(0, 0)), [0, 1, 0xff, 0xfe, 1, 2, 0, 0]);
    }
}
