//! Geometric medians and distances of a stack of pixels, beside other programs:
//!
//!     cargo run --release -p clearshore-io --example geomedian -- STACK.npy OUT.npy
//!
//! `STACK.npy` is float32, (pixels, dates, 10 bands), NaN where a date has no data. `OUT.npy` is float32, (pixels, 13): the
//! median and the three distances. Printed: seconds of one thread for both, without reading and writing.

use clearshore::temporal::{BANDS, MADS, Search, Spectrum, mads};
use clearshore::{Error, Result};
use ndarray::{Array2, Array3};
use ndarray_npy::{read_npy, write_npy};
use std::env;
use std::io::Write;
use std::process::ExitCode;
use std::time::Instant;

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let done = match arguments.as_slice() {
        [stack, out] => run(stack, out),
        _ => Err(Error::parameter("wrong arguments").expected("STACK.npy OUT.npy")),
    };
    match done {
        Ok(seconds) => {
            let _ = writeln!(std::io::stdout(), "{seconds}");
            ExitCode::SUCCESS
        }
        Err(error) => {
            let _ = writeln!(std::io::stderr(), "{error}");
            ExitCode::from(error.kind().exit_code())
        }
    }
}

fn run(stack: &str, out: &str) -> Result<f64> {
    let failed = |what: &str| Error::parameter(what.to_owned());
    let stack: Array3<f32> = read_npy(stack)
        .map_err(|error| failed("the stack can't be read").at(stack).caused_by(error))?;
    let (pixels, _, bands) = stack.dim();
    if bands != BANDS.len() {
        return Err(failed("the stack has another number of bands")
            .got(bands)
            .expected(BANDS.len()));
    }
    let mut found = Array2::from_elem((pixels, BANDS.len() + MADS.len()), f32::NAN);
    let started = Instant::now();
    let mut search = Search::default();
    let (mut dates, mut room): (Vec<Spectrum>, Vec<f64>) = Default::default();
    for (pixel, mut found) in stack.outer_iter().zip(found.outer_iter_mut()) {
        dates.clear();
        let spectra = pixel.outer_iter();
        let spectra = spectra.map(|date| std::array::from_fn(|band| date[band]));
        dates.extend(spectra.filter(|date: &Spectrum| date.iter().all(|value| !value.is_nan())));
        if let Some(median) = search.geomedian(&dates) {
            let distances = mads(&dates, &median, &mut room);
            for (found, value) in found.iter_mut().zip(median.iter().chain(&distances)) {
                *found = *value as f32;
            }
        }
    }
    let seconds = started.elapsed().as_secs_f64();
    write_npy(out, &found).map_err(|error| {
        failed("the result can't be written")
            .at(out)
            .caused_by(error)
    })?;
    Ok(seconds)
}
