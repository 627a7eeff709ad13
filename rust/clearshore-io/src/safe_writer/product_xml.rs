//! `MTD_MSIL1C.xml`: what the product says about itself.

use super::description::{Description, QUANTIFICATION, classification};
use super::format::significant;
use super::instrument::constants;
use super::xml::Xml;
use clearshore::scene::{Band, NO_DATA_DN, SATURATED_DN};
use clearshore::simulate::OrbitDirection;

/// Digits of coordinates and means in real metadata.
pub(super) const FULL_DIGITS: usize = 15;
const NAMESPACES: &str = "xmlns:n1=\"https://psd-14.sentinel2.eo.esa.int/PSD/User_Product_Level-1C.xsd\" \
     xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
     xsi:schemaLocation=\"https://psd-14.sentinel2.eo.esa.int/PSD/User_Product_Level-1C.xsd\"";

/// The whole document.
pub(super) fn product_xml(description: &Description) -> String {
    let mut xml = Xml::new();
    xml.element("n1:Level-1C_User_Product", NAMESPACES, |xml| {
        xml.element("n1:General_Info", "", |xml| {
            product_info(xml, description);
            image_characteristics(xml, description);
        });
        geometric_info(xml, description);
        quality(xml, description);
    });
    xml.finish()
}

fn product_info(xml: &mut Xml, description: &Description) {
    xml.element("Product_Info", "", |xml| {
        xml.leaf("PRODUCT_START_TIME", "", description.sensing);
        xml.leaf("PRODUCT_STOP_TIME", "", description.sensing);
        xml.leaf("PRODUCT_URI", "", description.product_name());
        xml.leaf("PROCESSING_LEVEL", "", "Level-1C");
        xml.leaf("PRODUCT_TYPE", "", "S2MSI1C");
        xml.leaf("PROCESSING_BASELINE", "", &description.baseline);
        xml.leaf("GENERATION_TIME", "", description.generation);
        xml.leaf("PREVIEW_IMAGE_URL", "", "Not applicable");
        xml.leaf("PREVIEW_GEO_INFO", "", "Not applicable");
        let identifier = format!(
            "datatakeIdentifier=\"G{}_{}_{:06}_N{}\"",
            description.spacecraft.name(),
            description.sensing.compact(),
            description.absolute_orbit,
            description.baseline
        );
        xml.element("Datatake", &identifier, |xml| {
            let satellite = format!("Sentinel-2{}", description.spacecraft.letter());
            xml.leaf("SPACECRAFT_NAME", "", satellite);
            xml.leaf("DATATAKE_TYPE", "", "INS-NOBS");
            xml.leaf("DATATAKE_SENSING_START", "", description.sensing);
            xml.leaf("SENSING_ORBIT_NUMBER", "", description.relative_orbit);
            let direction = match description.orbit_direction {
                OrbitDirection::Ascending => "ASCENDING",
                OrbitDirection::Descending => "DESCENDING",
            };
            xml.leaf("SENSING_ORBIT_DIRECTION", "", direction);
        });
        xml.element("Query_Options", "completeSingleTile=\"true\"", |xml| {
            xml.leaf("PRODUCT_FORMAT", "", "SAFE_COMPACT");
        });
        xml.element("Product_Organisation", "", |xml| {
            xml.element("Granule_List", "", |xml| {
                let attributes = format!(
                    "datastripIdentifier=\"{}\" granuleIdentifier=\"{}\" imageFormat=\"JPEG2000\"",
                    description.datastrip_identifier(),
                    description.tile_identifier()
                );
                xml.element("Granule", &attributes, |xml| {
                    for name in Band::ALL.map(Band::name).into_iter().chain(["TCI"]) {
                        xml.leaf("IMAGE_FILE", "", description.image(name));
                    }
                });
            });
        });
    });
}

fn image_characteristics(xml: &mut Xml, description: &Description) {
    xml.element("Product_Image_Characteristics", "", |xml| {
        for (text, index) in [("NODATA", NO_DATA_DN), ("SATURATED", SATURATED_DN)] {
            xml.element("Special_Values", "", |xml| {
                xml.leaf("SPECIAL_VALUE_TEXT", "", text);
                xml.leaf("SPECIAL_VALUE_INDEX", "", index);
            });
        }
        xml.element("Image_Display_Order", "", |xml| {
            xml.leaf("RED_CHANNEL", "", Band::B04.index());
            xml.leaf("GREEN_CHANNEL", "", Band::B03.index());
            xml.leaf("BLUE_CHANNEL", "", Band::B02.index());
        });
        xml.leaf("QUANTIFICATION_VALUE", "unit=\"none\"", QUANTIFICATION);
        if description.is_since_04_00() {
            let offset = description.radiometry().offset;
            xml.element("Radiometric_Offset_List", "", |xml| {
                for band in Band::ALL {
                    let attribute = format!("band_id=\"{}\"", band.index());
                    xml.leaf("RADIO_ADD_OFFSET", &attribute, offset);
                }
            });
        }
        let of = |band: Band| constants(description.spacecraft, band);
        let id = |band: Band| format!("bandId=\"{}\"", band.index());
        xml.element("Reflectance_Conversion", "", |xml| {
            let factor = description.sensing.sun_distance_factor();
            xml.leaf("U", "", significant(factor, FULL_DIGITS));
            xml.element("Solar_Irradiance_List", "", |xml| {
                for band in Band::ALL {
                    let attributes = format!("{} unit=\"W/m²/µm\"", id(band));
                    xml.leaf("SOLAR_IRRADIANCE", &attributes, of(band).irradiance);
                }
            });
        });
        xml.element("Spectral_Information_List", "", |xml| {
            for band in Band::ALL {
                let physical = band.name().replace("B0", "B");
                let attributes = format!("{} physicalBand=\"{physical}\"", id(band));
                xml.element("Spectral_Information", &attributes, |xml| {
                    xml.leaf("RESOLUTION", "", band.native_pixel_size());
                    xml.element("Wavelength", "", |xml| {
                        let names = ["MIN", "MAX", "CENTRAL"];
                        for (name, wavelength) in names.into_iter().zip(of(band).wavelength) {
                            xml.leaf(name, "unit=\"nm\"", wavelength);
                        }
                    });
                });
            }
        });
        for band in Band::ALL {
            xml.leaf("PHYSICAL_GAINS", &id(band), of(band).gain);
        }
    });
}

/// Latitudes and longitudes of the corners in degrees, closed, as EXT_POS_LIST has them.
pub(super) fn footprint_text(description: &Description) -> String {
    let corners = description.grid.corners();
    let closed = corners.iter().chain(corners.first());
    let points = closed.map(|corner| {
        let degrees = |angle: f64| significant(angle.to_degrees(), FULL_DIGITS);
        format!(
            "{} {} ",
            degrees(corner.latitude),
            degrees(corner.longitude)
        )
    });
    points.collect()
}

fn geometric_info(xml: &mut Xml, description: &Description) {
    xml.element("n1:Geometric_Info", "", |xml| {
        xml.element("Product_Footprint", "", |xml| {
            xml.element("Product_Footprint", "", |xml| {
                xml.element("Global_Footprint", "", |xml| {
                    xml.leaf("EXT_POS_LIST", "", footprint_text(description));
                });
            });
            xml.leaf("RASTER_CS_TYPE", "", "POINT");
            xml.leaf("PIXEL_ORIGIN", "", 1);
        });
        xml.element("Coordinate_Reference_System", "", |xml| {
            xml.leaf("GEO_TABLES", "version=\"1\"", "EPSG");
            xml.leaf("HORIZONTAL_CS_TYPE", "", "GEOGRAPHIC");
        });
    });
}

fn quality(xml: &mut Xml, description: &Description) {
    let percent = |bits| significant(description.classified_percentage(bits), FULL_DIGITS);
    xml.element("n1:Quality_Indicators_Info", "", |xml| {
        let cloud = percent(classification::OPAQUE | classification::CIRRUS);
        xml.leaf("Cloud_Coverage_Assessment", "", cloud);
        if description.is_since_04_00() {
            xml.leaf(
                "Snow_Coverage_Assessment",
                "",
                percent(classification::SNOW),
            );
        }
        xml.element("Technical_Quality_Assessment", "", |xml| {
            xml.leaf("DEGRADED_ANC_DATA_PERCENTAGE", "", "0.0");
            let degraded = significant(description.degraded_percentage(), FULL_DIGITS);
            xml.leaf("DEGRADED_MSI_DATA_PERCENTAGE", "", degraded);
        });
        xml.element("Quality_Control_Checks", "", |xml| {
            xml.element("Quality_Inspections", "", |xml| {
                for check in [
                    "FORMAT_CORRECTNESS",
                    "GENERAL_QUALITY",
                    "GEOMETRIC_QUALITY",
                    "RADIOMETRIC_QUALITY",
                    "SENSOR_QUALITY",
                ] {
                    let attribute = format!("checkType=\"{check}\"");
                    xml.leaf("quality_check", &attribute, "PASSED");
                }
            });
            xml.empty("Failed_Inspections", "");
        });
    });
}
