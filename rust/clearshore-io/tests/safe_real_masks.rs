//! Footprints and quality masks of real products against GDAL: its rasteriser for polygons, its JPEG
//! 2000 decoder for rasters.
#![cfg(feature = "gdal")]
#![allow(clippy::unwrap_used, clippy::print_stderr)] // Also in the helpers of the tests.

use clearshore::NoProgress;
use clearshore::scene::{Band, Grid};
use clearshore_io::safe::{Edges, MaskKind, Product, ProductFile};
use gdal::raster::rasterize;
use gdal::spatial_ref::SpatialRef;
use gdal::vector::LayerAccess;
use gdal::{Dataset, DriverManager};
use ndarray::Array2;
use std::path::{Path, PathBuf};

const BAY: &str = "T10SEH/S2B_MSIL1C_20200929T190109_N0209_R013_T10SEH_20200929T213343.SAFE";
const LIMA: &str = "newer/S2A_MSIL1C_20220125T151701_N0400_R125_T18LTM_20220125T190036.SAFE";

fn open(product: &str) -> Option<(Product, PathBuf)> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../../shared/data/l1c_safe")
        .join(product);
    if !path.is_dir() {
        eprintln!("skipped: {} is absent", path.display());
        return None;
    }
    Some((Product::open(&path, None).unwrap(), path))
}

fn mask(product: &Product, kind: MaskKind, band: Band) -> &ProductFile {
    &product.masks()[&(kind, Some(band))].file
}

/// Detectors that OGR and GDAL's rasteriser find in a GML file, burnt from the highest number down.
fn gdal_footprint(file: &Path, grid: &Grid) -> Array2<u8> {
    // OGR writes a schema beside the file that it reads.
    let folder = tempfile::tempdir().unwrap();
    let copy = folder.path().join("mask.gml");
    std::fs::copy(file, &copy).unwrap();
    let vectors = Dataset::open(&copy).unwrap();
    let mut layer = vectors.layer(0).unwrap();
    let index = layer.defn().field_index("gml_id").unwrap();
    let mut features: Vec<_> = layer
        .features()
        .map(|feature| {
            let id = feature.field_as_string(index).unwrap().unwrap();
            let detector: f64 = id.split('-').nth(2).unwrap().parse().unwrap();
            (detector, feature.geometry().unwrap().clone())
        })
        .collect();
    features.sort_by(|a, b| b.0.total_cmp(&a.0));
    let (detectors, geometries): (Vec<f64>, Vec<_>) = features.into_iter().unzip();
    let driver = DriverManager::get_driver_by_name("MEM").unwrap();
    let mut raster = driver
        .create_with_band_type::<u8, _>("", grid.width, grid.height, 1)
        .unwrap();
    let size = grid.pixel_size;
    raster
        .set_geo_transform(&[grid.easting, size, 0.0, grid.northing, 0.0, -size])
        .unwrap();
    let zone = SpatialRef::from_epsg(grid.zone.epsg()).unwrap();
    raster.set_spatial_ref(&zone).unwrap();
    rasterize(&mut raster, &[1], &geometries, &detectors, None).unwrap();
    plane(&raster, 1)
}

fn plane(raster: &Dataset, number: usize) -> Array2<u8> {
    let band = raster.rasterband(number).unwrap();
    let size = band.size();
    let buffer = band.read_as::<u8>((0, 0), size, size, None).unwrap();
    Array2::from_shape_vec((size.1, size.0), buffer.data().to_vec()).unwrap()
}

fn histogram(detectors: &Array2<u8>) -> Vec<usize> {
    let mut counts = vec![0; 13];
    detectors.iter().for_each(|d| counts[usize::from(*d)] += 1);
    counts
}

/// The native pixel under a pixel's centre, from a native to a coarser or finer aligned grid.
fn nearest(native: &Array2<u8>, from: usize, to: usize, shape: (usize, usize)) -> Array2<u8> {
    Array2::from_shape_fn(shape, |(row, column)| {
        native[[
            (2 * row + 1) * to / (2 * from),
            (2 * column + 1) * to / (2 * from),
        ]]
    })
}

#[test]
fn polygon_footprints_equal_those_of_gdal() {
    let Some((product, path)) = open(BAY) else {
        return;
    };
    for band in [Band::B01, Band::B05, Band::B12] {
        let grid = product.grid(band.native_pixel_size()).unwrap();
        let expected = gdal_footprint(
            &path.join(&mask(&product, MaskKind::Detfoo, band).name),
            &grid,
        );
        let got = product
            .detector_footprint(band, &grid, Edges::Exact, &NoProgress)
            .unwrap()
            .unwrap();
        assert!(
            histogram(&got).iter().filter(|count| **count > 0).count() >= 4,
            "{band}"
        );
        let different = got.iter().zip(&expected).filter(|(a, b)| a != b).count();
        assert_eq!(
            different,
            0,
            "{band}: {:?} {:?}",
            histogram(&got),
            histogram(&expected)
        );
    }
}

#[test]
fn raster_footprints_equal_what_gdal_decodes() {
    let Some((product, path)) = open(LIMA) else {
        return;
    };
    let grid = product.grid(20).unwrap();
    for band in [Band::B01, Band::B8A, Band::B02] {
        let file = path.join(&mask(&product, MaskKind::Detfoo, band).name);
        let native = plane(&Dataset::open(file).unwrap(), 1);
        let size = band.native_pixel_size() as usize;
        let got = product
            .detector_footprint(band, &grid, Edges::Exact, &NoProgress)
            .unwrap()
            .unwrap();
        assert_eq!(got, nearest(&native, size, 20, grid.shape()), "{band}");
        assert!(histogram(&got)[1..].iter().sum::<usize>() > 1_000_000);
    }
}

#[test]
fn quick_footprints_are_right_to_a_pixel() {
    let Some((product, _)) = open(LIMA) else {
        return;
    };
    for (band, pixel_size) in [
        (Band::B02, 20),
        (Band::B8A, 20),
        (Band::B8A, 60),
        (Band::B03, 10),
    ] {
        let grid = product.grid(pixel_size).unwrap();
        let footprint = |edges| {
            let detectors = product.detector_footprint(band, &grid, edges, &NoProgress);
            detectors.unwrap().unwrap()
        };
        let (exact, quick) = (footprint(Edges::Exact), footprint(Edges::ToAPixel));
        let (rows, columns) = exact.dim();
        let (mut others, mut far) = (0, 0);
        for ((row, column), number) in quick.indexed_iter() {
            if *number == exact[[row, column]] {
                continue;
            }
            others += 1;
            let around = |reach: usize| {
                let span = |middle: usize, count: usize| {
                    middle.saturating_sub(reach)..(middle + reach + 1).min(count)
                };
                exact.slice(ndarray::s![span(row, rows), span(column, columns)])
            };
            let is_edge_of_swath = around(3).iter().any(|number| *number == 0);
            let is_near = around(1).iter().any(|near| near == number);
            far += usize::from(!is_near && !is_edge_of_swath);
        }
        // Of an edge every second pixel at most, and farther away, or ringing, at borders of tiles alone.
        assert!(
            others > 0 && others < 20 * rows,
            "{band} {pixel_size} m: {others}"
        );
        assert!(
            50 * far < others,
            "{band} {pixel_size} m: {far} of {others}"
        );
    }
}

#[test]
fn quality_masks_equal_what_gdal_decodes() {
    let Some((product, path)) = open(LIMA) else {
        return;
    };
    // B12 has a defective column, B10 and B11 pixels partially corrected for crosstalk, which count not.
    let bands = [Band::B10, Band::B11, Band::B12];
    let planes = bands.map(|band| {
        let raster =
            Dataset::open(path.join(&mask(&product, MaskKind::Qualit, band).name)).unwrap();
        // MSI_LOST, QT_DEFECTIVE_PIXELS, QT_NODATA_PIXELS; GDAL counts from 1.
        let planes = [3, 5, 6].map(|number| plane(&raster, number));
        (band.native_pixel_size() as usize, planes)
    });
    for pixel_size in [20, 60] {
        let grid = product.grid(pixel_size as u32).unwrap();
        let mut expected = Array2::from_elem(grid.shape(), false);
        for (size, planes) in &planes {
            for ((row, column), value) in planes.iter().flat_map(|plane| plane.indexed_iter()) {
                if *value != 0 {
                    for r in row * size / pixel_size..((row + 1) * size).div_ceil(pixel_size) {
                        for c in
                            column * size / pixel_size..((column + 1) * size).div_ceil(pixel_size)
                        {
                            expected[[r, c]] = true;
                        }
                    }
                }
            }
        }
        assert!(expected.iter().filter(|marked| **marked).count() > 1000);
        let got = product.defective(&grid, &bands, &NoProgress).unwrap();
        assert_eq!(got.unwrap(), expected, "{pixel_size} m");
    }
}
