//! Where the air tends to make cloud.

use super::super::noise::{Fractal, Row};
use super::super::shore::Shore;
use super::puffs::Puffs;

/// Sample points along the side of the tile on which the threshold is chosen.
const SAMPLES: usize = 400;

/// How strongly the air tends to make cloud.
pub(super) enum Field {
    /// Groups of heaps of puffs.
    Heaps {
        groups: Fractal,
        puffs: [(f64, Puffs); 4],
    },
    /// A smooth sheet that ends at the shore.
    OverSea {
        sheet: Fractal,
        rolls: Puffs,
        shore: Shore,
    },
    /// Long streaks within patches, bending together.
    Streaks {
        patches: Fractal,
        streaks: Fractal,
        bends: Fractal,
        /// Metres to the west per metre southwards.
        lean: f64,
    },
    /// Smooth banks along the shore.
    NearShore {
        banks: Fractal,
        rolls: Puffs,
        shore: Shore,
    },
}

/// Distance inland at which a sheet over the sea has ended, metres.
const INLAND_END: f64 = 1_000.0;
/// How much the field falls up to there: more than it can rise.
const INLAND_FALL: f64 = 2.0;
/// Distance from the shore, metres, within which fog is likelier, and by how much the field rises.
const FOG_REACH: f64 = 4_000.0;
const FOG_RISE: f64 = 0.8;
/// Strength of the rounded heads in sheets and banks.
const ROLLS: f64 = 0.3;
/// Strength of the heaps' groups.
const GROUPS: f64 = 0.75;
/// Length of cirrus streaks by their width.
const STREAK_LENGTH: f64 = 7.0;
/// How far streaks bend aside, metres.
const STREAK_BEND: f64 = 5_000.0;
/// Strengths of cirrus streaks and patches.
const STREAKS: f64 = 0.6;
const PATCHES: f64 = 1.0;

impl Field {
    /// The field along a row; `work` is room for a second field.
    pub fn fill(&self, row: Row, out: &mut [f64], work: &mut [f64]) {
        match self {
            Self::Heaps { groups, puffs } => {
                groups.fill(row, out);
                for value in out.iter_mut() {
                    *value *= GROUPS;
                }
                for (amplitude, puffs) in puffs {
                    puffs.add(*amplitude, row, out);
                }
            }
            Self::OverSea {
                sheet,
                rolls,
                shore,
            } => {
                sheet.fill(row, out);
                rolls.add(ROLLS, row, out);
                shore.distance_from_sea(row, work);
                for (value, inland) in out.iter_mut().zip(work) {
                    let share = (*inland / INLAND_END).clamp(0.0, 1.0);
                    *value -= INLAND_FALL * share * share;
                }
            }
            Self::Streaks {
                patches,
                streaks,
                bends,
                lean,
            } => {
                let along = Row { first: 0.0, ..row };
                let mut bend = [0.0];
                bends.fill(along, &mut bend);
                let leaning = Row {
                    first: row.first + lean * row.y + STREAK_BEND * bend[0],
                    step: row.step,
                    y: row.y / STREAK_LENGTH,
                };
                streaks.fill(leaning, work);
                patches.fill(row, out);
                for (value, streak) in out.iter_mut().zip(work) {
                    *value = PATCHES * *value + STREAKS * *streak;
                }
            }
            Self::NearShore {
                banks,
                rolls,
                shore,
            } => {
                banks.fill(row, out);
                rolls.add(ROLLS, row, out);
                shore.distance_from_sea(row, work);
                for (value, inland) in out.iter_mut().zip(work) {
                    *value += FOG_RISE * (1.0 - inland.abs() / FOG_REACH).max(0.0);
                }
            }
        }
    }

    /// Value of the field above which there is a share of the tile (of its sea, over the sea); `None`
    /// where there is no such place.
    pub fn quantile(&self, share: f64, extent: f64) -> Option<f64> {
        const CENTRE: f64 = 0.5;
        let step = extent / SAMPLES as f64;
        let (mut field, mut work) = (vec![0.0; SAMPLES], vec![0.0; SAMPLES]);
        let mut values = Vec::with_capacity(SAMPLES * SAMPLES);
        for line in 0..SAMPLES {
            let row = Row {
                first: CENTRE * step,
                step,
                y: (line as f64 + CENTRE) * step,
            };
            self.fill(row, &mut field, &mut work);
            if matches!(self, Self::OverSea { .. }) {
                let sea = field.iter().zip(&work).filter(|(_, inland)| **inland < 0.0);
                values.extend(sea.map(|(value, _)| *value));
            } else {
                values.extend_from_slice(&field);
            }
        }
        let last = values.len().checked_sub(1)?;
        let index = ((1.0 - share) * last as f64)
            .round()
            .clamp(0.0, last as f64) as usize;
        let (_, value, _) = values.select_nth_unstable_by(index, f64::total_cmp);
        Some(*value)
    }
}
