//! The command line of `clearshore relief`, and what it asks for.

use crate::args;
use crate::numbers::{number, pair, range};
use clap::{Arg, ArgAction, ArgGroup, ArgMatches, Command, ValueHint, value_parser};
use clearshore::scene::{AngleGrid, Direction, Grid, UtmZone};
use clearshore::{Error, ParameterSpec, Params, Result};
use clearshore_io::safe::Product;
use std::ops::RangeInclusive;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  clearshore relief --dem N43E007.hgt --sun 160,25 -o shadow.tif \\
      --epsg 32632 --origin 360000,4866000 --pixel 10 --size 2000x1500
      Shadow of 20 x 15 km at 10 m; the sun 25 degrees above the horizon in the south-south-east.
  clearshore relief PRODUCT.SAFE --dem srtm/ -o shadow.tif --resolution 20
      The tile of a Sentinel-2 product under its own sun.
  clearshore relief PRODUCT.SAFE -o shadow.tif --features
      The same over the elevation model that SNAP keeps (see --dem-name); also how much of the
      sun each pixel sees, and how steeply its light falls.
  clearshore relief --dem N43E007.hgt --view 105,78 -o hidden.tif \\
      --epsg 32632 --origin 360000,4866000 --pixel 10 --size 500x500
      Ground that relief hides from a sensor.

Written: a Cloud Optimized GeoTIFF, uint8: 0 lit, 1 cast shadow, 255 unknown, and 2 where a slope
faces away but nothing is in the way, which is so just below crests alone.
Azimuths are clockwise from true north, elevations above the local horizon, at every pixel.
Where the elevation model ends or has voids, all pixels that it might shade are unknown.";

/// Parameters that concern relief shadow.
const PARAMETERS: [&str; 5] = [
    "demName",
    "demVoidPolicy",
    "refraction",
    "resolution",
    "threads",
];
/// Options that make a grid.
const GRID: [&str; 4] = ["epsg", "origin", "pixel", "size"];
/// Most pixels, two tiles at 10 m: 4 bytes of each are in memory, with features 20.
const MOST_PIXELS: f64 = 250e6;
/// Sizes of pixels, metres.
const PIXELS: RangeInclusive<f64> = 0.5..=1_000.0;
/// Eastings of a grid, metres: two degrees at the equator beyond the borders of a zone.
const EASTINGS: RangeInclusive<f64> = 0.0..=1_000_000.0;
/// Northings of a grid, metres: from across the equator to 84 degrees north, 80 degrees south.
const NORTHINGS_NORTH: RangeInclusive<f64> = -1_000_000.0..=9_330_000.0;
const NORTHINGS_SOUTH: RangeInclusive<f64> = 1_110_000.0..=11_000_000.0;
/// Elevations of light that are followed, degrees: below, refraction decides.
const ELEVATIONS: RangeInclusive<f64> = 0.5..=90.0;
/// Azimuths, degrees.
const AZIMUTHS: RangeInclusive<f64> = -360.0..=360.0;

/// The subcommand.
pub fn command() -> Command {
    let option = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help)
    };
    let grid = |name: &'static str, value, help| {
        option(name, value, help)
            .allow_hyphen_values(true)
            .requires_all(GRID.into_iter().filter(|other| *other != name))
            .help_heading("Grid without a product")
    };
    let light = |name, help| {
        option(name, "AZIMUTH,ELEVATION", help)
            .allow_hyphen_values(true)
            .help_heading("Light")
    };
    let switch = |name, help| option(name, "", help).action(ArgAction::SetTrue);
    Command::new("relief")
        .about("Finds relief shadow over an elevation model, of any grid or of a product's tile")
        .after_help(EXAMPLES)
        .arg(args::product())
        .arg(args::granule().conflicts_with("epsg"))
        .arg(
            option("output", "FILE", "GeoTIFF to write; an older one is replaced")
                .short('o')
                .required(true)
                .value_parser(value_parser!(PathBuf))
                .value_hint(ValueHint::FilePath),
        )
        .arg(
            option(
                "dem",
                "PATH",
                "Elevation model: an .hgt cell, zipped or not, any raster of heights in metres, or a folder of cells; \
                 default what SNAP keeps of --dem-name",
            )
            .value_parser(value_parser!(PathBuf))
            .value_hint(ValueHint::AnyPath)
            .conflicts_with("demName"),
        )
        .arg(switch(
            "exact",
            "Trace one exact ray for each pixel: slow, the measure of the fast way",
        ))
        .arg(
            switch(
                "features",
                "Also write the share of the sun's disc that is visible and the cosine of the light's incidence: \
                 FILE_sun_visibility.tif and FILE_cos_incidence.tif, float32",
            )
            .conflicts_with_all(["exact", "view"]),
        )
        .arg(args::json("Print one JSON document instead of the table"))
        .arg(grid("epsg", "CODE", "UTM zone on WGS84: 32601 to 32660, 32701 to 32760"))
        .arg(grid("origin", "X,Y", "Easting and northing of the upper-left corner, metres"))
        .arg(grid("pixel", "METRES", "Side of a pixel"))
        .arg(grid("size", "WIDTHxHEIGHT", "Columns and rows"))
        .arg(light(
            "sun",
            "Where the sun stands, degrees; without it a product's own sun, pixel by pixel",
        ))
        .arg(
            light("view", "Look to a sensor there instead of to the sun, degrees")
                .conflicts_with("sun"),
        )
        .group(ArgGroup::new("where").args(["product", "epsg"]).required(true))
        .args(rows().map(|row| match row.name {
            "resolution" => args::parameter(row).conflicts_with("epsg"),
            _ => args::parameter(row),
        }))
}

fn rows() -> impl Iterator<Item = &'static ParameterSpec> {
    ParameterSpec::of_params().filter(|row| PARAMETERS.contains(&row.name))
}

/// What is asked for.
pub struct Request {
    /// The parameters, with the elevation model.
    pub params: Params,
    /// Where.
    pub grid: Grid,
    /// Under which light.
    pub light: OwnLight,
    /// Name of the product, if there is one.
    pub product: Option<String>,
    /// Whether the light is a sensor's view.
    pub is_view: bool,
    /// By exact rays.
    pub exact: bool,
    /// With features.
    pub features: bool,
    /// The file to write.
    pub output: PathBuf,
}

/// Where the light stands.
pub enum OwnLight {
    /// At the nodes of a product's metadata.
    Grid(AngleGrid),
    /// At every pixel the same.
    Uniform(Direction),
}

impl Request {
    /// Reads the options, and the product if there is one.
    pub fn read(matches: &ArgMatches) -> Result<Self> {
        let params = Params {
            external_dem_file: matches.get_one("dem").cloned(),
            ..args::values_of(rows(), matches)?
        };
        let light = ["sun", "view"].iter().find_map(|name| {
            let text = matches.get_one::<String>(name)?;
            Some(direction(name, text).map(OwnLight::Uniform))
        });
        let light = light.transpose()?;
        let (grid, own, product) = match matches.get_one::<PathBuf>("product") {
            Some(path) => {
                let granule = matches.get_one::<String>("granule");
                let product = Product::open(path, granule.map(String::as_str))?;
                let grid = product.grid(params.resolution)?;
                (grid, sun_of(&product), Some(product.name().to_owned()))
            }
            None => (grid_of(matches)?, None, None),
        };
        let light = light.or(own).ok_or_else(|| {
            Error::parameter("it is not known where the light stands")
                .advice("give --sun AZIMUTH,ELEVATION, or --view AZIMUTH,ELEVATION")
        })?;
        Ok(Self {
            params,
            grid,
            light,
            product,
            is_view: matches.contains_id("view"),
            exact: matches.get_flag("exact"),
            features: matches.get_flag("features"),
            output: matches.get_one("output").cloned().unwrap_or_default(),
        })
    }
}

fn sun_of(product: &Product) -> Option<OwnLight> {
    let angles = product.angles();
    let sun = angles.sun.clone().map(OwnLight::Grid);
    sun.or(angles.mean_sun.map(OwnLight::Uniform))
}

fn direction(name: &str, text: &str) -> Result<Direction> {
    let option = format!("--{name}");
    let form = "AZIMUTH,ELEVATION in degrees: 160,25";
    let (azimuth, elevation) = pair(&option, text, ',', form)?;
    let azimuth = number(&option, azimuth, &AZIMUTHS, "degrees of azimuth")?;
    let elevation = number(&option, elevation, &ELEVATIONS, "degrees above the horizon")?;
    Ok(Direction::from_degrees(90.0 - elevation, azimuth))
}

fn grid_of(matches: &ArgMatches) -> Result<Grid> {
    let text = |name: &str| matches.get_one::<String>(name).map_or("", String::as_str);
    let code = text("epsg").trim_start_matches("EPSG:").parse().ok();
    let zone = code.and_then(|code| UtmZone::from_epsg(code).ok());
    let zone = zone.ok_or_else(|| {
        Error::parameter("this is no UTM zone on WGS84")
            .at("--epsg")
            .got(text("epsg"))
            .expected("32601 to 32660 (north) or 32701 to 32760 (south)")
    })?;
    let pixel_size = number("--pixel", text("pixel"), &PIXELS, "m")?;
    let (width, height) = pair("--size", text("size"), 'x', "WIDTHxHEIGHT: 2000x1500")?;
    let side = |text: &str| text.trim().parse::<u32>().ok().filter(|side| *side > 0);
    let size = side(width).zip(side(height));
    let size = size.filter(|(width, height)| f64::from(*width) * f64::from(*height) <= MOST_PIXELS);
    let Some((width, height)) = size else {
        return Err(Error::parameter("there can be no grid of this size")
            .at("--size")
            .got(text("size"))
            .expected(format!(
                "columns and rows, {} million pixels at most",
                MOST_PIXELS / 1e6
            ))
            .advice("make several grids, or larger pixels"));
    };
    let (width_in_metres, height_in_metres) = (
        f64::from(width) * pixel_size,
        f64::from(height) * pixel_size,
    );
    let (easting, northing) = pair(
        "--origin",
        text("origin"),
        ',',
        "EASTING,NORTHING in metres",
    )?;
    let northings = match zone.is_north() {
        true => NORTHINGS_NORTH,
        false => NORTHINGS_SOUTH,
    };
    let easting = number("--origin", easting, &EASTINGS, "m of easting")?;
    let northing = number("--origin", northing, &northings, "m of northing")?;
    let (right, bottom) = (easting + width_in_metres, northing - height_in_metres);
    if !EASTINGS.contains(&right) || !northings.contains(&bottom) {
        return Err(Error::parameter("the grid leaves its UTM zone")
            .at("--size")
            .got(format!("lower-right corner {right},{bottom}"))
            .expected(format!(
                "eastings in {}, northings in {}",
                range(&EASTINGS),
                range(&northings)
            ))
            .advice("make a smaller grid, or choose another --epsg"));
    }
    Ok(Grid {
        zone,
        easting,
        northing,
        pixel_size,
        height: height as usize,
        width: width as usize,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const USUAL: [&str; 7] = [
        "relief",
        "-o=x.tif",
        "--epsg=32632",
        "--origin=360000,4866000",
        "--pixel=10",
        "--size=2000x1500",
        "--sun=160,25",
    ];

    /// The request with some of the usual options replaced, or with others.
    fn asked(arguments: &[&str]) -> Result<Request> {
        let name = |argument: &str| argument.split_once('=').map(|(name, _)| name.to_owned());
        let replaced = |usual: &str| arguments.iter().any(|other| name(other) == name(usual));
        let kept = USUAL
            .into_iter()
            .filter(|usual| usual.starts_with('r') || !replaced(usual));
        let all: Vec<&str> = kept.chain(arguments.iter().copied()).collect();
        Request::read(&command().get_matches_from(all))
    }

    #[test]
    fn values_are_read() {
        let request = asked(&["--epsg=EPSG:32733", "--origin=0.5,1.2e6", "--size=7x9"]).unwrap();
        let grid = Grid {
            zone: UtmZone::from_epsg(32_733).unwrap(),
            easting: 0.5,
            northing: 1.2e6,
            pixel_size: 10.0,
            height: 9,
            width: 7,
        };
        assert_eq!(request.grid, grid);
        assert!(matches!(
            request.light,
            OwnLight::Uniform(light) if light == Direction::from_degrees(65.0, 160.0)
        ));
        // Landsat counts across the equator.
        assert_eq!(
            asked(&["--origin=1000,-5000"]).unwrap().grid.northing,
            -5_000.0
        );
        assert!(asked(&["--size=25000x10000", "--pixel=20"]).is_ok());
    }

    #[test]
    fn wrong_values_name_option_and_range() {
        for (argument, expected) in [
            ("--epsg=4326", "32601 to 32660"),
            ("--epsg=32661", "32701 to 32760"),
            ("--epsg=UTM32", "32601 to 32660"),
            ("--pixel=0", "[0.5, 1000] m"),
            ("--pixel=NaN", "[0.5, 1000] m"),
            ("--size=2000", "2000x1500"),
            ("--size=0x5", "250 million"),
            ("--size=-3x5", "250 million"),
            ("--size=1.5x5", "250 million"),
            ("--size=100000x100000", "250 million"),
            ("--size=4294967295x4294967295", "250 million"),
            ("--size=99999x2", "eastings in [0, 1000000]"),
            ("--origin=340000", "EASTING,NORTHING"),
            ("--origin=-1,4880000", "[0, 1000000] m of easting"),
            (
                "--origin=340000,20000000",
                "[-1000000, 9330000] m of northing",
            ),
            ("--origin=7.3,43.9e9", "m of northing"),
            ("--sun=160", "AZIMUTH,ELEVATION"),
            ("--sun=160,0", "[0.5, 90] degrees above"),
            ("--sun=160,-5", "[0.5, 90] degrees above"),
            ("--sun=25,160", "[0.5, 90] degrees above"),
            ("--sun=400,25", "[-360, 360] degrees of azimuth"),
            ("--sun=inf,25", "[-360, 360] degrees of azimuth"),
        ] {
            let Err(error) = asked(&[argument]) else {
                panic!("{argument}");
            };
            let option = &argument[..argument.find('=').unwrap()];
            let text = error.to_string();
            assert_eq!(error.kind(), clearshore::ErrorKind::Parameter, "{text}");
            let option = if argument.contains("99999x2") {
                "--size"
            } else {
                option
            };
            assert!(text.contains(expected) && text.contains(option), "{text}");
        }
    }
}
