//! C programs on the built library, by the committed header.
#![cfg(unix)]
#![allow(clippy::unwrap_used)]

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::LazyLock;
use support::{library, target};
use tempfile::TempDir;

static LIBRARY: LazyLock<PathBuf> = LazyLock::new(library);

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// What a compiler of another language says to a file with the header, without a word of complaint.
fn compiler(name: &str, standard: &str) -> Command {
    let mut command = Command::new(name);
    command
        .args([standard, "-Wall", "-Wextra", "-pedantic", "-Werror"])
        .arg("-I")
        .arg(root().join("include"));
    command
}

fn build(folder: &Path, name: &str) -> PathBuf {
    let library = LIBRARY.parent().unwrap();
    let program = folder.join(name);
    let status = compiler("cc", "-std=c99")
        .arg(format!(
            "-DEXPECTED_VERSION=\"{}\"",
            env!("CARGO_PKG_VERSION")
        ))
        .arg(root().join(format!("../../tests/c/{name}.c")))
        .arg("-L")
        .arg(library)
        .arg(format!("-Wl,-rpath,{}", library.display()))
        .args(["-lclearshore_native", "-o"])
        .arg(&program)
        .status();
    assert!(status.unwrap().success(), "{name}.c does not compile");
    program
}

fn run(command: &mut Command) -> Output {
    // Cargo's would put a debug library that another build left before the one of the program's own path.
    let output = command.env_remove("LD_LIBRARY_PATH").output().unwrap();
    assert!(output.status.success(), "{command:?}: {}", stderr(&output));
    output
}

fn stderr(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn the_header_is_c_plus_plus_too() {
    let folder = TempDir::new().unwrap();
    let source = folder.path().join("header.cpp");
    fs::write(
        &source,
        "#include \"clearshore.h\"\nint main() { return cs_scene_close(0) == CS_STATUS_OK; }\n",
    )
    .unwrap();
    run(compiler("c++", "-std=c++17")
        .arg("-fsyntax-only")
        .arg(source));
}

#[test]
fn the_border_holds() {
    let folder = TempDir::new().unwrap();
    run(&mut Command::new(build(folder.path(), "border")));
}

#[test]
fn a_product_that_is_not_there_is_said_and_is_the_status() {
    let folder = TempDir::new().unwrap();
    let mask = Command::new(build(folder.path(), "mask"))
        .args(["nowhere.SAFE", "flags"])
        .current_dir(&folder)
        .output()
        .unwrap();
    assert_eq!(mask.status.code(), Some(3), "{}", stderr(&mask));
    assert!(stderr(&mask).starts_with("Product error: "));
    assert!(stderr(&mask).contains("nowhere.SAFE"));
    assert!(!folder.path().join("flags").exists());
}

/// The program writes what the C interface gives, and a run can be cancelled; needs the program, built, and GDAL's.
#[test]
fn a_product_has_the_flags_of_the_program() {
    let program = target().join("debug/clearshore");
    if !program.exists() {
        return eprintln!("skipped: {} is not built", program.display());
    }
    let folder = TempDir::new().unwrap();
    let within = |name: &str| folder.path().join(name);
    run(Command::new(&program)
        .args(["simulate", "--preset", "coast", "--size", "732", "-o"])
        .arg(folder.path()));
    let product = fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .find(|path| path.extension().is_some_and(|end| end == "SAFE"))
        .unwrap();

    run(Command::new(build(folder.path(), "border")).arg(&product));

    let mask = run(Command::new(build(folder.path(), "mask"))
        .arg(&product)
        .arg(within("flags"))
        .arg("{\"resolution\": 10}")
        .env("CLEARSHORE_PROGRESS", "yes"));
    let said = String::from_utf8(mask.stdout).unwrap();
    let (grid, summary) = said.split_once('\n').unwrap();
    assert_eq!(grid, "732 x 732");
    let summary: serde_json::Value = serde_json::from_str(summary).unwrap();
    assert_eq!(summary["source"], "product");

    run(Command::new(&program)
        .arg("mask")
        .arg(&product)
        .args(["--resolution", "10", "-o"])
        .arg(within("masks")));
    let name = product.file_stem().unwrap().to_str().unwrap();
    let translated = Command::new("gdal_translate")
        .args(["-q", "-of", "ENVI"])
        .arg(within(&format!("masks/{name}_clearshore_flags.tif")))
        .arg(within("program"))
        .status();
    if !translated.is_ok_and(|status| status.success()) {
        return eprintln!("skipped: no gdal_translate");
    }
    let flags = fs::read(within("flags")).unwrap();
    assert_eq!(flags.len(), 732 * 732 * 4);
    assert!(
        flags == fs::read(within("program")).unwrap(),
        "other flags than those of {}: is it built of these sources?",
        program.display()
    );
    let invalid = flags
        .chunks_exact(4)
        .filter(|flags| flags[0] & 1 == 1)
        .count();
    assert_eq!(summary["flags"][0]["name"], "CS_INVALID");
    assert_eq!(summary["flags"][0]["pixels"], invalid);
}
