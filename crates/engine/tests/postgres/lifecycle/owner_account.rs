//! The change of the address and the name of an owner.

use domain::{ErrorCode, Role, error::EmailReason, lifecycle::NamedOwner, password::Password};
use engine::{
    Error,
    access::{Actor, InvitationLink, accept_invitation, find_invitation, parse_email},
    tenants::{
        NewOwner, OwnerAccountChanges, TenantCaller, change_owner_account, delete_tenant, resend_invitation,
        restore_tenant, set_owner, suspend_tenant,
    },
};
use test_support::{
    requests::{assert_created, assert_error, draft, provision_request},
    test_database::{ORIGIN, TestDatabase},
};

use super::{
    SLUG, audited, new_tenant, new_tenant_without_owner, provision_slug_without_owner, refused_rule,
};

/// The address of the owner in `new_tenant`.
const FORMER: &str = "olive@golden-spoon.example.com";
const NEW: &str = "nova@example.com";
pub(super) const OTHER_SLUG: &str = "silver-spoon";

pub(super) fn address(email: &str) -> OwnerAccountChanges {
    OwnerAccountChanges { email: Some(parse_email(email).unwrap()), name: None }
}

async fn change(db: &TestDatabase, by: &Actor, changes: &OwnerAccountChanges) -> Result<NamedOwner, Error> {
    change_owner_account(&db.engine, by, SLUG, changes, ORIGIN).await
}

pub(super) fn token(link: &str) -> &str {
    link.rsplit('/').next().unwrap()
}

/// Every account with its canonical address, and the address in each of its tenants.
async fn accounts(db: &TestDatabase) -> String {
    db.text(
        "SELECT string_agg(concat_ws(' ', u.email, u.email_canonical, u.name, t.slug, t.owner_email, t.version), ', '
             ORDER BY t.slug) FROM users u JOIN tenants t ON t.owner_id = u.id",
    )
    .await
}

/// Gives the owner of the first tenant a second tenant.
pub(super) async fn add_second_tenant(db: &TestDatabase, by: &Actor) -> NamedOwner {
    provision_slug_without_owner(db, &db.admin().await, OTHER_SLUG).await;
    let owner =
        NewOwner { name: String::new(), email: parse_email(FORMER).unwrap(), use_existing_account: true };
    set_owner(&db.engine, by, OTHER_SLUG, &owner, ORIGIN).await.unwrap()
}

#[tokio::test]
async fn a_new_address_replaces_a_pending_invitation() {
    let (db, admin, created) = new_tenant().await;
    let former_link = created.owner.unwrap().invitation_url.unwrap();
    let changed = change(&db, &admin, &address("Nova@Example.com")).await.unwrap();
    assert_eq!(changed.tenant.owner.unwrap().email, "Nova@example.com");
    assert!(changed.invitation_expires_at.is_some());
    let expected = format!("Nova@example.com nova@example.com Olive Owner {SLUG} nova@example.com 2");
    assert_eq!(accounts(&db).await, expected);
    let former = find_invitation(&db.engine, token(&former_link)).await;
    assert_error(former, ErrorCode::ResourceNotFound);
    let password = Password::parse("violet kettle harbour nine", &[]).unwrap();
    assert_error(
        accept_invitation(&db.engine, token(&former_link), &password, ORIGIN).await,
        ErrorCode::ResourceNotFound,
    );
    let link = changed.invitation_url.unwrap();
    assert!(link.starts_with(ORIGIN));
    accept_invitation(&db.engine, token(&link), &password, ORIGIN).await.unwrap();

    let user = db.text("SELECT id::text FROM users").await;
    let values = |email: &str| {
        format!(r#"{{"owner": {{"id": "{user}", "name": "Olive Owner", "email": "{email}"}}}}"#)
    };
    let expected = format!("tenant.owner_account_changed {} {}", values(FORMER), values("Nova@example.com"));
    assert_eq!(audited(&db).await[0], expected);
    // The former address is free.
    assert_created(db.provision(&db.admin().await, &provision_request(free_draft())).await);
    db.assert_invariants().await;
}

/// A tenant whose owner has the former address.
fn free_draft() -> domain::provisioning::Draft {
    domain::provisioning::Draft { owner_email: FORMER.into(), ..draft(OTHER_SLUG) }
}

#[tokio::test]
async fn no_link_to_another_tenant_changes_the_password_of_an_account() {
    let (db, admin, created) = new_tenant().await;
    let second = add_second_tenant(&db, &admin).await.invitation_url.unwrap();
    let [own, other] = ["violet kettle harbour nine", "copper lantern meadow six"]
        .map(|text| Password::parse(text, &[]).unwrap());
    let link = created.owner.unwrap().invitation_url.unwrap();
    accept_invitation(&db.engine, token(&link), &own, ORIGIN).await.unwrap();
    let hash = db.text("SELECT password_hash FROM users").await;
    // The link to the second tenant was sent to the former address.
    change(&db, &admin, &address(NEW)).await.unwrap();
    assert_eq!(find_invitation(&db.engine, token(&second)).await.unwrap(), InvitationLink::Accepted);
    let refused = accept_invitation(&db.engine, token(&second), &other, ORIGIN).await;
    assert_error(refused, ErrorCode::ResourceNotFound);
    assert_eq!(db.text("SELECT password_hash FROM users").await, hash);
    db.assert_invariants().await;
}

#[tokio::test]
async fn an_owner_with_a_password_keeps_it_and_the_sessions() {
    let (db, admin, _) = new_tenant().await;
    db.run(
        "UPDATE users SET password_hash = 'x';
         INSERT INTO sessions (token_hash, user_id, expires_at)
         SELECT sha256('s'), id, now() + interval '1 hour' FROM users",
    )
    .await;
    let changed = change(&db, &admin, &address(NEW)).await.unwrap();
    assert_eq!((changed.invitation_url, changed.invitation_expires_at), (None, None));
    let kept = "SELECT count(*) FROM users u JOIN sessions s ON s.user_id = u.id
                WHERE u.password_hash = 'x' AND u.email_canonical = 'nova@example.com'";
    assert_eq!(db.number(kept).await, 1);
    db.assert_invariants().await;
}

#[tokio::test]
async fn the_address_of_another_account_is_refused_with_the_reason() {
    let (db, admin, _) = new_tenant().await;
    assert_created(db.provision(&db.admin().await, &provision_request(draft(OTHER_SLUG))).await);
    db.run(
        "INSERT INTO users (id, email, email_canonical, name) VALUES
           ('00000000-0000-4000-8000-000000000002', 'e@example.com', 'e@example.com', 'Employee'),
           ('00000000-0000-4000-8000-000000000003', 'a@example.com', 'a@example.com', 'Account');
         INSERT INTO employees (id, kind, user_id, name, role)
         VALUES (gen_random_uuid(), 'person', '00000000-0000-4000-8000-000000000002', 'Employee', 'VIEWER')",
    )
    .await;
    let before = accounts(&db).await;
    for (email, reason, tenant) in [
        ("Olive@Silver-Spoon.example.com", EmailReason::OwnsTenant, Some("The silver-spoon company")),
        ("e@example.com", EmailReason::IsEmployee, None),
        ("A@example.com", EmailReason::HasAccount, None),
    ] {
        let problem = assert_error(change(&db, &admin, &address(email)).await, ErrorCode::EmailUnavailable);
        assert_eq!(problem.email_reason, Some(reason), "{email}");
        assert_eq!(problem.conflict.map(|conflict| conflict.name).as_deref(), tenant, "{email}");
    }
    assert_eq!((accounts(&db).await, audited(&db).await.len()), (before, 0));
}

#[tokio::test]
async fn another_spelling_of_the_own_address_is_stored_and_keeps_the_invitation() {
    let (db, admin, created) = new_tenant().await;
    let changed = change(&db, &admin, &address("OLIVE@Golden-Spoon.example.com")).await.unwrap();
    assert_eq!(changed.invitation_url, None);
    let expected = format!("OLIVE@golden-spoon.example.com {FORMER} Olive Owner {SLUG} {FORMER} 2");
    assert_eq!(accounts(&db).await, expected);
    let link = created.owner.unwrap().invitation_url.unwrap();
    find_invitation(&db.engine, token(&link)).await.unwrap();
}

#[tokio::test]
async fn a_new_name_keeps_the_invitation_and_the_same_values_change_nothing() {
    let (db, admin, created) = new_tenant().await;
    let changes = OwnerAccountChanges { name: Some("Nova Ray".into()), email: None };
    let changed = change(&db, &admin, &changes).await.unwrap();
    assert_eq!((changed.invitation_url.as_ref(), changed.tenant.version), (None, 2));
    assert_eq!(accounts(&db).await, format!("{FORMER} {FORMER} Nova Ray {SLUG} {FORMER} 2"));
    let again = change(&db, &admin, &OwnerAccountChanges { name: changes.name, ..address(FORMER) }).await;
    assert_eq!(again.unwrap(), changed);
    assert_eq!(audited(&db).await.len(), 1);
    let link = created.owner.unwrap().invitation_url.unwrap();
    find_invitation(&db.engine, token(&link)).await.unwrap();
}

#[tokio::test]
async fn the_change_holds_for_every_tenant_of_the_account() {
    let (db, admin, created) = new_tenant().await;
    let second = add_second_tenant(&db, &admin).await;
    assert_eq!(db.text("SELECT string_agg(version::text, ' ' ORDER BY slug) FROM tenants").await, "1 3");
    let changed = change(&db, &admin, &address(NEW)).await.unwrap();
    let account = format!("{NEW} {NEW} Olive Owner");
    let expected = format!("{account} {SLUG} {NEW} 2, {account} {OTHER_SLUG} {NEW} 4");
    assert_eq!(accounts(&db).await, expected);
    // One new link, for the tenant of the call. The links to both tenants went to the former address.
    for link in [created.owner.unwrap().invitation_url, second.invitation_url] {
        let former = find_invitation(&db.engine, token(&link.unwrap())).await;
        assert_error(former, ErrorCode::ResourceNotFound);
    }
    find_invitation(&db.engine, token(&changed.invitation_url.unwrap())).await.unwrap();
    let by_tenant = "SELECT string_agg(concat_ws(' ', t.slug, a.action), ', ' ORDER BY t.slug, a.action)
                     FROM audit_log a JOIN tenants t ON t.id = a.subject_id AND t.request_id = a.request_id
                     WHERE a.action LIKE '%account_changed' OR a.action = 'invitation.revoked'";
    let action = "tenant.owner_account_changed";
    let expected = format!("{SLUG} {action}, {OTHER_SLUG} invitation.revoked, {OTHER_SLUG} {action}");
    assert_eq!(db.text(by_tenant).await, expected);
    // The other tenant can get a new link, too.
    let resent = resend_invitation(&db.engine, &TenantCaller::actor(admin.clone(), OTHER_SLUG), None, ORIGIN)
        .await
        .unwrap();
    find_invitation(&db.engine, token(&resent.invitation_url)).await.unwrap();
    db.assert_invariants().await;
}

#[tokio::test]
async fn the_account_of_a_suspended_tenant_can_change() {
    let (db, admin, _) = new_tenant().await;
    suspend_tenant(&db.engine, &admin, SLUG, "unpaid").await.unwrap();
    let changed = change(&db, &admin, &address(NEW)).await.unwrap();
    assert_eq!(changed.tenant.status, domain::TenantStatus::Suspended);
    db.assert_invariants().await;
}

/// Sets the status without the triggers, which refuse most of these changes and count the versions.
async fn force_status(db: &TestDatabase, slug: &str, status: &str) {
    db.run(&format!(
        "ALTER TABLE tenants DISABLE TRIGGER USER;
         UPDATE tenants SET status = '{status}' WHERE slug = '{slug}';
         ALTER TABLE tenants ENABLE TRIGGER USER"
    ))
    .await;
}

#[tokio::test]
async fn the_account_does_not_change_while_steps_run_with_it_or_after_a_deletion() {
    let (db, admin, _) = new_tenant().await;
    add_second_tenant(&db, &admin).await;
    for (slug, status) in [
        (SLUG, "provisioning"),
        (SLUG, "pending_activation"),
        (OTHER_SLUG, "provisioning"),
        (OTHER_SLUG, "pending_activation"),
    ] {
        force_status(&db, slug, status).await;
        let refused = change(&db, &admin, &address(NEW)).await;
        assert_eq!(refused_rule(refused), "provisioning", "{slug} {status}");
        force_status(&db, slug, "active").await;
    }
    // A restore continues the steps.
    force_status(&db, OTHER_SLUG, "pending_activation").await;
    delete_tenant(&db.engine, &admin, OTHER_SLUG, OTHER_SLUG).await.unwrap();
    assert_eq!(refused_rule(change(&db, &admin, &address(NEW)).await), "provisioning");
    restore_tenant(&db.engine, &admin, OTHER_SLUG).await.unwrap();
    force_status(&db, OTHER_SLUG, "active").await;
    let addresses = "SELECT count(*) FROM users WHERE email_canonical = 'nova@example.com'";
    assert_eq!(db.number(addresses).await, 0);
    delete_tenant(&db.engine, &admin, SLUG, SLUG).await.unwrap();
    assert_eq!(refused_rule(change(&db, &admin, &address(NEW)).await), "deleted");
    // Through a tenant that exists, the account can change.
    change_owner_account(&db.engine, &admin, OTHER_SLUG, &address(NEW), ORIGIN).await.unwrap();
}

#[tokio::test]
async fn a_tenant_without_an_owner_is_refused() {
    let (db, admin, _) = new_tenant_without_owner().await;
    assert_eq!(refused_rule(change(&db, &admin, &address(NEW)).await), "no_owner");
}

#[tokio::test]
async fn a_viewer_changes_no_account() {
    let (db, _, _) = new_tenant().await;
    let viewer = db.employee(Role::Viewer).await.into();
    assert_error(change(&db, &viewer, &address(NEW)).await, ErrorCode::Forbidden);
    let unknown = change_owner_account(&db.engine, &Actor::Operator, "nobody", &address(NEW), ORIGIN).await;
    assert_error(unknown, ErrorCode::TenantNotFound);
}
