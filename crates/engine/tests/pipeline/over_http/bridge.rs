//! What is particular to telling the bridge.

use connectors::{TenantStep, settings::BridgeSettings, steps::UpsertBridgeMetadata};
use domain::jobs::FailureKind;
use hyper::StatusCode;
use serde_json::json;

use super::{CODE, DATABASE, Trial, job};
use crate::counterpart::{Place, TOKEN};

#[tokio::test]
async fn the_bridge_is_told_everything_once() {
    let trial = Trial::of_bridge().await;
    assert_eq!(trial.perform().await.unwrap(), CODE);
    assert_eq!(trial.perform().await.unwrap(), CODE);

    let told = json!({
        "code": CODE,
        "slug": "golden-spoon",
        "name": "Golden Spoon",
        "plan": "starter",
        "owner": { "name": "Ann", "email": "ann@golden-spoon.example" },
        "database": DATABASE,
        "requestId": trial.job.request_id,
    });
    let calls = trial.outside.calls(Place::Bridge.make());
    let [call] = calls.as_slice() else { panic!("{calls:?}") };
    assert_eq!((call.method.as_str(), call.template), ("PUT", "/tenants/{code}"));
    assert_eq!((call.path.as_str(), call.status), ("/tenants/TEN-00000012", Some(StatusCode::CREATED)));
    assert_eq!(call.body, told);
    assert_eq!(trial.outside.record(Place::Bridge, CODE), Some(told));
}

#[tokio::test]
async fn ours_with_other_values_is_put_right() {
    let mut trial = Trial::of_bridge().await;
    trial.perform().await.unwrap();
    trial.job.owner.email = "bob@golden-spoon.example".into();
    assert_eq!(trial.work.probe(&trial.job).await.unwrap(), None);
    assert_eq!(trial.perform().await.unwrap(), CODE);
    assert_eq!(trial.counts(), (1, 1, 2));
    let record = trial.outside.record(Place::Bridge, CODE).unwrap();
    assert_eq!(record["owner"]["email"], "bob@golden-spoon.example");
}

#[tokio::test]
async fn what_the_bridge_adds_by_itself_is_no_difference() {
    let trial = Trial::of_bridge().await;
    trial.perform().await.unwrap();
    let mut record = trial.outside.record(Place::Bridge, CODE).unwrap();
    record["updatedAt"] = json!("2026-11-21T10:00:00Z");
    record["owner"]["id"] = json!(7);
    trial.outside.plant(Place::Bridge, CODE, record);
    assert_eq!(trial.perform().await.unwrap(), CODE);
    assert_eq!(trial.counts(), (1, 1, 1));
}

#[tokio::test]
async fn an_answer_that_is_no_record_is_not_taken_for_one() {
    let trial = Trial::of_bridge().await;
    for strange in [json!("down for maintenance"), json!(null), json!([])] {
        trial.outside.plant(Place::Bridge, CODE, strange);
        assert_eq!(trial.perform().await.unwrap_err().kind, FailureKind::Transient);
        assert_eq!(trial.work.compensate(&trial.job).await.unwrap_err().kind, FailureKind::Transient);
    }
    // Nobody's is not ours.
    trial.outside.plant(Place::Bridge, CODE, json!({ "code": CODE }));
    assert_eq!(trial.perform().await.unwrap_err().kind, FailureKind::Permanent);
}

#[tokio::test]
async fn settings_that_are_wrong_are_told_and_not_tried_again() {
    let trial = Trial::of_bridge().await;
    let outbound = trial.outside.outbound();
    let below = trial.outside.url().join("elsewhere/").unwrap();
    for (url, token, effect) in [
        (below, TOKEN, "does not accept tenants at the configured URL"),
        (trial.outside.url(), "another-token", "answered 401"),
    ] {
        let work = UpsertBridgeMetadata::new(outbound.clone(), BridgeSettings { url, token: token.into() });
        let failure = work.act(&job()).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Permanent);
        assert!(failure.message.ends_with(effect), "{failure}");
        assert!(!failure.message.contains(token) && !format!("{work:?}").contains(token));
    }
    assert_eq!(trial.outside.effects(Place::Bridge), 0);
    assert_eq!(trial.outside.calls(Place::Elsewhere).len(), 1);
}
