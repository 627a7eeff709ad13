//! ATBD step 6: threshold, and growth into the rim that the threshold leaves.

use super::probability::{ProbabilityPlane, probability_of, step_of};
use super::surface::{Surface, SurfacePlane};
use super::{CloudBits, CloudPlane};
use crate::raster::any_around;
use crate::{Progress, Result};
use ndarray::Array2;
use rayon::prelude::*;

/// Cloud from this probability above the clear sky, unitless (Qiu, Zhu & He 2019, for Sentinel-2).
pub(super) const CLOUD_PROBABILITY: f32 = 0.20;
/// Cloud grows into potential cloud above this probability, unitless (own measurement on labelled pixels).
const GROWTH_PROBABILITY: f32 = 0.10;
/// How far cloud grows, pixels (own measurement: further growth breaks bright scenes).
const GROWTH_PIXELS: usize = 2;

/// Cloud covers at least half of a square of this side around each of its sure pixels, metres (a majority
/// filter as in python-fmask, of 7 x 7 pixels at 20 m; own measurement: the roofs of a town fail it).
const MAJORITY_SIDE: f64 = 140.0;

/// Marks cloud: sure above the threshold, ambiguous where it grew. With `all_potential`, for a scene without
/// clear sky to compare with, all potential cloud that is not snow is sure. With `alone`, when nothing later tells cloud from
/// bright ground, cloud must be brighter and wider.
pub(crate) fn mark(
    clouds: &mut CloudPlane,
    surface: &SurfacePlane,
    probability: &ProbabilityPlane,
    pixel_size: f64,
    all_potential: bool,
    alone: bool,
    progress: &dyn Progress,
) -> Result<()> {
    let columns = clouds.ncols().max(1);
    let (sure, growth) = (step_of(CLOUD_PROBABILITY), step_of(GROWTH_PROBABILITY));
    let probabilities = probability.as_slice().unwrap_or_default();
    let surfaces = surface.as_slice().unwrap_or_default();
    let may_be = |cloud: CloudBits, pixel: usize| {
        cloud.contains(CloudBits::POTENTIAL)
            & (!alone
                | Surface::from_bits_retain(surfaces[pixel]).contains(Surface::BRIGHT_AS_CLOUD))
    };
    each_row(clouds, progress, |row, clouds| {
        for (pixel, cloud) in (row * columns..).zip(clouds) {
            let mut bits = CloudBits::from_bits_retain(*cloud);
            let likely = may_be(bits, pixel) & (probabilities[pixel] > sure);
            let snow = Surface::from_bits_retain(surfaces[pixel]).contains(Surface::SNOW);
            let fallback = all_potential & bits.contains(CloudBits::POTENTIAL) & !snow;
            bits.set(CloudBits::SURE, likely | fallback);
            *cloud = bits.bits();
        }
    })?;
    if alone {
        mark_core(clouds, surface, pixel_size, progress)?;
    }
    for _ in 0..GROWTH_PIXELS {
        let before = clouds.clone();
        let is_cloud = |row: usize, column: usize| {
            CloudBits::from_bits_retain(before[[row, column]]).intersects(CloudBits::CLOUD)
        };
        each_row(clouds, progress, |row, clouds| {
            for (column, cloud) in clouds.iter_mut().enumerate() {
                let bits = CloudBits::from_bits_retain(*cloud);
                let pixel = row * columns + column;
                if !bits.contains(CloudBits::POTENTIAL)
                    || bits.intersects(CloudBits::CLOUD)
                    || probabilities[pixel] <= growth
                {
                    continue;
                }
                if any_around(before.dim(), (row, column), is_cloud) {
                    *cloud = (bits | CloudBits::AMBIGUOUS).bits();
                }
            }
        })?;
    }
    Ok(())
}

/// Marks cloud that would be none without its cirrus. `cirrus` is what cirrus adds to the probability of a pixel.
pub(crate) fn mark_cirrus_alone(
    clouds: &mut CloudPlane,
    probability: &ProbabilityPlane,
    cirrus: impl Fn(usize) -> f32 + Sync,
    progress: &dyn Progress,
) -> Result<()> {
    let probabilities = probability.as_slice().unwrap_or_default();
    let columns = clouds.ncols().max(1);
    let thin = CloudBits::CIRRUS_SURE | CloudBits::CIRRUS_AMBIGUOUS;
    each_row(clouds, progress, |row, clouds| {
        for (pixel, cloud) in (row * columns..).zip(clouds) {
            let mut bits = CloudBits::from_bits_retain(*cloud);
            if bits.intersects(CloudBits::CLOUD) && bits.intersects(thin) {
                let opaque = probability_of(probabilities[pixel]) - cirrus(pixel);
                bits.set(CloudBits::CIRRUS_ALONE, opaque <= CLOUD_PROBABILITY);
                *cloud = bits.bits();
            }
        }
    })
}

/// Marks the sure cloud that covers at least half of the valid pixels around.
fn mark_core(
    clouds: &mut CloudPlane,
    surface: &SurfacePlane,
    pixel_size: f64,
    progress: &dyn Progress,
) -> Result<()> {
    let (rows, columns) = clouds.dim();
    let radius = (MAJORITY_SIDE / pixel_size / 2.0).floor().max(1.0) as usize;
    let before = clouds.clone();
    // Cloud counts for, other valid pixels count against.
    let vote = |cloud: u8, surface: u8| {
        let valid = Surface::from_bits_retain(surface).contains(Surface::VALID);
        let sure = CloudBits::from_bits_retain(cloud).contains(CloudBits::SURE);
        i32::from(sure) * 2 - i32::from(valid)
    };
    each_row(clouds, progress, |row, clouds| {
        let mut columns_votes = vec![0; columns];
        for r in row.saturating_sub(radius)..(row + radius + 1).min(rows) {
            for (sum, (cloud, surface)) in columns_votes
                .iter_mut()
                .zip(before.row(r).iter().zip(surface.row(r)))
            {
                *sum += vote(*cloud, *surface);
            }
        }
        let mut votes: i32 = columns_votes[..radius.min(columns)].iter().sum();
        for (column, cloud) in clouds.iter_mut().enumerate() {
            votes += columns_votes.get(column + radius).unwrap_or(&0);
            if column > radius {
                votes -= columns_votes[column - radius - 1];
            }
            let mut bits = CloudBits::from_bits_retain(*cloud);
            bits.set(
                CloudBits::CORE,
                bits.contains(CloudBits::SURE) && votes >= 0,
            );
            *cloud = bits.bits();
        }
    })
}

fn each_row<T: Send>(
    plane: &mut Array2<T>,
    progress: &dyn Progress,
    each: impl Fn(usize, &mut [T]) + Sync,
) -> Result<()> {
    let columns = plane.ncols().max(1);
    plane
        .as_slice_mut()
        .unwrap_or_default()
        .par_chunks_exact_mut(columns)
        .enumerate()
        .try_for_each(|(row, pixels)| {
            progress.check()?;
            each(row, pixels);
            Ok(())
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NoProgress;
    use ndarray::array;
    use proptest::prelude::*;

    const LAND: u8 = Surface::VALID.bits() | Surface::BRIGHT_AS_CLOUD.bits();
    const POTENTIAL: u8 = CloudBits::POTENTIAL.bits();
    const SURE: u8 = POTENTIAL | CloudBits::SURE.bits();
    const GROWN: u8 = POTENTIAL | CloudBits::AMBIGUOUS.bits();

    #[test]
    fn cloud_grows_two_pixels_into_likely_potential_cloud_only() {
        let mut clouds = array![[
            POTENTIAL, POTENTIAL, POTENTIAL, POTENTIAL, POTENTIAL, 0, POTENTIAL
        ]];
        let probability = array![[0.3_f32, 0.3, 0.15, 0.15, 0.15, 0.9, 0.05]].mapv(step_of);
        let surface = Array2::from_elem(clouds.dim(), LAND);
        mark(
            &mut clouds,
            &surface,
            &probability,
            60.0,
            false,
            false,
            &NoProgress,
        )
        .unwrap();
        assert_eq!(
            clouds,
            array![[SURE, SURE, GROWN, GROWN, POTENTIAL, 0, POTENTIAL]]
        );
    }

    #[test]
    fn without_clear_sky_all_potential_cloud_is_cloud() {
        let mut clouds = array![[POTENTIAL, 0, 0, 0]];
        let surface = Array2::from_elem(clouds.dim(), LAND);
        mark(
            &mut clouds,
            &surface,
            &array![[0, 0, 0, 0]],
            20.0,
            true,
            true,
            &NoProgress,
        )
        .unwrap();
        assert_eq!(clouds, array![[SURE, 0, 0, 0]]);
    }

    proptest! {
        #[test]
        fn the_core_has_the_majority_of_the_valid_pixels_around(
            rows in 1..12_usize,
            columns in 1..12_usize,
            seed in prop::collection::vec((0..3_u8, prop::bool::ANY), 144),
            pixel_size in prop_oneof![Just(10.0), Just(20.0), Just(60.0)],
        ) {
            let at = |row: usize, column: usize| seed[row * 12 + column];
            let surface = Array2::from_shape_fn((rows, columns), |(r, c)| if at(r, c).0 > 0 { LAND } else { 0 });
            let before = Array2::from_shape_fn((rows, columns), |(r, c)| {
                if at(r, c).0 > 0 && at(r, c).1 { SURE } else { 0 }
            });
            let mut after = before.clone();
            mark_core(&mut after, &surface, pixel_size, &NoProgress).unwrap();
            let radius = if pixel_size == 10.0 { 7_usize } else if pixel_size == 20.0 { 3 } else { 1 };
            for ((row, column), cloud) in after.indexed_iter() {
                let (mut valid, mut sure) = (0, 0);
                for ((r, c), other) in before.indexed_iter() {
                    let near = r.abs_diff(row) <= radius && c.abs_diff(column) <= radius;
                    valid += usize::from(near && surface[[r, c]] == LAND);
                    sure += usize::from(near && *other == SURE);
                }
                let core = before[[row, column]] == SURE && 2 * sure >= valid;
                let expected = before[[row, column]] | if core { CloudBits::CORE.bits() } else { 0 };
                prop_assert_eq!(*cloud, expected);
            }
        }
    }
}
