//! The job automaton in SQL against the one in the domain.

use domain::{
    StepState,
    jobs::{FailureKind, StepEvent, StepRecord},
};
use rand::RngExt;

use test_support::pipeline_fixture::PipelineFixture;

const EVENTS: usize = 60;

fn any_event(record: StepRecord) -> StepEvent {
    let mut random = rand::rng();
    // Sometimes an attempt that was superseded.
    let attempt = record.attempt.saturating_sub(u32::from(random.random_bool(0.2)));
    match random.random_range(0..10) {
        0..4 => StepEvent::Begin,
        4 => StepEvent::Fail { attempt, kind: FailureKind::Permanent },
        5 | 6 => StepEvent::Fail { attempt, kind: FailureKind::Transient },
        7 => StepEvent::Release { attempt },
        8 => StepEvent::Retry,
        _ => StepEvent::Skip,
    }
}

/// Applies an event in the database. Returns false if the database refused it.
async fn apply(fixture: &PipelineFixture, event: StepEvent, record: StepRecord) -> bool {
    let step = |attempt| format!("(SELECT id FROM jobs), 1, {attempt}");
    let sql = match event {
        StepEvent::Begin if record.after(event).is_err() => return false,
        StepEvent::Begin => {
            // Otherwise the job is not due, or its lease has not expired.
            fixture.db.run("UPDATE jobs SET due_at = now(), lease_until = now() - interval '1 second'").await;
            "SELECT (claim_job('w', '30 s') IS NOT NULL)::text".to_owned()
        }
        StepEvent::Fail { attempt, kind } => {
            let again = domain::jobs::retry_delay(kind, record.tries, 0.0).map_or("NULL", |_| "'1 second'");
            format!("SELECT fail_step({}, 'CONNECTOR_FAILED', 'm', {again}, false)::text", step(attempt))
        }
        StepEvent::Release { attempt } => format!("SELECT release_step({}, '0 s', 'm')::text", step(attempt)),
        StepEvent::Retry | StepEvent::Skip => {
            let action = if event == StepEvent::Skip { "skip" } else { "retry" };
            let id = fixture.admin.employee_id;
            let sql = format!("SELECT apply_dead_step_action(request_id, '{id}', '{action}') FROM jobs");
            return fixture.db.try_run(&sql).await.is_ok();
        }
        StepEvent::Succeed { .. } | StepEvent::Compensate => return false,
    };
    fixture.db.text(&sql).await == "true"
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
    for _ in 0..6 {
        let fixture = PipelineFixture::new().await;
        fixture.provision("golden-spoon").await;
        // This test looks at the first step only.
        fixture.db.run("UPDATE job_steps SET state = 'skipped' WHERE position > 1").await;
        let mut record = StepRecord::NEW;
        let mut history = Vec::new();
        for _ in 0..EVENTS {
            let event = any_event(record);
            let expected = record.after(event);
            apply(&fixture, event, record).await;
            history.push(event);
            record = expected.unwrap_or(record);
            assert_eq!(stored(&fixture).await, record, "{history:?}");
        }
    }
}
