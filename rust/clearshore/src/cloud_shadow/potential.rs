//! Potential shadow: ground that is darker in NIR and SWIR1 than all that surrounds it.
//!
//! Each band is filled up to the rims of its hollows; what was filled by much is potential shadow. Source: Zhu & Woodcock
//! 2012, eq. 17; relative depth as in Fmask 5; border at the median of clear land by our own measurement. The filling is
//! done on means of pixels, as its levels are smooth where the image is not.

use super::{Clouds, ShadowBits, ShadowPlane};
use crate::cloud::{Samples, SpectralBands};
use crate::raster::{Histogram, fill_hollows, fill_strips, fold_strips};
use crate::scene::Scene;
use crate::{Progress, Result};
use ndarray::Array2;

/// Potential shadow is filled by more than this share of its level, unitless (own measurement on labelled pixels).
const DEPTH_MIN: f32 = 0.20;
/// Percentile of clear land at which the flood stands outside, percent (own measurement on labelled pixels).
const BORDER_PERCENTILE: f64 = 50.0;
/// Side of the pixels that are filled, metres, unless the scene's are larger.
const FILLED_PIXEL: f64 = 40.0;
/// Steps of reflectance per unit.
const STEPS_PER_UNIT: f32 = 10_000.0;
/// Largest step; the one above says that nothing is known.
const STEP_MAX: f32 = 65_534.0;

/// Finds potential shadow; all other bits are 0.
///
/// # Errors
/// Cancelled.
pub fn find(
    scene: &Scene,
    bands: &SpectralBands<'_>,
    found: &Clouds<'_>,
    progress: &dyn Progress,
) -> Result<ShadowPlane> {
    let side = ((FILLED_PIXEL / scene.grid().pixel_size) as usize).max(1);
    let (near_infrared, swir1) = rayon::join(
        || Filled::of(&bands.near_infrared, side, found, progress),
        || Filled::of(&bands.swir1, side, found, progress),
    );
    let filled = [near_infrared?, swir1?];
    let columns = scene.grid().width;
    let mut shadows = ShadowPlane::zeros(scene.grid().shape());
    fill_strips(&mut shadows, progress, |first, shadows| {
        for (pixel, bits) in (first..).zip(shadows) {
            let at = (pixel / columns, pixel % columns);
            if found.is_witness(at.0, at.1) && filled.iter().all(|band| band.is_deep(at, pixel)) {
                *bits = ShadowBits::POTENTIAL.bits();
            }
        }
    })?;
    Ok(shadows)
}

/// A band and the levels to which its hollows are filled.
struct Filled<'a> {
    band: Samples<'a>,
    side: usize,
    levels: Array2<u16>,
}

impl<'a> Filled<'a> {
    fn of(
        band: &Samples<'a>,
        side: usize,
        found: &Clouds<'_>,
        progress: &dyn Progress,
    ) -> Result<Self> {
        let (rows, columns) = found.surface.dim();
        let border = fold_strips(
            rows * columns,
            progress,
            || Histogram::new(0, STEP_MAX as i32),
            |histogram, pixels| {
                for pixel in pixels {
                    if found.is_witness(pixel / columns, pixel % columns) {
                        histogram.add(step_of(band.reflectance(pixel)).into());
                    }
                }
            },
            |a, b| a.merge(&b),
        )?;
        let border = border.percentile(BORDER_PERCENTILE).unwrap_or(0) as u16;
        let coarse = (rows.div_ceil(side), columns.div_ceil(side));
        let mut means = Array2::from_elem(coarse, u16::MAX);
        fill_strips(&mut means, progress, |first, means| {
            for (block, mean) in (first..).zip(means) {
                let (top, left) = (block / coarse.1 * side, block % coarse.1 * side);
                let (mut sum, mut count) = (0_u32, 0_u32);
                for row in top..(top + side).min(rows) {
                    for column in left..(left + side).min(columns) {
                        if found.surface[[row, column]] != 0 {
                            sum += u32::from(step_of(band.reflectance(row * columns + column)));
                            count += 1;
                        }
                    }
                }
                if let Some(value) = sum.checked_div(count) {
                    *mean = value as u16;
                }
            }
        })?;
        progress.check()?;
        Ok(Self {
            band: *band,
            side,
            levels: fill_hollows(&means, border),
        })
    }

    fn is_deep(&self, (row, column): (usize, usize), pixel: usize) -> bool {
        let level = f32::from(self.levels[[row / self.side, column / self.side]]);
        let here = STEPS_PER_UNIT * self.band.reflectance(pixel);
        level - here > DEPTH_MIN * level
    }
}

fn step_of(reflectance: f32) -> u16 {
    (STEPS_PER_UNIT * reflectance + 0.5).clamp(0.0, STEP_MAX) as u16
}
