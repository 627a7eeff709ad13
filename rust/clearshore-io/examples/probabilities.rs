//! Probability of cloud of single pixels by boosted trees, for comparison with LightGBM; says how long it took:
//!
//!     cargo run --release -p clearshore-io --example probabilities -- MODEL IN.npy OUT.npy
//!
//! `IN.npy` is (pixels, bands) of 32-bit floats, TOA reflectance; `OUT.npy` gets a 64-bit float a pixel.

use clearshore::learned::BoostedTrees;
use clearshore::{Error, Params, Result};
use clearshore_io::models::KnownModel;
use ndarray::{Array1, Array2};
use ndarray_npy::{read_npy, write_npy};
use std::io::Write;
use std::time::Instant;
use std::{env, fs};

fn main() -> Result<()> {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [model, input, output] = arguments.as_slice() else {
        return Err(Error::parameter("wrong arguments").expected("MODEL IN.npy OUT.npy"));
    };
    let known = KnownModel::named(model)?;
    known.open(&Params::default())?;
    let text = fs::read_to_string(known.file()?).map_err(|error| failed(error.into()))?;
    let trees = BoostedTrees::of_text(known.manifest, &text)?;
    let pixels: Array2<f32> = read_npy(input).map_err(|error| failed(error.into()))?;
    let pixels = pixels.as_standard_layout();
    let start = Instant::now();
    let probabilities = trees.probabilities(pixels.as_slice().unwrap_or_default());
    let seconds = start.elapsed().as_secs_f64();
    write_npy(output, &Array1::from(probabilities)).map_err(|error| failed(error.into()))?;
    let _ = writeln!(std::io::stdout(), "{seconds}");
    Ok(())
}

fn failed(error: Box<dyn std::error::Error + Send + Sync>) -> Error {
    Error::io("a file can't be read or written").caused_by(error)
}
