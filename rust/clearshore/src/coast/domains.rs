//! The coastal strip, the surf zone, and what lies between the tides.

use super::CoastBits;
use crate::cloud::{CloudBits, CloudPlane, SpectralBands, Surface, SurfacePlane};
use crate::raster::{Objects, fill_strips, within_distance};
use crate::scene::Scene;
use crate::{Progress, Result};
use ndarray::Array2;

/// The coastal strip reaches this far to either side of the shore, metres (as IdePix's coastal re-test).
const STRIP_WIDTH: f64 = 1_000.0;
/// Surf breaks at most this far from land, metres (own choice).
const SURF_WIDTH: f64 = 600.0;
/// Ponds, puddles and islets smaller than this make no shore, square metres (own choice: 0.25 km²).
const SHORE_AREA_MIN: f64 = 250_000.0;
/// Static occurrence of ground between the tides, percent (own choice).
const INTERTIDAL: std::ops::RangeInclusive<u8> = 5..=95;

/// Finds the domains: [`CoastBits::STRIP`], [`CoastBits::SURF`] and [`CoastBits::INTERTIDAL`].
///
/// Water and land are taken from the static raster where there is one, else from the image without its clouds.
///
/// # Errors
/// Cancelled.
pub(crate) fn find_domains(
    scene: &Scene,
    bands: &SpectralBands<'_>,
    surface: &SurfacePlane,
    clouds: &CloudPlane,
    progress: &dyn Progress,
) -> Result<Array2<u8>> {
    let shape = scene.grid().shape();
    let pixel_size = scene.grid().pixel_size;
    let known = |row: usize, column: usize| {
        let surface = Surface::from_bits_retain(surface[[row, column]]);
        let cloud = CloudBits::from_bits_retain(clouds[[row, column]]);
        // Beaches look like cloud, and are not known better yet.
        let hidden =
            cloud.intersects(CloudBits::CLOUD) && !bands.spectrum(row * shape.1 + column).is_sand();
        (surface.contains(Surface::VALID) && !hidden).then_some(surface)
    };
    let is_water = |row: usize, column: usize| {
        known(row, column).is_some_and(|surface| surface.contains(Surface::WATER))
    };
    let is_land = |row: usize, column: usize| {
        known(row, column).is_some_and(|surface| !surface.contains(Surface::WATER))
    };
    let water = large(shape, pixel_size, is_water);
    progress.check()?;
    let near_water = within(&water, STRIP_WIDTH / pixel_size);
    drop(water);
    let land = large(shape, pixel_size, is_land);
    progress.check()?;
    let near_land = within(&land, STRIP_WIDTH / pixel_size);
    let surf_zone = within(&land, SURF_WIDTH / pixel_size);
    drop(land);
    progress.check()?;
    let occurrence = scene.water_occurrence();
    let mut coast = Array2::zeros(shape);
    fill_strips(&mut coast, progress, |first, coast| {
        for (pixel, bits) in (first..).zip(coast) {
            let at = [pixel / shape.1, pixel % shape.1];
            let surface = Surface::from_bits_retain(surface[at]);
            let mut found = CoastBits::empty();
            let strip = near_water[at] && near_land[at];
            found.set(CoastBits::STRIP, strip);
            let water = surface.contains(Surface::WATER);
            let wet = water || surface.contains(Surface::SNOW);
            found.set(CoastBits::SURF, wet && surf_zone[at] && near_water[at]);
            let at_times = match occurrence {
                Some(occurrence) => INTERTIDAL.contains(&occurrence[at]),
                None => water && !surface.contains(Surface::CLEAR_WATER),
            };
            found.set(CoastBits::INTERTIDAL, strip && at_times);
            *bits = found.bits();
        }
    })?;
    Ok(coast)
}

/// The pixels of large objects.
fn large(
    shape: (usize, usize),
    pixel_size: f64,
    is: impl Fn(usize, usize) -> bool + Sync,
) -> Array2<bool> {
    let least = SHORE_AREA_MIN / (pixel_size * pixel_size);
    let objects = Objects::of(shape, 1, is);
    let mut plane = Array2::from_elem(shape, false);
    for object in 0..objects.len() {
        if objects.pixels(object) as f64 >= least {
            for run in objects.runs(object) {
                let columns = run.first as usize..run.end as usize;
                plane
                    .slice_mut(ndarray::s![run.row as usize, columns])
                    .fill(true);
            }
        }
    }
    plane
}

fn within(mask: &Array2<bool>, radius: f64) -> Array2<bool> {
    within_distance(mask.dim(), radius, |row, column| mask[[row, column]])
}
