//! Damaged and hostile files.

use super::copernicus::copernicus;
use super::tiles::tile;
use super::*;
use proptest::prelude::*;

/// What reading a file under a name, at 43.5 north 7.5 east, says.
fn failure(name: &str, bytes: &[u8]) -> Option<Error> {
    let folder = tempdir().unwrap();
    let path = folder.path().join(name);
    fs::write(&path, bytes).unwrap();
    let source = match open(&DemLocation::Path(path), DemOptions::default()) {
        Ok(source) => source,
        Err(error) => return Some(error),
    };
    patch_over(&*source, [7.4, 43.4, 7.6, 43.6]).err()
}

fn assert_auxiliary(name: &str, bytes: &[u8]) {
    let error = failure(name, bytes).unwrap();
    assert_eq!(error.kind(), ErrorKind::Auxiliary, "{error}");
    let text = error.to_string();
    assert!(text.contains(name) && text.contains("  do: "), "{text}");
}

#[test]
fn damaged_files_are_named() {
    let cell = hgt(43, 7, plane);
    assert_auxiliary("N43E007.hgt", &cell[..cell.len() - 2]);
    assert_auxiliary("N43E007.hgt", &[cell.clone(), vec![0]].concat());
    assert_auxiliary("N43E007.hgt", &[]);
    assert_auxiliary("N43E007.hgt.zip", b"no zip");
    assert_auxiliary("N43E007.hgt.zip", &zipped(&[("N43E007.txt", &cell)]));
    let zip = zipped(&[("N43E007.hgt", &cell)]);
    assert_auxiliary("N43E007.hgt.zip", &zip[..zip.len() / 2]);
    let mut flipped = zip.clone();
    flipped[zip.len() / 2] ^= 0x55;
    assert_auxiliary("N43E007.hgt.zip", &flipped);
    // Bombs: some kilobytes that unpack to more than a cell or a tile may have.
    assert_auxiliary(
        "N43E007.hgt.zip",
        &zipped(&[("N43E007.hgt", &vec![0; 40_000_000])]),
    );
    assert_auxiliary(
        "srtm_38_04.zip",
        &zipped(&[("srtm_38_04.tif", &vec![0; 160_000_000])]),
    );
    let raster = tile(0.0);
    assert_auxiliary("srtm_38_04.tif", &raster[..raster.len() / 2]);
    assert_auxiliary("srtm_38_04.zip", &zipped(&[("srtm_38_04.tif", b"II*\0")]));
    let name = "Copernicus_DSM_COG_10_N43_00_E007_00_DEM.tif";
    assert_auxiliary(name, &copernicus(43, 7, (60, 60), exact_plane)[..1_000]);
    assert_auxiliary(name, &copernicus(44, 17, (60, 60), exact_plane));
    assert_auxiliary("dem.tif", &raster[..raster.len() / 2]);
    assert_auxiliary("dem.tif", b"nothing");
    let nothing = open(
        &DemLocation::Path("/nonexistent".into()),
        DemOptions::default(),
    );
    assert_eq!(nothing.err().unwrap().kind(), ErrorKind::Auxiliary);
    let empty = tempdir().unwrap();
    let error = open(
        &DemLocation::Path(empty.path().into()),
        DemOptions::default(),
    )
    .err()
    .unwrap();
    assert!(error.to_string().contains("N43E007.hgt"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]
    #[test]
    fn no_bytes_make_it_panic(
        bytes in proptest::collection::vec(any::<u8>(), 0..600),
        flips in proptest::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6),
        kind in 0..6_usize,
    ) {
        let names = ["N43E007.hgt", "N43E007.hgt.zip", "srtm_38_04.zip", "srtm_38_04.tif",
            "Copernicus_DSM_COG_10_N43_00_E007_00_DEM.tif", "dem.tif"];
        failure(names[kind], &bytes);
        let raster = copernicus(43, 7, (30, 30), exact_plane);
        let mut whole = match kind {
            0 | 1 => zipped(&[("N43E007.hgt", &[7; 2_000])]),
            2 => zipped(&[("srtm_38_04.tif", &raster)]),
            _ => raster,
        };
        for (place, value) in flips {
            // Most of what matters stands at the ends.
            let length = whole.len();
            let place = place.index(length.min(700));
            let place = if kind < 3 { length - 1 - place } else { place };
            whole[place] = value;
        }
        failure(names[kind], &whole);
    }
}
