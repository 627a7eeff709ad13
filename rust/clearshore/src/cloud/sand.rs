//! ATBD step 8: sand that looks like cloud.
//!
//! Source: IdePix for Sentinel-2 (the ratios of sand); what rests, and how far a beach reaches, by our own measurement.

use super::air::LowSunAir;
use super::displacement::Displacement;
use super::objects::{MAJORITY, is_cloud};
use super::{CloudBits, CloudPlane, SpectralBands, Surface, SurfacePlane};
use crate::coast::CoastBits;
use crate::raster::{Objects, any_around};
use crate::scene::Scene;
use crate::{Progress, Result};
use ndarray::Array2;
use rayon::prelude::*;

/// How far from a pixel that rests the next cloud makes sand look displaced, metres: three pixels of 20 m of the window of the
/// displacement index, one that is asked around, and two by which cloud at 2500 m stands apart in B08 (15.6 m for each km).
const BLURRED_REACH: f64 = 120.0;

/// Sand is where it looks like it and nothing around stands apart from the ground, and what looks like it and continues such
/// sand; where no band tells that, cloud objects of the coastal strip that are mostly sand.
pub(super) fn clear(
    scene: &Scene,
    bands: &SpectralBands<'_>,
    surface: &SurfacePlane,
    displacement: Option<&Displacement>,
    coast: &mut Array2<u8>,
    clouds: &mut CloudPlane,
    progress: &dyn Progress,
) -> Result<()> {
    let shape = scene.grid().shape();
    let air = LowSunAir::of(scene.angles());
    let spectrum =
        |row: usize, column: usize| air.removed_from(&bands.spectrum(row * shape.1 + column));
    let is_sand = |row: usize, column: usize| spectrum(row, column).is_sand();
    match displacement {
        None => clear_objects(shape, is_sand, coast, clouds, progress),
        Some(displacement) => {
            let doubtful = clear_resting(displacement, is_sand, coast, clouds);
            progress.check()?;
            let steps = (BLURRED_REACH / scene.grid().pixel_size).round() as usize;
            clear_continued(doubtful, steps, surface, is_sand, coast, clouds, progress)?;
            let is_tinted = |row: usize, column: usize| {
                spectrum(row, column).is_tinted() && displacement.rests_around(row, column)
            };
            clear_tinted(is_tinted, coast, clouds);
            progress.check()?;
            clear_fringes(coast, clouds);
            progress.check()
        }
    }
}

/// Cloud objects that are mostly sand in the coastal strip.
fn clear_objects(
    shape: (usize, usize),
    is_sand: impl Fn(usize, usize) -> bool,
    coast: &mut Array2<u8>,
    clouds: &mut CloudPlane,
    progress: &dyn Progress,
) -> Result<()> {
    let objects = Objects::of(shape, 1, |row, column| is_cloud(clouds, [row, column]));
    progress.check()?;
    for object in 0..objects.len() {
        let (mut sand, mut strip) = (0_u64, 0_u64);
        for at in objects.pixels_of(object) {
            let cloud = CloudBits::from_bits_retain(clouds[at]);
            let coast = CoastBits::from_bits_retain(coast[at]);
            sand += u64::from(!cloud.contains(CloudBits::CIRRUS_SURE) && is_sand(at[0], at[1]));
            strip += u64::from(coast.contains(CoastBits::STRIP));
        }
        if sand.min(strip) as f64 > MAJORITY * objects.pixels(object) as f64 {
            for at in objects.pixels_of(object) {
                clouds[at] &= !CloudBits::CLOUD.bits();
                coast[at] |= CoastBits::SAND_CLEARED.bits();
            }
        }
    }
    Ok(())
}

/// Whether a pixel may be sand that passes for cloud.
fn may_be_sand(clouds: &CloudPlane, at: [usize; 2]) -> bool {
    CloudBits::from_bits_retain(clouds[at]).is_cloud_without_cirrus()
}

fn clear_pixel(cloud: &mut u8, coast: &mut u8) {
    let bits = CloudBits::from_bits_retain(*cloud) - CloudBits::CLOUD;
    *cloud = (bits | CloudBits::DISPLACEMENT_CLEARED).bits();
    *coast |= CoastBits::SAND_CLEARED.bits();
}

/// The pixels (row, column) of a kind, row by row.
fn pixels_that(
    (rows, columns): (usize, usize),
    are: impl Fn(usize, usize) -> bool + Sync,
) -> Vec<(usize, usize)> {
    let are = &are;
    (0..rows)
        .into_par_iter()
        .flat_map_iter(|row| {
            (0..columns)
                .filter(move |&column| are(row, column))
                .map(move |column| (row, column))
        })
        .collect()
}

/// Clears the sand around which nothing stands apart; gives what else looks like sand.
fn clear_resting(
    displacement: &Displacement,
    is_sand: impl Fn(usize, usize) -> bool + Sync,
    coast: &mut Array2<u8>,
    clouds: &mut CloudPlane,
) -> Vec<(usize, usize)> {
    let sand = pixels_that(clouds.dim(), |row, column| {
        may_be_sand(clouds, [row, column]) && is_sand(row, column)
    });
    let (rests, doubtful): (Vec<_>, Vec<_>) = sand
        .into_par_iter()
        .partition(|&(row, column)| displacement.rests_around(row, column));
    for (row, column) in rests {
        let at = [row, column];
        clear_pixel(&mut clouds[at], &mut coast[at]);
    }
    doubtful
}

/// Sand beside sand, so many steps from what is clear: cloud nearby makes it look displaced.
fn clear_continued(
    mut doubtful: Vec<(usize, usize)>,
    steps: usize,
    surface: &SurfacePlane,
    is_sand: impl Fn(usize, usize) -> bool + Sync,
    coast: &mut Array2<u8>,
    clouds: &mut CloudPlane,
    progress: &dyn Progress,
) -> Result<()> {
    let shape = clouds.dim();
    for step in 0..steps {
        progress.check()?;
        let is_beach = |row: usize, column: usize| {
            let beside = CoastBits::from_bits_retain(coast[[row, column]]);
            // What was never taken for cloud counts as what was cleared.
            beside.contains(CoastBits::SAND_CLEARED)
                || step == 0
                    && Surface::from_bits_retain(surface[[row, column]]).contains(Surface::VALID)
                    && !is_cloud(clouds, [row, column])
                    && is_sand(row, column)
        };
        let (beach, left): (Vec<_>, Vec<_>) = doubtful
            .into_par_iter()
            .partition(|&at| any_around(shape, at, is_beach));
        for (row, column) in beach {
            let at = [row, column];
            clear_pixel(&mut clouds[at], &mut coast[at]);
        }
        doubtful = left;
    }
    Ok(())
}

/// What is tinted as sand in haze is and hangs together with sand.
fn clear_tinted(
    is_tinted: impl Fn(usize, usize) -> bool,
    coast: &mut Array2<u8>,
    clouds: &mut CloudPlane,
) {
    let shape = clouds.dim();
    let mut beach = pixels_that(shape, |row, column| {
        CoastBits::from_bits_retain(coast[[row, column]]).contains(CoastBits::SAND_CLEARED)
            && any_around(shape, (row, column), |r, c| is_cloud(clouds, [r, c]))
    });
    while let Some((row, column)) = beach.pop() {
        for r in row.saturating_sub(1)..(row + 2).min(shape.0) {
            for c in column.saturating_sub(1)..(column + 2).min(shape.1) {
                let at = [r, c];
                if may_be_sand(clouds, at) && is_tinted(r, c) {
                    clear_pixel(&mut clouds[at], &mut coast[at]);
                    beach.push((r, c));
                }
            }
        }
    }
}

/// Where sand meets foam or water a pixel holds some of each and is neither: what touches sand or foam and is too narrow for a
/// square of 3 x 3 pixels of cloud to hold it.
fn clear_fringes(coast: &mut Array2<u8>, clouds: &mut CloudPlane) {
    let (rows, columns) = clouds.dim();
    let beach = CoastBits::SAND_CLEARED | CoastBits::WHITECAP;
    let is_beach = |row: usize, column: usize| {
        CoastBits::from_bits_retain(coast[[row, column]]).intersects(beach)
            && !is_cloud(clouds, [row, column])
    };
    // Beyond the frame cloud may go on.
    let is_full = |row: usize, column: usize| {
        !any_around((rows, columns), (row, column), |r, c| {
            !is_cloud(clouds, [r, c])
        })
    };
    let fringes = pixels_that((rows, columns), |row, column| {
        may_be_sand(clouds, [row, column])
            && any_around((rows, columns), (row, column), is_beach)
            && !any_around((rows, columns), (row, column), is_full)
    });
    for (row, column) in fringes {
        let at = [row, column];
        clear_pixel(&mut clouds[at], &mut coast[at]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NoProgress;

    /// Planes of a drawing, a character a pixel: S sand that was cleared, s sand never taken for cloud, c cloud that is sand, t
    /// tinted cloud, C other cloud, i sure cirrus that looks like sand, f foam, anything else clear.
    struct Drawing {
        signs: Array2<char>,
        coast: Array2<u8>,
        clouds: CloudPlane,
        surface: SurfacePlane,
    }

    impl Drawing {
        fn of<const N: usize>(rows: [&str; N]) -> Self {
            let signs: Vec<char> = rows.iter().flat_map(|row| row.chars()).collect();
            let signs = Array2::from_shape_vec((N, signs.len() / N), signs).unwrap();
            let clouds = signs.mapv(|sign| match sign {
                'c' | 't' | 'C' => CloudBits::SURE.bits(),
                'i' => (CloudBits::SURE | CloudBits::CIRRUS_SURE).bits(),
                _ => 0,
            });
            let coast = signs.mapv(|sign| match sign {
                'S' => CoastBits::SAND_CLEARED.bits(),
                'f' => CoastBits::WHITECAP.bits(),
                _ => 0,
            });
            let surface = signs.mapv(|_| Surface::VALID.bits());
            Self {
                signs,
                coast,
                clouds,
                surface,
            }
        }

        fn is(&self, signs: &'static str) -> impl Fn(usize, usize) -> bool + Sync + use<> {
            let plane = self.signs.clone();
            move |row, column| signs.contains(plane[[row, column]])
        }

        /// What is still cloud, as #, row by row.
        fn left(&self) -> Vec<String> {
            let sign = |cloud: &u8| {
                let cloud = CloudBits::from_bits_retain(*cloud);
                if cloud.intersects(CloudBits::CLOUD) {
                    '#'
                } else {
                    '.'
                }
            };
            let rows = self.clouds.rows();
            rows.into_iter()
                .map(|row| row.iter().map(sign).collect())
                .collect()
        }
    }

    #[test]
    fn sand_continues_sand_as_far_as_a_cloud_blurs() {
        let mut drawing = Drawing::of(["Sccccc", "......", "sccicc", "......", "Cccccc"]);
        let is_sand = drawing.is("Ssci");
        let doubtful = pixels_that(drawing.signs.dim(), drawing.is("c"));
        clear_continued(
            doubtful,
            3,
            &drawing.surface,
            is_sand,
            &mut drawing.coast,
            &mut drawing.clouds,
            &NoProgress,
        )
        .unwrap();
        // Three steps; never through cirrus, and not from other cloud.
        assert_eq!(
            drawing.left(),
            ["....##", "......", "...###", "......", "######"]
        );
        assert_eq!(drawing.coast[[0, 3]], CoastBits::SAND_CLEARED.bits());
        assert_eq!(drawing.coast[[0, 4]], 0);
    }

    #[test]
    fn tinted_parts_that_touch_sand_are_sand() {
        let mut drawing = Drawing::of(["SttttC", "......", ".ttttC"]);
        let is_tinted = drawing.is("t");
        clear_tinted(is_tinted, &mut drawing.coast, &mut drawing.clouds);
        assert_eq!(drawing.left(), [".....#", "......", ".#####"]);
    }

    #[test]
    fn only_narrow_cloud_between_sand_and_clear_ground_is_a_fringe() {
        let mut drawing = Drawing::of([
            "SSSSSSSSSS",
            "CC.CCCC.CC",
            "CC.CCCC.CC",
            "...CCCC...",
            "...CCCC.CC",
            "fC.CCCC.CC",
        ]);
        clear_fringes(&mut drawing.coast, &mut drawing.clouds);
        // The left and right pieces are two pixels wide: what touches sand or foam goes. The middle holds squares of 3 x 3. What
        // does not touch them stays, and so does what the frame of the scene may cut.
        assert_eq!(
            drawing.left(),
            [
                "..........",
                "...####...",
                "##.####.##",
                "...####...",
                "...####.##",
                "...####.##",
            ]
        );
    }
}
