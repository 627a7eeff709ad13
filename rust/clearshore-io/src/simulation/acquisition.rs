//! What the product of a simulated scene says that the scene itself does not know.

use crate::safe_writer::{Description, Spacecraft, UtcTime, classification};
use clearshore::flags::Class;
use clearshore::scene::Band;
use clearshore::simulate::{Setting, ViewGeometry, Wind};
use ndarray::{Array2, s};

/// Relative orbit of every simulated product: a free choice.
const RELATIVE_ORBIT: u16 = 8;
/// Orbits a day (Sentinel-2 mission: 143 orbits in 10 days).
const ORBITS_PER_DAY: f64 = 14.3;
/// Time from sensing to the product, seconds: a free choice, about that of real products.
const PROCESSING_TIME: u32 = 6_000;
/// The seed moves the time of generation within so many seconds, so that scenes that differ by their seed
/// alone have names of their own.
const SEED_SECONDS: u64 = 3_600;
/// 10 m pixels along the side of a 60 m pixel.
const MASK_STEP: isize = 6;

/// Satellite, time and tile of a simulated product.
#[derive(Clone, Debug, PartialEq)]
pub struct Acquisition {
    /// Satellite.
    pub spacecraft: Spacecraft,
    /// Processing baseline, `05.11`.
    pub baseline: String,
    /// Start of sensing.
    pub sensing: UtcTime,
    /// MGRS tile, `31TCJ`.
    pub tile: String,
}

/// What the product of a simulated scene says about itself; its cloud mask is all clear.
pub fn describe(setting: &Setting, acquisition: &Acquisition) -> Description {
    let (spacecraft, sensing) = (acquisition.spacecraft, acquisition.sensing);
    let age = sensing.days_since_1950() - spacecraft.launch().days_since_1950();
    let seconds = PROCESSING_TIME + (setting.weather.unwrap_or(setting.seed) % SEED_SECONDS) as u32;
    let geometry = ViewGeometry::new(setting);
    Description {
        spacecraft,
        baseline: acquisition.baseline.clone(),
        sensing,
        generation: sensing.later(seconds),
        tile: acquisition.tile.clone(),
        grid: setting.grid,
        relative_orbit: RELATIVE_ORBIT,
        absolute_orbit: (age * ORBITS_PER_DAY).max(1.0) as u32,
        orbit_direction: setting.orbit,
        angles: geometry.angles(),
        footprints: Band::ALL
            .into_iter()
            .flat_map(|band| geometry.footprints(band))
            .collect(),
        defects: Vec::new(),
        classification: None,
        wind: forecast_wind(setting.wind),
        true_colour: true,
        packet_lengths: true,
        tile_lengths: false,
    }
}

/// Speeds toward the east and the north, m/s. A forecast has no wind without a direction.
fn forecast_wind(wind: Wind) -> Option<[f64; 2]> {
    let (sine, cosine) = wind.direction?.sin_cos();
    Some([-wind.speed * sine, -wind.speed * cosine])
}

/// The product's own cloud mask: the true class in the middle of each 60 m pixel.
pub(super) fn classification(classes: &Array2<u8>) -> Array2<u8> {
    const CLOUD: u8 = Class::Cloud as u8;
    const THIN_CLOUD: u8 = Class::ThinCloud as u8;
    const SNOW: u8 = Class::SnowIce as u8;
    let middle = MASK_STEP / 2;
    let sampled = classes.slice(s![middle..; MASK_STEP, middle..; MASK_STEP]);
    sampled.map(|class| match *class {
        CLOUD => classification::OPAQUE,
        THIN_CLOUD => classification::CIRRUS,
        SNOW => classification::SNOW,
        _ => 0,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_cloud_mask_is_the_class_in_the_middle_of_its_pixels() {
        let mut classes = Array2::zeros((12, 18));
        classes[[3, 3]] = Class::Cloud as u8;
        classes[[3, 15]] = Class::ThinCloud as u8;
        classes[[9, 9]] = Class::SnowIce as u8;
        classes[[9, 10]] = Class::Cloud as u8;
        classes[[9, 15]] = Class::CloudShadow as u8;
        let expected = [
            [classification::OPAQUE, 0, classification::CIRRUS],
            [0, classification::SNOW, 0],
        ];
        assert_eq!(classification(&classes), ndarray::arr2(&expected));
    }
}
