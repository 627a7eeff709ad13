//! The tables as JSON, for every surface that shows or checks them.

use crate::flags::{CLASS_BAND, CLASSES, EVIDENCE, EVIDENCE_BAND, FLAG_BAND, FLAGS};
use crate::{Feature, PARAMETERS, ParameterKind, ParameterScope, ParameterSpec};
use serde_json::{Value, json};

/// All tables: parameters, flags, evidence, classes, features, and the names of the bands.
pub fn tables() -> Value {
    json!({
        "version": env!("CARGO_PKG_VERSION"),
        "flagBand": FLAG_BAND,
        "evidenceBand": EVIDENCE_BAND,
        "classBand": CLASS_BAND,
        "parameters": PARAMETERS.iter().map(parameter).collect::<Vec<_>>(),
        "flags": FLAGS.iter().map(|row| json!({
            "bit": row.bit(),
            "value": row.flag.bits(),
            "name": row.name,
            "meaning": row.meaning,
            "colour": row.colour,
        })).collect::<Vec<_>>(),
        "evidence": EVIDENCE.iter().map(|row| json!({
            "bit": row.bit.bits().trailing_zeros(),
            "value": row.bit.bits(),
            "name": row.name,
            "meaning": row.meaning,
        })).collect::<Vec<_>>(),
        "classes": CLASSES.iter().map(|row| json!({
            "value": row.class as u8,
            "name": row.name,
            "meaning": row.meaning,
            "colour": row.colour,
        })).collect::<Vec<_>>(),
        "features": Feature::ALL.map(|feature| json!({
            "name": feature.name(),
            "meaning": feature.meaning(),
        })),
    })
}

fn parameter(row: &ParameterSpec) -> Value {
    let kind = match row.kind {
        ParameterKind::Choice(values) => json!({ "kind": "choice", "values": values }),
        ParameterKind::Number { min, max } => json!({ "kind": "number", "min": min, "max": max }),
        ParameterKind::Count { min, max } => json!({ "kind": "count", "min": min, "max": max }),
        ParameterKind::Switch => json!({ "kind": "switch" }),
        ParameterKind::File => json!({ "kind": "file" }),
        ParameterKind::Name => json!({ "kind": "name" }),
    };
    let scope = match row.scope {
        ParameterScope::Everywhere => "everywhere",
        ParameterScope::Program => "program",
        ParameterScope::Operator => "operator",
    };
    let mut table = json!({
        "name": row.name,
        "label": row.label,
        "scope": scope,
        "defaultValue": row.default,
        "unit": row.unit,
        "range": row.range(),
        "description": row.description,
    });
    if let (Value::Object(table), Value::Object(kind)) = (&mut table, kind) {
        table.extend(kind);
    }
    table
}
