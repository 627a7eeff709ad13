//! Haze: aerosol between the ground and the sensor.

use super::light::WAVELENGTH;
use super::noise::{Fractal, Row, hash};
use super::setting::Setting;
use crate::scene::Band;

/// Distance between the nodes on which the haze is kept, metres, and its largest share of the tile.
const NODE_STEP: (f64, f64) = (300.0, 0.02);
/// Coarsest and finest patches, metres, and the coarsest's largest share of the tile.
const PATCHES: [f64; 2] = [20_000.0, 2_000.0];
const COARSEST_SHARE: f64 = 0.4;
/// How fast path reflectance falls with wavelength: Angstrom's exponent of continental aerosol.
const ANGSTROM: f64 = 1.2;
/// Light that water vapour leaves of low haze, in B09 (clear sea of the project's golden pixels: B09
/// relative to B8A) and in B10, where haze does not show (the same table: hazy sea is as dark as clear).
const VAPOUR: [(Band, f32); 2] = [(Band::B09, 0.4), (Band::B10, 0.0)];

/// The haze over a tile: path reflectance in B02 on nodes.
pub(super) struct Haze {
    /// Distance between nodes, metres.
    step: f64,
    /// Nodes along a side.
    nodes: usize,
    /// Row by row from the upper-left corner of the tile.
    values: Vec<f32>,
}

impl Haze {
    /// Spreads haze over the tile of a setting: from 0 to the setting's value.
    pub fn new(setting: &Setting) -> Self {
        let extent = setting.extent();
        let step = NODE_STEP.0.min(NODE_STEP.1 * extent);
        let nodes = (extent / step).ceil() as usize + 1;
        let coarsest = PATCHES[0].min(COARSEST_SHARE * extent);
        let patches = Fractal::new(
            hash(setting.weather_seed(), 0x4a2e, 0),
            coarsest,
            PATCHES[1],
        );
        let mut field = vec![0.0; nodes * nodes];
        for (line, field) in field.chunks_mut(nodes).enumerate() {
            let y = line as f64 * step;
            let row = Row {
                first: 0.0,
                step,
                y,
            };
            patches.fill(row, field);
        }
        let least = field.iter().copied().fold(f64::INFINITY, f64::min);
        let most = field.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let scale = setting.haze / (most - least);
        Self {
            step,
            nodes,
            values: field
                .iter()
                .map(|value| ((value - least) * scale) as f32)
                .collect(),
        }
    }

    /// Path reflectance of the haze in B02 along a row: bilinear between the nodes.
    pub fn along(&self, row: Row, out: &mut [f32]) {
        let last = self.nodes - 2;
        let clamped = |place: f64| (place.max(0.0) as usize).min(last);
        let line = clamped(row.y / self.step);
        let down = (row.y / self.step - line as f64) as f32;
        let (upper, lower) = (
            &self.values[line * self.nodes..],
            &self.values[(line + 1) * self.nodes..],
        );
        let at = |node: usize| upper[node] + down * (lower[node] - upper[node]);
        let mut start = 0;
        while start < out.len() {
            let place = (row.first + start as f64 * row.step) / self.step;
            let node = clamped(place);
            let right = place - node as f64;
            let per_pixel = row.step / self.step;
            // The last interval reaches beyond the tile.
            let count = if node == last {
                out.len()
            } else {
                (((1.0 - right) / per_pixel).ceil() as usize).max(1)
            };
            let end = (start + count).min(out.len());
            let (left, rise) = (at(node), at(node + 1) - at(node));
            let (right, per_pixel) = (right as f32, per_pixel as f32);
            for (k, value) in (0_i32..).zip(&mut out[start..end]) {
                *value = left + (right + k as f32 * per_pixel) * rise;
            }
            start = end;
        }
    }

    /// Path reflectance of a band relative to B02's.
    pub fn relative(band: Band) -> f32 {
        let by_wavelength = WAVELENGTH[band.index()] / WAVELENGTH[Band::B02.index()];
        let vapour = VAPOUR.iter().find(|(absorbed, _)| *absorbed == band);
        by_wavelength.powf(-ANGSTROM) as f32 * vapour.map_or(1.0, |(_, left)| *left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::Direction;
    use crate::simulate::Preset;
    use crate::simulate::tests::tile;

    fn setting(size: usize, haze: f64) -> Setting {
        let grid = tile(size);
        let sun = Direction::from_degrees(35.0, 150.0);
        Setting {
            haze,
            ..Setting::of_preset(Preset::Coast, 5, grid, sun)
        }
    }

    fn row(first: f64, step: f64, y: f64) -> Row {
        Row { first, step, y }
    }

    #[test]
    fn haze_fills_its_range_and_is_smooth() {
        for size in [552, 2196] {
            let haze = Haze::new(&setting(size, 0.06));
            let (mut least, mut most, mut sum) = (f32::INFINITY, 0.0_f32, 0.0);
            let mut out = vec![0.0; size];
            for line in 0..size {
                haze.along(row(5.0, 10.0, 10.0 * line as f64 + 5.0), &mut out);
                for pair in out.windows(2) {
                    // Over at least 100 m nothing changes by more than a tenth of the range.
                    assert!((pair[1] - pair[0]).abs() < 0.006 / 10.0, "{size} {line}");
                }
                least = out.iter().copied().fold(least, f32::min);
                most = out.iter().copied().fold(most, f32::max);
                sum += out.iter().map(|value| f64::from(*value)).sum::<f64>();
            }
            assert!((0.0..0.002).contains(&least), "{size}: {least}");
            assert!((0.058..=0.06).contains(&most), "{size}: {most}");
            let mean = sum / (size * size) as f64;
            assert!((0.02..0.04).contains(&mean), "{size}: {mean}");
        }
        let mut out = vec![1.0; 552];
        Haze::new(&setting(552, 0.0)).along(row(5.0, 10.0, 5.0), &mut out);
        assert!(out.iter().all(|value| *value == 0.0));
    }

    #[test]
    fn rows_equal_points() {
        let haze = Haze::new(&setting(552, 0.06));
        let last = haze.nodes - 2;
        for (first, step, y) in [
            (5.0, 10.0, 5.0),
            (30.0, 60.0, 3_333.0),
            (10.0, 20.0, 5_515.0),
        ] {
            let mut out = vec![f32::NAN; (5_520.0 / step) as usize];
            haze.along(row(first, step, y), &mut out);
            for (k, value) in out.iter().enumerate() {
                let place = [first + k as f64 * step, y].map(|metres| metres / haze.step);
                let node = place.map(|place| (place as usize).min(last));
                let mut expected = 0.0;
                for (i, j) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
                    let near = |axis: usize, side: usize| {
                        1.0 - (place[axis] - (node[axis] + side) as f64).abs()
                    };
                    let value = haze.values[(node[1] + j) * haze.nodes + node[0] + i];
                    expected += near(0, i) * near(1, j) * f64::from(value);
                }
                assert!((f64::from(*value) - expected).abs() < 1e-7, "{step} {k}");
            }
        }
    }

    #[test]
    fn haze_falls_with_wavelength_and_hides_below_vapour() {
        // (664.6 / 492.4)^-1.2 and (2202.4 / 492.4)^-1.2 by pocket calculator.
        assert_eq!(Haze::relative(Band::B02), 1.0);
        assert!((Haze::relative(Band::B04) - 0.6978).abs() < 1e-3);
        assert!((Haze::relative(Band::B12) - 0.1657).abs() < 1e-3);
        assert!(Haze::relative(Band::B01) > 1.0);
        assert_eq!(Haze::relative(Band::B10), 0.0);
        assert!(Haze::relative(Band::B09) < Haze::relative(Band::B11) + 0.1);
    }
}
