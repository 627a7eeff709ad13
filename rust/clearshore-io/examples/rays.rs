//! Lines of sight by the exact ray over a DEM in a plain file, for comparison with other programs:
//!
//!     cargo run --release -p clearshore-io --example rays -- JOB OUT
//!
//! `JOB` and `OUT` are those of `tests/reference/rugged/src/main/java/Rays.java`; 255 is unknown. Says on standard output
//! how long the rays took on one thread.

use clearshore::scene::{Direction, Geodetic};
use clearshore::terrain::exact::{RayTracer, Sight};
use clearshore::terrain::{DemFrame, DemPatch};
use clearshore::{Error, Result};
use ndarray::Array2;
use std::collections::BTreeSet;
use std::io::Write;
use std::process::ExitCode;
use std::time::Instant;
use std::{env, fs};

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let done = match arguments.as_slice() {
        [job, out] => answer(job, out),
        _ => Err(Error::parameter("wrong arguments").expected("JOB OUT")),
    };
    match done {
        Ok(line) => {
            let _ = std::io::stdout().write_all(format!("{line}\n").as_bytes());
            ExitCode::SUCCESS
        }
        Err(error) => {
            let _ = std::io::stderr().write_all(format!("{error}\n").as_bytes());
            ExitCode::from(error.kind().exit_code())
        }
    }
}

fn answer(job: &str, out: &str) -> Result<String> {
    let bytes = fs::read(job).map_err(|error| unusable(job, error))?;
    let (numbers, _) = bytes.as_chunks::<8>();
    let mut numbers = numbers.iter().map(|bytes| f64::from_le_bytes(*bytes));
    let mut next = || {
        numbers
            .next()
            .ok_or_else(|| Error::parameter("the job is cut off").at(job))
    };
    let [west, north, column_step, row_step] = [next()?, next()?, next()?, next()?];
    let [rows, columns, suns, places] = [next()?, next()?, next()?, next()?].map(|n| n as usize);
    let mut heights = Array2::zeros((rows, columns));
    for height in &mut heights {
        *height = next()? as f32;
    }
    let mut pairs =
        |count| -> Result<Vec<(f64, f64)>> { (0..count).map(|_| Ok((next()?, next()?))).collect() };
    let (suns, places) = (pairs(suns)?, pairs(places)?);
    let patch = DemPatch {
        frame: DemFrame::Geographic,
        west,
        north,
        column_step,
        row_step,
        heights,
        missing: BTreeSet::new(),
    };
    let start = Instant::now();
    let tracer = RayTracer::new(&patch);
    let mut answers = Vec::with_capacity(suns.len() * places.len());
    for (azimuth, elevation) in suns {
        let direction = Direction::from_degrees(90.0 - elevation, azimuth);
        for (longitude, latitude) in &places {
            let place = Geodetic {
                longitude: longitude.to_radians(),
                latitude: latitude.to_radians(),
            };
            answers.push(match tracer.line_of_sight(place, direction) {
                Sight::Free => 0,
                Sight::Blocked(_) => 1,
                Sight::Unknown => u8::MAX,
            });
        }
    }
    let seconds = start.elapsed().as_secs_f64();
    fs::write(out, &answers).map_err(|error| unusable(out, error))?;
    Ok(format!(
        "{{\"rays\": {}, \"seconds\": {seconds:.6}}}",
        answers.len()
    ))
}

fn unusable(file: &str, error: std::io::Error) -> Error {
    Error::io("the file can't be used")
        .at(file)
        .caused_by(error)
}
