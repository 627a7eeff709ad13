//! What the numbers of a mask mean: one table for the programs whose masks can be judged, and for the numbers that are
//! written for tools that expect them.

mod label;
mod table;

use crate::flags::{CLASSES, Class, Flags, map_flags};
use bitflags::bitflags;
use ndarray::Array2;

pub use label::{Category, Label};
pub use table::CODES;

bitflags! {
    /// What codes can tell beside cloud.
    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub struct Tells: u8 {
        /// Thin cloud from thick cloud.
        const THIN = 1;
        /// Cloud shadow.
        const SHADOW = 1 << 1;
        /// Snow and ice.
        const SNOW = 1 << 2;
        /// Water from land where it is clear.
        const SURFACE = 1 << 3;
        /// The buffers that the program put around cloud and shadow.
        const BUFFERS = 1 << 4;
    }
}

/// A row of the code table: the numbers of one program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Codes {
    /// Name as on the command line.
    pub name: &'static str,
    /// Whose numbers they are.
    pub meaning: &'static str,
    /// The numbers and what they say. Any other number is not of these codes.
    pub values: &'static [(u8, Category)],
    /// What they tell.
    pub tells: Tells,
    /// Whether rasters of 32-bit numbers hold the bits of `clearshore_flags` instead.
    pub has_flags: bool,
    /// The numbers that flags are written in, rising; empty where these codes are only read. Each class stands at one of
    /// them, but relief shadow where the program knows none: such a pixel has its next class.
    pub written: &'static [WrittenValue],
}

impl Codes {
    /// The project's own.
    pub const CLEARSHORE: &'static Self = &CODES[0];

    /// Codes of a name.
    pub fn named(name: &str) -> Option<&'static Self> {
        CODES.iter().find(|codes| codes.name == name)
    }

    /// Label of a number; none where the number is not of these codes.
    pub fn label(&self, value: i32) -> Option<Label> {
        let row = self.values.iter().find(|row| i32::from(row.0) == value);
        row.map(|row| row.1.into())
    }

    /// Those that flags are written in, in the order of the table.
    pub fn written() -> impl Iterator<Item = &'static Self> {
        CODES.iter().filter(|codes| !codes.written.is_empty())
    }

    /// Name of the band that holds them, and end of its file's name.
    pub fn band(&self) -> String {
        format!("clearshore_{}", self.name)
    }

    /// The number that is written where there is no data.
    pub fn no_data(&self) -> u8 {
        self.of_class(Class::Invalid).unwrap_or_default()
    }

    /// The number of a pixel: that of the first of its classes that the program knows.
    pub fn number(&self, flags: Flags) -> u8 {
        let number = flags.classes().find_map(|class| self.of_class(class));
        number.unwrap_or_else(|| self.no_data())
    }

    /// The number of each pixel of `clearshore_flags`, (rows, columns).
    pub fn plane(&self, flags: &Array2<i32>) -> Array2<u8> {
        map_flags(flags, |flags| self.number(flags))
    }

    fn of_class(&self, class: Class) -> Option<u8> {
        let row = self.written.iter().find(|row| row.classes.contains(&class));
        row.map(|row| row.value)
    }
}

/// A number that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WrittenValue {
    /// The number.
    pub value: u8,
    /// Name for programs: letters, digits and `_`.
    pub name: &'static str,
    /// What it means to the user.
    pub meaning: &'static str,
    /// The classes that are written so, the most typical first.
    pub classes: &'static [Class],
}

impl WrittenValue {
    /// Whether it stands for pixels without data.
    pub fn is_no_data(&self) -> bool {
        self.classes.contains(&Class::Invalid)
    }

    /// Fixed colour, red, green, blue: that of its first class.
    pub fn colour(&self) -> [u8; 3] {
        let class = |class: &Class| CLASSES[*class as usize].colour;
        self.classes.first().map(class).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests;
