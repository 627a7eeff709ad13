//! Masks written as polygons in GML (before baseline 04.00), and burning them into grids.
//!
//! Source: Sentinel-2 Products Specification Document, S2-PDGS-TAS-DI-PSD 14.2, section on masks;
//! OGC GML 3.2.1 for `posList`.

use super::xml::{self, Element};
use clearshore::scene::Grid;
use clearshore::{Error, Progress, Result};
use std::ops::Range;

/// One feature of a mask.
#[derive(Clone, Debug, PartialEq)]
pub struct Feature {
    /// `gml:id`: `detector_footprint-B01-10-0`.
    pub id: String,
    /// `maskType`: `DETECTOR_FOOTPRINT`, `QT_DEFECTIVE_PIXELS`, ...
    pub kind: String,
    /// Rings of its polygons, exterior and interior alike: the even-odd rule tells them apart.
    pub rings: Vec<Vec<[f64; 2]>>,
}

/// Reads a mask that lies on `grid`'s zone; `file` is its place for messages.
pub fn read(text: &str, file: &str, grid: &Grid) -> Result<Vec<Feature>> {
    let document = xml::parse(text, file)?;
    let root = Element::root(&document, file);
    if root.name() != "Mask" {
        return Err(root
            .error("this is not a mask")
            .got(root.name())
            .expected("Mask"));
    }
    for envelope in root.descendants("Envelope") {
        let epsg = grid.zone.epsg().to_string();
        let name = envelope.attribute("srsName").unwrap_or_default();
        if !name.is_empty() && name.rsplit(':').next() != Some(&epsg) {
            return Err(envelope
                .error("the mask is in another coordinate system than the tile")
                .got(name)
                .expected(format!("EPSG:{epsg}")));
        }
    }
    root.descendants("MaskFeature").map(feature).collect()
}

fn feature(element: Element) -> Result<Feature> {
    Ok(Feature {
        id: element
            .attribute_in_any_namespace("id")
            .ok_or_else(|| element.error("the attribute gml:id is missing"))?
            .into(),
        kind: element.get(&["maskType"])?.filled()?.into(),
        rings: element
            .descendants("posList")
            .map(ring)
            .collect::<Result<_>>()?,
    })
}

/// Positions of a ring, in two or three dimensions; the height is not needed.
fn ring(list: Element) -> Result<Vec<[f64; 2]>> {
    let dimension = match list.attribute("srsDimension") {
        None => 2,
        Some(_) => list.attribute_value("srsDimension", "2 or 3", |dimension: &usize| {
            [2, 3].contains(dimension)
        })?,
    };
    let numbers: Vec<f64> = list
        .text()
        .split_ascii_whitespace()
        .map(|text| {
            let number = text.parse().ok().filter(|number: &f64| number.is_finite());
            number.ok_or_else(|| {
                list.error("a position of a mask is not a number")
                    .got(format!("{text:?}"))
            })
        })
        .collect::<Result<_>>()?;
    if !numbers.len().is_multiple_of(dimension) {
        return Err(list
            .error("a ring of a mask is cut off")
            .got(format!("{} numbers", numbers.len()))
            .expected(format!("a multiple of {dimension}")));
    }
    Ok(numbers
        .chunks_exact(dimension)
        .map(|p| [p[0], p[1]])
        .collect())
}

/// Burns rings into a grid by the even-odd rule at the pixels' centres: calls `burn` with each row
/// and range of columns inside.
///
/// A centre on a left or upper edge is inside, on a right or lower edge outside, so that polygons
/// that share an edge share no pixel.
pub fn burn(
    rings: &[Vec<[f64; 2]>],
    grid: &Grid,
    progress: &dyn Progress,
    mut burn: impl FnMut(usize, Range<usize>),
) -> Result<()> {
    // Number of pixel centres before a distance in pixels from the grid's left or upper edge.
    let centres =
        |distance: f64, count: usize| (distance - 0.5).ceil().clamp(0.0, count as f64) as usize;
    let mut crossings: Vec<Vec<f64>> = vec![Vec::new(); grid.height];
    for ring in rings {
        let next = ring.iter().skip(1).chain(ring.first());
        for (from, to) in ring.iter().zip(next) {
            let [from, to] = [from, to].map(|[easting, northing]| {
                [
                    (easting - grid.easting) / grid.pixel_size,
                    (grid.northing - northing) / grid.pixel_size,
                ]
            });
            let (upper, lower) = if from[1] <= to[1] {
                (from, to)
            } else {
                (to, from)
            };
            let slope = (lower[0] - upper[0]) / (lower[1] - upper[1]);
            let rows = centres(upper[1], grid.height)..centres(lower[1], grid.height);
            for (row, crossings) in rows.clone().zip(&mut crossings[rows]) {
                crossings.push(upper[0] + (row as f64 + 0.5 - upper[1]) * slope);
            }
        }
    }
    for (row, crossings) in crossings.iter_mut().enumerate() {
        if row.is_multiple_of(ROWS_BETWEEN_CHECKS) {
            progress.check()?;
        }
        crossings.sort_by(f64::total_cmp);
        // Every ring is closed, so a row crosses it an even number of times.
        for pair in crossings.chunks_exact(2) {
            let columns = centres(pair[0], grid.width)..centres(pair[1], grid.width);
            if !columns.is_empty() {
                burn(row, columns);
            }
        }
    }
    Ok(())
}

/// Rows after which a cancelled run is noticed.
const ROWS_BETWEEN_CHECKS: usize = 256;

/// The detector that a footprint's identifier names: 10 in `detector_footprint-B01-10-0`.
pub fn detector(feature: &Feature, place: &str) -> Result<u8> {
    let number = feature
        .id
        .split('-')
        .nth(2)
        .and_then(|part| part.parse().ok());
    number
        .filter(|number| (1..=super::tile::MAX_DETECTOR).contains(number))
        .ok_or_else(|| {
            Error::product("a detector footprint names no detector")
                .at(place)
                .got(&feature.id)
                .expected("detector_footprint-B01-02-0, with a detector from 1 to 12")
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use clearshore::NoProgress;
    use clearshore::scene::UtmZone;
    use ndarray::Array2;
    use proptest::prelude::*;

    fn grid(height: usize, width: usize) -> Grid {
        Grid {
            zone: UtmZone::from_epsg(32610).unwrap(),
            easting: 500_000.0,
            northing: 4_000_000.0,
            pixel_size: 20.0,
            height,
            width,
        }
    }

    fn burnt(rings: &[Vec<[f64; 2]>], grid: &Grid) -> Array2<bool> {
        let mut mask = Array2::from_elem(grid.shape(), false);
        burn(rings, grid, &NoProgress, |row, columns| {
            for column in columns {
                mask[[row, column]] = true;
            }
        })
        .unwrap();
        mask
    }

    /// The textbook test: a ray from the point to the left crosses an odd number of edges.
    fn inside(rings: &[Vec<[f64; 2]>], x: f64, y: f64) -> bool {
        let mut crossings = 0;
        for ring in rings {
            for i in 0..ring.len() {
                let ([x0, y0], [x1, y1]) = (ring[i], ring[(i + 1) % ring.len()]);
                if (y0 > y) != (y1 > y) && x0 + (y - y0) * (x1 - x0) / (y1 - y0) < x {
                    crossings += 1;
                }
            }
        }
        crossings % 2 == 1
    }

    proptest! {
        #[test]
        fn burning_equals_testing_every_centre(
            rings in prop::collection::vec(
                prop::collection::vec((-50.0..450.0_f64, -50.0..350.0_f64), 0..8), 0..4),
        ) {
            let grid = grid(15, 20);
            let rings: Vec<Vec<[f64; 2]>> = rings
                .iter()
                .map(|ring| {
                    ring.iter().map(|(x, y)| [grid.easting + x, grid.northing - y]).collect()
                })
                .collect();
            let mask = burnt(&rings, &grid);
            for ((row, column), got) in mask.indexed_iter() {
                let (x, y) = grid.pixel_centre(row, column);
                prop_assert_eq!(*got, inside(&rings, x, y));
            }
        }
    }

    #[test]
    fn polygons_that_share_an_edge_through_centres_share_no_pixel() {
        let grid = grid(4, 6);
        let rectangle = |left: f64, right: f64| {
            let (top, bottom) = (4_000_000.0, 4_000_000.0 - 70.0);
            vec![vec![
                [left, top],
                [right, top],
                [right, bottom],
                [left, bottom],
                [left, top],
            ]]
        };
        let (left, right) = (
            rectangle(500_000.0, 500_050.0),
            rectangle(500_050.0, 500_120.0),
        );
        let count = |mask: &Array2<bool>| mask.iter().filter(|inside| **inside).count();
        let (left, right) = (burnt(&left, &grid), burnt(&right, &grid));
        // Centres at 10, 30 | 50, 70, 90, 110 m, and at 10, 30, 50 of 70 m.
        assert_eq!((count(&left), count(&right)), (2 * 3, 4 * 3));
        assert!(!left.iter().zip(&right).any(|(left, right)| *left && *right));
    }

    fn mask(members: &str) -> String {
        format!(
            "<eop:Mask xmlns:eop='e' xmlns:gml='g'><gml:boundedBy><gml:Envelope \
             srsName='urn:ogc:def:crs:EPSG:8.7:32610'/></gml:boundedBy>\
             <eop:maskMembers>{members}</eop:maskMembers></eop:Mask>"
        )
    }

    fn member(list: &str) -> String {
        format!(
            "<eop:MaskFeature gml:id='detector_footprint-B02-07-1'><eop:maskType>DETECTOR_FOOTPRINT\
             </eop:maskType><eop:extentOf><gml:Polygon><gml:exterior><gml:LinearRing>{list}\
             </gml:LinearRing></gml:exterior></gml:Polygon></eop:extentOf></eop:MaskFeature>"
        )
    }

    #[test]
    fn positions_have_two_or_three_dimensions() {
        let grid = grid(4, 4);
        let flat = member("<gml:posList>0 0 2 0 2 3</gml:posList>");
        let high = member("<gml:posList srsDimension='3'>0 0 9 2 0 9 2 3 9</gml:posList>");
        let expected = [[0.0, 0.0], [2.0, 0.0], [2.0, 3.0]];
        for list in [flat, high] {
            let features = read(&mask(&list), "x.gml", &grid).unwrap();
            assert_eq!(features[0].rings, [expected]);
            assert_eq!(detector(&features[0], "x.gml").unwrap(), 7);
        }
        assert!(read(&mask(""), "x.gml", &grid).unwrap().is_empty());
    }

    #[test]
    fn broken_masks_are_refused() {
        let good = grid(4, 4);
        for broken in [
            mask(&member(
                "<gml:posList srsDimension='3'>0 0 9 2</gml:posList>",
            )),
            mask(&member(
                "<gml:posList srsDimension='4'>0 0 9 2</gml:posList>",
            )),
            mask(&member("<gml:posList>0 zero</gml:posList>")),
            mask(&member("<gml:posList>0 NaN</gml:posList>")),
            mask("<eop:MaskFeature/>"),
            mask("").replace("32610", "32611"),
            "<Other/>".into(),
            "<eop:Mask".into(),
        ] {
            assert!(read(&broken, "x.gml", &good).is_err(), "{broken}");
        }
        for id in [
            "detector_footprint-B02-13-1",
            "detector_footprint-B02-0-1",
            "x",
        ] {
            let feature = Feature {
                id: id.into(),
                kind: String::new(),
                rings: Vec::new(),
            };
            assert!(detector(&feature, "x.gml").is_err(), "{id}");
        }
    }
}
