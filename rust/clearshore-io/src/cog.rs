//! Cloud Optimized GeoTIFF through GDAL's COG driver.
//!
//! The picture is built in memory with its overviews and copied into the file in one go: the driver
//! would else write the overviews to a temporary file, read them again and compress them twice.
//! Settings by measurement on a 5490 x 5490 flag image: DEFLATE, because every reader has it; level 4,
//! a seventh smaller than level 1 at the same cost; no predictor, which makes flags larger. Simulated
//! quantities vary smoothly: level 1 with horizontal differences is both faster and smaller for them.

use clearshore::codes::Codes;
use clearshore::flags::{
    CLASS_BAND, CLASSES, Class, EVIDENCE, EVIDENCE_BAND, FLAG_BAND, FLAGS, Flags,
};
use clearshore::scene::Grid;
use clearshore::simulate::TruthLayer;
use clearshore::{Error, Feature, Result};
use gdal::cpl::CslStringListEntry;
use gdal::errors::GdalError;
use gdal::raster::{Buffer, ColorEntry, ColorTable, GdalType, RasterBand, RasterCreationOptions};
use gdal::spatial_ref::SpatialRef;
use gdal::vsi::{get_vsi_mem_file_bytes_owned, unlink_mem_file};
use gdal::{Dataset, DriverManager, Metadata};
use ndarray::{Array2, ArrayView2, Axis, Slice};
use std::sync::atomic::{AtomicU64, Ordering};

/// Side of a tile, pixels.
const TILE_SIZE: usize = 512;
/// Files made in memory so far: each needs a name of its own.
static FILES: AtomicU64 = AtomicU64::new(0);
/// Value of `clearshore_class` that a reader should leave out.
const CLASS_NO_DATA: f64 = Class::Invalid as u8 as f64;

/// Red, green and blue of lit ground in a raster of relief shadow.
const LIT_COLOUR: [u8; 3] = [235, 235, 225];

/// How the overviews of a layer are made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Overviews {
    /// Bits and classes: the upper left pixel. Done here: GDAL's NEAREST computes in float32, which
    /// loses low bits beside high ones.
    Nearest,
    /// Numbers: the mean of those that are known.
    Average,
}

impl Overviews {
    const fn gdal_name(self) -> &'static str {
        match self {
            Self::Nearest => "NONE",
            Self::Average => "AVERAGE",
        }
    }
}

/// How the pixels of a layer are packed: see the module's text.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Packing {
    /// Bits and classes.
    Labels,
    /// Numbers that change little from pixel to pixel.
    Quantities,
}

impl Packing {
    /// DEFLATE level and predictor.
    const fn options(self) -> [(&'static str, &'static str); 2] {
        match self {
            Self::Labels => [("LEVEL", "4"), ("PREDICTOR", "NO")],
            Self::Quantities => [("LEVEL", "1"), ("PREDICTOR", "YES")],
        }
    }
}

/// What a layer is: everything about it but its pixels.
#[derive(Clone, Debug)]
pub struct Layer {
    name: String,
    description: &'static str,
    metadata: Vec<(String, String)>,
    no_data: Option<f64>,
    /// Factor from the stored number to the quantity.
    scale: Option<f64>,
    palette: Vec<[u8; 3]>,
    overviews: Overviews,
    packing: Packing,
}

impl Layer {
    /// `clearshore_flags`, int32: one bit a flag, named in the metadata.
    pub fn flags() -> Self {
        Self::bits(
            FLAG_BAND,
            "flags, one bit each; bits 0-18 as in IdePix Sentinel-2",
            FLAGS.iter().map(|row| (row.bit(), row.name, row.meaning)),
        )
    }

    /// `clearshore_evidence`, int32: why the flags are as they are.
    pub fn evidence() -> Self {
        Self::bits(
            EVIDENCE_BAND,
            "why each flag was set, one bit each",
            EVIDENCE
                .iter()
                .map(|row| (row.bit.bits().trailing_zeros(), row.name, row.meaning)),
        )
    }

    /// `clearshore_class`, uint8 with a colour table.
    pub fn class() -> Self {
        Self {
            name: CLASS_BAND.to_owned(),
            description: "one class a pixel",
            metadata: class_names(),
            no_data: Some(CLASS_NO_DATA),
            scale: None,
            palette: class_colours(),
            overviews: Overviews::Nearest,
            packing: Packing::Labels,
        }
    }

    /// Class codes of another program, uint8 with a colour table.
    pub fn codes(codes: &Codes) -> Self {
        let mut palette = Vec::new();
        for row in codes.written {
            palette.resize(usize::from(row.value), [0; 3]);
            palette.push(row.colour());
        }
        let named = codes.written.iter();
        let named = named.map(|row| class_name(row.value, row.name, row.meaning));
        Self {
            name: codes.band(),
            description: codes.meaning,
            metadata: named.collect(),
            no_data: Some(f64::from(codes.no_data())),
            scale: None,
            palette,
            overviews: Overviews::Nearest,
            packing: Packing::Labels,
        }
    }

    /// A feature, float32 with NaN where it is unknown.
    pub fn feature(feature: Feature) -> Self {
        Self {
            name: feature.name().to_owned(),
            description: feature.meaning(),
            metadata: Vec::new(),
            no_data: Some(f64::NAN),
            scale: None,
            palette: Vec::new(),
            overviews: Overviews::Average,
            packing: Packing::Labels,
        }
    }

    /// Geometric median of a series, uint16: TOA reflectance times 10 000, 0 where there is none.
    pub fn geomedian() -> Self {
        Self {
            no_data: Some(0.0),
            scale: Some(1e-4),
            ..Self::quantities(
                "geomedian",
                "geometric median of the clear dates, TOA reflectance",
            )
        }
    }

    /// Distances of a series' dates to its geometric median, float32 with NaN where there is none.
    pub fn mads() -> Self {
        Self {
            no_data: Some(f64::NAN),
            ..Self::quantities(
                "mads",
                "medians of the clear dates' distances to their geometric median",
            )
        }
    }

    /// Number of clear dates of a series, uint16.
    pub fn clear_dates() -> Self {
        Self::quantities("clear_dates", "how many dates are clear")
    }

    fn quantities(name: &str, description: &'static str) -> Self {
        Self {
            name: name.to_owned(),
            description,
            metadata: Vec::new(),
            no_data: None,
            scale: None,
            palette: Vec::new(),
            overviews: Overviews::Average,
            packing: Packing::Quantities,
        }
    }

    /// Relief shadow, uint8: 0 lit, 1 cast shadow, 2 only facing away, 255 unknown. Coloured as the flags.
    pub fn relief() -> Self {
        let shadows = [Flags::CAST_SHADOW, Flags::SELF_SHADOW];
        let shadows = FLAGS.iter().filter(|row| shadows.contains(&row.flag));
        Self {
            name: "relief_shadow".to_owned(),
            description: "0 lit, 1 cast shadow, 2 only facing away from the light, 255 unknown",
            metadata: Vec::new(),
            no_data: Some(f64::from(u8::MAX)),
            scale: None,
            palette: std::iter::once(LIT_COLOUR)
                .chain(shadows.map(|row| row.colour))
                .collect(),
            overviews: Overviews::Nearest,
            packing: Packing::Labels,
        }
    }

    /// A raster of the truth about a simulated scene: bytes or words, with the factor to the quantity.
    pub fn truth(layer: TruthLayer) -> Self {
        let (metadata, palette) = match layer {
            TruthLayer::Class => (class_names(), class_colours()),
            _ => (Vec::new(), Vec::new()),
        };
        let is_quantity = layer.scale() != 1.0 || layer == TruthLayer::CloudTopHeight;
        Self {
            name: layer.name().to_owned(),
            description: layer.meaning(),
            metadata,
            no_data: Some(f64::from(layer.no_data())),
            scale: is_quantity.then(|| layer.scale()),
            palette,
            overviews: Overviews::Nearest,
            packing: if is_quantity {
                Packing::Quantities
            } else {
                Packing::Labels
            },
        }
    }

    fn bits(
        name: &'static str,
        description: &'static str,
        rows: impl Iterator<Item = (u32, &'static str, &'static str)>,
    ) -> Self {
        Self {
            name: name.to_owned(),
            description,
            metadata: rows
                .map(|(bit, name, meaning)| (format!("BIT_{bit}"), format!("{name}: {meaning}")))
                .collect(),
            no_data: None,
            scale: None,
            palette: Vec::new(),
            overviews: Overviews::Nearest,
            packing: Packing::Labels,
        }
    }

    /// Name of the layer.
    pub fn name(&self) -> &str {
        &self.name
    }
}

/// Names of the classes, as metadata.
fn class_names() -> Vec<(String, String)> {
    let named = CLASSES.iter();
    named
        .map(|row| class_name(row.class as u8, row.name, row.meaning))
        .collect()
}

/// Name of a number, as metadata.
fn class_name(value: u8, name: &str, meaning: &str) -> (String, String) {
    (format!("CLASS_{value}"), format!("{name}: {meaning}"))
}

fn class_colours() -> Vec<[u8; 3]> {
    CLASSES.iter().map(|row| row.colour).collect()
}

/// One layer on its grid as the bytes of a file. `provenance` is metadata about the run: product,
/// parameters.
///
/// GDAL writes in memory: on a full disk it can lose tiles without an error. Errors: Io.
pub fn encode<T: GdalType + Copy>(
    values: &Array2<T>,
    grid: &Grid,
    layer: &Layer,
    provenance: &[(&str, String)],
) -> Result<Vec<u8>> {
    encode_bands(&[values.view()], &[&layer.name], grid, layer, provenance)
}

/// Bands of one layer on their grid as the bytes of a file, each with a name of its own.
///
/// As [`encode`]. Errors: Io.
pub fn encode_bands<T: GdalType + Copy>(
    bands: &[ArrayView2<'_, T>],
    names: &[&str],
    grid: &Grid,
    layer: &Layer,
    provenance: &[(&str, String)],
) -> Result<Vec<u8>> {
    for values in bands {
        if values.dim() != grid.shape() {
            return Err(
                Error::internal(format!("{} is not on the working grid", layer.name))
                    .got(format!("{:?}", values.dim()))
                    .expected(format!("{:?}", grid.shape())),
            );
        }
    }
    encode_with_gdal(bands, names, grid, layer, provenance).map_err(|error| {
        Error::io("the GeoTIFF can't be built in memory")
            .at(&layer.name)
            .caused_by(error)
    })
}

fn encode_with_gdal<T: GdalType + Copy>(
    bands: &[ArrayView2<'_, T>],
    names: &[&str],
    grid: &Grid,
    layer: &Layer,
    provenance: &[(&str, String)],
) -> std::result::Result<Vec<u8>, GdalError> {
    let picture = in_memory(bands, names, grid, layer, provenance)?;
    let threads = rayon::current_num_threads().to_string();
    let block_size = TILE_SIZE.to_string();
    let options = RasterCreationOptions::from_iter(
        [
            ("BLOCKSIZE", block_size.as_str()),
            ("COMPRESS", "DEFLATE"),
            ("BIGTIFF", "IF_SAFER"),
            ("NUM_THREADS", &threads),
            ("OVERVIEWS", "AUTO"),
        ]
        .into_iter()
        .chain(layer.packing.options())
        .map(CslStringListEntry::from),
    );
    let driver = DriverManager::get_driver_by_name("COG")?;
    let number = FILES.fetch_add(1, Ordering::Relaxed);
    let file = format!("/vsimem/clearshore-{number}.tif");
    let written = picture
        .create_copy(&driver, &file, &options)
        .and_then(Dataset::close)
        .and_then(|()| get_vsi_mem_file_bytes_owned(&file));
    if written.is_err() {
        // There may be nothing to remove.
        let _ = unlink_mem_file(&file);
    }
    written
}

/// The layer as a data set in memory, with its overviews.
fn in_memory<T: GdalType + Copy>(
    bands: &[ArrayView2<'_, T>],
    names: &[&str],
    grid: &Grid,
    layer: &Layer,
    provenance: &[(&str, String)],
) -> std::result::Result<Dataset, GdalError> {
    let driver = DriverManager::get_driver_by_name("MEM")?;
    let mut picture =
        driver.create_with_band_type::<T, _>("", grid.width, grid.height, bands.len())?;
    picture.set_spatial_ref(&SpatialRef::from_epsg(grid.zone.epsg())?)?;
    picture.set_geo_transform(&geo_transform(grid))?;
    picture.set_metadata_item(
        "TIFFTAG_SOFTWARE",
        concat!("Clearshore ", env!("CARGO_PKG_VERSION")),
        "",
    )?;
    picture.set_metadata_item("TIFFTAG_IMAGEDESCRIPTION", layer.description, "")?;
    let named = layer
        .metadata
        .iter()
        .map(|(key, text)| (key.as_str(), text));
    for (key, text) in named.chain(provenance.iter().map(|(key, text)| (*key, text))) {
        picture.set_metadata_item(key, text, "")?;
    }
    for ((values, name), number) in bands.iter().zip(names).zip(1..) {
        let mut band = picture.rasterband(number)?;
        band.set_description(name)?;
        band.set_no_data_value(layer.no_data)?;
        if let Some(scale) = layer.scale {
            band.set_scale(scale)?;
        }
        if !layer.palette.is_empty() {
            let mut colours = ColorTable::default();
            for (value, colour) in (0_u16..).zip(&layer.palette) {
                let [red, green, blue] = colour.map(i16::from);
                colours.set_color_entry(value, &ColorEntry::rgba(red, green, blue, 255));
            }
            band.set_color_table(&colours);
        }
        write_all(&mut band, *values)?;
    }
    let factors = overview_factors(grid.width.max(grid.height));
    if !factors.is_empty() {
        picture.build_overviews(layer.overviews.gdal_name(), &factors, &[])?;
    }
    if layer.overviews == Overviews::Nearest {
        for (values, number) in bands.iter().zip(1..) {
            let band = picture.rasterband(number)?;
            for (level, factor) in factors.iter().enumerate() {
                let every = values.slice_each_axis(|_| Slice::new(0, None, *factor as isize));
                let mut overview = band.overview(level)?;
                write_all(&mut overview, every)?;
            }
        }
    }
    Ok(picture)
}

/// Writes all pixels of a band, strip by strip.
fn write_all<T: GdalType + Copy>(
    band: &mut RasterBand<'_>,
    values: ArrayView2<'_, T>,
) -> std::result::Result<(), GdalError> {
    for (strip, rows) in values.axis_chunks_iter(Axis(0), TILE_SIZE).enumerate() {
        let shape = (rows.ncols(), rows.nrows());
        let mut buffer = Buffer::new(shape, rows.iter().copied().collect());
        band.write((0, (strip * TILE_SIZE) as isize), shape, &mut buffer)?;
    }
    Ok(())
}

/// Halvings until the picture fits into one tile.
fn overview_factors(size: usize) -> Vec<i32> {
    (1..)
        .map(|level| 1 << level)
        .take_while(|factor| 2 * size > TILE_SIZE * *factor as usize)
        .collect()
}

/// GDAL's six numbers of a north-up grid.
pub fn geo_transform(grid: &Grid) -> [f64; 6] {
    let size = grid.pixel_size;
    [grid.easting, size, 0.0, grid.northing, 0.0, -size]
}

#[cfg(test)]
mod tests {
    use super::*;
    use clearshore::scene::UtmZone;
    use std::fs;

    fn grid(height: usize, width: usize) -> Grid {
        Grid {
            zone: UtmZone::from_epsg(32_749).unwrap(),
            easting: 699_960.0,
            northing: 7_300_000.0,
            pixel_size: 20.0,
            height,
            width,
        }
    }

    fn pixels<T: GdalType + Copy>(band: &RasterBand<'_>) -> Vec<T> {
        band.read_band_as::<T>().unwrap().into_shape_and_vec().1
    }

    #[test]
    fn flags_come_back_with_place_names_and_overviews() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("flags.tif");
        let grid = grid(1300, 1100);
        let flags = Array2::from_shape_fn(grid.shape(), |(row, column)| {
            (1 << (row / 7 % 31)) | (column as i32 & 0xff)
        });
        let run = [("PRODUCT", "S2A_X".to_owned())];
        fs::write(&path, encode(&flags, &grid, &Layer::flags(), &run).unwrap()).unwrap();

        let read = Dataset::open(&path).unwrap();
        assert_eq!(read.raster_size(), (1100, 1300));
        assert_eq!(
            read.geo_transform().unwrap(),
            [699_960.0, 20.0, 0.0, 7_300_000.0, 0.0, -20.0]
        );
        assert_eq!(read.spatial_ref().unwrap().auth_code().unwrap(), 32_749);
        let item = |key, domain| read.metadata_item(key, domain).unwrap_or_default();
        assert_eq!(item("LAYOUT", "IMAGE_STRUCTURE"), "COG");
        assert_eq!(item("COMPRESSION", "IMAGE_STRUCTURE"), "DEFLATE");
        assert!(item("TIFFTAG_SOFTWARE", "").starts_with("Clearshore "));
        assert!(item("BIT_15", "").starts_with("CS_WATER: "));
        assert_eq!(item("PRODUCT", ""), "S2A_X");
        let band = read.rasterband(1).unwrap();
        assert_eq!(band.description().unwrap(), "clearshore_flags");
        assert_eq!(band.block_size(), (512, 512));
        assert_eq!(
            pixels::<i32>(&band),
            flags.iter().copied().collect::<Vec<_>>()
        );
        let sizes: Vec<_> = (0..band.overview_count().unwrap())
            .map(|level| band.overview(level as usize).unwrap().size())
            .collect();
        assert_eq!(sizes, [(550, 650), (275, 325)]);
        for (level, factor) in [2, 4].into_iter().enumerate() {
            let overview = pixels::<i32>(&band.overview(level).unwrap());
            let every = flags.slice(ndarray::s![..;factor, ..;factor]);
            assert_eq!(overview, every.iter().copied().collect::<Vec<_>>());
        }
    }

    #[test]
    fn classes_have_their_colours_and_features_their_gaps() {
        let folder = tempfile::tempdir().unwrap();
        let grid = grid(40, 30);
        let path = folder.path().join("class.tif");
        let classes = Array2::from_shape_fn(grid.shape(), |(row, _)| (row % 10) as u8);
        fs::write(
            &path,
            encode(&classes, &grid, &Layer::class(), &[]).unwrap(),
        )
        .unwrap();
        let read = Dataset::open(&path).unwrap();
        let band = read.rasterband(1).unwrap();
        assert_eq!(
            pixels::<u8>(&band),
            classes.iter().copied().collect::<Vec<_>>()
        );
        assert_eq!(band.no_data_value(), Some(0.0));
        let colours = band.color_table().unwrap();
        for row in &CLASSES {
            let entry = colours.entry_as_rgb(row.class as usize).unwrap();
            assert_eq!([entry.r, entry.g, entry.b], row.colour.map(i16::from));
        }

        let path = folder.path().join("hot.tif");
        let hot = Array2::from_shape_fn(grid.shape(), |(row, column)| {
            if row < 3 {
                f32::NAN
            } else {
                column as f32 / 7.0
            }
        });
        fs::write(
            &path,
            encode(&hot, &grid, &Layer::feature(Feature::Hot), &[]).unwrap(),
        )
        .unwrap();
        let read = Dataset::open(&path).unwrap();
        let band = read.rasterband(1).unwrap();
        assert!(band.no_data_value().unwrap().is_nan());
        let back = pixels::<f32>(&band);
        assert!(
            back.iter()
                .zip(&hot)
                .all(|(a, b)| a.to_bits() == b.to_bits())
        );
    }

    #[test]
    fn codes_have_colours_names_and_no_data() {
        let folder = tempfile::tempdir().unwrap();
        let grid = grid(600, 30);
        // By hand: what is written where, its name, and where there is no data.
        let rows = [
            ("fmask", 5, "water", 0),
            ("fmask4", 1, "clear_water", 255),
            ("scl", 6, "water", 0),
            ("cloudsen12", 0, "clear", 255),
            ("cmix", 5, "water", 0),
        ];
        let water = CLASSES[Class::ClearWater as usize].colour.map(i16::from);
        for (name, value, class, no_data) in rows {
            let codes = Codes::named(name).unwrap();
            let flags = Array2::from_shape_fn(grid.shape(), |(row, _)| {
                if row < 3 {
                    Flags::INVALID.bits()
                } else {
                    Flags::WATER.bits()
                }
            });
            let path = folder.path().join(format!("{name}.tif"));
            let file = encode(&codes.plane(&flags), &grid, &Layer::codes(codes), &[]).unwrap();
            fs::write(&path, file).unwrap();
            let read = Dataset::open(&path).unwrap();
            let named = read.metadata_item(&format!("CLASS_{value}"), "").unwrap();
            assert!(named.starts_with(&format!("{class}: ")), "{named}");
            let band = read.rasterband(1).unwrap();
            assert_eq!(band.description().unwrap(), format!("clearshore_{name}"));
            assert_eq!(band.no_data_value(), Some(f64::from(no_data)));
            let expected = flags
                .indexed_iter()
                .map(|((row, _), _)| if row < 3 { no_data } else { value });
            assert_eq!(pixels::<u8>(&band), expected.collect::<Vec<_>>());
            let colours = band.color_table().unwrap();
            let entry = colours.entry_as_rgb(usize::from(value)).unwrap();
            let land = CLASSES[Class::ClearLand as usize].colour.map(i16::from);
            // The one number of CloudSEN12 for all that is clear has the colour of land.
            let colour = if name == "cloudsen12" { land } else { water };
            assert_eq!([entry.r, entry.g, entry.b], colour, "{name}");
        }
    }

    #[test]
    fn the_bytes_do_not_depend_on_the_threads() {
        let grid = grid(1100, 1200);
        let flags = Array2::from_shape_fn(grid.shape(), |(row, column)| {
            ((row * row + 3 * column) / 50 % 977) as i32
        });
        let bytes = |threads| {
            let pool = rayon::ThreadPoolBuilder::new()
                .num_threads(threads)
                .build()
                .unwrap();
            pool.install(|| encode(&flags, &grid, &Layer::flags(), &[]))
                .unwrap()
        };
        assert!(bytes(1) == bytes(4));
    }

    #[test]
    fn pixels_off_the_grid_are_refused() {
        let flags = Array2::<i32>::zeros((4, 5));
        let error = encode(&flags, &grid(5, 4), &Layer::flags(), &[]).unwrap_err();
        assert_eq!(error.kind(), clearshore::ErrorKind::Internal);
    }
}
