//! Changes of one tenant that run at the same time.

use domain::{
    ErrorCode,
    TenantStatus::{Active, Deleted, Suspended},
    lifecycle::TenantChanges,
    provisioning::Draft,
};
use engine::{
    Engine, Error,
    access::{Actor, accept_invitation, parse_email},
    tenants::{
        NewOwner, Precondition, delete_tenant, restore_tenant, resume_tenant, set_owner, suspend_tenant,
        update_tenant,
    },
};
use serde_json::json;
use test_support::{
    requests::{assert_error, draft, provision_request},
    test_database::ORIGIN,
};
use tokio::task::JoinSet;

use super::{SLUG, audited, new_tenant, new_tenant_without_owner, status};

const CALLS: usize = 8;

/// Runs `call` several times at once on different threads, and returns how many succeeded. The others must be
/// refused with `code`.
async fn count_successes<T: Send + std::fmt::Debug + 'static, F>(
    engine: &Engine,
    by: &Actor,
    code: ErrorCode,
    call: fn(Engine, Actor, usize) -> F,
) -> usize
where
    F: Future<Output = Result<T, Error>> + Send + 'static,
{
    let mut calls = JoinSet::new();
    for number in 0..CALLS {
        calls.spawn(call(engine.clone(), by.clone(), number));
    }
    let results = calls.join_all().await;
    let successes = results.iter().filter(|result| result.is_ok()).count();
    for refused in results.into_iter().filter(Result::is_err) {
        assert_error(refused, code);
    }
    successes
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_equal_changes_at_once_one_succeeds() {
    let (db, admin, _) = new_tenant().await;
    let code = ErrorCode::InvalidTransition;
    let suspended = count_successes(&db.engine, &admin, code, |engine, by, number| async move {
        suspend_tenant(&engine, &by, SLUG, &format!("reason {number}")).await
    });
    assert_eq!(suspended.await, 1);
    let resumed = count_successes(&db.engine, &admin, code, |engine, by, _| async move {
        resume_tenant(&engine, &by, SLUG).await
    });
    assert_eq!(resumed.await, 1);
    let deleted = count_successes(&db.engine, &admin, code, |engine, by, _| async move {
        delete_tenant(&engine, &by, SLUG, SLUG).await
    });
    assert_eq!(deleted.await, 1);
    let restored = count_successes(&db.engine, &admin, code, |engine, by, _| async move {
        restore_tenant(&engine, &by, SLUG).await
    });
    assert_eq!((restored.await, status(&db).await), (1, Active));
    assert_eq!(audited(&db).await.len(), 4);
    db.assert_invariants().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_suspension_and_a_deletion_at_once_run_one_after_the_other() {
    let (db, admin, _) = new_tenant().await;
    for _ in 0..10 {
        let (suspended, deleted) = tokio::join!(
            suspend_tenant(&db.engine, &admin, SLUG, "unpaid"),
            delete_tenant(&db.engine, &admin, SLUG, SLUG)
        );
        let deleted = deleted.unwrap();
        assert_eq!(deleted.status, Deleted);
        let expected = if suspended.is_ok() { Suspended } else { Active };
        assert_eq!(deleted.status_before_deletion, Some(expected));
        restore_tenant(&db.engine, &admin, SLUG).await.unwrap();
        if expected == Suspended {
            resume_tenant(&db.engine, &admin, SLUG).await.unwrap();
        }
    }
    db.assert_invariants().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_owners_named_at_once_one_is_the_owner_and_the_others_leave_nothing() {
    let (db, admin, _) = new_tenant_without_owner().await;
    let named =
        count_successes(&db.engine, &admin, ErrorCode::EmailUnavailable, |engine, by, _| async move {
            let owner = NewOwner {
                name: "Olive Owner".into(),
                email: parse_email("olive@example.com").unwrap(),
                use_existing_account: false,
            };
            set_owner(&engine, &by, SLUG, &owner, ORIGIN).await
        });
    // The first call names the owner. For the others, the tenant already has this owner.
    assert_eq!((named.await, status(&db).await), (CALLS, Active));
    assert_eq!(audited(&db).await.len(), 1);
    for table in ["users", "memberships", "one_time_tokens"] {
        assert_eq!(db.number(&format!("SELECT count(*) FROM {table}")).await, 1, "{table}");
    }
    db.assert_invariants().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_changes_of_the_same_version_one_succeeds() {
    let (db, admin, _) = new_tenant().await;
    let code = ErrorCode::PreconditionFailed;
    let updated = count_successes(&db.engine, &admin, code, |engine, by, number| async move {
        let changes = TenantChanges::from_json(&json!({ "name": format!("Name {number}") })).unwrap();
        update_tenant(&engine, &by, SLUG, &Precondition::OneOf(vec!["\"1\"".to_owned()]), &changes).await
    });
    assert_eq!(updated.await, 1);
    assert_eq!(db.number("SELECT version::bigint FROM tenants").await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slug_that_becomes_a_former_one_is_not_given_to_a_new_tenant_at_the_same_time() {
    let (db, admin, _) = new_tenant().await;
    let by = db.admin().await;
    for round in 0..10 {
        let slug = db.text("SELECT slug FROM tenants WHERE code = 'TEN-00000001'").await;
        let changes = TenantChanges::from_json(&json!({ "slug": format!("spoon-{round}") })).unwrap();
        let other = Draft { owner_email: format!("other{round}@example.com"), ..draft(&slug) };
        let request = provision_request(other);
        let (renamed, provisioned) = tokio::join!(
            update_tenant(&db.engine, &admin, "TEN-00000001", &Precondition::Any, &changes),
            db.provision(&by, &request)
        );
        renamed.unwrap();
        assert_error(provisioned, ErrorCode::DuplicateSlug);
    }
    assert_eq!(db.number("SELECT count(*) FROM tenants").await, 1);
    db.assert_invariants().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_is_accepted_before_a_suspension_or_not() {
    let (db, admin, created) = new_tenant().await;
    let link = created.owner.unwrap().invitation_url.unwrap();
    let token = link.rsplit('/').next().unwrap();
    // A suspension that has not committed yet.
    let mut suspending = db.pool.begin().await.unwrap();
    sqlx::raw_sql("UPDATE tenants SET status = 'suspended', suspension_reason = 'unpaid'")
        .execute(&mut *suspending)
        .await
        .unwrap();
    let password = domain::password::Password::parse("violet kettle harbour nine", &[]).unwrap();
    let (engine, token) = (db.engine.clone(), token.to_owned());
    let accepting = tokio::spawn(async move { accept_invitation(&engine, &token, &password, ORIGIN).await });
    db.wait_until(
        "EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')",
    )
    .await;
    suspending.commit().await.unwrap();
    assert_error(accepting.await.unwrap(), ErrorCode::TenantSuspended);
    resume_tenant(&db.engine, &admin, SLUG).await.unwrap();
}
