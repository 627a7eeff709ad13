//! `clearshore mask`: products in, flags out.

use crate::interrupt::Interrupt;
use crate::progress::{Watched, worker_pool};
use crate::timings::Timings;
use crate::{args, console, outputs, summary};
use clap::ArgMatches;
use clearshore::codes::Codes;
use clearshore::{Error, ErrorKind, Params, Result};
use clearshore_io::auxiliary::Auxiliary;
use clearshore_io::safe::Product;
use clearshore_io::scene::read_scene;
use clearshore_io::staging::Staging;
use clearshore_io::{output, panics};
use indicatif::ProgressBar;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::path::{Path, PathBuf};

/// What every product of a call has in common.
struct Call<'a> {
    params: Params,
    granule: Option<&'a str>,
    codes: Vec<&'static Codes>,
    folder: &'a Path,
    overwrite: bool,
    progress: Watched<'a>,
}

/// Makes the flags of the products. A failed product does not stop the others; the first failure is the
/// result.
pub fn run(matches: &ArgMatches, bar: &ProgressBar) -> Result<()> {
    let products: Vec<&PathBuf> = matches.get_many("product").unwrap_or_default().collect();
    let Some(folder) = matches.get_one::<PathBuf>("output") else {
        return Ok(());
    };
    let interrupt = Interrupt::listen()?;
    let call = Call {
        params: args::parameters(matches)?,
        granule: matches.get_one::<String>("granule").map(String::as_str),
        codes: args::codes(matches),
        folder,
        overwrite: matches.get_flag("overwrite"),
        progress: Watched {
            bar,
            interrupt: &interrupt,
            timings: matches.get_flag("timings").then(Timings::start),
        },
    };
    call.no_name_twice(&products)?;
    let threads = call.params.threads.unwrap_or(0);
    let pool = worker_pool(threads)?;
    let as_json = matches.get_flag("json");
    let mut reports = Vec::new();
    let mut failures = Vec::new();
    for (index, path) in products.iter().enumerate() {
        if products.len() > 1 {
            bar.set_prefix(format!("{}/{}", index + 1, products.len()));
        }
        let result = panics::caught(|| pool.install(|| call.one(path)));
        let timings = call.progress.timings.as_ref().map(Timings::take);
        match result {
            Ok(mut report) => {
                if let Some(timings) = timings {
                    report[summary::TIMINGS_KEY] = timings;
                }
                if !as_json {
                    bar.suspend(|| console::print(&summary::text(&report)))?;
                }
                reports.push(report);
            }
            Err(error) if error.kind() == ErrorKind::Cancelled => return Err(error),
            Err(error) => {
                reports.push(failure(path, &error));
                failures.push((path, error));
            }
        }
    }
    if as_json {
        console::print_json(&json!({
            "version": env!("CARGO_PKG_VERSION"),
            "products": reports,
        }))?;
    }
    finish(failures, products.len())
}

/// Tells of all failures and gives the first.
fn finish(failures: Vec<(&&PathBuf, Error)>, products: usize) -> Result<()> {
    if products > 1 {
        for (path, error) in failures.iter().skip(1) {
            log::error!("{}: {error}", path.display());
        }
        if !failures.is_empty() {
            log::error!(
                "{} of {products} products failed; the first:",
                failures.len()
            );
        }
    }
    match failures.into_iter().next() {
        Some((_, error)) => Err(error),
        None => Ok(()),
    }
}

fn failure(path: &Path, error: &Error) -> Value {
    json!({
        "product": path,
        "status": "failed",
        "error": {
            "kind": error.kind().name(),
            "exitCode": error.kind().exit_code(),
            "message": error.to_string(),
        },
    })
}

impl Call<'_> {
    /// Two products whose outputs have the same names would overwrite each other.
    fn no_name_twice(&self, products: &[&PathBuf]) -> Result<()> {
        if products.len() < 2 {
            return Ok(());
        }
        let mut seen = HashMap::new();
        for path in products {
            // What can't be opened fails in its turn.
            let Ok(product) = panics::caught(|| Product::open(path, self.granule)) else {
                continue;
            };
            let stem = output::stem(&product);
            if let Some(first) = seen.insert(stem.clone(), path) {
                return Err(Error::parameter("two products have the same name")
                    .got(format!("{} and {}", first.display(), path.display()))
                    .expected(format!("'{stem}' once"))
                    .advice("mask them in two calls with different output folders"));
            }
        }
        Ok(())
    }

    fn one(&self, path: &Path) -> Result<Value> {
        let product = Product::open(path, self.granule)?;
        let name = output::stem(&product);
        if !self.overwrite
            && let Some(item) = outputs::complete(self.folder, &name, &self.params, &self.codes)
        {
            return Ok(summary::report(path, &name, "skipped", self.folder, &item));
        }
        log::info!("{}: reading", product.name());
        let staging = Staging::new(self.folder)?;
        self.progress.interrupt.guard(staging.folder());
        let grid = product.grid(self.params.resolution)?;
        let auxiliary =
            Auxiliary::of_params(&self.params, &grid)?.with_forecast(&product, &self.params, &grid);
        let (scene, mut warnings) = read_scene(&product, &self.params, auxiliary, &self.progress)?;
        let mut detection = clearshore::detect(&scene, &self.params, &self.progress)?;
        warnings.append(&mut detection.warnings);
        for warning in &warnings {
            log::warn!("{name}: {warning}");
        }
        detection.warnings = warnings;
        let run = outputs::Run {
            name: &name,
            product: &product,
            params: &self.params,
            codes: &self.codes,
            scene: &scene,
            detection: &detection,
        };
        let item = run.write(staging, &self.progress)?;
        Ok(summary::report(path, &name, "written", self.folder, &item))
    }
}
