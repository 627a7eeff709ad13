//! Every number is compared with GDAL's decoder (JP2OpenJPEG).

use super::*;
use crate::bytes::FilePart;
use clearshore::NoProgress;
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
