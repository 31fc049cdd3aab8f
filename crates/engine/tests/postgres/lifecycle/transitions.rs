use domain::TenantStatus::{self, *};
use test_support::test_database::TestDatabase;

use super::{SLUG, new_tenant, new_tenant_without_owner};

/// Sets the status of the only tenant, without the guard.
async fn force_status(db: &TestDatabase, status: TenantStatus, before_deletion: Option<TenantStatus>) {
    let (deleted_at, before) = match before_deletion {
        Some(before) => ("now()", format!("'{before}'")),
        None => ("NULL", "NULL".to_owned()),
    };
    db.run(&format!(
        "ALTER TABLE tenants DISABLE TRIGGER tenants_guard_status;
         UPDATE tenants SET status = '{status}', deleted_at = {deleted_at}, status_before_deletion = {before},
             suspended_at = now(), suspension_reason = 'a test', purged_at = NULL;
         ALTER TABLE tenants ENABLE TRIGGER tenants_guard_status"
    ))
    .await;
}

/// Whether a plain UPDATE changes the status. Asserts that a refusal is that of the guard.
async fn can_become(db: &TestDatabase, status: TenantStatus) -> bool {
    let changed =
        db.try_run(&format!("UPDATE tenants SET status = '{status}', suspension_reason = 'a test'")).await;
    match changed {
        Ok(()) => true,
        Err(error) => {
            let error = error.as_database_error().unwrap();
            assert_eq!(
                (error.code().as_deref(), error.constraint()),
                (Some("TN409"), Some("tenants_status_change"))
            );
            false
        }
    }
}

#[tokio::test]
async fn the_database_refuses_every_change_of_the_status_that_is_not_listed() {
    let (db, _, _) = new_tenant().await;
    for &from in TenantStatus::ALL {
        for &to in TenantStatus::ALL {
            // A deleted tenant gets back the status that it had before.
            let former_statuses: &[_] = match from {
                Deleted => &[Some(PendingActivation), Some(SetupIncomplete), Some(Active), Some(Suspended)],
                _ => &[None],
            };
            for &before in former_statuses {
                force_status(&db, from, before).await;
                let expected = match before {
                    Some(before) => to == before,
                    None => from.may_become(to),
                };
                let is_change = from != to;
                assert_eq!(can_become(&db, to).await, expected || !is_change, "{from} ({before:?}) to {to}");
            }
        }
    }
}

#[tokio::test]
async fn a_tenant_can_be_restored_for_30_days_and_a_tombstone_never() {
    let (db, _, _) = new_tenant().await;
    force_status(&db, Deleted, Some(Active)).await;
    db.run("UPDATE tenants SET deleted_at = now() - interval '30 days'").await;
    assert!(!can_become(&db, Active).await);
    db.run("UPDATE tenants SET deleted_at = now() - interval '29 days', purged_at = now(), owner_id = NULL")
        .await;
    assert!(!can_become(&db, Active).await);
}

#[tokio::test]
async fn a_change_of_the_status_keeps_the_columns_that_belong_to_it() {
    let (db, _, _) = new_tenant().await;
    let columns = "SELECT concat_ws(' ', status, suspended_at IS NOT NULL, coalesce(suspension_reason, '-'),
        deleted_at IS NOT NULL, coalesce(status_before_deletion, '-')) FROM tenants";
    for (change, expected) in [
        ("status = 'suspended', suspension_reason = 'unpaid'", "suspended t unpaid f -"),
        ("status = 'deleted'", "deleted t unpaid t suspended"),
        ("status = 'suspended'", "suspended t unpaid f -"),
        ("status = 'active'", "active f - f -"),
    ] {
        db.run(&format!("UPDATE tenants SET {change}")).await;
        assert_eq!(db.text(columns).await, expected);
    }
    let without_reason = db.try_run("UPDATE tenants SET status = 'suspended'").await.unwrap_err();
    assert_eq!(without_reason.as_database_error().unwrap().constraint(), Some("tenants_suspension_check"));
}

#[tokio::test]
async fn every_update_of_a_tenant_increases_its_version() {
    let (db, _, _) = new_tenant().await;
    assert_eq!(db.number("SELECT version::bigint FROM tenants").await, 1);
    db.run("UPDATE tenants SET name = 'Silver Spoon'").await;
    db.run("UPDATE tenants SET version = 1, plan = 'lite'").await;
    assert_eq!(db.number("SELECT version::bigint FROM tenants").await, 3);
}

#[tokio::test]
async fn a_deleted_tenant_may_be_without_an_owner_and_an_active_one_may_not() {
    let (db, _, _) = new_tenant_without_owner().await;
    db.run("UPDATE tenants SET status = 'deleted'").await;
    db.run("UPDATE tenants SET status = 'pending_activation'").await;
    let error = db.try_run("UPDATE tenants SET status = 'active'").await.unwrap_err();
    assert_eq!(error.as_database_error().unwrap().constraint(), Some("tenants_owner_check"));
    assert_eq!(db.text("SELECT slug FROM tenants").await, SLUG);
}
