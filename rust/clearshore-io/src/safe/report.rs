//! Everything that is known of a product, as JSON. Angles in degrees, positions in degrees.

use super::{MaskFormat, Product};
use clearshore::scene::{Band, Direction};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Files up to this size are stubs: the shortest JPEG 2000 file has a signature and a file type box.
const MAX_STUB_BYTES: u64 = 32;

impl Product {
    /// The report of `clearshore info --json`.
    pub fn report(&self) -> Value {
        let (product, tile) = (self.metadata(), self.tile());
        json!({
            "name": self.name(),
            "location": self.location(),
            "layout": self.layout(),
            "spacecraft": product.spacecraft,
            "level": product.level,
            "productType": product.product_type,
            "processingBaseline": product.baseline.to_string(),
            "startTime": product.start_time,
            "sensingTime": tile.sensing_time,
            "generationTime": product.generation_time,
            "datatake": product.datatake_id,
            "datastrip": tile.datastrip_id,
            "orbit": { "number": product.orbit_number, "direction": product.orbit_direction },
            "tile": tile.tile_id,
            "granule": tile.granule_id,
            "granules": product.granules.iter().map(|granule| &granule.id).collect::<Vec<_>>(),
            "percentages": {
                "cloudy": tile.cloudy_percentage,
                "degraded": tile.degraded_percentage,
                "noData": tile.no_data_percentage,
                "snow": tile.snow_percentage,
            },
            "radiometry": {
                "quantification": product.quantification,
                "noData": product.no_data_dn,
                "saturated": product.saturated_dn,
                "reflectanceConversion": product.reflectance_conversion,
            },
            "grids": self.report_grids(),
            "angles": self.report_angles(),
            "bands": Value::Object(Band::ALL.map(|band| self.report_band(band)).into_iter().collect()),
            "missingBands": self.missing_bands().iter().map(|band| band.name()).collect::<Vec<_>>(),
            "masks": self.report_masks(),
            "ecmwf": self.ecmwf().map(|file| &file.name),
            "warnings": self.warnings(),
        })
    }

    fn report_grids(&self) -> Value {
        let grids = self.tile().grids.iter().map(|(size, grid)| {
            let corners = grid
                .corners()
                .map(|corner| json!([corner.longitude.to_degrees(), corner.latitude.to_degrees()]));
            let grid = json!({
                "epsg": grid.zone.epsg(),
                "easting": grid.easting,
                "northing": grid.northing,
                "rows": grid.height,
                "columns": grid.width,
                "corners": corners,
            });
            (size.to_string(), grid)
        });
        Value::Object(grids.collect())
    }

    fn report_angles(&self) -> Value {
        let angles = self.angles();
        let direction = |direction: &Direction| {
            json!({
                "zenith": direction.zenith.to_degrees(),
                "azimuth": direction.azimuth.to_degrees(),
            })
        };
        let detectors: BTreeSet<u8> = angles.views.keys().map(|(_, detector)| *detector).collect();
        let means = angles.mean_views.iter();
        json!({
            "meanSun": angles.mean_sun.as_ref().map(direction),
            "sunGrid": angles.sun.as_ref().map(|grid| grid.zenith.dim()),
            "viewGrids": angles.views.len(),
            "detectors": detectors,
            "meanViews": means
                .map(|(band, mean)| (band.name().to_owned(), direction(mean)))
                .collect::<Map<_, _>>(),
        })
    }

    fn report_band(&self, band: Band) -> (String, Value) {
        let file = self.band_file(band);
        let state = match file.map(|file| file.size) {
            None => "missing".to_owned(),
            Some(1) => "stub: 1 byte".to_owned(),
            Some(size) if size <= MAX_STUB_BYTES => format!("stub: {size} bytes"),
            Some(_) => "present".to_owned(),
        };
        let value = json!({
            "file": file.map(|file| &file.name),
            "bytes": file.map(|file| file.size),
            "state": state,
            "pixelSize": band.native_pixel_size(),
            "offset": self.radiometry(band).offset,
            "solarIrradiance": self.metadata().solar_irradiance.get(&band),
        });
        (band.name().to_owned(), value)
    }

    /// Number of files per kind, and how they are written.
    fn report_masks(&self) -> Value {
        let mut kinds: BTreeMap<&str, (MaskFormat, u32)> = BTreeMap::new();
        for ((kind, _), mask) in self.masks() {
            let entry = kinds.entry(kind.name()).or_insert((mask.format, 0));
            entry.1 += 1;
        }
        let kinds = kinds.into_iter().map(|(kind, (format, files))| {
            (kind.to_owned(), json!({ "format": format, "files": files }))
        });
        Value::Object(kinds.collect())
    }
}
