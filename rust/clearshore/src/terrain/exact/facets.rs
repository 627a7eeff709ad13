//! A short chord of a ray against the facets that it crosses.

use super::maxima::floor;
use super::ray::Position;
use ndarray::Array2;

/// What a chord meets.
pub(super) enum Meeting {
    /// Nothing.
    None,
    /// The surface.
    Surface {
        /// After this part of the chord.
        after: f64,
        /// Height of the surface there, metres.
        height: f64,
    },
    /// The patch's edge, below the ceiling.
    Edge,
}

/// A chord of a ray: straight in rows and columns, its height curves by `sag` metres below the middle.
pub(super) struct Chord {
    pub(super) from: Position,
    pub(super) to: Position,
    pub(super) sag: f64,
}

impl Chord {
    /// The first point at which the chord is not above the surface. Where it runs over a facet that is not known, below the
    /// ceiling, it sets `unknown` and goes on.
    pub(super) fn meet(&self, heights: &Array2<f32>, ceiling: f64, unknown: &mut bool) -> Meeting {
        let [row, column, height] = self.from;
        let [rows, columns, climb] = [0, 1, 2].map(|axis| self.to[axis] - self.from[axis]);
        let (mut r, mut c) = (floor(row), floor(column));
        let mut begin = 0.0;
        loop {
            let leaves_row = leaves(row, rows, r);
            let leaves_column = leaves(column, columns, c);
            let end = leaves_row.min(leaves_column).min(1.0);
            if end > begin {
                // Height of the ray and of the facet, both as a + b u + c u^2 in the part u of the chord.
                let ray = [height, climb - 4.0 * self.sag, 4.0 * self.sag];
                let is_low = ray[0] + begin * (ray[1] + begin * ray[2]) <= ceiling;
                let Some(nodes) = corners(heights, r, c) else {
                    if is_low {
                        return Meeting::Edge;
                    }
                    return Meeting::None;
                };
                let facet = along(nodes, [row - r as f64, rows], [column - c as f64, columns]);
                let above = [0, 1, 2].map(|power| ray[power] - facet[power]);
                if above[0].is_nan() {
                    *unknown |= is_low;
                } else if let Some(part) = first_below(above, begin, end) {
                    return Meeting::Surface {
                        after: part,
                        height: facet[0] + part * (facet[1] + part * facet[2]),
                    };
                }
            }
            if end >= 1.0 {
                return Meeting::None;
            }
            begin = begin.max(end);
            if leaves_row <= leaves_column {
                r += if rows > 0.0 { 1 } else { -1 };
            } else {
                c += if columns > 0.0 { 1 } else { -1 };
            }
        }
    }
}

/// The part of the chord after which a coordinate leaves a facet; infinite where it never does.
fn leaves(from: f64, change: f64, facet: i64) -> f64 {
    if change > 0.0 {
        ((facet + 1) as f64 - from) / change
    } else if change < 0.0 {
        (facet as f64 - from) / change
    } else {
        f64::INFINITY
    }
}

/// Heights of a facet's nodes, NaN where they are not known: north-west, north-east, south-west, south-east.
fn corners(heights: &Array2<f32>, row: i64, column: i64) -> Option<[f64; 4]> {
    let (top, left) = (usize::try_from(row).ok()?, usize::try_from(column).ok()?);
    let node = |row: usize, column: usize| {
        heights.get([row, column]).map(|&height| {
            if height.is_finite() {
                f64::from(height)
            } else {
                f64::NAN
            }
        })
    };
    Some([
        node(top, left)?,
        node(top, left + 1)?,
        node(top + 1, left)?,
        node(top + 1, left + 1)?,
    ])
}

/// The bilinear facet over a straight line: [first, change] in rows and columns from the facet's first node.
fn along([a, b, c, d]: [f64; 4], [y, rows]: [f64; 2], [x, columns]: [f64; 2]) -> [f64; 3] {
    let (east, south, twist) = (b - a, c - a, a - b - c + d);
    [
        a + east * x + south * y + twist * x * y,
        east * columns + south * rows + twist * (x * rows + y * columns),
        twist * rows * columns,
    ]
}

/// The first point of an interval at which a + b u + c u^2 is not above 0.
fn first_below([a, b, c]: [f64; 3], begin: f64, end: f64) -> Option<f64> {
    if a + begin * (b + begin * c) <= 0.0 {
        return Some(begin);
    }
    let discriminant = b * b - 4.0 * a * c;
    if discriminant < 0.0 {
        return None;
    }
    // Both roots without cancellation; one is infinite or NaN where the quadratic is a line.
    let half = -0.5 * (b + discriminant.sqrt().copysign(b));
    [half / c, a / half]
        .into_iter()
        .filter(|root| *root > begin && *root <= end)
        .min_by(f64::total_cmp)
}
