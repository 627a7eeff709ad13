//! The truth: the folder of a simulated scene, or one raster of labels.

use super::plane::Plane;
use clearshore::evaluate::{Codes, Label, Strata, Tells};
use clearshore::scene::Grid;
use clearshore::simulate::{Surface, TruthLayer};
use clearshore::{Error, Progress, Result};
use ndarray::{Array2, Zip};
use std::fs;
use std::path::Path;

/// File of a truth folder that describes the scene.
pub const SCENE_FILE: &str = "scene.json";
/// Its member with the height of the sun above the horizon, degrees.
const SUN_ELEVATION: &str = "sunElevation";
/// A sun below this is low, degrees: solar zenith above 70, where masks and corrections give up.
const LOW_SUN_ELEVATION: f64 = 20.0;
/// From this on sun glint counts, TOA reflectance in B03 or B11 (the project's protocol).
const GLINT_REFLECTANCE: f64 = 0.01;

/// What is true of a scene.
#[derive(Debug)]
pub struct Truth {
    /// Its grid.
    pub grid: Grid,
    /// (rows, columns) of the grid.
    pub labels: Array2<Label>,
    /// What the labels tell.
    pub tells: Tells,
    /// Strata of each pixel, and which of them are known.
    pub strata: Option<(Array2<Strata>, Strata)>,
    /// Whether the sun is low, where that is known.
    pub low_sun: Option<bool>,
}

/// Reads the truth: a folder with `class.tif` and other layers as `clearshore simulate` writes it, or a raster in
/// the given codes. Layers that a folder lacks leave their strata unknown. Errors: Product, Parameter (codes),
/// cancellation.
pub fn read_truth(path: &Path, codes: &'static Codes, progress: &dyn Progress) -> Result<Truth> {
    if path.is_dir() {
        return Folder(path).read(progress);
    }
    let plane = Plane::open(path, "truth")?;
    let (labels, tells) = plane.labels(codes, progress)?;
    Ok(Truth {
        grid: plane.grid,
        labels,
        tells: tells - Tells::BUFFERS,
        strata: None,
        low_sun: None,
    })
}

struct Folder<'a>(&'a Path);

impl Folder<'_> {
    fn read(&self, progress: &dyn Progress) -> Result<Truth> {
        let plane = self.layer(TruthLayer::Class, None)?.ok_or_else(|| {
            Error::product("the truth folder has no class.tif")
                .at(self.0.display())
                .advice("give the truth folder of 'clearshore simulate', or one raster")
        })?;
        let grid = plane.grid;
        let (mut labels, tells) = plane.labels(Codes::CLEARSHORE, progress)?;
        let mut strata = Array2::from_elem(grid.shape(), Strata::empty());
        let mut known = Strata::empty();
        for (layer, tells) in [
            (TruthLayer::Water, Strata::WATER | Strata::LAND),
            (
                TruthLayer::Surface,
                Strata::SAND | Strata::SURF | Strata::REEF | Strata::TURBID | Strata::SNOW,
            ),
            (TruthLayer::Surf, Strata::SURF),
            (TruthLayer::ReliefShadow, Strata::RELIEF),
            (TruthLayer::GlintB03, Strata::GLINT),
            (TruthLayer::GlintB11, Strata::GLINT),
        ] {
            let Some(plane) = self.layer(layer, Some(&grid))? else {
                continue;
            };
            let each = |strata: &mut Strata, value| {
                if value != i32::from(layer.no_data()) {
                    mark(layer, value, strata)?;
                }
                Some(())
            };
            plane.visit(&mut strata, progress, each, |error| {
                error.expected(layer.meaning())
            })?;
            known |= tells;
        }
        if !known.contains(Strata::WATER) {
            known.remove(Strata::GLINT);
        }
        Zip::from(&mut labels)
            .and(&mut strata)
            .par_for_each(|label, strata| {
                let is_water = strata.contains(Strata::WATER);
                if is_water || strata.contains(Strata::LAND) {
                    *label = label.on_surface(is_water);
                }
                if !is_water {
                    strata.remove(Strata::GLINT);
                }
            });
        Ok(Truth {
            grid,
            labels,
            tells: tells - Tells::BUFFERS,
            strata: Some((strata, known)),
            low_sun: self.low_sun()?,
        })
    }

    /// A layer of the folder, on the grid of the classes; none where the file is not there.
    fn layer(&self, layer: TruthLayer, grid: Option<&Grid>) -> Result<Option<Plane>> {
        let path = self.0.join(format!("{}.tif", layer.name()));
        if !path.exists() {
            return Ok(None);
        }
        let plane = Plane::open(&path, "truth layer")?;
        match grid {
            Some(grid) if *grid != plane.grid => Err(Error::product(
                "the layers of the truth are not on one grid",
            )
            .at(path.display())
            .got(format!("{:?}", plane.grid))
            .expected(format!("{grid:?}, as class.tif"))
            .advice("simulate the scene again")),
            _ => Ok(Some(plane)),
        }
    }

    fn low_sun(&self) -> Result<Option<bool>> {
        let path = self.0.join(SCENE_FILE);
        if !path.exists() {
            return Ok(None);
        }
        let failed = |what: &str| Error::product(what).at(path.display());
        let text = fs::read_to_string(&path)
            .map_err(|error| failed("the scene's description can't be read").caused_by(error))?;
        let scene: serde_json::Value = serde_json::from_str(&text).map_err(|error| {
            failed("the scene's description is not valid JSON")
                .advice("simulate the scene again")
                .caused_by(error)
        })?;
        let elevation = scene[SUN_ELEVATION].as_f64();
        Ok(elevation.map(|elevation| elevation < LOW_SUN_ELEVATION))
    }
}

/// Adds what a layer's number says; none for a number that the layer can't have.
fn mark(layer: TruthLayer, value: i32, strata: &mut Strata) -> Option<()> {
    match (layer, value) {
        (TruthLayer::Water, 0) => strata.insert(Strata::LAND),
        (TruthLayer::Water, 1) => strata.insert(Strata::WATER),
        (TruthLayer::Surf, 0) => {}
        (TruthLayer::Surf, 1) => strata.insert(Strata::SURF),
        (TruthLayer::ReliefShadow, 0..=2) => strata.set(Strata::RELIEF, value > 0),
        (TruthLayer::GlintB03 | TruthLayer::GlintB11, 0..) => {
            if f64::from(value) * layer.scale() >= GLINT_REFLECTANCE {
                strata.insert(Strata::GLINT);
            }
        }
        (TruthLayer::Surface, value) => {
            let value = u8::try_from(value).ok()?;
            let index = Surface::ALL.binary_search_by_key(&value, |surface| *surface as u8);
            let surface = *Surface::ALL.get(index.ok()?)?;
            // Ice and ships are neither.
            if !surface.is_land() {
                strata.remove(Strata::LAND);
            }
            strata.set(Strata::SAND, surface.is_sand());
            strata.set(Strata::SURF, surface == Surface::Surf);
            strata.set(Strata::REEF, surface == Surface::Reef);
            strata.set(Strata::TURBID, surface.is_turbid());
            strata.set(Strata::SNOW, surface.is_snow_or_ice());
        }
        _ => return None,
    }
    Some(())
}
