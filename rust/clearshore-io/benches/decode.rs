//! Decoding a JPEG 2000 band on one thread, against GDAL on the same file.
//!
//! A noisy file with the structure of a 10 m band is generated; another one can be given in
//! `CLEARSHORE_BENCH_JP2`. Throughput counts full-resolution pixels.

#![allow(clippy::unwrap_used, reason = "a bench that can't run may stop")]

use clearshore::NoProgress;
use clearshore_io::bands::{Resampling, read_band};
use clearshore_io::bytes::FilePart;
use clearshore_io::jp2::Jp2;
use divan::counter::ItemsCount;
use divan::{Bencher, black_box};
use gdal::raster::{Buffer, RasterCreationOptions};
use gdal::{Dataset, DriverManager};
use std::path::{Path, PathBuf};
use std::sync::{Arc, LazyLock};

const SIDE: usize = 2048;

static FILE: LazyLock<PathBuf> = LazyLock::new(|| {
    std::env::var_os("CLEARSHORE_BENCH_JP2").map_or_else(generated, PathBuf::from)
});

fn main() {
    gdal::config::set_config_option("GDAL_NUM_THREADS", "1").unwrap();
    gdal::config::set_config_option("GDAL_CACHEMAX", "1").unwrap();
    rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build_global()
        .unwrap();
    divan::main();
}

/// Waves and noise of a few hundred DN, as over rough land.
fn generated() -> PathBuf {
    let path = std::env::temp_dir().join("clearshore-bench-decode.jp2");
    let mut state = 1_u64;
    let mut noise = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 40) % 300
    };
    let value = |row: usize, column: usize| {
        2500.0 + 800.0 * ((row as f64 / 31.0).sin() + (column as f64 / 47.0).cos())
    };
    let data = (0..SIDE * SIDE)
        .map(|i| value(i / SIDE, i % SIDE) as u16 + noise() as u16)
        .collect();
    let memory = DriverManager::get_driver_by_name("MEM").unwrap();
    let dataset = memory
        .create_with_band_type::<u16, _>("", SIDE, SIDE, 1)
        .unwrap();
    let mut band = dataset.rasterband(1).unwrap();
    let mut buffer = Buffer::new((SIDE, SIDE), data);
    band.write((0, 0), (SIDE, SIDE), &mut buffer).unwrap();
    let options = RasterCreationOptions::from_iter([
        "QUALITY=100",
        "REVERSIBLE=YES",
        "BLOCKXSIZE=1024",
        "BLOCKYSIZE=1024",
        "PRECINCTS={256,256},{256,256},{256,256},{256,256},{256,256}",
        "RESOLUTIONS=5",
        "NBITS=15",
        "PLT=YES",
    ]);
    let driver = DriverManager::get_driver_by_name("JP2OpenJPEG").unwrap();
    dataset.create_copy(&driver, &path, &options).unwrap();
    path
}

fn open(path: &Path) -> Jp2 {
    Jp2::open(Arc::new(FilePart::open(path).unwrap()), "bench").unwrap()
}

#[divan::bench(args = [0, 1, 2], sample_count = 5, sample_size = 1)]
fn clearshore(bencher: Bencher, reduction: u8) {
    let jp2 = open(&FILE);
    bencher
        .counter(ItemsCount::new(jp2.rows() * jp2.columns()))
        .bench_local(|| black_box(jp2.read_plane(reduction, &NoProgress).unwrap()));
}

#[divan::bench(args = [0, 1, 2], sample_count = 5, sample_size = 1)]
fn gdal_openjpeg(bencher: Bencher, reduction: usize) {
    let jp2 = open(&FILE);
    bencher
        .counter(ItemsCount::new(jp2.rows() * jp2.columns()))
        .bench_local(|| {
            let dataset = Dataset::open(&*FILE).unwrap();
            let band = dataset.rasterband(1).unwrap();
            let band = match reduction {
                0 => band,
                n => band.overview(n - 1).unwrap(),
            };
            black_box(band.read_band_as::<u16>().unwrap())
        });
}

/// From 10 m to 20 and 60 m, with the resampling.
#[divan::bench(
    args = [(20, Resampling::Fast), (20, Resampling::Mean), (60, Resampling::Fast), (60, Resampling::Mean)],
    sample_count = 5,
    sample_size = 1
)]
fn working_grid(bencher: Bencher, (pixel_size, resampling): (u32, Resampling)) {
    let jp2 = open(&FILE);
    bencher
        .counter(ItemsCount::new(jp2.rows() * jp2.columns()))
        .bench_local(|| {
            black_box(read_band(&jp2, 10, pixel_size, resampling, &NoProgress).unwrap())
        });
}
