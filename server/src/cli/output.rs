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

/// Prints rows under a header, in columns.
///
/// # Errors
/// When standard output is closed.
pub(crate) fn print_table<const N: usize>(header: [&str; N], rows: &[[String; N]]) -> Result<(), Failure> {
    let header = header.map(str::to_owned);
    let lines = || std::iter::once(&header).chain(rows);
    let widths: [usize; N] = std::array::from_fn(|column| {
        lines().map(|line| line[column].chars().count()).max().unwrap_or_default()
    });
    for line in lines() {
        let cells = line.iter().zip(widths).map(|(cell, width)| format!("{cell:width$}"));
        print(cells.collect::<Vec<_>>().join("  ").trim_end())?;
    }
    Ok(())
}

/// Prints why a command failed. Does nothing if standard error is closed.
pub(crate) fn print_error(failure: &Failure) {
    let _ = writeln!(io::stderr(), "error: {failure}");
}
