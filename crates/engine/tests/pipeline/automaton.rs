//! The job automaton in SQL against the one in the domain.

use domain::{
    StepState,
    pipeline::{Event, FailureKind, StepRecord},
};
use rand::RngExt;

use test_support::pipeline_fixture::PipelineFixture;

const EVENTS: usize = 60;

fn any_event(record: StepRecord) -> Event {
    let mut random = rand::rng();
    // Sometimes an attempt that was superseded.
    let attempt = record.attempt.saturating_sub(u32::from(random.random_bool(0.2)));
    match random.random_range(0..10) {
        0..4 => Event::Begin,
        4 => Event::Fail { attempt, kind: FailureKind::Permanent },
        5 | 6 => Event::Fail { attempt, kind: FailureKind::Transient },
        7 => Event::Release { attempt },
        8 => Event::Retry,
        _ => Event::Skip,
    }
}

/// Applies an event in the database. Returns false if the database refused it.
async fn apply(fixture: &PipelineFixture, event: Event, record: StepRecord) -> bool {
    let step = |attempt| format!("(SELECT id FROM jobs), 1, {attempt}");
    let sql = match event {
        Event::Begin if record.is_settled() => return false,
        Event::Begin => {
            // Otherwise the job is not due, or its lease has not expired.
            fixture.db.run("UPDATE jobs SET due_at = now(), lease_until = now() - interval '1 second'").await;
            "SELECT (claim_job('w', '30 s') IS NOT NULL)::text".to_owned()
        }
        Event::Fail { attempt, kind } => {
            let again = domain::pipeline::delay(kind, record.tries, 0.0).map_or("NULL", |_| "'1 second'");
            format!("SELECT fail_step({}, 'CONNECTOR_FAILED', 'm', {again}, false)::text", step(attempt))
        }
        Event::Release { attempt } => format!("SELECT hand_back_step({}, '0 s', 'm')::text", step(attempt)),
        Event::Retry | Event::Skip => {
            let decision = if event == Event::Skip { "skip" } else { "retry" };
            let id = fixture.admin.employee_id;
            let sql = format!("SELECT decide_dead_step(request_id, '{id}', '{decision}') FROM jobs");
            return fixture.db.try_run(&sql).await.is_ok();
        }
        Event::Succeed { .. } | Event::Undo => return false,
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
