//! A piece's surface between its nodes and on to its neighbours' nodes.

use super::super::patch::{DemPatch, ROUNDING, SAME_NODE};
use super::super::source::{Content, DemSource};
use crate::Result;
use crate::scene::Geodetic;

/// How many neighbours a surface between nodes may lean on in turn: the neighbour, and back.
const MOST_BRIDGES: u8 = 2;

/// Height of a piece's surface at a place; beyond the outermost nodes it leans on the neighbours' surfaces.
pub(super) fn surface(source: &dyn DemSource, piece: &DemPatch, place: Geodetic) -> Result<f64> {
    bridged(source, piece, place, MOST_BRIDGES)
}

/// The same, leaning on at most so many neighbours in turn.
fn bridged(source: &dyn DemSource, piece: &DemPatch, place: Geodetic, bridges: u8) -> Result<f64> {
    let (row, column) = piece.node_position(place);
    let exact = |position: f64| {
        let near = position.round();
        if (position - near).abs() < ROUNDING {
            near
        } else {
            position
        }
    };
    let (row, column) = (exact(row), exact(column));
    let (top, left) = (row.floor(), column.floor());
    let (down, right) = (row - top, column - left);
    let mut height = 0.0;
    for (r, row_weight) in [(top, 1.0 - down), (top + 1.0, down)] {
        for (c, column_weight) in [(left, 1.0 - right), (left + 1.0, right)] {
            let weight = row_weight * column_weight;
            if weight > 0.0 {
                height += weight * node(source, piece, (r, c), bridges)?;
            }
        }
    }
    Ok(height)
}

/// Height at a node of a piece's lattice, which may lie beyond the piece.
fn node(
    source: &dyn DemSource,
    piece: &DemPatch,
    (row, column): (f64, f64),
    bridges: u8,
) -> Result<f64> {
    let (rows, columns) = piece.heights.dim();
    // -1 before the piece, 0 within, 1 behind.
    let side = |position: f64, count: usize| {
        f64::from(i8::from(position >= count as f64) - i8::from(position < 0.0))
    };
    let (down, right) = (side(row, rows), side(column, columns));
    if down == 0.0 && right == 0.0 {
        return Ok(f64::from(piece.heights[[row as usize, column as usize]]));
    }
    if bridges == 0 {
        return Ok(f64::NAN);
    }
    // A node on the border belongs to the neighbour.
    let behind = piece.place(row + SAME_NODE * down, column + SAME_NODE * right);
    match source.cover(behind)?.content {
        Content::Sea => Ok(0.0),
        Content::Missing(_) => Ok(f64::NAN),
        Content::Heights(neighbour) => {
            bridged(source, &neighbour, piece.place(row, column), bridges - 1)
        }
    }
}
