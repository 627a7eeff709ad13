//! The output files of one product: writing them, and telling whether they are there; single files.

use crate::interrupt::Interrupt;
use crate::progress::Watched;
use clearshore::codes::Codes;
use clearshore::scene::Scene;
use clearshore::{Detection, Error, Params, Progress, Result};
use clearshore_io::cog::{self, Layer};
use clearshore_io::output::Output;
use clearshore_io::quicklook;
use clearshore_io::safe::Product;
use clearshore_io::stac::{self, DEM_KEY, PARAMETERS_KEY};
use clearshore_io::staging::Staging;
use serde_json::Value;
use std::fs;
use std::path::Path;

/// A finished run.
pub struct Run<'a> {
    /// Stem of the output files.
    pub name: &'a str,
    /// What was read.
    pub product: &'a Product,
    /// How it was read.
    pub params: &'a Params,
    /// The class codes that are written too.
    pub codes: &'a [&'static Codes],
    /// The scene.
    pub scene: &'a Scene,
    /// What was found.
    pub detection: &'a Detection,
}

impl Run<'_> {
    /// Writes everything, puts it in its place, and gives the STAC item.
    pub fn write(&self, staging: Staging, progress: &Watched<'_>) -> Result<Value> {
        let features = self.detection.features.iter();
        let files = Output::all(self.params, self.codes, features.map(|band| band.feature));
        progress.stage("writing", files.len() as u64);
        let classes = quicklook::class_map(&self.detection.flags);
        let provenance = [
            ("PRODUCT", self.product.name().to_owned()),
            ("PARAMETERS", stac::parameters(self.params).to_string()),
        ];
        let grid = self.scene.grid();
        let put = |output: Output, contents: Vec<u8>| {
            staging.write(&output.file(self.name), &contents)?;
            progress.advance(1);
            (progress as &dyn Progress).check()
        };
        let flags = || {
            let layer = Layer::flags();
            let file = cog::encode(&self.detection.flags, grid, &layer, &provenance)?;
            put(Output::Flags, file)
        };
        let pictures = || {
            let file = cog::encode(&classes, grid, &Layer::class(), &provenance)?;
            put(Output::Class, file)?;
            let picture = quicklook::png(self.scene, self.detection, &classes, self.name)?;
            put(Output::Quicklook, picture)
        };
        let (flags, pictures) = rayon::join(flags, pictures);
        flags.and(pictures)?;
        for codes in self.codes {
            let numbers = codes.plane(&self.detection.flags);
            let file = cog::encode(&numbers, grid, &Layer::codes(codes), &provenance)?;
            put(Output::Codes(codes), file)?;
        }
        if let Some(evidence) = &self.detection.evidence {
            let file = cog::encode(evidence, grid, &Layer::evidence(), &provenance)?;
            put(Output::Evidence, file)?;
        }
        for band in &self.detection.features {
            let layer = Layer::feature(band.feature);
            let file = cog::encode(&band.values, grid, &layer, &provenance)?;
            put(Output::Feature(band.feature), file)?;
        }
        let item = stac::item(
            self.name,
            self.product,
            grid,
            self.params,
            self.detection,
            &files,
        );
        put(Output::Item, format!("{item:#}\n").into_bytes())?;
        let names: Vec<String> = files.iter().map(|output| output.file(self.name)).collect();
        progress.interrupt.uncut(|| staging.publish(&names))?;
        Ok(item)
    }
}

/// The STAC item of a complete output: all of its files are there, and what is asked for is among them.
pub fn complete(
    folder: &Path,
    name: &str,
    params: &Params,
    codes: &[&'static Codes],
) -> Option<Value> {
    let text = fs::read_to_string(folder.join(Output::Item.file(name))).ok()?;
    let item: Value = serde_json::from_str(&text).ok()?;
    let made: Params = serde_json::from_value(item["properties"][PARAMETERS_KEY].clone()).ok()?;
    let has_codes = |codes: &&Codes| item["assets"][codes.band()].is_object();
    let enough = codes.iter().all(has_codes)
        && (made.copy_evidence || !params.copy_evidence)
        && (made.copy_features || !params.copy_features);
    let whole = item["assets"].as_object()?.values().all(|asset| {
        let file = asset["href"].as_str();
        file.is_some_and(|file| folder.join(file).is_file())
    });
    if !(enough && whole) {
        return None;
    }
    let comparable = |params: &Params| Params {
        copy_evidence: false,
        copy_features: false,
        threads: None,
        ..params.clone()
    };
    if comparable(&made) != comparable(params) {
        log::warn!(
            "{name}: the output that is there was made with other parameters; --overwrite makes it anew"
        );
    } else if item["properties"][DEM_KEY] != stac::dem(params) {
        log::warn!(
            "{name}: the output that is there was made over another elevation model; --overwrite makes it anew"
        );
    }
    Some(item)
}

/// Writes one file and puts it in its place, complete or not at all.
pub fn write_file(path: &Path, contents: &[u8], interrupt: &Interrupt) -> Result<()> {
    let name = path.file_name().filter(|_| !path.is_dir()).ok_or_else(|| {
        Error::parameter("the output is no file name")
            .got(path.display())
            .expected("a file to write, not a folder")
    })?;
    let name = name.to_string_lossy().into_owned();
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    let staging = Staging::new(folder)?;
    interrupt.guard(staging.folder());
    staging.write(&name, contents)?;
    interrupt.uncut(|| staging.publish(&[name]))
}
