//! What an admin may do about a dead step (SPEC section 6).

use std::sync::Arc;

use domain::{
    ErrorCode,
    pipeline::{Step, StepFailure},
};
use serde::Deserialize;
use uuid::Uuid;

use super::{Job, PipelineSettings, Steps, worker};
use crate::{Engine, Error, access::Principal};

/// A decision on the dead step of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// Try it again, with all its tries.
    Retry,
    /// Go on without it, where the blueprint allows that.
    Skip,
}

/// Carries out a decision on the dead step of a request's job; audited.
///
/// # Errors
/// `FORBIDDEN`; `RESOURCE_NOT_FOUND` without a job; `INVALID_TRANSITION` where no step is dead, or
/// the blueprint does not let it be skipped.
pub async fn decide(
    engine: &Engine,
    settings: &PipelineSettings,
    by: &Principal,
    request_id: Uuid,
    decision: Decision,
) -> Result<(), Error> {
    by.require_provisioning()?;
    let text = match decision {
        Decision::Retry => "retry",
        Decision::Skip => {
            let dead = dead_step(engine, request_id).await?.ok_or(ErrorCode::InvalidTransition)?;
            let may =
                settings.blueprint(&dead.blueprint).is_some_and(|blueprint| blueprint.may_skip(dead.step));
            if !may {
                return Err(ErrorCode::InvalidTransition.into());
            }
            "skip"
        }
    };
    sqlx::query!("SELECT decide_dead_step($1, $2, $3)", request_id, by.employee_id, text)
        .execute(&engine.pool())
        .await?;
    engine.announce(request_id);
    Ok(())
}

struct DeadStep {
    step: Step,
    blueprint: String,
}

async fn dead_step(engine: &Engine, request_id: Uuid) -> Result<Option<DeadStep>, Error> {
    let row = sqlx::query!(
        "SELECT s.name, t.blueprint FROM jobs j
         JOIN job_steps s ON s.job_id = j.id AND s.state = 'dead' JOIN tenants t ON t.id = j.tenant_id
         WHERE j.request_id = $1 ORDER BY s.position LIMIT 1",
        request_id
    )
    .fetch_optional(&engine.pool())
    .await?;
    Ok(row.and_then(|row| Some(DeadStep { step: Step::from_text(&row.name)?, blueprint: row.blueprint })))
}

/// Undoes a job that is not at work: each effect outside in reverse order, then the tenant, and an
/// owner whom this request made. Cut off, it can be called again.
///
/// # Errors
/// `FORBIDDEN`; `RESOURCE_NOT_FOUND`; `INVALID_TRANSITION` while a worker has it or when the tenant
/// is active; `CONNECTOR_FAILED` where an effect outside could not be undone, which leaves the tenant.
pub async fn roll_back(
    engine: &Engine,
    steps: &Steps,
    by: &Principal,
    request_id: Uuid,
    reason: &str,
) -> Result<(), Error> {
    by.require_provisioning()?;
    let Held { job, begun } = hold(engine, request_id).await?;
    for step in Step::ALL.into_iter().rev().filter(|step| begun.contains(step)) {
        let undone = match steps.get(step) {
            Some(work) => worker::undo(work.as_ref(), &job).await,
            None => Err(StepFailure::lasting("its connector is not configured any more")),
        };
        if let Err(failure) = undone {
            tracing::warn!(job.id = %job.id, %step, %failure, "an effect could not be undone");
            return Err(failure.code().into());
        }
    }
    sqlx::query!("SELECT roll_back_job($1, $2, $3)", request_id, by.employee_id, reason)
        .execute(&engine.pool())
        .await?;
    engine.announce(request_id);
    Ok(())
}

/// [`roll_back`] in a task of its own: a client that goes away does not stop it half way.
///
/// # Errors
/// As [`roll_back`].
pub async fn roll_back_detached(
    engine: &Engine,
    steps: Arc<Steps>,
    by: Principal,
    request_id: Uuid,
    reason: String,
) -> Result<(), Error> {
    let engine = engine.clone();
    let work = async move { roll_back(&engine, &steps, &by, request_id, &reason).await };
    match tokio::spawn(work).await {
        Ok(done) => done,
        Err(panic) => Err(Error::Answer(panic.to_string())),
    }
}

/// A job that no worker takes.
#[derive(Deserialize)]
struct Held {
    #[serde(flatten)]
    job: Job,
    /// The steps that may have had an effect.
    begun: Vec<Step>,
}

/// Takes the job out of the workers' reach: it is dead from now on, if it was not.
async fn hold(engine: &Engine, request_id: Uuid) -> Result<Held, Error> {
    let facts = sqlx::query_scalar!(r#"SELECT hold_job($1) AS "facts!""#, request_id)
        .fetch_one(&engine.pool())
        .await?;
    serde_json::from_value(facts).map_err(|error| Error::Answer(error.to_string()))
}
