//! ATBD step 6: threshold, and growth into the rim that the threshold leaves.

use super::probability::{ProbabilityPlane, step_of};
use super::{CloudBits, CloudPlane};
use crate::{Progress, Result};
use ndarray::Array2;
use rayon::prelude::*;

/// Cloud from this probability above the clear sky, unitless (Qiu, Zhu & He 2019, for Sentinel-2).
const CLOUD_PROBABILITY: f32 = 0.20;
/// Cloud grows into potential cloud above this probability, unitless (own measurement on labelled pixels).
const GROWTH_PROBABILITY: f32 = 0.10;
/// How far cloud grows, pixels (own measurement: further growth breaks bright scenes).
const GROWTH_PIXELS: usize = 2;

/// Marks cloud: sure above the threshold, ambiguous where it grew. With `all_potential`, for a scene without
/// clear sky to compare with, all potential cloud is sure.
pub(crate) fn mark(
    clouds: &mut CloudPlane,
    probability: &ProbabilityPlane,
    all_potential: bool,
    progress: &dyn Progress,
) -> Result<()> {
    let columns = clouds.ncols().max(1);
    let (sure, growth) = (step_of(CLOUD_PROBABILITY), step_of(GROWTH_PROBABILITY));
    let probabilities = probability.as_slice().unwrap_or_default();
    each_row(clouds, progress, |row, clouds| {
        for (cloud, probability) in clouds.iter_mut().zip(&probabilities[row * columns..]) {
            let mut bits = CloudBits::from_bits_retain(*cloud);
            let potential = bits.contains(CloudBits::POTENTIAL);
            bits.set(
                CloudBits::SURE,
                potential & (all_potential | (*probability > sure)),
            );
            *cloud = bits.bits();
        }
    })?;
    for _ in 0..GROWTH_PIXELS {
        let before = clouds.clone();
        let is_cloud = |row: usize, column: usize| {
            CloudBits::from_bits_retain(before[[row, column]]).intersects(CloudBits::CLOUD)
        };
        let rows = before.nrows();
        each_row(clouds, progress, |row, clouds| {
            for (column, cloud) in clouds.iter_mut().enumerate() {
                let bits = CloudBits::from_bits_retain(*cloud);
                if !bits.contains(CloudBits::POTENTIAL)
                    || bits.intersects(CloudBits::CLOUD)
                    || probabilities[row * columns + column] <= growth
                {
                    continue;
                }
                let touches = (row.saturating_sub(1)..(row + 2).min(rows)).any(|row| {
                    (column.saturating_sub(1)..(column + 2).min(columns))
                        .any(|column| is_cloud(row, column))
                });
                if touches {
                    *cloud = (bits | CloudBits::AMBIGUOUS).bits();
                }
            }
        })?;
    }
    Ok(())
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

    #[test]
    fn cloud_grows_two_pixels_into_likely_potential_cloud_only() {
        let potential = CloudBits::POTENTIAL.bits();
        let mut clouds = array![[potential, potential, potential, potential, 0, potential]];
        let probability = array![[0.3_f32, 0.15, 0.15, 0.15, 0.9, 0.05]].mapv(step_of);
        mark(&mut clouds, &probability, false, &NoProgress).unwrap();
        let sure = potential | CloudBits::SURE.bits();
        let grown = potential | CloudBits::AMBIGUOUS.bits();
        assert_eq!(
            clouds,
            array![[sure, grown, grown, potential, 0, potential]]
        );
    }

    #[test]
    fn without_clear_sky_all_potential_cloud_is_cloud() {
        let mut clouds = array![[CloudBits::POTENTIAL.bits(), 0]];
        mark(&mut clouds, &array![[0, 0]], true, &NoProgress).unwrap();
        assert_eq!(
            clouds,
            array![[(CloudBits::POTENTIAL | CloudBits::SURE).bits(), 0]]
        );
    }
}
