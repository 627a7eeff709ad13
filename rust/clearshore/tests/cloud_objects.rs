//! Objects that can't be cloud as a whole, in scenes whose right answer is known by hand.

#![allow(clippy::unwrap_used, clippy::expect_used)]

#[allow(dead_code)]
mod scenes;

use clearshore::flags::{EvidenceBits, Flags};
use clearshore::scene::{
    Angles, Band, BandPlane, Direction, DisplacementSource, Grid, Radiometry, Rectangle, Scene,
    SceneBuilder,
};
use clearshore::{Detection, NoProgress, Params, Progress, Result, detect};
use ndarray::Array2;
use scenes::{
    DEEP_SEA, OFFSET, QUANTIFICATION, Spectrum, THICK_CLOUD, VEGETATION, builder, dn, grid,
    variation, varied,
};
use std::sync::Arc;

const SHAPE: (usize, usize) = (200, 200);
const PIXEL_SIZE: f64 = 20.0;
/// Low cloud of water, smooth and grey: red below 0.95 of blue, NIR like red.
const STRATUS: Spectrum = [0.36, 0.34, 0.33, 0.32, 0.0015, 0.26, 0.18];
/// A roof: redder than blue in no band by much, but not grey enough, and duller than 0.3.
const ROOF: Spectrum = [0.26, 0.26, 0.27, 0.30, 0.0014, 0.30, 0.26];
/// A roof as bright as cloud.
const BRIGHT_ROOF: Spectrum = [0.40, 0.41, 0.42, 0.46, 0.0014, 0.44, 0.38];
/// Coral sand: red and green above blue, darker in SWIR1.
const SAND: Spectrum = [0.34, 0.40, 0.44, 0.48, 0.0014, 0.40, 0.30];
/// Foam: white, darker toward NIR, dark in SWIR.
const FOAM: Spectrum = [0.30, 0.29, 0.28, 0.24, 0.0013, 0.08, 0.05];

#[derive(Clone, Copy)]
struct Square {
    row: usize,
    column: usize,
    side: usize,
}

impl Square {
    const fn new(row: usize, column: usize, side: usize) -> Self {
        Self { row, column, side }
    }

    fn holds(&self, row: usize, column: usize) -> bool {
        let within = |at: usize, first: usize| (first..first + self.side).contains(&at);
        within(row, self.row) && within(column, self.column)
    }

    fn without_rim(&self, rim: usize) -> Self {
        Self::new(self.row + rim, self.column + rim, self.side - 2 * rim)
    }
}

/// Rough ground, as all three bands see it; B08 sees it a pixel further right where `moves` says so.
struct Rough<F>(Grid, F);

impl<F: Fn(usize, usize) -> bool + Send + Sync> DisplacementSource for Rough<F> {
    fn grid(&self) -> Grid {
        self.0
    }

    fn plane(&self, band: Band, _: &[Rectangle], _: &dyn Progress) -> Result<BandPlane> {
        let reflectance = |row: usize, column: usize| {
            let shift = usize::from(band == Band::B08 && (self.1)(row, column));
            let noise = if band == Band::B08 { 0.001 } else { 0.002 };
            0.4 + 0.2 * variation(row, column + 1 - shift, 1)
                + noise * variation(row, column, 2 + band.index() as u64)
        };
        Ok(BandPlane {
            dn: Array2::from_shape_fn(self.0.shape(), |(r, c)| dn(reflectance(r, c))),
            radiometry: Radiometry {
                offset: OFFSET,
                quantification: QUANTIFICATION,
            },
        })
    }
}

fn with_displacement(
    builder: SceneBuilder,
    moves: impl Fn(usize, usize) -> bool + Send + Sync + 'static,
) -> Scene {
    let source = Rough(grid(SHAPE, PIXEL_SIZE), moves);
    builder.displacement(Arc::new(source)).build().unwrap()
}

/// Squares of a spectrum on other ground.
fn squares(
    ground: Spectrum,
    squares: impl IntoIterator<Item = (Square, Spectrum)>,
) -> SceneBuilder {
    let squares: Vec<_> = squares.into_iter().collect();
    builder(SHAPE, PIXEL_SIZE, |row, column| {
        let here = squares.iter().find(|(square, _)| square.holds(row, column));
        varied(here.map_or(ground, |(_, spectrum)| *spectrum), row, column)
    })
}

fn run(scene: &Scene) -> Detection {
    let params = Params {
        copy_evidence: true,
        ..Params::default()
    };
    detect(scene, &params, &NoProgress).unwrap()
}

/// Share of the pixels of a square that have a flag.
fn share(detection: &Detection, flag: Flags, square: Square) -> f64 {
    part(square, |at| {
        Flags::from_bits_retain(detection.flags[at]).contains(flag)
    })
}

fn evidence(detection: &Detection, bit: EvidenceBits, square: Square) -> f64 {
    let evidence = detection.evidence.as_ref().unwrap();
    part(square, |at| {
        EvidenceBits::from_bits_retain(evidence[at]).contains(bit)
    })
}

fn part(square: Square, is: impl Fn([usize; 2]) -> bool) -> f64 {
    let rows = square.row..square.row + square.side;
    let pixels = rows.flat_map(|row| {
        (square.column..square.column + square.side).map(move |column| [row, column])
    });
    pixels.filter(|at| is(*at)).count() as f64 / (square.side * square.side) as f64
}

const OBJECT: Square = Square::new(80, 80, 30);
const EVERYWHERE: Square = Square::new(0, 0, SHAPE.0);

/// Whether most of the object is cloud, and whether it was cleared by displacement.
fn verdict(spectrum: Spectrum, moves: bool) -> (bool, bool) {
    let scene = with_displacement(squares(VEGETATION, [(OBJECT, spectrum)]), move |_, _| moves);
    let detection = run(&scene);
    (
        share(&detection, Flags::CLOUD, OBJECT) > 0.9,
        evidence(&detection, EvidenceBits::DISPLACEMENT_CLEARED, OBJECT) > 0.9,
    )
}

#[test]
fn bright_ground_does_not_move_and_cloud_does() {
    let (cloud, ground) = ((true, false), (false, true));
    assert_eq!(verdict(BRIGHT_ROOF, false), ground);
    assert_eq!(verdict(BRIGHT_ROOF, true), cloud);
    assert_eq!(verdict(ROOF, false), ground, "dull and still");
    assert_eq!(verdict(ROOF, true), cloud);
    assert_eq!(verdict(THICK_CLOUD, true), cloud);
}

#[test]
fn smooth_grey_cloud_stays_though_nothing_moves() {
    assert_eq!(verdict(STRATUS, false), (true, false));
}

#[test]
fn sand_that_touches_a_displaced_cloud_goes_and_the_cloud_stays() {
    let (cloud, sand) = (Square::new(60, 40, 40), Square::new(60, 80, 40));
    let coast = [(cloud, THICK_CLOUD), (sand, SAND)];
    let scene = with_displacement(squares(VEGETATION, coast), |_, column| column < 80);
    let detection = run(&scene);
    assert!(share(&detection, Flags::CLOUD, cloud.without_rim(5)) == 1.0);
    // The window of 7 pixels sees the cloud from three columns away, and a neighbour of such a pixel does not rest.
    assert!(share(&detection, Flags::CLOUD, sand.without_rim(5)) == 0.0);
    for bit in [
        EvidenceBits::SAND_CLEARED,
        EvidenceBits::DISPLACEMENT_CLEARED,
    ] {
        assert!(
            evidence(&detection, bit, sand.without_rim(5)) > 0.9,
            "{bit:?}"
        );
    }
    // Sand is cloud where nothing but its looks tells.
    let all_moves = with_displacement(squares(VEGETATION, coast), |_, _| true);
    assert!(share(&run(&all_moves), Flags::CLOUD, sand.without_rim(5)) > 0.9);
}

#[test]
fn what_lies_below_cirrus_stays() {
    let mut roof = BRIGHT_ROOF;
    roof[4] = 0.03;
    assert_eq!(verdict(roof, false), (true, false));
}

#[test]
fn a_small_bright_spot_on_water_is_a_target() {
    for (side, is_target) in [(2, true), (4, false)] {
        let spot = Square::new(100, 100, side);
        // Bright pixels are water by the raster only, and waves move.
        let made = || squares(DEEP_SEA, [(spot, THICK_CLOUD)]);
        let raster = Array2::from_elem(SHAPE, 100);
        let scenes = [
            made().water_occurrence(raster).build().unwrap(),
            with_displacement(made(), |_, _| true),
        ];
        for detection in scenes.iter().map(run) {
            let targets = evidence(&detection, EvidenceBits::BRIGHT_TARGET, spot);
            assert_eq!(targets, f64::from(u8::from(is_target)), "{side}");
            let cloud = share(&detection, Flags::CLOUD, spot);
            assert_eq!(cloud, 1.0 - targets, "{side}");
        }
    }
}

#[test]
fn foam_is_whitecap_in_the_surf_zone_and_never_far_out() {
    let near = Square::new(90, 105, 10);
    let far = Square::new(90, 20, 10);
    // Land from column 120: the surf zone is 30 pixels wide.
    let scene = builder(SHAPE, PIXEL_SIZE, |row, column| {
        let spectrum = if near.holds(row, column) || far.holds(row, column) {
            FOAM
        } else if column < 120 {
            DEEP_SEA
        } else {
            VEGETATION
        };
        varied(spectrum, row, column)
    });
    let detection = run(&scene.build().unwrap());
    assert_eq!(share(&detection, Flags::WHITECAP, near), 1.0);
    assert_eq!(share(&detection, Flags::WATER, near), 1.0);
    assert_eq!(share(&detection, Flags::CLOUD, near), 0.0);
    assert_eq!(share(&detection, Flags::CLEAR_WATER, near), 0.0);
    assert_eq!(share(&detection, Flags::WHITECAP, far), 0.0);
    assert_eq!(
        share(&detection, Flags::WHITECAP, EVERYWHERE),
        100.0 / 40_000.0
    );
}

#[test]
fn without_displacement_a_small_cloud_over_land_needs_a_shadow() {
    // Sun in the south, 45 degrees high: the shadow of a cloud at 1000 m falls 50 pixels to the north.
    let cloud = Square::new(120, 90, 16);
    let shadow = Square::new(70, 90, 16);
    let shaded = [0.085, 0.055, 0.030, 0.085, 0.0013, 0.035, 0.018];
    for has_shadow in [true, false] {
        let dark = has_shadow.then_some((shadow, shaded));
        let angles = Angles {
            mean_sun: Some(Direction::from_degrees(45.0, 180.87)),
            ..Angles::default()
        };
        let scene = squares(VEGETATION, [(cloud, THICK_CLOUD)].into_iter().chain(dark))
            .angles(angles)
            .build();
        let detection = run(&scene.unwrap());
        let kept = share(&detection, Flags::CLOUD, cloud.without_rim(1));
        assert_eq!(kept, f64::from(u8::from(has_shadow)));
        let cast = share(&detection, Flags::CLOUD_SHADOW, shadow.without_rim(2));
        assert!((cast > 0.9) == has_shadow, "{cast}");
    }
}

#[test]
fn without_displacement_sand_of_the_coastal_strip_goes_as_a_whole() {
    // A beach of 400 m between sea and meadow, and the same sand 2 km inland.
    let at = |shore: usize| {
        let beach = Square::new(60, shore, 40);
        let scene = builder(SHAPE, PIXEL_SIZE, |row, column| {
            let spectrum = match column {
                _ if beach.holds(row, column) => SAND,
                0..40 => DEEP_SEA,
                _ => VEGETATION,
            };
            varied(spectrum, row, column)
        });
        let detection = run(&scene.build().unwrap());
        evidence(&detection, EvidenceBits::SAND_CLEARED, beach)
    };
    assert!(at(40) > 0.9);
    assert_eq!(at(150), 0.0);
}
