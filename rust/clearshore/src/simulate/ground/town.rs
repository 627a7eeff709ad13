//! Towns: streets at right angles, blocks of roofs and gardens between them.

use super::super::noise::{hash, unit};
use super::parcels::Axes;
use super::{Parts, Surface};

/// From street to street along both axes, metres.
const BLOCK: [f64; 2] = [74.0, 70.0];
/// Width of streets, metres.
const STREET: f64 = 12.0;
/// Gap between the lots of a block, metres.
const GAP: f64 = 4.0;
/// Lots along a side of a block: 1, 2 or 3, so that roofs are 16 to 58 m long.
const LOTS: u64 = 3;
/// Shares of lots that are gardens and, of the others, white roofs.
const GARDENS: f64 = 0.28;
const WHITE: f64 = 0.25;
/// Points of a pixel's side that are looked at.
const SAMPLES: i32 = 3;
/// Range of the roofs' brightness.
const TONE: f32 = 0.3;

/// The surfaces of a town.
const SURFACES: [Surface; 4] = [
    Surface::GreyRoof,
    Surface::WhiteRoof,
    Surface::Street,
    Surface::Vegetation,
];

/// The plan of all towns of a scene.
#[derive(Clone, Copy, Debug)]
pub(super) struct Town {
    pub seed: u64,
    pub axes: Axes,
}

impl Town {
    /// A pixel of the town, given the share of its blocks that are built on.
    pub fn pixel(&self, x: f64, y: f64, size: f64, built: f64) -> Parts {
        let mut counts = [0_u8; SURFACES.len()];
        let mut tone = 0.0;
        let between = size / f64::from(SAMPLES);
        for i in 0..SAMPLES {
            for j in 0..SAMPLES {
                let [east, south] =
                    [j, i].map(|at| (f64::from(at) - f64::from(SAMPLES - 1) / 2.0) * between);
                let (kind, lot_tone) = self.point(x + east, y + south, built);
                counts[kind] += 1;
                tone += lot_tone;
            }
        }
        let mut order = [0, 1, 2, 3];
        order.sort_by_key(|&kind| std::cmp::Reverse(counts[kind]));
        let [first, second, ..] = order;
        let share = f32::from(counts[second]) / f32::from(counts[first] + counts[second]);
        Parts::of(SURFACES[first], SURFACES[second], share).toned(tone / (SAMPLES * SAMPLES) as f32)
    }

    /// Which of the surfaces is at a point, and its brightness.
    fn point(&self, x: f64, y: f64, built: f64) -> (usize, f32) {
        const GREY_ROOF: usize = 0;
        const WHITE_ROOF: usize = 1;
        const IN_STREET: usize = 2;
        const GARDEN: usize = 3;
        let [u, v] = self.axes.turned(x, y);
        let [block_u, block_v] = [u / BLOCK[0], v / BLOCK[1]].map(|at| at as u64);
        let bits = hash(self.seed, block_u as i64, block_v as i64);
        if unit(bits) >= built {
            return (GARDEN, 0.0);
        }
        let [u, v] = [u - block_u as f64 * BLOCK[0], v - block_v as f64 * BLOCK[1]];
        if u < STREET || v < STREET {
            return (IN_STREET, 0.0);
        }
        let lots = [bits % LOTS + 1, bits / LOTS % LOTS + 1];
        let lot = |at: f64, block: f64, count: u64| {
            let side = (block - STREET) / count as f64;
            let index = ((at - STREET) / side) as u64;
            let inside = at - STREET - index as f64 * side;
            (index, inside > GAP / 2.0 && inside < side - GAP / 2.0)
        };
        let ((i, in_u), (j, in_v)) = (lot(u, BLOCK[0], lots[0]), lot(v, BLOCK[1], lots[1]));
        let lot_bits = hash(bits, i as i64, j as i64);
        if !(in_u && in_v) || unit(lot_bits) < GARDENS {
            return (GARDEN, 0.0);
        }
        let tone = TONE * (unit(lot_bits << 20) as f32 - 0.5);
        let kind = if unit(lot_bits << 40) < WHITE {
            WHITE_ROOF
        } else {
            GREY_ROOF
        };
        (kind, tone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A town whose streets run along the grid.
    const TOWN: Town = Town {
        seed: 1,
        axes: Axes::ALIGNED,
    };

    #[test]
    fn roofs_are_16_to_60_m_long_and_streets_12_m_wide() {
        for line in 0..50 {
            let y = 7.3 + 41.0 * f64::from(line);
            let kinds: Vec<usize> = (0..8_000)
                .map(|k| TOWN.point(f64::from(k) * 0.25, y, 1.0).0)
                .collect();
            let runs: Vec<&[usize]> = kinds.chunk_by(|a, b| a == b).collect();
            // The first and the last are cut off; all of it may be a street.
            for run in runs.iter().skip(1).take(runs.len().saturating_sub(2)) {
                let length = run.len() as f64 * 0.25;
                match SURFACES[run[0]] {
                    Surface::GreyRoof | Surface::WhiteRoof => {
                        assert!((15.0..=60.0).contains(&length), "{length}");
                    }
                    // Along a street, or across it.
                    Surface::Street => assert!((length - STREET).abs() <= 0.5, "{length}"),
                    _ => {}
                }
            }
        }
    }

    #[test]
    fn pixels_hold_the_shares_of_their_points() {
        let mut roofs = [0.0; 2];
        for k in 0..20_000 {
            let [x, y] = [0, 1].map(|axis| 5_000.0 * unit(hash(9, k, axis)));
            let parts = TOWN.pixel(x, y, 10.0, 1.0);
            let is_roof = |s: Surface| f64::from(u8::from(s.is_built() && s != Surface::Street));
            let share = f64::from(parts.share);
            roofs[0] += is_roof(parts.first) * (1.0 - share) + is_roof(parts.second) * share;
            roofs[1] += is_roof(SURFACES[TOWN.point(x, y, 1.0).0]);
        }
        assert!((roofs[0] / roofs[1] - 1.0_f64).abs() < 0.05, "{roofs:?}");
        assert_eq!(TOWN.pixel(9.0, 9.0, 10.0, 0.0).first, Surface::Vegetation);
    }
}
