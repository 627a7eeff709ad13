//! The right panel: classes, with cloud buffer and coastline where the pixel is clear.

use clearshore::flags::{CLASSES, Class, FLAGS, Flags, map_flags};
use ndarray::{Array2, Axis, s};
use rayon::prelude::*;
use std::ops::Range;

/// What a pixel of the panel shows: a class, or one of two flags of clear pixels.
const CATEGORIES: usize = CLASSES.len() + 2;
/// Category of a clear pixel near cloud.
const CLOUD_BUFFER: usize = CLASSES.len();
/// Category of a clear pixel at the water line.
const COASTLINE: usize = CLASSES.len() + 1;

/// An entry of the legend.
pub struct Entry {
    pub label: &'static str,
    pub colour: [u8; 3],
    /// Share of all pixels.
    pub percent: f64,
}

/// `clearshore_class` of each pixel of `clearshore_flags`.
pub fn class_map(flags: &Array2<i32>) -> Array2<u8> {
    map_flags(flags, |flags| flags.class() as u8)
}

/// Counts of the categories in some rows and columns of a map.
type Counts = [usize; CATEGORIES];

/// What the panel is made of.
pub trait Categories: Sync {
    /// Rows and columns.
    fn shape(&self) -> (usize, usize);

    /// How often each category occurs in a part of the map.
    fn count(&self, rows: Range<usize>, columns: Range<usize>) -> Counts;
}

/// Flags with their classes.
impl Categories for (&Array2<i32>, &Array2<u8>) {
    fn shape(&self) -> (usize, usize) {
        self.0.dim()
    }

    fn count(&self, rows: Range<usize>, columns: Range<usize>) -> Counts {
        let block = s![rows, columns];
        let mut counts = [0; CATEGORIES];
        for (&bits, &class) in self.0.slice(block).iter().zip(self.1.slice(block)) {
            counts[category(bits, class)] += 1;
        }
        counts
    }
}

/// Classes alone.
impl Categories for &Array2<u8> {
    fn shape(&self) -> (usize, usize) {
        self.dim()
    }

    fn count(&self, rows: Range<usize>, columns: Range<usize>) -> Counts {
        let mut counts = [0; CATEGORIES];
        for &class in self.slice(s![rows, columns]) {
            counts[usize::from(class).min(CLASSES.len() - 1)] += 1;
        }
        counts
    }
}

/// The classes in their colours, `shrink` x `shrink` pixels in one: the category that most of them have,
/// but the coastline wherever it crosses them, or it would vanish.
pub fn render(map: &impl Categories, shrink: usize) -> Array2<[u8; 3]> {
    let (rows, columns) = map.shape();
    let mut picture = Array2::from_elem((rows.div_ceil(shrink), columns.div_ceil(shrink)), [0; 3]);
    picture
        .axis_iter_mut(Axis(0))
        .into_par_iter()
        .enumerate()
        .for_each(|(row, mut line)| {
            for (column, pixel) in line.iter_mut().enumerate() {
                let counts = map.count(
                    row * shrink..rows.min((row + 1) * shrink),
                    column * shrink..columns.min((column + 1) * shrink),
                );
                *pixel = colour(shown(&counts, shrink));
            }
        });
    picture
}

/// The category of a block. A line that crosses a block fills at least one part in `shrink` of it.
fn shown(counts: &Counts, shrink: usize) -> usize {
    let pixels: usize = counts.iter().sum();
    if counts[COASTLINE] * shrink >= pixels {
        return COASTLINE;
    }
    (0..CATEGORIES)
        .rev()
        .max_by_key(|category| counts[*category])
        .unwrap_or_default()
}

fn category(bits: i32, class: u8) -> usize {
    let flags = Flags::from_bits_retain(bits);
    let clear = class == Class::ClearLand as u8 || class == Class::ClearWater as u8;
    if clear && flags.contains(Flags::COASTLINE) {
        COASTLINE
    } else if clear && flags.contains(Flags::CLOUD_BUFFER) {
        CLOUD_BUFFER
    } else {
        usize::from(class).min(CLASSES.len() - 1)
    }
}

/// The fixed colour of a category.
fn colour(category: usize) -> [u8; 3] {
    let of_flag = |flag| {
        FLAGS
            .iter()
            .find(|row| row.flag == flag)
            .map(|row| row.colour)
    };
    match category {
        CLOUD_BUFFER => of_flag(Flags::CLOUD_BUFFER),
        COASTLINE => of_flag(Flags::COASTLINE),
        class => CLASSES.get(class).map(|row| row.colour),
    }
    .unwrap_or_default()
}

/// What the panel shows, with its share of all pixels; what does not occur is left out.
pub fn legend(map: &impl Categories) -> Vec<Entry> {
    let (rows, columns) = map.shape();
    let counts = (0..rows)
        .into_par_iter()
        .map(|row| map.count(row..row + 1, 0..columns))
        .reduce(
            || [0; CATEGORIES],
            |sum, counts| std::array::from_fn(|category| sum[category] + counts[category]),
        );
    let labels = CLASSES
        .iter()
        .map(|row| row.meaning)
        .chain(["cloud buffer", "coastline"]);
    labels
        .zip(counts)
        .enumerate()
        .filter(|(_, (_, count))| *count > 0)
        .map(|(category, (label, count))| Entry {
            label,
            colour: colour(category),
            percent: 100.0 * count as f64 / (rows * columns) as f64,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_class_map_is_the_class_of_each_pixel() {
        let flags = Array2::from_shape_fn((37, 53), |(row, column)| {
            (1 << (row % 31)) | (1 << (column % 31))
        });
        let classes = class_map(&flags);
        for (class, bits) in classes.iter().zip(&flags) {
            assert_eq!(*class, Flags::from_bits_retain(*bits).class() as u8);
        }
    }

    #[test]
    fn most_pixels_decide_but_a_crossing_coastline_stays() {
        let water = Flags::WATER.bits();
        let cloud = (Flags::CLOUD | Flags::CLOUD_SURE).bits();
        let coast = (Flags::WATER | Flags::COASTLINE).bits();
        let shown = |flags: [i32; 9]| {
            let flags = Array2::from_shape_vec((3, 3), flags.to_vec()).unwrap();
            render(&(&flags, &class_map(&flags)), 3)[(0, 0)]
        };
        let (w, c, k) = (water, cloud, coast);
        assert_eq!(shown([w, w, c, w, w, c, w, c, c]), [0, 90, 200]);
        assert_eq!(shown([w, c, c, w, w, c, w, c, c]), [224, 224, 30]);
        assert_eq!(shown([w, k, w, w, k, w, w, k, w]), [0, 128, 0]);
        assert_eq!(shown([w, k, w, w, w, w, w, w, w]), [0, 90, 200]);
        let near_cloud = water | Flags::CLOUD_BUFFER.bits();
        assert_eq!(shown([near_cloud; 9]), [255, 0, 0]);
    }
}
