//! Reading Sentinel-2 Level-1C products.
//!
//! [`Product::open`] takes a `.SAFE` folder, its zip archive (read in place), its `MTD_MSIL1C.xml`, a
//! multi-granule product from before December 2016, or a tile in the layout it has on AWS. Baselines
//! from the first to 05.1x and the test baselines 99.xx are understood. Anything else is refused with
//! an error that says what it is.
//!
//! Opening reads only the metadata. A band, mask or weather file that is absent is no error: it is
//! just not there ([`Product::band_file`], [`Product::missing_bands`]). Everything in the metadata is
//! checked when it is read, and an error names file and element.
//!
//! Angles are radians from true north, coordinates metres in the tile's UTM zone, reflectance is
//! `(DN + offset) / quantification` with [`Product::radiometry`].

mod archive;
mod files;
mod footprint;
mod gml;
mod layout;
mod metadata;
mod quality;
mod raster;
mod refuse;
mod report;
mod store;
mod tile;
mod xml;

pub use files::{MaskFile, MaskFormat, MaskKind, Masks, ProductFile};
pub use footprint::Edges;
pub use layout::Layout;
pub use metadata::{Baseline, ListedGranule, ProductMetadata};
pub(crate) use quality::Marks;
pub(crate) use tile::MAX_DETECTOR;
pub use tile::TileMetadata;

use crate::bytes::ByteSource;
use clearshore::scene::{Angles, Band, Grid, Radiometry};
use clearshore::{Error, Result};
use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// One granule of a Level-1C product, opened: all of its metadata, and the way to its files.
pub struct Product {
    store: Box<dyn store::Store>,
    layout: Layout,
    name: String,
    metadata: ProductMetadata,
    tile: TileMetadata,
    bands: BTreeMap<Band, ProductFile>,
    masks: Masks,
    ecmwf: Option<ProductFile>,
    warnings: Vec<String>,
}

impl fmt::Debug for Product {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Product")
            .field("name", &self.name)
            .field("location", &self.location())
            .finish_non_exhaustive()
    }
}

impl Product {
    /// Opens a product.
    ///
    /// `granule` chooses among several: by folder name, by identifier, or by tile (`T32TQR`).
    ///
    /// # Errors
    /// `Product` for anything that is not a readable Level-1C product; `Parameter`, with the list of
    /// granules, where one must be chosen; `Io` where the system can't read.
    pub fn open(path: &Path, granule: Option<&str>) -> Result<Self> {
        let (store, parts) = layout::find(path, granule)?;
        let tile = {
            let place = store.place(&parts.tile_metadata);
            let text = store.read_text(&parts.tile_metadata)?;
            let document = xml::parse(&text, &place)?;
            TileMetadata::read(xml::Element::root(&document, &place))?
        };
        let metadata = match &parts.product_metadata {
            Some(name) => {
                let place = store.place(name);
                let text = store.read_text(name)?;
                let document = xml::parse(&text, &place)?;
                ProductMetadata::read(xml::Element::root(&document, &place))?
            }
            None => ProductMetadata::from_granule_id(
                &tile.granule_id,
                &store.place(&parts.tile_metadata),
            )?,
        };
        let bands = files::bands(&*store, &parts, &metadata)?;
        let masks = files::masks(&*store, &parts)?;
        let ecmwf = files::ecmwf(&*store, &parts)?;
        let name = metadata.name.clone().unwrap_or_else(|| {
            let label = store.label();
            let folder = Path::new(&label).file_name().unwrap_or_default();
            folder.to_string_lossy().into_owned()
        });
        let mut warnings = metadata.warnings.clone();
        if tile.angles.views.is_empty() {
            warnings.push("the metadata has no grids of viewing angles".into());
        }
        if tile.angles.sun.is_none() {
            warnings.push("the metadata has no grid of sun angles".into());
        }
        Ok(Self {
            store,
            layout: parts.layout,
            name: name.strip_suffix(".SAFE").unwrap_or(&name).to_owned(),
            metadata,
            tile,
            bands,
            masks,
            ecmwf,
            warnings,
        })
    }

    /// Name of the product without `.SAFE`: PRODUCT_URI, or the folder's name where that is empty.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Path of the product's folder or archive.
    pub fn location(&self) -> String {
        self.store.label()
    }

    /// How its files are laid out.
    pub fn layout(&self) -> Layout {
        self.layout
    }

    /// What the product's metadata says.
    pub fn metadata(&self) -> &ProductMetadata {
        &self.metadata
    }

    /// What the tile's metadata says.
    pub fn tile(&self) -> &TileMetadata {
        &self.tile
    }

    /// What the user should know, one sentence each.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// How a band's DN become reflectance.
    pub fn radiometry(&self, band: Band) -> Radiometry {
        Radiometry {
            offset: self.metadata.offsets[band.index()],
            quantification: self.metadata.quantification,
        }
    }

    /// The tile's grid with a pixel size of 10, 20 or 60 m.
    pub fn grid(&self, pixel_size: u32) -> Result<Grid> {
        self.tile.grids.get(&pixel_size).copied().ok_or_else(|| {
            let sizes: Vec<String> = self.tile.grids.keys().map(ToString::to_string).collect();
            Error::parameter("the product has no grid of this pixel size")
                .at(&self.name)
                .got(format!("{pixel_size} m"))
                .expected(format!("{} m", sizes.join(", ")))
        })
    }

    /// Directions to the sun and the sensor; parts that the metadata lacks are absent.
    pub fn angles(&self) -> &Angles {
        &self.tile.angles
    }

    /// File of a band, if it is there. It may still be empty or a stub, which shows when it is decoded.
    pub fn band_file(&self, band: Band) -> Option<&ProductFile> {
        self.bands.get(&band)
    }

    /// Bands without a file.
    pub fn missing_bands(&self) -> Vec<Band> {
        let missing = |band: &Band| !self.bands.contains_key(band);
        Band::ALL.into_iter().filter(missing).collect()
    }

    /// Opens the JPEG 2000 file of a band.
    pub fn open_band(&self, band: Band) -> Result<Arc<dyn ByteSource>> {
        let file = self.band_file(band).ok_or_else(|| {
            Error::product(format!("the file of band {band} is missing"))
                .at(self.location())
                .advice("download the whole product")
        })?;
        self.open_file(file)
    }

    /// Opens a file of the product.
    pub fn open_file(&self, file: &ProductFile) -> Result<Arc<dyn ByteSource>> {
        self.store.open(&file.name)
    }

    fn read_text(&self, file: &ProductFile) -> Result<String> {
        self.store.read_text(&file.name)
    }

    /// A file's place for messages: path of the product, then the file's name in it.
    pub fn place(&self, file: &ProductFile) -> String {
        self.store.place(&file.name)
    }

    /// Files of the masks.
    pub fn masks(&self) -> &Masks {
        &self.masks
    }

    /// File of the ECMWF forecast (GRIB), if it is there.
    pub fn ecmwf(&self) -> Option<&ProductFile> {
        self.ecmwf.as_ref()
    }
}
