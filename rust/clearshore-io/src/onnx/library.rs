//! Where ONNX Runtime's library is.

use clearshore::{Error, Result};
use std::env::consts::{DLL_PREFIX, DLL_SUFFIX};
use std::ffi::OsStr;
use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

/// Environment variable with the path of ONNX Runtime's library, the same as other programs use.
pub const LIBRARY_VARIABLE: &str = "ORT_DYLIB_PATH";
/// Parameter with the path of ONNX Runtime's library.
const PARAMETER: &str = "onnxRuntime";
/// Name of the library without what the system puts around it.
const NAME: &str = "onnxruntime";
/// How libraries begin: ELF (Linux), Mach-O in its four forms and the one for several processors (macOS), PE (Windows).
const LIBRARY_BEGINNINGS: [&[u8]; 7] = [
    b"\x7fELF",
    b"\xcf\xfa\xed\xfe",
    b"\xce\xfa\xed\xfe",
    b"\xfe\xed\xfa\xcf",
    b"\xfe\xed\xfa\xce",
    b"\xca\xfe\xba\xbe",
    b"MZ",
];
/// How to come by the library.
pub(super) const ADVICE: &str = "install ONNX Runtime 1.24 or later (for instance the Python package onnxruntime holds it, in its \
     folder capi) and set onnxRuntime or ORT_DYLIB_PATH to the library, or put it beside Clearshore";

/// Path of ONNX Runtime's library: the one of the parameter `onnxRuntime`, else that of the environment variable
/// `ORT_DYLIB_PATH`, else one beside Clearshore's own library or program, else the first that exists of the host's own. Each may be
/// the library or the folder that it lies in.
///
/// # Errors
/// Auxiliary: none is found, or the parameter or the variable names what is not a library.
pub fn find_library(parameter: Option<&Path>, of_host: &[PathBuf]) -> Result<PathBuf> {
    if let Some(path) = parameter {
        return named(path, &format!("the parameter {PARAMETER}"));
    }
    if let Some(path) = std::env::var_os(LIBRARY_VARIABLE).filter(|path| !path.is_empty()) {
        return named(
            Path::new(&path),
            &format!("the environment variable {LIBRARY_VARIABLE}"),
        );
    }
    // Of a program that we are linked into, or of our library in a host.
    let ours = process_path::get_dylib_path();
    let beside = ours.as_deref().and_then(Path::parent).map(Path::to_owned);
    let places: Vec<PathBuf> = beside.into_iter().chain(of_host.iter().cloned()).collect();
    match places.iter().find_map(|place| library_at(place)) {
        Some(path) => Ok(path),
        None => Err(Error::auxiliary(
            "ONNX Runtime is not found, which this learned detector needs",
        )
        .at(format!(
            "neither the parameter {PARAMETER} nor {LIBRARY_VARIABLE} is set"
        ))
        .got(format!(
            "no {DLL_PREFIX}{NAME}{DLL_SUFFIX} in {}",
            listed(&places)
        ))
        .expected("its library")
        .advice(ADVICE)),
    }
}

fn listed(places: &[PathBuf]) -> String {
    let places: Vec<String> = places
        .iter()
        .map(|place| place.display().to_string())
        .collect();
    places.join(", ")
}

/// The library that somebody named.
fn named(path: &Path, by: &str) -> Result<PathBuf> {
    let error = |what: &str| Error::auxiliary(what).at(path.display()).advice(ADVICE);
    if !path.exists() {
        return Err(error("ONNX Runtime's library does not exist")
            .got(format!("{by} names it"))
            .expected("the path of the library"));
    }
    let library = library_at(path).ok_or_else(|| {
        error("a folder does not hold ONNX Runtime's library")
            .got(format!("{by} names it"))
            .expected(format!("{DLL_PREFIX}{NAME}{DLL_SUFFIX} in it"))
    })?;
    if begins_like_a_library(&library)? {
        Ok(library)
    } else {
        Err(error("a file is not a library, so not ONNX Runtime")
            .got(format!("{by} names it"))
            .expected(format!("{DLL_PREFIX}{NAME}{DLL_SUFFIX}")))
    }
}

/// A file as it is, or the library in a folder: with its plain name, else with a version in its name, the last by name.
fn library_at(path: &Path) -> Option<PathBuf> {
    if path.is_file() {
        return Some(path.to_owned());
    }
    let plain = path.join(format!("{DLL_PREFIX}{NAME}{DLL_SUFFIX}"));
    if plain.is_file() {
        return Some(plain);
    }
    let entries = fs::read_dir(path)
        .ok()?
        .filter_map(|entry| Some(entry.ok()?.path()));
    entries
        .filter(|path| path.is_file() && path.file_name().is_some_and(has_version))
        .max()
}

/// `libonnxruntime.so.1.24.0`, `libonnxruntime.1.24.0.dylib`, but not `libonnxruntime_providers_shared.so`.
fn has_version(name: &OsStr) -> bool {
    let name = name.to_string_lossy();
    let rest = name.strip_prefix(&format!("{DLL_PREFIX}{NAME}"));
    rest.is_some_and(|rest| rest.starts_with('.') && rest.contains(DLL_SUFFIX))
}

fn begins_like_a_library(path: &Path) -> Result<bool> {
    let longest = LIBRARY_BEGINNINGS
        .iter()
        .map(|beginning| beginning.len())
        .max();
    let mut begin = Vec::new();
    let read = fs::File::open(path).and_then(|file| {
        file.take(longest.unwrap_or(0) as u64)
            .read_to_end(&mut begin)
    });
    match read {
        Ok(_) => Ok(LIBRARY_BEGINNINGS
            .iter()
            .any(|beginning| begin.starts_with(beginning))),
        Err(error) => Err(Error::auxiliary("ONNX Runtime's library can't be read")
            .at(path.display())
            .caused_by(error)
            .advice("give the user who runs Clearshore the right to read it")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use clearshore::ErrorKind;

    fn check(error: &Error, words: &[&str]) {
        assert_eq!(error.kind(), ErrorKind::Auxiliary);
        let text = error.to_string();
        for word in words
            .iter()
            .chain(&["where: ", "expected: ", "do: ", "1.24"])
        {
            assert!(text.contains(word), "`{word}` is not in {text}");
        }
    }

    #[test]
    fn what_is_named_must_be_a_library() {
        let folder = tempfile::tempdir().unwrap();
        let missing = folder.path().join("nowhere.so");
        check(
            &find_library(Some(&missing), &[]).unwrap_err(),
            &["does not exist", "nowhere.so", PARAMETER],
        );
        let text = folder.path().join("notes.txt");
        fs::write(&text, "not a library").unwrap();
        check(
            &find_library(Some(&text), &[]).unwrap_err(),
            &["not a library", "notes.txt"],
        );
        check(
            &find_library(Some(folder.path()), &[]).unwrap_err(),
            &["folder"],
        );
    }

    #[test]
    fn a_folder_stands_for_the_library_in_it() {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: String| {
            let path = folder.path().join(name);
            fs::write(&path, b"\x7fELF, or so").unwrap();
            path
        };
        file(format!("{DLL_PREFIX}{NAME}_providers_shared{DLL_SUFFIX}"));
        assert!(find_library(Some(folder.path()), &[]).is_err());
        if cfg!(target_os = "linux") {
            let versioned = file(format!("{DLL_PREFIX}{NAME}{DLL_SUFFIX}.1.24.0"));
            assert_eq!(find_library(Some(folder.path()), &[]).unwrap(), versioned);
        }
        let plain = file(format!("{DLL_PREFIX}{NAME}{DLL_SUFFIX}"));
        assert_eq!(find_library(Some(folder.path()), &[]).unwrap(), plain);
        // The host's own comes last, and only where nobody names another.
        if std::env::var_os(LIBRARY_VARIABLE).is_none() {
            let of_host = [folder.path().join("absent"), folder.path().to_owned()];
            assert_eq!(find_library(None, &of_host).unwrap(), plain);
            check(
                &find_library(None, &of_host[..1]).unwrap_err(),
                &["not found", "absent"],
            );
        }
    }
}
