//! Links that were sent to an address, and what they do after the invitation was revoked or the address changed.

use domain::{ErrorCode, password::Password, paths::RequestKind};
use engine::{
    access::{
        Account, NewAddress, Person, accept_invitation, confirm_address_change, find_address_change,
        find_password_reset, find_session, parse_email, request_address_change, request_password_reset,
    },
    tenants::{TenantCaller, change_owner_account, revoke_invitation, suspend_tenant},
};
use secrecy::ExposeSecret;
use test_support::{
    requests::{assert_created, assert_error, draft, provision_request},
    test_database::{ORIGIN, TestDatabase},
};

use super::{
    SLUG, new_tenant,
    owner_account::{OTHER_SLUG, add_second_tenant, address, token},
};

const PASSWORD: &str = "copper lantern walks the harbour";
const FORMER: &str = "olive@golden-spoon.example.com";
const CLIENT: &str = "192.0.2.1";

async fn accept(db: &TestDatabase, link: &str) -> Account {
    let password = Password::parse(PASSWORD, &[]).unwrap();
    let session = accept_invitation(&db.engine, token(link), &password, ORIGIN).await.unwrap();
    match find_session(&db.engine, session.expose_secret(), RequestKind::User).await.unwrap() {
        Some(Person::Account(account)) => account,
        other => panic!("not an account: {other:?}"),
    }
}

/// The tenants that an account has joined.
async fn joined(db: &TestDatabase) -> String {
    db.text(
        "SELECT string_agg(t.slug, ' ' ORDER BY t.slug) FROM memberships m JOIN tenants t ON t.id = m.tenant_id
         WHERE m.joined_at IS NOT NULL",
    )
    .await
}

#[tokio::test]
async fn the_first_password_accepts_the_other_open_invitations_of_the_owner() {
    let (db, admin, created) = new_tenant().await;
    add_second_tenant(&db, &admin).await;
    accept(&db, &created.owner.unwrap().invitation_url.unwrap()).await;
    assert_eq!(joined(&db).await, format!("{SLUG} {OTHER_SLUG}"));
    let audited = "SELECT count(DISTINCT subject_id) FROM audit_log WHERE action = 'owner.joined'";
    assert_eq!(db.number(audited).await, 2);
    db.assert_invariants().await;
}

#[tokio::test]
async fn the_first_password_accepts_no_invitation_that_cannot_be_used() {
    for obstacle in ["revoked", "expired", "suspended"] {
        let (db, admin, _) = new_tenant().await;
        let second = add_second_tenant(&db, &admin).await;
        match obstacle {
            "revoked" => {
                let first = TenantCaller::actor(admin.clone(), SLUG);
                revoke_invitation(&db.engine, &first, None).await.unwrap();
            }
            "expired" => {
                let expire = "UPDATE one_time_tokens SET expires_at = created_at WHERE tenant_id = (SELECT id FROM tenants WHERE slug = 'golden-spoon')";
                db.run(expire).await;
            }
            _ => drop(suspend_tenant(&db.engine, &admin, SLUG, "The invoice is unpaid.").await.unwrap()),
        }
        accept(&db, &second.invitation_url.unwrap()).await;
        assert_eq!(joined(&db).await, OTHER_SLUG, "{obstacle}");
        db.assert_invariants().await;
    }
}

#[tokio::test]
async fn an_account_without_a_password_gets_no_link_for_a_new_one() {
    let (db, admin, _) = new_tenant().await;
    let revoked = TenantCaller::actor(admin, SLUG);
    revoke_invitation(&db.engine, &revoked, None).await.unwrap();
    let email = parse_email(FORMER).unwrap();
    request_password_reset(&db.engine, &email, CLIENT, ORIGIN).await.unwrap();
    // The account of another tenant gets its link.
    let second = assert_created(db.provision(&db.admin().await, &provision_request(draft(OTHER_SLUG))).await);
    accept(&db, &second.owner.unwrap().invitation_url.unwrap()).await;
    let email = parse_email("olive@silver-spoon.example.com").unwrap();
    request_password_reset(&db.engine, &email, CLIENT, ORIGIN).await.unwrap();
    db.engine.close().await;
    let recipients =
        "SELECT string_agg(recipient_address, ' ') FROM outbox_messages WHERE kind = 'password_reset'";
    assert_eq!(db.text(recipients).await, "olive@silver-spoon.example.com");
}

#[tokio::test]
async fn no_link_to_a_former_address_works_after_an_admin_has_changed_the_address() {
    let (db, admin, created) = new_tenant().await;
    let owner = accept(&db, &created.owner.unwrap().invitation_url.unwrap()).await;
    request_password_reset(&db.engine, &parse_email(FORMER).unwrap(), CLIENT, ORIGIN).await.unwrap();
    db.wait_until("EXISTS (SELECT FROM outbox_messages WHERE kind = 'password_reset')").await;
    let reset = db.token_of_message("password_reset").await;
    let other = parse_email("eve@example.com").unwrap();
    let new = NewAddress { email: &other, password: PASSWORD, address: CLIENT, origin: ORIGIN };
    request_address_change(&db.engine, &owner, new).await.unwrap();
    let [to_new, to_current] = ["address_confirmation", "address_change_notice"];
    let (to_new, to_current) = (db.token_of_message(to_new).await, db.token_of_message(to_current).await);
    confirm_address_change(&db.engine, &to_new).await.unwrap();

    change_owner_account(&db.engine, &admin, SLUG, &address("nova@example.com"), ORIGIN).await.unwrap();
    assert_error(find_password_reset(&db.engine, &reset).await, ErrorCode::ResourceNotFound);
    for link in [to_new, to_current] {
        assert_error(find_address_change(&db.engine, &link).await, ErrorCode::ResourceNotFound);
        assert_error(confirm_address_change(&db.engine, &link).await, ErrorCode::ResourceNotFound);
    }
    assert_eq!(db.text("SELECT owner_email FROM tenants").await, "nova@example.com");
    let notified = "SELECT recipient_address FROM outbox_messages WHERE kind = 'address_changed'";
    assert_eq!(db.text(notified).await, FORMER);
}
