//! The truth about a simulated scene, raster by raster.

use super::Surface;
use super::clouds::Columns;
use super::glint::GlintField;
use super::ground::Mixture;
use super::relief::ReliefShadow;
use super::scene::{CLOUD_LIGHT_STEPS, Simulation, part_of, relief_shadow, ten_metre_row};
use crate::flags::Class;
use crate::scene::Band;
use crate::{Progress, Result};
use ndarray::parallel::prelude::*;
use ndarray::{Array2, Axis};

/// The band in whose geometry the truth about clouds is told: the geometric reference of Level 1C, in
/// the middle of the bands' delays.
pub(super) const REFERENCE_BAND: Band = Band::B04;
/// Optical depth above which a pixel is cloud, and above which it is thick cloud, hundredths.
const CLOUD: u16 = 30;
const THICK_CLOUD: u16 = 300;
/// Optical depth from which a layer counts for the height of the cloud top.
const TOP_DEPTH: f32 = 0.1;
/// Share of the direct sun taken from which a pixel is cloud shadow, percent.
const CLOUD_SHADOW: u8 = 50;
/// Glint in B03 from which water is class glint, ten-thousandths: the radiance threshold of 0.005 1/sr
/// of ocean colour processing at a sun zenith of 40 degrees (0.0205).
const GLINT: u16 = 205;

/// A raster of the truth, on the 10 m grid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum TruthLayer {
    /// One class a pixel, values of [`Class`].
    Class,
    /// The main surface below the clouds, values of [`Surface`].
    Surface,
    /// Optical depth of all clouds along the line of sight of B04, hundredths.
    CloudOpticalDepth,
    /// Height of the highest cloud top seen in B04, metres; 0 without cloud.
    CloudTopHeight,
    /// Share of the direct sunlight that clouds take from the ground, percent.
    CloudShadowFraction,
    /// Values of [`ReliefShadow`].
    ReliefShadow,
    /// Sun glint at the top of the atmosphere in B03 without clouds, ten-thousandths.
    GlintB03,
    /// The same in B11.
    GlintB11,
    /// 1 on water, 0 elsewhere.
    Water,
    /// 1 on surf, 0 elsewhere.
    Surf,
}

impl TruthLayer {
    /// All layers.
    pub const ALL: [Self; 10] = [
        Self::Class,
        Self::Surface,
        Self::CloudOpticalDepth,
        Self::CloudTopHeight,
        Self::CloudShadowFraction,
        Self::ReliefShadow,
        Self::GlintB03,
        Self::GlintB11,
        Self::Water,
        Self::Surf,
    ];

    /// Name, also of its file: `cloud_optical_depth`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Class => "class",
            Self::Surface => "surface",
            Self::CloudOpticalDepth => "cloud_optical_depth",
            Self::CloudTopHeight => "cloud_top_height",
            Self::CloudShadowFraction => "cloud_shadow_fraction",
            Self::ReliefShadow => "relief_shadow",
            Self::GlintB03 => "glint_reflectance_B03",
            Self::GlintB11 => "glint_reflectance_B11",
            Self::Water => "water",
            Self::Surf => "surf",
        }
    }

    /// What its numbers are, for the file's description.
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Class => "one class a pixel",
            Self::Surface => "main surface below the clouds",
            Self::CloudOpticalDepth => "optical depth of the clouds seen in B04",
            Self::CloudTopHeight => "height of the highest cloud top seen in B04, metres",
            Self::CloudShadowFraction => "share of direct sunlight taken by clouds, percent",
            Self::ReliefShadow => "0 lit, 1 cast shadow, 2 slope facing away from the sun",
            Self::GlintB03 => "TOA reflectance of sun glint in B03 without clouds",
            Self::GlintB11 => "TOA reflectance of sun glint in B11 without clouds",
            Self::Water => "1 water, 0 other",
            Self::Surf => "1 surf, 0 other",
        }
    }

    /// Factor from the stored whole number to the quantity.
    pub const fn scale(self) -> f64 {
        match self {
            Self::CloudOpticalDepth | Self::CloudShadowFraction => 0.01,
            Self::GlintB03 | Self::GlintB11 => 1e-4,
            _ => 1.0,
        }
    }

    /// Number of a pixel beyond the swath.
    pub const fn no_data(self) -> u16 {
        match self {
            Self::Class | Self::Surface => 0,
            Self::CloudShadowFraction | Self::ReliefShadow | Self::Water | Self::Surf => 255,
            _ => u16::MAX,
        }
    }
}

/// The numbers of a layer.
#[derive(Clone, Debug, PartialEq)]
pub enum TruthRaster {
    /// Classes, shares, yes and no.
    Bytes(Array2<u8>),
    /// Quantities.
    Words(Array2<u16>),
}

/// Works out a layer.
pub(super) fn raster(
    scene: &Simulation,
    layer: TruthLayer,
    progress: &dyn Progress,
) -> Result<TruthRaster> {
    progress.stage(layer.name(), scene.ground.nrows() as u64);
    let judge = Judge::new(scene, layer);
    let no_data = layer.no_data();
    let bytes =
        |row: &RowRule<u8>| rows(scene, no_data as u8, row, progress).map(TruthRaster::Bytes);
    let words = |row: &RowRule<u16>| rows(scene, no_data, row, progress).map(TruthRaster::Words);
    match layer {
        TruthLayer::Class => bytes(&|row, out| judge.classes(row, out)),
        TruthLayer::Surface => bytes(&|row, out| judge.ground(row, out, |m| m.first as u8)),
        TruthLayer::CloudOpticalDepth => words(&|row, out| judge.optical_depths(row, out)),
        TruthLayer::CloudTopHeight => words(&|row, out| judge.tops(row, out)),
        TruthLayer::CloudShadowFraction => bytes(&|row, out| judge.shadow_fractions(row, out)),
        TruthLayer::ReliefShadow => bytes(&|row, out| {
            let light = scene.sunlight_of(row);
            for (out, light) in out.iter_mut().zip(light) {
                *out = relief_shadow(*light) as u8;
            }
        }),
        TruthLayer::GlintB03 => words(&|row, out| judge.glint(row, out)),
        TruthLayer::GlintB11 => words(&|row, out| judge.glint(row, out)),
        TruthLayer::Water => bytes(&|row, out| {
            judge.ground(row, out, |m| u8::from(m.first.is_water()));
        }),
        TruthLayer::Surf => bytes(&|row, out| {
            judge.ground(row, out, |m| u8::from(m.first == Surface::Surf));
        }),
    }
}

/// Fills a row of the 10 m grid.
type RowRule<'a, T> = dyn Fn(usize, &mut [T]) + Sync + 'a;

/// Fills a raster row by row; pixels beyond the swath have no data.
fn rows<T: Copy + Send + Sync>(
    scene: &Simulation,
    no_data: T,
    fill: &RowRule<'_, T>,
    progress: &dyn Progress,
) -> Result<Array2<T>> {
    let mut raster = Array2::from_elem(scene.ground.dim(), no_data);
    raster
        .axis_iter_mut(Axis(0))
        .into_par_iter()
        .enumerate()
        .try_for_each_init(Vec::new, |buffer, (row, mut out)| {
            progress.check()?;
            buffer.clear();
            buffer.resize(out.len(), no_data);
            fill(row, buffer);
            let line = ten_metre_row(row);
            for (pixels, _) in scene.geometry.detectors_along(line, out.len()) {
                for column in pixels {
                    out[column] = buffer[column];
                }
            }
            progress.advance(1);
            Ok(())
        })?;
    Ok(raster)
}

/// Tells the truth along rows of the 10 m grid.
struct Judge<'a> {
    scene: &'a Simulation,
    /// Glint in the band that the layer asks for.
    glint: Option<GlintField>,
}

impl<'a> Judge<'a> {
    fn new(scene: &'a Simulation, layer: TruthLayer) -> Self {
        let band = match layer {
            TruthLayer::Class | TruthLayer::GlintB03 => Some(Band::B03),
            TruthLayer::GlintB11 => Some(Band::B11),
            _ => None,
        };
        let field = |band| GlintField::new(&scene.geometry, scene.setting.wind, band);
        Self {
            scene,
            glint: band.map(field),
        }
    }

    fn ground<T>(&self, row: usize, out: &mut [T], value: impl Fn(&Mixture) -> T) {
        for (out, mixture) in out.iter_mut().zip(self.scene.ground.row(row)) {
            *out = value(mixture);
        }
    }

    /// Optical depths and tops of all clouds seen in the reference band.
    fn clouds(&self, row: usize, count: usize) -> (Vec<f32>, Vec<f32>) {
        let scene = self.scene;
        let (mut depths, mut tops) = (vec![0.0_f32; count], vec![0.0_f32; count]);
        let mut heights = Vec::new();
        scene.heights_along(row, 0, 1, count, &mut heights);
        let mut columns = Columns::default();
        let line = ten_metre_row(row);
        for (pixels, detector) in scene.geometry.detectors_along(line, count) {
            let geometry = &scene.geometry;
            let slant = geometry.view_slant(REFERENCE_BAND, detector, line, &pixels);
            let part = part_of(line, pixels.start);
            for layer in &scene.clouds.layers {
                if !layer.along(part, slant, &heights[pixels.clone()], &mut columns) {
                    continue;
                }
                let met = columns.optical_depth.iter().zip(&columns.top);
                let sums = depths[pixels.clone()]
                    .iter_mut()
                    .zip(&mut tops[pixels.clone()]);
                for ((depth, top), (more, height)) in sums.zip(met) {
                    *depth += more;
                    if *more > TOP_DEPTH {
                        *top = top.max(*height);
                    }
                }
            }
        }
        (depths, tops)
    }

    fn optical_depths(&self, row: usize, out: &mut [u16]) {
        let (depths, _) = self.clouds(row, out.len());
        for (out, depth) in out.iter_mut().zip(depths) {
            *out = stored(depth, TruthLayer::CloudOpticalDepth);
        }
    }

    fn tops(&self, row: usize, out: &mut [u16]) {
        let (_, tops) = self.clouds(row, out.len());
        for (out, top) in out.iter_mut().zip(tops) {
            *out = stored(top, TruthLayer::CloudTopHeight);
        }
    }

    fn shadow_fractions(&self, row: usize, out: &mut [u8]) {
        out.fill(0);
        if let Some(light) = self.scene.cloud_light_of(row) {
            for (out, light) in out.iter_mut().zip(light) {
                let taken = 1.0 - f32::from(*light) / CLOUD_LIGHT_STEPS;
                *out = (taken / TruthLayer::CloudShadowFraction.scale() as f32).round() as u8;
            }
        }
    }

    /// Mean glint (without the waves' texture) on what part of a pixel is water.
    fn glint(&self, row: usize, out: &mut [u16]) {
        out.fill(0);
        let Some(field) = &self.glint else {
            return;
        };
        let line = ten_metre_row(row);
        let mut glint = vec![0.0; out.len()];
        for (pixels, detector) in self.scene.geometry.detectors_along(line, out.len()) {
            let part = &mut glint[pixels.clone()];
            field.along(detector, line, &pixels, part);
        }
        let sea = self.scene.ground.row(row);
        for ((out, glint), mixture) in out.iter_mut().zip(glint).zip(sea) {
            if mixture.first.is_water() {
                *out = stored(glint, TruthLayer::GlintB03);
            }
        }
    }

    /// One class a pixel, in the order of [`Flags::class`](crate::flags::Flags::class).
    fn classes(&self, row: usize, out: &mut [u8]) {
        let count = out.len();
        let (mut depths, mut glint) = (vec![0; count], vec![0; count]);
        let mut shadows = vec![0; count];
        self.optical_depths(row, &mut depths);
        self.glint(row, &mut glint);
        self.shadow_fractions(row, &mut shadows);
        let ground = self.scene.ground.row(row);
        let light = self.scene.sunlight_of(row);
        for (column, out) in out.iter_mut().enumerate() {
            let surface = ground[column].first;
            let class = if depths[column] > THICK_CLOUD {
                Class::Cloud
            } else if depths[column] > CLOUD {
                Class::ThinCloud
            } else if shadows[column] >= CLOUD_SHADOW {
                Class::CloudShadow
            } else if relief_shadow(light[column]) != ReliefShadow::Lit {
                Class::ReliefShadow
            } else {
                clear_class(surface, glint[column])
            };
            *out = class as u8;
        }
    }
}

/// Class of ground in the sun under clear sky.
fn clear_class(surface: Surface, glint: u16) -> Class {
    if surface.is_snow_or_ice() {
        Class::SnowIce
    } else if surface == Surface::Surf {
        Class::Whitecap
    } else if !surface.is_water() {
        Class::ClearLand
    } else if glint >= GLINT {
        Class::Glint
    } else {
        Class::ClearWater
    }
}

/// A quantity as its layer stores it; the largest number is kept for no data.
fn stored(value: f32, layer: TruthLayer) -> u16 {
    let steps = (value / layer.scale() as f32).round();
    // Cut off at the ends of the range.
    (steps as u16).min(u16::MAX - 1)
}
