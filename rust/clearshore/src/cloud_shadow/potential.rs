//! Potential shadow: ground that is darker in NIR and SWIR1 than all that surrounds it.
//!
//! Each band is filled up to the rims of its hollows; what was filled by much is potential shadow. Source: Zhu & Woodcock
//! 2012, eq. 17; relative depth as in Fmask 5; border at the median of clear land by our own measurement. The filling is
//! done on means of pixels, as its levels are smooth where the image is not.
//!
//! Ground in shadow is lit by the sky, which is blue: it is dark in NIR beside blue, where a dark wood is not. Snow between
//! darker ground is no hollow: it is compared with the snow around. Both are our own rules.

use super::illumination::Illumination;
use super::surroundings::LocalMeans;
use super::{Clouds, ShadowBits, ShadowPlane};
use crate::cloud::indices::SMALLEST_REFLECTANCE;
use crate::cloud::{Samples, SpectralBands, Surface};
use crate::raster::{
    Histogram, fill_hollows, fill_strips, fold_strips, places_from, within_distance,
};
use crate::scene::Scene;
use crate::{Progress, Result};
use ndarray::Array2;

/// Potential shadow is filled by more than this share of its level, unitless (own measurement on labelled pixels).
const DEPTH_MIN: f32 = 0.20;
/// Percentile of clear land at which the flood stands outside, percent (own measurement on labelled pixels).
const BORDER_PERCENTILE: f64 = 50.0;
/// Shadow has less NIR by blue than the median of clear land, and near it, metres, less than this share of that (own
/// measurement on labelled pixels: it costs 0.006 of balanced accuracy; dark wood by meadow is 0.7).
const BLUENESS_MAX: f32 = 0.65;
const BLUENESS_NEAR: f64 = 100.0;
/// NIR by blue of sunlit land is at least this, unitless (own choice, below meadow, wood and soil under a sun 18 degrees
/// high): where cloud leaves only shaded land, that is no measure.
const SUNLIT_RATIO: f32 = 1.5;
/// Steps of NIR by blue per unit.
const RATIO_STEPS_PER_UNIT: f32 = 1_000.0;
/// Snow in shadow is darker than this share of the snow around in NIR and in blue, unitless (own choice).
const DARKER_SNOW: f64 = 0.7;
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
    relief: &Illumination<'_>,
    progress: &dyn Progress,
) -> Result<ShadowPlane> {
    let side = ((FILLED_PIXEL / scene.grid().pixel_size) as usize).max(1);
    let (near_infrared, swir1) = rayon::join(
        || Filled::of(&bands.near_infrared, side, found, relief, progress),
        || Filled::of(&bands.swir1, side, found, relief, progress),
    );
    let filled = [near_infrared?, swir1?];
    let (rows, columns) = scene.grid().shape();
    let pixel_size = scene.grid().pixel_size;
    let is_snow = |row: usize, column: usize| {
        found.surface(row, column).contains(Surface::SNOW) && found.is_witness(row, column)
    };
    let snow = [&bands.near_infrared, &bands.blue]
        .map(|band| LocalMeans::of(band, (rows, columns), pixel_size, DARKER_SNOW, is_snow));
    progress.check()?;
    let skylight = Skylight::of(bands, side, found, progress)?;
    let blue = within_distance(
        (rows, columns),
        BLUENESS_NEAR / pixel_size,
        |row, column| found.is_witness(row, column) && skylight.is_strong((row, column)),
    );
    let blue = blue.as_slice().unwrap_or_default();
    let mut shadows = ShadowPlane::zeros((rows, columns));
    fill_strips(&mut shadows, progress, |first, shadows| {
        let pixels = (first..).zip(places_from(first, columns));
        for ((pixel, at), bits) in pixels.zip(shadows) {
            if !found.is_witness(at.0, at.1) {
                continue;
            }
            let is_hollow = blue[pixel]
                && skylight.may_be(pixel)
                && filled.iter().all(|band| band.is_deep(at, pixel));
            let is_dark_snow = || {
                let to_level = relief.to_level(pixel);
                let is_darker = |band: &LocalMeans<'_>| band.is_darker_by(to_level, at, pixel);
                is_snow(at.0, at.1) && snow.iter().all(is_darker)
            };
            if is_hollow || is_dark_snow() {
                *bits = ShadowBits::POTENTIAL.bits();
            }
        }
    })?;
    Ok(shadows)
}

/// Pixels along a side of a block. Nearly always a power of two, by which nothing need be divided.
#[derive(Clone, Copy)]
struct Side {
    pixels: usize,
    shift: Option<u32>,
}

impl Side {
    fn of(pixels: usize) -> Self {
        let shift = pixels.is_power_of_two().then(|| pixels.trailing_zeros());
        Self { pixels, shift }
    }

    /// In which block along a side a pixel lies.
    #[inline]
    fn block(self, pixel: usize) -> usize {
        match self.shift {
            Some(shift) => pixel >> shift,
            None => pixel / self.pixels,
        }
    }
}

/// How much of the light comes from the sky: NIR by blue.
struct Skylight<'a> {
    bands: [Samples<'a>; 2],
    side: Side,
    /// NIR by blue of blocks.
    ratios: Array2<f32>,
    /// Median over clear land without snow, or that of sunlit land.
    median: f32,
}

impl<'a> Skylight<'a> {
    fn of(
        bands: &SpectralBands<'a>,
        side: usize,
        found: &Clouds<'_>,
        progress: &dyn Progress,
    ) -> Result<Self> {
        let (rows, columns) = found.surface.dim();
        let samples = [bands.near_infrared, bands.blue];
        let ratios = fold_strips(
            rows * columns,
            progress,
            || Histogram::new(0, STEP_MAX as i32),
            |histogram, pixels| {
                for (pixel, (row, column)) in pixels.clone().zip(places_from(pixels.start, columns))
                {
                    let is_snow = found.surface(row, column).contains(Surface::SNOW);
                    if found.is_witness(row, column) && !is_snow {
                        let ratio = RATIO_STEPS_PER_UNIT * ratio_of(&samples, pixel);
                        histogram.add(ratio.clamp(0.0, STEP_MAX) as i32);
                    }
                }
            },
            |a, b| a.merge(&b),
        )?;
        let median = ratios
            .percentile(BORDER_PERCENTILE)
            .map_or(SUNLIT_RATIO, |step| step as f32 / RATIO_STEPS_PER_UNIT)
            .max(SUNLIT_RATIO);
        let coarse = (rows.div_ceil(side), columns.div_ceil(side));
        let mut ratios = Array2::zeros(coarse);
        fill_strips(&mut ratios, progress, |first, ratios| {
            for (block, ratio) in (first..).zip(ratios) {
                let (top, left) = (block / coarse.1 * side, block % coarse.1 * side);
                let mut sums = [0.0_f32; 2];
                for row in top..(top + side).min(rows) {
                    for column in left..(left + side).min(columns) {
                        if !found.is_witness(row, column) {
                            continue;
                        }
                        for (sum, band) in sums.iter_mut().zip(&samples) {
                            *sum += band.reflectance(row * columns + column);
                        }
                    }
                }
                *ratio = sums[0] / sums[1].max(SMALLEST_REFLECTANCE);
            }
        })?;
        Ok(Self {
            bands: samples,
            side: Side::of(side),
            ratios,
            median,
        })
    }

    fn is_strong(&self, (row, column): (usize, usize)) -> bool {
        self.ratios[[self.side.block(row), self.side.block(column)]] < BLUENESS_MAX * self.median
    }

    fn may_be(&self, pixel: usize) -> bool {
        ratio_of(&self.bands, pixel) < self.median
    }
}

fn ratio_of(bands: &[Samples<'_>; 2], pixel: usize) -> f32 {
    bands[0].reflectance(pixel) / bands[1].reflectance(pixel).max(SMALLEST_REFLECTANCE)
}

/// A band and the levels to which its hollows are filled.
struct Filled<'a> {
    band: Samples<'a>,
    relief: &'a Illumination<'a>,
    side: Side,
    levels: Array2<u16>,
}

impl<'a> Filled<'a> {
    fn of(
        band: &Samples<'a>,
        side: usize,
        found: &Clouds<'_>,
        relief: &'a Illumination<'a>,
        progress: &dyn Progress,
    ) -> Result<Self> {
        let (rows, columns) = found.surface.dim();
        let level = |pixel: usize| relief.to_level(pixel) * band.reflectance(pixel);
        let border = fold_strips(
            rows * columns,
            progress,
            || Histogram::new(0, STEP_MAX as i32),
            |histogram, pixels| {
                for (pixel, (row, column)) in pixels.clone().zip(places_from(pixels.start, columns))
                {
                    if found.is_witness(row, column) {
                        histogram.add(step_of(level(pixel)).into());
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
                let (mut sums, mut counts) = ([0_u32; 2], [0_u32; 2]);
                for row in top..(top + side).min(rows) {
                    for column in left..(left + side).min(columns) {
                        if found.surface[[row, column]] != 0 {
                            let step = step_of(level(row * columns + column));
                            // Ground at the rim of a cloud is as deep as it is without the cloud.
                            let kind = usize::from(found.is_clear(row, column));
                            sums[kind] += u32::from(step);
                            counts[kind] += 1;
                        }
                    }
                }
                let clear = sums[1].checked_div(counts[1]);
                if let Some(value) = clear.or(sums[0].checked_div(counts[0])) {
                    *mean = value as u16;
                }
            }
        })?;
        progress.check()?;
        Ok(Self {
            band: *band,
            relief,
            side: Side::of(side),
            levels: fill_hollows(&means, border),
        })
    }

    fn is_deep(&self, (row, column): (usize, usize), pixel: usize) -> bool {
        let level = f32::from(self.levels[[self.side.block(row), self.side.block(column)]]);
        let here = STEPS_PER_UNIT * self.relief.to_level(pixel) * self.band.reflectance(pixel);
        level - here > DEPTH_MIN * level
    }
}

fn step_of(reflectance: f32) -> u16 {
    (STEPS_PER_UNIT * reflectance + 0.5).clamp(0.0, STEP_MAX) as u16
}

#[cfg(test)]
mod tests {
    use super::Side;

    #[test]
    fn blocks_are_quotients() {
        for side in 1..10 {
            assert!((0..50).all(|pixel| Side::of(side).block(pixel) == pixel / side));
        }
    }
}
