//! `clearshore evaluate`: masks against the truth.

use crate::interrupt::Interrupt;
use crate::outputs::write_file;
use crate::progress::Watched;
use crate::{args, console, score_table};
use clap::builder::PossibleValuesParser;
use clap::{Arg, ArgAction, ArgMatches, Command, ValueHint, value_parser};
use clearshore::evaluate::{CODES, Codes, Pair, Report, Settings, Tally};
use clearshore::{Error, Result};
use clearshore_io::evaluation::{read_mask, read_truth};
use clearshore_io::quicklook::agreement_png;
use indicatif::ProgressBar;
use serde::Serialize;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  clearshore evaluate --truth NAME_truth --mask flags/NAME_clearshore_flags.tif
      The mask against the truth of a simulated scene: table on stdout.
  clearshore evaluate --truth NAME_truth --mask fmask.tif --codes fmask --picture errors.png
      Another program's mask, and a picture of agreements and errors.
  clearshore evaluate --truth label.tif --truth-codes cloudsen12 --mask scl.tif --codes scl --json
      Labels of your own; one JSON document.
  clearshore evaluate --truth a_truth --mask a.tif --truth b_truth --mask b.tif
      Several scenes: figures of all pixels, and of all patches, together.

The mask is brought to the truth's grid: each pixel takes the mask's pixel under its centre.
What the truth does not know does not count; what the mask does not decide counts as not called.
docs/validation.md defines the figures, docs/icd.md the files, the codes and the JSON document.";

/// Rim that is always tried beside the plain comparison, pixels of the truth.
const DEFAULT_TOLERANCE: &str = "2";
/// Largest rim, pixels of the truth.
const MAX_TOLERANCE: i64 = 100;
/// Common buffer, metres: the default of `cloudBuffer`.
const DEFAULT_BUFFER: &str = "60";
/// Largest common buffer, metres: that of `cloudBuffer`.
const MAX_BUFFER: f64 = 2000.0;

/// The subcommand.
pub fn command() -> Command {
    let file = |name: &'static str, value: &'static str| {
        Arg::new(name)
            .long(name)
            .value_name(value)
            .action(ArgAction::Append)
            .value_parser(value_parser!(PathBuf))
            .value_hint(ValueHint::AnyPath)
    };
    let codes = |name: &'static str, whose: &str| {
        Arg::new(name)
            .long(name)
            .value_name("CODES")
            .value_parser(PossibleValuesParser::new(CODES.map(|codes| codes.name)))
            .hide_possible_values(true)
            .default_value(Codes::CLEARSHORE.name)
            .help(format!("Whose numbers {whose}"))
    };
    let code_table = args::code_table(CODES.iter());
    Command::new("evaluate")
        .about("Scores masks against the truth")
        .after_help(format!("Codes:\n{}\n{EXAMPLES}", code_table))
        .arg(
            file("truth", "TRUTH")
                .required(true)
                .help("Truth folder of a simulated scene, or a raster of labels; once a scene"),
        )
        .arg(
            file("mask", "MASK")
                .required(true)
                .help("Mask raster, any pixel size in the truth's projection; as often as --truth"),
        )
        .arg(codes("codes", "the masks hold: a name of the table below"))
        .arg(codes("truth-codes", "a truth holds that is one raster"))
        .arg(
            Arg::new("tolerance")
                .long("tolerance")
                .value_name("PIXELS")
                .allow_negative_numbers(true)
                .action(ArgAction::Append)
                .value_parser(value_parser!(u32).range(0..=MAX_TOLERANCE))
                .default_value(DEFAULT_TOLERANCE)
                .help("Also score without a rim so wide at the truth's boundaries; may be repeated, 0 for none"),
        )
        .arg(
            Arg::new("buffer")
                .long("buffer")
                .value_name("METRES")
                .allow_negative_numbers(true)
                .value_parser(buffer)
                .default_value(DEFAULT_BUFFER)
                .help("Also score with truth and mask grown by so much; 0 for not"),
        )
        .arg(
            file("picture", "FILE.png")
                .help("Picture of agreements and errors; with several scenes as often as --truth"),
        )
        .arg(args::json("Print one JSON document instead of the tables"))
}

fn buffer(text: &str) -> std::result::Result<f64, String> {
    let metres = text.parse().ok();
    metres
        .filter(|metres| (0.0..=MAX_BUFFER).contains(metres))
        .ok_or_else(|| format!("not a number of metres in [0, {MAX_BUFFER}]"))
}

/// What is said of one scene.
#[derive(Serialize)]
struct Scene {
    truth: PathBuf,
    mask: PathBuf,
    /// Side of the truth's pixels, metres.
    truth_pixel_size: f64,
    /// Side of the mask's own pixels, metres.
    mask_pixel_size: f64,
    report: Report,
}

/// Scores the masks and prints the figures.
pub fn run(matches: &ArgMatches, bar: &ProgressBar) -> Result<()> {
    let paths = |name| -> Vec<&PathBuf> { matches.get_many(name).unwrap_or_default().collect() };
    let (truths, masks, pictures) = (paths("truth"), paths("mask"), paths("picture"));
    paired("mask", truths.len(), masks.len())?;
    if !pictures.is_empty() {
        paired("picture", truths.len(), pictures.len())?;
    }
    let tolerances = matches.get_many("tolerance").unwrap_or_default();
    let settings = Settings {
        tolerances: tolerances.copied().collect(),
        buffer: matches.get_one("buffer").copied().unwrap_or_default(),
    };
    let (truth_codes, mask_codes) = (codes(matches, "truth-codes"), codes(matches, "codes"));
    let interrupt = Interrupt::listen()?;
    let progress = Watched {
        bar,
        interrupt: &interrupt,
        timings: None,
    };
    let mut all: Option<Tally> = None;
    let mut scenes = Vec::new();
    for (index, (truth_path, mask_path)) in truths.iter().zip(masks).enumerate() {
        if truths.len() > 1 {
            bar.set_prefix(format!("{}/{}", index + 1, truths.len()));
        }
        let truth = read_truth(truth_path, truth_codes, &progress)?;
        let mask = read_mask(mask_path, mask_codes, &truth.grid, &progress)?;
        let strata = truth.strata.as_ref();
        let pair = Pair {
            truth: truth.labels.view(),
            mask: mask.labels.view(),
            truth_tells: truth.tells,
            mask_tells: mask.tells,
            strata: strata.map(|(strata, known)| (strata.view(), *known)),
            low_sun: truth.low_sun,
            pixel_size: truth.grid.pixel_size,
        };
        let tally = Tally::of(&pair, &settings, &progress)?;
        if let Some(path) = pictures.get(index) {
            let tells_shadow = mask.tells.contains(clearshore::evaluate::Tells::SHADOW);
            let picture =
                agreement_png(&truth.labels, &mask.labels, tells_shadow, &title(mask_path))?;
            write_file(path, &picture, &interrupt)?;
        }
        scenes.push(Scene {
            truth: truth_path.to_path_buf(),
            mask: mask_path.clone(),
            truth_pixel_size: truth.grid.pixel_size,
            mask_pixel_size: mask.pixel_size,
            report: tally.report(),
        });
        match &mut all {
            Some(all) => all.add(&tally),
            None => all = Some(tally),
        }
    }
    let Some(report) = all.map(|all| all.report()) else {
        return Ok(());
    };
    bar.finish_and_clear();
    if matches.get_flag("json") {
        return console::print_json(&json!({
            "codes": mask_codes.name,
            "truth_codes": truth_codes.name,
            "report": to_json(&report)?,
            "scenes": to_json(&scenes)?,
        }));
    }
    let mut text = String::new();
    for scene in &scenes {
        text += &format!(
            "truth  {}, {} m\nmask   {}, {} m, codes {}\n",
            scene.truth.display(),
            scene.truth_pixel_size,
            scene.mask.display(),
            scene.mask_pixel_size,
            mask_codes.name,
        );
    }
    console::print(&(text + &score_table::text(&report)))
}

fn paired(option: &str, truths: usize, given: usize) -> Result<()> {
    if given == truths {
        return Ok(());
    }
    Err(
        Error::parameter("truths and their partners differ in number")
            .got(format!("--truth {truths} times, --{option} {given} times"))
            .expected(format!(
                "one --{option} for each --truth, in the same order"
            )),
    )
}

fn codes(matches: &ArgMatches, option: &str) -> &'static Codes {
    let name = matches.get_one::<String>(option);
    name.and_then(|name| Codes::named(name))
        .unwrap_or(Codes::CLEARSHORE)
}

fn to_json(value: &impl Serialize) -> Result<Value> {
    serde_json::to_value(value)
        .map_err(|error| Error::internal("the report can't be written as JSON").caused_by(error))
}

fn title(mask: &Path) -> String {
    mask.file_stem()
        .unwrap_or_default()
        .to_string_lossy()
        .into()
}
