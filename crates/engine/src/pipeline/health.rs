//! The health of the pipeline as the console shows it, and the typical durations of steps.

use domain::{
    ErrorCode, Timestamp,
    jobs::BreakerState,
    pipeline::{
        Connector, ConnectorHealth, DeadLetter, DeadLetterTenant, PipelineHealth, Step, TypicalDuration,
    },
};

use serde_json::json;

use crate::{
    Engine, Error,
    access::{Actor, AuditedChange, connector_change},
    mail,
};

/// Returns the connectors, the queue, the workers and the dead letters.
///
/// # Errors
/// If the database cannot be read.
pub async fn pipeline_health(engine: &Engine) -> Result<PipelineHealth, Error> {
    Ok(PipelineHealth {
        connectors: connectors(engine).await?,
        queue: jobs::health::queue_health(engine.queue()).await?,
        workers: jobs::health::workers(engine.queue()).await?,
        dead_letters: dead_letters(engine).await?,
        mail: mail::outbox_health(engine).await?,
    })
}

async fn connectors(engine: &Engine) -> Result<Vec<ConnectorHealth>, Error> {
    let breakers = jobs::health::breakers(engine.queue()).await?;
    let health = |connector: Connector| {
        let breaker = breakers.iter().find(|breaker| breaker.connector == connector.as_str());
        ConnectorHealth {
            connector,
            configured: engine.pipeline().has(connector),
            breaker: breaker.map_or(BreakerState::Closed, |breaker| breaker.state),
            failures: breaker.map_or(0, |breaker| breaker.failures),
            next_test_at: breaker.and_then(|breaker| breaker.next_test_at),
            changed_at: breaker.map(|breaker| breaker.changed_at),
            message: breaker.and_then(|breaker| breaker.message.clone()),
        }
    };
    Ok(Connector::EXTERNAL.map(health).to_vec())
}

async fn dead_letters(engine: &Engine) -> Result<Vec<DeadLetter>, Error> {
    let rows = sqlx::query!(
        r#"SELECT j.id, j.kind, j.request_id, t.name AS "tenant_name?", t.code AS "tenant_code?", s.name AS step,
             (extract(epoch FROM j.dead_at) * 1000)::bigint AS "dead_ms!",
             a.code AS "code?", a.message AS "message?"
           FROM jobs j LEFT JOIN tenants t ON t.id = j.tenant_id
           JOIN LATERAL (SELECT name, position, attempt FROM job_steps
                         WHERE job_id = j.id AND state = 'dead' ORDER BY position LIMIT 1) s ON true
           LEFT JOIN step_attempts a ON a.job_id = j.id AND a.position = s.position AND a.number = s.attempt
           WHERE j.state = 'dead' AND j.queue = 'pipeline' ORDER BY j.dead_at DESC LIMIT $1"#,
        i64::from(PipelineHealth::MAX_DEAD_LETTERS)
    )
    .fetch_all(&engine.pool())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| DeadLetter {
            job_id: row.id,
            kind: row.kind,
            request_id: row.request_id,
            tenant: row.tenant_name.zip(row.tenant_code).map(|(name, code)| DeadLetterTenant { name, code }),
            step: row.step.into(),
            dead_at: Timestamp(row.dead_ms),
            code: row.code.as_deref().and_then(ErrorCode::from_text),
            message: row.message,
        })
        .collect())
}

/// Ends the pause of a connector's open circuit breaker, so that the next step that uses the connector tests
/// it. Audited.
///
/// # Errors
/// `FORBIDDEN`; `INVALID_TRANSITION` if the breaker is not open.
pub async fn test_connector_now(engine: &Engine, by: &Actor, connector: Connector) -> Result<(), Error> {
    by.require_provisioning()?;
    let mut transaction = engine.pool().begin().await?;
    if !jobs::health::end_breaker_pause(&mut transaction, connector.as_str()).await? {
        return Err(ErrorCode::InvalidTransition.into());
    }
    let after = Some(json!({ "connector": connector.as_str() }));
    AuditedChange { after, ..connector_change("breaker.tested") }.record(&mut transaction, by).await?;
    transaction.commit().await?;
    Ok(())
}

/// Updates the gauges of the job queue until the future is dropped.
pub async fn report_queue_metrics(engine: Engine) {
    let configured = Connector::EXTERNAL.into_iter().filter(|connector| engine.pipeline().has(*connector));
    let connectors = configured.map(Connector::as_str).chain([mail::CONNECTOR]).collect();
    jobs::report_queue_metrics(engine.queue().clone(), connectors).await;
}

/// Returns the typical duration of each step, calculated from its successful attempts in the jobs of the
/// latest 200 completed requests. Steps without a successful attempt are left out.
///
/// # Errors
/// If the database cannot be read.
pub async fn typical_durations(engine: &Engine) -> Result<Vec<TypicalDuration>, Error> {
    let rows = sqlx::query!(
        r#"WITH recent AS (
             SELECT j.id FROM (SELECT id FROM provisioning_requests WHERE status = 'completed'
                               ORDER BY created_at DESC, id DESC LIMIT 200) latest
             JOIN jobs j ON j.request_id = latest.id)
           SELECT s.name, count(*) AS "runs!",
             percentile_cont(0.5) WITHIN GROUP (ORDER BY duration.ms) AS "median_ms!",
             percentile_cont(0.95) WITHIN GROUP (ORDER BY duration.ms) AS "p95_ms!"
           FROM recent JOIN job_steps s ON s.job_id = recent.id AND s.state = 'succeeded'
           JOIN step_attempts a ON a.job_id = s.job_id AND a.position = s.position AND a.outcome = 'succeeded'
           CROSS JOIN LATERAL (SELECT extract(epoch FROM a.finished_at - a.started_at)::float8 * 1000 AS ms) duration
           GROUP BY s.name"#
    )
    .fetch_all(&engine.pool())
    .await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            Some(TypicalDuration {
                step: Step::from_text(&row.name)?,
                runs: u32::try_from(row.runs).unwrap_or(u32::MAX),
                median_ms: row.median_ms,
                p95_ms: row.p95_ms,
            })
        })
        .collect())
}
