//! Rasters written by the `tiff` crate, read back; damaged ones; positions against their slow twin.

use super::*;
use clearshore::ErrorKind;
use clearshore::scene::{Grid, UtmZone};
use proptest::prelude::*;
use std::fs;
use std::io::Cursor;
use tiff::encoder::colortype::{ColorType, Gray8, Gray16, Gray32Float, GrayI16};
use tiff::encoder::{Compression, Predictor, TiffEncoder, TiffValue};
use tiff::tags::Tag;

/// Tags of the georeference.
#[derive(Clone)]
pub(crate) struct Place {
    pub scale: [f64; 3],
    pub tie: [f64; 6],
    pub keys: Vec<u16>,
    pub no_data: Option<&'static str>,
    /// GDAL's metadata.
    pub metadata: Option<&'static str>,
    /// Instead of scale and tie point.
    pub matrix: Option<[f64; 16]>,
}

impl Place {
    /// Longitude and latitude of the outer upper-left corner, size of a pixel.
    pub fn geographic(left: f64, top: f64, size: f64) -> Self {
        let keys = [
            [1, 1, 0, 3],
            [1024, 0, 1, 2],
            [1025, 0, 1, 1],
            [2048, 0, 1, 4326],
        ];
        Self {
            scale: [size, size, 0.0],
            tie: [0.0, 0.0, 0.0, left, top, 0.0],
            keys: keys.concat(),
            no_data: None,
            metadata: None,
            matrix: None,
        }
    }

    pub fn utm(epsg: u16, left: f64, top: f64, size: f64) -> Self {
        let keys = [
            [1, 1, 0, 3],
            [1024, 0, 1, 1],
            [1025, 0, 1, 1],
            [3072, 0, 1, epsg],
        ];
        Self {
            keys: keys.concat(),
            ..Self::geographic(left, top, size)
        }
    }
}

/// A GeoTIFF in strips of 16 rows.
pub(crate) fn encode<C: ColorType>(
    place: &Place,
    (height, width): (usize, usize),
    compression: Compression,
    predictor: Predictor,
    samples: &[C::Inner],
) -> Vec<u8>
where
    [C::Inner]: TiffValue,
{
    let mut file = Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut file)
        .unwrap()
        .with_compression(compression)
        .with_predictor(predictor);
    let mut image = encoder.new_image::<C>(width as u32, height as u32).unwrap();
    image.rows_per_strip(16).unwrap();
    let tags = image.encoder();
    if let Some(matrix) = &place.matrix {
        tags.write_tag(Tag::ModelTransformationTag, &matrix[..])
            .unwrap();
    } else {
        tags.write_tag(Tag::ModelPixelScaleTag, &place.scale[..])
            .unwrap();
        tags.write_tag(Tag::ModelTiepointTag, &place.tie[..])
            .unwrap();
    }
    if !place.keys.is_empty() {
        tags.write_tag(Tag::GeoKeyDirectoryTag, &place.keys[..])
            .unwrap();
    }
    if let Some(text) = place.no_data {
        tags.write_tag(Tag::GdalNodata, text).unwrap();
    }
    if let Some(text) = place.metadata {
        tags.write_tag(Tag::Unknown(42_112), text).unwrap();
    }
    image.write_data(samples).unwrap();
    file.into_inner()
}

/// The simplest of them: 8 bits, LZW.
pub(crate) fn encode_bytes(place: &Place, shape: (usize, usize), samples: &[u8]) -> Vec<u8> {
    encode::<Gray8>(place, shape, Compression::Lzw, Predictor::None, samples)
}

fn opened(bytes: &[u8]) -> (tempfile::TempDir, std::result::Result<GeoTiff, Refusal>) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("raster.tif");
    fs::write(&path, bytes).unwrap();
    let raster = GeoTiff::open(&path);
    (folder, raster)
}

const SHAPE: (usize, usize) = (50, 37);
const WINDOW: Window = Window {
    row: 13,
    column: 5,
    rows: 30,
    columns: 20,
};

#[test]
fn windows_of_all_compressions_and_types_are_what_was_written() {
    fn check<C: ColorType>(
        compression: Compression,
        predictor: Predictor,
        sample: fn(usize) -> C::Inner,
    ) where
        [C::Inner]: TiffValue,
        C::Inner: Copy + Into<f64>,
    {
        let samples: Vec<_> = (0..SHAPE.0 * SHAPE.1).map(sample).collect();
        let place = Place::geographic(7.0, 50.0, 0.01);
        let (_folder, raster) = opened(&encode::<C>(
            &place,
            SHAPE,
            compression,
            predictor,
            &samples,
        ));
        let window = raster
            .unwrap()
            .read_window(&WINDOW, |value| Ok(value.unwrap()))
            .unwrap();
        for ((row, column), &value) in window.indexed_iter() {
            let expected: f64 = samples[(13 + row) * SHAPE.1 + 5 + column].into();
            assert_eq!(value, expected);
        }
    }
    for compression in [
        Compression::Uncompressed,
        Compression::Lzw,
        Compression::Packbits,
        Compression::Deflate(Default::default()),
    ] {
        for predictor in [Predictor::None, Predictor::Horizontal] {
            check::<Gray8>(compression, predictor, |i| (i * 7 % 256) as u8);
            check::<Gray16>(compression, predictor, |i| (i * 37 % 65_536) as u16);
            check::<GrayI16>(compression, predictor, |i| (i * 37 % 65_536) as u16 as i16);
        }
        check::<Gray32Float>(compression, Predictor::None, |i| i as f32 * -0.37);
    }
}

#[test]
fn no_data_and_not_a_number_are_none() {
    let place = Place {
        no_data: Some("-3.4028234663852886e+38"),
        ..Place::geographic(7.0, 50.0, 0.01)
    };
    let mut samples = vec![1.5; SHAPE.0 * SHAPE.1];
    samples[..2].copy_from_slice(&[f32::MIN, f32::NAN]);
    let bytes = encode::<Gray32Float>(&place, SHAPE, Compression::Lzw, Predictor::None, &samples);
    let (_folder, raster) = opened(&bytes);
    let raster = raster.unwrap();
    assert_eq!(
        (raster.sample_type(), raster.shape()),
        (SampleType::F32, SHAPE)
    );
    let window = Window {
        row: 0,
        column: 0,
        rows: 1,
        columns: 3,
    };
    let values = raster.read_window(&window, Ok).unwrap();
    assert_eq!(values.into_raw_vec_and_offset().0, [None, None, Some(1.5)]);
}

#[test]
fn places_are_those_of_corners_whatever_the_tags() {
    let place = |change: fn(&mut Place)| {
        let mut place = Place::geographic(7.0, 50.0, 0.5);
        change(&mut place);
        let (_folder, raster) = opened(&encode_bytes(&place, SHAPE, &vec![0; SHAPE.0 * SHAPE.1]));
        let found = *raster.unwrap().georeference();
        assert_eq!((found.pixel_width, found.pixel_height), (0.5, 0.5));
        (found.left, found.top)
    };
    let matrix = |place: &mut Place| {
        let mut matrix = [0.0; 16];
        (matrix[0], matrix[3], matrix[5], matrix[7], matrix[15]) = (0.5, 7.0, -0.5, 50.0, 1.0);
        place.matrix = Some(matrix);
    };
    assert_eq!(place(|_| ()), (7.0, 50.0));
    assert_eq!(place(matrix), (7.0, 50.0));
    // The tie point ties the third pixel of the fifth row.
    assert_eq!(
        place(|place| place.tie[..2].copy_from_slice(&[2.0, 4.0])),
        (6.0, 52.0)
    );
    // Point means that a pixel's place is its centre.
    assert_eq!(place(|place| place.keys[11] = 2), (6.75, 50.25));
    let user_defined = |place: &mut Place| {
        place.keys = [
            [1, 1, 0, 4],
            [1024, 0, 1, 2],
            [2048, 0, 1, 32_767],
            [2050, 0, 1, 6326],
            [2054, 0, 1, 9102],
        ]
        .concat();
    };
    assert_eq!(place(user_defined), (7.0, 50.0));
}

#[test]
fn what_is_not_supported_differs_from_what_is_broken() {
    let good = Place::geographic(7.0, 50.0, 0.01);
    let outcome = |change: &dyn Fn(&mut Place)| {
        let mut place = good.clone();
        change(&mut place);
        let (_folder, raster) = opened(&encode_bytes(&place, SHAPE, &vec![0; SHAPE.0 * SHAPE.1]));
        match raster {
            Ok(_) => "read",
            Err(Refusal::NotSupported(error)) => {
                assert!(error.to_string().contains("gdalwarp"), "{error}");
                "not supported"
            }
            Err(Refusal::Broken(error)) => {
                assert_eq!(error.kind(), ErrorKind::Auxiliary);
                "broken"
            }
        }
    };
    assert_eq!(outcome(&|_| ()), "read");
    assert_eq!(outcome(&|place| place.keys[15] = 4258), "not supported");
    assert_eq!(outcome(&|place| place.keys[7] = 3), "not supported");
    assert_eq!(outcome(&|place| place.keys.clear()), "not supported");
    assert_eq!(
        outcome(&|place| *place = Place::utm(3035, 0.0, 0.0, 9.0)),
        "not supported"
    );
    assert_eq!(
        outcome(&|place| *place = Place::utm(32_733, 0.0, 0.0, 9.0)),
        "read"
    );
    assert_eq!(outcome(&|place| place.scale[0] = -0.01), "not supported");
    assert_eq!(
        outcome(&|place| place.matrix = Some([0.1; 16])),
        "not supported"
    );
    assert_eq!(outcome(&|place| place.scale[0] = 0.0), "broken");
    assert_eq!(outcome(&|place| place.scale[1] = f64::NAN), "broken");
    assert_eq!(outcome(&|place| place.scale[0] = 100.0), "broken");
    assert_eq!(outcome(&|place| place.tie[3] = f64::INFINITY), "broken");
    assert_eq!(outcome(&|place| place.no_data = Some("much")), "broken");
    let refused = |bytes: &[u8]| matches!(opened(bytes).1, Err(Refusal::NotSupported(_)));
    assert!(refused(b"") && refused(b"not a raster") && refused(b"II\x2b"));
    assert!(matches!(
        GeoTiff::open(Path::new("/vsizip/nowhere.tif")),
        Err(Refusal::NotSupported(_))
    ));
}

/// A tile of Sentinel-2's size at some place.
fn grid(epsg: u32, easting: f64, northing: f64, pixel_size: f64) -> Grid {
    let side = (109_800.0 / pixel_size) as usize;
    Grid {
        zone: UtmZone::from_epsg(epsg).unwrap(),
        easting,
        northing,
        pixel_size,
        height: side,
        width: side,
    }
}

/// Column and row without lattice, quadratic or turns: the definition.
fn slow_position(grid: &Grid, georeference: &Georeference, row: usize, column: usize) -> [f64; 2] {
    let (easting, northing) = grid.pixel_centre(row, column);
    let place = grid.zone.geodetic(easting, northing);
    match georeference.system {
        CoordinateSystem::Utm(zone) if zone == grid.zone => georeference.pixel((easting, northing)),
        CoordinateSystem::Utm(zone) => georeference.pixel(zone.project(place)),
        CoordinateSystem::Geographic => {
            let mut longitude = place.longitude.to_degrees();
            if longitude < georeference.left {
                longitude += 360.0;
            }
            georeference.pixel((longitude, place.latitude.to_degrees()))
        }
    }
}

/// Each pixel of a raster is told from its neighbours; the grid's upper-left part is enough.
fn nearest_is_the_twin(grid: &Grid, place: &Place, shape: (usize, usize)) -> usize {
    let number = |row: usize, column: usize| (row * 251 + column * 3 + 1) as u16;
    let samples: Vec<u16> = (0..shape.0 * shape.1)
        .map(|index| number(index / shape.1, index % shape.1))
        .collect();
    let bytes = encode::<Gray16>(place, shape, Compression::Lzw, Predictor::None, &samples);
    let (_folder, raster) = opened(&bytes);
    let raster = raster.unwrap();
    let grid = Grid {
        height: 300,
        width: 400,
        ..*grid
    };
    let values = nearest(&raster, &grid, 0, |value| Ok(value.unwrap() as u16)).unwrap();
    for ((row, column), &value) in values.indexed_iter() {
        let [x, y] = slow_position(&grid, raster.georeference(), row, column).map(f64::floor);
        let inside = x >= 0.0 && y >= 0.0 && x < shape.1 as f64 && y < shape.0 as f64;
        let expected = if inside {
            number(y as usize, x as usize)
        } else {
            0
        };
        assert_eq!(value, expected, "{row} {column}: {x} {y}");
    }
    values.iter().filter(|value| **value != 0).count()
}

#[test]
fn the_pixel_is_the_one_that_the_exact_position_lies_in() {
    // Degrees from the grid's upper-left corner, where south and east are positive.
    let near = |grid: &Grid, east: f64, south: f64, size: f64, shape: (usize, usize)| {
        let corner = grid.corners()[0];
        let (left, top) = (
            corner.longitude.to_degrees() + east,
            corner.latitude.to_degrees() - south,
        );
        nearest_is_the_twin(grid, &Place::geographic(left, top, size), shape)
    };
    // In the mid latitudes of the south: coarse, fine, partly covering, elsewhere.
    let south = grid(32_749, 699_960.0, 7_200_020.0, 20.0);
    assert_eq!(near(&south, -0.01, -0.01, 0.00025, (320, 420)), 120_000);
    assert_eq!(near(&south, -0.1, -0.1, 0.01, (60, 60)), 120_000);
    let part = near(&south, 0.01, 0.02, 0.00025, (100, 100));
    assert!((10_000..20_000).contains(&part), "{part}");
    let part = near(&south, 0.01, 0.01, 0.000_01, (900, 900));
    assert!((1_000..5_000).contains(&part), "{part}");
    // More than is held in memory at once.
    let part = near(&south, 0.01, 0.01, 0.000_012, (4200, 4200));
    assert!((60_000..80_000).contains(&part), "{part}");
    assert_eq!(near(&south, -90.0, 0.0, 0.00025, (320, 400)), 0);
    // Near the pole, on the rim of a zone.
    let north = grid(32_633, 399_960.0, 9_200_040.0, 20.0);
    assert_eq!(near(&north, -0.1, -0.01, 0.001, (80, 900)), 120_000);
    // So large and far south that the quadratics leave some pixels undecided.
    let far = grid(32_733, 799_960.0, 1_300_000.0, 60.0);
    let part = near(&far, 0.2, 0.0, 0.0001, (1500, 2000));
    assert!((10_000..40_000).contains(&part), "{part}");
    // Where the date changes: longitudes over 180 degrees.
    let date = grid(32_701, 178_000.0, 8_100_020.0, 20.0);
    let corner = date.corners()[0].longitude.to_degrees();
    assert!((179.95..180.0).contains(&corner), "{corner}");
    assert_eq!(near(&date, -0.01, -0.01, 0.0005, (200, 300)), 120_000);
    assert_eq!(near(&date, -0.01, -0.01, 0.0007, (200, 300)), 120_000);
    // In its own zone, where centres meet corners of 10 m pixels, and in the next zone.
    let own = Place::utm(32_633, 399_960.0, 9_200_040.0, 10.0);
    assert_eq!(nearest_is_the_twin(&north, &own, (600, 800)), 120_000);
    let west = grid(32_632, 699_960.0, 5_200_020.0, 10.0);
    let (left, top) = UtmZone::from_epsg(32_633)
        .unwrap()
        .project(west.corners()[0]);
    let next = Place::utm(32_633, left - 500.0, top + 500.0, 30.0);
    assert_eq!(nearest_is_the_twin(&west, &next, (200, 200)), 120_000);
}

#[test]
fn the_quadratic_errs_by_less_than_a_thousandth_of_a_pixel() {
    // Whole tiles at the equator, in the middle, at the pole's end of UTM and beyond the rim of a zone, in pixels
    // of 30 m; the last has the working pixels that lie farthest apart.
    for (epsg, easting, northing, pixel_size) in [
        (32_601, 166_000.0, 109_800.0, 20.0),
        (32_749, 699_960.0, 7_200_020.0, 10.0),
        (32_633, 399_960.0, 9_300_000.0, 20.0),
        (32_733, 799_960.0, 1_300_000.0, 60.0),
    ] {
        let grid = grid(epsg, easting, northing, pixel_size);
        let georeference = Georeference {
            system: CoordinateSystem::Geographic,
            left: -180.0,
            top: 90.0,
            pixel_width: 0.000_27,
            pixel_height: 0.000_27,
        };
        let worst = positions::tests::worst_error(&grid, &georeference);
        assert!(worst < 1e-3, "{worst} in {epsg}");
    }
}

#[test]
fn a_raster_of_tiny_pixels_is_refused() {
    let shape = (4200, 4200);
    let grid = grid(32_749, 699_960.0, 7_200_020.0, 20.0);
    // Within 64 x 64 pixels of the grid, which are the least that is read at once.
    let (easting, northing) = grid.pixel_centre(25, 25);
    let corner = grid.zone.geodetic(easting, northing);
    let (left, top) = (corner.longitude.to_degrees(), corner.latitude.to_degrees());
    let place = Place::geographic(left, top, 0.000_001);
    let (_folder, raster) = opened(&encode_bytes(&place, shape, &vec![0; shape.0 * shape.1]));
    let error = nearest(&raster.unwrap(), &grid, 0, |_| Ok(1)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Auxiliary);
    assert!(error.to_string().contains("finer"), "{error}");
}

#[test]
fn a_raster_of_the_world_is_read_on_both_sides_of_the_date_line() {
    let grid = Grid {
        height: 50,
        width: 600,
        ..grid(32_701, 160_000.0, 8_100_020.0, 100.0)
    };
    // A degree a pixel: the column says the longitude.
    for left in [-180.0, 0.0] {
        let samples: Vec<u16> = (0..180 * 360)
            .map(|index| index % 360)
            .map(|column| column as u16)
            .collect();
        let place = Place::geographic(left, 90.0, 1.0);
        let bytes = encode::<Gray16>(
            &place,
            (180, 360),
            Compression::Lzw,
            Predictor::None,
            &samples,
        );
        let (_folder, raster) = opened(&bytes);
        let values = nearest(&raster.unwrap(), &grid, u16::MAX, |value| {
            Ok(value.unwrap() as u16)
        })
        .unwrap();
        let mut sides = [0, 0];
        for ((row, column), &value) in values.indexed_iter() {
            let (easting, northing) = grid.pixel_centre(row, column);
            let longitude = grid.zone.geodetic(easting, northing).longitude.to_degrees();
            sides[usize::from(longitude > 0.0)] += 1;
            let longitude = if longitude < left {
                longitude + 360.0
            } else {
                longitude
            };
            assert_eq!(f64::from(value), (longitude - left).floor());
        }
        assert!(sides.iter().all(|side| *side > 1000), "{sides:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(256))]
    #[test]
    fn a_damaged_file_is_an_error_and_no_panic(
        changes in proptest::collection::vec((0_usize..2000, any::<u8>()), 1..6),
        end in 0_usize..4000,
    ) {
        let samples: Vec<u8> = (0..SHAPE.0 * SHAPE.1).map(|index| (index % 101) as u8).collect();
        // The directory stands at the end; counted from there, changes hit it too.
        let mut bytes = encode_bytes(&Place::geographic(112.9, -25.2, 0.005), SHAPE, &samples);
        let length = bytes.len();
        for (place, value) in changes {
            bytes[(length + 8 - place % length) % length] = value;
        }
        bytes.truncate(end.max(length.saturating_sub(end)));
        let (_folder, raster) = opened(&bytes);
        let grid = Grid { height: 70, width: 70, ..grid(32_749, 699_960.0, 7_200_020.0, 20.0) };
        let outcome = raster
            .map_err(Error::from)
            .and_then(|raster| nearest(&raster, &grid, 0, |value| Ok(value.unwrap_or(0.0) as u8)));
        if let Err(error) = outcome {
            prop_assert_eq!(error.kind(), ErrorKind::Auxiliary);
        }
    }
}
