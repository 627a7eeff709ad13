//! Counting truth against mask: patch by patch, so that everything else is sums.

use super::experiment::{Cell, Experiment};
use super::figures::Confusion;
use super::strata::{Strata, Stratum};
use crate::codes::{Category, Label, Tells};
use crate::raster::within_distance;
use crate::{Error, Progress, Result};
use ndarray::{Array2, ArrayView2, Zip};
use rayon::prelude::*;
use std::ops::Range;

/// Side of a patch, pixels: that of CloudSEN12.
pub const PATCH_SIDE: usize = 509;
/// Valid pixels from which on a patch has figures of its own: half of a whole patch. Smaller remainders at the
/// right and lower rim and at the edge of the swath count in the pooled figures only.
pub const PATCH_LEAST_PIXELS: u64 = (PATCH_SIDE * PATCH_SIDE).div_ceil(2) as u64;
/// Water in a patch of the coast, share: 5 to 95 % (the project's protocol).
const COAST_WATER: [f64; 2] = [0.05, 0.95];
/// Different categories, as a number of bits.
const CATEGORY_BITS: u32 = 3;
const CATEGORIES: usize = 1 << CATEGORY_BITS;

/// Pixels by category of the truth (row) and of the mask (column).
pub(super) type Matrix = [[u64; CATEGORIES]; CATEGORIES];
/// Counts of all experiments, in their order.
pub(super) type Counts = [Confusion; Experiment::ALL.len()];

/// Truth and mask of one scene, on one grid.
pub struct Pair<'a> {
    /// The truth.
    pub truth: ArrayView2<'a, Label>,
    /// The mask, (rows, columns) as the truth.
    pub mask: ArrayView2<'a, Label>,
    /// What the truth's codes tell.
    pub truth_tells: Tells,
    /// What the mask's codes tell.
    pub mask_tells: Tells,
    /// Strata of each pixel, and which of them the truth knows.
    pub strata: Option<(ArrayView2<'a, Strata>, Strata)>,
    /// Whether the sun is low, where that is known.
    pub low_sun: Option<bool>,
    /// Side of a pixel, metres.
    pub pixel_size: f64,
}

/// How leniently to judge, beside the plain way.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    /// Rims of the truth's boundaries to leave out, pixels of the truth.
    pub tolerances: Vec<u32>,
    /// Common buffer around truth and mask, metres; none at 0.
    pub buffer: f64,
}

/// A way to compare.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Variant {
    /// Pixel by pixel, without the mask's own buffers.
    Plain,
    /// Without the pixels whose centre lies within so many pixels of one with the other answer in the truth.
    Tolerance(u32),
    /// The mask with its own buffers.
    OwnBuffer,
    /// Truth and mask both grown by so many metres, without the mask's own buffers.
    CommonBuffer(f64),
}

impl Variant {
    /// Name in tables and JSON.
    pub fn name(self) -> String {
        match self {
            Self::Plain => "plain".into(),
            Self::Tolerance(pixels) => format!("tolerance_{pixels}"),
            Self::OwnBuffer => "own_buffer".into(),
            Self::CommonBuffer(metres) => format!("common_buffer_{metres}"),
        }
    }

    /// Whether an experiment makes sense in it: buffers surround cloud and shadow only.
    pub(super) fn has(self, experiment: Experiment) -> bool {
        match self {
            Self::Plain | Self::Tolerance(_) => true,
            Self::OwnBuffer => !matches!(experiment, Experiment::Snow | Experiment::Water),
            Self::CommonBuffer(_) => matches!(
                experiment,
                Experiment::Cloud | Experiment::Shadow | Experiment::Invalid
            ),
        }
    }
}

/// What was counted of one scene or of several.
#[derive(Clone, Debug, PartialEq)]
pub struct Tally {
    pub(super) truth_tells: Tells,
    pub(super) mask_tells: Tells,
    /// Pixels of the truth's grid.
    pub(super) pixels: u64,
    pub(super) strata: [Option<Matrix>; Stratum::ALL.len()],
    pub(super) variants: Vec<VariantTally>,
}

/// What was counted in one way.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct VariantTally {
    pub variant: Variant,
    /// Over all pixels.
    pub pooled: Counts,
    /// Patches with enough pixels.
    pub patches: Vec<Counts>,
}

impl Tally {
    /// Compares the truth and the mask of a scene.
    ///
    /// # Errors
    /// Internal where the planes differ in shape; cancellation.
    pub fn of(pair: &Pair<'_>, settings: &Settings, progress: &dyn Progress) -> Result<Self> {
        let shape = pair.truth.dim();
        let strata_shape = pair.strata.as_ref().map_or(shape, |strata| strata.0.dim());
        if pair.mask.dim() != shape || strata_shape != shape {
            return Err(Error::internal("truth, mask and strata differ in shape")
                .got(format!("{:?}, {strata_shape:?}", pair.mask.dim()))
                .expected(format!("{shape:?}")));
        }
        let mut tolerances: Vec<u32> = settings.tolerances.clone();
        tolerances.retain(|pixels| *pixels > 0);
        tolerances.sort_unstable();
        tolerances.dedup();
        let mut others: Vec<Variant> = tolerances.into_iter().map(Variant::Tolerance).collect();
        if pair.mask_tells.contains(Tells::BUFFERS) {
            others.push(Variant::OwnBuffer);
        }
        if settings.buffer > 0.0 {
            others.push(Variant::CommonBuffer(settings.buffer));
        }
        progress.stage("evaluate", others.len() as u64 + 1);
        let patches = Patches::of(shape);
        let Plain {
            tally,
            strata,
            large,
        } = plain(pair, &patches, progress)?;
        let mut variants = vec![tally];
        for variant in others {
            let counts = match variant {
                Variant::CommonBuffer(metres) => {
                    with_common_buffer(pair, metres, &patches, progress)?
                }
                Variant::Tolerance(pixels) => without_rims(pair, pixels, &patches, progress)?,
                _ => with_own_buffer(pair, &patches, progress)?,
            };
            variants.push(VariantTally::new(variant, counts, &large));
        }
        Ok(Self {
            truth_tells: pair.truth_tells,
            mask_tells: pair.mask_tells,
            pixels: (shape.0 * shape.1) as u64,
            strata,
            variants,
        })
    }

    /// Adds another scene. What only one of the two can tell is dropped; strata count where they are known.
    pub fn add(&mut self, other: &Self) {
        self.truth_tells &= other.truth_tells;
        self.mask_tells &= other.mask_tells;
        self.pixels += other.pixels;
        for (mine, other) in self.strata.iter_mut().zip(&other.strata) {
            if let Some(other) = other {
                add_matrix(mine.get_or_insert_default(), other);
            }
        }
        self.variants.retain_mut(|mine| {
            let same = |theirs: &&VariantTally| theirs.variant == mine.variant;
            let Some(theirs) = other.variants.iter().find(same) else {
                return false;
            };
            add_counts(&mut mine.pooled, &theirs.pooled);
            mine.patches.extend_from_slice(&theirs.patches);
            true
        });
    }
}

impl VariantTally {
    fn new(variant: Variant, counts: Vec<Counts>, large: &[bool]) -> Self {
        let mut pooled = Counts::default();
        for counts in &counts {
            add_counts(&mut pooled, counts);
        }
        let patches = counts.into_iter().zip(large);
        Self {
            variant,
            pooled,
            patches: patches
                .filter(|patch| *patch.1)
                .map(|patch| patch.0)
                .collect(),
        }
    }
}

fn add_counts(sum: &mut Counts, more: &Counts) {
    sum.iter_mut()
        .zip(more)
        .for_each(|(sum, more)| *sum += *more);
}

fn add_matrix(sum: &mut Matrix, more: &Matrix) {
    for (sum, more) in sum.iter_mut().flatten().zip(more.iter().flatten()) {
        *sum += more;
    }
}

/// A grid cut into squares from its upper-left corner; those at the right and lower rim may be smaller.
struct Patches(Vec<(Range<usize>, Range<usize>)>);

impl Patches {
    fn of((rows, columns): (usize, usize)) -> Self {
        let cut = |size: usize| {
            (0..size)
                .step_by(PATCH_SIDE)
                .map(move |first| first..(first + PATCH_SIDE).min(size))
        };
        Self(
            cut(rows)
                .flat_map(|rows| cut(columns).map(move |columns| (rows.clone(), columns)))
                .collect(),
        )
    }

    /// How often each key occurs in each patch. `key` gives that of a pixel (row, column), below `keys`.
    fn histograms(
        &self,
        keys: usize,
        key: impl Fn([usize; 2]) -> usize + Sync,
        progress: &dyn Progress,
    ) -> Result<Vec<Vec<u32>>> {
        let histograms = self.0.par_iter().map(|(rows, columns)| {
            progress.check()?;
            let mut histogram = vec![0; keys];
            for row in rows.clone() {
                for column in columns.clone() {
                    histogram[key([row, column])] += 1;
                }
            }
            Ok(histogram)
        });
        let histograms = histograms.collect();
        progress.advance(1);
        histograms
    }

    /// Counts of the experiments in each patch: each key of a histogram falls into one cell of an experiment.
    fn counts(
        &self,
        keys: usize,
        key: impl Fn([usize; 2]) -> usize + Sync,
        cell: impl Fn(Experiment, usize) -> Option<Cell> + Sync,
        progress: &dyn Progress,
    ) -> Result<Vec<Counts>> {
        let histograms = self.histograms(keys, key, progress)?;
        Ok(histograms
            .iter()
            .map(|histogram| counts(histogram, &cell))
            .collect())
    }
}

fn counts(histogram: &[u32], cell: &impl Fn(Experiment, usize) -> Option<Cell>) -> Counts {
    let mut counts = Counts::default();
    for (key, &pixels) in histogram.iter().enumerate().filter(|bin| *bin.1 > 0) {
        for (confusion, experiment) in counts.iter_mut().zip(Experiment::ALL) {
            if let Some(cell) = cell(experiment, key) {
                confusion.add(cell, pixels.into());
            }
        }
    }
    counts
}

/// Truth and mask as one number: the key of the plain comparison.
const fn pair_key(truth: Label, mask: Label) -> usize {
    (truth.category() as usize) << CATEGORY_BITS | mask.category() as usize
}

const fn truth_of(key: usize) -> Category {
    Category::from_low_bits((key >> CATEGORY_BITS) as u8)
}

const fn mask_of(key: usize) -> Category {
    Category::from_low_bits(key as u8)
}

/// What the plain comparison leaves.
struct Plain {
    tally: VariantTally,
    strata: [Option<Matrix>; Stratum::ALL.len()],
    /// Which patches are large enough for figures of their own.
    large: Vec<bool>,
}

/// The plain comparison, and the strata.
fn plain(pair: &Pair<'_>, patches: &Patches, progress: &dyn Progress) -> Result<Plain> {
    let pair_keys = CATEGORIES * CATEGORIES;
    let (truth, mask) = (&pair.truth, &pair.mask);
    let histograms = match &pair.strata {
        Some((strata, _)) => patches.histograms(
            pair_keys << Strata::BITS,
            |at| usize::from(strata[at].bits()) * pair_keys + pair_key(truth[at], mask[at]),
            progress,
        )?,
        None => patches.histograms(pair_keys, |at| pair_key(truth[at], mask[at]), progress)?,
    };
    let known = pair
        .strata
        .as_ref()
        .map_or(Strata::empty(), |strata| strata.1);
    let both_sides = Strata::LAND | Strata::WATER;
    let mut strata = Stratum::ALL.map(|stratum| {
        let is_known = match stratum {
            Stratum::Whole => true,
            Stratum::Pixels(bit) => known.contains(bit),
            Stratum::Coast => known.contains(both_sides),
            Stratum::LowSun => pair.low_sun.is_some(),
        };
        is_known.then(Matrix::default)
    });
    let mut large = Vec::with_capacity(histograms.len());
    let mut each = Vec::with_capacity(histograms.len());
    for histogram in histograms {
        let cell = |experiment: Experiment, key| experiment.cell(truth_of(key), mask_of(key));
        each.push(counts(&histogram, &cell));
        let (mut valid, mut water) = (0, 0);
        for (key, &count) in histogram.iter().enumerate().filter(|bin| *bin.1 > 0) {
            if truth_of(key).is_known() {
                valid += u64::from(count);
                let bits = Strata::from_bits_retain((key / pair_keys) as u16);
                water += u64::from(count) * u64::from(bits.contains(Strata::WATER));
            }
        }
        let is_large = valid >= PATCH_LEAST_PIXELS;
        let [least, most] = COAST_WATER.map(|share| share * valid as f64);
        let is_coast = is_large && (least..=most).contains(&(water as f64));
        large.push(is_large);
        for (stratum, matrix) in Stratum::ALL.iter().zip(&mut strata) {
            let Some(matrix) = matrix else { continue };
            for (key, &count) in histogram.iter().enumerate().filter(|bin| *bin.1 > 0) {
                let bits = Strata::from_bits_retain((key / pair_keys) as u16);
                let is_in = match stratum {
                    Stratum::Whole => true,
                    Stratum::Pixels(bit) => bits.contains(*bit),
                    Stratum::Coast => is_coast,
                    Stratum::LowSun => pair.low_sun == Some(true),
                };
                if is_in {
                    matrix[truth_of(key) as usize][mask_of(key) as usize] += u64::from(count);
                }
            }
        }
    }
    Ok(Plain {
        tally: VariantTally::new(Variant::Plain, each, &large),
        strata,
        large,
    })
}

/// The comparison without the rims of the truth's boundaries. Each experiment has its own: the pixels that have
/// one with the other answer within the tolerance.
fn without_rims(
    pair: &Pair<'_>,
    tolerance: u32,
    patches: &Patches,
    progress: &dyn Progress,
) -> Result<Vec<Counts>> {
    const BOUNDARIES: [Experiment; 5] = [
        Experiment::Cloud,
        Experiment::Shadow,
        Experiment::Invalid,
        Experiment::Snow,
        Experiment::Water,
    ];
    let truth = &pair.truth;
    let shape = truth.dim();
    let mut rims: Array2<u8> = Array2::zeros(shape);
    for (number, experiment) in BOUNDARIES.into_iter().enumerate() {
        for answer in [false, true] {
            progress.check()?;
            let answers = |row, column| experiment.truth(truth[[row, column]].category());
            let near = within_distance(shape, tolerance.into(), |row, column| {
                answers(row, column) == Some(answer)
            });
            let other = Some(!answer);
            Zip::from(&mut rims)
                .and(&near)
                .and(truth)
                .par_for_each(|rims, &near, truth| {
                    if near && experiment.truth(truth.category()) == other {
                        *rims |= 1 << number;
                    }
                });
        }
    }
    let bit_of = |experiment: Experiment| {
        let boundary = experiment.boundary();
        let number = BOUNDARIES.iter().position(|other| *other == boundary);
        number.map_or(0, |number| 1 << number)
    };
    let pair_keys = CATEGORIES * CATEGORIES;
    patches.counts(
        pair_keys << BOUNDARIES.len(),
        |at| usize::from(rims[at]) * pair_keys + pair_key(truth[at], pair.mask[at]),
        |experiment, key| {
            let in_rim = (key / pair_keys) & bit_of(experiment) != 0;
            let cell = experiment.cell(truth_of(key), mask_of(key));
            cell.filter(|_| !in_rim)
        },
        progress,
    )
}

/// The comparison with the mask's own buffers: they count as what they surround.
fn with_own_buffer(
    pair: &Pair<'_>,
    patches: &Patches,
    progress: &dyn Progress,
) -> Result<Vec<Counts>> {
    let (truth, mask) = (&pair.truth, &pair.mask);
    patches.counts(
        CATEGORIES * Label::NUMBERS,
        |at| truth[at].category() as usize * Label::NUMBERS + mask[at].number(),
        |experiment, key| {
            let truth = Category::from_low_bits((key / Label::NUMBERS) as u8);
            let mask = Label::from_number(key % Label::NUMBERS);
            let near = match experiment {
                Experiment::Shadow => mask.is_near_shadow(),
                Experiment::Invalid => mask.is_near_cloud() || mask.is_near_shadow(),
                _ => mask.is_near_cloud(),
            };
            let called = experiment.called(mask.category())? || near;
            Some(Cell::of(experiment.truth(truth)?, called))
        },
        progress,
    )
}

/// The comparison with cloud and shadow of truth and mask grown by the same distance.
fn with_common_buffer(
    pair: &Pair<'_>,
    metres: f64,
    patches: &Patches,
    progress: &dyn Progress,
) -> Result<Vec<Counts>> {
    const TRUTH_CLOUD: u8 = 1;
    const TRUTH_SHADOW: u8 = 1 << 1;
    const MASK_CLOUD: u8 = 1 << 2;
    const MASK_SHADOW: u8 = 1 << 3;
    const VALID: u8 = 1 << 4;
    let shape = pair.truth.dim();
    let radius = metres / pair.pixel_size;
    let mut grown = pair.truth.map(|label| {
        if label.category().is_known() {
            VALID
        } else {
            0
        }
    });
    for (labels, bit, is) in [
        (
            &pair.truth,
            TRUTH_CLOUD,
            Category::is_cloud as fn(Category) -> bool,
        ),
        (&pair.truth, TRUTH_SHADOW, is_shadow),
        (&pair.mask, MASK_CLOUD, Category::is_cloud),
        (&pair.mask, MASK_SHADOW, is_shadow),
    ] {
        progress.check()?;
        let within = within_distance(shape, radius, |row, column| {
            is(labels[[row, column]].category())
        });
        Zip::from(&mut grown)
            .and(&within)
            .par_for_each(|grown, &within| {
                if within {
                    *grown |= bit;
                }
            });
    }
    patches.counts(
        usize::from(VALID) << 1,
        |at| usize::from(grown[at]),
        |experiment, key| {
            let key = key as u8;
            let (truth, mask) = match experiment {
                Experiment::Cloud => (TRUTH_CLOUD, MASK_CLOUD),
                Experiment::Shadow => (TRUTH_SHADOW, MASK_SHADOW),
                Experiment::Invalid => (TRUTH_CLOUD | TRUTH_SHADOW, MASK_CLOUD | MASK_SHADOW),
                _ => return None,
            };
            (key & VALID != 0).then(|| Cell::of(key & truth != 0, key & mask != 0))
        },
        progress,
    )
}

fn is_shadow(category: Category) -> bool {
    category == Category::Shadow
}
