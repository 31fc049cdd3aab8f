//! The step that creates or updates the tenant's record in the tenant registry, over JSON-2 and over
//! JSON-RPC.

use connectors::TenantStep;
use domain::pipeline::Step;
use serde_json::json;
use test_support::run_step::run_step;

use crate::fixture::{OdooFixture, RegistryProtocol, assert_permanent, assert_values};

/// Returns a fixture whose tenant registry uses this protocol. Returns `None` if no Odoo is available; the
/// test is then skipped.
async fn fixture_for(protocol: RegistryProtocol) -> Option<OdooFixture> {
    Some(OdooFixture::new().await?.with_registry_protocol(protocol).await)
}

#[tokio::test]
async fn repeated_upserts_create_one_record() {
    for protocol in RegistryProtocol::ALL {
        let Some(fixture) = fixture_for(protocol).await else { return };
        let step = fixture.upsert_tenant();
        assert_eq!(step.probe(&fixture.job).await.unwrap(), None);
        let reference = run_step(&step, &fixture.job).await.unwrap();
        step.act(&fixture.job).await.unwrap();
        assert_eq!(run_step(&fixture.upsert_tenant(), &fixture.job).await.unwrap(), reference);

        let tenants = fixture.registry_tenants().await;
        assert_eq!(tenants.len(), 1);
        let tenant = &fixture.job.tenant;
        let expected = json!({
            "id": reference.parse::<i64>().unwrap(),
            "code": tenant.code,
            "name": tenant.name,
            "subdomain": tenant.slug,
            "plan": "starter",
            "bridge_sync_status": "pending",
            "business_base_url": format!("https://shop.example.com/{}", tenant.slug),
            "notes": format!("Tenantry request {}\nOwner: {}", fixture.job.request_id, fixture.job.owner.email),
        });
        assert_values(&tenants[0], &expected);
    }
}

#[tokio::test]
async fn changed_fields_are_updated() {
    for protocol in RegistryProtocol::ALL {
        let Some(mut fixture) = fixture_for(protocol).await else { return };
        let step = fixture.upsert_tenant();
        let reference = run_step(&step, &fixture.job).await.unwrap();
        let notes = format!("Tenantry request {}\ncalled on Monday", fixture.job.request_id);
        let code = &fixture.job.tenant.code;
        let change =
            format!("UPDATE vendor_ops_tenant SET notes = '{notes}', subdomain = NULL WHERE code = '{code}'");
        fixture.odoo.run(&fixture.registry_database, &change).await;
        fixture.job.tenant.plan = "pro".into();

        assert_eq!(run_step(&step, &fixture.job).await.unwrap(), reference);
        let tenants = fixture.registry_tenants().await;
        assert_eq!(tenants.len(), 1);
        assert_eq!(tenants[0]["plan"], "growth");
        assert_eq!(tenants[0]["subdomain"], fixture.job.tenant.slug);
        assert_eq!(tenants[0]["notes"], notes, "people may add text to the notes");
    }
}

#[tokio::test]
async fn a_record_of_another_request_is_never_changed() {
    for protocol in RegistryProtocol::ALL {
        let Some(fixture) = fixture_for(protocol).await else { return };
        fixture.insert_registry_tenant("Entered by hand").await;
        let before = fixture.registry_tenants().await;
        let step = fixture.upsert_tenant();
        let message = assert_permanent(step.probe(&fixture.job).await);
        assert!(message.contains("belongs to another request"), "{message}");
        assert_permanent(step.act(&fixture.job).await);
        step.compensate(&fixture.job).await.unwrap();
        assert_eq!(fixture.registry_tenants().await, before);
    }
}

#[tokio::test]
async fn two_concurrent_workers_create_one_record() {
    for protocol in RegistryProtocol::ALL {
        let Some(fixture) = fixture_for(protocol).await else { return };
        let (one, other) = (fixture.upsert_tenant(), fixture.upsert_tenant());
        let (one, other) = tokio::join!(one.act(&fixture.job), other.act(&fixture.job));
        one.unwrap();
        other.unwrap();
        assert_eq!(fixture.registry_tenants().await.len(), 1);
    }
}

#[tokio::test]
async fn duplicate_records_of_the_request_are_removed_except_the_oldest() {
    let Some(mut fixture) = OdooFixture::new().await else { return };
    fixture.registry_database = format!("registry-{}", fixture.job.request_id.simple());
    fixture.odoo.copy_template(&fixture.registry_database).await;
    let constraint = "ALTER TABLE vendor_ops_tenant DROP CONSTRAINT vendor_ops_tenant_code_unique";
    fixture.odoo.run(&fixture.registry_database, constraint).await;
    let notes = format!("Tenantry request {}", fixture.job.request_id);
    for _ in 0..3 {
        fixture.insert_registry_tenant(&notes).await;
    }
    let oldest = fixture.registry_tenants().await[0]["id"].clone();

    let step = fixture.upsert_tenant();
    let reference = run_step(&step, &fixture.job).await.unwrap();
    let tenants = fixture.registry_tenants().await;
    assert_eq!(tenants.len(), 1);
    assert_eq!(tenants[0]["id"], oldest);
    assert_eq!(reference, oldest.to_string());

    // Compensation keeps a record with the same code that is not ours.
    fixture.insert_registry_tenant("Entered by hand").await;
    assert_permanent(step.probe(&fixture.job).await);
    step.compensate(&fixture.job).await.unwrap();
    let remaining = fixture.registry_tenants().await;
    assert_eq!(remaining.len(), 1);
    assert_eq!(remaining[0]["notes"], "Entered by hand");
}

#[tokio::test]
async fn compensation_removes_only_the_requests_own_record() {
    for protocol in RegistryProtocol::ALL {
        let Some(fixture) = fixture_for(protocol).await else { return };
        let other = fixture.another().await;
        run_step(&other.upsert_tenant(), &other.job).await.unwrap();
        let step = fixture.upsert_tenant();
        run_step(&step, &fixture.job).await.unwrap();
        for _ in 0..2 {
            step.compensate(&fixture.job).await.unwrap();
            assert!(fixture.registry_tenants().await.is_empty());
        }
        assert_eq!(other.registry_tenants().await.len(), 1);
    }
}

#[tokio::test]
async fn a_wrong_key_is_a_permanent_failure_that_hides_the_key() {
    const WRONG: &str = "ffffffffffffffffffffffffffffffffffffffff";
    for protocol in RegistryProtocol::ALL {
        let Some(fixture) = fixture_for(protocol).await else { return };
        let message = assert_permanent(fixture.upsert_tenant_with(WRONG).probe(&fixture.job).await);
        assert!(!message.contains(WRONG), "{message}");
    }
}

#[tokio::test]
async fn the_last_step_sets_the_sync_status() {
    for protocol in RegistryProtocol::ALL {
        let Some(mut fixture) = fixture_for(protocol).await else { return };
        let (step, finalize) = (fixture.upsert_tenant(), fixture.finalize());
        // If the job has not created a record, the step updates no record.
        run_step(&finalize, &fixture.job).await.unwrap();
        fixture.insert_registry_tenant("Entered by hand").await;
        run_step(&finalize, &fixture.job).await.unwrap();
        assert_eq!(fixture.registry_tenants().await[0]["bridge_sync_status"], json!(null));

        fixture = fixture.another().await;
        fixture.finish_step(Step::UpsertTenant, &step).await;
        for _ in 0..2 {
            assert_eq!(run_step(&finalize, &fixture.job).await.unwrap(), fixture.job.tenant.code);
            assert_eq!(fixture.registry_tenants().await[0]["bridge_sync_status"], "ok");
        }
        // A status that changes later does not make the step repeat its work.
        assert!(step.probe(&fixture.job).await.unwrap().is_some());

        step.compensate(&fixture.job).await.unwrap();
        let message = assert_permanent(finalize.probe(&fixture.job).await);
        assert!(message.contains("no longer exists in Odoo"), "{message}");
    }
}
