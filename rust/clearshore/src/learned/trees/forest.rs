//! Boosted trees, evaluated many pixels at a time.
//!
//! A split only asks how many of the thresholds of its feature lie below a value. So each value becomes that number once, a
//! byte; a node is then four bytes and a tree fits into the first-level cache. Pixels with like features go down together as far as
//! no split divides them ([`Boxes`]); from there a few walk side by side.

use super::boxes::{Boxes, RankBox, Ranks};
use super::lightgbm::{Booster, Tree};
use crate::{Error, Result};

/// Pixels that stay in the cache while all trees look at them: the more, the more alike are those that go together.
const BLOCK: usize = 1 << 15;
/// Pixels that walk side by side, so that none waits for the memory of another.
pub(super) const LANES: usize = 8;
/// Steps between two looks whether all have arrived.
const STRIDE: usize = 5;
/// A rank no value is above: who is in a leaf stays there.
const STAY: u8 = u8::MAX;
/// Greatest rank: so many thresholds a feature may have.
const THRESHOLDS_MAX: usize = STAY as usize;
/// Room for the ranks of a pixel: more features than an instrument of thirteen bands has.
pub(super) const FEATURES_MAX: usize = 16;
/// Room for the nodes of a tree. Powers of two, so that a masked index needs no check.
const NODES_MAX: usize = 1 << 12;

/// A node: split by a feature's rank, or a leaf.
#[derive(Clone, Copy, Debug, Default)]
struct Node(u32);

impl Node {
    /// `left` is the index of the left child within the tree, with the right one behind it, or of a leaf itself; ranks above
    /// `rank` go right.
    fn new(left: usize, feature: usize, rank: u8) -> Self {
        Self((left as u32) << 16 | (feature as u32) << 8 | u32::from(rank))
    }

    #[inline(always)]
    fn next(self, ranks: &Ranks) -> u32 {
        let rank = ranks[(self.0 >> 8) as usize % FEATURES_MAX];
        (self.0 >> 16) + u32::from(u32::from(rank) > self.0 & 0xff)
    }
}

/// Trees, ready to be evaluated.
#[derive(Clone, Debug)]
pub(super) struct Forest {
    /// Thresholds of each feature, ascending, each rounded down to f32: for values that are f32 the comparison is the same.
    thresholds: Vec<Vec<f32>>,
    trees: Vec<RankedTree>,
}

#[derive(Clone, Debug)]
struct RankedTree {
    nodes: Box<[Node; NODES_MAX]>,
    /// By node; of splits it is 0.
    values: Vec<f64>,
}

impl Forest {
    /// # Errors
    /// Auxiliary: more features, nodes or thresholds than there is room for.
    pub fn of(booster: &Booster) -> Result<Self> {
        if booster.features > FEATURES_MAX {
            return Err(too_large("features", booster.features, FEATURES_MAX));
        }
        let mut thresholds = vec![Vec::new(); booster.features];
        for tree in &booster.trees {
            for (feature, threshold) in tree.split_feature.iter().zip(&tree.threshold) {
                thresholds[*feature].push(rounded_down(*threshold));
            }
        }
        for list in &mut thresholds {
            list.sort_by(f32::total_cmp);
            list.dedup();
            if list.len() > THRESHOLDS_MAX {
                return Err(too_large(
                    "thresholds of a feature",
                    list.len(),
                    THRESHOLDS_MAX,
                ));
            }
        }
        let trees = booster
            .trees
            .iter()
            .map(|tree| RankedTree::of(tree, &thresholds));
        let trees = trees.collect::<Result<_>>()?;
        Ok(Self { thresholds, trees })
    }

    pub fn features(&self) -> usize {
        self.thresholds.len()
    }

    /// Sum of the leaves of each pixel, in the order of the trees. `values` holds the features of a pixel one after another.
    pub fn sums(&self, values: &[f32], out: &mut [f64]) {
        let features = self.features();
        let blocks = values.chunks(BLOCK * features).zip(out.chunks_mut(BLOCK));
        for (values, out) in blocks {
            let boxes = Boxes::of(values.chunks_exact(features).map(|pixel| self.ranks(pixel)));
            let mut sums = vec![0.0; out.len()];
            for tree in &self.trees {
                tree.add(&boxes, boxes.whole(), 0, &mut sums);
            }
            for (pixel, sum) in boxes.pixels().iter().zip(sums) {
                out[*pixel as usize] = sum;
            }
        }
    }

    fn ranks(&self, pixel: &[f32]) -> Ranks {
        let mut ranks = Ranks::default();
        for ((value, thresholds), rank) in pixel.iter().zip(&self.thresholds).zip(&mut ranks) {
            *rank = rank_of(*value, thresholds);
        }
        ranks
    }
}

impl RankedTree {
    /// Children lie side by side behind their parents.
    fn of(tree: &Tree, thresholds: &[Vec<f32>]) -> Result<Self> {
        let count = tree.leaf_value.len() + tree.split_feature.len();
        if count > NODES_MAX {
            return Err(too_large("nodes of a tree", count, NODES_MAX));
        }
        let root = if tree.split_feature.is_empty() { -1 } else { 0 };
        let mut order = vec![root];
        let mut nodes = Box::new([Node::default(); NODES_MAX]);
        let mut values = Vec::with_capacity(count);
        while let Some(&child) = order.get(values.len()) {
            let here = values.len();
            match usize::try_from(child) {
                Ok(split) => {
                    let feature = tree.split_feature[split];
                    let threshold = rounded_down(tree.threshold[split]);
                    let below = thresholds[feature].partition_point(|other| *other < threshold);
                    nodes[here] = Node::new(order.len(), feature, below as u8);
                    values.push(0.0);
                    order.extend([tree.left_child[split], tree.right_child[split]]);
                }
                Err(_) => {
                    nodes[here] = Node::new(here, 0, STAY);
                    values.push(tree.leaf_value[!child as usize]);
                }
            }
        }
        Ok(Self { nodes, values })
    }

    /// Adds the leaves of the pixels of a box, all of which come by a node. `whole` is the box with its parts.
    fn add(&self, boxes: &Boxes, whole: &[RankBox], node: u32, sums: &mut [f64]) {
        let Some((all, parts)) = whole.split_first() else {
            return;
        };
        let mut at = node;
        loop {
            let node = self.node(at);
            let next = node.next(&all.least);
            if next != node.next(&all.most) {
                break;
            }
            if next == at {
                let value = self.values[at as usize];
                sums[all.pixels.clone()]
                    .iter_mut()
                    .for_each(|sum| *sum += value);
                return;
            }
            at = next;
        }
        if let Some(below) = parts.first() {
            let (below, above) = parts.split_at(1 + below.parts);
            self.add(boxes, below, at, sums);
            self.add(boxes, above, at, sums);
        } else if let Some(ranks) = boxes.lanes(all) {
            let leaves = self.leaves(ranks, at);
            for (sum, leaf) in sums[all.pixels.clone()].iter_mut().zip(leaves) {
                *sum += self.values[leaf as usize];
            }
        }
    }

    /// Leaves of some pixels that come by a node.
    fn leaves(&self, ranks: &[Ranks; LANES], node: u32) -> [u32; LANES] {
        let mut at = [node; LANES];
        let walk = |at: &mut [u32; LANES]| {
            for (at, ranks) in at.iter_mut().zip(ranks) {
                *at = self.node(*at).next(ranks);
            }
        };
        loop {
            for _ in 1..STRIDE {
                walk(&mut at);
            }
            let before = at;
            walk(&mut at);
            if at == before {
                return at;
            }
        }
    }

    #[inline(always)]
    fn node(&self, at: u32) -> Node {
        self.nodes[at as usize % NODES_MAX]
    }
}

/// How many thresholds are below a value. What is no number counts as 0, as with LightGBM.
fn rank_of(value: f32, thresholds: &[f32]) -> u8 {
    let value = if value.is_nan() { 0.0 } else { value };
    thresholds.partition_point(|threshold| *threshold < value) as u8
}

/// The greatest f32 that is at most as large.
fn rounded_down(number: f64) -> f32 {
    let nearest = number as f32;
    if f64::from(nearest) > number {
        nearest.next_down()
    } else {
        nearest
    }
}

fn too_large(what: &str, got: usize, most: usize) -> Error {
    Error::auxiliary(format!("the model has too many {what}"))
        .got(got)
        .expected(format!("at most {most}"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The twin: from node to node in f64.
    fn slow(booster: &Booster, pixel: &[f32]) -> f64 {
        booster.trees.iter().fold(0.0, |sum, tree| {
            let mut node = if tree.split_feature.is_empty() { -1 } else { 0 };
            while node >= 0 {
                let split = node as usize;
                let value = pixel[tree.split_feature[split]];
                let value = if value.is_nan() {
                    0.0
                } else {
                    f64::from(value)
                };
                node = if value <= tree.threshold[split] {
                    tree.left_child[split]
                } else {
                    tree.right_child[split]
                };
            }
            sum + tree.leaf_value[(-1 - node) as usize]
        })
    }

    /// Trees that grow by splitting a leaf at random, as LightGBM numbers them.
    fn trees(features: usize) -> impl Strategy<Value = Tree> {
        let split = (any::<prop::sample::Index>(), 0..features, 0_u8..40);
        (prop::collection::vec(split, 0..60), any::<u64>()).prop_map(|(splits, seed)| {
            let mut tree = Tree {
                split_feature: Vec::new(),
                threshold: Vec::new(),
                left_child: Vec::new(),
                right_child: Vec::new(),
                leaf_value: vec![0.0],
            };
            for (leaf, feature, threshold) in splits {
                let leaf = leaf.index(tree.leaf_value.len()) as i64;
                let split = tree.split_feature.len() as i64;
                for child in tree.left_child.iter_mut().chain(&mut tree.right_child) {
                    if *child == !leaf {
                        *child = split;
                    }
                }
                tree.split_feature.push(feature);
                tree.threshold.push(f64::from(threshold) * 0.025 + 1e-12);
                tree.left_child.push(!leaf);
                tree.right_child.push(!(tree.leaf_value.len() as i64));
                tree.leaf_value.push(0.0);
            }
            for (leaf, value) in tree.leaf_value.iter_mut().enumerate() {
                *value = ((seed >> (leaf % 40)) % 1000) as f64 * 1e-3 - 0.5;
            }
            tree
        })
    }

    proptest! {
        #[test]
        fn blocks_of_pixels_get_what_each_gets_alone(
            trees in prop::collection::vec(trees(3), 1..6),
            pixels in prop::collection::vec([0_u8..45, 0_u8..45, 0_u8..45], 1..1200),
        ) {
            let booster = Booster { features: 3, trees };
            let forest = Forest::of(&booster).unwrap();
            // On thresholds, between them, and no number.
            let value = |step: u8| match step {
                44 => f32::NAN,
                step => f32::from(step) * 0.025,
            };
            let values: Vec<f32> = pixels.iter().flatten().map(|step| value(*step)).collect();
            let mut sums = vec![f64::NAN; pixels.len()];
            forest.sums(&values, &mut sums);
            for (pixel, sum) in values.chunks(3).zip(sums) {
                prop_assert_eq!(sum, slow(&booster, pixel));
            }
        }

        /// For numbers that are f32 nothing is lost.
        #[test]
        fn thresholds_rounded_down_compare_alike(threshold: f64, bits: u32) {
            let value = f32::from_bits(bits);
            prop_assume!(!value.is_nan() && threshold.abs() < f64::from(f32::MAX));
            let rounded = rounded_down(threshold);
            prop_assert_eq!(value <= rounded, f64::from(value) <= threshold);
            let near = rounded.next_up();
            prop_assert_eq!(near <= rounded, f64::from(near) <= threshold);
        }
    }

    #[test]
    fn too_many_features_are_said() {
        let booster = |features: usize| Booster {
            features,
            trees: Vec::new(),
        };
        assert!(Forest::of(&booster(FEATURES_MAX)).is_ok());
        let error = Forest::of(&booster(FEATURES_MAX + 1)).unwrap_err();
        assert!(error.to_string().contains("features"), "{error}");
    }

    #[test]
    fn too_many_thresholds_are_said() {
        let tree = |threshold: usize| Tree {
            split_feature: vec![0],
            threshold: vec![threshold as f64],
            left_child: vec![-1],
            right_child: vec![-2],
            leaf_value: vec![0.0, 1.0],
        };
        let booster = |count: usize| Booster {
            features: 1,
            trees: (0..count).map(tree).collect(),
        };
        assert!(Forest::of(&booster(THRESHOLDS_MAX)).is_ok());
        let error = Forest::of(&booster(THRESHOLDS_MAX + 1)).unwrap_err();
        assert!(error.to_string().contains("thresholds"), "{error}");
    }
}
