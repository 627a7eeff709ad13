//! What scenes hold, and where.

mod shores;

use super::*;
use crate::scene::Direction;
use crate::simulate::Preset;
use crate::simulate::noise::{Fractal, unit};
use crate::simulate::tests::tile;
use Surface::*;

/// Side of the scenes of an evaluation, pixels.
const SUITE: usize = 2196;
const PIXEL: f64 = 10.0;

fn setting(preset: Preset, size: usize, seed: u64) -> Setting {
    let grid = tile(size);
    Setting::of_preset(preset, seed, grid, Direction::from_degrees(35.0, 150.0))
}

/// The centres of a row of pixels.
fn centres(index: usize) -> Row {
    Row {
        first: 0.5 * PIXEL,
        step: PIXEL,
        y: (index as f64 + 0.5) * PIXEL,
    }
}

/// Hills that rise from the shore, up to 3000 m in the mountains.
fn heights(setting: &Setting, shore: &Shore, index: usize) -> Array2<f32> {
    let columns = setting.grid.width;
    let (steep, top) = match setting.preset {
        Preset::AlpineCoast => (0.35, 3_000.0),
        Preset::Winter => (0.08, 600.0),
        _ => (0.01, 100.0),
    };
    let (mut ridge, mut from_sea) = (vec![0.0; columns], vec![0.0; columns]);
    Fractal::new(99, setting.extent() / 6.0, 80.0).fill(centres(index), &mut ridge);
    shore.distance_from_sea(centres(index), &mut from_sea);
    Array2::from_shape_fn((1, columns), |(_, k)| {
        let ridge: f64 = top * (1.2 - 2.0 * ridge[k].abs());
        (steep * from_sea[k].max(0.0)).min(ridge).max(0.0) as f32
    })
}

/// Every so many rows of a scene: index, heights and mixtures.
fn sampled(setting: &Setting, every: usize) -> Vec<(usize, Array2<f32>, Array2<Mixture>)> {
    let shore = Shore::new(setting);
    let ground = Ground::new(setting, &shore);
    (0..setting.grid.height)
        .step_by(every)
        .map(|index| {
            let heights = heights(setting, &shore, index);
            let mixtures = ground.rows(index..index + 1, heights.view());
            (index, heights, mixtures)
        })
        .collect()
}

/// Share of a mixture that satisfies a condition.
fn share(mixture: &Mixture, is: impl Fn(Surface) -> bool) -> f64 {
    let second = f64::from(mixture.share) / 255.0;
    let part = |surface, share| if is(surface) { share } else { 0.0 };
    part(mixture.first, 1.0 - second) + part(mixture.second, second)
}

/// Signed distances from the sea and into lakes, straight from the shore.
fn distances(shore: &Shore, row: Row, count: usize) -> [Vec<f64>; 2] {
    let (mut from_sea, mut into_lake) = (vec![0.0; count], vec![0.0; count]);
    shore.distance_from_sea(row, &mut from_sea);
    shore.distance_into_lake(row, &from_sea, &mut into_lake);
    [from_sea, into_lake]
}

#[test]
fn every_preset_holds_its_surfaces() {
    // Least shares of the area, in 10000ths.
    let coast: &[(Surface, f64)] = &[
        (DeepSea, 1_000.0),
        (Shelf, 200.0),
        (Plume, 10.0),
        (Estuary, 2.0),
        (Reef, 5.0),
        (Surf, 2.0),
        (Ship, 0.05),
        (Vegetation, 1_000.0),
        (Forest, 300.0),
        (Soil, 300.0),
        (QuartzSand, 5.0),
        (TidalMud, 1.0),
        (WhiteRoof, 2.0),
        (GreyRoof, 5.0),
        (Street, 5.0),
    ];
    let open: &[(Surface, f64)] = &[(DeepSea, 8_500.0), (Ship, 0.2)];
    let alpine: &[(Surface, f64)] = &[
        (DeepSea, 1_000.0),
        (Shelf, 200.0),
        (Plume, 2.0),
        (Surf, 1.0),
        (Vegetation, 100.0),
        (Forest, 200.0),
        (Soil, 200.0),
        (QuartzSand, 0.5),
        (WhiteRoof, 0.5),
        (GreyRoof, 1.0),
        (Street, 1.0),
        (Snow, 500.0),
    ];
    let lagoon: &[(Surface, f64)] = &[
        (DeepSea, 1_000.0),
        (Shelf, 500.0),
        (Plume, 10.0),
        (Estuary, 2.0),
        (Reef, 50.0),
        (Surf, 2.0),
        (Ship, 0.05),
        (Vegetation, 300.0),
        (Forest, 100.0),
        (Soil, 100.0),
        (CoralSand, 200.0),
        (TidalMud, 10.0),
        (WhiteRoof, 1.0),
        (GreyRoof, 2.0),
        (Street, 2.0),
        (SaltPan, 20.0),
    ];
    let all_snow: &[(Surface, f64)] = &[(DeepSea, 1_000.0), (Shelf, 200.0), (Snow, 3_000.0)];
    let winter: &[(Surface, f64)] = &[
        (DeepSea, 1_000.0),
        (SeaIce, 300.0),
        (Snow, 800.0),
        (Forest, 300.0),
        (Vegetation, 50.0),
        (Soil, 50.0),
    ];
    for (preset, promised) in [
        (Preset::Coast, coast),
        (Preset::AllCloud, coast),
        (Preset::OpenSea, open),
        (Preset::AlpineCoast, alpine),
        (Preset::Lagoon, lagoon),
        (Preset::AllSnow, all_snow),
        (Preset::Winter, winter),
    ] {
        for seed in 1..=3 {
            let setting = setting(preset, SUITE, seed);
            let rows = sampled(&setting, 5);
            let mixtures: Vec<Mixture> = rows.iter().flat_map(|row| row.2.clone()).collect();
            let of = |surface: Surface| {
                let found: f64 = mixtures.iter().map(|m| share(m, |s| s == surface)).sum();
                1e4 * found / mixtures.len() as f64
            };
            for &(surface, least) in promised {
                let found = of(surface);
                assert!(found > least, "{preset:?} {seed}: {surface:?} {found}");
            }
            assert_eq!(of(NoData), 0.0);
            let sand = promised.iter().find(|(surface, _)| surface.is_sand());
            let other = if sand.is_some_and(|(sand, _)| *sand == CoralSand) {
                QuartzSand
            } else {
                CoralSand
            };
            assert_eq!(of(other), 0.0, "{preset:?}");
            if preset != Preset::Lagoon {
                assert_eq!(of(SaltPan), 0.0, "{preset:?}");
            }
            assert!(of(Surf) < 100.0 && of(Ship) < 20.0 && of(Street) < 300.0);
        }
    }
}

#[test]
fn land_lies_on_land_and_water_on_water() {
    for preset in Preset::ALL {
        let setting = setting(preset, 1_098, 4);
        let shore = Shore::new(&setting);
        for (index, _, mixtures) in sampled(&setting, 7) {
            let [from_sea, into_lake] = distances(&shore, centres(index), mixtures.len());
            for (k, mixture) in mixtures.iter().enumerate() {
                let parts = [mixture.first, mixture.second];
                if from_sea[k] < -BORDER {
                    assert!(
                        !parts.iter().any(|s| s.is_land() || *s == Lake),
                        "{mixture:?}"
                    );
                } else if from_sea[k] > BORDER && into_lake[k] < -BORDER {
                    assert!(parts.iter().all(|s| s.is_land()), "{mixture:?}");
                } else if into_lake[k] > BORDER {
                    assert!(
                        parts.iter().all(|s| matches!(s, Lake | SeaIce)),
                        "{mixture:?}"
                    );
                }
            }
        }
    }
}

#[test]
fn snow_keeps_above_its_line() {
    let setting = setting(Preset::AlpineCoast, SUITE, 2);
    let (mut above, mut snow) = (0.0, 0.0);
    for (_, heights, mixtures) in sampled(&setting, 9) {
        for (height, mixture) in heights.iter().zip(&mixtures) {
            if f64::from(*height) < setting.snow_line - 300.0 {
                assert_eq!(share(mixture, |s| s == Snow), 0.0, "{height}");
            }
            if f64::from(*height) > setting.snow_line + 600.0 && mixture.first.is_land() {
                above += 1.0;
                snow += share(mixture, |s| s == Snow);
            }
        }
    }
    assert!(above > 1_000.0 && snow / above > 0.9, "{snow} of {above}");
}

#[test]
fn snow_to_the_shore_leaves_no_bare_land_and_freezes_lakes() {
    for (_, _, mixtures) in sampled(&setting(Preset::AllSnow, 1_098, 5), 7) {
        for mixture in &mixtures {
            let bare = |s: Surface| s.is_land() && s != Snow || s == Lake;
            assert_eq!(share(mixture, bare), 0.0, "{mixture:?}");
        }
    }
}

#[test]
fn brightness_varies_by_a_tenth() {
    let rows = sampled(&setting(Preset::Coast, SUITE, 1), 5);
    for surface in [DeepSea, Vegetation, Soil, Forest] {
        let of_surface = |m: &&Mixture| m.first == surface;
        let values: Vec<f64> = rows
            .iter()
            .flat_map(|row| row.2.iter().filter(of_surface))
            .map(|mixture| (f64::from(mixture.brightness) - 128.0) / 640.0)
            .collect();
        let count = values.len() as f64;
        let mean = values.iter().sum::<f64>() / count;
        let variance = values.iter().map(|v| (v - mean) * (v - mean)).sum::<f64>() / count;
        let deviation = variance.sqrt();
        assert!(mean.abs() < 0.03, "{surface:?} {mean}");
        assert!((0.07..0.13).contains(&deviation), "{surface:?} {deviation}");
    }
}

#[test]
fn strips_and_threads_change_nothing() {
    for preset in Preset::ALL {
        let setting = setting(preset, 276, 6);
        let shore = Shore::new(&setting);
        let all: Vec<Array2<f32>> = (0..276).map(|row| heights(&setting, &shore, row)).collect();
        let views: Vec<_> = all.iter().map(|row| row.view()).collect();
        let heights = ndarray::concatenate(ndarray::Axis(0), &views).unwrap();
        let whole = Ground::new(&setting, &shore).rows(0..276, heights.view());
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(1)
            .build()
            .unwrap();
        pool.install(|| {
            let ground = Ground::new(&setting, &shore);
            for start in (0..276).step_by(7) {
                let end = (start + 7).min(276);
                let strip = heights.slice(ndarray::s![start..end, ..]);
                let expected = whole.slice(ndarray::s![start..end, ..]);
                assert_eq!(ground.rows(start..end, strip), expected, "{preset:?}");
            }
        });
        let other = Setting { seed: 7, ..setting };
        let other_shore = Shore::new(&other);
        let changed = Ground::new(&other, &other_shore).rows(0..276, heights.view());
        assert!(changed != whole, "{preset:?}");
    }
}

#[test]
fn thresholds_leave_the_share_that_was_asked_for() {
    let setting = setting(Preset::Coast, SUITE, 1);
    let shore = Shore::new(&setting);
    let noise = Fractal::new(5, 1_000.0, 50.0);
    let survey = Survey::new(&setting, &shore);
    let threshold = survey.threshold(&noise, 0.2, |inland| inland > 0.0);
    let (mut land, mut above) = (0.0, 0.0);
    for k in 0..40_000 {
        let [x, y] = [0, 1].map(|axis| unit(hash(8, k, axis)) * setting.extent());
        let row = Row {
            first: x,
            step: 1.0,
            y,
        };
        let (mut value, mut from_sea) = ([0.0], [0.0]);
        noise.fill(row, &mut value);
        shore.distance_from_sea(row, &mut from_sea);
        if from_sea[0] > 0.0 {
            land += 1.0;
            above += f64::from(u8::from(value[0] > threshold));
        }
    }
    assert!((above / land - 0.2_f64).abs() < 0.02, "{above} of {land}");
    assert_eq!(survey.threshold(&noise, 0.0, |_| true), f64::INFINITY);
    assert_eq!(survey.threshold(&noise, 0.5, |_| false), f64::INFINITY);
}
