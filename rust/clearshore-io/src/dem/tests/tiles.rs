//! CGIAR's tiles, which have no data in the sea.

use super::*;

/// CGIAR's tile of 40 to 45 degrees north, 5 to 10 east, at 36", half a node off and `shift` steps more; no data south
/// of 43 north and west of 8 east, where the sea is, and in a void; 0 m around the sea.
pub fn tile(shift: f64) -> Vec<u8> {
    let (count, step) = (500, 0.01);
    let mut place = Place::geographic(5.0 + shift * step, 45.0 + shift * step, step);
    place.no_data = Some("-32768");
    let samples: Vec<i16> = (0..count * count)
        .map(|node| {
            let (row, column) = (f64::from(node / count), f64::from(node % count));
            let (x, y) = (5.0 + (column + 0.5) * step, 45.0 - (row + 0.5) * step);
            let void = x > 9.5 && y > 44.5;
            if void || (y < 43.0 && x < 8.0) {
                VOID
            } else if y < 43.1 && x < 8.1 {
                0
            } else {
                plane(x, y)
            }
        })
        .collect();
    let shape = (count as usize, count as usize);
    encode::<GrayI16>(
        &place,
        shape,
        Compression::Uncompressed,
        Predictor::None,
        &samples,
    )
}

#[test]
fn tiles_of_five_degrees_are_read_by_cells() {
    for shift in [0.0, 0.0005] {
        let folder = tempdir().unwrap();
        let bytes = zipped(&[("readme.txt", b"!"), ("srtm_38_04.tif", &tile(shift))]);
        fs::write(folder.path().join("srtm_38_04.zip"), bytes).unwrap();
        let patch = over(folder.path(), [6.7, 43.3, 7.3, 44.2]);
        assert!((patch.west / 0.01).fract().abs() - 0.5 < 1e-6);
        assert_is_plane(&patch);
        assert!(height_at(&over(folder.path(), [9.6, 44.6, 9.7, 44.7]), 9.65, 44.65).is_nan());
        // The sea, along a low shore.
        assert_eq!(
            height_at(&over(folder.path(), [7.2, 42.2, 7.4, 42.4]), 7.3, 42.3),
            0.0
        );
        let patch = over(folder.path(), [10.1, 43.2, 10.2, 43.3]);
        assert_eq!(patch.missing.iter().collect::<Vec<_>>(), ["srtm_39_04.zip"]);
    }
}

/// A tile of 40 to 45 degrees north, 5 to 10 east, at 36", of heights by longitude and latitude.
fn folder_of(height: impl Fn(f64, f64) -> i16) -> TempDir {
    let (count, step) = (500, 0.01);
    let mut place = Place::geographic(5.0, 45.0, step);
    place.no_data = Some("-32768");
    let samples: Vec<i16> = (0..count * count)
        .map(|node| {
            let (row, column) = (f64::from(node / count), f64::from(node % count));
            height(5.0 + (column + 0.5) * step, 45.0 - (row + 0.5) * step)
        })
        .collect();
    let shape = (count as usize, count as usize);
    let (compression, predictor) = (Compression::Lzw, Predictor::None);
    let bytes = encode::<GrayI16>(&place, shape, compression, predictor, &samples);
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("srtm_38_04.tif"), bytes).unwrap();
    folder
}

#[test]
fn what_has_no_data_is_sea_along_a_coast_and_unknown_in_the_mountains() {
    let folder = folder_of(|x, y| match (x, y) {
        // A void in the mountains, across the border of two cells, and the sea, with a steep coast on a part of its rim.
        (x, y) if (7.9..8.1).contains(&x) && (43.4..43.6).contains(&y) => VOID,
        (x, y) if y < 42.0 && (6.0..7.0).contains(&x) => VOID,
        (x, _) if x > 6.8 => 900,
        _ => 6,
    });
    let height = |x: f64, y: f64| {
        let patch = over(folder.path(), [x - 0.02, y - 0.02, x + 0.02, y + 0.02]);
        assert!(patch.missing.is_empty());
        height_at(&patch, x, y)
    };
    assert!([7.95, 8.0, 8.05].iter().all(|x| height(*x, 43.5).is_nan()));
    assert_eq!([6.02, 6.5, 6.98].map(|x| height(x, 41.5)), [0.0; 3]);
    assert!((height(5.5, 41.5) - 6.0).abs() < 1e-6 && (height(8.5, 43.5) - 900.0).abs() < 1e-3);
}

#[test]
fn a_whole_degree_without_data_is_sea_whatever_its_coast() {
    let cliffs = |side: f64| {
        folder_of(move |x, y| {
            let gap = (6.0..6.0 + side).contains(&x) && (41.0..41.0 + side).contains(&y);
            if gap { VOID } else { 300 }
        })
    };
    let height =
        |folder: &TempDir| height_at(&over(folder.path(), [6.4, 41.4, 6.6, 41.6]), 6.5, 41.5);
    assert_eq!(height(&cliffs(1.0)), 0.0);
    assert!(height(&cliffs(0.98)).is_nan());
}

#[test]
fn the_sea_of_a_tile_is_a_shore_for_the_cells_beside_it() {
    let folder = folder_of(|x, _| if x < 7.0 { VOID } else { 400 });
    let content = |x, y| {
        opened(folder.path())
            .cover(Geodetic::from_degrees(x, y))
            .unwrap()
            .content
    };
    assert!(matches!(content(4.5, 42.5), Content::Sea));
    assert!(matches!(content(5.5, 39.5), Content::Sea));
    assert!(matches!(content(3.5, 42.5), Content::Missing(name) if name == "srtm_37_04.tif"));
    assert!(matches!(content(7.5, 39.5), Content::Missing(name) if name == "srtm_38_05.tif"));
}
