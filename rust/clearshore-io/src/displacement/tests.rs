use super::*;
use crate::jp2::tests::{hash, open, structure, write_jp2};
use clearshore::NoProgress;
use clearshore::scene::UtmZone;
use std::path::Path;

const SHAPE: (usize, usize) = (700, 620);
const RADIOMETRY: Radiometry = Radiometry {
    offset: 0,
    quantification: 10_000.0,
};

/// A source of which B08 is written as in a product; the other bands, too, but nobody looks.
fn source(folder: &Path, apart: &Array2<u16>, resampling: Resampling) -> ProductDisplacement {
    let path = folder.join("B08.jp2");
    if !path.exists() {
        write_jp2(&path, std::slice::from_ref(apart), &structure(10));
    }
    let file = |band| (band, open(&path).unwrap(), RADIOMETRY);
    ProductDisplacement {
        grid: Grid {
            zone: UtmZone::from_epsg(32_631).unwrap(),
            easting: 600_000.0,
            northing: 4_800_000.0,
            pixel_size: 20.0,
            height: apart.nrows() / 2,
            width: apart.ncols() / 2,
        },
        files: [Band::B07, Band::B08, Band::B8A].map(file),
        resampling,
        base_in_scene: false,
    }
}

fn plane(source: &ProductDisplacement, places: &[Rectangle]) -> Array2<u16> {
    let quick = source.quick_look(places, &NoProgress).unwrap();
    assert_eq!(quick.is_some(), source.resampling == Resampling::Fast);
    let plane = match quick {
        Some(quick) => quick.plane().clone(),
        None => source.plane(Band::B08, places, &NoProgress).unwrap(),
    };
    assert_eq!(plane.radiometry, RADIOMETRY);
    plane.dn
}

const fn place(rows: (usize, usize), columns: (usize, usize)) -> Rectangle {
    Rectangle { rows, columns }
}

const EVERYWHERE: Rectangle = place((0, SHAPE.0), (0, SHAPE.1));

/// The words of the interface, pixel by pixel: blurred, then averaged.
fn by_hand(native: &Array2<u16>, row: usize, column: usize) -> f64 {
    let at = |r: i64, c: i64| {
        let within = |at: i64, count: usize| at.clamp(0, count as i64 - 1) as usize;
        f64::from(native[[within(r, native.nrows()), within(c, native.ncols())]])
    };
    let weight = |distance: i64| (-0.5 * (distance as f64 / 0.6).powi(2)).exp();
    let total: f64 = (-2..=2).map(weight).sum();
    let mut sum = 0.0;
    for r in 2 * row as i64..2 * row as i64 + 2 {
        for c in 2 * column as i64..2 * column as i64 + 2 {
            for down in -2..=2 {
                for right in -2..=2 {
                    sum += weight(down) * weight(right) * at(r + down, c + right);
                }
            }
        }
    }
    sum / (4.0 * total * total)
}

fn rough() -> Array2<u16> {
    Array2::from_shape_fn((2 * SHAPE.0, 2 * SHAPE.1), |(r, c)| {
        let wave = 900.0 * ((r as f64 / 5.0).sin() + (c as f64 / 7.0).cos());
        (3000.0 + wave) as u16 + (hash(r, c) % 300) as u16
    })
}

#[test]
fn full_resolution_is_blurred_and_averaged() {
    let folder = tempfile::tempdir().unwrap();
    let native = rough();
    let places = [place((0, 70), (10, 80)), place((640, 700), (560, 620))];
    let found = plane(&source(folder.path(), &native, Resampling::Mean), &places);
    for place in &places {
        for row in place.rows.0..place.rows.1 {
            for column in place.columns.0..place.columns.1 {
                let expected = by_hand(&native, row, column);
                let got = f64::from(found[[row, column]]);
                assert!((got - expected).abs() <= 0.5001, "{row} {column}");
            }
        }
    }
    assert_eq!(found[[300, 300]], 0, "nobody asked");
}

#[test]
fn the_low_pass_lies_where_the_mean_does() {
    // A slope, and waves of many pixels: no displacement, no bias beyond the wavelet's rounding.
    let native = Array2::from_shape_fn((2 * SHAPE.0, 2 * SHAPE.1), |(r, c)| {
        let wave = 400.0 * (r as f64 / 21.0).sin() + 300.0 * (c as f64 / 17.0).cos();
        (2000.0 + r as f64 + 2.0 * c as f64 + wave).round() as u16
    });
    let folder = tempfile::tempdir().unwrap();
    let found = plane(
        &source(folder.path(), &native, Resampling::Fast),
        &[EVERYWHERE],
    );
    let (mut sum, mut squares, mut count) = (0.0, 0.0, 0.0);
    for ((row, column), &dn) in found.indexed_iter() {
        // At borders of JPEG 2000 tiles (512 samples) the wavelet mirrors what it knows.
        if [row, column].iter().any(|at| (at + 4) % 512 < 8) || row >= 696 || column >= 616 {
            continue;
        }
        let difference = f64::from(dn) - by_hand(&native, row, column);
        sum += difference;
        squares += difference * difference;
        count += 1.0;
    }
    let (bias, spread) = (sum / count, f64::sqrt(squares / count));
    assert!(bias.abs() < 1.0 && spread < 2.0, "{bias} {spread}");
}

#[test]
fn only_what_was_asked_for_is_given_and_as_from_everything() {
    let folder = tempfile::tempdir().unwrap();
    let native = rough();
    let source = source(folder.path(), &native, Resampling::Fast);
    let whole = plane(&source, &[EVERYWHERE]);
    // One that needs its neighbours' samples on the next tile, two at corners.
    for place in [
        place((400, 512), (300, 512)),
        place((0, 64), (0, 67)),
        place((660, 700), (580, 620)),
    ] {
        let part = plane(&source, &[place]);
        let asked = s![place.rows.0..place.rows.1, place.columns.0..place.columns.1];
        assert_eq!(part.slice(asked), whole.slice(asked));
        let elsewhere = part.iter().filter(|dn| **dn != 0).count();
        assert_eq!(elsewhere, part.slice(asked).len());
    }
}

#[test]
fn nothing_is_known_where_the_low_pass_holds_pixels_without_data() {
    let folder = tempfile::tempdir().unwrap();
    let slanted = |r: usize, c: usize| c > 300 + r / 3;
    let mut native = rough();
    for ((r, c), dn) in native.indexed_iter_mut() {
        *dn *= u16::from(slanted(r, c));
    }
    let found = plane(
        &source(folder.path(), &native, Resampling::Fast),
        &[EVERYWHERE],
    );
    let mut known = 0;
    for ((row, column), &dn) in found.indexed_iter() {
        let near = |by: i64| {
            let at = |index: usize, offset: i64| (2 * index as i64 + offset).max(0) as usize;
            let last = (native.nrows() - 1, native.ncols() - 1);
            slanted(at(row, by).min(last.0), at(column, -by).min(last.1))
        };
        if dn != 0 {
            known += 1;
            // The filter of the wavelet reaches two pixels, that of ours three samples.
            assert!(near(3), "{row} {column}: next to nothing, and known");
            let difference = f64::from(dn) - by_hand(&native, row, column);
            assert!(difference.abs() < 300.0, "{row} {column}: {difference}");
        } else {
            assert!(!near(12), "{row} {column}: far from the edge, and unknown");
        }
    }
    assert!(known > 100_000, "{known}");
}

#[test]
fn a_sharpened_look_is_the_full_one_but_for_rounding() {
    let folder = tempfile::tempdir().unwrap();
    let mut native = rough();
    // No data, whose edge rings, and pixels that are saturated.
    for ((r, c), dn) in native.indexed_iter_mut() {
        *dn *= u16::from(c + r / 4 > 200);
        if hash(r / 3, c / 3).is_multiple_of(4000) {
            *dn = 32_767;
        }
    }
    let source = source(folder.path(), &native, Resampling::Fast);
    let quick = source.quick_look(&[EVERYWHERE], &NoProgress).unwrap();
    let quick = quick.unwrap();
    // Small and large, over the borders of tiles of 512, at the edges of the image, of no data, and far from all.
    for (places, largest) in [
        (
            vec![place((300, 320), (100, 140)), place((400, 460), (400, 430))],
            2,
        ),
        (vec![place((500, 520), (490, 530))], 2),
        (
            vec![place((0, 64), (560, 620)), place((690, 700), (0, 620))],
            2,
        ),
        (vec![place((100, 200), (40, 120))], 0),
    ] {
        let full = source.plane(Band::B08, &places, &NoProgress).unwrap();
        let sharp = quick.sharpen(&places, &NoProgress).unwrap();
        for Rectangle { rows, columns } in places {
            let part = s![rows.0..rows.1, columns.0..columns.1];
            let pairs = full.dn.slice(part).into_iter().zip(sharp.dn.slice(part));
            for (&full, &sharp) in pairs {
                assert_eq!(full == 0, sharp == 0);
                assert!(
                    full.abs_diff(sharp) <= largest,
                    "{rows:?} {columns:?}: {full} {sharp}"
                );
            }
        }
    }
}

#[test]
fn a_file_that_does_not_tell_its_packets_is_sharpened_by_all_of_them() {
    let folder = tempfile::tempdir().unwrap();
    let native = rough();
    let options = [structure(10), vec!["SOP=YES", "EPH=YES"]].concat();
    write_jp2(
        &folder.path().join("B08.jp2"),
        std::slice::from_ref(&native),
        &options,
    );
    let source = source(folder.path(), &native, Resampling::Fast);
    let places = [place((300, 320), (100, 140))];
    let quick = source.quick_look(&places, &NoProgress).unwrap().unwrap();
    let full = source.plane(Band::B08, &places, &NoProgress).unwrap();
    assert_eq!(quick.sharpen(&places, &NoProgress).unwrap().dn, full.dn);
}

/// Share of pixels, percent, that the index of Frantz et al. 2018, eq. 4, calls below -0.5, and below -0.25.
fn apart(bands: [&Array2<u16>; 3]) -> (Array2<f64>, [f64; 2]) {
    let [near, apart, base] = bands;
    let variance = |band: &Array2<u16>, row: usize, column: usize| {
        let window = s![row - 3..row + 4, column - 3..column + 4];
        let pairs = band.slice(window).into_iter().zip(base.slice(window));
        let ratios: Vec<f64> = pairs
            .map(|(band, base)| f64::from(*band) / f64::from(*base))
            .collect();
        let mean = ratios.iter().sum::<f64>() / ratios.len() as f64;
        let squares = ratios.iter().map(|ratio| (ratio - mean).powi(2));
        squares.sum::<f64>() / ratios.len() as f64
    };
    let (rows, columns) = base.dim();
    let index = Array2::from_shape_fn((rows - 6, columns - 6), |(row, column)| {
        let [near, apart] = [near, apart].map(|band| variance(band, row + 3, column + 3));
        (near - apart) / (near + apart)
    });
    let below = |limit: f64| {
        let count = index.iter().filter(|index| **index < limit).count();
        100.0 * count as f64 / index.len() as f64
    };
    let shares = [below(-0.5), below(-0.25)];
    (index, shares)
}

#[test]
fn real_ground_moves_no_more_at_half_resolution() {
    for name in ["shark_bay", "australia", "usa"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../../target/real-scenes")
            .join(name);
        if !folder.exists() {
            eprintln!("skipped: {} is absent", folder.display());
            return;
        }
        let read = |band: &str| -> Array2<u16> {
            ndarray_npy::read_npy(folder.join(format!("{band}.npy"))).unwrap()
        };
        let (near, native, base) = (read("B07"), read("B08"), read("B8A"));
        let directory = tempfile::tempdir().unwrap();
        let [(exact, of_exact), (fast, of_fast)] =
            [Resampling::Mean, Resampling::Fast].map(|resampling| {
                let source = source(directory.path(), &native, resampling);
                let everywhere = place((0, base.nrows()), (0, base.ncols()));
                apart([&near, &plane(&source, &[everywhere]), &base])
            });
        // What counts: whether a pixel stands apart for sure.
        let same = exact.iter().zip(&fast);
        let unequal = same.filter(|(a, b)| (**a < -0.5) != (**b < -0.5)).count();
        let unequal = 100.0 * unequal as f64 / exact.len() as f64;
        eprintln!(
            "{name}: {of_exact:.3?} % and {of_fast:.3?} %, displaced differs on {unequal:.3} %"
        );
        assert!(unequal <= 0.15, "{name}: {unequal} %");
        // Ground may hold less than 5 % of such pixels.
        assert!(
            of_fast[0] <= 0.2 && of_fast[1] <= 2.0,
            "{name}: {of_fast:?}"
        );
    }
}
