use domain::jobs::StepFailure;
use reqwest::{Method, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use url::Url;

use super::{endpoint::endpoint, exception::OdooException, redact::redact};
use crate::Outbound;

/// The JSON-RPC API of Odoo (`POST {server}/jsonrpc`) for one database. Odoo 18 and 19 have the same API.
/// Odoo reports exceptions with status 200.
#[derive(Debug, Clone)]
pub(crate) struct JsonRpc {
    outbound: Outbound,
    server: Url,
    database: String,
}

impl JsonRpc {
    pub(crate) fn new(outbound: Outbound, server: Url, database: impl Into<String>) -> Self {
        Self { outbound, server, database: database.into() }
    }

    /// Signs in. Returns the ID of the user, or `None` if the login or the password is wrong.
    ///
    /// # Errors
    /// If the server or the database cannot be reached.
    pub(crate) async fn authenticate(
        &self,
        login: &str,
        password: &SecretString,
    ) -> Result<Option<i64>, StepFailure> {
        let args = json!([self.database, login, password.expose_secret(), {}]);
        let user = self.call("common", "authenticate", args).await.map_err(|f| redact(f, &[password]))?;
        Ok(user.as_i64())
    }

    /// Calls a method of a model as a user, with positional `args` and named `kwargs`.
    ///
    /// # Errors
    /// If Odoo refuses the call or cannot be reached.
    pub(crate) async fn execute(
        &self,
        (uid, password): (i64, &SecretString),
        (model, method): (&str, &str),
        args: Value,
        kwargs: Value,
    ) -> Result<Value, StepFailure> {
        let args = json!([self.database, uid, password.expose_secret(), model, method, args, kwargs]);
        self.call("object", "execute_kw", args).await.map_err(|f| redact(f, &[password]))
    }

    async fn call(&self, service: &str, method: &str, args: Value) -> Result<Value, StepFailure> {
        let url = endpoint(&self.server, &["jsonrpc"])?;
        let params = json!({"service": service, "method": method, "args": args});
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": "call", "params": params});
        let reply = self.outbound.json(Method::POST, &url, None, Some(&body)).await?;
        let host = self.server.authority();
        if reply.status == StatusCode::NOT_FOUND {
            return Err(StepFailure::permanent(format!(
                "{host} does not support JSON-RPC; it may not be an Odoo server"
            )));
        }
        read_result(reply.body, host)
    }
}

/// Returns the result of a response, `null` if the method has none, or the exception as a failure.
fn read_result(mut response: Value, host: &str) -> Result<Value, StepFailure> {
    if let Some(error) = response.get("error") {
        let exception = error.get("data").and_then(OdooException::read);
        return Err(match exception {
            Some(exception) => exception.failure(host),
            None => StepFailure::transient(format!("Odoo at {host} failed without an error name")),
        });
    }
    if response.get("jsonrpc").is_none() {
        return Err(StepFailure::transient(format!("{host} sent a response that is not JSON-RPC")));
    }
    Ok(response.get_mut("result").map(Value::take).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use domain::jobs::FailureKind;

    use super::*;

    #[test]
    fn results_exceptions_and_unexpected_responses_are_distinguished() {
        assert_eq!(read_result(json!({"jsonrpc": "2.0", "id": 1, "result": 7}), "odoo:1"), Ok(json!(7)));
        assert_eq!(read_result(json!({"jsonrpc": "2.0", "id": 1}), "odoo:1"), Ok(Value::Null));
        let exception =
            json!({"code": 0, "data": {"name": "odoo.exceptions.AccessDenied", "message": "Access Denied"}});
        let refusal = read_result(json!({"jsonrpc": "2.0", "error": exception}), "odoo:1").unwrap_err();
        assert_eq!(refusal, StepFailure::permanent("Odoo at odoo:1 refused (AccessDenied): Access Denied"));
        for unexpected in [json!({"jsonrpc": "2.0", "error": {"code": 100}}), Value::Null, json!("hello")] {
            assert_eq!(read_result(unexpected, "odoo:1").unwrap_err().kind, FailureKind::Transient);
        }
    }
}
