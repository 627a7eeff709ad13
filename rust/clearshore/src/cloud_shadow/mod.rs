//! ATBD step 9: shadows of clouds, by geometry and by what the image shows.
//!
//! A cloud throws its shadow where its height, the sun and the sensor put it. Over land the image tells the height: the
//! shadow must fall on dark ground (`potential`). Over water nothing but geometry leads to a shadow, and the image may
//! only agree.

mod cirrus_shade;
mod clouds;
mod correlation;
mod geometry;
mod ground;
mod illumination;
mod land;
mod light;
mod matching;
mod potential;
mod shaded_ground;
mod surroundings;
mod water;

use crate::cloud::{CloudBits, SpectralBands, Surface};
use crate::raster::{Objects, fill_strips, places_from};
use crate::scene::{Angles, Scene};
use crate::{Progress, Result};
use bitflags::bitflags;
use cirrus_shade::Cirrus;
pub(crate) use clouds::Clouds;
use geometry::Geometry;
use illumination::Illumination;
use light::LandLight;
use matching::{Fitting, Heights, Match, Pieces};
use ndarray::Array2;
use rayon::prelude::*;
use shaded_ground::MaybeGround;

bitflags! {
    /// What is known about the shadow of clouds at a pixel.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct ShadowBits: u8 {
        /// Darker than its surroundings, as ground in shadow is.
        const POTENTIAL = 1;
        /// Cloud shadow.
        const SHADOW = 1 << 1;
        /// The shadow of a cloud whose height its shadow on land tells falls here.
        const MATCHED = 1 << 2;
        /// The shadow of a cloud of a likely height falls here.
        const PROJECTED = 1 << 3;
        /// Cloud shadow by a learned model.
        const BY_MODEL = 1 << 4;
    }
}

impl ShadowBits {
    /// Whether anybody calls it cloud shadow.
    pub(crate) fn is_shadow(self) -> bool {
        self.intersects(Self::SHADOW | Self::BY_MODEL)
    }
}

/// [`ShadowBits`] of every pixel, (rows, columns).
pub(crate) type ShadowPlane = Array2<u8>;

/// Clouds that are at most so many pixels apart throw their shadow as one (Fmask 4).
const CLOUD_REACH: usize = 3;

/// Without a shadow, clouds over land that are smaller than this are roofs, square metres (own measurement: a town has none
/// larger, labelled scenes have 3 % of their cloud in smaller ones).
const SMALL_CLOUD_AREA: f64 = 200_000.0;

/// And it is dense over at least this share of it, unitless (own measurement on a clear town and labelled scenes).
const CORE_SHARE_MIN: f64 = 0.3;
/// Share of a cloud's pixels that says where it is, unitless.
const MOSTLY: f64 = 0.5;

/// B10 above its base from which cirrus takes half of the light of a sun in the zenith, TOA reflectance (own measurement on
/// simulated cirrus); of a lower sun in proportion to the cosine of its zenith.
const DENSE_CIRRUS: f64 = 0.17;

/// With less of it clear a scene is overcast, unitless (Fmask 4: 90 % of cloud).
const OVERCAST_CLEAR_MAX: f64 = 0.1;

/// Clouds that are of one kind, and so of like height.
struct Layer {
    objects: Objects,
    pieces: Pieces,
    heights: Heights,
}

impl Layer {
    fn of(
        is_cloud: impl Fn(usize, usize) -> bool + Sync,
        geometry: Option<&Geometry>,
        found: &Clouds<'_>,
        shadows: &ShadowPlane,
        progress: &dyn Progress,
    ) -> Result<Self> {
        let objects = Objects::of(shadows.dim(), CLOUD_REACH, is_cloud);
        progress.check()?;
        let (pieces, heights) = match geometry {
            Some(geometry) => {
                let pieces = Pieces::of(&objects, geometry);
                let heights = Heights::find(&pieces, geometry, found, shadows, progress)?;
                (pieces, heights)
            }
            None => Default::default(),
        };
        log::debug!("{} clouds, usually at {:?} m", objects.len(), heights.usual);
        Ok(Self {
            objects,
            pieces,
            heights,
        })
    }

    /// Gives up clouds over land whose height no shadow tells, and which are small or scattered: their pixels.
    fn without_shadow(&mut self, found: &Clouds<'_>, pixel_size: f64) -> Vec<[usize; 2]> {
        let small = SMALL_CLOUD_AREA / (pixel_size * pixel_size);
        let is_none = |object: usize| {
            let pixels = self.objects.pixels(object) as f64;
            let share = |holds: &dyn Fn([usize; 2]) -> bool| {
                self.objects
                    .pixels_of(object)
                    .filter(|at| holds(*at))
                    .count() as f64
                    / pixels
            };
            let water = share(&|at| found.surface(at[0], at[1]).contains(Surface::CLEAR_WATER));
            let core = share(&|at| {
                CloudBits::from_bits_retain(found.clouds[at]).contains(CloudBits::CORE)
            });
            water < MOSTLY && (pixels < small || core < CORE_SHARE_MIN)
        };
        let unmatched =
            |object: usize| !matches!(self.heights.matches.get(object), Some(Match::Found(_)));
        let given_up: Vec<usize> = (0..self.objects.len())
            .filter(|&object| unmatched(object) && is_none(object))
            .collect();
        for &object in &given_up {
            if let Some(matched) = self.heights.matches.get_mut(object) {
                *matched = Match::Unknown;
            }
        }
        let pixels = given_up
            .into_iter()
            .flat_map(|object| self.objects.pixels_of(object));
        pixels.collect()
    }

    /// All at one height.
    fn at(
        height: f64,
        is_cloud: impl Fn(usize, usize) -> bool + Sync,
        geometry: &Geometry,
    ) -> Self {
        let objects = Objects::of(geometry.shape(), CLOUD_REACH, is_cloud);
        let fitting = Fitting {
            height,
            span: [height; 2],
        };
        Self {
            pieces: Pieces::of(&objects, geometry),
            heights: Heights {
                matches: vec![Match::Usual(fitting); objects.len()],
                usual: Some(fitting),
            },
            objects,
        }
    }

    /// Draws the shadows and says which of them the image confirms; gives where such shadows can fall, if anybody knows.
    fn cast(
        &self,
        is_cloud: &(dyn Fn(usize, usize) -> bool + Sync),
        geometry: &Geometry,
        found: &Clouds<'_>,
        shadows: &mut ShadowPlane,
        progress: &dyn Progress,
    ) -> Result<Option<Array2<bool>>> {
        let matches = &self.heights.matches;
        matching::draw(&self.pieces, matches, geometry, found, shadows, progress)?;
        progress.check()?;
        let mut known = None;
        if let Some(usual) = self.heights.usual {
            let usual = geometry.usual_from_sun().map(|shift| shift * usual.height);
            let swept = land::swept(is_cloud, geometry.shape(), usual);
            progress.check()?;
            land::confirm(shadows, found, geometry, &swept, usual, progress)?;
            known = Some(swept);
        }
        water::confirm(found, &self.pieces, matches, geometry, shadows, progress)?;
        Ok(known)
    }
}

/// B10 above its base from which cirrus takes half of the direct sunlight, TOA reflectance: it throws a shadow.
fn dense_cirrus(angles: &Angles) -> f32 {
    let cos_zenith = angles.usual_sun_zenith().map_or(1.0, f64::cos);
    (DENSE_CIRRUS * cos_zenith) as f32
}

/// Whether hardly a pixel is free of cloud.
fn is_overcast(found: &Clouds<'_>) -> bool {
    let (rows, columns) = found.surface.dim();
    let (valid, clear) = (0..rows)
        .into_par_iter()
        .map(|row| {
            let mut counts = (0_u64, 0_u64);
            for column in 0..columns {
                counts.0 += u64::from(found.surface(row, column).contains(Surface::VALID));
                counts.1 += u64::from(found.is_clear(row, column));
            }
            counts
        })
        .reduce(|| (0, 0), |a, b| (a.0 + b.0, a.1 + b.1));
    (clear as f64) < OVERCAST_CLEAR_MAX * valid as f64
}

/// Below an overcast all ground between the clouds is in their shadow: nothing sunlit is left to compare it with.
fn shade_all(found: &Clouds<'_>, shadows: &mut ShadowPlane, progress: &dyn Progress) -> Result<()> {
    let columns = shadows.ncols();
    fill_strips(shadows, progress, |first, shadows| {
        for ((row, column), bits) in places_from(first, columns).zip(shadows) {
            if found.is_clear(row, column) && !found.in_relief_shadow(row, column) {
                *bits |= ShadowBits::SHADOW.bits();
            }
        }
    })
}

/// What the search for shadows finds.
pub(crate) struct Shadows {
    /// [`ShadowBits`] of every pixel, (rows, columns).
    pub(crate) plane: ShadowPlane,
    /// Pixels (row, column) that are no cloud: bright ground in shadow; where no band tells what stands apart from the ground, also
    /// small or scattered clouds over land that throw no shadow.
    pub(crate) no_clouds: Vec<[usize; 2]>,
}

/// Finds the shadows of all that is cloud.
///
/// # Errors
/// Cancelled; as [`crate::terrain::DemSource::cover`].
pub(crate) fn find(
    scene: &Scene,
    bands: &SpectralBands<'_>,
    found: &Clouds<'_>,
    progress: &dyn Progress,
) -> Result<Shadows> {
    let (pixel_size, columns) = (scene.grid().pixel_size, scene.grid().width);
    let relief = Illumination::of(scene, found.relief);
    let mut shadows = potential::find(scene, bands, found, &relief, progress)?;
    water::find_dark(bands, found, pixel_size, &mut shadows, progress)?;
    let maybe_ground = MaybeGround::of(bands, found, progress)?;
    let is_cloud =
        |row: usize, column: usize| found.is_cloud(row, column) && !maybe_ground.at(row, column);
    let angles = scene.angles();
    let geometry = match Geometry::of(scene, progress)? {
        None if angles.mean_sun.is_none() && angles.sun.is_none() => {
            correlation::find(&is_cloud, found, &shadows, pixel_size, progress)?
                .map(|shift| Geometry::of_shift(scene.grid(), shift))
        }
        known => known,
    };
    let dense = dense_cirrus(scene.angles());
    let is_cirrus = |row: usize, column: usize| {
        let bits = CloudBits::from_bits_retain(found.clouds[[row, column]]);
        bits.contains(CloudBits::CIRRUS_SURE) && (found.cirrus)(row * columns + column) > dense
    };
    let mut opaque = Layer::of(is_cloud, geometry.as_ref(), found, &shadows, progress)?;
    let mut no_clouds = match scene.displacement() {
        None => opaque.without_shadow(found, pixel_size),
        Some(_) => Vec::new(),
    };
    // Without a geometry neither the sun nor the image tells which way shadows fall.
    if let Some(geometry) = &geometry {
        let swept = opaque.cast(&is_cloud, geometry, found, &mut shadows, progress)?;
        if let Some(swept) = swept {
            no_clouds.extend(maybe_ground.mark(&is_cloud, &swept, &mut shadows, progress)?);
        }
        let light = LandLight::of(bands, found, &relief, pixel_size, progress)?;
        let cirrus = Cirrus::of(found, &light, dense, progress)?;
        let fitting = cirrus.fit(&light, geometry, progress)?;
        log::debug!("cirrus: {fitting:?}");
        cirrus.mark(fitting, &light, found, geometry, &mut shadows, progress)?;
        if let Some(fitting) = fitting {
            let layer = Layer::at(fitting.height, is_cirrus, geometry);
            layer.cast(&is_cirrus, geometry, found, &mut shadows, progress)?;
        }
    }
    if is_overcast(found) {
        shade_all(found, &mut shadows, progress)?;
    }
    Ok(Shadows {
        plane: shadows,
        no_clouds,
    })
}
