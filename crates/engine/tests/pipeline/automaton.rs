//! The step automaton in SQL against the one in the domain, over random sequences of all events.

use domain::{
    StepState,
    jobs::{FailureKind, StepEvent, StepRecord},
};
use rand::RngExt;
use test_support::pipeline_fixture::PipelineFixture;

const SEQUENCES: usize = 12;
const EVENTS: usize = 60;

fn random_event(record: StepRecord) -> StepEvent {
    let mut random = rand::rng();
    // Sometimes an attempt that was superseded.
    let attempt = record.attempt.saturating_sub(u32::from(random.random_bool(0.2)));
    match random.random_range(0..40) {
        0..16 => StepEvent::Begin,
        16..18 => StepEvent::Succeed { attempt },
        18..22 => StepEvent::Fail { attempt, kind: FailureKind::Permanent },
        22..30 => StepEvent::Fail { attempt, kind: FailureKind::Transient },
        30..34 => StepEvent::Release { attempt },
        34..37 => StepEvent::Retry,
        37..39 => StepEvent::Skip,
        _ => StepEvent::Compensate,
    }
}

/// Applies an event to the first step in the database. The database may refuse it.
async fn apply(fixture: &PipelineFixture, event: StepEvent, record: StepRecord) {
    let db = &fixture.db;
    let step = |attempt| format!("(SELECT id FROM jobs), 1, {attempt}");
    match event {
        // A worker would start the next step of the job.
        StepEvent::Begin if record.is_settled() => {}
        StepEvent::Begin => {
            // Otherwise the job is not due, or its lease has not expired.
            db.run("UPDATE jobs SET due_at = now(), lease_until = now() - interval '1 second'").await;
            db.run("SELECT claim_job('w', '30 s')").await;
        }
        StepEvent::Succeed { attempt } => {
            db.run(&format!("SELECT finish_step({}, 'reference', 'w', '30 s')", step(attempt))).await;
            // The next step has started. Only a job without a running step can be rolled back.
            db.run("SELECT release_step(job_id, 2, attempt, '1 hour', 'm') FROM job_steps WHERE position = 2 AND state = 'running'").await;
        }
        StepEvent::Fail { attempt, kind } => {
            let retry = domain::jobs::retry_delay(kind, record.tries, 0.0).map_or("NULL", |_| "'1 second'");
            db.run(&format!("SELECT fail_step({}, 'CONNECTOR_FAILED', 'm', {retry}, false)", step(attempt)))
                .await;
        }
        StepEvent::Release { attempt } => {
            db.run(&format!("SELECT release_step({}, '0 s', 'm')", step(attempt))).await;
        }
        StepEvent::Retry | StepEvent::Skip => {
            let action = if event == StepEvent::Skip { "skip" } else { "retry" };
            let id = fixture.admin.employee_id;
            // The action belongs to the first step. After it, another step may be dead.
            let sql = format!(
                "SELECT apply_dead_step_action(j.id, '{id}', '{action}', s.name)
                 FROM jobs j JOIN job_steps s ON s.job_id = j.id AND s.position = 1"
            );
            let _ = db.try_run(&sql).await;
        }
        StepEvent::Compensate => {
            let id = fixture.admin.employee_id;
            let begin = format!("SELECT begin_rollback(id, '{id}', 'a test', NULL) FROM jobs");
            if db.try_run(&begin).await.is_ok() {
                db.run("SELECT finish_rollback(id) FROM jobs").await;
            }
        }
    }
}

async fn stored(fixture: &PipelineFixture) -> StepRecord {
    let text = fixture
        .db
        .text("SELECT concat_ws(' ', state, attempt, tries) FROM job_steps WHERE position = 1")
        .await;
    let parts: Vec<&str> = text.split(' ').collect();
    StepRecord {
        state: StepState::from_text(parts[0]).unwrap(),
        attempt: parts[1].parse().unwrap(),
        tries: parts[2].parse().unwrap(),
    }
}

#[tokio::test]
async fn sql_and_the_domain_allow_the_same_transitions() {
    for _ in 0..SEQUENCES {
        let fixture = PipelineFixture::new().await;
        fixture.provision("golden-spoon").await;
        let mut record = StepRecord::NEW;
        let mut history = Vec::new();
        for _ in 0..EVENTS {
            let event = random_event(record);
            apply(&fixture, event, record).await;
            history.push(event);
            record = record.after(event).unwrap_or(record);
            assert_eq!(stored(&fixture).await, record, "{history:?}");
        }
    }
}
