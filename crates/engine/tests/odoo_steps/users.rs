//! The owner's record below the tenant's.

use connectors::TenantStep;
use domain::pipeline::Step;
use serde_json::json;

use crate::case::{Case, lasting, perform};

/// A case whose tenant is in the list, and whose admin user is known.
async fn listed_case(older: bool) -> Option<Case> {
    let mut case = Case::new().await?.with_older_list(older).await;
    let tenant = case.upsert_tenant();
    case.done(Step::UpsertTenant, &tenant).await;
    case.job.references.insert(Step::SetAdminUser, "2".into());
    Some(case)
}

async fn upserted_twice_there_is_one(older: bool) {
    let Some(mut case) = listed_case(older).await else { return };
    let step = case.upsert_user();
    assert_eq!(step.probe(&case.job).await.unwrap(), None);
    let reference = perform(&step, &case.job).await.unwrap();
    step.act(&case.job).await.unwrap();
    case.job.owner.name = "Olive Newname".into();
    assert_eq!(perform(&case.upsert_user(), &case.job).await.unwrap(), reference);

    let users = case.listed_users().await;
    assert_eq!(users.len(), 1);
    let expected = json!({
        "id": reference.parse::<i64>().unwrap(),
        "tenant_id": case.job.references[&Step::UpsertTenant].parse::<i64>().unwrap(),
        "email": case.job.owner.email,
        "name": "Olive Newname",
        "role": "owner",
        "odoo18_user_id": 2,
        "odoo18_login": case.job.owner.email,
    });
    for (field, value) in expected.as_object().unwrap() {
        assert_eq!(&users[0][field], value, "{field}");
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

#[tokio::test]
async fn of_two_workers_at_once_one_record_is_left_and_neither_fails() {
    let Some(case) = listed_case(false).await else { return };
    let (one, other) = (case.upsert_user(), case.upsert_user());
    let (one, other) = tokio::join!(one.act(&case.job), other.act(&case.job));
    one.unwrap();
    other.unwrap();
    assert_eq!(case.listed_users().await.len(), 1);
}

#[tokio::test]
async fn without_a_tenant_of_ours_there_is_no_user() {
    let Some(case) = Case::new().await else { return };
    let step = case.upsert_user();
    assert_eq!(step.probe(&case.job).await.unwrap(), None);
    lasting(step.act(&case.job).await);
    case.enter("Entered by hand").await;
    lasting(step.probe(&case.job).await);
    lasting(step.act(&case.job).await);
    assert!(case.listed_users().await.is_empty());
}

#[tokio::test]
async fn undone_nothing_of_ours_is_left_and_all_of_others() {
    let Some(case) = listed_case(false).await else { return };
    let step = case.upsert_user();
    perform(&step, &case.job).await.unwrap();
    let tenant = &case.job.references[&Step::UpsertTenant];
    let colleague = format!(
        "INSERT INTO vendor_ops_tenant_user (tenant_id, email) VALUES ({tenant}, 'carl@example.com')"
    );
    case.odoo.run(&case.list, &colleague).await;
    for _ in 0..2 {
        step.compensate(&case.job).await.unwrap();
        let left = case.listed_users().await;
        assert_eq!(left.len(), 1);
        assert_eq!(left[0]["email"], "carl@example.com");
    }
    // Once the tenant is undone too there is nothing to look below.
    case.upsert_tenant().compensate(&case.job).await.unwrap();
    step.compensate(&case.job).await.unwrap();
    assert!(case.listed().await.is_empty());
}
