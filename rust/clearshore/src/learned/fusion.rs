//! ATBD step 7: who has the last word on cloud, the physics, a learned model, or both.

use super::{LearnedBits, LearnedPlane};
use crate::CloudDetector;
use crate::cloud::{CloudBits, CloudPlane, Surface, SurfacePlane};
use crate::cloud_shadow::{ShadowBits, ShadowPlane};
use crate::coast::CoastBits;
use ndarray::{Array2, Zip};

/// What the physics found on the ground where cloud seemed to be: against it no model makes cloud.
const ON_THE_GROUND: CoastBits = CoastBits::SAND_CLEARED
    .union(CoastBits::SURF_CLEARED)
    .union(CoastBits::WHITECAP)
    .union(CoastBits::BRIGHT_TARGET);

/// Brings the word of a model into the clouds, and what the physics said into `learned`.
pub(crate) fn decide(
    detector: CloudDetector,
    clouds: &mut CloudPlane,
    learned: &mut LearnedPlane,
    (surface, coast): (&SurfacePlane, &Array2<u8>),
) {
    let planes = Zip::from(clouds).and(learned).and(surface).and(coast);
    planes.par_for_each(|cloud, learned, surface, coast| {
        let said = LearnedBits::from_bits_retain(*learned);
        let physics = CloudBits::from_bits_retain(*cloud);
        if physics.intersects(CloudBits::CLOUD) {
            *learned |= LearnedBits::PHYSICS.bits();
        }
        if said.contains(LearnedBits::KNOWN) {
            let decided = if detector == CloudDetector::Combined {
                let surface = Surface::from_bits_retain(*surface);
                together(physics, said, surface, CoastBits::from_bits_retain(*coast))
            } else {
                alone(said)
            };
            *cloud = ((physics - CloudBits::CLOUD) | decided).bits();
        }
    });
}

/// Adds the shadows that the model sees where no cloud is: all, or together with the physics those where a cloud's shadow may fall.
pub(crate) fn add_shadows(
    detector: CloudDetector,
    shadows: &mut ShadowPlane,
    learned: &LearnedPlane,
    clouds: &CloudPlane,
) {
    let may_fall = ShadowBits::MATCHED | ShadowBits::PROJECTED;
    let planes = Zip::from(shadows).and(learned).and(clouds);
    planes.par_for_each(|bits, learned, cloud| {
        let shadow = ShadowBits::from_bits_retain(*bits);
        let is_cloud = CloudBits::from_bits_retain(*cloud).intersects(CloudBits::CLOUD);
        let is_likely = detector != CloudDetector::Combined || shadow.intersects(may_fall);
        let is_seen = LearnedBits::from_bits_retain(*learned).contains(LearnedBits::SHADOW);
        if is_seen && is_likely && !is_cloud {
            *bits |= ShadowBits::BY_MODEL.bits();
        }
    });
}

/// The model's cloud, whatever the physics says.
fn alone(said: LearnedBits) -> CloudBits {
    match (
        said.contains(LearnedBits::CLOUD),
        said.contains(LearnedBits::THIN),
    ) {
        (false, _) => CloudBits::empty(),
        (true, true) => CloudBits::AMBIGUOUS,
        (true, false) => CloudBits::SURE,
    }
}

/// Cloud by both (cloud.md, section 8): sure where the model sees thick cloud or does not speak against that of the physics; a model
/// takes nothing from cloud that B10 sees too; in the coastal strip the physics alone makes none.
fn together(
    physics: CloudBits,
    said: LearnedBits,
    surface: Surface,
    coast: CoastBits,
) -> CloudBits {
    let _ = surface;
    let is_physics = physics.intersects(CloudBits::CLOUD);
    let in_cirrus_band = physics.contains(CloudBits::CIRRUS_SURE);
    if is_physics && (said.contains(LearnedBits::MAYBE) || in_cirrus_band) {
        return physics & CloudBits::CLOUD;
    }
    if is_physics {
        return if coast.contains(CoastBits::STRIP) {
            CloudBits::empty()
        } else {
            CloudBits::AMBIGUOUS
        };
    }
    let on_the_ground =
        coast.intersects(ON_THE_GROUND) || physics.contains(CloudBits::DISPLACEMENT_CLEARED);
    if on_the_ground || !physics.contains(CloudBits::POTENTIAL) {
        return CloudBits::empty();
    }
    alone(said)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: LearnedBits = LearnedBits::KNOWN;
    const MAYBE: LearnedBits = KNOWN.union(LearnedBits::MAYBE);
    const THICK: LearnedBits = MAYBE.union(LearnedBits::CLOUD);
    const THIN: LearnedBits = THICK.union(LearnedBits::THIN);
    const SURE: CloudBits = CloudBits::SURE.union(CloudBits::POTENTIAL);
    const POTENTIAL: CloudBits = CloudBits::POTENTIAL;
    const NONE: CloudBits = CloudBits::empty();
    const LAND: CoastBits = CoastBits::empty();

    /// What becomes of a pixel, and whether it is disputed.
    fn decided(
        detector: CloudDetector,
        cloud: CloudBits,
        said: LearnedBits,
        coast: CoastBits,
    ) -> (CloudBits, bool) {
        let plane = |bits: u8| Array2::from_elem((1, 1), bits);
        let (mut clouds, mut learned) = (plane(cloud.bits()), plane(said.bits()));
        let others = (&plane(Surface::VALID.bits()), &plane(coast.bits()));
        decide(detector, &mut clouds, &mut learned, others);
        let cloud = CloudBits::from_bits_retain(clouds[[0, 0]]);
        (
            cloud & CloudBits::CLOUD,
            LearnedBits::from_bits_retain(learned[[0, 0]]).is_disputed(),
        )
    }

    #[test]
    fn a_model_alone_decides_where_it_has_an_answer() {
        let alone = |cloud, said| decided(CloudDetector::Cnn, cloud, said, LAND).0;
        assert_eq!(alone(NONE, THICK), CloudBits::SURE);
        assert_eq!(alone(NONE, THIN), CloudBits::AMBIGUOUS);
        assert_eq!(alone(SURE, KNOWN), NONE);
        assert_eq!(alone(SURE, LearnedBits::empty()), CloudBits::SURE);
    }

    #[test]
    fn together_each_keeps_the_other_in_check() {
        let both = |cloud, said, coast| decided(CloudDetector::Combined, cloud, said, coast);
        // Of one mind.
        assert_eq!(both(SURE, THICK, LAND), (CloudBits::SURE, false));
        assert_eq!(both(NONE, KNOWN, LAND), (NONE, false));
        // The model does not speak against it.
        assert_eq!(both(SURE, MAYBE, CoastBits::STRIP), (CloudBits::SURE, true));
        // It does: ambiguous inland, nothing at the coast, but for what B10 sees.
        assert_eq!(both(SURE, KNOWN, LAND), (CloudBits::AMBIGUOUS, true));
        assert_eq!(both(SURE, KNOWN, CoastBits::STRIP), (NONE, true));
        let in_cirrus_band = SURE | CloudBits::CIRRUS_SURE;
        assert_eq!(
            both(in_cirrus_band, KNOWN, CoastBits::STRIP),
            (CloudBits::SURE, true)
        );
        // The model alone: not on what was found on the ground, nor on what nobody could take for cloud.
        assert_eq!(both(POTENTIAL, THICK, LAND), (CloudBits::SURE, true));
        assert_eq!(both(POTENTIAL, THIN, LAND), (CloudBits::AMBIGUOUS, true));
        assert_eq!(
            both(POTENTIAL, THICK, CoastBits::SAND_CLEARED),
            (NONE, true)
        );
        assert_eq!(
            both(POTENTIAL | CloudBits::DISPLACEMENT_CLEARED, THICK, LAND),
            (NONE, true)
        );
        assert_eq!(both(NONE, THICK, LAND), (NONE, true));
    }

    #[test]
    fn shadows_of_a_model_count_where_no_cloud_is_and_together_where_one_may_fall() {
        let shadow = KNOWN | LearnedBits::SHADOW;
        let added = |detector, shadows: ShadowBits, learned: LearnedBits, cloud: CloudBits| {
            let plane = |bits: u8| Array2::from_elem((1, 1), bits);
            let mut shadows = plane(shadows.bits());
            add_shadows(
                detector,
                &mut shadows,
                &plane(learned.bits()),
                &plane(cloud.bits()),
            );
            ShadowBits::from_bits_retain(shadows[[0, 0]]).contains(ShadowBits::BY_MODEL)
        };
        let nothing = ShadowBits::empty();
        assert!(added(CloudDetector::Cnn, nothing, shadow, NONE));
        assert!(!added(CloudDetector::Cnn, nothing, KNOWN, NONE));
        assert!(!added(CloudDetector::Cnn, nothing, shadow, CloudBits::SURE));
        assert!(!added(CloudDetector::Combined, nothing, shadow, NONE));
        assert!(added(
            CloudDetector::Combined,
            ShadowBits::PROJECTED,
            shadow,
            NONE
        ));
    }
}
