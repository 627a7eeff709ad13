//! `clearshore info`: what a product is and what it holds.

use crate::console::{print, print_json};
use clap::ArgMatches;
use clearshore::Result;
use clearshore_io::safe::Product;
use serde_json::Value;
use std::fmt::Write;
use std::path::PathBuf;

/// Prints the report of a product.
pub fn run(matches: &ArgMatches) -> Result<()> {
    let Some(path) = matches.get_one::<PathBuf>("product") else {
        return Ok(());
    };
    let granule = matches.get_one::<String>("granule").map(String::as_str);
    let report = Product::open(path, granule)?.report();
    if matches.get_flag("json") {
        return print_json(&report);
    }
    let mut text = String::new();
    write_members(&report, 0, &mut text);
    print(&text)
}

/// One line a member; objects that hold objects are indented below their name.
fn write_members(value: &Value, depth: usize, text: &mut String) {
    let Value::Object(members) = value else {
        return;
    };
    let width = members.keys().map(String::len).max().unwrap_or(0);
    for (name, member) in members {
        let indent = 2 * depth;
        if has_object(member) {
            let _ = writeln!(text, "{:indent$}{name}", "");
            write_members(member, depth + 1, text);
        } else {
            let _ = writeln!(text, "{:indent$}{name:<width$}  {}", "", inline(member));
        }
    }
}

fn has_object(value: &Value) -> bool {
    value.as_object().is_some_and(|members| {
        members
            .values()
            .any(|member| member.is_object() || member.is_array())
    })
}

fn inline(value: &Value) -> String {
    match value {
        Value::Null => "-".into(),
        Value::String(text) => text.clone(),
        Value::Array(items) if items.is_empty() => "none".into(),
        Value::Array(items) => items.iter().map(inline).collect::<Vec<_>>().join(", "),
        Value::Object(members) => {
            let members = members.iter().filter(|(_, member)| !member.is_null());
            let words = members.map(|(name, member)| format!("{name} {}", inline(member)));
            words.collect::<Vec<_>>().join(", ")
        }
        other => other.to_string(),
    }
}
