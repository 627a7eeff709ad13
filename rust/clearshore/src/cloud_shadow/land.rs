//! Cloud shadow on land: where dark ground and a shadow that should be there agree.

use super::geometry::{Geometry, Shift};
use super::{Clouds, ShadowBits, ShadowPlane};
use crate::raster::{Objects, within_distance};
use crate::{Progress, Result};
use ndarray::Array2;
use rayon::prelude::*;

/// Shadows of clouds lie between these parts of the usual distance from their clouds, unitless (own measurement).
const NEAREST_PART: f64 = 0.3;
const FURTHEST_PART: f64 = 1.6;
/// Share of dark ground that must lie there, unitless (own measurement).
const SWEPT_SHARE_MIN: f64 = 0.5;
/// Dark ground is shadow when the shadow of a cloud falls this near to so much of it, metres and unitless (own
/// measurements).
const NEAR: f64 = 80.0;
const NEAR_SHARE_MIN: f64 = 0.1;

/// Of such ground nothing is further from where a shadow falls than an error of its cloud's height by this moves it, metres (own choice:
/// two steps of the heights that are tried; woods touch shadows).
const HEIGHT_ERROR: f64 = 200.0;
/// Share of dark ground whose cloud would stand outside the scene, unitless, that no projection needs to confirm.
const OUTSIDE_SHARE_MIN: f64 = 0.5;
/// Shadows that usually fall further than this come from nowhere in particular, metres (own choice).
const OUTSIDE_REACH: f64 = 5_000.0;

/// What dark ground is.
#[derive(Clone, Copy, PartialEq)]
enum Kind {
    Shadow,
    /// A cloud outside the scene may shade it.
    FromOutside,
    Ground,
}

/// Decides which potential shadow is the shadow of a cloud; `swept` is where such shadows can fall, and `usual` is how far
/// they usually fall from their clouds, pixels.
///
/// # Errors
/// Cancelled.
pub fn confirm(
    shadows: &mut ShadowPlane,
    found: &Clouds<'_>,
    geometry: &Geometry,
    swept: &Array2<bool>,
    usual: Shift,
    progress: &dyn Progress,
) -> Result<()> {
    let shape = geometry.shape();
    let has = |bits: u8, wanted: ShadowBits| ShadowBits::from_bits_retain(bits).intersects(wanted);
    let falls = ShadowBits::MATCHED | ShadowBits::PROJECTED;
    let near = within_distance(shape, NEAR / geometry.pixel_size(), |row, column| {
        has(shadows[[row, column]], falls)
    });
    progress.check()?;
    let dark = Objects::of(shape, 1, |row, column| {
        has(shadows[[row, column]], ShadowBits::POTENTIAL) && found.is_witness(row, column)
    });
    let is_known = usual[0].hypot(usual[1]) * geometry.pixel_size() <= OUTSIDE_REACH;
    let is_from_outside = |[row, column]: [usize; 2]| {
        let (row, column) = (row as f64 - usual[1], column as f64 - usual[0]);
        is_known && (row < 0.0 || column < 0.0 || row >= shape.0 as f64 || column >= shape.1 as f64)
    };
    let kinds: Vec<Kind> = (0..dark.len())
        .into_par_iter()
        .map(|object| {
            let (mut inside, mut close, mut outside) = (0_u64, 0_u64, 0_u64);
            for run in dark.runs(object) {
                for column in run.first as usize..run.end as usize {
                    let at = [run.row as usize, column];
                    inside += u64::from(swept[at]);
                    close += u64::from(near[at]);
                    outside += u64::from(is_from_outside(at));
                }
            }
            let pixels = dark.pixels(object) as f64;
            let is_outside = outside as f64 >= OUTSIDE_SHARE_MIN * pixels;
            let is_inside = inside as f64 >= SWEPT_SHARE_MIN * pixels;
            match (is_inside, close as f64 >= NEAR_SHARE_MIN * pixels) {
                (true, true) => Kind::Shadow,
                (true, false) if is_outside => Kind::FromOutside,
                _ => Kind::Ground,
            }
        })
        .collect();
    // Where most of the dark ground whose cloud would be in the scene has none, what lies toward the frame is no shadow either.
    let area = |kind: Kind| -> u64 {
        let objects = (0..dark.len()).filter(|&object| kinds[object] == kind);
        objects.map(|object| dark.pixels(object)).sum()
    };
    let is_told = area(Kind::Shadow) > area(Kind::Ground);
    let is_shadow = |kind: Kind| kind == Kind::Shadow || kind == Kind::FromOutside && is_told;
    let [right, down] = geometry.usual_from_sun();
    let reach = (NEAR / geometry.pixel_size()).max(HEIGHT_ERROR * right.hypot(down));
    let reached = within_distance(shape, reach, |row, column| {
        has(shadows[[row, column]], falls)
    });
    progress.check()?;
    for object in (0..dark.len()).filter(|&object| is_shadow(kinds[object])) {
        for run in dark.runs(object) {
            for column in run.first as usize..run.end as usize {
                let at = [run.row as usize, column];
                if reached[at] || is_from_outside(at) {
                    shadows[at] |= ShadowBits::SHADOW.bits();
                }
            }
        }
    }
    shadows
        .outer_iter_mut()
        .into_par_iter()
        .enumerate()
        .for_each(|(row, mut shadows)| {
            for (column, bits) in shadows.iter_mut().enumerate() {
                let both = has(*bits, ShadowBits::POTENTIAL) && has(*bits, falls);
                // What relief shades shows no other shadow: there the height that clear land told counts.
                let hidden = has(*bits, ShadowBits::MATCHED) && found.in_relief_shadow(row, column);
                if both && found.is_witness(row, column) || hidden && found.is_clear(row, column) {
                    *bits |= ShadowBits::SHADOW.bits();
                }
            }
        });
    Ok(())
}

/// Where shadows of clouds can fall that are about as high as usual; what is outside the scene counts as cloud.
///
/// `shift` is how far shadows usually fall from their clouds in a scene of (rows, columns).
pub fn swept(
    is_cloud: &(dyn Fn(usize, usize) -> bool + Sync),
    (rows, columns): (usize, usize),
    shift: Shift,
) -> Array2<bool> {
    // Lines run along the longer part of the shift, one pixel a step.
    let down = shift[1].abs() >= shift[0].abs();
    let (steps, across) = if down {
        (rows, columns)
    } else {
        (columns, rows)
    };
    let (along, aside) = if down {
        (shift[1], shift[0])
    } else {
        (shift[0], shift[1])
    };
    let slope = aside / along.abs().max(f64::MIN_POSITIVE);
    let ahead = along >= 0.0;
    let nearest = (NEAREST_PART * along.abs()).floor() as usize;
    let furthest = (FURTHEST_PART * along.abs()).ceil() as usize;
    let drift = (slope * steps as f64).abs().ceil() as i64;
    // Position across of a line that began at `start`, after so many steps.
    let aside_at: Vec<i64> = (0..steps)
        .map(|step| (slope * step as f64).round() as i64)
        .collect();
    let position = |start: i64, step: usize| start + aside_at[step];
    let lines = if slope >= 0.0 {
        -drift..across as i64
    } else {
        0..across as i64 + drift
    };
    let place = |step: usize, position: i64| {
        let position = usize::try_from(position)
            .ok()
            .filter(|position| *position < across)?;
        let step = if ahead { step } else { steps - 1 - step };
        Some(if down {
            (step, position)
        } else {
            (position, step)
        })
    };
    // Of each line the steps that are reached, from the first of a run to before its end.
    let cells: Vec<(i64, Vec<[u32; 2]>)> = lines
        .into_par_iter()
        .map(|start| {
            // Clouds seen along the line, outside included: so many pixels of it lie before its first step.
            let mut sums = Vec::with_capacity(steps + 1);
            sums.push(0_u32);
            let mut reached: Vec<[u32; 2]> = Vec::new();
            for step in 0..steps {
                let at = place(step, position(start, step));
                let cloud = at.is_none_or(|(row, column)| is_cloud(row, column));
                let sum = sums[step] + u32::from(cloud);
                sums.push(sum);
                if at.is_none() {
                    continue;
                }
                let outside = step < furthest;
                let first = (step + 1).saturating_sub(furthest + 1);
                let end = (step + 1).saturating_sub(nearest);
                if outside || sums[end] > sums[first.min(end)] {
                    match reached.last_mut() {
                        Some([_, end]) if *end == step as u32 => *end += 1,
                        _ => reached.push([step as u32, step as u32 + 1]),
                    }
                }
            }
            (start, reached)
        })
        .collect();
    let mut swept = Array2::from_elem((rows, columns), false);
    for (start, runs) in cells {
        for step in runs.into_iter().flat_map(|[first, end]| first..end) {
            if let Some(at) = place(step as usize, position(start, step as usize)) {
                swept[at] = true;
            }
        }
    }
    swept
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The obvious twin: walks back from every pixel toward the sun, one step along the longer part of the shift after the
    /// other, and looks for cloud or the frame.
    fn by_walking(cloud: &Array2<bool>, shift: Shift) -> Array2<bool> {
        let (rows, columns) = cloud.dim();
        let long = shift[0].abs().max(shift[1].abs());
        let (nearest, furthest) = (
            (NEAREST_PART * long).floor() as i64,
            (FURTHEST_PART * long).ceil() as i64,
        );
        Array2::from_shape_fn((rows, columns), |(row, column)| {
            (nearest..=furthest).any(|step| {
                let back = |position: usize, part: f64| {
                    position as f64 - part / long.max(f64::MIN_POSITIVE) * step as f64
                };
                let (r, c) = (back(row, shift[1]), back(column, shift[0]));
                let at = |value: f64, count: usize| {
                    let place = value.round();
                    (place >= 0.0 && place < count as f64).then_some(place as usize)
                };
                match (at(r, rows), at(c, columns)) {
                    (Some(r), Some(c)) => cloud[[r, c]],
                    _ => true,
                }
            })
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]
        #[test]
        fn the_sweep_finds_what_walking_back_to_the_sun_finds(
            right in -12_i32..13,
            down in -12_i32..13,
            points in prop::collection::vec((0..40_usize, 0..50_usize), 0..6),
        ) {
            prop_assume!(right != 0 || down != 0);
            let cloud = Array2::from_shape_fn((40, 50), |at| points.contains(&at));
            let shift = [f64::from(right), f64::from(down)];
            let fast = swept(&|row, column| cloud[[row, column]], cloud.dim(), shift);
            let slow = by_walking(&cloud, shift);
            // Lines of pixels bend where they round: each result lies within a pixel of the other, at the frame outside it.
            let near = |plane: &Array2<bool>, row: usize, column: usize| {
                (row.saturating_sub(1)..(row + 2).min(40))
                    .any(|r| (column.saturating_sub(1)..(column + 2).min(50)).any(|c| plane[[r, c]]))
            };
            let inner = |row: usize, column: usize| (1..39).contains(&row) && (1..49).contains(&column);
            for ((row, column), is) in slow.indexed_iter().filter(|((r, c), _)| inner(*r, *c)) {
                prop_assert!(!is || near(&fast, row, column), "missed at {row}, {column}");
                prop_assert!(!fast[[row, column]] || near(&slow, row, column), "more at {row}, {column}");
            }
        }
    }
}
