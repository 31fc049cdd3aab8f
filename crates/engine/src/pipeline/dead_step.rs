use domain::{ErrorCode, pipeline::Step};
use jobs::{JobActor, dead_step};
use uuid::Uuid;

use crate::{
    Engine, Error,
    access::{Employee, client_address},
    detached::run_detached,
};

/// An action of an admin on the dead step of a job, except a rollback.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeadStepAction {
    /// Retry the step. Its retry period starts again.
    Retry,
    /// Continue without the step, if the blueprint allows it.
    Skip,
}

/// Applies an action to the dead step of a request's job, and adds an entry to the audit log. If that job is
/// not dead, a retry applies to the dead lifecycle job or purge of the tenant.
///
/// # Errors
/// `FORBIDDEN`; `RESOURCE_NOT_FOUND` if the request has no job; `INVALID_TRANSITION` if no step is dead, a
/// rollback has begun, or the blueprint does not allow skipping the step; `CONNECTOR_FAILED` or
/// `CONNECTOR_TIMEOUT` if what a skipped step left behind could not be removed.
pub async fn apply_dead_step_action(
    engine: &Engine,
    by: &Employee,
    request_id: Uuid,
    action: DeadStepAction,
) -> Result<(), Error> {
    by.require_provisioning()?;
    let job = find_job(engine, request_id).await?.ok_or(ErrorCode::ResourceNotFound)?;
    let (queue, client_address) = (engine.queue(), client_address());
    match action {
        DeadStepAction::Retry => {
            let id = job.dead_later_job.unwrap_or(job.id);
            let actor = JobActor { employee_id: by.id, client_address: client_address.as_deref() };
            dead_step::retry(queue, id, Some(actor)).await?;
        }
        DeadStepAction::Skip => {
            let step = dead_step::find_dead_step(queue, job.id).await?.ok_or(ErrorCode::InvalidTransition)?;
            let blueprint = job.blueprint.and_then(|name| engine.pipeline().blueprint(&name));
            let may_skip = Step::from_text(step.as_str())
                .is_some_and(|step| blueprint.is_some_and(|blueprint| blueprint.may_skip(step)));
            if !may_skip {
                return Err(ErrorCode::InvalidTransition.into());
            }
            // Removing what the step left behind may take long.
            let (queue, steps, employee_id) = (queue.clone(), engine.steps().clone(), by.id);
            run_detached(async move {
                let actor = JobActor { employee_id, client_address: client_address.as_deref() };
                Ok(dead_step::skip(&queue, &steps, job.id, Some(actor), &step).await?)
            })
            .await?;
        }
    }
    engine.announce(request_id);
    Ok(())
}

/// The job of a provisioning request.
pub(super) struct RequestJob {
    pub(super) id: Uuid,
    /// The slug of the tenant, or the requested slug if the tenant was deleted.
    pub(super) slug: String,
    /// The blueprint of the tenant; `None` if the tenant was deleted.
    blueprint: Option<String>,
    /// The dead lifecycle job or purge of the tenant, if this job is not dead.
    dead_later_job: Option<Uuid>,
}

/// Returns the job of a provisioning request.
pub(super) async fn find_job(engine: &Engine, request_id: Uuid) -> Result<Option<RequestJob>, Error> {
    let job = sqlx::query_as!(
        RequestJob,
        r#"SELECT j.id, coalesce(t.slug, r.slug) AS "slug!", t.blueprint AS "blueprint?",
             (SELECT l.id FROM jobs l WHERE l.tenant_id = j.tenant_id AND l.id <> j.id AND l.state = 'dead'
                  AND j.state <> 'dead' ORDER BY l.created_at DESC LIMIT 1) AS dead_later_job
           FROM jobs j JOIN provisioning_requests r ON r.id = j.request_id LEFT JOIN tenants t ON t.id = j.tenant_id
           WHERE j.request_id = $1"#,
        request_id
    )
    .fetch_optional(&engine.pool())
    .await?;
    Ok(job)
}
