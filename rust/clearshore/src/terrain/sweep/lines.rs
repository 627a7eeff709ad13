//! The march: lines toward the light keep the occluder whose shadow is highest, in one pass.

use super::ground::{Fall, Ground};
use super::lattice::{DARK, DOUBT, LIT, Lattice, MIXED, UNSURE};
use super::surface::Surface;
use crate::{Progress, Result};

/// Lower than any shadow, metres.
const NO_OCCLUDER: f32 = -1e6;
/// Nodes on both sides of the lines in use whose heights are made ready.
const MARGIN: usize = 4;
/// A shadow's end so many metres above or below the ground by metre between samples is sure: the slope changes by
/// less than four times this between facets.
const SURE_BY_SAMPLE: f64 = 0.5;

/// The occluder of every line.
struct Lines {
    /// Its height, metres.
    height: Vec<f32>,
    /// Its row.
    row: Vec<f32>,
}

/// Settles the cells of a lattice in light that is higher by an angle, radians.
pub fn march(
    ground: &Ground,
    surface: &Surface,
    lattice: &Lattice,
    lift: f64,
    cells: &mut Vec<u8>,
    progress: &dyn Progress,
) -> Result<()> {
    let width = lattice.width();
    cells.clear();
    cells.resize(lattice.sub_rows * width, DOUBT | MIXED);
    // Of the last sub-rows.
    let mut samples = [(); 4].map(|()| vec![0; width]);
    let mut lines = Lines {
        height: vec![NO_OCCLUDER; width],
        row: vec![0.0; width],
    };
    let mut heights = vec![0.0_f32; surface.dim().1];
    let fall = ground.fall(lift);
    let last = lattice.first_row + lattice.sub_rows / lattice.by_row;
    for row in 0..last {
        progress.check()?;
        for part in 0..lattice.by_row {
            let fraction = part as f64 / lattice.by_row as f64;
            let along = row as f64 + fraction;
            let Some((least, greatest)) = ground.active(along) else {
                continue;
            };
            let (upper, lower) = (surface.row(row), surface.row(row + 1));
            let shift = ground.shift(along);
            let from = ((least + shift).floor() as usize).saturating_sub(MARGIN);
            let to = (greatest + shift).ceil() as usize + MARGIN;
            let span = from..to.min(heights.len());
            let weight = fraction as f32;
            for ((height, upper), lower) in heights[span.clone()]
                .iter_mut()
                .zip(&upper[span.clone()])
                .zip(&lower[span.clone()])
            {
                *height = upper + weight * (lower - upper);
            }
            let sub_row = row
                .checked_sub(lattice.first_row)
                .map(|rows| rows * lattice.by_row + part);
            let mut look = |samples: &mut [u8]| {
                lines.look(
                    &heights,
                    ground,
                    lattice,
                    &fall,
                    along,
                    (least, greatest),
                    samples,
                );
            };
            let Some(sub_row) = sub_row else {
                look(&mut []);
                continue;
            };
            samples.rotate_left(1);
            samples[3].fill(0);
            look(&mut samples[3]);
            if sub_row >= 3 {
                lattice.settle(&samples, &mut cells[(sub_row - 2) * width..][..width]);
            }
        }
    }
    Ok(())
}

impl Lines {
    /// Takes the heights of a row where they rise above the shadow that a line has there.
    #[expect(
        clippy::too_many_arguments,
        reason = "the row's place, and what all rows share"
    )]
    fn look(
        &mut self,
        heights: &[f32],
        ground: &Ground,
        lattice: &Lattice,
        fall: &Fall,
        along: f64,
        (least, greatest): (f64, f64),
        samples: &mut [u8],
    ) {
        let shift = ground.shift(along);
        let from = (least - lattice.first_line).floor().max(0.0) as usize;
        let to = ((greatest - lattice.first_line).ceil() as usize + 1).min(lattice.stride);
        for phase in 0..lattice.phases {
            let position = lattice.first_line + shift + phase as f64 / lattice.phases as f64;
            let column = position.floor();
            let own = phase * lattice.stride + from..phase * lattice.stride + to.max(from);
            let count = own.len();
            let start = (column + from as f64) as usize;
            let (Some(left), Some(right)) = (
                heights.get(start..start + count),
                heights.get(start + 1..start + 1 + count),
            ) else {
                debug_assert!(false, "lines leave the window");
                continue;
            };
            let plane = &fall.plane;
            let across = position + from as f64 - ground.middle.1;
            let here = plane.middle
                + plane.by_along * (along - ground.middle.0)
                + plane.by_across * across;
            let line = Line {
                row: along as f32,
                weight: (position - column) as f32,
                fall: here as f32,
                fall_by_line: plane.by_across as f32,
                fall_by_square: fall.by_square as f32,
                earth_curvature: ground.earth_curvature,
                sure: (SURE_BY_SAMPLE * lattice.distance) as f32,
            };
            let (height, row) = (&mut self.height[own.clone()], &mut self.row[own.clone()]);
            match samples.get_mut(own) {
                Some(samples) => line.look_and_tell(height, row, left, right, samples),
                None => line.look(height, row, left, right),
            }
        }
    }
}

/// What the lines of a phase have in common at a row.
struct Line {
    row: f32,
    weight: f32,
    fall: f32,
    fall_by_line: f32,
    fall_by_square: f32,
    earth_curvature: f32,
    sure: f32,
}

impl Line {
    fn look(&self, height: &mut [f32], row: &mut [f32], left: &[f32], right: &[f32]) {
        let count = height.len();
        let (row, left, right) = (&mut row[..count], &left[..count], &right[..count]);
        for i in 0..count {
            self.step(i, &mut height[i], &mut row[i], left[i], right[i]);
        }
    }

    fn look_and_tell(
        &self,
        height: &mut [f32],
        row: &mut [f32],
        left: &[f32],
        right: &[f32],
        samples: &mut [u8],
    ) {
        let count = height.len();
        let (row, left, right) = (&mut row[..count], &left[..count], &right[..count]);
        let samples = &mut samples[..count];
        for i in 0..count {
            let excess = self.step(i, &mut height[i], &mut row[i], left[i], right[i]);
            let dark = u32::from(excess > 0.0).wrapping_neg();
            let unsure = u32::from(excess.abs() < self.sure).wrapping_neg();
            let class =
                (dark & u32::from(DARK)) | (!dark & u32::from(LIT)) | (unsure & u32::from(UNSURE));
            samples[i] = class as u8;
        }
    }

    /// How far the shadow of a line's occluder ends above a sample, which then takes its place if it is higher.
    #[inline(always)]
    fn step(&self, i: usize, height: &mut f32, row: &mut f32, left: f32, right: f32) -> f32 {
        let sample = left + self.weight * (right - left);
        let rows = self.row - *row;
        let fall = self.fall + self.fall_by_line * i as f32;
        let fall = rows * (fall + rows * self.fall_by_square);
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
