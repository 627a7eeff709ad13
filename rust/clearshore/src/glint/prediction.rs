//! ATBD step 12: the glint that geometry and wind predict for every pixel, per band and per detector.

use super::detectors::nearest_detectors;
use super::directions::VectorGrid;
use super::lattice::Lattice;
use super::wind::{WindOverScene, WindSource};
use super::{Facet, Rayleigh, STANDARD_PRESSURE, SeaSurface, sea_water_index};
use crate::scene::{ALL_DETECTORS, Angles, Band, Grid, Scene, WindGrid};
use crate::{GlintReport, Params, Result};
use ndarray::Array2;
use rayon::prelude::*;
use serde::Serialize;
use std::collections::BTreeMap;
use std::f64::consts::PI;
use std::ops::Range;
use std::sync::Arc;

/// Visible and near-infrared bands, any of which may see glint.
const VISIBLE_BANDS: [Band; 5] = [Band::B02, Band::B03, Band::B04, Band::B08, Band::B8A];
/// Short-wave infrared bands, in which the sea below the glint is black.
const SWIR_BANDS: [Band; 2] = [Band::B11, Band::B12];
/// Glint below this changes no test and leaves water dark, TOA reflectance: half of the excess that counts as agreement is twice the noise of
/// dark water in B11 (own choice).
pub(super) const NEGLIGIBLE: f32 = 0.002;

/// How the directions to the sensor were found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum ViewSource {
    /// The grid of the detector that the footprint names.
    Detectors,
    /// The grid of the nearest detector: there are no footprints.
    NearestDetectors,
    /// Grids without detectors, or the mean direction.
    Mean,
}

/// What is known of the geometry of a scene and its wind.
#[derive(Clone, Copy, Debug)]
pub struct Circumstances<'a> {
    /// The working grid.
    pub grid: &'a Grid,
    /// Directions.
    pub angles: &'a Angles,
    /// The forecast's wind.
    pub wind: Option<&'a WindGrid>,
}

impl Circumstances<'_> {
    /// Whether glint that matters is predicted anywhere, whichever detector looked; `false` where directions are not
    /// known. Where it is not, nobody needs the detectors' footprints.
    ///
    /// # Errors
    /// As [`SeaSurface::new`].
    pub fn may_glint(&self, params: &Params) -> Result<bool> {
        let (wind, _) = WindOverScene::of(params, self.wind);
        let Some(sky) = Sky::over(self, &wind)? else {
            return Ok(false);
        };
        let bands: Vec<Band> = glinting_bands().filter(|&band| self.sees(band)).collect();
        Ok(bands.into_par_iter().any(|band| {
            sky.layers(self, band, false)
                .iter()
                .any(|(_, layers)| layers.matters(params))
        }))
    }

    /// Whether any direction to the sensor is known in a band.
    fn sees(&self, band: Band) -> bool {
        let has_mean = self.angles.mean_views.contains_key(&band);
        has_mean || self.angles.views.keys().any(|(of, _)| *of == band)
    }

    /// Directions to the sensor in a band, by detector: of each detector, or of all together, or the mean.
    fn views(&self, band: Band) -> Vec<(u8, View)> {
        let grids = self.angles.views.iter();
        let mut views: Vec<(u8, View)> = grids
            .filter(|((of, _), _)| *of == band)
            .map(|((_, detector), grid)| (*detector, View::Grid(VectorGrid::of(grid).extended())))
            .collect();
        if views.is_empty() {
            let mean = self.angles.mean_views.get(&band);
            views.extend(mean.map(|mean| (ALL_DETECTORS, View::Mean(mean.unit_vector()))));
        }
        views
    }
}

/// Bands whose glint is predicted.
pub fn glinting_bands() -> impl Iterator<Item = Band> {
    VISIBLE_BANDS.into_iter().chain(SWIR_BANDS)
}

/// Directions to the sensor in one band, of one detector.
enum View {
    Grid(VectorGrid),
    Mean([f64; 3]),
}

impl View {
    fn at(&self, east: f64, south: f64) -> Option<[f64; 3]> {
        match self {
            View::Grid(vectors) => vectors.at(east, south),
            View::Mean(vector) => Some(*vector),
        }
    }
}

/// What is the same for all bands and detectors, at the points of the lattice.
struct Sky {
    lattice: Lattice,
    points: Array2<Point>,
}

#[derive(Clone, Copy)]
struct Point {
    to_sun: [f64; 3],
    sea: SeaSurface,
}

/// Numbers at the points of the lattice, NaN where unknown.
struct Layers {
    /// Reflectance of glint at the top of the atmosphere, unitless.
    reflectance: Vec<f32>,
    /// Glint coefficient, 1/sr.
    coefficient: Vec<f32>,
    /// Angle between the sensor and the sun's mirror image, degrees; empty where nobody asks.
    angle: Vec<f32>,
}

impl Layers {
    fn matters(&self, params: &Params) -> bool {
        let threshold = params.glint_threshold as f32;
        self.reflectance.iter().any(|value| *value >= NEGLIGIBLE)
            || self.coefficient.iter().any(|value| *value >= threshold)
    }
}

impl Sky {
    /// `None` where the sun is not known.
    fn over(known: &Circumstances<'_>, wind: &WindOverScene<'_>) -> Result<Option<Self>> {
        let grid = known
            .angles
            .sun
            .as_ref()
            .map(|sun| VectorGrid::of(sun).extended());
        let mean = known.angles.mean_sun.map(|sun| sun.unit_vector());
        if grid.is_none() && mean.is_none() {
            return Ok(None);
        }
        let lattice = Lattice::over(known.grid, known.angles);
        let (rows, columns) = lattice.shape;
        let mut points = Vec::with_capacity(rows * columns);
        for row in 0..rows {
            for column in 0..columns {
                let (east, south) = lattice.nodes.place(row, column);
                let to_sun = grid.as_ref().and_then(|grid| grid.at(east, south)).or(mean);
                points.push(Point {
                    to_sun: to_sun.unwrap_or([f64::NAN; 3]),
                    sea: wind.sea_at(east, south)?,
                });
            }
        }
        let points = Array2::from_shape_vec((rows, columns), points);
        Ok(points.ok().map(|points| Self { lattice, points }))
    }

    /// Glint in a band at all points, for each detector.
    fn layers(&self, known: &Circumstances<'_>, band: Band, with_angle: bool) -> Vec<(u8, Layers)> {
        let index = sea_water_index(band);
        let of_view = |(detector, view): (u8, View)| {
            let numbers = self.points.indexed_iter().map(|((row, column), point)| {
                let (east, south) = self.lattice.nodes.place(row, column);
                let to_view = view.at(east, south)?;
                let facet = Facet::between(point.to_sun, to_view)?;
                let coefficient = point.sea.glint_coefficient(&facet, index);
                let air = Rayleigh::new(band, STANDARD_PRESSURE).ok()?;
                let left = air.transmission(facet.cos_sun(), facet.cos_view());
                let reflectance = PI * coefficient / facet.cos_sun() * left;
                let angle = if with_angle {
                    facet.glint_angle().to_degrees()
                } else {
                    0.0
                };
                Some([reflectance, coefficient, angle].map(|number| number as f32))
            });
            let numbers: Vec<[f32; 3]> = numbers
                .map(|point| point.unwrap_or([f32::NAN; 3]))
                .collect();
            let part = |part: usize| numbers.iter().map(|point| point[part]).collect();
            let layers = Layers {
                reflectance: part(0),
                coefficient: part(1),
                angle: if with_angle { part(2) } else { Vec::new() },
            };
            (detector, layers)
        };
        known.views(band).into_par_iter().map(of_view).collect()
    }
}

/// Which detector saw the pixels of a band, (rows, columns).
enum Detectors<'a> {
    Footprint(&'a Array2<u8>),
    Nearest(Arc<Array2<u8>>),
    /// One grid stands for all.
    All,
}

/// The glint of one band.
struct BandOfScene<'a> {
    band: Band,
    detectors: Detectors<'a>,
    /// By detector.
    layers: Vec<(u8, Layers)>,
}

/// The glint that is predicted for the pixels of a scene.
pub(crate) struct Prediction<'a> {
    lattice: Lattice,
    /// Rows and columns of the scene.
    shape: (usize, usize),
    bands: Vec<BandOfScene<'a>>,
    /// Whether any of it matters; if not, it decides nothing and is only shown.
    pub matters: bool,
    /// How the directions to the sensor were found, in the band where least is known.
    pub views: ViewSource,
    /// Who says what the wind is.
    pub wind_source: WindSource,
    /// Speed (m/s) and azimuth that it comes from (radians) in the middle of the scene.
    pub wind: super::Wind,
}

impl<'a> Prediction<'a> {
    /// The prediction for a scene, and what the user should know. None where no glint that matters is predicted, unless
    /// it is wanted `anyway`.
    ///
    /// # Errors
    /// As [`SeaSurface::new`].
    pub fn of(
        scene: &'a Scene,
        params: &Params,
        anyway: bool,
    ) -> Result<(Option<Self>, Vec<String>)> {
        let known = Circumstances {
            grid: scene.grid(),
            angles: scene.angles(),
            wind: scene.wind(),
        };
        let nothing = |why: &str| Ok((None, vec![format!("{why}: sun glint is not known")]));
        let (wind, unknown_wind) = WindOverScene::of(params, scene.wind());
        let Some(sky) = Sky::over(&known, &wind)? else {
            return nothing("there are no sun angles");
        };
        let bands: Vec<Band> = glinting_bands()
            .filter(|&band| scene.band(band).is_some() && known.sees(band))
            .collect();
        if bands.is_empty() {
            return nothing("there are no viewing angles");
        }
        let layers: BTreeMap<Band, Vec<(u8, Layers)>> = bands
            .into_par_iter()
            .map(|band| (band, sky.layers(&known, band, anyway && band == Band::B11)))
            .collect();
        let mut all_layers = layers.values().flatten();
        let matters = all_layers.any(|(_, layers)| layers.matters(params));
        if !anyway && !matters {
            return Ok((None, Vec::new()));
        }
        let mut guess = None;
        let mut views = ViewSource::Detectors;
        let mut bands = Vec::new();
        for (band, layers) in layers {
            let detectors = Detectors::of(scene, band, &layers, &mut guess);
            views = views.max(detectors.source());
            bands.push(BandOfScene {
                band,
                detectors,
                layers,
            });
        }
        let mut warnings: Vec<String> = unknown_wind.into_iter().collect();
        match views {
            ViewSource::Detectors => {}
            ViewSource::NearestDetectors => warnings.push(
                "there are no detector footprints: sun glint is found with the viewing angles of the nearest detector"
                    .into(),
            ),
            ViewSource::Mean => warnings.push(
                "the viewing angles of each detector are not known: sun glint is found with those of all together".into(),
            ),
        }
        let (rows, columns) = scene.grid().shape();
        let metres = |pixels: usize| pixels as f64 / 2.0 * scene.grid().pixel_size;
        let prediction = Self {
            lattice: sky.lattice,
            shape: (rows, columns),
            bands,
            matters,
            views,
            wind_source: wind.source,
            wind: wind.at(metres(columns), metres(rows)),
        };
        Ok((Some(prediction), warnings))
    }

    /// Whether anything that the prediction rests on was guessed.
    pub fn is_guessed(&self) -> bool {
        self.views != ViewSource::Detectors || self.wind_source == WindSource::Assumed
    }

    /// Rows and columns of the scene.
    pub fn shape(&self) -> (usize, usize) {
        self.shape
    }

    /// What it rests on.
    pub fn report(&self) -> GlintReport {
        GlintReport {
            wind_speed: self.wind.speed,
            wind_direction: self.wind.from.map(f64::to_degrees),
            wind_source: self.wind_source,
            viewing_angles: self.views,
        }
    }

    /// Glint in B11 at every pixel, TOA reflectance, NaN where it is not known: (rows, columns).
    pub fn reflectance_plane(&self) -> Array2<f32> {
        self.plane(|row, line| self.reflectance_along(Band::B11, row, line))
    }

    /// Angle between the sensor and the sun's mirror image in B11 at every pixel, degrees, NaN where it is not known.
    pub fn angle_plane(&self) -> Array2<f32> {
        self.plane(|row, line| self.fill(Band::B11, row, |layers| &layers.angle, line))
    }

    fn plane(&self, fill: impl Fn(usize, &mut [f32]) + Sync) -> Array2<f32> {
        let mut plane = Array2::from_elem(self.shape, f32::NAN);
        let pixels = plane.as_slice_mut().unwrap_or_default();
        let rows = pixels.par_chunks_mut(self.shape.1.max(1)).enumerate();
        rows.for_each(|(row, line)| fill(row, line));
        plane
    }

    /// Greatest reflectance of glint in B11 that any detector may see, unitless.
    pub fn greatest(&self) -> f32 {
        let layers = self
            .band(Band::B11)
            .map_or(&[][..], |of_band| &of_band.layers);
        let numbers = layers.iter().flat_map(|(_, layers)| &layers.reflectance);
        numbers.fold(0.0, |most, number| most.max(*number))
    }

    /// Reflectance of glint in a band at the top of the atmosphere at a pixel, unitless, and the detector that saw it; 0
    /// where it is not known.
    #[inline]
    pub fn reflectance(&self, band: Band, pixel: usize) -> (f32, u8) {
        let (row, column) = (pixel / self.shape.1, pixel % self.shape.1);
        let Some(of_band) = self.band(band) else {
            return (0.0, ALL_DETECTORS);
        };
        let detectors = of_band.detectors.plane();
        let detector = detectors.map_or(ALL_DETECTORS, |plane| plane[[row, column]]);
        let layers = of_band.layers_of(detector);
        let value = layers.map_or(0.0, |layers| {
            self.lattice.at(&layers.reflectance, row, column)
        });
        // Also where it is NaN.
        (value.max(0.0), detector)
    }

    /// Reflectance of glint in a band along a row, NaN where it is not known.
    pub fn reflectance_along(&self, band: Band, row: usize, out: &mut [f32]) {
        self.fill(band, row, |layers| &layers.reflectance, out);
    }

    /// Greatest glint coefficient of the visible and near-infrared bands along a row, 1/sr, NaN where none is known.
    /// `space` is of the same length.
    pub fn coefficient_along(&self, row: usize, space: &mut [f32], out: &mut [f32]) {
        out.fill(f32::NAN);
        for band in VISIBLE_BANDS {
            if self.band(band).is_some() {
                self.fill(band, row, |layers| &layers.coefficient, space);
                for (most, value) in out.iter_mut().zip(&*space) {
                    *most = most.max(*value);
                }
            }
        }
    }

    /// The detectors that saw a row of a band, and the columns that each of them saw; number 0 is all together.
    pub fn stripes_along(
        &self,
        band: Band,
        row: usize,
    ) -> impl Iterator<Item = (u8, Range<usize>)> + '_ {
        let columns = self.shape.1;
        let plane = self.band(band).and_then(|of| of.detectors.plane());
        let plane = plane.and_then(|plane| plane.as_slice());
        let line = plane.map(|plane| &plane[row * columns..][..columns]);
        let mut first = 0;
        std::iter::from_fn(move || {
            let start = first;
            let (detector, count) = match line {
                Some(line) => same_from(line.get(start..)?)?,
                None => (ALL_DETECTORS, columns - start),
            };
            first += count;
            (count > 0).then_some((detector, start..first))
        })
    }

    fn band(&self, band: Band) -> Option<&BandOfScene<'a>> {
        self.bands.iter().find(|of| of.band == band)
    }

    fn fill(&self, band: Band, row: usize, layer: impl Fn(&Layers) -> &Vec<f32>, out: &mut [f32]) {
        let Some(of_band) = self.band(band) else {
            out.fill(f32::NAN);
            return;
        };
        for (detector, columns) in self.stripes_along(band, row) {
            let points = of_band.layers_of(detector).map(&layer);
            let out = &mut out[columns.clone()];
            match points.filter(|points| !points.is_empty()) {
                Some(points) => self.lattice.along(points, row, columns.start, out),
                None => out.fill(f32::NAN),
            }
        }
    }
}

/// The first number, and how often it comes before another.
fn same_from(line: &[u8]) -> Option<(u8, usize)> {
    /// Looked at at once.
    const BLOCK: usize = 64;
    let first = *line.first()?;
    let is_same = |block: &&[u8]| {
        block
            .iter()
            .fold(true, |all, number| all & (*number == first))
    };
    let blocks = line.chunks_exact(BLOCK).take_while(is_same).count();
    let rest = line[blocks * BLOCK..].iter();
    let count = rest.take_while(|number| **number == first).count();
    Some((first, blocks * BLOCK + count))
}

impl BandOfScene<'_> {
    #[inline]
    fn layers_of(&self, detector: u8) -> Option<&Layers> {
        let mut all = self.layers.iter();
        all.find(|(number, _)| *number == detector)
            .map(|(_, layers)| layers)
    }
}

impl Detectors<'_> {
    #[inline]
    fn plane(&self) -> Option<&Array2<u8>> {
        match self {
            Self::Footprint(plane) => Some(plane),
            Self::Nearest(plane) => Some(plane),
            Self::All => None,
        }
    }

    fn source(&self) -> ViewSource {
        match self {
            Self::Footprint(_) => ViewSource::Detectors,
            Self::Nearest(_) => ViewSource::NearestDetectors,
            Self::All => ViewSource::Mean,
        }
    }
}

impl<'a> Detectors<'a> {
    /// Of the footprint of a band, or the nearest ones, which are guessed once for all bands.
    fn of(
        scene: &'a Scene,
        band: Band,
        layers: &[(u8, Layers)],
        guess: &mut Option<Arc<Array2<u8>>>,
    ) -> Self {
        if layers
            .iter()
            .all(|(detector, _)| *detector == ALL_DETECTORS)
        {
            return Self::All;
        }
        if let Some(detectors) = scene.detectors(band) {
            return Self::Footprint(detectors);
        }
        let grids = scene.angles().views.iter();
        let of_band = grids.filter(|((of, _), _)| *of == band);
        let views = of_band.map(|((_, detector), grid)| (*detector, grid));
        let nearest = guess.get_or_insert_with(|| Arc::new(nearest_detectors(scene.grid(), views)));
        Self::Nearest(Arc::clone(nearest))
    }
}
