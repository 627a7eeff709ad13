//! ATBD step 9: shadows of clouds, by geometry and by what the image shows.
//!
//! A cloud throws its shadow where its height, the sun and the sensor put it. Over land the image tells the height: the
//! shadow must fall on dark ground ([`potential`]). Over water nothing but geometry leads to a shadow, and the image may
//! only agree.

mod geometry;
mod ground;
mod land;
mod matching;
mod potential;
mod water;

use crate::cloud::{CloudBits, CloudPlane, SpectralBands, Surface, SurfacePlane};
use crate::raster::Objects;
use crate::scene::Scene;
use crate::terrain::ReliefShadow;
use crate::{Progress, Result};
use bitflags::bitflags;
use geometry::Geometry;
use matching::{Heights, Pieces};
use ndarray::Array2;

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
    }
}

/// [`ShadowBits`] of every pixel, (rows, columns).
pub(crate) type ShadowPlane = Array2<u8>;

/// Clouds that are at most so many pixels apart throw their shadow as one (Fmask 4).
const CLOUD_REACH: usize = 3;
/// Clouds of fewer pixels throw no shadow that could be told from noise (Zhu & Woodcock 2012).
const CLOUD_PIXELS_MIN: u64 = 3;

/// What the step before found.
pub(crate) struct Clouds<'a> {
    pub(crate) surface: &'a SurfacePlane,
    pub(crate) clouds: &'a CloudPlane,
    pub(crate) relief: Option<&'a ReliefShadow>,
}

impl Clouds<'_> {
    fn surface(&self, row: usize, column: usize) -> Surface {
        Surface::from_bits_retain(self.surface[[row, column]])
    }

    fn is_cloud(&self, row: usize, column: usize) -> bool {
        CloudBits::from_bits_retain(self.clouds[[row, column]]).intersects(CloudBits::CLOUD)
    }

    /// Neither cloud nor cirrus, and with data.
    fn is_clear(&self, row: usize, column: usize) -> bool {
        self.clouds[[row, column]] & !CloudBits::POTENTIAL.bits() == 0
            && self.surface(row, column).contains(Surface::VALID)
    }

    fn in_relief_shadow(&self, row: usize, column: usize) -> bool {
        self.relief
            .is_some_and(|relief| relief.is_dark(row, column))
    }

    /// Land whose brightness tells whether a cloud shades it.
    fn is_witness(&self, row: usize, column: usize) -> bool {
        self.is_clear(row, column)
            && !self.surface(row, column).contains(Surface::WATER)
            && !self.in_relief_shadow(row, column)
    }
}

/// Finds the shadows of all clouds.
///
/// # Errors
/// Cancelled; as [`crate::terrain::DemSource::cover`].
pub(crate) fn detect(
    scene: &Scene,
    found: &Clouds<'_>,
    progress: &dyn Progress,
) -> Result<ShadowPlane> {
    let bands = &SpectralBands::of(scene)?;
    let shape = scene.grid().shape();
    let objects = Objects::of(shape, CLOUD_REACH, |row, column| {
        found.is_cloud(row, column)
    });
    progress.check()?;
    let mut shadows = potential::find(scene, bands, found, progress)?;
    let Some(geometry) = Geometry::of(scene, progress)? else {
        return Ok(shadows);
    };
    let pieces = Pieces::of(&objects, CLOUD_PIXELS_MIN, &geometry);
    let heights = Heights::find(&pieces, &geometry, found, &shadows, progress)?;
    log::debug!("{} clouds, {heights:?}", pieces.len());
    matching::draw(&pieces, &heights.matches, &geometry, &mut shadows);
    progress.check()?;
    land::confirm(&mut shadows, found, &geometry, heights.usual, progress)?;
    water::confirm(
        scene,
        bands,
        found,
        &pieces,
        &heights.matches,
        &geometry,
        &mut shadows,
        progress,
    )?;
    Ok(shadows)
}
