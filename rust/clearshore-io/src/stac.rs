//! The STAC item of a run: what was found, where, and how each bit and class is to be read. Generated
//! from the flag, evidence and class tables.
//!
//! Source: STAC 1.1.0 with the extensions classification 2.0.0, eo 2.0.0, projection 2.0.0, grid 1.1.0,
//! view 1.0.0, sat 1.0.0, processing 1.2.0 and sentinel-2 1.0.0. There is no clock in it: the same run
//! gives the same item.

use crate::dem;
use crate::output::Output;
use crate::safe::Product;
use clearshore::codes::Codes;
use clearshore::flags::{
    CLASS_BAND, CLASSES, Class, EVIDENCE, EVIDENCE_BAND, FLAG_BAND, FLAGS, Flags,
};
use clearshore::scene::Grid;
use clearshore::{Detection, Feature, FlagShare, Params};
use serde_json::{Map, Value, json};

/// Version of the specification.
const STAC_VERSION: &str = "1.1.0";
/// The extensions that the item uses.
const EXTENSIONS: [&str; 8] = [
    "https://stac-extensions.github.io/classification/v2.0.0/schema.json",
    "https://stac-extensions.github.io/eo/v2.0.0/schema.json",
    "https://stac-extensions.github.io/projection/v2.0.0/schema.json",
    "https://stac-extensions.github.io/grid/v1.1.0/schema.json",
    "https://stac-extensions.github.io/view/v1.0.0/schema.json",
    "https://stac-extensions.github.io/sat/v1.0.0/schema.json",
    "https://stac-extensions.github.io/processing/v1.2.0/schema.json",
    "https://stac-extensions.github.io/sentinel-2/v1.0.0/schema.json",
];
/// Media type of the rasters.
const COG_TYPE: &str = "image/tiff; application=geotiff; profile=cloud-optimized";
/// Roles of flags and classes, of the extensions eo and view.
const PIXEL_ROLES: [&str; 6] = [
    "data",
    "cloud",
    "cloud-shadow",
    "snow-ice",
    "land-water",
    "terrain-shadow",
];
/// Where the item keeps the parameters of the run.
pub const PARAMETERS_KEY: &str = "clearshore:parameters";
/// Where the item keeps pixels, area and share of each flag.
pub const STATISTICS_KEY: &str = "clearshore:statistics";
/// Where the item keeps which elevation model was used: its path, or null.
pub const DEM_KEY: &str = "clearshore:dem";
/// Where the item keeps what sun glint was predicted with: null where none is.
pub const GLINT_KEY: &str = "clearshore:glint";
/// Where it keeps which learned model looked at the scene: null where the physics decided alone.
pub const MODEL_KEY: &str = "clearshore:model";
/// Where the item keeps what the user should know.
pub const WARNINGS_KEY: &str = "clearshore:warnings";
/// Decimals of a degree that are written: 1e-7 degrees are a centimetre.
const DEGREE_DECIMALS: i32 = 7;
/// Decimals of a percentage.
const PERCENT_DECIMALS: i32 = 4;
/// A full turn, degrees.
const TURN: f64 = 360.0;
/// The antimeridian, degrees east.
const ANTIMERIDIAN: f64 = 180.0;

/// The item of one run. `files` are the other outputs, which lie beside it.
pub fn item(
    name: &str,
    product: &Product,
    grid: &Grid,
    params: &Params,
    detection: &Detection,
    files: &[Output],
) -> Value {
    let footprint = Footprint::of(grid);
    let assets: Map<String, Value> = files
        .iter()
        .filter_map(|output| asset(*output, name))
        .collect();
    json!({
        "type": "Feature",
        "stac_version": STAC_VERSION,
        "stac_extensions": EXTENSIONS,
        "id": format!("{name}_clearshore"),
        "bbox": footprint.bbox,
        "geometry": footprint.geometry,
        "properties": properties(product, grid, params, detection),
        "links": [],
        "assets": assets,
    })
}

/// The parameters that make the result what it is: all but the threads.
pub fn parameters(params: &Params) -> Value {
    json!(Params {
        threads: None,
        ..params.clone()
    })
}

/// The elevation model that a run with these parameters takes: its path, or null.
pub fn dem(params: &Params) -> Value {
    let wanted = params.compute_mountain_shadow;
    json!(wanted.then(|| dem::path_of_params(params)).flatten())
}

fn properties(product: &Product, grid: &Grid, params: &Params, detection: &Detection) -> Value {
    let (metadata, tile) = (product.metadata(), product.tile());
    let shares = detection.shares();
    let percent = |flag: Flags| {
        let share = shares.iter().find(|share| share.flag.flag == flag);
        share.map(|share| round(100.0 * share.share, PERCENT_DECIMALS))
    };
    let (height, width) = grid.shape();
    let size = grid.pixel_size;
    let sun = product.angles().mean_sun;
    let mut properties = json!({
        "title": "Clear-pixel flags of a Sentinel-2 Level-1C scene",
        "datetime": tile.sensing_time.as_ref().or(metadata.start_time.as_ref()),
        "platform": metadata.spacecraft.to_lowercase(),
        "constellation": "sentinel-2",
        "instruments": ["msi"],
        "gsd": size,
        "eo:cloud_cover": percent(Flags::CLOUD),
        "eo:snow_cover": percent(Flags::SNOW_ICE),
        "proj:code": format!("EPSG:{}", grid.zone.epsg()),
        "proj:shape": [height, width],
        "proj:transform": [size, 0.0, grid.easting, 0.0, -size, grid.northing, 0.0, 0.0, 1.0],
        "proj:bbox": [
            grid.easting,
            grid.northing - height as f64 * size,
            grid.easting + width as f64 * size,
            grid.northing,
        ],
        "grid:code": format!("MGRS-{}", tile.tile_id.trim_start_matches('T')),
        "view:sun_azimuth": sun.map(|sun| round(sun.azimuth.to_degrees(), DEGREE_DECIMALS)),
        "view:sun_elevation": sun
            .map(|sun| round(90.0 - sun.zenith.to_degrees(), DEGREE_DECIMALS)),
        "sat:orbit_state": metadata.orbit_direction.as_ref().map(|state| state.to_lowercase()),
        "sat:relative_orbit": metadata.orbit_number,
        "processing:software": { "Clearshore": env!("CARGO_PKG_VERSION") },
        "processing:version": env!("CARGO_PKG_VERSION"),
        "processing:lineage": "cloud, shadow, snow, water and coast flags from Level-1C TOA reflectance",
        "s2:product_uri": metadata.name,
        "s2:generation_time": metadata.generation_time,
        "s2:processing_baseline": metadata.baseline.to_string(),
        "s2:product_type": metadata.product_type,
        "s2:datatake_id": metadata.datatake_id,
        "s2:datastrip_id": tile.datastrip_id,
        "s2:granule_id": tile.granule_id,
    });
    if let Value::Object(known) = &mut properties {
        known.retain(|name, value| !value.is_null() || name == "datetime");
        known.insert(PARAMETERS_KEY.into(), parameters(params));
        known.insert(DEM_KEY.into(), dem(params));
        let statistics: Map<_, _> = shares.iter().map(|share| statistics(share, grid)).collect();
        known.insert(STATISTICS_KEY.into(), statistics.into());
        known.insert(GLINT_KEY.into(), json!(detection.glint));
        known.insert(MODEL_KEY.into(), json!(detection.model));
        known.insert(WARNINGS_KEY.into(), json!(detection.warnings));
    }
    properties
}

fn statistics(share: &FlagShare, grid: &Grid) -> (String, Value) {
    let statistics = json!({
        "pixels": share.pixels,
        "area_km2": share.pixels as f64 * grid.pixel_area_km2(),
        "percent": round(100.0 * share.share, PERCENT_DECIMALS),
    });
    (share.flag.name.to_owned(), statistics)
}

/// Key and asset of an output; the item itself has none.
fn asset(output: Output, name: &str) -> Option<(String, Value)> {
    let (key, details) = match output {
        Output::Flags => (
            FLAG_BAND.to_owned(),
            json!({
                "title": "Flags",
                "description": "One bit a flag; bits 0-18 mean what IdePix Sentinel-2's mean",
                "type": COG_TYPE,
                "roles": PIXEL_ROLES,
                "data_type": "int32",
                "classification:bitfields": flag_bitfields(),
            }),
        ),
        Output::Class => (
            CLASS_BAND.to_owned(),
            json!({
                "title": "Classes",
                "description": "One class a pixel: the first that applies",
                "type": COG_TYPE,
                "roles": PIXEL_ROLES,
                "data_type": "uint8",
                "nodata": Class::Invalid as u8,
                "classification:classes": classes(),
            }),
        ),
        Output::Evidence => (
            EVIDENCE_BAND.to_owned(),
            json!({
                "title": "Evidence",
                "description": "Why each flag was set, one bit each",
                "type": COG_TYPE,
                "roles": ["metadata"],
                "data_type": "int32",
                "classification:bitfields": evidence_bitfields(),
            }),
        ),
        Output::Codes(codes) => (
            codes.band(),
            json!({
                "title": format!("Class codes '{}'", codes.name),
                "description": codes.meaning,
                "type": COG_TYPE,
                "roles": PIXEL_ROLES,
                "data_type": "uint8",
                "nodata": codes.no_data(),
                "classification:classes": code_classes(codes),
            }),
        ),
        Output::Feature(feature) => (feature.name().to_owned(), feature_asset(feature)),
        Output::Quicklook => (
            "quicklook".to_owned(),
            json!({
                "title": "True colour beside the classes",
                "type": "image/png",
                "roles": ["overview"],
            }),
        ),
        Output::Item => return None,
    };
    let mut asset =
        Map::from_iter([("href".to_owned(), format!("./{}", output.file(name)).into())]);
    if let Value::Object(details) = details {
        asset.extend(details);
    }
    Some((key, Value::Object(asset)))
}

fn feature_asset(feature: Feature) -> Value {
    let roles: &[&str] = match feature {
        Feature::CloudProbability | Feature::CirrusReflectance => &["data", "cloud"],
        Feature::CloudShadowProbability => &["data", "cloud-shadow"],
        Feature::Hot | Feature::GlintReflectance | Feature::GlintExcess | Feature::GlintAngle => {
            &["data"]
        }
        // Roles of the view extension.
        Feature::CosIncidence => &["data", "terrain-illumination"],
        Feature::SunVisibility => &["data", "terrain-shadow"],
    };
    json!({
        "title": feature.name().replace('_', " "),
        "description": feature.meaning(),
        "type": COG_TYPE,
        "roles": roles,
        "data_type": "float32",
        "nodata": "nan",
    })
}

/// `classification:bitfields` of the flag band.
pub fn flag_bitfields() -> Vec<Value> {
    FLAGS
        .iter()
        .map(|row| bitfield(row.bit(), row.name, row.meaning, Some(row.colour)))
        .collect()
}

/// `classification:bitfields` of the evidence band.
pub fn evidence_bitfields() -> Vec<Value> {
    EVIDENCE
        .iter()
        .map(|row| bitfield(row.bit.bits().trailing_zeros(), row.name, row.meaning, None))
        .collect()
}

/// `classification:classes` of the class band.
pub fn classes() -> Vec<Value> {
    let invalid = |class| class == Class::Invalid;
    let rows = CLASSES.iter();
    rows.map(|row| {
        class(
            row.class as u8,
            row.name,
            row.meaning,
            row.colour,
            invalid(row.class),
        )
    })
    .collect()
}

/// `classification:classes` of a band of class codes: the numbers that occur.
pub fn code_classes(codes: &Codes) -> Vec<Value> {
    let rows = codes.written.iter();
    rows.map(|row| {
        class(
            row.value,
            row.name,
            row.meaning,
            row.colour(),
            row.is_no_data(),
        )
    })
    .collect()
}

fn class(value: u8, name: &str, meaning: &str, colour: [u8; 3], is_no_data: bool) -> Value {
    let mut class = json!({
        "value": value,
        "name": name,
        "description": meaning,
        "color_hint": hexadecimal(colour),
    });
    if is_no_data {
        class["nodata"] = true.into();
    }
    class
}

fn bitfield(offset: u32, name: &str, meaning: &str, colour: Option<[u8; 3]>) -> Value {
    let mut set = json!({ "value": 1, "name": "yes", "description": meaning });
    if let Some(colour) = colour {
        set["color_hint"] = hexadecimal(colour).into();
    }
    json!({
        "offset": offset,
        "length": 1,
        "name": name,
        "description": meaning,
        "classes": [{ "value": 0, "name": "no", "description": format!("not: {meaning}") }, set],
    })
}

fn hexadecimal([red, green, blue]: [u8; 3]) -> String {
    format!("{red:02X}{green:02X}{blue:02X}")
}

/// A number with so many decimals.
fn round(number: f64, decimals: i32) -> f64 {
    let scale = 10_f64.powi(decimals);
    (number * scale).round() / scale
}

/// Where the grid lies, longitude and latitude in degrees, as GeoJSON (RFC 7946) has it.
struct Footprint {
    /// West, south, east, north; west is larger than east across the antimeridian.
    bbox: [f64; 4],
    geometry: Value,
}

impl Footprint {
    fn of(grid: &Grid) -> Self {
        let mut corners = grid
            .corners()
            .map(|corner| [corner.longitude.to_degrees(), corner.latitude.to_degrees()]);
        // Anticlockwise, as outer rings are.
        corners.reverse();
        let span = |longitude: f64| (longitude - corners[0][0]).abs() > ANTIMERIDIAN;
        if corners.iter().any(|corner| span(corner[0])) {
            for corner in &mut corners {
                corner[0] = corner[0].rem_euclid(TURN);
            }
            let west = cut(&corners, |longitude| longitude <= ANTIMERIDIAN);
            let mut east = cut(&corners, |longitude| longitude >= ANTIMERIDIAN);
            for corner in &mut east {
                corner[0] -= TURN;
            }
            let rings = [west, east].map(|part| [ring(&part)]);
            return Self {
                bbox: bbox(&corners),
                geometry: json!({ "type": "MultiPolygon", "coordinates": rings }),
            };
        }
        Self {
            bbox: bbox(&corners),
            geometry: json!({ "type": "Polygon", "coordinates": [ring(&corners)] }),
        }
    }
}

/// The part of a convex polygon on one side of the antimeridian.
fn cut(corners: &[[f64; 2]], inside: impl Fn(f64) -> bool) -> Vec<[f64; 2]> {
    let mut part = Vec::new();
    for (corner, next) in corners.iter().zip(corners.iter().cycle().skip(1)) {
        if inside(corner[0]) {
            part.push(*corner);
        }
        if inside(corner[0]) != inside(next[0])
            && corner[0] != ANTIMERIDIAN
            && next[0] != ANTIMERIDIAN
        {
            let along = (ANTIMERIDIAN - corner[0]) / (next[0] - corner[0]);
            part.push([ANTIMERIDIAN, corner[1] + along * (next[1] - corner[1])]);
        }
    }
    part
}

/// A closed ring.
fn ring(corners: &[[f64; 2]]) -> Vec<[f64; 2]> {
    corners
        .iter()
        .chain(corners.first())
        .map(|corner| corner.map(|degrees| round(degrees, DEGREE_DECIMALS)))
        .collect()
}

fn bbox(corners: &[[f64; 2]]) -> [f64; 4] {
    let low = |axis: usize| {
        corners
            .iter()
            .map(|c| c[axis])
            .fold(f64::INFINITY, f64::min)
    };
    let high = |axis: usize| {
        corners
            .iter()
            .map(|c| c[axis])
            .fold(f64::NEG_INFINITY, f64::max)
    };
    let east = if high(0) > ANTIMERIDIAN {
        high(0) - TURN
    } else {
        high(0)
    };
    [low(0), low(1), east, high(1)].map(|degrees| round(degrees, DEGREE_DECIMALS))
}

#[cfg(test)]
mod tests {
    use super::*;
    use clearshore::scene::UtmZone;

    fn grid(epsg: u32, easting: f64, northing: f64) -> Grid {
        Grid {
            zone: UtmZone::from_epsg(epsg).unwrap(),
            easting,
            northing,
            pixel_size: 20.0,
            height: 5490,
            width: 5490,
        }
    }

    // Positions by pyproj 3.7 (PROJ): Transformer.from_crs(epsg, 4326, always_xy=True).
    #[test]
    fn a_footprint_is_a_closed_anticlockwise_ring() {
        let footprint = Footprint::of(&grid(32_749, 699_960.0, 7_200_040.0));
        let ring = json!([[
            [113.0028059, -26.2937139],
            [114.1015051, -26.2741639],
            [114.0758424, -25.2841018],
            [112.9862154, -25.302811],
            [113.0028059, -26.2937139],
        ]]);
        assert_eq!(
            footprint.geometry,
            json!({ "type": "Polygon", "coordinates": ring })
        );
        assert_eq!(
            footprint.bbox,
            [112.9862154, -26.2937139, 114.1015051, -25.2841018]
        );
    }

    #[test]
    fn a_footprint_across_the_antimeridian_is_split_there() {
        let footprint = Footprint::of(&grid(32_701, 99_960.0, 8_200_000.0));
        assert_eq!(
            footprint.bbox,
            [179.2392098, -17.2548501, -179.7154611, -16.2477629]
        );
        assert_eq!(footprint.geometry["type"], "MultiPolygon");
        let part = |index: usize| -> Vec<[f64; 2]> {
            serde_json::from_value(footprint.geometry["coordinates"][index][0].clone()).unwrap()
        };
        let (west, east) = (part(0), part(1));
        assert!(
            west.iter()
                .all(|[longitude, _]| (179.2..=180.0).contains(longitude))
        );
        assert!(
            east.iter()
                .all(|[longitude, _]| (-180.0..=-179.7).contains(longitude))
        );
        // Straight edges between the corners, at 180 degrees.
        let upper = -16.247_762_925
            + (180.0 - 179.258_625_323) / (180.284_538_944 - 179.258_625_323)
                * (-16.263_411_194 + 16.247_762_925);
        let lower = -17.238_191_708
            + (180.0 - 179.239_209_826) / (180.270_428_192 - 179.239_209_826)
                * (-17.254_850_144 + 17.238_191_708);
        for (ring, meridian) in [(&west, 180.0), (&east, -180.0)] {
            assert_eq!((ring.len(), ring.first()), (5, ring.last()));
            for latitude in [upper, lower] {
                let near = |corner: &&[f64; 2]| {
                    corner[0] == meridian && (corner[1] - latitude).abs() < 1e-6
                };
                assert_eq!(
                    ring[1..].iter().filter(near).count(),
                    1,
                    "{ring:?} {latitude}"
                );
            }
        }
    }

    #[test]
    fn every_bit_and_class_is_described() {
        let flags = flag_bitfields();
        assert_eq!(
            flags[1],
            json!({
                "offset": 1,
                "length": 1,
                "name": "CS_CLOUD",
                "description": "cloud, sure or ambiguous",
                "classes": [
                    { "value": 0, "name": "no", "description": "not: cloud, sure or ambiguous" },
                    {
                        "value": 1,
                        "name": "yes",
                        "description": "cloud, sure or ambiguous",
                        "color_hint": "B2B200"
                    },
                ],
            })
        );
        let offsets: Vec<_> = flags
            .iter()
            .map(|field| field["offset"].as_u64().unwrap())
            .collect();
        assert_eq!(
            offsets,
            [
                0, 1, 2, 3, 4, 5, 6, 9, 10, 11, 12, 13, 14, 15, 18, 21, 22, 23, 24, 25, 26, 27, 28,
                29, 30
            ]
        );
        assert_eq!(evidence_bitfields().len(), 18);
        let classes = classes();
        assert_eq!(
            classes[2],
            json!({ "value": 2, "name": "clear_water", "description": "clear water", "color_hint": "005AC8" })
        );
        assert_eq!(classes[0]["nodata"], true);
        assert_eq!(classes.len(), 10);
    }

    #[test]
    fn the_numbers_of_codes_are_described() {
        let scl = Codes::named("scl").unwrap();
        let (key, asset) = asset(Output::Codes(scl), "S2A").unwrap();
        assert_eq!(key, "clearshore_scl");
        assert_eq!(asset["href"], "./S2A_clearshore_scl.tif");
        assert_eq!(
            (&asset["data_type"], &asset["nodata"]),
            (&json!("uint8"), &json!(0))
        );
        let classes = asset["classification:classes"].as_array().unwrap();
        let values: Vec<_> = classes
            .iter()
            .map(|class| class["value"].as_u64().unwrap())
            .collect();
        assert_eq!(values, [0, 2, 3, 5, 6, 9, 10, 11]);
        assert_eq!(classes[0]["nodata"], true);
        assert_eq!(
            classes[6],
            json!({ "value": 10, "name": "thin_cirrus", "description": "thin cloud or cirrus", "color_hint": "FFDB9C" })
        );
        let fmask4 = Codes::named("fmask4").unwrap();
        let classes = code_classes(fmask4);
        assert_eq!(classes[5]["value"], 255);
        assert!(classes[5]["nodata"] == true && classes[0]["nodata"].is_null());
    }

    #[test]
    fn an_asset_says_where_its_file_is() {
        let (key, asset) = asset(Output::Flags, "S2A").unwrap();
        assert_eq!(
            (key.as_str(), &asset["href"]),
            ("clearshore_flags", &json!("./S2A_clearshore_flags.tif"))
        );
        assert!(super::asset(Output::Item, "S2A").is_none());
    }
}
