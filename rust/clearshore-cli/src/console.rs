//! Printing results.

use clearshore::{Error, Result};
use std::io::{self, Write};

/// Prints on stdout. A reader that has heard enough (`| head`) is no error.
pub fn print(text: &str) -> Result<()> {
    let mut out = io::stdout().lock();
    match out.write_all(text.as_bytes()).and_then(|()| out.flush()) {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Error::io("the result can't be printed").caused_by(error))
        }
        _ => Ok(()),
    }
}

/// Prints a JSON document.
pub fn print_json(document: &serde_json::Value) -> Result<()> {
    print(&format!("{document:#}\n"))
}
