//! Shores: exact ones, their shares of water, their surf.

use super::*;
use crate::simulate::shore::INLAND;

#[test]
fn rows_keep_to_the_exact_shores() {
    for preset in [Preset::Coast, Preset::Lagoon] {
        for size in [552, 10_980] {
            let setting = setting(preset, size, 2);
            let shore = Shore::new(&setting);
            for index in (0..size).step_by(size / 37) {
                let place = Place::new(&shore, centres(index), size);
                let found = place.lake_distances(&shore);
                let [from_sea, into_lake] = distances(&shore, centres(index), size);
                for k in 0..size {
                    assert_eq!(place.from_sea[k] > 0.0, from_sea[k] > 0.0);
                    assert_eq!(found[k] > 0.0, into_lake[k] > 0.0, "{index} {k}");
                    if from_sea[k].abs() < 300.0 {
                        assert_eq!(place.from_sea[k], from_sea[k]);
                    }
                    if into_lake[k].abs() < BORDER {
                        assert_eq!(found[k], into_lake[k], "{index} {k}");
                    }
                }
            }
        }
    }
}

#[test]
fn water_takes_the_area_that_fine_points_find() {
    // Points of a pixel's side, none of which the ground itself looks at.
    const FINE: usize = 11;
    for preset in [Preset::Coast, Preset::Lagoon] {
        let setting = setting(preset, 1_098, 1);
        let shore = Shore::new(&setting);
        let columns = setting.grid.width;
        let (mut found, mut expected, mut pixels, mut squares) = (0.0, 0.0, 0.0, 0.0);
        for (index, _, mixtures) in sampled(&setting, 3) {
            let mut fine = vec![0.0; columns];
            for line in 0..FINE {
                let step = PIXEL / FINE as f64;
                let row = Row {
                    first: 0.5 * step,
                    step,
                    y: index as f64 * PIXEL + (line as f64 + 0.5) * step,
                };
                let [from_sea, into_lake] = distances(&shore, row, columns * FINE);
                for k in 0..columns * FINE {
                    if from_sea[k] < 0.0 || into_lake[k] > 0.0 {
                        fine[k / FINE] += 1.0 / (FINE * FINE) as f64;
                    }
                }
            }
            for (mixture, fine) in mixtures.iter().zip(fine) {
                let water = share(mixture, |s| s.is_water() || s == Ship);
                found += water;
                expected += fine;
                if fine > 0.0 && fine < 1.0 {
                    pixels += 1.0;
                    squares += (water - fine) * (water - fine);
                }
            }
        }
        // Of the area that the shore's pixels could have put elsewhere.
        assert!(
            (found - expected).abs() < 0.01 * pixels,
            "{found} {expected} {pixels}"
        );
        assert!(
            pixels > 300.0 && squares / pixels < 0.05 * 0.05,
            "{squares} {pixels}"
        );
    }
}

#[test]
fn surf_lies_along_shores_that_face_the_open_sea() {
    // Surf is looked for within 250 m of land, waves come over 1.5 km of water.
    const NEAR: isize = 25;
    const FETCH: f64 = 1_500.0;
    for preset in [Preset::Coast, Preset::Lagoon] {
        let setting = setting(preset, SUITE, 3);
        let shore = Shore::new(&setting);
        let ground = Ground::new(&setting, &shore);
        let is_land = |x: f64, y: f64| {
            let mut from_sea = [0.0];
            let row = Row {
                first: x,
                step: 1.0,
                y,
            };
            shore.distance_from_sea(row, &mut from_sea);
            from_sea[0] > 0.0
        };
        // Whether waves from the open sea come to a place, 30 degrees to either side.
        let open = |x: f64, y: f64| {
            let rays = [-30.0_f64, 0.0, 30.0];
            let free = rays.iter().filter(|turn| {
                let (sin, cos) = turn.to_radians().sin_cos();
                let [east, south] = [
                    -INLAND[0] * cos + INLAND[1] * sin,
                    -INLAND[1] * cos - INLAND[0] * sin,
                ];
                (8..)
                    .map(|k| f64::from(k) * 25.0)
                    .take_while(|far| *far < FETCH)
                    .all(|far| !is_land(x + far * east, y + far * south))
            });
            free.count() as f64 / rays.len() as f64
        };
        let (mut surf, mut surf_open, mut shores, mut shores_open) = (0.0, 0.0, 0.0, 0.0);
        for index in (30..SUITE - 30).step_by(40) {
            let heights = heights(&setting, &shore, index);
            let mixtures = ground.rows(index..index + 1, heights.view());
            let [from_sea, _] = distances(&shore, centres(index), SUITE);
            for (k, mixture) in mixtures.iter().enumerate() {
                let (x, y) = ((k as f64 + 0.5) * PIXEL, centres(index).y);
                if (-150.0..0.0).contains(&from_sea[k]) {
                    shores += 1.0;
                    shores_open += open(x, y);
                }
                if mixture.first != Surf {
                    continue;
                }
                surf += 1.0;
                surf_open += open(x, y);
                let near = (-NEAR..=NEAR).any(|i| {
                    (-NEAR..=NEAR).any(|j| {
                        i * i + j * j <= NEAR * NEAR
                            && is_land(x + j as f64 * PIXEL, y + i as f64 * PIXEL)
                    })
                });
                assert!(near, "{preset:?}: surf at {x} {y}");
            }
        }
        let (on_surf, on_shores) = (surf_open / surf, shores_open / shores);
        assert!(surf > 50.0, "{surf}");
        assert!(on_surf > 0.9, "{preset:?}: {on_surf}");
        if preset == Preset::Lagoon {
            assert!(on_shores < 0.7, "{on_shores}");
        }
    }
}

#[test]
fn exposure_is_the_share_of_open_directions() {
    // Rays every 20 degrees about the direction of the open sea, over 2.6 km (12 % of the tile).
    let setting = setting(Preset::Coast, SUITE, 3);
    let shore = Shore::new(&setting);
    let survey = Survey::new(&setting, &shore);
    let fetch = 0.12 * setting.extent();
    let seaward = (-INLAND[1]).atan2(-INLAND[0]);
    let from_sea = |x: f64, y: f64| {
        let mut from_sea = [0.0];
        let row = Row {
            first: x,
            step: 1.0,
            y,
        };
        shore.distance_from_sea(row, &mut from_sea);
        from_sea[0]
    };
    let open = |x: f64, y: f64| {
        let is_open = |k: i32| {
            let angle = seaward + (20.0 * f64::from(k)).to_radians();
            let (south, east) = angle.sin_cos();
            // Land next to the shore is no obstacle.
            (0..100).all(|step| {
                let far = (0.08 + 0.92 * f64::from(step) / 100.0) * fetch;
                from_sea(x + far * east, y + far * south) <= 0.0
            })
        };
        (-4..=4).filter(|k| is_open(*k)).count() as f64 / 9.0
    };
    let draws = (0..).map(|k| [0, 1].map(|axis| unit(hash(21, k, axis)) * setting.extent()));
    let near = draws.filter(|[x, y]| (-150.0..0.0).contains(&from_sea(*x, *y)));
    let pairs: Vec<[f64; 2]> = near
        .take(300)
        .map(|[x, y]| [survey.exposure(x, y), open(x, y)])
        .collect();
    let wrong: f64 = pairs
        .iter()
        .map(|[found, expected]| (found - expected).abs())
        .sum();
    assert!(wrong / 300.0 < 0.06, "{wrong}");
    // Some are sheltered, some are not.
    assert!(pairs.iter().any(|pair| pair[1] < 0.6) && pairs.iter().any(|pair| pair[1] > 0.95));
}
