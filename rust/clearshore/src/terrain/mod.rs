//! Relief shadow: the line of sight from each ground point to the sun, over a digital elevation model.
//!
//! Everything here works on the bilinear surface between a DEM's nodes, on the WGS84 ellipsoid. A pixel is
//! only called lit or shadowed when all heights that its answer depends on are known.

mod cells;
pub mod exact;
mod mosaic;
mod patch;
mod source;
mod sweep;
pub mod view;
mod voids;

pub use cells::{CachedCells, DemCellIndex, DemCells};
pub use exact::exact_shadow;
pub use mosaic::patch_over;
pub use patch::{DemFrame, DemPatch};
pub use source::{Content, Cover, DemSource};
pub use sweep::relief_shadow;
pub use view::view_occlusion;
pub use voids::{FilledCells, fill_voids};

use crate::scene::{AngleGrid, Angles, Direction, Grid, Scene};
use crate::{Params, Progress, Result};
use bitflags::bitflags;
use ndarray::Array2;

bitflags! {
    /// What relief does to the direct sunlight of a pixel. None of them: lit.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Relief: u8 {
        /// Relief blocks the line of sight to the sun's centre.
        const CAST = 1;
        /// The slope faces away from the sun.
        const SELF = 1 << 1;
        /// The answer depends on heights that are not known.
        const UNKNOWN = 1 << 2;
    }
}

/// Directions to the light (the sun, or the sensor) over a grid; azimuths from TRUE north, radians.
#[derive(Clone, Copy, Debug)]
pub enum Light<'a> {
    /// At the nodes of a product's metadata.
    Grid(&'a AngleGrid),
    /// The same angles above the local horizon at every pixel.
    Uniform(Direction),
}

/// What is to be found beside the shadow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ReliefOptions {
    /// Also `sun_visibility`.
    pub visibility: bool,
    /// Also `cos_incidence`.
    pub incidence: bool,
    /// Whether rays are bent by the standard atmosphere.
    pub refraction: bool,
}

/// What relief does to the light on a grid, (rows, columns).
#[derive(Debug)]
pub struct ReliefShadow {
    /// [`Relief`] bits.
    pub bits: Array2<u8>,
    /// Part of the sun's disc that relief leaves visible, 0 to 1; NaN where unknown.
    pub sun_visibility: Option<Array2<f32>>,
    /// Cosine of the angle between the slope's normal and the sun; NaN where unknown.
    pub cos_incidence: Option<Array2<f32>>,
    /// Names of DEM cells that are missing and on which pixels depend, sorted.
    pub missing: Vec<String>,
}

impl ReliefShadow {
    /// Whether a pixel is in cast or self shadow.
    pub fn is_dark(&self, row: usize, column: usize) -> bool {
        let bits = Relief::from_bits_retain(self.bits[[row, column]]);
        bits.intersects(Relief::CAST | Relief::SELF)
    }
}

/// West, south, east, north in degrees of all ground whose relief may throw shadow on a grid, whatever its heights; east
/// may be beyond 180. `None` where no shadow is looked for.
pub fn ground_in_reach(grid: &Grid, angles: &Angles, params: &Params) -> Option<[f64; 4]> {
    let sun = sun(angles).filter(|_| params.compute_mountain_shadow)?;
    sweep::ground_in_reach(grid, sun, options(params))
}

fn sun(angles: &Angles) -> Option<Light<'_>> {
    let grid = angles.sun.as_ref().map(Light::Grid);
    grid.or(angles.mean_sun.map(Light::Uniform))
}

fn options(params: &Params) -> ReliefOptions {
    ReliefOptions {
        visibility: params.copy_features,
        incidence: params.copy_features || params.compute_cloud_shadow,
        refraction: params.refraction,
    }
}

/// Most missing cells that a warning names.
const MOST_NAMES: usize = 10;

/// Names for a sentence: the first few, and how many more there are.
fn and_more(names: &[String]) -> String {
    match names.len().checked_sub(MOST_NAMES) {
        Some(more @ 1..) => format!("{} and {more} more", names[..MOST_NAMES].join(", ")),
        _ => names.join(", "),
    }
}

/// Relief shadow of a scene, where it is wanted and can be known, and what the user should know.
///
/// # Errors
/// As [`relief_shadow`].
pub(crate) fn find(
    scene: &Scene,
    params: &Params,
    progress: &dyn Progress,
) -> Result<(Option<ReliefShadow>, Vec<String>)> {
    if !params.compute_mountain_shadow {
        return Ok((None, Vec::new()));
    }
    let unknown = |why: &str| {
        let warning = format!("{why}: relief shadow is not known (CS_TERRAIN_UNKNOWN)");
        Ok((None, vec![warning]))
    };
    let Some(dem) = scene.dem() else {
        return unknown("there is no elevation model");
    };
    let Some(sun) = sun(scene.angles()) else {
        return unknown("there are no sun angles");
    };
    let relief = relief_shadow(scene.grid(), sun, dem, options(params), progress)?;
    let warnings = match relief.missing.as_slice() {
        [] => Vec::new(),
        missing => vec![format!(
            "the elevation model lacks {}: relief shadow is not known where it depends on them (CS_TERRAIN_UNKNOWN)",
            and_more(missing)
        )],
    };
    Ok((Some(relief), warnings))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::UtmZone;

    /// Ten kilometres at 43 N, the sun 20 degrees high in the south. A ray that stands d from a pixel is
    /// d tan 20 + d^2 / 2R above it: 9349 m (from the lowest ground to the highest) are 25.5 km, 0.230 degrees.
    #[test]
    fn ground_in_reach_lies_toward_the_sun() {
        let grid = Grid {
            zone: UtmZone::from_epsg(32632).unwrap(),
            easting: 500_000.0,
            northing: 4_770_000.0,
            pixel_size: 20.0,
            width: 500,
            height: 500,
        };
        let middle = grid.zone.geodetic(505_000.0, 4_765_000.0);
        let (longitude, latitude) = (middle.longitude.to_degrees(), middle.latitude.to_degrees());
        let angles = Angles {
            mean_sun: Some(Direction::from_degrees(70.0, 180.0)),
            ..Angles::default()
        };
        let wanted = Params::default();
        let [west, south, east, north] = ground_in_reach(&grid, &angles, &wanted).unwrap();
        let throw = latitude - 0.045 - south;
        assert!((0.23..0.30).contains(&throw), "{throw}");
        for side in [
            north - latitude,
            (east - longitude) * 0.73,
            (longitude - west) * 0.73,
        ] {
            assert!((0.045..0.11).contains(&side), "{side}");
        }
        let unwanted = Params {
            compute_mountain_shadow: false,
            ..wanted.clone()
        };
        assert_eq!(ground_in_reach(&grid, &angles, &unwanted), None);
        assert_eq!(ground_in_reach(&grid, &Angles::default(), &wanted), None);
    }
}
