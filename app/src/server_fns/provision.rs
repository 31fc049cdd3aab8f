use domain::{history::Estimate, outcome::Provisioned, provisioning::Draft};
use leptos::prelude::*;
use serde::{Deserialize, Serialize};

use super::RequestRecord;
use crate::{Failure, codec::Json};

/// A provisioned tenant.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ProvisionOutcome {
    /// The tenant.
    pub tenant: Provisioned,
    /// Whether an earlier call with the same key created the tenant. The secrets are missing then.
    pub replayed: bool,
}

#[cfg(feature = "ssr")]
impl From<engine::provisioning::ProvisionOutcome> for ProvisionOutcome {
    fn from(outcome: engine::provisioning::ProvisionOutcome) -> Self {
        match outcome {
            engine::provisioning::ProvisionOutcome::Created(tenant) => Self { tenant, replayed: false },
            engine::provisioning::ProvisionOutcome::Replayed(tenant) => Self { tenant, replayed: true },
        }
    }
}

/// Provisions the tenant of a draft, exactly once for the key. Provisioning continues if the browser
/// disconnects; a second call with the same key returns the tenant.
///
/// # Errors
/// Every code of the error table that does not belong to a step.
#[server(prefix = "/api/fn", endpoint = "provision", input = Json, output = Json)]
pub async fn provision(key: String, draft: Draft) -> Result<ProvisionOutcome, Failure> {
    use crate::server_context::{console, respond_with_error, respond_with_problem, signed_in_employee};
    use domain::{ErrorCode, idempotency_key::IdempotencyKey};
    use engine::provisioning::{ProvisionRequest, provision_detached};

    let (employee, console) = (signed_in_employee()?, console()?);
    let key = IdempotencyKey::parse(&key)
        .map_err(|problem| respond_with_problem(ErrorCode::from(problem).into()))?;
    let request = ProvisionRequest::new(key, draft);
    provision_detached(&console.engine, employee, request, &console.origin)
        .await
        .map(ProvisionOutcome::from)
        .map_err(respond_with_error)
}

/// The request with this key, if the database contains it.
///
/// # Errors
/// `UNAUTHENTICATED`, or an error of the database.
#[server(prefix = "/api/fn", endpoint = "find_by_key", input = Json, output = Json)]
pub async fn find_by_key(key: String) -> Result<Option<RequestRecord>, Failure> {
    use super::request_record::now_ms;
    use crate::server_context::{console, respond_with_error, signed_in_employee};
    let (employee, console, read_at) = (signed_in_employee()?, console()?, now_ms());
    let Ok(key) = domain::idempotency_key::IdempotencyKey::parse(&key) else { return Ok(None) };
    let found = engine::provisioning::find_request_by_key(&console.engine, key.uuid())
        .await
        .map_err(respond_with_error)?;
    Ok(found.map(|detail| RequestRecord::new(detail.for_role(employee.role), read_at)))
}

/// The estimate for the next provisioning, from past ones.
///
/// # Errors
/// `UNAUTHENTICATED`, or an error of the database.
#[server(prefix = "/api/fn", endpoint = "read_estimate", input = Json, output = Json)]
pub async fn read_estimate() -> Result<Estimate, Failure> {
    use crate::server_context::{console, respond_with_error, signed_in_employee};
    signed_in_employee()?;
    engine::provisioning::estimate(&console()?.engine).await.map_err(respond_with_error)
}
