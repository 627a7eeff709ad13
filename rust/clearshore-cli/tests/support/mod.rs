//! Running the program, and a small product to run it on.
#![allow(dead_code, clippy::unwrap_used)]

use clearshore::NoProgress;
use clearshore::scene::{Band, Direction, Grid, UtmZone};
use clearshore::simulate::{Coast, ViewGeometry};
use clearshore_io::safe_writer::{Description, OrbitDirection, Spacecraft, UtcTime, write};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

pub fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_clearshore"))
}

pub fn run(arguments: &[&str]) -> Output {
    program().args(arguments).output().unwrap()
}

pub fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

pub fn stdout(output: &Output) -> String {
    String::from_utf8(output.stdout.clone()).unwrap()
}

pub fn stderr(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

pub fn json(output: &Output) -> serde_json::Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", stderr(output)))
}

/// Names in a folder, hidden ones too, in order.
pub fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(folder)
        .map(|entries| {
            entries
                .map(|entry| entry.unwrap().file_name().into_string().unwrap())
                .collect()
        })
        .unwrap_or_default();
    names.sort();
    names
}

/// Writes a coastal scene of `size` rows of 10 m, without the absent bands.
pub fn coastal_product(folder: &Path, size: usize, absent: &[Band]) -> PathBuf {
    let geometry = ViewGeometry {
        extent: size as f64 * 10.0,
        sun: Direction::from_degrees(38.0, 151.0),
        swath_edge: true,
    };
    let coast = Coast::new(geometry, 1);
    let description = Description {
        spacecraft: Spacecraft::S2B,
        baseline: "05.11".into(),
        sensing: UtcTime::parse("2025-05-14T10:36:19.024Z").unwrap(),
        generation: UtcTime::parse("2025-05-14T12:28:11.000Z").unwrap(),
        tile: "31TCJ".into(),
        grid: Grid {
            zone: UtmZone::from_epsg(32_631).unwrap(),
            easting: 300_000.0,
            northing: 4_900_020.0,
            pixel_size: 10.0,
            height: size,
            width: size,
        },
        relative_orbit: 8,
        absolute_orbit: 42_760,
        orbit_direction: OrbitDirection::Descending,
        angles: geometry.angles(),
        footprints: Vec::new(),
        defects: Vec::new(),
        classification: None,
        true_colour: false,
        packet_lengths: true,
        tile_lengths: false,
    };
    let radiometry = description.radiometry();
    let mut bands = |band: Band| {
        if absent.contains(&band) {
            Ok(None)
        } else {
            coast.band(band, radiometry, &NoProgress).map(Some)
        }
    };
    write(folder, &description, &mut bands, &NoProgress).unwrap()
}
