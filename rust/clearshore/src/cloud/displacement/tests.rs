use super::*;
use crate::NoProgress;
use crate::scene::{NO_DATA_DN, QuickLook, Radiometry, UtmZone};
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
    quick: Option<Array2<u16>>,
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
            quick: None,
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

    fn quick_look(
        &self,
        _: &[Rectangle],
        _: &dyn Progress,
    ) -> Result<Option<Box<dyn QuickLook + '_>>> {
        Ok(self.quick.clone().map(|dn| {
            let plane = BandPlane {
                dn,
                radiometry: RADIOMETRY,
            };
            Box::new(Quick { full: self, plane }) as Box<dyn QuickLook>
        }))
    }
}

struct Quick<'a> {
    full: &'a Planes,
    plane: BandPlane,
}

impl QuickLook for Quick<'_> {
    fn plane(&self) -> &BandPlane {
        &self.plane
    }

    fn sharpen(&self, places: &[Rectangle], progress: &dyn Progress) -> Result<BandPlane> {
        self.full.plane(Band::B08, places, progress)
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
    Displacement::of(
        &source.grid,
        source,
        None,
        wanted,
        |_| Vec::new(),
        &NoProgress,
    )
    .unwrap()
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
fn a_base_at_hand_is_not_asked_for() {
    let source = textured(1.0);
    let base = source
        .plane(
            Band::B8A,
            &[Rectangle {
                rows: (0, SHAPE.0),
                columns: (0, SHAPE.1),
            }],
            &NoProgress,
        )
        .unwrap();
    source.asked.lock().unwrap().clear();
    let wanted = |row: usize, column: usize| (row < 60) == (column < 60);
    let given = Displacement::of(
        &source.grid,
        &source,
        Some(&base),
        wanted,
        |_| Vec::new(),
        &NoProgress,
    )
    .unwrap();
    let asked = source.asked.lock().unwrap().clone();
    assert!(asked.iter().all(|(band, _)| *band != Band::B8A) && asked.len() == 2);
    assert_eq!(given.motion, look(&source, wanted).motion);
}

#[test]
fn only_what_is_around_wanted_pixels_is_read() {
    let source = textured(1.0);
    // A pixel in the upper left and one in the lower left square of 64 pixels: neighbours and window reach 4 pixels.
    let found = look(&source, |row, column| {
        column == 5 && (row == 3 || row == 70)
    });
    let places = [
        Rectangle {
            rows: (0, 8),
            columns: (1, 10),
        },
        Rectangle {
            rows: (66, 75),
            columns: (1, 10),
        },
    ];
    let mut asked = source.asked.lock().unwrap().clone();
    asked.sort_by_key(|(band, _)| *band);
    assert_eq!(
        asked,
        [Band::B07, Band::B08, Band::B8A].map(|band| (band, places.to_vec()))
    );
    // Their neighbours are known, too.
    assert_eq!(found.at(71, 6), Motion::Displaced);
    assert_eq!(found.at(71, 7), Motion::Unknown);
}

#[test]
fn a_pixel_of_another_grid_is_what_lies_below_its_centre() {
    let source = textured(1.0);
    // 10 m pixels; the bands end 80 columns of 20 m to the right.
    let fine = grid((180, 170), 10.0);
    let found = Displacement::of(
        &fine,
        &source,
        None,
        |_, _| true,
        |_| Vec::new(),
        &NoProgress,
    )
    .unwrap();
    assert_eq!(found.at(179, 159), Motion::Displaced);
    assert_eq!(found.at(179, 160), Motion::Unknown);
    assert!(!found.rests_around(179, 160));
}

#[test]
fn a_quick_look_counts_but_where_somebody_is_in_doubt() {
    // In the quick look everything moves, in truth nothing does.
    let mut source = textured(0.0);
    source.quick = Some(textured(1.0).planes.remove(&Band::B08).unwrap());
    let of = |second: &[[usize; 2]]| {
        let wanted = |row: usize, _: usize| row < 80;
        let in_doubt = |quick: &Displacement| {
            assert!(quick.at(20, 20) == Motion::Displaced && quick.at(70, 20) == Motion::Displaced);
            second.to_vec()
        };
        let found =
            Displacement::of(&source.grid, &source, None, wanted, in_doubt, &NoProgress).unwrap();
        let asked = std::mem::take(&mut *source.asked.lock().unwrap());
        (found, asked)
    };
    let (found, asked) = of(&[]);
    assert_eq!(
        asked.iter().filter(|(band, _)| *band == Band::B08).count(),
        0
    );
    assert_eq!(found.at(20, 20), Motion::Displaced);
    let (found, asked) = of(&[[70, 5]]);
    // Only around that pixel it is read in full.
    let places = asked.iter().find(|(band, _)| *band == Band::B08).unwrap();
    let expected = Rectangle {
        rows: (66, 75),
        columns: (1, 10),
    };
    assert_eq!(places.1, [expected]);
    assert_eq!(found.at(20, 20), Motion::Displaced);
    assert_eq!(found.at(71, 6), Motion::Still);
    assert_eq!(found.at(71, 7), Motion::Displaced);
    assert!(!found.is_in_doubt(71, 6));
}

#[test]
fn a_quick_look_is_in_doubt_between_displaced_for_sure_and_still() {
    let mut source = textured(0.0);
    for (shift, is_in_doubt) in [(0.0, false), (1.0, false), (0.06, true)] {
        source.quick = Some(textured(shift).planes.remove(&Band::B08).unwrap());
        let found = look(&source, |_, _| true);
        let [inside, doubts] = [false, true].map(|only_doubts| {
            let pixels = (10..80).flat_map(|row| (10..70).map(move |column| (row, column)));
            let counted = pixels.filter(|at| !only_doubts || found.is_in_doubt(at.0, at.1));
            counted.count() as f64
        });
        assert_eq!(doubts / inside > 0.5, is_in_doubt, "{shift}: {doubts}");
    }
}
