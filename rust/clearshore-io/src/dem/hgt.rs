//! SRTM's own format: the nodes of one degree as big-endian 16-bit integers, rows from north to south,
//! without a header; the name tells the south-western node.
//!
//! Source: NASA/JPL, *SRTM Topography* (SRTM_Topo.pdf, version 2.1, sections 2.1.1 and 2.1.2).

use clearshore::simulate::DemCell;

/// Name of a cell's file, such as `N43E007.hgt` or `S05W071.hgt`.
pub fn hgt_name(cell: &DemCell) -> String {
    let hemisphere = |degrees: i32, positive: char, negative: char| {
        if degrees < 0 { negative } else { positive }
    };
    format!(
        "{}{:02}{}{:03}.hgt",
        hemisphere(cell.south, 'N', 'S'),
        cell.south.unsigned_abs(),
        hemisphere(cell.west, 'E', 'W'),
        cell.west.unsigned_abs(),
    )
}

/// Content of a cell's file.
pub fn hgt_bytes(cell: &DemCell) -> Vec<u8> {
    cell.heights
        .iter()
        .flat_map(|height| height.to_be_bytes())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::Array2;

    #[cfg(feature = "gdal")]
    fn cell(south: i32, west: i32) -> DemCell {
        DemCell {
            south,
            west,
            heights: Array2::from_shape_fn((3_601, 3_601), |(row, column)| {
                (row as i16 - 1_800) * 3 + (column % 251) as i16
            }),
        }
    }

    #[test]
    fn names_tell_the_south_western_corner() {
        let name = |south, west| {
            hgt_name(&DemCell {
                south,
                west,
                heights: Array2::zeros((1, 1)),
            })
        };
        assert_eq!(name(43, 7), "N43E007.hgt");
        assert_eq!(name(-5, -71), "S05W071.hgt");
        assert_eq!(name(0, 0), "N00E000.hgt");
        assert_eq!(name(-1, -180), "S01W180.hgt");
    }

    #[test]
    fn bytes_are_big_endian_from_the_north_western_node() {
        let cell = DemCell {
            south: 1,
            west: 1,
            heights: ndarray::array![[1, -2], [258, 0]],
        };
        assert_eq!(hgt_bytes(&cell), [0, 1, 0xff, 0xfe, 1, 2, 0, 0]);
    }

    #[cfg(feature = "gdal")]
    #[test]
    fn gdal_reads_the_same_heights_at_the_same_places() {
        let folder = tempfile::tempdir().unwrap();
        for (south, west) in [(43, 7), (-5, -71)] {
            let cell = cell(south, west);
            let path = folder.path().join(hgt_name(&cell));
            std::fs::write(&path, hgt_bytes(&cell)).unwrap();
            let dataset = gdal::Dataset::open(&path).unwrap();
            assert_eq!(dataset.driver().short_name(), "SRTMHGT");
            let [x, x_step, _, y, _, y_step] = dataset.geo_transform().unwrap();
            // Pixels are areas around nodes there.
            assert!((x + 0.5 * x_step - f64::from(west)).abs() < 1e-9);
            assert!((y + 0.5 * y_step - f64::from(south + 1)).abs() < 1e-9);
            assert!((x_step - 1.0 / 3_600.0).abs() < 1e-12);
            assert!((y_step + 1.0 / 3_600.0).abs() < 1e-12);
            let band = dataset.rasterband(1).unwrap();
            let read = band.read_band_as::<i16>().unwrap();
            assert_eq!(read.shape(), (3_601, 3_601));
            assert!(read.data().iter().eq(cell.heights.iter()));
        }
    }
}
