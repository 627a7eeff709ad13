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
use matching::{Heights, Match, Pieces};
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

    /// Cloud that throws a shadow: cirrus alone throws none that could be seen.
    fn is_cloud(&self, row: usize, column: usize) -> bool {
        let bits = CloudBits::from_bits_retain(self.clouds[[row, column]]);
        bits.intersects(CloudBits::CLOUD) && !bits.contains(CloudBits::CIRRUS_ALONE)
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

    /// Land, also dark land that looks wet, whose brightness tells whether a cloud shades it.
    fn is_witness(&self, row: usize, column: usize) -> bool {
        let surface = self.surface(row, column);
        self.is_clear(row, column)
            && (!surface.contains(Surface::WATER) || surface.contains(Surface::MAYBE_LAND))
            && !self.in_relief_shadow(row, column)
    }
}

/// The clouds of a scene and what their shadows on land say about their heights.
pub(crate) struct Search {
    objects: Objects,
    shadows: ShadowPlane,
    /// `None` where the sun is not known.
    sky: Option<Sky>,
}

struct Sky {
    geometry: Geometry,
    pieces: Pieces,
    heights: Heights,
}

impl Search {
    /// Looks for the heights of all that is taken for cloud.
    ///
    /// # Errors
    /// Cancelled; as [`crate::terrain::DemSource::cover`].
    pub(crate) fn of(
        scene: &Scene,
        bands: &SpectralBands<'_>,
        found: &Clouds<'_>,
        progress: &dyn Progress,
    ) -> Result<Self> {
        let objects = Objects::of(scene.grid().shape(), CLOUD_REACH, |row, column| {
            found.is_cloud(row, column)
        });
        progress.check()?;
        let shadows = potential::find(scene, bands, found, progress)?;
        let sky = match Geometry::of(scene, progress)? {
            Some(geometry) => {
                let pieces = Pieces::of(&objects, &geometry);
                let heights = Heights::find(&pieces, &geometry, found, &shadows, progress)?;
                log::debug!("{} clouds, usually at {:?} m", objects.len(), heights.usual);
                Some(Sky {
                    geometry,
                    pieces,
                    heights,
                })
            }
            None => None,
        };
        Ok(Self {
            objects,
            shadows,
            sky,
        })
    }

    /// What is taken for cloud, in groups.
    pub(crate) fn objects(&self) -> &Objects {
        &self.objects
    }

    /// Whether the shadow of an object tells its height.
    pub(crate) fn is_matched(&self, object: usize) -> bool {
        let matched = self
            .sky
            .as_ref()
            .and_then(|sky| sky.heights.matches.get(object));
        matches!(matched, Some(Match::Found(_)))
    }

    /// The shadows of the objects that were kept; `found` no longer has the others.
    ///
    /// # Errors
    /// Cancelled.
    pub(crate) fn cast(
        self,
        bands: &SpectralBands<'_>,
        found: &Clouds<'_>,
        kept: &[bool],
        progress: &dyn Progress,
    ) -> Result<ShadowPlane> {
        let mut shadows = self.shadows;
        let Some(Sky {
            geometry,
            pieces,
            mut heights,
        }) = self.sky
        else {
            return Ok(shadows);
        };
        for (matched, _) in heights
            .matches
            .iter_mut()
            .zip(kept)
            .filter(|(_, kept)| !**kept)
        {
            *matched = Match::Unknown;
        }
        matching::draw(&pieces, &heights.matches, &geometry, &mut shadows);
        progress.check()?;
        land::confirm(&mut shadows, found, &geometry, heights.usual, progress)?;
        let casts = water::Casts {
            pieces: &pieces,
            matches: &heights.matches,
            geometry: &geometry,
        };
        water::confirm(bands, found, &casts, &mut shadows, progress)?;
        Ok(shadows)
    }
}
