//! Figures of agreement from counts.

use super::experiment::Cell;
use serde::Serialize;
use std::ops::AddAssign;

/// Pixels by truth and mask: a positive is a pixel of the class that is asked for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Confusion {
    /// Called, and so it is.
    pub tp: u64,
    /// Called, but it is not.
    pub fp: u64,
    /// Not called, but it is.
    #[serde(rename = "fn")]
    pub fn_: u64,
    /// Not called, and it is not.
    pub tn: u64,
}

impl AddAssign for Confusion {
    fn add_assign(&mut self, other: Self) {
        self.tp += other.tp;
        self.fp += other.fp;
        self.fn_ += other.fn_;
        self.tn += other.tn;
    }
}

/// How much F2 weighs recall against precision.
const F2_BETA: u64 = 2;

impl Confusion {
    pub(super) fn add(&mut self, cell: Cell, pixels: u64) {
        *match cell {
            Cell::TruePositive => &mut self.tp,
            Cell::FalsePositive => &mut self.fp,
            Cell::FalseNegative => &mut self.fn_,
            Cell::TrueNegative => &mut self.tn,
        } += pixels;
    }

    /// All pixels.
    pub fn pixels(&self) -> u64 {
        self.tp + self.fp + self.fn_ + self.tn
    }

    /// Producer's accuracy, recall: `TP / (TP + FN)`; none where the truth has no positive.
    pub fn pa(&self) -> Option<f64> {
        ratio(self.tp, self.tp + self.fn_)
    }

    /// User's accuracy, precision: `TP / (TP + FP)`; none where the mask has no positive.
    pub fn ua(&self) -> Option<f64> {
        ratio(self.tp, self.tp + self.fp)
    }

    /// Specificity: `TN / (TN + FP)`; none where the truth has no negative.
    pub fn tnr(&self) -> Option<f64> {
        ratio(self.tn, self.tn + self.fp)
    }

    /// Balanced overall accuracy: `(PA + TNR) / 2`; none unless the truth has positives and negatives.
    pub fn boa(&self) -> Option<f64> {
        Some(0.5 * (self.pa()? + self.tnr()?))
    }

    /// `F_beta = (1 + beta²) TP / ((1 + beta²) TP + beta² FN + FP)`; none where neither side has a positive.
    fn f_beta(&self, beta: u64) -> Option<f64> {
        let hits = (1 + beta * beta) * self.tp;
        ratio(hits, hits + beta * beta * self.fn_ + self.fp)
    }

    /// All figures.
    pub fn figures(self) -> Figures {
        let boa = self.boa();
        Figures {
            counts: self,
            pa: self.pa(),
            ua: self.ua(),
            tnr: self.tnr(),
            boa,
            ber: boa.map(|boa| 1.0 - boa),
            f1: self.f_beta(1),
            f2: self.f_beta(F2_BETA),
            iou: ratio(self.tp, self.tp + self.fp + self.fn_),
            oa: ratio(self.tp + self.tn, self.pixels()),
        }
    }
}

/// Figures of agreement, 0 to 1; none where they would be 0/0.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Figures {
    /// The counts.
    #[serde(flatten)]
    pub counts: Confusion,
    /// Producer's accuracy, recall: `TP / (TP + FN)`.
    pub pa: Option<f64>,
    /// User's accuracy, precision: `TP / (TP + FP)`.
    pub ua: Option<f64>,
    /// Specificity: `TN / (TN + FP)`.
    pub tnr: Option<f64>,
    /// Balanced overall accuracy: `(PA + TNR) / 2`.
    pub boa: Option<f64>,
    /// Balanced error rate: `1 - BOA`.
    pub ber: Option<f64>,
    /// `2 TP / (2 TP + FN + FP)`.
    pub f1: Option<f64>,
    /// `5 TP / (5 TP + 4 FN + FP)`: recall weighs twice.
    pub f2: Option<f64>,
    /// Intersection over union: `TP / (TP + FN + FP)`.
    pub iou: Option<f64>,
    /// Overall accuracy: `(TP + TN) / all`.
    pub oa: Option<f64>,
}

/// A share; none of nothing.
pub(super) fn ratio(part: u64, whole: u64) -> Option<f64> {
    (whole > 0).then(|| part as f64 / whole as f64)
}

/// Below this a patch is lost, CloudSEN12.
const LOW: f64 = 0.1;
/// Above this a patch is good, CloudSEN12.
const HIGH: f64 = 0.9;

/// How a figure spreads over patches.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize)]
pub struct Spread {
    /// Patches where the figure exists.
    pub patches: usize,
    /// First quartile.
    pub q1: Option<f64>,
    /// Median.
    pub median: Option<f64>,
    /// Third quartile.
    pub q3: Option<f64>,
    /// Share of patches below 0.1.
    pub low: Option<f64>,
    /// Share of patches from 0.1 to 0.9, both included.
    pub middle: Option<f64>,
    /// Share of patches above 0.9.
    pub high: Option<f64>,
}

impl Spread {
    /// Spread of the values; of nothing, nothing.
    pub fn of(values: impl Iterator<Item = f64>) -> Self {
        let mut values: Vec<f64> = values.collect();
        values.sort_by(f64::total_cmp);
        let share = |is: &dyn Fn(f64) -> bool| {
            let count = values.iter().filter(|value| is(**value)).count();
            ratio(count as u64, values.len() as u64)
        };
        Self {
            patches: values.len(),
            q1: quantile(&values, 0.25),
            median: quantile(&values, 0.5),
            q3: quantile(&values, 0.75),
            low: share(&|value| value < LOW),
            middle: share(&|value| (LOW..=HIGH).contains(&value)),
            high: share(&|value| value > HIGH),
        }
    }
}

/// Quantile of sorted values: linear between the two nearest ranks, Hyndman and Fan's type 7, numpy's
/// default.
fn quantile(sorted: &[f64], share: f64) -> Option<f64> {
    let rank = share * sorted.len().checked_sub(1)? as f64;
    let below = sorted.get(rank.floor() as usize)?;
    let above = sorted.get(rank.ceil() as usize)?;
    Some(below + (above - below) * rank.fract())
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    #[test]
    fn figures_by_hand() {
        let figures = Confusion {
            tp: 6,
            fp: 2,
            fn_: 3,
            tn: 9,
        }
        .figures();
        for (figure, expected) in [
            (figures.pa, 2.0 / 3.0),
            (figures.ua, 0.75),
            (figures.tnr, 9.0 / 11.0),
            (figures.boa, (2.0 / 3.0 + 9.0 / 11.0) / 2.0),
            (figures.ber, 1.0 - (2.0 / 3.0 + 9.0 / 11.0) / 2.0),
            (figures.f1, 12.0 / 17.0),
            (figures.f2, 30.0 / 44.0),
            (figures.iou, 6.0 / 11.0),
            (figures.oa, 0.75),
        ] {
            assert_relative_eq!(figure.unwrap(), expected, epsilon = 1e-15);
        }
    }

    #[test]
    fn what_would_divide_by_nothing_is_no_figure() {
        let nothing = Confusion::default().figures();
        assert_eq!((nothing.pa, nothing.ua, nothing.boa), (None, None, None));
        assert_eq!((nothing.f2, nothing.iou, nothing.oa), (None, None, None));
        let no_cloud = Confusion {
            tn: 5,
            fp: 1,
            ..Confusion::default()
        }
        .figures();
        assert_eq!((no_cloud.pa, no_cloud.boa), (None, None));
        assert_eq!((no_cloud.ua, no_cloud.iou), (Some(0.0), Some(0.0)));
        let all_cloud = Confusion {
            tp: 5,
            ..Confusion::default()
        }
        .figures();
        assert_eq!(
            (all_cloud.pa, all_cloud.boa, all_cloud.oa),
            (Some(1.0), None, Some(1.0))
        );
    }

    #[test]
    fn quartiles_lie_between_the_ranks() {
        // By hand: ranks 0.75, 1.5 and 2.25 of 0.0, 0.1, 0.5, 1.0.
        let spread = Spread::of([0.5, 0.0, 1.0, 0.1].into_iter());
        assert_relative_eq!(spread.q1.unwrap(), 0.075, epsilon = 1e-15);
        assert_relative_eq!(spread.median.unwrap(), 0.3, epsilon = 1e-15);
        assert_relative_eq!(spread.q3.unwrap(), 0.625, epsilon = 1e-15);
        // 0.1 is in the middle.
        assert_eq!(
            (spread.low, spread.middle, spread.high),
            (Some(0.25), Some(0.5), Some(0.25))
        );
        assert_eq!(spread.patches, 4);
        assert_eq!(Spread::of([0.9].into_iter()).middle, Some(1.0));
        assert_eq!(Spread::of(std::iter::empty()), Spread::default());
    }
}
