//! Real Sentinel-2 pixels as scenes. `tests/reference/real_scenes.py` converts them from the shared data into
//! `target/real-scenes/NAME`; where that folder is absent a test skips itself with a message.

use clearshore::NoProgress;
use clearshore::scene::{Angles, Band, BandPlane, Grid, Radiometry, Scene, SceneBuilder, UtmZone};
use clearshore_io::safe_writer::{self, Description, OrbitDirection, Spacecraft, UtcTime};
use ndarray::{Array2, s};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// A real scene at the pixel sizes of its source.
pub struct RealScene {
    /// The grid that [`RealScene::scene`] is made on.
    pub grid: Grid,
    /// How DN become reflectance; the same for all bands.
    pub radiometry: Radiometry,
    /// Pixel size in metres and DN, (rows, columns), per band.
    pub native: BTreeMap<Band, (f64, Array2<u16>)>,
    /// Labels on `grid`, where the source has them: see [`RealScene::labelled`].
    labels: Option<Array2<u8>>,
    label_values: BTreeMap<String, u8>,
}

#[derive(Deserialize)]
struct SceneFile {
    epsg: u32,
    easting: f64,
    northing: f64,
    working_pixel_size: f64,
    quantification: f64,
    pixel_sizes: BTreeMap<String, f64>,
    labels: BTreeMap<String, u8>,
}

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../../target/real-scenes")
        .join(name)
}

/// Loads a scene by name; `None`, with a message, where the real scenes are absent.
pub fn load(name: &str) -> Option<RealScene> {
    let folder = folder(name);
    let description = folder.join("scene.json");
    if !description.exists() {
        eprintln!(
            "skipped: {} is absent; run tests/reference/real_scenes.py",
            folder.display()
        );
        return None;
    }
    let text = std::fs::read_to_string(&description).expect("the description is readable");
    let description: SceneFile =
        serde_json::from_str(&text).expect("the description is what the converter writes");
    let native: BTreeMap<Band, (f64, Array2<u16>)> = description
        .pixel_sizes
        .iter()
        .map(|(band, &size)| {
            let dn: Array2<u16> = ndarray_npy::read_npy(folder.join(format!("{band}.npy")))
                .expect("the plane is readable");
            (Band::from_name(band).expect("a band"), (size, dn))
        })
        .collect();
    let (size, swir) = &native[&Band::B11];
    let on_grid = |count: usize| (count as f64 * size / description.working_pixel_size) as usize;
    Some(RealScene {
        grid: Grid {
            zone: UtmZone::from_epsg(description.epsg).expect("a UTM zone"),
            easting: description.easting,
            northing: description.northing,
            pixel_size: description.working_pixel_size,
            height: on_grid(swir.nrows()),
            width: on_grid(swir.ncols()),
        },
        radiometry: Radiometry {
            offset: 0,
            quantification: description.quantification,
        },
        labels: (!description.labels.is_empty()).then(|| {
            ndarray_npy::read_npy(folder.join("labels.npy")).expect("the labels are readable")
        }),
        label_values: description.labels,
        native,
    })
}

impl RealScene {
    /// The scene on its working grid, without angles: finer bands are averaged, coarser ones interpolated
    /// bilinearly.
    pub fn scene(&self) -> Scene {
        self.builder().build().expect("a real scene is valid")
    }

    /// The same, to be completed.
    pub fn builder(&self) -> SceneBuilder {
        self.native.iter().fold(
            SceneBuilder::new(self.grid),
            |builder, (&band, (size, dn))| {
                let plane = BandPlane {
                    dn: on_grid(dn, *size, &self.grid),
                    radiometry: self.radiometry,
                };
                builder.band(band, plane)
            },
        )
    }

    /// Writes the scene as a product of 2017 into `directory`, as far as its bands reach: no B10, no angles.
    pub fn write_product(&self, directory: &Path, tile: &str) -> PathBuf {
        let (pixel_size, red) = &self.native[&Band::B04];
        let time = |text| UtcTime::parse(text).expect("a time");
        let description = Description {
            spacecraft: Spacecraft::S2B,
            baseline: "02.05".into(),
            sensing: time("2017-10-22T02:30:59.027Z"),
            generation: time("2017-10-22T02:31:06.000Z"),
            tile: tile.into(),
            grid: Grid {
                pixel_size: *pixel_size,
                height: red.nrows(),
                width: red.ncols(),
                ..self.grid
            },
            relative_orbit: 46,
            absolute_orbit: 3_273,
            orbit_direction: OrbitDirection::Descending,
            angles: Angles::default(),
            footprints: Vec::new(),
            defects: Vec::new(),
            classification: None,
            wind: None,
            true_colour: false,
            packet_lengths: true,
            tile_lengths: false,
        };
        let mut planes = |band| Ok(self.native.get(&band).map(|(_, dn)| dn.clone()));
        safe_writer::write(directory, &description, &mut planes, &NoProgress)
            .expect("a real scene can be written")
    }

    /// Where the source's label is `name` (shadow, water, land, cloud).
    pub fn labelled(&self, name: &str) -> Array2<bool> {
        let value = self.label_values[name];
        let labels = self.labels.as_ref().expect("a labelled scene");
        labels.mapv(|label| label == value)
    }
}

/// A band of another pixel size on the grid; both begin at the same corner.
fn on_grid(dn: &Array2<u16>, pixel_size: f64, grid: &Grid) -> Array2<u16> {
    if pixel_size <= grid.pixel_size {
        let size = (grid.pixel_size / pixel_size) as usize;
        return Array2::from_shape_fn(grid.shape(), |(row, column)| {
            let block = s![
                row * size..(row + 1) * size,
                column * size..(column + 1) * size
            ];
            dn.slice(block)
                .mapv(f64::from)
                .mean()
                .unwrap_or_default()
                .round() as u16
        });
    }
    let split = |index: usize, count: usize| {
        let position = (index as f64 + 0.5) * grid.pixel_size / pixel_size - 0.5;
        let clamped = position.clamp(0.0, (count - 1) as f64);
        let first = (clamped.floor() as usize).min(count.saturating_sub(2));
        (first, clamped - first as f64)
    };
    Array2::from_shape_fn(grid.shape(), |(row, column)| {
        let (r, down) = split(row, dn.nrows());
        let (c, right) = split(column, dn.ncols());
        let at = |r: usize, c: usize| f64::from(dn[[r, c]]);
        let upper = at(r, c) * (1.0 - right) + at(r, c + 1) * right;
        let lower = at(r + 1, c) * (1.0 - right) + at(r + 1, c + 1) * right;
        (upper * (1.0 - down) + lower * down).round() as u16
    })
}

#[test]
fn a_plane_of_constant_slope_stays_one_at_any_pixel_size() {
    let grid = Grid {
        zone: UtmZone::from_epsg(32601).expect("a UTM zone"),
        easting: 0.0,
        northing: 0.0,
        pixel_size: 20.0,
        height: 18,
        width: 24,
    };
    // DN is 1000 plus one a metre down and two a metre right, at the pixel's centre.
    let ramp = |size: f64| {
        let shape = |count: usize| (count as f64 * grid.pixel_size / size) as usize;
        Array2::from_shape_fn((shape(grid.height), shape(grid.width)), |(row, column)| {
            (1000.0 + (row as f64 + 0.5) * size + 2.0 * (column as f64 + 0.5) * size) as u16
        })
    };
    // Beyond the outermost centres of 60 m pixels nothing is known.
    let inner = s![1..grid.height - 1, 1..grid.width - 1];
    for size in [10.0, 20.0, 60.0] {
        assert_eq!(
            on_grid(&ramp(size), size, &grid).slice(inner),
            ramp(20.0).slice(inner),
            "{size}"
        );
    }
}
