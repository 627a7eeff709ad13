//! The text form in which LightGBM keeps boosted trees: of it all that decides a prediction.
//!
//! Source: Ke et al. 2017 (NeurIPS 30); the form is that of LightGBM's `Booster.save_model`, versions v2 to v4.

use crate::{Error, Result};
use std::collections::HashMap;
use std::str::FromStr;

/// Bits of `decision_type`: a split by category, and what stands for a missing value.
const CATEGORICAL: u8 = 1;
const MISSING: u8 = 0b1100;
const VERSIONS: [&str; 3] = ["v2", "v3", "v4"];
/// Only this objective gives probabilities of one class; a sum of leaves becomes one by 1 / (1 + exp(-sum)).
const OBJECTIVE: &str = "binary sigmoid:1";

/// One tree as the file has it: a child that is not negative is a split, others are leaves, -1 for the first.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Tree {
    pub split_feature: Vec<usize>,
    /// Values at most as large go left.
    pub threshold: Vec<f64>,
    pub left_child: Vec<i64>,
    pub right_child: Vec<i64>,
    pub leaf_value: Vec<f64>,
}

/// Boosted trees for one class.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Booster {
    pub features: usize,
    pub trees: Vec<Tree>,
}

impl Booster {
    /// Reads the text.
    ///
    /// # Errors
    /// Auxiliary: it is no such text, or of a kind that is not evaluated here.
    pub fn of_text(text: &str) -> Result<Self> {
        let mut blocks = text.split("\nTree=");
        let header = Block::of(blocks.next().unwrap_or_default(), "the header");
        if header
            .lines
            .get("version")
            .is_none_or(|version| !VERSIONS.contains(version))
        {
            let got = text.lines().find(|line| line.starts_with("version"));
            return Err(
                wrong("the file is no model of LightGBM, or of an unknown version")
                    .got(got.unwrap_or("no version"))
                    .expected(format!("the text form, version {}", VERSIONS.join(", "))),
            );
        }
        for (name, wanted) in [
            ("objective", OBJECTIVE),
            ("num_class", "1"),
            ("num_tree_per_iteration", "1"),
        ] {
            let got = header.text(name)?;
            if got != wanted {
                let what = format!("models of LightGBM with this {name} are not evaluated");
                return Err(wrong(what).got(got).expected(wanted));
            }
        }
        if text.lines().any(|line| line == "average_output") {
            return Err(wrong(
                "models of LightGBM that average their trees are not evaluated",
            ));
        }
        let last: usize = header.number("max_feature_idx")?;
        let features = last + 1;
        let trees = blocks.map(|block| {
            let number = block.lines().next().unwrap_or_default();
            Tree::of(&Block::of(block, &format!("tree {number}")), features)
        });
        let trees: Vec<Tree> = trees.collect::<Result<_>>()?;
        // Without its last trees a model still speaks.
        let announced = header.text("tree_sizes")?.split_ascii_whitespace().count();
        if trees.is_empty() || trees.len() != announced || !text.contains("\nend of trees") {
            return Err(wrong("the file is cut short")
                .got(trees.len())
                .expected(format!("{announced} trees")));
        }
        Ok(Self { features, trees })
    }
}

impl Tree {
    fn of(block: &Block<'_>, features: usize) -> Result<Self> {
        if block
            .lines
            .get("num_cat")
            .is_some_and(|count| *count != "0")
        {
            return Err(wrong("splits by category are not evaluated").at(&block.name));
        }
        if block
            .lines
            .get("is_linear")
            .is_some_and(|linear| *linear != "0")
        {
            return Err(wrong("linear trees are not evaluated").at(&block.name));
        }
        let leaves: usize = block.number("num_leaves")?;
        let splits = leaves
            .checked_sub(1)
            .ok_or_else(|| wrong("a tree has no leaf").at(&block.name))?;
        // A tree of one leaf has no lists of splits.
        let of_splits = |name| {
            if splits == 0 {
                Ok("")
            } else {
                block.text(name)
            }
        };
        let tree = Self {
            split_feature: block.numbers("split_feature", of_splits("split_feature")?, splits)?,
            threshold: block.numbers("threshold", of_splits("threshold")?, splits)?,
            left_child: block.numbers("left_child", of_splits("left_child")?, splits)?,
            right_child: block.numbers("right_child", of_splits("right_child")?, splits)?,
            leaf_value: block.numbers("leaf_value", block.text("leaf_value")?, leaves)?,
        };
        let decisions: Vec<u8> =
            block.numbers("decision_type", of_splits("decision_type")?, splits)?;
        if decisions
            .iter()
            .any(|decision| decision & (CATEGORICAL | MISSING) != 0)
        {
            return Err(
                wrong("splits that treat missing values apart are not evaluated").at(&block.name),
            );
        }
        tree.check(splits, features)
            .map_err(|error| error.at(&block.name))?;
        Ok(tree)
    }

    /// Every node but the root is the child of one split, so that every way ends in a leaf.
    fn check(&self, splits: usize, features: usize) -> Result<()> {
        if let Some(feature) = self
            .split_feature
            .iter()
            .find(|feature| **feature >= features)
        {
            return Err(wrong("a split asks a feature that there is not")
                .got(feature)
                .expected(format!("0 to {}", features - 1)));
        }
        if self
            .threshold
            .iter()
            .chain(&self.leaf_value)
            .any(|number| !number.is_finite())
        {
            return Err(wrong("a threshold or a leaf is no number"));
        }
        let mut is_split_seen = vec![false; splits];
        let mut is_leaf_seen = vec![false; self.leaf_value.len()];
        let children = self.left_child.iter().zip(&self.right_child).enumerate();
        for (split, (left, right)) in children {
            for child in [*left, *right] {
                let seen = match usize::try_from(child) {
                    // Below itself only: no way goes round.
                    Ok(child) if child > split => is_split_seen.get_mut(child),
                    Ok(_) => None,
                    Err(_) => is_leaf_seen.get_mut(!child as usize),
                };
                match seen {
                    Some(seen) if !*seen => *seen = true,
                    _ => {
                        return Err(wrong("the nodes are no tree")
                            .got(format!("child {child} of split {split}")));
                    }
                }
            }
        }
        Ok(())
    }
}

/// Lines `name=value` of a part of the file.
struct Block<'a> {
    name: String,
    lines: HashMap<&'a str, &'a str>,
}

impl<'a> Block<'a> {
    fn of(text: &'a str, name: &str) -> Self {
        // The first line with a name counts: parameters that follow the trees are no part of them.
        let part = text.split("\nend of trees").next().unwrap_or_default();
        let lines = part
            .lines()
            .filter_map(|line| line.trim_end().split_once('='));
        Self {
            name: name.to_owned(),
            lines: lines.collect(),
        }
    }

    fn text(&self, name: &str) -> Result<&'a str> {
        let found = self.lines.get(name).copied();
        found.ok_or_else(|| wrong(format!("there is no '{name}'")).at(&self.name))
    }

    fn number<T: FromStr>(&self, name: &str) -> Result<T> {
        let text = self.text(name)?;
        text.trim().parse().map_err(|_| {
            wrong(format!("'{name}' is no number"))
                .at(&self.name)
                .got(text)
        })
    }

    fn numbers<T: FromStr>(&self, name: &str, text: &str, count: usize) -> Result<Vec<T>> {
        let parse = |text: &str| {
            text.parse().map_err(|_| {
                wrong(format!("'{name}' holds no number"))
                    .at(&self.name)
                    .got(text)
            })
        };
        let numbers: Vec<T> = text
            .split_ascii_whitespace()
            .map(parse)
            .collect::<Result<_>>()?;
        if numbers.len() != count {
            return Err(wrong(format!("'{name}' has another length than the tree"))
                .at(&self.name)
                .got(numbers.len())
                .expected(count));
        }
        Ok(numbers)
    }
}

fn wrong(what: impl Into<String>) -> Error {
    Error::auxiliary(what)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two trees by hand: 0.5 splits feature 1; then 0.2 splits feature 0.
    pub(in crate::learned) const TEXT: &str = "tree\nversion=v3\nnum_class=1\nnum_tree_per_iteration=1\nlabel_index=0\nmax_feature_idx=1\n\
        objective=binary sigmoid:1\nfeature_names=a b\ntree_sizes=1 1\n\nTree=0\nnum_leaves=3\nnum_cat=0\nsplit_feature=1 0\n\
        threshold=0.5 0.2\ndecision_type=2 2\nleft_child=1 -1\nright_child=-2 -3\nleaf_value=-1 2 0.25\nis_linear=0\n\n\n\
        Tree=1\nnum_leaves=1\nnum_cat=0\nleaf_value=0.125\n\n\nend of trees\n\nfeature_importances:\na=1\n";

    #[test]
    fn trees_are_read() {
        let booster = Booster::of_text(TEXT).unwrap();
        assert_eq!((booster.features, booster.trees.len()), (2, 2));
        assert_eq!(booster.trees[0].threshold, [0.5, 0.2]);
        assert_eq!(booster.trees[0].left_child, [1, -1]);
        assert_eq!(booster.trees[1].leaf_value, [0.125]);
    }

    #[test]
    fn what_is_not_evaluated_is_refused_and_said() {
        for (from, to, said) in [
            ("version=v3", "version=v9", "version"),
            ("version=v3\n", "", "version"),
            ("binary sigmoid:1", "regression", "objective"),
            ("num_class=1", "num_class=3", "num_class"),
            ("label_index=0", "average_output", "average"),
            ("num_cat=0\nsplit", "num_cat=1\nsplit", "category"),
            ("is_linear=0", "is_linear=1", "linear"),
            ("decision_type=2 2", "decision_type=2 10", "missing values"),
            ("split_feature=1 0", "split_feature=2 0", "feature"),
            ("threshold=0.5 0.2", "threshold=0.5", "length"),
            ("threshold=0.5 0.2", "threshold=0.5 x", "no number"),
            ("threshold=0.5 0.2", "threshold=0.5 nan", "no number"),
            ("left_child=1 -1", "left_child=0 -1", "no tree"),
            ("left_child=1 -1", "left_child=1 -2", "no tree"),
            ("left_child=1 -1", "left_child=1 -9", "no tree"),
            ("num_leaves=3", "num_leaves=0", "no leaf"),
            ("tree_sizes=1 1", "tree_sizes=1 1 1", "cut short"),
            ("end of trees", "", "cut short"),
            ("max_feature_idx=1", "max_feature_idx=-1", "no number"),
        ] {
            let text = TEXT.replacen(from, to, 1);
            assert_ne!(text, TEXT, "{from}");
            let error = Booster::of_text(&text).unwrap_err();
            assert_eq!(error.kind(), crate::ErrorKind::Auxiliary);
            assert!(error.to_string().contains(said), "{from} -> {to}: {error}");
        }
    }

    proptest::proptest! {
        #[test]
        fn damaged_text_never_panics(at in 0_usize..TEXT.len(), byte in 32_u8..127, cut: bool) {
            let mut bytes = TEXT.as_bytes().to_vec();
            bytes[at] = byte;
            if cut {
                bytes.truncate(at);
            }
            let _ = Booster::of_text(&String::from_utf8_lossy(&bytes));
        }
    }
}
