//! Cells of one degree that have land, from what global DEMs ship: none of them ships open sea.

use super::names::Corner;

/// A bit for each cell, from -90, -180.
pub struct Land(Vec<bool>);

const CELLS: &str = include_str!("land_cells.txt");

impl Land {
    /// The cells of the Copernicus DEM and of SRTM.
    pub fn of_the_world() -> Self {
        let mut land = vec![false; 180 * 360];
        let lines = CELLS.lines().filter_map(|line| line.split_once(": "));
        for (south, runs) in lines.filter_map(|(south, runs)| Some((south.parse().ok()?, runs))) {
            for run in runs.split(' ') {
                let (first, last) = run.split_once("..").unwrap_or((run, run));
                if let (Ok(first), Ok(last)) = (first.parse::<i32>(), last.parse::<i32>()) {
                    for west in first..=last {
                        if let Some(cell) = land.get_mut(index((south, west))) {
                            *cell = true;
                        }
                    }
                }
            }
        }
        Self(land)
    }

    /// Whether a global DEM has a cell.
    pub fn contains(&self, corner: Corner) -> bool {
        self.0.get(index(corner)).copied().unwrap_or(true)
    }
}

fn index((south, west): Corner) -> usize {
    let row = usize::try_from(south + 90).unwrap_or(usize::MAX / 720);
    row * 360 + (west + 180).rem_euclid(360) as usize
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn land_and_sea_are_where_they_are() {
        let land = Land::of_the_world();
        // 26 475 cells of the Copernicus DEM, and six that only SRTM has.
        assert_eq!(land.0.iter().filter(|cell| **cell).count(), 26_481);
        for corner in [
            (43, 7),
            (42, 8),
            (10, 20),
            (-19, 178),
            (-17, -180),
            (71, 25),
            (-90, 0),
            (27, 86),
        ] {
            assert!(land.contains(corner), "{corner:?}");
        }
        // Ligurian Sea, Gulf of Guinea, Southern Ocean, North Pole, Pacific.
        for corner in [(42, 7), (0, 0), (-60, 20), (89, 0), (30, -140)] {
            assert!(!land.contains(corner), "{corner:?}");
        }
    }
}
