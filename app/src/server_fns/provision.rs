use domain::{history::Estimate, outcome::Provisioned, provisioning::Draft};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::Record;
use crate::{Failure, codec::Json};

/// A tenant, made by this call or by an earlier one with the same key.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Made {
    pub tenant: Provisioned,
    pub replayed: bool,
}

#[cfg(feature = "ssr")]
impl From<engine::provisioning::Answer> for Made {
    fn from(answer: engine::provisioning::Answer) -> Self {
        match answer {
            engine::provisioning::Answer::Created(tenant) => Self { tenant, replayed: false },
            engine::provisioning::Answer::Replayed(tenant) => Self { tenant, replayed: true },
        }
    }
}

/// Makes the tenant of a draft, exactly once for the key. The work goes on when the browser goes
/// away: asking again with the same key finds it.
///
/// # Errors
/// Every code of the error table that is not a step's.
#[server(prefix = "/api/fn", endpoint = "provision", input = Json, output = Json)]
pub async fn provision(key: String, draft: Draft) -> Result<Made, Failure> {
    use crate::server_context::{console, fail, principal, refuse};
    use domain::{ErrorCode, idempotency_key::IdempotencyKey};
    use engine::provisioning::{ProvisionRequest, provision_detached};

    let (principal, console) = (principal()?, console()?);
    let key = IdempotencyKey::parse(&key).map_err(|problem| refuse(ErrorCode::from(problem).into()))?;
    let order = ProvisionRequest { key, draft, problems: Vec::new() };
    provision_detached(&console.engine, principal, order, &console.origin).await.map(Made::from).map_err(fail)
}

/// The request that was made with a key, if it is on record.
///
/// # Errors
/// `UNAUTHENTICATED`, or the database's.
#[server(prefix = "/api/fn", endpoint = "find_by_key", input = Json, output = Json)]
pub async fn find_by_key(key: String) -> Result<Option<Record>, Failure> {
    use super::record::now_ms;
    use crate::server_context::{console, fail, principal};
    let (principal, console, read_at) = (principal()?, console()?, now_ms());
    let Ok(key) = domain::idempotency_key::IdempotencyKey::parse(&key) else { return Ok(None) };
    let found = engine::provisioning::find_request_by_key(&console.engine, principal.employee_id, key.uuid())
        .await
        .map_err(fail)?;
    Ok(found.map(|detail| Record::of(detail.for_role(principal.role), read_at)))
}

/// What past runs say about the next one.
///
/// # Errors
/// `UNAUTHENTICATED`, or the database's.
#[server(prefix = "/api/fn", endpoint = "past_runs", input = Json, output = Json)]
pub async fn past_runs() -> Result<Estimate, Failure> {
    use crate::server_context::{console, fail, principal};
    principal()?;
    engine::provisioning::estimate(&console()?.engine).await.map_err(fail)
}
