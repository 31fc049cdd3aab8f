//! The log has one line for the end of each attempt, whatever way it ended.

use std::{
    io,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use domain::{StepState, jobs::StepFailure, pipeline::Step};
use serde_json::Value;
use tracing::subscriber::{DefaultGuard, set_default};

use crate::{outside::Fate, plant::Plant};

/// What this test's thread logs, where every task of a test runs.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Log {
    fn keep(&self) -> DefaultGuard {
        let log = self.clone();
        set_default(tracing_subscriber::fmt().json().with_writer(move || log.clone()).finish())
    }

    /// Waits until this many attempts have logged their end. Fails after one minute.
    async fn wait_for_ends(&self, count: usize) {
        let deadline = Instant::now() + Duration::from_secs(60);
        while self.ends().len() < count {
            assert!(Instant::now() < deadline, "not {count} lines: {:?}", self.ends());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// The lines about ends of attempts, as `step attempt outcome code`.
    fn ends(&self) -> Vec<String> {
        let text = String::from_utf8(self.0.lock().unwrap().clone()).unwrap();
        let lines = text.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
        lines
            .map(|line| line["fields"].clone())
            .filter(|fields| !fields["outcome"].is_null())
            .map(end)
            .collect()
    }
}

fn end(fields: Value) -> String {
    for id in ["job.id", "request.id"] {
        assert!(fields[id].as_str().is_some_and(|id| id.parse::<uuid::Uuid>().is_ok()), "{fields}");
    }
    assert!(fields["elapsed_ms"].is_u64() && fields["attempt"].is_u64(), "{fields}");
    let text = |name: &str| fields[name].as_str().unwrap_or("-").to_owned();
    format!("{} {} {} {}", text("step"), fields["attempt"], text("outcome"), text("code"))
}

impl io::Write for Log {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[tokio::test]
async fn a_success_a_failure_and_a_wait_for_a_breaker_have_a_line_each() {
    let log = Log::default();
    let _kept = log.keep();
    let plant = Plant::new().await;
    plant.outside.order(Step::CopyDatabase, [Fate::Refuse(StepFailure::timed_out("h did not answer"))]);
    plant.outside.order(Step::SignInToOdoo, [Fate::Refuse(StepFailure::permanent("h answered 400"))]);
    let made = plant.tenant("golden-spoon").await;
    let worker = plant.worker();
    plant.wait_for_job(made.request_id, StepState::Retrying).await;
    plant.db.run("UPDATE breakers SET state = 'open', until = now() + interval '1 hour'").await;
    plant.hurry().await;
    plant.db.wait_until("SELECT count(*) = 1 FROM step_attempts WHERE outcome = 'released'").await;
    plant.db.run("DELETE FROM breakers").await;
    plant.hurry().await;
    plant.wait_for_job(made.request_id, StepState::Dead).await;
    worker.stop().await;
    assert_eq!(
        log.ends(),
        [
            "STEP_1_COPY_DB 1 failed CONNECTOR_TIMEOUT",
            "STEP_1_COPY_DB 2 released CIRCUIT_OPEN",
            "STEP_1_COPY_DB 3 succeeded -",
            "STEP_2_ODOO18_AUTH 1 failed CONNECTOR_FAILED",
        ]
    );
}

#[tokio::test]
async fn a_stopped_worker_logs_its_release() {
    let log = Log::default();
    let _kept = log.keep();
    let plant = Plant::new().await;
    plant.outside.order(Step::CopyDatabase, [Fate::HangBefore]);
    plant.tenant("golden-spoon").await;
    let worker = plant.worker();
    plant.outside.wait_for_act(Step::CopyDatabase).await;
    worker.stop().await;
    assert_eq!(log.ends(), ["STEP_1_COPY_DB 1 released -"]);
}

#[tokio::test]
async fn a_superseded_worker_logs_it() {
    let log = Log::default();
    let _kept = log.keep();
    let plant = Plant::new().await;
    plant.outside.order(Step::CopyDatabase, [Fate::HangBefore]);
    plant.tenant("golden-spoon").await;
    let superseded = plant.worker_with_lease(Duration::from_millis(600));
    plant.outside.wait_for_act(Step::CopyDatabase).await;
    plant
        .db
        .run("UPDATE jobs SET lease_until = now() - interval '1 s'; SELECT claim_job('other', '1 hour')")
        .await;
    log.wait_for_ends(1).await;
    superseded.stop().await;
    assert_eq!(log.ends(), ["STEP_1_COPY_DB 1 superseded -"]);
}

#[tokio::test]
async fn a_crashed_worker_logs_a_lost_attempt() {
    let log = Log::default();
    let _kept = log.keep();
    let plant = Plant::new().await;
    plant.outside.order(Step::CopyDatabase, [Fate::HangBefore]);
    plant.tenant("golden-spoon").await;
    let crashed = plant.worker();
    plant.outside.wait_for_act(Step::CopyDatabase).await;
    crashed.kill();
    log.wait_for_ends(1).await;
    assert_eq!(log.ends(), ["STEP_1_COPY_DB 1 lost -"]);
}
