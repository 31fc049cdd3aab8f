//! The exceptions of Odoo, and whether a retry can help. JSON-RPC and JSON-2 use the same names.

use domain::jobs::StepFailure;
use serde_json::Value;

/// The maximum length of a message of Odoo, in characters.
const MAX_MESSAGE: usize = 200;

/// An exception, such as `{"name": "odoo.exceptions.AccessDenied", "message": …}`.
#[derive(Debug)]
pub(crate) struct OdooException {
    name: String,
    message: String,
}

impl OdooException {
    /// Reads the exception of an error object. Returns `None` if the object has no exception name.
    pub(crate) fn read(error: &Value) -> Option<Self> {
        let name = error.get("name")?.as_str()?.to_owned();
        let message = error.get("message").and_then(Value::as_str).unwrap_or_default();
        Some(Self { name, message: one_line(message) })
    }

    /// Converts the exception into a failure. Includes Odoo's message only if Odoo wrote the message for
    /// users. The messages of other exceptions may contain queries and paths.
    pub(crate) fn failure(&self, host: &str) -> StepFailure {
        let class = self.name.rsplit('.').next().unwrap_or_default();
        let is_for_users = self.name.starts_with("odoo.exceptions.") || self.name.starts_with("werkzeug.");
        let message = match is_for_users && !self.message.is_empty() {
            true => format!("Odoo at {host} refused ({class}): {}", self.message),
            false => format!("Odoo at {host} failed ({class})"),
        };
        if self.is_transient() { StepFailure::transient(message) } else { StepFailure::permanent(message) }
    }

    /// Transient: conflicts between transactions, lost connections, and a database that is still being
    /// created or loaded (`KeyError` and missing tables). Permanent: refusals and invalid calls.
    fn is_transient(&self) -> bool {
        let (module, class) = self.name.rsplit_once('.').unwrap_or(("", &self.name));
        match module {
            "odoo.exceptions" => matches!(class, "ConcurrencyError" | "CacheMiss" | "LockError"),
            "werkzeug.exceptions" => {
                matches!(
                    class,
                    "InternalServerError" | "BadGateway" | "ServiceUnavailable" | "GatewayTimeout"
                )
            }
            "builtins" => {
                class == "KeyError"
                    || class == "MemoryError"
                    || class.ends_with("OSError")
                    || class.ends_with("TimeoutError")
                    || class.starts_with("Connection")
            }
            _ if module.starts_with("psycopg2") => !matches!(
                class,
                "IntegrityError"
                    | "DataError"
                    | "UniqueViolation"
                    | "NotNullViolation"
                    | "ForeignKeyViolation"
                    | "CheckViolation"
                    | "InsufficientPrivilege"
            ),
            _ => true,
        }
    }
}

/// Removes line breaks and control characters and limits the length.
fn one_line(text: &str) -> String {
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect();
    words.join(" ").chars().take(MAX_MESSAGE).collect()
}

#[cfg(test)]
mod tests {
    use domain::jobs::FailureKind::{Permanent, Transient};
    use serde_json::json;

    use super::*;

    #[test]
    fn the_exception_decides_whether_a_retry_can_help() {
        let kind = |name: &str| OdooException::read(&json!({"name": name})).unwrap().failure("odoo:1").kind;
        for name in
            ["AccessDenied", "AccessError", "UserError", "ValidationError", "MissingError", "RedirectWarning"]
        {
            assert_eq!(kind(&format!("odoo.exceptions.{name}")), Permanent, "{name}");
        }
        for name in [
            "odoo.exceptions.ConcurrencyError",
            "psycopg2.errors.SerializationFailure",
            "psycopg2.errors.LockNotAvailable",
            "psycopg2.errors.UndefinedTable",
            "psycopg2.OperationalError",
            "psycopg2.pool.PoolError",
            "builtins.KeyError",
            "builtins.ConnectionResetError",
        ] {
            assert_eq!(kind(name), Transient, "{name}");
        }
        for name in ["builtins.ValueError", "builtins.TypeError", "psycopg2.errors.UniqueViolation"] {
            assert_eq!(kind(name), Permanent, "{name}");
        }
    }

    #[test]
    fn only_messages_for_users_are_shown_and_on_one_line() {
        let message = |name: &str| {
            let error = json!({"name": name, "message": "No\nsuch\ttenant "});
            OdooException::read(&error).unwrap().failure("odoo:1").message
        };
        assert_eq!(
            message("odoo.exceptions.UserError"),
            "Odoo at odoo:1 refused (UserError): No such tenant"
        );
        assert_eq!(message("psycopg2.OperationalError"), "Odoo at odoo:1 failed (OperationalError)");
    }
}
