//! The change of an account's address, which the person confirms at both addresses.

use domain::{ErrorCode, paths::RequestKind};
use engine::{
    Error,
    access::{
        Account, AddressConfirmation, NewAddress, PasswordChange, Person, accept_invitation,
        cancel_address_change, change_password, confirm_address_change, find_address_change,
        find_password_reset, find_session, request_address_change, request_password_reset,
        reset_password_with_link, sign_in,
    },
};
use secrecy::ExposeSecret;

use super::{ADDRESS, PASSWORD, email, invitation, password, sign_in_new_admin};
use test_support::{
    requests::assert_error,
    test_database::{ORIGIN, TestDatabase},
};

const FORMER: &str = "olive@golden-spoon.example.com";
const NEW: &str = "olive@example.net";

/// The account of the owner of a tenant.
async fn owner(db: &TestDatabase) -> Account {
    let token = invitation(db).await;
    let session = accept_invitation(&db.engine, &token, &password(PASSWORD), ORIGIN).await.unwrap();
    match find_session(&db.engine, session.expose_secret(), RequestKind::User).await.unwrap() {
        Some(Person::Account(account)) => account,
        other => panic!("not an account: {other:?}"),
    }
}

async fn request(db: &TestDatabase, account: &Account, new: &str, password: &str) -> Result<(), Error> {
    let new = NewAddress { email: &email(new), password, address: ADDRESS, origin: ORIGIN };
    request_address_change(&db.engine, account, new).await
}

/// Requests the change, and returns the tokens of the links to the new and to the current address.
async fn links(db: &TestDatabase, account: &Account) -> [String; 2] {
    request(db, account, NEW, PASSWORD).await.unwrap();
    [db.token_of_message("address_confirmation").await, db.token_of_message("address_change_notice").await]
}

async fn can_sign_in(db: &TestDatabase, address: &str) -> bool {
    sign_in(&db.engine, address, PASSWORD, ADDRESS).await.is_ok()
}

#[tokio::test]
async fn the_address_changes_when_both_links_were_used_in_either_order() {
    for first in [0, 1] {
        let db = TestDatabase::new().await;
        let links = links(&db, &owner(&db).await).await;
        let (one, two) = (&links[first], &links[1 - first]);
        for _ in 0..2 {
            assert!(!find_address_change(&db.engine, one).await.unwrap().is_confirmed);
        }
        for _ in 0..2 {
            let confirmed = confirm_address_change(&db.engine, one).await.unwrap();
            assert_eq!(confirmed, AddressConfirmation::Waiting);
        }
        assert!(can_sign_in(&db, FORMER).await && !can_sign_in(&db, NEW).await);
        assert_eq!(confirm_address_change(&db.engine, two).await.unwrap(), AddressConfirmation::Changed);
        assert!(!can_sign_in(&db, FORMER).await && can_sign_in(&db, NEW).await);
        assert_eq!(db.text("SELECT owner_email FROM tenants").await, NEW);
        for link in links {
            assert_error(find_address_change(&db.engine, &link).await, ErrorCode::ResourceNotFound);
            assert_error(confirm_address_change(&db.engine, &link).await, ErrorCode::ResourceNotFound);
        }
        db.assert_invariants().await;
    }
}

#[tokio::test]
async fn either_link_cancels_the_change() {
    for link in [0, 1] {
        let db = TestDatabase::new().await;
        let links = links(&db, &owner(&db).await).await;
        confirm_address_change(&db.engine, &links[0]).await.unwrap();
        cancel_address_change(&db.engine, &links[link]).await.unwrap();
        let late = confirm_address_change(&db.engine, &links[1]).await;
        assert_error(late, ErrorCode::ResourceNotFound);
        assert!(can_sign_in(&db, FORMER).await);
    }
}

#[tokio::test]
async fn a_change_needs_the_password_and_another_address() {
    let db = TestDatabase::new().await;
    let account = owner(&db).await;
    let rule = |result| assert_error(result, ErrorCode::ValidationError).errors[0].rule.clone();
    assert_eq!(rule(request(&db, &account, NEW, "wrong horse battery").await), "wrong");
    let same = request(&db, &account, "OLIVE@golden-spoon.example.com", PASSWORD).await;
    assert_eq!(rule(same), "unchanged");
    assert_eq!(db.number("SELECT count(*) FROM address_changes").await, 0);
}

#[tokio::test]
async fn the_address_of_another_account_gets_no_link_and_the_result_does_not_tell() {
    let db = TestDatabase::new().await;
    sign_in_new_admin(&db.engine).await;
    let account = owner(&db).await;
    request(&db, &account, "ada@example.com", PASSWORD).await.unwrap();
    let sent = "SELECT count(*) FROM outbox_messages WHERE recipient_address = 'ada@example.com'";
    assert_eq!(db.number(sent).await, 0);
}

#[tokio::test]
async fn an_address_that_another_account_gets_meanwhile_is_refused() {
    let db = TestDatabase::new().await;
    let [to_new, to_current] = links(&db, &owner(&db).await).await;
    confirm_address_change(&db.engine, &to_current).await.unwrap();
    db.run(&format!(
        "INSERT INTO users (id, email, email_canonical, name)
         VALUES (gen_random_uuid(), '{NEW}', '{NEW}', 'Other')"
    ))
    .await;
    let confirmed = confirm_address_change(&db.engine, &to_new).await;
    assert_error(confirmed, ErrorCode::EmailUnavailable);
    assert!(can_sign_in(&db, FORMER).await);
}

#[tokio::test]
async fn a_later_request_replaces_the_links_and_cancels_their_mail() {
    let db = TestDatabase::new().await;
    let account = owner(&db).await;
    let former = links(&db, &account).await;
    let current = links(&db, &account).await;
    for link in former {
        assert_error(find_address_change(&db.engine, &link).await, ErrorCode::ResourceNotFound);
    }
    for link in current {
        find_address_change(&db.engine, &link).await.unwrap();
    }
    let cancelled =
        "SELECT count(*) FROM outbox_messages WHERE status = 'cancelled' AND kind LIKE 'address_%'";
    assert_eq!(db.number(cancelled).await, 2);
}

#[tokio::test]
async fn an_account_requests_three_changes_to_an_address_in_an_hour() {
    let db = TestDatabase::new().await;
    let owner = owner(&db).await;
    for _ in 0..3 {
        request(&db, &owner, NEW, PASSWORD).await.unwrap();
    }
    assert_error(request(&db, &owner, NEW, PASSWORD).await, ErrorCode::RateLimited);
    request(&db, &owner, "olive@example.org", PASSWORD).await.unwrap();
}

#[tokio::test]
async fn a_new_password_ends_the_links_that_were_requested_before() {
    const NEW_PASSWORD: &str = "amber lantern meadow seven";
    let db = TestDatabase::new().await;
    let owner = owner(&db).await;
    request_password_reset(&db.engine, &email(FORMER), ADDRESS, ORIGIN).await.unwrap();
    db.wait_until("EXISTS (SELECT FROM outbox_messages WHERE kind = 'password_reset')").await;
    let reset = db.token_of_message("password_reset").await;
    let pending = links(&db, &owner).await;
    let change = PasswordChange {
        current: PASSWORD,
        new: NEW_PASSWORD,
        session: None,
        address: ADDRESS,
        origin: ORIGIN,
    };
    change_password(&db.engine, &Person::Account(owner.clone()), change).await.unwrap();
    assert_error(find_password_reset(&db.engine, &reset).await, ErrorCode::ResourceNotFound);
    for link in pending {
        assert_error(confirm_address_change(&db.engine, &link).await, ErrorCode::ResourceNotFound);
    }

    // The same after a reset.
    request(&db, &owner, NEW, NEW_PASSWORD).await.unwrap();
    let pending = db.token_of_message("address_confirmation").await;
    request_password_reset(&db.engine, &email(FORMER), ADDRESS, ORIGIN).await.unwrap();
    db.wait_until("(SELECT count(*) FROM outbox_messages WHERE kind = 'password_reset') = 2").await;
    let reset = db.token_of_message("password_reset").await;
    reset_password_with_link(&db.engine, &reset, &password(PASSWORD), ORIGIN).await.unwrap();
    assert_error(confirm_address_change(&db.engine, &pending).await, ErrorCode::ResourceNotFound);
}
