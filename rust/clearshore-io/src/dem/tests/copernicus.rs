//! The Copernicus DEM, alone and beside others.

use super::*;

/// A cell of the Copernicus DEM: the first node in the north-west, none on the other borders.
pub fn copernicus(
    south: i32,
    west: i32,
    (rows, columns): (usize, usize),
    height: impl Fn(f64, f64) -> f64,
) -> Vec<u8> {
    let (across, down) = (1.0 / columns as f64, 1.0 / rows as f64);
    let (left, top) = (f64::from(west), f64::from(south + 1));
    let mut place = Place::geographic(left - 0.5 * across, top + 0.5 * down, across);
    place.scale = [across, down, 0.0];
    let samples: Vec<f32> = (0..rows * columns)
        .map(|node| {
            let (row, column) = ((node / columns) as f64, (node % columns) as f64);
            height(left + column * across, top - row * down) as f32
        })
        .collect();
    encode::<Gray32Float>(
        &place,
        (rows, columns),
        Compression::Deflate(Default::default()),
        Predictor::None,
        &samples,
    )
}

#[test]
fn cells_join_across_the_gap_and_every_change_of_step() {
    // Latitude of the change; nodes along a degree of longitude on both sides, a tenth of the product's.
    for (change, [south_columns, north_columns]) in [
        (50_i32, [360, 240]),
        (60, [240, 180]),
        (70, [180, 120]),
        (80, [120, 72]),
        (-50, [240, 360]),
    ] {
        let folder = tempdir().unwrap();
        let height = |x: f64, y: f64| exact_plane(x - 4.0, y - f64::from(change) + 44.0);
        for (south, columns) in [(change - 1, south_columns), (change, north_columns)] {
            for west in [11, 12] {
                let hemisphere = if south < 0 { 'S' } else { 'N' };
                let name = format!(
                    "Copernicus_DSM_COG_10_{hemisphere}{:02}_00_E0{west}_00_DEM",
                    south.abs()
                );
                let inner = folder.path().join(&name);
                fs::create_dir(&inner).unwrap();
                let bytes = copernicus(south, west, (360, columns), height);
                fs::write(inner.join(format!("{name}.tif")), bytes).unwrap();
            }
        }
        let change = f64::from(change);
        let patch = over(folder.path(), [11.4, change - 0.4, 12.6, change + 0.4]);
        let finest = south_columns.max(north_columns) as f64;
        assert!((patch.column_step - 1.0 / finest).abs() < 1e-12);
        assert!(patch.missing.is_empty(), "{:?}", patch.missing);
        for ((row, column), got) in patch.heights.indexed_iter() {
            let place = patch.place(row as f64, column as f64);
            let expected = height(place.longitude.to_degrees(), place.latitude.to_degrees());
            assert!(
                (f64::from(*got) - expected).abs() < 0.01,
                "{got} at {row} {column}, not {expected}"
            );
        }
    }
}

#[test]
fn the_gap_to_a_missing_cell_is_unknown() {
    let folder = tempdir().unwrap();
    let name = "Copernicus_DSM_COG_10_N49_00_E012_00_DEM.tif";
    let bytes = copernicus(49, 12, (360, 360), exact_plane);
    fs::write(folder.path().join(name), bytes).unwrap();
    let patch = over(folder.path(), [12.9, 49.4, 13.0, 49.6]);
    assert_eq!(
        patch.missing.iter().collect::<Vec<_>>(),
        ["Copernicus_DSM_COG_10_N49_00_E013_00_DEM.tif"]
    );
    assert!(height_at(&patch, 12.999, 49.5).is_nan() && height_at(&patch, 12.997, 49.5) < 9_000.0);
}

#[test]
fn cells_of_different_kinds_join_in_one_folder() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("N43E007.hgt"), hgt(43, 7, plane)).unwrap();
    let name = "Copernicus_DSM_COG_30_N43_00_E008_00_DEM.tif";
    fs::write(
        folder.path().join(name),
        copernicus(43, 8, (600, 600), exact_plane),
    )
    .unwrap();
    fs::write(
        folder.path().join("srtm_38_04.zip"),
        zipped(&[("srtm_38_04.tif", &tiles::tile(0.0))]),
    )
    .unwrap();
    let patch = over(folder.path(), [6.7, 43.3, 8.3, 43.7]);
    assert!((patch.column_step - 1.0 / 1_200.0).abs() < 1e-12);
    assert_is_plane(&patch);
}
