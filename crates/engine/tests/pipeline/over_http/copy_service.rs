//! The step that copies a database with a copy service.

use std::time::Duration;

use domain::jobs::FailureKind;
use hyper::StatusCode;
use serde_json::json;

use super::{Counts, DATABASE, StepFixture};
use test_support::{
    fake_services::{Endpoint, Fault},
    wait::wait_for,
};

#[tokio::test]
async fn the_step_waits_until_the_copy_is_ready() {
    let fixture = StepFixture::copy_service().await;
    fixture.services.set_copy_duration(Duration::from_millis(300));
    assert_eq!(fixture.run().await.unwrap(), DATABASE);

    let calls = fixture.services.calls(Endpoint::Copies.writes());
    let [call] = calls.as_slice() else { panic!("{calls:?}") };
    assert_eq!((call.template, call.status), ("/copies/{database}", Some(StatusCode::ACCEPTED)));
    assert_eq!(call.body, json!({ "template": "template_18", "requestId": fixture.job.request_id }));
    assert_eq!(fixture.counts(), Counts { existing: 1, created: 1, write_calls: 1 });
    assert_eq!(fixture.work.timeout(), Duration::from_secs(600));
}

#[tokio::test]
async fn a_running_copy_is_not_started_again() {
    let fixture = StepFixture::copy_service().await;
    fixture.services.set_copy_duration(Duration::from_secs(3600));
    tokio::select! {
        result = fixture.run() => panic!("{result:?}"),
        () = fixture.services.wait_for_calls(Endpoint::Copies.writes(), 1) => {}
    }
    wait_for("the copy to run", || fixture.services.effects(Endpoint::Copies) == 1).await;
    assert_eq!(fixture.work.probe(&fixture.job).await.unwrap(), None);
    let reads = fixture.services.calls(Endpoint::Copies.reads()).len();
    let (result, ()) = tokio::join!(fixture.run(), async {
        // The probe, the first read of the action, and a read while the action waits for the copy.
        fixture.services.wait_for_calls(Endpoint::Copies.reads(), reads + 3).await;
        fixture.services.insert_record(
            Endpoint::Copies,
            DATABASE,
            json!({ "state": "ready", "requestId": fixture.job.request_id }),
        );
    });
    assert_eq!(result.unwrap(), DATABASE);
    assert_eq!(fixture.counts(), Counts { existing: 1, created: 1, write_calls: 1 });
}

#[tokio::test]
async fn a_failed_read_while_waiting_does_not_cancel_the_copy() {
    let fixture = StepFixture::copy_service().await;
    fixture.services.insert_record(
        Endpoint::Copies,
        DATABASE,
        json!({ "state": "running", "requestId": fixture.job.request_id }),
    );
    let failure = tokio::join!(fixture.work.act(&fixture.job), async {
        fixture.services.wait_for_calls(Endpoint::Copies.reads(), 1).await;
        fixture.services.inject(Endpoint::Copies.reads(), Fault::Status(500), 1);
    });
    assert_eq!(failure.0.unwrap_err().kind, FailureKind::Transient);
    fixture.services.insert_record(
        Endpoint::Copies,
        DATABASE,
        json!({ "state": "ready", "requestId": fixture.job.request_id }),
    );
    assert_eq!(fixture.run().await.unwrap(), DATABASE);
    assert_eq!(fixture.services.calls(Endpoint::Copies.writes()).len(), 0);
}

#[tokio::test]
async fn a_failed_copy_is_started_again() {
    let fixture = StepFixture::copy_service().await;
    fixture.services.insert_record(
        Endpoint::Copies,
        DATABASE,
        json!({ "state": "failed", "requestId": fixture.job.request_id }),
    );
    assert_eq!(fixture.run().await.unwrap(), DATABASE);
    assert_eq!(fixture.counts(), Counts { existing: 1, created: 1, write_calls: 1 });
}

#[tokio::test]
async fn a_copy_that_fails_or_disappears_while_waiting_is_a_transient_failure() {
    for state in ["failed", "missing"] {
        let fixture = StepFixture::copy_service().await;
        let request = fixture.job.request_id;
        fixture.services.insert_record(
            Endpoint::Copies,
            DATABASE,
            json!({ "state": "running", "requestId": request }),
        );
        let (failure, ()) = tokio::join!(fixture.work.act(&fixture.job), async {
            fixture.services.wait_for_calls(Endpoint::Copies.reads(), 1).await;
            match state {
                "failed" => {
                    fixture.services.insert_record(
                        Endpoint::Copies,
                        DATABASE,
                        json!({ "state": state, "requestId": request }),
                    );
                }
                _ => fixture.work.compensate(&fixture.job).await.unwrap(),
            }
        });
        assert_eq!(failure.unwrap_err().kind, FailureKind::Transient, "{state}");
        assert_eq!(fixture.run().await.unwrap(), DATABASE);
        assert_eq!(fixture.counts(), Counts { existing: 1, created: 1, write_calls: 1 });
    }
}

#[tokio::test]
async fn compensation_waits_until_the_copy_is_gone() {
    let fixture = StepFixture::copy_service().await;
    fixture.run().await.unwrap();
    let reads = fixture.services.calls(Endpoint::Copies.reads()).len();
    // The service accepts the request to delete the copy, but does not delete the copy.
    fixture.services.inject(Endpoint::Copies.deletes(), Fault::Status(202), 1);
    let removal = fixture.work.compensate(&fixture.job);
    tokio::pin!(removal);
    tokio::select! {
        result = &mut removal => panic!("{result:?} while the copy exists"),
        () = fixture.services.wait_for_calls(Endpoint::Copies.reads(), reads + 2) => {}
    }
    assert_eq!(fixture.services.effects(Endpoint::Copies), 1);
    fixture.work.compensate(&fixture.job).await.unwrap();
    removal.await.unwrap();
    assert_eq!(fixture.services.effects(Endpoint::Copies), 0);
}

#[tokio::test]
async fn the_step_does_not_wait_for_a_copy_of_another_request() {
    let fixture = StepFixture::copy_service().await;
    fixture.services.insert_record(
        Endpoint::Copies,
        DATABASE,
        json!({ "state": "running", "requestId": "another" }),
    );
    assert_eq!(fixture.run().await.unwrap_err().kind, FailureKind::Permanent);
    assert_eq!(fixture.services.calls(Endpoint::Copies.writes()).len(), 0);
}

#[tokio::test]
async fn an_unknown_blueprint_is_a_permanent_failure_without_a_call() {
    let mut fixture = StepFixture::copy_service().await;
    fixture.job.blueprint = "forgotten".into();
    let failure = fixture.run().await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Permanent);
    assert_eq!(failure.message, "the blueprint forgotten is not configured on this worker");
    assert_eq!(fixture.counts(), Counts { existing: 0, created: 0, write_calls: 0 });
}
