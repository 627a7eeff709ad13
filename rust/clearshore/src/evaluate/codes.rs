//! What the numbers of a mask mean: one table for all programs whose masks can be judged.

use crate::flags::{Class, Flags};
use Category::{Clear, Cloud, Land, Shadow, Snow, Thin, Undecided, Water};
use bitflags::bitflags;
use serde::Serialize;

/// What a pixel is, in the terms that masks have in common.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Category {
    /// No data: in the truth not counted, in a mask not decided.
    #[default]
    Undecided,
    /// Clear, on a surface that the codes do not tell.
    Clear,
    /// Clear land.
    Land,
    /// Clear water, glint and foam included.
    Water,
    /// Snow or ice, free of cloud.
    Snow,
    /// Shadow of a cloud.
    Shadow,
    /// Thin cloud or cirrus.
    Thin,
    /// Thick cloud; any cloud where the codes do not tell thin from thick.
    Cloud,
}

impl Category {
    /// All categories, by value.
    pub const ALL: [Self; 8] = [Undecided, Clear, Land, Water, Snow, Shadow, Thin, Cloud];

    /// Name in tables and JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Undecided => "undecided",
            Clear => "clear",
            Land => "land",
            Water => "water",
            Snow => "snow",
            Shadow => "shadow",
            Thin => "thin",
            Cloud => "cloud",
        }
    }

    /// Category of a number below 8; the bits above are left out.
    pub(super) const fn from_low_bits(value: u8) -> Self {
        Self::ALL[(value & LABEL_CATEGORY) as usize]
    }

    /// Whether there is data.
    pub const fn is_known(self) -> bool {
        !matches!(self, Undecided)
    }

    /// Thick or thin cloud.
    pub const fn is_cloud(self) -> bool {
        matches!(self, Cloud | Thin)
    }

    /// Known, and neither cloud nor cloud shadow.
    pub const fn is_clear(self) -> bool {
        matches!(self, Clear | Land | Water | Snow)
    }
}

const LABEL_CATEGORY: u8 = 0b111;
const LABEL_NEAR_CLOUD: u8 = 1 << 3;
const LABEL_NEAR_SHADOW: u8 = 1 << 4;

/// A pixel of truth or mask: its category, and whether the mask's own buffers reach it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Label(u8);

impl Label {
    /// How many different numbers [`Self::number`] gives.
    pub(super) const NUMBERS: usize = 1 << 5;

    /// Label from the bits of `clearshore_flags`.
    pub fn of_flags(bits: i32) -> Self {
        let flags = Flags::from_bits_retain(bits);
        let class = flags.class();
        let surface = match class {
            Class::ClearLand | Class::ReliefShadow => clear_surface(flags),
            class => of_class(class),
        };
        let near = |flag, bit| if flags.contains(flag) { bit } else { 0 };
        Self(
            surface as u8
                | near(Flags::CLOUD_BUFFER, LABEL_NEAR_CLOUD)
                | near(Flags::SHADOW_BUFFER, LABEL_NEAR_SHADOW),
        )
    }

    /// The category.
    pub const fn category(self) -> Category {
        Category::from_low_bits(self.0)
    }

    /// Within the mask's own buffer of cloud.
    pub const fn is_near_cloud(self) -> bool {
        self.0 & LABEL_NEAR_CLOUD != 0
    }

    /// Within the mask's own buffer of cloud shadow.
    pub const fn is_near_shadow(self) -> bool {
        self.0 & LABEL_NEAR_SHADOW != 0
    }

    /// The same with its surface known: what was only clear becomes land or water.
    pub fn on_surface(self, is_water: bool) -> Self {
        match (self.category(), is_water) {
            (Clear, true) => Self(self.0 & !LABEL_CATEGORY | Water as u8),
            (Clear, false) => Self(self.0 & !LABEL_CATEGORY | Land as u8),
            _ => self,
        }
    }

    /// Category and buffers as one number.
    pub(super) const fn number(self) -> usize {
        self.0 as usize
    }

    pub(super) const fn from_number(number: usize) -> Self {
        Self(number as u8)
    }
}

impl From<Category> for Label {
    fn from(category: Category) -> Self {
        Self(category as u8)
    }
}

fn clear_surface(flags: Flags) -> Category {
    if flags.contains(Flags::WATER) {
        Water
    } else if flags.contains(Flags::LAND) {
        Land
    } else {
        Clear
    }
}

const fn of_class(class: Class) -> Category {
    match class {
        Class::Invalid => Undecided,
        Class::ClearLand => Land,
        Class::ClearWater | Class::Glint | Class::Whitecap => Water,
        Class::SnowIce => Snow,
        Class::Cloud => Cloud,
        Class::ThinCloud => Thin,
        Class::CloudShadow => Shadow,
        Class::ReliefShadow => Clear,
    }
}

bitflags! {
    /// What codes can tell beside cloud.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Tells: u8 {
        /// Thin cloud from thick cloud.
        const THIN = 1;
        /// Cloud shadow.
        const SHADOW = 1 << 1;
        /// Snow and ice.
        const SNOW = 1 << 2;
        /// Water from land where it is clear.
        const SURFACE = 1 << 3;
        /// The buffers that the program put around cloud and shadow.
        const BUFFERS = 1 << 4;
    }
}

/// A row of the code table: the numbers of one program.
#[derive(Clone, Copy, Debug)]
pub struct Codes {
    /// Name as on the command line.
    pub name: &'static str,
    /// Whose numbers they are.
    pub meaning: &'static str,
    /// The numbers and what they say. Any other number is not of these codes.
    pub values: &'static [(u8, Category)],
    /// What they tell.
    pub tells: Tells,
    /// Whether rasters of 32-bit numbers hold the bits of `clearshore_flags` instead.
    pub has_flags: bool,
}

/// Every mask whose numbers are known here. `clearshore` stands for the values of `clearshore_class`;
/// `clearshore_flags` is read bit by bit, by [`Label::of_flags`].
#[rustfmt::skip]
pub const CODES: [Codes; 7] = [
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
    },
    Codes {
        name: "fmask",
        meaning: "python-fmask: 0 no data, 1 clear, 2 cloud, 3 shadow, 4 snow, 5 water",
        values: &[(0, Undecided), (1, Land), (2, Cloud), (3, Shadow), (4, Snow), (5, Water)],
        tells: Tells::SHADOW.union(Tells::SNOW).union(Tells::SURFACE),
        has_flags: false,
    },
    Codes {
        name: "fmask4",
        meaning: "Fmask 4 and 5: 0 land, 1 water, 2 shadow, 3 snow, 4 cloud, 255 no data",
        values: &[(0, Land), (1, Water), (2, Shadow), (3, Snow), (4, Cloud), (255, Undecided)],
        tells: Tells::SHADOW.union(Tells::SNOW).union(Tells::SURFACE),
        has_flags: false,
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
    },
    Codes {
        name: "cloudsen12",
        meaning: "CloudSEN12, OmniCloudMask, CloudS2Mask: 0 clear, 1 thick cloud, 2 thin cloud, 3 shadow",
        values: &[(0, Clear), (1, Cloud), (2, Thin), (3, Shadow)],
        tells: Tells::THIN.union(Tells::SHADOW),
        has_flags: false,
    },
    Codes {
        name: "s2cloudless",
        meaning: "s2cloudless: 0 other, 1 cloud",
        values: &[(0, Clear), (1, Cloud)],
        tells: Tells::empty(),
        has_flags: false,
    },
    Codes {
        name: "csmask",
        meaning: "ukis-csmask: 0 other, 1 cloud, 2 shadow",
        values: &[(0, Clear), (1, Cloud), (2, Shadow)],
        tells: Tells::SHADOW,
        has_flags: false,
    },
];

impl Codes {
    /// The project's own.
    pub const CLEARSHORE: &'static Self = &CODES[0];

    /// Codes of a name.
    pub fn named(name: &str) -> Option<&'static Self> {
        CODES.iter().find(|codes| codes.name == name)
    }

    /// Label of a number; none where the number is not of these codes.
    pub fn label(&self, value: i32) -> Option<Label> {
        let row = self.values.iter().find(|row| i32::from(row.0) == value);
        row.map(|row| row.1.into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flags::CLASSES;

    /// The table of codes as the programs document them, a line a program: their numbers for no data, clear
    /// land, clear water, cloud, thin cloud, shadow, snow, relief shadow; `-` where there is none.
    const DOCUMENTED: [(&str, [&str; 8]); 7] = [
        ("clearshore", ["0", "1", "2", "4", "5", "6", "3", "7"]),
        ("fmask", ["0", "1", "5", "2", "2", "3", "4", "-"]),
        ("fmask4", ["255", "0", "1", "4", "4", "2", "3", "-"]),
        ("scl", ["0", "4,5", "6", "8,9", "10", "3", "11", "2"]),
        ("cloudsen12", ["-", "0", "0", "1", "2", "3", "0", "-"]),
        ("s2cloudless", ["-", "0", "0", "1", "1", "-", "0", "-"]),
        ("csmask", ["-", "0", "0", "1", "1", "2", "0", "-"]),
    ];

    #[test]
    fn the_numbers_are_those_of_the_programs() {
        assert_eq!(DOCUMENTED.map(|row| row.0), CODES.map(|row| row.name));
        for (name, columns) in DOCUMENTED {
            let codes = Codes::named(name).unwrap();
            let meant = [Undecided, Land, Water, Cloud, Thin, Shadow, Snow, Clear];
            for (numbers, meant) in columns.into_iter().zip(meant) {
                for number in numbers.split(',').filter(|number| *number != "-") {
                    let category = codes.label(number.parse().unwrap()).unwrap().category();
                    let told = match meant {
                        Thin => codes.tells.contains(Tells::THIN),
                        Snow => codes.tells.contains(Tells::SNOW),
                        Land | Water => codes.tells.contains(Tells::SURFACE),
                        _ => true,
                    };
                    if told {
                        assert_eq!(category, meant, "{name} {number}");
                    } else if meant == Thin {
                        assert_eq!(category, Cloud, "{name} {number}");
                    } else {
                        assert_eq!(category, Clear, "{name} {number}");
                    }
                }
            }
        }
    }

    #[test]
    fn the_table_says_what_it_tells_and_no_number_twice() {
        for codes in &CODES {
            let has = |category| codes.values.iter().any(|row| row.1 == category);
            assert_eq!(
                has(Thin),
                codes.tells.contains(Tells::THIN),
                "{}",
                codes.name
            );
            assert_eq!(
                has(Shadow),
                codes.tells.contains(Tells::SHADOW),
                "{}",
                codes.name
            );
            assert_eq!(
                has(Snow),
                codes.tells.contains(Tells::SNOW),
                "{}",
                codes.name
            );
            assert_eq!(
                has(Water),
                codes.tells.contains(Tells::SURFACE),
                "{}",
                codes.name
            );
            for (index, row) in codes.values.iter().enumerate() {
                assert!(codes.values[..index].iter().all(|other| other.0 != row.0));
            }
            assert_eq!(codes.label(77), None);
            assert_eq!(codes.label(-1), None);
        }
        assert_eq!(CODES[0].values.len(), CLASSES.len());
        assert!(Codes::named("idepix").is_none());
    }

    #[test]
    fn flags_and_classes_say_the_same_where_classes_can() {
        // Every bit alone, and with land or water.
        for bit in (0..31).filter(|bit| Flags::from_bits(1 << bit).is_some()) {
            for surface in [0, Flags::LAND.bits(), Flags::WATER.bits()] {
                let bits = 1 << bit | surface;
                let label = Label::of_flags(bits);
                let class = Flags::from_bits_retain(bits).class();
                let of_class = CODES[0].label(class as i32).unwrap().category();
                if surface == 0 || class == Class::ReliefShadow {
                    continue;
                }
                assert_eq!(label.category(), of_class, "{bits:b}");
            }
        }
        let label = Label::of_flags((Flags::LAND | Flags::CLOUD_BUFFER).bits());
        assert!(label.is_near_cloud() && !label.is_near_shadow());
        assert_eq!(label.category(), Land);
        let label =
            Label::of_flags((Flags::MOUNTAIN_SHADOW | Flags::WATER | Flags::SHADOW_BUFFER).bits());
        assert!(!label.is_near_cloud() && label.is_near_shadow());
        assert_eq!(label.category(), Water);
        assert_eq!(Label::of_flags(0).category(), Clear);
    }

    #[test]
    fn a_known_surface_changes_only_what_was_only_clear() {
        for category in Category::ALL {
            let label = Label::from(category);
            assert_eq!(label.category(), category);
            for (is_water, surface) in [(true, Water), (false, Land)] {
                let expected = if category == Clear { surface } else { category };
                assert_eq!(label.on_surface(is_water).category(), expected);
            }
        }
    }
}
