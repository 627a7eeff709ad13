//! Where sea and lakes end: signed distances to the shore as continuous fields.

use super::noise::{Fractal, Row, hash};
use super::setting::{Preset, Setting};

/// Longest wave of the shore line, metres, and its share of the tile's side.
const LONGEST_BAY: (f64, f64) = (24_000.0, 0.5);
/// Finest detail of the shore line, metres.
const FINEST_BAY: f64 = 40.0;
/// How far bays and capes reach, in longest waves.
const BAY_DEPTH: f64 = 0.45;
/// Direction in which the land lies: east and south parts of a unit vector (26 degrees north of east).
pub(super) const INLAND: [f64; 2] = [0.9, -0.436];
/// Distance of the mean shore line from the tile's centre, towards the sea, in tile sides.
const SHORE_OFFSET: f64 = 0.04;
/// Width of the lagoon's barrier, and of the lagoon behind it, metres and shares of the tile's side.
const BARRIER: [(f64, f64); 2] = [(1_200.0, 0.05), (8_000.0, 0.2)];
/// Wave length of the fields that make lakes, metres, and their share of the tile's side.
const LAKE_SPACING: (f64, f64) = (6_000.0, 0.25);
/// Value of that field (-1 to 1) above which there is a lake.
const LAKE_THRESHOLD: f64 = 0.52;
/// Least distance of a lake from the sea, metres.
pub(super) const LAKE_INLAND: f64 = 600.0;
/// Everywhere sea: distance to a shore that is not there, metres.
const NO_SHORE: f64 = -1.0e6;

/// The shores of a scene. Distances are metres, roughly: they grow with the true distance and are 0 at
/// the water line.
#[derive(Clone, Copy, Debug)]
pub(super) struct Shore {
    preset: Preset,
    extent: f64,
    bays: Fractal,
    bay_depth: f64,
    lakes: Fractal,
    lake_spacing: f64,
}

impl Shore {
    pub fn new(setting: &Setting) -> Self {
        let extent = setting.extent();
        let scaled = |(metres, share): (f64, f64)| metres.min(share * extent);
        let longest = scaled(LONGEST_BAY);
        let lake_spacing = scaled(LAKE_SPACING);
        Self {
            preset: setting.preset,
            extent,
            bays: Fractal::new(hash(setting.seed, 0x5011, 1), longest, FINEST_BAY),
            bay_depth: BAY_DEPTH * longest,
            lakes: Fractal::new(hash(setting.seed, 0x5011, 2), lake_spacing, FINEST_BAY),
            lake_spacing,
        }
    }

    /// Signed distance to the sea's shore along a row: positive on land, negative at sea. A lagoon is
    /// sea too.
    pub fn distance_from_sea(&self, row: Row, out: &mut [f64]) {
        self.inland(row, out);
        for value in out {
            *value = self.folded(*value);
        }
    }

    /// Signed distance to the outer shore along a row: as [`distance_from_sea`](Self::distance_from_sea), but growing on
    /// through barrier, lagoon and mainland.
    pub fn inland(&self, row: Row, out: &mut [f64]) {
        if self.preset == Preset::OpenSea {
            out.fill(NO_SHORE);
            return;
        }
        self.bays.fill(row, out);
        let half = self.extent / 2.0;
        let south = (row.y - half) * INLAND[1];
        for (k, value) in out.iter_mut().enumerate() {
            let east = (row.first + k as f64 * row.step - half) * INLAND[0];
            *value = east + south + SHORE_OFFSET * self.extent + self.bay_depth * *value;
        }
    }

    /// Distance to the nearest shore, given that to the outer shore: folds it where there is a barrier
    /// with a lagoon behind.
    pub fn folded(&self, inland: f64) -> f64 {
        if self.preset != Preset::Lagoon {
            return inland;
        }
        let [barrier, lagoon] = self.barrier_and_lagoon();
        if inland < barrier / 2.0 {
            inland
        } else if inland < barrier + lagoon / 2.0 {
            barrier - inland
        } else {
            inland - barrier - lagoon
        }
    }

    /// Whether a place lies at the open sea or nearest to it, not to a lagoon.
    pub fn is_outside(&self, inland: f64) -> bool {
        self.preset != Preset::Lagoon || inland < self.barrier_and_lagoon()[0] / 2.0
    }

    /// Whether land is the barrier of a lagoon.
    pub fn is_barrier(&self, inland: f64) -> bool {
        let [barrier, lagoon] = self.barrier_and_lagoon();
        self.preset == Preset::Lagoon && inland < barrier + lagoon / 2.0
    }

    fn barrier_and_lagoon(&self) -> [f64; 2] {
        BARRIER.map(|(metres, share)| metres.min(share * self.extent))
    }

    /// Signed distance into a lake along a row, given the distances from the sea: positive on the lake.
    pub fn distance_into_lake(&self, row: Row, from_sea: &[f64], out: &mut [f64]) {
        if self.preset == Preset::OpenSea {
            out.fill(NO_SHORE);
            return;
        }
        self.lakes.fill(row, out);
        for (value, inland) in out.iter_mut().zip(from_sea) {
            // A field of unit height over half its wave length.
            let lake = (*value - LAKE_THRESHOLD) * self.lake_spacing / 2.0;
            *value = lake.min(inland - LAKE_INLAND);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::Direction;
    use crate::simulate::tests::tile;

    fn shore(preset: Preset, size: usize, seed: u64) -> (Shore, f64) {
        let grid = tile(size);
        let setting = Setting::of_preset(preset, seed, grid, Direction::from_degrees(35.0, 150.0));
        (Shore::new(&setting), setting.extent())
    }

    /// Shares of sea and lake on a coarse raster.
    fn shares(preset: Preset, size: usize, seed: u64) -> (f64, f64) {
        const COUNT: usize = 200;
        let (shore, extent) = shore(preset, size, seed);
        let (mut sea, mut lake) = (0, 0);
        let step = extent / COUNT as f64;
        let (mut from_sea, mut into_lake) = (vec![0.0; COUNT], vec![0.0; COUNT]);
        for k in 0..COUNT {
            let row = Row {
                first: step / 2.0,
                step,
                y: (k as f64 + 0.5) * step,
            };
            shore.distance_from_sea(row, &mut from_sea);
            shore.distance_into_lake(row, &from_sea, &mut into_lake);
            sea += from_sea.iter().filter(|distance| **distance < 0.0).count();
            lake += into_lake.iter().filter(|distance| **distance > 0.0).count();
        }
        let all = (COUNT * COUNT) as f64;
        (sea as f64 / all, lake as f64 / all)
    }

    #[test]
    fn coasts_have_sea_and_land_and_lakes_at_every_size() {
        for size in [552, 2196, 10980] {
            let mut lakes = 0.0;
            for seed in 1..=3 {
                let (sea, lake) = shares(Preset::Coast, size, seed);
                assert!((0.2..0.8).contains(&sea), "{size} {seed}: {sea}");
                lakes += lake;
            }
            assert!(lakes > 0.0 && lakes < 0.3, "{size}: {lakes}");
            let (lagoon, _) = shares(Preset::Lagoon, size, 1);
            assert!((0.3..0.9).contains(&lagoon), "{size}: {lagoon}");
        }
        assert_eq!(shares(Preset::OpenSea, 2196, 1), (1.0, 0.0));
    }
}
