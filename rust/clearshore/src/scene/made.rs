//! Scenes made of spectra, for unit tests.

use super::{Band, BandPlane, Grid, Radiometry, SceneBuilder, UtmZone};
use crate::cloud::Spectrum;
use ndarray::Array2;

/// Clear land, by the spectrum of a meadow.
pub(crate) const MEADOW: Spectrum = Spectrum {
    blue: 0.10,
    green: 0.09,
    red: 0.06,
    near_infrared: 0.36,
    swir1: 0.17,
    swir2: 0.08,
};

/// Clear water.
pub(crate) const SEA: Spectrum = Spectrum {
    blue: 0.098,
    green: 0.065,
    red: 0.038,
    near_infrared: 0.020,
    swir1: 0.010,
    swir2: 0.007,
};

/// Builder of a scene that has the spectrum that `at` gives for each pixel (row, column), and no B10.
pub(crate) fn builder(
    (height, width): (usize, usize),
    pixel_size: f64,
    at: impl Fn(usize, usize) -> Spectrum,
) -> SceneBuilder {
    let grid = Grid {
        zone: UtmZone::from_epsg(32631).unwrap(),
        easting: 600_000.0,
        northing: 4_800_000.0,
        pixel_size,
        height,
        width,
    };
    let radiometry = Radiometry {
        offset: -1000,
        quantification: 10_000.0,
    };
    let spectrum = |spectrum: &Spectrum| {
        [
            (Band::B02, spectrum.blue),
            (Band::B03, spectrum.green),
            (Band::B04, spectrum.red),
            (Band::B8A, spectrum.near_infrared),
            (Band::B11, spectrum.swir1),
            (Band::B12, spectrum.swir2),
        ]
    };
    let pixels = Array2::from_shape_fn((height, width), |(row, column)| spectrum(&at(row, column)));
    spectrum(&SEA).iter().enumerate().fold(
        SceneBuilder::new(grid),
        |builder, (index, (band, _))| {
            let dn = pixels.mapv(|bands| (bands[index].1 * 10_000.0).round() as u16 + 1000);
            builder.band(*band, BandPlane { dn, radiometry })
        },
    )
}
