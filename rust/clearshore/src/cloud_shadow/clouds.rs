//! What the steps before found, as the search for shadows looks at it: again and again.

use crate::cloud::{CloudBits, CloudPlane, Surface, SurfacePlane};
use crate::terrain::ReliefShadow;
use bitflags::bitflags;
use ndarray::{Array2, Zip};

bitflags! {
    /// What a pixel is to the search.
    #[derive(Clone, Copy)]
    struct Seen: u8 {
        const CLOUD = 1;
        const CLEAR = 1 << 1;
        const LAND = 1 << 2;
        const WATER = 1 << 3;
        const WITNESS = 1 << 4;
        const IN_RELIEF_SHADOW = 1 << 5;
    }
}

/// Clouds, and the ground that they may shade.
pub(crate) struct Clouds<'a> {
    pub(super) surface: &'a SurfacePlane,
    pub(super) clouds: &'a CloudPlane,
    pub(super) relief: Option<&'a ReliefShadow>,
    /// B10 of a pixel above its base, TOA reflectance.
    pub(super) cirrus: &'a (dyn Fn(usize) -> f32 + Sync),
    seen: Array2<u8>,
}

impl<'a> Clouds<'a> {
    /// `cirrus` is B10 of a pixel above its base, TOA reflectance.
    pub(crate) fn of(
        surface: &'a SurfacePlane,
        clouds: &'a CloudPlane,
        relief: Option<&'a ReliefShadow>,
        cirrus: &'a (dyn Fn(usize) -> f32 + Sync),
    ) -> Self {
        let mut seen = Array2::zeros(surface.dim());
        Zip::indexed(&mut seen)
            .and(surface)
            .and(clouds)
            .par_for_each(|(row, column), seen, &surface, &cloud| {
                let is_dark = relief.is_some_and(|relief| relief.is_dark(row, column));
                let surface = Surface::from_bits_retain(surface);
                *seen = seen_of(surface, CloudBits::from_bits_retain(cloud), is_dark).bits();
            });
        Self {
            surface,
            clouds,
            relief,
            cirrus,
            seen,
        }
    }

    #[inline]
    pub(super) fn surface(&self, row: usize, column: usize) -> Surface {
        Surface::from_bits_retain(self.surface[[row, column]])
    }

    #[inline]
    fn is(&self, what: Seen, row: usize, column: usize) -> bool {
        Seen::from_bits_retain(self.seen[[row, column]]).contains(what)
    }

    /// Cloud that is not by cirrus alone.
    #[inline]
    pub(super) fn is_cloud(&self, row: usize, column: usize) -> bool {
        self.is(Seen::CLOUD, row, column)
    }

    /// Neither cloud nor cirrus, and with data.
    #[inline]
    pub(super) fn is_clear(&self, row: usize, column: usize) -> bool {
        self.is(Seen::CLEAR, row, column)
    }

    #[inline]
    pub(super) fn in_relief_shadow(&self, row: usize, column: usize) -> bool {
        self.is(Seen::IN_RELIEF_SHADOW, row, column)
    }

    /// Land below thin cirrus at most, which relief leaves in the sun.
    #[inline]
    pub(super) fn is_land(&self, row: usize, column: usize) -> bool {
        self.is(Seen::LAND, row, column)
    }

    /// Clear water.
    #[inline]
    pub(super) fn is_water(&self, row: usize, column: usize) -> bool {
        self.is(Seen::WATER, row, column)
    }

    /// Land, also dark land that looks wet, whose brightness tells whether a cloud shades it.
    #[inline]
    pub(super) fn is_witness(&self, row: usize, column: usize) -> bool {
        self.is(Seen::WITNESS, row, column)
    }
}

fn seen_of(surface: Surface, cloud: CloudBits, in_relief_shadow: bool) -> Seen {
    const CLOUDY: CloudBits = CloudBits::CLOUD
        .union(CloudBits::CIRRUS_SURE)
        .union(CloudBits::CIRRUS_AMBIGUOUS);
    let is_cloud = cloud.intersects(CloudBits::CLOUD);
    let is_valid = surface.contains(Surface::VALID);
    let is_clear = is_valid && !cloud.intersects(CLOUDY);
    // Not water, or only what dark land may be.
    let may_be_land = !surface.contains(Surface::WATER) || surface.contains(Surface::MAYBE_LAND);
    let in_sun = !in_relief_shadow;
    let mut seen = Seen::empty();
    for (is, what) in [
        (
            is_cloud && !cloud.contains(CloudBits::CIRRUS_ALONE),
            Seen::CLOUD,
        ),
        (is_clear, Seen::CLEAR),
        (is_valid && may_be_land && !is_cloud && in_sun, Seen::LAND),
        (is_clear && !may_be_land, Seen::WATER),
        (is_clear && may_be_land && in_sun, Seen::WITNESS),
        (in_relief_shadow, Seen::IN_RELIEF_SHADOW),
    ] {
        seen.set(what, is);
    }
    seen
}
