//! `clearshore simulate`: scenes with known truth.

mod options;
mod request;
mod suite;

pub use options::command;

use crate::console;
use crate::interrupt::Interrupt;
use crate::progress::{Watched, worker_pool};
use clap::ArgMatches;
use clap::parser::ValueSource;
use clearshore::{Error, Result};
use clearshore_io::panics;
use clearshore_io::simulation::Order;
use clearshore_io::staging::Staging;
use indicatif::ProgressBar;
use serde_json::{Value, json};
use std::fmt::Write;
use std::path::{Path, PathBuf};
use suite::Member;

/// Simulates one scene, or the scenes of the suite.
pub fn run(matches: &ArgMatches, bar: &ProgressBar) -> Result<()> {
    let request = options::request(matches)?;
    let members = match matches.get_flag("suite") {
        true => {
            let given = |name| matches.value_source(name) == Some(ValueSource::CommandLine);
            let preset = given("preset").then_some(request.preset);
            suite::members(&request, preset, given("seed").then_some(request.seed))?
        }
        false => vec![Member {
            folder: String::new(),
            order: request.order()?,
        }],
    };
    let as_json = matches.get_flag("json");
    if matches.get_flag("list") {
        return list(&members, as_json);
    }
    let Some(folder) = matches.get_one::<PathBuf>("output") else {
        return Ok(());
    };
    let interrupt = Interrupt::listen()?;
    let call = Call {
        folder,
        overwrite: matches.get_flag("overwrite"),
        skip: matches.get_flag("suite"),
        progress: Watched {
            bar,
            interrupt: &interrupt,
            timings: None,
        },
    };
    let threads = matches.get_one::<u16>("threads").copied().unwrap_or(0);
    let pool = worker_pool(threads.into())?;
    let mut reports = Vec::new();
    for (index, member) in members.iter().enumerate() {
        if members.len() > 1 {
            bar.set_prefix(format!("{}/{}", index + 1, members.len()));
        }
        let report = panics::caught(|| pool.install(|| call.one(member)))?;
        if !as_json {
            bar.suspend(|| console::print(&text(&report)))?;
        }
        reports.push(report);
    }
    if as_json {
        console::print_json(&json!({
            "version": env!("CARGO_PKG_VERSION"),
            "scenes": reports,
        }))?;
    }
    Ok(())
}

/// What the scenes of a call have in common.
struct Call<'a> {
    folder: &'a Path,
    overwrite: bool,
    /// Whether a scene that is there is left as it is, not an error.
    skip: bool,
    progress: Watched<'a>,
}

impl Call<'_> {
    fn one(&self, Member { folder, order }: &Member) -> Result<Value> {
        let target = self.folder.join(folder);
        if !self.overwrite {
            if self.skip && order.is_complete(&target) {
                return Ok(report(order, &target, "skipped"));
            }
            if order.exists(&target) {
                return Err(Error::parameter("a scene of this name is there")
                    .at(target.join(order.name()).display())
                    .advice("give --overwrite, or another folder"));
            }
        }
        let staging = Staging::new(&target)?;
        self.progress.interrupt.guard(staging.folder());
        order.write(&staging, &self.progress)?;
        self.progress
            .interrupt
            .uncut(|| staging.publish(&order.entries()))?;
        Ok(report(order, &target, "written"))
    }
}

fn report(order: &Order, folder: &Path, status: &str) -> Value {
    let [product, dem, truth, picture] = order.entries().map(|entry| folder.join(entry));
    json!({
        "name": order.name(),
        "status": status,
        "product": product,
        "dem": dem,
        "truth": truth,
        "quicklook": picture,
        "scene": order.document(),
    })
}

fn text(report: &Value) -> String {
    let word = |key: &str| report[key].as_str().unwrap_or("-");
    let mut text = format!("{}: {}\n", word("name"), word("status"));
    for key in ["product", "dem", "truth", "quicklook"] {
        let _ = writeln!(text, "  {key:<9}  {}", word(key));
    }
    text
}

fn list(members: &[Member], as_json: bool) -> Result<()> {
    if as_json {
        let scenes = members.iter().map(|Member { folder, order }| {
            json!({ "folder": folder, "name": order.name(), "scene": order.document() })
        });
        return console::print_json(&json!({ "scenes": scenes.collect::<Vec<_>>() }));
    }
    let mut text = String::new();
    for Member { folder, order } in members {
        let path = Path::new(folder).join(order.name());
        let _ = writeln!(text, "{}", path.display());
    }
    console::print(&text)
}
