//! What commands say: results on standard output, complaints on standard error.

use std::{
    fmt::Display,
    io::{self, Write},
};

use serde::Serialize;

use super::Failure;

/// Writes one line of a result.
///
/// # Errors
/// When nobody reads it any more.
pub fn say(line: impl Display) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    writeln!(stdout, "{line}")?;
    Ok(stdout.flush()?)
}

/// Writes a result as one JSON document.
///
/// # Errors
/// When nobody reads it any more.
pub fn say_json(value: &impl Serialize) -> Result<(), Failure> {
    say(serde_json::to_string_pretty(value)?)
}

/// Says why a command failed. There is nobody left to tell when that fails too.
pub fn complain(failure: &Failure) {
    let _ = writeln!(io::stderr(), "error: {failure}");
}
