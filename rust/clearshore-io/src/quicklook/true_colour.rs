//! The left panel: red, green and blue as an eye over a coast would want them.
//!
//! Per band the dark end is the scene's own, which takes most of the haze away; the bright end is common
//! to all, so that colours stay; both are held within the range of clear coasts, so that a scene full of
//! cloud stays white and one full of water does not turn to noise.

use clearshore::scene::{Band, NO_DATA_DN, Radiometry, Scene};
use ndarray::{Array2, Axis, Zip, s};
use rayon::prelude::*;

/// Red, green, blue.
pub const BANDS: [Band; 3] = [Band::B04, Band::B03, Band::B02];
/// Share of the valid pixels that may be black in a band.
const DARK_SHARE: f64 = 0.005;
/// Share of the values that may be white.
const BRIGHT_SHARE: f64 = 0.01;
/// Highest black, TOA reflectance: clear sky over dark water in the blue.
const MAX_DARK: f32 = 0.11;
/// Lowest and highest distance of white from black, TOA reflectance: turbid water, white sand.
const SPAN: (f32, f32) = (0.12, 0.32);
/// Exponent of the tone curve: water is dark, and it is what matters.
const GAMMA: f32 = 1.0 / 1.6;
/// Colour of pixels without data.
const NO_DATA: [u8; 3] = [0; 3];

/// A scene, `shrink` x `shrink` pixels averaged into one; black where a colour is missing.
pub fn of_scene(scene: &Scene, shrink: usize) -> Array2<[u8; 3]> {
    let mean = |band| {
        let plane = scene.band(band)?;
        Some(reflectance(&plane.dn, plane.radiometry, shrink))
    };
    match BANDS.map(mean) {
        [Some(red), Some(green), Some(blue)] => render(&[red, green, blue]),
        _ => {
            let (rows, columns) = scene.grid().shape();
            let shape = (rows.div_ceil(shrink), columns.div_ceil(shrink));
            Array2::from_elem(shape, NO_DATA)
        }
    }
}

/// The picture of red, green and blue reflectances.
pub fn render([red, green, blue]: &[Array2<f32>; 3]) -> Array2<[u8; 3]> {
    let mut picture = Array2::from_elem(red.dim(), NO_DATA);
    let dark = [red, green, blue].map(|plane| percentile([plane], DARK_SHARE).clamp(0.0, MAX_DARK));
    let bright = percentile([red, green, blue], 1.0 - BRIGHT_SHARE);
    let span = (bright - dark[0]).clamp(SPAN.0, SPAN.1);
    let tone = |value: f32, dark: f32| {
        let share = ((value - dark) / span).clamp(0.0, 1.0);
        (share.powf(GAMMA) * 255.0).round() as u8
    };
    Zip::from(&mut picture)
        .and(red)
        .and(green)
        .and(blue)
        .par_for_each(|pixel, &red, &green, &blue| {
            if !(red + green + blue).is_nan() {
                *pixel = [
                    tone(red, dark[0]),
                    tone(green, dark[1]),
                    tone(blue, dark[2]),
                ];
            }
        });
    picture
}

/// Mean TOA reflectance of the valid pixels of each block; NaN where there are none.
pub fn reflectance(dn: &Array2<u16>, radiometry: Radiometry, shrink: usize) -> Array2<f32> {
    let (rows, columns) = dn.dim();
    let mut mean = Array2::zeros((rows.div_ceil(shrink), columns.div_ceil(shrink)));
    mean.axis_iter_mut(Axis(0))
        .into_par_iter()
        .enumerate()
        .for_each(|(row, mut line)| {
            for (column, mean) in line.iter_mut().enumerate() {
                let block = dn.slice(s![
                    row * shrink..rows.min((row + 1) * shrink),
                    column * shrink..columns.min((column + 1) * shrink)
                ]);
                let (mut sum, mut count) = (0_u64, 0_u64);
                for dn in block.iter().filter(|dn| **dn != NO_DATA_DN) {
                    sum += u64::from(*dn);
                    count += 1;
                }
                let offset = f64::from(radiometry.offset);
                // 0/0 is NaN: no data.
                let dn = sum as f64 / count as f64;
                *mean = ((dn + offset) / radiometry.quantification) as f32;
            }
        });
    mean
}

/// Value below which a share of the known values of some planes lies; 0 where nothing is known.
fn percentile<'a>(planes: impl IntoIterator<Item = &'a Array2<f32>>, share: f64) -> f32 {
    let known = planes
        .into_iter()
        .flatten()
        .copied()
        .filter(|value| !value.is_nan());
    let mut known: Vec<f32> = known.collect();
    if known.is_empty() {
        return 0.0;
    }
    let rank = (share * (known.len() - 1) as f64).round() as usize;
    *known.select_nth_unstable_by(rank, f32::total_cmp).1
}
