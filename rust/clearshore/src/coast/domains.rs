//! The coastal strip, the surf zone, and what lies between the tides.

use super::CoastBits;
use crate::cloud::{CloudBits, CloudPlane, SpectralBands, Surface, SurfacePlane};
use crate::raster::{Objects, fill_strips, places_from, within_distance};
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
        for ((row, column), bits) in places_from(first, shape.1).zip(coast) {
            let at = [row, column];
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NoProgress;
    use crate::cloud::Spectrum;
    use crate::scene::SceneBuilder;
    use crate::scene::made::{MEADOW, SEA, builder};

    const LAND: u8 = Surface::VALID.bits();
    const WATER: u8 = Surface::VALID.bits() | Surface::WATER.bits();
    const CLEAR_WATER: u8 = WATER | Surface::CLEAR_WATER.bits();

    fn of(surface: &SurfacePlane, clouds: &CloudPlane, scene: SceneBuilder) -> Array2<CoastBits> {
        let scene = scene.build().unwrap();
        let bands = SpectralBands::of(&scene).unwrap();
        let coast = find_domains(&scene, &bands, surface, clouds, &NoProgress).unwrap();
        coast.mapv(CoastBits::from_bits_retain)
    }

    fn without_cloud(surface: &SurfacePlane, pixel_size: f64) -> Array2<CoastBits> {
        let scene = builder(surface.dim(), pixel_size, |_, _| MEADOW);
        of(surface, &CloudPlane::zeros(surface.dim()), scene)
    }

    /// Columns of a row for which a bit is set.
    fn columns(coast: &Array2<CoastBits>, bit: CoastBits) -> Vec<usize> {
        let row = coast.row(coast.nrows() / 2);
        (0..row.len())
            .filter(|&column| row[column].contains(bit))
            .collect()
    }

    #[test]
    fn a_straight_shore_has_a_strip_of_a_kilometre_and_surf_of_600_metres() {
        // Centres of pixels at most 1000 and 600 m from the first pixel beyond the shore.
        for (pixel_size, strip, surf) in [(10.0, 100, 60), (20.0, 50, 30), (60.0, 16, 10)] {
            // 1500 m of sea and of land, 300 m from north to south: 0.45 km2 each.
            let shore = (1_500.0 / pixel_size) as usize;
            let shape = ((300.0 / pixel_size) as usize, 2 * shore);
            let surface =
                Array2::from_shape_fn(
                    shape,
                    |(_, column)| {
                        if column < shore { CLEAR_WATER } else { LAND }
                    },
                );
            let coast = without_cloud(&surface, pixel_size);
            let around: Vec<usize> = (shore - strip..shore + strip).collect();
            assert_eq!(columns(&coast, CoastBits::STRIP), around, "{pixel_size}");
            let sea: Vec<usize> = (shore - surf..shore).collect();
            assert_eq!(columns(&coast, CoastBits::SURF), sea, "{pixel_size}");
            assert!(columns(&coast, CoastBits::INTERTIDAL).is_empty());
        }
    }

    #[test]
    fn ponds_and_islets_below_a_quarter_of_a_square_kilometre_make_no_shore() {
        // 624 and 625 pixels of 20 m: 0.2496 and 0.25 km2.
        for (width, is_shore) in [((24, 26), false), ((25, 25), true)] {
            for (inside, outside) in [(CLEAR_WATER, LAND), (LAND, CLEAR_WATER)] {
                let surface = Array2::from_shape_fn((100, 100), |(row, column)| {
                    let pond =
                        (30..30 + width.0).contains(&row) && (30..30 + width.1).contains(&column);
                    if pond { inside } else { outside }
                });
                let coast = without_cloud(&surface, 20.0);
                let any = coast.iter().any(|bits| !bits.is_empty());
                assert_eq!(any, is_shore, "{width:?} {inside}");
            }
        }
    }

    const SHORE: usize = 60;
    const SHAPE: (usize, usize) = (30, 120);

    fn shore() -> SurfacePlane {
        Array2::from_shape_fn(
            SHAPE,
            |(_, column)| {
                if column < SHORE { CLEAR_WATER } else { LAND }
            },
        )
    }

    #[test]
    fn the_water_raster_tells_what_lies_between_the_tides() {
        // The strip begins at column 10.
        let percents = [0, 4, 5, 50, 95, 96, 100, 255];
        let mut occurrence = Array2::from_elem(SHAPE, 100);
        for (index, percent) in percents.into_iter().enumerate() {
            occurrence[[15, SHORE - 4 + index]] = percent;
            occurrence[[15, index]] = percent;
        }
        let scene = builder(SHAPE, 20.0, |_, _| MEADOW).water_occurrence(occurrence);
        let coast = of(&shore(), &CloudPlane::zeros(SHAPE), scene);
        let between: Vec<usize> = (SHORE - 2..=SHORE).collect();
        assert_eq!(columns(&coast, CoastBits::INTERTIDAL), between);
    }

    #[test]
    fn without_a_raster_water_that_is_not_clear_lies_between_the_tides() {
        let mut surface = shore();
        surface.column_mut(50).fill(WATER);
        surface.column_mut(5).fill(WATER);
        let coast = without_cloud(&surface, 20.0);
        assert_eq!(columns(&coast, CoastBits::INTERTIDAL), [50]);
    }

    #[test]
    fn surf_may_look_like_snow() {
        let mut surface = shore();
        surface.column_mut(SHORE).fill(LAND | Surface::SNOW.bits());
        let coast = without_cloud(&surface, 20.0);
        // Land begins where the snow does.
        let surf: Vec<usize> = (SHORE - 30..=SHORE).collect();
        assert_eq!(columns(&coast, CoastBits::SURF), surf);
    }

    #[test]
    fn what_lies_below_cloud_is_not_known_but_sand_is() {
        let clouds = Array2::from_shape_fn(SHAPE, |(_, column)| {
            if column >= SHORE {
                CloudBits::SURE.bits()
            } else {
                0
            }
        });
        // Blue is half of SWIR1.
        let sand = Spectrum {
            blue: 0.2,
            swir1: 0.4,
            ..MEADOW
        };
        for (spectrum, is_shore) in [(SEA, false), (sand, true)] {
            let scene = builder(SHAPE, 20.0, move |_, _| spectrum);
            let coast = of(&shore(), &clouds, scene);
            assert_eq!(!columns(&coast, CoastBits::STRIP).is_empty(), is_shore);
        }
    }
}
