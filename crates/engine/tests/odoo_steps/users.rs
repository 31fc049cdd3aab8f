//! The step that creates or updates the owner's record in the tenant registry.

use connectors::TenantStep;
use domain::pipeline::Step;
use serde_json::json;
use test_support::run_step::run_step;

use crate::fixture::{OdooFixture, RegistryProtocol, assert_permanent, assert_values};

/// Returns a fixture whose tenant is in the registry and whose admin user is set. Returns `None` if no Odoo
/// is available; the test is then skipped.
async fn fixture_with_tenant(protocol: RegistryProtocol) -> Option<OdooFixture> {
    let mut fixture = OdooFixture::new().await?.with_registry_protocol(protocol).await;
    let tenant = fixture.upsert_tenant();
    fixture.finish_step(Step::UpsertTenant, &tenant).await;
    fixture.job.references.insert(Step::SetAdminUser, "2".into());
    Some(fixture)
}

#[tokio::test]
async fn repeated_upserts_create_one_record() {
    for protocol in RegistryProtocol::ALL {
        let Some(mut fixture) = fixture_with_tenant(protocol).await else { return };
        let step = fixture.upsert_user();
        assert_eq!(step.probe(&fixture.job).await.unwrap(), None);
        let reference = run_step(&step, &fixture.job).await.unwrap();
        step.act(&fixture.job).await.unwrap();
        fixture.job.owner.name = "Olive Newname".into();
        assert_eq!(run_step(&fixture.upsert_user(), &fixture.job).await.unwrap(), reference);

        let users = fixture.registry_users().await;
        assert_eq!(users.len(), 1);
        let expected = json!({
            "id": reference.parse::<i64>().unwrap(),
            "tenant_id": fixture.job.references[&Step::UpsertTenant].parse::<i64>().unwrap(),
            "email": fixture.job.owner.email,
            "name": "Olive Newname",
            "role": "admin",
            "odoo18_user_id": 2,
            "odoo18_login": fixture.job.owner.email_canonical,
        });
        assert_values(&users[0], &expected);
    }
}

#[tokio::test]
async fn two_concurrent_workers_create_one_record() {
    let Some(fixture) = fixture_with_tenant(RegistryProtocol::Json2).await else { return };
    let (one, other) = (fixture.upsert_user(), fixture.upsert_user());
    let (one, other) = tokio::join!(one.act(&fixture.job), other.act(&fixture.job));
    one.unwrap();
    other.unwrap();
    assert_eq!(fixture.registry_users().await.len(), 1);
}

#[tokio::test]
async fn a_missing_or_foreign_tenant_is_a_permanent_failure() {
    let Some(fixture) = OdooFixture::new().await else { return };
    let step = fixture.upsert_user();
    assert_eq!(step.probe(&fixture.job).await.unwrap(), None);
    assert_permanent(step.act(&fixture.job).await);
    fixture.insert_registry_tenant("Entered by hand").await;
    assert_permanent(step.probe(&fixture.job).await);
    assert_permanent(step.act(&fixture.job).await);
    assert!(fixture.registry_users().await.is_empty());
}

#[tokio::test]
async fn compensation_removes_only_the_requests_own_record() {
    let Some(fixture) = fixture_with_tenant(RegistryProtocol::Json2).await else { return };
    let step = fixture.upsert_user();
    run_step(&step, &fixture.job).await.unwrap();
    let tenant = &fixture.job.references[&Step::UpsertTenant];
    let colleague = format!(
        "INSERT INTO vendor_ops_tenant_user (tenant_id, email, active) VALUES ({tenant}, 'carl@example.com', true)"
    );
    fixture.odoo.run(&fixture.registry_database, &colleague).await;
    for _ in 0..2 {
        step.compensate(&fixture.job).await.unwrap();
        let remaining = fixture.registry_users().await;
        assert_eq!(remaining.len(), 1);
        assert_eq!(remaining[0]["email"], "carl@example.com");
    }
    // Compensation also succeeds after the tenant's record is gone.
    fixture.upsert_tenant().compensate(&fixture.job).await.unwrap();
    step.compensate(&fixture.job).await.unwrap();
    assert!(fixture.registry_tenants().await.is_empty());
}
