//! The tenant's record in the list of tenants, by both of Odoo's interfaces.

use connectors::TenantStep;
use domain::pipeline::Step;
use serde_json::json;

use crate::case::{Case, lasting, perform};

/// A case for a server with JSON-2, or for one without.
async fn case(older: bool) -> Option<Case> {
    Some(Case::new().await?.with_older_list(older).await)
}

async fn upserted_twice_there_is_one(older: bool) {
    let Some(case) = case(older).await else { return };
    let step = case.upsert_tenant();
    assert_eq!(step.probe(&case.job).await.unwrap(), None);
    let reference = perform(&step, &case.job).await.unwrap();
    step.act(&case.job).await.unwrap();
    assert_eq!(perform(&case.upsert_tenant(), &case.job).await.unwrap(), reference);

    let listed = case.listed().await;
    assert_eq!(listed.len(), 1);
    let tenant = &case.job.tenant;
    let expected = json!({
        "id": reference.parse::<i64>().unwrap(),
        "code": tenant.code,
        "name": tenant.name,
        "subdomain": tenant.slug,
        "plan": "lite",
        "bridge_sync_status": "pending",
        "business_base_url": format!("https://shop.example.com/{}", tenant.slug),
        "notes": format!("Tenantry request {}", case.job.request_id),
    });
    for (field, value) in expected.as_object().unwrap() {
        assert_eq!(&listed[0][field], value, "{field}");
    }
}

#[tokio::test]
async fn upserted_twice_there_is_one_by_json2() {
    upserted_twice_there_is_one(false).await;
}

#[tokio::test]
async fn upserted_twice_there_is_one_by_json_rpc() {
    upserted_twice_there_is_one(true).await;
}

async fn changed_fields_are_written(older: bool) {
    let Some(mut case) = case(older).await else { return };
    let step = case.upsert_tenant();
    let reference = perform(&step, &case.job).await.unwrap();
    let notes = format!("Tenantry request {}\ncalled on Monday", case.job.request_id);
    let code = &case.job.tenant.code;
    let change =
        format!("UPDATE vendor_ops_tenant SET notes = '{notes}', subdomain = NULL WHERE code = '{code}'");
    case.odoo.run(&case.list, &change).await;
    case.job.tenant.plan = "pro".into();

    assert_eq!(perform(&step, &case.job).await.unwrap(), reference);
    let listed = case.listed().await;
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0]["plan"], "pro");
    assert_eq!(listed[0]["subdomain"], case.job.tenant.slug);
    assert_eq!(listed[0]["notes"], notes, "what people add to the notes stays");
}

#[tokio::test]
async fn changed_fields_are_written_by_json2() {
    changed_fields_are_written(false).await;
}

#[tokio::test]
async fn changed_fields_are_written_by_json_rpc() {
    changed_fields_are_written(true).await;
}

#[tokio::test]
async fn a_record_that_is_not_ours_is_never_touched() {
    for older in [false, true] {
        let Some(case) = case(older).await else { return };
        case.enter("Entered by hand").await;
        let before = case.listed().await;
        let step = case.upsert_tenant();
        let words = lasting(step.probe(&case.job).await);
        assert!(words.contains("is not ours"), "{words}");
        lasting(step.act(&case.job).await);
        step.compensate(&case.job).await.unwrap();
        assert_eq!(case.listed().await, before);
    }
}

#[tokio::test]
async fn of_two_workers_at_once_one_record_is_left_and_neither_fails() {
    for older in [false, true] {
        let Some(case) = case(older).await else { return };
        let (one, other) = (case.upsert_tenant(), case.upsert_tenant());
        let (one, other) = tokio::join!(one.act(&case.job), other.act(&case.job));
        one.unwrap();
        other.unwrap();
        assert_eq!(case.listed().await.len(), 1);
    }
}

#[tokio::test]
async fn where_odoo_allows_doubles_ours_are_removed_and_the_oldest_stays() {
    let Some(mut case) = Case::new().await else { return };
    case.list = format!("list-{}", case.job.request_id.simple());
    case.odoo.copy_template(&case.list).await;
    let constraint = "ALTER TABLE vendor_ops_tenant DROP CONSTRAINT vendor_ops_tenant_code_unique";
    case.odoo.run(&case.list, constraint).await;
    let notes = format!("Tenantry request {}", case.job.request_id);
    for _ in 0..3 {
        case.enter(&notes).await;
    }
    let oldest = case.listed().await[0]["id"].clone();

    let step = case.upsert_tenant();
    let reference = perform(&step, &case.job).await.unwrap();
    let listed = case.listed().await;
    assert_eq!(listed.len(), 1);
    assert_eq!(listed[0]["id"], oldest);
    assert_eq!(reference, oldest.to_string());

    // Undone beside somebody else's record of the same code, that one stays.
    case.enter("Entered by hand").await;
    lasting(step.probe(&case.job).await);
    step.compensate(&case.job).await.unwrap();
    let left = case.listed().await;
    assert_eq!(left.len(), 1);
    assert_eq!(left[0]["notes"], "Entered by hand");
}

#[tokio::test]
async fn undone_nothing_of_ours_is_left_and_all_of_others() {
    for older in [false, true] {
        let Some(case) = case(older).await else { return };
        let other = case.another().await;
        perform(&other.upsert_tenant(), &other.job).await.unwrap();
        let step = case.upsert_tenant();
        perform(&step, &case.job).await.unwrap();
        for _ in 0..2 {
            step.compensate(&case.job).await.unwrap();
            assert!(case.listed().await.is_empty());
        }
        assert_eq!(other.listed().await.len(), 1);
    }
}

#[tokio::test]
async fn a_wrong_key_will_stay_wrong_and_is_not_told() {
    const WRONG: &str = "ffffffffffffffffffffffffffffffffffffffff";
    for older in [false, true] {
        let Some(case) = case(older).await else { return };
        let words = lasting(case.upsert_tenant_with(WRONG).probe(&case.job).await);
        assert!(!words.contains(WRONG), "{words}");
    }
}

#[tokio::test]
async fn once_all_is_done_the_record_says_that_it_is_in_step() {
    for older in [false, true] {
        let Some(mut case) = case(older).await else { return };
        let (step, finalize) = (case.upsert_tenant(), case.finalize());
        // Without a record of the step there is none to change.
        perform(&finalize, &case.job).await.unwrap();
        case.enter("Entered by hand").await;
        perform(&finalize, &case.job).await.unwrap();
        assert_eq!(case.listed().await[0]["bridge_sync_status"], json!(null));

        case = case.another().await;
        case.done(Step::UpsertTenant, &step).await;
        for _ in 0..2 {
            assert_eq!(perform(&finalize, &case.job).await.unwrap(), case.job.tenant.code);
            assert_eq!(case.listed().await[0]["bridge_sync_status"], "ok");
        }
        // What has its own course afterwards does not make the step look undone.
        assert!(step.probe(&case.job).await.unwrap().is_some());

        step.compensate(&case.job).await.unwrap();
        let words = lasting(finalize.probe(&case.job).await);
        assert!(words.contains("no longer exists in Odoo"), "{words}");
    }
}
