//! Every number is compared with GDAL's decoder (JP2OpenJPEG).

use super::*;
use crate::bytes::FilePart;
use clearshore::{ErrorKind, NoProgress};
use gdal::raster::{Buffer, RasterCreationOptions};
use gdal::{Dataset, DriverManager};
use std::path::{Path, PathBuf};

pub(crate) fn open(path: &Path) -> Result<Jp2> {
    let source = FilePart::open(path).unwrap();
    Jp2::open(Arc::new(source), format!("B00, {}", path.display()))
}

/// A plane of GDAL's, at full resolution or at its first overviews.
fn gdal_plane(dataset: &Dataset, component: usize, reduction: u8) -> Option<Array2<u16>> {
    let band = dataset.rasterband(component + 1).unwrap();
    let band = match reduction {
        0 => band,
        n => band.overview(usize::from(n) - 1).ok()?,
    };
    let buffer = band.read_band_as::<u16>().unwrap();
    let (columns, rows) = buffer.shape();
    Some(Array2::from_shape_vec((rows, columns), buffer.into_shape_and_vec().1).unwrap())
}

/// Compares all components at full, half and quarter resolution.
fn same_as_gdal(path: &Path) {
    let jp2 = open(path).unwrap();
    let dataset = Dataset::open(path).unwrap();
    let components: Vec<usize> = (0..jp2.components()).collect();
    for reduction in 0..=jp2.reductions().min(2) {
        let planes = jp2.read(&components, reduction, None, &NoProgress).unwrap();
        for (component, plane) in planes.iter().enumerate() {
            let Some(expected) = gdal_plane(&dataset, component, reduction) else {
                continue;
            };
            let differ = plane.iter().zip(&expected).filter(|(a, b)| a != b).count();
            assert_eq!(plane.dim(), expected.dim(), "{}", path.display());
            assert_eq!(
                differ,
                0,
                "{}: component {component}, reduction {reduction}",
                path.display()
            );
        }
    }
}

/// Writes planes as JPEG 2000 through GDAL.
pub(crate) fn write_jp2(path: &Path, planes: &[Array2<u16>], options: &[&str]) {
    let (rows, columns) = planes[0].dim();
    let memory = DriverManager::get_driver_by_name("MEM").unwrap();
    let dataset = memory
        .create_with_band_type::<u16, _>("", columns, rows, planes.len())
        .unwrap();
    for (index, plane) in planes.iter().enumerate() {
        let data = plane.iter().copied().collect();
        let mut buffer = Buffer::new((columns, rows), data);
        let mut band = dataset.rasterband(index + 1).unwrap();
        band.write((0, 0), (columns, rows), &mut buffer).unwrap();
    }
    let options: RasterCreationOptions = ["QUALITY=100", "REVERSIBLE=YES", "YCC=NO"]
        .iter()
        .chain(options)
        .copied()
        .collect();
    let driver = DriverManager::get_driver_by_name("JP2OpenJPEG").unwrap();
    dataset.create_copy(&driver, path, &options).unwrap();
}

/// Creation options for the structure of Sentinel-2's band files.
pub(crate) fn structure(pixel_size: u32) -> Vec<&'static str> {
    match pixel_size {
        10 => vec![
            "BLOCKXSIZE=1024",
            "BLOCKYSIZE=1024",
            "CODEBLOCK_WIDTH=64",
            "CODEBLOCK_HEIGHT=64",
            "PRECINCTS={256,256},{256,256},{256,256},{256,256},{256,256}",
            "RESOLUTIONS=5",
            "NBITS=15",
        ],
        20 => vec![
            "BLOCKXSIZE=640",
            "BLOCKYSIZE=640",
            "CODEBLOCK_WIDTH=8",
            "CODEBLOCK_HEIGHT=8",
            "PRECINCTS={128,128},{128,128},{128,128},{128,128},{128,128}",
            "RESOLUTIONS=5",
            "NBITS=15",
        ],
        _ => vec![
            "BLOCKXSIZE=192",
            "BLOCKYSIZE=192",
            "CODEBLOCK_WIDTH=4",
            "CODEBLOCK_HEIGHT=4",
            "PRECINCTS={64,64},{64,64},{64,64},{64,64},{64,64}",
            "RESOLUTIONS=5",
            "NBITS=15",
        ],
    }
}

/// Numbers that look random, the same at each call.
pub(crate) fn hash(row: usize, column: usize) -> u64 {
    let mut x = (row as u64) << 32 | column as u64;
    for _ in 0..3 {
        x = (x ^ x >> 29).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    }
    x ^ x >> 32
}

fn rough(rows: usize, columns: usize) -> Array2<u16> {
    Array2::from_shape_fn((rows, columns), |(r, c)| {
        let wave = 1500.0 * ((r as f64 / 37.0).sin() + (c as f64 / 23.0).cos());
        let dark = if c < columns / 9 { 0 } else { 1 };
        ((4000.0 + wave) as u16 + (hash(r, c) % 400) as u16) * dark
    })
}

/// The folder with real data, if this machine has it.
fn shared() -> Option<PathBuf> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data");
    if !path.exists() {
        eprintln!("skipped: {} is absent", path.display());
    }
    path.exists().then_some(path)
}

fn jp2_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            jp2_files(&path, files);
        } else if path.extension().is_some_and(|e| e == "jp2") {
            files.push(path);
        }
    }
}

/// Real files, whole: bands of 60 m, crops of all bands, masks, the traps in `l1c_jp2`, a preview.
#[test]
fn real_files_decode_as_with_gdal() {
    let Some(shared) = shared() else { return };
    let mut files = Vec::new();
    jp2_files(&shared, &mut files);
    let wanted = ["_B01.", "_B09.", "_B10.", "CLASSI", "T31TCJ_2", "/l1c_jp2/"];
    let mut compared = 0;
    for file in files {
        let name = file.to_str().unwrap();
        let slow = name.contains("MSK_QUALIT") || name.contains("_PVI") && !name.contains("T10SEH");
        if wanted.iter().any(|part| name.contains(part)) && !slow && open(&file).is_ok() {
            same_as_gdal(&file);
            compared += 1;
        }
    }
    assert!(compared >= 35, "{compared}");
}

/// Quality masks: eight components, of which the first three are coded together.
#[test]
fn windows_of_real_masks_decode_as_with_gdal() {
    let Some(shared) = shared() else { return };
    let mut files = Vec::new();
    jp2_files(&shared, &mut files);
    let wanted = ["MSK_QUALIT_B02", "MSK_QUALIT_B05", "MSK_QUALIT_B09"];
    let window = Window {
        row: 1000,
        column: 900,
        rows: 300,
        columns: 200,
    };
    let mut compared = 0;
    for file in files {
        let name = file.to_str().unwrap();
        let (true, Ok(jp2)) = (wanted.iter().any(|part| name.contains(part)), open(&file)) else {
            continue;
        };
        let dataset = Dataset::open(&file).unwrap();
        let components: Vec<usize> = (0..8).rev().collect();
        let planes = jp2.read(&components, 0, Some(window), &NoProgress).unwrap();
        for (component, plane) in components.into_iter().zip(planes) {
            let band = dataset.rasterband(component + 1).unwrap();
            let size = (window.columns, window.rows);
            let origin = (window.column as isize, window.row as isize);
            let expected = band.read_as::<u16>(origin, size, size, None).unwrap();
            assert_eq!(
                plane.as_slice().unwrap(),
                expected.data(),
                "{name} {component}"
            );
        }
        compared += 1;
    }
    assert!(compared >= 3, "{compared}");
}

#[test]
fn generated_files_decode_as_with_gdal() {
    let folder = tempfile::tempdir().unwrap();
    for (pixel_size, rows, columns) in [(10, 1500, 1100), (20, 700, 1300), (60, 549, 400)] {
        for extra in [
            &["PLT=YES"][..],
            &["TLM=YES"],
            &[],
            &["PROGRESSION=RPCL", "PLT=YES"],
            &["SOP=YES", "EPH=YES"],
        ] {
            let path = folder
                .path()
                .join(format!("{pixel_size}_{}.jp2", extra.join("_")));
            let options = [structure(pixel_size), extra.to_vec()].concat();
            write_jp2(&path, &[rough(rows, columns)], &options);
            same_as_gdal(&path);
        }
    }
}

#[test]
fn windows_and_components_are_parts_of_the_whole() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mask.jp2");
    let planes: Vec<Array2<u16>> = (0..8)
        .map(|plane| {
            Array2::from_shape_fn((500, 421), |(r, c)| (hash(r / 9 + plane, c / 7) % 2) as u16)
        })
        .collect();
    write_jp2(
        &path,
        &planes,
        &[
            "BLOCKXSIZE=128",
            "BLOCKYSIZE=192",
            "RESOLUTIONS=4",
            "NBITS=9",
        ],
    );
    let jp2 = open(&path).unwrap();
    assert_eq!((jp2.rows(), jp2.columns(), jp2.components()), (500, 421, 8));
    assert_eq!(
        (jp2.bit_depth(), jp2.tile_size(), jp2.reductions()),
        (9, (192, 128), 3)
    );
    assert_eq!(
        jp2.read(&[6, 2], 0, None, &NoProgress).unwrap(),
        [planes[6].clone(), planes[2].clone()]
    );
    for reduction in 0..=3 {
        let whole = &jp2.read(&[5], reduction, None, &NoProgress).unwrap()[0];
        let (rows, columns) = jp2.shape(reduction);
        assert_eq!(whole.dim(), (rows, columns));
        for (row, column, height, width) in [
            (0, 0, rows, columns),
            (rows / 3, columns / 2, rows / 2, columns / 3),
            (rows - 1, columns - 1, 1, 1),
            (7, 5, 0, 3),
        ] {
            let window = Window {
                row,
                column,
                rows: height,
                columns: width,
            };
            let part = &jp2
                .read(&[5], reduction, Some(window), &NoProgress)
                .unwrap()[0];
            assert_eq!(
                part,
                &whole.slice(s![row..row + height, column..column + width])
            );
        }
    }
    let beyond = Window {
        row: 490,
        column: 0,
        rows: 11,
        columns: 1,
    };
    assert!(jp2.read(&[0], 0, Some(beyond), &NoProgress).is_err());
    assert!(jp2.read(&[8], 0, None, &NoProgress).is_err());
    assert!(jp2.read(&[0], 4, None, &NoProgress).is_err());
}

/// Where something is wanted every sample is that of the whole image, whatever else is left out.
#[test]
fn wanted_rectangles_are_parts_of_the_whole() {
    let folder = tempfile::tempdir().unwrap();
    for (pixel_size, rows, columns) in [(10, 1500, 1100), (20, 700, 1300), (60, 549, 400)] {
        for extra in [
            &["PLT=YES"][..],
            &[],
            &["SOP=YES", "EPH=YES", "PLT=YES"],
            &["PROGRESSION=RPCL", "PLT=YES"],
        ] {
            let path = folder
                .path()
                .join(format!("{pixel_size}_{}.jp2", extra.join("_")));
            let options = [structure(pixel_size), extra.to_vec()].concat();
            write_jp2(&path, &[rough(rows, columns)], &options);
            let jp2 = open(&path).unwrap();
            for reduction in [0, 1] {
                let whole = jp2.read_plane(reduction, &NoProgress).unwrap();
                for place in 0..12 {
                    let side = 1 + (hash(place, 1) % 90) as usize;
                    let first = |count: usize, salt: usize| {
                        (hash(place, salt) % (count - side) as u64) as usize & !1
                    };
                    let (row, column) = (first(rows, 2), first(columns, 3));
                    let wanted = |window: &Window| {
                        row < window.row + window.rows
                            && row + side > window.row
                            && column < window.column + window.columns
                            && column + side > window.column
                    };
                    let found = jp2.read_where(reduction, wanted, &NoProgress).unwrap();
                    let end = |first: usize| (first + side).div_ceil(1 << reduction);
                    let part = s![row >> reduction..end(row), column >> reduction..end(column)];
                    assert_eq!(found.slice(part), whole.slice(part), "{path:?} {reduction}");
                    assert_eq!(found.dim(), whole.dim());
                }
            }
        }
    }
}

/// Tiles of which the last is too narrow for a reduction are decoded with the whole image.
#[test]
fn narrow_tiles_decode_as_with_gdal() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("narrow.jp2");
    for (rows, columns) in [(257, 387), (259, 386), (1, 300), (300, 2)] {
        write_jp2(
            &path,
            &[rough(rows, columns)],
            &["BLOCKXSIZE=128", "BLOCKYSIZE=128"],
        );
        same_as_gdal(&path);
    }
}

/// A small file with several tiles, as bytes.
fn small_file() -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("small.jp2");
    let options = [
        "BLOCKXSIZE=64",
        "BLOCKYSIZE=64",
        "RESOLUTIONS=3",
        "PLT=YES",
        "NBITS=15",
    ];
    write_jp2(&path, &[rough(100, 90)], &options);
    std::fs::read(&path).unwrap()
}

fn decode(bytes: Vec<u8>) -> Result<()> {
    let jp2 = Jp2::open(Arc::new(bytes), "B04, small.jp2")?;
    for reduction in 0..=jp2.reductions().min(2) {
        jp2.read_plane(reduction, &NoProgress)?;
    }
    Ok(())
}

#[test]
fn a_truncated_or_foreign_file_names_band_and_file() {
    let whole = small_file();
    decode(whole.clone()).unwrap();
    let short = (0..whole.len() - 2).map(|len| whole[..len].to_vec());
    let foreign = [b"\0".to_vec(), b"II*\0 a TIFF".to_vec(), vec![0xFF; 300]];
    for bytes in short.chain(foreign) {
        let len = bytes.len();
        let error = decode(bytes).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Product, "{len}");
        let text = error.to_string();
        for part in ["B04, small.jp2", "got: ", "expected: ", "do: download"] {
            assert!(text.contains(part), "{len} bytes: {text}");
        }
    }
}

#[test]
fn claimed_sizes_are_checked_before_anything_is_allocated() {
    let whole = small_file();
    let siz = whole.windows(2).position(|w| w == [0xFF, 0x51]).unwrap();
    for (field, value) in [
        (6, u32::MAX),
        (6, 65_535),
        (10, 60_000),
        (22, 0),
        (22, 1),
        (26, 0),
        (14, 5),
    ] {
        let mut bytes = whole.clone();
        bytes[siz + field..siz + field + 4].copy_from_slice(&u32::to_be_bytes(value));
        let error = decode(bytes).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Product, "{error}");
    }
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig::with_cases(300))]

    /// Whatever the bytes, there is a plane or a Product error.
    #[test]
    fn damaged_bytes_never_panic(
        flips in proptest::collection::vec((0.0..1.0_f64, 1..=255_u8), 1..6),
        head in proptest::bool::ANY,
        cut in 0.0..1.3_f64,
    ) {
        static SMALL: std::sync::LazyLock<Vec<u8>> = std::sync::LazyLock::new(small_file);
        let mut bytes = SMALL.clone();
        let reach = if head { 400 } else { bytes.len() };
        for (at, flip) in flips {
            bytes[(at * reach as f64) as usize] ^= flip;
        }
        bytes.truncate((cut * bytes.len() as f64) as usize);
        if let Err(error) = decode(bytes) {
            proptest::prop_assert_eq!(error.kind(), ErrorKind::Product);
        }
    }
}
