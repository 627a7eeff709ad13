use super::*;
use clearshore::{CloudDetector, ErrorKind};
use serde_json::json;

#[test]
fn manifests_are_whole_and_named_after_their_files() {
    for (known, (id, _)) in KnownModel::built_in().unwrap().iter().zip(BUILT_IN) {
        let manifest = &known.manifest;
        assert_eq!(manifest.id, *id);
        assert!(
            !manifest.bands.is_empty() && manifest.classes.len() > 1,
            "{id}"
        );
        assert!([10, 20, 30, 60].contains(&manifest.resolution), "{id}");
        assert!(
            manifest.sha256.as_ref().is_none_or(|hash| hash.len() == 64),
            "{id}"
        );
        assert!(
            manifest.package.is_none() || manifest.sha256.is_some(),
            "{id}: what is fetched is checked"
        );
    }
}

#[test]
fn every_usual_model_is_known() {
    for detector in ["s2cloudless", "ukis-csmask", "s2cloudmask", "combined"] {
        let params = Params::from_json(&json!({ "cloudDetector": detector })).unwrap();
        let model = params.wanted_model().unwrap().unwrap().to_owned();
        assert_eq!(KnownModel::named(&model).unwrap().manifest.id, model);
    }
    assert!(of_params(&Params::default()).unwrap().is_none());
    assert_eq!(CloudDetector::default().usual_model(), None);
}

fn manifest(folder: &Path, text: &str) -> String {
    let path = folder.join("own.toml");
    fs::write(&path, text).unwrap();
    path.display().to_string()
}

const OWN: &str = r#"
id = "own"
title = "Own trees"
version = "1"
kind = "boosted-trees"
file = "own.txt"
licence = "MIT"
source = "here"
citation = "none"
bands = ["B02", "B11"]
resolution = 60
threshold = 0.5
classes = ["clear", "cloud"]
"#;
const TREES: &str = "tree\nversion=v3\nnum_class=1\nnum_tree_per_iteration=1\nmax_feature_idx=1\nobjective=binary sigmoid:1\n\
                     tree_sizes=1\n\nTree=0\nnum_leaves=2\nnum_cat=0\nsplit_feature=1\nthreshold=0.2\ndecision_type=2\n\
                     left_child=-1\nright_child=-2\nleaf_value=-3 3\nis_linear=0\n\n\nend of trees\n";

#[test]
fn a_manifest_of_the_user_is_read_and_its_file_lies_beside_it() {
    let folder = tempfile::tempdir().unwrap();
    let own = manifest(folder.path(), OWN);
    let known = KnownModel::named(&own).unwrap();
    assert_eq!(known.places()[0], folder.path());
    let error = known.open(&Params::default()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Auxiliary);
    assert!(error.to_string().contains("no own.txt in"), "{error}");
    fs::write(folder.path().join("own.txt"), TREES).unwrap();
    let model = known.open(&Params::default()).unwrap();
    assert_eq!(model.manifest().id, "own");
    // What it holds is wrong: the file and the place in it are named.
    fs::write(
        folder.path().join("own.txt"),
        TREES.replace("threshold=0.2", "threshold=x"),
    )
    .unwrap();
    let error = known.open(&Params::default()).unwrap_err().to_string();
    assert!(error.contains("own.txt, tree 0"), "{error}");
    // Another file than the manifest names.
    let own = manifest(
        folder.path(),
        &OWN.replace("licence", "sha256 = \"00\"\nlicence"),
    );
    let error = KnownModel::named(&own)
        .unwrap()
        .open(&Params::default())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("is another one") && error.contains("expected: 00"),
        "{error}"
    );
}

#[test]
fn unknown_models_and_broken_manifests_are_errors() {
    let error = KnownModel::named("s2cloudles").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Parameter);
    assert!(error.to_string().contains("s2cloudless"), "{error}");
    let folder = tempfile::tempdir().unwrap();
    for (text, said) in [
        ("id = ", "own.toml"),
        (&OWN.replace("bands = [\"B02\"", "bands = [\"B20\""), "B20"),
        (&OWN.replace("title", "titel"), "titel"),
        (&OWN.replace("boosted-trees", "oracle"), "oracle"),
    ] {
        let error = KnownModel::named(&manifest(folder.path(), text)).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Auxiliary);
        assert!(error.to_string().contains(said), "{error}");
    }
    let missing = folder.path().join("missing.toml").display().to_string();
    assert_eq!(
        KnownModel::named(&missing).unwrap_err().kind(),
        ErrorKind::Auxiliary
    );
}
