//! Compares the SQL functions with the state machine in `domain`: scripted sequences that cause every
//! transition, and random sequences of all events.

use std::collections::HashSet;

use domain::{
    StepState::{self, Compensated, Dead, Pending, Retrying, Running, Skipped, Succeeded},
    jobs::{StepEvent, StepRecord},
};
use rand::RngExt;
use uuid::Uuid;

use crate::fixture::{Fixture, GOODBYE, HELLO};

const SEQUENCES: usize = 60;
const EVENTS: usize = 40;

fn random_event(record: StepRecord) -> StepEvent {
    let mut random = rand::rng();
    // Sometimes names an earlier attempt, as a superseded worker does.
    let attempt = record.attempt.saturating_sub(u32::from(random.random_bool(0.2)));
    match random.random_range(0..40) {
        0..14 => StepEvent::Begin,
        14..20 => StepEvent::Lose,
        20..23 => StepEvent::Fail { attempt, retry: false },
        23..29 => StepEvent::Fail { attempt, retry: true },
        29..33 => StepEvent::Release { attempt },
        33..37 => StepEvent::Retry,
        37 => StepEvent::Succeed { attempt },
        38 => StepEvent::Skip,
        _ => StepEvent::Compensate,
    }
}

/// Sends an event to the database, which ignores or refuses an event that is not allowed.
async fn send(fixture: &Fixture, job: Uuid, employee: Uuid, event: StepEvent, record: StepRecord) {
    let step = |attempt: u32| format!("'{job}', 1, {attempt}");
    let sql = match event {
        // If the first step cannot begin or be lost, `claim_job` would start the second step, or take over
        // the running step.
        StepEvent::Begin | StepEvent::Lose if record.after(event).is_err() => return,
        // If the step is running, the lease has expired.
        StepEvent::Begin | StepEvent::Lose => {
            fixture.db.run("UPDATE jobs SET due_at = now() - interval '1 second'").await;
            "SELECT claim_job('w', '30 s')".to_owned()
        }
        StepEvent::Succeed { attempt } => format!("SELECT finish_step({}, 'r', 'w', '30 s')", step(attempt)),
        StepEvent::Fail { attempt, retry } => {
            let retry = if retry { "'1 second'" } else { "NULL" };
            format!("SELECT fail_step({}, 'CONNECTOR_FAILED', 'm', {retry}, 'responded')", step(attempt))
        }
        StepEvent::Release { attempt } => format!("SELECT release_step({}, 'm')", step(attempt)),
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
    // An error is a refusal. The caller compares the stored record with the expected one.
    let _ = fixture.db.try_run(&sql).await;
    // Resets the second step, which exists only to keep the job unfinished.
    fixture
        .db
        .run(
            "UPDATE jobs SET state = 'retrying', worker = NULL
             WHERE EXISTS (SELECT FROM job_steps WHERE job_id = id AND position = 2 AND state = 'running');
             UPDATE job_steps SET state = 'pending', attempt = 0 WHERE position = 2 AND state = 'running';
             DELETE FROM step_attempts WHERE position = 2",
        )
        .await;
}

async fn stored_record(fixture: &Fixture) -> StepRecord {
    let sql = "SELECT concat_ws(' ', state, attempt, failed_attempts, lost_attempts) FROM job_steps WHERE position = 1";
    let text = fixture.db.text(sql).await;
    let parts: Vec<&str> = text.split(' ').collect();
    StepRecord {
        state: StepState::from_text(parts[0]).unwrap(),
        attempt: parts[1].parse().unwrap(),
        failed_attempts: parts[2].parse().unwrap(),
        lost_attempts: parts[3].parse().unwrap(),
    }
}

/// A transition: a state, an event and the next state.
type Transition = (StepState, &'static str, StepState);

/// Every transition of a step.
const TRANSITIONS: [Transition; 14] = [
    (Pending, "begin", Running),
    (Retrying, "begin", Running),
    (Running, "lose", Retrying),
    (Running, "lose", Dead),
    (Running, "succeed", Succeeded),
    (Running, "fail", Retrying),
    (Running, "fail", Dead),
    (Running, "release", Retrying),
    (Dead, "retry", Retrying),
    (Dead, "skip", Skipped),
    (Pending, "compensate", Compensated),
    (Retrying, "compensate", Compensated),
    (Succeeded, "compensate", Compensated),
    (Dead, "compensate", Compensated),
];

/// Creates an event. The argument is the number of the current attempt.
type EventOfAttempt = fn(u32) -> StepEvent;

/// Sequences that cause every transition.
const SCRIPTS: [&[EventOfAttempt]; 6] = [
    &[begin, succeed, compensate],
    &[begin, fail, begin, lose, release, compensate],
    &[begin, fail_permanently, retry, begin, fail_permanently, skip],
    &[compensate],
    // The fifth lost attempt in a row makes the step dead.
    &[begin, lose, lose, lose, lose, lose, compensate],
    &[begin, fail, begin, fail, begin, lose, fail, begin, fail],
];

fn begin(_attempt: u32) -> StepEvent {
    StepEvent::Begin
}

fn succeed(attempt: u32) -> StepEvent {
    StepEvent::Succeed { attempt }
}

fn lose(_attempt: u32) -> StepEvent {
    StepEvent::Lose
}

fn fail(attempt: u32) -> StepEvent {
    StepEvent::Fail { attempt, retry: true }
}

fn fail_permanently(attempt: u32) -> StepEvent {
    StepEvent::Fail { attempt, retry: false }
}

fn release(attempt: u32) -> StepEvent {
    StepEvent::Release { attempt }
}

fn retry(_attempt: u32) -> StepEvent {
    StepEvent::Retry
}

fn skip(_attempt: u32) -> StepEvent {
    StepEvent::Skip
}

fn compensate(_attempt: u32) -> StepEvent {
    StepEvent::Compensate
}

fn name(event: StepEvent) -> &'static str {
    match event {
        StepEvent::Begin => "begin",
        StepEvent::Lose => "lose",
        StepEvent::Succeed { .. } => "succeed",
        StepEvent::Fail { .. } => "fail",
        StepEvent::Release { .. } => "release",
        StepEvent::Retry => "retry",
        StepEvent::Skip => "skip",
        StepEvent::Compensate => "compensate",
    }
}

/// Applies a sequence of events to a new step. `next` returns the next event for the current record, or
/// `None` at the end. Asserts after each event that the stored record equals the record of the state machine.
/// Returns the transitions, and the number of refused events.
async fn run_sequence(
    fixture: &Fixture,
    employee: Uuid,
    mut next: impl FnMut(StepRecord) -> Option<StepEvent>,
) -> (Vec<Transition>, usize) {
    fixture.db.run("TRUNCATE jobs, breakers CASCADE").await;
    let job = fixture.enqueue_steps("Ann", &[HELLO, GOODBYE]).await;
    let mut record = StepRecord::NEW;
    let (mut history, mut transitions, mut refused) = (Vec::new(), Vec::new(), 0);
    while let Some(event) = next(record) {
        history.push(event);
        send(fixture, job, employee, event, record).await;
        refused += usize::from(record.after(event).is_err());
        // The claim that notices the lost worker also starts the next attempt.
        let events = if event == StepEvent::Lose { &[event, StepEvent::Begin][..] } else { &[event] };
        for event in events {
            let Ok(after) = record.after(*event) else { break };
            transitions.push((record.state, name(*event), after.state));
            record = after;
        }
        assert_eq!(stored_record(fixture).await, record, "{history:?}");
    }
    (transitions, refused)
}

#[tokio::test]
async fn the_database_and_the_state_machine_allow_the_same_transitions() {
    let fixture = Fixture::new().await;
    let employee = fixture.db.admin().await.id;
    let mut occurred = HashSet::new();
    for script in SCRIPTS {
        let mut events = script.iter();
        let next = |record: StepRecord| events.next().map(|event| event(record.attempt));
        let (transitions, refused) = run_sequence(&fixture, employee, next).await;
        assert_eq!(refused, 0, "{transitions:?}");
        occurred.extend(transitions);
    }
    assert_eq!(occurred, HashSet::from(TRANSITIONS));
    for _ in 0..SEQUENCES {
        let mut remaining = EVENTS;
        let events = |record| {
            remaining = remaining.checked_sub(1)?;
            Some(random_event(record))
        };
        occurred.extend(run_sequence(&fixture, employee, events).await.0);
    }
    assert_eq!(occurred, HashSet::from(TRANSITIONS));
}
