//! Whether ground stands between a point and the sun: exact rays over the bilinear elevation model.
//!
//! A ray climbs, so over a block of ground it is lowest where it comes in: where that is above the
//! block's highest node, the block is skipped (maximum mipmaps: Tevs et al., *Maximum mipmaps for fast,
//! accurate, and scalable dynamic height field rendering*, I3D 2008). Over a single facet the height of
//! the ground along the ray is a parabola, and so is the ray's: no steps, no tolerance.

use super::ReliefShadow;
use super::lattice::{Facet, Lattice, STEPS_PER_RADIAN, radii};

/// Side of the blocks of each level, facets, as powers of two.
const LEVELS: [u32; 3] = [2, 4, 6];
/// How far a ray goes beyond a rim to be past it, metres (free choice: far below any knife's edge).
const NUDGE: f64 = 1.0e-3;
/// Ground counts as above a ray when it is higher by this, metres: the precision of the arithmetic.
const TOUCH: f64 = 1.0e-6;

/// Ground that may stand before the sun.
#[derive(Clone, Debug)]
pub(super) struct Skyline {
    levels: Vec<Blocks>,
    highest: f64,
}

/// The highest node of each block.
#[derive(Clone, Debug)]
struct Blocks {
    power: u32,
    columns: usize,
    highest: Vec<i16>,
}

/// A line to the sun as a function of the distance s from its start: x, y in lattice steps and height
/// in metres, each start + s (first + s * second).
#[derive(Clone, Copy, Debug)]
pub(super) struct Ray {
    pub start: [f64; 3],
    pub first: [f64; 3],
    pub second: [f64; 3],
}

/// What rays around a latitude have in common.
#[derive(Clone, Copy, Debug)]
pub(super) struct Local {
    sin: f64,
    cos: f64,
    along: f64,
    across: f64,
    along_change: f64,
}

impl Local {
    pub fn at(latitude: f64) -> Self {
        let (sin, cos) = latitude.sin_cos();
        let (along, across, along_change) = radii(latitude);
        Self {
            sin,
            cos,
            along,
            across,
            along_change,
        }
    }

    /// Lattice steps per metre eastwards and northwards, at height 0.
    pub fn steps_per_metre(&self) -> [f64; 2] {
        [
            STEPS_PER_RADIAN / (self.across * self.cos),
            STEPS_PER_RADIAN / self.along,
        ]
    }

    /// Second order in the direction (east, north, up): how a straight line bends in longitude, latitude
    /// and height, from the equations of a straight line in geodetic coordinates.
    pub fn bend(&self, [east, north, up]: [f64; 3]) -> [f64; 3] {
        let (to_north, to_east) = (north / self.along, east / (self.across * self.cos));
        let longitude =
            2.0 * to_east * (north * self.sin - up * self.cos) / (self.across * self.cos);
        let latitude = (-2.0 * up * to_north
            - self.along_change * to_north * to_north
            - self.across * self.cos * self.sin * to_east * to_east)
            / self.along;
        let height = north * to_north + east * east / self.across;
        [
            0.5 * STEPS_PER_RADIAN * longitude,
            -0.5 * STEPS_PER_RADIAN * latitude,
            0.5 * height,
        ]
    }

    /// The ray from a point of the lattice in a direction (east, north, up), given its bend.
    pub fn ray(&self, start: [f64; 3], [east, north, up]: [f64; 3], bend: [f64; 3]) -> Ray {
        let [per_east, per_north] = self.steps_per_metre();
        Ray {
            start,
            first: [
                east * per_east * (1.0 - start[2] / self.across),
                -north * per_north * (1.0 - start[2] / self.along),
                up,
            ],
            second: bend,
        }
    }
}

impl Ray {
    fn at(&self, s: f64) -> [f64; 3] {
        [0, 1, 2].map(|k| self.start[k] + s * (self.first[k] + s * self.second[k]))
    }
}

/// Ground minus ray over one facet: at the ends of the way and in its middle, metres.
#[derive(Clone, Copy, Debug)]
struct Excess([f64; 3]);

impl Excess {
    fn over(facet: &Facet, column: f64, row: f64, ray: &Ray, from: f64, to: f64) -> Self {
        Self([from, 0.5 * (from + to), to].map(|s| {
            let [x, y, height] = ray.at(s);
            facet.height(x - column, y - row) - height
        }))
    }

    /// Where between the ends the parabola has its vertex (0 to 1), and its value there.
    fn vertex(&self) -> Option<(f64, f64)> {
        let [first, middle, last] = self.0;
        let curve = 2.0 * (first + last) - 4.0 * middle;
        let slope = last - first - curve;
        let place = -0.5 * slope / curve;
        (place > 0.0 && place < 1.0).then(|| (place, first + 0.5 * slope * place))
    }

    fn highest(&self) -> f64 {
        let ends = self.0[0].max(self.0[2]);
        self.vertex().map_or(ends, |(_, value)| ends.max(value))
    }

    /// Where the ground first is not above the ray at the end or in the valley between (0 to 1).
    fn emerges(&self) -> Option<f64> {
        match self.vertex() {
            Some((place, value)) if value <= 0.0 => Some(place),
            _ => (self.0[2] <= 0.0).then_some(1.0),
        }
    }
}

impl Skyline {
    pub fn new(lattice: &Lattice) -> Self {
        let mut levels: Vec<Blocks> = Vec::new();
        for power in LEVELS {
            levels.push(Blocks::new(lattice, power));
        }
        let highest = levels
            .last()
            .and_then(|top| top.highest.iter().max())
            .map_or(0.0, |highest| f64::from(*highest));
        Self { levels, highest }
    }

    /// The shadow at the start of a ray, which lies on the ground. `faces_away`: the ray goes into the
    /// ground where it starts.
    ///
    /// On a slope that faces away the ray is followed to where it leaves the slope's ground again; ground
    /// that it meets after that casts a shadow.
    pub fn shadow(&self, lattice: &Lattice, ray: &Ray, faces_away: bool) -> ReliefShadow {
        let start = if faces_away {
            match self.emergence(lattice, ray) {
                Some(start) => start,
                None => return ReliefShadow::Own,
            }
        } else {
            0.0
        };
        match (self.is_blocked(lattice, ray, start), faces_away) {
            (true, _) => ReliefShadow::Cast,
            (false, true) => ReliefShadow::Own,
            (false, false) => ReliefShadow::Lit,
        }
    }

    /// Distance at which a ray that begins below the ground comes out; none if only beyond the lattice.
    fn emergence(&self, lattice: &Lattice, ray: &Ray) -> Option<f64> {
        let mut s = 0.0;
        loop {
            let [x, y, height] = ray.at(s);
            if height >= self.highest {
                return Some(s);
            }
            let (column, row) = cell_of(lattice, x, y)?;
            let end = s + way_out(ray, s, x, y, (column, row), 1);
            let facet = lattice.facet_at(column, row);
            let excess = Excess::over(&facet, column as f64, row as f64, ray, s, end);
            if let Some(place) = excess.emerges() {
                return Some(s + place * (end - s) + NUDGE);
            }
            s = end + NUDGE;
        }
    }

    /// Whether ground is above a ray anywhere after `start`.
    fn is_blocked(&self, lattice: &Lattice, ray: &Ray, start: f64) -> bool {
        let top = self.levels.len();
        let mut level = top;
        let mut s = start;
        loop {
            let [x, y, height] = ray.at(s);
            if height >= self.highest {
                return false;
            }
            let Some((column, row)) = cell_of(lattice, x, y) else {
                return false;
            };
            // The coarsest block that the ray passes over, from the present level downwards.
            let clear = self.levels[..level]
                .iter()
                .rposition(|blocks| height >= blocks.highest_at(column, row));
            let end = if let Some(clear) = clear {
                let power = self.levels[clear].power;
                let corner = (column >> power << power, row >> power << power);
                level = (clear + 2).min(top);
                s + way_out(ray, s, x, y, corner, 1 << power)
            } else {
                let end = s + way_out(ray, s, x, y, (column, row), 1);
                let facet = lattice.facet_at(column, row);
                if height < facet.highest() {
                    let excess = Excess::over(&facet, column as f64, row as f64, ray, s, end);
                    if excess.highest() > TOUCH {
                        return true;
                    }
                }
                level = 1;
                end
            };
            s = end + NUDGE;
        }
    }
}

/// The facet under a point, unless it lies outside.
fn cell_of(lattice: &Lattice, x: f64, y: f64) -> Option<(usize, usize)> {
    let inside =
        x >= 0.0 && y >= 0.0 && x < (lattice.columns - 1) as f64 && y < (lattice.rows - 1) as f64;
    inside.then_some((x as usize, y as usize))
}

/// How far a ray goes on within a block of facets, metres.
fn way_out(ray: &Ray, s: f64, x: f64, y: f64, corner: (usize, usize), side: usize) -> f64 {
    let way = |position: f64, corner: usize, axis: usize| {
        let speed = ray.first[axis] + 2.0 * s * ray.second[axis];
        let rim = if speed > 0.0 { corner + side } else { corner };
        let way = (rim as f64 - position) / speed;
        if speed == 0.0 { f64::INFINITY } else { way }
    };
    way(x, corner.0, 0).min(way(y, corner.1, 1)).max(0.0)
}

impl Blocks {
    fn new(lattice: &Lattice, power: u32) -> Self {
        let side = 1 << power;
        let columns = lattice.columns.div_ceil(side);
        let rows = lattice.rows.div_ceil(side);
        let mut highest = vec![i16::MIN; columns * rows];
        for (block, line) in highest.chunks_exact_mut(columns).enumerate() {
            // A block's facets end on the first nodes of the next one.
            for row in block * side..(block * side + side + 1).min(lattice.rows) {
                let nodes = lattice.row(row);
                for (column, most) in line.iter_mut().enumerate() {
                    let end = (column * side + side + 1).min(lattice.columns);
                    let of_row = nodes[column * side..end].iter().max();
                    *most = (*most).max(of_row.copied().unwrap_or(i16::MIN));
                }
            }
        }
        Self {
            power,
            columns,
            highest,
        }
    }

    fn highest_at(&self, column: usize, row: usize) -> f64 {
        f64::from(self.highest[(row >> self.power) * self.columns + (column >> self.power)])
    }
}
