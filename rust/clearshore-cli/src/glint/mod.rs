//! `clearshore glint`: sun glint that geometry and wind predict, for one place or a table of them.

mod case;
mod options;
mod table;

pub use options::command;

use crate::console;
use crate::interrupt::Interrupt;
use crate::outputs::write_file;
use case::{Case, Prediction};
use clap::ArgMatches;
use clearshore::Result;
use options::Options;
use serde_json::{Map, Value};
use std::fmt::Write;
use std::path::PathBuf;

/// From here down numbers are printed with an exponent.
const SMALLEST_PLAIN: f64 = 1e-4;

/// Predicts and prints.
pub fn run(matches: &ArgMatches) -> Result<()> {
    let options = Options(matches);
    if let Some(path) = matches.get_one::<PathBuf>("table") {
        let table = table::predicted(path, &options)?;
        return match matches.get_one::<PathBuf>("output") {
            Some(output) => write_file(output, table.as_bytes(), &*Interrupt::listen()?),
            None => console::print(&table),
        };
    }
    let prediction = Case::read(&options)?.predict();
    match matches.get_flag("json") {
        true => console::print_json(&document(&prediction)),
        false => console::print(&text(&prediction)),
    }
}

fn document(prediction: &Prediction) -> Value {
    let members = prediction.results();
    let members = members.map(|(result, value)| (result.name.to_owned(), Value::from(value)));
    Value::Object(members.collect::<Map<_, _>>())
}

fn text(prediction: &Prediction) -> String {
    let mut text = String::new();
    for (result, value) in prediction.results() {
        let number = match value != 0.0 && value < SMALLEST_PLAIN {
            true => format!("{value:.6e}"),
            false => format!("{value:.6}"),
        };
        let line = format!("{:<42} {number} {}", result.meaning, result.unit);
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}
