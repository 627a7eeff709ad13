//! The only place that sets flag bits: evidence in, flags out.

use crate::cloud::{self, CloudBits, CloudEvidence, LowSunAir, SpectralBands, Surface};
use crate::cloud_shadow::{self, ShadowBits};
use crate::coast::{self, CoastBits};
use crate::flags::{EvidenceBits, Flags};
use crate::glint::{self, GlintBits, GlintFound, Prediction, ViewSource};
use crate::learned::{self, Learned, LearnedBits};
use crate::raster::{any_around, fill_strips, places_from, strip_count, within_distance};
use crate::scene::{Band, Direction, Scene};
use crate::terrain::{self, Relief, ReliefShadow};
use crate::{CloudDetector, Detection, Feature, FeatureBand, Params, Progress, Result};
use ndarray::{Array2, Zip};

/// Sun zenith from which thresholds are less sure, degrees (Zhu & Woodcock 2012 did not go beyond 75).
const LOW_SUN_ZENITH: f64 = 70.0;
/// Passes over the scene of the stages that report them strip by strip.
const PASSES_OF_COAST: u64 = 3;
const PASSES_OF_SHADOW: u64 = 6;
const PASSES_OF_HAZE: u64 = 2;
/// Units of the stages whose work nobody knows before.
const ONE_STEP: u64 = 1;
/// Bands whose absence degrades flags that exist today.
const USED_BANDS: [Band; 3] = [Band::B8A, Band::B10, Band::B12];

/// Finds what may be trusted: the main job.
///
/// The result does not depend on the number of threads. Errors: a scene that breaks an invariant, or
/// cancelled.
pub fn detect(scene: &Scene, params: &Params, progress: &dyn Progress) -> Result<Detection> {
    let (relief, mut warnings) = terrain::find(scene, params, progress)?;
    let (hidden, mut view_warnings) = terrain::view::find(scene, params, progress)?;
    warnings.append(&mut view_warnings);
    let (prediction, mut glint_warnings) = match params.compute_glint {
        true => Prediction::of(scene, params, params.copy_features)?,
        false => (None, Vec::new()),
    };
    let deciding = prediction.as_ref().filter(|prediction| prediction.matters);
    let mut bands = SpectralBands::of(scene)?.with_glint(deciding);
    let with_features = params.copy_features;
    let mut found = cloud::detect(scene, &mut bands, relief.as_ref(), with_features, progress)?;
    let is_water = |bits: &u8| Surface::from_bits_retain(*bits).contains(Surface::WATER);
    // Glint is of no concern on dry land.
    if found.surface.iter().any(is_water) {
        warnings.append(&mut glint_warnings);
    }
    let (rows, columns) = scene.grid().shape();
    let strips = strip_count(rows * columns);
    progress.stage("coast", PASSES_OF_COAST * strips);
    let mut coast = coast::find_domains(scene, &bands, &found.surface, &found.clouds, progress)?;
    let cirrus = |pixel: usize| found.cirrus(&bands, pixel);
    let air = LowSunAir::of(scene.angles());
    coast::mark_whitecaps(&mut coast, &found.surface, &bands, &air, cirrus, progress)?;
    found.doubt_veils(&coast, &bands, &air, progress)?;
    progress.stage("cloud objects", ONE_STEP);
    let mut clouds = std::mem::take(&mut found.clouds);
    cloud::clean(
        scene,
        &bands,
        &found.surface,
        &mut coast,
        &mut clouds,
        progress,
    )?;
    found.clouds = clouds;
    let mut model = match params.cloud_detector {
        CloudDetector::Physics => None,
        _ => Some(learned::find(scene, params, progress)?),
    };
    if let Some(model) = &mut model {
        let planes = (&found.surface, &coast);
        learned::decide(
            params.cloud_detector,
            &mut found.clouds,
            &mut model.plane,
            planes,
            scene.displacement().is_some(),
        );
    }
    progress.stage("haze", PASSES_OF_HAZE * strips);
    let cirrus = |pixel: usize| found.cirrus(&bands, pixel);
    coast::mark_haze(
        &mut coast,
        &found.surface,
        &found.clouds,
        &bands,
        cirrus,
        progress,
    )?;
    let mut shadows = None;
    if params.compute_cloud_shadow || scene.displacement().is_none() {
        progress.stage("cloud shadow", PASSES_OF_SHADOW * strips);
        let cirrus = |pixel: usize| found.cirrus(&bands, pixel);
        let seen = found.seen(relief.as_ref(), &cirrus);
        let cast = cloud_shadow::find(scene, &bands, &seen, progress)?;
        let by_model = |at: [usize; 2]| {
            model.as_ref().is_some_and(|model| {
                let said = LearnedBits::from_bits_retain(model.plane[at]);
                let surface = Surface::from_bits_retain(found.surface[at]);
                let coast = CoastBits::from_bits_retain(coast[at]);
                learned::stays_cloud(params.cloud_detector, said, surface, coast)
            })
        };
        for at in cast.no_clouds.into_iter().filter(|at| !by_model(*at)) {
            found.clouds[at] &= !CloudBits::CLOUD.bits();
        }
        shadows = params.compute_cloud_shadow.then_some(cast.plane);
        if let (Some(shadows), Some(model)) = (&mut shadows, &model) {
            let clouds = &found.clouds;
            learned::add_shadows(params.cloud_detector, shadows, &model.plane, clouds);
        }
    }
    let glint = match &prediction {
        Some(prediction) => {
            let seen = glint::Seen {
                surface: &found.surface,
                clouds: &found.clouds,
                coast: &coast,
                bands: &bands,
            };
            Some(Glint {
                found: glint::find(prediction, seen, params, progress)?,
                prediction,
            })
        }
        None => None,
    };
    let found = Found {
        cloud: found,
        coast,
        relief,
        hidden,
        shadows,
        glint,
        model,
    };
    let mut detection = merge(scene, params, found, progress)?;
    warnings.append(&mut detection.warnings);
    detection.warnings = warnings;
    Ok(detection)
}

/// What is the same for every valid pixel of the scene.
struct SceneFacts {
    flags: Flags,
    evidence: EvidenceBits,
}

impl SceneFacts {
    fn of(scene: &Scene, glint: Option<&Glint<'_>>) -> Self {
        let mut facts = Self {
            flags: Flags::empty(),
            evidence: EvidenceBits::empty(),
        };
        if USED_BANDS.iter().any(|&band| scene.band(band).is_none()) {
            facts.flags |= Flags::LOW_CONFIDENCE;
            facts.evidence |= EvidenceBits::BAND_MISSING;
        }
        let angles = scene.angles();
        if angles.sun.is_none() && angles.mean_sun.is_some() {
            facts.evidence |= EvidenceBits::MEAN_ANGLES_USED;
        }
        let deciding = glint.filter(|glint| glint.prediction.matters);
        match deciding.map(|glint| glint.prediction.views) {
            Some(ViewSource::NearestDetectors) => facts.evidence |= EvidenceBits::DETECTOR_GUESSED,
            Some(ViewSource::Mean) => facts.evidence |= EvidenceBits::MEAN_ANGLES_USED,
            Some(ViewSource::Detectors) | None => {}
        }
        facts
    }
}

/// Flags of one valid pixel, without what depends on its neighbours. As with IdePix, sure cirrus is also ambiguous.
fn flags_of(surface: Surface, cloud: CloudBits) -> Flags {
    let cirrus = CloudBits::CIRRUS_SURE | CloudBits::CIRRUS_AMBIGUOUS;
    let mut flags = if surface.contains(Surface::WATER) {
        Flags::WATER
    } else {
        Flags::LAND
    };
    for (seen, flag) in [
        (surface.contains(Surface::SNOW), Flags::SNOW_ICE),
        (cloud.intersects(CloudBits::CLOUD), Flags::CLOUD),
        (cloud.contains(CloudBits::SURE), Flags::CLOUD_SURE),
        (cloud.contains(CloudBits::AMBIGUOUS), Flags::CLOUD_AMBIGUOUS),
        (cloud.contains(CloudBits::CIRRUS_SURE), Flags::CIRRUS_SURE),
        (cloud.intersects(cirrus), Flags::CIRRUS_AMBIGUOUS),
    ] {
        flags.set(flag, seen);
    }
    flags
}

/// Flags of what relief does to the sunlight; `None` where nobody looked.
fn flags_of_relief(relief: Option<Relief>) -> Flags {
    let relief = relief.unwrap_or(Relief::UNKNOWN);
    let mut flags = Flags::empty();
    let shadow = Relief::CAST | Relief::SELF;
    flags.set(Flags::MOUNTAIN_SHADOW, relief.intersects(shadow));
    flags.set(Flags::CAST_SHADOW, relief.contains(Relief::CAST));
    flags.set(Flags::SELF_SHADOW, relief.contains(Relief::SELF));
    flags.set(Flags::TERRAIN_UNKNOWN, relief.contains(Relief::UNKNOWN));
    flags
}

/// Adds what glint does to open water; `guessed` where it rests on what nobody knows.
fn with_glint(flags: Flags, glint: GlintBits, guessed: bool) -> Flags {
    const NO_GLINT: Flags = Flags::LAND
        .union(Flags::CLOUD)
        .union(Flags::SNOW_ICE)
        .union(Flags::WHITECAP);
    if flags.intersects(NO_GLINT) {
        return flags;
    }
    let mut flags = flags;
    flags.set(Flags::GLINT_RISK, glint.contains(GlintBits::RISK));
    flags.set(Flags::GLINT, glint.contains(GlintBits::GLINT));
    flags.set(Flags::GLINT_SEVERE, glint.contains(GlintBits::SEVERE));
    flags
        | if guessed && glint.intersects(GlintBits::RISK | GlintBits::GLINT) {
            Flags::LOW_CONFIDENCE
        } else {
            Flags::empty()
        }
}

/// Sets CS_CLEAR_LAND and CS_CLEAR_WATER: where nothing stands against it.
pub(crate) fn with_clear(flags: Flags) -> Flags {
    const NOT_CLEAR: Flags = Flags::INVALID
        .union(Flags::CLOUD)
        .union(Flags::CLOUD_AMBIGUOUS)
        .union(Flags::CLOUD_SURE)
        .union(Flags::CLOUD_BUFFER)
        .union(Flags::CLOUD_SHADOW)
        .union(Flags::SNOW_ICE)
        .union(Flags::CIRRUS_SURE)
        .union(Flags::CIRRUS_AMBIGUOUS)
        .union(Flags::MOUNTAIN_SHADOW)
        .union(Flags::WHITECAP)
        .union(Flags::SHADOW_BUFFER);
    let clear = !flags.intersects(NOT_CLEAR);
    let mut flags = flags;
    flags.set(Flags::CLEAR_LAND, clear & flags.contains(Flags::LAND));
    let glint = flags.contains(Flags::GLINT);
    flags.set(
        Flags::CLEAR_WATER,
        clear & flags.contains(Flags::WATER) & !glint,
    );
    flags
}

/// Why one valid pixel has its flags; `said` where a model had an answer.
fn evidence_of(surface: Surface, cloud: CloudBits, said: Option<LearnedBits>) -> EvidenceBits {
    let by_physics = match said {
        Some(said) => said.contains(LearnedBits::PHYSICS),
        None => cloud.intersects(CloudBits::CLOUD),
    };
    let by_model = said.is_some_and(|said| said.contains(LearnedBits::CLOUD));
    let mut evidence = EvidenceBits::empty();
    evidence.set(EvidenceBits::CLOUD_BY_PHYSICS, by_physics);
    evidence.set(EvidenceBits::CLOUD_BY_MODEL, by_model);
    let cirrus = CloudBits::CIRRUS_SURE | CloudBits::CIRRUS_AMBIGUOUS;
    evidence.set(EvidenceBits::CIRRUS_BAND, cloud.intersects(cirrus));
    evidence.set(
        EvidenceBits::SATURATED,
        surface.contains(Surface::SATURATED),
    );
    evidence
}

/// What all detectors found; `None` where one was not asked.
struct Found<'a> {
    cloud: CloudEvidence,
    coast: Array2<u8>,
    relief: Option<ReliefShadow>,
    hidden: Option<Array2<bool>>,
    shadows: Option<Array2<u8>>,
    glint: Option<Glint<'a>>,
    model: Option<Learned>,
}

/// Glint, predicted and found.
struct Glint<'a> {
    prediction: &'a Prediction<'a>,
    found: GlintFound,
}

impl Glint<'_> {
    fn bits(&self, at: [usize; 2]) -> GlintBits {
        GlintBits::from_bits_retain(self.found.bits[at])
    }
}

fn merge(
    scene: &Scene,
    params: &Params,
    found: Found<'_>,
    progress: &dyn Progress,
) -> Result<Detection> {
    let Found {
        cloud,
        coast,
        relief,
        hidden,
        shadows,
        glint,
        model,
    } = found;
    let grid = scene.grid();
    let (rows, columns) = grid.shape();
    let passes = if params.copy_evidence { 2 } else { 1 };
    progress.stage("merging", passes * strip_count(rows * columns));
    let CloudEvidence {
        surface,
        clouds,
        mut features,
        warnings,
        ..
    } = cloud;
    let cloud_near = within_distance(
        (rows, columns),
        params.cloud_buffer / grid.pixel_size,
        |r, c| CloudBits::from_bits_retain(clouds[[r, c]]).intersects(CloudBits::CLOUD),
    );
    progress.check()?;
    let shadow_at = |row: usize, column: usize| {
        let bits = shadows.as_ref().map_or(0, |plane| plane[[row, column]]);
        ShadowBits::from_bits_retain(bits)
    };
    let shadow_near = within_distance(
        (rows, columns),
        params.shadow_buffer / grid.pixel_size,
        |r, c| shadow_at(r, c).is_shadow(),
    );
    let shadow_near = shadow_near.as_slice().unwrap_or_default();
    let cloud_near = cloud_near.as_slice().unwrap_or_default();
    let surface_at = |row: usize, column: usize| Surface::from_bits_retain(surface[[row, column]]);
    // Within one pixel of the water line: a neighbour is of the other kind.
    let surfaces = surface.as_slice().unwrap_or_default();
    let on_coast = |row: usize, column: usize, here: Surface| {
        let water = here & Surface::WATER;
        let other = (Surface::VALID | (Surface::WATER - water)).bits();
        let mask = (Surface::VALID | Surface::WATER).bits();
        let is_other = |bits: &u8| *bits & mask == other;
        if (1..rows - 1).contains(&row) && (1..columns - 1).contains(&column) {
            let first = (row - 1) * columns + column - 1;
            let line = |first: usize| surfaces[first..first + 3].iter().any(is_other);
            line(first) | line(first + columns) | line(first + 2 * columns)
        } else {
            any_around((rows, columns), (row, column), |row, column| {
                is_other(&surface[[row, column]])
            })
        }
    };
    let facts = SceneFacts::of(scene, glint.as_ref());
    let is_guessed = glint
        .as_ref()
        .is_some_and(|glint| glint.prediction.is_guessed());
    let said_at = |pixel: usize| {
        let plane = model.as_ref()?.plane.as_slice()?;
        let said = LearnedBits::from_bits_retain(plane[pixel]);
        said.contains(LearnedBits::KNOWN).then_some(said)
    };
    let is_combined = params.cloud_detector == CloudDetector::Combined;
    let relief_bits = relief.as_ref().and_then(|relief| relief.bits.as_slice());
    let dem_missing = relief
        .as_ref()
        .map_or_else(Vec::new, |relief| relief.missing.clone());
    let mut flags = Array2::zeros((rows, columns));
    fill_strips(&mut flags, progress, |first, pixels| {
        let places = (first..).zip(places_from(first, columns));
        for ((pixel, (row, column)), bits) in places.zip(pixels) {
            let here = surface_at(row, column);
            if !here.contains(Surface::VALID) {
                *bits = Flags::INVALID.bits();
                continue;
            }
            let cloud = CloudBits::from_bits_retain(clouds[[row, column]]);
            let relief = relief_bits.map(|bits| Relief::from_bits_retain(bits[pixel]));
            let mut flags = flags_of(here, cloud) | flags_of_relief(relief) | facts.flags;
            flags.set(
                Flags::CLOUD_BUFFER,
                cloud_near[pixel] && !flags.contains(Flags::CLOUD),
            );
            let shadow = shadow_at(row, column).is_shadow();
            flags.set(Flags::CLOUD_SHADOW, shadow);
            if shadow && here.contains(Surface::MAYBE_LAND) {
                flags = (flags - Flags::WATER) | Flags::LAND;
            }
            if is_combined && said_at(pixel).is_some_and(LearnedBits::is_disputed) {
                flags |= Flags::LOW_CONFIDENCE;
            }
            let coast = CoastBits::from_bits_retain(coast[[row, column]]);
            let cloudy = flags.contains(Flags::CLOUD);
            if coast.contains(CoastBits::WHITECAP) && !cloudy {
                // Foam passes the test for snow.
                flags = (flags - Flags::SNOW_ICE - Flags::LAND) | Flags::WATER | Flags::WHITECAP;
            }
            if let Some(glint) = &glint {
                flags = with_glint(flags, glint.bits([row, column]), is_guessed);
            }
            flags.set(Flags::HAZE, coast.contains(CoastBits::HAZE));
            flags.set(Flags::SHADOW_BUFFER, shadow_near[pixel] && !shadow);
            flags.set(Flags::COASTLINE, on_coast(row, column, here));
            *bits = with_clear(flags).bits();
        }
    })?;
    let evidence = if params.copy_evidence {
        let low_sun = LowSun::of(scene);
        let hidden = hidden.as_ref().and_then(|hidden| hidden.as_slice());
        let mut evidence = Array2::zeros((rows, columns));
        fill_strips(&mut evidence, progress, |first, pixels| {
            let places = (first..).zip(places_from(first, columns));
            for ((pixel, (row, column)), bits) in places.zip(pixels) {
                let here = surface_at(row, column);
                if here.contains(Surface::VALID) {
                    let cloud = CloudBits::from_bits_retain(clouds[[row, column]]);
                    let mut evidence = evidence_of(here, cloud, said_at(pixel)) | facts.evidence;
                    let coast = CoastBits::from_bits_retain(coast[[row, column]]);
                    for (seen, bit) in [
                        (coast.contains(CoastBits::STRIP), EvidenceBits::COAST_STRIP),
                        (
                            coast.contains(CoastBits::SAND_CLEARED),
                            EvidenceBits::SAND_CLEARED,
                        ),
                        (
                            coast.contains(CoastBits::SURF_CLEARED),
                            EvidenceBits::SURF_CLEARED,
                        ),
                        (
                            coast.contains(CoastBits::BRIGHT_TARGET),
                            EvidenceBits::BRIGHT_TARGET,
                        ),
                        (
                            cloud.contains(CloudBits::DISPLACEMENT_CLEARED),
                            EvidenceBits::DISPLACEMENT_CLEARED,
                        ),
                    ] {
                        evidence.set(bit, seen);
                    }
                    let glint = glint.as_ref().map(|glint| glint.bits([row, column]));
                    let cleared = glint.is_some_and(|bits| bits.contains(GlintBits::CLEARED));
                    evidence.set(EvidenceBits::GLINT_CLEARED, cleared);
                    let shadow = shadow_at(row, column);
                    let sure = shadow.contains(ShadowBits::SHADOW);
                    let projected = shadow.intersects(ShadowBits::MATCHED | ShadowBits::PROJECTED);
                    evidence.set(EvidenceBits::SHADOW_MATCHED, sure);
                    evidence.set(EvidenceBits::SHADOW_PROJECTED, projected && !sure);
                    let by_model = shadow.contains(ShadowBits::BY_MODEL);
                    evidence.set(EvidenceBits::SHADOW_BY_MODEL, by_model);
                    evidence.set(EvidenceBits::LOW_SUN, low_sun.at(scene, row, column));
                    let is_hidden = hidden.is_some_and(|hidden| hidden[pixel]);
                    evidence.set(EvidenceBits::VIEW_OCCLUDED, is_hidden);
                    *bits = evidence.bits();
                }
            }
        })?;
        Some(evidence)
    } else {
        None
    };
    let (of_cloud, of_shadow, model) = match model {
        Some(Learned {
            cloud,
            shadow,
            report,
            ..
        }) => (cloud, shadow, Some(report)),
        None => (None, None, None),
    };
    if let Some(values) = of_cloud {
        let feature = Feature::CloudProbability;
        features.retain(|band| band.feature != feature);
        features.push(FeatureBand { feature, values });
    }
    let report = glint.as_ref().map(|glint| glint.prediction.report());
    if params.copy_features {
        let (incidence, visibility) = match relief {
            Some(relief) => (relief.cos_incidence, relief.sun_visibility),
            None => (None, None),
        };
        let (predicted, angle) = match &glint {
            Some(Glint { prediction, .. }) => (
                Some(prediction.reflectance_plane()),
                Some(prediction.angle_plane()),
            ),
            None => (None, None),
        };
        for (feature, values) in [
            (Feature::CloudShadowProbability, of_shadow),
            (Feature::CosIncidence, incidence),
            (Feature::SunVisibility, visibility),
            (Feature::GlintReflectance, predicted),
            (
                Feature::GlintExcess,
                glint.and_then(|glint| glint.found.excess),
            ),
            (Feature::GlintAngle, angle),
        ] {
            let mut values = values.unwrap_or_else(|| Array2::from_elem((rows, columns), f32::NAN));
            Zip::from(&mut values)
                .and(&flags)
                .par_for_each(|value, bits| {
                    if Flags::from_bits_retain(*bits).contains(Flags::INVALID) {
                        *value = f32::NAN;
                    }
                });
            features.push(FeatureBand { feature, values });
        }
        features.sort_by_key(|band| band.feature);
    }
    Ok(Detection {
        flags,
        evidence,
        features,
        dem_missing,
        glint: report,
        model,
        warnings,
    })
}

/// Where the sun is low. Most scenes have the same answer everywhere.
enum LowSun {
    Everywhere(bool),
    ByGrid,
}

impl LowSun {
    fn of(scene: &Scene) -> Self {
        let limit = LOW_SUN_ZENITH.to_radians();
        let angles = scene.angles();
        let Some(grid) = &angles.sun else {
            return Self::Everywhere(angles.mean_sun.is_some_and(|sun| sun.zenith > limit));
        };
        let known = || grid.zenith.iter().filter(|zenith| !zenith.is_nan());
        if known().all(|&zenith| zenith <= limit) {
            Self::Everywhere(false)
        } else if known().all(|&zenith| zenith > limit) {
            Self::Everywhere(true)
        } else {
            Self::ByGrid
        }
    }

    fn at(&self, scene: &Scene, row: usize, column: usize) -> bool {
        match self {
            Self::Everywhere(low) => *low,
            Self::ByGrid => {
                let metres = |index: usize| (index as f64 + 0.5) * scene.grid().pixel_size;
                let sun = scene
                    .angles()
                    .sun
                    .as_ref()
                    .and_then(|grid| grid.at(metres(column), metres(row)));
                sun.is_some_and(|Direction { zenith, .. }| zenith > LOW_SUN_ZENITH.to_radians())
            }
        }
    }
}
