//! Messages on stderr: text, or JSON lines for machines.

use clap::ArgMatches;
use env_logger::{Builder, Target};
use indicatif::ProgressBar;
use log::{Level, LevelFilter};
use serde_json::json;
use std::io::{self, Write};

/// Starts logging as the command line says.
pub fn start(matches: &ArgMatches, bar: ProgressBar) {
    let level = match matches.get_count("verbose") {
        0 => LevelFilter::Warn,
        1 => LevelFilter::Info,
        2 => LevelFilter::Debug,
        _ => LevelFilter::Trace,
    };
    let mut builder = Builder::new();
    builder
        .filter_level(level)
        .target(Target::Pipe(Box::new(BesideBar(bar))));
    if matches
        .get_one::<String>("log")
        .is_some_and(|format| format == "json")
    {
        builder.format(|out, record| {
            let line = json!({
                "time": out.timestamp_millis().to_string(),
                "level": record.level().as_str().to_lowercase(),
                "target": record.target(),
                "message": record.args().to_string(),
            });
            writeln!(out, "{line}")
        });
    } else {
        builder.format(|out, record| {
            let prefix = match record.level() {
                Level::Error => "clearshore",
                Level::Warn => "warning",
                Level::Info => "info",
                Level::Debug | Level::Trace => "debug",
            };
            writeln!(out, "{prefix}: {}", record.args())
        });
    }
    builder.init();
    clearshore_io::raster::log_gdal_messages();
}

/// Stderr, with the progress bar out of the way.
struct BesideBar(ProgressBar);

impl Write for BesideBar {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.suspend(|| io::stderr().write_all(bytes))?;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}
