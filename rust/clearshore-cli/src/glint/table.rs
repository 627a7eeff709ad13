//! Tables of cases: CSV in, the same CSV with what is predicted out.

use super::case::{BAND_FIGURES, Case, FIGURES, Source};
use super::options::{Options, quantities};
use clearshore::{Error, Result};
use csv::{ErrorKind, Position, ReaderBuilder, StringRecord, Writer};
use std::fs;
use std::io::{self, Read};
use std::path::Path;

/// The name of standard input.
const STANDARD_INPUT: &str = "-";

/// Reads a table and gives it with the figures of its rows, or the first error.
pub fn predicted(path: &Path, options: &Options<'_>) -> Result<String> {
    let (name, bytes) = read(path)?;
    let mut reader = ReaderBuilder::new().from_reader(bytes.as_slice());
    let header = reader
        .headers()
        .map_err(|error| broken(&name, error))?
        .clone();
    let columns = Columns::of(&name, &header, options)?;
    let figures: Vec<&str> = FIGURES
        .iter()
        .chain(BAND_FIGURES.iter().filter(|_| columns.have_bands))
        .map(|figure| figure.name)
        .collect();
    columns.refuse_taken(&header, &figures)?;
    let mut writer = Writer::from_writer(Vec::new());
    let failed = |error: csv::Error| Error::internal("the table can't be written").caused_by(error);
    writer
        .write_record(header.iter().chain(figures.iter().copied()))
        .map_err(failed)?;
    for record in reader.records() {
        let record = record.map_err(|error| broken(&name, error))?;
        let row = Row {
            columns: &columns,
            record: &record,
        };
        let results = Case::read(&row)?.predict();
        // Debug's form is the shortest that reads back the same, with an exponent where that is shorter.
        let mut cells: Vec<String> = results
            .results()
            .map(|(_, value)| format!("{value:?}"))
            .collect();
        cells.resize(figures.len(), String::new());
        writer
            .write_record(record.iter().chain(cells.iter().map(String::as_str)))
            .map_err(failed)?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|error| failed(error.into_error().into()))?;
    String::from_utf8(bytes)
        .map_err(|error| Error::internal("the table is no text").caused_by(error))
}

fn read(path: &Path) -> Result<(String, Vec<u8>)> {
    let (name, bytes) = if path == Path::new(STANDARD_INPUT) {
        let mut bytes = Vec::new();
        let read = io::stdin().lock().read_to_end(&mut bytes);
        ("standard input".to_owned(), read.map(|_| bytes))
    } else {
        (path.display().to_string(), fs::read(path))
    };
    match bytes {
        Ok(bytes) => Ok((name, bytes)),
        Err(error) => Err(Error::parameter("the table can't be read")
            .at(name)
            .caused_by(error)),
    }
}

/// What the reader of CSV found wrong.
fn broken(name: &str, error: csv::Error) -> Error {
    let place = match error.position() {
        Some(position) => line_of(name, Some(position)),
        None => name.to_owned(),
    };
    match error.kind() {
        ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => Error::parameter("the row is not as long as the line of names")
            .at(place)
            .got(format!("{len} cells"))
            .expected(format!("{expected_len} cells, separated by commas")),
        ErrorKind::Utf8 { .. } => Error::parameter("the row is no text")
            .at(place)
            .got("bytes that are not UTF-8")
            .expected("UTF-8")
            .advice("convert the table to UTF-8"),
        _ => Error::parameter("the table can't be read")
            .at(place)
            .caused_by(error),
    }
}

fn line_of(name: &str, position: Option<&Position>) -> String {
    match position {
        Some(position) => format!("{name}, line {}", position.line()),
        None => name.to_owned(),
    }
}

/// Where the quantities are.
struct Columns<'a> {
    /// Of the table, for errors.
    table: &'a str,
    /// Name of a quantity, and index of its column.
    known: Vec<(&'static str, usize)>,
    /// What is the same in all rows.
    options: &'a Options<'a>,
    /// Whether rows may have a band.
    have_bands: bool,
}

impl<'a> Columns<'a> {
    fn of(table: &'a str, header: &StringRecord, options: &'a Options<'a>) -> Result<Self> {
        let mut known = Vec::new();
        for (name, is_required) in quantities() {
            let mut indices = (0..header.len()).filter(|index| {
                let column = header.get(*index).unwrap_or_default();
                plain(column) == plain(name)
            });
            let given = options.text(name).is_some();
            match (indices.next(), indices.next()) {
                (Some(_), Some(_)) => {
                    return Err(
                        Error::parameter(format!("the table has {name} in two columns"))
                            .at(format!("{table}, line of names"))
                            .expected("one column of that name"),
                    );
                }
                (Some(_), None) if given => {
                    return Err(Error::parameter(format!("{name} is given twice"))
                        .at(format!("{table}, line of names"))
                        .got(format!("a column, and --{name}"))
                        .expected("one of them"));
                }
                (Some(index), None) => known.push((name, index)),
                _ if is_required && !given => {
                    return Err(Error::parameter(format!("the table has no {name}"))
                        .at(format!("{table}, line of names"))
                        .got(match header.is_empty() {
                            true => "nothing".into(),
                            false => header.iter().collect::<Vec<_>>().join(", "),
                        })
                        .expected("columns sza, vza, raa and wind, separated by commas")
                        .advice(format!("add the column, or give --{name} for all rows")));
                }
                _ => {}
            }
        }
        let have_bands =
            options.text("band").is_some() || known.iter().any(|(name, _)| *name == "band");
        Ok(Self {
            table,
            known,
            options,
            have_bands,
        })
    }

    /// Refuses a table that has a column of a figure's name: which is which nobody could tell.
    fn refuse_taken(&self, header: &StringRecord, figures: &[&str]) -> Result<()> {
        let taken = header
            .iter()
            .find(|column| figures.contains(&column.trim()));
        match taken {
            None => Ok(()),
            Some(column) => Err(Error::parameter("a column has the name of a result")
                .at(format!("{}, line of names", self.table))
                .got(column)
                .expected(format!("no column of {}", figures.join(", ")))
                .advice("rename it, or leave it out")),
        }
    }

    fn column(&self, name: &str) -> Option<usize> {
        let mut known = self.known.iter();
        known
            .find(|(known, _)| *known == name)
            .map(|(_, index)| *index)
    }
}

/// A name without what does not matter.
fn plain(name: &str) -> String {
    let letters = name
        .chars()
        .filter(|letter| !matches!(letter, '-' | '_') && !letter.is_whitespace());
    letters.flat_map(char::to_lowercase).collect()
}

/// One row.
struct Row<'a> {
    columns: &'a Columns<'a>,
    record: &'a StringRecord,
}

impl Source for Row<'_> {
    fn text(&self, name: &str) -> Option<&str> {
        match self.columns.column(name) {
            Some(index) => self
                .record
                .get(index)
                .filter(|cell| !cell.trim().is_empty()),
            None => self.columns.options.text(name),
        }
    }

    fn place(&self, name: &str) -> String {
        match self.columns.column(name) {
            None if self.columns.options.text(name).is_some() => self.columns.options.place(name),
            _ => format!(
                "{}, column {name}",
                line_of(self.columns.table, self.record.position())
            ),
        }
    }
}
