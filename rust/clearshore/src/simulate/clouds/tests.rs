use super::super::setting::{CloudCover, Preset};
use super::*;
use crate::NoProgress;
use crate::scene::Direction;
use crate::simulate::tests::tile;

/// A setting with one kind of cloud.
fn setting(preset: Preset, size: usize, kind: CloudKind, cover: f64) -> Setting {
    let grid = tile(size);
    let sun = Direction::from_degrees(50.0, 150.0);
    Setting {
        clouds: vec![CloudCover { kind, cover }],
        ..Setting::of_preset(preset, 3, grid, sun)
    }
}

fn clouds(setting: &Setting) -> Clouds {
    let shore = Shore::new(setting);
    Clouds::new(setting, &shore, &ViewGeometry::new(setting), &NoProgress).unwrap()
}

/// What each pixel of a tile's rows meets over flat ground, and the row.
fn rows<'a>(
    layer: &'a Layer,
    size: usize,
    shift: [f64; 2],
    ground: f32,
) -> impl Iterator<Item = (Row, Columns)> + 'a {
    (0..size).map(move |line| {
        let row = Row {
            first: 5.0,
            step: 10.0,
            y: 10.0 * line as f64 + 5.0,
        };
        let slant = Slant {
            shift,
            change: [0.0; 2],
        };
        let mut columns = Columns::default();
        layer.along(row, slant, &vec![ground; size], &mut columns);
        columns.pad(size);
        (row, columns)
    })
}

#[test]
fn covers_and_heights_are_as_wanted() {
    use CloudKind::{Cirrus, Cumulus, Fog, Humilis, Stratus};
    let cases = [
        (Preset::Coast, 552, Cumulus, 0.15),
        (Preset::Coast, 1_098, Cumulus, 0.95),
        (Preset::OpenSea, 552, Cumulus, 0.95),
        (Preset::Coast, 1_098, Stratus, 0.4),
        (Preset::Coast, 1_098, Stratus, 0.95),
        (Preset::OpenSea, 552, Stratus, 0.15),
        (Preset::Winter, 1_098, Fog, 0.06),
        (Preset::Coast, 552, Cirrus, 0.12),
        (Preset::AllCloud, 1_098, Cirrus, 0.6),
        (Preset::Coast, 1_098, Humilis, 0.25),
    ];
    for (preset, size, kind, cover) in cases {
        let setting = setting(preset, size, kind, cover);
        let shore = Shore::new(&setting);
        let clouds = clouds(&setting);
        assert_eq!(clouds.layers.len(), 1);
        let (mut area, mut cloudy) = (0_usize, 0_usize);
        let mut from_sea = vec![0.0; size];
        for (row, columns) in rows(&clouds.layers[0], size, [0.0; 2], 0.0) {
            shore.distance_from_sea(row, &mut from_sea);
            for ((depth, top), inland) in columns
                .optical_depth
                .iter()
                .zip(&columns.top)
                .zip(&from_sea)
            {
                if kind == Stratus {
                    // The sheet ends within a kilometre of the shore, cells and all.
                    assert!(*inland < 1_060.0 || *depth == 0.0);
                    if *inland > 0.0 {
                        continue;
                    }
                }
                area += 1;
                cloudy += usize::from(*depth > 0.3);
                let (range, most) = match kind {
                    Cumulus => (800.0..=2_500.0, 36.0),
                    Stratus => (300.0..=800.0, 18.0),
                    Cirrus => (8_000.0..=11_000.0, 2.0),
                    Fog => (1.0..=200.0, 9.0),
                    Humilis => (700.0..=1_400.0, 24.0),
                };
                assert_eq!(*depth > 0.0, *top > 0.0);
                assert!(*depth == 0.0 || range.contains(top), "{kind:?}: {top}");
                assert!(*depth < most);
            }
        }
        let found = cloudy as f64 / area as f64;
        assert!(
            (found - cover).abs() < 0.03,
            "{preset:?} {size} {kind:?}: {found}"
        );
    }
}

#[test]
fn humilis_is_many_small_clouds() {
    let mean_chord = |kind| {
        let setting = setting(Preset::Coast, 1_098, kind, 0.25);
        let (mut cloudy, mut chords) = (0_usize, 0_usize);
        for (_, columns) in rows(&clouds(&setting).layers[0], 1_098, [0.0; 2], 0.0) {
            let mut before = false;
            for depth in &columns.optical_depth {
                let here = *depth > 0.3;
                cloudy += usize::from(here);
                chords += usize::from(here && !before);
                before = here;
            }
        }
        10.0 * cloudy as f64 / chords as f64
    };
    let [small, large] = [CloudKind::Humilis, CloudKind::Cumulus].map(mean_chord);
    assert!(small < 600.0 && small < 0.6 * large, "{small} m, {large} m");
}

#[test]
fn no_kind_without_cover_and_no_stratus_without_sea() {
    let mut setting = setting(Preset::OpenSea, 552, CloudKind::Cirrus, 0.0);
    assert!(clouds(&setting).layers.is_empty());
    setting.clouds.clear();
    assert!(clouds(&setting).layers.is_empty());
}

#[test]
fn layers_come_from_below() {
    use CloudKind::{Cirrus, Cumulus, Fog, Stratus};
    let mut setting = setting(Preset::Coast, 552, Cirrus, 0.1);
    for kind in [Cumulus, Stratus, Fog] {
        setting.clouds.push(CloudCover { kind, cover: 0.1 });
    }
    let clouds = clouds(&setting);
    let highest = |layer: &Layer| {
        let tops = rows(layer, 552, [0.0; 2], 0.0).flat_map(|(_, columns)| columns.top);
        tops.fold(0.0, f32::max)
    };
    let tops: Vec<f32> = clouds.layers.iter().map(highest).collect();
    assert_eq!(tops.len(), 4);
    assert!(tops.is_sorted() && tops[0] > 0.0, "{tops:?}");
}

#[test]
fn any_number_of_threads_grows_the_same_clouds() {
    for kind in CloudKind::ALL {
        let setting = setting(Preset::Coast, 552, kind, 0.3);
        let [one, three] = [1, 3].map(|threads| {
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build();
            pool.unwrap().install(|| clouds(&setting))
        });
        let both = [&one, &three].map(|clouds| {
            rows(&clouds.layers[0], 552, [0.1, -0.05], 0.0)
                .map(|(_, columns)| columns)
                .collect::<Vec<_>>()
        });
        for (one, three) in both[0].iter().zip(&both[1]) {
            assert_eq!(one.optical_depth, three.optical_depth);
            assert_eq!(one.brightness, three.brightness);
            assert_eq!(one.top, three.top);
        }
    }
}

#[test]
fn discs_are_seen_and_cast_shadow_where_geometry_says() {
    let (top, radius, middle) = (2_000.0, 400.0, [2_900.0, 4_700.0]);
    let layer = Layer::disc(CloudKind::Cumulus, middle, radius, top, 10.0, 8_000.0);
    // A view from 10 degrees in the east-south-east, suns 55 and 25 degrees high in the south-south-east.
    for (zenith, azimuth) in [(10.0_f64, 110.0_f64), (35.0, 150.0), (65.0, 150.0)] {
        for ground in [0.0, 500.0] {
            let (sin, cos) = azimuth.to_radians().sin_cos();
            let tan = zenith.to_radians().tan();
            let shift = [tan * sin, -tan * cos];
            let (mut sum, mut count) = ([0.0; 2], 0.0);
            for (row, columns) in rows(&layer, 552, shift, ground) {
                for (k, depth) in columns.optical_depth.iter().enumerate() {
                    if *depth > 5.0 {
                        sum = [sum[0] + 10.0 * k as f64 + 5.0, sum[1] + row.y];
                        count += 1.0;
                    }
                }
            }
            let rise = top - f64::from(ground);
            for axis in [0, 1] {
                let seen = sum[axis] / count;
                let expected = middle[axis] - rise * shift[axis];
                assert!((seen - expected).abs() < 10.0, "{zenith} {ground}: {seen}");
            }
            let area = std::f64::consts::PI * radius * radius;
            assert!(
                (count * 100.0 / area - 1.0).abs() < 0.02,
                "{zenith}: {count}"
            );
        }
    }
}

#[test]
fn lines_meet_the_column_whose_top_they_reach() {
    let setting = setting(Preset::Coast, 552, CloudKind::Cumulus, 0.4);
    let clouds = clouds(&setting);
    let layer = &clouds.layers[0];
    // Views meet hardly any cliffs; the sun, 41 degrees high, meets some.
    for (shift, least) in [([0.15, -0.1], 50), ([0.6, 1.0], 10)] {
        let (mut cloudy, mut off) = (0_usize, 0_usize);
        for (row, columns) in rows(layer, 552, shift, 0.0) {
            for (k, (depth, top)) in columns.optical_depth.iter().zip(&columns.top).enumerate() {
                if *depth < 1.0 {
                    continue;
                }
                // Straight above the place where the line is at that height.
                let height = f64::from(*top);
                let above = Row {
                    first: row.first + 10.0 * k as f64 + height * shift[0],
                    step: 10.0,
                    y: row.y + height * shift[1],
                };
                let slant = Slant {
                    shift: [0.0; 2],
                    change: [0.0; 2],
                };
                let mut column = Columns::default();
                layer.along(above, slant, &[0.0], &mut column);
                column.pad(1);
                cloudy += 1;
                // By more than a cell.
                let aside = f64::from((column.top[0] - top).abs()) * shift[0].hypot(shift[1]);
                off += usize::from(aside > 20.0);
            }
        }
        assert!(cloudy > 50_000, "{cloudy}");
        assert!(off * least < cloudy, "{shift:?}: {off} of {cloudy}");
    }
}

#[test]
fn heaps_are_brighter_towards_the_sun() {
    let setting = setting(Preset::OpenSea, 1_098, CloudKind::Cumulus, 0.3);
    let (sin, cos) = setting.sun.azimuth.sin_cos();
    let clouds = clouds(&setting);
    let all: Vec<Columns> = rows(&clouds.layers[0], 1_098, [0.0; 2], 0.0)
        .map(|(_, columns)| columns)
        .collect();
    let (mut lit, mut dark) = ((0.0, 0.0), (0.0, 0.0));
    let mut values = Vec::new();
    for (line, rows) in all.windows(5).enumerate() {
        assert_eq!(rows.len(), 5, "{line}");
        for k in 2..1_096 {
            let tops = [
                rows[2].top[k - 2],
                rows[2].top[k + 2],
                rows[0].top[k],
                rows[4].top[k],
            ];
            if rows[2].optical_depth[k] < 1.0 || tops.contains(&0.0) {
                continue;
            }
            let [west, east, north, south] = tops.map(f64::from);
            let rise_to_sun = ((east - west) * sin - (south - north) * cos) / 40.0;
            let brightness = f64::from(rows[2].brightness[k]);
            values.push(brightness);
            let side = if rise_to_sun < -0.3 {
                &mut lit
            } else if rise_to_sun > 0.3 {
                &mut dark
            } else {
                continue;
            };
            *side = (side.0 + brightness, side.1 + 1.0);
        }
    }
    assert!(lit.1 > 10_000.0 && dark.1 > 10_000.0);
    assert!(lit.0 / lit.1 > dark.0 / dark.1 + 0.1, "{lit:?} {dark:?}");
    let mean = values.iter().sum::<f64>() / values.len() as f64;
    let squares = values.iter().map(|value| (value - mean).powi(2));
    let deviation = (squares.sum::<f64>() / values.len() as f64).sqrt();
    assert!((mean - 1.0).abs() < 0.05, "{mean}");
    assert!((0.07..0.14).contains(&deviation), "{deviation}");
}

#[test]
fn stratus_is_smooth_and_brighter_where_thick() {
    let setting = setting(Preset::OpenSea, 1_098, CloudKind::Stratus, 0.6);
    let clouds = clouds(&setting);
    let (mut change, mut count) = (0.0, 0.0);
    for (_, columns) in rows(&clouds.layers[0], 1_098, [0.0; 2], 0.0) {
        for k in 30..1_098 {
            let [here, west] =
                [k, k - 30].map(|k| (columns.optical_depth[k], columns.brightness[k]));
            if here.0 > 3.0 && west.0 > 3.0 {
                change += f64::from((here.1 / west.1 - 1.0).abs());
                count += 1.0;
            }
            if here.0 > 9.5 && here.0 < 10.5 {
                let seen = 0.27 * here.1 * (1.0 - transmission(here.0).powi(2));
                assert!((0.35..0.5).contains(&seen), "{seen}");
            }
        }
    }
    assert!(count > 10_000.0);
    // Five percent at 300 m, as measured on smooth stratus.
    assert!(change / count < 0.06, "{}", change / count);
}

#[test]
fn fog_lies_on_low_ground_only() {
    let setting = setting(Preset::Winter, 552, CloudKind::Fog, 0.2);
    let clouds = clouds(&setting);
    let depth = |ground| {
        rows(&clouds.layers[0], 552, [0.0; 2], ground)
            .flat_map(|(_, columns)| columns.optical_depth)
            .map(f64::from)
            .sum::<f64>()
    };
    let (sea, hill, mountain) = (depth(0.0), depth(60.0), depth(201.0));
    assert!(hill > 0.2 * sea && hill < 0.8 * sea, "{sea} {hill}");
    assert_eq!(mountain, 0.0);
}
