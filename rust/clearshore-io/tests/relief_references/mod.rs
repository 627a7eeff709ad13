//! Masks of an independent line-of-sight program on real and synthetic ground, and the elevation model below them.
#![allow(dead_code, clippy::unwrap_used, clippy::print_stderr)]

use clearshore::scene::{Direction, Grid, UtmZone};
use ndarray::Array2;
use serde_json::Value;
use std::io::Read;
use std::path::{Path, PathBuf};

/// What the masks hold where they don't say.
pub const UNDEFINED: u8 = 255;

/// Their folder, if it is there.
pub fn folder() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/golden/relief");
    if folder.is_dir() {
        return Some(folder);
    }
    eprintln!("skipped: no reference masks at {}", folder.display());
    None
}

/// One mask and what it was made for.
pub struct Case(Value);

/// All of them.
pub fn cases(folder: &Path) -> Vec<Case> {
    let manifest = std::fs::read_to_string(folder.join("manifest.json")).unwrap();
    let manifest: Vec<Value> = serde_json::from_str(&manifest).unwrap();
    manifest.into_iter().map(Case).collect()
}

impl Case {
    pub fn text(&self, key: &str) -> &str {
        self.0[key].as_str().unwrap()
    }

    pub fn number(&self, key: &str) -> f64 {
        self.0[key].as_f64().unwrap()
    }

    pub fn grid(&self) -> Grid {
        Grid {
            zone: UtmZone::from_epsg(self.number("epsg") as u32).unwrap(),
            easting: self.number("ulx"),
            northing: self.number("uly"),
            pixel_size: self.number("step"),
            height: self.number("n") as usize,
            width: self.number("n") as usize,
        }
    }

    /// To the light, or the sensor.
    pub fn direction(&self) -> Direction {
        Direction::from_degrees(90.0 - self.number("el_deg"), self.number("az_deg"))
    }
}

/// A one-degree cell, as its file has it.
pub struct Cell {
    pub south: i32,
    pub west: i32,
    pub heights: Array2<i16>,
}

/// The cell of a zipped `.hgt` file called like `N43E007`.
pub fn read_cell(folder: &Path, name: &str) -> Cell {
    let file = std::fs::File::open(folder.join("dem").join(format!("{name}.hgt.zip"))).unwrap();
    let mut archive = zip::ZipArchive::new(file).unwrap();
    let mut bytes = Vec::new();
    let mut entry = archive.by_index(0).unwrap();
    entry.read_to_end(&mut bytes).unwrap();
    let side = (bytes.len() / 2).isqrt();
    let heights = bytes
        .chunks_exact(2)
        .map(|pair| i16::from_be_bytes([pair[0], pair[1]]))
        .collect();
    Cell {
        south: name[1..3].parse().unwrap(),
        west: name[4..].parse().unwrap(),
        heights: Array2::from_shape_vec((side, side), heights).unwrap(),
    }
}

impl Cell {
    /// As the detectors take it.
    pub fn patch(&self) -> clearshore::terrain::DemPatch {
        let step = 1.0 / (self.heights.nrows() as f64 - 1.0);
        clearshore::terrain::DemPatch {
            frame: clearshore::terrain::DemFrame::Geographic,
            west: f64::from(self.west),
            north: f64::from(self.south) + 1.0,
            column_step: step,
            row_step: step,
            heights: self.heights.mapv(f32::from),
            missing: std::collections::BTreeSet::new(),
        }
    }
}

/// The first band of a raster.
#[cfg(feature = "gdal")]
pub fn read<T: gdal::raster::GdalType + Copy>(path: &Path) -> Vec<T> {
    let dataset = gdal::Dataset::open(path).unwrap();
    let band = dataset.rasterband(1).unwrap();
    band.read_band_as::<T>().unwrap().data().to_vec()
}
