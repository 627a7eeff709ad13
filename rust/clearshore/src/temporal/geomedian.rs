//! The geometric median of the observations of a pixel: the spectrum with the smallest sum of distances to all of them.
//!
//! Steps of Weiszfeld, as Vardi & Zhang (2000) take them, where the median may lie on an observation itself. They get short long
//! before they arrive where the observations lie along a line, as spectra do; so between them Newton's step on the same sum is
//! tried, and kept only where it makes the sum smaller.

use super::{Spectrum, Wide};

/// The search ends with a step shorter than this, reflectance (hdstats: 1e-4 to 1e-7).
const STEP_MIN: f64 = 1e-7;
/// The same for steps of Newton, which leave about the square of their length over the spread of the observations.
const NEWTON_STEP_MIN: f64 = 1e-5;
/// The search ends after so many steps (hdstats: 500 to 10 000).
const STEPS_MAX: usize = 1000;
/// Observations nearer than this to the present point lie on it, reflectance: squares of less mean nothing beside those of 1.
const SAME: f64 = 1e-9;
/// Steps of Weiszfeld before Newton's are tried: far away those lead astray (own choice).
const FIRST_STEPS: usize = 2;
/// What a pivot of Newton's equations must have at least, relative to the largest (own choice).
const PIVOT_MIN: f64 = 1e-9;
/// Numbers of a spectrum.
const BANDS: usize = super::BANDS.len();

/// Observations that are worked on side by side.
const LANES: usize = 4;

/// Numbers of some observations, band by band.
type Side = [[f64; LANES]; BANDS];

/// Where a point stands to the observations.
struct Standing {
    /// Sum of the distances.
    sum: f64,
    /// Sum of the inverse distances of those that do not lie on it.
    weights: f64,
    /// How many lie on it.
    on_it: usize,
    /// Mean with inverse distances as weights: where Weiszfeld's step goes.
    target: Wide,
}

/// The observations of a pixel, laid out for the search. Kept from pixel to pixel.
#[derive(Debug, Default)]
pub struct Search {
    sides: Vec<Side>,
    /// Inverse distances from the point that was looked at last; 0 of those that lie on it, or fill up the last side.
    inverse: Vec<[f64; LANES]>,
    count: usize,
}

/// The geometric median of observations without gaps; `None` without any.
pub fn geomedian(observations: &[Spectrum]) -> Option<Wide> {
    Search::default().geomedian(observations)
}

impl Search {
    /// As [`geomedian`], for many pixels one after the other.
    pub fn geomedian(&mut self, observations: &[Spectrum]) -> Option<Wide> {
        self.lay_out(observations);
        let mut at = mean(observations)?;
        if self.count == 1 {
            return Some(at);
        }
        let mut here = self.look(&at);
        let mut is_smooth = false;
        for step in 0..STEPS_MAX {
            if here.on_it == self.count {
                break;
            }
            let mut next = here.step(&at);
            let mut length = distance(&at, &next);
            let mut there = None;
            if step >= FIRST_STEPS && here.on_it == 0 {
                let better = match length >= STEP_MIN {
                    true => self.newton(&at, &here),
                    false => None,
                };
                if let Some(better) = better {
                    let standing = self.look(&better);
                    if standing.sum < here.sum && standing.on_it == 0 {
                        next = better;
                        length = distance(&at, &next);
                        there = Some(standing);
                    }
                }
                is_smooth = there.is_some() || (is_smooth && length < STEP_MIN);
                // An observation that is the median attracts ever more slowly.
                if !is_smooth && let Some(observation) = self.median_among(observations, &at) {
                    return Some(observation);
                }
            }
            at = next;
            if length < STEP_MIN || (there.is_some() && length < NEWTON_STEP_MIN) {
                break;
            }
            here = match there {
                Some(there) => there,
                None => self.look(&at),
            };
        }
        Some(at)
    }

    /// The observation nearest to a point, if it is the median: the others do not pull more than there are on it.
    fn median_among(&mut self, observations: &[Spectrum], at: &Wide) -> Option<Wide> {
        let apart = |observation: &Spectrum| distance(&observation.map(f64::from), at);
        let nearest = observations
            .iter()
            .min_by(|a, b| apart(a).total_cmp(&apart(b)))?
            .map(f64::from);
        let there = self.look(&nearest);
        let pull = distance(&there.target, &nearest) * there.weights;
        (pull <= there.on_it as f64).then_some(nearest)
    }

    fn lay_out(&mut self, observations: &[Spectrum]) {
        self.count = observations.len();
        self.sides.clear();
        for some in observations.chunks(LANES) {
            let mut side = [[0.0; LANES]; BANDS];
            for lane in 0..LANES {
                let observation = some[lane.min(some.len() - 1)];
                for band in 0..BANDS {
                    side[band][lane] = f64::from(observation[band]);
                }
            }
            self.sides.push(side);
        }
        self.inverse.resize(self.sides.len(), [0.0; LANES]);
    }

    fn look(&mut self, at: &Wide) -> Standing {
        let mut target = [[0.0; LANES]; BANDS];
        let (mut sum, mut weights) = ([0.0; LANES], [0.0; LANES]);
        let mut on_it = 0;
        let mut filled = self.count;
        for (side, inverse) in self.sides.iter().zip(&mut self.inverse) {
            let mut distance = [0.0; LANES];
            for band in 0..BANDS {
                for lane in 0..LANES {
                    let difference = side[band][lane] - at[band];
                    distance[lane] += difference * difference;
                }
            }
            distance = distance.map(f64::sqrt);
            *inverse = distance.map(|distance| 1.0 / distance);
            if filled < LANES || distance.iter().any(|distance| *distance <= SAME) {
                for lane in 0..LANES {
                    if lane >= filled || distance[lane] <= SAME {
                        on_it += usize::from(lane < filled);
                        distance[lane] = 0.0;
                        inverse[lane] = 0.0;
                    }
                }
            }
            filled = filled.saturating_sub(LANES);
            for lane in 0..LANES {
                sum[lane] += distance[lane];
                weights[lane] += inverse[lane];
            }
            for band in 0..BANDS {
                for lane in 0..LANES {
                    target[band][lane] += inverse[lane] * side[band][lane];
                }
            }
        }
        let weights = total(&weights);
        Standing {
            sum: total(&sum),
            weights,
            on_it,
            target: target.map(|sums| total(&sums) / weights),
        }
    }

    /// Newton's step from the point that was looked at last: the sum of (I - u u') / d, u being directions to the observations,
    /// times the step is the pull of them all.
    fn newton(&self, at: &Wide, here: &Standing) -> Option<Wide> {
        let mut sums = [[[0.0; LANES]; BANDS]; BANDS];
        for (side, inverse) in self.sides.iter().zip(&self.inverse) {
            let mut apart = *side;
            let mut scaled = *side;
            for band in 0..BANDS {
                for lane in 0..LANES {
                    apart[band][lane] -= at[band];
                    let cube = inverse[lane] * inverse[lane] * inverse[lane];
                    scaled[band][lane] = apart[band][lane] * cube;
                }
            }
            for row in 0..BANDS {
                for column in row..BANDS {
                    for lane in 0..LANES {
                        sums[row][column][lane] += scaled[row][lane] * apart[column][lane];
                    }
                }
            }
        }
        let mut matrix = sums.map(|line| line.map(|sums| -total(&sums)));
        for (band, line) in matrix.iter_mut().enumerate() {
            line[band] += here.weights;
        }
        let pull = std::array::from_fn(|band| here.weights * (here.target[band] - at[band]));
        let step = solved(matrix, pull, PIVOT_MIN * here.weights)?;
        Some(std::array::from_fn(|band| at[band] + step[band]))
    }
}

fn total(lanes: &[f64; LANES]) -> f64 {
    (lanes[0] + lanes[1]) + (lanes[2] + lanes[3])
}

fn mean(observations: &[Spectrum]) -> Option<Wide> {
    let mut sum = [0.0; BANDS];
    for observation in observations {
        for (sum, value) in sum.iter_mut().zip(observation) {
            *sum += f64::from(*value);
        }
    }
    (!observations.is_empty()).then(|| sum.map(|sum| sum / observations.len() as f64))
}

fn distance(a: &Wide, b: &Wide) -> f64 {
    let squares = a.iter().zip(b).map(|(a, b)| (a - b) * (a - b));
    squares.sum::<f64>().sqrt()
}

impl Standing {
    /// The step of Vardi & Zhang from a point that stands so.
    fn step(&self, at: &Wide) -> Wide {
        if self.on_it == 0 {
            return self.target;
        }
        let pull = distance(&self.target, at) * self.weights;
        // Observations on the point hold it back, or fast.
        let held = match pull > 0.0 {
            true => (self.on_it as f64 / pull).min(1.0),
            false => 1.0,
        };
        std::array::from_fn(|band| (1.0 - held) * self.target[band] + held * at[band])
    }
}

/// Solves equations whose matrix is symmetric and positive, given its upper half; `None` where it hardly is positive.
fn solved(mut matrix: [Wide; BANDS], mut right: Wide, pivot_min: f64) -> Option<Wide> {
    for column in 0..BANDS {
        let upper = matrix[column];
        let pivot = upper[column];
        if pivot.is_nan() || pivot <= pivot_min {
            return None;
        }
        for row in column + 1..BANDS {
            let factor = upper[row] / pivot;
            for other in row..BANDS {
                matrix[row][other] -= factor * upper[other];
            }
            right[row] -= factor * right[column];
        }
    }
    for row in (0..BANDS).rev() {
        let mut sum = right[row];
        for column in row + 1..BANDS {
            sum -= matrix[row][column] * right[column];
        }
        right[row] = sum / matrix[row][row];
    }
    Some(right)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The slow, obvious way: Weiszfeld's steps alone, as Vardi & Zhang take them, until nothing moves.
    fn slow(observations: &[Spectrum]) -> Wide {
        let mut at = mean(observations).unwrap();
        for _ in 0..200_000 {
            let mut weighted = [0.0; BANDS];
            let (mut weights, mut on_it) = (0.0, 0.0);
            for observation in observations {
                let apart = distance(&observation.map(f64::from), &at);
                if apart < 1e-12 {
                    on_it += 1.0;
                } else {
                    weights += 1.0 / apart;
                    for (sum, value) in weighted.iter_mut().zip(observation) {
                        *sum += f64::from(*value) / apart;
                    }
                }
            }
            if weights == 0.0 {
                break;
            }
            let target = weighted.map(|sum| sum / weights);
            let pull = distance(&target, &at) * weights;
            let held = if pull == 0.0 {
                1.0
            } else {
                f64::min(1.0, on_it / pull)
            };
            let next = std::array::from_fn(|band| (1.0 - held) * target[band] + held * at[band]);
            let length = distance(&at, &next);
            at = next;
            if length < 1e-13 {
                break;
            }
        }
        at
    }

    fn sum(observations: &[Spectrum], at: &Wide) -> f64 {
        observations
            .iter()
            .map(|observation| distance(&observation.map(f64::from), at))
            .sum()
    }

    /// Spectra along a line from dark to bright with scatter, as those of ground and cloud are.
    fn observations() -> impl Strategy<Value = Vec<Spectrum>> {
        let scatter = prop::array::uniform10(-0.02..0.02_f32);
        let one = (0.0..0.8_f32, scatter).prop_map(|(bright, scatter)| {
            let mut spectrum = scatter;
            for (band, value) in spectrum.iter_mut().enumerate() {
                *value += 0.1 + 0.01 * band as f32 + bright;
            }
            spectrum
        });
        prop::collection::vec(one, 1..40)
    }

    proptest! {
        #[test]
        fn the_median_is_that_of_the_slow_way(observations in observations()) {
            let (fast, slow) = (geomedian(&observations).unwrap(), slow(&observations));
            // Two observations have a median everywhere between them: only the sum tells.
            let (of_fast, of_slow) = (sum(&observations, &fast), sum(&observations, &slow));
            prop_assert!(of_fast <= of_slow + 1e-8, "{} > {}", of_fast, of_slow);
            if observations.len() > 2 {
                prop_assert!(distance(&fast, &slow) < 2e-5, "{}", distance(&fast, &slow));
            }
        }

        /// An observation that more than half of the others equal is the median.
        #[test]
        fn most_of_the_observations_decide(observations in observations()) {
            let mut all = observations.clone();
            all.extend(vec![[0.25; BANDS]; observations.len() + 1]);
            let median = geomedian(&all).unwrap();
            prop_assert!(distance(&median, &[0.25; BANDS]) < 1e-6);
        }
    }

    #[test]
    fn few_observations_have_a_median_too() {
        assert_eq!(geomedian(&[]), None);
        assert_eq!(geomedian(&[[0.5; BANDS]]), Some([0.5; BANDS]));
        assert_eq!(geomedian(&[[0.5; BANDS]; 7]), Some([0.5; BANDS]));
        let two = geomedian(&[[0.25; BANDS], [0.75; BANDS]]).unwrap();
        assert!(distance(&two, &[0.5; BANDS]) < 1e-9);
    }
}
