//! One decision tree of two classes, as our JSON files hold it: a number for each node, in lists.

use crate::scene::Band;
use crate::{Error, Result};
use serde::{Deserialize, Serialize};

/// What stands for "no child" in a file.
const NO_CHILD: i64 = -1;
/// Most nodes of a tree: the largest published one has some thousands.
const NODES_MAX: usize = 1 << 20;

/// The file of a tree: lists with an entry a node, the root first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TreeFile {
    /// Where it comes from.
    pub source: String,
    /// What it is asked, as formulas over the bands.
    pub features: Vec<String>,
    /// Bands in the order in which the formulas' distances see them.
    pub bands: Vec<Band>,
    /// Labels of its two classes.
    pub classes: Vec<i64>,
    /// Child of each node where its feature is at most the threshold; -1 in leaves.
    pub left: Vec<i64>,
    /// Child of each node where its feature is larger; -1 in leaves.
    pub right: Vec<i64>,
    /// Index of the feature that a node asks; of no meaning in leaves.
    pub feature: Vec<i64>,
    /// What it is compared with; of no meaning in leaves.
    pub threshold: Vec<f64>,
    /// Share of the second class among the pixels of training that came to a node.
    pub prob1: Vec<f64>,
}

/// A checked tree.
#[derive(Clone, Debug, PartialEq)]
pub struct DecisionTree {
    file: TreeFile,
    nodes: Vec<Node>,
}

/// A node as evaluation needs it.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Node {
    Question {
        feature: usize,
        threshold: f64,
        /// Children: at most the threshold, larger.
        children: [usize; 2],
    },
    Leaf(f32),
}

impl DecisionTree {
    /// Reads and checks the JSON form.
    ///
    /// # Errors
    /// Auxiliary: it is none, or no tree.
    pub fn from_json(text: &str) -> Result<Self> {
        let file = serde_json::from_str(text).map_err(|error| {
            Error::auxiliary("the file holds no decision tree")
                .expected("JSON as 'clearshore models import' writes it")
                .caused_by(error)
        })?;
        Self::new(file)
    }

    /// Checks a file.
    ///
    /// # Errors
    /// Auxiliary: its lists do not make a tree.
    pub fn new(file: TreeFile) -> Result<Self> {
        let count = file.left.len();
        let lists = [
            file.right.len(),
            file.feature.len(),
            file.threshold.len(),
            file.prob1.len(),
        ];
        if count == 0 || count > NODES_MAX || lists.iter().any(|length| *length != count) {
            return Err(
                wrong("the lists of the decision tree do not fit each other")
                    .got(format!("{count} nodes in 'left', {lists:?} in the others"))
                    .expected(format!("1 to {NODES_MAX} nodes, the same in each")),
            );
        }
        if file.classes.len() != 2 {
            return Err(wrong("the decision tree does not have two classes")
                .got(file.classes.len())
                .expected("2"));
        }
        let nodes: Vec<Node> = (0..count)
            .map(|node| Self::node(&file, node))
            .collect::<Result<_>>()?;
        check_reach(&nodes)?;
        Ok(Self { file, nodes })
    }

    fn node(file: &TreeFile, node: usize) -> Result<Node> {
        let place = |error: Error| error.at(format!("node {node}"));
        let children = [file.left[node], file.right[node]];
        if children == [NO_CHILD; 2] {
            let probability = file.prob1[node];
            if !(0.0..=1.0).contains(&probability) {
                let error = wrong("a probability of the decision tree is none");
                return Err(place(error.got(probability).expected("0 to 1")));
            }
            return Ok(Node::Leaf(probability as f32));
        }
        let index = |value: i64, end: usize, what: &str| {
            let index = usize::try_from(value).ok().filter(|index| *index < end);
            index.ok_or_else(|| {
                place(
                    wrong(format!(
                        "the decision tree names a {what} that is not there"
                    ))
                    .got(value)
                    .expected(format!("0 to {}", end.saturating_sub(1))),
                )
            })
        };
        let threshold = file.threshold[node];
        if !threshold.is_finite() {
            let error = wrong("a threshold of the decision tree is no number");
            return Err(place(error.got(threshold)));
        }
        let [left, right] = children.map(|child| index(child, file.left.len(), "node"));
        Ok(Node::Question {
            feature: index(file.feature[node], file.features.len(), "feature")?,
            threshold,
            children: [left?, right?],
        })
    }

    /// As it stands in a file.
    pub fn file(&self) -> &TreeFile {
        &self.file
    }

    /// Probability of the second class for a vector of features; NaN where one of them is.
    ///
    /// # Panics
    /// The vector is shorter than the tree's list of features.
    #[inline]
    pub fn probability(&self, features: &[f32]) -> f32 {
        if features.iter().any(|feature| feature.is_nan()) {
            return f32::NAN;
        }
        let mut at = 0;
        loop {
            match self.nodes[at] {
                Node::Leaf(probability) => return probability,
                Node::Question {
                    feature,
                    threshold,
                    children: [left, right],
                } => {
                    let is_left = f64::from(features[feature]) <= threshold;
                    at = if is_left { left } else { right };
                }
            }
        }
    }
}

/// Every node must be reached from the root exactly once: no cycles, no shared branches, no strays.
fn check_reach(nodes: &[Node]) -> Result<()> {
    let mut seen = vec![false; nodes.len()];
    let mut open = vec![0];
    while let Some(node) = open.pop() {
        if std::mem::replace(&mut seen[node], true) {
            return Err(
                wrong("a node of the decision tree has two parents").at(format!("node {node}"))
            );
        }
        if let Node::Question { children, .. } = nodes[node] {
            open.extend(children);
        }
    }
    match seen.iter().position(|seen| !seen) {
        Some(node) => {
            Err(wrong("a node of the decision tree is out of reach").at(format!("node {node}")))
        }
        None => Ok(()),
    }
}

fn wrong(what: impl Into<String>) -> Error {
    Error::auxiliary(what).advice("import the model again with 'clearshore models import'")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A tree as a person would draw it.
    #[derive(Clone, Debug)]
    enum Drawn {
        Leaf(f64),
        Fork(usize, f64, Box<Drawn>, Box<Drawn>),
    }

    const FEATURES: usize = 4;

    fn drawn() -> impl Strategy<Value = Drawn> {
        let leaf = (0.0..=1.0).prop_map(Drawn::Leaf);
        leaf.prop_recursive(6, 60, 2, |below| {
            (0..FEATURES, -3..=3, below.clone(), below).prop_map(
                |(feature, threshold, left, right)| {
                    Drawn::Fork(feature, f64::from(threshold), left.into(), right.into())
                },
            )
        })
    }

    impl Drawn {
        /// The slow, obvious way.
        fn probability(&self, features: &[f32]) -> f32 {
            match self {
                Self::Leaf(probability) => *probability as f32,
                Self::Fork(feature, threshold, left, right) => {
                    if f64::from(features[*feature]) <= *threshold {
                        left.probability(features)
                    } else {
                        right.probability(features)
                    }
                }
            }
        }

        fn add_to(&self, file: &mut TreeFile) -> i64 {
            let node = file.left.len();
            file.left.push(NO_CHILD);
            file.right.push(NO_CHILD);
            file.feature.push(-2);
            file.threshold.push(-2.0);
            file.prob1.push(0.5);
            match self {
                Self::Leaf(probability) => file.prob1[node] = *probability,
                Self::Fork(feature, threshold, left, right) => {
                    file.feature[node] = *feature as i64;
                    file.threshold[node] = *threshold;
                    file.left[node] = left.add_to(file);
                    file.right[node] = right.add_to(file);
                }
            }
            node as i64
        }

        fn file(&self) -> TreeFile {
            let mut file = TreeFile {
                source: "drawn".into(),
                features: (0..FEATURES).map(|index| format!("f{index}")).collect(),
                bands: vec![Band::B02],
                classes: vec![0, 1],
                left: Vec::new(),
                right: Vec::new(),
                feature: Vec::new(),
                threshold: Vec::new(),
                prob1: Vec::new(),
            };
            self.add_to(&mut file);
            file
        }
    }

    proptest! {
        #[test]
        fn a_tree_says_what_a_drawing_of_it_says(
            tree in drawn(),
            vectors in prop::collection::vec(prop::array::uniform4(-4..=4), 1..20),
        ) {
            let text = serde_json::to_string(&tree.file()).unwrap();
            let read = DecisionTree::from_json(&text).unwrap();
            for vector in vectors {
                let features = vector.map(|value| value as f32);
                prop_assert_eq!(read.probability(&features), tree.probability(&features));
            }
            prop_assert!(read.probability(&[0.0, 0.0, f32::NAN, 0.0]).is_nan());
        }

        /// Whatever is in the lists, evaluation ends: a file is refused or a tree.
        #[test]
        fn lists_without_a_tree_are_refused(
            left in prop::collection::vec(-2..6_i64, 5),
            right in prop::collection::vec(-2..6_i64, 5),
            feature in prop::collection::vec(-1..5_i64, 5),
        ) {
            let file = TreeFile {
                left,
                right,
                feature,
                threshold: vec![0.0; 5],
                prob1: vec![0.25; 5],
                ..Drawn::Leaf(0.0).file()
            };
            if let Ok(tree) = DecisionTree::new(file) {
                prop_assert_eq!(tree.probability(&[0.0; FEATURES]), 0.25);
            }
        }
    }

    #[test]
    fn what_is_wrong_is_said() {
        let leaf = |probability: f64| Box::new(Drawn::Leaf(probability));
        let good = Drawn::Fork(1, 0.5, leaf(0.0), leaf(1.0)).file();
        assert!(DecisionTree::new(good.clone()).is_ok());
        let broken = |change: &dyn Fn(&mut TreeFile)| {
            let mut file = good.clone();
            change(&mut file);
            DecisionTree::new(file).unwrap_err().to_string()
        };
        for (change, expected) in [
            (&|file: &mut TreeFile| file.left[0] = 0, "two parents"),
            (&|file: &mut TreeFile| file.left[0] = 2, "two parents"),
            (&|file: &mut TreeFile| file.left[0] = 3, "node 0"),
            (&|file: &mut TreeFile| file.left[0] = -1, "not there"),
            (
                &|file: &mut TreeFile| file.feature[0] = 4,
                "feature that is not there",
            ),
            (
                &|file: &mut TreeFile| file.threshold[0] = f64::NAN,
                "no number",
            ),
            (&|file: &mut TreeFile| file.prob1[2] = 1.5, "0 to 1"),
            (&|file: &mut TreeFile| file.right.truncate(2), "do not fit"),
            (&|file: &mut TreeFile| file.classes.push(2), "two classes"),
            (
                &|file: &mut TreeFile| {
                    file.left[0] = -1;
                    file.right[0] = -1;
                },
                "out of reach",
            ),
        ] as [(&dyn Fn(&mut TreeFile), &str); 10]
        {
            let text = broken(change);
            assert!(text.contains(expected), "{text} without '{expected}'");
        }
        let error = DecisionTree::from_json("[1, 2]").unwrap_err();
        assert_eq!(error.kind(), crate::ErrorKind::Auxiliary);
    }
}
