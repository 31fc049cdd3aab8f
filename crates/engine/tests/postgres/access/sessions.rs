//! Sign-in, throttling and sessions.

use argon2::{Argon2, password_hash::PasswordHasher};
use domain::{ErrorCode, Role, paths::RequestKind};
use engine::{
    access::{NewEmployee, Person, accept_invitation, create_employee, end_session, find_session, sign_in},
    pipeline::{MaintenanceTimeouts, run_maintenance},
};
use secrecy::ExposeSecret;
use tokio::task::JoinSet;

use super::{ADDRESS, PASSWORD, email, invitation, password, sign_in_new_admin};
use test_support::{
    requests::assert_error,
    test_database::{ORIGIN, TestDatabase, sha256},
};

#[tokio::test]
async fn the_right_password_opens_a_session_and_all_refusals_are_identical() {
    let db = TestDatabase::new().await;
    let token = sign_in_new_admin(&db.engine).await;
    let found = find_session(&db.engine, &token, RequestKind::User).await.unwrap();
    let employee = found.and_then(Person::employee).unwrap();
    assert_eq!((employee.name.as_str(), employee.role), ("Ada", Role::Admin));
    sign_in(&db.engine, " ADA@Example.com", PASSWORD, ADDRESS).await.unwrap();

    for (who, secret) in [
        ("ada@example.com", "wrong horse battery"),
        ("ada@example.com", ""),
        ("bob@example.com", PASSWORD),
        ("not an address", "x\0y"),
    ] {
        let problem =
            assert_error(sign_in(&db.engine, who, secret, ADDRESS).await, ErrorCode::Unauthenticated);
        assert_eq!(problem, ErrorCode::Unauthenticated.into());
    }
    db.run("UPDATE employees SET status = 'disabled' WHERE built_in IS NULL").await;
    assert_error(sign_in(&db.engine, "ada@example.com", PASSWORD, ADDRESS).await, ErrorCode::Unauthenticated);
    let stored = db.text("SELECT password_hash FROM users").await;
    assert!(stored.starts_with("$argon2id$") && !stored.contains(PASSWORD));
    let sessions: Vec<Vec<u8>> =
        sqlx::query_scalar("SELECT token_hash FROM sessions").fetch_all(&db.pool).await.unwrap();
    assert!(sessions.contains(&sha256(&token)));
}

#[tokio::test]
async fn a_password_can_be_typed_in_any_unicode_form() {
    let db = TestDatabase::new().await;
    let (composed, decomposed) = ("grün über Brücken", "gru\u{308}n u\u{308}ber Bru\u{308}cken");
    for chosen in [composed, decomposed] {
        let email = email(&format!("bob{}@example.com", chosen.len()));
        let new = NewEmployee { name: "Bob", email: &email, password: &password(chosen), role: Role::Admin };
        create_employee(&db.engine, new).await.unwrap();
        for typed in [composed, decomposed] {
            sign_in(&db.engine, email.address(), typed, ADDRESS).await.unwrap();
        }
        assert_error(
            sign_in(&db.engine, email.address(), "grun uber Brucken", ADDRESS).await,
            ErrorCode::Unauthenticated,
        );
    }
}

/// Version 0.2 stored the hash of the password as typed.
#[tokio::test]
async fn a_decomposed_password_of_version_0_2_still_opens_a_session() {
    let db = TestDatabase::new().await;
    sign_in_new_admin(&db.engine).await;
    let typed = "gru\u{308}n u\u{308}ber Bru\u{308}cken";
    let hash = Argon2::default().hash_password(typed.as_bytes()).unwrap();
    db.run(&format!("UPDATE users SET password_hash = '{hash}'")).await;
    sign_in(&db.engine, "ada@example.com", typed, ADDRESS).await.unwrap();
}

#[tokio::test]
async fn a_tenant_owner_signs_in_as_an_account_without_a_role() {
    let db = TestDatabase::new().await;
    let token = invitation(&db).await;
    accept_invitation(&db.engine, &token, &password(PASSWORD), ORIGIN).await.unwrap();
    let session = sign_in(&db.engine, "olive@golden-spoon.example.com", PASSWORD, ADDRESS).await.unwrap();
    let found = find_session(&db.engine, session.expose_secret(), RequestKind::User).await.unwrap();
    let Some(Person::Account(account)) = found else { panic!("not an account: {found:?}") };
    assert_eq!(
        (account.name.as_str(), account.email.as_str()),
        ("Olive Owner", "olive@golden-spoon.example.com")
    );
}

#[tokio::test]
async fn an_account_is_throttled_after_ten_failures_from_one_network() {
    let db = TestDatabase::new().await;
    sign_in_new_admin(&db.engine).await;
    let network = |n: u32| format!("2001:db8:0:1::{n}");
    for n in 0..10 {
        let guessed = sign_in(&db.engine, "ada@example.com", "wrong", &network(n)).await;
        assert_error(guessed, ErrorCode::Unauthenticated);
    }
    let refused = sign_in(&db.engine, "ADA@example.com", PASSWORD, &network(10)).await;
    let problem = assert_error(refused, ErrorCode::RateLimited);
    // A stranger cannot lock out the admin.
    sign_in(&db.engine, "ada@example.com", PASSWORD, ADDRESS).await.unwrap();
    let wait = problem.retry_after.unwrap();
    assert!((800..=900).contains(&wait), "{wait}");
    // The throttling ends 15 minutes after the oldest failure.
    for (minutes, remaining) in [(5, 800 - 300..=900 - 300), (14, 1..=60)] {
        db.run(&format!(
            "UPDATE sign_in_failures SET at = now() - interval '{minutes} minutes'
             WHERE id = (SELECT min(id) FROM sign_in_failures)"
        ))
        .await;
        let result = sign_in(&db.engine, "ada@example.com", PASSWORD, &network(10)).await;
        let wait = assert_error(result, ErrorCode::RateLimited).retry_after.unwrap();
        assert!(remaining.contains(&wait), "{wait}");
    }
    let other_account = sign_in(&db.engine, "bob@example.com", PASSWORD, &network(10)).await;
    assert_error(other_account, ErrorCode::Unauthenticated);

    db.run("UPDATE sign_in_failures SET at = at - interval '16 minutes'").await;
    sign_in(&db.engine, "ada@example.com", PASSWORD, &network(10)).await.unwrap();
}

#[tokio::test]
async fn an_account_is_throttled_after_two_hundred_failures_from_any_network() {
    let db = TestDatabase::new().await;
    sign_in_new_admin(&db.engine).await;
    assert_error(sign_in(&db.engine, "ada@example.com", "wrong", ADDRESS).await, ErrorCode::Unauthenticated);
    let failures = |count: u32| {
        format!(
            "INSERT INTO sign_in_failures (account_hash, address_hash)
             SELECT account_hash, sha256(random()::text::bytea)
             FROM (SELECT account_hash FROM sign_in_failures LIMIT 1) f, generate_series(1, {count})"
        )
    };
    db.run(&failures(198)).await;
    sign_in(&db.engine, "ada@example.com", PASSWORD, "198.51.100.1").await.unwrap();
    db.run(&failures(1)).await;
    let refused = sign_in(&db.engine, "ada@example.com", PASSWORD, "198.51.100.1").await;
    assert_error(refused, ErrorCode::RateLimited);
}

#[tokio::test]
async fn maintenance_deletes_old_failures_and_expired_tokens() {
    let db = TestDatabase::new().await;
    invitation(&db).await;
    sign_in(&db.engine, "ada@example.com", "wrong", ADDRESS).await.unwrap_err();
    let remaining =
        "SELECT (SELECT count(*) FROM one_time_tokens) * 10 + (SELECT count(*) FROM sign_in_failures)";
    for (age, expected) in [("23 hours", 11), ("25 hours", 10), ("29 days", 10), ("31 days", 0)] {
        db.run(&format!(
            "UPDATE one_time_tokens SET expires_at = now() - interval '{age}';
             UPDATE sign_in_failures SET at = now() - interval '{age}'"
        ))
        .await;
        run_maintenance(&db.engine, MaintenanceTimeouts::default()).await.unwrap();
        assert_eq!(db.number(remaining).await, expected, "{age}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn concurrent_guesses_from_one_network_are_limited_to_ten() {
    let db = TestDatabase::new().await;
    sign_in_new_admin(&db.engine).await;
    let mut guesses = JoinSet::new();
    for n in 0..50 {
        let engine = db.engine.clone();
        guesses
            .spawn(async move { sign_in(&engine, "ada@example.com", &format!("guess {n}"), ADDRESS).await });
    }
    let mut checked = 0;
    let mut limited = 0;
    while let Some(result) = guesses.join_next().await {
        let problem = result.unwrap().unwrap_err().problem();
        match problem.code {
            ErrorCode::Unauthenticated => checked += 1,
            ErrorCode::RateLimited => {
                limited += 1;
                let wait = problem.retry_after.unwrap();
                assert!((1..=900).contains(&wait), "{wait}");
            }
            other => panic!("{other}"),
        }
    }
    assert!(checked <= 10, "{checked}");
    assert_eq!(checked + limited, 50);
    // Throttled guesses do not count as failures.
    assert_eq!(db.number("SELECT count(*) FROM sign_in_failures").await, checked);
}

#[tokio::test]
async fn a_successful_sign_in_is_not_a_failure() {
    let db = TestDatabase::new().await;
    sign_in_new_admin(&db.engine).await;
    for _ in 0..11 {
        sign_in(&db.engine, "ada@example.com", PASSWORD, ADDRESS).await.unwrap();
    }
    assert_eq!(db.number("SELECT count(*) FROM sign_in_failures").await, 0);
    assert_error(sign_in(&db.engine, "ada@example.com", "wrong", ADDRESS).await, ErrorCode::Unauthenticated);
    sign_in(&db.engine, "ada@example.com", PASSWORD, ADDRESS).await.unwrap();
    assert_eq!(db.number("SELECT count(*) FROM sign_in_failures").await, 1);
}

#[tokio::test]
async fn expired_sessions_are_deleted_when_a_new_one_opens() {
    let db = TestDatabase::new().await;
    sign_in_new_admin(&db.engine).await;
    let other = sign_in(&db.engine, "ada@example.com", PASSWORD, ADDRESS).await.unwrap();
    db.run("UPDATE sessions SET expires_at = now() - interval '1 second' WHERE created_at = (SELECT min(created_at) FROM sessions)")
        .await;
    sign_in(&db.engine, "ada@example.com", PASSWORD, ADDRESS).await.unwrap();
    assert_eq!(db.number("SELECT count(*) FROM sessions").await, 2);
    assert_eq!(db.number("SELECT count(*) FROM sessions WHERE expires_at > now()").await, 2);
    assert!(find_session(&db.engine, other.expose_secret(), RequestKind::User).await.unwrap().is_some());
}

#[tokio::test]
async fn a_network_is_throttled_after_fifty_failures_for_any_account() {
    let db = TestDatabase::new().await;
    sign_in_new_admin(&db.engine).await;
    assert_error(sign_in(&db.engine, "bob@example.com", "wrong", ADDRESS).await, ErrorCode::Unauthenticated);
    db.run(
        "INSERT INTO sign_in_failures (account_hash, address_hash)
         SELECT sha256(n::text::bytea), address_hash FROM sign_in_failures, generate_series(1, 49) AS n",
    )
    .await;
    assert_error(sign_in(&db.engine, "ada@example.com", PASSWORD, ADDRESS).await, ErrorCode::RateLimited);
    sign_in(&db.engine, "ada@example.com", PASSWORD, "198.51.100.1").await.unwrap();
}

#[tokio::test]
async fn a_session_ends_after_30_idle_minutes_and_after_eight_hours() {
    let db = TestDatabase::new().await;
    let token = sign_in_new_admin(&db.engine).await;
    db.run("UPDATE sessions SET last_seen_at = now() - interval '29 minutes'").await;
    assert!(find_session(&db.engine, &token, RequestKind::User).await.unwrap().is_some());
    // The use was recorded, so the 30 minutes start again.
    assert_eq!(
        db.number("SELECT count(*) FROM sessions WHERE last_seen_at > now() - interval '1 minute'").await,
        1
    );
    // The requests of an open page do not extend the session.
    db.run("UPDATE sessions SET last_seen_at = now() - interval '29 minutes'").await;
    assert!(find_session(&db.engine, &token, RequestKind::Background).await.unwrap().is_some());
    assert_eq!(
        db.number("SELECT count(*) FROM sessions WHERE last_seen_at > now() - interval '28 minutes'").await,
        0
    );
    db.run("UPDATE sessions SET last_seen_at = now() - interval '31 minutes'").await;
    assert!(find_session(&db.engine, &token, RequestKind::User).await.unwrap().is_none());

    db.run("UPDATE sessions SET last_seen_at = now()").await;
    assert_eq!(
        db.number("SELECT extract(epoch FROM expires_at - created_at)::bigint FROM sessions").await,
        8 * 3600
    );
    db.run("UPDATE sessions SET expires_at = now()").await;
    assert!(find_session(&db.engine, &token, RequestKind::User).await.unwrap().is_none());
}

#[tokio::test]
async fn role_and_status_are_read_on_each_request_and_signing_out_ends_the_session() {
    let db = TestDatabase::new().await;
    let token = sign_in_new_admin(&db.engine).await;
    db.run("UPDATE employees SET role = 'VIEWER' WHERE built_in IS NULL").await;
    let found = find_session(&db.engine, &token, RequestKind::User).await.unwrap();
    assert_eq!(found.and_then(Person::employee).unwrap().role, Role::Viewer);
    db.run("UPDATE employees SET status = 'disabled' WHERE built_in IS NULL").await;
    assert!(find_session(&db.engine, &token, RequestKind::User).await.unwrap().is_none());
    db.run("UPDATE employees SET status = 'active' WHERE built_in IS NULL").await;
    assert!(find_session(&db.engine, &token, RequestKind::User).await.unwrap().is_some());

    end_session(&db.engine, &token).await.unwrap();
    end_session(&db.engine, &token).await.unwrap();
    assert!(find_session(&db.engine, &token, RequestKind::User).await.unwrap().is_none());
    assert!(find_session(&db.engine, "\0", RequestKind::User).await.unwrap().is_none());
}
