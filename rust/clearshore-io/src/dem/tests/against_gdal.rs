//! What is read here and what GDAL reads.

use super::golden::shared;
use super::*;
use ::gdal::spatial_ref::{AxisMappingStrategy, CoordTransform, SpatialRef};
use ::gdal::{Dataset, DriverManager, GeoTransformEx};

/// GDAL's sample at a node, pixel by pixel; voids are NaN.
fn assert_same_nodes(path: &str, patch: &DemPatch, turn: f64) -> usize {
    let dataset = Dataset::open(path).unwrap();
    let inverse = dataset.geo_transform().unwrap().invert().unwrap();
    let band = dataset.rasterband(1).unwrap();
    let no_data = band.no_data_value();
    let samples = band.read_band_as::<f64>().unwrap();
    let (columns, rows) = band.size();
    let mut compared = 0;
    for ((row, column), height) in patch.heights.indexed_iter() {
        let x = patch.west + column as f64 * patch.column_step + turn;
        let y = patch.north - row as f64 * patch.row_step;
        let (c, r) = inverse.apply(x, y);
        if !(0.0..columns as f64).contains(&c) || !(0.0..rows as f64).contains(&r) {
            continue;
        }
        // Nodes are the centres of GDAL's pixels.
        assert!(
            (c.fract() - 0.5).abs() < 1e-3 && (r.fract() - 0.5).abs() < 1e-3,
            "{c} {r}"
        );
        let sample = samples.data()[r as usize * columns + c as usize];
        let void = Some(sample) == no_data;
        assert!(
            if void {
                height.is_nan()
            } else {
                *height == sample as f32
            },
            "{height} {sample}"
        );
        compared += 1;
    }
    compared
}

#[test]
fn real_srtm_cells_are_what_gdal_reads() {
    let Some(folder) = shared("data/dem/srtm3") else {
        return;
    };
    let mut voids = 0;
    for (name, west, south) in [
        ("N43E007", 7.0, 43.0),
        ("N49E011", 11.0, 49.0),
        ("N41E001", 1.0, 41.0),
    ] {
        let patch = over(&folder, [west, south, west + 1.0, south + 1.0]);
        let path = format!(
            "/vsizip/{}/{name}.hgt",
            folder.join(format!("{name}.hgt.zip")).display()
        );
        assert_eq!(assert_same_nodes(&path, &patch, 0.0), 1_201 * 1_201);
        voids += patch
            .heights
            .iter()
            .filter(|height| height.is_nan())
            .count();
    }
    assert!(voids > 0);
}

#[test]
fn a_real_raster_in_utm_is_what_gdal_reads() {
    let Some(path) = shared("data/dem/other/topotoolbox_bigtujunga30m_utm11.tif") else {
        return;
    };
    let patch = over(&path, [-118.3, 34.25, -118.0, 34.38]);
    assert!(patch.missing.is_empty());
    assert!(assert_same_nodes(&path.to_string_lossy(), &patch, 0.0) > 400_000);
    // The same raster through GDAL's reader, in degrees: bilinear in both.
    let cells = gdal::GdalCells::open(&path).unwrap();
    let source = CachedCells::new(cells, usize::MAX);
    let degrees = patch_over(&source, [-118.3, 34.25, -118.0, 34.38]).unwrap();
    assert_eq!(degrees.frame, DemFrame::Geographic);
    for ((row, column), height) in degrees.heights.indexed_iter() {
        let (r, c) = patch.node_position(degrees.place(row as f64, column as f64));
        let other = patch.height(r, c);
        assert!(
            (f64::from(*height) - other).abs() < 0.01 || other.is_nan(),
            "{height} {other}"
        );
    }
}

/// A raster by its transform, of heights in its own coordinates.
fn written(
    path: &Path,
    driver: &str,
    epsg: u32,
    transform: [f64; 6],
    size: (usize, usize),
    height: impl Fn(f64, f64) -> f32,
) {
    let samples = (0..size.0 * size.1)
        .map(|index| {
            let (x, y) =
                transform.apply((index % size.0) as f64 + 0.5, (index / size.0) as f64 + 0.5);
            height(x, y)
        })
        .collect();
    let driver = DriverManager::get_driver_by_name(driver).unwrap();
    let mut raster = driver
        .create_with_band_type::<f32, _>(path, size.0, size.1, 1)
        .unwrap();
    raster
        .set_spatial_ref(&SpatialRef::from_epsg(epsg).unwrap())
        .unwrap();
    raster.set_geo_transform(&transform).unwrap();
    let mut band = raster.rasterband(1).unwrap();
    band.set_no_data_value(Some(-9_999.0)).unwrap();
    band.write(
        (0, 0),
        size,
        &mut ::gdal::raster::Buffer::new(size, samples),
    )
    .unwrap();
}

#[test]
fn any_projection_and_rotation_is_read_through_gdal() {
    let folder = tempdir().unwrap();
    let height = |x: f64, y: f64| (0.02 * (x - 4_000_000.0) + 0.01 * (y - 2_300_000.0)) as f32;
    for (name, transform) in [
        (
            "north_up.tif",
            [4_000_000.0, 100.0, 0.0, 2_360_000.0, 0.0, -100.0],
        ),
        (
            "rotated.tif",
            [4_000_000.0, 80.0, 60.0, 2_330_000.0, 60.0, -80.0],
        ),
    ] {
        // ETRS89 / LAEA Europe.
        let path = folder.path().join(name);
        written(&path, "GTiff", 3_035, transform, (900, 600), height);
        let mut degrees = SpatialRef::from_epsg(4_326).unwrap();
        let mut own = SpatialRef::from_epsg(3_035).unwrap();
        for reference in [&mut degrees, &mut own] {
            reference.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
        }
        let (x, y) = transform.apply(450.0, 300.0);
        let (mut x, mut y) = ([x], [y]);
        CoordTransform::new(&own, &degrees)
            .unwrap()
            .transform_coords(&mut x, &mut y, &mut [])
            .unwrap();
        let area = [x[0] - 0.1, y[0] - 0.1, x[0] + 0.1, y[0] + 0.1];
        let patch = over(&path, area);
        assert!(patch.missing.is_empty(), "{:?}", patch.missing);
        let back = CoordTransform::new(&degrees, &own).unwrap();
        for ((row, column), got) in patch.heights.indexed_iter() {
            let (mut x, mut y) = (
                [patch.west + column as f64 * patch.column_step],
                [patch.north - row as f64 * patch.row_step],
            );
            back.transform_coords(&mut x, &mut y, &mut []).unwrap();
            let expected = height(x[0], y[0]);
            assert!((got - expected).abs() < 0.02, "{name}: {got} {expected}");
        }
        let patch = over(&path, [area[0] - 3.0, area[1], area[2], area[3]]);
        assert_eq!(
            patch.missing.iter().collect::<Vec<_>>(),
            [&format!("beyond the edge of {name}")]
        );
    }
}

#[test]
fn a_raster_in_degrees_keeps_its_nodes_through_gdal() {
    let folder = tempdir().unwrap();
    // Erdas Imagine, from 0 to 360 degrees, across the antimeridian; one void.
    let path = folder.path().join("dem.img");
    let transform = [179.0, 0.01, 0.0, -16.0, 0.0, -0.01];
    let height = |x: f64, y: f64| {
        if (x - 180.005).abs() < 1e-6 && (y + 16.505).abs() < 1e-6 {
            -9_999.0
        } else {
            (x * 91.7).sin() as f32 * 50.0 + y as f32
        }
    };
    written(&path, "HFA", 4_326, transform, (200, 100), height);
    let patch = over(&path, [179.7, -16.7, 180.3, -16.3]);
    assert_eq!(
        assert_same_nodes(&path.to_string_lossy(), &patch, 0.0),
        patch.heights.len()
    );
    assert_eq!(
        patch
            .heights
            .iter()
            .filter(|height| height.is_nan())
            .count(),
        1
    );
    let patch = over(&path, [-179.9, -16.7, -179.5, -16.3]);
    assert_eq!(
        assert_same_nodes(&path.to_string_lossy(), &patch, 360.0),
        patch.heights.len()
    );
}

#[test]
fn srtm_through_gdal_is_srtm() {
    // GDAL calls nodes pixels: its origin is half a pixel off, ours is not.
    let folder = srtm_folder();
    let cell = folder.path().join("N43E007.hgt");
    let cells = gdal::GdalCells::open(&cell).unwrap();
    let source = CachedCells::new(cells, usize::MAX);
    let area = [7.4, 43.2, 7.6, 43.6];
    let through = patch_over(&source, area).unwrap();
    let own = over(&cell, area);
    assert_eq!(
        (through.heights.dim(), &through.heights),
        (own.heights.dim(), &own.heights)
    );
    assert!((through.west - own.west).abs() < 1e-9 && (through.north - own.north).abs() < 1e-9);
}

#[test]
fn a_real_grid_of_another_format_is_read() {
    let Some(path) = shared("data/dem/other/lakes_topo.nc") else {
        return;
    };
    match open(&DemLocation::Path(path), DemOptions::default()) {
        Ok(source) => {
            patch_over(&*source, [-119.2, 37.5, -119.0, 37.7]).unwrap();
        }
        // It says nothing of its coordinate system.
        Err(error) => assert_eq!(error.kind(), ErrorKind::Auxiliary),
    }
}

#[test]
fn other_datums_and_cones_are_read_through_gdal() {
    let folder = tempdir().unwrap();
    let degrees = |epsg: u32| {
        let mut systems = [4_326, epsg].map(|code| SpatialRef::from_epsg(code).unwrap());
        for system in &mut systems {
            system.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
        }
        CoordTransform::new(&systems[0], &systems[1]).unwrap()
    };
    for (name, epsg, transform, slope, area) in [
        // NAD27 in the Rocky Mountains; Lambert-93 at the Riviera.
        (
            "nad27.tif",
            4_267,
            [-106.0, 0.002, 0.0, 40.0, 0.0, -0.002],
            1_000.0,
            [-105.7, 39.6, -105.4, 39.8],
        ),
        (
            "lambert.tif",
            2_154,
            [1_000_000.0, 100.0, 0.0, 6_340_000.0, 0.0, -100.0],
            0.01,
            [7.0, 43.7, 7.3, 43.9],
        ),
    ] {
        let path = folder.path().join(name);
        let height = |x: f64, y: f64| {
            (2_000.0 + slope * (x - transform[0]) - 0.5 * slope * (y - transform[3])) as f32
        };
        written(&path, "GTiff", epsg, transform, (700, 700), height);
        let patch = over(&path, area);
        assert!(patch.missing.is_empty(), "{name}: {:?}", patch.missing);
        let forth = degrees(epsg);
        let mut moved = 0.0_f32;
        for ((row, column), got) in patch.heights.indexed_iter() {
            let (x, y) = (
                patch.west + column as f64 * patch.column_step,
                patch.north - row as f64 * patch.row_step,
            );
            let (mut own_x, mut own_y) = ([x], [y]);
            forth
                .transform_coords(&mut own_x, &mut own_y, &mut [])
                .unwrap();
            let expected = height(own_x[0], own_y[0]);
            assert!((got - expected).abs() < 0.02, "{name}: {got} {expected}");
            moved = moved.max((got - height(x, y)).abs());
        }
        // The datums differ, by some tens of metres on the ground.
        assert!(moved > 0.1, "{name}: {moved}");
    }
}

#[test]
fn declared_scales_and_units_are_obeyed_or_refused_through_gdal() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("dem.img");
    let transform = [7.0, 0.01, 0.0, 44.0, 0.0, -0.01];
    // Erdas Imagine in plate carree has no unit of heights: VRT has all.
    written(&path, "HFA", 4_326, transform, (100, 100), |_, _| 5_000.0);
    let vrt = folder.path().join("dem.vrt");
    let text = |more: &str| {
        format!(
            "<VRTDataset rasterXSize=\"100\" rasterYSize=\"100\"><SRS>EPSG:4326</SRS><GeoTransform>7, 0.01, 0, 44, 0, \
             -0.01</GeoTransform><VRTRasterBand dataType=\"Float32\" band=\"1\">{more}<SimpleSource><SourceFilename \
             relativeToVRT=\"1\">dem.img</SourceFilename><SourceBand>1</SourceBand></SimpleSource></VRTRasterBand>\
             </VRTDataset>"
        )
    };
    let read = |more: &str| {
        fs::write(&vrt, text(more)).unwrap();
        let source = open(&DemLocation::Path(vrt.clone()), DemOptions::default())?;
        let patch = patch_over(&*source, [7.4, 43.4, 7.6, 43.6])?;
        Ok(height_at(&patch, 7.5, 43.5))
    };
    let near = |got: Result<f64>, expected: f64| assert!((got.unwrap() - expected).abs() < 1e-3);
    near(read(""), 5_000.0);
    near(read("<Scale>0.1</Scale><Offset>-100</Offset>"), 400.0);
    near(read("<UnitType>ft</UnitType>"), 1_524.0);
    let error = read("<UnitType>fathom</UnitType>").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Auxiliary);
    assert!(error.to_string().contains("fathom"), "{error}");
}

#[test]
fn an_undeclared_no_data_is_no_height_through_gdal() {
    let folder = tempdir().unwrap();
    let path = folder.path().join("dem.img");
    let transform = [7.0, 0.01, 0.0, 44.0, 0.0, -0.01];
    let height = |x: f64, _: f64| if x < 7.5 { -32_768.0 } else { 12.0 };
    written(&path, "HFA", 4_326, transform, (100, 100), height);
    let patch = over(&path, [7.4, 43.4, 7.6, 43.6]);
    assert!(height_at(&patch, 7.45, 43.5).is_nan() && height_at(&patch, 7.55, 43.5) == 12.0);
}
