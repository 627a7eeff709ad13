//! What a run found: as JSON, and as a table for the terminal.

use clearshore::codes::Codes;
use clearshore::flags::{FLAGS, Flags};
use clearshore_io::stac::{DEM_KEY, PARAMETERS_KEY, STATISTICS_KEY, WARNINGS_KEY};
use serde_json::{Map, Value, json};
use std::fmt::Write;
use std::path::Path;

/// Where a report has the seconds of its stages.
pub const TIMINGS_KEY: &str = "timings";

/// The report of one product, from its STAC item.
pub fn report(product: &Path, name: &str, status: &str, folder: &Path, item: &Value) -> Value {
    let properties = &item["properties"];
    let assets = item["assets"].as_object();
    let hrefs = assets.into_iter().flat_map(|assets| assets.values());
    let mut files: Vec<_> = hrefs
        .filter_map(|asset| asset["href"].as_str())
        .map(|file| folder.join(file.trim_start_matches("./")))
        .collect();
    files.push(folder.join(clearshore_io::output::Output::Item.file(name)));
    json!({
        "product": product,
        "name": name,
        "status": status,
        "datetime": properties["datetime"],
        "files": files,
        "codes": codes(folder, item),
        "parameters": properties[PARAMETERS_KEY],
        "dem": properties[DEM_KEY],
        "statistics": properties[STATISTICS_KEY],
        "warnings": properties[WARNINGS_KEY],
    })
}

/// Paths of the class codes that are there, by the codes' names.
fn codes(folder: &Path, item: &Value) -> Map<String, Value> {
    let written = Codes::written().filter_map(|codes| {
        let file = item["assets"][codes.band()]["href"].as_str()?;
        let path = folder.join(file.trim_start_matches("./"));
        Some((codes.name.to_owned(), json!(path)))
    });
    written.collect()
}

/// The report as a table: area and share of the valid pixels per flag that occurs.
pub fn text(report: &Value) -> String {
    let word = |key: &str| report[key].as_str().unwrap_or("-");
    let mut text = format!("{}: {}\n", word("name"), word("status"));
    if word("status") != "written" {
        return text;
    }
    let _ = writeln!(text, "  {:<21} {:>10} {:>11}", "flag", "km2", "% of valid");
    for row in &FLAGS {
        let statistics = &report["statistics"][row.name];
        if statistics["pixels"].as_u64().unwrap_or(0) == 0 {
            continue;
        }
        let number = |key: &str| statistics[key].as_f64().unwrap_or(0.0);
        let base = if row.flag == Flags::INVALID {
            " of all"
        } else {
            ""
        };
        let (area, percent) = (number("area_km2"), number("percent"));
        let _ = writeln!(
            text,
            "  {:<21} {area:>10.2} {percent:>11.2}{base}",
            row.name
        );
    }
    if let Some(stages) = report[TIMINGS_KEY].as_array() {
        let _ = writeln!(text, "  {:<21} {:>10} {:>11}", "stage", "CPU-s", "wall, s");
        for stage in stages {
            let name = stage["stage"].as_str().unwrap_or("-");
            let seconds = |key: &str| stage[key].as_f64().unwrap_or(0.0);
            let (cpu, wall) = (seconds("cpu"), seconds("wall"));
            let _ = writeln!(text, "  {name:<21} {cpu:>10.2} {wall:>11.2}");
        }
    }
    text
}
