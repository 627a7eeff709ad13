//! A simulated scene on the disk: the product, what is true about it, its elevation model, a picture.
//!
//! NAME is the product's name without `.SAFE`:
//!
//! | entry | content |
//! |---|---|
//! | `NAME.SAFE/` | the Level-1C product |
//! | `NAME_dem/` | the elevation model as SRTM `.hgt` files, with the sea around the land; empty where there is no land |
//! | `NAME_truth/` | a GeoTIFF per [`TruthLayer`], and `scene.json` with every choice |
//! | `NAME_quicklook.png` | true colour beside the true classes; written last |

mod acquisition;
mod document;

pub use acquisition::{Acquisition, describe};

use crate::cog::{self, Layer};
use crate::dem::{hgt_bytes, hgt_name};
use crate::quicklook;
use crate::safe_writer::{self, Description};
use crate::staging::Staging;
use clearshore::scene::{Band, Radiometry};
use clearshore::simulate::{DemCell, Setting, Simulation, TruthLayer, TruthRaster};
use clearshore::{Error, Progress, Result};
use ndarray::Array2;
use serde_json::Value;
use std::fs;
use std::path::Path;

/// Nodes along a side of a cell of sea: SRTM's at 3".
const SEA_NODES: usize = 1_201;
/// File of the truth folder with every choice.
const DOCUMENT: &str = "scene.json";

/// A scene that is to be simulated and written.
#[derive(Clone, Debug)]
pub struct Order {
    setting: Setting,
    acquisition: Acquisition,
    name: String,
}

impl Order {
    /// Checks that there can be such a scene and such a product.
    ///
    /// # Errors
    /// A parameter error that names what is wrong.
    pub fn new(setting: Setting, acquisition: Acquisition) -> Result<Self> {
        setting.check()?;
        let description = describe(&setting, &acquisition);
        description.check()?;
        let product = description.product_name();
        let name = product.strip_suffix(".SAFE").unwrap_or(&product).to_owned();
        Ok(Self {
            setting,
            acquisition,
            name,
        })
    }

    /// Name of the product without `.SAFE`.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What is to be simulated.
    pub fn setting(&self) -> &Setting {
        &self.setting
    }

    /// Names of the product, the elevation model, the truth and the picture, in the order in which they
    /// appear: where the last one is, the others are.
    pub fn entries(&self) -> [String; 4] {
        let name = &self.name;
        [
            format!("{name}.SAFE"),
            format!("{name}_dem"),
            format!("{name}_truth"),
            format!("{name}_quicklook.png"),
        ]
    }

    /// Every choice, as in the truth's `scene.json`.
    pub fn document(&self) -> Value {
        document::document(self)
    }

    /// Whether something of the scene's name is in a folder.
    pub fn exists(&self, folder: &Path) -> bool {
        self.entries()
            .iter()
            .any(|entry| folder.join(entry).exists())
    }

    /// Whether this very scene, made by this version, is complete in a folder.
    pub fn is_complete(&self, folder: &Path) -> bool {
        let [_, _, truth, _] = self.entries();
        let written = fs::read_to_string(folder.join(truth).join(DOCUMENT));
        let same = written.is_ok_and(|text| text == document::text(&self.document()));
        let all = self
            .entries()
            .iter()
            .all(|entry| folder.join(entry).exists());
        same && all
    }

    /// Simulates the scene and writes all of it into the hidden folder; `publish` of [`Self::entries`]
    /// is left to the caller.
    ///
    /// # Errors
    /// Io; cancellation.
    pub fn write(&self, staging: &Staging, progress: &dyn Progress) -> Result<()> {
        let simulation = Simulation::new(self.setting.clone(), progress)?;
        let classes = match simulation.truth(TruthLayer::Class, &Silent(progress))? {
            TruthRaster::Bytes(classes) => classes,
            TruthRaster::Words(_) => return Err(Error::internal("the classes are no bytes")),
        };
        let [_, dem, truth, picture] = self.entries();
        for folder in [&dem, &truth] {
            let folder = staging.path(folder);
            fs::create_dir(&folder).map_err(|error| {
                Error::io("the folder can't be made")
                    .at(folder.display())
                    .caused_by(error)
            })?;
        }
        let sea = simulation.sea_around().into_iter();
        let sea: Vec<DemCell> = sea
            .map(|(south, west)| DemCell {
                south,
                west,
                heights: Array2::zeros((SEA_NODES, SEA_NODES)),
            })
            .collect();
        for cell in simulation.dem().iter().chain(&sea) {
            progress.check()?;
            let file = format!("{dem}/{}", hgt_name(cell));
            staging.write(&file, &hgt_bytes(cell))?;
        }
        let colours = self.product(staging, &simulation, &classes, progress)?;
        staging.write(
            &picture,
            &quicklook::truth_png(&colours, &classes, &self.name)?,
        )?;
        self.truth(staging, &simulation, classes, progress)?;
        let document = document::text(&self.document());
        staging.write(&format!("{truth}/{DOCUMENT}"), document.as_bytes())
    }

    /// Writes the product; gives red, green and blue for the picture.
    fn product(
        &self,
        staging: &Staging,
        simulation: &Simulation,
        classes: &Array2<u8>,
        progress: &dyn Progress,
    ) -> Result<[Array2<f32>; 3]> {
        let description = Description {
            classification: Some(acquisition::classification(classes)),
            ..describe(&self.setting, &self.acquisition)
        };
        let radiometry = description.radiometry();
        let mut colours = [const { None }; 3];
        let mut bands = |band| {
            let numbers = simulation.band(band, radiometry, &Silent(progress))?;
            keep_colour(&mut colours, band, &numbers, radiometry);
            Ok(Some(numbers))
        };
        safe_writer::write(staging.folder(), &description, &mut bands, progress)?;
        match colours {
            [Some(red), Some(green), Some(blue)] => Ok([red, green, blue]),
            _ => Err(Error::internal("a colour was not simulated")),
        }
    }

    /// Writes the truth: the next layer is worked out while one is being compressed.
    fn truth(
        &self,
        staging: &Staging,
        simulation: &Simulation,
        classes: Array2<u8>,
        progress: &dyn Progress,
    ) -> Result<()> {
        let [_, _, folder, _] = self.entries();
        let provenance = [("PRODUCT", self.name.clone())];
        let encode = |layer: TruthLayer, raster: TruthRaster| {
            let (grid, description) = (&self.setting.grid, Layer::truth(layer));
            let file = match raster {
                TruthRaster::Bytes(values) => {
                    cog::encode(&values, grid, &description, &provenance)?
                }
                TruthRaster::Words(values) => {
                    cog::encode(&values, grid, &description, &provenance)?
                }
            };
            staging.write(&format!("{folder}/{}.tif", layer.name()), &file)
        };
        let work_out = |layer: &TruthLayer| simulation.truth(*layer, &Silent(progress));
        progress.stage("writing truth", TruthLayer::ALL.len() as u64);
        let mut coming = Some((TruthLayer::Class, TruthRaster::Bytes(classes)));
        let mut others = TruthLayer::ALL
            .iter()
            .filter(|layer| **layer != TruthLayer::Class);
        while let Some((layer, raster)) = coming {
            progress.check()?;
            let next = others.next();
            let (written, fetched) =
                rayon::join(|| encode(layer, raster), || next.map(work_out).transpose());
            written?;
            coming = next.copied().zip(fetched?);
            progress.advance(1);
        }
        Ok(())
    }
}

/// Keeps what the picture needs of a band.
fn keep_colour(
    colours: &mut [Option<Array2<f32>>; 3],
    band: Band,
    numbers: &Array2<u16>,
    radiometry: Radiometry,
) {
    for (colour, kept) in quicklook::COLOUR_BANDS.into_iter().zip(colours) {
        if colour == band {
            *kept = Some(quicklook::shrunken(numbers, radiometry));
        }
    }
}

/// Passes on the wish to stop, but no stages: parts of a stage have none of their own.
struct Silent<'a>(&'a dyn Progress);

impl Progress for Silent<'_> {
    fn is_cancelled(&self) -> bool {
        self.0.is_cancelled()
    }
}
