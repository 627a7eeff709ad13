//! A scene whose pixels the caller gives, rectangle by rectangle: what a host such as SNAP has in memory
//! instead of files.
//!
//! A band comes with the working grid's pixels or with its own, finer or coarser by a whole factor; it is
//! brought to the working grid as [`crate::bands`] does by the mean, so that the same numbers give the same
//! scene.
//!
//! Footprints of detectors may come too, of any size; so a pixel has the directions of the detector that saw it.
//!
//! B07, B08 and B8A at their own resolution, in which clouds stand apart from the ground, are not given but asked for: only
//! the run knows where it wants them.

mod description;
mod displacement;
mod plane;

pub use description::{FedAngles, FedBand, FedKind, FedView, FeedDescription};
pub use displacement::{Host, Request};

use crate::auxiliary::Auxiliary;
use crate::safe::{MAX_DETECTOR, Marks};
use crate::scene::{wanted_bands, wanted_footprints};
use crate::window::Window;
use clearshore::glint::Circumstances;
use clearshore::scene::{
    ALL_DETECTORS, Angles, Band, Direction, Grid, SATURATED_DN, Scene, SceneBuilder, WindGrid,
};
use clearshore::{Error, Params, Result};
use description::{angle_grid, band_of, grid_of};
use displacement::NativeBands;
use ndarray::Array2;
use plane::{Plane, dn_of_reflectance};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What the user should know where bands can't be had at their own resolution.
pub(crate) const NO_DISPLACEMENT: &str = "B07, B08 and B8A are not there at their own resolution: bright ground that looks \
                                          like cloud is not told by its place";

/// A scene that is being given.
#[derive(Debug)]
pub struct Feed {
    name: String,
    grid: Grid,
    angles: Angles,
    saturated_dn: u16,
    bands: BTreeMap<Band, Plane>,
    defective: Option<Array2<bool>>,
    detectors: BTreeMap<Band, Array2<u8>>,
    native: Option<NativeBands>,
}

impl Feed {
    /// Begins a scene of which the detectors see `others` too, bands that a learned detector needs.
    ///
    /// # Errors
    /// Product: required bands are missing, a grid that is in no UTM zone, rasters that do not fit the grid. Parameter:
    /// directions of a detector that there is not.
    pub fn new(description: FeedDescription, others: &[Band]) -> Result<Self> {
        let grid = grid_of(&description).map_err(|error| error.at(&description.name))?;
        let mut offered = BTreeMap::new();
        for band in &description.bands {
            offered.insert(band_of(&band.name)?, band);
        }
        let wanted = wanted_bands(|band| offered.contains_key(&band), others)
            .map_err(|error| error.at(&description.name))?;
        let native = NativeBands::of(&description, &offered, &grid)
            .map_err(|error| error.at(&description.name))?;
        let mut bands = BTreeMap::new();
        for (band, offered) in offered {
            if wanted.contains(&band) {
                let place = format!("{}, band {band}", description.name);
                bands.insert(band, Plane::new(offered, &grid).map_err(|e| e.at(place))?);
            }
        }
        let direction = |[zenith, azimuth]: [f64; 2]| Direction::from_degrees(zenith, azimuth);
        let mut views = BTreeMap::new();
        for view in description.views {
            let band = band_of(&view.band)?;
            if view.detector > MAX_DETECTOR {
                return Err(Error::parameter("there is no such detector")
                    .at(format!("{}, views of {band}", description.name))
                    .got(view.detector)
                    .expected(format!("1 to {MAX_DETECTOR}, or 0 for all together")));
            }
            views.insert((band, view.detector), angle_grid(view.angles)?);
        }
        let mut mean_views = BTreeMap::new();
        for (band, view) in description.mean_views {
            mean_views.insert(band_of(&band)?, direction(view));
        }
        let angles = Angles {
            sun: description.sun.map(angle_grid).transpose()?,
            mean_sun: description.mean_sun.map(direction),
            views,
            mean_views,
        };
        Ok(Self {
            name: description.name,
            grid,
            angles,
            saturated_dn: description.saturated_dn.unwrap_or(SATURATED_DN),
            bands,
            defective: None,
            detectors: BTreeMap::new(),
            native,
        })
    }

    /// Name of the product.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The working grid.
    pub fn grid(&self) -> &Grid {
        &self.grid
    }

    /// Directions to sun and sensor; parts that are not known are absent.
    pub fn angles(&self) -> &Angles {
        &self.angles
    }

    /// The bands that must be given, wholly, before [`Feed::scene`].
    pub fn wanted(&self) -> impl Iterator<Item = Band> {
        self.bands.keys().copied()
    }

    /// The bands of which it matters which detector looked where, with the wind that is known: those whose footprints
    /// [`Feed::put_detectors`] may be given.
    ///
    /// # Errors
    /// As [`Circumstances::may_glint`].
    pub fn wanted_footprints(
        &self,
        params: &Params,
        wind: Option<&WindGrid>,
    ) -> Result<BTreeSet<Band>> {
        let bands: Vec<Band> = self.wanted().collect();
        let circumstances = Circumstances {
            grid: &self.grid,
            angles: &self.angles,
            wind,
        };
        let is_seen = |band: &Band| {
            let mut detectors = self.angles.views.keys().filter(|(of, _)| of == band);
            detectors.any(|(_, detector)| *detector != ALL_DETECTORS)
        };
        let mut wanted = wanted_footprints(&bands, &circumstances, params)?;
        wanted.retain(is_seen);
        Ok(wanted)
    }

    /// Takes raw numbers of a rectangle of a band's own raster; 0 is no data.
    ///
    /// # Errors
    /// Parameter: a band that is not wanted, a rectangle that leaves the raster, that has another size than
    /// the numbers, or that cuts a pixel of the working grid; reflectance was announced.
    pub fn put_dn(&mut self, band: &str, window: Window, dn: &[u16]) -> Result<()> {
        self.plane(band, FedKind::Dn)?.put(window, dn)
    }

    /// Takes reflectance of a rectangle of a band's own raster; NaN is no data.
    ///
    /// # Errors
    /// As [`Feed::put_dn`].
    pub fn put_reflectance(&mut self, band: &str, window: Window, values: &[f32]) -> Result<()> {
        let dn: Vec<u16> = values.iter().copied().map(dn_of_reflectance).collect();
        self.plane(band, FedKind::Reflectance)?.put(window, &dn)
    }

    /// Takes a rectangle of a quality mask on a raster of (rows, columns) over the same ground; other than 0
    /// is lost, defective or without data. A pixel of the grid is marked when it shares area with such a one.
    ///
    /// # Errors
    /// Parameter: as [`Feed::put_dn`], or an empty raster.
    pub fn put_defective(
        &mut self,
        (rows, columns): (usize, usize),
        window: Window,
        mask: &[u8],
    ) -> Result<()> {
        window.check((rows, columns), mask.len())?;
        if mask.is_empty() {
            return Ok(());
        }
        let native = Grid {
            pixel_size: self.grid.width as f64 * self.grid.pixel_size / columns as f64,
            height: rows,
            width: columns,
            ..self.grid
        };
        let mut marks = Marks::new(&mut self.defective, &self.grid, &native);
        for (row, line) in (window.row..).zip(mask.chunks_exact(window.columns)) {
            for (column, _) in (window.column..)
                .zip(line)
                .filter(|(_, value)| **value != 0)
            {
                marks.mark(row, column..column + 1);
            }
        }
        Ok(())
    }

    /// Takes a rectangle of the footprint of a band's detectors, on a raster of (rows, columns) over the same ground: numbers
    /// 1 to 12, 0 where none looked. A pixel of the grid has the number under its centre, and none where none was given.
    ///
    /// # Errors
    /// Parameter: a band that is not wanted, a rectangle that leaves the raster or has another size than the numbers, a
    /// detector that there is not.
    pub fn put_detectors(
        &mut self,
        band: &str,
        (rows, columns): (usize, usize),
        window: Window,
        numbers: &[u8],
    ) -> Result<()> {
        let band = self.wanted_band(band)?;
        window.check((rows, columns), numbers.len())?;
        if let Some(number) = numbers.iter().find(|number| **number > MAX_DETECTOR) {
            return Err(Error::parameter("a footprint names no detector")
                .at(band)
                .got(number)
                .expected(format!("0 to {MAX_DETECTOR}")));
        }
        let shape = self.grid.shape();
        // The pixels whose centres lie in the rectangle, and the samples there.
        let under = |count: usize, samples: usize, first: usize, length: usize| {
            let sample = move |pixel: usize| {
                // Wide enough for any raster that a caller may claim.
                let sample = (2 * pixel + 1) as u128 * samples as u128 / (2 * count) as u128;
                sample as usize
            };
            (0..count)
                .map(move |pixel| (pixel, sample(pixel)))
                .filter_map(move |(pixel, sample)| Some((pixel, sample.checked_sub(first)?)))
                .filter(move |(_, sample)| *sample < length)
        };
        let across: Vec<(usize, usize)> =
            under(shape.1, columns, window.column, window.columns).collect();
        let plane = self
            .detectors
            .entry(band)
            .or_insert_with(|| Array2::zeros(shape));
        for (row, line) in under(shape.0, rows, window.row, window.rows) {
            for &(column, sample) in &across {
                plane[[row, column]] = numbers[line * window.columns + sample];
            }
        }
        Ok(())
    }

    /// The scene, and what the user should know about it. `host` is asked for what only the run knows to want.
    ///
    /// # Errors
    /// Parameter: a band was not given wholly.
    pub fn scene(
        self,
        auxiliary: Auxiliary,
        host: Option<Arc<dyn Host>>,
    ) -> Result<(Scene, Vec<String>)> {
        let mut warnings = Vec::new();
        if self.angles.sun.is_none() {
            warnings.push("the source has no sun angles".to_owned());
        }
        let mut builder = SceneBuilder::new(self.grid)
            .angles(self.angles)
            .saturated_dn(self.saturated_dn);
        for (band, plane) in self.bands {
            builder = builder.band(band, plane.finish().map_err(|e| e.at(band))?);
        }
        if let Some(defective) = self.defective {
            builder = builder.defective(defective);
        }
        for (band, detectors) in self.detectors {
            builder = builder.detectors(band, detectors);
        }
        match (self.native, host) {
            (Some(native), Some(host)) => {
                builder = builder.displacement(Arc::new(native.asked_of(host)));
            }
            _ => warnings.push(NO_DISPLACEMENT.to_owned()),
        }
        let scene = auxiliary.add_to(builder, &mut warnings).build()?;
        Ok((scene, warnings))
    }

    fn wanted_band(&self, name: &str) -> Result<Band> {
        let wanted = || {
            let names: Vec<&str> = self.bands.keys().map(|band| band.name()).collect();
            Error::parameter("the scene does not want this band")
                .got(name)
                .expected(names.join(", "))
        };
        Band::from_name(name)
            .filter(|band| self.bands.contains_key(band))
            .ok_or_else(wanted)
    }

    fn plane(&mut self, name: &str, kind: FedKind) -> Result<&mut Plane> {
        let band = self.wanted_band(name)?;
        let plane = self
            .bands
            .get_mut(&band)
            .ok_or_else(|| Error::internal("a band went missing"))?;
        if plane.kind != kind {
            return Err(
                Error::parameter("the band was announced with other numbers")
                    .at(band)
                    .got(format!("{kind:?}"))
                    .expected(format!("{:?}", plane.kind)),
            );
        }
        Ok(plane)
    }
}

#[cfg(test)]
mod tests;
