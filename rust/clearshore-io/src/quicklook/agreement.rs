//! Where a mask agrees with the truth and where it errs.

use super::{Scale, arrange};
use clearshore::Result;
use clearshore::evaluate::{Category, Label};
use ndarray::{Array2, Axis, s};
use rayon::prelude::*;

/// What a pixel of the picture shows: name, colour. Cloud comes before shadow. Errors stand last: they win a tie
/// when the picture is shrunk.
#[rustfmt::skip]
const KINDS: [(&str, [u8; 3]); 11] = [
    ("no truth", [0, 0, 0]),
    ("clear", [150, 160, 140]),
    ("clear land", [104, 132, 88]),
    ("clear water", [58, 92, 132]),
    ("cloud found", [245, 245, 245]),
    ("shadow found", [48, 48, 60]),
    ("not decided", [120, 0, 160]),
    ("shadow missed", [150, 90, 40]),
    ("false shadow", [0, 230, 230]),
    ("cloud missed", [225, 30, 30]),
    ("false cloud", [255, 170, 0]),
];
const NO_TRUTH: usize = 0;
const CLEAR: usize = 1;
const CLEAR_LAND: usize = 2;
const CLEAR_WATER: usize = 3;
const CLOUD_FOUND: usize = 4;
const SHADOW_FOUND: usize = 5;
const NOT_DECIDED: usize = 6;
const SHADOW_MISSED: usize = 7;
const FALSE_SHADOW: usize = 8;
const CLOUD_MISSED: usize = 9;
const FALSE_CLOUD: usize = 10;

const fn kind(truth: Category, mask: Category) -> usize {
    let is_shadow = matches!(truth, Category::Shadow);
    match (truth, mask) {
        (Category::Undecided, _) => NO_TRUTH,
        (_, Category::Undecided) => NOT_DECIDED,
        _ if truth.is_cloud() && mask.is_cloud() => CLOUD_FOUND,
        _ if truth.is_cloud() => CLOUD_MISSED,
        _ if mask.is_cloud() => FALSE_CLOUD,
        (_, Category::Shadow) if is_shadow => SHADOW_FOUND,
        (_, Category::Shadow) => FALSE_SHADOW,
        _ if is_shadow => SHADOW_MISSED,
        (Category::Water, _) => CLEAR_WATER,
        (Category::Land, _) => CLEAR_LAND,
        _ => CLEAR,
    }
}

/// Draws truth against mask, planes of one shape, and packs the picture as PNG. Where the mask cannot tell shadow
/// (`tells_shadow`), the truth's shadow is drawn as clear. Errors: Internal.
pub fn agreement_png(
    truth: &Array2<Label>,
    mask: &Array2<Label>,
    tells_shadow: bool,
    title: &str,
) -> Result<Vec<u8>> {
    let (rows, columns) = truth.dim();
    let scale = Scale::of(columns);
    let shrink = scale.shrink;
    let (width, height) = (columns.div_ceil(shrink), rows.div_ceil(shrink));
    let mut picture = Array2::from_elem((height, width), [0; 3]);
    let counts = picture
        .axis_iter_mut(Axis(0))
        .into_par_iter()
        .enumerate()
        .map(|(row, mut line)| {
            let mut all = [0_u64; KINDS.len()];
            for (column, pixel) in line.iter_mut().enumerate() {
                let block = s![
                    row * shrink..rows.min((row + 1) * shrink),
                    column * shrink..columns.min((column + 1) * shrink)
                ];
                let mut here = [0_u64; KINDS.len()];
                for (truth, mask) in truth.slice(block).iter().zip(mask.slice(block)) {
                    let kind = match kind(truth.category(), mask.category()) {
                        SHADOW_MISSED if !tells_shadow => CLEAR,
                        kind => kind,
                    };
                    here[kind] += 1;
                }
                let most = (0..KINDS.len()).max_by_key(|kind| here[*kind]);
                *pixel = KINDS[most.unwrap_or(NO_TRUTH)].1;
                add(&mut all, &here);
            }
            all
        })
        .reduce(
            || [0; KINDS.len()],
            |mut sum, counts| {
                add(&mut sum, &counts);
                sum
            },
        );
    let legend: Vec<([u8; 3], String)> = KINDS
        .into_iter()
        .zip(counts)
        .filter(|(_, count)| *count > 0)
        .map(|((name, colour), count)| {
            let percent = 100.0 * count as f64 / truth.len() as f64;
            (colour, format!("{name} {percent:.2} %"))
        })
        .collect();
    arrange(title, &[&picture], scale.enlarge, &legend)
}

fn add(sum: &mut [u64; KINDS.len()], counts: &[u64; KINDS.len()]) {
    sum.iter_mut()
        .zip(counts)
        .for_each(|(sum, count)| *sum += count);
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::quicklook::{GAP, TITLE_HEIGHT};
    use Category::{Clear, Cloud, Land, Shadow, Snow, Thin, Undecided, Water};

    #[test]
    fn every_pair_has_its_kind() {
        for (truth, mask, name) in [
            (Undecided, Cloud, "no truth"),
            (Cloud, Undecided, "not decided"),
            (Cloud, Thin, "cloud found"),
            (Thin, Shadow, "cloud missed"),
            (Cloud, Water, "cloud missed"),
            (Shadow, Cloud, "false cloud"),
            (Snow, Thin, "false cloud"),
            (Shadow, Shadow, "shadow found"),
            (Land, Shadow, "false shadow"),
            (Shadow, Land, "shadow missed"),
            (Water, Land, "clear water"),
            (Land, Clear, "clear land"),
            (Snow, Land, "clear"),
        ] {
            assert_eq!(KINDS[kind(truth, mask)].0, name, "{truth:?} {mask:?}");
        }
    }

    #[test]
    fn the_picture_is_shrunk_by_what_most_pixels_show() {
        // Two by two pixels in one: three clear beside a false cloud, then two beside two.
        let truth = Array2::from_elem((4, 2000), Label::from(Water));
        let mask = Array2::from_shape_fn(truth.dim(), |(row, column)| {
            let is_cloud = column % 2 == 0 && (row == 0 || row >= 2);
            Label::from(if is_cloud { Cloud } else { Water })
        });
        let file = agreement_png(&truth, &mask, true, "test").unwrap();
        let mut reader = png::Decoder::new(std::io::Cursor::new(file))
            .read_info()
            .unwrap();
        let mut bytes = vec![0; reader.output_buffer_size().unwrap()];
        let size = reader.next_frame(&mut bytes).unwrap();
        assert_eq!(size.width as usize, 1000 + 2 * GAP);
        let pixel = |row: usize| {
            let start = 3 * ((TITLE_HEIGHT + row) * size.width as usize + GAP + 7);
            [bytes[start], bytes[start + 1], bytes[start + 2]]
        };
        assert_eq!(pixel(0), KINDS[CLEAR_WATER].1);
        assert_eq!(pixel(1), KINDS[FALSE_CLOUD].1);
    }
}
