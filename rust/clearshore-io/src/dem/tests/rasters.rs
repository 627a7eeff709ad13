//! Rasters that are the whole DEM.

use super::*;

#[test]
fn a_raster_in_degrees_ends_where_it_ends() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("dem.tif");
    let place = Place::geographic(7.1, 43.9, 0.001);
    let samples: Vec<f32> = (0..400 * 500)
        .map(|node| {
            let (row, column) = (f64::from(node / 500), f64::from(node % 500));
            exact_plane(7.1005 + 0.001 * column, 43.8995 - 0.001 * row) as f32
        })
        .collect();
    let bytes = encode::<Gray32Float>(
        &place,
        (400, 500),
        Compression::Lzw,
        Predictor::None,
        &samples,
    );
    fs::write(&path, bytes).unwrap();
    let patch = over(&path, [7.2, 43.6, 7.5, 43.8]);
    assert!(patch.missing.is_empty());
    assert_is_plane(&patch);
    let patch = over(&path, [7.05, 43.6, 7.2, 43.8]);
    assert_eq!(
        patch.missing.iter().collect::<Vec<_>>(),
        ["beyond the edge of dem.tif"]
    );
    assert!(height_at(&patch, 7.08, 43.7).is_nan());
    assert!((height_at(&patch, 7.15, 43.7) - exact_plane(7.15, 43.7)).abs() < 0.01);
    assert!(
        over(&path, [20.0, 10.0, 20.1, 10.1])
            .heights
            .iter()
            .all(|height| height.is_nan())
    );
}

#[test]
fn a_raster_in_utm_stays_on_its_own_nodes() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("dem.tif");
    let place = Place::utm(32_632, 350_000.0, 4_860_000.0, 30.0);
    let height = |x: f64, y: f64| 0.02 * (x - 350_000.0) + 0.01 * (4_860_000.0 - y);
    let samples: Vec<f32> = (0..1_000 * 1_200)
        .map(|node| {
            let (row, column) = (f64::from(node / 1_200), f64::from(node % 1_200));
            height(350_015.0 + 30.0 * column, 4_859_985.0 - 30.0 * row) as f32
        })
        .collect();
    let bytes = encode::<Gray32Float>(
        &place,
        (1_000, 1_200),
        Compression::Lzw,
        Predictor::None,
        &samples,
    );
    fs::write(&path, bytes).unwrap();
    let zone = UtmZone::from_epsg(32_632).unwrap();
    let patch = over(&path, [7.2, 43.7, 7.5, 43.85]);
    assert_eq!(patch.frame, DemFrame::Utm(zone));
    let columns = (patch.west - 350_015.0) / 30.0;
    assert!(patch.column_step == 30.0 && (columns - columns.round()).abs() < 1e-5);
    assert!(patch.missing.is_empty());
    for (longitude, latitude) in [
        (7.2, 43.7),
        (7.5, 43.7),
        (7.2, 43.85),
        (7.5, 43.85),
        (7.3, 43.8),
    ] {
        let (x, y) = zone.project(Geodetic::from_degrees(longitude, latitude));
        let got = height_at(&patch, longitude, latitude);
        assert!(
            (got - height(x, y)).abs() < 0.01,
            "{got} at {longitude} {latitude}"
        );
    }
    let patch = over(&path, [7.0, 43.7, 7.2, 43.8]);
    assert_eq!(
        patch.missing.iter().collect::<Vec<_>>(),
        ["beyond the edge of dem.tif"]
    );
}

/// A small raster in degrees around 7.3 east, 43.8 north, of 16-bit samples.
fn small(samples: &[i16], place: impl FnOnce(&mut Place)) -> (TempDir, PathBuf) {
    let mut own = Place::geographic(7.2, 43.9, 0.01);
    place(&mut own);
    let shape = (20, samples.len() / 20);
    let (compression, predictor) = (Compression::Uncompressed, Predictor::None);
    let folder = tempdir().unwrap();
    let path = folder.path().join("dem.tif");
    fs::write(
        &path,
        encode::<GrayI16>(&own, shape, compression, predictor, samples),
    )
    .unwrap();
    (folder, path)
}

fn middle(path: &Path) -> f64 {
    height_at(&over(path, [7.27, 43.77, 7.33, 43.83]), 7.305, 43.795)
}

const SCALED: &str = "<GDALMetadata>\n  <Item name=\"OFFSET\" sample=\"0\" role=\"offset\">-100</Item>\n  \
     <Item name=\"SCALE\" sample=\"0\" role=\"scale\">0.1</Item>\n  <Item name=\"SCALE\" sample=\"1\" \
     role=\"scale\">9</Item>\n</GDALMetadata>";
const IN_FEET: &str =
    "<GDALMetadata><Item name=\"UNITTYPE\" sample=\"0\" role=\"unittype\">ft</Item></GDALMetadata>";
const IN_FATHOMS: &str = "<GDALMetadata><Item name=\"UNITTYPE\" sample=\"0\" role=\"unittype\">fathom</Item></GDALMetadata>";

#[test]
fn declared_scales_and_units_are_obeyed_or_refused() {
    let near =
        |got: f64, expected: f64| assert!((got - expected).abs() < 1e-3, "{got}, not {expected}");
    let samples = [5_000; 400];
    near(middle(&small(&samples, |_| ()).1), 5_000.0);
    near(
        middle(&small(&samples, |place| place.metadata = Some(SCALED)).1),
        400.0,
    );
    near(
        middle(&small(&samples, |place| place.metadata = Some(IN_FEET)).1),
        1_524.0,
    );
    // GeoTIFF's own way: vertical units, US survey feet, 5000 x 1200 / 3937.
    let in_feet = |place: &mut Place| {
        place.keys[3] += 1;
        place.keys.extend([4_099, 0, 1, 9_003]);
    };
    near(middle(&small(&samples, in_feet).1), 1_524.003_048);
    let (_folder, path) = small(&samples, |place| place.metadata = Some(IN_FATHOMS));
    let source = open(&DemLocation::Path(path), DemOptions::default());
    let error = source.err().unwrap();
    assert_eq!(error.kind(), ErrorKind::Auxiliary);
    let text = error.to_string();
    assert!(
        text.contains("fathom") && text.contains("dem.tif") && text.contains("gdal"),
        "{text}"
    );
    let (_folder, path) = small(&samples, |place| {
        place.metadata = Some("<GDALMetadata><Item")
    });
    let source = open(&DemLocation::Path(path), DemOptions::default());
    assert!(source.err().unwrap().to_string().contains("damaged"));
}

#[test]
fn what_is_no_height_on_earth_is_unknown_though_nothing_declares_it() {
    for sample in [VOID, -9_999, i16::MAX] {
        let mut samples = [700; 400];
        samples[10 * 20 + 10] = sample;
        let (_folder, path) = small(&samples, |_| ());
        assert!(middle(&path).is_nan());
        assert_eq!(
            height_at(&over(&path, [7.21, 43.77, 7.29, 43.83]), 7.25, 43.8),
            700.0
        );
    }
    // With a scale of 0.1, -9999 would be -1000 m.
    let scale =
        "<GDALMetadata><Item name=\"SCALE\" sample=\"0\" role=\"scale\">0.1</Item></GDALMetadata>";
    let (_folder, path) = small(&[-9_999; 400], |place| place.metadata = Some(scale));
    assert!(middle(&path).is_nan());
}

#[cfg(not(feature = "gdal"))]
#[test]
fn what_needs_gdal_is_told_with_the_way_out() {
    let nad27 = |place: &mut Place| place.keys[15] = 4_267;
    let lambert =
        |place: &mut Place| (place.keys[7], place.keys[12], place.keys[15]) = (1, 3_072, 2_154);
    for (what, place) in [("4267", &nad27 as &dyn Fn(&mut Place)), ("2154", &lambert)] {
        let (_folder, path) = small(&[700; 400], place);
        let error = open(&DemLocation::Path(path), DemOptions::default())
            .err()
            .unwrap();
        assert_eq!(error.kind(), ErrorKind::Auxiliary);
        let text = error.to_string();
        assert!(
            text.contains("gdalwarp") && text.contains("dem.tif") && text.contains(what),
            "{text}"
        );
    }
    let turned = |place: &mut Place| {
        let mut matrix = [0.0; 16];
        (matrix[0], matrix[1], matrix[3]) = (0.009, 0.004, 7.2);
        (matrix[4], matrix[5], matrix[7]) = (0.004, -0.009, 43.9);
        matrix[15] = 1.0;
        place.matrix = Some(matrix);
    };
    let (_folder, path) = small(&[700; 400], turned);
    let error = open(&DemLocation::Path(path), DemOptions::default())
        .err()
        .unwrap();
    assert!(error.to_string().contains("gdalwarp") && error.to_string().contains("rotated"));
}
