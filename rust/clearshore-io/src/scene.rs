//! From a product to a scene: the bands that the detectors look at, on one grid.

use crate::auxiliary::Auxiliary;
use crate::bands::{read_band, work_units};
use crate::displacement::ProductDisplacement;
use crate::feed::NO_DISPLACEMENT;
use crate::jp2::Jp2;
use crate::safe::{Edges, Product};
use clearshore::glint::{Circumstances, glinting_bands};
use clearshore::scene::{Band, BandPlane, Grid, Scene, SceneBuilder};
use clearshore::terrain::view::VIEW_BAND;
use clearshore::{Error, Params, Progress, Resampling, Result};
use ndarray::Array2;
use rayon::prelude::*;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Bands that the detectors look at; B08 stands in for B8A where that is absent.
pub const USED_BANDS: [Band; 7] = [
    Band::B02,
    Band::B03,
    Band::B04,
    Band::B10,
    Band::B11,
    Band::B12,
    Band::B8A,
];

/// Reads a scene on the grid that the parameters ask for, and what the user should know about it.
///
/// Only bands that are used are decoded, all of them in parallel in the caller's pool. One stage of
/// progress.
///
/// # Errors
/// `Product`: required bands are missing, which is said before anything is decoded; a band file is
/// damaged or has another size than the metadata says. `Cancelled`.
pub fn read_scene(
    product: &Product,
    params: &Params,
    auxiliary: Auxiliary,
    progress: &dyn Progress,
) -> Result<(Scene, Vec<String>)> {
    let bands = wanted_bands(|band| product.band_file(band).is_some(), auxiliary.bands())
        .map_err(|error| error.at(product.location()))?;
    let reader = Reader::of(product, params, progress)?;
    let grid = reader.grid;
    let files = reader.open_all(&bands)?;
    let circumstances = Circumstances {
        grid: &grid,
        angles: product.angles(),
        wind: auxiliary.wind.as_ref(),
    };
    let footprints = wanted_footprints(&bands, &circumstances, params)?;
    let footprint_work = footprints
        .iter()
        .map(|&band| product.footprint_work_units(band))
        .sum::<Result<u64>>()?;
    progress.stage("decoding", reader.work(&files)? + footprint_work);
    let planes: Vec<(Band, Array2<u16>)> = files
        .par_iter()
        .map(|(band, file)| Ok((*band, reader.read(*band, file)?)))
        .collect::<Result<_>>()?;
    let mut builder = SceneBuilder::new(grid)
        .angles(product.angles().clone())
        .saturated_dn(product.metadata().saturated_dn);
    for (band, dn) in planes {
        let radiometry = product.radiometry(band);
        builder = builder.band(band, BandPlane { dn, radiometry });
    }
    // Validity does not ask B10, in data as in masks: a defective B10 column costs cirrus, not the pixel.
    let asked: Vec<Band> = bands
        .into_iter()
        .filter(|&band| band != Band::B10)
        .collect();
    if let Some(defective) = product.defective(&grid, &asked, progress)? {
        builder = builder.defective(defective);
    }
    let mut warnings = product.warnings().to_vec();
    match reader.displacement()? {
        Some(source) => builder = builder.displacement(Arc::new(source)),
        None => warnings.push(NO_DISPLACEMENT.to_owned()),
    }
    for band in footprints {
        let edges = if band == VIEW_BAND && params.wants_view_occlusion() {
            Edges::Exact
        } else {
            Edges::ToAPixel
        };
        if let Some(detectors) = product.detector_footprint(band, &grid, edges, progress)? {
            builder = builder.detectors(band, detectors);
        }
    }
    let scene = auxiliary.add_to(builder, &mut warnings).build()?;
    Ok((scene, warnings))
}

/// The bands of [`USED_BANDS`] that are there, or stand in, and `others`, which a learned detector needs.
///
/// # Errors
/// Product: required bands are missing.
pub fn wanted_bands(present: impl Fn(Band) -> bool, others: &[Band]) -> Result<Vec<Band>> {
    let missing: Vec<&str> = SceneBuilder::missing(&present).collect();
    if !missing.is_empty() {
        return Err(SceneBuilder::missing_bands(&missing));
    }
    let absent: Vec<&str> = others
        .iter()
        .filter(|band| !present(**band))
        .map(|band| band.name())
        .collect();
    if !absent.is_empty() {
        return Err(
            Error::product("bands that the learned detector needs are missing")
                .got(format!("no {}", absent.join(", no ")))
                .advice("use a complete Level-1C product, or cloudDetector=physics"),
        );
    }
    let there = |band| match band {
        Band::B8A if !present(Band::B8A) => Some(Band::B08),
        band => present(band).then_some(band),
    };
    let mut wanted: Vec<Band> = USED_BANDS.into_iter().filter_map(there).collect();
    wanted.extend(others.iter().filter(|band| !USED_BANDS.contains(band)));
    wanted.sort_unstable();
    wanted.dedup();
    Ok(wanted)
}

/// Bands for which it matters which detector looked where: for view occlusion, and for glint where it may be.
pub(crate) fn wanted_footprints(
    bands: &[Band],
    circumstances: &Circumstances<'_>,
    params: &Params,
) -> Result<BTreeSet<Band>> {
    let mut wanted = BTreeSet::new();
    wanted.extend(params.wants_view_occlusion().then_some(VIEW_BAND));
    if params.compute_glint && (params.copy_features || circumstances.may_glint(params)?) {
        wanted.extend(glinting_bands().filter(|band| bands.contains(band)));
    }
    Ok(wanted)
}

/// Reads bands on the grid that the parameters ask for, all in parallel in the caller's pool. One stage of progress.
///
/// # Errors
/// As [`read_scene`]; every band must be there.
pub fn read_planes(
    product: &Product,
    params: &Params,
    bands: &[Band],
    progress: &dyn Progress,
) -> Result<Vec<Array2<u16>>> {
    let reader = Reader::of(product, params, progress)?;
    let files = reader.open_all(bands)?;
    progress.stage("decoding", reader.work(&files)?);
    let read = |(band, file): &(Band, Jp2)| reader.read(*band, file);
    files.par_iter().map(read).collect()
}

struct Reader<'a> {
    product: &'a Product,
    grid: Grid,
    pixel_size: u32,
    resampling: Resampling,
    progress: &'a dyn Progress,
}

impl<'a> Reader<'a> {
    fn of(product: &'a Product, params: &Params, progress: &'a dyn Progress) -> Result<Self> {
        Ok(Self {
            product,
            grid: product.grid(params.resolution)?,
            pixel_size: params.resolution,
            resampling: params.resampling,
            progress,
        })
    }

    fn open_all(&self, bands: &[Band]) -> Result<Vec<(Band, Jp2)>> {
        let open = |&band: &Band| Ok((band, self.open(band)?));
        bands.iter().map(open).collect()
    }

    /// Opens a band and checks its size before anything is decoded.
    fn open(&self, band: Band) -> Result<Jp2> {
        let place = self
            .product
            .band_file(band)
            .map_or_else(String::new, |file| self.product.place(file));
        let file = Jp2::open(self.product.open_band(band)?, format!("{band}, {place}"))?;
        let (rows, columns) = self.product.grid(band.native_pixel_size())?.shape();
        if (file.rows(), file.columns()) != (rows, columns) {
            return Err(
                Error::product("the band file has another size than the metadata says")
                    .at(file.label())
                    .got(format!("{} x {}", file.rows(), file.columns()))
                    .expected(format!("{rows} x {columns}"))
                    .advice("download the product again"),
            );
        }
        Ok(file)
    }

    /// The bands in which clouds stand apart from the ground; nothing of them is decoded yet.
    fn displacement(&self) -> Result<Option<ProductDisplacement>> {
        let bands = [Band::B07, Band::B08, Band::B8A];
        if bands
            .iter()
            .any(|band| self.product.band_file(*band).is_none())
        {
            return Ok(None);
        }
        let open =
            |band| -> Result<_> { Ok((band, self.open(band)?, self.product.radiometry(band))) };
        let [near, apart, base] = bands.map(open);
        // At 10 m nothing is resampled: a host that gives the native pixels gives the same.
        let is_native = self.pixel_size <= Band::B08.native_pixel_size();
        Ok(Some(ProductDisplacement {
            grid: self.product.grid(Band::B8A.native_pixel_size())?,
            files: [near?, apart?, base?],
            resampling: if is_native {
                Resampling::Mean
            } else {
                self.resampling
            },
            base_in_scene: self.pixel_size == Band::B8A.native_pixel_size(),
        }))
    }

    fn work(&self, files: &[(Band, Jp2)]) -> Result<u64> {
        files
            .iter()
            .map(|(band, file)| {
                let native = band.native_pixel_size();
                work_units(file, native, self.pixel_size, self.resampling)
            })
            .sum()
    }

    fn read(&self, band: Band, file: &Jp2) -> Result<Array2<u16>> {
        let native = band.native_pixel_size();
        let dn = read_band(
            file,
            native,
            self.pixel_size,
            self.resampling,
            self.progress,
        )?;
        if dn.dim() != self.grid.shape() {
            return Err(
                Error::product("the grids of the product do not fit each other")
                    .at(file.label())
                    .got(format!("{:?}", dn.dim()))
                    .expected(format!("{:?}", self.grid.shape())),
            );
        }
        Ok(dn)
    }
}
