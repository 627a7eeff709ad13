//! Pixels sorted so that those with like features stand together, in boxes within boxes.
//!
//! Where all pixels of a box lie on one side of a split they go there together. Sorted by a k-d tree (Bentley 1975, Commun. ACM 18,
//! 509): each box is cut in two at the median of the feature that spreads most in it.

use super::forest::{FEATURES_MAX, LANES};
use std::ops::Range;

/// Ranks of a pixel's features.
pub(super) type Ranks = [u8; FEATURES_MAX];

/// Some pixels that stand together.
pub(super) struct RankBox {
    /// Least rank of each feature.
    pub least: Ranks,
    /// Greatest rank of each feature.
    pub most: Ranks,
    /// Where they stand.
    pub pixels: Range<usize>,
    /// Boxes behind it that are parts of it: its first half with all its parts, then the second.
    pub parts: usize,
}

/// Pixels in boxes.
pub(super) struct Boxes {
    /// Every box is followed by its parts; those without parts have up to [`LANES`] pixels.
    boxes: Vec<RankBox>,
    /// In the order of the boxes; there is room for [`LANES`] from where any box begins.
    ranks: Vec<Ranks>,
    /// Which pixel stands at each place.
    pixels: Vec<u32>,
}

impl Boxes {
    pub fn of(ranks: impl Iterator<Item = Ranks>) -> Self {
        let mut pixels: Vec<(Ranks, u32)> = ranks.zip(0..).collect();
        let mut boxes = Vec::with_capacity(2 * pixels.len().div_ceil(LANES));
        sort(&mut pixels, 0, &mut boxes);
        let (mut ranks, pixels): (Vec<_>, Vec<_>) = pixels.into_iter().unzip();
        ranks.resize(ranks.len().next_multiple_of(LANES), Ranks::default());
        Self {
            boxes,
            ranks,
            pixels,
        }
    }

    /// The box of all pixels.
    pub fn whole(&self) -> &[RankBox] {
        &self.boxes
    }

    /// Ranks of the pixels of a box without parts; behind the last pixel stand ranks of no pixel.
    pub fn lanes(&self, of: &RankBox) -> Option<&[Ranks; LANES]> {
        self.ranks[of.pixels.start..].first_chunk()
    }

    /// Which pixel stands at each place.
    pub fn pixels(&self) -> &[u32] {
        &self.pixels
    }
}

/// Sorts pixels, of which the first stands at a certain place.
fn sort(pixels: &mut [(Ranks, u32)], first: usize, boxes: &mut Vec<RankBox>) {
    let (mut least, mut most) = ([u8::MAX; FEATURES_MAX], [u8::MIN; FEATURES_MAX]);
    for (ranks, _) in &*pixels {
        for ((least, most), rank) in least.iter_mut().zip(&mut most).zip(ranks) {
            *least = (*least).min(*rank);
            *most = (*most).max(*rank);
        }
    }
    let here = boxes.len();
    boxes.push(RankBox {
        least,
        most,
        pixels: first..first + pixels.len(),
        parts: 0,
    });
    if pixels.len() > LANES {
        let spread = |feature: &usize| most[*feature] - least[*feature];
        let widest = (0..FEATURES_MAX).max_by_key(spread).unwrap_or(0);
        // Only the last box may have fewer pixels than lanes.
        let middle = pixels.len().div_ceil(LANES) / 2 * LANES;
        pixels.select_nth_unstable_by_key(middle, |(ranks, _)| ranks[widest]);
        let (below, above) = pixels.split_at_mut(middle);
        sort(below, first, boxes);
        sort(above, first + middle, boxes);
        boxes[here].parts = boxes.len() - here - 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_pixel_is_in_the_boxes_that_hold_it(
            pixels in prop::collection::vec(any::<[u8; 3]>(), 1..200),
        ) {
            let ranks = |pixel: &[u8; 3]| {
                let mut ranks = Ranks::default();
                ranks[..3].copy_from_slice(pixel);
                ranks
            };
            let boxes = Boxes::of(pixels.iter().map(ranks));
            let mut seen = boxes.pixels().to_vec();
            seen.sort_unstable();
            prop_assert_eq!(seen, (0..pixels.len() as u32).collect::<Vec<_>>());
            prop_assert_eq!(boxes.whole()[0].pixels.clone(), 0..pixels.len());
            for (index, of) in boxes.whole().iter().enumerate() {
                for place in of.pixels.clone() {
                    let ranks = ranks(&pixels[boxes.pixels()[place] as usize]);
                    prop_assert_eq!(boxes.ranks[place], ranks);
                    for (feature, rank) in ranks.iter().enumerate() {
                        prop_assert!((of.least[feature]..=of.most[feature]).contains(rank));
                    }
                }
                if of.parts == 0 {
                    prop_assert!(of.pixels.len() <= LANES && boxes.lanes(of).is_some());
                } else {
                    let below = &boxes.whole()[index + 1];
                    let above = &boxes.whole()[index + 2 + below.parts];
                    prop_assert_eq!(below.pixels.start, of.pixels.start);
                    prop_assert_eq!(below.pixels.end, above.pixels.start);
                    prop_assert_eq!(above.pixels.end, of.pixels.end);
                    prop_assert_eq!(of.parts, below.parts + above.parts + 2);
                }
            }
        }
    }
}
