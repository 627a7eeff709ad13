//! ATBD step 7: where anybody looks for what stands apart from the ground, and where twice.

use super::displacement::{Displacement, Motion};
use super::objects::{DISPLACED_SHARE_MIN, Look, is_cloud, may_be_ground};
use super::{CloudBits, CloudPlane, SpectralBands, Spectrum, SurfacePlane};
use crate::raster::Objects;
use crate::scene::{Band, Scene};
use crate::{Progress, Result};
use rayon::prelude::*;

/// Smaller objects get no second look, square metres: 7 x 7 pixels of 20 m, the window of the index, which then mostly shows what
/// is around them (own choice, by measurement on simulated tiles: it more than halves what is read in full, and finds three
/// quarters of what one of 5 x 5 pixels finds).
const SECOND_LOOK_AREA_MIN: f64 = 20_000.0;
/// Nor do those of which a larger share stands apart for sure, unitless (own measurement on simulated tiles: of 107 objects above
/// it 4 turn out to be ground, of 325 below 62).
const SECOND_LOOK_DISPLACED_MAX: f64 = 0.02;

/// What stands apart from the ground, where it may matter; nothing where no band tells it.
///
/// # Errors
/// As [`crate::scene::DisplacementSource::plane`].
pub(super) fn look_for_motion(
    scene: &Scene,
    bands: &SpectralBands<'_>,
    surface: &SurfacePlane,
    clouds: &CloudPlane,
    progress: &dyn Progress,
) -> Result<Option<Displacement>> {
    let Some(source) = scene.displacement() else {
        return Ok(None);
    };
    let base = scene
        .band(Band::B8A)
        .filter(|plane| source.is_in_scene(Band::B8A) && plane.dn.dim() == source.grid().shape());
    let wanted = |row: usize, column: usize| may_be_ground(clouds, surface, [row, column]);
    let shape = scene.grid().shape();
    let area = scene.grid().pixel_size * scene.grid().pixel_size;
    let in_doubt = |quick: &Displacement| {
        let objects = Objects::of(shape, 1, |row, column| is_cloud(clouds, [row, column]));
        (0..objects.len())
            .into_par_iter()
            .filter(|&object| {
                let mut doubt = Doubt::default();
                for at in objects.pixels_of(object) {
                    let [row, column] = at;
                    if wanted(row, column) {
                        let spectrum = bands.spectrum(row * shape.1 + column);
                        doubt.add(&spectrum, quick, (row, column));
                    }
                    let cloud = CloudBits::from_bits_retain(clouds[at]);
                    doubt.cirrus |= cloud.contains(CloudBits::CIRRUS_SURE);
                }
                doubt.matters(area)
            })
            .flat_map_iter(|object| objects.pixels_of(object))
            .filter(|&[row, column]| wanted(row, column))
            .collect()
    };
    Displacement::of(scene.grid(), source, base, wanted, in_doubt, progress).map(Some)
}

/// What a quick look tells of an object.
#[derive(Clone, Copy, Debug, Default)]
struct Doubt {
    /// As far as it is sure.
    look: Look,
    in_doubt: u64,
    cirrus: bool,
}

impl Doubt {
    fn add(&mut self, spectrum: &Spectrum, quick: &Displacement, (row, column): (usize, usize)) {
        let in_doubt = quick.is_in_doubt(row, column);
        let motion = match in_doubt {
            true => Motion::Unknown,
            false => quick.at(row, column),
        };
        self.look.add(spectrum, motion);
        self.in_doubt += u64::from(in_doubt);
    }

    /// Whether a second look may make ground of the object: its displaced pixels alone do not make it cloud, but with those in
    /// doubt they do, and nothing else keeps it from being ground.
    fn matters(&self, pixel_area: f64) -> bool {
        let (pixels, displaced) = (self.look.pixels as f64, self.look.displaced);
        pixels * pixel_area >= SECOND_LOOK_AREA_MIN
            && self.look.may_be_ground(pixel_area)
            && !self.cirrus
            && (displaced as f64) < SECOND_LOOK_DISPLACED_MAX * pixels
            && (displaced + self.in_doubt) as f64 >= DISPLACED_SHARE_MIN * pixels
    }
}
