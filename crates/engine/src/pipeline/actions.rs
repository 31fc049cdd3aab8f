//! What an admin may do about a dead step, besides rolling back (SPEC section 6).

use domain::{ErrorCode, pipeline::Step};
use uuid::Uuid;

use super::PipelineSettings;
use crate::{Engine, Error, access::Principal};

/// A decision on the dead step of a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeadStepAction {
    /// Try it again, with all its tries.
    Retry,
    /// Go on without it, where the blueprint allows that.
    Skip,
}

/// Carries out a decision on the dead step of a request's job; audited.
///
/// # Errors
/// `FORBIDDEN`; `RESOURCE_NOT_FOUND` without a job; `INVALID_TRANSITION` where no step is dead, a
/// rollback was begun, or the blueprint does not let it be skipped.
pub async fn decide(
    engine: &Engine,
    settings: &PipelineSettings,
    by: &Principal,
    request_id: Uuid,
    decision: DeadStepAction,
) -> Result<(), Error> {
    by.require_provisioning()?;
    let (text, step) = match decision {
        DeadStepAction::Retry => ("retry", None),
        DeadStepAction::Skip => {
            let dead = dead_step(engine, request_id).await?.ok_or(ErrorCode::InvalidTransition)?;
            let may =
                settings.blueprint(&dead.blueprint).is_some_and(|blueprint| blueprint.may_skip(dead.step));
            if !may {
                return Err(ErrorCode::InvalidTransition.into());
            }
            ("skip", Some(dead.step.as_str()))
        }
    };
    sqlx::query!("SELECT apply_dead_step_action($1, $2, $3, $4)", request_id, by.employee_id, text, step)
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
