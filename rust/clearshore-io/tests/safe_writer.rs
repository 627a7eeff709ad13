//! Products that the writer writes, as GDAL and an XML parser see them.
#![cfg(feature = "gdal")]
// Outside of `#[test]` functions the lint also sees the helpers.
#![allow(clippy::unwrap_used)]

use clearshore::scene::{Band, Direction, Grid, Radiometry, UtmZone};
use clearshore::simulate::{Preset, Setting, Simulation, SwathEdge, ViewGeometry};
use clearshore::{Error, ErrorKind, NoProgress, Progress, Result};
use clearshore_io::safe_writer::{
    Defect, Description, QualityPlane, Spacecraft, UtcTime, classification, write,
};
use clearshore_io::simulation::{Acquisition, describe};
use gdal::{Dataset, Metadata};
use ndarray::Array2;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

const ROWS: usize = 420;
/// The smallest scene that can be simulated.
const SIMULATED_ROWS: usize = 552;

fn setting(rows: usize, epsg: u32) -> Setting {
    let grid = Grid {
        zone: UtmZone::from_epsg(epsg).unwrap(),
        easting: 300_000.0,
        northing: 4_900_020.0,
        pixel_size: 10.0,
        height: rows,
        width: rows,
    };
    let sun = Direction::from_degrees(38.0, 151.0);
    Setting {
        swath_edge: Some(SwathEdge::West),
        ..Setting::of_preset(Preset::Coast, 1, grid, sun)
    }
}

fn description(rows: usize, baseline: &str, epsg: u32) -> Description {
    let setting = setting(rows, epsg);
    let acquisition = Acquisition {
        spacecraft: Spacecraft::S2A,
        baseline: baseline.into(),
        sensing: UtcTime::parse("2024-01-20T10:53:41.024Z").unwrap(),
        tile: format!("{:02}TCJ", setting.grid.zone.number()),
    };
    Description {
        generation: UtcTime::parse("2024-01-20T12:52:44.000Z").unwrap(),
        relative_orbit: 51,
        ..describe(&setting, &acquisition)
    }
}

/// Numbers that differ at every pixel, within 15 bits, with some 0 and dark ones.
fn pattern(description: &Description, band: Band) -> Array2<u16> {
    let shape = description.shape(band.native_pixel_size());
    Array2::from_shape_fn(shape, |(row, column)| {
        ((row * 31 + column * 17 + band.index() * 1009) % 9973) as u16
    })
}

fn written(folder: &Path, description: &Description) -> PathBuf {
    let mut bands = |band| Ok(Some(pattern(description, band)));
    write(folder, description, &mut bands, &NoProgress).unwrap()
}

fn open(path: impl AsRef<Path>) -> Dataset {
    Dataset::open(path.as_ref()).unwrap()
}

fn plane(dataset: &Dataset, index: usize) -> Array2<u16> {
    let buffer = dataset
        .rasterband(index)
        .unwrap()
        .read_band_as::<u16>()
        .unwrap();
    let (columns, rows) = buffer.shape();
    Array2::from_shape_vec((rows, columns), buffer.data().to_vec()).unwrap()
}

/// All files of a folder by their path from it.
fn files(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path
                    .strip_prefix(root)
                    .unwrap()
                    .to_str()
                    .unwrap()
                    .to_owned();
                found.insert(name, fs::read(&path).unwrap());
            }
        }
    }
    found
}

fn granule_file(product: &Path, end: &str) -> PathBuf {
    let files = files(product);
    let name = files
        .keys()
        .find(|name| name.starts_with("GRANULE") && name.ends_with(end));
    product.join(name.unwrap_or_else(|| panic!("no {end}")))
}

/// Texts of all elements of a name.
fn texts<'a>(document: &'a roxmltree::Document<'_>, name: &str) -> Vec<&'a str> {
    let named = document
        .descendants()
        .filter(|node| node.tag_name().name() == name);
    named.filter_map(|node| node.text()).collect()
}

#[test]
fn gdal_opens_the_product_and_sees_every_number_in_its_place() {
    let folder = tempfile::tempdir().unwrap();
    for (baseline, epsg) in [("05.11", 32_631), ("02.04", 32_756)] {
        let description = description(ROWS, baseline, epsg);
        let product = written(folder.path(), &description);
        let metadata = product.join("MTD_MSIL1C.xml");
        let dataset = open(&metadata);
        assert_eq!(dataset.driver().short_name(), "SENTINEL2");
        assert_eq!(
            dataset.metadata_item("PROCESSING_BASELINE", "").as_deref(),
            Some(baseline)
        );
        let subsets: [(u32, &[Band]); 3] = [
            (10, &[Band::B04, Band::B03, Band::B02, Band::B08]),
            (
                20,
                &[
                    Band::B05,
                    Band::B06,
                    Band::B07,
                    Band::B8A,
                    Band::B11,
                    Band::B12,
                ],
            ),
            (60, &[Band::B01, Band::B09, Band::B10]),
        ];
        for (pixel, bands) in subsets {
            let name = format!("SENTINEL2_L1C:{}:{pixel}m:EPSG_{epsg}", metadata.display());
            let subset = open(&name);
            let size = f64::from(pixel);
            let expected = [300_000.0, size, 0.0, 4_900_020.0, 0.0, -size];
            assert_eq!(subset.geo_transform().unwrap(), expected);
            assert_eq!(
                subset.spatial_ref().unwrap().auth_code().unwrap(),
                epsg as i32
            );
            assert_eq!(subset.raster_count(), bands.len());
            for (index, band) in bands.iter().enumerate() {
                assert_eq!(
                    plane(&subset, index + 1),
                    pattern(&description, *band),
                    "{band}"
                );
            }
        }
        for band in Band::ALL {
            let image = open(granule_file(&product, &format!("_{band}.jp2")));
            let size = f64::from(band.native_pixel_size());
            let expected = [300_000.0, size, 0.0, 4_900_020.0, 0.0, -size];
            assert_eq!(image.geo_transform().unwrap(), expected, "{band}");
            assert_eq!(
                image.spatial_ref().unwrap().auth_code().unwrap(),
                epsg as i32
            );
            let bits = image
                .rasterband(1)
                .unwrap()
                .metadata_item("NBITS", "IMAGE_STRUCTURE");
            assert_eq!(bits.as_deref(), Some("15"));
        }
        assert_eq!(open(granule_file(&product, "_TCI.jp2")).raster_count(), 3);
        assert_eq!(
            open(granule_file(&product, "_PVI.jp2")).raster_size(),
            (13, 13)
        );
    }
}

/// Markers of a codestream that say how it is cut.
#[derive(Debug, PartialEq)]
struct Cut {
    tile: (u32, u32),
    bits: u8,
    progression: u8,
    layers: u16,
    levels: u8,
    code_block: (u32, u32),
    reversible: bool,
    precincts: Vec<u8>,
    packet_lengths: bool,
    tile_lengths: bool,
}

/// Reads them straight from the bytes (ISO/IEC 15444-1, annex A).
fn cut(path: &Path) -> Cut {
    let bytes = fs::read(path).unwrap();
    let short = |at: usize| u16::from_be_bytes([bytes[at], bytes[at + 1]]);
    let long = |at: usize| u32::from(short(at)) << 16 | u32::from(short(at + 2));
    let start = bytes
        .windows(4)
        .position(|four| four == [0xff, 0x4f, 0xff, 0x51])
        .unwrap();
    let mut cut = Cut {
        tile: (0, 0),
        bits: 0,
        progression: 0,
        layers: 0,
        levels: 0,
        code_block: (0, 0),
        reversible: false,
        precincts: Vec::new(),
        packet_lengths: false,
        tile_lengths: false,
    };
    let mut at = start + 2;
    loop {
        let (marker, length) = (short(at), usize::from(short(at + 2)));
        match marker {
            0xff51 => {
                cut.tile = (long(at + 22), long(at + 26));
                cut.bits = bytes[at + 40] + 1;
            }
            0xff52 => {
                cut.progression = bytes[at + 5];
                cut.layers = short(at + 6);
                cut.levels = bytes[at + 9];
                cut.code_block = (4 << bytes[at + 10], 4 << bytes[at + 11]);
                cut.reversible = bytes[at + 13] == 1;
                cut.precincts = bytes[at + 14..at + 2 + length].to_vec();
            }
            0xff55 => cut.tile_lengths = true,
            0xff58 => cut.packet_lengths = true,
            0xff93 => return cut,
            _ => {}
        }
        at += 2 + length;
    }
}

#[test]
fn codestreams_are_cut_like_those_of_real_products() {
    // Two tiles of each size: 60 m pixels need 1152 rows of 10 m for that, 20 m pixels 1280.
    let folder = tempfile::tempdir().unwrap();
    for (baseline, packet_lengths, tile_lengths) in [("05.11", true, false), ("05.10", false, true)]
    {
        let mut description = description(1_320, baseline, 32_631);
        description.true_colour = false;
        (description.packet_lengths, description.tile_lengths) = (packet_lengths, tile_lengths);
        let product = written(folder.path(), &description);
        // Sides and, as powers of two, precincts of real band files.
        for (band, tile, code_block, precinct) in [
            (Band::B02, 1024, 64, 0x88),
            (Band::B05, 640, 8, 0x77),
            (Band::B10, 192, 4, 0x66),
        ] {
            let expected = Cut {
                tile: (tile, tile),
                bits: 15,
                progression: 0,
                layers: 1,
                levels: 4,
                code_block: (code_block, code_block),
                reversible: true,
                precincts: vec![precinct; 5],
                packet_lengths,
                tile_lengths,
            };
            assert_eq!(
                cut(&granule_file(&product, &format!("_{band}.jp2"))),
                expected,
                "{band}"
            );
        }
    }
}

#[test]
fn a_saturated_number_survives() {
    let folder = tempfile::tempdir().unwrap();
    let mut description = description(ROWS, "05.11", 32_631);
    description.true_colour = false;
    let mut numbers = pattern(&description, Band::B04);
    numbers[[3, 5]] = 65_535;
    let product = write(
        folder.path(),
        &description,
        &mut |band| Ok((band == Band::B04).then(|| numbers.clone())),
        &NoProgress,
    )
    .unwrap();
    let image = open(granule_file(&product, "_B04.jp2"));
    assert_eq!(plane(&image, 1), numbers);
    // The other bands are absent, and listed.
    let text = fs::read_to_string(product.join("MTD_MSIL1C.xml")).unwrap();
    let document = roxmltree::Document::parse(&text).unwrap();
    let listed = texts(&document, "IMAGE_FILE");
    assert_eq!(listed.len(), 14);
    let present: Vec<bool> = listed
        .iter()
        .map(|name| product.join(format!("{name}.jp2")).exists())
        .collect();
    assert_eq!(present.iter().filter(|there| **there).count(), 1);
}

#[test]
fn the_metadata_says_what_was_described() {
    let folder = tempfile::tempdir().unwrap();
    for (baseline, offsets) in [("05.11", 13), ("04.00", 13), ("03.01", 0), ("02.04", 0)] {
        let description = description(ROWS, baseline, 32_631);
        let product = written(folder.path(), &description);
        let name = product.file_name().unwrap().to_str().unwrap();
        let number = baseline.replace('.', "");
        assert_eq!(
            name,
            format!("S2A_MSIL1C_20240120T105341_N{number}_R051_T31TCJ_20240120T125244.SAFE")
        );
        let text = fs::read_to_string(product.join("MTD_MSIL1C.xml")).unwrap();
        let document = roxmltree::Document::parse(&text).unwrap();
        assert_eq!(texts(&document, "PRODUCT_URI"), [name]);
        assert_eq!(texts(&document, "RADIO_ADD_OFFSET"), vec!["-1000"; offsets]);
        assert_eq!(texts(&document, "QUANTIFICATION_VALUE"), ["10000"]);
        assert_eq!(texts(&document, "SPECIAL_VALUE_INDEX"), ["0", "65535"]);
        let images = texts(&document, "IMAGE_FILE");
        let names: Vec<&str> = images
            .iter()
            .map(|image| &image[image.len() - 3..])
            .collect();
        let expected = [
            "B01", "B02", "B03", "B04", "B05", "B06", "B07", "B08", "B8A", "B09", "B10", "B11",
            "B12", "TCI",
        ];
        assert_eq!(names, expected);
        assert!(
            images
                .iter()
                .all(|image| product.join(format!("{image}.jp2")).exists())
        );

        let text = fs::read_to_string(granule_file(&product, "MTD_TL.xml")).unwrap();
        let document = roxmltree::Document::parse(&text).unwrap();
        assert_eq!(texts(&document, "NROWS"), ["420", "210", "70"]);
        assert_eq!(texts(&document, "HORIZONTAL_CS_CODE"), ["EPSG:32631"]);
        let masks = texts(&document, "MASK_FILENAME");
        assert!(masks.iter().all(|mask| product.join(mask).exists()));
        assert_eq!(
            masks.len(),
            if offsets > 0 { 2 * 13 + 1 } else { 5 * 13 + 1 }
        );
        let last = if offsets > 0 {
            "MSK_CLASSI_B00.jp2"
        } else {
            "MSK_CLOUDS_B00.gml"
        };
        assert!(masks[masks.len() - 1].ends_with(last));
        for (name, bytes) in files(&product) {
            if name.ends_with("xml") || name.ends_with("gml") || name.ends_with("safe") {
                let text = String::from_utf8(bytes).unwrap();
                assert!(roxmltree::Document::parse(&text).is_ok(), "{name}");
            }
        }
    }
}

#[test]
fn angles_come_back_to_six_digits() {
    let folder = tempfile::tempdir().unwrap();
    let description = description(ROWS, "05.11", 32_631);
    let product = written(folder.path(), &description);
    let text = fs::read_to_string(granule_file(&product, "MTD_TL.xml")).unwrap();
    let document = roxmltree::Document::parse(&text).unwrap();
    let grids: Vec<_> = document
        .descendants()
        .filter(|node| node.has_tag_name("Viewing_Incidence_Angles_Grids"))
        .collect();
    assert_eq!(grids.len(), description.angles.views.len());
    for node in grids {
        let number = |name: &str| node.attribute(name).unwrap().parse::<usize>().unwrap();
        let key = (Band::ALL[number("bandId")], number("detectorId") as u8);
        let view = &description.angles.views[&key];
        for (name, plane) in [("Zenith", &view.zenith), ("Azimuth", &view.azimuth)] {
            let values = node
                .children()
                .find(|child| child.has_tag_name(name))
                .unwrap();
            let rows = values
                .descendants()
                .filter(|child| child.has_tag_name("VALUES"));
            let degrees: Vec<f64> = rows
                .flat_map(|row| {
                    row.text()
                        .unwrap()
                        .split(' ')
                        .map(|value| value.parse().unwrap())
                })
                .collect();
            assert_eq!(degrees.len(), plane.len());
            for (degrees, radians) in degrees.iter().zip(plane) {
                let same = (degrees - radians.to_degrees()).abs() < 5e-4;
                assert!(
                    same || degrees.is_nan() && radians.is_nan(),
                    "{degrees} {radians}"
                );
            }
        }
    }
    let mean: f64 = document
        .descendants()
        .find(|node| node.has_tag_name("Mean_Sun_Angle"))
        .and_then(|node| {
            node.children()
                .find(|child| child.has_tag_name("ZENITH_ANGLE"))
        })
        .and_then(|node| node.text())
        .unwrap()
        .parse()
        .unwrap();
    assert!((mean - 38.0).abs() < 1e-9);
}

#[test]
fn masks_are_where_they_were_described() {
    let folder = tempfile::tempdir().unwrap();
    let mut description = description(ROWS, "05.11", 32_631);
    let defect = |plane, west: f64| Defect {
        band: Band::B04,
        plane,
        polygon: vec![
            [west, 100.0],
            [west + 50.0, 100.0],
            [west + 50.0, 130.0],
            [west, 130.0],
        ],
    };
    description.defects = vec![
        defect(QualityPlane::InstrumentLost, 200.0),
        defect(QualityPlane::NoData, 400.0),
    ];
    let mut mask = Array2::zeros(description.shape(60));
    mask[[2, 3]] = classification::OPAQUE;
    mask[[5, 6]] = classification::CIRRUS | classification::SNOW;
    description.classification = Some(mask);
    let product = written(folder.path(), &description);

    let quality = open(granule_file(&product, "MSK_QUALIT_B04.jp2"));
    assert_eq!(quality.raster_count(), 8);
    for index in 0..8 {
        let west = match index {
            2 => Some(20),
            5 => Some(40),
            _ => None,
        };
        let expected = Array2::from_shape_fn((ROWS, ROWS), |(row, column)| {
            let inside = west
                .is_some_and(|west| (10..13).contains(&row) && (west..west + 5).contains(&column));
            u16::from(inside)
        });
        assert_eq!(plane(&quality, index + 1), expected, "plane {index}");
    }
    let clean = open(granule_file(&product, "MSK_QUALIT_B03.jp2"));
    assert!((1..=8).all(|index| plane(&clean, index).iter().all(|value| *value == 0)));

    let classes = open(granule_file(&product, "MSK_CLASSI_B00.jp2"));
    assert_eq!(classes.raster_size(), (70, 70));
    for (index, place) in [[2, 3], [5, 6], [5, 6]].into_iter().enumerate() {
        let plane = plane(&classes, index + 1);
        assert_eq!(plane[place], 1);
        assert_eq!(plane.iter().filter(|value| **value != 0).count(), 1);
    }

    let geometry = ViewGeometry::new(&setting(ROWS, 32_631));
    for (band, pixel) in [(Band::B02, 10.0), (Band::B11, 20.0), (Band::B09, 60.0)] {
        let detectors = plane(
            &open(granule_file(&product, &format!("DETFOO_{band}.jp2"))),
            1,
        );
        for ((row, column), detector) in detectors.indexed_iter() {
            let at = |index: usize| (index as f64 + 0.5) * pixel;
            let expected = geometry.detector(at(column), at(row)).map_or(0, u16::from);
            assert_eq!(*detector, expected, "{band} {row} {column}");
        }
    }
}

#[test]
fn older_baselines_have_the_same_masks_as_polygons() {
    let folder = tempfile::tempdir().unwrap();
    let mut description = description(ROWS, "02.04", 32_631);
    description.defects = vec![Defect {
        band: Band::B04,
        plane: QualityPlane::InstrumentLost,
        polygon: vec![[200.0, 100.0], [250.0, 100.0], [250.0, 130.0]],
    }];
    let mut mask = Array2::zeros(description.shape(60));
    mask[[2, 3]] = classification::OPAQUE;
    mask[[2, 4]] = classification::OPAQUE;
    description.classification = Some(mask);
    let product = written(folder.path(), &description);
    let geometry = ViewGeometry::new(&setting(ROWS, 32_631));
    let lists = |end: &str| -> Vec<String> {
        let text = fs::read_to_string(granule_file(&product, end)).unwrap();
        let document = roxmltree::Document::parse(&text).unwrap();
        texts(&document, "posList")
            .into_iter()
            .map(str::to_owned)
            .collect()
    };
    assert_eq!(
        lists("MSK_TECQUA_B04.gml"),
        ["300200 4899920 300250 4899920 300250 4899890 300200 4899920"]
    );
    assert!(lists("MSK_TECQUA_B03.gml").is_empty());
    assert!(lists("MSK_DEFECT_B04.gml").is_empty());
    assert_eq!(
        lists("MSK_DETFOO_B04.gml").len(),
        geometry.footprints(Band::B04).len()
    );
    assert_eq!(
        lists("MSK_CLOUDS_B00.gml"),
        ["300180 4899900 300300 4899900 300300 4899840 300180 4899840 300180 4899900"]
    );
    let text = fs::read_to_string(granule_file(&product, "MSK_DETFOO_B02.gml")).unwrap();
    let first = geometry.footprints(Band::B02)[0].detector;
    assert!(text.contains(&format!("detector_footprint-B02-{first:02}-0")));
}

#[test]
fn the_same_description_gives_the_same_bytes_for_any_number_of_threads() {
    let product = |threads: usize| {
        let folder = tempfile::tempdir().unwrap();
        let description = description(SIMULATED_ROWS, "05.11", 32_631);
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        let radiometry: Radiometry = description.radiometry();
        let product = pool
            .install(|| {
                let simulation = Simulation::new(setting(SIMULATED_ROWS, 32_631), &NoProgress)?;
                let mut bands = |band| simulation.band(band, radiometry, &NoProgress).map(Some);
                write(folder.path(), &description, &mut bands, &NoProgress)
            })
            .unwrap();
        files(&product)
    };
    let (one, two, again) = (product(1), product(2), product(2));
    for (name, bytes) in &one {
        assert!(two[name] == *bytes && again[name] == *bytes, "{name}");
    }
    assert_eq!((one.len(), one.len()), (two.len(), again.len()));
}

#[test]
fn a_product_appears_whole_or_not_at_all() {
    struct Impatient;
    impl Progress for Impatient {
        fn is_cancelled(&self) -> bool {
            true
        }
    }
    let folder = tempfile::tempdir().unwrap();
    let description = description(ROWS, "05.11", 32_631);
    let mut failing = |band| match band {
        Band::B05 => Err(Error::product("the source is broken")),
        _ => Ok(Some(pattern(&description, band))),
    };
    let error = write(folder.path(), &description, &mut failing, &NoProgress).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Product);
    let mut bands = |band| -> Result<_> { Ok(Some(pattern(&description, band))) };
    let error = write(folder.path(), &description, &mut bands, &Impatient).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    let mut small = |_| Ok(Some(Array2::zeros((3, 3))));
    let error = write(folder.path(), &description, &mut small, &NoProgress).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Parameter);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);

    written(folder.path(), &description);
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    let error = write(folder.path(), &description, &mut bands, &NoProgress).unwrap_err();
    assert!(error.to_string().contains("exists"), "{error}");
}

#[test]
fn wrong_descriptions_are_refused() {
    let refused = |change: &dyn Fn(&mut Description)| {
        let mut description = description(ROWS, "05.11", 32_631);
        change(&mut description);
        description.check().map_err(|error| error.kind()) == Err(ErrorKind::Parameter)
    };
    assert!(!refused(&|_| {}));
    assert!(refused(&|d| d.baseline = "5.11".into()));
    assert!(refused(&|d| d.baseline = "05-11".into()));
    assert!(refused(&|d| d.tile = "32TCJ".into()));
    assert!(refused(&|d| d.tile = "31tcj".into()));
    assert!(refused(&|d| d.grid.height = 421));
    assert!(refused(&|d| d.grid.pixel_size = 20.0));
    assert!(refused(&|d| d.relative_orbit = 144));
    assert!(refused(&|d| d.classification = Some(Array2::zeros((3, 3)))));
}

#[test]
fn a_rectangular_crop_without_cirrus_band_is_a_product() {
    let folder = tempfile::tempdir().unwrap();
    let mut description = description(ROWS, "05.11", 32_631);
    description.grid.width = 600;
    description.footprints.clear();
    let product = write(
        folder.path(),
        &description,
        &mut |band| Ok((band != Band::B10).then(|| pattern(&description, band))),
        &NoProgress,
    )
    .unwrap();
    let image = open(granule_file(&product, "_B8A.jp2"));
    assert_eq!(image.raster_size(), (300, 210));
    assert_eq!(plane(&image, 1), pattern(&description, Band::B8A));
    assert!(
        files(&product)
            .keys()
            .all(|name| !name.ends_with("_B10.jp2") || name.contains("MSK"))
    );
}
