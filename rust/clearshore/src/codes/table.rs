//! The numbers of each program.
//!
//! Sources: the programs' own documentation: python-fmask 0.5 (`fmask.fmask`), Fmask 4.7 and 5.0, Sen2Cor's scene
//! classification (Sentinel-2 Level-2A products), CloudSEN12 (C. Aybar et al., Scientific Data 9 (2022) 782), the legend of
//! CMIX (S. Skakun et al., Remote Sensing of Environment 274 (2022) 112990) as FORCE writes it.

use super::Category::{Clear, Cloud, Land, Shadow, Snow, Thin, Undecided, Water};
use super::label::of_class;
use super::{Codes, Tells, WrittenValue};
use crate::flags::Class;

const fn value(
    value: u8,
    name: &'static str,
    meaning: &'static str,
    classes: &'static [Class],
) -> WrittenValue {
    WrittenValue {
        value,
        name,
        meaning,
        classes,
    }
}

/// Every mask whose numbers are known here. `clearshore` stands for the values of `clearshore_class`;
/// `clearshore_flags` is read bit by bit, by [`Label::of_flags`](super::Label::of_flags).
#[rustfmt::skip]
pub const CODES: [Codes; 8] = [
    Codes {
        name: "clearshore",
        meaning: "clearshore_class (uint8) or the bits of clearshore_flags (int32)",
        values: &[
            (Class::Invalid as u8, of_class(Class::Invalid)),
            (Class::ClearLand as u8, of_class(Class::ClearLand)),
            (Class::ClearWater as u8, of_class(Class::ClearWater)),
            (Class::SnowIce as u8, of_class(Class::SnowIce)),
            (Class::Cloud as u8, of_class(Class::Cloud)),
            (Class::ThinCloud as u8, of_class(Class::ThinCloud)),
            (Class::CloudShadow as u8, of_class(Class::CloudShadow)),
            (Class::ReliefShadow as u8, of_class(Class::ReliefShadow)),
            (Class::Glint as u8, of_class(Class::Glint)),
            (Class::Whitecap as u8, of_class(Class::Whitecap)),
        ],
        tells: Tells::THIN.union(Tells::SHADOW).union(Tells::SNOW).union(Tells::SURFACE),
        has_flags: true,
        written: &[],
    },
    Codes {
        name: "fmask",
        meaning: "python-fmask: 0 no data, 1 clear, 2 cloud, 3 shadow, 4 snow, 5 water",
        values: &[(0, Undecided), (1, Land), (2, Cloud), (3, Shadow), (4, Snow), (5, Water)],
        tells: Tells::SHADOW.union(Tells::SNOW).union(Tells::SURFACE),
        has_flags: false,
        written: &[
            value(0, "no_data", "no data or defective", &[Class::Invalid]),
            value(1, "clear", "clear land", &[Class::ClearLand]),
            value(2, "cloud", "cloud, thick or thin", &[Class::Cloud, Class::ThinCloud]),
            value(3, "shadow", "cloud shadow", &[Class::CloudShadow]),
            value(4, "snow", "snow or ice", &[Class::SnowIce]),
            value(5, "water", "clear water, glint and foam included", &[Class::ClearWater, Class::Glint, Class::Whitecap]),
        ],
    },
    Codes {
        name: "fmask4",
        meaning: "Fmask 4 and 5: 0 land, 1 water, 2 shadow, 3 snow, 4 cloud, 255 no data",
        values: &[(0, Land), (1, Water), (2, Shadow), (3, Snow), (4, Cloud), (255, Undecided)],
        tells: Tells::SHADOW.union(Tells::SNOW).union(Tells::SURFACE),
        has_flags: false,
        written: &[
            value(0, "clear_land", "clear land", &[Class::ClearLand]),
            value(1, "clear_water", "clear water, glint and foam included", &[Class::ClearWater, Class::Glint, Class::Whitecap]),
            value(2, "cloud_shadow", "cloud shadow", &[Class::CloudShadow]),
            value(3, "snow", "snow or ice", &[Class::SnowIce]),
            value(4, "cloud", "cloud, thick or thin", &[Class::Cloud, Class::ThinCloud]),
            value(255, "no_data", "no data or defective", &[Class::Invalid]),
        ],
    },
    // 0 no data, 1 saturated or defective, 2 dark area or relief shadow, 7 unclassified.
    Codes {
        name: "scl",
        meaning: "Sen2Cor's scene classification: 3 shadow, 4 5 land, 6 water, 8 9 cloud, 10 cirrus, 11 snow",
        values: &[
            (0, Undecided), (1, Undecided), (2, Clear), (3, Shadow), (4, Land), (5, Land),
            (6, Water), (7, Clear), (8, Cloud), (9, Cloud), (10, Thin), (11, Snow),
        ],
        tells: Tells::THIN.union(Tells::SHADOW).union(Tells::SNOW).union(Tells::SURFACE),
        has_flags: false,
        written: &[
            value(0, "no_data", "no data or defective", &[Class::Invalid]),
            value(2, "dark_area", "relief shadow", &[Class::ReliefShadow]),
            value(3, "cloud_shadow", "cloud shadow", &[Class::CloudShadow]),
            value(5, "not_vegetated", "clear land, vegetated or not", &[Class::ClearLand]),
            value(6, "water", "clear water, glint and foam included", &[Class::ClearWater, Class::Glint, Class::Whitecap]),
            value(9, "cloud_high_probability", "cloud", &[Class::Cloud]),
            value(10, "thin_cirrus", "thin cloud or cirrus", &[Class::ThinCloud]),
            value(11, "snow", "snow or ice", &[Class::SnowIce]),
        ],
    },
    Codes {
        name: "cloudsen12",
        meaning: "CloudSEN12, OmniCloudMask, CloudS2Mask: 0 clear, 1 thick cloud, 2 thin cloud, 3 shadow",
        values: &[(0, Clear), (1, Cloud), (2, Thin), (3, Shadow)],
        tells: Tells::THIN.union(Tells::SHADOW),
        has_flags: false,
        written: &[
            value(0, "clear", "land, water, snow or ice free of cloud and cloud shadow", &[
                Class::ClearLand, Class::ClearWater, Class::SnowIce, Class::Glint, Class::Whitecap,
            ]),
            value(1, "thick_cloud", "cloud", &[Class::Cloud]),
            value(2, "thin_cloud", "thin cloud or cirrus", &[Class::ThinCloud]),
            value(3, "cloud_shadow", "cloud shadow", &[Class::CloudShadow]),
            value(255, "no_data", "no data or defective", &[Class::Invalid]),
        ],
    },
    Codes {
        name: "cmix",
        meaning: "CMIX as FORCE codes it: 0 no data, 1 clear, 2 cirrus, 3 cloud, 4 shadow, 5 water, 6 snow, 7 poorly lit",
        values: &[
            (0, Undecided), (1, Land), (2, Thin), (3, Cloud), (4, Shadow), (5, Water), (6, Snow), (7, Clear),
        ],
        tells: Tells::THIN.union(Tells::SHADOW).union(Tells::SNOW).union(Tells::SURFACE),
        has_flags: false,
        written: &[
            value(0, "no_data", "no data or defective", &[Class::Invalid]),
            value(1, "clear", "clear land", &[Class::ClearLand]),
            value(2, "cirrus", "thin cloud or cirrus", &[Class::ThinCloud]),
            value(3, "cloud", "cloud", &[Class::Cloud]),
            value(4, "cloud_shadow", "cloud shadow", &[Class::CloudShadow]),
            value(5, "water", "clear water, glint and foam included", &[Class::ClearWater, Class::Glint, Class::Whitecap]),
            value(6, "snow", "snow or ice", &[Class::SnowIce]),
            value(7, "poorly_lit", "relief shadow", &[Class::ReliefShadow]),
        ],
    },
    Codes {
        name: "s2cloudless",
        meaning: "s2cloudless: 0 other, 1 cloud",
        values: &[(0, Clear), (1, Cloud)],
        tells: Tells::empty(),
        has_flags: false,
        written: &[],
    },
    Codes {
        name: "csmask",
        meaning: "ukis-csmask: 0 other, 1 cloud, 2 shadow",
        values: &[(0, Clear), (1, Cloud), (2, Shadow)],
        tells: Tells::SHADOW,
        has_flags: false,
        written: &[],
    },
];
