//! The facet of the sea that mirrors the sun toward the sensor.

use crate::scene::Direction;

/// The facet whose normal halves the angle between the sun and the sensor.
///
/// Made from directions or unit vectors; what is asked of it is a few operations away.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Facet {
    /// Unit vectors to the sun and to the sensor: east, north, up.
    to_sun: [f64; 3],
    to_view: [f64; 3],
    /// Their sum, along the facet's normal, and its length.
    normal: [f64; 3],
    length: f64,
}

impl Facet {
    /// For the directions to the sun and to the sensor, both away from the pixel.
    ///
    /// `None` where one of them is not above the horizon, or not a number.
    pub fn mirroring(sun: Direction, view: Direction) -> Option<Self> {
        Self::between(sun.unit_vector(), view.unit_vector())
    }

    /// For unit vectors to the sun and to the sensor: east, north, up.
    ///
    /// `None` where one of them is not above the horizon, or not a number. Other lengths than 1 give wrong
    /// angles.
    #[inline]
    pub fn between(to_sun: [f64; 3], to_view: [f64; 3]) -> Option<Self> {
        let normal = sum(to_sun, to_view);
        let length = length(normal);
        let is_above = to_sun[2] > 0.0 && to_view[2] > 0.0 && length.is_finite();
        is_above.then_some(Self {
            to_sun,
            to_view,
            normal,
            length,
        })
    }

    /// Cosine of the sun zenith.
    #[inline]
    pub fn cos_sun(&self) -> f64 {
        self.to_sun[2]
    }

    /// Cosine of the view zenith.
    #[inline]
    pub fn cos_view(&self) -> f64 {
        self.to_view[2]
    }

    /// Cosine of the incidence on the facet: (1 + cos 2ω) / |S + V| is half of |S + V|.
    #[inline]
    pub fn cos_incidence(&self) -> f64 {
        self.length / 2.0
    }

    /// Cosine of the facet's tilt against the level sea.
    #[inline]
    pub fn cos_tilt(&self) -> f64 {
        self.normal[2] / self.length
    }

    /// How much the facet rises toward the east and toward the north, unitless.
    #[inline]
    pub fn slopes(&self) -> (f64, f64) {
        let [east, north, up] = self.normal;
        (-east / up, -north / up)
    }

    /// Incidence on the facet, ω, radians. Exact near 0 too, where its cosine tells little.
    pub fn incidence(&self) -> f64 {
        half_angle(self.to_sun, self.to_view)
    }

    /// Tilt of the facet against the level sea, β, radians.
    pub fn tilt(&self) -> f64 {
        let [east, north, up] = self.normal;
        east.hypot(north).atan2(up)
    }

    /// Angle between the sensor and the sun's mirror image in a level sea, radians.
    pub fn glint_angle(&self) -> f64 {
        let [east, north, up] = self.to_sun;
        2.0 * half_angle([-east, -north, up], self.to_view)
    }
}

/// Half of the angle between two unit vectors, radians: tan = |a - b| / |a + b|.
fn half_angle(a: [f64; 3], b: [f64; 3]) -> f64 {
    length(sum(a, b.map(|part| -part))).atan2(length(sum(a, b)))
}

fn sum(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [a[0] + b[0], a[1] + b[1], a[2] + b[2]]
}

fn length(vector: [f64; 3]) -> f64 {
    let [x, y, z] = vector;
    (x * x + y * y + z * z).sqrt()
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;

    fn facet(sun: (f64, f64), view: (f64, f64)) -> Facet {
        let direction = |(zenith, azimuth)| Direction::from_degrees(zenith, azimuth);
        Facet::mirroring(direction(sun), direction(view)).unwrap()
    }

    fn angles(facet: &Facet) -> [f64; 3] {
        [facet.incidence(), facet.tilt(), facet.glint_angle()].map(f64::to_degrees)
    }

    /// In the plane of the sun all is sums and differences of angles.
    #[test]
    fn in_the_plane_of_the_sun_angles_are_halves_of_sums() {
        for (sun, view, azimuth, expected) in [
            // Sensor in the zenith.
            (30.0, 0.0, 0.0, [15.0, 15.0, 30.0]),
            // On the sun's side, and on the other.
            (20.0, 5.0, 0.0, [7.5, 12.5, 25.0]),
            (20.0, 5.0, 180.0, [12.5, 7.5, 15.0]),
            // The mirror direction and the direction to the sun.
            (40.0, 40.0, 180.0, [40.0, 0.0, 0.0]),
            (40.0, 40.0, 0.0, [0.0, 40.0, 80.0]),
            (0.0, 0.0, 0.0, [0.0, 0.0, 0.0]),
        ] {
            for turn in [0.0, 77.0, 359.0] {
                let facet = facet((sun, turn), (view, turn + azimuth));
                for (angle, expected) in angles(&facet).into_iter().zip(expected) {
                    assert_abs_diff_eq!(angle, expected, epsilon = 1e-12);
                }
                assert_abs_diff_eq!(
                    facet.cos_incidence(),
                    expected[0].to_radians().cos(),
                    epsilon = 1e-15
                );
                assert_abs_diff_eq!(
                    facet.cos_tilt(),
                    expected[1].to_radians().cos(),
                    epsilon = 1e-15
                );
            }
        }
    }

    /// cos(2ω) = cos s cos v + sin s sin v cos p, and with -p beyond the vertical for the mirror image.
    #[test]
    fn off_the_plane_angles_follow_the_cosine_rule() {
        for (sun, view, azimuth) in [(20.0, 10.0, 90.0), (61.0, 11.9, 313.0), (35.0, 2.0, 168.0)] {
            let [s, v, p] = [sun, view, azimuth].map(f64::to_radians);
            let (level, upright) = (s.sin() * v.sin() * p.cos(), s.cos() * v.cos());
            let facet = facet((sun, 200.0), (view, 200.0 + azimuth));
            assert_abs_diff_eq!(
                facet.incidence(),
                (upright + level).acos() / 2.0,
                epsilon = 1e-13
            );
            assert_abs_diff_eq!(
                facet.glint_angle(),
                (upright - level).acos(),
                epsilon = 1e-13
            );
            let incidence = facet.incidence().cos();
            assert_abs_diff_eq!(
                facet.tilt(),
                ((s.cos() + v.cos()) / (2.0 * incidence)).acos(),
                epsilon = 1e-13
            );
        }
    }

    /// A sun in the east at 20 degrees and a sensor above: the facet looks east, it rises toward the west.
    #[test]
    fn a_facet_that_looks_east_falls_toward_the_east() {
        let (east, north) = facet((20.0, 90.0), (0.0, 0.0)).slopes();
        assert_abs_diff_eq!(east, -10.0_f64.to_radians().tan(), epsilon = 1e-15);
        assert_abs_diff_eq!(north, 0.0, epsilon = 1e-15);
    }

    #[test]
    fn what_is_not_above_the_horizon_is_mirrored_by_no_facet() {
        let up = Direction::from_degrees(10.0, 0.0);
        for (zenith, azimuth) in [
            (91.0, 0.0),
            (180.0, 0.0),
            (f64::NAN, 0.0),
            (10.0, f64::NAN),
            (f64::INFINITY, 0.0),
        ] {
            let other = Direction {
                zenith: f64::to_radians(zenith),
                azimuth,
            };
            assert_eq!(Facet::mirroring(up, other), None, "{other:?}");
            assert_eq!(Facet::mirroring(other, up), None, "{other:?}");
        }
    }
}
