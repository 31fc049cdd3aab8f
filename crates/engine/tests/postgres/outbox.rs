//! The outbox of mail: which messages are stored, when they are released, and when they are cancelled.

use domain::{outcome::Provisioned, password::Password};
use engine::{
    access::{Actor, accept_invitation, parse_email},
    tenants::{
        NewOwner, OwnerAccountChanges, TenantCaller, change_owner_account, delete_tenant, resend_invitation,
        restore_tenant, resume_tenant, revoke_invitation, set_owner, suspend_tenant,
    },
};
use test_support::{
    requests::{assert_created, draft, provision_request},
    test_database::{ORIGIN, TestDatabase},
};

const SLUG: &str = "golden-spoon";
/// The kind, the recipient and the status of each message, in their order.
const MESSAGES: &str = "SELECT coalesce(string_agg(concat_ws(' ', kind, recipient_address, status), ', '
    ORDER BY created_at), 'none') FROM outbox_messages";
const OWNER: &str = "olive@golden-spoon.example.com";

async fn provisioned() -> (TestDatabase, Provisioned) {
    let db = TestDatabase::new().await;
    let admin = db.admin().await;
    let provisioned = assert_created(db.provision(&admin, &provision_request(draft(SLUG))).await);
    (db, provisioned)
}

fn operator() -> TenantCaller {
    TenantCaller::actor(Actor::Operator, SLUG)
}

fn token_of(url: &str) -> String {
    url.rsplit('/').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_provisioning_stores_the_invitation_with_an_encrypted_link() {
    let (db, provisioned) = provisioned().await;
    assert_eq!(db.text(MESSAGES).await, format!("invitation {OWNER} pending"));
    let token = token_of(&provisioned.owner.unwrap().invitation_url.unwrap());
    assert_eq!(db.token_of_message("invitation").await, token);
    let leaks = format!("SELECT count(*) FROM outbox_messages m WHERE m::text LIKE '%{token}%'");
    assert_eq!(db.number(&leaks).await, 0);
    let content = "SELECT content ->> 'tenantName' || ' ' || origin FROM outbox_messages";
    assert_eq!(db.text(content).await, format!("The golden-spoon company {ORIGIN}"));
    let job = "SELECT j.queue || ' ' || s.name || ' ' || j.state FROM outbox_messages m
               JOIN jobs j ON j.id = m.job_id JOIN job_steps s ON s.job_id = j.id";
    assert_eq!(db.text(job).await, "mail SEND_MAIL pending");
    db.assert_invariants().await;
}

#[tokio::test]
async fn an_invitation_that_is_sent_again_replaces_the_former_message() {
    let (db, _) = provisioned().await;
    let resent = resend_invitation(&db.engine, &operator(), None, ORIGIN).await.unwrap();
    let expected = format!("invitation {OWNER} cancelled, invitation {OWNER} pending");
    assert_eq!(db.text(MESSAGES).await, expected);
    assert_eq!(db.token_of_message("invitation").await, token_of(&resent.invitation_url));
    assert_eq!(db.number("SELECT count(*) FROM outbox_messages WHERE ciphertext IS NOT NULL").await, 1);
    db.assert_invariants().await;
}

#[tokio::test]
async fn a_revoked_or_accepted_invitation_is_not_sent() {
    let (db, _) = provisioned().await;
    revoke_invitation(&db.engine, &operator(), None).await.unwrap();
    assert_eq!(db.text(MESSAGES).await, format!("invitation {OWNER} cancelled"));
    let resent = resend_invitation(&db.engine, &operator(), None, ORIGIN).await.unwrap();
    let password = Password::parse("violet kettle harbour nine", &[]).unwrap();
    accept_invitation(&db.engine, &token_of(&resent.invitation_url), &password, ORIGIN).await.unwrap();
    assert_eq!(
        db.text(MESSAGES).await,
        format!("invitation {OWNER} cancelled, invitation {OWNER} cancelled, welcome {OWNER} pending")
    );
    db.assert_invariants().await;
}

#[tokio::test]
async fn the_messages_of_a_tenant_wait_while_it_is_suspended_or_deleted() {
    let (db, provisioned) = provisioned().await;
    let (by, code) = (Actor::from(db.admin().await), provisioned.tenant.code.to_string());
    suspend_tenant(&db.engine, &by, SLUG, "unpaid").await.unwrap();
    assert_eq!(db.text(MESSAGES).await, format!("invitation {OWNER} held"));
    resend_invitation(&db.engine, &operator(), None, ORIGIN).await.unwrap();
    let held = format!("invitation {OWNER} cancelled, invitation {OWNER} held");
    assert_eq!(db.text(MESSAGES).await, held);
    db.assert_invariants().await;
    resume_tenant(&db.engine, &by, SLUG).await.unwrap();
    assert_eq!(db.text(MESSAGES).await, held.replace("held", "pending"));
    delete_tenant(&db.engine, &by, SLUG, SLUG).await.unwrap();
    assert_eq!(db.text(MESSAGES).await, held);
    db.assert_invariants().await;
    restore_tenant(&db.engine, &by, &code).await.unwrap();
    assert_eq!(db.text(MESSAGES).await, held.replace("held", "pending"));
    db.assert_invariants().await;
}

#[tokio::test]
async fn a_new_owner_and_a_new_address_get_mail() {
    let (db, _) = provisioned().await;
    let by = Actor::from(db.admin().await);
    let email = |text: &str| parse_email(text).unwrap();
    let changes =
        OwnerAccountChanges { email: Some(email("olga@example.com")), ..OwnerAccountChanges::default() };
    change_owner_account(&db.engine, &by, SLUG, &changes, ORIGIN).await.unwrap();
    let expected = format!("invitation {OWNER} cancelled, invitation olga@example.com pending");
    assert_eq!(db.text(MESSAGES).await, expected);
    db.run("UPDATE users SET password_hash = 'x'").await;
    let owner =
        NewOwner { name: "Nora".into(), email: email("nora@example.com"), use_existing_account: false };
    set_owner(&db.engine, &by, SLUG, &owner, ORIGIN).await.unwrap();
    let owner =
        NewOwner { name: "Olga".into(), email: email("olga@example.com"), use_existing_account: true };
    set_owner(&db.engine, &by, SLUG, &owner, ORIGIN).await.unwrap();
    // Olga joined with her first password, so her invitation is not sent. The account of Nora, who never accepted
    // the invitation, was deleted with her messages.
    let invitations = expected.replace("pending", "cancelled");
    assert_eq!(db.text(MESSAGES).await, format!("{invitations}, member_added olga@example.com pending"));
    db.assert_invariants().await;
}
