//! The whole scene against closed forms: what a band shows lies where geometry says.

use super::clouds::{Clouds, Layer};
use super::relief::Relief;
use super::shore::Shore;
use super::*;
use crate::NoProgress;
use crate::flags::Class;
use crate::scene::{Band, Direction, Grid, Radiometry, UtmZone};
use ndarray::{Array2, s};

const RADIOMETRY: Radiometry = Radiometry {
    offset: -1000,
    quantification: 10_000.0,
};

/// A scene on the upper-left corner of tile 31TCJ.
pub(super) fn tile(size: usize) -> Grid {
    Grid {
        easting: 300_000.0,
        ..grid(size, 32_631, 4_900_020.0)
    }
}

/// Far from the central meridian: grid north is 2 degrees off true north.
fn grid(size: usize, epsg: u32, northing: f64) -> Grid {
    Grid {
        zone: UtmZone::from_epsg(epsg).unwrap(),
        easting: 720_000.0,
        northing,
        pixel_size: 10.0,
        height: size,
        width: size,
    }
}

/// Sea without clouds, haze or wind from anywhere.
fn bare_sea(size: usize) -> Setting {
    let sun = Direction::from_degrees(40.0, 150.0);
    Setting {
        clouds: Vec::new(),
        haze: 0.0,
        wind: Wind {
            speed: 5.0,
            direction: None,
        },
        ..Setting::of_preset(Preset::OpenSea, 3, grid(size, 32_631, 4_900_020.0), sun)
    }
}

fn with_clouds(setting: Setting, layers: Vec<Layer>) -> Simulation {
    let relief = Relief::new(&setting, &Shore::new(&setting), &NoProgress).unwrap();
    Simulation::of_parts(setting, relief, Clouds { layers }, &NoProgress).unwrap()
}

fn numbers(scene: &Simulation, band: Band) -> Array2<f64> {
    let numbers = scene.band(band, RADIOMETRY, &NoProgress).unwrap();
    numbers.mapv(|dn| RADIOMETRY.toa_reflectance(dn))
}

fn bytes(scene: &Simulation, layer: TruthLayer) -> Array2<u8> {
    match scene.truth(layer, &NoProgress).unwrap() {
        TruthRaster::Bytes(values) => values,
        TruthRaster::Words(_) => panic!("{layer:?} is no bytes"),
    }
}

fn words(scene: &Simulation, layer: TruthLayer) -> Array2<f64> {
    match scene.truth(layer, &NoProgress).unwrap() {
        TruthRaster::Words(values) => values.mapv(|value| {
            let known = value != layer.no_data();
            if known {
                f64::from(value) * layer.scale()
            } else {
                0.0
            }
        }),
        TruthRaster::Bytes(_) => panic!("{layer:?} is bytes"),
    }
}

/// Middle of what exceeds `floor`, metres east and south.
fn middle(picture: &Array2<f64>, pixel: f64, floor: f64) -> [f64; 2] {
    let (mut sum, mut weights) = ([0.0; 2], 0.0);
    for ((row, column), value) in picture.indexed_iter() {
        let weight = (value - floor).max(0.0);
        sum[0] += weight * (column as f64 + 0.5) * pixel;
        sum[1] += weight * (row as f64 + 0.5) * pixel;
        weights += weight;
    }
    sum.map(|sum| sum / weights)
}

/// Metres east and south on the grid that a line in a direction (from true north, as the metadata
/// says it) moves while it rises by `height`.
fn moved(setting: &Setting, place: [f64; 2], direction: Direction, height: f64) -> [f64; 2] {
    let grid = &setting.grid;
    let (easting, northing) = (grid.easting + place[0], grid.northing - place[1]);
    let azimuth = direction.azimuth - grid.zone.convergence(easting, northing);
    let far = height * direction.zenith.tan();
    [far * azimuth.sin(), -far * azimuth.cos()]
}

fn assert_near(found: [f64; 2], expected: [f64; 2], metres: f64, what: &str) {
    let off = (found[0] - expected[0]).hypot(found[1] - expected[1]);
    assert!(off < metres, "{what}: {found:?}, expected {expected:?}");
}

#[test]
fn clouds_are_seen_where_the_sensor_looks_past_them_and_shade_where_the_sun_does() {
    const HEIGHT: f64 = 2_400.0;
    for (orbit, edge, epsg, northing) in [
        (OrbitDirection::Descending, None, 32_631, 4_900_020.0),
        (
            OrbitDirection::Ascending,
            Some(SwathEdge::West),
            32_755,
            5_800_020.0,
        ),
        (
            OrbitDirection::Descending,
            Some(SwathEdge::East),
            32_760,
            9_000_000.0,
        ),
    ] {
        let setting = Setting {
            orbit,
            swath_edge: edge,
            grid: grid(1998, epsg, northing),
            ..bare_sea(1998)
        };
        // At a node of the metadata's grids, far from the detector's rims.
        let place = [15_000.0, 10_000.0];
        let disc = Layer::disc(CloudKind::Cumulus, place, 500.0, HEIGHT, 20.0, 4_000.0);
        let scene = with_clouds(setting.clone(), vec![disc]);
        let what = format!("{orbit:?} {edge:?}");
        let angles = scene.angles();
        for band in [Band::B02, Band::B8A, Band::B09] {
            let picture = numbers(&scene, band);
            let pixel = f64::from(band.native_pixel_size());
            let brightest = picture.fold(0.0_f64, |most, value| most.max(*value));
            let seen = middle(&picture, pixel, 0.7 * brightest);
            let detector = scene.geometry.detector(seen[0], seen[1]).unwrap();
            let view = angles.views[&(band, detector)]
                .at(seen[0], seen[1])
                .unwrap();
            let towards = moved(&setting, seen, view, HEIGHT);
            let expected = [place[0] - towards[0], place[1] - towards[1]];
            assert_near(
                seen,
                expected,
                0.05 * pixel + 3.0,
                &format!("{what} {band}"),
            );
        }
        let depth = words(&scene, TruthLayer::CloudOpticalDepth);
        let detector = scene.geometry.detector(place[0], place[1]).unwrap();
        let view = angles.views[&(Band::B04, detector)]
            .at(place[0], place[1])
            .unwrap();
        let towards = moved(&setting, place, view, HEIGHT);
        let expected = [place[0] - towards[0], place[1] - towards[1]];
        assert_near(middle(&depth, 10.0, 0.0), expected, 3.0, &what);

        let taken = bytes(&scene, TruthLayer::CloudShadowFraction)
            .mapv(|percent| f64::from(if percent == 255 { 0 } else { percent }));
        let shade = middle(&taken, 10.0, 0.0);
        let sun = angles.sun.unwrap().at(shade[0], shade[1]).unwrap();
        let towards = moved(&setting, shade, sun, HEIGHT);
        let expected = [place[0] - towards[0], place[1] - towards[1]];
        assert_near(shade, expected, 3.0, &what);
        // The shadow is dark in the picture too: the sea's glint is gone.
        let [column, row] = expected.map(|metres| (metres / 20.0) as usize);
        let picture = numbers(&scene, Band::B11);
        assert!(picture[[row, column]] < picture[[row, column + 60]]);
    }
}

#[test]
fn the_sea_shines_as_much_as_cox_and_munk_say() {
    // Two winds: the difference is glint and foam alone.
    let winds = [3.0, 9.0].map(|speed| Wind {
        speed,
        direction: None,
    });
    let scenes = winds.map(|wind| {
        with_clouds(
            Setting {
                wind,
                ..bare_sea(600)
            },
            Vec::new(),
        )
    });
    for band in [Band::B03, Band::B8A, Band::B11] {
        let [calm, rough] = [0, 1].map(|index| numbers(&scenes[index], band));
        // Two kilometres around a place within one detector.
        let place = [4_500.0, 3_000.0];
        let pixel = f64::from(band.native_pixel_size());
        let around = place.map(|metres| (metres - 1_000.0) / pixel);
        let [left, top] = around.map(|index| index as usize);
        let size = (2_000.0 / pixel) as usize;
        let mean = |picture: &Array2<f64>| {
            let square = picture.slice(s![top..top + size, left..left + size]);
            square.sum() / square.len() as f64
        };
        let found = mean(&rough) - mean(&calm);
        let angles = scenes[0].angles();
        let detector = scenes[0].geometry.detector(place[0], place[1]).unwrap();
        let sun = angles.sun.unwrap().at(place[0], place[1]).unwrap();
        let view = angles.views[&(band, detector)]
            .at(place[0], place[1])
            .unwrap();
        let [less, more] = winds.map(|wind| glint_reflectance(sun, view, wind, band));
        // Monahan and O'Muircheartaigh, Koepke: 0.22 * 2.95e-6 * (9^3.52 - 3^3.52).
        let foam = 0.001_449_6;
        let expected = more - less + foam;
        assert!(
            (found / expected - 1.0).abs() < 0.02,
            "{band}: {found} {expected}"
        );
    }
}

#[test]
fn bands_and_truth_are_the_same_for_any_number_of_threads() {
    let setting = Setting {
        swath_edge: Some(SwathEdge::West),
        ..Setting::of_preset(
            Preset::Coast,
            5,
            grid(552, 32_631, 4_900_020.0),
            Direction::from_degrees(50.0, 160.0),
        )
    };
    let run = |threads| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            let scene = Simulation::new(setting.clone(), &NoProgress).unwrap();
            let bands = [Band::B04, Band::B11, Band::B10]
                .map(|band| scene.band(band, RADIOMETRY, &NoProgress).unwrap());
            let truth = TruthLayer::ALL.map(|layer| scene.truth(layer, &NoProgress).unwrap());
            (bands, truth)
        })
    };
    assert!(run(1) == run(3));
}

#[test]
fn no_data_is_what_no_detector_sees() {
    let setting = Setting {
        swath_edge: Some(SwathEdge::East),
        ..bare_sea(552)
    };
    let scene = with_clouds(setting, Vec::new());
    for band in [Band::B02, Band::B12, Band::B01] {
        let pixel = f64::from(band.native_pixel_size());
        let picture = scene.band(band, RADIOMETRY, &NoProgress).unwrap();
        let mut lost = 0;
        for ((row, column), dn) in picture.indexed_iter() {
            let [east, south] = [column, row].map(|index| (index as f64 + 0.5) * pixel);
            assert_eq!(*dn == 0, scene.geometry.detector(east, south).is_none());
            lost += usize::from(*dn == 0);
        }
        assert!(lost > 0 && lost < picture.len() / 2);
    }
    let classes = bytes(&scene, TruthLayer::Class);
    let surfaces = bytes(&scene, TruthLayer::Surface);
    for ((class, surface), water) in classes
        .iter()
        .zip(&surfaces)
        .zip(&bytes(&scene, TruthLayer::Water))
    {
        assert_eq!(*class == Class::Invalid as u8, *water == 255);
        assert_eq!(
            *class == Class::Invalid as u8,
            *surface == Surface::NoData as u8
        );
    }
}

#[test]
fn high_cloud_is_bright_in_b10_and_low_cloud_is_not() {
    let disc = |kind, height| {
        let layer = Layer::disc(kind, [2_760.0, 2_760.0], 1_200.0, height, 5.0, 12_000.0);
        let scene = with_clouds(bare_sea(552), vec![layer]);
        [Band::B02, Band::B10].map(|band| {
            let picture = numbers(&scene, band);
            picture.fold(0.0_f64, |brightest, value| brightest.max(*value))
        })
    };
    let [low, low_b10] = disc(CloudKind::Stratus, 600.0);
    let [high, high_b10] = disc(CloudKind::Cirrus, 10_000.0);
    assert!(low > 0.2 && high > 0.2, "{low} {high}");
    assert!(low_b10 < 0.004 && high_b10 > 0.1, "{low_b10} {high_b10}");
}
