//! From the scene to a band: the light of the ground, glint, haze and clouds along each line of sight,
//! then blur, sampling and noise.

use super::Surface;
use super::clouds::{Columns, Layer, transmission};
use super::glint::{GlintField, whitecap_reflectance};
use super::haze::Haze;
use super::light::Light;
use super::noise::Row;
use super::scene::{CLOUD_LIGHT_STEPS, Simulation, direct_light, part_of};
use super::sensor::{Detector, Sampling};
use super::spectra::Spectrum;
use crate::scene::{Band, NO_DATA_DN, Radiometry};
use crate::{Progress, Result};
use ndarray::parallel::prelude::*;
use ndarray::{Array2, ArrayViewMut2, Axis};

/// Rows of pixels that one task renders.
const STRIP: usize = 64;
/// Values of a byte.
const BYTES: usize = 256;
/// Side of a pixel of the finest grid, metres.
const FINEST_PIXEL: f64 = 10.0;

/// Renders a band.
pub(super) fn band(
    scene: &Simulation,
    band: Band,
    radiometry: Radiometry,
    progress: &dyn Progress,
) -> Result<Array2<u16>> {
    let side = scene.setting.grid.width * FINEST_PIXEL as usize / band.native_pixel_size() as usize;
    let renderer = Renderer::new(scene, band, radiometry);
    let mut numbers = Array2::from_elem((side, side), NO_DATA_DN);
    numbers
        .axis_chunks_iter_mut(Axis(0), STRIP)
        .into_par_iter()
        .enumerate()
        .try_for_each(|(strip, rows)| renderer.strip(strip * STRIP, rows, progress))?;
    Ok(numbers)
}

/// What all pixels of a band have in common.
struct Renderer<'a> {
    scene: &'a Simulation,
    band: Band,
    sampling: Sampling,
    light: Light,
    detector: Detector,
    glint: GlintField,
    /// Reflectance of each surface, by its number.
    reflectance: [f32; BYTES],
    /// 1 for water, 0 for others, by the surface's number.
    water: [f32; BYTES],
    /// Path reflectance of haze relative to B02's.
    haze: f32,
    /// Reflectance of the foam that the wind makes.
    whitecaps: f32,
}

/// Buffers of one task.
#[derive(Default)]
struct Buffers {
    heights: Vec<f32>,
    water: Vec<f32>,
    glint: Vec<f32>,
    texture: Vec<f32>,
    columns: Columns,
}

impl<'a> Renderer<'a> {
    fn new(scene: &'a Simulation, band: Band, radiometry: Radiometry) -> Self {
        let setting = &scene.setting;
        let mut reflectance = [0.0; BYTES];
        let mut water = [0.0; BYTES];
        for surface in Surface::ALL {
            let spectrum: &Spectrum = surface.spectrum();
            reflectance[surface as usize] = spectrum[band.index()] as f32;
            water[surface as usize] = f32::from(u8::from(surface.is_water()));
        }
        Self {
            scene,
            band,
            sampling: Sampling::of(band),
            light: Light::new(band, setting.sun.zenith),
            detector: Detector::new(band, setting.weather_seed(), setting.sun.zenith, radiometry),
            glint: GlintField::new(&scene.geometry, setting.wind, band),
            reflectance,
            water,
            haze: Haze::relative(band),
            whitecaps: whitecap_reflectance(setting.wind) as f32,
        }
    }

    /// Renders some rows of pixels.
    fn strip(
        &self,
        first_row: usize,
        mut rows: ArrayViewMut2<'_, u16>,
        progress: &dyn Progress,
    ) -> Result<()> {
        let sampling = &self.sampling;
        let (count, width) = rows.dim();
        let margin = sampling.margin();
        let samples = width * sampling.factor;
        let mut buffers = Buffers::default();
        let mut line = vec![0.0; samples + 2 * margin];
        // Rows of samples, blurred along the row.
        let lines = count * sampling.factor + 2 * margin;
        let mut blurred = vec![0.0; lines * width];
        for (k, out) in blurred.chunks_exact_mut(width).enumerate() {
            progress.check()?;
            // Beyond the rims of the tile the ground goes on as at the rim.
            let row = (first_row * sampling.factor + k)
                .saturating_sub(margin)
                .min(samples - 1);
            self.samples(row, &mut line[margin..margin + samples], &mut buffers);
            let (first, last) = (line[margin], line[margin + samples - 1]);
            line[..margin].fill(first);
            line[margin + samples..].fill(last);
            sampling.blur_row(&line, out);
        }
        let mut pixels = vec![0.0; width];
        for (k, mut out) in rows.rows_mut().into_iter().enumerate() {
            let own = blurred.chunks_exact(width).skip(k * sampling.factor);
            sampling.blur_rows(own, &mut pixels);
            let row = first_row + k;
            for seen in self.seen(row, width) {
                for column in seen {
                    out[column] = self.detector.number(pixels[column], row, column);
                }
            }
        }
        Ok(())
    }

    /// Pixels of a row that lie within the swath.
    fn seen(&self, row: usize, width: usize) -> impl Iterator<Item = std::ops::Range<usize>> {
        let pixel = f64::from(self.band.native_pixel_size());
        let line = Row {
            first: pixel / 2.0,
            step: pixel,
            y: (row as f64 + 0.5) * pixel,
        };
        let runs = self.scene.geometry.detectors_along(line, width);
        runs.into_iter().map(|(pixels, _)| pixels)
    }

    /// Reflectance at the top of the atmosphere of a row of samples.
    fn samples(&self, row: usize, out: &mut [f32], buffers: &mut Buffers) {
        let sampling = &self.sampling;
        let ten_metre = row * sampling.step + sampling.first;
        let step = FINEST_PIXEL * sampling.step as f64;
        let line = Row {
            first: FINEST_PIXEL * (sampling.first as f64 + 0.5),
            step,
            y: FINEST_PIXEL * (ten_metre as f64 + 0.5),
        };
        let has_water = self.ground(ten_metre, out, &mut buffers.water);
        let runs = covering(
            self.scene.geometry.detectors_along(line, out.len()),
            out.len(),
        );
        if has_water {
            self.add_glint(line, &runs, out, buffers);
        }
        buffers.texture.resize(out.len(), 0.0);
        self.scene.haze.along(line, &mut buffers.texture);
        for (value, haze) in out.iter_mut().zip(&buffers.texture) {
            *value += self.haze * haze;
        }
        self.add_clouds(line, ten_metre, &runs, out, buffers);
    }

    /// The ground in its light, and the share of water times the light that clouds leave it. Whether
    /// there is water.
    fn ground(&self, row: usize, out: &mut [f32], water: &mut Vec<f32>) -> bool {
        let Sampling { step, first, .. } = self.sampling;
        let ground = self.scene.ground.row(row);
        let sunlight = self.scene.sunlight_of(row);
        let clouds = self.scene.cloud_light_of(row);
        let mixtures = ground.iter().skip(first).step_by(step);
        let sunlight = sunlight.into_iter().skip(first).step_by(step);
        let pixels = mixtures.zip(sunlight).zip(out.iter_mut()).enumerate();
        water.clear();
        let mut has_water = false;
        for (k, ((mixture, sunlight), out)) in pixels {
            let clouds = clouds.as_ref().map_or(1.0, |light| {
                f32::from(light[first + k * step]) * (1.0 / CLOUD_LIGHT_STEPS)
            });
            let [a, b] = [mixture.first, mixture.second].map(|surface| surface as usize);
            let share = mixture.second_share();
            let mixed = self.reflectance[a] + (self.reflectance[b] - self.reflectance[a]) * share;
            *out = self.light.reflectance(
                mixed,
                mixture.relative_brightness(),
                direct_light(*sunlight),
                clouds,
            );
            let wet = (self.water[a] + (self.water[b] - self.water[a]) * share) * clouds;
            has_water |= wet > 0.0;
            water.push(wet);
        }
        has_water
    }

    /// Adds the sun that the sea mirrors, and the wind's foam.
    fn add_glint(&self, line: Row, runs: &[Run], out: &mut [f32], buffers: &mut Buffers) {
        buffers.glint.resize(out.len(), 0.0);
        buffers.texture.resize(out.len(), 0.0);
        for (pixels, detector) in runs {
            let glint = &mut buffers.glint[pixels.clone()];
            self.glint.along(*detector, line, pixels, glint);
            let part = part_of(line, pixels.start);
            let texture = &mut buffers.texture[pixels.clone()];
            self.scene.waves.along(part, self.band, *detector, texture);
        }
        let sea = buffers
            .glint
            .iter()
            .zip(&buffers.texture)
            .zip(&buffers.water);
        for (value, ((glint, texture), water)) in out.iter_mut().zip(sea) {
            *value += water * (glint * texture + self.whitecaps);
        }
    }

    /// Lays the clouds over the ground, the lowest first.
    fn add_clouds(
        &self,
        line: Row,
        row: usize,
        runs: &[Run],
        out: &mut [f32],
        buffers: &mut Buffers,
    ) {
        let layers = &self.scene.clouds.layers;
        if layers.is_empty() {
            return;
        }
        let Sampling { step, first, .. } = self.sampling;
        self.scene
            .heights_along(row, first, step, out.len(), &mut buffers.heights);
        for (pixels, detector) in runs {
            let geometry = &self.scene.geometry;
            let slant = geometry.view_slant(self.band, *detector, line, pixels);
            let part = part_of(line, pixels.start);
            let heights = &buffers.heights[pixels.clone()];
            for layer in layers {
                if layer.along(part, slant, heights, &mut buffers.columns) {
                    self.cover(layer, &buffers.columns, &mut out[pixels.clone()]);
                }
            }
        }
    }

    /// Lays one layer over a stretch.
    fn cover(&self, layer: &Layer, columns: &Columns, out: &mut [f32]) {
        let seen = columns
            .optical_depth
            .iter()
            .zip(&columns.brightness)
            .zip(&columns.top);
        for (value, ((depth, brightness), top)) in out.iter_mut().zip(seen) {
            if *depth > 0.0 {
                let passed = transmission(*depth);
                let left = passed * passed;
                let cloud = layer.reflectance(self.band, *top) * brightness;
                *value = *value * left + (1.0 - left) * cloud;
            }
        }
    }
}

/// Samples that one detector sees.
type Run = (std::ops::Range<usize>, u8);

/// Lets the first and the last run reach the ends of the row: what lies beyond the swath is blurred into
/// the pixels at its rim.
fn covering(mut runs: Vec<Run>, count: usize) -> Vec<Run> {
    if let Some((first, _)) = runs.first_mut() {
        first.start = 0;
    }
    if let Some((last, _)) = runs.last_mut() {
        last.end = count;
    }
    runs
}
