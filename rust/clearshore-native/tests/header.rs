//! The header for C is what the sources say.

use clearshore::flags::{CLASSES, EVIDENCE, FLAGS};
use std::fs;
use std::path::Path;

#[test]
fn the_header_is_that_of_the_sources() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut made = Vec::new();
    let mut config = cbindgen::Config::from_file(root.join("cbindgen.toml")).unwrap();
    config.after_includes = Some(constants());
    let sources = cbindgen::Builder::new().with_src(root.join("src/capi/mod.rs"));
    let bindings = sources.with_config(config).generate().unwrap();
    bindings.write(&mut made);

    let header = root.join("include/clearshore.h");
    if std::env::var_os("UPDATE_HEADER").is_some() {
        fs::create_dir_all(root.join("include")).unwrap();
        fs::write(&header, &made).unwrap();
    }
    let committed = fs::read_to_string(&header).unwrap_or_default();
    assert!(
        committed == String::from_utf8(made).unwrap(),
        "include/clearshore.h is not that of the sources: UPDATE_HEADER=1 cargo test -p clearshore-native --test header"
    );
}

/// Names for the numbers in results.
fn constants() -> String {
    let bit = |bit: u32| format!("(INT32_C(1) << {bit})");
    let mut text = String::new();
    let mut row = |name: &str, value: &str, meaning: &str| {
        text += &format!("\n/** {meaning} */\n#define CS_{name} {value}\n");
    };
    for flag in &FLAGS {
        row(
            flag.name.trim_start_matches("CS_"),
            &bit(flag.bit()),
            flag.meaning,
        );
    }
    for evidence in &EVIDENCE {
        let value = bit(evidence.bit.bits().trailing_zeros());
        row(
            &format!("EVIDENCE_{}", evidence.name),
            &value,
            evidence.meaning,
        );
    }
    for class in &CLASSES {
        let name = format!("CLASS_{}", class.name.to_uppercase());
        row(&name, &(class.class as u8).to_string(), class.meaning);
    }
    text
}
