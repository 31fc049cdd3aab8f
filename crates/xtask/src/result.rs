use std::error::Error;

/// The result of a task. `main` prints the error.
pub(crate) type Result<T> = std::result::Result<T, Box<dyn Error>>;
