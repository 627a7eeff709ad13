//! Water rasters in the layouts that GDAL writes, as GDAL reads them and PROJ places them.
#![cfg(feature = "gdal")]
// Outside of `#[test]` functions the lint also sees the helpers.
#![allow(clippy::unwrap_used)]

use clearshore::scene::{Grid, UtmZone};
use clearshore_io::geotiff::GeoTiff;
use clearshore_io::water::{UNKNOWN_PERCENT, read_water_occurrence};
use gdal::raster::{Buffer, ColorEntry, ColorTable, GdalType, RasterCreationOptions};
use gdal::spatial_ref::{AxisMappingStrategy, CoordTransform, SpatialRef};
use gdal::{Dataset, DriverManager, Metadata};
use std::path::{Path, PathBuf};

/// Rows and columns of the rasters.
const SIZE: (usize, usize) = (310, 420);
/// Distance from a border at which PROJ and Clearshore may differ, source pixels.
const BORDER: f64 = 1e-6;

struct Raster {
    epsg: u32,
    left: f64,
    top: f64,
    pixel: f64,
    driver: &'static str,
    options: &'static [&'static str],
    bands: usize,
    no_data: Option<f64>,
    is_point: bool,
    has_palette: bool,
}

/// A tile in the south, Shark Bay, and a raster around it.
fn grid() -> Grid {
    Grid {
        zone: UtmZone::from_epsg(32_749).unwrap(),
        easting: 699_960.0,
        northing: 7_200_020.0,
        pixel_size: 20.0,
        height: 300,
        width: 350,
    }
}

const RASTER: Raster = Raster {
    epsg: 4326,
    left: 112.97,
    top: -25.28,
    pixel: 0.000_25,
    driver: "GTiff",
    options: &[],
    bands: 1,
    no_data: None,
    is_point: false,
    has_palette: false,
};

/// Percentages in patches and, at random, ocean.
fn value(row: usize, column: usize) -> u8 {
    match (row * 7919 + column * 104_729) % 103 {
        percent @ 0..=100 => percent as u8,
        _ => 255,
    }
}

impl Raster {
    fn write<T: GdalType + Copy + From<u8>>(&self, folder: &Path) -> PathBuf {
        let (height, width) = SIZE;
        let memory = DriverManager::get_driver_by_name("MEM").unwrap();
        let mut source = memory
            .create_with_band_type::<T, _>("", width, height, self.bands)
            .unwrap();
        source
            .set_spatial_ref(&SpatialRef::from_epsg(self.epsg).unwrap())
            .unwrap();
        source
            .set_geo_transform(&[self.left, self.pixel, 0.0, self.top, 0.0, -self.pixel])
            .unwrap();
        if self.is_point {
            source
                .set_metadata_item("AREA_OR_POINT", "Point", "")
                .unwrap();
        }
        for number in 1..=self.bands {
            let mut band = source.rasterband(number).unwrap();
            band.set_no_data_value(self.no_data).unwrap();
            if self.has_palette {
                let mut table = ColorTable::default();
                table.set_color_entry(1, &ColorEntry::rgba(0, 0, 200, 255));
                band.set_color_table(&table);
            }
            let values = (0..height * width)
                .map(|index| match number {
                    1 => T::from(value(index / width, index % width)),
                    _ => T::from(17),
                })
                .collect();
            band.write(
                (0, 0),
                (width, height),
                &mut Buffer::new((width, height), values),
            )
            .unwrap();
        }
        let path = folder.join("water.tif");
        let driver = DriverManager::get_driver_by_name(self.driver).unwrap();
        let options = RasterCreationOptions::from_iter(self.options.iter().copied());
        source.create_copy(&driver, &path, &options).unwrap();
        path
    }
}

/// Number of pixels within the raster; all are as GDAL and PROJ have them.
fn is_as_gdal_has_it(path: &Path, grid: &Grid) -> usize {
    assert!(
        GeoTiff::open(path).is_ok(),
        "GDAL would read it on both sides"
    );
    let occurrence = read_water_occurrence(path, grid).unwrap();
    let raster = Dataset::open(path).unwrap();
    let [left, across, _, top, _, down] = raster.geo_transform().unwrap();
    let band = raster.rasterband(1).unwrap();
    let values = band.read_band_as::<f64>().unwrap();
    let mut from = SpatialRef::from_epsg(grid.zone.epsg()).unwrap();
    let mut to = raster.spatial_ref().unwrap();
    for reference in [&mut from, &mut to] {
        reference.set_axis_mapping_strategy(AxisMappingStrategy::TraditionalGisOrder);
    }
    let transform = CoordTransform::new(&from, &to).unwrap();
    let (height, width) = (SIZE.0 as f64, SIZE.1 as f64);
    let (mut inside, mut at_borders) = (0, 0);
    for row in 0..grid.height {
        let (mut x, mut y): (Vec<_>, Vec<_>) = (0..grid.width)
            .map(|column| grid.pixel_centre(row, column))
            .unzip();
        transform.transform_coords(&mut x, &mut y, &mut []).unwrap();
        for (column, (&x, &y)) in x.iter().zip(&y).enumerate() {
            let x = if to.is_geographic() && x < left - 180.0 {
                x + 360.0
            } else {
                x
            };
            let place = [(x - left) / across, (y - top) / down];
            // Where GDAL's rounding puts what lies on a border is no question of exactness.
            if grid.zone.epsg() as i32 != to.auth_code().unwrap()
                && place
                    .iter()
                    .any(|place| (place - place.round()).abs() < BORDER)
            {
                at_borders += 1;
                inside += 1;
                continue;
            }
            let expected = if (0.0..width).contains(&place[0]) && (0.0..height).contains(&place[1])
            {
                inside += 1;
                match values[(place[1] as usize, place[0] as usize)] {
                    value if Some(value) == band.no_data_value() => UNKNOWN_PERCENT,
                    255.0 => 100,
                    value => value as u8,
                }
            } else {
                UNKNOWN_PERCENT
            };
            assert_eq!(
                occurrence[(row, column)],
                expected,
                "{row} {column}: {place:?}"
            );
        }
    }
    assert!(at_borders <= 3, "{at_borders}");
    inside
}

#[test]
fn each_layout_that_gdal_writes_is_read_as_gdal_reads_it() {
    let folder = tempfile::tempdir().unwrap();
    let check = |write: fn(&Raster, &Path) -> PathBuf, raster: Raster| {
        let inside = is_as_gdal_has_it(&write(&raster, folder.path()), &grid());
        assert!(inside > 50_000, "{inside} of {:?}", raster.options);
    };
    let with = |options: &'static [&'static str]| Raster { options, ..RASTER };
    check(Raster::write::<u8>, with(&["COMPRESS=NONE"]));
    check(
        Raster::write::<u8>,
        with(&[
            "COMPRESS=LZW",
            "TILED=YES",
            "BLOCKXSIZE=64",
            "BLOCKYSIZE=32",
        ]),
    );
    check(
        Raster::write::<u8>,
        with(&["COMPRESS=DEFLATE", "PREDICTOR=2", "TILED=YES"]),
    );
    check(
        Raster::write::<u8>,
        with(&["COMPRESS=PACKBITS", "BLOCKYSIZE=310"]),
    );
    check(
        Raster::write::<u8>,
        with(&["BIGTIFF=YES", "COMPRESS=LZW", "TILED=YES"]),
    );
    check(
        Raster::write::<u16>,
        with(&["COMPRESS=LZW", "PREDICTOR=2", "ENDIANNESS=BIG"]),
    );
    check(
        Raster::write::<u16>,
        with(&["ENDIANNESS=BIG", "BIGTIFF=YES", "TILED=YES"]),
    );
    check(
        Raster::write::<i16>,
        with(&["COMPRESS=LZW", "PREDICTOR=2", "BLOCKYSIZE=7"]),
    );
    check(
        Raster::write::<u32>,
        with(&["COMPRESS=DEFLATE", "PREDICTOR=2", "TILED=YES"]),
    );
    check(Raster::write::<i32>, with(&["COMPRESS=LZW", "TILED=YES"]));
    check(
        Raster::write::<f32>,
        with(&["COMPRESS=DEFLATE", "PREDICTOR=3", "TILED=YES"]),
    );
    check(Raster::write::<f32>, with(&["COMPRESS=LZW", "PREDICTOR=2"]));
    check(
        Raster::write::<f64>,
        with(&["COMPRESS=LZW", "PREDICTOR=3", "ENDIANNESS=BIG"]),
    );
    for options in [
        &["INTERLEAVE=PIXEL", "COMPRESS=LZW", "TILED=YES"],
        &["INTERLEAVE=BAND", "COMPRESS=LZW", "TILED=NO"],
    ] {
        let raster = Raster {
            options,
            bands: 3,
            ..RASTER
        };
        check(Raster::write::<u8>, raster);
    }
    for no_data in [0.0, 42.0, 255.0, -9999.0] {
        let raster = Raster {
            options: &[
                "SPARSE_OK=TRUE",
                "TILED=YES",
                "BLOCKXSIZE=16",
                "BLOCKYSIZE=16",
            ],
            no_data: Some(no_data),
            ..RASTER
        };
        check(Raster::write::<i16>, raster);
    }
    let raster = Raster {
        has_palette: true,
        options: &["COMPRESS=LZW"],
        ..RASTER
    };
    check(Raster::write::<u8>, raster);
    let raster = Raster {
        driver: "COG",
        options: &[
            "COMPRESS=DEFLATE",
            "BLOCKSIZE=128",
            "OVERVIEWS=IGNORE_EXISTING",
        ],
        ..RASTER
    };
    check(Raster::write::<u8>, raster);
}

#[test]
fn each_place_is_where_proj_puts_it() {
    let folder = tempfile::tempdir().unwrap();
    let inside =
        |raster: Raster, grid: Grid| is_as_gdal_has_it(&raster.write::<u8>(folder.path()), &grid);
    let pixels = grid().height * grid().width;
    let point = Raster {
        is_point: true,
        ..RASTER
    };
    assert!(inside(point, grid()) > 50_000);
    let partial = Raster {
        left: 113.02,
        top: -25.33,
        ..RASTER
    };
    assert!((10_000..90_000).contains(&inside(partial, grid())));
    let same_zone = Raster {
        epsg: 32_749,
        left: 699_900.0,
        top: 7_200_100.0,
        pixel: 25.0,
        ..RASTER
    };
    assert_eq!(inside(same_zone, grid()), pixels);
    let (left, top) = UtmZone::from_epsg(32_750)
        .unwrap()
        .project(grid().corners()[0]);
    let other_zone = Raster {
        epsg: 32_750,
        left: left - 500.0,
        top: top + 700.0,
        pixel: 25.0,
        ..RASTER
    };
    assert_eq!(inside(other_zone, grid()), pixels);
    // Northern tiles: at the end of UTM, and where the date changes.
    let svalbard = Grid {
        zone: UtmZone::from_epsg(32_633).unwrap(),
        easting: 499_980.0,
        northing: 8_900_040.0,
        ..grid()
    };
    let corner = svalbard.corners()[0];
    let arctic = Raster {
        left: corner.longitude.to_degrees() - 0.01,
        top: corner.latitude.to_degrees() + 0.01,
        pixel: 0.001,
        ..RASTER
    };
    assert_eq!(inside(arctic, svalbard), pixels);
    let fiji = Grid {
        zone: UtmZone::from_epsg(32_701).unwrap(),
        easting: 178_000.0,
        northing: 8_100_020.0,
        ..grid()
    };
    let across = Raster {
        left: 179.96,
        top: -17.1,
        pixel: 0.000_5,
        ..RASTER
    };
    assert!(inside(across, fiji) > 50_000);
}

#[test]
fn what_needs_gdal_is_read_by_gdal() {
    let folder = tempfile::tempdir().unwrap();
    for raster in [
        Raster {
            epsg: 3857,
            left: 12_575_000.0,
            top: -2_911_000.0,
            pixel: 100.0,
            ..RASTER
        },
        Raster {
            options: &["COMPRESS=ZSTD"],
            ..RASTER
        },
    ] {
        let path = raster.write::<u8>(folder.path());
        assert!(GeoTiff::open(&path).is_err());
        let occurrence = read_water_occurrence(&path, &grid()).unwrap();
        assert!(occurrence.iter().filter(|percent| **percent <= 100).count() > 50_000);
    }
}
