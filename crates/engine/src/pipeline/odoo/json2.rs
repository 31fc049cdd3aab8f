use std::time::Duration;

use domain::jobs::{FailureKind, StepFailure};
use reqwest::{Client, Response, StatusCode, header::RETRY_AFTER, redirect::Policy};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::Url;

use super::{conceal, endpoint, fault::Fault};
use crate::pipeline::call;

const CONNECT: Duration = Duration::from_secs(3);
const WHOLE: Duration = Duration::from_secs(30);
/// A longer wait than this is not believed.
const LONGEST_WAIT: u64 = 3600;

/// `POST {server}/json/2/{model}/{method}` on one database: Odoo's own API since 19.
///
/// It needs a header that tells the database, and the words of a refusal, neither of which the
/// connectors' common client has; so it has a client of its own, which calls the server of the
/// settings and nothing else.
#[derive(Debug, Clone)]
pub struct Json2 {
    client: Client,
    server: Url,
    database: String,
    key: SecretString,
}

impl Json2 {
    pub fn new(server: Url, database: impl Into<String>, key: SecretString) -> Result<Self, reqwest::Error> {
        let client = Client::builder()
            .redirect(Policy::none())
            .connect_timeout(CONNECT)
            .timeout(WHOLE)
            .user_agent(concat!("tenantry/", env!("CARGO_PKG_VERSION")))
            .build()?;
        Ok(Self { client, server, database: database.into(), key })
    }

    /// Calls a model's method, every argument by name, `ids` among them. None when the server has no
    /// such API.
    ///
    /// # Errors
    /// When it was refused or cannot be asked.
    pub async fn call(&self, model: &str, method: &str, named: &Value) -> Result<Option<Value>, StepFailure> {
        let place = self.server.authority();
        let request = self
            .client
            .post(endpoint(&self.server, &["json", "2", model, method])?)
            .bearer_auth(self.key.expose_secret())
            .header("X-Odoo-Database", &self.database)
            .json(named);
        let response = call::send(request).await.map_err(|error| unanswered(place, &error))?;
        let (status, wait) = (response.status(), wait_of(&response));
        let bytes = response.bytes().await.map_err(|error| unanswered(place, &error))?;
        let body: Option<Value> = serde_json::from_slice(&bytes).ok();
        if status.is_success() {
            let missing = || StepFailure::transient(format!("{place} gave an answer that is not JSON"));
            return body.map(Some).ok_or_else(missing);
        }
        match refused(place, status, body.as_ref().and_then(Fault::read), wait) {
            Some(failure) => Err(conceal(failure, &[&self.key])),
            None => Ok(None),
        }
    }
}

/// What a status other than success says; none when it says that there is no such API.
fn refused(place: &str, status: StatusCode, fault: Option<Fault>, wait: Option<u64>) -> Option<StepFailure> {
    let message = format!("{place} answered {}", status.as_u16());
    match (status, fault) {
        (StatusCode::TOO_MANY_REQUESTS, _) => {
            let wait = Duration::from_secs(wait.unwrap_or(1).min(LONGEST_WAIT));
            Some(StepFailure { kind: FailureKind::Throttled { wait }, message })
        }
        (_, Some(fault)) => Some(fault.failure(place)),
        (StatusCode::REQUEST_TIMEOUT, None) => Some(StepFailure::timed_out(message)),
        (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, None) => Some(StepFailure::permanent(message)),
        (_, None) if status.is_server_error() => Some(StepFailure::transient(message)),
        // A page for people: nothing here speaks JSON-2.
        (_, None) => None,
    }
}

fn wait_of(response: &Response) -> Option<u64> {
    response.headers().get(RETRY_AFTER)?.to_str().ok()?.trim().parse().ok()
}

fn unanswered(place: &str, error: &reqwest::Error) -> StepFailure {
    if error.is_timeout() && !error.is_connect() {
        return StepFailure::timed_out(format!("{place} did not answer in time"));
    }
    let what = if error.is_connect() { "cannot be reached" } else { "broke off its answer" };
    StepFailure::transient(format!("{place} {what}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_page_for_people_is_told_from_a_refusal() {
        let failure = |status: u16, body: Value| {
            refused("odoo:1", StatusCode::from_u16(status).unwrap(), Fault::read(&body), Some(7))
        };
        assert_eq!(failure(404, Value::Null), None);
        assert_eq!(failure(303, Value::Null), None);
        let missing = json!({"name": "odoo.exceptions.MissingError", "message": "Gone"});
        assert_eq!(failure(404, missing).unwrap().kind, FailureKind::Permanent);
        let conflict = json!({"name": "psycopg2.errors.SerializationFailure", "message": ""});
        assert_eq!(failure(500, conflict).unwrap().kind, FailureKind::Transient);
        assert_eq!(failure(502, Value::Null).unwrap().kind, FailureKind::Transient);
        assert_eq!(failure(401, Value::Null).unwrap().kind, FailureKind::Permanent);
        let throttled = FailureKind::Throttled { wait: Duration::from_secs(7) };
        assert_eq!(failure(429, Value::Null).unwrap().kind, throttled);
    }
}
