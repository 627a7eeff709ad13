use super::super::place::Place;
use super::super::setting::Preset;
use super::super::sun::{julian_date, sun_direction};
use super::*;
use crate::scene::UtmZone;
use proptest::prelude::*;

const FULL: usize = 10_980;

fn setting(latitude: f64, longitude: f64, size: usize) -> Setting {
    let grid = Place::new(latitude, longitude, size).unwrap().grid;
    Setting::of_preset(Preset::Coast, 1, grid, Direction::from_degrees(35.0, 150.0))
}

fn rows(extent: f64) -> impl Iterator<Item = Row> {
    [0.0, 0.13, 0.5, 0.98].into_iter().map(move |share| Row {
        first: 5.0,
        step: 10.0,
        y: share * extent + 5.0,
    })
}

/// Settings of all kinds: hemispheres, orbits, rims, the antimeridian.
fn settings() -> Vec<Setting> {
    let mut settings = Vec::new();
    for (latitude, longitude) in [(43.6, 1.4), (-16.0, -179.9), (0.01, 9.1), (70.0, 25.0)] {
        for swath_edge in [None, Some(SwathEdge::West), Some(SwathEdge::East)] {
            for orbit in [OrbitDirection::Ascending, OrbitDirection::Descending] {
                let setting = setting(latitude, longitude, FULL);
                settings.push(Setting {
                    swath_edge,
                    orbit,
                    ..setting
                });
            }
        }
    }
    settings
}

#[test]
fn the_footprints_are_where_the_detectors_are() {
    let inside = |polygon: &[[f64; 2]], point: [f64; 2]| {
        (0..polygon.len()).all(|index| {
            let (a, b) = (polygon[index], polygon[(index + 1) % polygon.len()]);
            (b[0] - a[0]) * (point[1] - a[1]) - (b[1] - a[1]) * (point[0] - a[0]) >= 0.0
        })
    };
    for setting in settings() {
        let geometry = ViewGeometry::new(&setting);
        let footprints = geometry.footprints(Band::B03);
        assert!(footprints.len() >= 4);
        for step in 0..2_500 {
            let point = [f64::from(step % 50), f64::from(step / 50)].map(|k| 7.0 + 2_190.3 * k);
            let within: Vec<u8> = footprints
                .iter()
                .filter(|footprint| inside(&footprint.polygon, point))
                .map(|footprint| footprint.detector)
                .collect();
            let detector = geometry.detector(point[0], point[1]);
            assert_eq!(
                within,
                detector.into_iter().collect::<Vec<_>>(),
                "{point:?}"
            );
            for footprint in &footprints {
                let is_near = geometry.is_near(footprint.detector, point[0], point[1], 0.0);
                assert_eq!(is_near, detector == Some(footprint.detector));
            }
        }
    }
}

#[test]
fn the_rim_of_the_swath_has_its_detector_and_its_view() {
    for setting in settings() {
        let geometry = ViewGeometry::new(&setting);
        let extent = setting.extent();
        let middle = Row {
            first: 5.0,
            step: 10.0,
            y: extent / 2.0,
        };
        let runs = geometry.detectors_along(middle, FULL);
        let (Some((first, western)), Some((last, eastern))) = (runs.first(), runs.last()) else {
            panic!("nothing is seen");
        };
        // Flying south, detector 1 is in the west; flying north, in the east.
        let ascending = setting.orbit == OrbitDirection::Ascending;
        let outer = if ascending { [12, 1] } else { [1, 12] };
        let (beyond, rim, at, to_track) = match setting.swath_edge {
            None => {
                assert_eq!((first.start, last.end), (0, FULL));
                continue;
            }
            Some(SwathEdge::West) => (first.start, (*western, outer[0]), first.start, 1.0),
            Some(SwathEdge::East) => (FULL - last.end, (*eastern, outer[1]), last.end, -1.0),
        };
        assert_eq!(rim.0, rim.1);
        assert!(
            (0.04..0.10).contains(&(beyond as f64 / FULL as f64)),
            "{beyond}"
        );
        let east = 10.0 * at as f64;
        let view = geometry.view_at(Band::B02, rim.0, east, middle.y);
        // Real tiles: 11.79 and 11.80 degrees at most.
        assert!((view.zenith.to_degrees() - 11.8).abs() < 0.2, "{view:?}");
        assert!(view.azimuth.sin() * to_track > 0.8, "{view:?}");
    }
}

#[test]
fn views_are_those_of_real_tiles() {
    // Zenith and azimuth of two outer detectors in B02: the means of their ranges in the view grids of
    // the real tiles T18LTM and T16SGJ, both descending.
    for (latitude, longitude, edge, views) in [
        (
            -12.2,
            -77.2,
            SwathEdge::West,
            [(1, 10.74, 103.8), (2, 8.8, 97.2)],
        ),
        (
            39.2,
            -84.1,
            SwathEdge::East,
            [(12, 10.75, 288.7), (11, 9.2, 281.9)],
        ),
    ] {
        let setting = Setting {
            swath_edge: Some(edge),
            ..setting(latitude, longitude, FULL)
        };
        let geometry = ViewGeometry::new(&setting);
        let half = setting.extent() / 2.0;
        for (detector, zenith, azimuth) in views {
            // The middle of the detector's stripe.
            let mut seen = (0..FULL).map(|k| 10.0 * k as f64 + 5.0);
            let (first, last) = (
                seen.clone()
                    .find(|east| geometry.detector(*east, half) == Some(detector)),
                seen.rfind(|east| geometry.detector(*east, half) == Some(detector)),
            );
            let east = f64::midpoint(first.unwrap(), last.unwrap());
            let view = geometry.view_at(Band::B02, detector, east, half);
            let off = (view.zenith.to_degrees() - zenith).abs();
            assert!(
                off < 0.6 && (view.azimuth.to_degrees() - azimuth).abs() < 3.0,
                "{detector} {view:?}"
            );
        }
    }
}

#[test]
fn odd_detectors_look_back_and_bands_spread() {
    for setting in settings() {
        let geometry = ViewGeometry::new(&setting);
        let half = setting.extent() / 2.0;
        let shift = |band, detector| geometry.view_shift(band, detector, half, half);
        let forwards = |band, detector| dot(geometry.flight, shift(band, detector));
        for band in Band::ALL {
            // The satellite is ahead of ground that it sees looking back.
            assert!(forwards(band, 5) > 0.0 && forwards(band, 6) < 0.0);
        }
        // Metres per metre of height between B02 and B8A: 8.7 to 9.6 mrad a second for 2.055 s.
        let parallax = forwards(Band::B8A, 5) - forwards(Band::B02, 5);
        assert!((0.0178..0.0201).contains(&parallax), "{parallax}");
        let northwards = -geometry.flight[1];
        let ascending = setting.orbit == OrbitDirection::Ascending;
        assert_eq!(northwards > 0.0, ascending);
        // Both passes drift to the west.
        assert!(geometry.flight[0] < 0.0);
    }
    assert!(seen_after(Band::B09, 1) > seen_after(Band::B02, 1));
    assert!(seen_after(Band::B09, 2) < seen_after(Band::B02, 2));
}

#[test]
fn the_sun_at_a_corner_is_that_of_the_ephemeris() {
    for (latitude, longitude) in [(43.6, 1.4), (-16.0, -179.9), (-33.0, 151.0)] {
        let date = julian_date(2022, 1, 25, 55_595.5);
        let mut setting = setting(latitude, longitude, FULL);
        let (zone, grid) = (setting.grid.zone, setting.grid);
        let (easting, northing) = grid.centre();
        setting.sun = sun_direction(date, zone.geodetic(easting, northing));
        let geometry = ViewGeometry::new(&setting);
        for (east, south) in [(0.0, 0.0), (109_800.0, 0.0), (20_000.0, 109_800.0)] {
            let ours = geometry.sun_at(east, south);
            let place = zone.geodetic(grid.easting + east, grid.northing - south);
            let expected = sun_direction(date, place);
            assert!((ours.zenith - expected.zenith).abs() < 1e-9);
            assert!((ours.azimuth - expected.azimuth).abs() < 1e-9);
        }
    }
}

#[test]
fn shifts_are_directions_on_the_grid() {
    for setting in settings() {
        let geometry = ViewGeometry::new(&setting);
        let zone: UtmZone = setting.grid.zone;
        for (east, south) in [(0.0, 0.0), (80_000.0, 3_000.0), (20_000.0, 100_000.0)] {
            let position = (setting.grid.easting + east, setting.grid.northing - south);
            let expected = |direction: Direction| {
                let azimuth = zone.grid_azimuth(direction.azimuth, position.0, position.1);
                let tan = direction.zenith.tan();
                [tan * azimuth.sin(), -tan * azimuth.cos()]
            };
            let sun = expected(geometry.sun_at(east, south));
            let view = expected(geometry.view_at(Band::B11, 4, east, south));
            for k in 0..2 {
                assert!((geometry.sun_shift(east, south)[k] - sun[k]).abs() < 1e-12);
                let shift = geometry.view_shift(Band::B11, 4, east, south);
                assert!((shift[k] - view[k]).abs() < 1e-12);
            }
        }
    }
}

#[test]
fn runs_are_the_detectors_of_the_pixels() {
    for setting in settings() {
        let geometry = ViewGeometry::new(&setting);
        for row in rows(setting.extent()) {
            let mut detectors = vec![None; FULL];
            for (pixels, detector) in geometry.detectors_along(row, FULL) {
                assert!(!pixels.is_empty());
                detectors[pixels].fill(Some(detector));
            }
            for (k, detector) in detectors.into_iter().enumerate() {
                let expected = geometry.detector(row.first + k as f64 * row.step, row.y);
                assert_eq!(detector, expected, "{k} {row:?}");
            }
        }
    }
}

#[test]
fn slants_follow_the_directions_along_a_row() {
    const HEIGHT: f64 = 11_000.0;
    for zenith in [15.0, 45.0, 75.0] {
        let sun = Direction::from_degrees(zenith, 95.0);
        for setting in settings()
            .into_iter()
            .map(|setting| Setting { sun, ..setting })
        {
            let geometry = ViewGeometry::new(&setting);
            let off = |slant: Slant, k: usize, exact: [f64; 2]| {
                let at = |axis| slant.shift[axis] + k as f64 * slant.change[axis];
                HEIGHT * (at(0) - exact[0]).hypot(at(1) - exact[1])
            };
            for row in rows(setting.extent()) {
                let east = |k: usize| row.first + row.step * k as f64;
                let mut next = 0;
                for (pixels, slant) in geometry.sun_slants(row, FULL) {
                    assert_eq!(pixels.start, next);
                    next = pixels.end;
                    for k in pixels.clone().step_by(61) {
                        let exact = geometry.sun_shift(east(k), row.y);
                        assert!(off(slant, k - pixels.start, exact) < 1.0, "{zenith} {k}");
                    }
                }
                assert_eq!(next, FULL);
                for (pixels, detector) in geometry.detectors_along(row, FULL) {
                    let slant = geometry.view_slant(Band::B09, detector, row, &pixels);
                    for k in pixels.clone().step_by(61) {
                        let exact = geometry.view_shift(Band::B09, detector, east(k), row.y);
                        assert!(off(slant, k - pixels.start, exact) < 1.0, "{detector} {k}");
                    }
                }
            }
        }
    }
}

#[test]
fn the_grids_cover_the_tile_and_leave_the_rest_unknown() {
    for setting in settings() {
        let geometry = ViewGeometry::new(&setting);
        let angles = geometry.angles();
        let sun = angles.sun.as_ref().unwrap();
        assert_eq!(sun.zenith.dim(), (23, 23));
        let middle = sun.at(54_900.0, 54_900.0).unwrap();
        assert!((middle.zenith - setting.sun.zenith).abs() < 1e-5);
        assert!((middle.azimuth - setting.sun.azimuth).abs() < 1e-5);
        assert_eq!(angles.mean_views.len(), Band::COUNT);
        for node in 0..23 * 23 {
            let (row, column) = (node / 23, node % 23);
            let seen = (1..=12).filter(|detector| {
                let grid = angles.views.get(&(Band::B8A, *detector));
                grid.is_some_and(|grid| !grid.zenith[[row, column]].is_nan())
            });
            let expected = geometry.detector(5_000.0 * column as f64, 5_000.0 * row as f64);
            assert_eq!(
                seen.collect::<Vec<_>>(),
                expected.into_iter().collect::<Vec<_>>()
            );
        }
        for grid in angles.views.values() {
            assert!(
                grid.azimuth
                    .iter()
                    .all(|azimuth| azimuth.is_nan() || *azimuth < TAU)
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn every_place_has_views(
        latitude in -80.0..84.0_f64,
        longitude in -180.0..180.0_f64,
        size in 549_usize..=10_980,
        ascending: bool,
        edge in 0..3_u8,
    ) {
        let setting = Setting {
            orbit: if ascending { OrbitDirection::Ascending } else { OrbitDirection::Descending },
            swath_edge: [None, Some(SwathEdge::West), Some(SwathEdge::East)][usize::from(edge)],
            ..setting(latitude, longitude, size)
        };
        let geometry = ViewGeometry::new(&setting);
        let extent = setting.extent();
        let mut seen = 0;
        for k in 0..400 {
            let point = [k % 20, k / 20].map(|k| (f64::from(k) + 0.5) / 20.0 * extent);
            if let Some(detector) = geometry.detector(point[0], point[1]) {
                seen += 1;
                let view = geometry.view_at(Band::B04, detector, point[0], point[1]);
                prop_assert!(view.zenith > 0.0 && view.zenith.to_degrees() < 12.1);
                prop_assert!((0.0..TAU).contains(&view.azimuth));
            }
        }
        if edge == 0 {
            prop_assert_eq!(seen, 400);
        } else {
            prop_assert!((300..398).contains(&seen), "{}", seen);
        }
        let angles = geometry.angles();
        prop_assert_eq!(angles.mean_views.len(), Band::COUNT);
    }
}
