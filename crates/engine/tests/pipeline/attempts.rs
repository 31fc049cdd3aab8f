//! Each attempt logs one line when the attempt ends, for every outcome.

use std::time::Duration;

use domain::{StepState, jobs::StepFailure, pipeline::Step};
use serde_json::Value;
use test_support::{
    captured_log::CapturedLog, fake_external_system::Fault, pipeline_fixture::PipelineFixture,
};

/// Waits until `count` attempts have logged their end, and returns the lines as
/// `step attempt outcome code`.
async fn attempt_ends(log: &CapturedLog, count: usize) -> Vec<String> {
    let lines = log.wait_for_lines(count, |line| !line["fields"]["outcome"].is_null()).await;
    lines.iter().map(|line| attempt_end(&line["fields"])).collect()
}

fn attempt_end(fields: &Value) -> String {
    for id in ["job.id", "request.id"] {
        assert!(fields[id].as_str().is_some_and(|id| id.parse::<uuid::Uuid>().is_ok()), "{fields}");
    }
    assert!(fields["elapsed_ms"].is_u64() && fields["attempt"].is_u64(), "{fields}");
    let text = |name: &str| fields[name].as_str().unwrap_or("-").to_owned();
    format!("{} {} {} {}", text("step"), fields["attempt"], text("outcome"), text("code"))
}

#[tokio::test]
async fn a_success_and_a_failure_log_one_line_each_and_an_opened_circuit_is_logged() {
    let (log, _guard) = CapturedLog::start();
    let fixture = PipelineFixture::new().await;
    fixture
        .external
        .inject(Step::CopyDatabase, [Fault::Fail(StepFailure::timed_out("the server did not respond"))]);
    fixture
        .external
        .inject(Step::SignInToOdoo, [Fault::Fail(StepFailure::permanent("Odoo responded with 400"))]);
    let provisioned = fixture.provision("golden-spoon").await;
    // The first attempt tests the connector. Its failure opens the breaker again.
    fixture
        .db
        .run(
            "INSERT INTO breakers (connector, state, failures, next_test_at)
             VALUES ('database_copy', 'open', 5, now())",
        )
        .await;
    let worker = fixture.worker();
    fixture.db.wait_until("SELECT count(*) = 1 FROM step_attempts WHERE outcome = 'failed'").await;
    fixture.db.run("DELETE FROM breakers").await;
    fixture.wait_for_job_with_immediate_retries(provisioned.request_id, StepState::Dead).await;
    worker.stop().await;
    assert_eq!(
        attempt_ends(&log, 3).await,
        [
            "STEP_1_COPY_DB 1 failed CONNECTOR_TIMEOUT",
            "STEP_1_COPY_DB 2 succeeded -",
            "STEP_2_ODOO18_AUTH 1 failed CONNECTOR_FAILED",
        ]
    );
    let opened = log.wait_for_lines(1, |line| line["fields"]["message"] == "a circuit breaker opened").await;
    assert_eq!(
        (&opened[0]["fields"]["connector"], &opened[0]["fields"]["code"]),
        (&"database_copy".into(), &"CIRCUIT_OPEN".into())
    );
}

#[tokio::test]
async fn a_stopped_worker_logs_its_release() {
    let (log, _guard) = CapturedLog::start();
    let fixture = PipelineFixture::new().await;
    fixture.external.inject(Step::CopyDatabase, [Fault::Hang]);
    fixture.provision("golden-spoon").await;
    let worker = fixture.worker();
    fixture.external.wait_for_act(Step::CopyDatabase).await;
    worker.stop().await;
    assert_eq!(attempt_ends(&log, 1).await, ["STEP_1_COPY_DB 1 released -"]);
}

#[tokio::test]
async fn a_superseded_worker_logs_that_it_was_superseded() {
    let (log, _guard) = CapturedLog::start();
    let fixture = PipelineFixture::new().await;
    fixture.external.inject(Step::CopyDatabase, [Fault::Hang]);
    fixture.provision("golden-spoon").await;
    let superseded = fixture.worker_with_lease(Duration::from_millis(600));
    fixture.external.wait_for_act(Step::CopyDatabase).await;
    fixture
        .db
        .run("UPDATE jobs SET due_at = now() - interval '1 s'; SELECT claim_job('other', '1 hour')")
        .await;
    assert_eq!(attempt_ends(&log, 1).await, ["STEP_1_COPY_DB 1 superseded -"]);
    superseded.stop().await;
}

#[tokio::test]
async fn a_crashed_worker_logs_a_lost_attempt() {
    let (log, _guard) = CapturedLog::start();
    let fixture = PipelineFixture::new().await;
    fixture.external.inject(Step::CopyDatabase, [Fault::Hang]);
    fixture.provision("golden-spoon").await;
    let crashed = fixture.worker();
    fixture.external.wait_for_act(Step::CopyDatabase).await;
    crashed.kill();
    assert_eq!(attempt_ends(&log, 1).await, ["STEP_1_COPY_DB 1 lost -"]);
}
