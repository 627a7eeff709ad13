//! Rows of a stack of dates, all at work at once.

use super::judge::is_clear;
use super::{BANDS, Judge, MADS, Search, Spectrum, Verdict, mads};
use crate::flags::Flags;
use crate::learned::s2cloudmask::ShadowTree;
use crate::scene::{NO_DATA_DN, Radiometry};
use crate::{Progress, Result};
use rayon::prelude::*;

/// Some rows of one date.
#[derive(Clone, Debug)]
pub struct DateRows {
    /// Raw numbers, (rows, [`BANDS`], columns).
    pub dn: Vec<u16>,
    /// How they become reflectance.
    pub radiometry: [Radiometry; BANDS.len()],
    /// `clearshore_flags`, (rows, columns).
    pub flags: Vec<i32>,
}

impl DateRows {
    /// Flags of a pixel, and its spectrum where it is whole. As everywhere 0 is no data where there is an offset; without one it
    /// is also what dark pixels were cut to.
    fn at(&self, row: usize, column: usize, columns: usize) -> (Option<Spectrum>, i32) {
        let flags = self.flags[row * columns + column];
        let mut spectrum = [0.0; BANDS.len()];
        for (band, value) in spectrum.iter_mut().enumerate() {
            let dn = self.dn[(row * BANDS.len() + band) * columns + column];
            let radiometry = &self.radiometry[band];
            if dn == NO_DATA_DN && radiometry.offset < 0 {
                return (None, flags);
            }
            *value = radiometry.toa_reflectance(dn) as f32;
        }
        let is_valid = !Flags::from_bits_retain(flags).contains(Flags::INVALID);
        (is_valid.then_some(spectrum), flags)
    }
}

/// Judges every pixel: [`Verdict`] bits, (rows, dates, columns). Advances progress by one a row.
///
/// # Errors
/// Cancelled.
pub fn judge_rows(
    dates: &[DateRows],
    columns: usize,
    shadow: Option<&ShadowTree>,
    progress: &dyn Progress,
) -> Result<Vec<u8>> {
    let rows = dates.first().map_or(0, |date| date.flags.len() / columns);
    let mut out = vec![0; rows * dates.len() * columns];
    out.par_chunks_mut((dates.len() * columns).max(1))
        .enumerate()
        .try_for_each(|(row, line)| {
            progress.check()?;
            let mut judge = Judge::new(shadow);
            let mut verdicts = vec![Verdict::empty(); dates.len()];
            let mut pixel = Vec::with_capacity(dates.len());
            for column in 0..columns {
                pixel.clear();
                pixel.extend(dates.iter().map(|date| date.at(row, column, columns)));
                judge.judge(&pixel, &mut verdicts);
                for (date, verdict) in verdicts.iter().enumerate() {
                    line[date * columns + column] = verdict.bits();
                }
            }
            progress.advance(1);
            Ok(())
        })?;
    Ok(out)
}

/// What a block of rows gives; NaN where no date is clear.
#[derive(Clone, Debug)]
pub struct Composite {
    /// Geometric median, TOA reflectance, (rows, [`BANDS`], columns).
    pub geomedian: Vec<f32>,
    /// Distances to it, (rows, [`MADS`], columns).
    pub mads: Vec<f32>,
    /// Clear dates, (rows, columns).
    pub count: Vec<u16>,
}

/// Geometric median, distances and number of the clear dates of every pixel. Advances progress by one a row.
///
/// # Errors
/// Cancelled.
pub fn compose(dates: &[DateRows], columns: usize, progress: &dyn Progress) -> Result<Composite> {
    let rows = dates.first().map_or(0, |date| date.flags.len() / columns);
    let mut composite = Composite {
        geomedian: vec![f32::NAN; rows * BANDS.len() * columns],
        mads: vec![f32::NAN; rows * MADS.len() * columns],
        count: vec![0; rows * columns],
    };
    let columns_min = columns.max(1);
    composite
        .geomedian
        .par_chunks_mut(BANDS.len() * columns_min)
        .zip(composite.mads.par_chunks_mut(MADS.len() * columns_min))
        .zip(composite.count.par_chunks_mut(columns_min))
        .enumerate()
        .try_for_each(|(row, ((medians, distances), counts))| {
            progress.check()?;
            let mut search = Search::default();
            let (mut clear, mut room) = (Vec::new(), Vec::new());
            for (column, count) in counts.iter_mut().enumerate() {
                clear.clear();
                clear.extend(dates.iter().filter_map(|date| {
                    let (spectrum, flags) = date.at(row, column, columns);
                    spectrum.filter(|_| is_clear(flags))
                }));
                *count = u16::try_from(clear.len()).unwrap_or(u16::MAX);
                if let Some(median) = search.geomedian(&clear) {
                    for (band, value) in median.iter().enumerate() {
                        medians[band * columns + column] = *value as f32;
                    }
                    let found = mads(&clear, &median, &mut room);
                    for (distance, value) in found.iter().enumerate() {
                        distances[distance * columns + column] = *value as f32;
                    }
                }
            }
            progress.advance(1);
            Ok(())
        })?;
    Ok(composite)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NoProgress;

    /// Dates of 3 rows and 5 columns; the numbers differ from date to date, band to band and pixel to pixel.
    fn dates(count: usize) -> Vec<DateRows> {
        let radiometry = [Radiometry {
            offset: -1000,
            quantification: 10_000.0,
        }; BANDS.len()];
        let date = |date: usize| DateRows {
            dn: (0..3 * BANDS.len() * 5)
                .map(|index| (2000 + (index * 37 + date * 53) % 400) as u16)
                .collect(),
            radiometry,
            flags: vec![Flags::LAND.bits(); 15],
        };
        (0..count).map(date).collect()
    }

    #[test]
    fn pixels_that_are_not_clear_or_not_whole_do_not_count() {
        let mut dates = dates(4);
        dates[0].flags[7] = Flags::CLOUD.bits();
        dates[1].flags[7] = Flags::INVALID.bits();
        // Row 1, band 3, column 2.
        dates[2].dn[(BANDS.len() + 3) * 5 + 2] = NO_DATA_DN;
        let composite = compose(&dates, 5, &NoProgress).unwrap();
        let mut counts = vec![4; 15];
        counts[7] = 1;
        assert_eq!(composite.count, counts);
        let last = (0..BANDS.len()).map(|band| {
            let dn = dates[3].dn[(BANDS.len() + band) * 5 + 2];
            ((f64::from(dn) - 1000.0) / 10_000.0) as f32
        });
        let got = (0..BANDS.len()).map(|band| composite.geomedian[(BANDS.len() + band) * 5 + 2]);
        assert!(got.eq(last));
        assert_eq!(composite.mads[(MADS.len()) * 5 + 2], 0.0);
        for date in &mut dates {
            date.flags.fill(Flags::CLOUD_SHADOW.bits());
        }
        let composite = compose(&dates, 5, &NoProgress).unwrap();
        assert!(
            composite
                .geomedian
                .iter()
                .chain(&composite.mads)
                .all(|value| value.is_nan())
        );
    }

    #[test]
    fn verdicts_stand_by_row_date_and_column() {
        let mut dates = dates(5);
        for band in 0..BANDS.len() {
            dates[3].dn[(2 * BANDS.len() + band) * 5 + 4] = 6000;
        }
        let verdicts = judge_rows(&dates, 5, None, &NoProgress).unwrap();
        let place = (2 * 5 + 3) * 5 + 4;
        for (index, bits) in verdicts.iter().enumerate() {
            let expected = if index == place {
                Verdict::MISSED_CLOUD.bits()
            } else {
                0
            };
            assert_eq!(*bits, expected, "{index}");
        }
    }
}
