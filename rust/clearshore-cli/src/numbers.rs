//! Numbers in the texts of options.

use clearshore::{Error, Result};
use std::ops::RangeInclusive;

/// A range, for help and errors.
pub fn range(range: &RangeInclusive<f64>) -> String {
    format!("[{}, {}]", range.start(), range.end())
}

/// A number within a range; `unit` is what an error says of it, if anything.
pub fn number(option: &str, text: &str, allowed: &RangeInclusive<f64>, unit: &str) -> Result<f64> {
    let expected = format!("a number in {} {unit}", range(allowed));
    number_where(option, text, |value| allowed.contains(value), &expected)
}

/// A number that passes a test; `expected` says which numbers do.
pub fn number_where(
    place: &str,
    text: &str,
    is_allowed: impl FnOnce(&f64) -> bool,
    expected: &str,
) -> Result<f64> {
    let value = text.trim().parse().ok();
    value.filter(is_allowed).ok_or_else(|| {
        Error::parameter("the value is out of range")
            .at(place)
            .got(text)
            .expected(expected.trim_end())
    })
}

/// Two values with something between.
pub fn pair<'a>(
    option: &str,
    text: &'a str,
    between: char,
    form: &str,
) -> Result<(&'a str, &'a str)> {
    text.split_once(between).ok_or_else(|| {
        Error::parameter("the value can't be read")
            .at(option)
            .got(text)
            .expected(form)
    })
}
