//! Every plane is compared with a plain average of GDAL's full decode.

use super::*;
use crate::jp2::tests::{hash, open, structure, write_jp2};
use clearshore::NoProgress;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

/// The slow obvious twin of the mean.
fn mean(native: &Array2<u16>, factor: usize) -> Array2<u16> {
    let (rows, columns) = native.dim();
    Array2::from_shape_fn((rows / factor, columns / factor), |(r, c)| {
        let pixels: Vec<u64> = (0..factor * factor)
            .map(|i| u64::from(native[[r * factor + i / factor, c * factor + i % factor]]))
            .collect();
        if pixels.contains(&0) {
            0
        } else if pixels.contains(&65_535) {
            65_535
        } else {
            let count = pixels.len() as u64;
            ((pixels.iter().sum::<u64>() + count / 2) / count) as u16
        }
    })
}

/// Smooth waves of at least 60 native pixels.
fn smooth(row: usize, column: usize) -> f64 {
    let (r, c) = (row as f64, column as f64);
    3000.0 + 900.0 * (r / 19.0 + c / 41.0).sin() + 700.0 * (c / 17.0 - r / 53.0).cos()
}

/// Fields of different brightness with texture, edges and noise.
fn rough(row: usize, column: usize) -> f64 {
    let field = (hash(row / 23, column / 31) % 2500) as f64;
    let texture = (hash(row / 2 + 7777, column / 3) % 500) as f64;
    1500.0 + field + texture + (hash(row, column) % 120) as f64
}

fn plane(rows: usize, columns: usize, value: impl Fn(usize, usize) -> f64) -> Array2<u16> {
    Array2::from_shape_fn((rows, columns), |(r, c)| value(r, c).round() as u16)
}

/// Mean difference and displacement (rows, columns; in coarse pixels) of `fast` against `exact`: least
/// squares of the difference on the gradients of `exact`.
fn bias_and_displacement(fast: &Array2<u16>, exact: &Array2<u16>) -> (f64, f64, f64) {
    let (rows, columns) = exact.dim();
    let value = |r: usize, c: usize| f64::from(exact[[r, c]]);
    let mut bias = 0.0;
    let mut count = 0.0;
    let (mut rr, mut cc, mut rc, mut rd, mut cd) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for r in 1..rows - 1 {
        for c in 1..columns - 1 {
            if fast[[r, c]] == 0 || value(r, c) == 0.0 {
                continue;
            }
            let difference = f64::from(fast[[r, c]]) - value(r, c);
            let down = (value(r + 1, c) - value(r - 1, c)) / 2.0;
            let across = (value(r, c + 1) - value(r, c - 1)) / 2.0;
            bias += difference;
            count += 1.0;
            rr += down * down;
            cc += across * across;
            rc += down * across;
            rd += down * difference;
            cd += across * difference;
        }
    }
    let determinant = rr * cc - rc * rc;
    (
        bias / count,
        (cc * rd - rc * cd) / determinant,
        (rr * cd - rc * rd) / determinant,
    )
}

fn write(path: &Path, native: &Array2<u16>, pixel_size: u32) {
    write_jp2(path, std::slice::from_ref(native), &structure(pixel_size));
}

#[test]
fn fast_has_no_bias_and_no_displacement() {
    let folder = tempfile::tempdir().unwrap();
    for (native_size, rows, columns) in [(10, 1300, 2100), (20, 1290, 700)] {
        for (name, native) in [
            ("smooth", plane(rows, columns, smooth)),
            ("rough", plane(rows, columns, rough)),
        ] {
            let path = folder.path().join(format!("{name}_{native_size}.jp2"));
            write(&path, &native, native_size);
            let jp2 = open(&path).unwrap();
            for working_size in [20, 60] {
                let factor = (working_size / native_size) as usize;
                if factor == 1 {
                    continue;
                }
                let read = |how| read_band(&jp2, native_size, working_size, how, &NoProgress);
                let expected = mean(&native, factor);
                assert_eq!(read(Resampling::Mean).unwrap(), expected);
                let fast = read(Resampling::Fast).unwrap();
                assert_eq!(fast.dim(), expected.dim());
                let (bias, down, across) = bias_and_displacement(&fast, &expected);
                let square: f64 = fast
                    .iter()
                    .zip(&expected)
                    .map(|(&a, &b)| (f64::from(a) - f64::from(b)).powi(2))
                    .sum();
                eprintln!(
                    "{name} {native_size} -> {working_size}: bias {bias:.3} DN, displacement \
                     {down:.4} {across:.4} pixels, RMS {:.1} DN",
                    (square / fast.len() as f64).sqrt()
                );
                assert!(bias.abs() < 1.0, "{name}: {bias}");
                assert!(
                    down.abs() < 0.05 && across.abs() < 0.05,
                    "{name}: {down} {across}"
                );
            }
        }
    }
}

#[test]
fn the_edge_of_the_swath_is_exact() {
    let folder = tempfile::tempdir().unwrap();
    // Edges steep and flat, through tiles, along a tile's border and through its corner.
    for (index, (slope, start)) in [
        (0.23, 300.0),
        (-0.21, 1300.0),
        (0.0, 1024.0),
        (0.0, 1021.0),
        (0.0, 1026.0),
        (4.5, -2900.0),
    ]
    .into_iter()
    .enumerate()
    {
        for (native_size, rows, columns) in [(10, 1300, 2100), (20, 1290, 1300)] {
            let native = plane(rows, columns, |r, c| {
                let edge = start + slope * r as f64;
                if (c as f64) < edge { 0.0 } else { rough(r, c) }
            });
            let path = folder.path().join(format!("{index}_{native_size}.jp2"));
            write(&path, &native, native_size);
            let jp2 = open(&path).unwrap();
            for working_size in [20, 60] {
                let factor = (working_size / native_size) as usize;
                if factor == 1 {
                    continue;
                }
                let expected = mean(&native, factor);
                for how in [Resampling::Fast, Resampling::Mean] {
                    let got = read_band(&jp2, native_size, working_size, how, &NoProgress).unwrap();
                    let differ = got
                        .iter()
                        .zip(&expected)
                        .filter(|(a, b)| (**a == 0) != (**b == 0))
                        .count();
                    assert_eq!(
                        differ, 0,
                        "slope {slope}, {native_size} -> {working_size}, {how:?}"
                    );
                    // Nothing of the dark side leaks into valid pixels.
                    let leak = got
                        .iter()
                        .zip(&expected)
                        .any(|(&a, &b)| b > 0 && f64::from(a) < f64::from(b) - 1500.0);
                    assert!(
                        !leak,
                        "slope {slope}, {native_size} -> {working_size}, {how:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn saturation_and_no_data_survive_the_mean() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("labels.jp2");
    let mut native = plane(549, 400, rough);
    for i in 0..300 {
        native[[(i * 7) % 549, (i * 13) % 400]] = 65_535;
        native[[(i * 11) % 549, (i * 5) % 400]] = 0;
    }
    write_jp2(
        &path,
        std::slice::from_ref(&native),
        &["BLOCKXSIZE=192", "BLOCKYSIZE=192"],
    );
    let jp2 = open(&path).unwrap();
    for (native_size, working_size) in [(10, 20), (10, 60), (20, 60)] {
        let got = read_band(
            &jp2,
            native_size,
            working_size,
            Resampling::Mean,
            &NoProgress,
        )
        .unwrap();
        assert_eq!(got, mean(&native, (working_size / native_size) as usize));
    }
    let same = read_band(&jp2, 20, 20, Resampling::Fast, &NoProgress).unwrap();
    assert_eq!(same, native);
    let finer = read_band(&jp2, 20, 10, Resampling::Fast, &NoProgress).unwrap();
    assert_eq!(finer.dim(), (1098, 800));
    assert!(read_band(&jp2, 20, 30, Resampling::Mean, &NoProgress).is_err());
}

/// Counts units; is cancelled from the start when asked to be.
#[derive(Default)]
struct Watch {
    units: AtomicU64,
    cancelled: bool,
}

impl Progress for Watch {
    fn advance(&self, units: u64) {
        self.units.fetch_add(units, Ordering::Relaxed);
    }

    fn is_cancelled(&self) -> bool {
        self.cancelled
    }
}

#[test]
fn progress_is_what_was_announced_and_threads_change_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("watched.jp2");
    let native = plane(
        700,
        900,
        |r, c| if r + 3 * c < 700 { 0.0 } else { rough(r, c) },
    );
    write(&path, &native, 60);
    let jp2 = open(&path).unwrap();
    for (native_size, working_size) in [(60, 60), (60, 20), (10, 20), (10, 60), (20, 60)] {
        for how in [Resampling::Fast, Resampling::Mean] {
            let planes = [1, 4].map(|threads| {
                let pool = rayon::ThreadPoolBuilder::new()
                    .num_threads(threads)
                    .build()
                    .unwrap();
                let watch = Watch::default();
                let plane = pool
                    .install(|| read_band(&jp2, native_size, working_size, how, &watch))
                    .unwrap();
                let announced = work_units(&jp2, native_size, working_size, how).unwrap();
                assert_eq!(watch.units.into_inner(), announced);
                plane
            });
            assert_eq!(planes[0], planes[1]);
            let cancelled = Watch {
                cancelled: true,
                ..Watch::default()
            };
            let error = read_band(&jp2, native_size, working_size, how, &cancelled).unwrap_err();
            assert_eq!(error.kind(), clearshore::ErrorKind::Cancelled);
        }
    }
}
