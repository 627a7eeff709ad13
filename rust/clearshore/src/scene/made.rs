//! Scenes made of spectra, for unit tests.

use super::{Angles, Band, BandPlane, Direction, Grid, Radiometry, SceneBuilder, UtmZone};
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

/// With a sun 30 degrees from the zenith and a sensor 10 degrees from it, on the other side, for all bands and detectors: the
/// glint of 5 m/s is 0.078 for an index of 1.34 (sample of the specification), in B11 about a tenth less.
pub(crate) fn under_glint(builder: SceneBuilder) -> SceneBuilder {
    let view = Direction::from_degrees(10.0, 300.0);
    builder.angles(Angles {
        mean_sun: Some(Direction::from_degrees(30.0, 120.0)),
        mean_views: Band::ALL.map(|band| (band, view)).into_iter().collect(),
        ..Angles::default()
    })
}

/// A spectrum with the glint of [`under_glint`], so many times.
pub(crate) fn with_glint(spectrum: Spectrum, times: f32) -> Spectrum {
    let glint = |band: Band| {
        let (sun, view) = (
            Direction::from_degrees(30.0, 120.0),
            Direction::from_degrees(10.0, 300.0),
        );
        let wind = crate::simulate::Wind {
            speed: 5.0,
            direction: None,
        };
        times * crate::simulate::glint_reflectance(sun, view, wind, band) as f32
    };
    Spectrum {
        blue: spectrum.blue + glint(Band::B02),
        green: spectrum.green + glint(Band::B03),
        red: spectrum.red + glint(Band::B04),
        near_infrared: spectrum.near_infrared + glint(Band::B8A),
        swir1: spectrum.swir1 + glint(Band::B11),
        swir2: spectrum.swir2 + glint(Band::B12),
    }
}
