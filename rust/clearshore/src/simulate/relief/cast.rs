//! Whether ground stands between a point and the sun: exact rays over the bilinear elevation model.
//!
//! A ray climbs, so over a block of ground it is lowest where it comes in: where that is above the
//! block's highest node, the block is skipped (maximum mipmaps: Tevs et al., *Maximum mipmaps for fast,
//! accurate, and scalable dynamic height field rendering*, I3D 2008); so is a block whose slopes are all
//! less steep than the ray. Over a single facet the height of
//! the ground along the ray is a parabola, and so is the ray's: no steps, no tolerance.

use super::ReliefShadow;
use super::blocks::Blocks;
use super::lattice::{Facet, Lattice, radii};
use std::ops::Range;

/// Side of the blocks of each level, facets, as powers of two.
const LEVELS: [u32; 3] = [2, 3, 5];
/// Level whose blocks bound the reach of shadows.
const REACH_LEVEL: usize = 1;
/// How far a ray goes beyond a rim to be past it, metres (free choice: far below any knife's edge).
const NUDGE: f64 = 1.0e-3;
/// Ground counts as above a ray when it is higher by this, metres: the precision of the arithmetic.
const TOUCH: f64 = 1.0e-6;
/// Least speed along an axis, lattice steps per metre: slower rays stay in their column for 30 km.
const LEAST_SPEED: f64 = 1.0e-6;
/// Largest share by which a ray's speed along an axis changes per metre: 2 % in 20 km.
const LARGEST_BEND: f64 = 1.0e-6;

/// Ground that may stand before the sun.
#[derive(Clone, Debug)]
pub(super) struct Skyline {
    levels: [Blocks; LEVELS.len()],
    highest: f64,
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
    /// Lattice steps in a radian.
    steps: f64,
    sin: f64,
    cos: f64,
    along: f64,
    across: f64,
    along_change: f64,
}

impl Local {
    /// Around a line of a lattice.
    pub fn at(lattice: &Lattice, y: f64) -> Self {
        let latitude = lattice.latitude(y);
        let (sin, cos) = latitude.sin_cos();
        let (along, across, along_change) = radii(latitude);
        Self {
            steps: lattice.per_radian(),
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
            self.steps / (self.across * self.cos),
            self.steps / self.along,
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
            0.5 * self.steps * longitude,
            -0.5 * self.steps * latitude,
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

/// Turns ways into lattice steps of a ray into metres without a division each.
#[derive(Clone, Copy, Debug)]
struct Pace {
    /// Metres per step along both axes, with the direction's sign.
    metres: [f64; 2],
    /// By how much the speed grows per metre, as a share.
    bend: [f64; 2],
}

impl Pace {
    fn of(ray: &Ray) -> Self {
        let metres =
            [0, 1].map(|k| 1.0 / ray.first[k].abs().max(LEAST_SPEED).copysign(ray.first[k]));
        let bend =
            [0, 1].map(|k| (2.0 * ray.second[k] * metres[k]).clamp(-LARGEST_BEND, LARGEST_BEND));
        Self { metres, bend }
    }

    /// How far a ray goes on within a block of facets, metres.
    fn way_out(&self, s: f64, place: [f64; 2], corner: [usize; 2], side: usize) -> f64 {
        let way = |k: usize| {
            let metres = self.metres[k];
            let rim = corner[k] + if metres > 0.0 { side } else { 0 };
            (rim as f64 - place[k]) * metres * (1.0 - s * self.bend[k])
        };
        way(0).min(way(1)).max(0.0)
    }
}

/// Ground minus ray over one facet, metres, as a parabola of the way since the facet's rim. Within a
/// facet the ray's bend on the map is below a millimetre and left out.
#[derive(Clone, Copy, Debug)]
struct Excess {
    start: f64,
    slope: f64,
    curve: f64,
}

impl Excess {
    fn over(facet: &Facet, [x, y]: [f64; 2], height: f64, s: f64, ray: &Ray) -> Self {
        let speed = [0, 1, 2].map(|k| ray.first[k] + 2.0 * s * ray.second[k]);
        let (ground, along, down) = facet.at(x, y);
        Self {
            start: ground - height,
            slope: along * speed[0] + down * speed[1] - speed[2],
            curve: facet.twist() * speed[0] * speed[1] - ray.second[2],
        }
    }

    fn at(&self, way: f64) -> f64 {
        self.start + way * (self.slope + way * self.curve)
    }

    /// Whether the ground is above the ray anywhere up to `way`.
    fn exceeds(&self, way: f64) -> bool {
        let has_summit = self.slope > 0.0 && self.slope + 2.0 * self.curve * way < 0.0;
        self.start > TOUCH
            || self.at(way) > TOUCH
            || has_summit && self.at(-0.5 * self.slope / self.curve) > TOUCH
    }

    /// A place up to `way` where the ground is not above the ray: in the valley, if it has one, or at the
    /// end.
    fn emerges(&self, way: f64) -> Option<f64> {
        let has_valley = self.slope < 0.0 && self.slope + 2.0 * self.curve * way > 0.0;
        let valley = -0.5 * self.slope / self.curve;
        if has_valley && self.at(valley) <= 0.0 {
            Some(valley)
        } else {
            (self.at(way) <= 0.0).then_some(way)
        }
    }
}

impl Skyline {
    pub fn new(lattice: &Lattice) -> Self {
        let levels = LEVELS.map(|power| Blocks::new(lattice, power));
        let nodes = levels[0].blocks.iter().map(|block| block.highest).max();
        let highest = nodes.map_or(0.0, f64::from);
        Self { levels, highest }
    }

    /// The shadow at the start of a ray, which lies on the ground, when nothing can be above the ray
    /// farther than `reach` metres away. `faces_away`: the ray goes into the ground where it starts.
    ///
    /// On a slope that faces away the ray is followed to where it leaves the slope's ground again; ground
    /// that it meets after that casts a shadow.
    pub fn shadow(
        &self,
        lattice: &Lattice,
        ray: &Ray,
        faces_away: bool,
        reach: f64,
    ) -> ReliefShadow {
        let pace = Pace::of(ray);
        let start = if faces_away {
            match self.emergence(lattice, ray, &pace) {
                Some(start) => start,
                None => return ReliefShadow::Own,
            }
        } else {
            0.0
        };
        match (
            self.is_blocked(lattice, ray, &pace, start..reach),
            faces_away,
        ) {
            (true, _) => ReliefShadow::Cast,
            (false, true) => ReliefShadow::Own,
            (false, false) => ReliefShadow::Lit,
        }
    }

    /// Distance at which a ray that begins below the ground comes out; none if only beyond the lattice.
    fn emergence(&self, lattice: &Lattice, ray: &Ray, pace: &Pace) -> Option<f64> {
        let mut s = 0.0;
        loop {
            let [x, y, height] = ray.at(s);
            if height >= self.highest {
                return Some(s);
            }
            let [column, row] = cell_of(lattice, x, y)?;
            let way = pace.way_out(s, [x, y], [column, row], 1);
            let within = [x - column as f64, y - row as f64];
            let facet = lattice.facet_at(column, row);
            let excess = Excess::over(&facet, within, height, s, ray);
            if let Some(out) = excess.emerges(way) {
                return Some(s + out + NUDGE);
            }
            s += way + NUDGE;
        }
    }

    /// Whether ground is above a ray anywhere within a range of distances.
    fn is_blocked(&self, lattice: &Lattice, ray: &Ray, pace: &Pace, ways: Range<f64>) -> bool {
        let mut s = ways.start;
        // Levels to be tried: near the ground only the lowest.
        let mut level = 1;
        while s < ways.end {
            let [x, y, height] = ray.at(s);
            if height >= self.highest {
                return false;
            }
            let Some([column, row]) = cell_of(lattice, x, y) else {
                return false;
            };
            // The coarsest block that the ray passes over, from the present level downwards.
            let clear = (0..level).rev().find(|level| {
                let block = self.levels[*level].at(column, row);
                height >= f64::from(block.highest) || block.is_gentle(ray)
            });
            let way = if let Some(clear) = clear {
                let power = LEVELS[clear];
                let corner = [column >> power << power, row >> power << power];
                level = (clear + 2).min(LEVELS.len());
                pace.way_out(s, [x, y], corner, 1 << power)
            } else {
                let way = pace.way_out(s, [x, y], [column, row], 1);
                let facet = lattice.facet_at(column, row);
                let within = [x - column as f64, y - row as f64];
                if Excess::over(&facet, within, height, s, ray).exceeds(way) {
                    return true;
                }
                level = 1;
                way
            };
            s += way + NUDGE;
        }
        false
    }

    /// Distance, metres, beyond which nothing can be above any ray from an area: 0 where nothing at all
    /// can, the whole lattice lying in the sun.
    ///
    /// `area`: the rectangle of lattice positions from which rays of the direction of `ray` start.
    pub fn reach(&self, area: [Range<f64>; 2], ray: &Ray) -> f64 {
        let blocks = &self.levels[REACH_LEVEL];
        let side = f64::from(1 << blocks.power);
        let [columns, rows] = area.map(|range| [range.start / side, range.end / side]);
        let lowest = f64::from(blocks.together(columns, rows).lowest);
        let speed = [ray.first[0] / side, ray.first[1] / side];
        let shift = |s: f64, k: usize| s * (speed[k] + s * ray.second[k] / side);
        // Along the way in pieces of half a block.
        let piece = 0.5 / speed[0].hypot(speed[1]).max(LEAST_SPEED);
        let (mut s, mut reach) = (0.0, 0.0);
        // Up to the first steep slope no ray can be below the ground.
        let mut is_above = true;
        loop {
            let height = lowest + s * ray.first[2];
            let beyond = |range: [f64; 2], axis: usize| {
                let ends = [shift(s, axis), shift(s + piece, axis)];
                [
                    range[0] + ends[0].min(ends[1]),
                    range[1] + ends[0].max(ends[1]),
                ]
            };
            let (columns, rows) = (beyond(columns, 0), beyond(rows, 1));
            if height >= self.highest || !blocks.touches(columns, rows) {
                return reach;
            }
            s += piece;
            let blocks = blocks.together(columns, rows);
            is_above = is_above && blocks.is_gentle(ray);
            if !is_above && f64::from(blocks.highest) > height {
                reach = s;
            }
        }
    }
}

/// The facet under a point, unless it lies outside.
fn cell_of(lattice: &Lattice, x: f64, y: f64) -> Option<[usize; 2]> {
    let inside =
        x >= 0.0 && y >= 0.0 && x < (lattice.columns - 1) as f64 && y < (lattice.rows - 1) as f64;
    inside.then_some([x as usize, y as usize])
}
