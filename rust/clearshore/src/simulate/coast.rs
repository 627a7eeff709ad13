//! A simple coastal scene: sea with shelf and river plume, beach, fields, a town, a lake, snow on high
//! ground, cumulus, a cirrus veil, and the rim of the swath.

use super::layout::*;
use super::noise::{Fractal, Row, gaussian, hash, scramble, unit};
use super::spectra::{
    CIRRUS_OVER_SEA, CLOUD, DEEP_SEA, GREY, PLUME, ROOF, SAND, SHALLOW, SNOW, Spectrum, VEGETATION,
};
use super::view::ViewGeometry;
use crate::scene::{Band, NO_DATA_DN, Radiometry, SATURATED_DN};
use crate::{Progress, Result};
use ndarray::Array2;
use ndarray::parallel::prelude::*;

/// What a pixel shows, coarsely.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum SurfaceClass {
    /// Beyond the swath.
    NoData,
    /// Sea or lake.
    Water,
    /// Beach, fields, town.
    Land,
    /// Snow on high ground.
    Snow,
    /// Opaque cloud, soft edges included.
    Cloud,
    /// Thin cirrus over anything else.
    Cirrus,
}

/// A coastal scene: continuous fields over a square tile.
#[derive(Clone, Debug)]
pub struct Coast {
    geometry: ViewGeometry,
    seed: u64,
    relief: Fractal,
    cover: Fractal,
    cumulus: Fractal,
    weather: Fractal,
    veil: Fractal,
    texture: Fractal,
}

/// Values of all fields along a row.
#[derive(Default)]
struct Fields {
    relief: Vec<f64>,
    cover: Vec<f64>,
    cumulus: Vec<f64>,
    weather: Vec<f64>,
    veil: Vec<f64>,
    texture: Vec<f64>,
}

/// What a point of the ground is made of.
struct Ground {
    class: SurfaceClass,
    reflectance: f64,
    glitters: bool,
}

/// What lies above a point of the ground.
struct Sky {
    cloud_cover: f64,
    cloud_brightness: f64,
    cirrus: f64,
}

impl Coast {
    /// A scene on a square tile; the same seed gives the same scene, larger or smaller.
    pub fn new(geometry: ViewGeometry, seed: u64) -> Self {
        let extent = geometry.extent;
        let fractal = |field: i64, share: f64, longest: f64, finest: f64| {
            Fractal::new(hash(seed, field, 0), (share * extent).min(longest), finest)
        };
        Self {
            geometry,
            seed,
            relief: fractal(1, 0.3, f64::INFINITY, FINEST_DETAIL),
            cover: fractal(2, 0.05, 1_500.0, FINEST_DETAIL),
            cumulus: fractal(3, 0.12, 4_000.0, FINEST_DETAIL),
            weather: fractal(4, 0.4, f64::INFINITY, extent / 10.0),
            veil: fractal(5, 0.2, f64::INFINITY, extent / 40.0),
            texture: fractal(6, 1.0, 80.0, 20.0),
        }
    }

    /// Where the detectors look.
    pub fn geometry(&self) -> &ViewGeometry {
        &self.geometry
    }

    /// Raw numbers of a band at its native pixel size, (rows, columns): 0 beyond the swath.
    ///
    /// # Errors
    /// Only when the caller cancels.
    pub fn band(
        &self,
        band: Band,
        radiometry: Radiometry,
        progress: &dyn Progress,
    ) -> Result<Array2<u16>> {
        let pixel = f64::from(band.native_pixel_size());
        self.raster(pixel, NO_DATA_DN, progress, |place, fields, k| {
            let Some(reflectance) = self.reflectance(band, pixel, place, fields, k) else {
                return NO_DATA_DN;
            };
            if reflectance.is_infinite() {
                return SATURATED_DN;
            }
            let dn = reflectance * radiometry.quantification - f64::from(radiometry.offset);
            // Rounded by cutting off; 0 means no data, so a dark pixel is at least 1.
            (dn + 0.5).clamp(f64::from(NO_DATA_DN) + 1.0, HIGHEST_DN) as u16
        })
    }

    /// The truth on a grid of `pixel` metres, at the pixels' centres.
    ///
    /// # Errors
    /// Only when the caller cancels.
    pub fn classes(&self, pixel: f64, progress: &dyn Progress) -> Result<Array2<SurfaceClass>> {
        let empty = SurfaceClass::NoData;
        self.raster(pixel, empty, progress, |place, fields, k| {
            self.class(place, fields, k)
        })
    }

    /// The truth at the centre of a pixel of the 10 m grid.
    pub fn class_at(&self, row: usize, column: usize) -> SurfaceClass {
        let place = Place {
            east: (column as f64 + 0.5) * FINEST_PIXEL,
            south: (row as f64 + 0.5) * FINEST_PIXEL,
        };
        let mut fields = Fields::default();
        fields.fill(self, place, FINEST_PIXEL, 1);
        self.class(place, &fields, 0)
    }

    /// Evaluates something at every pixel's centre, rows in parallel.
    fn raster<T: Clone + Send + Sync>(
        &self,
        pixel: f64,
        empty: T,
        progress: &dyn Progress,
        value: impl Fn(Place, &Fields, usize) -> T + Sync,
    ) -> Result<Array2<T>> {
        let side = (self.geometry.extent / pixel).round() as usize;
        let mut raster = Array2::from_elem((side, side), empty);
        raster
            .axis_iter_mut(ndarray::Axis(0))
            .into_par_iter()
            .enumerate()
            .try_for_each_init(Fields::default, |fields, (row, mut line)| {
                progress.check()?;
                let first = Place {
                    east: pixel / 2.0,
                    south: (row as f64 + 0.5) * pixel,
                };
                fields.fill(self, first, pixel, side);
                for (k, out) in line.iter_mut().enumerate() {
                    let east = first.east + k as f64 * pixel;
                    *out = value(Place { east, ..first }, fields, k);
                }
                Ok(())
            })?;
        Ok(raster)
    }

    fn class(&self, place: Place, fields: &Fields, k: usize) -> SurfaceClass {
        if !self.geometry.is_seen(place.east, place.south) {
            return SurfaceClass::NoData;
        }
        let sky = self.sky(place, fields, k);
        if sky.cloud_cover > CLOUD_COVER {
            SurfaceClass::Cloud
        } else if sky.cirrus > CIRRUS_STRENGTH {
            SurfaceClass::Cirrus
        } else {
            self.ground(Band::B02, place, fields, k).class
        }
    }

    /// TOA reflectance; `None` beyond the swath, infinite where the sensor saturates.
    fn reflectance(
        &self,
        band: Band,
        pixel: f64,
        place: Place,
        fields: &Fields,
        k: usize,
    ) -> Option<f64> {
        if !self.geometry.is_seen(place.east, place.south) {
            return None;
        }
        let ground = self.ground(band, place, fields, k);
        let sky = self.sky(place, fields, k);
        if ground.glitters && sky.cloud_cover == 0.0 && band == SATURATED_BAND {
            return Some(f64::INFINITY);
        }
        let index = band.index();
        let veil = sky.cirrus * (CIRRUS_OVER_SEA[index] - DEEP_SEA[index]);
        let cloud = CLOUD[index] * sky.cloud_brightness;
        let below = ground.reflectance + veil;
        let mixed = below + (cloud - below) * sky.cloud_cover;
        let kind = match ground.class {
            _ if sky.cloud_cover > CLOUD_COVER => 2,
            SurfaceClass::Water => 1,
            _ => 0,
        };
        let per_metre = 1.0 / pixel;
        // Roughness within a pixel averages out in larger ones.
        let roughness = ROUGHNESS[kind] * FINEST_PIXEL / pixel;
        let [column, row] = [place.east, place.south].map(|metres| (metres * per_metre) as i64);
        let bits = hash(self.seed ^ pixel as u64, row, column);
        let relative = TEXTURE[kind] * fields.texture[k] + roughness * gaussian(bits);
        let textured = mixed * (1.0 + relative);
        let sensor = gaussian(scramble(bits ^ index as u64));
        Some(textured + (DARK_NOISE + textured.max(0.0) * (1.0 / SIGNAL_TO_NOISE)) * sensor)
    }

    fn ground(&self, band: Band, place: Place, fields: &Fields, k: usize) -> Ground {
        let extent = self.geometry.extent;
        let patches = fields.cover[k];
        let value = |spectrum: &Spectrum| spectrum[band.index()];
        let mix = |from: f64, to: f64, share: f64| from + (to - from) * share.clamp(0.0, 1.0);
        let scale = 2.0 / extent;
        let [u, v] = [place.east, place.south].map(|metres| metres * scale - 1.0);
        let town = TOWN.height(u, v);
        let relief = RELIEF_TREND * (INLAND[0] * u + INLAND[1] * v)
            + RELIEF_ROUGHNESS * fields.relief[k]
            + LIFT[0] * town
            + LIFT[1] * LAKE_PLATEAU.height(u, v);
        let from_shore = relief * extent / 2.0;
        let water = |reflectance| Ground {
            class: SurfaceClass::Water,
            reflectance,
            glitters: false,
        };
        if relief < 0.0 {
            let shelf = SHELF_SHARE * ((relief - SHELF[0]) / SHELF[1]).clamp(0.0, 1.0);
            let ruffle = 1.0 + RUFFLE[1] * patches;
            let plume = PLUME_STRENGTH * RIVER_MOUTH.height(u, v) * ruffle;
            let clear = mix(value(&DEEP_SEA), value(&SHALLOW), shelf);
            return water(mix(clear, value(&PLUME), plume));
        }
        if LAKE.height(u, v) * (1.0 + RUFFLE[0] * patches) > LAKE_SHORE {
            return water(value(&DEEP_SEA));
        }
        let soil = SOIL_BRIGHTNESS * value(&SAND);
        let bare = SOIL_PATCHES[1] * (patches - SOIL_PATCHES[0]);
        let fields_of_land = mix(value(&VEGETATION), soil, bare);
        let snow = (relief - SNOW_LINE[0]) / SNOW_LINE[1] + RUFFLE[2] * patches;
        let mut ground = Ground {
            class: SurfaceClass::Land,
            reflectance: fields_of_land,
            glitters: false,
        };
        if from_shore < BEACH_WIDTH {
            ground.reflectance = value(&SAND);
        } else if snow > 0.0 {
            ground.reflectance = mix(fields_of_land, value(&SNOW), snow);
            if snow > SNOW_SHARE {
                ground.class = SurfaceClass::Snow;
            }
        } else if town + RUFFLE[3] * patches > HOUSES {
            (ground.reflectance, ground.glitters) = self.town(band, place);
        }
        ground
    }

    /// Blocks of roofs between streets: reflectance, and whether the roof mirrors the sun.
    fn town(&self, band: Band, place: Place) -> (f64, bool) {
        let blocks = [place.east, place.south].map(|metres| metres / BLOCK[0]);
        let street = blocks
            .iter()
            .any(|block| block.fract() * BLOCK[0] < BLOCK[1]);
        let bits = hash(self.seed ^ 0x70_776e, blocks[0] as i64, blocks[1] as i64);
        let kind = unit(bits);
        let shade = ROOF_BRIGHTNESS + (1.0 - ROOF_BRIGHTNESS) * unit(hash(bits, 1, 1));
        let reflectance = if street {
            STREET_BRIGHTNESS * GREY[band.index()]
        } else if kind < BLOCK_KINDS[0] {
            VEGETATION[band.index()]
        } else if kind < BLOCK_KINDS[1] {
            shade * GREY[band.index()]
        } else {
            shade * ROOF[band.index()]
        };
        (reflectance, !street && kind > 1.0 - GLITTERING_ROOFS)
    }

    fn sky(&self, place: Place, fields: &Fields, k: usize) -> Sky {
        let across = 2.0 * place.south / self.geometry.extent - 1.0;
        let depth = CUMULUS_GAIN
            * (fields.cumulus[k] + WEATHER * fields.weather[k] - CUMULUS_THRESHOLD).max(0.0);
        let belt = CIRRUS_BELT.height(0.0, across);
        Sky {
            // A cover that needs no exponential: 0, 1/2, 2/3 ... for depth 0, 1, 2 ...
            cloud_cover: depth / (1.0 + depth),
            cloud_brightness: CLOUD_BRIGHTNESS[0]
                + CLOUD_BRIGHTNESS[1] * fields.cumulus[k]
                + CLOUD_BRIGHTNESS[2] * depth.min(DEEP_CLOUD),
            cirrus: VEIL[0] * belt * (VEIL[1] + fields.veil[k]).max(0.0),
        }
    }
}

/// A point: metres east and south of the tile's upper-left corner.
#[derive(Clone, Copy)]
struct Place {
    east: f64,
    south: f64,
}

impl Fields {
    fn fill(&mut self, coast: &Coast, first: Place, step: f64, count: usize) {
        let row = Row {
            first: first.east,
            step,
            y: first.south,
        };
        for (field, out) in [
            (&coast.relief, &mut self.relief),
            (&coast.cover, &mut self.cover),
            (&coast.cumulus, &mut self.cumulus),
            (&coast.weather, &mut self.weather),
            (&coast.veil, &mut self.veil),
            (&coast.texture, &mut self.texture),
        ] {
            out.resize(count, 0.0);
            field.fill(row, out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NoProgress;
    use crate::scene::Direction;
    use std::collections::HashMap;

    const ROWS: usize = 600;
    const RADIOMETRY: Radiometry = Radiometry {
        offset: -1000,
        quantification: 10_000.0,
    };

    fn coast(rows: usize, seed: u64) -> Coast {
        let geometry = ViewGeometry {
            extent: 10.0 * rows as f64,
            sun: Direction::from_degrees(38.0, 151.0),
            swath_edge: true,
        };
        Coast::new(geometry, seed)
    }

    fn band(coast: &Coast, band: Band) -> Array2<u16> {
        coast.band(band, RADIOMETRY, &NoProgress).unwrap()
    }

    #[test]
    fn every_class_is_there_for_small_and_large_scenes() {
        for (rows, seed) in [(420, 1), (600, 1), (600, 5), (2196, 1)] {
            let classes = coast(rows, seed).classes(60.0, &NoProgress).unwrap();
            let mut shares: HashMap<SurfaceClass, f64> = HashMap::new();
            for class in &classes {
                *shares.entry(*class).or_default() += 1.0 / classes.len() as f64;
            }
            for (class, least) in [
                (SurfaceClass::NoData, 0.05),
                (SurfaceClass::Water, 0.15),
                (SurfaceClass::Land, 0.15),
                (SurfaceClass::Cloud, 0.02),
                (SurfaceClass::Cirrus, 0.02),
            ] {
                let share = shares.get(&class).copied().unwrap_or_default();
                assert!(share > least, "{rows} {seed}: {class:?} {share}");
            }
        }
    }

    #[test]
    fn the_truth_of_points_is_that_of_grids() {
        let coast = coast(ROWS, 1);
        let classes = coast.classes(10.0, &NoProgress).unwrap();
        for index in 0..2_000 {
            let (row, column) = (index * 7919 % ROWS, index * 104_729 % ROWS);
            assert_eq!(coast.class_at(row, column), classes[[row, column]]);
        }
    }

    #[test]
    fn numbers_say_what_the_truth_says() {
        let coast = coast(ROWS, 1);
        let classes = coast.classes(10.0, &NoProgress).unwrap();
        let blue = band(&coast, Band::B02);
        let infrared = band(&coast, Band::B08);
        for ((pixel, class), dn) in classes.indexed_iter().zip(&blue) {
            assert_eq!(
                *class == SurfaceClass::NoData,
                *dn == NO_DATA_DN,
                "{pixel:?}"
            );
        }
        let median = |plane: &Array2<u16>, wanted: SurfaceClass| {
            let pairs = plane.iter().zip(&classes);
            let mut values: Vec<u16> = pairs
                .filter(|(_, class)| **class == wanted)
                .map(|(dn, _)| *dn)
                .collect();
            values.sort_unstable();
            RADIOMETRY.toa_reflectance(values[values.len() / 2])
        };
        // Water is dark in the infrared, land is not, cloud is bright in the blue: end members.
        assert!(median(&infrared, SurfaceClass::Water) < 0.06);
        assert!(median(&infrared, SurfaceClass::Land) > 0.15);
        assert!(median(&blue, SurfaceClass::Cloud) > 0.3);
        assert!(median(&blue, SurfaceClass::Water) < 0.2);
    }

    #[test]
    fn cirrus_shows_in_b10_and_nothing_else_does() {
        let coast = coast(ROWS, 1);
        let classes = coast.classes(60.0, &NoProgress).unwrap();
        for (dn, class) in band(&coast, Band::B10).iter().zip(&classes) {
            let reflectance = RADIOMETRY.toa_reflectance(*dn);
            match class {
                SurfaceClass::Cirrus => assert!(reflectance > 0.004, "{reflectance}"),
                SurfaceClass::Land | SurfaceClass::Water => {
                    assert!(reflectance < 0.012, "{reflectance}");
                }
                _ => {}
            }
        }
    }

    #[test]
    fn bands_of_all_pixel_sizes_show_the_same_scene() {
        let coast = coast(ROWS, 3);
        let fine = band(&coast, Band::B02).mapv(|dn| RADIOMETRY.toa_reflectance(dn));
        let coarse = band(&coast, Band::B01).mapv(|dn| RADIOMETRY.toa_reflectance(dn));
        let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
        let averaged: Vec<f64> = fine
            .exact_chunks((6, 6))
            .into_iter()
            .map(|block| mean(&block.iter().copied().collect::<Vec<_>>()))
            .collect();
        let coarse: Vec<f64> = coarse.into_iter().collect();
        let (mean_fine, mean_coarse) = (mean(&averaged), mean(&coarse));
        let pairs = || averaged.iter().zip(&coarse);
        let product: f64 = pairs()
            .map(|(a, b)| (a - mean_fine) * (b - mean_coarse))
            .sum();
        let square = |values: &[f64], mean: f64| -> f64 {
            values.iter().map(|value| (value - mean).powi(2)).sum()
        };
        let spread = square(&averaged, mean_fine) * square(&coarse, mean_coarse);
        assert!(
            product / spread.sqrt() > 0.98,
            "{}",
            product / spread.sqrt()
        );
    }

    #[test]
    fn threads_and_seeds() {
        let in_pool = |threads: usize, seed: u64| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            pool.install(|| band(&coast(ROWS, seed), Band::B05))
        };
        assert_eq!(in_pool(1, 4), in_pool(3, 4));
        assert_ne!(in_pool(1, 4), in_pool(1, 5));
    }

    #[test]
    fn a_few_roofs_saturate_one_band() {
        let coast = coast(2196, 1);
        let saturated = |which: Band| {
            let plane = band(&coast, which);
            plane.iter().filter(|dn| **dn == SATURATED_DN).count()
        };
        assert_eq!(saturated(Band::B03), 0);
        let count = saturated(SATURATED_BAND);
        assert!((1..5_000).contains(&count), "{count}");
    }
}
