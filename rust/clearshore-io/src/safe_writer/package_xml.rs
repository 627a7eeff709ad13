//! The small documents around the metadata: `manifest.safe`, `INSPIRE.xml`, `MTD_DS.xml`.

use super::description::Description;
use super::product_xml::footprint_text;
use super::xml::Xml;
use clearshore::simulate::OrbitDirection;

/// `manifest.safe`: the files of the product, as paths from its folder with sizes in bytes.
pub(super) fn manifest(description: &Description, files: &[(String, u64)]) -> String {
    let mut xml = Xml::new();
    let attributes = "xmlns:gml=\"http://www.opengis.net/gml\" \
         xmlns:safe=\"http://www.esa.int/safe/sentinel/1.1\" xmlns:xfdu=\"urn:ccsds:schema:xfdu:1\" \
         version=\"esa/safe/sentinel/1.1/sentinel-2/msi/archive_l1c_user_product\"";
    xml.element("xfdu:XFDU", attributes, |xml| {
        xml.element("informationPackageMap", "", |xml| {
            let attributes = "dmdID=\"acquisitionPeriod platform\" pdiID=\"processing\" \
                 textInfo=\"SENTINEL-2 MSI Level-1C User Product\" unitType=\"Product_Level-1C\"";
            xml.element("xfdu:contentUnit", attributes, |xml| {
                for index in 0..files.len() {
                    xml.empty(
                        "dataObjectPointer",
                        &format!("dataObjectID=\"Object{index}\""),
                    );
                }
            });
        });
        xml.element("metadataSection", "", |xml| metadata(xml, description));
        xml.element("dataObjectSection", "", |xml| {
            for (index, (path, size)) in files.iter().enumerate() {
                xml.element("dataObject", &format!("ID=\"Object{index}\""), |xml| {
                    let kind = match path.rsplit_once('.') {
                        Some((_, "xml")) => "text/xml",
                        _ => "application/octet-stream",
                    };
                    let attributes = format!("mimeType=\"{kind}\" size=\"{size}\"");
                    xml.element("byteStream", &attributes, |xml| {
                        let attributes = format!("href=\"./{path}\" locatorType=\"URL\"");
                        xml.empty("fileLocation", &attributes);
                    });
                });
            }
        });
    });
    xml.finish()
}

fn metadata(xml: &mut Xml, description: &Description) {
    let mut object = |id: &str, content: &dyn Fn(&mut Xml)| {
        let attributes = format!("ID=\"{id}\" category=\"DMD\" classification=\"DESCRIPTION\"");
        xml.element("metadataObject", &attributes, |xml| {
            xml.element("metadataWrap", "mimeType=\"text/xml\"", |xml| {
                xml.element("xmlData", "", |xml| content(xml));
            });
        });
    };
    object("acquisitionPeriod", &|xml| {
        xml.element("safe:acquisitionPeriod", "", |xml| {
            xml.leaf("safe:startTime", "", description.sensing);
        });
    });
    object("measurementOrbitReference", &|xml| {
        xml.element("safe:orbitReference", "", |xml| {
            let direction = match description.orbit_direction {
                OrbitDirection::Ascending => "ascending",
                OrbitDirection::Descending => "descending",
            };
            let attributes = format!("groundTrackDirection=\"{direction}\" type=\"start\"");
            let orbit = format!("{:06}", description.absolute_orbit);
            xml.leaf("safe:orbitNumber", &attributes, orbit);
            let orbit = description.relative_orbit;
            xml.leaf("safe:relativeOrbitNumber", "type=\"start\"", orbit);
        });
    });
    object("platform", &|xml| {
        xml.element("safe:platform", "", |xml| {
            xml.leaf("safe:familyName", "", "SENTINEL");
            xml.leaf(
                "safe:number",
                "",
                format!("2{}", description.spacecraft.letter()),
            );
        });
    });
    object("measurementFrameSet", &|xml| {
        xml.element("safe:frameSet", "", |xml| {
            let reference = "srsName=\"http://www.opengis.net/gml/srs/epsg.xml#4326\"";
            xml.element("safe:footPrint", reference, |xml| {
                xml.leaf("gml:coordinates", "", footprint_text(description));
            });
        });
    });
}

/// `INSPIRE.xml`: the product as a catalogue entry.
pub(super) fn inspire(description: &Description) -> String {
    let mut xml = Xml::new();
    let attributes = "xmlns:gco=\"http://www.isotc211.org/2005/gco\" \
         xmlns:gmd=\"http://www.isotc211.org/2005/gmd\"";
    xml.element("gmd:MD_Metadata", attributes, |xml| {
        xml.element("gmd:fileIdentifier", "", |xml| {
            xml.leaf("gco:CharacterString", "", description.product_name());
        });
        xml.element("gmd:dateStamp", "", |xml| {
            xml.leaf("gco:DateTime", "", description.generation);
        });
    });
    xml.finish()
}

/// `MTD_DS.xml`: the data strip's identity.
pub(super) fn datastrip(description: &Description) -> String {
    let mut xml = Xml::new();
    let attributes = "xmlns:n1=\"https://psd-14.sentinel2.eo.esa.int/PSD/S2_PDI_Level-1C_Datastrip_Metadata.xsd\"";
    xml.element("n1:Level-1C_DataStrip_ID", attributes, |xml| {
        xml.element("n1:General_Info", "", |xml| {
            let brief = "metadataLevel=\"Brief\"";
            xml.element("Datastrip_Identification", "", |xml| {
                let identifier = description.datastrip_identifier();
                xml.leaf("DATASTRIP_ID", brief, identifier);
            });
            xml.element("Datastrip_Time_Info", brief, |xml| {
                xml.leaf("DATASTRIP_SENSING_START", "", description.sensing);
                xml.leaf("DATASTRIP_SENSING_STOP", "", description.sensing);
            });
        });
    });
    xml.finish()
}
