//! ATBD step 12: how bright the scene's water is in SWIR without glint, stripe by stripe.
//!
//! Water is black in SWIR; what is left is air, haze and the detector's own. Where no glint is predicted the image shows
//! it. Where glint is everywhere it is what the darkest water has beyond the prediction, and at most what clear sea has.

use super::classes::Seen;
use super::prediction::{NEGLIGIBLE, Prediction};
use super::stripes::{DETECTORS, over_rows};
use crate::cloud::DARK_SEA_SWIR1;
use crate::raster::{ValueHistogram, strip_count};
use crate::scene::Band;
use crate::{Progress, Result};

/// Water without glint counts by its median, percent; beyond a prediction, which waves exceed, by this percentile (own
/// choices).
const HALF: f64 = 50.0;
const LOW_PERCENTILE: f64 = 10.0;
/// Pixels that make a percentile, at least (own choice).
const LEAST_PIXELS: u64 = 250;
/// Step and interval of the histograms, TOA reflectance.
const STEP: f32 = 1.0 / 10_000.0;
const RANGE: (f32, f32) = (-0.5, 0.5);

/// Dark water in B11 and B12, by detector.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct DarkWater([[f32; DETECTORS]; 2]);

/// Water of one detector's stripe in one band.
#[derive(Clone, Debug)]
struct Stripe {
    without_glint: ValueHistogram,
    beyond_glint: ValueHistogram,
}

type Stripes = [Vec<Stripe>; 2];

impl Stripe {
    fn empty() -> Self {
        let histogram = || ValueHistogram::new(STEP, RANGE);
        Self {
            without_glint: histogram(),
            beyond_glint: histogram(),
        }
    }

    fn add(&mut self, reflectance: f32, glint: f32) {
        if glint < NEGLIGIBLE {
            self.without_glint.add(reflectance);
        } else {
            self.beyond_glint.add(reflectance - glint);
        }
    }

    fn merge(self, other: &Self) -> Self {
        Self {
            without_glint: self.without_glint.merge(&other.without_glint),
            beyond_glint: self.beyond_glint.merge(&other.beyond_glint),
        }
    }

    /// Where enough of it has no glint.
    fn dark(&self) -> Option<f32> {
        let enough = self.without_glint.total() >= LEAST_PIXELS;
        self.without_glint.percentile(HALF).filter(|_| enough)
    }

    fn darkest(&self) -> f32 {
        let beyond = self.beyond_glint.percentile(LOW_PERCENTILE);
        beyond.map_or(DARK_SEA_SWIR1, |beyond| beyond.clamp(0.0, DARK_SEA_SWIR1))
    }
}

impl DarkWater {
    /// Of the open water of a scene.
    ///
    /// # Errors
    /// Cancelled.
    pub fn of_scene(
        prediction: &Prediction<'_>,
        seen: Seen<'_>,
        progress: &dyn Progress,
    ) -> Result<Self> {
        let (rows, columns) = seen.surface.dim();
        let empty = || -> Stripes { [(); 2].map(|()| vec![Stripe::empty(); DETECTORS]) };
        let add = |stripes: &mut Stripes, row: usize, glint: &mut [f32]| {
            add_row(stripes, prediction, seen, row, glint);
        };
        let stripes = over_rows((rows, columns), progress, empty, add, |a, b| merged(a, &b))?;
        progress.advance(strip_count(rows * columns));
        Ok(Self(stripes.map(|stripes| {
            let all = stripes.iter().fold(Stripe::empty(), Stripe::merge);
            std::array::from_fn(|detector| {
                let stripe = &stripes[detector];
                stripe
                    .dark()
                    .or(all.dark())
                    .unwrap_or_else(|| stripe.darkest())
            })
        })))
    }

    /// TOA reflectance of dark water in B11 (0) or B12 (1) of a detector.
    pub fn level(&self, band: usize, detector: u8) -> f32 {
        self.0[band]
            .get(usize::from(detector))
            .copied()
            .unwrap_or(DARK_SEA_SWIR1)
    }
}

fn merged(stripes: Stripes, more: &Stripes) -> Stripes {
    let mut more = more.iter();
    stripes.map(|of_band| {
        let others = more.next().map_or(&[][..], |others| others);
        of_band
            .into_iter()
            .zip(others)
            .map(|(stripe, other)| stripe.merge(other))
            .collect()
    })
}

fn add_row(
    stripes: &mut Stripes,
    prediction: &Prediction<'_>,
    seen: Seen<'_>,
    row: usize,
    glint: &mut [f32],
) {
    let columns = glint.len();
    let is_water: Vec<bool> = seen.open_water_along(row).collect();
    let swir = [
        (Band::B11, Some(&seen.bands.swir1)),
        (Band::B12, seen.bands.true_swir2()),
    ];
    for (stripes, (band, samples)) in stripes.iter_mut().zip(swir) {
        let Some(samples) = samples else {
            continue;
        };
        prediction.reflectance_along(band, row, glint);
        for (detector, seen) in prediction.stripes_along(band, row) {
            let Some(stripe) = stripes.get_mut(usize::from(detector)) else {
                continue;
            };
            for column in seen.filter(|&column| is_water[column] && !glint[column].is_nan()) {
                let reflectance = samples.reflectance(row * columns + column);
                stripe.add(reflectance, glint[column]);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::{SpectralBands, Spectrum, Surface};
    use crate::scene::Direction;
    use crate::scene::made::{SEA, builder, under_glint, with_glint};
    use crate::{NoProgress, Params};
    use approx::assert_abs_diff_eq;
    use ndarray::Array2;

    /// Dark water in B11 of a sea that has so much in SWIR1 beside its glint; a fifth of it is brighter by 0.1.
    fn level(swir1: f32, has_glint: bool, rows: usize) -> f32 {
        let at = |row: usize, column: usize| {
            let bright = if (row + column).is_multiple_of(5) {
                0.1
            } else {
                0.0
            };
            let sea = Spectrum {
                swir1: swir1 + bright,
                ..SEA
            };
            if has_glint { with_glint(sea, 1.0) } else { sea }
        };
        let shape = (rows, 60);
        let mut scene = under_glint(builder(shape, 20.0, at));
        if !has_glint {
            let mut angles = under_glint(builder((1, 1), 20.0, at))
                .build()
                .unwrap()
                .angles()
                .clone();
            angles.mean_sun = Some(Direction::from_degrees(70.0, 120.0));
            scene = scene.angles(angles);
        }
        let scene = scene.build().unwrap();
        let (prediction, _) = Prediction::of(&scene, &Params::default(), true).unwrap();
        let bands = SpectralBands::of(&scene).unwrap();
        let seen = Seen {
            surface: &Array2::from_elem(shape, (Surface::VALID | Surface::WATER).bits()),
            clouds: &Array2::zeros(shape),
            coast: &Array2::zeros(shape),
            bands: &bands,
        };
        DarkWater::of_scene(&prediction.unwrap(), seen, &NoProgress)
            .unwrap()
            .level(0, 0)
    }

    #[test]
    fn without_glint_dark_water_is_the_median() {
        for swir1 in [0.004, 0.010, 0.030] {
            assert_abs_diff_eq!(level(swir1, false, 30), swir1, epsilon = 1.01e-4);
        }
    }

    #[test]
    fn below_glint_dark_water_is_what_is_left_and_no_more_than_clear_sea() {
        assert_abs_diff_eq!(level(0.004, true, 30), 0.004, epsilon = 1.5e-4);
        assert_abs_diff_eq!(level(0.030, true, 30), 0.010, epsilon = 1e-6);
        assert_abs_diff_eq!(level(-0.02, true, 30), 0.0, epsilon = 1e-6);
    }

    #[test]
    fn few_pixels_without_glint_are_clear_sea() {
        // Of every fourth row 60 pixels: 240.
        assert_eq!(level(0.03, false, 16), 0.010);
    }
}
