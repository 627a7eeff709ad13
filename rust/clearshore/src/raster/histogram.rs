//! Exact percentiles of whole numbers, whatever the order in which they are counted.

/// Counts of the whole numbers in an interval; what lies outside is counted at its ends.
#[derive(Clone, Debug)]
pub struct Histogram {
    lowest: i32,
    counts: Vec<u64>,
    total: u64,
}

impl Histogram {
    /// Empty histogram of `lowest..=highest`.
    pub fn new(lowest: i32, highest: i32) -> Self {
        let bins = i64::from(highest) - i64::from(lowest) + 1;
        Self {
            lowest,
            counts: vec![0; bins.max(1) as usize],
            total: 0,
        }
    }

    /// Counts a value.
    pub fn add(&mut self, value: i32) {
        let bin =
            (i64::from(value) - i64::from(self.lowest)).clamp(0, self.counts.len() as i64 - 1);
        self.counts[bin as usize] += 1;
        self.total += 1;
    }

    /// Adds the counts of another histogram of the same interval.
    pub fn merge(mut self, other: &Self) -> Self {
        debug_assert_eq!(
            (self.lowest, self.counts.len()),
            (other.lowest, other.counts.len())
        );
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count += more;
        }
        self.total += other.total;
        self
    }

    /// How many values were counted.
    pub fn total(&self) -> u64 {
        self.total
    }

    /// The smallest value that at least `percent` of the values don't exceed (the inverse of the
    /// empirical distribution); `None` when nothing was counted.
    pub fn percentile(&self, percent: f64) -> Option<i32> {
        let rank =
            ((percent / 100.0 * self.total as f64).ceil() as u64).clamp(1, self.total.max(1));
        let mut below = 0;
        for (bin, count) in self.counts.iter().enumerate() {
            below += count;
            if below >= rank {
                return Some(self.lowest + bin as i32);
            }
        }
        None
    }
}

/// Counts of real numbers in steps: as exact as the step.
#[derive(Clone, Debug)]
pub struct ValueHistogram {
    lowest: f32,
    step: f32,
    counts: Histogram,
}

impl ValueHistogram {
    /// Empty histogram of an interval; what lies outside is counted at its ends.
    pub fn new(step: f32, (lowest, highest): (f32, f32)) -> Self {
        let counts = Histogram::new(0, ((highest - lowest) / step).round() as i32);
        Self {
            lowest,
            step,
            counts,
        }
    }

    /// Counts a value at the nearest step.
    pub fn add(&mut self, value: f32) {
        // Half a step up and cut: `round` is a function call on baseline x86-64.
        self.counts
            .add(((value - self.lowest) / self.step + 0.5) as i32);
    }

    /// Adds the counts of another histogram of the same interval.
    pub fn merge(self, other: &Self) -> Self {
        Self {
            counts: self.counts.merge(&other.counts),
            ..self
        }
    }

    /// How many values were counted.
    pub fn total(&self) -> u64 {
        self.counts.total()
    }

    /// The smallest step that at least `percent` of the values don't exceed; `None` when nothing was counted.
    pub fn percentile(&self, percent: f64) -> Option<f32> {
        self.counts
            .percentile(percent)
            .map(|bin| self.lowest + bin as f32 * self.step)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn percentiles_are_those_of_the_sorted_values(
            mut values in prop::collection::vec(-300..300_i32, 1..200),
            percent in 0.0..=100.0_f64,
            split in 0..200_usize,
        ) {
            let (left, right) = values.split_at(split.min(values.len()));
            let count = |part: &[i32]| {
                let mut histogram = Histogram::new(-250, 250);
                part.iter().for_each(|&value| histogram.add(value));
                histogram
            };
            let histogram = count(left).merge(&count(right));
            values.iter_mut().for_each(|value| *value = (*value).clamp(-250, 250));
            values.sort_unstable();
            let rank = (percent / 100.0 * values.len() as f64).ceil().max(1.0) as usize;
            prop_assert_eq!(histogram.percentile(percent), Some(values[rank - 1]));
            prop_assert_eq!(histogram.total(), values.len() as u64);
        }
    }

    #[test]
    fn nothing_counted_has_no_percentile() {
        assert_eq!(Histogram::new(0, 10).percentile(50.0), None);
    }

    #[test]
    fn values_come_back_to_half_a_step() {
        let mut histogram = ValueHistogram::new(0.001, (-1.0, 2.0));
        [-5.0, -0.4997, 0.25, 1.2344, 7.0]
            .into_iter()
            .for_each(|value| histogram.add(value));
        for (percent, value) in [
            (20.0, -1.0),
            (40.0, -0.4997),
            (60.0, 0.25),
            (80.0, 1.2344),
            (100.0, 2.0),
        ] {
            approx::assert_abs_diff_eq!(
                histogram.percentile(percent).unwrap(),
                value,
                epsilon = 0.0006
            );
        }
    }
}
