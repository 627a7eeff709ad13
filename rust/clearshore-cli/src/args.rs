//! The command line. Options of parameters come from the parameter table.

use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Command, ValueHint, value_parser};
use clap_complete::Shell;
use clearshore::codes::Codes;
use clearshore::{Error, ParameterKind, ParameterSpec, Params, Result};
use serde_json::{Map, Value};
use std::fs;
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  clearshore mask S2B_MSIL1C_20250514T103619_N0511_R008_T31TCJ.SAFE -o flags
  clearshore mask *.SAFE.zip -o flags --resolution 10 --copy-evidence
  clearshore info S2B_MSIL1C_20250514T103619_N0511_R008_T31TCJ.SAFE --json

Exit codes: 0 done, 2 wrong parameter, 3 unusable product, 4 missing auxiliary file,
5 system (disk, permission), 70 defect of the program, 130 cancelled.";

const CODES_HELP: &str = "\
Codes, for --codes, each in a raster of its own. Of several flags the first counts of invalid,
cloud, thin cloud or cirrus, cloud shadow, relief shadow, snow, water, land; buffers do not count.
In scl land is always 5 and cloud 9; in cloudsen12 255 is no data.
";

const MASK_EXAMPLES: &str = "\
Examples:
  clearshore mask PRODUCT.SAFE -o flags
      Flags at 20 m, classes, STAC item and quicklook into the folder 'flags'.
  clearshore mask *.SAFE.zip -o flags --params coast.toml --threads 8
      Many products; parameters from a file, options override it.
  clearshore mask OLD.SAFE -o flags --granule T32TQR
      One granule of a product from before December 2016.

  clearshore mask PRODUCT.SAFE -o flags --codes fmask,scl
      Also the classes in python-fmask's and in Sen2Cor's numbers; 'fmask4' has those of Fmask 4 and 5.

Parameter files are TOML with the names of the parameters in camelCase:
  resolution = 10
  cloudBuffer = 120
  waterRaster = \"occurrence.tif\"

Written per product, with NAME as the product's without .SAFE:
  NAME_clearshore_flags.tif      flag bits, see 'clearshore flags' (COG, int32)
  NAME_clearshore_class.tif      one class a pixel, with colours (COG, uint8)
  NAME_clearshore_quicklook.png  true colour beside the classes
  NAME_clearshore.json           STAC item
and on request NAME_clearshore_CODES.tif (--codes, COG, uint8), NAME_clearshore_evidence.tif and the
feature bands. A complete output is left as it is unless --overwrite is given; a failed product does
not stop the others.";

/// The whole command line.
pub fn command() -> Command {
    Command::new("clearshore")
        .version(env!("CARGO_PKG_VERSION"))
        .about("Clear-pixel flags for Sentinel-2 Level-1C scenes of coasts and inland waters")
        .after_help(EXAMPLES)
        .subcommand_required(true)
        .arg_required_else_help(true)
        .arg(
            Arg::new("verbose")
                .short('v')
                .long("verbose")
                .action(ArgAction::Count)
                .global(true)
                .help("Say more on stderr; -vv says everything"),
        )
        .arg(
            Arg::new("log")
                .long("log")
                .value_name("FORMAT")
                .value_parser(["text", "json"])
                .default_value("text")
                .global(true)
                .help("Form of the messages on stderr: text, or one JSON object a line"),
        )
        .subcommand(mask())
        .subcommand(crate::series::command())
        .subcommand(crate::simulate::command())
        .subcommand(crate::relief::command())
        .subcommand(crate::glint::command())
        .subcommand(
            Command::new("info")
                .about("Says what a product is and what it holds")
                .arg(product().required(true))
                .arg(granule())
                .arg(json("Print one JSON document")),
        )
        .subcommand(
            Command::new("flags")
                .about("Lists the flag, evidence and class tables")
                .arg(json("Print one JSON document")),
        )
        .subcommand(crate::evaluate::command())
        .subcommand(crate::models::command())
        .subcommand(
            Command::new("completions")
                .about("Prints a completion script for a shell")
                .after_help("Example:\n  clearshore completions bash > ~/.local/share/bash-completion/completions/clearshore")
                .arg(
                    Arg::new("shell")
                        .value_name("SHELL")
                        .required(true)
                        .value_parser(value_parser!(Shell)),
                ),
        )
}

/// `--overwrite`.
pub fn overwrite() -> Arg {
    Arg::new("overwrite")
        .long("overwrite")
        .action(ArgAction::SetTrue)
        .help("Make complete outputs anew")
}

fn mask() -> Command {
    Command::new("mask")
        .about("Makes the flags of products")
        .after_help(format!(
            "{CODES_HELP}{}\n{MASK_EXAMPLES}",
            code_table(Codes::written())
        ))
        .arg(product().required(true).num_args(1..))
        .arg(output_folder())
        .arg(granule())
        .arg(overwrite())
        .arg(
            Arg::new("codes")
                .long("codes")
                .value_name("CODES")
                .action(ArgAction::Append)
                .value_delimiter(',')
                .value_parser(PossibleValuesParser::new(
                    Codes::written().map(|codes| codes.name),
                ))
                .hide_possible_values(true)
                .help(
                    "Also write the classes in another program's numbers, for tools that expect \
                     them: names of the table below, with commas or repeated",
                ),
        )
        .arg(json("Print one JSON document instead of the table"))
        .arg(
            Arg::new("timings")
                .long("timings")
                .action(ArgAction::SetTrue)
                .help(
                    "Also print how long each stage took: CPU-seconds of all threads, and seconds",
                ),
        )
        .arg(parameters_file())
        .args(ParameterSpec::of_params().map(parameter))
}

/// Lines of help: names of codes, and whose numbers they are.
pub fn code_table(codes: impl Iterator<Item = &'static Codes>) -> String {
    codes
        .map(|codes| format!("  {:<12} {}\n", codes.name, codes.meaning))
        .collect()
}

/// The codes that are to be written, each once, in the order of the table.
pub fn codes(matches: &ArgMatches) -> Vec<&'static Codes> {
    let names = matches.get_many::<String>("codes").unwrap_or_default();
    let names: Vec<&String> = names.collect();
    Codes::written()
        .filter(|codes| names.iter().any(|name| *name == codes.name))
        .collect()
}

pub fn product() -> Arg {
    Arg::new("product")
        .value_name("PRODUCT")
        .value_parser(value_parser!(PathBuf))
        .value_hint(ValueHint::AnyPath)
        .help("Level-1C product: .SAFE folder, its zip, its metadata file, or a tile as on AWS")
}

/// The folder to write to.
pub fn output_folder() -> Arg {
    Arg::new("output")
        .short('o')
        .long("output")
        .value_name("DIR")
        .required(true)
        .value_parser(value_parser!(PathBuf))
        .value_hint(ValueHint::DirPath)
        .help("Folder to write to; made where it is missing")
}

/// The file that [`parameters`] reads.
pub fn parameters_file() -> Arg {
    Arg::new("params")
        .long("params")
        .value_name("FILE")
        .value_parser(value_parser!(PathBuf))
        .value_hint(ValueHint::FilePath)
        .help("Parameters from a TOML file; options override them")
}

pub fn granule() -> Arg {
    Arg::new("granule")
        .long("granule")
        .value_name("NAME")
        .help("Granule of a product with several: its folder, identifier or tile")
}

pub fn json(help: &'static str) -> Arg {
    Arg::new("json")
        .long("json")
        .action(ArgAction::SetTrue)
        .help(help)
}

/// The option of a parameter. Values stay text here: the table checks them, in one place for all surfaces.
pub fn parameter(row: &'static ParameterSpec) -> Arg {
    let default = match row.default {
        "" => String::new(),
        default => format!("; default {default}"),
    };
    let help = format!("{} ({}{default})", row.description, row.range());
    let option = Arg::new(row.name)
        .long(row.option())
        .help_heading("Parameters")
        .allow_hyphen_values(true)
        .help(help);
    match row.kind {
        ParameterKind::Switch => option
            .value_name("BOOL")
            .num_args(0..=1)
            .require_equals(true)
            .default_missing_value("true"),
        ParameterKind::File => option.value_name("FILE").value_hint(ValueHint::FilePath),
        ParameterKind::Name => option.value_name("NAME"),
        ParameterKind::Choice(_) => option.value_name("CHOICE"),
        ParameterKind::Number { .. } | ParameterKind::Count { .. } => option.value_name("NUMBER"),
    }
}

/// The parameters: those of the file, overridden by options.
pub fn parameters(matches: &ArgMatches) -> Result<Params> {
    let mut values = match matches.get_one::<PathBuf>("params") {
        Some(file) => parameter_file(file)?,
        None => Map::new(),
    };
    values.extend(options(ParameterSpec::of_params(), matches));
    Params::from_json(&Value::Object(values))
}

/// Some of the parameters, by their options.
pub fn values_of(
    rows: impl Iterator<Item = &'static ParameterSpec>,
    matches: &ArgMatches,
) -> Result<Params> {
    Params::from_json(&Value::Object(options(rows, matches).collect()))
}

fn options<'a>(
    rows: impl Iterator<Item = &'static ParameterSpec> + 'a,
    matches: &'a ArgMatches,
) -> impl Iterator<Item = (String, Value)> + 'a {
    rows.filter_map(|row| {
        let value = matches.get_one::<String>(row.name)?;
        Some((row.name.to_owned(), Value::from(value.as_str())))
    })
}

fn parameter_file(file: &Path) -> Result<Map<String, Value>> {
    let text = fs::read_to_string(file).map_err(|error| {
        Error::parameter("the parameter file can't be read")
            .at(file.display())
            .caused_by(error)
    })?;
    toml::from_str(&text).map_err(|error| {
        Error::parameter("the parameter file is not valid TOML")
            .at(file.display())
            .caused_by(error)
    })
}

/// Prints a completion script.
pub fn completions(matches: &ArgMatches) -> Result<()> {
    if let Some(shell) = matches.get_one::<Shell>("shell") {
        let mut script = Vec::new();
        clap_complete::generate(*shell, &mut command(), "clearshore", &mut script);
        crate::console::print(&String::from_utf8_lossy(&script))?;
    }
    Ok(())
}
