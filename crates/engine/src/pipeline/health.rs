//! How the pipeline is doing (SPEC section 9), and what past runs say about the next one.

use domain::{
    ErrorCode, Timestamp,
    jobs::{BreakerState, QueueHealth, WorkerHealth},
    pipeline::{Connector, ConnectorHealth, DeadLetter, PipelineHealth, Step, UsualTime},
};

use crate::{Engine, Error, access::Principal};

/// Connectors, queue, workers and dead letters, as of now.
///
/// # Errors
/// When the database cannot be asked.
pub async fn pipeline_health(engine: &Engine) -> Result<PipelineHealth, Error> {
    Ok(PipelineHealth {
        connectors: connectors(engine).await?,
        queue: queue(engine).await?,
        workers: workers(engine).await?,
        dead_letters: dead_letters(engine).await?,
    })
}

async fn connectors(engine: &Engine) -> Result<Vec<ConnectorHealth>, Error> {
    let rows = sqlx::query!(
        r#"SELECT connector, state, failures, message,
             (extract(epoch FROM until) * 1000)::bigint AS until_ms,
             (extract(epoch FROM changed_at) * 1000)::bigint AS "changed_ms!"
           FROM breakers"#
    )
    .fetch_all(&engine.pool())
    .await?;
    let health = |connector: Connector| {
        let row = rows.iter().find(|row| row.connector == connector.as_str());
        ConnectorHealth {
            connector,
            configured: engine.pipeline().has(connector),
            breaker: row.and_then(|row| BreakerState::from_text(&row.state)).unwrap_or(BreakerState::Closed),
            failures: row.map_or(0, |row| row.failures.unsigned_abs()),
            until: row.and_then(|row| row.until_ms).map(Timestamp),
            since: row.map(|row| Timestamp(row.changed_ms)),
            message: row.and_then(|row| row.message.clone()),
        }
    };
    Ok(Connector::EXTERNAL.map(health).to_vec())
}

/// Each count by its own partial index: finished jobs, of which there are many, are not looked at.
async fn queue(engine: &Engine) -> Result<QueueHealth, Error> {
    let row = sqlx::query!(
        r#"SELECT waiting.pending AS "pending!", waiting.retrying AS "retrying!", waiting.oldest_ms,
             (SELECT count(*) FROM jobs WHERE state = 'running') AS "running!",
             (SELECT count(*) FROM jobs WHERE state = 'dead') AS "dead!"
           FROM (SELECT count(*) FILTER (WHERE state = 'pending') AS pending,
                   count(*) FILTER (WHERE state = 'retrying') AS retrying,
                   (extract(epoch FROM min(due_at) FILTER (WHERE due_at <= now())) * 1000)::bigint AS oldest_ms
                 FROM jobs WHERE state IN ('pending', 'retrying')) waiting"#
    )
    .fetch_one(&engine.pool())
    .await?;
    let count = |count: i64| u32::try_from(count).unwrap_or(u32::MAX);
    Ok(QueueHealth {
        pending: count(row.pending),
        running: count(row.running),
        retrying: count(row.retrying),
        dead: count(row.dead),
        oldest_due: row.oldest_ms.map(Timestamp),
    })
}

/// A worker signs each 10 s; one that did not for 45 s is lost (SPEC section 6).
async fn workers(engine: &Engine) -> Result<Vec<WorkerHealth>, Error> {
    let rows = sqlx::query!(
        r#"SELECT name, seen_at > now() - interval '45 seconds' AS "alive!",
             (extract(epoch FROM started_at) * 1000)::bigint AS "started_ms!",
             (extract(epoch FROM seen_at) * 1000)::bigint AS "seen_ms!"
           FROM workers WHERE seen_at > now() - interval '1 day' ORDER BY 2 DESC, started_at DESC, name LIMIT 200"#
    )
    .fetch_all(&engine.pool())
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| WorkerHealth {
            name: row.name,
            since: Timestamp(row.started_ms),
            seen: Timestamp(row.seen_ms),
            alive: row.alive,
        })
        .collect())
}

async fn dead_letters(engine: &Engine) -> Result<Vec<DeadLetter>, Error> {
    let rows = sqlx::query!(
        r#"SELECT j.request_id, t.name AS tenant_name, t.code AS tenant_code, s.name AS step,
             (extract(epoch FROM coalesce(j.dead_at, j.created_at)) * 1000)::bigint AS "dead_ms!",
             a.code AS "code?", a.message AS "message?"
           FROM jobs j JOIN tenants t ON t.id = j.tenant_id
           JOIN LATERAL (SELECT name, position, attempt FROM job_steps
                         WHERE job_id = j.id AND state = 'dead' ORDER BY position LIMIT 1) s ON true
           LEFT JOIN step_attempts a ON a.job_id = j.id AND a.position = s.position AND a.number = s.attempt
           WHERE j.state = 'dead' ORDER BY j.dead_at DESC LIMIT $1"#,
        i64::from(PipelineHealth::MAX_DEAD_LETTERS)
    )
    .fetch_all(&engine.pool())
    .await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            Some(DeadLetter {
                request_id: row.request_id,
                name: row.tenant_name,
                tenant_code: row.tenant_code,
                step: Step::from_text(&row.step)?,
                since: Timestamp(row.dead_ms),
                code: row.code.as_deref().and_then(ErrorCode::from_text),
                message: row.message,
            })
        })
        .collect())
}

/// Lets the next step try a connector whose breaker is open, at once: closes nothing by itself.
/// Audited.
///
/// # Errors
/// `FORBIDDEN`; `INVALID_TRANSITION` where the breaker is not open.
pub async fn probe_now(engine: &Engine, by: &Principal, connector: Connector) -> Result<(), Error> {
    by.require_provisioning()?;
    let mut transaction = engine.pool().begin().await?;
    let opened = sqlx::query!(
        "UPDATE breakers SET until = clock_timestamp() WHERE connector = $1 AND state = 'open'",
        connector.as_str()
    )
    .execute(&mut *transaction)
    .await?;
    if opened.rows_affected() == 0 {
        return Err(ErrorCode::InvalidTransition.into());
    }
    // One of those that wait for the breaker, not for their own next try, is the probe.
    sqlx::query!(
        "UPDATE jobs SET due_at = clock_timestamp() WHERE id = (
             SELECT j.id FROM jobs j JOIN job_steps s ON s.job_id = j.id
             JOIN step_attempts a ON a.job_id = s.job_id AND a.position = s.position AND a.number = s.attempt
             WHERE j.state = 'retrying' AND s.state = 'retrying' AND s.connector = $1 AND a.outcome = 'released'
             ORDER BY j.due_at LIMIT 1 FOR UPDATE OF j SKIP LOCKED)",
        connector.as_str()
    )
    .execute(&mut *transaction)
    .await?;
    sqlx::query!(
        "INSERT INTO audit_log (actor_id, actor_name, action, subject_kind, after)
         VALUES ($1, $2, 'breaker.probed', 'connector', jsonb_build_object('connector', $3::text))",
        by.employee_id,
        by.name,
        connector.as_str()
    )
    .execute(&mut *transaction)
    .await?;
    sqlx::query!("SELECT pg_notify('tenantry_jobs', '')").execute(&mut *transaction).await?;
    transaction.commit().await?;
    Ok(())
}

/// How long each step took when it succeeded, in the latest 200 runs. A step that never did
/// is not there.
///
/// # Errors
/// When the database cannot be asked.
pub async fn usual_times(engine: &Engine) -> Result<Vec<UsualTime>, Error> {
    let rows = sqlx::query!(
        r#"WITH recent AS (
             SELECT j.id FROM (SELECT id FROM provisioning_requests WHERE status = 'completed'
                               ORDER BY created_at DESC, id DESC LIMIT 200) latest
             JOIN jobs j ON j.request_id = latest.id)
           SELECT s.name, count(*) AS "runs!",
             percentile_cont(0.5) WITHIN GROUP (ORDER BY took.ms) AS "median_ms!",
             percentile_cont(0.95) WITHIN GROUP (ORDER BY took.ms) AS "p95_ms!"
           FROM recent JOIN job_steps s ON s.job_id = recent.id AND s.state = 'succeeded'
           JOIN step_attempts a ON a.job_id = s.job_id AND a.position = s.position AND a.outcome = 'succeeded'
           CROSS JOIN LATERAL (SELECT extract(epoch FROM a.finished_at - a.started_at)::float8 * 1000 AS ms) took
           GROUP BY s.name"#
    )
    .fetch_all(&engine.pool())
    .await?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            Some(UsualTime {
                step: Step::from_text(&row.name)?,
                runs: u32::try_from(row.runs).unwrap_or(u32::MAX),
                median_ms: row.median_ms,
                p95_ms: row.p95_ms,
            })
        })
        .collect())
}
