//! ATBD step 14: who has the last word on cloud, the physics, a learned model, or both.

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

/// Brings the word of a model into the clouds, and what the physics said into `learned`. `has_displacement`: the physics has seen
/// whether its clouds stand apart from the ground.
pub(crate) fn decide(
    detector: CloudDetector,
    clouds: &mut CloudPlane,
    learned: &mut LearnedPlane,
    (surface, coast): (&SurfacePlane, &Array2<u8>),
    has_displacement: bool,
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
                let coast = CoastBits::from_bits_retain(*coast);
                if physics.intersects(CloudBits::CLOUD) {
                    kept(physics, said, coast, has_displacement)
                } else {
                    added(physics, said, surface, coast)
                }
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

/// Whether what throws no shadow, or lies in one, stays cloud since the model says so. Together with the physics it has to be all but
/// certain on land and in the coastal strip (own measurement: sand in shadow looks like cloud to both).
pub(crate) fn stays_cloud(
    detector: CloudDetector,
    said: LearnedBits,
    surface: Surface,
    coast: CoastBits,
) -> bool {
    let is_open_water = surface.contains(Surface::WATER) && !coast.contains(CoastBits::STRIP);
    said.contains(if detector != CloudDetector::Combined || is_open_water {
        LearnedBits::CLOUD
    } else {
        LearnedBits::LIKELY
    })
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

/// What is left of cloud of the physics (cloud.md, section 8): all where the model does not speak against it or B10 sees it too; else
/// it is not sure. In the coastal strip spectra alone make no cloud: there it has to be sure, and apart from the ground.
fn kept(
    physics: CloudBits,
    said: LearnedBits,
    coast: CoastBits,
    has_displacement: bool,
) -> CloudBits {
    let is_seen_by_others =
        said.contains(LearnedBits::MAYBE) || physics.contains(CloudBits::CIRRUS_SURE);
    let is_apart = has_displacement && physics.contains(CloudBits::SURE);
    if is_seen_by_others {
        physics & CloudBits::CLOUD
    } else if is_apart || !coast.contains(CoastBits::STRIP) {
        CloudBits::AMBIGUOUS
    } else {
        CloudBits::empty()
    }
}

/// Cloud of the model alone (own measurement: elsewhere the physics finds more and errs less, on snow nearly always).
/// - What the physics took for cloud and then for ground, since it did not seem to stand apart: cloud again where the model is certain,
///   but over water, whose waves and foam stay as they are.
/// - Over water beyond the coastal strip, where the model is all but certain, what could be cloud and is nothing else.
fn added(physics: CloudBits, said: LearnedBits, surface: Surface, coast: CoastBits) -> CloudBits {
    let is_water = surface.contains(Surface::WATER);
    let is_believed = if physics.contains(CloudBits::DISPLACEMENT_CLEARED) {
        !is_water && said.contains(LearnedBits::CERTAIN)
    } else {
        let is_possible = physics.contains(CloudBits::POTENTIAL)
            && !coast.intersects(ON_THE_GROUND | CoastBits::STRIP);
        is_water && is_possible && said.contains(LearnedBits::LIKELY)
    };
    if is_believed && !surface.contains(Surface::SNOW) {
        alone(said)
    } else {
        CloudBits::empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KNOWN: LearnedBits = LearnedBits::KNOWN;
    const MAYBE: LearnedBits = KNOWN.union(LearnedBits::MAYBE);
    const CLOUD: LearnedBits = MAYBE.union(LearnedBits::CLOUD);
    const THICK: LearnedBits = CLOUD.union(LearnedBits::LIKELY);
    const CERTAIN: LearnedBits = THICK.union(LearnedBits::CERTAIN);
    const THIN: LearnedBits = THICK.union(LearnedBits::THIN);
    const SURE: CloudBits = CloudBits::SURE.union(CloudBits::POTENTIAL);
    const POTENTIAL: CloudBits = CloudBits::POTENTIAL;
    const NONE: CloudBits = CloudBits::empty();
    const LAND: CoastBits = CoastBits::empty();

    /// What becomes of a pixel of land, and whether it is disputed.
    fn decided(
        detector: CloudDetector,
        cloud: CloudBits,
        said: LearnedBits,
        coast: CoastBits,
    ) -> (CloudBits, bool) {
        on(Surface::VALID, detector, cloud, said, coast)
    }

    /// The same on any surface; between the tides nobody has seen displacement.
    fn on(
        surface: Surface,
        detector: CloudDetector,
        cloud: CloudBits,
        said: LearnedBits,
        coast: CoastBits,
    ) -> (CloudBits, bool) {
        let plane = |bits: u8| Array2::from_elem((1, 1), bits);
        let (mut clouds, mut learned) = (plane(cloud.bits()), plane(said.bits()));
        let others = (&plane(surface.bits()), &plane(coast.bits()));
        let has_displacement = !coast.contains(CoastBits::INTERTIDAL);
        decide(
            detector,
            &mut clouds,
            &mut learned,
            others,
            has_displacement,
        );
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
        // It does: not sure any more; at the coast nothing, if nobody saw it apart from the ground, but for what B10 sees.
        assert_eq!(both(SURE, KNOWN, LAND), (CloudBits::AMBIGUOUS, true));
        assert_eq!(
            both(SURE, KNOWN, CoastBits::STRIP),
            (CloudBits::AMBIGUOUS, true)
        );
        let blind = CoastBits::STRIP | CoastBits::INTERTIDAL;
        assert_eq!(both(SURE, KNOWN, blind), (NONE, true));
        let rim = CloudBits::AMBIGUOUS | POTENTIAL;
        assert_eq!(both(rim, KNOWN, CoastBits::STRIP), (NONE, true));
        assert_eq!(both(rim, KNOWN, LAND), (CloudBits::AMBIGUOUS, true));
        let in_cirrus_band = SURE | CloudBits::CIRRUS_SURE;
        assert_eq!(
            both(in_cirrus_band, KNOWN, CoastBits::STRIP),
            (CloudBits::SURE, true)
        );
        // The model alone: over water, if nothing was found there and somebody could take it for cloud.
        let water = Surface::VALID | Surface::WATER;
        let over =
            |surface, cloud, said, coast| on(surface, CloudDetector::Combined, cloud, said, coast);
        assert_eq!(over(water, POTENTIAL, THICK, LAND), (CloudBits::SURE, true));
        let thin = THICK | LearnedBits::THIN;
        assert_eq!(
            over(water, POTENTIAL, thin, LAND),
            (CloudBits::AMBIGUOUS, true)
        );
        assert_eq!(over(water, POTENTIAL, CLOUD, LAND), (NONE, true));
        assert_eq!(over(water, NONE, THICK, LAND), (NONE, true));
        assert_eq!(
            over(water, POTENTIAL, THICK, CoastBits::SURF_CLEARED),
            (NONE, true)
        );
        assert_eq!(
            over(water, POTENTIAL, THICK, CoastBits::STRIP),
            (NONE, true)
        );
        assert_eq!(
            over(water | Surface::SNOW, POTENTIAL, THICK, LAND),
            (NONE, true)
        );
        assert_eq!(over(Surface::VALID, POTENTIAL, THICK, LAND), (NONE, true));
        // What did not stand apart from the ground is cloud again where the model is certain, but over water and snow.
        let cleared = POTENTIAL | CloudBits::DISPLACEMENT_CLEARED;
        let sand = CoastBits::STRIP | CoastBits::SAND_CLEARED;
        let land = Surface::VALID;
        assert_eq!(over(land, cleared, THICK, sand), (NONE, true));
        assert_eq!(over(land, cleared, CERTAIN, sand), (CloudBits::SURE, true));
        assert_eq!(over(water, cleared, CERTAIN, LAND), (NONE, true));
        assert_eq!(
            over(land | Surface::SNOW, cleared, CERTAIN, LAND),
            (NONE, true)
        );
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

    #[test]
    fn ground_in_shadow_stays_cloud_where_a_model_is_sure_enough() {
        let (land, water) = (Surface::VALID, Surface::WATER);
        let (inland, strip) = (CoastBits::empty(), CoastBits::STRIP);
        for (surface, coast) in [(land, inland), (water, inland), (water, strip)] {
            let stays = |detector, said| stays_cloud(detector, said, surface, coast);
            assert!(stays(CloudDetector::Cnn, CLOUD));
            assert!(stays(CloudDetector::Combined, THICK));
            assert!(!stays(CloudDetector::Combined, MAYBE));
            let is_open_water = surface == water && coast == inland;
            assert_eq!(stays(CloudDetector::Combined, CLOUD), is_open_water);
        }
    }
}
