mod analytic;
mod march;

use crate::scene::{Geodetic, UtmZone};
use crate::terrain::{DemFrame, DemPatch};
use ndarray::Array2;
use std::collections::BTreeSet;

/// Mean metres per degree of latitude.
const DEGREE: f64 = 111_195.0;

/// A square patch around a place, with nodes about so many metres apart.
fn patch(
    place: Geodetic,
    utm: bool,
    step: f64,
    side: usize,
    height: impl Fn(usize, usize) -> f64,
) -> DemPatch {
    let half = 0.5 * (side as f64 - 1.0);
    let (frame, x, y, column_step, row_step) = if utm {
        let zone = UtmZone::from_longitude_latitude(place).unwrap();
        let (x, y) = zone.project(place);
        (DemFrame::Utm(zone), x, y, step, step)
    } else {
        (
            DemFrame::Geographic,
            place.longitude.to_degrees(),
            place.latitude.to_degrees(),
            step / (DEGREE * place.latitude.cos()),
            step / DEGREE,
        )
    };
    DemPatch {
        frame,
        west: x - half * column_step,
        north: y + half * row_step,
        column_step,
        row_step,
        heights: Array2::from_shape_fn((side, side), |(row, column)| height(row, column) as f32),
        missing: BTreeSet::new(),
    }
}

/// The place at a position in nodes.
fn place_at(patch: &DemPatch, row: f64, column: f64) -> Geodetic {
    let (x, y) = (
        patch.west + column * patch.column_step,
        patch.north - row * patch.row_step,
    );
    match patch.frame {
        DemFrame::Geographic => Geodetic {
            longitude: ((x + 180.0).rem_euclid(360.0) - 180.0).to_radians(),
            latitude: y.to_radians(),
        },
        DemFrame::Utm(zone) => zone.geodetic(x, y),
    }
}

fn degrees(longitude: f64, latitude: f64) -> Geodetic {
    Geodetic {
        longitude: longitude.to_radians(),
        latitude: latitude.to_radians(),
    }
}
