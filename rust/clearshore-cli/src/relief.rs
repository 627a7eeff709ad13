//! `clearshore relief`: relief shadow of a grid under the sun, without an image.

use crate::interrupt::Interrupt;
use crate::progress::{Watched, worker_pool};
use crate::{args, console};
use clap::{Arg, ArgAction, ArgGroup, ArgMatches, Command, ValueHint, value_parser};
use clearshore::scene::{AngleGrid, Direction, Grid, UtmZone};
use clearshore::terrain::{Light, Relief, ReliefOptions, exact_shadow, relief_shadow};
use clearshore::{Error, ParameterSpec, Params, Progress, Result};
use clearshore_io::cog::{self, Layer};
use clearshore_io::dem;
use clearshore_io::panics;
use clearshore_io::safe::Product;
use clearshore_io::staging::Staging;
use indicatif::ProgressBar;
use ndarray::Array2;
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::{Path, PathBuf};

const EXAMPLES: &str = "\
Examples:
  clearshore relief --dem N43E007.hgt --epsg 32632 --origin 340000,4880000 --pixel 10 --size 2000x1500 \\
      --sun 160,25 -o shadow.tif
      Shadow of 20 x 15 km at 10 m; the sun 25 degrees above the horizon in the south-south-east.
  clearshore relief PRODUCT.SAFE --dem srtm/ -o shadow.tif --resolution 20
      The tile of a Sentinel-2 product under its own sun.
  clearshore relief PRODUCT.SAFE -o shadow.tif
      The same, over the elevation model that SNAP keeps (see --dem-name).
  clearshore relief --dem N43E007.hgt --epsg 32632 --origin 340000,4880000 --pixel 10 --size 500x500 \\
      --view 105,78 -o hidden.tif
      Ground that relief hides from a sensor.

Written: a Cloud Optimized GeoTIFF, uint8: 0 lit, 1 cast shadow, 2 slope facing away, 255 unknown.
Azimuths are clockwise from true north, elevations above the local horizon, at every pixel.";

/// Value of a pixel in the file.
const LIT: u8 = 0;
const CAST: u8 = 1;
const SELF: u8 = 2;
const UNKNOWN: u8 = 255;
/// Parameters that concern relief shadow.
const PARAMETERS: [&str; 5] = [
    "demName",
    "demVoidPolicy",
    "refraction",
    "resolution",
    "threads",
];
/// Longest side of a grid, pixels.
const MAX_SIDE: usize = 100_000;
/// Sizes of pixels, metres.
const PIXELS: std::ops::RangeInclusive<f64> = 0.5..=1000.0;

/// The subcommand.
pub fn command() -> Command {
    let option = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name)
            .long(name)
            .value_name(value)
            .allow_hyphen_values(true)
            .help(help)
    };
    let grid = ["epsg", "origin", "pixel", "size"];
    let with_grid = |arg: Arg| {
        arg.requires_all(grid)
            .help_heading("Grid without a product")
    };
    Command::new("relief")
        .about("Finds relief shadow over an elevation model, of any grid or of a product's tile")
        .after_help(EXAMPLES)
        .arg(args::product())
        .arg(args::granule())
        .arg(
            Arg::new("output")
                .short('o')
                .long("output")
                .value_name("FILE")
                .required(true)
                .value_parser(value_parser!(PathBuf))
                .value_hint(ValueHint::FilePath)
                .help("GeoTIFF to write; an older one is replaced"),
        )
        .arg(
            option(
                "dem",
                "PATH",
                "Elevation model: an .hgt cell, zipped or not, any raster of heights in metres, or a folder of cells",
            )
            .value_parser(value_parser!(PathBuf))
            .value_hint(ValueHint::AnyPath),
        )
        .arg(with_grid(option("epsg", "CODE", "UTM zone on WGS84: 32601 to 32660, 32701 to 32760")))
        .arg(with_grid(option("origin", "X,Y", "Easting and northing of the upper-left corner, metres")))
        .arg(with_grid(option("pixel", "METRES", "Side of a pixel")))
        .arg(with_grid(option("size", "WIDTHxHEIGHT", "Columns and rows")))
        .arg(option("sun", "AZIMUTH,ELEVATION", "Where the sun stands, degrees; a product has its own"))
        .arg(option("view", "AZIMUTH,ELEVATION", "Look to a sensor there instead of to the sun, degrees").conflicts_with("sun"))
        .arg(
            Arg::new("exact")
                .long("exact")
                .action(ArgAction::SetTrue)
                .help("Trace one exact ray for each pixel: slow, the measure of the fast way"),
        )
        .group(ArgGroup::new("where").args(["product", "epsg"]).required(true))
        .arg(args::json("Print one JSON document instead of the table"))
        .args(ParameterSpec::of_params().filter(|row| PARAMETERS.contains(&row.name)).map(args::parameter))
}

/// Finds the shadow and writes it.
pub fn run(matches: &ArgMatches, bar: &ProgressBar) -> Result<()> {
    let request = Request::read(matches)?;
    let interrupt = Interrupt::listen()?;
    let progress = Watched {
        bar,
        interrupt: &interrupt,
    };
    let pool = worker_pool(request.params.threads.unwrap_or(0))?;
    let report = panics::caught(|| pool.install(|| request.write(&progress)))?;
    bar.suspend(|| match matches.get_flag("json") {
        true => console::print_json(&report),
        false => console::print(&table(&report)),
    })
}

/// What is asked for.
struct Request {
    params: Params,
    grid: Grid,
    light: OwnLight,
    dem: Option<PathBuf>,
    exact: bool,
    output: PathBuf,
}

enum OwnLight {
    Grid(AngleGrid),
    Uniform(Direction),
}

impl Request {
    fn read(matches: &ArgMatches) -> Result<Self> {
        let params = args::values_of(
            ParameterSpec::of_params().filter(|row| PARAMETERS.contains(&row.name)),
            matches,
        )?;
        let given = ["sun", "view"]
            .iter()
            .find_map(|name| Some((*name, matches.get_one::<String>(name)?)));
        let given = given
            .map(|(name, text)| direction(name, text))
            .transpose()?;
        let (grid, light) = match matches.get_one::<PathBuf>("product") {
            Some(path) => {
                let granule = matches.get_one::<String>("granule");
                let product = Product::open(path, granule.map(String::as_str))?;
                let grid = product.grid(params.resolution)?;
                (
                    grid,
                    given.map_or_else(|| sun_of(&product), |light| Ok(OwnLight::Uniform(light)))?,
                )
            }
            None => {
                let light = given.ok_or_else(|| {
                    Error::parameter("it is not said where the light stands")
                        .advice("give --sun AZIMUTH,ELEVATION, or --view AZIMUTH,ELEVATION")
                })?;
                (grid_of(matches)?, OwnLight::Uniform(light))
            }
        };
        Ok(Self {
            params,
            grid,
            light,
            dem: matches.get_one("dem").cloned(),
            exact: matches.get_flag("exact"),
            output: matches.get_one("output").cloned().unwrap_or_default(),
        })
    }

    fn write(&self, progress: &Watched<'_>) -> Result<Value> {
        let params = Params {
            external_dem_file: self.dem.clone(),
            ..self.params.clone()
        };
        let Some(source) = dem::of_params(&params)? else {
            return Err(Error::auxiliary("there is no elevation model")
                .got(format!(
                    "no folder of '{}' in SNAP's cache",
                    params.dem_name
                ))
                .expected("a raster of heights or a folder of cells")
                .advice("name it by --dem PATH"));
        };
        let light = match &self.light {
            OwnLight::Grid(grid) => Light::Grid(grid),
            OwnLight::Uniform(direction) => Light::Uniform(*direction),
        };
        let options = ReliefOptions {
            refraction: self.params.refraction,
            ..ReliefOptions::default()
        };
        let find = if self.exact {
            exact_shadow
        } else {
            relief_shadow
        };
        let relief = find(&self.grid, light, &*source, options, progress)?;
        for cell in &relief.missing {
            log::warn!("the elevation model lacks {cell}: what depends on it is unknown (255)");
        }
        let values = relief
            .bits
            .mapv(|bits| value(Relief::from_bits_retain(bits)));
        let provenance = [(
            "PARAMETERS",
            json!({ "exact": self.exact, "refraction": self.params.refraction }).to_string(),
        )];
        let file = cog::encode(&values, &self.grid, &Layer::relief(), &provenance)?;
        publish(&self.output, &file, progress)?;
        Ok(report(&self.output, &values))
    }
}

fn value(relief: Relief) -> u8 {
    if relief.contains(Relief::CAST) {
        CAST
    } else if relief.contains(Relief::UNKNOWN) {
        UNKNOWN
    } else if relief.contains(Relief::SELF) {
        SELF
    } else {
        LIT
    }
}

fn publish(output: &Path, contents: &[u8], progress: &Watched<'_>) -> Result<()> {
    let name = output
        .file_name()
        .and_then(|name| name.to_str())
        .ok_or_else(|| Error::parameter("the output is no file name").got(output.display()))?;
    let folder = match output.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let staging = Staging::new(folder)?;
    progress.interrupt.guard(staging.folder());
    staging.write(name, contents)?;
    (progress as &dyn Progress).check()?;
    progress
        .interrupt
        .uncut(|| staging.publish(&[name.to_owned()]))
}

fn report(output: &Path, values: &Array2<u8>) -> Value {
    let count = |wanted: u8| values.iter().filter(|value| **value == wanted).count();
    json!({
        "output": output,
        "pixels": values.len(),
        "lit": count(LIT),
        "cast": count(CAST),
        "self": count(SELF),
        "unknown": count(UNKNOWN),
    })
}

fn table(report: &Value) -> String {
    let pixels = report["pixels"].as_f64().unwrap_or(1.0).max(1.0);
    let mut text = String::new();
    for (key, meaning) in [
        ("lit", "lit"),
        ("cast", "cast shadow"),
        ("self", "slope facing away"),
        ("unknown", "unknown"),
    ] {
        let percent = 100.0 * report[key].as_f64().unwrap_or(0.0) / pixels;
        let _ = writeln!(text, "{meaning:<18} {percent:7.3} %");
    }
    let _ = writeln!(text, "{}", report["output"].as_str().unwrap_or_default());
    text
}

fn sun_of(product: &Product) -> Result<OwnLight> {
    let angles = product.angles();
    let sun = angles.sun.clone().map(OwnLight::Grid);
    sun.or(angles.mean_sun.map(OwnLight::Uniform))
        .ok_or_else(|| {
            Error::product("the product has no sun angles")
                .at(product.location())
                .advice("give --sun AZIMUTH,ELEVATION")
        })
}

/// Two numbers with something between them.
fn pair(name: &str, text: &str, between: char) -> Result<(f64, f64)> {
    let numbers = text.split_once(between).and_then(|(first, second)| {
        let number = |text: &str| text.trim().parse::<f64>().ok().filter(|n| n.is_finite());
        Some((number(first)?, number(second)?))
    });
    numbers.ok_or_else(|| {
        Error::parameter(format!("--{name} is not two numbers"))
            .got(text)
            .expected(format!("two numbers with '{between}' between them"))
    })
}

fn direction(name: &str, text: &str) -> Result<Direction> {
    let (azimuth, elevation) = pair(name, text, ',')?;
    if elevation <= 0.0 || elevation > 90.0 {
        return Err(
            Error::parameter(format!("--{name} has an elevation that lights nothing"))
                .got(elevation)
                .expected("above 0 to 90 degrees"),
        );
    }
    Ok(Direction::from_degrees(90.0 - elevation, azimuth))
}

fn grid_of(matches: &ArgMatches) -> Result<Grid> {
    let text = |name: &str| matches.get_one::<String>(name).map_or("", String::as_str);
    let number = |name: &str| {
        text(name).parse::<f64>().map_err(|error| {
            Error::parameter(format!("--{name} is not a number"))
                .got(text(name))
                .caused_by(error)
        })
    };
    let epsg = text("epsg").trim_start_matches("EPSG:").parse().map_err(
        |error: std::num::ParseIntError| {
            Error::parameter("--epsg is not a code")
                .got(text("epsg"))
                .caused_by(error)
        },
    )?;
    let zone = UtmZone::from_epsg(epsg).map_err(|_| {
        Error::parameter("--epsg is no UTM zone on WGS84")
            .got(epsg)
            .expected("32601 to 32660 (north) or 32701 to 32760 (south)")
    })?;
    let (easting, northing) = pair("origin", text("origin"), ',')?;
    let (width, height) = pair("size", text("size"), 'x')?;
    let side = |side: f64| {
        (side.fract() == 0.0 && (1.0..=MAX_SIDE as f64).contains(&side)).then_some(side as usize)
    };
    let (Some(width), Some(height)) = (side(width), side(height)) else {
        return Err(Error::parameter("--size is no size of a grid")
            .got(text("size"))
            .expected(format!("1 to {MAX_SIDE} columns and rows, as 2000x1500")));
    };
    let pixel_size = number("pixel")?;
    if !PIXELS.contains(&pixel_size) {
        return Err(Error::parameter("--pixel is out of range")
            .got(pixel_size)
            .expected(format!("[{}, {}] m", PIXELS.start(), PIXELS.end())));
    }
    Ok(Grid {
        zone,
        easting,
        northing,
        pixel_size,
        height,
        width,
    })
}
