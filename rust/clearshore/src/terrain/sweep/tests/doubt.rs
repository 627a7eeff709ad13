//! Own rays, and where the sweep does without them, against rays that are walked to the end.

use super::*;
use crate::terrain::exact_shadow;

/// A block over rough ground, as the sweep sees it.
struct Scene {
    ground: Ground,
    surface: Surface,
}

impl Scene {
    fn new(hills: &Hills<'_>, light: Light<'_>) -> Self {
        let grid = hills.grid(20.0, SIDE);
        let block = Block {
            rows: 0..SIDE,
            columns: 0..SIDE,
        };
        let control = Control::new(&grid, light, &block).unwrap();
        let patch = patch_over(hills, control.area(REACH, 2_000.0)).unwrap();
        let ground = Ground::new(&control, &patch, REACH, false);
        let surface = Surface::cut(&patch, ground.orientation, ground.window, 0.0);
        Self { ground, surface }
    }
}

const SIDE: usize = 200;
/// The hills are about 1200 m high; metres.
const REACH: f64 = 8_000.0;
/// Longitude, latitude, elevation and azimuth of the light.
const CASES: [(f64, f64, f64, f64); 4] = [
    (9.0, 45.0, 14.0, 160.0),
    (11.95, 61.3, 12.0, 95.0),
    (-71.9, -33.1, 20.0, 305.0),
    (20.7, 0.01, 25.0, 20.0),
];

#[test]
fn rays_end_early_only_where_nothing_is_met_any_more() {
    for (longitude, latitude, elevation, azimuth) in CASES {
        let hills = Hills::new(longitude, latitude, &rough);
        let Scene { ground, surface } =
            Scene::new(&hills, Light::Grid(&turning(elevation, azimuth)));
        let clearance = Clearance::new(&ground, &surface, -SUN_RADIUS_TANGENT);
        let unknown = Clearance::unknown();
        let mut blocked = 0;
        for row in (0..SIDE).step_by(3) {
            for segment in ground.segments(row) {
                for pixel in 0..segment.columns.len() {
                    let spot = segment.at(pixel);
                    for spot in [spot, spot.lifted(-SUN_RADIUS_TANGENT)] {
                        let ray = |clearance| Ray::new(&ground, &surface, clearance, spot);
                        let (ray, whole) = (ray(&clearance), ray(&unknown));
                        blocked += usize::from(whole.is_blocked());
                        assert_eq!(ray.is_blocked(), whole.is_blocked(), "{row} {pixel}");
                        assert_eq!(ray.horizon(f32::INFINITY), whole.horizon(f32::INFINITY));
                    }
                }
            }
        }
        assert!(blocked > 1_000, "{blocked}");
    }
}

#[test]
fn what_the_lattice_settles_own_rays_find_too() {
    let (mut settled, mut wrong, mut open) = (0, 0, 0);
    for (longitude, latitude, elevation, azimuth) in CASES {
        let hills = Hills::new(longitude, latitude, &rough);
        let Scene { ground, surface } = Scene::new(&hills, uniform(elevation, azimuth));
        let lattice = Lattice::new(&ground);
        let (mut cells, mut codes) = (Vec::new(), Vec::new());
        march(&ground, &surface, &lattice, 0.0, &mut cells, &NoProgress).unwrap();
        lattice.add_facets(&mut cells, &ground, &surface);
        let clearance = Clearance::unknown();
        for row in 0..SIDE {
            for segment in ground.segments(row) {
                lattice.read(&cells, &ground, &segment, &mut codes);
                for (pixel, code) in codes.iter().enumerate() {
                    if code & DOUBT != 0 {
                        open += 1;
                        continue;
                    }
                    let ray = Ray::new(&ground, &surface, &clearance, segment.at(pixel));
                    settled += 1;
                    wrong += usize::from(ray.is_blocked() != (code & CAST != 0));
                }
            }
        }
    }
    // The aim for the whole is 0.015 %.
    assert!(wrong * 100_000 < settled * 15, "{wrong} of {settled}");
    // What is in doubt costs most of the time. Nodes here are some four pixels apart, and the ground is rough.
    assert!(open * 4 < settled, "{open} of {settled}");
}

/// Steps between neighbouring nodes up to twice as high as they are far apart: real ground is gentler.
fn wild(east: f64, north: f64) -> f32 {
    let (column, row) = ((east / 180.0).floor(), (north / 180.0).floor());
    let step = (column * 12.9898 + row * 78.233).sin() * 43_758.547;
    rough(east, north) + 150.0 * (step - step.floor()) as f32
}

#[test]
fn the_sweep_is_what_exact_rays_find() {
    let (mut differing, mut turned, mut judged, mut dark) = (0, 0, 0, 0);
    for (longitude, latitude, elevation, azimuth) in CASES {
        for height in [&rough, &wild as &Height] {
            let hills = Hills::new(longitude, latitude, height);
            let grid = hills.grid(20.0, SIDE);
            let angles = turning(elevation, azimuth);
            let fast = run(
                &hills,
                &grid,
                Light::Grid(&angles),
                ReliefOptions::default(),
            );
            let (light, options) = (Light::Grid(&angles), ReliefOptions::default());
            let slow = exact_shadow(&grid, light, &hills, options, &NoProgress).unwrap();
            for (fast, slow) in fast.bits.iter().zip(&slow.bits) {
                judged += 1;
                dark += usize::from(has(*slow, Relief::CAST));
                differing += usize::from(has(fast ^ slow, Relief::CAST));
                turned += usize::from(has(fast ^ slow, Relief::SELF));
            }
        }
    }
    assert!(dark * 20 > judged, "{dark} of {judged}");
    // The aim is 0.015 %.
    assert!(differing * 100_000 < judged * 15, "{differing} of {judged}");
    assert!(turned * 100_000 < judged * 15, "{turned} of {judged}");
}
