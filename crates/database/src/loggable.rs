use std::fmt;

use sqlx::Error;

/// Formats an error of the database for the log. The detail, the hint and the context of a server error may
/// contain the values of rows, such as addresses, so the text has only the SQLSTATE, the message, the table
/// and the constraint.
pub struct Loggable<'e>(pub &'e Error);

impl fmt::Debug for Loggable<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Error::Database(refusal) => {
                let mut fields = f.debug_struct("Database");
                fields.field("sqlstate", &refusal.code().unwrap_or_default());
                fields.field("message", &refusal.message());
                for (name, value) in [("table", refusal.table()), ("constraint", refusal.constraint())] {
                    if let Some(value) = value {
                        fields.field(name, &value);
                    }
                }
                fields.finish()
            }
            error => fmt::Debug::fmt(error, f),
        }
    }
}
