//! One error type for the whole project, sorted by who must act.
//!
//! An error is the user interface of a failed night run: it says what happened, where, what was
//! found, what was expected, and what to do.

use std::fmt;

/// Who must act on an error. Maps to the program's exit codes and to the Java exception kinds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum ErrorKind {
    /// The user gives another parameter value.
    Parameter,
    /// The user gives another product.
    Product,
    /// The user or an administrator provides an auxiliary file (raster, DEM, model, library).
    Auxiliary,
    /// The system: disk full, no permission.
    Io,
    /// Us: a broken invariant or a caught panic.
    Internal,
    /// Nobody: the run was cancelled.
    Cancelled,
}

impl ErrorKind {
    /// All kinds.
    pub const ALL: [Self; 6] = [
        Self::Parameter,
        Self::Product,
        Self::Auxiliary,
        Self::Io,
        Self::Internal,
        Self::Cancelled,
    ];

    /// Exit code of the `clearshore` program.
    pub const fn exit_code(self) -> u8 {
        match self {
            Self::Parameter => 2,
            Self::Product => 3,
            Self::Auxiliary => 4,
            Self::Io => 5,
            Self::Internal => 70,
            Self::Cancelled => 130,
        }
    }

    /// Name as it is printed, and as Java's exception kind is spelt.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Parameter => "Parameter",
            Self::Product => "Product",
            Self::Auxiliary => "Auxiliary",
            Self::Io => "Io",
            Self::Internal => "Internal",
            Self::Cancelled => "Cancelled",
        }
    }
}

/// What went wrong, where, what was found, what was expected, and what to do.
#[derive(Debug)]
pub struct Error {
    details: Box<Details>,
}

#[derive(Debug)]
struct Details {
    kind: ErrorKind,
    what: String,
    place: Option<String>,
    got: Option<String>,
    expected: Option<String>,
    advice: Option<String>,
    source: Option<Box<dyn std::error::Error + Send + Sync>>,
}

/// Result with [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

impl Error {
    /// New error; `what` is one sentence without a full stop.
    pub fn new(kind: ErrorKind, what: impl Into<String>) -> Self {
        Self {
            details: Box::new(Details {
                kind,
                what: what.into(),
                place: None,
                got: None,
                expected: None,
                advice: None,
                source: None,
            }),
        }
    }

    /// A wrong parameter.
    pub fn parameter(what: impl Into<String>) -> Self {
        Self::new(ErrorKind::Parameter, what)
    }

    /// A product that can't be used.
    pub fn product(what: impl Into<String>) -> Self {
        Self::new(ErrorKind::Product, what)
    }

    /// A missing or unusable auxiliary file.
    pub fn auxiliary(what: impl Into<String>) -> Self {
        Self::new(ErrorKind::Auxiliary, what)
    }

    /// A failure of the system.
    pub fn io(what: impl Into<String>) -> Self {
        Self::new(ErrorKind::Io, what)
    }

    /// A broken invariant.
    pub fn internal(what: impl Into<String>) -> Self {
        Self::new(ErrorKind::Internal, what)
            .advice("this is a defect of Clearshore: please report it with this text")
    }

    /// The run was cancelled.
    pub fn cancelled() -> Self {
        Self::new(ErrorKind::Cancelled, "cancelled")
    }

    /// Where: file, band, element, pixel.
    pub fn at(mut self, place: impl fmt::Display) -> Self {
        self.details.place = Some(place.to_string());
        self
    }

    /// The file or product that the place lies in.
    pub fn within(mut self, outer: impl fmt::Display) -> Self {
        self.details.place = Some(match self.details.place.take() {
            Some(place) => format!("{outer}, {place}"),
            None => outer.to_string(),
        });
        self
    }

    /// What was found.
    pub fn got(mut self, got: impl fmt::Display) -> Self {
        self.details.got = Some(got.to_string());
        self
    }

    /// What was expected.
    pub fn expected(mut self, expected: impl fmt::Display) -> Self {
        self.details.expected = Some(expected.to_string());
        self
    }

    /// What to do.
    pub fn advice(mut self, advice: impl fmt::Display) -> Self {
        self.details.advice = Some(advice.to_string());
        self
    }

    /// The error below this one.
    pub fn caused_by(
        mut self,
        source: impl Into<Box<dyn std::error::Error + Send + Sync>>,
    ) -> Self {
        self.details.source = Some(source.into());
        self
    }

    /// Who must act.
    pub fn kind(&self) -> ErrorKind {
        self.details.kind
    }

    /// The one-sentence statement, without place and advice.
    pub fn what(&self) -> &str {
        &self.details.what
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let d = &*self.details;
        if d.kind == ErrorKind::Cancelled {
            return f.write_str(&d.what);
        }
        write!(f, "{} error: {}", d.kind.name(), d.what)?;
        let source = d.source.as_ref().map(ToString::to_string);
        for (label, text) in [
            ("where", &d.place),
            ("got", &d.got),
            ("expected", &d.expected),
            ("cause", &source),
            ("do", &d.advice),
        ] {
            if let Some(text) = text {
                write!(f, "\n  {label}: {text}")?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for Error {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        self.details
            .source
            .as_ref()
            .map(|s| &**s as &(dyn std::error::Error + 'static))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_says_what_where_got_expected_and_what_to_do() {
        let error = Error::product("band file is truncated")
            .at("B04, GRANULE/x/IMG_DATA/T_B04.jp2")
            .got("1 byte")
            .expected("a JPEG 2000 file")
            .advice("download the product again");
        assert_eq!(
            error.to_string(),
            "Product error: band file is truncated\n  where: B04, GRANULE/x/IMG_DATA/T_B04.jp2\n  \
             got: 1 byte\n  expected: a JPEG 2000 file\n  do: download the product again"
        );
        assert_eq!(error.kind().exit_code(), 3);
        let error = error.within("P.SAFE").to_string();
        assert!(error.contains("where: P.SAFE, B04, GRANULE"), "{error}");
    }
}
