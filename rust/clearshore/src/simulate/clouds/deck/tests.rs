use super::*;
use crate::simulate::noise::{hash, unit};
use proptest::prelude::*;

const SIZE: usize = 80;
const TOP: f64 = 1_000.0;

fn mesh() -> Mesh {
    Mesh {
        corner: [-200.0, -300.0],
        cell: 20.0,
        size: [SIZE, SIZE],
    }
}

/// Depth over a cell: empty in three of four blocks.
fn depth(row: usize, column: usize) -> f64 {
    let chance = |a: usize, b: usize| unit(hash(9, a as i64, b as i64));
    let is_cloud = chance(row / BLOCK + 1_000, column / BLOCK) < 0.25;
    if is_cloud {
        30.0 * chance(row, column)
    } else {
        0.0
    }
}

fn deck() -> Deck {
    let codes = Codes::new(30.0, [TOP, TOP + 1.0], [0.5, 1.5]);
    Deck::new(mesh(), codes, 800.0, |rows, cells| {
        for (index, cell) in cells.iter_mut().enumerate() {
            let depth = depth(rows.start + index / SIZE, index % SIZE);
            *cell = codes.cell(depth as f32, TOP as f32, 1.0);
        }
        Ok(())
    })
    .unwrap()
}

/// The slow twin: one line of sight to the flat top, in double precision.
fn twin(east: f64, south: f64, shift: [f64; 2], ground: f64) -> f64 {
    let rise = (TOP - ground).max(0.0);
    let mesh = mesh();
    let place = [
        (east + rise * shift[0] - mesh.corner[0]) / mesh.cell - 0.5,
        (south + rise * shift[1] - mesh.corner[1]) / mesh.cell - 0.5,
    ];
    let last = (SIZE - 2) as f64;
    let cell = place.map(|place| place.floor().clamp(0.0, last) as usize);
    let mut sum = 0.0;
    for (i, j) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
        let near =
            |axis: usize, side: usize| 1.0 - (place[axis] - (cell[axis] + side) as f64).abs();
        sum += near(0, i) * near(1, j) * depth(cell[1] + j, cell[0] + i);
    }
    sum * ((TOP - ground) / (TOP - 800.0)).clamp(0.0, 1.0)
}

proptest! {
    #[test]
    fn rows_equal_single_lines_of_sight(
        east in -0.4_f64..0.4,
        south in -0.4_f64..0.4,
        change in -1e-4_f64..1e-4,
        step in prop::sample::select(vec![10.0, 20.0]),
        y in 200.0_f64..800.0,
        ground in 0.0_f64..1_100.0,
    ) {
        let (deck, count) = (deck(), 60);
        let row = Row { first: 205.0, step, y };
        let slant = Slant { shift: [east, south], change: [change, -change] };
        let heights: Vec<f32> = (0..count).map(|k| (ground + 3.0 * k as f64) as f32).collect();
        let mut columns = Columns::default();
        if !deck.along(row, slant, &heights, &mut columns) {
            columns.pad(count);
        }
        prop_assert_eq!(columns.optical_depth.len(), count);
        for (k, height) in heights.iter().enumerate() {
            let at = k as f64;
            let shift = [east + at * change, south - at * change];
            let expected = twin(row.first + at * step, y, shift, f64::from(*height));
            let depth = f64::from(columns.optical_depth[k]);
            // Depths change by up to 30 a cell; places are known to a thousandth of a cell.
            prop_assert!((depth - expected).abs() < 0.06, "{}: {} {}", k, depth, expected);
            if depth > 0.0 {
                prop_assert!((columns.top[k] - TOP as f32).abs() < 0.01);
                prop_assert!((columns.brightness[k] - 1.0).abs() < 0.003);
            }
        }
    }
}

#[test]
fn clear_sky_leaves_the_columns_alone() {
    let codes = Codes::new(30.0, [TOP, TOP + 1.0], [0.5, 1.5]);
    let clear = codes.cell(0.0, TOP as f32, 1.0);
    let deck = Deck::new(mesh(), codes, 800.0, |_, cells| {
        cells.fill(clear);
        Ok(())
    })
    .unwrap();
    let row = Row {
        first: 5.0,
        step: 10.0,
        y: 400.0,
    };
    let slant = Slant {
        shift: [0.1; 2],
        change: [0.0; 2],
    };
    let mut columns = Columns::default();
    columns.pad(3);
    assert!(!deck.along(row, slant, &[0.0; 100], &mut columns));
    assert_eq!(columns.top, [0.0; 3]);
}
