//! What is said of a pixel, whoever says it.

use crate::flags::{Class, Flags};
use Category::{Clear, Cloud, Land, Shadow, Snow, Thin, Undecided, Water};
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
    pub(crate) const fn from_low_bits(value: u8) -> Self {
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
    pub(crate) const NUMBERS: usize = 1 << 5;

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
    pub(crate) const fn number(self) -> usize {
        self.0 as usize
    }

    pub(crate) const fn from_number(number: usize) -> Self {
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

pub(super) const fn of_class(class: Class) -> Category {
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
