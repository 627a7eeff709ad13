//! Many dates of one tile: masked one by one, then judged by each other, and composed.
//!
//! Each product is decoded once; what the series needs of it lies in temporary files beside the output until all is done, and
//! comes back in blocks of rows that fit into the memory limit.

mod dates;
mod memory;
mod spool;

pub use dates::{Date, open_dates};
pub use memory::{memory_limit, rows_per_block};

use crate::auxiliary::Auxiliary;
use crate::cog::{self, Layer};
use crate::output::Output;
use crate::quicklook;
use crate::scene::{read_planes, read_scene};
use crate::stac;
use crate::staging::Staging;
use clearshore::flags::Flags;
use clearshore::learned::s2cloudmask::ShadowTree;
use clearshore::scene::{Band, Grid, Radiometry};
use clearshore::temporal::{BANDS, Changes, DateRows, MADS, compose, improve, judge_rows};
use clearshore::{Detection, Error, Params, Progress, Result};
use dates::tile_of;
use ndarray::{Array2, Array3, ArrayView2, ArrayView3, Axis, s};
use serde_json::{Value, json};
use spool::Spool;
use std::path::Path;

/// How reflectance is stored in the geometric median.
const STORED: Radiometry = Radiometry {
    offset: 0,
    quantification: 10_000.0,
};
/// Largest stored number; 0 is no data, so the least is 1.
const STORED_MAX: f32 = 65_534.0;
/// Name of the hidden folder of temporary files.
const SPOOL: &str = "spool";

/// How a series is made.
#[derive(Debug)]
pub struct SeriesOptions {
    /// How each date is masked.
    pub params: Params,
    /// s2cloudmask's fast shadow tree.
    pub shadow: Option<ShadowTree>,
    /// What the stack may take, bytes.
    pub memory: u64,
}

/// What a series gave: names of the files in the staging folder, the document last, and the document.
#[derive(Debug)]
pub struct Series {
    /// Names of the files, in the order in which they are to be published.
    pub files: Vec<String>,
    /// Tile, dates, and what changed.
    pub document: Value,
}

/// Makes the series in a staging folder: masks of all dates, geometric median, distances, number of clear dates, document.
///
/// # Errors
/// As reading and masking a product; Parameter: too little memory; Io; Cancelled.
pub fn make_series(
    (dates, grid): &(Vec<Date>, Grid),
    options: &SeriesOptions,
    staging: &Staging,
    progress: &dyn Progress,
) -> Result<Series> {
    let block = rows_per_block(grid, dates.len(), options.memory)?;
    let folder = staging.path(SPOOL);
    std::fs::create_dir_all(&folder).map_err(|error| {
        Error::io("the folder of temporary files can't be made")
            .at(folder.display())
            .caused_by(error)
    })?;
    let work = Work {
        options,
        grid: *grid,
        block,
        staging,
        progress,
    };
    let mut spools = Vec::new();
    let mut detections = Vec::new();
    for (index, date) in dates.iter().enumerate() {
        log::info!("{}: masking, {} of {}", date.name, index + 1, dates.len());
        let (spool, detection) = work.mask(&folder, index, date)?;
        spools.push(spool);
        detections.push(detection);
    }
    work.judge(&spools)?;
    let mut files = Vec::new();
    let mut reports = Vec::new();
    let mut warnings = Vec::new();
    progress.stage("improving", dates.len() as u64);
    for ((date, spool), mut detection) in dates.iter().zip(&spools).zip(detections) {
        warnings.append(&mut detection.warnings);
        reports.push(work.improve(date, spool, detection, &mut files)?);
        progress.advance(1);
    }
    let tile = tile_of(dates);
    work.compose(&tile, dates, &spools, &mut files)?;
    // Their room is needed by nobody now.
    let _ = std::fs::remove_dir_all(&folder);
    let mut document = json!({
        "version": env!("CARGO_PKG_VERSION"),
        "tile": tile,
        "rowsPerBlock": block,
        "dates": reports,
        "files": files,
        "warnings": warnings,
    });
    for (key, value) in how_made(options) {
        document[key] = value;
    }
    let name = document_of(&tile);
    staging.write(&name, format!("{document:#}\n").as_bytes())?;
    files.push(name);
    Ok(Series { files, document })
}

/// The document of a complete series of these dates: all of its files are there.
pub fn complete_series(dates: &[Date], options: &SeriesOptions, folder: &Path) -> Option<Value> {
    let file = document_of(&tile_of(dates));
    let text = std::fs::read(folder.join(&file)).unwrap_or_default();
    let document: Value = serde_json::from_slice(&text).unwrap_or_default();
    let each = |list: &str| document[list].as_array().into_iter().flatten();
    let is_there = |name: &Value| {
        name.as_str()
            .is_some_and(|name| folder.join(name).is_file())
    };
    let has_dates = each("dates")
        .map(|date| &date["name"])
        .eq(dates.iter().map(|date| &date.name));
    if !has_dates || !each("files").all(is_there) {
        return None;
    }
    let asked = how_made(options);
    if !asked.iter().all(|(key, value)| document[key] == *value) {
        log::warn!(
            "{file}: the series that is there was made in another way; --overwrite makes it anew"
        );
    }
    Some(document)
}

fn document_of(tile: &str) -> String {
    format!("{tile}_series.json")
}

/// What else than the products decides on a series.
fn how_made(options: &SeriesOptions) -> [(&'static str, Value); 3] {
    [
        ("parameters", stac::parameters(&options.params)),
        ("dem", stac::dem(&options.params)),
        ("shadowTree", options.shadow.is_some().into()),
    ]
}

/// What all steps need.
struct Work<'a> {
    options: &'a SeriesOptions,
    grid: Grid,
    block: usize,
    staging: &'a Staging,
    progress: &'a dyn Progress,
}

impl Work<'_> {
    /// Masks a date as `mask` does, and puts it away with all its bands. The flags are put away too: what is left of the result tells
    /// how it came about.
    fn mask(&self, folder: &Path, index: usize, date: &Date) -> Result<(Spool, Detection)> {
        // Evidence and features of a mask that is changed later would not fit it.
        let params = &Params {
            copy_evidence: false,
            copy_features: false,
            ..self.options.params.clone()
        };
        let product = &date.product;
        let auxiliary =
            Auxiliary::of_params(params, &self.grid)?.with_forecast(product, params, &self.grid);
        let (scene, mut warnings) = read_scene(product, params, auxiliary, self.progress)?;
        let mut detection = clearshore::detect(&scene, params, self.progress)?;
        warnings.append(&mut detection.warnings);
        detection.warnings = warnings;
        for warning in &mut detection.warnings {
            *warning = format!("{}: {warning}", date.name);
            log::warn!("{warning}");
        }
        let more: Vec<Band> = BANDS
            .into_iter()
            .filter(|band| scene.band(*band).is_none())
            .collect();
        let read = read_planes(product, params, &more, self.progress)?;
        let mut read = read.iter();
        let band = |band: &Band| {
            scene
                .band(*band)
                .map(|plane| &plane.dn)
                .or_else(|| read.next())
        };
        let bands: Vec<&Array2<u16>> = BANDS.iter().filter_map(band).collect();
        let radiometry = BANDS.map(|band| product.radiometry(band));
        let flags = std::mem::take(&mut detection.flags);
        let picture = quicklook::picture(&scene);
        let spool = Spool::write(folder, index, &bands, radiometry, &flags, &picture)?;
        self.progress.check()?;
        Ok((spool, detection))
    }

    /// Calls `each` with every block of rows of all dates.
    fn blocks(
        &self,
        spools: &[Spool],
        mut each: impl FnMut(usize, Vec<DateRows>) -> Result<()>,
    ) -> Result<()> {
        for first in (0..self.grid.height).step_by(self.block) {
            let rows = first..(first + self.block).min(self.grid.height);
            let dates = spools.iter().map(|spool| spool.read(&rows));
            each(first, dates.collect::<Result<_>>()?)?;
        }
        Ok(())
    }

    fn judge(&self, spools: &[Spool]) -> Result<()> {
        self.progress.stage("judging", self.grid.height as u64);
        let columns = self.grid.width;
        self.blocks(spools, |_, dates| {
            let verdicts =
                judge_rows(&dates, columns, self.options.shadow.as_ref(), self.progress)?;
            let rows = verdicts.len() / (columns * dates.len());
            let verdicts = ArrayView3::from_shape((rows, dates.len(), columns), &verdicts)
                .map_err(misshapen)?;
            for (spool, rows) in spools.iter().zip(verdicts.axis_iter(Axis(1))) {
                spool.add_verdicts(rows)?;
            }
            Ok(())
        })
    }

    /// Improves the mask of a date and writes its files; `detection` lacks the flags.
    fn improve(
        &self,
        date: &Date,
        spool: &Spool,
        detection: Detection,
        files: &mut Vec<String>,
    ) -> Result<Value> {
        let params = &self.options.params;
        let mut flags = spool.all_flags()?;
        let verdicts = spool.all_verdicts()?;
        let changes = improve(
            &mut flags,
            verdicts.view(),
            params,
            self.grid.pixel_size,
            self.progress,
        )?;
        drop(verdicts);
        if changes != Changes::default() {
            spool.replace_flags(&flags)?;
        }
        let provenance = self.provenance(&date.name);
        let file = cog::encode(&flags, &self.grid, &Layer::flags(), &provenance)?;
        self.put(Output::Flags.file(&date.name), &file, files)?;
        let classes = quicklook::class_map(&flags);
        let file = cog::encode(&classes, &self.grid, &Layer::class(), &provenance)?;
        self.put(Output::Class.file(&date.name), &file, files)?;
        let picture = quicklook::png_beside(&spool.picture()?, &flags, &classes, &date.name)?;
        self.put(Output::Quicklook.file(&date.name), &picture, files)?;
        drop(classes);
        let detection = Detection { flags, ..detection };
        let written = [
            Output::Flags,
            Output::Class,
            Output::Quicklook,
            Output::Item,
        ];
        let item = stac::item(
            &date.name,
            &date.product,
            &self.grid,
            params,
            &detection,
            &written,
        );
        self.put(
            Output::Item.file(&date.name),
            format!("{item:#}\n").as_bytes(),
            files,
        )?;
        let shares = detection.shares();
        let share = |flag: Flags| {
            let row = shares.iter().find(|share| share.flag.flag == flag);
            row.map(|share| share.share)
        };
        Ok(json!({
            "product": date.path,
            "name": date.name,
            "datetime": date.time,
            "cloudAdded": changes.cloud_added,
            "shadowAdded": changes.shadow_added,
            "cloudRemoved": changes.cloud_removed,
            "cloud": share(Flags::CLOUD),
            "cloudShadow": share(Flags::CLOUD_SHADOW),
        }))
    }

    fn compose(
        &self,
        tile: &str,
        dates: &[Date],
        spools: &[Spool],
        files: &mut Vec<String>,
    ) -> Result<()> {
        self.progress.stage("composing", self.grid.height as u64);
        let (height, width) = self.grid.shape();
        let mut geomedian = Array3::<u16>::zeros((BANDS.len(), height, width));
        let mut mads = Array3::<f32>::zeros((MADS.len(), height, width));
        let mut count = Array2::<u16>::zeros((height, width));
        self.blocks(spools, |first, rows| {
            let block = compose(&rows, width, self.progress)?;
            let lines = block.count.len() / width;
            let of = |values, bands| {
                ArrayView3::from_shape((lines, bands, width), values).map_err(misshapen)
            };
            let place = first..first + lines;
            let medians: ArrayView3<'_, f32> = of(&block.geomedian, BANDS.len())?;
            let medians = medians.permuted_axes([1, 0, 2]);
            geomedian
                .slice_mut(s![.., place.clone(), ..])
                .zip_mut_with(&medians, |out, value| *out = stored(*value));
            let distances = of(&block.mads, MADS.len())?.permuted_axes([1, 0, 2]);
            mads.slice_mut(s![.., place.clone(), ..]).assign(&distances);
            let counts = ArrayView2::from_shape((lines, width), &block.count).map_err(misshapen)?;
            count.slice_mut(s![place, ..]).assign(&counts);
            Ok(())
        })?;
        let names: Vec<&str> = dates.iter().map(|date| date.name.as_str()).collect();
        let provenance = self.provenance(&names.join(" "));
        self.progress.stage("writing", 4);
        let grid = &self.grid;
        let layer = Layer::clear_dates();
        let file = cog::encode(&count, grid, &layer, &provenance)?;
        drop(count);
        self.put(format!("{tile}_count.tif"), &file, files)?;
        let planes: Vec<_> = mads.outer_iter().collect();
        let file = cog::encode_bands(&planes, &MADS, grid, &Layer::mads(), &provenance)?;
        drop(mads);
        self.put(format!("{tile}_mads.tif"), &file, files)?;
        let planes: Vec<_> = geomedian.outer_iter().collect();
        let file = cog::encode_bands(
            &planes,
            &BANDS.map(Band::name),
            grid,
            &Layer::geomedian(),
            &provenance,
        )?;
        self.put(format!("{tile}_geomedian.tif"), &file, files)?;
        let colours = quicklook::COLOUR_BANDS.map(|colour| {
            let number = BANDS.iter().position(|band| *band == colour).unwrap_or(0);
            let plane = geomedian.index_axis(Axis(0), number).to_owned();
            quicklook::shrunken(&plane, STORED)
        });
        let title = format!("{tile}: geometric median of {} dates", dates.len());
        let file = quicklook::picture_png(&colours, width, &title)?;
        self.put(format!("{tile}_geomedian.png"), &file, files)?;
        self.progress.advance(4);
        Ok(())
    }

    fn put(&self, name: String, contents: &[u8], files: &mut Vec<String>) -> Result<()> {
        self.staging.write(&name, contents)?;
        files.push(name);
        self.progress.check()
    }

    fn provenance(&self, product: &str) -> [(&'static str, String); 2] {
        [
            ("PRODUCT", product.to_owned()),
            (
                "PARAMETERS",
                stac::parameters(&self.options.params).to_string(),
            ),
        ]
    }
}

/// The number in the file.
fn stored(reflectance: f32) -> u16 {
    if reflectance.is_nan() {
        0
    } else {
        let number = reflectance * STORED.quantification as f32;
        number.round().clamp(1.0, STORED_MAX) as u16
    }
}

fn misshapen(error: ndarray::ShapeError) -> Error {
    Error::internal("a block of the series has another size").caused_by(error)
}
