//! The first admin's link, invitations, and admin tokens.

use domain::{ErrorCode, Role, paths::RequestKind};
use engine::access::{
    Actor, InvitationLink, NewEmployee, Person, accept_first_admin, accept_invitation, accept_setup_link,
    create_employee, create_token, find_invitation, find_session, find_token, invite_employee,
    is_first_admin_link_valid, issue_first_admin_link,
};
use secrecy::ExposeSecret;
use tokio::task::JoinSet;

use super::{PASSWORD, audited, email, invitation, invitee, password, sign_in_new_admin, token};
use test_support::{
    requests::{assert_created, assert_error, draft, provision_request},
    test_database::{ORIGIN, TestDatabase},
};

#[tokio::test(flavor = "multi_thread")]
async fn the_first_admins_link_works_once_under_concurrent_use() {
    let db = TestDatabase::new().await;
    let link = issue_first_admin_link(&db.engine).await.unwrap().unwrap();
    let mut uses = JoinSet::new();
    for n in 0..10 {
        let (engine, link) = (db.engine.clone(), link.clone());
        uses.spawn(async move {
            let address = email(&format!("admin{n}@example.com"));
            accept_first_admin(&engine, link.expose_secret(), "First", &address, &password(PASSWORD)).await
        });
    }
    let mut sessions = Vec::new();
    while let Some(result) = uses.join_next().await {
        match result.unwrap() {
            Ok(session) => sessions.push(session),
            Err(error) => assert_eq!(error.problem().code, ErrorCode::ResourceNotFound),
        }
    }
    assert_eq!(sessions.len(), 1);
    let employee = find_session(&db.engine, sessions[0].expose_secret(), RequestKind::User).await.unwrap();
    let employee = employee.and_then(Person::employee).unwrap();
    assert_eq!(employee.role, Role::SuperAdmin);
    assert_eq!(audited(&db).await, [("employee.created".into(), "First".into())]);
    let by_themselves = "SELECT count(*) FROM audit_log WHERE actor_id = subject_id";
    assert_eq!(db.number(by_themselves).await, 1);
    assert_eq!(db.number("SELECT count(*) FROM users").await, 1);
    assert!(!is_first_admin_link_valid(&db.engine, link.expose_secret()).await.unwrap());
    assert!(issue_first_admin_link(&db.engine).await.unwrap().is_none());
    db.assert_invariants().await;
}

#[tokio::test]
async fn a_newer_link_revokes_the_older_one_and_expires_after_a_day() {
    let db = TestDatabase::new().await;
    let older = issue_first_admin_link(&db.engine).await.unwrap().unwrap();
    let newer = issue_first_admin_link(&db.engine).await.unwrap().unwrap();
    assert!(!is_first_admin_link_valid(&db.engine, older.expose_secret()).await.unwrap());
    assert!(is_first_admin_link_valid(&db.engine, newer.expose_secret()).await.unwrap());
    db.run("UPDATE one_time_tokens SET expires_at = expires_at - interval '1 day'").await;
    assert!(!is_first_admin_link_valid(&db.engine, newer.expose_secret()).await.unwrap());
    let result = accept_first_admin(
        &db.engine,
        newer.expose_secret(),
        "First",
        &email("a@example.com"),
        &password(PASSWORD),
    )
    .await;
    assert_error(result, ErrorCode::ResourceNotFound);
    assert_eq!(db.number("SELECT count(*) FROM users").await, 0);
}

#[tokio::test]
async fn the_first_admins_link_is_revoked_when_a_super_admin_exists() {
    let db = TestDatabase::new().await;
    let link = issue_first_admin_link(&db.engine).await.unwrap().unwrap();
    let link = link.expose_secret();
    assert!(is_first_admin_link_valid(&db.engine, link).await.unwrap());
    let new = NewEmployee {
        name: "Ada",
        email: &email("ada@example.com"),
        password: &password(PASSWORD),
        role: Role::SuperAdmin,
    };
    create_employee(&db.engine, new).await.unwrap();

    assert!(!is_first_admin_link_valid(&db.engine, link).await.unwrap());
    let address = email("second@example.com");
    let result = accept_first_admin(&db.engine, link, "Second", &address, &password(PASSWORD)).await;
    assert_error(result, ErrorCode::ResourceNotFound);
    assert_eq!(db.number("SELECT count(*) FROM employees WHERE built_in IS NULL").await, 1);
    assert_eq!(db.number("SELECT count(*) FROM users").await, 1);
    assert!(issue_first_admin_link(&db.engine).await.unwrap().is_none());
}

#[tokio::test]
async fn the_first_admins_link_is_issued_until_a_super_admin_has_a_password() {
    let db = TestDatabase::new().await;
    let address = email("bob@example.com");
    let invited = invite_employee(&db.engine, &Actor::Operator, invitee("bob", &address, Role::SuperAdmin))
        .await
        .unwrap();
    let link = issue_first_admin_link(&db.engine).await.unwrap().unwrap();
    assert!(is_first_admin_link_valid(&db.engine, link.expose_secret()).await.unwrap());

    let setup = invited.link.token.expose_secret();
    accept_setup_link(&db.engine, setup, &password(PASSWORD)).await.unwrap();
    assert!(!is_first_admin_link_valid(&db.engine, link.expose_secret()).await.unwrap());
    let address = email("second@example.com");
    let refused =
        accept_first_admin(&db.engine, link.expose_secret(), "Second", &address, &password(PASSWORD)).await;
    assert_error(refused, ErrorCode::ResourceNotFound);
    assert!(issue_first_admin_link(&db.engine).await.unwrap().is_none());
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrently_issued_links_leave_exactly_one_valid_link() {
    let db = TestDatabase::new().await;
    let other = db.engine_at(db.options(), 8).await;
    for _ in 0..5 {
        let mut issuing = JoinSet::new();
        for n in 0..8 {
            let engine = if n % 2 == 0 { db.engine.clone() } else { other.clone() };
            issuing.spawn(async move { issue_first_admin_link(&engine).await });
        }
        let mut links = Vec::new();
        while let Some(issued) = issuing.join_next().await {
            links.push(issued.unwrap().unwrap().unwrap());
        }
        let mut working = 0;
        for link in &links {
            working += i32::from(is_first_admin_link_valid(&other, link.expose_secret()).await.unwrap());
        }
        assert_eq!((links.len(), working), (8, 1));
        assert_eq!(db.number("SELECT count(*) FROM one_time_tokens").await, 1);
    }
}

#[tokio::test]
async fn an_unavailable_email_does_not_use_up_the_first_admins_link() {
    let db = TestDatabase::new().await;
    sign_in_new_admin(&db.engine).await;
    let link = issue_first_admin_link(&db.engine).await.unwrap().unwrap();
    let result = accept_first_admin(
        &db.engine,
        link.expose_secret(),
        "First",
        &email("ADA@example.com"),
        &password(PASSWORD),
    )
    .await;
    assert_error(result, ErrorCode::EmailUnavailable);
    assert!(is_first_admin_link_valid(&db.engine, link.expose_secret()).await.unwrap());
}

#[tokio::test(flavor = "multi_thread")]
async fn an_invitation_works_once_under_concurrent_use() {
    let db = TestDatabase::new().await;
    let token = invitation(&db).await;
    let InvitationLink::Open(open) = find_invitation(&db.engine, &token).await.unwrap() else {
        panic!("the invitation was not accepted yet")
    };
    assert_eq!((open.name.as_str(), open.tenant_name.as_str()), ("Olive Owner", "The golden-spoon company"));
    let mut uses = JoinSet::new();
    for _ in 0..10 {
        let (engine, token) = (db.engine.clone(), token.clone());
        uses.spawn(async move { accept_invitation(&engine, &token, &password(PASSWORD), ORIGIN).await });
    }
    let mut accepted = 0;
    while let Some(result) = uses.join_next().await {
        match result.unwrap() {
            Ok(_) => accepted += 1,
            Err(error) => assert_eq!(error.problem().code, ErrorCode::ResourceNotFound),
        }
    }
    assert_eq!(accepted, 1);
    assert_eq!(find_invitation(&db.engine, &token).await.unwrap(), InvitationLink::Accepted);
    assert_eq!(db.number("SELECT count(*) FROM audit_log WHERE action = 'owner.joined'").await, 1);
}

#[tokio::test]
async fn an_invitation_expires_after_seven_days() {
    let db = TestDatabase::new().await;
    let token = invitation(&db).await;
    assert_eq!(
        db.number(
            "SELECT round(extract(epoch FROM expires_at - created_at) / 86400)::bigint FROM one_time_tokens"
        )
        .await,
        7
    );
    db.run("UPDATE one_time_tokens SET expires_at = now()").await;
    assert_error(find_invitation(&db.engine, &token).await, ErrorCode::ResourceNotFound);
    assert_error(
        accept_invitation(&db.engine, &token, &password(PASSWORD), ORIGIN).await,
        ErrorCode::ResourceNotFound,
    );
    assert_eq!(db.number("SELECT count(*) FROM users WHERE password_hash IS NOT NULL").await, 0);
}

#[tokio::test]
async fn an_admin_token_works_until_it_expires_is_revoked_or_its_service_is_disabled() {
    let db = TestDatabase::new().await;
    let issued = create_token(&db.engine, &Actor::Operator, token("ci", Role::Admin)).await.unwrap();
    let token = issued.token.expose_secret();
    assert!(token.starts_with("tnt_admin_"));
    let employee = find_token(&db.engine, token).await.unwrap().unwrap();
    assert_eq!((employee.name.as_str(), employee.role), ("ci", Role::Admin));
    assert_created(db.provision(&employee, &provision_request(draft("golden-spoon"))).await);
    assert_eq!(db.number("SELECT count(*) FROM admin_tokens WHERE last_used_at IS NOT NULL").await, 1);

    for (invalidate, restore) in [
        (
            "UPDATE admin_tokens SET expires_at = now()",
            "UPDATE admin_tokens SET expires_at = now() + interval '1 day'",
        ),
        ("UPDATE admin_tokens SET revoked_at = now()", "UPDATE admin_tokens SET revoked_at = NULL"),
        (
            "UPDATE employees SET status = 'disabled' WHERE built_in IS NULL",
            "UPDATE employees SET status = 'active' WHERE built_in IS NULL",
        ),
    ] {
        db.run(invalidate).await;
        assert!(find_token(&db.engine, token).await.unwrap().is_none(), "{invalidate}");
        db.run(restore).await;
        assert!(find_token(&db.engine, token).await.unwrap().is_some(), "{restore}");
    }
    for unknown in ["", "tnt_admin_", "tnt_admin_\0", "something"] {
        assert!(find_token(&db.engine, unknown).await.unwrap().is_none());
    }
}
