//! A scene as a model sees it: some bands in a certain order, on a grid that may be coarser than the scene's.

use crate::cloud::Samples;
use crate::scene::{Band, NO_DATA_DN, Scene};
use crate::{Error, Result};
use ndarray::{Array2, Array3, ArrayView2, ArrayViewMut2, Axis};
use rayon::prelude::*;
use std::ops::Range;

/// Bands of a scene on the grid of a model. Both grids share the upper-left corner.
pub struct ModelView<'a> {
    bands: Vec<Samples<'a>>,
    /// Whether a pixel of the scene has data; B10, which is often cut to 0, is not asked.
    has_data: Vec<bool>,
    /// Rows and columns of the scene.
    scene: (usize, usize),
    /// Pixels of the scene along a pixel of the model, 1 or more.
    ratio: f64,
    pixel_size: f64,
    shape: (usize, usize),
}

impl<'a> ModelView<'a> {
    /// Some bands of a scene in pixels of so many metres, or in the scene's own where those are coarser.
    ///
    /// # Errors
    /// Product: a band is not there.
    pub fn of(scene: &'a Scene, bands: &[Band], resolution: u32) -> Result<Self> {
        let samples = |band: &Band| {
            Samples::of(scene, *band).ok_or_else(|| {
                Error::product(format!("the learned detector needs band {band}"))
                    .expected(format!("all of {bands:?}"))
                    .advice("use a complete Level-1C product, or cloudDetector=physics")
            })
        };
        let samples: Vec<Samples<'a>> = bands.iter().map(samples).collect::<Result<_>>()?;
        let grid = scene.grid();
        let telling = || {
            bands
                .iter()
                .zip(&samples)
                .filter(|(band, _)| **band != Band::B10)
        };
        let has_data = |pixel: usize| telling().all(|(_, band)| band.dn(pixel) != NO_DATA_DN);
        let pixel_size = f64::from(resolution).max(grid.pixel_size);
        let ratio = pixel_size / grid.pixel_size;
        let pixels = |of_scene: usize| (of_scene as f64 / ratio).ceil() as usize;
        Ok(Self {
            has_data: (0..grid.height * grid.width).map(has_data).collect(),
            bands: samples,
            scene: grid.shape(),
            ratio,
            pixel_size,
            shape: (pixels(grid.height), pixels(grid.width)),
        })
    }

    /// Rows and columns of the model's grid.
    pub fn shape(&self) -> (usize, usize) {
        self.shape
    }

    /// Side of a pixel of the model, metres.
    pub fn pixel_size(&self) -> f64 {
        self.pixel_size
    }

    /// How many bands it has.
    pub fn band_count(&self) -> usize {
        self.bands.len()
    }

    /// Where on the model's grid at least one pixel of the scene has data.
    pub fn has_data(&self) -> Array2<bool> {
        let (rows, columns) = self.shape;
        let columns: Vec<_> = (0..columns)
            .map(|column| self.below(column, self.scene.1))
            .collect();
        let mut known = Array2::from_elem((rows, columns.len()), false);
        let lines = known.outer_iter_mut().into_par_iter().enumerate();
        lines.for_each(|(row, mut line)| {
            for row in self.below(row, self.scene.0) {
                let of_scene = &self.has_data[row * self.scene.1..][..self.scene.1];
                for (columns, known) in columns.iter().zip(&mut line) {
                    *known |= of_scene[columns.clone()].contains(&true);
                }
            }
        });
        known
    }

    /// TOA reflectance of a window of the model's grid, (bands, rows, columns): the mean over the area of a pixel of what has
    /// data there, NaN where nothing has.
    pub fn reflectance(&self, rows: Range<usize>, columns: Range<usize>) -> Array3<f32> {
        let mut window = Array3::zeros((self.bands.len(), rows.len(), columns.len()));
        let rows: Vec<_> = rows.map(|row| self.shares(row, self.scene.0)).collect();
        let columns: Vec<_> = columns
            .map(|column| self.shares(column, self.scene.1))
            .collect();
        for (samples, plane) in self.bands.iter().zip(window.axis_iter_mut(Axis(0))) {
            self.fill(samples, &rows, &columns, plane);
        }
        window
    }

    /// Down each column of the scene first, then along the row: the longer loop is a plain one over neighbours.
    fn fill(
        &self,
        samples: &Samples<'_>,
        rows: &[Shares],
        columns: &[Shares],
        mut out: ArrayViewMut2<'_, f32>,
    ) {
        let first = columns.first().map_or(0, |shares| shares.start);
        let end = columns.last().map_or(first, Shares::end);
        let (mut sums, mut areas) = (vec![0.0; end - first], vec![0.0; end - first]);
        for (rows, mut line) in rows.iter().zip(out.outer_iter_mut()) {
            sums.fill(0.0);
            areas.fill(0.0);
            for (row, of_row) in rows.iter() {
                let pixels = row * self.scene.1 + first..row * self.scene.1 + end;
                let has_data = &self.has_data[pixels.clone()];
                let columns = sums.iter_mut().zip(&mut areas).zip(has_data);
                for (((sum, area), has_data), pixel) in columns.zip(pixels) {
                    let counts = *has_data & samples.is_known(pixel);
                    let share = if counts { of_row } else { 0.0 };
                    *sum += share * samples.reflectance(pixel);
                    *area += share;
                }
            }
            for (columns, value) in columns.iter().zip(&mut line) {
                let (mut sum, mut area) = (0.0, 0.0);
                for (column, of_column) in columns.iter() {
                    sum += of_column * sums[column - first];
                    area += of_column * areas[column - first];
                }
                *value = sum / area;
            }
        }
    }

    /// Where a pixel of the model begins and ends along one axis, in pixels of the scene.
    fn bounds(&self, pixel: usize) -> (f64, f64) {
        (pixel as f64 * self.ratio, (pixel + 1) as f64 * self.ratio)
    }

    /// Pixels of the scene along one axis below a pixel of the model.
    fn below(&self, pixel: usize, count: usize) -> Range<usize> {
        let (start, end) = self.bounds(pixel);
        start as usize..(end.ceil() as usize).min(count)
    }

    /// The same, and how much of each lies there.
    fn shares(&self, pixel: usize, count: usize) -> Shares {
        let (start, end) = self.bounds(pixel);
        let share = |at: usize| ((at + 1) as f64).min(end) - (at as f64).max(start);
        let below = self.below(pixel, count);
        Shares {
            start: below.start,
            of_each: below.map(|at| share(at) as f32).collect(),
        }
    }

    /// Values of the model's grid, such as probabilities, along a row of the scene: between the centres of the model's pixels. NaN
    /// where the pixel around is NaN.
    pub fn along_scene(&self, values: ArrayView2<'_, f32>, row: usize, out: &mut [f32]) {
        let rows = self.place(row, self.shape.0);
        for (column, out) in out.iter_mut().enumerate() {
            let columns = self.place(column, self.shape.1);
            let side = |row: usize| {
                let [left, right] = [columns.before, columns.after].map(|at| values[[row, at]]);
                left + (right - left) * columns.part
            };
            let [above, below] = [rows.before, rows.after].map(side);
            let around = values[[rows.around, columns.around]];
            let between = above + (below - above) * rows.part;
            // Beside pixels that are not known the nearest one counts.
            *out = if around.is_nan() || between.is_nan() {
                around
            } else {
                between
            };
        }
    }

    fn place(&self, pixel: usize, count: usize) -> Place {
        let at = (pixel as f64 + 0.5) / self.ratio;
        let position = (at - 0.5).clamp(0.0, (count - 1) as f64);
        let before = position as usize;
        Place {
            before,
            after: (before + 1).min(count - 1),
            part: position.fract() as f32,
            around: (at as usize).min(count - 1),
        }
    }
}

/// Neighbouring pixels along one axis and their shares of area.
struct Shares {
    start: usize,
    of_each: Vec<f32>,
}

impl Shares {
    fn end(&self) -> usize {
        self.start + self.of_each.len()
    }

    fn iter(&self) -> impl Iterator<Item = (usize, f32)> {
        (self.start..).zip(self.of_each.iter().copied())
    }
}

/// Where a pixel of the scene lies among those of the model, along one axis.
struct Place {
    before: usize,
    after: usize,
    /// How far it is from the centre before to the centre after, 0 to 1.
    part: f32,
    /// The pixel that it lies in.
    around: usize,
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cloud::Spectrum;
    use crate::scene::made::{SEA, builder};
    use approx::assert_abs_diff_eq;

    const BANDS: [Band; 2] = [Band::B11, Band::B02];

    fn swir(row: usize, column: usize) -> f32 {
        0.01 * (1 + (row * 7 + column * 3) % 10) as f32
    }

    fn scene(shape: (usize, usize), pixel_size: f64) -> Scene {
        builder(shape, pixel_size, |row, column| Spectrum {
            swir1: swir(row, column),
            ..SEA
        })
        .build()
        .unwrap()
    }

    /// By hand: every pixel of the scene is cut into quarters, which fall wholly into one pixel of the model.
    #[test]
    fn a_pixel_of_the_model_is_the_mean_over_its_area() {
        for (pixel_size, resolution, quarters) in [
            (20.0, 60, 6),
            (20.0, 30, 3),
            (20.0, 20, 2),
            (60.0, 20, 2),
            (10.0, 30, 6),
        ] {
            let scene = scene((12, 18), pixel_size);
            let view = ModelView::of(&scene, &BANDS, resolution).unwrap();
            assert_eq!(
                view.shape(),
                ((24_usize).div_ceil(quarters), (36_usize).div_ceil(quarters))
            );
            let seen = view.reflectance(0..view.shape().0, 0..view.shape().1);
            for ((row, column), value) in seen.index_axis(Axis(0), 0).indexed_iter() {
                let (mut sum, mut count) = (0.0, 0.0);
                for r in row * quarters..((row + 1) * quarters).min(24) {
                    for c in column * quarters..((column + 1) * quarters).min(36) {
                        sum += swir(r / 2, c / 2);
                        count += 1.0;
                    }
                }
                assert_abs_diff_eq!(*value, sum / count, epsilon = 1e-6);
            }
            assert!(
                seen.index_axis(Axis(0), 1)
                    .iter()
                    .all(|blue| (blue - SEA.blue).abs() < 1e-6)
            );
            // A window is a part of the whole.
            let part = view.reflectance(1..3, 2..4);
            assert_eq!(part, seen.slice(ndarray::s![.., 1..3, 2..4]));
        }
    }

    #[test]
    fn pixels_without_data_do_not_count() {
        let known = scene((6, 6), 20.0);
        let mut builder = crate::scene::SceneBuilder::new(*known.grid());
        for band in Band::ALL {
            if let Some(plane) = known.band(band) {
                let mut plane = plane.clone();
                if band == Band::B02 {
                    plane.dn.slice_mut(ndarray::s![0..3, 0..4]).fill(NO_DATA_DN);
                }
                builder = builder.band(band, plane);
            }
        }
        let scene = builder.build().unwrap();
        let seen = ModelView::of(&scene, &BANDS, 60)
            .unwrap()
            .reflectance(0..2, 0..2);
        assert!(seen[[0, 0, 0]].is_nan() && seen[[1, 0, 0]].is_nan());
        let mean = (0..3)
            .flat_map(|row| [swir(row, 4), swir(row, 5)])
            .sum::<f32>()
            / 6.0;
        assert_abs_diff_eq!(seen[[0, 0, 1]], mean, epsilon = 1e-6);
    }

    #[test]
    fn a_missing_band_is_named() {
        let scene = scene((3, 3), 20.0);
        let error = ModelView::of(&scene, &[Band::B02, Band::B09], 60)
            .err()
            .unwrap();
        assert!(error.to_string().contains("B09"), "{error}");
    }

    /// What changes evenly stays so between the outer centres; on the same grid nothing changes.
    #[test]
    fn values_of_the_model_change_evenly_between_its_centres() {
        for (resolution, ratio) in [(20, 1.0), (30, 1.5), (60, 3.0)] {
            let scene = scene((18, 18), 20.0);
            let view = ModelView::of(&scene, &BANDS, resolution).unwrap();
            let mut values =
                Array2::from_shape_fn(view.shape(), |(row, column)| (row * 2 + column) as f32);
            let last = view.shape().0 as f64 - 1.0;
            let at = |pixel: usize| ((pixel as f64 + 0.5) / ratio - 0.5).clamp(0.0, last) as f32;
            let mut line = vec![0.0; 18];
            for row in 0..18 {
                view.along_scene(values.view(), row, &mut line);
                for (column, value) in line.iter().enumerate() {
                    assert_abs_diff_eq!(*value, 2.0 * at(row) + at(column), epsilon = 1e-5);
                }
            }
            values[[1, 1]] = f32::NAN;
            let middle = (1.5 * ratio) as usize;
            view.along_scene(values.view(), middle, &mut line);
            assert!(line[middle].is_nan());
            assert!(
                (0..18).all(|column| ((column as f64 + 0.5) / ratio) as usize == 1
                    || !line[column].is_nan())
            );
        }
    }
}
