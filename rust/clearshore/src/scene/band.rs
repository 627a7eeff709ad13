//! The thirteen bands of Sentinel-2's MSI.

use serde::{Deserialize, Serialize};
use std::fmt;

/// A band of the MultiSpectral Instrument, in the order of the product's metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[allow(missing_docs)]
pub enum Band {
    B01,
    B02,
    B03,
    B04,
    B05,
    B06,
    B07,
    B08,
    B8A,
    B09,
    B10,
    B11,
    B12,
}

impl Band {
    /// How many bands there are.
    pub const COUNT: usize = 13;

    /// All bands, in the order of `bandId` in the product's metadata.
    pub const ALL: [Self; Self::COUNT] = [
        Self::B01,
        Self::B02,
        Self::B03,
        Self::B04,
        Self::B05,
        Self::B06,
        Self::B07,
        Self::B08,
        Self::B8A,
        Self::B09,
        Self::B10,
        Self::B11,
        Self::B12,
    ];

    /// Index in [`Band::ALL`]; equals `bandId`/`band_id` in the product's metadata.
    pub const fn index(self) -> usize {
        self as usize
    }

    /// Name as in file names: `B02`, `B8A`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::B01 => "B01",
            Self::B02 => "B02",
            Self::B03 => "B03",
            Self::B04 => "B04",
            Self::B05 => "B05",
            Self::B06 => "B06",
            Self::B07 => "B07",
            Self::B08 => "B08",
            Self::B8A => "B8A",
            Self::B09 => "B09",
            Self::B10 => "B10",
            Self::B11 => "B11",
            Self::B12 => "B12",
        }
    }

    /// Band of a name, either as in file names (`B02`) or as in the metadata (`B2`).
    pub fn from_name(name: &str) -> Option<Self> {
        let digits = name.strip_prefix('B')?;
        let padded = if digits.len() == 1 {
            format!("B0{digits}")
        } else {
            format!("B{digits}")
        };
        Self::ALL.into_iter().find(|band| band.name() == padded)
    }

    /// Native pixel size in metres: 10, 20 or 60.
    pub const fn native_pixel_size(self) -> u32 {
        match self {
            Self::B02 | Self::B03 | Self::B04 | Self::B08 => 10,
            Self::B05 | Self::B06 | Self::B07 | Self::B8A | Self::B11 | Self::B12 => 20,
            Self::B01 | Self::B09 | Self::B10 => 60,
        }
    }
}

impl fmt::Display for Band {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_files_and_of_metadata_are_both_understood() {
        for band in Band::ALL {
            assert_eq!(Band::from_name(band.name()), Some(band));
            assert_eq!(Band::from_name(&band.name().replace("B0", "B")), Some(band));
            assert_eq!(Band::ALL[band.index()], band);
        }
        for wrong in ["", "B", "B00", "B13", "b02", "TCI", "B8a"] {
            assert_eq!(Band::from_name(wrong), None, "{wrong}");
        }
    }
}
