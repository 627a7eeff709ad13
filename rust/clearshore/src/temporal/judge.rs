//! What a date's mask got wrong, by what is usual at the pixel.
//!
//! Only what the series shows clearly is changed; everything else stays as the date's own mask has it. All limits are the
//! project's own choice, made on simulated series (docs/atbd.md), unless a source is named.

use super::{Search, Spectrum, Wide};
use crate::flags::Flags;
use crate::learned::s2cloudmask::{ShadowTree, THRESHOLD, bray_curtis};
use bitflags::bitflags;

/// Fewest clear dates that tell what is usual.
const CLEAR_DATES_MIN: usize = 3;
/// Fewest dates of which most can be cloud though nothing changes.
const DATES_MIN: usize = 5;
/// Share of the dates that are called cloud from which ground may be taken for cloud always.
const CLOUDY_SHARE: f64 = 0.5;
/// Share of the dates that must look alike for ground, whose spectrum does not change as that of clouds does.
const ALIKE_SHARE: f64 = 0.8;
/// Bray-Curtis distance up to which two dates look alike.
const ALIKE: f32 = 0.04;
/// What ground that is taken for cloud has in B02 at most, TOA reflectance: white sand up to 0.35, thick clouds, which may look
/// alike too, more.
const GROUND_BLUE_MAX: f32 = 0.40;
/// Bray-Curtis distance up to which a date called cloud looks as clear dates do.
const SAME: f32 = 0.04;
/// How much brighter than clear dates such a date may be in B02, B03 and B04, TOA reflectance.
const SAME_RISE: f32 = 0.015;
/// How much brighter than usual missed cloud is in B02, B03 and B04 at least, TOA reflectance.
const CLOUD_RISE: f32 = 0.08;
/// How much brighter it is in B11 and B12, TOA reflectance: snow is not.
const CLOUD_SWIR_RISE: f32 = 0.03;
/// What its rise in B02 is at least, as a share of its rise in B04 and in B11: dry sand rises less (sand tests of the cloud step).
const CLOUD_BLUE_SHARE: f32 = 0.8;
/// Bray-Curtis distance from which a date may be in shadow: the root of s2cloudmask's fast shadow tree.
const SHADOW_DISTANCE: f32 = 0.30;
/// Share of the usual near-infrared and SWIR that shadow leaves at most; without the tree.
const SHADOW_LEFT: f32 = 0.55;
/// Share of the usual B11 that shadow leaves at least: water leaves less.
const SHADOW_SWIR_LEFT: f32 = 0.10;
/// Share of the usual B02 that shadow leaves at most: the air above it is lit.
const SHADOW_BLUE_LEFT: f32 = 0.92;
/// Least usual reflectance of B8A and B11 where shadow can be told: water is dark without any.
const SHADOW_GROUND: f32 = 0.10;

/// Places of bands in a spectrum.
const B02: usize = 0;
const B03: usize = 1;
const B04: usize = 2;
const B8A: usize = 7;
const B11: usize = 8;
const B12: usize = 9;
const VISIBLE: [usize; 3] = [B02, B03, B04];

bitflags! {
    /// What a date's mask got wrong at a pixel.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Verdict: u8 {
        /// Cloud that it did not see.
        const MISSED_CLOUD = 1;
        /// Shadow that it did not see.
        const MISSED_SHADOW = 1 << 1;
        /// Ground that it took for cloud.
        const FALSE_CLOUD = 1 << 2;
    }
}

/// Flags of dates that do not count for what is usual.
const NOT_CLEAR: Flags = Flags::INVALID
    .union(Flags::CLOUD)
    .union(Flags::CLOUD_SHADOW);
/// Flags of bright things that are no missed cloud.
const KNOWN_BRIGHT: Flags = Flags::INVALID
    .union(Flags::CLOUD)
    .union(Flags::GLINT)
    .union(Flags::GLINT_RISK)
    .union(Flags::WHITECAP)
    .union(Flags::SNOW_ICE);
/// Flags of dark things that are no missed shadow.
const KNOWN_DARK: Flags = NOT_CLEAR.union(Flags::MOUNTAIN_SHADOW).union(Flags::WATER);

/// Whether a date counts for what is usual.
pub(super) fn is_clear(flags: i32) -> bool {
    !Flags::from_bits_retain(flags).intersects(NOT_CLEAR)
}

/// Judges dates. Kept from pixel to pixel.
#[derive(Debug)]
pub struct Judge<'a> {
    shadow: Option<&'a ShadowTree>,
    search: Search,
    clear: Vec<Spectrum>,
    valid: Vec<Spectrum>,
}

impl<'a> Judge<'a> {
    /// With s2cloudmask's fast shadow tree, or without.
    pub fn new(shadow: Option<&'a ShadowTree>) -> Self {
        Self {
            shadow,
            search: Search::default(),
            clear: Vec::new(),
            valid: Vec::new(),
        }
    }

    /// Judges all dates of a pixel: `None` has no data, flags are those of the dates' own masks. One verdict a date.
    pub fn judge(&mut self, dates: &[(Option<Spectrum>, i32)], verdicts: &mut [Verdict]) {
        verdicts.fill(Verdict::empty());
        self.clear.clear();
        self.valid.clear();
        for (spectrum, flags) in dates {
            if let Some(spectrum) = spectrum {
                self.valid.push(*spectrum);
                if is_clear(*flags) {
                    self.clear.push(*spectrum);
                }
            }
        }
        let usual = match self.clear.len() >= CLEAR_DATES_MIN {
            true => self.search.geomedian(&self.clear).map(narrowed),
            false => None,
        };
        let always = self.always_bright(dates);
        for ((spectrum, flags), verdict) in dates.iter().zip(verdicts) {
            let Some(spectrum) = spectrum else { continue };
            let flags = Flags::from_bits_retain(*flags);
            if flags.contains(Flags::CLOUD) {
                let is_ground =
                    always.is_some_and(|always| bray_curtis(spectrum, &always) <= ALIKE);
                let is_usual = usual.is_some_and(|usual| looks_clear(spectrum, &usual));
                verdict.set(Verdict::FALSE_CLOUD, is_ground || is_usual);
            } else if let Some(usual) = &usual {
                let cloud = !flags.intersects(KNOWN_BRIGHT) && is_cloud(spectrum, usual);
                verdict.set(Verdict::MISSED_CLOUD, cloud);
                let shadow = !flags.intersects(KNOWN_DARK) && self.is_shadow(spectrum, usual);
                verdict.set(Verdict::MISSED_SHADOW, shadow && !cloud);
            }
        }
    }

    /// Spectrum of ground that most dates call cloud though it never changes.
    fn always_bright(&mut self, dates: &[(Option<Spectrum>, i32)]) -> Option<Spectrum> {
        let valid = self.valid.len();
        let is_cloud = |(spectrum, flags): &&(Option<Spectrum>, i32)| {
            spectrum.is_some() && Flags::from_bits_retain(*flags).contains(Flags::CLOUD)
        };
        let cloudy = dates.iter().filter(is_cloud).count();
        if valid < DATES_MIN || (cloudy as f64) < CLOUDY_SHARE * valid as f64 {
            return None;
        }
        let middle = self.search.geomedian(&self.valid).map(narrowed)?;
        let is_alike = |spectrum: &Spectrum| bray_curtis(spectrum, &middle) <= ALIKE;
        let alike = self.valid.iter().filter(|spectrum| is_alike(spectrum));
        // A clear date that looks otherwise shows what the ground is.
        let is_ground = middle[B02] <= GROUND_BLUE_MAX
            && alike.count() as f64 >= ALIKE_SHARE * valid as f64
            && self.clear.iter().all(is_alike);
        is_ground.then_some(middle)
    }

    fn is_shadow(&self, spectrum: &Spectrum, usual: &Spectrum) -> bool {
        let left = |band: usize| spectrum[band] / usual[band];
        if [B8A, B11].iter().any(|band| usual[*band] < SHADOW_GROUND)
            || left(B11) < SHADOW_SWIR_LEFT
            || left(B02) > SHADOW_BLUE_LEFT
        {
            return false;
        }
        match self.shadow {
            Some(tree) => tree.probability(spectrum, usual) > THRESHOLD && left(B8A) < 1.0,
            None => {
                bray_curtis(spectrum, usual) > SHADOW_DISTANCE
                    && [B8A, B11, B12]
                        .iter()
                        .all(|band| left(*band) <= SHADOW_LEFT)
            }
        }
    }
}

fn narrowed(spectrum: Wide) -> Spectrum {
    spectrum.map(|value| value as f32)
}

/// Brighter than usual in all bands, and not as sand is.
fn is_cloud(spectrum: &Spectrum, usual: &Spectrum) -> bool {
    let rise = |band: usize| spectrum[band] - usual[band];
    spectrum
        .iter()
        .zip(usual)
        .all(|(value, usual)| value > usual)
        && VISIBLE.iter().all(|band| rise(*band) >= CLOUD_RISE)
        && [B11, B12].iter().all(|band| rise(*band) >= CLOUD_SWIR_RISE)
        && [B04, B11]
            .iter()
            .all(|band| rise(B02) >= CLOUD_BLUE_SHARE * rise(*band))
}

/// As on clear dates, and no brighter.
fn looks_clear(spectrum: &Spectrum, usual: &Spectrum) -> bool {
    bray_curtis(spectrum, usual) <= SAME
        && VISIBLE
            .iter()
            .all(|band| spectrum[*band] - usual[*band] <= SAME_RISE)
}

#[cfg(test)]
mod tests {
    use super::*;

    const MEADOW: Spectrum = [0.10, 0.09, 0.06, 0.12, 0.25, 0.32, 0.34, 0.36, 0.17, 0.08];
    const SAND: Spectrum = [0.22, 0.27, 0.33, 0.35, 0.37, 0.39, 0.40, 0.41, 0.47, 0.42];
    const SEA: Spectrum = [
        0.098, 0.065, 0.038, 0.03, 0.025, 0.022, 0.02, 0.02, 0.010, 0.007,
    ];
    const CLOUD: Spectrum = [0.50, 0.49, 0.50, 0.52, 0.53, 0.55, 0.55, 0.56, 0.45, 0.35];

    fn clear(spectrum: Spectrum) -> (Option<Spectrum>, i32) {
        (Some(spectrum), Flags::LAND.bits())
    }

    fn cloudy(spectrum: Spectrum) -> (Option<Spectrum>, i32) {
        (
            Some(spectrum),
            (Flags::LAND | Flags::CLOUD | Flags::CLOUD_SURE).bits(),
        )
    }

    fn times(spectrum: Spectrum, factor: f32) -> Spectrum {
        spectrum.map(|value| factor * value)
    }

    fn verdicts(dates: &[(Option<Spectrum>, i32)]) -> Vec<Verdict> {
        let mut verdicts = vec![Verdict::empty(); dates.len()];
        Judge::new(None).judge(dates, &mut verdicts);
        verdicts
    }

    fn shaded(spectrum: Spectrum) -> Spectrum {
        std::array::from_fn(|band| match band {
            B02..=B04 => 0.75 * spectrum[band],
            _ => 0.4 * spectrum[band],
        })
    }

    #[test]
    fn what_was_missed_is_seen_and_nothing_else() {
        for ground in [MEADOW, SAND] {
            let dates = [
                clear(ground),
                clear(times(ground, 1.05)),
                clear(times(ground, 0.96)),
                clear(times(ground, 1.1)),
                clear(CLOUD),
                clear(shaded(ground)),
                cloudy(CLOUD),
                (None, Flags::INVALID.bits()),
            ];
            let mut expected = vec![Verdict::empty(); dates.len()];
            expected[4] = Verdict::MISSED_CLOUD;
            expected[5] = Verdict::MISSED_SHADOW;
            if ground == SAND {
                // In SWIR this cloud is darker than sand.
                expected[4] = Verdict::empty();
            }
            assert_eq!(verdicts(&dates), expected);
        }
        let dates = [
            clear(MEADOW),
            clear(MEADOW),
            clear(MEADOW),
            clear(CLOUD),
            clear(SAND),
        ];
        let seen = verdicts(&dates);
        assert_eq!(seen[3], Verdict::MISSED_CLOUD);
        // A field that was ploughed, or sand that fell dry.
        assert_eq!(seen[4], Verdict::empty());
        // Glint is known to be bright; so is foam.
        let mut glint = dates;
        glint[3].1 = (Flags::WATER | Flags::GLINT).bits();
        assert_eq!(verdicts(&glint)[3], Verdict::empty());
    }

    #[test]
    fn cloud_over_sea_is_seen_and_a_flood_is_no_shadow() {
        let dates = [clear(SEA), clear(SEA), clear(SEA), clear(CLOUD)];
        assert_eq!(verdicts(&dates)[3], Verdict::MISSED_CLOUD);
        let dates = [clear(SAND), clear(SAND), clear(SAND), clear(SEA)];
        assert_eq!(verdicts(&dates)[3], Verdict::empty());
    }

    #[test]
    fn ground_that_is_always_bright_is_taken_back_but_changing_cloud_is_not() {
        let bright = [0.97, 1.0, 1.02, 0.99, 1.03, 1.0].map(|factor| cloudy(times(SAND, factor)));
        let mut dates = bright.to_vec();
        dates.push(cloudy(CLOUD));
        let seen = verdicts(&dates);
        assert_eq!(seen[..6], [Verdict::FALSE_CLOUD; 6]);
        assert_eq!(seen[6], Verdict::empty());
        // One clear date tells that it is no ground.
        dates.push(clear(MEADOW));
        assert_eq!(verdicts(&dates), [Verdict::empty(); 8]);
        let clouds = [0.6, 0.8, 1.0, 1.2, 1.4, 1.6].map(|factor| cloudy(times(CLOUD, factor)));
        assert_eq!(verdicts(&clouds), [Verdict::empty(); 6]);
        // Thick clouds may look alike.
        assert_eq!(verdicts(&[cloudy(CLOUD); 6]), [Verdict::empty(); 6]);
        // A date called cloud that looks as the clear ones do.
        let dates = [
            clear(SAND),
            clear(SAND),
            clear(SAND),
            cloudy(times(SAND, 1.02)),
            cloudy(CLOUD),
        ];
        let seen = verdicts(&dates);
        assert_eq!(seen[3..], [Verdict::FALSE_CLOUD, Verdict::empty()]);
    }

    #[test]
    fn too_few_dates_change_nothing() {
        let dates = [clear(MEADOW), clear(CLOUD), cloudy(MEADOW), cloudy(CLOUD)];
        assert_eq!(verdicts(&dates), [Verdict::empty(); 4]);
    }
}
