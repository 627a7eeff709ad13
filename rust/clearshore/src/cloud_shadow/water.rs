//! Cloud shadow over water: a little darker than the water around.
//!
//! Little of what a sensor sees over water is direct sunlight, so that dark water alone says nothing: it is shadow where
//! the shadow of a cloud should fall and most of that is darker than the clear water around, in blue and in green. Our own
//! rule.

use super::geometry::Geometry;
use super::matching::{Fitting, Match, Pieces};
use super::surroundings::LocalMeans;
use super::{Clouds, ShadowBits, ShadowPlane};
use crate::cloud::SpectralBands;
use crate::raster::{Run, fill_strips, places_from};
use crate::{Progress, Result};
use rayon::prelude::*;

/// Shaded water is darker than this share of the clear water around, in blue and in green, unitless (own measurement).
const DARKER: f64 = 0.95;
/// Most of a shadow's water must be darker, or be among land most of which is in shade.
const MAJORITY: f64 = 0.5;

/// Marks clear water that is darker than the water around as potential shadow.
///
/// # Errors
/// Cancelled.
pub fn find_dark(
    bands: &SpectralBands<'_>,
    found: &Clouds<'_>,
    pixel_size: f64,
    shadows: &mut ShadowPlane,
    progress: &dyn Progress,
) -> Result<()> {
    let (rows, columns) = shadows.dim();
    let is_water = |row: usize, column: usize| found.is_water(row, column);
    let means = [&bands.blue, &bands.green]
        .map(|band| LocalMeans::of(band, (rows, columns), pixel_size, DARKER, is_water));
    progress.check()?;
    fill_strips(shadows, progress, |first, shadows| {
        let pixels = (first..).zip(places_from(first, columns));
        for ((pixel, at), bits) in pixels.zip(shadows) {
            if found.is_water(at.0, at.1) && means.iter().all(|band| band.is_darker(at, pixel)) {
                *bits |= ShadowBits::POTENTIAL.bits();
            }
        }
    })
}

/// Marks the shadows over water that the image confirms.
///
/// # Errors
/// Cancelled.
pub fn confirm(
    found: &Clouds<'_>,
    pieces: &Pieces,
    matches: &[Match],
    geometry: &Geometry,
    shadows: &mut ShadowPlane,
    progress: &dyn Progress,
) -> Result<()> {
    let confirmed: Vec<Vec<Run>> = matches
        .par_iter()
        .enumerate()
        .map(|(cloud, matched)| {
            let (Match::Found(Fitting { height, .. }) | Match::Usual(Fitting { height, .. })) =
                *matched
            else {
                return Ok(Vec::new());
            };
            progress.check()?;
            let (mut water, mut darker) = (0_u64, 0_u64);
            let (mut land, mut shaded) = (0_u64, 0_u64);
            let mut runs = Vec::new();
            pieces.shadow(cloud, height, geometry, &mut |run| {
                let row = run.row as usize;
                let before = water;
                for column in run.first as usize..run.end as usize {
                    if found.is_water(row, column) {
                        water += 1;
                        let bits = ShadowBits::from_bits_retain(shadows[[row, column]]);
                        darker += u64::from(bits.contains(ShadowBits::POTENTIAL));
                    } else if found.is_witness(row, column) {
                        let bits = ShadowBits::from_bits_retain(shadows[[row, column]]);
                        land += 1;
                        shaded += u64::from(bits.contains(ShadowBits::SHADOW));
                    }
                }
                if water > before {
                    runs.push(run);
                }
            });
            let is_dark = darker as f64 > MAJORITY * water as f64;
            let is_among_shade = land > water && shaded as f64 > MAJORITY * land as f64;
            let is_shadow = water > 0 && (is_dark || is_among_shade);
            Ok(if is_shadow { runs } else { Vec::new() })
        })
        .collect::<Result<_>>()?;
    for run in confirmed.into_iter().flatten() {
        let row = run.row as usize;
        for column in run.first as usize..run.end as usize {
            if found.is_water(row, column) {
                shadows[[row, column]] |= ShadowBits::SHADOW.bits();
            }
        }
    }
    Ok(())
}
