use std::time::Duration;

use domain::{ErrorCode, jobs::StepFailure};
use jobs::{Error, JobActor, RollbackTrigger, rollback, rollbacks_due};
use uuid::Uuid;

use crate::fixture::{Fixture, GOODBYE, HELLO};

fn actor(employee_id: Uuid) -> JobActor<'static> {
    JobActor { employee_id, client_address: Some("203.0.113.7") }
}

#[tokio::test]
async fn a_rollback_removes_the_effects_in_reverse_order() {
    let fixture = Fixture::new().await;
    let job = fixture.job_with_dead_step(GOODBYE).await;
    let employee_id = fixture.db.admin().await.id;
    let trigger = RollbackTrigger::Employee { actor: actor(employee_id), reason: "a typo" };
    rollback(&fixture.queue, &fixture.steps, job, trigger).await.unwrap();
    assert_eq!(fixture.greeter.removed(), [GOODBYE, HELLO]);
    assert!(fixture.greeter.effects().is_empty());
    assert_eq!(fixture.state(job).await, "compensated");
    assert_eq!(fixture.step_states(job).await, "compensated compensated");
    let audit = "SELECT concat_ws(' ', action, subject_kind, subject_id, client_address) FROM audit_log";
    assert_eq!(fixture.db.text(audit).await, format!("job.rollback_began job {job} 203.0.113.7"));
}

#[tokio::test]
async fn a_failed_rollback_is_stored_and_retried_by_maintenance() {
    let fixture = Fixture::new().await;
    let job = fixture.job_with_dead_step(GOODBYE).await;
    fixture.greeter.inject_on_compensation(HELLO, StepFailure::transient("the greeter is busy"));
    let employee_id = fixture.db.admin().await.id;
    let trigger = RollbackTrigger::Employee { actor: actor(employee_id), reason: "a typo" };
    let failed = rollback(&fixture.queue, &fixture.steps, job, trigger).await;
    assert!(matches!(failed, Err(Error::Refused(ErrorCode::ConnectorFailed))), "{failed:?}");
    let stored = "SELECT concat_ws(' ', rollback_error_step, rollback_error) FROM jobs";
    assert_eq!(fixture.db.text(stored).await, "SAY_HELLO the greeter is busy");

    assert!(rollbacks_due(&fixture.queue, None).await.unwrap().is_empty(), "not due yet");
    fixture.db.run("UPDATE jobs SET due_at = now()").await;
    let due = rollbacks_due(&fixture.queue, None).await.unwrap();
    assert_eq!(due.iter().map(|due| (due.job_id, due.request_id)).collect::<Vec<_>>(), [(job, None)]);
    let trigger = RollbackTrigger::Maintenance { unattended: None };
    rollback(&fixture.queue, &fixture.steps, job, trigger).await.unwrap();
    assert_eq!(fixture.state(job).await, "compensated");
}

#[tokio::test]
async fn maintenance_rolls_back_a_dead_job_only_after_the_timeout() {
    let fixture = Fixture::new().await;
    let job = fixture.job_with_dead_step(GOODBYE).await;
    let hour = Duration::from_secs(3600);
    let trigger = RollbackTrigger::Maintenance { unattended: Some(hour) };
    fixture.db.run("UPDATE jobs SET dead_at = now() - interval '59 minutes'").await;
    assert!(rollbacks_due(&fixture.queue, Some(hour)).await.unwrap().is_empty());
    assert!(rollback(&fixture.queue, &fixture.steps, job, trigger).await.is_err());
    fixture.db.run("UPDATE jobs SET dead_at = now() - interval '61 minutes'").await;
    assert!(rollbacks_due(&fixture.queue, None).await.unwrap().is_empty());
    assert_eq!(rollbacks_due(&fixture.queue, Some(hour)).await.unwrap().len(), 1);
    rollback(&fixture.queue, &fixture.steps, job, trigger).await.unwrap();
    assert_eq!(fixture.db.text("SELECT rollback_reason FROM jobs").await, "No admin acted within 1 h.");
}

#[tokio::test]
async fn a_finished_job_is_not_rolled_back() {
    let fixture = Fixture::new().await;
    let job = fixture.enqueue("Ann").await;
    fixture.run_until(job, "succeeded").await;
    let employee_id = fixture.db.admin().await.id;
    let trigger = RollbackTrigger::Employee { actor: actor(employee_id), reason: "a typo" };
    assert!(rollback(&fixture.queue, &fixture.steps, job, trigger).await.is_err());
    assert_eq!(fixture.greeter.effects().len(), 2);
}
