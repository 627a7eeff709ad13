//! Writes a simulated coastal scene as a Level-1C product and prints its path.
//!
//! `coastal_scene DIR [--size 2196] [--seed 1] [--baseline 05.11]`; the size counts rows of 10 m, a
//! multiple of 6.

use clearshore::scene::{Band, Direction, Grid, UtmZone};
use clearshore::simulate::{Coast, SurfaceClass, ViewGeometry};
use clearshore::{Error, NoProgress, Result};
use clearshore_io::safe_writer::{
    Description, OrbitDirection, Spacecraft, UtcTime, classification, write,
};
use std::path::PathBuf;

struct Arguments {
    directory: PathBuf,
    size: usize,
    seed: u64,
    baseline: String,
}

fn arguments() -> Result<Arguments> {
    let mut parsed = Arguments {
        directory: PathBuf::new(),
        size: 2196,
        seed: 1,
        baseline: "05.11".into(),
    };
    let mut given = std::env::args().skip(1);
    while let Some(argument) = given.next() {
        if !argument.starts_with("--") {
            parsed.directory = argument.into();
            continue;
        }
        let value = given.next().unwrap_or_default();
        let wrong = || {
            Error::parameter("the value can't be read")
                .at(&argument)
                .got(&value)
        };
        match argument.as_str() {
            "--size" => parsed.size = value.parse().map_err(|_| wrong())?,
            "--seed" => parsed.seed = value.parse().map_err(|_| wrong())?,
            "--baseline" => parsed.baseline = value.clone(),
            _ => {
                return Err(Error::parameter("there is no such option")
                    .got(argument)
                    .expected("--size, --seed or --baseline"));
            }
        }
    }
    if parsed.directory.as_os_str().is_empty() {
        return Err(Error::parameter("the folder to write into is missing")
            .expected("coastal_scene DIR [--size 2196] [--seed 1] [--baseline 05.11]"));
    }
    Ok(parsed)
}

fn run() -> Result<PathBuf> {
    let Arguments {
        directory,
        size,
        seed,
        baseline,
    } = arguments()?;
    let geometry = ViewGeometry {
        extent: size as f64 * 10.0,
        sun: Direction::from_degrees(38.0, 151.0),
        swath_edge: true,
    };
    let coast = Coast::new(geometry, seed);
    let classes = coast.classes(60.0, &NoProgress)?;
    let description = Description {
        spacecraft: Spacecraft::S2B,
        baseline,
        sensing: UtcTime::parse("2025-05-14T10:36:19.024Z")?,
        generation: UtcTime::parse("2025-05-14T12:28:11.000Z")?,
        tile: "31TCJ".into(),
        grid: Grid {
            zone: UtmZone::from_epsg(32_631)?,
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
        footprints: Band::ALL
            .into_iter()
            .flat_map(|band| geometry.footprints(band))
            .collect(),
        defects: Vec::new(),
        classification: Some(classes.mapv(|class| match class {
            SurfaceClass::Cloud => classification::OPAQUE,
            SurfaceClass::Cirrus => classification::CIRRUS,
            SurfaceClass::Snow => classification::SNOW,
            _ => 0,
        })),
        true_colour: true,
        packet_lengths: true,
        tile_lengths: false,
    };
    let radiometry = description.radiometry();
    write(
        &directory,
        &description,
        &mut |band| coast.band(band, radiometry, &NoProgress).map(Some),
        &NoProgress,
    )
}

#[allow(clippy::print_stdout, clippy::print_stderr)]
fn main() -> std::process::ExitCode {
    match run() {
        Ok(product) => {
            println!("{}", product.display());
            std::process::ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("{error}");
            std::process::ExitCode::from(error.kind().exit_code())
        }
    }
}
