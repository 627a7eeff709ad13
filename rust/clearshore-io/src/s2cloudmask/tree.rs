//! A tree of scikit-learn in a pickle.

use super::pickle::{Item, Pickle};
use clearshore::learned::{DecisionTree, TreeFile, s2cloudmask::BANDS};
use clearshore::{Error, Result};

/// The class of the model, and of the tree in it, without the modules, whose names changed.
const CLASSIFIER: &str = " DecisionTreeClassifier";
const TREE: &str = " Tree";
/// numpy's numbers of eight bytes.
const INTEGER: &str = "i8";
const REAL: &str = "f8";
/// Labels: s2cloudmask has false and true.
const BYTE_LABELS: [&str; 2] = ["b1", "i1"];
/// Bytes of a number in nodes and values.
const WIDE: usize = 8;

/// The tree with the formulas that it is asked, out of the pair that s2cloudmask saves.
///
/// # Errors
/// Auxiliary: there is none, or it is asked other things.
pub fn of_pickle(bytes: &[u8], name: &str, features: &[&str]) -> Result<DecisionTree> {
    let pickle = Pickle::read(bytes)?;
    let file = Reader { pickle: &pickle }.file(name).ok_or_else(|| {
        Error::auxiliary("the pickle does not hold what s2cloudmask saves")
            .expected("a DecisionTreeClassifier of scikit-learn with two classes, and its formulas")
            .advice("name a copy of the project s2cloudmask that is as it was published")
    })?;
    if file.features != features {
        return Err(
            Error::auxiliary("the tree is asked other things than s2cloudmask's")
                .got(file.features.join(", "))
                .expected(features.join(", ")),
        );
    }
    DecisionTree::new(file)
}

struct Reader<'a> {
    pickle: &'a Pickle<'a>,
}

impl Reader<'_> {
    fn file(&self, name: &str) -> Option<TreeFile> {
        let Item::List(pair) = self.pickle.root() else {
            return None;
        };
        let [model, formulas] = pair.as_slice() else {
            return None;
        };
        let model = self.pickle.item(*model);
        let tree = self.pickle.get(model, "tree_")?;
        let is_called = |item, class| {
            self.pickle
                .called(item)
                .is_some_and(|called| called.ends_with(class))
        };
        if !is_called(model, CLASSIFIER) || !is_called(tree, TREE) {
            return None;
        }
        let nodes = self.pickle.get(tree, "nodes")?;
        let column = |name| self.column(nodes, name);
        let integers = |name| Some(column(name)?.into_iter().map(i64::from_le_bytes).collect());
        Some(TreeFile {
            source: format!("daleroberts/s2cloudmask {name}"),
            features: self.texts(self.pickle.item(*formulas))?,
            bands: BANDS.to_vec(),
            classes: self.labels(self.pickle.get(model, "classes_")?)?,
            left: integers("left_child")?,
            right: integers("right_child")?,
            feature: integers("feature")?,
            threshold: column("threshold")?
                .into_iter()
                .map(f64::from_le_bytes)
                .collect(),
            prob1: self.shares(self.pickle.get(tree, "values")?)?,
        })
    }

    fn texts(&self, item: &Item) -> Option<Vec<String>> {
        let Item::List(members) = item else {
            return None;
        };
        let text = |id: &usize| match self.pickle.item(*id) {
            Item::Text(text) => Some(text.clone()),
            _ => None,
        };
        members.iter().map(text).collect()
    }

    /// Labels of the classes.
    fn labels(&self, item: &Item) -> Option<Vec<i64>> {
        let Item::Array { numbers, bytes, .. } = item else {
            return None;
        };
        let raw = self.pickle.raw(bytes);
        match self.number(*numbers)? {
            name if BYTE_LABELS.contains(&name) => {
                Some(raw.iter().copied().map(i64::from).collect())
            }
            INTEGER => Some(wide(raw).map(i64::from_le_bytes).collect()),
            _ => None,
        }
    }

    /// Share of the second class at each node.
    fn shares(&self, item: &Item) -> Option<Vec<f64>> {
        let Item::Array {
            numbers,
            shape,
            bytes,
        } = item
        else {
            return None;
        };
        if self.number(*numbers)? != REAL || shape.get(1..)? != [1, 2] {
            return None;
        }
        let counts: Vec<f64> = wide(self.pickle.raw(bytes))
            .map(f64::from_le_bytes)
            .collect();
        let share = |pair: &[f64]| pair[1] / (pair[0] + pair[1]);
        Some(counts.chunks_exact(2).map(share).collect())
    }

    /// A field of the nodes, raw.
    fn column(&self, nodes: &Item, name: &str) -> Option<Vec<[u8; WIDE]>> {
        let Item::Array {
            numbers,
            shape,
            bytes,
        } = nodes
        else {
            return None;
        };
        let Item::Call { state, .. } = self.pickle.item(*numbers) else {
            return None;
        };
        let Item::List(description) = self.pickle.item((*state)?) else {
            return None;
        };
        // Of numpy's description the dictionary holds the fields.
        let fields = description.iter().map(|id| self.pickle.item(*id));
        let field = fields
            .filter_map(|item| self.pickle.get(item, name))
            .next()?;
        let Item::List(field) = field else {
            return None;
        };
        let (number, Item::Integer(offset)) = (
            self.number(*field.first()?)?,
            self.pickle.item(*field.get(1)?),
        ) else {
            return None;
        };
        let first = usize::try_from(*offset).ok()?;
        let [count] = shape.as_slice() else {
            return None;
        };
        let raw = self.pickle.raw(bytes);
        if ![INTEGER, REAL].contains(&number) || *count == 0 {
            return None;
        }
        let node = |node: &[u8]| node.get(first..first.checked_add(WIDE)?)?.try_into().ok();
        raw.chunks_exact(raw.len() / count).map(node).collect()
    }

    /// Name of a kind of number; only of those in the order of our bytes.
    fn number(&self, id: usize) -> Option<&str> {
        let Item::Call {
            arguments, state, ..
        } = self.pickle.item(id)
        else {
            return None;
        };
        let first = |id: usize, index: usize| match self.pickle.item(id) {
            Item::List(members) => members.get(index).map(|id| self.pickle.item(*id)),
            _ => None,
        };
        match (first(*arguments, 0)?, first((*state)?, 1)?) {
            (Item::Text(name), Item::Text(order)) if order != ">" => Some(name),
            _ => None,
        }
    }
}

fn wide(raw: &[u8]) -> impl Iterator<Item = [u8; WIDE]> {
    raw.chunks_exact(WIDE)
        .filter_map(|bytes| bytes.try_into().ok())
}
