//! Setup links, with which new employees choose their passwords.

use domain::{ErrorCode, Role, paths::RequestKind};
use engine::access::{
    InvitedEmployee, Person, SetupLink, accept_setup_link, find_session, find_setup_link, invite_employee,
    issue_first_admin_link, renew_setup_link, sign_in,
};
use secrecy::ExposeSecret;
use tokio::task::JoinSet;

use super::{ADDRESS, Actor, ORIGIN, PASSWORD, audited, email, invitee, password, person};
use test_support::{requests::assert_error, test_database::TestDatabase};

async fn invite_bob(db: &TestDatabase) -> InvitedEmployee {
    let address = email("Bob@example.com");
    invite_employee(&db.engine, &Actor::Operator, invitee("bob", &address, Role::Admin)).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_employee_chooses_the_password_with_a_link_that_works_once() {
    let db = TestDatabase::new().await;
    let invited = invite_bob(&db).await;
    assert!(!invited.employee.has_password);
    assert_eq!((invited.employee.email.as_str(), invited.employee.role), ("Bob@example.com", Role::Admin));
    let link = invited.link.token.expose_secret().to_owned();
    let expected = SetupLink::Employee { name: "bob".into(), email: "Bob@example.com".into() };
    assert_eq!(find_setup_link(&db.engine, &link).await.unwrap(), Some(expected));

    let mut uses = JoinSet::new();
    for _ in 0..10 {
        let (engine, link) = (db.engine.clone(), link.clone());
        uses.spawn(async move { accept_setup_link(&engine, &link, &password(PASSWORD)).await });
    }
    let mut sessions = Vec::new();
    for result in uses.join_all().await {
        match result {
            Ok(session) => sessions.push(session),
            Err(error) => assert_eq!(error.problem().code, ErrorCode::ResourceNotFound),
        }
    }
    assert_eq!(sessions.len(), 1);
    let found = find_session(&db.engine, sessions[0].expose_secret(), RequestKind::User).await.unwrap();
    assert_eq!(found.and_then(Person::employee).unwrap().id, invited.employee.id);
    sign_in(&db.engine, "bob@example.com", PASSWORD, ADDRESS).await.unwrap();
    assert_eq!(find_setup_link(&db.engine, &link).await.unwrap(), None);
    assert_eq!(audited(&db).await.pop(), Some(("employee.joined".into(), "bob".into())));
    let renewed = renew_setup_link(&db.engine, &Actor::Operator, invited.employee.id, ORIGIN).await;
    assert_error(renewed, ErrorCode::InvalidTransition);
    db.assert_invariants().await;
}

#[tokio::test]
async fn a_setup_link_ends_after_seven_days_or_with_a_newer_one() {
    let db = TestDatabase::new().await;
    let invited = invite_bob(&db).await;
    let newer = renew_setup_link(&db.engine, &Actor::Operator, invited.employee.id, ORIGIN).await.unwrap();
    let assert_invalid = async |link: &InvitedEmployee| {
        let link = link.link.token.expose_secret();
        assert_eq!(find_setup_link(&db.engine, link).await.unwrap(), None);
        let accepted = accept_setup_link(&db.engine, link, &password(PASSWORD)).await;
        assert_error(accepted, ErrorCode::ResourceNotFound);
    };
    assert_invalid(&invited).await;
    let token = newer.link.token.expose_secret();
    assert!(find_setup_link(&db.engine, token).await.unwrap().is_some());
    db.run("UPDATE one_time_tokens SET expires_at = expires_at - interval '7 days'").await;
    assert_invalid(&newer).await;
    assert_eq!(db.number("SELECT count(*) FROM users WHERE password_hash IS NOT NULL").await, 0);
}

#[tokio::test]
async fn an_employee_with_a_taken_address_is_refused() {
    let db = TestDatabase::new().await;
    person(&db, "bob", Role::Viewer).await;
    let address = email("BOB@example.com");
    let result = invite_employee(&db.engine, &Actor::Operator, invitee("Bob", &address, Role::Viewer)).await;
    let problem = assert_error(result, ErrorCode::EmailUnavailable);
    assert_eq!(problem.detail(), "BOB@example.com is already in use.");
    assert_eq!(db.number("SELECT count(*) FROM employees WHERE built_in IS NULL").await, 1);
}

#[tokio::test]
async fn a_first_admin_link_opens_its_own_form_and_sets_no_employees_password() {
    let db = TestDatabase::new().await;
    let link = issue_first_admin_link(&db.engine).await.unwrap().unwrap();
    let found = find_setup_link(&db.engine, link.expose_secret()).await.unwrap();
    assert_eq!(found, Some(SetupLink::FirstAdmin));
    let accepted = accept_setup_link(&db.engine, link.expose_secret(), &password(PASSWORD)).await;
    assert_error(accepted, ErrorCode::ResourceNotFound);
}
