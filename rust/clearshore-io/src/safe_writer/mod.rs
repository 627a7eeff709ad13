//! Writes a complete compact Level-1C SAFE: for tests, demonstrations and simulated scenes.
//!
//! Band files have the JPEG 2000 structures of real products, the metadata their elements and number
//! formats, so that readers meet what they meet in real products. The product appears whole or not at
//! all.

mod description;
mod encoders;
mod format;
pub(crate) mod grib;
mod instrument;
mod jp2;
mod masks;
mod package_xml;
mod product_xml;
mod tile_xml;
mod xml;

pub use clearshore::simulate::OrbitDirection;
pub use description::{Defect, Description, QualityPlane, Spacecraft, classification};
pub use format::UtcTime;

use clearshore::scene::{Band, Grid, NO_DATA_DN};
use clearshore::{Error, Progress, Result};
use encoders::Encoders;
use jp2::{BAND_BITS, Planes, Structure};
use ndarray::Array2;
use std::fs;
use std::path::{Path, PathBuf};

/// Bands of the true-colour image: red, green, blue.
const TRUE_COLOUR: [Band; 3] = [Band::B04, Band::B03, Band::B02];
/// Reflectance that is white in the true-colour image; display only.
const WHITE_REFLECTANCE: f64 = 0.3558;
/// Pixels of 10 m along the side of a preview's pixel.
const PREVIEW_STEP: usize = 32;
/// Scratch files, removed before the product appears: of a mask, and of the true-colour image.
const SCRATCH: &str = "scratch.tif";
const COLOUR_SCRATCH: &str = "colours.tif";

/// Gives a band's raw numbers at its native pixel size, or `None` where the band file is to be absent.
pub type BandSource<'a> = dyn FnMut(Band) -> Result<Option<Array2<u16>>> + 'a;

/// Writes a product into `directory` and gives its path.
///
/// `bands` is asked for every band once, in the order of [`Band::ALL`], while bands before are being
/// compressed, as many as the caller's pool has threads but at most four. An absent band is listed in the metadata all the same. Numbers above 32767 don't fit the 15 bits of
/// real band files: a band with such numbers is written with 16.
///
/// # Errors
/// A parameter error when the description contradicts itself, a band has the wrong size, or the product
/// exists; an I/O error when a file can't be written; what `bands` returns; cancellation, between files.
pub fn write(
    directory: &Path,
    description: &Description,
    bands: &mut BandSource<'_>,
    progress: &dyn Progress,
) -> Result<PathBuf> {
    description.check()?;
    let name = description.product_name();
    let product = directory.join(&name);
    if product.exists() {
        return Err(Error::parameter("the product exists")
            .at(product.display())
            .advice("remove it, or write into another folder"));
    }
    let root = directory.join(format!("{name}.partial"));
    if root.exists() {
        io(fs::remove_dir_all(&root), &root)?;
    }
    let writer = Writer {
        root: &root,
        description,
        progress,
    };
    let written = writer
        .everything(bands)
        .and_then(|()| io(fs::rename(&root, &product), &product));
    if let Err(error) = written {
        if let Err(left) = fs::remove_dir_all(&root)
            && root.exists()
        {
            log::warn!("{} could not be removed: {left}", root.display());
        }
        return Err(error);
    }
    Ok(product)
}

struct Writer<'a> {
    root: &'a Path,
    description: &'a Description,
    progress: &'a dyn Progress,
}

impl Writer<'_> {
    fn everything(&self, bands: &mut BandSource<'_>) -> Result<()> {
        let description = self.description;
        let granule = description.granule();
        let datastrip = description.datastrip();
        for folder in [
            format!("{granule}/IMG_DATA"),
            format!("{granule}/QI_DATA"),
            format!("{granule}/AUX_DATA"),
            format!("{datastrip}/QI_DATA"),
        ] {
            let folder = self.root.join(folder);
            io(fs::create_dir_all(&folder), &folder)?;
        }
        self.progress
            .stage("writing product", 2 * Band::COUNT as u64);
        std::thread::scope(|scope| {
            let mut encoders = Encoders::new(scope);
            self.images(bands, &mut encoders)?;
            self.masks()?;
            encoders.finish()
        })?;
        self.text("MTD_MSIL1C.xml", product_xml::product_xml(description))?;
        self.text("INSPIRE.xml", package_xml::inspire(description))?;
        self.text(
            &format!("{datastrip}/MTD_DS.xml"),
            package_xml::datastrip(description),
        )?;
        self.text(
            &format!("{granule}/MTD_TL.xml"),
            tile_xml::tile_xml(description),
        )?;
        if let Some(wind) = description.wind {
            let forecast = grib::forecast(&description.grid, description.sensing, wind);
            let path = self.root.join(format!("{granule}/AUX_DATA/AUX_ECMWFT"));
            io(fs::write(&path, forecast), &path)?;
        }
        let mut files = Vec::new();
        list(self.root, self.root, &mut files)?;
        files.sort();
        self.text("manifest.safe", package_xml::manifest(description, &files))
    }

    /// Grid of a pixel size in metres.
    fn grid(&self, pixel_size: u32) -> Grid {
        let (height, width) = self.description.shape(pixel_size);
        Grid {
            pixel_size: f64::from(pixel_size),
            height,
            width,
            ..self.description.grid
        }
    }

    fn images<'scope>(
        &'scope self,
        bands: &mut BandSource<'_>,
        encoders: &mut Encoders<'scope, '_>,
    ) -> Result<()> {
        let mut colours = Colours::new(self)?;
        for band in Band::ALL {
            self.progress.check()?;
            if let Some(numbers) = bands(band)? {
                let expected = self.description.shape(band.native_pixel_size());
                if numbers.dim() != expected {
                    return Err(Error::parameter("the band has the wrong size")
                        .at(band)
                        .got(format!("{:?}", numbers.dim()))
                        .expected(format!("{expected:?}")));
                }
                colours.take(self, band, &numbers)?;
                self.band(band, numbers, encoders)?;
            }
            self.progress.advance(1);
        }
        colours.write(self, encoders)
    }

    fn band<'scope>(
        &self,
        band: Band,
        numbers: Array2<u16>,
        encoders: &mut Encoders<'scope, '_>,
    ) -> Result<()> {
        let pixel_size = band.native_pixel_size();
        let fits = numbers.iter().all(|dn| dn >> BAND_BITS == 0);
        let structure = Structure {
            bits: if fits { BAND_BITS } else { u16::BITS },
            packet_lengths: self.description.packet_lengths,
            tile_lengths: self.description.tile_lengths,
            ..Structure::of_band(pixel_size)
        };
        let mut planes = Planes::new::<u16>(&self.grid(pixel_size), 1)?;
        planes.fill(0, numbers)?;
        let path = format!("{}.jp2", self.description.image(band.name()));
        let path = self.root.join(path);
        encoders.start(move || planes.write(&path, structure))
    }

    fn masks(&self) -> Result<()> {
        for (index, band) in Band::ALL.into_iter().enumerate() {
            self.progress.check()?;
            for kind in tile_xml::band_masks(self.description) {
                let name = self.description.mask(kind, band.name());
                let same = Band::ALL[..index]
                    .iter()
                    .find(|other| self.masks_are_equal(**other, band));
                match same {
                    Some(other) if self.description.is_since_04_00() => {
                        let source = self.root.join(self.description.mask(kind, other.name()));
                        io(fs::copy(&source, self.root.join(&name)), &source)?;
                    }
                    _ => self.band_mask(kind, band, &name)?,
                }
            }
            self.progress.advance(1);
        }
        let name = self
            .description
            .mask(tile_xml::classification_mask(self.description), "B00");
        let grid = self.grid(60);
        if self.description.is_since_04_00() {
            masks::write_classification(&self.root.join(name), self.description, &grid)
        } else {
            self.text(&name, masks::cloud_gml(self.description, &grid))
        }
    }

    fn band_mask(&self, kind: &str, band: Band, name: &str) -> Result<()> {
        if !self.description.is_since_04_00() {
            return self.text(name, masks::band_gml(self.description, kind, band));
        }
        let grid = self.grid(band.native_pixel_size());
        let path = self.root.join(name);
        if kind == "DETFOO" {
            return masks::write_footprints(&path, self.description, band, &grid);
        }
        let scratch = self.root.join(SCRATCH);
        masks::write_quality(&path, self.description, band, &grid, &scratch)?;
        io(fs::remove_file(&scratch), &scratch)
    }

    /// Whether two bands of one pixel size have the same masks: then one file is a copy of the other.
    fn masks_are_equal(&self, a: Band, b: Band) -> bool {
        let footprints = |band: Band| {
            let of_band = self
                .description
                .footprints
                .iter()
                .filter(move |f| f.band == band);
            of_band.map(|f| (f.detector, &f.polygon))
        };
        let defects = |band: Band| {
            let of_band = self
                .description
                .defects
                .iter()
                .filter(move |d| d.band == band);
            of_band.map(|d| (d.plane, &d.polygon))
        };
        a.native_pixel_size() == b.native_pixel_size()
            && footprints(a).eq(footprints(b))
            && defects(a).eq(defects(b))
    }

    fn text(&self, name: &str, text: String) -> Result<()> {
        let path = self.root.join(name);
        io(fs::write(&path, text), &path)
    }
}

/// The true-colour image and the preview, gathered while the bands pass by.
struct Colours {
    image: Option<Planes>,
    preview: [Option<Array2<u8>>; 3],
}

impl Colours {
    fn new(writer: &Writer<'_>) -> Result<Self> {
        let scratch = writer.root.join(COLOUR_SCRATCH);
        let image = writer
            .description
            .true_colour
            .then(|| Planes::sparse::<u8>(&scratch, &writer.grid(10), TRUE_COLOUR.len()));
        Ok(Self {
            image: image.transpose()?,
            preview: [const { None }; 3],
        })
    }

    fn take(&mut self, writer: &Writer<'_>, band: Band, numbers: &Array2<u16>) -> Result<()> {
        let Some(index) = TRUE_COLOUR.iter().position(|colour| *colour == band) else {
            return Ok(());
        };
        let radiometry = writer.description.radiometry();
        let shade = |dn: &u16| {
            let share = radiometry.toa_reflectance(*dn) / WHITE_REFLECTANCE;
            let seen = (share * 255.0).round().clamp(1.0, 255.0) as u8;
            if *dn == NO_DATA_DN { 0 } else { seen }
        };
        let step = PREVIEW_STEP.min(numbers.nrows()).min(numbers.ncols());
        let middle = (step / 2) as isize;
        let (rows, columns) = (numbers.nrows() / step * step, numbers.ncols() / step * step);
        let sampled = numbers.slice(ndarray::s![
            middle..rows as isize; step as isize,
            middle..columns as isize; step as isize
        ]);
        self.preview[index] = Some(sampled.map(shade));
        match &mut self.image {
            Some(image) => image.fill(index, numbers.map(shade)),
            None => Ok(()),
        }
    }

    fn write(self, writer: &Writer<'_>, encoders: &mut Encoders<'_, '_>) -> Result<()> {
        let description = writer.description;
        let complete = self.preview.iter().all(Option::is_some);
        if let Some(image) = self.image {
            let path = writer
                .root
                .join(format!("{}.jp2", description.image("TCI")));
            let scratch = writer.root.join(COLOUR_SCRATCH);
            encoders.start(move || {
                if complete {
                    let structure = Structure {
                        bits: u8::BITS,
                        ..Structure::of_band(10)
                    };
                    image.write(&path, structure)?;
                }
                drop(image);
                io(fs::remove_file(&scratch), &scratch)
            })?;
        }
        let [Some(red), Some(green), Some(blue)] = self.preview else {
            return Ok(());
        };
        let (height, width) = red.dim();
        let step = PREVIEW_STEP
            .min(description.grid.height)
            .min(description.grid.width);
        let grid = Grid {
            pixel_size: description.grid.pixel_size * step as f64,
            height,
            width,
            ..description.grid
        };
        let mut planes = Planes::new::<u8>(&grid, TRUE_COLOUR.len())?;
        for (index, plane) in [red, green, blue].into_iter().enumerate() {
            planes.fill(index, plane)?;
        }
        planes.write(
            &writer.root.join(description.preview()),
            Structure::of_mask(60),
        )
    }
}

/// Files below a folder, with sizes.
fn list(root: &Path, folder: &Path, files: &mut Vec<(String, u64)>) -> Result<()> {
    for entry in io(fs::read_dir(folder), folder)? {
        let entry = io(entry, folder)?;
        let path = entry.path();
        let metadata = io(entry.metadata(), &path)?;
        if metadata.is_dir() {
            list(root, &path, files)?;
        } else if let Ok(name) = path.strip_prefix(root) {
            files.push((name.to_string_lossy().replace('\\', "/"), metadata.len()));
        }
    }
    Ok(())
}

fn io<T>(result: std::io::Result<T>, path: &Path) -> Result<T> {
    result.map_err(|error| {
        Error::io("the product can't be written")
            .at(path.display())
            .caused_by(error)
            .advice("check that the folder exists, can be written and has space")
    })
}
