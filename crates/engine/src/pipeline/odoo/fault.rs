//! What an exception of Odoo says about trying again: JSON-RPC and JSON-2 name it alike.

use domain::jobs::StepFailure;
use serde_json::Value;

/// So much of Odoo's own words is told.
const LONGEST: usize = 200;

/// An exception, as `{"name": "odoo.exceptions.AccessDenied", "message": …}`.
#[derive(Debug)]
pub struct Fault {
    name: String,
    message: String,
}

impl Fault {
    /// The exception in an error object; none when it is no such object.
    pub fn read(error: &Value) -> Option<Self> {
        let name = error.get("name")?.as_str()?.to_owned();
        let message = error.get("message").and_then(Value::as_str).unwrap_or_default();
        Some(Self { name, message: one_line(message) })
    }

    /// As a failure. Odoo's own words stand in it only where Odoo means them for people; others may
    /// hold queries and paths.
    pub fn failure(&self, place: &str) -> StepFailure {
        let class = self.name.rsplit('.').next().unwrap_or_default();
        let is_for_people = self.name.starts_with("odoo.exceptions.") || self.name.starts_with("werkzeug.");
        let message = match is_for_people && !self.message.is_empty() {
            true => format!("Odoo at {place} refused ({class}): {}", self.message),
            false => format!("Odoo at {place} failed ({class})"),
        };
        if self.may_pass() { StepFailure::transient(message) } else { StepFailure::permanent(message) }
    }

    /// Conflicts between transactions, connections that are not to be had, a database that is still
    /// being made or loaded (`KeyError` and missing tables) may pass; refusals and mistakes stay.
    fn may_pass(&self) -> bool {
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

/// Without line breaks and other control characters, and not too long.
fn one_line(text: &str) -> String {
    let words: Vec<&str> =
        text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|w| !w.is_empty()).collect();
    words.join(" ").chars().take(LONGEST).collect()
}

#[cfg(test)]
mod tests {
    use domain::jobs::FailureKind::{Permanent, Transient};
    use serde_json::json;

    use super::*;

    #[test]
    fn exceptions_tell_whether_trying_again_can_help() {
        let kind = |name: &str| Fault::read(&json!({"name": name})).unwrap().failure("odoo:1").kind;
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
    fn words_for_people_are_told_on_one_line_and_others_are_not() {
        let told = |name: &str| {
            let error = json!({"name": name, "message": "No\nsuch\ttenant "});
            Fault::read(&error).unwrap().failure("odoo:1").message
        };
        assert_eq!(told("odoo.exceptions.UserError"), "Odoo at odoo:1 refused (UserError): No such tenant");
        assert_eq!(told("psycopg2.OperationalError"), "Odoo at odoo:1 failed (OperationalError)");
    }
}
