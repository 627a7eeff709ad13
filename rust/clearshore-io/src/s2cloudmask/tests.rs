use super::*;
use clearshore::ErrorKind as Kind;
use clearshore::learned::{DecisionTree, TreeFile, s2cloudmask::BANDS};
use lzma_rust2::{XzOptions, XzWriter};
use proptest::prelude::*;
use std::io::Write;
use std::sync::LazyLock;

/// Writes pickles as joblib does, a piece at a time.
#[derive(Default)]
struct Pickler(Vec<u8>);

impl Pickler {
    fn code(&mut self, bytes: &[u8]) -> &mut Self {
        self.0.extend_from_slice(bytes);
        self
    }

    fn text(&mut self, text: &str) -> &mut Self {
        self.code(b"X")
            .code(&(text.len() as u32).to_le_bytes())
            .code(text.as_bytes())
    }

    fn integer(&mut self, value: i32) -> &mut Self {
        self.code(b"J").code(&value.to_le_bytes())
    }

    /// numpy's description of a number: `dtype('i8', 0, 1)` with a state; `fields` writes names and fields.
    fn number(&mut self, name: &str, fields: &dyn Fn(&mut Self)) -> &mut Self {
        self.code(b"cnumpy\ndtype\n")
            .text(name)
            .code(b"K\x00K\x01\x87R(K\x03")
            .text("<")
            .code(b"N");
        fields(self);
        self.integer(-1).integer(-1).code(b"K\x00tb")
    }

    fn plain(&mut self, name: &str) -> &mut Self {
        self.number(name, &|pickler| {
            pickler.code(b"NN");
        })
    }

    fn array(&mut self, number: &dyn Fn(&mut Self), shape: &[i32], bytes: &[u8]) -> &mut Self {
        self.code(b"cjoblib.numpy_pickle\nNumpyArrayWrapper\n)\x81}(");
        self.text("order").text("C").text("dtype");
        number(self);
        self.text("shape").code(b"(");
        for side in shape {
            self.integer(*side);
        }
        self.code(b"tub").code(bytes)
    }
}

/// A small tree that asks the formulas of the fast shadow tree.
fn tree() -> TreeFile {
    TreeFile {
        source: "daleroberts/s2cloudmask fast-shadow-model".into(),
        features: SHADOW_FEATURES.map(str::to_owned).to_vec(),
        bands: BANDS.to_vec(),
        classes: vec![0, 1],
        left: vec![1, -1, 3, -1, -1],
        right: vec![2, -1, 4, -1, -1],
        feature: vec![9, -2, 16, -2, -2],
        threshold: vec![0.3, -2.0, -0.5, -2.0, -2.0],
        prob1: vec![0.25, 0.0, 0.5, 0.75, 1.0],
    }
}

const FIELDS: [(&str, &str); 4] = [
    ("left_child", "i8"),
    ("right_child", "i8"),
    ("feature", "i8"),
    ("threshold", "f8"),
];

/// As s2cloudmask's files are, with scikit-learn's own names shortened nowhere.
fn pickled(tree: &TreeFile, class: &str) -> Vec<u8> {
    let count = tree.left.len() as i32;
    let mut pickler = Pickler::default();
    pickler
        .code(b"\x80\x03csklearn.tree.tree\n")
        .code(class.as_bytes())
        .code(b"\n)\x81}(");
    pickler.text("classes_");
    pickler.array(
        &|pickler| {
            pickler.plain("b1");
        },
        &[2],
        &[0, 1],
    );
    pickler
        .text("tree_")
        .code(b"csklearn.tree._tree\nTree\nK\x11NK\x01\x87R}(");
    pickler.text("node_count").integer(count).text("nodes");
    let mut nodes = Vec::new();
    for node in 0..tree.left.len() {
        for value in [tree.left[node], tree.right[node], tree.feature[node]] {
            nodes.extend(value.to_le_bytes());
        }
        nodes.extend(tree.threshold[node].to_le_bytes());
    }
    let fields = |pickler: &mut Pickler| {
        pickler.code(b"(");
        for (name, _) in FIELDS {
            pickler.text(name);
        }
        pickler.code(b"t}(");
        for ((name, number), offset) in FIELDS.into_iter().zip([0, 8, 16, 24]) {
            pickler
                .text(name)
                .plain(number)
                .integer(offset)
                .code(b"\x86");
        }
        pickler.code(b"u");
    };
    pickler.array(
        &|pickler| {
            pickler.number("V32", &fields);
        },
        &[count],
        &nodes,
    );
    let shares = tree
        .prob1
        .iter()
        .flat_map(|share| [400.0 * (1.0 - share), 400.0 * share]);
    let shares: Vec<u8> = shares.flat_map(f64::to_le_bytes).collect();
    pickler.text("values");
    pickler.array(
        &|pickler| {
            pickler.plain("f8");
        },
        &[count, 1, 2],
        &shares,
    );
    pickler.code(b"ubub](");
    for formula in &tree.features {
        pickler.text(formula);
    }
    pickler.code(b"e\x86.");
    pickler.0
}

static GOOD: LazyLock<Vec<u8>> = LazyLock::new(|| pickled(&tree(), "DecisionTreeClassifier"));

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut writer = XzWriter::new(Vec::new(), XzOptions::with_preset(6)).unwrap();
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

fn of(bytes: &[u8]) -> Result<DecisionTree> {
    tree::of_pickle(bytes, "fast-shadow-model", &SHADOW_FEATURES)
}

#[test]
fn a_tree_is_found_in_its_pickle_packed_or_not() {
    for (below, name, bytes) in [
        ("", "fast-shadow-model.pkl", GOOD.clone()),
        ("models", "fast-shadow-model.pkl.xz", packed(&GOOD)),
        (
            "s2cloudmask/models",
            "fast-shadow-model.pkl.xz",
            packed(&GOOD),
        ),
    ] {
        let folder = tempfile::tempdir().unwrap();
        fs::create_dir_all(folder.path().join(below)).unwrap();
        fs::write(folder.path().join(below).join(name), bytes).unwrap();
        let trees = import_s2cloudmask(folder.path()).unwrap();
        assert_eq!(trees.len(), 1);
        assert_eq!(trees[0].0, "s2cloudmask-fast-shadow.json");
        assert_eq!(
            *DecisionTree::from_json(&trees[0].1).unwrap().file(),
            tree()
        );
    }
}

#[test]
fn what_is_no_tree_of_s2cloudmask_is_an_auxiliary_error() {
    let other = TreeFile {
        features: vec!["B02".into()],
        ..tree()
    };
    let cycle = TreeFile {
        left: vec![1, -1, 0, -1, -1],
        ..tree()
    };
    for (bytes, expected) in [
        (pickled(&other, "DecisionTreeClassifier"), "other things"),
        (pickled(&cycle, "DecisionTreeClassifier"), "two parents"),
        (pickled(&tree(), "RandomForestClassifier"), "does not hold"),
        (
            b"\x80\x03cos\nsystem\nX\x02\x00\x00\x00ls\x85R.".to_vec(),
            "does not hold",
        ),
        (b"\x80\x03N.".to_vec(), "does not hold"),
        (b"import os".to_vec(), "no protocol"),
        (Vec::new(), "the end"),
        (GOOD[..GOOD.len() / 2].to_vec(), "the end"),
    ] {
        let error = of(&bytes).unwrap_err();
        assert_eq!(error.kind(), Kind::Auxiliary);
        assert!(
            error.to_string().contains(expected),
            "{error} without '{expected}'"
        );
    }
    let folder = tempfile::tempdir().unwrap();
    let error = import_s2cloudmask(folder.path()).unwrap_err();
    assert!(
        error.to_string().contains("fast-spectral-model.pkl.xz"),
        "{error}"
    );
    let damaged = &packed(&GOOD)[..100];
    for bytes in [damaged, XZ_MAGIC, &vec![0; BYTES_MAX as usize + 1]] {
        fs::write(folder.path().join("fast-spectral-model.pkl.xz"), bytes).unwrap();
        let error = import_s2cloudmask(folder.path()).unwrap_err();
        assert_eq!(error.kind(), Kind::Auxiliary, "{error}");
    }
    // A bomb: 64 MB of zeros.
    fs::write(
        folder.path().join("fast-spectral-model.pkl.xz"),
        packed(&vec![0; 64 << 20]),
    )
    .unwrap();
    let error = import_s2cloudmask(folder.path()).unwrap_err();
    assert!(error.to_string().contains("too large"), "{error}");
}

proptest! {
    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let _ = of(&bytes);
        let _ = of(&[b"\x80\x03".as_slice(), &bytes].concat());
        let _ = unpacked([XZ_MAGIC, &bytes].concat());
    }

    #[test]
    fn changed_bytes_never_panic(changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..6)) {
        let mut bytes = GOOD.clone();
        for (place, byte) in &changes {
            let place = place.index(bytes.len());
            bytes[place] = *byte;
        }
        let _ = of(&bytes);
        let mut bytes = packed(&GOOD);
        for (place, byte) in &changes {
            let place = place.index(bytes.len());
            bytes[place] = *byte;
        }
        if let Ok(bytes) = unpacked(bytes) {
            let _ = of(&bytes);
        }
    }
}
