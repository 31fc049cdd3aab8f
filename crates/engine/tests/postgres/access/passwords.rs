//! Changing passwords.

use domain::{ErrorCode, Role, paths::RequestKind};
use engine::{
    Error,
    access::{
        Employee, PasswordChange, Person, change_password, create_token, find_session, find_token,
        reset_password, sign_in,
    },
};

use secrecy::ExposeSecret;

use super::{ADDRESS, PASSWORD, audited, password, person, session_of, token};
use test_support::{
    requests::assert_error,
    test_database::{ORIGIN, TestDatabase},
};

const NEW_PASSWORD: &str = "gru\u{308}ne Brücke am Fluss";

async fn change(
    db: &TestDatabase,
    employee: &Employee,
    current: &str,
    new: &str,
    session: Option<&str>,
) -> Result<(), Error> {
    change_password(
        &db.engine,
        &Person::Employee(employee.clone()),
        PasswordChange { current, new, session, address: ADDRESS, origin: ORIGIN },
    )
    .await
}

#[tokio::test]
async fn a_changed_password_ends_all_other_sessions_of_the_account() {
    let db = TestDatabase::new().await;
    let (ada, bob) = (person(&db, "ada", Role::SuperAdmin).await, person(&db, "bob", Role::Viewer).await);
    let (current, other, ada_session) =
        (session_of(&db, &bob).await, session_of(&db, &bob).await, session_of(&db, &ada).await);
    change(&db, &bob, PASSWORD, NEW_PASSWORD, Some(&current)).await.unwrap();
    for (token, is_open) in [(&current, true), (&other, false), (&ada_session, true)] {
        let found = find_session(&db.engine, token, RequestKind::User).await.unwrap();
        assert_eq!(found.is_some(), is_open);
    }
    let old = sign_in(&db.engine, "bob@example.com", PASSWORD, ADDRESS).await;
    assert_error(old, ErrorCode::Unauthenticated);
    // The password is the same in every Unicode form.
    sign_in(&db.engine, "bob@example.com", "grüne Brücke am Fluss", ADDRESS).await.unwrap();
    let last = audited(&db).await.pop().unwrap();
    assert_eq!(last, ("employee.password_changed".into(), "bob".into()));
    let messages = "SELECT count(*) FROM outbox_messages WHERE kind = 'password_changed' AND recipient_address = 'bob@example.com'";
    assert_eq!(db.number(messages).await, 1);
    assert_eq!(db.number("SELECT count(*) FROM audit_log WHERE after::text LIKE '%Fluss%'").await, 0);
}

#[tokio::test]
async fn a_new_password_must_follow_the_rules_and_needs_the_current_one() {
    let db = TestDatabase::new().await;
    let bob = person(&db, "bob", Role::Viewer).await;
    let session = session_of(&db, &bob).await;
    for (current, new, field, rule) in [
        ("wrong horse battery", NEW_PASSWORD, "currentPassword", "wrong"),
        ("", NEW_PASSWORD, "currentPassword", "wrong"),
        (PASSWORD, "short", "newPassword", "too_short"),
        (PASSWORD, "passwordpassword", "newPassword", "repeated"),
        (PASSWORD, "bob@example.com bob", "newPassword", "context"),
    ] {
        let result = change(&db, &bob, current, new, Some(&session)).await;
        let problem = assert_error(result, ErrorCode::ValidationError);
        assert_eq!((problem.errors[0].field.as_str(), problem.errors[0].rule.as_str()), (field, rule));
    }
    session_of(&db, &bob).await;
    // A service has no password.
    let service = db.employee(Role::Admin).await;
    assert_error(change(&db, &service, PASSWORD, NEW_PASSWORD, None).await, ErrorCode::Forbidden);
}

#[tokio::test]
async fn wrong_current_passwords_are_throttled_together_with_sign_ins() {
    let db = TestDatabase::new().await;
    let bob = person(&db, "bob", Role::Viewer).await;
    for _ in 0..5 {
        assert_error(change(&db, &bob, "wrong", NEW_PASSWORD, None).await, ErrorCode::ValidationError);
        let guessed = sign_in(&db.engine, "bob@example.com", "wrong", ADDRESS).await;
        assert_error(guessed, ErrorCode::Unauthenticated);
    }
    let refused = change(&db, &bob, PASSWORD, NEW_PASSWORD, None).await;
    assert!(assert_error(refused, ErrorCode::RateLimited).retry_after.is_some());
    let refused = sign_in(&db.engine, "bob@example.com", PASSWORD, ADDRESS).await;
    assert_error(refused, ErrorCode::RateLimited);
    // From another network, the right password works, and does not count as a failure.
    let failures = db.number("SELECT count(*) FROM sign_in_failures").await;
    let elsewhere = PasswordChange {
        current: PASSWORD,
        new: NEW_PASSWORD,
        session: None,
        address: "198.51.100.7",
        origin: ORIGIN,
    };
    change_password(&db.engine, &Person::Employee(bob.clone()), elsewhere).await.unwrap();
    assert_eq!(db.number("SELECT count(*) FROM sign_in_failures").await, failures);
}

#[tokio::test]
async fn a_sign_in_with_the_old_password_that_overlaps_with_a_change_opens_no_session() {
    let db = TestDatabase::new().await;
    person(&db, "bob", Role::Admin).await;
    let mut changing = db.pool.begin().await.unwrap();
    sqlx::raw_sql("UPDATE users SET password_hash = 'new'").execute(&mut *changing).await.unwrap();
    let engine = db.engine.clone();
    let signing_in =
        tokio::spawn(async move { sign_in(&engine, "bob@example.com", PASSWORD, ADDRESS).await });
    db.wait_until(
        "EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock')",
    )
    .await;
    changing.commit().await.unwrap();
    assert_error(signing_in.await.unwrap(), ErrorCode::Unauthenticated);
    assert_eq!(db.number("SELECT count(*) FROM sessions").await, 0);
}

#[tokio::test]
async fn a_password_that_the_operator_sets_ends_all_sessions_and_tokens() {
    let db = TestDatabase::new().await;
    let bob = person(&db, "bob", Role::Viewer).await;
    let session = session_of(&db, &bob).await;
    let issued = create_token(&db.engine, &bob.clone().into(), token("ci", Role::Viewer)).await.unwrap();
    reset_password(&db.engine, bob.id, &password(NEW_PASSWORD)).await.unwrap();
    assert!(find_session(&db.engine, &session, RequestKind::User).await.unwrap().is_none());
    assert!(find_token(&db.engine, issued.token.expose_secret()).await.unwrap().is_none());
    sign_in(&db.engine, "bob@example.com", NEW_PASSWORD, ADDRESS).await.unwrap();
    let last = audited(&db).await.pop().unwrap();
    assert_eq!(last, ("employee.password_changed".into(), "operator".into()));
    let service = db.employee(Role::Admin).await;
    let unknown = reset_password(&db.engine, service.id, &password(NEW_PASSWORD)).await;
    assert_error(unknown, ErrorCode::ResourceNotFound);
}
