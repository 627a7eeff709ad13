//! Relief shadow over a whole tile: CPU and wall seconds, and memory beside the DEM and the answer.
//!
//! `cargo bench -p clearshore --bench relief -- [PIXEL_SIZE] [ELEVATION] [RELIEF] [AZIMUTH] [EXTRAS]`: metres (10),
//! degrees (30), the height of the fractal mountains in metres (4000), degrees from true north (155), and whether
//! visibility and incidence are wanted (0 or 1; both are run). CPU seconds count: other programs change them less.

#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    clippy::disallowed_methods,
    clippy::disallowed_types,
    reason = "a bench reads clocks, prints, and may stop"
)]

use clearshore::NoProgress;
use clearshore::scene::{Direction, Geodetic, Grid, UtmZone};
use clearshore::terrain::{
    Content, Cover, DemFrame, DemPatch, DemSource, Light, Relief, ReliefOptions, relief_shadow,
};
use ndarray::Array2;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Instant;

/// Side of a Sentinel-2 tile, metres.
const TILE: f64 = 109_800.0;
/// Nodes along a cell of one degree (SRTM, 1 arcsecond).
const NODES: usize = 3_601;
/// Periods by degree of the coarsest and the finest octave.
const OCTAVES: std::ops::RangeInclusive<u32> = 3..=10;
/// Height of an octave by that of the coarser one.
const PERSISTENCE: f32 = 0.5;

struct Cells(BTreeMap<(i32, i32), Arc<DemPatch>>);

impl DemSource for Cells {
    fn cover(&self, place: Geodetic) -> clearshore::Result<Cover> {
        let south = place.latitude.to_degrees().floor();
        let west = place.longitude.to_degrees().floor();
        let content = match self.0.get(&(south as i32, west as i32)) {
            Some(patch) => Content::Heights(patch.clone()),
            None => Content::Sea,
        };
        Ok(Cover {
            extent: [west, south, west + 1.0, south + 1.0],
            content,
        })
    }
}

/// Smooth noise in octaves, from -1 to 1, that repeats with every cell.
fn fractal(row: usize, column: usize) -> f32 {
    let (y, x) = (
        row as f32 / (NODES - 1) as f32,
        column as f32 / (NODES - 1) as f32,
    );
    let mut height = 0.0;
    let mut weight = 0.5;
    for octave in OCTAVES {
        let period = 1_u32 << octave;
        let value = |row: u32, column: u32| {
            let mut hash = (row % period).wrapping_mul(0x9E37_79B1)
                ^ (column % period).wrapping_mul(0x85EB_CA77)
                ^ octave.wrapping_mul(0xC2B2_AE3D);
            hash = (hash ^ (hash >> 15)).wrapping_mul(0x2C1B_3C6D);
            hash = (hash ^ (hash >> 12)).wrapping_mul(0x297A_2D39);
            (hash ^ (hash >> 15)) as f32 / u32::MAX as f32 * 2.0 - 1.0
        };
        let (v, u) = (y * period as f32, x * period as f32);
        let (top, left) = (v as u32, u as u32);
        let smooth = |t: f32| t * t * (3.0 - 2.0 * t);
        let (down, right) = (smooth(v - top as f32), smooth(u - left as f32));
        let across = |row| {
            let (a, b) = (value(row, left), value(row, left + 1));
            a + right * (b - a)
        };
        let (upper, lower) = (across(top), across(top + 1));
        height += weight * (upper + down * (lower - upper));
        weight *= PERSISTENCE;
    }
    height
}

/// CPU seconds of this process so far (proc(5), fields 14 and 15, at 100 ticks a second), and its peak memory, MB.
fn spent() -> (f64, f64) {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = stat
        .rsplit(')')
        .next()
        .unwrap()
        .split_whitespace()
        .collect();
    let ticks: f64 = fields[11].parse::<f64>().unwrap() + fields[12].parse::<f64>().unwrap();
    let status = std::fs::read_to_string("/proc/self/status").unwrap();
    let peak = status
        .lines()
        .find(|line| line.starts_with("VmHWM"))
        .unwrap();
    let peak: f64 = peak.split_whitespace().nth(1).unwrap().parse().unwrap();
    (ticks / 100.0, peak / 1024.0)
}

fn main() {
    let numbers: Vec<f64> = std::env::args()
        .filter_map(|word| word.parse().ok())
        .collect();
    let number = |place: usize, default: f64| numbers.get(place).copied().unwrap_or(default);
    let (pixel_size, elevation, relief) = (number(0, 10.0), number(1, 30.0), number(2, 4_000.0));
    let ground = spent().0;
    let heights = Array2::from_shape_fn((NODES, NODES), |(row, column)| {
        relief as f32 * fractal(row, column)
    });
    // A yardstick: busy machines count more CPU seconds for the same work.
    println!("mountains made in {:.2} CPU s", spent().0 - ground);
    let step = 1.0 / (NODES - 1) as f64;
    // Around tile 32TLP.
    let cells = (42..46).flat_map(|south| (5..9).map(move |west| (south, west)));
    let source = Cells(
        cells
            .map(|(south, west)| {
                let patch = DemPatch {
                    frame: DemFrame::Geographic,
                    west: f64::from(west),
                    north: f64::from(south) + 1.0,
                    column_step: step,
                    row_step: step,
                    heights: heights.clone(),
                    missing: BTreeSet::new(),
                };
                ((south, west), Arc::new(patch))
            })
            .collect(),
    );
    let side = (TILE / pixel_size) as usize;
    let grid = Grid {
        zone: UtmZone::from_epsg(32_632).unwrap(),
        easting: 300_000.0,
        northing: 4_900_020.0,
        pixel_size,
        height: side,
        width: side,
    };
    let azimuth = number(3, 155.0);
    for extras in [false, true] {
        if numbers.len() > 4 && extras != (numbers[4] > 0.0) {
            continue;
        }
        let options = ReliefOptions {
            visibility: extras,
            incidence: extras,
            refraction: false,
        };
        let light = Light::Uniform(Direction::from_degrees(90.0 - elevation, azimuth));
        let (start, before) = (Instant::now(), spent());
        let shadow = relief_shadow(&grid, light, &source, options, &NoProgress).unwrap();
        let after = spent();
        let dark = |bit: Relief| {
            let count = shadow
                .bits
                .iter()
                .filter(|bits| **bits & bit.bits() != 0)
                .count();
            100.0 * count as f64 / shadow.bits.len() as f64
        };
        let answer = (side * side) as f64 * if extras { 9.0 } else { 1.0 } / 1e6;
        println!(
            "{pixel_size} m, elevation {elevation}, azimuth {azimuth}, visibility and incidence {extras}: \
             {:.2} CPU s, {:.2} s, {:.0} MB beside; cast {:.2} %, self {:.2} %",
            after.0 - before.0,
            start.elapsed().as_secs_f64(),
            after.1 - before.1 - answer,
            dark(Relief::CAST),
            dark(Relief::SELF),
        );
    }
}
