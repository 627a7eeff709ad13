//! The library as it is shipped.
#![allow(clippy::unwrap_used)]

use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::path::PathBuf;
use std::process::Command;

/// Folder of cargo's outputs: this test is in `PROFILE/deps` there.
pub fn target() -> PathBuf {
    let test = std::env::current_exe().unwrap();
    test.ancestors().nth(3).unwrap().to_owned()
}

/// Builds the library by itself: beside the other crates of the workspace it would get their GDAL.
pub fn library() -> PathBuf {
    let target = target();
    let built = Command::new(env!("CARGO"))
        .args(["rustc", "--quiet", "--release", "--locked", "--lib"])
        .args(["--package", "clearshore-native", "--target-dir"])
        .arg(&target)
        // As java/pom.xml does it, so that they share it.
        .args(["--", "-C", "strip=debuginfo"])
        .status();
    assert!(built.unwrap().success(), "the library does not build");
    target.join(format!("release/{DLL_PREFIX}clearshore_native{DLL_SUFFIX}"))
}
