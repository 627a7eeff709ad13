//! `clearshore series`: many dates of one tile; what is usual there, and masks that it corrects.

use crate::interrupt::Interrupt;
use crate::progress::{Watched, worker_pool};
use crate::{args, console};
use clap::{Arg, ArgMatches, Command, ValueHint, value_parser};
use clearshore::learned::DecisionTree;
use clearshore::learned::s2cloudmask::ShadowTree;
use clearshore::{Error, ParameterSpec, Result};
use clearshore_io::panics;
use clearshore_io::series::{
    SeriesOptions, complete_series, make_series, memory_limit, open_dates,
};
use clearshore_io::staging::Staging;
use indicatif::ProgressBar;
use serde_json::Value;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  clearshore series S2*_T31TCJ_2025*.SAFE -o series
      Masks of all dates, improved by each other, and the geometric median of what is clear.
  clearshore series *.SAFE.zip -o series --resolution 60 --memory-limit 2G
      Coarser, and with less memory.
  clearshore series *.SAFE -o series --shadow-tree s2cloudmask-fast-shadow.json
      Missed shadow by s2cloudmask's tree, which 'clearshore models import' makes from a copy of it.

The products may come in any order but must be of one tile. Each is masked as by 'clearshore mask'; what
is clear on most dates then tells what was missed or wrongly taken for cloud on the others. Three clear
dates of a pixel are needed for that, five dates for ground that is always taken for cloud.

Written, with TILE as in T31TCJ and NAME as the products' without .SAFE:
  TILE_geomedian.tif         geometric median of the clear dates, ten bands (COG, uint16: TOA
                             reflectance times 10 000, 0 is no data); TILE_geomedian.png shows it
  TILE_mads.tif              medians of the dates' distances to it: Euclidean, cosine, Bray-Curtis
                             (COG, float32)
  TILE_count.tif             how many dates are clear (COG, uint16)
  NAME_clearshore_flags.tif  improved flags of each date; also NAME_clearshore_class.tif, the picture
                             NAME_clearshore_quicklook.png and the STAC item NAME_clearshore.json
  TILE_series.json           dates, and how many pixels changed
Evidence and features are not written. All files appear together or not at all; a complete series of
the same dates is left as it is unless --overwrite is given. Temporary files beside them take some
0.8 GB a date for a whole tile at 20 m.";

/// Where the printed document says whether the series was made or there.
const STATUS_KEY: &str = "status";
/// Least dates of a series.
const DATES_MIN: usize = 2;

/// The subcommand.
pub fn command() -> Command {
    Command::new("series")
        .about("Composes many dates of one tile, and improves their masks by each other")
        .after_help(EXAMPLES)
        .arg(args::product().required(true).num_args(1..))
        .arg(args::output_folder())
        .arg(args::granule())
        .arg(args::overwrite())
        .arg(
            Arg::new("memory-limit")
                .long("memory-limit")
                .value_name("SIZE")
                .default_value("4G")
                .help("Memory that the run may take: decides how many rows are at work at once"),
        )
        .arg(
            Arg::new("shadow-tree")
                .long("shadow-tree")
                .value_name("FILE")
                .value_parser(value_parser!(PathBuf))
                .value_hint(ValueHint::FilePath)
                .help("s2cloudmask's fast shadow tree, as 'clearshore models import' writes it"),
        )
        .arg(args::json("Print one JSON document instead of the table"))
        .arg(args::parameters_file())
        .args(ParameterSpec::of_params().map(args::parameter))
}

/// Makes the series.
pub fn run(matches: &ArgMatches, bar: &ProgressBar) -> Result<()> {
    let products: Vec<PathBuf> = matches
        .get_many("product")
        .unwrap_or_default()
        .cloned()
        .collect();
    let Some(folder) = matches.get_one::<PathBuf>("output") else {
        return Ok(());
    };
    if products.len() < DATES_MIN {
        return Err(Error::parameter("one product is no series")
            .got(products.len())
            .expected(format!("{DATES_MIN} products or more, of one tile"))
            .advice("mask a single product by 'clearshore mask'"));
    }
    let limit = matches.get_one::<String>("memory-limit");
    let tree = matches.get_one::<PathBuf>("shadow-tree");
    let options = SeriesOptions {
        params: args::parameters(matches)?,
        shadow: tree.map(|file| shadow_tree(file)).transpose()?,
        memory: memory_limit(limit.map_or("", String::as_str))?,
    };
    let interrupt = Interrupt::listen()?;
    let progress = Watched {
        bar,
        interrupt: &interrupt,
        timings: None,
    };
    let pool = worker_pool(options.params.threads.unwrap_or(0))?;
    let granule = matches.get_one::<String>("granule").map(String::as_str);
    let overwrite = matches.get_flag("overwrite");
    let document = panics::caught(|| {
        let opened = open_dates(&products, granule, options.params.resolution)?;
        if !overwrite && let Some(mut document) = complete_series(&opened.0, &options, folder) {
            document[STATUS_KEY] = "skipped".into();
            return Ok(document);
        }
        let staging = Staging::new(folder)?;
        interrupt.guard(staging.folder());
        let mut series = pool.install(|| make_series(&opened, &options, &staging, &progress))?;
        interrupt.uncut(|| staging.publish(&series.files))?;
        series.document[STATUS_KEY] = "written".into();
        Ok(series.document)
    })?;
    bar.suspend(|| match matches.get_flag("json") {
        true => console::print_json(&document),
        false => console::print(&table(&document)),
    })
}

fn shadow_tree(file: &Path) -> Result<ShadowTree> {
    let text = fs::read_to_string(file).map_err(|error| {
        Error::auxiliary("the shadow tree can't be read")
            .at(file.display())
            .advice("make it from a copy of s2cloudmask by 'clearshore models import'")
            .caused_by(error)
    })?;
    DecisionTree::from_json(&text)
        .and_then(ShadowTree::new)
        .map_err(|error| error.at(file.display()))
}

fn table(document: &Value) -> String {
    let mut text = format!(
        "{}: {} dates, {}\n",
        document["tile"].as_str().unwrap_or("-"),
        document["dates"].as_array().map_or(0, Vec::len),
        document[STATUS_KEY].as_str().unwrap_or("-")
    );
    let _ = writeln!(
        text,
        "  {:<24} {:>8} {:>8} {:>12} {:>12} {:>12}",
        "date", "cloud %", "shadow %", "cloud added", "shadow added", "cloud taken"
    );
    for date in document["dates"].as_array().into_iter().flatten() {
        let percent = |key: &str| 100.0 * date[key].as_f64().unwrap_or(0.0);
        let pixels = |key: &str| date[key].as_u64().unwrap_or(0);
        let _ = writeln!(
            text,
            "  {:<24} {:>8.2} {:>8.2} {:>12} {:>12} {:>12}",
            date["datetime"].as_str().unwrap_or("-"),
            percent("cloud"),
            percent("cloudShadow"),
            pixels("cloudAdded"),
            pixels("shadowAdded"),
            pixels("cloudRemoved"),
        );
    }
    text
}
