//! ATBD step 7: what stands apart from the ground is cloud.
//!
//! B08 looks at the ground from another place than B07 and B8A, which look from nearly the same one. A cloud is displaced
//! in B08: its ratio to B8A varies from pixel to pixel, that of B07 does not. Bright ground does not move. Source: Frantz
//! et al. 2018, eq. 4 (the cloud displacement index); what follows from it for objects is our own measurement.

use crate::raster::any_around;
use crate::scene::{Band, BandPlane, DisplacementSource, Grid, NO_DATA_DN, Rectangle};
use crate::{Progress, Result};
use ndarray::Array2;
use rayon::prelude::*;

/// Half a side of the square in which ratios vary, pixels (Frantz et al. 2018: 7 x 7).
const WINDOW_RADIUS: usize = 3;
const WINDOW: usize = 2 * WINDOW_RADIUS + 1;
/// Pixels below this index stand apart from the ground, unitless (Frantz et al. 2018, seeds).
const DISPLACED_MAX: f64 = -0.5;
/// Pixels below this one may: low cloud, and the fine texture of towns (Frantz et al. 2018, growth).
const UNCERTAIN_MAX: f64 = -0.25;
/// Side of the squares in which the index is asked for, pixels of the bands.
const SQUARE: usize = 64;
/// Ratios vary around this, unitless: sums of squares lose no digits.
const USUAL_RATIO: f64 = 1.0;

/// Whether a pixel stands apart from the ground.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Motion {
    /// Nobody looked, or nothing varies.
    Unknown,
    Still,
    Uncertain,
    Displaced,
}

/// The [`Motion`] of the pixels around those that were asked for.
pub(super) struct Displacement {
    grid: Grid,
    own: Grid,
    motion: Array2<u8>,
}

impl Displacement {
    /// Looks where a pixel (row, column) of `grid` is `wanted`, and around.
    ///
    /// # Errors
    /// As [`DisplacementSource::plane`].
    pub fn of(
        grid: &Grid,
        source: &dyn DisplacementSource,
        wanted: impl Fn(usize, usize) -> bool + Sync,
        progress: &dyn Progress,
    ) -> Result<Self> {
        let own = source.grid();
        let squares = squares(grid, &own, wanted);
        let mut motion = Array2::from_elem(own.shape(), Motion::Unknown as u8);
        if !squares.is_empty() {
            let places: Vec<Rectangle> = squares.iter().map(|at| place(*at, &own)).collect();
            let read = |band: Band| source.plane(band, &places, progress);
            let ratios = Ratios {
                near: read(Band::B07)?,
                apart: read(Band::B08)?,
                base: read(Band::B8A)?,
            };
            let found: Vec<Array2<u8>> = squares
                .par_iter()
                .map(|&square| {
                    progress.check()?;
                    Ok(ratios.motion(square))
                })
                .collect::<Result<_>>()?;
            for ((row, column), found) in squares.into_iter().zip(found) {
                let (top, left) = (row * SQUARE, column * SQUARE);
                let (rows, columns) = found.dim();
                let part = ndarray::s![top..top + rows, left..left + columns];
                motion.slice_mut(part).assign(&found);
            }
        }
        Ok(Self {
            grid: *grid,
            own,
            motion,
        })
    }

    /// Of a pixel (row, column).
    pub fn at(&self, row: usize, column: usize) -> Motion {
        let at = own_pixel(row, column, &self.grid, &self.own);
        match at.map(|at| self.motion[at]) {
            Some(found) if found == Motion::Still as u8 => Motion::Still,
            Some(found) if found == Motion::Uncertain as u8 => Motion::Uncertain,
            Some(found) if found == Motion::Displaced as u8 => Motion::Displaced,
            _ => Motion::Unknown,
        }
    }

    /// Whether nothing at a pixel (row, column) and its neighbours stands apart for sure.
    pub fn rests_around(&self, row: usize, column: usize) -> bool {
        let Some((row, column)) = own_pixel(row, column, &self.grid, &self.own) else {
            return false;
        };
        let (rows, columns) = self.motion.dim();
        let displaced =
            |row: usize, column: usize| self.motion[[row, column]] == Motion::Displaced as u8;
        let motion = self.motion[[row, column]];
        motion != Motion::Unknown as u8
            && motion != Motion::Displaced as u8
            && !any_around((rows, columns), (row, column), displaced)
    }
}

/// The pixel of another grid of the same zone below the centre of a pixel.
fn own_pixel(row: usize, column: usize, grid: &Grid, own: &Grid) -> Option<(usize, usize)> {
    let (easting, northing) = grid.pixel_centre(row, column);
    let index = |distance: f64, count: usize| {
        let index = (distance / own.pixel_size).floor();
        (index >= 0.0 && index < count as f64).then_some(index as usize)
    };
    Some((
        index(own.northing - northing, own.height)?,
        index(easting - own.easting, own.width)?,
    ))
}

/// Squares of the bands' grid that have a wanted pixel, from top left.
fn squares(
    grid: &Grid,
    own: &Grid,
    wanted: impl Fn(usize, usize) -> bool + Sync,
) -> Vec<(usize, usize)> {
    let shape = (own.height.div_ceil(SQUARE), own.width.div_ceil(SQUARE));
    let none = || Array2::from_elem(shape, false);
    let found = (0..grid.height)
        .into_par_iter()
        .fold(none, |mut found, row| {
            for column in (0..grid.width).filter(|&column| wanted(row, column)) {
                if let Some((row, column)) = own_pixel(row, column, grid, own) {
                    found[[row / SQUARE, column / SQUARE]] = true;
                }
            }
            found
        })
        .reduce(none, |a, b| a | b);
    let found = found.indexed_iter().filter(|(_, wanted)| **wanted);
    found.map(|(at, _)| at).collect()
}

/// What the index of a square looks at.
fn place((row, column): (usize, usize), own: &Grid) -> Rectangle {
    let around = |square: usize, count: usize| {
        let end = ((square + 1) * SQUARE + WINDOW_RADIUS).min(count);
        ((square * SQUARE).saturating_sub(WINDOW_RADIUS), end)
    };
    Rectangle {
        rows: around(row, own.height),
        columns: around(column, own.width),
    }
}

/// The bands whose ratios are compared.
struct Ratios {
    near: BandPlane,
    apart: BandPlane,
    base: BandPlane,
}

/// Number, sum and sum of squares of ratios, less the usual one.
type Sums = [f64; 3];

impl Ratios {
    /// [`Motion`] of the pixels of a square.
    fn motion(&self, (row, column): (usize, usize)) -> Array2<u8> {
        let (rows, columns) = self.base.dn.dim();
        let (top, left) = (row * SQUARE, column * SQUARE);
        let shape = (SQUARE.min(rows - top), SQUARE.min(columns - left));
        let near = self.variances(&self.near, (top, left), shape);
        let apart = self.variances(&self.apart, (top, left), shape);
        ndarray::Zip::from(&near)
            .and(&apart)
            .map_collect(|&near, &apart| {
                let index = (near - apart) / (near + apart);
                let motion = match index.is_nan() {
                    true => Motion::Unknown,
                    false if index < DISPLACED_MAX => Motion::Displaced,
                    false if index < UNCERTAIN_MAX => Motion::Uncertain,
                    false => Motion::Still,
                };
                motion as u8
            })
    }

    /// Variance of a band's ratio to the base in the window around each pixel; NaN where nothing is known.
    fn variances(
        &self,
        band: &BandPlane,
        (top, left): (usize, usize),
        (rows, columns): (usize, usize),
    ) -> Array2<f64> {
        let margin = WINDOW_RADIUS;
        let sums_of_pixel = |row: usize, column: usize| -> Sums {
            // Windows reach beyond the square, and end where the bands do.
            let at = (top + row)
                .checked_sub(margin)
                .zip((left + column).checked_sub(margin));
            match at.and_then(|at| self.ratio(band, at)) {
                Some(ratio) => [1.0, ratio - USUAL_RATIO, (ratio - USUAL_RATIO).powi(2)],
                None => [0.0; 3],
            }
        };
        let wide = (rows + 2 * margin, columns + 2 * margin);
        let pixels = Array2::from_shape_fn(wide, |(row, column)| sums_of_pixel(row, column));
        // Each window is added up by itself: no sum depends on where the square begins.
        let of_columns = Array2::from_shape_fn((rows, wide.1), |(row, column)| {
            add((row..row + WINDOW).map(|row| pixels[[row, column]]))
        });
        Array2::from_shape_fn((rows, columns), |(row, column)| {
            let [count, sum, squares] =
                add((column..column + WINDOW).map(|column| of_columns[[row, column]]));
            let mean = sum / count;
            squares / count - mean * mean
        })
    }

    fn ratio(&self, band: &BandPlane, at: (usize, usize)) -> Option<f64> {
        Some(reflectance(band, at)? / reflectance(&self.base, at)?)
    }
}

fn add(sums: impl Iterator<Item = Sums>) -> Sums {
    sums.fold([0.0; 3], |a, b| [a[0] + b[0], a[1] + b[1], a[2] + b[2]])
}

/// TOA reflectance above zero.
fn reflectance(plane: &BandPlane, at: (usize, usize)) -> Option<f64> {
    let dn = *plane.dn.get(at)?;
    let value = plane.radiometry.toa_reflectance(dn);
    (dn != NO_DATA_DN && value > 0.0).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NoProgress;
    use crate::scene::{Radiometry, UtmZone};
    use proptest::prelude::*;
    use std::collections::BTreeMap;
    use std::sync::Mutex;

    const PIXEL_SIZE: f64 = 20.0;

    fn grid((height, width): (usize, usize), pixel_size: f64) -> Grid {
        Grid {
            zone: UtmZone::from_epsg(32631).unwrap(),
            easting: 600_000.0,
            northing: 4_800_000.0,
            pixel_size,
            height,
            width,
        }
    }

    /// Gives planes as they were asked for: 0 outside the places. Remembers what it was asked.
    struct Planes {
        grid: Grid,
        planes: BTreeMap<Band, Array2<u16>>,
        asked: Mutex<Vec<(Band, Vec<Rectangle>)>>,
    }

    const RADIOMETRY: Radiometry = Radiometry {
        offset: -1000,
        quantification: 10_000.0,
    };

    impl Planes {
        fn new(grid: Grid, planes: [(Band, Array2<u16>); 3]) -> Self {
            Self {
                grid,
                planes: planes.into(),
                asked: Mutex::default(),
            }
        }
    }

    impl DisplacementSource for Planes {
        fn grid(&self) -> Grid {
            self.grid
        }

        fn plane(&self, band: Band, places: &[Rectangle], _: &dyn Progress) -> Result<BandPlane> {
            self.asked.lock().unwrap().push((band, places.to_vec()));
            let within = |at: usize, (first, end): (usize, usize)| (first..end).contains(&at);
            let known = |row: usize, column: usize| {
                places
                    .iter()
                    .any(|place| within(row, place.rows) && within(column, place.columns))
            };
            let plane = &self.planes[&band];
            let dn = Array2::from_shape_fn(plane.dim(), |(row, column)| {
                if known(row, column) {
                    plane[[row, column]]
                } else {
                    NO_DATA_DN
                }
            });
            Ok(BandPlane {
                dn,
                radiometry: RADIOMETRY,
            })
        }
    }

    /// Frantz et al. 2018, eq. 4, of one pixel: variances about their mean, over what is known of 7 x 7 pixels.
    fn index_by_hand(source: &Planes, row: usize, column: usize) -> f64 {
        let (rows, columns) = source.grid.shape();
        let variance = |band: Band| {
            let mut ratios = Vec::new();
            for r in row.saturating_sub(3)..(row + 4).min(rows) {
                for c in column.saturating_sub(3)..(column + 4).min(columns) {
                    let [above, below] = [band, Band::B8A].map(|band| {
                        let dn = source.planes[&band][[r, c]];
                        if dn == 0 {
                            0.0
                        } else {
                            (f64::from(dn) - 1000.0) / 10_000.0
                        }
                    });
                    if above > 0.0 && below > 0.0 {
                        ratios.push(above / below);
                    }
                }
            }
            let mean = ratios.iter().sum::<f64>() / ratios.len() as f64;
            let squares = ratios.iter().map(|ratio| (ratio - mean) * (ratio - mean));
            squares.sum::<f64>() / ratios.len() as f64
        };
        let (near, apart) = (variance(Band::B07), variance(Band::B08));
        (near - apart) / (near + apart)
    }

    fn look(source: &Planes, wanted: impl Fn(usize, usize) -> bool + Sync) -> Displacement {
        Displacement::of(&source.grid, source, wanted, &NoProgress).unwrap()
    }

    /// A plane of the size, from reflectances.
    fn plane(shape: (usize, usize), at: impl Fn(usize, usize) -> f64) -> Array2<u16> {
        Array2::from_shape_fn(shape, |(row, column)| {
            (at(row, column) * 10_000.0).round() as u16 + 1000
        })
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(32))]
        #[test]
        fn the_index_is_that_of_frantz_pixel_by_pixel(
            rows in 1..100_usize,
            columns in 1..100_usize,
            // Amplitude of B07's and B08's own variation, as a share: from still to displaced.
            (near, apart) in (0.0..0.1_f64, 0.0..0.2_f64),
            pixels in prop::collection::vec([500..5000_u16, 0..1000_u16, 0..1000_u16, 0..1000_u16], 10_000),
            // One pixel of so many has no data, or is darker than nothing.
            holes in 3..30_u16,
        ) {
            let shape = (rows, columns);
            let band = |by: usize, amplitude: f64| {
                Array2::from_shape_fn(shape, |(row, column)| {
                    let pixel = pixels[row * 100 + column];
                    match pixel[by] % holes {
                        0 => 0,
                        1 => 990,
                        _ => {
                            let factor = 1.0 + amplitude * (f64::from(pixel[by]) / 500.0 - 1.0);
                            (f64::from(pixel[0]) * factor).round() as u16 + 1000
                        }
                    }
                })
            };
            let source = Planes::new(
                grid(shape, PIXEL_SIZE),
                [(Band::B8A, band(1, 0.0)), (Band::B07, band(2, near)), (Band::B08, band(3, apart))],
            );
            let found = look(&source, |_, _| true);
            for row in 0..rows {
                for column in 0..columns {
                    let index = index_by_hand(&source, row, column);
                    // Rounding decides at a threshold, and where hardly anything varies.
                    if [-0.5, -0.25].iter().any(|threshold| (index - threshold).abs() < 1e-6) {
                        continue;
                    }
                    let expected = if index < -0.5 {
                        Motion::Displaced
                    } else if index < -0.25 {
                        Motion::Uncertain
                    } else {
                        Motion::Still
                    };
                    if index.is_nan() {
                        // 0/0: nothing varies, or nothing is known; sums of squares may round to less than nothing.
                        continue;
                    }
                    prop_assert_eq!(found.at(row, column), expected, "{} {}: {}", row, column, index);
                }
            }
        }
    }

    const SHAPE: (usize, usize) = (90, 80);

    /// Reflectance of rough ground at places between pixels too.
    fn texture(row: f64, column: f64) -> f64 {
        0.4 + 0.05 * (1.3 * row + 0.4 * column).sin() + 0.05 * (0.5 * row - 1.7 * column).cos()
    }

    /// B07 and B8A see the texture, B08 as if it were `shift` columns further right; each has a little noise of its own, B08 as
    /// the mean of four pixels half of it.
    fn textured(shift: f64) -> Planes {
        let noisy = |salt: u64, shift: f64, amplitude: f64| {
            plane(SHAPE, move |row, column| {
                let mut hash = salt << 40 ^ (row as u64) << 20 ^ column as u64;
                for _ in 0..3 {
                    hash = (hash ^ (hash >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
                }
                let noise = (hash >> 32) as f64 / f64::from(u32::MAX) - 0.5;
                texture(row as f64, column as f64 - shift) + amplitude * noise
            })
        };
        Planes::new(
            grid(SHAPE, PIXEL_SIZE),
            [
                (Band::B07, noisy(1, 0.0, 0.004)),
                (Band::B8A, noisy(2, 0.0, 0.004)),
                (Band::B08, noisy(3, shift, 0.002)),
            ],
        )
    }

    #[test]
    fn what_lies_beside_itself_is_displaced_and_what_does_not_is_still() {
        for (shift, expected) in [(1.0, Motion::Displaced), (0.0, Motion::Still)] {
            let found = look(&textured(shift), |_, _| true);
            // At the edges windows hold few pixels, of which noise can make anything.
            for row in 3..SHAPE.0 - 3 {
                for column in 3..SHAPE.1 - 3 {
                    assert_eq!(found.at(row, column), expected, "{row} {column}");
                }
            }
            assert_eq!(found.rests_around(40, 40), expected == Motion::Still);
        }
    }

    #[test]
    fn one_displaced_neighbour_is_no_rest() {
        // The right half is displaced.
        let (still, moved) = (textured(0.0), textured(1.0));
        let mut halves = still;
        for (band, plane) in &mut halves.planes {
            plane
                .slice_mut(ndarray::s![.., 40..])
                .assign(&moved.planes[band].slice(ndarray::s![.., 40..]));
        }
        let found = look(&halves, |_, _| true);
        let first = (0..SHAPE.1)
            .find(|&column| found.at(20, column) == Motion::Displaced)
            .unwrap();
        // The window of 7 pixels sees the border from three columns away.
        assert!((37..=42).contains(&first), "{first}");
        for row in 19..=21 {
            // The same columns in the rows around, so that only left and right count.
            assert_ne!(found.at(row, first - 3), Motion::Displaced);
        }
        assert!(!found.rests_around(20, first - 1));
        assert!(found.rests_around(20, 30));
    }

    #[test]
    fn bands_of_which_nothing_is_wanted_are_not_read() {
        let source = textured(1.0);
        let found = look(&source, |_, _| false);
        assert!(source.asked.lock().unwrap().is_empty());
        assert_eq!(found.at(10, 10), Motion::Unknown);
        assert!(!found.rests_around(10, 10));
    }

    #[test]
    fn only_the_squares_around_wanted_pixels_are_read() {
        let source = textured(1.0);
        // A pixel in the upper left and one in the lower left square of 64 pixels.
        let found = look(&source, |row, column| {
            column == 5 && (row == 3 || row == 70)
        });
        let places = [
            Rectangle {
                rows: (0, 67),
                columns: (0, 67),
            },
            Rectangle {
                rows: (61, 90),
                columns: (0, 67),
            },
        ];
        let mut asked = source.asked.lock().unwrap().clone();
        asked.sort_by_key(|(band, _)| *band);
        assert_eq!(
            asked,
            [Band::B07, Band::B08, Band::B8A].map(|band| (band, places.to_vec()))
        );
        assert_eq!(found.at(70, 63), Motion::Displaced);
        assert_eq!(found.at(70, 64), Motion::Unknown);
    }

    #[test]
    fn a_pixel_of_another_grid_is_what_lies_below_its_centre() {
        let source = textured(1.0);
        // 10 m pixels; the bands end 80 columns of 20 m to the right.
        let fine = grid((180, 170), 10.0);
        let found = Displacement::of(&fine, &source, |_, _| true, &NoProgress).unwrap();
        assert_eq!(found.at(179, 159), Motion::Displaced);
        assert_eq!(found.at(179, 160), Motion::Unknown);
        assert!(!found.rests_around(179, 160));
    }
}
