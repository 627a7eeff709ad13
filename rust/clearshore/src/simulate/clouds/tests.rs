use super::super::super::setting::{CloudCover, Preset};
use super::super::{Clouds, Columns, Slant};
use super::*;
use crate::NoProgress;
use crate::scene::{Direction, Grid, UtmZone};

pub(super) fn setting(preset: Preset, size: usize, elevation: f64) -> Setting {
    let grid = Grid {
        zone: UtmZone::from_epsg(32_631).unwrap(),
        easting: 300_000.0,
        northing: 4_900_020.0,
        pixel_size: 10.0,
        height: size,
        width: size,
    };
    Setting::of_preset(
        preset,
        1,
        grid,
        Direction::from_degrees(90.0 - elevation, 150.0),
    )
}

fn cpu() -> f64 {
    std::fs::read_to_string("/proc/thread-self/schedstat")
        .unwrap()
        .split(' ')
        .next()
        .unwrap()
        .parse()
        .unwrap()
}

#[test]
#[ignore]
fn dump() {
    let size: usize = std::env::var("SIZE").map_or(2196, |s| s.parse().unwrap());
    let elevation: f64 = std::env::var("SUN").map_or(35.0, |s| s.parse().unwrap());
    for preset in [
        Preset::Coast,
        Preset::OpenSea,
        Preset::Winter,
        Preset::AllCloud,
    ] {
        let setting = setting(preset, size, elevation);
        let geometry = ViewGeometry::new(&setting);
        let start = std::time::Instant::now();
        let clouds = Clouds::new(&setting, &Shore::new(&setting), &geometry, &NoProgress).unwrap();
        eprintln!("{} built in {:?}", preset.name(), start.elapsed());
        for layer in &clouds.layers {
            let heights = vec![0.0; size];
            let tan = geometry.sun.zenith.tan();
            let (sin, cos) = geometry.sun.azimuth.sin_cos();
            for (name, shift) in [("view", [0.12, -0.05]), ("sun", [tan * sin, -tan * cos])] {
                let slant = Slant {
                    shift,
                    change: [1e-9, 1e-9],
                };
                let mut columns = Columns::default();
                let (mut out, mut cloudy) = (Vec::new(), 0);
                let start = std::time::Instant::now();
                let mut spent = 0.0;
                let (mut bright, mut square, mut count) = (0.0, 0.0, 0.0);
                for k in 0..size {
                    let row = Row {
                        first: 5.0,
                        step: 10.0,
                        y: 10.0 * k as f64 + 5.0,
                    };
                    let t = cpu();
                    let any = layer.along(row, slant, &heights, &mut columns);
                    spent += cpu() - t;
                    if !any {
                        columns.reset();
                        columns.pad(size);
                    }
                    cloudy += columns.optical_depth.iter().filter(|d| **d > 0.3).count();
                    for (d, b) in columns.optical_depth.iter().zip(&columns.brightness) {
                        if *d > 1.0 {
                            bright += f64::from(*b);
                            square += f64::from(*b * *b);
                            count += 1.0;
                        }
                    }
                    if size <= 2196 {
                        for v in [&columns.optical_depth, &columns.brightness, &columns.top] {
                            out.extend(v.iter().flat_map(|x| x.to_le_bytes()));
                        }
                    }
                }
                let _ = start;
                let m: f64 = bright / count;
                eprintln!(
                    "  {:?} {name}: {} MB, cover {:.4}, {:.2} ns/px, brightness {m:.3} dev {:.3}",
                    layer.kind(),
                    layer.deck.bytes() / 1_000_000,
                    cloudy as f64 / (size * size) as f64,
                    spent / (size * size) as f64,
                    (square / count - m * m).sqrt()
                );
                if size <= 2196 {
                    std::fs::write(
                        format!(
                            "/tmp/clouds_dump/{}-{}-{name}.f32",
                            preset.name(),
                            layer.kind().name()
                        ),
                        out,
                    )
                    .unwrap();
                }
            }
        }
    }
}
