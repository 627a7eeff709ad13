//! Products of a few bytes, written by the tests: layouts, archives, broken metadata, escapes.

#![allow(clippy::unwrap_used)] // Also in the helpers of the tests.

use clearshore::scene::{Band, Grid};
use clearshore::{Error, ErrorKind, NoProgress};
use clearshore_io::safe::{Edges, Layout, Product};
use std::io::{Cursor, Write};
use std::path::{Path, PathBuf};
use tempfile::TempDir;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

const NAME: &str = "S2C_MSIL1C_20250102T030405_N0511_R042_T56JMQ_20250102T040506.SAFE";
const FOLDER: &str = "GRANULE/L1C_T56JMQ_A000123_20250102T030405";
const BAND_BYTES: &[u8] = b"not an image: opening must not read it";

/// Product metadata of baseline 05.11 with an own offset for each band.
fn product_xml() -> String {
    let offsets: String = (0..13)
        .map(|band| {
            format!(
                "<RADIO_ADD_OFFSET band_id=\"{band}\">{}</RADIO_ADD_OFFSET>",
                -1000 - band
            )
        })
        .collect();
    let images: String = ["B01", "B02", "B8A", "TCI"]
        .map(|band| format!("<IMAGE_FILE>{FOLDER}/IMG_DATA/T56JMQ_{band}</IMAGE_FILE>"))
        .concat();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<n1:Level-1C_User_Product xmlns:n1=\"urn:any\">\
         <n1:General_Info><Product_Info><PRODUCT_START_TIME>2025-01-02T03:04:05.000Z\
         </PRODUCT_START_TIME><PRODUCT_URI>{NAME}</PRODUCT_URI>\
         <PROCESSING_LEVEL>Level-1C</PROCESSING_LEVEL><PRODUCT_TYPE>S2MSI1C</PRODUCT_TYPE>\
         <PROCESSING_BASELINE>05.11</PROCESSING_BASELINE>\
         <Datatake datatakeIdentifier=\"GS2C_X\"><SPACECRAFT_NAME>Sentinel-2C</SPACECRAFT_NAME>\
         <SENSING_ORBIT_NUMBER>42</SENSING_ORBIT_NUMBER></Datatake><Product_Organisation>\
         <Granule_List><Granule granuleIdentifier=\"S2C_X_T56JMQ_N05.11\">{images}</Granule>\
         </Granule_List></Product_Organisation></Product_Info><Product_Image_Characteristics>\
         <Special_Values><SPECIAL_VALUE_TEXT>NODATA</SPECIAL_VALUE_TEXT><SPECIAL_VALUE_INDEX>0\
         </SPECIAL_VALUE_INDEX></Special_Values><QUANTIFICATION_VALUE>10000</QUANTIFICATION_VALUE>\
         <Radiometric_Offset_List>{offsets}</Radiometric_Offset_List>\
         </Product_Image_Characteristics></n1:General_Info></n1:Level-1C_User_Product>"
    )
}

/// Tile metadata: 120 rows and 180 columns of 10 m, a sun grid of 2 x 3 nodes, one view grid.
fn tile_xml() -> String {
    let size = |metres: usize| {
        format!(
            "<Size resolution=\"{metres}\"><NROWS>{}</NROWS><NCOLS>{}</NCOLS></Size>\
             <Geoposition resolution=\"{metres}\"><ULX>399960</ULX><ULY>7000000</ULY>\
             <XDIM>{metres}</XDIM><YDIM>-{metres}</YDIM></Geoposition>",
            1200 / metres,
            1800 / metres
        )
    };
    let plane = |name: &str, rows: [&str; 2]| {
        format!(
            "<{name}><COL_STEP>5000</COL_STEP><ROW_STEP>5000</ROW_STEP><Values_List>\
             <VALUES>{}</VALUES><VALUES>{}</VALUES></Values_List></{name}>",
            rows[0], rows[1]
        )
    };
    format!(
        "<n1:Level-1C_Tile_ID xmlns:n1=\"urn:other\"><n1:General_Info>\
         <TILE_ID>S2C_OPER_MSI_L1C_TL_2CPS_20250102T040506_A000123_T56JMQ_N05.11</TILE_ID>\
         <SENSING_TIME>2025-01-02T03:04:05.678Z</SENSING_TIME></n1:General_Info>\
         <n1:Geometric_Info><Tile_Geocoding><HORIZONTAL_CS_CODE>EPSG:32756</HORIZONTAL_CS_CODE>\
         {}{}{}</Tile_Geocoding><Tile_Angles><Sun_Angles_Grid>{}{}</Sun_Angles_Grid>\
         <Mean_Sun_Angle><ZENITH_ANGLE>30</ZENITH_ANGLE><AZIMUTH_ANGLE>-45</AZIMUTH_ANGLE>\
         </Mean_Sun_Angle><Viewing_Incidence_Angles_Grids bandId=\"8\" detectorId=\"12\">{}{}\
         </Viewing_Incidence_Angles_Grids></Tile_Angles></n1:Geometric_Info>\
         <n1:Quality_Indicators_Info><Image_Content_QI><CLOUDY_PIXEL_PERCENTAGE>12.5\
         </CLOUDY_PIXEL_PERCENTAGE><DEGRADED_MSI_DATA_PERCENTAGE>1</DEGRADED_MSI_DATA_PERCENTAGE>\
         </Image_Content_QI></n1:Quality_Indicators_Info></n1:Level-1C_Tile_ID>",
        size(10),
        size(20),
        size(60),
        plane("Zenith", ["30 31 32", "33 34 35"]),
        plane("Azimuth", ["140 141 142", "143 144 145"]),
        plane("Zenith", ["NaN 5", "NaN 6"]),
        plane("Azimuth", ["NaN 100", "NaN 110"]),
    )
}

/// Files of a compact product, names relative to the product's folder.
fn compact() -> Vec<(String, Vec<u8>)> {
    let band = |name: &str| (format!("{FOLDER}/IMG_DATA/{name}"), BAND_BYTES.to_vec());
    vec![
        ("MTD_MSIL1C.xml".into(), product_xml().into()),
        (format!("{FOLDER}/MTD_TL.xml"), tile_xml().into()),
        band("T56JMQ_B01.jp2"),
        band("T56JMQ_B8A.jp2"),
        // Not in the list of the metadata: found by its name.
        band("T56JMQ_20250102T030405_B11.jp2"),
        band("T56JMQ_TCI.jp2"),
        (format!("{FOLDER}/AUX_DATA/AUX_ECMWFT"), b"GRIB".to_vec()),
    ]
}

fn write(folder: &Path, files: &[(String, Vec<u8>)]) {
    for (name, bytes) in files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
}

fn folder(files: &[(String, Vec<u8>)]) -> (TempDir, PathBuf) {
    let temporary = tempfile::tempdir().unwrap();
    let path = temporary.path().join(NAME);
    write(&path, files);
    (temporary, path)
}

fn archive(prefix: &str, files: &[(String, Vec<u8>)], method: CompressionMethod) -> Vec<u8> {
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(method);
    for (name, bytes) in files {
        writer
            .start_file(format!("{prefix}{name}"), options)
            .unwrap();
        writer.write_all(bytes).unwrap();
    }
    writer.finish().unwrap().into_inner()
}

fn zipped(bytes: &[u8]) -> (TempDir, PathBuf) {
    let temporary = tempfile::tempdir().unwrap();
    let path = temporary.path().join("product.zip");
    std::fs::write(&path, bytes).unwrap();
    (temporary, path)
}

fn refused(path: &Path) -> Error {
    let error = Product::open(path, None).err();
    error.unwrap_or_else(|| panic!("{} opened", path.display()))
}

fn check_compact(product: &Product) {
    assert_eq!(product.name(), NAME.strip_suffix(".SAFE").unwrap());
    assert_eq!(product.layout(), Layout::CompactSafe);
    assert_eq!(product.metadata().spacecraft, "Sentinel-2C");
    assert_eq!(product.metadata().baseline.to_string(), "05.11");
    assert_eq!(product.metadata().orbit_number, Some(42));
    assert_eq!(product.metadata().saturated_dn, 65535);
    assert_eq!(product.tile().tile_id, "T56JMQ");
    for band in Band::ALL {
        assert_eq!(product.radiometry(band).offset, -1000 - band.index() as i32);
        let there = [Band::B01, Band::B8A, Band::B11].contains(&band);
        assert_eq!(product.band_file(band).is_some(), there, "{band}");
    }
    assert_eq!(product.missing_bands().len(), 10);
    let mut bytes = vec![0; BAND_BYTES.len()];
    let source = product.open_band(Band::B8A).unwrap();
    assert_eq!(source.len(), BAND_BYTES.len() as u64);
    source.read_exact_at(&mut bytes, 0).unwrap();
    assert_eq!(bytes, BAND_BYTES);
    assert!(source.read_exact_at(&mut bytes, 1).is_err());
    assert!(product.ecmwf().is_some());

    let grid = product.grid(20).unwrap();
    assert_eq!((grid.height, grid.width, grid.zone.epsg()), (60, 90, 32756));
    assert_eq!(product.grid(30).unwrap_err().kind(), ErrorKind::Parameter);
    let angles = product.angles();
    let sun = angles.sun.as_ref().unwrap();
    assert_eq!(sun.zenith.dim(), (2, 3));
    assert!((sun.zenith[[1, 0]].to_degrees() - 33.0).abs() < 1e-12);
    assert!((angles.mean_sun.unwrap().azimuth.to_degrees() - 315.0).abs() < 1e-12);
    let view = &angles.views[&(Band::B8A, 12)];
    assert!(view.azimuth[[0, 0]].is_nan());
    assert!((view.azimuth[[1, 1]].to_degrees() - 110.0).abs() < 1e-12);
}

#[test]
fn a_folder_its_metadata_and_the_folder_above_open() {
    let (temporary, path) = folder(&compact());
    for path in [
        path.clone(),
        path.join("MTD_MSIL1C.xml"),
        temporary.path().to_owned(),
    ] {
        check_compact(&Product::open(&path, None).unwrap());
    }
}

#[test]
fn an_archive_opens_stored_or_deflated_with_or_without_folder() {
    for method in [CompressionMethod::Stored, CompressionMethod::Deflated] {
        for prefix in ["", &format!("{NAME}/"), "renamed/"] {
            let (_temporary, path) = zipped(&archive(prefix, &compact(), method));
            check_compact(&Product::open(&path, Some("T56JMQ")).unwrap());
        }
    }
}

#[test]
fn a_product_with_several_granules_needs_a_choice() {
    let mut files = Vec::new();
    for tile in ["T56JMQ", "T56JMR"] {
        let granule = format!("GRANULE/S2C_OPER_MSI_L1C_TL_X_A000123_{tile}_N02.04");
        let metadata = tile_xml().replace("T56JMQ", tile);
        files.push((
            format!("{granule}/S2C_OPER_MTD_L1C_TL_X_{tile}.xml"),
            metadata.into_bytes(),
        ));
        files.push((
            format!("{granule}/IMG_DATA/S2C_OPER_MSI_{tile}_B04.jp2"),
            b"x".to_vec(),
        ));
    }
    let metadata = product_xml().replace(&format!("{FOLDER}/IMG_DATA/"), "");
    files.push(("S2C_OPER_MTD_SAFL1C_PDMC_X.xml".into(), metadata.into()));
    let (_temporary, path) = folder(&files);
    let error = refused(&path);
    assert_eq!(error.kind(), ErrorKind::Parameter);
    assert!(error.to_string().contains("_T56JMQ_") && error.to_string().contains("_T56JMR_"));
    let product = Product::open(&path, Some("T56JMR")).unwrap();
    assert_eq!(product.layout(), Layout::MultiGranuleSafe);
    assert_eq!(product.tile().tile_id, "T56JMR");
    assert!(
        product
            .band_file(Band::B04)
            .unwrap()
            .name
            .contains("_T56JMR_B04")
    );
    assert_eq!(product.missing_bands().len(), 12);
}

#[test]
fn the_aws_layout_takes_offset_and_baseline_from_the_granule() {
    let files = [
        ("metadata.xml".to_owned(), tile_xml().into_bytes()),
        ("B02.jp2".into(), b"x".to_vec()),
        ("preview/B03.jp2".into(), b"x".to_vec()),
        ("qi/MSK_DETFOO_B02.gml".into(), b"x".to_vec()),
        ("auxiliary/ECMWFT".into(), b"x".to_vec()),
    ];
    let (_temporary, path) = folder(&files);
    for path in [path.clone(), path.join("metadata.xml")] {
        let product = Product::open(&path, None).unwrap();
        assert_eq!(product.layout(), Layout::Aws);
        assert_eq!(product.metadata().baseline.to_string(), "05.11");
        assert_eq!(product.radiometry(Band::B02).offset, -1000);
        assert_eq!(product.missing_bands().len(), 12);
        assert_eq!(product.masks().len(), 1);
        assert!(product.ecmwf().is_some());
        assert!(
            product
                .warnings()
                .iter()
                .any(|warning| warning.contains("-1000"))
        );
    }
}

#[test]
fn other_levels_missions_and_things_are_named() {
    let empty = || Vec::new();
    for (name, files, word) in [
        (
            NAME,
            vec![("MTD_MSIL2A.xml".to_owned(), empty())],
            "Level-2A",
        ),
        (
            NAME,
            vec![("S2A_OPER_MTD_SAFL1B_PDMC.xml".into(), empty())],
            "Level-1B",
        ),
        (NAME, vec![("MTD_MSIL1A.xml".into(), empty())], "Level-1A"),
        (
            "S1A_IW_GRDH_1SDV.SAFE",
            vec![("manifest.safe".into(), empty())],
            "Sentinel-1",
        ),
        (
            "S3A_OL_1_EFR.SEN3",
            vec![("xfdumanifest.xml".into(), empty())],
            "Sentinel-3",
        ),
        ("x", vec![("LC08_L1TP_B1.TIF".into(), empty())], "Landsat"),
        ("photographs", vec![("a.jpg".into(), empty())], "a.jpg"),
        ("nothing", Vec::new(), "nothing in it"),
    ] {
        let temporary = tempfile::tempdir().unwrap();
        let path = temporary.path().join(name);
        std::fs::create_dir(&path).unwrap();
        write(&path, &files);
        let error = refused(&path);
        assert_eq!(error.kind(), ErrorKind::Product);
        assert!(error.to_string().contains(word), "{word}: {error}");
    }
    let renamed = product_xml().replace("Level-1C", "Level-2A");
    let (_temporary, path) = folder(&with("MTD_MSIL1C.xml", renamed));
    assert!(refused(&path).to_string().contains("a Level-2A product"));
    for (bytes, word) in [
        (&b"\0\0\0\x0cjP  \r\n\x87\n"[..], "a JPEG 2000 image"),
        (b"II*\0abc", "a TIFF image"),
        (b"", "an empty file"),
        (b"hello", "unknown kind"),
        (b"PK\x03\x04 and then nothing", "the zip archive is damaged"),
        (b"<html><body/></html>", "html"),
    ] {
        let (_temporary, path) = zipped(bytes);
        let error = refused(&path);
        assert_eq!(error.kind(), ErrorKind::Product);
        assert!(error.to_string().contains(word), "{word}: {error}");
    }
}

/// The compact product with one file changed or added.
fn with(name: &str, content: impl Into<Vec<u8>>) -> Vec<(String, Vec<u8>)> {
    let mut files = compact();
    files.retain(|(file, _)| file != name);
    files.push((name.into(), content.into()));
    files
}

#[test]
fn broken_metadata_is_refused_with_file_and_element() {
    let long_row = format!("<VALUES>{}</VALUES>", "1 ".repeat(5000));
    let tile = format!("{FOLDER}/MTD_TL.xml");
    let deep = format!("{}{}", "<a>".repeat(50_000), "</a>".repeat(50_000));
    for (file, from, to, element) in [
        ("MTD_MSIL1C.xml", "<n1:General_Info>", "", "malformed"),
        ("MTD_MSIL1C.xml", "05.11", "five", "PROCESSING_BASELINE"),
        ("MTD_MSIL1C.xml", "05.11", "5.1", "PROCESSING_BASELINE"),
        ("MTD_MSIL1C.xml", ">10000<", ">0<", "QUANTIFICATION_VALUE"),
        ("MTD_MSIL1C.xml", ">10000<", ">NaN<", "QUANTIFICATION_VALUE"),
        (
            "MTD_MSIL1C.xml",
            ">10000<",
            ">1e999<",
            "QUANTIFICATION_VALUE",
        ),
        ("MTD_MSIL1C.xml", "-1003", "minus", "RADIO_ADD_OFFSET"),
        (
            "MTD_MSIL1C.xml",
            "-1003",
            "-99999999999",
            "RADIO_ADD_OFFSET",
        ),
        (
            "MTD_MSIL1C.xml",
            "band_id=\"7\"",
            "band_id=\"13\"",
            "band_id",
        ),
        (
            "MTD_MSIL1C.xml",
            "band_id=\"7\"",
            "band_id=\"6\"",
            "RADIO_ADD_OFFSET",
        ),
        (
            "MTD_MSIL1C.xml",
            "Radiometric_Offset_List",
            "Other",
            "Radiometric_Offset_List",
        ),
        (
            "MTD_MSIL1C.xml",
            "Sentinel-2C",
            "Landsat-9",
            "another mission",
        ),
        ("MTD_MSIL1C.xml", ">0</", ">65536</", "SPECIAL_VALUE_INDEX"),
        ("MTD_MSIL1C.xml", "PRODUCT_TYPE", "X", "PRODUCT_TYPE"),
        (&tile, "EPSG:32756", "EPSG:4326", "HORIZONTAL_CS_CODE"),
        (&tile, "EPSG:32756", "32756", "HORIZONTAL_CS_CODE"),
        (&tile, "EPSG:32756", "EPSG:32761", "HORIZONTAL_CS_CODE"),
        (&tile, ">120</NROWS>", ">0</NROWS>", "NROWS"),
        (&tile, ">120</NROWS>", ">65536</NROWS>", "NROWS"),
        (&tile, ">120</NROWS>", ">-5</NROWS>", "NROWS"),
        (&tile, "399960", "east", "ULX"),
        (&tile, "399960", "inf", "ULX"),
        (&tile, "<XDIM>20", "<XDIM>30", "XDIM"),
        (&tile, "Size", "Extent", "Size"),
        (&tile, "T56JMQ", "somewhere", "TILE_ID"),
        (&tile, "30 31 32", "30 31", "VALUES"),
        (&tile, "30 31 32", "30 31 x", "VALUES"),
        (&tile, "30 31 32", "30 31 400", "VALUES"),
        (&tile, "<VALUES>30 31 32</VALUES>", &long_row, "VALUES"),
        (&tile, "COL_STEP", "X_STEP", "COL_STEP"),
        (&tile, ">5000</ROW", ">0</ROW", "ROW_STEP"),
        (
            &tile,
            "detectorId=\"12\"",
            "detectorId=\"13\"",
            "detectorId",
        ),
        (&tile, "bandId=\"8\"", "", "bandId"),
        (&tile, ">12.5", ">101", "CLOUDY_PIXEL_PERCENTAGE"),
        (&tile, "<ZENITH_ANGLE>30</ZENITH_ANGLE>", "", "ZENITH_ANGLE"),
        (
            &tile,
            "<n1:General_Info>",
            "<!DOCTYPE a [<!ENTITY b \"c\">]><n1:General_Info>",
            "malformed",
        ),
        (&tile, "</n1:Level-1C_Tile_ID>", &deep, "malformed"),
    ] {
        let original = if file == tile {
            tile_xml()
        } else {
            product_xml()
        };
        let broken = original.replace(from, to);
        assert_ne!(original, broken, "{from}");
        let (_temporary, path) = folder(&with(file, broken));
        let error = refused(&path);
        let text = error.to_string();
        assert_eq!(error.kind(), ErrorKind::Product, "{from} -> {to}");
        assert!(
            text.contains(element) && text.contains(file),
            "{from} -> {to}: {text}"
        );
    }
    let latin1 = b"<?xml version='1.0' encoding='ISO-8859-1'?><a>\xe9</a>";
    let (_temporary, path) = folder(&with(&tile, latin1));
    assert!(refused(&path).to_string().contains("UTF-8"));
    let (_temporary, path) = folder(&with(&tile, ""));
    assert!(refused(&path).to_string().contains("malformed"));
    let files: Vec<_> = compact()
        .into_iter()
        .filter(|(name, _)| *name != tile)
        .collect();
    assert!(
        refused(&folder(&files).1)
            .to_string()
            .contains("MTD_TL.xml")
            || files.is_empty()
    );
}

/// A tenth of the metadata is cut out, at many places: an error of kind Product or a product, no panic.
#[test]
fn mutilated_metadata_never_panics() {
    let tile = format!("{FOLDER}/MTD_TL.xml");
    for (file, text) in [("MTD_MSIL1C.xml", product_xml()), (&tile, tile_xml())] {
        for start in (0..text.len()).step_by(61) {
            for length in [1, 9, text.len() / 10] {
                let mut mutilated = text.clone();
                mutilated.replace_range(start..(start + length).min(text.len()), "");
                let (_temporary, path) = folder(&with(file, mutilated));
                if let Err(error) = Product::open(&path, None) {
                    assert_eq!(error.kind(), ErrorKind::Product, "{error}");
                }
            }
        }
    }
}

#[test]
fn test_baselines_and_missing_angles_are_no_error() {
    let metadata = product_xml().replace("05.11", "99.99");
    let (_temporary, path) = folder(&with("MTD_MSIL1C.xml", metadata));
    assert_eq!(
        Product::open(&path, None)
            .unwrap()
            .metadata()
            .baseline
            .to_string(),
        "99.99"
    );
    let tile = tile_xml().replace("Tile_Angles", "Nothing");
    let (_temporary, path) = folder(&with(&format!("{FOLDER}/MTD_TL.xml"), tile));
    let product = Product::open(&path, None).unwrap();
    assert!(product.angles().sun.is_none() && product.angles().views.is_empty());
    assert_eq!(product.warnings().len(), 2);
}

#[test]
fn no_name_leads_outside_the_product() {
    for name in [
        "/etc/passwd_B02",
        "../../secret/x_B02",
        "GRANULE/../../x_B02",
        "C:/x_B02",
    ] {
        let metadata = product_xml().replace(&format!("{FOLDER}/IMG_DATA/T56JMQ_B02"), name);
        let (_temporary, path) = folder(&with("MTD_MSIL1C.xml", metadata));
        let error = refused(&path);
        assert_eq!(error.kind(), ErrorKind::Product);
        assert!(error.to_string().contains("leads outside"), "{error}");
    }
    // Crafted archives: the names are patched into the bytes, since the writer refuses them.
    let honest = "aa/bb/cc/evil.txt";
    for evil in [
        "../../../evil.txt",
        "/a/bb/cc/evil.txt",
        "aa/bb/../evil.txt",
        "aa\\..\\..\\evil.txt",
    ] {
        let mut files = compact();
        files.push((honest.into(), b"x".to_vec()));
        let mut bytes = archive("", &files, CompressionMethod::Stored);
        let mut patched = 0;
        for at in 0..bytes.len() - honest.len() {
            if bytes[at..].starts_with(honest.as_bytes()) {
                bytes[at..at + honest.len()].copy_from_slice(evil.as_bytes());
                patched += 1;
            }
        }
        assert_eq!(patched, 2);
        let (_temporary, path) = zipped(&bytes);
        let error = refused(&path);
        assert_eq!(error.kind(), ErrorKind::Product);
        assert!(
            error.to_string().contains("leads outside"),
            "{evil}: {error}"
        );
    }
    let mut writer = ZipWriter::new(Cursor::new(Vec::new()));
    writer
        .add_symlink("link", "/etc/passwd", SimpleFileOptions::default())
        .unwrap();
    let (_temporary, path) = zipped(&writer.finish().unwrap().into_inner());
    assert!(refused(&path).to_string().contains("is a link"));
}

#[test]
fn an_entry_that_inflates_past_its_claim_is_refused() {
    let tile = format!("{FOLDER}/MTD_TL.xml");
    let claim = |size: usize| {
        let mut bytes = archive("", &compact(), CompressionMethod::Deflated);
        let at = (0..bytes.len())
            .rev()
            .find(|&at| bytes[at..].starts_with(tile.as_bytes()))
            .unwrap();
        // Uncompressed size in the central directory: APPNOTE 4.3.12, 22 bytes before the name.
        let real = u32::from_le_bytes(bytes[at - 22..at - 18].try_into().unwrap());
        assert_eq!(real as usize, tile_xml().len());
        bytes[at - 22..at - 18].copy_from_slice(&(size as u32).to_le_bytes());
        bytes
    };
    for (size, word) in [
        (tile_xml().len() - 100, "size"),
        (tile_xml().len() + 100, "another size"),
        (3 << 30, "too large"),
    ] {
        let (_temporary, path) = zipped(&claim(size));
        let error = refused(&path);
        assert_eq!(error.kind(), ErrorKind::Product);
        assert!(error.to_string().contains(word), "{error}");
    }
}

#[test]
fn truncated_archives_are_refused_and_never_panic() {
    for method in [CompressionMethod::Stored, CompressionMethod::Deflated] {
        let bytes = archive("", &compact(), method);
        for part in 0..40 {
            let (_temporary, path) = zipped(&bytes[..bytes.len() * part / 40]);
            assert_eq!(refused(&path).kind(), ErrorKind::Product);
        }
    }
}

/// A footprint or mask in GML: rectangles in metres right of and below the tile's corner.
fn gml(members: &[(&str, &str, [f64; 4])]) -> Vec<u8> {
    let members: String = members
        .iter()
        .map(|(id, kind, [left, top, right, bottom])| {
            let (left, right) = (399_960.0 + left, 399_960.0 + right);
            let (top, bottom) = (7_000_000.0 - top, 7_000_000.0 - bottom);
            format!(
                "<MaskFeature gml:id='{id}'><maskType>{kind}</maskType><posList srsDimension='2'>\
                 {left} {top} {right} {top} {right} {bottom} {left} {bottom} {left} {top}\
                 </posList></MaskFeature>"
            )
        })
        .collect();
    format!("<Mask xmlns:gml='g'><maskMembers>{members}</maskMembers></Mask>").into()
}

fn grid_20(product: &Product) -> Grid {
    product.grid(20).unwrap()
}

#[test]
fn the_lower_detector_stands_where_footprints_overlap() {
    let detectors = [
        (
            "detector_footprint-B04-09-0",
            "DETECTOR_FOOTPRINT",
            [0.0, 0.0, 1000.0, 1200.0],
        ),
        (
            "detector_footprint-B04-10-1",
            "DETECTOR_FOOTPRINT",
            [900.0, 0.0, 1800.0, 600.0],
        ),
    ];
    let name = format!("{FOLDER}/QI_DATA/MSK_DETFOO_B04.gml");
    let (_temporary, path) = folder(&with(&name, gml(&detectors)));
    let product = Product::open(&path, None).unwrap();
    let grid = grid_20(&product);
    let numbers = product
        .detector_footprint(Band::B04, &grid, Edges::Exact, &NoProgress)
        .unwrap()
        .unwrap();
    for ((row, column), number) in numbers.indexed_iter() {
        let expected = match (row, column) {
            (_, 0..50) => 9,
            (0..30, _) => 10,
            _ => 0,
        };
        assert_eq!(*number, expected, "{row} {column}");
    }
    assert!(
        product
            .detector_footprint(Band::B03, &grid, Edges::Exact, &NoProgress)
            .unwrap()
            .is_none()
    );
}

#[test]
fn defective_pixels_are_lost_defective_or_no_data_but_not_corrected_ones() {
    let mask = |kind, left: f64| ("x", kind, [left, 0.0, left + 10.0, 10.0]);
    let files = [
        (
            "TECQUA",
            vec![
                mask("MSI_LOST", 0.0),
                mask("ANC_LOST", 100.0),
                mask("MSI_DEG", 200.0),
            ],
        ),
        ("DEFECT", vec![mask("QT_DEFECTIVE_PIXELS", 310.0)]),
        (
            "NODATA",
            vec![
                mask("QT_NODATA_PIXELS", 420.0),
                mask("QT_PARTIALLY_CORRECTED_PIXELS", 500.0),
            ],
        ),
        ("SATURA", vec![mask("QT_SATURATED_PIXELS_L1A", 600.0)]),
    ];
    let mut product_files = compact();
    for (kind, members) in files {
        product_files.push((
            format!("{FOLDER}/QI_DATA/MSK_{kind}_B02.gml"),
            gml(&members),
        ));
    }
    let (_temporary, path) = folder(&product_files);
    let product = Product::open(&path, None).unwrap();
    let grid = grid_20(&product);
    let mask = product
        .defective(&grid, &[Band::B03, Band::B02], &NoProgress)
        .unwrap()
        .unwrap();
    let marked: Vec<(usize, usize)> = mask
        .indexed_iter()
        .filter(|(_, marked)| **marked)
        .map(|(index, _)| index)
        .collect();
    assert_eq!(marked, [(0, 0), (0, 15), (0, 21)]);
    assert!(
        product
            .defective(&grid, &[Band::B03], &NoProgress)
            .unwrap()
            .is_none()
    );

    let undamaged = tile_xml().replace(">1</DEGRADED", ">0</DEGRADED");
    product_files.retain(|(name, _)| !name.ends_with("MTD_TL.xml"));
    product_files.push((format!("{FOLDER}/MTD_TL.xml"), undamaged.into()));
    let (_temporary, path) = folder(&product_files);
    let product = Product::open(&path, None).unwrap();
    // Masks in GML count whatever the percentage says; a raster, here one that can't be read, is left alone.
    let same = product.defective(&grid, &[Band::B02], &NoProgress).unwrap();
    assert_eq!(same, Some(mask));
    product_files.retain(|(name, _)| !name.ends_with(".gml"));
    product_files.push((
        format!("{FOLDER}/QI_DATA/MSK_QUALIT_B02.jp2"),
        b"no raster".to_vec(),
    ));
    let (_temporary, path) = folder(&product_files);
    let product = Product::open(&path, None).unwrap();
    let nothing = product.defective(&grid, &[Band::B02], &NoProgress).unwrap();
    assert!(nothing.is_none());
}
