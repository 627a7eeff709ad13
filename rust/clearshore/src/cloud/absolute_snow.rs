//! ATBD step 3: absolute snow, which no test may call cloud.
//!
//! Source: Qiu, Zhu & He 2019 (Fmask 4), section 3.2.2: wide, smooth snow has a small standard deviation of
//! green over 10 km, times (1 - NDSI).

use super::surface::{SpectralBands, Surface, SurfacePlane};
use crate::scene::Grid;
use crate::{Progress, Result};
use ndarray::Array2;
use rayon::prelude::*;

/// Half the side of the window, metres (Qiu, Zhu & He 2019).
const WINDOW_RADIUS: f64 = 5000.0;
/// Snow needs to cover a square of this side in all, metres (Qiu, Zhu & He 2019).
const MINIMUM_SNOW_SIDE: f64 = 10_000.0;
/// Absolute snow has less of the spectral-contextual snow index than this, TOA reflectance (Qiu, Zhu & He
/// 2019).
const CONTEXTUAL_SNOW_INDEX_MAX: f64 = 0.0009;
/// Rows that share one start of the sliding window; the sums are whole numbers, so it does not show.
const STRIP_ROWS: usize = 512;

/// Number, sum and sum of squares of raw green numbers: exact, in any order.
#[derive(Clone, Copy, Default)]
struct Moments {
    count: u64,
    sum: u64,
    squares: u64,
}

impl Moments {
    fn add(&mut self, other: Self) {
        self.count += other.count;
        self.sum += other.sum;
        self.squares += other.squares;
    }

    fn subtract(&mut self, other: Self) {
        self.count -= other.count;
        self.sum -= other.sum;
        self.squares -= other.squares;
    }

    /// Sample standard deviation (n - 1), DN.
    fn standard_deviation(&self) -> f64 {
        if self.count < 2 {
            return f64::INFINITY;
        }
        let count = self.count as f64;
        // u128: the square of a sum of 501 x 501 numbers of 16 bits does not fit 64 bits.
        let spread = u128::from(self.count) * u128::from(self.squares)
            - u128::from(self.sum) * u128::from(self.sum);
        (spread as f64 / (count * (count - 1.0))).sqrt()
    }
}

/// True where snow is absolute; `None` when the scene has too little snow to tell.
pub(crate) fn find(
    grid: &Grid,
    surface: &SurfacePlane,
    bands: &SpectralBands<'_>,
    progress: &dyn Progress,
) -> Result<Option<Array2<bool>>> {
    let (rows, columns) = grid.shape();
    let surfaces = surface.as_slice().unwrap_or_default();
    let is =
        |pixel: usize, bits: Surface| Surface::from_bits_retain(surfaces[pixel]).contains(bits);
    let snow = (0..surfaces.len())
        .into_par_iter()
        .filter(|&pixel| is(pixel, Surface::SNOW))
        .count();
    if (snow as f64) * grid.pixel_size.powi(2) < MINIMUM_SNOW_SIDE.powi(2) || columns == 0 {
        return Ok(None);
    }
    let radius = (WINDOW_RADIUS / grid.pixel_size).ceil() as usize;
    let moments = |pixel: usize| {
        if !is(pixel, Surface::VALID) {
            return Moments::default();
        }
        let dn = u64::from(bands.green.dn(pixel));
        Moments {
            count: 1,
            sum: dn,
            squares: dn * dn,
        }
    };
    let mut absolute = Array2::from_elem((rows, columns), false);
    let strips = absolute
        .as_slice_mut()
        .unwrap_or_default()
        .par_chunks_mut(STRIP_ROWS * columns);
    strips.enumerate().try_for_each(|(strip, absolute)| {
        let first = strip * STRIP_ROWS;
        let mut column_sums = vec![Moments::default(); columns];
        let change_row =
            |row: usize, sums: &mut Vec<Moments>, change: fn(&mut Moments, Moments)| {
                for (column, sum) in sums.iter_mut().enumerate() {
                    change(sum, moments(row * columns + column));
                }
            };
        for row in first.saturating_sub(radius)..(first + radius).min(rows) {
            change_row(row, &mut column_sums, Moments::add);
        }
        for (row, absolute) in (first..).zip(absolute.chunks_exact_mut(columns)) {
            progress.check()?;
            if row + radius < rows {
                change_row(row + radius, &mut column_sums, Moments::add);
            }
            if row > first.max(radius) {
                change_row(row - radius - 1, &mut column_sums, Moments::subtract);
            }
            let mut window = Moments::default();
            column_sums[..radius.min(columns)]
                .iter()
                .for_each(|&sum| window.add(sum));
            for (column, absolute) in absolute.iter_mut().enumerate() {
                if column + radius < columns {
                    window.add(column_sums[column + radius]);
                }
                if column > radius {
                    window.subtract(column_sums[column - radius - 1]);
                }
                let pixel = row * columns + column;
                if is(pixel, Surface::SNOW) && !bands.saturation(pixel).green {
                    let deviation = bands.green.difference(window.standard_deviation());
                    let index = deviation * (1.0 - f64::from(bands.spectrum(pixel).ndsi()));
                    *absolute = index < CONTEXTUAL_SNOW_INDEX_MAX;
                }
            }
        }
        Ok(())
    })?;
    Ok(Some(absolute))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NoProgress;
    use crate::cloud::surface;
    use crate::scene::{Band, BandPlane, Radiometry, SceneBuilder, UtmZone};

    /// Every window of the scene pixel by pixel, at some pixels.
    #[test]
    fn it_is_the_deviation_of_every_window() {
        let (rows, columns, pixel_size) = (230, 260, 60.0);
        let zone = UtmZone::from_epsg(32631).unwrap();
        let grid = Grid {
            zone,
            easting: 6e5,
            northing: 5e6,
            pixel_size,
            height: rows,
            width: columns,
        };
        let radiometry = Radiometry {
            offset: 0,
            quantification: 1e4,
        };
        // Snow that grows rougher from left to right, with a gap and an edge without data.
        let green = Array2::from_shape_fn((rows, columns), |(r, c)| {
            if r + c < 40 || (100..110).contains(&r) {
                0
            } else {
                8000 + (((r * 7919 + c * 104_729) % 1000) * c / 900) as u16
            }
        });
        let constant = |dn: u16| BandPlane {
            dn: green.mapv(|green| if green == 0 { 0 } else { dn }),
            radiometry,
        };
        let scene = SceneBuilder::new(grid)
            .band(Band::B02, constant(8500))
            .band(
                Band::B03,
                BandPlane {
                    dn: green.clone(),
                    radiometry,
                },
            )
            .band(Band::B04, constant(8000))
            .band(Band::B8A, constant(7500))
            .band(Band::B11, constant(1000))
            .band(Band::B12, constant(800))
            .build()
            .unwrap();
        let bands = SpectralBands::of(&scene).unwrap();
        let surface = surface::classify(&scene, &bands, &NoProgress).unwrap();
        let absolute = find(&grid, &surface, &bands, &NoProgress).unwrap().unwrap();
        let mut both = [0, 0];
        for row in (0..rows).step_by(19) {
            for column in (0..columns).step_by(13) {
                let mut window = Vec::new();
                for r in row.saturating_sub(84)..(row + 85).min(rows) {
                    for c in column.saturating_sub(84)..(column + 85).min(columns) {
                        if green[[r, c]] != 0 {
                            window.push(f64::from(green[[r, c]]) / 1e4);
                        }
                    }
                }
                let n = window.len() as f64;
                let mean = window.iter().sum::<f64>() / n;
                let variance = window
                    .iter()
                    .map(|value| (value - mean).powi(2))
                    .sum::<f64>()
                    / (n - 1.0);
                let here = f64::from(green[[row, column]]) / 1e4;
                let ndsi = (here - 0.1) / (here + 0.1);
                let expected = here > 0.0 && variance.sqrt() * (1.0 - ndsi) < 0.0009;
                assert_eq!(absolute[[row, column]], expected, "{row} {column}");
                both[usize::from(expected)] += 1;
            }
        }
        assert!(
            both.iter().all(|&count| count > 10),
            "the test sees both answers: {both:?}"
        );
    }
}
