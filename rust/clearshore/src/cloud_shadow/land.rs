//! Cloud shadow on land: where dark ground and a shadow that should be there agree.

use super::geometry::Geometry;
use super::{Clouds, ShadowBits, ShadowPlane};
use crate::raster::{Objects, within_distance};
use crate::{Progress, Result};
use ndarray::Array2;
use rayon::prelude::*;

/// Shadows of clouds lie between these parts of the usual distance from their clouds, unitless (own measurement).
const NEAREST_PART: f64 = 0.3;
const FURTHEST_PART: f64 = 1.6;
/// Share of dark ground that must lie there, unitless (own measurement).
const SWEPT_SHARE_MIN: f64 = 0.5;
/// Dark ground is shadow when the shadow of a cloud falls this near to so much of it, metres and unitless (own
/// measurements).
const NEAR: f64 = 80.0;
const NEAR_SHARE_MIN: f64 = 0.1;

/// Decides which potential shadow is the shadow of a cloud; `swept` is where such shadows can fall.
///
/// # Errors
/// Cancelled.
pub fn confirm(
    shadows: &mut ShadowPlane,
    found: &Clouds<'_>,
    geometry: &Geometry,
    swept: &Array2<bool>,
    progress: &dyn Progress,
) -> Result<()> {
    let shape = geometry.shape();
    let has = |bits: u8, wanted: ShadowBits| ShadowBits::from_bits_retain(bits).intersects(wanted);
    let falls = ShadowBits::MATCHED | ShadowBits::PROJECTED;
    let near = within_distance(shape, NEAR / geometry.pixel_size(), |row, column| {
        has(shadows[[row, column]], falls)
    });
    progress.check()?;
    let dark = Objects::of(shape, 1, |row, column| {
        has(shadows[[row, column]], ShadowBits::POTENTIAL) && found.is_witness(row, column)
    });
    let is_shadow: Vec<bool> = (0..dark.len())
        .into_par_iter()
        .map(|object| {
            let (mut inside, mut close) = (0_u64, 0_u64);
            for run in dark.runs(object) {
                for column in run.first as usize..run.end as usize {
                    let at = [run.row as usize, column];
                    inside += u64::from(swept[at]);
                    close += u64::from(near[at]);
                }
            }
            let pixels = dark.pixels(object) as f64;
            inside as f64 >= SWEPT_SHARE_MIN * pixels && close as f64 >= NEAR_SHARE_MIN * pixels
        })
        .collect();
    for (object, _) in is_shadow.iter().enumerate().filter(|(_, is)| **is) {
        for run in dark.runs(object) {
            for column in run.first as usize..run.end as usize {
                shadows[[run.row as usize, column]] |= ShadowBits::SHADOW.bits();
            }
        }
    }
    shadows
        .outer_iter_mut()
        .into_par_iter()
        .enumerate()
        .for_each(|(row, mut shadows)| {
            for (column, bits) in shadows.iter_mut().enumerate() {
                let both = has(*bits, ShadowBits::POTENTIAL) && has(*bits, falls);
                if both && found.is_witness(row, column) {
                    *bits |= ShadowBits::SHADOW.bits();
                }
            }
        });
    Ok(())
}

/// Where shadows of clouds can fall that are about as high as usual; what is outside the scene counts as cloud.
///
/// `usual` is the usual height of the clouds, metres.
pub fn swept(
    is_cloud: &(dyn Fn(usize, usize) -> bool + Sync),
    geometry: &Geometry,
    usual: f64,
) -> Array2<bool> {
    let (rows, columns) = geometry.shape();
    let shift = geometry.usual_from_sun().map(|shift| shift * usual);
    // Lines run along the longer part of the shift, one pixel a step.
    let down = shift[1].abs() >= shift[0].abs();
    let (steps, across) = if down {
        (rows, columns)
    } else {
        (columns, rows)
    };
    let (along, aside) = if down {
        (shift[1], shift[0])
    } else {
        (shift[0], shift[1])
    };
    let slope = aside / along.abs().max(f64::MIN_POSITIVE);
    let ahead = along >= 0.0;
    let nearest = (NEAREST_PART * along.abs()).floor() as usize;
    let furthest = (FURTHEST_PART * along.abs()).ceil() as usize;
    let drift = (slope * steps as f64).abs().ceil() as i64;
    // Position across of a line that began at `start`, after so many steps.
    let position = |start: i64, step: usize| start + (slope * step as f64).round() as i64;
    let lines = if slope >= 0.0 {
        -drift..across as i64
    } else {
        0..across as i64 + drift
    };
    let place = |step: usize, position: i64| {
        let position = usize::try_from(position)
            .ok()
            .filter(|position| *position < across)?;
        let step = if ahead { step } else { steps - 1 - step };
        Some(if down {
            (step, position)
        } else {
            (position, step)
        })
    };
    let cells: Vec<Vec<(usize, usize)>> = lines
        .into_par_iter()
        .map(|start| {
            // Clouds seen along the line, outside included: so many pixels of it lie before its first step.
            let mut sums = Vec::with_capacity(steps + 1);
            sums.push(0_u32);
            let mut reached = Vec::new();
            for step in 0..steps {
                let at = place(step, position(start, step));
                let cloud = at.is_none_or(|(row, column)| is_cloud(row, column));
                let sum = sums[step] + u32::from(cloud);
                sums.push(sum);
                let Some(at) = at else {
                    continue;
                };
                let outside = step < furthest;
                let first = (step + 1).saturating_sub(furthest + 1);
                let end = (step + 1).saturating_sub(nearest);
                if outside || sums[end] > sums[first.min(end)] {
                    reached.push(at);
                }
            }
            reached
        })
        .collect();
    let mut swept = Array2::from_elem((rows, columns), false);
    for at in cells.into_iter().flatten() {
        swept[at] = true;
    }
    swept
}
