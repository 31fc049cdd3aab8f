//! Changes of an owner's account that run at the same time as other transactions.

use domain::{ErrorCode, error::EmailReason, password::Password, provisioning::Draft};
use engine::{
    access::{accept_invitation, parse_email},
    tenants::{NewOwner, TenantCaller, change_owner_account, set_owner},
};
use test_support::{
    requests::{assert_created, assert_error, draft, provision_request},
    test_database::{ORIGIN, TestDatabase},
};
use tokio::task::JoinSet;

use super::{
    SLUG, audited, new_tenant,
    owner_account::{OTHER_SLUG, add_second_tenant, address, token},
    provision_slug_without_owner,
};

/// Waits until a call waits for a lock.
async fn wait_for_lock(db: &TestDatabase) {
    db.wait_until(
        "EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')",
    )
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_taken_after_the_check_is_refused_with_the_reason() {
    let (db, admin, _) = new_tenant().await;
    let mut other = db.pool.begin().await.unwrap();
    sqlx::raw_sql(
        "INSERT INTO users (id, email, email_canonical, name)
         VALUES (gen_random_uuid(), 'nova@example.com', 'nova@example.com', 'Nova')",
    )
    .execute(&mut *other)
    .await
    .unwrap();
    let engine = db.engine.clone();
    let call = tokio::spawn(async move {
        change_owner_account(&engine, &admin, SLUG, &address("nova@example.com"), ORIGIN).await
    });
    wait_for_lock(&db).await;
    other.commit().await.unwrap();
    let problem = assert_error(call.await.unwrap(), ErrorCode::EmailUnavailable);
    assert_eq!(problem.email_reason, Some(EmailReason::HasAccount));
    assert_eq!(problem.subject.as_deref(), Some("nova@example.com"));
    assert_eq!(audited(&db).await.len(), 0);
    db.assert_invariants().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_owners_who_get_the_same_address_at_once_one_has_it() {
    let (db, admin, _) = new_tenant().await;
    assert_created(db.provision(&db.admin().await, &provision_request(draft(OTHER_SLUG))).await);
    for round in 0..10 {
        let changes = address(&format!("nova{round}@example.com"));
        let provisioned = Draft {
            owner_email: format!("nova{round}@example.com"),
            ..draft(&format!("copper-spoon-{round}"))
        };
        let request = provision_request(provisioned);
        let by = db.admin().await;
        let (one, two, three) = tokio::join!(
            change_owner_account(&db.engine, &admin, SLUG, &changes, ORIGIN),
            change_owner_account(&db.engine, &admin, OTHER_SLUG, &changes, ORIGIN),
            db.provision(&by, &request)
        );
        let results = [one.map(drop), two.map(drop), three.map(drop)];
        assert_eq!(results.iter().filter(|result| result.is_ok()).count(), 1, "{results:?}");
        for refused in results.into_iter().filter(Result::is_err) {
            let problem = assert_error(refused, ErrorCode::EmailUnavailable);
            assert_eq!(problem.email_reason, Some(EmailReason::OwnsTenant));
        }
    }
    db.assert_invariants().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn changes_through_different_tenants_of_one_account_do_not_block_each_other() {
    let (db, admin, _) = new_tenant().await;
    add_second_tenant(&db, &admin).await;
    let mut calls = JoinSet::new();
    for number in 0..8 {
        let (engine, by) = (db.engine.clone(), admin.clone());
        calls.spawn(async move {
            let tenant = if number % 2 == 0 { SLUG } else { OTHER_SLUG };
            let changes = address(&format!("nova{number}@example.com"));
            change_owner_account(&engine, &by, tenant, &changes, ORIGIN).await
        });
    }
    let links: Vec<_> =
        calls.join_all().await.into_iter().map(|changed| changed.unwrap().invitation_url.unwrap()).collect();
    // Only the link of the last change works.
    let mut open = 0;
    for link in links {
        open += usize::from(engine::access::find_invitation(&db.engine, token(&link)).await.is_ok());
    }
    assert_eq!(open, 1);
    let changes = "SELECT count(*) FROM audit_log WHERE action = 'tenant.owner_account_changed'";
    assert_eq!(db.number(changes).await, 16);
    db.assert_invariants().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_is_accepted_before_the_change_or_its_link_is_refused() {
    let (db, admin, _) = new_tenant().await;
    let mut link = add_second_tenant(&db, &admin).await.invitation_url.unwrap();
    let password = Password::parse("violet kettle harbour nine", &[]).unwrap();
    for round in 0..10 {
        let changes = address(&format!("nova{round}@example.com"));
        let (accepted, changed) = tokio::join!(
            accept_invitation(&db.engine, token(&link), &password, ORIGIN),
            change_owner_account(&db.engine, &admin, SLUG, &changes, ORIGIN)
        );
        let changed = changed.unwrap();
        assert_eq!(accepted.is_ok(), changed.invitation_url.is_none(), "{accepted:?}");
        if accepted.is_err() {
            assert_error(accepted, ErrorCode::ResourceNotFound);
        }
        db.run("UPDATE users SET password_hash = NULL; UPDATE memberships SET joined_at = NULL; UPDATE one_time_tokens SET used_at = NULL").await;
        let resent = engine::tenants::resend_invitation(
            &db.engine,
            &TenantCaller::actor(admin.clone(), OTHER_SLUG),
            None,
            ORIGIN,
        )
        .await;
        link = resent.unwrap().invitation_url;
    }
    db.assert_invariants().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_is_refused_if_the_account_gets_another_tenant_meanwhile() {
    let (db, admin, _) = new_tenant().await;
    provision_slug_without_owner(&db, &db.admin().await, OTHER_SLUG).await;
    let mut naming = db.pool.begin().await.unwrap();
    sqlx::raw_sql(
        "SELECT FROM users FOR NO KEY UPDATE;
         UPDATE tenants t SET owner_id = u.id, owner_email = u.email_canonical, status = 'active'
         FROM users u WHERE t.owner_id IS NULL",
    )
    .execute(&mut *naming)
    .await
    .unwrap();
    let (engine, by) = (db.engine.clone(), admin.clone());
    let call = tokio::spawn(async move {
        change_owner_account(&engine, &by, SLUG, &address("nova@example.com"), ORIGIN).await
    });
    wait_for_lock(&db).await;
    naming.commit().await.unwrap();
    assert_error(call.await.unwrap(), ErrorCode::SerializationFailure);
    // The next call changes the account for both tenants.
    change_owner_account(&db.engine, &admin, SLUG, &address("nova@example.com"), ORIGIN).await.unwrap();
    let changes = "SELECT count(*) FROM audit_log WHERE action = 'tenant.owner_account_changed'";
    assert_eq!(db.number(changes).await, 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_former_address_of_an_account_gets_a_new_account_if_it_is_named_as_owner_meanwhile() {
    let (db, admin, _) = new_tenant().await;
    provision_slug_without_owner(&db, &db.admin().await, OTHER_SLUG).await;
    let mut changing = db.pool.begin().await.unwrap();
    sqlx::raw_sql("UPDATE users SET email = 'nova@example.com', email_canonical = 'nova@example.com'")
        .execute(&mut *changing)
        .await
        .unwrap();
    let engine = db.engine.clone();
    let former = "olive@golden-spoon.example.com";
    let owner = NewOwner {
        name: "Olive Owner".into(),
        email: parse_email(former).unwrap(),
        use_existing_account: true,
    };
    let call = tokio::spawn(async move { set_owner(&engine, &admin, OTHER_SLUG, &owner, ORIGIN).await });
    wait_for_lock(&db).await;
    changing.commit().await.unwrap();
    let named = call.await.unwrap().unwrap();
    assert!(named.invitation_url.is_some());
    let owners =
        "SELECT string_agg(u.email, ' ' ORDER BY t.slug) FROM tenants t JOIN users u ON u.id = t.owner_id";
    assert_eq!(db.text(owners).await, format!("nova@example.com {former}"));
    db.assert_invariants().await;
}
