//! From reflectance to what a network was trained on.

use super::contract::Input;
use ndarray::{Array3, ArrayViewMut2, Axis};

impl Input {
    /// Turns TOA reflectance (bands, rows, columns), NaN where it is not known, into the input of the network.
    pub(super) fn transform(&self, patch: &mut Array3<f32>) {
        let factor = self.factor();
        let minimum = self.minimum.unwrap_or(f64::NEG_INFINITY);
        let in_unit = |reflectance: f32| (f64::from(reflectance) * factor).max(minimum);
        match self.fixed_scaling(patch.len_of(Axis(0))) {
            Some(scaling) => {
                for (mut band, (shift, divisor)) in patch.outer_iter_mut().zip(scaling) {
                    band.mapv_inplace(|reflectance| {
                        // `max` would turn NaN into the minimum.
                        let value = if reflectance.is_nan() {
                            self.no_data
                        } else {
                            in_unit(reflectance)
                        };
                        ((value - shift) / divisor) as f32
                    });
                }
            }
            None => {
                for mut band in patch.outer_iter_mut() {
                    self.standardise(&mut band, in_unit);
                }
            }
        }
    }

    /// To mean 0 and standard deviation 1 over what is known.
    fn standardise(&self, band: &mut ArrayViewMut2<'_, f32>, in_unit: impl Fn(f32) -> f64) {
        let known = || band.iter().filter(|value| !value.is_nan());
        let count = known().count().max(1) as f64;
        let mean = known().map(|value| in_unit(*value)).sum::<f64>() / count;
        let variance = known()
            .map(|value| (in_unit(*value) - mean).powi(2))
            .sum::<f64>()
            / count;
        let deviation = if variance > 0.0 { variance.sqrt() } else { 1.0 };
        band.mapv_inplace(|value| {
            if value.is_nan() {
                self.no_data as f32
            } else {
                ((in_unit(value) - mean) / deviation) as f32
            }
        });
    }
}

#[cfg(test)]
mod tests;
