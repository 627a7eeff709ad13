//! `MTD_TL.xml`: grid, directions and masks of the tile.

use super::description::{Description, classification};
use super::format::significant;
use super::product_xml::FULL_DIGITS;
use super::xml::Xml;
use clearshore::scene::{AngleGrid, Band, Direction};
use ndarray::Array2;

/// Digits of the angle grids in real metadata.
const GRID_DIGITS: usize = 6;
const NAMESPACES: &str = "xmlns:n1=\"https://psd-14.sentinel2.eo.esa.int/PSD/S2_PDI_Level-1C_Tile_Metadata.xsd\" \
     xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" \
     xsi:schemaLocation=\"https://psd-14.sentinel2.eo.esa.int/PSD/S2_PDI_Level-1C_Tile_Metadata.xsd\"";

/// The whole document.
pub(super) fn tile_xml(description: &Description) -> String {
    let mut xml = Xml::new();
    xml.element("n1:Level-1C_Tile_ID", NAMESPACES, |xml| {
        xml.element("n1:General_Info", "", |xml| {
            let standard = "metadataLevel=\"Standard\"";
            let tile = description.tile_identifier();
            xml.leaf("TILE_ID", "metadataLevel=\"Brief\"", tile);
            xml.leaf("DATASTRIP_ID", standard, description.datastrip_identifier());
            xml.leaf("DOWNLINK_PRIORITY", standard, "NOMINAL");
            xml.leaf("SENSING_TIME", standard, description.sensing);
            xml.element("Archiving_Info", "metadataLevel=\"Expertise\"", |xml| {
                let centre = format!("2{}PS", description.spacecraft.letter());
                xml.leaf("ARCHIVING_CENTRE", "", centre);
                xml.leaf("ARCHIVING_TIME", "", description.generation);
            });
        });
        xml.element("n1:Geometric_Info", "", |xml| {
            geocoding(xml, description);
            angles(xml, description);
        });
        quality(xml, description);
    });
    xml.finish()
}

fn geocoding(xml: &mut Xml, description: &Description) {
    let grid = &description.grid;
    xml.element("Tile_Geocoding", "metadataLevel=\"Brief\"", |xml| {
        let hemisphere = if grid.zone.is_north() { 'N' } else { 'S' };
        let name = format!("WGS84 / UTM zone {}{hemisphere}", grid.zone.number());
        xml.leaf("HORIZONTAL_CS_NAME", "", name);
        xml.leaf(
            "HORIZONTAL_CS_CODE",
            "",
            format!("EPSG:{}", grid.zone.epsg()),
        );
        let resolution = |pixel: u32| format!("resolution=\"{pixel}\"");
        for pixel in [10, 20, 60] {
            let (rows, columns) = description.shape(pixel);
            xml.element("Size", &resolution(pixel), |xml| {
                xml.leaf("NROWS", "", rows);
                xml.leaf("NCOLS", "", columns);
            });
        }
        for pixel in [10, 20, 60] {
            xml.element("Geoposition", &resolution(pixel), |xml| {
                xml.leaf("ULX", "", grid.easting);
                xml.leaf("ULY", "", grid.northing);
                xml.leaf("XDIM", "", pixel);
                xml.leaf("YDIM", "", format!("-{pixel}"));
            });
        }
    });
}

fn angles(xml: &mut Xml, description: &Description) {
    let angles = &description.angles;
    xml.element("Tile_Angles", "metadataLevel=\"Standard\"", |xml| {
        if let Some(sun) = &angles.sun {
            xml.element("Sun_Angles_Grid", "", |xml| grid(xml, sun));
        }
        if let Some(mean) = angles.mean_sun {
            xml.element("Mean_Sun_Angle", "", |xml| direction(xml, mean));
        }
        for ((band, detector), view) in &angles.views {
            let attributes = format!("bandId=\"{}\" detectorId=\"{detector}\"", band.index());
            xml.element("Viewing_Incidence_Angles_Grids", &attributes, |xml| {
                grid(xml, view)
            });
        }
        if !angles.mean_views.is_empty() {
            xml.element("Mean_Viewing_Incidence_Angle_List", "", |xml| {
                for (band, mean) in &angles.mean_views {
                    let attribute = format!("bandId=\"{}\"", band.index());
                    let name = "Mean_Viewing_Incidence_Angle";
                    xml.element(name, &attribute, |xml| direction(xml, *mean));
                }
            });
        }
    });
}

fn grid(xml: &mut Xml, grid: &AngleGrid) {
    let mut plane = |name: &'static str, angles: &Array2<f64>| {
        xml.element(name, "", |xml| {
            xml.leaf("COL_STEP", "unit=\"m\"", grid.nodes.column_step);
            xml.leaf("ROW_STEP", "unit=\"m\"", grid.nodes.row_step);
            xml.element("Values_List", "", |xml| {
                for row in angles.rows() {
                    let degrees = row
                        .iter()
                        .map(|angle| significant(angle.to_degrees(), GRID_DIGITS));
                    xml.leaf("VALUES", "", degrees.collect::<Vec<_>>().join(" "));
                }
            });
        });
    };
    plane("Zenith", &grid.zenith);
    plane("Azimuth", &grid.azimuth);
}

fn direction(xml: &mut Xml, direction: Direction) {
    let degrees = |angle: f64| significant(angle.to_degrees(), FULL_DIGITS);
    xml.leaf("ZENITH_ANGLE", "unit=\"deg\"", degrees(direction.zenith));
    xml.leaf("AZIMUTH_ANGLE", "unit=\"deg\"", degrees(direction.azimuth));
}

fn quality(xml: &mut Xml, description: &Description) {
    let percent = |bits| significant(description.classified_percentage(bits), FULL_DIGITS);
    let standard = "metadataLevel=\"Standard\"";
    xml.element("n1:Quality_Indicators_Info", standard, |xml| {
        xml.element("Image_Content_QI", "", |xml| {
            let cloud = percent(classification::OPAQUE | classification::CIRRUS);
            xml.leaf("CLOUDY_PIXEL_PERCENTAGE", "", cloud);
            let degraded = significant(description.degraded_percentage(), FULL_DIGITS);
            xml.leaf("DEGRADED_MSI_DATA_PERCENTAGE", "", degraded);
            if description.is_since_04_00() {
                xml.leaf("SNOW_PIXEL_PERCENTAGE", "", percent(classification::SNOW));
            }
        });
        xml.element("Pixel_Level_QI", "geometry=\"FULL_RESOLUTION\"", |xml| {
            for band in Band::ALL {
                for kind in band_masks(description) {
                    let attributes = format!("bandId=\"{}\" type=\"MSK_{kind}\"", band.index());
                    xml.leaf(
                        "MASK_FILENAME",
                        &attributes,
                        description.mask(kind, band.name()),
                    );
                }
            }
            let kind = classification_mask(description);
            let attribute = format!("type=\"MSK_{kind}\"");
            xml.leaf("MASK_FILENAME", &attribute, description.mask(kind, "B00"));
        });
        xml.leaf("PVI_FILENAME", "", description.preview());
    });
}

/// Masks that each band has.
pub(super) fn band_masks(description: &Description) -> &'static [&'static str] {
    if description.is_since_04_00() {
        &["DETFOO", "QUALIT"]
    } else {
        &["DEFECT", "DETFOO", "NODATA", "SATURA", "TECQUA"]
    }
}

/// The mask of the tile's clouds.
pub(super) fn classification_mask(description: &Description) -> &'static str {
    if description.is_since_04_00() {
        "CLASSI"
    } else {
        "CLOUDS"
    }
}
