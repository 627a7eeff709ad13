//! What a user asks for, and what the preset fills in.

use clearshore::scene::Direction;
use clearshore::simulate::{
    CloudCover, OrbitDirection, Place, Preset, SUN_ELEVATIONS, Setting, SwathEdge, Wind,
    julian_date, sun_direction, usual_overpass,
};
use clearshore::{Error, Result};
use clearshore_io::safe_writer::{Spacecraft, UtcTime};
use clearshore_io::simulation::{Acquisition, Order};

/// Year of the scenes without a date: a free choice.
const YEAR: u16 = 2025;
/// Day of the month of those.
const DAY: u8 = 14;

/// A scene as it was asked for.
#[derive(Clone, Debug)]
pub struct Request {
    pub preset: Preset,
    pub seed: u64,
    pub weather: Option<u64>,
    pub size: usize,
    /// Degrees north and east.
    pub place: Option<(f64, f64)>,
    pub date: Option<Date>,
    pub sun: Option<Direction>,
    pub orbit: OrbitDirection,
    pub spacecraft: Spacecraft,
    pub baseline: String,
    pub wind: Option<Wind>,
    pub clouds: Option<Vec<CloudCover>>,
    pub haze: Option<f64>,
    pub snow_line: Option<f64>,
    pub swath_edge: Option<SwathEdge>,
}

/// When.
#[derive(Clone, Copy, Debug)]
pub enum Date {
    /// At the usual time of this day: year, month, day.
    Day(u16, u8, u8),
    /// At this moment.
    Moment(UtcTime),
}

/// Where a preset is at home, degrees north and east, and its month in the northern hemisphere: places
/// whose coasts are of the kind, free choices.
pub const fn home(preset: Preset) -> ((f64, f64), u8) {
    match preset {
        Preset::Coast => ((43.9, 0.6), 9),
        Preset::OpenSea => ((15.2, -150.4), 8),
        Preset::AlpineCoast => ((-44.6, 167.9), 9),
        Preset::AllCloud => ((50.1, -5.2), 5),
        Preset::AllSnow => ((69.3, 18.9), 4),
        Preset::Lagoon => ((-25.6, 113.6), 7),
        Preset::Winter => ((46.4, 30.8), 1),
    }
}

/// The month that has the season of a northern month at a latitude.
pub fn month_of_season(northern_month: u8, latitude: f64) -> u8 {
    if latitude < 0.0 {
        (northern_month + 5) % 12 + 1
    } else {
        northern_month
    }
}

impl Request {
    /// The scene with everything filled in.
    pub fn order(&self) -> Result<Order> {
        let (home, month) = home(self.preset);
        let (latitude, longitude) = self.place.unwrap_or(home);
        let place = Place::new(latitude, longitude, self.size)?;
        let date = self
            .date
            .unwrap_or_else(|| Date::Day(YEAR, month_of_season(month, latitude), DAY));
        let sensing = match date {
            Date::Moment(moment) => moment,
            Date::Day(year, month, day) => {
                UtcTime::on(year, month, day, usual_overpass(place.centre()))?
            }
        };
        let sun = match self.sun {
            Some(sun) => sun,
            None => sun_of_date(sensing, &place)?,
        };
        let mut setting = Setting::of_preset(self.preset, self.seed, place.grid, sun);
        setting.weather = self.weather;
        setting.orbit = self.orbit;
        setting.swath_edge = self.swath_edge;
        setting.wind = self.wind.unwrap_or(setting.wind);
        if let Some(clouds) = &self.clouds {
            setting.clouds.clone_from(clouds);
        }
        setting.haze = self.haze.unwrap_or(setting.haze);
        setting.snow_line = self.snow_line.unwrap_or(setting.snow_line);
        let acquisition = Acquisition {
            spacecraft: self.spacecraft,
            baseline: self.baseline.clone(),
            sensing,
            tile: place.tile,
        };
        Order::new(setting, acquisition)
    }
}

/// The sun at a moment, if a scene can have it.
fn sun_of_date(sensing: UtcTime, place: &Place) -> Result<Direction> {
    let (year, month, day) = sensing.date();
    let date = julian_date(year.into(), month, day, sensing.seconds_of_day());
    let sun = sun_direction(date, place.centre());
    let elevation = 90.0 - sun.zenith.to_degrees();
    if SUN_ELEVATIONS.contains(&elevation) {
        return Ok(sun);
    }
    let (least, most) = SUN_ELEVATIONS.into_inner();
    Err(
        Error::parameter("the sun does not stand high enough, or too high, for a scene")
            .at(format!("--date {sensing}"))
            .got(format!("{elevation:.1} degrees above the horizon"))
            .expected(format!("{least} to {most} degrees"))
            .advice("give another --date or --place, or set --sun ELEVATION,AZIMUTH"),
    )
}
