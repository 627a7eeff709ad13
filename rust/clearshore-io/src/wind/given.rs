//! Wind that a host gives, as JSON.

use super::{Found, no_wind, unused};
use clearshore::scene::{Nodes, WindGrid};
use clearshore::{Error, Result};
use ndarray::Array2;
use serde::Deserialize;

/// Most nodes that are taken: those of a tile are 81.
const MAX_NODES: usize = 1_000_000;

/// Wind 10 m above the ground at the nodes of a lattice, as a host gives it. Distances are metres from the upper-left
/// corner of the scene's grid, the speeds m/s, row by row.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Given {
    rows: usize,
    columns: usize,
    first_row: f64,
    first_column: f64,
    row_step: f64,
    column_step: f64,
    /// Toward the east; null where it is not known.
    eastward: Vec<Option<f64>>,
    /// Toward the north; null where it is not known.
    northward: Vec<Option<f64>>,
}

/// Wind from JSON: an object of `rows`, `columns`, `firstRow`, `firstColumn`, `rowStep` and `columnStep` (metres from the
/// upper-left corner of the scene's grid), `eastward` and `northward` (m/s, row by row; null where not known). With it
/// comes a sentence for the user where it is not used: no wind is so strong.
///
/// # Errors
/// Parameter: other JSON, steps that are not positive, another number of speeds.
pub fn of_json(json: &str) -> Result<Found> {
    let given: Given = serde_json::from_str(json)
        .map_err(|error| Error::parameter("the wind can't be read").caused_by(error))?;
    let nodes = Nodes {
        first_row: given.first_row,
        first_column: given.first_column,
        row_step: given.row_step,
        column_step: given.column_step,
    };
    let starts = nodes.first_row.is_finite() && nodes.first_column.is_finite();
    let goes = |step: f64| step.is_finite() && step > 0.0;
    if !starts || !goes(nodes.row_step) || !goes(nodes.column_step) {
        return Err(Error::parameter("the nodes of the wind are no lattice")
            .got(format!("{nodes:?}"))
            .expected("a first row and column and positive steps, metres"));
    }
    let count = given.rows.saturating_mul(given.columns);
    if count == 0 || count > MAX_NODES {
        return Err(Error::parameter("the wind has no such number of nodes")
            .got(format!("{} x {}", given.rows, given.columns))
            .expected(format!("1 to {MAX_NODES}")));
    }
    let speeds = |name: &str, speeds: Vec<Option<f64>>| {
        let found = speeds.len();
        let speeds = speeds
            .into_iter()
            .map(|it| it.unwrap_or(f64::NAN))
            .collect();
        Array2::from_shape_vec((given.rows, given.columns), speeds).map_err(|_| {
            Error::parameter("the wind has another number of speeds than of nodes")
                .at(name)
                .got(found)
                .expected(format!("{} x {}", given.rows, given.columns))
        })
    };
    let wind = WindGrid {
        eastward: speeds("eastward", given.eastward)?,
        northward: speeds("northward", given.northward)?,
        nodes,
    };
    Ok(match no_wind(&wind) {
        Some(reason) => (None, vec![unused("the host", &reason)]),
        None => (Some(wind), Vec::new()),
    })
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn wind() -> Value {
        json!({
            "rows": 2, "columns": 3,
            "firstRow": -100.0, "firstColumn": 50.0, "rowStep": 5_000.0, "columnStep": 4_000.0,
            "eastward": [1.0, 2.0, 3.0, 4.0, null, 6.0],
            "northward": [-1.0, -2.0, -3.0, -4.0, -5.0, -6.0],
        })
    }

    #[test]
    fn nodes_and_speeds_are_those_of_the_host() {
        let (wind, warnings) = of_json(&wind().to_string()).unwrap();
        let wind = wind.unwrap();
        assert_eq!(warnings, Vec::<String>::new());
        assert_eq!(wind.nodes.place(1, 2), (8_050.0, 4_900.0));
        assert_eq!(wind.at(8_050.0, -100.0), Some([3.0, -3.0]));
        assert_eq!(wind.at(50.0, 4_900.0), Some([4.0, -4.0]));
        assert_eq!(wind.at(4_050.0, 4_900.0), None);
    }

    #[test]
    fn wind_that_no_one_ever_felt_is_not_used() {
        let mut wind = wind();
        wind["northward"][2] = json!(-9_999.0);
        let (none, warnings) = of_json(&wind.to_string()).unwrap();
        assert_eq!(none, None);
        assert!(warnings[0].starts_with("the wind of the host is not used: it holds 9999.0 m/s"));
    }

    #[test]
    fn what_is_no_lattice_is_refused() {
        for (key, value) in [
            ("rows", json!(3)),
            ("columns", json!(0)),
            ("rowStep", json!(0.0)),
            ("columnStep", json!(-5_000.0)),
            ("firstRow", json!(null)),
            ("eastward", json!([1.0])),
            ("northward", json!("north")),
            ("westward", json!([])),
        ] {
            let mut wind = wind();
            wind[key] = value;
            let error = of_json(&wind.to_string()).unwrap_err();
            assert_eq!(error.kind(), clearshore::ErrorKind::Parameter, "{key}");
        }
        let huge = r#"{"rows":4294967296,"columns":4294967296,"firstRow":0,"firstColumn":0,
            "rowStep":1,"columnStep":1,"eastward":[],"northward":[]}"#;
        assert!(of_json(huge).is_err());
    }
}
