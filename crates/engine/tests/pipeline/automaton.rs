//! What may follow what: the database's functions against the domain's automaton.

use domain::{
    StepState,
    jobs::{FailureKind, StepEvent, StepRecord},
};
use rand::RngExt;

use crate::plant::Plant;

const EVENTS: usize = 60;

fn any_event(record: StepRecord) -> StepEvent {
    let mut random = rand::rng();
    // Now and then one that was overtaken.
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

/// Tells the database of an event; false where it refused.
async fn tell(plant: &Plant, event: StepEvent, record: StepRecord) -> bool {
    let step = |attempt| format!("(SELECT id FROM jobs), 1, {attempt}");
    let sql = match event {
        StepEvent::Begin if record.is_settled() => return false,
        StepEvent::Begin => {
            // Due, or its lease at an end: otherwise there is nothing to claim.
            plant.db.run("UPDATE jobs SET due_at = now(), lease_until = now() - interval '1 second'").await;
            "SELECT (claim_job('w', '30 s') IS NOT NULL)::text".to_owned()
        }
        StepEvent::Fail { attempt, kind } => {
            let again = domain::jobs::retry_delay(kind, record.tries, 0.0).map_or("NULL", |_| "'1 second'");
            format!("SELECT fail_step({}, 'CONNECTOR_FAILED', 'm', {again}, false)::text", step(attempt))
        }
        StepEvent::Release { attempt } => {
            format!("SELECT release_step({}, '0 s', 'm')::text", step(attempt))
        }
        StepEvent::Retry | StepEvent::Skip => {
            let decision = if event == StepEvent::Skip { "skip" } else { "retry" };
            let id = plant.admin.employee_id;
            let sql = format!("SELECT apply_dead_step_action(request_id, '{id}', '{decision}') FROM jobs");
            return plant.db.try_run(&sql).await.is_ok();
        }
        StepEvent::Succeed { .. } | StepEvent::Compensate => return false,
    };
    plant.db.text(&sql).await == "true"
}

async fn stored(plant: &Plant) -> StepRecord {
    let text =
        plant.db.text("SELECT concat_ws(' ', state, attempt, tries) FROM job_steps WHERE position = 1").await;
    let parts: Vec<&str> = text.split(' ').collect();
    StepRecord {
        state: StepState::from_text(parts[0]).unwrap(),
        attempt: parts[1].parse().unwrap(),
        tries: parts[2].parse().unwrap(),
    }
}

#[tokio::test]
async fn the_database_and_the_domain_let_the_same_follow() {
    for _ in 0..6 {
        let plant = Plant::new().await;
        plant.tenant("golden-spoon").await;
        // Skipping goes on to the next step, whose turn is not looked at here.
        plant.db.run("UPDATE job_steps SET state = 'skipped' WHERE position > 1").await;
        let mut record = StepRecord::NEW;
        let mut history = Vec::new();
        for _ in 0..EVENTS {
            let event = any_event(record);
            let expected = record.after(event);
            tell(&plant, event, record).await;
            history.push(event);
            record = expected.unwrap_or(record);
            assert_eq!(stored(&plant).await, record, "{history:?}");
        }
    }
}
