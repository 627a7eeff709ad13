//! `clearshore relief`: relief shadow of a grid under the sun, without an image.

mod options;

pub use options::command;

use crate::console;
use crate::interrupt::Interrupt;
use crate::progress::{Watched, worker_pool};
use clap::ArgMatches;
use clearshore::terrain::{Light, Relief, ReliefOptions, exact_shadow, relief_shadow};
use clearshore::{Error, Feature, Progress, Result};
use clearshore_io::cog::{self, Layer};
use clearshore_io::dem;
use clearshore_io::panics;
use clearshore_io::staging::Staging;
use indicatif::ProgressBar;
use ndarray::Array2;
use options::{OwnLight, Request};
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::{Path, PathBuf};

/// Value of a pixel in the file.
const LIT: u8 = 0;
const CAST: u8 = 1;
const SELF: u8 = 2;
const UNKNOWN: u8 = 255;

/// Finds the shadow and writes it.
pub fn run(matches: &ArgMatches, bar: &ProgressBar) -> Result<()> {
    let request = Request::read(matches)?;
    let interrupt = Interrupt::listen()?;
    let progress = Watched {
        bar,
        interrupt: &interrupt,
        timings: None,
    };
    let pool = worker_pool(request.params.threads.unwrap_or(0))?;
    let report = panics::caught(|| pool.install(|| request.write(&progress)))?;
    bar.suspend(|| match matches.get_flag("json") {
        true => console::print_json(&report),
        false => console::print(&table(&report, request.is_view)),
    })
}

impl Request {
    fn write(&self, progress: &Watched<'_>) -> Result<Value> {
        let target = Target::of(&self.output)?;
        let Some(source) = dem::of_params(&self.params)? else {
            return Err(Error::auxiliary("there is no elevation model")
                .got(format!(
                    "nothing of '{}' where SNAP keeps it",
                    self.params.dem_name
                ))
                .expected("a raster of heights or a folder of cells")
                .advice("name it by --dem PATH"));
        };
        let staging = Staging::new(target.folder)?;
        progress.interrupt.guard(staging.folder());
        let light = match &self.light {
            OwnLight::Grid(grid) => Light::Grid(grid),
            OwnLight::Uniform(direction) => Light::Uniform(*direction),
        };
        let options = ReliefOptions {
            visibility: self.features,
            incidence: self.features,
            refraction: self.params.refraction,
        };
        let find = match self.exact {
            true => exact_shadow,
            false => relief_shadow,
        };
        let relief = find(&self.grid, light, &*source, options, progress)?;
        if !relief.missing.is_empty() {
            log::warn!(
                "the elevation model lacks {}: what depends on them is unknown ({UNKNOWN})",
                relief.missing.join(", ")
            );
        }
        let dem = dem::path_of_params(&self.params);
        let provenance = self.provenance(dem.as_deref());
        let mut names = Vec::new();
        let mut put = |name: String, file: Vec<u8>| {
            staging.write(&name, &file)?;
            names.push(name);
            (progress as &dyn Progress).check()
        };
        for (feature, values) in [
            (Feature::SunVisibility, relief.sun_visibility),
            (Feature::CosIncidence, relief.cos_incidence),
        ] {
            if let Some(values) = values {
                let layer = Layer::feature(feature);
                let file = cog::encode(&values, &self.grid, &layer, &provenance)?;
                put(target.beside(feature), file)?;
            }
        }
        let values = relief
            .bits
            .mapv_into(|bits| value(Relief::from_bits_retain(bits)));
        let file = cog::encode(&values, &self.grid, &Layer::relief(), &provenance)?;
        put(target.name.to_owned(), file)?;
        let files: Vec<PathBuf> = names
            .iter()
            .map(|name| self.output.with_file_name(name))
            .collect();
        progress.interrupt.uncut(|| staging.publish(&names))?;
        Ok(report(&values, &files, dem.as_deref(), &relief.missing))
    }

    /// What the files tell about the run.
    fn provenance(&self, dem: Option<&Path>) -> Vec<(&'static str, String)> {
        let light = match &self.light {
            OwnLight::Grid(_) => Value::Null,
            OwnLight::Uniform(light) => {
                json!([light.azimuth.to_degrees(), 90.0 - light.zenith.to_degrees()])
            }
        };
        let parameters = json!({
            "dem": dem,
            "demVoidPolicy": self.params.dem_void_policy,
            (if self.is_view { "view" } else { "sun" }): light,
            "exact": self.exact,
            "refraction": self.params.refraction,
        });
        let product = self.product.clone().map(|name| ("PRODUCT", name));
        let parameters = ("PARAMETERS", parameters.to_string());
        product.into_iter().chain([parameters]).collect()
    }
}

/// Where the file goes.
struct Target<'a> {
    folder: &'a Path,
    name: &'a str,
}

impl<'a> Target<'a> {
    fn of(output: &'a Path) -> Result<Self> {
        let name = output.file_name().and_then(|name| name.to_str());
        let name = name.filter(|_| !output.is_dir()).ok_or_else(|| {
            Error::parameter("the output is no file name")
                .at("--output")
                .got(output.display())
                .expected("a file to write, such as shadow.tif")
        })?;
        let folder = output
            .parent()
            .filter(|folder| !folder.as_os_str().is_empty());
        Ok(Self {
            folder: folder.unwrap_or(Path::new(".")),
            name,
        })
    }

    /// Name of a feature's file: `shadow_sun_visibility.tif` beside `shadow.tif`.
    fn beside(&self, feature: Feature) -> String {
        let stem = self.name.strip_suffix(".tif").unwrap_or(self.name);
        format!("{stem}_{}.tif", feature.name())
    }
}

fn value(relief: Relief) -> u8 {
    if relief.contains(Relief::CAST) {
        CAST
    } else if relief.contains(Relief::UNKNOWN) {
        UNKNOWN
    } else if relief.contains(Relief::SELF) {
        SELF
    } else {
        LIT
    }
}

fn report(values: &Array2<u8>, files: &[PathBuf], dem: Option<&Path>, missing: &[String]) -> Value {
    let count = |wanted: u8| values.iter().filter(|value| **value == wanted).count();
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "files": files,
        "dem": dem,
        "pixels": values.len(),
        "lit": count(LIT),
        "cast": count(CAST),
        "self": count(SELF),
        "unknown": count(UNKNOWN),
        "missing": missing,
    })
}

fn table(report: &Value, is_view: bool) -> String {
    let (free, blocked) = match is_view {
        true => ("in view", "hidden"),
        false => ("lit", "cast shadow"),
    };
    let pixels = report["pixels"].as_f64().unwrap_or(1.0).max(1.0);
    let mut text = String::new();
    for (key, meaning) in [
        ("lit", free),
        ("cast", blocked),
        ("self", "only facing away"),
        ("unknown", "unknown"),
    ] {
        let percent = 100.0 * report[key].as_f64().unwrap_or(0.0) / pixels;
        let _ = writeln!(text, "{meaning:<17} {percent:7.3} %");
    }
    for file in report["files"].as_array().into_iter().flatten() {
        let _ = writeln!(text, "{}", file.as_str().unwrap_or_default());
    }
    text
}
