//! Quality masks: rasters since baseline 04.00, GML polygons before.

use super::description::{Defect, Description, QualityPlane, classification};
use super::jp2::{Planes, Structure};
use super::xml::Xml;
use clearshore::Result;
use clearshore::scene::{Band, Grid};
use ndarray::{Array2, ArrayViewMut1, s};
use std::path::Path;

/// Planes of MSK_QUALIT.
const QUALITY_PLANES: usize = 8;
/// Planes of MSK_CLASSI.
const CLASSIFICATION_PLANES: [u8; 3] = [
    classification::OPAQUE,
    classification::CIRRUS,
    classification::SNOW,
];

/// Sets the pixels whose centres lie in a simple polygon (metres east and south of the upper-left
/// corner) to `value`.
pub(super) fn burn(raster: &mut Array2<u8>, pixel: f64, polygon: &[[f64; 2]], value: u8) {
    for (index, mut line) in raster.rows_mut().into_iter().enumerate() {
        let south = (index as f64 + 0.5) * pixel;
        let next = polygon.iter().cycle().skip(1);
        let mut crossings: Vec<f64> = polygon
            .iter()
            .zip(next)
            .filter(|(a, b)| (a[1] <= south) != (b[1] <= south))
            .map(|(a, b)| a[0] + (south - a[1]) / (b[1] - a[1]) * (b[0] - a[0]))
            .collect();
        crossings.sort_by(f64::total_cmp);
        for pair in crossings.chunks_exact(2) {
            fill(&mut line, pixel, pair[0], pair[1], value);
        }
    }
}

/// Sets the pixels of a line whose centres lie in [from, to).
fn fill(line: &mut ArrayViewMut1<u8>, pixel: f64, from: f64, to: f64, value: u8) {
    let column = |east: f64| ((east / pixel - 0.5).ceil().max(0.0) as usize).min(line.len());
    let (first, last) = (column(from), column(to));
    line.slice_mut(s![first..last.max(first)]).fill(value);
}

/// Writes MSK_DETFOO of a band: detector numbers, 0 where nothing was seen.
pub(super) fn write_footprints(
    path: &Path,
    description: &Description,
    band: Band,
    grid: &Grid,
) -> Result<()> {
    let mut raster = Array2::zeros(grid.shape());
    for footprint in description.footprints.iter().filter(|f| f.band == band) {
        burn(
            &mut raster,
            grid.pixel_size,
            &footprint.polygon,
            footprint.detector,
        );
    }
    let mut planes = Planes::new::<u8>(grid, 1)?;
    planes.fill(0, raster)?;
    planes.write(path, Structure::of_mask(band.native_pixel_size()))
}

/// Writes MSK_QUALIT of a band. `scratch` is a file that may be used meanwhile.
pub(super) fn write_quality(
    path: &Path,
    description: &Description,
    band: Band,
    grid: &Grid,
    scratch: &Path,
) -> Result<()> {
    let mut planes = Planes::sparse::<u8>(scratch, grid, QUALITY_PLANES)?;
    for index in 0..QUALITY_PLANES {
        let of_plane = |defect: &&Defect| defect.band == band && defect.plane as usize == index;
        let mut defects = description.defects.iter().filter(of_plane).peekable();
        if defects.peek().is_some() {
            let mut raster = Array2::zeros(grid.shape());
            for defect in defects {
                burn(&mut raster, grid.pixel_size, &defect.polygon, 1);
            }
            planes.fill(index, raster)?;
        }
    }
    planes.write(path, Structure::of_mask(band.native_pixel_size()))
}

/// Writes MSK_CLASSI on the 60 m grid.
pub(super) fn write_classification(
    path: &Path,
    description: &Description,
    grid: &Grid,
) -> Result<()> {
    let mut planes = Planes::new::<u8>(grid, CLASSIFICATION_PLANES.len())?;
    if let Some(mask) = &description.classification {
        for (index, bit) in CLASSIFICATION_PLANES.into_iter().enumerate() {
            planes.fill(index, mask.mapv(|pixel| u8::from(pixel & bit != 0)))?;
        }
    }
    planes.write(path, Structure::of_mask(60))
}

/// A part of a GML mask: `maskType`, identifier, corners in metres from the tile's upper-left corner.
struct Member {
    kind: &'static str,
    identifier: String,
    polygon: Vec<[f64; 2]>,
}

/// A band's GML mask of a kind: `DETFOO`, `DEFECT`, `NODATA`, `SATURA` or `TECQUA`.
pub(super) fn band_gml(description: &Description, kind: &str, band: Band) -> String {
    let footprints = description
        .footprints
        .iter()
        .filter(|f| kind == "DETFOO" && f.band == band);
    let footprints = footprints.enumerate().map(|(index, footprint)| Member {
        kind: "DETECTOR_FOOTPRINT",
        identifier: format!(
            "detector_footprint-{band}-{:02}-{index}",
            footprint.detector
        ),
        polygon: footprint.polygon.clone(),
    });
    let defects = description
        .defects
        .iter()
        .filter(|defect| defect.band == band);
    let defects = defects.enumerate().filter_map(|(index, defect)| {
        let (mask, name) = gml_type(defect.plane);
        (mask == kind).then(|| Member {
            kind: name,
            identifier: format!("{name}.{index}"),
            polygon: defect.polygon.clone(),
        })
    });
    let members: Vec<Member> = footprints.chain(defects).collect();
    gml(description, kind, band.name(), &members)
}

/// Mask and `maskType` that older baselines have for a plane of MSK_QUALIT.
fn gml_type(plane: QualityPlane) -> (&'static str, &'static str) {
    match plane {
        QualityPlane::AncillaryLost => ("TECQUA", "ANC_LOST"),
        QualityPlane::AncillaryDegraded => ("TECQUA", "ANC_DEG"),
        QualityPlane::InstrumentLost => ("TECQUA", "MSI_LOST"),
        QualityPlane::InstrumentDegraded => ("TECQUA", "MSI_DEG"),
        QualityPlane::Defective => ("DEFECT", "QT_DEFECTIVE_PIXELS"),
        QualityPlane::NoData => ("NODATA", "QT_NODATA_PIXELS"),
        QualityPlane::PartiallyCorrected => ("NODATA", "QT_PARTIALLY_CORRECTED_PIXELS"),
        QualityPlane::Saturated => ("SATURA", "QT_SATURATED_PIXELS"),
    }
}

/// MSK_CLOUDS: each run of cloudy pixels in a row is a rectangle.
pub(super) fn cloud_gml(description: &Description, grid: &Grid) -> String {
    let mut members = Vec::new();
    for (bit, kind) in [
        (classification::OPAQUE, "OPAQUE"),
        (classification::CIRRUS, "CIRRUS"),
    ] {
        let rows = description
            .classification
            .iter()
            .flat_map(|mask| mask.rows());
        for (row, line) in rows.into_iter().enumerate() {
            let pixels: Vec<(usize, bool)> = line
                .iter()
                .map(|pixel| pixel & bit != 0)
                .enumerate()
                .collect();
            for run in pixels.chunk_by(|a, b| a.1 == b.1) {
                let (Some(&(first, true)), Some(&(last, _))) = (run.first(), run.last()) else {
                    continue;
                };
                let [west, east] = [first, last + 1].map(|column| column as f64 * grid.pixel_size);
                let [north, south] = [row, row + 1].map(|row| row as f64 * grid.pixel_size);
                members.push(Member {
                    kind,
                    identifier: format!("{kind}.{}", members.len()),
                    polygon: vec![[west, north], [east, north], [east, south], [west, south]],
                });
            }
        }
    }
    gml(description, "CLOUDS", "B00", &members)
}

fn gml(description: &Description, kind: &str, band: &str, members: &[Member]) -> String {
    let grid = &description.grid;
    let identifier = format!(
        "{}_OPER_MSK_{kind}_2{}PS_{}_A{:06}_T{}_{band}_MSIL1C",
        description.spacecraft.name(),
        description.spacecraft.letter(),
        description.generation.compact(),
        description.absolute_orbit,
        description.tile
    );
    let on_grid = |[east, south]: [f64; 2]| [grid.easting + east, grid.northing - south];
    let mut xml = Xml::new();
    let attributes = format!(
        "xmlns:eop=\"http://www.opengis.net/eop/2.0\" xmlns:gml=\"http://www.opengis.net/gml/3.2\" \
         gml:id=\"{identifier}\""
    );
    xml.element("eop:Mask", &attributes, |xml| {
        xml.leaf(
            "gml:name",
            "",
            format!("MSK_{kind} pixels mask from data-strip {identifier}"),
        );
        if members.is_empty() {
            xml.empty("eop:maskMembers", "");
            return;
        }
        let points = members
            .iter()
            .flat_map(|member| &member.polygon)
            .map(|point| on_grid(*point));
        let corner = |pick: fn(f64, f64) -> f64| {
            let start = points.clone().next().unwrap_or_default();
            let [x, y] = points
                .clone()
                .fold(start, |a, b| [pick(a[0], b[0]), pick(a[1], b[1])]);
            format!("{x} {y}")
        };
        xml.element("gml:boundedBy", "", |xml| {
            let reference = format!("srsName=\"urn:ogc:def:crs:EPSG:8.7:{}\"", grid.zone.epsg());
            xml.element("gml:Envelope", &reference, |xml| {
                xml.leaf("gml:lowerCorner", "", corner(f64::min));
                xml.leaf("gml:upperCorner", "", corner(f64::max));
            });
        });
        xml.element("eop:maskMembers", "", |xml| {
            for (index, member) in members.iter().enumerate() {
                self::member(xml, index, member, &on_grid);
            }
        });
    });
    xml.finish()
}

fn member(xml: &mut Xml, index: usize, member: &Member, on_grid: &dyn Fn([f64; 2]) -> [f64; 2]) {
    let identifier = format!("gml:id=\"{}\"", member.identifier);
    xml.element("eop:MaskFeature", &identifier, |xml| {
        xml.leaf(
            "eop:maskType",
            "codeSpace=\"urn:gs2:S2PDGS:maskType\"",
            member.kind,
        );
        xml.element("eop:extentOf", "", |xml| {
            let identifier = format!("gml:id=\"{}.{index}_Polygon\"", member.kind);
            xml.element("gml:Polygon", &identifier, |xml| {
                xml.element("gml:exterior", "", |xml| {
                    xml.element("gml:LinearRing", "", |xml| {
                        let closed = member.polygon.iter().chain(member.polygon.first());
                        let points = closed.map(|point| {
                            let [x, y] = on_grid(*point);
                            format!("{x} {y}")
                        });
                        let text = points.collect::<Vec<_>>().join(" ");
                        xml.leaf("gml:posList", "srsDimension=\"2\"", text);
                    });
                });
            });
        });
    });
}
