use domain::{
    ErrorCode,
    TenantStatus::{self, Active},
    error::EmailReason,
};
use engine::{
    access::{accept_invitation, parse_email},
    tenants::{NewOwner, set_owner, suspend_tenant},
};
use test_support::{
    requests::{assert_created, assert_error, draft, provision_request},
    test_database::{ORIGIN, TestDatabase},
};

use super::{SLUG, audited, new_tenant, new_tenant_without_owner, refused_rule};

fn owner(email: &str) -> NewOwner {
    NewOwner { name: "Olive Owner".into(), email: parse_email(email).unwrap(), use_existing_account: false }
}

fn existing(email: &str) -> NewOwner {
    NewOwner { use_existing_account: true, ..owner(email) }
}

/// The members of the only tenant with this slug, with their roles.
async fn members(db: &TestDatabase, slug: &str) -> String {
    db.text(&format!(
        "SELECT coalesce(string_agg(u.email || ' ' || m.role, ', ' ORDER BY u.email), 'none') FROM memberships m
         JOIN users u ON u.id = m.user_id JOIN tenants t ON t.id = m.tenant_id WHERE t.slug = '{slug}'"
    ))
    .await
}

#[tokio::test]
async fn a_tenant_without_steps_is_active_as_soon_as_it_has_an_owner() {
    let (db, admin, _) = new_tenant_without_owner().await;
    let named = set_owner(&db.engine, &admin, SLUG, &owner("olive@example.com"), ORIGIN).await.unwrap();
    assert_eq!(
        (named.tenant.status, named.tenant.owner.unwrap().email),
        (Active, "olive@example.com".into())
    );
    assert!(named.tenant.activated_at.is_some() && named.invitation_expires_at.is_some());
    let link = named.invitation_url.unwrap();
    assert!(link.starts_with(ORIGIN));
    let password = domain::password::Password::parse("violet kettle harbour nine", &[]).unwrap();
    accept_invitation(&db.engine, link.rsplit('/').next().unwrap(), &password, ORIGIN).await.unwrap();
    assert_eq!(members(&db, SLUG).await, "olive@example.com owner");
    let audited = audited(&db).await;
    assert_eq!(audited.len(), 2);
    assert!(audited[1].starts_with("owner.joined"), "{audited:?}");
    assert!(audited[0].starts_with(
        r#"tenant.owner_named {"owner": null, "status": "pending_activation"} {"owner": {"id":"#
    ));
    assert!(audited[0].ends_with(r#""email": "olive@example.com"}, "status": "active"}"#), "{audited:?}");
    db.assert_invariants().await;
}

#[tokio::test]
async fn naming_the_same_owner_again_changes_nothing() {
    let (db, admin, _) = new_tenant_without_owner().await;
    let first = set_owner(&db.engine, &admin, SLUG, &owner("olive@example.com"), ORIGIN).await.unwrap();
    let again = set_owner(&db.engine, &admin, SLUG, &owner("Olive@EXAMPLE.com"), ORIGIN).await.unwrap();
    assert_eq!((again.invitation_url, again.tenant), (None, first.tenant));
    assert_eq!(audited(&db).await.len(), 1);
}

#[tokio::test]
async fn an_address_that_is_in_use_is_refused_unless_its_account_may_be_used() {
    let (db, admin, _) = new_tenant_without_owner().await;
    let by = db.admin().await;
    assert_created(db.provision(&by, &provision_request(draft("silver-spoon"))).await);
    let address = "olive@silver-spoon.example.com";
    let refused = set_owner(&db.engine, &admin, SLUG, &owner(address), ORIGIN).await;
    let problem = assert_error(refused, ErrorCode::EmailUnavailable);
    assert_eq!(problem.email_reason, Some(EmailReason::OwnsTenant));
    assert_eq!(problem.conflict.unwrap().name, "The silver-spoon company");

    let named = set_owner(&db.engine, &admin, SLUG, &existing(address), ORIGIN).await.unwrap();
    assert_eq!(named.tenant.status, Active);
    assert_eq!(members(&db, SLUG).await, format!("{address} owner"));
    assert_eq!(db.number("SELECT count(*) FROM users").await, 1);
    db.assert_invariants().await;
}

#[tokio::test]
async fn an_account_with_a_password_needs_no_invitation() {
    let (db, admin, _) = new_tenant_without_owner().await;
    let by = db.admin().await;
    assert_created(db.provision(&by, &provision_request(draft("silver-spoon"))).await);
    db.run("UPDATE users SET password_hash = 'x'").await;
    let address = "olive@silver-spoon.example.com";
    let named = set_owner(&db.engine, &admin, SLUG, &existing(address), ORIGIN).await.unwrap();
    assert_eq!((named.invitation_url, named.invitation_expires_at), (None, None));
    assert_eq!(db.number("SELECT count(*) FROM one_time_tokens").await, 1);
}

#[tokio::test]
async fn an_employee_is_never_an_owner() {
    let (db, admin, _) = new_tenant_without_owner().await;
    db.run(
        "INSERT INTO users (id, email, email_canonical, name)
         VALUES ('00000000-0000-4000-8000-000000000002', 'e@example.com', 'e@example.com', 'Employee');
         INSERT INTO employees (id, kind, user_id, name, role)
         VALUES (gen_random_uuid(), 'person', '00000000-0000-4000-8000-000000000002', 'Employee', 'VIEWER')",
    )
    .await;
    let refused = set_owner(&db.engine, &admin, SLUG, &existing("e@example.com"), ORIGIN).await;
    let problem = assert_error(refused, ErrorCode::EmailUnavailable);
    assert_eq!(problem.email_reason, Some(EmailReason::IsEmployee));
    assert_eq!(members(&db, SLUG).await, "none");
}

#[tokio::test]
async fn a_former_owner_who_never_joined_loses_the_link_and_the_account() {
    let (db, admin, created) = new_tenant().await;
    let named = set_owner(&db.engine, &admin, SLUG, &owner("nova@example.com"), ORIGIN).await.unwrap();
    assert_eq!(named.tenant.status, Active);
    assert_eq!(members(&db, SLUG).await, "nova@example.com owner");
    assert_eq!(db.number("SELECT count(*) FROM users").await, 1);
    let former_link = created.owner.unwrap().invitation_url.unwrap();
    let former = engine::access::find_invitation(&db.engine, former_link.rsplit('/').next().unwrap()).await;
    assert_error(former, ErrorCode::ResourceNotFound);
    assert!(audited(&db).await[0].starts_with("tenant.owner_changed"));
    db.assert_invariants().await;
}

#[tokio::test]
async fn a_former_owner_who_joined_becomes_a_member_and_can_become_the_owner_again() {
    let (db, admin, _) = new_tenant().await;
    db.run("UPDATE users SET password_hash = 'x'").await;
    let former = "olive@golden-spoon.example.com";
    set_owner(&db.engine, &admin, SLUG, &owner("nova@example.com"), ORIGIN).await.unwrap();
    assert_eq!(members(&db, SLUG).await, format!("nova@example.com owner, {former} member"));
    set_owner(&db.engine, &admin, SLUG, &existing(former), ORIGIN).await.unwrap();
    assert_eq!(members(&db, SLUG).await, format!("{former} owner"));
    db.assert_invariants().await;
}

#[tokio::test]
async fn a_suspended_tenant_keeps_its_status_when_its_owner_changes() {
    let (db, admin, _) = new_tenant().await;
    suspend_tenant(&db.engine, &admin, SLUG, "unpaid").await.unwrap();
    let named = set_owner(&db.engine, &admin, SLUG, &owner("nova@example.com"), ORIGIN).await.unwrap();
    assert_eq!(named.tenant.status, TenantStatus::Suspended);
    db.assert_invariants().await;
}

#[tokio::test]
async fn the_owner_of_a_deleted_tenant_cannot_change() {
    let (db, admin, _) = new_tenant().await;
    engine::tenants::delete_tenant(&db.engine, &admin, SLUG, SLUG).await.unwrap();
    let refused = set_owner(&db.engine, &admin, SLUG, &owner("nova@example.com"), ORIGIN).await;
    assert_eq!(refused_rule(refused), "deleted");
    assert_eq!(db.number("SELECT count(*) FROM users").await, 1);
}
