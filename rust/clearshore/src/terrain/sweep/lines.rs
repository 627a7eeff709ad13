//! The march: lines toward the light keep the occluder whose shadow is highest, in one pass.

use super::ground::{Fall, Ground};
use super::lattice::{DARK, DOUBT, LIT, Lattice, MIXED, UNSURE};
use super::surface::Surface;
use crate::{Progress, Result};
use std::ops::Range;

/// Lower than any shadow, metres.
const NO_OCCLUDER: f32 = -1e6;
/// A shadow's end so many metres above or below the ground by metre between samples is sure: the slope changes by
/// less than four times this between facets.
const SURE_BY_SAMPLE: f64 = 0.5;

/// Settles the cells of a lattice in light that is higher by an angle of this tangent.
pub fn march(
    ground: &Ground,
    surface: &Surface,
    lattice: &Lattice,
    lift: f32,
    cells: &mut Vec<u8>,
    progress: &dyn Progress,
) -> Result<()> {
    let width = lattice.width();
    cells.clear();
    cells.resize(lattice.sub_rows * width, DOUBT | MIXED);
    // Of the last sub-rows.
    let mut samples = [(); 4].map(|()| vec![0; width]);
    let mut lines = Lines::new(ground, lattice, lift);
    let mut heights = vec![0.0_f32; surface.dim().1];
    let last = lattice.first_row + lattice.sub_rows / lattice.by_row;
    for row in 0..last {
        progress.check()?;
        for part in 0..lattice.by_row {
            let fraction = part as f64 / lattice.by_row as f64;
            let along = row as f64 + fraction;
            let Some((least, greatest)) = ground.active(along) else {
                continue;
            };
            let first = (least - lattice.first_line).floor().max(0.0) as usize;
            let end = (greatest - lattice.first_line).ceil() as usize + 1;
            let columns = first..end.clamp(first, lattice.stride);
            let (upper, lower) = (surface.row(row), surface.row(row + 1));
            let weight = fraction as f32;
            for ((height, upper), lower) in heights.iter_mut().zip(upper).zip(lower) {
                *height = upper + weight * (lower - upper);
            }
            let sub_row = row
                .checked_sub(lattice.first_row)
                .map(|rows| rows * lattice.by_row + part);
            let Some(sub_row) = sub_row else {
                lines.look(&heights, along, columns, &mut []);
                continue;
            };
            samples.rotate_left(1);
            samples[3].fill(0);
            lines.look(&heights, along, columns, &mut samples[3]);
            if sub_row >= 3 {
                lattice.settle(&samples, &mut cells[(sub_row - 2) * width..][..width]);
            }
        }
    }
    Ok(())
}

/// The occluder of every line.
struct Lines<'a> {
    ground: &'a Ground,
    lattice: &'a Lattice,
    fall: Fall,
    /// Its height, metres.
    height: Vec<f32>,
    /// Its row.
    row: Vec<f32>,
    /// How much farther a ray falls by row at the lines of a phase than at the first, metres.
    fall_across: Vec<f32>,
}

impl<'a> Lines<'a> {
    fn new(ground: &'a Ground, lattice: &'a Lattice, lift: f32) -> Self {
        let width = lattice.width();
        let fall = ground.fall(lift);
        let by_across = fall.plane.by_across;
        Self {
            ground,
            lattice,
            fall,
            height: vec![NO_OCCLUDER; width],
            row: vec![0.0; width],
            fall_across: (0..lattice.stride)
                .map(|line| (by_across * line as f64) as f32)
                .collect(),
        }
    }

    /// Takes the heights of a row where they rise above the shadow that a line has there. Tells of the samples, if any.
    fn look(&mut self, heights: &[f32], along: f64, columns: Range<usize>, samples: &mut [u8]) {
        let (ground, lattice, plane) = (self.ground, self.lattice, &self.fall.plane);
        for phase in 0..lattice.phases {
            let line = lattice.first_line + phase as f64 / lattice.phases as f64;
            let position = line + ground.shift(along);
            let start = (position.floor() + columns.start as f64) as usize;
            let count = columns.len();
            let (Some(left), Some(right)) = (
                heights.get(start..start + count),
                heights.get(start + 1..start + 1 + count),
            ) else {
                debug_assert!(false, "lines leave the window");
                continue;
            };
            let fall = plane.middle
                + plane.by_along * (along - ground.middle.0)
                + plane.by_across * (position - ground.middle.1);
            let view = View {
                row: along as f32,
                weight: (position - position.floor()) as f32,
                fall: fall as f32,
                fall_by_square: self.fall.by_square as f32,
                earth_curvature: ground.earth_curvature,
                sure: (SURE_BY_SAMPLE * lattice.distance) as f32,
            };
            let own = phase * lattice.stride + columns.start..phase * lattice.stride + columns.end;
            let (height, row) = (&mut self.height[own.clone()], &mut self.row[own.clone()]);
            let fall_across = &self.fall_across[columns.clone()];
            match samples.get_mut(own) {
                Some(samples) => view.look_and_tell(height, row, fall_across, left, right, samples),
                None => view.look(height, row, fall_across, left, right),
            }
        }
    }
}

/// What the lines of a phase have in common at a row.
struct View {
    row: f32,
    weight: f32,
    fall: f32,
    fall_by_square: f32,
    earth_curvature: f32,
    sure: f32,
}

impl View {
    fn look(
        &self,
        height: &mut [f32],
        row: &mut [f32],
        fall_across: &[f32],
        left: &[f32],
        right: &[f32],
    ) {
        let count = height.len();
        let (row, fall_across) = (&mut row[..count], &fall_across[..count]);
        let (left, right) = (&left[..count], &right[..count]);
        for i in 0..count {
            let sample = left[i] + self.weight * (right[i] - left[i]);
            self.step(&mut height[i], &mut row[i], fall_across[i], sample);
        }
    }

    fn look_and_tell(
        &self,
        height: &mut [f32],
        row: &mut [f32],
        fall_across: &[f32],
        left: &[f32],
        right: &[f32],
        samples: &mut [u8],
    ) {
        let count = height.len();
        let (row, fall_across) = (&mut row[..count], &fall_across[..count]);
        let (left, right, samples) = (&left[..count], &right[..count], &mut samples[..count]);
        for i in 0..count {
            let sample = left[i] + self.weight * (right[i] - left[i]);
            let excess = self.step(&mut height[i], &mut row[i], fall_across[i], sample);
            let dark = u32::from(excess > 0.0).wrapping_neg();
            let unsure = u32::from(excess.abs() < self.sure).wrapping_neg();
            let class =
                (dark & u32::from(DARK)) | (!dark & u32::from(LIT)) | (unsure & u32::from(UNSURE));
            samples[i] = class as u8;
        }
    }

    /// How far the shadow of a line's occluder ends above a sample, which takes its place unless it is lower.
    #[inline(always)]
    fn step(&self, height: &mut f32, row: &mut f32, fall_across: f32, sample: f32) -> f32 {
        let rows = self.row - *row;
        let fall = rows * (self.fall + fall_across + rows * self.fall_by_square);
        let excess = *height - fall * (1.0 + *height * self.earth_curvature) - sample;
        // By bits: conditional stores would be made one by one.
        let dark = u32::from(excess > 0.0).wrapping_neg();
        *height = select(dark, *height, sample);
        *row = select(dark, *row, self.row);
        excess
    }
}

/// The first where all bits of the mask are set, the second where none is.
#[inline]
fn select(mask: u32, first: f32, second: f32) -> f32 {
    f32::from_bits((first.to_bits() & mask) | (second.to_bits() & !mask))
}
