//! Cloud shadow over water: where geometry puts it and the water is a little darker.
//!
//! Little of what a sensor sees over water is direct sunlight, so that no search for dark water finds shadows: the cloud's
//! height on land, or the usual one, says where to look, and all of a shadow is asked at once. Our own rule.

use super::geometry::Geometry;
use super::matching::{Match, Pieces};
use super::{Clouds, ShadowBits, ShadowPlane};
use crate::cloud::{Samples, SpectralBands, Surface};
use crate::raster::Run;
use crate::{Progress, Result};
use ndarray::Array2;
use rayon::prelude::*;

/// Shaded water is darker than this share of the clear water around, in blue and in green, unitless (own measurement).
const DARKER: f64 = 0.95;
/// Side of the squares whose clear water is added up, metres, and how many of them either side are around.
const SQUARE: f64 = 300.0;
const SQUARES_AROUND: usize = 5;
/// Least clear water around, pixels.
const PIXELS_MIN: u64 = 100;
/// Most of a shadow's water must be darker.
const MAJORITY: f64 = 0.5;

/// Clouds, and where their shadows fall.
pub struct Casts<'a> {
    pub pieces: &'a Pieces,
    pub matches: &'a [Match],
    pub geometry: &'a Geometry,
}

/// Marks the shadows over water that the image confirms.
///
/// # Errors
/// Cancelled.
pub fn confirm(
    bands: &SpectralBands<'_>,
    found: &Clouds<'_>,
    casts: &Casts<'_>,
    shadows: &mut ShadowPlane,
    progress: &dyn Progress,
) -> Result<()> {
    let Casts {
        pieces,
        matches,
        geometry,
    } = *casts;
    let (_, columns) = geometry.shape();
    let falls = (ShadowBits::MATCHED | ShadowBits::PROJECTED).bits();
    let is_water = |row: usize, column: usize| {
        found.is_clear(row, column) && found.surface(row, column).contains(Surface::WATER)
    };
    let lit =
        |row: usize, column: usize| is_water(row, column) && shadows[[row, column]] & falls == 0;
    let means = [&bands.blue, &bands.green].map(|band| LocalMeans::of(band, geometry, &lit));
    progress.check()?;
    let confirmed: Vec<Vec<Run>> = matches
        .par_iter()
        .enumerate()
        .map(|(cloud, matched)| {
            let (Match::Found(height) | Match::Usual(height)) = *matched else {
                return Ok(Vec::new());
            };
            progress.check()?;
            let (mut water, mut darker) = (0_u64, 0_u64);
            let mut runs = Vec::new();
            pieces.shadow(cloud, height, geometry, &mut |run| {
                let row = run.row as usize;
                let before = water;
                for column in run.first as usize..run.end as usize {
                    if is_water(row, column) {
                        water += 1;
                        let pixel = row * columns + column;
                        let dark = means
                            .iter()
                            .all(|band| band.is_darker((row, column), pixel));
                        darker += u64::from(dark);
                    }
                }
                if water > before {
                    runs.push(run);
                }
            });
            let is_shadow = water > 0 && darker as f64 > MAJORITY * water as f64;
            Ok(if is_shadow { runs } else { Vec::new() })
        })
        .collect::<Result<_>>()?;
    for run in confirmed.into_iter().flatten() {
        let row = run.row as usize;
        for column in run.first as usize..run.end as usize {
            if is_water(row, column) {
                shadows[[row, column]] |= ShadowBits::SHADOW.bits();
            }
        }
    }
    Ok(())
}

/// Mean of a band over the clear water around each square.
struct LocalMeans<'a> {
    band: Samples<'a>,
    side: usize,
    means: Array2<Option<f64>>,
}

impl<'a> LocalMeans<'a> {
    fn of(
        band: &Samples<'a>,
        geometry: &Geometry,
        lit: &(impl Fn(usize, usize) -> bool + Sync),
    ) -> Self {
        let (rows, columns) = geometry.shape();
        let side = (SQUARE / geometry.pixel_size()).max(1.0) as usize;
        let shape = (rows.div_ceil(side), columns.div_ceil(side));
        // Whole numbers: the order in which they are added does not show.
        let squares: Vec<(u64, u64)> = (0..shape.0 * shape.1)
            .into_par_iter()
            .map(|square| {
                let (top, left) = (square / shape.1 * side, square % shape.1 * side);
                let mut sum = (0, 0);
                for row in top..(top + side).min(rows) {
                    for column in left..(left + side).min(columns) {
                        if lit(row, column) {
                            sum.0 += u64::from(band.dn(row * columns + column));
                            sum.1 += 1;
                        }
                    }
                }
                sum
            })
            .collect();
        let means = Array2::from_shape_fn(shape, |(row, column)| {
            let (mut sum, mut count) = (0, 0);
            for r in row.saturating_sub(SQUARES_AROUND)..(row + SQUARES_AROUND + 1).min(shape.0) {
                for c in column.saturating_sub(SQUARES_AROUND)
                    ..(column + SQUARES_AROUND + 1).min(shape.1)
                {
                    let (more, pixels) = squares[r * shape.1 + c];
                    sum += more;
                    count += pixels;
                }
            }
            (count >= PIXELS_MIN).then(|| band.reflectance_of(sum as f64 / count as f64))
        });
        Self {
            band: *band,
            side,
            means,
        }
    }

    fn is_darker(&self, (row, column): (usize, usize), pixel: usize) -> bool {
        let mean = self.means[[row / self.side, column / self.side]];
        mean.is_some_and(|mean| f64::from(self.band.reflectance(pixel)) < DARKER * mean)
    }
}
