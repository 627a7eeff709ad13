//! The wind that is taken for the waves: the user's, the forecast's, or a usual one.

use super::{SeaSurface, Wind};
use crate::scene::WindGrid;
use crate::{Params, Result};
use serde::Serialize;

/// Wind where nobody knows it, m/s: near the mean over the oceans, and the usual choice of ocean colour processing.
pub const USUAL_WIND: f64 = 5.0;

/// Who says what the wind is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum WindSource {
    /// The parameters.
    Parameters,
    /// The forecast that came with the product.
    Product,
    /// Nobody: [`USUAL_WIND`].
    Assumed,
}

/// The wind over a scene.
#[derive(Clone, Debug)]
pub(super) struct WindOverScene<'a> {
    pub source: WindSource,
    field: Field<'a>,
    /// Instead of the field's, radians.
    from: Option<f64>,
}

#[derive(Clone, Debug)]
enum Field<'a> {
    Speed(f64),
    Forecast(&'a WindGrid),
}

impl<'a> WindOverScene<'a> {
    /// By the parameters, else by the forecast, else the usual wind; and what the user should know.
    pub fn of(params: &Params, forecast: Option<&'a WindGrid>) -> (Self, Option<String>) {
        let from = params.wind_direction.map(f64::to_radians);
        let over = |source, field| Self {
            source,
            field,
            from,
        };
        if let Some(speed) = params.wind_speed {
            return (over(WindSource::Parameters, Field::Speed(speed)), None);
        }
        let assumed = || over(WindSource::Assumed, Field::Speed(USUAL_WIND));
        let advice = format!("sun glint is found with {USUAL_WIND} m/s; windSpeed sets another");
        let Some(grid) = forecast else {
            let warning = format!("the wind is not known: {advice}");
            return (assumed(), Some(warning));
        };
        match unusable(grid) {
            Some(what) => {
                let warning = format!("the forecast's wind is not used, it holds {what}: {advice}");
                (assumed(), Some(warning))
            }
            None => (over(WindSource::Product, Field::Forecast(grid)), None),
        }
    }

    /// The wind at a point so many metres right of and below the upper-left corner.
    pub fn at(&self, east: f64, south: f64) -> Wind {
        let wind = match self.field {
            Field::Speed(speed) => Wind { speed, from: None },
            Field::Forecast(grid) => {
                let [u, v] = grid.at(east, south).unwrap_or([0.0; 2]);
                Wind {
                    speed: u.hypot(v),
                    from: Some((-u).atan2(-v).rem_euclid(std::f64::consts::TAU)),
                }
            }
        };
        Wind {
            from: self.from.or(wind.from),
            ..wind
        }
    }

    /// The sea under it.
    ///
    /// # Errors
    /// As [`SeaSurface::new`].
    pub fn sea_at(&self, east: f64, south: f64) -> Result<SeaSurface> {
        SeaSurface::new(self.at(east, south))
    }
}

/// What keeps a forecast from being used. Between nodes the wind is no stronger than at them.
fn unusable(grid: &WindGrid) -> Option<String> {
    if grid.eastward.is_empty() || grid.eastward.dim() != grid.northward.dim() {
        return Some("no nodes".into());
    }
    let speeds = grid.eastward.iter().zip(&grid.northward);
    let (least, most) = Wind::SPEEDS.into_inner();
    speeds
        .map(|(u, v)| u.hypot(*v))
        .find(|speed| !Wind::SPEEDS.contains(speed))
        .map(|speed| format!("{speed} m/s, outside [{least}, {most}]"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::Nodes;
    use approx::assert_abs_diff_eq;
    use ndarray::array;

    fn forecast(u: f64, v: f64) -> WindGrid {
        WindGrid {
            eastward: array![[u, u]],
            northward: array![[v, v]],
            nodes: Nodes::from_corner(5_000.0, 5_000.0),
        }
    }

    fn params(speed: Option<f64>, direction: Option<f64>) -> Params {
        Params {
            wind_speed: speed,
            wind_direction: direction,
            ..Params::default()
        }
    }

    #[test]
    fn wind_comes_from_where_it_does_not_blow_to() {
        for (u, v, from) in [
            (0.0, -5.0, 0.0),
            (-5.0, 0.0, 90.0),
            (0.0, 5.0, 180.0),
            (5.0, 0.0, 270.0),
        ] {
            let grid = forecast(u, v);
            let (wind, warning) = WindOverScene::of(&Params::default(), Some(&grid));
            let wind = wind.at(100.0, 100.0);
            assert_eq!((wind.speed, warning), (5.0, None));
            assert_abs_diff_eq!(wind.from.unwrap().to_degrees(), from, epsilon = 1e-9);
        }
    }

    #[test]
    fn parameters_go_before_the_forecast_and_that_before_the_usual_wind() {
        let grid = forecast(3.0, 4.0);
        let of = |speed, direction, grid| {
            let params = params(speed, direction);
            let (wind, warning) = WindOverScene::of(&params, grid);
            let at = wind.at(0.0, 0.0);
            let from = at.from.map(|from| from.to_degrees().round());
            (wind.source, at.speed, from, warning.is_some())
        };
        use WindSource::{Assumed, Parameters, Product};
        for (found, expected) in [
            (
                of(None, None, Some(&grid)),
                (Product, 5.0, Some(217.0), false),
            ),
            (
                of(None, Some(90.0), Some(&grid)),
                (Product, 5.0, Some(90.0), false),
            ),
            (
                of(Some(7.0), None, Some(&grid)),
                (Parameters, 7.0, None, false),
            ),
            (
                of(Some(7.0), Some(0.0), None),
                (Parameters, 7.0, Some(0.0), false),
            ),
            (of(None, None, None), (Assumed, 5.0, None, true)),
            (of(None, Some(45.0), None), (Assumed, 5.0, Some(45.0), true)),
        ] {
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn a_forecast_that_is_not_sane_is_not_used() {
        for (u, v, said) in [
            (f64::NAN, 1.0, "NaN m/s"),
            (0.0, 20.1, "20.1 m/s, outside [0, 20]"),
            (f64::INFINITY, 0.0, "inf m/s"),
        ] {
            let grid = forecast(u, v);
            let (wind, warning) = WindOverScene::of(&Params::default(), Some(&grid));
            assert_eq!(
                (wind.source, wind.at(0.0, 0.0).speed),
                (WindSource::Assumed, USUAL_WIND)
            );
            assert!(warning.unwrap().contains(said));
        }
    }
}
