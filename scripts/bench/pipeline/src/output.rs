//! Output: each line is one JSON value.

use std::io::{Write, stdin, stdout};

use serde_json::Value;

use crate::BenchResult;

/// Prints `"started"` before the measured work, or `"finished"` after it, then waits for a line of input.
/// While this program waits, the process that started it reads the processor times.
pub(crate) fn announce(moment: &str) -> BenchResult<()> {
    print(&moment.into())?;
    stdin().read_line(&mut String::new())?;
    Ok(())
}

/// Prints a value on one line.
pub(crate) fn print(value: &Value) -> BenchResult<()> {
    Ok(writeln!(stdout(), "{value}")?)
}
