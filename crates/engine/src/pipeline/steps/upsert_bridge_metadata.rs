use async_trait::async_trait;
use domain::jobs::StepFailure;
use reqwest::{Method, StatusCode};
use secrecy::SecretString;
use serde_json::{Value, json};
use url::Url;
use uuid::Uuid;

use crate::pipeline::{Job, Outbound, StepWork, settings::BridgeSettings};

/// Step 6: `PUT {url}/tenants/{code}` with what the metadata bridge has to know of the tenant. The
/// record carries the id of the request that it is for, which tells ours from another's.
#[derive(Debug)]
pub struct UpsertBridgeMetadata {
    tenants: Collection,
}

impl UpsertBridgeMetadata {
    pub fn new(outbound: Outbound, settings: BridgeSettings) -> Self {
        let BridgeSettings { url, token } = settings;
        Self { tenants: Collection { outbound, url, token, name: "tenants" } }
    }
}

#[async_trait]
impl StepWork for UpsertBridgeMetadata {
    async fn probe(&self, job: &Job) -> Result<Option<String>, StepFailure> {
        let code = &job.tenant.code;
        match self.tenants.look(code, job.request_id).await? {
            Found::Nothing => Ok(None),
            Found::Foreign => {
                Err(StepFailure::permanent(format!("{code} is there at the bridge and is not ours")))
            }
            Found::Ours(record) => Ok(says(&record, &told(job)).then(|| code.clone())),
        }
    }

    async fn act(&self, job: &Job) -> Result<(), StepFailure> {
        self.tenants.put(&job.tenant.code, &told(job)).await?;
        Ok(())
    }

    async fn compensate(&self, job: &Job) -> Result<(), StepFailure> {
        match self.tenants.look(&job.tenant.code, job.request_id).await? {
            Found::Nothing | Found::Foreign => Ok(()),
            Found::Ours(_) => self.tenants.delete(&job.tenant.code).await,
        }
    }
}

/// What the bridge is told.
fn told(job: &Job) -> Value {
    json!({
        "code": job.tenant.code,
        "slug": job.tenant.slug,
        "name": job.tenant.name,
        "plan": job.tenant.plan,
        "owner": { "name": job.owner.name, "email": job.owner.email },
        "database": job.database(),
        "requestId": job.request_id,
    })
}

/// Whether a record says all of what is wanted; it may say more.
fn says(record: &Value, wanted: &Value) -> bool {
    match wanted {
        Value::Object(fields) => {
            fields.iter().all(|(name, wanted)| record.get(name).is_some_and(|value| says(value, wanted)))
        }
        _ => record == wanted,
    }
}

/// Records that another system keeps at `{url}/{name}/{key}`, each marked with the `requestId` of the
/// request that it is for. A `PUT` with another mark than what is there has to be refused by that
/// system, with 409: only it can tell when two come at the same moment.
#[derive(Debug)]
pub(super) struct Collection {
    pub(super) outbound: Outbound,
    pub(super) url: Url,
    pub(super) token: SecretString,
    /// Such as `tenants`.
    pub(super) name: &'static str,
}

/// What is there under a key.
pub(super) enum Found {
    Nothing,
    Ours(Value),
    /// Another's, or nobody's: it must not be touched.
    Foreign,
}

impl Collection {
    /// Looks what is there.
    ///
    /// # Errors
    /// Those of [`Outbound::json`], and one that may pass when the answer is no record.
    pub(super) async fn look(&self, key: &str, request_id: Uuid) -> Result<Found, StepFailure> {
        let reply = self.outbound.json(Method::GET, &self.address(key)?, Some(&self.token), None).await?;
        if reply.status == StatusCode::NOT_FOUND {
            return Ok(Found::Nothing);
        }
        if !reply.body.is_object() {
            return Err(StepFailure::transient(format!(
                "{} answered something that is no record",
                self.host()
            )));
        }
        let mark = reply.body.get("requestId").and_then(Value::as_str).and_then(|id| id.parse::<Uuid>().ok());
        Ok(if mark == Some(request_id) { Found::Ours(reply.body) } else { Found::Foreign })
    }

    /// Makes or replaces a record, and answers what the other side says to that.
    ///
    /// # Errors
    /// Those of [`Outbound::json`]; a 404 too, since it means a wrong address here.
    pub(super) async fn put(&self, key: &str, record: &Value) -> Result<Value, StepFailure> {
        let reply =
            self.outbound.json(Method::PUT, &self.address(key)?, Some(&self.token), Some(record)).await?;
        if reply.status == StatusCode::NOT_FOUND {
            return Err(StepFailure::permanent(format!("{} takes no {} there", self.host(), self.name)));
        }
        Ok(reply.body)
    }

    /// Removes a record. That it is not there is no error.
    ///
    /// # Errors
    /// Those of [`Outbound::json`].
    pub(super) async fn delete(&self, key: &str) -> Result<(), StepFailure> {
        self.outbound.json(Method::DELETE, &self.address(key)?, Some(&self.token), None).await?;
        Ok(())
    }

    fn address(&self, key: &str) -> Result<Url, StepFailure> {
        let mut url = self.url.clone();
        match url.path_segments_mut() {
            Ok(mut segments) => segments.pop_if_empty().extend([self.name, key]),
            Err(()) => return Err(StepFailure::permanent("the configured address has no path")),
        };
        Ok(url)
    }

    pub(super) fn host(&self) -> &str {
        self.url.host_str().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_may_say_more_and_must_not_say_less() {
        let wanted = json!({"code": "TEN-1", "owner": {"name": "Ann"}});
        assert!(says(&json!({"code": "TEN-1", "owner": {"name": "Ann", "id": 7}, "since": 2026}), &wanted));
        assert!(!says(&json!({"code": "TEN-1", "owner": {"name": "Bob"}}), &wanted));
        assert!(!says(&json!({"code": "TEN-1"}), &wanted));
    }

    #[test]
    fn a_key_stays_one_part_of_the_address() {
        let tenants = |url: &str| Collection {
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
