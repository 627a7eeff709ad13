//! The manifests that come with Clearshore.

#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

use clearshore::learned::{Class, Manifest, ModelKind};
use std::path::{Path, PathBuf};

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../models")
}

fn manifests() -> Vec<(PathBuf, Manifest)> {
    let paths = std::fs::read_dir(folder())
        .unwrap()
        .map(|entry| entry.unwrap().path());
    paths
        .filter(|path| {
            path.extension()
                .is_some_and(|extension| extension == "toml")
        })
        .map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            let manifest =
                toml::from_str(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
            (path, manifest)
        })
        .collect()
}

#[test]
fn every_manifest_is_sound_and_has_a_card() {
    let manifests = manifests();
    assert!(manifests.len() >= 7, "{} manifests", manifests.len());
    for (path, manifest) in manifests {
        assert_eq!(path.file_stem().unwrap().to_str().unwrap(), manifest.id);
        assert!(
            path.with_extension("md").is_file(),
            "{} has no card",
            manifest.id
        );
        assert_eq!(
            manifest.kind == ModelKind::Network,
            manifest.network.is_some()
        );
        if let Some(contract) = &manifest.network {
            contract.check(manifest.bands.len()).unwrap();
            assert!(manifest.classes.contains(&Class::Cloud), "{}", manifest.id);
        }
        if let Some(hash) = &manifest.sha256 {
            assert!(hash.len() == 64 && hash.bytes().all(|byte| byte.is_ascii_hexdigit()));
        }
    }
}

#[test]
fn a_manifest_comes_back_from_its_text() {
    for (_, manifest) in manifests() {
        let text = toml::to_string(&manifest).unwrap();
        assert_eq!(toml::from_str::<Manifest>(&text).unwrap(), manifest);
    }
}

#[test]
fn an_unknown_entry_is_refused() {
    let text = std::fs::read_to_string(folder().join("omnicloudmask.toml")).unwrap();
    for (entry, other) in [
        ("overlap = 300", "overlaps = 300"),
        ("no-data = 0.0", "nodata = 0.0"),
        ("kind = \"patch-statistics\"", "kind = \"patch-statistic\""),
    ] {
        assert!(text.contains(entry));
        assert!(
            toml::from_str::<Manifest>(&text.replace(entry, other)).is_err(),
            "{other}"
        );
    }
}
