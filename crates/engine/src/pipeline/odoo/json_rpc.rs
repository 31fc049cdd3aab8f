use domain::jobs::StepFailure;
use reqwest::{Method, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use url::Url;

use super::{conceal, endpoint, fault::Fault};
use crate::pipeline::Outbound;

/// `POST {server}/jsonrpc` on one database: the same on Odoo 18 and 19. Every fault comes as HTTP 200.
#[derive(Debug, Clone)]
pub struct JsonRpc {
    outbound: Outbound,
    server: Url,
    database: String,
}

impl JsonRpc {
    pub fn new(outbound: Outbound, server: Url, database: impl Into<String>) -> Self {
        Self { outbound, server, database: database.into() }
    }

    /// Signs in: the user's id, or none when login and password do not fit.
    ///
    /// # Errors
    /// When the server or the database cannot be asked.
    pub async fn authenticate(
        &self,
        login: &str,
        password: &SecretString,
    ) -> Result<Option<i64>, StepFailure> {
        let args = json!([self.database, login, password.expose_secret(), {}]);
        let answer = self.call("common", "authenticate", args).await.map_err(|f| conceal(f, &[password]))?;
        Ok(answer.as_i64())
    }

    /// Calls a model's method as a user: `args` by place, `kwargs` by name.
    ///
    /// # Errors
    /// When it was refused or cannot be asked.
    pub async fn execute(
        &self,
        (uid, password): (i64, &SecretString),
        (model, method): (&str, &str),
        args: Value,
        kwargs: Value,
    ) -> Result<Value, StepFailure> {
        let args = json!([self.database, uid, password.expose_secret(), model, method, args, kwargs]);
        self.call("object", "execute_kw", args).await.map_err(|f| conceal(f, &[password]))
    }

    async fn call(&self, service: &str, method: &str, args: Value) -> Result<Value, StepFailure> {
        let url = endpoint(&self.server, &["jsonrpc"])?;
        let params = json!({"service": service, "method": method, "args": args});
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": "call", "params": params});
        let reply = self.outbound.json(Method::POST, &url, None, Some(&body)).await?;
        let place = self.server.authority();
        if reply.status == StatusCode::NOT_FOUND {
            return Err(StepFailure::permanent(format!("{place} has no JSON-RPC: it may not be an Odoo")));
        }
        read(reply.body, place)
    }
}

/// The result in an answer, or why there is none. A method without a result answers without one.
fn read(mut answer: Value, place: &str) -> Result<Value, StepFailure> {
    if let Some(error) = answer.get("error") {
        let fault = error.get("data").and_then(Fault::read);
        return Err(match fault {
            Some(fault) => fault.failure(place),
            None => StepFailure::transient(format!("Odoo at {place} failed and does not say how")),
        });
    }
    if answer.get("jsonrpc").is_none() {
        return Err(StepFailure::transient(format!("{place} gave an answer that is not JSON-RPC")));
    }
    Ok(answer.get_mut("result").map(Value::take).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use domain::jobs::FailureKind;

    use super::*;

    #[test]
    fn answers_are_told_from_faults_and_from_what_is_no_answer() {
        assert_eq!(read(json!({"jsonrpc": "2.0", "id": 1, "result": 7}), "odoo:1"), Ok(json!(7)));
        assert_eq!(read(json!({"jsonrpc": "2.0", "id": 1}), "odoo:1"), Ok(Value::Null));
        let fault =
            json!({"code": 0, "data": {"name": "odoo.exceptions.AccessDenied", "message": "Access Denied"}});
        let refused = read(json!({"jsonrpc": "2.0", "error": fault}), "odoo:1").unwrap_err();
        assert_eq!(refused, StepFailure::permanent("Odoo at odoo:1 refused (AccessDenied): Access Denied"));
        for strange in [json!({"jsonrpc": "2.0", "error": {"code": 100}}), Value::Null, json!("hello")] {
            assert_eq!(read(strange, "odoo:1").unwrap_err().kind, FailureKind::Transient);
        }
    }
}
