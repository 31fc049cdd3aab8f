use std::time::Duration;

use domain::jobs::StepFailure;
use reqwest::{Method, StatusCode};
use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;
use url::Url;

use super::{endpoint::endpoint, exception::OdooException, redact::redact};
use crate::outbound::{Outbound, read_json, retry_after, status_failure};

/// The JSON-2 API of Odoo (`POST {server}/json/2/{model}/{method}`) for one database. Odoo 19 introduced this
/// API.
#[derive(Debug, Clone)]
pub(crate) struct Json2 {
    outbound: Outbound,
    server: Url,
    database: String,
    key: SecretString,
}

impl Json2 {
    pub(crate) fn new(
        outbound: Outbound,
        server: Url,
        database: impl Into<String>,
        key: SecretString,
    ) -> Self {
        Self { outbound, server, database: database.into(), key }
    }

    /// Calls a method of a model with named arguments, including `ids`. Returns `None` if the server does
    /// not support JSON-2.
    ///
    /// # Errors
    /// If Odoo refuses the call or cannot be reached.
    pub(crate) async fn call(
        &self,
        model: &str,
        method: &str,
        arguments: &Value,
    ) -> Result<Option<Value>, StepFailure> {
        let host = self.server.authority();
        let request = self
            .outbound
            .request(Method::POST, &endpoint(&self.server, &["json", "2", model, method])?)?
            .bearer_auth(self.key.expose_secret())
            .header("X-Odoo-Database", &self.database)
            .json(arguments);
        let response = self.outbound.send(request).await?;
        let (status, retry_after) = (response.status(), retry_after(&response));
        let body = read_json(response).await?;
        if status.is_success() {
            let not_json = || StepFailure::transient(format!("{host} sent a response that is not JSON"));
            return body.map(Some).ok_or_else(not_json);
        }
        match classify_error(host, status, body.as_ref().and_then(OdooException::read), retry_after) {
            Some(failure) => Err(redact(failure, &[&self.key])),
            None => Ok(None),
        }
    }
}

/// Classifies an error response. Returns `None` if the response shows that the server does not support
/// JSON-2.
fn classify_error(
    host: &str,
    status: StatusCode,
    exception: Option<OdooException>,
    retry_after: Option<Duration>,
) -> Option<StepFailure> {
    match (status, exception) {
        (StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE, _) if retry_after.is_some() => {
            Some(status_failure(host, status, retry_after))
        }
        (StatusCode::TOO_MANY_REQUESTS, _) => Some(status_failure(host, status, retry_after)),
        (_, Some(exception)) => Some(exception.failure(host)),
        (StatusCode::REQUEST_TIMEOUT | StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN, None) => {
            Some(status_failure(host, status, retry_after))
        }
        (_, None) if status.is_server_error() => Some(status_failure(host, status, retry_after)),
        // An HTML page: the server does not know the path.
        (_, None) => None,
    }
}

#[cfg(test)]
mod tests {
    use domain::jobs::FailureKind;
    use serde_json::json;

    use super::*;

    #[test]
    fn an_html_page_means_that_the_server_has_no_json_2() {
        let failure = |status: u16, body: Value| {
            classify_error(
                "odoo:1",
                StatusCode::from_u16(status).unwrap(),
                OdooException::read(&body),
                Some(Duration::from_secs(7)),
            )
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
