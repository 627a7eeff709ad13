//! Numbers and times as ESA writes them.

use clearshore::{Error, Result};
use std::fmt;

/// A number with at most `digits` significant digits, without trailing zeros, as C's `%g` writes it.
pub(super) fn significant(value: f64, digits: usize) -> String {
    if value.is_nan() {
        return "NaN".into();
    }
    let scientific = format!("{value:.*e}", digits.saturating_sub(1));
    let Some((mantissa, exponent)) = scientific.split_once('e') else {
        return scientific;
    };
    let exponent: i32 = exponent.parse().unwrap_or_default();
    let trim = |text: &str| match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text.to_owned(),
    };
    if exponent < -4 || exponent >= digits as i32 {
        let sign = if exponent < 0 { '-' } else { '+' };
        return format!("{}e{sign}{:02}", trim(mantissa), exponent.abs());
    }
    let decimals = (digits as i32 - 1 - exponent).max(0) as usize;
    trim(&format!("{value:.decimals$}"))
}

const SECONDS_PER_DAY: u32 = 86_400;

/// A moment in UTC, to the millisecond.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct UtcTime {
    year: u16,
    month: u8,
    day: u8,
    hour: u8,
    minute: u8,
    second: u8,
    millisecond: u16,
}

impl UtcTime {
    /// Beginning of a day.
    pub(super) const fn midnight(year: u16, month: u8, day: u8) -> Self {
        Self {
            year,
            month,
            day,
            hour: 0,
            minute: 0,
            second: 0,
            millisecond: 0,
        }
    }

    /// From `2024-01-20T10:53:41.024Z`, as the product metadata has it; more decimals are cut off.
    ///
    /// # Errors
    /// A parameter error for anything else.
    pub fn parse(text: &str) -> Result<Self> {
        let wrong = || {
            Error::parameter("the time can't be read")
                .got(format!("{text:?}"))
                .expected("a UTC time such as 2024-01-20T10:53:41.024Z")
        };
        let field = |range: std::ops::Range<usize>| -> Result<u16> {
            let digits = text.get(range).ok_or_else(wrong)?;
            if !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(wrong());
            }
            digits.parse().map_err(|_| wrong())
        };
        let within = |range: std::ops::Range<usize>, allowed: std::ops::RangeInclusive<u16>| {
            let value = field(range)?;
            match u8::try_from(value) {
                Ok(small) if allowed.contains(&value) => Ok(small),
                _ => Err(wrong()),
            }
        };
        let separators = [
            (4, "-"),
            (7, "-"),
            (10, "T"),
            (13, ":"),
            (16, ":"),
            (19, "."),
        ];
        let separated = separators
            .iter()
            .all(|&(at, separator)| text.get(at..at + 1) == Some(separator));
        if !separated || !text.ends_with('Z') {
            return Err(wrong());
        }
        let year = field(0..4)?;
        let month = within(5..7, 1..=12)?;
        Ok(Self {
            year,
            month,
            day: within(8..10, 1..=days_of_month(year, month).into())?,
            hour: within(11..13, 0..=23)?,
            minute: within(14..16, 0..=59)?,
            second: within(17..19, 0..=60)?,
            millisecond: field(20..23)?,
        })
    }

    /// A moment of a day: `seconds` since midnight, cut to milliseconds.
    ///
    /// # Errors
    /// A parameter error where there is no such day or the seconds are not within it.
    pub fn on(year: u16, month: u8, day: u8, seconds: f64) -> Result<Self> {
        let milliseconds = (seconds * 1e3) as u64;
        let (whole, milliseconds) = (milliseconds / 1_000, milliseconds % 1_000);
        let (hour, minute, second) = (whole / 3_600, whole / 60 % 60, whole % 60);
        Self::parse(&format!(
            "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}.{milliseconds:03}Z"
        ))
    }

    /// Year, month and day.
    pub fn date(self) -> (u16, u8, u8) {
        (self.year, self.month, self.day)
    }

    /// Seconds since midnight.
    pub fn seconds_of_day(self) -> f64 {
        let [hour, minute, second] = [self.hour, self.minute, self.second].map(f64::from);
        (hour * 60.0 + minute) * 60.0 + second + f64::from(self.millisecond) * 1e-3
    }

    /// `20240120T105341`, as in file names.
    pub fn compact(self) -> String {
        let Self {
            year, month, day, ..
        } = self;
        let Self {
            hour,
            minute,
            second,
            ..
        } = self;
        format!("{year:04}{month:02}{day:02}T{hour:02}{minute:02}{second:02}")
    }

    /// Factor by which the sunlight deviates from its yearly mean, unitless, from the eccentricity of
    /// the orbit; within 2e-4 of the `U` of ten real products of 2015 to 2024.
    pub(super) fn sun_distance_factor(self) -> f64 {
        const ECCENTRICITY: f64 = 0.01673;
        const RADIANS_PER_DAY: f64 = 0.0172;
        const PERIHELION_DAY: f64 = 2.0;
        let phase = RADIANS_PER_DAY * (self.days_since_1950() - PERIHELION_DAY);
        (1.0 - ECCENTRICITY * phase.cos()).powi(-2)
    }

    /// Whole days since 1950-01-01.
    pub(crate) fn days_since_1950(self) -> f64 {
        let leap_days_before = |year: i32| year / 4 - year / 100 + year / 400;
        let year = i32::from(self.year);
        let months: i32 = (1..self.month)
            .map(|month| i32::from(days_of_month(self.year, month)))
            .sum();
        let days = 365 * (year - 1950)
            + (leap_days_before(year - 1) - leap_days_before(1949))
            + months
            + i32::from(self.day)
            - 1;
        f64::from(days)
    }

    /// The moment some seconds, less than a day, later.
    pub(crate) fn later(self, seconds: u32) -> Self {
        let [hour, minute, second] = [self.hour, self.minute, self.second].map(u32::from);
        let total = (hour * 60 + minute) * 60 + second + seconds;
        let mut later = Self {
            hour: (total / 3_600 % 24) as u8,
            minute: (total / 60 % 60) as u8,
            second: (total % 60) as u8,
            ..self
        };
        if total >= SECONDS_PER_DAY {
            later.day += 1;
            if later.day > days_of_month(later.year, later.month) {
                (later.day, later.month) = (1, later.month + 1);
            }
            if later.month > 12 {
                (later.month, later.year) = (1, later.year + 1);
            }
        }
        later
    }
}

/// Days of a month, 1 to 12, in the Gregorian calendar.
fn days_of_month(year: u16, month: u8) -> u8 {
    let leap = year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    match month {
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 31,
    }
}

/// `2024-01-20T10:53:41.024Z`, as in the metadata.
impl fmt::Display for UtcTime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z",
            self.year, self.month, self.day, self.hour, self.minute, self.second, self.millisecond
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_look_like_those_of_real_metadata() {
        // Values of T31TCJ, baseline 05.10; the last three as printf("%.6g") writes them.
        for (value, digits, text) in [
            (66.287_000_1, 6, "66.287"),
            (162.0, 6, "162"),
            (4.855_251, 6, "4.85525"),
            (65.755_403_454_273_4, 15, "65.7554034542734"),
            (f64::NAN, 6, "NaN"),
            (0.0, 6, "0"),
            (1_234_567.0, 6, "1.23457e+06"),
            (0.000_012_345, 6, "1.2345e-05"),
            (99_999.97, 6, "100000"),
        ] {
            assert_eq!(significant(value, digits), text);
        }
    }

    #[test]
    fn times_are_read_and_written() {
        let text = "2024-01-20T10:53:41.024Z";
        let time = UtcTime::parse(text).unwrap();
        assert_eq!(time.to_string(), text);
        assert_eq!(time.compact(), "20240120T105341");
        // `U` of real products of these days.
        for (day, factor) in [
            ("2024-01-20T10:53:41.024Z", 1.033_490_098),
            ("2020-07-17T22:19:41.024Z", 0.967_801_408),
            ("2020-09-29T19:01:09.024Z", 0.995_547_012),
            ("2018-03-15T16:00:21.026Z", 1.013_375_790),
        ] {
            let time = UtcTime::parse(day).unwrap();
            assert!((time.sun_distance_factor() - factor).abs() < 2e-4, "{day}");
        }
        for (text, seconds, expected) in [
            ("2023-12-31T23:30:00.000Z", 1_800, "20240101T000000"),
            ("2024-02-28T22:00:01.500Z", 9_600, "20240229T004001"),
            ("2023-02-28T22:00:01.500Z", 9_600, "20230301T004001"),
            ("2023-06-14T10:30:59.000Z", 1, "20230614T103100"),
        ] {
            let time = UtcTime::parse(text).unwrap();
            assert_eq!(time.later(seconds).compact(), expected);
        }
        for wrong in [
            "",
            "2023-02-29T10:53:41.024Z",
            "2023-04-31T10:53:41.024Z",
            "2024-13-20T10:53:41.024Z",
            "2024-01-20 10:53:41.024Z",
            "2024-01-20T+0:53:41.024Z",
        ] {
            assert!(UtcTime::parse(wrong).is_err(), "{wrong}");
        }
    }
}
