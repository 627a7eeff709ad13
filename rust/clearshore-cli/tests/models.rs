//! Learned models through the program: brought in, listed, checked, and at work on a product.

// Outside of `#[test]` functions the lint also sees the helpers.
#![allow(clippy::unwrap_used)]

mod support;

use std::fs;
use std::path::Path;
use std::process::Output;
use support::{coastal_product, code, json, program, stderr, stdout, text};

/// What is brighter in B02 than 0.3 is cloud.
const TREE: &str = "tree\nversion=v3\nnum_class=1\nnum_tree_per_iteration=1\nmax_feature_idx=0\nobjective=binary sigmoid:1\n\
                    tree_sizes=1\n\nTree=0\nnum_leaves=2\nnum_cat=0\nsplit_feature=0\nthreshold=0.3\ndecision_type=2\n\
                    left_child=-1\nright_child=-2\nleaf_value=-2 3\nis_linear=0\n\n\nend of trees\n";
const MANIFEST: &str = "id = \"bright\"\ntitle = \"Bright\"\nversion = \"1\"\nkind = \"boosted-trees\"\nfile = \"bright.txt\"\n\
                        licence = \"CC0-1.0\"\nsource = \"this test\"\ncitation = \"none\"\nbands = [\"B02\"]\nresolution = 60\n\
                        threshold = 0.4\nclasses = [\"clear\", \"cloud\"]\n";

/// Runs the program with a folder of models.
fn run(models: &Path, arguments: &[&str]) -> Output {
    program()
        .args(arguments)
        .env("CLEARSHORE_MODELS", models)
        .env("HOME", models)
        .env_remove("ORT_DYLIB_PATH")
        .output()
        .unwrap()
}

#[test]
fn a_model_of_the_user_is_checked_and_masks_a_product() {
    let folder = tempfile::tempdir().unwrap();
    let manifest = folder.path().join("bright.toml");
    fs::write(&manifest, MANIFEST).unwrap();
    let missing = run(folder.path(), &["models", "check", text(&manifest)]);
    assert_eq!(code(&missing), 4);
    assert!(
        stdout(&missing).contains("no bright.txt in"),
        "{}",
        stdout(&missing)
    );
    fs::write(folder.path().join("bright.txt"), TREE).unwrap();
    let checked = run(folder.path(), &["models", "check", text(&manifest)]);
    assert_eq!(code(&checked), 0, "{}", stderr(&checked));

    let product = coastal_product(folder.path(), 552, &[]);
    let masks = folder.path().join("masks");
    let product = text(&product);
    let wanted = [
        "mask",
        product,
        "-o",
        text(&masks),
        "--json",
        "--copy-evidence",
    ];
    let learned = ["--cloud-detector", "cnn", "--model", text(&manifest)];
    let output = run(folder.path(), &[&wanted[..], &learned[..]].concat());
    assert_eq!(code(&output), 0, "{}", stderr(&output));
    let document = json(&output);
    assert_eq!(document["products"][0]["status"], "written");
    let item = fs::read_dir(&masks)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    let item = item
        .into_iter()
        .find(|path| path.extension().is_some_and(|end| end == "json"));
    let item: serde_json::Value =
        serde_json::from_slice(&fs::read(item.unwrap()).unwrap()).unwrap();
    let model = &item["properties"]["clearshore:model"];
    assert_eq!(
        (&model["id"], &model["pixelSize"]),
        (&"bright".into(), &60.0.into())
    );
}

#[test]
fn what_lacks_is_said_before_anything_is_decoded() {
    let folder = tempfile::tempdir().unwrap();
    let product = coastal_product(folder.path(), 552, &[]);
    let product = text(&product);
    let masks = folder.path().join("masks");
    for (options, status, said) in [
        (
            &["--cloud-detector", "s2cloudless"][..],
            4,
            "models/fetch s2cloudless",
        ),
        (
            &["--cloud-detector", "combined"],
            4,
            "models/fetch ukis-csmask-4b",
        ),
        (&["--cloud-detector", "cnn"], 2, "needs a model"),
        (&["--model", "s2cloudless"], 2, "cloudDetector is physics"),
        (
            &["--cloud-detector", "cnn", "--model", "nobody"],
            2,
            "there is no model 'nobody'",
        ),
        (&["--cloud-probability-threshold", "1.5"], 2, "[0, 1]"),
    ] {
        let output = run(
            folder.path(),
            &[&["mask", product, "-o", text(&masks)], options].concat(),
        );
        assert_eq!(code(&output), status, "{options:?}: {}", stderr(&output));
        assert!(
            stderr(&output).contains(said),
            "{options:?}: {}",
            stderr(&output)
        );
    }
}

#[test]
fn known_models_are_listed_and_files_are_brought_in() {
    let folder = tempfile::tempdir().unwrap();
    let listed = run(folder.path(), &["models", "list"]);
    assert_eq!(code(&listed), 0);
    for id in [
        "s2cloudless",
        "s2cloudmask",
        "ukis-csmask-4b",
        "omnicloudmask",
    ] {
        assert!(stdout(&listed).contains(id), "{}", stdout(&listed));
    }
    let document = json(&run(folder.path(), &["models", "list", "--json"]));
    let models = document["models"].as_array().unwrap();
    assert!(
        models
            .iter()
            .all(|model| model["error"].as_str().unwrap().contains("is not there"))
    );

    // A file that no manifest knows, and one that is named after its model.
    let unknown = folder.path().join("unknown.onnx");
    fs::write(&unknown, "no network").unwrap();
    let refused = run(folder.path(), &["models", "import", text(&unknown)]);
    assert_eq!(code(&refused), 4);
    assert!(
        stderr(&refused).contains("no known model"),
        "{}",
        stderr(&refused)
    );
    let wrong = run(
        folder.path(),
        &["models", "import", text(&unknown), "--model", "s2cloudless"],
    );
    assert!(
        stderr(&wrong).contains("not that of the model"),
        "{}",
        stderr(&wrong)
    );
    let named = run(
        folder.path(),
        &[
            "models",
            "import",
            text(&unknown),
            "--model",
            "omnicloudmask",
            "--json",
        ],
    );
    assert_eq!(code(&named), 0, "{}", stderr(&named));
    let path = json(&named)["imported"][0]["path"]
        .as_str()
        .unwrap()
        .to_owned();
    assert_eq!(fs::read(path).unwrap(), b"no network");
    let empty = folder.path().join("empty");
    fs::create_dir(&empty).unwrap();
    let nothing = run(folder.path(), &["models", "import", text(&empty)]);
    assert_eq!(code(&nothing), 4);
    assert!(
        stderr(&nothing).contains("s2cloudmask"),
        "{}",
        stderr(&nothing)
    );
}
