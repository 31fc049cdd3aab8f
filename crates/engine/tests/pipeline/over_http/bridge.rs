//! The step that updates the metadata bridge.

use connectors::{TenantStep, settings::BridgeSettings, steps::UpsertBridgeMetadata};
use domain::jobs::FailureKind;
use hyper::StatusCode;
use serde_json::json;

use super::{CODE, Counts, DATABASE, StepFixture, job};
use test_support::fake_services::{Endpoint, TOKEN};

#[tokio::test]
async fn the_bridge_gets_one_complete_record() {
    let fixture = StepFixture::bridge().await;
    assert_eq!(fixture.run().await.unwrap(), CODE);
    assert_eq!(fixture.run().await.unwrap(), CODE);

    let record = json!({
        "code": CODE,
        "slug": "golden-spoon",
        "name": "Golden Spoon",
        "plan": "starter",
        "owner": { "name": "Ann", "email": "Ann@Golden-Spoon.example" },
        "database": DATABASE,
        "requestId": fixture.job.request_id,
    });
    let calls = fixture.services.calls(Endpoint::Bridge.writes());
    let [call] = calls.as_slice() else { panic!("{calls:?}") };
    assert_eq!((call.method.as_str(), call.template), ("PUT", "/tenants/{code}"));
    assert_eq!((call.path.as_str(), call.status), ("/tenants/TEN-00000012", Some(StatusCode::CREATED)));
    assert_eq!(call.body, record);
    assert_eq!(fixture.services.record(Endpoint::Bridge, CODE), Some(record));
}

#[tokio::test]
async fn an_outdated_record_of_the_same_request_is_updated() {
    let mut fixture = StepFixture::bridge().await;
    fixture.run().await.unwrap();
    fixture.job.owner.email = "bob@golden-spoon.example".into();
    assert_eq!(fixture.work.probe(&fixture.job).await.unwrap(), None);
    assert_eq!(fixture.run().await.unwrap(), CODE);
    assert_eq!(fixture.counts(), Counts { existing: 1, created: 1, write_calls: 2 });
    let record = fixture.services.record(Endpoint::Bridge, CODE).unwrap();
    assert_eq!(record["owner"]["email"], "bob@golden-spoon.example");
}

#[tokio::test]
async fn fields_that_the_bridge_adds_are_ignored() {
    let fixture = StepFixture::bridge().await;
    fixture.run().await.unwrap();
    let mut record = fixture.services.record(Endpoint::Bridge, CODE).unwrap();
    record["updatedAt"] = json!("2026-11-21T10:00:00Z");
    record["owner"]["id"] = json!(7);
    fixture.services.insert_record(Endpoint::Bridge, CODE, record);
    assert_eq!(fixture.run().await.unwrap(), CODE);
    assert_eq!(fixture.counts(), Counts { existing: 1, created: 1, write_calls: 1 });
}

#[tokio::test]
async fn an_unexpected_response_is_a_transient_failure() {
    let fixture = StepFixture::bridge().await;
    for response in [json!("down for maintenance"), json!(null), json!([])] {
        fixture.services.insert_record(Endpoint::Bridge, CODE, response);
        assert_eq!(fixture.run().await.unwrap_err().kind, FailureKind::Transient);
        assert_eq!(fixture.work.compensate(&fixture.job).await.unwrap_err().kind, FailureKind::Transient);
    }
    // A record without a request is not ours.
    fixture.services.insert_record(Endpoint::Bridge, CODE, json!({ "code": CODE }));
    assert_eq!(fixture.run().await.unwrap_err().kind, FailureKind::Permanent);
}

#[tokio::test]
async fn wrong_settings_are_a_permanent_failure_that_hides_the_token() {
    let fixture = StepFixture::bridge().await;
    let outbound = fixture.services.outbound();
    let wrong_path = fixture.services.url().join("elsewhere/").unwrap();
    for (url, token, message) in [
        (wrong_path, TOKEN, "does not accept tenants at the configured URL"),
        (fixture.services.url(), "another-token", "responded with 401"),
    ] {
        let work = UpsertBridgeMetadata::new(outbound.clone(), BridgeSettings { url, token: token.into() });
        let failure = work.act(&job()).await.unwrap_err();
        assert_eq!(failure.kind, FailureKind::Permanent);
        assert!(failure.message.ends_with(message), "{failure}");
        assert!(!failure.message.contains(token) && !format!("{work:?}").contains(token));
    }
    assert_eq!(fixture.services.effects(Endpoint::Bridge), 0);
    assert_eq!(fixture.services.calls(Endpoint::Unknown).len(), 1);
}
