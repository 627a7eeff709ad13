//! Ground cut up into parcels with straight borders: fields, salt pans.

use super::super::noise::{hash, unit};

/// Keeps rotated coordinates positive, metres.
const FAR: f64 = 1.0e6;
/// Lengths of parcels relative to the mean.
const LENGTHS: [f64; 2] = [0.5, 1.5];

/// East and south metres to metres along and across the parcels.
#[derive(Clone, Copy, Debug)]
pub(super) struct Axes {
    cos: f64,
    sin: f64,
}

impl Axes {
    /// Along the grid.
    #[cfg(test)]
    pub const ALIGNED: Self = Self { cos: 1.0, sin: 0.0 };

    /// Axes in a random direction.
    pub fn random(bits: u64) -> Self {
        let (sin, cos) = (unit(bits) * std::f64::consts::FRAC_PI_2).sin_cos();
        Self { cos, sin }
    }

    /// Rotated coordinates, positive ones.
    pub fn turned(self, x: f64, y: f64) -> [f64; 2] {
        [
            FAR + x * self.cos + y * self.sin,
            FAR + y * self.cos - x * self.sin,
        ]
    }
}

/// A pattern of parcels in strips.
#[derive(Clone, Copy, Debug)]
pub(super) struct Parcels {
    pub seed: u64,
    pub axes: Axes,
    /// Mean length along the strips, metres.
    pub length: f64,
    /// Width of the strips, metres.
    pub width: f64,
}

/// Where in a parcel a point lies.
pub(super) struct InParcel {
    /// Random bits of the parcel.
    pub bits: u64,
    /// Distance from the nearest border, metres.
    pub inside: f64,
    /// Way to the nearest border, metres along and across.
    to_border: [f64; 2],
}

/// What was found last: pixels of the same parcel come one after the other.
#[derive(Default)]
pub(super) struct Memory {
    strip: i64,
    offset: f64,
    length: f64,
    parcel: i64,
    bits: u64,
}

impl Parcels {
    /// The parcel at a point in rotated coordinates.
    pub fn at(&self, [along, across]: [f64; 2], memory: &mut Memory) -> InParcel {
        let strip = (across / self.width) as i64;
        if memory.strip != strip {
            let bits = hash(self.seed, strip, -1);
            let [least, most] = LENGTHS;
            memory.strip = strip;
            memory.length = self.length * (least + (most - least) * unit(bits));
            memory.offset = memory.length * unit(bits << 32);
            memory.parcel = i64::MAX;
        }
        let along = along + memory.offset;
        let parcel = (along / memory.length) as i64;
        if memory.parcel != parcel {
            memory.parcel = parcel;
            memory.bits = hash(self.seed, strip, parcel);
        }
        let to_border = |at: f64, size: f64| if at < size / 2.0 { -at } else { size - at };
        let ends = to_border(along - parcel as f64 * memory.length, memory.length);
        let sides = to_border(across - strip as f64 * self.width, self.width);
        let (inside, to_border) = if ends.abs() < sides.abs() {
            (ends.abs(), [ends, 0.0])
        } else {
            (sides.abs(), [0.0, sides])
        };
        InParcel {
            bits: memory.bits,
            inside,
            to_border,
        }
    }

    /// The parcel on the other side of the border next to a point.
    pub fn beyond(&self, [along, across]: [f64; 2], here: &InParcel) -> InParcel {
        let [u, v] = here.to_border;
        // As far beyond the border as the point lies before it, and 1 m lest rounding keep it here.
        let reach = |way: f64| 2.0 * way + if way == 0.0 { 0.0 } else { way.signum() };
        self.at(
            [along + reach(u), across + reach(v)],
            &mut Memory::default(),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const PARCELS: Parcels = Parcels {
        seed: 3,
        axes: Axes { cos: 0.6, sin: 0.8 },
        length: 260.0,
        width: 170.0,
    };

    #[test]
    fn axes_turn_by_an_angle_and_keep_lengths() {
        let [u, v] = PARCELS.axes.turned(3.0, 4.0);
        assert!((u - FAR - 5.0).abs() < 1e-9 && (v - FAR).abs() < 1e-9);
    }

    proptest! {
        #[test]
        fn borders_lie_where_parcels_end(x in 0.0..1e5_f64, y in 0.0..1e5_f64) {
            let at = PARCELS.axes.turned(x, y);
            let parcel = |point| PARCELS.at(point, &mut Memory::default());
            let here = parcel(at);
            // Nothing else nearer than the border, on the four sides.
            let short = here.inside - 1e-3;
            for [u, v] in [[short, 0.0], [-short, 0.0], [0.0, short], [0.0, -short]] {
                prop_assert_eq!(parcel([at[0] + u, at[1] + v]).bits, here.bits);
            }
            prop_assert!(PARCELS.beyond(at, &here).bits != here.bits);
            prop_assert!(here.inside <= PARCELS.width / 2.0);
            // What came before does not matter.
            let mut memory = Memory::default();
            PARCELS.at(PARCELS.axes.turned(y, x), &mut memory);
            prop_assert_eq!(PARCELS.at(at, &mut memory).bits, here.bits);
        }
    }
}
