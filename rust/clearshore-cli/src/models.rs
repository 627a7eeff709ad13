//! `clearshore models`: which learned models are known, whether they are here, and bringing in files of them.

use crate::args::json;
use crate::console::{print, print_json};
use clap::{Arg, ArgMatches, Command, ValueHint, value_parser};
use clearshore::learned::Manifest;
use clearshore::{Error, Params, Result};
use clearshore_io::models::{Imported, KnownModel, folders, import};
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::PathBuf;

const HELP: &str = "\
Models are not part of Clearshore: each has its own licence, and its file lies beside its manifest
or in the folder of models: that of the environment variable CLEARSHORE_MODELS, or
.clearshore/models in your home. 'models/fetch NAME' in Clearshore's sources brings those that a
package registry carries; the cards models/NAME.md say where the others are to be had.

Examples:
  clearshore models list
  clearshore models import pixel_s2_cloud_detector_lightGBM_v0.2.txt
  clearshore models import s2cloudmask-master
  clearshore models check s2cloudless
  clearshore mask PRODUCT.SAFE -o flags --cloud-detector s2cloudless";

pub fn command() -> Command {
    Command::new("models")
        .about("Lists, checks and brings in learned models")
        .after_help(HELP)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(
            Command::new("list")
                .about("Lists the known models and whether their files are here")
                .arg(json("Print one JSON document")),
        )
        .subcommand(
            Command::new("check")
                .about("Opens models and says whether they do what their manifests say")
                .arg(
                    Arg::new("models")
                        .value_name("MODEL")
                        .required(true)
                        .num_args(1..)
                        .help("Name of a model, or the path of its manifest"),
                )
                .arg(json("Print one JSON document")),
        )
        .subcommand(
            Command::new("import")
                .about("Copies the file of a model into the folder of models")
                .arg(
                    Arg::new("files")
                        .value_name("FILE")
                        .required(true)
                        .num_args(1..)
                        .value_parser(value_parser!(PathBuf))
                        .value_hint(ValueHint::FilePath)
                        .help(
                            "File of a model, which one its SHA-256 or its name tells; or the folder of a copy of \
                             s2cloudmask",
                        ),
                )
                .arg(
                    Arg::new("model")
                        .long("model")
                        .value_name("NAME")
                        .help("Which model it is, where the file does not tell"),
                )
                .arg(json("Print one JSON document")),
        )
}

pub fn run(matches: &ArgMatches) -> Result<()> {
    match matches.subcommand() {
        Some(("list", matches)) => list(matches),
        Some(("check", matches)) => check(matches),
        Some(("import", matches)) => bring_in(matches),
        _ => Ok(()),
    }
}

fn list(matches: &ArgMatches) -> Result<()> {
    let known = KnownModel::built_in()?;
    if matches.get_flag("json") {
        let folders: Vec<String> = folders()
            .iter()
            .map(|folder| folder.display().to_string())
            .collect();
        let models: Vec<Value> = known
            .iter()
            .map(|known| described(known, known.file()))
            .collect();
        return print_json(&json!({ "folders": folders, "models": models }));
    }
    let mut text = String::new();
    let _ = writeln!(
        text,
        "{:<28} {:<9} {:<14} {:<9} what",
        "model", "version", "licence", "file"
    );
    for known in &known {
        let Manifest {
            id,
            title,
            version,
            licence,
            ..
        } = &known.manifest;
        let state = match known.file() {
            Ok(_) => "here",
            Err(error) if error.what().contains("another") => "wrong",
            Err(_) => "not here",
        };
        let _ = writeln!(
            text,
            "{id:<28} {version:<9} {licence:<14} {state:<9} {title}"
        );
    }
    for folder in folders() {
        let _ = writeln!(text, "looked for in {}", folder.display());
    }
    print(&text)
}

/// A model and its file, or what is wrong with it.
fn described(known: &KnownModel, file: Result<PathBuf>) -> Value {
    let mut described = json!(known.manifest);
    match file {
        Ok(path) => described["path"] = json!(path),
        Err(error) => described["error"] = json!(error.to_string()),
    }
    described
}

/// Opens all that are named; the first error ends the program, after all are looked at.
fn check(matches: &ArgMatches) -> Result<()> {
    let names = matches.get_many::<String>("models").unwrap_or_default();
    let mut described_models = Vec::new();
    let mut text = String::new();
    let mut first_error = None;
    for name in names {
        let known = KnownModel::named(name)?;
        let opened = known.open(&Params::default()).and_then(|_| known.file());
        if let Ok(path) = &opened {
            let _ = writeln!(text, "{name}: {} is as its manifest says", path.display());
        }
        described_models.push(described(&known, opened.as_ref().cloned().map_err(copied)));
        if let Err(error) = opened {
            let _ = writeln!(text, "{name}: {error}");
            first_error = first_error.or(Some(error));
        }
    }
    if matches.get_flag("json") {
        print_json(&json!({ "models": described_models }))?;
    } else {
        print(&text)?;
    }
    first_error.map_or(Ok(()), Err)
}

fn copied(error: &Error) -> Error {
    Error::new(error.kind(), error.to_string())
}

fn bring_in(matches: &ArgMatches) -> Result<()> {
    let files = matches.get_many::<PathBuf>("files").unwrap_or_default();
    let model = matches.get_one::<String>("model").map(String::as_str);
    let imported: Vec<Vec<Imported>> = files
        .map(|file| import(file, model))
        .collect::<Result<_>>()?;
    let imported = imported.concat();
    if matches.get_flag("json") {
        let files = imported
            .iter()
            .map(|one| json!({ "model": one.model, "path": one.path }));
        return print_json(&json!({ "imported": files.collect::<Vec<Value>>() }));
    }
    let lines = imported.iter().map(|one| {
        let model = one.model.as_deref().unwrap_or("for 'clearshore series'");
        format!("{model}: {}\n", one.path.display())
    });
    print(&lines.collect::<String>())
}
