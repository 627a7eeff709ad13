//! Verdicts into the flags of a date.

use super::Verdict;
use crate::flags::Flags;
use crate::merge::with_clear;
use crate::raster::within_distance;
use crate::{Params, Progress, Result};
use ndarray::{Array2, ArrayView2};

/// How many of a pixel and its eight neighbours must agree with a change: single pixels are noise (own choice).
const AGREEING_MIN: usize = 5;
/// How far from cloud of its date missed shadow may lie, metres: cloud at 3 km under a sun at 30 degrees, and rims (own choice).
const SHADOW_REACH: f64 = 6_000.0;
/// Flags of cloud of either kind.
const CLOUD: Flags = Flags::CLOUD
    .union(Flags::CLOUD_SURE)
    .union(Flags::CLOUD_AMBIGUOUS);

/// Pixels that changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Changes {
    /// Cloud that was missed.
    pub cloud_added: u64,
    /// Shadow that was missed.
    pub shadow_added: u64,
    /// Cloud that was none.
    pub cloud_removed: u64,
}

/// Changes the flags of a date by the verdicts on its pixels ([`Verdict`] bits). Buffers and what is clear follow.
///
/// # Errors
/// Cancelled.
pub fn improve(
    flags: &mut Array2<i32>,
    verdicts: ArrayView2<'_, u8>,
    params: &Params,
    pixel_size: f64,
    progress: &dyn Progress,
) -> Result<Changes> {
    let shape = flags.dim();
    let mut changes = Changes::default();
    let old = flags.clone();
    let at = |row: usize, column: usize| {
        let verdict = Verdict::from_bits_retain(verdicts[[row, column]]);
        (verdict, Flags::from_bits_retain(old[[row, column]]))
    };
    for ((row, column), bits) in flags.indexed_iter_mut() {
        let (verdict, here) = at(row, column);
        if verdict.contains(Verdict::MISSED_CLOUD) {
            let agrees = |(verdict, flags): (Verdict, Flags)| {
                verdict.contains(Verdict::MISSED_CLOUD) || flags.contains(Flags::CLOUD)
            };
            if agreeing(shape, (row, column), |row, column| agrees(at(row, column))) {
                *bits = (here | Flags::CLOUD | Flags::CLOUD_AMBIGUOUS).bits();
                changes.cloud_added += 1;
            }
        } else if verdict.contains(Verdict::FALSE_CLOUD) {
            let agrees = |(verdict, flags): (Verdict, Flags)| {
                verdict.contains(Verdict::FALSE_CLOUD) || !flags.intersects(CLOUD)
            };
            if agreeing(shape, (row, column), |row, column| agrees(at(row, column))) {
                *bits = (here - CLOUD).bits();
                changes.cloud_removed += 1;
            }
        }
    }
    progress.check()?;
    let has = |flags: &Array2<i32>, row: usize, column: usize, flag: Flags| {
        Flags::from_bits_retain(flags[[row, column]]).contains(flag)
    };
    let is_missed = |row: usize, column: usize| at(row, column).0.contains(Verdict::MISSED_SHADOW);
    if verdicts
        .iter()
        .any(|bits| Verdict::from_bits_retain(*bits).contains(Verdict::MISSED_SHADOW))
    {
        let reached = within_distance(shape, SHADOW_REACH / pixel_size, |row, column| {
            has(flags, row, column, Flags::CLOUD)
        });
        for ((row, column), bits) in flags.indexed_iter_mut() {
            let agrees = |row: usize, column: usize| {
                is_missed(row, column) || at(row, column).1.contains(Flags::CLOUD_SHADOW)
            };
            if reached[[row, column]]
                && is_missed(row, column)
                && agreeing(shape, (row, column), agrees)
            {
                *bits |= Flags::CLOUD_SHADOW.bits();
                changes.shadow_added += 1;
            }
        }
    }
    progress.check()?;
    if changes == Changes::default() {
        return Ok(changes);
    }
    let near = |metres: f64, flag: Flags| {
        within_distance(shape, metres / pixel_size, |row, column| {
            has(flags, row, column, flag)
        })
    };
    let cloud_near = near(params.cloud_buffer, Flags::CLOUD);
    let shadow_near = near(params.shadow_buffer, Flags::CLOUD_SHADOW);
    for ((place, bits), near) in flags.indexed_iter_mut().zip(&cloud_near) {
        let here = Flags::from_bits_retain(*bits);
        if !here.contains(Flags::INVALID) {
            *bits = followed(here, *near, shadow_near[place]).bits();
        }
    }
    Ok(changes)
}

/// Buffers, and what is clear.
fn followed(flags: Flags, cloud_near: bool, shadow_near: bool) -> Flags {
    let mut flags = flags;
    let (cloud, shadow) = (
        flags.contains(Flags::CLOUD),
        flags.contains(Flags::CLOUD_SHADOW),
    );
    flags.set(Flags::CLOUD_BUFFER, cloud_near && !cloud);
    flags.set(Flags::SHADOW_BUFFER, shadow_near && !shadow);
    with_clear(flags)
}

/// Whether enough of a pixel and its neighbours agree.
fn agreeing(
    (rows, columns): (usize, usize),
    (row, column): (usize, usize),
    agrees: impl Fn(usize, usize) -> bool,
) -> bool {
    let around = |at: usize, end: usize| at.saturating_sub(1)..(at + 2).min(end);
    let near =
        around(row, rows).flat_map(|row| around(column, columns).map(move |column| (row, column)));
    near.filter(|(row, column)| agrees(*row, *column)).count() >= AGREEING_MIN
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NoProgress;

    const LAND: Flags = Flags::LAND.union(Flags::CLEAR_LAND);

    fn has(flags: &Array2<i32>, at: [usize; 2], flag: Flags) -> bool {
        Flags::from_bits_retain(flags[at]).contains(flag)
    }

    #[test]
    fn groups_change_single_pixels_do_not_and_buffers_follow() {
        let mut flags = Array2::from_elem((40, 40), LAND.bits());
        let sure = Flags::LAND | Flags::CLOUD | Flags::CLOUD_SURE;
        flags
            .slice_mut(ndarray::s![30..36, 30..36])
            .fill(sure.bits());
        let mut verdicts = Array2::zeros((40, 40));
        verdicts
            .slice_mut(ndarray::s![5..10, 5..10])
            .fill(Verdict::MISSED_CLOUD.bits());
        verdicts
            .slice_mut(ndarray::s![5..10, 20..25])
            .fill(Verdict::MISSED_SHADOW.bits());
        verdicts
            .slice_mut(ndarray::s![30..36, 30..36])
            .fill(Verdict::FALSE_CLOUD.bits());
        verdicts[[20, 3]] = Verdict::MISSED_CLOUD.bits();
        let params = Params {
            cloud_buffer: 40.0,
            shadow_buffer: 20.0,
            ..Params::default()
        };
        let changes = improve(&mut flags, verdicts.view(), &params, 20.0, &NoProgress).unwrap();
        assert_eq!(
            changes,
            Changes {
                cloud_added: 21,
                shadow_added: 21,
                cloud_removed: 36
            }
        );
        assert!(has(&flags, [7, 7], Flags::CLOUD | Flags::CLOUD_AMBIGUOUS));
        assert!(!has(&flags, [7, 7], Flags::CLEAR_LAND));
        assert!(
            has(&flags, [7, 11], Flags::CLOUD_BUFFER) && !has(&flags, [7, 13], Flags::CLOUD_BUFFER)
        );
        assert!(
            has(&flags, [7, 22], Flags::CLOUD_SHADOW) && has(&flags, [7, 25], Flags::SHADOW_BUFFER)
        );
        assert_eq!(flags[[33, 33]], LAND.bits());
        assert_eq!(flags[[20, 3]], LAND.bits());
    }

    #[test]
    fn shadow_without_any_cloud_stays_out() {
        let mut flags = Array2::from_elem((9, 9), LAND.bits());
        let verdicts = Array2::from_elem((9, 9), Verdict::MISSED_SHADOW.bits());
        let params = Params::default();
        let changes = improve(&mut flags, verdicts.view(), &params, 20.0, &NoProgress).unwrap();
        assert_eq!(changes, Changes::default());
        assert!(flags.iter().all(|bits| *bits == LAND.bits()));
    }
}
