//! The job automaton in SQL against the one in the domain.

use std::collections::BTreeSet;

use domain::{
    StepState,
    jobs::{FailureKind, StepEvent, StepRecord, retry_delay},
};
use rand::{RngExt, SeedableRng, rngs::StdRng};
use test_support::pipeline_fixture::PipelineFixture;
use uuid::Uuid;

const SEQUENCES: u64 = 60;
const EVENTS: usize = 30;

/// Events that end the step are rare, so that sequences become long.
fn random_event(random: &mut StdRng, record: StepRecord) -> StepEvent {
    // Sometimes an attempt that was superseded.
    let attempt = record.attempt.saturating_sub(u32::from(random.random_bool(0.2)));
    match random.random_range(0..24) {
        0..9 => StepEvent::Begin,
        9..12 => StepEvent::Fail { attempt, kind: FailureKind::Transient },
        12 | 13 => StepEvent::Fail { attempt, kind: FailureKind::TimedOut },
        14 | 15 => StepEvent::Fail { attempt, kind: FailureKind::Permanent },
        16 | 17 => StepEvent::Release { attempt },
        18..21 => StepEvent::Retry,
        21 => StepEvent::Skip,
        22 => StepEvent::Succeed { attempt },
        _ => StepEvent::Compensate,
    }
}

/// The first step of a job. Its second step stays unfinished, so that the job can be rolled back after the first one
/// succeeded.
struct FirstStep<'a> {
    fixture: &'a PipelineFixture,
    request_id: Uuid,
}

impl FirstStep<'_> {
    async fn new(fixture: &PipelineFixture, number: u64) -> FirstStep<'_> {
        // Jobs of earlier sequences must not be claimed.
        fixture.db.run("UPDATE jobs SET due_at = 'infinity', lease_until = 'infinity'").await;
        let request_id = fixture.provision(&format!("golden-spoon-{number}")).await.request_id;
        FirstStep { fixture, request_id }
    }

    /// Applies an event. The database may refuse it.
    async fn apply(&self, event: StepEvent, record: StepRecord) {
        let (db, request) = (&self.fixture.db, self.request_id);
        let step = |attempt| format!("(SELECT id FROM jobs WHERE request_id = '{request}'), 1, {attempt}");
        let employee = self.fixture.admin.employee_id;
        let sql = match event {
            StepEvent::Begin => {
                // Makes the job due, and lets its lease expire.
                db.run(&format!(
                    "UPDATE jobs SET due_at = now(), lease_until = now() - interval '1 second'
                     WHERE request_id = '{request}'"
                ))
                .await;
                "SELECT claim_job('w', '30 s')".to_owned()
            }
            StepEvent::Succeed { attempt } => {
                format!("SELECT finish_step({}, 'reference', 'w', '30 s')", step(attempt))
            }
            StepEvent::Fail { attempt, kind } => {
                let delay = retry_delay(kind, record.tries, 0.0).map_or("NULL", |_| "'1 second'");
                format!("SELECT fail_step({}, 'CONNECTOR_FAILED', 'm', {delay}, false)", step(attempt))
            }
            StepEvent::Release { attempt } => format!("SELECT release_step({}, '0 s', 'm')", step(attempt)),
            StepEvent::Retry => {
                format!("SELECT apply_dead_step_action('{request}', '{employee}', 'retry', 'STEP_1_COPY_DB')")
            }
            StepEvent::Skip => {
                format!("SELECT apply_dead_step_action('{request}', '{employee}', 'skip', 'STEP_1_COPY_DB')")
            }
            StepEvent::Compensate => {
                self.release_second_step().await;
                format!(
                    "SELECT begin_rollback('{request}', '{employee}', 'a test', NULL);
                     SELECT finish_rollback('{request}')"
                )
            }
        };
        let _ = db.try_run(&sql).await;
    }

    /// A job cannot be rolled back while a worker runs one of its steps.
    async fn release_second_step(&self) {
        let release = format!(
            "SELECT release_step(job_id, position, attempt, '0 s', 'm') FROM job_steps
             WHERE position = 2 AND state = 'running'
               AND job_id = (SELECT id FROM jobs WHERE request_id = '{}')",
            self.request_id
        );
        self.fixture.db.run(&release).await;
    }

    async fn stored(&self) -> StepRecord {
        let text = self
            .fixture
            .db
            .text(&format!(
                "SELECT concat_ws(' ', s.state, attempt, tries) FROM job_steps s JOIN jobs j ON j.id = s.job_id
                 WHERE position = 1 AND request_id = '{}'",
                self.request_id
            ))
            .await;
        let parts: Vec<&str> = text.split(' ').collect();
        StepRecord {
            state: StepState::from_text(parts[0]).unwrap(),
            attempt: parts[1].parse().unwrap(),
            tries: parts[2].parse().unwrap(),
        }
    }
}

#[tokio::test]
async fn sql_and_the_domain_allow_the_same_transitions() {
    let fixture = PipelineFixture::new().await;
    let mut transitions = BTreeSet::new();
    for seed in 0..SEQUENCES {
        let mut random = StdRng::seed_from_u64(seed);
        let step = FirstStep::new(&fixture, seed).await;
        let mut record = StepRecord::NEW;
        let mut history = Vec::new();
        for _ in 0..EVENTS {
            let event = random_event(&mut random, record);
            let expected = record.after(event);
            step.apply(event, record).await;
            history.push(event);
            if let Ok(next) = expected {
                transitions.insert(format!("{} {}", record.state, next.state));
                record = next;
            }
            assert_eq!(step.stored().await, record, "seed {seed}: {history:?}");
        }
    }
    // Every arrow of the state diagram of `StepRecord`, and a step that becomes dead because all workers were lost.
    let expected = [
        "dead compensated",
        "dead retrying",
        "dead skipped",
        "pending compensated",
        "pending running",
        "retrying compensated",
        "retrying running",
        "running dead",
        "running retrying",
        "running running",
        "running succeeded",
        "succeeded compensated",
    ];
    assert_eq!(transitions, expected.map(str::to_owned).into());
}
