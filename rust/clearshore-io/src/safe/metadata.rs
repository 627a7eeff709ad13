//! The product's metadata: `MTD_MSIL1C.xml`, or `S2x_OPER_MTD_SAFL1C*.xml` before the compact format.
//!
//! Source: Sentinel-2 Products Specification Document, S2-PDGS-TAS-DI-PSD, versions 13 to 15.

use super::xml::Element;
use clearshore::scene::{Band, NO_DATA_DN, SATURATED_DN};
use clearshore::{Error, Result};
use std::collections::BTreeMap;
use std::fmt;

/// First baseline whose numbers carry an offset (S2-PDGS-TAS-DI-PSD 14.9; the metadata lists it).
const FIRST_OFFSET_BASELINE: Baseline = Baseline { major: 4, minor: 0 };
/// First number of the baselines of tests and commissioning, which follow no order.
const FIRST_TEST_MAJOR: u8 = 99;
/// RADIO_ADD_OFFSET of baseline 04.00 and later, DN.
const OFFSET: i32 = -1000;
/// QUANTIFICATION_VALUE of every Level-1C product up to now, DN per unit of reflectance.
const QUANTIFICATION: f64 = 10_000.0;
/// Largest sensible absolute RADIO_ADD_OFFSET: that of the 16 bits of a DN.
const MAX_OFFSET: i32 = 65_535;

/// Processing baseline, `05.10`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Baseline {
    /// Before the point; 99 in test products.
    pub major: u8,
    /// After the point.
    pub minor: u8,
}

impl Baseline {
    /// From `05.10`.
    pub fn parse(text: &str) -> Option<Self> {
        let (major, minor) = text.split_once('.')?;
        let number = |digits: &str| {
            let plain = digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit());
            plain.then(|| digits.parse().ok()).flatten()
        };
        Some(Self {
            major: number(major)?,
            minor: number(minor)?,
        })
    }

    /// Whether numbers of this baseline carry an offset; `None` for test baselines.
    fn has_offset(self) -> Option<bool> {
        (self.major < FIRST_TEST_MAJOR).then_some(self >= FIRST_OFFSET_BASELINE)
    }
}

impl fmt::Display for Baseline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}.{:02}", self.major, self.minor)
    }
}

/// A granule that the product's metadata lists.
#[derive(Clone, Debug, PartialEq)]
pub struct ListedGranule {
    /// Full identifier, `S2B_OPER_MSI_L1C_TL_VGS1_20200929T213343_A018629_T10SEH_N02.09`.
    pub id: String,
    /// Image files or identifiers as listed: with or without folder, mostly without suffix.
    pub images: Vec<String>,
}

/// What the product's metadata says.
#[derive(Clone, Debug, PartialEq)]
pub struct ProductMetadata {
    /// PRODUCT_URI, may be absent.
    pub name: Option<String>,
    /// `Sentinel-2A`.
    pub spacecraft: String,
    /// `Level-1C`.
    pub level: String,
    /// `S2MSI1C`.
    pub product_type: String,
    /// Processing baseline.
    pub baseline: Baseline,
    /// PRODUCT_START_TIME, ISO 8601.
    pub start_time: Option<String>,
    /// GENERATION_TIME, ISO 8601.
    pub generation_time: Option<String>,
    /// Identifier of the datatake.
    pub datatake_id: Option<String>,
    /// Relative orbit, 1 to 143.
    pub orbit_number: Option<u32>,
    /// `DESCENDING` or `ASCENDING`.
    pub orbit_direction: Option<String>,
    /// DN per unit of reflectance.
    pub quantification: f64,
    /// RADIO_ADD_OFFSET per band, DN; 0 where the product lists none.
    pub offsets: [i32; Band::COUNT],
    /// Special value NODATA.
    pub no_data_dn: u16,
    /// Special value SATURATED.
    pub saturated_dn: u16,
    /// Reflectance conversion factor U (correction of the distance between earth and sun), unitless.
    pub reflectance_conversion: Option<f64>,
    /// Solar irradiance per band, W/m²/µm.
    pub solar_irradiance: BTreeMap<Band, f64>,
    /// Granules of the product.
    pub granules: Vec<ListedGranule>,
    /// What the user should know.
    pub warnings: Vec<String>,
}

impl ProductMetadata {
    /// Reads the metadata of a Level-1C product; any other level is refused by its name.
    pub fn read(root: Element) -> Result<Self> {
        super::refuse::wrong_root(root, "Level-1C_User_Product")?;
        let general = root.get(&["General_Info"])?;
        let info = general.get(&["Product_Info"])?;
        let image = general.get(&["Product_Image_Characteristics"])?;
        let text = |path: &[&'static str]| {
            let text = info.find(path).map(|element| element.text().to_owned());
            text.filter(|text| !text.is_empty())
        };

        let level = info.get(&["PROCESSING_LEVEL"])?;
        if level.filled()? != "Level-1C" {
            return Err(super::refuse::level(&level.place(), level.text()));
        }
        let spacecraft = info.get(&["Datatake", "SPACECRAFT_NAME"])?;
        if !spacecraft.filled()?.starts_with("Sentinel-2") {
            return Err(Error::product("the product is of another mission")
                .at(spacecraft.place())
                .got(spacecraft.text())
                .expected("Sentinel-2A, Sentinel-2B or Sentinel-2C"));
        }
        let baseline_element = info.get(&["PROCESSING_BASELINE"])?;
        let baseline = Baseline::parse(baseline_element.text()).ok_or_else(|| {
            baseline_element
                .error("the processing baseline is not understood")
                .got(format!("{:?}", baseline_element.text()))
                .expected("two digits, a point, two digits, as in 05.10")
        })?;

        let mut warnings = Vec::new();
        let (no_data_dn, saturated_dn) = special_values(image)?;
        if no_data_dn != NO_DATA_DN {
            warnings.push(format!(
                "the product calls DN {no_data_dn} no data; Clearshore takes DN {NO_DATA_DN}"
            ));
        }
        Ok(Self {
            name: text(&["PRODUCT_URI"]),
            spacecraft: spacecraft.text().into(),
            level: level.text().into(),
            product_type: info.get(&["PRODUCT_TYPE"])?.filled()?.into(),
            baseline,
            start_time: text(&["PRODUCT_START_TIME"]),
            generation_time: text(&["GENERATION_TIME"]),
            datatake_id: info
                .find(&["Datatake"])
                .and_then(|element| element.attribute("datatakeIdentifier"))
                .map(Into::into),
            orbit_number: info
                .find(&["Datatake", "SENSING_ORBIT_NUMBER"])
                .map(|element| element.value("an orbit number", |_| true))
                .transpose()?,
            orbit_direction: text(&["Datatake", "SENSING_ORBIT_DIRECTION"]),
            quantification: image
                .get(&["QUANTIFICATION_VALUE"])?
                .value("a number above 0", |value: &f64| {
                    *value > 0.0 && value.is_finite()
                })?,
            offsets: offsets(image, baseline)?,
            no_data_dn,
            saturated_dn,
            reflectance_conversion: image
                .find(&["Reflectance_Conversion", "U"])
                .map(|element| element.value("a number above 0", |value: &f64| *value > 0.0))
                .transpose()?,
            solar_irradiance: per_band(
                image.descendants("SOLAR_IRRADIANCE"),
                "bandId",
                |element| element.value("a number above 0", |value: &f64| *value > 0.0),
            )?,
            granules: granules(info)?,
            warnings,
        })
    }

    /// What can be known without the product's metadata, from a granule's identifier, where the
    /// delivery holds only the tile's.
    pub fn from_granule_id(id: &str, place: &str) -> Result<Self> {
        let unknown = |what: &str, expected: &str| {
            Error::product(format!("{what} is unknown"))
                .at(format!("{place}, TILE_ID"))
                .got(id)
                .expected(expected)
                .advice("download the product with its product metadata")
        };
        let spacecraft = match id.get(..3) {
            Some(mission @ ("S2A" | "S2B" | "S2C" | "S2D")) => {
                format!("Sentinel-{}", &mission[1..])
            }
            _ => {
                return Err(unknown(
                    "the spacecraft",
                    "an identifier beginning with S2A, S2B or S2C",
                ));
            }
        };
        let baseline = id
            .rsplit_once("_N")
            .and_then(|(_, baseline)| Baseline::parse(baseline))
            .ok_or_else(|| unknown("the processing baseline", "an identifier ending in _Nxx.xx"))?;
        let offset = match baseline.has_offset() {
            Some(true) => OFFSET,
            Some(false) => 0,
            None => {
                return Err(unknown("the radiometric offset", "a baseline below 99.00"));
            }
        };
        Ok(Self {
            name: None,
            spacecraft,
            level: "Level-1C".into(),
            product_type: "S2MSI1C".into(),
            baseline,
            start_time: None,
            generation_time: None,
            datatake_id: None,
            orbit_number: None,
            orbit_direction: None,
            quantification: QUANTIFICATION,
            offsets: [offset; Band::COUNT],
            no_data_dn: NO_DATA_DN,
            saturated_dn: SATURATED_DN,
            reflectance_conversion: None,
            solar_irradiance: BTreeMap::new(),
            granules: Vec::new(),
            warnings: vec![format!(
                "there is no product metadata: offset {offset} and quantification {QUANTIFICATION} \
                 are those of baseline {baseline}"
            )],
        })
    }
}

/// Values per band of elements that carry the band's number in an attribute.
pub(super) fn per_band<'a, T>(
    elements: impl Iterator<Item = Element<'a>>,
    attribute: &str,
    value: impl Fn(Element<'a>) -> Result<T>,
) -> Result<BTreeMap<Band, T>> {
    let mut values = BTreeMap::new();
    for element in elements {
        let band = band_of(element, attribute)?;
        if values.insert(band, value(element)?).is_some() {
            return Err(element.error(format!("{} stands twice for {band}", element.name())));
        }
    }
    Ok(values)
}

/// The band of an element that carries its number in an attribute.
pub(super) fn band_of(element: Element, attribute: &str) -> Result<Band> {
    let index = element.attribute_value(attribute, "a band number, 0 to 12", |index: &usize| {
        *index < Band::COUNT
    })?;
    Ok(Band::ALL[index])
}

fn special_values(image: Element) -> Result<(u16, u16)> {
    let (mut no_data, mut saturated) = (NO_DATA_DN, SATURATED_DN);
    for special in image.children("Special_Values") {
        let value = || {
            special
                .get(&["SPECIAL_VALUE_INDEX"])?
                .value("a number from 0 to 65535", |_| true)
        };
        match special.get(&["SPECIAL_VALUE_TEXT"])?.text() {
            "NODATA" => no_data = value()?,
            "SATURATED" => saturated = value()?,
            _ => {}
        }
    }
    Ok((no_data, saturated))
}

fn offsets(image: Element, baseline: Baseline) -> Result<[i32; Band::COUNT]> {
    let Some(list) = image.find(&["Radiometric_Offset_List"]) else {
        if baseline.has_offset() == Some(true) {
            return Err(image
                .error("the radiometric offsets are missing")
                .expected(format!(
                    "Radiometric_Offset_List, as baseline {baseline} has it"
                )));
        }
        return Ok([0; Band::COUNT]);
    };
    let listed = per_band(list.children("RADIO_ADD_OFFSET"), "band_id", |element| {
        element.value("a whole number of DN", |value: &i32| {
            value.abs() <= MAX_OFFSET
        })
    })?;
    let mut offsets = [0; Band::COUNT];
    for band in Band::ALL {
        offsets[band.index()] = *listed.get(&band).ok_or_else(|| {
            list.error(format!("the radiometric offset of {band} is missing"))
                .expected(format!("RADIO_ADD_OFFSET with band_id {}", band.index()))
        })?;
    }
    Ok(offsets)
}

/// The granules: `Granule` with `IMAGE_FILE`, or `Granules` with `IMAGE_ID` before the compact format.
fn granules(info: Element) -> Result<Vec<ListedGranule>> {
    let mut granules = Vec::new();
    for list in info.descendants("Granule_List") {
        for granule in list.children("Granule").chain(list.children("Granules")) {
            let id = granule
                .attribute("granuleIdentifier")
                .ok_or_else(|| granule.error("the attribute granuleIdentifier is missing"))?;
            let images = granule
                .children("IMAGE_FILE")
                .chain(granule.children("IMAGE_ID"))
                .map(|image| image.text().to_owned())
                .collect();
            granules.push(ListedGranule {
                id: id.into(),
                images,
            });
        }
    }
    Ok(granules)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn baselines_are_two_digits_a_point_and_two_digits() {
        let parsed = |text| Baseline::parse(text).map(|b| (b.major, b.minor));
        assert_eq!(parsed("02.04"), Some((2, 4)));
        assert_eq!(parsed("05.10"), Some((5, 10)));
        assert_eq!(parsed("99.99"), Some((99, 99)));
        for wrong in [
            "",
            "5.10",
            "05",
            "05.1",
            "05.10.1",
            "+5.10",
            "aa.bb",
            "05,10",
            "٠٥.١٠",
        ] {
            assert_eq!(parsed(wrong), None, "{wrong}");
        }
        assert_eq!(Baseline::parse("05.10").unwrap().to_string(), "05.10");
    }

    #[test]
    fn without_product_metadata_the_granule_says_baseline_and_offset() {
        let read = |id| ProductMetadata::from_granule_id(id, "metadata.xml");
        let old = read("S2B_OPER_MSI_L1C_TL_VGS4_20210426T010904_A021606_T56JMQ_N03.01").unwrap();
        assert_eq!(
            (old.baseline.to_string().as_str(), old.offsets[3]),
            ("03.01", 0)
        );
        let new = read("S2A_OPER_MSI_L1C_TL_VGS4_20220426T010904_A021606_T56JMQ_N04.00").unwrap();
        assert_eq!(
            (new.spacecraft.as_str(), new.offsets[12]),
            ("Sentinel-2A", -1000)
        );
        assert_eq!(new.warnings.len(), 1);
        for wrong in ["", "S1A_x_N04.00", "S2A_x", "S2A_x_N4.0", "S2C_x_N99.04"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
