//! The march: lines toward the light keep the occluder whose shadow is highest, pixel by pixel, in one pass.

use super::ground::Ground;
use super::spot::{Segment, Spot};
use super::surface::Surface;
use crate::{Progress, Result};

/// The line of sight is blocked.
pub const CAST: u8 = 1;
/// The slope faces away.
pub const SELF: u8 = 1 << 1;
/// The shadow ends so far above or below the pixel that no error of the march matters.
pub const SURE: u8 = 1 << 2;
/// There is no light.
pub const DARK: u8 = 1 << 3;

/// Ground that a ray leaves within this distance along the ray does not block it, metres: the references' tolerance.
pub const LEAST_DISTANCE: f32 = 2.0;
/// Lower than any shadow, metres.
const NO_OCCLUDER: f32 = -1e6;
/// Nodes on both sides of the lines in use whose heights are made ready.
const MARGIN: usize = 4;
/// How densely lines run and look, by the smaller of pixel and node distance.
const SAMPLES: f64 = 2.0;
/// A shadow's end so many metres above or below the ground by metre between samples is sure: the slope changes by
/// less than four times this between facets.
const SURE_BY_SAMPLE: f32 = 0.5;

/// Lines by their phase between two columns of nodes; those of a phase lie side by side.
struct Lines {
    /// Height of the occluder, metres.
    height: Vec<f32>,
    /// Row of the occluder.
    row: Vec<f32>,
    /// Lines of a phase.
    stride: usize,
    phases: usize,
    /// Column of the first line.
    first: f64,
}

/// A pixel's way down its track.
#[derive(Clone, Copy)]
struct Walker {
    start: Spot,
    change: Spot,
    first: f32,
    end: usize,
    step: usize,
}

/// [`CAST`], [`SELF`] and [`SURE`] for every pixel of the block, (steps, tracks).
pub fn march(
    ground: &Ground,
    surface: &Surface,
    pixel_size: f64,
    progress: &dyn Progress,
) -> Result<Vec<u8>> {
    let (along, across) = ground.node_distance;
    let sample = pixel_size.min(along).min(across) / SAMPLES;
    let (rows_between, phases) = ((along / sample).ceil(), (across / sample).ceil());
    let constants = Constants::new(ground, sample as f32, rows_between, phases);
    let mut lines = Lines::new(ground, phases as usize);
    let (steps, tracks) = ground.dim;
    let mut classes = vec![0_u8; steps * tracks];
    let mut walkers: Vec<Walker> = (0..tracks)
        .map(|track| Walker::new(ground, track, 0))
        .collect();
    let mut next: Vec<f32> = walkers.iter().map(Walker::along).collect();
    let mut heights = vec![0.0_f32; surface.dim().1];
    let (fall, fall_along, fall_across) = ground.mean_fall();
    let first = ground.first_row() as usize;
    let last = ground.last_row().ceil() as usize + 1;
    for row in first..=last {
        progress.check()?;
        for part in 0..rows_between as usize {
            let fraction = part as f64 / rows_between;
            let along = row as f64 + fraction;
            let limit = along as f32 + constants.gap;
            for track in 0..tracks {
                while next[track] < limit {
                    let walker = &mut walkers[track];
                    let spot = walker.spot();
                    classes[walker.step * tracks + track] =
                        test(&spot, surface, &lines, &constants);
                    walker.step += 1;
                    if walker.step == steps {
                        next[track] = f32::INFINITY;
                    } else {
                        if walker.step >= walker.end {
                            *walker = Walker::new(ground, track, walker.step);
                        }
                        next[track] = walker.along();
                    }
                }
            }
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
            let here = fall + fall_along * (along - ground.middle_row());
            lines.look(
                &heights,
                along,
                (least, greatest),
                shift,
                (here, fall_across),
                &constants,
            );
        }
    }
    Ok(classes)
}

struct Constants {
    /// A pixel looks at samples that are at least so many rows up-light.
    gap: f32,
    fall_by_square: f32,
    earth_curvature: f32,
    shift: (f32, f32),
    middle_row: f32,
    middle_column: f64,
    sure: f32,
    first_line: f32,
    phases: f32,
    last_phase: i32,
}

impl Constants {
    fn new(ground: &Ground, sample: f32, rows_between: f64, phases: f64) -> Self {
        let (linear, square) = ground.shift_terms();
        let tolerance = f64::from(LEAST_DISTANCE * ground.cos_elevation) / ground.node_distance.0;
        Self {
            gap: (0.5 / rows_between).max(tolerance) as f32,
            fall_by_square: ground.fall_by_square(),
            earth_curvature: ground.earth_curvature,
            shift: (linear as f32, square as f32),
            middle_row: ground.middle_row() as f32,
            middle_column: ground.middle_column(),
            sure: SURE_BY_SAMPLE * sample,
            first_line: ground.lines().0 as f32,
            phases: phases as f32,
            last_phase: phases as i32 - 1,
        }
    }
}

impl Walker {
    fn new(ground: &Ground, track: usize, step: usize) -> Self {
        let Segment {
            start,
            change,
            first,
            end,
        } = ground.segment(step, track);
        Self {
            start,
            change,
            first,
            end,
            step,
        }
    }

    #[inline]
    fn spot(&self) -> Spot {
        self.start.plus(&self.change, self.step as f32 - self.first)
    }

    #[inline]
    fn along(&self) -> f32 {
        self.start.position.0 + self.change.position.0 * (self.step as f32 - self.first)
    }
}

impl Lines {
    fn new(ground: &Ground, phases: usize) -> Self {
        let (first, last) = ground.lines();
        let stride = (last - first) as usize + 1;
        Self {
            height: vec![NO_OCCLUDER; stride * phases],
            row: vec![0.0; stride * phases],
            stride,
            phases,
            first,
        }
    }

    /// Takes the heights of a row where they rise above the shadow that a line has there.
    fn look(
        &mut self,
        heights: &[f32],
        along: f64,
        (least, greatest): (f64, f64),
        shift: f64,
        (fall, fall_across): (f64, f64),
        constants: &Constants,
    ) {
        let from = (least - self.first).floor().max(0.0) as usize;
        let to = ((greatest - self.first).ceil() as usize + 1).min(self.stride);
        for phase in 0..self.phases {
            let position = self.first + shift + phase as f64 / self.phases as f64;
            let column = position.floor();
            let weight = (position - column) as f32;
            let own = phase * self.stride + from..phase * self.stride + to.max(from);
            let count = own.len();
            let start = (column + from as f64) as usize;
            let (Some(left), Some(right)) = (
                heights.get(start..start + count),
                heights.get(start + 1..start + 1 + count),
            ) else {
                debug_assert!(false, "lines leave the window");
                continue;
            };
            let first_fall = fall + fall_across * (column + from as f64 - constants.middle_column);
            let line = Line {
                row: along as f32,
                weight,
                fall: first_fall as f32,
                fall_by_line: fall_across as f32,
                fall_by_square: constants.fall_by_square,
                earth_curvature: constants.earth_curvature,
            };
            line.look(
                &mut self.height[own.clone()],
                &mut self.row[own],
                left,
                right,
            );
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
}

impl Line {
    fn look(&self, height: &mut [f32], row: &mut [f32], left: &[f32], right: &[f32]) {
        let count = height.len();
        let (row, left, right) = (&mut row[..count], &left[..count], &right[..count]);
        for i in 0..count {
            let sample = left[i] + self.weight * (right[i] - left[i]);
            let rows = self.row - row[i];
            let fall = self.fall + self.fall_by_line * i as f32;
            let fall = rows * (fall + rows * self.fall_by_square);
            let shadow = height[i] - fall * (1.0 + height[i] * self.earth_curvature);
            // By bits: conditional stores would be made one by one.
            let mask = u32::from(sample >= shadow).wrapping_neg();
            height[i] = select(mask, sample, height[i]);
            row[i] = select(mask, self.row, row[i]);
        }
    }
}

/// The first where all bits of the mask are set, the second where none is.
#[inline]
fn select(mask: u32, first: f32, second: f32) -> f32 {
    f32::from_bits((first.to_bits() & mask) | (second.to_bits() & !mask))
}

/// Compares a pixel's ground with the shadow between its two lines.
#[inline]
fn test(spot: &Spot, surface: &Surface, lines: &Lines, constants: &Constants) -> u8 {
    let (along, across) = spot.position;
    let cell = surface.cell(along, across);
    let (by_along, by_across) = cell.gradient();
    let climb = by_along * spot.toward.0 + by_across * spot.toward.1;
    let mut class = if climb > spot.slope { SELF } else { 0 };
    if spot.slope.is_nan() {
        return DARK;
    }
    let rows = along - constants.middle_row;
    let line =
        across - rows * (constants.shift.0 + rows * constants.shift.1) - constants.first_line;
    // Conversions by i32 are the cheap ones.
    let column = line as i32;
    let part = (line - column as f32) * constants.phases;
    let phase = (part as i32).min(constants.last_phase);
    let left = phase as usize * lines.stride + column as usize;
    let right = if phase == constants.last_phase {
        column as usize + 1
    } else {
        left + lines.stride
    };
    let shadow = |line: usize| {
        let (Some(height), Some(row)) = (lines.height.get(line), lines.row.get(line)) else {
            return NO_OCCLUDER;
        };
        let rows = along - row;
        let fall = rows * (spot.fall + rows * constants.fall_by_square);
        height - fall * (1.0 + height * constants.earth_curvature)
    };
    let (left, right) = (shadow(left), shadow(right));
    let excess = left + (part - phase as f32) * (right - left) - cell.height();
    if excess > 0.0 {
        class |= CAST;
    }
    // Below a crest the ground falls away faster than the light: samples on both sides of the crest can be low.
    if excess > constants.sure || (excess < -constants.sure && class & SELF == 0) {
        class |= SURE;
    }
    class
}
