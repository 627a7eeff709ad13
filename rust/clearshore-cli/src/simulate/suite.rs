//! The benchmark set: seeds, suns and presets that everybody can name.

use super::request::{Date, Request, home, month_of_season};
use clearshore::scene::Direction;
use clearshore::simulate::Preset;
use clearshore::{Error, Result};
use clearshore_io::simulation::Order;

const SEEDS: [u64; 5] = [1, 2, 3, 4, 5];
/// The suns, from summer to winter: elevation and azimuth in the northern hemisphere, degrees, and a month
/// in which it stands about so when Sentinel-2 passes 44 degrees north.
const SUNS: [(u16, f64, u8); 3] = [(62, 143.0, 6), (38, 156.0, 10), (18, 162.0, 1)];
/// Year and day of the month of all scenes.
const YEAR_AND_DAY: (u16, u8) = (2025, 14);

/// A scene and where it goes, from the folder of the set.
pub struct Member {
    pub folder: String,
    pub order: Order,
}

/// The scenes of the set, of the request's size: all, or those of one preset, of one seed.
pub fn members(
    request: &Request,
    preset: Option<Preset>,
    seed: Option<u64>,
) -> Result<Vec<Member>> {
    if let Some(other) = seed.filter(|seed| !SEEDS.contains(seed)) {
        return Err(Error::parameter("the benchmark set has no such seed")
            .got(other)
            .expected(format!("one of {SEEDS:?}"))
            .advice("leave out --suite for a scene of any seed"));
    }
    let mut members = Vec::new();
    let wanted = |known: &Preset| preset.is_none_or(|preset| preset == *known);
    for preset in Preset::ALL.into_iter().filter(wanted) {
        let (place, _) = home(preset);
        let is_south = place.0 < 0.0;
        let wanted = |known: &u64| seed.is_none_or(|seed| seed == *known);
        for seed in SEEDS.into_iter().filter(wanted) {
            for (elevation, azimuth, month) in SUNS {
                // In the south the morning sun stands in the north.
                let azimuth = if is_south { 180.0 - azimuth } else { azimuth };
                let month = month_of_season(month, place.0);
                let request = Request {
                    preset,
                    seed,
                    place: Some(place),
                    date: Some(Date::Day(YEAR_AND_DAY.0, month, YEAR_AND_DAY.1)),
                    sun: Some(Direction::from_degrees(
                        90.0 - f64::from(elevation),
                        azimuth,
                    )),
                    ..request.clone()
                };
                members.push(Member {
                    folder: format!("{}-seed{seed}-sun{elevation}", preset.name()),
                    order: request.order()?,
                });
            }
        }
    }
    Ok(members)
}
