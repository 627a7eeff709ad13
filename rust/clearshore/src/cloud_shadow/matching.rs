//! How high clouds are: where their shadows fit.
//!
//! A cloud is moved along its shadows of all heights. It fits where most of the clear land under it is potential shadow;
//! what all clouds of the scene say together helps where one alone is not sure. Sources: Zhu & Woodcock 2012, section
//! 2.3; evidence from clear land alone, and the profile of the scene, are our own.

use super::geometry::{Geometry, LOWEST_CLOUD};
use super::{Clouds, ShadowBits, ShadowPlane};
use crate::raster::{Objects, Run};
use crate::{Progress, Result};
use ndarray::Array2;
use rayon::prelude::*;

/// Clouds are cut along lines this far apart; each piece is moved by the angles of its middle, metres.
const PIECE_SIDE: f64 = 1_000.0;
/// Step between the heights of the scene's profile, metres.
const PROFILE_STEP: f64 = 100.0;
/// Between two heights that are tried a shadow moves by this, pixels, or by this share of the cloud's own length.
const TRIED_STEP: f64 = 2.0;
const TRIED_SHARE: f64 = 0.25;
/// A height counts when at least this share of the shadow falls on clear land (own measurement).
const EVIDENCE_MIN: f64 = 0.15;
/// Least share of potential shadow on that land (Zhu & Woodcock 2012).
const SIMILARITY_MIN: f64 = 0.3;
/// Weight of the profile beside the cloud's own similarity, unitless (own measurement).
const PROFILE_WEIGHT: f64 = 0.5;

/// Heights around the best at which a cloud fits nearly as well throw its shadow too, as tall clouds do: share of the best
/// similarity (FORCE; Frantz et al. 2018).
const SPAN_SIMILARITY: f64 = 0.85;
/// Over water, where dark pixels are common, only heights as near to the best as this do, metres (own choice: half of the depth of tall cumulus).
const WATER_SPAN: f64 = 400.0;
/// Clouds of fewer pixels throw no shadow that could be told from noise, pixels (Zhu & Woodcock 2012).
const CLOUD_PIXELS_MIN: u64 = 3;

/// Part of a cloud whose shadow is moved as one.
#[derive(Clone, Debug)]
struct Piece {
    /// Row and column of its middle.
    place: [f64; 2],
    runs: Vec<Run>,
}

/// A cloud, in pieces.
#[derive(Clone, Debug)]
struct Cloud {
    pieces: Vec<Piece>,
    pixels: u64,
    /// The longer side of its frame, pixels.
    length: f64,
}

/// Clouds, cut where angles change.
#[derive(Default)]
pub struct Pieces(Vec<Cloud>);

impl Pieces {
    /// Cuts objects.
    pub fn of(objects: &Objects, geometry: &Geometry) -> Self {
        let side = (PIECE_SIDE / geometry.pixel_size()).max(1.0) as u32;
        let clouds = (0..objects.len())
            .into_par_iter()
            .map(|object| Cloud::of(objects.runs(object), objects.pixels(object), side));
        Self(clouds.collect())
    }

    /// Calls `each` with the runs of a cloud's shadow on the raster of a `shape`.
    pub fn shadow(
        &self,
        cloud: usize,
        height: f64,
        geometry: &Geometry,
        each: &mut dyn FnMut(Run),
    ) {
        if let Some(cloud) = self.0.get(cloud) {
            cloud.shadow(height, geometry, each);
        }
    }
}

impl Cloud {
    fn of(runs: &[Run], pixels: u64, side: u32) -> Self {
        let mut cut: Vec<((u32, u32), Run)> = Vec::with_capacity(runs.len());
        for run in runs {
            let mut first = run.first;
            while first < run.end {
                let end = run.end.min((first / side + 1) * side);
                cut.push(((run.row / side, first / side), Run { first, end, ..*run }));
                first = end;
            }
        }
        cut.sort_by_key(|(square, run)| (*square, run.row, run.first));
        let pieces = cut.chunk_by(|a, b| a.0 == b.0).map(|chunk| {
            let mut sum = [0.0; 2];
            let mut count = 0.0;
            for (_, run) in chunk {
                let pixels = run.pixels() as f64;
                sum[0] += pixels * f64::from(run.row);
                sum[1] += pixels * 0.5 * f64::from(run.first + run.end - 1);
                count += pixels;
            }
            Piece {
                place: sum.map(|sum| sum / count),
                runs: chunk.iter().map(|(_, run)| *run).collect(),
            }
        });
        let rows = runs
            .last()
            .zip(runs.first())
            .map_or(0, |(last, first)| last.row - first.row);
        let left = runs.iter().map(|run| run.first).min().unwrap_or(0);
        let right = runs.iter().map(|run| run.end).max().unwrap_or(0);
        Self {
            pieces: pieces.collect(),
            pixels,
            length: f64::from(rows.max(right - left)),
        }
    }

    fn shadow(&self, height: f64, geometry: &Geometry, each: &mut dyn FnMut(Run)) {
        let (rows, columns) = geometry.shape();
        for piece in &self.pieces {
            let shift = geometry.shift(piece.place, height);
            let (right, down) = (shift[0].round() as i64, shift[1].round() as i64);
            for run in &piece.runs {
                let row = i64::from(run.row) + down;
                let inside =
                    |column: u32| (i64::from(column) + right).clamp(0, columns as i64) as u32;
                let (first, end) = (inside(run.first), inside(run.end));
                if (0..rows as i64).contains(&row) && first < end {
                    let row = row as u32;
                    each(Run { row, first, end });
                }
            }
        }
    }
}

/// How many pixels of a row, up to a column, have two properties: runs are counted by two looks.
struct RowSums(Array2<[u16; 2]>);

impl RowSums {
    fn of(shape: (usize, usize), are: impl Fn(usize, usize) -> [bool; 2] + Sync) -> Self {
        let (rows, columns) = shape;
        let mut sums = Array2::from_elem((rows, columns + 1), [0; 2]);
        sums.outer_iter_mut()
            .into_par_iter()
            .enumerate()
            .for_each(|(row, mut sums)| {
                let mut sum = [0_u16; 2];
                for (column, out) in sums.iter_mut().skip(1).enumerate() {
                    for (sum, is) in sum.iter_mut().zip(are(row, column)) {
                        // Differences over less than a whole turn stay right.
                        *sum = sum.wrapping_add(u16::from(is));
                    }
                    *out = sum;
                }
            });
        Self(sums)
    }

    fn count(&self, run: Run) -> [u64; 2] {
        let at = |column: u32| self.0[[run.row as usize, column as usize]];
        let (first, end) = (at(run.first), at(run.end));
        std::array::from_fn(|of| u64::from(end[of].wrapping_sub(first[of])))
    }
}

/// Pixels of a shadow on clear land, and those of them in potential shadow.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Fit {
    hits: u64,
    evidence: u64,
}

impl Fit {
    fn similarity(self) -> f64 {
        self.hits as f64 / (self.evidence as f64).max(1.0)
    }
}

/// Heights of a cloud that its shadow agrees with, metres above the ground in the image.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Fitting {
    /// The best.
    pub height: f64,
    /// The lowest and the highest that are nearly as good.
    pub span: [f64; 2],
}

/// What is found about a cloud's height.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Match {
    /// Its own shadow tells.
    Found(Fitting),
    /// What is usual in the scene.
    Usual(Fitting),
    /// Nothing tells.
    Unknown,
}

/// Heights of the clouds of a scene.
#[derive(Debug, Default)]
pub struct Heights {
    /// Of each cloud.
    pub matches: Vec<Match>,
    /// The height that most clouds agree on.
    pub usual: Option<Fitting>,
}

impl Heights {
    /// Tries all heights.
    ///
    /// # Errors
    /// Cancelled.
    pub fn find(
        pieces: &Pieces,
        geometry: &Geometry,
        found: &Clouds<'_>,
        shadows: &ShadowPlane,
        progress: &dyn Progress,
    ) -> Result<Self> {
        let shape = geometry.shape();
        let sums = RowSums::of(shape, |row, column| {
            let is_evidence = found.is_witness(row, column) || found.is_water(row, column);
            [is_evidence, shadows[[row, column]] != 0]
        });
        let bins = ((geometry.highest - LOWEST_CLOUD) / PROFILE_STEP)
            .ceil()
            .max(1.0) as usize;
        let fit = |cloud: &Cloud, height: f64| {
            let mut fit = Fit::default();
            cloud.shadow(height, geometry, &mut |run| {
                let [evidence, hits] = sums.count(run);
                fit.evidence += evidence;
                fit.hits += hits;
            });
            let enough = fit.evidence as f64 >= EVIDENCE_MIN * cloud.pixels as f64;
            (enough && fit.evidence > 0).then_some(fit)
        };
        let pixels_per_metre = geometry.usual_from_sun();
        let pixels_per_metre = pixels_per_metre[0].hypot(pixels_per_metre[1]);
        // The best height of each cloud within each step of the profile.
        let best: Vec<Vec<Option<(f64, Fit)>>> = pieces
            .0
            .par_iter()
            .map(|cloud| {
                progress.check()?;
                if cloud.pixels < CLOUD_PIXELS_MIN {
                    return Ok(vec![None; bins]);
                }
                let step = TRIED_STEP.max(TRIED_SHARE * cloud.length);
                let tries = (PROFILE_STEP * pixels_per_metre / step).ceil().max(1.0) as usize;
                let of_bin = |bin: usize| {
                    let tried = (0..tries).filter_map(|part| {
                        let part = (part as f64 + 0.5) / tries as f64;
                        let height = LOWEST_CLOUD + PROFILE_STEP * (bin as f64 + part);
                        Some((height, fit(cloud, height)?))
                    });
                    tried.reduce(|a, b| {
                        if b.1.similarity() > a.1.similarity() {
                            b
                        } else {
                            a
                        }
                    })
                };
                Ok((0..bins).map(of_bin).collect())
            })
            .collect::<Result<_>>()?;
        let profile = Profile::of(&best, bins, geometry.usual);
        let matches = best.iter().map(|bins| profile.choose(bins)).collect();
        Ok(Self {
            matches,
            usual: profile.usual,
        })
    }
}

/// How well all clouds together fit at each height: 0 at the worst, 1 at the best.
struct Profile {
    agreement: Vec<f64>,
    usual: Option<Fitting>,
}

impl Profile {
    fn of(clouds: &[Vec<Option<(f64, Fit)>>], bins: usize, known: Option<f64>) -> Self {
        let mut sums = vec![Fit::default(); bins];
        for cloud in clouds {
            for (sum, (_, fit)) in sums
                .iter_mut()
                .zip(cloud)
                .filter_map(|(s, b)| Some((s, (*b)?)))
            {
                sum.hits += fit.hits;
                sum.evidence += fit.evidence;
            }
        }
        let similarity = |bin: usize| (sums[bin].evidence > 0).then(|| sums[bin].similarity());
        let (low, high) = (0..bins)
            .filter_map(similarity)
            .fold((f64::INFINITY, 0.0_f64), |(low, high), similarity| {
                (low.min(similarity), high.max(similarity))
            });
        let agreement: Vec<f64> = (0..bins)
            .map(|bin| match similarity(bin) {
                Some(similarity) if high > low => (similarity - low) / (high - low),
                _ => 0.0,
            })
            .collect();
        let best = match known {
            Some(height) => Some((((height - LOWEST_CLOUD) / PROFILE_STEP) as usize).min(bins - 1)),
            None => (0..bins)
                .filter(|_| high > 0.0)
                .reduce(|a, b| if agreement[b] > agreement[a] { b } else { a }),
        };
        let usual = best.map(|bin| Fitting {
            height: known.unwrap_or(LOWEST_CLOUD + PROFILE_STEP * (bin as f64 + 0.5)),
            span: span(bin, bins, similarity),
        });
        Self { agreement, usual }
    }

    fn choose(&self, bins: &[Option<(f64, Fit)>]) -> Match {
        let score = |bin: usize, fit: Fit| fit.similarity() + PROFILE_WEIGHT * self.agreement[bin];
        let best = bins
            .iter()
            .enumerate()
            .filter_map(|(bin, best)| best.map(|(height, fit)| (bin, height, fit, score(bin, fit))))
            .reduce(|a, b| if b.3 > a.3 { b } else { a });
        match best {
            Some((bin, height, fit, _)) if fit.similarity() >= SIMILARITY_MIN => {
                let similarity = |bin: usize| bins[bin].map(|(_, fit)| fit.similarity());
                Match::Found(Fitting {
                    height,
                    span: span(bin, bins.len(), similarity),
                })
            }
            _ => self.usual.map_or(Match::Unknown, Match::Usual),
        }
    }
}

/// The heights of the steps of the profile around the best one that are nearly as good.
fn span(best: usize, bins: usize, similarity: impl Fn(usize) -> Option<f64>) -> [f64; 2] {
    let least = SPAN_SIMILARITY * similarity(best).unwrap_or_default();
    let good = |bin: &usize| similarity(*bin).is_some_and(|similarity| similarity >= least);
    let first = (0..best).rev().take_while(good).last().unwrap_or(best);
    let last = (best + 1..bins).take_while(good).last().unwrap_or(best);
    [first, last + 1].map(|bin| LOWEST_CLOUD + PROFILE_STEP * bin as f64)
}

/// Draws the shadows of all clouds whose height is known or likely; at the heights that are nearly as good only where
/// the ground is dark; over water only for clouds whose own shadow tells.
pub fn draw(
    pieces: &Pieces,
    matches: &[Match],
    geometry: &Geometry,
    found: &Clouds<'_>,
    shadows: &mut ShadowPlane,
    progress: &dyn Progress,
) -> Result<()> {
    let pixels_per_metre = geometry.usual_from_sun();
    let pixels_per_metre = pixels_per_metre[0].hypot(pixels_per_metre[1]);
    for (cloud, (matched, shape)) in matches.iter().zip(&pieces.0).enumerate() {
        let (fitting, bit) = match *matched {
            Match::Found(fitting) => (fitting, ShadowBits::MATCHED),
            Match::Usual(fitting) => (fitting, ShadowBits::PROJECTED),
            Match::Unknown => continue,
        };
        progress.check()?;
        pieces.shadow(cloud, fitting.height, geometry, &mut |run| {
            let row = run.row as usize;
            for column in run.first as usize..run.end as usize {
                shadows[[row, column]] |= bit.bits();
            }
        });
        let [low, high] = fitting.span;
        let step = TRIED_STEP.max(TRIED_SHARE * shape.length);
        let steps = ((high - low) * pixels_per_metre / step).ceil().max(1.0) as usize;
        for part in 0..=steps {
            let height = low + (high - low) * part as f64 / steps as f64;
            let off_best = (height - fitting.height).abs();
            let is_near_best = bit == ShadowBits::MATCHED && off_best <= WATER_SPAN;
            pieces.shadow(cloud, height, geometry, &mut |run| {
                let row = run.row as usize;
                for column in run.first as usize..run.end as usize {
                    let bits = &mut shadows[[row, column]];
                    let dark = *bits & ShadowBits::POTENTIAL.bits() != 0;
                    let known = is_near_best || found.is_witness(row, column);
                    if dark && known {
                        *bits |= ShadowBits::SHADOW.bits();
                    }
                }
            });
        }
    }
    Ok(())
}
