//! What a product says about itself, and the names that follow from it.

use super::format::UtcTime;
use clearshore::scene::{Angles, Band, Grid, Radiometry};
use clearshore::simulate::{Footprint, OrbitDirection};
use clearshore::{Error, Result};
use ndarray::Array2;

/// DN per unit of reflectance, QUANTIFICATION_VALUE of every Level-1C product.
pub(super) const QUANTIFICATION: f64 = 10_000.0;
/// RADIO_ADD_OFFSET since baseline 04.00, DN.
const OFFSET: i32 = -1_000;
/// First baseline with an offset and with raster masks.
const BASELINE_OF_OFFSET: (u8, u8) = (4, 0);
/// 60 m pixels are 6 pixels of 10 m wide: the sizes of a product are multiples of this.
const SIZE_STEP: usize = 6;
/// Relative orbits of Sentinel-2.
const RELATIVE_ORBITS: u16 = 143;

/// One of the satellites.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum Spacecraft {
    S2A,
    S2B,
    S2C,
}

impl Spacecraft {
    /// All satellites.
    pub const ALL: [Self; 3] = [Self::S2A, Self::S2B, Self::S2C];

    /// Name as in file names.
    pub const fn name(self) -> &'static str {
        match self {
            Self::S2A => "S2A",
            Self::S2B => "S2B",
            Self::S2C => "S2C",
        }
    }

    /// Day on which it was launched (Sentinel-2 mission).
    pub(crate) const fn launch(self) -> UtcTime {
        match self {
            Self::S2A => UtcTime::midnight(2015, 6, 23),
            Self::S2B => UtcTime::midnight(2017, 3, 7),
            Self::S2C => UtcTime::midnight(2024, 9, 5),
        }
    }

    /// The letter that tells the satellites apart.
    pub(super) const fn letter(self) -> char {
        match self {
            Self::S2A => 'A',
            Self::S2B => 'B',
            Self::S2C => 'C',
        }
    }
}

/// What a plane of MSK_QUALIT says, in the order of the planes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(missing_docs)]
pub enum QualityPlane {
    AncillaryLost,
    AncillaryDegraded,
    InstrumentLost,
    InstrumentDegraded,
    Defective,
    NoData,
    PartiallyCorrected,
    Saturated,
}

/// A part of a band that the quality masks speak of.
#[derive(Clone, Debug)]
pub struct Defect {
    /// Band.
    pub band: Band,
    /// What is wrong.
    pub plane: QualityPlane,
    /// Corners of a simple polygon: metres east and south of the tile's upper-left corner.
    pub polygon: Vec<[f64; 2]>,
}

/// Bits of a pixel of [`Description::classification`].
pub mod classification {
    /// Opaque cloud, plane 1 of MSK_CLASSI.
    pub const OPAQUE: u8 = 1;
    /// Cirrus, plane 2.
    pub const CIRRUS: u8 = 2;
    /// Snow or ice, plane 3; older baselines don't have it.
    pub const SNOW: u8 = 4;
}

/// What a product says about itself.
#[derive(Clone, Debug)]
pub struct Description {
    /// Satellite.
    pub spacecraft: Spacecraft,
    /// Processing baseline, `05.11`.
    pub baseline: String,
    /// Start of sensing.
    pub sensing: UtcTime,
    /// When the product was made.
    pub generation: UtcTime,
    /// MGRS tile, `31TCJ`.
    pub tile: String,
    /// The 10 m grid: any UTM zone and place, rows and columns multiples of 6.
    pub grid: Grid,
    /// Relative orbit, 1 to 143.
    pub relative_orbit: u16,
    /// Absolute orbit.
    pub absolute_orbit: u32,
    /// Flight direction.
    pub orbit_direction: OrbitDirection,
    /// Directions to the sun and the sensor; what is missing stays out of the metadata.
    pub angles: Angles,
    /// Ground that each detector sees, any order.
    pub footprints: Vec<Footprint>,
    /// Parts of bands that the quality masks speak of.
    pub defects: Vec<Defect>,
    /// The product's own cloud mask on the 60 m grid, bits of [`classification`]; none is all clear.
    pub classification: Option<Array2<u8>>,
    /// Wind of the forecast in the auxiliary data, toward the east and the north, m/s; none: no forecast.
    pub wind: Option<[f64; 2]>,
    /// Whether to write the true-colour image (it is listed in any case).
    pub true_colour: bool,
    /// Packet lengths in tile headers (PLT markers): real products have them.
    pub packet_lengths: bool,
    /// Tile-part lengths in the main header (TLM marker): real products have none.
    pub tile_lengths: bool,
}

impl Description {
    /// Checks what the names and sizes are made of.
    ///
    /// # Errors
    /// A parameter error that names what is wrong.
    pub fn check(&self) -> Result<()> {
        self.baseline_numbers()?;
        let zone = self.tile.get(..2).and_then(|digits| digits.parse().ok());
        let letters = self
            .tile
            .bytes()
            .skip(2)
            .all(|byte| byte.is_ascii_uppercase());
        if self.tile.len() != 5 || !letters || zone != Some(self.grid.zone.number()) {
            return Err(
                Error::parameter("the tile is not one of the grid's UTM zone")
                    .got(&self.tile)
                    .expected(format!(
                        "{:02} and three capital letters",
                        self.grid.zone.number()
                    )),
            );
        }
        let (rows, columns) = self.grid.shape();
        let fits = |size: usize| size > 0 && size.is_multiple_of(SIZE_STEP);
        if !fits(rows) || !fits(columns) || self.grid.pixel_size != 10.0 {
            return Err(
                Error::parameter("the grid has no whole number of 60 m pixels")
                    .got(format!(
                        "{rows} x {columns} pixels of {} m",
                        self.grid.pixel_size
                    ))
                    .expected("rows and columns of 10 m that are multiples of 6"),
            );
        }
        if !(1..=RELATIVE_ORBITS).contains(&self.relative_orbit) {
            return Err(Error::parameter("there is no such relative orbit")
                .got(self.relative_orbit)
                .expected(format!("1 to {RELATIVE_ORBITS}")));
        }
        if let Some(mask) = &self.classification
            && mask.dim() != self.shape(60)
        {
            return Err(
                Error::parameter("the classification is not on the 60 m grid")
                    .got(format!("{:?}", mask.dim()))
                    .expected(format!("{:?}", self.shape(60))),
            );
        }
        Ok(())
    }

    fn baseline_numbers(&self) -> Result<(u8, u8)> {
        let parts = self.baseline.split_once('.');
        let number = |text: &str| text.parse().ok().filter(|_| text.len() == 2);
        parts
            .and_then(|(major, minor)| Some((number(major)?, number(minor)?)))
            .ok_or_else(|| {
                Error::parameter("the processing baseline can't be read")
                    .got(&self.baseline)
                    .expected("two digits, a point, two digits: 05.11")
            })
    }

    /// Whether numbers have an offset and masks are rasters: since baseline 04.00.
    pub fn is_since_04_00(&self) -> bool {
        self.baseline_numbers()
            .is_ok_and(|numbers| numbers >= BASELINE_OF_OFFSET)
    }

    /// How reflectance is stored.
    pub fn radiometry(&self) -> Radiometry {
        Radiometry {
            offset: if self.is_since_04_00() { OFFSET } else { 0 },
            quantification: QUANTIFICATION,
        }
    }

    /// Rows and columns at 10, 20 or 60 m.
    pub fn shape(&self, pixel_size: u32) -> (usize, usize) {
        let factor = pixel_size as usize / 10;
        (self.grid.height / factor, self.grid.width / factor)
    }

    /// Name of the product's folder.
    pub fn product_name(&self) -> String {
        format!(
            "{}_MSIL1C_{}_N{}_R{:03}_T{}_{}.SAFE",
            self.spacecraft.name(),
            self.sensing.compact(),
            self.baseline.replace('.', ""),
            self.relative_orbit,
            self.tile,
            self.generation.compact()
        )
    }

    /// Folder of the tile, from the product's.
    pub(super) fn granule(&self) -> String {
        format!(
            "GRANULE/L1C_T{}_A{:06}_{}",
            self.tile,
            self.absolute_orbit,
            self.sensing.compact()
        )
    }

    /// Folder of the data strip, from the product's.
    pub(super) fn datastrip(&self) -> String {
        format!(
            "DATASTRIP/DS_2{}PS_{}_S{}",
            self.spacecraft.letter(),
            self.generation.compact(),
            self.sensing.compact()
        )
    }

    /// TILE_ID.
    pub(super) fn tile_identifier(&self) -> String {
        format!(
            "{}_OPER_MSI_L1C_TL_2{}PS_{}_A{:06}_T{}_N{}",
            self.spacecraft.name(),
            self.spacecraft.letter(),
            self.generation.compact(),
            self.absolute_orbit,
            self.tile,
            self.baseline
        )
    }

    /// DATASTRIP_ID.
    pub(super) fn datastrip_identifier(&self) -> String {
        format!(
            "{}_OPER_MSI_L1C_DS_2{}PS_{}_S{}_N{}",
            self.spacecraft.name(),
            self.spacecraft.letter(),
            self.generation.compact(),
            self.sensing.compact(),
            self.baseline
        )
    }

    /// Path of an image without its extension, from the product's folder; `name` is a band or `TCI`.
    pub(super) fn image(&self, name: &str) -> String {
        format!(
            "{}/IMG_DATA/T{}_{}_{name}",
            self.granule(),
            self.tile,
            self.sensing.compact()
        )
    }

    /// Path of a mask, from the product's folder; `band` is a band's name or `B00`.
    pub(super) fn mask(&self, kind: &str, band: &str) -> String {
        let extension = if self.is_since_04_00() { "jp2" } else { "gml" };
        format!("{}/QI_DATA/MSK_{kind}_{band}.{extension}", self.granule())
    }

    /// Path of the preview, from the product's folder.
    pub(super) fn preview(&self) -> String {
        format!(
            "{}/QI_DATA/T{}_{}_PVI.jp2",
            self.granule(),
            self.tile,
            self.sensing.compact()
        )
    }

    /// Share of the pixels of the classification that have one of `bits`, percent.
    pub(super) fn classified_percentage(&self, bits: u8) -> f64 {
        self.classification.as_ref().map_or(0.0, |mask| {
            let count = mask.iter().filter(|pixel| *pixel & bits != 0).count();
            100.0 * count as f64 / mask.len() as f64
        })
    }

    /// Share of the tile that lost or degraded lines cover in the worst band, percent.
    pub(super) fn degraded_percentage(&self) -> f64 {
        let tile = self.grid.pixel_area_km2() * (self.grid.height * self.grid.width) as f64 * 1e6;
        let of_band = |band: Band| -> f64 {
            let defects = self.defects.iter().filter(|defect| {
                defect.band == band
                    && matches!(
                        defect.plane,
                        QualityPlane::InstrumentLost | QualityPlane::InstrumentDegraded
                    )
            });
            defects.map(|defect| area(&defect.polygon)).sum()
        };
        100.0 * Band::ALL.into_iter().map(of_band).fold(0.0, f64::max) / tile
    }
}

/// Area of a simple polygon.
fn area(polygon: &[[f64; 2]]) -> f64 {
    let next = polygon.iter().cycle().skip(1);
    let twice: f64 = polygon
        .iter()
        .zip(next)
        .map(|(a, b)| a[0] * b[1] - b[0] * a[1])
        .sum();
    twice.abs() / 2.0
}
