//! A simulated scene: everything that was chosen, worked out for the pixels of its grid.

use super::clouds::{Clouds, Columns, direct_transmission};
use super::ground::{Ground, Mixture};
use super::haze::Haze;
use super::noise::Row;
use super::relief::{DemCell, Relief, ReliefShadow, Sunlight};
use super::render;
use super::setting::Setting;
use super::shore::Shore;
use super::truth::{self, TruthLayer, TruthRaster};
use super::view::{Footprint, ViewGeometry};
use super::waves::Waves;
use crate::scene::{Angles, Band, Radiometry};
use crate::{Progress, Result};
use ndarray::parallel::prelude::*;
use ndarray::{Array2, ArrayView1, Axis, s};

/// Rows that are worked out at a time: cancelling waits for one such strip.
const STRIP: usize = 128;
/// Steps of [`Simulation::sunlight`] per unit of direct light. Slopes that face a sun at 4 degrees get
/// 14 times the light of flat ground.
const DIRECT_STEPS: f32 = 4_096.0;
/// Steps of [`Simulation::cloud_light`] per unit.
pub(super) const CLOUD_LIGHT_STEPS: f32 = 255.0;
/// Values of [`Simulation::sunlight`] without direct light, by the reason.
const CAST: u16 = 0;
const OWN: u16 = 1;

/// A simulated scene.
pub struct Simulation {
    pub(super) setting: Setting,
    pub(super) geometry: ViewGeometry,
    pub(super) relief: Relief,
    pub(super) clouds: Clouds,
    pub(super) haze: Haze,
    pub(super) waves: Waves,
    /// What each 10 m pixel is made of.
    pub(super) ground: Array2<Mixture>,
    /// Whole metres; none where all is sea.
    heights: Option<Array2<i16>>,
    /// Direct sun on the ground, clouds left out: [`CAST`], [`OWN`] or steps of light.
    sunlight: Array2<u16>,
    /// Share of the direct sun that passes the clouds; none without clouds.
    cloud_light: Option<Array2<u8>>,
}

impl Simulation {
    /// Works out ground, relief, clouds and shadows.
    ///
    /// # Errors
    /// A parameter error for a setting that can't be; cancellation.
    pub fn new(setting: Setting, progress: &dyn Progress) -> Result<Self> {
        setting.check()?;
        let geometry = ViewGeometry::new(&setting);
        let shore = Shore::new(&setting);
        progress.stage("relief", 1);
        let relief = Relief::new(&setting, &shore, progress)?;
        progress.stage("clouds", 1);
        let clouds = Clouds::new(&setting, &shore, &geometry, progress)?;
        Self::of_parts(setting, relief, clouds, progress)
    }

    /// A scene with a relief and clouds of its own.
    pub(super) fn of_parts(
        setting: Setting,
        relief: Relief,
        clouds: Clouds,
        progress: &dyn Progress,
    ) -> Result<Self> {
        let (rows, columns) = setting.grid.shape();
        progress.stage("ground", rows as u64);
        let has_relief = !relief.cells().is_empty();
        let ground = Ground::new(&setting, &Shore::new(&setting));
        let mut scene = Self {
            ground: Array2::default((rows, columns)),
            heights: has_relief.then(|| Array2::zeros((rows, columns))),
            sunlight: Array2::zeros((rows, columns)),
            cloud_light: (!clouds.layers.is_empty()).then(|| Array2::zeros((rows, columns))),
            haze: Haze::new(&setting),
            waves: Waves::new(&setting),
            geometry: ViewGeometry::new(&setting),
            setting,
            relief,
            clouds,
        };
        for first in (0..rows).step_by(STRIP) {
            progress.check()?;
            let strip = first..(first + STRIP).min(rows);
            let heights = scene.relief.heights(strip.clone());
            let sunlight = scene.relief.sunlight(&scene.geometry, strip.clone());
            let mixtures = ground.rows(strip.clone(), heights.view());
            let area = s![strip.clone(), ..];
            scene.ground.slice_mut(area).assign(&mixtures);
            scene.sunlight.slice_mut(area).assign(&sunlight.map(stored));
            if let Some(plane) = &mut scene.heights {
                let whole = heights.map(|height| height.round() as i16);
                plane.slice_mut(area).assign(&whole);
            }
            progress.advance(strip.len() as u64);
        }
        scene.cast_cloud_shadows(progress)?;
        Ok(scene)
    }

    /// Works out how much of the direct sun the clouds leave.
    fn cast_cloud_shadows(&mut self, progress: &dyn Progress) -> Result<()> {
        let Some(mut plane) = self.cloud_light.take() else {
            return Ok(());
        };
        progress.stage("cloud shadow", plane.nrows() as u64);
        let cos_sun_zenith = self.setting.sun.zenith.cos() as f32;
        plane
            .axis_iter_mut(Axis(0))
            .into_par_iter()
            .enumerate()
            .try_for_each_init(
                || (Vec::new(), Columns::default(), Vec::new()),
                |(heights, columns, light), (row, mut out)| {
                    progress.check()?;
                    self.heights_along(row, 0, 1, out.len(), heights);
                    light.clear();
                    light.resize(out.len(), 1.0_f32);
                    let line = ten_metre_row(row);
                    for (pixels, slant) in self.geometry.sun_slants(line, out.len()) {
                        let part = part_of(line, pixels.start);
                        for layer in &self.clouds.layers {
                            if !layer.along(part, slant, &heights[pixels.clone()], columns) {
                                continue;
                            }
                            let passed = columns.optical_depth.iter();
                            for (light, depth) in light[pixels.clone()].iter_mut().zip(passed) {
                                *light *= direct_transmission(*depth, cos_sun_zenith);
                            }
                        }
                    }
                    for (out, light) in out.iter_mut().zip(light) {
                        *out = (*light * CLOUD_LIGHT_STEPS + 0.5) as u8;
                    }
                    progress.advance(1);
                    Ok(())
                },
            )?;
        self.cloud_light = Some(plane);
        Ok(())
    }

    /// What was chosen.
    pub fn setting(&self) -> &Setting {
        &self.setting
    }

    /// The metadata's grids of directions.
    pub fn angles(&self) -> Angles {
        self.geometry.angles()
    }

    /// Ground that each detector sees in a band.
    pub fn footprints(&self, band: Band) -> Vec<Footprint> {
        self.geometry.footprints(band)
    }

    /// The elevation model, degree by degree; none where there is no land.
    pub fn dem(&self) -> &[DemCell] {
        self.relief.cells()
    }

    /// South-western corners of the degrees of sea around the land that a reader of the elevation model asks for:
    /// latitudes and longitudes in degrees; none where there is no land.
    pub fn sea_around(&self) -> Vec<(i32, i32)> {
        self.relief.sea_around(&self.setting)
    }

    /// Raw numbers of a band at its native pixel size, (rows, columns): 0 beyond the swath.
    ///
    /// # Errors
    /// Only when the caller cancels.
    pub fn band(
        &self,
        band: Band,
        radiometry: Radiometry,
        progress: &dyn Progress,
    ) -> Result<Array2<u16>> {
        render::band(self, band, radiometry, progress)
    }

    /// A raster of the truth on the 10 m grid.
    ///
    /// # Errors
    /// Only when the caller cancels.
    pub fn truth(&self, layer: TruthLayer, progress: &dyn Progress) -> Result<TruthRaster> {
        truth::raster(self, layer, progress)
    }

    /// Heights of every `step`th pixel of a row of the 10 m grid from `first` on, metres.
    pub(super) fn heights_along(
        &self,
        row: usize,
        first: usize,
        step: usize,
        count: usize,
        out: &mut Vec<f32>,
    ) {
        out.clear();
        match &self.heights {
            Some(plane) => {
                let line = plane.slice(s![row, first..; step]);
                out.extend(line.iter().take(count).map(|height| f32::from(*height)));
            }
            None => out.resize(count, 0.0),
        }
    }

    /// Stored sunlight of a row of the 10 m grid.
    pub(super) fn sunlight_of(&self, row: usize) -> ArrayView1<'_, u16> {
        self.sunlight.row(row)
    }

    /// Stored light below the clouds of a row of the 10 m grid; none without clouds.
    pub(super) fn cloud_light_of(&self, row: usize) -> Option<ArrayView1<'_, u8>> {
        self.cloud_light.as_ref().map(|plane| plane.row(row))
    }
}

/// A row of pixels of the 10 m grid.
pub(super) fn ten_metre_row(row: usize) -> Row {
    Row {
        first: 5.0,
        step: 10.0,
        y: 10.0 * row as f64 + 5.0,
    }
}

/// The part of a row that begins at a pixel.
pub(super) fn part_of(row: Row, pixel: usize) -> Row {
    Row {
        first: row.first + pixel as f64 * row.step,
        ..row
    }
}

/// Sunlight as it is stored.
fn stored(sunlight: &Sunlight) -> u16 {
    match sunlight.shadow {
        ReliefShadow::Cast => CAST,
        ReliefShadow::Own => OWN,
        // Grazing light rounds up, away from the shadows' values.
        ReliefShadow::Lit => {
            (sunlight.direct * DIRECT_STEPS + 0.5).max(f32::from(OWN) + 1.0) as u16
        }
    }
}

/// Direct light of a stored value.
#[inline]
pub(super) fn direct_light(stored: u16) -> f32 {
    if stored <= OWN {
        0.0
    } else {
        f32::from(stored) * (1.0 / DIRECT_STEPS)
    }
}

/// Shadow of a stored value.
pub(super) fn relief_shadow(stored: u16) -> ReliefShadow {
    match stored {
        CAST => ReliefShadow::Cast,
        OWN => ReliefShadow::Own,
        _ => ReliefShadow::Lit,
    }
}
