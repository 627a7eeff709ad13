//! Every real product opens with the metadata that an independent script reads from it
//! (`tests/reference/product_metadata.py`), or is refused for the right reason.

#![allow(clippy::unwrap_used, clippy::print_stderr)] // Also in the helpers of the tests.

mod metadata;

use clearshore::scene::Band;
use clearshore::{Error, ErrorKind};
use clearshore_io::safe::{Layout, Product};
use metadata::{check_files, check_product, check_tile, close, numbers};
use serde_json::Value;
use std::path::{Path, PathBuf};

fn shared() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/l1c_safe");
    if !folder.is_dir() {
        eprintln!("skipped: {} is absent", folder.display());
        return None;
    }
    Some(folder)
}

fn table() -> serde_json::Map<String, Value> {
    serde_json::from_str(include_str!("data/products.json")).unwrap()
}

#[test]
fn every_product_opens_with_the_metadata_of_its_xml() {
    let Some(shared) = shared() else { return };
    let mut opened = 0;
    for (key, expected) in table() {
        let (path, granule) = match key.split_once('#') {
            Some((path, granule)) => (path, Some(granule)),
            None => (key.as_str(), None),
        };
        if path.ends_with(".xml") {
            continue; // Lone files: below.
        }
        let product =
            Product::open(&shared.join(path), granule).unwrap_or_else(|e| panic!("{key}: {e}"));
        check_tile(&product, &expected["tile"], &key);
        if expected.get("product").is_some() {
            check_product(&product, &expected["product"], &key);
        }
        check_files(&product, &expected, &key);
        let report = product.report();
        assert_eq!(report["granule"], expected["tile"]["granule"]);
        assert_eq!(report["bands"].as_object().unwrap().len(), 13);
        opened += 1;
    }
    assert_eq!(opened, 17);
}

/// A tile's metadata and a product's that lie alone in ../shared are put together to a product.
#[test]
fn lone_metadata_files_make_a_product_when_put_together() {
    let Some(shared) = shared() else { return };
    let table = table();
    let folder = tempfile::tempdir().unwrap();
    let granule = folder
        .path()
        .join("GRANULE/L1C_T34UCF_A033753_20230823T095553");
    std::fs::create_dir_all(&granule).unwrap();
    let product_key = "opttbx/S2C_MTD_MSIL1C.xml";
    let tile_key = "angles_05.09/MTD_TL_L2A_T34UCF_N0509.xml";
    let tile = std::fs::read_to_string(shared.join(tile_key)).unwrap();
    std::fs::write(
        granule.join("MTD_TL.xml"),
        tile.replace("Level-2A", "Level-1C"),
    )
    .unwrap();
    std::fs::copy(
        shared.join(product_key),
        folder.path().join("MTD_MSIL1C.xml"),
    )
    .unwrap();
    let product = Product::open(folder.path(), None).unwrap();
    check_product(&product, &table[product_key]["product"], product_key);
    check_tile(&product, &table[tile_key]["tile"], tile_key);
    assert_eq!(product.metadata().spacecraft, "Sentinel-2C");
    assert_eq!(product.angles().views.len(), 91);
}

fn refused(path: &Path, granule: Option<&str>) -> Error {
    let error = Product::open(path, granule).err();
    error.unwrap_or_else(|| panic!("{} opened", path.display()))
}

#[test]
fn what_is_no_level_1c_product_is_called_by_its_name() {
    let Some(shared) = shared() else { return };
    let l2a = "stactools/S2A_MSIL2A_20230625T234621_N0509_R073_T01WCP_20230626T022157.SAFE";
    for (path, word) in [
        (l2a.to_owned(), "Level-2A"),
        (format!("{l2a}/MTD_MSIL2A.xml"), "Level-2A"),
        (
            "angles_05.09/MTD_TL_L2A_T34UCF_N0509.xml".into(),
            "tile metadata of a Level-2A",
        ),
        ("angles_05.09".into(), "not a Sentinel-2 Level-1C product"),
        (
            "opttbx/S2C_MTD_MSIL1C.xml".into(),
            "the tile's metadata is missing",
        ),
        ("opttbx".into(), "not a Sentinel-2 Level-1C product"),
        ("newer".into(), "several products"),
        ("zips".into(), "not a Sentinel-2 Level-1C product"),
        ("absent.SAFE".into(), "no product at this path"),
        (
            format!("{l2a}/manifest.safe"),
            "not the metadata of a Sentinel-2",
        ),
        ("../dem/srtm3".into(), "not a Sentinel-2 Level-1C product"),
    ] {
        let error = refused(&shared.join(&path), None);
        assert_eq!(error.kind(), ErrorKind::Product, "{path}");
        assert!(error.to_string().contains(word), "{path}: {error}");
    }
    let jp2 = "T10SEH/S2B_MSIL1C_20200929T190109_N0209_R013_T10SEH_20200929T213343.SAFE/GRANULE/\
               L1C_T10SEH_A018629_20200929T191328/IMG_DATA/T10SEH_20200929T190109_B01.jp2";
    assert!(
        refused(&shared.join(jp2), None)
            .to_string()
            .contains("a JPEG 2000 image")
    );
}

#[test]
fn one_granule_of_many_is_chosen_by_tile_or_name() {
    let Some(shared) = shared() else { return };
    let path = shared.join("gdal_fake_sentinel2/fake_l1c/S2A_OPER_PRD_MSIL1C.SAFE");
    let error = refused(&path, None);
    assert_eq!(error.kind(), ErrorKind::Parameter);
    for tile in ["T32TQR", "T32TRQ"] {
        assert!(error.to_string().contains(tile));
        for granule in [tile, &tile[1..], &format!("S2A_OPER_MSI_L1C_{tile}_N01.03")] {
            let product = Product::open(&path, Some(granule)).unwrap();
            let file = &product.band_file(Band::B05).unwrap().name;
            assert!(file.contains(tile), "{file}");
            assert_eq!(product.layout(), Layout::MultiGranuleSafe);
        }
    }
    assert_eq!(refused(&path, Some("T33XXX")).kind(), ErrorKind::Parameter);
}

#[test]
fn stubs_and_the_antimeridian_are_reported() {
    let Some(shared) = shared() else { return };
    let lima = "newer/S2A_MSIL1C_20220125T151701_N0400_R125_T18LTM_20220125T190036.SAFE";
    let product = Product::open(&shared.join(lima).join("MTD_MSIL1C.xml"), Some("T18LTM")).unwrap();
    let report = product.report();
    assert_eq!(report["bands"]["B02"]["state"], "stub: 1 byte");
    assert_eq!(report["bands"]["B10"]["state"], "present");
    assert_eq!(report["masks"]["QUALIT"]["files"], 13);
    assert_eq!(report["layout"], "compact-safe");

    let fiji = "stactools/S2A_MSIL1C_20200717T221941_R029_T01LAC_20200717T234135.SAFE";
    let report = Product::open(&shared.join(fiji), None).unwrap().report();
    // pyproj 3.7, EPSG:32701 to EPSG:4326, upper left then clockwise.
    let expected = [
        (179.275_178_452_432_9, -15.345_453_705_696_787),
        (-179.703_430_842_751_26, -15.360_190_240_343_19),
        (-179.716_679_220_834_66, -16.351_723_987_726_583),
        (179.256_949_189_471_16, -16.335_986_146_034_816),
    ];
    for (corner, (longitude, latitude)) in expected.into_iter().enumerate() {
        let got = numbers(&report["grids"]["10"]["corners"][corner]);
        close(got[0], longitude, 1e-8, "longitude");
        close(got[1], latitude, 1e-8, "latitude");
    }
}
