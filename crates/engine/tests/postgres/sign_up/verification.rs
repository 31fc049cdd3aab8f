use domain::password::Password;
use domain::{ErrorCode, Role, TenantStatus, paths::RequestKind, sign_up::SignUpMode};
use engine::{
    access::{Person, accept_invitation, find_session, sign_in},
    provisioning::rollback,
    sign_up::{SignUpLink, create_from_sign_up, find_sign_up},
};
use secrecy::ExposeSecret;
use test_support::{
    requests::{assert_created, assert_error, draft, provision_request},
    test_database::{ORIGIN, TestDatabase},
};
use tokio::task::JoinSet;

use super::{
    ADDRESS, EMAIL, OTHER_PASSWORD, PASSWORD, TOKEN, assert_complete_tenants, database, request_of, sign_up,
    sign_up_with, verify, verify_with,
};

/// The hash of the only password that is not an employee's.
async fn password_hash(db: &TestDatabase) -> String {
    db.text("SELECT password_hash FROM users").await
}

#[tokio::test]
async fn the_owner_is_signed_in_and_has_joined_the_tenant() {
    let db = database(SignUpMode::On).await;
    sign_up(&db).await;
    let signed_up = verify(&db).await.unwrap();
    assert_eq!((signed_up.slug.as_str(), signed_up.status), ("silver-fork", TenantStatus::Active));
    let person =
        find_session(&db.engine, signed_up.session.expose_secret(), RequestKind::User).await.unwrap();
    let Some(Person::Account(account)) = person else { panic!("{person:?}") };
    assert_eq!((account.name.as_str(), account.email.as_str()), ("Olive Owner", EMAIL));
    sign_in(&db.engine, EMAIL, PASSWORD, ADDRESS).await.unwrap();

    let facts =
        "SELECT concat_ws(' ', t.name, e.name, m.role, m.joined_at IS NOT NULL, o.used_at IS NOT NULL,
            s.verified_at IS NOT NULL, s.request_id = t.request_id)
        FROM tenants t JOIN employees e ON e.id = t.created_by JOIN memberships m ON m.tenant_id = t.id
        JOIN one_time_tokens o ON o.tenant_id = t.id JOIN sign_ups s ON true";
    assert_eq!(db.text(facts).await, "Silver Fork signup owner t t t t");
    let audited = "SELECT string_agg(actor_name || ': ' || action, ', ' ORDER BY id) FROM audit_log";
    assert_eq!(db.text(audited).await, "signup: tenant.provisioned, Olive Owner: owner.signed_up");
    let mails =
        "SELECT string_agg(concat_ws(' ', kind, status), ', ' ORDER BY created_at) FROM outbox_messages";
    assert_eq!(db.text(mails).await, "sign_up_verification pending, welcome pending");
    db.assert_invariants().await;
}

#[tokio::test]
async fn a_link_that_is_used_twice_signs_in_with_the_same_password_only() {
    let db = database(SignUpMode::On).await;
    sign_up(&db).await;
    let first = verify(&db).await.unwrap();
    let hash = password_hash(&db).await;
    let again = verify(&db).await.unwrap();
    assert_eq!((again.tenant_id, &again.slug), (first.tenant_id, &first.slug));
    assert_ne!(again.session.expose_secret(), first.session.expose_secret());
    assert_error(verify_with(&db, TOKEN, OTHER_PASSWORD, None).await, ErrorCode::Unauthenticated);
    assert_eq!(password_hash(&db).await, hash);
    assert_eq!(find_sign_up(&db.engine, TOKEN).await.unwrap(), SignUpLink::HasAccount);
    assert_eq!(db.number("SELECT count(*) FROM tenants").await, 1);
    assert_eq!(db.number("SELECT count(*) FROM audit_log").await, 2);
    // Wrong passwords count as failed sign-ins.
    for _ in 0..9 {
        assert_error(verify_with(&db, TOKEN, OTHER_PASSWORD, None).await, ErrorCode::Unauthenticated);
    }
    assert_error(verify(&db).await, ErrorCode::RateLimited);
}

#[tokio::test]
async fn an_expired_or_tampered_link_creates_nothing() {
    let db = database(SignUpMode::On).await;
    sign_up(&db).await;
    for token in ["", "the token in the mai", "The token in the mail", "the token in the mail "] {
        assert_error(verify_with(&db, token, PASSWORD, None).await, ErrorCode::ResourceNotFound);
    }
    assert_error(verify_with(&db, TOKEN, "short", None).await, ErrorCode::ValidationError);
    db.run("UPDATE sign_ups SET expires_at = now()").await;
    assert_error(verify(&db).await, ErrorCode::ResourceNotFound);
    assert_error(find_sign_up(&db.engine, TOKEN).await, ErrorCode::ResourceNotFound);
    assert_eq!(db.number("SELECT count(*) FROM users").await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_calls_at_once_create_one_tenant_and_sign_in_ten_times() {
    let db = database(SignUpMode::On).await;
    sign_up(&db).await;
    let mut calls = JoinSet::new();
    for _ in 0..10 {
        let engine = db.engine.clone();
        calls.spawn(async move {
            let password = PASSWORD.to_owned().into();
            engine::sign_up::verify_sign_up(&engine, TOKEN, password, None, "", ADDRESS).await
        });
    }
    let mut tenants = Vec::new();
    while let Some(signed_up) = calls.join_next().await {
        tenants.push(signed_up.unwrap().unwrap().tenant_id);
    }
    tenants.dedup();
    assert_eq!(tenants.len(), 1);
    assert_eq!(db.number("SELECT count(*) FROM sessions").await, 10);
    assert_eq!(db.number("SELECT count(*) FROM audit_log").await, 2);
    assert_complete_tenants(&db, 1).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_calls_with_different_slugs_and_passwords_one_wins() {
    let db = database(SignUpMode::On).await;
    sign_up(&db).await;
    let first = verify_with(&db, TOKEN, PASSWORD, Some("first-fork"));
    let second = verify_with(&db, TOKEN, OTHER_PASSWORD, Some("second-fork"));
    let (first, second) = tokio::join!(first, second);
    let (winner, loser) = if first.is_ok() { (first, second) } else { (second, first) };
    assert_error(loser, ErrorCode::Unauthenticated);
    assert_eq!(db.text("SELECT code FROM tenants").await, winner.unwrap().code);
    db.assert_invariants().await;
}

#[tokio::test]
async fn a_slug_that_was_taken_meanwhile_is_refused_with_available_ones() {
    let db = database(SignUpMode::On).await;
    sign_up(&db).await;
    assert_created(db.provision(&db.admin().await, &provision_request(draft("silver-fork"))).await);
    let problem = assert_error(verify(&db).await, ErrorCode::DuplicateSlug);
    assert_eq!(problem.suggestions.len(), 3);
    // Who has the slug, and the request, are for admins only.
    assert_eq!((problem.conflict, problem.request_id), (None, None));
    assert_eq!(db.number("SELECT count(*) FROM users WHERE email_canonical LIKE '%silver-fork%'").await, 1);
    let slug = problem.suggestions[0].to_string();
    let signed_up = verify_with(&db, TOKEN, PASSWORD, Some(&slug)).await.unwrap();
    assert_eq!(signed_up.slug, slug);
    db.assert_invariants().await;
}

#[tokio::test]
async fn a_call_that_was_interrupted_after_the_core_is_completed_by_the_next_one() {
    let db = database(SignUpMode::On).await;
    sign_up(&db).await;
    create_from_sign_up(&db.engine, TOKEN, PASSWORD, None).await.unwrap();
    assert_eq!(db.number("SELECT count(*) FROM users WHERE password_hash IS NULL").await, 1);
    db.assert_invariants().await;
    // The link works also after it has expired, and its slug is not refused as taken.
    db.run("UPDATE sign_ups SET expires_at = now() - interval '1 day'").await;
    let SignUpLink::Open { slug: Some(slug), .. } = find_sign_up(&db.engine, TOKEN).await.unwrap() else {
        panic!("not open");
    };
    assert!(slug.available);
    let signed_up = verify_with(&db, TOKEN, PASSWORD, Some("another-fork")).await.unwrap();
    assert_eq!(signed_up.slug, "silver-fork");
    assert_complete_tenants(&db, 1).await;
}

#[tokio::test]
async fn an_invited_account_without_a_password_becomes_the_owner() {
    let db = database(SignUpMode::On).await;
    let invited = assert_created(db.provision(&db.admin().await, &provision_request(draft("invited"))).await);
    let address = "olive@invited.example.com";
    sign_up_with(&db, &request_of(address, "silver-fork"), TOKEN).await;
    verify(&db).await.unwrap();
    assert_eq!(db.number("SELECT count(*) FROM users").await, 1);
    assert_eq!(db.number("SELECT count(DISTINCT owner_id) FROM tenants").await, 1);
    assert_eq!(db.number("SELECT count(*) FROM tenants").await, 2);
    // A link never changes a password.
    let link = invited.owner.unwrap().invitation_url.unwrap();
    let token = link.rsplit_once('/').unwrap().1;
    let other = Password::parse(OTHER_PASSWORD, &[]).unwrap();
    assert_error(accept_invitation(&db.engine, token, &other, ORIGIN).await, ErrorCode::ResourceNotFound);
    sign_in(&db.engine, address, PASSWORD, ADDRESS).await.unwrap();
    db.assert_invariants().await;
}

#[tokio::test]
async fn an_account_that_got_a_password_meanwhile_keeps_it() {
    let db = database(SignUpMode::On).await;
    sign_up(&db).await;
    sign_up_with(&db, &request_of(EMAIL, "other-fork"), "second").await;
    verify_with(&db, "second", OTHER_PASSWORD, None).await.unwrap();
    let hash = password_hash(&db).await;
    let problem = assert_error(verify(&db).await, ErrorCode::EmailUnavailable);
    assert_eq!(problem.detail(), format!("{EMAIL} already has an account."));
    assert_error(create_from_sign_up(&db.engine, TOKEN, PASSWORD, None).await, ErrorCode::EmailUnavailable);
    assert_eq!(find_sign_up(&db.engine, TOKEN).await.unwrap(), SignUpLink::HasAccount);
    assert_eq!(password_hash(&db).await, hash);
    assert_complete_tenants(&db, 1).await;
}

#[tokio::test]
async fn the_address_of_an_employee_creates_nothing() {
    let db = database(SignUpMode::On).await;
    sign_up(&db).await;
    db.run(&format!(
        "INSERT INTO users (id, email, email_canonical, name) VALUES (gen_random_uuid(), '{EMAIL}', '{EMAIL}', 'Ada');
         INSERT INTO employees (id, kind, user_id, name, role)
         SELECT gen_random_uuid(), 'person', id, name, '{}' FROM users",
        Role::Viewer
    ))
    .await;
    assert_error(verify(&db).await, ErrorCode::EmailUnavailable);
    assert_eq!(db.number("SELECT count(*) FROM tenants").await, 0);
    assert_eq!(db.number("SELECT count(*) FROM users WHERE password_hash IS NOT NULL").await, 0);
}

#[tokio::test]
async fn the_link_of_a_tenant_that_was_rolled_back_is_not_valid_any_more() {
    let db = database(SignUpMode::On).await;
    sign_up(&db).await;
    create_from_sign_up(&db.engine, TOKEN, PASSWORD, None).await.unwrap();
    let request = db.text("SELECT id::text FROM provisioning_requests").await.parse().unwrap();
    rollback(&db.engine, request, None, "a test", true).await.unwrap();
    assert_error(verify(&db).await, ErrorCode::ResourceNotFound);
    assert_eq!(db.number("SELECT count(*) FROM users").await, 0);
}
