//! Running the program, and a small product to run it on.
#![allow(dead_code, clippy::unwrap_used)]

use clearshore::NoProgress;
use clearshore::scene::{Band, Direction, Grid, UtmZone};
use clearshore::simulate::{Preset, Setting, Simulation, SwathEdge};
use clearshore_io::safe_writer::{Description, Spacecraft, UtcTime, write};
use clearshore_io::simulation::{Acquisition, describe};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::{Duration, Instant};

/// The program, in a home that has no elevation models.
pub fn program() -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_clearshore"));
    program.env("HOME", env!("CARGO_TARGET_TMPDIR"));
    program
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

pub fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Simulates a scene and gives the paths of its parts: `product`, `dem`, `truth`.
pub fn simulated(folder: &Path, options: &[&str]) -> serde_json::Value {
    let output = run(&[&["simulate", "-o", text(folder), "--json"], options].concat());
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    json(&output)["scenes"][0].clone()
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

/// Starts the program, sends it a signal `delay` milliseconds after something appears in `folder`, and
/// checks that it ends at once and leaves nothing. False where it was done before it was asked.
#[cfg(unix)]
pub fn is_stopped_cleanly(command: &mut Command, folder: &Path, signal: &str, delay: u64) -> bool {
    let child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let mut child = child.unwrap();
    while names(folder).is_empty() {
        std::thread::sleep(Duration::from_millis(1));
    }
    std::thread::sleep(Duration::from_millis(delay));
    let kill = Command::new("kill")
        .args([signal, &child.id().to_string()])
        .status();
    assert!(kill.unwrap().success());
    let asked = Instant::now();
    let status = child.wait().unwrap();
    let waited = asked.elapsed();
    if status.success() {
        return false;
    }
    assert_eq!(status.code(), Some(130), "{signal} after {delay} ms");
    assert!(
        waited < Duration::from_millis(500),
        "{waited:?} after {delay} ms"
    );
    assert!(names(folder).is_empty(), "{:?}", names(folder));
    true
}

/// Writes a coastal scene of `size` rows of 10 m, 549 or more, without the absent bands.
pub fn coastal_product(folder: &Path, size: usize, absent: &[Band]) -> PathBuf {
    let grid = Grid {
        zone: UtmZone::from_epsg(32_631).unwrap(),
        easting: 300_000.0,
        northing: 4_900_020.0,
        pixel_size: 10.0,
        height: size,
        width: size,
    };
    let sun = Direction::from_degrees(38.0, 151.0);
    let setting = Setting {
        swath_edge: Some(SwathEdge::West),
        ..Setting::of_preset(Preset::Coast, 1, grid, sun)
    };
    let acquisition = Acquisition {
        spacecraft: Spacecraft::S2B,
        baseline: "05.11".into(),
        sensing: UtcTime::parse("2025-05-14T10:36:19.024Z").unwrap(),
        tile: "31TCJ".into(),
    };
    let description = Description {
        generation: UtcTime::parse("2025-05-14T12:28:11.000Z").unwrap(),
        footprints: Vec::new(),
        true_colour: false,
        ..describe(&setting, &acquisition)
    };
    let radiometry = description.radiometry();
    let simulation = Simulation::new(setting, &NoProgress).unwrap();
    let mut bands = |band: Band| {
        let wanted = !absent.contains(&band);
        wanted
            .then(|| simulation.band(band, radiometry, &NoProgress))
            .transpose()
    };
    write(folder, &description, &mut bands, &NoProgress).unwrap()
}
