//! Shadows of clouds in scenes whose right answer is known by hand.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod hills;
#[allow(dead_code)]
mod scenes;

use clearshore::flags::{EvidenceBits, Flags};
use clearshore::scene::{Angles, Band, Direction, Scene};
use clearshore::{Detection, ErrorKind, NoProgress, Params, Progress, detect};
use hills::Hills;
use ndarray::Array2;
use scenes::{DEEP_SEA, Spectrum, THICK_CLOUD, VEGETATION, builder, grid, varied};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

const SHAPE: (usize, usize) = (320, 300);
const PIXEL_SIZE: f64 = 20.0;
/// Convergence of the meridians in the middle of the scenes: 1.27 degrees east of the zone's meridian, times the sine of
/// the latitude of 43.3 degrees.
const CONVERGENCE: f64 = 0.87;
/// Vegetation in shadow: 15 % of the light of the ground in the infrared and 25 % in the blue.
const SHADED: Spectrum = [0.085, 0.055, 0.030, 0.085, 0.0013, 0.035, 0.018];
/// Sea in shadow: a tenth darker in blue and green.
const SHADED_SEA: Spectrum = [0.086, 0.056, 0.034, 0.019, 0.0012, 0.010, 0.007];
/// From the image of a cloud 2000 m above flat ground to its shadow: sun at zenith 45, azimuth 150, sensor at zenith 8,
/// azimuth 105 degrees; the view moves it by (13.58, 3.64) pixels of 20 m, the sun by (-50.00, -86.60).
const SHIFT: [f64; 2] = [-36.42, -82.97];

#[derive(Clone, Copy)]
struct Disc {
    row: f64,
    column: f64,
    radius: f64,
}

impl Disc {
    const fn new(row: f64, column: f64, radius: f64) -> Self {
        Self {
            row,
            column,
            radius,
        }
    }

    fn shadow(self) -> Self {
        Self {
            row: self.row + SHIFT[1],
            column: self.column + SHIFT[0],
            ..self
        }
    }

    fn holds(&self, row: usize, column: usize) -> bool {
        self.grown(0.0).distance(row, column) <= self.radius
    }

    fn grown(self, by: f64) -> Self {
        Self {
            radius: self.radius + by,
            ..self
        }
    }

    fn distance(&self, row: usize, column: usize) -> f64 {
        (row as f64 - self.row).hypot(column as f64 - self.column)
    }
}

fn any(discs: &[Disc], row: usize, column: usize) -> bool {
    discs.iter().any(|disc| disc.holds(row, column))
}

fn angles() -> Angles {
    let direction =
        |zenith: f64, azimuth: f64| Direction::from_degrees(zenith, azimuth + CONVERGENCE);
    Angles {
        mean_sun: Some(direction(45.0, 150.0)),
        mean_views: [(Band::B8A, direction(8.0, 105.0))].into(),
        ..Angles::default()
    }
}

/// Land with clouds, their shadows, and other dark ground.
fn land(clouds: &[Disc], dark: &[Disc], angles: Angles) -> Scene {
    builder(SHAPE, PIXEL_SIZE, |row, column| {
        let spectrum = if any(clouds, row, column) {
            THICK_CLOUD
        } else if any(dark, row, column) {
            SHADED
        } else {
            VEGETATION
        };
        varied(spectrum, row, column)
    })
    .angles(angles)
    .build()
    .unwrap()
}

fn run(scene: &Scene) -> Detection {
    let params = Params {
        copy_evidence: true,
        ..Params::default()
    };
    detect(scene, &params, &NoProgress).unwrap()
}

fn is_shadow(detection: &Detection) -> Array2<bool> {
    detection
        .flags
        .mapv(|bits| Flags::from_bits_retain(bits).contains(Flags::CLOUD_SHADOW))
}

/// Share of the pixels for which `domain` holds that are in the mask.
fn share(mask: &Array2<bool>, domain: impl Fn(usize, usize) -> bool) -> f64 {
    let inside: Vec<bool> = mask
        .indexed_iter()
        .filter(|((row, column), _)| domain(*row, *column))
        .map(|(_, is)| *is)
        .collect();
    assert!(!inside.is_empty(), "an empty domain says nothing");
    inside.iter().filter(|is| **is).count() as f64 / inside.len() as f64
}

const CLOUDS: [Disc; 3] = [
    Disc::new(150.0, 240.0, 16.0),
    Disc::new(240.0, 100.0, 11.0),
    Disc::new(260.0, 220.0, 21.0),
];

/// All shadows found, and nothing else but their rims.
fn check(detection: &Detection, shadows: &[Disc]) {
    let found = is_shadow(detection);
    for (index, shadow) in shadows.iter().enumerate() {
        let inside = share(&found, |row, column| shadow.grown(-1.0).holds(row, column));
        assert!(inside >= 0.95, "shadow {index}: {inside}");
    }
    let around: Vec<Disc> = shadows.iter().map(|shadow| shadow.grown(3.0)).collect();
    let wrong = share(&found, |row, column| !any(&around, row, column));
    assert!(wrong <= 0.001, "{wrong} elsewhere");
}

#[test]
fn shadows_lie_where_sun_and_sensor_put_them() {
    let shadows = CLOUDS.map(Disc::shadow);
    // The same dark ground on the side of the sun is none.
    let decoy = Disc::new(30.0, 250.0, 12.0);
    let dark = [shadows[0], shadows[1], shadows[2], decoy];
    check(&run(&land(&CLOUDS, &dark, angles())), &shadows);
}

#[test]
fn without_angles_the_image_tells_where_shadows_lie() {
    let shadows = CLOUDS.map(Disc::shadow);
    check(&run(&land(&CLOUDS, &shadows, Angles::default())), &shadows);
}

#[test]
fn clouds_without_dark_ground_have_no_shadow() {
    for angles in [angles(), Angles::default()] {
        let found = is_shadow(&run(&land(&CLOUDS, &[], angles)));
        assert_eq!(share(&found, |_, _| true), 0.0);
    }
}

#[test]
fn dark_ground_without_clouds_is_no_shadow() {
    let dark = CLOUDS.map(Disc::shadow);
    for angles in [angles(), Angles::default()] {
        let found = is_shadow(&run(&land(&[], &dark, angles)));
        assert_eq!(share(&found, |_, _| true), 0.0);
    }
}

#[test]
fn the_shadow_of_a_cloud_outside_the_frame_is_found() {
    // The last disc is half the shadow of a cloud that nobody sees: the one that stands SHIFT before it.
    let outside = Disc::new(290.0, 150.0, 12.0);
    let shadows = CLOUDS.map(Disc::shadow);
    let dark = [shadows[0], shadows[1], shadows[2], outside];
    check(&run(&land(&CLOUDS, &dark, angles())), &dark);
}

#[test]
fn a_wood_that_touches_a_shadow_is_none() {
    // Dark from the first shadow on to the west, 60 pixels; an error of 200 m in height moves a shadow by 10.
    let shadows = CLOUDS.map(Disc::shadow);
    let first = shadows[0];
    let is_wood = |row: usize, column: usize| {
        (row as f64 - first.row).abs() < 6.0
            && (0.0..60.0).contains(&(first.column - column as f64))
    };
    let scene = builder(SHAPE, PIXEL_SIZE, |row, column| {
        let spectrum = if any(&CLOUDS, row, column) {
            THICK_CLOUD
        } else if any(&shadows, row, column) || is_wood(row, column) {
            SHADED
        } else {
            VEGETATION
        };
        varied(spectrum, row, column)
    });
    let found = is_shadow(&run(&scene.angles(angles()).build().unwrap()));
    let beyond = |row: usize, column: usize| {
        is_wood(row, column) && first.column - column as f64 > first.radius + 13.0
    };
    assert!(share(&found, |row, column| first.grown(-1.0).holds(row, column)) >= 0.95);
    assert_eq!(share(&found, beyond), 0.0);
}

#[test]
fn where_dark_ground_is_common_it_does_not_tell_of_clouds_outside_the_frame() {
    let outside = Disc::new(290.0, 150.0, 12.0);
    let shadows = CLOUDS.map(Disc::shadow);
    // More woods than shadows, where clouds would be seen if they were.
    let woods = [
        Disc::new(60.0, 40.0, 22.0),
        Disc::new(40.0, 120.0, 22.0),
        Disc::new(60.0, 250.0, 22.0),
    ];
    let dark: Vec<Disc> = shadows.into_iter().chain(woods).chain([outside]).collect();
    check(&run(&land(&CLOUDS, &dark, angles())), &shadows);
}

#[test]
fn water_amid_a_shadow_on_land_is_in_it() {
    let shadows = CLOUDS.map(Disc::shadow);
    let pond = Disc {
        radius: 6.0,
        ..shadows[2]
    };
    let scene = builder(SHAPE, PIXEL_SIZE, |row, column| {
        let spectrum = if any(&CLOUDS, row, column) {
            THICK_CLOUD
        } else if pond.holds(row, column) {
            DEEP_SEA
        } else if any(&shadows, row, column) {
            SHADED
        } else {
            VEGETATION
        };
        varied(spectrum, row, column)
    });
    let detection = run(&scene.angles(angles()).build().unwrap());
    let inside = |row: usize, column: usize| pond.grown(-1.0).holds(row, column);
    assert_eq!(share(&is_shadow(&detection), inside), 1.0);
    let water = detection
        .flags
        .mapv(|bits| Flags::from_bits_retain(bits).contains(Flags::WATER));
    assert_eq!(share(&water, inside), 1.0);
}

#[test]
fn below_an_overcast_all_ground_is_in_shadow() {
    let gaps = [Disc::new(100.0, 100.0, 20.0), Disc::new(200.0, 180.0, 25.0)];
    for angles in [angles(), Angles::default()] {
        let scene = builder(SHAPE, PIXEL_SIZE, |row, column| {
            let is_gap = any(&gaps, row, column);
            varied(if is_gap { VEGETATION } else { THICK_CLOUD }, row, column)
        });
        let found = is_shadow(&run(&scene.angles(angles).build().unwrap()));
        let clear =
            |row: usize, column: usize| gaps.iter().any(|gap| gap.grown(-4.0).holds(row, column));
        assert_eq!(share(&found, clear), 1.0);
    }
}

/// Land in the west; over the sea in the east two clouds, of which only the first shows its shadow.
fn coast() -> (Scene, [Disc; 2]) {
    let on_land = [Disc::new(150.0, 110.0, 14.0), Disc::new(280.0, 100.0, 14.0)];
    let at_sea = [Disc::new(120.0, 240.0, 14.0), Disc::new(270.0, 240.0, 14.0)];
    let shadows = on_land.map(Disc::shadow);
    let scene = builder(SHAPE, PIXEL_SIZE, |row, column| {
        let spectrum = if any(&on_land, row, column) || any(&at_sea, row, column) {
            THICK_CLOUD
        } else if column < 150 {
            if any(&shadows, row, column) {
                SHADED
            } else {
                VEGETATION
            }
        } else if at_sea[0].shadow().holds(row, column) {
            SHADED_SEA
        } else {
            DEEP_SEA
        };
        varied(spectrum, row, column)
    })
    .angles(angles())
    .build()
    .unwrap();
    (scene, at_sea.map(Disc::shadow))
}

#[test]
fn over_water_geometry_leads_and_blue_and_green_confirm() {
    let (scene, [seen, unseen]) = coast();
    let detection = run(&scene);
    let found = is_shadow(&detection);
    let inside = |disc: Disc| move |row: usize, column: usize| disc.grown(-3.0).holds(row, column);
    assert!(share(&found, inside(seen)) >= 0.95);
    assert_eq!(share(&found, inside(unseen)), 0.0);
    let evidence = detection.evidence.as_ref().unwrap();
    let has = |bit: EvidenceBits| {
        evidence.mapv(|bits| EvidenceBits::from_bits_retain(bits).contains(bit))
    };
    assert!(share(&has(EvidenceBits::SHADOW_MATCHED), inside(seen)) >= 0.95);
    assert!(share(&has(EvidenceBits::SHADOW_PROJECTED), inside(unseen)) >= 0.95);
    let water = detection
        .flags
        .mapv(|bits| Flags::from_bits_retain(bits).contains(Flags::WATER));
    assert_eq!(share(&water, inside(seen)), 1.0);
    // Shaded land never becomes water.
    assert_eq!(share(&water, |_, column| column < 150), 0.0);
}

/// An elevation model whose origin is the middle of the scenes.
fn hills(height: fn(f64, f64) -> f32) -> Arc<Hills> {
    let grid = grid(SHAPE, PIXEL_SIZE);
    let (easting, northing) = grid.centre();
    let middle = grid.zone.geodetic(easting, northing);
    let (longitude, latitude) = (middle.longitude, middle.latitude);
    Arc::new(Hills::new(
        longitude.to_degrees(),
        latitude.to_degrees(),
        height,
    ))
}

#[test]
fn relief_shadow_is_never_cloud_shadow() {
    // A ridge of 500 m whose northern side is dark, as the image of a low sun shows it.
    fn ridge(_: f64, north: f64) -> f32 {
        (500.0 - 0.8 * (north + 600.0).abs()).max(0.0) as f32
    }
    let low = Angles {
        mean_sun: Some(Direction::from_degrees(68.0, 180.0)),
        ..Angles::default()
    };
    let cloud = Disc::new(250.0, 150.0, 25.0);
    let scene = builder(SHAPE, PIXEL_SIZE, |row, column| {
        let spectrum = if cloud.holds(row, column) {
            THICK_CLOUD
        } else if (130..190).contains(&row) {
            SHADED
        } else {
            VEGETATION
        };
        varied(spectrum, row, column)
    })
    .angles(low)
    .dem(hills(ridge))
    .build()
    .unwrap();
    let detection = run(&scene);
    let mountain = detection
        .flags
        .mapv(|bits| Flags::from_bits_retain(bits).contains(Flags::MOUNTAIN_SHADOW));
    assert!(share(&mountain, |_, _| true) > 0.05);
    assert_eq!(
        share(&is_shadow(&detection), |row, column| mountain
            [[row, column]]),
        0.0
    );
}

#[test]
fn a_slope_away_from_the_sun_is_no_shadow() {
    // Level ground, then 1 km up to a ridge and down again at 0.3: 16.7 degrees.
    fn ridge(_: f64, north: f64) -> f32 {
        (300.0 - 0.3 * (north - 1_000.0).abs()).max(0.0) as f32
    }
    let angles = Angles {
        mean_sun: Some(Direction::from_degrees(60.0, 180.0 + CONVERGENCE)),
        ..Angles::default()
    };
    // Cosines of incidence beside that of level ground: cos 16.7 -+ tan 60 sin 16.7, of which the sun's light is four fifths.
    let slope = |row: usize| {
        let north = (0.5 * SHAPE.0 as f64 - row as f64 - 0.5) * PIXEL_SIZE;
        match north {
            1_000.0..2_000.0 => 0.2 + 0.8 * (0.958 - 1.732 * 0.287),
            0.0..1_000.0 => 0.2 + 0.8 * (0.958 + 1.732 * 0.287),
            _ => 1.0,
        }
    };
    // 1000 m above level ground: the shadow lies 1732 m to the north, near the foot of the slope.
    let cloud = Disc::new(136.0, 150.0, 20.0);
    let shadow = Disc::new(136.0 - 86.6, 150.0, 20.0);
    let scene = builder(SHAPE, PIXEL_SIZE, |row, column| {
        let mut spectrum = if cloud.holds(row, column) {
            THICK_CLOUD
        } else if shadow.holds(row, column) {
            SHADED
        } else {
            VEGETATION
        };
        if !cloud.holds(row, column) {
            for band in [3, 5, 6] {
                spectrum[band] *= slope(row);
            }
        }
        varied(spectrum, row, column)
    });
    let scene = scene.angles(angles).dem(hills(ridge)).build().unwrap();
    let found = is_shadow(&run(&scene));
    let on_slope = |row: usize, column: usize| {
        (60..110).contains(&row) && shadow.distance(row, column) > shadow.radius + 3.0
    };
    assert_eq!(share(&found, on_slope), 0.0);
    assert!(
        share(&found, |row, column| row < 58
            && shadow.grown(-2.0).holds(row, column))
            > 0.9
    );
}

#[test]
fn threads_do_not_show() {
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        let shadows = CLOUDS.map(Disc::shadow);
        pool.install(|| {
            [angles(), Angles::default()].map(|angles| {
                let detection = run(&land(&CLOUDS, &shadows, angles));
                (detection.flags, detection.evidence)
            })
        })
    };
    assert!(with(1) == with(3));
}

/// Cancels after a number of questions.
struct Impatient(AtomicU64);

impl Progress for Impatient {
    fn is_cancelled(&self) -> bool {
        self.0
            .fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| {
                Some(left.saturating_sub(1))
            })
            .unwrap_or_default()
            == 0
    }
}

#[test]
fn a_search_can_be_cancelled_at_any_time() {
    let shadows = CLOUDS.map(Disc::shadow);
    for angles in [angles(), Angles::default()] {
        let scene = land(&CLOUDS, &shadows, angles);
        for patience in [5, 60, 150, 300] {
            let error =
                detect(&scene, &Params::default(), &Impatient(patience.into())).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Cancelled);
        }
    }
}
