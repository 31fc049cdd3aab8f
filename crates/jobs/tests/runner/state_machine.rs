//! The SQL functions against the state machine in `domain`: random sequences of all events.

use domain::{
    StepState,
    jobs::{FailureKind, StepEvent, StepRecord, retry_delay},
};
use rand::RngExt;
use uuid::Uuid;

use crate::fixture::{Fixture, GOODBYE, HELLO};

const SEQUENCES: usize = 60;
const EVENTS: usize = 40;

fn random_event(record: StepRecord) -> StepEvent {
    let mut random = rand::rng();
    // Sometimes the event of a superseded worker.
    let attempt = record.attempt.saturating_sub(u32::from(random.random_bool(0.2)));
    match random.random_range(0..40) {
        0..18 => StepEvent::Begin,
        18..21 => StepEvent::Fail { attempt, kind: FailureKind::Permanent },
        21..28 => StepEvent::Fail { attempt, kind: FailureKind::Transient },
        28..32 => StepEvent::Release { attempt },
        32..36 => StepEvent::Retry,
        36 => StepEvent::Succeed { attempt },
        37 => StepEvent::Skip,
        38 => StepEvent::Compensate,
        _ => StepEvent::Fail { attempt, kind: FailureKind::TimedOut },
    }
}

/// Sends an event to the database. It ignores or refuses an event that is not allowed.
async fn send(fixture: &Fixture, job: Uuid, employee: Uuid, event: StepEvent, record: StepRecord) {
    let step = |attempt: u32| format!("'{job}', 1, {attempt}");
    let sql = match event {
        // Would start the second step.
        StepEvent::Begin if record.after(event).is_err() => return,
        StepEvent::Begin => {
            fixture.db.run("UPDATE jobs SET due_at = now(), lease_until = now() - interval '1 second'").await;
            "SELECT claim_job('w', '30 s')".to_owned()
        }
        StepEvent::Succeed { attempt } => format!("SELECT finish_step({}, 'r', 'w', '30 s')", step(attempt)),
        StepEvent::Fail { attempt, kind } => {
            let retry = retry_delay(kind, record.counted_attempts, 0.0).map_or("NULL", |_| "'1 second'");
            format!("SELECT fail_step({}, 'CONNECTOR_FAILED', 'm', {retry}, false)", step(attempt))
        }
        StepEvent::Release { attempt } => format!("SELECT release_step({}, '0 s', 'm')", step(attempt)),
        StepEvent::Retry => {
            format!("SELECT apply_dead_step_action('{job}', '{employee}', 'retry', '{HELLO}')")
        }
        StepEvent::Skip => format!("SELECT apply_dead_step_action('{job}', '{employee}', 'skip', '{HELLO}')"),
        StepEvent::Compensate => format!(
            "DO $$ BEGIN
                 PERFORM begin_rollback('{job}', '{employee}', 'r', NULL);
                 PERFORM finish_rollback('{job}');
             END $$"
        ),
    };
    // An error is a refusal. The stored record shows whether it was right.
    let _ = fixture.db.try_run(&sql).await;
    // The second step keeps the job unfinished, and is never started by an event.
    fixture
        .db
        .run(
            "UPDATE jobs SET state = 'retrying', worker = NULL, lease_until = NULL
             WHERE EXISTS (SELECT FROM job_steps WHERE job_id = id AND position = 2 AND state = 'running');
             UPDATE job_steps SET state = 'pending', attempt = 0, counted_attempts = 0 WHERE position = 2 AND state = 'running';
             DELETE FROM step_attempts WHERE position = 2",
        )
        .await;
}

async fn stored(fixture: &Fixture) -> StepRecord {
    let sql = "SELECT concat_ws(' ', state, attempt, counted_attempts) FROM job_steps WHERE position = 1";
    let text = fixture.db.text(sql).await;
    let parts: Vec<&str> = text.split(' ').collect();
    StepRecord {
        state: StepState::from_text(parts[0]).unwrap(),
        attempt: parts[1].parse().unwrap(),
        counted_attempts: parts[2].parse().unwrap(),
    }
}

#[tokio::test]
async fn the_database_allows_the_events_that_the_state_machine_allows() {
    let fixture = Fixture::new().await;
    let employee = fixture.db.admin().await.id;
    for _ in 0..SEQUENCES {
        fixture.db.run("TRUNCATE jobs, breakers CASCADE").await;
        let job = fixture.enqueue_steps("Ann", &[HELLO, GOODBYE]).await;
        let mut record = StepRecord::NEW;
        let mut history = Vec::new();
        for _ in 0..EVENTS {
            let event = random_event(record);
            history.push(event);
            send(&fixture, job, employee, event, record).await;
            record = record.after(event).unwrap_or(record);
            assert_eq!(stored(&fixture).await, record, "{history:?}");
        }
    }
}
