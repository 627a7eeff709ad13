//! The `clearshore` program: parse, run, exit code.

mod args;
mod console;
mod evaluate;
mod flags;
mod glint;
mod info;
mod interrupt;
mod logging;
mod mask;
mod models;
mod numbers;
mod outputs;
mod progress;
mod relief;
mod score_table;
mod series;
mod simulate;
mod summary;
mod timings;

use std::process::ExitCode;

fn main() -> ExitCode {
    let matches = args::command().get_matches();
    let bar = progress::bar();
    logging::start(&matches, bar.clone());
    clearshore_io::panics::keep_quiet();
    let result = clearshore_io::panics::caught(|| match matches.subcommand() {
        Some(("mask", matches)) => mask::run(matches, &bar),
        Some(("series", matches)) => series::run(matches, &bar),
        Some(("relief", matches)) => relief::run(matches, &bar),
        Some(("glint", matches)) => glint::run(matches),
        Some(("simulate", matches)) => simulate::run(matches, &bar),
        Some(("info", matches)) => info::run(matches),
        Some(("flags", matches)) => flags::run(matches),
        Some(("models", matches)) => models::run(matches),
        Some(("evaluate", matches)) => evaluate::run(matches, &bar),
        Some(("completions", matches)) => args::completions(matches),
        _ => Ok(()),
    });
    bar.finish_and_clear();
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            log::error!("{error}");
            error.kind().exit_code().into()
        }
    }
}
