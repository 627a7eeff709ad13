//! Two surfaces side by side, and what comes to lie over them.

use super::Surface;

/// The two largest surfaces of a pixel and their brightness.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(super) struct Parts {
    /// The larger part.
    pub first: Surface,
    /// The smaller part.
    pub second: Surface,
    /// Share of the second, 0 to 0.5.
    pub share: f32,
    /// Brightness relative to the end members, less 1.
    pub tone: f32,
}

impl Parts {
    /// One surface alone.
    pub fn pure(surface: Surface) -> Self {
        Self {
            first: surface,
            second: surface,
            share: 0.0,
            tone: 0.0,
        }
    }

    /// Two surfaces, given the share (0 to 1) of the second.
    pub fn of(first: Surface, second: Surface, share: f32) -> Self {
        let (first, second, share) = if share > 0.5 {
            (second, first, 1.0 - share)
        } else {
            (first, second, share)
        };
        Self {
            first,
            second,
            share,
            tone: 0.0,
        }
    }

    /// The same, brighter or darker.
    pub fn toned(self, tone: f32) -> Self {
        Self { tone, ..self }
    }

    /// A surface comes to lie over a share (0 or less: none, 1 or more: all) of the pixel. Of three, the
    /// two largest remain.
    pub fn under(self, surface: Surface, share: f64) -> Self {
        if share <= 0.0 {
            return self;
        }
        if share >= 1.0 {
            return Self::pure(surface);
        }
        let share = share as f32;
        let kept = 1.0 - share;
        let (first, second) = (kept * (1.0 - self.share), kept * self.share);
        if second > share {
            return self;
        }
        Self {
            tone: self.tone * kept,
            ..Self::of(self.first, surface, share / (share + first))
        }
    }

    /// Another pixel's parts take a share of this one: the largest of each side remain.
    pub fn beside(self, other: Self, share: f32) -> Self {
        if share <= 0.0 {
            return self;
        }
        if share >= 1.0 {
            return other;
        }
        let tone = self.tone + share * (other.tone - self.tone);
        Self::of(self.first, other.first, share).toned(tone)
    }
}

/// Share of a pixel beyond a border that lies `distance` away: 0.5 on it, 1 and 0 half a `width` to
/// either side.
pub(super) fn cover(distance: f64, width: f64) -> f64 {
    (0.5 + distance / width).clamp(0.0, 1.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Share of a surface.
    fn share(parts: Parts, surface: Surface) -> f32 {
        let first = if parts.first == surface {
            1.0 - parts.share
        } else {
            0.0
        };
        first
            + if parts.second == surface {
                parts.share
            } else {
                0.0
            }
    }

    proptest! {
        #[test]
        fn the_larger_part_comes_first(base in 0.0_f32..1.0, over in -0.5_f64..1.5) {
            let parts = Parts::of(Surface::Shelf, Surface::Plume, base);
            prop_assert!((share(parts, Surface::Plume) - base).abs() < 1e-6);
            let parts = parts.under(Surface::Surf, over);
            prop_assert!((0.0..=0.5).contains(&parts.share));
            // Over a pure surface nothing is lost.
            let alone = Parts::pure(Surface::Shelf).under(Surface::Surf, over);
            let expected = over.clamp(0.0, 1.0) as f32;
            prop_assert!((share(alone, Surface::Surf) - expected).abs() < 1e-6);
        }

        #[test]
        fn sides_of_a_border_keep_their_shares(water in 0.0_f32..=1.0) {
            let land = Parts::of(Surface::Soil, Surface::QuartzSand, 0.3).toned(0.1);
            let both = land.beside(Parts::pure(Surface::Shelf), water);
            prop_assert!((share(both, Surface::Shelf) - water).abs() < 1e-6);
            prop_assert!((both.tone - 0.1 * (1.0 - water)).abs() < 1e-6);
        }
    }

    #[test]
    fn the_cover_of_a_border_is_the_area_of_a_square_beyond_it() {
        // A border across a square parallel to a side: by hand.
        for (distance, expected) in [
            (-6.0, 0.0),
            (-5.0, 0.0),
            (0.0, 0.5),
            (2.5, 0.75),
            (9.0, 1.0),
        ] {
            assert_eq!(cover(distance, 10.0), expected);
        }
    }
}
