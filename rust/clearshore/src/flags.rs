//! The flag band, the evidence band and the class band: each table exists once, here.
//!
//! Bits 0-18 of the flag band mean what IdePix S2's mean, so that a graph can swap band and prefix.

use bitflags::bitflags;
use ndarray::{Array2, Zip};

/// Name of the flag band.
pub const FLAG_BAND: &str = "clearshore_flags";
/// Name of the evidence band.
pub const EVIDENCE_BAND: &str = "clearshore_evidence";
/// Name of the class band.
pub const CLASS_BAND: &str = "clearshore_class";

bitflags! {
    /// One pixel of `clearshore_flags`.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub struct Flags: i32 {
        #[allow(missing_docs)] const INVALID = 1;
        #[allow(missing_docs)] const CLOUD = 1 << 1;
        #[allow(missing_docs)] const CLOUD_AMBIGUOUS = 1 << 2;
        #[allow(missing_docs)] const CLOUD_SURE = 1 << 3;
        #[allow(missing_docs)] const CLOUD_BUFFER = 1 << 4;
        #[allow(missing_docs)] const CLOUD_SHADOW = 1 << 5;
        #[allow(missing_docs)] const SNOW_ICE = 1 << 6;
        #[allow(missing_docs)] const COASTLINE = 1 << 9;
        #[allow(missing_docs)] const LAND = 1 << 10;
        #[allow(missing_docs)] const CIRRUS_SURE = 1 << 11;
        #[allow(missing_docs)] const CIRRUS_AMBIGUOUS = 1 << 12;
        #[allow(missing_docs)] const CLEAR_LAND = 1 << 13;
        #[allow(missing_docs)] const CLEAR_WATER = 1 << 14;
        #[allow(missing_docs)] const WATER = 1 << 15;
        #[allow(missing_docs)] const MOUNTAIN_SHADOW = 1 << 18;
        #[allow(missing_docs)] const CAST_SHADOW = 1 << 21;
        #[allow(missing_docs)] const SELF_SHADOW = 1 << 22;
        #[allow(missing_docs)] const GLINT_RISK = 1 << 23;
        #[allow(missing_docs)] const GLINT = 1 << 24;
        #[allow(missing_docs)] const WHITECAP = 1 << 25;
        #[allow(missing_docs)] const HAZE = 1 << 26;
        #[allow(missing_docs)] const SHADOW_BUFFER = 1 << 27;
        #[allow(missing_docs)] const GLINT_SEVERE = 1 << 28;
        #[allow(missing_docs)] const TERRAIN_UNKNOWN = 1 << 29;
        #[allow(missing_docs)] const LOW_CONFIDENCE = 1 << 30;
    }
}

bitflags! {
    /// One pixel of `clearshore_evidence`: why the flags are as they are.
    #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
    pub struct EvidenceBits: i32 {
        #[allow(missing_docs)] const CLOUD_BY_PHYSICS = 1;
        #[allow(missing_docs)] const CLOUD_BY_MODEL = 1 << 1;
        #[allow(missing_docs)] const CIRRUS_BAND = 1 << 2;
        #[allow(missing_docs)] const DISPLACEMENT_CLEARED = 1 << 3;
        #[allow(missing_docs)] const SAND_CLEARED = 1 << 4;
        #[allow(missing_docs)] const SURF_CLEARED = 1 << 5;
        #[allow(missing_docs)] const GLINT_CLEARED = 1 << 6;
        #[allow(missing_docs)] const SHADOW_MATCHED = 1 << 7;
        #[allow(missing_docs)] const SHADOW_PROJECTED = 1 << 8;
        #[allow(missing_docs)] const SHADOW_BY_MODEL = 1 << 9;
        #[allow(missing_docs)] const LOW_SUN = 1 << 10;
        #[allow(missing_docs)] const SATURATED = 1 << 11;
        #[allow(missing_docs)] const BAND_MISSING = 1 << 12;
        #[allow(missing_docs)] const DETECTOR_GUESSED = 1 << 13;
        #[allow(missing_docs)] const MEAN_ANGLES_USED = 1 << 14;
        #[allow(missing_docs)] const VIEW_OCCLUDED = 1 << 15;
        #[allow(missing_docs)] const BRIGHT_TARGET = 1 << 16;
        #[allow(missing_docs)] const COAST_STRIP = 1 << 17;
    }
}

/// A row of the flag table.
#[derive(Clone, Copy, Debug)]
pub struct FlagSpec {
    /// The bit.
    pub flag: Flags,
    /// Name in products: `CS_CLOUD`.
    pub name: &'static str,
    /// What it means to the user.
    pub meaning: &'static str,
    /// Fixed colour of mask, quicklook and legend: red, green, blue.
    pub colour: [u8; 3],
}

impl FlagSpec {
    /// Bit number, 0 to 30.
    pub const fn bit(&self) -> u32 {
        self.flag.bits().trailing_zeros()
    }
}

const fn flag(flag: Flags, name: &'static str, meaning: &'static str, colour: [u8; 3]) -> FlagSpec {
    FlagSpec {
        flag,
        name,
        meaning,
        colour,
    }
}

/// The flag table, by bit. Whole from the start: a flag whose detector is not there yet is never set.
#[rustfmt::skip]
pub const FLAGS: [FlagSpec; 25] = [
    flag(Flags::INVALID, "CS_INVALID", "no data, defective, outside the swath: trust nothing", [64, 64, 64]),
    flag(Flags::CLOUD, "CS_CLOUD", "cloud, sure or ambiguous", [178, 178, 0]),
    flag(Flags::CLOUD_AMBIGUOUS, "CS_CLOUD_AMBIGUOUS", "semi-transparent or uncertain cloud", [255, 219, 156]),
    flag(Flags::CLOUD_SURE, "CS_CLOUD_SURE", "opaque cloud", [224, 224, 30]),
    flag(Flags::CLOUD_BUFFER, "CS_CLOUD_BUFFER", "within cloudBuffer metres of cloud", [255, 0, 0]),
    flag(Flags::CLOUD_SHADOW, "CS_CLOUD_SHADOW", "shadow of a cloud, matched by geometry or seen by a model", [0, 255, 255]),
    flag(Flags::SNOW_ICE, "CS_SNOW_ICE", "snow, lake or sea ice", [200, 200, 255]),
    flag(Flags::COASTLINE, "CS_COASTLINE", "within one pixel of the water line", [0, 128, 0]),
    flag(Flags::LAND, "CS_LAND", "land", [51, 153, 0]),
    flag(Flags::CIRRUS_SURE, "CS_CIRRUS_SURE", "cirrus by the B10 test, sure", [255, 165, 0]),
    flag(Flags::CIRRUS_AMBIGUOUS, "CS_CIRRUS_AMBIGUOUS", "cirrus by the B10 test, sure, thin or uncertain", [255, 200, 120]),
    flag(Flags::CLEAR_LAND, "CS_CLEAR_LAND", "land free of cloud, cloud buffer, cirrus, shadow, snow, whitecaps", [120, 180, 60]),
    flag(Flags::CLEAR_WATER, "CS_CLEAR_WATER", "water free of cloud, cloud buffer, cirrus, shadow, ice, whitecaps and glint", [0, 90, 200]),
    flag(Flags::WATER, "CS_WATER", "water", [0, 0, 255]),
    flag(Flags::MOUNTAIN_SHADOW, "CS_MOUNTAIN_SHADOW", "relief shadow: cast or self shadow", [128, 0, 128]),
    flag(Flags::CAST_SHADOW, "CS_CAST_SHADOW", "relief blocks the line of sight to the sun", [100, 0, 160]),
    flag(Flags::SELF_SHADOW, "CS_SELF_SHADOW", "the slope faces away from the sun", [160, 60, 200]),
    flag(Flags::GLINT_RISK, "CS_GLINT_RISK", "sun-glint geometry for the wind", [255, 105, 180]),
    flag(Flags::GLINT, "CS_GLINT", "geometry and image agree on glint", [255, 20, 147]),
    flag(Flags::WHITECAP, "CS_WHITECAP", "surf, foam, breaking waves", [240, 240, 240]),
    flag(Flags::HAZE, "CS_HAZE", "haze, smoke, thick aerosol; not cloud", [190, 170, 140]),
    flag(Flags::SHADOW_BUFFER, "CS_SHADOW_BUFFER", "within shadowBuffer metres of cloud shadow", [0, 150, 150]),
    flag(Flags::GLINT_SEVERE, "CS_GLINT_SEVERE", "glint too strong for any correction", [160, 0, 80]),
    flag(Flags::TERRAIN_UNKNOWN, "CS_TERRAIN_UNKNOWN", "no DEM: terrain flags not known here", [90, 90, 90]),
    flag(Flags::LOW_CONFIDENCE, "CS_LOW_CONFIDENCE", "detectors disagree, or a needed input was missing", [210, 210, 210]),
];

/// A row of the evidence table.
#[derive(Clone, Copy, Debug)]
pub struct EvidenceSpec {
    /// The bit.
    pub bit: EvidenceBits,
    /// Name in products.
    pub name: &'static str,
    /// What it means to the user.
    pub meaning: &'static str,
}

const fn evidence(bit: EvidenceBits, name: &'static str, meaning: &'static str) -> EvidenceSpec {
    EvidenceSpec { bit, name, meaning }
}

/// The evidence table, by bit.
#[rustfmt::skip]
pub const EVIDENCE: [EvidenceSpec; 18] = [
    evidence(EvidenceBits::CLOUD_BY_PHYSICS, "CLOUD_BY_PHYSICS", "cloud by the spectral tests"),
    evidence(EvidenceBits::CLOUD_BY_MODEL, "CLOUD_BY_MODEL", "cloud by a learned model"),
    evidence(EvidenceBits::CIRRUS_BAND, "CIRRUS_BAND", "B10 above its base"),
    evidence(EvidenceBits::DISPLACEMENT_CLEARED, "DISPLACEMENT_CLEARED", "cloud removed: the object does not move between bands"),
    evidence(EvidenceBits::SAND_CLEARED, "SAND_CLEARED", "cloud removed: sand, or ground known to be bright"),
    evidence(EvidenceBits::SURF_CLEARED, "SURF_CLEARED", "cloud removed: surf"),
    evidence(EvidenceBits::GLINT_CLEARED, "GLINT_CLEARED", "cloud removed: sun glint"),
    evidence(EvidenceBits::SHADOW_MATCHED, "SHADOW_MATCHED", "cloud shadow matched with its cloud"),
    evidence(EvidenceBits::SHADOW_PROJECTED, "SHADOW_PROJECTED", "cloud shadow by geometry only, not confirmed by the image"),
    evidence(EvidenceBits::SHADOW_BY_MODEL, "SHADOW_BY_MODEL", "cloud shadow by a learned model"),
    evidence(EvidenceBits::LOW_SUN, "LOW_SUN", "sun zenith above 70 degrees"),
    evidence(EvidenceBits::SATURATED, "SATURATED", "a visible band is saturated"),
    evidence(EvidenceBits::BAND_MISSING, "BAND_MISSING", "a band that the tests use is missing"),
    evidence(EvidenceBits::DETECTOR_GUESSED, "DETECTOR_GUESSED", "no detector footprint: nearest detector used"),
    evidence(EvidenceBits::MEAN_ANGLES_USED, "MEAN_ANGLES_USED", "mean angles instead of angle grids"),
    evidence(EvidenceBits::VIEW_OCCLUDED, "VIEW_OCCLUDED", "relief hides the ground from the sensor"),
    evidence(EvidenceBits::BRIGHT_TARGET, "BRIGHT_TARGET", "ship, platform or other small bright target"),
    evidence(EvidenceBits::COAST_STRIP, "COAST_STRIP", "within the coastal strip"),
];

/// One value of `clearshore_class`, in the order of the values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
#[allow(missing_docs)]
pub enum Class {
    Invalid,
    ClearLand,
    ClearWater,
    SnowIce,
    Cloud,
    ThinCloud,
    CloudShadow,
    ReliefShadow,
    Glint,
    Whitecap,
}

/// A row of the class table.
#[derive(Clone, Copy, Debug)]
pub struct ClassSpec {
    /// The value.
    pub class: Class,
    /// Name in products.
    pub name: &'static str,
    /// What it means to the user.
    pub meaning: &'static str,
    /// Fixed colour.
    pub colour: [u8; 3],
}

const fn class(
    class: Class,
    name: &'static str,
    meaning: &'static str,
    colour: [u8; 3],
) -> ClassSpec {
    ClassSpec {
        class,
        name,
        meaning,
        colour,
    }
}

/// The class table, by value.
#[rustfmt::skip]
pub const CLASSES: [ClassSpec; 10] = [
    class(Class::Invalid, "invalid", "no data or defective", [64, 64, 64]),
    class(Class::ClearLand, "clear_land", "clear land", [120, 180, 60]),
    class(Class::ClearWater, "clear_water", "clear water", [0, 90, 200]),
    class(Class::SnowIce, "snow_ice", "snow or ice", [200, 200, 255]),
    class(Class::Cloud, "cloud", "cloud", [224, 224, 30]),
    class(Class::ThinCloud, "thin_cloud", "thin cloud or cirrus", [255, 219, 156]),
    class(Class::CloudShadow, "cloud_shadow", "cloud shadow", [0, 255, 255]),
    class(Class::ReliefShadow, "relief_shadow", "relief shadow", [128, 0, 128]),
    class(Class::Glint, "glint", "sun glint", [255, 20, 147]),
    class(Class::Whitecap, "whitecap", "surf, foam, breaking waves", [240, 240, 240]),
];

/// What makes a class, the first that applies first.
const PRIORITY: [(Flags, Class); 9] = [
    (Flags::INVALID, Class::Invalid),
    (Flags::CLOUD_SURE, Class::Cloud),
    (
        Flags::CLOUD_AMBIGUOUS.union(Flags::CIRRUS_SURE),
        Class::ThinCloud,
    ),
    (Flags::CLOUD_SHADOW, Class::CloudShadow),
    (Flags::MOUNTAIN_SHADOW, Class::ReliefShadow),
    (Flags::SNOW_ICE, Class::SnowIce),
    (Flags::WHITECAP, Class::Whitecap),
    (Flags::GLINT, Class::Glint),
    (Flags::WATER, Class::ClearWater),
];

impl Flags {
    /// The one class of a pixel: the first that applies in the order invalid, cloud, thin cloud or sure cirrus,
    /// cloud shadow, relief shadow, snow, whitecap, glint, water, land.
    pub fn class(self) -> Class {
        self.classes().next().unwrap_or(Class::ClearLand)
    }

    /// All classes that apply, in that order; land is always the last.
    pub fn classes(self) -> impl Iterator<Item = Class> {
        PRIORITY
            .into_iter()
            .filter(move |(flags, _)| self.intersects(*flags))
            .map(|(_, class)| class)
            .chain([Class::ClearLand])
    }
}

/// A number for each pixel of `clearshore_flags`, (rows, columns).
pub fn map_flags(flags: &Array2<i32>, number: impl Fn(Flags) -> u8 + Sync) -> Array2<u8> {
    let mut numbers = Array2::zeros(flags.dim());
    Zip::from(numbers.rows_mut())
        .and(flags.rows())
        .par_for_each(|mut numbers, flags| {
            // Neighbours are mostly alike.
            let mut known = (0, number(Flags::empty()));
            for (place, &bits) in numbers.iter_mut().zip(flags) {
                if bits != known.0 {
                    known = (bits, number(Flags::from_bits_retain(bits)));
                }
                *place = known.1;
            }
        });
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_cover_every_bit_once_in_order() {
        let named = FLAGS.iter().fold(Flags::empty(), |all, row| {
            assert_eq!(row.flag.bits().count_ones(), 1);
            assert!(!all.intersects(row.flag), "{} stands twice", row.name);
            all | row.flag
        });
        assert_eq!(named, Flags::all());
        assert!(FLAGS.windows(2).all(|pair| pair[0].bit() < pair[1].bit()));
        assert!(
            FLAGS
                .iter()
                .all(|row| row.bit() < 31 && row.name.starts_with("CS_"))
        );
        // Left free for IdePix's own bits.
        let idepix_only = [7, 8, 16, 17, 19, 20];
        assert!(FLAGS.iter().all(|row| !idepix_only.contains(&row.bit())));
        let evidence: Vec<i32> = EVIDENCE.iter().map(|row| row.bit.bits()).collect();
        assert_eq!(evidence, (0..18).map(|bit| 1 << bit).collect::<Vec<_>>());
        for (value, row) in CLASSES.iter().enumerate() {
            assert_eq!(row.class as usize, value);
        }
    }

    #[test]
    fn the_class_is_the_first_that_applies() {
        for (flags, class) in [
            (Flags::INVALID | Flags::WATER, Class::Invalid),
            (
                Flags::CLOUD | Flags::CLOUD_SURE | Flags::SNOW_ICE | Flags::LAND,
                Class::Cloud,
            ),
            (
                Flags::CLOUD | Flags::CLOUD_AMBIGUOUS | Flags::WATER,
                Class::ThinCloud,
            ),
            (Flags::CIRRUS_SURE | Flags::CLOUD_SURE, Class::Cloud),
            (
                Flags::CIRRUS_SURE | Flags::CIRRUS_AMBIGUOUS | Flags::WATER,
                Class::ThinCloud,
            ),
            // The water is seen through it.
            (Flags::CIRRUS_AMBIGUOUS | Flags::WATER, Class::ClearWater),
            (Flags::SNOW_ICE | Flags::LAND, Class::SnowIce),
            (
                Flags::WATER | Flags::CLEAR_WATER | Flags::TERRAIN_UNKNOWN,
                Class::ClearWater,
            ),
            (Flags::LAND | Flags::CLOUD_BUFFER, Class::ClearLand),
        ] {
            assert_eq!(flags.class(), class, "{flags:?}");
        }
    }

    /// Bits of `pixel_classif_flags` of IdePix Sentinel-2 that say what a flag of ours can say, without their prefix.
    const IDEPIX: [(u32, &str); 15] = [
        (0, "INVALID"),
        (1, "CLOUD"),
        (2, "CLOUD_AMBIGUOUS"),
        (3, "CLOUD_SURE"),
        (4, "CLOUD_BUFFER"),
        (5, "CLOUD_SHADOW"),
        (6, "SNOW_ICE"),
        (9, "COASTLINE"),
        (10, "LAND"),
        (11, "CIRRUS_SURE"),
        (12, "CIRRUS_AMBIGUOUS"),
        (13, "CLEAR_LAND"),
        (14, "CLEAR_WATER"),
        (15, "WATER"),
        (18, "MOUNTAIN_SHADOW"),
    ];

    #[test]
    fn the_lower_bits_are_those_of_idepix() {
        let lower = FLAGS.iter().filter(|row| row.bit() <= 20);
        let lower: Vec<_> = lower
            .map(|row| (row.bit(), &row.name["CS_".len()..]))
            .collect();
        assert_eq!(lower, IDEPIX);
    }
}
