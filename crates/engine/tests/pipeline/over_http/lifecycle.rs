//! The steps of lifecycle jobs and of a purge that call external systems over HTTP.

use connectors::{
    TenantJob, TenantStep,
    steps::{
        ArchiveTenantUsers, SetBridgeStatus, SetSyncStatus, UpsertBridgeMetadata, UpsertTenant,
        UpsertTenantUser,
    },
};
use domain::{TenantStatus, jobs::FailureKind, pipeline::Step};
use serde_json::json;
use test_support::{
    fake_services::{Endpoint, FakeServices, Fault},
    run_step::run_step,
};

use super::{CODE, job};

/// A tenant whose steps 4 to 6 have succeeded.
async fn provisioned(services: &FakeServices) -> TenantJob {
    let mut job = job();
    let odoo = services.odoo19_settings();
    let steps: [(Step, Box<dyn TenantStep>); 3] = [
        (Step::UpsertTenant, Box::new(UpsertTenant::new(services.outbound(), odoo.clone()))),
        (Step::UpsertTenantUser, Box::new(UpsertTenantUser::new(services.outbound(), odoo))),
        (
            Step::UpsertBridgeMetadata,
            Box::new(UpsertBridgeMetadata::new(services.outbound(), services.bridge_settings())),
        ),
    ];
    for (step, work) in steps {
        let reference = run_step(work.as_ref(), &job).await.unwrap();
        job.references.insert(step, reference);
    }
    job
}

fn with_status(job: &TenantJob, status: TenantStatus) -> TenantJob {
    let mut job = job.clone();
    job.tenant.status = Some(status);
    job
}

fn bridge(services: &FakeServices) -> SetBridgeStatus {
    SetBridgeStatus::new(services.outbound(), services.bridge_settings())
}

fn sync_status(services: &FakeServices) -> SetSyncStatus {
    SetSyncStatus::new(services.outbound(), services.odoo19_settings())
}

#[tokio::test]
async fn the_bridge_gets_the_status_beside_the_metadata_once() {
    let services = FakeServices::start().await;
    let job = with_status(&provisioned(&services).await, TenantStatus::Suspended);
    let before = services.record(Endpoint::Bridge, CODE).unwrap();
    services.inject(Endpoint::Bridge.writes(), Fault::LoseResponse, 1);
    assert_eq!(bridge(&services).act(&job).await.unwrap_err().kind, FailureKind::Transient);
    assert_eq!(run_step(&bridge(&services), &job).await.unwrap(), CODE);
    let mut expected = before;
    expected["status"] = json!("suspended");
    assert_eq!(services.record(Endpoint::Bridge, CODE), Some(expected));
    // One write to create the record, and one to change it.
    assert_eq!(services.calls(Endpoint::Bridge.writes()).len(), 2);
}

#[tokio::test]
async fn a_suspended_or_deleted_tenant_is_pending_in_odoo_and_an_active_one_is_ok() {
    let services = FakeServices::start().await;
    let job = provisioned(&services).await;
    for (status, expected) in [
        (TenantStatus::Suspended, "pending"),
        (TenantStatus::Active, "ok"),
        (TenantStatus::Deleted, "pending"),
        (TenantStatus::PendingActivation, "pending"),
    ] {
        run_step(&sync_status(&services), &with_status(&job, status)).await.unwrap();
        assert_eq!(
            services.record(Endpoint::Tenants, CODE).unwrap()["bridge_sync_status"],
            expected,
            "{status}"
        );
    }
}

#[tokio::test]
async fn an_effect_that_was_never_created_needs_no_change() {
    let services = FakeServices::start().await;
    let job = with_status(&job(), TenantStatus::Suspended);
    assert!(bridge(&services).probe(&job).await.unwrap().is_some());
    assert!(sync_status(&services).probe(&job).await.unwrap().is_some());
    assert_eq!(services.calls(Endpoint::Bridge.writes()).len(), 0);
    // A record of another request is not ours, and is not changed.
    services.insert_record(
        Endpoint::Bridge,
        CODE,
        json!({ "code": CODE, "requestId": uuid::Uuid::now_v7() }),
    );
    assert!(bridge(&services).probe(&job).await.unwrap().is_some());
}

#[tokio::test]
async fn an_effect_that_is_gone_or_foreign_is_a_permanent_failure() {
    let services = FakeServices::start().await;
    let job = with_status(&provisioned(&services).await, TenantStatus::Suspended);
    let foreign = json!({ "code": CODE, "requestId": uuid::Uuid::now_v7() });
    services.insert_record(Endpoint::Bridge, CODE, foreign);
    assert_eq!(run_step(&bridge(&services), &job).await.unwrap_err().kind, FailureKind::Permanent);
    UpsertTenant::new(services.outbound(), services.odoo19_settings()).compensate(&job).await.unwrap();
    assert_eq!(run_step(&sync_status(&services), &job).await.unwrap_err().kind, FailureKind::Permanent);
}

#[tokio::test]
async fn a_status_that_the_server_did_not_send_is_a_transient_failure() {
    let services = FakeServices::start().await;
    let job = provisioned(&services).await;
    assert_eq!(bridge(&services).probe(&job).await.unwrap_err().kind, FailureKind::Transient);
    assert_eq!(sync_status(&services).probe(&job).await.unwrap_err().kind, FailureKind::Transient);
}

#[tokio::test]
async fn every_user_of_the_tenant_is_archived_also_a_former_owner() {
    for json2 in [true, false] {
        let services = FakeServices::start().await;
        services.enable_json2(json2);
        let mut job = provisioned(&services).await;
        job.owner.email = "bob@golden-spoon.example".into();
        let upsert = UpsertTenantUser::new(services.outbound(), services.odoo19_settings());
        run_step(&upsert, &job).await.unwrap();
        let archive = ArchiveTenantUsers::new(services.outbound(), services.odoo19_settings());
        for _ in 0..2 {
            run_step(&archive, &job).await.unwrap();
        }
        for id in [1, 2] {
            let address = format!("user-{id}@ten-00000012.invalid");
            let user = services.record(Endpoint::TenantUsers, &address).unwrap();
            assert_eq!((&user["active"], &user["name"]), (&json!(false), &json!(format!("User {id}"))));
        }
        assert_eq!(services.effects(Endpoint::TenantUsers), 2);
    }
}
