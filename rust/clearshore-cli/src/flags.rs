//! `clearshore flags`: the tables.

use crate::console::{print, print_json};
use clap::ArgMatches;
use clearshore::Result;
use clearshore::flags::{CLASSES, EVIDENCE, FLAGS};
use serde_json::json;
use std::fmt::Write;

/// Prints the tables.
pub fn run(matches: &ArgMatches) -> Result<()> {
    if matches.get_flag("json") {
        let tables = clearshore::tables();
        return print_json(&json!({
            "flags": tables["flags"],
            "evidence": tables["evidence"],
            "classes": tables["classes"],
        }));
    }
    let mut text = String::new();
    let mut table = |title: &str, rows: &mut dyn Iterator<Item = (u32, &str, &str)>| {
        let _ = writeln!(text, "{title}");
        for (number, name, meaning) in rows {
            let _ = writeln!(text, "  {number:>2}  {name:<21} {meaning}");
        }
    };
    table(
        "Flags: bits of clearshore_flags",
        &mut FLAGS.iter().map(|row| (row.bit(), row.name, row.meaning)),
    );
    table(
        "\nEvidence: bits of clearshore_evidence",
        &mut EVIDENCE
            .iter()
            .map(|row| (row.bit.bits().trailing_zeros(), row.name, row.meaning)),
    );
    table(
        "\nClasses: values of clearshore_class",
        &mut CLASSES
            .iter()
            .map(|row| (row.class as u32, row.name, row.meaning)),
    );
    print(&text)
}
