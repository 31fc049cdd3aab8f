use domain::{
    ErrorCode, Problem, RequestStatus, StepState, TenantStatus, Timestamp,
    history::{Attempt, AuditEntry, RequestDetail, Rollback, StepDetail, TenantAccess},
    invitation::InvitationStatus,
    outcome::Provisioned,
    pipeline::{Step, step_label},
    tenant_key,
};
use serde_json::Value;
use sqlx::{FromRow, QueryBuilder, Row};
use uuid::Uuid;

use super::summary::{COLUMNS, SOURCE, SummaryRow};
use crate::{Engine, Error, provisioning::core_call::with_time_zone_error};

/// Returns the complete record of a request.
///
/// # Errors
/// `RESOURCE_NOT_FOUND`; the database's error.
pub async fn find_request(engine: &Engine, id: Uuid) -> Result<RequestDetail, Error> {
    let mut query = QueryBuilder::new(
        "SELECT r.idempotency_key, r.payload, r.response, r.problem,
             (SELECT t.status FROM tenants t WHERE t.request_id = r.id) AS tenant_status,
             EXISTS (SELECT FROM tenants t WHERE t.request_id = r.id AND t.owner_id IS NULL AND t.status <> 'deleted')
                 AS awaits_owner, ",
    );
    query.push(COLUMNS).push(" ").push(SOURCE).push(" WHERE r.id = ").push_bind(id);
    let row = query.build().fetch_optional(&engine.pool()).await?.ok_or(ErrorCode::ResourceNotFound)?;
    let summary = SummaryRow::from_row(&row)?.summary;
    let key: Uuid = row.try_get("idempotency_key")?;
    let response: Option<Value> = row.try_get("response")?;
    let problem: Option<Value> = row.try_get("problem")?;
    let tenant_status: Option<String> = row.try_get("tenant_status")?;
    let failed = summary.status == RequestStatus::Failed;
    let is_redacted = summary.redacted_at.is_some();
    // The purge of the tenant removed the response of a redacted request.
    let response = response.filter(|_| !is_redacted);
    let outcome = response.map(serde_json::from_value::<Provisioned>).transpose()?.map(Provisioned::replayed);
    Ok(RequestDetail {
        summary,
        idempotency_key: key.to_string(),
        attempt_log: attempts(engine, id).await?,
        payload: row.try_get("payload")?,
        awaits_owner: row.try_get("awaits_owner")?,
        tenant_status: tenant_status.as_deref().and_then(TenantStatus::from_text),
        // A code that only another version knows must not hide the rest of the record.
        problem: problem
            .filter(|_| failed)
            .and_then(|value| serde_json::from_value::<Problem>(value).ok())
            // The retention removed the fields of a redacted problem, so none is added again.
            .map(|problem| if is_redacted { problem } else { with_time_zone_error(problem) }),
        steps: steps(engine, id, outcome.as_ref()).await?,
        outcome,
        rollback: rollback(engine, id).await?,
        audit: audit(engine, id).await?,
        access: access(engine, id).await?,
    })
}

/// Returns the request with an idempotency key, or `None` if the key is unused.
///
/// # Errors
/// The database's error.
pub async fn find_request_by_key(engine: &Engine, key: Uuid) -> Result<Option<RequestDetail>, Error> {
    let id = sqlx::query_scalar!(
        "SELECT id FROM provisioning_requests WHERE idempotency_key = $1 AND operation = 'provision_tenant'",
        key
    )
    .fetch_optional(&engine.pool())
    .await?;
    match id {
        Some(id) => find_request(engine, id).await.map(Some),
        None => Ok(None),
    }
}

async fn attempts(engine: &Engine, id: Uuid) -> Result<Vec<Attempt>, Error> {
    let rows = sqlx::query!(
        r#"SELECT number, status, code, constraint_name, message, stages,
             (extract(epoch FROM started_at) * 1000)::bigint AS "started_ms!",
             (extract(epoch FROM finished_at) * 1000)::bigint AS finished_ms
           FROM provisioning_attempts WHERE request_id = $1 ORDER BY number DESC LIMIT 100"#,
        id
    )
    .fetch_all(&engine.pool())
    .await?;
    rows.into_iter()
        .map(|row| {
            Ok(Attempt {
                number: row.number.unsigned_abs(),
                status: RequestStatus::from_text(&row.status)
                    .ok_or_else(|| Error::unexpected("status", &row.status))?,
                code: row.code.as_deref().and_then(ErrorCode::from_text),
                constraint: row.constraint_name,
                message: row.message,
                started_at: Timestamp(row.started_ms),
                finished_at: row.finished_ms.map(Timestamp),
                stages: serde_json::from_value(row.stages)?,
            })
        })
        .collect()
}

/// Returns the steps of the request's job. If every step was skipped, the steps are only in the response.
async fn steps(engine: &Engine, id: Uuid, outcome: Option<&Provisioned>) -> Result<Vec<StepDetail>, Error> {
    let steps = stored_steps(engine, id).await?;
    Ok(match outcome {
        Some(outcome) if steps.is_empty() => {
            outcome.pipeline.steps.iter().map(|step| StepDetail::skipped(step.name.clone())).collect()
        }
        _ => steps,
    })
}

async fn stored_steps(engine: &Engine, id: Uuid) -> Result<Vec<StepDetail>, Error> {
    let rows = sqlx::query!(
        r#"SELECT s.name, s.state, s.attempt, s.external_reference, t.blueprint AS "blueprint?", next.waits AS "waits!",
             (extract(epoch FROM
                 CASE WHEN next.waits THEN b.next_test_at WHEN s.state = 'retrying' THEN j.due_at END)
                 * 1000)::bigint AS due_ms,
             (SELECT coalesce(jsonb_agg(jsonb_build_object(
                 'number', a.number, 'startedAt', rfc3339(a.started_at), 'finishedAt', rfc3339(a.finished_at),
                 'outcome', a.outcome, 'code', a.code, 'message', a.message) ORDER BY a.number DESC), '[]')
              FROM step_attempts a
              WHERE a.job_id = s.job_id AND a.position = s.position AND a.number > s.attempt - $2) AS "attempts!"
           FROM jobs j JOIN job_steps s ON s.job_id = j.id LEFT JOIN tenants t ON t.id = j.tenant_id
           LEFT JOIN breakers b ON b.connector = j.waiting_for
           CROSS JOIN LATERAL (
               SELECT j.waiting_for IS NOT NULL AND s.state IN ('pending', 'retrying')
                   AND NOT EXISTS (SELECT FROM job_steps e WHERE e.job_id = j.id AND e.position < s.position
                                       AND e.state IN ('pending', 'retrying')) AS waits) next
           WHERE j.request_id = $1 ORDER BY s.position"#,
        id,
        StepDetail::MAX_LISTED_ATTEMPTS as i32
    )
    .fetch_all(&engine.pool())
    .await?;
    rows.into_iter()
        .map(|row| {
            let state =
                StepState::from_text(&row.state).ok_or_else(|| Error::unexpected("state", &row.state))?;
            let blueprint = row.blueprint.as_deref().and_then(|name| engine.pipeline().blueprint(name));
            let step = Step::from_text(&row.name);
            Ok(StepDetail {
                may_skip: step
                    .is_some_and(|step| blueprint.is_some_and(|blueprint| blueprint.may_skip(step))),
                name: row.name,
                state,
                attempt_count: row.attempt.unsigned_abs(),
                wait_code: row.waits.then_some(ErrorCode::CircuitOpen),
                due_at: row.due_ms.map(Timestamp),
                reference: row.external_reference,
                attempts: serde_json::from_value(row.attempts)?,
            })
        })
        .collect()
}

/// Returns the rollback of a request, if one has begun. If the tenant had no external steps, only the request
/// records the rollback.
async fn rollback(engine: &Engine, id: Uuid) -> Result<Option<Rollback>, Error> {
    let row = sqlx::query!(
        r#"SELECT coalesce(r.problem->>'reason', j.rollback_reason) AS "reason!",
             j.rollback_error AS "error?", j.rollback_error_step AS "error_step?"
           FROM provisioning_requests r LEFT JOIN jobs j ON j.request_id = r.id
           WHERE r.id = $1 AND (r.status = 'rolled_back' OR j.rollback_began_at IS NOT NULL)
             AND coalesce(r.problem->>'reason', j.rollback_reason) IS NOT NULL"#,
        id
    )
    .fetch_optional(&engine.pool())
    .await?;
    Ok(row.map(|row| {
        let last_error = row.error.zip(row.error_step);
        let last_error = last_error.map(|(error, step)| format!("{}: {error}", step_label(&step)));
        Rollback { reason: row.reason, last_error }
    }))
}

async fn audit(engine: &Engine, id: Uuid) -> Result<Vec<AuditEntry>, Error> {
    let rows = sqlx::query!(
        r#"SELECT (extract(epoch FROM at) * 1000)::bigint AS "at_ms!", actor_name, action FROM audit_log
           WHERE request_id = $1 ORDER BY id LIMIT 100"#,
        id
    )
    .fetch_all(&engine.pool())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| AuditEntry { at: Timestamp(row.at_ms), actor: row.actor_name, action: row.action })
        .collect())
}

/// Returns the current key and the owner's invitation of the tenant that a request created, if the tenant
/// exists.
async fn access(engine: &Engine, id: Uuid) -> Result<Option<TenantAccess>, Error> {
    let row = sqlx::query!(
        r#"SELECT k.id, k.public_key, CASE WHEN u.id IS NOT NULL THEN invitation_status(u, o) END AS invitation
           FROM tenants t LEFT JOIN users u ON u.id = t.owner_id JOIN api_keys k ON k.tenant_id = t.id
           LEFT JOIN one_time_tokens o ON o.tenant_id = t.id AND o.user_id = u.id
           WHERE t.request_id = $1 AND t.status <> 'deleted' AND t.purged_at IS NULL
             AND NOT EXISTS (SELECT FROM api_keys n WHERE n.replaces = k.id)
           ORDER BY k.name = $2 DESC, k.revoked_at IS NULL DESC, k.created_at DESC LIMIT 1"#,
        id,
        tenant_key::DEFAULT_NAME
    )
    .fetch_optional(&engine.pool())
    .await?;
    row.map(|row| {
        let read_status = |text: String| {
            InvitationStatus::from_text(&text).ok_or_else(|| Error::unexpected("invitation status", &text))
        };
        let invitation = row.invitation.map(read_status).transpose()?;
        Ok(TenantAccess { key_id: row.id.to_string(), public_key: row.public_key, invitation })
    })
    .transpose()
}
