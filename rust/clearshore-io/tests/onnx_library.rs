//! Libraries that are not the ONNX Runtime that is needed. A process of its own: none is opened in it.
#![cfg(feature = "onnx")]
#![allow(clippy::unwrap_used, clippy::print_stderr)]

use clearshore::{Error, ErrorKind};
use clearshore_io::onnx::Runtime;
use std::env::consts::DLL_SUFFIX;
use std::fs;
use std::path::Path;
use std::process::Command;

/// An ONNX Runtime of 2021, but for everything that it does.
const OLD: &str = r#"
    static void *api(unsigned version) { return 0; }
    static const char *version(void) { return "1.10.0"; }
    static struct { void *(*api)(unsigned); const char *(*version)(void); } base = {api, version};
    const void *OrtGetApiBase(void) { return &base; }
"#;

fn refused(library: &Path) -> Error {
    let error = Runtime::open(Some(library), &[]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Auxiliary);
    let text = error.to_string();
    for part in [
        library.file_name().unwrap().to_str().unwrap(),
        "where: ",
        "expected: ",
        "do: ",
    ] {
        assert!(text.contains(part), "`{part}` is not in {text}");
    }
    error
}

/// A library of this code; `None`, with a message, without a C compiler.
fn compiled(folder: &Path, name: &str, code: &str) -> Option<std::path::PathBuf> {
    let (source, library) = (
        folder.join("code.c"),
        folder.join(format!("{name}{DLL_SUFFIX}")),
    );
    fs::write(&source, code).unwrap();
    let compiler = Command::new("cc")
        .args(["-shared", "-fPIC", "-o"])
        .arg(&library)
        .arg(&source)
        .status();
    if !compiler.is_ok_and(|status| status.success()) {
        eprintln!("skipped: no C compiler `cc`");
        return None;
    }
    Some(library)
}

#[test]
fn what_is_not_a_usable_onnx_runtime_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path().canonicalize().unwrap();
    let missing = folder.join("missing.so");
    assert!(refused(&missing).to_string().contains("does not exist"));
    let text = folder.join("text.so");
    fs::write(&text, "hello").unwrap();
    assert!(refused(&text).to_string().contains("not a library"));
    let broken = folder.join("broken.so");
    fs::write(&broken, b"\x7fELF and no more").unwrap();
    assert!(refused(&broken).to_string().contains("can't be opened"));
    if let Some(other) = compiled(&folder, "other", "int answer(void) { return 42; }") {
        assert!(refused(&other).to_string().contains("not ONNX Runtime"));
    }
    if let Some(old) = compiled(&folder, "old", OLD) {
        let text = refused(&old).to_string();
        assert!(
            text.contains("too old") && text.contains("1.10.0") && text.contains("1.24"),
            "{text}"
        );
    }
}
