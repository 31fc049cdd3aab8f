//! Links with which a person who forgot the password chooses a new one.

use domain::{ErrorCode, paths::RequestKind};
use engine::access::{
    Person, find_password_reset, find_session, request_password_reset, reset_password_with_link, sign_in,
};
use secrecy::ExposeSecret;
use tokio::task::JoinSet;

use super::{ADDRESS, PASSWORD, email, password, sign_in_new_admin};
use test_support::{
    requests::assert_error,
    test_database::{ORIGIN, TestDatabase},
};

const ADA: &str = "ada@example.com";
const NEW_PASSWORD: &str = "amber lantern meadow seven";

async fn request(db: &TestDatabase, address: &str) {
    request_password_reset(&db.engine, &email(address), ADDRESS, ORIGIN).await.unwrap();
}

/// Requests a link and returns its token.
async fn link(db: &TestDatabase) -> String {
    request(db, ADA).await;
    db.wait_until("EXISTS (SELECT FROM outbox_messages WHERE kind = 'password_reset')").await;
    db.token_of_message("password_reset").await
}

#[tokio::test]
async fn a_link_sets_the_password_once_ends_all_sessions_and_signs_in() {
    let db = TestDatabase::new().await;
    let former = sign_in_new_admin(&db.engine).await;
    let link = link(&db).await;
    // Opening the page, also by a scanner, uses nothing.
    for _ in 0..3 {
        assert_eq!(find_password_reset(&db.engine, &link).await.unwrap().email, ADA);
    }
    let mut uses = JoinSet::new();
    for _ in 0..4 {
        let (engine, link) = (db.engine.clone(), link.clone());
        uses.spawn(
            async move { reset_password_with_link(&engine, &link, &password(NEW_PASSWORD), ORIGIN).await },
        );
    }
    let (sessions, refused): (Vec<_>, Vec<_>) = uses.join_all().await.into_iter().partition(Result::is_ok);
    assert_eq!((sessions.len(), refused.len()), (1, 3));
    for result in refused {
        assert_error(result, ErrorCode::ResourceNotFound);
    }
    let session = sessions.into_iter().next().unwrap().unwrap();
    let found = find_session(&db.engine, session.expose_secret(), RequestKind::User).await.unwrap();
    assert!(matches!(found, Some(Person::Employee(_))));
    assert!(find_session(&db.engine, &former, RequestKind::User).await.unwrap().is_none());
    sign_in(&db.engine, ADA, NEW_PASSWORD, ADDRESS).await.unwrap();
    assert_error(sign_in(&db.engine, ADA, PASSWORD, ADDRESS).await, ErrorCode::Unauthenticated);
    assert_error(find_password_reset(&db.engine, &link).await, ErrorCode::ResourceNotFound);
    assert_eq!(db.number("SELECT count(*) FROM outbox_messages WHERE kind = 'password_changed'").await, 1);
}

#[tokio::test]
async fn an_unknown_address_gets_no_mail_and_the_same_result() {
    let db = TestDatabase::new().await;
    sign_in_new_admin(&db.engine).await;
    request(&db, "nobody@example.com").await;
    request(&db, ADA).await;
    db.engine.close().await;
    assert_eq!(db.number("SELECT count(*) FROM outbox_messages").await, 1);
}

#[tokio::test]
async fn a_link_ends_when_it_expires_when_another_is_sent_and_when_the_employee_is_disabled() {
    let db = TestDatabase::new().await;
    sign_in_new_admin(&db.engine).await;
    let first = link(&db).await;
    // Another request within a minute sends nothing.
    request(&db, ADA).await;
    assert_error(find_password_reset(&db.engine, "tampered").await, ErrorCode::ResourceNotFound);
    db.run("UPDATE one_time_tokens SET created_at = created_at - interval '2 minutes'").await;
    request(&db, ADA).await;
    db.wait_until("(SELECT count(*) FROM outbox_messages) = 2").await;
    assert_error(find_password_reset(&db.engine, &first).await, ErrorCode::ResourceNotFound);
    let second = db.token_of_message("password_reset").await;
    find_password_reset(&db.engine, &second).await.unwrap();

    db.run("UPDATE employees SET status = 'disabled' WHERE built_in IS NULL").await;
    let reset = reset_password_with_link(&db.engine, &second, &password(NEW_PASSWORD), ORIGIN).await;
    assert_error(reset, ErrorCode::ResourceNotFound);
    db.run("UPDATE employees SET status = 'active' WHERE built_in IS NULL").await;
    db.run("UPDATE one_time_tokens SET expires_at = now()").await;
    assert_error(find_password_reset(&db.engine, &second).await, ErrorCode::ResourceNotFound);
}

#[tokio::test]
async fn a_server_that_shuts_down_sends_the_requested_links_first() {
    let db = TestDatabase::new().await;
    sign_in_new_admin(&db.engine).await;
    request(&db, ADA).await;
    db.engine.close().await;
    assert_eq!(db.number("SELECT count(*) FROM outbox_messages").await, 1);
}

#[tokio::test]
async fn requests_for_an_address_are_limited() {
    let db = TestDatabase::new().await;
    for _ in 0..10 {
        request(&db, ADA).await;
    }
    let refused = request_password_reset(&db.engine, &email(ADA), ADDRESS, ORIGIN).await;
    assert_error(refused, ErrorCode::RateLimited);
}
