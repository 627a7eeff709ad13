//! Small scenes made of a few spectra, whose right answer is known.

use clearshore::scene::{Band, BandPlane, Grid, Radiometry, Scene, SceneBuilder, UtmZone};
use ndarray::Array2;

/// DN per unit of reflectance and offset, as from baseline 04.00 on.
pub const QUANTIFICATION: f64 = 10_000.0;
pub const OFFSET: i32 = -1000;

/// The bands of the spectra below.
pub const BANDS: [Band; 7] = [
    Band::B02,
    Band::B03,
    Band::B04,
    Band::B8A,
    Band::B10,
    Band::B11,
    Band::B12,
];

/// TOA reflectances in the order of [`BANDS`].
pub type Spectrum = [f64; 7];

pub const DEEP_SEA: Spectrum = [0.098, 0.065, 0.038, 0.020, 0.0012, 0.010, 0.007];
pub const TURBID_ESTUARY: Spectrum = [0.15, 0.17, 0.19, 0.125, 0.0012, 0.018, 0.010];
/// Wet tidal flat of a tropical coast, median of 5000 real pixels: only NIR tells it from old snow.
pub const TIDAL_FLAT: Spectrum = [0.122, 0.119, 0.099, 0.124, 0.0012, 0.021, 0.009];
pub const VEGETATION: Spectrum = [0.10, 0.09, 0.06, 0.36, 0.0013, 0.17, 0.08];
pub const SOIL: Spectrum = [0.12, 0.13, 0.16, 0.24, 0.0013, 0.30, 0.24];
pub const THICK_CLOUD: Spectrum = [0.50, 0.49, 0.51, 0.58, 0.0015, 0.42, 0.30];
pub const CIRRUS_OVER_SEA: Spectrum = [0.14, 0.11, 0.085, 0.075, 0.018, 0.055, 0.040];
pub const THIN_CIRRUS_OVER_LAND: Spectrum = [0.10, 0.09, 0.06, 0.36, 0.0065, 0.17, 0.08];
pub const SNOW: Spectrum = [0.92, 0.90, 0.90, 0.84, 0.0040, 0.12, 0.09];
/// Darker than turbid water may be in every band that the water test asks.
pub const OLD_SNOW: Spectrum = [0.38, 0.37, 0.36, 0.33, 0.0015, 0.06, 0.04];
/// All bands without data.
pub const NO_DATA: Spectrum = [f64::NAN; 7];

/// Raw number of a reflectance; NaN is no data.
pub fn dn(reflectance: f64) -> u16 {
    if reflectance.is_nan() {
        0
    } else {
        (reflectance * QUANTIFICATION).round() as u16 + OFFSET.unsigned_abs() as u16
    }
}

pub fn grid(shape: (usize, usize), pixel_size: f64) -> Grid {
    let zone = UtmZone::from_epsg(32631).unwrap();
    Grid {
        zone,
        easting: 600_000.0,
        northing: 4_800_000.0,
        pixel_size,
        height: shape.0,
        width: shape.1,
    }
}

/// Builder of a scene that has the spectrum that `at` gives for each pixel (row, column).
pub fn builder(
    shape: (usize, usize),
    pixel_size: f64,
    at: impl Fn(usize, usize) -> Spectrum,
) -> SceneBuilder {
    let radiometry = Radiometry {
        offset: OFFSET,
        quantification: QUANTIFICATION,
    };
    BANDS.iter().enumerate().fold(
        SceneBuilder::new(grid(shape, pixel_size)),
        |builder, (i, &band)| {
            let dn = Array2::from_shape_fn(shape, |(row, column)| dn(at(row, column)[i]));
            builder.band(band, BandPlane { dn, radiometry })
        },
    )
}

/// A scene of such pixels.
pub fn scene(
    shape: (usize, usize),
    pixel_size: f64,
    at: impl Fn(usize, usize) -> Spectrum,
) -> Scene {
    builder(shape, pixel_size, at).build().unwrap()
}

/// Small reproducible variation between 0 and 1 of a pixel (a hash, not a random number).
pub fn variation(row: usize, column: usize, salt: u64) -> f64 {
    let mut hash = (row as u64) << 32 ^ column as u64 ^ salt.wrapping_mul(0x9E37_79B9_7F4A_7C15);
    for _ in 0..2 {
        hash = (hash ^ (hash >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        hash ^= hash >> 27;
    }
    (hash >> 11) as f64 / (1_u64 << 53) as f64
}

/// A spectrum a few percent brighter or darker, band by band.
pub fn varied(spectrum: Spectrum, row: usize, column: usize) -> Spectrum {
    let mut index = 0;
    spectrum.map(|reflectance| {
        index += 1;
        reflectance * (0.97 + 0.06 * variation(row, column, index))
    })
}
