use domain::jobs::StepFailure;
use reqwest::{Method, StatusCode};
use secrecy::SecretString;
use serde_json::Value;
use url::Url;
use uuid::Uuid;

use crate::Outbound;

/// Records that an external system stores at `{url}/{name}/{key}`. Each record contains the `requestId` of
/// the provisioning request that it belongs to. If a `PUT` would change the `requestId` of a record, the
/// system must respond with 409, because only the system can order two concurrent calls.
#[derive(Debug)]
pub(super) struct ManagedCollection {
    pub(super) outbound: Outbound,
    pub(super) url: Url,
    pub(super) token: SecretString,
    /// The name of the collection, such as `tenants`.
    pub(super) name: &'static str,
}

/// The record that a collection stores under a key.
pub(super) enum Lookup {
    Missing,
    Ours(Value),
    /// A record of another request or without a request. Callers must not change this record.
    Foreign,
}

impl ManagedCollection {
    /// Reads a record.
    ///
    /// # Errors
    /// The errors of [`Outbound::json`], and a transient failure if the response is not a record.
    pub(super) async fn find(&self, key: &str, request_id: Uuid) -> Result<Lookup, StepFailure> {
        let reply = self.outbound.json(Method::GET, &self.address(key)?, Some(&self.token), None).await?;
        if reply.status == StatusCode::NOT_FOUND {
            return Ok(Lookup::Missing);
        }
        if !reply.body.is_object() {
            return Err(StepFailure::transient(format!(
                "{} sent a response that is not a record",
                self.host()
            )));
        }
        let owner =
            reply.body.get("requestId").and_then(Value::as_str).and_then(|id| id.parse::<Uuid>().ok());
        Ok(if owner == Some(request_id) { Lookup::Ours(reply.body) } else { Lookup::Foreign })
    }

    /// Creates or replaces a record. Returns the response body.
    ///
    /// # Errors
    /// The errors of [`Outbound::json`]. A 404 is a permanent failure: the configured URL is wrong.
    pub(super) async fn put(&self, key: &str, record: &Value) -> Result<Value, StepFailure> {
        let reply =
            self.outbound.json(Method::PUT, &self.address(key)?, Some(&self.token), Some(record)).await?;
        if reply.status == StatusCode::NOT_FOUND {
            return Err(StepFailure::permanent(format!(
                "{} does not accept {} at the configured URL",
                self.host(),
                self.name
            )));
        }
        Ok(reply.body)
    }

    /// Deletes a record. A missing record is not an error.
    ///
    /// # Errors
    /// The errors of [`Outbound::json`].
    pub(super) async fn delete(&self, key: &str) -> Result<(), StepFailure> {
        self.outbound.json(Method::DELETE, &self.address(key)?, Some(&self.token), None).await?;
        Ok(())
    }

    /// The address of a record, for people.
    pub(super) fn url_of(&self, key: &str) -> Option<String> {
        self.address(key).ok().map(String::from)
    }

    fn address(&self, key: &str) -> Result<Url, StepFailure> {
        let mut url = self.url.clone();
        match url.path_segments_mut() {
            Ok(mut segments) => segments.pop_if_empty().extend([self.name, key]),
            Err(()) => {
                return Err(StepFailure::permanent("the configured URL cannot be extended with a path"));
            }
        };
        Ok(url)
    }

    /// The host for messages.
    pub(super) fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_a_single_path_segment() {
        let tenants = |url: &str| ManagedCollection {
            outbound: Outbound::new([]).unwrap(),
            url: Url::parse(url).unwrap(),
            token: SecretString::from("t"),
            name: "tenants",
        };
        let address = |url: &str, key: &str| tenants(url).address(key).unwrap().to_string();
        assert_eq!(address("http://bridge.example", "TEN-1"), "http://bridge.example/tenants/TEN-1");
        assert_eq!(
            address("http://bridge.example/v1/", "a/../b"),
            "http://bridge.example/v1/tenants/a%2F..%2Fb"
        );
    }
}
