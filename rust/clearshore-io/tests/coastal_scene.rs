//! The whole way on a simulated coast: written, read, masked, and compared with what was simulated.
#![cfg(feature = "gdal")]
#![allow(clippy::unwrap_used, clippy::print_stderr)]

use clearshore::flags::Flags;
use clearshore::scene::{Band, Direction, Grid, UtmZone};
use clearshore::simulate::{Coast, SurfaceClass, ViewGeometry};
use clearshore::{NoProgress, Params, Resampling, detect};
use clearshore_io::safe::Product;
use clearshore_io::safe_writer::{Description, OrbitDirection, Spacecraft, UtcTime, write};
use clearshore_io::scene::read_scene;
use ndarray::Array2;

const SIZE: usize = 1098;

fn coast() -> (Coast, ViewGeometry) {
    let geometry = ViewGeometry {
        extent: SIZE as f64 * 10.0,
        sun: Direction::from_degrees(38.0, 151.0),
        swath_edge: true,
    };
    (Coast::new(geometry, 3), geometry)
}

/// Within 100 m of cloud or cirrus, on the 20 m grid: there thin rims of cloud are water or land in the truth.
fn near_cloud(truth: &Array2<SurfaceClass>) -> Array2<bool> {
    let mut near = Array2::from_elem((truth.nrows() / 2, truth.ncols() / 2), false);
    let (rows, columns) = near.dim();
    for ((row, column), class) in truth.indexed_iter() {
        if matches!(class, SurfaceClass::Cloud | SurfaceClass::Cirrus) {
            let around = |at: usize, end: usize| (at / 2).saturating_sub(5)..(at / 2 + 6).min(end);
            near.slice_mut(ndarray::s![around(row, rows), around(column, columns)])
                .fill(true);
        }
    }
    near
}

/// Writes the coast in a baseline, in the southern zone 56, and masks it.
fn flags(baseline: &str, resampling: Resampling) -> Array2<i32> {
    let folder = tempfile::tempdir().unwrap();
    let (coast, geometry) = coast();
    let description = Description {
        spacecraft: Spacecraft::S2A,
        baseline: baseline.into(),
        sensing: UtcTime::parse("2023-01-14T00:02:41.024Z").unwrap(),
        generation: UtcTime::parse("2023-01-14T01:28:11.000Z").unwrap(),
        tile: "56JMM".into(),
        grid: Grid {
            zone: UtmZone::from_epsg(32_756).unwrap(),
            easting: 399_960.0,
            northing: 7_000_000.0,
            pixel_size: 10.0,
            height: SIZE,
            width: SIZE,
        },
        relative_orbit: 30,
        absolute_orbit: 39_500,
        orbit_direction: OrbitDirection::Descending,
        angles: geometry.angles(),
        footprints: Vec::new(),
        defects: Vec::new(),
        classification: None,
        true_colour: false,
        packet_lengths: true,
        tile_lengths: false,
    };
    let radiometry = description.radiometry();
    let used = [
        Band::B02,
        Band::B03,
        Band::B04,
        Band::B8A,
        Band::B10,
        Band::B11,
        Band::B12,
    ];
    let mut bands = |band: Band| {
        let wanted = used.contains(&band);
        wanted
            .then(|| coast.band(band, radiometry, &NoProgress))
            .transpose()
    };
    let path = write(folder.path(), &description, &mut bands, &NoProgress).unwrap();
    let product = Product::open(&path, None).unwrap();
    let params = Params {
        resampling,
        ..Params::default()
    };
    let (scene, _) = read_scene(&product, &params, None, &NoProgress).unwrap();
    detect(&scene, &params, &NoProgress).unwrap().flags
}

#[test]
fn the_mask_is_the_simulated_truth() {
    let (coast, _) = coast();
    // Truth at 10 m, in blocks of the 20 m pixels.
    let truth = coast.classes(10.0, &NoProgress).unwrap();
    let near_cloud = near_cloud(&truth);
    for resampling in [Resampling::Fast, Resampling::Mean] {
        let flags = flags("05.11", resampling);
        let has = |flag: Flags, at: (usize, usize)| flags[at] & flag.bits() != 0;
        // Share of the 20 m pixels wholly of a class that have a flag; of surfaces only those away from cloud.
        let share = |class: SurfaceClass, flag: Flags| {
            let (mut all, mut found) = (0, 0);
            for (row, column) in ndarray::indices(flags.dim()) {
                let block = [(0, 0), (0, 1), (1, 0), (1, 1)]
                    .map(|(r, c)| truth[[2 * row + r, 2 * column + c]]);
                let sky = matches!(class, SurfaceClass::Cloud | SurfaceClass::Cirrus);
                if block.iter().all(|&other| other == class) && (sky || !near_cloud[[row, column]])
                {
                    all += 1;
                    found += usize::from(has(flag, (row, column)));
                }
            }
            assert!(all > 100, "{class:?} is in the scene");
            found as f64 / all as f64
        };
        for (class, flag, range) in [
            (SurfaceClass::NoData, Flags::INVALID, 1.0..=1.0),
            (SurfaceClass::Cloud, Flags::CLOUD, 0.95..=1.0),
            (
                SurfaceClass::Cirrus,
                Flags::CIRRUS_SURE | Flags::CIRRUS_AMBIGUOUS,
                0.90..=1.0,
            ),
            (SurfaceClass::Snow, Flags::SNOW_ICE, 0.95..=1.0),
            (SurfaceClass::Snow, Flags::CLOUD, 0.0..=0.01),
            (SurfaceClass::Water, Flags::WATER, 0.98..=1.0),
            (SurfaceClass::Water, Flags::CLOUD, 0.0..=0.01),
            (SurfaceClass::Land, Flags::LAND, 0.93..=1.0),
            // Roofs and sand, until something looks at whether they move between bands.
            (SurfaceClass::Land, Flags::CLOUD, 0.0..=0.04),
            (SurfaceClass::Land, Flags::SNOW_ICE, 0.0..=0.01),
        ] {
            let share = share(class, flag);
            eprintln!("{resampling:?}: {flag:?} on {share:.4} of {class:?}");
            assert!(
                range.contains(&share),
                "{resampling:?}: {flag:?} on {share:.4} of {class:?}"
            );
        }
    }
}

#[test]
fn the_baseline_does_not_change_the_mask() {
    let [before, after] = ["02.06", "05.11"].map(|baseline| flags(baseline, Resampling::Mean));
    // The same reflectances but where the older baseline cuts negative ones: that is in B10, and moves the
    // base of cirrus by a DN or two.
    let differ = |flags: Flags| {
        let pairs = before.iter().zip(&after);
        pairs
            .filter(|(a, b)| (**a ^ **b) & flags.bits() != 0)
            .count() as f64
            / before.len() as f64
    };
    let cirrus = Flags::CIRRUS_SURE | Flags::CIRRUS_AMBIGUOUS;
    let clear = Flags::CLEAR_WATER | Flags::CLEAR_LAND;
    let (others, of_cirrus) = (differ(!(cirrus | clear)), differ(cirrus));
    eprintln!("baseline: cirrus differs on {of_cirrus:.5}, other flags on {others:.5}");
    assert!(others < 0.003 && of_cirrus < 0.01, "{others}, {of_cirrus}");
}
