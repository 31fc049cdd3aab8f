//! Output of commands: results on standard output, errors on standard error.

use std::{
    fmt::Display,
    io::{self, Write},
};

use serde::Serialize;

use super::Failure;

/// Prints one line of a result.
///
/// # Errors
/// When standard output is closed.
pub(crate) fn print(line: impl Display) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{line}")?;
    Ok(stdout.flush()?)
}

/// Prints a result as one JSON document.
///
/// # Errors
/// When standard output is closed.
pub(crate) fn print_json(value: &impl Serialize) -> Result<(), Failure> {
    print(serde_json::to_string_pretty(value)?)
}

/// Prints why a command failed. Does nothing if standard error is closed.
pub(crate) fn print_error(failure: &Failure) {
    let _ = writeln!(io::stderr(), "error: {failure}");
}
