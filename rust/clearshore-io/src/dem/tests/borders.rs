//! Borders of SRTM's cells.

use super::*;

#[test]
fn cells_join_at_the_antimeridian_and_the_equator() {
    let folder = tempdir().unwrap();
    let height =
        |x: f64, y: f64| (1_200.0 * (x.rem_euclid(360.0) - 180.0) + 600.0 * y).round() as i16;
    for (name, south, west) in [
        ("N00E179.hgt", 0, 179),
        ("N00W180.hgt", 0, -180),
        ("S01E179.hgt", -1, 179),
        ("S01W180.hgt", -1, -180),
    ] {
        fs::write(folder.path().join(name), hgt(south, west, height)).unwrap();
    }
    for area in [[179.9, -0.2, 180.1, 0.2], [-180.0, -0.2, -179.9, 0.2]] {
        let patch = over(folder.path(), area);
        assert!(patch.missing.is_empty());
        for ((row, column), height) in patch.heights.indexed_iter() {
            let place = patch.place(row as f64, column as f64);
            let (x, y) = (
                place.longitude.to_degrees().rem_euclid(360.0),
                place.latitude.to_degrees(),
            );
            let expected = 1_200.0 * (x - 180.0) + 600.0 * y;
            assert!(
                (f64::from(*height) - expected).abs() < 0.51,
                "{height} {expected}"
            );
        }
    }
}

#[test]
fn cells_of_one_and_of_three_arcseconds_join_without_a_step() {
    let folder = tempdir().unwrap();
    let fine: Vec<u8> = (0..3_601 * 3_601)
        .flat_map(|node| {
            let (row, column) = (node / 3_601, node % 3_601);
            // A plane of whole metres at every third node, and between them its nearest whole metre.
            plane(
                7.0 + f64::from(column) / 3_600.0,
                44.0 - f64::from(row) / 3_600.0,
            )
            .to_be_bytes()
        })
        .collect();
    fs::write(folder.path().join("N43E007.hgt"), fine).unwrap();
    fs::write(folder.path().join("N43E008.hgt"), hgt(43, 8, plane)).unwrap();
    fs::write(folder.path().join("N44E007.hgt"), hgt(44, 7, plane)).unwrap();
    fs::write(folder.path().join("N44E008.hgt"), hgt(44, 8, plane)).unwrap();
    let patch = over(folder.path(), [7.98, 43.98, 8.02, 44.02]);
    assert!((patch.column_step - 1.0 / 3_600.0).abs() < 1e-12 && patch.missing.is_empty());
    for ((row, column), height) in patch.heights.indexed_iter() {
        let place = patch.place(row as f64, column as f64);
        let expected = exact_plane(place.longitude.to_degrees(), place.latitude.to_degrees());
        // Rounded to whole metres.
        assert!(
            (f64::from(*height) - expected).abs() < 0.51,
            "{height} {expected}"
        );
    }
}

#[test]
fn a_void_on_a_shared_border_takes_what_the_neighbour_knows() {
    let folder = tempdir().unwrap();
    let write = |name: &str, bytes: Vec<u8>| fs::write(folder.path().join(name), bytes).unwrap();
    let west = hgt(43, 7, |x, y| {
        if x > 7.99 && y > 43.5 {
            VOID
        } else {
            plane(x, y)
        }
    });
    write("N43E007.hgt", west.clone());
    write("N43E008.hgt", hgt(43, 8, plane));
    let column = |longitude: f64| {
        let patch = over(folder.path(), [7.98, 43.6, 8.02, 43.7]);
        let (row, column) = patch.node_position(Geodetic::from_degrees(longitude, 43.65));
        f64::from(patch.heights[[row.round() as usize, column.round() as usize]])
    };
    assert!((column(8.0) - exact_plane(8.0, 43.65)).abs() < 1e-3);
    assert!(column(7.995).is_nan() && (column(8.01) - exact_plane(8.01, 43.65)).abs() < 1e-3);
    // Unknown in both: unknown, and never 0.
    write(
        "N43E008.hgt",
        hgt(43, 8, |x, y| if x < 8.005 { VOID } else { plane(x, y) }),
    );
    assert!(column(8.0).is_nan() && column(8.002).is_nan());
    assert!((column(8.01) - exact_plane(8.01, 43.65)).abs() < 1e-3);
}

#[test]
fn what_is_missing_is_named_as_it_is_shipped() {
    let folder = tempdir().unwrap();
    fs::write(folder.path().join("s01w001.hgt"), hgt(-1, -1, |_, _| 7)).unwrap();
    for (area, name) in [
        ([0.1, 0.1, 0.2, 0.2], "N00E000.hgt"),
        ([-0.2, 0.1, -0.1, 0.2], "N00W001.hgt"),
        ([0.1, -0.2, 0.2, -0.1], "S01E000.hgt"),
        ([179.9, -0.2, 180.0, -0.1], "S01E179.hgt"),
        ([-180.0, 59.1, -179.9, 59.2], "N59W180.hgt"),
    ] {
        let patch = over(folder.path(), area);
        assert!(patch.heights.iter().all(|height| height.is_nan()));
        assert!(patch.missing.contains(name), "{name}: {:?}", patch.missing);
    }
    for (latitude, name) in [
        (61.5, "Copernicus_DSM_COG_10_N61_00_E010_00_DEM.tif"),
        (-57.5, "Copernicus_DSM_COG_10_S58_00_E010_00_DEM.tif"),
    ] {
        let patch = over(folder.path(), [10.2, latitude, 10.3, latitude + 0.1]);
        let missing = patch.missing.iter().next().unwrap();
        assert!(
            missing.contains(name) && missing.contains("use the Copernicus DEM"),
            "{missing}"
        );
    }
    // The southern and western cell itself, by a name in lower case.
    let patch = over(folder.path(), [-0.8, -0.9, -0.6, -0.7]);
    assert!(patch.missing.is_empty() && patch.heights.iter().all(|height| *height == 7.0));
}
