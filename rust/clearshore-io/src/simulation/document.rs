//! `scene.json`: every choice that made a simulated scene.

use super::Order;
use serde_json::{Value, json};

/// Angles are written in steps of 1e-9 degrees.
const STEPS_PER_DEGREE: f64 = 1e9;

/// The document.
pub(super) fn document(order: &Order) -> Value {
    let (setting, acquisition) = (&order.setting, &order.acquisition);
    let grid = &setting.grid;
    let (easting, northing) = grid.centre();
    let centre = grid.zone.geodetic(easting, northing);
    let degrees =
        |radians: f64| (radians.to_degrees() * STEPS_PER_DEGREE).round() / STEPS_PER_DEGREE;
    let finite = |metres: f64| metres.is_finite().then_some(metres);
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "product": order.name,
        "preset": setting.preset,
        "seed": setting.seed,
        "weather": setting.weather,
        "place": {
            "latitude": degrees(centre.latitude),
            "longitude": degrees(centre.longitude),
            "tile": acquisition.tile,
            "epsg": grid.zone.epsg(),
            "easting": grid.easting,
            "northing": grid.northing,
        },
        "size": grid.width,
        "date": acquisition.sensing.to_string(),
        "sunElevation": 90.0 - degrees(setting.sun.zenith),
        "sunAzimuth": degrees(setting.sun.azimuth),
        "spacecraft": acquisition.spacecraft.name(),
        "baseline": acquisition.baseline,
        "orbit": setting.orbit,
        "wind": {
            "speed": setting.wind.speed,
            "from": setting.wind.direction.map(degrees),
        },
        "clouds": setting.clouds,
        "haze": setting.haze,
        "snowLine": finite(setting.snow_line),
        "noDataEdge": setting.swath_edge,
    })
}

/// The document as it is written.
pub(super) fn text(document: &Value) -> String {
    format!("{document:#}\n")
}
