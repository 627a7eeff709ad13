//! Options of `clearshore simulate`, and reading their values.

use super::request::{Date, Request};
use crate::numbers::{number, pair, range};
use clap::builder::PossibleValue;
use clap::{Arg, ArgAction, ArgMatches, Command, ValueHint, value_parser};
use clearshore::scene::Direction;
use clearshore::simulate::{
    CloudCover, CloudKind, HAZES, OrbitDirection, Preset, SUN_ELEVATIONS, SwathEdge, WIND_SPEEDS,
    Wind,
};
use clearshore::{Error, Result};
use clearshore_io::safe_writer::{Spacecraft, UtcTime};
use std::ops::RangeInclusive;
use std::path::PathBuf;

const EXAMPLES: &str = "\
Examples:
  clearshore simulate -o scenes
      A coast of 2196 x 2196 pixels with everything chosen by the preset.
  clearshore simulate -o scenes --preset alpine-coast --size 10980 --date 2025-11-02
      A whole tile; the sun as it stands there when Sentinel-2 passes.
  clearshore simulate -o scenes --preset lagoon --place=-17.5,-149.8 --sun 35,60
      Another place (mind the '=' before a minus), and a sun of its own.
  clearshore simulate -o scenes --clouds cumulus=0.3,cirrus=0.1 --wind 9,240 --haze 0.06
      Weather: covers from 0 to 1, wind of 9 m/s from 240 degrees.
  clearshore simulate --suite -o suite
      The benchmark set: 7 presets, 5 seeds, 3 suns; complete scenes are left as they are.

Written, with NAME as the product's without .SAFE:
  NAME.SAFE           Level-1C product
  NAME_dem            its elevation model, SRTM .hgt files, for --dem-folder; empty where there is no land
  NAME_truth          what is true: classes, cloud, shadow, glint, water, surf (GeoTIFF), and every
                      choice in scene.json
  NAME_quicklook.png  true colour beside the true classes
The same options give the same bytes. A scene appears whole or not at all.";

/// Baselines that products were made with.
const BASELINES: [&str; 13] = [
    "02.04", "02.05", "02.06", "02.07", "02.08", "02.09", "03.00", "03.01", "04.00", "05.00",
    "05.09", "05.10", "05.11",
];
/// Covers of cloud.
const COVERS: RangeInclusive<f64> = 0.0..=1.0;
/// Azimuths, degrees.
const AZIMUTHS: RangeInclusive<f64> = 0.0..=360.0;
/// Heights of the snow line, metres.
const SNOW_LINES: RangeInclusive<f64> = 0.0..=9_000.0;
/// What stands for the absence of something.
const NONE: &str = "none";

/// The subcommand.
pub fn command() -> Command {
    let text = |name: &'static str, value: &'static str, help: String| {
        Arg::new(name)
            .long(name)
            .value_name(value)
            .allow_hyphen_values(true)
            .help(help)
    };
    let choice = |name: &'static str, value: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help)
    };
    let switch = |name: &'static str, help: &'static str| {
        Arg::new(name)
            .long(name)
            .action(ArgAction::SetTrue)
            .help(help)
    };
    let presets =
        Preset::ALL.map(|preset| PossibleValue::new(preset.name()).help(preset.meaning()));
    let covers = CloudKind::ALL.map(CloudKind::name).join(", ");
    Command::new("simulate")
        .about("Makes a Level-1C product of a scene whose truth is known")
        .after_help(EXAMPLES)
        .arg(
            Arg::new("output")
                .short('o')
                .long("output")
                .value_name("DIR")
                .required_unless_present("list")
                .value_parser(value_parser!(PathBuf))
                .value_hint(ValueHint::DirPath)
                .help("Folder to write to; made where it is missing"),
        )
        .arg(
            choice(
                "preset",
                "PRESET",
                "Landscape and weather; fills in what is not given",
            )
            .value_parser(presets)
            .default_value(Preset::Coast.name()),
        )
        .arg(
            choice(
                "size",
                "PIXELS",
                "Rows and columns of 10 m, 549 to 10980; rounded up to a multiple of 6",
            )
            .value_parser(value_parser!(u16).range(549..=10_980))
            .default_value("2196"),
        )
        .arg(
            choice("seed", "NUMBER", "Another number, another scene")
                .value_parser(value_parser!(u64))
                .default_value("1"),
        )
        .arg(
            choice(
                "weather",
                "NUMBER",
                "Another number, other clouds, haze and noise over the same ground; default the seed",
            )
            .value_parser(value_parser!(u64)),
        )
        .arg(text(
            "place",
            "LAT,LON",
            "Degrees north and east of the middle; of a whole tile (10980): any place in it".into(),
        ))
        .arg(text(
            "date",
            "DATE",
            "Day (2025-06-14) or moment (2025-06-14T10:40:00Z) in UTC; says where the sun stands"
                .into(),
        ))
        .arg(text(
            "sun",
            "ELEVATION,AZIMUTH",
            format!(
                "Where the sun stands, whatever the date: degrees, elevation {}",
                range(&SUN_ELEVATIONS)
            ),
        ))
        .arg(
            choice("orbit", "DIRECTION", "Flight direction")
                .value_parser(["ascending", "descending"])
                .default_value("descending"),
        )
        .arg(
            choice(
                "baseline",
                "BASELINE",
                "Processing baseline; before 04.00 without offset, with GML masks",
            )
            .value_parser(BASELINES)
            .default_value("05.11"),
        )
        .arg(
            choice("satellite", "SATELLITE", "Which of the satellites")
                .value_parser(Spacecraft::ALL.map(Spacecraft::name))
                .default_value(Spacecraft::S2B.name()),
        )
        .arg(text(
            "wind",
            "SPEED[,FROM]",
            format!(
                "Wind, m/s {}, and where it comes from, degrees",
                range(&WIND_SPEEDS)
            ),
        ))
        .arg(text(
            "clouds",
            "KIND=COVER,...",
            format!(
                "Kinds ({covers}) with their covers {}, or '{NONE}'",
                range(&COVERS)
            ),
        ))
        .arg(text(
            "haze",
            "REFLECTANCE",
            format!(
                "Path reflectance of haze in B02 where it is thickest, {}",
                range(&HAZES)
            ),
        ))
        .arg(text(
            "snow-line",
            "METRES",
            format!(
                "Height above which snow lies, {}, or '{NONE}'",
                range(&SNOW_LINES)
            ),
        ))
        .arg(
            choice(
                "no-data-edge",
                "SIDE",
                "Side of the scene that the swath leaves without data",
            )
            .value_parser(["west", "east", NONE])
            .default_value(NONE),
        )
        .arg(
            switch(
                "suite",
                "Make the benchmark set: every preset, or the one given, with 5 seeds, or the one given, and 3 suns",
            )
            .conflicts_with_all(["place", "date", "sun"]),
        )
        .arg(switch("list", "Only print what would be made"))
        .arg(switch("overwrite", "Make scenes anew that are there"))
        .arg(
            choice("threads", "NUMBER", "Worker threads; default all cores")
                .value_parser(value_parser!(u16).range(1..=1_024)),
        )
        .arg(switch("json", "Print one JSON document"))
}

/// What the options ask for.
pub fn request(matches: &ArgMatches) -> Result<Request> {
    let text = |name: &str| matches.get_one::<String>(name).map(String::as_str);
    let preset = text("preset");
    let satellite = text("satellite");
    Ok(Request {
        preset: Preset::ALL
            .into_iter()
            .find(|known| Some(known.name()) == preset)
            .unwrap_or(Preset::Coast),
        seed: matches.get_one("seed").copied().unwrap_or(1),
        weather: matches.get_one("weather").copied(),
        size: matches
            .get_one::<u16>("size")
            .copied()
            .unwrap_or_default()
            .into(),
        place: text("place").map(place).transpose()?,
        date: text("date").map(date).transpose()?,
        sun: text("sun").map(sun).transpose()?,
        orbit: match text("orbit") {
            Some("ascending") => OrbitDirection::Ascending,
            _ => OrbitDirection::Descending,
        },
        spacecraft: Spacecraft::ALL
            .into_iter()
            .find(|known| Some(known.name()) == satellite)
            .unwrap_or(Spacecraft::S2B),
        baseline: text("baseline").unwrap_or_default().to_owned(),
        wind: text("wind").map(wind).transpose()?,
        clouds: text("clouds").map(clouds).transpose()?,
        haze: text("haze")
            .map(|text| number("--haze", text, &HAZES, ""))
            .transpose()?,
        snow_line: text("snow-line").map(snow_line).transpose()?,
        swath_edge: match text("no-data-edge") {
            Some("west") => Some(SwathEdge::West),
            Some("east") => Some(SwathEdge::East),
            _ => None,
        },
    })
}

fn place(text: &str) -> Result<(f64, f64)> {
    let (latitude, longitude) = pair("--place", text, ',', "LAT,LON in degrees: 43.9,0.6")?;
    Ok((
        number("--place", latitude, &(-80.0..=84.0), "")?,
        number("--place", longitude, &(-180.0..=180.0), "")?,
    ))
}

fn sun(text: &str) -> Result<Direction> {
    let (elevation, azimuth) = pair("--sun", text, ',', "ELEVATION,AZIMUTH in degrees: 38,155")?;
    let elevation = number("--sun", elevation, &SUN_ELEVATIONS, "")?;
    let azimuth = number("--sun", azimuth, &AZIMUTHS, "")?;
    Ok(Direction::from_degrees(90.0 - elevation, azimuth % 360.0))
}

fn wind(text: &str) -> Result<Wind> {
    let (speed, from) = match text.split_once(',') {
        Some((speed, from)) => (speed, Some(number("--wind", from, &AZIMUTHS, "")?)),
        None => (text, None),
    };
    Ok(Wind {
        speed: number("--wind", speed, &WIND_SPEEDS, "")?,
        direction: from.map(|degrees| (degrees % 360.0).to_radians()),
    })
}

fn clouds(text: &str) -> Result<Vec<CloudCover>> {
    if text == NONE {
        return Ok(Vec::new());
    }
    let wrong = |what: &str| {
        Error::parameter(what)
            .at("--clouds")
            .got(text)
            .expected(format!(
                "KIND=COVER,... with kinds {}, or {NONE}",
                CloudKind::ALL.map(CloudKind::name).join(", ")
            ))
    };
    let mut clouds: Vec<CloudCover> = Vec::new();
    for part in text.split(',') {
        let (name, cover) = part
            .split_once('=')
            .ok_or_else(|| wrong("the clouds can't be read"))?;
        let kind = CloudKind::ALL
            .into_iter()
            .find(|kind| kind.name() == name.trim())
            .ok_or_else(|| wrong("there is no such kind of cloud"))?;
        if clouds.iter().any(|cloud| cloud.kind == kind) {
            return Err(wrong("a kind of cloud stands twice"));
        }
        let cover = number("--clouds", cover, &COVERS, "")?;
        clouds.push(CloudCover { kind, cover });
    }
    Ok(clouds)
}

fn snow_line(text: &str) -> Result<f64> {
    match text {
        NONE => Ok(f64::INFINITY),
        text => number("--snow-line", text, &SNOW_LINES, ""),
    }
}

/// A day, or a moment with or without milliseconds.
fn date(text: &str) -> Result<Date> {
    let moment = match text.split_once('T') {
        None => format!("{text}T00:00:00.000Z"),
        Some((_, time)) if time.contains('.') => text.to_owned(),
        Some(_) => text.replace('Z', ".000Z"),
    };
    let moment = UtcTime::parse(&moment).map_err(|_| {
        Error::parameter("the date can't be read")
            .at("--date")
            .got(text)
            .expected("a day such as 2025-06-14, or a moment such as 2025-06-14T10:40:00Z")
    })?;
    let (year, month, day) = moment.date();
    Ok(match text.contains('T') {
        true => Date::Moment(moment),
        false => Date::Day(year, month, day),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(arguments: &[&str]) -> Result<Request> {
        let all = ["simulate", "-o", "x"].iter().chain(arguments);
        request(&command().get_matches_from(all))
    }

    #[test]
    fn values_are_read() {
        let request = asked(&[
            "--place=-17.5,-149.8",
            "--sun=35,300",
            "--wind=9,90",
            "--clouds=cirrus=0.1,fog=1",
            "--snow-line=none",
            "--no-data-edge=east",
            "--orbit=ascending",
        ])
        .unwrap();
        assert_eq!(request.place, Some((-17.5, -149.8)));
        assert_eq!(request.sun, Some(Direction::from_degrees(55.0, 300.0)));
        let wind = request.wind.unwrap();
        assert_eq!(
            (wind.speed, wind.direction),
            (9.0, Some(std::f64::consts::FRAC_PI_2))
        );
        let clouds: Vec<_> = request
            .clouds
            .unwrap()
            .iter()
            .map(|c| (c.kind, c.cover))
            .collect();
        assert_eq!(clouds, [(CloudKind::Cirrus, 0.1), (CloudKind::Fog, 1.0)]);
        assert_eq!(request.snow_line, Some(f64::INFINITY));
        assert_eq!(request.swath_edge, Some(SwathEdge::East));
        assert_eq!(request.orbit, OrbitDirection::Ascending);
        assert_eq!(asked(&["--clouds=none"]).unwrap().clouds, Some(Vec::new()));
    }

    #[test]
    fn wrong_values_name_option_and_range() {
        for (argument, expected) in [
            ("--place=91,0", "[-80, 84]"),
            ("--place=91", "LAT,LON"),
            ("--sun=4,100", "[5, 90]"),
            ("--sun=40,400", "[0, 360]"),
            ("--sun=NaN,100", "[5, 90]"),
            ("--wind=21", "[0, 20]"),
            ("--clouds=cumulus=1.5", "[0, 1]"),
            (
                "--clouds=nimbus=0.5",
                "cumulus, stratus, cirrus, fog, humilis",
            ),
            ("--clouds=fog=0.5,fog=0.1", "twice"),
            ("--haze=1", "[0, 0.2]"),
            ("--snow-line=-1", "[0, 9000]"),
            ("--date=2025-02-30", "2025-06-14"),
            ("--date=14.6.2025", "2025-06-14"),
        ] {
            let error = asked(&[argument]).unwrap_err();
            let option = &argument[..argument.find('=').unwrap()];
            let text = error.to_string();
            assert_eq!(error.kind(), clearshore::ErrorKind::Parameter, "{text}");
            assert!(text.contains(expected) && text.contains(option), "{text}");
        }
    }
}
