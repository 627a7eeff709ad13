//! Pure surfaces.

use super::super::spectra::{self, Spectrum};

/// Pure surfaces.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Surface {
    /// Beyond the swath.
    #[default]
    NoData = 0,
    /// Clear deep sea.
    DeepSea = 1,
    /// Clear sea over the shelf.
    Shelf = 2,
    /// Turbid river plume.
    Plume = 3,
    /// Very turbid water of an estuary.
    Estuary = 4,
    /// Clear shallow water over a reef.
    Reef = 5,
    /// Lake.
    Lake = 6,
    /// Foam of breaking waves.
    Surf = 7,
    /// Ice on the sea or on a lake.
    SeaIce = 10,
    /// Deck of a ship.
    Ship = 11,
    /// Green fields, meadows, gardens.
    Vegetation = 20,
    /// Conifers, darker than other vegetation.
    Forest = 21,
    /// Bare soil and rock.
    Soil = 22,
    /// Dry quartz sand.
    QuartzSand = 23,
    /// Coral sand.
    CoralSand = 24,
    /// Wet tidal mud.
    TidalMud = 25,
    /// White roof.
    WhiteRoof = 26,
    /// Grey roof.
    GreyRoof = 27,
    /// Street of asphalt.
    Street = 28,
    /// Salt pan.
    SaltPan = 29,
    /// Snow on land.
    Snow = 30,
}

impl Surface {
    /// All surfaces.
    pub const ALL: [Self; 21] = [
        Self::NoData,
        Self::DeepSea,
        Self::Shelf,
        Self::Plume,
        Self::Estuary,
        Self::Reef,
        Self::Lake,
        Self::Surf,
        Self::SeaIce,
        Self::Ship,
        Self::Vegetation,
        Self::Forest,
        Self::Soil,
        Self::QuartzSand,
        Self::CoralSand,
        Self::TidalMud,
        Self::WhiteRoof,
        Self::GreyRoof,
        Self::Street,
        Self::SaltPan,
        Self::Snow,
    ];

    /// Short name: `deep_sea`.
    pub const fn name(self) -> &'static str {
        self.row().0
    }

    /// One line for the user.
    pub const fn meaning(self) -> &'static str {
        self.row().1
    }

    /// TOA reflectance of the end member.
    pub(in super::super) const fn spectrum(self) -> &'static Spectrum {
        self.row().2
    }

    /// Name, meaning, end member.
    const fn row(self) -> (&'static str, &'static str, &'static Spectrum) {
        match self {
            Self::NoData => ("no_data", "beyond the swath", &spectra::NO_DATA),
            Self::DeepSea => ("deep_sea", "clear deep sea", &spectra::DEEP_SEA),
            Self::Shelf => ("shelf", "clear sea over the shelf", &spectra::SHELF),
            Self::Plume => ("plume", "turbid river plume", &spectra::PLUME),
            Self::Estuary => ("estuary", "very turbid water", &spectra::ESTUARY),
            Self::Reef => ("reef", "shallow water over a reef", &spectra::REEF),
            Self::Lake => ("lake", "lake", &spectra::LAKE),
            Self::Surf => ("surf", "foam of breaking waves", &spectra::SURF),
            Self::SeaIce => ("sea_ice", "ice on sea or lake", &spectra::SEA_ICE),
            Self::Ship => ("ship", "deck of a ship", &spectra::SHIP_DECK),
            Self::Vegetation => ("vegetation", "green vegetation", &spectra::VEGETATION),
            Self::Forest => ("forest", "dark conifers", &spectra::FOREST),
            Self::Soil => ("soil", "bare soil and rock", &spectra::SOIL),
            Self::QuartzSand => ("quartz_sand", "dry quartz sand", &spectra::QUARTZ_SAND),
            Self::CoralSand => ("coral_sand", "coral sand", &spectra::CORAL_SAND),
            Self::TidalMud => ("tidal_mud", "wet tidal mud", &spectra::MUD),
            Self::WhiteRoof => ("white_roof", "white roof", &spectra::WHITE_ROOF),
            Self::GreyRoof => ("grey_roof", "grey roof", &spectra::GREY_ROOF),
            Self::Street => ("street", "street of asphalt", &spectra::STREET),
            Self::SaltPan => ("salt_pan", "salt pan", &spectra::SALT_PAN),
            Self::Snow => ("snow", "snow on land", &spectra::SNOW),
        }
    }

    /// Whether it is water: sea, lagoon, lake, surf, reef. Sea ice and ships are not.
    pub const fn is_water(self) -> bool {
        Self::DeepSea as u8 <= self as u8 && self as u8 <= Self::Surf as u8
    }

    /// Whether it is ground above the water line, snow included.
    pub const fn is_land(self) -> bool {
        self as u8 >= Self::Vegetation as u8
    }

    /// Whether it is dry sand.
    pub const fn is_sand(self) -> bool {
        matches!(self, Self::QuartzSand | Self::CoralSand)
    }

    /// Whether it is water full of sediment.
    pub const fn is_turbid(self) -> bool {
        matches!(self, Self::Plume | Self::Estuary)
    }

    /// Whether it is built: roofs and streets.
    pub const fn is_built(self) -> bool {
        matches!(self, Self::WhiteRoof | Self::GreyRoof | Self::Street)
    }

    /// Whether it is snow or ice.
    pub const fn is_snow_or_ice(self) -> bool {
        matches!(self, Self::Snow | Self::SeaIce)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn numbers_and_names_are_unique_and_ascend() {
        assert!(Surface::ALL.is_sorted_by(|a, b| (*a as u8) < (*b as u8)));
        let names: HashSet<_> = Surface::ALL.iter().map(|surface| surface.name()).collect();
        assert_eq!(names.len(), Surface::ALL.len());
        assert_eq!(Surface::ALL[0], Surface::default());
    }

    #[test]
    fn water_is_dark_in_the_swir_and_land_is_not() {
        use crate::scene::Band;
        for surface in Surface::ALL {
            let reflectance = |band: Band| surface.spectrum()[band as usize];
            if surface.is_water() {
                assert!(reflectance(Band::B11) < 0.07, "{surface:?}");
            } else if surface.is_land() {
                assert!(reflectance(Band::B11) > 0.07, "{surface:?}");
            }
            assert!(!(surface.is_water() && surface.is_land()));
        }
    }
}
