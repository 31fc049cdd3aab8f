//! What is particular to copies by a service.

use std::time::Duration;

use domain::jobs::FailureKind;
use hyper::StatusCode;
use serde_json::json;

use super::{DATABASE, Trial, eventually};
use crate::counterpart::{Fault, Place};

#[tokio::test]
async fn a_copy_that_takes_its_time_is_waited_for() {
    let trial = Trial::of_copy_service().await;
    trial.outside.copies_take(Duration::from_millis(300));
    assert_eq!(trial.perform().await.unwrap(), DATABASE);

    let calls = trial.outside.calls(Place::Copies.make());
    let [call] = calls.as_slice() else { panic!("{calls:?}") };
    assert_eq!((call.template, call.status), ("/copies/{database}", Some(StatusCode::ACCEPTED)));
    assert_eq!(call.body, json!({ "template": "template_18", "requestId": trial.job.request_id }));
    assert_eq!(trial.counts(), (1, 1, 1));
    assert_eq!(trial.work.timeout(), Duration::from_secs(600));
}

#[tokio::test]
async fn a_copy_that_runs_already_is_waited_for_and_not_begun_again() {
    let trial = Trial::of_copy_service().await;
    trial.outside.copies_take(Duration::from_millis(600));
    tokio::select! {
        result = trial.perform() => panic!("{result:?}"),
        () = trial.outside.called(Place::Copies.make(), 1) => {}
    }
    eventually("it runs", || trial.outside.effects(Place::Copies) == 1).await;
    assert_eq!(trial.work.probe(&trial.job).await.unwrap(), None);
    assert_eq!(trial.perform().await.unwrap(), DATABASE);
    assert_eq!(trial.counts(), (1, 1, 1));
}

#[tokio::test]
async fn a_fault_while_waiting_is_a_failure_of_its_kind_and_the_copy_goes_on() {
    let trial = Trial::of_copy_service().await;
    trial.outside.plant(
        Place::Copies,
        DATABASE,
        json!({ "state": "running", "requestId": trial.job.request_id }),
    );
    let failure = tokio::join!(trial.work.act(&trial.job), async {
        trial.outside.called(Place::Copies.look(), 1).await;
        trial.outside.order(Place::Copies.look(), Fault::Status(500), 1);
    });
    assert_eq!(failure.0.unwrap_err().kind, FailureKind::Transient);
    trial.outside.plant(
        Place::Copies,
        DATABASE,
        json!({ "state": "ready", "requestId": trial.job.request_id }),
    );
    assert_eq!(trial.perform().await.unwrap(), DATABASE);
    assert_eq!(trial.outside.calls(Place::Copies.make()).len(), 0);
}

#[tokio::test]
async fn a_copy_that_the_service_gave_up_is_begun_again() {
    let trial = Trial::of_copy_service().await;
    trial.outside.plant(
        Place::Copies,
        DATABASE,
        json!({ "state": "failed", "requestId": trial.job.request_id }),
    );
    assert_eq!(trial.perform().await.unwrap(), DATABASE);
    assert_eq!(trial.counts(), (1, 1, 1));
}

#[tokio::test]
async fn a_copy_that_fails_or_goes_while_waited_for_may_be_tried_again() {
    for then in ["failed", "gone"] {
        let trial = Trial::of_copy_service().await;
        let request = trial.job.request_id;
        trial.outside.plant(Place::Copies, DATABASE, json!({ "state": "running", "requestId": request }));
        let (failure, ()) = tokio::join!(trial.work.act(&trial.job), async {
            trial.outside.called(Place::Copies.look(), 1).await;
            match then {
                "failed" => {
                    trial.outside.plant(
                        Place::Copies,
                        DATABASE,
                        json!({ "state": then, "requestId": request }),
                    );
                }
                _ => trial.work.compensate(&trial.job).await.unwrap(),
            }
        });
        assert_eq!(failure.unwrap_err().kind, FailureKind::Transient, "{then}");
        assert_eq!(trial.perform().await.unwrap(), DATABASE);
        assert_eq!(trial.counts(), (1, 1, 1));
    }
}

#[tokio::test]
async fn a_copy_counts_as_removed_once_it_is_gone() {
    let trial = Trial::of_copy_service().await;
    trial.perform().await.unwrap();
    let looked = trial.outside.calls(Place::Copies.look()).len();
    // The service takes the order and has not done it yet.
    trial.outside.order(Place::Copies.undo(), Fault::Status(202), 1);
    let removal = trial.work.compensate(&trial.job);
    tokio::pin!(removal);
    tokio::select! {
        result = &mut removal => panic!("{result:?} while the copy is there"),
        () = trial.outside.called(Place::Copies.look(), looked + 2) => {}
    }
    assert_eq!(trial.outside.effects(Place::Copies), 1);
    trial.work.compensate(&trial.job).await.unwrap();
    removal.await.unwrap();
    assert_eq!(trial.outside.effects(Place::Copies), 0);
}

#[tokio::test]
async fn another_ones_that_runs_is_not_waited_for() {
    let trial = Trial::of_copy_service().await;
    trial.outside.plant(Place::Copies, DATABASE, json!({ "state": "running", "requestId": "another" }));
    assert_eq!(trial.perform().await.unwrap_err().kind, FailureKind::Permanent);
    assert_eq!(trial.outside.calls(Place::Copies.make()).len(), 0);
}

#[tokio::test]
async fn without_a_template_nothing_is_ordered() {
    let mut trial = Trial::of_copy_service().await;
    trial.job.blueprint = "forgotten".into();
    let failure = trial.perform().await.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Permanent);
    assert_eq!(failure.message, "the blueprint forgotten is not configured here");
    assert_eq!(trial.counts(), (0, 0, 0));
}
